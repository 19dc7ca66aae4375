"""The kinds of task beside proofs: what an answer earns, and what a grade never says."""

import re
from dataclasses import replace

import numpy as np
import pytest

from kl_utils import derivation
from kl_utils.derivation import Given, between, index, joint, matrix, positive, real, simplex
from kl_utils.derivation.kinds import Kind
from kl_utils.exercises import BadAnswer, Frame, grade
from kl_utils.exercises.cases import case_at, read_case
from kl_utils.exercises.numbers import read_number
from kl_utils.exercises.ordering import Order
from tests.exercises import example_tasks as examples
from tests.exercises.example_tasks import (
    CHOOSE,
    COMPUTE,
    CONDITION,
    EXPLAIN,
    LOCATE,
    MATCH,
    ORDER,
    PREDICT,
    REASON,
    REFUTE,
    SECRETS,
    TASKS,
)

RIGHT = examples.labels(ORDER, *ORDER.lines)
WRONG = examples.labels(ORDER, *ORDER.distractors)
NAN, INF = float("nan"), float("inf")


def numbers(**values):
    return {"numbers": values, "reason": "There are two of them."}


# Each answer with its points, the points that are held, and words of a sentence.
ANSWERS = [
    (ORDER, RIGHT, 10, 0, ""),
    (ORDER, [RIGHT[1], RIGHT[0], *RIGHT[2:]], 10, 0, ""),
    (ORDER, RIGHT[:3], 20 / 3, 0, "not what was to be shown"),
    (ORDER, RIGHT[3:], 0, 0, "Steps are missing"),
    (ORDER, [*RIGHT[:2], RIGHT[3]], 10 / 3, 10 / 3, "Steps are missing"),
    (ORDER, [*RIGHT[:2], WRONG[0], *RIGHT[2:]], 5, 0, "does not follow from what stands above"),
    (ORDER, [*RIGHT, *WRONG], 0, 0, "does not follow"),
    (ORDER, list(ORDER.shuffled), 0, 0, "does not follow"),
    (ORDER, [], 0, 0, "Steps are missing"),
    (ORDER, [*RIGHT, RIGHT[0]], 0, 0, "once"),
    (ORDER, ["z"], 0, 0, "no line has"),
    (ORDER, [[1], {}], 0, 0, "no line has"),
    (LOCATE, {"line": "c", "reason": "ii"}, 10, 0, ""),
    (LOCATE, {"line": "c", "reason": "i"}, 0, 0, "not the reason"),
    (LOCATE, {"line": "d", "reason": "ii"}, 0, 0, "not the first line that breaks"),
    (LOCATE, {"line": "q", "reason": "ii"}, 0, 0, "no choice"),
    (LOCATE, {"line": 3, "reason": "ii"}, 0, 0, "as text"),
    (LOCATE, {"line": "c"}, 0, 0, "Expected"),
    (REFUTE, numbers(n=2, Sigma=[[1, 0], [0, 1]]), 0, 10, ""),
    (REFUTE, numbers(n=2, Sigma=[["1/2", 0], [0, 0.5]]), 0, 10, ""),
    (REFUTE, numbers(n=1, Sigma=2), 0, 0, "the claim holds"),
    (REFUTE, numbers(n=2, Sigma=[[1, 2], [2, 1]]), 0, 0, "a covariance, which this value is not"),
    (REFUTE, numbers(n=2, Sigma=[[1, 0.5], [0, 1]]), 0, 0, "a covariance, which this value is not"),
    (REFUTE, numbers(n=2, Sigma=[[1e200, 0], [0, 1]]), 0, 0, "moderate size"),
    (REFUTE, numbers(n=2, Sigma=[[NAN, 0], [0, 1]]), 0, 0, "not a number"),
    (REFUTE, numbers(n=2, Sigma=[1, 2]), 0, 0, "2 × 2"),
    (REFUTE, numbers(n=10**9, Sigma=1), 0, 0, "1 to 3"),
    (REFUTE, numbers(n=2), 0, 0, "no value yet"),
    (REFUTE, numbers(n=2, Sigma=1, mu=3), 0, 0, "other than"),
    (REFUTE, numbers(n=1, Sigma="__import__('os')"), 0, 0, "Python"),
    (CONDITION, ["sigma**2 >= 1/2"], 10, 0, ""),
    (CONDITION, "sigma > sqrt(1/2)", 10, 0, ""),
    (CONDITION, ["2*sigma**2 ≥ 1"], 10, 0, ""),
    (CONDITION, ["sigma > exp(-log(2)/2)"], 10, 0, ""),
    (CONDITION, ["sigma > 0"], 0, 0, "can fail: at σ = 1/2"),
    (CONDITION, ["sigma > 0.6"], 0, 0, "can fail"),
    (CONDITION, ["sigma > 100"], 0, 0, "None of the cases"),
    (CONDITION, ["log(2*sigma**2) >= 0"], 0, 0, "without `log`"),
    (CONDITION, ["E(z) > 0"], 0, 0, "closed"),
    (CONDITION, ["sigma"], 0, 0, "compares two"),
    (CONDITION, ["sigma > "], 0, 0, "nothing"),
    (CONDITION, ["9" * 900 + " > 1"], 0, 0, "too large"),
    (CONDITION, ["sigma > 1"] * 11, 0, 0, "1 to 10"),
    (CONDITION, [3], 0, 0, "texts"),
    (CONDITION, ["mu*mu - mu*mu + 2*sigma**2 + mu - mu >= 1"], 0, 10, ""),
    (MATCH, {"1": "a", "2": "b", "3": "c"}, 10, 0, ""),
    (MATCH, {"1": "a", "2": "b", "3": "d"}, 5, 0, "(3): this is not its partner"),
    (MATCH, {"1": "a", "2": "b"}, 5, 0, "(3) has no partner"),
    (MATCH, {"1": "a", "2": "a", "3": "a"}, 0, 0, "partner"),
    (MATCH, {"1": ["a"], "2": None, "3": 4}, 0, 0, "no partner"),
    (MATCH, [["1", "a"]], 0, 0, "each item"),
    (REASON, {"b": "i", "c": "ii", "d": "i"}, 10, 0, ""),
    (REASON, {"b": "i", "c": "i", "d": "i"}, 0, 0, "(c)"),
    (COMPUTE, "(sigma**2 + mu**2 - 1)/2 - log(sigma)", 10, 0, ""),
    (COMPUTE, "(mu**2 + 1)/(2*sigma**2) - 1/2 + log(sigma)", 0, 0, "Which of the two"),
    (COMPUTE, "KL(q, p)", 0, 0, "closed"),
    (COMPUTE, "KL", 0, 0, "a function"),
    (COMPUTE, "0,5", 0, 0, "point"),
    (COMPUTE, "ln(sigma)", 0, 0, "`ln` has another name here: write `log(x)`."),
    (COMPUTE, "log10(sigma)", 0, 0, "write `log(x)/log(10)`."),
    (COMPUTE, "E(log p(x|z))", 0, 0, "`log` needs brackets"),
    (COMPUTE, "-5.77 = log p(x)", 0, 0, "Give the value alone"),
    (COMPUTE, "~ 0.5", 0, 0, "Give the value alone"),
    (CONDITION, ["sigma**2 => 1/2"], 0, 0, "`=>` compares nothing here. Write `>=`."),
    (CONDITION, ["1/2 =< sigma**2"], 0, 0, "Write `<=`."),
    (CONDITION, ["sigma <<= 1"], 0, 0, "The signs are"),
    (CONDITION, "sigma**2 ≥ 1/2 or mu > 1", 0, 0, "One inequality often covers both cases."),
    (CONDITION, "sigma > 1/2 and mu > 1", 0, 0, "one by one"),
    (CONDITION, "not sigma > 1/2", 0, 0, "Turn the comparison round"),
    (CONDITION, ["ln(sigma) > 1"], 0, 0, "`ln` has another name"),
    (COMPUTE, NAN, 0, 0, "not a number"),
    (COMPUTE, INF, 0, 0, "infinite"),
    (COMPUTE, "1e999", 0, 0, "too large"),
    (COMPUTE, "9**9**9", 0, 0, "too large"),
    (COMPUTE, 10**400, 0, 0, "too large"),
    (COMPUTE, "2 bits", 0, 0, "nats"),
    (COMPUTE, "nan", 0, 0, "not given"),
    (COMPUTE, "log(0 - 1)", 0, 0, "not a number"),
    (COMPUTE, True, 0, 0, "A number belongs"),
    (COMPUTE, [1], 0, 0, "A number belongs"),
    (COMPUTE, "", 0, 0, "nothing"),
    (CHOOSE, "a", 10, 0, ""),
    (CHOOSE, " a ", 10, 0, ""),
    (CHOOSE, "b", 0, 0, "although q vanishes"),
    (CHOOSE, "c", 0, 0, "logarithm once more"),
    (CHOOSE, ["a", "b"], 0, 0, "as text"),
    (CHOOSE, "where p is near 0", 0, 0, "no choice"),
    (PREDICT, {"prediction": "+", "confidence": 0.8}, 0, 0, ""),
    (PREDICT, {"prediction": "up", "confidence": 0.8}, 0, 0, "one of"),
    (PREDICT, {"prediction": "+", "confidence": 80}, 0, 0, "from 0 to 1"),
    (EXPLAIN, "As log is concave.", 0, 10, ""),
    (EXPLAIN, "   ", 0, 0, "no explanation"),
    (EXPLAIN, "x" * 6_000, 0, 0, "5000"),
    *[(task, answer, 0, 0, "") for task in TASKS for answer in (None, 1.5, "?", [], {}, [{}])],
]


