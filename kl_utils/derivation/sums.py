"""Sums and products over an index: finite ones and, where they converge, infinite ones."""

import ast
from dataclasses import replace

import numpy as np

from ..panels import Signed, panels_between, signed
from ..quadrature import integrate_panels
from . import operations, trees
from .distributions import GIVEN_BY_USER, Mass
from .logarithms import has_exponential, product, signed_value, total, total_along
from .vocabulary import Fault

_FEW, _ONE_BY_ONE, _AT_ONCE = 8, 1_000, 20_000  # terms of a finite sum
_FIRST = (2_048, 4_096)  # terms of an infinite sum, on each route, before its tail
_NEGLIGIBLE = 1e-13  # the share of an infinite sum that its last terms may hold


def sum_over(scope, source, body, index, *limits):
    """The value of ``Sum(f, i, n)``."""
    if has_exponential(scope, body) or _is_endless(scope, index, limits):
        return signed_sum(scope, source, body, index, *limits).value
    terms = [np.zeros((1, 1))]
    for inner in index_scopes(scope, source, body, index, *limits):
        value = inner.value(body)
        is_stacked = value.ndim > scope.batch + 2
        terms.append(value.sum(0) if is_stacked else value * _repeats(scope, inner))
    return sum(terms[1:], 0.0) if len(terms) > 1 else terms[0]


def signed_sum(scope, source, body, index, *limits):
    """``Sum(f, i, n)`` as a `Signed`."""
    if _is_endless(scope, index, limits):
        return _endless_sum(scope, source, body, index, *limits)
    terms = []
    for inner in index_scopes(scope, source, body, index, *limits):
        value = signed_value(inner, body)
        is_stacked = value.log.ndim > scope.batch + 2
        terms.append(total_along(value) if is_stacked else _times(value, _repeats(scope, inner)))
    return total(*terms) if terms else signed(np.zeros((1, 1)))


def product_over(scope, source, body, index, *limits):
    """The value of ``Prod(f, i, n)``."""
    if has_exponential(scope, body):
        return signed_product(scope, source, body, index, *limits).value
    result = np.ones((1, 1))
    for inner in _scopes_one_by_one(scope, source, index, *limits):
        result = operations.times(source, result, inner.value(body), scope.journal.troubles)
    return result


def signed_product(scope, source, body, index, *limits):
    """``Prod(f, i, n)`` as a `Signed`."""
    scopes = _scopes_one_by_one(scope, source, index, *limits)
    return product(signed(np.ones((1, 1))), *(signed_value(inner, body) for inner in scopes))


def few_scopes(scope, source, index, *limits):
    """The scopes of a short sum, one for each value of its index; none for a longer one."""
    if _is_endless(scope, index, limits) or len(_range(scope, source, index, limits)) > _FEW:
        return []
    return _scopes_one_by_one(scope, source, index, *limits)


def _repeats(scope, inner):
    return inner.width // scope.width


def _times(value, count):
    return Signed(value.sign, value.log + np.log(count))


def _range(scope, source, index, limits):
    first, last = map(scope.whole_number, _ends(scope, index, limits))
    return range(first, last + 1)


def _ends(scope, index, limits):
    """The trees of the first and the last value of an index."""
    name = trees.variable_name(index)
    return [trees.number(1), *limits][-2:] if limits else _support(scope, name)


def _support(scope, name):
    """The trees of the limits between which a counting variable runs."""
    masses = [m for m in scope.meanings.values() if isinstance(m, Mass) and name in m.of]
    limits = {tuple(map(trees.text_of, (mass.low, mass.high))) for mass in masses}
    if len(limits) > 1:
        raise Fault(f"`{name}` runs between different limits. Write `Sum(f, {name}, a, b)`.")
    if masses:
        return [masses[0].low, masses[0].high]
    return [trees.number(1), trees.number(scope.outcomes(name))]


def index_scopes(scope, source, body, index, *limits):
    """The scopes in which an index has its values: one for each, or for a long sum one for all."""
    values, name = _range(scope, source, index, limits), trees.variable_name(index)
    if len(values) <= _FEW or _must_be_whole(scope, body, name):
        return _scopes_one_by_one(scope, source, index, *limits)
    _check_count(source, values, _AT_ONCE)
    if scope.width * len(values) > scope.journal.allowance:  # they would not fit into memory
        return _scopes_one_by_one(scope, source, index, *limits)
    return [_scope_for_all(scope, name, values)]


