"""Checks of numbers and arrays: each raises an error that names the argument at fault.

Messages are put together by `require`. Arrays and their namespace are those of `_arrays.unify`.

A check of values needs values. Where there are none yet, inside torch.vmap, torch.compile, jax.jit
or on the device "meta", it is left out: a bad value then gives NaN or infinity, not an error.
"""

import math
import os
import sys
from functools import cache
from numbers import Integral

import numpy as np

from ._arguments import require
from ._arrays import as_numpy, constant, device, is_torch_array

_VALUES = 2**21  # in each array of a step: 16 MiB

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


def are_surely_good(xp, value, *positive):
    """Are all results finite, and all entries of the other arrays > 0? False may mean: unknown.

    Two quick passes that spare the slow ones of `check_values`: what is wrong with an argument
    shows in the result, unless two signs cancel.
    """
    if any(0 in array.shape for array in (value, *positive)):
        return False
    return is_true(xp.isfinite(_sum(xp, value))) is True and all(
        is_true(_least(xp, array) > 0) is True for array in positive
    )


def is_true(truth):
    """Return the one truth value in an array, or None where nobody can know it yet."""
    if is_torch_array(truth) and (truth.is_meta or sys.modules["torch"].compiler.is_compiling()):
        return None
    try:
        return bool(truth)
    except (RuntimeError, TypeError):  # as torch.vmap and jax.jit say
        return None


def check_memory(names, shape, arrays=1):
    """Raise ValueError, before it is taken, for memory that the computer does not have.

    So many arrays of float64 of this shape may take half of it.
    """
    size, most = 8 * arrays * math.prod(shape), _memory() / 2
    if size > most:
        expected = f"what fits into {most / 2**30:.1f} GiB, half of the memory (take it in parts)"
        got = (
            f"shape {tuple(shape)}, which takes {min(size, 2**90) / 2**30:,.1f} GiB with all steps"
        )
        require(False, names, expected, got)


def in_parts(function, values_each, *rows):
    """Return ``function(*rows)``, computed for so few rows at a time that its steps stay small.

    The function makes arrays of `values_each` numbers for a row, and returns a row for each.
    """
    count, most = len(rows[0]), max(1, _VALUES // max(1, values_each))
    if count <= most:
        return function(*rows)
    parts = (slice(first, first + most) for first in range(0, count, most))
    return np.concatenate([function(*(array[part] for array in rows)) for part in parts])


@cache
def _memory():
    """Bytes of memory in this computer; 8 GiB where it does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 8 * 2**30


def check_entries(xp, name, expected, array, holds):
    """Raise ValueError, which shows the first entry at fault, unless all of `holds` is true."""
    index = _first(xp, ~holds)
    require(index is None, name, expected, _entry(array, index))


def check_broadcast(**shapes):
    """Return what named shapes broadcast to; raise ValueError where they do not."""
    try:
        return np.broadcast_shapes(*map(tuple, shapes.values()))
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
    n = next(iter(covs.values())).shape[-1]
    ready, batches = [], {}
    for name, array in arrays.items():
        core = (n, n) if name in covs else (n,)
        array = array if array.ndim else xp.broadcast_to(array, core)
        fits = tuple(array.shape[-len(core) :]) == core
        require(fits, name, f"shape (..., {', '.join(map(str, core))})", tuple(array.shape))
        batches[name] = array.shape[: -len(core)]
        if name in covs:
            array = _symmetric(xp, name, array, rounding(xp, given[name], array))
        ready.append(array)
    check_batch(arrays, (*check_broadcast(**batches), n, n), 12)
    return ready


def check_batch(arrays, shape, steps):
    """Raise ValueError where named arrays broadcast to what the CPU's memory cannot hold.

    `steps` is the number of arrays of that shape that a call holds at one time.
    """
    is_here = str(device(next(iter(arrays.values())))) in ("cpu", "None")  # GPUs have their own
    if is_here and math.prod(shape) > 2**20:
        check_memory(", ".join(arrays), shape, steps)


def rounding(xp, given, array):
    """The relative spacing of the numbers in which an argument was given."""
    dtype = getattr(given, "dtype", None)
    try:
        is_floating = xp.isdtype(dtype, "real floating")
    except (TypeError, ValueError):  # a list has none, and a table one of its own
        is_floating = False
    return float(xp.finfo(dtype if is_floating else array.dtype).eps)


def _symmetric(xp, name, matrices, eps):
    """Return matrices made exactly symmetric; raise ValueError where more than rounding does it.

    Sums of n products are rounded n times, and an inverse is as far from symmetric as its matrix is
    ill-conditioned; so what is put down to rounding grows with n².
    """
    transposed = xp.matrix_transpose(matrices)
    allowed = min(16 * matrices.shape[-1] ** 2 * eps, max(0.01, 32 * eps))
    largest = xp.max(xp.abs(matrices), axis=(-2, -1), keepdims=True)
    wrong = xp.abs(matrices - transposed) > allowed * largest
    index = _first(xp, wrong)
    mirrored = index and (*index[:-2], index[-1], index[-2])
    got = f"{_entry(matrices, index)} but {_entry(matrices, mirrored)}"
    remedy = "symmetric matrices (if only rounding is to blame, hand in (cov + cov.T) / 2)"
    require(index is None, name, remedy, got)
    return 0.5 * matrices + 0.5 * transposed


def _sum(xp, array):
    return array.sum() if hasattr(array, "sum") else xp.sum(array)


def _least(xp, array):
    return array.min() if hasattr(array, "min") else xp.min(array)


def _first(xp, wrong):
    if not is_true(xp.any(wrong)):
        return None
    flat = int(xp.nonzero(xp.reshape(wrong, (-1,)))[0][0])
    return tuple(int(i) for i in np.unravel_index(flat, tuple(wrong.shape)))


def _entry(array, index):
    if index is None:
        return ""
    where = f" at index {index} of shape {tuple(array.shape)}" if index else ""
    return f"{float(constant(array)[index])}{where}"
