"""Lines are typeset as by hand, and what stands on the page is what is computed."""

import ast
import cmath
import contextlib
import io
import random
import re

import numpy as np
import pytest

from kl_utils.derivation import Derivation, Given, real, typeset_functions
from kl_utils.derivation.functions import FUNCTIONS, Function, of_values
from kl_utils.derivation.layout import typeset_rows
from kl_utils.derivation.operations import elementary
from kl_utils.derivation.parsing import parse
from kl_utils.derivation.typeset import PLAIN
from tools import ROOT

typeset = PLAIN.tex

HAND_SET = [
    ("(tr(Sigma) + T(mu)@mu - n - log(det(Sigma)))/2",
     r"\tfrac{1}{2} (\operatorname{tr} \Sigma + \mu^\top \mu - n - \log \det \Sigma)"),
    ("exp(-T(z-mu)@inv(Sigma)@(z-mu)/2)/sqrt((2*pi)**n*det(Sigma))",
     r"\frac{\exp\bigl(-\tfrac{1}{2} (z - \mu)^\top \Sigma^{-1} (z - \mu)\bigr)}"
     r"{\sqrt{(2 \pi)^n \det \Sigma}}"),
    ("log(sigma_p/sigma_q) + (sigma_q**2 + (mu_q-mu_p)**2)/(2*sigma_p**2) - 1/2",
     r"\log \frac{\sigma_p}{\sigma_q} + \frac{\sigma_q^2 + (\mu_q - \mu_p)^2}{2 \sigma_p^2}"
     r" - \tfrac{1}{2}"),
    ("E(T(z-m)@A@(z-m))", r"\mathbb{E}_q\bigl[(z - m)^\top A (z - m)\bigr]"),
    ("tr(A@Sigma) + T(mu-m)@A@(mu-m)",
     r"\operatorname{tr}(A \Sigma) + (\mu - m)^\top A (\mu - m)"),
    ("Sum(sigma[i]**2 + mu[i]**2 - 1 - log(sigma[i]**2), i, n)/2",
     r"\tfrac{1}{2} \sum_i (\sigma_i^2 + \mu_i^2 - 1 - \log \sigma_i^2)"),
    ("Sum(mu_q[i]**2/2, i, k)", r"\sum_{i=1}^k \frac{\mu_{q,i}^2}{2}"),
    ("Int(q(z)*log(q(z)/p(z)), z)",
     r"\int q(z) \log \frac{q(z)}{p(z)} \, \mathrm{d}z"),
    ("mean(log(q(z)/p(z)))", r"\frac{1}{S} \sum_s \log \frac{q(z_s)}{p(z_s)}"),
    ("log(p(x)) - KL(q(z), p(z|x))",
     r"\log p(x) - \operatorname{KL}\bigl(q(z) \,\|\, p(z \mid x)\bigr)"),
    ("E(log(p(x, z)/q(z)))", r"\mathbb{E}_q\!\left[\log \frac{p(x, z)}{q(z)}\right]"),
    ("-(z-mu)**2/(2*sigma**2) - log(2*pi)/2",
     r"-\frac{(z - \mu)^2}{2 \sigma^2} - \tfrac{1}{2} \log(2 \pi)"),
    ("-n/2*log(2*pi) + 3*x/4", r"-\frac{n}{2} \log(2 \pi) + \frac{3 x}{4}"),
    ("D(t, mu)", r"\frac{\partial t}{\partial \mu}"),
    ("D(log_q(z), sigma)", r"\frac{\partial}{\partial \sigma} \log q(z)"),
    ("log(Sum(pi[k]*normal(z, m[k], s[k]**2), k, K))",
     r"\log \sum_k \pi_k \, \mathcal{N}(z;\, m_k, s_k^2)"),
    ("det(2*pi*Sigma)**(-1/2)", r"\det(2 \pi \Sigma)^{-1/2}"),
    ("E(z@T(z)) - mu@T(mu)", r"\mathbb{E}_q[z z^\top] - \mu \mu^\top"),
    ("a - (b + c) - (b - c)*d", r"a - (b + c) - (b - c) d"),
    ("a - -b + (-c)", r"a + b - c"),
    ("inv(T(A))@T(inv(B))@inv(A@B)", r"A^{-\top} B^{-\top} (A B)^{-1}"),
    ("log(x)**2*x - 2*3*(a/b)**2", r"(\log x)^2 x - 2 \cdot 3 \left(\frac{a}{b}\right)^2"),
    ("2*(3/4)*x", r"2 \cdot \tfrac{3}{4} x"),
    ("(1/2)*(1+rho)*log(1+rho)", r"\tfrac{1}{2} (1 + \rho) \log(1 + \rho)"),
    ("eps*z - 1/sigma", r"\varepsilon z - \frac{1}{\sigma}"),
    ("tr(Sigma)*x + Sum(x, i, n)*y", r"(\operatorname{tr} \Sigma) x + \left(\sum_i x\right) y"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "latex"), HAND_SET)
def test_lines_are_set_as_by_hand(text, latex):
    assert typeset(parse(text)) == latex


def random_expression(rng, depth):
    if depth == 0:
        return rng.choice(["a", "b", "c", "2", "3", "7"])
    left, right = (random_expression(rng, depth - rng.randint(1, depth)) for _ in range(2))
    form = rng.choice(["({}+{})", "({}-{})", "({}*{})", "({}/{})", "(-{})", "log({})", "({}**2)"])
    return form.format(left, right)


