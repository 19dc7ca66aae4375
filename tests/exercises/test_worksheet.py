"""What a student sees in the notebook: the checker's ticks for proofs, and never what is right."""

import json
import subprocess
import sys

import pytest

from kl_utils.exercises.codes import code_of
from kl_utils.exercises.submission_files import read_submission
from kl_utils.exercises.worksheet import NO_CODE, Worksheet

SET = r"""
name = "tiny"
title = "Tiny"
chapters = [1]
[frames.one]
given = { a = "real()" }
meanings = { q = 'gaussian("a", "1")' }
[[tasks]]
id = "square"
version = 1
kind = "prove"
title = "A square"
points = 10
minutes = 5
statement = "Work it out."
frame = "one"
first = "E(z**2)"
goal = "a**2 + 1"
[[tasks]]
id = "mend"
version = 1
kind = "repair"
title = "Mend it"
points = 2
minutes = 2
statement = "Mend it."
frame = "one"
first = "E(z**2)"
lines = ["= Var(z) + a", "= 1 + a**2"]
at = 1
[[tasks]]
id = "value"
version = 1
kind = "compute"
title = "A value"
points = 3
minutes = 2
statement = "Compute the mean of $z^2$ at $a = {a}$."
frame = "one"
key = "E(z**2)"
choices = { a = [2, 3] }
[tasks.figure]
curves = { f = "a*x" }
x = [-1, 1]
y = [-3, 3]
[[tasks]]
id = "where"
version = 1
kind = "condition"
title = "Where"
points = 3
minutes = 2
statement = "When is the mean positive?"
frame = "one"
first = "E(z)"
claim = ">= 0"
[[tasks]]
id = "program"
version = 1
kind = "program"
title = "A function"
points = 3
minutes = 2
statement = "Write `f`."
function = "f"
starter = "def f(x):\n    raise NotImplementedError\n"
[[tasks]]
id = "why"
version = 1
kind = "explain"
title = "Why"
points = 1
minutes = 1
statement = "Why?"
good_answer_says = ["Because."]
"""
CODE = code_of("a secret of the course", "tiny", "s017")


@pytest.fixture
def work():
    return Worksheet(SET, CODE.lower().replace("-", " "))


def test_a_statement_has_the_numbers_of_the_code(work, capsys):
    work.show("value@1")
    shown = capsys.readouterr().out
    a = work.set.question("value@1").numbers(CODE)["a"]
    assert f"at $a = {a}$" in shown and "figure" in shown
    work.show("mend@1")
    shown = capsys.readouterr().out
    assert ">>> = Var(z) + a\n" in shown and "\\mathcal{N}" in shown


def test_ticks_are_shown_of_proofs_and_repairs(work, capsys):
    work.check("square@1", "= Var(z) + E(z)**2  # of a square\n= a**2 + 2")
    shown = capsys.readouterr().out
    assert "✓ = Var(z) + E(z)**2" in shown and "✗ = a**2 + 2" in shown and "of a square" in shown
    work.check("mend@1", "= Var(z) + a**2")
    assert capsys.readouterr().out.count("✓") == 2


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [("value@1", "2**2 + 1", "log(2) + 7"), ("where@1", ["a >= 0"], ["a >= 9"])],
)
def test_right_and_wrong_look_the_same(work, capsys, name, right, wrong):
    shapes = []
    for answer in (right, wrong):
        work.check(name, answer)
        shapes.append(capsys.readouterr().out.partition("Read as")[1:2])
    assert shapes == [("Read as",)] * 2
    work.check(name, "b + (")
    assert "cannot be read" in capsys.readouterr().out


def test_a_program_is_looked_at_and_not_run(work, capsys):
    work.check("program@1", "def f(x):\n    return open('gone', 'w')")
    work.check("program@1", "def g(x):\n    pass")
    work.check("program@1", "def f(x")
    work.check("program@1", work.set.question("program@1").data["starter"])
    ran, other, broken, untouched = capsys.readouterr().out.splitlines()
    assert "2 lines with `f`" in ran and "no function `f`" in other
    assert "no Python" in broken and "no answer yet" in untouched
    assert "program@1" not in work.answers


def test_what_was_checked_is_saved(work, capsys, tmp_path):
    work.check("square@1", "= 1 + a**2")
    work.check("where@1", ["a > 0"])
    work.check("why@1", "So.")
    work.check("why@1", " ")
    work.save(tmp_path)
    saved = read_submission(tmp_path / f"tiny-{CODE.replace('-', '')}.json")
    assert (saved.set, saved.student) == ("tiny", CODE)
    assert saved.answers == {
        "square@1": {"lines": [{"text": "= 1 + a**2", "reason": ""}]},
        "where@1": ["a > 0"],
    }
    assert "why@1" in capsys.readouterr().out.splitlines()[-1]


def test_without_a_code_all_runs_and_nothing_is_saved(capsys, tmp_path):
    work = Worksheet(SET)
    for question in work.set.questions:
        work.show(question.name)
        work.check(question.name, "")
    work.save(tmp_path)
    assert NO_CODE in capsys.readouterr().out and not list(tmp_path.iterdir())
    Worksheet(SET, "AAAA-AAAA")
    assert "typing mistake" in capsys.readouterr().out


def test_an_unknown_task_is_named(work):
    with pytest.raises(ValueError, match=r"'gone@1'.*square@1"):
        work.check("gone@1", "1")


def test_a_value_that_no_file_can_hold_is_saved_as_text(work, tmp_path):
    work.check("value@1", {1, 2})
    work.save(tmp_path)
    (path,) = tmp_path.iterdir()
    assert json.loads(path.read_text("utf8"))["answers"]["value@1"] == "{1, 2}"


def test_it_loads_without_a_notebook():
    program = (
        "import sys\nimport kl_utils.exercises.worksheet\n"
        "sys.exit(bool({'IPython', 'torch', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
