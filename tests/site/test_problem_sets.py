"""The problem sets in the book: what stands in the page, and what the live page does with answers.

No answer to a credit task stands here: lines are begun and not finished, and numbers are any. Where
Python is asked, the answer comes from Python here, but for one long test. The browser's part is
skipped where no Chromium is found, as in ``test_site.py``.
"""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from book_problem_sets import set_data
from book_sets import FOLDER, problem_set, with_numbers
from kl_utils.exercises import grade_submission, read_submission
from kl_utils.exercises.codes import code_of, read_code
from tests.site.conftest import SCREENS, show
from tests.site.test_site import IS_THEME, NO_FADING, barriers
from tools import ROOT

NAMES = [path.parent.name for path in sorted(FOLDER.glob("*/set.toml"))]
CODE, OTHER = (code_of("a secret of the tests", "divergence", name) for name in ("s1", "s2"))
LIVE = ROOT / "book" / "_assets" / "live"

# --- in the files


@pytest.mark.parametrize("name", NAMES)
def test_all_that_is_asked_stands_in_the_page(site, name):
    page = (site / f"book/problem_sets/{name}.html").read_text("utf8")
    places = re.findall(r'class="problem-answer" data-task="([^"]+)"', page)
    assert places == [one.name for one in problem_set(name).current]
    for one in problem_set(name).current:
        section = page.partition(f'id="task-{one.data["id"]}"')[2].partition("</section>")[0]
        assert f"{one.data['points']:g} points, about {one.data['minutes']} minutes" in section
        assert ("Goal: " in section) == (one.data["kind"] == "prove")
        statement = one.data["statement"].replace("&", "&amp;")
        for words in re.findall(r"[A-Za-z]{4,} [a-z]{4,} [a-z]{4,}", statement.partition("$")[0]):
            assert words in section
        beside = r"\\\(.*?\\\)|<pre>.*?</pre>|<[^>]*>|\\begin.*?\\end\{align.*?\}"
        assert "{" not in re.sub(beside, "", section, flags=re.S)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_nothing_for_who_grades(site, name):
    live = site / "_static/live"
    page = (site / f"book/problem_sets/{name}.html").read_text("utf8")
    data = (live / f"problem_sets/{name}.js").read_text("utf8")
    texts = problem_set(name).data.get("oral", [])
    private = [text for one in texts for text in one.values()]
    private += [
        text for one in problem_set(name).current for text in one.data.get("good_answer_says", [])
    ]
    assert private and not [text for text in private if text in page or text in data]
    waiting = [live / file for file in ("load.js", "problem-set.js", "problem-set.css")]
    assert sum(path.stat().st_size for path in waiting) < 8_000
    assert len(json.dumps(set_data(problem_set(name)))) < 12_000


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "Checked at 3 cases. First broken line: (c).",
            "Checked at 3 cases. First broken line: (2).",
        ),
        ("At a = 1: line (a) is 2, log(a) is 0.", "At a = 1: line (0) is 2, log(a) is 0."),
        (
            "Compared with (ab), the last line with a value.",
            "Compared with (27), the last line with a value.",
        ),
    ],
)
def test_lines_are_counted_as_graders_count_them(said, expected):
    assert with_numbers(said) == expected


def asked_of(answer_py, kind, **job):
    """What Python answers to a job about the first task of a kind."""
    one = next(one for one in problem_set("divergence").current if one.data["kind"] == kind)
    job = {"set": "divergence", "code": CODE, "task": one.name, **job}
    return one.task(CODE), json.loads(answer_py.answer(json.dumps(job)))


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("condition", ["σ² ≤ log(25)/24"], r"Read as $\sigma^2 \le \tfrac{1}{24} \log 25$."),
        ("condition", ["0 < mu ≠ 2"], r"Read as $0 < \mu$ and $\mu \ne 2$."),
        ("compute", "1/2 + log(2)", r"Read as $\tfrac{1}{2} + \log 2$, which is 1.19315."),
        ("compute", "0.5 nats", "Read as 0.5."),
        ("compute", "n", "No letters stand in this answer."),
        ("repair", {"text": "E(", "reason": ""}, "Line 2: The brackets do not match"),
    ],
)
def test_the_page_reads_what_the_grader_reads(answer_py, kind, typed, said):
    task, found = asked_of(answer_py, kind, read=typed)
    assert found["said"].startswith(said) and found["is_read"] is said.startswith("Read as")
    if found["is_read"]:
        task.grade(typed)  # no BadAnswer


