"""Proofs by a general method: definitions, densities written out, moments, and the goal.

All that it knows of a task is its frame. Means of polynomials of degree two come from one rule: the
mean of u'Av is that at the mean of z, plus the trace of A with the covariance between v and u.
"""

import ast
import copy

import numpy as np

from kl_utils.derivation.distributions import Derived, Gaussian, density_of
from kl_utils.derivation.parsing import parse
from kl_utils.derivation.scope import Scope
from kl_utils.derivation.trees import names_in

ZERO = ast.Constant(0)


def proof(task):
    """The lines of a proof, from the frame's first line to the goal."""
    first, *texts = map(ast.unparse, worked_out(task.frame.first, task.frame))
    fresh = [text for above, text in zip([first, *texts], texts, strict=False) if text != above]
    return [*(f"= {text}" for text in fresh), f"{task.relation} {task.goal}"]


def worked_out(text, frame):
    """Four trees: of a text, with definitions, with densities, and with means worked out."""
    trees = [parse(text)]
    for step in (by_definition, with_densities, with_moments):
        trees.append(step(trees[-1], frame))
    return trees


def lines(texts):
    """Lines as an answer holds them."""
    return {"lines": [{"text": text, "reason": ""} for text in texts]}


class Rewriting(ast.NodeTransformer):
    """Rewrites calls from the inside out, by the method named after the function."""

    def __init__(self, frame):
        self.frame, self.meanings = frame, frame.bare.meanings

    def rewrite(self, tree):
        return ast.parse(ast.unparse(self.visit(copy.deepcopy(tree))), mode="eval").body

    def visit_Call(self, node):
        self.generic_visit(node)
        change = getattr(self, f"call_{node.func.id}", None)
        return change(node) if change else node

    def meaning(self, distribution):
        """What a distribution stands for, or None where it is none."""
        text = ast.unparse(distribution)
        return self.meanings.get(text, self.meanings.get(text.partition("(")[0]))


# Definitions


def by_definition(tree, frame):
    """Divergences and entropies as expectations of logarithms."""
    return _Definitions(frame).rewrite(tree)


class _Definitions(Rewriting):
    def call_KL(self, node):
        q, p = node.args
        return _call("E", _minus(self._log(q, q), self._log(p, q)), _plain(q))

    def call_H(self, node):
        q, p = node.args[0], node.args[-1]
        return ast.UnaryOp(ast.USub(), _call("E", self._log(p, q), _plain(q)))

    def _log(self, density, at):
        is_name = isinstance(density, ast.Name)
        return _call("log", density_of(density.id, self.meaning(at)) if is_name else density)


def _plain(distribution):
    """q for q(z)."""
    is_call = isinstance(distribution, ast.Call)
    return distribution.func if is_call else distribution


# Densities


def with_densities(tree, frame):
    """Logarithms of normal densities, written out."""
    return _Densities(frame).rewrite(tree)


class _Densities(Rewriting):
    def call_log(self, node):
        density = node.args[0]
        meaning = self.meaning(density) if isinstance(density, ast.Call) else None
        if meaning is None:
            return self._split(node, density)
        if isinstance(meaning, Derived):
            return self._by_bayes(meaning)
        variable = ast.Name(meaning.of[0])
        return log_normal(variable, meaning.mean, meaning.cov, self.frame)

    def _split(self, node, inner):
        """The logarithm of a product or ratio of densities."""
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Mult | ast.Div):
            sign = ast.Add() if isinstance(inner.op, ast.Mult) else ast.Sub()
            sides = (self.call_log(_call("log", side)) for side in (inner.left, inner.right))
            return ast.BinOp(next(sides), sign, next(sides))
        return node

    def _by_bayes(self, derived):
        """log p(z|x) as log p(x|z) + log p(z) − log p(x), for numbers x and z; or log p(x)."""
        prior, likelihood = derived.pair.prior, derived.pair.likelihood
        z, x = ast.Name(prior.of[0]), ast.Name(likelihood.of[0])
        mean = put(likelihood.mean, z.id, prior.mean)
        slope = _minus(
            put(likelihood.mean, z.id, ast.Constant(1)), put(likelihood.mean, z.id, ZERO)
        )
        square = ast.BinOp(slope, ast.Pow(), ast.Constant(2))
        cov = ast.BinOp(ast.BinOp(square, ast.Mult(), prior.cov), ast.Add(), likelihood.cov)
        evidence = log_normal(x, mean, cov, self.frame)
        if not derived.given:
            return evidence
        joint = ast.BinOp(
            log_normal(x, likelihood.mean, likelihood.cov, self.frame),
            ast.Add(),
            log_normal(z, prior.mean, prior.cov, self.frame),
        )
        return _minus(joint, evidence)


def log_normal(z, mean, cov, frame):
    """The logarithm of a normal density, of a number or of a vector."""
    size, texts = size_of(cov, frame), [ast.unparse(part) for part in (z, mean, cov)]
    at, mean, cov = texts
    away = at if mean == "0" else f"({at} - ({mean}))"
    if size == "1":
        return _tree(f"-{away}**2/(2*({cov})) - log(2*pi*({cov}))/2")
    return _tree(f"-(T({away})@inv({cov})@{away})/2 - log((2*pi)**{size}*det({cov}))/2")


