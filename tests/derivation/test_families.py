"""Distributions given by formulas, the named ones, and linear-Gaussian pairs."""

import re

import pytest

from kl_utils.derivation import (
    Derivation,
    Given,
    bernoulli,
    beta_density,
    between,
    categorical,
    covariance,
    density,
    exponential,
    gamma_density,
    gaussian,
    laplace,
    mass,
    matrix,
    poisson,
    positive,
    real,
    simplex,
    student,
    vector,
)

P, PART, MODERATE = positive(), between(0, 1), between(1, 5)


def check(given, *lines, **meanings):
    derivation = Derivation("1", Given(**given), **meanings)
    for position, line in enumerate(lines):
        is_relation = position == 0 or line[0] in "=<>"
        derivation.line(line if is_relation else f"= {line}")
    return derivation.check()


# Closed forms

LAM, BOTH, SHAPE = {"lam": P}, {"lam": P, "mu": P}, {"a": MODERATE, "b": P}
LAPLACE = {"m": real(), "b": P, "n": real(), "c": P}
BETA = {"a": [1, 5 / 2], "b": [1, 2]}
WEIGHTS = {"k": range(1, 4), "pi": simplex("k"), "s": simplex("k", zeros=False)}
ENTROPY_OF_BETA = (
    "lgamma(a) + lgamma(b) - lgamma(a+b)"
    " - (a-1)*digamma(a) - (b-1)*digamma(b) + (a+b-2)*digamma(a+b)"
)
BINOMIAL = "Gamma(n+1)/Gamma(k+1)/Gamma(n-k+1)*p**k*(1-p)**(n-k)"

