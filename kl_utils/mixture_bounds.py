"""KL(q‖p) of a Gaussian q from a mixture p of Gaussians, which has no closed form, in nats.

What stands in for one says in its name what it is: ``kl_upper_…`` is never below the divergence,
``kl_lower_…`` never above it (and may be negative), ``kl_approx_…`` may be on either side.
`kl_quadrature` is the referee, `kl_monte_carlo` what training uses.

q has independent coordinates: ``mean_q``, ``std_q`` of shape (..., n), for a batch of them.
Results have shape (...). Bounds are made of what has a closed form for each component p_k:
KL(q‖p_k), and integrals of powers of q and p_k.

All raise ValueError for a standard deviation that is not positive, a NaN or infinity, and shapes
that do not fit.
"""

from functools import cache

import numpy as np
from scipy.special import rel_entr, roots_hermitenorm

from .estimators import estimate_kl
from .expectation import DoesNotConverge, Quadrature, settle, tensor_rule
from .gaussian import entropy_normal, kl_multivariate, kl_normal, log_density_normal

_REACH = 9  # standard deviations: beyond, q has a mass of 2e-19
_MOST_NODES = {1: 100_000, 2: 400_000}
_TOO_FINE = "quadrature: a component is too narrow beside q for a grid of {:,} nodes"


# --- upper bounds --------------------------------------------------------------------------------


def component_kls(mean_q, std_q, mixture):
    """KL(q‖p_k) for every component k, in closed form, shape (..., K)."""
    mean_q, std_q = _gaussian(mean_q, std_q, mixture)
    terms = kl_normal(mean_q[..., None, :], std_q[..., None, :], mixture.means, mixture.stds)
    return terms.sum(-1)


def kl_upper_convexity(mean_q, std_q, mixture):
    """Upper bound Σ π_k KL(q‖p_k), from the convexity of −log."""
    return component_kls(mean_q, std_q, mixture) @ mixture.weights


def kl_upper_variational(mean_q, std_q, mixture):
    """Upper bound −log Σ π_k exp(−KL(q‖p_k)), the least of those by fixed responsibilities.

    References
    ----------
    Hershey & Olsen, Approximating the Kullback Leibler divergence between Gaussian mixture models,
    ICASSP 2007. Between two mixtures their formula is an approximation; here q is one Gaussian.
    """
    kls = component_kls(mean_q, std_q, mixture)
    return -np.logaddexp.reduce(mixture.log_weights - kls, axis=-1)


def kl_upper_matched(mean_q, std_q, mixture):
    """Upper bound min_k [KL(q‖p_k) − log π_k]: one component, and the price of naming it.

    References
    ----------
    Goldberger, Gordon & Greenspan, An efficient image similarity measure based on approximations
    of KL-divergence between two Gaussian mixtures, ICCV 2003.
    """
    return (component_kls(mean_q, std_q, mixture) - mixture.log_weights).min(-1)


def kl_upper_responsibilities(mean_q, std_q, mixture, gamma):
    """Upper bound Σ γ_k KL(q‖p_k) + KL(γ‖π), for any γ_k ≥ 0 with sum 1, shape (..., K).

    γ = π gives `kl_upper_convexity`, all weight on one component `kl_upper_matched` at best, and
    γ_k in proportion to π_k exp(−KL(q‖p_k)) the least of all, `kl_upper_variational`.
    """
    gamma = np.asarray(gamma, dtype=float)
    if gamma.shape[-1:] != (mixture.size,):
        raise ValueError(f"gamma: expected shape (..., {mixture.size}), got {gamma.shape}")
    if not ((gamma >= 0).all() and np.allclose(gamma.sum(-1), 1, rtol=0, atol=1e-6)):
        raise ValueError("gamma: expected numbers ≥ 0 with a sum of 1")
    kls = component_kls(mean_q, std_q, mixture)
    return (gamma * kls + rel_entr(gamma, mixture.weights)).sum(-1)


# --- lower bounds --------------------------------------------------------------------------------


