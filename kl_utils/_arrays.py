"""The front door of the mathematics: what a function may be given, and what it computes with.

Every argument that holds numbers may be

- a number: Python's, NumPy's, a fraction. It adapts to the arrays beside it;
- a list of numbers, or of lists of them, in rows of one length: NumPy's float64, or an array of the
  library beside it;
- an array: NumPy's, a torch tensor, or one of another library that keeps the array API standard
  (JAX, CuPy, …);
- a table or whatever else turns itself into a NumPy array by ``__array__``: a DataFrame of pandas.

What is more than its numbers, or none, is refused with a TypeError that names the argument: masks,
units, labels of a matrix product (``np.matrix``), imaginary parts, dates, truth values, strings,
objects, sparse and nested storage, arrays of two libraries at once.

`gaussian` and `estimators.kl_terms` compute in the library of their arguments (`unify`); so their
results are of that library, on that device, and carry gradients. All other modules compute in NumPy
(`as_numpy`): they take what lies in the memory of the CPU, and no tensor that asks for a gradient.

torch is imported only where a tensor came in, array_api_compat where arrays did.
"""

import sys
from functools import cache
from numbers import Real

import numpy as np

from ._arguments import require

_EXPECTED = "a number, a NumPy array or a torch tensor"
_ARRAYS = {
    "torch": "torch tensors",
    "other": "other arrays",
    "NumPy": "NumPy arrays",
    "scalar": "scalars",
    "list": "lists",
}
_ADAPT = ("scalar", "list")  # to the arrays beside them


