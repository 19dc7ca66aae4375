"""The course's one visual language: colours, sizes, and grids of images."""

from functools import wraps

import matplotlib.pyplot as plt
import numpy as np

# Okabe and Ito's palette, which readers with any colour vision can tell apart. q and p keep
# their colours through the whole course.
Q_COLOUR = "#0072B2"
P_COLOUR = "#D55E00"
ACCENT = "#009E73"
SECOND_ACCENT = "#CC79A7"
ORANGE = "#E69F00"
BROWN = "#7A4B00"
INK = "#333333"
GREY = "#999999"
FAINT = "#BBBBBB"
# Ten classes: the palette's eight colours and two greys.
CLASS_COLOURS = (
    Q_COLOUR, P_COLOUR, ACCENT, SECOND_ACCENT, ORANGE,
    "#56B4E9", "#F0E442", "#000000", GREY, BROWN,
)  # fmt: skip

_SETTINGS = {
    "figure.dpi": 120,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "font.size": 11,
    "axes.edgecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "legend.frameon": False,
    "lines.linewidth": 2,
}


def styled(plot):
    """Decorate a plotting function so that it draws in the course's style."""

    @wraps(plot)
    def styled_plot(*args, **kwargs):
        with plt.rc_context(_SETTINGS):
            return plot(*args, **kwargs)

    return styled_plot


def tile(images, columns, gap=2):
    """Arrange images in a grid with white gaps: ``(height, width)``, or with a last axis of 3.

    Parameters
    ----------
    images : array, shape (n, side * side), (n, height, width) or (n, 3, height, width)
        Grey images run from 0 (paper) to 1 (ink), colour images from 0 (dark) to 1 (light).
    columns : int
        Images in a row.
    gap : int
        Pixels between images.
    """
    images = np.asarray(images, dtype=float)
    if images.ndim == 2:
        side = round(images.shape[1] ** 0.5)
        images = images.reshape(-1, side, side)
    is_colour = images.ndim == 4
    if is_colour:
        images = np.moveaxis(images, 1, -1)
    _, height, width, *channels = images.shape
    rows = -(-len(images) // columns)
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap, *channels)
    grid = np.full(shape, 1.0 if is_colour else 0.0)
    for i, image in enumerate(images):
        row, column = divmod(i, columns)
        top, left = row * (height + gap), column * (width + gap)
        grid[top : top + height, left : left + width] = image
    return grid


def show_images(ax, images, columns, title=None):
    """Draw a grid of images: grey ones as ink on paper, colour ones as they are."""
    grid = np.clip(tile(images, columns), 0, 1)
    ax.imshow(grid, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    ax.set_axis_off()
    if title:
        ax.set_title(title, loc="left")


def scatter_classes(ax, points, labels, size):
    """Draw points in the colours of their classes, in random order, so that no class hides another.

    Parameters
    ----------
    points : array, shape (n, 2)
    labels : array of int, shape (n,)
        Classes 0 to 9.
    size : float
        Area of a point.

    Returns
    -------
    list
        A handle for each class, for a legend.
    """
    order = np.random.default_rng(0).permutation(len(labels))
    points, labels = np.asarray(points)[order], np.asarray(labels)[order]
    ax.scatter(*points.T, s=size, color=np.array(CLASS_COLOURS)[labels], linewidths=0)
    return [
        ax.scatter([], [], s=30, color=colour, label=str(label))
        for label, colour in enumerate(CLASS_COLOURS)
    ]
