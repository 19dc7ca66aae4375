"""A first look at a function of which nothing is known: its peaks and its jumps.

An integral over panels starts from there, so that it overlooks no peak that is not very narrow.
"""

import itertools
from typing import NamedTuple

import numpy as np

from .quadrature import DoesNotConverge

REACH = 38.0  # standard deviations; further out e^(−z²/2) is 0
NEAR = 128.0  # where an integral over the line is looked at closely
_FINE, _FINEST = 2**17, 2**22  # points of a first look, and of a second one if the first sees 0
_FAR = np.geomspace(NEAR, 2.0**40, 2_000)  # and where it is looked at from afar
_PIECE = 2**20  # points at one time
_MOST_PEAKS = 40
_BESIDE_PEAK = (-16, -4, -1, 0, 1, 4, 16)  # steps of the first look
_FAINT = 60.0  # powers of e below the highest peak
_JUMP, _SMALL, _HALVINGS = 3.0, 1e-12, 60


def edges_for(integrand, ranges, low, high):
    """Where to cut: on a coarse grid, around the highest peaks, and at jumps."""
    edges = [np.linspace(*ends, 9) for ends in ranges]
    edges = np.clip(np.concatenate([*edges, -_FAR[::100], _FAR[::100]]), low, high)
    for count in (_FINE // len(ranges) ** 3, _FINEST):  # a normal density says where to look
        grids = [_grid(*ends, count) for ends in ranges if ends[0] < ends[1]]
        grids = itertools.chain(*grids, [-_FAR[::-1], _FAR])
        looks = [look for z in grids if (look := _look(integrand, z)) is not None]
        if looks:
            top = max(look.log.max() for look in looks)
            seen = [look for look in looks if look.log.max() > top - _FAINT]
            found = [place for look in seen for place in (_peaks(look), _jumps(integrand, look))]
            return np.clip(np.unique(np.concatenate([edges, *found])), low, high)
    raise DoesNotConverge(
        f"quadrature: the function is 0 at all of {len(ranges) * _FINEST:,} points; "
        "if it is 0 everywhere, so is its integral"
    )


def _grid(start, stop, count):
    """Points between two limits, in pieces that fit into memory."""
    step = (stop - start) / count
    for first in range(0, count, _PIECE):
        yield start + step * (np.arange(first, min(count, first + _PIECE)) + 0.382)


class _Look(NamedTuple):
    """Points, and what a function is there: signs and logarithms, −∞ where it has no value."""

    z: np.ndarray
    sign: np.ndarray
    log: np.ndarray


def _look(integrand, z):
    """A `_Look` at a function, or None where it is 0 everywhere."""
    with np.errstate(all="ignore"):
        sign, log = integrand(z)
    is_seen = (sign != 0) & np.isfinite(log)
    return _Look(z, sign, np.where(is_seen, log, -np.inf)) if is_seen.any() else None


def _peaks(look):
    """Places around the highest peaks."""
    z, _, log = look
    before, after = np.r_[-np.inf, log[:-1]], np.r_[log[1:], -np.inf]
    peaks = np.flatnonzero((log >= before) & (log >= after) & (log > -np.inf))
    peaks = peaks[np.argsort(-log[peaks], kind="stable")[:_MOST_PEAKS]]
    step = np.gradient(z)[peaks]
    return np.concatenate([z[peaks] + distance * step for distance in _BESIDE_PEAK])


def _jumps(integrand, look):
    """Where a function jumps, by halving intervals in which it changes more than beside them."""
    z, top = look.z, look.log.max()
    with np.errstate(all="ignore"):
        f = np.where(np.isneginf(look.log), 0.0, look.sign * np.exp(look.log - top))
        change = abs(np.diff(f))
        beside = np.maximum(np.r_[0.0, change[:-1]], np.r_[change[1:], 0.0])
        widest = np.flatnonzero((change > _JUMP * beside) & (change > _SMALL))
        widest = widest[np.argsort(-change[widest], kind="stable")[:_MOST_PEAKS]]
        left, right, f_left, f_right = z[widest], z[widest + 1], f[widest], f[widest + 1]
        for _ in range(_HALVINGS if widest.size else 0):
            middle = (left + right) / 2
            sign, log = integrand(middle)
            f_middle = np.nan_to_num(sign * np.exp(log - top))
            on_left = abs(f_middle - f_left) >= abs(f_right - f_middle)
            left, f_left = np.where(on_left, left, middle), np.where(on_left, f_left, f_middle)
            right, f_right = np.where(on_left, middle, right), np.where(on_left, f_middle, f_right)
    return right[abs(f_right - f_left) > change[widest] / 8]
