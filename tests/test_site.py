"""The built pages in a browser, from disk and with no network: what a reader would see.

Skipped where no Chromium is found; with KL_UTILS_REQUIRE_BROWSER=1 that is a failure.
"""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote_plus, unquote, urlsplit

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from conftest import SCREENS

TOC = yaml.safe_load((Path(__file__).parents[1] / "_toc.yml").read_text("utf8"))
PAGES = [
    TOC["root"],
    *(entry["file"] for part in TOC.get("parts", [TOC]) for entry in part["chapters"]),
]

AXE = Axe()
# Else axe spends a minute on a chapter. MathJax shows one copy of a formula to eyes, and gives
# another, in MathML, to screen readers; and all code of a page is coloured by the same rules.
LEAVE_OUT_FORMULAS_AND_MOST_CODE = """
    document.querySelectorAll('mjx-container').forEach(formula => formula.replaceChildren());
    [...document.querySelectorAll('.highlight pre')].slice(8)
      .forEach(code => code.replaceChildren());"""

WHEN = """
    performance.getEntriesByType('mark').filter(mark => mark.name.endsWith('typeset'))
      .map(mark => `${mark.name} after ${(mark.startTime / 1000).toFixed(2)} s`).join(', ')"""

LARGEST_PAGE = 3.0  # MB, scripts, fonts and images included

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


def barriers(page, **options):
    """Return what axe calls a serious or critical barrier to a reader with a disability."""
    options = {"resultTypes": ["violations"], "preload": False, **options}
    return [
        f"{violation['id']}: {node['html'][:120]}"
        for violation in AXE.run(page, options=options).response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def show(page, screen, scheme):
    """Give the page another screen and another scheme, as a reader's device does."""
    width, height = SCREENS[screen]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(IS_THEME, arg=scheme)
    # Colours fade from one scheme to the other, and the theme looks again at what scrolls.
    page.wait_for_timeout(600)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole(visit, name):
    page = visit(f"{name}.html", "desktop")
    print(page.evaluate(WHEN))  # see: pytest -rP
    looks = [(screen, scheme) for screen in SCREENS for scheme in ("light", "dark")]
    for look in looks:
        show(page, *look)
        found = {fault: page.evaluate(expression) for fault, expression in FAULTS.items()}
        assert not {fault: places for fault, places in found.items() if places}, look
    page.evaluate(LEAVE_OUT_FORMULAS_AND_MOST_CODE)
    for screen, scheme in looks:
        show(page, screen, scheme)
        # Light and dark differ in their colours only.
        rules = {} if scheme == "light" else {"runOnly": ["color-contrast"]}
        assert not barriers(page, **rules), (screen, scheme)
    assert not visit.complaints
    assert not [url for url in visit.requests if not url.startswith(("file:", "data:", "blob:"))]
    megabytes = sum(weight(url) for url in visit.requests) / 1e6
    assert megabytes < LARGEST_PAGE, f"the page and what it loads weigh {megabytes:.2f} MB"


def test_the_site_opens_at_its_first_page(visit):
    visit("index.html", "desktop", leads_to=f"{TOC['root']}.html")
    assert not visit.complaints


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("sticking the landing", "notebooks/05_reparameterisation"),
        ("log-sum-exp", "notebooks/07_mixture_prior"),
        ("active units", "notebooks/06_vae_mnist"),
        ("entropy", "notebooks/01_kl_univariate"),
        ("posterior collapse", "notebooks/06_vae_mnist"),
        ("Jensen", "notebooks/04_elbo"),
        ("kl_normal", "book/api"),
    ],
)
def test_the_search_finds_the_right_page_first(visit, words, found):
    page = visit(f"search.html?q={quote_plus(words)}", "desktop")
    first = page.get_attribute("#search-results li a", "href")  # they appear best first
    assert first.partition("?")[0].partition("#")[0].removesuffix(".html") == found
    assert not visit.complaints


class Host(SimpleHTTPRequestHandler):
    """A host as GitHub Pages: the site in a folder, and 404.html for all that is not there."""

    def translate_path(self, path):
        return super().translate_path(path.removeprefix("/course"))

    def send_error(self, code, message=None, explain=None):
        page = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *arguments):
        pass


@pytest.mark.parametrize("address", ["missing.html", "book/a/b/old-proofs.html"])
def test_a_wrong_address_leads_back_into_the_book(chromium, site, address):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=site)) as host:
        Thread(target=host.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{host.server_port}/course"
        page = chromium.new_page()
        assert page.goto(f"{root}/{address}").status == 404
        page.wait_for_selector(f"a[href='/course/{TOC['root']}.html']")
        words = address.rpartition("/")[2].removesuffix(".html").replace("-", "+")
        assert page.query_selector(f"a[href='/course/search.html?q={words}']")
        page.click("text=first page")
        page.wait_for_url(f"{root}/{TOC['root']}.html")
        page.close()
        host.shutdown()


def weight(url):
    """Return the size of what a request reads from disk, in bytes."""
    path = Path(unquote(urlsplit(url).path))
    return path.stat().st_size if url.startswith("file:") and path.is_file() else 0
