"""A problem set as a page has it: what is asked, with a student's numbers; how answers are read.

This runs in the page's own Python, too, and there the sets lie beside `kl_utils`, as they do here.
Nothing here says what an answer earns, and only of the lines of a proof whether they are true.
"""

import ast
import re
import warnings
from contextlib import suppress
from functools import cache, singledispatch
from pathlib import Path

import kl_utils
from book_forms import open_form, question
from book_frames import SIGNS, formula
from kl_utils.derivation import Derivation
from kl_utils.derivation.vocabulary import Fault
from kl_utils.exercises import BadAnswer, Compute, Condition, Explain, Prove, Repair
from kl_utils.exercises.chains import unchecked
from kl_utils.exercises.codes import read_code
from kl_utils.exercises.problem_set_files import read_problem_set
from kl_utils.exercises.programs import Program

LABEL = re.compile(r"\b((?:[Ll]ine:? |with ))\(([a-z]{1,2})\)")
LISTS = {"faults", "explanations"}
PLAIN_NUMBER = re.compile(r"\s*[-+]?[\d.,]+(e[-+]?\d+)?\s*")
IS_GOAL = {True: "The last line is the goal. ", False: "The goal is not reached yet. ", None: ""}
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
    if isinstance(task, Repair):
        lines = with_own(task, lines, lines[task.at - 1][0])
    return task.frame.derivation(*lines)


def with_own(task, lines, text):
    """Return the lines of a repair with a student's in its place, read as the grader reads it."""
    lines = [tuple(line) for line in lines]
    lines[task.at - 1] = (task.with_relation(text), "")
    return lines


def checked(name, about, code, report, found):
    """Return what a check has found, as it is told of a task of its kind."""
    return told(task_of(name, about, code), report, numbered(found))


@singledispatch
def told(task, report, found):
    """Return what a check has found as it is told."""
    return found


@told.register
def _(task: Prove, report, found):
    """Where all lines are true, whether the last one is the goal."""
    return found | {"summary": f"{IS_GOAL[goal_reached(task, report)]}{found['summary']}"}


def goal_reached(task, report):
    """Is the last line of a proof the goal? None where that is not told."""
    return task.reaches_goal(report) if report.ok else None


@told.register
def _(task: Repair, report, found):
    """Only of the student's line: whether it follows, and whether the next line follows from it."""
    at = task.at
    mine, *below = report.verdicts[at : at + 2]
    mark, said = mine.status, found["explanations"][at]
    if not found["faults"][at] and mark != "unchecked":
        links = [(f"Your line follows from line ({at - 1}).", mine.ok)]
        links += [(f"Line ({at + 1}) follows from it.", is_linked(one)) for one in below]
        said = " ".join(told if holds else negated(told) for told, holds in links)
        mark = "holds" if all(holds for _, holds in links) else "broken"
    ok = mark == "holds"
    alone = {"marks": mark, "faults": found["faults"][at], "explanations": None}
    lists = {key: [None] * at + [part] + [None] * len(below) for key, part in alone.items()}
    return found | lists | {"ok": ok, "summary": said or ""}


def is_linked(verdict):
    """Does a line follow from the one above, be that true or not?"""
    return verdict.status in ("holds", "inherits")


def negated(sentence):
    return sentence.replace("follows", "does not follow")


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
    """Return a sentence on how an answer is read; with ``is_read``, whether it can be.

    Where it can be, ``look`` is a sentence on what a student should look at before the export.
    """
    task = task_of(name, about, code)
    try:
        return {"said": read(task, answer), "is_read": True, "look": look(task, answer)}
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
    need_lines(task.frame.derivation(*with_own(task, lines, answer["text"])))
    return "One line."


def need_lines(derivation):
    """Raise a `BadAnswer` unless all lines can be read."""
    for number, line in enumerate(derivation.lines):
        if line.fault:
            raise BadAnswer(f"Line {number}: {line.fault}")


@read.register
def _(task: Condition, answer):
    tex = task.frame.bare.style.tex
    read_as = [f"${tex(a)} {SIGNS[sign]} {tex(b)}$" for a, sign, b in task.read(answer)]
    return f"Read as {' and '.join(read_as)}."


@read.register
def _(task: Compute, answer):
    value = task.read(answer)
    with suppress(Fault):
        if not PLAIN_NUMBER.fullmatch(answer):
            return f"Read as ${formula(task.frame, answer)}$, which is {value:.6g}."
    return f"Read as {value:.6g}."


@read.register
def _(task: Explain, answer):
    task.grade(answer)
    return f"{len(answer)} characters."


@read.register
def _(task: Program, answer):
    """Python's parser says whether it is one; it is not run here."""
    task.grade(answer)
    if not parameters(parsed(answer), task.function):
        raise BadAnswer(f"There is no function `{task.function}` in it.")
    return f"Python can read it, and the function `{task.function}` is there. It was not run."


def parsed(program):
    """Return a program as a tree."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(program)
    except SyntaxError as error:
        raise BadAnswer(f"Python cannot read line {error.lineno}: {error.msg}.") from None
    except (ValueError, RecursionError, MemoryError):
        raise BadAnswer("Python cannot read this.") from None


def parameters(tree, function):
    """Return the names of a function's parameters, as a text in brackets; empty for no function."""
    found = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == function]
    return f"({', '.join(arg.arg for arg in arguments(found[-1].args))})" if found else ""


def arguments(node):
    """Return the arguments of a function in their order."""
    return [one for one in ast.walk(node) if isinstance(one, ast.arg)]


# What to look at before the export


@singledispatch
def look(task, answer):
    """Return a sentence on what is still open in an answer that can be read; or nothing."""
    return ""


@look.register
def _(task: Prove, answer):
    report = task.report_on(task.read(answer))
    if not report.ok:
        return "Not every line holds."
    return IS_GOAL[False].strip() if goal_reached(task, report) is False else ""


@look.register
def _(task: Program, answer):
    tree = parsed(answer)
    mine, asked = (parameters(one, task.function) for one in (tree, parsed(task.starter)))
    listed = " and ".join(f"`{name}`" for name in task.not_allowed(tree))
    said = [f"It uses {listed}, which this task does not allow."] if listed else []
    if mine != asked:
        said.append(f"The parameters of `{task.function}` are `{mine}`, and should be `{asked}`.")
    return " ".join(said)
