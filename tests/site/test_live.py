"""The checker in the page: Python in a worker, asked through `kl.live`.

The browser's part is skipped where no Chromium is found, as in ``test_site.py``. How often a
derivation is compared with CPython: some of them by ``make test``, all of them by
``pytest -m long tests/site/test_live.py``, which prints its figures with ``-rP``.
"""

import json
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import asdict
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from zipfile import ZipFile

import pytest

import book_live
import practice
from book_programs import derivations, program_of
from book_reports import typed_lines
from kl_utils.exercises import Blank, Choose, Locate, Match, Predict, grade
from tests.support import wrong_proofs
from tools import ROOT
from tools.commands import pyodide_files

LIVE = ROOT / "book" / "_assets" / "live"
PYODIDE = LIVE / "pyodide"
MANIFEST = json.loads((PYODIDE / "MANIFEST.json").read_text("utf8"))
BESIDE = {"MANIFEST.json", "README.md", "LICENSE-MPL-2.0", "LICENSE-PSF-2.0", "LICENSE-NumPy"}

# --- the files


def test_the_manifest_tells_of_every_file():
    told = {entry["file"]: entry for entry in MANIFEST["files"]}
    assert {path.name for path in PYODIDE.iterdir()} == {*told, *BESIDE}
    for name, entry in told.items():
        assert pyodide_files.sha256(PYODIDE / name) == entry["sha256"], name
        assert (PYODIDE / name).stat().st_size == entry["bytes"], name
        assert entry["text"] in BESIDE
        assert entry["version"] and entry["origin"] and entry["licence"]


def test_the_licences_are_there():
    beginnings = {
        "MPL-2.0": "Mozilla Public License Version 2.0",
        "PSF-2.0": "A. HISTORY OF THE SOFTWARE",
        "NumPy": "=== LICENSE.txt\n\nCopyright (c) 2005",
    }
    for name, beginning in beginnings.items():
        assert (PYODIDE / f"LICENSE-{name}").read_text("utf8").startswith(beginning)


def test_pyodide_finds_numpy_by_its_hash():
    wheel = MANIFEST["files"][-1]
    numpy = book_live.lock(MANIFEST)["packages"]["numpy"]
    assert (numpy["file_name"], numpy["sha256"]) == (wheel["file"], wheel["sha256"])


@pytest.fixture
def package(tmp_path):
    """A folder with the npm package and the wheel, in small."""
    for name in pyodide_files.CORE:
        (tmp_path / name).write_text(name)
    with ZipFile(tmp_path / "numpy-9.whl", "w") as wheel:
        wheel.writestr("numpy-9.dist-info/licenses/LICENSE.txt", "Do as you like.")
    numpy = {"file_name": "numpy-9.whl", "version": "9"}
    numpy["sha256"] = pyodide_files.sha256(tmp_path / "numpy-9.whl")
    lock = {"info": {"python": "9"}, "packages": {"numpy": numpy}}
    (tmp_path / "pyodide-lock.json").write_text(json.dumps(lock))
    (tmp_path / "package.json").write_text('{"version": "99"}')
    return tmp_path


