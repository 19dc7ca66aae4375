"""The values of the lines of a derivation at all cases, with the error of each."""

from dataclasses import dataclass, field

import numpy as np

from .case_values import DOES_NOT_CONVERGE, DRAWS, TOO_HARD, values_at_cases, why_not_known
from .functions import FUNCTIONS
from .journal import Journal, TooMuchWork
from .parsing import Line
from .report import Note
from .trees import names_reached
from .vocabulary import Fault

TOO_MUCH_WORK = "too much computing"
_FIRST_TRY = 0.5  # the share of its work that a line may take before some cases are left out
BEFORE_ALL_CASES = (-1, 0)  # the place of a fault that goes before any comparison of numbers
_WHAT_CHANCE_HIDES = (
    "{:,} random draws at each of {} cases: a difference below {:.1g} could go unseen."
)


@dataclass
class LineValues:
    """The values of a line.

    ``groups[g]`` has the `CaseValues` of the g-th group of cases. A fault has a place (group,
    case), from which on the line has no values, and the parameters to show. ``left_out`` says of
    what cases are missing, which is no fault.
    """

    line: Line
    fault: str = ""
    place: tuple = BEFORE_ALL_CASES
    case: dict | None = None
    groups: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    left_out: str = ""

    def at(self, place):
        """Value and scale at a (group, case)."""
        group, case = place
        return self.groups[group].value[case], self.groups[group].scale[case]


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
    if is_random:
        chosen = _some(chosen)
    try:
        found = _evaluate(result, group, chosen, derivation, journal, is_random, _FIRST_TRY)
    except TooMuchWork:
        if len(_some(chosen)) == len(chosen):
            raise
        chosen, result.left_out = _some(chosen), TOO_MUCH_WORK
        found = _evaluate(result, group, chosen, derivation, journal, is_random)
    result.groups.append(found.spread(chosen, group.count))
    if journal.too_hard and not (journal.unsettled or journal.troubles):
        result.left_out = TOO_HARD
        return
    for at in np.flatnonzero(~found.known):
        case = int(chosen[at])
        budget = journal.budget - journal.work
        why, may_be_left_out = why_not_known(result.line.tree, group, case, derivation, budget)
        if not may_be_left_out:
            result.place, result.case, result.fault = (number, case), group.case(case), why
            return
        result.left_out = result.left_out or why


def _some(chosen):
    """The simplest cases, and some random ones."""
    return chosen if len(chosen) <= 8 else np.r_[chosen[:5], chosen[-3:]]


def _evaluate(result, group, chosen, derivation, journal, is_random, share=1.0):
    """The values at some cases, for no more than a share of the work that is left."""
    whole = journal.budget
    journal.budget = journal.work + share * (whole - journal.work)
    try:
        return values_at_cases(result.line.tree, group, chosen, derivation, journal, is_random)
    finally:
        journal.budget = whole


def _add_notes(result, groups, is_random):
    cases = sum(group.count for group in groups)
    known = sum(int(found.known.sum()) for found in result.groups)
    infinite = sum(int(np.isinf(found.value).any((1, 2)).sum()) for found in result.groups)
    if infinite == cases:
        result.fault = "This line is infinite at every case."
    elif not known:
        hard = result.left_out == TOO_HARD
        result.fault = DOES_NOT_CONVERGE if hard else f"No case can be compared: {result.left_out}."
    elif infinite:
        result.notes.append(Note(f"Infinite at {infinite} of {cases} cases."))
    if is_random:
        unseen = max(found.error[found.known].max(initial=0.0) for found in result.groups)
        result.notes.append(Note(_WHAT_CHANCE_HIDES.format(DRAWS, known, unseen)))
    elif known < cases:
        sentence = f"Not evaluated at {cases - known} of {cases} cases: {result.left_out}."
        result.notes.append(Note(sentence))
    if result.line.relation == "~" and not is_random:
        result.notes.append(Note("Nothing here is random: compared like an equality."))


def _functions_reached(line, derivation):
    return [FUNCTIONS[name] for name in names_of(line, derivation) if name in FUNCTIONS]


def names_of(line, derivation):
    """All names that a line depends on, also through distributions and abbreviations."""
    return names_reached(line.tree, derivation.meanings) if line.tree else set()
