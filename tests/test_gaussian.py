"""The closed forms against 50-digit references, torch.distributions, and what they promise."""

import subprocess
import sys

import numpy as np
import pytest
import references
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits
from torch.autograd import gradcheck, gradgradcheck
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

from kl_utils import gaussian

_deterministic = settings(derandomize=True, deadline=None, max_examples=150, database=None)
_DTYPES = {  # largest decimal exponent of a scale, of a ratio of scales; nearest; error allowed
    np.float64: (100, 40, -14, 2e-15),
    np.float32: (15, 30, -7, 1e-6),
}


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    """Tiny matrices on many threads only wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(1):
        yield
    torch.set_num_threads(threads)


def _both(function, *arguments):
    """Return what NumPy and torch make of the same arrays, as NumPy arrays."""
    tensors = [torch.as_tensor(argument) for argument in arguments]
    return function(*arguments), function(*tensors).numpy()


def _pairs(dtype, count, seed):
    """Normals q, p on the dtype's grid: far, close and equal scales; far, close and equal means."""
    scale, ratio, nearest, _ = _DTYPES[dtype]
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


def _assert_accurate(function, reference, arguments, dtype):
    info, tolerance = np.finfo(dtype), _DTYPES[dtype][3]
    for values in _both(function, *arguments):
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


@pytest.mark.parametrize("dtype", _DTYPES)
def test_kl_normal_has_full_accuracy(dtype):
    arguments = _pairs(dtype, 1200, seed=1)
    _assert_accurate(gaussian.kl_normal, references.kl_normal, arguments, dtype)


@pytest.mark.parametrize("dtype", _DTYPES)
@pytest.mark.parametrize("standard", [True, False], ids=["to N(0, I)", "to p"])
def test_kl_diagonal_has_full_accuracy(dtype, standard):
    mean_q, std_q, mean_p, std_p = (array.astype(np.float64) for array in _pairs(dtype, 1200, 2))
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
    for value in _both(gaussian.kl_diagonal, np.zeros(1, np.float32), log_var):
        assert references.relative_error(value, truth) < 1e-6


# --- accuracy against 50 digits: full covariance -------------------------------------------------


def _covariance(rng, n, condition):
    basis, _ = np.linalg.qr(rng.normal(size=(n, n)))
    exponents = np.r_[0, rng.uniform(0, 1, max(n - 2, 0)), 1][:n]
    return _symmetric((basis * float(condition) ** -exponents) @ basis.T)


def _symmetric(matrix):
    return (matrix + np.swapaxes(matrix, -1, -2)) / 2


def _close_pair(rng, n, condition, size):
    """Gaussians q, p with ‖L_p⁻¹(Σ_q − Σ_p)L_p⁻ᵀ‖_F = size, up to rounding."""
    cov_p = _covariance(rng, n, condition)
    lower = np.linalg.cholesky(cov_p)
    change = _symmetric(rng.normal(size=(n, n)))
    cov_q = _symmetric(cov_p + lower @ (size * change / np.linalg.norm(change)) @ lower.T)
    mean_p = rng.normal(size=n)
    return mean_p + lower @ rng.normal(size=n) * size / n**0.5, cov_q, mean_p, cov_p


def _far_pair(rng, n, condition, size):
    cov_p = _covariance(rng, n, condition)
    if size is None:
        cov_q = _covariance(rng, n, condition) * 10 ** rng.uniform(-3, 3)
    else:
        lower = np.linalg.cholesky(cov_p)
        change = np.eye(n) + size * rng.normal(size=(n, n)) / n
        cov_q = _symmetric(lower @ change @ change.T @ lower.T)
    return rng.normal(size=n), cov_q, rng.normal(size=n), cov_p


def _torch_kl(mean_q, cov_q, mean_p, cov_p):
    q = MultivariateNormal(torch.as_tensor(mean_q), torch.as_tensor(cov_q))
    p = MultivariateNormal(torch.as_tensor(mean_p), torch.as_tensor(cov_p))
    return float(kl_divergence(q, p))


def _errors(pair):
    truth = references.kl_multivariate(*pair)
    ours = [references.relative_error(kl, truth) for kl in _both(gaussian.kl_multivariate, *pair)]
    return max(ours), references.relative_error(_torch_kl(*pair), truth)


