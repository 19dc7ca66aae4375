"""The chapters and pages of the course as text: their words, their formulas, rows of formulas."""

import re
from functools import cache
from typing import NamedTuple

import nbformat

from tools import ROOT

from .notebook_files import where

FENCE = re.compile(r"^ *(`{3,}|~{3,}|:{3,})([^\n]*)\n(.*?)^ *\1 *$", re.MULTILINE | re.DOTALL)
DIRECTIVE = re.compile(r"\{(?!code|eval-rst)")  # other directives hold text
INLINE_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
FORMULA = re.compile(
    r"\$\$(?P<display>.+?)\$\$"
    r"|(?<!\\)\$(?P<inline>[^$]+?)(?<!\\)\$"
    r"|\\begin\{(?P<kind>\w+\*?)\}(?P<block>.*?)\\end\{(?P=kind)\}",
    re.DOTALL,
)
ALIGN = re.compile(r"\\begin\{align\*\}(.*?)\\end\{align\*\}", re.DOTALL)
WORDS = re.compile(r"\\(?:text|textbf|textit|textrm|mathtt)\{([^{}]*)\}")
TOKEN = re.compile(r"\\[a-zA-Z]+\*?|\\.|.", re.DOTALL)
OPENING, CLOSING = ("(", "[", "{", r"\{", r"\begin"), (")", "]", "}", r"\}", r"\end")


class Document(NamedTuple):
    """A chapter; or a page of the book, as a notebook with a Markdown cell for each heading."""

    name: str
    chapter: int | None
    notebook: nbformat.NotebookNode

    def place(self, cell):
        """Return how a message calls a cell."""
        return f"{self.name}, {where(self.notebook, cell)}"

    def markdown(self):
        """Return pairs (Markdown cell, its text)."""
        cells = self.notebook.cells
        return [(cell, cell.source) for cell in cells if cell.cell_type == "markdown"]


@cache
def course():
    """Return the chapters, in order, and the pages of the book."""
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    pages = sorted((ROOT / "book").glob("*.md"))
    chapters = [chapter(path.name, nbformat.read(path, as_version=4)) for path in notebooks]
    return chapters + [page(path.name, path.read_text("utf8")) for path in pages]


def chapter(name, notebook):
    """Return a notebook as a document; its name begins with the number of the chapter."""
    number = re.match(r"\d+", name)
    return Document(name, int(number[0]) if number else None, notebook)


def page(name, text):
    """Return a Markdown page as a document; a page has no number."""
    parts = re.split(r"^(?=#{1,6} )", without_code(text), flags=re.MULTILINE)
    cells = [nbformat.v4.new_markdown_cell(part) for part in parts if part.strip()]
    return Document(name, None, nbformat.v4.new_notebook(cells=cells))


def without_code(markdown):
    """Return Markdown with a box in place of each piece of code, and without comments."""

    def inside(fence):
        return fence[3] if DIRECTIVE.match(fence[2]) else ""

    text = FENCE.sub(inside, COMMENT.sub("", markdown))
    return INLINE_CODE.sub("\N{WHITE SQUARE}", text)


def formulas(markdown):
    """Return the formulas of a Markdown text, without what delimits them."""
    matches = FORMULA.finditer(without_code(markdown))
    return [match["display"] or match["inline"] or match["block"] for match in matches]


def prose(markdown):
    """Return the words of a Markdown text: no code, and of formulas only the text in them."""
    return FORMULA.sub(lambda f: f" {' '.join(WORDS.findall(f[0]))} ", without_code(markdown))


def rows_of(tex):
    r"""Return the rows of an ``align*``, cut at each ``\\`` that is not in braces or a matrix."""
    rows, depth = [""], 0
    for token in TOKEN.findall(tex):
        depth += (token in ("{", r"\begin")) - (token in ("}", r"\end"))
        if token == r"\\" and not depth:
            rows.append("")
        else:
            rows[-1] += token
    return [re.sub(r"^\s*\[[^\]]*\]", "", row) if i else row for i, row in enumerate(rows)]


def outermost(tex):
    """Return what of a formula stands outside of all brackets."""
    outside, depth = "", 0
    for token in TOKEN.findall(tex):
        depth = max(0, depth - (token in CLOSING))
        outside += token if not depth and token not in CLOSING + OPENING else ""
        depth += token in OPENING
    return outside
