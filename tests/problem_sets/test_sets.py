"""The sets: plain to read, new to who read the book, solved in full, and hard to cheat."""

import ast
import io
import json
import re
import zipfile
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import sklearn.datasets

from kl_utils.derivation.parsing import parse
from kl_utils.derivation.vocabulary import Fault
from kl_utils.exercises import BadAnswer, Compute, Frame, grade
from kl_utils.exercises.problem_set_files import KINDS
from kl_utils.exercises.program_examples import arguments_of, came_out, examples_in
from kl_utils.grading.programs import judges
from practice import CHAPTERS, chapter, variants
from tools import ROOT
from tools.course_text.documents import course
from tools.course_text.equations import derivations
from tools.problem_sets import check
from tools.problem_sets.leaks import leaks
from tools.problem_sets.mistakes import Mistake
from tools.problem_sets.proofs import proof
from tools.problem_sets.references import RIGHT
from tools.problem_sets.solver import solve, value_of

NAMES = sorted(path.parent.name for path in ROOT.glob("problem_sets/*/set.toml"))
SETS = {name: check.read_set(name) for name in NAMES}
QUESTIONS = {
    f"{name}, {question.name}": question
    for name, one in SETS.items()
    for question in (*one.current, *one.twin)
}
CREDIT = {
    place: question
    for place, question in QUESTIONS.items()
    if question in [asked for one in SETS.values() for asked in one.current]
}


@pytest.mark.parametrize("name", NAMES)
def test_a_set_takes_an_afternoon_and_has_all_that_an_instructor_needs(name):
    one = SETS[name]
    points, minutes = (sum(q.data[f] for q in one.current) for f in ("points", "minutes"))
    assert one.name == name and 60 <= points <= 80
    assert 120 <= minutes == one.data["minutes"] <= 200
    kinds = [question.data["kind"] for question in one.current]
    assert set(kinds) == set(KINDS) and kinds.count("program") >= 2
    assert sum("figure" in question.data for question in one.current) == 1
    assert sum(question.data["minutes"] for question in one.twin) == one.data["twin"]["minutes"]
    assert all(question.data["space"] > 0 for question in one.twin)
    assert all("choices" in question.data for question in one.twin)
    assert "checker" in one.data["ai_policy"] and 4 <= len(one.data["oral"]) <= 6
    assert all(set(part) == {"ask", "listen_for"} for part in one.data["oral"])
    readme = (ROOT / "problem_sets/README.md").read_text("utf8")
    row = f"| {len(one.current)} | {points} | {minutes} |"
    assert re.search(rf"`{name}` \|.*{re.escape(row)}", readme)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_task_says_what_it_is_for_in_plain_text(question):
    assert question.data["objective"] and question.data["misconception"]
    says = question.data.get("good_answer_says", [])
    for text in (question.data["title"], question.task("a code").statement, *says):
        assert text.count("$") % 2 == text.count("`") % 2 == 0, text
        outside = re.sub(r"\$[^$]*\$|`[^`]*`", "", text)
        assert not re.search(r"<|\*\*|\]\(|\\", outside), text
        assert not re.search(r"\{\w+\}", re.sub(r"\\\w+\{", "", outside)), text
    if question.data["kind"] == "program":
        assert not re.search(r"np\.\w|log\(|\*\*|@ ", question.data["starter"].split('"""')[2])


# New to who read the book


def normal(text):
    """An expression as the language reads it, or as it was typed."""
    text = text.strip().removeprefix(">=").removeprefix("<=").lstrip("=~ ")
    try:
        return ast.unparse(parse(text))
    except (Fault, ValueError):
        return "".join(text.split())


def chains_of_the_book():
    """First line and last of every derivation of the chapters, and of every practice task."""
    for document in course():
        for shown in derivations(document):
            yield normal(shown.lines[0].typed), normal(shown.lines[-1].typed)
    for number in CHAPTERS:
        for one in chapter(number).PRACTICE:
            for variant in variants(one):
                frame = getattr(variant.task, "frame", None)
                if isinstance(frame, Frame) and frame.first:
                    ends = [getattr(variant.task, "goal", ""), *getattr(variant.task, "lines", ())]
                    yield normal(frame.first), normal((ends[:1] if ends[0] else ends[-1:])[0] or "")


