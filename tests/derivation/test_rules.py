"""The rules behind a line: derivatives, exact Gaussian forms, degrees, signs and logarithms."""

import numpy as np
import pytest

from kl_utils.derivation import Given, covariance, gaussian, logarithms, vector
from kl_utils.derivation.degrees import degree, log_degree
from kl_utils.derivation.derivatives import differentiate
from kl_utils.derivation.parsing import parse
from kl_utils.derivation.scope import Scope
from kl_utils.panels import Signed, signed
from tests.support.worked_solutions import chain

RNG = np.random.default_rng(0)
ROOT = RNG.normal(size=(3, 3))
VALUES = {
    "x": np.array([[[0.7]]]),
    "y": np.array([[[-1.3]]]),
    "v": RNG.normal(size=(1, 3, 1)),
    "A": (ROOT @ ROOT.T + np.eye(3))[None],
    "I": np.eye(3),
}
OF_X = [
    "x", "-x", "x*y", "x/y", "y/x", "x/(1+x**2)", "x**3", "x**x", "2**x", "exp(x*y)", "log(1+x**2)",
    "sqrt(x)", "abs(y*x)", "max(x, y)", "min(x, y)", "lgamma(x)", "Gamma(x)", "Sum(x**i/i, i, 4)",
    "Int(exp(-x*u**2), u)", "normal(y, x, 1+x**2)", "log(normal(x, y, x**2))", "det(x*A)",
    "tr(inv(A+x*I))", "T(v)@inv(x*A)@v", "x - (x - y*x)", "(x*y)**2/(x+3)",
]  # fmt: skip
OF_ARRAYS = [
    ("T(v)@v", "v"), ("T(v)@A@v", "v"), ("v[2]*v[1]", "v"), ("log(normal(v, 0*v, A))", "v"),
    ("exp(-T(v)@v/2)", "v"), ("tr(A@A)", "A"), ("log(det(A))", "A"), ("T(v)@inv(A)@v", "A"),
    ("det(A)", "A"),
]  # fmt: skip


def value(text, **changed):
    return Scope(VALUES | changed, {}).value(parse(text))


@pytest.mark.parametrize(("text", "name"), [*((text, "x") for text in OF_X), *OF_ARRAYS])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # `check` silences NumPy as a whole
def test_derivatives_by_rules_are_those_by_differences(text, name):
    here = VALUES[name]
    along = RNG.normal(size=here.shape)
    tree = differentiate(Scope(VALUES, {}).bind("dir", along), parse(text), name, parse("dir"))
    found = Scope(VALUES | {"dir": along}, {}).value(tree)
    step = 1e-5
    ahead, behind = (value(text, **{name: here + side * step * along}) for side in (1, -1))
    assert found == pytest.approx((ahead - behind) / (2 * step), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", 1), ("y", 0), ("x**3*y - x", 3), ("x/y", 1), ("y/x", None), ("(1+x)/(2+x)", None),
        ("exp(x)", None), ("T(v)@v*x", 1), ("Sum(i*x**2, i, 3)", 2), ("log(exp(x**2))", 2),
        ("abs(x)", None), ("x**y", None),
    ],
)  # fmt: skip
def test_degrees(text, expected):
    assert degree(Scope(VALUES, {}), parse(text), {"x": 1}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exp(x)", 1), ("exp(-x**2)*y**2", 2), ("normal(x, y, 2)", 2), ("normal(y, 0, x)", None),
        ("exp(x**3)/exp(x)", 3), ("sqrt(exp(x**2))", 2), ("exp(x) + 1", None),
        ("Prod(normal(x, i, 1), i, 3)", 2),
    ],
)  # fmt: skip
def test_degrees_of_logarithms(text, expected):
    assert log_degree(Scope(VALUES, {}), parse(text), {"x": 1}) == expected


GIVEN = Given(n=range(1, 6), mu=vector("n"), Sigma=covariance("n"))
Q = {"q": gaussian("mu", "Sigma")}
IN_ANY_DIMENSION = [
    ("E(T(z)@z)", "tr(Sigma) + T(mu)@mu"),
    ("Var(T(z)@z)", "2*tr(Sigma@Sigma) + 4*T(mu)@Sigma@mu"),
    ("E(exp(T(mu)@z))", "exp(T(mu)@mu + T(mu)@Sigma@mu/2)"),
    ("E(normal(z, 0*z, I))", "normal(mu, 0*mu, I + Sigma)"),
    (
        "E(exp(-T(z)@z/2))",
        "det(I + Sigma)**(-1/2)*exp(-T(mu)@inv(I + Sigma)@mu/2)",
    ),
    (
        "E(T(mu)@z*exp(-T(z)@z/2))/E(exp(-T(z)@z/2))",
        "T(mu)@inv(I + Sigma)@mu",
    ),
]


@pytest.mark.parametrize(("line", "closed_form"), IN_ANY_DIMENSION)
def test_gaussian_forms_are_exact_in_any_dimension(line, closed_form):
    report = chain(GIVEN, line, f"= {closed_form}", **Q).check()
    assert report.ok and "Not evaluated" not in repr(report), repr(report)
    assert not chain(GIVEN, line, f"= {closed_form} + exp(-T(mu)@mu)/1000", **Q).check().ok


def test_zero_wins_and_what_has_no_value_has_none():
    zero, one, infinite, none = (
        Signed(np.array(sign), np.array(log))
        for sign, log in ((0.0, -np.inf), (1.0, 0.0), (1.0, np.inf), (np.nan, 0.0))
    )
    minus = Signed(np.array(-1.0), np.array(np.inf))
    assert logarithms.product(zero, infinite).sign == 0
    assert logarithms.product(zero, none).sign == 0
    assert np.isnan(logarithms.product(one, none).sign)
    assert logarithms.quotient(one, zero) == (1, np.inf)
    assert np.isnan(logarithms.quotient(zero, zero).sign)
    assert logarithms.total(infinite, infinite) == (1, np.inf)
    assert np.isnan(logarithms.total(infinite, minus).sign)


def test_sums_and_powers_of_signed_numbers_are_those_of_numbers():
    a, b = RNG.normal(size=(2, 50))
    both = logarithms.total(signed(a), signed(b))
    assert both.value == pytest.approx(a + b, rel=1e-12)
    assert logarithms.total_along(signed(a)).value == pytest.approx(a.sum(), rel=1e-12)
    assert logarithms.power(signed(a), np.array(3.0)).value == pytest.approx(a**3, rel=1e-12)
    assert np.isnan(logarithms.power(signed(-abs(a)), np.array(0.5)).sign).all()
    huge = logarithms.total(
        Signed(np.array(1.0), np.array(1e5)), Signed(np.array(-1.0), np.array(0))
    )
    assert huge == (1, 1e5)


def test_an_exponent_stays_a_whole_number_where_rounding_is_made_visible():
    scope = Scope(VALUES, {}).shaken()
    assert scope.value(parse("(-x)**(1+1)")) == pytest.approx(0.49, rel=1e-10)
    by_logarithms = logarithms.signed_value(scope, parse("(-exp(x))**(1+1)"))
    assert by_logarithms.value == pytest.approx(np.exp(1.4), rel=1e-10)
