"""What no program can grade waits for a person; a wrong folder or set is no run."""

import json

import pytest

from kl_utils.grading.command_line import main
from kl_utils.grading.policy import read_policy
from tests.grading.classes import DUE, RIGHT, a_course, graded, hand_in
from tools import ROOT


@pytest.mark.parametrize(
    ("name", "content"),
    [("s017_scan.pdf", "%PDF-1.4"), ("s017.json", '{"version": 1'), ("s017.json", "[]")],
)
def test_a_scan_or_a_broken_file_waits_for_a_person(tmp_path, name, content):
    files = {name: content, "s018.json": RIGHT}
    record = graded(a_course(tmp_path / "course"), tmp_path / "in", files)
    student = record["students"]["s017"]
    assert student["score"] == 0
    assert student["held"] == student["of"] > 0
    assert all("grades.csv names it" in task["to_read"][0] for task in student["tasks"].values())
    assert record["students"]["s019"]["held"] == 0


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({}, "Nothing was written"),
        ({"s017.zip": "no zip"}, "s017.zip"),
        ({"s999.json": RIGHT}, "No student of the roster"),
        ({"s017.json": '{"version": 1, "set": "other", "student": "x", "answers": {}}'}, "no subm"),
    ],
)
def test_a_wrong_folder_or_set_is_no_run(tmp_path, files, why):
    (tmp_path / "in").mkdir()
    with pytest.raises(ValueError, match=why):
        graded(a_course(tmp_path / "course"), hand_in(tmp_path / "in", files))


@pytest.mark.parametrize("name", ["Example", " example ", "EXAMPLE"])
def test_a_rule_is_found_whatever_a_spreadsheet_makes_of_the_name(tmp_path, name):
    course = a_course(
        tmp_path / "course", policy=DUE.format("none").replace("example,", f"{name},")
    )
    policy = read_policy(tmp_path / "course/policy.csv", "example", course.roster)
    assert policy.due is not None


def test_a_class_is_not_started_where_git_may_publish_it(capsys):
    assert main(["start", str(ROOT / "a-class")]) == 1
    assert "choose another folder" in capsys.readouterr().err
    assert not (ROOT / "a-class").exists()


@pytest.mark.parametrize("suffix", ["", "-1"])
def test_of_a_notebook_and_the_file_it_wrote_the_file_counts(tmp_path, suffix):
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cell["source"] = "# answer: square@1\nproof_1 = '''\n= sigma\n'''"
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    start = "doejane_12345_67890_example"
    files = {f"{start}{suffix}.json": RIGHT, f"{start}.ipynb": json.dumps(notebook)}
    record = graded(a_course(tmp_path / "course"), tmp_path / "in", files)
    student = record["students"]["s017"]
    assert student["tasks"]["square@1"]["points"] == 10
    assert any("answered in several files" in remark for remark in student["remarks"])
