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
    "log2": "log(x)/log(2)",
    "log10": "log(x)/log(10)",
    "log1p": "log(1 + x)",
    "expm1": "exp(x) - 1",
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
    "derivative": "D",
    "expectation": "E",
    "cov": "E((z - E(z))@T(z - E(z)))",
    "Cov": "E((z - E(z))@T(z - E(z)))",
    "variance": "Var",
    "std": "sqrt(Var(f))",
    "sd": "sqrt(Var(f))",
    "entropy": "H",
    "D_KL": "KL",
    "N": "normal(z, m, S)",
    "Normal": "normal(z, m, S)",
    "beta": "exp(lgamma(a) + lgamma(b) - lgamma(a + b))",
    "Beta": "exp(lgamma(a) + lgamma(b) - lgamma(a + b))",
    "gamma": "Gamma",
    "gammaln": "lgamma",
    "loggamma": "lgamma",
    "factorial": "Gamma(n + 1)",
    "psi": "digamma",
    "sgn": "sign",
    "relu": "max(x, 0)",
    "heaviside": "step",
    "indicator": "step",
    "sigmoid": "1/(1 + exp(-x))",
}
_NUMBERS_ELSEWHERE = {"e": "exp(1)", "identity": "I", "infinity": "inf", "infty": "inf"}
_NUMBERS_ELSEWHERE |= {"oo": "inf", "Inf": "inf", "I_n": "I", "I_d": "I", "I_k": "I"}
_INDICES = ("i", "j")

BAR = (
    "A bar stands only in `p(z|x)`. A determinant is `det(A)`, an absolute value `abs(x)`, the "
    "square of a length `T(x)@x`, a divergence `KL(q, p)`."
)
RELATION_INSIDE = "There is a relation inside this line. Put what follows it on a line of its own."
_IN_REASON = "Words belong in the reason, which stands beside the line: `d.line(line, reason)`."
_QUOTED = "Quotation marks and dollar signs are for reasons: on a line, names stand as they are."
_SIDE_BY_SIDE = (
    "Two things stand side by side. Write `*` between factors, as in `2*mu`, and `@` between "
    "matrices."
)

# Signs that have no place in any line, each with the advice to give.
_NEVER = {
    r"\\": "A backslash is LaTeX. Type names without it, as in `mu` and `log(x)`, and "
    "fractions as `a/b`.",
    r"√": "A square root is written `sqrt(x)`.",
    r"∫|\bint_\w*[\^{]": "An integral is written `Int(f, z)`, and with limits `Int(f, z, a, b)`.",
    r"∑|\b[sS]um_\w*[\^{]": "A sum is written `Sum(f, i, n)`.",
    r"∏|\b[pP]rod_\w*[\^{]": "A product is written `Prod(f, i, n)`.",
    r"[∂∇]": "A derivative is written `D(f, x)`.",
    r"[ᵀ⊤]|^[^']*[\w)\]]'": "A transpose is written `T(x)`, a derivative `D(f, x)`, and another "
    "name for a parameter `mu_2`.",
    r"\|\|": BAR,
    r"\be\^": "The exponential function is written `exp(x)`.",
    r"\b(P|Pr|E\w*|step|1)_?[(\[{][^=()\[\]]*[<>]": "The probability that z > 0 is the expectation "
    "of an indicator: `E(step(z))`. That z > m is `step(z - m)`.",
    r"\^": "Powers are written with two stars: `x**2`, not `x^2`. A transpose is `T(x)`, an "
    "inverse `inv(A)`.",
    r"[{}]": "Curly brackets are LaTeX. Use round ones; what stands below is typed `E_q(f)`, "
    "`mu_q` or `mu[i]`.",
    r";": "There are no semicolons here. Arguments have commas between them.",
    r"[\w)\]]\s*!(?!=)": "A factorial is a value of the gamma function: `n!` is `Gamma(n + 1)`.",
    r"%": "A percentage is written as a number: 5 percent are `0.05`.",
    r"\b(Sum|Prod|Int)\([^=]*,[^=)]*\w ?= ?[-\w]": "Limits stand behind commas: write "
    "`Sum(f, i, n)` for a sum from 1, `Sum(f, i, 0, n)`, and `Int(f, z, a, b)`.",
    r"\.\.": "Dots leave something out. Write all terms, or a sum: `Sum(f, i, n)`.",
    r"\d\.\d*\.\d": "A number has one decimal point only, as in `0.5`.",
    r"[\"`$]": _QUOTED,
    r"#": _IN_REASON,
    r"[±∓]": "A line with two signs is two lines: type one with `+` and one with `-`.",
    r"[∈∉∀∃⊂⊆∪∩]": "What a letter stands for is said in `Given(…)`, not on a line.",
    r"[≠≡∝≅≃→⇒⟹⇔⟺∴]": RELATION_INSIDE,
}
_COMMON_WORDS = (
    "the|of|is|are|by|we|with|where|which|for|all|any|and|or|not|since|because|hence|thus|then|"
    "therefore|from|this|that|it|to|as|if|when|using|let|so|in"
)
# What keeps Python's parser from reading a line, the most telling first.
_UNREADABLE = {
    r"\blambda\b": "`lambda` is a word of Python. Write `lam` for the Greek letter.",
    r"\bE\w*\(.*~": "The distribution stands below the E: write `E_q(f)`.",
    r"[<>=!~≈≤≥]": RELATION_INSIDE,
    r"\|": BAR,
    r"\bInt\(.*[\s\d)]d[a-zA-Z]\w*\s*\)": "An integral is written `Int(f, z)`, with a comma and "
    "without the `d`.",
    r"\bd\w* ?\w*/ ?d ?[a-zA-Z]": "A derivative is written `D(f, x)`.",
    r"\bSigma_\w+ +\w": "A sum is written `Sum(f, i, n)`.",
    rf"\b({_COMMON_WORDS})\b": _IN_REASON,
    r"'": _QUOTED,
    r"^[*/@]|[-+*/@,]$": "Something is missing at the beginning or the end of this line.",
}


