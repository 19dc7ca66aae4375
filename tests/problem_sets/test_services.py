"""otter-grader and nbgrader give the points of the course's own grader, and run no student's cell.

Neither is installed with the course: what stands between is tried with stand-ins for both.
"""

import json
import shutil
import subprocess
import sys
import types

import nbformat
import pytest

from kl_utils.exercises.codes import code_of
from kl_utils.exercises.problem_set_files import read_problem_set
from kl_utils.grading.one_file import as_row, grade_file
from kl_utils.grading.otter_plugin import CourseGrader
from tools.problem_sets import nbgrader, otter
from tools.problem_sets.notebooks import student_notebook
from tools.problem_sets.zips import zipped

SET = r"""
name = "tiny"
title = "Tiny"
chapters = [1]
[frames.one]
given = { a = "real()" }
meanings = { q = 'gaussian("a", "1")', p = 'gaussian("0", "1")' }
[[tasks]]
id = "shift"
version = 2
kind = "prove"
title = "A shift"
points = 10
minutes = 5
statement = "Work it out."
frame = "one"
first = "KL(q, p)"
goal = "a**2/2"
[[tasks]]
id = "value"
version = 1
kind = "compute"
title = "A value"
points = 3
minutes = 2
statement = "Compute the mean of $z^2$ at $a = {a}$."
frame = "one"
key = "E(z**2)"
choices = { a = [2, 3] }
[[tasks]]
id = "why"
version = 1
kind = "explain"
title = "Why"
points = 1
minutes = 1
statement = "Why?"
good_answer_says = ["Because."]
"""
CODE = code_of("a secret of the course", "tiny", "s017")
ANSWERS = {
    "shift@2": 'proof_1 = "= E(log_q(z)) - E(log_p(z))  # definition"',
    "value@1": 'number_2 = "2**2 + 1"',
    "why@1": 'words_3 = "So."\nwhile True:\n    pass',
}
POINTS = {"value@1": 3.0, "why@1": 0.0}


def filled(notebook):
    """A notebook as a student hands it in, with a loop that never ends."""
    for cell in notebook.cells:
        cell.source = cell.source.replace('code = ""', f'code = "{CODE}"')
        for name, answer in ANSWERS.items():
            if cell.source.startswith(f"# answer: {name}"):
                cell.source = f"# answer: {name}\n{answer}"
    return notebook


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "problem_sets" / "tiny"
    folder.mkdir(parents=True)
    (folder / "set.toml").write_text(SET, "utf8")
    return folder


@pytest.fixture
def ours(folder, tmp_path):
    path = tmp_path / "ours.ipynb"
    nbformat.write(filled(student_notebook(read_problem_set(SET))), path)
    grades = grade_file(folder / "set.toml", path)
    assert list(grades) == list(ANSWERS) and grades["why@1"].held == 1
    assert {name: grades[name].points for name in POINTS} == POINTS
    assert 0 < grades["shift@2"].points < 10
    return {name: grade.points for name, grade in grades.items()}


def test_a_file_that_is_none_gets_a_sentence_a_task(folder, tmp_path):
    path = tmp_path / "broken.ipynb"
    path.write_text("{}")
    grades = grade_file(folder / "set.toml", path)
    assert [as_row(grade)["points"] for grade in grades.values()] == [0, 0, 0]
    assert "no notebook" in grades["why@1"].lost[0]
    command = [sys.executable, "-m", "kl_utils.grading.one_file", folder / "set.toml", path]
    run = subprocess.run(command, capture_output=True, text=True)
    assert json.loads(run.stdout)["value@1"]["of"] == 3, run.stderr


