"""The built pages in a browser, from disk and with no network: what a reader would see.

Skipped where no Chromium is found; with KL_UTILS_REQUIRE_BROWSER=1 that is a failure.
"""

import os
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENS = {"desktop": (1280, 800), "phone": (390, 844)}
TOC = yaml.safe_load((Path(__file__).parents[1] / "_toc.yml").read_text("utf8"))
PAGES = [
    TOC["root"],
    *(entry["file"] for part in TOC.get("parts", [TOC]) for entry in part["chapters"]),
]

LARGEST_PAGE = 3.0  # MB, scripts, fonts and images included

# Pages without mathematics do not load MathJax, and then there is nothing to wait for.
WHEN_TYPESET = "window.MathJax?.startup?.promise?.then(() => true)"

IS_THEME = "scheme => document.documentElement.dataset.theme === scheme"

# Each expression returns what is wrong with the page, as a list that should be empty.
FAULTS = {
    "mathematics that did not typeset": """
        [...document.querySelectorAll('article .math')]
          .filter(box => !box.querySelector('mjx-container') || box.querySelector('mjx-merror'))
          .map(box => box.textContent.slice(0, 80))""",
    "commands that MathJax does not know": r"""
        [...document.querySelectorAll('article mjx-assistive-mml mtext')]
          .map(text => text.textContent).filter(text => text.includes('\\'))""",
    "markup left in the text": r"""
        (() => {
          const text = document.querySelector('article').cloneNode(true);
          const code = 'pre, code, script, style, mjx-container';
          text.querySelectorAll(code).forEach(part => part.remove());
          const marks =
            /\$\$|\\[()[\]]|\\(begin|end|frac|operatorname|mathbb)\b|\{[a-z:]+\}`|^:::.*|```/gm;
          return text.textContent.match(marks) ?? [];
        })()""",
    "the page scrolls sideways": """
        document.documentElement.scrollWidth > innerWidth
          ? [`${document.documentElement.scrollWidth} > ${innerWidth}`] : []""",
    "displays that begin left of their box, where no scrolling reaches": """
        [...document.querySelectorAll('article div.math')].filter(box => {
          const parts = [...box.querySelectorAll('mjx-math, mjx-table')];
          const edge = box.getBoundingClientRect().left - 1;
          return parts.some(part => part.getBoundingClientRect().left < edge);
        }).map(box => box.textContent.slice(0, 80))""",
    "images that did not load": """
        [...document.images].filter(image => image.complete && !image.naturalWidth)
          .map(image => image.src)""",
}


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium; skips, or fails where a browser is required, if there is none."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        absent = "no Chromium found, so nobody has looked at the pages"
        if os.environ.get("KL_UTILS_REQUIRE_BROWSER") == "1":
            pytest.fail(absent)
        pytest.skip(absent)
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, site):
    """Open pages without a network; collect ``visit.complaints`` and ``visit.requests``."""
    contexts = []

    def open_page(name, screen, leads_to=None):
        width, height = SCREENS[screen]
        size = {"width": width, "height": height}
        context = chromium.new_context(viewport=size, color_scheme="light", offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: note(message.type == "error", message.text))
        page.on("pageerror", lambda error: note(True, f"uncaught: {error}"))
        page.on("requestfailed", lambda request: note(True, f"failed: {request.url}"))
        page.on("request", lambda request: open_page.requests.add(request.url))
        page.goto(f"{site.as_uri()}/{name}")
        page.wait_for_url(f"{site.as_uri()}/{leads_to or name}")
        page.evaluate(WHEN_TYPESET)
        return page

    def note(is_wrong, complaint):
        if is_wrong:
            open_page.complaints.append(complaint)

    open_page.complaints, open_page.requests = [], set()
    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole(visit, name, screen):
    page = visit(f"{name}.html", screen)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # the page follows the reader's system
        page.wait_for_function(IS_THEME, arg=scheme)
        found = {fault: page.evaluate(expression) for fault, expression in FAULTS.items()}
        assert not {fault: places for fault, places in found.items() if places}, scheme
    assert not visit.complaints
    assert not [url for url in visit.requests if not url.startswith(("file:", "data:", "blob:"))]
    megabytes = sum(weight(url) for url in visit.requests) / 1e6
    assert megabytes < LARGEST_PAGE, f"the page and what it loads weigh {megabytes:.2f} MB"


def test_the_site_opens_at_its_first_page(visit):
    visit("index.html", "desktop", leads_to=f"{TOC['root']}.html")
    assert not visit.complaints


def test_the_search_finds_a_page(visit):
    page = visit("search.html?q=cross-entropy", "desktop")
    page.wait_for_selector("#search-results li a[href*='notation']")
    assert not visit.complaints


def weight(url):
    """Return the size of what a request reads from disk, in bytes."""
    path = Path(unquote(urlsplit(url).path))
    return path.stat().st_size if url.startswith("file:") and path.is_file() else 0