def is_torch_array(x):
    """Is this a torch tensor? torch is not imported for the question."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(x, torch.Tensor)


def device(x):
    """Where an array is; None where it does not say, as of old NumPy and while JAX traces."""
    return getattr(x, "device", None)


def namespace(x):
    """The functions of the array API standard, in the library of an array."""
    if is_torch_array(x):
        return _torch_namespace()
    if isinstance(x, (np.ndarray, np.generic)):
        return _numpy_namespace()
    return _foreign_namespace(x)


# --- one library, one dtype ----------------------------------------------------------------------


def unify(*, wide=False, **arguments):
    """Bring numbers and arrays to one library and one floating dtype.

    Returns the array namespace, the dtype that results shall have, and the arguments as arrays of
    the dtype to compute in: float32 at least, float64 where `wide` is set. Integers become float64
    (torch and others: their default dtype).

    Raises TypeError, which names the argument, for what is no real number or array of them.
    """
    taken = [take(name, value) for name, value in arguments.items()]
    values = [value for _, value in taken]
    kinds = tuple([kind for kind, _ in taken])
    dtypes = tuple([getattr(value, "dtype", None) for value in values])
    spaces = ()
    if "other" in kinds:
        spaces = tuple(namespace(value) for kind, value in taken if kind == "other")
    xp, dtype, first = _agree(tuple(arguments), kinds, dtypes, spaces)
    if dtype is None:
        dtype = xp.asarray(0.0).dtype
    like = np.zeros(()) if first is None else values[first]
    working = dtype if xp.finfo(dtype).bits >= 32 else xp.float32
    if wide and getattr(device(like), "type", None) != "mps":  # Apple's GPUs know no float64
        working = xp.float64  # nor does LAPACK know more than that
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
    if is_torch_array(value):
        return value.to(dtype)
    if isinstance(value, (np.ndarray, np.generic)):
        return value.astype(dtype)[()]
    return namespace(value).astype(value, dtype)


def constant(x):
    """Return x without its history: for corrections whose derivative is known to be zero."""
    return x.detach() if is_torch_array(x) else x


def difference(a, b):
    """Return a − b and what rounding took from it, exactly (Knuth's TwoSum)."""
    rounded = a - b
    a, b, value = constant(a), constant(b), constant(rounded)
    minus_b = value - a
    return rounded, (a - (value - minus_b)) - (b + minus_b)


# --- one argument --------------------------------------------------------------------------------


def take(name, value):
    """Return what an argument is (number, list, NumPy, torch or other), and a number or array."""
    kind = _kind(type(value))
    if kind == "number":
        return kind, value if type(value) is float else _as_float(name, value)
    if kind == "list":
        _check_list(name, value)
    if kind in ("list", "table"):
        try:
            array = np.asarray(value)
        except Exception:  # whatever a library raises that cannot, or will not, convert
            expected = "real numbers in rows of one length"
            require(False, name, expected, _in_short(value), TypeError)
        require(type(array) is np.ndarray, name, _EXPECTED, type(value).__name__, TypeError)
        return ("list" if kind == "list" else "NumPy"), array
    require(kind is not None, name, _EXPECTED, type(value).__name__, TypeError)
    if kind == "torch":
        is_dense = not value.is_nested and value.layout is sys.modules["torch"].strided
        got = "a nested one" if value.is_nested else value.layout
        require(is_dense, name, "a dense tensor", got, TypeError)
    return kind, value


@cache
def _kind(kind):
    torch = sys.modules.get("torch")
    if torch is not None and issubclass(kind, torch.Tensor):
        return None if kind.__name__ == "MaskedTensor" else "torch"
    if issubclass(kind, np.generic):
        return "scalar"
    if issubclass(kind, np.ndarray):  # its subclasses add a mask, a unit, another product
        return "NumPy" if kind in (np.ndarray, np.memmap) else None
    if issubclass(kind, Real):
        return None if kind is bool else "number"
    if issubclass(kind, (list, tuple)):
        return "list"
    if hasattr(kind, "units"):  # pint's quantities would lose theirs
        return None
    if hasattr(kind, "__array_namespace__"):
        return "other"
    return "table" if hasattr(kind, "__array__") else None


def _as_float(name, value):
    try:
        return float(value)
    except OverflowError:
        value = None
    require(value is not None, name, "a number within the range of floats", "a larger one")


def _check_list(name, values):
    """Refuse in a list what NumPy would turn into numbers without a word: masks, truth values."""
    for kind in set(map(type, values)):
        if kind in (list, tuple):
            for value in values:
                if type(value) is kind:
                    _check_list(name, value)
        else:
            is_real = _kind(kind) in ("number", "scalar", "NumPy", "torch", "other", "table")
            expected = "real numbers in rows of one length"
            require(is_real, name, expected, f"a list with {kind.__name__} in it", TypeError)


def _in_short(value):
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


@cache
def _agree(names, kinds, dtypes, spaces):
    """What such arguments lead to: namespace, dtype, position of an array.

    The dtype is None where the library's default applies, the position where there is no array.
    """
    where = {kind: [i for i, given in enumerate(kinds) if given == kind] for kind in _ARRAYS}
    spaces = dict(zip(where["other"], spaces, strict=True))
    spaces |= dict.fromkeys(where["torch"], where["torch"] and _torch_namespace())
    for i, dtype in enumerate(dtypes):
        if dtype is not None:
            is_real = spaces.get(i, _numpy_namespace()).isdtype(
                dtype, ("integral", "real floating")
            )
            require(is_real, names[i], "real numbers", dtype, TypeError)
    libraries = list(dict.fromkeys(spaces.values()))
    told = [
        f"{text} ({', '.join(names[i] for i in where[kind])})"
        for kind, text in _ARRAYS.items()
        if where[kind] and kind not in _ADAPT
    ]
    one_library = len(libraries) + bool(where["NumPy"]) <= 1
    got = " and ".join(told)
    require(one_library, ", ".join(names), "arrays of one library", got, TypeError)
    xp = libraries[0] if libraries else _numpy_namespace()
    # NumPy's scalars, and lists, carry a dtype worth keeping; beside other arrays they adapt.
    given = where["torch"] + where["other"]
    given = given or sorted(where["NumPy"] + where["scalar"] + where["list"])
    if not given:
        return xp, None, None
    dtype = xp.result_type(*[dtypes[i] for i in given])
    return xp, dtype if xp.isdtype(dtype, "real floating") else None, given[0]


def _as_array(xp, value, dtype, like):
    if isinstance(value, (float, np.generic)):
        value = value if xp is _numpy_namespace() else float(value)
        return xp.full((), value, dtype=dtype, device=device(like))
    if isinstance(value, np.ndarray) and xp is not _numpy_namespace():  # a list beside tensors
        return xp.asarray(value.tolist(), dtype=dtype, device=device(like))
    return value if value.dtype == dtype else xp.astype(value, dtype)


def _as_numpy(name, value):
    xp, _, (array,) = unify(**{name: value})
    if is_torch_array(array):
        expected, got = "a tensor without gradient", "one with requires_grad"
        require(not array.requires_grad, name, expected, got, TypeError)
        array = array.double()
    if xp is not _numpy_namespace():
        array = _in_memory(name, array)
    return np.asarray(array, dtype=float)


def _in_memory(name, array):
    """An array of another library as one of NumPy."""
    try:
        return array.cpu().numpy() if is_torch_array(array) else np.from_dlpack(array)
    except Exception:  # on another device, or without values, as inside vmap: each has its own
        expected, got = "an array with values in the CPU's memory", type(array).__name__
        raise TypeError(f"{name}: expected {expected}, got {got}") from None


# --- namespaces ----------------------------------------------------------------------------------


@cache
def _numpy_namespace():
    """NumPy as the standard has it; NumPy 2 does by itself, where nothing else is installed."""
    try:
        import array_api_compat.numpy
    except ModuleNotFoundError:
        return np
    return array_api_compat.numpy


@cache
def _torch_namespace():
    import array_api_compat.torch

    return array_api_compat.torch


def _foreign_namespace(x):
    try:
        from array_api_compat import array_namespace
    except ModuleNotFoundError:
        return x.__array_namespace__()
    return array_namespace(x)
