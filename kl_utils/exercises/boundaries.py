"""Cases on both sides of a condition's boundary, where one that is slightly off shows it."""

import numpy as np

_PAIRS = 60  # of a case inside and one outside, in each group
_HALVINGS = 50
_STEP = 2e-3  # from the boundary, relative to each number there: rounding is forgiven
_LONGEST_STEP = 0.02  # of the way between two cases

# Between two values of such a kind, all are of that kind.
_CONVEX = {
    "a real number",
    "a positive number",
    "a vector",
    "a positive vector",
    "a diagonal covariance",
    "a covariance",
    "a distribution",
    "a joint distribution",
}


def beside_boundary(fulfils, given, groups):
    """Cases just inside and just outside of a condition.

    Between a case that fulfils it and one that does not, the boundary is found by halving.

    Parameters
    ----------
    fulfils : function
        From a group to an array of truth values, one for each of its cases.
    given : Given
        The letters. Where one has values that lie apart, there are no cases in between.
    groups : list of Group

    Returns
    -------
    inside, outside : list of Group
    """
    inside, outside = [], []
    kinds = {kind.words.removesuffix(" without zeros") for kind in given.kinds.values()}
    if any(not (words in _CONVEX or words.startswith("a number between")) for words in kinds):
        return inside, outside
    for group in groups:
        holds = fulfils(group)
        if group.values and holds.any() and not holds.all():
            inner, outer = _pair(fulfils, group, holds)
            inside.append(inner)
            outside.append(outer)
    return inside, outside


def _pair(fulfils, group, holds):
    rng = np.random.default_rng(0)
    count = min(_PAIRS, group.count)
    ends = [rng.choice(np.flatnonzero(some), count) for some in (holds, ~holds)]
    starts, stops = ({n: stack[end] for n, stack in group.values.items()} for end in ends)
    steps = {name: stops[name] - starts[name] for name in starts}

    def at(share):
        values = {name: starts[name] + share[:, None, None] * steps[name] for name in starts}
        return group._replace(values=values, count=count)

    low, high = np.zeros(count), np.ones(count)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_in = fulfils(at(middle))
        low, high = np.where(is_in, middle, low), np.where(is_in, high, middle)
    step = _step(at(low).values, steps)
    return at(np.maximum(low - step, 0)), at(np.minimum(high + step, 1))


def _step(values, steps):
    """The share of the way on which each number has changed enough."""
    shares = [
        _STEP * abs(values[name]) / np.where(steps[name] == 0, np.inf, abs(steps[name]))
        for name in values
    ]
    return np.minimum(np.maximum.reduce([share.max((1, 2)) for share in shares]), _LONGEST_STEP)
