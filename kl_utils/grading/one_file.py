"""Grade one file alone, for services that call a grader once a submission.

::

    python -m kl_utils.grading.one_file problem_sets/divergence/set.toml notebook.ipynb

Points are those of a whole class's grading. There is no roster here: the numbers are those of the
code that the file states.
"""

import json
import sys
from pathlib import Path

from ..exercises.grades import zero
from .jobs import Grading, Reading, do, set_up


def grade_file(set_path, path, secret=""):
    """Grade a file.

    Parameters
    ----------
    set_path : path
        Of the set's ``set.toml``, beside which its ``judges.py`` lies.
    path : path
        A notebook, an exported file, or a program.
    secret : str
        Decides with the code at which values programs are tried.

    Returns
    -------
    dict of str to Grade
        By the names of the tasks, in their order.
    """
    desk, path = set_up(set_path, secret), Path(path)
    questions = desk.problem_set.current
    (found,) = do(desk, Reading(None, path.suffix, path.read_bytes()))
    if isinstance(found, str):
        return {question.name: zero(question.data["points"], found) for question in questions}
    jobs = (
        Grading(
            None, (q.name,), found.answers, found.student, is_program=q.data["kind"] == "program"
        )
        for q in questions
    )
    return {name: grade for job in jobs for name, grade in do(desk, job)}


def as_row(grade):
    """A grade for JSON, with the fields of a run's record."""
    return {
        "points": round(grade.points, 2),
        "of": grade.of,
        "held": round(grade.held, 2),
        "sentences": list(grade.lost),
        "to_read": list(grade.to_read),
    }


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Usage: python -m kl_utils.grading.one_file SET.toml FILE")
    rows = {name: as_row(grade) for name, grade in grade_file(*sys.argv[1:]).items()}
    print(json.dumps(rows, indent=1, ensure_ascii=False))
