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
    spellings, examples = defaultdict(Counter), {}
    value_of = cache(lambda text: _values(question, text))
    has_numbers = "choices" in question.data
    for row in rows:
        for line in wrong_lines(question, row)[:1]:
            text = _lettered(line.text, question.numbers(row["code"])) if has_numbers else line.text
            same = None if has_numbers else value_of(text)
            spellings[same or text][text] += 1
            examples.setdefault(text, (line, row["code"]))
    mistakes = []
    for texts in spellings.values():
        ((text, count),) = texts.most_common(1)
        if texts.total() >= FEWEST:
            shown = text if count >= FEWEST else ""
            mistakes.append(Mistake(texts.total(), shown, _refutation(question, *examples[text])))
    return sorted(mistakes, key=lambda mistake: (-mistake.count, mistake.text))[:_MOST]


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
    if verdict.ok or verdict.values is None:
        return re.sub(r"^Line \d+: ", "", line.sentence)
    said = verdict.explanation().replace(f"line ({start.label})", "the first line")
    numbers = ", ".join(f"{name} = {value}" for name, value in question.numbers(code).items())
    return f"{f'With {numbers}: ' if numbers else ''}{said[:1].upper()}{said[1:]}"
