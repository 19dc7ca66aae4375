"""What divergences, entropies and variances are expectations of, as trees."""

import ast

from . import trees
from .tables import sides_of_bar


def square(body):
    """The tree of f²."""
    return trees.binary(body, ast.Pow(), ast.Constant(value=2), f"({body.source})**2")


def log_ratio(scope, source, q, p):
    """The tree of log q(z) − log p(z)."""
    return trees.binary(log_at(scope, q, q), ast.Sub(), log_at(scope, p, q), source)


def log_at(scope, distribution, q):
    """The tree of log p(z), at the variables of q; ``p(z|x)`` is taken as it stands."""
    if isinstance(distribution, ast.Name):
        if isinstance(q, ast.Call):
            variables = sides_of_bar(q.args)[0]
        else:
            variables = [trees.name(name) for name in getattr(scope.meaning_of(q), "of", ())]
        distribution = trees.call(distribution.id, variables)
    return trees.call("log", [distribution], f"log({distribution.source})")
