"""Answers read out of notebooks: what is wrong with a cell costs its own task, and nothing runs."""

import contextlib
import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kl_utils._foreign_json import GivenTwice
from kl_utils.exercises.codes import code_of
from kl_utils.exercises.notebook_answers import LARGEST_NOTEBOOK, read_notebook
from kl_utils.exercises.submission_files import BadSubmission

CODE = code_of("a secret of the course", "divergence", "s017")
HEAD = ("# problem set: divergence\nSET = ''", f'# code\ncode = "{CODE}"')
PROOF = '# answer: prior@1\nproof_1 = """\n= E(z)  # the mean\n\n= 3\n"""'
LINES = {"lines": [{"text": "= E(z)", "reason": "the mean"}, {"text": "= 3", "reason": ""}]}
PROGRAM = "# answer: kl@2\nimport math\n\ndef kl(q, p):\n    return half(q)"
HELPER = "def half(q):\n    return q / 2"
TRIAL = "import kl_utils\nprint(kl(1, 2))"


def notebook(*cells, kind="code", **more):
    listed = [{"cell_type": kind, "metadata": {}, "source": cell} for cell in cells]
    return json.dumps({"nbformat": 4, "cells": listed} | more)


def answers_in(*cells, **more):
    return read_notebook(notebook(*HEAD, *cells, **more)).answers


def test_a_notebook_is_a_submission(tmp_path):
    path = tmp_path / "set.ipynb"
    path.write_text(notebook(*HEAD, PROOF, "# check: prior@1\nwork.check()", PROGRAM), "utf-8")
    submission = read_notebook(path)
    assert (submission.set, submission.student, submission.remarks) == ("divergence", CODE, ())
    assert submission.answers == {"prior@1": LINES, "kl@2": PROGRAM}


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ('number_1 = "log(2)/2"', "log(2)/2"),
        ("number_1 = 0.5", 0.5),
        ("number_1 = 1/2", "1 / 2"),
        ("number_1 = 0.5 nats", "0.5 nats"),
        ('x: str = "1"\nnumber = "2"', "1"),
        ('condition_1 = ("a > 1", "b < 2")', ["a > 1", "b < 2"]),
        ("condition_1 = a > 1", "a > 1"),
        (r'words_1 = "With \log q."', r"With \log q."),
        ("line_1 = '= 2  # why'", {"text": "= 2", "reason": "why"}),
        ("proof_1 = '= 2'", {"lines": [{"text": "= 2", "reason": ""}]}),
        ("proof_1 = = E(z)  # the mean\n= 3", LINES),
        ("answer = '''= E(z) # the mean\n= 3'''", LINES),
        ("mine = '= E(z) # the mean\\n= 3'", LINES),  # whatever it is called
        ("words_1 = '= E(z)'", "= E(z)"),
        ("%time\nnumber_1 = 3", 3),
        ("number_1 = __import__('os').getcwd()", "__import__('os').getcwd()"),
        ("number_1 = b'1'", "b'1'"),
        ("number_1 = 1e999", "1e309"),
    ],
)
def test_an_answer_is_the_literal_that_a_cell_assigns(cell, answer):
    assert answers_in(f"# answer: it@1\n{cell}") == {"it@1": answer}


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ("= a\n+ b # sum", [("= a + b", "sum")]),
        ("= a # one\n  - b # two\n= c", [("= a - b", "one two"), ("= c", "")]),
        ("= a*\nb\n@c", [("= a* b @c", "")]),
        ("= f(a,\n b)\nc", [("= f(a, b)", ""), ("c", "")]),
        ("= f(a\n)", [("= f(a )", "")]),
        ("= f(a\n= b", [("= f(a", ""), ("= b", "")]),
        ("- a\n>= b", [("- a", ""), (">= b", "")]),
    ],
)
def test_a_row_that_goes_on_belongs_to_the_line_above(rows, lines):
    found = answers_in(f'# answer: it@1\nproof_1 = """\n{rows}\n"""')["it@1"]["lines"]
    assert [(line["text"], line["reason"]) for line in found] == lines


@pytest.mark.parametrize("empty", ['""', "[]", "None", "...", '"  "', "''''''", "{}"])
def test_a_cell_left_as_it_was_is_no_answer(empty):
    assert answers_in(f"# answer: it@1\nnumber_1 = {empty}", "# answer: other@1") == {}


@pytest.mark.parametrize(
    "marker",
    ["# answer: it@1", "#answer :it@1", "## Answer:it @ 1", "# answers it@1", "#answer: it"],
)
def test_slips_in_a_marker_do_no_harm(marker):
    assert answers_in("# check: it@1", f"\n{marker}\nx = 5") == {"it@1": 5}


def test_a_comment_is_no_marker():
    program = "# answer: kl@1\ndef kl():\n    # answer: the\n    # answer the question\n    pass"
    assert answers_in(program) == {"kl@1": program}


