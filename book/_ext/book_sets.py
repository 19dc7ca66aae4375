"""A problem set as a page has it: what is asked, with a student's numbers; how answers are read.

This runs in the page's own Python, too, and there the sets lie beside `kl_utils`, as they do here.
Nothing here says what an answer earns, and only of the lines of a proof whether they are true.
"""

import ast
import re
import warnings
from functools import cache, singledispatch
from pathlib import Path

import kl_utils
from book_forms import open_form, question
from book_frames import formula
from kl_utils.derivation import Derivation
from kl_utils.exercises import BadAnswer, Compute, Condition, Explain, Prove, Repair
from kl_utils.exercises.chains import unchecked
from kl_utils.exercises.codes import read_code
from kl_utils.exercises.problem_set_files import read_problem_set
from kl_utils.exercises.programs import Program

LABEL = re.compile(r"\b((?:[Ll]ine:? |with ))\(([a-z]{1,2})\)")
LISTS = {"faults", "explanations"}
FOLDER = Path(kl_utils.__file__).parents[1] / "problem_sets"


@cache
def problem_set(name):
    """Return a set by its name."""
    if not re.fullmatch(r"\w+", name):
        raise ValueError(f"There is no problem set {name!r}.")
    with unchecked():
        return read_problem_set((FOLDER / name / "set.toml").read_text("utf8"))


@cache
def task_of(name, about, code):
    """Return a task of a set, with the numbers of a code."""
    with unchecked():
        return problem_set(name).question(about).task(code)


def asked(one, code=""):
    """Return what the page shows of a question."""
    with unchecked():
        task = one.task(code)
    return {
        "name": one.name,
        "kind": one.data["kind"],
        "statement": question(task),
        **open_form(task),
        "figure": one.figure(code),
    }


def numbers(name, code):
    """Return, with a code in its usual form, what is asked with numbers of its student's own."""
    code = read_code(code)
    own = [one for one in problem_set(name).current if "choices" in one.data]
    return {"code": code, "tasks": {one.name: asked(one, code) for one in own}}


def bare(name, about, code):
    """Return a derivation without lines in the frame of a task."""
    frame = task_of(name, about, code).frame
    return Derivation("", frame.given, **frame.meanings)


def derivation(name, about, code, lines):
    """Return the derivation of all lines below the first, pairs of text and reason."""
    task = task_of(name, about, code)
    if isinstance(task, Prove):
        lines = task.read([{"text": text, "reason": reason} for text, reason in lines])
    return task.frame.derivation(*lines)


def numbered(found):
    """Return what a check finds with the lines counted from the first, as graders count them."""
    return {
        key: [text and with_numbers(text) for text in part] if key in LISTS else part
        for key, part in found.items()
    } | {"summary": with_numbers(found["summary"])}


def with_numbers(text):
    """Return a sentence of the checker's in which line (c) is line (2)."""
    return LABEL.sub(lambda match: f"{match[1]}({place_of(match[2])})", text)


def place_of(letters):
    """Return the place of the line that the checker calls by letters: 0 for a, 26 for aa."""
    return sum(26**power * (ord(letter) - 96) for power, letter in enumerate(letters[::-1])) - 1


# How an answer is read


def reading(name, about, code, answer):
    """Return a sentence on how an answer is read; with ``is_read``, whether it can be."""
    try:
        return {"said": read(task_of(name, about, code), answer), "is_read": True}
    except BadAnswer as error:
        return {"said": str(error), "is_read": False}


@singledispatch
def read(task, answer):
    """Return how an answer is read, in words; a `BadAnswer` says why it cannot be."""
    raise TypeError(f"{task.name}: a page cannot read answers to a {type(task).__name__}")


@read.register
def _(task: Prove, answer):
    lines = task.read(answer)
    if not lines:
        raise BadAnswer("There is no line yet.")
    need_lines(task.frame.derivation(*lines))
    return f"{len(lines)} line{'s' * (len(lines) != 1)}."


@read.register
def _(task: Repair, answer):
    lines = [(text, "") for text in task.lines]
    lines[task.at - 1] = (answer["text"], "")
    need_lines(task.frame.derivation(*lines))
    return "One line."


def need_lines(derivation):
    """Raise a `BadAnswer` unless all lines can be read."""
    for number, line in enumerate(derivation.lines):
        if line.fault:
            raise BadAnswer(f"Line {number}: {line.fault}")


@read.register
def _(task: Condition, answer):
    task.read(answer)
    return f"Read as {', and '.join(f'${formula(task.frame, text)}$' for text in answer)}."


@read.register
def _(task: Compute, answer):
    return f"Read as {task.read(answer):.6g}."


@read.register
def _(task: Explain, answer):
    task.grade(answer)
    return f"{len(answer)} characters."


@read.register
def _(task: Program, answer):
    """Python's parser says whether it is one; it is not run here."""
    task.grade(answer)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(answer)
    except SyntaxError as error:
        raise BadAnswer(f"Python cannot read line {error.lineno}: {error.msg}.") from None
    except (ValueError, RecursionError, MemoryError):
        raise BadAnswer("Python cannot read this.") from None
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    if task.function not in functions:
        raise BadAnswer(f"There is no function `{task.function}` in it.")
    return f"Python can read it, and the function `{task.function}` is there. It was not run."
