"""The notebooks of the sets: they run as they are, score nothing then, and give nothing away."""

import ast
import re
import tomllib

import nbformat
import pytest
from nbclient import NotebookClient

from kl_utils.exercises.chains import unchecked
from kl_utils.exercises.codes import code_of
from kl_utils.exercises.notebook_answers import read_notebook
from kl_utils.exercises.problem_set_files import read_problem_set
from kl_utils.grading.one_file import grade_file
from tools import ROOT
from tools.course_text.notebook_files import SET_UP
from tools.problem_sets.nbgrader import source_notebook
from tools.problem_sets.notebooks import student_notebook
from tools.problem_sets.set_text import student_text, toml

FOLDERS = sorted(path.parent for path in ROOT.glob("problem_sets/*/set.toml"))
with unchecked():  # `make problem-sets-check` checks them
    SETS = {it.name: read_problem_set((it / "set.toml").read_text("utf8")) for it in FOLDERS}


@pytest.fixture(params=SETS)
def name(request):
    return request.param


@pytest.mark.parametrize("made", [student_notebook, source_notebook])
def test_an_untouched_notebook_scores_nothing(name, made, tmp_path):
    notebook = made(SETS[name])
    nbformat.validate(notebook)
    path = tmp_path / "untouched.ipynb"
    nbformat.write(notebook, path)
    assert read_notebook(path).set == name
    grades = grade_file(ROOT / "problem_sets" / name / "set.toml", path)
    assert list(grades) == [question.name for question in SETS[name].current]
    assert not any(grade.points or grade.held for grade in grades.values())


def test_each_task_has_its_cells(name):
    notebook = student_notebook(SETS[name])
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    markers = [cell.source.partition("\n")[0] for cell in notebook.cells]
    for question in SETS[name].current:
        assert markers.count(f"# answer: {question.name}") == 1
        assert markers.count(f"# check: {question.name}") == 1
        is_shown = {"choices", "figure"} & set(question.data)
        assert markers.count(f"# show: {question.name}") == bool(is_shown)


def test_an_answer_typed_into_the_template_is_read(name):
    notebook = student_notebook(SETS[name])
    code = code_of("a secret of the course", name, "s017")
    for cell in notebook.cells:
        if cell.source.startswith("# code"):
            cell.source = cell.source.replace('code = ""', f'code = "{code}"')
        if cell.source.startswith("# answer"):
            cell.source = cell.source.replace('"""\n\n"""', '"""\n= 1  # why\n"""')
            cell.source = re.sub(' = ""$', ' = "= 1"', cell.source).replace("[]", '["mu > 1"]')
            cell.source = cell.source.replace("raise NotImplementedError", "return 1")
    submission = read_notebook(nbformat.writes(notebook))
    assert (submission.set, submission.student, submission.remarks) == (name, code, ())
    assert set(submission.answers) == {question.name for question in SETS[name].current}
    for question in SETS[name].current:
        answer = submission.answers[question.name]
        match question.data["kind"]:
            case "prove":
                assert answer == {"lines": [{"text": "= 1", "reason": "why"}]}
            case "repair":
                assert answer == {"text": "= 1", "reason": ""}
            case "program":
                assert answer.startswith("# answer") and "return 1" in answer


def test_the_students_text_asks_the_same_and_leaves_out_what_staff_read(name):
    text = student_text(SETS[name])
    ours, theirs = SETS[name], read_problem_set(text)
    code = code_of("a secret of the course", name, "s017")
    for question in ours.current:
        other = theirs.question(question.name)
        assert other.numbers(code) == question.numbers(code)
        assert other.figure(code) == question.figure(code)
        assert other.data["statement"] == question.data["statement"]
    staff = ("objective", "misconception", "oral", "twin", "ai_policy", "listen_for")
    assert not [word for word in staff if word in tomllib.loads(text) or f"\n{word} =" in text]
    rubrics = [s for q in ours.current for s in q.data.get("good_answer_says", ())]
    assert rubrics and not [sentence for sentence in rubrics if sentence in text]


@pytest.mark.parametrize(
    "data",
    [
        {"a": "\\ \" ''' \n \t é \x7f", "b": [1, 2.5, True, "x"], "c": {"d e": {"f": []}}},
        {"tasks": [{"a": 1, "b": [[1, 2], [3, 4]]}, {"a": {"b": ["c"]}}]},
    ],
)
def test_toml_is_written_as_it_is_read(data):
    assert tomllib.loads(toml(data)) == data


def test_an_untouched_notebook_runs_without_a_notebook(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    namespace = {}
    for cell in student_notebook(SETS[name]).cells:
        if cell.cell_type == "code" and cell.id != SET_UP:
            exec(cell.source, namespace)
    assert "Nothing is saved yet" in capsys.readouterr().out and not list(tmp_path.iterdir())


@pytest.mark.long
def test_an_untouched_notebook_runs_in_a_kernel(name, tmp_path):
    notebook = student_notebook(SETS[name])
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert outputs and {output.output_type for output in outputs} <= {"stream", "display_data"}
    assert not list(tmp_path.iterdir())


def test_the_set_stands_in_its_notebook_as_one_literal(name):
    cell = next(cell for cell in student_notebook(SETS[name]).cells if cell.id == "set")
    (assignment,) = ast.parse(cell.source).body
    assert ast.literal_eval(assignment.value).strip() == student_text(SETS[name]).strip()
    assert cell.metadata["jupyter"]["source_hidden"]
