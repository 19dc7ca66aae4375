"""The cases at which lines are compared: rich, simple first, distinct, and of bounded size."""

from fractions import Fraction

import numpy as np
import pytest

from kl_utils.derivation import (
    Given,
    between,
    covariance,
    diagonal,
    gaussian,
    index,
    joint,
    matrix,
    positive,
    real,
    simplex,
    tables,
    vector,
)
from kl_utils.derivation.numbers_in_words import number_in_words
from kl_utils.derivation.vocabulary import Fault
from tests.support.worked_solutions import chain

N = range(1, 6)
ONE = {"mu": real(), "sigma": positive()}
PAIR = {"mu_q": real(), "sigma_q": positive(), "mu_p": real(), "sigma_p": positive()}
Q, P = gaussian("mu_q", "sigma_q**2"), gaussian("mu_p", "sigma_p**2")
TWO = {"q": Q, "p": P}
STANDARD = {"q": gaussian("mu", "Sigma"), "p": gaussian("0", "I")}
ABC = {"n": N, "A": covariance("n"), "B": covariance("n"), "C": covariance("n")}
KL_TO_STANDARD = "(tr(Sigma) + T(mu)@mu - n - log(det(Sigma)))/2"

# Claims that hold on a tame part of the cases, by what the part has in common.
FALSE = {
    # moderate sizes
    "reals below 3": (Given(x=real()), "x", "<= 3"),
    "reals from 1/2, or 0": (Given(x=real()), "abs(x)", "<= 2*x**2"),
    "reals whose cube is no larger than their exponential": (Given(x=real()), "x**3", "<= 27"),
    "positives from 3/10": (Given(x=positive()), "1/x", "<= 4"),
    "positives below 10": (Given(x=positive()), "log(x)", "<= 2"),
    "two numbers of like size": (Given(a=positive(), b=positive()), "a/b", "<= 15"),
    "a sum dominated by a constant": (Given(a=real(), b=real()), "(a+b)**2", "<= 50"),
    "entropies above 0": (
        Given(**ONE), "log(2*pi*exp(1)*sigma**2)/2", ">= 0",
    ),
    "entropies above 0, in n dimensions": (
        Given(n=N, mu=vector("n"), Sigma=diagonal("n")), "H(q)", ">= 0", {"q": STANDARD["q"]},
    ),
    "divergences below 20": (Given(**PAIR), "KL(q, p)", "<= 20", TWO),
    "variances below 10": (Given(n=N, Sigma=diagonal("n")), "Sigma[1,1]", "<= 10"),
    "variances above 1/10": (Given(n=N, Sigma=covariance("n")), "1/Sigma[1,1]", "<= 10"),
    "vectors shorter than 3 an entry": (Given(n=N, mu=vector("n")), "T(mu)@mu", "<= 9*n"),
    "positive vectors of like entries": (
        Given(n=[2, 3], s=vector("n", positive=True)), "s[1]/s[2]", "<= 15",
    ),
    "probabilities away from 0": (Given(w=between(0, 1)), "1/w", "<= 64"),
    "probabilities away from 1": (Given(w=between(0, 1)), "1/(1-w)", "<= 64"),
    # correlations
    "covariance below the variance of one": (
        Given(n=[2], Sigma=covariance("n")), "abs(Sigma[1,2])", "<= Sigma[1,1]",
    ),
    "positive correlations": (Given(n=[2], Sigma=covariance("n")), "Sigma[1,2]", ">= -1/4"),
    "weak correlations": (
        Given(n=[2], Sigma=covariance("n")),
        "Sigma[1,2]**2", "<= 3*Sigma[1,1]*Sigma[2,2]/4",
    ),
    "sums vary more than their parts": (
        Given(n=[2], Sigma=covariance("n")), "Sigma[1,1] + Sigma[2,2] + 2*Sigma[1,2]",
        ">= Sigma[1,1]/4",
    ),
    "well conditioned": (
        Given(n=[2], Sigma=covariance("n")), "tr(Sigma)**2/det(Sigma)", "<= 30",
    ),
    "products of covariances that commute": (Given(**ABC), "tr(A@B@C)", ">= 0"),
    "products of covariances that commute, in two dimensions": (
        Given(**{**ABC, "n": [2]}), "tr(A@B@C)", ">= 0",
    ),
    "a product of two is symmetric": (
        Given(n=N, A=covariance("n"), B=covariance("n")), "A@B", "= T(A@B)",
    ),
    "a symmetrised product of two is positive": (
        Given(n=N, A=covariance("n"), B=covariance("n"), v=vector("n")), "T(v)@(A@B+B@A)@v", ">= 0",
    ),
    "trace of a product against the product of determinants": (
        Given(n=[2], A=covariance("n"), B=covariance("n")),
        "tr(A@A@B@B)", "= tr(A@B@A@B)",
    ),
    # what only coincidences make true
    "equal means": (Given(**PAIR), "KL(q, p)",
        "= log(sigma_p/sigma_q) + sigma_q**2/(2*sigma_p**2) - 1/2", TWO),
    "equal variances": (Given(**PAIR), "KL(q, p)", "= (mu_q-mu_p)**2/(2*sigma_p**2)", TWO),
    "equal variances: symmetric": (Given(**PAIR), "KL(q, p)", "= KL(p, q)", TWO),
    "means along the ones": (Given(n=N, mu=vector("n")), "n*T(mu)@mu", "= Sum(mu[i], i, n)**2"),
    "means without signs": (Given(n=N, mu=vector("n")), "Sum(mu[i], i, n)", ">= -n/2"),
    "equal eigenvalues": (Given(n=N, Sigma=covariance("n")), "tr(Sigma)**n", "= n**n*det(Sigma)"),
    "two eigenvalues at most": (
        Given(n=[3], S=diagonal("n")), "(S[1,1]-S[2,2])*(S[2,2]-S[3,3])*(S[1,1]-S[3,3])", "= 0",
    ),
    "one or two dimensions": (
        Given(n=N, Sigma=covariance("n")), "tr(Sigma@Sigma)", ">= tr(Sigma)**2 - 2*det(Sigma)",
    ),
    "the first entry": (Given(n=N, mu=vector("n"), i=index("n")), "mu[i]", "= mu[1]"),
    # general matrices
    "symmetric matrices": (Given(n=N, A=matrix("n", "n")), "A", "= T(A)"),
    "normal matrices": (Given(n=N, A=matrix("n", "n")), "A@T(A)", "= T(A)@A"),
    "positive determinants": (Given(n=[3], A=matrix("n", "n")), "det(A)", ">= -1"),
    "positive determinants, two dimensions": (Given(n=[2], A=matrix("n", "n")), "det(A)", ">= 0"),
    "near a multiple of I": (Given(n=[2], A=matrix("n", "n")), "A[1,2]**2", "<= A[1,1]**2 + 1"),
    "positive trace of a square": (Given(n=[2], A=matrix("n", "n")), "tr(A@A)", ">= 0"),
    "of several columns": (
        Given(m=[3], n=[2], A=matrix("m", "n")), "A[3,1]**2 + A[3,2]**2", "<= 1/4",
    ),
    # finite distributions
    "probabilities not near 0": (
        Given(k=range(2, 4), p=simplex("k", zeros=False)), "1/p(1)", "<= 60",
    ),
    "distributions with ties": (
        Given(k=[3], p=simplex("k")), "(p(1)-p(2))*(p(2)-p(3))*(p(1)-p(3))", "= 0",
    ),
    "no more than three outcomes": (
        Given(k=range(1, 5), p=simplex("k")), "H(p)", "<= log(3)",
    ),
    "independent variables": (
        Given(k=[2], m=[2], x=index("k"), z=index("m"), p=joint("k", "m")),
        "p(x, z)", "= p(x)*p(z)",
    ),
    "weakly dependent variables": (
        Given(k=[2], m=[3], p=joint("k", "m", zeros=False)),
        "E_p(log(p(x, z)/(p(x)*p(z))))", "<= 1/2",
    ),
    "divergences of like distributions": (
        Given(k=range(2, 4), q=simplex("k"), p=simplex("k", zeros=False)), "KL(q, p)", "<= 4",
    ),
    "conditionally independent": (
        Given(k=[2], m=[2], l=[2], x=index("k"), y=index("m"), z=index("l"),
            p=joint("k", "m", "l")),
        "p(x, y|z)*p(z)", "= p(x|z)*p(y|z)*p(z)",
    ),
}  # fmt: skip

