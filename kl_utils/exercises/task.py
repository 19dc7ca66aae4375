"""A task: what fixes a question, whatever is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ..derivation import Derivation, Given
from .grades import zero

MOST_LINES, LONGEST_LINE, LONGEST_REASON = 40, 1000, 500
LONGEST_PROOF = 8_000  # characters of all lines; each costs work, so this bounds that of a proof


class BadAnswer(ValueError):
    """An answer that is not of the shape that the task asks for; says what is wrong with it."""


@dataclass(frozen=True)
class Frame:
    """What decides what is proved: the letters, the distributions, and the first line.

    Attributes
    ----------
    given : kl_utils.derivation.Given
        The letters with their kinds, and so the cases at which lines are compared.
    first : str
        The first line.
    meanings : mapping
        Distributions and abbreviations, as `Derivation` takes them.
    """

    given: Given
    first: str = ""
    meanings: Mapping = field(default_factory=dict)

    def derivation(self, *lines, first=None):
        """A `Derivation` of the first line and of ``lines``, pairs of text and reason."""
        chain = Derivation("", self.given, **self.meanings)
        chain.line(self.first if first is None else first)
        for text, reason in lines:
            chain.line(text, reason)
        return chain

    @cached_property
    def groups(self):
        """The cases, made once."""
        return tuple(self.given.groups())

    @cached_property
    def bare(self):
        """A derivation without lines, for what its names mean."""
        return Derivation("", self.given, **self.meanings)


@dataclass(frozen=True)
class Lemma:
    """A statement that a step may rest on, quoted by its name in the reason.

    It is checked in the task's frame when the task is made.
    """

    name: str
    left: str
    right: str
    relation: str = "="


@dataclass(frozen=True)
class Task:
    """What all kinds of task have; each kind has a method ``grade(answer)`` and ``answer_shape``.

    Attributes
    ----------
    name : str
        By which a submission refers to it.
    statement : str
        What the student reads.
    points : float
        What a full answer gets.
    """

    name: str
    statement: str
    points: float = field(default=10, kw_only=True)

    answer_shape = None

    def grade(self, answer):
        raise NotImplementedError

    def check(self):
        """Raise a ValueError where the task itself is wrong: a test for its author."""
        if not self.name or not self.points > 0:
            raise ValueError(
                f"name, points: expected a name and points above 0, "
                f"got {self.name!r}, {self.points}"
            )


def grade(task, answer):
    """Grade an answer; a pure function.

    Parameters
    ----------
    task : Task
    answer : JSON value
        Of the shape that ``task.answer_shape`` describes. Anything else gets 0 points and a
        sentence, never an exception.

    Returns
    -------
    Grade
    """
    try:
        return task.grade(answer)
    except BadAnswer as error:
        return zero(task.points, str(error))


def need_text(value, what, longest):
    """The value, if it is a text of bearable length; raises `BadAnswer` otherwise."""
    if not isinstance(value, str):
        raise BadAnswer(f"{what}: expected text in quotes.")
    if len(value) > longest:
        raise BadAnswer(f"{what}: longer than {longest} characters. Split it.")
    return value


def read_lines(answer):
    """The lines of an answer, pairs of text and reason; raises `BadAnswer` if it holds none.

    A line is a text, or ``{"text": …, "reason": …}``; the answer is a list of lines, or
    ``{"lines": […]}``.
    """
    if isinstance(answer, Mapping):
        answer = answer.get("lines")
    if not isinstance(answer, list | tuple):
        raise BadAnswer('Expected `{"lines": […]}`, with a list of lines.')
    if len(answer) > MOST_LINES:
        raise BadAnswer(f"More than {MOST_LINES} lines. Hand in the proof alone.")
    lines = [read_line(line, f"Line {place}") for place, line in enumerate(answer, 1)]
    if sum(len(text) for text, _ in lines) > LONGEST_PROOF:
        raise BadAnswer(f"The lines have more than {LONGEST_PROOF} characters. Shorten the proof.")
    return lines


def read_line(line, what="The line"):
    """One line as a pair of text and reason."""
    if isinstance(line, str):
        line = {"text": line}
    if not isinstance(line, Mapping):
        raise BadAnswer(f'{what}: expected `{{"text": …, "reason": …}}`.')
    text = need_text(line.get("text"), what, LONGEST_LINE)
    return text, need_text(line.get("reason", ""), f"The reason of {what}", LONGEST_REASON)
