"""Fixtures that several test files share."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Build the book as ``make book`` does, warnings as errors, and return the folder of pages."""
    output = tmp_path_factory.mktemp("book")
    jupyter_book = Path(sys.executable).parent / "jupyter-book"
    options = ["-W", "-n", "--keep-going", "--path-output", str(output)]
    built = subprocess.run(
        [jupyter_book, "build", str(ROOT), *options], capture_output=True, text=True
    )
    if built.returncode:
        marks = ("WARNING", "ERROR")
        lines = [line for line in built.stderr.splitlines() if any(m in line for m in marks)]
        pytest.fail("the book does not build:\n" + "\n".join(lines or [built.stderr[-3000:]]))
    return output / "_build" / "html"
