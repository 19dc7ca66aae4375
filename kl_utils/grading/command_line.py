"""What an instructor types, from the first day of a course to the release of grades.

::

    python -m kl_utils.exercises start COURSE                    a folder for a course
    python -m kl_utils.exercises codes SET COURSE                a personal code for each student
    python -m kl_utils.exercises grade SET SUBMISSIONS COURSE    grade what was handed in
    python -m kl_utils.exercises read SET COURSE                 what waits for a person
    python -m kl_utils.exercises release SET COURSE              make proposals into grades
    python -m kl_utils.exercises limits                          what running programs holds back

SET is the name of a folder in ``problem_sets``, or a path to a ``set.toml``.
"""

import argparse
import os
import secrets
import sys
import time
from datetime import UTC
from pathlib import Path

from .attempts import codes_of
from .gradebook import read_gradebook
from .pages import several
from .programs import DOCKER, what_is_contained
from .progress import told
from .reading_queue import take_readings
from .records import latest_run, read_record, settled
from .results import exported_with, has_changed_overrides, last_record, release, write_run
from .runs import SECONDS, Course, grade_class, read_course
from .summaries import counted_changes, remarks_left, summary, uneven, waiting
from .tables import write_table

_TEMPLATES = {
    "roster.csv": ("student", "name", "email", "canvas_id", "moodle_id", "group"),
    "policy.csv": ("set", "student", "due", "late_rule", "counts", "groups"),
    "overrides.csv": ("set", "task", "student", "points", "reason", "by", "at"),
}


def main(arguments=None):
    """Do what the command line says; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except (ValueError, OSError) as error:
        print(f"{options.what}: {_in_words(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{options.what}: interrupted; nothing was written.", file=sys.stderr)
        return 130


def _in_words(error):
    """What went wrong; of a file, its name first."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m kl_utils.exercises",
        description=__doc__.partition("\n")[0],
        epilog="SET is the name of a folder in problem_sets, or a path to a set.toml.",
    )
    commands = parser.add_subparsers(dest="what", required=True, metavar="COMMAND")

    def command(name, function, help_, *places):
        sub = commands.add_parser(name, help=help_, description=help_)
        for place in places:
            sub.add_argument(place, metavar=place.upper())
        sub.set_defaults(command=function)
        return sub

    command("start", _start, "make a folder for a course: secret, roster, policy", "course")
    command("codes", _codes, "write a table of the students' codes", "set", "course")
    grade = command("grade", _grade, "grade submissions", "set", "submissions", "course")
    grade.add_argument("--gradebook", help="CSV that Canvas or Moodle exported, to be filled")
    grade.add_argument("--column", help="the set's column in Canvas's gradebook")
    grade.add_argument("--workers", type=int, help="processes (default: one a processor)")
    grade.add_argument(
        "--seconds",
        type=float,
        default=SECONDS,
        help="of processor time for a submission (default: %(default)g)",
    )
    grade.add_argument(
        "--programs",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="run the programs that were handed in, with limits",
    )
    read = command("read", _read, "say what waits for a person, or take what was read", *_PLACES)
    read.add_argument(
        "--take", nargs="*", metavar="CSV", help="filled tables; none: overrides.csv as it stands"
    )
    read.add_argument("--by", default="", help="who has read")
    read.add_argument("--again", action="store_true", help="change what was decided before")
    free = command("release", _release, "make the proposals of the last run into grades", *_PLACES)
    free.add_argument("--as-it-is", action="store_true", help="also where points still wait")
    command("limits", _limits, "say what running students' programs holds back on this machine")
    return parser


_PLACES = ("set", "course")


def find_set(text):
    """The path of the ``set.toml`` that a name or a path means."""
    path = Path(text)
    here = [path, path / "set.toml", Path("problem_sets", text, "set.toml")]
    here.append(Path(__file__).parents[2] / "problem_sets" / text / "set.toml")
    for candidate in here:
        if candidate.is_file():
            return candidate
    known = sorted(p.parent.name for p in here[-1].parents[1].glob("*/set.toml"))
    there = f"The sets here: {', '.join(known)}." if known else "There is none here."
    raise ValueError(f"there is no problem set {text!r}. {there}")


