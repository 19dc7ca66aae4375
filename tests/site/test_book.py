"""The built pages, read as files: whole, self-contained, with numbers from the results file."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup

from book_results import Results
from tools import ROOT

# Attributes that make a browser fetch something; a link's href only leads there.
FETCHES = {
    "audio": ["src"],
    "embed": ["src"],
    "iframe": ["src"],
    "img": ["src", "srcset"],
    "input": ["src"],
    "link": ["href"],
    "object": ["data"],
    "script": ["src"],
    "source": ["src", "srcset"],
    "track": ["src"],
    "video": ["src", "poster"],
}
ELSEWHERE = re.compile(r"""(?:https?:)?//[\w.-]+\.\w""")


class Page(HTMLParser):
    """What a page fetches, links to, anchors and shows."""

    def __init__(self, path):
        super().__init__()
        self.fetched, self.links, self.anchors, self.images = [], [], set(), []
        self.inline = {"script": "", "style": ""}
        self._inside = None
        self.feed(path.read_text("utf8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self._inside = tag
        if attributes.get("rel") != "canonical":  # that link says where the page is published
            fetches = FETCHES.get(tag, [])
            self.fetched += [attributes[name] for name in fetches if attributes.get(name)]
        self.inline["style"] += attributes.get("style") or ""
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if tag == "img":
            self.images.append(attributes)
        if attributes.get("id"):
            self.anchors.add(attributes["id"])

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        if self._inside in self.inline:
            self.inline[self._inside] += data


@pytest.fixture(scope="session")
def pages(site):
    """Every page of the site, by its path."""
    return {
        path: Page(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts
    }


def test_every_chapter_of_the_contents_is_built(site, pages):
    for name in contents():
        assert site / f"{name}.html" in pages


def test_pages_fetch_nothing_from_another_host(pages):
    for path, page in pages.items():
        foreign = [url for url in page.fetched if ELSEWHERE.match(url)]
        foreign += ELSEWHERE.findall(page.inline["script"])
        foreign += [url for url in css_urls(page.inline["style"]) if ELSEWHERE.match(url)]
        assert not foreign, f"{path.name} would fetch from another host: {foreign}"


def test_styles_fetch_nothing_from_another_host(site):
    for path in site.rglob("*.css"):
        foreign = [url for url in css_urls(path.read_text("utf8")) if ELSEWHERE.match(url)]
        assert not foreign, f"{path.name} would fetch from another host: {foreign}"


def test_links_inside_the_site_lead_somewhere(pages):
    dead = [
        f"{path.name}: {url}"
        for path, page in pages.items()
        for url in page.fetched + page.links
        if is_dead(path, url, pages)
    ]
    assert not dead, "\n".join(dead)


def test_the_contents_are_whole_beside_each_page_and_mark_it(site):
    root, *listed = (f"{name}.html" for name in contents())
    for name in [root, "search.html", *listed]:
        page = BeautifulSoup((site / name).read_text("utf8"), "html.parser")
        entries = page.select("#pst-primary-sidebar li[class*=toctree-l] > a")
        places = [urldefrag(urljoin(name, entry["href"])).url for entry in entries]
        assert [place for place in places if place in listed or place == name] == listed, name
        current = page.select("#pst-primary-sidebar li.current > a")
        assert [entry["href"] for entry in current] == ["#"] * (name in listed), name
        if current:
            assert current[0] is entries[listed.index(name)], name


def test_no_launch_link_while_the_address_is_unknown(pages):
    configuration = yaml.safe_load((ROOT / "_config.yml").read_text("utf8"))
    if configuration["repository"]["url"]:
        pytest.skip("the repository has an address")
    services = ("mybinder.org", "colab.research.google.com", "deepnote.com", "github.com")
    for path, page in pages.items():
        dead = [url for url in page.links if any(service in url for service in services)]
        assert not dead, f"{path.name}: {dead}"


def test_images_say_what_they_show(pages):
    for path, page in pages.items():
        for image in page.images:
            alt = image.get("alt", "")
            assert re.search(r"\w+ \w+", alt), f"{path.name}: {image['src']} has alt text {alt!r}"


def test_vendored_files_carry_their_licences():
    assert "Apache License" in (ROOT / "book/_assets/mathjax/LICENSE").read_text("utf8")
    assert "SIL Open Font License" in (ROOT / "book/_assets/fonts/LICENSE").read_text("utf8")
    pyodide = ROOT / "book/_assets/live/pyodide"  # see also test_live.py
    assert "Mozilla Public License" in (pyodide / "LICENSE-MPL-2.0").read_text("utf8")


# Numbers from the results file

RESULTS = ROOT / "kl_utils" / "pretrained" / "results.json"
RUNS = [{"name": "vae-standard", "nll": 86.417, "elbo": -89.9551, "images": 10000, "data": "mnist"}]
SEEDS = [*RUNS, *({"name": f"vae-standard-{seed}", "nll": 86 + seed / 10} for seed in (1, 2))]
OTHERS = [
    {"name": "vae-standard-no-warm-up", "nll": 99.0},
    {"name": "vae-standardised", "nll": 1.0},
]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("vae-standard.nll", "86.42"),
        ("vae-standard.elbo", "−89.96"),
        ("-vae-standard.elbo", "89.96"),
        ("vae-standard.nll|.0f", "86"),
        ("vae-standard.images", "10,000"),
    ],
)
def test_a_result_is_rounded_for_reading(expression, text):
    assert Results(RUNS).text(expression) == text


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("mean vae-standard.nll", "86.24"),
        ("mean -vae-standard.nll", "−86.24"),
        ("mean vae-standard.nll|.1f", "86.2"),
        ("range vae-standard.nll", "86.10 to 86.42"),
        ("range -vae-standard.nll|.1f", "−86.4 to −86.1"),
        ("vae-standard.nll", "86.42"),
    ],
)
def test_a_result_of_several_seeds_is_told_by_all(expression, text):
    assert Results(SEEDS + OTHERS).text(expression) == text


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("vae-other.nll", "no run named 'vae-other'; runs: vae-standard"),
        ("vae-standard.nlll", "has no key 'nlll'; keys: name, nll"),
        ("nll", "no run named ''"),
        ("vae-standard.nll|.2q", "'vae-standard.nll|.2q': "),
        ("vae-standard.data", "not a number but 'mnist'"),
        ("mean vae-other.nll", "no run named 'vae-other'; runs: vae-standard"),
        ("range vae-standard.nlll", "has no key 'nlll'; keys: name, nll"),
        ("best vae-standard.nll", "no run named 'best vae-standard'; runs: vae-standard"),
    ],
)
def test_a_result_that_is_missing_is_named(expression, complaint):
    with pytest.raises(ValueError, match=re.escape(complaint)):
        Results(RUNS).text(expression)


