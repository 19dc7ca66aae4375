"""Mixtures of Gaussians, and what stands in for the KL divergence that has no closed form.

Each check of a density is also put to a popular slip, the sum over components taken coordinate by
coordinate: so it is known which checks can tell a wrong density from the right one.
"""

import doctest
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import chisquare, kstest
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from kl_utils import mixture as mixture_module
from kl_utils import mixture_bounds
from kl_utils.gaussian import kl_multivariate, log_density_diagonal
from kl_utils.mixture import GaussianMixture
from kl_utils.mixture_bounds import (
    component_kls,
    kl_approx_gauss_hermite,
    kl_approx_moment_match,
    kl_approx_unscented,
    kl_lower_product,
    kl_lower_renyi,
    kl_monte_carlo,
    kl_quadrature,
    kl_upper_convexity,
    kl_upper_matched,
    kl_upper_responsibilities,
    kl_upper_variational,
)
from kl_utils.quadrature import DoesNotConverge

LINE = ([0.2, 0.5, 0.3], [[-2.0], [0.5], [3.0]], [[0.4], [1.0], [0.7]])
PLANE = ([0.3, 0.7], [[-1.5, -1.0], [1.5, 2.0]], [[0.5, 1.0], [0.8, 0.6]])


class PerCoordinate(GaussianMixture):
    """The slip: log-sum-exp over the components for each coordinate, then a sum over these."""

    def log_prob(self, z):
        shift = (np.asarray(z)[..., None, :] - self.means) / self.stds
        log_terms = -np.log(self.stds) - 0.5 * np.log(2 * np.pi) - 0.5 * shift**2
        return np.logaddexp.reduce(self.log_weights[:, None] + log_terms, axis=-2).sum(-1)


def to_torch(mixture):
    parts = (torch.tensor(x) for x in (mixture.weights, mixture.means, mixture.stds))
    weights, means, stds = parts
    return MixtureSameFamily(Categorical(weights), Independent(Normal(means, stds), 1))


def grid(low, high, count, n):
    """Midpoints of count^n equal cells, shape (count^n, n), and the volume of a cell."""
    edges = np.linspace(low, high, count + 1)
    axis = (edges[1:] + edges[:-1]) / 2
    points = np.stack(np.meshgrid(*[axis] * n, indexing="ij"), -1).reshape(-1, n)
    return points, ((high - low) / count) ** n


# --- the density: checks that take a class -------------------------------------------------------


def integrates_to_one(cls):
    for parameters, n in ((LINE, 1), (PLANE, 2)):
        points, volume = grid(-12, 12, 600, n)
        total = np.exp(cls(*parameters).log_prob(points)).sum() * volume
        assert total == pytest.approx(1, abs=1e-9)


def is_a_gaussian_for_one_component(cls):
    z = np.random.default_rng(0).normal(size=(50, 3))
    mean, std = np.array([1.0, -2.0, 0.5]), np.array([0.3, 1.0, 2.0])
    expected = log_density_diagonal(z, mean, 2 * np.log(std))
    assert cls([1.0], [mean], [std]).log_prob(z) == pytest.approx(expected, rel=1e-12)


def ignores_the_order_of_components(cls):
    z = np.random.default_rng(0).normal(size=(50, 2))
    reordered = cls(*(np.flip(part, axis=0) for part in PLANE))
    assert cls(*PLANE).log_prob(z) == pytest.approx(reordered.log_prob(z), rel=1e-12)


def minds_the_order_within_one_coordinate(cls):
    """Swapping the first coordinates of two components moves the clusters."""
    weights, means = [0.5, 0.5], np.array([[3.0, 3.0], [-3.0, -3.0]])
    swapped = np.array([[-3.0, 3.0], [3.0, -3.0]])
    here = cls(weights, means, np.ones((2, 2))).log_prob([3.0, 3.0])
    assert here > cls(weights, swapped, np.ones((2, 2))).log_prob([3.0, 3.0]) + 1


def equals_torch(cls):
    z = np.random.default_rng(0).normal(size=(200, 2)) * 3
    expected = to_torch(GaussianMixture(*PLANE)).log_prob(torch.tensor(z)).numpy()
    assert cls(*PLANE).log_prob(z) == pytest.approx(expected, rel=1e-12)


def has_samples_that_match(cls):
    assert chi_square_p_value(cls(*PLANE), cls(*PLANE).sample(20_000, rng(0))) > 1e-3


