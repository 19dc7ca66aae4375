"""Held-out proofs: no wrong one holds, and the right ones do, but for a few that are listed.

The table of a review runs always, and of the other trials the first of each kind; all run in
`make verify`.
"""

import pytest

from .trials import integrals, main, review, siblings, steps

TRIALS = [trial for part in (main, integrals, siblings, steps) for trial in part.TRIALS]

BEYOND = "a bound that the cases tried do not reach"
WINS = "inside sums and expectations 0 wins, also over what has no value"
RARE = "an event too rare for a sample to show"
CANCELS = "too few digits are left, which is said"
STEEP = "too steep at an end for the panels, which is said"
KNOWN = {}  # what is judged neither right nor wrong as it ought to be: title, outcome and reason


def outcome(proof):
    report = proof.derivation().check()
    return "holds" if report.ok else f"breaks at {report.first_broken.label[-1]}"


def is_as_it_should_be(proof, at):
    found = outcome(proof)
    if proof.title in KNOWN:
        return found == KNOWN[proof.title][0]
    return found == "holds" if not at else found in [f"breaks at {letter}" for letter in at]


FIRST_OF_KIND = {(kind, at == ""): i for i, (kind, _, at) in reversed([*enumerate(TRIALS)])}
FIRST = [TRIALS[i] for i in sorted(FIRST_OF_KIND.values())]
REST = [trial for i, trial in enumerate(TRIALS) if i not in FIRST_OF_KIND.values()]


@pytest.mark.parametrize(("kind", "proof", "at"), FIRST)
def test_the_first_trial_of_each_kind(kind, proof, at):
    assert is_as_it_should_be(proof, at), outcome(proof)


@pytest.mark.long
@pytest.mark.parametrize(("kind", "proof", "at"), REST)
def test_a_held_out_trial(kind, proof, at):
    assert is_as_it_should_be(proof, at), outcome(proof)


@pytest.mark.parametrize(("kind", "proof", "before", "now"), review.ROWS)
def test_what_a_review_found_is_mended(kind, proof, before, now):
    found = outcome(proof)
    assert found.split()[0] == now == ("holds" if proof.breaks_at is None else "breaks")


def test_the_table_of_known_outcomes_is_about_trials():
    assert {*KNOWN} <= {proof.title for _, proof, _ in TRIALS}
