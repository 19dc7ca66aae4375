"""Values as signs and logarithms, where a product of densities would under- or overflow.

Far out, normal densities are 0 for a computer, and their quotients 0/0. Their logarithms are
ordinary numbers, so products, quotients, powers and sums are followed in those. Here, as in sums
and integrals on paper, 0 wins over what it is multiplied with: 0·∞ is 0, and x/0 is infinite.
"""

import ast
from functools import reduce

import numpy as np

from ..panels import Signed, signed
from . import operations, trees
from .densities import at_point, log_density
from .distributions import GIVEN_BY_USER, NORMAL


def signed_value(scope, tree):
    """The value of a tree as a `Signed`; by logarithms where densities or exponentials are in it.

    What has no sign, as it has no value, has the sign NaN.
    """
    if not has_exponential(scope, tree):
        return signed(scope.value(tree))
    value = _by_logarithms(scope, tree)
    scope.journal.add_work(3 * value.log.size)
    return Signed(value.sign, scope.shake_logarithm(value.log))


def _by_logarithms(scope, tree):
    match tree:
        case ast.Name() | ast.Call() if abbreviated := scope.abbreviated(tree):
            return _by_logarithms(scope, abbreviated)
        case ast.UnaryOp(op=op, operand=operand):
            value = signed_value(scope, operand)
            return _negative(value) if isinstance(op, ast.USub) else value
        case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
            return power(_factor(scope, base), scope.unshaken().value(exponent))
        case ast.BinOp(left=left, op=op, right=right):
            part = _factor if isinstance(op, ast.Mult | ast.Div) else signed_value
            a, b = part(scope, left), part(scope, right)
            operations.check_shapes(tree.source, op, a.log, b.log)
            return _OPERATIONS[type(op)](a, b)
        case ast.Call(func=ast.Name(id=name), args=args) if rule := scope.in_logarithms(name):
            return rule(scope, tree.source, *args)
        case ast.Call():
            return _density(scope, tree)
    raise TypeError(f"not a node of the language: {ast.dump(tree)}")


def _factor(scope, tree):
    """A factor beside an exponential: its own factors are followed in logarithms as well."""
    match tree:
        case ast.BinOp(op=ast.Mult() | ast.Div()):
            return _by_logarithms(scope, tree)
        case ast.BinOp(left=ast.Name() | ast.BinOp() as base, op=ast.Pow()):
            if operations.is_number(scope.value(base)):
                return _by_logarithms(scope, tree)
    return signed_value(scope, tree)


def has_exponential(scope, tree):
    """Is a density or an exponential in this, where `signed_value` would find it?"""
    match tree:
        case ast.Name() | ast.Call() if abbreviated := scope.abbreviated(tree):
            return has_exponential(scope, abbreviated)
        case ast.UnaryOp(operand=operand):
            return has_exponential(scope, operand)
        case ast.BinOp(op=ast.MatMult()):
            return False
        case ast.BinOp(left=left, op=ast.Pow()):
            return has_exponential(scope, left)
        case ast.BinOp(left=left, right=right):
            return has_exponential(scope, left) or has_exponential(scope, right)
        case ast.Call(func=ast.Name(id="exp" | "normal")):
            return True
        case ast.Call(func=ast.Name(id=name), args=args) if scope.in_logarithms(name):
            return has_exponential(scope, args[0])
        case ast.Call():
            return isinstance(scope.distribution(tree), (*NORMAL, *GIVEN_BY_USER))
    return False


_PLUS = np.ones((1, 1))
_NOTHING = -1e5  # the logarithm of a number that is 0 beside all that a computer can represent


def _density(scope, tree):
    """``q(z)``."""
    given = scope.distribution(tree)
    if isinstance(given, NORMAL):
        return _exponential_of(log_density(scope, tree))
    inner, inside = at_point(scope, tree, given)
    value = signed_value(inner, given.density)
    return Signed(np.where(inside, value.sign, 0.0), np.where(inside, value.log, -np.inf))


def _exponential_of(exponent):
    if np.isfinite(exponent).all():
        return Signed(_PLUS, exponent)
    sign = np.where(np.isnan(exponent), np.nan, np.where(np.isneginf(exponent), 0.0, 1.0))
    return Signed(sign, exponent)


# Functions of the language, in logarithms


def exponential(scope, source, exponent):
    """exp(x)."""
    return _exponential_of(scope.value(exponent))


