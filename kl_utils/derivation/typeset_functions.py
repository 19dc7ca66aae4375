"""The LaTeX of functions: each rule takes the `Style` of the page and the trees of the arguments.

``style.piece(tree)`` and ``style.tex(tree)`` typeset an argument.
"""

import ast

from .symbols import Level, Piece, braced, bracket, group, is_tall, symbol
from .typeset_arithmetic import is_fraction, typeset_factor, typeset_fraction

# As on the notation page: an index runs to its own count, and then the limits are left out.
USUAL_LIMITS = {"i": "n", "j": "n", "d": "D", "m": "N", "s": "S", "k": "K"}


def named(command, level=Level.POWER):
    """A function, or a density, with its arguments in round brackets."""

    def rule(style, *arguments):
        inside = ", ".join(style.tex(argument) for argument in arguments)
        return Piece(command + bracket(inside, after_name=True), level)

    return rule


def prefix(command, in_brackets=Level.PREFIX):
    """log, det, tr: the argument stands in brackets only where it has to."""

    def rule(style, argument):
        piece = typeset_factor(style, argument)
        if is_fraction(style, argument):
            piece = Piece(typeset_fraction(style, argument), Level.POWER)
        if piece.level >= Level.PREFIX:
            return Piece(f"{command} {piece.tex}", Level.PREFIX)
        return Piece(command + bracket(piece.tex, after_name=True), in_brackets)

    return rule


def superscript(mark, partner):
    """Transpose and inverse; the inverse of a transpose, and the reverse, is one sign."""

    def rule(style, argument):
        both = isinstance(argument, ast.Call) and argument.func.id == partner
        base = style.piece(argument.args[0] if both else argument)
        return Piece(group(base, Level.ATOM) + (r"^{-\top}" if both else mark), Level.POWER)

    return rule


def exponential(style, argument):
    if isinstance(argument, ast.Constant) and argument.value == 1:
        return Piece(r"\mathrm{e}", Level.ATOM)
    return named(r"\exp")(style, argument)


def square_root(style, argument):
    return Piece(rf"\sqrt{{{style.tex(argument)}}}", Level.POWER)


def absolute_value(style, argument):
    inside = style.tex(argument)
    if is_tall(inside):
        return Piece(rf"\left\lvert {inside} \right\rvert", Level.ATOM)
    return Piece(rf"\lvert {inside} \rvert", Level.ATOM)


def indicator(style, argument):
    inside = bracket(f"{group(style.piece(argument), Level.SUM)} > 0", "[", "]")
    return Piece(rf"\mathbb{{1}}{inside}", Level.ATOM)


# Densities


def normal_density(style, z, mean, cov):
    inside = rf"{style.tex(z)};\, {style.tex(mean)}, {style.tex(cov)}"
    return Piece(rf"\mathcal{{N}}{bracket(inside)}", Level.ATOM)


def divergence(style, q, p):
    inside = rf"{style.tex(q)} \,\|\, {style.tex(p)}"
    return Piece(rf"\operatorname{{KL}}{bracket(inside)}", Level.ATOM)


# Expectations, sums, integrals, derivatives


def under(command):
    """An expectation or a variance: the distribution below, the argument in square brackets."""

    def rule(style, argument, distribution):
        below = braced(style.inline_tex(distribution))
        inside = bracket(style.tex(argument), "[", "]", after_name=True)
        return Piece(f"{command}_{below}{inside}", Level.ATOM)

    return rule


def sample_mean(style, argument, distribution):
    variable = style.variables.get(getattr(distribution, "id", None), "z")
    drawn = style.renamed(variable, f"{symbol(variable)}_s")
    return Piece(rf"\frac{{1}}{{S}} \sum_s {_operand(drawn, argument)}", Level.PREFIX)


def over_index(command):
    """A sum or a product, its limits below and above the sign."""

    def rule(style, body, index, *ends):
        letter = style.tex(index)
        limits = f"{command}_{braced(letter)}"
        first, last = ("1", *map(style.inline_tex, ends))[-2:] if ends else (None, None)
        if ends and (first, last) != ("1", USUAL_LIMITS.get(letter)):
            limits = f"{command}_{{{letter}={first}}}^{braced(last)}"
        return Piece(f"{limits} {_operand(style, body)}", Level.PREFIX)

    return rule


def integral(style, body, variable, *limits):
    sign = r"\int"
    if limits:
        low, high = map(style.inline_tex, limits)
        sign = rf"\int_{{{low}}}^{{{high}}}"
    measure = rf"\mathrm{{d}}{style.tex(variable)}"
    return Piece(rf"{sign} {_operand(style, body)} \, {measure}", Level.PREFIX)


def derivative(style, body, variable):
    below = style.tex(variable)
    if isinstance(variable, ast.Name) and variable.id in style.vectors:
        return Piece(rf"\nabla_{{{below}}} {_operand(style, body)}", Level.PREFIX)
    if isinstance(body, ast.Name):
        return Piece(rf"\frac{{\partial {style.tex(body)}}}{{\partial {below}}}", Level.POWER)
    operator = rf"\frac{{\partial}}{{\partial {below}}}"
    return Piece(f"{operator} {_operand(style, body)}", Level.PREFIX)


def _operand(style, body):
    """What stands behind a sum sign or its like: in brackets where it is a sum itself."""
    return group(style.piece(body), Level.PRODUCT)
