"""What the closed forms need from NumPy and torch alike.

One namespace for both libraries, and the special function ψ(t) = eᵗ − 1 − t with an exact
derivative. torch is imported only where a torch tensor came in, array_api_compat where arrays did.
"""

import math
import sys
from functools import cache
from numbers import Real

import numpy as np

from ._arguments import require


def is_torch_array(x):
    """Is this a torch tensor? torch is not imported for the question."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(x, torch.Tensor)


def device(x):
    """Where an array is."""
    return getattr(x, "device", "cpu")


# --- one library, one dtype ----------------------------------------------------------------------


def unify(*, wide=False, **arguments):
    """Bring numbers and arrays to one library and one floating dtype.

    Returns the array namespace, the dtype that results shall have, and the arguments as arrays of
    the dtype to compute in: float32 at least, float64 where `wide` is set. Numbers adapt to the
    arrays beside them; integers become float64 (torch: its default dtype).

    Raises TypeError, which names the argument, for what would not be computed with as it is meant:
    masks, units, imaginary parts, dates, truth values, sparse storage, other libraries' arrays.
    """
    values = [
        _array_of(name, value) if isinstance(value, (list, tuple)) else value
        for name, value in arguments.items()
    ]
    dtypes = tuple([getattr(value, "dtype", None) for value in values])
    layouts = tuple([getattr(value, "layout", None) for value in values])
    xp, dtype, first = _agree(tuple(arguments), tuple(map(type, values)), dtypes, layouts)
    if dtype is None:
        dtype = xp.asarray(0.0).dtype
    like = np.zeros(()) if first is None else values[first]
    working = dtype if xp.finfo(dtype).bits >= 32 else xp.float32
    if wide and getattr(device(like), "type", None) != "mps":  # Apple's GPUs know no float64
        working = xp.result_type(dtype, xp.float64)
    return xp, dtype, [_as_array(xp, value, working, like) for value in values]


def as_numpy(**arguments):
    """Return the arguments as NumPy arrays of float64, for what is computed in NumPy alone.

    Takes what `unify` takes, but no tensor that asks for a gradient: it would get none.
    """
    return [_as_numpy(name, value) for name, value in arguments.items()]


def as_number(**arguments):
    """Return one argument, which must be a single real number, as np.float64."""
    ((name, _),), (array,) = arguments.items(), as_numpy(**arguments)
    require(array.ndim == 0, name, "one number", f"shape {array.shape}")
    return array[()]


def as_result(value, dtype):
    """Give a result its dtype; a NumPy result without axes becomes a scalar (np.float64)."""
    return value.to(dtype) if is_torch_array(value) else value.astype(dtype)[()]


def constant(x):
    """Return x without its history: for corrections whose derivative is known to be zero."""
    return x.detach() if is_torch_array(x) else x


@cache
def _agree(names, types, dtypes, layouts):
    """What arguments of such types lead to: namespace, dtype, position of an array.

    The dtype is None where the library's default applies, the position where there is no array.
    """
    torch = sys.modules.get("torch")
    tensors = [i for i, kind in enumerate(types) if torch and issubclass(kind, torch.Tensor)]
    scalars = [i for i, kind in enumerate(types) if issubclass(kind, np.generic)]
    arrays = [i for i, kind in enumerate(types) if kind in (np.ndarray, np.memmap)]
    for i, kind in enumerate(types):
        is_number = issubclass(kind, Real) and kind is not bool
        expected = "a number, a NumPy array or a torch tensor"
        is_known = is_number or i in (*tensors, *scalars, *arrays)
        require(is_known, names[i], expected, kind.__name__, TypeError)
    for i in (*tensors, *scalars, *arrays):
        library = _torch_namespace() if i in tensors else _numpy_namespace()
        is_real = library.isdtype(dtypes[i], ("integral", "real floating"))
        require(is_real, names[i], "real numbers", dtypes[i], TypeError)
    for i in tensors:
        require(layouts[i] is torch.strided, names[i], "a dense tensor", layouts[i], TypeError)
    both = f"torch tensors ({_listed(names, tensors)}) and NumPy arrays ({_listed(names, arrays)})"
    one_library = not (tensors and arrays)
    require(one_library, ", ".join(names), "arrays of one library", both, TypeError)
    # NumPy's scalars carry a dtype worth keeping; beside tensors they are only numbers.
    given = tensors or sorted(arrays + scalars)
    xp = _torch_namespace() if tensors else _numpy_namespace()
    if not given:
        return xp, None, None
    dtype = xp.result_type(*[dtypes[i] for i in given])
    return xp, dtype if xp.isdtype(dtype, "real floating") else None, given[0]


def _listed(names, positions):
    return ", ".join(names[i] for i in positions)


@cache
def _numpy_namespace():
    """NumPy as the standard has it; NumPy 2 does by itself, where nothing else is installed."""
    try:
        import array_api_compat.numpy
    except ModuleNotFoundError:
        return np
    return array_api_compat.numpy


def _torch_namespace():
    import array_api_compat.torch

    return array_api_compat.torch


def _array_of(name, values):
    try:
        return np.asarray(values)
    except (TypeError, ValueError, RuntimeError):
        expected = "real numbers in rows of one length"
        raise TypeError(f"{name}: expected {expected}, got {values!r}") from None


def _as_array(xp, value, dtype, like):
    if is_torch_array(value) or isinstance(value, np.ndarray):
        return value if value.dtype == dtype else xp.astype(value, dtype)
    return xp.full((), value, dtype=dtype, device=device(like))


def _as_numpy(name, value):
    _, _, (array,) = unify(**{name: value})
    if is_torch_array(array):
        expected, got = "a tensor without gradient", "one with requires_grad"
        require(not array.requires_grad, name, expected, got, TypeError)
        array = array.cpu().double().numpy()
    return np.asarray(array, dtype=float)


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
        return _half_psi(_numpy_namespace(), t, rest)


def _half_psi(xp, t, rest):
    # ψ(t)/2 = (e^s − 1)²/2 + ψ(s) with s = t/2: two terms ≥ 0, and no overflow before the result's.
    s = 0.5 * t
    growth = xp.expm1(s)
    if rest is not None:  # of an infinite t it is NaN
        growth = growth * (1 + 0.5 * xp.where(xp.isfinite(rest), rest, 0.0))
    add_product = getattr(xp, "addcmul", lambda c, a, b: c + a * b)  # torch: one call, not two
    series, *coefficients = _taylor(xp, t.dtype, device(t))
    for coefficient in coefficients:
        series = add_product(coefficient, series, s)
    square = s * s
    finite = s.clip(max=float(xp.finfo(s.dtype).max))  # inf − inf would be NaN, inf is right
    return 0.5 * growth * growth + xp.where(square < 0.25, series * square, growth - finite)


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
