"""Grade submissions from files: what is wrong with one costs its own points and stops nothing."""

from dataclasses import dataclass
from pathlib import Path

from .._foreign_json import GivenTwice
from .grades import Grade, zero
from .submission_files import BadSubmission, read_submission
from .task import grade

_MOST_SENTENCES, _LONGEST_SENTENCE = 20, 400


@dataclass(frozen=True)
class ProblemSet:
    """Tasks that are handed in together.

    Attributes
    ----------
    name : str
        Which a submission has to state.
    tasks : tuple of Task
    secret : str
        Decides, with the student's name, the numbers of each `Compute`. Keep it to yourself.
    """

    name: str
    tasks: tuple
    secret: str = ""

    def check(self):
        """Raise a ValueError where a task is wrong, or two have one name."""
        names = [task.name for task in self.tasks]
        if len(set(names)) < len(names):
            raise ValueError(f"tasks: expected different names, got {names}")
        for task in self.tasks:
            try:
                task.check()
            except ValueError as error:
                raise ValueError(f"{task.name}: {error}") from error

    def tasks_of(self, student):
        """The tasks with this student's numbers in them."""
        return [
            task.for_student(student, self.secret) if hasattr(task, "for_student") else task
            for task in self.tasks
        ]


def grade_submission(problem_set, source):
    """Grade one submission.

    Parameters
    ----------
    problem_set : ProblemSet
    source : os.PathLike, bytes or str
        A file; or its content, which a string always is.

    Returns
    -------
    list of dict
        One row a task, also where nothing could be read: ``student``, ``task``, ``points``,
        ``of``, ``held`` (what a person may add), ``sentences`` (why points are missing),
        ``to_read`` (what that person reads), and ``remarks`` (what was ignored, in the first row).
        Nothing that stands in the file decides points but the answers.
    """
    try:
        submission = read_submission(source)
        if submission.set != problem_set.name:
            raise BadSubmission(f"This is no submission to the set {problem_set.name}.")
    except BadSubmission as error:
        return [_row("", task, zero(task.points, str(error))) for task in problem_set.tasks]
    tasks = problem_set.tasks_of(submission.student)
    remarks = list(submission.remarks)
    if stray := len(set(submission.answers) - {task.name for task in tasks}):
        remarks.append(f"Answers to tasks that this set does not have: {stray}.")
    rows = []
    for task in tasks:
        found = grade_answer(task, submission.answers)
        rows.append(_row(submission.student, task, found))
    rows[0]["remarks"] = _sentences(remarks)
    return rows


def grade_folder(problem_set, folder):
    """Grade all files of a folder, in the order of their names; links and folders are skipped.

    Yields
    ------
    dict
        The rows of `grade_submission`, with the name of the ``file`` in front. Where a student has
        handed in twice, each later file says so, and a person decides.
    """
    seen = {}
    for path in sorted(Path(folder).iterdir(), key=lambda path: path.name):
        rows = grade_submission(problem_set, path)
        student = rows[0]["student"] if rows else ""
        earlier = seen.setdefault(student, path.name) if student else path.name
        for row in rows:
            if earlier != path.name:
                row["remarks"] = _printable(f"The same student handed in {earlier}.")
            yield {"file": _printable(path.name), **row}


def grade_answer(task, answers):
    """The grade of a task; an answer that brings the grader down is left to a person.

    Parameters
    ----------
    task : Task
    answers : dict of str to object
        All answers of a submission, by the names of the tasks.

    Returns
    -------
    Grade
    """
    if task.name not in answers:
        return zero(task.points, *["There is no answer."] * (task.points > 0))
    answer = answers[task.name]
    if isinstance(answer, GivenTwice):
        return zero(task.points, "This task is answered twice. One answer counts, so none does.")
    try:
        return grade(task, answer)
    except Exception as error:
        reads = f"The grader failed on this answer ({type(error).__name__}): {task.name}."
        return Grade(0.0, task.points, (), (reads,), task.points)


def _row(student, task, found):
    return {
        "student": student,
        "task": task.name,
        "points": round(found.points, 2),
        "of": found.of,
        "held": round(found.held, 2),
        "sentences": _sentences(found.lost),
        "to_read": _sentences(found.to_read),
        "remarks": "",
    }


def _sentences(sentences):
    kept = [_printable(sentence) for sentence in sentences]
    if len(kept) > _MOST_SENTENCES:
        kept = [*kept[:_MOST_SENTENCES], f"And {len(kept) - _MOST_SENTENCES} more."]
    return " ".join(kept)


def _printable(text):
    """A text that any table can hold: one line, no control signs or surrogates, no formula."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text))
    text = text if len(text) <= _LONGEST_SENTENCE else text[: _LONGEST_SENTENCE - 1] + "…"
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
