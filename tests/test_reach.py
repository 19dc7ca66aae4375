"""Which changes of the source code count for a published result, tried on a small package."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from reach import Code  # noqa: E402
from run_cards import (  # noqa: E402
    reached_from_function,
    reached_from_source,
    run_card,
    stale,
)

PACKAGE = {
    "pkg/__init__.py": """
        from . import compiled  # no Python file

        _HOMES = {"model": ["Model"]}
        """,
    "pkg/figures/__init__.py": """
        from .plots import plot
        """,
    "pkg/figures/plots.py": """
        def plot():
            return 1

        def other_plot():
            return 2
        """,
    "pkg/numbers.py": """
        SCALE = 2.0
        OTHER = 3.0
        TABLE = {}
        TABLE["a"] = 1
        """,
    "pkg/loss.py": """
        from .numbers import OTHER, SCALE

        def loss(x, power=2):
            "Return the loss."
            return SCALE * x**power  # a comment

        def unrelated(loss):
            return loss + OTHER

        def at_run_time(name):
            return globals()[name]
        """,
    "pkg/parts.py": """
        def checked(function):
            return function

        def traced(function):
            return function

        class Base:
            size = 1
            label = "base"
        """,
    "pkg/model.py": """
        import math
        from . import loss as losses
        from .parts import Base, checked, traced

        class Model(Base):
            "A model."

            losses: float = 0.0

            @checked
            def step(self, x, parts=None):
                from .late import late

                return late(losses.loss(math.sin(x)))
        """,
    "pkg/late.py": """
        from .numbers import OTHER as PASSED_ON

        def late(x):
            return x
        """,
    "tools/train.py": """
        import helper
        import pkg

        EPOCHS = 3

        def train():
            return pkg.Model(), EPOCHS, helper.help()

        def report(numbers):
            return numbers

        if __name__ == "__main__":
            train()
        """,
    "tools/helper.py": """
        def help():
            return 1
        """,
}
ENTRY = "import pkg as kl\nkl.Model().step(1)"

UNCHANGED = [
    ("pkg/loss.py", '"Return the loss."', '"""Other words."""'),
    ("pkg/loss.py", '"Return the loss."\n', "\n"),
    ("pkg/loss.py", "# a comment", ""),
    ("pkg/loss.py", "SCALE * x**power", "(SCALE\n        * x ** power)"),
    ("pkg/model.py", '"A model."', '"Another."'),
    ("pkg/loss.py", "loss + OTHER", "loss - OTHER"),
    ("pkg/loss.py", "def unrelated", "def new():\n    return 1\n\ndef unrelated"),
    ("pkg/numbers.py", "OTHER = 3.0", "OTHER = 4.0"),
    ("pkg/numbers.py", '["a"] = 1', '["a"] = 2'),
    ("pkg/parts.py", '"base"', 'u"base"'),
    ("pkg/parts.py", "class Base", "class New(dict):\n    pass\n\nclass Base"),
]
CHANGED = [
    ("pkg/numbers.py", "2.0", "2.5", {"pkg.numbers.SCALE"}),
    ("pkg/numbers.py", "2.0", "2", {"pkg.numbers.SCALE"}),
    ("pkg/loss.py", "power=2", "power=3", {"pkg.loss.loss"}),
    ("pkg/parts.py", "return function", "return print or function", {"pkg.parts.checked"}),
    ("pkg/parts.py", "size = 1", "size = 2", {"pkg.parts.Base"}),
    ("pkg/late.py", "return x", "return -x", {"pkg.late.late"}),
    ("pkg/model.py", "math.sin", "math.cos", {"pkg.model.Model"}),
    ("pkg/model.py", "import math", "import cmath as math", {"pkg.model.Model"}),
    (
        "pkg/model.py",
        "@checked",
        "@traced",
        {"pkg.model.Model", "pkg.parts.checked", "pkg.parts.traced"},
    ),
    (
        "pkg/loss.py",
        "import OTHER, SCALE",
        "import OTHER as SCALE, SCALE as OTHER",
        {"pkg.loss.loss", "pkg.numbers.SCALE", "pkg.numbers.OTHER"},
    ),
    ("pkg/parts.py", "class Base", "Base = 1\n\nclass Base", {"pkg.parts.Base"}),
    ("pkg/model.py", "class Model", "print()\n\nclass Model", {"pkg.model.<top level>"}),
    (
        "pkg/late.py",
        "def late",
        "for i in (1, 2):\n    print(i)\n\ndef late",
        {"pkg.late.<top level>", "pkg.late.i"},
    ),
]


@pytest.fixture
def code(tmp_path):
    """Write the package above and return a function that reads it afresh."""
    for name, source in PACKAGE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(unindented(source))
    return lambda: Code(tmp_path, tmp_path / "tools", package="pkg")


def unindented(source):
    return source.replace("\n        ", "\n")


def edit(code, name, old, new):
    path = code().folders[0] / name
    source = path.read_text("utf8")
    assert old in source
    path.write_text(source.replace(old, new, 1))


@pytest.mark.parametrize(("name", "old", "new"), UNCHANGED)
def test_what_cannot_change_a_result_leaves_the_card_valid(code, name, old, new):
    before = reached_from_source(ENTRY, code())
    assert "pkg.loss.loss" in before
    edit(code, name, old, new)
    assert reached_from_source(ENTRY, code()) == before


@pytest.mark.parametrize(("name", "old", "new", "names"), CHANGED)
def test_what_can_change_a_result_is_named(code, name, old, new, names):
    before = reached_from_source(ENTRY, code())
    edit(code, name, old, new)
    after = reached_from_source(ENTRY, code())
    assert {key for key in before | after if before.get(key) != after.get(key)} == names
    card = run_card(before, profile="quick", seed=0, data=None, wall_seconds=1.0)
    reasons = stale(card, after)
    assert len(reasons) == len(names)
    assert all(any(reason.startswith(f"{name} ") for reason in reasons) for name in names)
    assert (
        card["code"]
        != run_card(after, profile="quick", seed=0, data=None, wall_seconds=1.0)["code"]
    )


@pytest.mark.parametrize(
    ("entry", "reached"),
    [
        ("import pkg.loss\nf = getattr(pkg.loss, name)", "pkg.loss.unrelated"),
        ("from pkg import loss\nprint(loss)", "pkg.loss.unrelated"),
        ("from pkg.loss import *\nloss(1)", "pkg.loss.unrelated"),
        ("import pkg\npkg.loss.made_at_run_time(1)", "pkg.loss.unrelated"),
        ("from pkg.loss import at_run_time\nat_run_time(name)", "pkg.loss.unrelated"),
        ("from pkg import late\nprint(late)", "pkg.numbers.OTHER"),
        ("import pkg\nvars(pkg)", "pkg.figures.plots.other_plot"),
        ("import pkg\npkg.compiled.run()", "pkg.figures.plots.other_plot"),
        ("from importlib import import_module\nimport_module(name)", "pkg.loss.unrelated"),
    ],
)
def test_what_cannot_be_resolved_counts_as_a_whole(code, entry, reached):
    assert reached in reached_from_source(entry, code())


@pytest.mark.parametrize(
    "entry", ["import pkg.figures as f\nf.plot()", "from pkg.figures import plot\nplot()"]
)
def test_a_name_is_followed_to_where_it_is_defined(code, entry):
    assert list(reached_from_source(entry, code())) == ["pkg.figures.plots.plot"]


def test_import_statements_alone_reach_nothing(code):
    assert reached_from_source("import pkg\nfrom pkg import loss, model", code()) == {}


def test_local_names_are_not_the_modules_names(code):
    """``parts`` is an argument of Model.step, ``loss`` one of unrelated."""
    assert "pkg.parts.traced" not in reached_from_source(ENTRY, code())
    assert "pkg.loss.loss" not in reached_from_source(
        "import pkg.loss\npkg.loss.unrelated(1)", code()
    )


def test_a_function_is_followed_through_scripts_and_package(code):
    reached = reached_from_function("tools.train.train", code())
    assert {"tools.train.train", "tools.train.EPOCHS", "helper.help", "pkg.loss.loss"} < set(
        reached
    )
    assert "tools.train.report" not in reached
    edit(code, "tools/helper.py", "return 1", "return 2")
    assert (
        reached_from_function("tools.train.train", code())["helper.help"] != reached["helper.help"]
    )
    with pytest.raises(ValueError, match=r"got 'tools\.train\.test'"):
        reached_from_function("tools.train.test", code())


def test_a_published_file_that_a_notebook_names_is_part_of_its_card(code):
    folder = code().folders[0] / "pkg" / "pretrained"
    folder.mkdir()
    (folder / "small.safetensors").write_bytes(b"weights")
    (folder / "other.safetensors").write_bytes(b"weights")
    entry = "import pkg\npkg.load('small')"
    before = reached_from_source(entry, code())
    assert "pkg/pretrained/small.safetensors" in before
    assert "pkg/pretrained/other.safetensors" not in before
    (folder / "small.safetensors").write_bytes(b"new weights")
    card = run_card(before, profile="quick", seed=0, data=None, wall_seconds=1.0)
    assert stale(card, reached_from_source(entry, code())) == [
        "pkg/pretrained/small.safetensors changed since this was published"
    ]


def test_all_code_that_runs_is_reached():
    """Train and evaluate under a tracer: no function of ours runs that the card would not hold."""
    entry = """
