"""A class is graded whole: one answer, one file or one person's slip costs nobody else anything."""

import io
import json
import os
import re

import pytest

from kl_utils.exercises.codes import code_of
from kl_utils.grading.downloads import read_download
from kl_utils.grading.progress import told
from kl_utils.grading.workers import CRASHED, DONE, TOO_LONG, work_off
from tests.grading import waiting_work
from tests.grading.classes import DUE, RIGHT, WRONG, a_course, graded, hand_in
from tests.grading.example_class import SECRET, SET, example_set, lines

SLOW = lines(*["= " + " + ".join(["Int(exp(-z**2)*abs(z - 1/3), z)"] * 28)] * 8)
EARLY, LATE = "2026-10-12T20:00+02:00", "2026-10-14T20:00+02:00"


def code(student):
    return code_of(SECRET, "example", student)


def said(record, student):
    return " ".join(record["students"][student]["remarks"])


def times(**when):
    rows = "".join(f"{name.replace('_', '-')},{time}\n" for name, time in when.items())
    return {"times.csv": f"student,submitted\n{rows}"}


# --- processes


def test_work_that_does_not_end_is_ended_and_the_rest_is_done():
    jobs = ["a", "endless", "b", "dies", "asleep", "fails", "c"]
    setup = (waiting_work.set_up, "did")
    ends = {
        outcome.job: (outcome.end, outcome.parts)
        for outcome in work_off(jobs, waiting_work.do, setup, 2, lambda job: 0.15)
    }
    assert ends == {
        "a": (DONE, ["did a", "whole"]),
        "b": (DONE, ["did b", "whole"]),
        "c": (DONE, ["did c", "whole"]),
        "endless": (TOO_LONG, ["did endless"]),
        "asleep": (TOO_LONG, ["did asleep"]),
        "dies": (CRASHED, ["did dies"]),
        "fails": (CRASHED, ["did fails"]),
    }
    with pytest.raises(ValueError, match="nothing to work with"):
        list(work_off(["a"], waiting_work.do, (waiting_work.set_up, "broken"), 1, lambda job: 9))


def test_an_endless_answer_is_left_to_a_person(tmp_path):
    files = {f"{s}.json": (code(s), RIGHT) for s in ("s017", "s018", "s019")}
    files["s020.json"] = '{"version": 1, "set": "exam'
    files["s021.json"] = (code("s021"), {"square@1": SLOW, "why@1": "Because."})
    record = graded(a_course(tmp_path), tmp_path / "files", files, number=2, seconds=1.0)
    students = record["students"]
    assert [students[s]["score"] for s in ("s017", "s018", "s019", "s020")] == [10, 10, 10, 0]
    slow = students["s021"]["tasks"]["square@1"]
    assert (slow["points"], slow["held"]) == (0, 10)
    assert "took too long" in slow["to_read"][0] and slow["answer"] == SLOW
    assert "s020.json cannot be read: This file is not valid JSON" in said(record, "s020")


class Screen(io.StringIO):
    def __init__(self, is_terminal):
        super().__init__()
        self.isatty = lambda: is_terminal


@pytest.mark.parametrize(
    ("is_terminal", "shown"),
    [(False, ["10 of 23", "20 of 23"]), (True, [f"{n} of 23" for n in range(1, 24)])],
)
def test_who_waits_is_told_how_far_it_is(is_terminal, shown):
    screen, now = Screen(is_terminal), [0.0]

    def work():
        for second in range(23):
            now[0] += 1.0
            yield second

    assert list(told(work(), 23, screen, lambda: now[0])) == list(range(23))
    assert re.findall(r"\d+ of 23", screen.getvalue()) == shown
    assert screen.getvalue().count("\n") == (0 if is_terminal else 2)
    assert screen.getvalue().endswith("\x1b[K") == is_terminal


# --- files and codes


