"""Log-densities, entropies and KL divergences of Gaussians, in closed form, in nats.

Three families: *normal* (one dimension, elementwise), *diagonal* (independent dimensions, given by
log-variances, summed over the last axis) and *multivariate* (full covariance matrices). q comes
before p everywhere: KL(q‖p).

Arguments are numbers, NumPy arrays or torch tensors, and broadcast. Results keep library, dtype and
device, and gradients flow. Integers are taken as floats; half precision computes in float32, the
multivariate family in float64. Numbers alone give a NumPy float64, which is a Python float.

A `TypeError` meets arrays of two libraries, and what is no plain array of real numbers (masked,
complex, sparse, of another library); a `ValueError` bad values (the message names argument, value
and index) and shapes that do not fit. The diagonal family checks shapes only, since every
log-variance is valid; so it costs a training step nothing and never waits for a GPU. NaN stays NaN.

The textbook formulas subtract nearly equal numbers where q ≈ p. Here each KL is a sum of terms that
are never negative: accurate everywhere, never negative, exactly 0 for q = p, inf on overflow.
"""

import math

import numpy as np

from ._arrays import as_result, difference, half_psi, unify
from ._checks import check_broadcast, check_matrices, check_values
from ._matrices import Whitening, cholesky, cholesky_excess

_LOG_2PI = math.log(2 * math.pi)
_overflow_is_inf = np.errstate(over="ignore", invalid="ignore")  # where NumPy would warn


# --- one dimension, elementwise ------------------------------------------------------------------


@_overflow_is_inf
def log_density_normal(z, mean=0.0, std=1.0):
    """Log-density of N(mean, std²) at z, elementwise: −½[(z − mean)²/std² + log(2π std²)]."""
    xp, dtype, (z, mean, std) = _elementwise(z=z, mean=mean, std=std)
    shift = (z - mean) / std
    return as_result(-0.5 * shift * shift - xp.log(std) - 0.5 * _LOG_2PI, dtype)


def entropy_normal(std):
    """Entropy of N(·, std²), elementwise: log std + (1 + log 2π)/2. Negative for small std."""
    xp, dtype, (std,) = _elementwise(std=std)
    return as_result(xp.log(std) + 0.5 * (1 + _LOG_2PI), dtype)


@_overflow_is_inf
def cross_entropy_normal(mean_q, std_q, mean_p=0.0, std_p=1.0):
    """Cross-entropy E_q[−log p] of two normals, elementwise: KL(q‖p) plus the entropy of q.

    It equals (std_q² + (mean_q − mean_p)²)/(2 std_p²) + log std_p + log(2π)/2.
    """
    xp, dtype, (mean_q, std_q, mean_p, std_p) = _elementwise(
        mean_q=mean_q, std_q=std_q, mean_p=mean_p, std_p=std_p
    )
    shift, ratio = (mean_q - mean_p) / std_p, std_q / std_p
    quadratic = 0.5 * ratio * ratio + 0.5 * shift * shift
    return as_result(quadratic + xp.log(std_p) + 0.5 * _LOG_2PI, dtype)


