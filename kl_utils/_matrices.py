"""Whitening by covariance matrices, to full accuracy however ill-conditioned they are.

Factorising a covariance loses as many digits as its condition number has. Here an inverse factor is
computed as usual; where that loses digits, it is taken as it is, and what it lost is found from
matrix products in twice the working precision, and made up for. Namespaces and arrays are those of
`_arrays.unify`.
"""

import math

import numpy as np

from ._arguments import require
from ._arrays import constant, device, is_torch_array
from ._checks import check_entries, is_true

_NO_FACTOR = (np.linalg.LinAlgError, RuntimeError)  # torch's LinAlgError is a RuntimeError
_ROUNDINGS = 8  # √n times so many may make a singular matrix of n coordinates look regular
_TAME = 50.0  # the variance inflation below which plain products keep 14 digits
_REGULAR = (
    "symmetric positive definite matrices, further from singular than rounding (else leave out "
    "coordinates that the others determine, shrink towards the diagonal, or add a multiple of I)"
)


class Whitening:
    """A matrix T with T cov Tᵀ = I, kept as K⁻¹ W with K close to I.

    W is the rounded inverse of the Cholesky factor. Where cov is ill-conditioned, W is taken as a
    constant, products with it are computed in twice the precision, and K, the Cholesky factor of
    W cov Wᵀ, makes up for W's rounding and carries the gradient. Elsewhere K is I.

    `matrix` is cov, `eps` the rounding of the numbers that it was given in. Raises ValueError,
    which calls the matrices `name`, where one is not positive definite by more than that.
    """

    def __init__(self, xp, name, cov, eps):
        self._xp, self._name, self.matrix = xp, name, cov
        self._w = _inverse(xp, cholesky(xp, name, cov))
        inflation = _inflation(xp, constant(self._w), constant(cov))
        _check_regular(xp, name, cov, inflation, eps)
        self._is_tame = 0 not in cov.shape and is_true(xp.max(inflation) < _TAME) is True
        self._k = self._inverse_k = None
        if not self._is_tame:
            self._w = constant(self._w)

    def _corrections(self):
        """K and its inverse, found when they are first needed."""
        if self._k is None:
            self._k = cholesky(self._xp, self._name, _congruence(self._xp, self._w, self.matrix))
            self._inverse_k = _inverse(self._xp, self._k)
        return self._k, self._inverse_k

    @property
    def scales(self):
        """The diagonal of the Cholesky factor of cov: their product is √det cov."""
        diagonal = self._xp.linalg.diagonal
        if self._is_tame:
            return 1 / diagonal(self._w)
        return diagonal(self._corrections()[0]) / diagonal(self._w)

    def vectors(self, x, rest=None):
        """T (x + rest) for vectors x of shape (..., n)."""
        if self._is_tame:
            return (self._w @ x[..., None])[..., 0]
        rest = None if rest is None else rest[..., None]
        head, tail = product(self._xp, self._w, x[..., None], rest)
        return (self._corrections()[1] @ (head + tail))[..., 0]

    def matrices(self, matrix, rest=None):
        """T (matrix + rest) Tᵀ for symmetric matrices of shape (..., n, n)."""
        xp = self._xp
        if self._is_tame:
            return self._w @ matrix @ xp.matrix_transpose(self._w)
        _, inverse_k = self._corrections()
        half_way = inverse_k @ _congruence(xp, self._w, matrix, rest)
        return half_way @ xp.matrix_transpose(inverse_k)


def cholesky(xp, name, matrices):
    """Return lower Cholesky factors; raise ValueError for the first matrix that has none."""
    try:
        return _factor(xp, matrices)
    except _NO_FACTOR:
        _check_finite(xp, name, matrices)
    try:
        index = _first_without_factor(xp, matrices)
        smallest = float(xp.linalg.eigvalsh(constant(matrices)[(*index, ...)])[0])
        got = f"one with smallest eigenvalue {smallest:.3g}{_where(index, matrices.shape[:-2])}"
    except RuntimeError:  # inside vmap, no values can be told
        got = "one that is not"
    require(False, name, _REGULAR, got)


def _check_finite(xp, name, matrices):
    check_entries(xp, name, "finite numbers", matrices, xp.isfinite(matrices))


