"""The practice tasks: each is right, answers itself, gives nothing away, and stands in place."""

import json
import re

import pytest

from kl_utils.exercises import Choose, Match, Predict, grade
from practice import CHAPTERS, chapter, find, variants
from tools import ROOT

TEXTS = {
    number: "\n".join(
        "".join(cell["source"])
        + "".join("".join(o.get("data", {}).get("text/latex", "")) for o in cell.get("outputs", ()))
        for cell in json.loads(path.read_text("utf8"))["cells"]
    )
    for number in CHAPTERS
    for path in ROOT.glob(f"notebooks/{number:02}_*.ipynb")
}
ALL = [one for number in CHAPTERS for one in chapter(number).PRACTICE]
VARIANTS = {f"{one.name}-{n}": variant for one in ALL for n, variant in enumerate(variants(one))}
SLOW = "3/control-variate-as-a-loss"


def marks(name):
    """The first of the variants stands for the others, but for `make verify`."""
    return () if name.endswith("-0") and not name.startswith(SLOW) else pytest.mark.long


@pytest.mark.parametrize(
    "one", [pytest.param(one, id=name, marks=marks(name)) for name, one in VARIANTS.items()]
)
def test_a_task_is_right_and_its_answer_earns_all(one):
    one.task.check()
    assert one.answer is not None and one.why
    if isinstance(one.task, Predict):
        one.task.read({"prediction": one.answer, "confidence": 1})
        assert (one.within > 0) == (one.task.what == "number")
    else:
        found = grade(one.task, one.answer)
        assert (found.points, found.held) == (found.of, 0), found


@pytest.mark.parametrize("one", VARIANTS.values(), ids=VARIANTS)
def test_texts_are_plain_and_hints_give_nothing_away(one):
    texts = [one.task.statement, one.why, *one.hints]
    for text in texts:
        assert text.count("$") % 2 == text.count("`") % 2 == 0, text
        assert not re.search(r"<|\*\*|\]\(", re.sub(r"\$[^$]*\$|`[^`]*`", "", text)), text
    assert len(one.hints) <= 3
    if isinstance(one.task, Choose):
        right = "".join(one.task.choices[one.task.right].split())
        assert not any(right in "".join(hint.split()) for hint in one.hints)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_task_has_a_name_that_lasts_and_a_place(one):
    number, _, slug = one.name.partition("/")
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert find(one.name) is one
    where, target = re.fullmatch(
        rf"(before|after|end of) (\({number}\.\d+\)|{number}\.\d+)", one.place
    ).groups()
    assert (where == "end of") != target.startswith("(")
    wanted = (
        rf"\\tag\{{{re.escape(target.strip('()'))}a?\}}"
        if target.startswith("(")
        else rf"(?m)^## {re.escape(target)} "
    )
    assert re.search(wanted, TEXTS[int(number)]), f"{one.name}: there is no {target}"
    for sibling in one.siblings:
        assert type(sibling.task) is type(one.task)
        assert sibling.name == one.name
        assert (sibling.place, sibling.siblings) == ("", ())
        assert sibling.task != one.task


def test_no_name_comes_twice():
    names = [one.name for one in ALL]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("number", CHAPTERS[1:])
def test_a_chapter_opens_with_two_earlier_tasks(number):
    opening = chapter(number).OPENING
    assert len(opening) == len(set(opening)) == 2
    for name in opening:
        assert int(name.partition("/")[0]) < number
        assert find(name).siblings or isinstance(find(name).task, Match | Choose)


@pytest.mark.parametrize("number", CHAPTERS)
def test_every_section_asks_something(number):
    sections = re.findall(r"(?m)^## (\d+\.\d+) ", TEXTS[number])
    asked = {one.place.removeprefix("end of ") for one in chapter(number).PRACTICE}
    assert not set(sections) - asked
