"""Symbols, brackets and what else typesetting is made of."""

import re
from enum import IntEnum
from types import MappingProxyType
from typing import NamedTuple

from .vocabulary import GREEK

GREEK_LATEX = {"epsilon": r"\varepsilon", "eps": r"\varepsilon", "lam": r"\lambda"}
GREEK_LATEX |= {"Lam": r"\Lambda", "omicron": "o"}


class Level(IntEnum):
    """How tightly the outermost operation binds: what stands inside needs brackets below it."""

    SUM = 0  #      a + b, -a
    PRODUCT = 1  #  a b
    PREFIX = 2  #   log x, a sum sign: takes in all that follows
    POWER = 3  #    x², xᵀ, exp(x): a factor as it stands, but takes no further exponent
    ATOM = 4  #     x, E[x], |A|


class Piece(NamedTuple):
    tex: str
    level: Level


def symbol(name, rename=MappingProxyType({})):
    """The LaTeX of a name: ``mu_q`` is a Greek letter with a subscript."""
    base, subscript = base_and_subscript(name, rename)
    return f"{base}_{braced(subscript)}" if subscript else base


def base_and_subscript(name, rename):
    """The two parts of a symbol, after it was renamed; the subscript may be empty."""
    if name in rename:
        base, _, subscript = rename[name].partition("_")
        return base, subscript
    base, *subscripts = name.split("_")
    letters = base.rstrip("0123456789")
    subscripts = [base[len(letters) :], *subscripts]
    return _letter(letters), ",".join(_letter(part) for part in subscripts if part)


def _letter(word):
    if word == "inf":
        return r"\infty"
    if word in GREEK:
        return GREEK_LATEX.get(word, "\\" + word)
    return word if len(word) == 1 or word.isdigit() else rf"\mathrm{{{word}}}"


def number(value):
    """The LaTeX of a number as it was typed, up to 15 digits or to all that a float tells."""
    text = f"{value:.15g}"
    if float(text) != value:
        text = f"{value:.17g}"
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def braced(tex):
    return tex if len(tex) == 1 else f"{{{tex}}}"


def is_tall(tex):
    return re.search(r"\\(frac|sum|int|prod)(?![a-z])", tex) is not None


def bracket(tex, left="(", right=")", after_name=False):
    """Brackets no larger than they have to be; after a name without the space TeX would put."""
    if is_tall(tex):
        return (r"\!" if after_name else "") + rf"\left{left}{tex}\right{right}"
    if re.search(r"[()\[\]]", tex):
        return rf"\bigl{left}{tex}\bigr{right}"
    return left + tex + right


def group(piece, level):
    """The piece, in brackets unless it binds at least as tightly as ``level``."""
    if piece.level >= level:
        return piece.tex
    return bracket(piece.tex, "[", "]") if re.search(r"[()]", piece.tex) else bracket(piece.tex)