def test_a_proof_is_told_whether_its_goal_is_reached(answer_py):
    task, _ = asked_of(answer_py, "prove", read={"lines": []})
    for text, is_goal in ((task.frame.first, False), (task.goal, True)):
        line = {"text": f"= {text}", "reason": ""}
        _, found = asked_of(answer_py, "prove", lines=[list(line.values())])
        said = "The last line is the goal." if is_goal else "The goal is not reached yet."
        assert found["ok"] and found["summary"].startswith(said)
        _, found = asked_of(answer_py, "prove", read={"lines": [line]})
        assert found["look"] == ("" if is_goal else said)


def test_of_a_repair_only_the_students_line_is_told(answer_py):
    task, _ = asked_of(answer_py, "repair", read={"text": "0", "reason": ""})
    lines = [[text, ""] for text in task.lines]
    at = task.at
    for text, does in ((task.lines[at - 1], "does not follow"), (task.lines[at], "follows")):
        lines[at - 1] = [text.removeprefix("="), ""]
        _, found = asked_of(answer_py, "repair", lines=lines)
        assert f"Your line {does} from line ({at - 1})." in found["summary"]
        assert f"Line ({at + 1}) {does} from it." in found["summary"]
        assert [place for place, mark in enumerate(found["marks"]) if mark] == [at]
        assert not any(found["explanations"])


def test_a_program_is_looked_at_and_not_run(answer_py):
    task, _ = asked_of(answer_py, "program", read="1")
    begun = task.starter + "\n    return 0\n"
    assert not asked_of(answer_py, "program", read=begun)[1]["look"]
    other = f"import scipy.stats\nfrom torch import nn\ndef {task.function}(a):\n    return 0\n"
    look = asked_of(answer_py, "program", read=other)[1]["look"]
    assert "It uses `torch` and `scipy`, which this task does not allow." in look
    assert f"The parameters of `{task.function}` are `(a)`, and should be `(" in look


# --- codes and files, as the page reads them


@pytest.fixture(scope="module")
def scripts(chromium):
    """A page that has nothing but the script on submissions."""
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.set_content("<!doctype html>")
    page.evaluate("window.kl = {}")
    page.add_script_tag(content=(LIVE / "submission.js").read_text("utf8"))
    yield page
    context.close()


READ = """text => { try { return kl.submission.readCode(text); } catch (error) {
    return error.message; } }"""


def test_the_page_reads_a_code_as_python_does(scripts):
    swapped = CODE[1] + CODE[0] + CODE[2:]
    typed = [CODE, CODE.lower(), CODE.replace("-", " "), f" {CODE} ", CODE.replace("-", "–")]
    typed += [swapped, CODE[:-1], CODE + "A", "O0I1-LLLL", "", "2222-2222", "3222-2222"]
    for text in typed:
        try:
            expected = read_code(text)
        except ValueError as error:
            expected = str(error)
        assert scripts.evaluate(READ, text) == expected, text


KINDS = {"a@1": "prove", "b@1": "repair", "c@1": "condition", "d@1": "compute", "e@1": "program"}
PARSE = """([text, code, kinds]) => { try {
    return kl.submission.parse(text, {name: "divergence", kinds}, code);
} catch (error) { return error.message; } }"""


def test_the_example_of_a_code_is_one():
    with pytest.raises(ValueError, match="such as") as refused:
        read_code("")
    assert read_code(re.search(r"such as (\S+);", str(refused.value))[1])


