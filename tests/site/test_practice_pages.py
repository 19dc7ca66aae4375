"""The practice tasks in the pages: their places, the verdicts, the forms, and what is kept.

Where Python is asked, the answer comes from Python here; ``test_live.py`` compares it with what
the page's own says. The browser's part is skipped where no Chromium is found, as in
``test_site.py``.
"""

import json
import re
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe

from book_practice import script
from book_tasks import question, task_data
from kl_utils.exercises import Choose, Locate, Match, grade
from practice import CHAPTERS, chapter, variants
from tests.site.conftest import SCREENS, Visitor, show
from tests.site.test_progress import BAD, KEY, store, tried
from tests.site.test_site import IS_THEME, NO_FADING, barriers
from tests.support.practice_examples import EXAMPLES
from tools import ROOT

PAGES = {n: path.stem for n in CHAPTERS for path in ROOT.glob(f"notebooks/{n:02}_*.ipynb")}
ALL = [one for number in CHAPTERS for one in chapter(number).PRACTICE]
REVIEW = "book/practice.html"
BLOCK = re.compile(
    r'<div class="practice docutils container" id="([\w-]+)">\n(.*?)<button type="button" '
    r'class="pst-js-only" data-practice="([\w/-]+)"( data-variant="1")? (.*?)</button>\n?</div>',
    re.DOTALL,
)

# --- in the files


@pytest.mark.parametrize("number", CHAPTERS)
def test_each_task_stands_in_its_chapter_as_a_question(site, number):
    page = (site / f"notebooks/{PAGES[number]}.html").read_text("utf8")
    found = {name: (anchor, body, bool(v)) for anchor, body, name, v, _ in BLOCK.findall(page)}
    tasks = chapter(number)
    assert set(found) == {one.name for one in tasks.PRACTICE} | set(tasks.OPENING)
    for one in tasks.PRACTICE:
        anchor, body, variant = found[one.name]
        assert (anchor, variant) == (f"practice-{one.name.replace('/', '-')}", False)
        assert body.count('class="math') == question(one.task).count("$") / 2
        where, target = one.place.rsplit(" ", 1)
        if where != "end of":
            tag = re.search(rf"\\tag\{{{re.escape(target.strip('()'))}a?\}}", page)
            assert (page.index(f'id="{anchor}"') < tag.start()) == (where == "before"), one.name
    assert all(found[name][2] for name in tasks.OPENING)
    labels = re.findall(r'data-practice="[^>]*aria-label="([^"]*)"', page)
    assert len(set(labels)) == len(labels) == len(found)


@pytest.mark.parametrize("number", CHAPTERS)
def test_a_page_gets_little_heavier(site, number):
    page = (site / f"notebooks/{PAGES[number]}.html").read_text("utf8")
    blocks = [match[0] for match in BLOCK.finditer(page)]
    for block in blocks:
        statement = re.search(r"</p>\n(<p>.*</p>|<p>.*?</p>)", block, re.DOTALL)
        statement = statement[0] if statement else re.search("<p>.*</p>", block, re.DOTALL)[0]
        assert len(block) - len(statement) < 300, block
    live = site / "_static/live"
    waiting = [live / name for name in ("load.js", "practice.js", "practice.css")]
    assert sum(map(len, blocks)) + sum(path.stat().st_size for path in waiting) < 30_000


def test_the_scripts_hold_the_tasks(site):
    folder = site / "_static/live/practice"
    assert {path.name for path in folder.iterdir()} == {"index.js", *(f"{n}.js" for n in CHAPTERS)}
    data = {one.name: task_data(one) for one in chapter(CHAPTERS[0]).PRACTICE}
    assert (folder / f"{CHAPTERS[0]}.js").read_text("utf8") == script(str(CHAPTERS[0]), data)
    index = json.loads((folder / "index.js").read_text("utf8").partition("] = ")[2][:-2])
    assert {n for c in index.values() for n in c["tasks"]} == {one.name for one in ALL}


def test_the_page_of_reviews_has_the_chapters_for_those_without_scripts(site):
    page = (site / REVIEW).read_text("utf8")
    place = page[page.index('id="practice-review"') :]
    links = re.findall(r'href="../notebooks/(\w+)\.html"', place[: place.index("</section>")])
    assert links == list(PAGES.values())


# --- the verdicts


