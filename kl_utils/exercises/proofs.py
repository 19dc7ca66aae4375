"""Proofs, and lines of proofs: to prove, to repair a line, to fill a blank.

How a proof is marked, in words for students
--------------------------------------------
Of ten points, two are for the answer and eight for the way there, whatever way you take and however
many lines it has.

- **The answer (2).** The last line is equal to the first at all cases, is finished (no expectation,
  integral, entropy or divergence is left in it), and no line on the way is wrong.
- **The definition (2).** The divergences and entropies of the first line are written out, or split
  by a definition.
- **The densities (3).** The logarithms of the densities are written out, until only means, squares
  and the like are left under the expectations. Each density has an equal part.
- **The moments (3).** Those expectations are evaluated.

What a task does not ask for leaves its points to the rest. A step earns its points when it follows
from the line above. So a slip costs its own step and the answer, and what follows correctly from a
wrong line still counts, as long as one term of that line is wrong and not more. Two errors that
cancel win nothing back.

A step is **too large** when it evaluates a divergence, an entropy, an integral or an expectation of
logarithms in one go. Break it into two, or quote one of the task's lemmas by name in the reason.
Otherwise its points wait for a person, who reads it. Lines that repeat, rearrange or decorate the
line above neither earn nor cost anything.
"""

import ast
from dataclasses import dataclass, field
from functools import cached_property

from ..derivation.parsing import parse
from ..derivation.report import in_words
from ..derivation.vocabulary import Fault
from . import goals
from .formal import Formal, Untold
from .grades import Grade
from .marking import ANSWER, EARNED, HELD, READING, Marking, shares
from .steps import has_same_terms, profile, size
from .task import (
    LONGEST_LINE,
    BadAnswer,
    Frame,
    Task,
    need_text,
    read_line,
    read_lines,
)


@dataclass(frozen=True)
class Chain(Task):
    """What tasks about lines in a frame share.

    Attributes
    ----------
    frame : Frame
    lemmas : tuple of Lemma
        That may be quoted.
    relation : str
        Beside ``=``, the relation that a line may begin with: ``<=`` or ``>=`` where the goal is an
        inequality.
    allows : tuple of str
        Functions and densities that may stand in the last line, or in what fills a blank.
    """

    frame: Frame = field(kw_only=True)
    lemmas: tuple = field(default=(), kw_only=True)
    relation: str = field(default="=", kw_only=True)
    allows: tuple = field(default=(), kw_only=True)

    def __post_init__(self):
        for lemma in self.lemmas:
            sides = self.frame.derivation((f"{lemma.relation} {lemma.right}", ""), first=lemma.left)
            _need_true(sides.check(), f"lemma {lemma.name!r}")

    @cached_property
    def formal(self):
        return Formal(self.frame)

    @cached_property
    def sides(self):
        """The two sides of each lemma."""
        return {
            lemma.name: tuple(self.formal.expand(parse(s)) for s in (lemma.left, lemma.right))
            for lemma in self.lemmas
        }

    def report_on(self, lines):
        """The report on the frame's first line followed by lines, pairs of text and reason."""
        return self.frame.derivation(*lines).check()


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

    def __post_init__(self):
        super().__post_init__()
        _need_true(self.report_on([(f"{self.relation} {self.goal}", "")]), "goal")
        for fault in goals.faults(parse(self.goal), self.frame, self.formal, self.allows):
            raise ValueError(f"goal: {fault}")

    @cached_property
    def ends(self):
        """The profiles of the first line and of the goal."""
        return tuple(profile(parse(text), self.formal) for text in (self.frame.first, self.goal))

    def grade(self, answer):
        lines = read_lines(answer)
        if not lines:
            return Grade(0.0, self.points, ("There is no line yet.",))
        report = self.report_on(lines)
        first, goal = self.ends
        marking = Marking(shares(first, goal), first, self.formal, self.sides)
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
            marking.lost.append(f"Line {number}: {_what_is_wrong(verdict)}")
        marking.step(number, line, verdict.status in ("holds", "inherits"))

    def _answer(self, marking, report):
        last = report.verdicts[-1]
        if not marking.is_clean or not last.ok:
            marking.lost.append("A line is wrong, so the answer earns nothing.")
            return
        faults = list(goals.faults(last.line.tree, self.frame, self.formal, self.allows))
        if not faults and self._is_first(last.line.tree):
            faults = ["The last line is the first one again."]
        if not faults and not self._is_goal(report):
            faults = ["The last line is not what is asked for."]
        if faults:
            marking.lost += faults
            return
        complete = report.evaluated == report.cases
        if not complete:
            marking.to_read.append("Not every line could be compared at every case.")
        marking.outcome[ANSWER, ""] = EARNED if complete else HELD
        if (READING, "") in marking.shares:
            marking.to_read.append("The steps, which are algebra alone.")
            marking.outcome[READING, ""] = HELD

    def _is_first(self, tree):
        """Is this the first line again, where that one is no less finished than the goal?"""
        first = parse(self.frame.first)
        if any(goals.faults(first, self.frame, self.formal, self.allows)):
            return False
        try:
            return has_same_terms(tree, first, self.formal)
        except Untold:
            return False

    def _is_goal(self, report):
        """Is the last line, which holds, equal to the goal? A chain of equalities ends there."""
        if all(verdict.line.relation == "=" for verdict in report.verdicts[1:]):
            return self.relation == "="
        last = ast.unparse(report.verdicts[-1].line.tree)
        same = self.frame.derivation((f"= {last}", ""), first=self.goal).check()
        return same.ok and same.evaluated == same.cases


