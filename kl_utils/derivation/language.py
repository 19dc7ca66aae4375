"""The small language in which the lines of a derivation are written.

A line such as ``"= (tr(Sigma) + T(mu)@mu - n - log(det(Sigma)))/2"`` is parsed by Python's own
parser into a tree, and everything that is not on the short list below is refused. Nothing is ever
run as Python: `typeset` turns the tree into LaTeX, `evaluate` into numbers.
"""

import ast
import difflib
import re
import unicodedata
import warnings
from dataclasses import dataclass
from typing import NamedTuple


class Fault(ValueError):
    """What is wrong with a line, in a sentence for its author; code stands in `backticks`."""


class Function(NamedTuple):
    usage: str
    arguments: range
    meaning: str


def _function(usage, fewest, most=None):
    signature, meaning = usage.split(": ", 1)
    return Function(signature, range(fewest, (most or fewest) + 1), meaning)


FUNCTIONS = {
    "T": _function("T(x): transpose", 1),
    "inv": _function("inv(A): inverse matrix", 1),
    "det": _function("det(A): determinant", 1),
    "tr": _function("tr(A): trace", 1),
    "diag": _function("diag(s): diagonal matrix with the entries of a vector", 1),
    "log": _function("log(x): natural logarithm", 1),
    "exp": _function("exp(x): exponential function", 1),
    "sqrt": _function("sqrt(x): square root", 1),
    "abs": _function("abs(x): absolute value", 1),
    "normal": _function("normal(z, m, S): normal density at z, mean m, covariance S", 3),
    "E": _function("E(f): expectation for z ~ q; E_p(f) for z ~ p", 1, 2),
    "Var": _function("Var(f): variance for z ~ q; Var_p(f) for z ~ p", 1, 2),
    "mean": _function("mean(f): average over random draws z_s ~ q; mean_p(f) for z_s ~ p", 1, 2),
    "KL": _function("KL(q, p): divergence, evaluated from its definition", 2),
    "H": _function("H(q): entropy; H(q, p) is the cross-entropy -E(log(p(z)))", 1, 2),
    "Sum": _function("Sum(f, i, n): sum over i = 1, …, n; Sum(f, z) over a finite variable", 2, 3),
    "Prod": _function("Prod(f, i, n): product over i = 1, …, n", 2, 3),
    "Int": _function("Int(f, z): integral over the real line; Int(f, z, a, b) from a to b", 2, 4),
    "D": _function("D(f, mu): derivative, for a vector the gradient", 2),
}
CONSTANTS = {"pi": "the circle constant", "I": "the identity matrix"}
UNDER_A_DISTRIBUTION = {"E", "Var", "mean"}  # E(f) means E_q(f)
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult)
RELATIONS = {"=": "=", "==": "=", "<=": "<=", ">=": ">=", "~": "~", "≤": "<=", "≥": ">=", "≈": "~"}

_LONGEST, _DEEPEST = 1000, 60
GREEK = {unicodedata.name(c).split()[-1].lower(): c for c in "αβγδεζηθικμνξπρστυφχψω"}
GREEK |= {unicodedata.name(c).split()[-1].title(): c for c in "ΓΔΘΞΠΣΥΦΨΩ"}
GREEK |= {"lam": "λ", "Lam": "Λ", "eps": "ε"}  # `lambda` is a word of Python
_TYPED = {letter: name for name, letter in reversed(GREEK.items())}
_TYPED |= {"−": "-", "·": "*", "×": "*", "²": "**2", "³": "**3"}
_ALSO_KNOWN_AS = {
    "ln": "log",
    "trace": "tr",
    "transpose": "T",
    "inverse": "inv",
    "sum": "Sum",
    "prod": "Prod",
    "integral": "Int",
    "integrate": "Int",
    "diff": "D",
    "grad": "D",
    "expectation": "E",
    "entropy": "H",
    "N": "normal",
    "identity": "I",
}


@dataclass(frozen=True)
class Line:
    """A line as its author wrote it, and as it was read.

    ``relation`` is ``=``, ``<=``, ``>=``, ``~``, or None on the first line. Where the line could
    not be read, ``tree`` may be None and ``fault`` says why.
    """

    label: str
    text: str
    reason: str
    relation: str | None
    tree: ast.expr | None
    fault: str = ""


def read_line(label, text, reason, is_first):
    """Read ``"<= a + b"``: a relation, which the first line lacks, and an expression."""
    pattern = r"\s*(==|<=|>=|=|~|≤|≥|≈)?(.*)"
    sign, expression = re.fullmatch(pattern, text, flags=re.DOTALL).groups()
    relation, tree, fault = RELATIONS.get(sign), None, ""
    try:
        tree = parse(expression)
        if is_first and relation:
            raise Fault("The first line has no line above it. Begin with what you start from.")
        if not is_first and not relation:
            raise Fault("How does this line relate to the one above? Begin with =, <=, >= or ~.")
    except Fault as found:
        fault = str(found)
    return Line(label, text, reason, relation, tree, fault)


