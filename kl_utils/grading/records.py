"""The record of a run: all that is known of a class and a set, as one JSON file.

A record holds proposals. What a person decides comes on top of it: `settled` puts overrides and
lateness in, and can do so again without grading anything anew.
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

from .overrides import applied
from .tables import write_whole

VERSION = 1
_GRADER = ("derivation", "exercises")


def marks_of(problem_set):
    """What a record says of each task: title, kind, points, and a digest of all that it asks."""
    marks = {}
    for question in problem_set.questions:
        asked = json.dumps([question.data, question.frame], sort_keys=True, default=str)
        marks[question.name] = {
            "title": question.data["title"],
            "kind": question.data["kind"],
            "of": question.data["points"],
            "sha256": hashlib.sha256(asked.encode()).hexdigest(),
        }
    return marks


def counted(problem_set, answers):
    """The names of the tasks that count for a student.

    Of each id one version: the newest that is answered, or else the one that is asked now.
    """
    names = {}
    for question in sorted(problem_set.questions, key=lambda question: question.data["version"]):
        id_ = question.data["id"]
        if question.name in answers or (not question.is_retired and id_ not in names):
            names[id_] = question.name
    asked = dict.fromkeys(question.data["id"] for question in problem_set.questions)
    return [names[id_] for id_ in asked if id_ in names]


def task_row(grade, answer):
    """A task of a student's record, from its `Grade`."""
    return {
        "points": round(grade.points, 2),
        "of": grade.of,
        "held": round(grade.held, 2),
        "sentences": list(grade.lost),
        "to_read": list(grade.to_read),
        "answer": json.loads(json.dumps(answer, default=str)),
    }


def settled(record, overrides, policy, before=None):
    """A record with overrides, lateness and totals, and what changed since the last run.

    Parameters
    ----------
    record : dict
        With what the grader gave; settling it again is no harm.
    overrides : dict
        As `kl_utils.grading.overrides.read_overrides` gives them.
    policy : Policy
    before : dict or None
        The record of the last run.
    """
    students = {}
    for name, row in record["students"].items():
        old = (before or {"students": {}})["students"].get(name, {"tasks": {}})
        tasks = {
            task: applied(found, overrides.get((name, task)), old["tasks"].get(task))
            for task, found in row["tasks"].items()
        }
        students[name] = {**row, "tasks": tasks, **_totals(tasks, row["late_days"], policy)}
    record = {**record, "students": students, "changes": []}
    return {**record, "changes": changes(before, record) if before else []}


def changes(before, after):
    """Whose points are others than in the run before, and why."""
    found = []
    versions = {record["course_version"] for record in (before, after)}
    for name, row in after["students"].items():
        old = before["students"].get(name)
        if old is None:
            continue
        for task in dict.fromkeys([*old["tasks"], *row["tasks"]]):
            was, now = old["tasks"].get(task), row["tasks"].get(task)
            points = [side["final"] if side else None for side in (was, now)]
            if points[0] != points[1]:
                task_marks = [record["tasks"].get(task, {}) for record in (before, after)]
                why = _why(was, now, task_marks, len(versions) > 1)
                found.append(_change(name, task, *points, why))
        if old["penalty"] != row["penalty"]:
            why = "The points that lateness takes are others."
            found.append(_change(name, None, -old["penalty"], -row["penalty"], why))
    return found


def course_version():
    """The version of the course, and a digest of the code that grades."""
    package = import_module("kl_utils")
    digest = hashlib.sha256()
    for part in _GRADER:
        for path in sorted(Path(package.__file__).with_name(part).rglob("*.py")):
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return f"{package.__version__} (grader {digest.hexdigest()[:8]})"


def new_run(course, set_name):
    """A name for a run that no other has: the time."""
    runs = Path(course, "results", set_name)
    name = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    return next(
        folder
        for number in range(1000)
        if not (folder := runs / (f"{name}-{number + 1}" if number else name)).exists()
    )


def latest_run(course, set_name):
    """The folder of the last run, or None."""
    runs = Path(course, "results", set_name)
    try:
        folder = runs / (runs / "latest").read_text("utf-8").strip()
    except OSError:
        return None
    return folder if (folder / "run.json").is_file() else None


def read_record(folder):
    """The record in the folder of a run."""
    record = json.loads(Path(folder, "run.json").read_text("utf-8"))
    if record.get("version") != VERSION:
        raise ValueError(f"{folder}: this run was written by another version of the course.")
    return record


def write_record(record, folder):
    """Write the record into the folder of a run."""
    text = json.dumps(record, indent=1)
    write_whole(Path(folder, "run.json"), f"{text}\n".encode())


def _totals(tasks, late_days, policy):
    total = sum(task["final"] for task in tasks.values())
    of = sum(task["of"] for task in tasks.values())
    held = sum(task["held"] for task in tasks.values() if not task["override"])
    penalty = 0.0
    if policy.late_rule and late_days:
        penalty = policy.late_rule.penalty(timedelta(days=late_days), total, of)
    return {
        "total": round(total, 2),
        "penalty": round(penalty, 2),
        "score": round(total - penalty, 2),
        "of": of,
        "held": round(held, 2),
    }


def _change(student, task, before, after, why):
    return {"student": student, "task": task, "before": before, "after": after, "why": why}


def _why(was, now, task_marks, is_other_version):
    """Why a task has other points, as far as it can be told."""
    if was is None or now is None:
        return "Another version of the task counts."
    if was["override"] != now["override"]:
        if now["override"]:
            return f"An override: {now['override']['reason']}"
        return "An override is no longer applied."
    if was["answer"] != now["answer"]:
        return "Another answer counts."
    if task_marks[0].get("sha256") != task_marks[1].get("sha256"):
        return "The task was changed."
    if is_other_version:
        return "The course's code was changed."
    return "It was graded otherwise, or as another student's: see the remarks."
