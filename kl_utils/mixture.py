"""Mixtures of Gaussians with independent coordinates: density, draws and responsibilities.

The density of a mixture is a weighted sum of the *joint* densities of its components. Summing over
components one coordinate at a time instead gives another distribution, with clusters in up to Kⁿ
places, that agrees with this one only in one dimension (chapter 7).
"""

import math

import numpy as np

_ROUNDING = 1e-6  # how far weights in float32 may be from a sum of 1


class GaussianMixture:
    """The mixture p(z) = Σ_k π_k p_k(z) of K Gaussians in n dimensions.

    Component k is p_k = N(μ_k, diag(σ_k²)). To draw z, draw k with probability π_k, and then all
    coordinates of z from p_k.

    Parameters
    ----------
    weights : array_like, shape (K,)
        π_k ≥ 0, with sum 1.
    means : array_like, shape (K, n)
        μ_k.
    stds : array_like, shape (K, n)
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

    Examples
    --------
    >>> p = GaussianMixture([0.5, 0.5], means=[[-2.0], [2.0]], stds=[[0.5], [0.5]])
    >>> round(float(p.log_prob([2.0])), 3)
    -0.919
    """

    def __init__(self, weights, means, stds):
        self.weights = _weights(weights)
        self.means = _real_numbers("means", means)
        self.stds = _real_numbers("stds", stds)
        if self.means.ndim != 2 or len(self.means) != self.size or not self.means.size:
            raise ValueError(
                f"means: expected shape ({self.size}, n), a row for each weight, "
                f"got {self.means.shape}"
            )
        if self.stds.shape != self.means.shape:
            raise ValueError(
                f"stds: expected shape {self.means.shape}, like means, got {self.stds.shape}"
            )
        _require(self.stds > 0, "stds", "positive numbers", self.stds)
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
        z = _real_numbers("z", z)
        if z.shape[-1:] != (self.dimensions,):
            raise ValueError(f"z: expected shape (..., {self.dimensions}), got {z.shape}")
        shift = (z[..., None, :] - self.means) / self.stds
        log_normaliser = np.log(self.stds).sum(-1) + 0.5 * self.dimensions * math.log(2 * math.pi)
        return self.log_weights - log_normaliser - 0.5 * (shift * shift).sum(-1)

    def log_prob(self, z):
        """log p(z) in nats, shape (...), for ``z`` of shape (..., n).

        The sum over components is taken in logarithms, relative to the largest term, so that it
        holds where every p_k(z) would underflow to 0.
        """
        return np.logaddexp.reduce(self.log_joint(z), axis=-1)

    def responsibilities(self, z):
        """γ_k(z) = π_k p_k(z)/p(z), shape (..., K): how probable it is that k has produced z."""
        log_joint = self.log_joint(z)
        return np.exp(log_joint - np.logaddexp.reduce(log_joint, axis=-1)[..., None])

    def sample(self, n, rng):
        """Draw ``n`` points with the generator ``rng``, shape (n, dimensions)."""
        component = rng.choice(self.size, size=n, p=self.weights)
        noise = rng.standard_normal((n, self.dimensions))
        return self.means[component] + self.stds[component] * noise

    def __repr__(self):
        return f"GaussianMixture of {self.size} components in {self.dimensions} dimensions"


def _weights(values):
    weights = _real_numbers("weights", values)
    if weights.ndim != 1 or not weights.size:
        raise ValueError(f"weights: expected shape (K,), got {weights.shape}")
    _require(weights >= 0, "weights", "numbers ≥ 0", weights)
    if abs(weights.sum() - 1) > _ROUNDING:
        raise ValueError(f"weights: expected a sum of 1, got {weights.sum():.6g}")
    return weights / weights.sum()


def _real_numbers(name, values):
    try:
        array = np.array(values, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(f"{name}: expected an array of real numbers, got {values!r}") from None
    _require(np.isfinite(array), name, "finite numbers", array)
    return array


def _require(holds, name, expected, array):
    if not holds.all():
        index = tuple(int(i) for i in np.argwhere(~holds)[0])
        where = f" at index {index} of shape {array.shape}" if index else ""
        raise ValueError(f"{name}: expected {expected}, got {array[index]}{where}")
