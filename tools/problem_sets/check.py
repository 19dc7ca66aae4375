"""Try the problem sets: right answers, usual mistakes, cheats, and what a release gives away.

python -m tools.problem_sets.check [SET …] [--quick] [--release FOLDER] [--secret FILE]
"""

import argparse
import contextlib
import io
import json
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from kl_utils.exercises import grade, grade_submission
from kl_utils.exercises.notebook_answers import read_notebook
from kl_utils.exercises.problem_set_files import read_problem_set
from kl_utils.exercises.submissions import grade_answer
from kl_utils.grading.programs import generator, in_process, judged, judges
from tools import ROOT

from . import references, release
from .cheats import SECRET, attempts
from .leaks import files_below, leaks
from .mistakes import mistakes
from .solver import solve

CODES = ("K7QX-2M9B", "another code", "a third code")
NEAR = 0.005  # of a task's points: shares are rounded
FOLDERS = ROOT / "problem_sets"


@dataclass
class Tally:
    """What was tried of one set.

    ``faults`` are sentences; ``reference`` is what right answers got, with what is held.
    """

    name: str
    tasks: int
    points: float
    reference: float = 0.0
    mistakes: int = 0
    cheats: int = 0
    seconds: float = 0.0
    faults: list = field(default_factory=list)

    def row(self):
        got = f"{self.reference:g}"
        return (
            f"{self.name:<16}{self.tasks:>6}{self.points:>8}{got:>11}"
            f"{self.mistakes:>8}{self.cheats:>8}{self.seconds:>9.0f}"
        )


HEAD = (
    f"{'set':<16}{'tasks':>6}{'points':>8}{'reference':>11}{'wrong':>8}{'cheats':>8}{'seconds':>9}"
)


def check(name, quick=False):
    """Try one set: all of it, or in a few seconds its quick parts."""
    folder, start = FOLDERS / name, time.monotonic()
    question_set = read_set(name)
    points = sum(question.data["points"] for question in question_set.current)
    tally = Tally(name, len(question_set.current), points)
    judge_of = judges(folder)
    for question in (*question_set.current, *question_set.twin):
        is_program = question.data["kind"] == "program"
        if is_program:
            if question.name not in judge_of:
                tally.faults.append(f"{question.name}: nobody judges this program.")
            elif not (quick and question.name.startswith("train")):
                programs(tally, folder, question, judge_of[question.name], quick)
        else:
            answers(tally, question, counts=question in question_set.current, quick=quick)
    untouched(tally, question_set)
    tally.seconds = time.monotonic() - start
    return tally


def read_set(name):
    return read_problem_set((FOLDERS / name / "set.toml").read_text("utf8"))


def answers(tally, question, counts, quick):
    """Right answers with several codes, and wrong ones with the first."""
    codes = CODES if "choices" in question.data and not quick else CODES[:1]
    for code in codes:
        task = question.task(code)
        if not quick:
            task.check()
        found = grade(task, solve(question, code))
        if abs(found.points + found.held - found.of) > 1e-9:
            tally.faults.append(f"{question.name}: a right answer gets {found}.")
    tally.reference += counts * (found.points + found.held)
    if not counts or (quick and question.data["kind"] == "prove"):
        return
    task = question.task(CODES[0])
    for mistake in mistakes(question, CODES[0]):
        tally.mistakes += 1
        found = grade(task, mistake.answer)
        share, held = found.points / found.of, found.held / found.of
        right = mistake.least - NEAR <= share <= mistake.most + NEAR
        if not right or abs(held - mistake.held) > NEAR:
            tally.faults.append(
                f"{question.name}, {mistake.name}: expected {mistake.least:.2f} to "
                f"{mistake.most:.2f} of the points and {mistake.held:.2f} held, got {found}."
            )


def programs(tally, folder, question, judge, quick):
    """The reference and usual mistakes, called here; cheats, run as students' programs are."""

    def share(function):
        rng = generator(SECRET, CODES[0], question.name)
        return judged(judge, in_process(function), rng)[0]

    reference = share(references.RIGHT[question.name])
    tally.reference += reference * question.data["points"]
    if reference < 1:
        tally.faults.append(f"{question.name}: the reference gets {reference:.2f} of the points.")
    for function, least, most in () if quick else references.WRONG[question.name]:
        tally.mistakes += 1
        got = share(function)
        if not least - NEAR <= got <= most + NEAR:
            tally.faults.append(
                f"{question.name}, {function.__name__}: expected {least} to {most} of the points, "
                f"got {got:.2f}."
            )
    for name, found in () if quick else attempts(folder, question, CODES[0]):
        tally.cheats += 1
        if found.points or found.held:
            tally.faults.append(f"{question.name}: the program that {name} gets {found}.")


def untouched(tally, question_set):
    """Nothing, and the programs to begin with, handed in; and points that a file claims."""
    starters = {
        question.name: question.data["starter"]
        for question in question_set.current
        if question.data["kind"] == "program"
    }
    for given in ({}, starters):
        source = {"version": 1, "set": tally.name, "student": CODES[0], "answers": given}
        rows = grade_submission(question_set, json.dumps(source | {"points": 100, "grade": "A"}))
        if any(row["points"] or row["held"] for row in rows):
            tally.faults.append(f"{tally.name}: nothing was answered, but there are points: {rows}")


def check_release(folder, names, secret):
    """Yield what is wrong with a release: what it gives away, and what it earns untouched."""
    students = Path(folder) / "students"
    students = students if students.is_dir() else Path(folder)
    sets = {name: read_set(name) for name in names}
    yield from sorted(
        set(leaks(students, sets.values(), map(FOLDERS.joinpath, names), CODES, secret))
    )
    notebooks = [found for found in files_below(students) if found[0].endswith(".ipynb")]
    if not notebooks:
        yield f"{students}: there is no notebook to hand in untouched."
    for place, content in notebooks:
        answers_in = read_notebook(content).answers
        for question in sets[Path(place).stem].current if Path(place).stem in sets else ():
            found = grade_answer(question.task(CODES[0]), answers_in)
            if found.points or found.held:
                yield f"{place}: untouched, but {question.name} gets {found}."


def main(arguments=None):
    """Return 1 if anything is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    names = sorted(path.parent.name for path in FOLDERS.glob("*/set.toml"))
    parser.add_argument("sets", nargs="*", metavar="SET", default=names)
    parser.add_argument("--quick", action="store_true", help="leave out what takes long")
    parser.add_argument("--release", metavar="FOLDER", help="look for answers in a release, too")
    parser.add_argument("--secret", metavar="FILE", help="a secret that must not be in it")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.sets) - set(names)):
        parser.error(f"there is no set {unknown[0]}; the sets are {', '.join(names)}")
    warnings.simplefilter("ignore", RuntimeWarning)  # of wrong answers
    print(HEAD, flush=True)
    faults = []
    for name in options.sets:
        tally = check(name, options.quick)
        print(tally.row(), flush=True)
        faults += tally.faults
    secret = Path(options.secret).read_text("utf8").strip() if options.secret else ""
    if options.release or not options.quick:
        with tempfile.TemporaryDirectory() as made:
            if not options.release:
                with contextlib.redirect_stdout(io.StringIO()):
                    release.main(["--out", made])
            found = list(check_release(options.release or made, options.sets, secret))
        print(f"In the release for students: {len(found) or 'nothing'} to find fault with.")
        faults += found
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
