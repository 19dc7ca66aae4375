"""The lines of a task at chosen cases: at numbers that a student gives, or where a condition holds.

A case that a student gives has to be one: a covariance is symmetric and positive definite, a
distribution sums to 1. So what each kind of parameter demands is said here, in words.
"""

import re

import numpy as np

from ..derivation import Given
from .numbers import read_number
from .task import BadAnswer

_SMALLEST, _LARGEST = 1e-6, 1e6  # beyond, rounding could refute what is true


class Cases(Given):
    """The parameters of another `Given`, at some of its cases only."""

    def __init__(self, given, groups):
        vars(self).update(vars(given))
        self._groups = tuple(groups)

    def groups(self):
        return iter(self._groups)


def cases_where(given, groups, chosen):
    """The cases of ``groups`` where ``chosen``, an array of truth values for each, is true."""
    return Cases(
        given,
        [
            group._replace(
                values={name: stack[some] for name, stack in group.values.items()},
                count=int(some.sum()),
            )
            for group, some in zip(groups, chosen, strict=True)
            if some.any()
        ],
    )


def case_at(given, numbers):
    """The one case at which the parameters have the given values, as `read_case` returns them."""
    values = {name: np.reshape(numbers[name], (1, *numbers[name].shape)) for name in given.kinds}
    (group,) = (
        group
        for group in given.groups(simple=1, random=0)
        if group.sizes == {name: numbers[name] for name in given.whole}
    )
    return Cases(given, [group._replace(values=values, count=1)])


# What a student gives


def read_case(answer, given):
    """A case from an answer: {"n": 2, "mu": [0, "1/2"], "Sigma": [[2, 1], [1, 2]]}.

    Returns
    -------
    dict of str to int or ndarray, shape (rows, columns)

    Raises
    ------
    BadAnswer
        If a letter is missing, or has a value that its kind does not allow.
    """
    if not isinstance(answer, dict):
        raise BadAnswer('Give a number for each letter, as in `{"x": 1}`.')
    if set(answer) - set(given.names):
        listed = ", ".join(f"`{name}`" for name in given.names)
        raise BadAnswer(f"There is a letter here other than {listed}.")
    missing = [name for name in given.names if name not in answer]
    if missing:
        raise BadAnswer(f"The letter `{missing[0]}` has no value yet.")
    case = {}
    for name in sorted(given.whole, key=lambda name: isinstance(given.whole[name], str)):
        case[name] = _whole_number(name, answer[name], given.whole[name], case)
    for name, kind in given.kinds.items():
        case[name] = _value(name, answer[name], kind, case)
    return case


def _whole_number(name, answer, possible, case):
    number = read_number(answer)
    values = possible
    if isinstance(possible, (str, int)):  # of index("k"), index(3)
        values = range(1, case.get(possible, possible) + 1)
    if number not in values:
        raise BadAnswer(f"The letter `{name}` is a whole number, {min(values)} to {max(values)}.")
    return round(number)


def _value(name, answer, kind, case):
    sizes = [case.get(dimension, dimension) for dimension in kind.dimensions]
    options = [np.atleast_2d(np.asarray(option, float)) for option in kind.simple(*sizes)]
    value = _matrix(name, answer, options[0].shape)
    size = abs(value[value != 0])
    if size.size and not (size.min() >= _SMALLEST and size.max() <= _LARGEST):
        raise BadAnswer(f"The letter `{name}`: take numbers of moderate size, within a million.")
    if not _fits(value, kind, options, sizes):
        raise BadAnswer(f"The letter `{name}` is {kind.words}, which this value is not.")
    return value


def _matrix(name, answer, shape):
    rows = answer if isinstance(answer, list) else [answer]
    rows = [row if isinstance(row, list) else [row] for row in rows]
    if shape != (1, 1) and (len(rows) != shape[0] or {len(row) for row in rows} != {shape[1]}):
        expected = "a list of its rows" if shape[1] > 1 else "a list of its entries"
        raise BadAnswer(f"The letter `{name}` needs {expected}, of size {shape[0]} × {shape[1]}.")
    if shape == (1, 1) and [len(row) for row in rows] != [1]:
        raise BadAnswer(f"The letter `{name}` needs one number.")
    return np.array([[read_number(entry) for entry in row] for row in rows])


def _fits(value, kind, options, sizes):
    """Is this a value of its kind?"""
    words = kind.words.removesuffix(" without zeros")
    match words:
        case "a real number" | "a vector":
            return True
        case "a positive number" | "a positive vector":
            return bool((value > 0).all())
        case "a diagonal covariance":
            is_diagonal = (value == np.diag(np.diag(value))).all()
            return bool(is_diagonal and (np.diag(value) > 0).all())
        case "a covariance":
            return _is_covariance(value)
        case "a matrix of full rank":
            return bool(np.linalg.matrix_rank(value) == min(value.shape))
        case "a distribution" | "a joint distribution":
            return _is_distribution(value.reshape(sizes), zeros=words == kind.words)
        case "one of a list":
            return any(np.array_equal(value, option) for option in options)
    if between := re.fullmatch("a number between (.*) and (.*)", words):
        low, high = map(float, between.groups())
        return bool(low < value < high)
    raise ValueError(f"kind: nothing says which numbers are {kind.words}")


def _is_covariance(value):
    if not np.allclose(value, value.T, rtol=1e-9):
        return False
    eigenvalues = np.linalg.eigvalsh(value)
    return bool(eigenvalues[0] > 1e-12 * eigenvalues[-1])


def _is_distribution(table, zeros):
    """Does a table sum to 1? In a joint one, every outcome of each variable can happen."""
    axes = range(table.ndim)
    marginals = [table.sum(tuple(other for other in axes if other != axis)) for axis in axes]
    possible = table.ndim == 1 or all(marginal.all() for marginal in marginals)
    enough = (table >= 0).all() if zeros else (table > 0).all()
    return bool(possible and enough and abs(table.sum() - 1) < 1e-9)