HOLDS = {
    "exponential: moments": (
        LAM, ["E(z**2)", "Var(z) + E(z)**2", "2/lam**2"], {"q": exponential("lam")},
    ),
    "exponential: total": (
        LAM, ["Int(q(z), z)", "Int(q(z), z, -1, inf)", "E(1)", "1"], {"q": exponential("lam")},
    ),
    "exponential: part": (
        LAM, ["E(step(z-1))", "1 - Int(q(z), z, -inf, 1)", "exp(-lam)"], {"q": exponential("lam")},
    ),
    "exponential: divergence": (
        BOTH,
        ["KL(q, p)", "E(log_q(z) - log_p(z))", "H(q, p) - H(q)", "log(lam/mu) + mu/lam - 1"],
        {"q": exponential("lam"), "p": exponential("mu")},
    ),
    "exponential and normal": (
        LAM,
        ["KL(q, p)", "1/lam**2 + log(2*pi)/2 - 1 + log(lam)"],
        {"q": exponential("lam"), "p": gaussian("0", "1")},
    ),
    "exponential: at another point": (
        {"lam": P, "x": real()},
        ["E(q(z + x))", "lam/2*exp(-lam*abs(x))"],
        {"q": exponential("lam")},
    ),
    "laplace: moments": (
        LAPLACE, ["Var(z)", "2*b**2", "2*E(abs(z-m))**2"], {"q": laplace("m", "b")},
    ),
    "laplace: divergence": (
        LAPLACE,
        ["KL(q, p)", "log(c/b) + abs(m-n)/c + b/c*exp(-abs(m-n)/b) - 1"],
        {"q": laplace("m", "b"), "p": laplace("n", "c")},
    ),
    "gamma": (
        SHAPE,
        ["H(q)", "-E(log_q(z))", "a - log(b) + lgamma(a) + (1-a)*E(log(z)) + (1-a)*log(b)",
         "a - log(b) + lgamma(a) + (1-a)*digamma(a)"],
        {"q": gamma_density("a", "b")},
    ),
    "beta": (BETA, ["H(q)", ENTROPY_OF_BETA], {"q": beta_density("a", "b")}),
    "student": ({"nu": [5 / 2, 3, 5]}, ["Var(z)", "nu/(nu-2)"], {"q": student("nu")}),
    "poisson: moments": (
        LAM, ["Var(k)", "E(k)", "Sum(k*q(k), k)", "Sum(k*q(k), k, 0, inf)", "lam"],
        {"q": poisson("lam", of="k")},
    ),
    "poisson: divergence": (
        BOTH, ["KL(q, p)", "lam*log(lam/mu) + mu - lam"], {"q": poisson("lam"), "p": poisson("mu")},
    ),
    "poisson: Fisher's information": (
        LAM, ["Var(D(log_q(z), lam))", "-E(D(D(log_q(z), lam), lam))", "1/lam"],
        {"q": poisson("lam")},
    ),
    "a heavy tail": ({}, ["E(1)", "1"], {"q": mass("6/(pi**2*k**2)", low="1", of="k")}),
    "binomial, in a sum over n": (
        {"m": [3, 12], "p": PART}, ["Sum(E(k), n, m)", "p*m*(m+1)/2"],
        {"q": mass(BINOMIAL, high="n", of="k")},
    ),
    "a density off the whole numbers": (
        LAM, ["E(p(z))", "0"], {"q": gaussian("0", "1"), "p": poisson("lam")},
    ),
    "bernoulli": (
        {"t": PART, "s": PART},
        ["KL(q, p)", "Sum(q(z)*log(q(z)/p(z)), z)", "t*log(t/s) + (1-t)*log((1-t)/(1-s))"],
        {"q": bernoulli("t"), "p": bernoulli("s")},
    ),
    "categorical": (
        WEIGHTS,
        ["KL(q, p)", "Sum(q(z)*log(q(z)/p(z)), z)", "Sum(pi[z]*log(pi[z]/s[z]), z)", "KL(pi, s)"],
        {"q": categorical("pi"), "p": categorical("s")},
    ),
    "softmax": (
        {"k": range(1, 4), "a": vector("k")},
        ["E(z)", "Sum(z*exp(a[z]), z)/Sum(exp(a[i]), i, k)"],
        {"q": mass("exp(a[z])/Sum(exp(a[i]), i, k)", low="1", high="k")},
    ),
    "a density through an abbreviation": (
        {"lam": P, "x": P}, ["D(q(x), x)", "-lam*q(x)"],
        {"t": "lam*z", "q": density("lam*exp(-t)", low="0")},
    ),
    "a conditional density": (
        {"x": real()}, ["E(z, q(z|x))", "1 + x**2"], {"q(z|x)": exponential("1/(1 + x**2)")},
    ),
    "scores": (
        {"a": MODERATE, "b": MODERATE, "z": P},
        ["D(log_q(z), a)", "log(b) - digamma(a) + log(z)"], {"q": gamma_density("a", "b")},
    ),
    "a derivative that stops at the support": (
        {"lam": P, "z": real()}, ["D(q(z), z)", "-lam*q(z)"], {"q": exponential("lam")},
    ),
    "a support that moves": (
        {"a": MODERATE}, ["D(Int(q(z), z), a)", "0", "D(Int(p(z - a), z), a)"],
        {"q": density("1/a", low="0", high="a"), "p": exponential("2")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("title", HOLDS)
def test_a_closed_form_holds(title):
    given, lines, meanings = HOLDS[title]
    report = check(given, *lines, **meanings)
    report.raise_if_broken()
    assert report.evaluated == report.cases


@pytest.mark.parametrize(
    ("given", "lines", "meanings"),
    [
        (BOTH, ["KL(q, p)", "log(lam/mu) + lam/mu - 1"], [exponential("lam"), exponential("mu")]),
        (LAPLACE, ["KL(q, p)", "log(c/b) + abs(m-n)/c"], [laplace("m", "b"), laplace("n", "c")]),
        (LAM, ["E(z**2)", "lam**2"], [poisson("lam")]),
        ({"lam": P, "z": real()}, ["D(q(z), z)", "-lam**2*exp(-lam*z)"], [exponential("lam")]),
        (LAM, ["E(p(z))", "E(exp(-z))"], [gaussian("0", "1"), exponential("lam")]),
        ({"a": MODERATE}, ["D(Int(q(z), z), a)", "Int(-1/a**2, z, 0, a)"],
         [density("1/a", low="0", high="a")]),
        ({"t": PART}, ["Sum(q(z), z)", "Sum(q(z), z, 1, 1)"], [bernoulli("t")]),
        (LAM, ["E(p(z))", "exp(-lam)/2"], [gaussian("0", "1"), poisson("lam")]),
    ],
)  # fmt: skip
def test_a_slip_breaks(given, lines, meanings):
    report = check(given, *lines, **dict(zip("qp", meanings, strict=False)))
    assert [verdict.status for verdict in report.verdicts] == ["start", "broken"]
    assert report.verdicts[1].values


# What has no value, or is no density

NONE = "does not converge"
UNIFORM = density("1/a", low="0", high="a")


@pytest.mark.parametrize(
    ("given", "line", "words", "meanings"),
    [
        ({"nu": [2]}, "Var(z)", NONE, [student("nu")]),
        ({"lam": [2]}, "E(exp(lam*z))", NONE, [exponential("lam")]),
        ({}, "E(k)", NONE, [mass("6/(pi**2*k**2)", low="1", of="k")]),
        ({"a": P}, "KL(q, p)", NONE, [exponential("1"), UNIFORM]),
        ({"a": P}, "KL(q, p)", NONE, [gaussian("0", "1"), UNIFORM]),
        pytest.param({"t": PART}, "KL(q, p)", NONE, [poisson("t"), bernoulli("t")],
                     marks=pytest.mark.long),
        ({"t": PART}, "KL(q, p)", "one of these has probabilities, the other a density",
         [bernoulli("t"), laplace("0", "1")]),
        ({"theta": [1, 2]}, "E(z)", "The density given for `q` does not integrate to 1: at θ = 2 "
         "it is 1/2.", [density("exp(-theta*z)", low="0")]),
        ({}, "E(z)", "does not integrate to 1: it is 1/2", [density("1/2", low="0", high="1")]),
        ({}, "E(z)", "The density given for `q` is negative somewhere.",
         [density("2*z", low="-1", high="sqrt(2)")]),
        ({"theta": [1, 2]}, "1 + E(z)", "The probabilities given for `q` are not all positive, at "
         "θ = 2.", [bernoulli("theta")]),
        ({"theta": [1 / 2]}, "E(z)", "do not add up to 1: at θ = 1/2 they make 1.21.",
         [mass("theta**z*exp(-theta)")]),
        ({"k": [2], "pi": vector("k", positive=True)}, "H(q)", "do not add up to 1: at π = (1, "
         "1) they make 2.", [categorical("pi")]),
        (LAM, "q(z)", "`z` has a value only inside", [exponential("lam")]),
        ({"z": [1 / 2, -1 / 2]}, "D(log_q(z), z)", "At z = −1/2: This is not a number",
         [density("exp(1 + z - exp(z))", low="0")]),
        ({"x": vector("n"), "n": [2]}, "q(x)", "is taken at a number", [exponential("1")]),
    ],
)  # fmt: skip
def test_what_has_no_value_is_said(given, line, words, meanings):
    report = check(given, line, **dict(zip("qp", meanings, strict=False)))
    assert words in report.first_broken.explanation()


def test_a_density_that_no_line_uses_is_no_fault():
    assert check({"x": real()}, "x", "= x + 0", q=density("1", low="0", high="2")).ok


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: density("z", low=0), "low: expected an expression in quotes, got 0"),
        (lambda: density("inf*z"), "`inf` is no number"),
        (lambda: density("z", low="2*inf"), "`inf` is no number"),
        (lambda: density("z", low="∞"), "a support runs upwards"),
        (lambda: mass("z", low="-inf"), "a count runs upwards"),
        (lambda: exponential("lam) + (lam"), "cannot read"),
        (lambda: poisson("import"), "I cannot read this line"),
        (lambda: Derivation("1", q=density("z", of="3")), "'3': this name"),
        (lambda: Derivation("1", q=density), "q: expected gaussian(mean, cov), another"),
    ],
)
def test_what_is_given_wrongly_is_an_error(make, message):
    with pytest.raises((ValueError, TypeError), match=re.escape(message)):
        make()


