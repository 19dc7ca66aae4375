"""The wrong lines that come first in many proofs, with the numbers that refute each."""

import re
from collections import Counter, defaultdict
from functools import cache
from typing import NamedTuple

from ..derivation.line_values import evaluate_line
from .answers import task_of
from .handed_in import wrong_lines
from .histogram import FEWEST

_MOST = 3  # of each proof
_DIGITS = 9


class Mistake(NamedTuple):
    """A first wrong line that at least `FEWEST` have.

    ``text`` is empty where fewer than that write it in the same way.
    """

    count: int
    text: str
    refutation: str


def usual_mistakes(question, rows):
    """The wrong lines that come first in the proofs of at least five, the most frequent first.

    Lines with the same value at all cases count as one, however they are written. Where each
    student has other numbers, lines that differ by these alone count as one.
    """
    firsts = [(row["code"], line) for row in rows for line in wrong_lines(question, row)[:1]]
    if "choices" in question.data:
        groups = _by_text(question, firsts)
    else:
        groups = _by_value(question, firsts)
    mistakes = []
    for group in groups:
        if len(group) >= FEWEST:
            ((text, count),) = Counter(text for text, _, _ in group).most_common(1)
            example = next((line, code) for other, code, line in group if other == text)
            shown = text if count >= FEWEST else ""
            mistakes.append(Mistake(len(group), shown, _refutation(question, *example)))
    return sorted(mistakes, key=lambda mistake: (-mistake.count, mistake.text))[:_MOST]


def _by_text(question, firsts):
    """Groups of (text, code, line) in which a student's numbers have become letters."""
    groups = defaultdict(list)
    for code, line in firsts:
        text = _lettered(line.text, question.numbers(code))
        groups[text].append((text, code, line))
    return groups.values()


def _by_value(question, firsts):
    """Groups of (text, code, line) with the same value.

    They have the same counterexample, too. So where few have it, no line is evaluated.
    """
    refuted = Counter(_without_number(line.sentence) for _, line in firsts)
    value_of = cache(lambda text: _values(question, text) or text)
    groups = defaultdict(list)
    for code, line in firsts:
        if refuted[_without_number(line.sentence)] >= FEWEST:
            groups[value_of(line.text)].append((line.text, code, line))
    return groups.values()


def _without_number(sentence):
    return re.sub(r"^Line \d+: ", "", sentence)


def _lettered(text, numbers):
    """A line in which a student's own numbers have become the letters that they stand for."""
    for name, value in numbers.items():
        if value not in (0, 1, 2):  # these stand in formulas anyway
            text = re.sub(rf"(?<![\w.]){re.escape(str(value))}(?![\w.])", name, text)
    return text


def _values(question, text):
    """The values of a line at all cases in so many digits; None where it has none."""
    frame = task_of(question, "").frame
    found = evaluate_line(frame.derivation((text, "")).lines[1], frame.groups, frame.bare)
    if found.fault or not all(group.known.all() for group in found.groups):
        return None
    values = (value for group in found.groups for value in group.number.ravel())
    return tuple(f"{value + 0.0:.{_DIGITS - 1}e}" for value in values)


def _refutation(question, line, code):
    """Where a line differs from the first one, whose value it should have; with which numbers."""
    start, verdict = task_of(question, code).report_on([(line.text, "")]).verdicts
    said = _without_number(line.sentence)
    if not verdict.ok and verdict.values is not None:
        said = verdict.explanation().replace(f"line ({start.label})", "the first line")
        said = said[:1].upper() + said[1:]
    numbers = ", ".join(f"{name} = {value}" for name, value in question.numbers(code).items())
    return f"With {numbers}: {said}" if numbers else said
