"""The rooms have walls: which part of the project may import which, and what each part is for."""

import ast
import re

import pytest

from tests.project.imports import imported, modules_below
from tools import ROOT

# Modules whose names begin so may import those whose names begin so, and their own room.
MAY_IMPORT = {
    "kl_utils.": (),
    "book_": ("kl_utils.", "practice."),  # book/_ext
    "practice.": ("kl_utils.",),
    "tools.commands.": ("kl_utils.", "tools."),
    "tools.provenance.": ("kl_utils.", "tools.course_text."),
    "tools.course_text.": (),
    "tools.problem_sets.": ("kl_utils.", "tools.course_text."),
    "tools.benchmarks.": ("kl_utils.", "tools.provenance.recipes."),
}
TESTS = ("kl_utils.", "book_", "practice.", "tools.", "tests.support.")
MAY_IMPORT |= {f"tests.{path.parent.name}.": TESTS for path in ROOT.glob("tests/*/__init__.py")}

MODULES = {path.stem: path for path in ROOT.glob("book/_ext/*.py")}
PACKAGES = [ROOT / name for name in ("kl_utils", "tools", "tests", "book/_ext/practice")]
for package in PACKAGES:
    MODULES |= modules_below(package)
KNOWN = {*MODULES, "tools", "tests", "practice"}
OURS = [*MODULES.values(), *(package / "__init__.py" for package in PACKAGES)]


def faults(imports):
    """Yield what is wrong with the imports of modules."""
    for module, wanted in imports.items():
        room = next((room for room in MAY_IMPORT if f"{module}.".startswith(room)), None)
        if room is None:
            yield f"{module} is in no room"
            continue
        for other in sorted(wanted):
            is_shared = other == module.partition(".")[0]  # such as the root's path
            if not is_shared and not f"{other}.".startswith((room, *MAY_IMPORT[room])):
                yield f"{module} imports {other}, behind a wall"


def test_no_import_goes_through_a_wall():
    imports = {
        name: imported(name, path.read_text("utf8"), KNOWN, path.name == "__init__.py")
        for name, path in MODULES.items()
    }
    assert {other.partition(".")[0] for wanted in imports.values() for other in wanted} >= {
        "book_results",
        "kl_utils",
        "tests",
        "tools",
    }
    assert not list(faults(imports))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("kl_utils.vae", "from tools.provenance import recipes"),
        ("book_map", "from tools import ROOT"),
        ("practice.chapter_1", "from book_given import given_latex"),
        ("book_map", "import tools.course_text.documents"),
        ("tools.provenance.runs", "def f():\n    from tools.commands import train"),
        ("tools.provenance.runs", "from ..benchmarks.timing import spread"),
        ("tools.course_text.documents", "from tools.provenance.cards import run_card"),
        ("tools.benchmarks.step", "from tools.commands.bench import measure"),
        ("tools.benchmarks.step", "from tools.provenance import runs"),
        ("tools.commands.train", "from tests.models.exact_vae import tiny_vae"),
        ("tests.models.exact_vae", "from tests.mathematics import references"),
    ],
)
def test_a_way_through_a_wall_is_found(name, source):
    (fault,) = faults({name: imported(name, source, KNOWN)})
    assert fault.startswith(f"{name} imports ")


def test_a_module_outside_of_all_rooms_is_found():
    assert list(faults({"tools.misc": set()})) == ["tools.misc is in no room"]


def test_no_module_changes_where_python_looks_for_modules():
    changes = re.compile(r"sys\.path(\.insert|\.append|\.extend|\[| *\+?= )")
    assert [path for path in OURS if changes.search(path.read_text("utf8"))] == []


def test_each_folder_says_what_belongs_there():
    faces = [path for path in OURS if path.name == "__init__.py"]
    docstrings = {path: ast.get_docstring(ast.parse(path.read_text("utf8"))) for path in faces}
    assert [path for path in faces if not docstrings[path]] == []
