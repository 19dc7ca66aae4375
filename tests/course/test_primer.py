"""The self-test of the primer: each question has an answer, and each answer a section."""

import re

from tools import ROOT

PAGE = (ROOT / "book" / "primer.md").read_text("utf8")
TEST, _, SECTIONS = PAGE.partition("**Your score.**")
ANSWER = re.compile(r"<summary>Answer (\d+)</summary>\n\n(.*?)\n\n</details>", re.DOTALL)


def test_each_question_has_its_answer_in_a_fold():
    questions = re.findall(r"^\*\*Question (\d+)\.\*\*", TEST, re.MULTILINE)
    answers = [number for number, _ in ANSWER.findall(TEST)]
    assert questions == answers == [str(1 + i) for i in range(len(questions))]
    assert len(questions) == 18  # the score counts to it


def test_each_answer_names_a_section_and_each_section_has_a_question():
    sections = re.findall(r"^\((primer-\w+)\)=\n## (.+)$", SECTIONS, re.MULTILINE)
    named = [re.findall(r"\[(.+?)\]\(#(.+?)\)", answer) for _, answer in ANSWER.findall(TEST)]
    assert [[(title, target)] for target, title in sections] == named


def test_each_section_is_checked():
    """By a derivation, or by a program; that it comes out as printed, test_typesetting tests."""
    for section in re.split(r"^\(primer-\w+\)=$", SECTIONS, flags=re.MULTILINE)[1:]:
        assert re.search(r"```python\n.*?```\n\n```text\n\S", section, re.DOTALL), section[:40]