@pytest.mark.parametrize(("key", "builds"), [("nll", True), ("nlll", False)])
def test_a_missing_key_stops_the_build(tmp_path, key, builds):
    (tmp_path / "results.json").write_text(json.dumps(RUNS))
    (tmp_path / "index.md").write_text(f"# Page\n\n{{result}}`vae-standard.{key}` nats.\n")
    files = "results_files=none.json,results.json"
    settings = ["-D", "extensions=myst_parser,book_results", "-D", files]
    build = subprocess.run(
        [sys.executable, "-m", "sphinx", "-C", "-W", "-q", *settings, tmp_path, tmp_path / "html"],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT / "book" / "_ext")},
    )
    assert (build.returncode == 0) == builds, build.stderr
    if builds:
        assert "86.42" in (tmp_path / "html" / "index.html").read_text("utf8")
    else:
        assert "nlll" in build.stderr


def test_pages_headline_no_single_seed():
    names = {run["name"] for run in json.loads(RESULTS.read_text("utf8"))}
    for page in sorted((ROOT / "book").glob("*.md")):
        for expression in re.findall(r"\{result\}`([^`]*)`", page.read_text("utf8")):
            name, _, key = expression.partition("|")[0].lstrip("-").rpartition(".")
            one_of_many = f"{name}-1" in names and key in ("nll", "elbo", "distortion", "rate")
            assert not one_of_many, f"{page.name}: {expression} is one of several seeds"


def contents():
    """Return the pages that the table of contents names, the first page first."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
    groups = toc.get("parts", [toc])
    return [toc["root"], *(entry["file"] for group in groups for entry in group["chapters"])]


def css_urls(text):
    """Return what a style sheet fetches."""
    return re.findall(r"""(?:@import\s+(?:url\(\s*)?|url\(\s*)["']?([^"')\s]+)""", text)


def is_dead(page, url, pages):
    """Tell whether a link inside the site leads to a file or an anchor that does not exist."""
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        return False
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not target.exists():
        return True
    anchor = unquote(parts.fragment)
    return bool(anchor) and target in pages and anchor not in pages[target].anchors
