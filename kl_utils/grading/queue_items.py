"""What a person has to read, as items that nobody can tell a student from."""

import json
import math
from collections import defaultdict
from typing import NamedTuple

from .pseudonyms import pseudonym

_TWICE = 10  # of so many open answers one is read twice


class Item(NamedTuple):
    """Something to read.

    ``name`` is made from the secret and the answer: an answer that was handed in anew is another
    item. ``students`` are those who handed it in together.
    """

    name: str
    task: str
    students: tuple
    possible: float


def items_of(record, secret):
    """The items of each task in which there are some, in an order that the secret decides.

    Also those that were read already, so that the others stay what they are. A tenth of the open
    answers come twice, under two names: in the first half of the order, and again in the second.
    """
    queue = {}
    for task, about in record["tasks"].items():
        items = sorted(_items(record, secret, task))
        if items and about["kind"] == "explain":
            some = items[: math.ceil(len(items) / _TWICE)]
            copies = [_item(record, secret, task, item.students, 2) for item in some]
            half = math.ceil(len(items) / 2)
            items = items[:half] + sorted(items[half:] + copies)
        if items:
            queue[task] = items
    return queue


def is_decided(record, item):
    """Has a person given points for an item, as far as the record knows?"""
    students = (record["students"][student] for student in item.students)
    return all(row["tasks"][item.task].get("override") for row in students)


def _items(record, secret, task):
    together = defaultdict(list)
    for student, row in record["students"].items():
        found = row["tasks"].get(task)
        if found and found["held"]:
            together[row.get("file") or student, _text(found["answer"])].append(student)
    for students in together.values():
        yield _item(record, secret, task, tuple(students), 1)


def _item(record, secret, task, students, copy):
    found = record["students"][students[0]]["tasks"][task]
    parts = ("reading", record["set"], task, *students, str(copy), _text(found["answer"]))
    return Item(pseudonym(secret, *parts), task, students, found["held"])


def _text(answer):
    return json.dumps(answer, sort_keys=True, default=repr)
