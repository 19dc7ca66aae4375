"""The reading queue: what waits for a person, split by task, as pages to read and tables to fill.

A tenth of the open answers come twice, so that it shows how well readings agree. The points of
filled tables are checked. Where two readings of an answer differ, none is chosen: they are
reported, and a person writes the same points at both. The first reading of such an answer lies in
``readings.csv`` until the second has come, and nothing tells that there will be one.
"""

import datetime
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from .overrides import COLUMNS as OVERRIDES
from .pages import number, points, several, write
from .pseudonyms import course_above, read_secret
from .queue_items import is_decided, items_of
from .queue_pages import queue_page
from .tables import read_table, write_table

COLUMNS = ("item", "possible", "points", "reason")
_KEPT = ("item", "points", "reason")
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
    course, queue = course_above(folder), {}
    kept = _read_kept(course)
    for task, items in items_of(record, read_secret(course)).items():
        items = [i for i in items if not is_decided(record, i) and i.name not in kept]
        if not items:
            continue
        queue[task] = len(items)
        write(folder / f"{task}.html", queue_page(record, problem_set, task, items))
        rows = [{"item": item.name, "possible": f"0 to {number(item.possible)}"} for item in items]
        write_table(folder / f"{task}.csv", COLUMNS, rows)
    return queue


@dataclass
class Readings:
    """What came of some filled tables; nothing in it tells who wrote an answer.

    Attributes
    ----------
    rows : list of dict
        What is added to ``overrides.csv``.
    taken, before, waiting : int
        How many items were taken, were decided in the same way before, and wait still, in all.
    twice, agreed : int
        How many answers were read twice, and on how many of them the readings agree.
    disagreements, refused : list of str
        A sentence for each answer on which they do not, and for all that was not taken.
    """

    rows: list = field(default_factory=list)
    taken: int = 0
    before: int = 0
    waiting: int = 0
    twice: int = 0
    agreed: int = 0
    disagreements: list = field(default_factory=list)
    refused: list = field(default_factory=list)

    def summary(self):
        """What came of it, in sentences, without what was refused."""
        few = "waits" if self.waiting == 1 else "wait"
        still = f"{several(self.waiting, 'item')} of the set still {few}."
        sentences = [f"{several(self.taken, 'item')} taken. {still}"]
        if self.before:
            was = "was" if self.before == 1 else "were"
            sentences.append(
                f"{several(self.before, 'item')} {was} taken before, with the same points."
            )
        if self.twice:
            agree = "agrees" if self.agreed == 1 else "agree"
            answers = several(self.twice, "answer")
            sentences.append(f"Of {answers} read twice, {self.agreed} {agree}.")
        return [*sentences, *self.disagreements]


def take_readings(filled, record, course_folder, by, again=False):
    """Write the points of filled tables into ``overrides.csv``.

    Parameters
    ----------
    filled : sequence of path
    record : dict
        The record of the run whose queue was read.
    course_folder : path
    by : str
        Who has read.
    again : bool
        Whether points in the tables replace others that were decided before.

    Returns
    -------
    Readings
    """
    queue = items_of(record, read_secret(course_folder))
    items = {item.name: item for items in queue.values() for item in items}
    result, given = Readings(), {}
    for path in map(Path, filled):
        _take_table(path, items, given, result)
    by_answer = defaultdict(list)
    for item in items.values():
        by_answer[item.task, item.students].append(item)
    path = Path(course_folder) / "overrides.csv"
    old = (
        [row for _, row in read_table(path, OVERRIDES[:5], OVERRIDES[5:])] if path.exists() else []
    )
    at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    kept = _read_kept(course_folder)
    before = dict(kept)
    for copies in by_answer.values():
        fresh = _rows(copies, record, old, given, kept, again, result)
        result.rows += [{**row, "by": by, "at": at} for row in fresh]
    if result.rows:
        write_table(path, OVERRIDES, [*old, *result.rows])
    if kept != before:
        _write_kept(course_folder, kept)
    return result


def _take_table(path, items, given, result):
    """Note the points of a table; nothing of it where its cells are not where they belong."""
    try:
        table = read_table(path, ("item", "points"), COLUMNS[1:2] + COLUMNS[3:])
    except ValueError as error:
        result.refused.append(f"{error} Nothing of this table was taken.")
        return
    for line, row in table:
        _take_row(f"{path.name}, line {line}", row, items, given, result)