def file_with(answers=None, **more):
    usual = {"version": 1, "set": "divergence", "student": CODE, "answers": answers or {}}
    return json.dumps(usual | more)


def test_a_file_is_read_in_all_shapes_that_are_graded(scripts):
    given = {"a@1": ["= 1"], "b@1": "= 1", "c@1": "a > 1", "d@1": 0.5, "e@1": "x", "old@1": 1}
    found = scripts.evaluate(PARSE, [file_with(given), CODE, KINDS])
    line = {"text": "= 1", "reason": ""}
    answers = {"a@1": {"lines": [line]}, "b@1": line, "c@1": ["a > 1"], "d@1": "0.5", "e@1": "x"}
    assert found == {"answers": answers, "strays": 1}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "cannot be read as JSON"),
        ("[]", "no submission to a problem set"),
        (file_with(version=2), "newer version"),
        (file_with(set="bound_and_vae"), "belongs to the set “bound_and_vae”"),
        (file_with(student=OTHER), f"belongs to the code {OTHER}, not to {CODE}"),
        (file_with({"a@1": {"lines": [{"text": 1}]}}), "damaged, at “a@1”"),
        (file_with({"d@1": {"x": 1}}), "damaged, at “d@1”"),
        (file_with({"e@1": "x" * 20_001}), "damaged, at “e@1”"),
        (file_with(more="x" * 300_000), "too large"),
        ('{"__proto__": {"set": "divergence"}}', "no submission to a problem set"),
    ],
)
def test_a_foreign_file_is_refused(scripts, text, sentence):
    assert sentence in scripts.evaluate(PARSE, [text, CODE, KINDS])


# --- the live page

PYTHON = """window.kl.live = { isReady: true, stop() {}, check: job => new Promise((done, fail) =>
    answerInPython(JSON.stringify(job)).then(text => done(JSON.parse(text)), fail)) };"""


class Live:
    """A live page with Python in place of the page's own."""

    def __init__(self, page, answer_py=None):
        self.page = page
        if answer_py:
            page.expose_function("answerInPython", answer_py.answer)
            page.route("**/live/engine.js", lambda route: route.fulfill(body=PYTHON))
        page.set_default_timeout(30_000)

    def begin(self, code=CODE):
        self.page.get_by_role("button", name="Answer in this page").click()
        self.page.get_by_label("Your personal code").fill(code)
        self.page.keyboard.press("Enter")
        return self

    def task(self, kind):
        """The section of the first task of a kind, and its name."""
        one = next(one for one in problem_set("divergence").current if one.data["kind"] == kind)
        return self.page.locator(f"#task-{one.data['id']}"), one.name

    def says(self, words):
        self.page.get_by_text(words).first.wait_for()

    def export(self, folder):
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name="Download the file").click()
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path


@pytest.fixture
def live(visit, answer_py):
    """Open the page of a set, each time with a storage of its own."""

    def open_page(answers=answer_py, **options):
        options = {"locale": "en", "accept_downloads": True, **options}
        page = visit("book/problem_sets/divergence.html", "desktop", typeset=False, **options)
        return Live(page, answers)

    return open_page


def fill_all(page):
    """Answer a task of each kind but a repair, and return what should be handed in."""
    proof, words = "= E(log_q(z) - log_p(z))", "It is not what it looks like."
    program = "def kl_of_normals(mean_q, std_q, mean_p, std_p):\n    return 0\n"
    typed = {"prove": proof, "condition": "mu > 1\nsigma <= 2", "compute": "1/2 + log(2)"}
    typed |= {"program": program, "explain": words}
    for kind, text in typed.items():
        page.task(kind)[0].get_by_role("textbox").first.fill(text)
    page.task("prove")[0].get_by_label("Reason of line (1)").fill("definition")
    handed_in = {page.task(kind)[1]: text for kind, text in typed.items()}
    handed_in[page.task("prove")[1]] = {"lines": [{"text": proof, "reason": "definition"}]}
    handed_in[page.task("condition")[1]] = ["mu > 1", "sigma <= 2"]
    return handed_in


