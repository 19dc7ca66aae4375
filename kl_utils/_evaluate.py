"""From the tree of an expression to numbers.

Every value has shape ``(..., rows, columns)``. In front of rows and columns stand the cases, and in
front of those one axis for the nodes of each expectation or integral around: so all cases of equal
dimensions are evaluated at once.
"""

import ast
from math import prod

import numpy as np

from kl_utils import _operations as operations
from kl_utils._language import FUNCTIONS, Fault, parse, unknown_name
from kl_utils._scope import Finite, Gaussian
from kl_utils.expectation import DoesNotConverge, line_rule, normal_rule

_MOST_NUMBERS = 4_000_000  # in one array: 32 MB
_MOST_TERMS = 50


def evaluate(node, scope):
    """The value of a tree.

    Returns
    -------
    ndarray, shape (..., rows, columns)

    Raises
    ------
    Fault
        If a name is unknown or the shapes do not fit.
    DoesNotConverge
        If there is no quadrature rule at this level.
    """
    return scope.journal.add_work(_evaluate(node, scope))


def _evaluate(node, scope):
    match node:
        case ast.Constant(value=value):
            return np.array([[float(value)]])
        case ast.Name():
            return _look_up(node.id, scope)
        case ast.UnaryOp(op=op, operand=operand):
            return evaluate(operand, scope) * (-1 if isinstance(op, ast.USub) else 1)
        case ast.BinOp(op=ast.BitOr()):
            raise Fault(f"The bar in `{node.source}` stands only in conditional probabilities.")
        case ast.BinOp(left=left, op=op, right=right):
            operation = operations.OPERATIONS[type(op)]
            if scope.depth and isinstance(op, ast.Mult):
                operation = operations.times_with_zeros
            a, b = evaluate(left, scope), evaluate(right, scope)
            return operation(node.source, a, b, scope.journal.troubles)
        case ast.Subscript(value=ast.Name(id=name), slice=position):
            positions = position.elts if isinstance(position, ast.Tuple) else [position]
            at = [_whole(part, scope) for part in positions]
            return operations.entry(node.source, _look_up(name, scope), at)
        case ast.Call(func=ast.Name(id=name), args=args):
            if name in _FUNCTIONS:
                return _FUNCTIONS[name](scope, node.source, *args)
            if name in operations.FUNCTIONS_OF_ONE:
                value = evaluate(args[0], scope)
                return operations.FUNCTIONS_OF_ONE[name](node.source, value, scope.journal.troubles)
            return _density(node, scope)
    raise Fault(f"`{node.source}` is not part of the language.")


def _look_up(name, scope):
    if name in scope.values:
        return scope.values[name]
    if name == "pi":
        return np.array([[np.pi]])
    meaning = scope.meanings.get(name)
    if isinstance(meaning, ast.expr):
        return evaluate(meaning, scope)
    if meaning is not None:
        raise Fault(f"`{name}` is a distribution. Its density is written `{_at(name, meaning)}`.")
    if name in FUNCTIONS:
        raise Fault(f"`{name}` is a function: write `{FUNCTIONS[name].usage}`.")
    if any(name in getattr(meaning, "of", ()) for meaning in scope.meanings.values()):
        raise Fault(f"`{name}` has a value only inside an expectation such as `E(…)`.")
    raise unknown_name(name, scope.names)


def _whole(node, scope):
    value = evaluate(node, scope)
    number = value.flat[0]
    if not operations.is_number(value) or (value != number).any() or number != np.round(number):
        raise Fault(f"`{node.source}` is not a whole number, as an index or a limit must be.")
    return round(number)


def _variable(node):
    if not isinstance(node, ast.Name):
        raise Fault(f"`{node.source}` stands where the name of a variable belongs.")
    return node.id


# Densities and probabilities


def _meaning(node, scope):
    """What ``q``, ``q(z)`` or ``p(x|z)`` stands for; a pattern comes before a plain name."""
    name = node.func.id if isinstance(node, ast.Call) else _variable(node)
    meaning = scope.meanings.get(ast.unparse(node), scope.meanings.get(name))
    if meaning is None and name in scope.values:
        raise Fault(f"`{name}` is no distribution. A product is written `{name}*(…)`.")
    if meaning is None:
        raise unknown_name(name, scope.meanings)
    return meaning


