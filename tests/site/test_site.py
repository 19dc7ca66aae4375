"""The built pages in a browser, from disk and with no network: what a reader would see.

Skipped where no Chromium is found; with KL_UTILS_REQUIRE_BROWSER=1 that is a failure.
"""

import re
from functools import partial
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote_plus, unquote, urlsplit

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe

from tests.site.conftest import SCREENS, show
from tools import ROOT

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
PAGES = [
    TOC["root"],
    *(entry["file"] for part in TOC.get("parts", [TOC]) for entry in part["chapters"]),
]

# One chapter stands for the others, with explorers, derivations and tasks; the first page, the
# practice page and a problem set stand for the rest. `make verify` looks at all pages.
LIKE_OTHERS = {
    *(f"notebooks/{name}" for name in (
        "00_your_own_proof", "02_kl_multivariate", "03_trust_but_verify", "04_elbo",
        "05_reparameterisation", "06_vae_mnist", "07_mixture_prior", "08_mixture_vae",
        "09_almost_proofs", "10_many_latents", "11_your_own_images",
    )),
    *(f"book/{name}" for name in (
        "api", "api_grading", "api_inside", "architecture", "bibliography", "checking", "citing",
        "claims", "glossary", "monday", "notation", "objectives", "primer",
        "problem_sets/bound_and_vae", "reproducibility", "your_own_proof",
    )),
}  # fmt: skip
assert {*PAGES} > LIKE_OTHERS
LOOKED_AT = [
    pytest.param(name, marks=pytest.mark.long) if name in LIKE_OTHERS else name for name in PAGES
]

RUN_AXE = """([context, options]) =>
    axe.run(context ?? document, options).then(({violations}) => violations)"""
# Else axe spends a minute on a page. MathJax shows one copy of a formula to eyes and gives another,
# in MathML, to screen readers; all code is marked up in one way, and so are the API's entries.
MAKE_SMALLER = """
    const empty = parts => parts.forEach(part => part.replaceChildren());
    empty([...document.querySelectorAll('mjx-container')]);
    empty([...document.querySelectorAll('.highlight pre')].slice(8));
    empty([...document.querySelectorAll('dl.py:not(dl.py dl.py)')].slice(8));"""

# A while after a change of the screen, the theme looks again at what scrolls.
KEYS_REACH_WHAT_SCROLLS = """
    [...document.querySelectorAll('pre, .cell_output > .output, .pst-scrollable-table-container')]
      .every(part => part.scrollWidth <= part.clientWidth || part.tabIndex === 0)"""

# Of formulas, the Tab key stops at those that scroll; where nothing visible is cut, it may pass.
# What is folded will be seen to when it opens.
STOPS_AT_WIDE_FORMULAS = """
    [...document.querySelectorAll('article .math')].every(part => {
      const scrolls = 'div, :is(.problem-given, .problem-goal, .problem-asked li) .math';
      const cut = part.matches(scrolls) ? part.scrollWidth - part.clientWidth : 0;
      const stops = part.tabIndex === 0 && part.role === 'group' && part.ariaLabel;
      const passes = part.tabIndex < 0 && part.firstElementChild.tabIndex < 0;
      return part.closest('details:not([open])') || (cut <= 2 && passes) || (cut > 0 && stops);
    })"""

# What stands in the same places of the page has the same colours: leave a few of each kind.
KEEP_A_FEW_OF_EACH_COLOUR = """
    const seen = {}, looks = ({tagName, className, attributes}) =>
      [tagName, className.baseVal ?? className, attributes.style?.value].join();
    for (const part of [...document.body.querySelectorAll('*')].reverse()) {
      let place = '';
      for (let node = part; node; node = node.parentElement) place += looks(node);
      seen[place] = (seen[place] ?? 0) + 1;
      const free = !part.childElementCount && !part.matches('label, dt, dd');
      if (seen[place] > 3 && free) part.remove();
    }"""

# Colours fade from one scheme to the other. Axe would meet them half way.
NO_FADING = "* { transition: none !important; animation: none !important; }"

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


