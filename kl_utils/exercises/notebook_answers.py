"""Reading answers out of a notebook that a stranger handed in; nothing in it is ever run.

A cell that answers begins with a comment that says which task, ``# answer: to-the-prior@1``; what
stands in it is read by `answer_cells`. Nothing depends on the metadata of cells, which some
services drop, nor on their order.

Students delete cells, copy, split and merge them, and mistype a marker: each of these costs the
answer in question at most, and a remark says so.
"""

import ast
import re
from itertools import takewhile
from typing import NamedTuple

from .._foreign_json import GivenTwice, read_json
from .answer_cells import defined, parsed, read_answer_cell
from .codes import read_code
from .submission_files import BadSubmission, Submission, content_of

LARGEST_NOTEBOOK = 8 * 1024 * 1024  # bytes; pictures among the outputs take most of it
LARGEST_CELL = 64 * 1024  # characters of a cell with an answer

_MOST_CELLS = 2_000
_MOST_PIECES = 5  # cells that an answer was split into

_ANSWER = re.compile(
    r"^[ \t]{0,8}#+[ \t]{0,8}answers?[ \t]{0,8}"
    r"(?:[:=-][ \t]{0,8}([a-z0-9][\w-]{0,63})|([a-z0-9][\w-]{0,63})(?=[ \t]{0,8}@))"
    r"(?:[ \t]{0,8}@[ \t]{0,8}(\d{1,4}))?",
    re.IGNORECASE | re.MULTILINE | re.ASCII,
)
_OURS = re.compile(r"\s*#+\s*(code|check|show|points|problem set|save)\b", re.IGNORECASE)
_SET = re.compile(r"^[ \t]*#+[ \t]*problem set:[ \t]*(\w[\w.-]{0,63})", re.ASCII | re.MULTILINE)
_NAMES = re.compile(r"\b([a-z0-9][\w-]{0,63})@(\d{1,4})\b", re.ASCII)


class _Cell(NamedTuple):
    kind: str
    text: str


def read_notebook(source):
    """Read a submission from a notebook.

    Parameters
    ----------
    source : os.PathLike, bytes or str
        A path, or the content itself; a string is content, never a path.

    Returns
    -------
    Submission
        The set or the student is empty where the notebook does not say it; ``remarks`` says so.

    Raises
    ------
    BadSubmission
        If it is too large or too deep, or no notebook. Whatever is wrong with a cell costs that
        cell's task alone.
    """
    cells = _cells_of(content_of(source, LARGEST_NOTEBOOK))
    remarks = []
    versions = _versions(cells)
    found = {}
    for _, name, text in _answer_texts(cells, versions):
        if len(text) > LARGEST_CELL:
            remarks.append(f"{name}: the cell is larger than {LARGEST_CELL // 1024} kB.")
        elif (answer := read_answer_cell(text)) is not None:
            found.setdefault(name, []).append(answer)
    answers = {}
    for name, given in found.items():
        is_one = all(answer == given[0] for answer in given)
        answers[name] = given[0] if is_one else GivenTwice()
        if not is_one:
            remarks.append(f"{name}: {len(given)} cells answer this task, each otherwise.")
    stated = next(filter(None, (_SET.search(cell.text) for cell in cells)), None)
    if stated is None:
        remarks.append("The notebook does not say which problem set it belongs to.")
    student, remark = _student(cells)
    return Submission(stated[1] if stated else "", student, answers, (*remarks, *remark))


def runs_of_answers(texts, names):
    """Of cells in the order in which they were run, the last one for each task.

    Parameters
    ----------
    texts : sequence of str
    names : iterable of str
        Those of the tasks.

    Returns
    -------
    dict of str to tuple
        For each task that is answered the place of the cell, and its text.
    """
    cells = [_Cell("code", text) for text in texts]
    versions = {name.partition("@")[0]: name for name in names}
    return {name: (place, text) for place, name, text in _answer_texts(cells, versions)}


