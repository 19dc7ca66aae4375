"""The value of a line at all cases of a group, and how far each is to be trusted."""

from typing import NamedTuple

import numpy as np

from .journal import Journal, Noise
from .logarithms import has_exponential, signed_value
from .operations import distance
from .scope import Scope
from .trees import leaves, names_reached

DRAWS = 10_000
STANDARD_ERRORS = 4
_BATCHES = 40
_SAFETY = 10  # how many times its estimate an error may be
_OF_ROUNDING, _OF_INTEGRALS = 2e-13, 1e-9  # shares of a value by which it may be wrong at least
_CERTAIN = 1e-6  # what rounding may take, of a value or of the smallest number on its line
_MODERATE = 600  # logarithms up to this size are those of ordinary numbers

DOES_NOT_CONVERGE = (
    "This does not converge: finer and finer sums for an expectation or integral do not settle. "
    "It diverges, or it is too hard for this check."
)
TOO_HARD = "too many nodes"
DIGITS_ARE_LOST = "large numbers cancel, and too few digits are left"


class CaseValues(NamedTuple):
    """Values of a line: value · exp(scale) is the number, where it is no ordinary one.

    ``value`` and ``error`` have the shape (cases, rows, columns), the others (cases,): ``known``
    where the value is to be believed, ``share`` how far relative to itself it may be off beside.
    """

    value: np.ndarray
    error: np.ndarray
    scale: np.ndarray
    known: np.ndarray
    share: np.ndarray

    @property
    def number(self):
        """The values themselves: 0 or ∞ where they are out of a computer's range."""
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = self.value * np.exp(self.scale)[:, None, None]
        return np.where(self.value == 0, 0.0, scaled)

    def spread(self, chosen, count):
        """The same for ``count`` cases, of which some were chosen; the others are not known."""
        return CaseValues(*(_spread(array, chosen, count) for array in self))


def _spread(array, chosen, count):
    full = np.zeros((count, *array.shape[1:]), dtype=array.dtype)
    full[chosen] = array
    return full


def values_at_cases(tree, group, chosen, derivation, journal, is_random=False):
    """The values of a tree at the chosen cases of a group.

    Every line is evaluated again, by another route of integration and with rounding made visible:
    where its value changes, that is its error.

    Returns
    -------
    CaseValues
    """
    chosen = np.asarray(chosen)

    def value_by(copies=1, scale=None, **ways):
        some = np.tile(chosen, copies)
        values = {name: stack[some] for name, stack in group.values.items()}
        values |= {name: np.array([[float(size)]]) for name, size in group.sizes.items()}
        values["I"] = group.identity
        scope = Scope(values, derivation.meanings, width=len(some), journal=journal, **ways)
        with np.errstate(all="ignore"):
            return _scaled(
                scope, tree, len(some), None if scale is None else np.tile(scale, copies)
            )

    value, scale = value_by()
    # Where there are many nodes, they round in many ways already.
    copies = 1 if journal.on_panels else 3
    others, _ = value_by(copies, scale, route=1, noise=Noise(1))
    others = others.reshape(copies, *value.shape)
    share = _OF_INTEGRALS if journal.on_panels or journal.by_differences else _OF_ROUNDING
    share = np.full(len(chosen), share)
    error = _SAFETY * distance(value, others).max(0)
    if is_random:
        size = DRAWS // _BATCHES
        batches = [value_by(1, scale, seed=1 + k, draws=size)[0] for k in range(_BATCHES)]
        error = error + STANDARD_ERRORS * np.std(batches, axis=0, ddof=1) / np.sqrt(_BATCHES)
        return CaseValues(value, error, scale, ~np.isnan(value + error).any((1, 2)), share)
    smallest = _smallest_number(tree, group, chosen, derivation.meanings)[:, None, None]
    size = np.maximum(abs(value), np.where(scale[:, None, None] == 0, smallest, 0.0))
    with np.errstate(invalid="ignore"):
        certain = (error <= _CERTAIN * size) | (error == 0)
    known = (certain & ~np.isnan(value)).all((1, 2))
    return CaseValues(value, error, scale, known, share)


def _scaled(scope, tree, count, scale=None):
    """Values, and the logarithm that they are to be scaled by: 0 for ordinary numbers."""
    if not has_exponential(scope, tree):
        value = scope.value(tree)
        return np.broadcast_to(value, (count, *value.shape[-2:])), np.zeros(count)
    sign, log = np.broadcast_arrays(*signed_value(scope, tree))
    sign, log = (np.broadcast_to(array, (count, *log.shape[-2:])) for array in (sign, log))
    if scale is None:
        top = np.where((sign == 0) | np.isnan(log), -np.inf, log).max((1, 2))
        scale = np.where(np.isfinite(top) & (abs(top) > _MODERATE), top, 0.0)
    return np.where(sign == 0, 0.0, sign * np.exp(log - scale[:, None, None])), scale


def _smallest_number(tree, group, chosen, meanings):
    """The smallest number but 0 that a line is made of, at each case, and 1 at most."""
    smallest = np.ones(len(chosen))
    for name in names_reached(tree, meanings) & {*group.values}:
        sizes = abs(group.values[name][chosen])
        smallest = np.minimum(smallest, np.where(sizes > 0, sizes, 1.0).min((1, 2)))
    constants = [abs(leaf) for leaf in leaves(tree) if leaf]
    return np.minimum(smallest, min(constants, default=1.0))


def why_not_known(tree, group, case, derivation, budget):
    """Why a line has no value at a case, and may that be left out, as no fault of the line?"""
    journal = Journal(budget=budget)
    found = values_at_cases(tree, group, [case], derivation, journal)
    if journal.unsettled:
        return DOES_NOT_CONVERGE, False
    if journal.too_hard:
        return TOO_HARD, True
    if not np.isnan(found.value).any():
        return DIGITS_ARE_LOST, True
    trouble = next(iter(journal.troubles), "it has the form ∞ − ∞ or 0/0")
    return f"This is not a number: {trouble}.", False