def _take_row(where, row, items, given, result):
    """Note the points of a row, or why they are not taken."""
    text, name, reason = row["points"].strip(), row["item"].strip(), row["reason"].strip()
    if not text and not reason:
        return
    if name not in items:
        why = f"{name} is no item of the last run: was it handed in anew?"
    elif not text:
        why = f"{name} has a reason and no points."
    elif not _NUMBER.fullmatch(text):
        why = f"{text!r} is not a number of points, such as 3 or 2.5."
    elif (found := float(text.replace(",", "."))) > items[name].possible:
        why = f"{text} points are too many; 0 to {number(items[name].possible)} wait."
    elif found < items[name].possible and not reason:
        why = f"{name} loses points: write a reason, which the student reads."
    elif name in given:
        why = f"{name} has points already, in a row above."
    else:
        given[name] = found, reason or "Read by a person."
        return
    result.refused.append(f"{where}: {why}")


def _rows(copies, record, old, given, kept, again, result):
    """The rows for ``overrides.csv`` that an answer gets, one for each who handed it in.

    What came of it is noted in ``result``, and a reading that waits for another in ``kept``.
    """
    task, students = copies[0].task, copies[0].students
    said = {item.name: given[item.name] for item in copies if item.name in given}
    standing = {student: _standing(record, task, student, old) for student in students}
    first = {item.name: kept[item.name] for item in copies if item.name in kept}
    is_changed = all(standing.values())
    if is_changed:
        by_reason = len(copies) == 1  # of two readings, the reason of one alone was kept
        known = set(said)
        differs = {n for n, s in said.items() if _differs(record, task, standing, *s, by_reason)}
    else:
        known = first.keys() & said.keys()
        differs = {name for name in known if said[name] != first[name]}
    result.before += len(known - differs)
    if not again:
        result.refused += [_decided_otherwise(n, said[n][0]) for n in said if n in differs]
    fresh = (said.keys() - known) | (differs if again else set())
    if is_changed and not fresh:
        return []
    if not is_changed:
        said = first | {name: found for name, found in said.items() if name in fresh}
        if len(said) < len(copies):
            kept |= said
            result.taken += len(fresh)
            result.waiting += len(copies) - len(said)
            return []
        for name in first:
            del kept[name]
    if not _agree(said, result):
        result.waiting += 0 if is_changed else len(copies)
        return []
    result.taken += len(fresh)
    reading = next(iter(said.values()))
    return [
        _override(record, task, student, *reading)
        for student in students
        if is_changed or not standing[student]
    ]


def _agree(said, result):
    """Do the readings of an answer agree? It is noted in ``result``."""
    if len(said) == 1:
        return True
    found = [found for found, _ in said.values()]
    is_same = len(set(found)) == 1
    result.twice += 1
    result.agreed += is_same
    if not is_same:
        result.disagreements.append(
            f"{' and '.join(said)} are one answer, and got {' and '.join(map(number, found))} "
            "points. Write the same points at both, and take the table again."
        )
    return is_same


def _decided_otherwise(name, found):
    return (
        f"{name} was decided otherwise before, and the table now says {points(found)}. To change "
        "it, take the table with --again. (In overrides.csv stand the points of the whole task, "
        "with those that the machine gave.)"
    )


def _differs(record, task, standing, found, reason, by_reason):
    """Does a reading give other points, or perhaps another reason, than what is decided?"""
    for student, row in standing.items():
        new = _override(record, task, student, found, reason)
        decided = float(str(row["points"]).replace(",", "."))
        if abs(decided - float(new["points"])) > 0.005:
            return True
        if by_reason and row["reason"] != new["reason"]:
            return True
    return False


def _override(record, task, student, found, reason):
    """The row of ``overrides.csv`` for one student: what the machine gave, and what is added."""
    row = record["students"][student]["tasks"][task]
    total = number(min(row["of"], row["points"] + found))
    about = {"set": record["set"], "task": task, "student": student}
    return about | {"points": total, "reason": reason}


def _standing(record, task, student, old):
    """What is decided for a student's answer, other than for an earlier one; None if nothing."""
    found = record["students"][student]["tasks"][task]
    stale = found.get("stale") or {}
    rows = [
        row
        for row in old
        if (row["set"], row["task"], row["student"]) == (record["set"], task, student)
        and (row["reason"], row["at"]) != (stale.get("reason"), stale.get("at"))
    ]
    return rows[-1] if rows else found.get("override")


def _read_kept(course_folder):
    """Readings that wait for another one of the same answer: points and reason by item."""
    path = Path(course_folder) / "readings.csv"
    rows = read_table(path, _KEPT) if path.exists() else []
    return {row["item"]: (float(row["points"]), row["reason"]) for _, row in rows}


def _write_kept(course_folder, kept):
    rows = [{"item": name, "points": f, "reason": reason} for name, (f, reason) in kept.items()]
    write_table(Path(course_folder) / "readings.csv", _KEPT, rows)
