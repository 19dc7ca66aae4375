"""From the tree of an expression to LaTeX, as one would set it by hand."""

import ast
import re
from dataclasses import replace

from .symbols import (
    PLAIN,
    Level,
    Piece,
    base_and_subscript,
    braced,
    bracket,
    group,
    is_tall,
    number,
    symbol,
)

# As on the notation page: an index runs to its own count, and then the limits are left out.
USUAL_LIMITS = {"i": "n", "j": "n", "d": "D", "m": "N", "s": "S", "k": "K"}


def typeset(tree, style=PLAIN):
    """The LaTeX of an expression, without dollar signs."""
    return _piece(tree, style).tex


def _piece(node, style):
    match node:
        case ast.Constant(value=value):
            return Piece(number(value), Level.ATOM)
        case ast.Name(id=name):
            return Piece(symbol(name, style), Level.ATOM)
        case ast.Subscript(value=ast.Name(id=name), slice=index):
            return Piece(_indexed(name, index, style), Level.ATOM)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _piece(operand, style)
        case ast.UnaryOp() | ast.BinOp(op=ast.Add() | ast.Sub()):
            terms = signed_terms(node)
            texts = [
                typeset_term(s, term, style, first=i == 0) for i, (s, term) in enumerate(terms)
            ]
            return Piece("".join(texts), Level.SUM)
        case ast.BinOp(op=ast.Mult() | ast.MatMult() | ast.Div()):
            sign, positive = _unsigned(node)
            if sign == "-":
                return Piece(typeset_term(sign, positive, style, first=True), Level.SUM)
            return _quotient(node, style) if isinstance(node.op, ast.Div) else _product(node, style)
        case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
            upper = typeset(exponent, replace(style, inline=True))
            return Piece(f"{group(_piece(base, style), Level.ATOM)}^{braced(upper)}", Level.POWER)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return Piece(rf"{typeset(left, style)} \mid {typeset(right, style)}", Level.ATOM)
        case ast.Call(func=ast.Name(id=name), args=args):
            rule = _CALLS.get(name)
            return rule(style, *args) if rule else _density(name, args, style)
    raise TypeError(f"not a node of the language: {ast.dump(node)}")


def _indexed(name, index, style):
    base, subscript = base_and_subscript(name, style)
    indices = index.elts if isinstance(index, ast.Tuple) else [index]
    parts = [typeset(part, replace(style, inline=True)) for part in indices]
    joined = ("" if all(len(part) == 1 for part in parts) else ",").join(parts)
    return f"{base}_{braced(f'{subscript},{joined}' if subscript else joined)}"


# Sums and signs


def signed_terms(node):
    """The signed terms of a sum: [("+", a), ("-", b), …]."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return signed_terms(left) + signed_terms(right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            sign, right = _unsigned(right)
            return [*signed_terms(left), ("+" if sign == "-" else "-", right)]
    return [_unsigned(node)]


def _unsigned(node):
    """Move a minus sign from the first factor to the front: (sign, node without it)."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            sign, inner = _unsigned(operand)
            return "+" if sign == "-" else "-", inner
        case ast.BinOp(left=left, op=ast.Mult() | ast.MatMult() | ast.Div(), right=right):
            sign, inner = _unsigned(left)
            if sign == "-":
                return sign, ast.BinOp(left=inner, op=node.op, right=right)
    return "+", node


def typeset_term(sign, term, style, first):
    text = group(_piece(term, style), Level.PRODUCT)
    if first:
        return f"-{text}" if sign == "-" else text
    return f" {sign} {text}"


# Products and quotients


def _factors(node):
    match node:
        case ast.BinOp(left=left, op=ast.Mult() | ast.MatMult(), right=right):
            return _factors(left) + _factors(right)
    return [node]


