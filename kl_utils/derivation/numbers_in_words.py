"""Numbers, matrices and cases in words, for the terminal and for the page."""

import re
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from .symbols import symbol
from .vocabulary import GREEK

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_MOST_DIGITS = 17  # no float has more
_READABLE = 200  # letters of a matrix
_DOTS = r"\dots"


class Precision(NamedTuple):
    """How many digits are written, and how near a number is to a fraction that it is taken for."""

    digits: int = 6
    rounding: float = 1e-12


USUAL = Precision()
GIVEN = Precision(rounding=0.0)  # parameters have no errors


def number_in_words(number, precision=USUAL):
    """A number for reading: 2, 1/2, 0.123457, ∞."""
    number = float(number)
    if np.isinf(number):
        return "∞" if number > 0 else "−∞"
    fraction = _as_fraction(number, precision)
    if fraction is not None:
        return str(fraction).replace("-", "−")
    mantissa, _, exponent = _decimal(number, precision).partition("e")
    power = f"10{str(int(exponent)).translate(_RAISED)}" if exponent else ""
    words = f"{mantissa}·{power}" if power else mantissa
    return words.removeprefix("1·").replace("-1·", "-").replace("-", "−")


def _as_fraction(number, precision):
    """The fraction with a small denominator that a number is, or None."""
    if not abs(number) < 1000:
        return None
    fraction = Fraction(number).limit_denominator(8)
    is_near = abs(number - fraction) <= precision.rounding * max(1, abs(number))
    return fraction if is_near else None


def _decimal(number, precision):
    return f"{number:.{precision.digits}g}"


def value_in_words(value, precision=USUAL):
    """A value for reading: a number, a column (a, b), or a matrix: I, diag(a, b), [a, b; c, d]."""

    def listed(numbers):
        return ", ".join(number_in_words(number, precision) for number in numbers)

    value = np.atleast_2d(value)
    rows, columns = value.shape
    if (rows, columns) == (1, 1):
        return number_in_words(value[0, 0], precision)
    if columns == 1:
        return f"({listed(value[:, 0])})"
    if rows == columns and (value == np.diag(np.diag(value))).all():
        diagonal = np.diag(value)
        return "I" if (diagonal == 1).all() else f"diag({listed(diagonal)})"
    return f"[{'; '.join(map(listed, value))}]"


def precision_to_tell_apart(a, b):
    """The usual precision where two values look different with it, else one with which they do."""
    finer = (Precision(digits, rounding=0.0) for digits in range(6, _MOST_DIGITS))
    for precision in (USUAL, *finer):
        if _decimals(a, precision) != _decimals(b, precision):
            return precision
    return Precision(_MOST_DIGITS, rounding=0.0)


def _decimals(value, precision):
    """The entries as one sees them: 1/3 looks like 0.333333, and I like diag(1, 1)."""
    fractions = ((n, _as_fraction(n, precision)) for n in np.ravel(value).tolist())
    return [_decimal(n if near is None else float(near), precision) for n, near in fractions]


def in_words(case):
    """Parameters for reading: n = 2, μ = (0, 0), Σ = I; a large matrix is left out."""
    return ", ".join(
        f"{name_in_words(name)} = {'…' if is_large(value) else value_in_words(value, GIVEN)}"
        for name, value in case.items()
    )


def is_large(value):
    """Would this value fill the page?"""
    return len(value_in_words(value, GIVEN)) > _READABLE


def name_in_words(name):
    letters, underscore, rest = name.partition("_")
    base = letters.rstrip("0123456789")
    return GREEK.get(base, base) + letters[len(base) :] + underscore + rest


def in_latex(case):
    """The same for the page, each parameter in dollar signs."""
    return ", ".join(
        f"${symbol(name)} = {_DOTS if is_large(value) else value_in_latex(value, GIVEN)}$"
        for name, value in case.items()
    )


def value_in_latex(value, precision=USUAL):
    words = value_in_words(value, precision).replace("∞", r"\infty").replace("−", "-")
    words = re.sub(r"(\d+)/(\d+)", r"\\tfrac{\1}{\2}", words)
    words = re.sub("10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: f"10^{{{m[1].translate(_LOWERED)}}}", words)
    words = words.replace("·", r" \cdot ")
    return words.replace("diag", r"\operatorname{diag}").replace("; ", r";\ ")
