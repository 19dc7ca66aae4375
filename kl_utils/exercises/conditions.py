"""State the condition under which a claim is true: enough for it, and no narrower than need be."""

import ast
import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from ..derivation.report import in_words
from ..derivation.scope import Scope
from ..derivation.trees import names_in
from ..derivation.vocabulary import Fault
from .boundaries import beside_boundary
from .cases import cases_where
from .claims import claims_at
from .grades import Grade, zero
from .numbers import read_closed
from .task import BadAnswer, Frame, Task

_MOST = 10  # comparisons
_LONG = 15  # numbers, letters and operations, where no key says how many are needed
_MOST_CHECKED = 200  # cases
_RANDOM_CASES = 1_000  # so that conditions that are nearly the same are told apart
_SIGNS = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "=": np.isclose,
    "!=": lambda a, b: ~(np.isclose(a, b) | np.isnan(a) | np.isnan(b)),
}
_SPELLINGS = {"≤": "<=", "⩽": "<=", "≥": ">=", "⩾": ">=", "==": "=", "≠": "!="}
_MEANT = {"=<": "<=", "=>": ">=", "<>": "!=", "=!": "!=", "===": "="}
_LOGIC = {
    r"\bor\b|∨": "All comparisons of the list have to hold: there is no `or`. One inequality "
    "often covers both cases.",
    r"\band\b|∧|&": "There is no `and`. Give the comparisons one by one, in a list: all of them "
    "have to hold.",
    r"\bnot\b|¬": "There is no `not`. Turn the comparison round: `<=` for not `>`.",
}
_ALGEBRA = {"T", "inv", "det", "tr", "diag", "sqrt", "abs", "max", "min"}


@dataclass(frozen=True)
class Condition(Task):
    """State the condition under which a claim is true, as comparisons that all have to hold.

    A condition under which the claim can fail gets nothing. One that is right but leaves out some
    of what the key admits gets half of the share that it admits; where that is only an edge, as
    with ``>`` for ``>=``, or a sliver, it loses a tenth. The boundary is looked at from near by, so
    a number in it needs three right digits. Conditions say it by algebra:
    functions such as ``log`` are taken of numbers, not of letters, unless the key does so, too. Or
    else the claim itself could be handed in.

    Attributes
    ----------
    frame : Frame
        The letters, the distributions and the first line.
    claim : str
        What is claimed of the first line: ``">= 0"``.
    key : tuple of str
        The condition: ``("sigma**2 > 1/2",)``. Without one, the claim itself is tried at every
        case, as befits a task whose key nobody should find.
    """

    frame: Frame = field(kw_only=True)
    claim: str = field(kw_only=True)
    key: tuple = field(default=(), kw_only=True)

    answer_shape = "a list of comparisons"

    def grade(self, answer):
        """Grade an answer, such as ``["sigma**2 > 1/2", "0 < mu < 1"]``."""
        condition = self.read(answer)
        admitted = [_fulfils(condition, group) for group in self._groups]
        key = self._where_key_holds
        beyond = [mine & ~theirs for mine, theirs in zip(admitted, key, strict=True)]
        broken = self._report(beyond).first_broken if any(map(np.any, beyond)) else None
        if broken:
            return zero(self.points, f"Under this condition the claim can fail: {_where(broken)}.")
        both = sum(int((mine & theirs).sum()) for mine, theirs in zip(admitted, key, strict=True))
        of = sum(int(theirs.sum()) for theirs in key)
        if not both:
            return zero(self.points, "None of the cases where the claim holds fulfils this.")
        inner, outer = self._beside_boundary(condition)
        if inner:
            return zero(self.points, f"Under this condition the claim can fail: at {inner}.")
        lost, points = (), self.points
        if both < of or outer:
            lost = ("This leaves out cases for which the claim holds. It can be wider.",)
            is_edge = both == of or self._leaves_out_an_edge(admitted)
            points *= 0.9 if is_edge else both / of / 2
        if _length(condition) > (1.5 * _length(self._key) if self.key else _LONG):
            reads = f"A condition that is longer than need be: {self.name}."
            return Grade(0.0, self.points, lost, (reads,), points)
        return Grade(points, self.points, lost)

    def check(self):
        """Raise a ValueError where the task itself is wrong."""
        super().check()
        inside, outside = self._where_key_holds, [~key for key in self._where_key_holds]
        if not any(map(np.any, inside)):
            raise ValueError(f"key: no case fulfils {self.key or self.claim}")
        if broken := self._report(inside).first_broken:
            raise ValueError(f"key: the claim fails where it holds: {broken.explanation()}")
        if not any(map(np.any, outside)):
            raise ValueError(
                f"key: every case fulfils {self.key or self.claim}; no condition is needed"
            )
        for single in _first_few(outside):
            report = self._report(single)
            if report.ok:
                (group,) = report.derivation.given.groups()
                raise ValueError(f"key: the claim holds outside, too: {in_words(group.case(0))}")
        try:
            restated = self.grade([self.frame.first + self.claim])
        except BadAnswer:
            return
        if restated.points:
            raise ValueError("key: the claim itself would be taken for a condition")

    def _beside_boundary(self, condition):
        """A case just inside where the claim fails, and one outside where it holds, in words."""
        sides = beside_boundary(
            lambda group: _fulfils(condition, group), self.frame.given, self._groups
        )
        found = ["", ""]
        for side, groups in enumerate(sides):
            with suppress(ValueError):  # a case may have no value there
                for group, claim in zip(
                    groups, claims_at(self.frame, self.claim, groups), strict=True
                ):
                    wrong = claim.holds & ~claim.is_equality if side else ~claim.holds
                    if wrong.any() and not found[side]:
                        found[side] = in_words(group.case(int(np.argmax(wrong))))
        return found

    def _leaves_out_an_edge(self, admitted):
        """Are two sides equal at all cases that are left out, of the key or of the claim?"""
        if self.key:
            edges = [_is_at_edge(self._key, group) for group in self._groups]
        else:
            edges = [claim.is_equality for claim in self._claims]
        return not any(
            (theirs & ~mine & ~edge).any()
            for mine, theirs, edge in zip(admitted, self._where_key_holds, edges, strict=True)
        )

    # The cases

    @cached_property
    def _groups(self):
        return list(self.frame.given.groups(random=_RANDOM_CASES))

    @cached_property
    def _key(self):
        return _comparisons(self.key, self.frame.given.names)

    @cached_property
    def _where_key_holds(self):
        if self.key:
            return [_fulfils(self._key, group) for group in self._groups]
        return [claim.holds for claim in self._claims]

    @cached_property
    def _claims(self):
        """Whether the claim holds at each case of each group."""
        return claims_at(self.frame, self.claim, self._groups)

    def _report(self, chosen):
        """The verdicts on the claim at some of the cases, no more than `_MOST_CHECKED` a group."""
        chosen = [some & (np.cumsum(some) <= _MOST_CHECKED) for some in chosen]
        given = cases_where(self.frame.given, self._groups, chosen)
        return replace(self.frame, given=given).derivation((self.claim, "")).check()

    def read(self, answer):
        """The comparisons in an answer, as triples of tree, sign, tree."""
        texts = [answer] if isinstance(answer, str) else answer
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise BadAnswer("Give comparisons as a list of texts.")
        if not 1 <= len(texts) <= _MOST:
            raise BadAnswer(f"Give 1 to {_MOST} comparisons.")
        try:
            condition = _comparisons(texts, self.frame.given.names)
            for group in self._groups:
                _fulfils(condition, group)
        except Fault as fault:
            raise BadAnswer(str(fault)) from None
        except OverflowError:
            raise BadAnswer("There is a number here that is too large.") from None
        letters = {*self.frame.given.names}
        usual = _ALGEBRA | _functions(self._key, letters)
        if unusual := sorted(_functions(condition, letters) - usual):
            raise BadAnswer(f"Say it without `{unusual[0]}` of letters.")
        return condition


