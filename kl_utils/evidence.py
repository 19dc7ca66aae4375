"""Lower bounds on the evidence log p(x), in nats, and a model in which everything is exact.

The bounds are estimated from draws z ~ q by functions of the two log-densities log q(z) and
log p(x, z); the observation x is fixed inside them. `LinearGaussianModel` knows its evidence, its
posteriors and its ELBOs in closed form: a yardstick for whatever has to be estimated elsewhere.
"""

import math

import numpy as np
from scipy.special import logsumexp

from ._arguments import require
from ._arrays import as_number, as_numpy, difference
from ._checks import (
    check_broadcast,
    check_callable,
    check_count,
    check_entries,
    check_generator,
    check_memory,
    check_values,
    finite_numpy,
    finite_vectors,
)
from ._matrices import product
from .expectation import estimate_mean
from .gaussian import kl_multivariate, log_density_diagonal


def elbo(log_q, log_joint, samples):
    """Estimate the ELBO, E_q[log p(x, z) − log q(z)] ≤ log p(x): equation (4.4).

    Parameters
    ----------
    log_q, log_joint : callable
        log q(z) and log p(x, z): they map an array of shape (..., n) to one of shape (...).
    samples : array, shape (N, n), N ≥ 2
        Independent draws z ~ q.

    Returns
    -------
    Estimate
        In nats.

    Raises
    ------
    ValueError, TypeError
        As `importance_weighted_bound`, of which this is the case S = 1.
    """
    (samples,) = finite_numpy(samples=samples)
    require(samples.ndim == 2, "samples", "shape (N, n)", samples.shape)
    return importance_weighted_bound(log_q, log_joint, samples[:, None, :])


def importance_weighted_bound(log_q, log_joint, samples):
    """Estimate ELBO_S = E[log (w_1 + … + w_S)/S] ≤ log p(x), with w_s = p(x, z_s)/q(z_s).

    ELBO_1 is the ELBO. In expectation the bound rises with S; where q > 0 wherever p(x, z) > 0,
    and the ELBO is finite, it tends to log p(x). Equation (4.40).

    Parameters
    ----------
    log_q, log_joint : callable
        log q(z) and log p(x, z): they map an array of shape (..., n) to one of shape (...).
    samples : array, shape (N, S, n), N ≥ 2
        Independent draws z ~ q, in N rows of S. Each row gives one draw of log (w_1 + … + w_S)/S.

    Returns
    -------
    Estimate
        In nats. Its `n` is N, and its error the chance in N draws. That the bound lies below
        log p(x) is not an error in this sense, and does not shrink with N.

    Raises
    ------
    ValueError
        If `samples` has another shape, or a callable returns values of another shape, a NaN, or an
        infinity; only log p(x, z) may be −inf, as long as some weight of each row is positive.
    TypeError
        If a log-density cannot be called, or something is no array of real numbers.

    References
    ----------
    Burda, Grosse & Salakhutdinov, Importance weighted autoencoders, ICLR 2016.
    """
    (samples,) = finite_numpy(samples=samples)
    in_rows = samples.ndim == 3 and 0 not in samples.shape and len(samples) >= 2
    require(in_rows, "samples", "shape (N, S, n) with N ≥ 2", samples.shape)
    log_weights = _values("log_joint", log_joint, samples) - _values("log_q", log_q, samples)
    return estimate_mean(_log_mean_exp(log_weights))


