"""Expectations, integrals and derivatives: what binds a variable on a line.

A rule takes the `Scope` in which the line is evaluated, the text of the call for messages, and the
trees of its arguments; ``scope.value(tree)`` is a tree's value. An integral that diverges, or is
too hard, is NaN at those cases, and the journal says so.
"""

import ast

import numpy as np

from . import definitions, operations, trees
from .densities import moments
from .derivatives import ONE, NoRule, differentiate
from .distributions import COUNTING, GIVEN_BY_USER, NORMAL, Finite, Mass, density_of
from .gaussian_integrals import exact_expectation, exact_integral, expectation_on_grid
from .line_integrals import integral_over_line, mean_over_line
from .logarithms import signed_value
from .sums import signed_sum
from .tables import sides_of_bar
from .vocabulary import Fault


def expectation(scope, source, body, distribution):
    """E_q[f]."""
    return signed_expectation(scope, source, body, distribution).value


def signed_expectation(scope, source, body, distribution):
    """E_q[f] as a `Signed`: a sum for a finite q, an integral for a density."""
    meaning = scope.meaning_of(distribution)
    if isinstance(meaning, Finite):
        return _finite_expectation(scope, source, body, distribution, meaning)
    if isinstance(meaning, GIVEN_BY_USER):
        point = trees.name(meaning.of[0])
        weight = _weight(scope, distribution, meaning)
        tree = trees.binary(weight, ast.Mult(), body, source)
        if isinstance(meaning, Mass):
            return signed_sum(scope, source, tree, point, meaning.low, meaning.high)
        return signed_integral(scope, source, tree, point, meaning.low, meaning.high)
    if not isinstance(meaning, NORMAL):
        raise Fault(f"`{source}`: an expectation needs a distribution.")
    mean, cov = moments(scope, meaning)
    operations.check_normal(source, mean, cov)
    return _normal_expectation(scope, source, body, meaning.of[0], mean, cov)


def _weight(scope, distribution, meaning):
    """The tree of a density at its own variable: ``p(z|x)`` as it stands, where that is given."""
    if isinstance(distribution, ast.Name):
        return density_of(distribution.id, meaning)
    is_pattern = trees.text_of(distribution) in scope.meanings
    return distribution if is_pattern else density_of(distribution.func.id, meaning)


def _normal_expectation(scope, source, body, name, mean, cov):
    exact = exact_expectation(scope, source, body, name, mean, cov)
    if exact is not None:
        return exact
    n = cov.shape[-1]
    if n == 1:
        return mean_over_line(scope, body, name, mean, np.sqrt(cov))
    if entry := _only_entry(scope, body, name):
        place, i = entry, scope.whole_number(entry) - 1
        if not 0 <= i < n:
            raise Fault(f"`{name}[{place.source}]`: entries run from 1 to {n}.")
        mean, cov = mean[..., i : i + 1, :], cov[..., i : i + 1, i : i + 1]
        unit = np.eye(n)[:, i : i + 1]
        return mean_over_line(scope, body, name, mean, np.sqrt(cov), unit)
    return expectation_on_grid(scope, source, body, name, mean, cov)


def _only_entry(scope, body, name):
    """The tree of i, where a body knows a vector by its entry ``name[i]`` only."""
    bare = sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(body))
    entries = [
        node.slice
        for node in ast.walk(body)
        if isinstance(node, ast.Subscript) and node.value.id == name
    ]
    is_one = len({ast.unparse(entry) for entry in entries}) == 1 and len(entries) == bare
    if not is_one or isinstance(entries[0], ast.Tuple) or not scope.has_value(entries[0]):
        return None
    others = [scope.names_reached(trees.name(other)) for other in trees.names_in(body) - {name}]
    return entries[0] if name not in set().union(*others) else None


def _finite_expectation(scope, source, body, distribution, finite):
    """Σ probability · body over the outcomes; only those that can happen count."""
    is_name = isinstance(distribution, ast.Name)
    weight = density_of(distribution.id, finite) if is_name else distribution
    tree = trees.binary(weight, ast.Mult(), body, source)
    for argument in sides_of_bar(weight.args)[0]:
        tree = trees.call("Sum", [tree, trees.name(ast.unparse(argument))], source)
    return signed_value(scope, tree)


def sample_mean(scope, source, body, distribution):
    """The average of f over random draws from q."""
    meaning = scope.meaning_of(distribution)
    if not isinstance(meaning, NORMAL):
        raise Fault(f"`{source}`: random draws are made from normal distributions only.")
    mean, cov = moments(scope, meaning)
    operations.check_normal(source, mean, cov)
    size = (scope.draws, *[1] * scope.batch, cov.shape[-1], 1)
    noise = np.random.default_rng(scope.seed).standard_normal(size)
    points = mean + operations.root(source, cov) @ noise
    inner = scope.bind(meaning.of[0], points, nodes=scope.draws)
    values = inner.value(body)
    return values.mean(0) if values.ndim > scope.batch + 2 else values


