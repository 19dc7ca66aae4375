"""Integrals of one variable that know when they do not know.

The range is cut into panels. Each panel is measured by one Gauss–Legendre rule, then cut in two
unequal parts which are measured by the same rule: so every value is confirmed by a rule that is
both finer and shifted. Where the two disagree, the parts are cut again, until they agree to within
a small share of ∫ |f|, the mass of the integrand, or are given up.

Values come as signs and logarithms. Nothing under- or overflows, so a peak between two nodes shows
by its slopes: what is seen of it grows from cut to cut, which no two rules agree on.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

NODES = 12  # of the rule on each panel
SETTLED = 1e-10  # the share of the mass by which two rules may differ
_CUTS = 70  # how often a panel is cut at most: a jump is found to within 10⁻¹⁷ of its panel
MOST_VALUES = 4_000_000  # of the integrand, over all cases, at one time
_LAST_DIGITS = 2.0**-46
_SMOOTH = 3  # after so many cuts, what still differs may be due to rounding
_ROUNDINGS = 4  # as many as are allowed for
_WHERE_TO_CUT = (0.46, 0.55)  # of a panel; the second for another route to the same number


class DoesNotConverge(ArithmeticError):
    """An integral diverges, or is too hard for the rules at hand."""


class Signed(NamedTuple):
    """Real numbers as their signs (−1, 0, 1; NaN where there is none) and logarithms of size."""

    sign: np.ndarray
    log: np.ndarray

    @property
    def value(self):
        with np.errstate(over="ignore", invalid="ignore"):
            return np.where(self.sign == 0, 0.0, self.sign * np.exp(self.log))


def signed(value):
    """The signs and logarithms of ordinary numbers."""
    with np.errstate(divide="ignore"):
        return Signed(np.sign(value), np.log(np.abs(value)))


class Panels(NamedTuple):
    """Pieces of the range of integration, along the first axis of each array.

    A piece is the image of the interval [start, stop] under a map of [0, 1] that may differ from
    case to case: z = origin + width·u, or z = origin + width·(1/u − 1) where ``to_infinity``.
    """

    start: np.ndarray
    stop: np.ndarray
    to_infinity: np.ndarray
    origin: np.ndarray
    width: np.ndarray

    def pick(self, which):
        return Panels(*(array[which] for array in self))


class Pieces(NamedTuple):
    """What panels contribute: ``total`` and ``mass`` (of |f|), both to be scaled by exp(peak).

    ``missed`` is the logarithm of what may hide between the outermost nodes and the edges.
    """

    peak: np.ndarray
    total: np.ndarray
    mass: np.ndarray
    missed: np.ndarray


def panels_between(edges, low=None, high=None):
    """Panels with the given edges; beyond them to ±∞, unless there are limits.

    Parameters
    ----------
    edges : ndarray, shape (P, *cases)
        In any order; those beyond a limit fall on it.
    low, high : ndarray of shape ``cases``, or None for an infinite limit

    Returns
    -------
    Panels
    """
    if low is not None:
        edges = np.maximum(np.concatenate([edges, low[None]]), low)
    if high is not None:
        edges = np.minimum(np.concatenate([edges, high[None]]), high)
    edges = np.sort(edges, axis=0)
    reach = np.maximum((edges[-1] - edges[0]) / 4, 1e-3 * (1 + abs(edges[-1])))
    tails = [(edges[0], -reach)] * (low is None) + [(edges[-1], reach)] * (high is None)
    origin = np.stack([*edges[:-1], *(edge for edge, _ in tails)])
    width = np.stack([*np.diff(edges, axis=0), *(reach for _, reach in tails)])
    count = len(origin)
    to_infinity = np.arange(count) >= count - len(tails)
    return Panels(np.zeros(count), np.ones(count), to_infinity, origin, width)


def integrate_panels(f, panels, route=0, most=MOST_VALUES, shaken=None):
    """∫ f over panels, and whether to believe it.

    Parameters
    ----------
    f : callable
        ``f(z)`` takes nodes of shape ``(N, *cases)`` and returns a `Signed` of shape
        ``(N, *cases, ...)``.
    panels : Panels
    route : int
        0 or 1: where panels are cut. Two routes are independent checks of one another.
    most : int
        Values of the integrand, over all cases, beyond which no panel is cut any more.
    shaken : callable, optional
        As f, with rounding made visible. By default f at nodes that are moved in their last digits.

    Returns
    -------
    Signed
        Of shape ``(*cases, ...)``.
    believed : ndarray of bool
        False where the integral diverges, or is too hard.
    """
    noise_of = _noise(f, shaken or (lambda z: f(z * (1 + _LAST_DIGITS))))
    whole = _measure(f, panels)
    state = _halved(f, panels, whole, route)
    values = 3 * whole.mass.size * NODES
    for cuts in range(_CUTS):
        result = _sum_of(state.sums)
        share = _gap(state, result)
        is_open = (share > SETTLED / 50).reshape(len(share), -1).any(1)
        values += 4 * share[is_open].size * NODES
        if not is_open.any() or values > most:
            break
        again = np.repeat(is_open, 2)
        parts = Pieces(*(array[again] for array in state.parts))
        fresh = _halved(
            f, state.halves.pick(again), parts, route, noise_of if cuts >= _SMOOTH else None
        )
        state = _State(
            *(
                type(old)(*map(np.concatenate, zip(_but(old, is_open), new, strict=True)))
                for old, new in zip(state, fresh, strict=True)
            )
        )
    believed = (share.sum(0) <= SETTLED) & np.isfinite(result.total)
    with np.errstate(divide="ignore"):
        log = result.peak + np.log(abs(result.total))
    return Signed(np.sign(result.total), log), believed


class _State(NamedTuple):
    """Panels measured as wholes; their halves, measured, and those measures added in pairs.

    ``noise`` is what rounding makes of the sums, as far as it was looked for.
    """

    whole: Pieces
    sums: Pieces
    noise: Pieces
    halves: Panels
    parts: Pieces


def _halved(f, panels, whole, route, noise_of=None):
    halves = _cut(panels, _WHERE_TO_CUT[route])
    parts = _measure(f, halves)
    sums = _in_pairs(parts)
    noise = Pieces(np.full_like(sums.peak, -np.inf), 0 * sums.mass, 0 * sums.mass, sums.missed)
    if noise_of:
        noise = _in_pairs(_measure(noise_of, halves))
    return _State(whole, sums, noise, halves, parts)


def _but(arrays, which):
    """The rows of arrays that are not chosen, where a row may have become two."""
    return (array[~np.repeat(which, len(array) // len(which))] for array in arrays)


def _noise(f, shaken):
    """The function |f − shaken f|: what rounding hides of f."""

    def noise(z):
        here, beside = f(z), shaken(z)
        top = np.maximum(here.log, beside.log)
        with np.errstate(invalid="ignore", divide="ignore"):
            a, b = (
                np.where(value.sign == 0, 0.0, value.sign * np.exp(value.log - top))
                for value in (here, beside)
            )
            return Signed(1.0 * (a != b), top + np.log(abs(a - b)))

    return noise


def _measure(f, panels):
    """Each panel by the Gauss–Legendre rule."""
    u, weights = _unit_rule()
    length = (panels.stop - panels.start)[:, None]
    u, weights = panels.start[:, None] + length * u, length * weights
    far = panels.to_infinity[:, None]
    image, slope = np.where(far, 1 / u - 1, u), np.where(far, u**-2.0, 1.0) * weights
    image, slope = (
        array.reshape(*array.shape, *[1] * (panels.origin.ndim - 1)) for array in (image, slope)
    )
    nodes = panels.origin[:, None] + panels.width[:, None] * image
    with np.errstate(all="ignore"):
        value = f(nodes.reshape(-1, *nodes.shape[2:]))
        weight = np.log(slope * abs(panels.width[:, None]))
        weight = weight.reshape(*weight.shape, *[1] * (value.log.ndim - nodes.ndim + 1))
        sign, log = (array.reshape(*nodes.shape[:2], *array.shape[1:]) for array in value)
        empty = np.isneginf(weight) | (sign == 0)
        sign, log = np.where(empty, 0.0, sign), np.where(empty, -np.inf, log + weight)
        peak = log.max(1)
        mass = np.exp(log - np.where(np.isneginf(peak), 0.0, peak)[:, None])
        return Pieces(
            peak, (sign * mass).sum(1), mass.sum(1), _missed(log - _log_weights(log.ndim))
        )


def _missed(log):
    """The logarithm of the mass that may hide at the edges, where the integrand is steep there.

    log |f| is continued as a straight line through the two outermost nodes. Near a peak that lies
    in the panel beside, that is too much, never too little.
    """
    u, _ = _unit_rule()
    missed = []
    for first, second in ((log[:, 0], log[:, 1]), (log[:, -1], log[:, -2])):
        rise = np.minimum(first - second, np.where(np.isneginf(second), 60.0, np.inf))
        rise = rise * u[0] / (u[1] - u[0])
        missed.append(np.where(rise > 1, first + rise + np.log(u[0]), -np.inf))
    return np.maximum(*missed)


@cache
def _log_weights(dimensions):
    return np.log(_unit_rule()[1]).reshape(-1, *[1] * (dimensions - 2))


@cache
def _unit_rule():
    """Nodes and weights on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return (nodes + 1) / 2, weights / 2


