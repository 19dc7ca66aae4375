"""The formulas of ψ(t)/2 and φ(s), in any library: series where their terms would cancel."""

import math
from functools import cache

from ._arrays import device

_NEAR = 0.2  # for w = s/(2 + s): where a series takes over


def half_psi_formula(xp, t, rest):
    # ψ(t)/2 = (e^s − 1)²/2 + ψ(s) with s = t/2: two terms ≥ 0, and no overflow before the result's.
    s = 0.5 * t
    growth = xp.expm1(s)
    if rest is not None:  # of an infinite t it is NaN, of a huge one huge
        growth = growth * (1 + 0.5 * xp.where(xp.abs(rest) < 1, rest, 0.0))
    series = _polynomial(xp, s, _taylor(xp, t.dtype, device(t)))
    square = s * s
    most = float(xp.finfo(s.dtype).max)  # inf − inf would be NaN, inf is right
    finite = s.clip(max=most) if hasattr(s, "clip") else xp.clip(s, max=most)
    return 0.5 * growth * growth + xp.where(square < 0.25, series * square, growth - finite)


def phi_formula(xp, s, inverse):
    # log(1 + s) = 2 artanh(w) with w = s/(2 + s), so φ(s) = w [s − 2 w² (1/3 + w²/5 + w⁴/7 + …)].
    w = s / (s + 2)
    square = w * w
    series = _polynomial(xp, square, _artanh(xp, s.dtype, device(s)))
    return xp.where(square < _NEAR**2, w * (s - square * series), s + xp.log(inverse))


def _polynomial(xp, x, coefficients):
    """The polynomial with these coefficients, that of the highest power first."""
    add_product = getattr(xp, "addcmul", lambda c, a, b: c + a * b)  # torch: one call, not two
    value, *rest = coefficients
    for coefficient in rest:
        value = add_product(coefficient, value, x)
    return value


@cache
def _taylor(xp, dtype, where):
    """1/k! for k = …, 3, 2: as many as tell for |s| < 1/2."""
    last = 2
    while 0.5 ** (last - 1) / math.factorial(last + 1) > float(xp.finfo(dtype).eps) / 4:
        last += 1
    coefficients = [1 / math.factorial(k) for k in range(last, 1, -1)]
    return [xp.full((), c, dtype=dtype, device=where) for c in coefficients]


@cache
def _artanh(xp, dtype, where):
    """2/(2k + 3) for k = …, 1, 0: as many as tell for |w| < 1/5."""
    last = 0
    while _NEAR ** (2 * last + 3) / (2 * last + 5) > float(xp.finfo(dtype).eps) / 4:
        last += 1
    return [xp.full((), 2 / (2 * k + 3), dtype=dtype, device=where) for k in range(last, -1, -1)]
