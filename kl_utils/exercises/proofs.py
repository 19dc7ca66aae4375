"""Proofs, from a first line to a goal.

How a proof is marked, in words for students
--------------------------------------------
Of ten points, two are for the answer and eight for the way there, whatever way you take and however
many lines it has.

- **The answer (2).** The last line is equal to the first at all cases, is finished (no expectation,
  integral, entropy or divergence is left in it), and no line on the way is wrong. You get these
  two points also for the bare result, and no more for it.
- **The definition (2).** The divergences and entropies of the first line are written out, or split
  by a definition.
- **The densities (3).** The logarithms of the densities are written out, until only means, squares
  and the like are left under the expectations. Each density has an equal part.
- **The moments (3).** Those expectations are evaluated. Each has an equal part.

What a task does not ask for leaves its points to the rest. Lines that repeat, rearrange or decorate
the line above neither earn nor cost anything.

**A step is a part of this work, not a line.** One line may write out two densities. If one of them
is right and one is wrong, the right one earns its part, provided that it stands there as terms of
its own. Where everything looks right but the sum, one part counts as wrong.

**A slip costs its own step and the answer.** What follows correctly from a wrong line still counts,
as long as that line has one fault: one term or one density is wrong or missing, or a sign or factor
is wrong that all terms share, or the expectation is under the wrong distribution. The divergence
the wrong way round, KL(p, q) for KL(q, p), is one fault too. After a line with more than one fault
nothing counts. Two errors that cancel win nothing back.

**A step is too large** when it evaluates, in one go, a divergence, an entropy, or an expectation or
integral of logarithms of densities. Its points then wait for a person, who reads it. Break it into
two, or name one of the task's lemmas in the reason. A lemma covers only what it is about, and earns
just that: the entropy of q, say, is the density and the moments of q. A moment, such as the mean of
a square, may be evaluated at once, also where it is written as an integral or in another variable.

**Reasons** other than lemmas are read only by the person who reads a step that waits. A true line
with a poor reason is a true line. Where a proof takes very much computing, a person reads the rest.
"""

import ast
from dataclasses import dataclass, field
from functools import cached_property

from ..derivation.parsing import parse
from . import goals
from .chains import Chain, need_true, what_is_wrong
from .grades import Grade
from .marking import ANSWER, EARNED, HELD, READING, Marking, shares
from .profiles import profile
from .readings import Spent, Untold
from .slips import has_same_terms
from .task import read_lines


@dataclass(frozen=True)
class Prove(Chain):
    """A proof, from the first line of the frame to a goal.

    Attributes
    ----------
    goal : str
        The last line, or another one that is equal to it.
    """

    goal: str = field(kw_only=True)

    answer_shape = '{"lines": [{"text": "= …", "reason": "…"}, …]}'

    def check_claims(self):
        super().check_claims()
        need_true(self.report_on([(f"{self.relation} {self.goal}", "")]), "goal")
        for fault in self._faults(parse(self.goal)):
            raise ValueError(f"goal: {fault}")

    def _faults(self, tree):
        return goals.faults(tree, self.frame, self.formal, self.goal, self.allows)

    @cached_property
    def ends(self):
        """The profiles of the first line and of the goal; None where one cannot be told."""
        try:
            return tuple(profile(parse(t), self.formal) for t in (self.frame.first, self.goal))
        except Untold:
            return None, None

    def grade(self, answer):
        lines = self.read(answer)
        if (
            lines and lines[0][0].removeprefix("=").split() == self.frame.first.split()
        ):  # copied from the task
            lines = lines[1:]
        if not lines:
            return Grade(0.0, self.points, ("There is no line yet.",))
        report = self.report_on(lines)
        first, goal = self.ends
        formal = self.formal.for_one_answer()
        marking = Marking(shares(first, goal), first, formal, self.sides)
        for number, verdict in enumerate(report.verdicts[1:], 1):
            self._step(marking, number, verdict)
        self._answer(marking, report)
        earned, held = marking.points()
        marking.lost += marking.missing()
        return Grade(
            round(self.points * earned, 2),
            self.points,
            tuple(marking.lost),
            tuple(marking.to_read),
            round(self.points * held, 2),
        )

    def _step(self, marking, number, verdict):
        line = verdict.line
        if line.tree is None or line.relation not in ("=", self.relation):
            why = verdict.message or f"This task has no lines that begin with `{line.relation}`."
            marking.lost.append(f"Line {number}: {why}")
            marking.is_clean = marking.is_clean and line.tree is None
            return
        has_value = verdict.ok or verdict.values or verdict.status in ("inherits", "cancels")
        if not has_value:
            marking.lost.append(f"Line {number}: {verdict.message}")
            return
        if verdict.status in ("broken", "cancels"):
            marking.lost.append(f"Line {number}: {what_is_wrong(verdict)}")
        holds = verdict.status in ("holds", "inherits")
        marking.step(number, line, holds, is_back=verdict.status == "cancels")

    def read(self, answer):
        """The lines of an answer, pairs of text and reason, each with its relation."""
        return [(self.with_relation(text), reason) for text, reason in read_lines(answer)]

    def reaches_goal(self, report):
        """Is the last line finished, and equal to the goal? None where that takes too long."""
        last = report.verdicts[-1]
        if not last.ok or any(self._faults(last.line.tree)):
            return False
        try:
            return self._is_goal(report, self.formal.for_one_answer())
        except Spent:
            return None

    def _answer(self, marking, report):
        last = report.verdicts[-1]
        if not marking.is_clean or not last.ok:
            marking.lost.append("A line is wrong, so the points for the last line are lost.")
            return
        faults, is_told = list(self._faults(last.line.tree)), True
        try:
            if not faults and self._is_first(last.line.tree, marking.formal):
                faults = ["The last line is the first one again."]
            if not faults and not self._is_goal(report, marking.formal):
                faults = ["The last line is not what is asked for."]
        except Spent:
            is_told = False
        if faults:
            marking.lost += faults
            return
        complete = report.evaluated == report.cases and is_told
        if not complete:
            marking.to_read.append("Not every line could be compared at every case.")
        marking.outcome[ANSWER, ""] = EARNED if complete else HELD
        if (READING, "") in marking.shares:
            marking.to_read.append("The steps, which are algebra alone.")
            marking.outcome[READING, ""] = HELD

    def _is_first(self, tree, formal):
        """Is this the first line again, where that one is no less finished than the goal?"""
        first = parse(self.frame.first)
        if any(self._faults(first)):
            return False
        try:
            return has_same_terms(tree, first, formal)
        except Untold:
            return False

    def _is_goal(self, report, formal):
        """Is the last line, which holds, equal to the goal? A chain of equalities ends there."""
        last = report.verdicts[-1].line.tree
        if not goals.same_everywhere(last, parse(self.goal), formal):
            return False
        if all(verdict.line.relation == "=" for verdict in report.verdicts[1:]):
            return self.relation == "="
        line = (f"= {ast.unparse(last)}", "")
        same = self.frame.derivation(line, first=self.goal).check()
        return same.ok and same.evaluated == same.cases