def _scopes_one_by_one(scope, source, index, *limits):
    values, name = _range(scope, source, index, limits), trees.variable_name(index)
    _check_count(source, values, _ONE_BY_ONE)
    return [scope.bind(name, np.array([[float(value)]])) for value in values]


def _check_count(source, values, most):
    if len(values) > most:
        raise Fault(f"`{source}` has {len(values):,} terms; at most {most:,} are possible.")


def _scope_for_all(scope, name, values):
    stack = np.array(values, dtype=float).reshape(-1, *[1] * (scope.batch + 2))
    return scope.bind(name, stack, nodes=len(values))


def _must_be_whole(scope, body, name):
    """Is the index a place in a vector or a table, or a limit, so that its values go one by one?"""

    def must_be(*parts):
        return any(_must_be_whole(scope, part, name) for part in parts)

    for node in ast.walk(body):
        match node:
            case ast.Subscript(slice=place) if name in trees.names_in(place):
                return True
            case ast.Call(func=ast.Name(id="Sum" | "Prod"), args=[_, *rest]) if any(
                name in trees.names_in(part) for part in rest
            ):
                return True
            case ast.Call() if scope.is_finite(node) and name in trees.names_in(node):
                return True
            case ast.Name(id=other) if other != name and (
                must_be(*trees.stands_for(other, scope.meanings)) or _ends_vary(scope, other, name)
            ):
                return True
            case ast.Call() if isinstance(given := scope.distribution(node), GIVEN_BY_USER):
                is_at = any(name in trees.names_in(argument) for argument in node.args)
                if is_at and _must_be_whole(scope, given.density, given.of[0]):
                    return True
    return False


def _ends_vary(scope, distribution, name):
    """Do probabilities that a name, or a pattern that begins with it, stands for end elsewhere?"""
    masses = [
        meaning
        for key, meaning in scope.meanings.items()
        if key.partition("(")[0] == distribution and isinstance(meaning, Mass)
    ]
    return any(name in scope.names_reached(end) for mass in masses for end in (mass.low, mass.high))


# Infinite sums


def _is_endless(scope, index, limits):
    return operations.infinity(_ends(scope, index, limits)[-1]) > 0


def _endless_sum(scope, source, body, index, *limits):
    """The first terms, and where the rest is not negligible an integral for it.

    Σ_{i ≥ m} f(i) = ∫ f from m − ½ to ∞, up to a term f′(m − ½)/24 and smaller ones.
    """
    name = trees.variable_name(index)
    first = scope.whole_number(_ends(scope, index, limits)[0])
    count = _FIRST[scope.route]
    if _must_be_whole(scope, body, name):
        raise Fault(f"`{source}`: in an infinite sum the index stands for a number, not a place.")
    terms = signed_value(_scope_for_all(scope, name, range(first, first + count)), body)
    if terms.log.ndim < scope.batch + 3:  # the same term again and again
        return scope.believe(terms, terms.sign == 0)
    head = total_along(terms)
    sizes = Signed(abs(terms.sign), terms.log)
    end = total_along(Signed(*(array[-count // 4 :] for array in sizes)))
    with np.errstate(invalid="ignore"):
        done = (end.sign == 0) | (end.log < total_along(sizes).log + np.log(_NEGLIGIBLE))
    if done.all():
        return head
    edges = (first + count - 0.5) * 2.0 ** np.arange(5)
    edges = edges.reshape(-1, *[1] * scope.batch)

    def integrand(nodes):
        nodes = nodes[..., None, None]
        inner = scope.bind(name, nodes, nodes=len(nodes))
        value = signed_value(replace(inner, between_counts=True), body)
        return Signed(*np.broadcast_arrays(*value, nodes)[:2])

    panels = panels_between(edges, low=edges[0])
    tail, believed, _ = integrate_panels(integrand, panels, scope.route, scope.journal.allowance)
    both = total(head, tail)
    result = Signed(*(np.where(done, *pair) for pair in zip(head, both, strict=True)))
    return scope.believe(result, done | believed)
