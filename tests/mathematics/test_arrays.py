"""The shared array helpers: one library and dtype, exact differences and products, ψ."""

from fractions import Fraction

import array_api_compat.numpy
import array_api_compat.torch
import mpmath as mp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kl_utils import _arrays, _checks, _matrices, _special
from tests.mathematics import references

_deterministic = settings(derandomize=True, deadline=None, max_examples=200, database=None)
_both_libraries = pytest.mark.parametrize(
    ("xp", "convert"),
    [(array_api_compat.numpy, np.asarray), (array_api_compat.torch, torch.as_tensor)],
    ids=["numpy", "torch"],
)


# --- one library, one dtype ----------------------------------------------------------------------


def test_numbers_take_the_dtype_of_the_arrays_beside_them():
    for array in (np.ones(2, np.float32), torch.ones(2)):
        xp, dtype, (a, b) = _arrays.unify(a=array, b=3)
        assert a is array
        assert dtype == b.dtype == array.dtype
        assert b.shape == () and float(b) == 3
        assert xp.__name__.startswith("array_api_compat")


@pytest.mark.parametrize(
    ("values", "result", "working"),
    [
        ((1, 2.0), np.float64, np.float64),
        ((np.float32(1), 2.0), np.float32, np.float32),
        ((np.ones(1, np.float16), 2), np.float16, np.float32),
        ((np.ones(1, np.float32), np.ones(1)), np.float64, np.float64),
        (([1, 2], 3), np.float64, np.float64),
        ((torch.ones(1), np.float64(2)), torch.float32, torch.float32),
        ((torch.ones(1, dtype=torch.bfloat16), 2), torch.bfloat16, torch.float32),
        ((torch.ones(1).double(), torch.ones(1)), torch.float64, torch.float64),
        ((torch.ones(1).int(), 2), torch.float32, torch.float32),
    ],
)
def test_common_dtype(values, result, working):
    _, dtype, arrays = _arrays.unify(a=values[0], b=values[1])
    assert dtype == result
    assert all(array.dtype == working for array in arrays)


def test_integers_follow_torchs_default_dtype_as_it_is_now():
    assert _arrays.unify(a=torch.ones(1).int())[1] == torch.float32
    torch.set_default_dtype(torch.float64)
    try:
        assert _arrays.unify(a=torch.ones(1).int())[1] == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_wide_computes_in_double_and_remembers_the_dtype():
    for array in (np.ones(2, np.float32), torch.ones(2), torch.ones(2).half()):
        _, dtype, (wide,) = _arrays.unify(wide=True, a=array)
        assert dtype == array.dtype
        assert "float64" in str(wide.dtype)


@pytest.mark.parametrize("value", [None, "1", 1j, {1}, np.array(["1"]), np.array([True])])
def test_what_is_no_real_number_is_named(value):
    with pytest.raises(TypeError, match="second: expected"):
        _arrays.unify(first=1.0, second=value)


def test_the_first_wrong_entry_is_shown():
    wrong = np.array([[1.0, 2.0], [-1.0, -2.0]])
    with pytest.raises(ValueError, match=r"std_q: .* got -1.0 at index \(1, 0\) of shape \(2, 2\)"):
        _checks.check_values(array_api_compat.numpy, std_q=wrong)


def test_the_symmetry_asked_for_follows_the_dtype_a_matrix_came_in():
    rounded = np.array([[1, 0.3], [0.3 + 1e-7, 1]])
    arrays = {"cov": rounded}
    single = {"cov": rounded.astype(np.float32)}
    (ready,) = _checks.check_matrices(array_api_compat.numpy, arrays, given=single)
    assert ready[0, 1] == ready[1, 0]
    with pytest.raises(ValueError, match="cov: expected symmetric matrices"):
        _checks.check_matrices(array_api_compat.numpy, arrays, given=arrays)


# --- differences and ψ ---------------------------------------------------------------------------

_moderate = st.floats(-1e100, 1e100)


