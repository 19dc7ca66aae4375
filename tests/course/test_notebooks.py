"""The conventions of the chapters that can be checked without running them.

A chapter must read right in the HTML book and also in JupyterLab, Colab and GitHub. Each check
takes a notebook and the number of its chapter, and returns what is wrong, one sentence each.
"""

import ast
import copy
import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

from tools import ROOT
from tools.course_text.documents import FORMULA, INLINE_CODE
from tools.course_text.notebook_files import (
    FOLDS,
    code_cells,
    fold_of,
    image_outputs,
    is_a_readers,
    machine_paths,
    published,
    python_of,
    text_of,
    where,
)

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

FENCED_CODE = re.compile(r"^(`{3,}|~{3,})(?!\{)[^\n]*\n.*?^\1", re.MULTILINE | re.DOTALL)
MATH_BLOCK = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
CODE = "\N{WHITE SQUARE}"  # stands for a piece of inline code
NOT_COMMONMARK = {
    "a directive": re.compile(r"^\s*(?:`{3,}|~{3,})\{[\w-]+\}.*|^\s*:{3,}.*", re.MULTILINE),
    "a role": re.compile(r"\{[\w:+-]+\}" + CODE),
    "a substitution": re.compile(r"\{\{.+?\}\}"),
    "a target": re.compile(r"^\([\w:-]+\)=\s*$", re.MULTILINE),
    "a comment or block break": re.compile(r"^(?:%|\+\+\+).*", re.MULTILINE),
    "a footnote": re.compile(r"\[\^\w+\]"),
}
# The address in [words](address "title"), in <a href="address">, and in [label]: address.
LINK = re.compile(
    r"(?<=\]\()<?([^\s)>]*)|\b(?:href|src)=[\"']([^\"']*)|^ {0,3}\[[^\]^]+\]: *<?(\S+?)>?$",
    re.MULTILINE,
)
SOLUTION_ENDS = re.compile(r"<summary>(?:Solution|Reveal)</summary>.*</details>\s*\Z", re.DOTALL)
IMPORTS = "imports"  # the cell that holds all of a chapter's imports
IMPORT = re.compile(r"^(?:import|from) [^\n(]+(?:\([^)]*\))?", re.MULTILINE)
FOLDING = {key for fold in FOLDS.values() for key in fold}  # keys of a cell's metadata
TIME = re.compile(r"\b\d+(?:\.\d+)? ?(?:µs|ms|s|secs?|seconds?)\b")


def markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def has_tag(cell, *tags):
    return bool(set(tags) & set(cell.metadata.get("tags", [])))


# ------------------------------------------------------------------------------------- the checks


def ran_from_top_to_bottom(notebook, chapter):
    for count, cell in enumerate(code_cells(notebook), start=1):
        if cell.execution_count != count:
            yield f"{where(notebook, cell)} ran as number {cell.execution_count}: make execute"
            break
    if not any(cell.outputs for cell in code_cells(notebook)):
        yield "it has no outputs"


def has_no_errors(notebook, chapter):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.get("name") == "stderr":
                yield f"{where(notebook, cell)} has stderr: {output.text}"
            if output.output_type == "error" and not has_tag(cell, "raises-exception"):
                yield f"{where(notebook, cell)} failed: {output.ename}"


def names_no_machine(notebook, chapter):
    for cell in notebook.cells:
        output = text_of(cell) if cell.cell_type == "code" else ""
        for path in machine_paths(f"{cell.source}\n{output}", Path.home(), ROOT):
            yield f"{where(notebook, cell)} has a path of a machine: {path}"


def is_plain_commonmark(notebook, chapter):
    for cell in markdown_cells(notebook):
        outside = FENCED_CODE.sub("", cell.source)
        prose = FORMULA.sub("", INLINE_CODE.sub(CODE, outside))
        for kind, pattern in NOT_COMMONMARK.items():
            # The fence of a directive looks like inline code.
            found = pattern.search(outside if kind == "a directive" else prose)
            if found:
                yield f"{where(notebook, cell)} has {kind} of MyST: {found[0].strip()}"


def has_short_code(notebook, chapter):
    """Imports do not count: they stand folded in one cell, which holds little else."""
    for cell in code_cells(notebook):
        source = IMPORT.sub("", cell.source) if cell.id == IMPORTS else cell.source
        lines = sum(bool(line.strip()) for line in source.splitlines())
        if lines > 20:
            yield f"{where(notebook, cell)} has {lines} lines of code; 20 are allowed"


