"""The kinds of parameters, each with its simple values, simplest first, and its random ones.

Values are moderate: extreme scales belong to the tests of the closed forms. Random values have two
decimals, so that the numbers printed are exactly the numbers used.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

REALS = (0, 1, -1, 2, -2, 3, 1 / 2, -1 / 2)
POSITIVES = (1, 2, 3, 1 / 2, 3 / 2)


@dataclass(frozen=True)
class Kind:
    """A kind of parameter: its simple values and its random values, given the dimensions.

    ``simple(*sizes)`` returns a list of values, simplest first; ``random(rng, *sizes)`` draws one.
    A value is a float or a matrix; a vector is a matrix with one column.
    """

    words: str
    simple: Callable
    random: Callable
    dimensions: tuple = ()
    variables: tuple = ()  # of a finite distribution
    is_vector: bool = False


def real():
    """A real number."""
    return Kind("a real number", lambda: REALS, lambda rng: rng.integers(-300, 301) / 100)


def positive():
    """A positive number."""
    return Kind("a positive number", lambda: POSITIVES, lambda rng: rng.integers(30, 301) / 100)


def between(low, high):
    """A number strictly between ``low`` and ``high``, such as a probability."""
    if not low < high:
        raise ValueError(f"between: expected low < high, got {low} and {high}")
    parts = (1 / 2, 1 / 4, 3 / 4, 1 / 8)
    return Kind(
        f"a number between {low} and {high}",
        lambda: [low + (high - low) * part for part in parts],
        lambda rng: low + (high - low) * rng.integers(1, 100) / 100,
    )


def vector(n, positive=False):
    """A column vector of ``n`` entries, positive ones if so asked."""

    def simple(n):
        first, count = np.eye(n)[0], np.arange(1, n + 1)
        if positive:
            return _columns([np.ones(n), 1 + first, np.full(n, 2), count, np.full(n, 1 / 2)])
        return _columns([0 * first, first, np.ones(n), -first, count, np.full(n, 1 / 2)])

    low = 30 if positive else -300
    return Kind(
        "a positive vector" if positive else "a vector",
        simple,
        lambda rng, n: rng.integers(low, 301, (n, 1)) / 100,
        (n,),
        is_vector=True,
    )


def diagonal(n):
    """A diagonal covariance matrix, n × n."""

    def simple(n):
        first, ones = np.eye(n)[0], np.ones(n)
        entries = [ones, ones + first, ones + first[::-1], 2 * ones, 1 + np.arange(n), ones / 2]
        return [np.diag(entry) for entry in entries]

    return Kind(
        "a diagonal covariance",
        simple,
        lambda rng, n: np.diag(rng.integers(30, 301, n) / 100),
        (n,),
    )


def covariance(n):
    """A covariance matrix with correlations, n × n."""

    def simple(n):
        eye, ones = np.eye(n), np.ones((n, n))
        scaled = [np.diag(1 + eye[0]), 2 * eye, (eye + ones) / 2, np.diag(1.0 + np.arange(n))]
        return [eye, eye + ones if n > 1 else 3 * eye, *scaled]

    def random(rng, n):
        root = rng.integers(-10, 11, (n, n)) / 10
        return np.round(root @ root.T + np.diag(rng.integers(3, 10, n) / 10), 2)

    return Kind("a covariance", simple, random, (n,))


def matrix(rows, columns):
    """A matrix of full rank."""

    def simple(rows, columns):
        eye = np.eye(rows, columns)
        return [eye, 2 * eye, eye + np.eye(rows, columns, 1), -eye, eye + np.eye(rows, columns, -1)]

    def random(rng, rows, columns):
        return 3 * np.eye(rows, columns) + rng.integers(-50, 51, (rows, columns)) / 100

    return Kind("a matrix of full rank", simple, random, (rows, columns))


def simplex(k, zeros=True, of="z"):
    """A distribution of a variable ``of`` with ``k`` outcomes; zeros included unless refused."""
    return _table((k,), (of,), zeros, "a distribution")


def joint(k, m, zeros=True, of=("x", "z")):
    """A joint distribution of two variables with ``k`` and ``m`` outcomes.

    Zeros are included unless refused; every outcome of either variable can happen.
    """
    return _table((k, m), tuple(of), zeros, "a joint distribution")


def index(k):
    """A whole number from 1 to ``k``: one outcome of a finite variable, or one entry."""
    return Kind("an index", None, None, (k,))


def _table(dimensions, variables, zeros, words):
    def simple(*sizes):
        cells = int(np.prod(sizes))
        corner = np.eye(cells)[0]
        tables = [np.full(cells, 1 / cells), (corner + 1 / cells) / 2]
        if zeros:
            tables += [corner, corner[::-1], (corner + corner[::-1]) / 2]
        if zeros and len(sizes) == 2:
            tables += [np.eye(*sizes), np.triu(np.ones(sizes)), np.tril(np.ones(sizes))]
        return [table for table in map(shaped(sizes), tables) if possible(table)]

    def random(rng, *sizes):
        cells = int(np.prod(sizes))
        while True:
            spread = np.full(cells, 1 / cells)
            counts = (
                rng.multinomial(20, spread) if zeros else 1 + rng.multinomial(100 - cells, spread)
            )
            table = shaped(sizes)(counts)
            if possible(table):
                return table

    def shaped(sizes):
        return lambda table: np.reshape(table / np.sum(table), (*sizes, 1)[:2])

    def possible(table):  # no outcome of a joint distribution is impossible altogether
        return len(dimensions) == 1 or (table.sum(0).all() and table.sum(1).all())

    return Kind(words + ("" if zeros else " without zeros"), simple, random, dimensions, variables)


def _columns(vectors):
    return [np.reshape(entries, (-1, 1)) for entries in vectors]
