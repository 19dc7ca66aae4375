"""Whatever is typed is answered in words, and nothing but text and mathematics reaches a page."""

import ast
import random
import re
import unicodedata

import pytest

from kl_utils.derivation import Derivation, Given, diagonal, gaussian, mathematics, matrix, real
from kl_utils.derivation.numbers_in_words import precision_to_tell_apart, value_in_words
from kl_utils.derivation.parsing import parse
from kl_utils.derivation.typeset import PLAIN


def report(*lines, reason="", **given):
    derivation = Derivation("1.1", Given(**(given or {"x": real()})))
    for line in lines:
        derivation.line(line, reason)
    return derivation.check()


# What is meant in one way only is accepted

MEANT = [
    ("µ", "mu"), ("ϕ", "phi"), ("2⋅x", "2*x"), ("2 × x ÷ 3", "2*x/3"), ("x – 1 — y − 2", "x-1-y-2"),
    ("σ²", "sigma**2"), ("σ⁻¹", "sigma**(-1)"), ("x¹²", "x**12"),
    ("½*x", "(1/2)*x"), ("σ₁", "sigma_1"), ("μ₁²", "mu[1]**2"), ("Aᵢⱼ", "A[i, j]"),
    ("√(x)", "sqrt(x)"), ("𝐊𝐋(q, p)", "KL(q, p)"), ("log(x).", "log(x)"),
    ("x\u200b + \u202e1", "x + 1"),
    ("Int(x, z, −∞, ∞)", "Int(x, z, -inf, inf)"), ("Γ(x)", "Gamma(x)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), MEANT)
def test_signs_of_paper_are_read(text, meant):
    tree = parse(text, indices={"mu": 1, "A": 2})
    assert ast.dump(tree) == ast.dump(parse(meant))


@pytest.mark.parametrize("relation", ["≡", ":=", "⩽", "=<", "≃"])
def test_relations_of_paper_are_read(relation):
    found = report("x", f"{relation} x + 0")
    assert found.ok and found.verdicts[1].line.relation in ("=", "<=", "~")


def test_what_is_shown_is_what_is_read():
    first = report("𝐱 + 𝟏", "= x + 1\u202e\x01 # \u200b")
    assert repr(first).splitlines()[0] == "(1.1a)   x + 1"
    assert not set(repr(first)) & set("\u202e\x01\u200b")
    assert "Words belong in the reason" in repr(first)
    assert report("𝐱 + 𝟏", "= x + 1").ok


# Nothing active reaches the page

HOSTILE = [
    r"$\href{javascript:alert(1)}{x}$", r"$\require{html}$", r"$\input{x}$", r"$\def\x{y}$",
    r"$\class{a}{b}$", r"$\unicode{65}$", r"$\begin{array}{c}x\end{array}$", r"$\tag{1}$",
    r"$\text{$x$}$", r"$\color{red}x$", "$a & b$", "$a % b$", "$x \\\\ y$", "$a ~ b$", "$#1$",
    # nothing that a renderer stumbles over
    "$x", "x$", "$", "`", "`x", r"$\frac{1}$", "$x^$", "$x^2^3$", "$x_1_2$", "$x^2'$",
    "${x$", "$x}$",
    r"$\left( x$", r"$\left( x \right$", r"$\sqrt[3$", r"$\hat$", r"$x^\frac12$", r"$x^\log$",
    "$" + "{" * 50 + "}" * 50 + "$",
]  # fmt: skip
HARMLESS = [
    r"\mathbb{E}_q[f(z)]", r"\Sigma^{-1}", r"\tfrac{1}{2} (z - \mu)^\top", r"x''", r"f'^2",
    r"\hat\mu",
    r"\operatorname{KL}\bigl(q \,\|\, p\bigr)", r"\lVert x \rVert^2 \le \sqrt[3]{y}", r"a \pm b …",
    r"\left\{ x \mid x > 0 \right\}", r"\sum_{i=1}^n \log \frac{q_i}{p_i}", r"\text{ if }x",
]  # fmt: skip


@pytest.mark.parametrize("reason", HOSTILE)
def test_what_is_no_mathematics_is_shown_as_text(reason):
    latex = report("x", reason=reason)._repr_latex_()
    assert_harmless(latex)
    assert r"\$" in latex or "$" not in reason


@pytest.mark.parametrize("tex", HARMLESS)
def test_mathematics_in_a_reason_is_set_as_it_was_typed(tex):
    latex = report("x", reason=f"as ${tex}$ says")._repr_latex_()
    assert f"{{{tex}}}" in latex
    assert_harmless(latex)


def test_no_tag_of_a_page_can_begin_in_a_reason():
    latex = report("x", reason="<b> and $a<b$ and `<b>`")._repr_latex_()
    assert not re.search(r"<[A-Za-z/!?]", latex)


OF_THE_REPORT = {"begin", "end", "tag", "small", "color", "backslash", "wedge", "circlearrowleft"}
COMMANDS = {*mathematics._ARGUMENTS, *mathematics._DELIMITED, *OF_THE_REPORT, "text"}


def assert_harmless(latex):
    """An ``align*`` of known commands, its braces in pairs, with text that is only text."""
    rows = latex.removeprefix("\\begin{align*}").removesuffix("\\end{align*}")
    rows = rows.replace(r"\\[6pt]", "").replace(r"\\", "")
    assert "begin" not in re.findall(r"\\([a-z]+)", rows)
    for command in re.findall(r"\\([A-Za-z]+|.)", rows):
        assert command in COMMANDS or command in "%#_&$", command
    depth = 0
    for brace in re.findall(r"[{}]", re.sub(r"\\[{}]", "", rows)):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    bare = re.sub(r"\\[%#&$_]", "", rows)
    assert not re.search(r"[%#$~]", re.sub(r"\\text\{[^{}]*\}", "", bare))
    assert not any(
        re.search(r"[\\^_&#%${}]", text) for text in re.findall(r"\\text\{([^{}]*)", bare)
    )
    part = r"(\{([^{}]|\{[^{}]*\})*\}|\\[a-z]+|.)"
    twice = rf"\^{part} ?['^]|_{part} ?_"  # raised or lowered
    assert not re.search(twice, bare)
    assert_printable(rows)


def assert_printable(text):
    assert not [c for c in text if c != "\n" and unicodedata.category(c)[0] == "C"]


SCRAPS = [
    *HOSTILE, *(f"${tex}$" for tex in HARMLESS), *(text for text, _ in MEANT),
    *"$$$`{}[]()^_&%#~\\'\"|<>", "<script>alert(1)</script>", "\x00", "\x1b[31m", "\n", "\t",
    "\ud800", "\ufdd0", "\u0301" * 9, "é", "日本", "😀", "\u2029", r"\(x\)", r"\verb|x|", "x",
    " + ", " = ", "1e400", "9" * 400, "_x", "x_", "x" * 99, "inf", "lgamma(x)", "step(x - 1)",
    "'a`$'", "1_0", "0x1F", "and so",
]  # fmt: skip


def test_no_text_whatever_breaks_the_display():
    rng = random.Random(11)
    for _ in range(400):
        text, reason = ("".join(rng.choices(SCRAPS, k=rng.randint(1, 6))) for _ in range(2))
        if rng.random() < 0.5:
            reason = f"${reason}$"
        derivation = Derivation("1.1", Given(x=real()))
        derivation.line("x", reason)
        derivation.line("= " + text)
        for shown in (derivation, derivation.check()):
            assert_harmless(shown._repr_latex_())
            assert_printable(repr(shown))
            assert len(repr(shown)) < 10_000


@pytest.mark.parametrize("text", ["9" * 990, "1e400", "0." + "1" * 900, "n" * 900, "9" * 10_000])
def test_long_numbers_and_names_have_a_display(text):
    found = report("x", f"= {text}", reason="word " * 2_000)
    assert_harmless(found._repr_latex_())
    assert len(found.first_broken.explanation()) < 300
    assert len(repr(found)) < 6_000


@pytest.mark.parametrize(
    "make",
    [
        lambda: Given(**{"x y": real()}),
        lambda: Given(**{r"\mu": real()}),
        lambda: Given(**{"n" * 31: real()}),
        lambda: Given(é=real()),
        lambda: Given(inf=real()),
        lambda: Given(**{"lambda": real()}),
        lambda: Given(_x=real()),
        lambda: Derivation(r"1\input{x}"),
        lambda: Derivation("1" * 31),
        lambda: Derivation("1.1", **{"é": "x"}),
        lambda: Derivation("1.1", **{"a + b": "x"}),
        lambda: Derivation("1.1", q=gaussian("0", "1", of="$")),
    ],
)
def test_names_and_numbers_of_equations_are_plain(make):
    with pytest.raises(ValueError, match=r"name|number|expected"):
        make()


# Numbers


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("1 + 0*x", "= 1 + 1/10**7", "is 1, this line is 1.0000001."),
        ("1 + 0*x", "= 1 + 1/2**29", "is 1, this line is 1.000000002."),
        ("1/3 + 0*x", "= 1/3 + 1/10**7", "is 1/3, this line is 0.3333334."),
        ("10**9 + 0*x", "= 10**9 + 10", "is 10⁹, this line is 1.00000001·10⁹."),
        ("0*x + 2", "= 3", "is 2, this line is 3."),
    ],
)
def test_numbers_that_differ_look_different(first, second, words):
    found = report(first, second)
    assert words in found.first_broken.explanation()
    *_, one, other = re.findall(r"\{([^{}]+|[^{}]+\^\{\d+\})\}\\text\{[,.]", found._repr_latex_())
    assert one != other