def chi_square_p_value(density, samples, edges=(-1.6, 0.0, 1.0, 2.0)):
    """Counts in the 25 cells of a grid in the plane against what the density expects."""
    edges = np.array([-12, *edges, 12])
    counts, _, _ = np.histogram2d(*samples.T, bins=[edges, edges])
    points, volume = grid(-12, 12, 600, 2)
    mass = np.exp(density.log_prob(points)) * volume
    expected, _, _ = np.histogram2d(*points.T, bins=[edges, edges], weights=mass)
    return chisquare(counts.ravel(), expected.ravel() / expected.sum() * counts.sum()).pvalue


def rng(seed):
    return np.random.default_rng(seed)


CHECKS = [
    integrates_to_one,
    is_a_gaussian_for_one_component,
    ignores_the_order_of_components,
    minds_the_order_within_one_coordinate,
    equals_torch,
    has_samples_that_match,
]
BLIND = CHECKS[:3]  # a product of one-dimensional mixtures is a density too


@pytest.mark.parametrize("check", CHECKS)
def test_density(check):
    check(GaussianMixture)


@pytest.mark.parametrize("check", CHECKS)
def test_the_sum_within_coordinates_is_another_density(check):
    if check in BLIND:
        check(PerCoordinate)
    else:
        with pytest.raises(AssertionError):
            check(PerCoordinate)


def test_what_the_slip_costs_at_one_point():
    parameters = ([0.5, 0.5], [[3.0, 3.0], [-3.0, -3.0]], np.ones((2, 2)))
    assert GaussianMixture(*parameters).log_prob([3, -3]) == pytest.approx(-19.84, abs=0.005)
    assert PerCoordinate(*parameters).log_prob([3, -3]) == pytest.approx(-3.22, abs=0.005)


def test_the_match_of_samples_and_density_has_power():
    samples = GaussianMixture(*PLANE).sample(20_000, rng(0))
    weights, means, stds = PLANE
    for wrong in (
        GaussianMixture([0.35, 0.65], means, stds),
        GaussianMixture(weights, np.array(means) + 0.1, stds),
        GaussianMixture(weights, means, np.array(stds) * 1.1),
    ):
        assert chi_square_p_value(wrong, samples) < 1e-6


def test_samples_project_to_a_mixture():
    samples = GaussianMixture(*PLANE).sample(20_000, rng(1)) @ [0.6, 0.8]
    weights, means, stds = map(np.array, PLANE)
    projected = Normal(
        torch.tensor(means @ [0.6, 0.8]), torch.tensor((stds * [0.6, 0.8]) ** 2).sum(-1).sqrt()
    )

    def cdf(x):
        return (projected.cdf(torch.tensor(x)[:, None]).numpy() * weights).sum(-1)

    assert kstest(samples, cdf).pvalue > 1e-3
    assert kstest(samples + 0.1, cdf).pvalue < 1e-6


def test_moments_are_those_of_the_samples():
    mixture = GaussianMixture(*PLANE)
    samples = mixture.sample(100_000, rng(2))
    assert samples.mean(0) == pytest.approx(mixture.mean, abs=0.02)
    assert np.cov(samples.T) == pytest.approx(mixture.cov, abs=0.05)


def test_responsibilities_are_the_shares_of_the_components():
    mixture = GaussianMixture(*PLANE)
    z = rng(0).normal(size=(4, 5, 2)) * 50  # so far out that every density underflows
    gamma = mixture.responsibilities(z)
    assert gamma.shape == (4, 5, 2)
    assert gamma.sum(-1) == pytest.approx(np.ones((4, 5)), rel=1e-12)
    assert np.exp(mixture.log_prob(z)).min() == 0
    near = np.array([0.3, 0.2])
    shares = np.exp(mixture.log_joint(near) - mixture.log_prob(near))
    assert mixture.responsibilities(near) == pytest.approx(shares, rel=1e-12)


