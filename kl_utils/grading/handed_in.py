"""What was handed in, each piece once, and which of its lines are wrong."""

import ast
import re
from functools import lru_cache
from typing import NamedTuple

from ..derivation.parsing import parse
from ..derivation.vocabulary import Fault
from ..exercises.task import BadAnswer, read_line
from .answers import line_of, proof_lines


class WrongLine(NamedTuple):
    """A line, or an answer of one line, that cost points.

    ``text`` is written in one way, whatever the blanks and brackets of its author.
    """

    number: int
    text: str
    reason: str
    sentence: str


def pieces(record):
    """The rows of the students who handed in; of those who share a file, the first alone."""
    files = {}
    for row in record["students"].values():
        if row.get("file"):
            files.setdefault(row["file"], row)
    return list(files.values())


def wrong_lines(question, row):
    """The lines of a student's answer that its grade says are wrong, from above."""
    found = row["tasks"].get(question.name)
    if not found or found["answer"] is None or not found["sentences"]:
        return []
    read = _READERS.get(question.data["kind"])
    try:
        return read(question, row["code"], found) if read else []
    except (BadAnswer, TypeError, AttributeError):
        return []


@lru_cache(maxsize=10_000)
def written_in_one_way(text):
    """A line without the blanks and brackets that do not matter."""
    relation, line = _split(text)
    try:
        return re.sub(r" (\*\*|[*/@]) ", r"\1", f"{relation} {ast.unparse(parse(line))}")
    except (Fault, ValueError, SyntaxError, RecursionError):
        return " ".join(text.split())


def _split(text):
    text = text.strip()
    for relation in ("<=", ">=", "≤", "≥", "=", "~"):
        if text.startswith(relation):
            return relation, text[len(relation) :].strip()
    return "=", text


def _of_proof(question, code, found):
    first = {}
    for sentence in found["sentences"]:
        first.setdefault(line_of(sentence), sentence)
    return [
        WrongLine(number, written_in_one_way(text), reason, first[number])
        for number, text, reason in proof_lines(question, code, found["answer"])
        if number in first
    ]


def _of_repair(question, code, found):
    text, reason = read_line(found["answer"])
    at = question.data["at"]
    return [WrongLine(at, written_in_one_way(text), reason, found["sentences"][0])]


def _of_text(question, code, found):
    answer = found["answer"]
    texts = answer if isinstance(answer, list) else [answer]
    text = ", ".join(sorted("".join(str(text).split()) for text in texts))
    return [WrongLine(1, text, "", found["sentences"][0])]


_READERS = {
    "prove": _of_proof,
    "repair": _of_repair,
    "condition": _of_text,
    "compute": _of_text,
}
