"""What a student sees in the notebook: the checker's ticks for proofs, and never what is right."""

import ast
import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from kl_utils.exercises import notebook_session, worksheet
from kl_utils.exercises.codes import code_of
from kl_utils.exercises.submission_files import read_submission
from kl_utils.exercises.worksheet import NO_CODE, TICKS, Worksheet

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
forbidden = ["kl_utils", "scipy.stats"]
starter = STARTER
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
STARTER = '''
import numpy as np


def f(x):
    """Half.

    Examples
    --------
    >>> f(np.array([1.0,
    ...             3.0]))
    [0.5, 1.5]
    >>> f(2.0)
    1.0
    """
    raise NotImplementedError
'''
SET = SET.replace("STARTER", json.dumps(STARTER))
CODE = code_of("a secret of the course", "tiny", "s017")
FILE = f"tiny-{CODE.replace('-', '')}.json"


@pytest.fixture
def work():
    return Worksheet(SET, CODE.lower().replace("-", " "))


@pytest.fixture
def run(monkeypatch):
    """Run cells as a notebook does it, up to showing what comes out."""
    names = {"In": [""]}
    monkeypatch.setattr(notebook_session, "shell", lambda: SimpleNamespace(user_ns=names))
    monkeypatch.setattr(worksheet, "show_report", print)

    def run(*cells):
        for cell in cells:
            names["In"].append(cell)
            exec(cell, names)

    return run


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
    assert TICKS in shown and "goal" not in shown
    work.check("mend@1", "Var(z) + a**2  # the sign = is meant")
    assert capsys.readouterr().out.count("✓") == 2


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("square@1", "= Var(z) + E(z)**2", "The last line is not the goal yet."),
        ("square@1", "= Var(z) + a**2", "The last line is not the goal yet."),
        ("square@1", "= 1 + a**2", TICKS),
        ("mend@1", "= E(z*z)", "Your line is the one above or below again."),
        ("mend@1", "= a**2 + 1", "Your line is the one above or below again."),
        ("mend@1", "= Var(z) + a**2", TICKS),
    ],
)
def test_ticks_on_lines_that_lead_nowhere_are_not_left_alone(work, capsys, name, answer, said):
    work.check(name, answer)
    assert capsys.readouterr().out.strip().endswith(said)


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


@pytest.mark.parametrize(
    ("line", "used"),
    [
        ("import scipy.stats as s", True),
        ("import scipy as s; s.stats.norm", True),
        ("from scipy import stats as s", True),
        ("from scipy.stats import *", True),
        ("import scipy as s; s.special.gamma", False),
        ("s = np.scipy.stats", False),
    ],
)
def test_whatever_name_a_module_has_in_a_program(work, line, used):
    task = work.set.question("program@1").task()
    assert task.not_allowed(ast.parse(line)) == ["scipy.stats"] * used


def test_what_a_program_may_not_use_is_said(work, capsys):
    work.check("program@1", "def f(x):\n    import scipy.stats as s\n    return half(s)")
    assert "uses `scipy.stats`, which is not allowed" in (said := capsys.readouterr().out)
    assert "there is no `half`" in said
    work.show("program@1")
    assert "Your program may not use `kl_utils` or `scipy.stats`." in capsys.readouterr().out


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
    said = capsys.readouterr().out
    assert "answers to 2 tasks" in said and "why@1" in said.splitlines()[-1]


# In a notebook


def test_the_cell_that_ran_last_is_the_answer(work, run, capsys, tmp_path):
    run('# answer: value@1\nnumber_3 = "log(2)"', "# answer: value@1\nanything = 7")
    work.check("value@1")
    assert "cell [2]" in (said := capsys.readouterr().out) and "the number 7." in said
    run('# answer: value@1\nnumber_3 = "log(2) + a"', '# answer: why@1\nmy_words = "= So."')
    work.save(tmp_path)
    said = capsys.readouterr().out
    assert "cannot be read: value@1. No letters" in said and "answers to 2 tasks" in said
    saved = read_submission(tmp_path / FILE).answers
    assert saved == {"value@1": "log(2) + a", "why@1": "= So."}
    work.check("value@1", 8)
    assert "cell [3] is another one" in capsys.readouterr().out
    work.check("where@1")
    assert "No cell that begins with `# answer: where@1` has been run" in capsys.readouterr().out


def test_examples_of_a_program_of_ones_own_are_run(work, run, capsys):
    run("# answer: program@1\nimport numpy as np\ndef f(x):\n    return np.asarray(x)[0] / 2")
    work.check("program@1")
    first, second = capsys.readouterr().out.split("Example: ")[1:]
    assert "the task says  [0.5, 1.5]\n  yours gives    0.5\n" in first
    assert "the task says  1.0\n  yours gives    the error IndexError" in second


# Saving


def test_no_answer_in_a_file_gets_lost(work, capsys, tmp_path):
    work.check("where@1", ["a > 0"])
    work.check("why@1", "So.")
    work.save(tmp_path)
    again = Worksheet(SET, CODE)  # as after a restart
    again.check("where@1", ["a > 1"])
    again.save(tmp_path)
    assert read_submission(tmp_path / FILE).answers == {"where@1": ["a > 1"], "why@1": "So."}
    assert "answers to 2 tasks" in (said := capsys.readouterr().out)
    assert "Kept from the file: why@1." in said and not said.endswith("why@1.\n")
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    "before", ["{", '{"version": 1, "set": "x", "student": "y", "answers": {}}']
)
def test_a_file_that_cannot_be_gone_on_with_is_moved(work, capsys, tmp_path, before):
    (tmp_path / FILE).write_text(before)
    for number in (1, 2):
        work.check("value@1", number)
        work.save(tmp_path)
        assert read_submission(tmp_path / FILE).answers == {"value@1": number}
        assert "answers to 1 task." in capsys.readouterr().out
        (tmp_path / FILE).write_text(before)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        FILE,
        f"{FILE}.old-1",
        f"{FILE}.old-2",
    ]
    assert (tmp_path / f"{FILE}.old-1").read_text() == before


def test_a_file_is_written_whole_or_not_at_all(work, tmp_path, monkeypatch, capsys):
    def half(path, text, **_):
        path.write_bytes(b"{")
        raise OSError(28, "No space left on device")

    work.check("value@1", 1)
    work.save(tmp_path)
    before = (tmp_path / FILE).read_text()
    monkeypatch.setattr("pathlib.Path.write_text", half)
    work.save(tmp_path)
    assert "Nothing was saved: No space left on device." in capsys.readouterr().out
    assert (tmp_path / FILE).read_text() == before


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
