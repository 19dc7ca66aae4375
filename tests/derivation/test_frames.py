"""Frames and proofs read from text: they say what programs say, and nothing in them is run."""

import ast
import json
import re
import sys
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from book_given import held
from book_programs import tries
from kl_utils import derivation
from kl_utils.derivation import Derivation, Given
from kl_utils.derivation.calls import FAMILIES, KINDS, Made
from kl_utils.derivation.frames import LONGEST_KIND, MOST, read_frame
from kl_utils.derivation.proof_texts import (
    LARGEST,
    MOST_LINES,
    as_code,
    as_latex,
    as_notebook,
    derivation_of,
    given_latex,
    read_proof,
)
from tools import ROOT

CLASSES = {"BrokenDerivation", "Derivation", "Given", "Report", "Verdict"}
PUBLIC = {name: getattr(derivation, name) for name in derivation.__all__}


def read(given=None, meanings=None):
    return read_frame({"given": given or {}, "meanings": meanings or {}})


def cases(given):
    """All values that the letters run through."""
    return [
        (group.sizes, {name: value.tolist() for name, value in group.values.items()})
        for group in given.groups()
    ]


def trees(meanings):
    """Meanings as a derivation has them, as texts."""
    return {
        name: ast.dump(meaning)
        if isinstance(meaning, ast.AST)
        else (type(meaning), meaning.of, *(ast.dump(tree) for tree in meaning.parameters))
        for name, meaning in meanings.items()
    }


# --- what can be said


def test_every_kind_and_family_can_be_named():
    assert {*KINDS, *FAMILIES} - {"range"} == set(derivation.__all__) - CLASSES


@pytest.mark.parametrize("text", KINDS.values())
def test_each_kind_is_what_a_program_makes_of_it(text):
    sizes = "n=range(1, 3), m=[2], k=range(1, 3), "
    written = eval(f"Given({sizes}x={text})", dict(PUBLIC))
    found, _ = read({"n": "range(1, 3)", "m": "[2]", "k": "range(1, 3)", "x": text})
    assert cases(found) == cases(written)


@pytest.mark.parametrize("text", FAMILIES.values())
def test_each_family_is_what_a_program_makes_of_it(text):
    assert trees(read({}, {"q": text})[1]) == trees({"q": eval(text, dict(PUBLIC))})


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("[1, 3/2, -1/2, -2, .5]", "[1, 3/2, -1/2, -2, .5]"),
        ("1, 2", "[1, 2]"),
        ("[4/2]", "[4/2]"),
        ("between(-1/2, 1e3)", "between(-1/2, 1e3)"),
        ("between(low=0, high=1)", "between(0, 1)"),
        ("vector('n', positive=True)", "vector('n', positive=True)"),
        ("vector(“n”)", "vector('n')"),
        ("vector(3)", "vector(3)"),
        ("simplex(2, zeros=False, of='w')", "simplex(2, zeros=False, of='w')"),
        ("joint('n', 2, of=['u', 'v'])", "joint('n', 2, of=('u', 'v'))"),
    ],
)
def test_more_ways_to_write_a_kind(text, program):
    written = eval(f"Given(n=range(1, 3), x={program})", dict(PUBLIC))
    assert cases(read({"n": "range(1, 3)", "x": text})[0]) == cases(written)


def test_names_and_expressions_are_read_as_on_a_line():
    found, meanings = read(
        {"μ": "real()", "σ₁": "positive()"},
        {"p(x|z)": "gaussian('z', 'σ₁²', of='x')", "p(z)": "gaussian('0', '1')", "t": "'2·μ'"},
    )
    assert found.names == ["mu", "sigma_1"]
    written = Derivation(
        "1",
        Given(mu=derivation.real(), sigma_1=derivation.positive()),
        **{
            "p(x|z)": derivation.gaussian("z", "sigma_1**2", of="x"),
            "p(z)": derivation.gaussian("0", "1"),
            "t": "2*mu",
        },
    )
    assert set(Derivation("1", found, **meanings).meanings) == set(written.meanings)
    assert trees({"p": meanings["p(x|z)"]}) == trees({"p": written.meanings["p(x | z)"]})
    assert meanings["t"] == "2*mu"


# --- what is refused

