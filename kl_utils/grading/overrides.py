"""Points that a person gives instead of the grader, with a reason.

::

    set,task,student,points,reason,by,at
    divergence,to-the-prior@1,s017,7,The step is right: see lemma 2,ab,2026-10-14T09:30

They are kept in the course's ``overrides.csv`` and applied at every grading. An override belongs to
the answer that the last run before it had: if another answer counts by now, it is reported and not
applied. Of two rows for one task of one student the later counts.
"""

import hashlib
import json
from dataclasses import dataclass

from .roster import Unknown
from .tables import read_table

COLUMNS = ("set", "task", "student", "points", "reason", "by", "at")


@dataclass(frozen=True)
class Override:
    """A row of ``overrides.csv``."""

    task: str
    student: str
    points: float
    reason: str
    by: str = ""
    at: str = ""

    @property
    def data(self):
        """What a record of a run says of it."""
        return {"points": self.points, "reason": self.reason, "by": self.by, "at": self.at}


def mark_of(answer):
    """Eight signs that change with an answer."""
    text = json.dumps(answer, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def applied(task, override, before):
    """A task of a student's record with an override, or with what makes it stale.

    Parameters
    ----------
    task : dict
        Has ``points`` and ``answer``.
    override : Override or None
    before : dict or None
        The same task in the last run.
    """
    task = {**task, "override": None, "stale": None, "final": task["points"]}
    if override is None:
        return task
    mark = mark_of(task["answer"])
    known = [old for old in ((before or {}).get("override"), (before or {}).get("stale")) if old]
    if known and {**known[0], "answer": ""} == {**override.data, "answer": ""}:
        read = known[0]["answer"]
    else:
        read = mark_of(before["answer"]) if before else mark
    data = {**override.data, "answer": read}
    if read != mark:
        return {**task, "stale": data}
    return {**task, "override": data, "final": override.points}


def read_overrides(path, set_name, roster, tasks):
    """The overrides of a set: dict of student and task to `Override`.

    Parameters
    ----------
    path : path
    set_name : str
    roster : Roster
    tasks : dict of str to dict
        The tasks with their points, as in a run's record.

    Raises
    ------
    ValueError
        If a row names no student or task, gives points that are none, or has no reason.
    """
    found = {}
    if not path.exists():
        return found
    for line, row in read_table(path, COLUMNS[:5], COLUMNS[5:]):
        if row.pop("set") == set_name:
            try:
                override = _override(row, roster, tasks)
            except ValueError as error:
                raise ValueError(f"overrides.csv, line {line}: {error}") from None
            found[override.student, override.task] = override
    return found


def _override(row, roster, tasks):
    try:
        student = roster.find(row["student"])
    except Unknown as error:
        raise ValueError(f"student: {error}") from None
    if row["task"] not in tasks:
        known = ", ".join(tasks)
        raise ValueError(f"task: the set has no {row['task']!r}, but {known}.")
    of = tasks[row["task"]]["of"]
    try:
        points = float(row["points"].replace(",", "."))
    except ValueError:
        points = -1.0
    if not 0 <= points <= of:
        raise ValueError(f"points: expected a number from 0 to {of:g}, got {row['points']!r}")
    if not row["reason"]:
        raise ValueError("reason: an override needs one; students read it.")
    return Override(**{**row, "student": student, "points": points})
