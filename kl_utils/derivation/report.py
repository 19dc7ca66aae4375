"""What a check found, for the page and for the terminal."""

import re
import textwrap
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .layout import code_rows, text_rows, typeset_rows
from .numbers_in_words import (
    in_latex,
    in_words,
    is_large,
    name_in_words,
    precision_to_tell_apart,
    value_in_latex,
    value_in_words,
)
from .operations import distance
from .parsing import Line
from .symbols import symbol

_RELATION_LATEX = {"=": "=", "<=": r"\le", ">=": r"\ge", "~": r"\approx", None: ""}
_DOTS = r"\dots "
_NEW_ROW, _NEW_BLOCK = " \\\\\n", " \\\\[6pt]\n"
_MARKS = {
    "start": " ",
    "holds": "✓",
    "broken": "✗",
    "inherits": "↳",
    "cancels": "↺",
    "unchecked": "?",
}
_MARKS_LATEX = {
    "holds": r"{\color{seagreen}\checkmark}",
    "broken": r"{\color{crimson}\boldsymbol\times}",
    "inherits": r"{\color{crimson}\hookrightarrow}",
    "cancels": r"{\color{crimson}\circlearrowleft}",
    "unchecked": r"\text{?}",
}


class BrokenDerivation(AssertionError):
    """A derivation that was expected to hold does not."""


class Note(NamedTuple):
    """A remark on a line, for the terminal and, where it differs, for the page."""

    plain: str
    latex: str = ""


@dataclass(frozen=True)
class Verdict:
    """What was found about one line.

    Attributes
    ----------
    line : Line
        The line, with its ``label``, ``text`` and ``reason``.
    status : str
        "start" (the first line), "holds", "broken", "inherits" (follows from a wrong line),
        "cancels" (leaves a wrong line for the right value), or "unchecked".
    message : str
        What is wrong, in words; empty where ``values`` tell it.
    case : dict or None
        The simplest parameters at which the line fails.
    values : tuple of two ndarrays, or None
        The value of line ``against`` and of this line, at ``case``.
    notes : tuple of Note
        What else there is to know.
    """

    line: Line
    status: str
    message: str = ""
    case: dict | None = None
    values: tuple | None = None
    against: str | None = None
    notes: tuple = ()

    @property
    def label(self):
        return self.line.label

    @property
    def ok(self):
        return self.status in ("start", "holds")

    def explanation(self, latex=False):
        """What is wrong and for which numbers, in words; empty for a line that holds."""
        words, value = (in_latex, value_in_latex) if latex else (in_words, value_in_words)
        where = f"At {words(self.case)}: " if self.case else ""
        if self.values is None:
            return where + _shortened(self.message) if self.message else ""
        values, entry = self.values, ""
        if any(map(is_large, values)):
            row, column = np.unravel_index(np.argmax(distance(*values)), values[0].shape)
            values = [v[row : row + 1, column : column + 1] for v in values]
            entry = f"in entry ({row + 1}, {column + 1}) "
        precision = precision_to_tell_apart(*values)
        above, here = (f"${value(v, precision)}$" if latex else value(v, precision) for v in values)
        comparison = {"<=": ", which is less", ">=": ", which is more"}.get(self.line.relation, "")
        return f"{where}{entry}line ({self.against}) is {above}, this line is {here}{comparison}."


def _shortened(message):
    """A message in which no quotation of a line is very long."""
    return re.sub(
        "`[^`]*`", lambda found: found[0] if len(found[0]) < 80 else f"{found[0][:70]}…`", message
    )


