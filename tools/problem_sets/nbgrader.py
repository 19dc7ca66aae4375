"""A set for nbgrader: the source notebook and the settings of a course.

The points come from `kl_utils.grading.one_file`: before nbgrader runs a notebook, a preprocessor
grades its text and writes the points into the cells that nbgrader looks at; the student's own cells
are not run. So the points are those of ``make grade``.
"""

import copy

from nbformat.v4 import new_code_cell

from tools.problem_sets.notebooks import student_notebook

VERSION = "0.9.6"
_MANUAL = "\n### BEGIN SOLUTION\n### END SOLUTION"

_CONFIG = '''\
"""Settings of nbgrader {version} for this course; see README.md beside it."""

import tempfile
from pathlib import Path

import nbformat
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    Execute,
    LimitOutput,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)

from kl_utils.grading.one_file import grade_file

HERE = Path(__file__).resolve().parent
SECRET = {secret!r}


def id_of(cell):
    return cell.metadata.get("nbgrader", {{}}).get("grade_id", "")


class FreshCells(NbGraderPreprocessor):
    """Put the cells for points in anew: students delete, copy and change them."""

    def preprocess(self, nb, resources):
        name = resources["nbgrader"]["assignment"]
        source = nbformat.read(HERE / "source" / name / f"{{name}}.ipynb", as_version=4)
        nb.cells = [cell for cell in nb.cells if not cell.source.startswith("# points: ")]
        seen = set()
        for cell in nb.cells:
            cell_id = id_of(cell)
            if cell_id in seen or cell_id.startswith("points-"):
                del cell.metadata["nbgrader"]
            elif cell_id:
                seen.add(cell_id)
        nb.cells += [cell for cell in source.cells if id_of(cell) and id_of(cell) not in seen]
        return nb, resources


class GradeTheText(NbGraderPreprocessor):
    """Grade what stands in the notebook, and let nbgrader run nothing but the points."""

    def preprocess(self, nb, resources):
        name = resources["nbgrader"]["assignment"]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "notebook.ipynb")
            nbformat.write(nb, path)
            grades = grade_file(HERE / "problem_sets" / name / "set.toml", path, SECRET)
        for cell in nb.cells:
            cell_id = id_of(cell)
            task = cell_id.removeprefix("points-").replace("_", "@")
            if cell_id.startswith("points-") and task in grades:
                grade = grades[task]
                said = [f"# {{' '.join(text.split())}}" for text in (*grade.lost, *grade.to_read)]
                cell.source = "\\n".join([*said, repr(round(grade.points, 2))])
            elif cell.cell_type == "code":
                tags = [*cell.metadata.get("tags", []), "skip-execution"]
                cell.metadata["tags"] = sorted(set(tags))
        return nb, resources


c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "kl"
c.ClearSolutions.code_stub = {{"python": ""}}
c.Autograde.sanitize_preprocessors = [
    FreshCells,
    ClearOutput,
    DeduplicateIds,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]
c.Autograde.autograde_preprocessors = [
    GradeTheText,
    Execute,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
'''
README = """\
# The set for nbgrader

This folder is the root of an nbgrader course, for staff. With `pip install nbgrader=={version}` and
this course in one environment:

    nbgrader generate_assignment {name} --create      # release/{name}: what students get
    nbgrader autograde {name} --create                # of submitted/STUDENT/{name}/{name}.ipynb
    nbgrader export                                   # grades.csv

On a hub, `nbgrader release_assignment` and `nbgrader collect` stand before and after. The points
are those of `make grade`. Answers in words wait for a person, in `nbgrader formgrader`.
"""


def source_notebook(problem_set):
    """The source notebook: the students' one, with cells that take the points."""
    notebook = copy.deepcopy(student_notebook(problem_set))
    cells = []
    questions = {question.name: question for question in problem_set.current}
    for cell in notebook.cells:
        cells.append(cell)
        marker, _, name = cell.source.partition("\n")[0].partition(": ")
        if name not in questions:
            continue
        question = questions[name]
        is_manual = question.data["kind"] == "explain"
        if marker == "# answer" and is_manual:
            cell.source += _MANUAL
            cell.metadata["nbgrader"] = _settings(question, "words", solution=True)
        if marker == "# check" and not is_manual:
            source = f"# points: {name}\n0  # the course's grader writes the points here"
            place = f"{cell.id}-points"
            cells.append(new_code_cell(source, id=place))
            cells[-1].metadata["nbgrader"] = _settings(question, "points", locked=True)
    notebook.cells = cells
    return notebook


def _settings(question, prefix, solution=False, locked=False):
    return {
        "grade": True,
        "grade_id": f"{prefix}-{question.name.replace('@', '_')}",
        "locked": locked,
        "points": question.data["points"],
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }


def settings(secret=""):
    """The text of ``nbgrader_config.py``."""
    return _CONFIG.format(version=VERSION, secret=secret)