import numpy as np
import kl_utils as kl
from kl_utils.evaluation import importance_sampled_nll

data = kl.load_images("digits")
model = kl.make_vae(latent_size=2, hidden_sizes=(4,))
bits = kl.fixed_bits(data.test_images[:16])
kl.fit(model, data.train_images[:32], epochs=1, batch_size=16, test_bits=bits, progress=False)
importance_sampled_nll(model, bits, 3, progress=False)
model.sample(2), model.reconstruct(model.sample(2)), kl.profile(), kl.Runtime.detect().autocast()
"""
    program = compile(entry, "<entry>", "exec")
    exec(program, {})  # the first time imports run too, which are not what is asked for here
    calls = set()
    package = str(ROOT / "kl_utils") + "/"

    def trace(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(package):
            calls.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))

    sys.setprofile(trace)
    try:
        exec(program, {})
    finally:
        sys.setprofile(None)
    # The lazy loader itself is not counted: the names it stands for are.
    names = {top_level_name(*call) for call in calls} - {"kl_utils.__getattr__"}
    assert len(names) > 15
    assert names <= set(reached_from_source(entry))


def top_level_name(path, line):
    """Return the dotted name of the top-level definition that holds a line of a file."""
    module = ".".join(Path(path).relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for name, statements in Code(ROOT).module(module).definitions.items():
        for statement in statements:
            decorators = getattr(statement, "decorator_list", [])
            first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
            if first <= line <= statement.end_lineno:
                return f"{module}.{name}"
    raise AssertionError(f"no definition in line {line} of {path}")
