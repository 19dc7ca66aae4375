"""Proofs as text: read from JSON, which an address may hold, and written as files to keep.

    {"version": 1, "frame": …, "lines": [["E(z**2)", "what we want"], ["= 1 + mu**2", ""]]}

A proof may come from anybody: nothing of it is ever run, and what is written runs only what
`frames` has read.
"""

import ast
import json
from itertools import groupby
from typing import NamedTuple

from .._foreign_json import read_json
from .calls import value_of
from .derivation import Derivation
from .frames import parts_of, read_frame
from .typeset_frames import frame_latex

VERSION = 1
LARGEST = 64 * 1024  # bytes
MOST_LINES = 60
NUMBER = "1"  # its lines are (1a), (1b), …
_WIDTH = 79

_INTRODUCTION = """\
# A proof to check

To run this notebook, open it in the folder of the course, or install `kl_utils`: `pip install .`
in that folder."""
_TEX = r"""\documentclass{article}
%% For LuaLaTeX or XeLaTeX; pdfLaTeX does as well, where no reason has letters that it lacks.
\usepackage{amsmath, amssymb}
\providecommand{\lt}{<}
\providecommand{\gt}{>}
\begin{document}
%s%s
\end{document}
"""


class Proof(NamedTuple):
    """A proof as it was typed: its frame, as `read_frame` takes it, and its lines with reasons."""

    frame: dict
    lines: list


def read_proof(text):
    """Read a proof from JSON.

    Returns
    -------
    Proof

    Raises
    ------
    ValueError
        If it is too large or too deep, no JSON, or not of the form above. What the frame says is
        for `read_frame` to judge.
    """
    data = read_json(text, LARGEST, "proof")
    if not isinstance(data, dict) or set(data) != {"version", "frame", "lines"}:
        raise ValueError("A proof is an object with `version`, `frame` and `lines`.")
    if data["version"] != VERSION or type(data["version"]) is not int:
        raise ValueError(f"The `version` of this proof is not {VERSION}, the one known here.")
    lines = data["lines"]
    if not (isinstance(lines, list) and all(map(_is_line, lines))):
        raise ValueError("The `lines` of a proof are pairs of a text and a reason.")
    if len(lines) > MOST_LINES:
        raise ValueError(f"A proof has at most {MOST_LINES} lines here; this one has {len(lines)}.")
    return Proof(data["frame"], lines)


def _is_line(line):
    return isinstance(line, list) and len(line) == 2 and all(isinstance(part, str) for part in line)


def derivation_of(proof):
    """The derivation of a proof, to be checked; raises a ValueError where there is none."""
    given, meanings = read_frame(proof.frame)
    derivation = Derivation(NUMBER, given, **meanings)
    for text, reason in proof.lines:
        derivation.line(text, reason)
    return derivation


def given_latex(frame):
    """What a frame gives, as LaTeX, one text each."""
    letters, meanings = parts_of(frame)
    values = {name: value_of(tree) for name, tree in letters.items()}
    meant = {name: t if isinstance(t, str) else value_of(t) for name, t in meanings.items()}
    return frame_latex(values, meant)


# Files


def as_notebook(proof):
    """The text of a notebook that checks a proof."""
    cells = {
        "about": ("markdown", _INTRODUCTION),
        "names": ("code", "from kl_utils.derivation import *"),
        "proof": ("code", as_code(proof)),
    }
    more = {"markdown": {}, "code": {"execution_count": None, "outputs": []}}
    notebook = {
        "cells": [
            {"cell_type": kind, "id": name, "metadata": {}, "source": source, **more[kind]}
            for name, (kind, source) in cells.items()
        ],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def as_code(proof):
    """The Python of a notebook's cell: what `frames` has read, and the lines as texts."""
    letters, meanings = parts_of(proof.frame)
    derivation = derivation_of(proof)
    rows = [
        "given = " + _call("Given", [f"{name}={_code(tree)}" for name, tree in letters.items()]),
        "d = " + _call("Derivation", [_quoted(NUMBER), "given", *_options(meanings)]),
    ]
    for line in derivation.lines:
        parts = [line.text, line.reason] if line.reason else [line.text]
        rows.append(_call("d.line", list(map(_quoted, parts))))
    return "\n".join([*rows, "d.check()"])


def _options(meanings):
    """``q=…``; a name that is none of Python's stands in a dictionary."""
    for is_name, group in groupby(meanings.items(), key=lambda item: item[0].isidentifier()):
        pairs = [(name, _code(meaning)) for name, meaning in group]
        if is_name:
            yield from (f"{name}={code}" for name, code in pairs)
        else:
            yield f"**{{{', '.join(f'{_quoted(name)}: {code}' for name, code in pairs)}}}"


def _call(head, arguments):
    """A call on one row, or where that is too wide with a row for each argument."""
    whole = f"{head}({', '.join(arguments)})"
    if len(whole) <= _WIDTH:
        return whole
    return "\n".join([f"{head}(", *(f"    {argument}," for argument in arguments), ")"])


def _code(tree):
    match tree:
        case str() | ast.Constant(value=str()):
            return _quoted(getattr(tree, "value", tree))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
            options = [f"{option.arg}={_code(option.value)}" for option in keywords]
            return f"{name}({', '.join([*map(_code, arguments), *options])})"
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return f"[{', '.join(map(_code, parts))}]"
    return ast.unparse(tree)


def _quoted(text):
    """A text as Python has it, raw where a backslash is in it, if that can be."""
    if "\\" in text and '"' not in text and not text.endswith("\\"):
        return f'r"{text}"'
    return json.dumps(text, ensure_ascii=False)


def as_latex(proof):
    """A proof as a document in LaTeX: what is given, the lines, and their reasons and verdicts."""
    report = derivation_of(proof).check()
    formulas = [f"\\({formula}\\)" for formula in given_latex(proof.frame)]
    given = f"Given: {', '.join(formulas)}.\n" if formulas else ""
    return _TEX % (given, report._repr_latex_().replace(r"\small ", ""))
