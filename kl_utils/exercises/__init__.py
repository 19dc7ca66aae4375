"""Exercises that are graded: tasks, and what an answer to one earns.

A task fixes what is asked: the letters, the distributions, the first line, the goal. An answer is
text, or JSON that holds text; nothing of it is ever run. ``grade(task, answer)`` gives points, a
sentence for each loss, and what a person still has to read.

To read the code: `task` has what all kinds of task share, and `grades` what comes out. `proofs`
grades proofs by the scheme at its head, with the size of each step from `steps`, which looks at
lines by the `formal` values of their expectations.
"""

from .grades import Grade, zero
from .proofs import Blank, Prove, Repair
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
