"""Whitening by covariance matrices, to full accuracy however ill-conditioned they are.

Factorising a covariance loses as many digits as its condition number has. Here an inverse factor is
computed as usual and taken as it is; what it lost is then found from matrix products in twice the
working precision, and made up for. Namespaces and arrays are those of `_arrays.unify`.
"""

import math

import numpy as np

from ._arrays import constant, device

_NO_FACTOR = (np.linalg.LinAlgError, RuntimeError)  # torch's LinAlgError is a RuntimeError


class Whitening:
    """A matrix T with T cov Tᵀ = I, kept as K⁻¹ W with K close to I.

    W is a rounded inverse of the Cholesky factor, and constant. K, the Cholesky factor of W cov Wᵀ,
    makes up for W's rounding and carries the gradient. `scales` is the diagonal of the Cholesky
    factor of cov: the product of the scales is √det cov.

    Raises ValueError, which calls the matrices `name`, where one is not positive definite.
    """

    def __init__(self, xp, name, cov):
        self._xp = xp
        self._w = constant(xp.tril(xp.linalg.inv(cholesky(xp, name, constant(cov)))))
        k = cholesky(xp, name, _congruence(xp, self._w, cov))
        self._inverse_k = xp.linalg.inv(k)
        self.scales = xp.linalg.diagonal(k) / xp.linalg.diagonal(self._w)

    def vectors(self, x, rest=None):
        """T (x + rest) for vectors x of shape (..., n)."""
        rest = None if rest is None else rest[..., None]
        head, tail = _product(self._xp, self._w, x[..., None], rest)
        return (self._inverse_k @ (head + tail))[..., 0]

    def matrices(self, matrix, rest=None):
        """T (matrix + rest) Tᵀ for symmetric matrices of shape (..., n, n)."""
        xp = self._xp
        half_way = self._inverse_k @ _congruence(xp, self._w, matrix, rest)
        return half_way @ xp.matrix_transpose(self._inverse_k)


def cholesky(xp, name, matrices):
    """Return lower Cholesky factors; raise ValueError for the first matrix that has none."""
    try:
        return xp.linalg.cholesky(matrices)
    except _NO_FACTOR:
        index = _first_without_factor(xp, matrices)
        if index is None:
            raise
    smallest = float(xp.linalg.eigvalsh(constant(matrices)[index])[0])
    where = f" at index {index} of shape {tuple(matrices.shape[:-2])}" if index else ""
    raise ValueError(
        f"{name}: expected symmetric positive definite matrices, "
        f"got one with smallest eigenvalue {smallest:.3g}{where}"
    )


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
    step = xp.linalg.solve(factor, xp.matrix_transpose(xp.linalg.solve(factor, missing)))
    return lower + factor @ (xp.tril(step) - 0.5 * identity * step)


def _first_without_factor(xp, matrices):
    for index in np.ndindex(*matrices.shape[:-2]):
        try:
            xp.linalg.cholesky(matrices[index])
        except _NO_FACTOR:
            return index
    return None


def _congruence(xp, w, matrix, rest=None):
    """Return w (matrix + rest) wᵀ as if computed in twice the precision."""
    w_transposed = xp.matrix_transpose(w)
    left, left_rest = _product(xp, w, matrix, rest)
    both, both_rest = _product(xp, left, w_transposed)
    return both + (both_rest + left_rest @ w_transposed)


def _product(xp, a, b, rest=None):
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
