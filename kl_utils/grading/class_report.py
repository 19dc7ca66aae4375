"""A report on the class: scores, hard tasks, the usual first mistakes, what to discuss.

It can be shown to a class: what fewer than five pieces of work have in common is left out, and so
is what would tell it. Those who handed in together count once.
"""

import statistics
from pathlib import Path
from typing import NamedTuple

from .handed_in import pieces
from .histogram import FEWEST, bins, histogram
from .pages import date, element, joined, listed, page, points, sentence, table, write
from .plain_mathematics import plain
from .usual_mistakes import usual_mistakes

_TO_DISCUSS = 3


class Difficulty(NamedTuple):
    """The share of the points that a class has in a task, and how many pieces of work lost some
    for good, have no answer, or wait for a person; and of how many.
    """

    share: float
    lost: int
    missing: int
    waits: int
    of: int


def write_class_report(record, problem_set, path):
    """Write the report on the class as one page.

    Parameters
    ----------
    record : dict
        The record of a run.
    problem_set : QuestionSet
    path : path
    """
    write(Path(path), report_page(record, problem_set))


def report_page(record, problem_set):
    """The page, as text."""
    title, rows = f"Class report: {record['title']}", pieces(record)
    about = element(
        "p", f"Graded on {date(record['at'])}. What waits for a person counts as 0 yet."
    )
    if len(rows) < FEWEST:
        few = f"Fewer than {FEWEST} pieces of work were handed in. The report begins with {FEWEST}."
        return page(title, about, element("p", few))
    tasks = _by_difficulty(record, rows)
    proofs = [name for name in tasks if record["tasks"][name]["kind"] == "prove"]
    mistakes = {name: usual_mistakes(problem_set.question(name), rows) for name in proofs}
    return page(
        title,
        about,
        element("p", *_who(record, rows)),
        element("h2", "Scores"),
        _scores(rows),
        element("h2", "What to discuss"),
        _to_discuss(record, problem_set, tasks, mistakes),
        element("h2", "Tasks, the hardest first"),
        _tasks(record, tasks),
        element("h2", "Where proofs break first"),
        _breaks(record, mistakes),
    )


def how_many(count, of):
    """How many of a class, where this tells neither of fewer than five nor of the other few."""
    if 0 < count < FEWEST:
        return f"fewer than {FEWEST}"
    if 0 < of - count < FEWEST:
        return f"nearly all of {of}"
    return f"{count} of {of}"


def _who(record, rows):
    students = record["students"].values()
    yield f"{len(rows)} pieces of work were handed in."
    if missing := sum(not row.get("file") for row in students):
        yield f" Students of whom nothing was found: {how_many(missing, len(students))}."
    if waiting := sum(bool(row["held"]) for row in rows):
        held = sum(row["held"] for row in rows)
        rest = f", {points(held)} in all" if waiting >= FEWEST else ""
        yield f" In {how_many(waiting, len(rows))} something waits for a person{rest}."


def _scores(rows):
    shares = [100 * row["score"] / row["of"] for row in rows]
    middle, found = statistics.median(shares), bins(shares)
    return joined(
        [
            element("p", f"The median is {middle:.0f} % of the points."),
            histogram(found),
            table(
                ("Percent of the points", "Pieces of work"),
                [(f"{low} to {high}", str(count)) for low, high, count in found],
                f"The same in numbers. Ranges are joined until {FEWEST} are in each, or nobody.",
                numbers=(1,),
            ),
        ]
    )


def _by_difficulty(record, rows):
    """What is known of each task, the one with the smallest share of the points first."""
    tasks = {}
    for name, task in record["tasks"].items():
        found = [row["tasks"][name] for row in rows if name in row["tasks"]]
        if len(found) >= FEWEST:
            missing = [each for each in found if each["answer"] is None]
            waits = [each for each in found if each["held"] and not each.get("override")]
            below = sum(each["final"] < each["of"] for each in found)
            share = sum(each["final"] for each in found) / len(found) / task["of"]
            lost = below - len(waits) - len(missing)
            tasks[name] = Difficulty(share, lost, len(missing), len(waits), len(found))
    return dict(sorted(tasks.items(), key=lambda pair: pair[1].share))


def _tasks(record, tasks):
    rows = [
        (
            record["tasks"][name]["title"],
            f"{100 * task.share:.0f} %",
            *(
                how_many(count, task.of) if count else "–"
                for count in (task.lost, task.missing, task.waits)
            ),
        )
        for name, task in tasks.items()
    ]
    head = ("Task", "Points", "Lost some", "No answer", "Wait")
    return table(head, rows, "Share of the points, and pieces of work by task", numbers=(1,))


def _to_discuss(record, problem_set, tasks, mistakes):
    """The hardest tasks that at least five missed, each with its misconception."""
    missed = [name for name, task in tasks.items() if task.lost >= FEWEST][:_TO_DISCUSS]
    items = []
    for name in missed:
        data = problem_set.question(name).data
        usual = [_mistake(mistake) for mistake in mistakes.get(name, ())[:1]]
        items.append(
            joined(
                [
                    element(
                        "h3", f"{data['title']} ({100 * tasks[name].share:.0f} % of the points)"
                    ),
                    element("p", "Many believe: ", plain(data.get("misconception", ""))),
                    *(element("p", "The usual first wrong line: ", line) for line in usual),
                ]
            )
        )
    return joined(items) if items else element("p", f"No task was missed by {FEWEST} or more.")


def _breaks(record, mistakes):
    parts = []
    for name, usual in mistakes.items():
        parts.append(element("h3", record["tasks"][name]["title"]))
        lines = [joined([f"{mistake.count} times: ", _mistake(mistake)]) for mistake in usual]
        none = element("p", f"No wrong line comes first {FEWEST} times.", class_="quiet")
        parts.append(listed(lines) or none)
    return joined(parts) if parts else element("p", "This set has no proofs.")


def _mistake(mistake):
    line = element("code", mistake.text) if mistake.text else "a line written in several ways"
    return joined([line, ". ", sentence(mistake.refutation)])
