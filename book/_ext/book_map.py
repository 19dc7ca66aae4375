"""Sphinx extension: the map of the chapters, which ones each needs, and the way to all of them.

The directive ``{chapter-map}`` holds a YAML mapping, a line a chapter:

    5: {at: [2, 2], title: Reparameterisation, needs: [1]}

``at`` is the place in a grid of equal cells, row and column from 1. A line runs behind the cells
from each chapter to those it needs. A chapter that has no page yet is drawn, but not linked.
"""

from html import escape

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

_TO_COME = "to come"


class chapter_map(nodes.General, nodes.Element):
    """The map; ``chapters`` holds one dict a chapter, with its number and its page or None."""


class ChapterMap(SphinxDirective):
    """The directive ``{chapter-map}``."""

    has_content = True

    def run(self):
        """Return the map, or say what is wrong with its description."""
        try:
            chapters = read_chapters("\n".join(self.content))
        except ValueError as error:
            raise self.error(f"chapter-map: {error}") from None
        for chapter in chapters:
            prefix = f"notebooks/{chapter['number']:02}_"
            pages = [name for name in self.env.found_docs if name.startswith(prefix)]
            chapter["page"] = min(pages, default=None)
        return [chapter_map(chapters=chapters)]


def read_chapters(text):
    """Return the chapters of a map's description, in order.

    Raises
    ------
    ValueError
        If a chapter has other keys than those above, or needs one that is not on the map.
    """
    described = yaml.safe_load(text) or {}
    for number, chapter in described.items():
        if set(chapter) - {"needs"} != {"at", "title"}:
            raise ValueError(f"chapter {number}: expected at, title and needs, got {chapter}")
        if missing := set(chapter.get("needs", [])) - set(described):
            raise ValueError(f"chapter {number} needs {missing}, not on the map")
    return [{"needs": [], **described[number], "number": number} for number in sorted(described)]


def html_of(chapters, uri_of):
    """Return the map as HTML: lines behind, and an ordered list of cells."""
    rows, columns = (max(chapter["at"][axis] for chapter in chapters) for axis in (0, 1))
    centres = {c["number"]: (c["at"][1] - 0.5, c["at"][0] - 0.5) for c in chapters}
    lines = [
        "<path d='M{} {}L{} {}'/>".format(*centres[needed], *centres[chapter["number"]])
        for chapter in chapters
        for needed in chapter["needs"]
    ]
    return "\n".join(
        [
            '<nav class="chapter-map" aria-label="Map of the chapters"',
            f'style="--columns:{columns}">',
            f'<svg viewBox="0 0 {columns} {rows}" preserveAspectRatio="none" aria-hidden="true">',
            *lines,
            "</svg>",
            "<ol>",
            *(_cell(chapter, uri_of) for chapter in chapters),
            "</ol>",
            "</nav>",
        ]
    )


def _cell(chapter, uri_of):
    """Return a chapter's cell."""
    row, column = chapter["at"]
    title = escape(chapter["title"])
    needs = f"after {_and(chapter['needs'])}" if chapter["needs"] else "start here"
    body = (
        f'<span class="number">{chapter["number"]}</span> <span class="title">{title}</span> '
        f'<span class="needs">{needs if chapter["page"] else _TO_COME}</span>'
    )
    if chapter["page"]:
        body = f'<a href="{uri_of(chapter["page"])}">{body}</a>'
    else:
        body = f"<div>{body}</div>"
    return f'<li style="grid-area:{row}/{column}">{body}</li>'


def _and(numbers):
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}" if most else last


def visit_html(self, node):
    """Write the map."""
    here = self.builder.current_docname
    page = html_of(node["chapters"], lambda name: self.builder.get_relative_uri(here, name))
    self.body.append(page)
    raise nodes.SkipNode


def skip(self, node):
    """Leave the map out where there is no HTML."""
    raise nodes.SkipNode


def setup(app):
    """Register with Sphinx."""
    app.add_node(chapter_map, html=(visit_html, None), latex=(skip, None), text=(skip, None))
    app.add_directive("chapter-map", ChapterMap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
