"""The page from which a person reads what waits in one task; who wrote what is hidden."""

import re

from ..exercises.marking import ANSWER, DEFINITION, LOGS, MOMENTS, READING, shares
from ..exercises.task import grade
from .answers import line_of, proof_lines, shown_answer, task_of
from .blind import mask_for
from .pages import element, joined, listed, number, page, points
from .plain_mathematics import plain
from .queue_forms import SCRIPT, form_of, saving

_WORK = {
    DEFINITION: "the definition, written out",
    LOGS: "the logarithms of the densities, written out",
    MOMENTS: "the expectations, evaluated",
    READING: "the steps, which a person reads",
    ANSWER: "the last line, if none above it is wrong",
}


def queue_page(record, problem_set, task, items):
    """The page of one task, as text."""
    question = problem_set.question(task)
    code = record["students"][items[0].students[0]]["code"]
    articles = [
        _article(record, question, item, f"{place} of {len(items)}")
        for place, item in enumerate(items, 1)
    ]
    return page(
        f"To read: {record['tasks'][task]['title']}",
        element(
            "p",
            "Give each answer as many of the points that wait as you find right. Write them into "
            "the table ",
            element("code", f"{task}.csv"),
            ", which has the same order. If you take points off, write a reason, too: the student "
            "reads it. Leave empty what you have not read.",
        ),
        _worth(question),
        saving(task),
        element("div", _aside(question, code), element("div", *articles), class_="beside"),
        is_wide=True,
        script=SCRIPT,
    )


def _worth(question):
    """How to come from the list of a good answer to points."""
    says = question.data.get("good_answer_says", ())
    if not says:
        return None
    each = number(question.data["points"] / len(says))
    return element(
        "p",
        f"Each of the {len(says)} entries under “A good answer” is worth {points(float(each))}. "
        "Give half of that for half of it.",
    )


def _scheme(question, code):
    """What each part of the work gets, as the machine counts it; for proofs alone."""
    if question.data["kind"] != "prove":
        return None
    found = dict.fromkeys(_WORK, 0)
    for (kind, _), share in shares(*task_of(question, code).ends).items():
        found[kind] += share * question.data["points"]
    return listed([f"{number(found[kind])}: {_WORK[kind]}" for kind in _WORK if found[kind]])


def _aside(question, code):
    data = question.data
    lemmas = [
        joined([element("b", lemma["name"]), ": ", element("code", _letters(_sides(lemma)))])
        for lemma in data.get("lemmas", ())
    ]
    parts = (
        ("A good answer", _numbered(data.get("good_answer_says", ()))),
        ("The task", element("p", plain(data["statement"]))),
        ("What the marking scheme gives", _scheme(question, code)),
        ("Goal", "goal" in data and element("p", element("code", _letters(data["goal"])))),
        ("Lemmas that a reason may quote", listed(lemmas)),
        ("What many believe, wrongly", element("p", plain(data.get("misconception", "")))),
    )
    shown = [joined([element("h2", title), content]) for title, content in parts if content]
    return element("aside", *shown, aria_label="The task and what to look for", tabindex="0")


def _numbered(says):
    return element("ol", *(element("li", plain(said)) for said in says)) if says else None


def _letters(text):
    """A text in which a letter whose value depends on the student stands for that value."""
    return re.sub(r"\{(\w+)\}", r"\1", text)


def _sides(lemma):
    return f"{lemma['left']} {lemma.get('relation', '=')} {lemma['right']}"


def _article(record, question, item, place):
    row = record["students"][item.students[0]]
    found = row["tasks"][item.task]
    numbers = question.numbers(row["code"]).items()
    given = f" The machine gave {number(found['points'])} already." if found["points"] else ""
    return element(
        "article",
        element("h2", f"{item.name} ", element("small", place, class_="quiet")),
        element("p", f"0 to {points(item.possible)} wait.{given}"),
        element("p", "With ", ", ".join(f"{name} = {value}" for name, value in numbers), ".")
        if numbers
        else None,
        shown_answer(
            question,
            row["code"],
            found["answer"],
            found["sentences"],
            _about_held(question, row["code"], found),
            mask_for(record, item.students),
        ),
        form_of(item, [plain(said) for said in question.data.get("good_answer_says", ())]),
        id=item.name,
    )


def _about_held(question, code, found):
    """What there is to read, with what the machine found of each line, and what waits for it."""
    wrong = {line_of(text) for text in found["sentences"]}
    waits = _waiting_by_line(question, code, found)
    said = []
    for text in found["to_read"]:
        line = line_of(text)
        if line is not None and question.data["kind"] == "prove":
            text += (
                " The machine found that this line does not follow from the line above."
                if line in wrong
                else " It follows from the line above at all cases that were compared."
            )
            if line in waits:
                few = "waits" if waits[line] == 1 else "wait"
                text += f" {points(waits[line])} {few} for it."
        said.append(text)
    return said


def _waiting_by_line(question, code, found):
    """How many points wait for each line: what is held more once the proof has come to it."""
    held = {line_of(text) for text in found["to_read"]}
    if held == {None} or question.data["kind"] != "prove":
        return {}
    if len(held) == 1:
        return dict.fromkeys(held, found["held"])
    task, lines = task_of(question, code), proof_lines(question, code, found["answer"])

    def held_after(count):
        kept = [{"text": text, "reason": reason} for _, text, reason in lines[:count]]
        return grade(task, {"lines": kept}).held

    more = {n: round(held_after(n) - held_after(n - 1), 2) for n in held - {None}}
    return {line: count for line, count in more.items() if count > 0}
