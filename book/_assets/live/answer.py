"""What the worker of a page asks Python: a job in, a result out, both as JSON.

A job is ``{"program": …, "lines": [[text, reason], …]}``. The program is the site's own: Python
that assigns ``derivation``, without lines. The lines are the reader's: they are parsed, and never
run. A result is

    {"ok": …, "latex": …, "plain": …, "marks": […], "summary": …, "error": …}

where ``marks`` has the status of each line, as in `kl_utils.derivation.Verdict`, and ``error`` is
null, or a sentence on what is refused: a line that cannot be read, or the whole.
"""

import json

from kl_utils.derivation import *  # noqa: F403  (what a program may name)

MOST_LINES = 60


def answer(job):
    """Check the derivation of a job."""
    try:
        return json.dumps(checked(**json.loads(job)))
    except Exception as error:
        return json.dumps(refused(error))


def checked(program, lines):
    """Return the result for a program and lines."""
    if len(lines) > MOST_LINES:
        raise ValueError(f"A proof has at most {MOST_LINES} lines here; this one has {len(lines)}.")
    names = dict(globals())
    exec(program, names)
    derivation = names["derivation"]
    for text, reason in lines:
        derivation.line(text, reason)
    report = derivation.check()
    faults = (f"Line ({line.label}): {line.fault}" for line in derivation.lines if line.fault)
    return {
        "ok": report.ok,
        "latex": report._repr_latex_(),
        "plain": repr(report),
        "marks": [verdict.status for verdict in report.verdicts],
        "summary": report.summary(),
        "error": next(faults, None),
    }


def refused(error):
    """Return the result where there is none to be had, with the reason as a sentence."""
    sentence = str(error) or type(error).__name__
    if not isinstance(error, ValueError | TypeError):
        sentence = f"The checker gave up on these lines ({type(error).__name__}: {sentence})."
    return {"ok": False, "latex": "", "plain": "", "marks": [], "summary": "", "error": sentence}
