"""Numbers that are too large or too small for a computer, and must not pass for ∞ or 0."""

import ast

import numpy as np


def not_too_small(source, op, value, a, b, troubles):
    """The result of ``a op b``, and NaN where it is 0 though nothing in it is."""
    if not isinstance(op, ast.Mult | ast.Div | ast.Pow) or (value != 0).all():
        return value
    parts = [a] if isinstance(op, ast.Pow) else [a, b]
    lost = (value == 0) & np.logical_and.reduce(
        np.broadcast_arrays(*(np.isfinite(part) & (part != 0) for part in parts))
    )
    return _without(source, value, lost, troubles)


def not_too_large(source, value, troubles):
    """A value that is finite on paper, and NaN where it is not."""
    return _without(source, value, np.isinf(value), troubles)


def _without(source, value, lost, troubles):
    if not lost.any():
        return value
    troubles.append(f"`{source}` is out of a computer's range")
    return np.where(lost, np.nan, value)
