"""Sphinx extension: how often a derivation was checked, on demand.

Below each derivation, Jupyter shows at how many cases it was checked; beside a line, which letters
its value does not depend on, and where an inequality is an equality. A page folds all of it into
one small mark: it is there for those who doubt, and stands in nobody's way. What a check found
wrong stays where it is.
"""

import re
from html import escape

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from book_reports import LINE, SUMMARY, code_cells, reports_of

# What a report notes of its lines, and its LaTeX, as kl_utils/derivation/report.py writes them.
NOTE = r"(?:This line does not depend on |Equality at |Infinite at |The smallest slack is )"
TAG = re.compile(r"\\tag\{(\d+\.\d+)a\}")
ROW_ENDS = re.compile(r"( \\\\(?:\[6pt\])?\n)")
NOTE_ROW = re.compile(r"&\\quad (?:(\{\\color\{\w+\}\\checkmark\})\\ )?\\small \\text\{" + NOTE)
SUMMARY_ROW = re.compile(r"&\\small \\text\{(?:Numerically checked|Checked) at ")
DISPLAY = re.compile(r"\s*(\\begin\{align\*\}\n)(.*)(\n\\end\{align\*\})\s*", re.DOTALL)


def collect(app):
    """Note what each report says at its foot, by the number of the derivation."""
    app.env.derivation_counts = {
        LINE.match(plain)[1]: [*notes_in(plain), " ".join(summary[0].split())]
        for path in sorted(app.srcdir.glob("notebooks/*.ipynb"))
        for cell in code_cells(path)
        for plain, _ in reports_of(cell)
        if (summary := SUMMARY.search(plain))
    }


def notes_in(plain):
    """Yield what a report notes of its lines, where no line is wrong for it."""
    label, note = "", ""
    for row in plain.splitlines():
        label = found[1] + found[2] if (found := LINE.match(row)) else label
        text = row.strip()
        if note or re.match(NOTE, text):
            note = f"{note} {text}".strip()
        if note.endswith("."):  # long ones take several rows
            yield f"Line ({label}): {note.removeprefix('This line ')}"
            note = ""


def without_counts(tex):
    """Return a derivation's LaTeX without the rows that are folded; a tick moves up a row."""
    begin, body, end = DISPLAY.fullmatch(tex).groups()
    pieces = [*ROW_ENDS.split(body), ""]  # row, break, row, break, …
    kept, in_note = [], False
    for row, after in zip(pieces[::2], pieces[1::2], strict=True):
        if SUMMARY_ROW.match(row):
            break  # it comes last
        note = NOTE_ROW.match(row)
        if not note and not in_note:
            kept += [row, after]
            continue
        if note and note[1]:
            kept[-2] += rf" \quad {note[1]}"
        kept[-1] = after
        in_note = not row.endswith((".}", r"\text{.}"))  # a long one goes on in the next row
    return begin + "".join(kept[:-1]) + end


def mark(number, sentences):
    """Return the folded text below a derivation."""
    text = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    summary = f'<summary aria-label="How ({number}) was checked">checked</summary>'
    html = f'<details class="counts">{summary}{text}</details>'
    return nodes.raw("", html, format="html")


class FoldCounts(SphinxPostTransform):
    """Take the counts out of the derivations, and put a mark after each."""

    default_priority = 890  # after MyST-NB has chosen an output, before equations get their targets
    formats = ("html",)

    def run(self):
        """Change the page in place."""
        for display in list(self.document.findall(nodes.math_block)):
            first = TAG.search(display.astext())
            said = first and self.env.derivation_counts.get(first[1])
            if not said or not DISPLAY.fullmatch(display.astext()):
                continue
            tex = without_counts(display.astext())
            display.clear()
            display += nodes.Text(tex)
            display.parent.insert(display.parent.index(display) + 1, mark(first[1], said))


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", collect)
    app.add_post_transform(FoldCounts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
