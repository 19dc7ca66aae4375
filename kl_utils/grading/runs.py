"""Grade a set for a class: from the files that were handed in to the record of a run."""

import hashlib
import os
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from ..exercises.chains import unchecked
from ..exercises.grades import Grade, zero
from ..exercises.problem_set_files import read_problem_set
from . import workers
from .attempts import NO_PROGRAM, attempts_of, codes_of, with_numbers
from .downloads import GRADED, read_download
from .jobs import Desk, Grading, Reading, can_judge, do, set_up
from .overrides import read_overrides
from .policy import read_policy
from .records import VERSION, counted, course_version, marks_of, settled, task_row
from .roster import read_roster
from .shares import shares_of

SECONDS, PROGRAM_SECONDS = 60.0, 60.0  # for a submission without its programs; for a program


@dataclass(frozen=True)
class Course:
    """What an instructor's folder says of one set.

    Attributes
    ----------
    folder, set_path : Path
    problem_set : QuestionSet
    roster : Roster
    policy : Policy
    secret : str
    """

    folder: Path
    set_path: Path
    problem_set: object
    roster: object
    policy: object
    secret: str

    @property
    def name(self):
        """The name of the set."""
        return self.problem_set.name

    @property
    def overrides(self):
        """The overrides of the set, as they stand in the table now."""
        path = self.folder / "overrides.csv"
        return read_overrides(path, self.name, self.roster, marks_of(self.problem_set))


def read_course(folder, set_path):
    """Read a course folder and a set.

    Raises
    ------
    ValueError
        If a file is missing or wrong; the sentence names it.
    """
    folder, set_path = Path(folder), Path(set_path)
    try:
        text = set_path.read_text("utf-8")
        secret = (folder / "secret.txt").read_text("utf-8-sig").strip()
    except OSError as error:
        raise ValueError(f"{error.filename}: this file cannot be opened.") from None
    if len(secret) < 16:
        raise ValueError(f"{folder / 'secret.txt'}: the secret has less than 16 characters.")
    with unchecked():
        problem_set = read_problem_set(text)
    roster = read_roster(folder / "roster.csv")
    policy = read_policy(folder / "policy.csv", problem_set.name, roster)
    return Course(folder, set_path, problem_set, roster, policy, secret)


def grade_class(course, submissions, before=None, times=None, **options):
    """Grade what a class has handed in.

    Parameters
    ----------
    course : Course
    submissions : path
        A folder or a zip file.
    before : dict or None
        The record of the last run.
    times : dict of str to datetime, optional
        When each student handed in, as the learning platform's gradebook says.
    **options
        As for `work_in_processes`; ``programs``, False to leave programs to a person; and ``told``,
        which takes the outcomes and their number, yields them, and tells how far the work is.

    Returns
    -------
    dict
        The record of the run.
    """
    start = time.monotonic()
    overrides = course.overrides  # what is wrong with them is said before the work
    download = read_download(Path(submissions), course.roster)
    programs = options.pop("programs", True) and can_judge()
    told = options.pop("told", lambda outcomes, total: outcomes)
    uploads = [_with_time(upload, times or {}) for upload in download.uploads]
    attempts = attempts_of(uploads, _read_all(course, uploads, options))
    _need_one(submissions, course.name, attempts, download)
    shares = shares_of(attempts, course.roster, course.policy)
    codes = codes_of(course.secret, course.name, course.roster)
    graded = _grade_all(course, shares, codes, programs, told, options)
    students = {name: share.row(course, codes, *graded) for name, share in shares.items()}
    marks = marks_of(course.problem_set)
    used = {task for row in students.values() for task in row["tasks"]}
    used |= {question.name for question in course.problem_set.current}
    record = {
        "version": VERSION,
        "set": course.name,
        "title": course.problem_set.data["title"],
        "course_version": course_version(),
        "set_sha256": hashlib.sha256(course.set_path.read_bytes()).hexdigest(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - start, 1),
        "tasks": {name: mark for name, mark in marks.items() if name in used},
        "students": students,
        "unmatched": list(download.unmatched),
        "changes": [],
    }
    return settled(record, overrides, course.policy, before)


