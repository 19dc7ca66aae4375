"""The reading queue: who wrote what is hidden, some is read twice, wrong points are refused."""

import base64
import csv
import hashlib
import math
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import sync_playwright

from kl_utils.grading.plain_mathematics import plain
from kl_utils.grading.queue_items import items_of
from kl_utils.grading.queue_pages import _waiting_by_line
from kl_utils.grading.reading_queue import take_readings, write_queue
from tests.grading.example_class import SECRET, course, example_set, lines, record_of
from tests.grading.reading_pages import Page

LARGE = ["= -E(log_q(z))", "= (log(2*pi*sigma**2) + 1)/2"]
WHY, ENTROPY = "why@1", "entropy@1"


def class_of(count, **known):
    return record_of(
        {f"s{n:03}": {"why": f"Because of reason {n}."} for n in range(count)}, **known
    )


def filled(path, points):
    """Fill a table: ``points`` by item, or for all; says which items there are."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["points"] = points.get(row["item"], "") if isinstance(points, dict) else points
        row["reason"] = row["points"] and "As the rubric has it."
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    return [row["item"] for row in rows]


def overrides(folder):
    with (folder / "overrides.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_no_name_id_email_or_code_is_in_the_queue(tmp_path):
    record = class_of(3)
    student = record["students"]["s001"]
    student["name"] = "Max van Beek"
    code = student["code"]
    who = f"I, MAX  VAN BEEK (s001, {code}, {code.replace('-', '')}, max@beek.example), Beek"
    student["tasks"][WHY]["answer"] = f"{who}, say so with Student s002. The max of it."
    proof = lines(*LARGE, f"= max(1, 2) # {code}", reason=f"Beek knows, {code}")
    student["tasks"][ENTROPY] |= {"answer": proof, "held": 4, "to_read": ["Line 2: large."]}
    write_queue(record, example_set(), course(tmp_path) / "read")
    for path in (tmp_path / "read").iterdir():
        text = f"{path.name} {path.read_text('utf-8')}"
        for hidden in ("s001", "s002", code, code.replace("-", ""), "Beek", "BEEK", "beek"):
            assert hidden not in text, (path.name, hidden)
    assert "The max of it." in (tmp_path / "read" / f"{WHY}.html").read_text("utf-8")
    assert "max(1, 2)" in (tmp_path / "read" / f"{ENTROPY}.html").read_text("utf-8")


@pytest.mark.parametrize("count", [1, 10, 11, 47])
def test_a_tenth_of_the_open_answers_is_read_twice_far_apart(count):
    (items,) = items_of(class_of(count), SECRET).values()
    students = [item.students for item in items]
    twice = {student for student in students if students.count(student) == 2}
    assert len(twice) == math.ceil(count / 10)
    assert len(items) == count + len(twice) == len({item.name for item in items})
    half = math.ceil(count / 2)
    assert len(set(students[:half])) == half
    assert twice <= set(students[:half]) & set(students[half:])


def test_the_order_says_nothing_and_lasts():
    (items,) = items_of(class_of(40), SECRET).values()
    order = [item.students for item in items]
    assert order != sorted(order)
    assert items == items_of(class_of(40), SECRET)[WHY]
    assert order != [item.students for item in items_of(class_of(40), SECRET[::-1])[WHY]]


def test_what_to_look_at_is_marked_and_the_rubric_beside_it(tmp_path):
    record = record_of({"s1": {"entropy": lines(*LARGE), "why": "So."}})
    assert write_queue(record, example_set(), course(tmp_path)) == {ENTROPY: 1, WHY: 2}
    found = (tmp_path / f"{ENTROPY}.html").read_text("utf-8")
    (held,) = re.findall(r'<li class="held">.*?</li>', found)
    assert LARGE[1] in held and "A large step" in held
    shown = Page(found).text
    assert "the variance: E((z - mu)**2) = sigma**2" in shown
    assert "The machine gave 4 already." in shown
    assert "Squaring is convex." in (tmp_path / f"{WHY}.html").read_text("utf-8")


def test_the_page_says_what_the_machine_found_and_what_each_part_of_the_work_gets(tmp_path):
    record = record_of({"s1": {"entropy": lines(*LARGE), "why": "So."}})
    write_queue(record, example_set(), course(tmp_path))
    shown = Page((tmp_path / f"{ENTROPY}.html").read_text("utf-8")).text
    held = record["students"]["s1"]["tasks"][ENTROPY]["held"]
    assert f"at all cases that were compared. {held:g} points wait for it." in shown
    assert "3: the logarithms of the densities" in shown
    shown = Page((tmp_path / f"{WHY}.html").read_text("utf-8")).text
    assert "Each of the 2 entries under “A good answer” is worth 3 points." in shown


def test_the_forms_of_a_page_need_nothing_and_run_one_script(tmp_path):
    hostile = "</script><script>alert(1)</script>"
    record = record_of({"s1": {"entropy": lines(*LARGE, reason=hostile), "why": hostile}})
    write_queue(record, example_set(), course(tmp_path))
    for task, entries in ((WHY, 2), (ENTROPY, 0)):
        text = (tmp_path / f"{task}.html").read_text("utf-8")
        (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'" in text
        assert f"script-src 'sha256-{digest}'\"" in text
        assert not re.search(r"fetch|XMLHttp|import|http|storage|innerHTML|eval", script)
        forms = [given for _, given in Page(text).elements if given.get("class") == "form"]
        with (tmp_path / f"{task}.csv").open(encoding="utf-8-sig") as file:
            rows = [(row["item"], row["possible"]) for row in csv.DictReader(file)]
        assert [(form["data-item"], f"0 to {form['data-possible']}") for form in forms] == rows
        assert all("hidden" in form for form in forms)
        radios = [given for _, given in Page(text).elements if given.get("type") == "radio"]
        assert len(radios) == 3 * entries * len(forms)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("chromium"), reason="there is no browser")
def test_a_form_sums_itself_and_saves_a_table_that_is_taken(tmp_path):
    record, complaints = class_of(2), []
    write_queue(record, example_set(), course(tmp_path))

    def fill_and_save():
        with sync_playwright() as playwright:
            program = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            tab = browser.new_page()
            tab.on("console", lambda message: complaints.append(message.text))
            tab.on("pageerror", lambda error: complaints.append(str(error)))
            tab.goto((tmp_path / f"{WHY}.html").as_uri())
            for form in tab.locator(".form").all():
                form.locator("[type=radio]").nth(1).check()  # half of the first entry
                form.locator("[type=radio]").nth(5).check()  # all of the second
                form.locator("[data-field=reason]").fill('Say "why", please; so')
            filled_in = tab.locator("#filled").text_content()
            with tab.expect_download() as saved:
                tab.locator("#save").click()
            saved.value.save_as(tmp_path / "saved.csv")
            browser.close()
            return filled_in

    # In a thread of its own: the tests of the site may have a browser open in this process.
    with ThreadPoolExecutor(1) as alone:
        assert alone.submit(fill_and_save).result() == "3 of 3 filled"
    assert not complaints
    result = take_readings([tmp_path / "saved.csv"], record, tmp_path, "ab")
    assert (result.taken, result.agreed, result.refused) == (3, 1, [])
    assert {(row["points"], row["reason"]) for row in overrides(tmp_path)} == {
        ("4.5", 'Say "why", please; so')
    }


def test_points_wait_for_the_line_that_holds_them():
    question, end = example_set().question(ENTROPY), LARGE[1]
    late = {"held": 6, "answer": lines(*LARGE), "to_read": ["Line 1: a", "Line 2: b"]}
    early = {"held": 8, "answer": lines(end, end), "to_read": ["Line 1: a", "Line 2: b"]}
    assert _waiting_by_line(question, "", late) == {2: 6}
    assert _waiting_by_line(question, "", early) == {1: 8}


def test_what_a_person_decided_does_not_wait_and_changes_no_other_item(tmp_path):
    record, folder = class_of(20), course(tmp_path)
    before = items_of(record, SECRET)[WHY]
    first = before[0].students
    record["students"][first[0]]["tasks"][WHY]["override"] = {"points": 1, "reason": "x"}
    assert items_of(record, SECRET)[WHY] == before
    assert write_queue(record, example_set(), folder) == {WHY: 20}  # without it and its copy
    filled(folder / f"{WHY}.csv", "2")
    with (folder / f"{WHY}.csv").open("a") as file:
        file.write(f"{before[0].name},0 to 6,1,x\n")
    result = take_readings([folder / f"{WHY}.csv"], record, folder, "ab")
    assert (len(result.rows), result.taken, result.before) == (19, 20, 1)
    assert (result.waiting, result.refused) == (0, [])


def test_a_changed_mind_is_named_and_taken_when_it_says_so(tmp_path):
    record = record_of({"s1": {"entropy": lines(*LARGE)}})
    write_queue(record, example_set(), course(tmp_path))
    table = tmp_path / f"{ENTROPY}.csv"
    (name,) = filled(table, "2")
    take_readings([table], record, tmp_path, "ab")
    filled(table, "3,5")
    result = take_readings([table], record, tmp_path, "ab")
    (refused,) = result.refused
    assert name in refused and "3.5 points" in refused and "--again" in refused
    assert [row["points"] for row in overrides(tmp_path)] == ["6"]
    result = take_readings([table], record, tmp_path, "ab", again=True)
    assert (result.taken, result.refused) == (1, [])
    assert [row["points"] for row in overrides(tmp_path)] == ["6", "7.5"]
    assert take_readings([table], record, tmp_path, "ab").before == 1


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("0 to 6,,", "0 to 6,,;6;All six of them", "line 2: its cells are not parted by commas"),
        ("0 to 6,,", "0 to 6,1,5,You forgot one", "line 2: this row has 5 cells"),
        ("reason\r\n", "reason;;\r\n", "line 1: its cells are not parted"),
        ("0 to 6,,", '"0 to 6,,";6;All six', "line 2: its cells are not parted"),
        ("0 to 6,,", "0 to 6,,All six", "has a reason and no points"),
        ("0 to 6,,", "0 to 6,3,", "loses points: write a reason"),
    ],
)
def test_what_a_spreadsheet_has_moved_to_another_cell_is_refused(tmp_path, old, new, complaint):
    record = class_of(11)
    write_queue(record, example_set(), course(tmp_path))
    table = tmp_path / f"{WHY}.csv"
    text = table.read_bytes().decode("utf-8-sig").replace(old, new, 1)
    text = text.replace("0 to 6,,\r\n", "0 to 6,6,\r\n")
    table.write_text(text, "utf-8", newline="")
    result = take_readings([table], record, tmp_path, "ab")
    (refused,) = result.refused
    assert complaint in refused
    if "cells" in complaint:
        assert "Nothing of this table was taken." in refused
        assert (result.taken, result.waiting) == (0, 13)
        assert not (tmp_path / "overrides.csv").exists()


def test_points_come_on_top_of_what_the_machine_gave(tmp_path):
    record = record_of({"s1": {"entropy": lines(*LARGE)}})
    write_queue(record, example_set(), course(tmp_path))
    filled(tmp_path / f"{ENTROPY}.csv", "2,5")
    result = take_readings([tmp_path / f"{ENTROPY}.csv"], record, tmp_path, "ab")
    (row,) = overrides(tmp_path)
    assert (row["set"], row["task"], row["student"]) == ("example", ENTROPY, "s1")
    assert (row["points"], row["by"], row["reason"]) == ("6.5", "ab", "As the rubric has it.")
    assert len(result.rows) == 1 and not result.refused
    again = take_readings([tmp_path / f"{ENTROPY}.csv"], record, tmp_path, "ab")
    assert (len(again.rows), again.before, len(overrides(tmp_path))) == (0, 1, 1)


@pytest.mark.parametrize("points", ["-1", "6.5", "7", "nan", "1e0", "=1+1", "six", "inf"])
def test_wrong_points_are_refused_and_the_row_is_named(tmp_path, points):
    record = class_of(3)
    write_queue(record, example_set(), course(tmp_path))
    table = tmp_path / f"{WHY}.csv"
    names = {item.name: item.students for item in items_of(record, SECRET)[WHY]}
    once = [name for name in names if list(names.values()).count(names[name]) == 1]
    filled(table, {once[0]: points, once[1]: "6"})
    result = take_readings([table], record, tmp_path, "ab")
    (refused,) = result.refused
    assert refused.startswith(f"{WHY}.csv, line ")
    assert [row["student"] for row in overrides(tmp_path)] == [*names[once[1]]]
    assert (result.taken, result.waiting) == (1, 3)


def test_an_answer_that_was_handed_in_anew_is_not_the_one_that_was_read(tmp_path):
    record = class_of(1)
    write_queue(record, example_set(), course(tmp_path))
    filled(tmp_path / f"{WHY}.csv", "3")
    record["students"]["s000"]["tasks"][WHY]["answer"] = "Another answer."
    result = take_readings([tmp_path / f"{WHY}.csv"], record, tmp_path, "ab")
    assert not result.rows and len(result.refused) == 2
    assert all("handed in anew?" in sentence for sentence in result.refused)


def test_two_readings_that_differ_are_reported_and_neither_is_chosen(tmp_path):
    record = class_of(20)
    write_queue(record, example_set(), course(tmp_path))
    table = tmp_path / f"{WHY}.csv"
    items = items_of(record, SECRET)[WHY]
    twice = [item for item in items if [i.students for i in items].count(item.students) == 2]
    points = dict.fromkeys([item.name for item in items], "4") | {twice[0].name: "5"}
    filled(table, points)
    result = take_readings([table], record, tmp_path, "ab")
    assert (result.twice, result.agreed, len(result.rows)) == (2, 1, 19)
    (sentence,) = result.disagreements
    assert "got 5 and 4 points" in sentence and twice[0].name in sentence
    assert twice[0].students[0] not in " ".join(result.summary())
    assert twice[0].students[0] not in {row["student"] for row in overrides(tmp_path)}
    assert "Of 2 answers read twice, 1 agrees." in result.summary()
    filled(table, points | {twice[0].name: "4"})
    result = take_readings([table], record, tmp_path, "ab")
    assert (len(result.rows), result.taken, result.waiting) == (1, 2, 0)


def test_the_first_of_two_readings_is_kept_and_nothing_tells_that_it_is_one(tmp_path):
    record, folder = class_of(1), course(tmp_path)
    write_queue(record, example_set(), folder)
    first, second = items_of(record, SECRET)[WHY]
    table = folder / f"{WHY}.csv"
    filled(table, {first.name: "3"})
    result = take_readings([table], record, folder, "ab")
    assert (result.rows, result.taken, result.waiting, result.refused) == ([], 1, 1, [])
    said = " ".join([*result.summary(), *result.refused])
    assert first.name not in said and second.name not in said
    again = take_readings([table], record, folder, "ab")
    assert (again.taken, again.before, again.waiting) == (0, 1, 1)
    filled(table, {first.name: "2"})
    (refused,) = take_readings([table], record, folder, "ab").refused
    assert "--again" in refused
    assert write_queue(record, example_set(), folder) == {WHY: 1}
    assert filled(table, "3") == [second.name]
    result = take_readings([table], record, folder, "ab")
    assert (len(result.rows), result.taken, result.agreed, result.waiting) == (1, 1, 1, 0)
    table.write_text(f"item,points,reason\n{first.name},3,A\n{second.name},3,B\n", "utf-8")
    result = take_readings([table], record, folder, "ab")
    assert (result.taken, result.before, result.refused) == (0, 2, [])


def test_what_a_group_handed_in_is_read_once_and_counts_for_all(tmp_path):
    answer = {"entropy": lines(*LARGE)}
    together = {"file": "g1.json", "group": "g1"}
    record = record_of({"s1": answer, "s2": answer}, s1=together, s2=together)
    write_queue(record, example_set(), course(tmp_path))
    assert len(filled(tmp_path / f"{ENTROPY}.csv", "1")) == 1
    take_readings([tmp_path / f"{ENTROPY}.csv"], record, tmp_path, "ab")
    assert [row["student"] for row in overrides(tmp_path)] == ["s1", "s2"]


def test_mathematics_reads_as_plain_text():
    said = r"$\mathbb{E}_q[w^\top z]$, $\Sigma^{-1} x^{2} + x^{n - 1}$, $w^{\top} z$ and $5."
    assert plain(said) == "E_q[wᵀ z], Σ⁻¹ x² + x^n - 1, wᵀ z and $5."
