"""What is right on a wrong line: the parts of a step that its fault does not touch.

A part is right where some terms of the line below add up to what it should become. Where all parts
seem right, the fault lies beside them, and one is taken as wrong: a wrong step costs points.
"""

import ast
from itertools import combinations

import numpy as np

from .moments import averages
from .slips import additive_terms, varying

_MOST_TERMS, _MOST_TOGETHER = 12, 4
_ROUNDING = 1e-9
_CASES = (-1, -2)


def right_moments(above, below, formal):
    """Of the averages that a wrong step evaluates, how many come out right, and how many are there?

    They are counted as the line above writes them, or term by term where it has a single one.
    """
    units = [
        term for term in additive_terms(above.tree, inside=False) if _is_done(term, above, below)
    ]
    if len(units) == 1:
        units = additive_terms(units[0])
    wanted = [_true(unit, formal) for unit in units if not _is_constant(unit, formal)]
    wanted = [value for value in wanted if value.any()]
    found = [_true(term, formal) for term in additive_terms(below.tree)[:_MOST_TERMS]]
    right, count = sum(_take(value, found) for value in wanted), max(1, len(wanted))
    return min(right, count - 1), count


def _is_done(term, above, below):
    """Has this term of the line above moments, all of which the step evaluates?"""
    found = {*map(ast.unparse, averages(term))}
    return found & above.moments and not found & (above.others | below.moments)


def _is_constant(term, formal):
    """Does it not depend on what is averaged?"""
    return not any(_at_cases(term, formal).ravel())


def right_densities(above, below, formal, densities):
    """Which of some densities stand right on a wrong line, up to their constants?"""
    found = [_at_cases(term, formal) for term in additive_terms(below.tree)[:_MOST_TERMS]]
    right = set()
    whole = _at_cases(above.tree, formal)
    for density in sorted(densities):
        part = whole - _at_cases(above.tree, formal, without=density)
        if part.any() and _take(part, found):
            right.add(density)
    return right - {max(densities)} if right == {*densities} else right


def _true(tree, formal):
    return np.concatenate([values.number.ravel() for values in formal.values(tree)])


def _at_cases(tree, formal, **reading):
    """How the formal value of a tree varies with the points, at two cases."""
    read = formal.read(tree, **reading)
    return np.concatenate([varying(formal.values(read, formal.frozen(case))[0]) for case in _CASES])


def _take(value, terms):
    """Take away the fewest of the terms that add up to a value; False where none do."""
    rounding = _ROUNDING * abs(value).max()
    for count in range(1, _MOST_TOGETHER + 1):
        for chosen in combinations(range(len(terms)), count):
            if abs(value - sum(terms[at] for at in chosen)).max() <= rounding:
                for at in reversed(chosen):
                    del terms[at]
                return True
    return False
