"""The closed forms once more, in 50-digit arithmetic: what the fast code is measured against.

Everything here is slow and plain. The inputs are floats and are taken as exact, so a reference is
the value a perfect machine would return for just these floats. The working precision leaves 50
correct digits after the cancellation that the textbook formulas suffer near q = p.
"""

import math

import mpmath as mp
import numpy as np

_DIGITS = 110  # 50, and 60 that may cancel: q and p may agree to 1e-30 in the relative sense


def exact(value):
    """Return a float, or an array of floats as nested lists, as exact mpmath numbers."""
    if np.ndim(value) == 0:
        return mp.mpf(float(value))
    return [exact(item) for item in value]


def kl_normal(mean_q, std_q, mean_p=0.0, std_p=1.0):
    """KL(N(mean_q, std_q²) ‖ N(mean_p, std_p²)) of four floats, in nats."""
    with mp.workdps(_DIGITS):
        mean_q, std_q, mean_p, std_p = map(exact, (mean_q, std_q, mean_p, std_p))
        ratio = (std_q / std_p) ** 2
        return (ratio - 1 - mp.log(ratio) + ((mean_q - mean_p) / std_p) ** 2) / 2


def kl_diagonal(mean_q, log_var_q, mean_p=0.0, log_var_p=0.0):
    """KL of two diagonal Gaussians of one dimension, given by their log-variances."""
    with mp.workdps(_DIGITS):
        mean_q, log_var_q, mean_p, log_var_p = map(exact, (mean_q, log_var_q, mean_p, log_var_p))
        log_ratio = log_var_q - log_var_p
        shift = (mean_q - mean_p) ** 2 * mp.exp(-log_var_p)
        return (mp.expm1(log_ratio) - log_ratio + shift) / 2


def kl_multivariate(mean_q, cov_q, mean_p, cov_p):
    """KL(N(mean_q, cov_q) ‖ N(mean_p, cov_p)) by Cholesky factors; vectors and matrices."""
    with mp.workdps(_DIGITS):
        lower_q, lower_p = _cholesky(exact(cov_q)), _cholesky(exact(cov_p))
        shift = [a - b for a, b in zip(exact(mean_q), exact(mean_p), strict=True)]
        columns = [list(column) for column in zip(*lower_q, strict=True)]
        mixed = [_solve(lower_p, column) for column in columns]
        trace = sum(mp.fdot(column, column) for column in mixed)
        log_det = 2 * sum(mp.log(lower_q[i][i] / lower_p[i][i]) for i in range(len(shift)))
        shift = _solve(lower_p, shift)
        return (trace - len(shift) - log_det + mp.fdot(shift, shift)) / 2


def log_density_multivariate(z, mean, cov):
    """log N(z; mean, cov) of vectors and a matrix."""
    with mp.workdps(_DIGITS):
        lower = _cholesky(exact(cov))
        shift = _solve(lower, [a - b for a, b in zip(exact(z), exact(mean), strict=True)])
        log_det = 2 * sum(mp.log(row[i]) for i, row in enumerate(lower))
        return -(mp.fdot(shift, shift) + log_det + len(shift) * mp.log(2 * mp.pi)) / 2


def relative_error(value, reference):
    """Return |value − reference| / |reference| as a float; 0 where both are 0."""
    value = float(value)
    if not math.isfinite(value):
        return math.nan if math.isnan(value) else math.inf
    with mp.workdps(_DIGITS):
        if reference == 0:
            return 0.0 if value == 0 else math.inf
        return float(abs((mp.mpf(value) - reference) / reference))


def _cholesky(matrix):
    lower = []
    for i, row in enumerate(matrix):
        new = []
        for j in range(i):
            new.append((row[j] - mp.fdot(new, lower[j][:j])) / lower[j][j])
        new.append(mp.sqrt(row[i] - mp.fdot(new, new)))
        lower.append(new)
    return [row + [mp.mpf(0)] * (len(matrix) - len(row)) for row in lower]


def _solve(lower, vector):
    solution = []
    for i, value in enumerate(vector):
        solution.append((value - mp.fdot(lower[i][:i], solution)) / lower[i][i])
    return solution
