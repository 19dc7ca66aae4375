"""The operations of the language on values, with the shapes checked.

A value is an array of shape ``(..., rows, columns)``: a number is 1 × 1, a vector n × 1. Shapes
must fit the way they fit on paper: nothing is stretched, so a vector plus a number is a fault.
What happens to be no number (1/0, log of −1) becomes NaN and is noted in the list ``troubles``.
"""

import ast

import numpy as np

from .vocabulary import Fault

_SYMMETRIC = 1e-8  # how far a covariance may be from that, relative to its largest entry


def shape_in_words(value):
    rows, columns = value.shape[-2:]
    if rows == columns == 1:
        return "a number"
    if columns == 1:
        return f"a column of {rows} entries"
    if rows == 1:
        return f"a row of {columns} entries"
    return f"a {rows} × {columns} matrix"


def is_number(value):
    return value.shape[-2:] == (1, 1)


def is_square(value):
    return value.shape[-2] == value.shape[-1]


def _finite(source, value, operands, troubles):
    """The value, and NaN where it is infinite for no reason but its size."""
    overflow = np.isinf(value)
    if overflow.any():
        overflow = overflow & np.logical_and.reduce(
            np.broadcast_arrays(*(np.isfinite(part) for part in operands))
        )
        if overflow.any():
            troubles.append(f"`{source}` is too large for a computer")
            return np.where(overflow, np.nan, value)
    return value


def distance(a, b):
    """|a − b|, where equal infinities are at distance 0."""
    with np.errstate(invalid="ignore"):
        return np.where(a == b, 0.0, abs(a - b))


def check_shapes(source, op, a, b):
    """Raise a Fault unless two values can be added, multiplied by `*` or divided."""
    if isinstance(op, ast.Add | ast.Sub) and a.shape[-2:] != b.shape[-2:]:
        raise Fault(f"`{source}` combines {shape_in_words(a)} with {shape_in_words(b)}.")
    if isinstance(op, ast.Mult) and not (is_number(a) or is_number(b)):
        raise Fault(
            f"`{source}` multiplies {shape_in_words(a)} by {shape_in_words(b)}. "
            "The matrix product is written `@`; a dot product is `T(x)@y`."
        )
    if isinstance(op, ast.Div) and not is_number(b):
        raise Fault(f"`{source}` divides by {shape_in_words(b)}. Multiply by `inv(…)` instead.")


def add(source, a, b, troubles):
    check_shapes(source, ast.Add(), a, b)
    return _finite(source, a + b, (a, b), troubles)


def subtract(source, a, b, troubles):
    return add(source, a, -b, troubles)


def times(source, a, b, troubles):
    check_shapes(source, ast.Mult(), a, b)
    return _finite(source, a * b, (a, b), troubles)


def times_with_zeros(source, a, b, troubles):
    """The product inside a sum or an integral, where 0·∞ is 0, as in 0·log 0."""
    product = times(source, a, b, troubles)
    if np.isfinite(product).all():
        return product
    return np.where((a == 0) | (b == 0), 0.0, product)


def matrix_product(source, a, b, troubles):
    if a.shape[-1] != b.shape[-2]:
        hint = "Is a transpose `T(…)` missing?"
        if is_number(a) or is_number(b):
            hint = "A number times a matrix is written `*`."
        raise Fault(f"`{source}` multiplies {shape_in_words(a)} by {shape_in_words(b)}. {hint}")
    return a @ b


def divide(source, a, b, troubles):
    check_shapes(source, ast.Div(), a, b)
    if (b == 0).any():
        troubles.append(f"`{source}` divides by zero")
    return np.where(b == 0, np.nan, _finite(source, a / b, (a, b, 1 / b), troubles))


def power(source, a, b, troubles):
    if not is_number(b):
        raise Fault(f"The exponent in `{source}` is {shape_in_words(b)}, not a number.")
    if is_number(a):
        if ((a < 0) & (b != np.round(b))).any():
            troubles.append(f"`{source}` is a root of a negative number")
        if ((a == 0) & (b < 0)).any():
            troubles.append(f"`{source}` divides by zero")
        raised = _finite(source, np.power(a, b), (a, b, 1 / a), troubles)
        return np.where((a == 0) & (b < 0), np.nan, raised)
    if not is_square(a):
        raise Fault(f"`{source}` is a power of {shape_in_words(a)}. Do you mean `T(x)@x`?")
    exponent = b.flat[0]
    if (b != exponent).any() or abs(exponent) > 20 or exponent != round(exponent):
        raise Fault(f"`{source}`: a matrix can be raised to small whole powers only.")
    raised = np.linalg.matrix_power(a, abs(round(exponent)))
    return inverse(source, raised, troubles) if exponent < 0 else raised


def divide_with_zeros(source, a, b, troubles):
    """The quotient inside a sum or an integral, where x/0 is infinite; 0/0 has no value."""
    value = divide(source, a, b, troubles)
    return np.where((b == 0) & (a != 0), np.sign(a) * np.inf, value)


OPERATIONS = {
    ast.Add: add,
    ast.Sub: subtract,
    ast.Mult: times,
    ast.MatMult: matrix_product,
    ast.Div: divide,
    ast.Pow: power,
}


