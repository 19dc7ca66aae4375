"""What is given in a derivation, as mathematics: kinds of letters, distributions, abbreviations."""

from .calls import Made
from .parsing import parse
from .symbols import symbol
from .typeset import Style

# The laws that have a symbol or a name of their own.
LAWS = {
    "gaussian": r"\mathcal{N}",
    "bernoulli": r"\operatorname{Bernoulli}",
    "categorical": r"\operatorname{Categorical}",
    "poisson": r"\operatorname{Poisson}",
    "exponential": r"\operatorname{Exponential}",
    "gamma_density": r"\operatorname{Gamma}",
    "beta_density": r"\operatorname{Beta}",
    "laplace": r"\operatorname{Laplace}",
    "student": r"\operatorname{Student}",
}


class CannotRead(ValueError):
    """A frame holds something else than texts, numbers, lists and the calls that are known."""


def frame_latex(kinds, meanings):
    """Return what is given, as LaTeX, one text each.

    Parameters
    ----------
    kinds, meanings : dict
        By their names, letters and what they run through, and what names stand for: each a `Made`,
        a list, or the text of an expression.
    """
    vectors = frozenset(name for name in kinds if is_vector(kinds[name]))
    style = Style(vectors, variables(meanings))
    return [kind_latex(name, kind, style) for name, kind in kinds.items()] + [
        meaning_latex(name, meaning, style) for name, meaning in meanings.items()
    ]


def is_vector(kind):
    return isinstance(kind, Made) and kind.name == "vector"


def variables(meanings):
    """Return the variable of each distribution."""
    return {
        name: meaning.options.get("of", "z")
        for name, meaning in meanings.items()
        if isinstance(meaning, Made)
    }


def kind_latex(name, kind, style):
    """Return a parameter and what it runs through."""

    def tex(value):  # a name, a number, or a size such as "n"
        return style.tex(parse(str(value)))

    if isinstance(kind, list):
        return rf"{tex(name)} \in \{{{', '.join(map(tex, kind))}\}}"
    if not isinstance(kind, Made):
        raise CannotRead(repr(kind))
    sizes = [tex(value) for value in kind.arguments]
    match kind.name:
        case "range":
            low, high = kind.arguments
            listed = [low, r"\dots", high - 1] if high - low > 3 else range(low, high)
            return f"{tex(name)} = {', '.join(map(str, listed))}"
        case "index":
            return rf"{tex(name)} = 1, \dots, {sizes[0]}"
        case "real":
            return rf"{tex(name)} \in \mathbb{{R}}"
        case "positive":
            return f"{tex(name)} > 0"
        case "between":
            return f"{sizes[0]} < {tex(name)} < {sizes[1]}"
        case "vector":
            sign = "_{>0}" if kind.options.get("positive") else ""
            return rf"{tex(name)} \in \mathbb{{R}}{sign}^{{{sizes[0]}}}"
        case "matrix":
            words = r"\text{ of full rank}"
            return rf"{tex(name)} \in \mathbb{{R}}^{{{sizes[0]} \times {sizes[1]}}}{words}"
        case "covariance" | "diagonal":
            words = "a covariance" if kind.name == "covariance" else "a diagonal covariance"
            size = rf"\mathbb{{R}}^{{{sizes[0]} \times {sizes[0]}}}"
            return rf"{tex(name)} \in {size}\text{{, {words}}}"
        case "simplex" | "joint":
            usual = ["z"] if len(sizes) == 1 else ["x", "z"] if len(sizes) == 2 else ["x", "y", "z"]
            of = kind.options.get("of", usual)
            of = [symbol(one) for one in ([of] if isinstance(of, str) else of)]
            runs = zip(of, sizes, strict=True)
            where = ", ".join(rf"{one} = 1, \dots, {size}" for one, size in runs)
            none = "" if kind.options.get("zeros", True) else r"\text{, without zeros}"
            return rf"{tex(name)}({', '.join(of)})\text{{ for }}{where}{none}"
    raise CannotRead(kind.name)


def meaning_latex(name, meaning, style):
    """Return a distribution or an abbreviation, and what it stands for."""
    left = style.tex(parse(name))
    if isinstance(meaning, str):
        return f"{left} = {style.tex(parse(meaning))}"
    if not isinstance(meaning, Made) or meaning.name not in {*LAWS, "density", "mass"}:
        raise CannotRead(repr(meaning))
    parts = ", ".join(style.tex(parse(part)) for part in meaning.arguments)
    of, law = meaning.options.get("of", "z"), LAWS.get(meaning.name)
    if law and name == of:  # noise, which has no other name than its variable
        return rf"{left} \sim {law}({parts})"
    left = left if "(" in name else f"{left}({symbol(of)})"
    if law:
        return rf"{left} = {law}({symbol(of)};\, {parts})"
    return rf"{left} = {parts}\text{{ for }}{_support(meaning, symbol(of), style)}"


def _support(meaning, variable, style):
    """Return the values that a variable can have, for a density or probabilities."""
    lowest = "0" if meaning.name == "mass" else "-inf"
    limits = meaning.options.get("low", lowest), meaning.options.get("high", "inf")
    low, high = (style.tex(parse(limit, is_limit=True)) for limit in limits)
    between = r"\le" if meaning.name == "mass" else "<"
    return f"{low} {between} {variable} {'<' if limits[1] == 'inf' else between} {high}"
