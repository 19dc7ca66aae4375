"""Random calls of what takes matrices, mixtures, models, draws and integrands.

References are slow and plain: 110 digits for matrices, 50 for mixtures and the linear-Gaussian
model, sums written out for estimates, closed forms for integrals.
"""

import math

import mpmath as mp
import numpy as np
import torch

from kl_utils import evidence, expectation, gaussian, mixture_bounds
from kl_utils.estimators import estimate_kl
from kl_utils.mixture import GaussianMixture
from tests.mathematics import references
from tests.mathematics.fuzz_calls import BAD, KINDS, Call, as_floats, dressed
from tests.mathematics.gaussian_cases import covariance


def near(truth, rel, floor=0.0):
    """A check that an answer is the truth to within a share of it, or of `floor`."""

    def check(answer):
        if isinstance(answer, tuple):  # an Estimate or a Quadrature
            answer = np.float64(answer[0])
        values, eps, _ = as_floats(answer)
        for value, exact in zip(np.ravel(values), np.ravel(truth), strict=True):
            allowed = (rel + 4 * eps) * max(abs(float(exact)), floor)
            if not abs(float(mp.mpf(float(value)) - exact)) <= allowed + 1e-300:
                return f"{value!r} for {mp.nstr(mp.mpf(exact), 17)}"
        return None

    return check


def spoilt(rng, function, arguments, names):
    """The call, or in one of 8 cases with one argument that is no array of numbers."""
    if rng.random() < 0.12:
        name = str(rng.choice(names))
        return Call(function, arguments | {name: BAD[rng.integers(len(BAD))]}, "no number")
    return None


# --- full covariances ----------------------------------------------------------------------------

FAULTS = ("indefinite", "singular", "asymmetric", "NaN", "infinite", "shape")


def at_fault(rng, cov, fault):
    """The matrix with a fault for which it has to be refused."""
    n, cov = len(cov), cov.copy()
    if fault == "indefinite":
        cov[0, 0] = -cov[0, 0]
    elif fault == "singular":  # as np.cov of too few samples, in units of any size
        samples = rng.normal(size=(max(2, n), n)) * 10.0 ** rng.uniform(-5, 5, n)
        cov = np.cov(samples[:n].T).reshape(n, n) if n > 1 else np.zeros((1, 1))
    elif fault == "asymmetric":
        cov[0, -1] += 0.2 * abs(cov).max() if n > 1 else np.nan
    elif fault in ("NaN", "infinite"):
        cov[-1, 0] = cov[0, -1] = np.nan if fault == "NaN" else np.inf
    return cov[:, :-1] if fault == "shape" else cov


def a_multivariate_form(rng):
    n, condition = int(rng.integers(1, 5)), 10.0 ** rng.uniform(0, 6)
    mean_q, mean_p = rng.normal(size=(2, n))
    cov_q, cov_p = (covariance(rng, n, condition) * 10.0 ** rng.uniform(-2, 2) for _ in range(2))
    if rng.random() < 0.3:
        cov_p, mean_p = cov_q * (1 + 10.0 ** rng.uniform(-12, -1)), mean_q + 1e-6
    names = {
        "kl_multivariate": ("mean_q", "cov_q", "mean_p", "cov_p"),
        "cross_entropy_multivariate": ("mean_q", "cov_q", "mean_p", "cov_p"),
        "log_density_multivariate": ("z", "mean", "cov"),
        "entropy_multivariate": ("cov",),
    }
    name = str(rng.choice([*names]))
    values = {"mean_q": mean_q, "cov_q": cov_q, "mean_p": mean_p, "cov_p": cov_p}
    values |= {"z": mean_q, "mean": mean_p, "cov": cov_p}
    values = {parameter: values[parameter] for parameter in names[name]}
    reason = None
    if rng.random() < 0.3:
        reason = str(rng.choice(FAULTS))
        victim = str(rng.choice([p for p in values if "cov" in p]))
        values[victim] = at_fault(rng, values[victim], reason)
    kind, dtype = str(rng.choice([k for k in KINDS if k != "number"])), "float64"
    if condition < 100 and not reason and rng.random() < 0.3:
        dtype = "float32"
    exact, arguments = {}, {}
    for parameter, array in values.items():
        arguments[parameter], _, exact[parameter] = dressed(rng, array, kind, dtype)
    function = getattr(gaussian, name)
    bad = spoilt(rng, function, arguments, names[name])
    if bad or reason:
        return bad or Call(function, arguments, reason)
    truth = {
        "kl_multivariate": references.kl_multivariate,
        "cross_entropy_multivariate": cross_entropy,
        "log_density_multivariate": references.log_density_multivariate,
        "entropy_multivariate": entropy,
    }[name](*(symmetric(array) for array in exact.values()))
    return Call(function, arguments, None, near(truth, 2e-13, 0.0 if name[0] == "k" else 1.0))


