"""The workbench: proofs of a reader's own, in the page; links that hold one; files to keep.

The checker's answers come from Python here, by the file that answers in the page. The browser's
part is skipped where no Chromium is found, as in ``test_site.py``.
"""

import base64
import json
import re
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbclient import NotebookClient

import book_workbench
from kl_utils.derivation.calls import FAMILIES, KINDS
from kl_utils.derivation.functions import FUNCTIONS
from kl_utils.derivation.proof_texts import derivation_of, read_proof
from tests.site.conftest import SCREENS, show
from tests.site.test_site import IS_THEME, NO_FADING, barriers
from tools import ROOT

PAGE = "book/your_own_proof.html"
LIVE = Path("_static/live")

# --- in the files


def test_the_page_has_a_button_and_little_else(site):
    page = (site / PAGE).read_text("utf8")
    assert page.count('id="workbench-open"') == 1
    without = re.search(r"<noscript>\s*<div(.*?)</noscript>", page, re.DOTALL)[1]
    assert "The workbench needs JavaScript" in without
    before = re.findall(r"live/((?:load|workbench)[\w-]*\.\w+)", page)
    assert sorted(before) == ["load.js", "workbench.css", "workbench.js"]
    assert sum((site / LIVE / name).stat().st_size for name in before) < 10_000
    assert "live/workbench" not in (site / "book/checking.html").read_text("utf8")


def test_what_it_offers_is_made_with_the_page(site):
    file = site / LIVE / "workbench-data.js"
    assert file.read_text("utf8") == book_workbench.script()
    offered = {form for group in book_workbench.palette().values() for form, *_ in group}
    assert offered > {form for function in FUNCTIONS.values() for form in function.forms}
    assert offered > {*KINDS.values(), *FAMILIES.values()}


@pytest.mark.parametrize(("words", "proof"), book_workbench.data()["starts"])
def test_each_start_is_right(words, proof):
    derivation = derivation_of(read_proof(json.dumps(proof)))
    if words == "An empty proof":
        assert not derivation.given.names and [line.text for line in derivation.lines] == [""]
    else:
        assert derivation.check().ok


# --- in the browser

ENGINE = """() => {
  window.kl.live = {
    jobs: 0,
    stop() {},
    async check(job) {
      this.jobs += "typeset" in job ? 0 : 1;
      return JSON.parse(await checkInPython(JSON.stringify(job)));
    },
  };
}"""


class Bench:
    """The workbench on a page, opened by keyboard or by an address."""

    def __init__(self, page, answer):
        self.page = page
        page.expose_function("checkInPython", answer)
        if not page.evaluate("location.hash") and page.locator("form.bench").count() == 0:
            page.locator("#workbench-open").focus()
            page.keyboard.press("Enter")
        self.form = page.locator("form.bench")
        self.form.wait_for()
        page.evaluate(ENGINE)

    def says(self, words):
        self.form.get_by_role("status").filter(has_text=words).wait_for()

    def check(self):
        self.form.get_by_role("button", name="Check", exact=True).click()

    def field(self, name):
        return self.form.get_by_label(name, exact=True)

    @property
    def proof(self):
        """What stands in the fields."""
        read = "(nodes) => nodes.map(node => node.value)"
        names, texts, lines, reasons = (
            self.form.locator(kind).evaluate_all(read)
            for kind in (".bench-name", ".bench-text", ".try-text", ".try-reason")
        )
        return dict(zip(names, texts, strict=True)), [
            list(line) for line in zip(lines, reasons, strict=True)
        ]

    @property
    def link(self):
        self.form.get_by_role("button", name="Copy link").click()
        self.says("link")
        return self.field("Link").input_value()

    def files(self):
        found = {}
        for name in ("Notebook", "LaTeX"):
            with self.page.expect_download() as download:
                self.form.get_by_role("button", name=f"Download as {name}").click()
            found[download.value.suggested_filename] = download.value.path().read_text("utf8")
        return found


@pytest.fixture
def bench(visit, answer_py):
    def opened(address=PAGE, screen="desktop", **options):
        page = visit(address, screen, leads_to=PAGE, typeset=False, **options)
        return Bench(page, answer_py.answer)

    yield opened
    assert visit.complaints == []


