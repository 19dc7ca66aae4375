"""KL(q‖p) of a Gaussian q from a mixture p of Gaussians, which has no closed form, in nats.

What stands in for one says in its name what it is: ``kl_upper_…`` is never below the divergence,
``kl_lower_…`` never above it (and may be negative), ``kl_approx_…`` may be on either side.
`kl_quadrature` is the referee, `kl_monte_carlo` what training uses.

q has independent coordinates: ``mean_q``, ``std_q`` of shape (..., n) give results of shape (...).
Bounds are made of KL(q‖p_k) and integrals of powers of q and p_k, for each component p_k.

All raise ValueError for a standard deviation that is not positive, a NaN or infinity, and shapes
that do not fit, and TypeError for what are no numbers or no `GaussianMixture`. Beside the results,
which have to fit into the memory, a call takes some 200 MB, whatever the batch.
"""

import numpy as np
from scipy.special import rel_entr

from ._arguments import require
from ._arrays import as_number, as_numpy
from ._checks import (
    check_broadcast,
    check_count,
    check_entries,
    check_generator,
    check_last_axis,
    check_memory,
    check_values,
    finite_vectors,
    in_parts,
)
from .estimators import estimate_kl
from .expectation import Quadrature
from .gaussian import entropy_normal, kl_multivariate, kl_normal, log_density_normal
from .grids import hermite_rule, trapezoidal_rule
from .mixture import GaussianMixture
from .quadrature import DoesNotConverge

_REACH = 9  # standard deviations: beyond, q has a mass of 2e-19
_MOST_NODES = {1: 100_000, 2: 400_000}


# --- upper bounds --------------------------------------------------------------------------------


def component_kls(mean_q, std_q, mixture):
    """KL(q‖p_k) for every component k, in closed form, shape (..., K)."""

    def kls(mean_q, std_q):
        return kl_normal(mean_q[:, None], std_q[:, None], mixture.means, mixture.stds).sum(-1)

    return _for_each(kls, mean_q, std_q, mixture)


def kl_upper_convexity(mean_q, std_q, mixture):
    """Upper bound Σ π_k KL(q‖p_k), from the convexity of −log."""
    kls, heard = component_kls(mean_q, std_q, mixture), mixture.weights > 0  # 0 · inf is 0 here
    return kls[..., heard] @ mixture.weights[heard]


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
    kls = component_kls(mean_q, std_q, mixture)
    (gamma,) = finite_vectors(mixture.size, gamma=gamma)
    check_broadcast(gamma=gamma.shape[:-1], mean_q=kls.shape[:-1])
    check_entries(np, "gamma", "numbers ≥ 0", gamma, gamma >= 0)
    totals = gamma.sum(-1)
    check_entries(np, "gamma", "sums of 1", totals, abs(totals - 1) <= 1e-6)
    check_memory("mean_q, gamma", np.broadcast_shapes(kls.shape, gamma.shape), 4)
    return (gamma * np.where(gamma > 0, kls, 0.0) + rel_entr(gamma, mixture.weights)).sum(-1)


# --- lower bounds --------------------------------------------------------------------------------


def kl_lower_product(mean_q, std_q, mixture):
    """Lower bound −H(q) − log Σ π_k N(μ_q; μ_k, Σ_q + Σ_k), from E_q[log p] ≤ log E_q[p].

    References
    ----------
    Hershey & Olsen, ICASSP 2007: the product of Gaussians, here with the exact entropy of q.
    """

    def bound(mean_q, std_q):
        std = np.hypot(std_q[:, None], mixture.stds)
        log_overlaps = log_density_normal(mean_q[:, None], mixture.means, std).sum(-1)
        log_expected_p = np.logaddexp.reduce(mixture.log_weights + log_overlaps, axis=-1)
        return -entropy_normal(std_q).sum(-1) - log_expected_p

    return _for_each(bound, mean_q, std_q, mixture)


def kl_lower_renyi(mean_q, std_q, mixture, beta=0.5):
    """Lower bound −(1/β) log Σ π_k^β ∫ q^(1−β) p_k^β dz, for 0 < β < 1.

    The Rényi divergence of order 1 − β is at most the KL divergence, and
    (Σ a_k)^β ≤ Σ a_k^β takes the mixture apart.

    References
    ----------
    van Erven & Harremoës, Rényi divergence and Kullback-Leibler divergence, IEEE Transactions on
    Information Theory 60 (2014): divergences grow with their order.
    """
    beta = as_number(beta=beta)
    require(0 < beta < 1, "beta", "a number between 0 and 1", beta)

    def bound(mean_q, std_q):
        mean_q, std_q = mean_q[:, None], std_q[:, None]
        std = np.hypot((1 - beta) ** 0.5 * mixture.stds, beta**0.5 * std_q)
        with np.errstate(over="ignore"):
            log_integrals = (
                beta * np.log(std_q)
                + (1 - beta) * np.log(mixture.stds)
                - np.log(std)
                - 0.5 * beta * (1 - beta) * ((mean_q - mixture.means) / std) ** 2
            ).sum(-1)
        return -np.logaddexp.reduce(beta * mixture.log_weights + log_integrals, axis=-1) / beta

    return _for_each(bound, mean_q, std_q, mixture)


# --- approximations that are no bounds -----------------------------------------------------------


def kl_approx_moment_match(mean_q, std_q, mixture):
    """KL of q from the one Gaussian that has the mean and the covariance of the mixture."""
    _check_mixture(mixture)
    with np.errstate(over="ignore"):
        mean_p, cov_p = mixture.mean, mixture.cov

    def divergence(mean_q, std_q):
        return kl_multivariate(mean_q, std_q[..., None] ** 2 * np.eye(len(mean_p)), mean_p, cov_p)

    try:
        return _for_each(divergence, mean_q, std_q, mixture, mixture.dimensions**2)
    except ValueError as error:  # it may be singular for all that a computer knows
        raise ValueError(str(error).replace("cov_p: ", "mixture.cov: ")) from None


