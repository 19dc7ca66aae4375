"""The programs that a page hands to the checker give, for every derivation, what its chapter shows:
the same text and the same LaTeX. They are read from the notebooks without running them.
"""

import json

import pytest

from book_given import given_latex
from book_programs import tries
from tools import ROOT

NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
# Their first lines are wrong: nothing below a fixed first line could mend them.
WITHOUT = {"0.8", "3.12", "4.16"}


@pytest.fixture(scope="module")
def book():
    """Every derivation that can be tried, and why others cannot, by number."""
    both = [tries(path) for path in NOTEBOOKS]
    found = {number: one for there, _ in both for number, one in there.items()}
    return found, {number: why for _, refused in both for number, why in refused.items()}


def test_every_derivation_can_be_tried(book):
    found, refused = book
    assert set(refused) == WITHOUT, refused
    assert len(found) > 250


@pytest.mark.long
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_program_says_what_the_chapter_says(path):
    for number, one in tries(path)[0].items():
        report = checked(one)
        assert repr(report) == one.plain, number
        assert report._repr_latex_() == one.latex, number


def checked(one):
    names = {}
    exec(compile(one.program, one.number, "exec"), names)
    for text, reason in one.lines:
        names["derivation"].line(text, reason)
    return names["derivation"].check()


# What a slice takes and leaves

SHOWN = {"text/plain": "(1.1a)   a\n(1.1b) ✓ = a\nNumerically checked at 1 case.", "text/latex": ""}
SHOWN["text/latex"] = "\\begin{align*}\n& a \\tag{1.1a} \\\\[6pt]\n&= a \\tag{1.1b}\n\\end{align*}"


def sliced(tmp_path, *cells):
    """The derivation (1.1) of a notebook of code cells, or why it cannot be tried."""
    outputs = [{"data": SHOWN}]
    cells = [{"cell_type": "code", "metadata": {}, "source": c, "outputs": []} for c in cells]
    cells[-1]["outputs"] = outputs
    path = tmp_path / "chapter.ipynb"
    path.write_text(json.dumps({"cells": cells}), "utf8")
    found, refused = tries(path)
    return found.get("1.1") or refused["1.1"]


IMPORT = (
    "%pip install x",
    "import numpy as np\nfrom kl_utils.derivation import Derivation, Given, real",
)


@pytest.mark.parametrize(
    ("source", "taken"),
    [
        ("g = Given(a=real())", "g = Given(a=real())"),
        ("b = 1\ng = Given(a=real())\nc = np.ones(3)", "g = Given(a=real())"),
        ("k = {}\nk['a'] = real()\ng = Given(**k)", "k = {}\nk['a'] = real()\ng = Given(**k)"),
        ("k = {}\nk.update(a=1)\ng = Given(**k)", "k = {}\nk.update(a=1)\ng = Given(**k)"),
        ("g = 1\nn = 2\ng = Given(a=[n])", "n = 2\ng = Given(a=[n])"),
        ("g = Given(**{n: real() for n in 'ab'})", "g = Given(**{n: real() for n in 'ab'})"),
    ],
)
def test_a_slice_is_what_is_needed(tmp_path, source, taken):
    last = 'd = Derivation("1.1", g)\nd.line("a")\nd.line("= a", f"{g!r}")'
    assert "more than a text" in sliced(tmp_path, *IMPORT, source, last)
    one = sliced(tmp_path, *IMPORT, source, last.replace('f"{g!r}"', '"why"'))
    imports, _, rest = one.program.partition("\n\n")
    assert rest == f'{taken}\nderivation = Derivation("1.1", g)\n'
    assert imports.startswith("from kl_utils.derivation import Derivation, Given")
    assert one.lines == [["a", ""], ["= a", "why"]]
    assert one.looks[0] == "\\begin{align*}\n& a\n\\end{align*}"
    assert len(one.looks) == len(one.lines)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ('d = Derivation("1.1", Given(a=[np.pi]))\nd.line("a")\nd.line("= a")', "it needs np"),
        ('d = Derivation("1.2")\nd.line("a")\nd.line("= a")', "no statement of the cell makes it"),
        ('d = Derivation("1.1")\nfor x in "ab":\n    d.line(x)', "zip() argument"),
    ],
)
def test_what_no_program_can_hold_is_named(tmp_path, source, why):
    assert sliced(tmp_path, *IMPORT, source).startswith(why)


# What is given, as mathematics


def test_all_that_is_given_can_be_typeset(book):
    for number, one in book[0].items():
        assert given_latex(one.program), number


@pytest.mark.parametrize(
    ("made", "latex"),
    [
        ("Given(n=range(1, 6))", [r"n = 1, \dots, 5"]),
        ("Given(K=range(2, 4), k=index('K'))", ["K = 2, 3", r"k = 1, \dots, K"]),
        ("Given(a=[1, -2, 1 / 2])", [r"a \in \{1, -2, \tfrac{1}{2}\}"]),
        ("Given(mu=real(), s=positive())", [r"\mu \in \mathbb{R}", "s > 0"]),
        ("Given(a=between(0, 1))", ["0 < a < 1"]),
        ("Given(s=vector('n', positive=True))", [r"s \in \mathbb{R}_{>0}^{n}"]),
        (
            "Given(S=diagonal('n'))",
            [r"S \in \mathbb{R}^{n \times n}\text{, a diagonal covariance}"],
        ),
        ("Given(A=matrix('n', 2))", [r"A \in \mathbb{R}^{n \times 2}\text{ of full rank}"]),
        ("Given(q=simplex('K', of='k'))", [r"q(k)\text{ for }k = 1, \dots, K"]),
        (
            "Given(p=joint('J', 2, zeros=False))",
            [r"p(x, z)\text{ for }x = 1, \dots, J, z = 1, \dots, 2\text{, without zeros}"],
        ),
        ("q=gaussian('0', 'I')", [r"q(z) = \mathcal{N}(z;\, 0, I)"]),
        ("eps=gaussian('0', '1', of='eps')", [r"\varepsilon \sim \mathcal{N}(0, 1)"]),
        ("q=laplace('m', 'b')", [r"q(z) = \operatorname{Laplace}(z;\, m, b)"]),
        ("**{'p(x|z)': gaussian('z', '1', of='x')}", [r"p(x \mid z) = \mathcal{N}(x;\, z, 1)"]),
        ("**({'r': 'p(z)/q(z)'} | {'s': 'r'})", [r"r = \frac{p(z)}{q(z)}", "s = r"]),
        ("q=student('3')", [r"q(z) = \operatorname{Student}(z;\, 3)"]),
        ("q=f('3')", []),
        ("Given(a=f(1))", []),
        ("q=open('file')", []),
    ],
)
def test_what_is_given_as_mathematics(made, latex):
    assert given_latex(f"derivation = Derivation('1.1', {made})") == latex
