"""The values of the lines of a derivation at all cases, with the error of each."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from .functions import FUNCTIONS
from .logarithms import has_exponential, signed_value
from .parsing import Line
from .report import Note
from .scope import Journal, Noise, Scope, names_reached
from .trees import leaves
from .vocabulary import Fault

STANDARD_ERRORS = 4
BEFORE_ALL_CASES = (-1, 0)  # the place of a fault that goes before any comparison of numbers
_DRAWS, _BATCHES = 10_000, 40
_SAFETY = 10  # how many times its estimate an error may be
_OF_DIFFERENCES = 1e-8  # they lose digits where a function is steep
_CERTAIN = 1e-6  # digits that rounding must leave, of a value or of the smallest number on a line
_DOES_NOT_CONVERGE = (
    "This does not converge: finer and finer sums for an expectation or integral do not settle. "
    "It diverges, or it is too hard for this check."
)
_DIGITS_ARE_LOST = "Too few digits are left: large numbers cancel here, up to rounding. Write the line so that they do not."
_OUT_OF_RANGE = "too small or too large for a computer"
_WHAT_CHANCE_HIDES = (
    "{:,} random draws at each of {} cases: a difference below {:.1g} could go unseen."
)


@dataclass
class LineValues:
    """The values of a line.

    ``values[g]``, ``errors[g]`` and ``known[g]`` belong to the g-th group of cases and have shapes
    (cases, rows, columns), (cases,) and (cases,). A fault has a place (group, case), from which on
    the line has no values, and the parameters to show.
    """

    line: Line
    fault: str = ""
    place: tuple = BEFORE_ALL_CASES
    case: dict | None = None
    values: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    known: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def at(self, place):
        group, case = place
        return self.values[group][case]


def evaluate_line(line, groups, derivation, journal=None):
    """Evaluate a line at all cases, up to the first where it has no value."""
    journal = journal or Journal()
    result = LineValues(line, line.fault)
    is_random = any(function.is_random for function in _functions_reached(line, derivation))
    if is_random and line.relation != "~":
        result.fault = "A sample mean is only near its expectation: begin this line with `~`."
        if line.relation is None:
            result.fault = "A sample mean cannot come first. Begin with what it estimates."
    for number, group in enumerate(groups):
        if result.fault:
            return result
        try:
            _add_group(result, number, group, derivation, journal, is_random)
        except Exception as error:  # whatever a student wrote, the answer is a verdict
            known = isinstance(error, Fault)
            result.fault = str(error) if known else f"I cannot work this line out: {error}."
            result.case = group.sizes if number else None
    if not result.fault:
        _add_notes(result, groups, is_random)
    return result


def _add_group(result, number, group, derivation, journal, is_random):
    chosen = np.arange(group.count)
    if is_random:  # fewer cases: the simplest and some random ones
        chosen = np.r_[chosen[:5], chosen[5:][-3:]]
    found = _at_cases(result.line.tree, group, chosen, derivation, journal, is_random)
    imprecision = _OF_DIFFERENCES * journal.by_differences * _size(found.value)
    result.values.append(_spread(found.value, chosen, group.count))
    result.errors.append(_spread(found.error + imprecision, chosen, group.count))
    result.known.append(_spread(found.known, chosen, group.count))
    for at in np.flatnonzero(~found.known):
        case = int(chosen[at])
        why, too_hard = _why_no_number(result.line.tree, group, case, derivation)
        if not too_hard:
            result.place, result.case = (number, case), group.case(case)
            result.fault = why
            return


def _add_notes(result, groups, is_random):
    cases = sum(group.count for group in groups)
    infinite = sum(np.isinf(values).any((1, 2)).sum() for values in result.values)
    if infinite == cases:
        result.fault = "This line is infinite, or too large for a computer, at every case."
    elif not any(known.any() for known in result.known):
        result.fault = _DOES_NOT_CONVERGE
    elif infinite:
        result.notes.append(Note(f"Infinite at {infinite} of {cases} cases."))
    if is_random:
        unseen = max(error.max() for error in result.errors)
        chosen = sum(known.sum() for known in result.known)
        result.notes.append(Note(_WHAT_CHANCE_HIDES.format(_DRAWS, chosen, unseen)))
    elif not all(known.all() for known in result.known):
        missing = sum((~known).sum() for known in result.known)
        result.notes.append(Note(f"Not evaluated at {missing} of {cases} cases: too many nodes."))
    if result.line.relation == "~" and not is_random:
        result.notes.append(Note("Nothing here is random: compared like an equality."))


class _Found(NamedTuple):
    """Values (cases, rows, columns), their errors and whether they are to be believed (cases,)."""

    value: np.ndarray
    error: np.ndarray
    known: np.ndarray


def _at_cases(tree, group, chosen, derivation, journal, is_random=False):
    """The value of a tree, by two routes of integration, and with rounding made visible."""
    values = {name: stack[chosen] for name, stack in group.values.items()}
    values |= {name: np.array([[float(size)]]) for name, size in group.sizes.items()}
    values["I"] = group.identity

    def value_by(**ways):
        scope = Scope(values, derivation.meanings, width=len(chosen), journal=journal, **ways)
        with np.errstate(all="ignore"):
            value = _value_of_line(scope, tree)
        return np.broadcast_to(value, (len(chosen), *value.shape[-2:]))

    value = value_by()
    others = [value_by(route=1, noise=Noise(1))]
    if not journal.on_panels:  # else other nodes round in other ways already
        others.append(value_by(noise=Noise(2)))
    with np.errstate(invalid="ignore"):
        error = np.max([np.where(value == other, 0.0, abs(value - other)) for other in others], 0)
    error = _SAFETY * error.max((1, 2))
    lost = ~(
        error
        <= _CERTAIN * np.maximum(_size(value), _smallest_number(tree, group, chosen, derivation))
    )
    known = ~np.isnan(value).any((1, 2)) & ~lost
    if is_random:
        size = _DRAWS // _BATCHES
        batches = [value_by(seed=1 + batch, draws=size) for batch in range(_BATCHES)]
        standard_error = np.std(batches, axis=0, ddof=1).max((1, 2)) / np.sqrt(_BATCHES)
        error, known = error + STANDARD_ERRORS * standard_error, ~np.isnan(value).any((1, 2))
    return _Found(value, np.where(np.isnan(error), np.inf, error), known)


def _value_of_line(scope, tree):
    """The value, by logarithms where it might under- or overflow; NaN where it does all the same."""
    if not has_exponential(scope, tree):
        return scope.value(tree)
    exact = signed_value(scope, tree)
    value = exact.value
    out_of_range = np.isfinite(exact.log) & (exact.sign != 0) & ((value == 0) | np.isinf(value))
    if out_of_range.any():
        scope.journal.troubles.append(f"`{tree.source}` is {_OUT_OF_RANGE}")
    return np.where(out_of_range, np.nan, value)


def _size(value):
    return np.where(np.isfinite(value), abs(value), 0.0).max((1, 2))


def _smallest_number(tree, group, chosen, derivation):
    """The smallest number but 0 that a line is made of, at each case, and 1 at most."""
    smallest = np.ones(len(chosen))
    for name in names_reached(tree, derivation.meanings) & {*group.values}:
        sizes = abs(group.values[name][chosen])
        smallest = np.minimum(smallest, np.where(sizes > 0, sizes, 1.0).min((1, 2)))
    constants = [abs(leaf) for leaf in leaves(tree) if leaf]
    return np.minimum(smallest, min(constants, default=1.0))


def _spread(array, chosen, count):
    """The array with the cases that were not chosen as well, filled with zeros."""
    full = np.zeros((count, *array.shape[1:]), dtype=array.dtype)
    full[chosen] = array
    return full


def _why_no_number(tree, group, case, derivation):
    """Why a line has no value at a case, and is it only that there are too many dimensions?"""
    journal = Journal()
    found = _at_cases(tree, group, [case], derivation, journal)
    if journal.unsettled:
        return _DOES_NOT_CONVERGE, False
    if journal.too_hard:
        return _DOES_NOT_CONVERGE, True
    if not np.isnan(found.value).any():
        return _DIGITS_ARE_LOST, False
    trouble = next(iter(journal.troubles), "it has the form ∞ − ∞ or 0/0")
    return f"This is not a number: {trouble}.", False


def _functions_reached(line, derivation):
    return [FUNCTIONS[name] for name in names_of(line, derivation) if name in FUNCTIONS]


def names_of(line, derivation):
    """All names that a line depends on, also through distributions and abbreviations."""
    return names_reached(line.tree, derivation.meanings) if line.tree else set()
