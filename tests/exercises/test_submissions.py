"""Submissions from files: what is wrong with one costs its own points, and stops nothing."""

import json
import os
import resource
import time
import tracemalloc
from itertools import groupby

import pytest

from kl_utils.derivation import checking
from kl_utils.derivation.journal import Journal
from kl_utils.derivation.line_values import evaluate_line
from kl_utils.exercises import Prove
from kl_utils.exercises.submission_files import LARGEST, BadSubmission, read_submission
from kl_utils.exercises.submissions import ProblemSet, grade_folder, grade_submission
from tests.exercises.example_tasks import (
    CHOOSE,
    COMPUTE,
    CONDITION,
    EXPLAIN,
    FRAME,
    ORDER,
    SECRETS,
    labels,
)

PROVE = Prove("prove", "Work it out.", frame=FRAME, goal="(sigma**2 + mu**2 - 1)/2 - log(sigma)")
SET = ProblemSet("divergence", (PROVE, ORDER, COMPUTE, CONDITION, CHOOSE), secret="salt")
PROOF = [
    {"text": "= E(log_q(z)) - E(log_p(z))", "reason": "definition"},
    {"text": "= E(z**2)/2 - E((z - mu)**2)/(2*sigma**2) - log(sigma)", "reason": "densities"},
    {"text": "= (sigma**2 + mu**2 - 1)/2 - log(sigma)", "reason": "moments"},
]
RIGHT = {
    "prove": {"lines": PROOF},
    "order": labels(ORDER, *ORDER.lines),
    "compute": "(sigma**2 + mu**2 - 1)/2 - log(sigma)",
    "condition": ["sigma**2 >= 1/2"],
    "choose": "a",
}
HALF = RIGHT | {
    "prove": {"lines": [PROOF[0], {"text": "= H(q) - H(q, p)"}]},
    "order": labels(ORDER, *ORDER.lines[:2]),
    "condition": ["sigma > 0"],
}
WRONG = {
    "prove": {"lines": ["= 0", "= 1 - 1"]},
    "order": labels(ORDER, *ORDER.distractors),
    "compute": "-1",
    "condition": ["sigma > 0"],
    "choose": "c",
}


def text_of(student, answers, **more):
    fields = {"version": 1, "set": SET.name, "student": student, "answers": answers}
    return json.dumps(fields | more)


def content_of(number):
    """The file of a student, of one of four sorts in turn."""
    answers = (RIGHT, HALF, WRONG, {})[number % 4]
    return text_of(f"s{number:04}", answers).encode()


# A billion laughs: sums of sums. Then a line that takes as long as a line may.
LAUGHS = "Sum(" * 4 + "exp(i+j+k+l)" + ", i, 50), j, 50), k, 50), l, 50)"
SLOW = "= " + " + ".join(["Int(exp(-z**2)*abs(z - 1/3), z)"] * 28)
WEIRD = (None, True, -1e308, {"lines": [[{}], 3]}, [[["a"]]])

# Each hostile file, with the points that it gets, of 50.
HOSTILE = {
    "huge": (b'{"version": 1, "x": "' + b"x" * 3_000_000 + b'"}', 0),
    "deep": (b"[" * 100_000, 0),
    "deep-answer": (
        text_of("deep", RIGHT).replace('"a"}', '"a", "x": ' + "[" * 99 + "]" * 99 + "}"),
        0,
    ),
    "slow": (text_of("slow", RIGHT | {"prove": {"lines": [SLOW] * 8}}), 40),
    "long": (text_of("long", RIGHT | {"prove": {"lines": [SLOW] * 40}}), 40),
    "laughs": (text_of("laughs", RIGHT | {"prove": [f"= {LAUGHS}"], "compute": LAUGHS}), 30),
    "malformed": (text_of("malformed", RIGHT)[:-1], 0),
    "encoding": (text_of("encoding", RIGHT).encode("utf-16"), 0),
    "types": (text_of("types", dict(zip(RIGHT, WEIRD, strict=True))), 0),
    "many": (text_of("many", RIGHT | {f"{i}": 0 for i in range(20_000)}), 50),
    "more": (text_of("more", RIGHT | {f"{i}": 0 for i in range(100_000)}), 0),
    "long-lists": (text_of("long", RIGHT | {"order": [0] * 50_000, "prove": ["="] * 20_000}), 30),
    "points": (text_of("points", HALF, points=float("nan"), grade=1e999), 25.3),
    "path": (text_of("../../etc/passwd", RIGHT), 0),
    "formula": (text_of("=cmd()", RIGHT), 0),
    "twice": (text_of("twice", RIGHT).replace('"choose": "a"', '"choose": "c", "choose": "a"'), 40),
    "surrogate": (text_of("surrogate", RIGHT | {"compute": "\ud800\x00\n"}), 40),
    "digits": (text_of("digits", RIGHT).replace('"a"}', "9" * 5000 + "}"), 40),
}


def write(folder, files):
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.json").write_bytes(
            content if isinstance(content, bytes) else content.encode()
        )
    return folder


def points_by_file(rows):
    return {
        file.removesuffix(".json"): round(sum(row["points"] for row in rows), 1)
        for file, rows in groupby(rows, key=lambda row: row["file"])
    }


