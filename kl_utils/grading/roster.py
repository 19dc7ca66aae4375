"""Who takes the course: the roster, and which student a name from outside means.

::

    student,name,email,canvas_id,moodle_id,group
    s017,Jane Doe,jane.doe@example.edu,12345,,g3

``student`` and ``name`` are required; other columns may be missing or empty. A name that no student
has is never guessed: it comes back with the nearest one, for a person to decide.
"""

import difflib
import re
import unicodedata
from dataclasses import dataclass, field, replace

from .tables import read_table

_COLUMNS = ("email", "canvas_id", "moodle_id", "group")
_ID = re.compile(r"\w[\w.@+-]{0,63}")


@dataclass(frozen=True)
class Student:
    """A row of the roster."""

    student: str
    name: str
    email: str = ""
    canvas_id: str = ""
    moodle_id: str = ""
    group: str = ""

    @property
    def label(self):
        """How sentences call the student."""
        return f"{self.name} ({self.student})"

    @property
    def keys(self):
        """The forms of the student's names that a file may carry."""
        words = _words(self.name)
        turns = [words[turn:] + words[:turn] for turn in range(len(words))]
        names = ["".join(turn) for turn in turns]
        return {plain(self.student), plain(self.email), *names} - {""}


class Unknown(ValueError):
    """No student of the roster has this name; says which one is nearest."""


@dataclass(frozen=True)
class Roster:
    """All students, by their id.

    Attributes
    ----------
    students : dict of str to Student
    """

    students: dict
    _by_key: dict = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        by_key = {}
        for student in self.students.values():
            for key in student.keys:
                by_key.setdefault(key, set()).add(student.student)
        object.__setattr__(self, "_by_key", by_key)

    def find(self, text):
        """The id of the student whom a text names: an id, an email address or a whole name.

        Raises
        ------
        Unknown
            If there is none, or more than one.
        """
        found = self._by_key.get(plain(text), set())
        if len(found) > 1:
            both = " and ".join(self.students[student].label for student in sorted(found)[:2])
            raise Unknown(f"{text!r} may be {both}.")
        if not found:
            raise Unknown(f"No student of the roster is called {text!r}.{self.nearest(text)}")
        return next(iter(found))

    def find_by(self, column, value):
        """The id of the student who has this value in a column, or None."""
        value = value.casefold()
        ids = [s.student for s in self.students.values() if getattr(s, column).casefold() == value]
        return ids[0] if value and len(ids) == 1 else None

    def nearest(self, text):
        """A sentence that names the nearest student, or nothing."""
        names = {}
        for student in self.students.values():
            for name in (*student.keys, *_words(student.name)):
                names.setdefault(_bare(name), set()).add(student.label)
        near = difflib.get_close_matches(_bare(plain(text)), names, n=1, cutoff=0.75)
        if not near:
            return ""
        labels = " or ".join(sorted(names[near[0]])[:3])
        return f" The nearest is {labels}: rename the file, or mend the roster."

    def group_of(self, student):
        """The ids of all students of a student's group, or the student alone."""
        group = self.students[student].group
        members = [s.student for s in self.students.values() if group and s.group == group]
        return members or [student]

    def with_ids(self, column, ids):
        """The roster in which students without an id in a column have one: {student: id}."""
        students = {
            name: replace(student, **{column: ids[name]})
            if name in ids and not getattr(student, column)
            else student
            for name, student in self.students.items()
        }
        return Roster(students)


def read_roster(path):
    """Read the roster from a table.

    Raises
    ------
    ValueError
        If a column is missing, an id is none or stands there twice; the sentence names the line.
    """
    students, lines = {}, {}
    for line, row in read_table(path, ("student", "name"), _COLUMNS):
        where = f"roster.csv, line {line}"
        student = Student(**row)
        if not student.student or not student.name:
            raise ValueError(f"{where}: a student needs an id and a name.")
        if not _ID.fullmatch(student.student):
            raise ValueError(
                f"{where}: the id {student.student!r} has other signs than letters, digits and "
                ". _ @ + -."
            )
        key = student.student.casefold()
        if key in lines:
            raise ValueError(
                f"{where}: the id {student.student!r} stands in line {lines[key]} already."
            )
        lines[key] = line
        for column in ("canvas_id", "moodle_id"):
            value = getattr(student, column)
            if value and lines.setdefault((column, value), line) != line:
                earlier = lines[column, value]
                raise ValueError(
                    f"{where}: the {column} {value!r} stands in line {earlier} already."
                )
        students[student.student] = student
    if not students:
        raise ValueError("roster.csv: there is no student in it.")
    return Roster(students)


def plain(text):
    """A name as it is compared: small letters and digits alone."""
    return "".join(_words(text))


def _bare(text):
    """A name without its accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _words(text):
    text = unicodedata.normalize("NFC", text).casefold()
    return re.findall(r"[^\W_]+", text)