def folds_its_set_up(notebook, chapter):
    """A page, where nothing runs, leaves the set-up out, and folds all imports into one cell."""
    first, *others = code_cells(notebook)
    if not has_tag(first, "remove-cell"):
        yield f"{where(notebook, first)} sets up, but has no tag remove-cell"
    if others and others[0].id == IMPORTS and not has_tag(others[0], "hide-cell"):
        yield f"{where(notebook, others[0])} imports, but has no tag hide-cell"
    for cell in others:
        if cell.id != IMPORTS and not IMPORT.sub("", cell.source).strip():
            yield f"{where(notebook, cell)} imports outside of the cell {IMPORTS}"


def folds_its_solutions(notebook, chapter):
    """Code after a solution is part of it, down to the next text."""
    solved = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            solved = SOLUTION_ENDS.search(cell.source)
        elif solved and not has_tag(cell, "hide-cell"):
            yield f"{where(notebook, cell)} belongs to a solution, but has no tag hide-cell"


def folds_everywhere(notebook, chapter):
    """What a page folds is folded in JupyterLab and Colab, too, so far as these can."""
    for cell in code_cells(notebook):
        fold = {key: cell.metadata[key] for key in FOLDING if key in cell.metadata}
        if fold != fold_of(cell):
            yield f"{where(notebook, cell)} has {fold} in its metadata, but needs {fold_of(cell)}"


def ends_plots_quietly(notebook, chapter):
    """Otherwise the cell also prints the object that the last line returns."""
    for cell in filter(image_outputs, code_cells(notebook)):
        last = ast.unparse(ast.parse(python_of(cell)).body[-1])
        if last != "plt.show()" and not last.startswith("_ = "):
            yield f"{where(notebook, cell)} draws, but ends neither in plt.show() nor in _ = …"


def numbers_its_equations(notebook, chapter):
    """Numbers count up within the chapter; lettered lines (2.4a), (2.4b) share a number."""
    number, letter = 0, ""
    for cell in notebook.cells:
        text = cell.source if cell.cell_type == "markdown" else text_of(cell)
        for tag in re.findall(r"\\tag\*?\{(.*?)\}", text):
            next_letter = chr(ord(letter) + 1) if letter else ""
            if letter and tag == f"{chapter}.{number}{next_letter}":
                letter = next_letter
                continue
            if tag not in (f"{chapter}.{number + 1}", f"{chapter}.{number + 1}a"):
                before = f"({chapter}.{number}{letter})"
                yield f"{where(notebook, cell)} has equation ({tag}) after {before}"
            number, letter = number + 1, tag[-1] if tag[-1:].isalpha() else ""


def numbers_its_exercises(notebook, chapter):
    """Exercises count up, say how hard they are, and have a solution before the next one."""
    text = "\n".join(cell.source for cell in markdown_cells(notebook))
    _, *exercises = re.split(r"^\*\*Exercise ", text, flags=re.MULTILINE)
    for count, exercise in enumerate(exercises, start=1):
        first_line = exercise.partition("\n")[0]
        if not re.match(rf"{chapter}\.{count}\*\* \((warm-up|medium|hard)\b", first_line):
            begin = f"**Exercise {chapter}.{count}** (warm-up), (medium) or (hard)"
            yield f"exercise {count} should begin {begin}; it begins **Exercise {first_line[:30]}"
        if "<details>" not in exercise:
            yield f"exercise {count} has no solution in <details>"


def typesets_everywhere(notebook, chapter):
    for cell in markdown_cells(notebook):
        text = INLINE_CODE.sub(CODE, FENCED_CODE.sub("", cell.source))
        for environment in re.findall(r"\\begin\{(align|equation|gather|multline)\}", text):
            yield f"{where(notebook, cell)} has {environment} without a star: Sphinx numbers it"
        for command in re.findall(r"\\(?:eqref|ref|label)\b", text):
            yield f"{where(notebook, cell)} has {command}, which stays unresolved"
        for block in MATH_BLOCK.finditer(text):
            before = text[: block.start()].rpartition("\n")[2]
            after = text[block.end() :].partition("\n")[0]
            if (before + after).strip(" >"):
                yield f"{where(notebook, cell)} has $$ within a line: {before}{block[0]}{after}"
            if r"\\" in block[1] and r"\tag" in block[1]:
                yield f"{where(notebook, cell)} has \\tag in $$ with several lines: use align*"