def checked(task, answer, points, held, words):
    grade_found = grade(task, answer)
    assert grade_found.points == pytest.approx(points)
    assert grade_found.of == task.points
    said = " ".join(grade_found.lost)
    if task is not EXPLAIN or words:
        assert grade_found.held == pytest.approx(held)
        assert words in said
    assert bool(said) == (points + grade_found.held < task.points or bool(words))
    assert bool(grade_found.to_read) == bool(grade_found.held)
    return said


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_an_answer_earns_its_points_and_no_grade_gives_the_answer_away(task):
    task.check()
    rows = [row for row in ANSWERS if row[0] is task]
    assert len(rows) > 6
    for row in rows:
        said = checked(*row) if task is not PREDICT else " ".join(grade(task, row[1]).lost)
        for secret in SECRETS[task.name]:
            assert "".join(secret.split()) not in "".join(said.split()), (row[1], said)


def test_any_order_that_the_checker_accepts_is_right():
    lines = ("<= T(mu)@mu + n", "= T(mu)@mu + 2*n - n", "<= 2*T(mu)@mu + n")
    task = Order(
        "bounds",
        "",
        frame=Frame(Given(n=range(1, 4), mu=derivation.vector("n")), "T(mu)@mu"),
        lines=(*lines, "<= 2*T(mu)@mu + 2*n"),
        distractors=("<= n", "<= T(mu)@mu - 1"),
        enough=3,
    )
    task.check()
    shown = [list(replace(task, seed=seed).shuffled.values())[-1] for seed in range(20)]
    assert len(set(shown)) > 2 and (task.lines[-1], "") not in shown
    right, half = ("0123", "023", "013"), ("230", "103", "03")
    for order in right + half:
        chosen = examples.labels(task, *(task.lines[int(place)] for place in order))
        assert grade(task, chosen).points == (10 if order in right else 5), order


