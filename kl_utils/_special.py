"""Two special functions that measure the excess over a tangent, and keep all their digits.

ψ(t) = eᵗ − 1 − t and φ(s) = s − log(1 + s) are what is left of a KL divergence of Gaussians once
its terms are sorted. Both are ≥ 0, and 0 at 0 only; computed as they are written they would lose
their digits there. Their derivatives are exact for torch, and they go through its transforms (vmap,
grad, jvp, jacrev): see `_special_torch`.
"""

import numpy as np

from ._arrays import is_torch_array, namespace
from ._series import half_psi_formula, phi_formula


def psi(t):
    """Return ψ(t) = eᵗ − 1 − t ≥ 0, the excess of the exponential over its tangent at 0."""
    if is_torch_array(t):
        return 2 * half_psi(t)
    with np.errstate(over="ignore"):  # inf is the right result there
        return 2 * half_psi(t)


def half_psi(t, rest=None):
    """Return ψ(t)/2, the KL of two centred normals whose variances have the log-ratio t.

    `t` is an array; `rest` is what rounding took from t, if anything. Near 0 the terms of ψ cancel,
    so a Taylor series takes over. torch's derivative is (eᵗ − 1)/2, exact to the last digits too.
    """
    if is_torch_array(t):
        from . import _special_torch

        return _special_torch.half_psi(t, rest)
    with np.errstate(over="ignore"):
        return half_psi_formula(namespace(t), t, rest)


def phi(s, inverse):
    """Return φ(s) = s − log(1 + s) ≥ 0, given 1/(1 + s) as well: arrays of one shape.

    Where 1 + s would round, the caller knows its inverse better. torch's derivative is s/(1 + s).
    """
    if is_torch_array(s):
        from . import _special_torch

        return _special_torch.phi(s, inverse)
    return phi_formula(namespace(s), s, inverse)
