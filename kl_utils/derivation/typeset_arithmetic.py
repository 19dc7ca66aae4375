"""The LaTeX of sums, products and quotients.

``style`` is the `Style` of the page; ``style.piece(tree)`` and ``style.tex(tree)`` typeset a part.
"""

import ast
import re

from .symbols import Level, Piece, group

# Sums and signs


def typeset_sum(style, node):
    terms = enumerate(signed_terms(node))
    texts = [typeset_term(style, sign, term, first=i == 0) for i, (sign, term) in terms]
    return Piece("".join(texts), Level.SUM)


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


def typeset_term(style, sign, term, first):
    text = group(style.piece(term), Level.PRODUCT)
    if first:
        return f"-{text}" if sign == "-" else text
    return f" {sign} {text}"


# Products and quotients


def typeset_product(style, node):
    """A product or a quotient, its sign in front."""
    sign, positive = _unsigned(node)
    if sign == "-":
        return Piece(typeset_term(style, sign, positive, first=True), Level.SUM)
    return _quotient(style, node) if isinstance(node.op, ast.Div) else _product(style, node)


def _factors(node):
    match node:
        case ast.BinOp(left=left, op=ast.Mult() | ast.MatMult(), right=right):
            return _factors(left) + _factors(right)
    return [node]


def _product(style, node):
    factors = [typeset_factor(style, factor) for factor in _factors(node)]
    texts = [group(piece, Level.POWER) for piece in factors[:-1]]
    texts.append(group(factors[-1], Level.PREFIX))
    product = texts[0]
    for text in texts[1:]:
        digits_meet = re.match(r"\d|\\t?frac\{\d", text) and re.search(r"[\d}]$", product)
        is_density = text.startswith(r"\mathcal")
        sign = r" \cdot " if digits_meet or text[0].isdigit() else r" \, " if is_density else " "
        product += sign + text
    return Piece(product, Level.PRODUCT)


def typeset_factor(style, node):
    """A quotient among factors is a fraction, and binds like one symbol."""
    piece = style.piece(node)
    is_fraction = piece.level == Level.PRODUCT and re.match(r"\\t?frac", piece.tex)
    return Piece(piece.tex, Level.POWER) if is_fraction else piece


def _quotient(style, node):
    over, under = node.left, node.right
    if style.inline:
        top, bottom = style.piece(over), style.piece(under)
        return Piece(f"{group(top, Level.PRODUCT)}/{group(bottom, Level.POWER)}", Level.PRODUCT)
    if isinstance(under, ast.Constant):
        if isinstance(over, ast.Constant):
            return Piece(rf"\tfrac{{{over.value}}}{{{under.value}}}", Level.PRODUCT)
        if not _is_short(over):
            half = ast.BinOp(left=ast.Constant(value=1), op=ast.Div(), right=under)
            return _product(style, ast.BinOp(left=half, op=ast.Mult(), right=over))
    return Piece(typeset_fraction(style, node), Level.PRODUCT)


def typeset_fraction(style, node):
    return rf"\frac{{{style.tex(node.left)}}}{{{style.tex(node.right)}}}"


def is_fraction(style, node):
    """Is this a quotient that can stand as a fraction, other than one of two numbers?"""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)) or style.inline:
        return False
    numbers = [isinstance(part, ast.Constant) for part in (node.left, node.right)]
    return _unsigned(node)[0] == "+" and not all(numbers)


def _is_short(node):
    """Short enough to stand over a number, as in σ²/2; anything longer takes ½ in front."""
    match node:
        case ast.Name() | ast.Constant() | ast.Subscript():
            return True
        case ast.BinOp(left=left, op=ast.Pow() | ast.Mult(), right=right):
            return _is_short(left) and _is_short(right)
    return False
