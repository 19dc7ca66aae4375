"""The comparison of the lines of a derivation, case by case."""

import ast
from dataclasses import dataclass, field

import numpy as np

from kl_utils._evaluate import evaluate
from kl_utils._language import Fault, Line, names_in
from kl_utils._operations import shape_in_words
from kl_utils._report import Report, Verdict, in_words, number_in_words
from kl_utils._scope import Gaussian, Journal, Scope
from kl_utils.expectation import distance, settle

TOLERANCE = 1e-9
STANDARD_ERRORS = 4
_DRAWS, _BATCHES = 10_000, 40
_INEQUALITIES = {"<=", ">="}
_EVERYWHERE = (-1, 0)  # the place of a fault that goes before any comparison of numbers


def check(derivation):
    """Evaluate and compare all lines; returns a `Report`."""
    groups = list(derivation.given.groups())
    computed = [_compute(line, groups, derivation) for line in derivation.lines]
    chain = _Chain(derivation, groups, computed)
    verdicts = [chain.judge(position) for position in range(len(computed))]
    return Report(derivation, verdicts, sum(group.count for group in groups), chain.deviation)


# Values


@dataclass
class Computed:
    """The values of a line.

    ``values[g]``, ``errors[g]`` and ``known[g]`` belong to the g-th group of cases and have shapes
    (cases, rows, columns), (cases,) and (cases,). A fault has a place (group, case), from which on
    the line has no values, and the parameters to show.
    """

    line: Line
    fault: str = ""
    place: tuple = _EVERYWHERE
    case: dict | None = None
    values: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    known: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def at(self, place):
        group, case = place
        return self.values[group][case]


def _compute(line, groups, derivation):
    result = Computed(line, line.fault)
    if result.fault:
        return result
    is_random = "mean" in _names(line, derivation)
    if is_random and line.relation != "~":
        result.fault = "A sample mean is only near its expectation: begin this line with `~`."
        return result
    if line.relation == "~" and not is_random:
        result.notes.append("Nothing on this line is random, so it is compared like an equality.")
    skipped, journal = [], Journal()
    for number, group in enumerate(groups):
        chosen = np.arange(group.count)
        if is_random:  # fewer cases: the simplest and some random ones
            chosen = np.r_[chosen[:5], chosen[5:][-3:]]
        try:
            value, error = _at_cases(line.tree, group, chosen, derivation, journal, is_random)
        except Fault as fault:
            result.fault, result.place = str(fault), _EVERYWHERE
            result.case = group.sizes if number else None
            return result
        nan = np.isnan(value).any((1, 2))
        unsettled = ~nan & np.isinf(error)
        if unsettled.any() and _dimension(group) > 2:
            skipped.append(_dimension(group))
        bad = nan | unsettled if _dimension(group) <= 2 else nan
        result.values.append(_spread(value, chosen, group.count))
        result.errors.append(_spread(error, chosen, group.count))
        result.known.append(_spread(~nan & ~unsettled, chosen, group.count))
        if bad.any():
            first = int(np.argmax(bad))
            result.place, result.case = (number, chosen[first]), group.case(chosen[first])
            result.fault = _why_no_number(line.tree, group, chosen[first], derivation, nan[first])
            return result
    if skipped:
        result.notes.append(f"Not evaluated in {min(skipped)} or more dimensions.")
    if is_random:
        unseen = max(error.max() for error in result.errors)
        result.notes.append(
            f"{_DRAWS:,} random draws a case: a difference below {unseen:.1g} could go unseen."
        )
    return result


def _at_cases(tree, group, chosen, derivation, journal, is_random=False):
    """Values (cases, rows, columns) and their errors (cases,)."""
    values = {name: stack[chosen] for name, stack in group.values.items()}
    values |= {name: np.array([[float(size)]]) for name, size in group.sizes.items()}
    values["I"] = group.identity

    def value_at(level, **draws):
        scope = Scope(values, derivation.meanings, level=level, journal=journal, **draws)
        with np.errstate(all="ignore"):
            value = evaluate(tree, scope)
        return np.broadcast_to(value, (len(chosen), *value.shape[-2:]))

    value, error = settle(value_at)
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
    if not is_nan:
        return (
            "This does not converge: finer and finer sums for an expectation or integral on this "
            "line do not settle, so there is no number to compare."
        )
    journal = Journal()
    _at_cases(tree, group, [case], derivation, journal)
    troubles = journal.troubles
    return f"This is not a number: {troubles[0] if troubles else 'it has the form ∞ − ∞ or 0/0'}."


def _dimension(group):
    return group.identity.shape[0]


def _names(line, derivation):
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


def _parts(meaning):
    if isinstance(meaning, Gaussian):
        return [meaning.mean, meaning.cov]
    return [meaning] if isinstance(meaning, ast.expr) else []


# Comparisons


@dataclass
class Comparison:
    """How a line compares with an earlier one.

    ``failure`` is the first (group, case) where the relation does not hold, or None; ``deviation``
    the largest relative distance; ``slack`` the smallest margin of an inequality, at ``tightest``.
    """

    failure: tuple | None = None
    deviation: float = 0.0
    slack: float = np.inf
    tightest: tuple | None = None
    equalities: int = 0
    cases: int = 0


