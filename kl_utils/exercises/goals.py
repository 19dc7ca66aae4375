"""The rules for a last line: what may stand in it. They walk its tree, whatever its text."""

import ast

from ..derivation import covariance, diagonal, positive, real, vector
from ..derivation.checking import Comparison
from ..derivation.functions import FUNCTIONS
from ..derivation.parsing import parse
from ..derivation.trees import names_in
from ..derivation.vocabulary import CONSTANTS
from .moments import calls
from .readings import Untold

_ELEMENTARY = {"T", "inv", "det", "tr", "diag", "log", "exp", "sqrt"}
_SPECIAL = {"abs", "max", "min", "sign", "step", "Gamma", "lgamma", "digamma"}
CLOSED = _ELEMENTARY | _SPECIAL
_OVER_INDEX = {"Sum", "Prod"}
_FACTORS = (1, 1 / 37, 41, 1009)
_CAN_BE_SCALED = {
    kind.words
    for kind in (
        real(),
        positive(),
        vector("n"),
        vector("n", positive=True),
        diagonal("n"),
        covariance("n"),
    )
}


def faults(tree, frame, formal, goal, allows=()):
    """Yield, in sentences, what keeps a tree from being a last line.

    In it may stand the letters of the frame, numbers and elementary functions; sums only over an
    index up to one of the whole numbers given; functions such as ``abs`` and ``step``, where the
    first line of the frame or the text of the goal has them; and the functions and densities that
    ``allows`` names.
    """
    tree = formal.expand(tree)
    known = [formal.expand(parse(text)) for text in (frame.first, goal)]
    allows = {*allows, *(_SPECIAL & {call.func.id for tree in known for call in calls(tree)})}
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
        elif function in _SPECIAL:
            yield f"`{function}` has no place in the last line: nothing in this task asks for it."
        elif function not in _ELEMENTARY:
            bound |= names_in(node) - letters
            what = "is still to be worked out" if function in FUNCTIONS else "is no closed form"
            yield f"The last line is not finished: `{function}(…)` {what}."
    loose = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called
    }
    for letter in sorted(loose - letters - bound):
        yield f"The last line uses `{letter}`, which is not among the letters given."


def same_everywhere(tree, goal, formal):
    """Are two finished lines equal, also at values far smaller and larger than those of the cases?

    A term may be 0 at all moderate values, and no case would see it. And the first line may be an
    integral, which is known to fewer digits than the goal.
    """
    comparison = Comparison()
    for factor in _FACTORS:
        groups = [_scaled(group, factor, formal.frame.given.kinds) for group in formal.groups]
        try:
            both = [formal.values(side, groups) for side in (tree, goal)]
        except Untold:  # out of a computer's range
            continue
        for position, values in enumerate(zip(*both, strict=True)):
            comparison.add(position, *values, "=")
    return comparison.failure is None


def _scaled(group, factor, kinds):
    def at(name, stack):
        return stack * factor if name in kinds and kinds[name].words in _CAN_BE_SCALED else stack

    return group._replace(values={name: at(name, stack) for name, stack in group.values.items()})
