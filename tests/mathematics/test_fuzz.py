"""Many random calls of all public functions: none is silently wrong, none fails but at our door."""

import pytest

from tests.mathematics import fuzz
from tests.mathematics.gaussian_cases import single_threaded


def check(count, seed):
    with single_threaded():
        counts, wrong = fuzz.run(count, seed)
    assert not wrong, "\n".join(wrong[:5])
    assert counts["right"] > 0.5 * count and counts["refused"] > 0.15 * count


def test_a_slice_of_the_fuzz():
    check(1_500, seed=0)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_sixty_thousand_calls(seed):
    check(15_000, seed)
