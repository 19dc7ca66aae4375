"""Quadrature is right or says that it cannot tell: on a table of integrals, and on random bumps."""

from collections import Counter
from functools import cache

import mpmath as mp
import numpy as np
import pytest

from kl_utils.derivation import Derivation, Given, gaussian
from kl_utils.expectation import expect_normal, integrate
from kl_utils.quadrature import DoesNotConverge

from .bumps import SHAPES, random_bumps
from .integrands import CONVERGENT, INTEGRANDS, WITHOUT_VALUE


@cache
def answer(integrand):
    """The value that quadrature finds, or None where it says that it finds none."""
    try:
        with np.errstate(all="ignore"):
            if integrand.normal:
                return expect_normal(integrand.f, *integrand.normal).value
            return integrate(integrand.f, *integrand.limits).value
    except DoesNotConverge:
        return None


def is_right(value, truth, scale):
    with mp.workdps(40):
        return abs(mp.mpf(value) - truth) <= mp.mpf(1e-8) * scale


@pytest.mark.parametrize("integrand", CONVERGENT, ids=lambda row: row.name)
def test_no_value_is_wrong(integrand):
    value = answer(integrand)
    assert value is None or is_right(value, integrand.truth, integrand.scale), value


@pytest.mark.parametrize("integrand", WITHOUT_VALUE, ids=lambda row: row.name)
def test_a_divergent_integral_has_no_value(integrand):
    assert answer(integrand) is None


def test_nine_of_ten_integrals_are_answered():
    unanswered = [row.name for row in CONVERGENT if answer(row) is None]
    assert len(unanswered) <= len(CONVERGENT) / 10, unanswered


def outcome(bump):
    try:
        with np.errstate(all="ignore"):
            found = expect_normal(bump, *bump.normal) if bump.normal else integrate(bump)
    except DoesNotConverge:
        return "unanswered"
    with mp.workdps(40):
        truth = bump.truth
        underflows = 0 <= found.value < 1e-300 and truth < 1e-300
        return "right" if underflows or is_right(found.value, truth, abs(truth)) else "wrong"


def bumps_are_right_or_unanswered(count, answered):
    bumps = list(random_bumps(count))
    outcomes = [outcome(bump) for bump in bumps]
    kinds = Counter(
        (found, bump.shape, "normal" if bump.normal else "line")
        for found, bump in zip(outcomes, bumps, strict=True)
        if found != "right"
    )
    print(*(f"{n} {' '.join(kind)}" for kind, n in kinds.items()), sep="\n")
    wrong = [bump for found, bump in zip(outcomes, bumps, strict=True) if found == "wrong"]
    assert not wrong, wrong[:5]
    assert outcomes.count("unanswered") <= (1 - answered) * count, kinds


def test_random_bumps_are_right_or_unanswered():
    bumps_are_right_or_unanswered(40, answered=0.95)


@pytest.mark.long
def test_many_random_bumps_are_right_or_unanswered():
    bumps_are_right_or_unanswered(300, answered=0.97)


@pytest.mark.parametrize("shape", [name for name in SHAPES if SHAPES[name].under_normal])
def test_the_closed_forms_under_a_normal_are_right(shape):
    scale, shift, std = mp.mpf("0.8"), mp.mpf("0.6"), mp.mpf("1.3")

    def weighted(z):
        return float(SHAPES[shape].f(float(z / scale))) / scale * mp.npdf(z, shift, std)

    truth = mp.quad(weighted, [-12, -2, -scale, 0, scale, 2, 12])
    with mp.workdps(40):
        found = SHAPES[shape].under_normal(shift, std, scale)
    assert found == pytest.approx(truth, rel=1e-9)


def as_derivation(integrand, value):
    """The row as a proof of one step: the integral is the number ``value``."""
    if integrand.normal:
        mean, std = integrand.normal
        derivation = Derivation("1.1", Given(), q=gaussian(f"{mean}", f"({std:.20f})**2"))
        derivation.line(f"E({integrand.text})")
    else:
        derivation = Derivation("1.1", Given())
        low, high = map(str, integrand.limits)
        derivation.line(f"Int({integrand.text}, z, {low}, {high})")
    derivation.line(f"= {value}")
    return derivation


@cache
def check_of_truth(integrand):
    return as_derivation(integrand, repr(float(integrand.truth))).check()


def says_no_value(report):
    return report.verdicts[0].status == "broken" and report.verdicts[1].status == "unchecked"


LINES = [row for row in INTEGRANDS if row.text]


@pytest.mark.long
@pytest.mark.parametrize("integrand", LINES, ids=lambda row: row.name)
def test_a_line_with_the_integral_is_never_judged_wrongly(integrand):
    if not integrand.closed_form:
        assert says_no_value(as_derivation(integrand, 0).check())
        return
    value, scale = float(integrand.truth), float(integrand.scale)
    true_line = check_of_truth(integrand)
    assert true_line.ok or says_no_value(true_line), str(true_line)
    assert not as_derivation(integrand, repr(value + (scale or 1) / 1000)).check().ok
    assert not value or not as_derivation(integrand, 0).check().ok


def test_nine_of_ten_lines_with_an_integral_are_answered():
    rows = [row for row in LINES if row.closed_form]
    refused = [row.name for row in rows if not check_of_truth(row).ok]
    assert len(refused) <= len(rows) / 10, refused


def bump_lines_are_judged_rightly(count):
    """E[exp(−(z−a)²/(2b²))/b] under N(0, 1) is √2π N(a; 0, 1 + b²), and is not 0."""
    rng = np.random.default_rng(1)
    refused = []
    for _ in range(count):
        a, b = float(f"{rng.uniform(-3, 3):.4g}"), float(f"{10 ** rng.uniform(-4, 3):.4g}")
        given = Given(a=[a], b=[b])

        def follows(line, given=given):
            derivation = Derivation("1.1", given, q=gaussian("0", "1"))
            derivation.line("E(exp(-(z-a)**2/(2*b**2))/b)")
            derivation.line(line)
            return derivation.check().ok

        assert not follows("= 0"), (a, b)
        if not follows("= exp(-a**2/(2*(1+b**2)))/sqrt(1+b**2)"):
            refused.append((a, b))
    assert len(refused) <= 0.03 * count, refused[:5]


def test_bumps_as_lines_are_judged_rightly():
    bump_lines_are_judged_rightly(25)


@pytest.mark.long
def test_two_hundred_bumps_as_lines_are_judged_rightly():
    bump_lines_are_judged_rightly(200)
