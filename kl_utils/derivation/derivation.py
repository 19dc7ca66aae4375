"""A derivation: its lines, and what the names on them mean."""

import ast
import re
from string import ascii_lowercase

from .checking import check
from .distributions import DISTRIBUTIONS, Finite
from .functions import FUNCTIONS
from .given import Given
from .pairs import with_pairs
from .parsing import parse, read_line
from .report import derivation_latex, plain_rows
from .trees import names_in
from .typeset import Style
from .vocabulary import CONSTANTS, check_name


class Derivation:
    """A chain of equalities and inequalities that can be displayed and checked.

    Parameters
    ----------
    number : str
        The number of the equation in the book, such as ``"2.4"``; its lines are (2.4a), (2.4b), …
    given : Given
        The parameters, and so the cases at which the lines are compared.
    **meanings
        Distributions, ``q=gaussian("mu", "Sigma")``, and abbreviations, ``r="log_q(z)"``. Of a
        normal p(z) and a normal p(x|z), its mean linear in z, also p(x), p(z|x) and p(x, z).
    """

    def __init__(self, number, given=None, **meanings):
        if not isinstance(number, str):
            raise TypeError(f"number: expected a string such as '2.4', got {number!r}")
        if not re.fullmatch(r"[A-Za-z0-9 .-]{0,30}", number):
            raise ValueError(
                "number: expected up to 30 letters, digits and points, such as '2.4', got "
                f"{number[:60]!r}"
            )
        if not isinstance(given, Given | None):
            raise TypeError(f"given: expected Given(...), got {given!r}")
        self.number = number
        self.given = given or Given()
        self.meanings = {
            name: Finite(kind.variables, kind.dimensions)
            for name, kind in self.given.kinds.items()
            if kind.variables
        }
        abbreviations = [name for name, meaning in meanings.items() if isinstance(meaning, str)]
        for name, meaning in meanings.items():
            later = abbreviations[abbreviations.index(name) :] if name in abbreviations else []
            self._add_meaning(name, meaning, later)
        self.meanings = with_pairs(self.meanings)
        for meaning in self.meanings.values():
            for variable in getattr(meaning, "of", ()):
                check_name(variable)
        self._lines = []

    def _add_meaning(self, name, meaning, later):
        if name in FUNCTIONS or name in CONSTANTS or name in self.given.names:
            raise ValueError(f"{name}: this name is taken; choose another")
        if not isinstance(meaning, (*DISTRIBUTIONS, str)):
            raise TypeError(
                f"{name}: expected gaussian(mean, cov), another distribution, or an expression in "
                f"quotes, got {meaning!r}"
            )
        pattern = parse(name)
        if not isinstance(pattern, (ast.Name, ast.Call)):
            raise ValueError(f"{name[:60]}: expected a name such as r, or a pattern such as p(x|z)")
        if isinstance(meaning, str):
            meaning = parse(meaning)
            if names_in(meaning) & set(later):
                raise ValueError(f"{name}: an abbreviation uses only abbreviations before it")
        self.meanings[ast.unparse(pattern)] = meaning

    def line(self, text, reason=""):
        """Add a line, ``"= expression"``; the first line has no relation in front."""
        for name, value in {"text": text, "reason": reason}.items():
            if not isinstance(value, str):
                raise TypeError(f"{name}: expected a string, got {value!r}")
        label = self.number + _letters(len(self._lines))
        self._lines.append(read_line(label, text, reason, not self._lines, self._indices()))

    def _indices(self):
        """How many indices an entry of a parameter has: 1 of a vector, 2 of a matrix."""
        return {
            name: 1 if kind.is_vector else 2
            for name, kind in self.given.kinds.items()
            if kind.dimensions and not kind.variables
        }

    @property
    def lines(self):
        return tuple(self._lines)

    @property
    def style(self):
        """What the typesetter has to know: which names are vectors, and each variable."""
        vectors = {name for name, kind in self.given.kinds.items() if kind.is_vector}
        variables = {
            name: meaning.of[0]
            for name, meaning in self.meanings.items()
            if isinstance(meaning, DISTRIBUTIONS)
        }
        return Style(frozenset(vectors), variables)

    def check(self):
        """Compare the lines at all cases.

        Returns
        -------
        Report
            True in ``report.ok`` where all lines hold; displays itself as mathematics with ticks.
        """
        if not self._lines:
            raise ValueError("this derivation has no lines yet: add one with .line(...)")
        return check(self)

    def __repr__(self):
        return "\n".join(plain_rows(self))

    def _repr_latex_(self):
        return derivation_latex(self)


def _letters(position):
    """a, b, …, z, aa, ab, …"""
    rest, last = divmod(position, 26)
    return (_letters(rest - 1) if rest else "") + ascii_lowercase[last]
