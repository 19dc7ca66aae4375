"""Reading a line: from its text to a tree of the small language that derivations are written in.

A line such as ``"= (tr(Sigma) + T(mu)@mu - n - log(det(Sigma)))/2"`` is parsed by Python's own
parser into a tree, and everything that is not on the short list below is refused. Nothing is ever
run as Python: a `Style` turns the tree into LaTeX, a `Scope` into numbers.
"""

import ast
import re
import warnings
from dataclasses import dataclass

from . import trees
from .advice import (
    BAR,
    RELATION_INSIDE,
    about_comma,
    about_dot,
    refuse_foreign_signs,
    why_unreadable,
)
from .functions import FUNCTIONS
from .spelling import LONGEST, printable, spelled, typed
from .vocabulary import Fault, why_no_name

OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult)
RELATIONS = {"=": "=", "==": "=", ":=": "=", "≡": "="}
RELATIONS |= {"<=": "<=", "=<": "<=", "≤": "<=", "⩽": "<=", "≦": "<="}
RELATIONS |= {">=": ">=", "≥": ">=", "⩾": ">=", "≧": ">=", "~": "~", "∼": "~", "≈": "~", "≃": "~"}
_SIGN = "[-:]?[<>=!~≠≤⩽≦≥⩾≧≈∼≃≅≡∝→⇒⟹⇔⟺∴]"

_DEEPEST = 60
_LARGEST = 1e300
_LIMITED = {"Int", "Sum", "Prod"}  # where `inf` may stand


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


def begins_with_relation(text):
    """Does a line begin with a relation, or with another sign in its place?"""
    return re.match(rf"\s*{_SIGN}", text) is not None


def read_line(label, text, reason, is_first, indices=None):
    """Read ``"<= a + b"``: a relation, which the first line lacks, and an expression."""
    text, reason = typed(text), printable(reason)
    sign, expression = re.fullmatch(rf"\s*({_SIGN}+)?(.*)", text, flags=re.DOTALL).groups()
    relation, tree, fault = RELATIONS.get(sign), None, ""
    try:
        if sign and not relation:
            raise Fault(f"A line cannot begin with `{sign}`. Begin with =, <=, >= or ~.")
        if sign and re.match(rf"\s+{_SIGN}", expression):
            raise Fault("Two relations stand here, one behind the other. Leave one out.")
        tree = parse(expression, indices)
        if is_first and relation:
            raise Fault(
                f"The first line has no line above it. Leave out `{sign}`, and begin with what you "
                "start from."
            )
        if not is_first and not relation:
            raise Fault("How does this line relate to the one above? Begin with =, <=, >= or ~.")
    except Fault as found:
        fault = str(found)
    return Line(label, text, reason, relation, tree, fault)


