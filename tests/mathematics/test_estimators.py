"""Estimators of KL(q‖p): their values, means, variances, error bars and gradients."""

import doctest
import math

import mpmath as mp
import numpy as np
import pytest
import torch
from scipy.stats import kstest
from torch.distributions import MultivariateNormal

from kl_utils import estimators
from kl_utils.estimators import estimate_kl, kl_terms
from kl_utils.expectation import expect_normal
from kl_utils.gaussian import kl_multivariate, kl_normal, log_density_normal
from kl_utils.grids import trapezoidal_rule
from kl_utils.quadrature import DoesNotConverge

MEAN_P, STD_P = -0.3, 1.1
WIDE = [(0.1, 1.1), (1.0, 1.5), (-2.0, 0.9)]  # mean and std of q: the variance of k3 is finite
NARROW = [(0.1, 0.3), (1.0, 0.6), (-0.3, STD_P * 0.5**0.5)]  # infinite; the last one just so


def log_p(z):
    return log_density_normal(z, MEAN_P, STD_P)


def log_ratio(z, mean, std):
    return log_p(z) - log_density_normal(z, mean, std)


def moment(estimator, mean, std, power=1):
    """E_q[kᵖ] by quadrature."""

    def term(z):
        return kl_terms(log_ratio(z, mean, std), estimator) ** power

    return expect_normal(term, mean, std).value


def variance_of_log_ratio(mean, std):
    """Equation (3.8), for a p that is not standard."""
    ratio, shift = std / STD_P, (mean - MEAN_P) / STD_P
    return (ratio**2 - 1) ** 2 / 2 + shift**2 * ratio**2


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(estimators).failed == 0


# --- the terms ------------------------------------------------------------------------------------


@pytest.mark.parametrize("convert", [np.asarray, torch.as_tensor])
@pytest.mark.parametrize(("dtype", "error"), [("float32", 3e-7), ("float64", 5e-16)])
def test_terms_are_exact_also_near_a_ratio_of_one(convert, dtype, error):
    log_ratios = np.array([s * 10.0**k for k in range(-12, 2) for s in (-1, 1)], dtype)
    with mp.workdps(50):
        t = [mp.mpf(float(value)) for value in log_ratios]
        exact = {
            "k1": [-x for x in t],
            "k2": [x * x / 2 for x in t],
            "k3": [mp.exp(x) - 1 - x for x in t],
        }
        for estimator, references in exact.items():
            terms = np.asarray(kl_terms(convert(log_ratios), estimator))
            assert terms.dtype == dtype
            for term, reference in zip(terms, references, strict=True):
                assert abs(mp.mpf(float(term)) / reference - 1) <= error


def test_terms_have_exact_derivatives():
    t = torch.tensor([-3.0, -1e-9, 0.0, 1e-9, 3.0], dtype=torch.float64)
    derivatives = {"k1": -torch.ones_like(t), "k2": t, "k3": torch.expm1(t)}
    for estimator, derivative in derivatives.items():
        leaf = t.clone().requires_grad_()
        kl_terms(leaf, estimator).sum().backward()
        torch.testing.assert_close(leaf.grad, derivative, rtol=1e-14, atol=0)


# --- mean and variance ----------------------------------------------------------------------------


@pytest.mark.parametrize(("mean", "std"), WIDE + NARROW)
def test_k1_and_k3_are_unbiased_and_k2_is_not(mean, std):
    kl = kl_normal(mean, std, MEAN_P, STD_P)
    mean_k2 = (variance_of_log_ratio(mean, std) + kl**2) / 2
    assert moment("k1", mean, std) == pytest.approx(kl, rel=1e-10)
    assert moment("k3", mean, std) == pytest.approx(kl, rel=1e-7)
    assert moment("k2", mean, std) == pytest.approx(mean_k2, rel=1e-10)
    assert abs(mean_k2 / kl - 1) > 0.005


@pytest.mark.parametrize(("mean", "std"), WIDE)
def test_variances_are_those_of_the_book(mean, std):
    ratio, shift = std / STD_P, (mean - MEAN_P) / STD_P
    kl, reverse = kl_normal(mean, std, MEAN_P, STD_P), kl_normal(MEAN_P, STD_P, mean, std)
    var_log, tail = variance_of_log_ratio(mean, std), 2 * ratio**2 - 1
    var_ratio = ratio**2 * math.exp(shift**2 / tail) / math.sqrt(tail) - 1
    var_k3 = var_ratio + var_log - 2 * (kl + reverse)
    assert moment("k1", mean, std, 2) - kl**2 == pytest.approx(var_log, rel=1e-9)
    assert moment("k3", mean, std, 2) - kl**2 == pytest.approx(var_k3, rel=1e-7)


def second_moment_within(reach, mean, std):
    """∫ q(z) k3(z)² dz over `reach` standard deviations of q on both sides."""
    z = np.linspace(mean - reach * std, mean + reach * std, 200_001)
    log_q = log_density_normal(z, mean, std)
    return np.trapezoid(np.exp(log_q) * kl_terms(log_p(z) - log_q, "k3") ** 2, z)


def test_the_variance_of_k3_is_infinite_for_narrow_q_only():
    for q in WIDE:
        assert second_moment_within(24, *q) == pytest.approx(moment("k3", *q, 2), rel=1e-6)
    for q in NARROW:
        within = [second_moment_within(reach, *q) for reach in (6, 12, 24)]
        assert within[2] > 1.8 * within[1] > 1.8**2 * within[0]  # it grows in proportion or faster
        with pytest.raises(DoesNotConverge), np.errstate(over="ignore", invalid="ignore"):
            moment("k3", *q, 2)


# --- error bars -----------------------------------------------------------------------------------


