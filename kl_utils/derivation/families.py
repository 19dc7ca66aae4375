"""The distributions that a derivation can be given: normal ones, named ones, and any others.

A distribution in one variable is given by a formula, with `density` or `mass`; the named ones are
such formulas. All arguments are expressions in quotes.
"""

from .distributions import Density, Finite, Gaussian, Mass
from .operations import infinity
from .parsing import parse


def gaussian(mean, cov, of="z"):
    """N(mean, cov) for the variable ``of``.

    Both are expressions: ``"mu"``, ``"Sigma"``; ``"sigma**2"`` in one dimension. The mean ``"0"``
    stands for the zero vector and the covariance ``"I"`` for the identity matrix.
    """
    _check_texts(mean=mean, cov=cov)
    return Gaussian(parse(mean), parse(cov), (of,))


def density(formula, low="-inf", high="inf", of="z"):
    """A distribution of one real variable, given by its density.

    Parameters
    ----------
    formula : str
        The density as an expression in the variable ``of``. A check says so where it does not
        integrate to 1, or is negative.
    low, high : str
        The limits of the support; outside the density is 0. They may depend on parameters.
    of : str
        The name of the variable.

    Examples
    --------
    >>> given = Given(lam=positive())
    >>> q = density("lam*exp(-lam*z)", low="0", high="inf", of="z")
    >>> d = Derivation("1.1", given, q=q)
    >>> d.line("H(q)")
    >>> d.line("= 1 - log(lam)")
    >>> d.check().ok
    True
    """
    _check_texts(formula=formula, low=low, high=high, of=of)
    low, high = parse(low, is_limit=True), parse(high, is_limit=True)
    if infinity(low) > 0 or infinity(high) < 0:
        raise ValueError("low, high: a support runs upwards, from low to high")
    return Density(parse(formula), low, high, (of,))


def mass(formula, low="0", high="inf", of="z"):
    """A distribution of a whole number, given by its probabilities.

    Parameters
    ----------
    formula : str
        The probability as an expression in the variable ``of``. A check says so where they do not
        add up to 1, or one is negative.
    low, high : str
        The first and the last value that is possible. The last may be ``"inf"``, or a whole number
        among the parameters.
    of : str
        The name of the variable.
    """
    _check_texts(formula=formula, low=low, high=high, of=of)
    low, high = parse(low, is_limit=True), parse(high, is_limit=True)
    if infinity(low) or infinity(high) < 0:
        raise ValueError("low, high: a count runs upwards, from a whole number on")
    return Mass(parse(formula), low, high, (of,))


def bernoulli(theta, of="z"):
    """The variable is 1 with probability ``theta``, else 0."""
    theta = _in_brackets(theta=theta)
    return mass(f"{theta}**{of}*(1 - {theta})**(1 - {of})", low="0", high="1", of=of)


def categorical(probabilities, of="z"):
    """The variable is k with the k-th of the probabilities, a vector: ``categorical("pi")``."""
    _check_texts(probabilities=probabilities)
    return Finite((of,), (), parse(probabilities))


def exponential(rate, of="z"):
    """The exponential distribution, with mean 1/rate."""
    rate = _in_brackets(rate=rate)
    return density(f"{rate}*exp(-{rate}*{of})", low="0", of=of)


def laplace(mean, scale, of="z"):
    """The Laplace distribution, with variance 2·scale²."""
    mean, scale = _in_brackets(mean=mean, scale=scale)
    return density(f"exp(-abs({of} - {mean})/{scale})/(2*{scale})", of=of)


def gamma_density(shape, rate, of="z"):
    """The gamma distribution, with mean shape/rate."""
    a, b = _in_brackets(shape=shape, rate=rate)
    log = f"{a}*log({b}) - lgamma({a}) + ({a} - 1)*log({of}) - {b}*{of}"
    return density(f"exp({log})", low="0", of=of)


def beta_density(a, b, of="z"):
    """The beta distribution on the interval from 0 to 1, with mean a/(a + b)."""
    a, b = _in_brackets(a=a, b=b)
    powers = f"({a} - 1)*log({of}) + ({b} - 1)*log(1 - {of})"
    return density(
        f"exp({powers} + lgamma({a} + {b}) - lgamma({a}) - lgamma({b}))", low="0", high="1", of=of
    )


def student(nu, of="z"):
    """Student's t distribution with ``nu`` degrees of freedom."""
    nu = _in_brackets(nu=nu)
    height = f"lgamma(({nu} + 1)/2) - lgamma({nu}/2) - log({nu}*pi)/2"
    return density(f"exp({height} - ({nu} + 1)/2*log(1 + {of}**2/{nu}))", of=of)


def poisson(rate, of="z"):
    """The Poisson distribution, with mean rate."""
    rate = _in_brackets(rate=rate)
    return mass(f"exp({of}*log({rate}) - {rate} - lgamma({of} + 1))", of=of)


def _in_brackets(**texts):
    """Expressions to be put into formulas: each is read alone first; one, or a list of them."""
    _check_texts(**texts)
    for text in texts.values():
        parse(text)
    brackets = [f"({text})" for text in texts.values()]
    return brackets if len(brackets) > 1 else brackets[0]


def _check_texts(**texts):
    for name, value in texts.items():
        if not isinstance(value, str):
            raise TypeError(f"{name}: expected an expression in quotes, got {value!r}")
