"""Grids of images: flat, grey and in colour, each where it belongs, upright, with white gaps."""

import numpy as np
import pytest

from kl_utils.figures.style import tile

RNG = np.random.default_rng(0)


def test_flat_and_square_grey_images_make_the_same_grid():
    images = RNG.random((5, 4, 4))
    grid = tile(images, columns=3, gap=2)
    assert grid.shape == (4 + 2 + 4, 4 + 2 + 4 + 2 + 4)
    np.testing.assert_array_equal(grid, tile(images.reshape(5, 16), columns=3, gap=2))
    np.testing.assert_array_equal(grid[6:, 6:10], images[4])
    assert (grid[4:6] == 0).all() and (grid[6:, 12:] == 0).all()  # 0 is paper


@pytest.mark.parametrize("size", [(3, 5), (8, 8)])
def test_colour_images_keep_their_shape_and_colours(size):
    height, width = size
    images = RNG.random((4, 3, height, width))
    grid = tile(images, columns=2, gap=1)
    assert grid.shape == (2 * height + 1, 2 * width + 1, 3)
    np.testing.assert_array_equal(grid[height + 1 :, :width], images[2].transpose(1, 2, 0))
    assert (grid[height] == 1).all() and (grid[:, width] == 1).all()  # 1 is white
