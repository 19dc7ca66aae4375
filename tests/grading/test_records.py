"""What a person decided survives a re-grade, and a re-grade says whose points change and why."""

import json
import os

import pytest

from kl_utils.grading import command_line, results
from kl_utils.grading.records import latest_run, read_record, settled
from tests.grading.classes import DUE, RIGHT, WRONG, a_course, graded, hand_in
from tests.grading.example_class import SET

OVERRIDES = "set,task,student,points,reason,by,at\n"
SEVEN = OVERRIDES + "example,square@1,s017,7,Read again.,ab,2026-10-14\n"
OTHER = {"square@1": {"lines": [{"text": "= 1", "reason": ""}]}}


def changes(record):
    return [(c["student"], c["task"], c["before"], c["after"]) for c in record["changes"]]


def test_an_override_survives_a_re_grade(tmp_path):
    files = tmp_path / "files"
    first = graded(a_course(tmp_path), files, {"s017.json": WRONG | {"why@1": "So."}})
    before = first["students"]["s017"]["score"]
    second = graded(a_course(tmp_path, overrides=SEVEN), files, before=first)
    third = graded(a_course(tmp_path, overrides=SEVEN), files, before=second)
    for record in (second, third):
        task = record["students"]["s017"]["tasks"]["square@1"]
        assert (task["final"], task["override"]["reason"]) == (7, "Read again.")
        assert record["students"]["s017"]["score"] == 7
    assert changes(second) == [("s017", "square@1", before, 7)] and not third["changes"]
    assert second["changes"][0]["why"] == "An override: Read again."


def test_an_override_of_an_answer_that_has_changed_is_reported_and_not_applied(tmp_path):
    files = tmp_path / "files"
    first = graded(a_course(tmp_path), files, {"s017.json": WRONG})
    course = a_course(tmp_path, overrides=SEVEN)
    second = graded(course, files, {"s017-2.json": OTHER}, before=first)
    third = graded(course, files, before=second)
    for record in (second, third):
        task = record["students"]["s017"]["tasks"]["square@1"]
        assert task["override"] is None and task["stale"]["points"] == 7
        assert task["final"] == task["points"]
    (files / "s017-2.json").unlink()
    again = graded(course, files, before=third)["students"]["s017"]["tasks"]["square@1"]
    assert again["final"] == 7 and again["stale"] is None


def test_a_person_s_decision_ends_the_waiting(tmp_path):
    course = a_course(tmp_path, overrides=OVERRIDES + "example,why@1,s017,4,Good.,ab,\n")
    row = graded(course, tmp_path / "files", {"s017.json": {"why@1": "So."}})["students"]["s017"]
    assert (row["held"], row["score"]) == (0, 4)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("example,square@1,s017,11,x,,", "line 2: points: expected a number from 0 to 10"),
        ("example,square@1,s017,,x,,", "line 2: points: expected a number from 0 to 10, got ''"),
        ("example,square@1,s017,nan,x,,", "line 2: points: expected a number"),
        ("example,square,s017,1,x,,", "line 2: task: the set has no 'square', but square@1"),
        ("example,square@1,s999,1,x,,", "line 2: student: No student"),
        ("example,square@1,s017,1,,,", "line 2: reason: an override needs one"),
    ],
)
def test_what_is_wrong_with_an_override_is_said_before_the_work(tmp_path, row, complaint):
    course = a_course(tmp_path, overrides=f"{OVERRIDES}{row}\n")
    with pytest.raises(ValueError, match=r"overrides\.csv") as error:
        graded(course, tmp_path / "nowhere")
    assert complaint in str(error.value)


def test_a_re_grade_says_whose_points_change_and_why(tmp_path):
    files = tmp_path / "files"
    hand_in(files, {"s017.json": RIGHT, "s018.json": WRONG, "s019.json": RIGHT})
    first = graded(a_course(tmp_path), files)
    hand_in(files, {"s018.json": RIGHT})
    second = graded(a_course(tmp_path), files, before=first)
    assert [c["why"] for c in second["changes"]] == ["Another answer counts."]
    harder = SET.replace("points = 10", "points = 5", 1)
    third = graded(a_course(tmp_path, set_text=harder), files, before=second)
    assert {(c["student"], c["before"], c["after"], c["why"]) for c in third["changes"]} == {
        (student, 10, 5, "The task was changed.") for student in ("s017", "s018", "s019")
    }
    assert third["tasks"]["square@1"]["sha256"] != second["tasks"]["square@1"]["sha256"]
    assert third["tasks"]["why@1"] == second["tasks"]["why@1"]
    other = json.loads(json.dumps(third))
    other["students"]["s017"]["tasks"]["square@1"] |= {"points": 3}
    other["course_version"] = "of tomorrow"
    course = a_course(tmp_path, set_text=harder)
    fourth = settled(other, {}, course.policy, third)
    assert [c["why"] for c in fourth["changes"]] == ["The course's code was changed."]


def test_a_late_rule_that_comes_later_is_a_change(tmp_path):
    files = tmp_path / "files"
    times = "student,submitted\ns017,2026-10-13T20:00+02:00\n"
    first = graded(a_course(tmp_path), files, {"s017.json": RIGHT, "times.csv": times})
    course = a_course(tmp_path, DUE.format("10% a day,last,no"))
    second = graded(course, files, before=first)
    assert changes(second) == [("s017", None, 0, -3)]