def test_a_narrower_condition_gets_half_of_the_share_that_it_admits():
    wide, narrow, point = (
        grade(CONDITION, a).points for a in (["sigma>0.8"], ["sigma>1"], ["sigma=1"])
    )
    assert 5 > wide > narrow > 3 and 0 < point < 0.2
    edge = replace(CONDITION, frame=Frame(examples.GIVEN, "log(sigma)"), key=("sigma >= 1",))
    assert grade(edge, "sigma > 1").points == 9


def test_numbers_in_an_answer_may_have_units_and_fractions():
    task = replace(COMPUTE, choices={"mu": (1,), "sigma": (1,)})
    assert [grade(task, a).points for a in (0.5, "1/2", "0.5 nats", "log(exp(1/2))")] == [10] * 4
    assert [read_number(text) for text in ("14,400", " 1,234.5 nats", "-2,000")] == [
        14_400,
        1234.5,
        -2000,
    ]
    for text in ("0,600", "14,40", "1,23,456", "1,2"):
        with pytest.raises(BadAnswer):
            read_number(text)


def test_where_letters_may_not_stand_no_message_names_one():
    task = replace(COMPUTE, may_have_letters=False)
    assert grade(task, "9*log(4)/9 - log(4) + 2*3").of == 10
    for text in ("mu", "sigma**2", "log(sigma) + mu", "foo", "e", "q"):
        with pytest.raises(BadAnswer, match="No letters stand in this answer") as found:
            task.read(text)
        assert not re.search(r"mu|sigma|foo", str(found.value))


def test_each_student_has_numbers_of_their_own_at_every_grading():
    students = [COMPUTE.for_student(f"s{i}", "salt") for i in range(40)]
    found = {tuple(task.numbers.values()) for task in students}
    assert len(found) == 6
    assert COMPUTE.for_student("s3", "salt").numbers == students[3].numbers
    # The same on every machine and in every version: what was handed in is graded years later.
    assert [task.numbers["mu"] for task in students[:8]] == [3, 2, 1, 2, 1, 2, 3, 1]
    assert any(
        task.numbers != COMPUTE.for_student(task.student, "pepper").numbers for task in students
    )
    assert "{mu}" not in students[0].question


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (real(), -2, True),
        (positive(), "1/2", 0),
        (between(-1, 1e-3), 0, 1e-3),
        (derivation.vector(2), [0, -1], [[0, -1]]),
        (derivation.vector(2, positive=True), [1, 2], [1, 0]),
        (derivation.diagonal(2), [[1, 0], [0, 2]], [[1, 0.1], [0.1, 2]]),
        (derivation.covariance(2), [[1, -0.9], [-0.9, 1]], [[1, -1], [-1, 1]]),
        (matrix(2, 1), [[1], [2]], [[0], [0]]),
        (simplex(3), ["1/3", "1/3", "1/3"], [0.3, 0.3, 0.3]),
        (simplex(2, zeros=False), [0.1, 0.9], [0, 1]),
        (joint(2, 2), [[0, 0.5], [0.5, 0]], [[0, 0], [0.5, 0.5]]),
        ([1, 1.5], 1.5, 2),
        (range(2, 4), 3, 2.5),
    ],
    ids=lambda value: getattr(value, "words", None),
)
def test_a_case_has_values_of_the_kinds_given(kind, good, bad):
    given = Given(x=kind)
    values = read_case({"x": good}, given)
    (group,) = case_at(given, values).groups()
    assert group.count == 1 and np.array_equal(group.case(0)["x"], values["x"])
    with pytest.raises(BadAnswer):
        read_case({"x": bad}, given)