def test_matrices_that_differ_look_different():
    given = {"n": [2], "S": diagonal("n")}
    found = report("S", "= S*(1 + 1/10**7)", **given)
    assert "is I, this line is diag(1.0000001, 1.0000001)." in found.first_broken.explanation()


def test_of_a_large_matrix_the_entry_that_differs_most_is_shown():
    found = report("2*A", "= A + T(A)", n=[12], A=matrix("n", "n"))
    explanation = found.first_broken.explanation()
    assert re.fullmatch(
        r"At n = 12, A = …: in entry \(\d+, \d+\) line \(1.1a\) is \S+, this line is \S+\.",
        explanation,
    )
    assert_harmless(found._repr_latex_())


@pytest.mark.parametrize(
    ("value", "other", "words"),
    [
        (0.0, 1e-15, ("0", "10⁻¹⁵")),
        (1e-300, 2e-300, ("10⁻³⁰⁰", "2·10⁻³⁰⁰")),
        (0.1 + 0.2, 0.3, ("0.30000000000000004", "0.29999999999999999")),
        (1e-17, 1.0, ("0", "1")),
    ],
)
def test_tiny_numbers_are_zero_only_where_that_tells_them_apart(value, other, words):
    precision = precision_to_tell_apart(value, other)
    assert tuple(value_in_words(v, precision) for v in (value, other)) == words


