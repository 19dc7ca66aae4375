"""Feedback for students: what stands in it, what does not, and that it stays text."""

import csv
import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kl_utils.grading.answers import shown_answer
from kl_utils.grading.feedback import feedback_page, write_feedback
from kl_utils.grading.pages import element, page
from tests.grading.example_class import RIGHT, SECRET, course, example_set, lines, record_of
from tests.grading.reading_pages import Page

PLAIN = {
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "section", "p", "b"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "a"),
    *("ol", "li", "span", "div", "code", "pre"),
}
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><style>*{display:none}",
    "<!-- ",
    "&lt;b&gt; &#60;i&#62;",
    "` <b>x</b> `",
    "\u202egnp.exe\u2066",
    "\ud800\x00\x1b[31m",
    "]]><svg onload=alert(1)>",
]


def feedback_of(answers, **known):
    record = record_of({"s1": answers})
    record["students"]["s1"] |= known
    return feedback_page(record, example_set(), record["students"]["s1"])


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_student_writes_becomes_html(text):
    answers = {
        "square": lines(f"= {text}", text, reason=text),
        "entropy": {"lines": text, text: [text]},
        "number": text,
        "why": text,
    }
    found = feedback_of(answers, file=text)
    shown = Page(found)
    assert shown.tags <= PLAIN
    assert not any(name.startswith("on") for _, given in shown.elements for name in given)
    assert not set("\u202e\u2066\x00\x1b") & set(found)
    found.encode("utf-8")
    if text.isprintable():
        assert shown.text.count(text) >= 4


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
@example('" onload="alert(1)')
def test_any_text_comes_back_as_text(text):
    shown = Page(page("A title", element("p", text, title=text)))
    assert shown.tags <= PLAIN
    *_, (tag, given) = shown.elements
    lasting = [sign for sign in text if sign.isprintable()]
    assert tag == "p"
    assert [sign for sign in given["title"] if sign.isprintable() and sign != "\ufffd"] == [
        sign for sign in lasting if sign != "\ufffd"
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=5), parts),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None)
@given(JSON)
def test_an_answer_of_any_shape_is_shown(answer):
    for question in example_set().current:
        assert Page(shown_answer(question, "", answer, ["Line 1: lost."])).tags <= PLAIN


def test_a_page_needs_nothing_and_runs_nothing():
    shown = Page(feedback_of({"square": lines(*RIGHT)}))
    assert ("html", {"lang": "en"}) in shown.elements
    links = [given["href"] for tag, given in shown.elements if "href" in given]
    assert all(link.startswith("#task-") for link in links)
    assert not any("src" in given or "style" in given for _, given in shown.elements)
    (policy,) = (given["content"] for _, given in shown.elements if "http-equiv" in given)
    assert policy.startswith("default-src 'none'")
    heads = [given for tag, given in shown.elements if tag == "th"]
    assert heads and all(given.get("scope") in ("col", "row") for given in heads)


def test_a_sentence_stands_at_the_line_that_it_is_about():
    found = feedback_of({"square": lines("E(z**2)", "= Var(z) + E(z)**2", "= sigma + mu**2")})
    (row,) = re.findall(r'<li><span class="number">2</span>.*?</li>', found)
    assert "= sigma + mu**2" in row
    assert "It does not agree with the line above at" in row
    assert found.count("It does not agree") == 1


def test_what_waits_and_what_a_person_changed_is_said_but_not_remarks_for_the_staff():
    record = record_of({"s1": {"why": "Squaring is convex.", "number": "7"}})
    row = record["students"]["s1"]
    row |= {"late_days": 1.5, "penalty": 2, "attempt": 2, "attempts": 3}
    assert "6 points wait for a person" in feedback_page(record, example_set(), row)
    task = row["tasks"]["why@1"]
    task |= {"override": {"points": 5, "reason": "Well <put>.", "by": "Bo", "at": ""}, "final": 5}
    row |= {"held": 0, "score": 3}
    shown = Page(feedback_page(record, example_set(), row)).text
    assert "A person gave 5 points: Well <put>." in shown
    assert "wait" not in shown.replace("Waits", "")
    assert "1.5 days late" in shown and "−2" in shown
    assert "Of your 3 submissions, number 2 counts." in shown
    assert "A remark for the staff." not in shown and "Bo" not in shown


