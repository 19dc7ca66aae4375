"""What a chapter promises at its top is true: its objectives, its needs, its time."""

import re

import nbformat
import pytest

from book_exercises import objectives_in
from tools.course_text.cross_references import exercises_in, references_in
from tools.course_text.documents import chapter, course
from tools.course_text.equations import LINE, REMARK
from tools.course_text.reading import lengths, walk

CHAPTERS = [document for document in course() if document.chapter]
NEEDS = re.compile(r"^\*\*You need\*\*.*?(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)
CORE = re.compile(r"^\*\*Time\*\* (\d+) minutes for the core path\b", re.MULTILINE)


# ------------------------------------------------------------------------------------- the checks


def trains_its_objectives(document):
    there = {number for _, text in document.markdown() for number in exercises_in(text)}
    objectives = objectives_in(document.notebook.cells[0].source)
    if not objectives:
        yield "it has no list of objectives"
    for bullet in objectives:
        numbers = {ref.number for ref in references_in(bullet) if ref.kind == "exercise"}
        if not numbers:
            yield f"no exercise trains: {bullet}"
        if missing := numbers - there:
            yield f"there is no exercise {missing}: {bullet}"


def asks_for_what_it_cites(document):
    opening = document.notebook.cells[0].source
    needed = NEEDS.search(opening)
    named = {ref.number for ref in references_in(needed[0])} if needed else set()
    for cell, text, on_path in walk(document):
        for ref in references_in(f"{text}\n{remarks(cell)}") if on_path else []:
            cited = ref.number.partition(".")[0]
            if ref.kind == "equation" and cited not in {*named, str(document.chapter)}:
                yield f"it cites {ref.words}, and does not ask for chapter {cited}: {cell.id}"


def remarks(cell):
    """The reasons of the derivations that a code cell shows."""
    texts = [output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", [])]
    return " ".join(reason for text in texts if LINE.match(text) for reason in REMARK.findall(text))


def has_a_core_path(document):
    """Of at most 45 minutes, by the rule of `tools.course_text.reading`."""
    stated = CORE.search(document.notebook.cells[0].source)
    core = lengths(document)[1].minutes
    if not stated:
        yield "it does not say: **Time** … minutes for the core path"
    elif not core - 0.5 <= int(stated[1]) <= 45:
        yield f"its core path takes {core:.0f} minutes; it says {stated[1]}; 45 are allowed"


CHECKS = [trains_its_objectives, asks_for_what_it_cites, has_a_core_path]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("document", CHAPTERS, ids=lambda document: document.name)
def test_opening(document, check):
    problems = list(check(document))
    assert not problems, "\n  ".join(["", *problems])


# ------------------------------------------------------------------------ the checks, checked

OPENING = """# 6. X

**You will be able to**
- count (exercise 6.1);
- count
  further (exercises 6.1 and 6.2).

**You need** chapters 2 and 4.

**Time** 40 minutes for the core path; an hour for all.
"""
REST = """## 6.1 Start

By (2.3) and (6.1).

## 6.2 More

*Deeper.* By (3.1); skip it.

### 6.2.1 Still more

By (3.2).

## Exercises

**Exercise 6.1** (hard). By (3.3).

**Exercise 6.2** (hard).
"""
LONG = "\n## 6.3 Long\n\n" + "word " * 6_000


def judged(opening, rest=REST):
    cells = [nbformat.v4.new_markdown_cell(text) for text in (opening, rest)]
    document = chapter("06_x.ipynb", nbformat.v4.new_notebook(cells=cells))
    return {check: len(list(check(document))) for check in CHECKS}


@pytest.mark.parametrize(
    ("opening", "rest", "problems"),
    [
        (OPENING, REST, (0, 0, 0)),
        (OPENING.replace(" (exercise 6.1)", ""), REST, (1, 0, 0)),
        (OPENING.replace("and 6.2", "and 6.3"), REST, (1, 0, 0)),
        (OPENING.replace("- count", "count"), REST, (1, 0, 0)),
        (OPENING.replace("chapters 2 and 4", "chapter 4"), REST, (0, 1, 0)),
        (OPENING, REST.replace("*Deeper.*", "Deeper."), (0, 2, 0)),
        (OPENING.replace("40 minutes", "An hour"), REST, (0, 0, 1)),
        (OPENING.replace("40", "50"), REST, (0, 0, 1)),
        (OPENING, REST.replace("## Exercises", f"{LONG}\n## Exercises"), (0, 0, 1)),
        (OPENING, REST + LONG.replace("Long\n", "Long\n\n*Aside.* Or not.\n"), (0, 0, 0)),
    ],
)
def test_the_check_finds_what_is_wrong(opening, rest, problems):
    assert tuple(judged(opening, rest).values()) == problems
