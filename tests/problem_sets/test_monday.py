"""The Monday page: its commands run in the order of the page, and say what it says."""

import os
import re
import shlex
import subprocess
import sys

import pytest

from tools import ROOT

PAGE = (ROOT / "book/monday.md").read_text("utf8")
BLOCKS = re.findall(r"^```(sh|text)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SECRET = "only for the Monday page"  # with which its outputs were made
DIFFERS = ((r"\d{4}-\d\d-\d\dT[\d-]+Z", "RUN"), (r"in \d+ s\b", "in N s"))


def masked(text):
    for pattern, mark in DIFFERS:
        text = re.sub(pattern, mark, text)
    return text.split()


def typed(command):
    """The command as it runs here: our Python, and make's way of calling it."""
    found = re.fullmatch(
        r"make grade SET=(\S+) SUBMISSIONS=(\S+) COURSE=(\S+) GRADEBOOK=(\S+)", command
    )
    if found:
        *arguments, gradebook = found.groups()
        command = (
            f"python -m kl_utils.exercises grade {' '.join(arguments)} --gradebook {gradebook}"
        )
    program, *rest = shlex.split(command)
    assert program == "python"
    return [sys.executable, *rest]


@pytest.mark.long
def test_the_commands_of_the_page_say_what_it_says(tmp_path):
    course = tmp_path / "course-kl"
    course.mkdir()
    for name in ("kl_utils", "tools", "problem_sets"):
        (course / name).symlink_to(ROOT / name)
    said, seen = [], []
    for kind, text in BLOCKS:
        if kind == "sh":
            ran = subprocess.run(
                typed(text.strip()),
                cwd=course,
                capture_output=True,
                text=True,
                env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            )
            assert ran.returncode == 0, ran.stderr
            said.append(masked(ran.stdout))
            (tmp_path / "class/secret.txt").write_text(SECRET)
        else:
            seen.append(masked(text))
    assert seen == [text for text in said if text]
    assert len(seen) == 4