@pytest.mark.parametrize("size", [1e-13, 1e-8, 1e-4, 0.01, 0.3, 0.48])
@pytest.mark.parametrize("condition", [1, 1e3, 1e6])
@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_kl_multivariate_near_equality(n, condition, size):
    rng = np.random.default_rng(n)
    for _ in range(1 if n > 5 else 3):
        ours, theirs = _errors(_close_pair(rng, n, condition, size))
        assert ours <= max(1e-13, theirs / 100)


@pytest.mark.parametrize("size", [0.6, 1.0, 3.0, None])
@pytest.mark.parametrize("condition", [1, 1e3, 1e6])
@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_kl_multivariate_far_from_equality(n, condition, size):
    rng = np.random.default_rng(n)
    for _ in range(1 if n > 5 else 3):
        ours, theirs = _errors(_far_pair(rng, n, condition, size))
        assert ours <= max(1e-13, 4 * theirs)


def test_kl_multivariate_in_a_hundred_dimensions():
    rng = np.random.default_rng(0)
    ours, _ = _errors(_close_pair(rng, 100, 1e6, 0.1))
    assert ours <= 1e-13


def test_kl_multivariate_beyond_the_range():
    mean, corr = np.zeros(2), np.array([[1, 0.5], [0.5, 1]])
    truth = references.kl_multivariate(mean, corr, mean, np.eye(2))
    for scale in (1e-305, 1e305):
        kl = gaussian.kl_multivariate(mean, scale * corr, mean, scale * np.eye(2))
        assert references.relative_error(kl, truth) < 1e-13
    for value in _both(gaussian.kl_multivariate, mean, 1e300 * corr, mean, 1e-300 * corr):
        assert value == np.inf


@settings(_deterministic, max_examples=40)
@given(st.integers(1, 6), st.floats(0, 8), st.integers(0, 2**31))
def test_kl_multivariate_is_zero_at_equality_and_never_negative(n, log_condition, seed):
    rng = np.random.default_rng(seed)
    mean, cov, mean_p, cov_p = _close_pair(rng, n, 10**log_condition, 1e-9)
    for value in _both(gaussian.kl_multivariate, mean, cov, mean, cov):
        assert value == 0
    for value in _both(gaussian.kl_multivariate, mean, cov, mean_p, cov_p):
        assert value >= 0


@settings(_deterministic, max_examples=40)
@given(st.integers(1, 5), st.integers(0, 2**31))
def test_kl_multivariate_does_not_change_under_affine_maps(n, seed):
    rng = np.random.default_rng(seed)
    mean_q, cov_q, mean_p, cov_p = _far_pair(rng, n, 10, None)
    scale, move = np.eye(n) + 0.3 * rng.normal(size=(n, n)), rng.normal(size=n)
    moved = [scale @ mean_q + move, scale @ cov_q @ scale.T, scale @ mean_p + move]
    moved += [scale @ cov_p @ scale.T]
    before = gaussian.kl_multivariate(mean_q, cov_q, mean_p, cov_p)
    assert gaussian.kl_multivariate(*map(_symmetric_if_matrix, moved)) == pytest.approx(before)


def _symmetric_if_matrix(array):
    return _symmetric(array) if array.ndim == 2 else array


# --- derivatives ---------------------------------------------------------------------------------


def _leaves(*values):
    return [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in values]


_ELEMENTWISE = [
    (gaussian.kl_normal, ([0.0, 0.3], [1.0, 2.0], [0.0, 0.3], [1.0, 2.0])),  # q = p
    (gaussian.kl_normal, ([1e-3, 0.0], [1.001, 0.6], [0.0, 0.1], [1.0, 1.0])),  # close
    (gaussian.kl_normal, ([3.0, 1.0], [7.0, 0.1], [0.0, -1.0], [1.0, 2.0])),  # far
    (gaussian.kl_diagonal, ([0.0, 0.3], [0.0, -1.0], [0.0, 0.3], [0.0, -1.0])),
    (gaussian.kl_diagonal, ([1.0, 2.0], [3.0, -4.0], [0.0, 1.0], [1.0, 0.5])),
    (gaussian.kl_diagonal, ([0.0, 0.3, 1.0], [0.0, -1e-3, 3.0])),
    (gaussian.cross_entropy_normal, ([1.0, 2.0], [3.0, 0.4], [0.0, 1.0], [1.0, 0.5])),
    (gaussian.cross_entropy_diagonal, ([1.0, 2.0], [3.0, -4.0], [0.0, 1.0], [1.0, 0.5])),
    (gaussian.log_density_normal, ([1.0, 2.0], [3.0, 0.4], [0.5, 1.0])),
    (gaussian.log_density_diagonal, ([1.0, 2.0], [3.0, 0.4], [0.5, -1.0])),
]


