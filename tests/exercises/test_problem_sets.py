"""Problem sets from text, personal codes, and tasks that are judged without a key."""

import json
import xml.etree.ElementTree as ET
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kl_utils.derivation import Given, gaussian, positive, real
from kl_utils.exercises import Condition, Frame, Repair, grade, grade_submission
from kl_utils.exercises.codes import code_of, read_code
from kl_utils.exercises.problem_set_files import read_problem_set

SECRET = "not the secret of any course"
SET = r"""
name = "example"
title = "An example"
chapters = [1]

[frames.prior]
given = { mu = "real()", sigma = "positive()" }
meanings = { q = 'gaussian("mu", "sigma**2")', p = 'gaussian("0", "{s}**2")' }

[[tasks]]
id = "prove"
version = 2
kind = "prove"
title = "To a wide prior"
points = 10
minutes = 10
statement = "Derive the divergence from a prior of standard deviation ${s}$."
frame = "prior"
choices = { s = [2, 3, 5] }
first = "KL(q, p)"
goal = "log({s}/sigma) - 1/2 + (sigma**2 + mu**2)/(2*{s}**2)"

[[tasks]]
id = "prove"
version = 1
retired = true
kind = "prove"
title = "To a wide prior"
points = 10
minutes = 10
statement = "Derive the divergence."
frame = { given = { mu = "real()" }, meanings = { q = 'gaussian("mu", "1")' } }
first = "E(z**2)"
goal = "1 + mu**2"

[[tasks]]
id = "read"
version = 1
kind = "compute"
title = "Read it off"
points = 5
minutes = 5
statement = "Compute $\\log q(0)$ for mu = {mu} and sigma = {sigma}."
frame = "prior"
key = "-log(2*pi*sigma**2)/2 - mu**2/(2*sigma**2)"
choices = { s = [1], mu = [1, 2, 3], sigma = [1, 2] }

[tasks.figure]
curves = { "log q(x)" = "-(x-mu)**2/(2*sigma**2) - log(2*pi*sigma**2)/2" }
x = [-4, 4]
y = [-6, 0]
"""
CODES = [code_of(SECRET, "example", f"s{number:03}") for number in range(60)]


@pytest.fixture(scope="module")
def example():
    return read_problem_set(SET)


def test_a_set_is_read_and_right(example):
    example.check()
    assert [question.name for question in example.current] == ["prove@2", "read@1"]


def test_a_code_decides_the_numbers(example):
    proofs, numbers = (
        Counter(json.dumps(example.question(name).numbers(code)) for code in CODES)
        for name in ("prove@2", "read@1")
    )
    assert len(proofs) == 3 and len(numbers) == 6
    task = example.question("prove@2").task(CODES[0])
    number = example.question("prove@2").numbers(CODES[0])["s"]
    assert f"${number}$" in task.statement
    assert task.goal.startswith(f"log({number}/sigma)")
    assert grade(task, [f"= {task.goal}"]).points == 2


def test_old_versions_are_still_graded(example):
    answers = {"prove@1": ["= Var(z) + E(z)**2", "= 1 + mu**2"]}
    submission = {"version": 1, "set": "example", "student": CODES[0], "answers": answers}
    rows = grade_submission(example, json.dumps(submission))
    assert {row["task"]: row["points"] for row in rows} == {
        "prove@2": 0,
        "prove@1": 10,
        "read@1": 0,
    }


def test_a_figure_shows_the_student_s_own_numbers(example):
    figures = {example.question("read@1").figure(code) for code in CODES}
    assert len(figures) == 6
    for figure in figures:
        ET.fromstring(figure)


@pytest.mark.parametrize(
    ("old", "new", "about"),
    [
        ('kind = "compute"', 'kind = "guess"', "read: kind: expected one of"),
        ("minutes = 5", "minuets = 5", "read: `minutes` is missing"),
        ('key = "-log', 'goal = "-log', "read: compute has no `goal`"),
        ('frame = "prior"\nkey', 'frame = "p"\nkey', "read: there is no frame 'p'"),
        ("retired = true\n", "", "prove: two versions are asked"),
        ("version = 2", "version = 1", "prove@1: this task stands here twice"),
    ],
)
def test_what_is_wrong_with_a_set_is_said(old, new, about):
    assert old in SET
    with pytest.raises(ValueError, match=about):
        read_problem_set(SET.replace(old, new))


