"""The practice tasks of the chapters, which the pages ask and the page's own Python grades.

Each chapter has a module with ``PRACTICE``, a tuple of `Practice`, and ``OPENING``, the names of
two tasks of earlier chapters that its first page asks again. A task is one of `kl_utils.exercises`;
the number before the slash of its name is the module's, ``"1/zero"`` stands in
`practice.chapter_1`. Names last: a reader's progress is kept by them. Where a task changes so much
that an old answer says nothing of it any more, its ``version`` goes up.

Texts hold formulas in dollars and code in backticks, and no other markup.
"""

from dataclasses import dataclass, replace
from importlib import import_module

from kl_utils.exercises import (
    Blank,
    Choose,
    Compute,
    Condition,
    Match,
    Order,
    Predict,
    Repair,
    Task,
)
from kl_utils.exercises.chains import unchecked

CHAPTERS = (1, 2, 3, 4, 5, 6, 7, 8, 10)
WHY_MAY_WE = "Why may we?"  # what stands above a task on the reason for a step
NUMBERS = 4  # with how many choices of its numbers a page asks a `Compute`


@dataclass
class Practice:
    """A task in its place in the text.

    Attributes
    ----------
    task : kl_utils.exercises.Task
        What is asked. Its name is that of the practice.
    place : str
        Where it stands: ``"before (1.10)"`` or ``"after (1.10)"``, an equation or derivation, or
        ``"end of 1.2"``, a section with all that is in it.
    answer : JSON value
        A right answer, shown on request; of a `Predict`, the prediction alone. Where the task
        itself has one, as a `Choose` has, it need not be said again.
    why : str
        A sentence or two that say why it is right, shown with the answer.
    hints : tuple of str
        Up to three, each giving more away: the goal, the tool, the line to begin with.
    heading : str
        What stands above it, if not the usual words.
    within : float
        How far a predicted number may be from ``answer`` to count as right.
    version : int
    siblings : tuple of Practice
        The same question with other parameters, for when it is asked again, each under the same
        name and without a place. A `Compute` needs none: it has other numbers by itself.
    """

    task: Task
    place: str = ""
    answer: object = None
    why: str = ""
    hints: tuple = ()
    heading: str = ""
    within: float = 0.0
    version: int = 1
    siblings: tuple = ()

    def __post_init__(self):
        if self.answer is None:
            self.answer = answer_in(self.task)

    @property
    def name(self):
        """The name by which a reader's progress is kept."""
        return self.task.name

    @property
    def words(self):
        """What stands above the task."""
        usual = "Predict" if isinstance(self.task, Predict) else "Check yourself"
        return self.heading or usual


def answer_in(task):
    """Return the right answer that a task itself has, or None."""
    match task:
        case Choose():
            return task.right
        case Match():
            return task.key
        case Blank() | Repair():
            return {"text": task.solution}
        case Condition():
            return list(task.key)
        case Compute():
            return task.key
        case Order():
            labels = {line: label for label, line in task.shuffled.items()}
            lines = [(line, "") if isinstance(line, str) else tuple(line) for line in task.lines]
            return [labels[line] for line in lines]
    return None


def at(place, first, *siblings, heading=""):
    """Return a practice in its place, with its siblings."""
    return replace(first, place=place, heading=heading or first.heading, siblings=siblings)


def predict(name, what, statement, answer, why, within=0.0):
    """Return a prediction, in short."""
    return Practice(Predict(name, statement, what=what), answer=answer, why=why, within=within)


def match(name, statement, items, partners, key, why):
    """Return a task to match what belongs together, in short."""
    return Practice(Match(name, statement, items=items, partners=partners, key=key), why=why)


def choose(name, statement, choices, right, misconceptions, why):
    """Return a task to choose one of several, in short."""
    task = Choose(name, statement, choices=choices, right=right, misconceptions=misconceptions)
    return Practice(task, why=why)


def chapter(number):
    """Return the module of a chapter's tasks, which are not checked anew each time."""
    with unchecked():
        return import_module(f"{__name__}.chapter_{number}")


def find(name, variant=0):
    """Return a practice by its name; ``variant`` 0 is the first, 1 its first sibling.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    number = str(name).partition("/")[0]
    if number in map(str, CHAPTERS):
        for one in chapter(number).PRACTICE:
            if one.name == name:
                return variant_of(one, variant)
    raise ValueError(f"There is no practice task {name!r} here.")


def variant_of(one, variant):
    """Return a practice with other parameters; ``variant`` counts on for ever."""
    if isinstance(one.task, Compute):
        return replace(one, task=one.task.for_student(str(variant))) if variant else one
    variants = (one, *one.siblings)
    return variants[variant % len(variants)]


def variants(one):
    """Return a practice with all the parameters in which a page may ask it, the first ones first.

    The answer to a `Compute` has to be right for all of them: an expression in its letters.
    """
    count = NUMBERS if isinstance(one.task, Compute) else 1 + len(one.siblings)
    return [variant_of(one, variant) for variant in range(count)]
