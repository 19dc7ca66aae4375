"""Panels: signs and logarithms, pieces of a range, and integrals that know when they fail."""

import numpy as np
import pytest

from kl_utils.panels import FIRST_NODE, Signed, _unit_rule, measure, panels_between, signed, sum_of
from kl_utils.quadrature import integrate_panels


def integral(f, edges, low=None, high=None, route=0, **options):
    """Value and belief of ∫ f, for one case; f takes and gives ordinary numbers."""
    edges = np.array(edges, dtype=float)
    low, high = (None if limit is None else np.array(float(limit)) for limit in (low, high))
    panels = panels_between(edges, low, high)
    found = integrate_panels(lambda z: signed(f(z)), panels, route, **options)
    return float(found.value.value), bool(found.believed)


def bump(z, at, width):
    return np.exp(-(((z - at) / width) ** 2) / 2) / (width * np.sqrt(2 * np.pi))


def cauchy(z):
    return 1 / (np.pi * (1 + z**2))


# (integrand, edges, low, high, value): each has to be found, by both routes
FOUND = {
    "a polynomial": (lambda z: z**3, [0, 1], 0, 2, 4),
    "a jump at no edge": (lambda z: np.where(z > 1 / 3, 1.0, 0.0), [0, 1], 0, 1, 2 / 3),
    "two jumps": (lambda z: 1.0 * (z > 0.1) * (z < 0.7), [0, 1], 0, 1, 0.6),
    "a kink at no edge": (lambda z: abs(z - 0.3), [-1, 1], -1, 1, 1.09),
    "a narrow peak on a wide one, with an edge": (
        lambda z: bump(z, 0, 1) + bump(z, 1, 1e-4), [-8, 0, 0.9998, 1.0002, 8], None, None, 2,
    ),
    "a narrow peak between two nodes": (lambda z: bump(z, 0.5, 0.01), [0, 1], None, None, 1),
    "an infinite end": (lambda z: 1 / np.sqrt(z), [0, 1], 0, 1, 2),
    "heavy tails": (cauchy, [-2, 0, 3], None, None, 1),
    "one tail": (lambda z: np.exp(-z), [0, 1, 4], 0, None, 1),
    "what cancels": (lambda z: z * np.exp(-(z**2)), [-3, 0.3, 3], None, None, 0),
    "nothing at all": (lambda z: 0 * z, [0, 1], None, None, 0),
}  # fmt: skip


@pytest.mark.parametrize("route", [0, 1])
@pytest.mark.parametrize("name", FOUND)
def test_an_integral_is_found(name, route):
    f, edges, low, high, truth = FOUND[name]
    value, believed = integral(f, edges, low, high, route)
    assert believed
    assert value == pytest.approx(truth, abs=1e-9)


NOT_BELIEVED = {
    "a constant over the line": (lambda z: 1 + 0 * z, [-1, 1], None, None),
    "a tail like 1/z": (lambda z: 1 / (1 + abs(z)), [-2, 0, 2], None, None),
    "an end like 1/z": (lambda z: 1 / z, [0, 1], 0, 1),
    "odd, with tails like 1/z": (lambda z: z / (1 + z**2), [-2, 2], None, None),
    "odd about an edge, 1/z": (lambda z: 1 / z, [-1, 0, 1], -1, 1),
    "odd about no edge, 1/z": (lambda z: 1 / (z - 0.3), [-1, 1], -1, 1.6),
    "no number in places": (lambda z: np.where(z > 0.4, np.nan, 1.0), [0, 1], 0, 1),
}


@pytest.mark.parametrize("route", [0, 1])
def test_nothing_is_known_of_a_panel_whose_nodes_coincide(route):
    edges = 1e9 + np.array([0, 2e-7])  # two of the next numbers that a computer knows
    assert not integral(lambda z: 1e7 + 0 * z, edges, *edges, route)[1]