@pytest.mark.parametrize(("function", "values"), _ELEMENTWISE)
def test_derivatives_elementwise(function, values):
    arguments = _leaves(*values)
    assert gradcheck(function, arguments)
    assert gradgradcheck(function, arguments)


def _as_covariance(matrix):
    return (matrix + matrix.mT) / 2  # finite differences leave the symmetric matrices


def _kl(mean_q, cov_q, mean_p, cov_p):
    return gaussian.kl_multivariate(mean_q, _as_covariance(cov_q), mean_p, _as_covariance(cov_p))


_IDENTITY = np.eye(2)
_FULL = np.array([[2.0, 0.5], [0.5, 1.0]])


@pytest.mark.parametrize(
    "values",
    [
        (np.zeros(2), _IDENTITY, np.zeros(2), _IDENTITY),  # q = p, all eigenvalues equal
        (np.ones(2), _FULL, np.ones(2), _FULL),
        (np.zeros(2), 1.01 * _IDENTITY, np.zeros(2), _IDENTITY),  # close, all equal
        (np.full(2, 0.1), 1.1 * _FULL, np.zeros(2), _FULL),
        (np.zeros(2), 4 * _IDENTITY, np.zeros(2), _IDENTITY),  # far, all equal
        (np.ones(2), _FULL, np.zeros(2), 0.1 * _IDENTITY),
        (np.zeros((2, 2)), np.stack([_FULL, 5 * _FULL]), np.ones(2), _FULL),  # close and far
    ],
)
def test_derivatives_multivariate(values):
    arguments = _leaves(*values)
    assert gradcheck(_kl, arguments)
    assert gradgradcheck(_kl, arguments)


def _log_density(z, mean, cov):
    return gaussian.log_density_multivariate(z, mean, _as_covariance(cov))


def _cross_entropy(mean_q, mean_p, cov):
    cov = _as_covariance(cov)
    return gaussian.cross_entropy_multivariate(mean_q, cov, mean_p, 2 * cov)


def _entropy(_, __, cov):
    return gaussian.entropy_multivariate(_as_covariance(cov))


@pytest.mark.parametrize("function", [_log_density, _cross_entropy, _entropy])
def test_derivatives_of_the_other_multivariate_forms(function):
    arguments = _leaves(np.ones(2), np.zeros(2), _FULL)
    assert gradcheck(function, arguments)
    assert gradgradcheck(function, arguments)


def test_derivatives_vanish_exactly_at_equality():
    for function, values in [
        (gaussian.kl_normal, (0.3, 0.7, 0.3, 0.7)),
        (gaussian.kl_diagonal, ([0.3], [0.7], [0.3], [0.7])),
        (gaussian.kl_multivariate, (np.ones(2), _FULL, np.ones(2), _FULL)),
    ]:
        arguments = _leaves(*values)
        function(*arguments).backward()
        assert all(bool((argument.grad == 0).all()) for argument in arguments)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("log_var", [-200.0, -80.0, 0.0, 1e-6, 80.0])
def test_kl_diagonal_derivatives_are_exact_for_extreme_log_variances(log_var, dtype):
    mean = torch.tensor([0.5], dtype=dtype, requires_grad=True)
    log_var = torch.tensor([log_var], dtype=dtype, requires_grad=True)
    gaussian.kl_diagonal(mean, log_var).backward()
    assert mean.grad == 0.5
    expected = 0.5 * np.expm1(float(log_var.detach()))
    assert float(log_var.grad) == pytest.approx(expected, rel=4 * torch.finfo(dtype).eps, abs=0)