def _what_is_wrong(verdict):
    """What is wrong with a line, without the numbers, of which one may be the answer's."""
    if verdict.message:
        return verdict.message
    where = f" at {in_words(verdict.case)}" if verdict.case else ""
    return f"it does not agree with the line above{where}."


def _need_true(report, what):
    if not report.ok:
        raise ValueError(f"{what}: {report.first_broken.explanation()}")
    if report.evaluated < report.cases:
        raise ValueError(f"{what}: compared at {report.evaluated} of {report.cases} cases only")


# One line


@dataclass(frozen=True)
class _OneLine(Chain):
    """A chain in which one line is to be given.

    Attributes
    ----------
    lines : tuple of str
        The lines below the first line of the frame, as they are shown.
    at : int
        Which of them is to be given, counted from 1.
    solution : str
        An answer that is right, to check the task itself.
    """

    lines: tuple = field(kw_only=True)
    at: int = field(kw_only=True)
    solution: str = field(kw_only=True)

    def __post_init__(self):
        super().__post_init__()
        if not 1 <= self.at <= len(self.lines):
            raise ValueError(f"at: expected 1 to {len(self.lines)}, got {self.at}")
        _need_true(self.report_on(self._with(self._read(self.solution))), "solution")

    def _with(self, text):
        lines = [*self.lines]
        lines[self.at - 1] = text
        return [(line, "") for line in lines]

    @cached_property
    def _asked(self):
        return self._profile(self._read(self.solution))

    def _profile(self, text):
        return profile(parse(text.partition("=")[2]), self.formal)

    def grade(self, answer):
        text = self._text_of(answer)
        report = self.report_on(self._with(self._read(text)))
        mine, *below = report.verdicts[self.at : self.at + 2]
        if mine.line.tree is None or mine.line.relation not in ("=", self.relation):
            return self._nothing(mine.message or "Begin the line with `=`.")
        if not mine.ok:
            return self._nothing(f"The line is wrong: {_what_is_wrong(mine)}")
        if not all(verdict.ok for verdict in below):
            return self._nothing("The line below does not follow from this one.")
        if report.evaluated < report.cases:
            return Grade(0.0, self.points, (), ("Not compared at every case.",), self.points)
        return self._judge(mine.line, text)

    def _nothing(self, sentence):
        return Grade(0.0, self.points, (sentence,))


@dataclass(frozen=True)
class Repair(_OneLine):
    """A chain with a broken line, for which another is to be given that holds with both its
    neighbours, and gets as far as the solution does.
    """

    answer_shape = '{"text": "= …", "reason": "…"}'

    def __post_init__(self):
        super().__post_init__()
        if self.report_on([(line, "") for line in self.lines]).ok:
            raise ValueError("lines: expected a broken line, but all hold")

    def _read(self, text):
        return text

    def _text_of(self, answer):
        return read_line(answer)[0]

    def _judge(self, line, text):
        above, below = (
            parse(text.partition("=")[2] if at else text)
            for at, text in enumerate([self.frame.first, *self.lines, self.lines[-1]])
            if at in (self.at - 1, self.at + 1)
        )
        for_a_person = Grade(0.0, self.points, (), ("The line holds; is it a step?",), self.points)
        try:
            if any(has_same_terms(line.tree, other, self.formal) for other in (above, below)):
                return self._nothing("This is the line above or below again.")
            mine, asked = profile(line.tree, self.formal), self._asked
            found = size(profile(above, self.formal), mine, self.formal, list(self.sides.values()))
        except Untold:
            return for_a_person
        gets_as_far = (mine.logs, mine.closed, bool(mine.named)) == (
            asked.logs,
            asked.closed,
            bool(asked.named),
        )
        is_step = gets_as_far and found.kind != "too large"
        return Grade(self.points, self.points) if is_step else for_a_person


@dataclass(frozen=True)
class Blank(_OneLine):
    """A chain in which one line has a hole, ``___``, for one expression that makes it hold."""

    answer_shape = '{"text": "…"}'

    def __post_init__(self):
        if self.lines[self.at - 1].count("___") != 1:
            raise ValueError("lines: expected one hole `___` in the line")
        super().__post_init__()
        for fault in self._faults(parse(self.solution)):
            raise ValueError(f"solution: {fault}")

    def _faults(self, tree):
        return goals.faults(tree, self.frame, self.formal, self.allows)

    def _read(self, text):
        return self.lines[self.at - 1].replace("___", f"({text})")

    def _text_of(self, answer):
        text, _ = read_line(answer, "The hole")
        need_text(text, "The hole", LONGEST_LINE // 2)
        try:
            tree = parse(text)
        except Fault as fault:
            raise BadAnswer(str(fault)) from None
        for fault in self._faults(tree):
            raise BadAnswer(fault.replace("The last line", "What fills the hole"))
        return text

    def _judge(self, line, text):
        mine, enough = (sum(1 for _ in ast.walk(parse(t))) for t in (text, self.solution))
        if mine <= 1.5 * enough + 10:
            return Grade(self.points, self.points)
        sentence = "What fills the hole is longer than need be: is it the rest of the line?"
        return Grade(0.0, self.points, (), (sentence,), self.points)
