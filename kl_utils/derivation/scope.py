"""What the names on a line mean, and the value that an expression has then.

Every value has shape ``(..., rows, columns)``. In front of rows and columns stand the cases, and in
front of those one axis for the nodes of each expectation or integral around: so all cases of equal
dimensions are evaluated at once.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ..expectation import DoesNotConverge
from . import operations, trees
from .advice import unknown_name
from .densities import density
from .distributions import Finite, density_of
from .functions import FUNCTIONS
from .vocabulary import CONSTANTS, Fault

MOST_WORK = 150_000_000  # on a line; a fraction of a second
_WIDEST = 2_000_000  # cases times nodes
_DEEPEST = 4  # expectations, sums, integrals and derivatives inside one another
_MOST_TERMS = 50  # of a sum


@dataclass
class Journal:
    """What happened during an evaluation: where numbers were lost, and how much work it was.

    More than ``budget`` is a `Fault`.
    """

    troubles: list = field(default_factory=list)
    diverges: bool = False
    work: int = 0
    budget: int = MOST_WORK

    def add_work(self, value):
        self.work += 2_000 + value.size
        if self.work > self.budget:
            raise Fault("This line takes too much computing. Split it, or sum over fewer terms.")
        return value


@dataclass(frozen=True)
class Scope:
    """What the names mean, and how finely to integrate.

    Attributes
    ----------
    values : mapping of str to ndarray, shape (..., rows, columns)
    meanings : mapping of str to Gaussian, Finite, or an expression that the name abbreviates
    batch, width : int
        How many axes stand in front of rows and columns, and how many cases and nodes they hold.
    level : int
        Of the quadrature rules; a higher one is finer.
    seed, draws : int
        For the random draws of ``mean(f)``.
    depth : int
        How many expectations, sums, integrals and derivatives stand around.
    journal : Journal
        What happened on the way.
    """

    values: Mapping
    meanings: Mapping
    batch: int = 1
    width: int = 1
    level: int = 0
    seed: int = 0
    draws: int = 10_000
    depth: int = 0
    journal: Journal = field(default_factory=Journal)

    def value(self, tree):
        """The value of a tree.

        Returns
        -------
        ndarray, shape (..., rows, columns)

        Raises
        ------
        Fault
            If a name is unknown or the shapes do not fit.
        DoesNotConverge
            If there is no quadrature rule at this level.
        """
        return self.journal.add_work(self._value(tree))

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
                if self.depth and isinstance(op, ast.Mult):
                    operation = operations.times_with_zeros
                a, b = self.value(left), self.value(right)
                return operation(node.source, a, b, self.journal.troubles)
            case ast.Subscript(value=ast.Name(id=name), slice=position):
                positions = position.elts if isinstance(position, ast.Tuple) else [position]
                at = [self.whole_number(part) for part in positions]
                value = self.values[name] if name in self.values else self.look_up(name)
                return operations.entry(node.source, value, at)
            case ast.Call(func=ast.Name(id=name), args=args) if name in FUNCTIONS:
                return FUNCTIONS[name].value(self, node.source, *args)
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
        meaning = self.meanings.get(ast.unparse(node), self.meanings.get(name))
        if meaning is None and name in self.values:
            raise Fault(f"`{name}` is no distribution. A product is written `{name}*(…)`.")
        if meaning is None and isinstance(node, ast.Call):
            raise unknown_name(name, self.meanings, is_function=True)
        if meaning is None and self.is_variable(name):
            raise Fault(f"`{name}` is a variable; a distribution belongs here.")
        if meaning is None:
            raise Fault(f"No distribution `{name}` is given. Add `{name}=gaussian(…)`.")
        return meaning

    def whole_number(self, node):
        """The value of a tree that has to be a whole number, the same in all cases."""
        value = self.value(node)
        number = value.flat[0]
        is_whole = np.isfinite(number) and number == np.round(number)
        if not (operations.is_number(value) and (value == number).all() and is_whole):
            raise Fault(f"`{node.source}` is not a whole number, as an index or a limit must be.")
        return round(number)

    def is_variable(self, name):
        """Is this what one of the distributions is over?"""
        return any(name in getattr(meaning, "of", ()) for meaning in self.meanings.values())

    def bind(self, name, value, nodes=None):
        """The scope inside an expectation, a sum or an integral, where ``name`` is ``value``.

        With ``nodes``, the value runs through that many of them along a new first axis.
        """
        if self.depth == _DEEPEST:
            raise Fault(f"More than {_DEEPEST} sums, expectations or integrals are nested.")
        inner = replace(self, values={**self.values, name: value}, depth=self.depth + 1)
        if nodes is None:
            return inner
        if self.width * nodes > _WIDEST:
            raise DoesNotConverge("the next finer rule has too many nodes")
        return replace(inner, batch=self.batch + 1, width=self.width * nodes)

    def over_index(self, source, index, last=None):
        """The scopes in which an index has its values 1, 2, …, one after the other."""
        name = trees.variable_name(index)
        count = self.whole_number(last) if last else self._outcomes(name)
        if not 1 <= count <= _MOST_TERMS:
            raise Fault(f"`{source}` has {count} terms; 1 to {_MOST_TERMS} are possible.")
        return [self.bind(name, np.array([[which + 1.0]])) for which in range(count)]

    def _outcomes(self, name):
        for table, meaning in self.meanings.items():
            if isinstance(meaning, Finite) and name in meaning.of:
                return self.values[table].shape[meaning.of.index(name) - 2]
        raise Fault(f"Up to where does `{name}` run? Write `Sum(f, {name}, n)`.")
