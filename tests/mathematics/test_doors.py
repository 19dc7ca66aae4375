"""What people hand in: arrays of all libraries, transforms, covariances from data, infinities.

Each of these has failed once, or was taken for something else.
"""

import tracemalloc

import array_api_strict
import mpmath as mp
import numpy as np
import pytest
import torch
from torch.func import grad, hessian, jacfwd, jacrev, jvp, vmap

from kl_utils import gaussian
from kl_utils._checks import in_parts
from kl_utils.estimators import kl_terms
from kl_utils.evidence import LinearGaussianModel
from kl_utils.expectation import estimate_mean
from kl_utils.mixture import GaussianMixture
from kl_utils.mixture_bounds import (
    component_kls,
    kl_approx_gauss_hermite,
    kl_lower_renyi,
    kl_monte_carlo,
    kl_quadrature,
    kl_upper_convexity,
    kl_upper_responsibilities,
)
from tests.mathematics import references
from tests.mathematics.fuzz_calls import Table
from tests.mathematics.fuzz_models import log_evidence, log_sum, log_terms
from tests.mathematics.gaussian_cases import covariance, single_threaded


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    with single_threaded():
        yield


def drawn(seed=0):
    """Means, stds and covariances for a batch of five in three dimensions."""
    rng = np.random.default_rng(seed)
    means = rng.normal(size=(4, 5, 3))
    covs = np.stack([covariance(rng, 3, 10) for _ in range(10)]).reshape(2, 5, 3, 3)
    return means, np.exp(means), covs


MEANS, STDS, COVS = drawn()
KL_ARGUMENTS = (MEANS[0], STDS[0], MEANS[1], STDS[1])
FUNCTIONS = {
    "kl_normal": (gaussian.kl_normal, KL_ARGUMENTS),
    "log_density_normal": (gaussian.log_density_normal, (MEANS[0], MEANS[1], STDS[0])),
    "cross_entropy_normal": (gaussian.cross_entropy_normal, KL_ARGUMENTS),
    "entropy_normal": (gaussian.entropy_normal, (STDS[0],)),
    "kl_diagonal to N(0, I)": (gaussian.kl_diagonal, (MEANS[0], MEANS[1])),
    "kl_diagonal": (gaussian.kl_diagonal, tuple(MEANS)),
    "log_density_diagonal": (gaussian.log_density_diagonal, tuple(MEANS[:3])),
    "cross_entropy_diagonal": (gaussian.cross_entropy_diagonal, tuple(MEANS)),
    "entropy_diagonal": (gaussian.entropy_diagonal, (MEANS[0],)),
    "kl_multivariate": (gaussian.kl_multivariate, (MEANS[0], COVS[0], MEANS[1], COVS[1])),
    "kl_multivariate, close": (
        gaussian.kl_multivariate,
        (MEANS[0], COVS[0], MEANS[0] + 1e-3, 1.001 * COVS[0]),
    ),
    "log_density_multivariate": (
        gaussian.log_density_multivariate,
        (MEANS[0], MEANS[1], COVS[0]),
    ),
    "cross_entropy_multivariate": (
        gaussian.cross_entropy_multivariate,
        (MEANS[0], COVS[0], MEANS[1], COVS[1]),
    ),
    "entropy_multivariate": (gaussian.entropy_multivariate, (COVS[0],)),
    "k1": (lambda t: kl_terms(t, "k1"), (MEANS[0],)),
    "k2": (lambda t: kl_terms(t, "k2"), (MEANS[0],)),
    "k3": (lambda t: kl_terms(t, "k3"), (MEANS[0],)),
}
# What torch's own transforms warn of, in torch's own code.
_torch_warns = pytest.mark.filterwarnings(
    "ignore:.*(lru_cache|torch.jit.script|should not be instantiated):Warning"
)
each_function = pytest.mark.parametrize(("function", "arrays"), FUNCTIONS.values(), ids=FUNCTIONS)


