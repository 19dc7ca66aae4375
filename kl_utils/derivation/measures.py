"""Densities, expectations, sums, integrals and derivatives: what binds a variable on a line.

A rule takes the scope, the text of the call for messages, and the trees of its arguments.
"""

import ast
from math import prod

import numpy as np

from ..expectation import DoesNotConverge, line_rule, normal_rule
from . import operations
from .evaluate import at_its_variables, evaluate, look_up, variable_name, whole_number
from .habits import unknown_name
from .language import names_in, parse
from .scope import Finite, Gaussian
from .vocabulary import Fault

_MOST_TERMS = 50


# Densities and probabilities


def _meaning(node, scope):
    """What ``q``, ``q(z)`` or ``p(x|z)`` stands for; a pattern comes before a plain name."""
    name = node.func.id if isinstance(node, ast.Call) else variable_name(node)
    meaning = scope.meanings.get(ast.unparse(node), scope.meanings.get(name))
    if meaning is None and name in scope.values:
        raise Fault(f"`{name}` is no distribution. A product is written `{name}*(…)`.")
    if meaning is None and isinstance(node, ast.Call):
        raise unknown_name(name, scope.meanings, is_function=True)
    if meaning is None and scope.is_variable(name):
        raise Fault(f"`{name}` is a variable; a distribution belongs here.")
    if meaning is None:
        raise Fault(f"No distribution `{name}` is given. Add `{name}=gaussian(…)`.")
    return meaning


def _density(scope, node):
    meaning = _meaning(node, scope)
    if isinstance(meaning, ast.expr):
        return evaluate(meaning, scope)
    if isinstance(meaning, Finite):
        return _probability(node, meaning, scope)
    return np.exp(_log_density(node, scope))


def _log_density(node, scope):
    """log of ``q(z)`` for a normal q, or of ``normal(z, m, S)``, without forming the density."""
    if node.func.id == "normal":
        point, mean, cov = (evaluate(argument, scope) for argument in node.args)
    else:
        if len(node.args) != 1:
            raise Fault(f"`{node.source}`: a normal density is taken at one point.")
        point = evaluate(_left_of_bar(node.args[0]), scope)
        mean, cov = _moments(_meaning(node, scope), scope)
    return operations.log_normal_density(node.source, point, mean, cov, scope.journal.troubles)


def _left_of_bar(node):
    is_conditional = isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)
    return node.left if is_conditional else node


def _moments(normal, scope):
    mean, cov = evaluate(normal.mean, scope), evaluate(normal.cov, scope)
    if isinstance(normal.mean, ast.Constant) and normal.mean.value == 0:
        mean = np.zeros((cov.shape[-1], 1))
    return mean, cov


def _probability(node, finite, scope):
    """``q(z)``, ``p(x, z)``, the marginals ``p(x)`` and ``p(z)``, the conditional ``p(z|x)``."""
    name, args = node.func.id, node.args
    table = scope.values[name]
    if len(args) == len(finite.of):
        return operations.entry(node.source, table, [whole_number(part, scope) for part in args])
    if len(args) == 1 and _left_of_bar(args[0]) is not args[0]:
        given = ast.unparse(args[0].right)
        both = parse(f"{name}({', '.join(finite.of)})/{name}({given})")
        both.source = node.source
        return evaluate(both, scope)
    if len(args) == 1 and ast.unparse(args[0]) in finite.of:
        axis = finite.of.index(args[0].id)
        marginal = table.sum(axis=-1 - axis, keepdims=True)
        marginal = np.swapaxes(marginal, -1, -2) if axis else marginal
        return operations.entry(node.source, marginal, [whole_number(args[0], scope)])
    raise Fault(f"I cannot read `{node.source}`; known is `{at_its_variables(name, finite)}`.")


def _log(scope, source, argument):
    """log of a value; of densities without forming them, so that far tails do not underflow."""
    if _has_density(argument, scope):
        match argument:
            case ast.Name(id=name):
                return _log(scope, source, scope.meanings[name])
            case ast.Call(func=ast.Name(id="exp"), args=[exponent]):
                return evaluate(exponent, scope)
            case ast.Call() if _is_density(argument, scope):
                return _log_density(argument, scope)
            case ast.Call(func=ast.Name(id="Sum"), args=[body, *limits]):
                scopes = _scopes_over(scope, source, *limits)
                return np.logaddexp.reduce([_log(inner, source, body) for inner in scopes])
            case ast.BinOp(left=left, op=ast.Mult() | ast.Div() | ast.Add() as op, right=right):
                a, b = _log(scope, source, left), _log(scope, source, right)
                return _IN_LOGS[type(op)](a, b)
    value = evaluate(argument, scope)
    return operations.FUNCTIONS_OF_ONE["log"](source, value, scope.journal.troubles)