@_overflow_is_inf
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
        NumPy arrays beside torch tensors.

    References
    ----------
    Kullback & Leibler, On information and sufficiency, Ann. Math. Stat. 22 (1951).
    """
    xp, dtype, (mean_q, std_q, mean_p, std_p) = _elementwise(
        mean_q=mean_q, std_q=std_q, mean_p=mean_p, std_p=std_p
    )
    shift, stretch, ratio = (mean_q - mean_p) / std_p, (std_q - std_p) / std_p, std_q / std_p
    # Within a factor of two, the difference of the scales is exact (Sterbenz 1974).
    near = (ratio > 0.5) & (ratio < 2)
    close = half_psi(2 * xp.log1p(xp.where(near, stretch, 0.0)))
    apart = 0.5 * stretch * stretch + (stretch - _log_ratio(xp, std_q, std_p))
    return as_result(0.5 * shift * shift + xp.where(near, close, apart), dtype)


# --- independent dimensions, given by log-variances ----------------------------------------------


@_overflow_is_inf
def log_density_diagonal(z, mean=0.0, log_var=0.0):
    """Log-density at z of independent normals: log_density_normal summed over the last axis.

    Shapes (..., n) broadcast, the result has shape (...,); `log_var` is the log of the variances.
    """
    xp, dtype, (z, mean, log_var) = _broadcast(z=z, mean=mean, log_var=log_var)
    shift = _standardize(xp, z - mean, log_var)
    return as_result(_total(-0.5 * (shift * shift + log_var + _LOG_2PI)), dtype)


def entropy_diagonal(log_var):
    """Entropy of independent normals: Σ (log_var + 1 + log 2π)/2 over the last axis."""
    _, dtype, (log_var,) = _broadcast(log_var=log_var)
    return as_result(_total(0.5 * (log_var + 1 + _LOG_2PI)), dtype)


@_overflow_is_inf
def cross_entropy_diagonal(mean_q, log_var_q, mean_p=0.0, log_var_p=0.0):
    """Cross-entropy E_q[−log p] of independent normals, summed over the last axis."""
    xp, dtype, (mean_q, log_var_q, mean_p, log_var_p) = _broadcast(
        mean_q=mean_q, log_var_q=log_var_q, mean_p=mean_p, log_var_p=log_var_p
    )
    shift = _standardize(xp, mean_q - mean_p, log_var_p)
    ratio = xp.exp(log_var_q - log_var_p)
    return as_result(_total(0.5 * (ratio + shift * shift + log_var_p + _LOG_2PI)), dtype)


@_overflow_is_inf
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
        NumPy arrays beside torch tensors.

    References
    ----------
    Kingma & Welling, Auto-encoding variational Bayes, ICLR 2014, appendix B.
    """
    if _is_zero(mean_p) and _is_zero(log_var_p):  # the training step: nothing to subtract
        _, dtype, (shift, gap) = _broadcast(mean_q=mean_q, log_var_q=log_var_q)
        rest = None
    else:
        xp, dtype, (mean_q, log_var_q, mean_p, log_var_p) = _broadcast(
            mean_q=mean_q, log_var_q=log_var_q, mean_p=mean_p, log_var_p=log_var_p
        )
        shift = _standardize(xp, mean_q - mean_p, log_var_p)
        gap, rest = difference(log_var_q, log_var_p)
    return as_result(_total(0.5 * shift * shift + half_psi(gap, rest)), dtype)


# --- full covariance -----------------------------------------------------------------------------


@_overflow_is_inf
def log_density_multivariate(z, mean, cov):
    """Log-density of N(mean, cov) at z: −½[(z − mean)ᵀ cov⁻¹ (z − mean) + log det(2π cov)].

    `z` and `mean` have shape (..., n), `cov` (..., n, n); the result has shape (...,).
    """
    xp, dtype, (z, mean, cov) = _multivariate(z=z, mean=mean, cov=cov)
    whitening = Whitening(xp, "cov", cov)
    shift = whitening.vectors(z - mean)
    terms = 0.5 * (shift * shift + _LOG_2PI) + xp.log(whitening.scales)
    return as_result(-xp.sum(terms, axis=-1), dtype)


def entropy_multivariate(cov):
    """Entropy of N(·, cov): ½ log det(2πe cov), for `cov` of shape (..., n, n)."""
    xp, dtype, (cov,) = _multivariate(cov=cov)
    scales = Whitening(xp, "cov", cov).scales
    return as_result(xp.sum(xp.log(scales) + 0.5 * (1 + _LOG_2PI), axis=-1), dtype)


@_overflow_is_inf
def cross_entropy_multivariate(mean_q, cov_q, mean_p, cov_p):
    """Cross-entropy E_q[−log p]: ½[tr(cov_p⁻¹ cov_q) + δᵀ cov_p⁻¹ δ + log det(2π cov_p)].

    Means δ = mean_q − mean_p of shape (..., n), covariances (..., n, n); the result is (...,).
    """
    xp, dtype, (mean_q, cov_q, mean_p, cov_p) = _multivariate(
        mean_q=mean_q, cov_q=cov_q, mean_p=mean_p, cov_p=cov_p
    )
    cholesky(xp, "cov_q", cov_q)  # only to see that it is a covariance
    p = Whitening(xp, "cov_p", cov_p)
    shift, variances = p.vectors(mean_q - mean_p), xp.linalg.diagonal(p.matrices(cov_q))
    terms = 0.5 * (variances + shift * shift + _LOG_2PI) + xp.log(p.scales)
    return as_result(xp.sum(terms, axis=-1), dtype)


