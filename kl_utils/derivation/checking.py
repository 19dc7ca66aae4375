"""The comparison of the lines of a derivation, case by case."""

from dataclasses import dataclass

import numpy as np

from .journal import MOST_WORK, Journal
from .line_values import BEFORE_ALL_CASES, LineValues, evaluate_line, names_of
from .numbers_in_words import (
    Precision,
    in_latex,
    in_words,
    name_in_words,
    number_in_words,
    value_in_latex,
)
from .operations import distance, shape_in_words
from .report import Note, Report, Verdict
from .symbols import symbol
from .totals import faults_of_given

_TIE = 1e-9  # slacks that differ by less
_OUT_OF_RANGE = "line ({}) is `{}`, this line is `{}`."
_LINES_OF_MOST_WORK = 4
_INEQUALITIES = {"<=", ">="}


def check(derivation):
    """Evaluate and compare all lines; returns a `Report`."""
    groups = list(derivation.given.groups())
    computed = _evaluate(derivation, groups)
    chain = _Chain(derivation, groups, computed)
    verdicts = [chain.judge(position) for position in range(len(computed))]
    cases = sum(group.count for group in groups)
    return Report(derivation, verdicts, cases, cases - _left_out(computed), chain.deviation)


def _evaluate(derivation, groups):
    """The values of all lines; together they may take as much work as a few lines."""
    left, computed = _LINES_OF_MOST_WORK * MOST_WORK, []
    names = {line: names_of(line, derivation) for line in derivation.lines}
    faults = faults_of_given(derivation, groups, set().union(*names.values()))
    for line in derivation.lines:
        fault = next((fault for name, fault in faults.items() if fault and name in names[line]), "")
        if fault and not line.fault:
            computed.append(LineValues(line, fault))
            continue
        journal = Journal(budget=min(MOST_WORK, left))
        computed.append(evaluate_line(line, groups, derivation, journal))
        left = max(0, left - journal.work)
    return computed


def _left_out(computed):
    """The number of cases at which a line has no value, though it holds at others.

    A sample mean has values at few cases on purpose, and says so itself.
    """
    lines = [line.groups for line in computed if not line.fault and line.line.relation != "~"]
    return sum(
        int((~np.logical_and.reduce([found.known for found in group])).sum())
        for group in zip(*lines, strict=True)
    )


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

    def add(self, group, a, b, relation):
        """Compare two `CaseValues` of a group of cases, where both are known."""
        left, right, errors = on_one_scale(a, b)
        known = a.known & b.known & np.isfinite(errors).all((1, 2))
        size = np.maximum(abs(left), abs(right))
        size = np.where(np.isfinite(size), size, 0.0)  # infinity only equals itself
        apart = distance(left, right)
        share = np.maximum(a.share, b.share)[:, None, None]
        equal = (apart <= share * size + errors).all((1, 2))
        holds = equal
        if relation in _INEQUALITIES:
            sign = 1 if relation == "<=" else -1
            with np.errstate(invalid="ignore"):
                slack = np.where(equal, 0.0, sign * (right - left)[:, 0, 0])
            holds = slack >= 0
            self._add_slack(group, np.where(known, slack, np.inf))
        self.equalities += int((equal & known).sum())
        self.cases += int(known.sum())
        beyond = np.where(apart <= errors, 0.0, apart)  # what rounding does not explain
        deviation = (beyond / np.where(size > 0, size, 1.0)).max((1, 2))
        self.deviation = max(self.deviation, deviation[known].max(initial=0.0))
        if self.failure is None and (known & ~holds).any():
            self.failure = (group, int(np.argmax(known & ~holds)))

    def _add_slack(self, group, slack):
        least = slack.min()
        if least < self.slack - _TIE:  # a tie goes to the simpler case
            self.slack = least
            self.tightest = (group, int(np.argmax(slack <= least + _TIE)))


def on_one_scale(a, b):
    """The values of two `CaseValues` in one unit at each case, and their errors added."""
    if not (a.scale.any() or b.scale.any()):
        return a.value, b.value, a.error + b.error
    scales = [np.where((x.value == 0).all((1, 2)), -np.inf, x.scale) for x in (a, b)]
    unit = np.maximum(*scales)
    unit = np.where(np.isneginf(unit), 0.0, unit)

    def scaled(part, scale):  # 0 is 0 in any unit
        with np.errstate(over="ignore", invalid="ignore"):
            return np.where(part == 0, 0.0, np.exp(scale - unit)[:, None, None] * part)

    error = scaled(a.error, a.scale) + scaled(b.error, b.scale)
    return scaled(a.value, a.scale), scaled(b.value, b.scale), error


def _compare(a, b, relation):
    """Compare the values of two lines, "a relation b", at all cases where both have some."""
    result = Comparison()
    for group, both in enumerate(zip(a.groups, b.groups, strict=False)):
        result.add(group, *both, relation)
    return result


# Verdicts


