"""What is given in a derivation: parameters that run through cases, the simplest ones first.

A claim "for all μ and Σ" is checked at a list of cases. Their order is what makes the first failure
the simplest counterexample: small dimensions before large ones, then small values before large
ones, whole numbers before fractions, and at the end random ones, the tame before the wild.
"""

import itertools
from collections.abc import Sequence
from math import prod
from numbers import Integral
from typing import NamedTuple

import numpy as np

from .functions import FUNCTIONS
from .kinds import Kind, is_real, is_real_matrix
from .vocabulary import check_name

_MOST_PARAMETERS = 12
_MOST_LISTED = 100  # values in one list, and combinations of all whole numbers
_MOST_ENTRIES = 400  # of one parameter: a 20 × 20 matrix
_MOST_NUMBERS = 1_000_000  # of one parameter at all cases
_LARGEST = 10**15  # of whole numbers; up to here each is a float exactly
_SEED = 20
_SIMPLE, _RANDOM = 40, 12  # cases of a group


class Group(NamedTuple):
    """Cases of equal dimensions: ``values[name]`` has shape (cases, rows, columns).

    ``sizes`` are the whole numbers, ``identity`` the matrix that ``I`` stands for. No two cases are
    the same.
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

    Raises
    ------
    ValueError
        If a parameter is none of these, a dimension is not given, or there would be too many
        parameters, combinations of whole numbers, or entries.

    Examples
    --------
    >>> given = Given(n=range(1, 3), mu=vector("n"), Sigma=diagonal("n"))
    >>> given
    Given(n = 1, 2; mu: a vector; Sigma: a diagonal covariance)
    """

    def __init__(self, **parameters):
        self.whole, self.kinds = {}, {}
        for position, (name, kind) in enumerate(parameters.items()):
            if name in FUNCTIONS:
                raise ValueError(f"{name}: this name is taken by the language; choose another")
            check_name(name)
            if position == _MOST_PARAMETERS:
                raise ValueError(f"{name}: at most {_MOST_PARAMETERS} parameters can be given")
            if isinstance(kind, Kind) and kind.tame is not None:
                self.kinds[name] = kind
            elif isinstance(kind, Kind):  # index("k")
                self.whole[name] = kind.dimensions[0]
            else:
                self._add_list(name, kind)
        for name, kind in self.kinds.items():
            for dimension in kind.dimensions:
                self._check_dimension(name, dimension)
        self._sizes = self._all_sizes()
        self._check_entries()

    def _add_list(self, name, values):
        """Add a list of numbers; whole numbers have a place of their own."""
        if callable(values):
            written = getattr(values, "__name__", values)
            raise ValueError(f"{name}: {written} needs brackets, as in real()")
        if isinstance(values, str | bytes) or not isinstance(values, Sequence) or not values:
            raise ValueError(
                f"{name}: expected a kind such as real(), a range, or a list of numbers, "
                f"got {values!r}"
            )
        if len(values[: _MOST_LISTED + 1]) > _MOST_LISTED:
            raise ValueError(f"{name}: at most {_MOST_LISTED} values can be listed")
        shapes = {np.shape(value) for value in values if isinstance(value, np.ndarray)}
        for value in values:
            if not (is_real(value) or is_real_matrix(value)) or len(shapes) > 1:
                raise ValueError(f"{name}: expected finite real numbers, got {value!r}")
            if np.max(np.abs(value)) > _LARGEST:
                raise ValueError(f"{name}: expected numbers up to {_LARGEST:.0e} in size")
        if all(isinstance(value, Integral) for value in values):
            self.whole[name] = list(dict.fromkeys(map(int, values)))
        else:
            listed = tuple(values)
            self.kinds[name] = Kind("one of a list", lambda: listed, *[_one_of(listed)] * 2)

    def _check_dimension(self, name, dimension):
        """Raise a ValueError where a dimension is not given, or smaller than 1."""
        if isinstance(dimension, str):
            sizes = self.whole.get(dimension)
            if dimension in self.kinds:
                raise ValueError(f"{name}: the dimension {dimension!r} has to be whole numbers")
            if sizes is None:
                raise ValueError(
                    f"{name}: the dimension {dimension!r} is not given; add {dimension}=range(1, 6)"
                )
        elif isinstance(dimension, bool) or not isinstance(dimension, Integral):
            raise ValueError(f"{name}: expected a dimension such as 3 or 'n', got {dimension!r}")
        else:
            sizes = [dimension]
        if _is_list(sizes) and min(sizes) < 1:
            raise ValueError(f"{name}: expected dimensions from 1, got {sizes}")

    def _all_sizes(self):
        """The combinations of whole numbers, the smallest first."""
        choices = [{}]
        for name, values in sorted(self.whole.items(), key=lambda item: not _is_list(item[1])):
            if not _is_list(values):
                self._check_dimension(name, values)
            if isinstance(values, str) and not _is_list(self.whole[values]):
                raise ValueError(f"{name}: an index cannot run up to another index, {values!r}")
            count = sum(
                len(values) if _is_list(values) else _size(values, sizes) for sizes in choices
            )
            if count > _MOST_LISTED:
                raise ValueError(
                    f"{name}: with it there are {count:,} combinations of whole numbers; "
                    f"at most {_MOST_LISTED} are tried"
                )
            choices = [
                {**sizes, name: value} for sizes in choices for value in _choices(values, sizes)
            ]
        return sorted(choices, key=_magnitude)

    def _check_entries(self):
        """Raise a ValueError, before anything is made, where a parameter is too large."""
        for name, kind in self.kinds.items():
            entries = [prod(_dimensions(kind, sizes)) for sizes in self._sizes]
            if max(entries) > _MOST_ENTRIES:
                raise ValueError(
                    f"{name}: {max(entries):,} entries are too many; at most {_MOST_ENTRIES} are "
                    "possible. Give smaller dimensions"
                )
            numbers = (_SIMPLE + _RANDOM) * sum(entries)
            if numbers > _MOST_NUMBERS:
                raise ValueError(
                    f"{name}: its cases would hold {numbers:,} numbers; at most {_MOST_NUMBERS:,} "
                    "are possible. Give fewer or smaller dimensions"
                )

    def __repr__(self):
        return f"Given({'; '.join(f'{name}{words}' for name, words in self.words().items())})"

    def words(self):
        """What each parameter runs through: {"n": " = 1, …, 5", "mu": ": a vector"}."""
        words = {}
        for name, values in self.whole.items():
            if not _is_list(values):
                listed = [1, "…", values]
            elif len(values) < 4:
                listed = values
            elif values == sorted(values) and values[-1] - values[0] == len(values) - 1:
                listed = [values[0], "…", values[-1]]
            else:
                listed = values if len(values) < 8 else [*values[:3], "…", values[-1]]
            words[name] = " = " + ", ".join(map(str, listed))
        return words | {name: f": {kind.words}" for name, kind in self.kinds.items()}

    @property
    def names(self):
        return [*self.whole, *self.kinds]

    def groups(self, simple=_SIMPLE, random=_RANDOM):
        """All cases, grouped by dimension, the smallest dimensions first.

        The first three groups get ``simple`` enumerated cases, later ones a third as many; each
        gets ``random`` more, from fixed seeds: a quarter tame, a quarter mixed, the rest wild;
        a group that is alone gets twice as many. Cases that are the same count once.
        """
        if len(self._sizes) == 1:
            random *= 2
        for place, sizes in enumerate(self._sizes):
            most = simple if place < 3 else simple // 3
            cases = [*simplest_first(self._simple_values(sizes), most)]
            cases += self._random_cases(sizes, place, random)
            cases = _distinct(cases, lambda case: tuple(value.tobytes() for value in case))
            stacks = map(np.stack, zip(*cases, strict=True))
            values = dict(zip(self.kinds, stacks, strict=False))
            yield Group(sizes, values, len(cases), self._identity(sizes))

    def _simple_values(self, sizes):
        """The simple values of each parameter, no two the same."""
        simple = (kind.simple(*_dimensions(kind, sizes)) for kind in self.kinds.values())
        return [_distinct(map(_as_matrix, values), np.ndarray.tobytes) for values in simple]

    def _random_cases(self, sizes, place, count):
        """Random values of all parameters; each parameter has a stream of its own."""
        streams = [np.random.default_rng([_SEED, place, at]) for at in range(len(self.kinds))]
        for number in range(count):
            share = min(4 * number // count, 2) / 2  # of wild values: none, half, all, all
            case = []
            for kind, rng in zip(self.kinds.values(), streams, strict=True):
                draw = kind.wild if rng.random() < share else kind.tame
                case.append(_as_matrix(draw(rng, *_dimensions(kind, sizes))))
            yield case

    def _identity(self, sizes):
        """The identity matrix of the first dimension that a vector or covariance has."""
        for kind in self.kinds.values():
            if kind.dimensions and not kind.variables:
                return np.eye(_dimensions(kind, sizes)[0])
        return np.eye(1)


def simplest_first(candidates, count):
    """So many combinations, those with the smallest sum of positions first.

    Where there are more, three in ten are kept for those that leave a single parameter's simplest
    value, for one at the end of its list, such as 10 or 1/100.
    """
    ranks = range(sum(len(options) - 1 for options in candidates) + 1)
    by_rank = (positions for rank in ranks for positions in _positions(candidates, rank))
    chosen = dict.fromkeys(itertools.islice(by_rank, count - 3 * count // 10))
    for positions in itertools.chain(_one_at_a_time(candidates), by_rank):
        if len(chosen) == count:
            break
        chosen[positions] = None
    for positions in sorted(chosen, key=sum):
        yield [options[at] for options, at in zip(candidates, positions, strict=True)]


def _positions(candidates, rank):
    if not candidates:
        if rank == 0:
            yield ()
        return
    for first in range(min(rank, len(candidates[0]) - 1) + 1):
        for rest in _positions(candidates[1:], rank - first):
            yield (first, *rest)


def _one_at_a_time(candidates):
    """Positions that are 0 but for one, the last values of each parameter first."""
    for back in range(1, max(map(len, candidates), default=0)):
        for which, options in enumerate(candidates):
            if back < len(options):
                at = len(options) - back
                yield tuple(at if other == which else 0 for other in range(len(candidates)))


def _distinct(values, key):
    """The values without those whose key has come before."""
    return list({key(value): value for value in values}.values())


def _as_matrix(value):
    """A value with rows and columns, and without −0."""
    return np.atleast_2d(np.asarray(value, dtype=float)) + 0.0


def _one_of(values):
    return lambda rng: values[rng.integers(len(values))]


def _is_list(whole):
    """Are these listed numbers, and not the limit of an index?"""
    return isinstance(whole, list)


def _choices(whole, sizes):
    """The values of a whole number; those of ``index("k")`` run from 1 to k."""
    return whole if _is_list(whole) else range(1, _size(whole, sizes) + 1)


def _dimensions(kind, sizes):
    return [_size(dimension, sizes) for dimension in kind.dimensions]


def _size(dimension, sizes):
    return sizes[dimension] if isinstance(dimension, str) else dimension


def _magnitude(sizes):
    """Small numbers before large ones, and positive ones before negative ones."""
    return sum(map(abs, sizes.values())), [(abs(size), size < 0) for size in sizes.values()]
