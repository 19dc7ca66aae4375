"""Compute a number: other parameters for each student, and the same ones at every grading."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice, product

from ..derivation.line_values import evaluate_line
from .cases import case_at, read_case
from .choices import check_discretion
from .grades import Grade, zero
from .numbers import drawn, read_number
from .task import Frame, Task


@dataclass(frozen=True)
class Compute(Task):
    """Compute a number. An answer is a number or a closed expression.

    Attributes
    ----------
    frame : Frame
        The letters and the distributions.
    key : str
        An expression for what is asked; it may have expectations and integrals: ``"KL(q, p)"``.
    choices : dict of str to tuple
        The values that each letter can have, nice ones: {"mu": (0, 1), "sigma": ("1/2", 2)}.
    tolerance : float
        How far an answer may be from the key's value, relative to it.
    slips : dict of str to str
        Expressions that a slip leads to, each with a sentence of advice.
    may_have_letters : bool
        Whether the letters of the frame may stand in an answer. Where they may, a formula that was
        found elsewhere is an answer, too, and also in a task whose numbers are to be read off a
        figure.
    student, secret : str
        They decide the values: see `for_student`.
    """

    frame: Frame = field(kw_only=True)
    key: str = field(kw_only=True)
    choices: Mapping = field(kw_only=True)
    tolerance: float = field(default=1e-3, kw_only=True)
    slips: Mapping = field(default_factory=dict, kw_only=True)
    may_have_letters: bool = field(default=True, kw_only=True)
    student: str = field(default="", kw_only=True)
    secret: str = field(default="", kw_only=True, repr=False)

    answer_shape = "a number, or a closed expression as text"

    def for_student(self, student, secret=""):
        """The task of one student. Without the secret nobody can tell the numbers of another."""
        return replace(self, student=student, secret=secret)

    @cached_property
    def numbers(self):
        """The value of each letter, as the statement shows it."""
        return {
            name: values[drawn(self.secret, self.name, self.student, name) % len(values)]
            for name, values in self.choices.items()
        }

    @property
    def question(self):
        """The statement, in which ``{mu}`` has become the value of mu."""
        text = self.statement
        for name, value in self.numbers.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def grade(self, answer):
        """Grade an answer, such as ``0.807`` or ``"log(2) + 1/8"``."""
        value, given = self.read(answer), self._given
        if self._is_near(value, self._value(self.key, given)):
            return Grade(self.points, self.points)
        for slip, advice in self.slips.items():
            if self._is_near(value, self._value(slip, given)):
                return zero(self.points, advice)
        return zero(self.points, "This is not the value.")

    def read(self, answer):
        """The number in an answer."""
        given = self._given.items() if self.may_have_letters else ()
        return read_number(
            answer, {n: value for n, value in given if getattr(value, "size", 1) == 1}
        )

    @property
    def _given(self):
        return read_case(self.numbers, self.frame.given)

    def _is_near(self, value, key):
        return math.isclose(value, key, rel_tol=0, abs_tol=max(self.tolerance * abs(key), 1e-9))

    def _value(self, expression, numbers):
        """The value of an expression at the student's numbers; a ValueError where it has none."""
        derivation = replace(self.frame, given=case_at(self.frame.given, numbers)).derivation(
            first=expression
        )
        line = evaluate_line(derivation.lines[0], list(derivation.given.groups()), derivation)
        if line.fault or not line.groups[0].known.all() or line.groups[0].value.size != 1:
            raise ValueError(f"key, slips: {expression!r} is no number. {line.fault}".rstrip())
        return line.groups[0].number.item()

    def check(self):
        """Raise a ValueError where the task itself is wrong, at any of the values."""
        super().check()
        if set(self.choices) != set(self.frame.given.names):
            raise ValueError(
                f"choices: expected values for {sorted(self.frame.given.names)}, "
                f"got {sorted(self.choices)}"
            )
        if not 0 < self.tolerance < 0.1:
            raise ValueError(f"tolerance: expected a number from 0 to 0.1, got {self.tolerance}")
        check_discretion(self.slips, self.key)
        for values in islice(product(*self.choices.values()), 200):
            numbers = dict(zip(self.choices, values, strict=True))
            case = read_case(numbers, self.frame.given)
            key = self._value(self.key, case)
            for slip in self.slips:
                if self._is_near(self._value(slip, case), key):
                    raise ValueError(f"slips: {slip!r} has the value of the key at {numbers}")
