"""Whether the densities and probabilities that a derivation is given are any: their total is 1."""

import ast

import numpy as np

from . import trees
from .case_values import values_at_cases
from .distributions import GIVEN_BY_USER, Density, density_of
from .journal import MOST_WORK, Journal
from .numbers_in_words import Precision, in_words, number_in_words
from .vocabulary import Fault

_ONE = 1e-6  # how far from 1 a total may be


def faults_of_given(derivation, groups, names):
    """What is wrong with the distributions that lines use, as a sentence for each of their names.

    Parameters
    ----------
    derivation : Derivation
    groups : list of Group
    names : set of str
        All names that the lines depend on.

    Returns
    -------
    dict of str to str
        Empty sentences, too: where nothing is wrong, or nothing can be told.
    """
    journal = Journal(budget=MOST_WORK)
    return {
        key.partition("(")[0]: _fault(key, meaning, derivation, groups, journal)
        for key, meaning in derivation.meanings.items()
        if _is_formula(meaning) and key.partition("(")[0] in names
    }


def _is_formula(meaning):
    return isinstance(meaning, GIVEN_BY_USER) or getattr(meaning, "table", None) is not None


def _fault(key, meaning, derivation, groups, journal):
    weight = density_of(key, meaning)
    if "(" in key:  # such as p(z|x)
        weight = ast.parse(key, mode="eval").body
        for node in ast.walk(weight):
            node.source = ast.unparse(node)
    is_density = isinstance(meaning, Density)
    given = f"The {'density' if is_density else 'probabilities'} given for `{key}`"
    for group in groups:
        try:
            total, size = (
                values_at_cases(tree, group, np.arange(group.count), derivation, journal)
                for tree in _total_and_size(weight, meaning)
            )
        except Fault:  # which the lines will meet, too
            return ""
        known = total.known & size.known
        value, size = total.number[:, 0, 0], size.number[:, 0, 0]
        is_negative = known & (size - abs(value) > _ONE * size)
        wrong = is_negative | known & (abs(value - 1) > _ONE)
        if not wrong.any():
            continue
        case = int(np.argmax(wrong))
        names = trees.names_reached(weight, derivation.meanings)
        where = in_words({n: v for n, v in group.case(case).items() if n in names})
        where = f"at {where} " if where else ""
        if is_negative[case]:
            verb = "is negative somewhere" if is_density else "are not all positive"
            return f"{given} {verb}{where and f', {where.rstrip()}'}."
        found = number_in_words(value[case], Precision(3))
        if is_density:
            return f"{given} does not integrate to 1: {where}it is {found}."
        return f"{given} do not add up to 1: {where}they make {found}."
    return ""


def _total_and_size(weight, meaning):
    """The trees of the integral, or the sum, of a density and of its absolute value."""
    function, limits = "Sum", []
    if isinstance(meaning, GIVEN_BY_USER):
        function = "Int" if isinstance(meaning, Density) else "Sum"
        limits = [meaning.low, meaning.high]
    for body in (weight, trees.call("abs", [weight])):
        yield trees.call(function, [body, trees.name(meaning.of[0]), *limits])