def barriers(page, context=None, **options):
    """Return what axe calls a serious or critical barrier to a reader with a disability."""
    options = {"resultTypes": ["violations"], "preload": False, **options}
    return [
        f"{violation['id']}: {node['html'][:120]}"
        for violation in page.evaluate(RUN_AXE, [context, options])
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def switch(page, screen, scheme):
    """Give the page another screen and another scheme, and wait until it has seen the second."""
    show(page, screen, scheme)
    page.wait_for_function(IS_THEME, arg=scheme)


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_page_is_whole(visit, name):
    page = visit(f"{name}.html", "desktop")
    print(page.evaluate(WHEN))  # see: pytest -rP
    looks = [(screen, scheme) for screen in SCREENS for scheme in ("light", "dark")]
    for look in looks:
        switch(page, *look)
        found = {fault: page.evaluate(expression) for fault, expression in FAULTS.items()}
        assert not {fault: places for fault, places in found.items() if places}, look
        page.wait_for_function(STOPS_AT_WIDE_FORMULAS)
    page.evaluate(Axe().axe_script)
    page.evaluate(MAKE_SMALLER)
    page.add_style_tag(content=NO_FADING)
    page.wait_for_function(KEYS_REACH_WHAT_SCROLLS)
    assert not barriers(page, rules={"color-contrast": {"enabled": False}})
    page.evaluate(KEEP_A_FEW_OF_EACH_COLOUR)
    for screen, scheme in looks:
        switch(page, screen, scheme)
        page.wait_for_function(KEYS_REACH_WHAT_SCROLLS)
        # Light and dark differ in their colours only.
        rules = {} if scheme == "light" else {"runOnly": ["color-contrast"]}
        assert not barriers(page, **rules), (screen, scheme)
    assert not visit.complaints
    assert not [url for url in visit.requests if not url.startswith(("file:", "data:", "blob:"))]
    megabytes = sum(weight(url) for url in visit.requests) / 1e6
    assert megabytes < LARGEST_PAGE, f"the page and what it loads weigh {megabytes:.2f} MB"


WIDE_FORMULAS = """
    [...document.querySelectorAll('article div.math')]
      .filter(box => box.scrollWidth > box.clientWidth + 2 && box.checkVisibility())
      .map(box => box.ariaLabel)"""
AT_A_FORMULA = "document.activeElement.closest('.math, mjx-container') !== null"


def test_the_tab_key_stops_at_formulas_that_scroll_only(visit):
    """Even if another site at this address has let MathJax keep something else."""
    settings = '{"inTabOrder": true}'
    visit("book/citing.html", "phone").evaluate(
        "settings => localStorage['MathJax-Menu-Settings'] = settings", settings
    )
    page = visit("notebooks/10_many_latents.html", "phone")
    page.wait_for_function(STOPS_AT_WIDE_FORMULAS)
    reached = []
    while not page.evaluate("document.activeElement.matches('.prev-next-area a')"):
        page.keyboard.press("Tab")
        if page.evaluate(AT_A_FORMULA):
            reached.append(page.evaluate("document.activeElement.ariaLabel"))
            page.keyboard.press("ArrowRight")
            page.wait_for_function("document.activeElement.scrollLeft > 0")
    assert reached == page.evaluate(WIDE_FORMULAS)
    assert "Formula (10.1), scrolls sideways" in reached


@pytest.mark.long
def test_what_a_search_or_a_link_marks_can_be_read(visit):
    """The theme puts a ground behind them on which not every colour of text stands out."""
    entry = "book/api.html#kl_utils.gaussian.kl_normal"
    found = entry.replace("#", "?highlight=normal+standard+divergence+kl_normal#")
    page = visit(found, "desktop", leads_to=entry)
    places = ("article a", "article code", "article dt", "article p", "nav a")
    assert all(page.query_selector(f"{place} span.highlighted") for place in places)
    page.evaluate(Axe().axe_script)
    page.add_style_tag(content=NO_FADING)
    marked = {"include": ["span.highlighted", "dt:target"]}
    for scheme in ("light", "dark"):
        switch(page, "desktop", scheme)
        assert not barriers(page, marked, runOnly=["color-contrast"]), scheme


VAGUE = {"Answer", "A good answer says", "Checked by machine", "Reveal", "Solution", "checked"}
FOLD = re.compile(r'<summary(?: aria-label="([^"]*)")?>(.*?)</summary>')


def test_each_fold_of_a_page_has_a_name_of_its_own(site):
    found = set()
    for page in PAGES:
        text = (site / f"{page}.html").read_text("utf8")
        names = [label or words for label, words in FOLD.findall(text)]
        assert len(names) == text.count("<summary"), page
        assert not [name for name in names if name in VAGUE or names.count(name) > 1], page
        found |= {*names}
    assert found > {
        "Imports",
        "Code for (1.5)",
        "How (1.5) was checked",
        "Solution of Exercise 1.3",
        "Code for Exercise 1.1",
        "What a good answer to Exercise 4.9 says",
        "Answer, after (1.16)",
        "Verdicts on (9.1)",
        "Derivation (9.2)",
        "Code: log_integral, by_differences",
        "Code for the figure",
    }


def test_a_fold_holds_the_derivation_that_it_names(site):
    page = (site / "notebooks/02_kl_multivariate.html").read_text("utf8")
    fold = r"<summary>(?:Code for|Derivation) \((2\.\d+)\)</summary>(.*?)</details>"
    folds = re.findall(fold, page, re.DOTALL)
    assert len(folds) > 40
    for number, content in folds:
        code = re.sub(r"<[^>]*>|\s", "", content)
        assert f'Derivation("{number}"' in unescape(code), number


def test_the_site_opens_at_its_first_page(visit):
    visit("index.html", "desktop", leads_to=f"{TOC['root']}.html")
    assert not visit.complaints


# What is asked, the page that answers, and there the beginning of the section's heading.
SEARCHES = [
    ("sticking the landing", "05_reparameterisation", "5.8"),
    ("log-sum-exp", "07_mixture_prior", "7.9"),
    ("active units", "06_vae_mnist", "6.6"),
    ("entropy", "01_kl_univariate", "1.2"),
    ("posterior collapse", "06_vae_mnist", "6.6"),
    ("Jensen", "04_elbo", "4.2"),
    ("maximum likelihood", "01_kl_univariate", "Forward KL: maximum likelihood"),
    ("mode seeking", "01_kl_univariate", "Reverse KL"),
    ("forward KL vs reverse KL", "01_kl_univariate", "1.6"),
    ("EM", "04_elbo", "EM"),
    ("BCE loss", "01_kl_univariate", "Forward KL: maximum likelihood"),
    ("reparameterization", "05_reparameterisation", "5.3"),
    ("free energy", "04_elbo", "Energy and entropy"),
    ("diffusion", "10_many_latents", "10"),
    ("chain rule", "02_kl_multivariate", "The chain rule"),
]
BEST = """words => {
    const [page, , anchor] = Search._performSearch(...Search._parseQuery(words)).at(-1);
    return [page, anchor];
}"""


def test_the_search_leads_to_the_right_section_first(visit, site):
    search = visit(f"search.html?q={quote_plus('kl_normal')}", "desktop")
    shown = search.get_attribute("#search-results li a", "href")  # they appear best first
    assert shown.partition("?")[0].partition("#")[0] == "book/api.html"
    for words, chapter, heading in SEARCHES:
        page, anchor = search.evaluate(BEST, words)
        assert page == f"notebooks/{chapter}", words
        text = (site / f"{page}.html").read_text("utf8")
        start = f'<section id="{anchor[1:]}"' if anchor else "<h1"
        title = re.search(r"<h\d>(.*?)<a", text[text.index(start) :], re.DOTALL)[1]
        assert unescape(re.sub(r"<[^>]*>", "", title)).startswith(heading), (words, title)
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
