"""A made-up class and its submissions, to rehearse what an instructor does.

    python -m tools.problem_sets.rehearsal SET COURSE SUBMISSIONS [--students 24] [--programs]

COURSE is a folder that ``start`` has made. The roster, the rules, a gradebook as Canvas exports it
and a download with Canvas's names are written: most answers are right, the others have usual
mistakes; some came late, twice, for a group, with another's code, or without a known name.
"""

import argparse
import csv
import io
import json
import random
import sys
from pathlib import Path

from kl_utils.exercises.chains import unchecked
from kl_utils.exercises.codes import code_of
from kl_utils.exercises.problem_set_files import read_problem_set
from tools import ROOT

from .mistakes import mistakes
from .solver import solve

FIRST = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gül", "Hugo", "Ida", "Jan", "Kim", "Leo")
LAST = ("Abel", "Berg", "Cruz", "Diaz", "Evans", "Fox", "Gray", "Hill", "Ito", "Jones", "Khan")
LAST += ("Lee", "Moe", "Nye", "Ohm", "Paz", "Quist", "Roy", "Sato", "Tran", "Ude", "Voss", "Wu")
LAST += ("Xu", "Yao", "Zorn")
DUE = "2026-10-12T23:59+02:00"
RIGHT = 0.6  # of the answers
PROGRAMS = {
    "endless": "def {f}(*args):\n    while True:\n        pass\n",
    "fills memory": "def {f}(*args):\n    return [bytearray(10**9) for _ in range(100)]\n",
    "crashes": "import os\n\n\ndef {f}(*args):\n    os.abort()\n",
    "deletes its tests": "import shutil\n\n\ndef {f}(*args):\n    shutil.rmtree('.')\n",
    "a constant": "def {f}(*args):\n    return 0.0\n",
}


def students_of(count):
    """Rows of a roster; the first six work in pairs."""
    for number in range(count):
        yield {
            "student": f"s{number:03}",
            "name": f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]}",
            "email": f"s{number:03}@example.edu",
            "canvas_id": str(10_000 + number),
            "moodle_id": "",
            "group": f"g{number // 2}" if number < 6 else "",
        }


def write_class(name, course, submissions, count=24, programs=False):
    """Write a class of ``count`` students, and what they hand in."""
    course, submissions = Path(course), Path(submissions)
    need_made_up(course)
    text = (ROOT / "problem_sets" / name / "set.toml").read_text("utf8")
    with unchecked():  # `make problem-sets-check` checks the sets
        problem_set = read_problem_set(text)
    secret = (course / "secret.txt").read_text("utf8").strip()
    students = list(students_of(count))
    (course / "roster.csv").write_text(_csv(students), "utf8")
    (course / "policy.csv").write_text(
        "set,student,due,late_rule,counts,groups\n"
        f"{name},,{DUE},10% a day up to 3,last,yes\n{name},s007,+3 days,,,\n",
        "utf8",
    )
    (course / "canvas.csv").write_text(_gradebook(students, problem_set), "utf8")
    submissions.mkdir(parents=True, exist_ok=True)
    answers = Answers(problem_set, random.Random(16), programs)
    times = [{"student": row["student"], "submitted": _time(row)} for row in students]
    (submissions / "times.csv").write_text(_csv(times), "utf8")
    for row in students:
        _hand_in(row, students, secret, problem_set, answers, submissions)


def need_made_up(course):
    """Raise a ValueError where a real class could be overwritten."""
    if not (course / "secret.txt").exists():
        raise ValueError(f"{course}: no course is here yet; `start` makes one")
    known = {row["name"] for row in students_of(len(FIRST) * len(LAST))}
    with (course / "roster.csv").open(encoding="utf-8-sig", newline="") as file:
        _, *rows = csv.reader(file)
    if {name for row in rows for name in row[1:2]} - known:
        raise ValueError(f"{course}: a real class is here; rehearse in another folder")


def _hand_in(row, students, secret, problem_set, answers, folder):
    number = int(row["student"][1:])
    if row["group"] and number % 2:
        return  # the other one of the pair has
    owner = students[number + 1] if number == 8 else row  # with a code that is another's
    code = code_of(secret, problem_set.name, owner["student"])
    late = "_LATE" if _time(row) > DUE else ""
    sortable = "".join(reversed(row["name"].lower().split()))
    name = f"{sortable}{late}_{row['canvas_id']}_{90_000 + number}_{problem_set.name}.json"
    name = f"Kim Abell {problem_set.name}.json" if number == 10 else name  # mistyped
    for download in ("monday", "tuesday") if number == 9 else ("monday",):
        submission = {"version": 1, "set": problem_set.name, "student": code}
        submission["answers"] = answers.of(code)
        (folder / download).mkdir(parents=True, exist_ok=True)
        (folder / download / name).write_text(json.dumps(submission), "utf8")


def _time(row):
    number = int(row["student"][1:])
    return "2026-10-14T10:00+02:00" if number % 8 == 7 else "2026-10-12T20:15+02:00"


class Answers:
    """Right and wrong answers, made once for all students who are asked the same."""

    def __init__(self, problem_set, rng, programs):
        self.problem_set, self.rng, self.programs = problem_set, rng, programs
        self.made = {}

    def of(self, code):
        """The answers of a student."""
        found = {}
        for question in self.problem_set.current:
            if question.data["kind"] != "program":
                found[question.name] = self._one(question, code)
            elif self.programs:
                text = self.rng.choice([question.data["starter"], *PROGRAMS.values()])
                found[question.name] = text.replace("{f}", question.data["function"])
        return found

    def _one(self, question, code):
        key = question.name, json.dumps(question.numbers(code))
        if key not in self.made:
            with unchecked():
                wrong = [mistake.answer for mistake in mistakes(question, code)]
                self.made[key] = solve(question, code), wrong
        right, wrong = self.made[key]
        return self.rng.choice(wrong) if wrong and self.rng.random() > RIGHT else right


def _gradebook(students, problem_set):
    """What Canvas exports."""
    column = f"{problem_set.data['title']} (4711)"
    points = sum(question.data["points"] for question in problem_set.current)
    rows = [{"Student": "    Points Possible", column: points}]
    for row in students:
        first, last = row["name"].split()
        rows.append({"Student": f"{last}, {first}", "ID": row["canvas_id"]})
        rows[-1] |= {"SIS User ID": row["student"], "SIS Login ID": row["student"]}
    names = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", column]
    return _csv([{name: row.get(name, "") for name in names} for row in rows])


def _csv(rows):
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def main():
    """Write a class."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("set")
    parser.add_argument("course")
    parser.add_argument("submissions")
    parser.add_argument("--students", type=int, default=24)
    parser.add_argument("--programs", action="store_true", help="also programs that misbehave")
    options = parser.parse_args()
    try:
        write_class(
            options.set, options.course, options.submissions, options.students, options.programs
        )
    except (OSError, ValueError) as error:
        sys.exit(f"rehearsal: {error}")


if __name__ == "__main__":
    main()
