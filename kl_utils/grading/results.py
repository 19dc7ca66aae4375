"""Where the results of a run lie, and how they get there: whole, or not at all.

::

    results/SET/RUN/    run.json           all that is known
                        grades.csv         a row for each student
                        gradebook.csv      the exported gradebook, filled, if there was one
                        feedback/          a page for each student
                        class_report.html, similarity.html
                        reading/           what waits for a person
    results/SET/latest  names the last run
    released/SET/       what the instructor released
"""

import shutil
from contextlib import contextmanager
from datetime import UTC, datetime

from .class_report import write_class_report
from .feedback import write_feedback
from .gradebook import filled, read_gradebook
from .pages import several
from .reading_queue import write_queue
from .records import latest_run, new_run, read_record, write_record
from .similarity import write_similarity
from .tables import write_table, write_whole

_COLUMNS = ("student", "name", "score", "of", "late", "held", "remarks")
_EXPORTED, _COLUMN = "gradebook-exported.csv", "gradebook-column.txt"
_RELEASED = ("grades.csv", "gradebook.csv")


def write_run(course, record, exported=None, column=None):
    """Write all that comes out of a record.

    Parameters
    ----------
    course : kl_utils.grading.runs.Course
    record : dict
    exported : bytes or None
        The gradebook as it was exported.
    column : str or None
        Its column for the set.

    Returns
    -------
    folder : Path
        Of the run.
    sentences : list of str
        What a person should know of it.
    """
    said = []
    with _whole(new_run(course.folder, course.name)) as (folder, final):
        write_record(record, folder)
        rows = [_grade_row(student, row) for student, row in record["students"].items()]
        write_table(folder / "grades.csv", _COLUMNS, rows)
        if exported is not None:
            book = read_gradebook(exported, "the gradebook", course.roster)
            content, said = filled(book, record, column)
            write_whole(folder / "gradebook.csv", content)
            write_whole(folder / _EXPORTED, exported)
            write_whole(folder / _COLUMN, (column or "").encode())
        write_feedback(record, course.problem_set, folder / "feedback")
        write_class_report(record, course.problem_set, folder / "class_report.html")
        write_similarity(record, course.problem_set, folder / "similarity.html")
        write_queue(record, course.problem_set, folder / "reading")
    write_whole(final.parent / "latest", f"{final.name}\n".encode())
    return final, said


def exported_with(folder):
    """The exported gradebook of a run and its column, both None where there was none."""
    if not (folder / _EXPORTED).exists():
        return None, None
    return (folder / _EXPORTED).read_bytes(), (folder / _COLUMN).read_text("utf-8") or None


def last_record(course):
    """The folder and the record of the last run.

    Raises
    ------
    ValueError
        If there is none.
    """
    folder = latest_run(course.folder, course.name)
    if folder is None:
        raise ValueError(f"{course.name} was not graded yet: there is no run to work with.")
    return folder, read_record(folder)


def has_changed_overrides(course, folder):
    """Was the table of overrides changed after the run in a folder?"""
    table, run = course.folder / "overrides.csv", folder / "run.json"
    return table.exists() and table.stat().st_mtime > run.stat().st_mtime + 1


def release(course, as_it_is=False):
    """Make the proposals of the last run into grades: feedback that says so, and the gradebook.

    Parameters
    ----------
    course : kl_utils.grading.runs.Course
    as_it_is : bool
        Also where points wait for a person, or overrides came later than the run.

    Returns
    -------
    Path
        Where it lies.
    """
    folder, record = last_record(course)
    count = sum(bool(row["held"]) for row in record["students"].values())
    if count and not as_it_is:
        raise ValueError(
            f"Points of {several(count, 'student')} wait for a person: read them first, or "
            "release with --as-it-is; points that wait count as 0."
        )
    if has_changed_overrides(course, folder) and not as_it_is:
        raise ValueError(
            "overrides.csv was changed after the last run: run `read --take` or `grade` again, or "
            "release with --as-it-is."
        )
    target = course.folder / "released" / course.name
    target.parent.mkdir(exist_ok=True)
    old = target.with_name(f".{target.name}-old")
    shutil.rmtree(old, ignore_errors=True)
    with _whole(target.with_name(f".{target.name}-new")) as (new, final):
        for name in _RELEASED:
            if (folder / name).exists():
                shutil.copy2(folder / name, new / name)
        record["released"] = datetime.now(UTC).isoformat(timespec="seconds")
        record["run"] = folder.name
        write_record(record, new)
        write_feedback(record, course.problem_set, new / "feedback")
    if target.exists():
        target.rename(old)
    final.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    return target


@contextmanager
def _whole(final):
    """A folder to write into, and what it is called once all of it is there."""
    final.parent.mkdir(parents=True, exist_ok=True)
    folder = final.with_name(f".{final.name}-unfinished")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder, final
        shutil.rmtree(final, ignore_errors=True)
        folder.rename(final)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _grade_row(student, row):
    late = row["late_days"]
    return {
        "student": student,
        "name": row["name"],
        "score": f"{row['score']:g}" if row["file"] else "",
        "of": row["of"],
        "late": "" if late is None else round(late, 2),
        "held": f"{row['held']:g}",
        "remarks": " ".join(row["remarks"]),
    }
