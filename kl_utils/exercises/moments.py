"""Averages on a line, and which of them are moments: averages of polynomials."""

import ast

from ..derivation.trees import names_in

AVERAGES = ("E", "Var", "KL", "H", "Int")
_NAMED = ("KL", "H")
_ELEMENTWISE = {"T", "tr", "diag", "Sum", "Prod"}  # of polynomials, these are polynomials
_POLYNOMIAL = _ELEMENTWISE | {"E", "Var", "D"}


def is_average(node):
    return isinstance(node, ast.Call) and node.func.id in AVERAGES


def averages(tree):
    """The outermost averages in a tree: E, Var, KL, H, Int."""
    if is_average(tree):
        return [tree]
    return [found for child in ast.iter_child_nodes(tree) for found in averages(child)]


def calls(tree):
    """All calls of functions and densities in a tree."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def is_moment(node, formal):
    """Is this average one of a polynomial?

    An integral is, where a polynomial stands beside a density, its derivative, or the exponential
    of a polynomial, over whatever variable and between whatever limits.
    """
    function, body = node.func.id, node.args[0]
    if function in _NAMED:
        return False
    if function == "Int":
        return _is_weighted(body, formal.variables | names_in(node.args[1]), formal)
    return _is_polynomial(body, formal.variables)


def is_hard(node, formal):
    """Does an average hold what is neither a polynomial nor the logarithm of a density?"""
    if node.func.id in _NAMED or is_moment(node, formal):
        return False
    logs = [call for call in calls(node) if call.func.id == "log"]
    return not any(call.func.id in formal.meanings for log in logs for call in calls(log))


def _is_polynomial(node, variables):
    if not names_in(node) & variables:
        return not any(map(is_average, calls(node))) or all(
            _is_polynomial(call.args[0], variables) for call in averages(node)
        )
    match node:
        case ast.Name() | ast.Subscript():
            return True
        case ast.UnaryOp(operand=operand):
            return _is_polynomial(operand, variables)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.MatMult(), right=r):
            return _is_polynomial(left, variables) and _is_polynomial(r, variables)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _is_polynomial(left, variables) and not names_in(right) & variables
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(power))):
            return power >= 0 and _is_polynomial(left, variables)
        case ast.Call(func=ast.Name(id=name), args=args):
            return name in _POLYNOMIAL and _is_polynomial(args[0], variables)
    return False


def _is_weighted(node, variables, formal):
    """Is this a weight times a polynomial, or a sum of such?"""
    match node:
        case ast.UnaryOp(operand=operand):
            return _is_weighted(operand, variables, formal)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            return all(_is_weighted(part, variables, formal) for part in (left, right))
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return any(
                _is_weighted(a, variables, formal) and _is_polynomial(b, variables)
                for a, b in ((left, right), (right, left))
            )
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _is_weighted(left, variables, formal) and not names_in(right) & variables
        case ast.Call(func=ast.Name(id="exp"), args=[power]):
            return _is_polynomial(power, variables)
        case ast.Call(func=ast.Name(id="D"), args=[body, _]):
            return _is_weighted(body, variables, formal)
        case ast.Call(func=ast.Name(id=name)):
            return name == "normal" or name in formal.meanings
    return False