def test_no_chain_that_counts_stands_in_the_book():
    known = set(chains_of_the_book())
    assert len(known) > 250 and ("KL(q, p)", normal("(sigma**2+mu**2-log(sigma**2)-1)/2")) in known
    asked = set()
    for question in CREDIT.values():
        if question.data["kind"] in ("prove", "repair"):
            task = question.task("a code")
            goal = getattr(task, "goal", None) or task.lines[-1]
            asked.add((normal(task.frame.first), normal(goal)))
    assert len(asked) == 6 and not asked & known


# Solved


# Of the other set, only `make verify` does this, with all the rest.
@pytest.mark.parametrize("name", ["divergence"])
def test_a_set_passes_the_quick_part_of_its_check(name):
    tally = check.check(name, quick=True)
    assert not tally.faults and tally.mistakes >= 8


@pytest.mark.long
def test_the_sets_pass_their_check(capsys):
    assert check.main([]) == 0, capsys.readouterr().err
    rows = [row.split() for row in capsys.readouterr().out.splitlines()[1:]]
    assert all(row[2] == row[3] for row in rows if len(row) == 7)


def test_what_a_check_finds_is_said(monkeypatch):
    question = QUESTIONS["divergence, correlated-prior@1"]
    monkeypatch.setattr(check, "solve", lambda question, code: "1")
    monkeypatch.setattr(check, "mistakes", lambda question, code: [Mistake("a slip", "2", 1, 1)])
    tally = check.Tally("divergence", 1, 5)
    check.answers(tally, question, counts=True, quick=True)
    right, wrong = tally.faults
    assert right.startswith("correlated-prior@1: a right answer gets Grade(points=0.0")
    assert wrong.startswith("correlated-prior@1, a slip: expected 1.00 to 1.00 of the points")


# No luck: at none of the numbers does a usual mistake give what is right

NUMBERS = {place: q for place, q in QUESTIONS.items() if q.data["kind"] == "compute"}
MORE_SLIPS = {
    "gap-in-nats": ["KL(q(z), p(z))", "KL(p(z|x), q(z))"],
    "read-the-evidence": ["height", "log(Int(exp(height - (z - place)**2/(2*wide)), z))"],
}


def with_numbers(question, values, meanings=None):
    """The task at one choice of its numbers, perhaps with other meanings."""
    choices = {name: [value] for name, value in zip(question.data["choices"], values, strict=True)}
    frame = question.frame | ({"meanings": meanings} if meanings else {})
    return replace(question, data=question.data | {"choices": choices}, frame=frame).task()


def slips(question):
    """Yield usual mistakes, each as a key and as what the names mean."""
    key, meanings = question.data["key"], question.frame.get("meanings", {})
    for slip in (*MORE_SLIPS.get(question.data["id"], ()), *re.findall(r"KL\(\w, \w\)", key)):
        yield re.sub(r"KL\((\w), (\w)\)", r"KL(\2, \1)", slip), meanings
    if not any("vector" in kind for kind in question.frame["given"].values()):
        for name, meaning in meanings.items():  # the standard deviation for the variance
            spread = re.search(r', "(.*?[a-z].*?)"', meaning)
            for other in (f', "({spread[1]})**2"', f', "sqrt({spread[1]})"') if spread else ():
                yield key, meanings | {name: meaning.replace(spread[0], other, 1)}


# One task has some hundred choices of its numbers.
@pytest.mark.parametrize(
    "question",
    [
        pytest.param(q, id=name, marks=pytest.mark.long if "gap-in-nats" in name else ())
        for name, q in NUMBERS.items()
    ],
)
def test_no_choice_of_numbers_makes_a_mistake_right(question):
    tried, tolerance = 0, question.data.get("tolerance", Compute.tolerance)
    for values in product(*question.data["choices"].values()):
        right = value_of(question.data["key"], with_numbers(question, values))
        for key, meanings in slips(question):
            tried += 1
            wrong = value_of(key, with_numbers(question, values, meanings))
            assert abs(right - wrong) > 1.5 * tolerance * abs(right), (values, key, meanings)
    assert tried >= 20


