"""Exercises that are graded: tasks, and what an answer to one earns.

A task fixes what is asked: the letters, the distributions, the first line, the goal. An answer is
text, or JSON that holds text; nothing of it is ever run. ``grade(task, answer)`` gives points, a
sentence for each loss, and what a person still has to read.

To read the code: `task` has what all kinds of task share, and `grades` what comes out. `proofs` has
the scheme by which proofs are marked, in words. `marking` goes down a proof and applies it: what
stands on a line says its profile (`profiles`), how large a step is, `steps`, and whether a wrong
line is a slip, `slips`. These look at lines as if the expectation were some other average: `formal`
says why, and `readings` does it. `goals` has the rules for a last line.
"""

from .grades import Grade, zero
from .proofs import Prove
from .single_lines import Blank, Repair
from .task import BadAnswer, Frame, Lemma, Task

__all__ = ["BadAnswer", "Blank", "Frame", "Grade", "Lemma", "Prove", "Repair", "Task", "grade"]


def grade(task, answer):
    """Grade an answer; a pure function.

    Parameters
    ----------
    task : Task
    answer : JSON value
        Of the shape that ``task.answer_shape`` describes. Anything else gets 0 points and a
        sentence, never an exception.

    Returns
    -------
    Grade
    """
    try:
        return task.grade(answer)
    except BadAnswer as error:
        return zero(task.points, str(error))