ONLY = "only numbers, such as 1/2, and texts in quotes can stand in the brackets"
NO_KIND = "expected one of real(…), positive(…), "
REFUSED_KINDS = {
    "real": "`real` needs brackets, as in real()",
    "real(1)": "write it as in real()",
    "vector(n)": f'{ONLY}: write it as in vector("n")',
    "vector()": 'write it as in vector("n")',
    "vector('n', 'm')": 'write it as in vector("n")',
    "vector('n', x=1)": 'write it as in vector("n")',
    "vector('n', positive='yes')": 'write it as in vector("n")',
    "vector(*'n')": ONLY,
    "vector(**{'n': 1})": 'write it as in vector("n")',
    "vector(n='n', n='m')": 'write it as in vector("n")',
    "vector(True)": 'write it as in vector("n")',
    "vector('m')": "the dimension 'm' is not given",
    "vector(10**9)": ONLY,
    "vector(999999999)": "999,999,999 entries are too many",
    "index([1.5])": 'write it as in index("k")',
    "index(1/2)": 'write it as in index("k")',
    "simplex(2, of=3)": 'write it as in simplex("k")',
    "simplex(2, of='lambda')": "'lambda': this name is a word of Python",
    "range(3)": "write it as in range(1, 6)",
    "range(1, 'n')": "write it as in range(1, 6)",
    "range(1, 9**9)": ONLY,
    "range(1, 999999999999)": "at most 100 values can be listed",
    "between(1, 0)": "between: expected low < high",
    "gaussian('0', '1')": "`gaussian` is a distribution",
    "[]": "expected a kind such as real()",
    "[1, 'a']": "expected finite real numbers",
    "[True]": "expected finite real numbers",
    "[1/0]": "a number is divided by 0",
    "[1e16]": "expected numbers up to 1e+15",
    "[1e999]": "expected numbers up to 1e+15",
    "[1j]": ONLY,
    "[[1]]": ONLY,
    "[--1]": ONLY,
    "[f'{open}']": ONLY,
    "[x for x in (1,)]": NO_KIND,
    "__import__('os').abort()": NO_KIND,
    "open('x')": NO_KIND,
    "real() if 1 else 0": NO_KIND,
    "'a'*10**9": NO_KIND,
    "(": NO_KIND,
    "": NO_KIND,
    "\0": NO_KIND,
    "-" * LONGEST_KIND: NO_KIND,
    "-" * (LONGEST_KIND + 1): "at most 200 characters",
}
REFUSED_MEANINGS = {
    "gaussian(mu, 1)": ONLY,
    "gaussian('mu')": 'write it as in gaussian("mu", "sigma**2")',
    "gaussian('0', 1)": 'write it as in gaussian("mu", "sigma**2")',
    "gaussian('0', '1', of=['z'])": 'write it as in gaussian("mu", "sigma**2")',
    "gaussian('0', '1', of='1z')": "'1z': this name is no name here",
    "gaussian('log(', '1')": "The brackets do not match",
    "bernoulli('a) + (b')": "I cannot read this line",
    "bernoulli('a', of='z)*2')": "'z)*2': this name is no name here",
    "Gaussian('0', '1')": "expected one of gaussian(…), bernoulli(…), ",
    "simplex('k')": "`simplex` is a kind of letter",
    "log(": "The brackets do not match",
    "__import__('os')": "expected one of gaussian(…)",
    "x.y": "The dot in `x.y`",
    "-" * 900 + "1": "I cannot read this line",
    "1" * 1001: "at most 1000 characters",
}


@pytest.mark.parametrize(("text", "why"), REFUSED_KINDS.items(), ids=range(len(REFUSED_KINDS)))
def test_other_kinds_are_refused_with_what_is_possible(text, why):
    with pytest.raises(ValueError) as refused:
        read({"a": text})
    assert str(refused.value).startswith(f"a: {why}")


@pytest.mark.parametrize(
    ("text", "why"), REFUSED_MEANINGS.items(), ids=range(len(REFUSED_MEANINGS))
)
def test_other_meanings_are_refused_with_what_is_possible(text, why):
    with pytest.raises(ValueError) as refused:
        read({}, {"q": text})
    assert str(refused.value).startswith("q: ") and why in str(refused.value)


