"""Lines read formally: what would they be worth if E were some other average?

Definitions, linearity and algebra under the expectation hold for every average with E(1) = 1, so a
step that rests on nothing else also holds when E_q(f) is replaced by w f(z₁) + (1 − w) f(z₂), with
a point z₁ and a weight w out of the blue, and z₂ such that the mean is right. A step that
*evaluates* an expectation, other than the mean, does not. This is how a step's size is found,
whatever route a proof takes; that the step is true is another question.

``KL`` and ``H`` are written out by their definitions, ``Int(f, z)`` is read as E_q(f/q), and an
abbreviation as what it stands for.
"""

import ast
import copy
from functools import cached_property
from itertools import islice, product

import numpy as np

from ..derivation import Derivation, between, vector
from ..derivation.distributions import Finite, Gaussian, density_of
from ..derivation.line_values import evaluate_line
from ..derivation.parsing import Line
from ..derivation.trees import call, name, names_in

AVERAGES = ("E", "Var", "KL", "H", "Int")  # what is read formally
_READINGS = (0, 1)
_RAISED = (1.7, 0.6)  # by which factors a density is raised at the two points
_ROUNDING = 1e-7


class Untold(Exception):
    """Nothing can be told about this line, for example because it has no formal value."""


class Formal:
    """The formal values of lines in a frame.

    ``points[q]`` has, for each reading, the names of the two points that stand for draws from q.
    Without ``exact_mean``, both are out of the blue.
    """

    def __init__(self, frame, exact_mean=True):
        self.frame = frame
        self.meanings = frame.bare.meanings
        self.gaussians = {k: m for k, m in self.meanings.items() if isinstance(m, Gaussian)}
        self.variables = {m.of[0] for m in self.gaussians.values()}
        self.points = {
            key: [[f"{m.of[0]}__{place}{reading}{k}" for k in (1, 2)] for reading in _READINGS]
            for place, (key, m) in enumerate(self.gaussians.items())
        }
        given = copy.copy(frame.given)
        given.kinds = given.kinds | {
            weight(reading): between(1 / 3, 2 / 3) for reading in _READINGS
        }
        places = {}
        free = self.variables if exact_mean else None
        for key, gaussian in self.gaussians.items():
            for reading, points in enumerate(self.points[key]):
                letters, meant = _places(gaussian, points, reading, given, free)
                given.kinds = given.kinds | letters
                places |= meant
        self.derivation = Derivation("", given)
        self.derivation.meanings = self.meanings | places | self._conditionals()
        self.groups = list(islice(given.groups(simple=8, random=16), 3))

    @cached_property
    def loose(self):
        """The same, with all points out of the blue."""
        return Formal(self.frame, exact_mean=False)

    @property
    def plain(self):
        """The names of the normal distributions that are not conditional."""
        return [key for key in self.gaussians if "(" not in key]

    def _conditionals(self):
        """Densities such as p(x|z), at the points of their variables."""
        more = {}
        at = {v: [v] for v in self.variables}
        for key, gaussian in self.gaussians.items():
            at[gaussian.of[0]] += [point for pair in self.points[key] for point in pair]
        for key in self.gaussians.keys() - set(self.plain):
            tree, gaussian = ast.parse(key, mode="eval").body, self.gaussians[key]
            variables = sorted(self.variables & names_in(tree))
            for choice in product(*(at[v] for v in variables)):
                by = dict(zip(variables, map(name, choice), strict=True))
                mean, cov = (substitute(part, by) for part in (gaussian.mean, gaussian.cov))
                more[ast.unparse(substitute(tree, by))] = Gaussian(mean, cov, gaussian.of)
        return more

    # Trees

    def mean_log(self, density):
        """The tree of E(log q(z))."""
        of = self.gaussians[density]
        return call("E", [call("log", [_at(name(density), of)]), name(density)])

    def expand(self, tree):
        """The tree with abbreviations written out."""
        short = {key: m for key, m in self.meanings.items() if isinstance(m, ast.expr)}
        for key in reversed(short):
            tree = substitute(tree, {key: short[key]})
        return tree

    def read(self, tree, reading=0, raised=None, true=(), under=None):
        """The formal tree of an expanded one.

        ``reading`` 0 or 1 chooses the points; the density named ``raised`` is another one inside
        logarithms; averages whose text is among ``true`` are left as they stand; with ``under``,
        all others are read as averages under the distribution of that name.
        """
        tree = _Reader(self, reading, raised, true, under).visit(copy.deepcopy(tree))
        return _Raise(raised, _RAISED[0]).visit(tree) if raised else tree

    # Values

    def values(self, tree, groups=None):
        """The values of a tree at all cases, one array for each group; raises `Untold`."""
        groups = groups or self.groups
        line = Line("", "", "", "=", _with_sources(tree))
        found = evaluate_line(line, groups, self.derivation)
        if found.fault or len(found.values) < len(groups):
            raise Untold(found.fault)
        return found.values

    def frozen(self, case):
        """The first group with the letters as in one case, and points that go on varying."""
        group = self.groups[0]
        values = {
            key: stack if "__" in key else np.broadcast_to(stack[case], stack.shape)
            for key, stack in group.values.items()
        }
        return [group._replace(values=values)]


def same(a, b):
    """Are the values of two lines equal at all cases, up to rounding?"""
    return all(
        x.shape == y.shape and np.allclose(x, y, rtol=_ROUNDING, atol=_ROUNDING, equal_nan=True)
        for x, y in zip(a, b, strict=True)
    )


