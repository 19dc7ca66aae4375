"""What the closed forms need from NumPy and torch alike.

One namespace for both libraries, arguments checked by name, and the special function
ψ(t) = eᵗ − 1 − t with an exact derivative. torch is imported only where a torch tensor came in.
"""

import math
import sys
from functools import cache
from numbers import Real

import array_api_compat.numpy
import numpy as np
from array_api_compat import device, is_torch_array

# --- one library, one dtype ----------------------------------------------------------------------


def unify(*, wide=False, **arguments):
    """Bring numbers and arrays to one library and one floating dtype.

    Returns the array namespace, the dtype that results shall have, and the arguments as arrays of
    the dtype to compute in: float32 at least, float64 where `wide` is set. Numbers adapt to the
    arrays beside them; integers become float64 (torch: its default dtype).
    """
    values = [np.asarray(v) if isinstance(v, (list, tuple)) else v for v in arguments.values()]
    dtypes = tuple([getattr(value, "dtype", None) for value in values])
    xp, dtype, first = _agree(tuple(arguments), tuple(map(type, values)), dtypes)
    if dtype is None:
        dtype = xp.asarray(0.0).dtype
    like = np.zeros(()) if first is None else values[first]
    working = dtype if xp.finfo(dtype).bits >= 32 else xp.float32
    if wide and getattr(device(like), "type", None) != "mps":  # Apple's GPUs know no float64
        working = xp.result_type(dtype, xp.float64)
    return xp, dtype, [_as_array(xp, value, working, like) for value in values]


def as_result(value, dtype):
    """Give a result its dtype; a NumPy result without axes becomes a scalar (np.float64)."""
    return value.to(dtype) if is_torch_array(value) else value.astype(dtype)[()]


def constant(x):
    """Return x without its history: for corrections whose derivative is known to be zero."""
    return x.detach() if is_torch_array(x) else x


@cache
def _agree(names, types, dtypes):
    """What arguments of these types and dtypes lead to: namespace, dtype, position of an array.

    The dtype is None where the library's default applies, the position where there is no array.
    """
    torch = sys.modules.get("torch")
    tensors = [i for i, kind in enumerate(types) if torch and issubclass(kind, torch.Tensor)]
    # NumPy's scalars carry a dtype worth keeping; beside tensors they are only numbers.
    numpy_types = np.ndarray if tensors else (np.ndarray, np.generic)
    arrays = [i for i, kind in enumerate(types) if issubclass(kind, numpy_types)]
    if tensors and arrays:
        raise TypeError(
            "expected arrays of one library, got "
            f"torch tensors ({', '.join(names[i] for i in tensors)}) "
            f"and NumPy arrays ({', '.join(names[i] for i in arrays)})"
        )
    given = tensors or arrays
    for i, kind in enumerate(types):
        if i not in given and not issubclass(kind, Real):
            raise TypeError(
                f"{names[i]}: expected a number, a NumPy array or a torch tensor, "
                f"got {kind.__name__}"
            )
    xp = _torch_namespace() if tensors else array_api_compat.numpy
    for i in given:
        if not xp.isdtype(dtypes[i], ("integral", "real floating")):
            raise TypeError(f"{names[i]}: expected real numbers, got {dtypes[i]}")
    if not given:
        return xp, None, None
    dtype = xp.result_type(*[dtypes[i] for i in given])
    return xp, dtype if xp.isdtype(dtype, "real floating") else None, given[0]


def _torch_namespace():
    import array_api_compat.torch

    return array_api_compat.torch


def _as_array(xp, value, dtype, like):
    if is_torch_array(value) or isinstance(value, np.ndarray):
        return value if value.dtype == dtype else xp.astype(value, dtype)
    return xp.full((), value, dtype=dtype, device=device(like))


# --- checks: an argument's name says what it must be ---------------------------------------------

_REQUIREMENTS = {
    "z": ("numbers, not NaN", lambda xp, x: ~xp.isnan(x)),
    "mean": ("finite numbers", lambda xp, x: xp.isfinite(x)),
    "std": ("positive finite numbers", lambda xp, x: (x > 0) & xp.isfinite(x)),
    "cov": ("finite numbers", lambda xp, x: xp.isfinite(x)),
}


def check_values(xp, **arrays):
    """Raise ValueError where an array holds what its name (z, mean…, std…, cov…) does not allow."""
    for name, array in arrays.items():
        expected, holds = _REQUIREMENTS[name.split("_")[0]]
        index = _first(xp, ~holds(xp, array))
        if index is not None:
            raise ValueError(f"{name}: expected {expected}, got {_entry(array, index)}")


def check_broadcast(**shapes):
    """Raise ValueError where named shapes do not broadcast."""
    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError:
        told = ", ".join(f"{name} {tuple(shape)}" for name, shape in shapes.items())
        raise ValueError(f"expected shapes that broadcast, got {told}") from None


