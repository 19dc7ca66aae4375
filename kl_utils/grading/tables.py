"""Tables as spreadsheets and learning platforms write them, each cell with its place in the text.

Commas, semicolons or tabs; UTF-8 with or without a mark, UTF-16, or the Windows code page: what a
spreadsheet makes of a table is read without asking.
"""

import codecs
import csv
import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LARGEST = 20 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class Cell:
    """A cell: what it says, and where it stands in the text, quotes included."""

    text: str
    start: int
    end: int
    quoted: bool
    line: int


@dataclass(frozen=True)
class Sheet:
    """A table that can be written again as it was.

    Attributes
    ----------
    text, mark, encoding : str, bytes, str
        The text after the byte order mark, that mark, and how the rest is encoded.
    delimiter : str
    rows : list of list of Cell
    """

    text: str
    mark: bytes
    encoding: str
    delimiter: str
    rows: list

    def bytes_with(self, changes):
        """The file in which some cells say something else: pairs of cell and text."""
        parts, done = [], 0
        for cell, text in sorted(changes, key=lambda change: change[0].start):
            quoted = cell.quoted or any(sign in text for sign in ('"', "\n", self.delimiter))
            text = '"' + text.replace('"', '""') + '"' if quoted else text
            parts += [self.text[done : cell.start], text]
            done = cell.end
        return self.mark + "".join([*parts, self.text[done:]]).encode(self.encoding)


def read_sheet(content, what):
    """Read a table with all that is needed to write it again.

    Parameters
    ----------
    content : bytes
    what : str
        The name of the file, for sentences.
    """
    if len(content) > _LARGEST:
        raise ValueError(f"{what}: this table is larger than {_LARGEST // 1024**2} MB.")
    if content[:2] == b"PK" or content[:4] == b"\xd0\xcf\x11\xe0":
        raise ValueError(f"{what}: this is a workbook, not CSV. Save it as CSV (UTF-8).")
    mark, encoding = next((m for m in _MARKS if content.startswith(m[0])), (b"", "utf-8"))
    body = content[len(mark) :]
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        encoding = "cp1252"
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            encoding = "latin-1"
            text = body.decode(encoding)
    delimiter, start = _delimiter(text)
    return Sheet(text, mark, encoding, delimiter, _rows(text, delimiter, start, what))


def read_table(path, required, others=()):
    """Read a table whose first row names the columns.

    Returns
    -------
    list of (int, dict)
        For each row its line, and its cells by column, without blanks around them. Columns that
        are not asked for are left out, missing ones are empty.

    Raises
    ------
    ValueError
        If the file cannot be opened, or a required column is missing; or if a row is not parted
        into cells as its header is, so that what somebody wrote could end in another column.
    """
    path = Path(path)
    try:
        sheet = read_sheet(path.read_bytes(), path.name)
    except OSError as error:
        raise ValueError(f"{path}: this file cannot be opened ({error.strerror}).") from None
    rows = [row for row in sheet.rows if any(cell.text.strip() for cell in row)]
    header = [cell.text.strip().lower().replace(" ", "_") for cell in rows[0]] if rows else []
    while header and not header[-1]:
        header.pop()
    faults = [f"line {row[0].line}: {why}" for row in rows if (why := _fault(sheet, header, row))]
    if faults:
        more = f" So are {len(faults) - 1} more rows." if len(faults) > 1 else ""
        raise ValueError(f"{path.name}, {faults[0]}{more}")
    if missing := [name for name in required if name not in header]:
        raise ValueError(
            f"{path.name}: there is no column {missing[0]!r}. Its first row has to name the "
            f"columns: {','.join([*required, *others])}."
        )
    table = []
    for row in rows[1:]:
        cells = dict(zip(header, (cell.text.strip() for cell in row), strict=False))
        table.append((row[0].line, {name: cells.get(name, "") for name in (*required, *others)}))
    return table


_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs"}


def _fault(sheet, header, row):
    """Why a row cannot be read by its header, and how to mend it; None where it can.

    A spreadsheet that parts cells by semicolons takes a row with commas for one cell, and adds its
    own cells behind; and a decimal comma without quotation marks makes two cells of one.
    """
    said = [cell.text.strip() for cell in row]
    others = [sign for sign in _NAMES if sign != sheet.delimiter]
    behind = (sheet.text[c.start : c.end].rstrip()[-1:] != '"' for c in row if c.quoted)
    is_mixed = (
        any(name[-1:] in others or name[:1] in others for name in header)
        or any(cell.text[:1] in others for cell in row if cell.text and not cell.quoted)
        or any(behind)
        or (not any(said[1:]) and any(sign in said[0] for sign in _NAMES))
    )
    if is_mixed:
        return (
            f"its cells are not parted by {_NAMES.get(sheet.delimiter, sheet.delimiter)} alone: a "
            "spreadsheet has taken a row for one cell. Import the table with the right separator, "
            "so that each cell has a column of its own, and fill it again."
        )
    if any(said[len(header) :]):
        count = len(header) + len(said[len(header) :])
        return (
            f"this row has {count} cells, and the first row only {len(header)}. Write 1.5 or "
            '"1,5" for a decimal comma, and put text with a comma into quotation marks.'
        )
    return None


def write_table(path, columns, rows):
    """Write a table for spreadsheets, whole or not at all; no cell of it becomes a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[_harmless(row.get(name, "")) for name in columns] for row in rows])
    write_whole(path, codecs.BOM_UTF8 + text.getvalue().encode("utf-8", "replace"))


def write_whole(path, content):
    """Write a file so that nobody ever finds half of it."""
    path = Path(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _harmless(value):
    """A cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if not isinstance(value, str):
        return "" if value is None else value
    text = "".join(sign if sign.isprintable() else " " for sign in value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _delimiter(text):
    """What parts the cells, and where the table begins; Excel may say it in a line of its own."""
    first = text.partition("\n")[0].strip("\r")
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4], text.index("\n") + 1
    return max(",;\t", key=first.count), 0


def _rows(text, delimiter, start, what):
    """All rows; a row ends with its line unless quotes are open."""
    rows, row, place = [], [], start
    line = 1 + text.count("\n", 0, start)
    while place < len(text):
        cell, after = _cell(text, place, delimiter, line, what)
        row.append(cell)
        line += text.count("\n", cell.start, cell.end)
        if text.startswith(delimiter, after):
            place = after + 1
            if place == len(text):
                row.append(Cell("", place, place, False, line))
        else:
            place = after + (2 if text.startswith("\r\n", after) else 1)
            rows.append(row)
            row, line = [], line + 1
    return [*rows, row] if row else rows


def _cell(text, place, delimiter, line, what):
    """The cell that begins at a place, and where it ends."""
    if not text.startswith('"', place):
        end = place
        while end < len(text) and text[end] not in (delimiter, "\n", "\r"):
            end += 1
        return Cell(text[place:end], place, end, False, line), end
    end = place + 1
    while True:
        end = text.find('"', end)
        if end < 0:
            raise ValueError(f"{what}, line {line}: a quotation mark is opened and never closed.")
        if not text.startswith('""', end):
            break
        end += 2
    said = text[place + 1 : end].replace('""', '"')
    end += 1
    while end < len(text) and text[end] not in (delimiter, "\n", "\r"):
        end += 1  # what stands behind the quotes belongs to no cell, and is kept as it is
    return Cell(said, place, end, True, line), end
