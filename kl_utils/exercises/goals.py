"""The rules for a last line: what may stand in it. They walk its tree, whatever its text."""

import ast

from ..derivation.functions import FUNCTIONS
from ..derivation.trees import names_in
from ..derivation.vocabulary import CONSTANTS

CLOSED = {"T", "inv", "det", "tr", "diag", "log", "exp", "sqrt", "abs", "sign", "step"}
CLOSED |= {"max", "min", "Gamma", "lgamma", "digamma"}
_OVER_INDEX = {"Sum", "Prod"}


def faults(tree, frame, formal, allows=()):
    """Yield, in sentences, what keeps a tree from being a last line.

    In it may stand the letters of the frame, numbers and elementary functions; sums only over an
    index up to one of the whole numbers given; and the functions and densities that ``allows``
    names.
    """
    tree = formal.expand(tree)
    letters = {*frame.given.names, *CONSTANTS}
    bound = set()
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func.id
        if function in allows:
            bound |= names_in(node) - letters
        elif function in _OVER_INDEX and len(node.args) == 3:
            limit = node.args[2]
            if not (isinstance(limit, ast.Name) and limit.id in frame.given.whole):
                yield f"A `{function}` in the last line runs up to a whole number that is given."
            bound |= names_in(node.args[1])
        elif function not in CLOSED:
            bound |= names_in(node) - letters
            what = "is still to be worked out" if function in FUNCTIONS else "is no closed form"
            yield f"The last line is not finished: `{function}(…)` {what}."
    loose = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called
    }
    for letter in sorted(loose - letters - bound):
        yield f"The last line uses `{letter}`, which is not among the letters given."
