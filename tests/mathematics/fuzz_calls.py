"""Random arguments of many kinds, calls, and what each may answer: a right value, or our refusal.

An argument is drawn as a kind of thing (number, list, NumPy, torch, a table like a DataFrame,
array_api_strict), with a dtype, a shape that may or may not broadcast, and values from ordinary to
extreme. What is raised must come from our own door.
"""

import math
import traceback
import warnings
from pathlib import Path

import array_api_strict
import mpmath as mp
import numpy as np
import torch

import kl_utils
from kl_utils.quadrature import DoesNotConverge

PACKAGE = Path(kl_utils.__file__).parent


class Table:
    """Something like a DataFrame: no array, but it turns into one."""

    def __init__(self, array):
        self._array = array

    def __array__(self, dtype=None, copy=None):
        return np.array(self._array, dtype=dtype)


# --- values and kinds ----------------------------------------------------------------------------

KINDS = ("number", "list", "NumPy", "NumPy", "torch", "torch", "table", "strict")
DTYPES = ("float64", "float64", "float32", "float16", "int64", "int8")
SPECIAL = (0.0, -0.0, -1.0, math.inf, -math.inf, math.nan, 5e-324, 1.7e308, -1.7e308, 1.0)
BAD = (
    None,
    "1",
    1j,
    True,
    np.array(["a"]),
    np.array([1j]),
    np.array([None]),
    np.array([True]),
    np.array(["2020"], "datetime64[D]"),
    np.ma.masked_array([1.0, 2.0], mask=[True, False]),
    [[1.0], [1.0, 2.0]],
    [1.0, True],
    {1.0},
    10**400,
    torch.ones(2, dtype=torch.complex64),
    torch.eye(2).to_sparse(),
)


def some_values(rng, shape, name):
    """Values for a parameter of this name, mostly ordinary, at times extreme or not allowed."""
    magnitude = rng.choice([1.0, 1.0, 1.0, 1e-8, 1e8, 1e-30, 1e30, 1e-160, 1e160])
    values = rng.normal(size=shape) * magnitude
    if name.startswith("std"):
        values = abs(values)
    if name.startswith("log_var"):
        values = rng.normal(size=shape) * rng.choice([1e-9, 0.1, 1, 10, 300, 2000])
    if rng.random() < 0.12:
        values = np.where(rng.random(shape) < 0.4, rng.choice(SPECIAL), values)
    return values


def dressed(rng, values, kind, dtype):
    """The values as another kind of thing; the library it belongs to; and what they have become."""
    with np.errstate(all="ignore"):
        if "int" in dtype:
            values = np.clip(np.nan_to_num(values), -100, 100)
        array = np.asarray(values).astype(dtype)
    exact = array.astype(float)
    if kind == "number" and array.ndim == 0:
        return float(exact), "", exact
    if kind == "list" and array.ndim and array.size:
        return array.tolist(), "", exact
    if kind == "torch":
        tensor = torch.as_tensor(array)
        is_leaf = rng.random() < 0.5 and tensor.is_floating_point()
        return tensor.requires_grad_(is_leaf), "torch", exact
    if kind == "strict" and dtype != "float16":
        return array_api_strict.asarray(array), "strict", exact
    return (Table(array) if kind == "table" else array), "NumPy", exact


def some_shapes(rng, count):
    """Shapes that broadcast, but for one call in some twenty."""
    full = rng.integers(1, 4, size=rng.integers(0, 3))
    for _ in range(count):
        shape = [1 if rng.random() < 0.2 else int(size) for size in full]
        shape = shape[rng.integers(0, len(shape) + 1) :] if rng.random() < 0.3 else shape
        yield (*shape, 5) if rng.random() < 0.02 else (0, *shape) if rng.random() < 0.01 else shape


# --- what a call may answer ----------------------------------------------------------------------


class Call:
    """A call of a public function, what it should be, and what became of it."""

    def __init__(self, function, arguments, reason=None, check=None):
        self.function, self.arguments = function, arguments
        self.reason = reason  # to refuse it; "may" where it may go either way
        self.check = check  # the answer: returns what is wrong with it, or None

    def outcome(self):
        """right, refused, or what is wrong: WRONG, FOREIGN, TAKEN (bad), REFUSED (good)."""
        try:
            with warnings.catch_warnings(action="error"):
                answer = self.function(**self.arguments)
        except (TypeError, ValueError, DoesNotConverge) as error:
            if not is_ours(error, self.arguments):
                return f"FOREIGN {type(error).__name__}: {error}"
            return "refused" if self.reason else f"REFUSED {error}"
        except Exception as error:
            return f"FOREIGN {type(error).__name__}: {error}"
        if self.reason not in (None, "may"):
            return f"TAKEN in spite of {self.reason}"
        wrong = self.check(answer) if self.check else None
        return f"WRONG {wrong}" if wrong else "right"

    def __repr__(self):
        return f"{self.function.__qualname__}({self.arguments})"


def is_ours(error, names):
    """Does an error come from a line of kl_utils that raises it, with the name of an argument?"""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    is_from_here = Path(frame.filename).parent == PACKAGE and "raise " in frame.line
    if isinstance(error, DoesNotConverge):
        return is_from_here and str(error).startswith("quadrature: ")
    said, expected, _ = str(error).partition(": expected ")
    return is_from_here and bool(expected) and bool(set(said.split(", ")) & {*names, *INNER})


INNER = ("log_p", "log_q", "log_joint", "f", "z", "mixture", "mixture.cov")


def close(value, truth, scale, eps, largest, smallest):
    """Is a float the truth (a number of mpmath), up to roundings of the size of `scale`?"""
    if mp.isnan(truth) or math.isnan(value):
        return mp.isnan(truth) and math.isnan(value)
    if abs(truth) > largest / 8 and (math.isinf(value) or mp.isinf(truth)):
        return (value > 0) == (truth > 0)
    return abs(mp.mpf(value) - truth) <= eps * scale + smallest


def as_floats(answer):
    """The answer as float64, its own rounding, and its library."""
    if isinstance(answer, torch.Tensor):
        eps = torch.finfo(answer.dtype).eps
        return answer.detach().double().numpy(), eps, "torch"
    if isinstance(answer, (np.ndarray, np.generic)):
        return np.asarray(answer, float), float(np.finfo(answer.dtype).eps), "NumPy"
    eps = array_api_strict.finfo(answer.dtype).eps
    return np.from_dlpack(answer).astype(float), eps, "strict"


LARGEST = {2**-10: 65504.0, 2**-23: 3.4e38, 2**-52: 1.797e308}
SMALLEST = {2**-10: 6.2e-5, 2**-23: 1.2e-38, 2**-52: 2.3e-308}