def test_each_branch_has_finite_gradients_beside_the_other():
    std = torch.tensor([1e-100, 0.49, 0.51, 1.0, 1.99, 2.01, 1e100], dtype=torch.float64)
    std.requires_grad_()
    gaussian.kl_normal(0.0, std).sum().backward()
    expected = std.detach() - 1 / std.detach()
    torch.testing.assert_close(std.grad, expected, rtol=1e-13, atol=0)


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
    mean_q, cov_q, mean_p, cov_p = map(torch.as_tensor, _far_pair(rng, 3, 10, 1.0))
    q, p = MultivariateNormal(mean_q, cov_q), MultivariateNormal(mean_p, cov_p)
    z = torch.as_tensor(rng.normal(size=(5, 2, 3)))
    close = torch.testing.assert_close
    close(gaussian.log_density_multivariate(z, mean_q, cov_q), q.log_prob(z))
    close(gaussian.entropy_multivariate(cov_q), q.entropy())
    close(gaussian.kl_multivariate(mean_q, cov_q, mean_p, cov_p), kl_divergence(q, p))


def test_log_density_multivariate_is_accurate():
    rng = np.random.default_rng(4)
    cov, mean, z = _covariance(rng, 8, 1e6), rng.normal(size=8), rng.normal(size=8)
    truth = references.log_density_multivariate(z, mean, cov)
    for value in _both(gaussian.log_density_multivariate, z, mean, cov):
        assert references.relative_error(value, truth) < 1e-12


@pytest.mark.parametrize("convert", [np.asarray, torch.as_tensor])
def test_cross_entropy_is_entropy_plus_kl(convert):
    rng = np.random.default_rng(5)
    mean_q, cov_q, mean_p, cov_p = map(convert, _far_pair(rng, 3, 10, None))
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


# --- shapes, dtypes, devices ---------------------------------------------------------------------


@pytest.mark.parametrize("convert", [np.asarray, torch.as_tensor])
def test_shapes_broadcast(convert):
    a, b = convert(np.ones((5, 1, 3))), convert(np.ones((4, 3)))
    assert tuple(gaussian.kl_normal(a, b).shape) == (5, 4, 3)
    assert tuple(gaussian.kl_diagonal(a, b).shape) == (5, 4)
    assert tuple(gaussian.kl_diagonal(a, 0.3).shape) == (5, 1)
    assert tuple(gaussian.log_density_diagonal(a, b, 0.0).shape) == (5, 4)
    assert tuple(gaussian.entropy_diagonal(b).shape) == (4,)
    cov = convert(np.stack([np.eye(3)] * 4))
    assert tuple(gaussian.kl_multivariate(a, cov, 0.0, cov[0]).shape) == (5, 4)
    assert tuple(gaussian.log_density_multivariate(a, b, cov[0]).shape) == (5, 4)


@pytest.mark.parametrize("convert", [np.asarray, torch.as_tensor])
def test_empty_batches_give_empty_results(convert):
    empty, covs = convert(np.ones((0, 3))), convert(np.ones((0, 3, 3)))
    assert tuple(gaussian.kl_normal(empty, empty).shape) == (0, 3)
    assert tuple(gaussian.kl_diagonal(empty, empty).shape) == (0,)
    assert tuple(gaussian.kl_diagonal(empty, empty, empty, empty).shape) == (0,)
    assert tuple(gaussian.kl_multivariate(empty, covs, empty, covs).shape) == (0,)
    assert tuple(gaussian.entropy_multivariate(covs).shape) == (0,)


def test_summing_counts_every_dimension_that_broadcasting_makes():
    ten = np.zeros(10)
    assert gaussian.kl_diagonal(ten, 1.0) == pytest.approx(10 * gaussian.kl_diagonal(0.0, 1.0))
    assert gaussian.log_density_diagonal(ten, 0.5, 1.0) == pytest.approx(
        10 * gaussian.log_density_normal(0.0, 0.5, np.exp(0.5))
    )


