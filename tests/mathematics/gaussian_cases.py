"""Gaussians to test on, and ways to call the closed forms on them."""

from contextlib import contextmanager

import numpy as np
import torch
from threadpoolctl import threadpool_limits

DTYPES = {  # largest decimal exponent of a scale, of a ratio of scales; nearest; error allowed
    np.float64: (100, 40, -14, 2e-15),
    np.float32: (15, 30, -7, 1e-6),
}


@contextmanager
def single_threaded():
    """Tiny matrices on many threads only wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(1):
        yield
    torch.set_num_threads(threads)


def both(function, *arguments):
    """Return what NumPy and torch make of the same arrays, as NumPy arrays."""
    tensors = [torch.as_tensor(argument) for argument in arguments]
    return function(*arguments), function(*tensors).numpy()


def leaves(*values):
    return [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in values]


def pairs(dtype, count, seed):
    """Normals q, p on the dtype's grid: far, close and equal scales; far, close and equal means."""
    scale, ratio, nearest, _ = DTYPES[dtype]
    rng = np.random.default_rng(seed)
    sign = rng.choice([-1, 1], (4, count))
    std_p = 10 ** rng.uniform(-scale, scale, count)
    ratios = [
        10 ** rng.uniform(-ratio, ratio, count),
        10 ** rng.uniform(-1, 1, count),
        1 + sign[0] * 10 ** rng.uniform(nearest, -0.01, count),
        rng.choice([0.5, 2, 2**0.5], count) * (1 + sign[1] * 1e-6),  # where formulas change over
        np.ones(count),
    ]
    std_q = std_p * np.choose(rng.integers(0, len(ratios), count), ratios)
    std_q = np.clip(std_q, 10.0**-scale, 10.0**scale)
    shifts = [
        10 ** rng.uniform(-ratio, ratio, count),
        10 ** rng.uniform(nearest, 1, count),
        np.zeros(count),
    ]
    shift = sign[2] * np.choose(rng.integers(0, len(shifts), count), shifts)
    mean_p = rng.choice([0, 1, 1e3], count) * sign[3] * std_p
    huge = float(np.finfo(dtype).max) / 4
    mean_q = np.clip(mean_p + shift * std_p, -huge, huge)
    return [array.astype(dtype) for array in (mean_q, std_q, mean_p, std_p)]


def covariance(rng, n, condition):
    basis, _ = np.linalg.qr(rng.normal(size=(n, n)))
    exponents = np.r_[0, rng.uniform(0, 1, max(n - 2, 0)), 1][:n]
    return symmetric((basis * float(condition) ** -exponents) @ basis.T)


def symmetric(matrix):
    return (matrix + np.swapaxes(matrix, -1, -2)) / 2


def close_pair(rng, n, condition, size):
    """Gaussians q, p with ‖L_p⁻¹(Σ_q − Σ_p)L_p⁻ᵀ‖_F = size, up to rounding."""
    cov_p = covariance(rng, n, condition)
    lower = np.linalg.cholesky(cov_p)
    change = symmetric(rng.normal(size=(n, n)))
    cov_q = symmetric(cov_p + lower @ (size * change / np.linalg.norm(change)) @ lower.T)
    mean_p = rng.normal(size=n)
    return mean_p + lower @ rng.normal(size=n) * size / n**0.5, cov_q, mean_p, cov_p


def far_pair(rng, n, condition, size):
    cov_p = covariance(rng, n, condition)
    if size is None:
        cov_q = covariance(rng, n, condition) * 10 ** rng.uniform(-3, 3)
    else:
        lower = np.linalg.cholesky(cov_p)
        change = np.eye(n) + size * rng.normal(size=(n, n)) / n
        cov_q = symmetric(lower @ change @ change.T @ lower.T)
    return rng.normal(size=n), cov_q, rng.normal(size=n), cov_p
