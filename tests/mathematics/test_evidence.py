"""The linear-Gaussian model against independent routes; the bounds against the model."""

import doctest
import itertools
from functools import partial

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from kl_utils import evidence
from kl_utils.evidence import LinearGaussianModel, elbo, importance_weighted_bound
from kl_utils.gaussian import entropy_multivariate, kl_multivariate, log_density_multivariate
from kl_utils.grids import trapezoidal_rule
from tests.mathematics.gaussian_cases import covariance

SIZES = [(1, 1), (3, 1), (1, 2), (2, 2), (5, 3), (3, 5)]


def a_model(data_size, latent_size, seed=0):
    """A model, observations of it, and a generator for more."""
    rng = np.random.default_rng([seed, data_size, latent_size])
    weight, bias = rng.normal(size=(data_size, latent_size)), rng.normal(size=data_size)
    model = LinearGaussianModel(weight, bias, noise_std=rng.uniform(0.3, 1.5))
    x, _ = model.sample(6, rng)
    return model, x, rng


def draws(rng, mean, cov, *shape):
    return mean + rng.standard_normal((*shape, len(mean))) @ np.linalg.cholesky(cov).T


def bound(model, x, mean, cov, samples):
    log_q = partial(log_density_multivariate, mean=mean, cov=cov)
    return importance_weighted_bound(log_q, partial(model.log_joint, x), samples)


def test_the_example_in_the_docstring_holds():
    assert doctest.testmod(evidence).failed == 0


# ------------------------------------------------------------------------------ the exact model


@pytest.mark.parametrize(("data_size", "latent_size"), SIZES[:4])
def test_the_evidence_is_the_integral_over_z(data_size, latent_size):
    model, x, _ = a_model(data_size, latent_size)
    z, weights = trapezoidal_rule(1 / 4, 9, latent_size, 10**4)  # nodes for z ~ N(0, I)
    integral = np.exp(model.log_likelihood(x[:, None], z)) @ weights
    assert model.log_evidence(x) == pytest.approx(np.log(integral), abs=1e-9)


@pytest.mark.parametrize(("data_size", "latent_size"), SIZES)
def test_the_evidence_is_a_normal_density(data_size, latent_size):
    model, x, _ = a_model(data_size, latent_size)
    cov = model.weight @ model.weight.T + model.noise_std**2 * np.eye(data_size)
    reference = multivariate_normal(model.bias, cov).logpdf(x)
    assert model.log_evidence(x) == pytest.approx(reference, abs=1e-11)


@pytest.mark.parametrize(("data_size", "latent_size"), SIZES)
def test_joint_density_is_evidence_times_posterior(data_size, latent_size):
    model, x, rng = a_model(data_size, latent_size)
    z = rng.normal(size=(6, latent_size))
    log_posterior = log_density_multivariate(z, *model.posterior(x))
    assert model.log_joint(x, z) == pytest.approx(model.log_evidence(x) + log_posterior, abs=1e-11)


@pytest.mark.parametrize(("data_size", "latent_size"), SIZES)
def test_the_gap_is_the_divergence_from_the_posterior(data_size, latent_size):
    model, x, rng = a_model(data_size, latent_size)
    mean, cov = model.posterior(x)
    assert model.log_evidence(x) - model.exact_elbo(mean, cov, x) == pytest.approx(0, abs=1e-12)
    for _ in range(20):
        mean_q = mean + rng.normal(size=mean.shape)
        cov_q = covariance(rng, latent_size, condition=10) * rng.uniform(0.1, 2)
        gap = model.log_evidence(x) - model.exact_elbo(mean_q, cov_q, x)
        assert gap == pytest.approx(kl_multivariate(mean_q, cov_q, mean, cov), rel=1e-12, abs=1e-12)


def test_samples_come_from_the_joint_density():
    model, _, rng = a_model(3, 2)
    together = np.hstack(model.sample(100_000, rng))
    w, noise = model.weight, model.noise_std**2 * np.eye(3)
    cov = np.block([[w @ w.T + noise, w], [w.T, np.eye(2)]])
    centred = together - np.r_[model.bias, 0, 0]
    assert abs(centred.mean(0) / np.sqrt(np.diag(cov) / 1e5)).max() < 4.5
    products = centred[:, :, None] * centred[:, None, :]
    assert abs((products.mean(0) - cov) / products.std(0) * 1e5**0.5).max() < 4.5
    log_joint = model.log_joint(together[:, :3], together[:, 3:])
    standard_error = log_joint.std() / 1e5**0.5
    assert abs(log_joint.mean() + entropy_multivariate(cov)) < 4.5 * standard_error


# ---------------------------------------------------------------------------------- the bounds


def test_estimates_of_the_elbo_agree_with_its_closed_form():
    """120 estimates: z-scores like a standard normal's, and errors small enough to see a slip."""
    z_scores, powers = [], []
    for seed in range(20):
        for data_size, latent_size in SIZES:
            model, x, rng = a_model(data_size, latent_size, seed)
            mean, cov = rng.normal(size=latent_size), covariance(rng, latent_size, condition=10)
            exact = model.exact_elbo(mean, cov, x[0])
            log_q = partial(log_density_multivariate, mean=mean, cov=cov)
            samples = draws(rng, mean, cov, 4000)
            estimate = elbo(log_q, partial(model.log_joint, x[0]), samples)
            z_scores.append((estimate.value - exact) / estimate.standard_error)
            no_spread = model.log_likelihood(x[0], mean) - model.reconstruction(mean, cov, x[0])
            powers.append(no_spread / estimate.standard_error)
    assert np.abs(z_scores).max() < 4.5
    assert 0.85 < np.std(z_scores) < 1.15
    assert np.median(powers) > 10  # most scores would be, with log p(x|z) taken at the mean of q


