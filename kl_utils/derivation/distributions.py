"""The two kinds of distributions that a derivation can have."""

import ast
from dataclasses import dataclass

from . import trees


@dataclass(frozen=True)
class Gaussian:
    """A normal distribution of the variable ``of``; mean and covariance are expressions."""

    mean: ast.expr
    cov: ast.expr
    of: tuple


@dataclass(frozen=True)
class Finite:
    """A distribution over finitely many outcomes; its table is among the parameters.

    ``sizes`` are the numbers of outcomes, or the names of the parameters that hold them.
    """

    of: tuple
    sizes: tuple


def density_of(name, distribution):
    """The tree of ``q(z)`` or ``p(x, z)``: a distribution's density at its own variables."""
    return trees.call(name, [trees.name(variable) for variable in distribution.of])