def symmetric(array):
    return (array + array.T) / 2 if array.ndim == 2 else array


def entropy(cov):
    zero = np.zeros(len(cov))
    return mp.mpf(len(cov)) / 2 - references.log_density_multivariate(zero, zero, cov)


def cross_entropy(mean_q, cov_q, mean_p, cov_p):
    return entropy(cov_q) + references.kl_multivariate(mean_q, cov_q, mean_p, cov_p)


# --- mixtures ------------------------------------------------------------------------------------


def a_mixture(rng, n):
    size, narrow = int(rng.integers(1, 4)), 10.0 ** rng.choice([0, 0, -3, -8])
    weights = rng.dirichlet(np.ones(size))
    means, stds = rng.normal(size=(2, size, n))
    return GaussianMixture(weights, 3 * means, (abs(stds) + 0.3) * narrow)


def log_terms(mixture, z):
    """log π_k + log p_k(z), in 50 digits."""
    with mp.workdps(50):
        return [
            mp.log(mp.mpf(float(w)))
            - mp.fsum(
                ((mp.mpf(float(x)) - float(m)) / float(s)) ** 2 / 2
                + mp.log(float(s))
                + mp.log(2 * mp.pi) / 2
                for x, m, s in zip(z, mean, std, strict=True)
            )
            for w, mean, std in zip(mixture.weights, mixture.means, mixture.stds, strict=True)
        ]


def log_sum(terms):
    top = max(terms)
    return top + mp.log(mp.fsum(mp.exp(t - top) for t in terms))


def a_density_of_a_mixture(rng):
    n = int(rng.integers(1, 4))
    mixture = a_mixture(rng, n)
    z = rng.normal(size=(int(rng.integers(0, 3)), n)) * 10.0 ** rng.choice([0, 0, 3, 8, 200])
    z = z[0] if len(z) == 1 else z
    argument, _, exact = dressed(rng, z, str(rng.choice(KINDS)), "float64")
    name = str(rng.choice(["log_prob", "log_joint", "responsibilities"]))
    function = getattr(mixture, name)
    bad = spoilt(rng, function, {"z": argument}, ["z"])
    if bad:
        return bad
    reason = "a gradient" if getattr(argument, "requires_grad", False) else None
    rows = exact.reshape(-1, n)
    terms = [log_terms(mixture, row) for row in rows]
    beyond = any(max(map(float, t)) < -1.7e308 for t in terms)
    if name == "responsibilities":
        truth = [[mp.exp(t - log_sum(row)) for t in row] for row in terms]
        floor = max([1.0, *(abs(float(t)) for row in terms for t in row)])
        return Call(
            function, {"z": argument}, reason or beyond * "may" or None, near(truth, 1e-15, floor)
        )
    truth = terms if name == "log_joint" else list(map(log_sum, terms))
    check = near(truth, 1e-14, 1.0 + 30 * n) if not any_beyond(terms) else None
    return Call(function, {"z": argument}, reason, check)


def any_beyond(terms):
    return any(abs(float(t)) > 1e300 for row in terms for t in row)


BOUNDS = (
    "component_kls",
    "kl_upper_convexity",
    "kl_upper_variational",
    "kl_upper_matched",
    "kl_lower_product",
    "kl_lower_renyi",
    "kl_approx_unscented",
    "kl_approx_gauss_hermite",
    "kl_approx_moment_match",
)


