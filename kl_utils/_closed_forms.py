"""What the closed forms for Gaussians share: how they take arguments and look at results."""

import math
from functools import wraps

import numpy as np

from ._arrays import as_result, constant, is_torch_array, unify
from ._checks import (
    are_surely_good,
    check_batch,
    check_broadcast,
    check_matrices,
    check_values,
    rounding,
)
from ._matrices import Whitening

_STEPS = 8  # arrays of the broadcast shape that a call holds at one time


def quietly(function):
    """Let NumPy not warn of infinities and NaN, which are looked at afterwards."""

    @wraps(function)
    def quiet(*arguments, **named):
        if any(map(is_torch_array, (*arguments, *named.values()))):
            return function(*arguments, **named)  # torch never warns, and compiles this way
        with np.errstate(all="ignore"):
            return function(*arguments, **named)

    return quiet


def broadcast(**arguments):
    """Return the namespace, the results' dtype, and arguments that broadcast, as arrays of it."""
    xp, dtype, arrays = unify(**arguments)
    if any(array.shape != arrays[0].shape for array in arrays):
        named = dict(zip(arguments, arrays, strict=True))
        shape = check_broadcast(**{name: array.shape for name, array in named.items()})
        check_batch(named, shape, _STEPS)
    return xp, dtype, arrays


@quietly
def elementwise(formula, **arguments):
    """Apply a formula; look for what is wrong with the arguments where its result is not finite.

    The formula is given `divide`, (a − b)/c for its shifts. The quick one may overflow on the way.
    """
    xp, dtype, arrays = broadcast(**arguments)
    value = formula(xp, *arrays, quick_quotient)
    stds = [x for name, x in zip(arguments, arrays, strict=True) if name.startswith("std")]
    if not are_surely_good(xp, value, *stds):
        check_values(xp, **dict(zip(arguments, arrays, strict=True)))
        value = formula(xp, *arrays, careful_quotient)
    return as_result(value, dtype)


def quick_quotient(a, b, c):
    """(a − b)/c."""
    return (a - b) / c


def careful_quotient(a, b, c):
    """(a − b)/c, also where a − b overflows."""
    halves = (0.5 * a - 0.5 * b) / c
    return halves + halves


@quietly
def multivariate(formula, beyond, **arguments):
    """Apply a formula to whitened covariances; `beyond` is its value where it overflows."""
    xp, dtype, arrays = unify(wide=True, **arguments)
    named = dict(zip(arguments, arrays, strict=True))
    ready = check_matrices(xp, named, given=arguments)
    for i, (name, given) in enumerate(arguments.items()):
        if name.startswith("cov"):
            ready[i] = Whitening(xp, name, ready[i], rounding(xp, given, arrays[i]))
    value = formula(xp, *ready)
    if not are_surely_good(xp, value):
        check_values(xp, **named)
        value = xp.where(xp.isnan(value), beyond, value)  # the arguments are numbers
    return as_result(value, dtype)


def total(xp, terms):
    """The sum over the last axis; a number alone is one dimension."""
    if not terms.ndim:
        return terms
    return terms.sum(axis=-1) if hasattr(terms, "sum") else xp.sum(terms, axis=-1)


def gap_of(xp, a, b):
    """a − b, and 0 for two equal infinities."""
    return zero_at_equality(xp, a - b, a, b)


def zero_at_equality(xp, gap, a, b):
    """Return `gap`, which is a − b, and 0 where it is NaN for two equal infinities."""
    return xp.where(xp.isnan(gap) & (a == b), 0.0, gap)


def standardize(xp, x, log_var):
    """x/exp(log_var/2), by a second factor where the scale leaves the dtype's range.

    Further out x/exp(…) leaves it as well, so the second factor may stop at its end too: 0 · inf
    would be NaN.
    """
    limit = -math.log(float(xp.finfo(x.dtype).smallest_normal))
    half = -0.5 * log_var
    first = xp.clip(half, -limit, limit)
    second = xp.clip(constant(half - first), -limit, limit)
    return x * xp.exp(first) * xp.exp(second)


def log_ratio(xp, a, b):
    """log(a/b), also where a/b leaves the dtype's range. Elsewhere, log a − log b loses digits."""
    ratio = a / b
    inside = (ratio >= float(xp.finfo(ratio.dtype).smallest_normal)) & xp.isfinite(ratio)
    return xp.where(inside, xp.log(xp.where(inside, ratio, 1.0)), xp.log(a) - xp.log(b))
