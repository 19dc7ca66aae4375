"""Who handed in which file: what learning platforms call the files of a download.

::

    Canvas      doejane_LATE_12345_67890_divergence.json      name, user, file, name of the file
    Moodle      Jane Doe_123456_assignsubmission_file_/divergence.json
    Gradescope  submission_123/divergence.json                with submission_metadata.yml beside it
    others      s017.json, s017-2.json, s017/divergence.json, Jane Doe.json

A download is a folder or a zip file; there may be several, and a student who is in two of them has
handed in twice. What stands in a file never says whose it is.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from .clocks import read_metadata, read_times
from .folders import entries_of
from .roster import Unknown

GRADED = {".json": 256 * 1024, ".ipynb": 10 * 1024 * 1024, ".py": 100 * 1024}  # bytes at most
_NO_SUBMISSION = {"submission_metadata.yml", "times.csv"}
_CANVAS = re.compile(r"(?P<name>.+?)_(?P<late>LATE_)?(?P<user>\d+)_(?:\d+_.+|(?:text|link)\.html)")
_MOODLE = re.compile(r"(?P<name>.+)_(?P<user>\d+)_assignsubmission_[a-z]+_?.*", re.DOTALL)
_TRY = re.compile(r"(?P<stem>.+?)(?:[-_ ]+|[-_ ]*\()(?P<number>\d{1,2})\)?")


@dataclass(frozen=True)
class Upload:
    """A file that was handed in.

    Attributes
    ----------
    name : str
        Where it lies, seen from the submissions.
    students : tuple of str
        Who handed it in.
    attempt : tuple
        Files of one student with the same value were handed in together; a later attempt has a
        larger one.
    content : bytes or None
        None where nothing is graded by a program: another kind of file, or one that is too large.
    late : bool or None
        What Canvas says; None where nobody says anything.
    time : datetime or None
    """

    name: str
    students: tuple
    attempt: tuple
    content: bytes | None
    late: bool | None = None
    time: datetime | None = None

    @property
    def kind(self):
        """The ending of the name."""
        return ending(self.name)


@dataclass(frozen=True)
class Download:
    """What was found: the uploads, and what could not be given to anybody."""

    uploads: tuple
    unmatched: tuple


def read_download(source, roster):
    """Find out who handed in what.

    Parameters
    ----------
    source : path
        A folder or a zip file.
    roster : Roster

    Returns
    -------
    Download
        ``unmatched`` holds dicts of file and why; the sentence names the nearest student.
    """
    entries, faults = entries_of(source, GRADED)
    unmatched = [{"file": name, "why": why} for name, why in faults]
    metadata = {
        entry.parts[:-1]: read_metadata((entry.content or b"").decode("utf-8", "replace"))
        for entry in entries
        if entry.parts[-1] == "submission_metadata.yml"
    }
    uploads = []
    for entry in entries:
        if entry.parts[-1] in _NO_SUBMISSION:
            continue
        try:
            uploads.append(_upload(entry, roster, metadata))
        except Unknown as error:
            unmatched.append({"file": entry.name, "why": str(error)})
    return Download(tuple(_timed(uploads, source, roster)), tuple(unmatched))


def ending(name):
    """The ending of a file's name, in small letters."""
    return "." + name.rpartition(".")[2].lower() if "." in name else ""


def _upload(entry, roster, metadata):
    """The upload of a file; raises `Unknown` where nobody can be named."""
    errors = []
    for place, part in enumerate(entry.parts):
        try:
            students, late, time, number = _reading(entry.parts[:place], part, roster, metadata)
        except Unknown as error:
            errors.append(error)
            continue
        inside = [p for p in entry.parts[place + 1 : -1] if p.isdecimal()]
        number = int(inside[0]) if inside else number
        attempt = (tuple(map(in_order, entry.parts[:place])), number)
        return Upload(entry.name, students, attempt, entry.content, late, time)
    raise next((e for e in errors if "nearest" in str(e) or "may be" in str(e)), errors[-1])


