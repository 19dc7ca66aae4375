"""When something was handed in, by the clock of the learning platform and no other.

Gradescope writes times into ``submission_metadata.yml``, Moodle into its grading worksheet. Canvas
writes none into a download, only the word LATE; ``times.csv`` (``student,submitted``, and ``file``
where one student has several) can say what another list knows.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from .tables import read_table

_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$"
)
_PERSON = re.compile(r" {2,4}(-)? +:(\w+): *(.*)")
_MOODLE = ("%A, %d %B %Y, %I:%M %p", "%A, %B %d, %Y, %I:%M %p", "%A, %d %B %Y, %H:%M")


@dataclass(frozen=True)
class Metadata:
    """What Gradescope says of one folder: who handed in, as dicts of name, sid, email, and when."""

    submitters: tuple
    time: datetime | None


def read_time(text):
    """A time such as ``2026-10-12T23:59+02:00``; one without a zone is in this machine's.

    A time without seconds means the whole minute, and a date the whole day.
    """
    text = text.strip()
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        text += "T23:59"
    found = _STAMP.fullmatch(text)
    try:
        date, clock, zone = found.groups()
        clock = clock if len(clock) > 5 else f"{clock}:59"
        time = datetime.fromisoformat(f"{date}T{clock}")
        return time.replace(tzinfo=_zone(zone)) if zone else time.astimezone()
    except (AttributeError, ValueError):
        raise ValueError(f"expected a time such as 2026-10-12T23:59+02:00, got {text!r}") from None


def read_moodle_time(text, zone):
    """A time of Moodle's worksheet, which has no zone, or None; only its English form is known."""
    for form in _MOODLE:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=zone)
        except ValueError:
            continue
    return None


def read_times(path):
    """The rows of ``times.csv``: dicts of student, file and a time."""
    rows = []
    for line, row in read_table(path, ("student", "submitted"), ("file",)):
        try:
            rows.append({**row, "submitted": read_time(row["submitted"])})
        except ValueError as error:
            raise ValueError(f"times.csv, line {line}: submitted: {error}") from None
    return rows


def read_metadata(text):
    """Gradescope's ``submission_metadata.yml``: for each folder its `Metadata`.

    The file is long, and all but two entries a folder are left alone: it is read by its indents.
    """
    found, name, people, part = {}, None, [], ""
    for line in text.splitlines():
        if line and line[0] not in " #-":
            name, people, part = line.rstrip().removesuffix(":").strip("'\""), [], ""
            found[name] = Metadata((), None)
            continue
        if name is None:
            continue
        if entry := re.match(r" {2}:(\w+):\s*(.*)", line):
            part, value = entry.groups()
            if part == "created_at":
                found[name] = Metadata(found[name].submitters, _stamp(value))
        elif part == "submitters" and (entry := _PERSON.match(line)):
            if entry[1]:
                people.append({})
            if people:
                people[-1][entry[2]] = _scalar(entry[3])
            found[name] = Metadata(tuple(people), found[name].time)
    return found


def _stamp(value):
    try:
        return read_time(_scalar(value))
    except ValueError:
        return None


def _scalar(text):
    """A value of YAML as text; its quotes are taken away."""
    text = text.strip()
    if text[:1] == "'":
        return text[1:-1].replace("''", "'")
    if text[:1] == '"':
        try:
            return json.loads(re.sub(r"\\x([0-9A-Fa-f]{2})", r"\\u00\1", text))
        except ValueError:
            return text.strip('"')
    return text


def _zone(text):
    if text in ("Z", "UTC"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    hours, minutes = int(text[1:3]), int(text[-2:])
    return timezone(sign * timedelta(hours=hours, minutes=minutes))
