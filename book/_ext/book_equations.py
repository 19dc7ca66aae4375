r"""Sphinx extension: "(2.4b)" in the text leads to the equation.

Every display with ``\tag{2.4b}`` becomes a target ``eq-2-4b``, and every mention of such a number
in the words of a page or in a docstring becomes a link to it. ``(2.4)`` means (2.4a) where lines
have letters. A number in brackets that no equation has stays as it is.
"""

import json
import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from book_mentions import link_mentions

TAG = re.compile(r"\\tag\*?\s*\{(\d+\.\d+[a-z]*)\}")
MENTION = re.compile(r"\((\d{1,2}\.\d{1,3}[a-z]?)\)")


def collect(app):
    """Note on which page each equation stands, before anything is read."""
    app.env.equation_pages = {}
    for path in sorted((app.srcdir / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf8"))["cells"]:
            for text in _texts(cell):
                for number in TAG.findall(text):
                    pages = app.env.equation_pages
                    pages.setdefault(number, f"notebooks/{path.stem}")
                    pages.setdefault(re.sub("a$", "", number), f"notebooks/{path.stem}")


def _texts(cell):
    """Yield where a cell may hold equations: its Markdown, or the LaTeX of its outputs."""
    if cell["cell_type"] == "markdown":
        yield "".join(cell["source"])
    for output in cell.get("outputs", []):
        yield "".join(output.get("data", {}).get("text/latex", ""))


def anchor(number):
    """Return the id of an equation: ``eq-2-4b`` for 2.4b."""
    return "eq-" + number.replace(".", "-")


class LinkEquations(SphinxPostTransform):
    """Give equations their targets, and link what mentions them."""

    default_priority = 900  # after MyST-NB has chosen which output of a cell to show
    formats = ("html",)

    def run(self):
        """Change the page in place."""
        here = self.env.docname
        for display in list(self.document.findall(nodes.math_block)):
            numbers = [n for n in TAG.findall(display.astext()) if self._page(n) == here]
            ids = {anchor(n) for n in numbers} | {anchor(n.removesuffix("a")) for n in numbers}
            if ids:
                display.parent.insert(
                    display.parent.index(display),
                    nodes.inline("", "", ids=sorted(ids), classes=["equation-target"]),
                )
        link_mentions(self.document, MENTION, self._link)
        for link in self.document.findall(nodes.reference):
            self._sharpen(link)

    def _page(self, number):
        return self.env.equation_pages.get(number)

    def _link(self, mention):
        if not self._page(mention[1]):
            return []
        uri = self._uri(mention[1])
        return [nodes.reference("", mention[0], refuri=uri, internal=True, classes=["eq"])]

    def _uri(self, number):
        page, builder = self._page(number), self.app.builder
        there = builder.get_relative_uri(self.env.docname, page) if page != self.env.docname else ""
        return f"{there}#{anchor(number)}"

    def _sharpen(self, link):
        """Let a link with an equation's number lead to the equation, not only to its page."""
        match = MENTION.fullmatch(link.astext())
        if match and self._page(match[1]) and link.get("internal") and "#" not in link["refuri"]:
            link["refuri"] = self._uri(match[1])


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", collect)
    app.add_post_transform(LinkEquations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
