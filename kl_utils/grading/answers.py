"""A student's answer as a page shows it: their own lines, with what is said of each beside it."""

import json
import re

from ..exercises.chains import unchecked
from ..exercises.task import BadAnswer, read_line, read_lines
from .pages import element, joined, sentence

WRONG, WAITS, READ = "wrong", "waits", "read"
_LABELS = {
    WRONG: "Points lost. ",
    WAITS: "For a person to read. ",
    READ: "A person has read this. ",
}
_ABOUT_A_LINE = re.compile(r"Line (\d+)(: )?")


def task_of(question, code):
    """The task of one student, as it was checked when its set was made."""
    with unchecked():
        return question.task(code)


def proof_lines(question, code, answer):
    """The lines of a proof, (number, text, reason), numbered as the sentences of a grade do it.

    Raises
    ------
    BadAnswer
        If it holds no lines.
    """
    lines = read_lines(answer)
    first = task_of(question, code).frame.first
    if lines and lines[0][0].strip().removeprefix("=").split() == first.split():
        lines = lines[1:]  # the line that the task gives, copied
    return [(number, text, reason) for number, (text, reason) in enumerate(lines, 1)]


def line_of(text):
    """The number of the line that a sentence is about, or None."""
    found = _ABOUT_A_LINE.match(text)
    return int(found[1]) if found else None


def shown_answer(question, code, answer, lost=(), to_read=(), mask=None, is_read=False):
    """An answer as HTML, with the sentences at the lines that they are about.

    Parameters
    ----------
    question : Question
    code : str
        The student's.
    answer : JSON value
    lost, to_read : sequence of str
        The sentences of the grade.
    mask : callable, optional
        Takes a text and whether it is prose, and hides what may not be seen.
    is_read : bool
        Whether a person has read what there was to read.
    """
    mask = mask or (lambda text, is_prose: text)
    said = [(WRONG, text) for text in lost] + [
        (READ if is_read else WAITS, text) for text in to_read
    ]
    if answer is None:
        return _notes(said)
    show = _BY_KIND.get(question.data["kind"], _as_json)
    try:
        return show(question, code, answer, said, mask)
    except (BadAnswer, KeyError, TypeError, AttributeError):
        return _as_json(question, code, answer, said, mask)


def _notes(said):
    return joined(
        element("p", element("b", _LABELS[kind]), sentence(text), class_=kind)
        for kind, text in said
    )


def _note_on_line(kind, text):
    found = _ABOUT_A_LINE.match(text)
    rest = text[found.end() :] if found[2] else text
    return kind, rest[:1].upper() + rest[1:]


def _row(number, text, reason="", said=()):
    is_held = any(kind == WAITS for kind, _ in said)
    return element(
        "li",
        element("span", number, class_="number"),
        element(
            "div",
            element("code", text),
            element("div", reason, class_="reason") if reason.strip() else None,
            _notes(said),
        ),
        class_="held" if is_held else None,
    )


def _proof(question, code, answer, said, mask):
    rows = [_row("", task_of(question, code).frame.first, "the first line, as given")]
    lines = proof_lines(question, code, answer)
    numbers = {number for number, _, _ in lines}
    for number, text, reason in lines:
        about = [_note_on_line(*pair) for pair in said if line_of(pair[1]) == number]
        rows.append(_row(number, mask(text, False), mask(reason, True), about))
    rest = [pair for pair in said if line_of(pair[1]) not in numbers]
    return joined([element("ol", *rows, class_="proof"), _notes(rest)])


def _repair(question, code, answer, said, mask):
    task = task_of(question, code)
    text, reason = read_line(answer)
    rows = [_row("", task.frame.first)]
    for number, line in enumerate(task.lines, 1):
        if number == task.at:
            label = "your line" + (f": {mask(reason, True)}" if reason.strip() else "")
            rows.append(_row(number, mask(text, False), label, said))
        else:
            rows.append(_row(number, line))
    return element("ol", *rows, class_="proof")


def _condition(question, code, answer, said, mask):
    texts = [answer] if isinstance(answer, str) else answer
    lines = "\n".join(mask(str(text), False) for text in texts)
    return joined([element("pre", lines), _notes(said)])


def _program(question, code, answer, said, mask):
    return joined([element("pre", mask(str(answer), True)), _notes(said)])


def _words(question, code, answer, said, mask):
    lost = [pair for pair in said if pair[0] == WRONG]  # that a person reads words goes unsaid
    return joined([element("p", mask(str(answer), True), class_="words"), _notes(lost)])


def _compute(question, code, answer, said, mask):
    return joined([element("pre", mask(str(answer), False)), _notes(said)])


def _as_json(question, code, answer, said, mask):
    """What an answer of the wrong shape looks like."""
    text = json.dumps(answer, ensure_ascii=False, indent=1, default=repr)
    return joined([element("pre", mask(text, True)), _notes(said)])


_BY_KIND = {
    "prove": _proof,
    "repair": _repair,
    "condition": _condition,
    "compute": _compute,
    "program": _program,
    "explain": _words,
}
