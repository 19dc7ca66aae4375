"""Reading a submission: a small JSON file from a stranger, in which nothing is taken on trust.

    {"version": 1, "set": "gaussians", "student": "s017", "answers": {"slope": "1/2", "kl": "b"}}

What is wrong with one answer costs that answer; only a file that cannot be read at all, or that
belongs to another set, costs the others. Size and depth are looked at before the JSON is parsed.
"""

import json
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

VERSION = 1
LARGEST = 256 * 1024  # bytes
DEEPEST = 20  # brackets inside one another
_NAME = re.compile(r"\w[\w.@+-]{0,63}", re.ASCII)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)  # to the end, where unclosed
_FIELDS = {"version", "set", "student", "answers"}


class BadSubmission(ValueError):
    """Why a submission cannot be read, in a sentence for its author."""


class AnsweredTwice:
    """Stands where a name occurs twice in one JSON object: no one can say which value counts."""

    def __repr__(self):
        return "two answers"


@dataclass(frozen=True)
class Submission:
    """What a student handed in.

    Attributes
    ----------
    set, student : str
        The name of the problem set and of the student, as the file states them.
    answers : dict of str to object
        For each task what was handed in, as JSON has it; each kind of task looks at its own.
    remarks : tuple of str
        What was ignored.
    """

    set: str
    student: str
    answers: dict = field(default_factory=dict)
    remarks: tuple = ()


def read_submission(source):
    """Read a submission from a file, or from the text of one.

    Parameters
    ----------
    source : os.PathLike, bytes or str
        A path, or the content itself; a string is content, never a path.

    Returns
    -------
    Submission

    Raises
    ------
    BadSubmission
        If it is too large or too deep, no JSON, or lacks a part.
    """
    content = _content(source)
    text = _text(content)
    if _depth(text) > DEEPEST:
        raise BadSubmission(f"The brackets in this file are nested more than {DEEPEST} deep.")
    try:
        data = json.loads(text, object_pairs_hook=_once, parse_constant=str, parse_int=_whole)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadSubmission(f"This file is not valid JSON{where}.") from None
    return _checked(data)


def _content(source):
    """At most `LARGEST` bytes; links, folders and devices are not opened."""
    if isinstance(source, os.PathLike):
        path = Path(source)
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                raise BadSubmission("This is a link or a folder, not a file.")
            with path.open("rb") as file:
                source = file.read(LARGEST + 1)
        except OSError as error:
            raise BadSubmission(f"This file cannot be opened: {error.strerror}.") from None
    if not isinstance(source, (str, bytes)):
        raise TypeError(f"source: expected a path, bytes or a string, got {source!r}")
    content = source.encode("utf-8", "replace") if isinstance(source, str) else source
    if len(content) > LARGEST:
        raise BadSubmission(f"This file is larger than {LARGEST // 1024} kB.")
    return content


def _text(content):
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadSubmission("This file is not encoded in UTF-8. Save it as UTF-8.") from None


def _depth(text):
    """How deep brackets are nested, those inside strings left out."""
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _once(pairs):
    """A JSON object as a dict, in which a name that occurs twice has no value."""
    result = {}
    for name, value in pairs:
        result[name] = AnsweredTwice() if name in result else value
    return result


def _whole(digits):
    """A whole number; one of very many digits stays text, for the task to refuse."""
    return int(digits) if len(digits) < 400 else digits


def _checked(data):
    if not isinstance(data, dict):
        raise BadSubmission(
            f"A submission is an object with {_listed(sorted(_FIELDS))}, not {kind_of(data)}."
        )
    for name in ("version", "set", "student", "answers"):
        if name not in data:
            raise BadSubmission(f"The field `{name}` is missing.")
    if data["version"] != VERSION or type(data["version"]) is not int:
        raise BadSubmission(f"The field `version` is not {VERSION}, the version known here.")
    for name in ("set", "student"):
        value = data[name]
        if not (isinstance(value, str) and _NAME.fullmatch(value)):
            raise BadSubmission(
                f"The field `{name}` is not a name of at most 64 letters, digits and . _ @ + -."
            )
    if not isinstance(data["answers"], dict):
        raise BadSubmission(
            f"The field `answers` is {kind_of(data['answers'])}, not an object with an answer "
            "for each task."
        )
    ignored = len(set(data) - _FIELDS)
    remarks = (f"Fields that do not belong here were ignored: {ignored}.",) if ignored else ()
    return Submission(data["set"], data["student"], data["answers"], remarks)


def kind_of(value):
    """What a value from a JSON file is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    words = {int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}
    return words.get(type(value), "given twice")


def _listed(names):
    return ", ".join(f"`{name}`" for name in names)