def test_the_files_are_renewed_by_a_command(package, tmp_path_factory):
    target = tmp_path_factory.mktemp("pyodide")
    (target / "numpy-8.whl").touch()
    pyodide_files.renew(package, target)
    made = json.loads((target / "MANIFEST.json").read_text())
    names = [entry["file"] for entry in made["files"]]
    assert names == [*pyodide_files.CORE, "numpy-9.whl"]
    assert {path.name for path in target.iterdir()} == {*names, "MANIFEST.json", "LICENSE-NumPy"}
    assert "Do as you like." in (target / "LICENSE-NumPy").read_text()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda folder: (folder / "numpy-9.whl").write_text("another"), "is not the one whose"),
        (lambda folder: (folder / "pyodide.mjs").unlink(), "lacks pyodide.mjs"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(package, capsys, change, complaint):
    change(package)
    assert pyodide_files.main([str(package)]) == 1
    assert complaint in capsys.readouterr().err


# --- the code


ROOMS = ("answer", "book_", "kl_utils", "practice")
LOADED = f"""
import json, sys
ROOMS = {ROOMS}
before = set(sys.modules)
import answer, book_sets, kl_utils.exercises, practice
for number in practice.CHAPTERS:
    practice.chapter(number)
loaded = {{name: module for name, module in sys.modules.items() if name not in before}}
ours = [m.__file__ for n, m in loaded.items() if n.startswith(ROOMS)]
print(json.dumps([ours, list({{n.partition(".")[0] for n in loaded}} - sys.stdlib_module_names)]))
"""


def test_the_zip_holds_what_the_checker_needs_and_nothing_else(tmp_path):
    """It answers from the zip alone, with NumPy and nothing else that isn't Python's own."""
    archive = tmp_path / "kl_utils.zip"
    book_live.write_code(archive)
    with ZipFile(archive) as code:
        names = set(code.namelist())
    sets = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("problem_sets/*/set.toml")}
    assert {"answer.py", "kl_utils/__init__.py", "kl_utils/derivation/checking.py"} <= names
    run = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=tmp_path,
        env={"PYTHONPATH": str(archive)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    places, foreign = json.loads(run.stdout)
    assert all(place.startswith(str(archive)) for place in places)
    assert "numpy" in foreign and all(name.startswith((*ROOMS, "numpy")) for name in foreign)
    assert {place.removeprefix(f"{archive}/") for place in places} == names - sets


def test_the_same_code_makes_the_same_zip(tmp_path):
    for name in "ab":
        book_live.write_code(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


# --- in the browser

GIVEN = 'Given(mu=real(), sigma=positive()), q=gaussian("mu", "sigma**2")'
PROGRAM = (
    "from kl_utils.derivation import Derivation, Given, gaussian, positive, real\n"
    f'derivation = Derivation("9.1", {GIVEN})'
)
START = ["E((z - mu)**2)", "what we want to know"]
RIGHT_LINES = [START, ["= E(z**2) - mu**2", r"expand; $\mathbb{E}_q[z] = \mu$"], ["= sigma**2", ""]]
WRONG_LINES = [START, ["= E(z**2) - mu", "expand"], ["= sigma**2", ""]]
UNREADABLE = [START, ["= __import__('os')", ""], ["= sigma**2", ""]]

ASK = """async job => {
    const said = [];
    const tell = (sentence, share) => said.push([sentence, share]);
    const start = performance.now();
    const answer = await kl.live.check(job, tell).catch(error => ({rejected: error.message}));
    return {...answer, said, seconds: (performance.now() - start) / 1000};
}"""


PAGE = """<!doctype html>
<link rel="icon" href="data:,">
<script src="live/engine.js"></script>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class Page:
    """A page with the engine and nothing else, from a plain server; what it asks for is kept."""

    def __init__(self, chromium, folder):
        shutil.copytree(LIVE, folder / "live")
        book_live.complete(folder / "live")
        page = (
            '<!doctype html><link rel="icon" href="data:,"><script src="live/engine.js"></script>'
        )
        (folder / "index.html").write_text(page)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
        Thread(target=self.server.serve_forever, daemon=True).start()
        self.root = f"http://127.0.0.1:{self.server.server_port}/"
        self.requests = []
        self.context = chromium.new_context()
        self.page = self.context.new_page()
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page.set_default_timeout(180_000)
        self.page.goto(self.root + "index.html")

    def ask(self, program, lines):
        return self.page.evaluate(ASK, {"program": program, "lines": lines})

    def close(self):
        self.context.close()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def live(chromium, tmp_path_factory):
    page = Page(chromium, tmp_path_factory.mktemp("served"))
    yield page
    page.close()


@pytest.fixture(scope="module")
def respond(answer_py):
    """What this Python responds to a job."""
    return lambda **job: json.loads(answer_py.answer(json.dumps(job)))


@pytest.fixture(scope="module")
def answer(respond):
    """The same question, asked of this Python."""
    return lambda program, lines: respond(program=program, lines=lines)


def without_times(result):
    return {key: value for key, value in result.items() if key not in ("said", "seconds")}


def test_nothing_is_asked_for_before_the_first_check(live):
    assert {url.removeprefix(live.root) for url in live.requests} <= {
        "index.html",
        "live/engine.js",
    }


@pytest.mark.parametrize("lines", [RIGHT_LINES, WRONG_LINES, UNREADABLE, [["E(", ""]], []])
def test_a_page_answers_as_python_does(live, answer, lines):
    result, expected = live.ask(PROGRAM, lines), answer(PROGRAM, lines)
    assert without_times(result) == expected
    assert [url for url in live.requests if not url.startswith((live.root, "data:"))] == []


def test_answers_say_what_they_found(answer):
    right, wrong = answer(PROGRAM, RIGHT_LINES), answer(PROGRAM, WRONG_LINES)
    assert (right["ok"], right["marks"]) == (True, ["start", "holds", "holds"])
    assert (wrong["ok"], wrong["marks"]) == (False, ["start", "broken", "cancels"])
    assert right["error"] is wrong["error"] is None
    assert "Numerically checked at" in right["summary"] and right["latex"].startswith(r"\begin")
    assert "First broken line: (9.1b)" in wrong["plain"]


def test_what_is_refused_is_a_sentence(answer):
    unread = answer(PROGRAM, UNREADABLE)
    assert unread["error"] is None
    assert [bool(fault) for fault in unread["faults"]] == [False, True, False]
    assert answer(PROGRAM, [])["error"].startswith("this derivation has no lines yet")
    assert answer(PROGRAM, [["1", ""]] * 61)["error"].startswith("A proof has at most 60 lines")
    assert answer(PROGRAM, [[1, ""]])["error"].startswith("text: expected a string, got 1")
    assert "gave up on these lines (RecursionError" in answer("f = lambda: f()\nf()", [])["error"]


def test_a_task_is_graded_and_lines_are_typeset_in_its_frame(respond):
    tasks = [one for number in practice.CHAPTERS for one in practice.chapter(number).PRACTICE]
    one = next(one for one in tasks if isinstance(one.task, Blank))
    of_it = {"practice": one.name, "variant": 0}
    right = respond(**of_it, answer=one.answer)
    expected = json.loads(json.dumps(asdict(grade(one.task, one.answer))))
    assert right == expected | {"unread": False}
    assert right["points"] == right["of"] > respond(**of_it, answer={"text": "12345"})["points"]
    letter = one.task.frame.given.names[0]
    assert r"\frac" in respond(**of_it, typeset=f"= {letter}/12345")["latex"]
    assert respond(**of_it, typeset="= (")["latex"] == ""
    nowhere = respond(practice="1/nowhere", variant=0, answer="a")
    assert nowhere["error"] == "There is no practice task '1/nowhere' here."


@pytest.mark.long
def test_the_first_check_says_what_it_loads(chromium, tmp_path):
    page = Page(chromium, tmp_path)
    said = page.ask(PROGRAM, RIGHT_LINES)["said"]
    again = page.ask(PROGRAM, RIGHT_LINES)["said"]
    page.close()
    assert said[0][0].startswith("Loading Python: ") and "of 16 MB" in said[0][0]
    shares = [share for _, share in said]
    assert shares == sorted(shares) and shares[-2:] == [1, 1]
    assert said[-1:] == again == [["Checking …", 1]]


ENDLESS = "while True: pass"
DEEP = [START, [f"= {'-' * 990}mu", ""]]  # more than the stack of a browser holds
LONG = [START, ["= " + "9" * 10**6, "x" * 10**6], [f"= {'(' * 190}mu{')' * 190}", ""]]


@pytest.mark.long
def test_an_endless_check_is_stopped_and_the_next_one_is_answered(live):
    live.page.evaluate("kl.live.seconds = 1")
    stopped = live.ask(ENDLESS, [])
    live.page.evaluate("kl.live.seconds = 20")
    assert stopped["rejected"].startswith("Stopped after 1 seconds without a verdict.")
    assert live.ask(PROGRAM, RIGHT_LINES)["ok"]


@pytest.mark.long
def test_a_reader_can_stop_what_runs_and_what_waits(live):
    start = """jobs => { window.both = Promise.allSettled(jobs.map(job =>
        kl.live.check(job, (words) => words.startsWith("Checking") && (window.begun = true)))) }"""
    jobs = [{"program": ENDLESS, "lines": []}, {"program": PROGRAM, "lines": RIGHT_LINES}]
    live.page.evaluate(start, jobs)
    live.page.wait_for_function("window.begun")
    live.page.evaluate("kl.live.stop()")
    both = live.page.evaluate("both.then(all => all.map(({reason}) => reason.message))")
    assert both == ["Stopped. The next check starts Python anew."] * 2
    assert live.ask(PROGRAM, RIGHT_LINES)["ok"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("lines", "sentence"), [(DEEP, "nested too deeply"), (LONG, "longer than 1000 characters")]
)
def test_a_huge_input_is_refused_and_the_next_one_is_answered(live, lines, sentence):
    huge = live.ask(PROGRAM, lines)
    said = [huge.get("rejected"), huge.get("error"), *huge.get("faults", ())]
    assert any(sentence in one for one in said if one)
    assert live.ask(PROGRAM, RIGHT_LINES)["ok"]


@pytest.mark.long
def test_what_cannot_be_loaded_is_a_sentence_and_the_next_check_tries_again(live):
    live.page.evaluate("kl.live.stop()")
    live.context.route("**/kl_utils.zip", lambda route: route.fulfill(status=404))
    failed = live.ask(PROGRAM, RIGHT_LINES)["rejected"]
    live.context.unroute("**/kl_utils.zip")
    assert "kl_utils.zip could not be loaded" in failed
    assert live.ask(PROGRAM, RIGHT_LINES)["ok"]


@pytest.mark.long
@pytest.mark.parametrize("complete", [False, True])
def test_a_page_from_disk_answers_or_says_how_to_serve_the_folder(chromium, tmp_path, complete):
    shutil.copytree(LIVE, tmp_path / "live")
    (tmp_path / "index.html").write_text(PAGE)
    if complete:
        book_live.complete(tmp_path / "live")
        book_live.write_for_disk(tmp_path / "live")
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    results = [page.evaluate(ASK, {"program": PROGRAM, "lines": RIGHT_LINES}) for _ in range(2)]
    context.close()
    for result in results:
        said = result.get("rejected", "")
        assert result.get("ok") if complete else "make serve" in said and "http.server" in said


@pytest.mark.long
@pytest.mark.parametrize("served", [True, False])
def test_a_chapter_answers_where_a_derivation_stands(chromium, site, served):
    """Over http and from disk: the button, the editor, and a verdict from Python in the page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site))
    Thread(target=server.serve_forever, daemon=True).start()
    root = f"http://127.0.0.1:{server.server_port}" if served else site.as_uri()
    context, requests = chromium.new_context(offline=not served), []
    context.on("request", lambda request: requests.append(request.url))
    page = context.new_page()
    page.set_default_timeout(180_000)
    page.goto(f"{root}/notebooks/00_your_own_proof.html")
    assert not [url for url in requests if "engine" in url or "pyodide" in url]
    page.click('button[data-try="0.1"]')
    page.get_by_role("button", name="Check", exact=True).click()
    page.wait_for_selector("form[data-said=right]")
    context.close()
    server.shutdown()
    server.server_close()
    assert not [url for url in requests if not url.startswith((root, "data:", "blob:"))]


