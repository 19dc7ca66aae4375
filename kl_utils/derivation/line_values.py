"""The values of the lines of a derivation at all cases, with the error of each."""

import ast
from dataclasses import dataclass, field

import numpy as np

from ..expectation import refine_until_stable
from .distributions import Gaussian
from .functions import FUNCTIONS
from .parsing import Line
from .report import Note
from .scope import Journal, Scope
from .trees import names_in
from .vocabulary import Fault

STANDARD_ERRORS = 4
BEFORE_ALL_CASES = (-1, 0)  # the place of a fault that goes before any comparison of numbers
_DRAWS, _BATCHES = 10_000, 40
_DOES_NOT_CONVERGE = (
    "This does not converge: finer and finer sums for an expectation or integral do not settle. "
    "It diverges, or it is too hard for this check."
)
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
    value, error = _at_cases(result.line.tree, group, chosen, derivation, journal, is_random)
    nan = np.isnan(value).any((1, 2))
    unsettled = ~nan & np.isinf(error)
    size = np.where(np.isfinite(value), np.maximum(1, abs(value)), 1).max((1, 2))
    functions = _functions_reached(result.line, derivation)
    error = error + size * max((function.error for function in functions), default=0.0)
    result.values.append(_spread(value, chosen, group.count))
    result.errors.append(_spread(error, chosen, group.count))
    result.known.append(_spread(~nan & ~unsettled, chosen, group.count))
    # Above two dimensions there are too few nodes to tell what diverges from what is hard.
    bad = nan | unsettled if group.identity.shape[0] <= 2 else nan
    if bad.any():
        first = int(np.argmax(bad))
        case = int(chosen[first])
        result.place, result.case = (number, case), group.case(case)
        result.fault = _why_no_number(result.line.tree, group, case, derivation, nan[first])


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


def _at_cases(tree, group, chosen, derivation, journal, is_random=False):
    """Values (cases, rows, columns) and their errors (cases,)."""
    values = {name: stack[chosen] for name, stack in group.values.items()}
    values |= {name: np.array([[float(size)]]) for name, size in group.sizes.items()}
    values["I"] = group.identity

    def value_at(level, **draws):
        scope = Scope(
            values,
            derivation.meanings,
            width=len(chosen),
            level=level,
            journal=journal,
            **draws,
        )
        with np.errstate(all="ignore"):
            value = scope.value(tree)
        return np.broadcast_to(value, (len(chosen), *value.shape[-2:]))

    value, error = refine_until_stable(value_at)
    error = error.max((1, 2))
    if is_random:
        size = _DRAWS // _BATCHES
        batches = [value_at(2, seed=1 + batch, draws=size) for batch in range(_BATCHES)]
        standard_error = np.std(batches, axis=0, ddof=1).max((1, 2)) / np.sqrt(_BATCHES)
        error = error + STANDARD_ERRORS * standard_error
    return value, error


def _spread(array, chosen, count):
    """The array with the cases that were not chosen as well, filled with zeros."""
    full = np.zeros((count, *array.shape[1:]), dtype=array.dtype)
    full[chosen] = array
    return full


def _why_no_number(tree, group, case, derivation, is_nan):
    journal = Journal()
    _at_cases(tree, group, [case], derivation, journal)
    if journal.diverges or not is_nan:
        return _DOES_NOT_CONVERGE
    trouble = next(iter(journal.troubles), "it has the form ∞ − ∞ or 0/0")
    return f"This is not a number: {trouble}."


def names_reached(line, derivation):
    """All names that a line depends on, also through distributions and abbreviations."""
    reached, fresh = set(), names_in(line.tree) if line.tree else set()
    while fresh:
        reached |= fresh
        trees = [
            tree
            for key, meaning in derivation.meanings.items()
            if key.partition("(")[0] in fresh
            for tree in _parts(meaning)
        ]
        fresh = set().union(*map(names_in, trees)) - reached
    return reached


def _functions_reached(line, derivation):
    return [FUNCTIONS[name] for name in names_reached(line, derivation) if name in FUNCTIONS]


def _parts(meaning):
    if isinstance(meaning, Gaussian):
        return [meaning.mean, meaning.cov]
    return [meaning] if isinstance(meaning, ast.expr) else []
