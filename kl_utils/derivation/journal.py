"""What an evaluation keeps account of, and the noise by which it makes rounding visible."""

from dataclasses import dataclass, field

import numpy as np

from ..quadrature import MOST_VALUES
from .vocabulary import Fault

MOST_WORK = 600_000_000  # numbers computed for a line: two seconds or so
_EACH_TIME = 2_000  # the work of an operation, however few its numbers
_UNCERTAINTY = 1e-14  # relative; a few dozen units in the last place


class TooMuchWork(Fault):
    """The budget of a line is spent."""


@dataclass
class Journal:
    """What happened during an evaluation: where numbers were lost, and how much work it was.

    Attributes
    ----------
    troubles : list of str
        What was no number, as clauses for a message.
    unsettled, too_hard : bool
        Does an integral diverge, or is one too hard? Or has it too many dimensions to tell?
    by_differences, on_panels : bool
        Was a derivative taken by differences? An integral over many nodes?
    work, budget : int
        Numbers computed so far, and how many may be; more is a `Fault`.
    memo : dict
        What follows from a tree alone.
    """

    troubles: list = field(default_factory=list)
    unsettled: bool = False
    too_hard: bool = False
    by_differences: bool = False
    on_panels: bool = False
    work: int = 0
    budget: int = MOST_WORK
    memo: dict = field(default_factory=dict)

    def add_work(self, numbers):
        """Account for an operation on so many numbers."""
        self.work += _EACH_TIME + numbers
        if self.work > self.budget:
            raise TooMuchWork(
                "This line takes too much computing. Split it, or sum over fewer terms."
            )

    @property
    def allowance(self):
        """How many values of an integrand may still be computed."""
        return max(0, min(MOST_VALUES, (self.budget - self.work) // 8))


class Noise:
    """Random numbers of about 10⁻¹⁴, as quick as can be: the same few thousand again and again."""

    def __init__(self, seed):
        self._rng = np.random.default_rng(seed)
        self._numbers = _UNCERTAINTY * self._rng.uniform(-1, 1, 5003)

    def like(self, array):
        """An array of the same shape."""
        first = self._rng.integers(4000)
        return np.resize(self._numbers[first:], array.shape)