# --- the same as CPython


def of_the_book():
    """Yield (number, program, lines, LaTeX, plain text) of all derivations, as chapters show them.

    Those that a page does not offer, since their first line is wrong, are among them.
    """
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for number, _, earlier, here, (plain, latex) in derivations(path):
            program, reasons = program_of(number, earlier, here)
            texts = [text for _, text in typed_lines(plain)]
            lines = [list(line) for line in zip(texts, reasons, strict=True)]
            yield number, program, lines, latex, plain


def of_the_tests():
    """Yield the same of proofs, wrong and right ones, that the tests of the checker know."""
    source = Path(wrong_proofs.__file__).read_text("utf8")
    for table in ("WRONG", "RIGHT"):
        for place, proof in enumerate(getattr(wrong_proofs, table)):
            program = (
                f"{source}\nproof = {table}[{place}]\n"
                'derivation = Derivation("9.1", proof.given, **proof.meanings)'
            )
            lines = [[line, ""] for line in proof.lines]
            report = proof.derivation().check()
            yield proof.title, program, lines, report._repr_latex_(), repr(report)


@pytest.mark.long
def test_the_page_says_what_python_says(live):
    live.page.evaluate("kl.live.seconds = 60")
    live.ask(PROGRAM, RIGHT_LINES)  # Python is there
    seconds, different, start = {}, [], time.perf_counter()
    for title, program, lines, latex, plain in [*of_the_book(), *of_the_tests()]:
        result = live.ask(program, lines)
        seconds[title] = result["seconds"]
        if (result.get("latex"), result.get("plain")) != (latex, plain):
            different.append((title, result.get("error") or result.get("rejected"), result))
    quartiles = ", ".join(f"{q:.2f}" for q in statistics.quantiles(seconds.values()))
    slowest = max(seconds, key=seconds.get)
    print(f"{len(seconds)} derivations in {time.perf_counter() - start:.0f} s;")
    print(f"an answer took {quartiles} s (quartiles), {seconds[slowest]:.1f} s for {slowest}")
    assert not different, [(title, error) for title, error, _ in different]


