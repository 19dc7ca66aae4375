"""Trees of expressions, as Python's own parser makes them: taken apart and put together.

Every node has the text that it came from in ``node.source``, for messages.
"""

import ast
import copy

import numpy as np

from .vocabulary import Fault

_ARITHMETIC = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.float_power,
}


def names_in(tree):
    """All names that a tree mentions."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def text_of(node):
    """The text of a node, the same for all ways to write it."""
    if not hasattr(node, "text"):
        node.text = ast.unparse(node)
    return node.text


def names_reached(tree, meanings):
    """All names that a tree depends on, also through distributions and abbreviations.

    ``meanings`` maps names, or texts such as ``p(x|z)``, to trees and distributions.
    """
    reached, fresh = set(), names_in(tree)
    while fresh:
        reached |= fresh
        parts = [part for name in fresh for part in stands_for(name, meanings)]
        fresh = set().union(*map(names_in, parts)) - reached
    return reached


def bound_in(tree):
    """The names that sums and integrals in a tree bind."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    binders = [node for node in calls if node.func.id in ("Sum", "Prod", "Int")]
    return {name for node in binders for name in names_in(node.args[1])}


def substitute(tree, by):
    """The tree with names, other than those of functions, replaced by trees."""
    return _Substitute(by).visit(copy.deepcopy(tree))


class _Substitute(ast.NodeTransformer):
    def __init__(self, by):
        self.by = by

    def visit(self, node):
        vars(node).pop("text", None)  # see `text_of`: it will be another
        return super().visit(node)

    def visit_Name(self, node):
        return copy.deepcopy(self.by.get(node.id, node))

    def visit_Call(self, node):
        node.args = [self.visit(argument) for argument in node.args]
        return node


def stands_for(name, meanings):
    """The trees that a name, or a pattern that begins with it, stands for; see `names_reached`."""
    return [
        part
        for key, meaning in meanings.items()
        if key.partition("(")[0] == name
        for part in ([meaning] if isinstance(meaning, ast.expr) else meaning.parameters)
    ]


def leaves(tree):
    """All numbers that are written in a tree, and those that they make up by themselves."""
    found = []

    def number(node):
        children = [number(child) for child in ast.iter_child_nodes(node)]
        match node, children:
            case ast.Constant(), _:
                value = float(node.value)
            case ast.UnaryOp(op=op), [_, inner] if inner is not None:
                value = -inner if isinstance(op, ast.USub) else inner
            case ast.BinOp(op=op), [a, _, b] if None not in (a, b) and type(op) in _ARITHMETIC:
                value = _ARITHMETIC[type(op)](a, b)
            case _:
                return None
        found.append(value)
        return value

    with np.errstate(all="ignore"):
        number(tree)
    return [value for value in found if np.isfinite(value)]


def variable_name(node):
    """The name that a tree consists of; a Fault where it is more than a name."""
    if not isinstance(node, ast.Name):
        raise Fault(f"`{node.source}` stands where the name of a variable belongs.")
    return node.id


def left_of_bar(node):
    """``z`` for ``z|x``; what has no bar is returned as it is."""
    return node.left if has_bar(node) else node


def has_bar(node):
    """Is this of the form ``z|x``?"""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)


def name(identifier):
    """The tree of a name."""
    node = ast.Name(id=identifier, ctx=ast.Load())
    node.source = identifier
    return node


def number(value):
    """The tree of a number."""
    node = ast.Constant(value=value)
    node.source = ast.unparse(node)
    return node


def call(function, args, source=None):
    """The tree of ``function(args)``, which came from ``source``."""
    node = ast.Call(func=name(function), args=args, keywords=[])
    node.source = source or ast.unparse(node)
    return node


def binary(left, op, right, source):
    """The tree of ``left op right``, which came from ``source``."""
    node = ast.BinOp(left=left, op=op, right=right)
    node.source = source
    return node
