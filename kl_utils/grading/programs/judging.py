"""Points for a program: its function is called in a sandbox, and what it returns is compared here.

The tests of a problem set stand beside it, in ``judges.py``: for each task a judge, which gets the
function and a random generator and yields checks. The process that runs the program knows none of
them. Nor does anybody know the arguments: they come from the course's secret and the student's
code.
"""

import hashlib
import hmac
import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ...exercises.grades import Grade
from .child import packed, unpacked
from .sandbox import ProgramFailed, Sandbox
from .signs import signs


@dataclass(frozen=True)
class Check:
    """One thing that a program is to do.

    Attributes
    ----------
    share : float
        Of the task's points; the shares of a task add up to 1.
    holds : callable
        Takes nothing, calls the program, and says whether it does it.
    sentence : str
        What a student reads who lost this share. It gives away no test and no answer.
    """

    share: float
    holds: Callable
    sentence: str


def generator(secret, code, task):
    """The random generator from which the tests of a student's program come."""
    digest = hmac.digest(secret.encode(), f"program\n{code}\n{task}".encode(), hashlib.sha256)
    return np.random.default_rng(int.from_bytes(digest, "big"))


def judged(judge, call, rng):
    """The share of the points that a program earns, and a sentence for each that it loses.

    The first check is what the task is about. Where it fails, nothing else counts: a function that
    always returns 0 is right wherever the value is 0.

    Parameters
    ----------
    judge : callable
        From a set's ``judges.py``.
    call : callable
        Calls the program's function; it raises a `ProgramFailed` where that gives no value.
    rng : numpy.random.Generator
    """
    earned, lost = 0.0, []
    for check in judge(call, rng):
        with np.errstate(all="ignore"):  # a wrong result may be anything
            sentence = _failure(check)
        if sentence:
            lost.append(sentence)
            if not earned:
                return 0.0, tuple(lost)
        else:
            earned += check.share
    return (1.0 if not lost else earned), tuple(dict.fromkeys(lost))


def judge_program(set_folder, question, program_text, code, secret, limits=None):
    """Run a student's program and grade it.

    Parameters
    ----------
    set_folder : path
        Where the set's ``judges.py`` lies.
    question : kl_utils.exercises.problem_set_files.Question
    program_text : str
        The answer. It is run in a process of its own, never here.
    code, secret : str
        The student's code and the course's secret.
    limits : Limits, optional

    Returns
    -------
    Grade
        Points are held for a person where the program does what looks like a way around the rules.
    """
    judge, of = _judges(Path(set_folder))[question.name], question.data["points"]
    forbidden = question.data.get("forbidden", ["kl_utils"])
    used, doubtful = signs(program_text, forbidden)
    if used:
        return _not_its_own(of, used)
    with Sandbox(program_text, question.data["function"], forbidden, limits) as sandbox:
        share, lost = judged(judge, sandbox.call, generator(secret, code, question.name))
        tried = list(sandbox.tried)
    if imported := [what.partition(" ")[2] for what in tried if what.startswith("import ")]:
        return _not_its_own(of, imported)
    points = round(share * of, 2)
    reasons = []
    if doubtful:
        reasons.append(f"The program uses {', '.join(doubtful)}: please read what for.")
    if tried:
        reasons.append(f"The program tried to {' and to '.join(tried)}, and was stopped.")
    if reasons and points:
        waits = "A person looks at this program before its points count."
        return Grade(0.0, of, (*lost, waits), tuple(reasons), points)
    return Grade(points, of, lost, tuple(reasons))


def in_process(function):
    """A `call` for `judged` that runs a function right here, with no protection at all.

    For a notebook whose author is at its keyboard, and for tests.
    """

    def call(*args, seconds=None):
        try:
            return unpacked(_as_sent(function(*(unpacked(_as_sent(arg)) for arg in args))))
        except Exception as error:
            name = type(error).__name__
            raise ProgramFailed(f"It stopped with the error {name}.") from error

    return call


def judges(set_folder):
    """The judges of a set by the names of its tasks; none where the set has no ``judges.py``."""
    return dict(_judges(Path(set_folder)))


@cache
def _judges(folder):
    path = folder / "judges.py"
    if not path.exists():
        return {}
    spec = importlib.util.spec_from_file_location(f"judges_of_{folder.name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.JUDGES


def _failure(check):
    """Why a check fails, or an empty text."""
    try:
        return "" if check.holds() else check.sentence
    except ProgramFailed as failure:
        return str(failure)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return check.sentence  # what came back has another shape than was asked for


def _as_sent(value):
    """A value as it is when it has gone through a pipe."""
    return json.loads(json.dumps(packed(value)))


def _not_its_own(of, names):
    what = ", ".join(f"`{name}`" for name in names)
    lost = f"The program uses {what}, which this task does not allow: it is to be written."
    return Grade(0.0, of, (lost,), (f"The program uses {what}: no points were given.",))