# Claims that hold everywhere, also where a covariance is nearly singular.
COVARIANCE = {"n": N, "Sigma": covariance("n")}
TWO_COVARIANCES = {"n": N, "A": covariance("n"), "B": covariance("n")}
TRUE = {
    "Cauchy–Schwarz": (
        Given(n=range(2, 6), Sigma=covariance("n")), "Sigma[1,2]**2", "<= Sigma[1,1]*Sigma[2,2]",
    ),
    "Cauchy–Schwarz in the metric of a covariance": (
        Given(**COVARIANCE, a=vector("n"), b=vector("n")),
        "(T(a)@b)**2", "<= (T(a)@Sigma@a)*(T(b)@inv(Sigma)@b)",
    ),
    "Hadamard": (Given(**COVARIANCE), "det(Sigma)", "<= Prod(Sigma[i,i], i, n)"),
    "arithmetic and geometric mean of eigenvalues": (
        Given(**COVARIANCE), "n*log(tr(Sigma)/n)", ">= log(det(Sigma))",
    ),
    "log det is concave": (
        Given(**TWO_COVARIANCES, w=between(0, 1)),
        "log(det(w*A + (1-w)*B))", ">= w*log(det(A)) + (1-w)*log(det(B))",
    ),
    "log det lies below its tangent": (
        Given(**TWO_COVARIANCES), "log(det(A)/det(B))", "<= tr(inv(B)@A) - n",
    ),
    "the trace of two covariances": (Given(**TWO_COVARIANCES), "tr(A@B)", ">= 0"),
    "Cauchy–Schwarz for traces": (
        Given(**TWO_COVARIANCES), "tr(A@B)**2", "<= tr(A@A)*tr(B@B)",
    ),
    "traces are cyclic": (Given(**ABC), "tr(A@B@C)", "= tr(C@A@B)", "= tr(T(A@B@C))"),
    "determinants multiply": (
        Given(n=N, A=matrix("n", "n"), B=covariance("n")), "det(A@B@T(A))", "= det(A)**2*det(B)",
    ),
    "an inverse of a product": (
        Given(n=N, A=matrix("n", "n"), B=matrix("n", "n")), "inv(A@B)", "= inv(B)@inv(A)",
    ),
    "Woodbury": (
        Given(**COVARIANCE, mu=vector("n")), "inv(Sigma + mu@T(mu))",
        "= inv(Sigma) - inv(Sigma)@mu@T(mu)@inv(Sigma)/(1 + T(mu)@inv(Sigma)@mu)",
    ),
    "the inverse undoes": (Given(**COVARIANCE), "inv(Sigma)@Sigma", "= I"),
    "a full-rank matrix has a positive Gram determinant": (
        Given(n=[2, 3], A=matrix("n", "n")), "det(T(A)@A)", "= det(A)**2", ">= 0",
    ),
    "the divergence in closed form": (
        Given(n=N, mu=vector("n"), Sigma=diagonal("n")),
        "KL(q, p)", f"= {KL_TO_STANDARD}", ">= 0", STANDARD,
    ),
    "the divergence in closed form, with correlations": (
        Given(n=[1, 2, 3], mu=vector("n"), Sigma=covariance("n")),
        "KL(q, p)", f"= {KL_TO_STANDARD}", ">= 0", STANDARD,
    ),
    "the divergence of two, one dimension": (
        Given(**PAIR), "KL(q, p)",
        "= log(sigma_p/sigma_q) + (sigma_q**2 + (mu_q-mu_p)**2)/(2*sigma_p**2) - 1/2",
        ">= 0", TWO,
    ),
    "the tangent": (Given(x=positive(), a=positive()), "log(x)", "<= log(a) + (x-a)/a"),
    "weighted means": (
        Given(a=positive(), b=positive(), w=between(0, 1)), "a**w*b**(1-w)", "<= w*a + (1-w)*b",
    ),
    "Pinsker": (
        Given(k=N, q=simplex("k"), p=simplex("k", zeros=False)),
        "Sum(abs(q(z) - p(z)), z)**2/2", "<= KL(q, p)",
    ),
    "entropy is at most that of equal odds": (Given(k=N, p=simplex("k")), "H(p)", "<= log(k)"),
    "the chain rule of entropy": (
        Given(k=range(1, 4), m=range(1, 4), p=joint("k", "m")),
        "H(p)", "= -Sum(p(x)*log(p(x)), x) - E_p(log(p(z|x)))",
    ),
    "strong subadditivity": (
        Given(k=[1, 2], m=[1, 2, 3], l=[2], p=joint("k", "m", "l")),
        "H(p(x, y, z)) + H(p(z))", "<= H(p(x, z)) + H(p(y, z))",
    ),
}  # fmt: skip