class Report:
    """The outcome of a check: true where all lines hold. Displays itself as mathematics."""

    def __init__(self, derivation, verdicts, cases, evaluated, deviation):
        self.derivation, self.verdicts = derivation, tuple(verdicts)
        self.cases, self.evaluated, self.deviation = cases, evaluated, deviation

    @property
    def ok(self):
        return all(verdict.ok for verdict in self.verdicts)

    @property
    def first_broken(self):
        """The verdict on the first line that is wrong, or None."""
        return next((verdict for verdict in self.verdicts if not verdict.ok), None)

    def __bool__(self):
        return self.ok

    def raise_if_broken(self):
        """Raise `BrokenDerivation`, with the first broken line, unless all lines hold."""
        broken = self.first_broken
        if broken is not None:
            raise BrokenDerivation(f"({broken.label}) {broken.line.text}\n{broken.explanation()}")

    def summary(self, latex=False):
        """What was compared, and what was found, in one sentence."""
        given = self.derivation.given
        whole = [
            f"${symbol(name)}{words.replace('…', _DOTS)}$"
            if latex
            else f"{name_in_words(name)}{words}"
            for name, words in given.words().items()
            if name in given.whole
        ]
        where = f"{self.cases} case{'s' * (self.cases != 1)}"
        if self.ok and self.evaluated < self.cases:
            where = f"{self.evaluated} of {where}"
        where += f" ({', '.join(whole)})" if whole else ""
        if self.ok:
            deviation = (
                "" if self.deviation is None else f"; deviation {bucket(self.deviation, latex)}"
            )
            return f"Numerically checked at {where}{deviation}."
        return f"Checked at {where}. First broken line: ({self.first_broken.label})."

    def __repr__(self):
        return "\n".join(plain_rows(self.derivation, self.verdicts, self.summary()))

    def _repr_latex_(self):
        return derivation_latex(self.derivation, self.verdicts, self.summary(latex=True))


def bucket(deviation, latex=False):
    """A relative deviation as a coarse bound, which is the same on every machine."""
    exponent = next((e for e in range(-10, -1) if deviation < 10.0**e), -1)
    return rf"${{<}}\,10^{{{exponent}}}$" if latex else f"< 1e{exponent}"


# On the page


def derivation_latex(derivation, verdicts=None, summary=""):
    """The derivation as one ``align*`` block; with verdicts, each line has its mark and its words.

    It keeps to what MathJax 2 and 3 and KaTeX have in common.
    """
    blocks = []
    for position, line in enumerate(derivation.lines):
        verdict = verdicts[position] if verdicts else None
        mark, remarks = _mark_and_remarks(line, verdict)
        rows = _line_rows(line, derivation.style, rf" \tag{{{line.label}}}")
        if mark and not remarks:
            rows[-1] += rf" \quad {mark}"
        elif mark:
            remarks[0] = rf"{mark}\ {remarks[0]}"
        rows += [rf"&\quad {row}" for row in remarks]
        blocks.append(_NEW_ROW.join(rows))
    if summary:
        blocks.append(_NEW_ROW.join(rf"&{row}" for row in text_rows(summary)))
    return _aligned(_NEW_BLOCK.join(blocks))


def line_latex(line, style):
    """A line alone, without its number and its reason."""
    return _aligned(_NEW_ROW.join(_line_rows(line, style)))


def _aligned(rows):
    return f"\\begin{{align*}}\n{rows}\n\\end{{align*}}"


def _line_rows(line, style, tag=""):
    sign = _RELATION_LATEX[line.relation if line.tree else None]
    first, *more = _expression_rows(line, style)
    return [rf"&{sign} {first}{tag}", *(rf"&\quad {{}}{row}" for row in more)]


def _expression_rows(line, style):
    if line.tree is None:
        return code_rows(line.text)
    return typeset_rows(line.tree, style)


def _mark_and_remarks(line, verdict):
    if verdict is None:
        return None, text_rows(line.reason)
    notes = [note.latex or note.plain for note in verdict.notes]
    remarks = [line.reason, verdict.explanation(latex=True), *notes]
    return _MARKS_LATEX.get(verdict.status), [row for text in remarks for row in text_rows(text)]


# In the terminal


def plain_rows(derivation, verdicts=None, summary=""):
    lines = derivation.lines
    width = max((len(line.label) for line in lines), default=0) + 2
    for position, line in enumerate(lines):
        verdict = verdicts[position] if verdicts else None
        mark = _MARKS[verdict.status] if verdict else " "
        yield f"{f'({line.label})':<{width}} {mark} {' '.join(line.text.split())}"
        remarks = [line.reason]
        if verdict:
            remarks += [verdict.explanation(), *(note.plain for note in verdict.notes)]
        for remark in filter(None, remarks):
            yield textwrap.fill(
                remark, 88, initial_indent=" " * (width + 5), subsequent_indent=" " * (width + 5)
            )
    if summary:
        yield textwrap.fill(summary, 88)