_IN_LOGS = {ast.Mult: np.add, ast.Div: np.subtract, ast.Add: np.logaddexp}


def _is_density(node, scope):
    if not isinstance(node, ast.Call):
        return False
    meaning = scope.meanings.get(ast.unparse(node), scope.meanings.get(node.func.id))
    return isinstance(meaning, Gaussian) or node.func.id == "normal"


def _has_density(node, scope):
    """Is a normal density, or an exponential, a term or a factor of this?"""
    match node:
        case ast.Name(id=name) if name not in scope.values:
            meaning = scope.meanings.get(name)
            return isinstance(meaning, ast.expr) and _has_density(meaning, scope)
        case ast.Call(func=ast.Name(id="Sum"), args=[body, *_]):
            return _has_density(body, scope)
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() | ast.Add(), right=right):
            return _has_density(left, scope) or _has_density(right, scope)
        case ast.Call(func=ast.Name(id="exp")):
            return True
    return _is_density(node, scope)


# Expectations, sums, integrals, derivatives


def _expectation(scope, source, body, distribution):
    meaning = _meaning(distribution, scope)
    if isinstance(meaning, Finite):
        return _finite_expectation(scope, source, body, distribution, meaning)
    if not isinstance(meaning, Gaussian):
        raise Fault(f"`{source}`: an expectation needs a distribution.")
    n = _moments(meaning, scope)[1].shape[-1]
    points, weights = normal_rule(n, scope.level)
    return _average(scope, source, body, meaning, points, weights)


def _sample_mean(scope, source, body, distribution):
    meaning = _meaning(distribution, scope)
    if not isinstance(meaning, Gaussian):
        raise Fault(f"`{source}`: random draws are made from normal distributions only.")
    n = _moments(meaning, scope)[1].shape[-1]
    points = np.random.default_rng(scope.seed).standard_normal((scope.draws, n))
    return _average(scope, source, body, meaning, points, np.full(scope.draws, 1 / scope.draws))


def _average(scope, source, body, normal, points, weights):
    """Σ weight · f(mean + root · point), the root of the covariance being its Cholesky factor."""
    mean, cov = _moments(normal, scope)
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
    values = evaluate(body, inner)
    if values.ndim < inner.batch + 2:  # the body does not depend on the variable
        return values * weights.sum()
    # Nine standard deviations out, where no mass is left, values may under- or overflow.
    far = (weights < 1e-18).reshape(-1, *[1] * (values.ndim - 1))
    values = np.where(far & ~np.isfinite(values), 0.0, values)
    total = np.tensordot(weights, values, axes=1)
    scope.journal.diverges |= bool(np.isinf(total).any())
    return np.where(np.isinf(total), np.nan, total)


def _integral(scope, source, body, variable, *limits):
    name = variable_name(variable)
    if name not in names_in(body) and name.removeprefix("d") in names_in(body):
        raise Fault(f"`{source}`: write the variable without the `d`.")
    shape = (-1, *[1] * scope.batch, 1, 1)
    if not limits:
        nodes, weights = line_rule(scope.level)
        return _weighted_sum(scope, body, name, nodes.reshape(shape), weights)
    if len(limits) != 2 or scope.level > 5:
        raise DoesNotConverge("no finer rule for this interval")
    low, high = (evaluate(limit, scope) for limit in limits)
    nodes, weights = np.polynomial.legendre.leggauss(12 * 2**scope.level)
    nodes = (low + high) / 2 + (high - low) / 2 * nodes.reshape(shape)
    return (high - low) / 2 * _weighted_sum(scope, body, name, nodes, weights)


def _over_index(combine):
    def rule(scope, source, body, *limits):
        return combine(evaluate(body, inner) for inner in _scopes_over(scope, source, *limits))

    return rule


