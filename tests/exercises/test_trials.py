"""Whole sets of answers, written from the student's page, without a view of the grader.

``trials/forty.json`` has forty proofs of one task, with the points of two readers who did not know
how each was made; ``attacks.json`` attempts at points, with those that are deserved (``arguable``
says where they might be others); and ``unusual.json`` right proofs by unusual ways.
"""

import json
from pathlib import Path

import pytest

from kl_utils.derivation import Given, covariance, gaussian, positive, real, vector
from kl_utils.exercises import Frame, Lemma, Prove, grade

NORMAL = Given(mu=real(), sigma=positive())
TASKS = {
    "A": Prove(
        "A",
        "A normal distribution against the standard one.",
        frame=Frame(NORMAL, "KL(q, p)", {"q": gaussian("mu", "sigma**2"), "p": gaussian("0", "1")}),
        goal="(sigma**2 + mu**2 - log(sigma**2) - 1)/2",
        lemmas=(
            Lemma("entropy of a normal", "H(q)", "log(2*pi*exp(1)*sigma**2)/2"),
            Lemma("mean square", "E(z**2)", "mu**2 + sigma**2"),
        ),
    ),
    "B": Prove(
        "B",
        "The entropy of a normal vector.",
        frame=Frame(
            Given(n=range(1, 5), mu=vector("n"), Sigma=covariance("n")),
            "H(q)",
            {"q": gaussian("mu", "Sigma")},
        ),
        goal="(n*log(2*pi*exp(1)) + log(det(Sigma)))/2",
        lemmas=(Lemma("quadratic form", "E(T(z-mu)@inv(Sigma)@(z-mu))", "n"),),
    ),
    "C": Prove(
        "C",
        "Two normal distributions.",
        frame=Frame(
            Given(**NORMAL.kinds, m=real(), s=positive()),
            "KL(q, p)",
            {"q": gaussian("mu", "sigma**2"), "p": gaussian("m", "s**2")},
        ),
        goal="log(s/sigma) + (sigma**2 + (mu - m)**2)/(2*s**2) - 1/2",
    ),
}

pytestmark = pytest.mark.long


def graded(name):
    """The rows of a file, each with its grade."""
    rows = json.loads((Path(__file__).parent / "trials" / f"{name}.json").read_text("utf8"))
    return [(row, grade(TASKS[row.get("task", "A")], row["answer"])) for row in rows]


def test_proofs_are_marked_as_two_readers_mark_them():
    trials = graded("forty")
    assert len(trials) == 40
    means = {row["id"]: (row["reader_1"] + row["reader_2"]) / 2 for row, _ in trials}
    far = {
        row["id"]: (found.points, means[row["id"]])
        for row, found in trials
        if abs(found.points - means[row["id"]]) > 1
    }
    assert len(far) <= 4, far


def test_no_attack_gets_more_than_it_deserves():
    trials = [(row, found) for row, found in graded("attacks") if "arguable" not in row]
    assert len(trials) >= 55
    over = {
        row["id"]: (found.points, row["deserved"])
        for row, found in trials
        if found.points > row["deserved"]
    }
    assert not over


def test_no_right_proof_gets_nothing():
    trials = graded("unusual")
    assert len(trials) == 30
    assert not [row["id"] for row, found in trials if found.points + found.held == 0]
    assert sum(found.points >= 8 for _, found in trials) >= 27