def _cells_of(content):
    try:
        data = read_json(content, LARGEST_NOTEBOOK, "file")
    except ValueError as error:
        raise BadSubmission(str(error)) from None
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list):
        raise BadSubmission("This file is no notebook with a list of cells (format 4).")
    if len(cells) > _MOST_CELLS:
        raise BadSubmission(f"This notebook has more than {_MOST_CELLS} cells.")
    cells = (cell for cell in cells if isinstance(cell, dict))
    return [_Cell(str(cell.get("cell_type")), _source(cell)) for cell in cells]


def _source(cell):
    """The text of a cell, which the format also allows to be a list of lines."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return source.replace("\r\n", "\n") if isinstance(source, str) else ""


def _versions(cells):
    """For each id that stands in the notebook with one version, its full name."""
    names = {}
    for cell in cells:
        for name, version in _NAMES.findall(cell.text):
            names.setdefault(name.lower(), set()).add(f"{name.lower()}@{version}")
    return {name: next(iter(full)) for name, full in names.items() if len(full) == 1}


def _answer_texts(cells, versions):
    """Yield the cell's place, the task's name and the text of each answer; a cell may have two."""
    for place, cell in enumerate(cells):
        markers = list(_markers(cell.text, versions)) if not _SET.match(cell.text) else []
        ends = [start for start, _ in markers[1:]] + [len(cell.text)]
        starts = [0, *ends[:-1]]
        for (_, name), start, end in zip(markers, starts, ends[: len(markers)], strict=False):
            text = cell.text[start:end]
            if end == len(cell.text):
                text = _joined(text, _unmarked(cells[place + 1 : place + 1 + _MOST_PIECES]))
            yield place, name, text


def _markers(text, versions):
    """Yield where each marker stands in a cell, and the task's name.

    A comment that looks like a marker, but names no task and no version, is a comment.
    """
    for found in _ANSWER.finditer(text):
        name, version = (found[1] or found[2]).lower(), found[3]
        if version or name in versions:
            yield found.start(), f"{name}@{int(version)}" if version else versions[name]


def _unmarked(cells):
    """The cells at the start that a student made: code without a marker of the notebook's own."""
    return takewhile(
        lambda cell: (
            cell.kind == "code" and not _ANSWER.search(cell.text) and not _OURS.match(cell.text)
        ),
        cells,
    )


def _joined(text, cells):
    """An answer with the cells below it that were split off from it."""
    whole = text
    for cell in cells:
        if len(whole) > LARGEST_CELL or not _belongs(cell.text, whole):
            break
        whole = f"{whole}\n{cell.text}"
    return whole if parsed(whole) else text


def _belongs(below, text):
    """Is a cell the rest of the answer above it? Trials of a student's own are not."""
    tree, other = parsed(text), parsed(below)
    if tree is None or below[:1] in (" ", "\t") or not tree.body:
        return True
    if other is None or not defined(tree):
        return False
    only_functions = all(isinstance(part, ast.FunctionDef) for part in other.body)
    return bool(other.body) and only_functions and not defined(other) & defined(tree)


def _student(cells):
    """The personal code, and a remark where there is none to be read."""
    typed = [code for cell in cells if (code := _typed_code(cell.text)) is not None]
    codes = set()
    for text in filter(str.strip, typed):
        try:
            codes.add(read_code(text))
        except ValueError as error:
            return "", (f"The personal code in the notebook cannot be read. {error}",)
    if len(codes) == 1:
        return codes.pop(), ()
    several = "There are several personal codes in the notebook."
    return "", (several if codes else "There is no personal code in the notebook.",)


def _typed_code(text):
    if "code" not in text or len(text) > LARGEST_CELL or _ANSWER.search(text):
        return None
    tree = parsed(text)
    for statement in tree.body if tree else ():
        match statement:
            case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str() as code)):
                return code[:100]
    return None