def _cut(panels, share):
    """Every panel in two parts, side by side."""
    middle = panels.start + share * (panels.stop - panels.start)
    start = np.stack([panels.start, middle], 1).ravel()
    stop = np.stack([middle, panels.stop], 1).ravel()
    rest = (np.repeat(array, 2, axis=0) for array in panels[2:])
    return Panels(start, stop, *rest)


def _in_pairs(pieces):
    """The two parts of each panel added up."""
    pairs = (array.reshape(len(array) // 2, 2, *array.shape[1:]) for array in pieces)
    return _sum_of(Pieces(*pairs), axis=1)


def _sum_of(pieces, axis=0):
    """Pieces added up; those that are no numbers are left out, and `_gap` tells of them."""
    number = np.isfinite(pieces.total) & (pieces.peak < np.inf)
    peak = np.where(number, pieces.peak, -np.inf)
    top = peak.max(axis)
    with np.errstate(invalid="ignore"):
        scale = np.where(np.isneginf(peak), 0.0, np.exp(peak - np.expand_dims(top, axis)))
    total, mass = (
        np.where(number, scale * array, 0.0).sum(axis) for array in (pieces.total, pieces.mass)
    )
    if axis:  # the parts of one panel: both are needed
        total = np.where(number.all(axis), total, np.nan)
    return Pieces(top, total, mass, pieces.missed.max(axis))


def _gap(state, result):
    """How far two measures of each panel are apart, as a share of the mass of all.

    What rounding explains is no gap.
    """
    with np.errstate(invalid="ignore", over="ignore"):

        def share(pieces, part):
            scaled = part * np.exp(pieces.peak - result.peak) / result.mass
            return np.where(part == 0, 0.0, scaled)

        a, b = share(state.whole, state.whole.total), share(state.sums, state.sums.total)
        noise = _ROUNDINGS * share(state.noise, state.noise.mass)
        gap = np.where(np.isnan(a) | np.isnan(b), np.inf, np.maximum(abs(a - b) - noise, 0.0))
        hidden = np.exp(state.sums.missed - result.peak) / result.mass
        is_noise = noise >= share(state.sums, state.sums.mass)
        return np.where(np.isneginf(state.sums.missed) | is_noise, gap, gap + hidden)
