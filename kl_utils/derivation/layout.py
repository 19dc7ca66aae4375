"""Rows that are narrow enough for a phone, of mathematics and of words."""

import ast
import re
import textwrap

from .mathematics import harmless, is_harmless
from .symbols import is_tall, number
from .typeset import PLAIN
from .typeset_arithmetic import signed_terms, typeset_term

_CODE_OR_MATHEMATICS = r"`[^`]*`|\$[^$]*\$"
_OUTSIDE_TEXT = {"\\": r"\backslash ", "^": r"{}^{\wedge}", "<": "{<}"}
_OUTSIDE_TEXT |= {special: "\\" + special for special in "#%&_{}$"}
_IN_CODE = _OUTSIDE_TEXT | {" ": r"\ ", "~": r"{\sim}"}
_IN_CODE |= {sign: f"{{{sign}}}" for sign in "*/+-=<>,:'"}  # no space around
_IN_CODE = str.maketrans(_IN_CODE)

_LETTERS = 21  # of mathematics that fit on a phone beside the number of the line
_CHARACTERS = 40  # of small text


def typeset_rows(tree, style=PLAIN, width=_LETTERS):
    """The LaTeX of an expression, broken before a plus or minus where it is too wide for a phone.

    Returns
    -------
    list of str
        One string a row, none of them much wider than the others. ``width`` counts letters.
    """
    whole = style.tex(tree)
    match tree:
        case ast.BinOp(left=inner, op=ast.Div(), right=ast.Constant(value=divisor)):
            size, terms = ("bigg" if is_tall(whole) else "big"), signed_terms(inner)
            front = rf"\tfrac{{1}}{{{number(divisor)}}} \{size}l["
            back = rf"\{size}r]"
        case _:
            front, terms, back = "", signed_terms(tree), ""
    if width_of(whole) <= width or len(terms) < 2:
        return [whole]
    texts = [typeset_term(style, sign, term, first=i == 0) for i, (sign, term) in enumerate(terms)]
    texts = [front + texts[0], *texts[1:-1], texts[-1] + back]
    rows = _packed(texts, width)
    while width > 1 and len(narrower := _packed(texts, width - 1)) == len(rows):
        rows, width = narrower, width - 1
    return rows


def _packed(texts, width):
    """Texts put side by side as long as they fit."""
    rows = [texts[0]]
    for text in texts[1:]:
        if width_of(rows[-1] + text) > width:
            rows.append(text)
        else:
            rows[-1] += text
    return rows


def text_rows(text):
    """Words with `code` and $mathematics$ as rows of small text, narrow enough for a phone."""
    words = re.findall(rf"(?:{_CODE_OR_MATHEMATICS}|\S)+", text)
    rows, used = [], _CHARACTERS + 1
    for word in words:
        width = round(width_of(word)) if "$" in word else len(word)
        if used + 1 + width > _CHARACTERS:
            rows.append(word)
            used = width
        else:
            rows[-1] += f" {word}"
            used += 1 + width
    return [rf"\small {_text_latex(row)}" for row in rows]


def code_rows(text):
    """A line that could not be read, as it was typed, in rows of code."""
    rows = textwrap.wrap(text, 2 * _CHARACTERS, break_on_hyphens=False) or [""]
    return [rf"\small {_code_latex(row)}" for row in rows]


def _text_latex(text):
    pieces = re.split(f"({_CODE_OR_MATHEMATICS})", text)
    return "".join(_piece_latex(piece) for piece in pieces if piece)


def _piece_latex(piece):
    if re.fullmatch(r"\$[^$]*\$", piece) and is_harmless(piece[1:-1]):
        return f"{{{harmless(piece[1:-1])}}}"  # braces: a minus sign in front is no difference
    if re.fullmatch("`[^`]*`", piece):
        return _code_latex(piece[1:-1])
    # What TeX takes for a command stands outside the text, where all renderers agree on it.
    parts = re.split(r"([#%&_{}$\\^]|<(?=[A-Za-z/!?]))", piece)
    return "".join(_OUTSIDE_TEXT.get(part) or rf"\text{{{part}}}" for part in parts if part)


def _code_latex(code):
    return rf"\mathtt{{{code.translate(_IN_CODE)}}}"


def width_of(tex):
    """About how wide a formula is, in letters; what is raised or lowered counts for less."""
    fraction = r"\\t?frac\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}"
    tex = re.sub(fraction, lambda parts: max(parts.groups(), key=len), tex)
    tex = re.sub(r"\\(left|right|[bB]igg?[lr]|operatorname|math[a-z]+|text|[lr]vert)", "", tex)
    script = r"[_^](\{[^{}]*\}|\\[a-z]+|.)"
    return _letters(re.sub(script, "", tex)) + 0.6 * _letters("".join(re.findall(script, tex)))


def _letters(tex):
    tex = re.sub(r"\\(log|det|exp)", "xx", re.sub(r"\\[,;!]|[{}\s]", "", tex))
    return len(re.sub(r"\\[a-zA-Z]+", "x", tex))
