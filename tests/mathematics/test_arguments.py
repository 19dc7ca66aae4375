"""Every public function of the mathematics refuses, by name, what it cannot compute with.

The table is built from signatures, so a new function is tested as soon as it is public.
"""

import inspect
import tracemalloc
import warnings
from importlib import import_module

import numpy as np
import pytest
import scipy.sparse
import torch
from torch.masked import masked_tensor

import kl_utils
from kl_utils import grids, mixture_bounds
from kl_utils._arguments import require
from kl_utils.evidence import LinearGaussianModel
from kl_utils.mixture import GaussianMixture
from kl_utils.quadrature import DoesNotConverge


class OfAnotherDevice:
    """An array that will not be converted, as those of a GPU."""

    def __array__(self, dtype=None, copy=None):
        raise TypeError("copy it to the CPU first")


class WithUnit:
    """A quantity of pint: its numbers alone say something else."""

    units = "metre"

    def __array__(self, dtype=None, copy=None):
        return np.ones(1)


class Quantity(np.ndarray):
    """An array with a unit, say."""


with warnings.catch_warnings(action="ignore"):  # their libraries do not promise to keep them
    MATRIX = np.matrix([[1.0]])
    MASKED = masked_tensor(torch.ones(1), torch.tensor([False]))
    NESTED = torch.nested.nested_tensor([torch.ones(1), torch.ones(2)])
    QUANTIZED = torch.quantize_per_tensor(torch.ones(1), 0.1, 0, torch.quint8)

# What no parameter of any function may be, although NumPy makes numbers of most of it.
BAD = {
    "nothing": None,
    "a string": "1",
    "strings": np.array(["1.0"]),
    "a complex number": 1j,
    "complex numbers": np.array([1.0 + 0j]),
    "dates": np.array(["2020-01-01"], "datetime64[D]"),
    "durations": np.array([1], "timedelta64[s]"),
    "objects": np.array([1.0], dtype=object),
    "a masked array": np.ma.masked_array([1.0], mask=[True]),
    "a matrix of NumPy": MATRIX,
    "an array with a unit": np.ones(1).view(Quantity),
    "a sparse array": scipy.sparse.eye_array(1),
    "a sparse tensor": torch.eye(1).to_sparse(),
    "a complex tensor": torch.ones(1, dtype=torch.complex64),
    "a masked tensor": MASKED,
    "a nested tensor": NESTED,
    "a quantized tensor": QUANTIZED,
    "an array on another device": OfAnotherDevice(),
    "a quantity": WithUnit(),
    "a truth value": True,
    "truth values among numbers": [True, 1.0],
    "a masked array in a list": [np.ma.masked_array([1.0], mask=[True])],
    "a number beyond floats": 10**400,
    "a ragged list": [[1.0], [1.0, 2.0]],
    "a list of strings": ["1.0"],
    "a dict": {"mean": 1.0},
}

MIXTURE = GaussianMixture([0.5, 0.5], [[-1.0], [1.0]], [[1.0], [1.0]])
MODEL = LinearGaussianModel([[1.0]])


def log_density(z):
    return -(np.asarray(z)[..., 0] ** 2)


# What a parameter of this name may be, in one dimension; then where a function takes another thing.
GOOD = {
    **dict.fromkeys(["z", "x", "mean", "mean_q", "mean_p", "log_var", "log_var_q"], np.zeros(1)),
    **dict.fromkeys(["log_var_p", "log_ratio", "bias"], np.zeros(1)),
    **dict.fromkeys(["std", "std_q", "std_p"], np.ones(1)),
    **dict.fromkeys(["cov", "cov_q", "cov_p", "weight"], np.eye(1)),
    **dict.fromkeys(["log_q", "log_p", "log_joint"], log_density),
    **dict(weights=[0.5, 0.5], gamma=[0.5, 0.5], means=[[0.0], [1.0]], stds=[[1.0], [1.0]]),
    **dict(noise_std=1.0, beta=0.5, tolerance=1e-8, nodes=3, n=2, count=2, estimator="k1"),
    **dict(draws=[1.0, 2.0], f=np.cos, mixture=MIXTURE, rng=np.random.default_rng(0)),
}
GOOD_IN = {
    "expect_normal": {"mean": 0.0, "std": 1.0},
    "integrate": {"f": lambda z: np.exp(-(z**2)), "low": 0.0, "high": 1.0},
    "estimate_kl": {"samples": np.ones((3, 1))},
    "elbo": {"samples": np.ones((3, 1))},
    "importance_weighted_bound": {"samples": np.ones((3, 2, 1))},
    "kl_monte_carlo": {"samples": 3},
}
# Steps of quadrature, which get their arguments from our own code.
INSIDE = {"grids", "panels", "quadrature", "surveys"}