def _product(node, style):
    factors = [_factor(factor, style) for factor in _factors(node)]
    texts = [group(piece, Level.POWER) for piece in factors[:-1]]
    texts.append(group(factors[-1], Level.PREFIX))
    product = texts[0]
    for text in texts[1:]:
        digits_meet = re.match(r"\d|\\t?frac\{\d", text) and re.search(r"[\d}]$", product)
        is_density = text.startswith(r"\mathcal")
        sign = r" \cdot " if digits_meet or text[0].isdigit() else r" \, " if is_density else " "
        product += sign + text
    return Piece(product, Level.PRODUCT)


def _factor(node, style):
    """A quotient among factors is a fraction, and binds like one symbol."""
    piece = _piece(node, style)
    is_fraction = piece.level == Level.PRODUCT and re.match(r"\\t?frac", piece.tex)
    return Piece(piece.tex, Level.POWER) if is_fraction else piece


def _quotient(node, style):
    over, under = node.left, node.right
    if style.inline:
        top, bottom = _piece(over, style), _piece(under, style)
        return Piece(f"{group(top, Level.PRODUCT)}/{group(bottom, Level.POWER)}", Level.PRODUCT)
    if isinstance(under, ast.Constant):
        if isinstance(over, ast.Constant):
            return Piece(rf"\tfrac{{{over.value}}}{{{under.value}}}", Level.PRODUCT)
        if not _is_short(over):
            half = ast.BinOp(left=ast.Constant(value=1), op=ast.Div(), right=under)
            return _product(ast.BinOp(left=half, op=ast.Mult(), right=over), style)
    return _fraction(over, under, style)


def _fraction(over, under, style):
    return Piece(rf"\frac{{{typeset(over, style)}}}{{{typeset(under, style)}}}", Level.PRODUCT)


def _is_short(node):
    """Short enough to stand over a number, as in σ²/2; anything longer takes ½ in front."""
    match node:
        case ast.Name() | ast.Constant() | ast.Subscript():
            return True
        case ast.BinOp(left=left, op=ast.Pow() | ast.Mult(), right=right):
            return _is_short(left) and _is_short(right)
    return False


# Functions


def _prefix(command, in_brackets=Level.PREFIX):
    """log, det, tr: the argument stands in brackets only where it has to."""

    def rule(style, argument):
        piece = _factor(argument, style)
        if _is_fraction(argument, style):
            piece = Piece(_fraction(argument.left, argument.right, style).tex, Level.POWER)
        if piece.level >= Level.PREFIX:
            return Piece(f"{command} {piece.tex}", Level.PREFIX)
        return Piece(command + bracket(piece.tex, after_name=True), in_brackets)

    return rule


def _is_fraction(node, style):
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)) or style.inline:
        return False
    numbers = [isinstance(part, ast.Constant) for part in (node.left, node.right)]
    return _unsigned(node)[0] == "+" and not all(numbers)


def _exponential(style, argument):
    if isinstance(argument, ast.Constant) and argument.value == 1:
        return Piece(r"\mathrm{e}", Level.ATOM)
    return _named(r"\exp")(style, argument)


def _superscript(mark, partner):
    """Transpose and inverse; the inverse of a transpose, and the reverse, is one sign."""

    def rule(style, argument):
        both = _is_call(argument, partner)
        base = _piece(argument.args[0] if both else argument, style)
        return Piece(group(base, Level.ATOM) + (r"^{-\top}" if both else mark), Level.POWER)

    return rule


def _is_call(node, name):
    return isinstance(node, ast.Call) and node.func.id == name


def _named(command):
    """A function with its arguments in round brackets."""

    def rule(style, *arguments):
        inside = ", ".join(typeset(argument, style) for argument in arguments)
        return Piece(command + bracket(inside, after_name=True), Level.POWER)

    return rule


def _absolute_value(style, argument):
    inside = typeset(argument, style)
    if is_tall(inside):
        return Piece(rf"\left\lvert {inside} \right\rvert", Level.ATOM)
    return Piece(rf"\lvert {inside} \rvert", Level.ATOM)


