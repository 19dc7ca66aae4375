"""Monte Carlo estimators of KL(q‖p) from draws z ~ q, for any q and p whose log-densities are
known, in nats.

With the ratio ρ = p(z)/q(z) of a draw, they are k1 = −log ρ, k2 = ½ log² ρ and k3 = ρ − 1 − log ρ.

|    | mean                                      | never negative | variance                     |
|----|-------------------------------------------|----------------|------------------------------|
| k1 | KL(q‖p)                                   | no             | Var_q[log ρ]                 |
| k2 | ½(Var_q[log ρ] + KL²): near KL for q ≈ p  | yes            |                              |
| k3 | KL(q‖p), if q > 0 wherever p > 0          | yes            | infinite where E_q[ρ²] is    |

For Gaussians the variance of k3 is infinite as soon as σ_q² ≤ σ_p²/2 in one direction: then its
estimates and their standard errors mean nothing, however many the draws.

An unbiased value need not have an unbiased gradient. For a loss, differentiate the mean of
`kl_terms`: through reparameterised draws, k1 and k3 have the gradient of KL(q‖p) as their mean;
with the draws held constant only k2 has, while k1 averages to 0 and k3 to the gradient of KL(p‖q).
"""

import numpy as np

from ._arguments import require
from ._arrays import as_numpy, as_result, constant, unify
from ._checks import check_callable, check_entries
from ._closed_forms import quietly
from ._special import psi
from .expectation import estimate_mean

_TERMS = {
    "k1": lambda log_ratio: -log_ratio,
    "k2": quietly(lambda log_ratio: 0.5 * log_ratio * log_ratio),
    "k3": psi,  # as ρ − 1 − log ρ it would lose its digits near ρ = 1
}


def kl_terms(log_ratio, estimator="k1"):
    """The estimate of KL(q‖p) that each draw gives on its own, elementwise.

    Parameters
    ----------
    log_ratio : number or array
        log ρ = log p(z) − log q(z) at draws z ~ q.
    estimator : {"k1", "k2", "k3"}

    Returns
    -------
    number or array
        −log ρ, ½ log² ρ or ρ − 1 − log ρ, in nats: library, dtype and device are kept, and
        gradients flow. k3 is exact to rounding; k2 and k3 are inf on overflow.

    Raises
    ------
    ValueError
        An estimator that is none of the three.
    TypeError
        A `log_ratio` that is no number, NumPy array or torch tensor.

    References
    ----------
    Equations (3.4) to (3.6) of the book; Schulman, Approximating KL divergence (2020).
    """
    known = isinstance(estimator, str) and estimator in _TERMS
    require(known, "estimator", "'k1', 'k2' or 'k3'", repr(estimator))
    _, dtype, (log_ratio,) = unify(log_ratio=log_ratio)
    return as_result(_TERMS[estimator](log_ratio), dtype)


def estimate_kl(log_q, log_p, samples, estimator="k1"):
    """Estimate KL(q‖p) from independent draws of q.

    Parameters
    ----------
    log_q, log_p : callable
        Take `samples` and return their log-densities, shape (n,): over the dimensions of a draw
        they sum.
    samples : array, shape (n,) or (n, …)
        Independent draws from q, n ≥ 2, NumPy or torch.
    estimator : {"k1", "k2", "k3"}
        k1 is the safe choice between Gaussians. k3 is far better for q ≈ p, and worthless for
        narrow q.

    Returns
    -------
    Estimate
        Value and standard error in nats, and n. No gradient: for a loss take `kl_terms`.

    Raises
    ------
    ValueError
        An estimator that is none of the three, log-densities of another shape, NaN, a draw that q
        or p excludes (where p does, the divergence is infinite), a ratio p/q that overflows.
    TypeError
        Densities that cannot be called; one returns NumPy arrays, the other torch tensors.

    Examples
    --------
    >>> from kl_utils.gaussian import kl_normal, log_density_normal
    >>> z = 1 + 0.5 * np.random.default_rng(0).standard_normal(10_000)
    >>> estimate_kl(lambda z: log_density_normal(z, 1, 0.5), log_density_normal, z)
    0.823 ± 0.007 (n = 10,000)
    >>> print(f"{kl_normal(1, 0.5):.3f}")
    0.818
    """
    check_callable(log_q=log_q, log_p=log_p)
    _, _, (at_q, at_p) = unify(log_q=log_q(samples), log_p=log_p(samples))
    at_q, at_p = constant(at_q), constant(at_p)
    _check(at_q, at_p)
    (terms,) = as_numpy(terms=kl_terms(at_p - at_q, estimator))
    finite = f"ratios p/q for which {estimator} does not overflow"
    check_entries(np, "log_q, log_p", finite, terms, np.isfinite(terms))
    return estimate_mean(terms)


def _check(at_q, at_p):
    shapes = tuple(at_q.shape), tuple(at_p.shape)
    one_by_one = shapes[0] == shapes[1] and len(shapes[0]) == 1 and shapes[0][0] >= 2
    expected = "one log-density for each of n ≥ 2 draws, shape (n,)"
    require(one_by_one, "log_q, log_p", expected, f"shapes {shapes[0]} and {shapes[1]}")
    at_q, at_p = as_numpy(at_q=at_q, at_p=at_p)
    check_entries(np, "log_q", "finite log-densities", at_q, np.isfinite(at_q))
    mass = "log-densities above −inf (where q has mass and p has none, KL(q‖p) is infinite)"
    check_entries(np, "log_p", mass, at_p, at_p != -np.inf)
    check_entries(np, "log_p", "finite log-densities", at_p, np.isfinite(at_p))
