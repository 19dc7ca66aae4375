"""Pairs of students who share wrong lines, or reasons of wrong lines, that few others have.

A page for the staff. It is no evidence by itself, decides no points, and says so.
"""

import math
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from .handed_in import wrong_lines
from .pages import element, joined, listed, number, page, table, write

_FEWEST_SHARED = 2
_RARE = 0.03  # the share of all students that may have a line that counts as rare
_MOST_PAIRS = 40
_SHORTEST_REASON = 12  # letters


class Pair(NamedTuple):
    """Two students with what they share: (weight, task, what) each."""

    weight: float
    students: tuple
    shared: tuple


def write_similarity(record, problem_set, path):
    """Write the page about pairs of students who share wrong lines.

    Parameters
    ----------
    record : dict
        The record of a run.
    problem_set : QuestionSet
    path : path
    """
    write(Path(path), similarity_page(record, problem_set))


def similar_pairs(record, problem_set):
    """The pairs that share at least two rare things, the heaviest first.

    A thing that m of n students have weighs log(n/m). Students of a group are no pair.
    """
    students = {name: row for name, row in record["students"].items() if row.get("file")}
    owners = _owners(students, problem_set, record["tasks"])
    most = max(2, math.floor(_RARE * len(students)))
    shared = defaultdict(list)
    for (task, what), names in owners.items():
        if 2 <= len(names) <= most:
            weight = math.log(len(students) / len(names))
            for pair in combinations(sorted(names), 2):
                shared[pair].append((weight, task, what))
    pairs = [
        Pair(sum(weight for weight, _, _ in things), pair, tuple(sorted(things, reverse=True)))
        for pair, things in shared.items()
        if len(things) >= _FEWEST_SHARED and not _worked_together(*(students[n] for n in pair))
    ]
    return sorted(pairs, key=lambda pair: (-pair.weight, pair.students))


def _owners(students, problem_set, tasks):
    """Who has which wrong line or reason: a set of students for each."""
    owners = defaultdict(set)
    for task in tasks:
        question = problem_set.question(task)
        for name, row in students.items():
            for line in wrong_lines(question, row):
                owners[task, f"line: {line.text}"].add(name)
                reason = " ".join(line.reason.lower().split())
                if len(reason) >= _SHORTEST_REASON:
                    owners[task, f"reason: {reason}"].add(name)
    return owners


def _worked_together(one, other):
    same_group = one.get("group") and one["group"] == other.get("group")
    return bool(same_group) or one["file"] == other["file"]


def similarity_page(record, problem_set):
    """The page, as text."""
    pairs = similar_pairs(record, problem_set)
    none = element("p", "No two students share two or more rare wrong lines.")
    left_out = len(pairs) - _MOST_PAIRS
    return page(
        f"Shared wrong lines: {record['title']}",
        element("p", element("b", "For the staff only. "), _WHAT_IT_SAYS),
        element("h2", "What this does not prove"),
        listed(_NO_PROOF),
        element("h2", "Pairs"),
        joined([_pair(record, pair) for pair in pairs[:_MOST_PAIRS]]) if pairs else none,
        element("p", f"Further pairs, left out: {left_out}.") if left_out > 0 else None,
    )


_WHAT_IT_SAYS = (
    "Each pair below shares at least two wrong lines, or reasons given for wrong lines, that "
    "hardly anybody else has. What is right is never compared, nor are programs and open answers. "
    "The rarer a thing is, the more it weighs. Points never depend on this page, and no feedback "
    "mentions it."
)
_NO_PROOF = (
    "That anybody copied. Two students who learned from one friend, tutor, book or assistant make "
    "one mistake, and often go on from it in the same way.",
    "Who wrote it first.",
    "That it is unlikely. Among 300 students there are 44,850 pairs, and some are alike by chance.",
    "That the others worked alone: right answers that were copied do not show here.",
)


def _pair(record, pair):
    names = " and ".join(f"{record['students'][name]['name']} ({name})" for name in pair.students)
    rows = [
        (record["tasks"][task]["title"], element("code", what), number(weight))
        for weight, task, what in pair.shared
    ]
    caption = f"Shared by few. Weight in all: {number(pair.weight)}"
    head = ("Task", "What", "Weight")
    return joined([element("h3", names), table(head, rows, caption, numbers=(2,))])
