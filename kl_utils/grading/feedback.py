"""Feedback for students: one file each, under a name that only the staff can tell whose it is.

It shows the points, the student's own lines with what is said of each, what waits for a person,
what a person changed and why, and lateness. Remarks for the staff stay out of it.
"""

import re
from pathlib import Path

from .answers import shown_answer
from .pages import date, element, joined, listed, number, page, points, table, write
from .plain_mathematics import plain
from .pseudonyms import pseudonym, secret_above
from .tables import write_table

_HINTS_FOR = {"prove", "program"}  # elsewhere to know the mistake is to know the answer
_FORMULA = re.compile(r"[=`$<>≤≥^\\]|\w\(")


def write_feedback(record, problem_set, folder):
    """Write the feedback of all students, and beside the folder whose file is which.

    Parameters
    ----------
    record : dict
        The record of a run.
    problem_set : QuestionSet
    folder : path
        In a course folder, whose secret makes the names of the files: they stay the same when the
        set is graded again.

    Returns
    -------
    dict of str to pathlib.Path
        The file of each student.
    """
    folder = Path(folder)
    secret = secret_above(folder)
    files = {}
    for student, row in record["students"].items():
        name = pseudonym(secret, "feedback", record["set"], student)
        files[student] = folder / f"{name}.html"
        write(files[student], feedback_page(record, problem_set, row))
    names = {student: row["name"] for student, row in record["students"].items()}
    rows = [
        {"student": student, "name": names[student], "feedback": path.name}
        for student, path in files.items()
    ]
    folder.parent.mkdir(parents=True, exist_ok=True)
    write_table(folder.parent / "pseudonyms.csv", ("student", "name", "feedback"), rows)
    return files


def feedback_page(record, problem_set, row):
    """The page of one student.

    Parameters
    ----------
    record : dict
    problem_set : QuestionSet
    row : dict
        The student's part of the record.
    """
    return page(
        f"Feedback: {record['title']}",
        _score(record, row),
        _summary(record, row),
        *(
            _task(place, name, record, problem_set, row)
            for place, name in enumerate(_names(record, row), 1)
        ),
    )


def _names(record, row):
    return [name for name in record["tasks"] if name in row["tasks"]]


def _score(record, row):
    if released := record.get("released"):
        status = f"Released on {date(released)}."
    else:
        status = "This score is a proposal: until it is released, a person may change it."
    return joined(
        [
            element("p", f"{number(row['score'])} of {points(row['of'])}", class_="score"),
            element("p", status),
            _waiting(row),
            element("p", _handed_in(row), class_="quiet"),
        ]
    )


def _waiting(row):
    if not row["held"]:
        return None
    few = "waits" if row["held"] == 1 else "wait"
    rest = f"{points(row['held'])} {few} for a person to read, and may come on top."
    return element("p", element("b", "Not final. "), rest, class_="waits")


def _handed_in(row):
    code = f"Your code is {row['code']}. " if row.get("code") else ""
    if not row.get("file"):
        return f"{code}No submission of yours was found. If you handed in, tell your instructor."
    sentences = f"{code}Handed in"
    if row.get("submitted"):
        sentences += f" at {date(row['submitted'])}"
    if row.get("late_days"):
        sentences += f", {number(row['late_days'])} day{'s' * (row['late_days'] != 1)} late"
    sentences += "."
    if row.get("attempts", 1) > 1:
        sentences += f" Of your {row['attempts']} submissions, number {row['attempt']} counts."
    return sentences


def _summary(record, row):
    rows = []
    for place, name in enumerate(_names(record, row), 1):
        found = row["tasks"][name]
        title = element("a", record["tasks"][name]["title"], href=f"#task-{place}")
        waits = number(_held(found)) if _held(found) else "–"
        rows.append((title, number(found["final"]), number(found["of"]), waits))
    if row.get("penalty"):
        rows.append(("Taken off because it was late", f"−{number(row['penalty'])}", "", ""))
    head = ("Task", "Points", "Of", "Waits")
    foot = (
        "Score",
        number(row["score"]),
        number(row["of"]),
        number(row["held"]) if row["held"] else "–",
    )
    return table(head, rows, "Points of each task", foot, numbers=(1, 2, 3))


def _held(found):
    """What waits for a person, unless one has decided."""
    return 0 if found.get("override") else found["held"]


def _task(place, name, record, problem_set, row):
    found, question = row["tasks"][name], problem_set.question(name)
    heading = f"{place}. {record['tasks'][name]['title']}"
    lost = list(found["sentences"])
    if found["answer"] is None and not lost:
        lost = ["There is no answer."]
    is_read = bool(found.get("override"))
    answer = found["answer"]
    return element(
        "section",
        element("h2", heading, id=f"task-{place}"),
        element("p", _points(found), class_="quiet"),
        _changed(found),
        shown_answer(question, row["code"], answer, lost, found["to_read"], is_read=is_read),
        _rubric(question, found) if record.get("released") else None,
        _hint(question, found),
    )


def _points(found):
    waits = f"; {number(_held(found))} more may come from a person" if _held(found) else ""
    return f"{number(found['final'])} of {points(found['of'])}{waits}"


def _changed(found):
    override = found.get("override")
    if not override:
        return None
    reason = f": {override['reason']}" if override.get("reason") else "."
    added = round(override["points"] - found["points"], 2)
    if found["held"] and found["points"] and added >= 0:
        both = f"{points(found['points'])} by the machine, {number(added)} by a person"
        return element("p", f"{both}{reason}")
    before = f" in place of {number(found['points'])}" if added < 0 or not found["held"] else ""
    return element("p", f"A person gave {points(override['points'])}{before}{reason}")


def _rubric(question, found):
    """What a good answer in words says; it names what to think of, and not what comes out."""
    says = question.data.get("good_answer_says", ())
    if not says or found["answer"] is None:
        return None
    return joined(
        [element("p", "A good answer does this:"), listed([plain(said) for said in says])]
    )


def _hint(question, found):
    """What the misconception might be, where that leaves the work to do.

    It is said to those alone who lost points with an answer that nobody still has to read, and
    only in words: a formula could be the answer of a retake.
    """
    said = question.data.get("misconception", "")
    is_wrong = found["answer"] is not None and found["final"] < found["of"] and not _held(found)
    if not said or not is_wrong or question.data["kind"] not in _HINTS_FOR or _FORMULA.search(said):
        return None
    return element("p", element("b", "Many believe, wrongly: "), said)
