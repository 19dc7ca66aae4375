"""What each student handed in, attempt by attempt, and with whose numbers it is graded."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..exercises.codes import code_of, read_code
from ..exercises.submission_files import Submission
from .downloads import GRADED, in_order

NO_PROGRAM = "No file in it is graded by a program."


@dataclass(frozen=True)
class Attempt:
    """What one student, or several, handed in at one time.

    Attributes
    ----------
    students : tuple of str
    files : tuple of str
        Their names; the first is the one that the record names.
    answers : dict
        For each task what was handed in.
    code : str
        As the files state it; empty where they state none.
    time : datetime or None
    late : bool or None
        What Canvas says; None where nobody says anything.
    why : str
        Why nothing of it can be graded, or nothing.
    remarks : tuple of str
        For the staff.
    """

    students: tuple
    files: tuple
    answers: dict = field(default_factory=dict)
    code: str = ""
    time: datetime | None = None
    late: bool | None = None
    why: str = ""
    remarks: tuple = ()


def attempts_of(uploads, read):
    """The attempts of all students, the earliest first.

    Parameters
    ----------
    uploads : iterable of Upload
    read : dict of str to Submission or str
        For the name of each file what is in it, or why it cannot be read.

    Returns
    -------
    dict of str to list of Attempt
    """
    together = defaultdict(list)
    for upload in uploads:
        together[upload.students, upload.attempt, upload.time].append(upload)
    found = defaultdict(list)
    for (students, order, time), files in together.items():
        attempt = _together(students, time, files, read)
        for student in students:
            found[student].append((order, attempt))
    return {student: _in_time(pairs) for student, pairs in found.items()}


def with_numbers(attempt, codes, roster, groups):
    """The code whose numbers an attempt is graded with, and remarks on it.

    Parameters
    ----------
    attempt : Attempt
    codes : dict of str to str
        The code of each student.
    roster : Roster
    groups : bool
        Whether students of a group hand in together.
    """
    own = attempt.students[0]
    if not attempt.code:
        return codes[own], ("The file states no code: graded with the student's own numbers.",)
    try:
        code = read_code(attempt.code)
    except ValueError:
        code = attempt.code
    owner = next((student for student, known in codes.items() if known == code), None)
    if owner is None:
        return codes[own], (
            f"The code {attempt.code} in the file is nobody's in this course: graded with the "
            "student's own numbers.",
        )
    if owner in attempt.students:
        return code, ()
    label = roster.students[owner].label
    if groups and owner in roster.group_of(own):
        return code, (f"Made with the code of {label}, of the same group, and graded so.",)
    return code, (
        f"The code in the file is that of {label}. The answers are graded with the numbers of "
        "that code; ask how it came there.",
    )


def codes_of(secret, set_name, roster):
    """The code of each student of the roster."""
    return {student: code_of(secret, set_name, student) for student in roster.students}


def _in_time(pairs):
    """Attempts in order: by time where it is known of all, else by their names."""
    if all(attempt.time for _, attempt in pairs):
        return [attempt for _, attempt in sorted(pairs, key=lambda pair: pair[1].time)]
    return [attempt for _, attempt in sorted(pairs, key=lambda pair: pair[0])]


def _together(students, time, files, read):
    """One attempt from the files that were handed in together."""
    # What counts comes last: the file that is meant to be handed in, before the notebook beside it.
    files = sorted(files, key=lambda file: (file.kind == ".json", in_order(file.name)))
    if any(file.kind in (".json", ".ipynb") and file.name in read for file in files):
        bare = [file for file in files if file.kind == ".py"]
        files = [file for file in files if file.kind != ".py"]
    else:
        bare = []
    remarks = [f"{file.name} is not read, as there is another file." for file in bare]
    submissions, faults = [], []
    for file in files:
        found = read.get(file.name)
        if isinstance(found, Submission):
            submissions.append((file.name, found))
        elif found is not None:
            faults.append((file.name, found))
        elif file.kind in GRADED:
            faults.append((file.name, "This file is too large."))
        else:
            remarks.append(f"{file.name} is not graded by a program: read it.")
    remarks += [f"{name} cannot be read: {why}" for name, why in faults]
    marks = {file.late for file in files}
    attempt = Attempt(
        students,
        tuple(name for name, _ in submissions) or tuple(file.name for file in files),
        time=time,
        late=True if True in marks else None if None in marks else False,
    )
    if not submissions:
        why = faults[0][1] if faults else NO_PROGRAM
        return replace(attempt, why=why, remarks=tuple(remarks))
    answers, codes = {}, []
    for name, submission in submissions:
        remarks += submission.remarks
        codes += [submission.student] if submission.student else []
        for task, answer in submission.answers.items():
            if task in answers and answers[task] != answer:
                remarks.append(f"{task} is answered in several files; {name} counts.")
            answers[task] = answer
    if len(set(codes)) > 1:
        remarks.append(f"The files state several codes: {', '.join(codes)}. The last counts.")
    return replace(
        attempt, answers=answers, code=codes[-1] if codes else "", remarks=tuple(remarks)
    )