def test_the_plugin_of_otter_sets_our_points(ours, folder, tmp_path):
    root = tmp_path / "autograder"
    (root / "submission").mkdir(parents=True)
    for name, content in otter.autograder(read_problem_set(SET), folder).items():
        (root / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "source" / name).write_bytes(
            content if isinstance(content, bytes) else content.encode()
        )
    path = root / "submission" / "tiny.ipynb"
    notebook = filled(student_notebook(read_problem_set(SET)))
    nbformat.write(notebook, path)
    (plugin,) = json.loads((root / "source" / "otter_config.json").read_text())["plugins"]
    grader = CourseGrader(str(path), {}, plugin["kl_utils.grading.otter_plugin.CourseGrader"])
    assert grader.before_execution(notebook).cells == []
    scores = {}
    grader.after_grading(types.SimpleNamespace(update_score=scores.__setitem__))
    assert scores == ours
    assert "why@1: 0 of 1, 1 wait for a person" in grader.generate_report()


@pytest.fixture
def settings(folder, tmp_path, monkeypatch):
    """The settings of nbgrader, run with stand-ins for its classes."""
    (tmp_path / "source" / "tiny").mkdir(parents=True)
    source = nbgrader.source_notebook(read_problem_set(SET))
    nbformat.write(source, tmp_path / "source" / "tiny" / "tiny.ipynb")
    module = types.ModuleType("nbgrader.preprocessors")
    module.__getattr__ = lambda name: object if not name.startswith("__") else None
    monkeypatch.setitem(sys.modules, "nbgrader", types.ModuleType("nbgrader"))
    monkeypatch.setitem(sys.modules, "nbgrader.preprocessors", module)
    config = types.SimpleNamespace(
        CourseDirectory=types.SimpleNamespace(),
        ClearSolutions=types.SimpleNamespace(),
        Autograde=types.SimpleNamespace(),
    )
    names = {"__file__": str(tmp_path / "nbgrader_config.py"), "get_config": lambda: config}
    exec(nbgrader.settings(), names)
    return names


RESOURCES = {"nbgrader": {"assignment": "tiny"}}


@pytest.mark.parametrize("damage", ["none", "deleted", "changed", "doubled"])
def test_the_cells_of_nbgrader_get_our_points(ours, settings, damage):
    notebook = filled(nbgrader.source_notebook(read_problem_set(SET)))
    points = [cell for cell in notebook.cells if cell.source.startswith("# points")]
    match damage:
        case "deleted":
            notebook.cells = [cell for cell in notebook.cells if cell not in points]
        case "changed":
            for cell in points:
                cell.source = "# points: shift@2\n10"
        case "doubled":
            notebook.cells += [
                nbformat.from_dict({**cell, "id": f"{cell.id}-2"}) for cell in notebook.cells
            ]
    fresh, _ = settings["FreshCells"]().preprocess(notebook, RESOURCES)
    graded, _ = settings["GradeTheText"]().preprocess(fresh, RESOURCES)
    found, run = {}, []
    for cell in graded.cells:
        grade_id = settings["id_of"](cell)
        if grade_id.startswith("points-"):
            name = grade_id.removeprefix("points-").replace("_", "@")
            assert name not in found
            found[name] = float(cell.source.splitlines()[-1])
        elif cell.cell_type == "code" and "skip-execution" not in cell.metadata.tags:
            run.append(cell.source)
    assert not run
    assert found == {name: ours[name] for name in ("shift@2", "value@1")}
    manual = [cell for cell in graded.cells if settings["id_of"](cell) == "words-why_1"]
    assert len(manual) == 1 and manual[0].metadata.nbgrader.solution


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("otter"), reason="otter-grader is not installed")
def test_otter_itself_gives_our_points(ours, folder, tmp_path):
    files = otter.autograder(read_problem_set(SET), folder)
    (tmp_path / "autograder.zip").write_bytes(zipped(files))
    command = ["otter", "run", "-a", "autograder.zip", "--no-logo", "ours.ipynb"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    tests = json.loads((tmp_path / "results.json").read_text())["tests"]
    assert {test["name"]: test["score"] for test in tests if "score" in test} == ours