def variance(scope, source, body, distribution):
    """E_q[(f − E_q[f])²]: a difference of E_q[f²] and E_q[f]² would cancel."""
    mean = trees.name("mean of f")  # no name that can be typed
    inner = scope.bind(mean.id, expectation(scope, source, body, distribution))
    distance = trees.binary(body, ast.Sub(), mean, source)
    return expectation(inner, source, definitions.square(distance), distribution)


def divergence(scope, source, q, p):
    """KL from its definition, E_q[log q(z) − log p(z)]."""
    meanings = [scope.distribution(each) for each in (q, p)]
    if None not in meanings and len({isinstance(each, COUNTING) for each in meanings}) > 1:
        raise Fault(f"`{source}`: one of these has probabilities, the other a density.")
    return expectation(scope, source, definitions.log_ratio(scope, source, q, p), q)


def entropy(scope, source, q, p=None):
    """−E_q[log q(z)], or with p the cross-entropy −E_q[log p(z)]."""
    return -expectation(scope, source, definitions.log_at(scope, p or q, q), q)


def integral(scope, source, body, variable, *limits):
    """∫ f dz, over the real line or between two limits."""
    return signed_integral(scope, source, body, variable, *limits).value


def signed_integral(scope, source, body, variable, *limits):
    """∫ f dz as a `Signed`."""
    name = trees.variable_name(variable)
    names = trees.names_in(body)
    if name not in names and name.removeprefix("d") in names:
        raise Fault(f"`{source}`: write the variable without the `d`.")
    ends = [_limit(scope, source, limit) for limit in limits] or [-np.inf, np.inf]
    for end, side in zip(ends, (-np.inf, np.inf), strict=True):
        if np.ndim(end) == 0 and end != side:
            raise Fault(f"`{source}`: an integral runs upwards, from `-inf` or to `inf`.")
    low, high = (end if np.ndim(end) else None for end in ends)
    if low is None and high is None:
        exact = exact_integral(scope, body, name)
        if exact is not None:
            return exact
    return integral_over_line(scope, body, name, low, high)


def _limit(scope, source, limit):
    """The value of a limit: an array, or ±∞ as a number."""
    infinite = operations.infinity(limit)
    if infinite:
        return infinite
    value = scope.value(limit)
    if not operations.is_number(value):
        raise Fault(f"`{source}`: a limit is a number, not {operations.shape_in_words(value)}.")
    return np.broadcast_to(value, (1,) * (scope.batch + 2 - value.ndim) + value.shape)


def derivative(scope, source, body, variable):
    """The derivatives by the entries of a parameter, each independent, in the parameter's shape."""
    name = trees.variable_name(variable)
    value = scope.look_up(name)
    if name not in scope.values or value.ndim == 2:
        raise Fault(f"`{source}`: `{name}` is not a parameter to differentiate by.")
    rows, columns = value.shape[-2:]
    axes = np.eye(rows * columns).reshape(rows, columns, rows, columns)
    try:
        direction = trees.name(f"d {name}")  # no name that can be typed
        tree = differentiate(scope, body, name, ONE if rows * columns == 1 else direction)

        def along(axis):
            zero = 0 * scope.value(body)
            return zero if tree is None else zero + scope.bind(direction.id, axis).value(tree)
    except NoRule:

        def along(axis):
            return _difference_quotient(scope, body, name, value, axis)

    parts = [[along(axis) for axis in row] for row in axes]
    if not operations.is_number(parts[0][0]):
        raise Fault(f"`{source}`: only a number has a derivative here.")
    columns = [np.concatenate(np.broadcast_arrays(*row), axis=-1) for row in parts]
    return np.concatenate(np.broadcast_arrays(*columns), axis=-2)


def _difference_quotient(scope, body, name, value, axis):
    """Central differences with steps h, h/2, h/4, extrapolated twice: the error is of order h⁶."""
    scope.journal.by_differences = True
    # Relative to small values, so that no step leaves the positive numbers.
    size = np.where(value == 0, 1.0, np.minimum(1, 4 * abs(value)))
    step = 0.02 * 0.7**scope.route * size * axis

    def difference(part):
        ahead, behind = (
            scope.bind(name, value + side * step / part).value(body) for side in (1, -1)
        )
        return (ahead - behind) / (2 * step.sum((-2, -1), keepdims=True) / part)

    a, b, c = (difference(part) for part in (1, 2, 4))
    ab, bc = b + (b - a) / 3, c + (c - b) / 3
    return bc + (bc - ab) / 15