# --- from the command line to the release


def run(*arguments):
    return command_line.main(list(map(str, arguments)))


@pytest.fixture
def class_(tmp_path):
    a_course(tmp_path / "course")
    hand_in(tmp_path / "files", {"s017.json": RIGHT | {"why@1": "So."}, "jnae doe.json": RIGHT})
    return tmp_path / "course" / "set.toml", tmp_path / "files", tmp_path / "course"


def test_from_start_to_release(class_, tmp_path, capsys):
    set_, files, course = class_
    assert run("start", tmp_path / "new") == 0
    assert len((tmp_path / "new/secret.txt").read_text().strip()) >= 32
    assert run("codes", set_, course) == 0 and (course / "codes-example.csv").exists()
    assert run("grade", set_, files, course, "--workers", 0) == 0
    shown = capsys.readouterr().out
    assert "1 of 5 students handed in" in shown and "points wait for a person: 1" in shown
    assert "jnae doe.json: No student" in shown
    folder = latest_run(course, "example")
    assert {path.name for path in folder.iterdir()} == {
        *("run.json", "grades.csv", "feedback", "pseudonyms.csv", "class_report.html"),
        *("similarity.html", "reading"),
    }
    assert run("release", set_, course) == 1
    assert "Points of 1 student wait" in capsys.readouterr().err
    table = folder / "reading/why@1.csv"
    text = table.read_text("utf-8-sig").replace("0 to 6,,", "0 to 6,5,Good.")
    table.write_text(text, "utf-8")
    tables = sorted(map(str, (folder / "reading").glob("*.csv")))
    assert run("read", set_, course, "--take", *tables) == 1
    assert "say who has read" in capsys.readouterr().err
    assert run("read", set_, course, "--take", *tables, "--by", "ab") == 0
    shown = capsys.readouterr().out
    assert "2 items taken. 0 items of the set still wait." in shown
    assert "changes since the last run: 1" in shown
    assert "Jane" not in shown and "s017" not in shown
    last = latest_run(course, "example")
    assert run("read", set_, course, "--take", *tables, "--by", "ab") == 0
    assert "no new run" in capsys.readouterr().out and latest_run(course, "example") == last
    table.write_text(text.replace("0 to 6,5", "0 to 6,4"), "utf-8")
    assert run("read", set_, course, "--take", *tables, "--by", "ab") == 1
    assert "--again" in capsys.readouterr().out.splitlines()[-1]
    assert run("release", set_, course) == 0
    assert "1 file without a student" in capsys.readouterr().out
    released = course / "released/example"
    assert "15" in (released / "grades.csv").read_text("utf-8-sig")
    page = next(
        p for p in (released / "feedback").glob("*.html") if "15 of" in p.read_text("utf-8")
    )
    assert "proposal" not in page.read_text("utf-8")
    assert run("release", set_, course) == 0  # again, in place of the first


def test_overrides_by_hand_wait_for_a_run_and_those_within_a_group_are_told(class_, capsys):
    set_, files, course = class_
    (course / "policy.csv").write_text(DUE.format(",,yes"), "utf-8")
    assert run("grade", set_, files, course, "--workers", 0) == 0
    rows = f"{OVERRIDES}example,square@1,s017,7,Oral check.,ab,\n"
    (course / "overrides.csv").write_text(rows, "utf-8")
    os.utime(course / "overrides.csv", (2**31, 2**31))
    assert run("read", set_, course) == 0
    assert "overrides.csv was changed after the last run" in capsys.readouterr().out
    assert run("read", set_, course, "--take") == 0
    capsys.readouterr()
    assert run("read", set_, course) == 0
    shown = capsys.readouterr().out
    assert "square@1: Jane Doe, Ömer Şahin have 7, –" in shown


def test_what_is_interrupted_leaves_nothing_broken(class_, monkeypatch, capsys):
    set_, files, course = class_
    assert run("grade", set_, files, course, "--workers", 0) == 0
    last = latest_run(course, "example")

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(results, "write_similarity", interrupt)
    assert run("grade", set_, files, course, "--workers", 0) == 130
    assert "interrupted; nothing was written" in capsys.readouterr().err
    assert latest_run(course, "example") == last and read_record(last)
    assert {path.name for path in last.parent.iterdir()} == {last.name, "latest"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("grade", "no-such-set", "files", "course"), "there is no problem set 'no-such-set'. The"),
        (("grade", "SET", "nowhere", "COURSE"), "there is no such folder or zip file"),
        (("grade", "SET", "FILES", "nowhere"), "secret.txt: this file cannot be opened"),
        (("release", "SET", "COURSE"), "example was not graded yet"),
    ],
)
def test_a_wrong_command_gets_a_sentence(class_, arguments, complaint, capsys):
    places = dict(zip(("SET", "FILES", "COURSE"), class_, strict=True))
    assert run(*(places.get(argument, argument) for argument in arguments)) == 1
    assert complaint in capsys.readouterr().err
