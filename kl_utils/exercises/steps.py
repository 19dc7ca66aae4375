"""How large the step between two lines is."""

import ast
from dataclasses import dataclass
from itertools import combinations, product

from .formal import same
from .profiles import logs_that_matter, profile
from .readings import Untold

_MOST_SKIPPED = 4
_IN_PLACE = 1


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
    found = _size_alone(above, below, formal)
    if found.kind == "too large":
        for ways, replaced in _by_lemmas(above, lemmas, formal):
            rest = _size_alone(replaced, below, formal)
            if rest.kind != "too large":
                return Size("lemma")
            if ways <= {0, _IN_PLACE} and rest.skipped < found.skipped:
                found = rest
    return found


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
                    return Size(
                        "too large", above.logs - logs_that_matter(above.tree, formal, evaluated)
                    )
    return Size("too large", above.logs)


def _subsets(items):
    items = items[:_MOST_SKIPPED]
    return [frozenset(some) for k in range(1, len(items) + 1) for some in combinations(items, k)]


def _fits(above, below, formal, evaluated):
    """Do the lines agree where only these averages of the upper one are evaluated?"""
    return same(formal.values(formal.read(above.tree, true=evaluated)), below.formal)


def _by_lemmas(above, lemmas, formal):
    """The upper line after one or several lemmas have been applied: how, and its profile."""
    for ways in product(range(4), repeat=min(len(lemmas), 3)):
        tree = above.tree
        for (left, right), way in zip(lemmas, ways, strict=False):
            tree = _apply(tree, left, right, way)
        if any(ways):
            try:
                yield {*ways}, profile(tree, formal)
            except Untold:
                continue


def _apply(tree, left, right, way):
    """0: not; 1: in its place; 2, 3: the line minus, plus (left − right)."""
    if way == 0:
        return tree
    if way == _IN_PLACE:
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
