"""The functions of the language, one row each. To add a function, add a row.

A row says all there is to know of a function: how it is written and what it means, its value and
its LaTeX, how many arguments it takes. A test says which rows the table on the page "Checking a
proof" lacks.
"""

import ast
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from . import densities, integrals, logarithms, operations, special, sums
from . import typeset_functions as latex
from .operations import elementary
from .symbols import Level
from .trees import binary


class Function(NamedTuple):
    """A function of the language.

    Attributes
    ----------
    forms : dict of str to str
        How it is written, and what that means: its rows in the table on the page. Messages show
        the first form, which begins with the function's name.
    value : callable
        ``value(scope, source, *trees)`` returns an array of shape ``(..., rows, columns)``, given
        a `Scope`, the text of the call for messages, and the arguments; see `of_values`.
    latex : callable
        ``latex(style, *trees)`` returns a `Piece`, given a `Style` and the arguments.
    arity : tuple of int
        How many arguments it may be written with.
    under_distribution : bool
        Is ``F(f)`` short for ``F(f, q)``, and ``F_p(f)`` for ``F(f, p)``?
    is_random : bool
        Does the value come from random draws? Then a line with it begins with ``~``.
    in_logarithms : callable or None
        ``in_logarithms(scope, source, *trees)`` returns the value as a `Signed`: for what would
        under- or overflow.
    kinks : callable or None
        ``kinks(*trees)``, given the arguments, returns the trees at whose zeros the function has a
        kink or a jump: ``x`` for ``abs(x)``, ``a - b`` for ``max(a, b)``. An integral is split
        there. None where the function is smooth.
    """

    forms: dict
    value: Callable
    latex: Callable
    arity: tuple = (1,)
    under_distribution: bool = False
    is_random: bool = False
    in_logarithms: Callable | None = None
    kinks: Callable | None = None

    @property
    def usage(self):
        """How to write it, as messages say."""
        return next(iter(self.forms))

    @property
    def name(self):
        """What stands before the bracket."""
        return self.usage.partition("(")[0]


def of_values(operation):
    """The value rule of a function that needs only the values of its arguments.

    ``operation(source, *values, troubles)`` is one of `kl_utils.derivation.operations`.
    """

    def rule(scope, source, *arguments):
        return operation(source, *map(scope.value, arguments), scope.journal.troubles)

    return rule


def _of_positive(name, function):
    return of_values(
        elementary(name, function, lambda x: x > 0, f"{name} of a number that is not positive")
    )


def _at_zero(argument):
    return [argument]


def _where_equal(a, b):
    return [binary(a, ast.Sub(), b, f"{a.source} - {b.source}")]