class _Chain:
    """Judges the lines one after the other."""

    def __init__(self, derivation, groups, computed):
        self.derivation, self.groups, self.computed = derivation, groups, computed
        self.deviation = None  # the largest of the equalities that hold
        self.valued = [0]  # the lines so far that numbers can be compared with
        self.astray = False  # has the last of them left the first line?
        self.said = set(computed[0].notes)

    def judge(self, position):
        this, first = self.computed[position], self.computed[0]
        if position == 0:
            return self._verdict(this, "broken" if this.fault else "start", this.fault, this.case)
        if first.fault:
            return self._verdict(this, "unchecked", "The first line has no value to compare with.")
        above = self.computed[self.valued[-1]]
        if not this.fault:
            self._fault_unless_fitting(this, above)
        if this.fault and this.place == BEFORE_ALL_CASES:
            return self._verdict(this, "broken", this.fault, this.case)
        return self._judge_values(position, this, above, first)

    def _judge_values(self, position, this, above, first):
        relations = [line.line.relation for line in self.computed[1 : position + 1]]
        turned = set(relations) >= _INEQUALITIES  # then nothing follows about the first line
        link = _compare(above, this, _composed(relations[self.valued[-1] :]))
        anchor = link if turned else _compare(first, this, _composed(relations))
        failure = link.failure or anchor.failure
        if this.fault and not (failure and failure < this.place):
            return self._verdict(this, "broken", this.fault, this.case)
        if not (link.cases and anchor.cases):
            return self._verdict(this, "unchecked", "At no case have both lines a value.")

        was_astray, self.astray = self.astray, turned or anchor.failure is not None
        self.valued.append(position)
        if turned and not set(relations[:-1]) >= _INEQUALITIES:
            message = "A chain with both `<=` and `>=` says nothing about its first line."
            return self._verdict(this, "broken", message)
        if not failure and not turned:
            skipped = self.valued[-2] < position - 1
            self._note_what_holds(this, above, link, anchor, skipped)
            return self._verdict(this, "holds")
        if was_astray and not link.failure:
            message = "Follows from the line above, which has left the first line."
            return self._verdict(this, "inherits", message)
        if was_astray and not anchor.failure:
            message = "Two errors cancel here: this is the value of the first line again."
            if set(relations) & _INEQUALITIES:
                message = "Two errors cancel here: compared with the first line, this holds again."
            return self._verdict(this, "cancels", message)
        against = above if link.failure else first
        return self._verdict(this, "broken", against=against, place=failure)

    def _note_what_holds(self, this, above, link, anchor, skipped):
        if this.line.relation == "=":
            deviation = min(link.deviation, anchor.deviation)  # one may be an inequality's
            self.deviation = max(self.deviation or 0.0, deviation)
            this.notes = [note for note in this.notes if note not in self.said]
        self.said |= set(this.notes)
        if skipped:
            sentence = f"Compared with ({above.line.label}), the last line with a value."
            this.notes.append(Note(sentence))
        if this.line.relation in _INEQUALITIES:
            this.notes.append(self._slack(this, above, link))

    def _fault_unless_fitting(self, this, above):
        """Lines of one shape can be compared, and numbers can be ordered."""
        for group, (mine, other) in enumerate(zip(this.groups, above.groups, strict=False)):
            shape, shape_above = shape_in_words(mine.value), shape_in_words(other.value)
            if mine.value.shape != other.value.shape:
                label = above.line.label
                this.fault = f"This line is {shape}, but line ({label}) is {shape_above}."
            elif this.line.relation in _INEQUALITIES and shape != "a number":
                this.fault = f"An inequality compares numbers, but this is {shape}."
            if this.fault:
                this.case = self.groups[group].sizes
                return

    def _verdict(self, this, status, message="", case=None, against=None, place=None):
        values = None
        if place:
            case = self._case(place, this, against)
            (above, scale_above), (here, scale) = against.at(place), this.at(place)
            values = (above, here)
            if scale or scale_above:
                message = _OUT_OF_RANGE.format(
                    against.line.label, _power_of_e(above, scale_above), _power_of_e(here, scale)
                )
                values = None
        notes = this.notes if status in ("start", "holds") else []
        if this.line.relation not in _INEQUALITIES and (values or status == "holds"):
            notes = [*notes, *self._ignored(this)]
        label = against.line.label if against else None
        return Verdict(this.line, status, message, case, values, label, tuple(notes))

    def _case(self, place, *lines):
        """The parameters at a place that matter for some of the lines."""
        group, case = place
        names = set(self.groups[group].sizes).union(
            *(names_of(line.line, self.derivation) for line in lines)
        )
        parameters = self.groups[group].case(case).items()
        return {name: value for name, value in parameters if name in names}

    def _ignored(self, this):
        """A note where the line lacks a parameter that the first line depends on."""
        mine, first = (names_of(line.line, self.derivation) for line in (this, self.computed[0]))
        ignored = [n for n in self.derivation.given.kinds if n in first and n not in mine]
        if not ignored:
            return []
        plain, latex = map(name_in_words, ignored), (f"${symbol(name)}$" for name in ignored)
        sentence = "This line does not depend on {}.".format
        return [Note(sentence(", ".join(plain)), sentence(", ".join(latex)))]

    def _slack(self, this, above, link):
        """A note on how tight an inequality is, and where."""
        if link.equalities == link.cases:
            return Note("Equality at every case.")
        least = number_in_words(link.slack, Precision(3))
        plain = latex = f"The smallest slack is {least}, at {{}}."
        if "·" in least or "⁻" in least:
            power = value_in_latex(link.slack, Precision(3)).replace("{", "{{").replace("}", "}}")
            latex = plain.replace(least, f"${power}$")
        if link.equalities:
            plain = f"Equality at {link.equalities} of {link.cases} cases, the first at {{}}."
            latex = plain
        case = self._case(link.tightest, this, above)
        return Note(plain.format(in_words(case)), latex.format(in_latex(case)))


def _power_of_e(value, scale):
    """A number too small or too large for a computer, in words."""
    entry = value.flat[np.argmax(abs(value))]
    if entry == 0:
        return "0"
    return f"{'-' if entry < 0 else ''}exp({np.log(abs(entry)) + scale:.8g})"


def _composed(relations):
    """The relation that a chain of relations implies between its ends."""
    return next((relation for relation in relations if relation in _INEQUALITIES), "=")
