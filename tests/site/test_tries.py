"""Derivations that are tried where they stand: the buttons, and the editor behind each.

The checker's answers come from Python here, not from the engine of the page, which has tests of
its own. The browser's part is skipped where no Chromium is found, as in ``test_site.py``.
"""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from book_programs import tries
from book_tries import script
from tests.site.conftest import SCREENS, show
from tests.site.test_site import IS_THEME, NO_FADING, barriers
from tools import ROOT

NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
PAGE, NUMBER, WRONG = "notebooks/00_your_own_proof", "0.1", "0.2"

ENGINE = """
window.kl.live = {
  isReady: true,
  stops: 0,
  stop() { this.stops++; this.reject?.(new Error("Ended.")); },
  check(job, onProgress = () => {}) {
    onProgress("Loading Python …", 0.5);
    if (job.lines) this.checked = job;
    return new Promise((resolve, reject) => {
      this.reject = reject;
      if (job.lines?.at(-1)[0].includes("forever")) return;
      checkInPython(JSON.stringify(job)).then((result) => resolve(JSON.parse(result)), reject);
    });
  },
};"""

# --- in the files


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_derivation_has_its_button(site, path):
    found, page = tries(path)[0], (site / f"notebooks/{path.stem}.html").read_text("utf8")
    buttons = re.findall(r'<button type="button" data-try="([\d.]+)" data-page="(\w+)"', page)
    assert dict(buttons) == dict.fromkeys(found, path.stem)
    assert len(buttons) == len(found)
    assert page.count("live/try.js") == page.count("live/try.css") == bool(found)
    for number in found:
        assert page.index(rf"\tag{{{number}a}}") < page.index(f'data-try="{number}"')
    file = site / f"_static/live/tries/{path.stem}.js"
    assert file.exists() == bool(found)
    if found:
        assert file.read_text("utf8") == script(path.stem, found)


def test_pages_without_derivations_load_nothing(site):
    for name in ("book/intro", "book/notation", "notebooks/06_vae_mnist"):
        assert "live/try" not in (site / f"{name}.html").read_text("utf8")


def test_what_waits_for_the_button_is_small(site):
    live = site / "_static" / "live"
    assert sum((live / name).stat().st_size for name in ("load.js", "try.js", "try.css")) < 10_000


# --- in the browser


class Editor:
    """The editor of a derivation, opened as a reader opens it: by keyboard."""

    def __init__(self, page, number):
        self.page = page
        self.opener = page.locator(f'[data-try="{number}"]')
        self.opener.focus()
        page.keyboard.press("Enter")
        self.form = page.locator(f"form.try-editor:has(#try-{number.replace('.', '-')})")
        self.form.wait_for()
        self.status = self.form.get_by_role("status")

    @property
    def lines(self):
        return self.form.locator("textarea").evaluate_all("fields => fields.map(f => f.value)")

    @property
    def marks(self):
        words = "marks => marks.map(m => m.firstChild?.getAttribute('aria-label') ?? '')"
        return self.form.locator(".try-mark").evaluate_all(words)

    def line(self, label):
        return self.form.get_by_label(f"Line ({label})", exact=True)

    def says(self, words):
        self.status.filter(has_text=words).wait_for()


@pytest.fixture
def edit(visit, answer_py):
    """Return an opener of editors, on a page of its own whose checker is another."""

    def opened(number=NUMBER, screen="desktop", engine=ENGINE, **options):
        page = visit(f"{PAGE}.html", screen, **options)
        page.expose_function("checkInPython", answer_py.answer)
        editor = Editor(page, number)
        page.evaluate(f"() => {{ {engine} }}")
        return editor

    return opened


def test_nothing_is_loaded_before_the_click(visit):
    page = visit(f"{PAGE}.html", "desktop", typeset=False)
    loaded = {url for url in visit.requests if "/live/" in url}
    names = {url.partition("?")[0].rpartition("/")[2] for url in loaded}
    assert names == {"load.js", "try.js", "try.css"}
    assert page.locator("form.try-editor").count() == 0


