"""From the tree of an expression to LaTeX, as one would set it by hand."""

import ast
from dataclasses import dataclass, field, replace

from .functions import FUNCTIONS
from .symbols import Level, Piece, base_and_subscript, braced, group, number, symbol
from .typeset_arithmetic import typeset_product, typeset_sum
from .typeset_functions import named


@dataclass(frozen=True)
class Style:
    """What the typesetter has to know beside the tree.

    ``vectors`` are the names of vector parameters (their derivative is a gradient), ``variables``
    the variable of each distribution, ``rename`` symbols to replace; ``inline`` sets a/b for
    fractions, as in exponents.
    """

    vectors: frozenset = frozenset()
    variables: dict = field(default_factory=dict)
    rename: dict = field(default_factory=dict)
    inline: bool = False

    def tex(self, tree):
        """The LaTeX of an expression, without dollar signs."""
        return self.piece(tree).tex

    def inline_tex(self, tree):
        """The LaTeX of an expression that stands raised, lowered or as a limit."""
        return replace(self, inline=True).tex(tree)

    def renamed(self, name, other):
        """This style with another symbol for a name."""
        return replace(self, rename={**self.rename, name: other})

    def piece(self, node):
        """The LaTeX of an expression, and how tightly it binds."""
        match node:
            case ast.Constant(value=value):
                return Piece(number(value), Level.ATOM)
            case ast.Name(id=name):
                return Piece(symbol(name, self.rename), Level.ATOM)
            case ast.Subscript(value=ast.Name(id=name), slice=index):
                return Piece(self._indexed(name, index), Level.ATOM)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.piece(operand)
            case ast.UnaryOp() | ast.BinOp(op=ast.Add() | ast.Sub()):
                return typeset_sum(self, node)
            case ast.BinOp(op=ast.Mult() | ast.MatMult() | ast.Div()):
                return typeset_product(self, node)
            case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
                upper = braced(self.inline_tex(exponent))
                return Piece(f"{group(self.piece(base), Level.ATOM)}^{upper}", Level.POWER)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return Piece(rf"{self.tex(left)} \mid {self.tex(right)}", Level.ATOM)
            case ast.Call(func=ast.Name(id=name), args=args) if name in FUNCTIONS:
                return FUNCTIONS[name].latex(self, *args)
            case ast.Call(func=ast.Name(id=name), args=args):  # a density
                return named(symbol(name, self.rename), Level.ATOM)(self, *args)
        raise TypeError(f"not a node of the language: {ast.dump(node)}")

    def _indexed(self, name, index):
        base, subscript = base_and_subscript(name, self.rename)
        indices = index.elts if isinstance(index, ast.Tuple) else [index]
        parts = [self.inline_tex(part) for part in indices]
        joined = ("" if all(len(part) == 1 for part in parts) else ",").join(parts)
        return f"{base}_{braced(f'{subscript},{joined}' if subscript else joined)}"


PLAIN = Style()