def kl_lower_product(mean_q, std_q, mixture):
    """Lower bound −H(q) − log Σ π_k N(μ_q; μ_k, Σ_q + Σ_k), from E_q[log p] ≤ log E_q[p].

    References
    ----------
    Hershey & Olsen, ICASSP 2007: the product of Gaussians, here with the exact entropy of q.
    """
    mean_q, std_q = _gaussian(mean_q, std_q, mixture)
    std = np.hypot(std_q[..., None, :], mixture.stds)
    log_overlaps = log_density_normal(mean_q[..., None, :], mixture.means, std).sum(-1)
    log_expected_p = np.logaddexp.reduce(mixture.log_weights + log_overlaps, axis=-1)
    return -entropy_normal(std_q).sum(-1) - log_expected_p


def kl_lower_renyi(mean_q, std_q, mixture, beta=0.5):
    """Lower bound −(1/β) log Σ π_k^β ∫ q^(1−β) p_k^β dz, for 0 < β < 1.

    The Rényi divergence of order 1 − β is at most the KL divergence, and
    (Σ a_k)^β ≤ Σ a_k^β takes the mixture apart.

    References
    ----------
    van Erven & Harremoës, Rényi divergence and Kullback-Leibler divergence, IEEE Transactions on
    Information Theory 60 (2014): divergences grow with their order.
    """
    if not 0 < beta < 1:
        raise ValueError(f"beta: expected a number between 0 and 1, got {beta}")
    mean_q, std_q = (x[..., None, :] for x in _gaussian(mean_q, std_q, mixture))
    var = (1 - beta) * mixture.stds**2 + beta * std_q**2
    log_integrals = (
        beta * np.log(std_q)
        + (1 - beta) * np.log(mixture.stds)
        - 0.5 * np.log(var)
        - 0.5 * beta * (1 - beta) * (mean_q - mixture.means) ** 2 / var
    ).sum(-1)
    return -np.logaddexp.reduce(beta * mixture.log_weights + log_integrals, axis=-1) / beta


# --- approximations that are no bounds -----------------------------------------------------------


def kl_approx_moment_match(mean_q, std_q, mixture):
    """KL of q from the one Gaussian that has the mean and the covariance of the mixture."""
    mean_q, std_q = _gaussian(mean_q, std_q, mixture)
    cov_q = std_q[..., None] ** 2 * np.eye(mixture.dimensions)
    return kl_multivariate(mean_q, cov_q, mixture.mean, mixture.cov)


def kl_approx_unscented(mean_q, std_q, mixture):
    """E_q by the average over 2n points, √n standard deviations from μ_q along each axis.

    The rule is exact for polynomials of degree 3; the logarithm of a mixture is none.
    """
    n = mixture.dimensions
    points = np.sqrt(n) * np.concatenate([np.eye(n), -np.eye(n)])
    return _average_log_ratio(mean_q, std_q, mixture, points, np.full(2 * n, 0.5 / n))


def kl_approx_gauss_hermite(mean_q, std_q, mixture, nodes=20):
    """E_q by Gauss–Hermite quadrature with ``nodes`` an axis: no error estimate comes with it."""
    n = mixture.dimensions
    if nodes < 1 or nodes**n > 1_000_000:
        raise ValueError(f"nodes: expected 1 ≤ nodes and nodes^{n} ≤ 1,000,000, got {nodes}")
    points, weights = tensor_rule(*roots_hermitenorm(nodes), n)
    return _average_log_ratio(mean_q, std_q, mixture, points, weights)


# --- the referee, and Monte Carlo ----------------------------------------------------------------