def test_a_proof_is_mended_by_keyboard_alone(edit):
    editor = edit(WRONG)
    press = editor.page.keyboard.press
    assert editor.form.locator(".try-title").inner_text() == "Mend it: (0.2)"
    assert "E((z-a)**2)" not in editor.form.inner_text(), "the first line is typeset"
    editor.page.wait_for_function(
        "form => form.querySelector('.try-lines .math mjx-container')",
        arg=editor.form.element_handle(),
    )
    editor.line("0.2c").focus()
    press("Enter")
    editor.says("First broken line: (0.2c).")
    assert editor.marks == ["", "holds", "does not hold"]
    report = editor.form.locator("> .math")
    report.locator("mjx-container").wait_for()
    assert editor.page.evaluate("document.querySelectorAll('#mjx-eqn\\\\:0\\\\.2c').length") == 1
    assert editor.line("0.2c").get_attribute("aria-invalid") == "true"
    press("Control+a")
    editor.page.keyboard.type("= sigma**2 + (mu-a)**2")
    editor.says("Changed since this check.")
    assert editor.marks == ["", "", ""]
    press("Enter")
    editor.says("Every line holds. Numerically checked at")
    assert editor.marks == ["", "holds", "holds"]
    assert editor.page.evaluate("kl.live.checked.lines")[0][0] == "E((z-a)**2)"
    # A line more, and one less.
    for _ in range(2):  # past the reason
        press("Tab")
    press("Enter")
    editor.page.keyboard.type("sigma*sigma + (mu-a)**2")
    assert editor.lines[-1] == "= sigma*sigma + (mu-a)**2"
    press("Enter")
    editor.says("Every line holds.")
    assert editor.marks == ["", "holds", "holds", "holds"]
    editor.form.get_by_label("Remove line (0.2d)").focus()
    press("Enter")
    editor.says("Line (0.2d) is removed.")
    assert editor.page.evaluate("document.activeElement.ariaLabel") == "Line (0.2c)"
    editor.form.get_by_role("button", name="Reset").focus()
    press("Enter")
    assert editor.lines[-1] == "= sigma + (mu-a)**2"
    editor.form.get_by_label("Close the editor").focus()
    press("Enter")
    assert editor.form.is_hidden()
    assert editor.page.evaluate("document.activeElement.dataset.try") == WRONG


def test_a_repeated_line_mends_nothing_and_one_line_says_nothing(edit):
    editor = edit(WRONG, typeset=False)
    check = editor.form.get_by_role("button", name="Check")
    editor.line("0.2c").fill(editor.line("0.2b").input_value())
    check.click()
    editor.says("Line (0.2c) only repeats the line above it.")
    editor.line("0.2c").fill("= 1")
    check.click()
    editor.says("First broken line: (0.2c).")
    told = editor.line("0.2c").get_attribute("aria-describedby")
    assert "this line is 1." in editor.page.locator(f"#{told}").inner_text()
    for label in ("0.2c", "0.2b"):
        editor.form.get_by_label(f"Remove line ({label})").click()
    assert editor.page.evaluate("document.activeElement.ariaLabel") == "Add a line below (0.2a)"
    check.click()
    editor.says("One line alone: there is nothing to compare it with yet.")


@pytest.mark.long
def test_what_is_hidden_is_found_again(edit):
    editor = edit("0.5")
    shown = editor.page.locator('div.math:has(+ .try [data-try="0.5"])')
    assert shown.is_visible()
    hide = editor.form.get_by_label("Hide")
    hide.select_option("ends")
    assert shown.is_hidden()
    assert editor.lines == ["= "]
    check = editor.form.get_by_role("button", name="Check")
    check.click()
    editor.says("Line (0.5b) is still empty.")
    editor.line("0.5b").fill("= Var( T(a)@z )")
    check.click()
    editor.says("Line (0.5b) only repeats the line above it.")
    editor.line("0.5b").fill("= T(a)@E((z-mu)@T(z-mu))@a")
    look = editor.form.locator(".try-line:nth-child(2) .try-look")
    look.locator("mjx-container").wait_for()  # typeset as it is typed
    check.click()
    editor.says("From end to end: every line holds.")
    hide.select_option("reasons")
    assert not editor.lines
    check.click()
    editor.says("Every line holds.")
    said = editor.form.locator(".try-said:visible")
    assert said.count() == len(editor.marks) - 1
    assert said.first.inner_text().startswith("The book: ")
    editor.page.get_by_role("button", name="Show it").click()
    assert shown.is_visible()
    assert editor.page.evaluate("document.activeElement.value") == "all"
    # Another kind of letter, and a line that is not read.
    what_if = editor.form.get_by_label("What if Σ were")
    what_if.select_option(label="diagonal")
    editor.says("Σ: diagonal. Check again to see what still holds.")
    editor.line("0.5b").fill("= E(")
    check.click()
    editor.says("Line (0.5b):")
    assert 'Sigma=diagonal("n")' in editor.page.evaluate("kl.live.checked.program")
    told = editor.line("0.5b").get_attribute("aria-describedby")
    assert editor.page.locator(f"#{told}").inner_text()


