"""One column of the instructor's gradebook changes, and no other byte."""

import pytest

from kl_utils.grading.gradebook import filled, read_gradebook
from kl_utils.grading.roster import read_roster
from tests.grading.classes import ROSTER

# The columns as Canvas's exporter writes them, with a row about posting and the test student.
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Divergence (4711),Essay (4712),Current Score\r\n"
    ",,,,,Manual Posting,,\r\n"
    "    Points Possible,,,,,20.00,10.00,(read only)\r\n"
    '"Doe, Jane",12345,,jane.doe@example.edu,Sec 1,,7.00,70.0\r\n'
    '"Şahin, Ömer",12346,s018,omer,"Sec ""1""","3,00",8.00,80.0\r\n'
    '"Li, Na",555,s019,li@example.edu,Sec 1,EX,,\r\n'
    '"Wei, Li",556,,wei@example.edu,Sec 1,1,,\r\n'
    '"Nobody, Ann",777,,ann@example.edu,Sec 1,,,\r\n'
    '"Student, Test",778,,abc,Sec 1,,,\r\n'
)
# The columns of Moodle's worksheet for grading offline.
MOODLE = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum grade,"
    "Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments\r\n"
    'Participant 901,Jane Doe,,jane.doe@example.edu,Submitted for grading,,50.00,Yes,"Monday, '
    '12 October 2026, 8:00 PM",-,"Hi, Jane\n""well done"""\r\n'
    "Participant 44,Ömer Şahin,s018,,Submitted for grading - 2 days late,5.00,50.00,Yes,-,-,\r\n"
    "Participant 45,Li Na,,li@example.edu,Submitted for grading,,50.00,No,-,-,\r\n"
)
PLAIN = "student;section;score\ns017;a;\ns018;b;1,5\n"


@pytest.fixture
def roster(tmp_path):
    (tmp_path / "roster.csv").write_text(ROSTER, "utf-8")
    return read_roster(tmp_path / "roster.csv")


def a_record(**scores):
    names = {
        "s017": "Jane Doe",
        "s018": "Ömer Şahin",
        "s019": "Li Na",
        "s020": "Jan",
        "s021": "Wei",
    }
    students = {
        student: {
            "name": name,
            "file": f"{student}.json" if student in scores else None,
            "score": scores.get(student, 0),
            "of": 20,
        }
        for student, name in names.items()
    }
    return {"set": "divergence", "title": "Divergence", "students": students}


SCORES = {"s017": 12.5, "s018": 20, "s019": 3, "s020": 4}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_canvas_gets_its_column_and_keeps_every_other_byte(roster, encoding):
    book = read_gradebook(CANVAS.encode(encoding), "grades.csv", roster)
    content, said = filled(book, a_record(**SCORES))
    wanted = CANVAS.replace("Sec 1,,7.00", "Sec 1,12.5,7.00").replace('"3,00"', '"20"')
    assert content == wanted.encode(encoding)
    assert book.kind == "Canvas" and book.ids[1]["s021"] == "556"
    assert "grades.csv, line 8: No student of the roster is called 'Nobody, Ann'" in said[0]
    assert said[1:] == [
        "Li Na (s019): the gradebook allows no grade; left as it is.",
        "Jan (s020) has a grade, but no row in the gradebook.",
    ]


def test_moodle_gets_grades_on_its_own_scale(roster):
    book = read_gradebook(MOODLE.encode("utf-8-sig"), "grades.csv", roster)
    content, said = filled(book, a_record(s017=12.5, s018=20, s019=3))
    wanted = MOODLE.replace("grading,,50.00,Yes", "grading,31.25,50.00,Yes").replace(
        "5.00,50", "50,50"
    )
    assert content == wanted.encode("utf-8-sig")
    assert said[-1] == "The grades are scaled from 20 to 50 points."
    assert any("Li Na (s019): the gradebook allows no grade" in sentence for sentence in said)
    assert book.ids == ("moodle_id", {"s017": "901", "s018": "44", "s019": "45"})
    assert {s: t.isoformat() for s, t in book.times(None).items()} == {
        "s017": "2026-10-12T20:00:00"
    }


def test_any_table_with_students_and_scores_is_filled(roster):
    book = read_gradebook(PLAIN.encode("cp1252"), "grades.csv", roster)
    content, said = filled(book, a_record(s017=12.5, s018=20))
    assert content.decode() == "student;section;score\ns017;a;12,5\ns018;b;20\n" and not said


def test_a_column_that_is_not_plain_has_to_be_named(roster):
    text = CANVAS.replace("Divergence", "Week 2")
    book = read_gradebook(text.encode(), "grades.csv", roster)
    with pytest.raises(ValueError, match=r"There are: Week 2 \(4711\); Essay \(4712\)"):
        filled(book, a_record(**SCORES))
    assert (
        filled(book, a_record(s017=1), "week 2")[0] == text.replace("1,,7.00", "1,1,7.00").encode()
    )


def test_another_table_is_refused(roster):
    with pytest.raises(ValueError, match="neither Canvas's gradebook nor Moodle's worksheet"):
        read_gradebook(b"Name,Note\na,b\n", "grades.csv", roster)
