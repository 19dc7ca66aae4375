"""How a wrong line differs from the one above: in one term, or altogether."""

import ast
from itertools import product

import numpy as np

from .readings import Untold

_MOST_TERMS = 30
_ROUNDING = 1e-9  # of the largest value
_DIGITS = 9


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
    def column(tree, **reading):
        read = formal.read(tree, under=under, **reading)
        return varying(formal.values(read, formal.frozen(case))[0])

    target = column(above.tree, true=true)
    columns = [column(term) for term in terms]
    dropped = [column(formal.mean_log(density)) for density in logs & {*formal.plain}]
    return _one_factor(target, sum(columns), columns + dropped)


def varying(values):
    """How values vary with the points, without the rounding of what does not: closed form."""
    moved = values.number - values.number[:1]
    return np.where(abs(moved) <= _ROUNDING * abs(values.number).max(), 0.0, moved).ravel()


def _one_factor(target, line, columns):
    """Is target = c·line, or line + c·column for one of the columns, with a number c?"""
    rounding = _ROUNDING * max(abs(target).max(), abs(line).max())
    if not target.any():  # then nothing is left to be averaged
        return False
    tries = [(line, target), *((column, target - line) for column in columns)]
    for column, rest in tries:
        square = column @ column
        factor = column @ rest / square if square else 0.0
        if abs(rest - factor * column).max() <= rounding:
            return True
    return False


def additive_terms(node, inside=True):
    """The terms of a sum, also of one over a divisor or ``inside`` an expectation."""

    def terms(node):
        return additive_terms(node, inside)

    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return terms(left) + terms(right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return terms(left) + list(map(_minus, terms(right)))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return list(map(_minus, terms(operand)))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return [ast.BinOp(term, ast.Div(), right) for term in terms(left)]
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            pairs = product(terms(left), terms(right))
            return [ast.BinOp(a, ast.Mult(), b) for a, b in pairs]
        case ast.Call(func=ast.Name(id="E"), args=[body, under]) if inside:
            return [ast.Call(node.func, [term, under], []) for term in terms(body)]
        case ast.Call(func=ast.Name(id="Int"), args=[body, *limits]) if inside:
            return [ast.Call(node.func, [term, *limits], []) for term in terms(body)]
    return [node]


def _minus(tree):
    return ast.UnaryOp(ast.USub(), tree)


def has_same_terms(a, b, formal):
    """Have two lines the same terms, apart from their order and from terms that are 0?"""
    return _term_values(a, formal) == _term_values(b, formal)


def _term_values(tree, formal):
    """The values of the terms in so many digits, sorted, without those that cancel or are 0."""
    groups = formal.groups[:1]
    left = []
    for term in additive_terms(tree)[:_MOST_TERMS]:
        found = formal.values(formal.read(term), groups)[0]
        value = np.where(abs(found.number) <= found.error, 0.0, found.number).ravel()
        digits = tuple(f"{number + 0.0:.{_DIGITS - 1}e}" for number in value)
        opposite = tuple(f"{0.0 - number:.{_DIGITS - 1}e}" for number in value)
        if opposite in left:
            left.remove(opposite)
        elif value.any():
            left.append(digits)
    return sorted(left)