@_overflow_is_inf
def kl_multivariate(mean_q, cov_q, mean_p, cov_p):
    """KL(q‖p) of q = N(mean_q, cov_q) and p = N(mean_p, cov_p), for batches of them.

    Parameters
    ----------
    mean_q, mean_p : number or array of shape (..., n)
    cov_q, cov_p : array of shape (..., n, n)
        Symmetric (up to the rounding of their dtype) and positive definite.

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
        NumPy arrays beside torch tensors.

    References
    ----------
    Kullback, Information Theory and Statistics (1959), chapter 9.
    """
    xp, dtype, (mean_q, cov_q, mean_p, cov_p) = _multivariate(
        mean_q=mean_q, cov_q=cov_q, mean_p=mean_p, cov_p=cov_p
    )
    q, p = Whitening(xp, "cov_q", cov_q), Whitening(xp, "cov_p", cov_p)
    shift = p.vectors(*difference(mean_q, mean_p))
    excess = p.matrices(*difference(cov_q, cov_p))  # cov_q − cov_p where p is standard: 0 for q = p
    near = xp.sum(excess * excess, axis=(-2, -1)) < 0.25
    lower = cholesky_excess(xp, xp.where(near[..., None, None], excess, 0.0))
    close = half_psi(2 * xp.log1p(xp.linalg.diagonal(lower)))
    close = xp.sum(close, axis=-1) + 0.5 * xp.sum(xp.tril(lower, k=-1) ** 2, axis=(-2, -1))
    apart = 0.5 * xp.linalg.diagonal(excess) - _log_ratio(xp, q.scales, p.scales)
    value = 0.5 * xp.sum(shift * shift, axis=-1) + xp.where(near, close, xp.sum(apart, axis=-1))
    # The arguments are finite, so a NaN can only come from an overflow.
    return as_result(xp.where(xp.isnan(value), math.inf, value), dtype)


# --- shared steps --------------------------------------------------------------------------------


def _broadcast(**arguments):
    xp, dtype, arrays = unify(**arguments)
    if any(array.shape != arrays[0].shape for array in arrays):
        check_broadcast(**{name: x.shape for name, x in zip(arguments, arrays, strict=True)})
    return xp, dtype, arrays


def _elementwise(**arguments):
    xp, dtype, arrays = _broadcast(**arguments)
    check_values(xp, **dict(zip(arguments, arrays, strict=True)))
    return xp, dtype, arrays


def _multivariate(**arguments):
    xp, dtype, arrays = unify(wide=True, **arguments)
    named = dict(zip(arguments, arrays, strict=True))
    check_values(xp, **named)
    return xp, dtype, check_matrices(xp, named, given=arguments)


def _is_zero(value):
    return isinstance(value, (int, float)) and value == 0


def _total(terms):
    return terms.sum(axis=-1) if terms.ndim else terms


def _standardize(xp, x, log_var):
    """x/exp(log_var/2), a scale outside the dtype's range set to its end: 0 · inf would be NaN."""
    limit = -math.log(float(xp.finfo(x.dtype).smallest_normal))
    return x * xp.exp(xp.clip(-0.5 * log_var, -limit, limit))


def _log_ratio(xp, a, b):
    """log(a/b), also where a/b leaves the dtype's range. Elsewhere, log a − log b loses digits."""
    ratio = a / b
    inside = (ratio >= float(xp.finfo(ratio.dtype).smallest_normal)) & xp.isfinite(ratio)
    return xp.where(inside, xp.log(xp.where(inside, ratio, 1.0)), xp.log(a) - xp.log(b))
