"""The files at the root agree with each other and with the package."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import kl_utils
from tools import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]


def pins():
    text = (ROOT / "requirements.txt").read_text("utf8")
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line]


def needs_of_the_package():
    lines = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["torch"]]
    return {canonicalize_name(need.name): need for need in map(Requirement, lines)}


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module


def test_every_requirement_is_pinned():
    for pin in pins():
        assert re.fullmatch(r"==[\w.]+", str(pin.specifier)), pin


def test_no_requirement_stands_twice():
    names = [(canonicalize_name(pin.name), str(pin.marker)) for pin in pins()]
    assert not {name for name in names if names.count(name) > 1}


def test_the_pins_serve_the_package():
    pinned = {canonicalize_name(pin.name): str(pin.specifier)[2:] for pin in pins()}
    for name, need in needs_of_the_package().items():
        assert pinned[name] in need.specifier, need


def test_the_package_asks_for_what_it_imports_and_no_more():
    modules = {
        module.split(".")[0]
        for path in (ROOT / "kl_utils").rglob("*.py")
        for module in imported_modules(path)
    }
    foreign = modules - sys.stdlib_module_names - {"kl_utils"}
    distribution = packages_distributions()
    imported = {canonicalize_name(distribution[module][0]) for module in foreign}
    assert imported == set(needs_of_the_package())


def test_no_public_name_hides_a_module():
    """Else ``from kl_utils import gaussian`` gives one or the other, by what was loaded first."""
    modules = {path.stem for path in (ROOT / "kl_utils").iterdir()}
    assert modules.isdisjoint(kl_utils.__all__)


def test_the_version_is_the_same_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf8"))
    assert PROJECT["version"] == kl_utils.__version__ == citation["version"]


def test_the_architecture_page_names_files_that_exist():
    page = (ROOT / "book" / "architecture.md").read_text("utf8")
    named = re.findall(r"(?:kl_utils|tests|tools|book|notebooks)(?:/\w+)+(?:\.\w+)?", page)
    assert len(named) > 50
    assert [name for name in named if not (ROOT / name).exists() and "NAME" not in name] == []


def test_the_picture_of_the_house_shows_the_layers_in_order():
    path = ROOT / "book" / "_assets" / "architecture.svg"
    picture = path.read_text("utf8")
    words = " ".join(re.findall(r'class="name"[^>]*>([^<]*)<', picture)).split()
    layers = [name for name in kl_utils._NAMES_BY_MODULE if name[0] != "_"]
    assert [word for word in words if word in layers] == layers, f"name each layer in {path}"


def fresh(code, **environment):
    """Run code in a process of its own; return what it prints."""
    environment = {**os.environ, **environment}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_without_pytorch_a_sentence_says_how_to_get_it():
    code = """
import sys
sys.modules["torch"] = None
import kl_utils
kl_utils.kl_normal, kl_utils.gaussian
for name in ("VAE", "training"):
    try:
        getattr(kl_utils, name)
    except ModuleNotFoundError as error:
        print(error)
"""
    for name, message in zip(("VAE", "training"), fresh(code).splitlines(), strict=True):
        assert f"kl_utils.{name} needs PyTorch" in message
        assert 'pip install ".[torch]"' in message


def test_threads_that_wait_let_others_have_the_core():
    code = "import kl_utils, os, sys; assert 'torch' not in sys.modules; print(os.environ['{0}'])"
    code = code.format("GOMP_SPINCOUNT")
    assert 0 < int(fresh(code)) < 10**6
    assert fresh(code, GOMP_SPINCOUNT="7") == "7\n"


def test_the_readme_knows_every_command():
    makefile = (ROOT / "Makefile").read_text("utf8")
    commands = re.findall(r"^(\w[\w-]*):(?!=)(.*)", makefile, re.MULTILINE)
    phony = re.search(r"^\.PHONY:(.*)", makefile, re.MULTILINE)[1].split()
    readme = (ROOT / "README.md").read_text("utf8")
    assert {"book", "test"} <= {name for name, _ in commands}
    for name, rest in commands:
        assert "## " in rest, f"say after ## what make {name} does: make help shows it"
        assert re.fullmatch("[a-z-]+", name), f"make help shows lower-case words only, not {name}"
        assert name in phony, f"add {name} to .PHONY"
        assert f"make {name}" in readme, f"name make {name} in both tables of README.md"
