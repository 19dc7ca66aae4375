"""The calls that may stand in a frame: kinds of letters and families, with checked arguments."""

import ast
import inspect
from fractions import Fraction
from typing import NamedTuple

from . import families, kinds
from .vocabulary import check_name

# What a letter can be, and a name that stands for a distribution, each as it is written.
KINDS = {
    "real": "real()",
    "positive": "positive()",
    "between": "between(0, 1)",
    "range": "range(1, 6)",
    "vector": 'vector("n")',
    "diagonal": 'diagonal("n")',
    "covariance": 'covariance("n")',
    "matrix": 'matrix("m", "n")',
    "simplex": 'simplex("k")',
    "joint": 'joint("k", "m")',
    "index": 'index("k")',
}
FAMILIES = {
    "gaussian": 'gaussian("mu", "sigma**2")',
    "bernoulli": 'bernoulli("theta")',
    "categorical": 'categorical("pi")',
    "poisson": 'poisson("lam")',
    "exponential": 'exponential("lam")',
    "gamma_density": 'gamma_density("a", "b")',
    "beta_density": 'beta_density("a", "b")',
    "laplace": 'laplace("m", "b")',
    "student": 'student("nu")',
    "density": 'density("lam*exp(-lam*z)", low="0")',
    "mass": 'mass("theta*(1 - theta)**z")',
}
_LARGEST = 10**15  # of a number, as in `given`


def _whole_numbers(first, last):
    return range(first, last)


_FUNCTIONS = {"range": _whole_numbers}
_FUNCTIONS |= {name: getattr(kinds, name) for name in KINDS if name != "range"}
_FUNCTIONS |= {name: getattr(families, name) for name in FAMILIES}


class _NoConstant(ValueError):
    """Something else than a number or a text stands in brackets."""


class Made(NamedTuple):
    """A call such as ``vector("n", positive=True)``, with its arguments."""

    name: str
    arguments: list
    options: dict


def value_of(tree):
    """What the tree of a call or list says.

    Returns
    -------
    Made or list
        Of a call, what must be said stands in ``arguments``, and in ``options`` what may be.

    Raises
    ------
    ValueError
        If an argument is missing, or of a sort that does not fit.
    """
    if isinstance(tree, ast.List | ast.Tuple):
        return [_constant(part) for part in tree.elts]
    name, usage = tree.func.id, f"write it as in {(KINDS | FAMILIES)[tree.func.id]}"
    signature = inspect.signature(_FUNCTIONS[name])
    options = {option.arg: option.value for option in tree.keywords}
    if None in options or len(options) < len(tree.keywords):
        raise ValueError(usage)
    try:
        options = {parameter: _argument(value) for parameter, value in options.items()}
        bound = signature.bind(*map(_argument, tree.args), **options)
    except _NoConstant as error:
        raise ValueError(f"{error}: {usage}") from None
    except TypeError:
        raise ValueError(usage) from None
    fits = _FITS if name in KINDS else {}
    made = Made(name, [], {})
    for parameter, value in bound.arguments.items():
        fit = fits.get(parameter, _is_size if fits else _is_text)
        values = value if isinstance(value, tuple) else (value,)  # of `*sizes`, all of them
        if not all(map(fit, values)):
            raise ValueError(usage)
        if signature.parameters[parameter].default is inspect.Parameter.empty:
            made.arguments.extend(values)
        else:
            made.options[parameter] = value
    for variable in _names(made.options.get("of", [])):
        check_name(variable)
    return made


def made_from(value):
    """The range, `Kind`, distribution or list that a value of `value_of` stands for."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return _FUNCTIONS[value.name](*map(_plain, value.arguments), **value.options)


def _argument(tree):
    """An argument of a call: a constant, or a list of names."""
    if isinstance(tree, ast.List | ast.Tuple):
        return [_constant(part) for part in tree.elts]
    return _constant(tree)


def _names(of):
    return of if isinstance(of, list) else [of]


def _plain(value):
    return float(value) if isinstance(value, Fraction) else value


def _is_text(value):
    return isinstance(value, str)


def _is_flag(value):
    return isinstance(value, bool)


def _is_whole(value):
    return isinstance(value, int) and not _is_flag(value)


def _is_size(value):
    return _is_text(value) or _is_whole(value)


def _is_number(value):
    return _is_whole(value) or isinstance(value, float | Fraction)


def _are_texts(value):
    return all(map(_is_text, _names(value)))


# The sorts of arguments of kinds; the others are sizes, and those of families expressions.
_FITS = {
    "first": _is_whole,
    "last": _is_whole,
    "low": _is_number,
    "high": _is_number,
    "positive": _is_flag,
    "zeros": _is_flag,
    "of": _are_texts,
}


def _constant(tree):
    """A number, fractions and signs included, a text, or whether something is so."""
    match tree:
        case ast.Constant(value=bool() | str() as value):
            return value
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            above, below = _number(left), _number(right)
            if not below:
                raise ValueError("a number is divided by 0")
            whole = isinstance(above, int) and isinstance(below, int)
            return Fraction(above, below) if whole else above / below
    return _number(tree)


def _number(tree):
    match tree:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as inner):
            return -_number(inner)
        case ast.Constant(value=int() | float() as value) if type(value) is not bool:
            if value <= _LARGEST:
                return value
            raise ValueError(f"expected numbers up to {_LARGEST:.0e} in size")
    raise _NoConstant("only numbers, such as 1/2, and texts in quotes can stand in the brackets")