def describes_its_images(notebook, chapter):
    for cell in markdown_cells(notebook):
        for image in re.findall(
            r"!\[\s*\]\(.*?\)|<img(?![^>]*\balt=[\"'][^\"'])[^>]*>", cell.source
        ):
            yield f"{where(notebook, cell)} has an image without alt text: {image}"
    for cell in filter(image_outputs, code_cells(notebook)):
        if len(image_outputs(cell)) > 1:
            yield f"{where(notebook, cell)} shows several images; alt text belongs to one"
        if not cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "").strip():
            yield f"{where(notebook, cell)} shows an image without alt text in its metadata"


def links_to_what_is_there(notebook, chapter):
    """GitHub looks from the folder of the notebook, and shows nothing where a link has no words."""
    for cell in markdown_cells(notebook):
        prose = FORMULA.sub("", INLINE_CODE.sub(CODE, FENCED_CODE.sub("", cell.source)))
        for url in map("".join, LINK.findall(prose)):
            file = unquote(url.partition("#")[0])
            if not re.match(r"https?://|mailto:", url) and not (FOLDER / file).is_file():
                yield f"{where(notebook, cell)} links to {url}, which is not there"
        for link in re.findall(r"(?<!!)\[\s*\]\([^)]*\)", prose):
            yield f"{where(notebook, cell)} has a link without words: {link}"


def closes_its_folds(notebook, chapter):
    """Each fold lies in one cell; a blank line lets Markdown inside be rendered."""
    for cell in markdown_cells(notebook):
        tags = re.findall(r"</?(?:details|summary)\b", cell.source)
        unmatched = "".join(tags)
        while (fold := "<details<summary</summary</details") in unmatched:
            unmatched = unmatched.replace(fold, "")
        if unmatched:
            yield f"{where(notebook, cell)} has unbalanced folds: {' '.join(tags)}"
        if re.search(r"</summary>(?!\s*?\n[ \t]*\n)|\S[^\n]*\n</details>", cell.source):
            yield f"{where(notebook, cell)} needs a blank line after </summary>, before </details>"


def compares_no_times(notebook, chapter):
    for cell in code_cells(notebook):
        found = TIME.search(text_of(cell))
        if found and not has_tag(cell, "nbval-ignore-output"):
            yield f"{where(notebook, cell)} prints a time in a compared output: {found[0]}"


CHECKS = [
    ran_from_top_to_bottom,
    has_no_errors,
    names_no_machine,
    is_plain_commonmark,
    has_short_code,
    folds_its_set_up,
    folds_its_solutions,
    folds_everywhere,
    ends_plots_quietly,
    numbers_its_equations,
    numbers_its_exercises,
    typesets_everywhere,
    describes_its_images,
    links_to_what_is_there,
    closes_its_folds,
    compares_no_times,
]


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.name)
def chapter(request):
    """A published notebook and the number of its chapter."""
    notebook = published(request.param)
    if notebook is None:
        pytest.skip("a reader has saved this copy, and git has no published one to test")
    return notebook, int(request.param.name[:2])


def test_what_is_published_comes_from_make_execute(chapter):
    assert not is_a_readers(chapter[0]), "saved by a program such as JupyterLab: make execute"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_notebook(chapter, check):
    nbformat.validate(chapter[0])
    problems = list(check(*chapter))
    assert not problems, "\n  ".join(["", *problems])


def test_links_lead_where_jupyterlab_looks():
    """JupyterLab shows the folder that it was started with, and nothing above."""
    told = [ROOT / "README.md", ROOT / "Makefile", *(ROOT / "book").glob("*.md")]
    starts = [re.findall(r"/jupyter lab *([\w./]*)", path.read_text("utf8")) for path in told]
    folders = {(ROOT / argument).resolve() for arguments in starts for argument in arguments}
    assert folders == {ROOT}, "chapters link to pages in book/, and those to chapters"


def test_a_readers_copy_is_not_judged(tmp_path, monkeypatch):
    notebook = nbformat.v4.new_notebook(metadata={"language_info": {"name": "python"}})
    path = tmp_path / "01_kl.ipynb"
    nbformat.write(notebook, path)
    assert published(path) == notebook

    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)  # a hook has some, and they name the course's repository
    if shutil.which("git"):
        me = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=no"]
        for words in (["init"], ["add", path.name], [*me, "commit", "--message=Publish"]):
            subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)
    as_saved = copy.deepcopy(notebook)
    as_saved.metadata.language_info.version = "3.11.7"
    nbformat.write(as_saved, path)
    assert published(path) == (notebook if shutil.which("git") else None)
    nbformat.write(as_saved, tmp_path / "02_new.ipynb")
    assert published(tmp_path / "02_new.ipynb") is None


