"""Right answers to the tasks of any set, by general methods."""

import ast
from dataclasses import replace
from fractions import Fraction
from itertools import combinations_with_replacement, product

import numpy as np

from kl_utils.derivation.line_values import evaluate_line
from kl_utils.derivation.parsing import parse
from kl_utils.exercises.boundaries import beside_boundary
from kl_utils.exercises.cases import case_at, read_case
from kl_utils.exercises.claims import claims_at

from .proofs import by_definition, lines, proof, with_densities, with_moments

CASES = 2000  # at which a condition is looked for: more than the grader tries
WORDS = "Words of about the right length, which a person would have to read. " * 8


def solve(question, code):
    """An answer to a task that should get all points, or have them held for a person.

    A program is none of these: `references` has functions instead.
    """
    return _SOLVERS[question.data["kind"]](question.task(code))


def repaired(task):
    """The line above with its means evaluated."""
    above = (task.frame.first, *(line.partition("=")[2] for line in task.lines))[task.at - 1]
    return f"= {ast.unparse(with_moments(parse(above), task.frame))}"


def number(task):
    """The value of what is asked, with divergences and densities written out before."""
    tree = with_densities(by_definition(parse(task.key), task.frame), task.frame)
    return value_of(ast.unparse(tree), task)


def value_of(expression, task):
    """The value of an expression at the numbers of a task, to nine digits."""
    numbers = read_case(task.numbers, task.frame.given)
    frame = replace(task.frame, given=case_at(task.frame.given, numbers))
    derivation = frame.derivation(first=expression)
    with np.errstate(all="ignore"):
        line = evaluate_line(derivation.lines[0], list(derivation.given.groups()), derivation)
    return float(f"{line.groups[0].number.item():.9g}")


def condition(task):
    """The comparison of two monomials that holds where the claim does.

    It has the form ``a >= c*b``, or its reverse, where b is nowhere negative. So c lies between the
    ratios at cases where the claim fails and those where it holds; the simplest number there is
    taken, or the one at which the claim is an equality.
    """
    return [single_condition(task)]


def single_condition(task):
    """The comparison as a text; a ValueError where there is none of this form."""
    groups = list(task.frame.given.groups(random=CASES))
    claims = claims_at(task.frame, task.claim, groups)
    if not any(claim.is_equality.any() for claim in claims):  # then its number is looked for
        near = _near_boundary(task, groups)
        groups, claims = groups + near, claims + claims_at(task.frame, task.claim, near)
    holds = np.concatenate([claim.holds for claim in claims])
    is_edge = np.concatenate([claim.is_equality for claim in claims])
    letters = {
        name: np.concatenate([group.values[name][:, 0, 0] for group in groups])
        for name in task.frame.given.kinds
    }
    monomials = {"1": np.ones(len(holds))}
    for degree in (1, 2):
        for names in combinations_with_replacement(letters, degree):
            monomials["*".join(names)] = np.prod([letters[name] for name in names], axis=0)
    for (left, a), (right, b), sign in product(monomials.items(), monomials.items(), (1, -1)):
        if left != right and (b >= 0).all():
            c = _threshold(sign * a, b, holds, is_edge)
            if c is not None:
                return f"{left} {'>=' if sign == 1 else '<='} {sign * c}*{right}"
    raise ValueError("no comparison of two monomials is the condition")


def _near_boundary(task, groups):
    """Cases from beside where the claim begins to fail: three digits of a number count."""
    inside, outside = beside_boundary(
        lambda group: claims_at(task.frame, task.claim, [group])[0].holds, task.frame.given, groups
    )
    return inside + outside


def _threshold(a, b, holds, is_edge):
    """The c with which a >= c b holds where it should, or None."""
    at_zero = b == 0
    if ((a >= 0) != holds)[at_zero].any():
        return None
    ratio, holds, is_edge = (a[~at_zero] / b[~at_zero], holds[~at_zero], is_edge[~at_zero])
    low, high = ratio[~holds].max(initial=-np.inf), ratio[holds].min(initial=np.inf)
    if not low < high or np.isinf(high - low):
        return None
    if is_edge[holds & np.isclose(ratio, high)].any():
        return Fraction(high).limit_denominator(100)
    return next(
        simple
        for most in range(1, 10_000)
        if low < (simple := Fraction((low + high) / 2).limit_denominator(most)) < high
    )


_SOLVERS = {
    "prove": lambda task: lines(proof(task)),
    "repair": lambda task: {"text": repaired(task), "reason": ""},
    "compute": number,
    "condition": condition,
    "explain": lambda task: WORDS,
}