def _first_few(chosen, most=20):
    """The first cases of those chosen, one at a time."""
    places = [(group, case) for group, some in enumerate(chosen) for case in np.flatnonzero(some)]
    for group, case in places[:most]:
        single = [np.zeros_like(some) for some in chosen]
        single[group][case] = True
        yield single


def _where(broken):
    return f"at {in_words(broken.case)}" if broken.case else "a side has no value"


# Comparisons


def _comparisons(texts, letters):
    """The comparisons in some texts, as triples of tree, sign, tree; ``0 < a < 1`` makes two."""
    found = []
    for text in texts:
        for word, advice in _LOGIC.items():
            if re.search(word, text):
                raise Fault(advice)
        first, *rest = re.split(r"([<>=!≤⩽≥⩾≠]+)", text)
        rest[::2] = map(_sign, rest[::2])
        if not rest:
            raise Fault("A condition compares two expressions, as in `a > 1`.")
        left = read_closed(first, letters)
        for sign, expression in zip(rest[::2], rest[1::2], strict=True):
            right = read_closed(expression, letters)
            found.append((left, sign, right))
            left = right
    return found


def _sign(typed):
    sign = _SPELLINGS.get(typed, typed)
    if sign not in _SIGNS:
        listed = ", ".join(f"`{known}`" for known in _SIGNS)
        meant = f"Write `{_MEANT[sign]}`." if sign in _MEANT else f"The signs are {listed}."
        raise Fault(f"`{typed}` compares nothing here. {meant}")
    return sign


def _fulfils(comparisons, group):
    """At which cases of a group do all comparisons hold?"""
    found = [_SIGNS[sign](a, b) for a, sign, b in _values(comparisons, group)]
    return np.logical_and.reduce(found)


def _is_at_edge(comparisons, group):
    """At which cases of a group are the two sides of some comparison equal?"""
    return np.logical_or.reduce([np.isclose(a, b) for a, _, b in _values(comparisons, group)])


def _values(comparisons, group):
    """Each comparison with the values of its two sides at all cases of a group."""
    values = group.values | {name: np.array([[float(n)]]) for name, n in group.sizes.items()}
    scope = Scope(values | {"I": group.identity}, {}, width=group.count)
    for left, sign, right in comparisons:
        with np.errstate(all="ignore"):
            sides = scope.value(left), scope.value(right)
        if any(side.shape[-2:] != (1, 1) for side in sides):
            raise Fault("A comparison is between numbers, not vectors or matrices.")
        a, b = (np.broadcast_to(side, (group.count, 1, 1))[:, 0, 0] for side in sides)
        yield a, sign, b


def _functions(comparisons, letters):
    """The functions that are taken of letters."""
    return {
        node.func.id
        for left, _, right in comparisons
        for tree in (left, right)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and names_in(node) & letters
    }


def _length(comparisons):
    """How many numbers, letters and operations there are."""
    trees = [tree for left, _, right in comparisons for tree in (left, right)]
    return sum(isinstance(node, ast.expr) for tree in trees for node in ast.walk(tree))
