"""Integrals of one variable that know when they do not know.

The range is cut into panels. Each panel is measured by one Gauss–Legendre rule, then cut in two
unequal parts which are measured by the same rule: so every value is confirmed by a rule that is
both finer and shifted. Where the two disagree, the parts are cut again, until they agree to within
a small share of ∫ |f|, the mass of the integrand, or are given up.
"""

from typing import NamedTuple

import numpy as np

from .panels import FIRST_NODE, NODES, Panels, Pieces, Signed, in_pairs, measure, sum_of

MOST_VALUES = 4_000_000  # of the integrand, over all cases, at one time
_SETTLED = 1e-10  # the share of the mass by which two rules may differ
_MOST_PANELS = 3_000
_CUTS = 70  # how often a panel is cut at most: a jump is found to within 10⁻¹⁷ of its panel
_STEEP = 1.0  # a fall of log |f| from one panel to the next that has to be looked at
_BESIDE = 3
_LAST_DIGITS = 2.0**-46
_TOO_NARROW = 2.0**-50  # relative to z: the nodes of a panel are no longer different numbers
_SMOOTH = 1  # after so many cuts, what still differs may be due to rounding
_ROUNDINGS = 4  # as many as are allowed for
_NOISY, _FAINT = 1e-6, 1e-9  # shares of the mass, and sizes, that noise may have
_WHERE_TO_CUT = (0.46, 0.55)  # of a panel; the second for another route to the same number


class DoesNotConverge(ArithmeticError):
    """An integral diverges, or is too hard for the rules at hand."""