def test_a_file_that_cannot_be_graded_costs_its_own_points(tmp_path):
    files = {
        "s017.json": '{"version": 1, "set": "exam',
        "s018.json": json.dumps({"version": 1, "set": "o", "student": "x", "answers": {}}),
        "s019.pdf": "a scan",
        "s020.json": (code("s020"), RIGHT),
        "jnae doe.json": RIGHT,
    }
    record = graded(a_course(tmp_path), tmp_path / "files", files)
    scores = {s: row["score"] for s, row in record["students"].items()}
    assert scores == {"s017": 0, "s018": 0, "s019": 0, "s020": 10, "s021": 0}
    assert "This is no submission to the set example." in said(record, "s018")
    assert "s019.pdf is not graded by a program: read it." in said(record, "s019")
    assert record["students"]["s021"]["file"] is None and not said(record, "s021")
    assert "Jane Doe (s017)" in record["unmatched"][0]["why"]


def number(student):
    """The answer with a student's numbers."""
    mu = example_set().question("number@1").numbers(code(student))["mu"]
    return {"number@1": f"{mu}**2 + 1"}


def test_a_code_that_fits_another_is_reported_and_not_zeroed(tmp_path):
    assert number("s017") != number("s018")
    files = {
        "s017.json": (code("s018"), number("s018")),
        "s018.json": (code("s018"), number("s018")),
        "s019.json": ("ABCD-EFGH", number("s019")),
        "s020.json": (code("s020").lower().replace("-", ""), number("s020")),
    }
    record = graded(a_course(tmp_path), tmp_path / "files", files)
    assert {row["score"] for s, row in record["students"].items() if s != "s021"} == {4}
    assert "The code in the file is that of Ömer Şahin (s018)" in said(record, "s017")
    assert "The code ABCD-EFGH in the file is nobody's" in said(record, "s019")
    assert not said(record, "s018") and not said(record, "s020")


def test_what_stands_in_a_file_never_says_whose_it_is(tmp_path):
    files = {"somebody.json": (code("s017"), RIGHT), "s018.json": (code("s018"), {"x@1": 1})}
    record = graded(a_course(tmp_path), tmp_path / "files", files)
    assert record["students"]["s017"]["file"] is None and len(record["unmatched"]) == 1
    assert "Answers to tasks that this set does not have: 1." in said(record, "s018")


def test_files_that_were_handed_in_together_are_put_together(tmp_path):
    files = {
        "s017/a.json": (code("s017"), RIGHT | {"why@1": "One."}),
        "s017/b.json": (code("s017"), {"why@1": "Two."}),
        "s017/c.py": "print(1)",
    }
    row = graded(a_course(tmp_path), tmp_path / "files", files)["students"]["s017"]
    assert (row["attempts"], row["score"], row["held"]) == (1, 10, 6)
    assert row["tasks"]["why@1"]["answer"] == "Two."
    assert "why@1 is answered in several files; s017/b.json counts." in row["remarks"]
    assert "s017/c.py is not read, as there is another file." in row["remarks"]


# --- versions


def test_old_versions_still_grade_and_an_id_counts_once(tmp_path):
    old = SET.replace("version = 1", "version = 1\nretired = true", 1)
    task = SET[SET.index("[[tasks]]") : SET.index("[[tasks]]", SET.index("[[tasks]]") + 1)]
    newer = task.replace("version = 1", "version = 2").replace("points = 10", "points = 8")
    course = a_course(tmp_path, set_text=old + newer)
    again = {"square@2": RIGHT["square@1"]}
    files = {"s017.json": RIGHT, "s018.json": again, "s019.json": WRONG | again, "s020.json": {}}
    students = graded(course, tmp_path / "files", files)["students"]
    found = {s: (row["score"], row["of"]) for s, row in students.items()}
    assert found == {"s017": (10, 30), "s018": (8, 28), "s019": (8, 28), "s020": (0, 28)} | {
        "s021": (0, 28)
    }
    assert "square@2" not in students["s017"]["tasks"]


