"""The kinds of distributions that a derivation can have.

Their parameters are trees of the language; a `Scope` gives them values.
"""

import ast
from dataclasses import dataclass

from . import trees


@dataclass(frozen=True)
class Gaussian:
    """A normal distribution of the variable ``of``; mean and covariance are expressions."""

    mean: ast.expr
    cov: ast.expr
    of: tuple

    @property
    def means(self):
        """What the mean depends on, linearly."""
        return (self.mean,)

    @property
    def covs(self):
        """What the covariance depends on."""
        return (self.cov,)

    parameters = property(lambda self: (*self.means, *self.covs))


@dataclass(frozen=True)
class LinearGaussian:
    """A pair of normal variables: ``prior`` of z, and ``likelihood`` of x, its mean linear in z."""

    prior: Gaussian
    likelihood: Gaussian


@dataclass(frozen=True)
class Derived:
    """p(x) or p(z|x) of a linear-Gaussian pair: normal, with moments that follow from the pair."""

    pair: LinearGaussian
    of: tuple
    given: str = ""  # x, for p(z|x)

    @property
    def means(self):
        condition = (trees.name(self.given),) if self.given else ()
        return (self.pair.prior.mean, *condition)

    @property
    def covs(self):
        return (self.pair.prior.cov, self.pair.likelihood.cov)

    @property
    def parameters(self):
        return (*self.means, *self.covs, self.pair.likelihood.mean)


NORMAL = (Gaussian, Derived)


@dataclass(frozen=True)
class Density:
    """A distribution given by its density between two limits, both expressions."""

    density: ast.expr
    low: ast.expr
    high: ast.expr
    of: tuple

    parameters = property(lambda self: (self.density, self.low, self.high))


@dataclass(frozen=True)
class Mass:
    """A distribution of a whole number, given by its probabilities from ``low`` to ``high``."""

    density: ast.expr
    low: ast.expr
    high: ast.expr
    of: tuple

    parameters = property(lambda self: (self.density, self.low, self.high))


@dataclass(frozen=True)
class Finite:
    """A distribution over finitely many outcomes.

    ``sizes`` are the numbers of outcomes, or the names of the parameters that hold them. ``table``
    is the expression for the probabilities, or None where they are a parameter of its name.
    """

    of: tuple
    sizes: tuple
    table: ast.expr | None = None

    parameters = property(lambda self: () if self.table is None else (self.table,))


GIVEN_BY_USER = (Density, Mass)
COUNTING = (Mass, Finite)
DISTRIBUTIONS = (*NORMAL, *GIVEN_BY_USER, Finite)


def density_of(name, distribution):
    """The tree of ``q(z)`` or ``p(x, z)``: a distribution's density at its own variables."""
    return trees.call(name, [trees.name(variable) for variable in distribution.of])
