"""Probabilities from the table of a finite distribution: joint, marginal and conditional ones.

A table has shape ``(..., rows, columns)``: the rows are the outcomes of the first variable, and the
columns those of the second; with three variables they run through the pairs of the last two.
"""

import ast

import numpy as np

from . import trees
from .vocabulary import Fault


def outcomes(scope, table, finite):
    """How many outcomes each variable of a finite distribution has.

    Parameters
    ----------
    scope : Scope
        Where the numbers of outcomes are looked up.
    table : ndarray, shape (..., rows, columns)
    finite : Finite

    Returns
    -------
    tuple of int
    """
    rows, columns = table.shape[-2:]
    if len(finite.of) < 3:
        return (rows, columns)[: len(finite.of)]
    last = [
        int(scope.values[size].flat[0]) if isinstance(size, str) else size
        for size in finite.sizes[1:]
    ]
    if np.prod(last) != columns:
        names = " and ".join(f"`{size}`" for size in finite.sizes[1:])
        raise Fault(f"{names} say how many outcomes there are: choose other letters here.")
    return (rows, *last)


def probability(source, table, sizes, of, at):
    """The probability that some variables have the outcomes given: a marginal where some lack.

    Parameters
    ----------
    source : str
        The text of the call, for messages.
    table : ndarray, shape (..., rows, columns)
    sizes : tuple of int
        The number of outcomes of each variable.
    of : tuple of str
        The names of the variables.
    at : dict of str to int
        The outcomes, counted from 1.

    Returns
    -------
    ndarray, shape (..., 1, 1)
    """
    cells = table.reshape(*table.shape[:-2], *sizes)
    left_out = tuple(axis - len(of) for axis, name in enumerate(of) if name not in at)
    cells = cells.sum(axis=left_out, keepdims=True)
    where = []
    for name, size in zip(of, sizes, strict=True):
        which = at.get(name, 1)
        if name in at and not 1 <= which <= size:
            raise Fault(f"`{source}`: there is no entry {which}; entries run from 1 to {size}.")
        where.append(which - 1)
    return cells[(..., *where)][..., None, None]


def sides_of_bar(args):
    """The arguments of ``p(x, y|z, w)`` before and after the bar: ``[x, y]`` and ``[z, w]``."""
    for position, argument in enumerate(args):
        if trees.has_bar(argument):
            kept = [*args[:position], argument.left]
            return kept, [argument.right, *args[position + 1 :]]
    return list(args), []


def in_order(args, of):
    """Arguments that are names of variables, in the order of the table; None where others are."""
    names = [argument.id if isinstance(argument, ast.Name) else None for argument in args]
    if len(set(names)) < len(names) or not set(names) <= set(of):
        return None
    return sorted(args, key=lambda argument: of.index(argument.id))
