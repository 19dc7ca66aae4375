"""Special functions of a positive number, in NumPy: the gamma function and its logarithm's slope.

The gamma function is Lanczos' approximation with g = 6.02…, a quotient of two polynomials with
positive coefficients, so that nothing cancels. Relative errors are about 1e-14; near their zeros
the errors of `log_gamma` and `digamma` are absolute ones.
"""

import numpy as np

# Coefficients of 1, x, x², …; those below are of x (x + 1) ⋯ (x + 11).
_ABOVE = (
    23531376880.410759688572007674451636754734846804940,
    42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843,
    17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708,
    1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801,
    31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768,
    186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024,
    210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
)
_BELOW = (
    0, 39916800, 120543840, 150917976, 105258076, 45995730, 13339535, 2637558, 357423, 32670,
    1925, 66, 1,
)  # fmt: skip
_G = 6.024680040776729583740234375
# Of 1/x², 1/x⁴, … in log x − 1/(2x) − ψ(x): Bernoulli numbers B₂ₖ/(2k).
_IN_DIGAMMA = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)


def gamma(x):
    """Γ(x) for x > 0, infinite above 171.6; NaN elsewhere."""
    x = _positive(x)
    shifted = x + (_G - 0.5)
    root = shifted ** ((x - 0.5) / 2)  # a square root, since the whole might overflow
    value = root * (_lanczos(x) / np.exp(shifted)) * root
    return np.where(x > 172, np.inf, value)


def log_gamma(x):
    """log Γ(x) for x > 0; NaN elsewhere."""
    x = _positive(x)
    value = (x - 0.5) * (np.log(x + (_G - 0.5)) - 1) + (np.log(_lanczos(x)) - _G)
    return np.where(x < 1e-20, -np.log(x), value)


def digamma(x):
    """ψ(x), the derivative of log Γ, for x > 0; NaN elsewhere."""
    x = _positive(x)
    value = np.zeros_like(x)
    while (small := x < 10).any():  # ψ(x) = ψ(x + 1) − 1/x
        value = value - np.where(small, 1 / x, 0)
        x = x + small
    series = np.polyval((*_IN_DIGAMMA[::-1], 0), x**-2.0)
    return value + (np.log(x) - 0.5 / x - series)


def _positive(x):
    x = np.asarray(x, dtype=float)
    return np.where(x > 0, x, np.nan)


def _lanczos(x):
    """The quotient of the polynomials; in 1/x for a large x, whose powers overflow."""
    above, below = (
        np.where(x > 5, np.polyval(ascending, 1 / x), np.polyval(ascending[::-1], x))
        for ascending in (_ABOVE, _BELOW)
    )
    return above / below