def parse(text):
    """Parse one expression into a checked tree.

    Parameters
    ----------
    text : str
        An expression, without the relation in front. Greek letters may be typed as such.

    Returns
    -------
    ast.expr
        A tree of numbers, names, ``+ - * / ** @``, subscripts and calls. Every node has the text
        it came from in ``node.source``. Shorthands are written out: ``log_q(z)`` has become
        ``log(q(z))``, and ``E(f)``, ``E_p(f)`` have become ``E(f, q)``, ``E(f, p)``.

    Raises
    ------
    Fault
        If the text is not an expression of the language.
    """
    text = " ".join("".join(_TYPED.get(character, character) for character in text).split())
    if not text:
        raise Fault("There is nothing on this line.")
    if len(text) > _LONGEST:
        raise Fault(f"This line is longer than {_LONGEST} characters. Split it into steps.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's own remarks on odd spellings
            tree = ast.parse(text, mode="eval").body
        for node in ast.walk(tree):
            node.source = ast.get_source_segment(text, node)
        if _depth(tree) > _DEEPEST:
            raise Fault("This line is nested too deeply. Split it into steps.")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise error if isinstance(error, Fault) else Fault(_why_unreadable(text)) from None
    _refuse_python(tree)
    return _WriteOut().visit(tree)


def unknown_name(name, known):
    """A fault for a name that nobody has given, with a suggestion where one is near."""
    suggestion = _ALSO_KNOWN_AS.get(name)
    if suggestion is None:
        suggestion = next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.6)), None)
    hint = f" Did you mean `{suggestion}`?" if suggestion else f" Known are {_listed(known)}."
    return Fault(f"I do not know the name `{name}`.{hint}")


def names_in(tree):
    """All names that a tree mentions."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _listed(names):
    return ", ".join(f"`{name}`" for name in sorted(names))


def _depth(node):
    return 1 + max((_depth(child) for child in ast.iter_child_nodes(node)), default=0)


def _why_unreadable(text):
    if re.search(r"\blambda\b", text):
        return "`lambda` is a word of Python. Write `lam` for the Greek letter."
    if re.search(r"[<>=!]", text):
        return "There is a second relation inside this line. Write one relation a line, in front."
    if text.count("(") != text.count(")"):
        opened, closed = text.count("("), text.count(")")
        return f"The brackets do not match: {opened} opened, {closed} closed."
    if re.search(r"[\w)\]]\s+[\w(]|\d[A-Za-z_]", text):
        return "Two things stand side by side. Write `*` between factors, as in `2*mu`."
    return "I cannot read this line. Is an operator, a comma or a bracket missing?"


def _refuse_python(tree):
    """Raise a Fault at the first node that is not part of the language."""
    conditionings = {
        id(node.args[-1]) for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args
    }
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=bool() | str() | bytes() | complex() | None):
                raise Fault(f"`{node.source}` is not a real number.")
            case ast.Attribute():
                raise Fault(f"The dot in `{node.source}` is not part of the language.")
            case ast.Compare():
                raise Fault(_why_unreadable("="))
            case ast.BinOp(op=ast.BitXor()):
                raise Fault("Powers are written with two stars: `x**2`, not `x^2`.")
            case ast.BinOp(op=ast.BitOr()) if id(node) not in conditionings:
                raise Fault(
                    "A bar stands only in `p(z|x)`. Write `abs(x)` for an absolute value and "
                    "`det(A)` for a determinant."
                )
            case ast.BinOp(op=op) if not isinstance(op, (*OPERATORS, ast.BitOr)):
                raise Fault(f"I do not know the operator in `{node.source}`.")
            case ast.Name(id=name) if name.startswith("__"):
                raise Fault(f"`{name}` belongs to Python, not to this language.")
            case ast.Call(func=func, keywords=keywords) if keywords or not isinstance(
                func, ast.Name
            ):
                raise Fault(f"I cannot read `{node.source}`. Is a `*` missing before a bracket?")
            case ast.Call(func=ast.Name(id=name), args=args) if name in FUNCTIONS:
                function = FUNCTIONS[name]
                if len(args) not in function.arguments:
                    raise Fault(f"`{node.source}`: write `{function.usage}`.")
            case ast.Subscript(value=value) if not isinstance(value, ast.Name):
                raise Fault(f"Only a name can have an index, as in `mu[i]`: `{node.source}`.")
            case ast.Tuple() if not _is_index(node, tree):
                raise Fault(f"There is a comma too many in `{node.source}`.")
            case (
                ast.expr_context()
                | ast.operator()
                | ast.USub()
                | ast.UAdd()
                | ast.UnaryOp(op=ast.USub() | ast.UAdd())
                | ast.BinOp()
                | ast.Name()
                | ast.Call()
                | ast.Constant()
                | ast.Subscript()
                | ast.Tuple()
            ):
                pass
            case _:
                source = getattr(node, "source", None) or type(node).__name__
                raise Fault(f"`{source}` is Python, not part of this small language.")


def _is_index(node, tree):
    subscripts = (other for other in ast.walk(tree) if isinstance(other, ast.Subscript))
    return any(subscript.slice is node for subscript in subscripts)


class _WriteOut(ast.NodeTransformer):
    """Write out the shorthands: log_q(z), E(f), E_p(f)."""

    def visit_Call(self, node):
        self.generic_visit(node)
        name = node.func.id
        function, _, subscript = name.partition("_")
        if function == "log" and subscript:
            inner = self._call(subscript, node.args, node)
            return self._call("log", [inner], node)
        if function in UNDER_A_DISTRIBUTION and len(node.args) == 1:
            under = ast.copy_location(ast.Name(id=subscript or "q", ctx=ast.Load()), node)
            under.source = under.id
            return self._call(function, [*node.args, under], node)
        return node

    @staticmethod
    def _call(name, args, like):
        call = ast.Call(func=ast.Name(id=name, ctx=ast.Load()), args=args, keywords=[])
        call.source = like.source
        return call
