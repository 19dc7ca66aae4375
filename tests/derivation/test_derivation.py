"""The proof checker: right proofs hold, wrong ones break where they are wrong, nothing crashes."""

import doctest
import random
import re
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

import kl_utils.derivation
from kl_utils.derivation import (
    BrokenDerivation,
    Derivation,
    Given,
    advice,
    between,
    covariance,
    diagonal,
    gaussian,
    index,
    joint,
    matrix,
    real,
    simplex,
    vector,
)
from kl_utils.derivation import given as given_module
from kl_utils.derivation.report import bucket
from tests.support import wrong_proofs
from tests.support.worked_solutions import DIAGONAL, HOLDS, SLIPS, STANDARD, chain
from tools import ROOT


def check(given, *lines, **meanings):
    return chain(given, *lines, **meanings).check()


@pytest.mark.parametrize("title", HOLDS)
def test_a_right_derivation_holds(title):
    report = HOLDS[title].check()
    report.raise_if_broken()
    assert report.ok and report.first_broken is None
    equalities = any(verdict.line.relation == "=" for verdict in report.verdicts)
    assert report.summary().endswith("deviation < 1e-10.") == equalities


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip[0])
def test_a_slip_breaks_its_line_at_the_simplest_case(slip):
    _, derivation, label, case, words = slip
    report = derivation.check()
    explanation = report.first_broken.explanation()
    assert report.first_broken.label == label
    assert words in explanation
    if case:
        assert explanation.startswith(f"At {case}: ")
    with pytest.raises(BrokenDerivation, match=re.escape(f"({label})")):
        report.raise_if_broken()


def statuses(report):
    return [verdict.status for verdict in report.verdicts]


def test_the_first_broken_line_is_told_from_those_that_follow_it():
    report = check(
        Given(x=real()), "x", "= x + 1", "= 1 + x", "= 2*x", "= x", "= x - 0", "<= x + 1"
    )
    assert statuses(report) == [
        "start", "broken", "inherits", "broken", "cancels", "holds", "holds",
    ]  # fmt: skip
    assert "Two errors cancel here: this is the value of the first line again" in repr(report)
    report = check(Given(x=real()), "x", "= x + 2", "<= x + 1")
    assert "compared with the first line, this holds again" in repr(report)


def test_a_line_without_a_value_is_stepped_over():
    report = check(Given(x=real()), "x", "= 1/(x - x)", "= x*1", "= x + 1")
    assert statuses(report) == ["start", "broken", "holds", "broken"]
    assert "Compared with (1.1a)" in report.verdicts[2].notes[0].plain
    assert statuses(check(Given(x=real()), "x/0", "= x")) == ["broken", "unchecked"]
    # No value in a simple case goes before a wrong one in a later case.
    report = check(Given(x=real()), "x", "= 1 + x**2/x")
    assert report.first_broken.explanation().startswith("At x = 0: This is not a number")


def test_inequalities_report_their_slack():
    report = check(Given(x=real()), "2*x", "<= x**2 + 1", "<= x**2 + 2", "= 2 + x**2")
    assert report.ok
    assert report.verdicts[1].notes[0].plain == "Equality at 1 of 34 cases, the first at x = 1."
    assert report.verdicts[2].notes[0].plain == "The smallest slack is 1, at x = 0."
    tie = check(Given(n=range(1, 6)), "n/10", "<= n/10 + 3/10")
    assert tie.verdicts[1].notes[0].plain == "The smallest slack is 0.3, at n = 1."


def test_a_line_wrong_here_and_without_value_there_is_still_a_line():
    report = check(Given(x=real()), "x", "= x + 1/(2-x)", "= (2*x + 2/(2-x))/2", "= x + 7")
    assert statuses(report) == ["start", "broken", "inherits", "broken"]


def test_inequalities_order_numbers_only():
    report = check(DIAGONAL, "Sigma", "<= 2*Sigma")
    assert "At n = 2: An inequality compares numbers" in report.first_broken.explanation()


