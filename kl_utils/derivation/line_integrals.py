"""Integrals of one variable of a line, over panels that the line itself suggests."""

from typing import NamedTuple

import numpy as np

from ..panels import Signed, panels_between
from ..quadrature import integrate_panels
from .breakpoints import breakpoints
from .logarithms import product, signed_value, total

_EDGES = (-8.0, -4.5, -2.0, 0.0, 2.0, 4.5, 8.0)  # in standard deviations, or powers of e
_FAR = (-120.0, -40.0, -16.0, 16.0, 40.0, 120.0)
_FARTHEST = 690.0  # e to this power, and its inverse, are still numbers for a computer
_NEARER = (340.0, 170.0, 85.0)  # where squares, and higher powers, are numbers, too
_DIGITS = 34.0  # e to this power is about as large as numbers of 15 digits
_NEGLIGIBLE = 20.0  # powers of e below the mass
_STRETCH = (1.0, 1.13)  # of the edges on each route


def mean_over_line(scope, body, name, mean, std, unit=None):
    """E[body] for a variable with N(mean, std²), as a `Signed`.

    With ``unit``, a vector, the variable is that multiple of it: one entry of a vector.
    """

    def integrand(nodes, scope):
        inner = scope.bind(name, nodes if unit is None else nodes * unit, nodes=len(nodes))
        distance = (nodes - mean) / std
        log = -(distance**2) / 2 - np.log(std) - np.log(2 * np.pi) / 2
        return product(signed_value(inner, body), Signed(np.ones_like(log), log))

    edges = [mean + _STRETCH[scope.route] * std * edge for edge in _EDGES]
    if unit is None:
        edges += breakpoints(scope, body, name, mean, std)
    value, believed, _ = _over_panels(scope, integrand, edges, None, None)
    return scope.believe(value, believed)


def integral_over_line(scope, body, name, low, high):
    """∫ body d(name) as a `Signed`; a limit is an array (..., 1, 1), or None if it is infinite."""
    if low is None and high is None:
        value, believed, _ = _mapped(scope, body, name, _Straight(), None, None)
        return scope.believe(value, believed)
    if high is None:
        return scope.believe(*_from_end(scope, body, name, _FromEnd(low, 1.0), _FARTHEST))
    if low is None:
        return scope.believe(*_from_end(scope, body, name, _FromEnd(high, -1.0), _FARTHEST))
    sign = np.where(low <= high, 1.0, -1.0)
    low, high = np.broadcast_arrays(np.minimum(low, high), np.maximum(low, high))
    value, believed, _ = _mapped(scope, body, name, _Straight(), low, high)
    if not np.all(believed) and _grows_at_an_end(scope, body, name, low, high):
        middle = low + (high - low) * (0.47, 0.53)[scope.route]
        with np.errstate(divide="ignore"):
            first = _from_end(scope, body, name, _FromEnd(low, 1.0), np.log(middle - low))
            second = _from_end(scope, body, name, _FromEnd(high, -1.0), np.log(high - middle))
        both = total(first[0], second[0])
        value = Signed(*(np.where(believed, *pair) for pair in zip(value, both, strict=True)))
        believed = believed | first[1] & second[1]
    value = scope.believe(value, believed)
    return Signed(value.sign * sign, value.log)


def _grows_at_an_end(scope, body, name, low, high):
    """May an integrand be infinite at a limit?"""
    share = np.array([1e-10, 1e-3, 1 - 1e-3, 1 - 1e-10]).reshape(-1, *[1] * (scope.batch + 2))
    nodes = low + (high - low) * share
    log = np.broadcast_arrays(signed_value(scope.bind(name, nodes, nodes=4), body).log, nodes)[0]
    return ((log[0] > log[1] + 1) | (log[3] > log[2] + 1)).any()


class _Straight(NamedTuple):
    """z itself as the variable of integration."""

    def point(self, v):
        return v

    def log_slope(self, v):
        return np.zeros_like(v)

    def place(self, z):
        return z


