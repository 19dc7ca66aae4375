"""Checks of numbers and arrays: each raises an error that names the argument at fault.

Messages are put together by `require`. Arrays and their namespace are those of `_arrays.unify`.
"""

from numbers import Integral

import numpy as np

from ._arguments import require
from ._arrays import as_numpy, constant

# What a part of an argument's name says of its entries.
_FINITE = ("finite numbers", lambda xp, x: xp.isfinite(x))
_POSITIVE = ("positive finite numbers", lambda xp, x: (x > 0) & xp.isfinite(x))
_REQUIREMENTS = {
    "z": ("numbers, not NaN", lambda xp, x: ~xp.isnan(x)),
    "mean": _FINITE,
    "std": _POSITIVE,
    "cov": _FINITE,
}


def finite_numpy(**arguments):
    """Return the arguments as NumPy arrays of float64; raise ValueError for NaN or an infinity."""
    arrays = as_numpy(**arguments)
    for name, array in zip(arguments, arrays, strict=True):
        expected, holds = _FINITE
        check_entries(np, name, expected, array, holds(np, array))
    return arrays


def finite_vectors(size, **arguments):
    """Return what `finite_numpy` returns; raise ValueError where its shape is not (..., size)."""
    arrays = finite_numpy(**arguments)
    check_last_axis(size, **dict(zip(arguments, arrays, strict=True)))
    return arrays


def check_values(xp, **arrays):
    """Raise ValueError where an array holds what its name (z, mean…, std…, cov…) does not allow."""
    for name, array in arrays.items():
        kinds = [part for part in name.split("_") if part in _REQUIREMENTS]
        assert kinds, f"_REQUIREMENTS does not say what {name} must be"
        expected, holds = _REQUIREMENTS[kinds[0]]
        check_entries(xp, name, expected, array, holds(xp, array))


def check_entries(xp, name, expected, array, holds):
    """Raise ValueError, which shows the first entry at fault, unless all of `holds` is true."""
    index = _first(xp, ~holds)
    require(index is None, name, expected, _entry(array, index))


def check_broadcast(**shapes):
    """Raise ValueError where named shapes do not broadcast."""
    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError:
        names = ", ".join(shapes)
        told = ", ".join(f"{name} {tuple(shape)}" for name, shape in shapes.items())
        raise ValueError(f"{names}: expected shapes that broadcast, got {told}") from None


def check_last_axis(size, **arrays):
    """Raise ValueError for an array whose shape is not (..., size)."""
    for name, array in arrays.items():
        require(array.shape[-1:] == (size,), name, f"shape (..., {size})", array.shape)


def check_callable(**functions):
    """Raise TypeError for what cannot be called."""
    for name, function in functions.items():
        require(callable(function), name, "a function", function, TypeError)


def check_count(least, **counts):
    """Raise TypeError for what is no whole number, ValueError for one that is too small."""
    for name, count in counts.items():
        is_whole = isinstance(count, Integral) and not isinstance(count, bool)
        require(is_whole, name, "a whole number", count, TypeError)
        require(count >= least, name, f"a whole number ≥ {least}", count)


def check_generator(**generators):
    """Raise TypeError for what is no NumPy random generator."""
    for name, rng in generators.items():
        is_generator = isinstance(rng, np.random.Generator)
        require(is_generator, name, "a NumPy random generator", rng, TypeError)


def check_matrices(xp, arrays, given):
    """Check means (…, n) and covariances (…, n, n) against each other; return them ready for use.

    `arrays` maps names to arrays, `given` to what the caller passed: how far a matrix may be from
    symmetric follows from the dtype it came in. Matrices come back exactly symmetric, numbers as
    vectors of n.
    """
    covs = {name: array for name, array in arrays.items() if name.startswith("cov")}
    for name, cov in covs.items():
        is_square = cov.ndim >= 2 and cov.shape[-1] == cov.shape[-2] and cov.shape[-1] > 0
        require(is_square, name, "shape (..., n, n)", tuple(cov.shape))
        _check_symmetric(xp, name, cov, getattr(given[name], "dtype", cov.dtype))
    n = next(iter(covs.values())).shape[-1]
    ready, batches = [], {}
    for name, array in arrays.items():
        core = (n, n) if name in covs else (n,)
        array = array if array.ndim else xp.broadcast_to(array, core)
        fits = tuple(array.shape[-len(core) :]) == core
        require(fits, name, f"shape (..., {', '.join(map(str, core))})", tuple(array.shape))
        batches[name] = array.shape[: -len(core)]
        ready.append(0.5 * array + 0.5 * xp.matrix_transpose(array) if name in covs else array)
    check_broadcast(**batches)
    return ready


def _check_symmetric(xp, name, matrices, dtype):
    eps = float(xp.finfo(dtype if xp.isdtype(dtype, "real floating") else matrices.dtype).eps)
    gap = xp.abs(matrices - xp.matrix_transpose(matrices))
    largest = xp.max(xp.abs(matrices), axis=(-2, -1), keepdims=True)
    index = _first(xp, gap > 32 * eps * largest)
    mirrored = index and (*index[:-2], index[-1], index[-2])
    got = f"{_entry(matrices, index)} but {_entry(matrices, mirrored)}"
    require(index is None, name, "symmetric matrices", got)


def _first(xp, wrong):
    if not bool(xp.any(wrong)):
        return None
    flat = int(xp.nonzero(xp.reshape(wrong, (-1,)))[0][0])
    return tuple(int(i) for i in np.unravel_index(flat, tuple(wrong.shape)))


def _entry(array, index):
    if index is None:
        return ""
    where = f" at index {index} of shape {tuple(array.shape)}" if index else ""
    return f"{float(constant(array)[index])}{where}"
