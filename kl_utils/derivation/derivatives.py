"""Derivatives of expressions, by the rules of calculus, as expressions.

The derivative along a direction is linear in it, so one set of rules serves numbers, vectors and
matrices: the derivative of the variable is the direction, 1 for a number.
"""

import ast

from . import definitions, trees
from .densities import formula_at
from .distributions import GIVEN_BY_USER, Gaussian
from .operations import infinity
from .vocabulary import Fault

ONE = ast.Constant(value=1.0)
ONE.source = "1"


class NoRule(Exception):
    """There is no rule for this derivative: it has to be taken by differences."""


def differentiate(scope, tree, name, direction=ONE):
    """The derivative of a tree by ``name`` along a direction, as a tree; None where it is 0.

    Raises
    ------
    NoRule
        If an expectation under what depends on ``name``, or another function without a rule, is in
        the tree.
    """
    return _Rules(scope, name, direction).of(tree)


def derivative_by_number(scope, tree, name):
    """The derivative by a number as a tree, or None where there is no rule."""
    try:
        return differentiate(scope, tree, name) or trees.number(0.0)
    except NoRule:
        return None


class _Rules:
    def __init__(self, scope, name, direction, is_inside=False):
        self.scope, self.name, self.direction = scope, name, direction
        self.is_inside = is_inside  # of a sum, an integral or an expectation

    def of(self, tree):
        if self.name not in self.scope.names_reached(tree):
            return None
        if abbreviated := self.scope.abbreviated(tree):
            return self.of(abbreviated)
        match tree:
            case ast.Name(id=name):
                return self.direction if name == self.name else None
            case ast.UnaryOp(op=ast.UAdd(), operand=a):
                return self.of(a)
            case ast.UnaryOp(operand=a):
                return _minus(self.of(a))
            case ast.BinOp(left=a, op=ast.Add(), right=b):
                return _plus(self.of(a), self.of(b))
            case ast.BinOp(left=a, op=ast.Sub(), right=b):
                return _plus(self.of(a), _minus(self.of(b)))
            case ast.BinOp(left=a, op=ast.Mult() | ast.MatMult() as op, right=b):
                return _plus(_product(self.of(a), op, b), _product(a, op, self.of(b)))
            case ast.BinOp(left=a, op=ast.Div(), right=b):
                fraction = _quotient(_times(a, self.of(b)), b)
                return _plus(_quotient(self.of(a), b), _minus(_quotient(fraction, b)))
            case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
                return self._power(tree, base, exponent)
            case ast.Subscript(slice=place) if isinstance(self.direction, ast.Name):
                if tree.value.id == self.name and not self._varies(place):
                    entry = ast.Subscript(value=self.direction, slice=place, ctx=ast.Load())
                    return _with_source(entry)
            case ast.Call(func=ast.Name(id=function), args=args):
                return self._function(tree, function, args)
        raise NoRule

    def _varies(self, *parts):
        return any(self.name in self.scope.names_reached(part) for part in parts)

    def _power(self, tree, base, exponent):
        if self._varies(exponent):
            return _times(tree, self.of(_times(exponent, _call("log", base))))
        if not self._is_number(base):
            raise NoRule
        return _times(_times(exponent, _lowered(base, exponent)), self.of(base))

    def _is_number(self, tree):
        """Is this a number for sure, not a matrix?"""
        entry = isinstance(tree, ast.Subscript)
        return entry or not any(self.scope.is_matrix(name) for name in trees.names_in(tree))

    def _function(self, tree, function, args):
        match function, args:
            case (("T" | "tr" | "diag"), [a]):
                return _call(function, self.of(a))
            case "inv", [a]:
                return _minus(_matmul(_matmul(tree, self.of(a)), tree))
            case "det", [a]:
                return _times(tree, _call("tr", _matmul(_call("inv", a), self.of(a))))
            case "exp", [a]:
                return _times(tree, self.of(a))
            case "log", [a]:
                return self._of_log(a)
            case "sqrt", [a]:
                return _quotient(self.of(a), _times(trees.number(2.0), tree))
            case "abs", [a]:
                return _times(_quotient(tree, a), self.of(a))
            case (("max" | "min"), [a, b]):
                return self._of_extreme(function, a, b)
            case (("sign" | "step"), [a]):
                raise Fault(f"`{tree.source}` jumps, and has no derivative where it does.")
            case "lgamma", [a]:
                return _times(_call("digamma", a), self.of(a))
            case "Gamma", [a]:
                return _times(_times(tree, _call("digamma", a)), self.of(a))
            case (("Sum" | "Int"), [body, variable, *limits]) if not self._varies(*limits):
                inner = self._inside(body, variable.id)
                return inner and trees.call(function, [inner, variable, *limits], tree.source)
            case "E", [body, distribution] if not self._varies_distribution(distribution):
                inner = self._inside(body, *self.scope.distribution(distribution).of)
                return inner and trees.call("E", [inner, distribution], tree.source)
            case "E", [body, distribution]:
                return self._of_expectation(body, distribution)
            case "Var", [body, distribution]:
                first = trees.call("E", [body, distribution])
                second = trees.call("E", [definitions.square(body), distribution])
                return _plus(self.of(second), _minus(self.of(definitions.square(first))))
            case "KL", [q, p]:
                ratio = definitions.log_ratio(self.scope, tree.source, q, p)
                return self.of(trees.call("E", [ratio, q]))
            case "H", [q, *p]:
                log = definitions.log_at(self.scope, *(p or [q]), q)
                return _minus(self.of(trees.call("E", [log, q])))
            case "normal", _:
                return _times(tree, self._of_log(tree))
        if isinstance(self.scope.distribution(tree), Gaussian):
            return _times(tree, self._of_log(tree))
        if isinstance(self.scope.distribution(tree), GIVEN_BY_USER):
            return _times(tree, self._of_formula(tree))
        raise NoRule

    def _of_formula(self, tree):
        """The derivative of the logarithm of a density that is given by a formula."""
        given = self.scope.distribution(tree)
        formula = formula_at(self.scope, tree, given)
        ends = [end for end in (given.low, given.high) if not infinity(end)]
        moves = ends and self._varies(trees.left_of_bar(tree.args[0]))
        if formula is None or self._varies(*ends) or (moves and self.is_inside):
            raise NoRule  # a sum or an integral also varies with the limits of a density in it
        return self._of_log(formula)

    def _of_extreme(self, function, a, b):
        """max(a, b) = ½ (a + b + |a − b|), and min with a minus: no derivative where a = b."""
        gap = _call("abs", _binary(a, ast.Sub(), b))
        both = _binary(a, ast.Add(), b)
        whole = _binary(both, ast.Add() if function == "max" else ast.Sub(), gap)
        return self.of(_quotient(whole, trees.number(2.0)))

    def _inside(self, body, *bound):
        """The derivative of what stands behind a sum or integral sign, which binds variables."""
        if self.name in bound:
            return None
        return _Rules(self.scope.with_bound(*bound), self.name, self.direction, True).of(body)

    def _of_expectation(self, body, distribution):
        """Under a normal q that varies: ∂ E_q[f] = E_q[∂f + f ∂ log q], whatever f is."""
        normal = self.scope.distribution(distribution)
        if not isinstance(normal, Gaussian) or self.name in normal.of:
            raise NoRule
        inside = _Rules(self.scope.with_bound(*normal.of), self.name, self.direction)
        score = inside._of_log_normal(trees.name(normal.of[0]), normal.mean, normal.cov)
        return trees.call("E", [_plus(inside.of(body), _times(body, score)), distribution])

    def _varies_distribution(self, distribution):
        given = self.scope.distribution(distribution)
        return given is None or self._varies(distribution, *given.parameters)

    def _of_log(self, tree):
        """The derivative of log(tree): a sum over its factors."""
        if not self._varies(tree):
            return None
        if abbreviated := self.scope.abbreviated(tree):
            return self._of_log(abbreviated)
        match tree:
            case ast.BinOp(left=a, op=ast.Mult(), right=b):
                return _plus(self._of_log(a), self._of_log(b))
            case ast.BinOp(left=a, op=ast.Div(), right=b):
                return _plus(self._of_log(a), _minus(self._of_log(b)))
            case ast.Call(func=ast.Name(id="exp"), args=[a]):
                return self.of(a)
            case ast.Call(func=ast.Name(id="det"), args=[a]):
                return _call("tr", _matmul(_call("inv", a), self.of(a)))
            case ast.Call(func=ast.Name(id="normal"), args=[point, mean, cov]):
                return self._of_log_normal(point, mean, cov)
            case ast.Call() if isinstance(self.scope.distribution(tree), GIVEN_BY_USER):
                return _times(_quotient(tree, tree), self._of_formula(tree))  # there is none at 0
            case ast.Call(args=[point]) if isinstance(self.scope.distribution(tree), Gaussian):
                normal = self.scope.distribution(tree)
                return self._of_log_normal(trees.left_of_bar(point), normal.mean, normal.cov)
        return _quotient(self.of(tree), tree)

    def _of_log_normal(self, point, mean, cov):
        """log N(z; m, S) = −½ log det S − ½ rᵀ S⁻¹ r + …, with r = z − m."""
        is_zero = isinstance(mean, ast.Constant) and mean.value == 0  # of any dimension
        r = point if is_zero else _binary(point, ast.Sub(), mean)
        scaled = _matmul(_call("inv", cov), r)
        along = _plus(self.of(point), None if is_zero else _minus(self.of(mean)))
        of_mean = _minus(_matmul(_call("T", along), scaled))
        spread = self.of(cov)
        if spread is None:
            return of_mean
        volume = _call("tr", _matmul(_call("inv", cov), spread))
        square = _matmul(_matmul(_call("T", scaled), spread), scaled)
        half = _quotient(_plus(square, _minus(volume)), trees.number(2.0))
        return _plus(of_mean, half)


# Trees put together; None is 0


def _with_source(tree):
    tree.source = ast.unparse(tree)
    return tree


def _binary(a, op, b):
    return _with_source(ast.BinOp(left=a, op=op, right=b))


def _call(function, argument):
    return None if argument is None else trees.call(function, [argument])


def _lowered(base, exponent):
    """base^(exponent − 1)."""
    if not isinstance(exponent, ast.Constant):
        return _binary(base, ast.Pow(), _binary(exponent, ast.Sub(), ONE))
    if exponent.value == 2:
        return base
    return _binary(base, ast.Pow(), trees.number(exponent.value - 1))


def _plus(a, b):
    if a is None or b is None:
        return a if b is None else b
    return _binary(a, ast.Add(), b)


def _minus(a):
    return None if a is None else _with_source(ast.UnaryOp(op=ast.USub(), operand=a))


def _product(a, op, b):
    if a is None or b is None:
        return None
    if a is ONE or b is ONE:
        return a if b is ONE else b
    return _binary(a, op, b)


def _times(a, b):
    return _product(a, ast.Mult(), b)


def _matmul(a, b):
    return _product(a, ast.MatMult(), b)


def _quotient(a, b):
    return None if a is None else _binary(a, ast.Div(), b)
