"""What `grade` says in the terminal: as much as fits on one screen, and where the rest lies."""

from collections import Counter

_MOST = 8


def summary(record, folder, said, seconds, before=None):
    """What came out of a run.

    Parameters
    ----------
    record : dict
    folder : path
        Of the run.
    said : list of str
        About the gradebook.
    seconds : float
    before : dict or None
        The record of the last run.
    """
    rows = record["students"].values()
    handed_in = [row for row in rows if row["file"]]
    late = [row for row in rows if row["late_days"]]
    undecided = [row for row in rows if any("not by how much" in r for r in row["remarks"])]
    stale = [
        f"{row['name']}, {task}: the override is for another answer than the one that counts now; "
        "read it again."
        for row in rows
        for task, found in row["tasks"].items()
        if found["stale"]
    ]
    lines = [
        f"{record['title']}: {len(handed_in)} of {len(rows)} students handed in, "
        f"graded in {seconds:.0f} s.",
        *_count("points wait for a person", [row for row in rows if row["held"]]),
        *_count("late", late),
        *_count("late, but nobody knows by how much", undecided),
        *_count("with a remark for you, in grades.csv", [r for r in rows if r["remarks"]]),
        *_listed("files without a student", _unmatched(record)),
        *_listed("stale overrides", stale),
        *(changed(record) if before else []),
        *_listed("about the gradebook", said),
        f"All of it, as proposals: {folder}",
    ]
    return "\n".join(lines)


def changed(record):
    """Whose points are others than in the last run."""
    rows = [
        f"{record['students'][change['student']]['name']}, {change['task'] or 'lateness'}: "
        f"{_points(change['before'])} → {_points(change['after'])}. {change['why']}"
        for change in record["changes"]
    ]
    if not rows:
        return ["  changes since the last run: none"]
    reasons = Counter(change["why"] for change in record["changes"])
    if len(rows) > _MOST:
        rows = [f"{count} times: {why}" for why, count in reasons.most_common()]
    return _listed("changes since the last run", rows, len(record["changes"]))


def _unmatched(record):
    return [f"{found['file']}: {found['why']}" for found in record["unmatched"]]


def _count(what, rows):
    return [f"  {what}: {len(rows)}"] if rows else []


def _listed(what, rows, count=None):
    """A headline and the first rows below it; nothing where there are none."""
    if not rows:
        return []
    more = [f"    … and {len(rows) - _MOST} more, in run.json"] if len(rows) > _MOST else []
    return [f"  {what}: {count or len(rows)}", *(f"    {row}" for row in rows[:_MOST]), *more]


def _points(value):
    return "–" if value is None else f"{value:g}"
