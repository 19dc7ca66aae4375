"""Count and list the numbered equations of the course.

python -m tools.commands.equations            how many there are, chapter by chapter
python -m tools.commands.equations --list     each of them
"""

import sys

from tools.course_text.documents import course
from tools.course_text.equations import definitions, derivations, references, to_come

HEADER = ("definitions", "derivations", "lines", "refuted", "lines", "references")


def counts(document):
    """Return the numbers below HEADER."""
    shown = derivations(document)
    proved = [len(d.lines) for d in shown if not d.refuted]
    refuted = [len(d.lines) for d in shown if d.refuted]
    lines = (len(proved), sum(proved), len(refuted), sum(refuted))
    return (len(definitions(document)), *lines, len(references(document)))


def table(documents):
    """Yield rows of text: the counts of all documents that have any, and their sums."""
    rows = {document.name: counts(document) for document in documents}
    rows["all"] = map(sum, zip(*rows.values(), strict=True))
    for name, row in {"": HEADER, **rows}.items():
        cells = list(row)
        if any(cells):
            yield f"{name:<32}" + "".join(f"{cell:>13}" for cell in cells)


def listing(document):
    """Yield a row for each numbered equation of a document."""
    for equation in definitions(document):
        yield f"({equation.number})  {equation.tex}"
    for shown in derivations(document):
        for line in shown.lines:
            yield f"({line.label}) {line.mark or ' '} {line.typed}"


def main():
    documents = course()
    if "--list" in sys.argv[1:]:
        print(*(row for document in documents for row in listing(document)), sep="\n")
    print(*table(documents), sep="\n")
    if waiting := to_come(documents):
        print(f"Announced, to come: chapter {', '.join(sorted(waiting))}")


if __name__ == "__main__":
    main()
