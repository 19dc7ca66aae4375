"""The page from which a person reads what waits in one task; who wrote what is hidden."""

import re

from .answers import shown_answer
from .blind import mask_for
from .pages import element, joined, listed, number, page, points
from .plain_mathematics import plain


def queue_page(record, problem_set, task, items):
    """The page of one task, as text."""
    question = problem_set.question(task)
    articles = [
        _article(record, question, item, f"{place} of {len(items)}")
        for place, item in enumerate(items, 1)
    ]
    return page(
        f"To read: {record['tasks'][task]['title']}",
        element(
            "p",
            "Of the points that wait, give each answer what you find right, and a reason that the "
            "student may read. Write both into the table ",
            element("code", f"{task}.csv"),
            ", which has the same order. Leave empty what you have not read.",
        ),
        element("div", _aside(question), element("div", *articles), class_="beside"),
        is_wide=True,
    )


def _aside(question):
    data = question.data
    lemmas = [
        joined([element("b", lemma["name"]), ": ", element("code", _letters(_sides(lemma)))])
        for lemma in data.get("lemmas", ())
    ]
    parts = (
        ("A good answer", listed([plain(said) for said in data.get("good_answer_says", ())])),
        ("The task", element("p", plain(data["statement"]))),
        ("Goal", "goal" in data and element("p", element("code", _letters(data["goal"])))),
        ("Lemmas that a reason may quote", listed(lemmas)),
        ("What many believe, wrongly", element("p", plain(data.get("misconception", "")))),
    )
    shown = [joined([element("h2", title), content]) for title, content in parts if content]
    return element("aside", *shown, aria_label="The task and what to look for", tabindex="0")


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
            found["to_read"],
            mask_for(record, item.students),
        ),
        id=item.name,
    )