def kl_quadrature(mean_q, std_q, mixture, tolerance=1e-8):
    """KL(q‖p) in one or two dimensions, by trapezoidal sums of finer and finer step.

    Their error falls faster than any power of the step for smooth integrands. log p is smooth, but
    bends sharply where one component takes over from another, and a narrow component could hide
    between the nodes. So the step starts at half the narrowest component or finer.

    Returns
    -------
    Quadrature
        ``value`` and ``error`` (the distance to the next coarser sum), floats or arrays (...).

    Raises
    ------
    ValueError
        More than two dimensions.
    DoesNotConverge
        Two sums in a row never agree to ``tolerance``, relative to max(1, KL), within 100,000
        nodes in one dimension or 400,000 in two.
    """
    if mixture.dimensions > 2:
        raise ValueError(f"mixture: expected 1 or 2 dimensions, got {mixture.dimensions}")
    mean_q, std_q = _gaussian(mean_q, std_q, mixture)
    results = [
        _refine(mean, std, mixture, tolerance)
        for mean, std in zip(
            mean_q.reshape(-1, mixture.dimensions),
            std_q.reshape(-1, mixture.dimensions),
            strict=True,
        )
    ]
    values, errors = np.reshape(np.transpose(results), (2, *mean_q.shape[:-1]))
    return Quadrature(values[()], errors[()])


def kl_monte_carlo(mean_q, std_q, mixture, samples, rng):
    """Unbiased estimate (1/S) Σ_s log q(z_s)/p(z_s) with ``samples`` draws z_s ~ q, of one q.

    Returns
    -------
    Estimate
        The mean, its standard error and S.
    """
    mean_q, std_q = _gaussian(mean_q, std_q, mixture)
    if mean_q.ndim != 1:
        raise ValueError(f"mean_q: expected shape ({mixture.dimensions},), got {mean_q.shape}")
    z = mean_q + std_q * rng.standard_normal((samples, mixture.dimensions))
    return estimate_kl(lambda z: log_density_normal(z, mean_q, std_q).sum(-1), mixture.log_prob, z)


# --- shared steps --------------------------------------------------------------------------------


def _gaussian(mean_q, std_q, mixture):
    """q's parameters as arrays of one shape (..., n)."""
    arrays = {"mean_q": np.asarray(mean_q, float), "std_q": np.asarray(std_q, float)}
    for name, array in arrays.items():
        if array.shape[-1:] != (mixture.dimensions,):
            raise ValueError(
                f"{name}: expected shape (..., {mixture.dimensions}), got {array.shape}"
            )
    mean_q, std_q = np.broadcast_arrays(*arrays.values())
    kl_normal(mean_q, std_q)  # refuses what is no mean or no standard deviation
    return mean_q, std_q


def _average_log_ratio(mean_q, std_q, mixture, points, weights):
    """Σ_j weight_j [log q(z_j) − log p(z_j)] at z_j = μ_q + σ_q ⊙ point_j."""
    mean_q, std_q = _gaussian(mean_q, std_q, mixture)
    z = mean_q[..., None, :] + std_q[..., None, :] * points
    log_q = log_density_normal(points).sum(-1) - np.log(std_q).sum(-1)[..., None]
    return (log_q - mixture.log_prob(z)) @ weights


def _refine(mean_q, std_q, mixture, tolerance):
    coarsest = max(0, int(np.ceil(np.log2((std_q / mixture.stds).max()))))

    def value_at(level):
        points, weights = _trapezoidal_rule(mixture.dimensions, coarsest + level)
        return _average_log_ratio(mean_q, std_q, mixture, points, weights)

    value, error = settle(value_at, tolerance)
    if not np.isfinite(error):
        raise DoesNotConverge(_TOO_FINE.format(_MOST_NODES[mixture.dimensions]))
    return float(value), float(error)


@cache
def _trapezoidal_rule(n, level):
    """Nodes and weights for expectations under N(0, I), with steps 1/2, 1/4, 1/8, …"""
    step = 0.5 / 2**level
    axis = step * np.arange(-round(_REACH / step), round(_REACH / step) + 1)
    if axis.size**n > _MOST_NODES[n]:
        raise DoesNotConverge(_TOO_FINE.format(_MOST_NODES[n]))
    return tensor_rule(axis, np.exp(-(axis**2) / 2), n)
