"""Derivatives of the closed forms: right twice over, finite, and accurate near q = p."""

import mpmath as mp
import numpy as np
import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

from kl_utils import gaussian
from tests.mathematics import references
from tests.mathematics.gaussian_cases import close_pair, leaves, single_threaded


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    with single_threaded():
        yield


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
    arguments = leaves(*values)
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
    arguments = leaves(*values)
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
    arguments = leaves(np.ones(2), np.zeros(2), _FULL)
    assert gradcheck(function, arguments)
    assert gradgradcheck(function, arguments)


def test_derivatives_vanish_exactly_at_equality():
    for function, values in [
        (gaussian.kl_normal, (0.3, 0.7, 0.3, 0.7)),
        (gaussian.kl_diagonal, ([0.3], [0.7], [0.3], [0.7])),
        (gaussian.kl_multivariate, (np.ones(2), _FULL, np.ones(2), _FULL)),
    ]:
        arguments = leaves(*values)
        function(*arguments).backward()
        assert all(bool((argument.grad == 0).all()) for argument in arguments)


def test_derivatives_near_equality_are_accurate():
    rng = np.random.default_rng(9)
    pair = close_pair(rng, 4, 1e6, 1e-8)
    arguments = leaves(*pair)
    gaussian.kl_multivariate(*arguments).backward()
    with mp.workdps(80):
        mean_q, cov_q, mean_p, cov_p = (mp.matrix(references.exact(array)) for array in pair)
        for argument, truth in [
            (arguments[0], cov_p**-1 * (mean_q - mean_p)),
            (arguments[1], (cov_p**-1 - cov_q**-1) / 2),
        ]:
            error = mp.mnorm(mp.matrix(argument.grad.tolist()) - truth, "f")
            assert error / mp.mnorm(truth, "f") < 1e-14


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
