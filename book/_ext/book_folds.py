"""Sphinx extension: each fold says what it holds, to eyes and to screen readers.

A chapter has about a hundred folds, which Jupyter Book calls "Show the cell's content" and
"Solution" throughout, and a screen reader lists them without what stands around them. Their names
come from what is inside: the derivation, the exercise, or what the code defines.
"""

import ast
import re
from collections import Counter
from html import escape

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.transforms.post_transforms import SphinxPostTransform

from book_programs import statements_of

DERIVATION = re.compile(r"\\tag\{(\d+\.\d+)a\}")
EXERCISE = re.compile(r"Exercise \d+\.\d+")
SUMMARY = re.compile(r"<summary>(.*?)</summary>")

# What a fold of a cell holds of a derivation, by what is folded.
OF_DERIVATION = {"all": "Derivation", "input": "Code for", "output": "Verdicts on"}
# What a Markdown fold that belongs to an exercise is called; the others are told apart by place.
OF_EXERCISE = {"Solution": "Solution of {}", "A good answer says": "What a good answer to {} says"}
NEEDS_PLACE = {"Answer", "Reveal", "Checked by machine"}
MOST_NAMES = 3  # of what a cell defines


class Place:
    """Where a fold stands: below which heading, in which exercise, after which derivation."""

    def __init__(self):
        self.title = self.exercise = self.derivation = ""

    def pass_by(self, node):
        """Go on to the next node of the page."""
        if isinstance(node, nodes.title) and isinstance(node.parent, nodes.section):
            self.title, self.exercise, self.derivation = node.astext(), "", ""
        elif isinstance(node, nodes.strong) and EXERCISE.fullmatch(node.astext()):
            self.exercise = node.astext()
        elif isinstance(node, nodes.math_block) and (found := DERIVATION.search(node.astext())):
            self.derivation = f"({found[1]})"

    def told(self, word):
        """Return a word and where it stands."""
        return f"{word}, after {self.derivation}" if self.derivation else f"{word}: {self.title}"


def name_of_cell(cell, place):
    """Return what the fold of a cell holds: all of it, its code, or its output."""
    texts = [display.astext() for display in cell.findall(nodes.math_block)]
    numbers = [f"({found[1]})" for text in texts if (found := DERIVATION.search(text))]
    if numbers:
        return f"{OF_DERIVATION[cell['hide_mode']]} {' and '.join(numbers)}"
    source = next(cell.findall(nodes.literal_block)).astext()
    statements = [statement for statement, _ in statements_of(source)]
    if isinstance(statements[0], ast.Import | ast.ImportFrom):
        return "Imports"
    if any(cell.findall(nodes.image)):
        return "Code for the figure"
    if place.exercise:
        return f"Code for {place.exercise}"
    return f"Code: {', '.join(defined(statements))}"


def defined(statements):
    """Return what statements define: their functions and classes, or else their variables."""
    made = [one.name for one in statements if isinstance(one, ast.FunctionDef | ast.ClassDef)]
    found = made or [
        name.id
        for one in statements
        if isinstance(one, ast.Assign)
        for name in ast.walk(one)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    ]
    found = [*dict.fromkeys(name for name in found if name != "_")]
    return found[:MOST_NAMES] + ["…"] * (len(found) > MOST_NAMES)


class NameFolds(SphinxPostTransform):
    """Name the folds of a page, of cells and in Markdown."""

    default_priority = 200  # after MyST-NB has made its folds; they lack a parent until then
    formats = ("html",)

    def run(self):
        """Change the page in place."""
        place, self.given = Place(), Counter()
        for node in list(self.document.findall()):
            place.pass_by(node)
            if isinstance(node, nodes.container) and node.get("hide_mode"):
                self._unfold(node, self._unique(name_of_cell(node, place)))
            elif isinstance(node, nodes.raw) and (found := SUMMARY.search(node.astext())):
                summary = self._summary(found[1], place)
                node.replace_self(html(node.astext().replace(found[0], summary)))

    def _unique(self, name):
        """Return the name; another one that would be the same gets a number."""
        self.given[name] += 1
        return name if self.given[name] == 1 else f"{name}, part {self.given[name]}"

    def _summary(self, word, place):
        """Return the summary of a fold in Markdown."""
        if place.exercise and word in OF_EXERCISE:
            name = self._unique(OF_EXERCISE[word].format(place.exercise))
            return f"<summary>{name}</summary>"
        if word in NEEDS_PLACE:
            name = escape(self._unique(place.told(word)))
            return f'<summary aria-label="{name}">{word}</summary>'
        return f"<summary>{word}</summary>"

    def _unfold(self, cell, name):
        """Put a fold like those in Markdown in the place of MyST-NB's."""
        start = f'<details class="code"><summary>{escape(name)}</summary>'
        (fold,) = (part for part in cell.children if isinstance(part, HideCodeCellNode))
        place = cell.index(fold)
        cell[place : place + 1] = [html(start), *fold.children, html("</details>")]


def html(text):
    """Return a node for a piece of HTML."""
    return nodes.raw("", text, format="html")


def setup(app):
    """Register with Sphinx."""
    app.add_post_transform(NameFolds)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