def a_bound(rng):
    """Bounds have an order, and those with one component a closed form."""
    n = int(rng.integers(1, 3))
    mixture = a_mixture(rng, n)
    mean_q, std_q = 3 * rng.normal(size=n), 10.0 ** rng.uniform(-2, 1, n)
    fault = str(rng.choice(["", "", "", "", "std", "NaN", "shape", "mixture"]))
    arguments = {"mean_q": mean_q, "std_q": std_q, "mixture": mixture}
    if fault == "std":
        arguments["std_q"] = -std_q
    elif fault == "NaN":
        arguments["mean_q"] = mean_q * np.nan
    elif fault == "shape":
        arguments["mean_q"] = np.ones(n + 1)
    elif fault == "mixture":
        arguments["mixture"] = None
    function = getattr(mixture_bounds, str(rng.choice(BOUNDS)))
    kind = str(rng.choice([k for k in KINDS if k != "number"]))
    for name in ("mean_q", "std_q"):
        arguments[name], _, _ = dressed(rng, arguments[name], kind, "float64")
        fault = fault or "a gradient" * bool(getattr(arguments[name], "requires_grad", False))
    bad = spoilt(rng, function, arguments, ["mean_q", "std_q"])
    if bad or fault:
        return bad or Call(function, arguments, fault)
    kls = [
        mp.fsum(
            references.kl_normal(*map(float, four))
            for four in zip(mean_q, std_q, m, s, strict=True)
        )
        for m, s in zip(mixture.means, mixture.stds, strict=True)
    ]
    # Narrow components far apart may have a covariance that is singular for all one knows.
    reason = "may" if function.__name__ == "kl_approx_moment_match" else None
    return Call(function, arguments, reason, between(function.__name__, kls, mixture))


def between(name, kls, mixture):
    weights = [mp.mpf(float(w)) for w in mixture.weights]
    upper = -log_sum([mp.log(w) - kl for w, kl in zip(weights, kls, strict=True)])
    exact = {
        "component_kls": kls,
        "kl_upper_convexity": mp.fdot(weights, kls),
        "kl_upper_variational": upper,
        "kl_upper_matched": min(kl - mp.log(w) for w, kl in zip(weights, kls, strict=True)),
    }
    if name in exact:
        return near(exact[name], 1e-13, 1.0)

    def check(answer):
        slack = 1e-9 * max(1.0, abs(float(upper)))
        if not np.isfinite(answer) or ("lower" in name and answer > upper + slack):
            return f"{answer} beside the upper bound {upper}"
        if mixture.size == 1 and "lower" not in name:
            return near(kls[0], 1e-9, 1.0)(answer)
        return None

    return check


# --- draws, models, integrands -------------------------------------------------------------------


def an_estimate(rng):
    draws = rng.normal(size=int(rng.integers(0, 6))) * 10.0 ** rng.uniform(-5, 5)
    argument, _, exact = dressed(rng, draws, str(rng.choice(KINDS)), "float64")
    bad = spoilt(rng, expectation.estimate_mean, {"draws": argument}, ["draws"])
    reason = "a gradient" if getattr(argument, "requires_grad", False) else None
    reason = "too few" if len(draws) < 2 else reason
    truth = mp.fsum(map(float, exact)) / max(1, len(exact))
    check = near(truth, 1e-14, float(abs(exact).max(initial=0)))
    return bad or Call(expectation.estimate_mean, {"draws": argument}, reason, check)


RETURNS = (
    None,
    "1",
    1j,
    True,
    np.array([1j]),
    [[1.0], [1.0, 2.0]],
    np.ma.masked_array([1.0, 2.0], [True, False]),
)


def an_estimate_of_a_divergence(rng):
    mean, std, count = rng.normal(), 10.0 ** rng.uniform(-0.2, 0.5), int(rng.integers(2, 9))
    z = mean + std * rng.normal(size=count)
    z = torch.as_tensor(z) if rng.random() < 0.3 else z
    arguments = {
        "log_q": lambda z: gaussian.log_density_normal(z, mean, std),
        "log_p": gaussian.log_density_normal,
        "samples": z,
        "estimator": str(rng.choice(["k1", "k2", "k3"])),
    }
    if rng.random() < 0.2:
        returned = RETURNS[rng.integers(len(RETURNS))]
        arguments[str(rng.choice(["log_q", "log_p"]))] = lambda z: returned
        return Call(estimate_kl, arguments, "no log-densities")
    t = [
        mp.mpf(float(a)) - mp.mpf(float(b))
        for a, b in zip(arguments["log_p"](z), arguments["log_q"](z), strict=True)
    ]
    term = {"k1": lambda t: -t, "k2": lambda t: t * t / 2, "k3": lambda t: mp.expm1(t) - t}
    truth = mp.fsum(map(term[arguments["estimator"]], t)) / count
    return Call(estimate_kl, arguments, None, near(truth, 1e-12, 1.0))


