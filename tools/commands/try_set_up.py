"""Run chapters where kl_utils is missing and other versions are installed, as on Colab.

    python -m tools.commands.try_set_up                                    chapters 1 and 2
    python -m tools.commands.try_set_up --packages numpy==2.0.0 torch==2.8.0 -- notebooks/03_x.ipynb

Makes a fresh virtual environment that has nothing but the packages named, not in the versions that
requirements.txt pins. Runs the set-up cell there, with the last commit in this folder in the place
of GitHub; fails if that replaced a package. Then runs the chapters there, and fails if their text
outputs are not the published ones. Needs a network and a few minutes, so it is no test of pytest.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tools import ROOT
from tools.course_text.notebook_files import SET_UP
from tools.provenance.comparisons import changes

PACKAGES = ["numpy==1.26.0", "matplotlib==3.8.4", "torch==2.9.1+cpu"]
CHAPTERS = [
    ROOT / "notebooks" / name for name in ("01_kl_univariate.ipynb", "02_kl_multivariate.ipynb")
]
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"

# A package that was installed again has a new RECORD file, even in the same version.
INSTALLED = """
import json
from importlib.metadata import distributions

facts = {}
for package in distributions():
    (record,) = [f for f in package.files if f.name == "RECORD" and len(f.parts) == 2]
    facts[package.name] = [package.version, package.locate_file(record).stat().st_mtime_ns]
print(json.dumps(facts))
"""


class Failed(Exception):
    """The set-up cell, or a chapter, did not do what it promises."""


def make_environment(folder, packages):
    """Return the Python of a new virtual environment with some packages."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    pip(python, "--retries", "0", "--extra-index-url", CPU_BUILDS, *packages)
    return python


def pip(python, *what):
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, *what], check=True)


def installed(python):
    """Return what is installed: for each package its version, and when it was installed."""
    return json.loads(subprocess.check_output([python, "-I", "-c", INSTALLED], text=True))


def run_set_up(python, notebook, folder):
    """Run the set-up cell of a notebook; return the packages it added, with their versions.

    Raises
    ------
    Failed
        If it replaced or removed what was there.
    """
    (cell,) = [cell for cell in notebook.cells if cell.id == SET_UP]
    before = installed(python)
    subprocess.run([python, "-I", "-c", cell.source], check=True, cwd=folder)
    after = installed(python)
    touched = [
        f"{name} {version}, now {after.get(name, ['none'])[0]}"
        for name, (version, when) in before.items()
        if after.get(name) != [version, when]
    ]
    if touched:
        raise Failed(f"the set-up cell touched {'; '.join(touched)}")
    return {name: version for name, (version, _) in after.items() if name not in before}


def run_chapter(notebook, folder):
    """Return what a notebook puts out in the environment, as a diff from what is published."""
    again = nbformat.from_dict(notebook)
    resources = {"metadata": {"path": str(folder)}}
    settings = {"kernel_name": "elsewhere", "coalesce_streams": True, "resources": resources}
    try:
        NotebookClient(again, **settings).execute()
    except CellExecutionError as error:
        raise Failed(str(error)) from None
    return changes(notebook, again)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", nargs="+", default=PACKAGES, help="what is there before")
    parser.add_argument("notebooks", nargs="*", type=Path, default=CHAPTERS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        python = make_environment(folder / "venv", options.packages)
        notebooks = [nbformat.read(path, as_version=4) for path in options.notebooks]
        for notebook in notebooks:
            for cell in notebook.cells:
                if cell.id == SET_UP:
                    cell.source = with_address(cell.source, ROOT.as_uri())
        there = installed(python)
        print("There:", *(f"{name} {version}" for name, (version, _) in there.items()))
        try:
            added = run_set_up(python, notebooks[0], folder)
            print("Added:", *(f"{name} {version}" for name, version in added.items()))
            print("The set-up cell touched none of what was there.")
            pip(python, "ipykernel")  # Colab has it; kl_utils must not need it
            kernels = folder / "kernels"
            command = [
                "-m",
                "ipykernel",
                "install",
                "--prefix",
                str(kernels),
                "--name",
                "elsewhere",
            ]
            subprocess.run([python, *command], check=True, stdout=subprocess.DEVNULL)
            os.environ["JUPYTER_PATH"] = str(kernels / "share" / "jupyter")
            for path, notebook in zip(options.notebooks, notebooks, strict=True):
                differing = run_chapter(notebook, folder)
                if differing:
                    raise Failed("\n".join([f"{path.name} puts out other text:", *differing]))
                print(f"{path.name} ran, with the published text outputs.")
        except Failed as error:
            print(error)
            return 1
    return 0


def with_address(source, address):
    """Return the text of a set-up cell with another address."""
    lines = source.splitlines()
    (index,) = [i for i, line in enumerate(lines) if line.startswith("REPOSITORY = ")]
    return "\n".join([*lines[:index], f"REPOSITORY = {address!r}", *lines[index + 1 :]])


if __name__ == "__main__":
    sys.exit(main())
