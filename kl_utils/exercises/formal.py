"""Lines read formally: what would they be worth if E were some other average?

Definitions, linearity and algebra under the expectation hold for every average with E(1) = 1, so a
step that rests on nothing else also holds when E_q(f) is replaced by w f(z₁) + (1 − w) f(z₂), with
points and a weight out of the blue. A step that *evaluates* an expectation does not. This is how a
step's size is found, whatever route a proof takes; that the step is true is another question.

``KL`` and ``H`` are written out by their definitions, ``Int(f, z)`` is read as E_q(f/q), and an
abbreviation as what it stands for.
"""

import ast
import copy
from itertools import islice, product

import numpy as np

from ..derivation import Derivation, between, real, vector
from ..derivation.distributions import Finite, Gaussian, density_of
from ..derivation.line_values import evaluate_line
from ..derivation.parsing import Line
from ..derivation.trees import call, name, names_in

AVERAGES = ("E", "Var", "KL", "H", "Int")  # what is read formally
_POINTS = (1, 2, 3, 4)  # two for each of two readings
_RAISED = (1.7, 0.6)  # by which factors a density is raised at the two points
_ROUNDING = 1e-7


class Untold(Exception):
    """Nothing can be told about this line, for example because it has no formal value."""


class Formal:
    """The formal values of lines in a frame."""

    def __init__(self, frame):
        meanings = frame.bare.meanings
        self.meanings = meanings
        self.gaussians = {key: m for key, m in meanings.items() if isinstance(m, Gaussian)}
        self.variables = {m.of[0]: m for m in reversed(self.gaussians.values())}
        given = copy.copy(frame.given)
        given.kinds = dict(given.kinds)
        for variable, gaussian in self.variables.items():
            kind = _kind_of_points(gaussian, given)
            given.kinds |= {_point(variable, k): kind for k in _POINTS}
        given.kinds |= {f"weight__{k}": between(0, 1) for k in _POINTS}
        self.derivation = Derivation("", given)
        self.derivation.meanings = meanings | self._at_points()
        self.groups = list(islice(given.groups(simple=8, random=16), 3))

    def _at_points(self):
        """Conditional densities such as p(x|z), at the points of their variables."""
        more = {}
        for key, meaning in self.gaussians.items():
            if "(" not in key:
                continue
            tree = ast.parse(key, mode="eval").body
            variables = [v for v in self.variables if v in names_in(tree)]
            for choice in product((None, *_POINTS), repeat=len(variables)):
                at = {v: name(_point(v, k)) for v, k in zip(variables, choice, strict=True) if k}
                mean, cov = (substitute(part, at) for part in (meaning.mean, meaning.cov))
                more[ast.unparse(substitute(tree, at))] = Gaussian(mean, cov, meaning.of)
        return more

    # Trees

    def expand(self, tree):
        """The tree with abbreviations written out."""
        short = {key: m for key, m in self.meanings.items() if isinstance(m, ast.expr)}
        for key in reversed(short):
            tree = substitute(tree, {key: short[key]})
        return tree

    def read(self, tree, reading=0, raised=None, true=()):
        """The formal tree of an expanded one.

        ``reading`` 0 or 1 chooses the points; the density named ``raised`` is another one inside
        logarithms; averages whose text is among ``true`` are left as they stand.
        """
        tree = _Reader(self, reading, raised, true).visit(copy.deepcopy(tree))
        return _Raise(raised, _RAISED[0]).visit(tree) if raised else tree

    def values(self, tree, groups=None):
        """The values of a tree at all cases, one array for each group; raises `Untold`."""
        groups = groups or self.groups
        _give_sources(tree)
        found = evaluate_line(Line("", "", "", "=", tree), groups, self.derivation)
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


def _point(variable, which):
    return f"{variable}__{which}"


def _kind_of_points(gaussian, given):
    """Numbers or vectors, as the mean of a distribution is."""
    for letter in [*sorted(names_in(gaussian.cov)), *sorted(names_in(gaussian.mean))]:
        kind = given.kinds.get(letter)
        if kind and kind.dimensions:
            return vector(kind.dimensions[0])
        if letter == "I":
            sizes = [k.dimensions[0] for k in given.kinds.values() if k.dimensions]
            return vector(sizes[0]) if sizes else real()
    return real()


def _give_sources(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and getattr(node, "source", None) is None:
            node.source = "this"


class _Reader(ast.NodeTransformer):
    """Replaces averages by sums over two points, from the inside out."""

    def __init__(self, formal, reading, raised, true):
        self.formal, self.raised, self.true = formal, raised, true
        self.points = _POINTS[2 * reading : 2 * reading + 2]
        self.weight = name(f"weight__{self.points[0]}")

    def visit_Call(self, node):
        if is_average(node) and ast.unparse(node) not in self.true:
            return self._average(node.func.id, node.args)
        node.args = [self.visit(argument) for argument in node.args]
        return node

    def _average(self, function, args):
        if function == "Int":
            return self._integral(*args)
        q, p = args[1 if function in ("E", "Var") else 0], args[-1]
        meaning = self._meaning(q)
        if function in ("KL", "H"):
            log_q, log_p = (call("log", [_at(d, meaning)]) for d in (q, p))
            body = ast.BinOp(log_q, ast.Sub(), log_p) if function == "KL" else _minus(log_p)
        else:
            body = self.visit(args[0])
        if isinstance(meaning, Finite):
            return call("Var" if function == "Var" else "E", [body, q])
        mean = self._sum(body, meaning.of[0])
        if function != "Var":
            return mean
        square = self._sum(ast.BinOp(body, ast.Pow(), ast.Constant(2)), meaning.of[0])
        return ast.BinOp(square, ast.Sub(), ast.BinOp(mean, ast.Pow(), ast.Constant(2)))

    def _integral(self, body, *limits):
        if len(limits) != 1 or not isinstance(limits[0], ast.Name):
            raise Untold("an integral between limits")
        variable = limits[0].id
        q = self._density_of(variable)
        return self._sum(ast.BinOp(self.visit(body), ast.Div(), q), variable)

    def _sum(self, body, variable):
        first, second = (
            self._raise(substitute(body, {variable: name(_point(variable, k))}), factor)
            for k, factor in zip(self.points, _RAISED, strict=True)
        )
        rest = ast.BinOp(ast.Constant(1), ast.Sub(), self.weight)
        return ast.BinOp(
            ast.BinOp(self.weight, ast.Mult(), first),
            ast.Add(),
            ast.BinOp(rest, ast.Mult(), second),
        )

    def _raise(self, body, factor):
        return _Raise(self.raised, factor).visit(body) if self.raised else body

    def _meaning(self, distribution):
        meanings = self.formal.meanings
        key = ast.unparse(distribution)
        meaning = meanings.get(key) or meanings.get(key.partition("(")[0])
        if not isinstance(meaning, Gaussian | Finite):
            raise Untold("an average under something else")
        return meaning

    def _density_of(self, variable):
        for key, gaussian in self.formal.gaussians.items():
            if gaussian.of[0] == variable and "(" not in key:
                return call(key, [name(variable)])
        raise Untold("an integral over a variable without a distribution")


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


def _minus(tree):
    return ast.UnaryOp(ast.USub(), tree)
