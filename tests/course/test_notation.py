"""The notation page keeps its own rules, and the chapters and pages keep those of the page.

A cell that quotes another text in its own notation carries the tag ``other-notation``.
"""

import ast
import re

import nbformat
import pytest

from kl_utils.derivation.typeset_functions import USUAL_LIMITS
from tests.course.notation_rules import BRACES, INDICES, RULES
from tests.support.worked_solutions import HOLDS
from tools import ROOT
from tools.course_text.documents import chapter, course, formulas, page, prose, without_code
from tools.course_text.notebook_files import code_cells

NOTATION = (ROOT / "book" / "notation.md").read_text("utf8")
WORDS = re.compile(rf"\\(?:text|textrm|textit|textbf|mathtt)({BRACES})")
SHOWS_BOTH = ("## Counts and indices", "## What other texts write")  # on the notation page
IN_PROSE = {
    r"\bKL[(\[]|\bD_?KL\b|\bE(?:_\w)?\[": "a formula stands between dollar signs",
    r"(?<![\d.,])(?!1 )\d[\d.,]* (?:nat\b|Nats?\b|NATS?\b)": "the unit is written nats",
    r"\+/-|(?<=\d) \+- ?(?=\d)": "an estimate and its standard error is a ± b",
}


# ------------------------------------------------------------------------------------- the checks


def problems_of(document):
    """Yield what in the words and formulas of a document is against the notation page."""
    for cell, markdown in document.markdown():
        if not is_quoted(document, cell):
            found = against_the_rules(*formulas(markdown)) + against_the_rules_in_prose(markdown)
            yield from (f"{document.place(cell)}: {sentence}" for sentence in found)
    for cell in code_cells(document.notebook):
        if "refuted" not in cell.metadata.get("tags", []):  # it may show what is wrong
            data = [output.get("data", {}) for output in cell.outputs]
            shown = [tex for bundle in data for tex in formulas(bundle.get("text/markdown", ""))]
            found = against_the_rules(*shown, *(bundle.get("text/latex", "") for bundle in data))
            yield from (f"{document.place(cell)}: {sentence}" for sentence in found)


def is_quoted(document, cell):
    if document.name == "notation.md":
        return cell.source.startswith(SHOWS_BOTH)
    return "other-notation" in cell.metadata.get("tags", [])


def against_the_rules(*texts):
    """Return a sentence for each rule that is broken, with the first formula that breaks it."""
    sentences = {}
    for text in texts:
        whole = " ".join(text.split())
        tex = WORDS.sub(lambda words: words[0] if is_a_name(words[1][1:-1]) else " ", whole)
        for rule in RULES:
            if found := rule.find(tex):
                tex = tex.replace(found, " ")
                at = whole.find(found)
                around = whole[max(0, at - 20) : at + len(found) + 20]
                sentences.setdefault(rule, f"{found}, in ${around}$: {rule.advice}")
    return list(sentences.values())


def is_a_name(words):
    return re.fullmatch(r"[A-Z]|KL|ELBO|NLL|Var|Cov|[tT]r(ace)?|diag|log|ln|exp|det", words)


def against_the_rules_in_prose(markdown):
    words = prose(markdown)
    matches = [(re.search(wrong, words), advice) for wrong, advice in IN_PROSE.items()]
    for row in re.findall(r"^\|.*", without_code(markdown), re.MULTILINE):
        wrong = [tex for tex in formulas(row) if r"\|" in tex]
        matches.append((wrong, r"in a table, Markdown reads \| as |; write \Vert"))
    return [f"{match[0]}: {advice}" for match, advice in matches if match]


@pytest.mark.parametrize("document", course(), ids=lambda document: document.name)
def test_the_notation_is_that_of_the_page(document):
    problems = list(problems_of(document))
    assert not problems, "\n  ".join(["", *problems])


@pytest.mark.parametrize("name", HOLDS)
def test_derivations_are_typeset_in_the_notation_of_the_page(name):
    assert against_the_rules(HOLDS[name]._repr_latex_()) == []


