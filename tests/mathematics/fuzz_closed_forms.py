"""Random calls of the closed forms for normals and diagonal Gaussians, against 60 digits."""

import math

import mpmath as mp
import numpy as np
import torch

from kl_utils import estimators, gaussian
from tests.mathematics.fuzz_calls import (
    BAD,
    DTYPES,
    KINDS,
    LARGEST,
    SMALLEST,
    Call,
    as_floats,
    close,
    dressed,
    some_shapes,
    some_values,
)

LOG_2PI = mp.log(2 * mp.pi)


def square(x):
    return x * x


def kl_normal(mean_q, std_q, mean_p, std_p):
    r = std_q / std_p
    value = (square(r) - 1 - 2 * mp.log(r) + square((mean_q - mean_p) / std_p)) / 2
    return value, value


def log_density_normal(z, mean, std):
    parts = square((z - mean) / std) / 2, mp.log(std), LOG_2PI / 2
    return -sum(parts), sum(map(abs, parts))


def cross_entropy_normal(mean_q, std_q, mean_p, std_p):
    quadratic = (square(std_q / std_p) + square((mean_q - mean_p) / std_p)) / 2
    return quadratic + mp.log(std_p) + LOG_2PI / 2, quadratic + abs(mp.log(std_p)) + 1


def entropy_normal(std):
    return mp.log(std) + (1 + LOG_2PI) / 2, abs(mp.log(std)) + 1


def kl_diagonal(mean_q, log_var_q, mean_p, log_var_p):
    t, shift = log_var_q - log_var_p, square(mean_q - mean_p) * mp.exp(-log_var_p)
    value = (mp.expm1(t) - t + shift) / 2
    # exp() of a rounded number is off by its size: of t, and of log_var_p.
    return value, value + abs(t) * mp.exp(t) + abs(log_var_p) * shift


def log_density_diagonal(z, mean, log_var):
    quadratic = square(z - mean) * mp.exp(-log_var)
    value = -(quadratic + log_var + LOG_2PI) / 2
    return value, quadratic * (1 + abs(log_var)) + abs(log_var) + 1


def cross_entropy_diagonal(mean_q, log_var_q, mean_p, log_var_p):
    t, shift = log_var_q - log_var_p, square(mean_q - mean_p) * mp.exp(-log_var_p)
    value = (mp.exp(t) + shift + log_var_p + LOG_2PI) / 2
    size = mp.exp(t) * (1 + abs(log_var_p) + abs(log_var_q)) + shift * (1 + abs(log_var_p))
    return value, size + abs(log_var_p) + 1


def entropy_diagonal(log_var):
    return (log_var + 1 + LOG_2PI) / 2, abs(log_var) + 1


Q_P = ("mean_q", "std_q", "mean_p", "std_p")
LOG_Q_P = ("mean_q", "log_var_q", "mean_p", "log_var_p")
CLOSED = {
    "kl_normal": (kl_normal, Q_P),
    "log_density_normal": (log_density_normal, ("z", "mean", "std")),
    "cross_entropy_normal": (cross_entropy_normal, Q_P),
    "entropy_normal": (entropy_normal, ("std",)),
    "kl_diagonal": (kl_diagonal, LOG_Q_P),
    "log_density_diagonal": (log_density_diagonal, ("z", "mean", "log_var")),
    "cross_entropy_diagonal": (cross_entropy_diagonal, LOG_Q_P),
    "entropy_diagonal": (entropy_diagonal, ("log_var",)),
}
TERMS = {
    "k1": lambda t: (-t, abs(t)),
    "k2": lambda t: (t * t / 2, t * t / 2),
    "k3": lambda t: (mp.expm1(t) - t,) * 2,
}