def test_an_inequality_never_turns_round():
    report = check(Given(x=real()), "x", "<= x + 1", ">= x - 3", "= x - 3", "= x - 4")
    assert statuses(report) == ["start", "holds", "broken", "inherits", "broken"]
    assert "says nothing about its first line" in report.first_broken.explanation()
    # A wrong step breaks although the claim about the first line happens to be true.
    assert statuses(check(Given(x=real()), "x", "<= x + 2", "= x + 1")) == [
        "start", "holds", "broken",
    ]  # fmt: skip


def test_monte_carlo_sees_what_it_can_see():
    lines = ["E(z**2)", "~ mean(z**2)", "= mu**2 + 1"]
    given, q = Given(mu=real()), gaussian("mu", "1")
    report = check(given, *lines, q=q)
    assert report.ok
    unseen = float(re.search(r"below (\S+) could", repr(report))[1])
    assert "at each of 8 cases" in repr(report)
    assert 0 < unseen < 1
    assert statuses(check(given, "E(z**2)", f"~ mean(z**2) + {2 * unseen}", q=q))[1] == "broken"
    assert statuses(check(given, "E(z**2)", "~ mean(z**2)", "= mu**2 + 1.01", q=q))[2] == "broken"
    assert "begin this line with `~`" in repr(check(given, "E(z)", "= mean(z)", q=q))


def test_a_line_that_ignores_a_parameter_gets_a_note_and_no_verdict():
    report = check(Given(a=real(), b=real()), "a + b - b", "= a")
    assert report.ok
    assert report.verdicts[1].notes[0].plain == "This line does not depend on b."


def test_a_line_that_is_always_infinite_is_no_evidence():
    first, equal, _ = HOLDS["infinite on both sides"].check().verdicts
    assert re.fullmatch(r"Infinite at \d+ of \d+ cases\.", first.notes[0].plain)
    assert not equal.notes  # what has been said of a line holds for its equals
    report = check(Given(x=real()), "exp(exp(exp(9)))", "= 9**9**9**9")
    assert "`exp(exp(9))` is too large for a computer" in report.first_broken.explanation()