def checked(folder, count, hostile=HOSTILE):
    """Grade so many ordinary submissions among the hostile ones; returns the time of each file."""
    ordinary = {f"{number:04}": content_of(number) for number in range(count)}
    write(folder, ordinary | {f"x-{name}": content for name, (content, _) in hostile.items()})
    rows, times, before = [], {}, time.perf_counter()
    for row in grade_folder(SET, folder):
        rows.append(row)
        now = time.perf_counter()
        times[row["file"]] = times.get(row["file"], 0) + now - before
        before = now
    found = points_by_file(rows)
    assert len(rows) == 5 * (count + len(hostile))
    assert {name: found[name] for name in ordinary} == {
        f"{number:04}": (50, 25.3, 0, 0)[number % 4] for number in range(count)
    }
    assert {name: found[f"x-{name}"] for name in hostile} == {
        name: points for name, (_, points) in hostile.items()
    }
    for row in rows:
        assert bool(row["sentences"]) == (row["points"] + row["held"] < row["of"])
        assert row["sentences"].isprintable() and len(row["sentences"]) < 4_000
        for secret in (*SECRETS.get(row["task"], ()), SET.secret):
            assert secret not in row["sentences"]
    return times


def test_hostile_files_cost_only_their_own_points(tmp_path):
    SET.check()
    checked(tmp_path, 20, {name: HOSTILE[name] for name in HOSTILE if name != "slow"})


@pytest.mark.long
def test_a_hundred_submissions(tmp_path, capsys):
    times = sorted(checked(tmp_path / "all", 100).values())
    tracemalloc.start()  # which makes everything slower
    checked(tmp_path / "few", 8, {name: HOSTILE[name] for name in HOSTILE if name != "slow"})
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    with capsys.disabled():
        print(
            f"\n{len(times)} submissions in {sum(times):.1f} s, "
            f"median {times[len(times) // 2]:.3f} s, slowest {times[-1]:.2f} s; "
            f"peak {peak:.0f} MB traced, {resident:.0f} MB resident"
        )
    assert peak < 500


def test_what_is_no_file_is_skipped_with_a_sentence(tmp_path):
    folder = write(tmp_path / "in", {"b": content_of(0)})
    (folder / "a").symlink_to(folder / "b.json")
    (folder / "c").mkdir()
    os.mkfifo(folder / "d")
    (folder / "=1\n").touch()
    (folder / "z").touch()
    os.truncate(folder / "z", 2**36)  # takes no room, but must not be read
    rows = list(grade_folder(SET, folder))
    assert points_by_file(rows) == {"'=1\ufffd": 0, "a": 0, "b": 50, "c": 0, "d": 0, "z": 0}
    assert "larger" in rows[-1]["sentences"]
    assert [row["sentences"] for row in rows if row["file"] == "d"] == [
        "This is a link or a folder, not a file."
    ] * 5


def test_who_hands_in_twice_is_left_to_a_person(tmp_path):
    folder = write(tmp_path, {"a": content_of(2), "b": content_of(2)})
    first, *_, second = grade_folder(SET, folder)
    assert not first["remarks"] and "a.json" in second["remarks"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"x" * (LARGEST + 1), "larger than 256 kB"),
        ("é" * LARGEST, "larger than 256 kB"),
        ("[" * 21 + "]" * 21, "more than 20 deep"),
        ('{"a": "\\"' + "[" * 99 + "", "not valid JSON"),
        ('{"a": 1,}', "line 1"),
        ("[]", "not a list"),
        ("{}", "`version` is missing"),
        ('{"version": true, "set": "a", "student": "b", "answers": {}}', "version"),
        ('{"version": 2, "set": "a", "student": "b", "answers": {}}', "version"),
        ('{"version": 1, "set": "a", "set": "a", "student": "b", "answers": {}}', "`set`"),
        ('{"version": 1, "set": "a", "student": "-b", "answers": {}}', "`student`"),
        ('{"version": 1, "set": "a", "student": "b", "answers": [1]}', "a list, not an object"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content, words):
    with pytest.raises(BadSubmission, match=words):
        read_submission(content)


def test_a_byte_order_mark_and_brackets_inside_text_do_no_harm():
    text = text_of("s1", {"choose": "a", "prove": '"' + "[" * 99})
    assert read_submission("\ufeff" + text) == read_submission(b"\xef\xbb\xbf" + text.encode())


def test_a_submission_to_another_set_gets_nothing():
    rows = grade_submission(SET, text_of("s1", RIGHT).replace(SET.name, "convexity"))
    assert {row["sentences"] for row in rows} == {"This is no submission to the set divergence."}


def test_the_lines_of_a_proof_share_a_budget_of_work(monkeypatch):
    bearable = "= KL(q, p) + 0*Sum(Sum(E(i*z), i, 8), j, 8)"
    alone, journal = FRAME.derivation((bearable, "")), Journal()
    evaluate_line(alone.lines[1], list(alone.given.groups()), alone, journal)
    monkeypatch.setattr(checking, "MOST_WORK", 2 * journal.work)  # for a line; for all, 4 times it
    first, *_, last = FRAME.derivation(*[(bearable, "")] * 12).check().verdicts
    assert first.ok and "too much computing" in last.message
    assert FRAME.derivation((bearable, "")).check().ok


def test_what_cannot_be_graded_is_held_and_the_rest_goes_on(monkeypatch):
    def grade(self, answer):
        raise RecursionError

    monkeypatch.setattr(type(CHOOSE), "grade", grade)
    *rest, last = grade_submission(SET, text_of("s1", RIGHT))
    assert [row["points"] for row in rest] == [10] * 4
    assert (last["points"], last["held"]) == (0, 10) and "RecursionError" in last["to_read"]


def test_a_set_that_is_wrong_says_which_task_is():
    with pytest.raises(ValueError, match="different names"):
        ProblemSet("twice", (CHOOSE, CHOOSE)).check()
    with pytest.raises(ValueError, match="explain: good_answer_says"):
        ProblemSet("a", (CHOOSE, type(EXPLAIN)("explain", "", good_answer_says=()))).check()