def _under(command):
    """An expectation or a variance: the distribution below, the argument in square brackets."""

    def rule(style, argument, distribution):
        below = typeset(distribution, replace(style, inline=True))
        inside = bracket(typeset(argument, style), "[", "]", after_name=True)
        return Piece(f"{command}_{braced(below)}{inside}", Level.ATOM)

    return rule


def _sample_mean(style, argument, distribution):
    variable = style.variables.get(getattr(distribution, "id", None), "z")
    drawn = replace(style, rename={**style.rename, variable: f"{symbol(variable)}_s"})
    body = group(_piece(argument, drawn), Level.PRODUCT)
    return Piece(rf"\frac{{1}}{{S}} \sum_s {body}", Level.PREFIX)


def _over_index(command):
    def rule(style, body, index, *last):
        letter = typeset(index, style)
        limits = f"{command}_{braced(letter)}"
        upper = typeset(last[0], replace(style, inline=True)) if last else None
        if last and upper != USUAL_LIMITS.get(letter):
            limits = f"{command}_{{{letter}=1}}^{braced(upper)}"
        return Piece(f"{limits} {group(_piece(body, style), Level.PRODUCT)}", Level.PREFIX)

    return rule


def _integral(style, body, variable, *limits):
    sign = r"\int"
    if limits:
        low, high = (typeset(limit, replace(style, inline=True)) for limit in limits)
        sign = rf"\int_{{{low}}}^{{{high}}}"
    inside = group(_piece(body, style), Level.PRODUCT)
    return Piece(rf"{sign} {inside} \, \mathrm{{d}}{typeset(variable, style)}", Level.PREFIX)


def _derivative(style, body, variable):
    below = typeset(variable, style)
    if isinstance(variable, ast.Name) and variable.id in style.vectors:
        return Piece(
            rf"\nabla_{{{below}}} {group(_piece(body, style), Level.PRODUCT)}", Level.PREFIX
        )
    if isinstance(body, ast.Name):
        upper = typeset(body, style)
        return Piece(rf"\frac{{\partial {upper}}}{{\partial {below}}}", Level.POWER)
    inside = group(_piece(body, style), Level.PRODUCT)
    return Piece(rf"\frac{{\partial}}{{\partial {below}}} {inside}", Level.PREFIX)


def _divergence(style, q, p):
    inside = rf"{typeset(q, style)} \,\|\, {typeset(p, style)}"
    return Piece(rf"\operatorname{{KL}}{bracket(inside)}", Level.ATOM)


def _normal_density(style, z, mean, cov):
    inside = rf"{typeset(z, style)};\, {typeset(mean, style)}, {typeset(cov, style)}"
    return Piece(rf"\mathcal{{N}}{bracket(inside)}", Level.ATOM)


def _density(name, args, style):
    inside = ", ".join(typeset(argument, style) for argument in args)
    return Piece(symbol(name, style) + bracket(inside, after_name=True), Level.ATOM)


_CALLS = {
    "T": _superscript(r"^\top", "inv"),
    "inv": _superscript("^{-1}", "T"),
    "det": _prefix(r"\det", Level.ATOM),
    "tr": _prefix(r"\operatorname{tr}", Level.ATOM),
    "abs": _absolute_value,
    "diag": _named(r"\operatorname{diag}"),
    "exp": _exponential,
    "H": _named(r"\operatorname{H}"),
    "sqrt": lambda style, x: Piece(rf"\sqrt{{{typeset(x, style)}}}", Level.POWER),
    "log": _prefix(r"\log"),
    "normal": _normal_density,
    "E": _under(r"\mathbb{E}"),
    "Var": _under(r"\operatorname{Var}"),
    "mean": _sample_mean,
    "KL": _divergence,
    "Sum": _over_index(r"\sum"),
    "Prod": _over_index(r"\prod"),
    "Int": _integral,
    "D": _derivative,
}