def refuse_foreign_signs(text):
    """Raise a Fault where a text has a sign that the language never uses."""
    for pattern, advice in _NEVER.items():
        if re.search(pattern, text):
            raise Fault(advice)


def why_unreadable(text):
    """Why Python's parser could not read a text, as advice to its author."""
    if bare := re.search(r"\b(log|ln|exp|sqrt)(?:_\w+)?\s+\w+\(", text, re.IGNORECASE):
        return _needs_brackets(_function_meant(bare[1]) or FUNCTIONS["log"], bare[1])
    for pattern, advice in _UNREADABLE.items():
        if re.search(pattern, text):
            return advice
    for left, right in ("()", "[]"):
        opened, closed = text.count(left), text.count(right)
        if opened != closed:
            return f"The brackets do not match: {opened} opened, {closed} closed."
    if unknown := re.search(r"[^\x20-\x7e]|[:?]", text):
        return f"The sign `{unknown[0]}` is not part of the language."
    for name in re.findall(r"\b([A-Za-z]+)(?:_\w+)?\s+\w", text):
        if function := _function_meant(name):
            return _needs_brackets(function, name)
    if re.search(r"[\w)\]]\s+[\w(]|\d[A-Za-z_]|[)\]]\w", text):
        return _SIDE_BY_SIDE
    return "I cannot read this line. Is an operator, a comma or a bracket missing?"


def _needs_brackets(function, name):
    return f"`{name}` needs brackets: write `{function.usage}`."


def about_function(name):
    """How a function is spelled here that has another name elsewhere, or an empty text."""
    if name in FUNCTIONS or not (instead := _FUNCTIONS_ELSEWHERE.get(name)):
        return ""
    usage = FUNCTIONS[instead].usage if instead in FUNCTIONS else instead
    return f"`{name}` has another name here: write `{usage}`."


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
    known = f"Given are {_listed(given)}." if given else "Add it to `Given(…)`."
    if name[:1] == "d" and name[1:] in {*given, *"xyztuvw"}:
        hint = f"A derivative is written `D(f, {name[1:]})`, an integral `Int(f, {name[1:]})`."
    elif suggestion := _suggestion(name, sorted(given), is_function):
        hint = f"Did you mean `{suggestion}`?"
    elif name.partition("_")[0] in FUNCTIONS and not is_function:
        hint = f"A function has brackets, as in `{FUNCTIONS[name.partition('_')[0]].usage}`."
    elif name in _INDICES:
        hint = "An index belongs to a sum, as in `Sum(f, i, n)`."
    elif is_function and len(name.partition("_")[0]) == 1:
        hint = (
            f"A density `{name}` has to be given, as in `Derivation(…, {name}=gaussian(…))`; a "
            f"product is written `{name}*(…)`."
        )
    elif is_function:
        hint = f"The functions are {_listed(FUNCTIONS)}."
    else:
        hint = f"{known} A derivative is written `D(f, x)`." if name == "d" else known
    return Fault(f"I do not know the name `{name}`. {hint}")


def _suggestion(name, given, is_function):
    base, _, index = name.partition("_")
    if base in given and (index.isdigit() or index in _INDICES):
        return f"{base}[{index}]"
    if name in _INDICES:
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
