"""Expectations, sums, integrals and derivatives: what binds a variable on a line.

A rule takes the `Scope` in which the line is evaluated, the text of the call for messages, and the
trees of its arguments; ``scope.value(tree)`` is a tree's value.
"""

import ast

import numpy as np

from ..expectation import DoesNotConverge, line_rule, normal_rule
from . import operations, trees
from .densities import moments
from .distributions import Finite, Gaussian, density_of
from .trees import left_of_bar
from .vocabulary import Fault


def expectation(scope, source, body, distribution):
    """E_q[f]: by quadrature for a normal q, a sum for a finite one."""
    meaning = scope.meaning_of(distribution)
    if isinstance(meaning, Finite):
        return _finite_expectation(scope, source, body, distribution, meaning)
    if not isinstance(meaning, Gaussian):
        raise Fault(f"`{source}`: an expectation needs a distribution.")
    points, weights = normal_rule(_dimension(scope, meaning), scope.level)
    return _average(scope, source, body, meaning, points, weights)


def sample_mean(scope, source, body, distribution):
    """The average of f over random draws from q."""
    meaning = scope.meaning_of(distribution)
    if not isinstance(meaning, Gaussian):
        raise Fault(f"`{source}`: random draws are made from normal distributions only.")
    size = (scope.draws, _dimension(scope, meaning))
    points = np.random.default_rng(scope.seed).standard_normal(size)
    return _average(scope, source, body, meaning, points, np.full(scope.draws, 1 / scope.draws))


def _dimension(scope, normal):
    return moments(scope, normal)[1].shape[-1]


def _average(scope, source, body, normal, points, weights):
    """Σ weight · f(mean + root · point), the root of the covariance being its Cholesky factor."""
    mean, cov = moments(scope, normal)
    operations.check_normal(source, mean, cov)
    try:
        root = np.linalg.cholesky(cov)
    except np.linalg.LinAlgError:
        raise Fault(f"`{source}`: the covariance is not positive definite.") from None
    points = points.reshape(-1, *[1] * scope.batch, points.shape[-1], 1)
    return _weighted_sum(scope, body, normal.of[0], mean + root @ points, weights)


def _weighted_sum(scope, body, variable, nodes, weights):
    """Σ weight · body, with ``variable`` running through the nodes along a new first axis."""
    inner = scope.bind(variable, nodes, nodes=len(weights))
    values = inner.value(body)
    if values.ndim < inner.batch + 2:  # the body does not depend on the variable
        return values * weights.sum()
    # Nine standard deviations out, where no mass is left, values may under- or overflow.
    far = (weights < 1e-18).reshape(-1, *[1] * (values.ndim - 1))
    values = np.where(far & ~np.isfinite(values), 0.0, values)
    total = np.tensordot(weights, values, axes=1)
    scope.journal.diverges |= bool(np.isinf(total).any())
    return np.where(np.isinf(total), np.nan, total)


def _finite_expectation(scope, source, body, distribution, finite):
    """Σ probability · body over the outcomes; only those that can happen count."""
    is_name = isinstance(distribution, ast.Name)
    weight = density_of(distribution.id, finite) if is_name else distribution
    tree = trees.binary(weight, ast.Mult(), body, source)
    for argument in weight.args:
        variable = trees.name(ast.unparse(left_of_bar(argument)))
        tree = trees.call("Sum", [tree, variable], source)
    return scope.value(tree)


def variance(scope, source, body, distribution):
    """E_q[f²] − E_q[f]²."""
    two = ast.Constant(value=2)
    square = trees.binary(body, ast.Pow(), two, f"({body.source})**2")
    first = expectation(scope, source, body, distribution)
    return expectation(scope, source, square, distribution) - first**2


def divergence(scope, source, q, p):
    """KL from its definition, E_q[log q(z) − log p(z)]."""
    logs = trees.binary(_log_at(scope, q, q), ast.Sub(), _log_at(scope, p, q), source)
    return expectation(scope, source, logs, q)


def entropy(scope, source, q, p=None):
    """−E_q[log q(z)], or with p the cross-entropy −E_q[log p(z)]."""
    return -expectation(scope, source, _log_at(scope, p or q, q), q)


def _log_at(scope, distribution, q):
    """The tree of log p(z), at the variables of q; ``p(z|x)`` is taken as it stands."""
    if isinstance(distribution, ast.Name):
        if isinstance(q, ast.Call):
            variables = [left_of_bar(argument) for argument in q.args]
        else:
            variables = [trees.name(name) for name in getattr(scope.meaning_of(q), "of", ())]
        distribution = trees.call(distribution.id, variables)
    return trees.call("log", [distribution], f"log({distribution.source})")


def integral(scope, source, body, variable, *limits):
    """∫ f dz, over the real line or between two limits."""
    name = trees.variable_name(variable)
    names = trees.names_in(body)
    if name not in names and name.removeprefix("d") in names:
        raise Fault(f"`{source}`: write the variable without the `d`.")
    shape = (-1, *[1] * scope.batch, 1, 1)
    if not limits:
        nodes, weights = line_rule(scope.level)
        return _weighted_sum(scope, body, name, nodes.reshape(shape), weights)
    if scope.level > 5:
        raise DoesNotConverge("no finer rule for this interval")
    low, high = (scope.value(limit) for limit in limits)
    nodes, weights = np.polynomial.legendre.leggauss(12 * 2**scope.level)
    nodes = (low + high) / 2 + (high - low) / 2 * nodes.reshape(shape)
    return (high - low) / 2 * _weighted_sum(scope, body, name, nodes, weights)


def over_index(combine):
    """The rule of a sum or a product over an index."""

    def rule(scope, source, body, *limits):
        return combine(inner.value(body) for inner in scope.over_index(source, *limits))

    return rule


def derivative(scope, source, body, variable):
    """The derivatives by the entries of a parameter, each independent, in the parameter's shape.

    Central differences with steps h, h/2, h/4, extrapolated twice: the error is of order h⁶.
    """
    name = trees.variable_name(variable)
    value = scope.look_up(name)
    if name not in scope.values or value.ndim == 2:
        raise Fault(f"`{source}`: `{name}` is not a parameter to differentiate by.")
    h = 0.02 * 0.7**scope.level

    def difference(direction, step):
        ahead, behind = (
            scope.bind(name, value + side * step * direction).value(body) for side in (1, -1)
        )
        return (ahead - behind) / (2 * step)

    def along(direction):
        a, b, c = (difference(direction, h / part) for part in (1, 2, 4))
        ab, bc = b + (b - a) / 3, c + (c - b) / 3
        return bc + (bc - ab) / 15

    rows, columns = value.shape[-2:]
    parts = [along(axis) for axis in np.eye(rows * columns).reshape(-1, rows, columns)]
    if not operations.is_number(parts[0]):
        raise Fault(f"`{source}`: only a number has a derivative here.")
    entries = np.concatenate(np.broadcast_arrays(*parts), axis=-1)
    return entries.reshape(*entries.shape[:-2], rows, columns)