def check_matrices(xp, arrays, given):
    """Check means (…, n) and covariances (…, n, n) against each other; return them ready for use.

    `arrays` maps names to arrays, `given` to what the caller passed: how far a matrix may be from
    symmetric follows from the dtype it came in. Matrices come back exactly symmetric, numbers as
    vectors of n.
    """
    covs = {name: array for name, array in arrays.items() if name.startswith("cov")}
    for name, cov in covs.items():
        if cov.ndim < 2 or cov.shape[-1] != cov.shape[-2] or cov.shape[-1] == 0:
            raise ValueError(f"{name}: expected shape (..., n, n), got {tuple(cov.shape)}")
        _check_symmetric(xp, name, cov, getattr(given[name], "dtype", cov.dtype))
    n = next(iter(covs.values())).shape[-1]
    ready, batches = [], {}
    for name, array in arrays.items():
        core = (n, n) if name in covs else (n,)
        array = array if array.ndim else xp.broadcast_to(array, core)
        if tuple(array.shape[-len(core) :]) != core:
            expected = f"(..., {', '.join(map(str, core))})"
            raise ValueError(f"{name}: expected shape {expected}, got {tuple(array.shape)}")
        batches[name] = array.shape[: -len(core)]
        ready.append(0.5 * array + 0.5 * xp.matrix_transpose(array) if name in covs else array)
    check_broadcast(**batches)
    return ready


def _check_symmetric(xp, name, matrices, dtype):
    eps = float(xp.finfo(dtype if xp.isdtype(dtype, "real floating") else matrices.dtype).eps)
    gap = xp.abs(matrices - xp.matrix_transpose(matrices))
    largest = xp.max(xp.abs(matrices), axis=(-2, -1), keepdims=True)
    index = _first(xp, gap > 32 * eps * largest)
    if index is not None:
        mirrored = (*index[:-2], index[-1], index[-2])
        raise ValueError(
            f"{name}: expected symmetric matrices, got {_entry(matrices, index)} "
            f"but {_entry(matrices, mirrored)}"
        )


def _first(xp, wrong):
    if not bool(xp.any(wrong)):
        return None
    flat = int(xp.nonzero(xp.reshape(wrong, (-1,)))[0][0])
    return tuple(int(i) for i in np.unravel_index(flat, tuple(wrong.shape)))


def _entry(array, index):
    where = f" at index {index} of shape {tuple(array.shape)}" if index else ""
    return f"{float(constant(array)[index])}{where}"


# --- ψ -------------------------------------------------------------------------------------------


def difference(a, b):
    """Return a − b and what rounding took from it, exactly (Knuth's TwoSum)."""
    rounded = a - b
    a, b, value = constant(a), constant(b), constant(rounded)
    minus_b = value - a
    return rounded, (a - (value - minus_b)) - (b + minus_b)


def psi(t):
    """Return ψ(t) = eᵗ − 1 − t ≥ 0, the excess of the exponential over its tangent at 0."""
    with np.errstate(over="ignore"):  # inf is the right result there
        return 2 * half_psi(t)


def half_psi(t, rest=None):
    """Return ψ(t)/2, the KL of two centred normals whose variances have the log-ratio t.

    `t` is an array; `rest` is what rounding took from t, if anything. Near 0 the terms of ψ cancel,
    so a Taylor series takes over. torch's derivative is (eᵗ − 1)/2, exact to the last digits too.
    """
    if is_torch_array(t):
        return _torch_half_psi()(t, rest)
    with np.errstate(over="ignore"):
        return _half_psi(array_api_compat.numpy, t, rest)


def _half_psi(xp, t, rest):
    # ψ(t)/2 = (e^s − 1)²/2 + ψ(s) with s = t/2: two terms ≥ 0, and no overflow before the result's.
    s = 0.5 * t
    growth = xp.expm1(s)
    if rest is not None:
        growth = growth * (1 + 0.5 * rest)
    add_product = getattr(xp, "addcmul", lambda c, a, b: c + a * b)  # torch: one call, not two
    series, *coefficients = _taylor(xp, t.dtype, device(t))
    for coefficient in coefficients:
        series = add_product(coefficient, series, s)
    square = s * s
    return 0.5 * growth * growth + xp.where(square < 0.25, series * square, growth - s)


@cache
def _taylor(xp, dtype, where):
    """1/k! for k = …, 3, 2: as many as tell for |s| < 1/2."""
    last = 2
    while 0.5 ** (last - 1) / math.factorial(last + 1) > float(xp.finfo(dtype).eps) / 4:
        last += 1
    coefficients = [1 / math.factorial(k) for k in range(last, 1, -1)]
    return [xp.full((), c, dtype=dtype, device=where) for c in coefficients]


@cache
def _torch_half_psi():
    import torch

    xp = _torch_namespace()

    class HalfPsi(torch.autograd.Function):
        @staticmethod
        def forward(ctx, t, rest):
            ctx.save_for_backward(t)
            return _half_psi(xp, t, rest)

        @staticmethod
        def backward(ctx, grad):
            (t,) = ctx.saved_tensors
            return 0.5 * grad * torch.expm1(t), None

    return HalfPsi.apply