def _scopes_over(scope, source, index, last=None):
    """The scopes in which an index has its values 1, 2, …, one after the other."""
    name = variable_name(index)
    count = whole_number(last, scope) if last else _outcomes(name, scope)
    if not 1 <= count <= _MOST_TERMS:
        raise Fault(f"`{source}` has {count} terms; 1 to {_MOST_TERMS} are possible.")
    return [scope.bind(name, np.array([[which + 1.0]])) for which in range(count)]


def _outcomes(name, scope):
    for table, meaning in scope.meanings.items():
        if isinstance(meaning, Finite) and name in meaning.of:
            return scope.values[table].shape[meaning.of.index(name) - 2]
    raise Fault(f"Up to where does `{name}` run? Write `Sum(f, {name}, n)`.")


def _finite_expectation(scope, source, body, distribution, finite):
    """Σ probability · body over the outcomes; only those that can happen count."""
    weight = distribution
    if isinstance(distribution, ast.Name):
        weight = parse(at_its_variables(distribution.id, finite))
    variables = [ast.unparse(_left_of_bar(argument)) for argument in weight.args]
    tree = ast.BinOp(left=weight, op=ast.Mult(), right=body)
    tree.source = source
    for name in variables:
        tree = _call("Sum", [tree, ast.Name(id=name)], source)
    return evaluate(tree, scope)


def _call(name, args, source):
    call = ast.Call(func=ast.Name(id=name), args=args, keywords=[])
    call.source = source
    return call


def _variance(scope, source, body, distribution):
    square = ast.BinOp(left=body, op=ast.Pow(), right=ast.Constant(value=2))
    square.source = f"({body.source})**2"
    first = _expectation(scope, source, body, distribution)
    return _expectation(scope, source, square, distribution) - first**2


def _divergence(scope, source, q, p):
    """KL from its definition, E_q[log q(z) − log p(z)]."""
    logs = ast.BinOp(left=_log_at(q, q, scope), op=ast.Sub(), right=_log_at(p, q, scope))
    logs.source = source
    return _expectation(scope, source, logs, q)


def _entropy(scope, source, q, p=None):
    return -_expectation(scope, source, _log_at(p or q, q, scope), q)


def _log_at(distribution, q, scope):
    """The tree of log p(z), at the variables of q; ``p(z|x)`` is taken as it stands."""
    if isinstance(distribution, ast.Name):
        of = getattr(_meaning(q, scope), "of", ())
        variables = (
            [ast.unparse(_left_of_bar(a)) for a in q.args] if isinstance(q, ast.Call) else of
        )
        distribution = parse(f"{distribution.id}({', '.join(variables)})")
    return _call("log", [distribution], f"log({distribution.source})")


def _derivative(scope, source, body, variable):
    """Central differences with steps h, h/2, h/4, extrapolated twice: the error is of order h⁶."""
    name = variable_name(variable)
    value = look_up(name, scope)
    if name not in scope.values or value.ndim == 2:
        raise Fault(f"`{source}`: `{name}` is not a parameter to differentiate by.")
    if value.shape[-1] != 1:
        raise Fault(f"`{source}`: derivatives are by numbers and vectors, not by matrices.")
    h = 0.02 * 0.7**scope.level

    def difference(direction, step):
        ahead, behind = (
            evaluate(body, scope.bind(name, value + side * step * direction)) for side in (1, -1)
        )
        return (ahead - behind) / (2 * step)

    def along(direction):
        a, b, c = (difference(direction, h / part) for part in (1, 2, 4))
        ab, bc = b + (b - a) / 3, c + (c - b) / 3
        return bc + (bc - ab) / 15

    axes = np.eye(value.shape[-2])[:, :, None]
    parts = [along(axis) for axis in axes]
    if not operations.is_number(parts[0]):
        raise Fault(f"`{source}`: only a number has a derivative here.")
    return np.concatenate(np.broadcast_arrays(*parts), axis=-2)


RULES = {
    "q(z)": _density,
    "log": _log,
    "normal": lambda scope, source, *args: np.exp(
        _log_density(_call("normal", list(args), source), scope)
    ),
    "E": _expectation,
    "Var": _variance,
    "mean": _sample_mean,
    "KL": _divergence,
    "H": _entropy,
    "Sum": _over_index(sum),
    "Prod": _over_index(prod),
    "Int": _integral,
    "D": _derivative,
}
