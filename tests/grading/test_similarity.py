"""Similar pairs: by wrong lines that few have, never by what is right, never in a group."""

from kl_utils.grading.feedback import feedback_page
from kl_utils.grading.similarity import similar_pairs, similarity_page
from tests.grading.example_class import RIGHT, example_set, lines, record_of
from tests.grading.reading_pages import Page

REASON = "the constants cancel out here"
RARE = lines("= Var(z) + E(z)**2", "= 17*sigma - mu", "= 17*sigma", reason=REASON)
SAME = lines("Var(z) + E(z)**2", "=17*sigma  -  (mu)", "= 17*sigma", reason="As I think.")
USUAL = lines("= E(z)**2", "= mu**2 + 1")


def pairs_of(answers, **known):
    record = record_of({name: {"square": given} for name, given in answers.items()}, **known)
    return record, similar_pairs(record, example_set())


def crowd(answer, count=20):
    return {f"c{n}": answer for n in range(count)}


def test_two_who_share_rare_wrong_lines_are_found_whatever_their_blanks():
    _, (pair,) = pairs_of({"a": RARE, "b": SAME} | crowd(USUAL))
    assert pair.students == ("a", "b")
    assert {what for _, _, what in pair.shared} == {"line: = 17*sigma - mu", "line: = 17*sigma"}


def test_reasons_of_wrong_lines_count_and_weigh_by_rarity():
    _, (pair,) = pairs_of({"a": RARE, "b": RARE} | crowd(USUAL, 30))
    assert f"reason: {REASON}" in {what for _, _, what in pair.shared}
    _, (lighter,) = pairs_of({"a": RARE, "b": RARE} | crowd(USUAL, 10))
    assert pair.weight > lighter.weight


def test_what_is_right_and_what_many_have_is_no_similarity():
    right = lines(*RIGHT, reason=REASON)
    assert pairs_of({"a": right, "b": right} | crowd(USUAL))[1] == []
    assert pairs_of(crowd(RARE))[1] == []


def test_one_shared_line_is_not_enough():
    one = lines("= 17*sigma")
    assert pairs_of({"a": one, "b": one} | crowd(USUAL))[1] == []


def test_students_of_a_group_are_no_pair():
    answers = {"a": RARE, "b": SAME} | crowd(USUAL)
    group = {"a": {"group": "g"}, "b": {"group": "g"}}
    assert pairs_of(answers, **group)[1] == []
    one_file = {"a": {"file": "x"}, "b": {"file": "x"}}
    assert pairs_of(answers, **one_file)[1] == []
    assert len(pairs_of(answers, a={"group": "g"}, b={"group": "h"})[1]) == 1


def test_the_page_says_what_it_does_not_prove_and_feedback_says_nothing_of_it():
    record, _ = pairs_of({"a": RARE, "b": SAME} | crowd(USUAL), a={"name": "<i>A</i>"})
    shown = Page(similarity_page(record, example_set()))
    assert "That anybody copied." in shown.text and "For the staff only." in shown.text
    assert "<i>A</i> (a) and Student b (b)" in shown.text and "i" not in shown.tags
    feedback = feedback_page(record, example_set(), record["students"]["a"])
    assert "Student b" not in feedback and "shar" not in Page(feedback).text
