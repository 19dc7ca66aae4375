"""The package in layers: a module imports only from those above it, and the package loads little.

The order stands in `kl_utils/__init__.py`. A package inside it (derivation, figures, …) is one
layer; among its own modules, only circles are forbidden. A ``__main__`` belongs to no layer: it is
what is typed, nothing imports it, and it starts whatever does the work.
"""

import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import kl_utils
from tests.project.imports import imported, modules_below

ORDER = list(kl_utils._NAMES_BY_MODULE)
LONGEST = 300  # lines in a module


def faults(order, imports):
    """Yield what is wrong with the imports of modules, given the order of the layers."""

    def layer(module):
        return module.split(".")[1]

    layers = set(map(layer, imports))
    yield from (f"{name} has no place in the order" for name in sorted(layers - set(order)))
    yield from (
        f"{name} is in the order, but does not exist" for name in order if name not in layers
    )
    for module, wanted in imports.items():
        for other in sorted(wanted):
            ours, theirs = layer(module), layer(other)
            if module.endswith(".__main__"):
                continue
            if {ours, theirs} <= set(order) and order.index(theirs) > order.index(ours):
                yield f"{module} imports {other}, which stands below it"
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        yield f"a circle: {' is imported by '.join(error.args[1])}"


MODULES = modules_below(Path(kl_utils.__file__).parent)


def test_modules_import_only_from_above():
    imports = {
        name: imported(name, path.read_text("utf-8"), MODULES, path.name == "__init__.py")
        for name, path in MODULES.items()
    }
    assert sum(map(len, imports.values())) > 80
    assert not list(faults(ORDER, imports))


@pytest.mark.parametrize(
    ("sources", "fault"),
    [
        ({"p.a": "import math", "p.b": "from .a import f", "p.c.x": "from ..a import f"}, None),
        ({"p.a": "from .b import f"}, "p.a imports p.b, which stands below it"),
        ({"p.a": "def f():\n    from . import b"}, "p.a imports p.b, which"),
        ({"p.a": "import p.c.x"}, "p.a imports p.c.x, which"),
        ({"p.b": "from .c.x import f"}, "p.b imports p.c.x, which"),
        ({"p.c.x": "from .y import f", "p.c.y": "from . import x"}, "a circle: p.c."),
        ({"p.a.__main__": "from ..c.x import f"}, None),
        ({"p.d": ""}, "d has no place in the order"),
        ({"p.b": None}, "b is in the order, but does not exist"),
    ],
)
def test_each_fault_is_found(sources, fault):
    sources = {"p.a": "", "p.b": "", "p.c.x": "", "p.c.y": ""} | sources
    sources = {name: source for name, source in sources.items() if source is not None}
    imports = {name: imported(name, source, sources) for name, source in sources.items()}
    found = list(faults(["a", "b", "c"], imports))
    assert len(found) == bool(fault)
    assert all(text.startswith(fault) for text in found)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_can_be_read_in_one_sitting(name):
    assert len(MODULES[name].read_text("utf-8").splitlines()) <= LONGEST


LIGHT = """
import sys
sys.addaudithook(lambda event, _: event.startswith("socket.") and sys.exit(f"{event}"))
before = set(sys.modules)
import kl_utils
from tests.project.imports import imported, modules_below
dir(kl_utils)
heavy = {"numpy", "torch", "matplotlib", "IPython", "scipy"} & set(sys.modules) - before
sys.exit(f"loaded {heavy}" if heavy else 0)
"""


def test_the_package_loads_nothing_heavy_and_opens_no_socket():
    run = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


GRADED = """
from kl_utils import derivation as d, expectation, exercises as e
frame = e.Frame(d.Given(mu=d.real()), "E(z**2)", {"q": d.gaussian("mu", "1")})
task = e.Prove("square", "Work it out.", frame=frame, goal="1 + mu**2")
assert e.grade(task, ["= Var(z) + E(z)**2", "= 1 + mu**2"]).points == 10
"""
LOADED = """
import sys
heavy = {"array_api_compat", "scipy", "torch", "matplotlib"} & set(sys.modules)
sys.exit(f"loaded {heavy}" if heavy else 0)
"""
ABSENT = """
import sys
for name in ("array_api_compat", "scipy", "torch", "matplotlib"):
    sys.modules[name] = None
"""
EXPECTATION = """
assert abs(expectation.expect_normal(lambda z: z**2, 0.0, 1.0).value - 1) < 1e-12
assert abs(expectation.integrate(lambda z: z**2, 0.0, 1.0).value - 1 / 3) < 1e-12
"""


@pytest.mark.parametrize("code", [GRADED + LOADED, ABSENT + GRADED + EXPECTATION])
def test_the_checker_and_the_grader_need_numpy_alone(code):
    """They are to run in a page, where nothing else is installed."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
