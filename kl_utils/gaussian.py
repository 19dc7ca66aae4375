"""Log-densities, entropies and KL divergences of Gaussians, in closed form, in nats.

Three families: *normal* (one dimension, elementwise), *diagonal* (independent dimensions, given by
log-variances, summed over the last axis) and *multivariate* (full covariance matrices). q comes
before p everywhere: KL(q‖p).

Arguments are numbers, lists, or arrays of NumPy, torch or another library of the array API standard
(`kl_utils._arrays` says what is taken), and broadcast. Results keep library, dtype and device, and
gradients flow, in torch also through vmap, grad, jvp and jacrev. Integers are taken as floats; half
precision computes in float32, the multivariate family in float64. Numbers alone give a NumPy
float64, which is a Python float.

A `TypeError` meets arrays of two libraries, and what is no plain array of real numbers (masked,
complex, sparse); a `ValueError` bad values (the message names argument, value and index), shapes
that do not fit, and broadcasts that do not fit into the memory. The diagonal family checks shapes
only, since every log-variance is valid, infinite ones too; so it costs a training step nothing and
never waits for a GPU. NaN stays NaN. Inside torch.vmap and torch.compile there are no values yet to
check: a bad one gives NaN or infinity there.

The textbook formulas subtract nearly equal numbers where q ≈ p. Here each KL is a sum of terms that
are never negative: accurate everywhere, never negative, exactly 0 for q = p, inf on overflow.
"""

import math

from ._arrays import as_result, difference
from ._checks import is_true
from ._closed_forms import (
    broadcast,
    elementwise,
    gap_of,
    log_ratio,
    multivariate,
    quick_quotient,
    quietly,
    standardize,
    total,
    zero_at_equality,
)
from ._matrices import cholesky_excess
from ._special import half_psi, phi

_LOG_2PI = math.log(2 * math.pi)


# --- one dimension, elementwise ------------------------------------------------------------------


def log_density_normal(z, mean=0.0, std=1.0):
    """Log-density of N(mean, std²) at z, elementwise: −½[(z − mean)²/std² + log(2π std²)]."""

    def formula(xp, z, mean, std, divide):
        shift = divide(z, mean, std)
        return -0.5 * shift * shift - xp.log(std) - 0.5 * _LOG_2PI

    return elementwise(formula, z=z, mean=mean, std=std)


def entropy_normal(std):
    """Entropy of N(·, std²), elementwise: log std + (1 + log 2π)/2. Negative for small std."""
    return elementwise(lambda xp, std, _: xp.log(std) + 0.5 * (1 + _LOG_2PI), std=std)


def cross_entropy_normal(mean_q, std_q, mean_p=0.0, std_p=1.0):
    """Cross-entropy E_q[−log p] of two normals, elementwise: KL(q‖p) plus the entropy of q.

    It equals (std_q² + (mean_q − mean_p)²)/(2 std_p²) + log std_p + log(2π)/2.
    """

    def formula(xp, mean_q, std_q, mean_p, std_p, divide):
        shift, ratio = divide(mean_q, mean_p, std_p), std_q / std_p
        quadratic = 0.5 * ratio * ratio + 0.5 * shift * shift
        return quadratic + xp.log(std_p) + 0.5 * _LOG_2PI

    return elementwise(formula, mean_q=mean_q, std_q=std_q, mean_p=mean_p, std_p=std_p)


def kl_normal(mean_q, std_q, mean_p=0.0, std_p=1.0):
    """KL(q‖p) of q = N(mean_q, std_q²) and p = N(mean_p, std_p²), elementwise.

    Parameters
    ----------
    mean_q, std_q, mean_p, std_p : number or array, broadcast
        Means and positive standard deviations; p is N(0, 1) unless given.

    Returns
    -------
    number or array
        ½[r² − 1 − log r² + δ²] in nats, with r = std_q/std_p and δ = (mean_q − mean_p)/std_p. The
        relative error stays near the dtype's rounding, for scales 10¹⁰⁰ apart as for q ≈ p.

    Raises
    ------
    ValueError
        A standard deviation that is not positive, a NaN or infinity, shapes that do not broadcast.
    TypeError
        Arrays of two libraries.

    References
    ----------
    Kullback & Leibler, On information and sufficiency, Ann. Math. Stat. 22 (1951).
    """
    return elementwise(_kl_normal, mean_q=mean_q, std_q=std_q, mean_p=mean_p, std_p=std_p)


