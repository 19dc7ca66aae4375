"""What the form of a task shows beside its statement, where no answer is known to the page.

Texts hold $formulas$ and `code`; a line of a proof is LaTeX, with the text that was typed.
"""

from functools import singledispatch

from book_frames import formula, given_of_frame, lines_of
from kl_utils.exercises import Blank, Compute, Condition, Explain, Order, Prove, Refute, Repair
from kl_utils.exercises.programs import Program


def question(task):
    """Return the statement, with its numbers."""
    return task.question if isinstance(task, Compute) else task.statement


@singledispatch
def open_form(task):
    """Return what the form of a task shows beside the statement."""
    raise TypeError(f"{task.name}: a page cannot ask a {type(task).__name__}")


@open_form.register
def _(task: Compute):
    return {"letters": list(task.choices)}


@open_form.register
def _(task: Blank):
    return chain(task, task.lines) | {"at": task.at}


@open_form.register
def _(task: Repair):
    return chain(task, task.lines) | {"at": task.at}


@open_form.register
def _(task: Prove):
    lemmas = [
        {
            "name": lemma.name,
            "formula": formula(task.frame, f"{lemma.left} {lemma.relation} {lemma.right}"),
        }
        for lemma in task.lemmas
    ]
    goal = formula(task.frame, f"{task.relation} {task.goal}")
    return chain(task) | {"goal": goal, "lemmas": lemmas}


@open_form.register
def _(task: Order):
    _, *shown = lines_of(task.frame, [text for text, _ in task.shuffled.values()])
    offered = [
        line | {"label": label, "reason": reason}
        for line, (label, (_, reason)) in zip(shown, task.shuffled.items(), strict=True)
    ]
    return chain(task) | {"offered": offered}


@open_form.register
def _(task: Refute):
    given = task.frame.given
    shapes = dict.fromkeys(given.names, "number")
    shapes |= {name: shape(kind) for name, kind in given.kinds.items() if kind.dimensions}
    return chain(task, [task.claim]) | {"reasons": dict(task.reasons), "shapes": shapes}


@open_form.register
def _(task: Condition):
    return chain(task, [task.claim])


@open_form.register
def _(task: Program):
    return {"function": task.function, "starter": task.starter}


@open_form.register
def _(task: Explain):
    return {}


def chain(task, lines=()):
    """Return what is given, the letters as they are typed, and lines."""
    frame = task.frame
    return {
        "given": given_of_frame(frame),
        "letters": frame.given.names,
        "lines": lines_of(frame, lines),
    }


def shape(kind):
    """Return how the value of a letter is typed that is more than a number."""
    is_list = kind.is_vector or len(kind.variables) == 1
    return "list" if is_list else "rows"
