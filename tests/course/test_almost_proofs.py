"""Each wrong program of chapter 9 fails the very test that its repaired version passes; and the
page of claims says of each equation what it is: one that holds, or one that is refuted.

Programs and tests stand in the notebook, once. They are read out of its cells by name; of the
cells, only the imports and the definitions are executed.
"""

import ast
import re

import nbformat
import pytest

from tools import ROOT
from tools.course_text import equations
from tools.course_text.documents import course

NOTEBOOK = ROOT / "notebooks" / "09_almost_proofs.ipynb"
DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef)

# The wrong program, and the test with power.
REFUTED = {
    "kl_to_standard": "agrees_with_quadrature",
    "draw": "draws_fit_their_density",
    "negative_elbo": "is_proportional",
    "log_likelihood": "has_the_right_slopes",
    "kl_from_draws": "finds_the_divergence",
    "log_prior": "draws_fall_where_the_mass_is",
    "log_learned_prior": "integrates_to_one",
    "importance_loss": "gradient_is_right",
    "reported_elbo": "stays_below_the_evidence",
    "backward": "is_the_derivative",
}


@pytest.fixture(scope="module")
def chapter():
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    nodes = [n for cell in cells if cell.cell_type == "code" for n in ast.parse(cell.source).body]
    module = ast.Module([node for node in nodes if isinstance(node, DEFINITIONS)], [])
    names = {}
    exec(compile(module, NOTEBOOK.name, "exec"), names)
    return names


@pytest.mark.parametrize(("program", "test"), REFUTED.items())
def test_the_wrong_program_fails_and_the_right_one_passes(chapter, program, test):
    assert not chapter[test](chapter[program])
    assert chapter[test](chapter[f"{program}_repaired"])


def test_no_program_is_left_out(chapter):
    repaired = {name.removesuffix("_repaired") for name in chapter if name.endswith("_repaired")}
    assert repaired == set(REFUTED)


def test_the_draws_are_off_by_many_standard_errors(chapter):
    assert abs(chapter["z_score_of_entropy"](chapter["draw"])) > 20


def test_weak_tests_are_passed_by_wrong_programs(chapter):
    """This is why the programs live on."""
    total, expected, drawn = chapter["corner_mass"](chapter["log_prior"])
    assert total == pytest.approx(1, abs=1e-6)
    assert expected > 50 * drawn
    assert chapter["has_the_right_means"](chapter["backward"])


# --------------------------------------------------------------------------- the page of claims

PAGE = (ROOT / "book" / "claims.md").read_text("utf8")
ROW = re.compile(r"^\| (?!---)(?P<words>.*?) \| (?P<equations>.*?) \|(?: (?P<entry>.*) \|)?$", re.M)
LINK = re.compile(
    r"\[\((\d+\.\d+[a-z]?)\)\]\(\.\./notebooks/(\S+?\.ipynb)\)<!-- ([\w-]+)(?::\d+)? -->"
)
ENTRY = re.compile(r'<a href="\.\./notebooks/09_almost_proofs\.html#([a-z-]+)">(9\.\d+)</a>')


def rows(heading):
    """Return the rows of all tables below headings of this name, without their first row."""
    parts = re.findall(rf"^#+ {heading}\n(.*?)(?=^#|\Z)", PAGE, re.M | re.S)
    return [row for part in parts for row in list(ROW.finditer(part))[1:]]


@pytest.fixture(scope="module")
def marks():
    """Map (number, file, cell) of each equation to the mark of its line; definitions have none."""
    found = {}
    for document in course():
        for cell, text in document.markdown():
            for number in equations.TAG.findall(text):
                found[number, document.name, cell.id] = ""
        for shown in equations.derivations(document):
            refuted = "refuted " if shown.refuted else ""
            for line in shown.lines:
                found[line.label, document.name, shown.cell.id] = refuted + line.mark
    return found


def test_each_number_is_that_of_its_cell(marks):
    """Else the chapter was renumbered: this says which number its cell has now."""
    now = {(file, cell): number for number, file, cell in marks}
    links = [link for row in ROW.finditer(PAGE) for link in LINK.findall(row["equations"])]
    moved = [(link, "now about", now.get(link[1:])) for link in links if link not in marks]
    assert not moved
    assert len(links) == len(re.findall(r"\[\(\d", PAGE)), "a link without the id of its cell"


def test_what_is_claimed_holds(marks):
    assert len(rows("Claims")) == 22
    for row in rows("Claims"):
        found = {marks.get(link) for link in LINK.findall(row["equations"])}
        assert found and found <= {"", "✓"}, row["words"]


def test_each_slip_is_refuted(marks):
    """All but one by a line that breaks; the other is a sentence without a number."""
    assert len(rows("Slips")) == 26
    for row in rows("Slips"):
        found = {marks.get(link) for link in LINK.findall(row["equations"])}
        sentence = "back-propagation" in row["words"]
        assert found and found <= ({"✓"} if sentence else {"refuted ✗", "refuted ↳"}), row["words"]


def test_each_slip_leads_to_its_entry():
    headings = [
        re.fullmatch(r"### (9\.\d+) (.*)", line)
        for cell in nbformat.read(NOTEBOOK, as_version=4).cells
        for line in cell.source.splitlines()
    ]
    entries = {found[1]: found[2].lower().replace(" ", "-") for found in headings if found}
    slips = rows("Slips") + rows("From elsewhere")
    linked = [ENTRY.fullmatch(row["entry"]) for row in slips]
    assert {found[2]: found[1] for found in linked} == entries
    assert len(entries) == 24
