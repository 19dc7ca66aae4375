"""Where the two points lie that stand for draws from a distribution."""

import ast
from dataclasses import replace

from ..derivation import between, real, vector
from ..derivation.distributions import Density, Derived, Gaussian
from ..derivation.trees import call, name, names_in
from .readings import back, step, substitute

NUMBER = between(1 / 2, 3 / 2)


def moved(meaning, by, trees):
    """A conditional distribution, given a point in place of each variable."""
    match meaning:
        case Gaussian(mean, cov, of):
            return Gaussian(substitute(mean, trees), substitute(cov, trees), of)
        case Derived(given=given):
            return replace(meaning, given=by.get(given, given))
    return replace(meaning, density=substitute(meaning.density, trees))


def places_of(meaning, points, reading, given, variables):
    """Where two points lie: letters that are free, and expressions that names stand for.

    For z ~ N(m, S) they are z₁ = m + S u and z₂ = m − S u w/(1 − w), with a letter u. In one
    dimension √S takes the place of S, and u is the same for all: so z = m + √S ε holds formally.
    Where m depends on one of the variables, or these are None, both points are letters, and so
    they are, between the limits, where the density is given by a formula.
    """
    if isinstance(meaning, Density):
        return _between(meaning, points)
    if isinstance(meaning, Derived):
        return dict.fromkeys(points, _kind_of_points(meaning.parameters, given)), {}
    kind = _kind_of_points((meaning.cov, meaning.mean), given)
    if variables is None or names_in(meaning.mean) & variables:
        return dict.fromkeys(points, kind), {}
    u = name(f"{points[0]}u")
    far = ast.BinOp(meaning.cov, ast.MatMult(), u)
    if kind is NUMBER:
        u = name(step(reading))
        far = ast.BinOp(call("sqrt", [meaning.cov]), ast.Mult(), u)
    steps = [far, ast.BinOp(back(reading), ast.Mult(), far)]
    if not isinstance(meaning.mean, ast.Constant):  # "0" also stands for the zero vector
        steps = [ast.BinOp(meaning.mean, ast.Add(), far) for far in steps]
    return {u.id: kind}, dict(zip(points, map(with_sources, steps), strict=True))


def _between(meaning, points):
    """Two points between the limits of a density."""
    low, high = meaning.low, meaning.high
    letters = {f"{point}u": between(0, 1) for point in points}
    if "inf" in names_in(high) and "inf" in names_in(low):
        return dict.fromkeys(points, real()), {}
    places = {}
    for point, u in zip(points, map(name, letters), strict=True):
        far = ast.BinOp(u, ast.Mult(), ast.Constant(3))
        if "inf" in names_in(low):
            places[point] = ast.BinOp(high, ast.Sub(), far)
        elif "inf" in names_in(high):
            places[point] = ast.BinOp(low, ast.Add(), far)
        else:
            width = ast.BinOp(high, ast.Sub(), low)
            places[point] = ast.BinOp(low, ast.Add(), ast.BinOp(width, ast.Mult(), u))
    return letters, {point: with_sources(place) for point, place in places.items()}


def _kind_of_points(parameters, given):
    """Numbers or vectors, as the draws from a distribution are."""
    sizes = [kind.dimensions[0] for kind in given.kinds.values() if kind.dimensions]
    for letter in [letter for tree in parameters for letter in sorted(names_in(tree))]:
        kind = given.kinds.get(letter)
        if kind and kind.dimensions:
            return vector(kind.dimensions[0])
        if letter == "I" and sizes:
            return vector(sizes[0])
    return NUMBER


def with_sources(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and getattr(node, "source", None) is None:
            node.source = "this"
    return tree
