"""Expectations E_q[f] in independent ways: Monte Carlo with its standard error, and quadrature
with an error estimate. Two routes that share no step make one check of the other."""

from functools import cache, reduce
from math import floor, isfinite, log10
from typing import NamedTuple

import numpy as np
from scipy.special import roots_hermitenorm

from ._arguments import require
from ._arrays import as_number, as_numpy
from ._checks import check_callable, check_values, finite_numpy


class Estimate(NamedTuple):
    """A Monte Carlo estimate: the mean of ``n`` independent draws and how far to trust it.

    Attributes
    ----------
    value : float
        The sample mean.
    standard_error : float
        The standard deviation of that mean: the sample standard deviation over √n.
    n : int
        The number of independent draws.
    """

    value: float
    standard_error: float
    n: int

    def __repr__(self):
        value, error, n = float(self.value), float(self.standard_error), int(self.n)
        if error > 0 and isfinite(error):
            decimals = max(0, -floor(log10(error)))  # one digit of the error is worth printing
            return f"{value:.{decimals}f} ± {error:.{decimals}f} (n = {n:,})"
        return f"{value:.6g} ± {error:.6g} (n = {n:,})"

    __str__ = __repr__


class Quadrature(NamedTuple):
    """An integral by quadrature: the value of the finer rule, and what the coarser one missed."""

    value: float
    error: float


def estimate_mean(draws):
    """Estimate an expectation from independent draws of f(z), z ~ q.

    Parameters
    ----------
    draws : array, shape (n,), n ≥ 2
        The values f(z_1), …, f(z_n). Those of an event are True or False, their mean its
        probability.

    Returns
    -------
    Estimate
        Sample mean, its standard error and n.

    Raises
    ------
    ValueError
        If ``draws`` is not one-dimensional, holds fewer than two values, or one is not finite.
    TypeError
        If ``draws`` are no real numbers, or a torch tensor that asks for a gradient.

    Examples
    --------
    >>> estimate_mean([1.0, 2.0, 3.0, 4.0])
    2.5 ± 0.6 (n = 4)
    """
    if getattr(draws, "dtype", None) == np.dtype(bool):
        draws = draws.astype(float)
    (draws,) = finite_numpy(draws=draws)
    one_by_one = draws.ndim == 1 and draws.size >= 2
    require(one_by_one, "draws", "shape (n,) with n ≥ 2", draws.shape)
    return Estimate(float(draws.mean()), float(draws.std(ddof=1) / draws.size**0.5), draws.size)


class DoesNotConverge(ArithmeticError):
    """Successive quadrature rules disagree: the integral diverges, or is too hard for them."""


@cache
def normal_rule(dimension, level):
    """Nodes and weights for expectations under N(0, I); a higher ``level`` is a finer rule.

    Gauss–Hermite first: a few nodes an axis are exact for polynomials of moderate degree. Where
    that is not enough, in one or two dimensions, a trapezoidal grid, which converges faster than
    any power of its step for smooth integrands and reaches further out at every level, so that
    a divergent integral keeps growing instead of settling.

    Parameters
    ----------
    dimension : int
        The dimension n of the normal distribution.
    level : int
        0, 1, 2, …

    Returns
    -------
    points : ndarray, shape (N, n)
    weights : ndarray, shape (N,)

    Raises
    ------
    DoesNotConverge
        If the rule would need too many nodes.
    """
    most = _MOST_NODES.get(dimension, 2_000)
    if level < 2 or dimension > 2:
        coarsest = {1: 8, 2: 5, 3: 3, 4: 3}.get(dimension, 2)
        nodes = coarsest + (2 * level if dimension < 3 else level)
        _allow(nodes, dimension, most)
        return tensor_rule(*roots_hermitenorm(nodes), dimension)
    step = 0.5 / 2 ** ((level - 2) / 2)
    return trapezoidal_rule(step, _REACH[min(level - 2, len(_REACH) - 1)], dimension, most)


@cache
def trapezoidal_rule(step, reach, dimension, most):
    """Points ``(N, n)`` and weights ``(N,)`` for N(0, I), ``step`` apart from −reach to reach.

    Raises DoesNotConverge, before it makes them, where there would be more than ``most``.
    """
    half = round(reach / step)
    _allow(2 * half + 1, dimension, most)
    axis = step * np.arange(-half, half + 1)
    return tensor_rule(axis, np.exp(-(axis**2) / 2), dimension)


def _allow(nodes, dimension, most):
    if nodes**dimension > most:
        raise DoesNotConverge(f"quadrature: something is too narrow for a grid of {most:,} nodes")


