"""The frame of a task as mathematics: what is given, and its lines."""

import ast
import re

from kl_utils.derivation.calls import Made
from kl_utils.derivation.distributions import GIVEN_BY_USER, Gaussian
from kl_utils.derivation.parsing import parse
from kl_utils.derivation.report import line_latex
from kl_utils.derivation.symbols import symbol
from kl_utils.derivation.typeset_frames import kind_latex, meaning_latex

SIGNS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne", "<": "<", ">": ">", "=": "="}
HOLE = "hole"  # what stands for ___ where a line is read
WITHOUT_ZEROS = " without zeros"


def given_of_frame(frame):
    """Return what a frame gives, as LaTeX, one text each."""
    style = frame.bare.style
    kinds = {name: made_of_list(values) for name, values in frame.given.whole.items()}
    kinds |= {name: made_of_kind(kind) for name, kind in frame.given.kinds.items()}
    return [kind_latex(name, kind, style) for name, kind in kinds.items()] + [
        meaning_of(name, meaning, style) for name, meaning in frame.meanings.items()
    ]


def made_of_list(values):
    """Return a list of whole numbers, or the limit of an index, as a program would give it."""
    if not isinstance(values, list):
        return Made("index", [values], {})
    if values == list(range(values[0], values[-1] + 1)):
        return Made("range", [values[0], values[-1] + 1], {})
    return values


def made_of_kind(kind):
    """Return a kind as a program would give it."""
    sizes, words = list(kind.dimensions), kind.words.removesuffix(WITHOUT_ZEROS)
    if between := re.fullmatch("a number between (.*) and (.*)", words):
        return Made("between", list(between.groups()), {})
    if words == "one of a list":
        return list(kind.simple())
    of_table = {"of": list(kind.variables), "zeros": words == kind.words}
    name, options = {
        "a real number": ("real", {}),
        "a positive number": ("positive", {}),
        "a vector": ("vector", {}),
        "a positive vector": ("vector", {"positive": True}),
        "a diagonal covariance": ("diagonal", {}),
        "a covariance": ("covariance", {}),
        "a matrix of full rank": ("matrix", {}),
        "a distribution": ("simplex", of_table),
        "a joint distribution": ("joint", of_table),
    }[words]
    return Made(name, sizes, options)


def meaning_of(name, meaning, style):
    """Return the LaTeX of a distribution or an abbreviation."""
    if isinstance(meaning, Gaussian):
        texts = [ast.unparse(tree) for tree in (meaning.mean, meaning.cov)]
        return meaning_latex(name, Made("gaussian", texts, {"of": meaning.of[0]}), style)
    if isinstance(meaning, str):
        return meaning_latex(name, meaning, style)
    tree = meaning.density if isinstance(meaning, GIVEN_BY_USER) else meaning.table
    left = name if "(" in name else f"{name}({symbol(meaning.of[0])})"
    return f"{left} = {style.tex(tree)}"


def lines_of(frame, lines=(), first=None):
    """Return the first line of a frame and the lines below it, each as LaTeX and as typed.

    A hole, ``___``, is shown as a box.
    """
    texts = [line.replace("___", HOLE) for line in lines]
    derivation = frame.derivation(*((text, "") for text in texts), first=first)
    style = derivation.style.renamed(HOLE, r"\boxed{\,?\,}")
    return [
        {"latex": line_latex(line, style), "text": line.text.replace(HOLE, "___")}
        for line in derivation.lines
    ]


def formula(frame, text):
    """Return an expression or a comparison, such as ``mu**2 < 1``, as LaTeX for a line of text."""
    style = frame.bare.style
    parts = re.split(f"({'|'.join(SIGNS)})", text)
    return " ".join(SIGNS.get(part) or style.tex(parse(part)) for part in parts if part.strip())