def test_answers_are_typed_read_exported_and_imported(live, tmp_path):
    page = live()
    page.begin(CODE[:-1] + ("2" if CODE[-1] != "2" else "3"))
    page.says("There is a typing mistake somewhere in this code.")
    page.page.get_by_label("Your personal code").fill(CODE.lower().replace("-", ""))
    page.page.keyboard.press("Enter")
    page.says("The tasks have your own numbers.")
    asked = " ".join(page.page.locator(".problem-asked").all_inner_texts())
    assert "boxed" not in asked and "[mu]" not in asked
    page.says(f"Your code is {CODE}. It has no typing mistake.")
    expected = fill_all(page)
    for kind, sentence in {
        "condition": "Read as",
        "compute": "which is 1.19315.",
        "program": "Python can read it, and the function kl_of_normals is there. It was not run.",
    }.items():
        section = page.task(kind)[0]
        section.get_by_role("button", name="How is it read?").click()
        section.get_by_role("status").filter(has_text=sentence).wait_for()
    section = page.task("prove")[0]
    section.get_by_role("button", name="Check").click()
    section.get_by_role("img", name="holds").wait_for()
    page.says("Every line is true. The goal is not reached yet.")
    said = " ".join(page.page.locator(".problem-answer").all_inner_texts())
    assert not re.search(r"(?i)\bright\b|correct|points|not the value|can fail|wider", said)
    page.page.get_by_role("button", name="Export my answers").click()
    page.says("need a look:")
    page.says("The goal is not reached yet.")
    assert page.page.locator(".problem-list li").count() == 10 - len(expected) + 1
    path = page.export(tmp_path)
    assert path.name == f"divergence-{CODE.replace('-', '')}.json"
    submission = read_submission(path)
    assert (submission.set, submission.student) == ("divergence", CODE)
    assert submission.answers == expected and not submission.remarks
    rows = {row["task"]: row for row in grade_submission(problem_set("divergence"), path)}
    assert rows[page.task("prove")[1]]["points"] > 0
    assert rows[page.task("compute")[1]]["sentences"] == "This is not the value."
    assert rows[page.task("explain")[1]]["held"] == rows[page.task("explain")[1]]["of"]
    # On another machine, which has an answer of its own.
    other = live().begin()
    other.task("compute")[0].get_by_role("textbox").fill("7")
    other.page.set_input_files("input[type=file]", path)
    other.says("The file has other answers than this page to:")
    other.page.get_by_role("button", name="Keep those here").click()
    other.says(f"Imported: {len(expected) - 1} answers.")
    assert other.task("compute")[0].get_by_role("textbox").input_value() == "7"
    assert (
        other.task("prove")[0].get_by_label("Line (1)", exact=True).input_value().startswith("= E(")
    )
    foreign = tmp_path / "foreign.json"
    foreign.write_text(file_with(student=OTHER))
    other.page.set_input_files("input[type=file]", foreign)
    other.says("Nothing was imported. This belongs to the code")


@pytest.mark.long
def test_answers_last_and_a_second_tab_takes_nothing_away(live):
    one = live().begin()
    section = one.task("explain")[0]
    section.get_by_role("textbox").fill("first")
    other = Live(one.page.context.new_page())
    other.page.goto(one.page.url)
    field = other.task("explain")[0].get_by_role("textbox")
    field.wait_for()  # no click: who has answered here before comes back to it
    assert field.input_value() == "first"
    field.fill("second")
    section.get_by_text("Changed in another tab.").wait_for()
    assert section.get_by_role("textbox").input_value() == "second"
    # A tab that slept has not heard of it.
    key = f"kl-set divergence {CODE}"
    change = "([key, from, to]) => localStorage[key] = localStorage[key].replace(from, to)"
    one.page.evaluate(change, [key, "second", "third"])
    section.get_by_role("textbox").fill("mine")
    section.get_by_text("This answer was changed in another tab, too.").wait_for()
    assert "third" in one.page.evaluate("key => localStorage[key]", key)
    section.get_by_role("button", name="Keep this one").click()
    assert "mine" in one.page.evaluate("key => localStorage[key]", key)


