"""What the worker of a page asks Python: a job in, a result out, both as JSON.

A job to check is ``{"program": …, "lines": [[text, reason], …]}``. The program is the site's own:
Python that assigns ``derivation``, without lines. The lines are the reader's: they are parsed, and
never run. A result is

    {"ok": …, "latex": …, "plain": …, "marks": […], "faults": […], "explanations": […],
     "summary": …, "error": …}

where ``marks`` has the status of each line, as in `kl_utils.derivation.Verdict`, ``faults`` what is
wrong with a line that cannot be read, or null, ``explanations`` what is wrong with any line, and
``error`` is null, or a sentence on what is refused as a whole.

A job whose proof is all the reader's own is ``{"proof": text}``, JSON as `read_proof` takes it, of
which nothing is run. Its result also has ``given``, the frame as LaTeX, and ``files`` to keep.

A job to typeset is ``{"program": …, "typeset": text}``, or has a ``proof`` for its program, or a
``practice`` with its ``variant``; its result has the ``latex`` of the line.

A job to grade is ``{"practice": name, "variant": number, "answer": …}``, for one of the tasks in
`practice`; its result is the `kl_utils.exercises.Grade`, and whether the answer was ``unread``:
not of the shape that is asked for.

A job of a problem set is ``{"set": name, "code": …}``, for the student's numbers; with a ``task``,
it has ``lines`` to check, a text to ``typeset``, or an answer to ``read``, which tells how it is
read and never what it earns. See `book_sets`.
"""

import json
from dataclasses import asdict

from kl_utils.derivation import *  # noqa: F403  (what a program may name)
from kl_utils.derivation import Derivation
from kl_utils.derivation.parsing import begins_with_relation
from kl_utils.derivation.proof_texts import (
    MOST_LINES,
    as_latex,
    as_notebook,
    derivation_of,
    given_latex,
    read_proof,
)
from kl_utils.derivation.report import line_latex


def answer(job):
    """Do a job."""
    try:
        job = json.loads(job)
        kinds = {"set": of_a_set, "typeset": typeset, "practice": graded, "proof": checked_proof}
        respond = next((kinds[name] for name in kinds if name in job), checked)
        return json.dumps(respond(**job))
    except Exception as error:
        return json.dumps(refused(error))


def started(program):
    """Return the derivation of a program, which has no lines yet."""
    names = dict(globals())
    exec(program, names)
    return names["derivation"]


def checked(program, lines):
    """Return the result for a program and lines."""
    if len(lines) > MOST_LINES:
        raise ValueError(f"A proof has at most {MOST_LINES} lines here; this one has {len(lines)}.")
    derivation = started(program)
    for text, reason in lines:
        derivation.line(text, reason)
    return verdicts(derivation.check())


def checked_proof(proof):
    """Return the result for a proof that is the reader's own, and what it gives, and its files."""
    proof = read_proof(proof)
    found = verdicts(derivation_of(proof).check())
    files = {"proof.ipynb": as_notebook(proof), "proof.tex": as_latex(proof)}
    return found | {"given": given_latex(proof.frame), "files": files}


def verdicts(report):
    """Return what a check has found."""
    return {
        "ok": report.ok,
        "latex": report._repr_latex_(),
        "plain": repr(report),
        "marks": [verdict.status for verdict in report.verdicts],
        "faults": [line.fault or None for line in report.derivation.lines],
        "explanations": [None if one.ok else one.explanation() for one in report.verdicts],
        "summary": report.summary(),
        "error": None,
    }


def graded(practice, variant, answer):
    """Return the grade of an answer to a task; what it needs is loaded with the first."""
    from practice import find

    return judged(find(practice, variant).task, answer)


def judged(task, answer):
    """Return the grade of an answer to a task; a proof with a line that is unread is not graded."""
    from kl_utils.exercises import BadAnswer, Prove
    from kl_utils.exercises.grades import zero

    try:
        if isinstance(task, Prove):
            lines = task.frame.derivation(*task.read(answer)).lines
            if faults := [f"Line ({line.label}): {line.fault}" for line in lines if line.fault]:
                raise BadAnswer(" ".join(faults))
        return asdict(task.grade(answer)) | {"unread": False}
    except BadAnswer as error:
        return asdict(zero(task.points, str(error))) | {"unread": True}


def framed(practice, variant):
    """Return a derivation without lines in the frame of a task."""
    from practice import find

    frame = find(practice, variant).task.frame
    return Derivation("", frame.given, **frame.meanings)


def typeset(typeset, program=None, proof=None, practice=None, variant=0):
    """Return a line as LaTeX; empty where it cannot be read yet."""
    if practice:
        derivation = framed(practice, variant)
    else:
        derivation = started(program) if program else derivation_of(read_proof(proof))
    return typeset_line(derivation, typeset)


def of_a_set(set, code, task=None, lines=None, typeset=None, read=None):
    """Return the numbers of a code; or what there is to say of lines, a line, or an answer."""
    import book_sets

    if task is None:
        return book_sets.numbers(set, code)
    if lines is not None:
        report = book_sets.derivation(set, task, code, lines).check()
        return book_sets.checked(set, task, code, report, verdicts(report))
    if typeset is not None:
        return typeset_line(book_sets.bare(set, task, code), typeset)
    return book_sets.reading(set, task, code, read)


def typeset_line(derivation, text):
    """Return a line below those of a derivation as LaTeX."""
    if begins_with_relation(text):
        derivation.line("0")  # a first line has no relation
    derivation.line(text)
    line = derivation.lines[-1]
    return {"latex": "" if line.fault else line_latex(line, derivation.style)}


def refused(error):
    """Return the result where there is none to be had, with the reason as a sentence."""
    sentence = str(error) or type(error).__name__
    if not isinstance(error, ValueError | TypeError):
        sentence = f"The checker gave up on these lines ({type(error).__name__}: {sentence})."
    nothing = {"ok": False, "latex": "", "plain": "", "marks": [], "faults": [], "summary": ""}
    return nothing | {"error": sentence}
