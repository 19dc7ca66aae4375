"""The reports of derivations in a notebook, as kl_utils/derivation/report.py writes them."""

import json
import re

LINE = re.compile(r"^\((\d+\.\d+)([a-z]+)\) +(?:([✓✗↳↺?]) )?(.*)$", re.MULTILINE)
SUMMARY = re.compile(r"^(?:Numerically checked|Checked) at .*", re.MULTILINE | re.DOTALL)


def code_cells(path):
    """Return the code cells of a notebook."""
    cells = json.loads(path.read_text("utf8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def reports_of(cell):
    """Yield the derivations that a cell shows, as plain text and as LaTeX."""
    for output in cell["outputs"]:
        data = output.get("data", {})
        plain = "".join(data.get("text/plain", ""))
        if LINE.match(plain) and "text/latex" in data:
            yield plain, "".join(data["text/latex"])


def typed_lines(plain):
    """Return (mark, text) of each line of a report; the first has no mark, unless it is wrong."""
    end = SUMMARY.search(plain)
    return [line[2:] for line in LINE.findall(plain[: end.start()] if end else plain)]
