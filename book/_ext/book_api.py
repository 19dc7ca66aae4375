"""Sphinx extension: below each docstring of ``kl_utils``, the chapters whose code uses the name.

Also keeps out of the reference what autodoc finds but nobody wrote: the fields of a named tuple,
whose meaning stands in the docstring of its class.
"""

import ast
import json
import re
from collections import defaultdict
from itertools import groupby

_BAR = re.compile(r"\|(?=[^`]*(?:`[^`]*`[^`]*)*$)")  # outside of literals


def names_used(notebook):
    """Return the names and attributes in the code of a notebook."""
    names = set()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            source = re.sub(r"^\s*[%!].*", "", "".join(cell["source"]), flags=re.MULTILINE)
            for node in ast.walk(ast.parse(source)):
                names |= {getattr(node, key, None) for key in ("id", "attr", "name")}
    return names


def collect(app):
    """Note which chapters use which name."""
    app.env.chapters_using = defaultdict(list)
    for path in sorted((app.srcdir / "notebooks").glob("*.ipynb")):
        for name in names_used(json.loads(path.read_text("utf8"))):
            app.env.chapters_using[name].append(path.stem)


def as_plain_text(app, what, name, obj, options, lines):
    """Keep the words of a docstring from being read as markup.

    Bars are absolute values or arrows, not substitutions. A property's first line is a sentence,
    which may contain a colon, not a type.
    """
    lines[:] = [_BAR.sub(r"\\|", line) for line in _with_tables(lines)]
    if what == "property":
        lines.insert(0, "")


def _with_tables(lines):
    """Yield the lines of a docstring, its Markdown tables as ``list-table`` directives."""
    for is_table, block in groupby(lines, key=lambda line: line.startswith("|")):
        block = list(block)
        if not is_table or len(block) < 3:
            yield from block
            continue
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block]
        yield from ["", ".. list-table::", "   :header-rows: 1", ""]
        for first, *others in rows[:1] + rows[2:]:
            yield f"   * - {first}"
            yield from (f"     - {cell}" for cell in others)
        yield ""


def add_chapters(app, what, name, obj, options, lines):
    """Add to the docstring of a function or class where the course uses it."""
    if what not in ("function", "class", "exception"):
        return
    chapters = app.env.chapters_using[name.rpartition(".")[2]]
    links = [f":doc:`{int(stem[:2])} </notebooks/{stem}>`" for stem in chapters if stem[:2] != "00"]
    if links:
        word = "chapter" if len(links) == 1 else "chapters"
        lines += ["", f"*Used in {word}* {', '.join(links)}.", ""]


def skip_fields(app, what, name, obj, skip, options):
    """Leave out what has no docstring of its own: fields, and methods that come with a class."""
    written_by_machine = (getattr(obj, "__doc__", None) or "").startswith("Alias for field number")
    return True if written_by_machine else skip


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", collect)
    app.connect("autodoc-process-docstring", as_plain_text, priority=400)  # before Napoleon
    app.connect("autodoc-process-docstring", add_chapters)
    app.connect("autodoc-skip-member", skip_fields)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
