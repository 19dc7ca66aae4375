"""How far a line is from closed form, and how large the step between two lines is.

A line has rank 2 while logarithms of densities stand under its averages (also as KL or H) or an
integral that is no moment; rank 1 while moments are left; rank 0 in closed form. What changes
nothing does not count: whether ``log q`` matters is found by putting another density into all
logarithms, and so E − E and 0·E are seen through.
"""

import ast
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from ..derivation.trees import names_in
from .formal import AVERAGES, Untold, averages, is_average, same

_ELEMENTWISE = {"T", "tr", "diag", "Sum", "Prod"}  # of polynomials, these are polynomials
_MOST_TERMS = 30
_MOST_SKIPPED = 4
_NAMED = ("KL", "H")


@dataclass(frozen=True)
class Profile:
    """What stands on a line.

    Attributes
    ----------
    tree : ast.expr
        With abbreviations written out.
    formal : list of ndarray
        Its formal values.
    logs : frozenset of str
        The densities whose logarithms matter.
    named : frozenset of str
        The divergences and entropies that it mentions.
    moments : frozenset of str
        Its averages of polynomials.
    others : frozenset of str
        Its other averages.
    hard : bool
        Is one of those an average of something else than logarithms of densities?
    closed : bool
        Does its value not depend on what is averaged?
    """

    tree: ast.expr
    formal: list
    logs: frozenset
    named: frozenset
    moments: frozenset
    others: frozenset
    hard: bool
    closed: bool

    @property
    def has_sums(self):
        """Is anything averaged or summed?"""
        sums = (*AVERAGES, "Sum")
        return any(node.func.id in sums for node in _calls(self.tree))

    @property
    def rank(self):
        if self.logs or (self.hard and not self.closed):
            return 2
        return 0 if self.closed else 1


def profile(tree, formal):
    """The `Profile` of a tree; raises `Untold` where it has no formal value."""
    tree = formal.expand(tree)
    value = formal.values(formal.read(tree))
    found = averages(tree)
    moments = {ast.unparse(node) for node in found if is_moment(node, formal)}
    return Profile(
        tree,
        value,
        _logs(tree, formal),
        frozenset(
            ast.unparse(node)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and node.func.id in _NAMED
        ),
        frozenset(moments),
        frozenset(map(ast.unparse, found)) - moments,
        any(_is_hard(node, formal) for node in found),
        same(value, formal.values(formal.read(tree, reading=1))),
    )


def _logs(tree, formal, true=frozenset()):
    """The densities whose logarithms matter, where some averages are not read formally."""
    densities = {key.partition("(")[0] for key, m in formal.meanings.items() if hasattr(m, "of")}
    if _has_written_log_normal(tree):
        return frozenset(densities)
    value = formal.values(formal.read(tree, true=true))
    return frozenset(
        density
        for density in densities & names_in(tree)
        if not same(value, formal.values(formal.read(tree, raised=density, true=true)))
    )


def _has_written_log_normal(tree):
    return any(
        isinstance(inner, ast.Call) and inner.func.id == "normal"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node.func.id == "log"
        for inner in ast.walk(node)
    )


# Moments


def is_moment(node, formal):
    """Is this average one of a polynomial?"""
    function, body = node.func.id, node.args[0]
    if function in _NAMED:
        return False
    variables = formal.variables
    if function == "Int":
        return _is_weighted(body, variables, formal)
    return _is_polynomial(body, variables)


def _is_hard(node, formal):
    """Does an average hold what is neither a polynomial nor the logarithm of a density?"""
    if node.func.id in _NAMED or is_moment(node, formal):
        return False
    logs = [n for n in ast.walk(node) if isinstance(n, ast.Call) and n.func.id == "log"]
    return not any(n.func.id in formal.meanings for log in logs for n in _calls(log))


def _calls(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _is_polynomial(node, variables):
    if not names_in(node) & variables:
        return not any(map(is_average, _calls(node))) or all(
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
            known = name in _ELEMENTWISE or name in ("E", "Var")
            return known and _is_polynomial(args[0], variables)
    return False


def _is_weighted(node, variables, formal):
    """Is this a density times a polynomial, or a sum of such?"""
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
        case ast.Call(func=ast.Name(id=name)):
            return name == "normal" or name in formal.meanings
    return False


# The size of a step


@dataclass(frozen=True)
class Size:
    """How large a step is.

    ``kind`` is "formal" (definitions and algebra), "moments" (evaluates moments), "lemma" (rests on
    one), or "too large". In a step that is too large, ``skipped`` has the densities whose
    logarithms are averaged in one go; others may have been written out as they should.
    """

    kind: str
    skipped: frozenset = frozenset()


def size(above, below, formal, lemmas=()):
    """The `Size` of a step that is known to hold; ``lemmas`` are those quoted, pairs of trees."""
    alone = _size_alone(above, below, formal)
    if alone.kind == "too large":
        for replaced in _by_lemmas(above, lemmas, formal):
            if _size_alone(replaced, below, formal).kind != "too large":
                return Size("lemma")
    return alone


def _size_alone(above, below, formal):
    if same(above.formal, below.formal):
        return Size("formal")
    if above.rank < 2:
        return Size("moments")
    moments = above.moments - below.moments
    if moments and _fits(above, below, formal, moments):
        return Size("moments")
    if not below.closed:
        for some in _subsets(sorted(above.others - below.others)):
            for evaluated in {some, some | moments}:
                if _fits(above, below, formal, evaluated):
                    return Size("too large", above.logs - _logs(above.tree, formal, evaluated))
    return Size("too large", above.logs)


def _subsets(items):
    items = items[:_MOST_SKIPPED]
    return [frozenset(some) for k in range(1, len(items) + 1) for some in combinations(items, k)]


def _fits(above, below, formal, evaluated):
    """Do the lines agree where only these averages of the upper one are evaluated?"""
    return same(formal.values(formal.read(above.tree, true=evaluated)), below.formal)


def _by_lemmas(above, lemmas, formal):
    """The profiles of the upper line after one or several of the lemmas have been applied."""
    for ways in product(range(4), repeat=min(len(lemmas), 3)):
        tree = above.tree
        for (left, right), way in zip(lemmas, ways, strict=False):
            tree = _apply(tree, left, right, way)
        if any(ways):
            try:
                yield profile(tree, formal)
            except Untold:
                continue


def _apply(tree, left, right, way):
    """0: not; 1: in its place; 2, 3: the line minus, plus (left − right)."""
    if way == 0:
        return tree
    if way == 1:
        return _Replace(ast.unparse(left), right).visit(tree)
    return ast.BinOp(tree, [ast.Sub(), ast.Add()][way - 2], ast.BinOp(left, ast.Sub(), right))


class _Replace(ast.NodeTransformer):
    def __init__(self, text, by):
        self.text, self.by = text, by

    def visit(self, node):
        if isinstance(node, ast.expr) and ast.unparse(node) == self.text:
            return self.by
        fields = {name: self._field(value) for name, value in ast.iter_fields(node)}
        return type(node)(**fields)

    def _field(self, value):
        if isinstance(value, list):
            return [self.visit(item) if isinstance(item, ast.AST) else item for item in value]
        return self.visit(value) if isinstance(value, ast.AST) else value


# Slips


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
