"""A set for otter-grader and Gradescope: an autograder in the layout that ``otter generate`` makes.

The points come from `kl_utils.grading.otter_plugin`, so they are the same as those of
``make grade``. otter asks for a test a task, which holds nothing: there is no hidden test to leak.
"""

import json

from tools import ROOT

VERSION = "7.0.0"
_PACKAGE = ("pyproject.toml", "README.md", "LICENSE")
_LEFT_OUT = ("pretrained", "figures", "__pycache__")  # folders of kl_utils that grading never needs

_TEST = '''\
"""A placeholder: the plugin named in otter_config.json sets the points."""

from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points!r}


@test_case(points={points!r}, hidden=True)
def graded_by_the_course(env):
    raise AssertionError("The points of this task are set by the course's own grader.")
'''
_RUN_AUTOGRADER = """\
#!/bin/bash
export PATH=/root/miniforge3/bin:$PATH
eval "$(mamba shell hook --shell bash)"
mamba activate otter-env
python /autograder/source/run_otter.py
"""
_RUN_OTTER = """\
from otter.run.run_autograder import main

if __name__ == "__main__":
    main("/autograder")
"""
_SETUP = """\
#!/usr/bin/env bash
set -e
apt-get update
apt-get install -y wget
machine=$(uname -m)
wget -nv -O /tmp/miniforge.sh \\
    "https://github.com/conda-forge/miniforge/releases/download/25.3.1-0/Miniforge3-Linux-${machine}.sh"
bash /tmp/miniforge.sh -b
export PATH=/root/miniforge3/bin:$PATH
mamba env create -f /autograder/source/environment.yml
mamba shell init --shell bash
"""
_ENVIRONMENT = """\
name: otter-env
channels:
  - conda-forge
dependencies:
  - python=3.13
  - pip
  - pip:
      - --extra-index-url https://download.pytorch.org/whl/cpu
      - otter-grader[grading,plugins]=={version}
{torch}      - /autograder/source/course
"""
README = """\
# The set for otter-grader and Gradescope

For students: `{name}.ipynb`, in `{name}-otter.zip`. They hand in the notebook.
For staff: `{name}-otter-autograder.zip`. On Gradescope, upload it as the autograder of a
programming assignment. On a machine of your own, with `pip install otter-grader=={version}` and
this course, a notebook at a time, or a folder of them in Docker:

    otter run -a {name}-otter-autograder.zip notebook.ipynb
    mkdir results
    otter grade -n {name} -a {name}-otter-autograder.zip -o results FOLDER

The points are those of `make grade`. What waits for a person is listed in the log.
"""


def test_files(problem_set):
    """The placeholders, by the names of their files."""
    return {
        f"tests/{question.name.replace('@', '_')}.py": _TEST.format(
            name=question.name, points=question.data["points"]
        )
        for question in problem_set.current
    }


def autograder(problem_set, folder, secret=""):
    """The files of the autograder, by their names: text, or bytes.

    Parameters
    ----------
    problem_set : QuestionSet
    folder : Path
        Where its ``set.toml`` and ``judges.py`` lie.
    secret : str
        Decides at which values programs are tried; not the course's own, which stays at home.
    """
    place = f"course/problem_sets/{problem_set.name}"
    settings = {"set": f"{place}/set.toml", "secret": secret}
    config = {"plugins": [{"kl_utils.grading.otter_plugin.CourseGrader": settings}]}
    sources = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    needs_torch = any(b"import torch" in source for source in sources.values())
    environment = _ENVIRONMENT.format(version=VERSION, torch="      - torch\n" * needs_torch)
    return {
        "otter_config.json": json.dumps(config, indent=1) + "\n",
        "run_autograder": _RUN_AUTOGRADER,
        "run_otter.py": _RUN_OTTER,
        "setup.sh": _SETUP,
        "environment.yml": environment,
        **test_files(problem_set),
        **{f"{place}/{name}": source for name, source in sources.items()},
        **package(),
    }


def package():
    """The course's package, as ``pip install`` takes it, without trained weights and figures."""
    files = {f"course/{name}": (ROOT / name).read_bytes() for name in _PACKAGE}
    for path in sorted((ROOT / "kl_utils").rglob("*.py")):
        inside = path.relative_to(ROOT)
        if not set(inside.parts) & set(_LEFT_OUT):
            files[f"course/{inside.as_posix()}"] = path.read_bytes()
    return files
