"""Which integrands are polynomials, or polynomials times the exponential of a quadratic form.

For those, Gauss–Hermite sums are exact, in any number of dimensions. A degree is a whole number, or
None for "no polynomial". ``degrees`` maps the names that vary to their degrees in the variable.
"""

import ast

from . import trees
from .distributions import NORMAL, Derived


def degree(scope, tree, degrees):
    """The degree of an expression as a polynomial in what varies, or None."""
    match tree:
        case ast.Constant():
            return 0
        case ast.Name(id=name) if name in degrees:
            return degrees[name]
        case ast.Name() | ast.Call() if abbreviated := scope.abbreviated(tree):
            return degree(scope, abbreviated, degrees)
        case ast.UnaryOp(operand=operand):
            return degree(scope, operand, degrees)
        case ast.BinOp(left=a, op=ast.Add() | ast.Sub(), right=b):
            return _most(degree(scope, a, degrees), degree(scope, b, degrees))
        case ast.BinOp(left=a, op=ast.Mult() | ast.MatMult(), right=b):
            return _sum(degree(scope, a, degrees), degree(scope, b, degrees))
        case ast.BinOp(left=a, op=ast.Div(), right=b) if degree(scope, b, degrees) == 0:
            return degree(scope, a, degrees)
        case ast.BinOp(left=a, op=ast.Pow(), right=ast.Constant(value=int(power))):
            base = degree(scope, a, degrees)
            return None if base is None else base * power
        case ast.Subscript(value=ast.Name() as vector):
            return degree(scope, vector, degrees)
        case ast.Call(func=ast.Name(id="T" | "tr" | "diag"), args=[a]):
            return degree(scope, a, degrees)
        case ast.Call(func=ast.Name(id="Sum"), args=[body, ast.Name(id=index), *limits]):
            if all(degree(scope, limit, degrees) == 0 for limit in limits):
                return degree(scope, body, {**degrees, index: 0})
        case ast.Call(func=ast.Name(id="log"), args=[a]):
            return log_degree(scope, a, degrees)
        case ast.Call(func=ast.Name(id="E"), args=[body, distribution]):
            return _degree_of_expectation(scope, body, distribution, degrees)
    return None if _varies(scope, tree, degrees) else 0


def log_degree(scope, tree, degrees):
    """The degree of the logarithm of an expression, which is positive where this is a number."""
    if not _varies(scope, tree, degrees):
        return 0
    match tree:
        case ast.Name() | ast.Call() if abbreviated := scope.abbreviated(tree):
            return log_degree(scope, abbreviated, degrees)
        case ast.BinOp(left=a, op=ast.Mult() | ast.Div(), right=b):
            return _most(log_degree(scope, a, degrees), log_degree(scope, b, degrees))
        case ast.BinOp(left=a, op=ast.Pow(), right=b) if degree(scope, b, degrees) == 0:
            return log_degree(scope, a, degrees)
        case ast.Call(func=ast.Name(id="sqrt"), args=[a]):
            return log_degree(scope, a, degrees)
        case ast.Call(func=ast.Name(id="Prod"), args=[body, ast.Name(id=index), *limits]):
            if all(degree(scope, limit, degrees) == 0 for limit in limits):
                return log_degree(scope, body, {**degrees, index: 0})
        case ast.Call(func=ast.Name(id="exp"), args=[exponent]):
            return degree(scope, exponent, degrees)
        case ast.Call(func=ast.Name(id="normal"), args=[point, mean, cov]):
            return _normal(scope, [point, mean], [cov], degrees)
        case ast.Call(args=[point]) if isinstance(scope.distribution(tree), NORMAL):
            normal = scope.distribution(tree)
            if _slope_varies(scope, normal, degrees):
                return None
            points = [trees.left_of_bar(point), *normal.means]
            return _normal(scope, points, normal.covs, degrees)
    return None


def _slope_varies(scope, normal, degrees):
    """May p(x) or p(z|x) vary with what the mean of x given z depends on, beside z itself?"""
    if not isinstance(normal, Derived):
        return False
    others = {name: n for name, n in degrees.items() if name not in normal.pair.prior.of}
    return _varies(scope, normal.pair.likelihood.mean, others)


def _normal(scope, points, covs, degrees):
    """Twice the degree of a point and a mean, if the covariance does not vary."""
    if any(degree(scope, cov, degrees) != 0 for cov in covs):
        return None
    most = _most(*(degree(scope, point, degrees) for point in points))
    return None if most is None else 2 * most


def _degree_of_expectation(scope, body, distribution, degrees):
    """An expectation is a polynomial in what its mean is a polynomial in."""
    normal = scope.distribution(distribution)
    if not isinstance(normal, NORMAL) or not (
        all(degree(scope, cov, degrees) == 0 for cov in normal.covs)
        and not _slope_varies(scope, normal, degrees)
    ):
        return 0 if not _varies(scope, trees.call("E", [body, distribution]), degrees) else None
    means = _most(*(degree(scope, mean, degrees) for mean in normal.means))
    if means is None:
        return None
    return degree(scope, body, {**degrees, normal.of[0]: means})


def _varies(scope, tree, degrees):
    return bool(scope.names_reached(tree) & {name for name, n in degrees.items() if n != 0})


def _most(*degrees):
    return None if None in degrees else max(degrees)


def _sum(*degrees):
    return None if None in degrees else sum(degrees)
