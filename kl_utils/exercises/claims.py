"""Where a claim is true: a comparison of two numbers, tried at every case."""

from typing import NamedTuple

import numpy as np

from ..derivation.checking import on_one_scale
from ..derivation.line_values import evaluate_line

_ROUNDING = 1e-9  # of the size of what is compared


class Claim(NamedTuple):
    """The verdicts on a claim at the cases of a group: does it hold, and with equality?"""

    holds: np.ndarray
    is_equality: np.ndarray


def claims_at(frame, claim, groups):
    """The verdicts on a claim about the first line of a frame, for each group of cases.

    Raises
    ------
    ValueError
        If a side has no value at one of the cases: the task itself is wrong.
    """
    lines = frame.derivation((claim, "")).lines
    first, second = (evaluate_line(line, groups, frame.bare) for line in lines)
    if fault := first.fault or second.fault or first.left_out or second.left_out:
        raise ValueError(f"claim: {fault}")
    pairs = zip(first.groups, second.groups, strict=True)
    return [_compared(*pair, lines[1].relation) for pair in pairs]


def _compared(a, b, relation):
    left, right, error = (part[:, 0, 0] for part in on_one_scale(a, b))
    equal = abs(left - right) <= _ROUNDING * np.maximum(abs(left), abs(right)) + error
    beyond = {"=": False, "<=": left < right, ">=": left > right}[relation]
    return Claim(equal | beyond, equal)
