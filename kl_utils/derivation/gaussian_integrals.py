"""Expectations under a normal distribution in any number of dimensions.

A polynomial, times exponentials of quadratic forms, has an exact expectation: the exponentials and
the density make another normal density, and Gauss–Hermite sums are exact for polynomials. What is
not of that form is summed on grids, which are believed where a finer and a shifted one agree.
"""

import ast
from functools import reduce

import numpy as np

from ..grids import hermite_rule, trapezoidal_rule
from ..panels import Signed, signed
from ..quadrature import DoesNotConverge
from . import operations
from .breakpoints import parts_that_vary
from .degrees import degree, log_degree
from .logarithms import power, product, signed_value, total, total_along

_MOST_NODES = 40_000  # of a grid
_BELIEVED = 1e-9  # the share of the mass by which grids may differ
_FLAT = 1e-9  # a curvature that may as well be 0


def exact_expectation(scope, source, body, name, mean, cov):
    """E[body] for name ~ N(mean, cov) as a `Signed`, or None where it is not of the exact kind."""
    terms = _terms(scope, body, name)
    if terms is None:
        return None
    root = operations.root(source, cov)
    weight = -np.eye(cov.shape[-1])  # the second derivative of the log-density
    parts = [_exact_term(scope, term, name, mean, root, weight) for term in terms]
    return parts[0] if len(parts) == 1 else total(*parts)


def exact_integral(scope, body, name):
    """∫ body d(name) over the real line, or None: the same, without a normal density as weight."""
    terms = _terms(scope, body, name)
    if terms is None or not all(any(factor[2] for factor in term) for term in terms):
        return None
    zero, one = np.zeros((1, 1)), np.ones((1, 1))
    parts = [_exact_term(scope, term, name, zero, one, 0.0) for term in terms]
    return product(total(*parts), signed(np.array([[np.sqrt(2 * np.pi)]])))


def _terms(scope, body, name):
    """A body as a sum of terms: lists of (factor, exponent, whether it is an exponential)."""
    degrees = {name: 1}
    if degree(scope, body, degrees) is not None:
        return [[(body, 1, False)]]
    match body:
        case ast.Name() | ast.Call() if abbreviated := scope.abbreviated(body):
            return _terms(scope, abbreviated, name)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            first, second = _terms(scope, left, name), _terms(scope, right, name)
            if first is None or second is None:
                return None
            if isinstance(op, ast.Sub):
                minus = (ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)), 1, False)
                second = [[minus, *term] for term in second]
            return first + second
    term = []
    for factor, exponent in _factors(scope, body):
        of_log = log_degree(scope, factor, degrees)
        if exponent == 1 and degree(scope, factor, degrees) is not None:
            term.append((factor, 1, False))
        elif of_log is not None and of_log <= 2:
            term.append((factor, exponent, True))
        else:
            return None
    return [term]


def _factors(scope, tree):
    """The factors of a product or quotient, each with its exponent, 1 or −1."""
    match tree:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _factors(scope, left) + _factors(scope, right)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            below = [(factor, -exponent) for factor, exponent in _factors(scope, right)]
            return _factors(scope, left) + below
        case ast.Name() | ast.Call() if abbreviated := scope.abbreviated(tree):
            return _factors(scope, abbreviated)
    return [(tree, 1)]