@pytest.mark.parametrize(
    ("given_dtype", "expected"),
    [
        (np.float64, np.float64),
        (np.float32, np.float32),
        (np.float16, np.float16),
        (np.int64, np.float64),
        (torch.float64, torch.float64),
        (torch.float32, torch.float32),
        (torch.float16, torch.float16),
        (torch.bfloat16, torch.bfloat16),
        (torch.int64, torch.float32),  # torch's default dtype
    ],
)
def test_dtype_is_kept(given_dtype, expected):
    is_torch = isinstance(given_dtype, torch.dtype)
    two = torch.full((2,), 2, dtype=given_dtype) if is_torch else np.full(2, 2, given_dtype)
    eye = torch.eye(2).to(given_dtype) if is_torch else np.eye(2).astype(given_dtype)
    for result in (
        gaussian.kl_normal(two, two, 1, 3.0),
        gaussian.kl_diagonal(two, two),
        gaussian.log_density_normal(two),
        gaussian.kl_multivariate(two, 2 * eye, 0, eye),
    ):
        assert result.dtype == expected


def test_half_precision_computes_in_single():
    mean, log_var = torch.full((2, 256), 0.1), torch.full((2, 256), 1e-2)
    for dtype in (torch.float16, torch.bfloat16):
        rounded = mean.to(dtype), log_var.to(dtype)
        exact = gaussian.kl_diagonal(rounded[0].double(), rounded[1].double())
        torch.testing.assert_close(gaussian.kl_diagonal(*rounded), exact.to(dtype), rtol=0, atol=0)


def test_single_precision_covariances_compute_in_double():
    rng = np.random.default_rng(7)
    pair = [array.astype(np.float32) for array in _close_pair(rng, 10, 1e3, 1e-3)]
    truth = references.kl_multivariate(*pair)
    for value in _both(gaussian.kl_multivariate, *pair):
        assert value.dtype == np.float32
        assert references.relative_error(value, truth) < 1e-7


def test_numbers_give_a_python_float():
    assert isinstance(gaussian.kl_normal(1, 2), float)
    assert isinstance(gaussian.kl_diagonal(1, 2.0), float)
    assert isinstance(
        gaussian.kl_multivariate([0, 0], [[2, 0], [0, 2]], 0, [[1, 0], [0, 1]]), float
    )
    assert gaussian.kl_normal(1, 1) == 0.5


def test_the_diagonal_family_never_looks_at_values():
    # A tensor on the device "meta" has no values: whatever waits for one raises an error.
    z = torch.empty(4, 3, device="meta", requires_grad=True)
    for result in (
        gaussian.kl_diagonal(z, z),
        gaussian.kl_diagonal(z, z, z, z),
        gaussian.log_density_diagonal(z, z, z),
        gaussian.entropy_diagonal(z),
        gaussian.cross_entropy_diagonal(z, z),
    ):
        assert result.device.type == "meta" and result.shape == (4,)
        result.sum().backward()


def test_the_diagonal_family_passes_nan_on():
    nan = np.array([[0.0, np.nan], [0.0, 0.0]])
    for result in _both(gaussian.kl_diagonal, nan, np.zeros(2)):
        assert np.isnan(result).tolist() == [True, False]


# --- errors --------------------------------------------------------------------------------------

_EYE, _BAD_STD = np.eye(2), np.array([[1.0, 2.0], [1.0, -3.0]])
_INDEFINITE = np.stack([_EYE, _EYE, np.array([[1.0, 2.0], [2.0, 1.0]])])
_SKEW = np.array([[1.0, 0.5], [0.2, 1.0]])


