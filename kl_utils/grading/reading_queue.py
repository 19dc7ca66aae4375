"""The reading queue: what waits for a person, split by task, as pages to read and tables to fill.

A tenth of the open answers come twice, so that it shows how well readings agree. The points of
filled tables are checked. Where two readings of an answer differ, none is chosen: they are
reported, and a person decides by writing into ``overrides.csv``.
"""

import datetime
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from .overrides import COLUMNS as OVERRIDES
from .pages import number, write
from .pseudonyms import read_secret, secret_above
from .queue_items import is_decided, items_of
from .queue_pages import queue_page
from .tables import read_table, write_table

COLUMNS = ("item", "possible", "points", "reason")
_NUMBER = re.compile(r"\d{1,4}([.,]\d{1,3})?")


def write_queue(record, problem_set, folder):
    """Write for each task with something to read ``TASK.html`` and ``TASK.csv``.

    Parameters
    ----------
    record : dict
        The record of a run.
    problem_set : QuestionSet
    folder : path
        In a course folder, whose secret hides who is who.

    Returns
    -------
    dict of str to int
        For each task how many items there are to read.
    """
    folder = Path(folder)
    queue = {}
    for task, items in items_of(record, secret_above(folder)).items():
        items = [item for item in items if not is_decided(record, item)]
        if not items:
            continue
        queue[task] = len(items)
        write(folder / f"{task}.html", queue_page(record, problem_set, task, items))
        rows = [{"item": item.name, "possible": f"0 to {number(item.possible)}"} for item in items]
        write_table(folder / f"{task}.csv", COLUMNS, rows)
    return queue


@dataclass
class Readings:
    """What came of some filled tables.

    Attributes
    ----------
    taken : list of dict
        The rows added to ``overrides.csv``.
    twice, agreed : int
        How many answers were read twice, and on how many of them the readings agree.
    disagreements, refused : list of str
        A sentence for each answer on which they do not, and for each row that was not taken.
    unread, before : int
        Rows without points, and answers whose points stand in ``overrides.csv`` already.
    """

    taken: list = field(default_factory=list)
    twice: int = 0
    agreed: int = 0
    disagreements: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    unread: int = 0
    before: int = 0

    def summary(self):
        """What came of it, in sentences."""
        sentences = [f"{len(self.taken)} taken, {self.unread} rows not filled yet."]
        if self.before:
            sentences.append(f"{self.before} were decided before; change those in overrides.csv.")
        if self.twice:
            sentences.append(f"Of {self.twice} answers read twice, {self.agreed} agree.")
        return [*sentences, *self.disagreements, *self.refused]


def take_readings(filled, record, course_folder, by):
    """Write the points of filled tables into ``overrides.csv``.

    Parameters
    ----------
    filled : sequence of path
        All tables of a set that are filled, so that both readings of an answer are there.
    record : dict
        The record of the run whose queue was read.
    course_folder : path
    by : str
        Who has read.

    Returns
    -------
    Readings
    """
    queue = items_of(record, read_secret(course_folder))
    items = {item.name: item for items in queue.values() for item in items}
    result, given = Readings(), {}
    for path in map(Path, filled):
        for line, row in read_table(path, ("item", "points"), COLUMNS[1:2] + COLUMNS[3:]):
            _take_row(f"{path.name}, line {line}", row, items, given, result)
    by_answer = defaultdict(list)
    for item in items.values():
        by_answer[item.task, item.students].append(item)
    path = Path(course_folder) / "overrides.csv"
    old = (
        [row for _, row in read_table(path, OVERRIDES[:5], OVERRIDES[5:])] if path.exists() else []
    )
    at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    for (task, students), copies in by_answer.items():
        if is_decided(record, copies[0]):
            result.before += any(item.name in given for item in copies)
        elif decided := _decided(copies, given, result):
            rows = [_override(record, task, student, *decided) for student in students]
            fresh = [row for row in rows if not _is_decided(record, row, old)]
            result.before += not fresh
            result.taken += [{**row, "by": by, "at": at} for row in fresh]
    if result.taken:
        write_table(path, OVERRIDES, [*old, *result.taken])
    return result


def _override(record, task, student, points, reason):
    """The row of ``overrides.csv`` for one student: what the machine gave, and what is added."""
    found = record["students"][student]["tasks"][task]
    total = number(min(found["of"], found["points"] + points))
    about = {"set": record["set"], "task": task, "student": student}
    return about | {"points": total, "reason": reason}


def _is_decided(record, row, old):
    """Does a row stand for this answer already, other than one that was for an earlier answer?"""
    stale = record["students"][row["student"]]["tasks"][row["task"]].get("stale") or {}
    return any(
        all(other[name] == row[name] for name in ("set", "task", "student"))
        and (other["reason"], other["at"]) != (stale.get("reason"), stale.get("at"))
        for other in old
    )


def _take_row(where, row, items, given, result):
    """Note the points of a row, or why they are not taken."""
    text, name = row["points"].strip(), row["item"].strip()
    if not text:
        result.unread += 1
    elif name not in items:
        result.refused.append(f"{where}: {name} is no item of the last run: was it handed in anew?")
    elif not _NUMBER.fullmatch(text):
        result.refused.append(f"{where}: {text!r} is no number of points, such as 3 or 2.5.")
    elif (points := float(text.replace(",", "."))) > items[name].possible:
        possible = number(items[name].possible)
        result.refused.append(f"{where}: {text} points are too many; 0 to {possible} wait.")
    elif name in given:
        result.refused.append(f"{where}: {name} has points already, in a row above.")
    else:
        given[name] = points, row["reason"].strip() or "Read by a person."


def _decided(copies, given, result):
    """Points and reason, if all copies of an answer were read, and the readings agree."""
    readings = [given[item.name] for item in copies if item.name in given]
    names = " and ".join(item.name for item in copies)
    if not readings:
        return None
    if len(readings) < len(copies):
        result.refused.append(f"{names} are one answer, of which only one is filled: fill both.")
        return None
    found = [points for points, _ in readings]
    if len(copies) > 1:
        result.twice += 1
        if len(set(found)) > 1:
            both = " and ".join(map(number, found))
            result.disagreements.append(
                f"{names} are one answer, and got {both} points. Decide on the whole task in "
                f"overrides.csv: {copies[0].task}, student {', '.join(copies[0].students)}."
            )
            return None
        result.agreed += 1
    return readings[0]
