"""What lateness costs, which attempt counts, and whether groups hand in together.

::

    set,student,due,late_rule,counts,groups
    divergence,,2026-10-12T23:59+02:00,10% a day up to 3,last,no
    divergence,s017,+2 days,,,

A row without a student is the rule of a set; a row with one is an extension: another time, or so
much more. The late rule takes a share of the set's points for each day, or hour, that has begun:
``10% a day``; ``10% a day up to 3``, after which it takes no more; ``10% a day until 3``, after
which nothing is left; or ``none``. ``counts`` is ``last``, ``best`` or ``first``; ``groups`` is
``yes`` or ``no``. A set without a row has no due time.
"""

import math
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .clocks import read_time
from .roster import Unknown
from .tables import read_table

_COLUMNS = ("set", "student", "due", "late_rule", "counts", "groups")
_RULE = re.compile(
    r"(?P<share>\d+(?:\.\d+)?) ?% ?(?:an?|per) (?P<unit>day|hour)"
    r"(?:,? (?P<bound>up to|until) (?P<most>\d+)(?: (?:day|hour)s?)?)?"
)
_MORE = re.compile(r"\+ ?(?P<count>\d+) ?(?P<unit>minute|hour|day|week)s?")
_UNITS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True)
class LateRule:
    """A share of the points for each unit of time that has begun after the due time."""

    share: float
    unit: timedelta
    most: int | None = None
    then_nothing: bool = False

    def penalty(self, late, total, of):
        """The points that lateness takes from a total; it never takes more than there is."""
        begun = math.ceil(late / self.unit)
        if self.most is not None and begun > self.most:
            if self.then_nothing:
                return total
            begun = self.most
        return min(total, self.share * of * max(begun, 0))


@dataclass(frozen=True)
class Policy:
    """The rules of one set.

    Attributes
    ----------
    due : datetime or None
    late_rule : LateRule or None
    counts : str
        "last", "best" or "first".
    groups : bool
    extensions : dict of str to datetime
        The due times of single students.
    """

    due: datetime | None = None
    late_rule: LateRule | None = None
    counts: str = "last"
    groups: bool = False
    extensions: dict = field(default_factory=dict)

    def due_for(self, student):
        """When a student's answers are due, or None."""
        return self.extensions.get(student, self.due)

    def late(self, student, time):
        """How long after the due time a student handed in; never negative."""
        return max(time - self.due_for(student), timedelta(0))


def read_policy(path, set_name, roster):
    """The rules of a set; those of none where there is no such file or row.

    Raises
    ------
    ValueError
        If a row cannot be read; the sentence names its line.
    """
    if not path.exists():
        return Policy()
    rows = [
        (line, row)
        for line, row in read_table(path, ("set",), _COLUMNS[1:])
        if _same(row["set"], set_name)
    ]
    rules = [(line, row) for line, row in rows if not row["student"]]
    if len(rules) > 1:
        raise ValueError(f"policy.csv, line {rules[1][0]}: {set_name} has a rule already.")
    policy = _read(_rule, *rules[0]) if rules else Policy()
    for line, row in rows:
        if row["student"]:
            student, due = _read(lambda row: _extension(row, policy, roster), line, row)
            policy.extensions[student] = due
    return policy


def read_late_rule(text):
    """A `LateRule` from words, or None where lateness costs nothing."""
    text = re.sub(r"\s+", " ", text.strip().lower())
    if text in ("", "none", "no"):
        return None
    if not (found := _RULE.fullmatch(text)):
        raise ValueError(
            "late_rule: expected 'none', '10% a day', '10% a day up to 3' or '10% a day until 3', "
            f"got {text!r}"
        )
    most = int(found["most"]) if found["most"] else None
    share = float(found["share"]) / 100
    return LateRule(share, _UNITS[found["unit"]], most, found["bound"] == "until")


def _same(written, name):
    """Is a set meant, whatever a spreadsheet has made of its name?"""
    return re.sub(r"[\W_]+", "", written).casefold() == name.replace("_", "").casefold()


def _read(function, line, row):
    try:
        return function(row)
    except ValueError as error:
        raise ValueError(f"policy.csv, line {line}: {error}") from None


def _rule(row):
    counts = row["counts"].lower() or "last"
    if counts not in ("last", "best", "first"):
        raise ValueError(f"counts: expected last, best or first, got {row['counts']!r}")
    groups = row["groups"].lower() or "no"
    if groups not in ("yes", "no"):
        raise ValueError(f"groups: expected yes or no, got {row['groups']!r}")
    due = _due(row["due"]) if row["due"] else None
    rule = read_late_rule(row["late_rule"])
    if rule and not due:
        raise ValueError("due: a late rule needs a due time")
    return Policy(due, rule, counts, groups == "yes")


def _extension(row, policy, roster):
    try:
        student = roster.find(row["student"])
    except Unknown as error:
        raise ValueError(f"student: {error}") from None
    if not (more := _MORE.fullmatch(row["due"].lower())):
        return student, _due(row["due"])
    if not policy.due:
        raise ValueError(f"due: {row['due']!r} is more than nothing: the set has no due time")
    return student, policy.due + timedelta(**{f"{more['unit']}s": int(more["count"])})


def _due(text):
    try:
        return read_time(text)
    except ValueError as error:
        raise ValueError(f"due: {error}") from None
