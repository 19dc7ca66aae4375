"""A student's share in what was handed in: which attempt counts, of whom, and how late it is."""

from dataclasses import dataclass

from ..exercises.grades import Grade, zero
from .records import counted, task_row

NO_TIME = "When it was handed in is not known; lateness costs nothing."
NO_DELAY = (
    "Canvas marks this as late, but not by how much. Decide what that costs: write the time into "
    "times.csv, or the points into overrides.csv."
)


@dataclass(frozen=True)
class Share:
    """What may count for one student.

    Attributes
    ----------
    student : str
    attempts : tuple of Attempt
        All of the student, the earliest first; or those of the group.
    to_grade : tuple of Attempt
        Those of which the best counts; one where the policy says which.
    remarks : tuple of str
    """

    student: str
    attempts: tuple = ()
    to_grade: tuple = ()
    remarks: tuple = ()

    def row(self, course, codes, grades, remarks):
        """The student's part of the record, before overrides and totals.

        Parameters
        ----------
        course : kl_utils.grading.runs.Course
        codes : dict of str to str
        grades, remarks : dict
            For the id of each attempt its tasks, and sentences.
        """
        person = course.roster.students[self.student]

        def worth(attempt):
            found = grades[id(attempt)].values()
            total, of = (sum(task[what] for task in found) for what in ("points", "of"))
            return total - self._penalty(attempt, course.policy, total, of)

        attempt = max(self.to_grade, key=worth, default=None)
        if attempt is None:
            attempt = self.attempts[-1] if self.attempts else None
            tasks = _nothing(course.problem_set, attempt)
            said = attempt.remarks if attempt else ()
        else:
            tasks, said = grades[id(attempt)], remarks[id(attempt)]
        late, more = self._lateness(attempt, course.policy)
        return {
            "name": person.name,
            "group": person.group,
            "code": codes[self.student],
            "file": attempt.files[0] if attempt else None,
            "attempt": self.attempts.index(attempt) + 1 if attempt else 0,
            "attempts": len(self.attempts),
            "submitted": attempt.time.isoformat() if attempt and attempt.time else None,
            "late_days": late,
            "remarks": [*self.remarks, *said, *more],
            "tasks": tasks,
        }

    def _penalty(self, attempt, policy, total, of):
        if not (policy.late_rule and attempt.time):
            return 0.0
        return policy.late_rule.penalty(policy.late(self.student, attempt.time), total, of)

    def _lateness(self, attempt, policy):
        """Days after the due time, None where nobody can tell, and remarks."""
        due = policy.due_for(self.student)
        if attempt is None:
            return None, ()
        if attempt.time is not None and due is not None:
            return policy.late(self.student, attempt.time).total_seconds() / 86400, ()
        if attempt.late and policy.late_rule is None:
            return None, ("Canvas marks this as late; there is no late rule.",)
        if attempt.late:
            has_more = self.student in policy.extensions
            return None, (NO_DELAY, *[f"There is an extension until {due}."] * has_more)
        if due is None or attempt.late is False:
            return 0.0, ()
        return None, (NO_TIME,)


def shares_of(attempts, roster, policy):
    """The share of each student of the roster.

    Parameters
    ----------
    attempts : dict of str to list of Attempt
        Of each student who handed in, the earliest first.
    roster : Roster
    policy : Policy
    """
    return {
        student: _of_group(student, attempts, roster, policy)
        if policy.groups
        else _of_one(student, attempts.get(student, ()), policy.counts)
        for student in roster.students
    }


def _of_one(student, attempts, counts, remarks=()):
    """The share of a student in some attempts; what cannot be read does not count."""
    can = [attempt for attempt in attempts if not attempt.why]
    chosen = {"last": can[-1:], "first": can[:1], "best": can}[counts]
    unread = [f"{a.files[0]} cannot be read: {a.why}" for a in attempts if a.why and can]
    return Share(student, tuple(attempts), tuple(chosen), (*remarks, *unread))


def _of_group(student, attempts, roster, policy):
    """The share of a student whose group hands in together: one for all."""
    members = [member for member in roster.group_of(student) if member in attempts]
    shares = {member: _of_one(member, attempts[member], policy.counts) for member in members}
    counting = {member: share.to_grade[-1] for member, share in shares.items() if share.to_grade}
    differ = [
        member
        for member, attempt in counting.items()
        if attempt.answers != next(iter(counting.values())).answers
    ]
    remarks = []
    if differ:
        first, other = (roster.students[m].label for m in (next(iter(counting)), differ[0]))
        remarks.append(
            f"{first} and {other} of one group handed in different answers: each has the grade "
            "of their own, and who handed in nothing has the better one."
        )
    if student in attempts:
        share = shares[student]
        return Share(student, share.attempts, share.to_grade, (*remarks, *share.remarks))
    theirs = {id(a): a for member in members for a in shares[member].attempts}
    chosen = {id(a): a for member in members for a in shares[member].to_grade}
    if theirs:
        labels = " and ".join(roster.students[member].label for member in members)
        remarks.append(f"Handed in by {labels}, of the same group.")
    return Share(student, tuple(theirs.values()), tuple(chosen.values()), tuple(remarks))


def _nothing(problem_set, attempt):
    """The tasks of a student of whom nothing can be graded; what was handed in, a person reads."""

    def grade(of):
        if attempt is None:
            return zero(of, "There is no answer.")
        why = f"No program can grade what was handed in; grades.csv names it. {attempt.why}"
        return Grade(0.0, of, (), (why,), of)

    points = {question.name: question.data["points"] for question in problem_set.questions}
    return {name: task_row(grade(points[name]), None) for name in counted(problem_set, {})}