def a_closed_form(rng):
    """A call of one of the elementwise or diagonal forms, or of `kl_terms`."""
    name = rng.choice([*CLOSED, "kl_terms"])
    if name == "kl_terms":
        function, extra = estimators.kl_terms, {"estimator": str(rng.choice([*TERMS]))}
        formula, names = TERMS[extra["estimator"]], ("log_ratio",)
    else:
        function, extra, (formula, names) = getattr(gaussian, name), {}, CLOSED[name]
    given = names[: 2 + 2 * (rng.random() < 0.8)] if len(names) == 4 else names
    dtype, kind = str(rng.choice(DTYPES)), str(rng.choice(KINDS))
    arguments, libraries, exact = {}, set(), {}
    for parameter, shape in zip(given, some_shapes(rng, len(given)), strict=True):
        its_kind = str(rng.choice(KINDS)) if rng.random() < 0.06 else kind
        its_kind = "number" if rng.random() < 0.15 else its_kind
        shape = () if its_kind == "number" else shape
        values = some_values(rng, shape, parameter)
        of_q = exact.get(parameter.replace("_p", "_q"))
        if of_q is not None and of_q.shape == tuple(shape) and rng.random() < 0.15:
            values = of_q
        thing, library, exact[parameter] = dressed(rng, values, its_kind, dtype)
        arguments[parameter] = thing
        libraries |= {library} - {""}
    if rng.random() < 0.04:
        victim = str(rng.choice(given))
        arguments[victim] = BAD[rng.integers(len(BAD))]
        return Call(function, arguments | extra, "no number")
    if len(libraries) > 1:
        return Call(function, arguments | extra, "two libraries")
    try:
        grid = list(np.broadcast_arrays(*exact.values()))
    except ValueError:
        return Call(function, arguments | extra, "shapes")
    if any(is_refused(parameter, exact[parameter]) for parameter in given if "diag" not in name):
        return Call(function, arguments | extra, "values")
    grid += [np.zeros_like(grid[0]) + ("std" in parameter) for parameter in names[len(given) :]]
    summed = "diagonal" in name
    library = libraries.pop() if libraries else "NumPy"
    return Call(
        function, arguments | extra, None, Truth(formula, name, grid, summed, library, arguments)
    )


def is_refused(parameter, values):
    if parameter.startswith("log_ratio"):
        return False
    if parameter == "z":
        return np.isnan(values).any()
    return not np.isfinite(values).all() or ("std" in parameter and (values <= 0).any())


class Truth:
    """Looks at the answer of a closed form, at every entry."""

    def __init__(self, formula, name, grid, summed, library, arguments):
        self.formula, self.name, self.grid, self.summed = formula, name, grid, summed
        self.library, self.arguments = library, arguments

    def __call__(self, answer):
        values, eps, library = as_floats(answer)
        if library != self.library:
            return f"an answer of {library}"
        shape = self.grid[0].shape
        shape = shape[:-1] if self.summed else shape
        if values.shape != shape:
            return f"shape {values.shape}, not {shape}"
        if self.name.startswith("kl_") and (values < 0).any() and self.name != "kl_terms":
            return f"a negative divergence {values.min()}"
        if not self.grid[0].size:
            return None if not values.any() else "a sum of nothing that is not 0"
        columns = np.stack([array.reshape(*shape, -1) for array in self.grid], -1)
        for index in np.ndindex(shape):
            wrong = self.at(float(values[index]), columns[index], eps)
            if wrong:
                return wrong
        return self.gradients(answer)

    def at(self, value, rows, eps):
        work = max(2.0**-52, min(eps, 2.0**-23))
        if not np.isfinite(rows).all():
            return self.at_infinity(value, rows)
        with mp.workdps(60):
            parts = [self.formula(*map(mp.mpf, map(float, row))) for row in rows]
            truth, scale = (mp.fsum(column) for column in zip(*parts, strict=True))
            error = 12 * work * (scale + mp.fsum(abs(v) for v, _ in parts)) + 2 * eps * abs(truth)
            smallest = 4 * max(SMALLEST[eps], SMALLEST[work]) * max(1, len(rows))
            if not close(value, truth, error, 1, LARGEST[eps], smallest):
                return f"{value!r} for {mp.nstr(truth, 17)} at {rows.tolist()}"
        return None

    def at_infinity(self, value, rows):
        """Limits: no NaN but from NaN, and where infinities of two signs meet in a sum."""
        if np.isnan(rows).any():
            return None if math.isnan(value) else f"{value} from NaN"
        is_gaussian = (
            self.name != "log_density_diagonal" or np.isfinite(rows[:, 1]).all()
        )  # its mean
        if math.isnan(value) and is_gaussian and (len(rows) == 1 or self.name.startswith("kl")):
            return f"NaN at {rows.tolist()}"
        return None

    def gradients(self, answer):
        """Those of ordinary arguments are numbers, and nothing breaks on the way to any."""
        if not (isinstance(answer, torch.Tensor) and answer.requires_grad):
            return None
        answer.double().sum().backward()
        ordinary = all(((abs(a) < 1e4) & (abs(a) > 1e-4)).all() for a in self.grid)
        leaves = [x for x in self.arguments.values() if isinstance(x, torch.Tensor)]
        if ordinary and bool(torch.isfinite(answer).all()) and answer.dtype != torch.float16:
            for leaf in leaves:
                if leaf.grad is not None and not bool(torch.isfinite(leaf.grad).all()):
                    return f"a gradient {leaf.grad}"
        return None