def kl_approx_unscented(mean_q, std_q, mixture):
    """E_q by the average over 2n points, √n standard deviations from μ_q along each axis.

    The rule is exact for polynomials of degree 3; the logarithm of a mixture is none.
    """
    _check_mixture(mixture)
    n = mixture.dimensions
    points = np.sqrt(n) * np.concatenate([np.eye(n), -np.eye(n)])
    return _average_log_ratio(mean_q, std_q, mixture, points, np.full(2 * n, 0.5 / n))


def kl_approx_gauss_hermite(mean_q, std_q, mixture, nodes=20):
    """E_q by Gauss–Hermite quadrature with ``nodes`` an axis: no error estimate comes with it."""
    _check_mixture(mixture)
    check_count(1, nodes=nodes)
    n = mixture.dimensions
    few = nodes <= 320 and nodes**n <= 1_000_000
    require(few, "nodes", f"nodes ≤ 320 and nodes^{n} ≤ 1,000,000", nodes)
    points, weights = hermite_rule(n, nodes)
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
        More than two dimensions; a tolerance that is not positive.
    DoesNotConverge
        Two sums in a row never agree to ``tolerance``, relative to max(1, KL), within 100,000
        nodes in one dimension or 400,000 in two.
    """
    mean_q, std_q = _gaussian(mean_q, std_q, mixture)
    require(mixture.dimensions <= 2, "mixture", "1 or 2 dimensions", mixture.dimensions)
    tolerance = as_number(tolerance=tolerance)
    require(tolerance > 0, "tolerance", "a positive number", tolerance)
    rows = zip(*(q.reshape(-1, mixture.dimensions) for q in (mean_q, std_q)), strict=True)
    results = [_refine(mean, std, mixture, tolerance) for mean, std in rows]
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
    require(mean_q.ndim == 1, "mean_q, std_q", f"shape ({mixture.dimensions},)", mean_q.shape)
    check_count(2, samples=samples)
    check_generator(rng=rng)
    check_memory("samples", (samples, mixture.dimensions), 6)
    z = mean_q + std_q * rng.standard_normal((samples, mixture.dimensions))
    return estimate_kl(lambda z: log_density_normal(z, mean_q, std_q).sum(-1), mixture.log_prob, z)


# --- shared steps --------------------------------------------------------------------------------


def _gaussian(mean_q, std_q, mixture):
    """q's parameters as arrays of one shape (..., n)."""
    _check_mixture(mixture)
    mean_q, std_q = as_numpy(mean_q=mean_q, std_q=std_q)
    check_values(np, mean_q=mean_q, std_q=std_q)
    check_last_axis(mixture.dimensions, mean_q=mean_q, std_q=std_q)
    check_broadcast(mean_q=mean_q.shape, std_q=std_q.shape)
    return np.broadcast_arrays(mean_q, std_q)


def _for_each(function, mean_q, std_q, mixture, values_each=0):
    """A function of rows of parameters, shape (N, n), at (..., n), a few of them at a time."""
    mean_q, std_q = _gaussian(mean_q, std_q, mixture)
    batch, n = mean_q.shape[:-1], mixture.dimensions
    check_memory("mean_q, std_q", (*batch, max(mixture.size, n)), 3)
    values_each = max(values_each, mixture.means.size)
    values = in_parts(function, values_each, mean_q.reshape(-1, n), std_q.reshape(-1, n))
    return values.reshape((*batch, *values.shape[1:]))[()]


def _check_mixture(mixture):
    is_mixture = isinstance(mixture, GaussianMixture)
    require(is_mixture, "mixture", "a GaussianMixture", type(mixture).__name__, TypeError)


def _average_log_ratio(mean_q, std_q, mixture, points, weights):
    """Σ_j weight_j [log q(z_j) − log p(z_j)] at z_j = μ_q + σ_q ⊙ point_j."""

    def average(mean_q, std_q):
        return _log_ratio(mean_q, std_q, mixture, points) @ weights

    return _for_each(average, mean_q, std_q, mixture, points.size)


def _log_ratio(mean_q, std_q, mixture, points):
    z = mean_q[..., None, :] + std_q[..., None, :] * points
    log_q = log_density_normal(points).sum(-1) - np.log(std_q).sum(-1)[..., None]
    return log_q - mixture.log_prob(z)


def _refine(mean_q, std_q, mixture, tolerance):
    """Finer and finer sums, until two agree, also as a share of E_q |log q − log p|."""
    n, most = mixture.dimensions, _MOST_NODES[mixture.dimensions]
    with np.errstate(over="ignore"):
        width = (std_q / mixture.stds).max()  # of q, beside the narrowest component
    coarsest = int(np.ceil(np.log2(np.clip(width, 1, most))))
    value, gap, size = np.inf, np.inf, 0.0
    while not gap <= tolerance * min(size, max(1, abs(value))):
        try:
            points, weights = trapezoidal_rule(0.5 / 2**coarsest, _REACH, n, most)
        except DoesNotConverge:
            raise DoesNotConverge(
                f"quadrature: a component is too narrow beside q for a grid of {most:,} nodes"
            ) from None
        ratio = _log_ratio(mean_q, std_q, mixture, points)
        finer, size = float(ratio @ weights), float(abs(ratio) @ weights)
        if not np.isfinite(finer):
            raise DoesNotConverge("quadrature: log q − log p leaves the range of floats")
        value, gap, coarsest = finer, abs(finer - value), coarsest + 1
    return value, gap