# Linear-Gaussian pairs

PAIR = {"p(z)": gaussian("m", "S"), "p(x|z)": gaussian("W@z + b", "R", of="x")}
SCALARS = {"p(u)": gaussian("m", "s**2", of="u"), "p(y|u)": gaussian("w*u", "1/400", of="y")}
NUMBERS = {"m": real(), "s": P, "w": real(), "y": real(), "u": real()}
COV = "(W@S@T(W) + R)"


def dimensions(n, k):
    """Parameters for z of n entries and x of k."""
    return {
        "n": n, "k": k, "m": vector("n"), "S": covariance("n"), "W": matrix("k", "n"),
        "b": vector("k"), "R": covariance("k"), "x": vector("k"), "z": vector("n"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        ["log(p(x))", f"log(normal(x, W@m + b, {COV}))",
         "E(log(p(x, z)) - log_q(z)) + KL(q, p(z|x))"],
        ["log(p(z|x))", "log(p(x|z)) + log(p(z)) - log(p(x))", "log(p(x, z)/p(x))"],
        ["E(z, p(z|x))", f"m + S@T(W)@inv{COV}@(x - W@m - b)"],
        ["m", "E(E(z, p(z|x)), p(x))"],
        ["H(p(x))", f"k/2*log(2*pi*exp(1)) + log(det{COV})/2"],
    ],
)  # fmt: skip
@pytest.mark.parametrize("sizes", [([1], [1]), ([1, 3], [2])])
def test_what_follows_from_a_pair(lines, sizes):
    report = check(dimensions(*sizes), *lines, **PAIR, q=gaussian("m", "S"))
    report.raise_if_broken()
    assert report.evaluated > 0.98 * report.cases


