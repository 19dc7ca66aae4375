"""The file that a notebook writes to be handed in; no answer that is in it gets lost."""

import json
import os
from pathlib import Path

from .submission_files import VERSION, BadSubmission, read_submission


def saved(path, set_name, code, answers):
    """Write answers, and keep those of the file there that are not given anew.

    Returns
    -------
    kept : list of str
        The tasks whose answers were kept.
    moved : str
        The new name of a file that was in the way and could not be read, or nothing.
    """
    path = Path(path)
    before, moved = {}, ""
    if path.exists():
        try:
            before = _answers_in(path, set_name, code)
        except (BadSubmission, TypeError):
            moved = _out_of_the_way(path)
    data = {"version": VERSION, "set": set_name, "student": code, "answers": before | answers}
    beside = path.with_name(f"{path.name}.part")
    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    beside.write_text(text, encoding="utf-8", errors="backslashreplace")  # as JSON has it, too
    os.replace(beside, path)  # whole, or not at all
    return [name for name in before if name not in answers], moved


def _answers_in(path, set_name, code):
    found = read_submission(path)
    if (found.set, found.student) != (set_name, code):
        raise BadSubmission("This file belongs to another set or student.")
    json.dumps(found.answers)  # a TypeError where one stands there twice
    return found.answers


def _out_of_the_way(path):
    number = 1
    while (other := path.with_name(f"{path.name}.old-{number}")).exists():
        number += 1
    path.rename(other)
    return other.name