class Integral(NamedTuple):
    """What `integrate_panels` finds, for each case.

    ``value`` is a `Signed`; ``believed`` is False where the integral diverges, or is too hard;
    ``log_mass`` is the logarithm of ∫ |f|.
    """

    value: Signed
    believed: np.ndarray
    log_mass: np.ndarray


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
    Integral
    """
    noise_at = _noise(f, shaken or (lambda z: f(z * (1 + _LAST_DIGITS))))
    whole = measure(f, panels)
    state = _halved(f, panels, whole, route)
    values = 3 * whole.mass.size * NODES
    for cuts in range(_CUTS):
        result = sum_of(state.sums)
        share, noise = _gaps(state, result)
        is_open = (share > _SETTLED / 50) | _is_beside_mass(state, result)
        is_open = is_open & ~_is_infinite(state.parts)
        is_open = (is_open & ~_is_too_narrow(state, share.ndim)).reshape(len(share), -1).any(1)
        values += 4 * share[is_open].size * NODES
        if not is_open.any() or values > most or len(share) > _MOST_PANELS:
            break
        again = np.repeat(is_open, 2)
        parts = Pieces(*(array[again] for array in state.parts))
        noise_of = noise_at if cuts >= _SMOOTH else None
        fresh = _halved(f, state.halves.pick(again), parts, route, noise_of)
        state = _State(
            *(
                type(old)(*map(np.concatenate, zip(_but(old, is_open), new, strict=True)))
                for old, new in zip(state, fresh, strict=True)
            )
        )
    noise = noise.sum(0)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        log = result.peak + np.log(abs(result.total))
        log_mass = result.peak + np.log(result.mass)
        little_noise = (noise <= _NOISY) | (noise * result.mass * np.exp(result.peak) <= _FAINT)
    believed = (share.sum(0) <= _SETTLED) & np.isfinite(result.total) & little_noise
    return Integral(Signed(np.sign(result.total), log), believed, log_mass)


class _State(NamedTuple):
    """Panels measured as wholes; their halves, measured, and those measures added in pairs.

    ``noise`` is what rounding makes of the sums, as far as it was looked for.
    """

    panels: Panels
    whole: Pieces
    sums: Pieces
    noise: Pieces
    halves: Panels
    parts: Pieces


def _halved(f, panels, whole, route, noise_of=None):
    halves = panels.halves(_WHERE_TO_CUT[route])
    parts = measure(f, halves)
    sums = in_pairs(parts)
    noise = sums._replace(peak=np.full_like(sums.peak, -np.inf), mass=0 * sums.mass)
    if noise_of:
        noise = in_pairs(measure(noise_of, halves))
    return _State(panels, whole, sums, noise, halves, parts)


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


def _is_beside_mass(state, result):
    """Panels with a half that hardly sees what the last node of its neighbour sees.

    For what goes on there may reach into that half, between its edge and its first node.
    """
    left, right = state.halves.spans()
    order = np.lexsort([end.reshape(len(end), -1).mean(1) for end in (right, left)])
    extra = [1] * (state.parts.mass.ndim - left.ndim)
    left, right = (end[order].reshape(*end.shape, *extra) for end in (left, right))
    ends = state.parts.leftmost, state.parts.rightmost
    is_noise = np.repeat(_is_noise(state), 2, axis=0)  # and tells nothing
    leftmost, rightmost = (np.where(is_noise, -np.inf, end)[order] for end in ends)
    with np.errstate(divide="ignore"):
        log_mass = result.peak + np.log(result.mass)
    open_ = np.zeros(np.broadcast_shapes(leftmost.shape, left.shape), dtype=bool)
    for k in range(1, _BESIDE + 1):  # panels of hardly any width may lie between
        mirrored = (-right[::-1], -left[::-1], leftmost[::-1], rightmost[::-1], log_mass, k)
        upwards = _falls_off(left, right, rightmost, leftmost, log_mass, k)
        downwards = _falls_off(*mirrored)[::-1]
        # Both are cut: of the one that sees something, too, it is asked whether that is noise.
        for falls in (upwards, downwards):
            open_[k:] |= falls
            open_[:-k] |= falls
    in_order = np.empty_like(open_)
    in_order[order] = open_
    return in_order.reshape(-1, 2, *open_.shape[1:]).any(1)


def _falls_off(left, right, last, first, log_mass, k):
    """Panels whose first node sees much less than the last node of the k-th before them."""
    width = right - left
    near = left[k:] - right[:-k] <= FIRST_NODE * width[k:]
    with np.errstate(divide="ignore", invalid="ignore"):
        hidden = last[:-k] + np.log(FIRST_NODE * width[k:]) - log_mass
        return near & (last[:-k] - first[k:] > _STEEP) & (hidden > np.log(_SETTLED / 50))


def _is_noise(state):
    """Panels on which nothing but rounding is seen."""
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = state.noise.peak + np.log(_ROUNDINGS * state.noise.mass)
        return noise >= state.sums.peak + np.log(state.sums.mass)


def _is_too_narrow(state, dimensions):
    """Panels whose nodes coincide, for the computer: no more can be known of them."""
    left, right = state.panels.spans()
    narrow = right - left < _TOO_NARROW * np.maximum(abs(left), abs(right))
    return narrow.reshape(*narrow.shape, *[1] * (dimensions - narrow.ndim))


def _is_infinite(parts):
    """Cases in which f is infinite on a whole panel, so that nothing helps."""
    ends = np.isposinf(parts.leftmost) & np.isposinf(parts.rightmost)
    return (ends & np.isposinf(parts.peak)).any(0)  # the peak of a panel without width is 0


def _share(pieces, part, result):
    """A part of pieces as a share of the mass of all."""
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = part * np.exp(pieces.peak - result.peak) / result.mass
    return np.where(part == 0, 0.0, scaled)


def _gaps(state, result):
    """How far two measures of each panel are apart, and what of it rounding explains.

    Both are shares of the mass of all. Nothing is known of a panel whose nodes coincide.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        a = _share(state.whole, state.whole.total, result)
        b = _share(state.sums, state.sums.total, result)
        mass = _share(state.sums, state.sums.mass, result)
        noise = _ROUNDINGS * _share(state.noise, state.noise.mass, result)
        gap = np.where(np.isnan(a) | np.isnan(b), np.inf, np.maximum(abs(a - b) - noise, 0.0))
        gap = np.where(_is_too_narrow(state, mass.ndim), np.maximum(gap, mass), gap)
        hidden = np.exp(state.sums.missed - result.peak) / result.mass
        gap = np.where(np.isneginf(state.sums.missed) | _is_noise(state), gap, gap + hidden)
        return gap, np.where(abs(a - b) > _SETTLED / 50, noise, 0.0)