def _exact_term(scope, term, name, mean, root, weight):
    """One term: its exponentials tilt the normal distribution, its polynomials are averaged."""
    exponentials = [(tree, exponent) for tree, exponent, is_exponential in term if is_exponential]
    polynomials = [tree for tree, _, is_exponential in term if not is_exponential]
    n = mean.shape[-2]
    height, believed = None, np.array(True)
    if exponentials:
        centre, spread, height, believed = _tilted(scope, exponentials, name, mean, root, weight)
        mean, root = mean + root @ centre, root @ spread
    at_most = sum(degree(scope, tree, {name: 1}) for tree in polynomials)
    points, weights = hermite_rule(n, at_most // 2 + 1 + (scope.route if n < 4 else 0))
    points = points.reshape(-1, *[1] * scope.batch, n, 1)
    inner = scope.bind(name, mean + root @ points, nodes=len(points))
    if at_most == 0:  # there is nothing to average
        inner = scope.bind(name, mean)
    values = [inner.value(tree) for tree in polynomials] or [np.ones((1, 1))]
    value = reduce(lambda a, b: operations.times_with_zeros("", a, b, []), values)
    if value.ndim == scope.batch + 3 and at_most:
        value = np.tensordot(weights, value, axes=1)
    value = signed(value) if height is None else product(signed(value), height)
    return scope.believe(value, believed)


def _tilted(scope, exponentials, name, mean, root, weight):
    """The normal distribution that exponentials, times the density of the weight, are shaped like.

    Returns its centre, a square root of its covariance, the integral as a `Signed`, and where there
    is one.
    """
    n = mean.shape[-2]
    slope, bend = _quadratic(scope, exponentials, name, mean, root)
    bend = bend + weight
    usable = np.isfinite(bend).all((-2, -1)) & np.isfinite(slope).all((-2, -1))
    values, axes = np.linalg.eigh(np.where(usable[..., None, None], -bend, np.eye(n)))
    steep = values > _FLAT * np.maximum(1, abs(values).max(-1, keepdims=True))
    believed = usable & steep.all(-1)
    values = np.where(believed[..., None], values, 1.0)
    spread = axes / np.sqrt(values)[..., None, :]
    slope = np.where(believed[..., None, None], slope, 0.0)
    centre = spread @ (np.swapaxes(spread, -1, -2) @ slope)
    sign, log = _at_points(scope, exponentials, name, mean + root @ centre[None])
    outside = np.swapaxes(centre, -1, -2) @ (weight * np.eye(n) @ centre)
    log = log[0] + outside[..., 0, 0] / 2 - np.log(values).sum(-1) / 2
    height = Signed(sign[0][..., None, None], log[..., None, None])
    return centre, spread, height, believed[..., None, None]


def _quadratic(scope, exponentials, name, mean, root):
    """Gradient and second derivatives of log f at 0, in the standardised variable t.

    The values at 0, ±eᵢ and eᵢ + eⱼ determine them, as log f is quadratic.
    """
    n = mean.shape[-2]
    unit = np.eye(n)
    pairs = [(i, j) for i in range(n) for j in range(i)]
    places = np.stack([0 * unit[0], *unit, *-unit, *(unit[i] + unit[j] for i, j in pairs)])
    at = places.reshape(-1, *[1] * scope.batch, n, 1)
    _, log = _at_points(scope, exponentials, name, mean + root @ at)
    here, ahead, behind = log[0], log[1 : n + 1], log[n + 1 : 2 * n + 1]
    slope = np.moveaxis((ahead - behind) / 2, 0, -1)[..., None]
    bend = np.zeros((*here.shape, n, n))
    for i in range(n):
        bend[..., i, i] = ahead[i] + behind[i] - 2 * here
    for (i, j), both in zip(pairs, log[2 * n + 1 :], strict=True):
        bend[..., i, j] = bend[..., j, i] = both - ahead[i] - ahead[j] + here
    return slope, bend


def _at_points(scope, exponentials, name, points):
    """Sign and logarithm of a product of powers at points (N, ..., n, 1)."""
    inner = scope.bind(name, points, nodes=len(points))
    powers = [
        power(signed_value(inner, tree), np.array([[float(exponent)]]))
        for tree, exponent in exponentials
    ]
    value = product(*powers)
    cases = np.broadcast_shapes(value.log.shape[1:-2], points.shape[1:-2])
    return (np.broadcast_to(array[..., 0, 0], (len(points), *cases)) for array in value)


def expectation_on_grid(scope, source, body, name, mean, cov):
    """E[body] for name ~ N(mean, cov) in two dimensions or more, by grids that must agree."""
    n = mean.shape[-2]
    root = operations.root(source, cov)
    narrowest = _narrowest_peak(scope, body, name, mean, root) if n == 2 else np.inf
    before, result, believed = None, None, np.array(False)
    for points, weights, step in _grids(n, scope.route):
        if scope.width * len(points) > scope.journal.allowance:
            break
        at = points.reshape(-1, *[1] * scope.batch, n, 1)
        value = signed_value(scope.bind(name, mean + root @ at, nodes=len(at)), body)
        log_weights = np.log(weights).reshape(-1, *[1] * (scope.batch + 2))
        value = product(value, Signed(np.ones_like(log_weights), log_weights))
        here = total_along(value)
        if before is not None:
            mass = total_along(Signed(abs(value.sign), value.log))
            agree = _agree(before, here, mass) & (step < narrowest)
            result = here if result is None else _where(believed, result, here)
            believed = believed | agree
        before = here
        if believed.all():
            break
    return scope.believe(before if result is None else result, believed, too_hard=True)


def _narrowest_peak(scope, body, name, mean, root):
    """The width, in standard deviations, of the narrowest exponential of a quadratic form."""
    width = np.array([[[np.inf]]])
    for inner, kind, tree in parts_that_vary(scope, body, name):
        if kind == "peak":
            _, bend = _quadratic(inner, [(tree, 1)], name, mean, root)
            bend = np.where(np.isfinite(bend), bend, 0.0)
            most = abs(np.linalg.eigvalsh(bend)).max(-1)[..., None, None]
            width = np.minimum(width, 1 / np.sqrt(np.maximum(most, 1e-300)))
    return width


def _grids(n, route):
    """Finer and finer rules for N(0, I), each shifted against the one before.

    Yields points, weights, and the step of a lattice.

    In two dimensions these are lattices, which reach further out each time, so that a divergent
    integral grows instead of settling; beyond, Gauss–Hermite sums.
    """
    if n > 2:
        for nodes in (3 + route, 4 + route, 6, 8, 11, 15, 20):
            if nodes**n > _MOST_NODES // 4:
                return
            yield *hermite_rule(n, nodes), 0.0
    for level in range(route, 9):
        step, shift = 0.5 / 2 ** (level / 2), (level + 1) * 0.618 % 1
        try:
            yield *trapezoidal_rule(step, min(9 + 2 * level, 37), n, _MOST_NODES, shift), step
        except DoesNotConverge:
            return


def _agree(before, here, mass):
    with np.errstate(invalid="ignore", over="ignore"):
        a, b, size = (
            np.where(part.sign == 0, 0.0, part.sign * np.exp(part.log - mass.log))
            for part in (before, here, mass)
        )
        return (mass.sign == 0) & (before.sign == 0) | (abs(a - b) <= _BELIEVED * size)


def _where(condition, a, b):
    return Signed(*(np.where(condition, *both) for both in zip(a, b, strict=True)))
