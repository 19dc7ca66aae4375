"""What is given in a derivation: parameters that run through cases, the simplest ones first.

A claim "for all μ and Σ" is checked at a list of cases. Their order is what makes the first failure
the simplest counterexample: small dimensions before large ones, then small values before large
ones, whole numbers before fractions, and at the end random ones.
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .functions import FUNCTIONS
from .kinds import Kind
from .vocabulary import check_name


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
            if name in FUNCTIONS:
                raise ValueError(f"{name}: this name is taken by the language; choose another")
            check_name(name)
            if isinstance(kind, Kind) and kind.random is not None:
                self.kinds[name] = kind
            elif isinstance(kind, Kind):  # index("k")
                self.whole[name] = kind.dimensions[0]
            elif callable(kind):
                raise ValueError(f"{name}: {kind.__name__} needs brackets, as in real()")
            elif not isinstance(kind, Sequence) or isinstance(kind, str) or not len(kind):
                raise ValueError(
                    f"{name}: expected a kind such as real(), a range, or a list of numbers, "
                    f"got {kind!r}"
                )
            elif all(isinstance(value, int) for value in kind):
                self.whole[name] = kind
            else:
                self.kinds[name] = Kind("one of a list", lambda kind=kind: kind, None)
        self._check_dimensions()

    def _check_dimensions(self):
        """Raise a ValueError where a dimension is not given, or smaller than 1."""
        needed = [(name, k) for name, k in self.whole.items() if isinstance(k, str)]
        needed += [(name, k) for name, kind in self.kinds.items() for k in kind.dimensions]
        for name, dimension in needed:
            sizes = self.whole.get(dimension) if isinstance(dimension, str) else [dimension]
            if sizes is None:
                raise ValueError(
                    f"{name}: the dimension {dimension!r} is not given; add {dimension}=range(1, 6)"
                )
            if not isinstance(sizes, str) and min(sizes) < 1:
                raise ValueError(f"{name}: expected dimensions from 1, got {list(sizes)}")

    def __repr__(self):
        return f"Given({'; '.join(f'{name}{words}' for name, words in self.words().items())})"

    def words(self):
        """What each parameter runs through: {"n": " = 1, …, 5", "mu": ": a vector"}."""
        words = {}
        for name, kind in self.whole.items():
            numbers = [1, "…", kind] if isinstance(kind, str) else list(kind)
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
        for name, values in sorted(self.whole.items(), key=lambda item: isinstance(item[1], str)):
            choices = [
                {**sizes, name: value} for sizes in choices for value in _choices(values, sizes)
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


def _size(dimension, sizes):
    return sizes[dimension] if isinstance(dimension, str) else dimension


def _choices(values, sizes):
    """The values of a whole number; those of ``index("k")`` run from 1 to k."""
    return range(1, sizes[values] + 1) if isinstance(values, str) else values


def _magnitude(sizes):
    return sum(sizes.values()), tuple(sizes.values())
