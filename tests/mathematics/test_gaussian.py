"""The closed forms against 50-digit references and torch.distributions."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

from kl_utils import gaussian
from tests.mathematics import references
from tests.mathematics.gaussian_cases import (
    DTYPES,
    both,
    close_pair,
    covariance,
    far_pair,
    pairs,
    single_threaded,
    symmetric,
)

_deterministic = settings(derandomize=True, deadline=None, max_examples=150, database=None)


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    with single_threaded():
        yield


def _assert_accurate(function, reference, arguments, dtype):
    info, tolerance = np.finfo(dtype), DTYPES[dtype][3]
    for values in both(function, *arguments):
        assert values.dtype == dtype
        assert np.all(values >= 0)
        for value, *case in zip(values, *arguments, strict=True):
            truth = reference(*case)
            if truth > float(info.max):
                assert np.isinf(value) or value == info.max, case
            elif truth >= float(info.smallest_normal):
                assert references.relative_error(value, truth) <= tolerance, case
            else:
                assert value <= 2 * info.smallest_normal, case


# --- accuracy against 50 digits: one dimension, log-variances ------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_kl_normal_has_full_accuracy(dtype):
    arguments = pairs(dtype, 1200, seed=1)
    _assert_accurate(gaussian.kl_normal, references.kl_normal, arguments, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("standard", [True, False], ids=["to N(0, I)", "to p"])
def test_kl_diagonal_has_full_accuracy(dtype, standard):
    mean_q, std_q, mean_p, std_p = (array.astype(np.float64) for array in pairs(dtype, 1200, 2))
    gap = 2 * np.log(std_q / std_p)
    if standard:
        arguments = [(mean_q - mean_p) / std_p, gap]
    else:
        arguments = [mean_q, 2 * np.log(std_p) + gap, mean_p, 2 * np.log(std_p)]
    arguments = [array.astype(dtype) for array in arguments]

    def kl(*columns):
        return gaussian.kl_diagonal(*[column[:, None] for column in columns])

    _assert_accurate(kl, references.kl_diagonal, arguments, dtype)


_positive = st.floats(min_value=5e-324, max_value=1.7e308, allow_subnormal=True)
_finite = st.floats(allow_nan=False, allow_infinity=False)


@_deterministic
@given(_finite, _positive, _finite, _positive)
def test_kl_normal_is_never_negative_nor_nan_and_zero_at_equality(mean_q, std_q, mean_p, std_p):
    assert gaussian.kl_normal(mean_q, std_q, mean_p, std_p) >= 0
    assert gaussian.kl_normal(mean_q, std_q, mean_q, std_q) == 0


_log_var = st.floats(-1e4, 1e4)


@_deterministic
@given(_finite, _log_var, _finite, _log_var)
def test_kl_diagonal_is_never_negative_nor_nan_and_zero_at_equality(mean_q, lq, mean_p, lp):
    assert gaussian.kl_diagonal(mean_q, lq) >= 0
    assert gaussian.kl_diagonal(mean_q, lq, mean_p, lp) >= 0
    assert gaussian.kl_diagonal(mean_q, lq, mean_q, lq) == 0


def test_kl_normal_is_right_where_the_ratio_of_scales_leaves_the_range():
    narrow = gaussian.kl_normal(0.0, 1e-200, 0.0, 1e200)
    assert references.relative_error(narrow, references.kl_normal(0, 1e-200, 0, 1e200)) < 1e-15
    assert gaussian.kl_normal(0.0, 1e200, 0.0, 1e-200) == np.inf


def test_kl_diagonal_overflows_no_earlier_than_its_value():
    log_var = np.float32([89.0])  # e^89 is beyond float32, half of it is not
    truth = references.kl_diagonal(0, log_var[0])
    for value in both(gaussian.kl_diagonal, np.zeros(1, np.float32), log_var):
        assert references.relative_error(value, truth) < 1e-6


# --- accuracy against 50 digits: full covariance -------------------------------------------------


def _torch_kl(mean_q, cov_q, mean_p, cov_p):
    q = MultivariateNormal(torch.as_tensor(mean_q), torch.as_tensor(cov_q))
    p = MultivariateNormal(torch.as_tensor(mean_p), torch.as_tensor(cov_p))
    return float(kl_divergence(q, p))


def _errors(pair):
    truth = references.kl_multivariate(*pair)
    ours = [references.relative_error(kl, truth) for kl in both(gaussian.kl_multivariate, *pair)]
    return max(ours), references.relative_error(_torch_kl(*pair), truth)


@pytest.mark.parametrize("size", [1e-13, 1e-8, 1e-4, 0.01, 0.3, 0.48])
@pytest.mark.parametrize("condition", [1, 1e3, 1e6])
@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_kl_multivariate_near_equality(n, condition, size):
    rng = np.random.default_rng(n)
    for _ in range(1 if n > 5 else 3):
        ours, theirs = _errors(close_pair(rng, n, condition, size))
        assert ours <= max(1e-13, theirs / 100)


@pytest.mark.parametrize("size", [0.6, 1.0, 3.0, None])
@pytest.mark.parametrize("condition", [1, 1e3, 1e6])
@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_kl_multivariate_far_from_equality(n, condition, size):
    rng = np.random.default_rng(n)
    for _ in range(1 if n > 5 else 3):
        ours, theirs = _errors(far_pair(rng, n, condition, size))
        assert ours <= max(1e-13, 4 * theirs)


def test_kl_multivariate_does_not_feel_the_condition_of_covariances():
    # Differences of means and of covariances round here: plain ones would lose half of the digits.
    rng = np.random.default_rng(8)
    for _ in range(80):
        ours, _ = _errors(close_pair(rng, 3, 1e8, 0.48))
        assert ours <= 5e-15


def test_kl_multivariate_in_a_hundred_dimensions():
    rng = np.random.default_rng(0)
    ours, _ = _errors(close_pair(rng, 100, 1e6, 0.1))
    assert ours <= 1e-13


def test_kl_multivariate_beyond_the_range():
    mean, corr = np.zeros(2), np.array([[1, 0.5], [0.5, 1]])
    truth = references.kl_multivariate(mean, corr, mean, np.eye(2))
    for scale in (1e-305, 1e305):
        kl = gaussian.kl_multivariate(mean, scale * corr, mean, scale * np.eye(2))
        assert references.relative_error(kl, truth) < 1e-13
    for value in both(gaussian.kl_multivariate, mean, 1e300 * corr, mean, 1e-300 * corr):
        assert value == np.inf


@settings(_deterministic, max_examples=40)
@given(st.integers(1, 6), st.floats(0, 8), st.integers(0, 2**31))
def test_kl_multivariate_is_zero_at_equality_and_never_negative(n, log_condition, seed):
    rng = np.random.default_rng(seed)
    mean, cov, mean_p, cov_p = close_pair(rng, n, 10**log_condition, 1e-9)
    for value in both(gaussian.kl_multivariate, mean, cov, mean, cov):
        assert value == 0
    for value in both(gaussian.kl_multivariate, mean, cov, mean_p, cov_p):
        assert value >= 0


@settings(_deterministic, max_examples=40)
@given(st.integers(1, 5), st.integers(0, 2**31))
def test_kl_multivariate_does_not_change_under_affine_maps(n, seed):
    rng = np.random.default_rng(seed)
    mean_q, cov_q, mean_p, cov_p = far_pair(rng, n, 10, None)
    scale, move = np.eye(n) + 0.3 * rng.normal(size=(n, n)), rng.normal(size=n)
    moved = [scale @ mean_q + move, scale @ cov_q @ scale.T, scale @ mean_p + move]
    moved += [scale @ cov_p @ scale.T]
    before = gaussian.kl_multivariate(mean_q, cov_q, mean_p, cov_p)
    assert gaussian.kl_multivariate(*map(_symmetric_if_matrix, moved)) == pytest.approx(before)


def _symmetric_if_matrix(array):
    return symmetric(array) if array.ndim == 2 else array


# --- agreement with each other and with torch.distributions --------------------------------------


def _moderate(seed=0):
    generator = torch.Generator().manual_seed(seed)
    draw = torch.randn(6, 4, 3, generator=generator, dtype=torch.float64)
    return draw[0], draw[1].exp(), draw[2], draw[3].exp(), draw[4], draw[5]


def test_normal_agrees_with_torch_distributions():
    mean_q, std_q, mean_p, std_p, z, _ = _moderate()
    q, p = Normal(mean_q, std_q), Normal(mean_p, std_p)
    close = torch.testing.assert_close
    close(gaussian.log_density_normal(z, mean_q, std_q), q.log_prob(z))
    close(gaussian.entropy_normal(std_q), q.entropy())
    close(gaussian.kl_normal(mean_q, std_q, mean_p, std_p), kl_divergence(q, p))


def test_diagonal_agrees_with_torch_distributions():
    mean_q, std_q, mean_p, std_p, z, _ = _moderate()
    q, p = Independent(Normal(mean_q, std_q), 1), Independent(Normal(mean_p, std_p), 1)
    log_var_q, log_var_p = 2 * std_q.log(), 2 * std_p.log()
    close = torch.testing.assert_close
    close(gaussian.log_density_diagonal(z, mean_q, log_var_q), q.log_prob(z))
    close(gaussian.entropy_diagonal(log_var_q), q.entropy())
    close(gaussian.kl_diagonal(mean_q, log_var_q, mean_p, log_var_p), kl_divergence(q, p))
    close(gaussian.kl_diagonal(mean_q, log_var_q), gaussian.kl_normal(mean_q, std_q).sum(-1))


def test_multivariate_agrees_with_torch_distributions():
    rng = np.random.default_rng(3)
    mean_q, cov_q, mean_p, cov_p = map(torch.as_tensor, far_pair(rng, 3, 10, 1.0))
    q, p = MultivariateNormal(mean_q, cov_q), MultivariateNormal(mean_p, cov_p)
    z = torch.as_tensor(rng.normal(size=(5, 2, 3)))
    close = torch.testing.assert_close
    close(gaussian.log_density_multivariate(z, mean_q, cov_q), q.log_prob(z))
    close(gaussian.entropy_multivariate(cov_q), q.entropy())
    close(gaussian.kl_multivariate(mean_q, cov_q, mean_p, cov_p), kl_divergence(q, p))


def test_log_density_multivariate_is_accurate():
    rng = np.random.default_rng(4)
    cov, mean, z = covariance(rng, 8, 1e6), rng.normal(size=8), rng.normal(size=8)
    truth = references.log_density_multivariate(z, mean, cov)
    for value in both(gaussian.log_density_multivariate, z, mean, cov):
        assert references.relative_error(value, truth) < 1e-14


@pytest.mark.parametrize("convert", [np.asarray, torch.as_tensor])
def test_cross_entropy_is_entropy_plus_kl(convert):
    rng = np.random.default_rng(5)
    mean_q, cov_q, mean_p, cov_p = map(convert, far_pair(rng, 3, 10, None))
    full = (mean_q, cov_q, mean_p, cov_p)
    std_q, std_p = (convert(np.sqrt(np.diagonal(np.asarray(cov)))) for cov in (cov_q, cov_p))
    stds = (mean_q, std_q, mean_p, std_p)
    log_vars = (mean_q, 2 * convert(np.log(np.asarray(std_q))), mean_p, std_p)
    for family, arguments in {"normal": stds, "diagonal": log_vars, "multivariate": full}.items():
        cross, entropy, kl = (
            getattr(gaussian, f"{name}_{family}") for name in ("cross_entropy", "entropy", "kl")
        )
        np.testing.assert_allclose(
            cross(*arguments), entropy(arguments[1]) + kl(*arguments), rtol=1e-12
        )


def test_multivariate_with_diagonal_covariances_is_diagonal():
    rng = np.random.default_rng(6)
    mean_q, log_var_q, mean_p, log_var_p = rng.normal(size=(4, 7))
    diagonal = gaussian.kl_diagonal(mean_q, log_var_q, mean_p, log_var_p)
    covs = (np.diag(np.exp(log_var_q)), np.diag(np.exp(log_var_p)))
    full = gaussian.kl_multivariate(mean_q, covs[0], mean_p, covs[1])
    assert full == pytest.approx(diagonal, rel=1e-13)
