"""What a process for grading does: read a file that was handed in, and grade answers.

Nothing of an answer is run here, whatever kind of task it is for: a program goes to
`kl_utils.grading.programs`, which runs it in a process of its own.
"""

import re
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from ..exercises.chains import unchecked
from ..exercises.grades import Grade
from ..exercises.notebook_answers import read_notebook
from ..exercises.problem_set_files import read_problem_set
from ..exercises.submission_files import BadSubmission, Submission, read_submission
from ..exercises.submissions import grade_answer

_MARK = re.compile(r"^#\s*answer:\s*([\w.+-]+@\d+)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Reading:
    """Read a file; finds a `Submission`, or a sentence that says why there is none."""

    key: object
    kind: str
    content: bytes


@dataclass(frozen=True)
class Grading:
    """Grade some answers with the numbers of a code; finds pairs of task and `Grade`."""

    key: object
    names: tuple
    answers: dict = field(repr=False)
    code: str
    is_program: bool = False


@dataclass(frozen=True)
class Desk:
    """What a process needs: the problem set, where it lies, and the secret of the course."""

    problem_set: object
    folder: Path
    secret: str


def set_up(path, secret):
    """The `Desk` of a process. The tests of the course have checked the tasks."""
    with unchecked():
        return Desk(read_problem_set(Path(path).read_text("utf-8")), Path(path).parent, secret)


def do(desk, job):
    """Do a `Reading` or a `Grading`, and yield what is found."""
    if isinstance(job, Reading):
        yield _read(desk, job)
        return
    with unchecked():
        for name in job.names:
            question = desk.problem_set.question(name)
            answer = {question.name: job.answers[name]} if name in job.answers else {}
            if job.is_program and answer:
                yield name, _judged(desk, question, job)
            else:
                yield name, grade_answer(question.task(job.code), answer)


def can_judge():
    """Whether programs can be run here."""
    try:
        import_module("kl_utils.grading.programs")
    except ImportError:
        return False
    return True


def _judged(desk, question, job):
    """The grade of a program, which was run; where nothing ran, a person reads it."""
    first = grade_answer(question.task(job.code), job.answers)
    if not first.held:
        return first  # there is nothing to run
    judge = import_module("kl_utils.grading.programs").judge_program
    program = job.answers[question.name]
    try:
        return judge(desk.folder, question, program, job.code, desk.secret)
    except Exception as error:
        waits = f"This program could not be graded ({type(error).__name__}): {question.name}."
        return Grade(0.0, first.of, (), (waits,), first.of)


def _read(desk, job):
    try:
        if job.kind == ".json":
            submission = read_submission(job.content)
        elif job.kind == ".ipynb":
            submission = read_notebook(job.content)
        else:
            submission = _read_program(job.content, desk.problem_set)
    except BadSubmission as error:
        return str(error)
    if submission.set and submission.set != desk.problem_set.name:
        return f"This is no submission to the set {desk.problem_set.name}."
    return submission


def _read_program(content, problem_set):
    """A bare program: its parts by their marks, or else whole, for the functions that it has."""
    text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    parts = _MARK.split(text)
    answers = dict(zip(parts[1::2], parts[2::2], strict=True))
    if not answers:
        for question in problem_set.current:
            function = question.data.get("function")
            if function and re.search(rf"^def {re.escape(function)}\b", text, re.MULTILINE):
                answers[question.name] = text
    if not answers:
        raise BadSubmission("This program has none of the functions that the set asks for.")
    return Submission(problem_set.name, "", answers)
