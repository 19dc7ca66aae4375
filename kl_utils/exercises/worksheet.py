"""A problem set in a notebook: what a student is asked, how an answer is read, what is handed in.

    work = Worksheet(SET, "K7QX-2M9B")
    work.show("to-the-prior@1")
    work.check("to-the-prior@1", proof_1)
    work.save()

Of proofs and repairs it shows what the checker itself finds, line by line. Of everything else it
says only how the answer was read: whether a number is right, it does not know.
"""

import importlib
import json
import sys
from functools import singledispatch
from pathlib import Path

from .answer_cells import as_answer, defined, parsed, without_commands
from .chains import unchecked
from .codes import read_code
from .computing import Compute
from .conditions import Condition
from .problem_set_files import read_problem_set
from .programs import Program
from .proofs import Prove
from .single_lines import Repair
from .statements import depends_on_code, statement
from .submission_files import VERSION
from .task import BadAnswer, Task, grade, read_line
from .words import Explain

NO_CODE = "Write your personal code into the cell above and run it; then run this cell again."
_KINDS_OF_TEXT = {"prove": "proof", "repair": "line"}


class Worksheet:
    """A set with one student's numbers, and the answers that were checked so far.

    Parameters
    ----------
    text : str
        The text of the set.
    code : str
        The personal code; empty as long as the student has not typed it.
    """

    def __init__(self, text, code=""):
        with unchecked():  # the tests of the course have checked it, and a student waits
            self.set = read_problem_set(text)
        self.answers = {}
        self.code = ""
        if code.strip():
            try:
                self.code = read_code(code)
            except ValueError as error:
                _say(str(error))
        else:
            _say("There is no personal code yet: your numbers appear once it is typed in above.")

    def show(self, name):
        """Show what a task asks, with this student's numbers and figure."""
        question = self._question(name)
        if depends_on_code(question) and not self.code:
            return _say(NO_CODE)
        _display_markdown(statement(question, self.code))
        if figure := question.figure(self.code):
            _display_svg(figure)
        return None

    def check(self, name, answer=None):
        """Take an answer, and show how it was read; of proofs and repairs, what holds.

        Without an answer, the cell that was run last with this task's marker is the answer.
        """
        question = self._question(name)
        answer = _last_run(name) if answer is None else answer
        answer = as_answer(
            None if answer is ... else _as_json(answer),
            _KINDS_OF_TEXT.get(question.data["kind"], "other"),
        )
        if _is_empty(answer) or not _is_begun(question, answer):
            self.answers.pop(name, None)
            return _say("There is no answer yet.")
        self.answers[name] = answer
        if depends_on_code(question) and not self.code:
            return _say(NO_CODE)
        try:
            with unchecked():
                return _shown(question.task(self.code), answer)
        except BadAnswer as error:
            return _say(f"This cannot be read. {error}")

    def save(self, folder="."):
        """Write the file to hand in, with the answers that were checked."""
        waiting = [q.name for q in self.set.current if q.name not in self.answers]
        if not self.code:
            return _say(f"Nothing is saved yet. {NO_CODE}")
        path = Path(folder) / f"{self.set.name}-{self.code.replace('-', '')}.json"
        data = {"version": VERSION, "set": self.set.name, "student": self.code}
        text = json.dumps(data | {"answers": self.answers}, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")
        _say(f"Saved {path.name}, with answers to {len(self.answers)} tasks. Hand in this file.")
        if waiting:
            _say(f"Not in it, since not answered or not checked: {', '.join(waiting)}.")
        if "google.colab" in sys.modules:
            importlib.import_module("google.colab.files").download(str(path))
        return None

    def _question(self, name):
        for question in self.set.questions:
            if question.name == name:
                return question
        listed = ", ".join(question.name for question in self.set.current)
        raise ValueError(f"name: there is no task {name!r} in this set; there are {listed}")


# How an answer was read


@singledispatch
def _shown(task: Task, answer):
    _say("Taken down as it is.")


@_shown.register
def _(task: Prove, answer):
    lines = task.read(answer)
    if lines and lines[0][0].removeprefix("=").split() == task.frame.first.split():
        lines = lines[1:]
    _display(task.report_on(lines))


@_shown.register
def _(task: Repair, answer):
    lines = [(line, "") for line in task.lines]
    lines[task.at - 1] = read_line(answer)
    _display(task.report_on(lines))


@_shown.register
def _(task: Compute, answer):
    _say(f"Read as the number {task.read(answer):.6g}.")


@_shown.register
def _(task: Condition, answer):
    texts = [answer] if isinstance(answer, str) else answer
    task.read(answer)
    _say(f"Read as: {' and '.join(texts)}.")


@_shown.register
def _(task: Program, answer):
    tree = parsed(answer)
    if tree is None:
        _say("This is no Python program: a line has a mistake that Python names when you run it.")
    elif task.function not in defined(tree):
        _say(f"There is no function `{task.function}` in it.")
    else:
        _say(f"Read as a program of {len(answer.splitlines())} lines with `{task.function}`.")


@_shown.register
def _(task: Explain, answer):
    if not isinstance(answer, str):
        raise BadAnswer("Expected text in quotes.")
    _say(f"Read as text of {len(answer.split())} words. A person reads it.")


def _is_empty(answer):
    if isinstance(answer, dict):
        return not (answer.get("lines") or answer.get("text"))
    return not answer.strip() if isinstance(answer, str) else answer in (None, [])


def _is_begun(question, answer):
    """Is a program more than what it began with?"""
    return question.data["kind"] != "program" or bool(grade(question.task(), answer).held)


def _as_json(answer):
    """An answer as the file can hold it; anything else as text."""
    if answer is ...:
        return None
    try:
        return json.loads(json.dumps(answer, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return str(answer)


def _last_run(name):
    """The text of the cell that was run last with the marker of a task, or nothing."""
    shell = _shell()
    ran = shell.user_ns.get("In", []) if shell else []
    marker = f"# answer: {name}"
    found = [text for text in ran if text.lstrip().startswith(marker)]
    return without_commands(found[-1]) if found else None


# Display; in a terminal, text


def _shell():
    """The notebook's shell, if this runs in one."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module else None


def _show_as(kind, data, text):
    if _shell():
        display = importlib.import_module("IPython.display")
        display.display({kind: data, "text/plain": text}, raw=True)
    else:
        print(text)


def _say(text):
    print(text)


def _display_markdown(text):
    _show_as("text/markdown", text, text)


def _display_svg(svg):
    _show_as("image/svg+xml", svg, "(A figure is here; a notebook shows it.)")


def _display(report):
    if _shell():
        _show_as("text/latex", report._repr_latex_(), repr(report))
    else:
        print(report)
