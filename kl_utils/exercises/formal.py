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
from dataclasses import replace
from functools import cached_property
from itertools import islice, product

import numpy as np

from ..derivation import Derivation, between, real, vector
from ..derivation.distributions import NORMAL, Density, Derived, Gaussian
from ..derivation.line_values import evaluate_line
from ..derivation.parsing import Line
from ..derivation.trees import call, name, names_in, substitute
from .readings import Reader, Untold, density_at, weight

_READINGS = (0, 1)
_CONTINUOUS = (*NORMAL, Density)
_ROUNDING = 1e-7
_BROADEST, _USUAL_TERMS = 10_000, 5


class Formal:
    """The formal values of lines in a frame.

    ``points[q]`` has, for each reading, the names of the two points that stand for draws from q.
    Without ``exact_mean``, both are out of the blue.
    """

    def __init__(self, frame, exact_mean=True):
        self.frame = frame
        self.meanings = frame.bare.meanings
        self.continuous = {
            k: m for k, m in self.meanings.items() if isinstance(m, (*NORMAL, Density))
        }
        self.variables = {m.of[0] for m in self.continuous.values()}
        self.points = {
            key: [[f"{m.of[0]}__{place}{reading}{k}" for k in (1, 2)] for reading in _READINGS]
            for place, (key, m) in enumerate(self.continuous.items())
        }
        given = copy.copy(frame.given)
        given.kinds = given.kinds | {
            weight(reading): between(1 / 3, 2 / 3) for reading in _READINGS
        }
        places = {}
        free = self.variables if exact_mean else None
        for key, meaning in self.continuous.items():
            for reading, points in enumerate(self.points[key]):
                letters, meant = _places(meaning, points, reading, given, free)
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
        """The names of the distributions of a real variable that are not conditional."""
        return [key for key in self.continuous if "(" not in key]

    def _conditionals(self):
        """Densities such as p(x|z), at the points of their variables."""
        more = {}
        at = {v: [v] for v in self.variables}
        for key, meaning in self.continuous.items():
            at[meaning.of[0]] += [point for pair in self.points[key] for point in pair]
        for key in self.continuous.keys() - set(self.plain):
            tree = ast.parse(key, mode="eval").body
            variables = sorted(self.variables & names_in(tree))
            for choice in product(*(at[v] for v in variables)):
                by = dict(zip(variables, choice, strict=True))
                trees = {variable: name(point) for variable, point in by.items()}
                moved = _moved(self.continuous[key], by, trees)
                more[ast.unparse(substitute(tree, trees))] = moved
        return more

    # Trees

    def mean_log(self, density):
        """The tree of E(log q(z))."""
        of = self.continuous[density]
        return call("E", [call("log", [density_at(name(density), of)]), name(density)])

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
        reader = Reader(self, reading, raised, true, under)
        return reader.read(copy.deepcopy(tree))

    # Values

    def values(self, tree, groups=None):
        """The values of a tree at all cases, one array for each group; raises `Untold`."""
        groups = groups or self.groups
        if _breadth(tree) > _BROADEST:
            raise Untold("too much computing")
        line = Line("", "", "", "=", _with_sources(tree))
        found = evaluate_line(line, groups, self.derivation)
        if found.fault or len(found.groups) < len(groups):
            raise Untold(found.fault)
        return [values.number for values in found.groups]

    def frozen(self, case):
        """The first group with the letters as in one case, and points that go on varying."""
        group = self.groups[0]
        values = {
            key: stack if "__" in key else np.broadcast_to(stack[case], stack.shape)
            for key, stack in group.values.items()
        }
        return [group._replace(values=values)]


def _breadth(node):
    """How many operations a tree takes, with sums counted term by term."""
    inner = 1 + sum(map(_breadth, ast.iter_child_nodes(node)))
    match node:
        case ast.Call(func=ast.Name(id="Sum" | "Prod"), args=[_, _, *_, last]):
            return inner * (last.value if isinstance(last, ast.Constant) else _USUAL_TERMS)
    return inner


def same(a, b):
    """Are the values of two lines equal at all cases, up to rounding?"""
    return all(
        x.shape == y.shape and np.allclose(x, y, rtol=_ROUNDING, atol=_ROUNDING, equal_nan=True)
        for x, y in zip(a, b, strict=True)
    )


# Points


def _moved(meaning, by, trees):
    """A conditional distribution, given a point in place of each variable."""
    match meaning:
        case Gaussian(mean, cov, of):
            return Gaussian(substitute(mean, trees), substitute(cov, trees), of)
        case Derived(given=given):
            return replace(meaning, given=by.get(given, given))
    return replace(meaning, density=substitute(meaning.density, trees))


def _places(meaning, points, reading, given, variables):
    """Where two points lie: letters that are free, and expressions that names stand for.

    For z ~ N(m, S) they are z₁ = m + S u and z₂ = m − S u w/(1 − w), with a letter u. In one
    dimension √S takes the place of S, and u is the same for all: so z = m + √S ε holds formally.
    Where m depends on one of the variables, or these are None, both points are letters, and so
    they are, between the limits, where the density is given by a formula.
    """
    if isinstance(meaning, Density):
        return _between(meaning, points)
    if isinstance(meaning, Derived):
        return dict.fromkeys(points, _kind_of_points(meaning.parameters, given)), {}
    kind = _kind_of_points((meaning.cov, meaning.mean), given)
    if variables is None or names_in(meaning.mean) & variables:
        return dict.fromkeys(points, kind), {}
    u, w = name(f"{points[0]}u"), name(weight(reading))
    step = ast.BinOp(meaning.cov, ast.MatMult(), u)
    if kind is _NUMBER:
        u = name(f"u__{reading}")
        step = ast.BinOp(call("sqrt", [meaning.cov]), ast.Mult(), u)
    back = ast.BinOp(w, ast.Div(), ast.BinOp(w, ast.Sub(), ast.Constant(1)))
    steps = [step, ast.BinOp(back, ast.Mult(), step)]
    if not isinstance(meaning.mean, ast.Constant):  # "0" also stands for the zero vector
        steps = [ast.BinOp(meaning.mean, ast.Add(), step) for step in steps]
    return {u.id: kind}, dict(zip(points, map(_with_sources, steps), strict=True))


def _between(meaning, points):
    """Two points between the limits of a density."""
    low, high = meaning.low, meaning.high
    letters = {f"{point}u": between(0, 1) for point in points}
    if "inf" in names_in(high) and "inf" in names_in(low):
        return dict.fromkeys(points, real()), {}
    places = {}
    for point, u in zip(points, map(name, letters), strict=True):
        step = ast.BinOp(u, ast.Mult(), ast.Constant(3))
        if "inf" in names_in(low):
            places[point] = ast.BinOp(high, ast.Sub(), step)
        elif "inf" in names_in(high):
            places[point] = ast.BinOp(low, ast.Add(), step)
        else:
            width = ast.BinOp(high, ast.Sub(), low)
            places[point] = ast.BinOp(low, ast.Add(), ast.BinOp(width, ast.Mult(), u))
    return letters, {point: _with_sources(place) for point, place in places.items()}


_NUMBER = between(1 / 2, 3 / 2)


def _kind_of_points(parameters, given):
    """Numbers or vectors, as the draws from a distribution are."""
    sizes = [kind.dimensions[0] for kind in given.kinds.values() if kind.dimensions]
    for letter in [letter for tree in parameters for letter in sorted(names_in(tree))]:
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
