"""What tasks about lines in a frame share."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property

from ..derivation.parsing import begins_with_relation, parse
from ..derivation.report import in_words
from .formal import Formal
from .task import Frame, Task

_IS_CHECKED = ContextVar("new tasks are checked", default=True)


@contextmanager
def unchecked():
    """Make tasks that are not checked at once: a test has done it, and a reader waits."""
    token = _IS_CHECKED.set(False)
    try:
        yield
    finally:
        _IS_CHECKED.reset(token)


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
        if _IS_CHECKED.get():
            self.check_claims()

    def check(self):
        """Raise a ValueError where the task itself is wrong."""
        super().check()
        self.check_claims()

    def check_claims(self):
        """Raise a ValueError unless what the task claims is true: lemmas, solution, goal."""
        for lemma in self.lemmas:
            sides = self.frame.derivation((f"{lemma.relation} {lemma.right}", ""), first=lemma.left)
            need_true(sides.check(), f"lemma {lemma.name!r}")

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

    def with_relation(self, text):
        """A line with its relation: among equalities, the sign ``=`` that is meant can be told."""
        is_meant = self.relation == "=" and text.strip() and not begins_with_relation(text)
        return f"= {text}" if is_meant else text

    def report_on(self, lines):
        """The report on the frame's first line followed by lines, pairs of text and reason."""
        return self.frame.derivation(*lines).check()


def what_is_wrong(verdict):
    """What is wrong with a line, without the numbers, of which one may be the answer's."""
    if verdict.message:
        return verdict.message
    where = f" at {in_words(verdict.case)}" if verdict.case else ""
    return f"it does not agree with the line above{where}."


def need_true(report, what):
    if not report.ok:
        raise ValueError(f"{what}: {report.first_broken.explanation()}")
    if report.evaluated < report.cases:
        raise ValueError(f"{what}: compared at {report.evaluated} of {report.cases} cases only")