def _kl_normal(xp, mean_q, std_q, mean_p, std_p, divide):
    shift = divide(mean_q, mean_p, std_p)
    stretch, inverse = (std_q - std_p) / std_p, std_p / std_q
    if divide is quick_quotient:
        excess = phi(stretch, inverse)
    else:  # 1 + stretch = std_q/std_p or its inverse may have left the range of the dtype
        inside = xp.isfinite(stretch) & xp.isfinite(inverse)
        excess = phi(xp.where(inside, stretch, 0.0), xp.where(inside, inverse, 1.0))
        apart = stretch - (xp.log(std_q) - xp.log(std_p))
        excess = xp.where(inside, excess, apart)
    return 0.5 * shift * shift + 0.5 * stretch * stretch + excess


# --- independent dimensions, given by log-variances ----------------------------------------------


@quietly
def log_density_diagonal(z, mean=0.0, log_var=0.0):
    """Log-density at z of independent normals: log_density_normal summed over the last axis.

    Shapes (..., n) broadcast, the result has shape (...,); `log_var` is the log of the variances.
    """
    xp, dtype, (z, mean, log_var) = broadcast(z=z, mean=mean, log_var=log_var)
    shift = standardize(xp, z - mean, log_var)
    square = shift * shift
    terms = square + log_var + _LOG_2PI
    is_no_peak = (square == math.inf) & (log_var == -math.inf)  # inf − inf: the square wins
    terms = xp.where(is_no_peak, math.inf, terms)
    return as_result(total(xp, -0.5 * terms), dtype)


@quietly
def entropy_diagonal(log_var):
    """Entropy of independent normals: Σ (log_var + 1 + log 2π)/2 over the last axis."""
    xp, dtype, (log_var,) = broadcast(log_var=log_var)
    return as_result(total(xp, 0.5 * (log_var + 1 + _LOG_2PI)), dtype)


@quietly
def cross_entropy_diagonal(mean_q, log_var_q, mean_p=0.0, log_var_p=0.0):
    """Cross-entropy E_q[−log p] of independent normals, summed over the last axis."""
    xp, dtype, (mean_q, log_var_q, mean_p, log_var_p) = broadcast(
        mean_q=mean_q, log_var_q=log_var_q, mean_p=mean_p, log_var_p=log_var_p
    )
    shift = standardize(xp, gap_of(xp, mean_q, mean_p), log_var_p)
    quadratic = xp.exp(gap_of(xp, log_var_q, log_var_p)) + shift * shift
    terms = quadratic + log_var_p + _LOG_2PI
    is_far = (quadratic == math.inf) & (log_var_p == -math.inf)
    terms = xp.where(is_far, math.inf, terms)
    return as_result(total(xp, 0.5 * terms), dtype)


@quietly
def kl_diagonal(mean_q, log_var_q, mean_p=0.0, log_var_p=0.0):
    """KL(q‖p) of independent normals, summed over the last axis; by default, a VAE's KL to N(0, I).

    Parameters
    ----------
    mean_q, log_var_q, mean_p, log_var_p : number or array of shape (..., n), broadcast
        Means and log-variances; p is N(0, I) unless given. A number alone is one dimension.

    Returns
    -------
    number or array of shape (...,)
        ½ Σ [eᵗ − 1 − t + δ²] in nats, with t = log_var_q − log_var_p and
        δ² = (mean_q − mean_p)²/exp(log_var_p).

    Raises
    ------
    ValueError
        Shapes that do not broadcast. Values are not checked.
    TypeError
        Arrays of two libraries.

    References
    ----------
    Kingma & Welling, Auto-encoding variational Bayes, ICLR 2014, appendix B.
    """
    if _is_zero(mean_p) and _is_zero(log_var_p):  # the training step: nothing to subtract
        xp, dtype, (shift, gap) = broadcast(mean_q=mean_q, log_var_q=log_var_q)
        rest = None
    else:
        xp, dtype, (mean_q, log_var_q, mean_p, log_var_p) = broadcast(
            mean_q=mean_q, log_var_q=log_var_q, mean_p=mean_p, log_var_p=log_var_p
        )
        shift = standardize(xp, gap_of(xp, mean_q, mean_p), log_var_p)
        gap, rest = difference(log_var_q, log_var_p)
        gap = zero_at_equality(xp, gap, log_var_q, log_var_p)
    return as_result(total(xp, 0.5 * shift * shift + half_psi(gap, rest)), dtype)


# --- full covariance -----------------------------------------------------------------------------


