"""Where the course lives: one address in all files; without one, no link that needs it."""

import ast
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import yaml

from book_launch import use_address
from tools import ROOT
from tools.commands.repository import PLACES, Address, current, main, new_texts, parse
from tools.course_text.notebook_files import SET_UP, code_cells
from tools.provenance.cards import faults_of_card

ADA = Address("Ada", "kl.course", "v1.0")
URL, PAGES = "https://github.com/Ada/kl.course", "https://ada.github.io/kl.course/"
NAMES = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
NEEDED = {"Makefile", "tools/__init__.py", "tools/commands/repository.py"}
LAUNCHES = re.compile(r"github\.com|colab|mybinder")


@pytest.fixture
def folder(tmp_path):
    """A copy of all files that name the address, and of what the Makefile needs; none is set.

    Its path would fall apart if a command did not quote it.
    """
    tmp_path = tmp_path / "a b" / "Kürs"
    tmp_path.mkdir(parents=True)
    for pattern in {place.files for place in PLACES} | NEEDED:
        for path in ROOT.glob(pattern):
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    assert main(["--reset"], tmp_path) == 0
    return tmp_path


def texts(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def notebook(folder, name):
    return nbformat.read(folder / "notebooks" / name, as_version=4)


def set_up_cell(folder, name):
    return code_cells(notebook(folder, name))[0].source


def value_of(name, source):
    """Return the string that a Python source assigns to a name."""
    statements = ast.parse(source).body
    (value,) = [s.value for s in statements if ast.unparse(s).startswith(f"{name} = ")]
    return ast.literal_eval(value)


# --------------------------------------------------------------------------- the files in a folder


def test_all_files_here_name_the_same_address():
    assert new_texts(ROOT, current(ROOT)) == {}, "make repository brings them into line"


def test_the_address_is_set_everywhere(folder):
    assert main([URL, "v1.0"], folder) == 0
    settings = yaml.safe_load((folder / "_config.yml").read_text("utf8"))
    assert settings["repository"] == {"url": URL, "branch": "v1.0"}
    assert settings["html"]["baseurl"] == PAGES
    for name in NAMES:
        assert value_of("REPOSITORY", set_up_cell(folder, name)) == f"{URL}@v1.0"
    citation = yaml.safe_load((folder / "CITATION.cff").read_text("utf8"))
    assert (citation["repository-code"], citation["url"]) == (URL, PAGES)


def test_the_readme_links_lead_somewhere(folder):
    main([URL, "v1.0"], folder)
    readme = (folder / "README.md").read_text("utf8")
    _, colab, binder, errata = links = [
        link for link in re.findall(r"\]\((https:[^)]*)\)", readme) if "ada" in link.lower()
    ]
    assert links[0] == PAGES
    service, chapter = colab.split("/blob/v1.0/")
    assert service == "https://colab.research.google.com/github/Ada/kl.course"
    assert (ROOT / chapter).is_file()
    assert binder == "https://mybinder.org/v2/gh/Ada/kl.course/v1.0?urlpath=lab/tree/notebooks"
    page, template = errata.split("?template=")
    assert page == f"{URL}/issues/new"
    assert (ROOT / ".github" / "ISSUE_TEMPLATE" / template).is_file()


def test_setting_it_again_replaces_all_of_it_and_no_more(folder):
    untouched = texts(folder)
    main([URL, "v1.0"], folder)
    first = texts(folder)
    assert new_texts(folder, ADA) == {}
    main(["https://github.com/grace/elbo.git"], folder)
    assert not [path for path, text in texts(folder).items() if b"kl.course" in text]
    main([f"{URL}/", "v1.0"], folder)
    assert texts(folder) == first
    main(["--reset"], folder)
    assert texts(folder) == untouched


def test_without_an_address_nothing_leads_to_one(folder):
    assert current(folder) is None
    readme = (folder / "README.md").read_text("utf8")
    assert [
        link for link in re.findall(r"\]\((https?:[^)]*)\)", readme) if LAUNCHES.search(link)
    ] == []
    assert "url" not in yaml.safe_load((folder / "CITATION.cff").read_text("utf8"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "github.com/Ada/kl",
        "http://github.com/Ada/kl",
        "https://gitlab.com/Ada/kl",
        "git@github.com:Ada/kl.git",
        "https://github.com/Ada",
        "https://github.com/Ada/..",
        "https://github.com/Ada/kl/tree/main",
        "https://github.com/Ada/k l",
        'https://github.com/Ada/kl"',
        "https://github.com/Ädà/kl",
    ],
)
def test_what_is_no_address_is_refused(folder, capsys, url):
    before = texts(folder)
    assert main([url], folder) == 1
    assert "URL must look like https://github.com/OWNER/NAME" in capsys.readouterr().err
    assert texts(folder) == before


@pytest.mark.parametrize("branch", ["", "a/b", "a b", "-x", 'x"', "ä"])
def test_what_is_no_branch_is_refused(folder, capsys, branch):
    assert main([URL, branch], folder) == 1
    assert "BRANCH must be" in capsys.readouterr().err


@pytest.mark.parametrize("edit", [lambda text: "", lambda text: text + text])
def test_a_file_without_its_one_place_stops_all(folder, capsys, edit):
    path = folder / "README.md"  # the last of the places
    path.write_text(edit(path.read_text("utf8")), "utf8")
    before = texts(folder)
    assert main([URL], folder) == 1
    assert "README.md must have one place for the address" in capsys.readouterr().err
    assert texts(folder) == before


def test_pages_of_an_owner_are_at_the_root():
    assert parse("https://github.com/Ada/ada.github.io", "main").pages == "https://ada.github.io/"


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
def test_make_repository(folder):
    def make(*words):
        command = ["make", "repository", f"PYTHON={sys.executable}", *words]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True)

    before = texts(folder)
    assert f"lives at {URL}, branch main" in make(f"URL={URL}").stdout
    assert current(folder) == ADA._replace(branch="main")
    assert "branch v1.0" in make(f"URL={URL}", "BRANCH=v1.0").stdout
    assert "branch v1.0" in make().stdout  # asks, and changes nothing
    assert current(folder) == ADA
    assert make("URL=https://example.org").returncode != 0
    assert "has no address" in make("RESET=1").stdout
    assert texts(folder) == before