def tensor_rule(axis, weights, dimension):
    """The same rule along every axis: points ``(N, n)``, and weights ``(N,)`` with the sum 1."""
    points = np.stack(np.meshgrid(*[axis] * dimension, indexing="ij"), -1).reshape(-1, dimension)
    return points, reduce(np.multiply.outer, [weights / weights.sum()] * dimension).ravel()


# Standard deviations; further out e^(−z²/2) is 0.
_REACH = (10, 13, 16, 20, 24, 30, 37, 38)
_MOST_NODES = {1: 5_000, 2: 60_000}  # grids; above two dimensions Gauss–Hermite alone


@cache
def line_rule(level):
    """Nodes and weights for integrals over the real line: the trapezoidal rule after z = sinh t.

    The substitution spends nodes near the origin and reaches out to 10⁷ and beyond; every level
    halves the step and reaches further.

    Returns
    -------
    points, weights : ndarray, shape (N,)
    """
    if level > 4:
        raise DoesNotConverge("no finer rule for the real line")
    step = 0.1 / 2**level
    t = np.arange(-17 - level, 17 + level + step / 2, step)
    return np.sinh(t), step * np.cosh(t)


def refine_until_stable(value_at, tolerance=1e-8):
    """Refine a rule until two successive levels agree, entry by entry.

    Parameters
    ----------
    value_at : callable
        ``value_at(level)`` returns an array; raises `DoesNotConverge` when no finer rule is left.
    tolerance : float
        Two levels a, b agree when |a − b| ≤ tolerance·max(1, |a|, |b|).

    Returns
    -------
    value : ndarray
        From the first level that agreed with the one before; from the last one where none did.
    error : ndarray
        The distance between those two levels; infinite where none agreed.
    """
    value = value_at(0)
    error = np.full(value.shape, np.inf)
    try:
        for level in range(1, 100):
            finer = value_at(level)
            gap = distance(value, finer)
            scale = np.maximum(1, np.maximum(abs(value), abs(finer)))
            unsettled = np.isinf(error)
            value = np.where(unsettled, finer, value)
            error = np.where(unsettled & (gap <= tolerance * scale), gap, error)
            if np.isfinite(error).all():
                break
    except DoesNotConverge:
        pass
    return value, error


def distance(a, b):
    """|a − b|, where equal infinities are at distance 0."""
    with np.errstate(invalid="ignore"):
        return np.where(a == b, 0.0, abs(a - b))


def expect_normal(f, mean=0.0, std=1.0):
    """E[f(z)] for z ~ N(mean, std²) in one dimension, by quadrature.

    Parameters
    ----------
    f : callable
        Takes an array of shape (N,) and returns one of the same shape. It must be smooth.
    mean, std : float
        Mean and standard deviation; ``std`` > 0.

    Returns
    -------
    Quadrature
        Value and error estimate (the distance to the next coarser rule).

    Raises
    ------
    ValueError
        If ``mean`` is not finite or ``std`` is not positive and finite, or ``f`` returns values of
        another shape.
    TypeError
        If ``f`` cannot be called, or something is no real number.
    DoesNotConverge
        If the rules disagree.

    Examples
    --------
    >>> round(expect_normal(lambda z: z**2, mean=1.0, std=2.0).value, 12)
    5.0
    """
    mean, std = as_number(mean=mean), as_number(std=std)
    check_values(np, mean=mean, std=std)

    def value_at(level):
        points, weights = normal_rule(1, level)
        return weights @ _values(f, mean + std * points[:, 0])

    return _quadrature(value_at)


def integrate(f):
    """∫ f(z) dz over the real line, by quadrature.

    Parameters
    ----------
    f : callable
        Takes an array of shape (N,) and returns one of the same shape. It must be smooth, and
        vary on a scale not far from 1.

    Returns
    -------
    Quadrature

    Raises
    ------
    ValueError
        If ``f`` returns values of another shape.
    TypeError
        If ``f`` cannot be called, or returns what are no real numbers.
    DoesNotConverge
        If the rules disagree.
    """

    def value_at(level):
        points, weights = line_rule(level)
        return weights @ _values(f, points)

    return _quadrature(value_at)


def _values(f, points):
    """The values of f at points, checked."""
    check_callable(f=f)
    (values,) = as_numpy(f=f(points))
    require(values.shape == points.shape, "f", f"values of shape {points.shape}", values.shape)
    return values


def _quadrature(value_at):
    value, error = refine_until_stable(value_at)
    if not (np.isfinite(error) and np.isfinite(value)):
        raise DoesNotConverge(
            "quadrature: successive rules disagree; the integral diverges, or is not smooth"
        )
    return Quadrature(float(value), float(error))