# One row: what a student types as a second line below tr(Sigma), and what the verdict must say.
FAULTS = [
    ("", "nothing on this line"),
    ("tr(Sigma)", "Begin with =, <=, >= or ~."),
    ("= tr(Sigma", "1 opened, 0 closed"),
    ("= 2tr(Sigma)", "Write `*` between factors"),
    ("= 2 tr(Sigma)", "Write `*` between factors"),
    ("= tr(Sigma) = 3", "relation inside this line"),
    ("= tr(Sigma)^2", "Powers are written with two stars"),
    ("= Sigmma", "Did you mean `Sigma`?"),
    ("= trace(Sigma)", "Did you mean `tr`?"),
    ("= ln(det(Sigma))", "Did you mean `log`?"),
    ("= tr(Sigma, mu)", "write `tr(A)`"),
    ("= Int(1, u, 0)", "write `Int(f, z)`"),
    ("= lambda", "Write `lam`"),
    ("= mu(3)", "`mu` is no distribution. A product is written `mu*(…)`"),
    ("= q", "Its density is written `q(z)`"),
    ("= q(z)", "only inside an expectation"),
    ("= tr", "write `tr(A)`"),
    ("= mu + 1", "At n = 2: `mu + 1` combines a column of 2 entries with a number"),
    ("= T(mu)*mu", "The matrix product is written `@`"),
    ("= mu**2", "Do you mean `T(x)@x`?"),
    ("= log(Sigma)", "Do you mean `log(det(…))`?"),
    ("= mu[3]", "there is no entry 3"),
    ("= Sum(mu[i], i)", "Write `Sum(f, i, n)`"),
    ("= 1/(n-n)", "`1/(n-n)` divides by zero"),
    ("= log(-n)", "logarithm of a number that is not positive"),
    ("= sqrt(-n)", "root of a negative number"),
    ("= inv(Sigma - Sigma)", "has no inverse"),
    ("= 9**9**9**9", "`9**9**9` is too large for a computer"),
    ("= Int(1, u)", "does not converge"),
    ("= Int(exp(u**2), u)", "does not converge"),
    ("= " + "-" * 90 + "1", "nested too deeply"),
    ("= " + "1+" * 600 + "1", "longer than"),
    ("= Sum(Sum(Sum(i*j*k, i, 1000), j, 1000), k, 1000)", "too much computing"),
    ("= ().__class__.__bases__", "The dot in"),
    ("= __import__(n)", "belongs to Python"),
    ("= (lambda: n)()", "cannot read"),
    ("= [x for x in mu]", "is Python"),
    ("= 'a'", "not a real number"),
    ("= True", "not a real number"),
    ("= (n := 3)", "is Python"),
    ("= n if n else 1", "is Python"),
    ('= f"{n}"', "Curly brackets"),
    ("= open(n)", "I do not know the name `open`"),
    ("= D(n, n)", "not a parameter to differentiate by"),
    ("= Sum(1, i, exp(9999))", "not a whole number"),
    # habits of LaTeX
    (r"= \mu", "A backslash is LaTeX"),
    ("= \beta", "A backslash is LaTeX"),  # Python reads the start of it as a backspace
    ("= mu_{1}", "Curly brackets are LaTeX"),
    ("= T(mu)@Sigma^{-1}@mu", "an inverse `inv(A)`"),
    ("= mu^T mu", "A transpose is `T(x)`"),
    # habits of paper
    ("= mu'@mu", "A transpose is written `T(x)`"),
    ("= log|Sigma|", "A determinant is `det(A)`"),
    ("= ||mu||^2", "the square of a length `T(x)@x`"),
    ("= KL(q||p)", "a divergence `KL(q, p)`"),
    ("= 1/2 log n", "`log` needs brackets: write `log(x)`"),
    ("= tr Sigma", "`tr` needs brackets"),
    ("= E(log p(n|m))", "`log` needs brackets: write `log(x)`"),
    ("= 2*ln p(n|m) + 1", "`ln` needs brackets: write `log(x)`"),
    ("= ln n", "`ln` needs brackets: write `log(x)`"),
    ("= E[T(z)@z]", "Write `E(…)`, with round ones"),
    ("= E_q[T(z)@z]", "Write `E_q(…)`, with round ones"),
    ("= E(T(z)@z ~ q)", "write `E_q(f)`"),
    ("= T(mu)mu", "`@` between matrices"),
    ("= Sum(mu_i, i, n)", "Did you mean `mu[i]`?"),
    ("= mu[i]", "An index belongs to a sum"),
    ("= Sum(mu[i], i=1, n)", "Limits stand behind commas"),
    ("= Int(n, z=0..1)", "Limits stand behind commas"),
    ("= √n", "A square root is written `sqrt(x)`"),
    ("= ∫ q(u) du", "written `Int(f, z)`"),
    ("= ∑ mu", "written `Sum(f, i, n)`"),
    ("= ∏ mu", "written `Prod(f, i, n)`"),
    ("= ∂n", "written `D(f, x)`"),
    ("= 2½", "Is a `*` missing before a bracket?"),
    ("= muᵀ@mu", "A transpose is written `T(x)`"),
    ("= 1/∞", "`inf` is no number: it stands only as a limit"),
    ("= Int(q(u) du)", "with a comma and without the `d`"),
    ("= Int(exp(-u**2), du)", "the variable without the `d`"),
    ("= Int(inf, u)", "only as a limit"),
    ("= int_0^1 n", "An integral is written `Int(f, z)`"),
    ("= e^n", "The exponential function is written `exp(x)`"),
    ("= n!", "`n!` is `Gamma(n + 1)`"),
    ("= 5% * n", "5 percent are `0.05`"),
    ("= mu[1] + … + mu[n]", "Write all terms, or a sum"),
    ("= 0.5.5", "one decimal point only"),
    ("= tr(Sigma)  # the trace", "Words belong in the reason"),
    ("= ±n", "is two lines"),
    ("= ∀n: n", "What a letter stands for"),
    ("= n ⇒ n", "relation inside this line"),
    ("= n by the lemma", "Words belong in the reason"),
    ("= n +", "missing at the beginning or the end"),
    ("= $n$", "on a line, names stand as they are"),
    ("= 'n", "on a line, names stand as they are"),
    ("= d/dn tr(Sigma)", "A derivative is written `D(f, x)`"),
    ("= Sigma_i mu[i]", "A sum is written `Sum(f, i, n)`"),
    ("= P(z > 0)", "That z > m is `step(z - m)`"),
    ("= E_q", "A function has brackets, as in `E(f)`"),
    ("= p(y)", "`p` is given as a density of `z`, and `y` is not given"),
    ("= = n", "Two relations stand here"),
    ("= E(z|n)", "the condition belongs to the distribution"),
    ("= log_2(n)", "Write `log(x)/log(2)`"),
    ("= [n + 1]*2", "brackets are round here"),
    ("= 1_000", "is Python"),
    ("= " + "9" * 990, "too large a number for a computer"),
    ("= é", "is no name here"),
    ("= " + "n" * 31, "is longer than 30 characters"),
    ("= r(n)", "A density `r` has to be given"),
    ("= dmu", "A derivative is written `D(f, mu)`"),
    ("= ∮n", "The sign `∮` is not part of the language"),
    ("= normal(z; mu, Sigma)", "no semicolons"),
    ("= 0,5*n", "A decimal number has a point"),
    ("=> n", "cannot begin with `=>`"),
    # habits of Python
    ("= mu.T@mu", "The dot in `mu.T` is not part of the language. Write `T(x)`"),
    ("= np.log(n)", "Write `log(x)`"),
    ("= e**n", "Did you mean `exp(1)`?"),
    # capital and small letters, and names that are not given
    ("= MU", "Did you mean `mu`?"),
    ("= Tr(Sigma)", "Did you mean `tr`?"),
    ("= N", "Did you mean `n`?"),
    ("= d", "Given are `Sigma`, `mu`, `n`, `p`, `q`."),
    ("= max(n)", "write `max(a, b)`"),
    ("= arctan(n)", "The functions are `D`, `E`,"),
    ("= E(log_q)", "`log_q` is a function: write `log_q(z)`"),
    ("= E_r(z)", "No distribution `r` is given"),
    ("= E(q, z)", "`z` is a variable; a distribution belongs here"),
    ("= diag(Sigma)", "An entry of a matrix is written `A[i, j]`"),
]


