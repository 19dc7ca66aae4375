"""How long a chapter takes to read, all of it and its core path.

The core path is what stands neither in a fold nor in the exercises, and not in a section whose
text begins with *Deeper.* or *Aside.*
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from .documents import FORMULA, prose
from .equations import LINE

HEADING = re.compile(r"^(#{1,6}) (.*)$", re.MULTILINE)
BESIDE = re.compile(r"\s*\*(?:Deeper|Aside)\.\*")  # what may be skipped says so at once
LEFT_OUT = re.compile(r"(?:[\d.]+ )?(?:Exercises|Further reading)\b")
FOLD = re.compile(r"<details>.*?</details>", re.DOTALL)

# Minutes, with pencil and paper: a rule of thumb that makes chapters comparable, not a measurement.
PER_WORD, PER_DISPLAY, PER_DERIVATION, PER_OUTPUT = 1 / 120, 1, 2, 1


@dataclass
class Length:
    """What there is to read; ``outputs`` are figures, tables and printed numbers."""

    words: int = 0
    displays: int = 0
    derivations: int = 0
    outputs: int = 0
    cells: int = 0

    @property
    def minutes(self):
        return (
            self.words * PER_WORD
            + self.displays * PER_DISPLAY
            + self.derivations * PER_DERIVATION
            + self.outputs * PER_OUTPUT
        )


def walk(document):
    """Yield (cell, text, whether it lies on the core path): a part of a text, or a code cell."""
    beside = None  # the level of the heading whose section is beside the path
    for cell in document.notebook.cells:
        if cell.cell_type != "markdown":
            yield cell, "", beside is None
            continue
        for level, heading, text in parts(cell.source):
            if heading and (beside is None or level <= beside):
                beside = level if LEFT_OUT.match(heading) or BESIDE.match(text) else None
            yield cell, f"{heading}\n{FOLD.sub('', text)}", beside is None


def lengths(document):
    """Return the lengths of a chapter: of all that stands in no fold, and of its core path."""
    whole, core = Length(), Length()
    for cell, text, on_path in walk(document):
        for length in [whole, core] if on_path else [whole]:
            add_text(length, text)
            add_outputs(length, cell)
    whole.cells = len(document.notebook.cells)
    return whole, core


def parts(markdown):
    """Yield (level, heading, text) of each part of a cell; the first may have no heading."""
    ends = [match.start() for match in HEADING.finditer(markdown)] + [len(markdown)]
    if ends[0]:
        yield 0, "", markdown[: ends[0]]
    for start, end in pairwise(ends):
        match = HEADING.match(markdown, start)
        yield len(match[1]), match[2], markdown[match.end() : end]


def add_text(length, text):
    length.words += len(prose(text).split())
    length.displays += sum(formula["inline"] is None for formula in FORMULA.finditer(text))


def add_outputs(length, cell):
    tags = cell.metadata.get("tags", [])
    if cell.cell_type != "code" or {"hide-cell", "hide-output", "remove-cell"} & {*tags}:
        return
    shown = [LINE.match(output.get("data", {}).get("text/plain", "")) for output in cell.outputs]
    length.derivations += sum(map(bool, shown))
    length.outputs += bool(cell.outputs) and not all(shown)
