"""Tasks on what is false: find the line that breaks, refute a claim by numbers.

Whoever types the lines into the checker is told both. So these are for practice, and points are
given for the reason alone: one of several, or words for a person to read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from .cases import case_at, read_case
from .choices import check_choices, read_label
from .grades import Grade, zero
from .task import BadAnswer, Frame, Task
from .words import read_by_a_person


@dataclass(frozen=True)
class _WithReason(Task):
    """A task whose points are given for the reason.

    Attributes
    ----------
    frame : Frame
        The letters, the distributions and the first line.
    reasons : dict of str to str
        Reasons to choose from, by label; where there are none, a person reads the student's words.
    right_reason : str
        The label of the right one.
    """

    frame: Frame = field(kw_only=True)
    reasons: Mapping = field(default_factory=dict, kw_only=True)
    right_reason: str = field(default="", kw_only=True)

    def grade_reason(self, reason):
        """The grade of a reason, when the rest of the answer is right."""
        if not self.reasons:
            return read_by_a_person(self.name, reason, self.points)
        if read_label(reason, self.reasons, "the label of a reason") == self.right_reason:
            return Grade(self.points, self.points)
        return zero(self.points, "This is not the reason.")

    def check(self):
        """Raise a ValueError where the task itself is wrong."""
        super().check()
        if self.reasons:
            check_choices(self.reasons, self.right_reason)


@dataclass(frozen=True)
class Locate(_WithReason):
    """Find the first line of a derivation that breaks, and say why it does.

    Attributes
    ----------
    lines : tuple of str
        The lines below the first, each with its relation.
    """

    lines: tuple = field(kw_only=True)

    answer_shape = "an object with `line`, a letter, and `reason`"

    def grade(self, answer):
        """Grade an answer, such as ``{"line": "c", "reason": "b"}``; the first line is line a."""
        label, reason = _two_parts(answer, "line", '`{"line": "b", "reason": …}`')
        labels = [verdict.label for verdict in self._report.verdicts]
        return self.grade_line(read_label(label, labels, "the letter of a line"), reason)

    def grade_line(self, label, reason, broken=None):
        """The grade of a line and a reason; ``broken``, where it is known, saves looking."""
        if label != (broken or self._report.first_broken.label):
            return zero(self.points, "This is not the first line that breaks.")
        return self.grade_reason(reason)

    def check(self):
        """Raise a ValueError where the task itself is wrong."""
        super().check()
        report = self._report
        if report.ok:
            raise ValueError(f"lines: all of them hold at {report.cases} cases; none breaks")
        if report.first_broken is report.verdicts[0]:
            raise ValueError(f"frame: the first line is faulty: {report.verdicts[0].message}")
        if report.first_broken.values is None:
            raise ValueError(f"lines: one has no value: {report.first_broken.message}")

    @cached_property
    def _report(self):
        return self.frame.derivation(*((line, "") for line in self.lines)).check()


@dataclass(frozen=True)
class Refute(_WithReason):
    """Give numbers at which a claim fails, and say why it does.

    Attributes
    ----------
    claim : str
        What is claimed of the frame's first line: ``"<= (mu**2 + sigma**2)/2"``.
    """

    claim: str = field(kw_only=True)

    answer_shape = "an object with `numbers`, one for each letter, and `reason`"

    def grade(self, answer):
        """Grade an answer, such as ``{"numbers": {"mu": 0, "sigma": "1/2"}, "reason": "b"}``.

        A vector is a list, a matrix a list of its rows.
        """
        numbers, reason = _two_parts(answer, "numbers", '`{"numbers": {…}, "reason": …}`')
        case = case_at(self.frame.given, read_case(numbers, self.frame.given))
        start, claim = self._report(case).verdicts
        if not start.ok or (not claim.ok and claim.values is None):
            return zero(self.points, "At these numbers one of the two sides has no value.")
        if claim.ok:
            return zero(self.points, "At these numbers the claim holds.")
        return self.grade_reason(reason)

    def check(self):
        """Raise a ValueError where the task itself is wrong."""
        super().check()
        report = self._report(self.frame.given)
        if report.ok:
            raise ValueError(f"claim: it holds at all of {report.cases} cases; nothing refutes it")
        if report.first_broken.values is None:
            raise ValueError(f"claim: a line has no value: {report.first_broken.message}")

    def _report(self, given):
        return replace(self.frame, given=given).derivation((self.claim, "")).check()


def _two_parts(answer, name, shape):
    if not isinstance(answer, Mapping) or not {name, "reason"} <= set(answer):
        raise BadAnswer(f"Expected {shape}.")
    return answer[name], answer["reason"]