def _start(options):
    folder = Path(options.course)
    if Path(__file__).parents[2] in folder.resolve().parents:
        raise ValueError(
            f"{folder}: this is inside the folder of the course, which git may publish. Names and "
            "the secret of a class belong outside of it: choose another folder, such as ../class."
        )
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    if not (folder / "secret.txt").exists():
        handle = os.open(folder / "secret.txt", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(f"{secrets.token_urlsafe(24)}\n")
        made.append("secret.txt")
    for name, columns in _TEMPLATES.items():
        if not (folder / name).exists():
            write_table(folder / name, columns, [])
            made.append(name)
    print(f"{folder}: made {', '.join(made) or 'nothing: all of it is there'}.")
    print("Fill roster.csv (student and name are enough) and policy.csv. Keep secret.txt to")
    print("yourself, and a copy of it: the students' numbers come from it.")


def _codes(options):
    course = _course(options)
    codes = codes_of(course.secret, course.name, course.roster)
    rows = [
        {"student": s.student, "name": s.name, "email": s.email, "code": codes[s.student]}
        for s in course.roster.students.values()
    ]
    path = course.folder / f"codes-{course.name}.csv"
    write_table(path, ("student", "name", "email", "code"), rows)
    print(f"{path}: the codes of {several(len(rows), 'student')}. Send each student their own.")


def _grade(options):
    start = time.monotonic()
    course = _course(options)
    exported, times = None, {}
    if options.gradebook:
        path = Path(options.gradebook)
        exported = path.read_bytes()
        book = read_gradebook(exported, path.name, course.roster)
        column, ids = book.ids
        course = Course(**{**vars(course), "roster": course.roster.with_ids(column, ids)})
        times = book.times(course.policy.due.tzinfo if course.policy.due else UTC)
    last = latest_run(course.folder, course.name)
    before = read_record(last) if last else None
    record = grade_class(
        course,
        options.submissions,
        before,
        times,
        programs=options.programs,
        number=options.workers,
        seconds=options.seconds,
        told=told,
    )
    folder, said = write_run(course, record, exported, options.column)
    print(summary(record, folder, said, time.monotonic() - start, before))
    if not course.policy.due:
        print(f"policy.csv has no due time for {course.name}: nothing counts as late.")


def _read(options):
    course = _course(options)
    folder, before = last_record(course)
    if options.take is None:
        print("\n".join([*waiting(before, folder), *_due(course, folder), *uneven(before)]))
        return 0
    if options.take and not options.by.strip():
        raise ValueError("say who has read, with --by and your initials or name; it is kept.")
    readings = take_readings(options.take, before, course.folder, options.by, options.again)
    if options.take:
        print("\n".join(readings.summary()))
    if readings.taken or has_changed_overrides(course, folder):
        record = settled(before, course.overrides, course.policy, before)
        folder, said = write_run(course, record, *exported_with(folder))
        print("\n".join([*said, *counted_changes(record), f"The new run: {folder}"]))
    else:
        print("There is nothing new, so there is no new run.")
    if readings.refused:
        print("\n".join(["Not taken:", *(f"  {sentence}" for sentence in readings.refused)]))
    return 1 if readings.refused else 0


def _due(course, folder):
    """What to say where somebody has edited the overrides."""
    if not has_changed_overrides(course, folder):
        return []
    return ["overrides.csv was changed after the last run: `read SET COURSE --take` counts it in."]


def _release(options):
    course = _course(options)
    folder = release(course, options.as_it_is)
    print("\n".join([f"Released: {folder}", *remarks_left(last_record(course)[1])]))


def _limits(options):
    contained, not_contained = what_is_contained()
    print("Held back here, while a student's program runs:")
    print("\n".join(f"- {sentence}" for sentence in contained))
    print("Not held back:")
    print("\n".join(f"- {sentence}" for sentence in not_contained))
    print(f"To grade in a container, from the folder of the course:\n{DOCKER.strip()}")


def _course(options):
    return read_course(options.course, find_set(options.set))
