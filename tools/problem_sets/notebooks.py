"""A problem set as a notebook for students: for Jupyter, Colab, Binder and VS Code.

It runs from top to bottom as it is, and scores nothing then. Comments mark the cells, since some
services drop metadata: `kl_utils.exercises.notebook_answers` goes by them.
"""

import ast

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from kl_utils.exercises.statements import (
    HOW_TO_ANSWER,
    PLACE,
    depends_on_code,
    heading,
    outline,
    statement,
)
from tools import ROOT
from tools.course_text.notebook_files import FOLDS, SET_UP
from tools.problem_sets.set_text import student_text

_FOLDED = {**FOLDS["hide-cell"], "tags": ["hide-cell"]}
_VARIABLES = {
    "prove": "proof",
    "repair": "line",
    "condition": "condition",
    "compute": "number",
    "explain": "words",
}
_TEMPLATES = {
    "prove": '# A row of the proof looks so: = the next line  # the reason\n{} = """\n\n"""',
    "repair": '# It looks so: = the line  # the reason\n{} = ""',
    "condition": "{} = []",
    "compute": '{} = ""',
    "explain": '{} = """\n\n"""',
}

_INTRODUCTION = """\
# Problem set: {title}

{introduction}

{count} tasks on {chapters}, {points:g} points, about {minutes:g} minutes in all.

**How it works**
- Run the cells from the top. Type the personal code that your instructor gave you where it is
  asked for; it decides your numbers.
- Each task has one cell for your answer. It begins with a comment such as `# answer: {first}`;
  leave that comment where it is.
- Run that cell after each change. The cell below it then says how your answer was read. Of proofs
  and repaired lines it also shows which lines hold, and it runs the examples of a program. Whether
  a number or a condition is right, it does not know: that is graded later.
- The last cell writes the file that you hand in, with the answers whose cells were run.

Lines of proofs are typed as in the notebook *Your own proof*: `E(…)` is the expectation,
`log_q(z)` the logarithm of a density, and `**` a power."""
_POLICY = "\n\n**Help from machines.** {}"
_HAND_IN = """\
## Hand in

Run the cell below. It writes a small file, `{name}-` and then your code, with your answers. Hand in
that file, and nothing else. This notebook is accepted in its place. Should you hand in both, and
they differ, your instructor hears of it. You may hand in again: your course says which one counts.

Answers that are in the file already, and not given anew, stay in it, also after a restart."""


def student_notebook(problem_set):
    """The notebook of a set."""
    cells = [
        new_markdown_cell(introduction(problem_set), id="title"),
        set_up_cell(),
        set_cell(problem_set),
        new_code_cell(_code_cell(), id="code"),
    ]
    for number, question in enumerate(problem_set.current, 1):
        cells += task_cells(question, number)
    cells += [
        new_markdown_cell(_HAND_IN.format(name=problem_set.name), id="hand-in"),
        new_code_cell("# save\nwork.save()", id="save"),
    ]
    return new_notebook(cells=cells, metadata=metadata())


def metadata():
    return {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }


def introduction(problem_set):
    """What stands at the top, for each way to hand out a set."""
    tasks = [question.data for question in problem_set.current]
    chapters = [str(chapter) for chapter in problem_set.data["chapters"]]
    words = f"chapter {chapters[0]}"
    if len(chapters) > 1:
        words = f"chapters {', '.join(chapters[:-1])} and {chapters[-1]}"
    policy = problem_set.data.get("ai_policy", "").strip()
    return _INTRODUCTION.format(
        title=problem_set.data["title"],
        introduction=problem_set.data.get("introduction", "").strip(),
        count=len(tasks),
        chapters=words,
        points=sum(task["points"] for task in tasks),
        minutes=problem_set.data.get("minutes", sum(task["minutes"] for task in tasks)),
        first=problem_set.current[0].name,
    ) + (_POLICY.format(policy) if policy else "")


def set_up_cell():
    """The cell that installs kl_utils where it is missing: that of the chapters."""
    chapter = nbformat.read(ROOT / "notebooks" / "01_kl_univariate.ipynb", as_version=4)
    source = next(cell.source for cell in chapter.cells if cell.id == SET_UP)
    return new_code_cell(source, id=SET_UP)


def set_cell(problem_set):
    """The cell that holds the text of the set."""
    text = student_text(problem_set)
    source = f'# problem set: {problem_set.name}\nSET = r"""\n{text}"""'
    (assignment,) = ast.parse(source).body
    if ast.literal_eval(assignment.value) != f"\n{text}":
        raise ValueError(f"{problem_set.name}: its text does not fit into a notebook")
    return new_code_cell(source, id="set", metadata=_FOLDED)


def _code_cell():
    return (
        "# code\n"
        "from kl_utils.exercises.worksheet import Worksheet\n\n"
        'code = ""  # your personal code, between the quotes\n'
        "work = Worksheet(SET, code)"
    )


def task_cells(question, number):
    """The cells of a task: statement, numbers and figure, answer, check."""
    name, place = question.name, f"task-{number}"
    yield new_markdown_cell(_statement(question, number), id=place)
    if depends_on_code(question) or "figure" in question.data:
        yield new_code_cell(f'# show: {name}\nwork.show("{name}")', id=f"{place}-show")
    yield new_code_cell(answer_template(question, number), id=f"{place}-answer")
    yield new_code_cell(f'# check: {name}\nwork.check("{name}")', id=f"{place}-check")


def _statement(question, number):
    if depends_on_code(question):
        below = f"The cell below shows the task with your numbers; here they are {PLACE}."
        text = f"{outline(question)}\n\n{below}"
    else:
        text = statement(question, "")
    how = HOW_TO_ANSWER[question.data["kind"]]
    return f"{heading(question, number)}\n\n{text}\n\n*Your answer:* {how}"


def variable_of(question, number):
    """The name of the variable that holds the answer; a program has none."""
    kind = question.data["kind"]
    return f"{_VARIABLES[kind]}_{number}" if kind in _VARIABLES else ""


def answer_template(question, number):
    """The text of an answer cell before anybody has written in it."""
    marker = f"# answer: {question.name}"
    if question.data["kind"] == "program":
        return f"{marker}\n{question.data['starter'].strip()}"
    return f"{marker}\n{_TEMPLATES[question.data['kind']].format(variable_of(question, number))}"
