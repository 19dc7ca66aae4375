"""The answer in one cell of a notebook, read as text; nothing in it is ever run.

Text is the value that the cell assigns, a program is the cell itself. The variable's name says how
text is meant: ``proof_1`` and ``line_2`` hold lines with a reason behind a ``#``.
"""

import ast
import re
import warnings

from .._foreign_json import DEEPEST

_RELATION = re.compile(r"\s*(?:=|<=|>=|≤|≥)")
_NOT_LINES = {"number", "condition", "words"}  # how the variables of other answers begin


def read_answer_cell(text, called=""):
    """The answer in the text of a cell, or None where there is none.

    A program is the text itself, without lines that only a notebook understands. Of an assignment
    the value is taken, and an expression that is no literal as text: ``number_1 = 1/2``. Who knows
    the kind of the task says what the variable ought to be called.
    """
    tree = parsed(text)
    if tree is None:
        return (
            text
            if re.search(r"^(def|import|from|class)\b", text, re.MULTILINE)
            else _raw(text, called)
        )
    if defined(tree):
        return without_commands(text)
    name, node = _assigned(tree)
    if node is None:
        return None
    value = _value(node)
    return as_answer(value, called or name) if _says_something(value) else None


def as_answer(value, name=""):
    """A value as JSON has it, given the variable's name, which says how text is meant."""
    if isinstance(value, str):
        if name.startswith("proof"):
            return {"lines": _lines(value)}
        if name.startswith("line"):
            return (_lines(value) or [{"text": "", "reason": ""}])[0]
        if name.partition("_")[0] not in _NOT_LINES and _RELATION.match(value):
            lines = _lines(value)
            return {"lines": lines} | (lines[0] if len(lines) == 1 else {})
    return value


def _lines(text):
    """Lines of a proof: what stands behind a ``#`` is the reason of the line, or of that above."""
    lines = []
    for row in filter(str.strip, text.splitlines()):
        line, _, reason = (part.strip() for part in row.partition("#"))
        if lines and (not line or _goes_on(lines[-1]["text"], line)):
            above = lines[-1]
            above["text"] = f"{above['text']} {line}".strip()
            above["reason"] = f"{above['reason']} {reason}".strip()
        elif line:
            lines.append({"text": line, "reason": reason})
    return lines


def _goes_on(above, row):
    """Is a row the rest of the line above, which was too wide for one row?"""
    if _RELATION.match(row):
        return False
    is_open = above.count("(") > above.count(")")
    return is_open or row[0] in "+-*/@" or above[-1] in "+-*/@,"


def parsed(text):
    """The tree of a cell's text, or None; commands such as ``%time`` are left out if need be."""
    for source in (text, without_commands(text)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # such as of "\l" in LaTeX
                return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def without_commands(text):
    """A cell's text without the lines that only a notebook understands."""
    return re.sub(r"^[%!].*$", "", text, flags=re.MULTILINE)


def defined(tree):
    """The names of the functions and classes that a program defines."""
    kinds = ast.FunctionDef | ast.ClassDef
    return {part.name for part in tree.body if isinstance(part, kinds)}


def _assigned(tree):
    """The name and the value of the first assignment; or the value that stands there alone."""
    for part in tree.body:
        match part:
            case ast.Assign(targets=[ast.Name(id=name), *_], value=value):
                return name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                return name, value
    match tree.body:
        case [ast.Expr(value=value), *_] if not isinstance(value, ast.Call):
            return "", value
    return "", None


def _value(node):
    try:
        return _as_json(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        pass
    try:
        return ast.unparse(node)
    except (ValueError, RecursionError):
        return ""


def _as_json(value, depth=0):
    if depth > DEEPEST:
        raise ValueError("too deep")
    if value is ...:
        return None
    match value:
        case list() | tuple():
            return [_as_json(part, depth + 1) for part in value]
        case dict() if all(isinstance(name, str) for name in value):
            return {name: _as_json(part, depth + 1) for name, part in value.items()}
        case None | bool() | str() | int():
            return value
        case float() if abs(value) < float("inf"):
            return value
    raise ValueError("JSON has no such value")


def _says_something(value):
    return bool(value.strip()) if isinstance(value, str) else value not in (None, [], {})


def _raw(text, called=""):
    """A cell that is no Python, such as lines of a proof typed without quotes; or None."""
    rows = [row for row in text.splitlines() if not row.lstrip().startswith("#")]
    name, value = re.fullmatch(r"\s*(?:([a-z]\w*) *=)?(.*)", "\n".join(rows), re.DOTALL).groups()
    value = value.strip().strip("\"'").strip()
    return as_answer(value, called or name or "") if value else None