# ------------------------------------------------------------------------ the checks, checked


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.advice)
def test_a_rule_finds_what_is_wrong_and_passes_what_is_right(rule):
    for tex in rule.wrong:
        (sentence,) = against_the_rules(tex)
        assert sentence.endswith(rule.advice), tex
    for tex in rule.right:
        assert against_the_rules(tex) == [], tex


@pytest.mark.parametrize(
    "words",
    ["so KL(q‖p) is", "D_KL is", "about 0.5 nat more", "2.3 +/- 0.1",
     "| a | $\\operatorname{KL}(q \\,\\|\\, p)$ |"],
)  # fmt: skip
def test_words_are_read_too(words):
    assert len(against_the_rules_in_prose(words)) == 1


def test_words_that_are_right_pass():
    right = "A KL (1 nat, 0.5 nats, $1 ± 2$) | `KL(q, p)`\n\n| $p \\Vert q$ | `a\\|b` |\n"
    assert against_the_rules_in_prose(right) == []


def test_formulas_are_found_wherever_they_stand():
    display, block = "$$\n\\ln y\n$$", "> \\begin{align*} \\ln z \\end{align*}"
    texts = ["$\\ln x$ and `\\ln`", display, block, "`\\ln` and\n\n```\n$\\ln x$\n```"]
    quoted = nbformat.v4.new_markdown_cell("$\\ln x$", metadata={"tags": ["other-notation"]})
    cells = [quoted, *map(nbformat.v4.new_markdown_cell, texts)]
    cells += [derivation(r"(6.1a)   x", r"\tag{6.1a} \ln x", tags) for tags in ([], ["refuted"])]
    document = chapter("06_x.ipynb", nbformat.v4.new_notebook(cells=cells))
    assert len(list(problems_of(document))) == 4
    assert len(list(problems_of(page("x.md", "# X\n\n$\\ln x$\n")))) == 1


def derivation(plain, latex, tags):
    data = {"text/plain": plain, "text/latex": latex}
    output = nbformat.v4.new_output("execute_result", data=data)
    return nbformat.v4.new_code_cell("d.check()", outputs=[output], metadata={"tags": tags})


# ------------------------------------------------------------------------ the page


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.advice)
def test_a_rule_stands_on_the_page(rule):
    assert rule.page in NOTATION


def test_indices_are_those_of_the_page():
    (rows,) = [rows for header, rows in tables() if header[:2] == ["Count", "Index"]]
    on_page = {row[0].strip("$"): re.findall(r"[a-z]", row[1]) for row in rows}
    assert {count: list(letters) for count, letters in INDICES.items()} == on_page
    assert {i: count for count in on_page for i in on_page[count]} == USUAL_LIMITS


def test_each_symbol_has_one_meaning():
    symbols = [row[0] for header, rows in tables() if header[0] == "Symbol" for row in rows]
    assert len(symbols) > 40
    repeated = {symbol for symbol in symbols if symbols.count(symbol) > 1}
    assert not repeated, f"in two rows of the notation page: {repeated}"


def test_symbols_in_code_are_names_in_the_package():
    (rows,) = [rows for header, rows in tables() if header[0] == "Code"]
    names = {name for row in rows for name in re.findall(r"`(\w+)`", row[0])}
    assert len(names) > 15
    used = set()
    for path in (ROOT / "kl_utils").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf8"))):
            used |= {getattr(node, field, None) for field in ("id", "arg", "attr", "name")}
    assert names <= used, f"not in kl_utils: {sorted(names - used)}"


def tables():
    """Return the tables of the notation page: (header, rows), each row a list of cells."""
    found, header = [], None
    for line in NOTATION.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            header = None
        elif header is None:
            header = cells
            found.append((header, []))
        elif not set(line) <= set("|-: "):
            assert len(cells) == len(header), f"cells missing or too many: {line}"
            found[-1][1].append(cells)
    return found
