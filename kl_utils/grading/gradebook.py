"""Fill the gradebook that the instructor exported: one column of grades, and nothing else.

::

    Canvas   Student,ID,SIS User ID,SIS Login ID,Section,Divergence (4711),…  and a row with
             ``Points Possible``
    Moodle   Identifier,Full name,Email address,Status,Grade,Maximum grade,…  the worksheet of an
             assignment for grading offline, in English
    others   student,…,score,…

Every byte outside the changed cells stays as it was. Where the gradebook counts up to another
number of points than the set, the grades are scaled, and a sentence says so.
"""

import re
from dataclasses import dataclass, field

from .clocks import read_moodle_time
from .roster import Unknown, plain
from .tables import read_sheet

_COLUMN = re.compile(r".+ \(\d+\)")
_NO_GRADES = {"EX", "N/A"}


@dataclass(frozen=True)
class Gradebook:
    """A gradebook as it was exported.

    Attributes
    ----------
    sheet : kl_utils.grading.tables.Sheet
    kind : str
        "Canvas", "Moodle" or "plain".
    header : list of str
    rows : dict of str to list of Cell
        The row of each student who was found.
    strangers : tuple of str
        Sentences about rows that are nobody's.
    """

    sheet: object
    kind: str
    header: list
    rows: dict = field(default_factory=dict)
    strangers: tuple = ()

    def cell(self, row, *names):
        """The text of the first of some columns that there is, or an empty one."""
        for name in names:
            if name in self.header and self.header.index(name) < len(row):
                return row[self.header.index(name)].text.strip()
        return ""

    @property
    def ids(self):
        """The platform's ids: the roster's column for them, and the id of each student."""
        if self.kind == "Canvas":
            return "canvas_id", {s: self.cell(row, "ID") for s, row in self.rows.items()}
        numbers = {s: _number_of(self.cell(row, "Identifier")) for s, row in self.rows.items()}
        return "moodle_id", numbers if self.kind == "Moodle" else {}

    def times(self, zone):
        """When each student handed in, where the gradebook says so: Moodle's does."""
        times = {
            student: read_moodle_time(self.cell(row, "Last modified (submission)"), zone)
            for student, row in self.rows.items()
        }
        return {student: time for student, time in times.items() if time}


def read_gradebook(content, what, roster):
    """Read an exported gradebook.

    Parameters
    ----------
    content : bytes
    what : str
        The name of the file.
    roster : Roster

    Raises
    ------
    ValueError
        If it is none that is known here.
    """
    sheet = read_sheet(content, what)
    header = [cell.text.strip() for cell in sheet.rows[0]] if sheet.rows else []
    if "ID" in header and {"Student", "LastName"} & set(header) and "Section" in header:
        kind = "Canvas"
    elif {"Identifier", "Grade"} <= set(header):
        kind = "Moodle"
    elif {"student", "score"} <= {name.lower() for name in header}:
        kind, header = "plain", [name.lower() for name in header]
    else:
        raise ValueError(
            f"{what}: this is neither Canvas's gradebook nor Moodle's worksheet for grading "
            "offline (in English), and it has no columns `student` and `score`."
        )
    book = Gradebook(sheet, kind, header)
    strangers = []
    for row in sheet.rows[1:]:
        if _is_no_student(book, row):
            continue
        try:
            student = _student(book, row, roster)
        except Unknown as error:
            strangers.append(f"{what}, line {row[0].line}: {error}")
            continue
        if student in book.rows:
            strangers.append(f"{what}, line {row[0].line}: {student} has a row already.")
        else:
            book.rows[student] = row
    return Gradebook(sheet, kind, header, book.rows, tuple(strangers))