def test_one_weight_gives_the_elbo():
    model, x, rng = a_model(3, 2)
    mean, cov = np.zeros(2), np.eye(2)
    samples = draws(rng, mean, cov, 50)
    log_q = partial(log_density_multivariate, mean=mean, cov=cov)
    log_joint = partial(model.log_joint, x[0])
    estimate = elbo(log_q, log_joint, samples)
    assert estimate == bound(model, x[0], mean, cov, samples[:, None])
    assert estimate.value == pytest.approx((log_joint(samples) - log_q(samples)).mean(), abs=1e-12)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_bound_is_an_expectation_over_all_tuples_of_draws(size):
    """q is uniform on three outcomes, so all tuples together are the expectation itself."""
    joint = np.array([0.2, 0.05, 0.0])
    tuples = np.array(list(itertools.product(range(3), repeat=size)))
    tuples = tuples[joint[tuples].any(axis=-1)]  # a tuple without any weight makes the bound −inf
    expected = np.mean([np.log(3 * np.mean(joint[outcomes])) for outcomes in tuples])
    with np.errstate(divide="ignore"):
        log_joint = np.log(joint)
    estimate = importance_weighted_bound(
        lambda z: np.full(z.shape[:-1], -np.log(3)),
        lambda z: log_joint[z[..., 0].astype(int)],
        tuples[..., None],
    )
    assert estimate.value == pytest.approx(expected, abs=1e-12)
    assert estimate.n == len(tuples)


def test_the_bound_rises_with_the_number_of_weights_to_the_evidence():
    model, x, rng = a_model(3, 2)
    mean, cov = model.posterior(x[0])
    mean_q, cov_q = mean + 0.1, 4 * cov  # wide: the weights have a finite variance
    log_evidence = model.log_evidence(x[0])
    sizes = [1, 2, 4, 16, 64]
    estimates = [
        bound(model, x[0], mean_q, cov_q, draws(rng, mean_q, cov_q, int(40_000 / size**0.5), size))
        for size in sizes
    ]
    value, error = np.array([e[:2] for e in estimates]).T
    assert (np.diff(value) > 4 * np.hypot(error[1:], error[:-1])).all()
    assert abs(value[0] - model.exact_elbo(mean_q, cov_q, x[0])) < 4 * error[0]
    # For large S the distance to log p(x) is Var(w/p(x))/(2S).
    z = draws(rng, mean_q, cov_q, 100_000)
    weights = np.exp(
        model.log_joint(x[0], z) - log_density_multivariate(z, mean_q, cov_q) - log_evidence
    )
    for size, v, e in list(zip(sizes, value, error, strict=True))[-2:]:
        gap = weights.var() / (2 * size)
        assert abs(log_evidence - v - gap) < 4 * e + 0.1 * gap


@pytest.mark.parametrize("shift", [-1e5, 1e5])
def test_weights_may_leave_the_range_of_floats(shift):
    model, x, rng = a_model(3, 2)
    mean, cov = model.posterior(x[0])
    samples = draws(rng, mean, 2 * cov, 10, 5)
    log_q = partial(log_density_multivariate, mean=mean, cov=2 * cov)
    there, here = (
        importance_weighted_bound(log_q, lambda z, by=by: model.log_joint(x[0], z) + by, samples)
        for by in (shift, 0)
    )
    assert there.value - shift == pytest.approx(here.value, abs=1e-9)


# ----------------------------------------------------------------------------------- bad input


def zero(z):
    return np.zeros(z.shape[:-1])


def infinite_at_the_first_row(z):
    return np.where(z[..., 0] < 0, -np.inf, 0.0)


ROWS = np.array([[[-1.0], [-1.0]], [[-1.0], [1.0]]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: elbo(zero, zero, np.zeros(5)), r"samples: expected shape \(N, n\)"),
        (lambda: elbo(zero, zero, np.zeros((1, 2))), "samples: .* N ≥ 2"),
        (lambda: importance_weighted_bound(zero, zero, np.zeros((5, 2))), r"\(N, S, n\)"),
        (lambda: elbo(zero, np.zeros_like, np.zeros((5, 2))), "log_joint: expected one value"),
        (lambda: elbo(lambda z: zero(z) / 1e-400, zero, np.zeros((2, 1))), "log_q: .* nan at"),
        (
            lambda: importance_weighted_bound(infinite_at_the_first_row, zero, ROWS),
            r"log_q: expected finite values, got -inf at index \(0, 0\) of",
        ),
        (
            lambda: importance_weighted_bound(zero, infinite_at_the_first_row, ROWS),
            r"log_joint: expected finite values, got -inf at index \(0, 0\) of",
        ),
        (lambda: LinearGaussianModel([1.0, 2.0]), "weight: "),
        (
            lambda: LinearGaussianModel([[1.0]], bias=[1.0, 2.0]),
            r"bias: expected a number or shape \(1,\), got \(2,\)",
        ),
        (lambda: LinearGaussianModel([[1.0]], noise_std=0.0), "noise_std: .* got 0.0"),
        (lambda: a_model(3, 2)[0].log_evidence([1.0]), r"x: expected shape \(\.\.\., 3\)"),
        (lambda: a_model(3, 2)[0].log_joint(np.zeros(3), 0.0), r"z: expected shape \(\.\.\., 2\)"),
        (lambda: a_model(3, 2)[0].exact_elbo(0.0, np.eye(2), np.zeros(3)), "mean_q: "),
        (lambda: a_model(3, 2)[0].exact_elbo([0, 0], -np.eye(2), np.zeros(3)), "cov_q: "),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
