"""What people type out of habit, and what to write instead.

A line that is not in the language was mostly meant well: it is LaTeX, or Python, or what one writes
on paper. The answer names the habit and gives the spelling to use.
"""

import difflib
import re

from .functions import FUNCTIONS
from .vocabulary import CONSTANTS, Fault

_FUNCTIONS_ELSEWHERE = {
    "ln": "log",
    "trace": "tr",
    "transpose": "T",
    "dot": "T(x)@y",
    "norm": "sqrt(T(x)@x)",
    "inverse": "inv",
    "eye": "I",
    "sum": "Sum",
    "prod": "Prod",
    "integral": "Int",
    "integrate": "Int",
    "diff": "D",
    "grad": "D",
    "expectation": "E",
    "std": "sqrt(Var(f))",
    "entropy": "H",
    "D_KL": "KL",
    "N": "normal",
}
_NUMBERS_ELSEWHERE = {"e": "exp(1)", "identity": "I"}
_INFINITIES = ("inf", "infinity", "oo")
_INDICES = ("i", "j")

BAR = (
    "A bar stands only in `p(z|x)`. A determinant is `det(A)`, an absolute value `abs(x)`, the "
    "square of a length `T(x)@x`, a divergence `KL(q, p)`."
)
RELATION_INSIDE = "There is a relation inside this line. Put what follows it on a line of its own."
_WHOLE_LINE = "An integral over the whole line has no limits: `Int(f, z)`."

# Signs that have no place in any line, each with the advice to give.
_NEVER = {
    r"\\|[\a\b]": "A backslash is LaTeX. Type names without it, as in `mu` and `log(x)`, and "
    "fractions as `a/b`.",
    r"√": "A square root is written `sqrt(x)`.",
    r"∞": _WHOLE_LINE,
    r"∫": "An integral is written `Int(f, z)`.",
    r"∑": "A sum is written `Sum(f, i, n)`.",
    r"∏": "A product is written `Prod(f, i, n)`.",
    r"[∂∇]": "A derivative is written `D(f, x)`.",
    r"[½¼¾]": "A fraction is written `a/b`, as in `1/2`.",
    r"[ᵀ⊤]|^[^']*[\w)\]]'": "A transpose is written `T(x)`.",
    r"\|\|": BAR,
    r"\^": "Powers are written with two stars: `x**2`, not `x^2`. A transpose is `T(x)`, an "
    "inverse `inv(A)`.",
    r"[{}]": "Curly brackets are LaTeX. Use round ones; what stands below is typed `E_q(f)`, "
    "`mu_q` or `mu[i]`.",
    r";": "There are no semicolons here. Arguments have commas between them.",
}
# What keeps Python's parser from reading a line, the most telling first.
_UNREADABLE = {
    r"\blambda\b": "`lambda` is a word of Python. Write `lam` for the Greek letter.",
    r"\b(Sum|Prod)\(.*\w\s*=\s*\d": "An index runs from 1: write `Sum(f, i, n)`.",
    r"\bE\w*\(.*~": "The distribution stands below the E: write `E_q(f)`.",
    r"[<>=!~≈≤≥]": RELATION_INSIDE,
    r"\|": BAR,
    r"\bInt\(.*[\s\d)]d[a-zA-Z]\w*\s*\)": "An integral is written `Int(f, z)`, with a comma and "
    "without the `d`.",
}


def refuse_foreign_signs(text):
    """Raise a Fault where a text has a sign that the language never uses."""
    for pattern, advice in _NEVER.items():
        if re.search(pattern, text):
            raise Fault(advice)


def why_unreadable(text):
    """Why Python's parser could not read a text, as advice to its author."""
    for pattern, advice in _UNREADABLE.items():
        if re.search(pattern, text):
            return advice
    if text.count("(") != text.count(")"):
        opened, closed = text.count("("), text.count(")")
        return f"The brackets do not match: {opened} opened, {closed} closed."
    for name in re.findall(r"\b([A-Za-z]+)(?:_\w+)?\s+\w", text):
        if function := _function_meant(name):
            return f"`{name}` needs brackets: write `{function.usage}`."
    if re.search(r"[\w)\]]\s+[\w(]|\d[A-Za-z_]|[)\]]\w", text):
        return (
            "Two things stand side by side. Write `*` between factors, as in `2*mu`, and `@` "
            "between matrices."
        )
    return "I cannot read this line. Is an operator, a comma or a bracket missing?"


def about_dot(source, name):
    """Advice on ``mu.T`` or ``np.log``: Python's way to reach a function."""
    function = _function_meant(name)
    instead = f" Write `{function.usage}`." if function else ""
    return f"The dot in `{source}` is not part of the language.{instead}"


def about_comma(source):
    """Advice on a comma that separates no arguments."""
    hint = " A decimal number has a point, as in `0.5`." if re.match(r"\d+,\d", source) else ""
    return f"There is a comma too many in `{source}`.{hint}"


def unknown_name(name, given, is_function=False):
    """A fault for a name that nobody has given, with a suggestion where one is near."""
    if suggestion := _suggestion(name, sorted(given), is_function):
        hint = f"Did you mean `{suggestion}`?"
    elif name in _INDICES:
        hint = "An index belongs to a sum, as in `Sum(f, i, n)`."
    elif name in _INFINITIES:
        hint = _WHOLE_LINE
    elif is_function:
        hint = f"The functions are {_listed(FUNCTIONS)}."
    else:
        hint = f"Given are {_listed(given)}." if given else "Add it to `Given(…)`."
    return Fault(f"I do not know the name `{name}`. {hint}")


def _suggestion(name, given, is_function):
    base, _, index = name.partition("_")
    if base in given and (index.isdigit() or index in _INDICES):
        return f"{base}[{index}]"
    if name in (*_INDICES, *_INFINITIES):
        return None
    words = FUNCTIONS if is_function else CONSTANTS
    elsewhere = _FUNCTIONS_ELSEWHERE if is_function else _NUMBERS_ELSEWHERE
    near = difflib.get_close_matches(name, [*given, *words], n=1, cutoff=0.7)
    candidates = [_other_case(name, given), elsewhere.get(name), _other_case(name, words), *near]
    return next(filter(None, candidates), None)


def _other_case(name, known):
    """The known name that differs from this one in capital and small letters only, or None."""
    return next((word for word in known if word.lower() == name.lower()), None)


def _function_meant(name):
    return FUNCTIONS.get(_FUNCTIONS_ELSEWHERE.get(name) or _other_case(name, FUNCTIONS))


def _listed(names):
    return ", ".join(f"`{name}`" for name in sorted(names))