def _at(name, meaning):
    return f"{name}({', '.join(meaning.of)})" if hasattr(meaning, "of") else name


def _density(node, scope):
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
        return operations.entry(node.source, table, [_whole(part, scope) for part in args])
    if len(args) == 1 and _left_of_bar(args[0]) is not args[0]:
        given = ast.unparse(args[0].right)
        both = parse(f"{name}({', '.join(finite.of)})/{name}({given})")
        both.source = node.source
        return evaluate(both, scope)
    if len(args) == 1 and ast.unparse(args[0]) in finite.of:
        axis = finite.of.index(args[0].id)
        marginal = table.sum(axis=-1 - axis, keepdims=True)
        marginal = np.swapaxes(marginal, -1, -2) if axis else marginal
        return operations.entry(node.source, marginal, [_whole(args[0], scope)])
    raise Fault(f"I cannot read `{node.source}`; known is `{_at(name, finite)}`.")


def _log(scope, source, argument):
    """log of a value; of densities without forming them, so that far tails do not underflow."""
    match argument:
        case ast.Call() if _is_density(argument, scope):
            return _log_density(argument, scope)
        case ast.BinOp(left=left, op=ast.Div() | ast.Mult() as op, right=right) if any(
            _is_density(part, scope) for part in (left, right)
        ):
            a, b = _log(scope, source, left), _log(scope, source, right)
            return a - b if isinstance(op, ast.Div) else a + b
    return operations.FUNCTIONS_OF_ONE["log"](
        source, evaluate(argument, scope), scope.journal.troubles
    )


def _is_density(node, scope):
    if not isinstance(node, ast.Call):
        return False
    meaning = scope.meanings.get(ast.unparse(node), scope.meanings.get(node.func.id))
    return isinstance(meaning, Gaussian) or node.func.id == "normal"


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
    if nodes.size > _MOST_NUMBERS:
        raise DoesNotConverge("the next finer rule has too many nodes")
    inner = scope.bind(variable, nodes, axes=1)
    values = evaluate(body, inner)
    if values.ndim < inner.batch + 2:  # the body does not depend on the variable
        return values * weights.sum()
    total = np.tensordot(weights, values, axes=1)
    if np.isinf(total).any():
        scope.journal.troubles.append(f"the integral of `{body.source}` is infinite or too large")
    return np.where(np.isinf(total), np.nan, total)


def _integral(scope, source, body, variable, *limits):
    name = _variable(variable)
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
    def rule(scope, source, body, index, last=None):
        name = _variable(index)
        count = _whole(last, scope) if last else _outcomes(name, scope)
        if not 1 <= count <= _MOST_TERMS:
            raise Fault(f"`{source}` has {count} terms; 1 to {_MOST_TERMS} are possible.")
        terms = [evaluate(body, scope.bind(name, np.array([[i + 1.0]]))) for i in range(count)]
        return combine(terms)

    return rule


def _outcomes(name, scope):
    for table, meaning in scope.meanings.items():
        if isinstance(meaning, Finite) and name in meaning.of:
            return scope.values[table].shape[meaning.of.index(name) - 2]
    raise Fault(f"Up to where does `{name}` run? Write `Sum(f, {name}, n)`.")


def _finite_expectation(scope, source, body, distribution, finite):
    """Σ probability · body over the outcomes; only those that can happen count."""
    weight = distribution
    if isinstance(distribution, ast.Name):
        weight = parse(_at(distribution.id, finite))
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
    name = _variable(variable)
    value = _look_up(name, scope)
    if name not in scope.values or value.ndim == 2:
        raise Fault(f"`{source}`: `{name}` is not a parameter to differentiate by.")
    if value.shape[-1] != 1:
        raise Fault(f"`{source}`: derivatives are by numbers and vectors, not by operations.")
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


_FUNCTIONS = {
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
