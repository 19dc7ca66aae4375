"""Tables from anywhere are read, and what is wrong with one is said with its line."""

from datetime import timedelta

import pytest

from kl_utils.grading.policy import LateRule, read_late_rule, read_policy
from kl_utils.grading.roster import Unknown, read_roster
from kl_utils.grading.tables import read_table, write_table
from tests.grading.classes import ROSTER


def roster(folder, content):
    path = folder / "roster.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_roster(path)


@pytest.mark.parametrize(
    "content",
    [
        ROSTER,
        ROSTER.replace(",", ";").replace("\n", "\r\n").encode("utf-8-sig"),
        ROSTER.replace(",", "\t").encode("utf-16"),
        ("sep=;\r\n" + ROSTER.replace(",", ";")).replace("Ş", "S").encode("cp1252"),
        ROSTER.replace("Jane Doe", '"Jane Doe"').replace("student", "Student") + "\n,,,\n",
    ],
)
def test_a_roster_is_read_however_it_was_saved(tmp_path, content):
    found = roster(tmp_path, content).students
    assert list(found) == ["s017", "s018", "s019", "s020", "s021"]
    assert found["s017"].name == "Jane Doe" and found["s018"].name[:4] == "Ömer"
    assert found["s017"].canvas_id == "12345" and found["s019"].canvas_id == ""


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("student,email\n1,a@b.c\n", "no column 'name'"),
        ("student,name\ns1,A\ns2,B\nS1,C\n", "line 4: the id 'S1' stands in line 2 already"),
        ("student,name\ns1,A\n,B\n", "line 3: a student needs an id and a name"),
        ('student,name\ns1,"A\nB"\ns 2,C\n', "line 4: the id 's 2' has other signs"),
        ("student,name,canvas_id\ns1,A,7\ns2,B,7\n", "line 3: the canvas_id '7' stands in line 2"),
        ('student,name\ns1,"A\n', "line 2: a quotation mark is opened and never closed"),
        ("student,name\n", "there is no student in it"),
        (b"PK\x03\x04", "this is a workbook, not CSV"),
    ],
)
def test_what_is_wrong_with_a_roster_is_said_with_its_line(tmp_path, content, complaint):
    with pytest.raises(ValueError, match=r"roster\.csv") as error:
        roster(tmp_path, content)
    assert complaint in str(error.value)


@pytest.mark.parametrize(
    ("text", "student"),
    [
        ("S017", "s017"),
        ("Doe, Jane", "s017"),
        ("doe_jane", "s017"),
        ("jane.doe@example.edu", "s017"),
        ("O\N{COMBINING DIAERESIS}mer Şahin", "s018"),
        ("van der Berg, Jan", "s020"),
        (
            "Jnae Doe",
            "'Jnae Doe'. The nearest is Jane Doe (s017)",
        ),
        ("Omer", "The nearest is Ömer Şahin (s018)"),
        ("Doe", "The nearest is Jane Doe (s017)"),
        ("zzz", "No student of the roster is called 'zzz'."),
    ],
)
def test_a_name_means_one_student_or_nobody(tmp_path, text, student):
    found = roster(tmp_path, ROSTER)
    try:
        assert found.find(text) == student
    except Unknown as error:
        assert student in str(error)


def test_a_name_that_two_have_is_not_guessed(tmp_path):
    found = roster(tmp_path, "student,name\na1,Ann Lee\na2,Lee Ann\n")
    with pytest.raises(Unknown, match=r"may be Ann Lee \(a1\) and Lee Ann \(a2\)"):
        found.find("lee, ann")


def test_no_cell_becomes_a_formula_and_half_a_table_is_never_seen(tmp_path):
    rows = [{"name": "=cmd()", "note": "a\nb"}, {"name": "-1", "note": -1.5}]
    write_table(tmp_path / "t.csv", ("name", "note"), rows)
    assert [row for _, row in read_table(tmp_path / "t.csv", ("name", "note"))] == [
        {"name": "'=cmd()", "note": "a b"},
        {"name": "'-1", "note": "-1.5"},
    ]
    with pytest.raises(RuntimeError):
        write_table(tmp_path / "t.csv", ("name",), (_ for _ in [1]).throw(RuntimeError))
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


# --- the rules of a set


@pytest.mark.parametrize(
    ("rule", "days", "penalty"),
    [
        ("10% a day", 0, 0),
        ("10% a day", 0.01, 2),
        ("10% a day", 2.5, 6),
        ("10 % per day, up to 3 days", 9, 6),
        ("10% a day until 3", 3, 6),
        ("10% a day until 3", 3.01, 15),
        ("1% an hour", 1, 4.8),
        ("50% a day", 2, 15),  # never more than there is
    ],
)
def test_lateness_costs_a_share_for_each_day_begun(rule, days, penalty):
    found = read_late_rule(rule).penalty(timedelta(days=days), total=15, of=20)
    assert found == pytest.approx(penalty)


def test_rules_and_extensions_come_from_one_table(tmp_path):
    path = tmp_path / "policy.csv"
    path.write_text(
        "set,student,due,late_rule,counts,groups\n"
        "other,,2026-01-01,,,\n"
        "one,,2026-10-12T23:59+02:00,5% a day,best,yes\n"
        "one,Jane Doe,+2 days,,,\n"
        "one,s018,2026-10-20 12:00:00Z,,,\n"
    )
    policy = read_policy(path, "one", roster(tmp_path, ROSTER))
    assert policy.late_rule.share == 0.05 and policy.counts == "best" and policy.groups
    due = {s: policy.due_for(s).isoformat() for s in ("s017", "s018", "s019")}
    assert due == {
        "s017": "2026-10-14T23:59:59+02:00",
        "s018": "2026-10-20T12:00:00+00:00",
        "s019": "2026-10-12T23:59:59+02:00",
    }
    assert read_policy(tmp_path / "none.csv", "one", None).due is None
    assert isinstance(policy.late_rule, LateRule) and read_late_rule(" None ") is None


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("one,,12/10/2026,,,", "line 2: due: expected a time such as 2026-10-12T23:59+02:00"),
        ("one,,2026-10-12,ten a day,,", "line 2: late_rule: expected 'none', '10% a day'"),
        ("one,,,10% a day,,", "line 2: due: a late rule needs a due time"),
        ("one,,2026-10-12,,newest,", "line 2: counts: expected last, best or first"),
        ("one,,2026-10-12,,,maybe", "line 2: groups: expected yes or no"),
        ("one,s099,2026-10-12,,,", "line 2: student: No student of the roster is called 's099'"),
        ("one,s017,+2 days,,,", "the set has no due time"),
        ("one,,,,,\none,,,,,", "line 3: one has a rule already"),
    ],
)
def test_what_is_wrong_with_a_policy_is_said_with_its_line(tmp_path, row, complaint):
    path = tmp_path / "policy.csv"
    path.write_text(f"set,student,due,late_rule,counts,groups\n{row}\n")
    with pytest.raises(ValueError, match=r"policy\.csv") as error:
        read_policy(path, "one", roster(tmp_path, ROSTER))
    assert complaint in str(error.value)
