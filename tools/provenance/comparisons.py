"""Two runs of a notebook compared: text outputs word for word, figures as the eye would."""

import base64
import difflib
import io
import re

import numpy as np
from PIL import Image

from tools import ROOT
from tools.course_text.notebook_files import code_cells, image_outputs, text_of, where

SANITIZE = ROOT / "tests" / "nbval_sanitize.cfg"
# A figure is seen as this many columns and rows of patches. A patch may change by so much of the
# 255 levels of a colour: letters of another font version do, a curve in another place does not.
PATCHES, LEVELS = (48, 36), 36


def changes(notebook, again):
    """Return how a second run of a notebook differs from the first, as lines to print.

    Cells that are declared to vary may print something else; what they draw must look the same,
    unless it was trained in the notebook itself: how, depends on the processor.
    """
    lines = []
    for cell, other in zip(code_cells(notebook), code_cells(again), strict=True):
        tags = cell.metadata.get("tags", [])
        if "nbval-ignore-output" not in tags:
            old, new = (sanitized(text_of(c)).splitlines() for c in (cell, other))
            lines += difflib.unified_diff(old, new, where(notebook, cell), "now", lineterm="")
        drawn, redrawn = image_outputs(cell), image_outputs(other)
        if len(drawn) != len(redrawn):
            lines.append(f"{where(notebook, cell)} draws {len(redrawn)} figures, not {len(drawn)}")
        for one, two in zip(drawn, redrawn, strict=False):
            levels = visible_change(one.data["image/png"], two.data["image/png"])
            if levels > LEVELS and "trained-here" not in tags:
                lines.append(
                    f"{where(notebook, cell)} draws another figure: a patch of it has changed by "
                    f"{levels:.0f} of 255 levels, and {LEVELS} are allowed"
                )
    return lines


def sanitized(text):
    """Return a text with what nbval ignores replaced."""
    rules = re.findall(r"^regex: (.*)$\n^replace: (.*)$", SANITIZE.read_text("utf-8"), re.MULTILINE)
    for pattern, replacement in rules:
        text = re.sub(pattern, replacement, text)
    return text


def visible_change(png, other):
    """Return the largest change of a colour, 0 to 255, in any patch of a picture (in base64)."""
    return float(abs(patches(png) - patches(other)).max())


def patches(png):
    """Return the mean colour of each patch of a picture, shape ``(rows, columns, 3)``."""
    drawn = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    return np.asarray(drawn.resize(PATCHES, Image.Resampling.BOX), float)
