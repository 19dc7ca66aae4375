"""The formal reading of a tree: averages become sums over two points.

`formal` says what this is good for, and where the points lie.
"""

import ast
import copy

from ..derivation.distributions import Finite, density_of
from ..derivation.trees import call, name, substitute

AVERAGES = ("E", "Var", "KL", "H", "Int")  # what is read formally
_LINE = ["-inf", "inf"]
_RAISED = (1.7, 0.6)  # by which factors a density is raised at the two points


class Untold(Exception):
    """Nothing can be told about this line, for example because it has no formal value."""


def averages(tree):
    """The outermost averages in a tree: E, Var, KL, H, Int."""
    if is_average(tree):
        return [tree]
    return [found for child in ast.iter_child_nodes(tree) for found in averages(child)]


def is_average(node):
    return isinstance(node, ast.Call) and node.func.id in AVERAGES


def weight(reading):
    """The name of the weight of the first point."""
    return f"weight__{reading}"


class Reader(ast.NodeTransformer):
    """Replaces averages by sums over two points, from the inside out."""

    def __init__(self, formal, reading, raised, true, under):
        self.formal, self.reading, self.raised = formal, reading, raised
        self.true, self.under = true, under

    def read(self, tree):
        tree = self.visit(tree)
        return _Raise(self.raised, _RAISED[0]).visit(tree) if self.raised else tree

    def visit_Call(self, node):
        if is_average(node):
            node.is_settled = ast.unparse(node) in self.true
            return node if node.is_settled else self._average(node.func.id, node.args)
        node.args = [self.visit(argument) for argument in node.args]
        return node

    def _average(self, function, args):
        if function == "Int":
            return self._integral(*args)
        q, p = args[1 if function in ("E", "Var") else 0], args[-1]
        key = ast.unparse(q)
        if key not in self.formal.meanings:
            key = key.partition("(")[0]
        meaning = self.formal.meanings.get(key)
        if key not in self.formal.continuous and not isinstance(meaning, Finite):
            raise Untold("an average under something else")
        if function in ("KL", "H"):
            log_q, log_p = (call("log", [density_at(d, meaning)]) for d in (q, p))
            body = _minus(log_p, log_q) if function == "KL" else _minus(log_p)
        else:
            body = self.visit(args[0])
        if isinstance(meaning, Finite):
            return call("Var" if function == "Var" else "E", [body, q])
        mean = self._sum(body, key)
        return mean if function != "Var" else _minus(_square(mean), self._sum(_square(body), key))

    def _integral(self, body, *limits):
        """∫ f dz over all values of z as E_q(f/q), with a distribution q of z."""
        variable, *ends = map(ast.unparse, limits)
        for key in self.formal.plain:
            q = self.formal.continuous[key]
            whole = [ast.unparse(q.low), ast.unparse(q.high)] if hasattr(q, "low") else _LINE
            if q.of == (variable,) and ends in ([], whole):
                density = density_at(name(key), q)
                return self._sum(ast.BinOp(self.visit(body), ast.Div(), density), key)
        raise Untold("an integral between limits, or over a variable without a distribution")

    def _sum(self, body, key):
        """w body(z₁) + (1 − w) body(z₂)."""
        variable = self.formal.continuous[key].of[0]
        w = name(weight(self.reading))
        weighted = (
            ast.BinOp(share, ast.Mult(), self._at_point(body, variable, point, factor))
            for share, point, factor in zip(
                (w, _minus(w, ast.Constant(1))),
                self.formal.points[self._points_of(key)][self.reading],
                _RAISED,
                strict=True,
            )
        )
        return ast.BinOp(next(weighted), ast.Add(), next(weighted))

    def _points_of(self, key):
        continuous = self.formal.continuous
        fits = self.under and continuous[self.under].of == continuous[key].of
        return self.under if fits else key

    def _at_point(self, body, variable, point, factor):
        body = substitute(body, {variable: name(point)})
        return _Raise(self.raised, factor).visit(body) if self.raised else body


def density_at(distribution, meaning):
    """The density of a distribution, at the variable of another."""
    if isinstance(distribution, ast.Name):
        return density_of(distribution.id, meaning)
    return copy.deepcopy(distribution)


class _Raise(ast.NodeTransformer):
    """Multiplies a density by a factor wherever it stands inside a logarithm."""

    def __init__(self, density, factor, inside=False):
        self.density, self.factor, self.inside = density, factor, inside

    def visit_Call(self, node):
        if getattr(node, "is_settled", False):
            return node
        inside = self.inside or node.func.id == "log"
        inner = _Raise(self.density, self.factor, inside)
        node.args = [inner.visit(argument) for argument in node.args]
        if not inside or node.func.id != self.density:
            return node
        node.is_settled = True
        return ast.BinOp(ast.Constant(self.factor), ast.Mult(), node)


def _minus(tree, above=None):
    """−tree, or above − tree."""
    return ast.BinOp(above, ast.Sub(), tree) if above else ast.UnaryOp(ast.USub(), tree)


def _square(tree):
    return ast.BinOp(tree, ast.Pow(), ast.Constant(2))
