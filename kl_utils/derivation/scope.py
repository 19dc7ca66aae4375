"""What the names on a line mean while it is evaluated."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..expectation import DoesNotConverge
from .vocabulary import Fault

_MOST_WORK = 150_000_000  # a fraction of a second
_WIDEST = 2_000_000  # cases times nodes
_DEEPEST = 4  # expectations, sums, integrals and derivatives inside one another


@dataclass(frozen=True)
class Gaussian:
    """A normal distribution of the variable ``of``; mean and covariance are expressions."""

    mean: ast.expr
    cov: ast.expr
    of: tuple


@dataclass(frozen=True)
class Finite:
    """A distribution over finitely many outcomes; its table is among the parameters."""

    of: tuple


@dataclass
class Journal:
    """What happened during an evaluation: where numbers were lost, and how much work it was."""

    troubles: list = field(default_factory=list)
    diverges: bool = False
    work: int = 0

    def add_work(self, value):
        self.work += 2_000 + value.size
        if self.work > _MOST_WORK:
            raise Fault("This line takes too much computing. Split it, or sum over fewer terms.")
        return value


@dataclass(frozen=True)
class Scope:
    """What the names mean, and how finely to integrate.

    Attributes
    ----------
    values : mapping of str to ndarray, shape (..., rows, columns)
    meanings : mapping of str to Gaussian, Finite, or an expression that the name abbreviates
    rules : mapping of str to callable
        How to evaluate the functions that bind a variable, and densities.
    batch, width : int
        How many axes stand in front of rows and columns, and how many cases and nodes they hold.
    level : int
        Of the quadrature rules; a higher one is finer.
    seed, draws : int
        For the random draws of ``mean(f)``.
    depth : int
        How many expectations, sums, integrals and derivatives stand around.
    journal : Journal
        What happened on the way.
    """

    values: Mapping
    meanings: Mapping
    rules: Mapping
    batch: int = 1
    width: int = 1
    level: int = 0
    seed: int = 0
    draws: int = 10_000
    depth: int = 0
    journal: Journal = field(default_factory=Journal)

    def bind(self, name, value, nodes=None):
        """The scope inside an expectation, a sum or an integral, where ``name`` is ``value``.

        With ``nodes``, the value runs through that many of them along a new first axis.
        """
        if self.depth == _DEEPEST:
            raise Fault(f"More than {_DEEPEST} sums, expectations or integrals are nested.")
        values = {**self.values, name: value}
        if nodes is None:
            return replace(self, values=values, depth=self.depth + 1)
        if self.width * nodes > _WIDEST:
            raise DoesNotConverge("the next finer rule has too many nodes")
        return replace(
            self,
            values=values,
            depth=self.depth + 1,
            batch=self.batch + 1,
            width=self.width * nodes,
        )

    def is_variable(self, name):
        """Is this what one of the distributions is over?"""
        return any(name in getattr(meaning, "of", ()) for meaning in self.meanings.values())