def test_from_nothing_to_a_verdict_by_keyboard_alone(bench):
    bench = bench()
    press, typed = bench.page.keyboard.press, bench.page.keyboard.type

    def tab(times=1):
        for _ in range(times):
            press("Tab")

    assert bench.page.evaluate("document.activeElement.id") == "workbench-title"
    tab()
    press("End")  # of what there is to start from
    bench.says("Started from: An empty proof.")
    tab()  # to the letters
    for name, kind in {"mu": "real()", "sigma": "vector(n)"}.items():
        press("Enter")
        typed(name)
        tab()
        typed(kind)
        tab(2)
    tab()  # to the names
    press("Enter")
    typed("q")
    tab()
    typed('gaussian("mu", "sigma**2")')
    tab(3)  # to the first line
    typed("E(z**2)")
    tab(2)
    press("Enter")  # a line below
    typed("sigma**2 + mu")
    press("Enter")
    bench.says("sigma: only numbers, such as 1/2, and texts in quotes can stand in the brackets")
    kind = bench.field("Kind of sigma")
    assert kind.get_attribute("aria-invalid") == "true"
    said = bench.page.locator(f"id={kind.get_attribute('aria-describedby')}")
    assert said.inner_text().endswith('write it as in vector("n")')
    kind.focus()
    press("Control+a")
    typed("positive()")
    press("Enter")
    bench.says("First broken line: (1b).")
    marks = bench.form.locator(".try-mark [role=img]")
    assert marks.evaluate_all("all => all.map(m => m.ariaLabel)") == ["does not hold"]
    bench.field("Line (1b)").focus()
    press("End")
    typed("**2")
    assert bench.form.get_by_role("status").inner_text() == "Changed since this check."
    press("Enter")
    bench.says("Every line holds.")
    assert bench.page.evaluate("kl.live.jobs") == 3
    assert bench.form.locator(".try-formulas").inner_text() != ""


MODEL = {
    "version": 1,
    "frame": {
        "given": {"w": "real()", "x": "real()"},
        "meanings": {"p(z)": 'gaussian("0", "1")', "p(x|z)": 'gaussian("w*z", "1", of="x")'},
    },
    "lines": [
        ["log(p(x))", r"where $x$ & <b>y</b> \"]"],
        ["= -x**2/(2*(1 + w**2)) - log(2*pi*(1 + w**2))/2", "Größe"],
    ],
}
IN_FIELDS = ({**MODEL["frame"]["given"], **MODEL["frame"]["meanings"]}, MODEL["lines"])


