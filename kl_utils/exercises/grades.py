"""What grading gives: points, why some are missing, and what a person still has to read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Grade:
    """The outcome of grading one answer.

    Attributes
    ----------
    points : float
        Points given.
    of : float
        Points that there are.
    lost : tuple of str
        A sentence for each loss. None gives the answer away.
    to_read : tuple of str
        What a person still has to read.
    held : float
        Points that this person may give, on top of ``points``.
    """

    points: float
    of: float
    lost: tuple = ()
    to_read: tuple = ()
    held: float = 0.0

    def __post_init__(self):
        if not 0 <= self.points <= self.points + self.held <= self.of + 1e-9:
            raise ValueError(f"points, held: expected 0 to {self.of}, got {self}")


def zero(of, *lost):
    """No points, and why."""
    return Grade(0.0, of, lost)
