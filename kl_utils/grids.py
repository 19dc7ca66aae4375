"""Rules for expectations under N(0, I) in several dimensions: the same nodes along every axis."""

from functools import cache, reduce

import numpy as np

from .quadrature import DoesNotConverge


@cache
def hermite_rule(dimension, nodes):
    """The Gauss–Hermite rule: with m nodes an axis, exact for polynomials of degree 2m − 1.

    Returns
    -------
    points : ndarray, shape (N, n)
    weights : ndarray, shape (N,)
    """
    axis, weights = np.polynomial.hermite_e.hermegauss(nodes)
    return tensor_rule(axis, weights, dimension)


@cache
def trapezoidal_rule(step, reach, dimension, most, shift=0.0):
    """Points ``(N, n)`` and weights ``(N,)``, ``step`` apart from −reach to reach.

    Converges faster than any power of its step where the integrand is smooth. Raises
    DoesNotConverge, before it makes them, where there would be more than ``most`` points.
    """
    half = round(reach / step)
    if (2 * half + 1) ** dimension > most:
        raise DoesNotConverge(f"quadrature: something is too narrow for a grid of {most:,} nodes")
    axis = step * (np.arange(-half, half + 1) + shift)
    return tensor_rule(axis, np.exp(-(axis**2) / 2), dimension)


def tensor_rule(axis, weights, dimension):
    """The same rule along every axis: points ``(N, n)``, and weights ``(N,)`` with the sum 1."""
    points = np.stack(np.meshgrid(*[axis] * dimension, indexing="ij"), -1).reshape(-1, dimension)
    return points, reduce(np.multiply.outer, [weights / weights.sum()] * dimension).ravel()