AT_ONCE = (Choose, Match, Locate, Predict)  # answered without Python, see test_practice_pages
WRONG = {"text": "= 0", "lines": [{"text": "= 0", "reason": ""}]}


def wrong_answer(task):
    """Return a wrong answer of the shape that a task asks for."""
    match type(task).__name__:
        case "Order":
            return list(task.shuffled)
        case "Condition":
            return ["1 > 0"]
        case "Refute":
            return {"numbers": dict.fromkeys(task.frame.given.names, 1), "reason": ""}
        case "Compute":
            return "12345/7"
        case "Blank":
            return {"text": "12345"}
    return WRONG


@pytest.mark.long
def test_the_page_grades_as_python_does(live):
    live.page.evaluate("kl.live.seconds = 60")
    seconds, different = {}, []
    tasks = [one for number in practice.CHAPTERS for one in practice.chapter(number).PRACTICE]
    for one in tasks:
        if isinstance(one.task, AT_ONCE):
            continue
        for variant, asked in enumerate(practice.variants(one)):
            for answer in (asked.answer, wrong_answer(asked.task)):
                job = {"practice": one.name, "variant": variant, "answer": answer}
                result = live.page.evaluate(ASK, job)
                seconds[one.name, variant] = result["seconds"]
                expected = json.loads(json.dumps(asdict(grade(asked.task, answer))))
                if without_times(result) != expected | {"unread": result["unread"]}:
                    different.append((one.name, variant, answer, result, expected))
    slowest = max(seconds, key=seconds.get)
    print(f"{len(seconds)} tasks; the slowest answer took {seconds[slowest]:.1f} s, {slowest}")
    assert not different
