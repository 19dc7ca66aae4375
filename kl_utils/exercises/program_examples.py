"""The examples in a program's docstring: calls, each with its value, that everybody sees.

::

    Examples
    --------
    >>> half(1.0)
    0.5

They stand in the text of a set, so they come from its author, never from an answer.
"""

import ast

import numpy as np


def examples_in(starter):
    """Pairs of an expression and its value, as texts, from the docstrings of a program."""
    for node in ast.walk(ast.parse(starter)):
        if isinstance(node, ast.FunctionDef):
            yield from _pairs(ast.get_docstring(node) or "")


def _pairs(docstring):
    call, value = [], []
    for row in [*docstring.splitlines(), ""]:
        if value and (row.startswith(">>> ") or not row.strip()):
            yield "\n".join(call), " ".join(value)
            call, value = [], []
        if row.startswith((">>> ", "... ")):
            call.append(row[4:])
        elif call and row.strip():
            value.append(row.strip())


def came_out(call, name, function):
    """The value of an example's expression, with a function under the name that it has there."""
    return eval(call, {"np": np, name: function})  # the set's author wrote it


def arguments_of(call, name):
    """The arguments with which an example calls the function."""

    class Called(Exception):
        pass

    def function(*arguments):
        raise Called(arguments)

    try:
        came_out(call, name, function)
    except Called as called:
        return called.args[0]
    raise ValueError(f"{name} is not called in {call!r}")


def in_digits(value, digits=6):
    """A value as a text to compare by eye: numbers have a few digits, arrays are lists."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{n!r}: {in_digits(part)}' for n, part in value.items())}}}"
    if isinstance(value, list | tuple):
        inside = ", ".join(in_digits(part) for part in value)
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    if isinstance(value, np.ndarray | np.generic) or hasattr(value, "tolist"):
        return in_digits(value.tolist())
    return f"{value:.{digits}g}" if isinstance(value, float) else repr(value)