@pytest.mark.parametrize("route", [0, 1])
@pytest.mark.parametrize("name", NOT_BELIEVED)
def test_a_divergent_integral_is_not_believed(name, route):
    f, *where = NOT_BELIEVED[name]
    with np.errstate(all="ignore"):
        assert not integral(f, *where, route)[1]


def test_a_limit_of_work_is_kept_and_then_nothing_is_believed():
    count = 0

    def f(z):
        nonlocal count
        count += z.size
        return np.cos(1e4 * z**2)

    assert not integral(f, [0, 1], 0, 3, most=20_000)[1]
    assert count < 60_000


def test_what_is_nothing_but_rounding_is_zero_and_believed():
    def rounded(z):  # 0, but for the last digits of 1
        return (1 + bump(z, 0, 1)) - 1 - bump(z, 0, 1)

    def shaken(z):
        return signed(rounded(z) + 3e-16 * np.cos(1e7 * z))

    value, believed = integral(rounded, [-8, 0, 8], -9, 9, shaken=shaken)
    assert believed
    assert abs(value) < 1e-13


def test_noise_that_hides_the_value_is_not_believed():
    """A shaken function that is far from itself says that the digits are worth nothing."""

    def f(z):
        return np.exp(-(z**2)) * (1 + 1e-3 * np.sin(1e6 * z))

    assert not integral(f, [-8, 0, 8], shaken=lambda z: signed(f(z) + 0.1 * np.exp(-(z**2))))[1]


def test_two_routes_share_no_node():
    seen = [set(), set()]
    for route, nodes in enumerate(seen):

        def f(z, nodes=nodes):
            nodes.update(z.tolist())
            return abs(z - 0.3)

        integral(f, [-1, 1], -1, 1, route)
    whole = set(panels_nodes(-1, 1))  # the uncut panel, by which neither is judged alone
    assert len(seen[0] & seen[1] - whole) <= 0.01 * len(seen[0])


def panels_nodes(low, high):
    return (low + (high - low) * _unit_rule()[0]).tolist()


def test_the_first_node_is_where_it_is_said_to_be():
    assert _unit_rule()[0][0] == pytest.approx(FIRST_NODE, rel=0.01)


def test_values_that_a_computer_cannot_hold_are_measured():
    panels = panels_between(np.array([0.0, 1.0]), np.array(0.0), np.array(1.0))
    found = integrate_panels(lambda z: Signed(np.ones_like(z), -1e5 - z), panels)
    assert found.believed
    assert float(found.value.log) == pytest.approx(-1e5 + np.log(1 - np.exp(-1)), abs=1e-9)


def test_cases_are_measured_side_by_side():
    means, widths = np.array([-1.0, 0.5, 30.0]), np.array([1.0, 0.01, 5.0])
    edges = means + widths * np.array([-8.0, -2.0, 0.0, 2.0, 8.0])[:, None]
    found = integrate_panels(lambda z: signed(bump(z, means, widths)), panels_between(edges))
    assert found.believed.all()
    assert found.value.value == pytest.approx(np.ones(3), abs=1e-12)


def test_panels_cover_the_range_once():
    edges = np.array([3.0, -1.0, 0.5, 0.5])
    inside = panels_between(edges, np.array(-0.5), np.array(2.0))
    left, right = inside.spans()
    assert left.min() == -0.5 and right.max() == 2.0
    assert (right - left).sum() == pytest.approx(2.5)
    halves = inside.halves(0.46)
    left, right = halves.spans()
    assert (right - left).sum() == pytest.approx(2.5)
    whole = sum_of(measure(lambda z: signed(cauchy(z)), panels_between(edges)))
    assert np.exp(whole.peak) * whole.total == pytest.approx(1, abs=1e-6)


def test_a_steep_edge_says_what_it_may_hide():
    panels = panels_between(np.array([0.0, 1.0]), np.array(0.0), np.array(1.0))
    flat = measure(lambda z: signed(1 + 0 * z), panels)
    steep = measure(lambda z: Signed(np.ones_like(z), -2e3 * z), panels)
    assert np.isneginf(flat.missed).all()
    assert steep.missed.max() > -2e3 * FIRST_NODE
