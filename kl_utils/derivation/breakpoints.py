"""Where an integrand has kinks and peaks, from what the line itself says.

A rule that cuts the range there starts on the right scale, and finds narrow peaks beside wide ones.
"""

import ast

import numpy as np

from . import trees
from .degrees import degree, log_degree
from .densities import formula_at
from .distributions import GIVEN_BY_USER
from .operations import infinity

_MOST = 10  # kinks and peaks that are looked for
_NARROW = 8.0  # the curvature of a peak a quarter as wide as the distribution
_BESIDE_PEAK = (-5.0, -2.0, 0.0, 2.0, 5.0)  # in widths of the peak


def breakpoints(scope, body, name, centre, width):
    """Points of the variable ``name`` at which to cut.

    Parameters
    ----------
    body : ast.expr
        The integrand.
    centre, width : ndarray, shape (..., 1, 1)
        Where to begin looking: any point, and any length on the scale of the problem.

    Returns
    -------
    list of ndarray, shape (..., 1, 1)
    """
    found = []
    for inner, kind, tree in parts_that_vary(scope, body, name):
        if len(found) >= _MOST * len(_BESIDE_PEAK):
            break
        before, here, after = (
            _value(inner, kind, tree, name, centre + step * width) for step in (-1, 0, 1)
        )
        with np.errstate(all="ignore"):
            bend, slope = (after - 2 * here + before) / 2, (after - before) / 2
            if kind == "peak" and not (abs(bend) > _NARROW).any():
                continue
            if kind == "peak":
                steps = [-slope / (2 * bend) + k / np.sqrt(2 * abs(bend)) for k in _BESIDE_PEAK]
            else:
                steps = _roots(bend, slope, here)
            found += [np.where(np.isfinite(step), centre + width * step, centre) for step in steps]
    return found


def _roots(a, b, c):
    """The roots of a x² + b x + c; of a line, one."""
    size = abs(a) + abs(b) + abs(c)
    root = np.sqrt(b**2 - 4 * a * c)
    straight = abs(a) <= 1e-12 * size
    return [np.where(straight, -c / b, (-b + sign * root) / (2 * a)) for sign in (-1, 1)]


def _value(scope, kind, tree, name, at):
    inner = scope.bind(name, at)
    with np.errstate(all="ignore"):
        return inner.log(tree) if kind == "peak" else inner.value(tree)


def parts_that_vary(scope, tree, name):
    """Yield (scope, "peak" or "kink", tree) for the parts of a body that vary with ``name``."""
    degrees = {name: 1}
    if name not in scope.names_reached(tree):
        return
    match tree:
        case ast.Name() | ast.Call() if abbreviated := scope.abbreviated(tree):
            yield from parts_that_vary(scope, abbreviated, name)
        case ast.Call(func=ast.Name(id="Sum" | "Prod"), args=[body, index, *limits]):
            for inner in scope.few_scopes(tree.source, index, *limits):
                yield from parts_that_vary(inner, body, name)
        case ast.Call(func=ast.Name(id="E" | "Var" | "Int" | "D" | "mean" | "KL" | "H")):
            return
        case ast.Call() if isinstance(given := scope.distribution(tree), GIVEN_BY_USER):
            formula = formula_at(scope, tree, given)
            for limit in (given.low, given.high):
                if not infinity(limit):
                    gap = trees.binary(trees.left_of_bar(tree.args[0]), ast.Sub(), limit, "")
                    yield from _kinks(scope, gap, degrees)
            if formula:
                yield from parts_that_vary(scope, formula, name)
        case ast.Call(func=ast.Name(id=function), args=args):
            for kink in scope.kinks(function, args):
                yield from _kinks(scope, kink, degrees)
            if log_degree(scope, tree, degrees) == 2:
                yield scope, "peak", tree
            else:
                for argument in args:
                    yield from parts_that_vary(scope, argument, name)
        case _:
            for child in ast.iter_child_nodes(tree):
                if isinstance(child, ast.expr):
                    yield from parts_that_vary(scope, child, name)


def _kinks(scope, tree, degrees):
    """A tree whose zeros are those of a polynomial: itself, or the difference of two logarithms."""
    if degree(scope, tree, degrees) in (1, 2):
        yield scope, "kink", tree
    match tree:
        case ast.BinOp(left=a, op=ast.Sub(), right=b):
            degrees_of_logs = [log_degree(scope, part, degrees) for part in (a, b)]
            if None not in degrees_of_logs and 0 < max(degrees_of_logs) <= 2:
                logs = [trees.call("log", [part]) for part in (a, b)]
                yield scope, "kink", trees.binary(logs[0], ast.Sub(), logs[1], tree.source)