def read_latex(tex):
    """Evaluate typeset arithmetic the way a reader does, by a grammar of its own."""
    tokens = re.findall(
        r"\\[a-z]+|\d+|[a-z]|[-+^{}()\[\]]", re.sub(r"\\(left|right|[bB]ig[lr]|!)", "", tex)
    )
    closing = {"{": "}", "(": ")", "[": "]"}
    values = {"a": 0.7, "b": 1.3, "c": 2.1}

    def total():
        value = -product() if tokens[0] == "-" and tokens.pop(0) else product()
        while tokens and tokens[0] in "+-":
            value += product() if tokens.pop(0) == "+" else -product()
        return value

    def product():
        value = 1.0
        while tokens and tokens[0] not in {"+", "-", "}", ")", "]"}:
            if tokens[0] == "\\log":
                tokens.pop(0)
                return value * cmath.log(product())
            value *= power() if tokens[0] != "\\cdot" or not tokens.pop(0) else 1.0
        return value

    def power():
        value = atom()
        if tokens and tokens[0] == "^":
            tokens.pop(0)
            value = value ** atom()
        return value

    def atom():
        token = tokens.pop(0)
        if token in closing:
            value = total()
            assert tokens.pop(0) == closing[token]
            return value
        if token in ("\\frac", "\\tfrac"):
            return atom() / atom()
        return values[token] if token in values else float(token)

    value = total()
    assert not tokens
    return value


def test_the_page_says_what_is_computed():
    """Random arithmetic, read back from its LaTeX, has the value of the expression."""
    rng = random.Random(3)
    for _ in range(400):
        text = random_expression(rng, 4)
        names = {"a": 0.7, "b": 1.3, "c": 2.1, "log": lambda x: cmath.log(x)}
        try:
            truth = complex(eval(text, {"__builtins__": {}}, names))
        except (ZeroDivisionError, ValueError):  # log 0
            continue
        tex = typeset(parse(text))
        assert read_latex(tex) == pytest.approx(truth, rel=1e-9), (text, tex)


def test_long_lines_are_broken_before_a_sign():
    rows = typeset_rows(parse("(" + " + ".join(f"alpha_{i}*beta_{i}" for i in range(30)) + ")/2"))
    assert len(rows) > 2
    assert all(row.startswith(" + ") for row in rows[1:])
    assert rows[0].count(r"\bigl[") == rows[-1].count(r"\bigr]") == 1


PAGE = ROOT / "book" / "checking.md"


def table_rows():
    for row in PAGE.read_text("utf8").splitlines():
        found = re.fullmatch(r"\| `([^`]+)` \| \$(.+)\$ \| .+ \|", row)
        if found:
            yield found.groups()


def test_the_tables_show_lines_as_they_are_typeset():
    for text, latex in table_rows():
        expected = latex.replace(r"\Vert", r"\|")  # in a table, a \| would become a single bar
        assert typeset(parse(text.replace("\\|", "|"))) == expected, text


def rows_missing_on_the_page():
    page = PAGE.read_text("utf8").splitlines()
    for function in FUNCTIONS.values():
        for form, meaning in function.forms.items():
            tex = typeset(parse(form)).replace(r"\|", r"\Vert")
            row = f"| `{form}` | ${tex}$ | {meaning} |"
            if row not in page:
                yield row


def test_the_page_has_the_rows_of_every_function():
    missing = list(rows_missing_on_the_page())
    assert not missing, "\n".join(["add to the table of book/checking.md:", *missing])


def test_one_row_adds_a_function(monkeypatch):
    def explanation(second):
        derivation = Derivation("1.1", Given(x=real()))
        derivation.line("squash(x)")
        derivation.line(second)
        verdict = derivation.check().first_broken
        return verdict and verdict.explanation()

    assert "do not know the name `squash`" in explanation("= 1/(1 + exp(-x))")
    row = Function(
        {"squash(x)": "squashing function"},
        of_values(elementary("squash", lambda x: 1 / (1 + np.exp(-x)))),
        typeset_functions.named(r"\operatorname{squash}"),
    )
    monkeypatch.setitem(FUNCTIONS, row.name, row)
    assert explanation("= 1/(1 + exp(-x))") is None
    assert explanation("= 1 - squash(-x)") is None
    assert "At x = 1: line (1.1a) is 0.731059" in explanation("= squash(-x)")
    assert "write `squash(x)`" in explanation("= squash(x, 2)")
    assert "write `squash(x)`" in explanation("= squash")
    assert "Did you mean `squash`?" in explanation("= Squash(x)")
    assert list(rows_missing_on_the_page()) == [
        r"| `squash(x)` | $\operatorname{squash}(x)$ | squashing function |"
    ]


EXAMPLE = re.compile(
    r"```python\n(.*?)```\n(?:\s*(?:<details>\s*<summary>[^<]*</summary>\s*)?```text\n(.*?)```)?",
    re.DOTALL,
)


@pytest.mark.parametrize("name", ["checking", "primer", "your_own_proof"])
def test_the_examples_on_a_page_come_out_as_printed(name):
    examples = EXAMPLE.findall((PAGE.parent / f"{name}.md").read_text("utf8"))
    assert len(examples) > 3
    names = {}
    for code, printed in examples:
        assert put_out(code, names).rstrip() == printed.rstrip()


def put_out(code, names):
    """What a notebook shows below a cell: what the code prints, then the value of its last line."""
    *statements, last = ast.parse(code).body
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(ast.Module(statements, []), "example", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "example", "eval"), names)
            print("" if value is None else repr(value))
        else:
            exec(compile(ast.Module([last], []), "example", "exec"), names)
    return printed.getvalue()
