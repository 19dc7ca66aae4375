"""Expectations E_q[f] in independent ways: Monte Carlo with its standard error, and quadrature
with an error estimate. Two routes that share no step make one check of the other."""

from math import floor, isfinite, log10
from typing import NamedTuple

import numpy as np

from ._arguments import require
from ._arrays import as_number, as_numpy
from ._checks import check_callable, check_values, finite_numpy
from .panels import Signed, panels_between, signed
from .quadrature import DoesNotConverge, integrate_panels
from .surveys import NEAR, REACH, edges_for

_NEGLIGIBLE = 30.0  # powers of e below the mass
_SHIFT = 0.137  # of the edges on the other route, as a share of the panel
_SAME = 5e-9  # the distance of two routes to one number, as a share of ∫ |f|


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
    """An integral by quadrature: its value, and how far another route to it is away."""

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
    (draws,) = finite_numpy(draws=_as_numbers(draws))
    one_by_one = draws.ndim == 1 and draws.size >= 2
    require(one_by_one, "draws", "shape (n,) with n ≥ 2", draws.shape)
    return Estimate(float(draws.mean()), float(draws.std(ddof=1) / draws.size**0.5), draws.size)


def _as_numbers(draws):
    """True and False as 1 and 0, where there is nothing else."""
    if isinstance(draws, (list, tuple)) and {*map(type, draws)} <= {bool, np.bool_}:
        return [float(draw) for draw in draws]
    return draws * 1.0 if str(getattr(draws, "dtype", "")) in ("bool", "torch.bool") else draws


def expect_normal(f, mean=0.0, std=1.0):
    """E[f(z)] for z ~ N(mean, std²) in one dimension, by quadrature.

    Parameters
    ----------
    f : callable
        Takes an array of shape (N,) and returns one of the same shape. It may have kinks and jumps,
        and narrow peaks where they are wider than a hundred-thousandth of ``std``.
    mean, std : float
        Mean and standard deviation; ``std`` > 0.

    Returns
    -------
    Quadrature
        Value and error estimate (the distance to another route).

    Raises
    ------
    ValueError
        If ``mean`` is not finite or ``std`` is not positive and finite, or ``f`` returns values of
        another shape.
    TypeError
        If ``f`` cannot be called, or something is no real number.
    DoesNotConverge
        If the expectation is infinite, or too hard.

    Examples
    --------
    >>> round(expect_normal(lambda z: z**2, mean=1.0, std=2.0).value, 12)
    5.0
    """
    mean, std = as_number(mean=mean), as_number(std=std)
    check_values(np, mean=mean, std=std)

    def log_weight(z):
        return -(((z - mean) / std) ** 2) / 2 - np.log(std * np.sqrt(2 * np.pi))

    everywhere = [(mean - REACH * std, mean + REACH * std), (-NEAR, NEAR)]
    try:
        return _quadrature(f, everywhere, None, None, log_weight)
    except DoesNotConverge:
        ends = _reach(f, mean, std)
        near = np.clip((-NEAR, NEAR), *ends)
        return _quadrature(f, [ends, near], *ends, log_weight, tails=ends)


def integrate(f, low=-np.inf, high=np.inf):
    """∫ f(z) dz between two limits, or over the real line, by quadrature.

    Parameters
    ----------
    f : callable
        Takes an array of shape (N,) and returns one of the same shape. It may have kinks and jumps,
        and narrow peaks: of width 10⁻⁴ or more between −128 and 128, wider ones further out.
    low, high : float
        The limits, low ≤ high.

    Returns
    -------
    Quadrature

    Raises
    ------
    ValueError
        If a limit is not a number, or ``low`` > ``high``, or ``f`` returns values of another shape.
    TypeError
        If ``f`` cannot be called, or returns what are no real numbers.
    DoesNotConverge
        If the integral diverges, or is too hard.

    Examples
    --------
    >>> round(integrate(lambda z: abs(z), -1, 2).value, 10)
    2.5
    """
    low, high = as_number(low=low), as_number(high=high)
    require(low <= high, "low, high", "two limits, low ≤ high", f"{low} and {high}")
    near = np.clip((-NEAR, NEAR), low, high)
    ends = tuple(np.where(np.isfinite((low, high)), (low, high), near))
    ranges = [ends] if ends == tuple(near) else [ends, tuple(near)]
    limits = (np.array(limit) if isfinite(limit) else None for limit in (low, high))
    return _quadrature(f, ranges, *limits, log_weight=np.zeros_like)


def _quadrature(f, ranges, low, high, log_weight, tails=()):
    """∫ f(z) e^log_weight(z) dz by two routes, each from where the function has its peaks.

    At ``tails``, limits beyond which the integrand goes on, it has to be negligible.
    """

    def integrand(z):
        value = signed(_values(f, z))
        return Signed(value.sign, value.log + log_weight(z))

    edges = edges_for(integrand, ranges, low, high)
    shifted = edges[:-1] + _SHIFT * np.diff(edges)  # what hides at an edge shows on another route
    routes = [
        integrate_panels(integrand, panels_between(cuts, low, high), route)
        for route, cuts in enumerate((edges, shifted))
    ]
    value, other = (float(route.value.value) for route in routes)
    same = abs(value - other) <= _SAME * np.exp(routes[0].log_mass)
    faint = routes[0].log_mass - _NEGLIGIBLE
    is_faint = all(integrand(np.array([end])).log < faint for end in tails)
    if not (same and is_faint and isfinite(value) and all(route.believed for route in routes)):
        raise DoesNotConverge("quadrature: the integral diverges, or is too hard for the rules")
    return Quadrature(value, abs(value - other))


def _reach(f, mean, std):
    """The limits between which f is to be known: further out it may be infinite for a computer.

    That alone says nothing about f times the density.
    """
    t = np.linspace(0, REACH, 2**12)
    with np.errstate(all="ignore"):
        finite = [np.isfinite(_values(f, mean + side * std * t)) for side in (-1, 1)]
    reach = np.max(np.where(finite, t, 0), axis=1)
    if (reach**2 / 2 < _NEGLIGIBLE).any():
        raise DoesNotConverge("quadrature: the function is infinite where the density is not 0")
    return mean + std * np.array([-1, 1]) * reach


def _values(f, points):
    """The values of f at points, checked."""
    check_callable(f=f)
    (values,) = as_numpy(f=f(points))
    require(values.shape == points.shape, "f", f"values of shape {points.shape}", values.shape)
    return values