@_deterministic
@given(_moderate, _moderate)
def test_difference_is_exact(a, b):
    difference, rest = _arrays.difference(np.float64(a), np.float64(b))
    assert Fraction(float(difference)) + Fraction(float(rest)) == Fraction(a) - Fraction(b)


def _psi(t):
    with mp.workdps(60):
        return mp.expm1(mp.mpf(t)) - mp.mpf(t)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 2e-15), ("float32", 1e-6)])
def test_psi_is_accurate_everywhere(dtype, tolerance):
    magnitudes = np.r_[np.logspace(-18, 0, 300), np.linspace(0.5, 2, 300), np.linspace(2, 80, 50)]
    t = np.r_[-magnitudes, magnitudes].astype(dtype)
    for values in (_special.psi(t), _special.psi(torch.as_tensor(t)).numpy()):
        assert values.dtype == dtype
        errors = [
            references.relative_error(v, _psi(float(x))) for v, x in zip(values, t, strict=True)
        ]
        assert max(errors) <= tolerance


def test_psi_at_its_ends():
    t = np.array([-np.inf, -1e308, 0.0, 1e308, np.inf, np.nan])
    for values in (_special.psi(t), _special.psi(torch.as_tensor(t)).numpy()):
        np.testing.assert_array_equal(values, [np.inf, 1e308, 0.0, np.inf, np.inf, np.nan])


def test_psi_has_two_exact_derivatives():
    t = torch.tensor([-200.0, -1.0, -1e-9, 0.0, 1e-9, 1.0, 80.0], requires_grad=True)
    (first,) = torch.autograd.grad(_special.psi(t).sum(), t, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), t)
    torch.testing.assert_close(first, torch.expm1(t), rtol=1e-6, atol=0)
    torch.testing.assert_close(second, torch.exp(t), rtol=1e-6, atol=0)


# --- matrices ------------------------------------------------------------------------------------


def _ill_conditioned(n, condition, seed=0):
    rng = np.random.default_rng(seed)
    basis, _ = np.linalg.qr(rng.normal(size=(n, n)))
    cov = (basis * np.logspace(0, -np.log10(condition), n)) @ basis.T
    return (cov + cov.T) / 2


@_both_libraries
def test_whitening_is_accurate_whatever_the_condition(xp, convert):
    # The determinant feels the smallest eigenvalue: plain factors lose eight digits here.
    cov = _ill_conditioned(12, 1e8)
    with mp.workdps(60):
        truth = mp.log(mp.det(mp.matrix(references.exact(cov)))) / 2
    whitening = _matrices.Whitening(xp, "cov", convert(cov), 1e-16)
    log_det = float(xp.sum(xp.log(whitening.scales)))
    assert references.relative_error(log_det, truth) < 1e-15
    np.testing.assert_allclose(whitening.matrices(convert(cov)), np.eye(12), rtol=0, atol=1e-14)


@_both_libraries
def test_cholesky_excess_keeps_the_digits_of_a_tiny_excess(xp, convert):
    rng = np.random.default_rng(0)
    excess = 1e-9 * rng.normal(size=(5, 5))
    excess = excess + excess.T
    lower = np.asarray(_matrices.cholesky_excess(xp, convert(excess)))
    assert np.all(np.triu(lower, 1) == 0)
    product = lower + lower.T + lower @ lower.T
    np.testing.assert_allclose(product, excess, rtol=1e-15, atol=1e-24)


@_both_libraries
def test_cholesky_names_the_first_matrix_without_a_factor(xp, convert):
    matrices = np.stack([np.eye(2)] * 6).reshape(2, 3, 2, 2)
    matrices[1, 1] = [[1, 3], [3, 1]]
    with pytest.raises(
        ValueError, match=r"cov: .* eigenvalue -2 at index \(1, 1\) of shape \(2, 3\)"
    ):
        _matrices.cholesky(xp, "cov", convert(matrices))
