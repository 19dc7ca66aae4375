"""Make what an instructor hands out, for ``make problem-sets``.

    python -m tools.problem_sets.release [--out FOLDER] [--course COURSE]

``students`` holds what students get, ``staff`` what they must not. With a course, there are the
ten-minute twins too, one page a student, and the programs are tried at values of the course's own.
"""

import argparse
import csv
import hashlib
import hmac
import sys
from pathlib import Path

import nbformat

from kl_utils.exercises.chains import unchecked
from kl_utils.exercises.problem_set_files import read_problem_set
from tools import ROOT
from tools.problem_sets import nbgrader, otter, paper
from tools.problem_sets.documents import as_html, as_tex
from tools.problem_sets.notebooks import student_notebook
from tools.problem_sets.zips import zipped

FOLDERS = ROOT / "problem_sets"


def released(folder, secret="", students=()):
    """The zips of a set: two dicts of files by their names, for students and for staff.

    Parameters
    ----------
    folder : Path
        Of the set.
    secret : str
        Of the course; only what is derived from it goes into a zip.
    students : sequence of dict
        With ``name`` and ``code``, for the twins.
    """
    text = (folder / "set.toml").read_text("utf8")
    with unchecked():  # `make problem-sets-check` checks the sets
        problem_set = read_problem_set(text)
        return (
            _for_students(problem_set),
            _for_staff(problem_set, folder, _for_programs(secret, problem_set.name), students),
        )


def _for_students(problem_set):
    name = problem_set.name
    notebook = {f"{name}.ipynb": _text_of(student_notebook(problem_set))}
    return {
        f"{name}-notebook.zip": notebook,
        f"{name}-otter.zip": notebook,
        f"{name}-paper.zip": _printed(f"{name}-paper", paper.set_pages(problem_set)),
    }


def _for_staff(problem_set, folder, secret, students):
    name = problem_set.name
    sources = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    sheets = _printed(f"{name}-points", paper.set_staff_pages(problem_set, folder))
    zips = {
        f"{name}-otter-autograder.zip": otter.autograder(problem_set, folder, secret),
        f"{name}-nbgrader.zip": {
            f"source/{name}/{name}.ipynb": _text_of(nbgrader.source_notebook(problem_set)),
            "nbgrader_config.py": nbgrader.settings(secret),
            "README.md": nbgrader.README.format(name=name, version=nbgrader.VERSION),
            **{f"problem_sets/{name}/{file}": source for file, source in sources.items()},
        },
        f"{name}-staff.zip": {
            **sheets,
            "otter.md": otter.README.format(name=name, version=otter.VERSION),
            **{f"problem_sets/{name}/{file}": source for file, source in sources.items()},
        },
    }
    if students and problem_set.twin:
        pages = list(paper.twin_pages(problem_set, students))
        sheets = paper.twin_staff_pages(problem_set, students, folder)
        zips[f"{name}-twins.zip"] = {
            **_printed(f"{name}-twins", pages),
            **_printed(f"{name}-twins-points", sheets),
        }
    return zips


def _text_of(notebook):
    return nbformat.writes(notebook, indent=1, sort_keys=True) + "\n"


def _printed(name, pages):
    return {f"{name}.html": as_html(pages, name), f"{name}.tex": as_tex(pages)}


def _for_programs(secret, name):
    """What decides at which values programs are tried; the secret cannot be told from it."""
    if not secret:
        return ""
    return hmac.digest(secret.encode(), f"programs of {name}".encode(), hashlib.sha256).hex()


def read_course(course, name):
    """The secret of a course, and its students with their codes for a set."""
    secret = (course / "secret.txt").read_text("utf8").strip()
    codes = course / f"codes-{name}.csv"
    if not codes.exists():
        return secret, []
    with codes.open(encoding="utf-8-sig", newline="") as file:
        return secret, list(csv.DictReader(file))


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tools.problem_sets.release")
    parser.add_argument("--out", type=Path, default=ROOT / "_build" / "problem_sets")
    parser.add_argument("--course", type=Path)
    options = parser.parse_args(arguments)
    if options.course and not (options.course / "secret.txt").exists():
        sys.exit(f"There is no course in {options.course}: it has no secret.txt.")
    for folder in sorted(path.parent for path in FOLDERS.glob("*/set.toml")):
        secret, students = read_course(options.course, folder.name) if options.course else ("", [])
        if options.course and not students:
            print(f"No twins of {folder.name}: there is no codes-{folder.name}.csv in the course.")
        parts = zip(("students", "staff"), released(folder, secret, students), strict=True)
        for part, zips in parts:
            (options.out / part).mkdir(parents=True, exist_ok=True)
            for name, files in zips.items():
                (options.out / part / name).write_bytes(zipped(files))
                print(f"{part:>8}  {name:<36} {len(files):>4} files")
    print(f"\nWhat students get: {options.out / 'students'}\nFor staff alone: {options.out}/staff")


if __name__ == "__main__":
    main()
