"""The notebook that this runs in: which answer cells were run, and how something is shown in it."""

import importlib
import sys

from .notebook_answers import runs_of_answers


def shell():
    """The notebook's shell, or None in a terminal."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module else None


def last_runs(names):
    """For each task the answer cell that was run last: the number that it shows, and its text.

    What was typed and not run, nobody here knows.
    """
    here = shell()
    return runs_of_answers(here.user_ns.get("In", []) if here else [], names)


def function_here(name):
    """A function that was defined in the notebook, or None."""
    here = shell()
    found = here.user_ns.get(name) if here else None
    return found if callable(found) else None


def show(kind, data, text):
    """Show data of a kind such as ``text/markdown``; in a terminal, text."""
    if shell():
        display = importlib.import_module("IPython.display")
        display.display({kind: data, "text/plain": text}, raw=True)
    else:
        print(text)


def show_report(report):
    """Show what the checker found."""
    if shell():
        show("text/latex", report._repr_latex_(), repr(report))
    else:
        print(report)


def download(path):
    """Offer a file for download, where the notebook runs on a machine far away."""
    if "google.colab" in sys.modules:
        importlib.import_module("google.colab.files").download(str(path))
