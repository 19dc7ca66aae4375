"""What stands on a line, and how far it is from closed form.

A line has rank 2 while logarithms of densities stand under its averages (also as KL or H) or an
integral that is no moment; rank 1 while moments are left; rank 0 in closed form. What changes
nothing does not count: whether ``log q`` matters is found by putting another density into all
logarithms, and so E − E and 0·E are seen through.
"""

import ast
from dataclasses import dataclass

from ..derivation.distributions import density_of
from ..derivation.trees import names_in
from .formal import same
from .readings import AVERAGES, averages, is_average

_ELEMENTWISE = {"T", "tr", "diag", "Sum", "Prod"}  # of polynomials, these are polynomials
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
        logs_that_matter(tree, formal),
        frozenset(_short(node, formal) for node in _calls(tree) if node.func.id in _NAMED),
        frozenset(moments),
        frozenset(map(ast.unparse, found)) - moments,
        any(_is_hard(node, formal) for node in found),
        same(value, formal.values(formal.read(tree, reading=1))),
    )


def _short(node, formal):
    """``KL(q, p)``, also where ``KL(q(z), p(z))`` is written."""
    whole = {
        ast.unparse(density_of(key, meaning)): key
        for key, meaning in formal.meanings.items()
        if hasattr(meaning, "of") and "(" not in key
    }
    written = map(ast.unparse, node.args)
    return f"{node.func.id}({', '.join(whole.get(text, text) for text in written)})"


def logs_that_matter(tree, formal, true=frozenset()):
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