def checked(given, *lines):
    meanings = lines[-1] if isinstance(lines[-1], dict) else {}
    return chain(given, *(line for line in lines if isinstance(line, str)), **meanings).check()


@pytest.mark.parametrize("title", FALSE)
def test_what_holds_only_on_tame_cases_breaks(title):
    broken = checked(*FALSE[title]).first_broken
    assert broken and broken.values, "not seen to be false"


@pytest.mark.parametrize("title", TRUE)
def test_what_is_true_holds_at_extreme_cases(title):
    checked(*TRUE[title]).raise_if_broken()


# How the cases are chosen


KINDS = {
    "a real number": real(),
    "a positive number": positive(),
    "a probability": between(0, 1),
    "a number between others": between(1 / 2, 3 / 2),
    "a vector": vector("n"),
    "a positive vector": vector("n", positive=True),
    "a diagonal covariance": diagonal("n"),
    "a covariance": covariance("n"),
    "a square matrix": matrix("n", "n"),
    "a matrix": matrix("n", 2),
    "a distribution": simplex("n"),
    "a distribution without zeros": simplex("n", zeros=False),
    "a joint distribution": joint("n", "n"),
    "a joint distribution without zeros": joint("n", "n", zeros=False),
    "a joint distribution of three": joint("n", 2, "n"),
}


