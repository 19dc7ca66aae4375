"""From the tree of an expression to numbers.

Every value has shape ``(..., rows, columns)``. In front of rows and columns stand the cases, and in
front of those one axis for the nodes of each expectation or integral around: so all cases of equal
dimensions are evaluated at once. What binds a variable or takes a density (E, Sum, D, q(z), …) is
done by the rules of `kl_utils.derivation.measures`, which come with the scope.
"""

import ast

import numpy as np

from . import operations
from .habits import unknown_name
from .vocabulary import CONSTANTS, FUNCTIONS, Fault


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
            return look_up(node.id, scope)
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
            at = [whole_number(part, scope) for part in positions]
            value = scope.values[name] if name in scope.values else look_up(name, scope)
            return operations.entry(node.source, value, at)
        case ast.Call(func=ast.Name(id=name), args=args):
            if name in scope.rules:
                return scope.rules[name](scope, node.source, *args)
            if name in operations.FUNCTIONS_OF_ONE:
                value = evaluate(args[0], scope)
                return operations.FUNCTIONS_OF_ONE[name](node.source, value, scope.journal.troubles)
            return scope.rules["q(z)"](scope, node)
    raise Fault(f"`{node.source}` is not part of the language.")


def look_up(name, scope):
    if name == "pi":
        return np.array([[np.pi]])
    if name in scope.values:
        return scope.values[name]
    meaning = scope.meanings.get(name)
    if isinstance(meaning, ast.expr):
        return evaluate(meaning, scope)
    if meaning is not None:
        density = at_its_variables(name, meaning)
        raise Fault(f"`{name}` is a distribution. Its density is written `{density}`.")
    if name in FUNCTIONS:
        raise Fault(f"`{name}` is a function: write `{FUNCTIONS[name].usage}`.")
    if name.removeprefix("log_") in scope.meanings:
        raise Fault(f"`{name}` is a function: write `{name}(z)`.")
    if scope.is_variable(name):
        raise Fault(f"`{name}` has a value only inside an expectation such as `E(…)`.")
    raise unknown_name(name, {*scope.values, *scope.meanings} - {*CONSTANTS})


def whole_number(node, scope):
    value = evaluate(node, scope)
    number = value.flat[0]
    is_whole = np.isfinite(number) and number == np.round(number)
    if not (operations.is_number(value) and (value == number).all() and is_whole):
        raise Fault(f"`{node.source}` is not a whole number, as an index or a limit must be.")
    return round(number)


def variable_name(node):
    if not isinstance(node, ast.Name):
        raise Fault(f"`{node.source}` stands where the name of a variable belongs.")
    return node.id


def at_its_variables(name, distribution):
    """``q(z)`` or ``p(x, z)``, as text."""
    return f"{name}({', '.join(distribution.of)})"
