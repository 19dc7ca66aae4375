"""The words of the language of derivations: its functions, constants and Greek letters."""

import unicodedata
from typing import NamedTuple


class Fault(ValueError):
    """What is wrong with a line, in a sentence for its author; code stands in `backticks`."""


class Function(NamedTuple):
    usage: str
    arguments: range
    meaning: str


def _function(usage, fewest, most=None):
    signature, meaning = usage.split(": ", 1)
    return Function(signature, range(fewest, (most or fewest) + 1), meaning)


FUNCTIONS = {
    "T": _function("T(x): transpose", 1),
    "inv": _function("inv(A): inverse matrix", 1),
    "det": _function("det(A): determinant", 1),
    "tr": _function("tr(A): trace", 1),
    "diag": _function("diag(s): diagonal matrix with the entries of a vector", 1),
    "log": _function("log(x): natural logarithm", 1),
    "exp": _function("exp(x): exponential function", 1),
    "sqrt": _function("sqrt(x): square root", 1),
    "abs": _function("abs(x): absolute value", 1),
    "normal": _function("normal(z, m, S): normal density at z, mean m, covariance S", 3),
    "E": _function("E(f): expectation for z ~ q; E_p(f) for z ~ p", 1, 2),
    "Var": _function("Var(f): variance for z ~ q; Var_p(f) for z ~ p", 1, 2),
    "mean": _function("mean(f): average over random draws z_s ~ q; mean_p(f) for z_s ~ p", 1, 2),
    "KL": _function("KL(q, p): divergence, evaluated from its definition", 2),
    "H": _function("H(q): entropy; H(q, p) is the cross-entropy -E(log(p(z)))", 1, 2),
    "Sum": _function("Sum(f, i, n): sum over i = 1, …, n; Sum(f, z) over a finite variable", 2, 3),
    "Prod": _function("Prod(f, i, n): product over i = 1, …, n", 2, 3),
    "Int": _function("Int(f, z): integral over the real line; Int(f, z, a, b) from a to b", 2, 4),
    "D": _function("D(f, mu): derivative, for a vector the gradient", 2),
}
CONSTANTS = {"pi": "the circle constant", "I": "the identity matrix"}
UNDER_A_DISTRIBUTION = {"E", "Var", "mean"}  # E(f) means E_q(f)

GREEK = {unicodedata.name(c).split()[-1].lower(): c for c in "αβγδεζηθικμνξπρστυφχψω"}
GREEK |= {unicodedata.name(c).split()[-1].title(): c for c in "ΓΔΘΞΠΣΥΦΨΩ"}
GREEK |= {"lam": "λ", "Lam": "Λ", "eps": "ε"}  # `lambda` is a word of Python