def public_functions():
    """Yield all that the modules of the mathematics let one call, methods among it."""
    order = list(kl_utils._NAMES_BY_MODULE)
    mathematics = [name for name in order[: order.index("data")] if name[0] != "_"]
    for name in ("derivation", "exercises"):  # their messages are sentences for students
        mathematics.remove(name)
    for module in (import_module(f"kl_utils.{name}") for name in mathematics if name not in INSIDE):
        for name, function in vars(module).items():
            is_ours = getattr(function, "__module__", None) == module.__name__
            if is_ours and inspect.isfunction(function) and name[0] != "_":
                yield function
    yield from (GaussianMixture, LinearGaussianModel)
    for instance in (MIXTURE, MODEL):
        for name, _ in inspect.getmembers(type(instance), inspect.isfunction):
            if name[0] != "_":
                yield getattr(instance, name)


FUNCTIONS = {function.__qualname__: function for function in public_functions()}
PARAMETERS = {
    (name, parameter)
    for name, function in FUNCTIONS.items()
    for parameter in inspect.signature(function).parameters
} - {("estimate_kl", "samples")}  # they may be whatever the two log-densities take


def arguments(name):
    good, parameters = GOOD | GOOD_IN.get(name, {}), inspect.signature(FUNCTIONS[name]).parameters
    assert not parameters.keys() - good.keys(), "say in GOOD what these may be"
    return {parameter: good[parameter] for parameter in parameters}


def refusal(name, **changed):
    """What the function says of the changed arguments."""
    try:
        FUNCTIONS[name](**arguments(name) | changed)
    except (TypeError, ValueError) as error:
        return str(error)
    return "accepted"


def test_the_table_holds_all_and_its_good_arguments_are_good():
    assert len(FUNCTIONS) > 40
    for name, function in FUNCTIONS.items():
        function(**arguments(name))


@pytest.mark.parametrize(("name", "parameter"), sorted(PARAMETERS))
def test_what_is_no_such_thing_is_refused_by_name(name, parameter):
    said = {kind: refusal(name, **{parameter: bad}) for kind, bad in BAD.items()}
    assert not {kind: text for kind, text in said.items() if not is_by_name(text, parameter)}


RETURNED = sorted((name, p) for name, p in PARAMETERS if p in ("f", "log_q", "log_p", "log_joint"))


@pytest.mark.parametrize(("name", "parameter"), RETURNED)
def test_so_is_what_a_function_returns_that_one_hands_in(name, parameter):
    said = {kind: refusal(name, **{parameter: lambda z, b=b: b}) for kind, b in BAD.items()}
    assert not {kind: text for kind, text in said.items() if not is_by_name(text, parameter)}


def is_by_name(text, parameter):
    return text.startswith(f"{parameter}: expected ") and ", got " in text


@pytest.mark.parametrize("name", ["GaussianMixture.log_prob", "LinearGaussianModel.log_joint"])
def test_no_gradient_is_lost_in_silence(name):
    z = torch.zeros(1, requires_grad=True)
    assert refusal(name, z=z) == "z: expected a tensor without gradient, got one with requires_grad"
    assert refusal(name, z=z.detach()) == "accepted"


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("kl_normal", {"mean_q": np.ones((2, 1)), "std_q": np.ones((3, 1))}),
        ("kl_diagonal", {"mean_q": np.ones((2, 1)), "log_var_q": np.ones((3, 1))}),
        ("component_kls", {"mean_q": np.ones((2, 1)), "std_q": np.ones((3, 1))}),
        ("LinearGaussianModel.log_joint", {"x": np.ones((2, 1)), "z": np.ones((3, 1))}),
    ],
)
def test_arguments_that_do_not_fit_each_other_are_all_named(name, changed):
    text = refusal(name, **changed)
    assert text.startswith(", ".join(changed))
    assert "expected shapes that broadcast, got " in text


@pytest.mark.parametrize("std", [1e-6, 1e-300])
def test_a_grid_that_would_be_too_large_is_never_made(std):
    needle = GaussianMixture([0.5, 0.5], [[0.0], [0.3]], [[1.0], [std]])
    tracemalloc.start()
    try:
        for std_q in (1.0, 1e300):
            with pytest.raises(DoesNotConverge, match="too narrow"):
                mixture_bounds.kl_quadrature([0.0], [std_q], needle)
        with pytest.raises(DoesNotConverge):
            grids.trapezoidal_rule(1e-6, 9, 2, 10**6)
        assert tracemalloc.get_traced_memory()[1] < 10e6
    finally:
        tracemalloc.stop()


def test_require_says_nothing_where_all_is_well():
    require(True, "std", "a positive number", 1.0)
    with pytest.raises(ValueError, match=r"^std: expected a positive number, got -1.0$"):
        require(False, "std", "a positive number", -1.0)
    with pytest.raises(TypeError):
        require(False, "std", "a number", "one", TypeError)
