"""One visual language: what a figure says in words, and where its colours come from."""

import ast
import re
from difflib import SequenceMatcher

import nbformat
import pytest
from matplotlib.colors import is_color_like

from tools import ROOT
from tools.course_text.notebook_files import code_cells, image_outputs, python_of, where

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PLOTS = sorted((ROOT / "kl_utils" / "figures").glob("[!_]*.py"))

FILE_NAME = re.compile(r"\b[\w-]+\.(?:png|jpe?g|svg|gif|pdf|py|ipynb)\b", re.IGNORECASE)
CAPTION = re.compile(r"\*(?!\*).+?(?<!\*)\*(?!\*)", re.DOTALL)

# Paper, and nothing at all.
ALLOWED = {"white", "none"}


# --- words


def alt_text(cell):
    """Return what a figure shows, as it stands in the page."""
    return cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")


def caption_below(notebook, cell):
    """Return the caption: the words in italics that the next Markdown cell begins with."""
    following = notebook.cells[notebook.cells.index(cell) + 1 :]
    first = next((c.source for c in following if c.cell_type == "markdown"), "")
    return found[0].strip("*") if (found := CAPTION.match(first.lstrip())) else ""


def faults_of(alt, caption):
    """Yield what is wrong with the words of a figure."""
    if not alt:
        yield "it has no alt text: write it as `alt` into the metadata of the cell"
    elif len(alt.split()) < 8:
        yield "the alt text is too short to stand for the figure"
    if len(alt) > 600:
        yield "the alt text is so long that nobody can listen to it"
    if FILE_NAME.search(alt):
        yield "the alt text names a file"
    if re.match(r"(?:an? )?(?:image|picture|figure|plot|graph) (?:of|showing)\b", alt, re.I):
        yield "the alt text begins by saying that there is an image"
    if len(caption.split()) < 6:
        yield "there is no caption in italics below the figure"
    elif SequenceMatcher(None, alt.lower(), caption.lower()).ratio() > 0.8:
        yield "the alt text repeats the caption"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_figures_speak(path):
    notebook = nbformat.read(path, as_version=4)
    problems = [
        f"{where(notebook, cell)}: {fault}"
        for cell in filter(image_outputs, code_cells(notebook))
        for fault in faults_of(alt_text(cell), caption_below(notebook, cell))
    ]
    assert not problems, "\n".join(problems)


GOOD_ALT = "Two bell curves, q narrow and on the left, p broad; they cross twice."
GOOD_CAPTION = "The integrand of the divergence. Look at the sign of it left of zero."


@pytest.mark.parametrize(
    ("alt", "caption", "fault"),
    [
        ("Two bell curves.", GOOD_CAPTION, "too short"),
        (GOOD_ALT * 10, GOOD_CAPTION, "nobody can listen"),
        (f"{GOOD_ALT} From figure_1.png.", GOOD_CAPTION, "names a file"),
        (f"A plot of {GOOD_ALT}", GOOD_CAPTION, "saying that there is an image"),
        (GOOD_ALT, "", "no caption"),
        (GOOD_ALT, GOOD_ALT.replace("they", "that"), "repeats"),
    ],
)
def test_poor_words_are_found(alt, caption, fault):
    assert list(faults_of(GOOD_ALT, GOOD_CAPTION)) == []
    assert [fault in found for found in faults_of(alt, caption)] == [True]


def test_a_caption_is_what_stands_below():
    new = nbformat.v4
    figure = new.new_code_cell("plt.show()")
    below = [new.new_code_cell("x"), new.new_markdown_cell("*The bound.\nLook left.* And on.")]
    assert caption_below(new.new_notebook(cells=[figure, *below]), figure).endswith("Look left.")
    below[1].source = "**The bound.** And on."
    assert caption_below(new.new_notebook(cells=[figure, *below]), figure) == ""


# --- colours


def typed_colours(source):
    """Return the colours that stand as text in a program, docstrings left out.

    One letter, or a grey level in quotes, counts where it is given for a colour.
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            if len(text) > 1 and is_color_like(text) and not re.fullmatch(r"[-+.\de]+", text):
                found.add(text)
        for name, value in _named_values(node):
            if "color" in name and isinstance(value, ast.Constant) and is_color_like(value.value):
                found.add(value.value)
    return found


def _named_values(node):
    """Yield (name, value) of the keyword arguments of a call, or of the items of a dict."""
    if isinstance(node, ast.Call):
        yield from ((keyword.arg or "", keyword.value) for keyword in node.keywords)
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant):
                yield str(key.value), value


def colour_maps(source):
    """Return the names of colour maps that are given as text."""
    nodes = ast.walk(ast.parse(source))
    pairs = [pair for node in nodes for pair in _named_values(node)]
    return {value.value for name, value in pairs if name == "cmap" and hasattr(value, "value")}


@pytest.mark.parametrize("path", PLOTS, ids=lambda path: path.name)
def test_figures_take_their_colours_from_the_style(path):
    source = path.read_text("utf8")
    assert not colour_maps(source) - {"gray_r"}, "images are ink on paper"
    if path.name != "style.py":
        assert not typed_colours(source) - ALLOWED, "take colours from kl_utils/figures/style.py"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_chapters_type_no_colours(path):
    notebook = nbformat.read(path, as_version=4)
    for cell in code_cells(notebook):
        source = python_of(cell)
        typed = typed_colours(source) - ALLOWED | colour_maps(source) - {"gray_r"}
        assert not typed, f"{where(notebook, cell)}: {typed}"


def test_typed_colours_are_found():
    source = (
        'ax.plot(x, color="r"); f("0.5", "k1", "p"); ax.plot(x, edgecolor="0.5")\n'
        'look = {"color": "C1"}, "tab:blue", "#00F"; g(Q_COLOUR, "blue sky")\n'
    )
    assert typed_colours(source) == {"r", "0.5", "C1", "tab:blue", "#00F"}
    assert colour_maps("ax.imshow(x, cmap='viridis')") == {"viridis"}
