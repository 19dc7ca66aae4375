"""Rules for several dimensions: exact for the moments of the derivations, and never too large."""

import numpy as np
import pytest

from kl_utils.grids import hermite_rule, trapezoidal_rule
from kl_utils.quadrature import DoesNotConverge


@pytest.mark.parametrize("dimension", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("rule", [lambda n: hermite_rule(n, 3), lambda n: hermite_rule(n, 4)])
def test_few_nodes_are_exact_for_the_moments_of_the_derivations(dimension, rule):
    points, weights = rule(dimension)
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert weights @ points == pytest.approx(np.zeros(dimension), abs=1e-12)
    assert np.einsum("s,si,sj->ij", weights, points, points) == pytest.approx(
        np.eye(dimension), abs=1e-12
    )
    assert weights @ points[:, 0] ** 4 == pytest.approx(3, abs=1e-11)
    if dimension > 1:
        assert weights @ (points[:, 0] * points[:, 1]) ** 2 == pytest.approx(1, abs=1e-11)


def test_m_nodes_are_exact_up_to_degree_2m_minus_1_and_no_further():
    points, weights = hermite_rule(1, 5)
    assert weights @ points[:, 0] ** 8 == pytest.approx(105, rel=1e-12)
    assert weights @ points[:, 0] ** 10 != pytest.approx(945, rel=0.01)


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_a_lattice_is_right_wherever_it_lies(shift):
    points, weights = trapezoidal_rule(0.5, 9, 2, 2000, shift)
    value = weights @ np.cos(points[:, 0] + 2 * points[:, 1])
    assert value == pytest.approx(np.exp(-2.5), abs=1e-12)


def test_a_lattice_that_is_too_large_is_refused():
    with pytest.raises(DoesNotConverge, match="a grid of 2,000 nodes"):
        trapezoidal_rule(0.1, 9, 2, 2000)
