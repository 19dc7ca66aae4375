"""Expectations E_q[f] in independent ways: Monte Carlo with its standard error, and quadrature
with an error estimate. Two routes that share no step make one check of the other."""

from functools import cache
from math import floor, isfinite, log10
from typing import NamedTuple

import numpy as np
from scipy.special import roots_hermitenorm


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
    draws : array_like, shape (n,), n ≥ 2
        The values f(z_1), …, f(z_n).

    Returns
    -------
    Estimate
        Sample mean, its standard error and n.

    Raises
    ------
    ValueError
        If ``draws`` is not one-dimensional, holds fewer than two values, or one is not finite.

    Examples
    --------
    >>> estimate_mean([1.0, 2.0, 3.0, 4.0])
    2.5 ± 0.6 (n = 4)
    """
    draws = np.asarray(draws, dtype=float)
    if draws.ndim != 1 or draws.size < 2:
        raise ValueError(
            f"draws: expected one dimension and at least two values, got shape {draws.shape}"
        )
    if not np.isfinite(draws).all():
        first = int(np.flatnonzero(~np.isfinite(draws))[0])
        raise ValueError(f"draws: expected finite values, got {draws[first]} at index {first}")
    return Estimate(float(draws.mean()), float(draws.std(ddof=1) / draws.size**0.5), draws.size)
