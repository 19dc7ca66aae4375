"""Densities and probabilities at a point.

``scope`` is the `Scope` in which a line is evaluated; ``scope.value(tree)`` is a tree's value.
"""

import ast

import numpy as np

from . import operations, tables, trees
from .distributions import GIVEN_BY_USER, Derived, Finite, Mass, density_of
from .trees import left_of_bar
from .vocabulary import Fault


def density(scope, node):
    """The value of ``q(z)``, ``p(x, z)``, ``p(z|x)``."""
    meaning = scope.meaning_of(node)
    if isinstance(meaning, ast.expr):
        return scope.value(meaning)
    if isinstance(meaning, Finite):
        return _probability(scope, node, meaning)
    if isinstance(meaning, GIVEN_BY_USER):
        inner, inside = at_point(scope, node, meaning)
        return np.where(inside, inner.value(meaning.density), 0.0)
    return np.exp(log_density(scope, node))


def normal_density(scope, source, *args):
    """The value of ``normal(z, m, S)``."""
    return np.exp(log_density(scope, trees.call("normal", list(args), source)))


def at_point(scope, node, given):
    """The scope in which the variable of a density is its argument, and where that is in range."""
    if len(node.args) != 1:
        raise Fault(f"`{node.source}`: a density is taken at one point.")
    is_count = isinstance(given, Mass)  # and must not become a fraction by rounding
    point = (scope.unshaken() if is_count else scope).value(left_of_bar(node.args[0]))
    if not operations.is_number(point):
        shape = operations.shape_in_words(point)
        raise Fault(f"`{node.source}`: a density is taken at a number, not at {shape}.")
    low, high = (operations.infinity(end) or scope.value(end) for end in (given.low, given.high))
    inside = (low <= point) & (point <= high)
    if is_count and not scope.between_counts:
        inside = inside & (point == np.round(point))
    return scope.bind(given.of[0], point), inside


def formula_at(scope, node, given):
    """The tree of a density at a point, valid on its support; None where letters get mixed up."""
    point, (variable,) = left_of_bar(node.args[0]), given.of
    if isinstance(point, ast.Name) and point.id == variable:
        return given.density
    others = trees.names_in(given.density) - {variable}
    hidden = {name for name in others if variable in scope.names_reached(trees.name(name))}
    if hidden or trees.names_in(point) & trees.bound_in(given.density):
        return None
    return trees.substitute(given.density, {variable: point})


def moments(scope, normal):
    """Mean and covariance of a normal distribution."""
    if isinstance(normal, Derived):
        return _derived_moments(scope, normal)
    mean, cov = scope.value(normal.mean), scope.value(normal.cov)
    if isinstance(normal.mean, ast.Constant) and normal.mean.value == 0:
        mean = np.zeros((cov.shape[-1], 1))
    return mean, cov


def _derived_moments(scope, derived):
    """Those of p(x), or of p(z|x), from the prior of z and x = A z + b + noise."""
    prior, likelihood = derived.pair.prior, derived.pair.likelihood
    mean, cov = moments(scope, prior)

    def image(z):
        return scope.bind(prior.of[0], z).value(likelihood.mean)

    n = cov.shape[-1]
    b = image(np.zeros((n, 1)))
    A = np.concatenate([image(axis[:, None]) - b for axis in np.eye(n)], axis=-1)
    noise = scope.bind(prior.of[0], np.zeros((n, 1))).value(likelihood.cov)
    if not derived.given:
        return scope.shake(A @ mean + b), scope.shake(A @ cov @ np.swapaxes(A, -1, -2) + noise)
    # By precisions, which add up; a difference of covariances would cancel where noise is small.
    x = scope.value(trees.name(derived.given))
    weights = np.swapaxes(np.linalg.solve(noise, A), -1, -2)
    precision = np.linalg.inv(cov)
    left = np.linalg.inv(precision + weights @ A)
    centre = left @ (weights @ (x - b) + precision @ mean)
    return scope.shake(centre), scope.shake((left + np.swapaxes(left, -1, -2)) / 2)


def log_density(scope, node):
    """log of ``q(z)`` for a normal q, or of ``normal(z, m, S)``, without forming the density."""
    if node.func.id == "normal":
        point, mean, cov = (scope.value(argument) for argument in node.args)
    else:
        if len(node.args) != 1:
            raise Fault(f"`{node.source}`: a normal density is taken at one point.")
        _check_point(scope, node)
        point = scope.value(left_of_bar(node.args[0]))
        mean, cov = moments(scope, scope.meaning_of(node))
    return operations.log_normal_density(node.source, point, mean, cov, scope.journal.troubles)


def _check_point(scope, node):
    """Raise a Fault for ``p(x)`` where p is a density of z, and nobody has given an x."""
    point, (variable,) = left_of_bar(node.args[0]), scope.meaning_of(node).of
    name = getattr(point, "id", variable)
    if name != variable and name not in {*scope.values, *scope.meanings}:
        raise Fault(
            f"`{node.source}`: `{node.func.id}` is given as a density of `{variable}`, and "
            f"`{name}` is not given."
        )


def _probability(scope, node, finite):
    """``q(z)``, ``p(x, z)``, marginals such as ``p(x)``, conditionals such as ``p(z|x)``."""
    name, source, of = node.func.id, node.source, finite.of
    kept, given = tables.sides_of_bar(node.args)
    args = tables.in_order([*kept, *given], of)
    if given and args:
        joint = trees.call(name, args, source)
        return scope.value(trees.binary(joint, ast.Div(), trees.call(name, given), source))
    if not given and not args and len(kept) == len(of):
        args = kept  # such as `p(1, z)`: by position
    if given or not args:
        raise Fault(f"I cannot read `{source}`; known is `{density_of(name, finite).source}`.")
    table = scope.table(name)
    named = of if len(args) == len(of) else [argument.id for argument in args]
    at = {variable: scope.whole_number(part) for variable, part in zip(named, args, strict=True)}
    return tables.probability(source, table, tables.outcomes(scope, table, finite), of, at)