@pytest.mark.long
def test_without_python_answers_can_be_typed_and_exported(live, tmp_path):
    page = live(answers=None)
    page.page.route("**/live/engine.js", lambda route: route.fulfill(status=200, body=""))
    page.begin()
    page.says("Your numbers could not be made.")
    page.task("compute")[0].get_by_role("textbox").fill("0.5")
    page.page.get_by_role("button", name="Export my answers").click()
    page.says("Whether the answers can be read is not known here")
    answers = json.loads(page.export(tmp_path).read_text("utf8"))["answers"]
    assert answers == {page.task("compute")[1]: "0.5"}


def test_what_cannot_be_read_is_named_before_the_export(live):
    page = live().begin()
    page.task("program")[0].get_by_role("textbox").fill("def kl_of_normals(:\n")
    page.task("compute")[0].get_by_role("textbox").fill("two")
    page.page.get_by_role("button", name="Export my answers").click()
    page.says("cannot be read. Python cannot read line 1")
    assert page.page.locator(".problem-list").evaluate("node => node === document.activeElement")
    # Whatever is said of an answer stays text.
    evil = "kl.live.check = async () => ({said: '<b>no</b> $x$', is_read: false})"
    page.page.evaluate(f"() => {{ {evil}; }}")
    page.page.get_by_role("button", name="Export my answers").click()
    page.says("cannot be read. <b>no</b> $x$")


@pytest.mark.long
def test_one_answer_that_fails_hides_no_other_and_none_needs_a_second_press(live):
    page = live().begin()
    for name in ("compute", "condition"):
        page.task(name)[0].get_by_role("textbox").fill("= 7" if name == "compute" else "mu > 1")
    fails = """kl.live.check = async ({ read }) => {
        if (read === "7") throw new Error("It broke.");
        return { said: "", is_read: true, look: "" };
    }"""
    page.page.evaluate(f"() => {{ {fails}; }}")
    page.page.get_by_role("button", name="Export my answers").click()
    page.says("not known. It broke.")
    said = page.page.locator(".problem-list").inner_text()
    assert said.count("not known") == 1 and said.count("not answered") == 8
    # With a word to each task, the file comes at once.
    every = "kl.live.check = async () => ({ said: '', is_read: true, look: '' })"
    page.page.evaluate(f"() => {{ {every}; }}")
    fill_all(page)
    lines = page.page.get_by_role("textbox", name=re.compile(r"^Line \("))
    for field in lines.all():
        field.fill("= 1")
    for kind in ("compute", "program"):
        names = [q.data["id"] for q in problem_set("divergence").current if q.data["kind"] == kind]
        for name in names:
            page.page.locator(f"#task-{name}").get_by_role("textbox").fill("7")
    with page.page.expect_download():
        page.page.get_by_role("button", name="Export my answers").click()
    page.says("All 10 tasks are answered. Exported: ")


@pytest.mark.long
def test_a_repair_is_unanswered_while_the_wrong_line_stands(live):
    page = live().begin()
    section = page.task("repair")[0]
    section.get_by_label("Reason of line").fill("because")
    page.page.get_by_role("button", name="Export my answers").click()
    page.says("need a look:")
    assert page.page.locator(".problem-list").inner_text().count("not answered") == 10


@pytest.mark.long
def test_the_program_to_begin_with_stays_and_comes_back(live):
    page = live().begin()
    section, name = page.task("program")
    field = section.get_by_role("textbox")
    start = field.input_value()
    field.fill("mine")
    assert section.locator("details.problem-starter").inner_text()  # its summary is in sight
    section.get_by_role("button", name="Put back the program to begin with").click()
    assert field.input_value() == start
    section.get_by_role("button", name="Put back my program").click()
    assert field.input_value() == "mine"
    kept = page.page.evaluate("key => localStorage[key]", f"kl-set divergence {CODE}")
    assert json.loads(kept)["answers"] == {name: "mine"}


