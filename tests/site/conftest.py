"""Fixtures that several test files share."""

import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from filelock import FileLock

import book_live
from kl_utils._settings import switch
from tools import ROOT

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # One process draws all pages: what it has compiled for one serves the next.
    "--process-per-site",
    "--renderer-process-limit=1",
]
SCREENS = {"desktop": (1280, 800), "phone": (390, 844)}

# Pages without mathematics do not load MathJax, and then there is nothing to wait for.
WHEN_TYPESET = "window.MathJax?.startup?.promise?.then(() => true)"


def pytest_collection_modifyitems(items):
    """Run the tests of the built book first: one process builds it, another has other tests."""
    items.sort(key=lambda item: "site" not in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def site(tmp_path_factory, worker_id):
    """Build the book as ``make book`` does, warnings as errors, and return the folder of pages.

    What ``make book`` built of the same files is taken as it is. Where several processes run the
    tests, one of them builds for all.
    """
    if is_built():
        return ROOT / "_build" / "html"
    folder = tmp_path_factory.getbasetemp()
    folder = folder if worker_id == "master" else folder.parent
    with FileLock(folder / "book.lock"):
        if not (folder / "book.done").exists():
            build_book(folder / "book")
            (folder / "book.done").touch()
    return folder / "book" / "_build" / "html"


def is_built():
    """Is the book of ``make book`` whole, and younger than all that pages are made of?"""
    whole = ROOT / "_build" / "whole"
    caches = {"__pycache__", ".ruff_cache"}
    parts = ("book", "notebooks", "kl_utils", "problem_sets", "tools", "_config.yml", "_toc.yml")
    inside = (path for part in parts for path in (ROOT / part, *(ROOT / part).rglob("*")))
    files = [path for path in inside if not caches & {*path.parts} and path.is_file()]
    return whole.exists() and all(whole.stat().st_mtime > f.stat().st_mtime for f in files)


def build_book(output):
    jupyter_book = Path(sys.executable).parent / "jupyter-book"
    options = ["-W", "-n", "--keep-going", "--path-output", str(output)]
    built = subprocess.run(
        [jupyter_book, "build", str(ROOT), *options], capture_output=True, text=True
    )
    if built.returncode:
        marks = ("WARNING", "ERROR")
        lines = [line for line in built.stderr.splitlines() if any(m in line for m in marks)]
        pytest.fail("the book does not build:\n" + "\n".join(lines or [built.stderr[-3000:]]))


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium; skips, or fails where a browser is required, if there is none."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        absent = "no Chromium found, so nobody has looked at the pages"
        if switch("KL_UTILS_REQUIRE_BROWSER"):
            pytest.fail(absent)
        pytest.skip(absent)
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def reader(chromium):
    """A browser's profile that all pages share which ask for nothing else."""
    context = chromium.new_context(offline=True)
    yield context
    context.close()


class Visitor:
    """Opens pages without a network, and keeps what they complained of and what they asked for."""

    def __init__(self, chromium, reader, site):
        self.chromium, self.reader, self.site = chromium, reader, site
        self.complaints, self.requests, self.opened = [], set(), []

    def __call__(self, name, screen, leads_to=None, typeset=True, media=None, **options):
        """Open a page of the book.

        ``typeset=False`` leaves formulas as they are, which saves a long chapter's seconds.
        ``media`` are settings of a reader's device, such as ``reduced_motion``; further arguments,
        such as ``has_touch``, are options of Playwright's contexts, and the page has its own.
        """
        own = self.chromium.new_context(**options, offline=True) if options else None
        page = (own or self.reader).new_page()
        self.opened.append(own or page)
        page.set_default_timeout(120_000)  # ms; a machine may have other work
        show(page, screen, **(media or {}))
        if not typeset:
            page.route("**/mathjax/**", lambda route: route.fulfill(body=""))
        page.on("console", lambda message: self.note(message.type == "error", message.text))
        page.on("pageerror", lambda error: self.note(True, f"uncaught: {error}"))
        page.on("requestfailed", lambda request: self.note(True, f"failed: {request.url}"))
        page.on("request", lambda request: self.requests.add(request.url))
        page.goto(f"{self.site.as_uri()}/{name}")
        page.wait_for_url(f"{self.site.as_uri()}/{leads_to or name}")
        page.evaluate(WHEN_TYPESET)
        return page

    def note(self, is_wrong, complaint):
        if is_wrong:
            self.complaints.append(complaint)

    def close(self):
        """Close what was opened, and leave nothing for the next test in the shared profile.

        The search, for one, leaves the words that it was asked for, to be marked on the next page.
        """
        for page_or_context in self.opened:
            if page_or_context in self.reader.pages:
                page_or_context.evaluate("localStorage.clear(), sessionStorage.clear()")
            page_or_context.close()


def show(page, screen, color_scheme="light", **media):
    """Give the page another screen and another scheme, as a reader's device does."""
    width, height = SCREENS[screen]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=color_scheme, **media)


@pytest.fixture
def visit(chromium, reader, site):
    """A visitor whose pages are closed after the test."""
    visitor = Visitor(chromium, reader, site)
    yield visitor
    visitor.close()


@pytest.fixture(scope="session")
def answer_py():
    """The module that answers in the worker of a page, in this Python."""
    spec = spec_from_file_location("answer", book_live.ANSWER)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