def test_the_checkers_own_cases_fit_the_kinds_given():
    for given in (
        Given(n=range(1, 4), mu=derivation.vector("n"), Sigma=derivation.covariance("n")),
        Given(k=[2, 3], q=simplex("k"), W=joint("k", 2, of=("u", "v")), i=index("k")),
        Given(A=matrix(2, 2), V=derivation.diagonal(2), s=positive(), r=between(0, 1)),
    ):
        for group in given.groups():
            for place in range(group.count):
                case = {n: np.asarray(v).tolist() for n, v in group.case(place).items()}
                for name, value in read_case(case, given).items():
                    assert np.array_equal(value, group.case(place)[name])


def test_a_kind_that_nobody_has_described_is_the_authors_business():
    given = Given(x=Kind("a prime", lambda: [2], lambda rng: 3))
    with pytest.raises(ValueError, match="a prime"):
        read_case({"x": 2}, given)


@pytest.mark.parametrize(
    ("task", "changes", "words"),
    [
        (CHOOSE, {"points": 0}, "points"),
        (CHOOSE, {"name": ""}, "name"),
        (CHOOSE, {"right": "d"}, "not among the choices"),
        (CHOOSE, {"misconceptions": {"b": "No."}}, "misconceptions"),
        (CHOOSE, {"misconceptions": {"b": "No.", "c": "It is where p is  near 0."}}, "away"),
        (MATCH, {"key": {"1": "a"}}, "key"),
        (MATCH, {"key": {"1": "a", "2": "b", "3": "z"}}, "not among the partners"),
        (MATCH, {"key": {"1": "a", "2": "a", "3": "a"}}, "nothing to match"),
        (ORDER, {"lines": (*ORDER.lines[:2], "= 1")}, "breaks"),
        (ORDER, {"distractors": ("= E(log_q(z) - log_p(z))",)}, "holds at place 1"),
        (ORDER, {"distractors": ()}, "earn points"),
        (ORDER, {"distractors": ORDER.lines[:1]}, "no two alike"),
        (ORDER, {"enough": 9}, "enough"),
        (LOCATE, {"lines": LOCATE.lines[:1]}, "none breaks"),
        (LOCATE, {"lines": ("= log(0 - 1)",)}, "no value"),
        (LOCATE, {"right_reason": "iii"}, "not among the choices"),
        (LOCATE, {"frame": Frame(examples.GIVEN, "E(", {})}, "first line"),
        (REFUTE, {"claim": ">= 0"}, "nothing refutes it"),
        (CONDITION, {"key": ("sigma > 0.3",)}, "fails where it holds"),
        (CONDITION, {"key": ("sigma > 1",)}, "holds outside"),
        (CONDITION, {"key": ("sigma > 0",), "claim": ">= -9"}, "no condition is needed"),
        (CONDITION, {"key": ("sigma > 99",)}, "no case fulfils"),
        (COMPUTE, {"choices": {"mu": (1,)}}, "choices"),
        (COMPUTE, {"choices": {"mu": (1,), "sigma": (-1,)}}, "positive"),
        (COMPUTE, {"choices": {"mu": (0,), "sigma": (1,)}}, "slips"),
        (COMPUTE, {"slips": {"0": "It is KL(q,p)."}}, "away"),
        (COMPUTE, {"key": "log(0 - sigma)"}, "no number"),
        (COMPUTE, {"tolerance": 1}, "tolerance"),
        (PREDICT, {"points": 1}, "never scored"),
        (PREDICT, {"what": "mood"}, "what"),
        (EXPLAIN, {"good_answer_says": ()}, "good_answer_says"),
    ],
)
def test_a_task_that_is_wrong_says_so_to_its_author(task, changes, words):
    with pytest.raises(ValueError, match=words):
        replace(task, **changes).check()
