"""What a notebook file holds: its code and its outputs."""

import re
import subprocess

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

# The cell that installs kl_utils. Where that is installed it does nothing.
SET_UP = "set-up"
WIDGET = "application/vnd.jupyter.widget-view+json"
# The pages fold by tags. Other programs go by metadata: JupyterLab and VS Code by "jupyter", Colab
# by "cellView" and "collapsed". The set-up stays open there: it may have something to say.
FOLDS = {
    "hide-cell": {
        "cellView": "form",
        "collapsed": True,
        "jupyter": {"outputs_hidden": True, "source_hidden": True},
    },
    "hide-output": {"collapsed": True, "jupyter": {"outputs_hidden": True}},
}
MACHINE_PATH = re.compile(
    r"(?<![\w.])/(?:home|Users|root|tmp|private|var|opt|mnt|srv|usr)/[^\s'\"<>]+"
    r"|\b[A-Z]:\\\w[^\s'\"<>]*"
)


def published(path):
    """Return the published notebook of a file, or None where there is none to be had.

    A program such as JupyterLab saves a notebook that was only looked at. That copy is its
    reader's; the published notebook is then the one that git holds.
    """
    notebook = nbformat.read(path, as_version=4)
    if not is_a_readers(notebook):
        return notebook
    show = ["git", "show", f"HEAD:./{path.name}"]
    try:
        shown = subprocess.run(show, cwd=path.parent, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return nbformat.reads(shown.decode(), as_version=4)


def is_a_readers(notebook):
    """Tell whether something other than ``make execute``, which omits the version, saved it."""
    return "version" in notebook.metadata.get("language_info", {})


def code_cells(notebook):
    """Return the code cells that are not empty."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def image_outputs(cell):
    """Return the outputs of a cell that are images."""
    return [output for output in cell.outputs if "image/png" in output.get("data", {})]


def fold_of(cell):
    """Return the metadata that fold a code cell outside the book as its tags fold it there."""
    tags = cell.metadata.get("tags", []) if cell.get("id") != SET_UP else []
    return next((fold for tag, fold in FOLDS.items() if tag in tags), {})


def where(notebook, cell):
    """Return how a message calls a cell."""
    first_line = cell.source.strip().partition("\n")[0]
    return f"cell {notebook.cells.index(cell) + 1} ({first_line})"


def text_of(cell):
    """Return all text that a cell has put out, images left out."""
    texts = []
    for output in cell.outputs:
        texts += [output.get("text", ""), *output.get("traceback", [])]
        bundle = output.get("data", {})
        texts += [str(bundle[kind]) for kind in sorted(bundle) if not kind.startswith("image/")]
    return "\n".join(filter(None, texts))


def machine_paths(text, *folders):
    """Return the absolute paths in a text that look like a machine's, or lie in ``folders``."""
    # The folders come first, the longest before those it lies in: their names may hold spaces.
    names = sorted(map(str, folders), key=len, reverse=True)
    inside = [rf"(?<![\w.]){re.escape(name)}\b[^\s'\"<>]*" for name in names]
    return sorted(set(re.findall("|".join([*inside, MACHINE_PATH.pattern]), text)))


def source_of(notebook):
    """Return all code cells as one Python source text."""
    return "\n".join(map(python_of, code_cells(notebook)))


def python_of(cell):
    """Return a code cell as Python: magics and shell commands become calls."""
    return TransformerManager().transform_cell(cell.source)