def size_of(cov, frame):
    """How many rows a covariance has, as text: the whole number that says it, or 1."""
    group = next(group for group in frame.groups if all(size > 1 for size in group.sizes.values()))
    scope = Scope(group.values | {"I": group.identity}, frame.bare.meanings, width=group.count)
    with np.errstate(all="ignore"):
        rows = scope.value(parse(ast.unparse(cov))).shape[-1]
    return "1" if rows == 1 else next(name for name, size in group.sizes.items() if size == rows)


# Moments


def with_moments(tree, frame):
    """Means of polynomials of degree two, evaluated."""
    return _Moments(frame).rewrite(tree)


class _Moments(Rewriting):
    def call_E(self, node):
        meaning = self.meaning(node.args[1])
        if not isinstance(meaning, Gaussian):
            return node
        try:
            return mean_of(node.args[0], meaning)
        except ValueError:
            return node

    def visit_BinOp(self, node):
        self.generic_visit(node)
        return combined(node.left, node.op, node.right)


def mean_of(tree, normal):
    """The mean of a polynomial under a normal distribution; a ValueError if it is too involved."""
    z = normal.of[0]
    match tree:
        case _ if z not in names_in(tree):
            return tree
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return combined(ZERO, ast.Sub(), mean_of(inner, normal))
        case ast.BinOp(left=a, op=ast.Add() | ast.Sub() as sign, right=b):
            return combined(mean_of(a, normal), sign, mean_of(b, normal))
        case ast.BinOp(left=a, op=ast.Div() as by, right=b) if z not in names_in(b):
            return combined(mean_of(a, normal), by, b)
        case ast.BinOp(left=a, op=ast.Mult() as by, right=b) if z not in names_in(a):
            return combined(a, by, mean_of(b, normal))
        case ast.BinOp(left=u, op=ast.Pow(), right=ast.Constant(value=2)):
            return _mean_of_form([_call("T", u), u], normal)
        case ast.BinOp(op=ast.MatMult()):
            return _mean_of_form(factors(tree), normal)
    return at_mean(tree, normal)


def _mean_of_form(parts, normal):
    """The mean of T(u) @ A @ v, where u and v are linear in z."""
    z = normal.of[0]
    random = [part for part in parts if z in names_in(part)]
    if len(random) == 1:
        return at_mean(_product(parts), normal)
    transposed, *middle, v = parts
    if len(random) > 2 or random != [transposed, v] or transposed.func.id != "T":
        raise ValueError("more than a quadratic form")
    u = transposed.args[0]
    spread = [*middle, slope_of(v, z), normal.cov, _call("T", slope_of(u, z))]
    centre = [at_mean(u, normal), *middle, at_mean(v, normal)]
    is_zero = any(map(_is_zero, centre))
    fixed = ZERO if is_zero else _product([_call("T", centre[0]), *centre[1:]])
    return combined(fixed, ast.Add(), _call("tr", _product(spread)))


def slope_of(tree, z):
    """The matrix B of a linear B @ z + b."""
    match tree:
        case ast.Name(id=name) if name == z:
            return ast.Name("I")
        case ast.BinOp(left=a, op=ast.Add() | ast.Sub() as sign, right=b):
            sides = [slope_of(side, z) if z in names_in(side) else ZERO for side in (a, b)]
            return combined(sides[0], sign, sides[1])
        case ast.BinOp(left=a, op=ast.Mult() | ast.MatMult() as by, right=b):
            if z not in names_in(a):
                return combined(a, by, slope_of(b, z))
    raise ValueError("not linear")


def at_mean(tree, normal):
    """A linear tree at the mean of z."""
    z = normal.of[0]
    match tree:
        case ast.Name(id=name) if name == z:
            return ZERO if ast.unparse(normal.mean) == "0" else normal.mean
        case ast.BinOp(left=a, op=sign, right=b):
            return combined(at_mean(a, normal), sign, at_mean(b, normal))
        case ast.Call(func=ast.Name(id="T"), args=[inner]):
            inner = at_mean(inner, normal)
            return ZERO if _is_zero(inner) else _call("T", inner)
        case _ if z not in names_in(tree):
            return tree
    raise ValueError("not linear")


# Trees


def put(tree, name, by):
    """The tree with a name replaced."""

    class Put(ast.NodeTransformer):
        def visit_Name(self, node):
            return by if node.id == name else node

    return Put().visit(copy.deepcopy(tree))


def combined(a, op, b):
    """A sum or product in which a zero is not written."""
    match op:
        case ast.Add() if _is_zero(a):
            return b
        case ast.Add() | ast.Sub() if _is_zero(b):
            return a
        case ast.Sub() if _is_zero(a):
            return ast.UnaryOp(ast.USub(), b)
        case ast.Mult() | ast.MatMult() | ast.Div() if _is_zero(a) or _is_zero(b):
            return ZERO
    return ast.BinOp(a, op, b)


def factors(tree):
    """The factors of a matrix product."""
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.MatMult):
        return [*factors(tree.left), *factors(tree.right)]
    return [tree]


def _product(parts):
    whole = parts[0]
    for part in parts[1:]:
        whole = ast.BinOp(whole, ast.MatMult(), part)
    return whole


def _is_zero(tree):
    return isinstance(tree, ast.Constant) and tree.value == 0


def _call(function, *args):
    return ast.Call(ast.Name(function), list(args), [])


def _minus(a, b):
    return ast.BinOp(a, ast.Sub(), b)


def _tree(text):
    return ast.parse(text, mode="eval").body