def test_parameters_are_printed_as_they_are():
    assert "x = 10⁻¹³" in repr(report("x", "= x + 1", x=[1e-13]))


def test_a_report_is_true_where_all_lines_hold():
    assert report("x", "= x")
    assert not report("x", "= x + 1")


# Limits


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("Int(exp(-z), z, 0, inf)", r"\int_{0}^{\infty} \exp(-z) \, \mathrm{d}z"),
        ("Int(f, z, -inf, b)", r"\int_{-\infty}^{b} f \, \mathrm{d}z"),
        ("Sum(x**i/Gamma(i + 1), i, 0, inf)",
         r"\sum_{i=0}^{\infty} \frac{x^i}{\Gamma(i + 1)}"),
        ("Sum(x**i, i, inf)", r"\sum_{i=1}^{\infty} x^i"),
        ("Sum(x[i], i, 1, n)", r"\sum_i x_i"),
        ("Sum(x[i], i, 2, n)", r"\sum_{i=2}^n x_i"),
        ("Prod(x[i], i, 0, k)", r"\prod_{i=0}^k x_i"),
        ("2*lgamma(a)**2", r"2 \bigl[\log \Gamma(a)\bigr]^2"),
        ("step(a - b)", r"\mathbb{1}[a - b > 0]"),
        ("D(log(det(A)), A)", r"\frac{\partial}{\partial A} \log \det A"),
    ],
)  # fmt: skip
def test_limits_and_functions_are_typeset(text, latex):
    assert PLAIN.tex(parse(text)) == latex
