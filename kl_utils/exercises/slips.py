"""How a wrong line differs from the one above: in one term, or altogether."""

import ast
from itertools import product

import numpy as np

from .readings import Untold

_MOST_TERMS = 30


def is_slip(above, below, formal):
    """Could a wrong line be one slip away from the line above?

    It is, where one of its terms has a wrong factor, or all have the same, or where something in
    closed form, the logarithm of one density or the distribution under the expectation is wrong.
    Otherwise it is another line altogether, and nothing that follows from it counts.
    """
    terms = additive_terms(below.tree)[:_MOST_TERMS]
    evaluated = above.moments - below.moments
    logs = above.logs - below.logs if below.logs else frozenset()
    try:
        with np.errstate(all="ignore"):
            return any(
                all(
                    _is_slip_at(case, above, terms, logs, formal.loose, true, under)
                    for case in (-1, -2)
                )
                for true in {frozenset(), evaluated}
                for under in (None, *formal.plain)
            )
    except (Untold, ValueError):
        return False


def _is_slip_at(case, above, terms, logs, formal, true, under):
    def varying(tree, **reading):
        values = formal.values(formal.read(tree, under=under, **reading), formal.frozen(case))[0]
        return (values - values[:1]).ravel()  # what is in closed form does not vary

    target = varying(above.tree, true=true)
    columns = [varying(term) for term in terms]
    dropped = [varying(formal.mean_log(density)) for density in logs & {*formal.plain}]
    return _one_factor(target, sum(columns), columns + dropped)


def _one_factor(target, line, columns):
    """Is target = c·line, or line + c·column for one of the columns, with a number c?"""
    rounding = 1e-6 * max(1.0, abs(target).max(), abs(line).max())
    if abs(target).max() <= rounding:  # then nothing is left to be averaged
        return False
    tries = [(line, target), *((column, target - line) for column in columns)]
    for column, rest in tries:
        square = column @ column
        factor = column @ rest / square if square else 0.0
        if abs(rest - factor * column).max() <= rounding:
            return True
    return False


def additive_terms(node):
    """The terms of a sum, also of one under an expectation or over a divisor."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return additive_terms(left) + additive_terms(right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return additive_terms(left) + list(map(_minus, additive_terms(right)))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return list(map(_minus, additive_terms(operand)))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return [ast.BinOp(term, ast.Div(), right) for term in additive_terms(left)]
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            pairs = product(additive_terms(left), additive_terms(right))
            return [ast.BinOp(a, ast.Mult(), b) for a, b in pairs]
        case ast.Call(func=ast.Name(id="E"), args=[body, under]):
            return [ast.Call(node.func, [term, under], []) for term in additive_terms(body)]
        case ast.Call(func=ast.Name(id="Int"), args=[body, variable]):
            return [ast.Call(node.func, [term, variable], []) for term in additive_terms(body)]
    return [node]


def _minus(tree):
    return ast.UnaryOp(ast.USub(), tree)


def has_same_terms(a, b, formal):
    """Have two lines the same terms, apart from their order and from terms that are 0?"""
    return _term_values(a, formal) == _term_values(b, formal)


def _term_values(tree, formal):
    """The values of the terms, sorted, without pairs that cancel."""
    groups = formal.groups[:1]
    values = [formal.values(formal.read(t), groups)[0] for t in additive_terms(tree)[:_MOST_TERMS]]
    left = []
    for value in (np.round(np.ravel(value), 6) + 0.0 for value in values):
        opposite = next((other for other in left if np.array_equal(other, -value)), None)
        if opposite is not None:
            left = [other for other in left if other is not opposite]
        elif value.any():
            left.append(value)
    return sorted(map(bytes, left))
