"""Mathematics in a statement as plain text, for pages that show it without a typesetter."""

import re
import unicodedata

_WORDS = {"le": "≤", "ge": "≥", "cdot": "·", "times": "×", "mid": "|", "sim": "∼", "top": "ᵀ"}
_WORDS |= {"quad": " ", "dots": "…", "infty": "∞", "approx": "≈", "ne": "≠", "to": "→", "in": "∈"}
_WORDS |= {"sum": "∑", "int": "∫", "sqrt": "√", "tfrac": "frac", "dfrac": "frac"}
_SILENT = {"operatorname", "mathcal", "mathrm", "mathbf", "mathbb", "mathsf", "boldsymbol"}
_SILENT |= {"text", "left", "right"}
_RAISED = str.maketrans("0123456789n-", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ⁻")


def plain(text):
    """A statement in which what stands between dollar signs reads as plain text.

    Of a command that is not known, its name is left.
    """
    return re.sub(r"\$([^$]+)\$", lambda found: _formula(found[1]), text)


def _formula(latex):
    text = re.sub(r"\\[,;:! ]", " ", latex).replace(r"\|", "‖")
    text = re.sub(r"\\[tdc]?frac\s*(\d)\s*(\d)", r"\1/\2", text)
    text = re.sub(r"\\[tdc]?frac\{([^{}]*)\}\{([^{}]*)\}", r"(\1)/(\2)", text)
    text = re.sub(r"\\([a-zA-Z]+)", lambda found: _word(found[1]), text)
    text = re.sub(
        r"\^(\{-?[\dn]+\}|\{[ᵀ*]\}|[\dnᵀ*])", lambda found: found[1].translate(_RAISED), text
    )
    return " ".join(re.sub(r"[{}]", "", text).split())


def _word(name):
    if name in _SILENT:
        return ""
    kind = "CAPITAL" if name[0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {kind} LETTER {name.removeprefix('var').upper()}")
    except KeyError:
        return _WORDS.get(name, name)
