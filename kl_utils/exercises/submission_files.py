"""Reading a submission: a small JSON file from a stranger, in which nothing is taken on trust.

::

    {"version": 1, "set": "gaussians", "student": "s017", "answers": {"slope": "1/2", "kl": "b"}}

What is wrong with one answer costs that answer; only a file that cannot be read at all, or that
belongs to another set, costs the others. Size and depth are looked at before the JSON is parsed.
"""

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from .._foreign_json import kind_of, read_json

VERSION = 1
LARGEST = 256 * 1024  # bytes
_NAME = re.compile(r"\w[\w.@+-]{0,63}", re.ASCII)
_FIELDS = {"version", "set", "student", "answers"}


class BadSubmission(ValueError):
    """Why a submission cannot be read, in a sentence for its author."""


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
    content = content_of(source)
    try:
        data = read_json(content, LARGEST, "file")
    except ValueError as error:
        raise BadSubmission(str(error)) from None
    return _checked(data)


def content_of(source, largest=LARGEST):
    """Of a file a byte more than ``largest`` at most; links, folders and devices are not opened."""
    if isinstance(source, os.PathLike):
        path = Path(source)
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                raise BadSubmission("This is a link or a folder, not a file.")
            with path.open("rb") as file:
                source = file.read(largest + 1)
        except OSError as error:
            raise BadSubmission(f"This file cannot be opened: {error.strerror}.") from None
    if not isinstance(source, (str, bytes)):
        raise TypeError(f"source: expected a path, bytes or a string, got {source!r}")
    return source


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


def _listed(names):
    return ", ".join(f"`{name}`" for name in names)
