"""Sphinx extension: below each docstring of ``kl_utils``, the chapters whose code uses it.

Also keeps out of the reference what autodoc finds but nobody wrote: the fields of a named tuple,
whose meaning stands in the docstring of its class.
"""

import ast
import json
import re
from collections import defaultdict
from importlib import import_module
from itertools import groupby
from types import ModuleType

_BAR = re.compile(r"\|(?=[^`]*(?:`[^`]*`[^`]*)*$)")  # outside of literals


def names_used(notebook):
    """Return the full names of what the code of a notebook takes from ``kl_utils``."""
    modules, used = {}, []
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = re.sub(r"^\s*[%!].*", "", "".join(cell["source"]), flags=re.MULTILINE)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "kl_utils":
                for alias in node.names:
                    found = _member(node.module, alias.name)
                    if isinstance(found, ModuleType):
                        modules[alias.asname or alias.name] = found.__name__
                    used.append(found)
            elif isinstance(node, ast.Attribute) and getattr(node.value, "id", None) in modules:
                used.append(_member(modules[node.value.id], node.attr))
    return {full_name(thing) for thing in used}


def _member(module, name):
    """Return what a module calls by a name: a function, a class, or a module inside it."""
    package = import_module(module)
    return getattr(package, name, None) or import_module(f"{module}.{name}")


def full_name(thing):
    """Return where a function or class was defined, and as what; None for anything else."""
    name = getattr(thing, "__qualname__", None)
    return name and f"{thing.__module__}.{name}"


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
    chapters = app.env.chapters_using[full_name(obj)]
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
