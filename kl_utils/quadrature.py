"""Integrals of one variable that know when they do not know.

The range is cut into panels. Each panel is measured by one Gauss–Legendre rule, then cut in two
unequal parts which are measured by the same rule: so every value is confirmed by a rule that is
both finer and shifted. Where the two disagree, the parts are cut again, until they agree to within
a small share of ∫ |f|, the mass of the integrand, or are given up.
"""

from typing import NamedTuple

import numpy as np

from .panels import NODES, Panels, Pieces, Signed, in_pairs, measure, sum_of

MOST_VALUES = 4_000_000  # of the integrand, over all cases, at one time
_SETTLED = 1e-10  # the share of the mass by which two rules may differ
_CUTS = 70  # how often a panel is cut at most: a jump is found to within 10⁻¹⁷ of its panel
_STEEPEST = 5  # how many times as wide as a panel with mass its neighbours may be
_LAST_DIGITS = 2.0**-46
_TOO_NARROW = 2.0**-44  # relative to z: the nodes of a panel are no longer different numbers
_TOO_NARROW_FOR_NOISE = 2.0**-30
_SMOOTH = 3  # after so many cuts, what still differs may be due to rounding
_ROUNDINGS = 4  # as many as are allowed for
_NOISY, _FAINT = 1e-6, 1e-9  # shares of the mass, and sizes, that noise may have
_WHERE_TO_CUT = (0.46, 0.55)  # of a panel; the second for another route to the same number


class DoesNotConverge(ArithmeticError):
    """An integral diverges, or is too hard for the rules at hand."""


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
    noise_at = _noise(f, shaken or (lambda z: f(z * (1 + _LAST_DIGITS))))
    whole = measure(f, panels)
    state = _halved(f, panels, whole, route)
    values = 3 * whole.mass.size * NODES
    for cuts in range(_CUTS):
        result = sum_of(state.sums)
        share, noise = _gaps(state, result)
        is_open = (share > _SETTLED / 50).reshape(len(share), -1).any(1)
        is_open |= _is_wide_beside_mass(state, result)
        values += 4 * share[is_open].size * NODES
        if not is_open.any() or values > most:
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
        little_noise = (noise <= _NOISY) | (noise * result.mass * np.exp(result.peak) <= _FAINT)
    believed = (share.sum(0) <= _SETTLED) & np.isfinite(result.total) & little_noise
    return Signed(np.sign(result.total), log), believed


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
    noise = Pieces(np.full_like(sums.peak, -np.inf), 0 * sums.mass, 0 * sums.mass, sums.missed)
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


def _is_wide_beside_mass(state, result):
    """Panels with a half that lies beside a much narrower one which has some of the mass.

    For what goes on there may reach into the wide one, between its edge and its first node.
    """
    shape = (len(state.halves.start), -1)
    left, right = (end.reshape(shape) for end in state.halves.spans())
    order = np.lexsort((right.mean(1), left.mean(1)))
    width = (right - left)[order]
    some_mass = _share(state.parts, state.parts.mass, result) > _SETTLED / 50
    some_mass = some_mass.reshape(shape).any(1)[order]
    wide = np.zeros(len(order), dtype=bool)
    wide[1:] |= some_mass[:-1] & (width[1:] > _STEEPEST * width[:-1]).any(1)
    wide[:-1] |= some_mass[1:] & (width[:-1] > _STEEPEST * width[1:]).any(1)
    result = np.empty_like(wide)
    result[order] = wide
    return result.reshape(-1, 2).any(1)


def _share(pieces, part, result):
    """A part of pieces as a share of the mass of all."""
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = part * np.exp(pieces.peak - result.peak) / result.mass
    return np.where(part == 0, 0.0, scaled)


def _gaps(state, result):
    """How far two measures of each panel are apart, and what of it rounding explains.

    Both are shares of the mass of all. Nothing is known of a panel whose nodes coincide.
    """
    left, right = state.panels.spans()
    with np.errstate(invalid="ignore", over="ignore"):
        a = _share(state.whole, state.whole.total, result)
        b = _share(state.sums, state.sums.total, result)
        mass = _share(state.sums, state.sums.mass, result)
        relative = (right - left) / np.maximum(abs(left), abs(right))
        relative = relative.reshape(*relative.shape, *[1] * (mass.ndim - relative.ndim))
        noise = _ROUNDINGS * _share(state.noise, state.noise.mass, result)
        noise = np.where(relative < _TOO_NARROW_FOR_NOISE, 0.0, noise)
        gap = np.where(np.isnan(a) | np.isnan(b), np.inf, np.maximum(abs(a - b) - noise, 0.0))
        gap = np.where(relative < _TOO_NARROW, np.maximum(gap, mass), gap)
        hidden = np.exp(state.sums.missed - result.peak) / result.mass
        gap = np.where(np.isneginf(state.sums.missed) | (noise >= mass), gap, gap + hidden)
        return gap, np.where(abs(a - b) > _SETTLED / 50, noise, 0.0)