def filled(book, record, column=None):
    """A gradebook with the scores of a record.

    Parameters
    ----------
    book : Gradebook
    record : dict
    column : str, optional
        The column of the assignment, where its name does not tell.

    Returns
    -------
    content : bytes
    sentences : list of str
        What was not filled, and whatever else a person should know.
    """
    place = _place(book, record, column)
    said, changes, scaled = list(book.strangers), [], None
    decimal = "," if book.sheet.delimiter == ";" else "."
    for student, row in record["students"].items():
        if row["file"] is None:
            continue
        cells = book.rows.get(student)
        if cells is None or len(cells) <= place:
            said.append(f"{row['name']} ({student}) has a grade, but no row in the gradebook.")
            continue
        if cells[place].text.strip() in _NO_GRADES or _is_locked(book, cells):
            said.append(f"{row['name']} ({student}): the gradebook allows no grade; left as it is.")
            continue
        most = _most(book, cells, place)
        score = row["score"]
        if most is not None and row["of"] and most != row["of"]:
            score, scaled = score * most / row["of"], (row["of"], most)
        changes.append((cells[place], f"{round(score, 2):g}".replace(".", decimal)))
    if scaled:
        said.append(f"The grades are scaled from {scaled[0]:g} to {scaled[1]:g} points.")
    return book.sheet.bytes_with(changes), said


def _is_no_student(book, row):
    """Whether a row says something else: points possible, posting, Canvas's test student."""
    if not any(cell.text.strip() for cell in row):
        return True
    if book.kind != "Canvas":
        return False
    first = row[0].text.strip()
    return (
        first.startswith("Points Possible")
        or first == "Student, Test"
        or not (book.cell(row, "ID"))
    )


def _student(book, row, roster):
    """The student of a row: by the platform's id, our own, email, or a name that one has."""
    if book.kind == "Canvas":
        by_id = roster.find_by("canvas_id", book.cell(row, "ID"))
        name = book.cell(row, "Student") or (
            f"{book.cell(row, 'LastName')}, {book.cell(row, 'FirstName')}"
        )
        others = [book.cell(row, "SIS User ID"), book.cell(row, "SIS Login ID"), name]
    elif book.kind == "Moodle":
        by_id = roster.find_by("moodle_id", _number_of(book.cell(row, "Identifier")))
        others = [book.cell(row, n) for n in ("ID number", "Email address", "Full name")]
    else:
        by_id, others = None, [book.cell(row, "student")]
    if by_id:
        return by_id
    for text in filter(None, others):
        try:
            return roster.find(text)
        except Unknown as error:
            fault = error
    raise fault


def _place(book, record, column):
    """The place of the one column that is filled."""
    if book.kind != "Canvas":
        return book.header.index("Grade" if book.kind == "Moodle" else "score")
    most = next((r for r in book.sheet.rows[1:] if "Points Possible" in r[0].text), [])
    gradable = [
        place
        for place, name in enumerate(book.header)
        if _COLUMN.fullmatch(name) and place < len(most) and _read(most[place].text) is not None
    ]
    wanted = [column] if column else [record["title"], record["set"]]
    named = [
        place
        for place in gradable
        if any(plain(name) in plain(book.header[place]) for name in wanted)
    ]
    if len(named) == 1 or (len(gradable) == 1 and not column):
        return (named or gradable)[0]
    names = "; ".join(book.header[place] for place in (named or gradable)) or "none"
    raise ValueError(
        f"Canvas's gradebook has no single column for {' or '.join(wanted)}. Name one with "
        f"--column. There are: {names}."
    )


def _most(book, cells, place):
    """The points that the gradebook counts up to, or None where it does not say."""
    if book.kind == "Moodle":
        return _read(book.cell(cells, "Maximum grade", "Maximum Grade"))
    if book.kind == "Canvas":
        row = next((r for r in book.sheet.rows[1:] if "Points Possible" in r[0].text), None)
        return _read(row[place].text) if row else None
    return None


def _is_locked(book, cells):
    return book.kind == "Moodle" and book.cell(cells, "Grade can be changed") == "No"


def _read(text):
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def _number_of(identifier):
    """The number in Moodle's ``Participant 123``."""
    return "".join(re.findall(r"\d+$", identifier))
