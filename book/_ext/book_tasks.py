"""What a page has to know of a practice task: its form, a right answer, and the verdicts.

Where answers are finitely many, the verdicts on them are made here, by `kl_utils.exercises.grade`,
and a page that was opened from disk gives them at once. All else is graded by Python in the page.
Texts hold $formulas$ and `code`; a line of a proof is LaTeX, with the text that was typed.
"""

from functools import singledispatch
from string import ascii_lowercase

from book_forms import open_form, question
from book_frames import formula, given_of_frame, lines_of
from kl_utils.exercises import (
    Blank,
    Choose,
    Compute,
    Condition,
    Locate,
    Match,
    Order,
    Predict,
    Prove,
    Refute,
    Repair,
    grade,
)
from kl_utils.exercises.numbers import read_number
from practice import variants

SIGN_WORDS = {"-": "Negative.", "0": "Zero.", "+": "Positive."}


def task_data(one):
    """Return all of a practice, for the script of its chapter."""
    return {
        "kind": type(one.task).__name__,
        "version": one.version,
        "heading": one.words,
        "variants": [variant_data(variant) for variant in variants(one)],
    }


def variant_data(one):
    """Return what is asked with one choice of parameters."""
    return {
        "statement": question(one.task),
        "hints": list(one.hints),
        "why": one.why,
        "answer": answer_shown(one.task, one.answer),
        **form(one.task, one.answer),
        **({"within": one.within} if one.within else {}),
    }


def verdict(task, answer):
    """Return what an answer earns."""
    return as_verdict(grade(task, answer))


def as_verdict(found):
    return {"points": found.points, "of": found.of, "lost": list(found.lost)}


# The form, by the kind of task


@singledispatch
def form(task, answer):
    """Return what the form of a task shows beside the statement; of most kinds no verdicts."""
    return open_form(task)


@form.register
def _(task: Choose, answer):
    verdicts = {label: verdict(task, label) for label in task.choices}
    return {"choices": dict(task.choices), "verdicts": verdicts}


@form.register
def _(task: Match, answer):
    """With each pair, what is wrong with it; and the points, by how many pairs are wrong."""
    key, of = dict(task.key), verdict(task, dict(task.key))["of"]
    wrong = {item: next(p for p in task.partners if p != key[item]) for item in key}
    some_wrong = [dict([*key.items(), *list(wrong.items())[:count]]) for count in range(len(key))]
    return {
        "items": dict(task.items),
        "partners": dict(task.partners),
        "pairs": {
            item: {p: " ".join(grade(task, key | {item: p}).lost) for p in task.partners}
            for item in key
        },
        "points": [verdict(task, answer)["points"] for answer in [*some_wrong, wrong]],
        "of": of,
    }


@form.register
def _(task: Locate, answer):
    """With each line the verdict, by the reason; which line breaks, the right answer says."""

    def verdict_at(label, reason):
        return as_verdict(task.grade_line(label, reason, broken=answer["line"]))

    lines = lines_of(task.frame, task.lines)
    verdicts = {
        label: {reason: verdict_at(label, reason) for reason in task.reasons}
        for label in ascii_lowercase[1 : len(lines)]
    }
    return {
        "given": given_of_frame(task.frame),
        "lines": lines,
        "reasons": dict(task.reasons),
        "verdicts": verdicts,
    }


@form.register
def _(task: Predict, answer):
    right, _ = task.read({"prediction": answer, "confidence": 1})
    return {"what": task.what, "right": right}


# The answer, as it is shown


@singledispatch
def answer_shown(task, answer):
    """Return a right answer as a list of texts and of lines of a proof."""
    raise TypeError(f"{task.name}: nothing says how to show an answer to it")


@answer_shown.register
def _(task: Choose, answer):
    return [f"({answer}) {task.choices[answer]}"]


@answer_shown.register
def _(task: Match, answer):
    return [
        f"({item}) {task.items[item]}: ({partner}) {task.partners[partner]}"
        for item, partner in answer.items()
    ]


@answer_shown.register
def _(task: Locate, answer):
    return [f"Line ({answer['line']}). {task.reasons[answer['reason']]}"]


@answer_shown.register
def _(task: Predict, answer):
    match task.what:
        case "sign":
            return [SIGN_WORDS[answer]]
        case "relation":
            return [f"The sign is ${answer}$."]
    return [f"About {answer}." if isinstance(answer, float) else f"{answer}."]


@answer_shown.register
def _(task: Compute, answer):
    value = f"{read_number(answer, numbers(task)):.4g}"
    return (
        [value] if value == str(answer) else [f"${formula(task.frame, str(answer))}$, or {value}"]
    )


def numbers(task):
    """Return the numbers in a statement by their letters."""
    return {name: read_number(value) for name, value in task.numbers.items()}


@answer_shown.register
def _(task: Blank, answer):
    return [f"${formula(task.frame, text_of(answer))}$", f"Typed: `{text_of(answer)}`"]


@answer_shown.register
def _(task: Repair, answer):
    return [f"${formula(task.frame, text_of(answer))}$", f"Typed: `{text_of(answer)}`"]


@answer_shown.register
def _(task: Prove, answer):
    lines = answer["lines"] if isinstance(answer, dict) else answer
    return with_reasons(task, [pair(line) for line in lines])


@answer_shown.register
def _(task: Order, answer):
    return with_reasons(task, [task.shuffled[label] for label in answer])


def with_reasons(task, lines):
    """Return the lines of a proof, as they are shown, each with its reason."""
    _, *shown = lines_of(task.frame, [text for text, _ in lines])
    return [line | {"reason": why} for line, (_, why) in zip(shown, lines, strict=True)]


def pair(line):
    """Return the text and the reason of a line in an answer."""
    return (line, "") if isinstance(line, str) else (line["text"], line.get("reason", ""))


def text_of(answer):
    return pair(answer)[0]


@answer_shown.register
def _(task: Refute, answer):
    values = ", ".join(f"{name} = {value}" for name, value in answer["numbers"].items())
    return [f"`{values}`", task.reasons[answer["reason"]]]


@answer_shown.register
def _(task: Condition, answer):
    texts = [answer] if isinstance(answer, str) else answer
    return [f"${formula(task.frame, text)}$" for text in texts]
