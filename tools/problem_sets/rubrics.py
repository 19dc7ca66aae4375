"""What a grader looks for on paper: the same scheme by which the machine gives points."""

from kl_utils.exercises.chains import unchecked
from kl_utils.exercises.marking import shares
from kl_utils.grading.programs import ProgramFailed, generator, judges

_WORK = {
    "definition": "The divergences and entropies of the first line are written out.",
    "logs": "The logarithm of the density {} is written out.",
    "moments": "The expectations from the density {} are evaluated.",
    "answer": "The last line is finished and right, and no line is wrong.",
    "reading": "The steps, which are algebra alone, are read.",
}
_IN_GENERAL = {
    "prove": "Any way counts. A slip costs its own step and the answer; after a line with two "
    "faults nothing counts. The bare result gets the points of the answer.",
    "repair": "All or nothing: the line follows from the one above, leads to the one below, gets "
    "as far as the broken line, and is not one of its neighbours again.",
    "condition": "Nothing where the claim can fail. Where it is too narrow, half of the share of "
    "cases that it admits; nine tenths where only an edge is missing.",
    "compute": "All or nothing, to three digits. An expression counts as its value does.",
}


def rubric(question, code, folder):
    """What to look for in the answer to a question, as Markdown."""
    with unchecked():
        task = question.task(code)
    points, kind = question.data["points"], question.data["kind"]
    rows = [_IN_GENERAL[kind]] if kind in _IN_GENERAL else []
    match kind:
        case "prove":
            rows += [
                f"{points * share:.2g}: {_WORK.get(work, work).format(f'`{of}`')}"
                for (work, of), share in shares(*task.ends).items()
            ]
            rows.append(f"The goal: `{task.goal}`.")
        case "compute":
            rows.append(f"The value is {value(task):.5g}.")
        case "condition":
            rows.append(f"The claim: `{task.frame.first} {task.claim}`.")
        case "explain":
            rows += task.good_answer_says
        case "program":
            rows += _losses(question, points, folder)
    return "\n".join(f"- {row}" for row in rows)


def value(task):
    """The number that a computing task asks for."""
    return task._value(task.key, task._given)


def _losses(question, points, folder):
    """What costs how much; the machine finds it by running the program."""

    def call(*arguments, **more):
        raise ProgramFailed("Nothing is run here.")

    yield "Better handed in as a file, which the machine runs. Where it is read on paper:"
    checks = judges(folder)[question.name](call, generator("paper", "", question.name))
    try:
        for check in checks:
            yield f"{points * check.share:.2g} are lost for: {check.sentence}"
    except ProgramFailed:
        yield "Further checks need the program."