@pytest.mark.parametrize(
    "lines",
    [
        ["p(y)", "normal(y, w*m, w**2*s**2 + 1/400)", "E(p(y|u), p(u))", "Int(p(y, u), u)"],
        ["E(u, p(u|y))", "Int(u*p(u|y), u)", "(m/s**2 + 400*w*y)/(1/s**2 + 400*w**2)"],
        ["D(log(p(y)), m)", "E(D(log(p(u)), m), p(u|y))"],
        ["KL(p(u|y), p(u))", "E(log(p(y|u)), p(u|y)) - log(p(y))"],
    ],
)
def test_a_pair_of_numbers(lines):
    check(NUMBERS, *lines, **SCALARS).raise_if_broken()


def test_the_slope_of_a_pair_may_be_a_variable():
    given = {name: NUMBERS[name] for name in "msy"}
    lines = ["E_r(p(y))", "E_r(normal(y, w*m, w**2*s**2 + 1/400))"]
    check(given, *lines, **SCALARS, r=gaussian("0", "1", of="w")).raise_if_broken()


def test_nothing_follows_from_other_pairs():
    curved = {**SCALARS, "p(y|u)": gaussian("u**2", "1", of="y")}
    assert "p(y)" not in Derivation("1", **curved).meanings
    spread = {**SCALARS, "p(y|u)": gaussian("u", "1 + u**2", of="y")}
    assert "p(y)" not in Derivation("1", **spread).meanings
    own = check(NUMBERS, "p(y)", "2", **SCALARS, **{"p(y)": "2"})
    own.raise_if_broken()


def test_a_letter_of_one_density_stands_for_it():
    check({"s": P}, "E_r(u)", "E(u, r(u))", "0", **{"r(u)": gaussian("0", "s", of="u")})
    several = check(NUMBERS, "E_p(u)", **SCALARS)
    assert "`p` names several densities" in several.first_broken.explanation()
