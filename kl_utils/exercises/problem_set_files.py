"""Problem sets as text: one TOML file holds all that a set asks, and no answer to it.

::

    name = "divergence"
    title = "Divergence"
    chapters = [1, 2, 3]

    [frames.two]
    given = { mu = "real()", sigma = "positive()" }
    meanings = { q = 'gaussian("mu", "sigma**2")', p = 'gaussian("0", "1")' }

    [[tasks]]
    id = "to-the-prior"
    version = 1
    kind = "prove"
    title = "To the standard normal"
    points = 10
    minutes = 15
    objective = "…"
    misconception = "…"
    statement = "Derive $\\mathrm{KL}(q \\,\\|\\, p)$."
    frame = "two"
    first = "KL(q, p)"
    goal = "(sigma**2 + mu**2 - 1)/2 - log(sigma)"

Its ten-minute twin on paper stands under ``[twin]``, with a ``title`` and ``minutes``. Its tasks,
``[[twin.tasks]]``, have a ``space`` for the answer, in centimetres.

Identifiers and versions last: a task that changes so much that old answers no longer fit gets a new
version, and the old one stays, with ``retired = true``. In an answer's file a task is called
``to-the-prior@1``. Where a task has ``choices``, ``{a}`` in its texts becomes one of the values of
``a``, for each student another, by the student's code.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cached_property

from ..derivation.frames import read_frame
from .computing import Compute
from .conditions import Condition
from .numbers import drawn, read_number
from .plots import Plot
from .programs import Program, rule
from .proofs import Prove
from .single_lines import Repair
from .submissions import ProblemSet
from .task import Frame, Lemma
from .words import Explain

KINDS = {
    "prove": (Prove, {"goal", "lemmas", "relation", "allows"}),
    "repair": (Repair, {"lines", "at", "lemmas", "relation", "allows"}),
    "condition": (Condition, {"claim"}),
    "compute": (Compute, {"key", "tolerance"}),
    "program": (Program, {"function", "starter", "forbidden"}),
    "explain": (Explain, {"good_answer_says"}),
}
_COMMON = {"id", "version", "kind", "title", "points", "minutes", "objective", "misconception"}
_COMMON |= {"statement", "frame", "first", "choices", "figure", "retired", "says"}
_IN_FRAMES = {"prove", "repair", "condition", "compute"}


@dataclass(frozen=True)
class Question:
    """A task in its set or its twin, before a student's numbers are put in.

    Attributes
    ----------
    data : dict
        What the file says of it.
    frame : dict
        The letters and names, as text.
    """

    data: dict
    frame: dict = field(default_factory=dict)

    @property
    def name(self):
        """The name in submissions: ``"id@version"``."""
        return f"{self.data['id']}@{self.data['version']}"

    @property
    def is_retired(self):
        return self.data.get("retired", False)

    def numbers(self, code):
        """The values that the letters in braces have for a code, as text or numbers."""
        return {
            name: values[drawn(code, self.name, name) % len(values)]
            for name, values in self.data.get("choices", {}).items()
        }

    def statement(self, numbers):
        """What is asked, with numbers; of a program also what it may not use."""
        text = filled(self.data["statement"], numbers).strip()
        if self.data["kind"] == "program":
            return f"{text}\n\n{rule(self.data.get('forbidden', Program.forbidden))}"
        return text

    def task(self, code=""):
        """The task for a code; one object for all students where they are asked the same."""
        return self._made(code) if "choices" in self.data else self._shared

    @cached_property
    def _shared(self):
        return self._made("")

    def _made(self, code):
        kind, own = KINDS[self.data["kind"]]
        numbers = self.numbers(code)
        fields = {name: filled(self.data[name], numbers) for name in own & set(self.data)}
        fields["points"] = self.data["points"]
        if "lemmas" in fields:
            fields["lemmas"] = tuple(Lemma(**lemma) for lemma in fields["lemmas"])
        if self.data["kind"] in _IN_FRAMES:
            given, meanings = read_frame(filled(self.frame, numbers))
            first = filled(self.data.get("first", ""), numbers)
            fields["frame"] = Frame(given, first, meanings)
        if kind is Compute:
            letters = fields["frame"].given.names
            fields["choices"] = {name: (numbers[name],) for name in letters}
            fields["may_have_letters"] = False  # nobody gets points for a formula alone
        return kind(self.name, self.statement(numbers), **fields)

    def figure(self, code=""):
        """The plot that belongs to the task, as SVG, or an empty text."""
        if "figure" not in self.data:
            return ""
        numbers = {name: read_number(value) for name, value in self.numbers(code).items()}
        return Plot(**self.data["figure"]).svg(numbers)


@dataclass(frozen=True)
class QuestionSet(ProblemSet):
    """A problem set from a file; its tasks depend on a student's code.

    Attributes
    ----------
    data : dict
        What the file says of the set.
    questions : tuple of Question
        All of them, also those that are retired.
    twin : tuple of Question
        The short questions for ten minutes on paper, in class. Nobody hands them in as a file.
    """

    data: dict = field(default_factory=dict)
    questions: tuple = ()
    twin: tuple = ()

    @cached_property
    def current(self):
        """The questions that are asked now."""
        return tuple(question for question in self.questions if not question.is_retired)

    def tasks_of(self, student):
        return [question.task(student) for question in self.questions]

    def question(self, name):
        """A question by its name in submissions."""
        return next(question for question in self.questions if question.name == name)


def read_problem_set(text):
    """Read a set from the text of its file.

    Returns
    -------
    QuestionSet

    Raises
    ------
    ValueError
        If the text is no set; the sentence begins with the task that it is about.
    """
    data = tomllib.loads(text)
    for name in ("name", "title", "chapters", "tasks"):
        if name not in data:
            raise ValueError(f"{name}: missing")
    frames = data.pop("frames", {})
    questions = tuple(_question(task, frames) for task in data.pop("tasks"))
    names = [question.name for question in questions]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{twice[0]}: this task stands here twice")
    current = [question.data["id"] for question in questions if not question.is_retired]
    if twice := sorted({name for name in current if current.count(name) > 1}):
        raise ValueError(f"{twice[0]}: two versions are asked; retire the old one")
    twin = tuple(
        _question(task, frames, {"space"}) for task in data.get("twin", {}).pop("tasks", ())
    )
    tasks = tuple(question.task() for question in questions)
    return QuestionSet(data["name"], tasks, data=data, questions=questions, twin=twin)


def _question(task, frames, more=frozenset()):
    about = task.get("id", "a task without id")
    required = {"id", "version", "kind", "title", "points", "minutes", "statement"}
    if missing := sorted(required - set(task)):
        raise ValueError(f"{about}: `{missing[0]}` is missing")
    if task["kind"] not in KINDS:
        raise ValueError(f"{about}: kind: expected one of {', '.join(KINDS)}, got {task['kind']!r}")
    if stray := sorted(set(task) - _COMMON - KINDS[task["kind"]][1] - more):
        raise ValueError(f"{about}: {task['kind']} has no `{stray[0]}`")
    frame = task.get("frame", {})
    if isinstance(frame, str):
        if frame not in frames:
            raise ValueError(f"{about}: there is no frame {frame!r}")
        frame = frames[frame]
    return Question(task, frame)


def filled(value, numbers):
    """A value of the file in which ``{a}`` has become the value of ``a``; lists become tuples."""
    if isinstance(value, str):
        for name, number in numbers.items():
            value = value.replace(f"{{{name}}}", str(number))
        return value
    if isinstance(value, list):
        return tuple(filled(part, numbers) for part in value)
    if isinstance(value, dict):
        return {name: filled(part, numbers) for name, part in value.items()}
    return value