# --- attempts, lateness, groups


@pytest.mark.parametrize(
    ("counts", "attempt", "score"), [("last", 3, 0), ("first", 1, 0), ("best", 2, 4)]
)
def test_the_policy_says_which_attempt_counts(tmp_path, counts, attempt, score):
    course = a_course(tmp_path, DUE.format(f"10% a day,{counts},no"))
    files = {"s017.json": WRONG, "s017-2.json": RIGHT, "s017-10.json": {}}
    files |= {"times.csv": f"student,submitted\ns017,{LATE}\n"}
    row = graded(course, tmp_path / "files", files)["students"]["s017"]
    assert (row["attempt"], row["attempts"]) == (attempt, 3)
    # Two days have begun: 20 % of 30 points, of which no more is taken than there is.
    assert row["score"] == pytest.approx(score)
    assert row["late_days"] == pytest.approx(1.834, abs=0.001)


def test_an_attempt_that_cannot_be_read_does_not_count(tmp_path):
    files = {"s017.json": RIGHT, "s017-2.json": "{"}
    row = graded(a_course(tmp_path), tmp_path / "files", files)["students"]["s017"]
    assert (row["attempt"], row["score"]) == (1, 10)
    assert row["remarks"][0].startswith("s017-2.json cannot be read")


def test_lateness_goes_by_the_platform_s_clock_alone(tmp_path):
    policy = DUE.format("10% a day up to 3,last,no") + "example,s018,+3 days,,,\n"
    files = times(s017=LATE, s018=LATE, s019=EARLY)
    files |= {f"{s}.json": (code(s), RIGHT) for s in ("s017", "s018", "s019", "s020")}
    files["liwei_LATE_77_1_x.json"] = (code("s021"), RIGHT)
    hand_in(tmp_path / "files", files)
    os.utime(tmp_path / "files/s020.json", (2**31, 2**31))  # this machine's clock says nothing
    record = graded(a_course(tmp_path, policy), tmp_path / "files")
    found = {s: (row["score"], row["penalty"]) for s, row in record["students"].items()}
    assert found == {"s017": (4, 6), "s018": (10, 0), "s019": (10, 0)} | dict.fromkeys(
        ("s020", "s021"), (10, 0)
    )
    assert record["students"]["s020"]["late_days"] is None
    assert "is not known; lateness costs nothing" in said(record, "s020")
    assert "late, but not by how much" in said(record, "s021")


def test_one_hands_in_for_the_group(tmp_path):
    course = a_course(tmp_path, DUE.format(",,yes"))
    files = {"s018.json": (code("s017"), RIGHT | number("s017")), **times(s018=EARLY)}
    students = graded(course, tmp_path / "files", files)["students"]
    assert [students[s]["score"] for s in ("s017", "s018", "s019")] == [14, 14, 0]
    assert "Handed in by Ömer Şahin (s018), of the same group." in students["s017"]["remarks"]
    assert "Made with the code of Jane Doe (s017), of the same group" in " ".join(
        students["s018"]["remarks"]
    )


def test_two_different_files_of_a_group_are_reported(tmp_path):
    course = a_course(tmp_path, DUE.format(",,yes"))
    files = {"s017.json": (code("s017"), RIGHT), "s018.json": (code("s018"), WRONG)}
    record = graded(course, tmp_path / "files", files)
    assert record["students"]["s017"]["score"] > record["students"]["s018"]["score"]
    for student in ("s017", "s018"):
        assert "of one group handed in different answers" in said(record, student)


def test_links_are_not_followed(tmp_path):
    course = a_course(tmp_path)
    folder = hand_in(tmp_path / "files", {"s017.json": RIGHT})
    try:
        (folder / "s018.json").symlink_to(folder / "s017.json")
    except OSError:
        pytest.skip("no links here")
    assert len(read_download(folder, course.roster).uploads) == 1