def test_an_encoder_in_a_task_with_numbers_is_never_the_prior():
    choices = SETS["bound_and_vae"].question("gap-in-nats@1").data["choices"]
    assert 0 not in choices["mu"] and 1 not in choices["s"]


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_numbers_look_well_in_formulas(question):
    for code in map(str, range(8)):
        for formula in re.findall(r"\$[^$]*\$", question.task(code).statement):
            odd = r"(?<![.\d])\d\)?\^|[+-] ?-\d|\b[01] [a-z\\]"  # 2^2, (1)^2, - -1, 1 z
            assert not re.search(odd, formula), formula


@pytest.mark.parametrize("question", NUMBERS.values(), ids=NUMBERS)
def test_no_letter_stands_in_a_number(question):
    task = question.task("a code")
    for letter in task.frame.given.names:
        for typed in (letter, f"log({letter}**2 + 1)", f"2*{letter}", f"{letter}[1]"):
            with pytest.raises(BadAnswer) as found:
                task.read(typed)
            assert not re.search(rf"\b{letter}\b", str(found.value))
    assert grade(task, solve(question, "a code")).points == question.data["points"]


# Examples of programs

PROGRAMS = {place: q for place, q in QUESTIONS.items() if q.data["kind"] == "program"}


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(q, id=name, marks=pytest.mark.long if "train" in name else ())
        for name, q in PROGRAMS.items()
    ],
)
def test_the_examples_of_a_program_are_what_comes_out(question):
    name, examples = question.data["function"], [*examples_in(question.data["starter"])]
    assert 1 <= len(examples) <= 2
    for call, value in examples:
        found, wanted = came_out(call, name, RIGHT[question.name]), ast.literal_eval(value)
        assert arguments_of(call, name)
        if isinstance(wanted, dict):
            assert found == wanted
        else:
            np.testing.assert_allclose(found, wanted, rtol=0, atol=6e-5)


def test_a_vae_is_told_by_what_it_is_measured():
    judge = judges(ROOT / "problem_sets/bound_and_vae")["train-a-vae@1"]
    question = SETS["bound_and_vae"].question("train-a-vae@1")
    levels = judge.__globals__["ELBOS"]
    assert len(levels) == 3 and all(f"${x}$" in question.data["statement"] for x in levels)
    ((_, value),) = examples_in(question.data["starter"])
    assert ast.literal_eval(value) == judge.__globals__["SHAPES"]
    (recipe,) = re.findall(r"`(np\..*?)`", question.data["statement"])
    images = eval(recipe, {"np": np, "sklearn": sklearn})
    assert images.shape == (1797, 64) and set(images.ravel()) == {0, 1}


# Given away


def test_an_answer_is_found_in_a_release_wherever_it_lies(tmp_path):
    one = SETS["divergence"]
    line = proof(one.current[0].task("a code"))[1]

    def found(secret=""):
        return sorted(
            leaks(tmp_path, [one], [ROOT / "problem_sets/divergence"], ["a code"], secret)
        )

    (tmp_path / "set.toml").write_text(
        (ROOT / "problem_sets/divergence/set.toml").read_text("utf8")
    )
    assert not found()
    inner, outer = io.BytesIO(), tmp_path / "students.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.ipynb", json.dumps({"cells": [{"source": [line[:9], line[9:]]}]}))
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
        archive.writestr("judges.py", "")
    (tmp_path / "note.txt").write_text("The secret is very secret indeed.")
    sentences = found("very secret indeed")
    assert sentences == [
        "note.txt: the course's secret.",
        "students.zip/inner.zip/x.ipynb: an answer to divergence, stretched-copy@1.",
        "students.zip/judges.py: the tests of the programs.",
    ]