def test_a_component_without_weight_is_never_heard_of():
    mixture = GaussianMixture([0.0, 1.0], [[0.0], [5.0]], [[1.0], [1.0]])
    assert mixture.log_prob([0.0]) == pytest.approx(log_density_diagonal([0.0], 5.0, 0.0))
    assert mixture.responsibilities([0.0]) == pytest.approx([0, 1])
    assert mixture.sample(100, rng(0)).min() > 0
    q = ([1.0], [0.5])
    assert kl_upper_matched(*q, mixture) == component_kls(*q, mixture)[1]
    assert kl_upper_variational(*q, mixture) == component_kls(*q, mixture)[1]
    assert kl_upper_responsibilities(*q, mixture, [1, 0]) == np.inf


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (([1.5, -0.5], [[0], [1]], [[1], [1]]), r"weights: expected numbers .* -0.5 at index \(1,"),
        (([0.5, 0.4], [[0], [1]], [[1], [1]]), "weights: expected a sum of 1, got 0.9"),
        (([[1.0]], [[0]], [[1]]), r"weights: expected shape \(K,\), got \(1, 1\)"),
        (([0.5, 0.5], [0, 1], [1, 1]), r"means: expected shape \(2, n\).*got \(2,\)"),
        (([1.0], [[0], [1]], [[1], [1]]), r"means: expected shape \(1, n\).*got \(2, 1\)"),
        (([1.0], [[0, 1]], [[1]]), r"stds: expected shape \(1, 2\), like means, got \(1, 1\)"),
        (([1.0], [[0]], [[0]]), r"stds: expected positive numbers, got 0.0 at index \(0, 0\)"),
        (([1.0], [[np.nan]], [[1]]), r"means: expected finite numbers, got nan at index \(0, 0\)"),
    ],
)
def test_what_is_no_mixture_is_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        GaussianMixture(*parameters)


