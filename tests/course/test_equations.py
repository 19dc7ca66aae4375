"""Every numbered equation of the course is a definition or a line that the machine has checked.

Each check takes the documents of the course, and returns what is wrong, one sentence each. Stored
outputs are what a chapter shows; that they are what its cells put out today is nbval's business, so
one check makes sure that nbval compares them.
"""

import ast
import json
import re

import nbformat
import pytest
from nbval.plugin import find_comment_markers, find_metadata_tags

from kl_utils import derivation
from tools.commands.equations import table
from tools.course_text import equations
from tools.course_text.documents import chapter, course, page, without_code
from tools.course_text.notebook_files import code_cells

COURSE = course()


# ------------------------------------------------------------------------------------- the checks


def numbers_only_definitions_by_hand(documents):
    for document in documents:
        for equation in equations.written(document):
            if equation.fault:
                yield f"{equation.place}: equation ({equation.number}) {equation.fault}"


def numbers_no_other_output(documents):
    for document in documents:
        for cell in code_cells(document.notebook):
            for output in cell.outputs:
                data = output.get("data", {})
                plain = data.get("text/plain", output.get("text", ""))
                if equations.LINE.search(plain) and "text/latex" not in data:
                    yield f"{document.place(cell)} prints a derivation; show it as mathematics"
                if equations.TAG.search(str(data)) and not equations.LINE.match(plain):
                    yield f"{document.place(cell)} numbers what is not a derivation"


def checks_its_derivations(documents):
    for shown in derivations(documents):
        if not shown.summary:
            yield f"{shown.place} shows derivation ({shown.number}) unchecked: add .check()"


def holds_where_it_claims_to(documents):
    for shown in derivations(documents):
        if shown.summary and not shown.refuted and not shown.holds:
            yield (
                f"{shown.place}: line ({shown.first_broken or shown.number}) breaks."
                " If it is meant to, tag the cell: refuted"
            )


def breaks_where_it_is_refuted(documents):
    for document in documents:
        shown = equations.derivations(document)
        for cell in code_cells(document.notebook):
            here = [d for d in shown if d.cell is cell]
            if "refuted" in cell.metadata.get("tags", []) and not here:
                yield f"{document.place(cell)} has the tag refuted, but shows no derivation"
            for d in here:
                if d.refuted and d.summary and not d.first_broken:
                    yield f"{d.place} has the tag refuted, but derivation ({d.number}) holds"


def shows_what_it_checked(documents):
    for shown in derivations(documents):
        tags = equations.TAG.findall(shown.latex)
        if tags != shown.labels:
            yield f"{shown.place} shows the lines {tags}, but checks the lines {shown.labels}"


def derives_in_the_cell(documents):
    for shown in derivations(documents):
        if shown.number not in equations.numbers_in_source(shown.cell):
            yield f"{shown.place} shows derivation ({shown.number}), but does not write it"


def is_compared_by_nbval(documents):
    for shown in derivations(documents):
        options = {"check": True, **dict(find_metadata_tags(shown.cell.metadata))}
        options |= dict(find_comment_markers(shown.cell.source))
        if not options["check"] or options.get("skip") or options.get("check_exception"):
            yield f"{shown.place} shows derivation ({shown.number}), but nbval does not compare it"


def numbers_by_chapter(documents):
    for document in documents:
        for number, place in equations.numbered(document):
            if document.chapter is None:
                yield f"{place} numbers equation ({number}), but only chapters have numbers"
            elif not number.startswith(f"{document.chapter}."):
                yield f"{place} has equation ({number}), which is not of this chapter"


def uses_each_number_once(documents):
    first = {}
    for document in documents:
        found = [(e.number, e.place) for e in equations.definitions(document)]
        for shown in equations.derivations(document):
            found.append((shown.number, shown.place))
        for number, place in found:
            if number in first:
                yield f"{place} has equation ({number}), and so has {first[number]}"
            first.setdefault(number, place)


def refers_to_what_there_is(documents):
    there = set(equations.targets(documents))
    to_come = equations.to_come(documents)
    for document in documents:
        for reference, place in equations.references(document):
            chapter = reference.number.partition(".")[0]
            if reference[:2] in there or chapter in to_come:
                continue
            advice = 'one of another book belongs under "Further reading"'
            if reference.kind == "equation":
                advice = "a mere number is set as mathematics: $(0.5)$"
            yield f"{place} refers to {reference.words}: no such {reference.kind}; {advice}"