def parse(text, indices=None, is_limit=False):
    """Parse one expression into a checked tree.

    Parameters
    ----------
    text : str
        An expression, without the relation in front. Greek letters may be typed as such.
    indices : dict of str to int, optional
        The names that have entries, and with how many indices: for ``σ₁``, which is ``sigma[1]``.
    is_limit : bool
        Is this the limit of a range, which may be ``inf``?

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
    text = spelled(typed(text), indices)
    if not text:
        raise Fault("There is nothing on this line.")
    if len(text) > LONGEST or text.endswith("…"):
        raise Fault(f"This line is longer than {LONGEST} characters. Split it into steps.")
    refuse_foreign_signs(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's own remarks on odd spellings
            tree = ast.parse(text, mode="eval").body
        for node in ast.walk(tree):
            node.source = ast.get_source_segment(text, node)
        if _depth(tree) > _DEEPEST:
            raise Fault("This line is nested too deeply. Split it into steps.")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise error if isinstance(error, Fault) else Fault(why_unreadable(text)) from None
    _refuse_python(tree, is_limit)
    return _WriteOut().visit(tree)


def _depth(node):
    return 1 + max((_depth(child) for child in ast.iter_child_nodes(node)), default=0)


def _refuse_python(tree, is_limit):
    """Raise a Fault at the first node that is not part of the language."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    conditionings = {id(next(filter(trees.has_bar, call.args), None)) for call in calls}
    limits = {id(limit) for node in ast.walk(tree) for limit in _infinite_limits(node)}
    limits |= {id(_unsigned(tree))} if is_limit else set()
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=value) if type(value) not in (int, float):
                raise Fault(f"`{node.source}` is not a real number.")
            case ast.Constant() if not re.fullmatch(r"[\d.]+([eE][-+]?\d+)?", node.source):
                raise Fault(f"`{node.source}` is Python. Write a number as `1000` or `0.5`.")
            case ast.Constant(value=value) if value > _LARGEST:
                raise Fault(f"`{node.source}` is too large a number for a computer.")
            case ast.Attribute(attr=name) | ast.Call(func=ast.Attribute(attr=name)):
                raise Fault(about_dot(node.source, name))
            case ast.Compare():
                raise Fault(RELATION_INSIDE)
            case ast.BinOp(op=ast.BitOr()) if id(node) not in conditionings:
                raise Fault(BAR)
            case ast.BinOp(op=op) if not isinstance(op, (*OPERATORS, ast.BitOr)):
                raise Fault(f"I do not know the operator in `{node.source}`.")
            case ast.Name(id=name) if name.startswith("__"):
                raise Fault(f"`{name}` belongs to Python, not to this language.")
            case ast.Name(id=name) if why := why_no_name(name):
                raise Fault(f"`{name}` {why}.")
            case ast.Name(id="inf") if id(node) not in limits:
                raise Fault(
                    "`inf` is no number: it stands only as a limit, as in `Int(f, z, 0, inf)` and "
                    "`Sum(f, i, 1, inf)`."
                )
            case ast.Call(func=ast.Name(id=name)) if re.fullmatch(r"log_\d+", name):
                raise Fault(f"`log` is the natural one. Write `log(x)/log({name[4:]})`.")
            case ast.Call(func=ast.Name(id=name), args=[ast.BinOp(op=ast.BitOr())]) if (
                _is_under_distribution(name.partition("_")[0])
            ):
                raise Fault(
                    f"`{node.source}`: the condition belongs to the distribution, as in "
                    "`E(f, q(z|x))`."
                )
            case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS:
                function = FUNCTIONS[name]
                if node.keywords or len(node.args) not in function.arity:
                    raise Fault(f"`{node.source}`: write `{function.usage}`.")
            case ast.Call() if node.keywords or not isinstance(node.func, ast.Name):
                raise Fault(f"I cannot read `{node.source}`. Is a `*` missing before a bracket?")
            case ast.Subscript(value=ast.Name(id=name)) if _is_function(name):
                raise Fault(f"Square brackets hold an index. Write `{name}(…)`, with round ones.")
            case ast.Subscript(value=value) if not isinstance(value, ast.Name):
                raise Fault(f"Only a name can have an index, as in `mu[i]`: `{node.source}`.")
            case ast.Tuple() if not _is_index(node, tree):
                raise Fault(about_comma(node.source))
            case ast.List():
                raise Fault(f"`{node.source}`: brackets are round here, also around sums.")
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


def _infinite_limits(node):
    """The nodes of ``inf`` among the limits of an integral, a sum or a product."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[_, _, *limits]) if name in _LIMITED:
            yield from map(_unsigned, limits)


def _unsigned(node):
    while isinstance(node, ast.UnaryOp):
        node = node.operand
    return node


def _is_function(name):
    """Is this the name of a function, as in ``E`` and ``E_q``?

    What begins with a small letter, as in ``mean_q[i]``, may as well be a parameter.
    """
    base = name.partition("_")[0]
    return name in FUNCTIONS or (base[:1].isupper() and _is_under_distribution(base))


def _is_under_distribution(name):
    return name in FUNCTIONS and FUNCTIONS[name].under_distribution


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
            inner = trees.call(subscript, node.args, node.source)
            return trees.call("log", [inner], node.source)
        if _is_under_distribution(function) and len(node.args) == 1:
            under = trees.name(subscript or "q")
            return trees.call(function, [*node.args, under], node.source)
        return node