def as_read(number):
    """The number that a reader types after reading it in a report."""
    return float(Fraction(number_in_words(number).replace("−", "-")))


@pytest.mark.parametrize("title", KINDS)
def test_the_random_numbers_printed_are_the_numbers_used(title):
    kind = KINDS[title]
    rng = np.random.default_rng(3)
    for n in (1, 2, 4):
        sizes = [n if size == "n" else size for size in kind.dimensions]
        for draw in [kind.tame, kind.wild] * 20:
            value = draw(rng, *sizes)
            assert np.array_equal(value, np.vectorize(as_read)(value)), value


@pytest.mark.parametrize("n", [1, 2, 3, 5, 20])
def test_covariances_are_positive_definite_and_matrices_of_full_rank(n):
    rng = np.random.default_rng(4)
    for kind in (covariance("n"), diagonal("n"), matrix("n", "n")):
        values = [*kind.simple(*[n] * len(kind.dimensions))]
        for draw in [kind.tame, kind.wild] * 20:
            values.append(draw(rng, *[n] * len(kind.dimensions)))
        for value in values:
            assert np.linalg.matrix_rank(value) == n
            if len(kind.dimensions) == 1:
                assert np.array_equal(value, value.T) and np.linalg.eigvalsh(value).min() > 0


def test_tables_leave_out_no_outcome_and_sum_to_1():
    rng = np.random.default_rng(5)
    for sizes in [(2, 5), (15, 15), (1, 400), (3, 2, 4), (7, 7, 8)]:
        for zeros in (True, False):
            kind = joint(*sizes, zeros=zeros)
            for table in [*kind.simple(*sizes), kind.tame(rng, *sizes), kind.wild(rng, *sizes)]:
                assert table.shape == (sizes[0], np.prod(sizes[1:]))
                cells = table.reshape(sizes)
                assert abs(cells.sum() - 1) < 1e-12 and (zeros or cells.min() > 0)
                for axis in range(len(sizes)):
                    others = tuple(other for other in range(len(sizes)) if other != axis)
                    assert cells.sum(others).min() > 0


@pytest.mark.parametrize(
    ("given", "count"),
    [
        (Given(), 1),
        (Given(mu=[0.0]), 1),
        (Given(mu=[0.0, -0.0, 0, 1 / 2]), 2),
        (Given(mu=[0.0], n=[1, 2, 2]), 2),
        (Given(a=[1, 1 / 2], b=[1, 3 / 2, 2]), 6),
        (Given(k=[1], p=simplex("k")), 1),
        (Given(i=index(4)), 4),
    ],
)
def test_only_distinct_cases_count(given, count):
    assert sum(group.count for group in given.groups()) == count


def test_no_case_comes_twice():
    for group in Given(n=N, mu=vector("n"), Sigma=covariance("n"), w=between(0, 1)).groups():
        flat = [stack.reshape(group.count, -1) for stack in group.values.values()]
        assert len(np.unique(np.concatenate(flat, axis=1), axis=0)) == group.count