def power_with_zeros(source, a, b, troubles):
    """The power inside a sum or an integral, where a negative one of 0 is infinite."""
    value = power(source, a, b, troubles)
    return np.where((a == 0) & (b < 0), np.inf, value) if is_number(a) else value


INSIDE_SUMS = {
    ast.Mult: times_with_zeros,
    ast.Div: divide_with_zeros,
    ast.Pow: power_with_zeros,
}


def infinity(tree):
    """∞ or −∞, where a limit is ``inf`` or ``-inf``; else 0."""
    match tree:
        case ast.Name(id="inf"):
            return np.inf
        case ast.UnaryOp(op=ast.USub(), operand=ast.Name(id="inf")):
            return -np.inf
    return 0.0


def transpose(source, a, troubles):
    return np.swapaxes(a, -1, -2)


def inverse(source, a, troubles):
    _need_square(source, a)
    singular = (np.linalg.det(a) == 0)[..., None, None]
    if singular.any():
        troubles.append(f"`{source}` has no inverse")
    return np.where(singular, np.nan, np.linalg.inv(np.where(singular, np.eye(a.shape[-1]), a)))


def determinant(source, a, troubles):
    _need_square(source, a)
    return np.linalg.det(a)[..., None, None]


def trace(source, a, troubles):
    _need_square(source, a)
    return np.trace(a, axis1=-2, axis2=-1)[..., None, None]


def diagonal_matrix(source, a, troubles):
    if a.shape[-1] != 1:
        raise Fault(
            f"`{source}` needs a column, not {shape_in_words(a)}. "
            "An entry of a matrix is written `A[i, j]`."
        )
    return a * np.eye(a.shape[-2])


def root(source, cov):
    """The Cholesky factor of a covariance."""
    try:
        return np.linalg.cholesky(cov)
    except np.linalg.LinAlgError:
        raise Fault(f"`{source}`: the covariance is not positive definite.") from None


def _need_square(source, a):
    if not is_square(a):
        raise Fault(f"`{source}` needs a square matrix, not {shape_in_words(a)}.")


def elementary(name, function, allowed=lambda *numbers: True, complaint=""):
    """A function of numbers, with a complaint about those for which it has no value."""

    def rule(source, *arguments):
        *numbers, troubles = arguments
        for a in numbers:
            if not is_number(a):
                hint = f" Do you mean `{name}(det(…))`?" if is_square(a) else ""
                raise Fault(f"`{source}` takes {name} of {shape_in_words(a)}.{hint}")
        if not np.all(allowed(*numbers)):
            troubles.append(f"`{source}` is the {complaint}")
        value = function(*numbers)
        return value if complaint else _finite(source, value, numbers, troubles)

    return rule


NO_LOGARITHM = "`{}` is the logarithm of a number that is not positive"
logarithm = elementary("log", np.log, lambda a: a > 0, "logarithm of a number that is not positive")
square_root = elementary("sqrt", np.sqrt, lambda a: a >= 0, "root of a negative number")


def entry(source, value, at):
    """The entry at positions ``at``, counted from 1 as on paper."""
    rows, columns = value.shape[-2:]
    sizes = (rows, columns) if columns > 1 or len(at) == 2 else (rows,)
    if len(at) != len(sizes):
        raise Fault(f"`{source}`: {shape_in_words(value)} needs {len(sizes)} indices.")
    for which, size in zip(at, sizes, strict=True):
        if not 1 <= which <= size:
            raise Fault(f"`{source}`: there is no entry {which}; entries run from 1 to {size}.")
    row, column = (*at, 1)[:2]
    return value[..., row - 1 : row, column - 1 : column]


def log_normal_density(source, z, mean, cov, troubles):
    """log N(z; mean, cov)."""
    check_normal(source, z, cov)
    check_normal(source, mean, cov)
    distance = z - mean
    if cov.shape[-1] == 1:  # the same, without the cost of linear algebra
        sign, log_det, square = np.sign(cov), np.log(abs(cov)), distance**2 / cov
    else:
        sign, log_det = (part[..., None, None] for part in np.linalg.slogdet(cov))
        square = np.swapaxes(distance, -1, -2) @ (inverse(source, cov, troubles) @ distance)
    if (sign <= 0).any():
        troubles.append(f"the covariance in `{source}` is not positive definite")
    log_volume = np.where(sign > 0, cov.shape[-1] * np.log(2 * np.pi) + log_det, np.nan)
    return -(log_volume + square) / 2


def check_normal(source, vector, cov):
    """Raise a Fault unless the shapes of a vector and a covariance fit."""
    _need_square(source, cov)
    n = cov.shape[-1]
    if n > 1 and (abs(cov - np.swapaxes(cov, -1, -2)) > _SYMMETRIC * abs(cov).max()).any():
        raise Fault(f"`{source}`: the covariance is not symmetric.")
    if vector.shape[-2:] != (n, 1):
        needed = "a number" if n == 1 else f"a column of {n} entries"
        raise Fault(
            f"`{source}`: with {shape_in_words(cov)} as its covariance a normal density "
            f"needs {needed}, not {shape_in_words(vector)}."
        )
