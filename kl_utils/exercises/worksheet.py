"""A problem set in a notebook: what a student is asked, how an answer is read, what is handed in.

::

    work = Worksheet(SET, "K7QX-2M9M")
    work.show("to-the-prior@1")
    work.check("to-the-prior@1")
    work.save()

Of proofs and repairs it shows what the checker itself finds, line by line. Of everything else it
says only how the answer was read: whether a number is right, it does not know.
"""

import json
from pathlib import Path

from .answer_cells import as_answer, read_answer_cell
from .chains import unchecked
from .codes import read_code
from .how_read import how_read, lines_of
from .notebook_session import download, function_here, last_runs, show, show_report
from .problem_set_files import read_problem_set
from .program_examples import came_out, examples_in, in_digits
from .programs import Program
from .proofs import Prove
from .saved_answers import saved
from .single_lines import Repair
from .statements import depends_on_code, statement
from .task import BadAnswer

NO_CODE = "Write your personal code into the cell above and run it; then run this cell again."
TICKS = "A tick says that the line is true, not that it is the step that is asked for."
_CALLED = {
    "prove": "proof",
    "repair": "line",
    "condition": "condition",
    "compute": "number",
    "explain": "words",
}  # what an answer is called, which says how its text is meant


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
                print(error)
        else:
            print("There is no personal code yet: your numbers appear once it is typed in above.")

    def show(self, name):
        """Show what a task asks, with this student's numbers and figure."""
        question = self._question(name)
        if depends_on_code(question) and not self.code:
            return print(NO_CODE)
        text = statement(question, self.code)
        show("text/markdown", text, text)
        if figure := question.figure(self.code):
            show("image/svg+xml", figure, "(A figure is here; a notebook shows it.)")
        return None

    def check(self, name, answer=None):
        """Take an answer, and show how it was read; of proofs and repairs, what holds.

        Without an answer, the cell that was run last with this task's marker is the answer.
        """
        question = self._question(name)
        number, ran = self._ran().get(name, (None, None))
        is_ran = answer is None
        answer = ran if is_ran else as_answer(_as_json(answer), _called(question))
        if is_ran and number is None:
            print(f"No cell that begins with `# answer: {name}` has been run yet.")
        elif is_ran:
            print(f"Your answer is cell [{number}], as it was last run; run it after a change.")
        elif number is not None and answer != ran:
            print(f"The answer in cell [{number}] is another one, and that is what gets saved.")
        if not _is_begun(question, answer):
            self.answers.pop(name, None)
            return print("There is no answer yet.")
        self.answers[name] = answer
        if depends_on_code(question) and not self.code:
            return print(NO_CODE)
        try:
            with unchecked():
                _show_how_read(question.task(self.code), answer, is_ran)
        except BadAnswer as error:
            print(f"This cannot be read. {error}")
        return None

    def save(self, folder="."):
        """Write the file to hand in: for each task the cell that was run last with its marker.

        What was answered in another way has to have been checked. Answers that are in the file
        already, and not given anew, stay there.
        """
        if not self.code:
            return print(f"Nothing is saved yet. {NO_CODE}")
        answers = self._given()
        path = Path(folder) / f"{self.set.name}-{self.code.replace('-', '')}.json"
        try:
            kept, moved = saved(path, self.set.name, self.code, answers)
        except OSError as error:
            return print(f"Nothing was saved: {error.strerror or error}.")
        count = len(answers) + len(kept)
        print(
            f"Saved {path.name}, with answers to {count} task{'s' * (count != 1)}. "
            "Hand in this file."
        )
        if kept:
            print(
                f"Kept from the file: {', '.join(kept)}. Of {'it' if len(kept) == 1 else 'these'} "
                "no answer was run or checked since the notebook was started."
            )
        if moved:
            print(f"The file that was there could not be read. It is now called {moved}.")
        for name, why in self._unreadable(answers):
            print(f"Saved, but it cannot be read: {name}. {why}")
        done = {*answers, *kept}
        if waiting := [q.name for q in self.set.current if q.name not in done]:
            print(f"Not in it, since there is no answer: {', '.join(waiting)}.")
        return download(path)

    def _ran(self):
        """For each task the number of the answer cell that was run last, and the answer in it."""
        names = [question.name for question in self.set.questions]
        return {
            name: (number, read_answer_cell(text, _called(self._question(name))))
            for name, (number, text) in last_runs(names).items()
            if name in names
        }

    def _given(self):
        """The answers of this session."""
        ran = {name: answer for name, (_, answer) in self._ran().items()}
        found = self.answers | ran
        questions = [question for question in self.set.current if question.name in found]
        return {q.name: found[q.name] for q in questions if _is_begun(q, found[q.name])}

    def _unreadable(self, answers):
        """Yield the tasks whose answers cannot be read, and why."""
        for name, answer in answers.items():
            try:
                with unchecked():
                    how_read(self._question(name).task(self.code), answer)
            except BadAnswer as error:
                yield name, error

    def _question(self, name):
        for question in self.set.questions:
            if question.name == name:
                return question
        listed = ", ".join(question.name for question in self.set.current)
        raise ValueError(f"name: there is no task {name!r} in this set; there are {listed}")


def _called(question):
    return _CALLED.get(question.data["kind"], "other")


def _is_begun(question, answer):
    """Is there an answer, and if a program, more of it than what it began with?"""
    if isinstance(answer, dict):
        return bool(answer.get("lines") or answer.get("text"))
    if answer in (None, []) or (isinstance(answer, str) and not answer.strip()):
        return False
    is_program = question.data["kind"] == "program" and isinstance(answer, str)
    return not is_program or question.task().is_begun(answer)


def _as_json(answer):
    """An answer as the file can hold it; anything else as text."""
    if answer is ...:
        return None
    try:
        return json.loads(json.dumps(answer, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return str(answer)


# How an answer was read


def _show_how_read(task, answer, is_ran):
    if isinstance(task, Prove | Repair):
        report = task.report_on(lines_of(task, answer))
        show_report(report)
        print(" ".join([TICKS, *_what_is_missing(task, report)]))
        return
    for sentence in how_read(task, answer):
        print(sentence)
    if isinstance(task, Program) and is_ran:
        _try_examples(task)


def _what_is_missing(task, report):
    """What true lines may still lack, of the little that anybody can see."""
    if isinstance(task, Prove):
        if report.verdicts[-1].ok and task.reaches_goal(report) is False:
            yield "The last line is not the goal yet."
    elif report.verdicts[task.at].ok and task.stands_beside(report.verdicts[task.at].line.tree):
        yield "Your line is the one above or below again."


def _try_examples(task):
    """Run the examples of a program that was defined in this notebook, by its author."""
    if not (function := function_here(task.function)):
        return
    for call, value in examples_in(task.starter):
        try:
            found = in_digits(came_out(call, task.function, function))
        except Exception as error:  # whatever a student's program does
            found = f"the error {type(error).__name__}: {error}"
        print(f"Example: {call}\n  the task says  {value}\n  yours gives    {found}")
