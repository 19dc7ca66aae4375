"""Two runs of a notebook differ where a reader would see it, and nowhere else."""

import base64
import io

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest

from tools.provenance.comparisons import LEVELS, changes, visible_change


def drawing(shift=0.0, dpi=80, colour="C0", words="a curve"):
    """Return a figure as a notebook stores it."""
    fig, ax = plt.subplots(figsize=(5, 3))
    x = np.linspace(-3, 3, 200)
    ax.plot(x, np.exp(-((x - shift) ** 2)), color=colour)
    ax.set_title(words)
    file = io.BytesIO()
    fig.savefig(file, dpi=dpi)
    plt.close(fig)
    return base64.b64encode(file.getvalue()).decode()


def notebook(*cells):
    """Return a notebook of cells (text, picture or None, tags)."""
    made = []
    for text, png, *tags in cells:
        outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]
        if png:
            outputs.append(nbformat.v4.new_output("display_data", data={"image/png": png}))
        made.append(nbformat.v4.new_code_cell("x", outputs=outputs, metadata={"tags": tags}))
    return nbformat.v4.new_notebook(cells=made)


def test_texts_are_compared_but_for_cells_that_vary():
    before = notebook(("1\n", None), ("0.5 s\n", None), ("2\n", None, "nbval-ignore-output"))
    assert changes(before, notebook(("1\n", None), ("0.7 s\n", None), ("3\n", None))) == []
    assert "-1" in changes(before, notebook(("4\n", None), ("0.5 s\n", None), ("2\n", None)))


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ({}, False),
        ({"dpi": 81}, False),
        ({"words": "a Curve"}, False),
        ({"shift": 0.1}, True),
        ({"colour": "C1"}, True),
    ],
)
def test_a_figure_is_compared_as_the_eye_would(other, differs):
    assert (visible_change(drawing(), drawing(**other)) > LEVELS) == differs


def test_figures_are_compared_in_cells_that_vary_too():
    before = notebook(("", drawing(), "nbval-ignore-output"))
    assert changes(before, before) == []
    assert "draws another figure" in changes(before, notebook(("", drawing(shift=1))))[0]
    trained = notebook(("", drawing(), "nbval-ignore-output", "trained-here"))
    assert changes(trained, notebook(("", drawing(shift=1)))) == []
    assert "draws 0 figures, not 1" in changes(before, notebook(("", None)))[0]