def test_cells_deleted_copied_moved_split_and_merged():
    assert answers_in() == {}
    assert answers_in(PROOF, PROOF) == {"prior@1": LINES}
    assert answers_in(PROOF, "# answer: prior@1\nproof_1 = ''") == {"prior@1": LINES}
    assert answers_in(PROGRAM, "markdown", PROOF)["prior@1"] == LINES
    assert answers_in(f"{PROOF}\n{PROGRAM}") == {"prior@1": LINES, "kl@2": PROGRAM}
    above, _, below = PROOF.partition("\n\n")
    assert answers_in(above, below) == {"prior@1": LINES}
    assert answers_in(PROOF, kind="markdown") == {"prior@1": LINES}


def test_two_different_answers_are_none():
    submission = read_notebook(notebook(*HEAD, PROOF, PROOF.replace("3", "4"), PROGRAM))
    assert isinstance(submission.answers["prior@1"], GivenTwice)
    assert submission.answers["kl@2"] == PROGRAM
    assert "prior@1: 2 cells" in submission.remarks[0]


def test_what_was_split_off_from_a_program_belongs_to_it():
    parts = PROGRAM.partition("\n    return")
    assert answers_in(parts[0] + "\n    q = q", "    return q", TRIAL)["kl@2"].endswith("return q")
    assert answers_in(PROGRAM, HELPER, TRIAL)["kl@2"] == f"{PROGRAM}\n{HELPER}"
    assert answers_in(PROGRAM, TRIAL, HELPER)["kl@2"] == PROGRAM
    assert answers_in(PROGRAM, "def kl(q, p):\n    return 0")["kl@2"] == PROGRAM
    assert answers_in(PROGRAM, f"# check: kl@2\n{HELPER}")["kl@2"] == PROGRAM


@pytest.mark.parametrize(
    ("cell", "remark"),
    [
        ("code = ''", "There is no personal code in the notebook."),
        ("code = 'K7QX-2M9C'", "The personal code in the notebook cannot be read."),
        (f"code = '{CODE}'\ncode = 5", None),
        ("print(code)", "There is no personal code in the notebook."),
    ],
)
def test_a_code_that_is_none_costs_no_answer(cell, remark):
    submission = read_notebook(notebook(HEAD[0], cell, PROOF))
    assert submission.answers == {"prior@1": LINES}
    assert submission.student == ("" if remark else CODE)
    assert not remark or submission.remarks[0].startswith(remark)


def test_two_codes_are_none():
    other = code_of("a secret of the course", "divergence", "s018")
    assert read_notebook(notebook(*HEAD, f"code = '{other}'")).student == ""


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", "[]", "{}", '{"cells": 3}', "[" * 99, "0" * (LARGEST_NOTEBOOK + 1)],
)
def test_what_is_no_notebook_is_refused(content):
    with pytest.raises(BadSubmission):
        read_notebook(content)


def test_a_notebook_of_very_many_cells_is_refused():
    with pytest.raises(BadSubmission, match="more than 2000 cells"):
        read_notebook(notebook(*["x"] * 2001))


HOSTILE = [
    "x = " + "(" * 5000,
    "x = " + "-" * 50_000 + "1",
    "x = " + "1+" * 20_000 + "1",
    "x = " + "[" * 90 + "]" * 90,
    "x = " + "9" * 5000,
    "x = '\ud800'",
    "x = \0",
    "x = " + "a-" * 30_000,
    "x = f'{open(\"/etc/passwd\")}'",
    "def f(): pass\n" * 4000,
    "x" * 70_000,
]


def test_hostile_cells_cost_their_own_task_and_little_time():
    cells = [f"# answer: h{place}@1\n{cell}" for place, cell in enumerate(HOSTILE)]
    started = time.process_time()
    submission = read_notebook(notebook(*HEAD, *cells, *["def f(): pass"] * 1500, PROOF))
    assert time.process_time() - started < 4
    assert submission.answers["prior@1"] == LINES
    json.dumps({k: v for k, v in submission.answers.items() if not isinstance(v, GivenTwice)})


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
sources = st.one_of(
    json_values,
    st.text(alphabet="# answer:x@1\n=()'\"[]def code", max_size=60).map("# answer: a@1\n{}".format),
)
cells = st.fixed_dictionaries({}, optional={"cell_type": json_values, "source": sources})


@given(st.binary(max_size=200) | st.lists(cells | json_values, max_size=4) | json_values)
@example([{"source": ["# answer: a@1\n", 3, "x = 1"]}])
def test_nothing_but_a_bad_submission_is_raised(content):
    if isinstance(content, list):
        content = {"cells": content}
    if not isinstance(content, bytes):
        content = json.dumps(content)
    with contextlib.suppress(BadSubmission):
        read_notebook(content)