def _check_regular(xp, name, cov, inflation, eps):
    """Raise ValueError where the other coordinates leave of one no more than rounding.

    Of the variance of coordinate i, they leave the share 1/(Σ⁻¹)ᵢᵢΣᵢᵢ = 1 − R²ᵢ unexplained: the
    reciprocal of the variance inflation factor. It has no unit, and no order of coordinates.
    Whether a singular matrix has a Cholesky factor is chance; this decides it.
    """
    n = inflation.shape[-1]
    least = _ROUNDINGS * math.sqrt(n) * eps
    wrong = inflation * least >= 1
    if 0 in wrong.shape or is_true(xp.any(wrong)) is not True:
        return
    _check_finite(xp, name, cov)
    flat = int(xp.argmax(xp.reshape(inflation, (-1,))))
    index = tuple(int(i) for i in np.unravel_index(flat, tuple(inflation.shape)))
    share = 1 / float(inflation[index])
    got = (
        f"one whose coordinate {index[-1]} the others determine but for {share:.2g} of its variance"
        f", below {least:.2g}{_where(index[:-1], inflation.shape[:-1])}"
    )
    require(False, name, _REGULAR, got)


def _inflation(xp, w, cov):
    """(Σ⁻¹)ᵢᵢ Σᵢᵢ for matrices Σ with the inverse Cholesky factors w: shape (..., n), ≥ 1."""
    scaled = w * xp.sqrt(xp.linalg.diagonal(cov))[..., None, :]
    return xp.sum(scaled * scaled, axis=-2)


def _where(index, shape):
    return f" at index {index} of shape {tuple(shape)}" if index else ""


def cholesky_excess(xp, excess):
    """Return the lower triangular M with (I + M)(I + M)ᵀ = I + excess, accurate for tiny excess.

    One Newton step gives M the digits that subtracting I from a Cholesky factor takes away.
    """
    identity = xp.eye(excess.shape[-1], dtype=excess.dtype, device=device(excess))
    factor = xp.linalg.cholesky(identity + excess)
    lower = factor - identity
    transposed = xp.matrix_transpose(lower)
    missing = constant(excess - lower - transposed - lower @ transposed)
    factor = constant(factor)
    inverse = _inverse(xp, factor)
    step = inverse @ missing @ xp.matrix_transpose(inverse)
    return lower + factor @ (xp.tril(step) - 0.5 * identity * step)


def _inverse(xp, lower):
    """The inverse of lower triangular matrices."""
    if hasattr(xp.linalg, "solve_triangular"):  # torch's; the standard has none
        identity = xp.eye(lower.shape[-1], dtype=lower.dtype, device=device(lower))
        return xp.linalg.solve_triangular(lower, identity, upper=False)
    return xp.tril(xp.linalg.inv(lower))


def _factor(xp, matrices):
    factor = xp.linalg.cholesky(matrices)
    is_told = is_torch_array(factor) or isinstance(factor, np.ndarray)
    if not is_told and is_true(xp.any(xp.isnan(factor))):
        raise np.linalg.LinAlgError("not positive definite")  # JAX and CuPy give NaN
    return factor


def _first_without_factor(xp, matrices):
    for index in np.ndindex(*matrices.shape[:-2]):
        try:
            _factor(xp, matrices[(*index, ...)])
        except _NO_FACTOR:
            return index
    raise RuntimeError("each matrix has a factor, but not all of them together")


def _congruence(xp, w, matrix, rest=None):
    """Return w (matrix + rest) wᵀ as if computed in twice the precision."""
    w_transposed = xp.matrix_transpose(w)
    left, left_rest = product(xp, w, matrix, rest)
    both, both_rest = product(xp, left, w_transposed)
    return both + (both_rest + left_rest @ w_transposed)


def product(xp, a, b, rest=None):
    """Return a @ (b + rest) as two arrays to be added, the first without any rounding."""
    a_head, b_head = _head(xp, a, -1), _head(xp, b, -2)
    tail = a_head @ (b - b_head) + (a - a_head) @ b
    return a_head @ b_head, tail if rest is None else tail + a @ rest


def _head(xp, x, axis):
    """Return the leading digits of x, so few that sums of their products along axis are exact.

    Adding and taking away a number 2ᵏ times as large rounds x to a coarse grid (Ozaki, Ogita, Oishi
    & Rump, Error-free transformations of matrix multiplication, Numerical Algorithms 59, 2012).
    """
    largest = xp.max(xp.abs(x), axis=axis, keepdims=True)
    k = math.ceil(2 + math.log2(x.shape[axis] / float(xp.finfo(x.dtype).eps)) / 2)
    return constant(((0.5**k * x + largest) - largest) * 2.0**k)