def averages(tree):
    """The outermost averages in a tree: E, Var, KL, H, Int."""
    if is_average(tree):
        return [tree]
    return [found for child in ast.iter_child_nodes(tree) for found in averages(child)]


def is_average(node):
    return isinstance(node, ast.Call) and node.func.id in AVERAGES


def substitute(tree, by):
    """The tree with names replaced by trees."""
    return _Substitute(by).visit(copy.deepcopy(tree))


class _Substitute(ast.NodeTransformer):
    def __init__(self, by):
        self.by = by

    def visit_Name(self, node):
        return copy.deepcopy(self.by.get(node.id, node))

    def visit_Call(self, node):
        node.args = [self.visit(argument) for argument in node.args]
        return node


# Points


def weight(reading):
    """The name of the weight of the first point."""
    return f"weight__{reading}"


def _places(gaussian, points, reading, given, variables):
    """Where two points lie: letters that are free, and expressions that names stand for.

    For z ~ N(m, S) they are z₁ = m + S u and z₂ = m − S u w/(1 − w), with a letter u. Where m
    depends on one of the variables, or these are None, both are letters.
    """
    kind = _kind_of_points(gaussian, given)
    if variables is None or names_in(gaussian.mean) & variables:
        return dict.fromkeys(points, kind), {}
    u, w = name(f"{points[0]}u"), name(weight(reading))
    step = ast.BinOp(gaussian.cov, ast.Mult() if kind == _NUMBER else ast.MatMult(), u)
    back = ast.BinOp(w, ast.Div(), ast.BinOp(w, ast.Sub(), ast.Constant(1)))
    steps = [step, ast.BinOp(back, ast.Mult(), step)]
    if not isinstance(gaussian.mean, ast.Constant):  # "0" also stands for the zero vector
        steps = [ast.BinOp(gaussian.mean, ast.Add(), step) for step in steps]
    return {u.id: kind}, dict(zip(points, map(_with_sources, steps), strict=True))


_NUMBER = between(1 / 2, 3 / 2)


def _kind_of_points(gaussian, given):
    """Numbers or vectors, as the draws from a distribution are."""
    sizes = [kind.dimensions[0] for kind in given.kinds.values() if kind.dimensions]
    for letter in [*sorted(names_in(gaussian.cov)), *sorted(names_in(gaussian.mean))]:
        kind = given.kinds.get(letter)
        if kind and kind.dimensions:
            return vector(kind.dimensions[0])
        if letter == "I" and sizes:
            return vector(sizes[0])
    return _NUMBER


def _with_sources(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and getattr(node, "source", None) is None:
            node.source = "this"
    return tree


# Reading


class _Reader(ast.NodeTransformer):
    """Replaces averages by sums over two points, from the inside out."""

    def __init__(self, formal, reading, raised, true, under):
        self.formal, self.reading, self.raised = formal, reading, raised
        self.true, self.under = true, under

    def visit_Call(self, node):
        if is_average(node) and ast.unparse(node) not in self.true:
            return self._average(node.func.id, node.args)
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
        if not isinstance(meaning, Gaussian | Finite):
            raise Untold("an average under something else")
        if function in ("KL", "H"):
            log_q, log_p = (call("log", [_at(d, meaning)]) for d in (q, p))
            body = _minus(log_p, log_q) if function == "KL" else _minus(log_p)
        else:
            body = self.visit(args[0])
        if isinstance(meaning, Finite):
            return call("Var" if function == "Var" else "E", [body, q])
        mean = self._sum(body, key)
        return mean if function != "Var" else _minus(_square(mean), self._sum(_square(body), key))

    def _integral(self, body, *limits):
        if len(limits) != 1 or not isinstance(limits[0], ast.Name):
            raise Untold("an integral between limits")
        for key in self.formal.plain:
            if self.formal.gaussians[key].of == (limits[0].id,):
                q = _at(name(key), self.formal.gaussians[key])
                return self._sum(ast.BinOp(self.visit(body), ast.Div(), q), key)
        raise Untold("an integral over a variable without a distribution")

    def _sum(self, body, key):
        """w body(z₁) + (1 − w) body(z₂)."""
        variable = self.formal.gaussians[key].of[0]
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
        gaussians = self.formal.gaussians
        fits = self.under and gaussians[self.under].of == gaussians[key].of
        return self.under if fits else key

    def _at_point(self, body, variable, point, factor):
        body = substitute(body, {variable: name(point)})
        return _Raise(self.raised, factor).visit(body) if self.raised else body


def _at(distribution, meaning):
    """The density of a distribution, at the variable of another."""
    if isinstance(distribution, ast.Name):
        return density_of(distribution.id, meaning)
    return copy.deepcopy(distribution)


class _Raise(ast.NodeTransformer):
    """Multiplies a density by a factor wherever it stands inside a logarithm."""

    def __init__(self, density, factor, inside=False):
        self.density, self.factor, self.inside = density, factor, inside

    def visit_Call(self, node):
        inside = self.inside or node.func.id == "log"
        inner = _Raise(self.density, self.factor, inside)
        node.args = [inner.visit(argument) for argument in node.args]
        if not inside or node.func.id != self.density or getattr(node, "is_raised", False):
            return node
        node.is_raised = True
        return ast.BinOp(ast.Constant(self.factor), ast.Mult(), node)


def _minus(tree, above=None):
    """−tree, or above − tree."""
    return ast.BinOp(above, ast.Sub(), tree) if above else ast.UnaryOp(ast.USub(), tree)


def _square(tree):
    return ast.BinOp(tree, ast.Pow(), ast.Constant(2))