class LinearGaussianModel:
    """A latent vector z ~ N(0, I), and an observation x ~ N(W z + b, τ² I) that depends on it.

    Known as probabilistic PCA. Here log p(x), the posterior p(z | x), and the ELBO of every
    Gaussian q have closed forms. They are computed from the singular values of W and from residuals
    without rounding, never from W Wᵀ + τ² I, in which a small τ² would be lost.

    Parameters
    ----------
    weight : array, shape (D, n)
        W.
    bias : number or array of shape (D,)
        b.
    noise_std : float
        τ > 0.

    Raises
    ------
    ValueError
        A parameter with another shape or without a finite value; in all methods, an `x` or `z`
        whose last axis is not D or n.
    TypeError
        What are no real numbers, or a torch tensor that asks for a gradient.

    References
    ----------
    Tipping & Bishop, Probabilistic principal component analysis, J. R. Stat. Soc. B 61 (1999).

    Examples
    --------
    >>> model = LinearGaussianModel(weight=[[1.0]], noise_std=0.5)
    >>> mean, cov = model.posterior(x=[1.0])
    >>> print(mean.round(6), cov.round(6))
    [0.8] [[0.2]]
    """

    def __init__(self, weight, bias=0.0, noise_std=1.0):
        self.weight, bias = finite_numpy(weight=weight, bias=bias)
        noise_std = as_number(noise_std=noise_std)
        require(self.weight.ndim == 2, "weight", "shape (D, n)", self.weight.shape)
        each_or_all = bias.shape in ((), self.weight.shape[:1])
        require(each_or_all, "bias", f"a number or shape ({len(self.weight)},)", bias.shape)
        check_values(np, noise_std=noise_std)
        self.bias = np.broadcast_to(bias, self.weight.shape[:1])
        self.noise_std = float(noise_std)
        # W = U diag(s) Vᵀ; the axes V are the eigenvectors of every posterior's covariance.
        data_size, latent_size = self.weight.shape
        left, scales, axes = np.linalg.svd(self.weight)
        self._scales = np.pad(scales, (0, max(0, latent_size - data_size)))
        self._axes = axes.T
        # In the coordinates V, a posterior's std is τ/√(s² + τ²).
        self._spreads = self.noise_std / np.hypot(self._scales, self.noise_std)
        gains = scales / self.noise_std * self._spreads[: len(scales)] ** 2 / self.noise_std
        self._to_mean = (left[:, : len(scales)] * gains) @ axes[: len(scales)]

    def sample(self, count, rng):
        """Draw `count` pairs from p(x, z): x of shape (count, D) and z of shape (count, n)."""
        check_count(0, count=count)
        check_generator(rng=rng)
        data_size, latent_size = self.weight.shape
        check_memory("count", (count, data_size + latent_size), 4)
        z = rng.standard_normal((count, latent_size))
        return self._mean(z) + self.noise_std * rng.standard_normal((count, data_size)), z

    def log_likelihood(self, x, z):
        """log p(x | z) for x of shape (..., D) and z of shape (..., n), which broadcast."""
        return self._log_likelihood(self._data(x), "z", self._latent(z=z))

    def log_joint(self, x, z):
        """log p(x, z) = log p(x | z) + log p(z), for the same shapes."""
        return self.log_likelihood(x, z) + log_density_diagonal(self._latent(z=z))

    def log_evidence(self, x):
        """log p(x), exact: p(x) = N(b, W Wᵀ + τ² I). Equation (4.35).

        It is log p(x, z) − log p(z | x) at the posterior's mean, where rounding of z tells least.
        """
        x = self._data(x)
        mean = self._posterior_mean(x)
        log_det = 2 * np.log(self._spreads).sum()
        log_posterior = -0.5 * (log_det + self.weight.shape[1] * math.log(2 * math.pi))
        return self.log_joint(x, mean) - log_posterior

    def posterior(self, x):
        """Return mean (..., n) and covariance (n, n) of p(z | x), which is Gaussian.

        The covariance C = (I + Wᵀ W/τ²)⁻¹ does not depend on x; the mean is C Wᵀ (x − b)/τ².
        Equations (4.33) and (4.34).
        """
        half = self._axes * self._spreads
        return self._posterior_mean(self._data(x)), half @ half.T

    def reconstruction(self, mean_q, cov_q, x):
        """E_q[log p(x | z)] for q = N(mean_q, cov_q), exact: equation (4.36)."""
        at_mean = self._log_likelihood(self._data(x), "mean_q", self._latent(mean_q=mean_q))
        (cov_q,), latent_size = finite_numpy(cov_q=cov_q), self.weight.shape[1]
        is_square = cov_q.shape[-2:] == (latent_size, latent_size)
        require(is_square, "cov_q", f"shape (..., {latent_size}, {latent_size})", cov_q.shape)
        check_broadcast(x=at_mean.shape, cov_q=cov_q.shape[:-2])
        return at_mean - 0.5 * self._spread(cov_q) / self.noise_std**2

    def exact_elbo(self, mean_q, cov_q, x):
        """The ELBO of q = N(mean_q, cov_q), exact: E_q[log p(x | z)] − KL(q‖p(z)), (4.21).

        Means of shape (..., n), covariances (..., n, n) and observations (..., D) broadcast.
        """
        kl = kl_multivariate(mean_q, cov_q, 0.0, np.eye(self.weight.shape[1]))
        return self.reconstruction(mean_q, cov_q, x) - kl

    def _mean(self, z):
        return z @ self.weight.T + self.bias

    def _posterior_mean(self, x):
        return (x - self.bias) @ self._to_mean

    def _log_likelihood(self, x, name, z):
        check_broadcast(**{"x": x.shape[:-1], name: z.shape[:-1]})
        return log_density_diagonal(self._residual(x, z), 0.0, 2 * math.log(self.noise_std))

    def _residual(self, x, z):
        """x − W z − b, without rounding before the last step."""
        rows = z if z.ndim > 1 else z[None]
        mean, mean_rest = (part.reshape(*z.shape[:-1], -1) for part in self._product(rows))
        centred, rest = difference(x, self.bias)
        gap, gap_rest = difference(centred, mean)
        return gap + (gap_rest + rest - mean_rest)

    def _product(self, rows):
        return product(np, rows, self.weight.T)

    def _spread(self, cov):
        """tr(W cov Wᵀ), in twice the precision: near a posterior its terms cancel."""
        gram, gram_rest = product(np, self.weight.T, self.weight)
        flat = cov.reshape(*cov.shape[:-2], -1, 1)
        head, tail = product(np, gram.reshape(1, -1), flat)
        return (head + (tail + gram_rest.reshape(1, -1) @ flat))[..., 0, 0]

    def _data(self, x):
        (x,) = finite_vectors(self.weight.shape[0], x=x)
        return x

    def _latent(self, **named):
        (z,) = finite_vectors(self.weight.shape[1], **named)
        return z


def _values(name, log_density, samples):
    """Values of a log-density at samples (N, S, n), one for each draw, checked."""
    check_callable(**{name: log_density})
    (values,), draws = as_numpy(**{name: log_density(samples)}), samples.shape[:-1]
    require(values.shape == draws, name, f"one value a draw, shape {draws}", values.shape)
    usable = np.isfinite(values)
    if name == "log_joint":  # a draw may have weight 0, but not a whole row: the bound were −inf
        usable |= np.isneginf(values) & usable.any(axis=-1, keepdims=True)
    check_entries(np, name, "finite values", values, usable)
    return values


def _log_mean_exp(log_values):
    """log of the mean over the last axis of exp(log_values), also where exp would overflow."""
    return logsumexp(log_values, axis=-1) - math.log(log_values.shape[-1])
