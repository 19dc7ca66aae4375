"""Monte Carlo knows its error; quadrature tells when it does not converge."""

import doctest

import numpy as np
import pytest
from scipy.integrate import quad

from kl_utils import expectation
from kl_utils.expectation import (
    DoesNotConverge,
    Estimate,
    estimate_mean,
    expect_normal,
    integrate,
    normal_rule,
    refine_until_stable,
)


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


@pytest.mark.parametrize("dimension", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("level", [0, 1, 2])
def test_rules_are_exact_for_the_moments_of_the_derivations(dimension, level):
    points, weights = normal_rule(dimension, level)
    second = np.einsum("s,si,sj->ij", weights, points, points)
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert weights @ points == pytest.approx(np.zeros(dimension), abs=1e-12)
    assert second == pytest.approx(np.eye(dimension), abs=1e-12)
    if dimension > 1:
        assert weights @ (points[:, 0] * points[:, 1]) ** 2 == pytest.approx(1, abs=1e-11)


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
    assert integrate(lambda z: 1 / (1 + z**2)).value == pytest.approx(np.pi, abs=1e-6)


@pytest.mark.parametrize(
    "f",
    [
        lambda z: np.exp(z**2 / 2),  # the integrand is constant
        lambda z: np.exp(z**2 / 1.9),
        lambda z: z**2 * np.exp(z**2 / 2),  # as in E_q[log p(z) / q(z)]
        abs,  # finite, but not smooth: no answer is better than a poor one
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


def test_stability_is_decided_entry_by_entry():
    levels = np.array([[0, 1, np.inf, 5], [1, 1, np.inf, np.inf], [2, 7, np.inf, 5]])

    def value_at(level):
        if level == len(levels):
            raise DoesNotConverge
        return levels[level]

    value, error = refine_until_stable(value_at)
    assert value.tolist() == [2, 1, np.inf, 5]
    assert error.tolist() == [np.inf, 0, 0, np.inf]
