"""What the pages get from extensions in ``book/_ext``: map, API, equations, records, addresses."""

import ast
import importlib
import json
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import yaml
from docutils import nodes
from PIL import Image
from sphinx.errors import ExtensionError
from sphinx.util.inventory import InventoryFile

import book_record
from book_concepts import headings, read_concepts, section
from book_counts import notes_in, without_counts
from book_map import read_chapters
from book_publish import description_of
from kl_utils.derivation import Derivation, Given, positive
from tools import ROOT

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
CONTENTS = [entry["file"] for part in TOC["parts"] for entry in part["chapters"]]
CHAPTERS = {
    int(Path(name).name[:2]): name
    for name in CONTENTS
    if name.startswith("notebooks/") and not name.startswith("notebooks/00")
}


def html(site, name):
    return (site / f"{name}.html").read_text("utf8")


def test_the_contents_list_every_chapter_and_page():
    """What they leave out would not be built, and nobody would miss it."""
    places = ("book/*.md", "book/problem_sets/*.md", "notebooks/*.ipynb")
    files = [path for place in places for path in ROOT.glob(place)]
    found = {str(path.relative_to(ROOT).with_suffix("").as_posix()) for path in files}
    contents = {TOC["root"], *CONTENTS}
    assert not found - contents, "add these to _toc.yml"
    assert not contents - found, "_toc.yml lists these, and they are not there"


# --- the map


@pytest.fixture
def chapters():
    """The map of the first page."""
    text = (ROOT / f"{TOC['root']}.md").read_text("utf8")
    return read_chapters(re.search(r"```\{chapter-map\}\n(.*?)```", text, re.DOTALL)[1])


def test_the_map_leads_to_every_chapter(site, chapters):
    map_ = re.search(r'<nav class="chapter-map".*?</nav>', html(site, TOC["root"]), re.DOTALL)[0]
    linked = re.findall(r'<a href="\.\./([^"]+)\.html"><span class="number">(\d+)', map_)
    shown = {int(number): name for name, number in linked}
    assert shown == CHAPTERS, f"the map in {TOC['root']}.md shows other chapters than there are"
    places = [tuple(chapter["at"]) for chapter in chapters]
    assert len(set(places)) == len(places), "two chapters stand in one place"


def test_the_map_shows_what_chapters_say_they_need(chapters):
    """What the first sentence after "You need" links to must lie before it on the map."""
    before = {}
    for chapter in chapters:
        needs = chapter["needs"]
        before[chapter["number"]] = set(needs).union(*(before[number] for number in needs))
    for number, name in CHAPTERS.items():
        first = nbformat.read(ROOT / f"{name}.ipynb", as_version=4).cells[0].source
        sentence = re.search(r"\*\*You need\*\*(.*?)\.(\n|$)", first, re.DOTALL)
        assert sentence, f"the first cell of {name} has no sentence that begins **You need**"
        said = {int(other) for other in re.findall(r"\((\d\d)_\w+\.ipynb", sentence[1])}
        assert said <= before[number], f"chapter {number}"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("1: {at: [1, 1]}", "chapter 1: expected at, title"),
        ("1: {at: [1, 1], title: KL, need: [2]}", "chapter 1: expected at, title"),
        ("1: {at: [1, 1], title: KL, needs: [2]}", "chapter 1 needs {2}, not on the map"),
    ],
)
def test_a_map_that_cannot_be_drawn_is_refused(text, complaint):
    with pytest.raises(ValueError, match=re.escape(complaint)):
        read_chapters(text)


# --- the API reference