class _FromEnd(NamedTuple):
    """v = log |z − end|: all scales alike, so that it may be infinite at the end, or reach far."""

    end: np.ndarray
    side: float

    def point(self, v):
        return self.end + self.side * np.exp(v)

    def log_slope(self, v):
        return v

    def place(self, z):
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(np.maximum(self.side * (z - self.end), 0.0))


def _from_end(scope, body, name, to_line, high):
    """∫ body d(name) from an end on, v from where z is next to it up to ``high``."""
    with np.errstate(divide="ignore"):  # next to the end, z is the end for a computer
        nearest = np.log(abs(to_line.end)) - _DIGITS
    low, high = np.broadcast_arrays(np.maximum(nearest, -_FARTHEST), np.minimum(high, _FARTHEST))
    ends_here = high < _FARTHEST

    def at(end):
        nodes = end.reshape(1, *[1] * (scope.batch + 2 - end.ndim), *end.shape)
        return _integrand(body, name, to_line)(nodes, scope)

    for nearer in _NEARER:
        there = at(high)
        is_lost = ~(np.isfinite(there.sign) & (there.log < np.inf))[0]
        high = np.where(is_lost & ~ends_here, np.minimum(high, nearer), high)
    value, believed, log_mass = _mapped(scope, body, name, to_line, low, high)
    for end, is_open in ((low, np.array(True)), (high, ~ends_here)):
        beyond = at(end)  # is there a tail?
        with np.errstate(invalid="ignore"):
            faint = (beyond.sign == 0) | (beyond.log + np.log(_FARTHEST) < log_mass - _NEGLIGIBLE)
        believed = believed & (faint[0] | ~is_open)
    return value, believed


def _integrand(body, name, to_line):
    def integrand(nodes, scope):
        inner = scope.bind(name, to_line.point(nodes), nodes=len(nodes))
        slope = to_line.log_slope(nodes)
        return product(signed_value(inner, body), Signed(np.ones_like(slope), slope))

    return integrand


def _mapped(scope, body, name, to_line, low, high):
    """∫ body d(name), where ``to_line`` says how z follows from the variable of integration."""
    stretch = _STRETCH[scope.route]
    is_straight = isinstance(to_line, _Straight)
    if is_straight and low is not None:
        centre, width = (low + high) / 2, np.maximum((high - low) / 16, 1e-300)
    else:
        centre = np.zeros((1, 1)) if is_straight else np.minimum(high, 0.0)
        width = np.ones((1, 1))
    places = _EDGES if is_straight else (*_EDGES, *_FAR)
    edges = [centre + stretch * place * width for place in places]
    found = breakpoints(scope, body, name, to_line.point(centre), width)
    found = [to_line.place(point) for point in found]
    edges += [np.where(np.isfinite(place), place, centre) for place in found]
    integrand = _integrand(body, name, to_line)
    return _over_panels(scope, integrand, edges, low, high)


def _over_panels(scope, integrand, edges, low, high):
    """The `Integral` over edges and limits of shape (..., 1, 1)."""
    scope.journal.on_panels = True
    limits = [limit for limit in (low, high) if limit is not None]
    cases = np.zeros((1,) * (scope.batch + 2))
    together = np.stack(np.broadcast_arrays(*edges, *limits, cases))[..., 0, 0]
    edges, limits = together[: len(edges)], iter(together[len(edges) :])
    low, high = (None if limit is None else next(limits) for limit in (low, high))

    def at_nodes(scope):
        def f(nodes):
            nodes = nodes[..., None, None]
            value = integrand(nodes, scope)
            return Signed(*np.broadcast_arrays(*value, nodes)[:2])

        return f

    panels = panels_between(edges, low, high)
    most, shaken = scope.journal.allowance, at_nodes(scope.shaken())
    return integrate_panels(at_nodes(scope), panels, scope.route, most, shaken)
