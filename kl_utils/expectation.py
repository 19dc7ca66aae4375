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

_REACH = 38.0  # standard deviations; further out e^(−z²/2) is 0
_NEAR = 128.0  # where an integral over the line is looked at closely
_FINE, _FINEST = 2**17, 2**22  # points of a first look, and of a second one if the first sees 0
_FAR = np.geomspace(_NEAR, 2.0**40, 16_000)  # and where it is looked at from afar
_PIECE = 2**20  # points at one time
_MOST_PEAKS = 40
_BESIDE_PEAK = (-16, -4, -1, 0, 1, 4, 16)  # steps of the first look
_HALVINGS = 60
_QUADRATIC = 6.0  # growth up to a distance, and to half of it: 3 for a line, 5 for a parabola
_SAME = 1e-8  # relative distance of two routes to one number


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
    if getattr(draws, "dtype", None) == np.dtype(bool):
        draws = draws.astype(float)
    (draws,) = finite_numpy(draws=draws)
    one_by_one = draws.ndim == 1 and draws.size >= 2
    require(one_by_one, "draws", "shape (n,) with n ≥ 2", draws.shape)
    return Estimate(float(draws.mean()), float(draws.std(ddof=1) / draws.size**0.5), draws.size)


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

    ends = mean - _REACH * std, mean + _REACH * std
    far = _FarOut(f, mean, std)
    return _quadrature(f, [ends, (-_NEAR, _NEAR)], None, None, log_weight, far)


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
    >>> round(integrate(lambda z: abs(z), -1, 2).value, 12)
    2.5
    """
    low, high = as_number(low=low), as_number(high=high)
    require(low <= high, "low, high", "two limits, low ≤ high", f"{low} and {high}")
    near = np.clip((-_NEAR, _NEAR), low, high)
    ends = tuple(np.where(np.isfinite((low, high)), (low, high), near))
    limits = (np.array(limit) if isfinite(limit) else None for limit in (low, high))
    return _quadrature(f, [ends, tuple(near)], *limits, log_weight=np.zeros_like)


class _FarOut:
    """log |f| where f is too large for a computer, continued as a quadratic function.

    A normal density there is 0, and outweighs what grows no faster than that.
    """

    def __init__(self, f, mean, std):
        self.mean, self.std = mean, std
        self.curves = {side: self._curve(f, side) for side in (-1, 1)}

    def _curve(self, f, side):
        """A polynomial of the distance in std; None where f grows faster, or is never so large."""
        t = side * 2.0 ** (np.arange(8 * 44) / 8)
        with np.errstate(all="ignore"):
            log = signed(_values(f, self.mean + self.std * t)).log
        too_large = np.flatnonzero(np.isposinf(log))
        if not too_large.size or too_large[0] <= 16:
            return None
        at = too_large[0] - np.array([17, 9, 1])  # as far out as can be, half and a quarter of it
        grows_slowly = log[at[2]] - log[at[0]] <= _QUADRATIC * (log[at[1]] - log[at[0]])
        return np.polynomial.Polynomial.fit(t[at], log[at], 2) if grows_slowly else None

    def continued(self, z, log):
        """log |f|, with a value where it is infinite."""
        t = (z - self.mean) / self.std
        for side, curve in self.curves.items():
            if curve:
                log = np.where(np.isposinf(log) & (side * t > 0), curve(t), log)
        return log


def _quadrature(f, ranges, low, high, log_weight, far=None):
    """∫ f(z) e^log_weight(z) dz by two routes, each from where the function has its peaks."""

    def integrand(z):
        value = signed(_values(f, z))
        log = far.continued(z, value.log) if far else value.log
        return Signed(value.sign, log + log_weight(z))

    panels = panels_between(_edges(integrand, ranges, low, high), low, high)
    routes = [integrate_panels(integrand, panels, route) for route in (0, 1)]
    value, other = (float(route.value.value) for route in routes)
    same = abs(value - other) <= _SAME * np.exp(routes[0].log_mass)
    if not (same and isfinite(value) and all(route.believed for route in routes)):
        raise DoesNotConverge("quadrature: the integral diverges, or is too hard for the rules")
    return Quadrature(value, abs(value - other))


def _edges(integrand, ranges, low, high):
    """Where to cut: on a coarse grid, around the highest peaks, and at jumps."""
    edges = [np.linspace(*ends, 9) for ends in ranges]
    edges = np.clip(np.concatenate([*edges, -_FAR[::800], _FAR[::800]]), low, high)
    for count in (_FINE, _FINEST):
        grids = [_grid(*ends, count) for ends in ranges if ends[0] < ends[1]]
        looks = [_look(integrand, z) for grid in [*grids, [-_FAR[::-1]], [_FAR]] for z in grid]
        if any(look is not None for look in looks):
            found = np.concatenate([look for look in looks if look is not None])
            return np.clip(np.unique(np.concatenate([edges, found])), low, high)
    raise DoesNotConverge(
        f"quadrature: the function is 0 at all of {len(ranges) * _FINEST:,} points; "
        "if it is 0 everywhere, so is its integral"
    )


def _grid(start, stop, count):
    """Points between two limits, in pieces that fit into memory."""
    step = (stop - start) / count
    for first in range(0, count, _PIECE):
        yield start + step * (np.arange(first, min(count, first + _PIECE)) + 0.382)


def _look(integrand, z):
    """The highest peaks of a function on a grid, and its largest jumps; None where it is 0."""
    with np.errstate(all="ignore"):
        value = integrand(z)
    if not value.sign.any():
        return None
    log = np.where((value.sign == 0) | np.isnan(value.log), -np.inf, value.log)
    before, after = np.r_[-np.inf, log[:-1]], np.r_[log[1:], -np.inf]
    peaks = np.flatnonzero((log >= before) & (log >= after) & (log > -np.inf))
    peaks = peaks[np.argsort(-log[peaks], kind="stable")[:_MOST_PEAKS]]
    step = np.gradient(z)[peaks]
    beside = [z[peaks] + distance * step for distance in _BESIDE_PEAK]
    return np.concatenate([*beside, _jumps(integrand, z, value)])


def _jumps(integrand, z, value):
    """Where a function jumps, by halving the intervals in which it changes most."""
    top = np.nan_to_num(value.log, nan=-np.inf, posinf=-np.inf).max()

    def scaled(value):
        return np.nan_to_num(value.sign * np.exp(value.log - top))

    with np.errstate(all="ignore"):
        f = scaled(value)
        change = abs(np.diff(f))
        widest = np.argsort(-change, kind="stable")[:_MOST_PEAKS]
        widest = widest[change[widest] > 0]
        left, right, f_left, f_right = z[widest], z[widest + 1], f[widest], f[widest + 1]
        for _ in range(_HALVINGS if widest.size else 0):
            middle = (left + right) / 2
            f_middle = scaled(integrand(middle))
            on_left = abs(f_middle - f_left) >= abs(f_right - f_middle)
            left, f_left = np.where(on_left, left, middle), np.where(on_left, f_left, f_middle)
            right, f_right = np.where(on_left, middle, right), np.where(on_left, f_middle, f_right)
    return right[abs(f_right - f_left) > change[widest] / 8]


def _values(f, points):
    """The values of f at points, checked."""
    check_callable(f=f)
    (values,) = as_numpy(f=f(points))
    require(values.shape == points.shape, "f", f"values of shape {points.shape}", values.shape)
    return values
