"""What is given in a derivation, as mathematics: read from its program, which is not run.

A program holds little: texts, numbers, kinds such as ``real()`` and distributions, gathered in
dictionaries. What it holds more stays code on the page.
"""

import ast
from typing import NamedTuple

from kl_utils.derivation.parsing import parse
from kl_utils.derivation.symbols import symbol
from kl_utils.derivation.typeset import Style


class Made(NamedTuple):
    """A call such as ``vector("n", positive=True)``, with its arguments."""

    name: str
    arguments: list
    options: dict


class CannotRead(ValueError):
    """A program holds something else than texts, numbers, dictionaries and calls."""


def given_latex(program):
    """Return what a derivation's program gives, as LaTeX, one text each; none if it is more."""
    try:
        derivation = held(program)["derivation"]
        kinds = next((a.options for a in derivation.arguments if isinstance(a, Made)), {})
        meanings = derivation.options
        style = Style(
            frozenset(name for name in kinds if is_vector(kinds[name])), variables(meanings)
        )
        return [kind_latex(name, kind, style) for name, kind in kinds.items()] + [
            meaning_latex(name, meaning, style) for name, meaning in meanings.items()
        ]
    except CannotRead:
        return []


def held(program):
    """Return what the names of a program stand for at its end."""
    names = {}
    for statement in ast.parse(program).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                names[name] = read(value, names)
            case ast.Assign(targets=[ast.Tuple(elts=parts)], value=ast.Tuple(elts=values)):
                new = [read(value, names) for value in values]
                names |= zip([part.id for part in parts], new, strict=True)
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=key)]):
                names[name][read(key, names)] = read(statement.value, names)
            case ast.ImportFrom():
                pass
            case _:
                raise CannotRead(ast.unparse(statement))
    return names


def read(node, names):
    """Return the value of an expression."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.JoinedStr(values=parts):
            return "".join(str(read(part, names)) for part in parts)
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return read(value, names)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [read(part, names) for part in parts]
        case ast.Dict(keys=keys, values=values):
            return read_options(zip(keys, values, strict=True), names)
        case ast.Subscript(value=whole, slice=key):
            return read(whole, names)[read(key, names)]
        case ast.Call(func=ast.Attribute(value=text, attr="replace"), args=[old, new]):
            return read(text, names).replace(read(old, names), read(new, names))
        case ast.BinOp(left, ast.BitOr(), right):
            return read(left, names) | read(right, names)
        case ast.BinOp(_, ast.Div(), _) | ast.UnaryOp(ast.USub()):
            return ast.unparse(node)  # a number, which the small language reads as well
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
            options = [(k.arg and ast.Constant(k.arg), k.value) for k in keywords]
            return Made(name, [read(a, names) for a in arguments], read_options(options, names))
        case ast.DictComp(key, value, [ast.comprehension(ast.Name(id=name), among, [])]):
            each = [names | {name: one} for one in read(among, names)]
            return {read(key, seen): read(value, seen) for seen in each}
    raise CannotRead(ast.unparse(node))


def read_options(pairs, names):
    """Return a dictionary: ``**others`` come without a key."""
    found = {}
    for key, value in pairs:
        found |= {read(key, names): read(value, names)} if key else read(value, names)
    return found


def is_vector(kind):
    return isinstance(kind, Made) and kind.name == "vector"


def variables(meanings):
    """Return the variable of each distribution."""
    return {
        name: meaning.options.get("of", "z")
        for name, meaning in meanings.items()
        if isinstance(meaning, Made)
    }


# As mathematics


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
    match meaning:
        case str():
            return f"{left} = {style.tex(parse(meaning))}"
        case Made("gaussian" | "laplace", [place, spread]):
            of = meaning.options.get("of", "z")
            law = r"\mathcal{N}" if meaning.name == "gaussian" else r"\operatorname{Laplace}"
            parts = ", ".join(style.tex(parse(part)) for part in (place, spread))
            if name == of:  # noise, which has no other name than its variable
                return rf"{left} \sim {law}({parts})"
            left = left if "(" in name else f"{left}({symbol(of)})"
            return rf"{left} = {law}({symbol(of)};\, {parts})"
    raise CannotRead(repr(meaning))