def answers(task, most=12):
    """Yield answers to a task that is judged without Python."""
    match task:
        case Choose():
            yield from task.choices
        case Locate():
            lines = "bcdefghijklmnop"[: len(task.lines)]
            yield from ({"line": n, "reason": r} for n, r in product(lines, task.reasons))
        case Match():
            every = list(product(task.partners, repeat=len(task.items)))
            for partners in every[:: 1 + len(every) // most]:
                yield dict(zip(task.items, partners, strict=True))
            yield dict(task.key)


def judged_at_once(practices):
    """Return [name, variant, answer] with what Python says of the answer."""
    cases, expected = [], []
    for one in practices:
        for variant, asked in enumerate(variants(one)):
            for answer in answers(asked.task):
                found = grade(asked.task, answer)
                cases.append([one.name, variant, answer])
                expected.append([found.points, found.of, list(found.lost)])
    return cases, expected


JUDGE = """async ([tasks, cases]) => {
    await window.ready;
    return cases.map(([name, variant, answer]) => {
        const {kind, variants} = tasks[name];
        const {points, of, lost} = kl.practice.verdicts[kind](variants[variant], answer);
        return [points, of, lost];
    });
}"""
PREPARE = """names => { window.ready = kl.loadAll(["try.css", "practice-task.css", ...[
    "ui", "task-parts", "progress", "proof-editor", "practice-answers", "practice-forms",
    "practice-task", "engine"].map(name => `${name}.js`)]);
    return window.ready.then(() => true); }"""


@pytest.fixture(scope="module")
def blank(chromium, reader, site, answer_py):
    """The page of reviews, with all that a task needs, and Python in place of the page's own."""
    visitor = Visitor(chromium, reader, site)
    page = visitor(REVIEW, "desktop", locale="en")  # with a storage of its own: answers are kept
    page.locator(".practice-panel").wait_for()
    page.evaluate(PREPARE)

    def graded_in_python(job):
        job = json.loads(job)
        return json.dumps(answer_py.judged(EXAMPLES[job["practice"]][0].task, job["answer"]))

    page.expose_function("gradeInPython", graded_in_python)
    page.set_default_timeout(30_000)
    yield page
    visitor.close()


def compared(page, practices):
    cases, expected = judged_at_once(practices)
    tasks = {one.name: task_data(one) for one in practices}
    assert cases
    judged = page.evaluate(JUDGE, [tasks, cases])
    for case, found, wanted in zip(cases, judged, expected, strict=True):
        assert [found[0], found[1]] == pytest.approx(wanted[:2]), case
        assert found[2] == wanted[2], case


def test_the_page_judges_as_python_does(blank):
    examples = [one for one, _ in EXAMPLES.values()]
    compared(blank, examples + [one for one in ALL if isinstance(one.task, Choose | Match)])


@pytest.mark.long
def test_the_page_knows_which_lines_break(blank):
    compared(blank, [one for one in ALL if isinstance(one.task, Locate)])


def test_a_prediction_is_right_or_wrong(blank):
    said = [("t/relation", "<"), ("t/relation", "="), ("t/number", 0.6), ("t/number", 0.61)]
    tasks = {name: task_data(EXAMPLES[name][0]) for name, _ in said}
    cases = [[name, 0, {"prediction": value, "confidence": 0.9}] for name, value in said]
    found = blank.evaluate(JUDGE, [tasks, cases])
    assert [points == of for points, of, _ in found] == [True, False, True, False]


def test_a_number_is_read_as_it_is_written(blank):
    typed = ["0.5", "0,5", "-1/2", "−.5", "14,400", "1,234,567.5", "0,600", "14,40"]
    found = blank.evaluate("typed => typed.map(kl.practice.readNumber)", typed)
    assert found == [0.5, 0.5, -0.5, -0.5, 14_400, 1_234_567.5, 0.6, 14.4]
    refused = "text => { try { kl.practice.readNumber(text); } catch { return true; } }"
    for text in ("", "two", "1e5", "1,23,456", "14,400,5"):
        assert blank.evaluate(refused, text), text


# --- the forms

PYTHON = """window.kl.live = {
    check: job => gradeInPython(JSON.stringify(job)).then(JSON.parse), stop() {} };"""
OPEN = """([name, data]) => {
    localStorage.clear();
    (kl.tasks ??= {}).t = {[name]: data};
    const box = document.createElement("div");
    box.className = "practice";
    document.querySelector("#practice-review").replaceChildren(box);
    window.task = new kl.practice.Task(name, 0);
    box.append(task.node);
}"""


class Opened:
    """A task of the examples, on the page of reviews."""

    def __init__(self, page, name):
        self.page, self.name = page, name
        page.evaluate(OPEN, [name, task_data(EXAMPLES[name][0])])
        self.node = page.locator(".practice-task")
        self.said = self.node.locator(".practice-said")

    def press(self, *keys):
        """Press keys; what is no key is typed."""
        for key in keys:
            if re.fullmatch(r"[A-Z]\w+(\+\w+)?", key):
                self.page.keyboard.press(key)
            else:
                self.page.keyboard.type(key)

    def says(self, words):
        self.said.filter(has_text=words).wait_for()

    def says_right(self):
        self.node.locator(".practice-said[data-said=right]", has_text="Right.").wait_for()

    @property
    def tries(self):
        kept = self.page.evaluate(f"localStorage.getItem('{KEY}')")
        return json.loads(kept)["tasks"][self.name]


@pytest.fixture
def opened(blank):
    """An opener of examples."""
    show(blank, "desktop")
    blank.evaluate(PYTHON)
    return lambda name: Opened(blank, name)


# From the first control on, by keys alone: a wrong answer with what it is told, then the right one.
BY_KEYBOARD = {
    "t/choose": (["Space", "Enter"], "It can vanish somewhere.", ["ArrowDown", "Enter"]),
    "t/match": (
        ["ArrowDown", "ArrowDown", "Tab", "ArrowDown", "ArrowDown", "ArrowDown", "Tab", "Enter"],
        "(2): this is not its partner.",
        ["Shift+Tab", "ArrowUp", "ArrowUp", "Tab", "Enter"],
    ),
    "t/locate": (
        ["Space", "Tab", "ArrowDown", "Enter"],
        "This is not the first line that breaks.",
        ["Shift+Tab", "ArrowDown", "Enter"],
    ),
    "t/compute": (
        ["mu**2", "Enter"],
        "What does the variance add?",
        ["Control+a", "sigma**2 + mu**2", "Enter"],
    ),
    "t/blank": (["mu", "Enter"], "The line is wrong", ["Control+a", "mu**2", "Enter"]),
    "t/repair": (
        ["Control+a", "= Var(z)", "Enter"],
        "The line is wrong",
        ["Control+a", "= Var(z) + E(z)**2", "Enter"],
    ),
    "t/refute": (
        ["0", "Tab", "1", "Tab", "ArrowDown", "Enter"],
        "the claim holds",
        ["Shift+Tab", "Shift+Tab", "Control+a", "1", "Enter"],
    ),
    "t/condition": (
        ["sigma > 0", "Tab", "Enter"],
        "the claim can fail",
        ["Shift+Tab", "Control+a", "sigma**2 >= 1/2", "Tab", "Enter"],
    ),
}


def test_each_kind_is_answered_by_keyboard_alone(opened):
    for name, (wrong, told, right) in BY_KEYBOARD.items():
        task = opened(name)
        task.node.locator("input, select, textarea").first.focus()
        task.press(*wrong)
        task.says(told)
        task.press(*right)
        task.says_right()
        assert task.node.get_by_text(EXAMPLES[name][0].why[-12:]).is_visible(), name
        first, second = task.tries
        assert (first["right"], second["right"], second["again"]) == (False, True, True), name


def test_lines_are_put_in_order_by_keyboard_alone(opened):
    task = opened("t/order")
    labels = EXAMPLES["t/order"][0].answer
    task.node.get_by_label(f"Take line ({labels[1]})").focus()
    task.press("Enter")
    task.node.get_by_role("status").filter(has_text="is in place 1").wait_for()
    task.node.get_by_role("button", name="Put the last one back").focus()
    task.press("Enter")
    for label in labels:
        task.node.get_by_label(f"Take line ({label})").focus()
        task.press("Space")
    shown = task.node.get_by_label("Your proof").locator("li button")
    assert shown.evaluate_all("all => all.map(b => b.textContent)") == [f"({n})" for n in labels]
    task.node.get_by_role("button", name="Check", exact=True).focus()
    task.press("Enter")
    task.says_right()
    assert [one["right"] for one in task.tries] == [True]


def test_a_proof_is_written_in_the_editor_of_the_derivations(opened):
    task = opened("t/prove")
    task.node.get_by_label("Line (b)", exact=True).focus()
    task.press("Control+a", "= sigma + mu**2", "Enter")
    task.says("Line (b): it does not agree with the line above")
    task.press("Control+a", "= sigma**2 + mu**2", "Enter")
    task.says_right()
    assert [one["right"] for one in task.tries] == [False, True]


def test_what_cannot_be_read_is_no_attempt(opened):
    task = opened("t/prove")
    line = task.node.get_by_label("Line (b)", exact=True)
    line.fill("= sigma**2 + mu**")
    line.press("Enter")
    task.says("Not read yet: Line (b): ")
    line.fill("= sigma**2 + mu**2")
    assert task.said.inner_text() == ""  # what was said is of the line before
    line.press("Enter")
    task.says_right()
    task = opened("t/compute")
    task.node.get_by_role("textbox").fill("two")
    task.node.get_by_role("button", name="Check", exact=True).click()
    task.says("Not read yet: ")
    assert task.page.evaluate(f"localStorage.getItem('{KEY}')") is None


def test_a_prediction_is_made_once_with_a_confidence(opened):
    task = opened("t/number")
    task.node.get_by_role("textbox").focus()
    task.press("1/2", "Enter")
    task.says("Say how sure you are.")
    task.press("Tab", "Space", "ArrowDown", "Enter")
    task.says_right()
    assert task.node.get_by_role("textbox").is_disabled()
    assert task.tries[0]["confidence"] == 0.6
    task = opened("t/relation")
    task.node.get_by_role("radio").first.focus()
    task.press("ArrowUp", "Tab", "Space", "Enter")
    task.says("Not right.")
    assert task.node.get_by_text("The sign is").is_visible()


def test_hints_come_one_by_one_and_a_shown_answer_is_a_miss(opened):
    task = opened("t/compute")
    hint = task.node.get_by_role("button", name="hint")
    task.node.get_by_role("button", name="Hint", exact=True).click()
    assert task.node.locator(".practice-hints li").all_inner_texts() == ["Two terms."]
    hint.click()
    assert hint.is_disabled() and task.node.locator(".practice-hints li").count() == 2
    task.node.get_by_role("button", name="Show the answer").click()
    task.says("The answer:")
    assert [one["right"] for one in task.tries] == [False]
    assert task.page.evaluate("document.activeElement.className") == "practice-after"


def test_what_is_typed_stays_text(opened):
    evil = r"<img src=x onerror=alert(1)> $\href{javascript:alert(1)}{x}$ `<b>`"
    task = opened("t/blank")
    task.node.get_by_role("textbox").fill(evil)
    task.node.get_by_role("button", name="Check", exact=True).click()
    task.said.locator("p").first.wait_for()
    assert task.node.locator("img, b, a:not([href$='checking.html#the-language'])").count() == 0
    task.page.evaluate(
        "() => { kl.live.check = () => Promise.reject(new Error('<i>No</i> Python.')); }"
    )
    task.node.get_by_role("button", name="Check", exact=True).click()
    task.says("<i>No</i> Python.")


def test_a_task_opens_in_its_chapter_where_nothing_was_loaded_before(visit):
    one = next(one for one in ALL if isinstance(one.task, Choose))
    page = visit(f"notebooks/{PAGES[int(one.name.split('/')[0])]}.html", "desktop", typeset=False)
    files = {url.rpartition("/live/")[2].partition("?")[0] for url in visit.requests}
    assert not files & {"ui.js", "engine.js", "progress.js", "practice-task.js"}
    button = page.locator(f'[data-practice="{one.name}"]')
    button.focus()
    page.keyboard.press("Enter")
    node = page.locator(".practice-task")
    node.get_by_role("radio").first.wait_for()
    assert page.evaluate("document.activeElement.type") == "radio"
    labels = list(one.task.choices)
    for _ in labels[: labels.index(one.answer)]:
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    node.get_by_text("Right.").wait_for()
    node.get_by_role("button", name="Close").press("Enter")
    assert node.is_hidden() and page.evaluate("document.activeElement.dataset.practice") == one.name
    page.reload()
    assert page.locator(f'[data-practice="{one.name}"]').inner_text() == "Answer again"
    page.emulate_media(media="print")
    assert page.locator(".practice").first.is_hidden()


def test_without_scripts_a_question_is_left(visit):
    page = visit(f"notebooks/{PAGES[1]}.html", "desktop", typeset=False, java_script_enabled=False)
    assert page.locator(".practice").first.is_visible()
    assert page.locator("[data-practice]").first.is_hidden()


# --- the page of reviews


def test_what_is_due_is_asked_again_with_other_numbers(visit):
    one = next(one for one in ALL if isinstance(one.task, Choose) and one.siblings)
    page = visit(REVIEW, "desktop", typeset=False)
    panel = page.locator(".practice-panel")
    panel.get_by_text("Nothing to review yet").wait_for()
    kept = store(**{one.name: [tried(-2, False, version=one.version)]})
    page.evaluate("([key, text]) => localStorage[key] = text", [KEY, json.dumps(kept)])
    page.reload()
    panel.get_by_text("1 question to review today.").wait_for()
    panel.get_by_role("button", name="Start").press("Enter")
    node = panel.locator(".practice-task")
    node.wait_for()
    again = one.siblings[0]
    wrong = next(label for label in again.task.choices if label != again.answer)
    node.locator(f"input[value={wrong}]").check()
    node.get_by_role("button", name="Check", exact=True).click()
    node.get_by_text("Not right.").wait_for()
    node.locator(f"input[value={again.answer}]").check()
    node.get_by_role("button", name="Check", exact=True).click()
    node.get_by_text("Right.", exact=True).wait_for()
    panel.get_by_role("button", name="Next").click()
    panel.get_by_text("Nothing to review today. The next comes back on").wait_for()
    tries = json.loads(page.evaluate(f"localStorage['{KEY}']"))["tasks"][one.name]
    assert [(t["right"], t["variant"]) for t in tries] == [(False, 0), (False, 1), (True, 1)]


def test_answers_are_taken_along_and_forgotten(visit, tmp_path):
    page = visit(REVIEW, "desktop", typeset=False, accept_downloads=True)
    panel, name = page.locator(".practice-panel"), ALL[0].name
    panel.wait_for()
    many = [tried(day, True, confidence=0.9) for day in range(20)]
    mine = store(**{name: many, "77/unknown": [tried(0, True)]})
    page.evaluate("([key, text]) => localStorage[key] = text", [KEY, json.dumps(mine)])
    page.reload()
    panel.get_by_text("21 answers are in this browser only. Export them?").wait_for()
    with page.expect_download() as download:
        panel.get_by_role("button", name="Export").click()
    file = tmp_path / "answers.json"
    download.value.save_as(file)
    assert json.loads(file.read_text())["tasks"] == mine["tasks"]
    assert panel.get_by_text("in this browser only").is_hidden()
    panel.get_by_role("button", name="Forget everything").click()
    assert page.evaluate("document.activeElement.textContent") == "Keep them"
    panel.get_by_role("button", name="Forget all answers").click()
    panel.get_by_text("All answers are forgotten.").wait_for()
    for text in BAD:
        bad = tmp_path / "bad.json"
        bad.write_text(text)
        page.set_input_files("input[type=file]", bad)
        panel.get_by_text("Nothing was imported.").wait_for()
    assert panel.locator("img").count() == 0
    page.set_input_files("input[type=file]", file)
    panel.get_by_text("Imported: 21 answers that were not here.").wait_for()
    kept = json.loads(page.evaluate(f"localStorage['{KEY}']"))
    assert kept["tasks"] == mine["tasks"]


# --- for everyone

SMALL = """() => [...document.querySelectorAll(
        ".practice-task :is(button, select, .practice-choice), .practice-panel > div button")]
    .filter(node => node.offsetParent && node.getBoundingClientRect().height < 39.5)
    .map(node => node.outerHTML.slice(0, 90))"""


@pytest.mark.long
@pytest.mark.parametrize("screen", SCREENS)
def test_everyone_can_use_it(opened, screen):
    for name in EXAMPLES:
        task = opened(name)
        page = task.page
        show(page, screen)
        task.node.get_by_role("button", name="Show the answer").click()
        task.says("The answer:")
        page.evaluate(Axe().axe_script)
        page.add_style_tag(content=NO_FADING)
        for scheme in ("light", "dark"):
            show(page, screen, scheme)
            page.wait_for_function(IS_THEME, arg=scheme)
            assert not barriers(page, "#practice-review"), (name, scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert screen == "desktop" or not page.evaluate(SMALL), name


@pytest.mark.long
@pytest.mark.parametrize("screen", SCREENS)
def test_everyone_can_review(visit, screen):
    page = visit(REVIEW, screen)
    page.locator(".practice-panel").wait_for()
    page.evaluate(Axe().axe_script)
    page.add_style_tag(content=NO_FADING)
    for scheme in ("light", "dark"):
        show(page, screen, scheme)
        page.wait_for_function(IS_THEME, arg=scheme)
        assert not barriers(page), scheme
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert screen == "desktop" or not page.evaluate(SMALL)
