"""The formal reading of a tree: averages become sums over two points.

`formal` says what this is good for, and where the points lie.
"""

import ast
import copy

from ..derivation.distributions import Finite, density_of
from ..derivation.trees import call, name, names_in
from .moments import calls, is_average

LINE = ["-inf", "inf"]
_RAISED = (1.7, 0.6)  # by which factors a density is raised at the two points


ORIGIN = "origin__"  # a letter that is 0


class Untold(Exception):
    """Nothing can be told about this line, for example because it has no formal value."""


class Spent(Exception):
    """An answer has used up the work that grading it may take."""


def fresh(tree):
    """A copy that may be changed: its nodes forget the text that is kept for them."""
    tree = copy.deepcopy(tree)
    for node in ast.walk(tree):
        vars(node).pop("text", None)
    return tree


def substitute(tree, by):
    """The tree with names replaced by trees."""
    return _Substitute(by).visit(fresh(tree))


class _Substitute(ast.NodeTransformer):
    def __init__(self, by):
        self.by = by

    def visit_Name(self, node):
        return copy.deepcopy(self.by.get(node.id, node))

    def visit_Call(self, node):
        """A derivative at a point z is one at 0, of f(z + t) by t."""
        if node.func.id == "D" and names_in(node.args[1]) & self.by.keys():
            moved = ast.BinOp(self.visit(node.args[1]), ast.Add(), name(ORIGIN))
            by = self.by | {node.args[1].id: moved}
            return call("D", [substitute(node.args[0], by), name(ORIGIN)], "this")
        node.args = [self.visit(argument) for argument in node.args]
        return node


def weight(reading):
    """The name of the weight of the first point."""
    return f"weight__{reading}"


def step(reading):
    """The name of u, where points lie at m + √v u, for numbers with mean m and variance v."""
    return f"u__{reading}"


def back(reading):
    """The tree of w/(w − 1): by how much of its step the second point lies behind the mean."""
    w = name(weight(reading))
    return ast.BinOp(w, ast.Div(), ast.BinOp(w, ast.Sub(), ast.Constant(1)))


class Reader(ast.NodeTransformer):
    """Replaces averages by sums over two points, from the inside out."""

    def __init__(self, formal, reading, raised, true, under, without):
        self.formal, self.reading, self.raised = formal, reading, raised
        self.true, self.under, self.without = true, under, without

    def read(self, tree):
        tree = self.visit(tree)
        if self.without:
            tree = _Raise(self.without, None).visit(tree)
        return _Raise(self.raised, _RAISED[0]).visit(tree) if self.raised else tree

    def visit_Call(self, node):
        if is_average(node):
            node.is_settled = ast.unparse(node) in self.true or self.formal.stands(node)
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
        """∫ f dz over all values of z as E_q(f/q), with a distribution q of z.

        Where none is given for the variable, q is the normal density under the integral.
        """
        key = self.formal.whole(limits)
        if key:
            density = density_at(name(key), self.formal.continuous[key])
            return self._sum(ast.BinOp(self.visit(body), ast.Div(), density), key)
        density = normal_weight(body, limits)
        if not density:
            raise Untold("an integral between limits, or over a variable without a distribution")
        variable, mean, variance = density.args
        far = ast.BinOp(call("sqrt", [variance]), ast.Mult(), name(step(self.reading)))
        steps = (far, ast.BinOp(back(self.reading), ast.Mult(), far))
        points = [ast.BinOp(mean, ast.Add(), far) for far in steps]
        body = ast.BinOp(self.visit(body), ast.Div(), copy.deepcopy(density))
        return self._sum_at(body, variable.id, points)

    def _sum(self, body, key):
        points = self.formal.points[self._points_of(key)][self.reading]
        return self._sum_at(body, self.formal.continuous[key].of[0], map(name, points))

    def _sum_at(self, body, variable, points):
        """w body(z₁) + (1 − w) body(z₂)."""
        w = name(weight(self.reading))
        weighted = (
            ast.BinOp(share, ast.Mult(), self._at_point(body, variable, point, factor))
            for share, point, factor in zip(
                (w, _minus(w, ast.Constant(1))), points, _RAISED, strict=True
            )
        )
        return ast.BinOp(next(weighted), ast.Add(), next(weighted))

    def _points_of(self, key):
        continuous = self.formal.continuous
        fits = self.under and continuous[self.under].of == continuous[key].of
        return self.under if fits else key

    def _at_point(self, body, variable, point, factor):
        body = substitute(body, {variable: point})
        return _Raise(self.raised, factor).visit(body) if self.raised else body


def normal_weight(body, limits):
    """``normal(u, m, v)`` under an integral over all u, where m and v have no u; else None."""
    variable, *ends = map(ast.unparse, limits)
    if ends not in ([], LINE):
        return None
    return next(
        (
            node
            for node in calls(body)
            if node.func.id == "normal"
            and ast.unparse(node.args[0]) == variable
            and not any(variable in names_in(parameter) for parameter in node.args[1:])
        ),
        None,
    )


def density_at(distribution, meaning):
    """The density of a distribution, at the variable of another."""
    if isinstance(distribution, ast.Name):
        return density_of(distribution.id, meaning)
    return copy.deepcopy(distribution)


class _Raise(ast.NodeTransformer):
    """Multiplies a density by a factor wherever it stands inside a logarithm; None makes it 1."""

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
        if self.factor is None:
            return ast.Constant(1)
        node.is_settled = True
        return ast.BinOp(ast.Constant(self.factor), ast.Mult(), node)


def _minus(tree, above=None):
    """−tree, or above − tree."""
    return ast.BinOp(above, ast.Sub(), tree) if above else ast.UnaryOp(ast.USub(), tree)


def _square(tree):
    return ast.BinOp(tree, ast.Pow(), ast.Constant(2))
