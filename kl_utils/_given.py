"""What is given in a derivation: parameters that run through cases, the simplest ones first.

A claim "for all μ and Σ" is checked at a list of cases. The order is what makes the first failure
the simplest counterexample: small dimensions before large ones, then small values before large
ones, whole numbers before fractions, and at the end random ones with two decimals, so that the
numbers printed are exactly the numbers used.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kl_utils._language import CONSTANTS, FUNCTIONS

REALS = (0, 1, -1, 2, -2, 3, 1 / 2, -1 / 2)
POSITIVES = (1, 2, 3, 1 / 2, 1 / 4)


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

    @property
    def is_vector(self):
        return self.words.endswith("vector")


def real():
    """A real number."""
    return Kind("a real number", lambda: REALS, lambda rng: rng.integers(-300, 301) / 100)


def positive():
    """A positive number."""
    return Kind("a positive number", lambda: POSITIVES, lambda rng: rng.integers(20, 301) / 100)


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

    low = 20 if positive else -300
    return Kind(
        "a positive vector" if positive else "a vector",
        simple,
        lambda rng, n: rng.integers(low, 301, (n, 1)) / 100,
        (n,),
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
        lambda rng, n: np.diag(rng.integers(20, 301, n) / 100),
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


class Group(NamedTuple):
    """Cases of equal dimensions: ``values[name]`` has shape (cases, rows, columns).

    ``sizes`` are the whole numbers, ``identity`` the matrix that ``I`` stands for.
    """

    sizes: dict
    values: dict
    count: int
    identity: np.ndarray

    def case(self, position):
        """The parameters of one case, as the reader is shown them."""
        return self.sizes | {name: stack[position] for name, stack in self.values.items()}


class Given:
    """The parameters of a derivation, each with the cases it runs through.

    Parameters
    ----------
    **parameters
        Whole numbers as a range or list, such as ``n=range(1, 6)``; other parameters as a kind,
        such as ``mu=vector("n")``, or as a list of numbers, simplest first.

    Examples
    --------
    >>> given = Given(n=range(1, 3), mu=vector("n"), Sigma=diagonal("n"))
    >>> given
    Given(n = 1, 2; mu: a vector; Sigma: a diagonal covariance)
    """

    def __init__(self, **parameters):
        self.whole, self.kinds = {}, {}
        for name, kind in parameters.items():
            if name in FUNCTIONS or name in CONSTANTS or name.startswith("_"):
                raise ValueError(f"{name}: this name is taken by the language; choose another")
            if isinstance(kind, Kind) and kind.random is not None:
                self.kinds[name] = kind
            elif isinstance(kind, Kind):
                self.whole[name] = kind.dimensions[0]
            elif not isinstance(kind, Sequence) or isinstance(kind, str) or not len(kind):
                raise ValueError(
                    f"{name}: expected a kind such as real(), a range, or a list of numbers, "
                    f"got {kind!r}"
                )
            elif all(isinstance(value, int) for value in kind):
                self.whole[name] = kind
            else:
                self.kinds[name] = Kind("one of a list", lambda kind=kind: kind, None)
        for name, kind in self.kinds.items():
            for dimension in kind.dimensions:
                if isinstance(dimension, str) and dimension not in self.whole:
                    raise ValueError(
                        f"{name}: the dimension {dimension!r} is not given; "
                        f"add {dimension}=range(1, 6)"
                    )

    def __repr__(self):
        return f"Given({'; '.join(f'{name}{words}' for name, words in self.words().items())})"

    def words(self):
        """What each parameter runs through: {"n": " = 1, …, 5", "mu": ": a vector"}."""
        words = {}
        for name, kind in self.whole.items():
            numbers = [1, f"`{kind}`"] if isinstance(kind, str) else list(kind)
            listed = numbers if len(numbers) < 4 else [numbers[0], "…", numbers[-1]]
            words[name] = " = " + ", ".join(map(str, listed))
        return words | {name: f": {kind.words}" for name, kind in self.kinds.items()}

    @property
    def names(self):
        return [*self.whole, *self.kinds]

    def groups(self, simple=40, random=12):
        """All cases, grouped by dimension, the smallest dimensions first.

        The first three groups get ``simple`` enumerated cases, later ones a third as many; each
        gets ``random`` more, from a fixed seed.
        """
        for place, sizes in enumerate(sorted(self._all_sizes(), key=_magnitude)):
            yield self._group(sizes, simple if place < 3 else simple // 3, random)

    def _all_sizes(self):
        choices = [{}]
        for name, values in self.whole.items():
            choices = [
                {**sizes, name: value}
                for sizes in choices
                for value in (
                    values
                    if isinstance(values, Sequence) and not isinstance(values, str)
                    else range(1, _size(values, sizes) + 1)
                )
            ]
        return choices

    def _group(self, sizes, simple, random):
        dimensions = {
            name: [_size(dimension, sizes) for dimension in kind.dimensions]
            for name, kind in self.kinds.items()
        }
        candidates = [
            _distinct(kind.simple(*dimensions[name])) for name, kind in self.kinds.items()
        ]
        rng = np.random.default_rng([20, *sizes.values()])
        cases = list(simplest_first(candidates, simple))
        for _ in range(random if self.kinds else 0):
            cases.append(
                [
                    np.reshape(kind.random(rng, *dimensions[name]), options[0].shape)
                    if kind.random
                    else options[rng.integers(len(options))]
                    for (name, kind), options in zip(self.kinds.items(), candidates, strict=True)
                ]
            )
        stacks = map(np.stack, zip(*cases, strict=True))
        return Group(
            sizes, dict(zip(self.kinds, stacks, strict=False)), len(cases), self._identity(sizes)
        )

    def _identity(self, sizes):
        """The identity matrix of the first dimension that a vector or covariance has."""
        for kind in self.kinds.values():
            if kind.dimensions and not kind.variables:
                return np.eye(_size(kind.dimensions[0], sizes))
        return np.eye(1)


def simplest_first(candidates, count):
    """The first ``count`` combinations, those with the smallest sum of positions first."""
    ranks = range(sum(len(options) - 1 for options in candidates) + 1)
    combinations = (positions for rank in ranks for positions in _positions(candidates, rank))
    for positions in itertools.islice(combinations, count):
        yield [options[at] for options, at in zip(candidates, positions, strict=True)]


def _positions(candidates, rank):
    if not candidates:
        if rank == 0:
            yield ()
        return
    for first in range(min(rank, len(candidates[0]) - 1) + 1):
        for rest in _positions(candidates[1:], rank - first):
            yield (first, *rest)


def _distinct(values):
    matrices = [np.atleast_2d(np.asarray(value, dtype=float)) + 0.0 for value in values]
    return list({matrix.tobytes(): matrix for matrix in matrices}.values())


def _columns(vectors):
    return [np.reshape(entries, (-1, 1)) for entries in vectors]


def _size(dimension, sizes):
    return sizes[dimension] if isinstance(dimension, str) else dimension


def _magnitude(sizes):
    return sum(sizes.values()), tuple(sizes.values())