def _reading(folder, part, roster, metadata):
    """What a part of a path says: students, whether late, time, number of the attempt."""
    if (about := metadata.get(folder, {}).get(part)) is not None:
        people = tuple(dict.fromkeys(_gradescope(p, roster) for p in about.submitters))
        if not people:
            raise Unknown(f"Gradescope names nobody who handed in {part!r}.")
        return people, None, about.time, 0
    if found := _MOODLE.fullmatch(part):
        return (_moodle(found, roster),), None, None, 0
    if part.startswith("anon_"):
        raise Unknown("Canvas hides who this is: turn anonymous grading off and download again.")
    if found := _CANVAS.fullmatch(part):
        return (_canvas(found, roster),), bool(found["late"]), None, 0
    student, number = _plain(part, roster)
    return (student,), None, None, number


def _gradescope(person, roster):
    for key in ("sid", "email", "name"):
        try:
            return roster.find(person.get(key, ""))
        except Unknown:
            continue
    raise Unknown(
        f"Gradescope says {person.get('name', '')!r} ({person.get('sid', '')}), whom the roster "
        f"does not have.{roster.nearest(person.get('name', ''))}"
    )


def _canvas(found, roster):
    if student := roster.find_by("canvas_id", found["user"]):
        return student
    student = roster.find(found["name"])
    if other := roster.students[student].canvas_id:
        raise Unknown(
            f"The name is that of {roster.students[student].label}, but the Canvas id is "
            f"{found['user']}, not {other}."
        )
    return student


def _moodle(found, roster):
    """The roster's student; before the name Moodle may put that of a group."""
    if student := roster.find_by("moodle_id", found["user"]):
        return student
    names = found["name"].split("-")
    for start in range(len(names)):
        try:
            return roster.find("-".join(names[start:]))
        except Unknown:
            continue
    return roster.find(found["name"])


def _plain(part, roster):
    """The student whom a name of a file or folder begins or ends with, and the attempt."""
    stem = part.removesuffix(ending(part)) if ending(part) in {*GRADED, ".zip"} else part
    counted = _TRY.fullmatch(stem)
    wholes = [(stem, 0)] + ([(counted["stem"], int(counted["number"]))] if counted else [])
    for whole, number in wholes:
        if (found := _found(whole, roster)) is not None:
            return found, number
    for whole, number in reversed(wholes):
        words = re.split(r"([-_. ]+)", whole)
        starts = ["".join(words[:end]) for end in range(len(words) - 2, 0, -2)]
        ends = ["".join(words[start:]) for start in range(2, len(words), 2)]
        firsts = [
            next((f for w in side if (f := _found(w, roster))), None) for side in (starts, ends)
        ]
        found = {first for first in firsts if first}
        if len(found) > 1:
            raise Unknown(f"{part!r} names two students: {' and '.join(sorted(found))}.")
        if found:
            return found.pop(), number
    start = re.split(r"[-_ .]", stem)[0]
    raise Unknown(
        f"No student of the roster is called {stem!r}."
        f"{roster.nearest(wholes[-1][0]) or roster.nearest(start)}"
    )


def _found(text, roster):
    """The student with a name, or None; a name that two have is a fault of its own."""
    try:
        return roster.find(text)
    except Unknown as error:
        if "may be" in str(error):
            raise
        return None


def _first(names, roster):
    """The student whom the first name means that means one, or None."""
    return next((found for name in names if (found := _found(name, roster))), None)


def _timed(uploads, source, roster):
    """The uploads with the times of ``times.csv``, which lies beside the files or above them."""
    folder = source if source.is_dir() else source.parent
    if not (folder / "times.csv").exists():
        return uploads
    times = read_times(folder / "times.csv")
    known = {}
    for row in times:
        known[roster.find(row["student"]), row["file"]] = row["submitted"]
    return [
        replace(upload, time=time) if (time := _time_of(upload, known)) is not None else upload
        for upload in uploads
    ]


def _time_of(upload, known):
    for student in upload.students:
        for file in (upload.name, upload.name.rpartition("/")[2], ""):
            if (student, file) in known:
                return known[student, file]
    return None


def in_order(text):
    """A key that puts ``x-2`` before ``x-10``."""
    parts = re.split(r"(\d+)", text.casefold())
    return tuple((int(p), "") if p.isdecimal() else (-1, p) for p in parts)