@pytest.mark.parametrize(("text", "words"), FAULTS, ids=[text[:30] for text, _ in FAULTS])
def test_a_fault_is_a_verdict_in_words(text, words):
    report = check(DIAGONAL, "tr(Sigma)", text, **STANDARD)
    assert words in report.first_broken.explanation()
    assert report.first_broken.label == "1.1b"
    assert report._repr_latex_() and repr(report)


def test_every_habit_is_among_the_faults():
    said = [check(DIAGONAL, "tr(Sigma)", text).first_broken.explanation() for text, _ in FAULTS]
    for sentence in {*advice._NEVER.values(), *advice._UNREADABLE.values()}:
        assert any(sentence in explanation for explanation in said), sentence


def test_a_first_line_that_cannot_be_one_is_told_why():
    def explanation(line):
        return check(DIAGONAL, line).first_broken.explanation()

    assert "Leave out `=`" in explanation("= n")
    assert "Put what follows it on a line of its own" in explanation("n = tr(I)")
    assert "No distribution `q` is given" in explanation("E(z)")
    assert repr(Derivation("1.1", DIAGONAL)) == ""


def test_no_text_whatever_crashes_the_check():
    rng = random.Random(7)
    scraps = "mu Sigma n z q p E( T( inv( log_q( Sum( Int( D( KL( H( , i ) ) ) + - * / ** @ | [ ] "
    scraps += "1 2 0 0.5 . ' \" : ; lambda for in if import _ __ \\ # \n é \x00 ∞ = <= ~ ! % & { }"
    for _ in range(300):
        text = "= " + " ".join(rng.choices(scraps.split(" "), k=rng.randint(1, 9)))
        report = check(Given(n=[1, 2], mu=vector("n"), Sigma=diagonal("n")), "n", text, **STANDARD)
        assert report._repr_latex_() and repr(report)
        assert "I cannot work this line out" not in repr(report), text


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Given(E=real()), "E: this name is taken"),
        (lambda: Given(mu=vector("n")), "mu: the dimension 'n' is not given"),
        (lambda: Given(i=index("k")), "i: the dimension 'k' is not given"),
        (lambda: Given(mu=3), "mu: expected a kind"),
        (lambda: Given(mu=real), "mu: real needs brackets"),
        (lambda: Given(n=range(3), mu=vector("n")), "mu: expected dimensions from 1"),
        (lambda: between(1, 0), "low < high"),
        (lambda: Derivation("1.1", DIAGONAL, mu="1"), "mu: this name is taken"),
        (lambda: Derivation("1.1", DIAGONAL, t="t + 1"), "t: an abbreviation uses only"),
        (lambda: Derivation("1.1", DIAGONAL, s="t", t="s"), "s: an abbreviation uses only"),
        (lambda: Derivation("1.1", DIAGONAL).check(), "no lines yet"),
    ],
)
def test_what_the_author_of_a_derivation_gets_wrong_is_an_error(make, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()
    with pytest.raises(TypeError, match="text: expected a string"):
        chain(DIAGONAL, 3)
    with pytest.raises(TypeError, match="number: expected a string"):
        Derivation(DIAGONAL)
    with pytest.raises(TypeError, match=r"given: expected Given\(...\)"):
        Derivation("1.1", {"mu": 1})
    with pytest.raises(TypeError, match="mean: expected an expression in quotes"):
        gaussian(0, 1)
    with pytest.raises(TypeError, match="q: expected gaussian"):
        Derivation("1.1", DIAGONAL, q=3)


def test_what_could_not_be_evaluated_is_not_said_to_hold():
    given, q = Given(n=[1, 3], mu=vector("n")), gaussian("mu", "I")
    hard = "E(log(1 + T(z)@z))"
    report = check(given, hard, f"= 2*{hard}/2", q=q)
    assert "Not evaluated at 17 of 40 cases" in repr(report) and report.ok
    assert "checked at 23 of 40 cases" in repr(report)
    report = check(Given(n=[3], mu=vector("n")), hard, f"= {hard}", q=gaussian("0", "I"))
    assert "too hard for this check" in report.first_broken.explanation()


def test_a_covariance_is_symmetric_and_positive_definite():
    given = Given(n=[2], mu=vector("n"), A=matrix("n", "n"))
    assert "not symmetric" in repr(check(given, "E(T(z)@z)", q=gaussian("mu", "A")))
    assert "not positive definite" in repr(check(given, "E(T(z)@z)", q=gaussian("mu", "-I")))


def test_a_nested_expectation_with_a_kink_is_right():
    given, z, w = Given(mu=[0.0, 1.0, -3.0]), gaussian("mu", "1"), gaussian("0", "1", of="w")
    lines = ["E(E_r(abs(z - w)))", "= Int(abs(u)*normal(u, mu, 2), u)", "= 2/sqrt(pi)"]
    assert statuses(check(given, *lines, q=z, r=w)) == ["start", "holds", "broken"]


def test_terms_that_do_not_fit_into_memory_are_not_made():
    quadruple = "Sum(Sum(Sum(Sum(1/(i+j+k+l), i, 200), j, 200), k, 200), l, 200)"
    tracemalloc.start()
    try:
        report = check(Given(x=[1.0]), quadruple)
        assert tracemalloc.get_traced_memory()[1] < 500e6
    finally:
        tracemalloc.stop()
    assert "too much computing" in report.first_broken.explanation()


@pytest.mark.parametrize(
    ("deviation", "words"), [(0, "< 1e-10"), (2e-7, "< 1e-6"), (0.03, "< 1e-1")]
)
def test_deviations_are_coarse_bounds(deviation, words):
    assert bucket(deviation) == words


def test_simple_cases_come_first():
    given = Given(n=range(1, 4), mu=vector("n"), Sigma=covariance("n"), p=simplex("n"))
    groups = list(given.groups())
    assert [group.sizes["n"] for group in groups] == [1, 2, 3]
    for group in groups:
        assert np.array_equal(group.values["mu"][0], np.zeros((group.sizes["n"], 1)))
        assert np.array_equal(group.values["Sigma"][0], np.eye(group.sizes["n"]))
        assert np.linalg.eigvalsh(group.values["Sigma"]).min() > 0
        assert np.allclose(group.values["p"].sum(axis=(1, 2)), 1, rtol=1e-15)


def test_the_example_of_given_holds():
    assert doctest.testmod(given_module, extraglobs=vars(kl_utils.derivation)).failed == 0


def test_zeros_are_among_the_distributions_unless_refused():
    for kind in (simplex("k"), joint("k", "m")):
        tables = [g.values["p"] for g in Given(k=[2, 3], m=[2], p=kind).groups()]
        assert any((table == 0).any() for table in tables)
    rng = np.random.default_rng(0)
    tables = np.stack([joint("k", "m").tame(rng, 3, 3) for _ in range(300)])
    assert tables.sum(axis=1).all() and tables.sum(axis=2).all()
    assert all(
        (group.values["p"] > 0).all()
        for group in Given(k=[2, 3], m=[2], p=joint("k", "m", zeros=False)).groups()
    )


def test_what_is_displayed():
    derivation = HOLDS["S2c"]
    latex = derivation.check()._repr_latex_()
    assert latex.startswith("\\begin{align*}") and latex.endswith("\\end{align*}")
    assert re.findall(r"\\tag\{(.*?)\}", latex) == ["1.1a", "1.1b", "1.1c"]
    assert latex.count("\\checkmark") == 2 and "checkmark" not in derivation._repr_latex_()
    assert "Numerically" in latex and "Numerically" not in derivation._repr_latex_()
    assert repr(derivation).splitlines()[0] == "(1.1a)   KL(q, p)"


@pytest.mark.long
def test_a_check_says_the_same_twice_in_any_number_of_threads():
    code = (
        "from tests.support.worked_solutions import HOLDS, SLIPS\n"
        "for d in [*HOLDS.values(), *(slip[1] for slip in SLIPS)]:\n"
        "    report = d.check(); print(report, report._repr_latex_())\n"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads, "PATH": ""},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    ]
    assert outputs[0] == outputs[1]


# Proofs that were invented after the checker was done


@pytest.mark.parametrize("proof", wrong_proofs.WRONG, ids=lambda proof: proof.title)
def test_an_invented_wrong_proof_is_caught_at_its_line(proof):
    report = proof.derivation().check()
    assert report.first_broken.label == proof.breaks_at, repr(report)


@pytest.mark.parametrize("proof", wrong_proofs.RIGHT, ids=lambda proof: proof.title)
def test_an_invented_right_proof_is_not_rejected(proof):
    proof.derivation().check().raise_if_broken()
