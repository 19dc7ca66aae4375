"""What the names on a line mean, and the value that an expression has then.

Every value has shape ``(..., rows, columns)``. In front of rows and columns stand the cases, and in
front of those one axis for the nodes of each expectation or integral around: so all cases of equal
dimensions are evaluated at once.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ..panels import Signed
from . import logarithms, operations, tables, trees
from .advice import unknown_name
from .densities import density
from .derivatives import derivative_by_number
from .distributions import Finite, density_of
from .functions import FUNCTIONS
from .journal import Journal, Noise
from .ranges import not_too_large, not_too_small
from .sums import few_scopes
from .vocabulary import CONSTANTS, Fault

_POWER = 10  # the work of a power, in multiplications
_DEEPEST = 4  # expectations, sums, integrals and derivatives inside one another


@dataclass(frozen=True)
class Scope:
    """What the names mean, and how to integrate.

    Attributes
    ----------
    values : mapping of str to ndarray, shape (..., rows, columns)
    meanings : mapping of str to a distribution, or an expression that the name abbreviates
    batch, width : int
        How many axes stand in front of rows and columns, and how many cases and nodes they hold.
    route : int
        0 or 1: of two ways to integrate, which share no node.
    noise : Noise or None
        Where given, the result of every operation is changed by about 10⁻¹⁴ of itself. How much the
        value of a line changes tells how many of its digits rounding leaves.
    seed, draws : int
        For the random draws of ``mean(f)``.
    depth : int
        How many expectations, sums, integrals and derivatives stand around.
    between_counts : bool
        Do probabilities of whole numbers have values between them, as in the tail of a sum?
    journal : Journal
        What happened on the way.
    """

    values: Mapping
    meanings: Mapping
    batch: int = 1
    width: int = 1
    route: int = 0
    noise: Noise | None = None
    seed: int = 0
    draws: int = 10_000
    depth: int = 0
    between_counts: bool = False
    journal: Journal = field(default_factory=Journal)

    def value(self, tree):
        """The value of a tree.

        Returns
        -------
        ndarray, shape (..., rows, columns)

        Raises a `Fault` if a name is unknown or the shapes do not fit.
        """
        value = self._value(tree)
        self.journal.add_work(value.size)
        return self.shake(value) if isinstance(tree, (ast.BinOp, ast.Call)) else value

    def shake(self, value):
        """A value, changed in its last digits where rounding is to be made visible."""
        return value * (1 + self.noise.like(value)) if self.noise else value

    def _value(self, node):
        match node:
            case ast.Constant(value=value):
                return np.array([[float(value)]])
            case ast.Name(id=name):
                return self.look_up(name)
            case ast.UnaryOp(op=op, operand=operand):
                return self.value(operand) * (-1 if isinstance(op, ast.USub) else 1)
            case ast.BinOp(op=ast.BitOr()):
                raise Fault(f"The bar in `{node.source}` stands only in conditional probabilities.")
            case ast.BinOp(left=left, op=op, right=right):
                operation = operations.OPERATIONS[type(op)]
                if self.depth:
                    operation = operations.INSIDE_SUMS.get(type(op), operation)
                exact = isinstance(op, ast.Pow)  # an exponent that is a whole number must stay one
                a, b = self.value(left), (self.unshaken() if exact else self).value(right)
                self.journal.add_work(_POWER * max(a.size, b.size) if exact else 0)
                value = operation(node.source, a, b, self.journal.troubles)
                if self.depth:
                    return value
                return not_too_small(node.source, op, value, a, b, self.journal.troubles)
            case ast.Subscript(value=ast.Name(id=name), slice=position):
                positions = position.elts if isinstance(position, ast.Tuple) else [position]
                at = [self.whole_number(part) for part in positions]
                value = self.values[name] if name in self.values else self.look_up(name)
                return operations.entry(node.source, value, at)
            case ast.Call(func=ast.Name(id=name), args=args) if name in FUNCTIONS:
                value = FUNCTIONS[name].value(self, node.source, *args)
                if self.depth or name not in ("Gamma", "det"):
                    return value
                return not_too_large(node.source, value, self.journal.troubles)
            case ast.Call():
                return density(self, node)
        raise Fault(f"`{node.source}` is not part of the language.")

    def look_up(self, name):
        """The value of a name."""
        if name == "pi":
            return np.array([[np.pi]])
        if name in self.values:
            return self.values[name]
        meaning = self.meanings.get(name)
        if isinstance(meaning, ast.expr):
            return self.value(meaning)
        if meaning is not None:
            written = density_of(name, meaning).source
            raise Fault(f"`{name}` is a distribution. Its density is written `{written}`.")
        if name in FUNCTIONS:
            raise Fault(f"`{name}` is a function: write `{FUNCTIONS[name].usage}`.")
        if name.removeprefix("log_") in self.meanings:
            raise Fault(f"`{name}` is a function: write `{name}(z)`.")
        if self.is_variable(name):
            raise Fault(f"`{name}` has a value only inside an expectation such as `E(…)`.")
        raise unknown_name(name, {*self.values, *self.meanings} - {*CONSTANTS})

    def meaning_of(self, node):
        """What ``q``, ``q(z)`` or ``p(x|z)`` stands for; a pattern comes before a plain name."""
        name = node.func.id if isinstance(node, ast.Call) else trees.variable_name(node)
        meaning = self.meanings.get(trees.text_of(node), self.meanings.get(name))
        if meaning is None and name in self.values:
            raise Fault(f"`{name}` is no distribution. A product is written `{name}*(…)`.")
        if meaning is None and isinstance(node, ast.Call):
            raise unknown_name(name, self.meanings, is_function=True)
        if meaning is None and self.is_variable(name):
            raise Fault(f"`{name}` is a variable; a distribution belongs here.")
        patterns = [key for key in self.meanings if key.startswith(f"{name}(")]
        if meaning is None and len(patterns) > 1:
            raise Fault(f"`{name}` names several densities. Say which, such as `{patterns[0]}`.")
        if meaning is None and patterns and "|" not in patterns[0]:
            return self.meanings[patterns[0]]
        if meaning is None:
            raise Fault(f"No distribution `{name}` is given. Add `{name}=gaussian(…)`.")
        return meaning

    def whole_number(self, node):
        """The value of a tree that has to be a whole number, the same in all cases."""
        value = self.unshaken().value(node)
        number = value.flat[0]
        is_whole = np.isfinite(number) and number == np.round(number)
        if not (operations.is_number(value) and (value == number).all() and is_whole):
            raise Fault(f"`{node.source}` is not a whole number, as an index or a limit must be.")
        return round(number)

    def is_variable(self, name):
        """Is this what one of the distributions is over?"""
        return any(name in getattr(meaning, "of", ()) for meaning in self.meanings.values())

    # What a tree alone says, and what is known of its names

    def abbreviated(self, node):
        """The tree that ``t`` or ``p(x, z)`` abbreviates, or None."""
        if isinstance(node, ast.Call) and node.func.id == "D":
            return self.derivative(node)
        meaning = self._meaning(node)
        return meaning if isinstance(meaning, ast.expr) else None

    def derivative(self, node):
        """The tree of ``D(f, x)`` by the rules of calculus, where x is a number; else None."""
        memo, name = self.journal.memo, getattr(node.args[1], "id", None)
        if ("D", node) not in memo:
            memo["D", node] = None
            if name in self.values and not self.is_matrix(name) and self.values[name].ndim > 2:
                memo["D", node] = derivative_by_number(self, node.args[0], name)
        return memo["D", node]

    def is_matrix(self, name):
        """Is this a vector or a matrix, and no number?"""
        if name not in self.values:
            return name == "I"
        return not operations.is_number(self.values[name])

    def distribution(self, node):
        """What ``q`` or ``q(z)`` stands for, where it is a distribution, or None."""
        meaning = self._meaning(node)
        return None if isinstance(meaning, ast.expr) else meaning

    def _meaning(self, node):
        match node:
            case ast.Name(id=name):
                return None if name in self.values else self.meanings.get(name)
            case ast.Call(func=ast.Name(id=name)) if name not in FUNCTIONS:
                return self.meanings.get(trees.text_of(node), self.meanings.get(name))
        return None

    def is_finite(self, node):
        """Is this ``q(z)`` of a distribution over finitely many outcomes?"""
        return isinstance(self._meaning(node), Finite)

    def names_reached(self, tree):
        """All names that a tree depends on, also through distributions and abbreviations."""
        memo = self.journal.memo
        if tree not in memo:
            memo[tree] = trees.names_reached(tree, self.meanings)
        return memo[tree]

    def kinks(self, function, arguments):
        """The trees at whose zeros a function is not smooth."""
        row = FUNCTIONS.get(function)
        return row.kinks(*arguments) if row and row.kinks else ()

    def in_logarithms(self, function):
        """The rule of a function for values as signs and logarithms, or None."""
        return FUNCTIONS[function].in_logarithms if function in FUNCTIONS else None

    def log(self, tree):
        """The logarithm of a value, of densities without forming them."""
        return logarithms.signed_value(self, tree).log

    def few_scopes(self, source, index, *limits):
        """The scopes of a short sum, or none."""
        return few_scopes(self, source, index, *limits)

    def has_value(self, tree):
        """Are all names of a tree bound to values?"""
        return trees.names_in(tree) <= {*self.values}

    def believe(self, result, believed, too_hard=False):
        """A `Signed` that has no value where it is not believed; the journal says why."""
        if not np.all(believed):
            self.journal.unsettled |= not too_hard
            self.journal.too_hard |= too_hard
        return Signed(np.where(believed, result.sign, np.nan), result.log)

    def shaken(self):
        """This scope, with the rounding of every operation made visible."""
        return replace(self, noise=self.noise or Noise(3))

    def shake_logarithm(self, log):
        """A logarithm, changed as its rounding and that of the number may have changed it."""
        if not self.noise:
            return log
        return log + self.noise.like(log) * np.maximum(1, abs(log) / 50)

    def unshaken(self):
        return replace(self, noise=None) if self.noise else self

    def with_bound(self, *names):
        """This scope, for what a tree says alone, where variables are bound but have no value."""
        return replace(self, values={**self.values, **dict.fromkeys(names, np.zeros((1, 1)))})

    def bind(self, name, value, nodes=None):
        """The scope inside an expectation, a sum or an integral, where ``name`` is ``value``.

        With ``nodes``, the value runs through that many of them along a new first axis.
        """
        if self.depth == _DEEPEST:
            raise Fault(f"More than {_DEEPEST} sums, expectations or integrals are nested.")
        inner = replace(self, values={**self.values, name: value}, depth=self.depth + 1)
        if nodes is None:
            return inner
        return replace(inner, batch=self.batch + 1, width=self.width * nodes)

    def table(self, name):
        """The table of a finite distribution."""
        table = self.meanings[name].table
        if table is None:
            return self.values[name]
        if isinstance(table, ast.Name) and table.id in self.values:
            return self.values[table.id]  # `pi` is a number elsewhere
        return self.value(table)

    def outcomes(self, name):
        """How many values the variable of a finite distribution has."""
        found = {
            table: tables.outcomes(self, self.table(table), meaning)[meaning.of.index(name)]
            for table, meaning in self.meanings.items()
            if isinstance(meaning, Finite) and name in meaning.of
        }
        if len(set(found.values())) == 1:
            return next(iter(found.values()))
        if found:
            sizes = ", ".join(f"{size} under `{table}`" for table, size in found.items())
            raise Fault(f"`{name}` has different numbers of outcomes: {sizes}. Rename one of them.")
        raise Fault(f"Up to where does `{name}` run? Write `Sum(f, {name}, n)`.")
