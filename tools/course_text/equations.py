"""The numbered equations of the course, read from the files.

Only two things in this course have a number. A definition is a row ``a := b`` of an ``align*`` in a
Markdown cell. A line of a derivation stands in the output of the code cell that checked it: as
mathematics, and as plain text that says how the check went. ``tests/course/test_equations.py``
makes sure that there is nothing else.
"""

import ast
import re
from dataclasses import dataclass
from typing import NamedTuple

import nbformat

from .cross_references import chain_of, exercises_in, references_in, sections_in
from .documents import ALIGN, outermost, rows_of, without_code
from .notebook_files import code_cells, python_of

TAG = re.compile(r"\\tag\*?\s*\{(.*?)\}")
RELATION = re.compile(r"=|\\(?:leq?|geq?|approx|equiv|propto|sim)(?![a-zA-Z])")
INDENTED = re.compile(r"^(?:&|\s|\\q?quad|\{\})*")
CONDITION = re.compile(r"\\q?quad.*", re.DOTALL)

# A report as a terminal shows it; kl_utils/derivation/report.py writes it.
LINE = re.compile(r"^\((\d+\.\d+[a-z]+)\)\s+(?:([✓✗↳↺?]) )?(.*)$", re.MULTILINE)
REMARK = re.compile(r"^ {4,}(\S.*)$", re.MULTILINE)
SUMMARY = re.compile(r"^(?:Numerically checked|Checked) at .*", re.MULTILINE | re.DOTALL)


class Written(NamedTuple):
    """An equation that was numbered by hand, and why it is no definition, if it is none."""

    number: str
    tex: str
    fault: str
    place: str


class Line(NamedTuple):
    """A line of a derivation: its label, its mark (none for the first line), what was typed."""

    label: str
    mark: str
    typed: str


@dataclass(frozen=True)
class Shown:
    """A derivation as a cell shows it; with the tag ``refuted`` it is meant to break."""

    plain: str
    latex: str
    refuted: bool
    cell: nbformat.NotebookNode
    place: str

    @property
    def lines(self):
        return [Line(*found) for found in LINE.findall(self.plain)]

    @property
    def labels(self):
        return [line.label for line in self.lines]

    @property
    def number(self):
        return chain_of(self.labels[0])

    @property
    def remarks(self):
        """Reasons, verdicts and notes."""
        return " ".join(REMARK.findall(self.plain))

    @property
    def summary(self):
        """The sentence below a derivation that was checked; empty for one that was not."""
        found = SUMMARY.search(self.plain)
        return " ".join(found[0].split()) if found else ""

    @property
    def first_broken(self):
        """The label of the first line that does not hold, or None."""
        return next((line.label for line in self.lines if line.mark not in ("", "✓")), None)

    @property
    def holds(self):
        return self.summary.startswith("Numerically checked") and not self.first_broken


# --------------------------------------------------------------------------- their equations


def written(document):
    """Return the equations that were numbered by hand, those that are no definitions included."""
    found = []
    for cell, markdown in document.markdown():
        text, place = without_code(markdown), document.place(cell)
        for block in ALIGN.findall(text):
            found += [Written(*equation, place) for equation in equations_in(block)]
        for number in TAG.findall(ALIGN.sub("", text)):
            found.append(Written(number, "", "does not stand in an align*", place))
    return found


def equations_in(block):
    """Yield (number, LaTeX, fault) for each numbered equation of an ``align*``.

    A row goes on with the equation above it, unless it has a := or a second number.
    """
    equations = []
    for row in rows_of(block):
        numbers, row = TAG.findall(row), INDENTED.sub("", TAG.sub("", row))
        if not equations or ":=" in outermost(row) or (numbers and equations[-1][0]):
            equations.append((numbers, [row]))
        else:
            equations[-1][0].extend(numbers)
            equations[-1][1].append(row)
    for numbers, rows in equations:
        tex = " ".join(" ".join(rows).replace("&:=", ":=").split())
        yield from ((number, tex, fault_of(tex)) for number in numbers)


def fault_of(tex):
    """Return why an equation is not of the form a := b; empty if it is."""
    _, *right = outermost(tex).split(":=")
    if not right:
        return "is neither a definition a := b nor a line of a checked derivation"
    if len(right) > 1:
        return "has two := in a row; give each definition a row and a number"
    if relation := RELATION.search(CONDITION.sub("", right[0])):
        return f"goes on with {relation[0]} after its definition; a claim needs a derivation"
    return ""


def definitions(document):
    return [equation for equation in written(document) if not equation.fault]


def derivations(document):
    """Return the derivations that the cells of a document show."""
    found = []
    for cell in code_cells(document.notebook):
        for output in cell.outputs:
            data = output.get("data", {})
            plain, latex = data.get("text/plain", ""), data.get("text/latex", "")
            if latex and LINE.match(plain):
                refuted = "refuted" in cell.metadata.get("tags", [])
                found.append(Shown(plain, latex, refuted, cell, document.place(cell)))
    return found


def numbers_in_source(cell):
    """Return the N.M of each ``Derivation("N.M", …)`` in a code cell."""
    nodes = ast.walk(ast.parse(python_of(cell)))
    calls = [node for node in nodes if isinstance(node, ast.Call) and node.args]
    names = [getattr(call.func, "id", getattr(call.func, "attr", "")) for call in calls]
    first = [call.args[0] for call, name in zip(calls, names, strict=True) if name == "Derivation"]
    return [argument.value for argument in first if isinstance(argument, ast.Constant)]


def numbered(document):
    """Return (number, place) of every definition and every line of a derivation."""
    return [(equation.number, equation.place) for equation in definitions(document)] + [
        (label, shown.place) for shown in derivations(document) for label in shown.labels
    ]


# --------------------------------------------------------------------------- what refers to what


def references(document):
    """Return (reference, place) for those in the text and in the reasons of derivations."""
    found = [
        (reference, document.place(cell))
        for cell, markdown in document.markdown()
        for reference in references_in(markdown)
    ]
    for shown in derivations(document):
        typed = [r for r in references_in(shown.remarks) if r.number not in shown.labels]
        found += [(reference, shown.place) for reference in typed]
    return found


def targets(documents):
    """Return (kind, number) of all that can be referred to."""
    found = []
    for document in documents:
        if document.chapter is not None:
            found.append(("chapter", str(document.chapter)))
        for _, markdown in document.markdown():
            found += [("section", number) for number in sections_in(markdown)]
            found += [("exercise", number) for number in exercises_in(markdown)]
        found += [("equation", number) for number, _ in numbered(document)]
        found += [("equation", shown.number) for shown in derivations(document)]
    return found


def announced(documents):
    """Return the numbers of the chapters that the first page lists, written or not."""
    first = [document for document in documents if document.name == "intro.md"]
    texts = [markdown for document in first for _, markdown in document.markdown()]
    return {number for text in texts for number in re.findall(r"^(\d+)\. ", text, re.MULTILINE)}


def to_come(documents):
    """Return the chapters that are announced and not written yet."""
    return announced(documents) - {str(document.chapter) for document in documents}