def public_definitions():
    """Yield the full name of every public function and class, and of every public method."""
    package = ROOT / "kl_utils"
    for path in sorted(package.rglob("[!_]*.py")) + sorted(package.glob("*/__init__.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        module = ".".join(parts).removesuffix(".__init__")
        if any(part.startswith("_") for part in module.split(".")):
            continue
        for node in ast.parse(path.read_text("utf8")).body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            yield f"{module}.{node.name}"
            for method in getattr(node, "body", []) if isinstance(node, ast.ClassDef) else []:
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                    yield f"{module}.{node.name}.{method.name}"


def test_the_api_reference_lists_all_that_is_public(site):
    with (site / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", lambda base, path: path)
    listed = {name for kind in inventory if kind.startswith("py:") for name in inventory[kind]}
    wanted = set(public_definitions())
    assert len(wanted) > 150
    missing = sorted(wanted - listed)
    assert not missing, f"add to one of book/api*.md the module of {missing[0]}"
    package = importlib.import_module("kl_utils")
    for module, names in package._NAMES_BY_MODULE.items():
        assert not {f"kl_utils.{module}.{name}" for name in names} - listed


def test_the_api_reference_leads_to_chapters_and_equations(site):
    page = html(site, "book/api")
    entry = page[page.index('id="kl_utils.evidence.elbo"') :]
    entry = entry[: entry.index("</dl>\n</dd>") if "</dl>\n</dd>" in entry else 4000]
    assert 'href="../notebooks/04_elbo.html#eq-4-4">' in entry.replace('"reference internal" ', "")
    assert re.search(r"Used in chapters?</em> <a[^>]*notebooks/04_elbo\.html", entry)


def test_a_function_is_used_where_it_is_imported_not_where_its_name_occurs(site):
    page = html(site, "book/api")
    entry = page[page.index('id="kl_utils.training.fit"') :]
    used = re.search(r"Used in chapters</em>(.*?)</p>", entry, re.DOTALL)[1]
    # Chapter 2 has a variable of that name.
    callers = ["06_vae_mnist", "08_mixture_vae", "11_your_own_images"]
    assert re.findall(r"notebooks/(\w+)\.html", used) == callers


# --- concepts and exercises


def test_concepts_lead_to_their_sections(site):
    page = html(site, "book/glossary")
    entry = page[page.index('id="concept-elbo"') :]
    assert re.search(r'<a [^>]*href="\.\./notebooks/04_elbo\.html#[\w-]+">4\.2 ', entry)
    assert "evidence lower bound" in entry[: entry.index("</dt>")]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("KL: {says: far., at: [1.1], see: ELBO}", "KL: expected also, at, says, got"),
        ("KL: {says: far.}", "KL: expected also, at, says, got"),
        ("KL: {says: far., at: [1.1]}\nELBO: {also: [kl], says: low., at: [4.1]}", "kl: ELBO, and"),
    ],
)
def test_concepts_that_cannot_be_told_apart_are_refused(text, complaint):
    with pytest.raises(ValueError, match=re.escape(complaint)):
        read_concepts(text)


def test_a_concept_without_its_section_stops_the_build():
    toc = nodes.bullet_list("", nodes.reference("", "4.2 First proof", anchorname="#first"))
    env = SimpleNamespace(headings=headings({"notebooks/04_elbo": toc}))
    for place in ("4.2", "4/4.2 first"):
        assert section(env, place) == ("notebooks/04_elbo", "4.2 First proof", "#first")
    with pytest.raises(ExtensionError, match=r"no section 4\.3"):
        section(env, "4.3")


def test_objectives_lead_to_exercises(site):
    page = html(site, "book/objectives")
    links = re.findall(r'href="\.\./(notebooks/\w+)\.html#(exercise-[\d-]+)"', page)
    assert {name for name, _ in links} >= {*CHAPTERS.values()}
    for name, anchor in links:
        assert f'id="{anchor}"' in html(site, name), (name, anchor)


# --- counts


def test_a_page_folds_how_often_a_derivation_was_checked(site):
    page = html(site, "notebooks/01_kl_univariate")
    assert page.count(r"\tag{1.5a}") == 1
    after = page[page.index(r"\tag{1.5a}") :]
    fold = re.search(r'<details class="counts">.*?</details>', after)[0]
    assert re.search(r"<p>Line \(1\.5e\): does not depend on q, p\.</p>", fold)
    assert re.search(r"<p>Numerically checked at \d+ cases .*</p>", fold)
    formulas = re.findall(r"\\begin\{align\*\}.*?\\end\{align\*\}", page, re.DOTALL)
    assert len(formulas) > 10
    assert not [tex for tex in formulas if "hecked at" in tex or "This line does not" in tex]


def test_nothing_but_counts_is_taken_from_a_derivation():
    given = Given(x=positive(), y=positive())
    d = Derivation("1.1", given)
    d.line("x + y - y")
    d.line("= x")
    d.line("= 2*x", "wrong")
    tex, folded = d.check()._repr_latex_(), without_counts(d.check()._repr_latex_())
    assert r"= x \tag{1.1b} \quad {\color{seagreen}\checkmark}" in folded
    assert folded.index("wrong") < folded.index("this line")
    for piece in (r"\tag", "text{At", "boldsymbol"):
        assert folded.count(piece) == tex.count(piece) > 0
    assert "Checked at" in tex and "Checked at" not in folded and "This line" not in folded
    assert list(notes_in(repr(d.check()))) == [
        f"Line (1.1{c}): does not depend on y." for c in "bc"
    ]


# --- equations


def test_a_number_in_the_text_leads_to_its_equation(site):
    page = html(site, "notebooks/03_trust_but_verify")
    assert 'href="01_kl_univariate.html#eq-1-10g"' in page
    target = html(site, "notebooks/01_kl_univariate")
    anchor = target.index('id="eq-1-10g"')
    assert r"\tag{1.10g}" in target[anchor : target.index("</div>", anchor)]
    assert "02_kl_multivariate.html#eq-2-15b" in html(site, "book/claims")


# --- the record


def test_run_times_are_those_of_the_cards(site):
    page = html(site, "book/reproducibility")
    for name in CHAPTERS.values():
        notebook = json.loads((ROOT / f"{name}.ipynb").read_text("utf8"))
        seconds = notebook["metadata"]["run_card"]["wall_seconds"]
        assert re.search(rf'{Path(name).name}\.html">.*?<p>{seconds:.0f} s</p>', page, re.DOTALL)


def test_every_run_stands_in_the_table(site):
    page = unescape(html(site, "book/reproducibility")).replace("\N{NO-BREAK SPACE}", " ")
    for run in book_record.results(ROOT):
        row = re.search(rf">{run['name']}<.*?</tr>", page, re.DOTALL)[0]
        assert f"{run['nll']:.2f} ± {run['nll_standard_error']:.3f}" in row


def test_benchmark_figures_need_words(tmp_path):
    assert book_record.benchmark_figures(tmp_path) == ""
    folder = tmp_path / "book/_assets/bench"
    folder.mkdir(parents=True)
    (folder / "speed.svg").write_text("<svg/>")
    with pytest.raises(ValueError, match=r"speed\.txt must hold alt text and a caption"):
        book_record.benchmark_figures(tmp_path)
    (folder / "speed.txt").write_text("Bars, ours\nthe shortest.\n\nShorter is faster.\n")
    figure = book_record.benchmark_figures(tmp_path)
    assert figure.startswith("![Bars, ours the shortest.](/book/_assets/bench/speed.svg)")
    assert figure.endswith("*Shorter is faster.*")


def test_the_citation_is_that_of_the_file(site):
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf8"))
    text = unescape(re.sub("<[^>]*>", "", html(site, "book/citing")))
    entry = re.search(r"@software\{.*?\n\}", text, re.DOTALL)[0]
    assert f"title = {{{{{cff['title']}}}}}" in entry
    assert f"version = {{{cff['version']}}}" in entry
    assert entry.count("{") == entry.count("}")


# --- what the world outside sees


def test_every_page_describes_itself(site):
    seen = {}
    for name in [TOC["root"], *CONTENTS]:
        head = html(site, name).partition("</head>")[0]
        found = dict(re.findall(r'<meta property="(og:\w+)" content="([^"]*)"', head))
        assert found["og:title"] and "&lt;" not in found["og:title"]
        description = unescape(found["og:description"])
        assert 40 <= len(description) <= 210, f"{name}: {description!r}"
        assert not re.search(r"[\\$]|\{", description), f"{name}: {description!r}"
        assert description not in seen, f"{name} and {seen[description]} have one description"
        seen[description] = name


@pytest.mark.parametrize("base", ["", "https://reader.example/course/"])
def test_addresses_appear_only_where_one_is_known(tmp_path, base):
    (tmp_path / "index.md").write_text("# Page\n\nAbout *bell curves*, and what they cost.\n")
    settings = ["-D", "extensions=myst_parser,book_publish", "-D", f"html_baseurl={base}"]
    build = subprocess.run(
        [sys.executable, "-m", "sphinx", "-C", "-W", "-q", *settings, tmp_path, tmp_path / "html"],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT / "book" / "_ext")},
    )
    assert build.returncode == 0, build.stderr
    page = html(tmp_path / "html", "index")
    assert 'og:description" content="About bell curves, and what they cost."' in page
    image = f'<meta property="og:image" content="{base}_static/social.png" />'
    sitemap = tmp_path / "html" / "sitemap.xml"
    assert ("og:image" in page, sitemap.exists()) == (bool(base), bool(base))
    if base:
        assert image in page
        assert f"<loc>{base}index.html</loc>" in sitemap.read_text("utf8")


def test_the_preview_is_there(site):
    """1200 × 630 pixels is what the services ask for."""
    with Image.open(site / "_static" / "social.png") as image:
        assert image.size == (1200, 630)


def test_a_description_is_whole_sentences():
    document = importlib.import_module("docutils.core").publish_doctree(
        "T\n=\n\nWhat is :math:`\\operatorname{KL}(q \\,\\|\\, p)`? One number. "
        + "Too long a sentence. " * 12
    )
    text = description_of(document)
    assert text.startswith("What is KL(q‖p)? One number. Too long a sentence.")
    assert text.endswith("sentence.") and len(text) <= 200