def a_linear_model(rng):
    """Evidence and ELBO against 50 digits, with a noise down to 10⁻⁶."""
    size, latent = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    weight, tau = rng.normal(size=(size, latent)), 10.0 ** rng.uniform(-6, 1)
    bias = rng.normal(size=size)
    model = evidence.LinearGaussianModel(weight, bias, tau)
    x = model.sample(1, rng)[0][0]
    argument, _, _ = dressed(rng, x, str(rng.choice(KINDS)), "float64")
    name = str(rng.choice(["log_evidence", "posterior", "exact_elbo"]))
    function, arguments = getattr(model, name), {"x": argument}
    reason = "a gradient" if getattr(argument, "requires_grad", False) else None
    if rng.random() < 0.2:
        arguments["x"], reason = np.ones(size + 1), "shape"
    if name == "exact_elbo":
        arguments = dict(zip(("mean_q", "cov_q"), model.posterior(x), strict=True)) | arguments
    bad = spoilt(rng, function, arguments, ["x"])
    if bad or reason:
        return bad or Call(function, arguments, reason)
    if name == "posterior":
        return Call(function, arguments, None, None)
    truth, floor = log_evidence(weight, bias, tau, x), 1.0
    worst = np.linalg.svd(weight)[1].min() if size >= latent else 0.0
    rel = 1e-12 + 1e-15 / max(worst, tau) / tau * 1e-3 * (name == "exact_elbo")
    return Call(function, arguments, None, near(truth, rel, 10.0 * floor))


def log_evidence(weight, bias, tau, x):
    with mp.workdps(50):
        w, size = mp.matrix(weight.tolist()), len(bias)
        cov = w * w.T + mp.mpf(tau) ** 2 * mp.eye(size)
        gap = mp.matrix([mp.mpf(float(a)) - mp.mpf(float(b)) for a, b in zip(x, bias, strict=True)])
        log_det = mp.log(mp.det(cov)) + size * mp.log(2 * mp.pi)
        return -((gap.T * mp.lu_solve(cov, gap))[0] + log_det) / 2


def an_integral(rng):
    """Moments of normals, and integrals over them, where the truth is known."""
    mean, std = float(rng.normal() * 10), float(10.0 ** rng.uniform(-3, 3))
    arguments = {"f": lambda z: ((z - mean) / std) ** 2, "mean": mean, "std": std}
    function, truth = expectation.expect_normal, 1.0
    if rng.random() < 0.4:
        function, truth = expectation.integrate, std * math.sqrt(2 * math.pi)
        std = max(std, 0.01)
        truth = std * math.sqrt(2 * math.pi)
        arguments = {"f": lambda z: np.exp(-(((z - mean) / std) ** 2) / 2)}
    if rng.random() < 0.5:
        returned = RETURNS[rng.integers(len(RETURNS))]
        return Call(function, arguments | {"f": lambda z: returned}, "no values")
    return Call(function, arguments, None, near(truth, 1e-7, 1.0 * truth))


def a_referee(rng):
    """The divergence by quadrature lies between its bounds."""
    n = 1
    mixture = GaussianMixture([0.5, 0.5], 3 * rng.normal(size=(2, n)), rng.uniform(0.3, 2, (2, n)))
    mean_q, std_q = 3 * rng.normal(size=n), rng.uniform(0.3, 2, n)
    upper = mixture_bounds.kl_upper_variational(mean_q, std_q, mixture)
    lower = mixture_bounds.kl_lower_renyi(mean_q, std_q, mixture)

    def check(answer):
        inside = lower - 1e-7 <= answer.value <= upper + 1e-7 and answer.value > -1e-9
        return None if inside else f"{answer} outside {lower}, {upper}"

    arguments = {"mean_q": mean_q, "std_q": std_q, "mixture": mixture}
    return Call(mixture_bounds.kl_quadrature, arguments, None, check)