@pytest.mark.long
def test_what_is_typed_stays_text(edit):
    editor = edit()
    evil = r"$\href{javascript:alert(1)}{x}$ <img src=x onerror=alert(1)> \href{y}{z}"
    editor.line("0.1b").fill(f"= 1 {evil}")
    editor.form.get_by_label("Reason of line (0.1c)").fill(evil)
    editor.form.get_by_role("button", name="Check").click()
    editor.says("Line (0.1b): ")
    assert editor.form.locator("img, script, a:not([href$='checking.html'])").count() == 0
    # An engine that would send such a command through is not believed.
    editor.page.evaluate(
        r"""kl.live.check = () => Promise.resolve({
          ok: true, latex: "\\href{javascript:alert(1)}{x}", plain: "<b>as text</b>", marks: [],
          summary: "<i>Fine</i>", error: null })"""
    )
    editor.form.get_by_role("button", name="Check").click()
    editor.says("Every line holds. <i>Fine</i>")
    assert editor.form.locator("> .math pre").inner_text() == "<b>as text</b>"


@pytest.mark.long
def test_a_check_can_be_stopped_and_the_next_is_answered(edit):
    editor = edit()
    kept = editor.lines[-1]
    editor.line("0.1c").fill("= forever")
    editor.form.get_by_role("button", name="Check").click()
    editor.says("Loading Python …")
    editor.form.get_by_role("button", name="Stop").click()
    editor.says("Stopped.")
    assert editor.page.evaluate("kl.live.stops") == 1
    assert editor.form.get_by_role("button", name="Stop").is_hidden()
    editor.line("0.1c").fill(kept)
    editor.form.get_by_role("button", name="Check").click()
    editor.says("Every line holds.")


@pytest.mark.long
def test_one_check_ends_another(edit):
    editor = edit()
    editor.line("0.1c").fill("= forever")
    editor.form.get_by_role("button", name="Check").click()
    editor.says("Loading Python …")
    other = Editor(editor.page, WRONG)
    other.form.get_by_role("button", name="Check").click()
    other.says("First broken line: (0.2c).")
    editor.says("Stopped.")


@pytest.mark.long
def test_where_there_is_no_checker_a_sentence_says_so(edit):
    editor = edit(engine="delete kl.live", typeset=False)
    editor.form.get_by_role("button", name="Check").click()
    editor.says("The checker could not be loaded here.")
    editor.page.evaluate(
        "kl.live = { check: () => Promise.reject(new Error('No Python here.')), stop() {} }"
    )
    editor.form.get_by_role("button", name="Check").click()
    editor.says("No Python here.")


@pytest.mark.long
@pytest.mark.parametrize("screen", SCREENS)
def test_everyone_can_use_it(edit, screen):
    editor = edit(WRONG, screen)
    page = editor.page
    editor.form.get_by_role("button", name="Check").click()
    editor.says("First broken line: (0.2c).")
    page.evaluate(Axe().axe_script)
    page.add_style_tag(content=NO_FADING)
    for scheme in ("light", "dark"):
        show(page, screen, scheme)
        page.wait_for_function(IS_THEME, arg=scheme)
        assert not barriers(page, "form.try-editor"), scheme
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert editor.form.evaluate("form => form.scrollWidth <= form.clientWidth")
    page.emulate_media(media="print")
    assert editor.form.is_hidden() and editor.opener.is_hidden()


def test_without_scripts_there_is_no_button(visit):
    page = visit(f"{PAGE}.html", "desktop", typeset=False, java_script_enabled=False)
    assert page.locator("[data-try]").first.is_hidden()