def test_marks_stay_at_lines_that_were_read_and_both_parts_of_the_points_are_told():
    large = lines("= -E(log_q(z))", "= (log(2*pi*sigma**2) + 1)/2")
    record = record_of({"s1": {"entropy": large, "why": "Squaring is convex."}})
    row = record["students"]["s1"]
    given = {"points": 4.5, "reason": "Which density?", "by": "Bo", "at": ""}
    row["tasks"]["entropy@1"] |= {"override": given, "final": 4.5}
    page_ = feedback_page(record, example_set(), row)
    (line,) = re.findall(r'<li><span class="number">2</span>.*?</li>', page_)
    assert "A person has read this." in line and "A large step" in line
    assert "4 points by the machine, 0.5 by a person: Which density?" in Page(page_).text
    assert "The difference is the variance." not in page_
    record["released"] = "2026-10-14T09:00"
    assert "The difference is the variance." in feedback_page(record, example_set(), row)


def test_a_score_is_a_proposal_until_it_is_released():
    record = record_of({"s1": {}})
    row = record["students"]["s1"]
    assert "proposal" in feedback_page(record, example_set(), row)
    assert "No submission of yours was found." in feedback_page(record, example_set(), row)
    record["released"] = "2026-10-14T09:00"
    assert "proposal" not in feedback_page(record, example_set(), row)


@pytest.mark.parametrize(
    ("answers", "belief", "is_told"),
    [
        ({"square": lines("= mu**2")}, "square of the mean", True),
        ({"square": lines(*RIGHT)}, "square of the mean", False),
        ({}, "square of the mean", False),
        ({"entropy": lines("= log(sigma)")}, "log(sigma) in it", False),  # has a formula
        ({"number": "17"}, "knows no variance", False),  # would tell the number
        ({"why": "no"}, "Squaring is linear", False),
    ],
)
def test_the_misconception_is_told_only_where_the_work_is_left_to_do(answers, belief, is_told):
    assert (belief in feedback_of(answers)) == is_told


def test_files_have_names_that_last_and_that_nobody_can_guess(tmp_path):
    record = record_of({"s1": {"number": "1"}, "s2": {"number": "2"}})
    record["students"]["s1"]["name"] = "=HYPERLINK(1)"
    run = course(tmp_path) / "results" / "example" / "run"
    files = write_feedback(record, example_set(), run / "feedback")
    again = write_feedback(record, example_set(), run.with_name("later") / "feedback")
    assert {path.name for path in files.values()} == {path.name for path in again.values()}
    assert len({path.name for path in files.values()}) == 2
    assert sorted(path.name for path in (run / "feedback").iterdir()) == sorted(
        path.name for path in files.values()
    )
    for student, path in files.items():
        row = record["students"][student]
        text = path.name + path.read_text("utf-8")
        assert student not in text.replace("task-1", "") and row["name"] not in text
    with (run / "pseudonyms.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows["s1"]["feedback"] == files["s1"].name
    assert rows["s1"]["name"] == "'=HYPERLINK(1)"
    (tmp_path / "secret.txt").write_text(SECRET[::-1])
    other = write_feedback(record, example_set(), run / "feedback")
    assert not {path.name for path in other.values()} & {path.name for path in files.values()}


def test_a_folder_outside_of_a_course_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no secret"):
        write_feedback(record_of({"s1": {}}), example_set(), tmp_path / "feedback")


def test_a_record_comes_back_from_json_as_it_was():
    record = record_of({"s1": {"square": lines(*RIGHT), "why": "x"}})
    row = json.loads(json.dumps(record))["students"]["s1"]
    assert feedback_page(record, example_set(), row) == feedback_of(
        {"square": lines(*RIGHT), "why": "x"}
    )
