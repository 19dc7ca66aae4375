"""Numbers that are too large or too small for a computer, and must not pass for ∞ or 0."""

import ast

import numpy as np


def in_range(scope, tree, value):
    """The value, and NaN where a product or a function has left the numbers of a computer."""
    match tree:
        case ast.BinOp(left=a, op=ast.Mult() | ast.Div() | ast.Pow(), right=b):
            if not (value == 0).any():
                return value
            parts = [scope.value(a)] + [scope.value(b)] * (not isinstance(tree.op, ast.Pow))
            lost = (value == 0) & np.logical_and.reduce(
                np.broadcast_arrays(*(np.isfinite(part) & (part != 0) for part in parts))
            )
        case ast.Call(func=ast.Name(id="Gamma" | "det")):
            lost = np.isinf(value)
        case _:
            return value
    if lost.any():
        scope.journal.troubles.append(f"`{tree.source}` is out of a computer's range")
    return np.where(lost, np.nan, value)