def test_a_single_extreme_value_is_found_where_all_else_is_simple():
    broken = checked(Given(**PAIR), "mu_p", "<= 3").first_broken
    assert broken.explanation().startswith("At μ_p = 10")
    broken = checked(Given(**PAIR), "mu_p - sigma_q", "<= 3").first_broken
    assert broken.explanation().startswith("At σ_q = 1, μ_p = 10")


# What may be given


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Given(n=range(1, 10**6)), "n: at most 100 values can be listed"),
        (lambda: Given(n=range(10**30)), "n: at most 100 values"),
        (lambda: Given(n=[10**400]), "n: expected numbers up to 1e\\+15"),
        (lambda: Given(a=range(99), b=range(99)), "b: with it there are 9,801 combinations"),
        (lambda: Given(k=range(1, 99), i=index("k")), "i: with it there are 4,851"),
        (lambda: Given(i=index(10**30)), "i: with it there are"),
        (lambda: Given(mu=vector(10**9)), "mu: 1,000,000,000 entries are too many; at most 400"),
        (lambda: Given(k=[10**5], p=simplex("k")), "p: 100,000 entries"),
        (lambda: Given(p=joint(9, 9, 9)), "p: 729 entries"),
        (lambda: Given(n=range(1, 99), v=vector(400)), "v: its cases would hold 2,038,400"),
        (lambda: Given(**{f"a{i}": real() for i in range(20)}), "a12: at most 12 parameters"),
        (lambda: Given(i=index("j"), j=index("k"), k=[2]), "i: an index cannot run up to another"),
        (lambda: Given(i=index(0)), "i: expected dimensions from 1"),
        (lambda: Given(n=[-1, 2], mu=vector("n")), "mu: expected dimensions from 1"),
        (lambda: Given(n=[1, 5 / 2], mu=vector("n")), "mu: the dimension 'n' has to be whole"),
        (lambda: Given(mu=vector(5 / 2)), "mu: expected a dimension such as 3 or 'n', got 2.5"),
        (lambda: Given(x=[1, float("nan")]), "x: expected finite real numbers, got nan"),
        (lambda: Given(x=[float("inf")]), "x: expected finite real numbers, got inf"),
        (lambda: Given(x=[1j]), "x: expected finite real numbers, got 1j"),
        (lambda: Given(x=[1, True]), "x: expected finite real numbers, got True"),
        (lambda: Given(x=["1"]), "x: expected finite real numbers, got '1'"),
        (lambda: Given(x=[[1, 2]]), r"x: expected finite real numbers, got \[1, 2\]"),
        (lambda: Given(x=np.ones(2)), "x: expected a kind"),
        (lambda: between(0, float("nan")), "between: expected two finite real numbers"),
        (lambda: between(0, "1"), "between: expected two finite real numbers"),
        (lambda: joint("k"), "joint: expected two or three numbers of outcomes, got 1"),
        (lambda: joint(2, 2, of=("x", "x")), "of: expected 2 different names"),
        (lambda: joint(2, 2, of="xz"), "of: expected 2 different names"),
        (lambda: simplex(2, of=3), "of: expected 1 different names"),
    ],
)
def test_what_is_too_large_or_no_number_is_refused_in_a_sentence(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_what_is_given_is_said_as_it_is():
    given = Given(n=[1, 2, 3, 4], s=range(1, 40, 2), x=[1, 3 / 2])
    assert repr(given) == "Given(n = 1, …, 4; s = 1, 3, 5, …, 39; x: one of a list)"
    given = Given(m=[1, 5, 2, 9], c=[-1, 0], i=index("m"))
    assert repr(given) == "Given(m = 1, 5, 2, 9; c = -1, 0; i = 1, …, m)"
    assert repr(Given(N=[1, 2, 3, 10**15])) == "Given(N = 1, 2, 3, 1000000000000000)"


def test_whole_numbers_that_are_no_dimensions_may_be_negative():
    broken = checked(Given(c=[-2, 1, 0], x=real()), "c*x**2", ">= 0").first_broken
    assert broken.explanation().startswith("At c = −2, x = 1:")


# Three finite variables


THREE = {"k": [1, 2], "m": [2], "l": [3], "p": joint("k", "m", "l")}
POSITIVE = THREE | {"p": joint("k", "m", "l", zeros=False)}
AT = {"x": index("k"), "y": index("m"), "z": index("l")}


def test_probabilities_are_those_of_the_table():
    cells = np.random.default_rng(6).dirichlet(np.ones(24), 5).reshape(5, 2, 3, 4)
    table, of = cells.reshape(5, 2, 12), ("x", "y", "z")

    def probability(**at):
        return tables.probability("p", table, (2, 3, 4), of, at)[..., 0, 0]

    assert np.array_equal(probability(x=2, y=3, z=1), cells[:, 1, 2, 0])
    assert np.allclose(probability(y=2), cells[:, :, 1, :].sum((1, 2)), rtol=1e-14)
    assert np.allclose(probability(z=4, x=1), cells[:, 0, :, 3].sum(1), rtol=1e-14)
    assert np.allclose(probability(), 1, rtol=1e-14)
    with pytest.raises(Fault, match="there is no entry 5; entries run from 1 to 4"):
        probability(z=5)


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        (THREE | AT, ["p(x, y, z)", "= p(z, x, y)", "= p(x, y|z)*p(z)", "= p(y, x|z)*p(z)"]),
        (POSITIVE | AT, ["p(x, y, z)", "= p(z|x, y)*p(x, y)", "= p(x|y, z)*p(y|z)*p(z)"]),
        (POSITIVE | AT, ["p(z|x, y)", "= p(x, y|z)*p(z)/p(y, x)", "= p(z|y, x)"]),
        (POSITIVE | AT, ["p(x|y)", "= Sum(p(x, z|y), z)", "= E(p(x|y, z), p(z|y))"]),
        (THREE, ["Sum(Sum(p(x, z), x), z)", "= Sum(p(y), y)", "= 1"]),
        (THREE, ["E_p(x*y*z)", "= Sum(Sum(Sum(p(x, y, z)*x*y*z, x), y), z)"]),
        (POSITIVE, ["H(p)", "= H(p(x)) - E_p(log(p(y, z|x)))", "= -E_p(log(p(x, y, z)))"]),
        (
            POSITIVE | AT | {"q": simplex("l")},
            ["KL(q(z), p(z|x, y))", "= E(log(q(z)/p(z|x, y)))", "= H(q, p(z|x, y)) - H(q)", ">= 0"],
        ),
        (
            POSITIVE | AT,
            ["KL(p(z|x, y), p(z))", "= E(log(p(z|x, y)/p(z)), p(z|x, y))", ">= 0"],
        ),
    ],
)
def test_three_variables_have_marginals_and_conditionals(given, lines):
    checked(Given(**given), *lines).raise_if_broken()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("= p(x, x)", "I cannot read `p(x, x)`; known is `p(x, y, z)`"),
        ("= p(x|x, y)", "I cannot read `p(x|x, y)`"),
        ("= p(w)", "I cannot read `p(w)`"),
        ("= p(x, 4, z)", "there is no entry 4"),
        ("= p(x|y|z)", "A bar stands only in"),
        ("= p(x|y, z|x)", "A bar stands only in"),
        ("= Sum(p(x, y, z), m, 3)", "`m` and `l` say how many outcomes there are"),
        ("= p(y)", "At k = 1, m = 2, l = 3, x = 1, y = 1, z = 1, p = [1/6, 1/6, 1/6, 1/6, "),
    ],
)
def test_what_is_wrong_with_three_variables_is_said(line, words):
    assert words in checked(Given(**THREE, **AT), "p(x)", line).first_broken.explanation()


def test_two_variables_are_read_by_name_where_names_stand():
    given = {"k": [1, 2], "m": [2, 3], "x": index("k"), "z": index("m"), "p": joint("k", "m")}
    checked(Given(**given), "p(x, z)", "= p(z, x)", "= p(z|x)*p(x)").raise_if_broken()


def test_a_list_may_hold_matrices_of_one_shape():
    given = Given(n=[2], mu=[np.zeros((2, 1))], Sigma=[np.eye(2), np.diag([1.0, 3.0])])
    assert sum(group.count for group in given.groups()) == 2
    for bad in ([np.array([[np.nan]])], [np.eye(2), np.eye(3)], [np.eye(2) * 1j], [np.eye(21)]):
        with pytest.raises(ValueError, match="Sigma: expected finite real numbers"):
            Given(Sigma=bad)