# --- other libraries, and tables -----------------------------------------------------------------


@each_function
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_arrays_of_another_library_give_answers_of_that_library(function, arrays, dtype):
    arrays = [array.astype(dtype) for array in arrays]
    answer = function(*map(array_api_strict.asarray, arrays))
    assert type(answer) is type(array_api_strict.asarray(0.0))
    assert answer.dtype == getattr(array_api_strict, dtype)
    tolerance = {"float64": 1e-13, "float32": 1e-5}[dtype]
    np.testing.assert_allclose(np.from_dlpack(answer), function(*arrays), rtol=tolerance, atol=1e-7)


def test_a_library_that_answers_nan_for_no_factor_is_understood(monkeypatch):
    cholesky = array_api_strict.linalg.cholesky

    def as_jax_does(matrix):
        try:
            return cholesky(matrix)
        except np.linalg.LinAlgError:
            return matrix * float("nan")

    monkeypatch.setattr(array_api_strict.linalg, "cholesky", as_jax_does)
    indefinite = array_api_strict.asarray([[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(ValueError, match=r"cov: expected .* smallest eigenvalue -1"):
        gaussian.entropy_multivariate(indefinite)


def test_what_lies_on_a_device_stays_there():
    there = array_api_strict.Device("device1")
    mean = array_api_strict.asarray([0.3, 1.0], device=there)
    assert gaussian.kl_normal(mean, 2.0).device == there


@each_function
def test_tables_and_lists_are_their_values(function, arrays):
    expected = function(*arrays)
    np.testing.assert_array_equal(function(*map(Table, arrays)), expected)
    np.testing.assert_array_equal(function(*(array.tolist() for array in arrays)), expected)


def test_lists_adapt_to_the_arrays_beside_them():
    ones = torch.ones(2, requires_grad=True)
    assert gaussian.kl_normal(ones, [1.0, 2]).dtype == torch.float32
    assert gaussian.kl_multivariate([0, 1], 2 * torch.eye(2), 0, torch.eye(2)).ndim == 0
    strict = gaussian.kl_normal(array_api_strict.ones(2), [1, 2])
    assert strict.dtype == array_api_strict.float64


@pytest.mark.parametrize(
    "convert", [Table, array_api_strict.asarray, torch.as_tensor, np.ndarray.tolist]
)
def test_modules_that_compute_in_numpy_take_all_of_them(convert):
    means, z = np.array([[0.0], [1.0]]), np.array([[0.3], [2.0]])
    expected = GaussianMixture([0.5, 0.5], means, np.ones((2, 1))).log_prob(z)
    mixture = GaussianMixture([0.5, 0.5], convert(means), convert(np.ones((2, 1))))
    np.testing.assert_array_equal(mixture.log_prob(convert(z)), expected)
    model = LinearGaussianModel(convert(means))
    assert model.log_evidence(convert(np.ones(2))) == LinearGaussianModel(means).log_evidence(
        [1, 1]
    )


def test_two_libraries_are_told_apart():
    with pytest.raises(
        TypeError, match=r"one library, got other arrays \(mean_q\) and NumPy arrays"
    ):
        gaussian.kl_normal(array_api_strict.ones(2), np.ones(2))
    with pytest.raises(TypeError, match=r"torch tensors \(std_q\) and other arrays \(mean_q\)"):
        gaussian.kl_normal(array_api_strict.ones(2), torch.ones(2))


def test_numbers_of_all_kinds_count():
    from fractions import Fraction

    for one in (1, 1.0, Fraction(1), np.float32(1), np.int8(1), np.longdouble(1)):
        assert gaussian.kl_normal(one, one) == 0.5
    double = np.eye(2, dtype=np.longdouble)
    assert gaussian.kl_multivariate(0, 2 * double, 0, double) == pytest.approx(1 - np.log(2))
    with pytest.raises(ValueError, match="mean_q: expected a number within the range of floats"):
        gaussian.kl_normal(10**400, 1.0)


def test_events_are_true_or_false_in_any_library():
    for events in ([True, False], np.array([1, 0], bool), torch.tensor([True, False])):
        assert estimate_mean(events).value == 0.5
    with pytest.raises(TypeError, match="draws: expected real numbers"):
        estimate_mean([True, 0.3])


# --- transforms of torch -------------------------------------------------------------------------


def tensors(arrays):
    return [torch.as_tensor(array) for array in arrays]


@each_function
def test_vmap_is_the_batch(function, arrays):
    torch.testing.assert_close(vmap(function)(*tensors(arrays)), function(*tensors(arrays)))


def test_vmap_runs_over_one_argument_and_twice():
    mean, std = tensors((MEANS[0], STDS[0]))
    once = vmap(gaussian.kl_normal, in_dims=(0, None))(mean, std[0])
    torch.testing.assert_close(once, gaussian.kl_normal(mean, std[0]))
    torch.testing.assert_close(
        vmap(vmap(gaussian.kl_normal))(mean, std), gaussian.kl_normal(mean, std)
    )


@_torch_warns
@each_function
def test_derivatives_by_transforms_are_those_of_backward(function, arrays):
    first = [tensor[0] for tensor in tensors(arrays)]
    leaves = [tensor.clone().requires_grad_() for tensor in first]
    expected = torch.autograd.grad(function(*leaves).sum(), leaves)
    every = tuple(range(len(first)))

    def summed(*values):
        return function(*values).sum()

    for transform in (grad, jacrev, jacfwd):
        found = transform(summed, argnums=every)(*first)
        for ours, theirs in zip(found, expected, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)
    directions = [
        gradient + gradient.mT if gradient.ndim == 2 else gradient for gradient in expected
    ]
    _, along = jvp(summed, tuple(first), tuple(directions))
    products = [(a * b).sum() for a, b in zip(expected, directions, strict=True)]
    torch.testing.assert_close(along, sum(products), rtol=1e-10, atol=1e-12)


@_torch_warns
@each_function
def test_second_derivatives_are_differences_of_first_ones(function, arrays):
    first = [tensor[0] for tensor in tensors(arrays)]
    if first[0].ndim == 2:
        pytest.skip("finite differences leave the symmetric matrices")

    def of_first(x):
        return function(x, *first[1:]).sum()

    found, step = hessian(of_first)(first[0]), 1e-5
    differences = [
        (grad(of_first)(first[0] + step * e) - grad(of_first)(first[0] - step * e)) / (2 * step)
        for e in torch.eye(len(first[0]), dtype=torch.float64)
    ]
    torch.testing.assert_close(found, torch.stack(differences), rtol=1e-6, atol=1e-6)


def test_a_gradient_for_each_example():
    mean, log_var = tensors(MEANS[:2])
    each = vmap(grad(gaussian.kl_diagonal, argnums=(0, 1)))(mean, log_var)
    torch.testing.assert_close(each[0], mean)
    torch.testing.assert_close(each[1], 0.5 * torch.expm1(log_var))


@pytest.mark.long
@_torch_warns
@each_function
def test_compiles_into_one_graph(function, arrays):
    compiled = torch.compile(function, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(*tensors(arrays)), function(*tensors(arrays)))
    torch._dynamo.reset()


def test_where_there_are_no_values_nothing_is_checked():
    negative = -torch.as_tensor(STDS[0])
    assert bool(torch.isnan(vmap(gaussian.kl_normal)(negative, negative)).any())
    meta = torch.empty(3, device="meta")
    assert gaussian.kl_normal(meta, meta).is_meta
    with pytest.raises(ValueError, match="std_q: expected positive"):  # grad knows them
        grad(lambda std: gaussian.kl_normal(0.0, std).sum())(negative)
    with pytest.raises(ValueError, match="cov: expected symmetric positive definite matrices"):
        vmap(gaussian.entropy_multivariate)(-torch.as_tensor(COVS[0]))
    with pytest.raises(TypeError, match="z: expected an array with values in the CPU's memory"):
        vmap(GaussianMixture([1.0], [[0.0]], [[1.0]]).log_prob)(torch.ones(2, 1))


# --- covariances from data -----------------------------------------------------------------------


def samples_in_a_plane(rng, n):
    """Too few samples for n dimensions, and samples with a coordinate twice, or a sum of others."""
    samples = rng.normal(size=(max(3, 2 * n), n))
    yield samples[:n]
    yield np.c_[samples[:, :-1], -3.7 * samples[:, 0]]
    yield np.c_[samples[:, :-1], samples[:, :-1].sum(1)]


@pytest.mark.parametrize("n", [2, 3, 7, 30])
def test_singular_covariances_are_refused_in_any_units_order_and_turn(n):
    rng = np.random.default_rng(n)
    for _ in range(20):
        for samples in samples_in_a_plane(rng, n):
            units, order = 10.0 ** rng.uniform(-8, 8, n), rng.permutation(n)
            turn, _ = np.linalg.qr(rng.normal(size=(n, n)))
            for same in (samples, samples * units, samples[:, order], samples @ turn, samples + 9):
                with pytest.raises(
                    ValueError, match=r"^cov: expected .*, or add a multiple of I\)"
                ):
                    gaussian.entropy_multivariate(np.cov(same.T))


@pytest.mark.parametrize("n", [2, 3, 7, 30])
def test_what_the_message_advises_helps(n):
    rng = np.random.default_rng(n)
    for cov in (np.cov(samples.T) for samples in samples_in_a_plane(rng, n)):
        shrunk = 0.9 * cov + 0.1 * np.diag(np.diagonal(cov))
        lifted = cov + 1e-6 * np.diagonal(cov).mean() * np.eye(n)
        for helped in (shrunk, lifted):
            assert np.isfinite(gaussian.entropy_multivariate(helped))
    with pytest.raises(ValueError, match=r"cov_p: .* coordinate [01] the others determine but for"):
        gaussian.kl_multivariate(0, np.eye(2), 0, [[1.0, 1.0], [1.0, 1.0 + 2e-15]])


def test_regular_covariances_are_taken_however_ill_conditioned():
    rng = np.random.default_rng(0)
    for n in (2, 5, 20):
        for condition in (1e3, 1e8, 1e11):
            assert np.isfinite(gaussian.entropy_multivariate(covariance(rng, n, condition)))
    assert np.isfinite(gaussian.entropy_multivariate(np.diag([1e-300, 1.0, 1e300])))


def test_rounding_explains_more_asymmetry_in_more_dimensions():
    rng = np.random.default_rng(0)
    samples = rng.normal(size=(200, 50)) @ rng.normal(size=(50, 50))
    inverse = np.linalg.inv(np.cov(samples.T))
    assert (inverse != inverse.T).any()
    expected = -gaussian.entropy_multivariate(np.cov(samples.T)) + 50 * (1 + np.log(2 * np.pi))
    assert gaussian.entropy_multivariate(inverse) == pytest.approx(expected, rel=1e-9)
    single = np.linalg.inv(np.cov(samples.T).astype(np.float32))
    assert np.isfinite(gaussian.entropy_multivariate(single))


@pytest.mark.parametrize("dtype", [np.float16, torch.float16, torch.bfloat16])
def test_covariances_in_half_precision_are_taken(dtype):
    rng = np.random.default_rng(0)
    axes = np.linalg.qr(rng.normal(size=(10, 10)))[0].astype(np.float16)
    cov = (axes * np.linspace(1, 3, 10).astype(np.float16)) @ axes.T  # rounded in float16
    assert (cov != cov.T).any()
    cov = cov if dtype is np.float16 else torch.as_tensor(cov).to(dtype)
    assert float(gaussian.kl_multivariate(0, cov, 0, cov)) == 0
    assert np.isfinite(float(gaussian.entropy_multivariate(cov)))


def test_more_than_rounding_is_asymmetric_and_the_message_says_what_helps():
    for n in (2, 50, 400):
        cov = np.eye(n)
        cov[0, 1] = 1e-2 + 1e-3
        with pytest.raises(ValueError, match=r"hand in \(cov \+ cov.T\) / 2\), got 0.011 at index"):
            gaussian.entropy_multivariate(cov)
        assert np.isfinite(gaussian.entropy_multivariate((cov + cov.T) / 2))


# --- infinities, and the ends of the range -------------------------------------------------------

INF = np.inf


@pytest.mark.parametrize("convert", [np.float64, torch.tensor])
@pytest.mark.parametrize(
    ("function", "arguments", "limit"),
    [
        (gaussian.kl_diagonal, (0.0, INF), INF),
        (gaussian.kl_diagonal, (0.0, -INF), INF),
        (gaussian.kl_diagonal, (0.0, 0.0, 0.0, INF), INF),
        (gaussian.kl_diagonal, (0.0, 0.0, 0.0, -INF), INF),
        (gaussian.kl_diagonal, (1.0, INF, 1.0, INF), 0.0),
        (gaussian.kl_diagonal, (1.0, -INF, 1.0, -INF), 0.0),
        (gaussian.kl_diagonal, (INF, 0.0), INF),
        (gaussian.kl_diagonal, (INF, 0.0, -INF, 0.0), INF),
        (gaussian.log_density_diagonal, (1.0, 0.0, INF), -INF),
        (gaussian.log_density_diagonal, (1.0, 0.0, -INF), -INF),
        (gaussian.log_density_diagonal, (0.0, 0.0, -INF), INF),
        (gaussian.log_density_diagonal, (INF, 0.0, 0.0), -INF),
        (gaussian.log_density_normal, (-INF, 0.0, 1.0), -INF),
        (gaussian.log_density_multivariate, ([INF, 0.0], [0.0, 0.0], np.eye(2)), -INF),
        (gaussian.entropy_diagonal, (INF,), INF),
        (gaussian.entropy_diagonal, (-INF,), -INF),
        (gaussian.cross_entropy_diagonal, (0.0, 0.0, 0.0, INF), INF),
        (gaussian.cross_entropy_diagonal, (0.0, 0.0, 0.0, -INF), INF),
        (gaussian.cross_entropy_diagonal, (0.0, INF, 0.0, INF), INF),
        (gaussian.cross_entropy_diagonal, (0.0, -INF, 0.0, -INF), -INF),
        (lambda t: kl_terms(t, "k1"), (INF,), -INF),
        (lambda t: kl_terms(t, "k2"), (-INF,), INF),
        (lambda t: kl_terms(t, "k3"), (INF,), INF),
        (lambda t: kl_terms(t, "k3"), (-INF,), INF),
    ],
)
def test_infinite_arguments_give_limits(function, arguments, limit, convert):
    if convert is torch.tensor:
        arguments = [torch.as_tensor(np.float64(value)) for value in arguments]
    assert float(function(*arguments)) == limit


@pytest.mark.parametrize("name", ["std_q", "std_p", "mean_q", "mean_p"])
@pytest.mark.parametrize("bad", [INF, -INF, np.nan])
def test_what_is_no_gaussian_is_refused_also_where_q_is_p(name, bad):
    arguments = {"mean_q": 0.0, "std_q": 1.0, "mean_p": 0.0, "std_p": 1.0}
    with pytest.raises(ValueError, match=f"^{name}: "):
        gaussian.kl_normal(**arguments | {name: bad})
    both = {other: bad for other in arguments if other[:3] == name[:3]}
    with pytest.raises(ValueError, match=f"^{name[:-1]}q: "):
        gaussian.kl_normal(**arguments | both)


@pytest.mark.parametrize("function", [gaussian.kl_normal, gaussian.cross_entropy_normal])
def test_two_wrong_signs_do_not_make_a_right(function):
    with pytest.raises(ValueError, match=r"std_q: expected positive finite numbers, got -1\.0"):
        function(0.0, -1.0, 0.0, -2.0)
    with pytest.raises(ValueError, match=r"std_q: expected positive finite numbers, got -1\.0"):
        function(0.0, -1.0, 0.0, 1.0)


def test_differences_may_leave_the_range_where_results_do_not():
    assert gaussian.kl_normal(1e308, 1e308, -1e308, 1e308) == pytest.approx(2.0)
    expected = -2 - np.log(1e308) - np.log(2 * np.pi) / 2
    assert gaussian.log_density_normal(1e308, -1e308, 1e308) == pytest.approx(expected)


def test_scales_may_leave_the_range_where_results_do_not():
    z, log_var = np.float32([2e-31]), np.float32([-312.0])  # exp(156) is beyond float32
    assert gaussian.log_density_diagonal(z, np.float32(0), log_var) == -np.inf
    far, wide = np.array([1e300]), np.array([1500.0])  # exp(−750) is below float64
    truth = references.kl_diagonal(1e300, 1500.0, 0.0, 1500.0)
    assert references.relative_error(gaussian.kl_diagonal(far, wide, 0.0, wide), truth) < 1e-12


# --- the linear-Gaussian model -------------------------------------------------------------------


@pytest.mark.parametrize("tau", [1.0, 1e-3, 1e-6, 1e-8])
@pytest.mark.parametrize("shape", [(3, 2), (2, 4), (8, 3)])
def test_a_small_noise_keeps_its_digits(shape, tau):
    rng = np.random.default_rng(0)
    for _ in range(5):
        weight, bias = rng.normal(size=shape), rng.normal(size=shape[0])
        model = LinearGaussianModel(weight, bias, tau)
        x = model.sample(1, rng)[0][0]
        truth = log_evidence(weight, bias, tau, x)
        assert float(abs(model.log_evidence(x) - truth)) < 1e-13 * max(10, abs(float(truth)))
        if tau < 1e-7 and shape[0] < shape[1]:  # that covariance is singular for a computer
            continue
        mean, cov = model.posterior(x)
        assert model.exact_elbo(mean, cov, x) - model.log_evidence(x) < 1e-12
        for _ in range(5):
            mean_q = mean + tau * rng.normal(size=mean.shape)
            assert model.exact_elbo(mean_q, 1.5 * cov, x) < model.log_evidence(x)


def test_the_evidence_of_a_doubled_column():
    rng = np.random.default_rng(0)
    column, tau = rng.normal(size=(4, 1)), 1e-6
    weight = np.hstack([column, 2 * column])
    model = LinearGaussianModel(weight, noise_std=tau)
    x = model.sample(1, rng)[0][0]
    truth = log_evidence(weight, np.zeros(4), tau, x)
    assert float(abs(model.log_evidence(x) - truth)) < 1e-12


# --- mixtures: accuracy, range and memory --------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 1e-4, 1e-12, 1e6])
@pytest.mark.parametrize("far", [1.0, 1e3, 1e8, 1e100])
def test_a_mixture_is_accurate_far_out_and_at_any_scale(scale, far):
    rng = np.random.default_rng(0)
    mixture = GaussianMixture(
        [0.2, 0.5, 0.3], rng.normal(size=(3, 4)), scale * rng.uniform(1, 2, (3, 4))
    )
    for z in far * rng.normal(size=(5, 4)):
        with mp.workdps(60):
            truth = log_sum(log_terms(mixture, z))
        assert references.relative_error(mixture.log_prob(z), truth) < 1e-13


def test_responsibilities_where_all_densities_overflow_are_refused():
    mixture = GaussianMixture([0.5, 0.5], [[0.0], [1.0]], [[1.0], [1.0]])
    assert mixture.log_prob([1e200]) == -np.inf
    with pytest.raises(ValueError, match="z: expected points at which a log-density is within"):
        mixture.responsibilities([[0.0], [1e200]])


def test_bounds_at_the_ends_of_the_range_are_numbers():
    tiny = GaussianMixture([0.5, 0.5], [[0.0], [0.0]], [[1e-200], [1e-200]])
    assert kl_lower_renyi([0.0], [1e-200], tiny) == pytest.approx(-np.log(2))
    never = GaussianMixture([0.0, 1.0], [[1e200], [0.0]], [[1.0], [1.0]])
    assert component_kls([0.0], [1.0], never).tolist() == [INF, 0.0]
    assert kl_upper_convexity([0.0], [1.0], never) == 0
    assert kl_upper_responsibilities([0.0], [1.0], never, [0.0, 1.0]) == 0


def test_a_rule_of_nodes_that_would_overflow_is_refused():
    mixture = GaussianMixture([1.0], [[0.0]], [[1.0]])
    with pytest.raises(ValueError, match="nodes: expected nodes ≤ 320"):
        kl_approx_gauss_hermite([0.0], [1.0], mixture, nodes=500)  # NumPy's weights are NaN there
    assert kl_approx_gauss_hermite([1.0], [1.0], mixture, nodes=320) == pytest.approx(0.5)


def peak_memory(function):
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def many_components(size=500):
    rng = np.random.default_rng(0)
    means, stds = 3 * rng.normal(size=(size, 2)), np.full((size, 2), 0.8)
    return GaussianMixture(np.full(size, 1 / size), means, stds)


@pytest.mark.long
def test_quadrature_and_bounds_take_little_memory_for_any_number_of_components():
    mixture, means = many_components(), np.zeros((20_000, 2))
    assert peak_memory(lambda: kl_quadrature([0.0, 0.0], [2.0, 2.0], mixture)) < 200e6
    results = 20_000 * 500 * 8
    assert peak_memory(lambda: component_kls(means, [1.0, 1.0], mixture)) < 2 * results + 200e6


def test_parts_are_the_whole():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(1_000, 3))
    whole = in_parts(np.exp, 3, rows)
    np.testing.assert_array_equal(in_parts(np.exp, 2**17, rows), whole)


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (
            lambda: gaussian.kl_normal(np.zeros((10**6, 1)), np.ones((1, 10**6))),
            "mean_q, std_q, mean_p, std_p",
        ),
        (
            lambda: gaussian.kl_diagonal(torch.zeros(10**5, 1, 40), torch.zeros(1, 10**5, 40)),
            "mean_q, log_var_q",
        ),
        (
            lambda: kl_upper_convexity(
                np.zeros((10**7, 1, 2)), np.ones((10**6, 2)), many_components(2)
            ),
            "mean_q, std_q",
        ),
        (
            lambda: gaussian.kl_multivariate(
                np.zeros(3),
                np.broadcast_to(np.eye(3), (10**6, 1, 3, 3)),
                0,
                np.broadcast_to(np.eye(3), (10**6, 3, 3)),
            ),
            "mean_q, cov_q, mean_p, cov_p",
        ),
        (lambda: many_components(2).sample(10**12, np.random.default_rng(0)), "n"),
        (
            lambda: kl_monte_carlo(
                [0, 0], [1, 1], many_components(2), 10**12, np.random.default_rng(0)
            ),
            "samples",
        ),
        (lambda: LinearGaussianModel([[1.0]]).sample(10**12, np.random.default_rng(0)), "count"),
    ],
)
def test_memory_is_looked_at_before_it_is_taken(call, names):
    def refused():
        with pytest.raises(ValueError, match=f"^{names}: expected what fits into .* GiB, half of"):
            call()

    assert peak_memory(refused) < 500e6
