"""What `grade` says in the terminal: as much as fits on one screen, and where the rest lies."""

from collections import Counter, defaultdict

from .pages import several

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
        *uneven(record),
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
        rows = [f"{several(count, 'time')}: {why}" for why, count in reasons.most_common()]
    return _listed("changes since the last run", rows, len(record["changes"]))


def counted_changes(record):
    """How many points are others than in the last run, without a name: reading goes on blindly."""
    count = len(record["changes"])
    return [f"  changes since the last run: {count}" + (", in run.json" if count else "")]


def uneven(record):
    """Where a person's points stand for some only of those who handed in one file together."""
    rows = []
    together = defaultdict(list)
    for row in record["students"].values():
        if row["file"]:
            together[row["file"]].append(row)
    for members in together.values():
        for task in members[0]["tasks"]:
            decided = [row["tasks"].get(task, {}).get("override") for row in members]
            if len({over and over["points"] for over in decided}) > 1:
                names = ", ".join(row["name"] for row in members)
                given = ", ".join(_points(over and over["points"]) for over in decided)
                rows.append(f"{task}: {names} have {given}; overrides.csv has a row for each.")
    return _listed("overrides that differ within a group", rows)


def waiting(record, folder):
    """What waits for a person, and in which tables."""
    count = sum(bool(row["held"]) for row in record["students"].values())
    lines = [f"Points of {several(count, 'student')} wait for a person."]
    if tables := sorted((folder / "reading").glob("*.csv")):
        lines += [f"In {folder / 'reading'}:"]
        lines += [f"  read {t.with_suffix('.html').name}, fill {t.name}" for t in tables]
        lines += ["Then: read SET COURSE --take FILLED.csv … --by YOU"]
    return lines


def remarks_left(record):
    """A line on the remarks that nobody but a person can settle; nothing where there are none."""
    count = sum(bool(row["remarks"]) for row in record["students"].values())
    unmatched = len(record["unmatched"])
    parts = [f"remarks on {several(count, 'student')}, in grades.csv"] if count else []
    parts += [f"{several(unmatched, 'file')} without a student, in run.json"] if unmatched else []
    return [f"Still to look at: {'; '.join(parts)}."] if parts else []


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
