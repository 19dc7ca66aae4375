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
COLUMNS = "| What the solution claims | What the course proves | Where it slips |"
LINK = re.compile(
    r"\[\((\d+\.\d+[a-z]?)\)\]\(\.\./notebooks/(\S+?\.ipynb)\)<!-- ([\w-]+)(?::\d+)? -->"
)
ENTRY = re.compile(r'<a href="\.\./notebooks/09_almost_proofs\.html#([a-z-]+)">(9\.\d+)</a>')
NO_SLIP = "—"
WORDS_ONLY = re.compile(r"\bExercise 9\.\d+\b|\bsection \d\.\d+\b")


def rows(heading):
    """Return the rows of the table below a heading, each a list of its three cells."""
    part = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)[1]
    first, rule, *rest = [line for line in part.splitlines() if line.startswith("|")]
    assert re.fullmatch(r"\|(?: ?-+:? ?\|){3}", rule), f"no table of three columns: {first}"
    found = [[cell.strip() for cell in line[1:-1].split("|")] for line in rest]
    assert all(len(row) == 3 for row in found), f"{heading}: a row has not three cells"
    return found


def solutions():
    return [row for number in range(5) for row in rows(f"Solution {number}")]


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
    links = LINK.findall(PAGE)
    moved = [(link, "now about", now.get(link[1:])) for link in links if link not in marks]
    assert not moved
    assert len(links) == len(re.findall(r"\[\(\d", PAGE)), "a link without the id of its cell"


def test_each_solution_has_its_table():
    assert PAGE.count(COLUMNS) == 5
    assert [len(rows(f"Solution {number}")) for number in range(5)] == [8, 6, 8, 7, 13]
    assert sum(slips != NO_SLIP for _, _, slips in solutions()) == 32


def test_what_the_course_proves_holds(marks):
    for claim, proved, _ in solutions():
        found = {marks.get(link) for link in LINK.findall(proved)}
        assert found and found <= {"", "✓"}, claim
        assert not LINK.findall(claim), f"a number stands for what we prove or refute: {claim}"


def test_each_slip_is_refuted(marks):
    """By a line that breaks; or it is a word, and then the table says where that is taken up."""
    for claim, _, slips in solutions():
        found = {marks.get(link) for link in LINK.findall(slips)}
        assert found <= {"refuted ✗", "refuted ↳"}, claim
        assert bool(found) == ("✗" in slips), claim
        assert slips == NO_SLIP or found or WORDS_ONLY.search(slips), claim


def test_each_slip_leads_to_its_entry():
    """Or to an exercise, if it is a word."""
    headings = [
        re.fullmatch(r"### (9\.\d+) (.*)", line)
        for cell in nbformat.read(NOTEBOOK, as_version=4).cells
        for line in cell.source.splitlines()
    ]
    entries = {found[2].lower().replace(" ", "-"): found[1] for found in headings if found}
    slips = [row[2] for row in solutions() + rows("From elsewhere")]
    linked = {slip: dict(ENTRY.findall(slip)) for slip in slips if slip != NO_SLIP}
    assert all(found or WORDS_ONLY.search(slip) for slip, found in linked.items())
    assert dict(pair for found in linked.values() for pair in found.items()) == entries
    assert len(entries) == 24
