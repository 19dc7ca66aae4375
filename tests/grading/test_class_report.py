"""The class report: what is counted, and that nothing which fewer than five did shows in it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kl_utils.exercises.problem_set_files import read_problem_set
from kl_utils.grading.class_report import how_many, report_page
from kl_utils.grading.histogram import FEWEST, bins, histogram
from kl_utils.grading.usual_mistakes import usual_mistakes
from tests.grading.example_class import RIGHT, SET, example_set, lines, record_of
from tests.grading.reading_pages import Page

WRONG = ["= mu**2 + sigma", "= sigma + mu**2", "mu**2 + (sigma)", "= sigma + mu*mu"]


def report_of(answers, **known):
    record = record_of({f"s{place}": given for place, given in enumerate(answers)}, **known)
    return Page(report_page(record, example_set())).text


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=FEWEST, max_size=60))
def test_no_bar_of_the_histogram_stands_for_a_few(shares):
    found = bins(shares)
    assert all(count == 0 or count >= FEWEST for _, _, count in found)
    assert sum(count for _, _, count in found) == len(shares)
    edges = [edge for low, high, _ in found for edge in (low, high)]
    assert edges[0] == 0 and edges[-1] == 100 and edges == sorted(edges)
    assert "percent" in Page(histogram(found)).text


@pytest.mark.parametrize("count", range(21))
def test_neither_a_few_nor_the_other_few_are_told(count):
    told = re.fullmatch(r"(\d+) of 20", how_many(count, 20))
    assert bool(told) == (not {count, 20 - count} & set(range(1, FEWEST)))


def test_the_wrong_line_of_five_is_shown_and_that_of_four_is_not():
    four = [{"square": lines("= mu**2 + sigma")}] * 4
    rest = [{"square": lines(*RIGHT)}] * 8
    assert "sigma. " not in report_of(four + rest)
    text = report_of([*four, four[0], *rest])
    assert "5 times: = mu**2 + sigma. At μ = 0, σ = 2: the first line is 4, this line is 2." in text
    assert "Many believe: The mean of a square is the square of the mean." in text
    assert "Many believe" not in report_of(four + rest)


def test_lines_of_one_value_are_one_mistake_but_no_single_spelling_is_shown():
    rows = [
        record_of({"s": {"square": lines(text)}})["students"]["s"] for text in [*WRONG, WRONG[0]]
    ]
    (mistake,) = usual_mistakes(example_set().question("square@1"), rows)
    assert (mistake.count, mistake.text) == (5, "")
    assert mistake.refutation.endswith("the first line is 4, this line is 2.")


def test_lines_that_one_case_refutes_are_not_therefore_one_mistake():
    texts = ["= mu**2 + sigma"] * 3 + ["= mu**2 + sigma**3"] * 3
    rows = [record_of({"s": {"square": lines(text)}})["students"]["s"] for text in texts]
    assert len({row["tasks"]["square@1"]["sentences"][0] for row in rows}) == 1
    assert usual_mistakes(example_set().question("square@1"), rows) == []


def test_only_the_first_wrong_line_counts():
    record = record_of({"s": {"square": lines("= E(z)**2", "= mu**2 + 7")}})
    rows = list(record["students"].values()) * 5
    (mistake,) = usual_mistakes(example_set().question("square@1"), rows)
    assert mistake.text == "= E(z, q)**2"


def test_those_who_handed_in_together_count_once():
    answers = [{"square": lines("= mu**2 + sigma")}] * 6
    known = {f"s{place}": {"file": "one.json"} for place in range(6)}
    assert "Fewer than 5 pieces of work" in report_of(answers, **known)
    assert "sigma" not in report_of(answers, **known)


def test_few_who_wait_or_are_missing_are_not_counted_out():
    text = report_of([*[{"number": "1"}] * 10, *[{"why": "Because."}] * 2, *[{}] * 3])
    assert "12 pieces of work were handed in." in text
    assert "nothing was found: fewer than 5." in text
    assert "In fewer than 5 something waits for a person." in text
    text = report_of([{"why": "Because."}] * 7)
    assert "In 7 of 7 something waits for a person, 42 points in all." in text


def test_an_answer_never_becomes_html():
    record = record_of({f"s{n}": {"square": lines("= <b>x</b>")} for n in range(6)})
    found = Page(report_page(record, example_set()))
    assert "b" not in found.tags
    assert "<b>x</b>" in found.text


def test_lines_that_differ_by_a_students_numbers_alone_are_one_mistake():
    text = SET.replace('first = "E(z**2)"\n', 'first = "{c}*E(z**2)"\nchoices = { c = [3, 5] }\n')
    text = text.replace('goal = "mu**2 + sigma**2"', 'goal = "{c}*(mu**2 + sigma**2)"')
    question = read_problem_set(text).question("square@1")
    codes = [f"code {number}" for number in range(8)]
    rows = [_row_with(question, code) for code in codes]
    assert {question.numbers(code)["c"] for code in codes} == {3, 5}
    assert usual_mistakes(question, rows[: FEWEST - 1]) == []
    (mistake,) = usual_mistakes(question, rows)
    assert (mistake.count, mistake.text) == (8, "= c*mu**2")
    assert re.match("With c = [35]: At μ = 0, σ = 1: the first line is", mistake.refutation)


def _row_with(question, code):
    answer = lines(f"= {question.numbers(code)['c']}*mu**2")
    grade = question.task(code).grade(answer)
    return {
        "code": code,
        "tasks": {question.name: {"answer": answer, "sentences": list(grade.lost)}},
    }