def _compare(a, b, relation):
    """Compare two computed lines, "a relation b", at all cases where both have values."""
    result = Comparison()
    for group in range(min(len(a.values), len(b.values))):
        known = a.known[group] & b.known[group]
        if not known.any():
            continue
        left, right = a.values[group], b.values[group]
        apart, size = distance(left, right), np.maximum(1, np.maximum(abs(left), abs(right)))
        size = np.where(np.isinf(size), 1, size).max(
            (1, 2)
        )  # infinite values only equal themselves
        apart = apart.max((1, 2))
        holds = equal = apart <= TOLERANCE * size + a.errors[group] + b.errors[group]
        if relation in _INEQUALITIES:
            sign = 1 if relation == "<=" else -1
            with np.errstate(invalid="ignore"):
                slack = np.where(equal, 0.0, sign * (right - left)[:, 0, 0])
            holds = slack >= 0
            slack = np.where(known, slack, np.inf)
            if slack.min() < result.slack:
                result.slack, result.tightest = slack.min(), (group, int(slack.argmin()))
        result.equalities += int((equal & known).sum())
        result.cases += int(known.sum())
        result.deviation = max(result.deviation, (apart / size)[known].max())
        if result.failure is None and (known & ~holds).any():
            result.failure = (group, int(np.argmax(known & ~holds)))
    return result


# Verdicts


class _Chain:
    """Judges the lines one after the other."""

    def __init__(self, derivation, groups, computed):
        self.derivation, self.groups, self.computed = derivation, groups, computed
        self.deviation = 0.0
        self.astray = False  # has the last line with a value left the first one?

    def judge(self, position):
        this, first = self.computed[position], self.computed[0]
        if position == 0:
            return self._verdict(this, "broken" if this.fault else "start", this.fault, this.case)
        if first.fault:
            return self._verdict(this, "unchecked", "The first line has no value to compare with.")
        start = max(i for i in range(position) if not self.computed[i].fault)
        above = self.computed[start]
        relations = [line.line.relation for line in self.computed[1 : position + 1]]
        if not this.fault:
            this.fault, this.case = self._unfit(this, above, relations)
        link = _compare(above, this, _composed(relations[start:]))
        anchor = _compare(first, this, _composed(relations))
        failure = link.failure or anchor.failure
        if this.fault and not (failure and failure < this.place):
            return self._verdict(this, "broken", this.fault, this.case)
        was_astray, self.astray = self.astray, anchor.failure is not None
        if not failure:
            self.deviation = max(self.deviation, link.deviation if relations[-1] == "=" else 0)
            if start < position - 1:
                this.notes.append(
                    f"Compared with ({above.line.label}), the last line with a value."
                )
            if relations[-1] in _INEQUALITIES:
                this.notes.append(self._slack_in_words(this, above, link))
            return self._verdict(this, "holds")
        if was_astray and not link.failure:
            message = "Follows from the line above, which has left the first line."
            return self._verdict(this, "inherits", message)
        if was_astray and not anchor.failure:
            message = "Two errors cancel here: this is the value of the first line again."
            return self._verdict(this, "cancels", message)
        against = above if link.failure else first
        return self._verdict(this, "broken", against=against, place=failure)

    def _unfit(self, this, above, relations):
        """A fault where the shapes of two lines differ, or a chain goes up and down."""
        for group, (mine, other) in enumerate(zip(this.values, above.values, strict=True)):
            shapes = shape_in_words(mine), shape_in_words(other)
            this.place = _EVERYWHERE
            if mine.shape != other.shape:
                fault = f"This line is {shapes[0]}, but line ({above.line.label}) is {shapes[1]}."
                return fault, self.groups[group].sizes
            if relations[-1] in _INEQUALITIES and shapes[0] != "a number":
                return f"An inequality compares numbers, but this is {shapes[0]}.", None
        if set(relations) >= _INEQUALITIES:
            this.place = _EVERYWHERE
            return "A chain with both `<=` and `>=` says nothing about its first line.", None
        return "", None

    def _verdict(self, this, status, message="", case=None, against=None, place=None):
        values = None
        if place:
            case, values = self._case(place, this, against), (against.at(place), this.at(place))
        notes = this.notes if status in ("start", "holds") else []
        mine, first = (_names(line.line, self.derivation) for line in (this, self.computed[0]))
        ignored = [f"`{n}`" for n in self.derivation.given.kinds if n in first and n not in mine]
        if ignored and status in ("holds", "broken") and this.line.tree:
            notes = [*notes, f"This line does not depend on {', '.join(ignored)}."]
        label = against.line.label if against else None
        return Verdict(this.line, status, message, case, values, label, tuple(notes))

    def _case(self, place, *lines):
        """The parameters at a place that matter for some of the lines."""
        group, case = place
        names = set(self.groups[group].sizes).union(
            *(_names(line.line, self.derivation) for line in lines)
        )
        parameters = self.groups[group].case(case).items()
        return {name: value for name, value in parameters if name in names}

    def _slack_in_words(self, this, above, link):
        if link.equalities == link.cases:
            return "Equality at every case."
        where = in_words(self._case(link.tightest, this, above))
        if link.equalities:
            return f"Equality at {link.equalities} of {link.cases} cases, the first at {where}."
        return f"The smallest slack is {number_in_words(link.slack, digits=3)}, at {where}."


def _composed(relations):
    """The relation that a chain of relations implies between its ends."""
    return next((relation for relation in relations if relation in _INEQUALITIES), "=")
