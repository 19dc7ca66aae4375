"""Files of entries, such as ``results.json``: written whole, and read as their schema says.

An entry is a dict, and its kind a TypedDict of :mod:`kl_utils.pretrained.schema`.
"""

import json
import math
import os
import re
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints, is_typeddict

from .._arguments import require


def read_entries(path, kind):
    """Return the entries of a file, none if there is no file: a list of one kind of dict.

    Raises
    ------
    ValueError
        If the file does not hold what this module says. Names the run and the key.
    """
    path = Path(path)
    if not path.exists():
        return []
    try:
        entries = json.loads(path.read_text("utf8"))
    except ValueError as error:
        raise ValueError(f"{path}: expected JSON, got: {error}") from error
    _check_entries(path, entries, kind)
    return entries


def write_entries(path, entries, kind):
    """Write entries of one kind as a file; a kill at any moment leaves the old file or the new one.

    Raises
    ------
    ValueError
        If an entry is not as this module says; the file is then as it was.
    """
    text = json.dumps(entries, indent=1) + "\n"
    text = re.sub(r"\[[^][{}]*\]", lambda listed: " ".join(listed[0].split()), text)
    _check_entries(path, json.loads(text), kind)
    partial = Path(path).with_suffix(".partial")
    partial.write_text(text, "utf8")
    os.replace(partial, path)


def _check_entries(path, entries, kind):
    require(isinstance(entries, list), path, "a list of runs", type(entries).__name__)
    for place, entry in enumerate(entries):
        name = entry.get("name", place) if isinstance(entry, dict) else place
        _check(entry, kind, f"{path}, run {name}")


def _check(value, kind, where):
    """Raise ValueError unless a value from JSON is of a kind: a TypedDict, ``list[int]``, …"""
    origin, inner = get_origin(kind), get_args(kind)
    if is_typeddict(kind):
        require(isinstance(value, dict), where, f"the keys of {kind.__name__}", repr(value))
        hints, expected = _hints(kind), f"the keys of {kind.__name__}"
        unknown = [key for key in value if key not in hints]
        require(not unknown, where, expected, f"also {', '.join(unknown)}")
        missing = [key for key in hints if key in kind.__required_keys__ and key not in value]
        require(not missing, where, expected, f"no {', '.join(missing)}")
        for key, item in value.items():
            _check(item, hints[key], f"{where}, {key}")
    elif origin in (UnionType, Union):  # X | None; which of the two depends on Python
        if value is not None:
            _check(value, inner[0], where)
    elif origin is dict:
        require(isinstance(value, dict), where, "a dict", repr(value))
        for key, item in value.items():
            _check(item, inner[1], f"{where}, {key}")
    elif origin in (list, tuple):
        expected = "a list" if origin is list else f"a list of {len(inner)}"
        fits = isinstance(value, list) and (origin is list or len(value) == len(inner))
        require(fits, where, expected, repr(value))
        for item in value:
            _check(item, inner[0], where)
    else:
        accepted = (float, int) if kind is float else kind
        fits = isinstance(value, accepted) and (kind is bool or not isinstance(value, bool))
        fits = fits and (kind is not float or math.isfinite(value))
        expected = "a finite number" if kind is float else f"a value of type {kind.__name__}"
        require(fits, where, expected, repr(value))


_hints = cache(get_type_hints)