@pytest.mark.parametrize(
    ("name", "of_a_letter", "of_a_meaning"),
    [
        ("self", "this name is taken", "this name is taken"),
        ("number", None, "this name is taken"),
        ("given", None, "this name is taken"),
        ("lambda", "this name is a word of Python", "`lambda` is a word of Python"),
        ("a b", "this name is no name here", "Two things stand side by side"),
        ("p(x|z)", "this name is no name here", None),
        ("a + b", "this name is no name here", "expected a name such as r"),
        ("E", "this name is taken by the language", None),
        ("__class__", "this name is no name here", "`__class__` belongs to Python"),
        ("", "this name is no name here", "There is nothing on this line"),
        ("x" * 61, "a name has at most 60", "a name has at most 60"),
    ],
)
def test_names_that_cannot_be(name, of_a_letter, of_a_meaning):
    for frame, why in (
        ({"given": {name: "real()"}}, of_a_letter),
        ({"meanings": {name: "1"}}, of_a_meaning),
    ):
        if why is None:
            read_frame(frame)
            continue
        with pytest.raises(ValueError) as refused:
            read_frame(frame)
        assert str(refused.value).startswith(f"{name[:60]}: {why}")


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (None, "A frame says"),
        ([], "A frame says"),
        ({"given": {}, "lines": []}, "A frame says"),
        ({"given": ["real()"]}, "`given` has a text for each"),
        ({"given": {"a": 1}}, "`given` has a text for each"),
        ({"meanings": {"a": None}}, "`meanings` has a text for each"),
        ({"given": {f"a{i}": "real()" for i in range(MOST + 1)}}, "`given` has a text for each"),
        ({"given": {"mu": "real()", "μ": "real()"}}, "μ: this name stands here twice"),
        ({"meanings": {"p(x|z)": "1", "p(x | z)": "2"}}, "p(x | z): this name stands here twice"),
    ],
)
def test_what_is_no_frame(frame, why):
    with pytest.raises(ValueError) as refused:
        read_frame(frame)
    assert str(refused.value).startswith(why)


# --- whatever is typed

STARTED = {"open", "exec", "compile", "import", "os.system", "subprocess.Popen", "socket.connect"}
events = None


def listen(event, arguments):
    """Note what a text would do if it were run; parsing is ``compile`` with a text."""
    if events is not None and event in STARTED:
        events.append((event, arguments))


sys.addaudithook(listen)

SNIPPETS = """
"n" 'mu' n mu z 1 0 - / * ** @ | , ( ) [ ] { } = . : of= positive=True True None 1e9 inf lambda
λ ² ½ “ \\ __import__('os').abort() open('/etc/passwd') for in if f'{ await # ;
"""
PIECES = st.sampled_from(
    [*KINDS, *FAMILIES, *KINDS.values(), *FAMILIES.values(), " ", "\n", *SNIPPETS.split()]
)
TEXTS = st.lists(PIECES, max_size=9).map("".join) | st.text(max_size=30) | PIECES
NAMES = st.sampled_from(["n", "mu", "q", "p(x|z)", "p(z)", "σ", "log_q", "self", "I", "E"]) | TEXTS
FRAMES = st.fixed_dictionaries(
    {"given": st.dictionaries(NAMES, TEXTS, max_size=4)},
    optional={"meanings": st.dictionaries(NAMES, TEXTS, max_size=4)},
)


@settings(max_examples=300, deadline=2000)
@given(FRAMES)
@example({"given": {"n": "range(1, 6)", "mu": "vector('n')"}, "meanings": {"q": "log(mu)"}})
def test_a_frame_is_read_or_refused_and_never_run(frame):
    global events
    events = []
    with suppress(ValueError):
        given, meanings = read_frame(frame)
        Derivation("1", given, **meanings)
        given_latex(frame)
        next(given.groups(), None)
    happened, events = events, None
    assert not [event for event in happened if event[0] != "compile"]
    assert all(source is not None for _, (source, _) in happened)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
PROOFS = st.fixed_dictionaries(
    {
        "version": st.just(1) | ANYTHING,
        "frame": FRAMES | ANYTHING,
        "lines": st.lists(st.lists(TEXTS, min_size=2, max_size=2), max_size=3) | ANYTHING,
    }
)


@settings(max_examples=150, deadline=2000)
@given((PROOFS | ANYTHING).map(json.dumps) | TEXTS)
def test_a_proof_is_read_or_refused(text):
    with suppress(ValueError):
        proof = read_proof(text)
        code = as_code(proof)
        as_latex(proof)
        ast.parse(code)
        json.loads(as_notebook(proof))


# --- proofs

FRAME = {
    "given": {"n": "range(1, 4)", "mu": 'vector("n")', "a": "[1, 4/2, -1/2]"},
    "meanings": {
        "q": 'gaussian("mu", "I")',
        "p(z)": 'gaussian("0", "I")',
        "p(x|z)": 'gaussian("z", "I", of="x")',
        "t": "a*log(q(z)) + a*a*log(q(z)) + a*a*a*log(q(z)) + a*a*a*a*log(q(z))",
    },
}
LINES = [["E(T(z)@z)", r"what $\mu$ costs"], ["= n + T(mu)@mu", 'it "says" \\'], ["= 2*n", ""]]