@pytest.mark.long
def test_nothing_that_is_pasted_is_cut(live):
    page = live().begin()
    section = page.task("explain")[0]
    section.get_by_role("textbox").fill("x" * 4_990)
    section.get_by_role("textbox").press("End")
    page.page.keyboard.insert_text("y" * 11)
    page.says("Not put in: the field holds 5000 characters, and this would be 5001.")
    assert "y" not in section.get_by_role("textbox").input_value()
    page.page.keyboard.insert_text("y" * 10)
    page.says("5000 of 5000 characters")
    top = page.page.locator("#pst-back-to-top")  # it lies on what is typed
    assert top.evaluate("node => getComputedStyle(node).visibility") == "hidden"


@pytest.mark.long
def test_another_code_is_asked_for_twice(live):
    page = live().begin()
    page.page.get_by_role("button", name="Use another code").click()
    page.says(f"Your answers under {CODE} stay in this browser.")
    page.page.get_by_role("button", name="Cancel").click()
    page.page.get_by_role("button", name="Use another code").click()
    page.page.get_by_role("button", name="Go on to another code").click()
    page.says("Your instructor gave you a personal code.")


@pytest.mark.parametrize("screen", SCREENS)
def test_wide_formulas_scroll_and_have_a_name(visit, screen):
    page = visit("book/problem_sets/divergence.html", screen)
    page.wait_for_function("performance.getEntriesByName('page typeset').length")
    wide = page.evaluate(
        """() => [...document.querySelectorAll(".problem .math, .problem pre")]
            .filter(node => node.scrollWidth > node.clientWidth + 2 && node.clientWidth)
            .map(node => [node.tabIndex, getComputedStyle(node).overflowX])"""
    )
    assert all(found == [0, "auto"] for found in wide)
    assert screen == "desktop" or wide
    cut = """() => [...document.querySelectorAll(".problem mjx-container")].filter(node => {
        const box = node.closest("div.math, span.math, p, li").getBoundingClientRect();
        return box.right > document.documentElement.clientWidth + 1;
    }).map(node => node.outerHTML.slice(0, 80))"""
    assert not page.evaluate(cut)


@pytest.mark.long
def test_the_page_makes_the_numbers_that_are_graded(live):
    """Here Python is the page's own, from disk."""
    page = live(answers=None)
    page.page.set_default_timeout(120_000)
    page.begin()
    page.says("The tasks have your own numbers.")
    for one in problem_set("divergence").current:
        text = page.page.locator(f"#task-{one.data['id']} .problem-asked").inner_text()
        for value in one.numbers(CODE).values():
            assert str(value).replace(" ", "") in text.replace(" ", "") or one.figure(CODE)
        images = page.page.locator(f"#task-{one.data['id']} .problem-figure img")
        assert images.count() == bool(one.figure(CODE))


SMALL = """() => [...document.querySelectorAll(".practice-task button:not(.try-link)")]
    .filter(node => node.offsetParent && node.getBoundingClientRect().height < 39.5)
    .map(node => node.outerHTML.slice(0, 90))"""


@pytest.mark.long
@pytest.mark.parametrize("screen", SCREENS)
def test_everyone_can_use_it(live, screen):
    page = live()
    show(page.page, screen)
    page.page.evaluate(Axe().axe_script)
    page.page.add_style_tag(content=NO_FADING)
    page.begin("K7QX-2M9B").says("There is a typing mistake somewhere in this code.")
    assert not barriers(page.page, "#problem-set")
    page.page.get_by_label("Your personal code").fill(CODE)
    page.page.keyboard.press("Enter")
    page.says("The tasks have your own numbers.")
    fill_all(page)
    page.page.get_by_role("button", name="Export my answers").click()
    page.says("need a look:")
    for scheme in ("light", "dark"):
        show(page.page, screen, scheme)
        page.page.wait_for_function(IS_THEME, arg=scheme)
        assert not barriers(page.page, "article"), scheme
    assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert screen == "desktop" or not page.page.evaluate(SMALL)