def address_of(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return "#proof=" + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_link_holds_a_proof_which_runs_only_when_asked(bench, visit):
    there = bench(PAGE + address_of(MODEL))
    assert there.proof == IN_FIELDS
    assert not [url for url in visit.requests if "from-disk" in url], "Python was started"
    assert there.form.get_by_text("This proof came with the address.").is_visible()
    assert there.page.evaluate("kl.live.jobs") == 0
    assert there.page.evaluate("location.hash") == ""
    again = there.link
    there.check()
    there.says("Every line holds.")
    assert there.form.get_by_text("This proof came with the address.").is_hidden()
    # To somebody who works on something else: that is not lost, and neither is it by a reload.
    there.field("Line (1b)").fill("= 0")
    there.page.evaluate("address => { location.hash = address }", again.partition("#")[2])
    there.says("The proof of the address stands in the fields.")
    assert there.proof == IN_FIELDS
    there.form.get_by_role("button", name="Back to what stood here").click()
    assert there.proof[1][1][0] == "= 0"
    there.page.reload()
    there.page.locator("#workbench-open").click()
    assert there.field("Line (1b)").input_value() == "= 0"


TEXT = "</script><img src=x onerror=window.hit=1>"
HOSTILE_TEXT = MODEL | {
    "frame": {
        "given": {TEXT: TEXT, "a": "__import__('os').abort()"},
        "meanings": {TEXT: r"\href{javascript:window.hit=1}{x}", "__proto__": "1"},
    },
    "lines": [[TEXT, r"$\href{javascript:window.hit=1}{x}$"], ["= 1\u202e", TEXT]],
}
NO_PROOFS = {
    "no base64": "#proof=!!!",
    "nothing": "#proof=",
    "no JSON": address_of("{"),
    "no UTF-8": "#proof=_w",
    "markup": "#proof=</script><img src=x onerror=window.hit=1>",
    "another version": address_of(MODEL | {"version": 2}),
    "another field": address_of(MODEL | {"program": "1"}),
    "no lines": address_of({"version": 1, "frame": MODEL["frame"]}),
    "numbers": address_of(MODEL | {"lines": [[1, 2]]}),
    "a list for a frame": address_of(MODEL | {"frame": []}),
    "many letters": address_of(
        MODEL | {"frame": {"given": {f"a{i}": "" for i in range(21)}, "meanings": {}}}
    ),
    "many lines": address_of(MODEL | {"lines": [["1", ""]] * 61}),
    "deep": address_of("[" * 3000),
    "deep in a line": address_of(MODEL).replace("W1", "W1tb", 1),
    "huge": address_of(MODEL | {"lines": [["1" * 1000, ""]] * 9}),
    "endless": "#proof=" + "A" * 2_000_000,
}


@pytest.mark.long
def test_a_hostile_address_is_text_or_nothing(bench):
    bench = bench()
    before = bench.proof
    for name, address in NO_PROOFS.items():
        bench.page.evaluate(
            "address => { document.querySelector('.try-status').textContent = '';"
            " location.hash = address }",
            address,
        )
        bench.says("The address holds no proof that can be read here")
        assert bench.proof == before, name
    bench.page.evaluate("address => { location.hash = address }", address_of(HOSTILE_TEXT))
    bench.says("The proof of the address stands in the fields.")
    names, lines = bench.proof
    assert names == {
        TEXT: r"\href{javascript:window.hit=1}{x}",
        "a": "__import__('os').abort()",
        "__proto__": "1",
    }
    assert lines[0] == HOSTILE_TEXT["lines"][0] and lines[1][0] == "= 1"
    bench.check()
    bench.says(f"{TEXT[:20]}")
    bench.field(f"Remove {TEXT}").first.click()
    bench.check()
    bench.says("a: expected one of real(…), positive(…)")
    assert bench.form.locator("img, script, a, iframe").count() == 0
    assert bench.page.evaluate("window.hit") is None


def test_what_was_checked_can_be_taken_along(bench):
    bench = bench(PAGE + address_of(MODEL))
    bench.form.get_by_role("button", name="Download as Notebook").press("Enter")
    bench.says("Check the proof first")
    bench.check()
    bench.says("Every line holds.")
    files = bench.files()
    notebook = nbformat.reads(files["proof.ipynb"], as_version=4)
    nbformat.validate(notebook)
    names = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
    assert names["d"].check().ok
    assert [[line.text, line.reason] for line in names["d"].lines] == MODEL["lines"]
    assert r"\begin{align*}" in files["proof.tex"] and r"\tag{1b}" in files["proof.tex"]
    bench.check()
    bench.says("Every line holds.")
    assert "verdict" in bench.form.get_by_role("status").get_attribute("class")
    bench.form.get_by_role("button", name="Download as LaTeX").click()
    bench.says("proof.tex is downloaded.")  # a note, in no verdict's colour
    assert "verdict" not in bench.form.get_by_role("status").get_attribute("class")
    bench.field("Line (1b)").fill("= 0")
    bench.form.get_by_role("button", name="Download as LaTeX").press("Enter")
    bench.says("Check the proof first")


@pytest.mark.long
def test_the_page_answers_as_python_does(visit, answer_py):
    """With Python in the page, from disk: what is typed, what is checked, and its files."""
    page = visit(PAGE + address_of(MODEL), "desktop", leads_to=PAGE)
    form = page.locator("form.bench")
    form.get_by_role("button", name="Check", exact=True).click()
    form.get_by_role("status").filter(has_text="Every line holds.").wait_for()
    for job in (
        {"proof": json.dumps(MODEL)},
        {"proof": json.dumps(MODEL | {"lines": []}), "typeset": "= x**2/w"},
        {"proof": json.dumps(HOSTILE_TEXT)},
    ):
        found = page.evaluate("job => kl.live.check(job)", job)
        assert found == json.loads(answer_py.answer(json.dumps(job)))
    form.get_by_label("Line (1b)", exact=True).press("End")
    page.keyboard.type(" + 0*w")
    form.locator(".try-look mjx-container").wait_for()


@pytest.mark.long
def test_a_notebook_that_was_downloaded_runs(bench, tmp_path):
    bench = bench(PAGE + address_of(MODEL))
    bench.check()
    bench.says("Every line holds.")
    notebook = nbformat.reads(bench.files()["proof.ipynb"], as_version=4)
    ran = NotebookClient(notebook, resources={"metadata": {"path": ROOT}}).execute()
    assert "Numerically checked at" in str(ran.cells[-1].outputs)


@pytest.mark.long
def test_lines_and_rows_are_added_moved_and_removed(bench):
    bench = bench()
    bench.form.get_by_label("Start from").select_option(label="A mixture")
    bench.says("Started from: A mixture.")
    assert bench.form.get_by_role("button", name="Back to what stood here").is_hidden()
    _, lines = bench.proof
    bench.field("Move line (1b) up").click()
    assert bench.proof[1] == lines[::-1]
    bench.field("Remove line (1b)").click()
    assert bench.field("Remove line (1a)").is_disabled()
    bench.form.get_by_role("button", name="Remove nu").click()
    assert bench.page.evaluate("document.activeElement.value") == "sigma"
    bench.form.get_by_role("button", name="Add a letter").click()
    bench.field("Kind of letter 4").fill("real()")
    bench.check()
    bench.says("Which letter is this?")
    bench.field("Name of letter 4").fill("mu")
    bench.check()
    bench.says("mu: this name stands here twice.")
    bench.field("Name of letter 4").fill("nu")
    bench.field("Kind of nu").fill("")
    bench.check()
    bench.says("nu: what is it? Type a kind, such as real().")
    bench.form.get_by_label("Start from").select_option(label="An empty proof")
    bench.form.get_by_role("button", name="Back to what stood here").click()
    assert list(bench.proof[0]) == ["a", "mu", "sigma", "nu", "p(z)"]


@pytest.mark.long
def test_the_language_is_typed_by_buttons(bench):
    bench = bench()
    bench.field("Line (1b)").fill("= ")
    bench.form.locator("summary").click()
    bench.form.get_by_role("button", name="Var(f)").click()
    bench.page.keyboard.type("z")
    bench.page.keyboard.press("End")
    bench.page.keyboard.type(" + ")
    bench.form.get_by_role("button", name="mu[i]").click()
    assert bench.field("Line (1b)").input_value() == "= Var(z) + mu[i]"
    bench.field("Meaning of p").fill("")
    bench.form.get_by_role("button", name="log(x)").click()
    assert bench.field("Meaning of p").input_value() == "log(x)"


@pytest.mark.long
def test_a_proof_too_long_for_an_address_is_said_to_be(bench):
    bench = bench()
    for line in ("(1a)", "(1b)"):
        bench.field(f"Line {line}").fill("1 + " * 249 + "1")
        bench.field(f"Reason of line {line}").fill("because " * 124)
    for _ in range(3):
        bench.form.get_by_label("Add a line below (1b)").click()
        bench.field("Line (1c)").fill("= 2" * 333)
    bench.form.get_by_role("button", name="Copy link").click()
    bench.says("This proof is too long for an address, which has 8,000 characters.")
    assert bench.field("Link").is_hidden()


@pytest.mark.long
@pytest.mark.parametrize("screen", SCREENS)
def test_everyone_can_use_the_workbench(bench, screen):
    bench = bench(screen=screen, has_touch=screen == "phone")
    page = bench.page
    bench.field("Kind of sigma").fill("vector(n)")
    bench.check()
    bench.says("sigma: ")
    bench.form.locator("summary").click()
    page.evaluate(Axe().axe_script)
    page.add_style_tag(content=NO_FADING)
    for scheme in ("light", "dark"):
        show(page, screen, scheme)
        page.wait_for_function(IS_THEME, arg=scheme)
        assert not barriers(page, "form.bench"), scheme
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert bench.form.evaluate("form => form.scrollWidth <= form.clientWidth")
    if screen == "phone":
        parts = "button, input, select, textarea, summary"
        heights = bench.form.locator(parts).evaluate_all(
            "all => all.filter(one => one.offsetParent).map(one => one.offsetHeight)"
        )
        assert min(heights) >= 40
    page.emulate_media(media="print")
    assert bench.form.is_hidden()


def test_without_scripts_there_is_no_workbench(visit):
    page = visit(PAGE, "desktop", typeset=False, java_script_enabled=False)
    assert page.locator("#workbench-open").is_hidden()
    assert page.locator(".workbench-without").is_visible()