# ------------------------------------------------------------------------ the checks, checked


def text(source):
    return nbformat.v4.new_markdown_cell(source)


def code(source="x = 1", *outputs, **metadata):
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata=metadata)


def imports(source, *tags):
    metadata = {"tags": list(tags), **(FOLDS["hide-cell"] if tags else {})}
    return nbformat.v4.new_code_cell(source, id=IMPORTS, metadata=metadata)


def printed(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


def shown(**data):
    data = {key.replace("_", "/"): value for key, value in data.items()}
    return nbformat.v4.new_output("display_data", data=data)


def failed():
    return nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue="", traceback=[])


def alt(words):
    return {"image": {"alt": words}}


PICTURE = shown(image_png="aaaa", text_plain="<Figure size 640x480 with 1 Axes>")

GOOD = [
    text("# KL\n\nSee [chapter 1](01_kl_univariate.ipynb), `{x}`, $f_{{a}}[b](c)$ and {x}."),
    text("![The logo](../book/_assets/logo.svg) of [another](https://example.org/a.ipynb)."),
    code("%matplotlib inline\nimport os", tags=["remove-cell"]),
    imports("import os\n" * 30 + "from a import (\n    b,\n)", "hide-cell"),
    text("\\begin{align*} a &:= b \\tag{6.1} \\\\ c &= d \\tag{6.2} \\end{align*}\n\n$$e = f$$\n"),
    code("d.check()", shown(text_latex="\\tag{6.3a} \\tag{6.3b}")),
    text("```python\nf'{x}`'\n:::\n```\n\n> $$\n> a \\\\ b\n> $$\n\n$$a = b \\tag{6.4}$$"),
    code("plt.plot(x)\nplt.show()", PICTURE, mystnb=alt("A line.")),
    code("_ = figures.curves(history)", PICTURE, mystnb=alt("Two curves.")),
    code("1 / 0", failed(), tags=["raises-exception"]),
    code("time()", printed("took 3.2 s"), tags=["nbval-ignore-output"]),
    code("print(kl)", printed("12 samples, 3 standard errors, sd 0.3, published: 6 minutes")),
    text("<details>\n<summary>Solution</summary>\n\n**So:**\n\n</details>"),
    code("x", tags=["hide-cell"], **FOLDS["hide-cell"]),
    text("The next exercise."),
    code("x", tags=["hide-output", "refuted"], **FOLDS["hide-output"]),
]

SOLVED = text("<details>\n<summary>Solution</summary>\n\nSo.\n\n</details>")