# Codes


def test_codes_differ_by_student_set_and_secret():
    assert len(set(CODES)) == len(CODES)
    assert code_of(SECRET, "other", "s000") != CODES[0]
    assert code_of(SECRET + ".", "example", "s000") != CODES[0]
    with pytest.raises(ValueError, match="at least 16 characters"):
        code_of("short", "example", "s000")


@given(st.sampled_from(CODES), st.integers(0, 7), st.sampled_from("23456789ABCDEFGHJK"))
def test_a_typing_mistake_in_a_code_is_noticed(code, place, sign):
    assert read_code(code.lower().replace("-", " ")) == code
    signs = code.replace("-", "")
    one_wrong = signs[:place] + sign + signs[place + 1 :]
    swapped = signs[:place] + signs[place : place + 2][::-1] + signs[place + 2 :]
    for slip in {one_wrong, swapped} - {signs}:
        with pytest.raises(ValueError, match="typing mistake"):
            read_code(slip)


# Without a key

FRAME = Frame(
    Given(mu=real(), sigma=positive()),
    "KL(q, p)",
    {"q": gaussian("mu", "sigma**2"), "p": gaussian("mu", "1")},
)


@pytest.mark.parametrize(
    ("answer", "points"),
    [
        (["sigma <= 1"], 10),
        (["sigma**2 <= 1"], 10),
        (["sigma < 1"], 9),
        (["sigma <= 1", "mu > 0"], 2.5),
        (["sigma >= 1"], 0),
        (["sigma <= 2"], 0),
        (["KL(q, p) <= 1"], 0),
    ],
)
def test_a_condition_without_a_key(answer, points):
    task = Condition("when", "When?", frame=FRAME, claim="<= KL(p, q)")
    task.check()
    assert grade(task, answer).points == pytest.approx(points, abs=0.5)


@pytest.mark.parametrize("claim", [">= 0", "<= 0 - 1"])
def test_a_condition_that_is_never_or_always_fulfilled_is_refused(claim):
    with pytest.raises(ValueError, match="case fulfils"):
        Condition("when", "When?", frame=FRAME, claim=claim).check()


def test_a_long_condition_is_read_by_a_person():
    task = Condition("when", "When?", frame=FRAME, claim="<= KL(p, q)")
    assert grade(task, ["sigma - 1 + 2 + mu - mu + 3 - 3 + mu*mu - mu*mu <= 2"]).held >= 9


REPAIR = Repair(
    "mend",
    "Mend it.",
    frame=FRAME,
    at=2,
    lines=(
        "= E(log_q(z)) - E(log_p(z))",
        "= E((z - mu)**2)/2 - E((z - mu)**2)/(2*sigma) - log(sigma)",
        "= sigma**2/2 - 1/2 - log(sigma)",
    ),
)


@pytest.mark.parametrize(
    ("answer", "points"),
    [
        ("= E((z - mu)**2)/2 - E((z - mu)**2)/(2*sigma**2) - log(sigma)", 10),
        ("= E(log_q(z) - log_p(z))", 0),
        ("= sigma**2/2 - log(sigma) - 1/2", 0),
        (REPAIR.lines[1], 0),
    ],
)
def test_a_repair_without_a_solution(answer, points):
    assert grade(REPAIR, answer).points == points


def test_what_cannot_be_repaired_is_refused():
    with pytest.raises(ValueError, match="last line is wrong"):
        Repair("mend", "", frame=FRAME, at=1, lines=REPAIR.lines[:2])


NEAR = Frame(
    Given(mu=real(), sigma=positive()),
    "KL(v, p) - KL(q, p)",
    {
        "q": gaussian("mu", "sigma**2"),
        "v": gaussian("mu", "25*sigma**2"),
        "p": gaussian("0", "1"),
    },
)


@pytest.mark.parametrize(
    ("answer", "points"),
    [
        ("sigma <= sqrt(log(5)/12)", 10),
        ("sigma <= 0.366", 10),  # of 0.36620…
        ("sigma <= 4/11", 9),  # 0.3636…: no case that is tried at first lies between
        ("sigma <= 0.37", 0),
        ("sigma + mu**2/10**9 <= 0.37", 0),
    ],
)
def test_a_condition_that_is_slightly_off_is_found(answer, points):
    task = Condition("when", "When?", frame=NEAR, claim="<= 0")
    assert grade(task, [answer]).points == points
