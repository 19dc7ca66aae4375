"""The words that all modules share: a fault, the constants, the Greek letters, what a name is."""

import keyword
import re
import unicodedata


class Fault(ValueError):
    """What is wrong with a line, in a sentence for its author; code stands in `backticks`."""


CONSTANTS = {
    "pi": "the circle constant",
    "I": "the identity matrix",
    "inf": "infinity, as a limit",
}

GREEK = {unicodedata.name(c).split()[-1].lower(): c for c in "αβγδεζηθικμνξπρστυφχψω"}
GREEK |= {unicodedata.name(c).split()[-1].title(): c for c in "ΓΔΘΞΠΣΥΦΨΩ"}
GREEK |= {"lam": "λ", "Lam": "Λ", "eps": "ε"}  # `lambda` is a word of Python

LONGEST_NAME = 30
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")


def why_no_name(name):
    """What is wrong with a name, as the end of a sentence; empty where it is one."""
    if keyword.iskeyword(name):
        return "is a word of Python; choose another"
    if len(name) > LONGEST_NAME:
        return f"is longer than {LONGEST_NAME} characters"
    if not _NAME.fullmatch(name):
        return (
            "is no name here: a letter from a to z or a Greek one by its name, then letters, "
            "digits, or an index after `_`"
        )
    return ""


def check_name(name):
    """Raise a ValueError for what cannot be the name of a parameter or a variable."""
    why = why_no_name(name) if isinstance(name, str) else "is no text"
    if name in ("I", "inf"):
        why = "is a constant of the language; choose another"
    if why:
        raise ValueError(f"{str(name)[:60]!r}: this name {why}")