def z_scores(estimator, widths, draws=1000, checks=1000):
    """Deviations of estimates from KL(q‖p), a right one and one 3 % too large, in their errors."""
    rng = np.random.default_rng(3)
    means, stds = rng.normal(MEAN_P, STD_P, checks), STD_P * rng.uniform(*widths, checks)
    kls = kl_normal(means, stds, MEAN_P, STD_P)
    values, errors = np.empty((2, checks))
    for check, (mean, std) in enumerate(zip(means, stds, strict=True)):

        def log_q(z, mean=mean, std=std):
            return log_density_normal(z, mean, std)

        z = rng.normal(mean, std, draws)
        values[check], errors[check], n = estimate_kl(log_q, log_p, z, estimator)
        assert n == draws
    return (values - kls) / errors, (values - 1.03 * kls) / errors


def p_value(scores):
    return kstest(scores, "norm").pvalue


@pytest.mark.parametrize(("estimator", "widths"), [("k1", (0.1, 2)), ("k3", (1.2, 2))])
def test_error_bars_are_calibrated(estimator, widths):
    right, wrong = z_scores(estimator, widths)
    assert p_value(right) > 0.01
    # The test has power: it finds a formula that is 3 % off, and error bars half as large.
    assert p_value(wrong) < 1e-6
    assert p_value(right / 0.5) < 1e-6


@pytest.mark.parametrize(("estimator", "widths"), [("k2", (0.1, 2)), ("k3", (0.1, 0.5))])
def test_calibration_finds_bias_and_infinite_variance(estimator, widths):
    right, _ = z_scores(estimator, widths)
    assert p_value(right) < 1e-6


@pytest.mark.parametrize("estimator", ["k1", "k3"])
def test_estimates_in_several_dimensions(estimator):
    torch.manual_seed(3)
    cov = torch.tensor([[1.5, 0.5], [0.5, 1.2]], dtype=torch.float64)
    mean, zero, eye = torch.tensor([0.3, -0.2]).double(), torch.zeros(2), torch.eye(2)
    q, p = MultivariateNormal(mean, cov), MultivariateNormal(zero.double(), eye.double())
    estimate = estimate_kl(q.log_prob, p.log_prob, q.sample((20_000,)), estimator)
    kl = float(kl_multivariate(mean, cov, zero, eye))
    assert abs(estimate.value - kl) < 4 * estimate.standard_error < 0.15 * kl


def test_an_estimate_takes_no_part_in_gradients():
    z = torch.linspace(-1, 1, 5, requires_grad=True)
    estimate = estimate_kl(lambda z: -(z**2), lambda z: -z, z)
    assert all(type(number) in (float, int) for number in estimate)


# --- gradients ------------------------------------------------------------------------------------


def mean_gradient(estimator, through, mean, std):
    """The exact mean of the gradient by mean and std of q: by quadrature, draw by draw."""
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (mean, std)]
    noise, weights = (torch.as_tensor(array) for array in trapezoidal_rule(1 / 8, 37, 1, 1000))
    z = leaves[0] + leaves[1] * noise[:, 0]
    terms = kl_terms(log_ratio(z if through else z.detach(), *leaves), estimator)
    (weights * terms).sum().backward()
    return torch.stack([leaf.grad for leaf in leaves])


def gradient(function, *values):
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in values]
    function(*leaves).backward()
    return torch.stack([leaf.grad for leaf in leaves])


def forward(mean, std):
    return kl_normal(mean, std, MEAN_P, STD_P)


def reverse(mean, std):
    return kl_normal(MEAN_P, STD_P, mean, std)


def mean_of_k2(mean, std):
    return (variance_of_log_ratio(mean, std) + forward(mean, std) ** 2) / 2


@pytest.mark.parametrize(
    ("estimator", "through", "target"),
    [
        ("k1", True, forward),
        ("k2", True, mean_of_k2),
        ("k3", True, forward),
        ("k1", False, lambda mean, std: 0 * (mean + std)),
        ("k2", False, forward),
        ("k3", False, reverse),
    ],
)
def test_what_the_mean_gradient_is_a_gradient_of(estimator, through, target):
    for q in WIDE:
        expected = gradient(target, *q)
        torch.testing.assert_close(
            mean_gradient(estimator, through, *q), expected, rtol=1e-8, atol=1e-8
        )
        if target is not forward:
            assert (expected - gradient(forward, *q)).abs().max() > 0.01


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"estimator": "k4"}, ValueError, "estimator: expected 'k1', 'k2' or 'k3', got 'k4'"),
        ({"log_q": 0.5}, TypeError, "log_q: expected a function, got 0.5"),
        ({"log_q": lambda z: torch.zeros(9)}, TypeError, "torch tensors .log_q. and NumPy"),
        ({"log_p": lambda z: z[:, None]}, ValueError, r"shapes \(9,\) and \(9, 1\)"),
        ({"log_p": lambda z: z[:5]}, ValueError, r"shapes \(9,\) and \(5,\)"),
        ({"samples": np.zeros(1)}, ValueError, "each of n ≥ 2 draws"),
        ({"log_q": lambda z: z * np.nan}, ValueError, r"log_q: .* got nan at index \(0,\)"),
        ({"log_p": lambda z: np.where(z > 0, 0, -np.inf)}, ValueError, "log_p: .* is infinite"),
        (
            {"log_p": lambda z: 2000 * z, "estimator": "k3"},
            ValueError,
            "k3 does not overflow, got inf at",
        ),
    ],
)
def test_bad_arguments_are_refused(arguments, error, message):
    usual = {"log_q": lambda z: -(z**2), "log_p": lambda z: -z, "samples": np.linspace(-1, 1, 9)}
    with pytest.raises(error, match=message):
        estimate_kl(**usual | arguments)
