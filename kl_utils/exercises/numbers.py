"""Numbers in answers, typed as such or as a closed expression of the language, and drawn ones."""

import ast
import hashlib
import json
import re

import numpy as np

from ..derivation.advice import about_function
from ..derivation.functions import FUNCTIONS
from ..derivation.parsing import parse
from ..derivation.scope import Scope
from ..derivation.trees import names_in
from ..derivation.vocabulary import CONSTANTS, Fault
from .goals import CLOSED
from .task import BadAnswer

NO_LETTERS = (
    "No letters stand in this answer. Give a number, or an expression of numbers, such as "
    "`log(2)/2`."
)


def read_number(value, letters=None):
    """A number from an answer: 0.5, "1/2", "log(2)/2", "0.5 nats".

    Parameters
    ----------
    value : JSON value
    letters : mapping of str to number, optional
        Letters that may stand in it.

    Raises
    ------
    BadAnswer
        If it is no number, or an infinite one.
    """
    if isinstance(value, str):
        if re.search(r"\bbits?\s*$", value):
            raise BadAnswer("Give the number in nats.")
        text = re.sub(r"\s*\bnats?\s*$", "", value)
        if re.search(r"[<>=≈≤≥~]", text):
            raise BadAnswer("Give the value alone, without what it is equal to and without `=`.")
        if re.fullmatch(r"\s*[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?\s*", text):  # 14,400
            text = text.replace(",", "")
        try:
            value = number_of(read_closed(text, letters or {}), letters or {})
        except Fault as fault:
            raise BadAnswer(str(fault)) from None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadAnswer("A number belongs here, such as 0.5 or `1/2`.")
    if not abs(value) <= 1e300:
        raise BadAnswer("This is infinite, too large, or not a number.")
    return float(value)


def read_closed(text, letters):
    """The tree of a closed expression in some letters; a Fault says what does not belong there."""
    tree = parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.func.id not in CLOSED:
            name = node.func.id
            instead = f"Work `{name}(…)` out: a closed expression belongs here."
            raise Fault(about_function(name) or instead)
    for name in sorted(names_in(tree) - CLOSED - {*letters, *CONSTANTS}):
        raise Fault(_about_letter(name, letters))
    return tree


def _about_letter(name, letters):
    if name in FUNCTIONS or name.partition("_")[0] in FUNCTIONS:
        what = f"`{name}` is a function."
    elif not letters:
        return f"{NO_LETTERS} Euler's number is `exp(1)`." if name == "e" else NO_LETTERS
    else:
        what = f"`{name}` is not given."
    listed = ", ".join(f"`{letter}`" for letter in letters)
    return f"{what} {f'The letters here are {listed}.' if letters else 'A number belongs here.'}"


def number_of(tree, letters):
    """The value of a closed expression, given those of its letters."""
    scope = Scope({name: np.asarray(x, float).reshape(1, 1) for name, x in letters.items()}, {})
    try:
        with np.errstate(all="ignore"):
            value = scope.value(tree)
    except OverflowError:
        raise Fault("There is a number here that is too large.") from None
    if value.shape[-2:] != (1, 1):
        raise Fault("A number belongs here, not a vector or a matrix.")
    if np.isnan(value).any():
        trouble = next(iter(scope.journal.troubles), "it has the form ∞ − ∞ or 0/0")
        raise Fault(f"This is not a number: {trouble}.")
    return value.item()


def drawn(*parts):
    """A large whole number that depends on texts and numbers alone.

    It is the same on every machine and with every version of NumPy, whose generators promise less:
    what was handed in this year can be graded again in ten.
    """
    return int.from_bytes(hashlib.sha256(json.dumps(parts).encode()).digest(), "big")
