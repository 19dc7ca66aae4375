"""Monte Carlo knows its error; quadrature tells when it does not converge."""

import doctest

import numpy as np
import pytest
from scipy.integrate import quad

from kl_utils import expectation
from kl_utils.expectation import (
    Estimate,
    estimate_mean,
    expect_normal,
    integrate,
)
from kl_utils.quadrature import DoesNotConverge


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(expectation).failed == 0


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(1.2341, 0.0051, 10_000), "1.234 ± 0.005 (n = 10,000)"),
        (Estimate(123.4, 12.0, 100), "123 ± 12 (n = 100)"),
        (Estimate(0.5, 0.0, 2), "0.5 ± 0 (n = 2)"),
        (Estimate(0.0, 0.096, 7), "0.00 ± 0.10 (n = 7)"),
    ],
)
def test_an_estimate_prints_what_is_known(estimate, text):
    assert repr(estimate) == str(estimate) == text


def test_standard_errors_are_calibrated():
    draws = np.random.default_rng(0).exponential(size=(400, 500))
    z = [(e.value - 1) / e.standard_error for e in map(estimate_mean, draws)]
    assert abs(np.mean(z)) < 0.2
    assert 0.9 < np.std(z) < 1.1


@pytest.mark.parametrize(
    ("draws", "message"),
    [
        ([[1.0, 2.0]], r"draws: expected shape \(n,\) with n ≥ 2, got \(1, 2\)"),
        ([1.0], r"got \(1,\)"),
        ([1.0, np.inf, np.nan], r"draws: expected finite numbers, got inf at index \(1,\) of"),
    ],
)
def test_draws_that_are_none_are_refused(draws, message):
    with pytest.raises(ValueError, match=message):
        estimate_mean(draws)


def test_expectations_agree_with_adaptive_quadrature():
    def f(z):
        return np.log(0.3 * np.exp(-((z - 2) ** 2)) + 0.7 * np.exp(-((z + 1) ** 2) / 2))

    def weighted(z):
        return np.exp(-((z - 1) ** 2) / (2 * 0.5**2)) / np.sqrt(2 * np.pi * 0.5**2) * f(z)

    truth, _ = quad(weighted, -9, 11, epsabs=1e-12, limit=200)
    value, error = expect_normal(f, mean=1, std=0.5)
    assert value == pytest.approx(truth, abs=1e-9)
    assert error < 1e-7


def test_integrals_over_the_line():
    assert integrate(lambda z: np.exp(-(z**2) / 0.02)).value == pytest.approx((0.02 * np.pi) ** 0.5)
    assert integrate(lambda z: 1 / (1 + z**2)).value == pytest.approx(np.pi, abs=1e-9)


def test_overflow_far_out_is_no_divergence():
    with np.errstate(over="ignore"):
        value, _ = expect_normal(lambda z: np.log1p(np.exp(z)))  # infinite beyond 710
        assert value == pytest.approx(expect_normal(lambda z: np.logaddexp(0, z)).value, rel=1e-12)
        with pytest.raises(DoesNotConverge):  # constant, times the density
            expect_normal(lambda z: np.exp(z**2 / 2 - 50))


def test_a_function_that_is_zero_wherever_it_is_looked_at_has_no_value():
    with pytest.raises(DoesNotConverge, match="0 at all of"):
        integrate(lambda z: np.where(abs(z - 0.3) < 1e-9, 1.0, 0.0), 0, 1)


@pytest.mark.parametrize(
    "f",
    [
        lambda z: np.exp(z**2 / 2),  # the integrand is constant
        lambda z: np.exp(z**2 / 1.9),
        lambda z: z**2 * np.exp(z**2 / 2),  # as in E_q[log p(z) / q(z)]
    ],
)
def test_what_does_not_converge_has_no_value(f):
    with np.errstate(over="ignore"), pytest.raises(DoesNotConverge):
        expect_normal(f)


@pytest.mark.parametrize("f", [np.ones_like, lambda z: 1 / np.sqrt(1 + z**2)])
def test_integrals_that_diverge_have_no_value(f):
    with pytest.raises(DoesNotConverge):
        integrate(f)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"std": 0.0}, "std: "), ({"std": np.nan}, "std: "), ({"mean": np.inf}, "mean: ")],
)
def test_bad_parameters_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        expect_normal(np.cos, **options)
