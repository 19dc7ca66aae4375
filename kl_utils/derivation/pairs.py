"""What follows from a normal p(z) and a normal p(x|z) whose mean is linear in z.

Then p(x) and p(z|x) are normal, too, and p(x, z) is the product of the two given.
"""

import ast

from . import trees
from .degrees import degree
from .distributions import Derived, Gaussian, LinearGaussian
from .parsing import parse
from .scope import Scope


def with_pairs(meanings):
    """Meanings with those that follow from them; what is given stays as it is given."""
    found = {}
    for key, likelihood in meanings.items():
        match ast.parse(key, mode="eval").body:
            case ast.Call(
                func=ast.Name(id=p),
                args=[ast.BinOp(left=ast.Name(id=x), op=ast.BitOr(), right=ast.Name(id=z))],
            ):
                prior = meanings.get(f"{p}({z})", meanings.get(p))
                if _are_linear(meanings, prior, likelihood, x, z):
                    found |= _what_follows(LinearGaussian(prior, likelihood), p, x, z)
    return found | meanings


def _are_linear(meanings, prior, likelihood, x, z):
    if not (isinstance(prior, Gaussian) and isinstance(likelihood, Gaussian)):
        return False
    if (prior.of, likelihood.of) != ((z,), (x,)):
        return False
    reached = {
        part: trees.names_reached(part, meanings)
        for part in (*prior.parameters, *likelihood.parameters)
    }
    if z in reached[likelihood.cov] or any(x in names for names in reached.values()):
        return False
    if any(z in reached[part] for part in prior.parameters):
        return False
    return degree(Scope({}, meanings), likelihood.mean, {z: 1}) in (0, 1)


def _what_follows(pair, p, x, z):
    both = parse(f"{p}({x}|{z})*{p}({z})")
    return {
        f"{p}({x})": Derived(pair, (x,)),
        f"{p}({z} | {x})": Derived(pair, (z,), x),
        f"{p}({x}, {z})": both,
        f"{p}({z}, {x})": both,
    }