def test_bad_arguments_are_named():
    mixture = GaussianMixture(*PLANE)
    for call, message in (
        (lambda: mixture.log_prob([1.0, 2.0, 3.0]), r"z: expected shape \(\.\.\., 2\)"),
        (lambda: mixture.log_prob([1.0, np.inf]), "z: expected finite numbers"),
        (lambda: component_kls([1.0], [1.0, 1.0], mixture), r"mean_q: expected shape \(\.\.\., 2"),
        (lambda: component_kls([1.0, 1.0], [1.0, 0.0], mixture), "std_q: expected positive"),
        (lambda: kl_lower_renyi([0, 0], [1, 1], mixture, beta=1), "beta: .*between 0 and 1"),
        (
            lambda: kl_upper_responsibilities([0, 0], [1, 1], mixture, [1, 1]),
            "gamma: expected sums of 1",
        ),
        (lambda: kl_upper_responsibilities([0, 0], [1, 1], mixture, [1]), "gamma: expected shape"),
        (lambda: kl_approx_gauss_hermite([0, 0], [1, 1], mixture, nodes=2000), "nodes: "),
        (lambda: kl_monte_carlo([[0, 0]], [1, 1], mixture, 10, rng(0)), "mean_q, std_q: "),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(TypeError, match=r"weights: expected real numbers .* a list with str in it"):
        GaussianMixture(["a"], [[0]], [[1]])


# --- the divergence ------------------------------------------------------------------------------


def random_cases(count, n, batch, seed, narrowest):
    """Mixtures of 1 to 5 components, each with a batch of Gaussians q."""
    generator = rng(seed)
    for _ in range(count):
        k = generator.integers(1, 6)
        mixture = GaussianMixture(
            generator.dirichlet(np.ones(k)),
            generator.normal(size=(k, n)) * 3 / n,
            generator.uniform(narrowest, 2, size=(k, n)),
        )
        mean_q = generator.normal(size=(batch, n)) * 3 / n
        yield mean_q, generator.uniform(0.1, 3 / n, size=(batch, n)), mixture


CASES = [
    *random_cases(100, n=1, batch=22, seed=0, narrowest=0.2),
    *random_cases(20, n=2, batch=10, seed=1, narrowest=0.5),
]


@pytest.fixture(scope="module")
def truths():
    return [kl_quadrature(*case) for case in CASES]


@pytest.mark.long
def test_the_referee_knows_its_error(truths):
    assert sum(truth.value.size for truth in truths) >= 2_000
    assert max((truth.error / np.maximum(1, truth.value)).max() for truth in truths) < 1e-8
    assert min(truth.value.min() for truth in truths) > -1e-12
    for (mean_q, std_q, mixture), truth in zip(CASES[:40], truths, strict=False):
        assert by_quad(mean_q[0, 0], std_q[0, 0], mixture) == pytest.approx(
            truth.value[0], abs=1e-8
        )


def by_quad(mean, std, mixture):
    """KL(q‖p) by adaptive quadrature between the places where log p may bend."""

    def integrand(z):
        log_q = -0.5 * ((z - mean) / std) ** 2 - np.log(std) - 0.5 * np.log(2 * np.pi)
        return np.exp(log_q) * (log_q - mixture.log_prob([z]))

    marks = (mixture.means + np.linspace(-6, 6, 25) * mixture.stds).ravel()
    inside = marks[abs(marks - mean) < 12 * std]
    pieces = np.unique([mean - 12 * std, *inside, mean + 12 * std])
    options = {"epsabs": 1e-12, "epsrel": 1e-12, "limit": 200}
    return sum(quad(integrand, a, b, **options)[0] for a, b in pairwise(pieces))


def test_the_referee_overlooks_no_narrow_component():
    mixture = GaussianMixture([0.5, 0.5], [[0.0], [0.3]], [[1.0], [0.001]])
    truth = by_quad(0.0, 1.0, mixture)
    assert kl_quadrature([0.0], [1.0], mixture).value == pytest.approx(truth, abs=1e-8)
    needle = GaussianMixture([0.5, 0.5], [[0.0], [0.3]], [[1.0], [1e-5]])
    with pytest.raises(DoesNotConverge, match="too narrow"):
        kl_quadrature([0.0], [1.0], needle)
    with pytest.raises(ValueError, match="1 or 2 dimensions"):
        kl_quadrature(np.zeros(3), np.ones(3), GaussianMixture([1.0], [[0] * 3], [[1] * 3]))


UPPER = [kl_upper_convexity, kl_upper_variational, kl_upper_matched]
LOWER = [kl_lower_product, kl_lower_renyi]


@pytest.mark.parametrize("bound", [*UPPER, *LOWER])
def test_bounds_are_never_on_the_wrong_side(bound, truths):
    side = 1 if bound in UPPER else -1
    for case, truth in zip(CASES, truths, strict=True):
        slack = side * (bound(*case) - truth.value)
        assert (slack > -1e-9 - truth.error).all()


@pytest.mark.parametrize("beta", [0.1, 0.9])
def test_renyi_bounds_hold_for_every_order(beta, truths):
    for case, truth in zip(CASES, truths, strict=True):
        assert (kl_lower_renyi(*case, beta=beta) < truth.value + 1e-9 + truth.error).all()


def test_any_responsibilities_bound_from_above_and_the_best_are_the_variational(truths):
    for case, truth in zip(CASES, truths, strict=True):
        mixture, kls = case[2], component_kls(*case)
        variational = kl_upper_variational(*case)
        best = mixture.weights * np.exp(kls.min(-1, keepdims=True) - kls)
        best /= best.sum(-1, keepdims=True)
        assert kl_upper_responsibilities(*case, best) == pytest.approx(variational, rel=1e-9)
        assert kl_upper_responsibilities(*case, mixture.weights) == pytest.approx(
            kl_upper_convexity(*case), rel=1e-9
        )
        some = kl_upper_responsibilities(*case, rng(3).dirichlet(np.ones(mixture.size)))
        assert (some > truth.value - 1e-9 - truth.error).all()
        for other in (some, kl_upper_convexity(*case), kl_upper_matched(*case)):
            assert (other > variational - 1e-9).all()


APPROXIMATIONS = [kl_approx_moment_match, kl_approx_unscented, kl_approx_gauss_hermite]


@pytest.mark.parametrize("estimate", [*UPPER, *APPROXIMATIONS])
def test_with_one_component_there_is_a_closed_form(estimate):
    mixture = GaussianMixture([1.0], [[1.0, -1.0]], [[0.5, 2.0]])
    q = ([[0.0, 0.0], [1.0, 2.0]], [1.0, 0.3])
    assert estimate(*q, mixture) == pytest.approx(component_kls(*q, mixture)[:, 0], rel=1e-9)


@pytest.mark.parametrize("bound", [kl_upper_variational, kl_lower_product])
def test_bounds_close_as_q_narrows(bound):
    gaps = []
    for std in (0.3, 0.1, 0.03, 0.01):
        q = ([0.8], [std])
        gaps.append(
            abs(bound(*q, GaussianMixture(*LINE)) - kl_quadrature(*q, GaussianMixture(*LINE)).value)
        )
    assert gaps[-1] < 1e-3
    assert (np.array(gaps[:-1]) > 5 * np.array(gaps[1:])).all()  # with the square of the step


def test_integrals_in_closed_form_are_the_integrals():
    """With one component, the lower bounds are −H(q) − log ∫ q p and −(1/β) log ∫ q^(1−β) p^β."""
    mixture = GaussianMixture([1.0], [[1.0]], [[0.7]])
    mean, std, beta = 0.3, 1.4, 0.3
    z, volume = grid(-20, 20, 20_000, 1)
    log_q = log_density_diagonal(z, mean, 2 * np.log(std))
    log_p = mixture.log_prob(z)
    entropy = -(np.exp(log_q) * log_q).sum() * volume
    product = -entropy - np.log(np.exp(log_q + log_p).sum() * volume)
    renyi = -np.log(np.exp((1 - beta) * log_q + beta * log_p).sum() * volume) / beta
    assert kl_lower_product([mean], [std], mixture) == pytest.approx(product, rel=1e-9)
    assert kl_lower_renyi([mean], [std], mixture, beta) == pytest.approx(renyi, rel=1e-9)


def test_between_the_modes_all_stand_apart():
    mixture = GaussianMixture([0.5, 0.5], [[-2.0], [2.0]], [[0.5], [0.5]])
    q = ([0.0], [0.5])
    truth = kl_quadrature(*q, mixture).value
    assert truth == pytest.approx(by_quad(0.0, 0.5, mixture), abs=1e-8)
    assert truth == pytest.approx(5.42, abs=0.005)
    assert kl_upper_variational(*q, mixture) - truth == pytest.approx(2.58, abs=0.005)
    assert kl_lower_product(*q, mixture) - truth == pytest.approx(-1.57, abs=0.005)
    assert kl_approx_unscented(*q, mixture) - truth == pytest.approx(-0.73, abs=0.005)
    assert kl_approx_gauss_hermite(*q, mixture) - truth == pytest.approx(-0.018, abs=0.0005)


def test_the_matched_gaussian_has_the_moments_of_the_samples():
    mixture = GaussianMixture(*PLANE)  # its coordinates are correlated
    samples = mixture.sample(200_000, rng(4))
    expected = kl_multivariate([0, 1], np.diag([0.25, 4]), samples.mean(0), np.cov(samples.T))
    assert kl_approx_moment_match([0, 1], [0.5, 2], mixture) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("approximation", APPROXIMATIONS)
def test_what_is_called_an_approximation_is_no_bound(approximation, truths):
    gaps = [approximation(*case) - truth.value for case, truth in zip(CASES, truths, strict=True)]
    gaps = np.concatenate(gaps)
    assert gaps.min() < -1e-3 and gaps.max() > 1e-3


def test_more_nodes_come_nearer(truths):
    def worst(nodes):
        return max(
            abs(kl_approx_gauss_hermite(*case, nodes=nodes) - truth.value).max()
            for case, truth in zip(CASES[:30], truths, strict=False)
        )

    assert worst(320) < worst(20) / 5


def test_monte_carlo_errors_are_calibrated():
    z = []
    for seed, (mean_q, std_q, mixture) in enumerate(CASES):
        truth = kl_quadrature(mean_q[:4], std_q[:4], mixture).value
        for i in range(4):
            estimate = kl_monte_carlo(mean_q[i], std_q[i], mixture, 1_000, rng([seed, i]))
            z.append((estimate.value - truth[i]) / estimate.standard_error)
    z = np.array(z)
    assert abs(z).max() < 4
    assert 0.03 < (abs(z) > 2).mean() < 0.07  # a normal variable: 0.046
    assert abs(z.mean()) < 0.15
    assert 0.9 < z.std() < 1.1


@pytest.mark.parametrize("parameters", [LINE, PLANE])
def test_gradients_through_the_draws_are_unbiased(parameters):
    """z = μ + σ ⊙ ε, differentiated draw by draw, against differences of the quadrature."""
    mixture = GaussianMixture(*parameters)
    n, draws, step = mixture.dimensions, 40_000, 1e-3
    generator = torch.Generator().manual_seed(0)
    for mean, std in ((0.2, 0.5), (-1.0, 1.5)):
        q = np.full(2 * n, mean)
        q[n:] = std
        each = torch.tensor(q).expand(draws, 2 * n).clone().requires_grad_()
        noise = torch.randn(draws, n, generator=generator, dtype=torch.float64)
        z = each[:, :n] + each[:, n:] * noise
        log_q = Normal(each[:, :n], each[:, n:]).log_prob(z).sum(-1)
        (log_q - to_torch(mixture).log_prob(z)).sum().backward()
        error = each.grad.std(0) / draws**0.5
        shifts = step * np.eye(2 * n)
        ahead, behind = (
            kl_quadrature((q + sign * shifts)[:, :n], (q + sign * shifts)[:, n:], mixture).value
            for sign in (1, -1)
        )
        z_scores = (each.grad.mean(0).numpy() - (ahead - behind) / (2 * step)) / error.numpy()
        assert abs(z_scores).max() < 4


def test_the_examples_in_the_docstrings_hold():
    for module in (mixture_module, mixture_bounds):
        assert doctest.testmod(module).failed == 0