def normal_density(scope, source, *arguments):
    """``normal(z, m, S)``."""
    return _exponential_of(log_density(scope, trees.call("normal", list(arguments), source)))


def square_root(scope, source, argument):
    """sqrt(x)."""
    return power(signed_value(scope, argument), np.array([[0.5]]))


def absolute_value(scope, source, argument):
    """abs(x)."""
    value = signed_value(scope, argument)
    return Signed(abs(value.sign), value.log)


def log(scope, source, argument):
    """The logarithm of a value, as an ordinary number; densities are not formed for it."""
    if not has_exponential(scope, argument):
        return operations.logarithm(source, scope.value(argument), scope.journal.troubles)
    value = signed_value(scope, argument)
    if not np.all(value.sign > 0):
        scope.journal.troubles.append(operations.NO_LOGARITHM.format(source))
    return np.where(value.sign > 0, value.log, np.where(value.sign == 0, -np.inf, np.nan))


# Arithmetic


def product(*parts):
    """A product in which 0 wins over what is infinite or has no value."""
    sign, log = parts[0]
    with np.errstate(invalid="ignore"):
        for part in parts[1:]:
            zero = (sign == 0) | (part.sign == 0)
            if not (np.isfinite(log).all() and np.isfinite(part.log).all()):
                zero = zero | _outweighs(log, part) | _outweighs(part.log, Signed(sign, log))
            sign, log = sign * part.sign, log + part.log
            if zero.any():
                sign, log = np.where(zero, 0.0, sign), np.where(zero, -np.inf, log)
    return Signed(sign, log)


def _outweighs(log, other):
    """Where a factor is so small that one that is too large for a computer makes no difference."""
    return (log < _NOTHING) & (np.isnan(other.sign) | np.isposinf(other.log))


def quotient(a, b):
    """a/b: infinite where b is 0, and without a value where both are."""
    with np.errstate(invalid="ignore"):
        sign, log = a.sign * b.sign, a.log - b.log
        if not (a.sign * b.sign).all():
            sign = np.where(b.sign == 0, np.where(a.sign == 0, np.nan, a.sign), sign)
            log = np.where(a.sign == 0, -np.inf, log)
    return Signed(sign, log)


def power(base, exponent):
    """A power; those of negative numbers have a value where the exponent is a whole number."""
    whole = exponent == np.round(exponent)
    with np.errstate(invalid="ignore"):
        negative = np.where(whole, (-1.0) ** np.where(whole, exponent, 0.0), np.nan)
        sign = np.where(base.sign < 0, negative, base.sign)
        sign = np.where((base.sign == 0) & (exponent < 0), 1.0, sign)  # 1/0
        log = np.where(exponent == 0, 0.0, base.log * exponent)
    return Signed(np.where(exponent == 0, 1.0, sign), log)


def total(*parts):
    """A sum; infinities of one sign add up, those of both signs have no sum."""
    signs = [part.sign for part in parts]
    logs = [np.where(part.sign == 0, -np.inf, part.log) for part in parts]
    return _sum_of(signs, logs, top=reduce(np.maximum, logs))


def total_along(value):
    """The sum along the first axis."""
    log = np.where(value.sign == 0, -np.inf, value.log)
    return _sum_of(np.broadcast_to(value.sign, log.shape), log, top=log.max(0))


def _sum_of(signs, logs, top):
    if np.isfinite(top).all():
        value = sum(sign * np.exp(log - top) for sign, log in zip(signs, logs, strict=True))
    else:
        value = _sum_at_ends(signs, logs, top)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Signed(np.sign(value), top + np.log(abs(value)))


def _sum_at_ends(signs, logs, top):
    """Σ sign · exp(log − top), also where ``top`` is infinite."""
    value = least = most = 0.0
    for sign, log in zip(signs, logs, strict=True):
        with np.errstate(invalid="ignore"):
            scaled = np.where(np.isposinf(top), 1.0 * np.isposinf(log), np.exp(log - top))
        scaled = sign * np.where(np.isneginf(top), 0.0, scaled)
        value, least, most = value + scaled, np.minimum(least, scaled), np.maximum(most, scaled)
    return np.where(np.isposinf(top) & (least < 0) & (most > 0), np.nan, value)


def _negative(value):
    return Signed(-value.sign, value.log)


_OPERATIONS = {
    ast.Mult: product,
    ast.Div: quotient,
    ast.Add: total,
    ast.Sub: lambda a, b: total(a, _negative(b)),
}
