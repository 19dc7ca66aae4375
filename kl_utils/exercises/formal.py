"""Lines read formally: what would they be worth if E were some other average?

Definitions, linearity and algebra under the expectation hold for every average with E(1) = 1, so a
step that rests on nothing else also holds when E_q(f) is replaced by w f(z₁) + (1 − w) f(z₂), with
a point z₁ and a weight w out of the blue, and z₂ such that the mean is right. A step that
*evaluates* an expectation, other than the mean, does not. This is how a step's size is found,
whatever route a proof takes; that the step is true is another question.

``KL`` and ``H`` are written out by their definitions, ``Int(f, z)`` is read as E_q(f/q), and an
abbreviation as what it stands for. A moment that is an integral of another kind, such as one over a
half line, is read as it stands.
"""

import ast
import copy
from functools import cached_property
from itertools import islice, product

import numpy as np

from ..derivation import Derivation, between
from ..derivation.checking import Comparison
from ..derivation.distributions import NORMAL, Density
from ..derivation.journal import MOST_WORK, Journal
from ..derivation.line_values import evaluate_line
from ..derivation.parsing import Line
from ..derivation.trees import call, name, names_in
from .moments import is_moment
from .points import NUMBER, moved, places_of, with_sources
from .readings import (
    LINE,
    ORIGIN,
    Reader,
    Spent,
    Untold,
    density_at,
    fresh,
    normal_weight,
    step,
    substitute,
    weight,
)

MOST_WORK_OF_AN_ANSWER = 4 * MOST_WORK  # honest proofs take a fifth of it at most
_READINGS = (0, 1)
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
        given.kinds |= {step(reading): NUMBER for reading in _READINGS}
        places = {}
        free = self.variables if exact_mean else None
        for key, meaning in self.continuous.items():
            for reading, points in enumerate(self.points[key]):
                letters, meant = places_of(meaning, points, reading, given, free)
                given.kinds = given.kinds | letters
                places |= meant
        self.derivation = Derivation("", given)
        self.derivation.meanings = self.meanings | places | self._conditionals()
        self.groups = list(map(_with_origin, islice(given.groups(simple=8, random=16), 3)))
        self.work = None  # where it is counted: what is left of that of one answer

    @cached_property
    def loose(self):
        """The same, with all points out of the blue."""
        return Formal(self.frame, exact_mean=False)

    def for_one_answer(self):
        """The same, but evaluates only so much before it raises `Spent`."""
        counted, counted.loose = copy.copy(self), copy.copy(self.loose)
        counted.work = counted.loose.work = Work(MOST_WORK_OF_AN_ANSWER)
        return counted

    @property
    def plain(self):
        """The names of the distributions of a real variable that are not conditional."""
        return [key for key in self.continuous if "(" not in key]

    def whole(self, limits):
        """The name of a distribution over all that an integral runs over, or None."""
        variable, *ends = map(ast.unparse, limits)
        for key in self.plain:
            q = self.continuous[key]
            whole = [ast.unparse(q.low), ast.unparse(q.high)] if hasattr(q, "low") else LINE
            if q.of == (variable,) and ends in ([], whole):
                return key
        return None

    def stands(self, node):
        """Is this a moment that is read as it stands: an integral with no formal reading?"""
        if node.func.id != "Int":
            return False
        body, *limits = node.args
        known = self.whole(limits) or normal_weight(body, limits)
        return not known and is_moment(node, self)

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
                more[ast.unparse(substitute(tree, trees))] = moved(self.continuous[key], by, trees)
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

    def read(self, tree, reading=0, raised=None, true=(), under=None, without=None):
        """The formal tree of an expanded one.

        ``reading`` 0 or 1 chooses the points; the density named ``raised`` is another one inside
        logarithms; averages whose text is among ``true`` are left as they stand; with ``under``,
        all others are read as averages under the distribution of that name; ``without`` is a
        density that is taken as 1 inside logarithms.
        """
        reader = Reader(self, reading, raised, true, under, without)
        return reader.read(fresh(tree))

    # Values

    def values(self, tree, groups=None):
        """The `CaseValues` of a tree, for each group of cases; raises `Untold` and `Spent`."""
        groups = groups or self.groups
        if _breadth(tree) > _BROADEST:
            raise Untold("too much computing")
        line = Line("", "", "", "=", with_sources(tree))
        journal = self.work.journal() if self.work else Journal()
        found = evaluate_line(line, groups, self.derivation, journal)
        if self.work:
            self.work.take(journal.work)
        if found.fault or len(found.groups) < len(groups):
            raise Untold(found.fault)
        return found.groups

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


class Work:
    """The work that grading an answer may still take, in numbers computed."""

    def __init__(self, left):
        self.left = left

    def journal(self):
        """A journal for one evaluation, which may take what is left."""
        return Journal(budget=min(MOST_WORK, self.left))

    def take(self, work):
        """Account for work; raises `Spent` where there is none left."""
        self.left -= work
        if self.left <= 0:
            raise Spent


def same(a, b):
    """Are two lines equal, as far as their values are known, at some cases at least?"""
    comparison = Comparison()
    for group, (x, y) in enumerate(zip(a, b, strict=True)):
        if x.value.shape != y.value.shape:
            return False
        comparison.add(group, x, y, "=")
    return comparison.cases > 0 and comparison.failure is None


def _with_origin(group):
    """A group of cases, with one letter more, which is 0."""
    return group._replace(values=group.values | {ORIGIN: np.zeros((group.count, 1, 1))})
