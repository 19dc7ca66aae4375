"""Densities and probabilities, and logarithms that are taken without forming them.

``scope`` is the `Scope` in which a line is evaluated; ``scope.value(tree)`` is a tree's value.
"""

import ast

import numpy as np

from . import operations, trees
from .distributions import Finite, Gaussian, density_of
from .trees import left_of_bar
from .vocabulary import Fault


def density(scope, node):
    """The value of ``q(z)``, ``p(x, z)``, ``p(z|x)``."""
    meaning = scope.meaning_of(node)
    if isinstance(meaning, ast.expr):
        return scope.value(meaning)
    if isinstance(meaning, Finite):
        return _probability(scope, node, meaning)
    return np.exp(_log_density(scope, node))


def normal_density(scope, source, *args):
    """The value of ``normal(z, m, S)``."""
    return np.exp(_log_density(scope, trees.call("normal", list(args), source)))


def moments(scope, normal):
    """Mean and covariance of a `Gaussian`."""
    mean, cov = scope.value(normal.mean), scope.value(normal.cov)
    if isinstance(normal.mean, ast.Constant) and normal.mean.value == 0:
        mean = np.zeros((cov.shape[-1], 1))
    return mean, cov


def _log_density(scope, node):
    """log of ``q(z)`` for a normal q, or of ``normal(z, m, S)``, without forming the density."""
    if node.func.id == "normal":
        point, mean, cov = (scope.value(argument) for argument in node.args)
    else:
        if len(node.args) != 1:
            raise Fault(f"`{node.source}`: a normal density is taken at one point.")
        _check_point(scope, node)
        point = scope.value(left_of_bar(node.args[0]))
        mean, cov = moments(scope, scope.meaning_of(node))
    return operations.log_normal_density(node.source, point, mean, cov, scope.journal.troubles)


def _check_point(scope, node):
    """Raise a Fault for ``p(x)`` where p is a density of z, and nobody has given an x."""
    point, (variable,) = left_of_bar(node.args[0]), scope.meaning_of(node).of
    name = getattr(point, "id", variable)
    if name != variable and name not in {*scope.values, *scope.meanings}:
        raise Fault(
            f"`{node.source}`: `{node.func.id}` is given as a density of `{variable}`, and "
            f"`{name}` is not given."
        )


def _probability(scope, node, finite):
    """``q(z)``, ``p(x, z)``, the marginals ``p(x)`` and ``p(z)``, the conditional ``p(z|x)``."""
    name, args = node.func.id, node.args
    table, joint = scope.values[name], density_of(name, finite)
    if len(args) == len(finite.of):
        return operations.entry(node.source, table, [scope.whole_number(part) for part in args])
    if len(args) == 1 and left_of_bar(args[0]) is not args[0]:
        given = trees.call(name, [args[0].right])
        return scope.value(trees.binary(joint, ast.Div(), given, node.source))
    if len(args) == 1 and ast.unparse(args[0]) in finite.of:
        axis = finite.of.index(args[0].id)
        marginal = table.sum(axis=-1 - axis, keepdims=True)
        marginal = np.swapaxes(marginal, -1, -2) if axis else marginal
        return operations.entry(node.source, marginal, [scope.whole_number(args[0])])
    raise Fault(f"I cannot read `{node.source}`; known is `{joint.source}`.")


# Logarithms


def log(scope, source, argument):
    """log of a value; of densities without forming them, so that far tails do not underflow."""
    if _has_density(argument, scope):
        match argument:
            case ast.Name(id=name):
                return log(scope, source, scope.meanings[name])
            case ast.Call(func=ast.Name(id="exp"), args=[exponent]):
                return scope.value(exponent)
            case ast.Call() if _is_density(argument, scope):
                return _log_density(scope, argument)
            case ast.Call(func=ast.Name(id="Sum"), args=[body, *limits]):
                scopes = scope.over_index(source, *limits)
                return np.logaddexp.reduce([log(inner, source, body) for inner in scopes])
            case ast.BinOp(left=left, op=ast.Mult() | ast.Div() | ast.Add() as op, right=right):
                a, b = log(scope, source, left), log(scope, source, right)
                return _IN_LOGS[type(op)](a, b)
    return operations.logarithm(source, scope.value(argument), scope.journal.troubles)


_IN_LOGS = {ast.Mult: np.add, ast.Div: np.subtract, ast.Add: np.logaddexp}


def _is_density(node, scope):
    if not isinstance(node, ast.Call):
        return False
    meaning = scope.meanings.get(ast.unparse(node), scope.meanings.get(node.func.id))
    return isinstance(meaning, Gaussian) or node.func.id == "normal"


def _has_density(node, scope):
    """Is a normal density, or an exponential, a term or a factor of this?"""
    match node:
        case ast.Name(id=name) if name not in scope.values:
            meaning = scope.meanings.get(name)
            return isinstance(meaning, ast.expr) and _has_density(meaning, scope)
        case ast.Call(func=ast.Name(id="Sum"), args=[body, *_]):
            return _has_density(body, scope)
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() | ast.Add(), right=right):
            return _has_density(left, scope) or _has_density(right, scope)
        case ast.Call(func=ast.Name(id="exp")):
            return True
    return _is_density(node, scope)
