"""The words that all modules share: a fault, the constants and the Greek letters."""

import unicodedata


class Fault(ValueError):
    """What is wrong with a line, in a sentence for its author; code stands in `backticks`."""


CONSTANTS = {"pi": "the circle constant", "I": "the identity matrix"}

GREEK = {unicodedata.name(c).split()[-1].lower(): c for c in "αβγδεζηθικμνξπρστυφχψω"}
GREEK |= {unicodedata.name(c).split()[-1].title(): c for c in "ΓΔΘΞΠΣΥΦΨΩ"}
GREEK |= {"lam": "λ", "Lam": "Λ", "eps": "ε"}  # `lambda` is a word of Python
