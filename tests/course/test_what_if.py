"""The changes that the derivations of the book offer: each makes a program that runs."""

import pytest

import kl_utils.derivation
from book_programs import tries
from book_what_if import changes
from tools import ROOT

LETTERS = 'given = Given(n=range(1, 6), {})\nderivation = Derivation("1", given)\n'


@pytest.mark.long
def test_each_change_makes_another_derivation():
    seen = 0
    for path in ROOT.glob("notebooks/*.ipynb"):
        for number, one in tries(path)[0].items():
            for change in changes(one.program):
                before, after = one.program[: change["at"]], one.program[change["to"] :]
                texts = [text for _, text in change["choices"]]
                given = [repr(given_of(before + text + after)) for text in texts]
                assert given[0] == repr(given_of(one.program)), number
                assert len(set(given)) == len(given) == len(texts) > 1, number
                seen += len(texts) - 1
    assert seen > 900, seen


def given_of(program):
    names = vars(kl_utils.derivation).copy()
    exec(program, names)
    return names["derivation"].given


@pytest.mark.parametrize(
    ("written", "letter", "choices"),
    [
        ("mu_q=real()", "μ_q", [("any number", "real()"), ("positive", "positive()")]),
        ("s=positive()", "s", [("positive", "positive()"), ("any number", "real()")]),
        (
            'Sigma=diagonal("n")',
            "Σ",
            [("diagonal", 'diagonal("n")'), ("any covariance", 'covariance("n")')],
        ),
        (
            'q=simplex("n", zeros=False, of="w")',
            "q",
            [
                ("never 0", 'simplex("n", of="w", zeros=False)'),
                ("may be 0", 'simplex("n", of="w")'),
            ],
        ),
        (
            'v=vector("n", positive=True)',
            "v",
            [("positive entries", 'vector("n", positive=True)'), ("any vector", 'vector("n")')],
        ),
        ("a=[1, 2], k=range(1, 2)", None, None),
    ],
)
def test_a_kind_has_its_choices(written, letter, choices):
    dimension, *others = changes(LETTERS.format(written))
    assert dimension["letter"] == "n"
    assert dimension["choices"] == [("1 to 5", "range(1, 6)"), ("1 only", "range(1, 2)")]
    found = [(change["letter"], change["choices"]) for change in others]
    assert found == ([(letter, choices)] if letter else [])