def derivations(documents):
    return [shown for document in documents for shown in equations.derivations(document)]


CHECKS = [
    numbers_only_definitions_by_hand,
    numbers_no_other_output,
    checks_its_derivations,
    holds_where_it_claims_to,
    breaks_where_it_is_refuted,
    shows_what_it_checked,
    derives_in_the_cell,
    is_compared_by_nbval,
    numbers_by_chapter,
    uses_each_number_once,
    refers_to_what_there_is,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_course(check):
    problems = list(check(COURSE))
    assert not problems, "\n  ".join(["", *problems])


def test_all_numbers_are_accounted_for():
    """Count the tags in the files, by a way of their own; print how many there are of each kind."""
    cells = [cell for document in COURSE for cell in document.notebook.cells]
    tags = sum(len(re.findall(r"\\tag\b", text_in(cell))) for cell in cells)
    print("", *table(COURSE), sep="\n")
    assert tags == sum(len(equations.numbered(document)) for document in COURSE) > 0


def text_in(cell):
    return without_code(cell.source) if cell.cell_type == "markdown" else json.dumps(cell.outputs)


# ------------------------------------------------------------------------ the checks, checked


def text(source):
    return nbformat.v4.new_markdown_cell(source)


def align(*rows):
    return text("\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}")


def code(source, data, *tags):
    output = nbformat.v4.new_output("execute_result", data=data)
    return nbformat.v4.new_code_cell(source, outputs=[output], metadata={"tags": list(tags)})


def ran(source, *tags):
    """Return a code cell with what it puts out in Jupyter; its last line is an expression."""
    names = vars(derivation).copy()
    *statements, last = ast.parse(source).body
    exec(compile(ast.Module(statements, []), "cell", "exec"), names)
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    return code(source, {"text/plain": repr(value), "text/latex": value._repr_latex_()}, *tags)


def chain(number, *lines, end="d.check()"):
    lines = [f'd.line("{line}")' for line in lines]
    return "\n".join([f'd = Derivation("{number}", Given(x=positive()))', *lines, end])


def because(reason):
    return f'd.line("= 2*x", "{reason}")\nd.check()'


def without(mime, cell):
    del cell.outputs[0].data[mime]
    return cell


def relabelled(cell, old, new):
    data = cell.outputs[0].data
    data["text/latex"] = data["text/latex"].replace(rf"\tag{{{old}}}", rf"\tag{{{new}}}")
    return cell


DOUBLE = ("x + x", "= 2*x")
WRONG = ("x + x", "= 3*x", "= 2*x")
INTRO = page("intro.md", "# Course\n\n1. One\n\n6. [Six](06_x.ipynb)\n\n7. Seven, to come\n")
GOOD = [
    text("# 6. X\n\n## 6.1 Start\n\nSee (6.1), (6.4b) and (6.2) to (6.4), or (6.4a, b)."),
    align(
        r"a &:= \begin{cases} 1 & \text{if } x = 1, \\ 2 \end{cases} \tag{6.1}",
        r"[6pt] f(x) &:= \sum_{i=1}^n \bigl[ x_i",
        r"&\quad {} + (y = z) \bigr], \qquad x \ge 0, \tag{6.2}",
        r"b &= c",
    ),
    ran(chain("6.3", *WRONG), "hide-input", "refuted"),
    ran(chain("6.4", *DOUBLE, end=because("by (6.1) and `f(0.5)`")), "hide-input"),
    text("$$c = d$$\n\n```tex\n\\tag{1.1}\n```\n\nChapters 6 and 7"),
    text("Section 6.1, exercise 6.5, (7.2c)."),
    text("**Exercise 6.5** (hard). At (0.5 s), $(0.5)$, `(0.5)`, MKL (2024.1), 3.11.\n\n"
         "## Further reading\n\nCover and Thomas. Chapter 12 and section 2.3."),
]  # fmt: skip

BAD = [
    (numbers_only_definitions_by_hand, align(r"a &= b \tag{6.1}")),
    (numbers_only_definitions_by_hand, align(r"a &:= b := c \tag{6.1}")),
    (numbers_only_definitions_by_hand, align(r"a &:= b = c \tag{6.1}")),
    (numbers_only_definitions_by_hand, align(r"a &:= b \tag{6.1}", r"&\quad \le c")),
    (numbers_only_definitions_by_hand, align(r"a &:= b \tag{6.1}", r"b &= c \tag{6.2}")),
    (numbers_only_definitions_by_hand, align(r"\text{:=} a \tag{6.1}")),
    (numbers_only_definitions_by_hand, text(r"$$a := b \tag{6.1}$$")),
    (numbers_no_other_output, code("x", {"text/markdown": r"$$a = b \tag{6.1}$$"})),
    (numbers_no_other_output, code("x", {"text/latex": r"\tag{6.1}", "text/plain": "<Latex>"})),
    (numbers_no_other_output, without("text/latex", ran(chain("6.1", *DOUBLE)))),
    (checks_its_derivations, ran(chain("6.1", *DOUBLE, end="d"))),
    (checks_its_derivations, ran(chain("6.1", *WRONG, end="d"), "refuted")),
    (holds_where_it_claims_to, ran(chain("6.1", *WRONG))),
    (holds_where_it_claims_to, ran(chain("6.1", "1/0", "= x"))),
    (breaks_where_it_is_refuted, ran(chain("6.1", *DOUBLE), "refuted")),
    (breaks_where_it_is_refuted, code("x", {"text/plain": "1"}, "refuted")),
    (shows_what_it_checked, relabelled(ran(chain("6.1", *DOUBLE)), "6.1b", "6.1c")),
    (derives_in_the_cell, ran('n = "6.1"\n' + chain("6.1", *DOUBLE).replace('"6.1"', "n"))),
    (is_compared_by_nbval, ran(chain("6.1", *DOUBLE), "nbval-ignore-output")),
    (is_compared_by_nbval, ran(chain("6.1", *DOUBLE), "nbval-skip")),
    (is_compared_by_nbval, ran(chain("6.1", *DOUBLE), "raises-exception")),
    (is_compared_by_nbval, ran("# NBVAL_IGNORE_OUTPUT\n" + chain("6.1", *DOUBLE))),
    (numbers_by_chapter, align(r"a &:= b \tag{5.1}")),
    (uses_each_number_once, align(r"a &:= b, \tag{6.1}", r"b &:= c \tag{6.1}")),
    (uses_each_number_once, align(r"a &:= b \tag{6.1}"), ran(chain("6.1", *DOUBLE))),
    (refers_to_what_there_is, text("By (6.9).")),
    (refers_to_what_there_is, text("A share (0.5) of it.")),
    (refers_to_what_there_is, align(r"a &:= b \tag{6.1}"), text("By (6.1a).")),
    (refers_to_what_there_is, ran(chain("6.1", *DOUBLE)), text("By (6.1a–c).")),
    (refers_to_what_there_is, ran(chain("6.1", *DOUBLE)), text("(6.1d and a bound)")),
    (refers_to_what_there_is, ran(chain("6.1", *DOUBLE, end=because("by $x$ and (6.2)")))),
    (refers_to_what_there_is, text(r"$$a = b \quad \text{by (6.9)}$$")),
    (refers_to_what_there_is, text("See section 6.1.")),
    (refers_to_what_there_is, text("See Exercise 6.1.")),
    (refers_to_what_there_is, text("See [chapter 12](12_x.ipynb).")),
    (refers_to_what_there_is, text("Equation 6.1 says so.")),
]  # fmt: skip


def documents_of(*cells):
    notebook = nbformat.v4.new_notebook(cells=list(cells))
    return [chapter("06_x.ipynb", nbformat.from_dict(notebook)), INTRO]


def test_checks_pass_what_is_right():
    assert [problem for check in CHECKS for problem in check(documents_of(*GOOD))] == []


@pytest.mark.parametrize(("check", "cells"), [(c, cells) for c, *cells in BAD])
def test_the_check_finds_what_is_wrong(check, cells):
    found = {c: list(c(documents_of(*cells))) for c in CHECKS}
    assert {c: len(problems) for c, problems in found.items() if problems} == {check: 1}, found


def test_every_check_is_checked():
    assert {check for check, *_ in BAD} == set(CHECKS)


def test_a_page_numbers_no_equations_of_its_own():
    of_page = page("x.md", "```{note}\n\\begin{align*} a &:= b \\tag{6.1} \\end{align*}\n```\n")
    assert len(list(numbers_by_chapter([of_page]))) == 1
