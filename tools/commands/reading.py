"""Say how long each chapter is, and its core path: words, displays, cells, minutes.

python -m tools.commands.reading                 the chapters as they are
python -m tools.commands.reading COMMIT          as they were
"""

import subprocess
import sys

import nbformat

from tools import ROOT
from tools.course_text.documents import chapter, course
from tools.course_text.reading import lengths


def committed(commit):
    """Return the chapters as they stand in a commit."""
    git = ["git", "-C", ROOT]
    listed = subprocess.check_output([*git, "ls-tree", "--name-only", commit, "notebooks/"])
    paths = [path for path in listed.decode().split() if path.endswith(".ipynb")]
    texts = [subprocess.check_output([*git, "show", f"{commit}:{path}"]) for path in paths]
    return [
        chapter(path.partition("/")[2], nbformat.reads(text.decode(), as_version=4))
        for path, text in zip(paths, texts, strict=True)
    ]


def main():
    documents = committed(sys.argv[1]) if sys.argv[1:] else course()
    print(f"{'':<28}{'words':>8}{'displays':>10}{'cells':>7}{'minutes':>9}{'core':>6}")
    for document in documents:
        if document.chapter is None:
            continue
        whole, core = lengths(document)
        displays = whole.displays + whole.derivations
        print(
            f"{document.name:<28}{whole.words:>8}{displays:>10}{whole.cells:>7}"
            f"{whole.minutes:>9.0f}{core.minutes:>6.0f}"
        )


if __name__ == "__main__":
    main()
