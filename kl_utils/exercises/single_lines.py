"""One line of a proof: to repair a broken one, or to fill a blank."""

import ast
from dataclasses import dataclass, field
from functools import cached_property

from ..derivation.parsing import parse
from ..derivation.vocabulary import Fault
from . import goals
from .chains import Chain, need_true, what_is_wrong
from .grades import Grade
from .profiles import profile
from .readings import Spent, Untold
from .slips import has_same_terms
from .steps import size
from .task import LONGEST_LINE, BadAnswer, need_text, read_line


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
    solution: str = field(default="", kw_only=True)

    def __post_init__(self):
        if not 1 <= self.at <= len(self.lines):
            raise ValueError(f"at: expected 1 to {len(self.lines)}, got {self.at}")
        super().__post_init__()

    def check_claims(self):
        super().check_claims()
        if self.solution:
            need_true(self.report_on(self._with(self._read(self.solution))), "solution")

    def _with(self, text):
        lines = [*self.lines]
        lines[self.at - 1] = text
        return [(line, "") for line in lines]

    @cached_property
    def _asked(self):
        return self._profile(self._read(self._model))

    @property
    def _model(self):
        """What says how far an answer should get."""
        return self.solution

    def _profile(self, text):
        return profile(parse(text.partition("=")[2]), self.formal)

    def grade(self, answer):
        text = self._text_of(answer)
        report = self.report_on(self._with(self._read(text)))
        mine, *below = report.verdicts[self.at : self.at + 2]
        if mine.line.tree is None or mine.line.relation not in ("=", self.relation):
            return self._nothing(mine.message or "Begin the line with `=`.")
        if not mine.ok:
            return self._nothing(f"The line is wrong: {what_is_wrong(mine)}")
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
    neighbours, and gets as far as the solution does; or, without one, as far as the broken line.
    """

    answer_shape = '{"text": "= …", "reason": "…"}'

    def check_claims(self):
        super().check_claims()
        verdicts = self.report_on([(line, "") for line in self.lines]).verdicts
        if all(verdict.ok for verdict in verdicts):
            raise ValueError("lines: expected a broken line, but all hold")
        if not self.solution and verdicts[-1].status not in ("holds", "cancels"):
            raise ValueError("lines: the last line is wrong, so no line above it can be mended")

    @property
    def _model(self):
        return self.solution or self.lines[self.at - 1]

    def _read(self, text):
        return text

    def read(self, answer):
        """The line, with its relation, and its reason."""
        text, reason = read_line(answer)
        return self.with_relation(text), reason

    def _text_of(self, answer):
        return self.read(answer)[0]

    def stands_beside(self, tree):
        """Is this the line above or below again? None where that cannot be told."""
        formal = self.formal.for_one_answer()
        try:
            return any(has_same_terms(tree, other, formal) for other in self._neighbours)
        except (Untold, Spent):
            return None

    @cached_property
    def _neighbours(self):
        chain = [self.frame.first, *(line.partition("=")[2] for line in self.lines)]
        return [parse(text) for text in chain[self.at - 1 : self.at + 2 : 2]]

    def _judge(self, line, text):
        above = self._neighbours[0]
        for_a_person = Grade(0.0, self.points, (), ("The line holds; is it a step?",), self.points)
        formal = self.formal.for_one_answer()
        try:
            if any(has_same_terms(line.tree, other, formal) for other in self._neighbours):
                return self._nothing("This is the line above or below again.")
            mine, asked = profile(line.tree, formal), self._asked
            found = size(profile(above, formal), mine, formal, list(self.sides.values()))
        except (Untold, Spent):
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

    def check_claims(self):
        if self.lines[self.at - 1].count("___") != 1:
            raise ValueError("lines: expected one hole `___` in the line")
        super().check_claims()
        for fault in self._faults(parse(self.solution)):
            raise ValueError(f"solution: {fault}")

    def _faults(self, tree):
        return goals.faults(tree, self.frame, self.formal, self.solution, self.allows)

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
