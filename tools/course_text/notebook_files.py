"""What a notebook file holds: its code and its outputs."""

import re

from IPython.core.inputtransformer2 import TransformerManager

# The cell that installs kl_utils. Where that is installed it does nothing.
SET_UP = "set-up"
WIDGET = "application/vnd.jupyter.widget-view+json"
MACHINE_PATH = re.compile(
    r"(?<![\w.])/(?:home|Users|root|tmp|private|var|opt|mnt|srv|usr)/[^\s'\"<>]+"
    r"|\b[A-Z]:\\\w[^\s'\"<>]*"
)


def code_cells(notebook):
    """Return the code cells that are not empty."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def image_outputs(cell):
    """Return the outputs of a cell that are images."""
    return [output for output in cell.outputs if "image/png" in output.get("data", {})]


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
    inside = [rf"(?<![\w.]){re.escape(str(folder))}\b[^\s'\"<>]*" for folder in folders]
    return sorted(
        {path for pattern in [MACHINE_PATH, *inside] for path in re.findall(pattern, text)}
    )


def source_of(notebook):
    """Return all code cells as one Python source text."""
    return "\n".join(map(python_of, code_cells(notebook)))


def python_of(cell):
    """Return a code cell as Python: magics and shell commands become calls."""
    return TransformerManager().transform_cell(cell.source)