BAD = [
    (ran_from_top_to_bottom, [code("x", printed("1"), count=3)]),
    (ran_from_top_to_bottom, [code("x", printed("1"), count=None)]),
    (ran_from_top_to_bottom, [code()]),
    (has_no_errors, [code("x", printed("careful", "stderr"))]),
    (has_no_errors, [code("1 / 0", failed())]),
    (names_no_machine, [code("x", printed("in /home/me/course"))]),
    (names_no_machine, [code(f"open('{ROOT}/x')")]),
    (is_plain_commonmark, [text("```{note}\nRemember.\n```")]),
    (is_plain_commonmark, [text("A note:\n\n:::{note}\nRemember.\n:::")]),
    (is_plain_commonmark, [text("By {cite}`kingma2014`.")]),
    (is_plain_commonmark, [text("It is {{ nll }} nats.")]),
    (is_plain_commonmark, [text("(sec-elbo)=\n## The ELBO")]),
    (is_plain_commonmark, [text("% hidden")]),
    (is_plain_commonmark, [text("As shown[^1].")]),
    (has_short_code, [code("x = 1\n" * 21)]),
    (has_short_code, [imports("import os\n" * 30 + "x = 1\n" * 21, "hide-cell")]),
    (folds_its_set_up, [code("import os"), code("x", tags=["hide-cell"])]),
    (folds_its_set_up, [code(tags=["remove-cell"]), code("import os", tags=["hide-cell"])]),
    (folds_its_set_up, [code(tags=["remove-cell"]), imports("import os")]),
    (folds_its_solutions, [SOLVED, code("x", tags=["hide-output"])]),
    (folds_its_solutions, [SOLVED, code("x", tags=["hide-cell"]), code("x")]),
    (folds_everywhere, [code("x", tags=["hide-cell"])]),
    (folds_everywhere, [code("x", tags=["hide-cell"], jupyter={"source_hidden": True})]),
    (folds_everywhere, [code("x", **FOLDS["hide-output"])]),
    (ends_plots_quietly, [code("plt.plot(x)", PICTURE)]),
    (ends_plots_quietly, [code("figures.curves(history)", PICTURE)]),
    (numbers_its_equations, [text("\\tag{5.1}")]),
    (numbers_its_equations, [text("\\tag{6.1}"), text("\\tag{6.3}")]),
    (numbers_its_equations, [text("\\tag{6.1}"), text("\\tag{6.1}")]),
    (numbers_its_equations, [text("\\tag{6.1a}\\tag{6.1c}")]),
    (numbers_its_equations, [text("\\tag{6.1b}")]),
    (numbers_its_equations, [text("\\tag{*}")]),
    (numbers_its_equations, [code("d", shown(text_latex="\\tag{6.2}"))]),
    (numbers_its_exercises, [text("**Exercise 6.2** (hard). Why?\n\n<details>So.</details>")]),
    (numbers_its_exercises, [text("**Exercise 6.1**. Why?\n\n<details>So.</details>")]),
    (numbers_its_exercises, [text("**Exercise 6.1** (hard). Why?"), code()]),
    (typesets_everywhere, [text("\\begin{align}a\\end{align}")]),
    (typesets_everywhere, [text("By \\eqref{a}.")]),
    (typesets_everywhere, [text("so $$a = b$$")]),
    (typesets_everywhere, [text("$$a = b$$ (label)")]),
    (typesets_everywhere, [text("$$\na \\\\ b \\tag{6.1}\n$$")]),
    (describes_its_images, [text("![](a.png)")]),
    (describes_its_images, [text('<img src="a.png" alt="">')]),
    (describes_its_images, [code("plt.show()", PICTURE)]),
    (describes_its_images, [code("plt.show()", PICTURE, PICTURE, mystnb=alt("Two."))]),
    (links_to_what_is_there, [text("See [chapter 0](00_none.ipynb).")]),
    (links_to_what_is_there, [text("See [notation](book/notation.md#symbols).")]),
    (links_to_what_is_there, [text("A ![curve](none.png 'A curve').")]),
    (links_to_what_is_there, [text('<a href="/book/notation.md">notation</a>')]),
    (links_to_what_is_there, [text("See [there].\n\n[there]: 00_none.ipynb")]),
    (links_to_what_is_there, [text("See [](../book/notation.md).")]),
    (closes_its_folds, [text("<details>\n<summary>S</summary>\n\nSo.\n")]),
    (closes_its_folds, [text("So.\n\n</details>")]),
    (closes_its_folds, [text("<details>\n\nSo.\n\n</details>")]),
    (closes_its_folds, [text("<details>\n<summary>S</summary>\n**So.**\n\n</details>")]),
    (closes_its_folds, [text("<details>\n<summary>S</summary>\n\n**So.**\n</details>")]),
    (compares_no_times, [code("x", printed("trained in 12.3 s"))]),
    (compares_no_times, [code("x", shown(text_html="<td>4 seconds</td>"))]),
]


def notebook_of(cells):
    """Return a notebook of copies of cells; those without a count of their own count up."""
    notebook = nbformat.from_dict(nbformat.v4.new_notebook(cells=[dict(cell) for cell in cells]))
    for count, cell in enumerate(code_cells(notebook), start=1):
        cell.execution_count = cell.metadata.get("count", count)
    return notebook


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_check_passes_what_is_right(check):
    assert list(check(notebook_of(GOOD), 6)) == []


@pytest.mark.parametrize(("check", "cells"), BAD, ids=[check.__name__ for check, _ in BAD])
def test_check_finds_what_is_wrong(check, cells):
    assert len(list(check(notebook_of(cells), 6))) == 1


def test_every_check_is_checked():
    found, known = (
        {check.__name__ for check in checks} for checks in ({c for c, _ in BAD}, CHECKS)
    )
    assert not known - found, "add a cell to BAD for each of these"
    assert not found - known, "add these to CHECKS"