# ------------------------------------------- what the README, the workflow and Binder do with it


@pytest.fixture
def clone(folder):
    """The folder as a clone of a repository on a disk in place of GitHub."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "init", "--quiet", "--bare", "origin.git")
    git(folder, "remote", "add", "origin", "origin.git")
    git(folder, "add", "Makefile", "*.cff", "*.ipynb", "*.md", "*.py", "*.yml")
    git(folder, "commit", "--quiet", "-m", "Begin")
    return folder


def git(folder, *words):
    ran = subprocess.run(["git", *words], cwd=folder, env=SHELL, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def bash(folder, script):
    command = ["bash", "-euo", "pipefail", "-c", script]
    ran = subprocess.run(command, cwd=folder, env=SHELL, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


SHELL = {
    # From within a git hook, these would lead to the repository that the hook is for.
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    **{f"GIT_{who}_NAME": "Ada" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "ada@example.org" for who in ("AUTHOR", "COMMITTER")},
    **{"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
    **{"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "Ada/kl.course"},
}


def test_a_version_is_pinned_as_the_readme_says(clone):
    readme = (ROOT / "README.md").read_text("utf8")
    section = readme.partition("### Pin a version for a term")[2]
    (script,) = re.findall(r"```sh\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)
    bash(clone, script)
    assert git(clone, "status", "--short", "--branch", "--untracked-files=no") == "## main\n"
    assert current(clone) is None
    git(clone, "checkout", "--quiet", "autumn-term")
    assert current(clone) == Address("OWNER", "NAME", "autumn-term")
    assert new_texts(clone, current(clone)) == {}
    assert "autumn-term" in git(clone / "origin.git", "tag")
    told = {word for word in re.findall(r"https:[^`\s\"]*", section) if "/autumn-term" in word}
    links = set(re.findall(r"\]\((https:[^)]*)\)", (clone / "README.md").read_text("utf8")))
    assert len(told) == 3 and len(told & links) == 2  # the third is the archive


def test_the_workflow_gives_the_pages_the_address_of_its_repository(clone):
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "book.yml").read_text("utf8"))
    steps = [step.get("run", "") for step in workflow["jobs"]["build"]["steps"]]
    (script,) = [step for step in steps if "make repository" in step]
    assert steps.index("make test") < steps.index(script) < steps.index("make book")

    assert "For Colab buttons" in bash(clone, script)
    assert current(clone) == ADA._replace(branch="main")
    assert git(clone, "status", "--short", "notebooks") == ""  # as Colab will see them

    main([URL], clone)
    git(clone, "commit", "--quiet", "-am", "Say where the course lives")
    assert "For Colab buttons" not in bash(clone, script)
    assert git(clone, "status", "--short", "--untracked-files=no") == ""


def test_binder_installs_the_pinned_torch_for_this_python():
    pins = (ROOT / "requirements.txt").read_text("utf8")
    wanted = (ROOT / "binder" / "requirements.txt").read_text("utf8").splitlines()
    (torch,) = [line.split()[0] for line in wanted if line.startswith("torch==")]
    assert re.search(rf"^{re.escape(torch.removesuffix('+cpu'))}\s", pins, re.MULTILINE)
    assert torch.endswith("+cpu") and "-e ." in wanted
    runtime = (ROOT / "binder" / "runtime.txt").read_text("utf8").strip()
    assert runtime == "python-3.11"


# -------------------------------------------------------------------------------- the set-up cells


def test_the_set_up_cells_are_the_same():
    assert {code_cells(notebook(ROOT, name))[0].id for name in NAMES} == {SET_UP}
    assert len({set_up_cell(ROOT, name) for name in NAMES}) == 1


def test_a_set_up_cell_installs_nothing_where_kl_utils_is_installed(capfd):
    """So run cards may leave it out."""
    names = {}
    exec(set_up_cell(ROOT, NAMES[0]), names)
    assert names.keys() - {"__builtins__"} == {
        "REPOSITORY",
        "import_module",
        "kl_utils",
        "metadata",
        "subprocess",
        "sys",
        "util",
    }
    assert capfd.readouterr() == ("", "")


def test_a_set_up_cell_without_an_address_says_what_to_do(folder):
    cell = set_up_cell(folder, NAMES[0])
    command = [sys.executable, "-I", "-S", "-c", cell]  # -S: without installed packages
    ran = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert ran.returncode == 1
    assert re.fullmatch(r"[^.]*address into REPOSITORY[^.]*`pip install \.`[^.]*\.\n", ran.stderr)


def test_a_set_up_cell_installs_from_the_address_and_keeps_numpy(folder, monkeypatch):
    main([URL, "v1.0"], folder)
    commands = []
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("subprocess.run", lambda command, check: commands.append(command))
    exec(set_up_cell(folder, NAMES[0]), {})
    (command,) = commands
    assert command[:5] == [sys.executable, "-m", "pip", "install", "-q"]
    kept = {f"{name}=={metadata.version(name)}" for name in ("numpy", "matplotlib")}
    assert set(command[5:]) == {f"git+{URL}@v1.0", *kept}


def test_another_address_leaves_outputs_and_cards_alone(folder):
    main([URL, "v1.0"], folder)
    for name in NAMES:
        assert faults_of_card(notebook(folder, name)) == faults_of_card(notebook(ROOT, name))


# ---------------------------------------------------------------------------------------- the pages


def settings(url, folder, **services):
    options = {"repository_url": url, "repository_branch": "v1.0", "launch_buttons": services}
    config = SimpleNamespace(html_theme_options=options)
    use_address(SimpleNamespace(srcdir=folder), config)
    return config.html_theme_options


def test_buttons_show_with_an_address_only(folder):
    both = {"binderhub_url": "b", "colab_url": "c"}
    off = settings("", folder, **both)
    assert off["launch_buttons"] == {}
    assert not off["use_repository_button"] and not off["use_edit_page_button"]
    # Notebooks without the address could not install kl_utils on Colab; on Binder it is there.
    half = settings(URL, folder, **both)
    assert half["launch_buttons"] == {"binderhub_url": "b"}
    assert half["use_repository_button"] and half["use_edit_page_button"]
    main([URL, "v1.0"], folder)
    assert settings(URL, folder, **both)["launch_buttons"] == both


class Links(HTMLParser):
    """All links of a page."""

    def __init__(self, path):
        super().__init__()
        self.found = []
        self.feed(path.read_text("utf8"))

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if tag == "a" and name == "href"]


@pytest.mark.long
def test_every_launch_link_of_a_chapter_is_right(folder):
    """A book of one page and one chapter, with the settings of this one."""
    main([URL, "v1.0"], folder)
    chapter = f"notebooks/{Path(NAMES[0]).stem}"
    config = yaml.safe_load((folder / "_config.yml").read_text("utf8"))
    config = {key: config[key] for key in ("execute", "html", "launch_buttons", "repository")}
    config["html"].pop("favicon")
    launch = {"book_launch": str(ROOT / "book" / "_ext")}
    config["sphinx"] = {"recursive_update": True, "local_extensions": launch}
    config["only_build_toc_files"] = True
    (folder / "_config.yml").write_text(yaml.safe_dump(config), "utf8")
    (folder / "_toc.yml").write_text(f"format: jb-book\nroot: page\nchapters: [file: {chapter}]\n")
    (folder / "page.md").write_text("# A page\n")
    jupyter_book = Path(sys.executable).parent / "jupyter-book"
    subprocess.run([jupyter_book, "build", "-q", folder], check=True, capture_output=True)

    html = folder / "_build" / "html"
    found = {path: Links(html / f"{path}.html").found for path in ("page", chapter)}
    launches = {page: sorted(set(filter(LAUNCHES.search, links))) for page, links in found.items()}
    mistake = f"{URL}/issues/new?template=erratum.md&title=Mistake%20in%20"
    assert launches["page"] == [URL, f"{URL}/edit/v1.0/page.md", f"{mistake}page"]
    assert launches[chapter] == sorted(
        [
            f"https://colab.research.google.com/github/Ada/kl.course/blob/v1.0/{chapter}.ipynb",
            f"https://mybinder.org/v2/gh/Ada/kl.course/v1.0?urlpath=lab/tree/{chapter}.ipynb",
            URL,
            f"{URL}/edit/v1.0/{chapter}.ipynb",
            f"{mistake}{chapter}",
        ]
    )
    assert f"../_sources/{chapter}.ipynb" in found[chapter]
    assert (html / "_sources" / f"{chapter}.ipynb").read_bytes() == (
        folder / f"{chapter}.ipynb"
    ).read_bytes()