@quietly
def log_density_multivariate(z, mean, cov):
    """Log-density of N(mean, cov) at z: −½[(z − mean)ᵀ cov⁻¹ (z − mean) + log det(2π cov)].

    `z` and `mean` have shape (..., n), `cov` (..., n, n); the result has shape (...,).
    """

    def formula(xp, z, mean, cov):
        shift = cov.vectors(z - mean)
        terms = 0.5 * (shift * shift + _LOG_2PI) + xp.log(cov.scales)
        return -xp.sum(terms, axis=-1)

    return multivariate(formula, -math.inf, z=z, mean=mean, cov=cov)


def entropy_multivariate(cov):
    """Entropy of N(·, cov): ½ log det(2πe cov), for `cov` of shape (..., n, n)."""

    def formula(xp, cov):
        return xp.sum(xp.log(cov.scales) + 0.5 * (1 + _LOG_2PI), axis=-1)

    return multivariate(formula, math.inf, cov=cov)


def cross_entropy_multivariate(mean_q, cov_q, mean_p, cov_p):
    """Cross-entropy E_q[−log p]: ½[tr(cov_p⁻¹ cov_q) + δᵀ cov_p⁻¹ δ + log det(2π cov_p)].

    Means δ = mean_q − mean_p of shape (..., n), covariances (..., n, n); the result is (...,).
    """

    def formula(xp, mean_q, cov_q, mean_p, cov_p):
        shift = cov_p.vectors(mean_q - mean_p)
        variances = xp.linalg.diagonal(cov_p.matrices(cov_q.matrix))
        terms = 0.5 * (variances + shift * shift + _LOG_2PI) + xp.log(cov_p.scales)
        return xp.sum(terms, axis=-1)

    arguments = dict(mean_q=mean_q, cov_q=cov_q, mean_p=mean_p, cov_p=cov_p)
    return multivariate(formula, math.inf, **arguments)


def kl_multivariate(mean_q, cov_q, mean_p, cov_p):
    """KL(q‖p) of q = N(mean_q, cov_q) and p = N(mean_p, cov_p), for batches of them.

    Parameters
    ----------
    mean_q, mean_p : number or array of shape (..., n)
    cov_q, cov_p : array of shape (..., n, n)
        Symmetric up to rounding and positive definite. What rounding explains grows with n; where
        of one coordinate the others leave unexplained no more than 8 √n roundings of its variance,
        the matrix counts as singular.

    Returns
    -------
    number or array of shape (...,)
        ½[tr(cov_p⁻¹ cov_q) − n − log(det cov_q/det cov_p) + δᵀ cov_p⁻¹ δ] in nats, with
        δ = mean_q − mean_p. Some 14 digits are right, ill-conditioned or q ≈ p.

    Raises
    ------
    ValueError
        A covariance that is not symmetric or not positive definite, a NaN or infinity, shapes that
        do not fit.
    TypeError
        Arrays of two libraries.

    References
    ----------
    Kullback, Information Theory and Statistics (1959), chapter 9.
    """
    arguments = dict(mean_q=mean_q, cov_q=cov_q, mean_p=mean_p, cov_p=cov_p)
    return multivariate(_kl_multivariate, math.inf, **arguments)


def _kl_multivariate(xp, mean_q, q, mean_p, p):
    shift = p.vectors(*difference(mean_q, mean_p))
    square = 0.5 * xp.sum(shift * shift, axis=-1)
    excess = p.matrices(*difference(q.matrix, p.matrix))  # cov_q − cov_p where p is standard
    near = xp.sum(excess * excess, axis=(-2, -1)) < 0.25
    if is_true(xp.any(near)) is False:
        return square + _kl_apart(xp, excess, q, p)
    if is_true(xp.all(near)) is True:
        return square + _kl_close(xp, excess)
    close = _kl_close(xp, xp.where(near[..., None, None], excess, 0.0))
    return square + xp.where(near, close, _kl_apart(xp, excess, q, p))


def _kl_close(xp, excess):
    """½[tr E − log det(I + E)] from the Cholesky factor of I + E: exactly 0 for E = 0."""
    lower = cholesky_excess(xp, excess)
    stretch, below = xp.linalg.diagonal(lower), xp.tril(lower, k=-1)
    close = 0.5 * stretch * stretch + phi(stretch, 1 / (1 + stretch))
    return xp.sum(close, axis=-1) + 0.5 * xp.sum(below * below, axis=(-2, -1))


def _kl_apart(xp, excess, q, p):
    terms = 0.5 * xp.linalg.diagonal(excess) - log_ratio(xp, q.scales, p.scales)
    return xp.sum(terms, axis=-1)


def _is_zero(value):
    return isinstance(value, (int, float)) and value == 0
