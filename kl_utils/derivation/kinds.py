"""The kinds of parameters, each with its simple values, simplest first, and its random ones.

Random values are tame (moderate, like most of the simple ones) or wild: small, large, ill-scaled,
strongly correlated. They are short decimals, so that the numbers printed are exactly the numbers
used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from numbers import Real

import numpy as np

REALS = (0, 1, -1, 2, -2, 3, 1 / 2, -1 / 2, 10, -10, 1 / 10)
POSITIVES = (1, 2, 3, 1 / 2, 3 / 2, 1 / 10, 10, 1 / 100)
WIDE = (1 / 20, 10)  # the sizes of wild numbers and standard deviations
SCALES = (1 / 5, 1 / 2, 1, 2, 5)  # of the coordinates of a wild covariance


@dataclass(frozen=True)
class Kind:
    """A kind of parameter: its simple values and its random values, given the dimensions.

    ``simple(*sizes)`` returns a list of values, simplest first; ``tame(rng, *sizes)`` and
    ``wild(rng, *sizes)`` draw one. A value is a float or a matrix; a vector is a matrix with one
    column, a table of three variables one whose columns run through the last two.
    """

    words: str
    simple: Callable
    tame: Callable | None = None
    wild: Callable | None = None
    dimensions: tuple = ()
    variables: tuple = ()  # of a finite distribution
    is_vector: bool = False


def real():
    """A real number."""
    return Kind(
        "a real number",
        lambda: REALS,
        lambda rng: rng.integers(-300, 301) / 100,
        lambda rng: _signs(rng) * _log_uniform(rng, *WIDE),
    )


def positive():
    """A positive number."""
    return Kind(
        "a positive number",
        lambda: POSITIVES,
        lambda rng: rng.integers(30, 301) / 100,
        lambda rng: _log_uniform(rng, *WIDE),
    )


def between(low, high):
    """A number strictly between ``low`` and ``high``, such as a probability."""
    if not (is_real(low) and is_real(high) and is_real(high - low)):
        raise ValueError(f"between: expected two finite real numbers, got {low!r} and {high!r}")
    if not low < high:
        raise ValueError(f"between: expected low < high, got {low} and {high}")

    def at(part):
        value = low + (high - low) * part
        short = _short(value, 6)
        return short if low < short < high else value

    def near_an_end(rng):
        part = _log_uniform(rng, 1 / 1000, 1 / 2)
        return at(part if rng.random() < 1 / 2 else 1 - part)

    parts = (1 / 2, 1 / 4, 3 / 4, 1 / 8, 7 / 8, 1 / 100, 99 / 100)
    return Kind(
        f"a number between {low} and {high}",
        lambda: [at(part) for part in parts],
        lambda rng: at(rng.integers(1, 100) / 100),
        near_an_end,
    )


def vector(n, positive=False):
    """A column vector of ``n`` entries, positive ones if so asked."""

    def simple(n):
        first, ones, count = np.eye(n)[0], np.ones(n), np.arange(1, n + 1)
        if positive:
            moderate = [ones, 1 + first, 2 * ones, count, ones / 2]
            return _columns([*moderate, ones / 10, 10 ** _alternating(n), 10 * ones])
        moderate = [0 * first, first, ones, -first, count, ones / 2]
        return _columns([*moderate, _alternating(n), first[::-1], 10 * first, ones / 10])

    low = 30 if positive else -300
    return Kind(
        "a positive vector" if positive else "a vector",
        simple,
        lambda rng, n: rng.integers(low, 301, (n, 1)) / 100,
        lambda rng, n: (1 if positive else _signs(rng, (n, 1))) * _log_uniform(rng, *WIDE, (n, 1)),
        (n,),
        is_vector=True,
    )


def diagonal(n):
    """A diagonal covariance matrix, n × n."""

    def simple(n):
        first, ones = np.eye(n)[0], np.ones(n)
        entries = [ones, ones + first, ones + first[::-1], 2 * ones, 1 + np.arange(n), ones / 2]
        entries += [ones / 10, ones + 9 * first, ones - 0.99 * first]
        return [np.diag(entry) for entry in entries]

    low, high = WIDE
    return Kind(
        "a diagonal covariance",
        simple,
        lambda rng, n: np.diag(rng.integers(30, 301, n) / 100),
        lambda rng, n: np.diag(_log_uniform(rng, low**2, high**2, n)),
        (n,),
    )


def covariance(n):
    """A covariance matrix with correlations, n × n."""

    def simple(n):
        eye, ones, signs = np.eye(n), np.ones((n, n)), np.outer(_alternating(n), _alternating(n))
        scaled = [np.diag(1 + eye[0]), 2 * eye, (eye + ones) / 2, np.diag(1.0 + np.arange(n))]
        correlated = [(eye + signs) / 2, (eye + 9 * ones) / 10, (eye + 9 * signs) / 10]
        ill_scaled = [eye / 10, np.diag(1 + 9 * eye[0]), np.diag(1 - 0.99 * eye[0])]
        return [eye, eye + ones if n > 1 else 3 * eye, *scaled, *correlated, *ill_scaled]

    def tame(rng, n):
        root = rng.integers(-10, 11, (n, n)) / 10
        return np.round(root @ root.T + np.diag(rng.integers(3, 10, n) / 10), 2)

    def wild(rng, n):  # a few long axes in random directions, the others short; then rescaled
        root = rng.integers(-10, 11, (n, max(1, n // 2))) / 10
        scales = np.take(SCALES, rng.integers(len(SCALES), size=(n if rng.integers(2) else 1, 1)))
        narrow = root @ root.T + np.eye(n) / 100
        return np.round(scales * narrow * scales.T, 6)

    return Kind("a covariance", simple, tame, wild, (n,))


def matrix(rows, columns):
    """A matrix of full rank."""

    def simple(rows, columns):
        eye, above, below = (np.eye(rows, columns, shift) for shift in (0, 1, -1))
        turn = np.roll(eye, 1, axis=1)
        turn[0] *= -1  # of two columns, a quarter turn
        graded = eye * np.arange(1, columns + 1)
        mirrored = [eye[::-1], graded * _alternating(columns), turn, graded + 2 * above - below]
        return [eye, 2 * eye, eye + above, -eye, eye + below, *mirrored, eye / 10, 10 * eye]

    def tame(rng, rows, columns):
        return (300 * np.eye(rows, columns) + rng.integers(-50, 51, (rows, columns))) / 100

    def wild(rng, rows, columns):  # triangular times diagonal times triangular, rows shuffled
        lower, upper = (
            np.eye(size) + np.tril(rng.integers(-10, 11, (size, size)), -1) / 10
            for size in (rows, columns)
        )
        stretch = np.eye(rows, columns) * _signs(rng, columns) * rng.integers(5, 31, columns) / 10
        return np.round(rng.permutation(lower @ stretch @ upper.T), 3)

    return Kind("a matrix of full rank", simple, tame, wild, (rows, columns))


def simplex(k, zeros=True, of="z"):
    """A distribution of a variable ``of`` with ``k`` outcomes; zeros included unless refused."""
    return _table((k,), of, zeros, "a distribution")


def joint(*sizes, zeros=True, of=None):
    """A joint distribution of two or three variables, given their numbers of outcomes.

    Zeros are included unless refused; every outcome of every variable can happen. The variables
    are ``x`` and ``z``, or ``x``, ``y`` and ``z``, unless ``of`` names others.
    """
    if len(sizes) not in (2, 3):
        raise ValueError(f"joint: expected two or three numbers of outcomes, got {len(sizes)}")
    usual = ("x", "z") if len(sizes) == 2 else ("x", "y", "z")
    return _table(sizes, usual if of is None else of, zeros, "a joint distribution")


def index(k):
    """A whole number from 1 to ``k``: one outcome of a finite variable, or one entry."""
    return Kind("an index", None, dimensions=(k,))


def _table(dimensions, of, zeros, words):
    variables = of if isinstance(of, list | tuple) else [of]
    are_names = all(isinstance(name, str) and name.isidentifier() for name in variables)
    if not (are_names and len(set(variables)) == len(variables) == len(dimensions)):
        raise ValueError(f"of: expected {len(dimensions)} different names of variables, got {of!r}")

    def simple(*sizes):
        cells = prod(sizes)
        corner = np.eye(cells)[0]
        tables = [np.ones(cells), corner + 1 / cells]
        if zeros:
            tables += [corner, corner[::-1], corner + corner[::-1]]
        if zeros and len(sizes) > 1:
            tables += [_diagonal_cells(sizes)]
        if zeros and len(sizes) == 2:
            tables += [np.triu(np.ones(sizes)), np.tril(np.ones(sizes))]
        tables += [np.arange(1, cells + 1), 99 * corner[::-1] + 1 / cells]
        if len(sizes) > 1:
            tables += [9 * _diagonal_cells(sizes) + 1 / cells]
        return [as_table(np.reshape(t, sizes)) for t in tables if possible(np.reshape(t, sizes))]

    def tame(rng, *sizes):
        return drawn(rng, sizes, np.full(prod(sizes), 1 / prod(sizes)), 20 if zeros else 100)

    def wild(rng, *sizes):  # most of the mass on a few cells
        return drawn(rng, sizes, rng.dirichlet(np.full(prod(sizes), 1 / 5)), 1000)

    def drawn(rng, sizes, chances, total):
        """Counts out of a total, every outcome of each variable among them."""
        some = _diagonal_cells(sizes, rng) if len(sizes) > 1 else np.zeros(sizes)
        counts = some if zeros else np.ones(sizes)
        while counts.sum() > total / 2:
            total *= 10
        counts = counts + rng.multinomial(total - round(counts.sum()), chances).reshape(sizes)
        return as_table(counts)

    def as_table(counts):
        return np.reshape(counts / np.sum(counts), (len(counts), -1))

    def possible(counts):  # no outcome of a joint distribution is impossible altogether
        axes = range(len(dimensions))
        return len(dimensions) == 1 or all(
            counts.sum(tuple(other for other in axes if other != axis)).all() for axis in axes
        )

    words += "" if zeros else " without zeros"
    return Kind(words, simple, tame, wild, dimensions, tuple(variables))


def _diagonal_cells(sizes, rng=None):
    """Ones in as few cells as meet every outcome of each variable, shuffled by a generator."""
    steps = np.arange(max(sizes))
    cells = np.zeros(sizes)
    order = np.arange if rng is None else rng.permutation
    cells[tuple(order(size)[steps % size] for size in sizes)] = 1
    return cells


def is_real(value):
    """Is this a finite real number, and no truth value?"""
    return isinstance(value, Real) and not isinstance(value, bool) and abs(value) < float("inf")


def is_real_matrix(value, most=400):
    """Is this an array of finite real numbers, with rows and columns, and not too many?"""
    is_table = isinstance(value, np.ndarray) and value.ndim == 2 and 0 < value.size <= most
    return is_table and value.dtype.kind in "iuf" and bool(np.isfinite(value).all())


def _alternating(n):
    return (-1.0) ** np.arange(n)


def _signs(rng, size=None):
    return 1 - 2 * rng.integers(0, 2, size)


def _log_uniform(rng, low, high, size=None):
    """Numbers of two significant digits, spread evenly on a logarithmic scale."""
    values = np.exp(rng.uniform(np.log(low), np.log(high), size))
    return np.reshape([_short(value) for value in np.ravel(values)], np.shape(values))


def _short(value, digits=2):
    """A number to so many significant digits."""
    return float(f"{value:.{digits}g}")


def _columns(vectors):
    return [np.reshape(entries, (-1, 1)) for entries in vectors]
