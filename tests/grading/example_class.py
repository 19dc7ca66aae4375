"""A small set and a made-up class, graded as a run does it: what the pages are tested with."""

from functools import cache

from kl_utils.exercises import grade
from kl_utils.exercises.codes import code_of
from kl_utils.exercises.problem_set_files import read_problem_set

SECRET = "a secret of the example course"
SET = r"""
name = "example"
title = "Squares & means"
chapters = [1]

[frames.one]
given = { mu = "real()", sigma = "positive()" }
meanings = { q = 'gaussian("mu", "sigma**2")' }

[[tasks]]
id = "square"
version = 1
kind = "prove"
title = "The mean of a square"
points = 10
minutes = 5
misconception = "The mean of a square is the square of the mean."
statement = "Work out $E(z^2)$."
frame = "one"
first = "E(z**2)"
goal = "mu**2 + sigma**2"

[[tasks]]
id = "entropy"
version = 1
kind = "prove"
title = "An entropy"
points = 10
minutes = 5
misconception = "A density has log(sigma) in it where it has half of it."
statement = "Work out $H(q)$."
frame = "one"
first = "H(q)"
goal = "(log(2*pi*sigma**2) + 1)/2"
lemmas = [{ name = "the variance", left = "E((z - mu)**2)", right = "sigma**2" }]

[[tasks]]
id = "number"
version = 1
kind = "compute"
title = "A number"
points = 4
minutes = 2
misconception = "The mean of a square knows no variance."
statement = "The mean of $z^2$, where mu = {mu}."
frame = { given = { mu = "real()" }, meanings = { q = 'gaussian("mu", "1")' } }
key = "E(z**2)"
choices = { mu = [1, 2, 3, 4] }

[[tasks]]
id = "why"
version = 1
kind = "explain"
title = "Why?"
points = 6
minutes = 5
misconception = "Squaring is linear."
statement = "Why is the mean of a square no square of a mean?"
good_answer_says = ["Squaring is convex.", "The difference is the variance."]
"""
RIGHT = ["= Var(z) + E(z)**2", "= sigma**2 + mu**2"]


@cache
def example_set():
    return read_problem_set(SET)


@cache
def _graded(question, code, answer):
    return grade(example_set().question(question).task(code), _opened(answer))


def _frozen(answer):
    if isinstance(answer, dict):
        return ("{", *((name, _frozen(value)) for name, value in answer.items()))
    return ("[", *map(_frozen, answer)) if isinstance(answer, list) else answer


def _opened(answer):
    if isinstance(answer, tuple) and answer[0] == "{":
        return {name: _opened(value) for name, value in answer[1:]}
    if isinstance(answer, tuple):
        return [_opened(value) for value in answer[1:]]
    return answer


def lines(*texts, reason=""):
    return {"lines": [{"text": text, "reason": reason} for text in texts]}


def record_of(answers, **students):
    """The record of a run: ``answers`` of each student, what else is known of some in keywords."""
    questions = example_set().current
    record = {
        "version": 1,
        "set": "example",
        "title": example_set().data["title"],
        "at": "2026-10-13T20:00:00+02:00",
        "tasks": {
            question.name: {
                "title": question.data["title"],
                "kind": question.data["kind"],
                "of": question.data["points"],
            }
            for question in questions
        },
        "students": {name: _student(name, given) for name, given in answers.items()},
    }
    for name, known in students.items():
        record["students"][name] |= known
    return record


def _student(student, answers):
    code = code_of(SECRET, "example", student)
    tasks = {}
    for question in example_set().current:
        answer = answers.get(question.data["id"])
        own = code if "choices" in question.data else ""  # what all are asked is graded once
        found = None if answer is None else _graded(question.name, own, _frozen(answer))
        tasks[question.name] = {
            "points": found.points if found else 0,
            "of": question.data["points"],
            "held": found.held if found else 0,
            "sentences": list(found.lost) if found else ["There is no answer."],
            "to_read": list(found.to_read) if found else [],
            "answer": answer,
            "override": None,
            "final": found.points if found else 0,
        }
    total = sum(task["final"] for task in tasks.values())
    return {
        "name": f"Student {student}",
        "group": "",
        "code": code,
        "file": f"{student}.json" if answers else None,
        "attempt": 1,
        "attempts": 1,
        "submitted": "2026-10-12T20:15:00+02:00",
        "late_days": None,
        "remarks": ["A remark for the staff."],
        "tasks": tasks,
        "total": total,
        "penalty": 0,
        "score": total,
        "of": sum(question.data["points"] for question in example_set().current),
        "held": sum(task["held"] for task in tasks.values()),
    }


def course(folder):
    """A course folder with a secret."""
    (folder / "secret.txt").write_text(f"{SECRET}\n")
    return folder
