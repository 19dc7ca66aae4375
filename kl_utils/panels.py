"""Panels: the pieces into which the range of an integral is cut, and the rule that measures them.

Values come as signs and logarithms. Nothing under- or overflows, so a peak between two nodes shows
by its slopes.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

NODES = 12  # of the rule on each panel
FIRST_NODE = 0.0092  # where the first one lies


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

    def halves(self, share):
        """Every panel in two parts, side by side."""
        middle = self.start + share * (self.stop - self.start)
        start = np.stack([self.start, middle], 1).ravel()
        stop = np.stack([middle, self.stop], 1).ravel()
        rest = (np.repeat(array, 2, axis=0) for array in self[2:])
        return Panels(start, stop, *rest)

    def images(self, u):
        """The points z at which a panel has the positions u, of shape (panels, N)."""
        with np.errstate(divide="ignore"):
            image = np.where(self.to_infinity[:, None], 1 / u - 1, u)
        image = image.reshape(*u.shape, *[1] * (self.origin.ndim - 1))
        return self.origin[:, None] + self.width[:, None] * image

    def spans(self):
        """The left and the right end of every panel; of an endless one, where half of it ends."""
        start = np.where(self.to_infinity & (self.start == 0), self.stop / 2, self.start)
        ends = self.images(np.stack([start, self.stop], 1))
        return ends.min(1), ends.max(1)


class Pieces(NamedTuple):
    """What panels contribute: ``total`` and ``mass`` (of |f|), both to be scaled by exp(peak).

    ``missed`` is the logarithm of what may hide between the outermost nodes and the edges, as the
    slopes there tell. ``leftmost`` and ``rightmost`` are log |f| at the outermost nodes.
    """

    peak: np.ndarray
    total: np.ndarray
    mass: np.ndarray
    missed: np.ndarray
    leftmost: np.ndarray
    rightmost: np.ndarray


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


def measure(f, panels):
    """Each panel by the Gauss–Legendre rule."""
    u, weights = _unit_rule()
    length = (panels.stop - panels.start)[:, None]
    u, weights = panels.start[:, None] + length * u, length * weights
    slope = np.where(panels.to_infinity[:, None], u**-2.0, 1.0) * weights
    slope = slope.reshape(*slope.shape, *[1] * (panels.origin.ndim - 1))
    nodes = panels.images(u)
    with np.errstate(all="ignore"):
        value = f(nodes.reshape(-1, *nodes.shape[2:]))
        weight = np.log(slope * abs(panels.width[:, None]))
        weight = weight.reshape(*weight.shape, *[1] * (value.log.ndim - nodes.ndim + 1))
        sign, log = (array.reshape(*nodes.shape[:2], *array.shape[1:]) for array in value)
        log = np.where(sign == 0, -np.inf, log)
        ends = np.where(_runs_left(panels, log.ndim - 1), log[:, ::-1], log)[:, [0, -1]]
        empty = np.isneginf(weight) | (sign == 0)
        sign, log = np.where(empty, 0.0, sign), np.where(empty, -np.inf, log + weight)
        peak = log.max(1)
        mass = np.exp(log - np.where(np.isneginf(peak), 0.0, peak)[:, None])
        missed = _missed(log - _log_weights(log.ndim))
        return Pieces(peak, (sign * mass).sum(1), mass.sum(1), missed, ends[:, 0], ends[:, 1])


def _runs_left(panels, dimensions):
    """Panels to +∞ are the only ones whose points go to the left as u grows."""
    runs_left = panels.to_infinity & (panels.width.reshape(len(panels.width), -1).max(1) > 0)
    return runs_left.reshape(-1, *[1] * dimensions)


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


def in_pairs(pieces):
    """The two parts of each panel added up."""
    pairs = (array.reshape(len(array) // 2, 2, *array.shape[1:]) for array in pieces)
    return sum_of(Pieces(*pairs), axis=1)


def sum_of(pieces, axis=0):
    """Pieces added up; those that are no numbers are left out, and the gaps tell of them."""
    number = np.isfinite(pieces.total) & (pieces.peak < np.inf)
    peak = np.where(number, pieces.peak, -np.inf)
    top = peak.max(axis)
    with np.errstate(invalid="ignore"):
        scale = np.where(np.isneginf(peak), 0.0, np.exp(peak - np.expand_dims(top, axis)))
    total, mass = (
        np.where(number, scale * array, 0.0).sum(axis) for array in (pieces.total, pieces.mass)
    )
    missed, left, right = pieces.missed.max(axis), pieces.leftmost, pieces.rightmost
    if axis:  # the parts of one panel: both are needed
        total = np.where(number.all(axis), total, np.nan)
        left, right = left[:, 0], right[:, 1]
    return Pieces(top, total, mass, missed, left, right)
