"""The cases at which lines are compared: rich enough, simple first, distinct, and of bounded size."""

import re

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
    vector,
)
from kl_utils.derivation.kinds import Kind
from kl_utils.derivation.report import number_in_words
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