_ROWS = [
    Function(
        {"T(x)": "transpose"}, of_values(operations.transpose), latex.superscript(r"^\top", "inv")
    ),
    Function({"inv(A)": "inverse"}, of_values(operations.inverse), latex.superscript("^{-1}", "T")),
    Function(
        {"det(A)": "determinant"},
        of_values(operations.determinant),
        latex.prefix(r"\det", Level.ATOM),
    ),
    Function(
        {"tr(A)": "trace"},
        of_values(operations.trace),
        latex.prefix(r"\operatorname{tr}", Level.ATOM),
    ),
    Function(
        {"diag(s)": "diagonal matrix made from a vector"},
        of_values(operations.diagonal_matrix),
        latex.named(r"\operatorname{diag}"),
    ),
    Function({"log(x)": "natural logarithm"}, logarithms.log, latex.prefix(r"\log")),
    Function(
        {"exp(x)": r"exponential function; `exp(1)` is $\mathrm{e}$"},
        of_values(elementary("exp", np.exp)),
        latex.exponential,
        in_logarithms=logarithms.exponential,
    ),
    Function(
        {"sqrt(x)": "square root"},
        of_values(operations.square_root),
        latex.square_root,
        in_logarithms=logarithms.square_root,
    ),
    Function(
        {"abs(x)": "absolute value"},
        of_values(elementary("abs", np.abs)),
        latex.absolute_value,
        in_logarithms=logarithms.absolute_value,
        kinks=_at_zero,
    ),
    Function(
        {"sign(x)": "sign: $-1$, $0$ or $1$"},
        of_values(elementary("sign", np.sign)),
        latex.named(r"\operatorname{sign}"),
        kinks=_at_zero,
    ),
    Function(
        {"step(x)": "indicator: $1$ where $x > 0$, else $0$"},
        of_values(elementary("step", lambda x: np.heaviside(x, 0))),
        latex.indicator,
        kinks=_at_zero,
    ),
    Function(
        {"max(a, b)": "the larger of two numbers"},
        of_values(elementary("max", np.maximum)),
        latex.named(r"\max"),
        arity=(2,),
        kinks=_where_equal,
    ),
    Function(
        {"min(a, b)": "the smaller of two numbers"},
        of_values(elementary("min", np.minimum)),
        latex.named(r"\min"),
        arity=(2,),
        kinks=_where_equal,
    ),
    Function(
        {"Gamma(x)": "gamma function, of a positive number"},
        _of_positive("Gamma", special.gamma),
        latex.named(r"\Gamma"),
    ),
    Function(
        {"lgamma(x)": "its logarithm"},
        _of_positive("lgamma", special.log_gamma),
        latex.named(r"\log \Gamma", Level.PREFIX),
    ),
    Function(
        {"digamma(x)": r"the derivative of $\log \Gamma$, for $x > 0$"},
        _of_positive("digamma", special.digamma),
        latex.named(r"\psi"),
    ),
    Function(
        {"normal(z, m, S)": "normal density at `z` with mean `m` and covariance `S`"},
        densities.normal_density,
        latex.normal_density,
        arity=(3,),
        in_logarithms=logarithms.normal_density,
    ),
    Function(
        {
            "E(f)": r"expectation for $z \sim q$",
            "E_p(f)": r"expectation for $z \sim p$; "
            "where `p` names several densities, `E(f, p(z))`",
        },
        integrals.expectation,
        latex.under(r"\mathbb{E}"),
        arity=(1, 2),
        under_distribution=True,
        in_logarithms=integrals.signed_expectation,
    ),
    Function(
        {"Var(f)": r"variance for $z \sim q$; likewise `Var_p(f)`"},
        integrals.variance,
        latex.under(r"\operatorname{Var}"),
        arity=(1, 2),
        under_distribution=True,
    ),
    Function(
        {"mean(f)": r"average over random draws $z_s \sim q$, after `~`; likewise `mean_p(f)`"},
        integrals.sample_mean,
        latex.sample_mean,
        arity=(1, 2),
        under_distribution=True,
        is_random=True,
    ),
    Function(
        {"KL(q, p)": "divergence, evaluated from its definition"},
        integrals.divergence,
        latex.divergence,
        arity=(2,),
    ),
    Function(
        {"H(q)": "entropy", "H(q, p)": "cross-entropy"},
        integrals.entropy,
        latex.named(r"\operatorname{H}"),
        arity=(1, 2),
    ),
    Function(
        {
            "Sum(f, i, n)": r"sum over $i = 1, \dots, n$; "
            "limits that are usual are left out on the page",
            "Sum(f, i, a, b)": r"sum over $i = a, \dots, b$; `inf` as the last limit is $\infty$",
            "Sum(q(z), z)": "sum over all outcomes of a finite variable",
        },
        sums.sum_over,
        latex.over_index(r"\sum"),
        arity=(2, 3, 4),
        in_logarithms=sums.signed_sum,
    ),
    Function(
        {"Prod(f, i, n)": "product; limits as for a sum"},
        sums.product_over,
        latex.over_index(r"\prod"),
        arity=(2, 3, 4),
        in_logarithms=sums.signed_product,
    ),
    Function(
        {
            "Int(f, z)": "integral over the real line",
            "Int(f, z, a, b)": "integral from `a` to `b`; a limit may be `inf` or `-inf`",
        },
        integrals.integral,
        latex.integral,
        arity=(2, 4),
        in_logarithms=integrals.signed_integral,
    ),
    Function(
        {"D(f, mu)": "derivative with respect to mu: of a vector a gradient, of a matrix a matrix"},
        integrals.derivative,
        latex.derivative,
        arity=(2,),
    ),
]
FUNCTIONS = {function.name: function for function in _ROWS}
