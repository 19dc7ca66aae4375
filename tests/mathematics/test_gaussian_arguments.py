"""What goes into the closed forms and what comes out: shapes, dtypes, devices, errors."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from kl_utils import gaussian
from tests.mathematics import references
from tests.mathematics.gaussian_cases import both, close_pair

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
    pair = [array.astype(np.float32) for array in close_pair(rng, 10, 1e3, 1e-3)]
    truth = references.kl_multivariate(*pair)
    for value in both(gaussian.kl_multivariate, *pair):
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
    for result in both(gaussian.kl_diagonal, nan, np.zeros(2)):
        assert np.isnan(result).tolist() == [True, False]


def test_an_infinite_log_variance_is_infinitely_far():
    for p in ((), (np.zeros(1), np.zeros(1))):
        for log_var in (np.inf, -np.inf):
            for result in both(gaussian.kl_diagonal, np.zeros(1), np.array([log_var]), *p):
                assert result == np.inf


# --- errors --------------------------------------------------------------------------------------

_EYE, _BAD_STD = np.eye(2), np.array([[1.0, 2.0], [1.0, -3.0]])
_INDEFINITE = np.stack([_EYE, _EYE, np.array([[1.0, 2.0], [2.0, 1.0]])])
_SKEW = np.array([[1.0, 0.5], [0.2, 1.0]])


def _leaf(array):
    return torch.as_tensor(array).requires_grad_()


@pytest.mark.parametrize("convert", [np.asarray, _leaf])
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
        ("entropy_multivariate", (_EYE + np.array([[0, 1e-10], [0, 0]]),), r"cov: .* symmetric"),
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
