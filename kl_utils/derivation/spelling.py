"""What people type or paste, in the letters and signs of the language.

`typed` is the text that is shown and read; `spelled` writes the signs of paper as they are typed
here, where there is no doubt what is meant. What is in doubt is for `advice` to answer.
"""

import re
import unicodedata

from .vocabulary import GREEK

LONGEST = 1000  # characters of a line, or of a reason

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱ"
_LOWERED = "₀₁₂₃₄₅₆₇₈₉ₐₑᵢⱼₖₘₙₚₛₓ"
_KEPT = {*_RAISED, *_LOWERED, "ᵀ", "´"}  # what normal forms would make a letter or a digit
# In quotes without an r in front, Python reads the start of `\beta` as a sign without a shape.
_UNREAD = str.maketrans({"\a": r"\a", "\b": r"\b", "\f": r"\f", "\v": r"\v"})

_SIGNS = {letter: name for name, letter in reversed(GREEK.items())}
_SIGNS |= dict.fromkeys("−–—‒―‐", "-") | dict.fromkeys("·⋅∙•∗×⨯", "*")
_SIGNS |= dict.fromkeys("÷∕⁄", "/")
_SIGNS |= dict.fromkeys("′’‘´", "'") | dict.fromkeys("“”„«»‹›", '"')
_SIGNS |= {"∣": "|", "‖": "||", "∥": "||", "∞": "inf"}

_POWER = re.compile(f"[{_RAISED}]+")
_ACCENTS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
_HEAP = re.compile(f"([{_ACCENTS}]{{2}})[{_ACCENTS}]+")
_INDEXED = re.compile(f"([^\\W{_LOWERED}{_RAISED}]+)([{_LOWERED}]+)")


def typed(text):
    """A line as it is shown and read: as `printable`, and letters of odd shapes as usual ones."""
    text = " ".join(text.translate(_UNREAD).split())[: LONGEST + 1]
    return printable("".join(map(_usual, text)))


def printable(text):
    """A text as it is shown: nothing without a shape, no heaps of accents, not too long."""
    text = "".join(map(_with_a_shape, text.translate(_UNREAD)))
    text = _HEAP.sub(r"\1", unicodedata.normalize("NFC", text))
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def spelled(text, indices=None):
    """A text in the signs of the language: ``2·σ₁²`` becomes ``2*sigma_1**2``.

    Parameters
    ----------
    text : str
        As `typed` returns it.
    indices : dict of str to int, optional
        Names that have entries, and with how many indices: then ``σ₁`` becomes ``sigma[1]``.
    """
    text = _INDEXED.sub(lambda found: _entry(*found.groups(), indices or {}), text)
    text = _POWER.sub(lambda found: _power(_normal(found[0])), text)
    text = "".join(_SIGNS.get(c) or _fraction(c) or c for c in text)
    text = " ".join(text.split()).replace("√(", "sqrt(")
    return re.sub(r"(?<=[\w)\]]) ?\.$", "", text)  # a full stop


def _usual(character):
    if character in _KEPT or _fraction(character):
        return character
    return _normal(character)


def _normal(text):
    return unicodedata.normalize("NFKC", text)


def _with_a_shape(character):
    """The character, a blank for a line break of any sort, nothing for what has no shape."""
    category = unicodedata.category(character)
    if character.isspace() or category in ("Zl", "Zp"):
        return "\n" if character == "\n" else " "
    return "" if category.startswith("C") else character


def _entry(name, lowered, indices):
    parts = _normal(lowered)
    name = "".join(_SIGNS.get(character, character) for character in name)
    if indices.get(name) == 1:
        return f"{name}[{parts}]"
    if indices.get(name) == len(parts) == 2:
        return f"{name}[{', '.join(parts)}]"
    return f"{name}_{parts}"


def _power(exponent):
    return f"**{exponent}" if exponent.isalnum() else f"**({exponent})"


def _fraction(character):
    """``(1/2)`` for ½; empty for what is no fraction."""
    normal = _normal(character)
    is_fraction = len(normal) > 2 and "⁄" in normal and unicodedata.category(character) == "No"
    return f"({normal.replace('⁄', '/')})" if is_fraction else ""
