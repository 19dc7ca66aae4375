"""Mixtures of Gaussians with independent coordinates: density, draws and responsibilities.

The density of a mixture is a weighted sum of the *joint* densities of its components. Summing over
components one coordinate at a time instead gives another distribution, with clusters in up to Kⁿ
places, that agrees with this one only in one dimension (chapter 7).
"""

import numpy as np

from ._arguments import require
from ._checks import (
    check_count,
    check_entries,
    check_generator,
    check_memory,
    finite_numpy,
    finite_vectors,
    in_parts,
)
from .gaussian import log_density_normal

_ROUNDING = 1e-6  # how far weights in float32 may be from a sum of 1


class GaussianMixture:
    """The mixture p(z) = Σ_k π_k p_k(z) of K Gaussians in n dimensions.

    Component k is p_k = N(μ_k, diag(σ_k²)). To draw z, draw k with probability π_k, and then all
    coordinates of z from p_k.

    Parameters
    ----------
    weights : array, shape (K,)
        π_k ≥ 0, with sum 1.
    means : array, shape (K, n)
        μ_k.
    stds : array, shape (K, n)
        σ_k > 0, standard deviations.

    Attributes
    ----------
    weights, log_weights : ndarray, shape (K,)
    means, stds : ndarray, shape (K, n)
    size, dimensions : int
        K and n.

    Raises
    ------
    ValueError
        A negative weight, weights that do not sum to 1, a standard deviation that is not positive,
        a NaN or infinity, shapes that do not fit.
    TypeError
        What are no real numbers, or a torch tensor that asks for a gradient.

    Examples
    --------
    >>> p = GaussianMixture([0.5, 0.5], means=[[-2.0], [2.0]], stds=[[0.5], [0.5]])
    >>> round(float(p.log_prob([2.0])), 3)
    -0.919
    """

    def __init__(self, weights, means, stds):
        self.weights = _weights(weights)
        means, stds = finite_numpy(means=means, stds=stds)
        in_rows = means.ndim == 2 and len(means) == self.size and means.size > 0
        row_each = f"shape ({self.size}, n), a row for each weight"
        require(in_rows, "means", row_each, means.shape)
        require(stds.shape == means.shape, "stds", f"shape {means.shape}, like means", stds.shape)
        check_entries(np, "stds", "positive numbers", stds, stds > 0)
        self.means, self.stds = means.copy(), stds.copy()
        with np.errstate(divide="ignore"):  # a weight of 0 has the logarithm −∞
            self.log_weights = np.log(self.weights)

    @property
    def size(self):
        return len(self.weights)

    @property
    def dimensions(self):
        return self.means.shape[1]

    @property
    def mean(self):
        """Mean of the mixture, shape (n,)."""
        return self.weights @ self.means

    @property
    def cov(self):
        """Covariance of the mixture, shape (n, n): within the components, and between them."""
        between = self.means - self.mean
        within = np.diag(self.weights @ self.stds**2)
        return within + between.T @ (self.weights[:, None] * between)

    def log_joint(self, z):
        """log π_k p_k(z) for every k, shape (..., K), for ``z`` of shape (..., n)."""
        return self._at(z, self._log_joint)

    def log_prob(self, z):
        """log p(z) in nats, shape (...), for ``z`` of shape (..., n); −inf where it overflows.

        The sum over components is taken in logarithms, relative to the largest term, so that it
        holds where every p_k(z) would underflow to 0.
        """
        return self._at(z, lambda rows: np.logaddexp.reduce(self._log_joint(rows), axis=-1))

    def responsibilities(self, z):
        """γ_k(z) = π_k p_k(z)/p(z), shape (..., K): how probable it is that k has produced z.

        Raises ValueError for a point so far out that even all log-densities overflow.
        """
        log_joint = self.log_joint(z)
        log_prob = np.logaddexp.reduce(log_joint, axis=-1)
        expected = "points at which a log-density is within the range of floats"
        check_entries(np, "z", expected, log_prob, np.isfinite(log_prob))
        return np.exp(log_joint - log_prob[..., None])

    def _at(self, z, function):
        """A function of rows, shape (N, n), at points (..., n), for a few of them at a time."""
        (z,) = finite_vectors(self.dimensions, z=z)
        check_memory("z", (*z.shape[:-1], self.size))
        rows = z.reshape(-1, self.dimensions)
        values = in_parts(function, self.means.size, rows)
        return values.reshape((*z.shape[:-1], *values.shape[1:]))[()]

    def _log_joint(self, rows):
        log_densities = log_density_normal(rows[:, None], self.means, self.stds).sum(-1)
        return self.log_weights + log_densities

    def sample(self, n, rng):
        """Draw ``n`` points with the generator ``rng``, shape (n, dimensions)."""
        check_count(0, n=n)
        check_generator(rng=rng)
        check_memory("n", (n, self.dimensions), 4)
        component = rng.choice(self.size, size=n, p=self.weights)
        noise = rng.standard_normal((n, self.dimensions))
        return self.means[component] + self.stds[component] * noise

    def __repr__(self):
        return f"GaussianMixture of {self.size} components in {self.dimensions} dimensions"


def _weights(values):
    (weights,) = finite_numpy(weights=values)
    require(weights.ndim == 1 and weights.size > 0, "weights", "shape (K,)", weights.shape)
    check_entries(np, "weights", "numbers ≥ 0", weights, weights >= 0)
    total = weights.sum()
    require(abs(total - 1) <= _ROUNDING, "weights", "a sum of 1", f"{total:.6g}")
    return weights / total
