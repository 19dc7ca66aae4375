"""Hiding who wrote an answer, where its author names somebody in it."""

import re

_HIDDEN = "▮▮▮"
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_SHORTEST = 3  # letters of a part of a name


def mask_for(record, authors):
    """What hides the names, ids and codes of all students in what some of them wrote.

    In a line of mathematics, ``Max`` or ``1`` may be more than the name of somebody. So short names
    and parts of names are hidden in prose alone, and parts only where they are the authors'.

    Returns
    -------
    callable
        Takes a text and whether it is prose.
    """
    students = record["students"]
    names = [name for student, row in students.items() for name in _names(student, row)]
    parts = [part for student in authors for part in students[student]["name"].split()]
    in_lines = _pattern(filter(_is_no_mathematics, names), re.IGNORECASE)
    in_prose = _pattern([name for name in names if len(name) >= _SHORTEST], re.IGNORECASE)
    own = _pattern([part for part in parts if len(part) >= _SHORTEST])

    def mask(text, is_prose):
        text = _EMAIL.sub(_HIDDEN, text)
        if is_prose:
            return own.sub(_HIDDEN, in_prose.sub(_HIDDEN, text))
        return in_lines.sub(_HIDDEN, text)

    return mask


def _names(student, row):
    code = row.get("code") or ""
    return [student, code, code.replace("-", ""), row["name"]]


def _is_no_mathematics(name):
    """Is a name none that a line of a proof would have by itself?"""
    has_both = any(map(str.isalpha, name)) and any(map(str.isdigit, name))
    return " " in name.strip() or (has_both and len(name) >= _SHORTEST) or len(name) > 6


def _pattern(texts, flags=0):
    """Any of the texts as whole words; blanks may be of any kind and number."""
    ways = {r"\s+".join(map(re.escape, text.split())) for text in texts if text.strip()}
    longest_first = sorted(ways, key=lambda way: (-len(way), way))
    return re.compile(rf"(?<!\w)({'|'.join(longest_first) or '(?!)'})(?!\w)", flags)