def _need_one(submissions, name, attempts, download):
    """Raise a ValueError where nothing was handed in to the set: a wrong folder, or a wrong set."""
    found = [attempt for many in attempts.values() for attempt in many]
    if any(not attempt.why or attempt.why == NO_PROGRAM for attempt in found):
        return
    why = next((f" {a.files[0]}: {a.why}" for a in found), "")
    why = why or next((f" {u['file']}: {u['why']}" for u in download.unmatched), "")
    raise ValueError(
        f"{submissions}: no file in it is a student's submission to {name}.{why} "
        "Nothing was written."
    )


def work_in_processes(course, jobs, number=None, seconds=SECONDS):
    """Yield the outcomes of jobs.

    Parameters
    ----------
    course : Course
    jobs : list
    number : int, optional
        How many processes: as many as there are processors. With 0 all is done in this one.
    seconds : float
        Of processor time, for each submission.
    """
    number = os.cpu_count() or 1 if number is None else number
    setup = (set_up, str(course.set_path), course.secret)
    if not number:
        setup = (Desk, course.problem_set, course.set_path.parent, course.secret)

    def budget(job):
        return PROGRAM_SECONDS if getattr(job, "is_program", False) else seconds

    yield from workers.work_off(jobs, do, setup, number, budget)


def _with_time(upload, times):
    known = [times[student] for student in upload.students if student in times]
    return replace(upload, time=known[0]) if known and not upload.time else upload


def _read_all(course, uploads, options):
    """What is in each file: a `Submission`, or why it cannot be read."""
    jobs = [
        Reading(upload.name, upload.kind, upload.content)
        for upload in uploads
        if upload.kind in GRADED and upload.content is not None
    ]
    # What stands in a notebook is taken apart by Python's own parser, which gets a process.
    here = [job for job in jobs if job.kind != ".ipynb"]
    apart = [job for job in jobs if job.kind == ".ipynb"]
    read = {}
    for outcome in chain(
        work_in_processes(course, here, 0), work_in_processes(course, apart, **options)
    ):
        found = outcome.parts[0] if outcome.parts else "Reading this file took too long."
        read[outcome.job.key] = found
    return read


def _grade_all(course, shares, codes, programs, told, options):
    """The grades of all attempts that may count, and remarks on them, both by attempt."""
    attempts = {id(a): a for share in shares.values() for a in share.to_grade if not a.why}
    jobs, remarks, names = [], {}, {}
    for key, attempt in attempts.items():
        code, said = with_numbers(attempt, codes, course.roster, course.policy.groups)
        names[key] = counted(course.problem_set, attempt.answers)
        stray = set(attempt.answers) - {question.name for question in course.problem_set.questions}
        if stray:
            said = (*said, f"Answers to tasks that this set does not have: {len(stray)}.")
        remarks[key] = (*attempt.remarks, *said)
        jobs += _jobs(course.problem_set, key, names[key], attempt.answers, code, programs)
    grades = defaultdict(dict)
    for outcome in told(work_in_processes(course, jobs, **options), len(jobs)):
        job, found = outcome.job, dict(outcome.parts)
        for name in job.names:
            grade = found.get(name) or _left(course.problem_set, name, job.answers, outcome.end)
            grades[job.key][name] = task_row(grade, job.answers.get(name))
    return {key: {name: grades[key][name] for name in names[key]} for key in attempts}, remarks


def _jobs(problem_set, key, names, answers, code, programs):
    """The work that an attempt makes: each program for itself, and the rest together."""
    alone = [
        name
        for name in names
        if programs and name in answers and problem_set.question(name).data["kind"] == "program"
    ]
    rest = tuple(name for name in names if name not in alone)
    jobs = [Grading(key, rest, {n: answers[n] for n in rest if n in answers}, code)] if rest else []
    return jobs + [Grading(key, (n,), {n: answers[n]}, code, is_program=True) for n in alone]


def _left(problem_set, name, answers, end):
    """The grade of an answer that the grader did not come to: a person has it."""
    of = problem_set.question(name).data["points"]
    if name not in answers:
        return zero(of, "There is no answer.")
    what = "took too long over" if end == workers.TOO_LONG else "broke down at"
    waits = f"The grader {what} this submission; this answer was not graded: {name}."
    return Grade(0.0, of, (), (waits,), of)
