"""What stands on a line, and how far it is from closed form.

A line has rank 2 while logarithms of densities stand under its averages (also as KL or H), or it
averages something else than a polynomial; rank 1 while moments are left; rank 0 in closed form.
What changes nothing does not count: whether ``log q`` matters is found by putting another density
into all logarithms, and so E − E and 0·E are seen through.
"""

import ast
from dataclasses import dataclass

from ..derivation.distributions import density_of
from ..derivation.trees import names_in
from .formal import same
from .moments import AVERAGES, averages, calls, is_hard, is_moment

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
        Its averages of polynomials, without plain means: their value is known without work.
    others : frozenset of str
        Its other averages.
    hard : bool
        Is one of those an average of something else than logarithms of densities?
    closed : bool
        Does its value not depend on what is averaged, and is no integral left that is read as it
        stands?
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
        return any(node.func.id in sums for node in calls(self.tree))

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
    is_left = any(formal.stands(node) for node in found)
    of_polynomials = [node for node in found if is_moment(node, formal)]
    moments = {ast.unparse(node) for node in of_polynomials if not _is_plain(node, formal)}
    return Profile(
        tree,
        value,
        logs_that_matter(tree, formal),
        frozenset(_short(node, formal) for node in calls(tree) if node.func.id in _NAMED),
        frozenset(moments),
        frozenset(map(ast.unparse, found)) - {*map(ast.unparse, of_polynomials)},
        any(is_hard(node, formal) for node in found),
        not is_left and same(value, formal.values(formal.read(tree, reading=1))),
    )


def _is_plain(node, formal):
    """Is this an average with one value under all formal averages, such as E(z) or E(1)?"""
    if formal.stands(node):
        return False
    return same(*(formal.values(formal.read(node, reading)) for reading in (0, 1)))


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
