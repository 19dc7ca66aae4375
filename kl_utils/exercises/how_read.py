"""How an answer is read, in words, without what it earns; a `BadAnswer` where it cannot be read."""

from functools import singledispatch

from .answer_cells import defined, parsed
from .computing import Compute
from .conditions import Condition
from .programs import Program, missing_names
from .proofs import Prove
from .single_lines import Repair
from .task import BadAnswer, Task, need_text
from .words import Explain


@singledispatch
def how_read(task: Task, answer):
    """Sentences on how an answer is read; none for proofs and repairs, whose lines are shown."""
    return ["Taken down as it is."]


def lines_of(task, answer):
    """The lines below the first one, pairs of text and reason, as they are checked."""
    if isinstance(task, Repair):
        lines = [(line, "") for line in task.lines]
        lines[task.at - 1] = task.read(answer)
        return lines
    lines = task.read(answer)
    is_first_again = lines and lines[0][0].removeprefix("=").split() == task.frame.first.split()
    return lines[1:] if is_first_again else lines


@how_read.register(Prove)
@how_read.register(Repair)
def _(task, answer):
    for number, line in enumerate(task.frame.derivation(*lines_of(task, answer)).lines):
        if line.fault:
            raise BadAnswer(f"Line {number}: {line.fault}")
    return []


@how_read.register
def _(task: Compute, answer):
    typed = f": `{answer}`" if isinstance(answer, str) else ""
    return [f"Read as the number {task.read(answer):.6g}{typed}."]


@how_read.register
def _(task: Condition, answer):
    texts = [answer] if isinstance(answer, str) else answer
    task.read(answer)
    return [f"Read as: {' and '.join(texts)}."]


@how_read.register
def _(task: Program, answer):
    tree = parsed(need_text(answer, "The program", 10**6))
    task.grade(answer)
    if tree is None:
        raise BadAnswer("It is no Python program: a line has a mistake that Python names.")
    if task.function not in defined(tree):
        raise BadAnswer(f"There is no function `{task.function}` in it.")
    said = [f"Read as a program of {len(answer.splitlines())} lines with `{task.function}`."]
    if used := task.not_allowed(tree):
        said.append(f"It uses {_listed(used)}, which is not allowed here: so it gets no points.")
    if missing := missing_names(tree):
        said.append(
            f"In this cell there is no {_listed(missing)}. The program is graded alone: all that "
            "it needs has to stand in the cell, imports too."
        )
    return said


def _listed(names):
    return ", ".join(f"`{name}`" for name in names)


@how_read.register
def _(task: Explain, answer):
    words = len(need_text(answer, "The explanation", 10**6).split())
    task.grade(answer)
    return [f"Read as text of {words} words. A person reads it."]