@pytest.mark.parametrize("convert", [np.asarray, torch.as_tensor])
@pytest.mark.parametrize(
    ("function", "values", "message"),
    [
        ("kl_normal", (0.0, -1.0), r"std_q: expected positive finite numbers, got -1.0$"),
        ("kl_normal", (0.0, 1.0, 0.0, 0.0), r"std_p: expected positive .* got 0.0$"),
        ("kl_normal", (0.0, _BAD_STD), r"std_q: .* got -3.0 at index \(1, 1\) of shape \(2, 2\)"),
        ("kl_normal", (np.array([0.0, np.nan]), 1.0), r"mean_q: .* got nan at index \(1,\)"),
        ("kl_normal", (0.0, 1.0, np.inf), r"mean_p: expected finite numbers, got inf"),
        ("kl_normal", (0.0, 1.0, 0.0, np.array([np.inf])), r"std_p: .* got inf at index \(0,\)"),
        ("entropy_normal", (np.nan,), r"std: .* got nan"),
        ("cross_entropy_normal", (0.0, -1.0), r"std_q: .* got -1.0"),
        ("log_density_normal", (np.nan,), r"z: expected numbers, not NaN, got nan"),
        ("log_density_normal", (0.0, 0.0, -2.0), r"std: .* got -2.0"),
        ("kl_normal", (np.ones(3), np.ones(4)), r"broadcast, got mean_q \(3,\), std_q \(4,\)"),
        ("kl_diagonal", (np.ones(3), np.ones(4)), r"mean_q \(3,\), log_var_q \(4,\)"),
        (
            "kl_diagonal",
            (0.0, 0.0, np.ones(3), np.ones((4, 2))),
            r"mean_p \(3,\), log_var_p \(4, 2\)",
        ),
        ("log_density_diagonal", (np.ones(3), np.ones(4), 0.0), r"z \(3,\), mean \(4,\)"),
        ("kl_multivariate", (0, _INDEFINITE, 0, _EYE), r"cov_q: .* eigenvalue -1 at index \(2,\)"),
        ("kl_multivariate", (0, _EYE, 0, -_EYE), r"cov_p: .*positive definite.* eigenvalue -1$"),
        ("kl_multivariate", (0, _SKEW, 0, _EYE), r"cov_q: .* got 0.5 at index \(0, 1\).* but 0.2"),
        (
            "kl_multivariate",
            (0, _EYE, 0, np.nan * _EYE),
            r"cov_p: expected finite numbers, got nan",
        ),
        ("kl_multivariate", (np.array([np.nan, 0]), _EYE, 0, _EYE), r"mean_q: .* got nan"),
        ("kl_multivariate", (np.ones(3), _EYE, 0, _EYE), r"mean_q: .*\(..., 2\), got \(3,\)"),
        ("kl_multivariate", (0, _EYE, 0, np.eye(3)), r"cov_p: .*\(..., 2, 2\), got \(3, 3\)"),
        ("kl_multivariate", (0, np.ones((2, 3)), 0, _EYE), r"cov_q: .*\(..., n, n\), got \(2, 3\)"),
        ("kl_multivariate", (0, 2.0, 0, _EYE), r"cov_q: expected shape \(..., n, n\), got \(\)"),
        (
            "kl_multivariate",
            (np.ones((3, 2)), _EYE, np.ones((4, 2)), _EYE),
            r"broadcast, got mean_q \(3,\), cov_q \(\), mean_p \(4,\)",
        ),
        ("entropy_multivariate", (_SKEW,), r"cov: expected symmetric"),
        ("cross_entropy_multivariate", (0, -_EYE, 0, _EYE), r"cov_q: .*positive definite"),
        ("log_density_multivariate", (0, 0, _INDEFINITE), r"cov: .* at index \(2,\)"),
    ],
)
def test_bad_values_are_named(function, values, message, convert):
    values = [convert(value) if isinstance(value, np.ndarray) else value for value in values]
    with pytest.raises(ValueError, match=message):
        getattr(gaussian, function)(*values)


@pytest.mark.parametrize("name", ["kl_normal", "kl_diagonal", "log_density_diagonal"])
def test_libraries_do_not_mix(name):
    with pytest.raises(TypeError, match=r"one library, got torch tensors \(.*\) and NumPy arrays"):
        getattr(gaussian, name)(torch.ones(2), np.ones(2))


def test_other_types_are_named():
    with pytest.raises(
        TypeError, match="std_q: expected a number, a NumPy array or a torch tensor"
    ):
        gaussian.kl_normal(0.0, "one")
    with pytest.raises(TypeError, match="mean_q: expected real numbers, got complex128"):
        gaussian.kl_normal(np.array([1j]), 1.0)
    with pytest.raises(
        TypeError, match=r"torch tensors \(cov_q, cov_p\) and NumPy arrays \(mean_p"
    ):
        gaussian.kl_multivariate(0, torch.eye(2), np.zeros(2), torch.eye(2))


def test_torch_stays_out_unless_a_tensor_comes_in():
    code = (
        "import sys, numpy as np, kl_utils.gaussian as g; g.kl_normal(1, 2); "
        "g.kl_diagonal(np.ones(2), np.ones(2)); g.kl_multivariate(0, np.eye(2), 0, np.eye(2)); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
