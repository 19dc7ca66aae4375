"""The special functions of the language against mpmath, at every scale."""

import mpmath
import numpy as np
import pytest

from kl_utils.derivation import Derivation, Given, covariance, matrix, positive, real, vector
from kl_utils.derivation.functions import FUNCTIONS
from kl_utils.derivation.parsing import parse
from kl_utils.derivation.special import digamma, gamma, log_gamma

ZERO_OF_DIGAMMA = 1.4616321449683623
NEAR = np.geomspace(1e-14, 0.1, 8)
GRID = np.concatenate(
    [
        np.geomspace(1e-300, 1e-3, 40),
        np.arange(1, 400) / 16,
        [*(1 + NEAR), *(2 - NEAR), *(ZERO_OF_DIGAMMA + NEAR), 1, 2, 5, 10, 170.9, 171.6],
        np.geomspace(30, 1e300, 40),
    ]
)


@pytest.mark.parametrize(
    ("function", "truth"),
    [(gamma, mpmath.gamma), (log_gamma, mpmath.loggamma), (digamma, mpmath.digamma)],
    ids=["gamma", "log_gamma", "digamma"],
)
def test_a_special_function_has_the_digits_of_a_float(function, truth):
    with mpmath.workdps(40):
        exact = np.array([float(truth(mpmath.mpf(x))) for x in GRID])
    with np.errstate(all="ignore"):
        values = function(GRID)
        assert np.isnan(function([0.0, -0.5, -3.0, np.nan])).all()
        assert function(np.inf) == np.inf
    finite = np.isfinite(exact)
    assert np.array_equal(values[~finite], exact[~finite])
    values, exact = values[finite], exact[finite]
    size = np.maximum(abs(exact), 0.25)  # near a zero, errors are absolute
    assert (abs(values - exact) < 1e-14 * size).all()


@pytest.mark.parametrize(
    ("given", "first", "second"),
    [
        ({"a": positive()}, "Gamma(a + 1)", "= a*exp(lgamma(a))"),
        ({"a": positive()}, "D(lgamma(a), a)", "= digamma(a)"),
        ({"a": positive()}, "digamma(a + 1)", "= digamma(a) + 1/a"),
        ({"a": real(), "b": real()}, "max(a, b)", "= (a + b + abs(a - b))/2"),
        ({"a": real(), "b": real()}, "min(a, b)", "= a + b - max(a, b)"),
        ({"x": real()}, "abs(x)", "= x*sign(x)"),
        ({"x": real()}, "sign(x)", "= step(x) - step(-x)"),
        ({"n": [1, 2, 3], "S": covariance("n")}, "D(log(det(S)), S)", "= inv(T(S))"),
        ({"n": [2], "m": [3], "A": matrix("n", "m"), "B": matrix("m", "n")},
         "D(tr(A@B), A)", "= T(B)"),
        ({"n": [2, 3], "A": matrix("n", "n"), "x": vector("n")}, "D(T(x)@A@x, A)", "= x@T(x)"),
    ],
)  # fmt: skip
def test_the_functions_of_the_language_are_what_they_are_called(given, first, second):
    derivation = Derivation("1.1", Given(**given))
    derivation.line(first)
    derivation.line(second)
    derivation.check().raise_if_broken()


@pytest.mark.parametrize("name", ["Gamma", "lgamma", "digamma"])
def test_outside_its_domain_a_function_complains(name):
    derivation = Derivation("1.1", Given(x=real()))
    derivation.line(f"{name}(x)")
    complaint = f"`{name}(x)` is the {name} of a number that is not positive"
    assert complaint in derivation.check().first_broken.explanation()


def test_kinks_are_where_an_argument_is_zero_or_two_are_equal():
    with_kinks = {name: f.kinks for name, f in FUNCTIONS.items() if f.kinks}
    assert sorted(with_kinks) == ["abs", "max", "min", "sign", "step"]
    x, y = parse("x"), parse("y**2")
    assert with_kinks["abs"](x) == [x]
    (difference,) = with_kinks["max"](x, y)
    assert difference.source == "x - y**2" and difference.left is x