def written(**changes):
    return json.dumps({"version": 1, "frame": FRAME, "lines": LINES} | changes)


def test_a_proof_says_what_a_program_says():
    proof, names = read_proof(written()), {}
    code = as_code(proof)
    exec("from kl_utils.derivation import *\n" + code, names)
    report = derivation_of(proof).check()
    assert repr(names["d"].check()) == repr(report)
    assert [verdict.status for verdict in report.verdicts] == ["start", "holds", "broken"]
    assert cases(names["given"]) == cases(derivation_of(proof).given)
    assert max(map(len, code.splitlines())) <= 100
    assert r'r"what $\mu$ costs"' in code and "a=[1, 4 / 2, -1 / 2]" in code


def test_what_is_written_runs_only_what_was_read():
    with pytest.raises(ValueError, match=r"^mu: expected one of"):
        as_code(read_proof(written(frame={"given": {"mu": "__import__('os').abort()"}})))
    line = '"); __import__("os").abort(); ("'
    code = as_code(read_proof(written(lines=[[line, line + "\\"]])))
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    assert {ast.unparse(call.func) for call in calls} == {
        "Given", "range", "vector", "Derivation", "gaussian", "d.line", "d.check",
    }  # fmt: skip


def test_a_proof_is_typeset():
    latex = as_latex(read_proof(written()))
    assert (
        r"\(n = 1, 2, 3\), \(\mu \in \mathbb{R}^{n}\), \(a \in \{1, 2, -\tfrac{1}{2}\}\)" in latex
    )
    assert r"&= n + \mu^\top \mu \tag{1b}" in latex and r"{\mu}\text{ costs}" in latex
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\begin") == latex.count(r"\end") == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "This proof is not valid JSON"),
        ("[" * 99, "The brackets in this proof are nested more than 20 deep"),
        ("x" * (LARGEST + 1), "This proof is larger than 64 kB"),
        (b"\xff", "This proof is not encoded in UTF-8"),
        ("null", "A proof is an object with"),
        (written(more=1), "A proof is an object with"),
        (written(version=True), "The `version` of this proof is not 1"),
        (written(version=2), "The `version` of this proof is not 1"),
        (written(lines={}), "The `lines` of a proof are pairs"),
        (written(lines=[["a"]]), "The `lines` of a proof are pairs"),
        (written(lines=[["a", None]]), "The `lines` of a proof are pairs"),
        (written(lines=[["a", ""]] * (MOST_LINES + 1)), "A proof has at most 60 lines"),
        (written()[:-1] + ', "lines": []}', "The `lines` of a proof are pairs"),
    ],
)
def test_what_is_no_proof(text, why):
    with pytest.raises(ValueError) as refused:
        read_proof(text)
    assert str(refused.value).startswith(why)


# --- the frames of the book


def in_text(value):
    """What a program holds, as one would type it."""
    match value:
        case Made(name, arguments, options):
            write = repr if name in FAMILIES else in_text
            parts = [*map(write, arguments), *(f"{k}={in_text(v)}" for k, v in options.items())]
            return f"{name}({', '.join(parts)})"
        case list():
            return f"[{', '.join(map(in_text, value))}]"
        case str() if re.fullmatch(r"[-\d./ ]+", value) is None:
            return repr(value)
    return str(value)  # a number; fractions are texts already


def frame_of(program):
    made = held(program)["derivation"]
    letters = next((part.options for part in made.arguments if isinstance(part, Made)), {})
    return {
        "given": {name: in_text(kind) for name, kind in letters.items()},
        "meanings": {name: in_text(meaning) for name, meaning in made.options.items()},
    }


@pytest.mark.long
def test_all_frames_of_the_book_can_be_typed_and_have_the_same_cases():
    programs = {
        number: one.program
        for path in sorted(ROOT.glob("notebooks/*.ipynb"))
        for number, one in tries(path)[0].items()
    }
    assert len(programs) > 250
    for number, program in programs.items():
        names = {}
        exec(program, names)
        given, meanings = read_frame(frame_of(program))
        assert cases(given) == cases(names["derivation"].given), number
        typed = Derivation(number, given, **meanings)
        assert trees(typed.meanings) == trees(names["derivation"].meanings), number
