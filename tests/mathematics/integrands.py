"""Integrals that quadrature gets wrong easily, each with its closed form.

Each row is an integral over an interval, or an expectation under a normal distribution. ``text`` is
the same integrand in the language of the derivations, where it can be written there. The true
values are closed forms, evaluated to 40 digits; a divergent integral has none.
"""

from collections.abc import Callable
from dataclasses import dataclass

import mpmath as mp
import numpy as np

inf = float("inf")


@dataclass(frozen=True)
class Integrand:
    name: str
    kind: str
    f: Callable
    closed_form: Callable | None  # None where the integral has no value
    text: str | None = None
    normal: tuple | None = None  # mean and standard deviation: an expectation
    limits: tuple = (-inf, inf)
    size: Callable | None = None  # ∫|f|, where the value itself is 0 or nearly cancels

    @property
    def truth(self):
        with mp.workdps(40):
            return self.closed_form and mp.mpf(self.closed_form())

    @property
    def scale(self):
        """What an error is measured against."""
        with mp.workdps(40):
            return abs(mp.mpf((self.size or self.closed_form)()))


def over(kind, name, f, closed_form, text=None, low=-inf, high=inf, size=None):
    return Integrand(name, kind, f, closed_form, text, None, (low, high), size)


def under(kind, name, f, closed_form, text=None, mean=0, std=1, size=None):
    return Integrand(name, kind, f, closed_form, text, (mean, std), size=size)


def _normal(z, mean, std):
    return np.exp(-(((z - mean) / std) ** 2) / 2) / (std * np.sqrt(2 * np.pi))


def _sech(z):
    return 2 * np.exp(-abs(z)) / (1 + np.exp(-2 * abs(z)))


def _inside(z, low, high):
    return np.where((z > low) & (z < high), 1.0, 0.0)


def _mass(low, high):
    return mp.ncdf(mp.mpf(high)) - mp.ncdf(mp.mpf(low))


# fmt: off
NARROW = [
    under("narrow", "a bump a thousandth wide",
          lambda z: 1000 * np.exp(-((1000 * (z - 1)) ** 2) / 2),
          lambda: mp.exp(-1 / (2 * (1 + mp.mpf("1e-6")))) / mp.sqrt(1 + mp.mpf("1e-6")),
          "1000*exp(-(1000*(z-1))**2/2)"),
    under("narrow", "a bump a hundredth wide",
          lambda z: 100 * np.exp(-((100 * (z - 1)) ** 2) / 2),
          lambda: mp.exp(-1 / (2 * (1 + mp.mpf("1e-4")))) / mp.sqrt(1 + mp.mpf("1e-4")),
          "100*exp(-(100*(z-1))**2/2)"),
    under("narrow", "a likelihood with noise 1/20", lambda z: _normal(0.7, z, 0.05),
          lambda: mp.npdf(mp.mpf("0.7"), 0, mp.sqrt(1 + mp.mpf(1) / 400)),
          "normal(7/10, z, 1/400)"),
    under("narrow", "exp(−z²/(2s²)), s = 10⁻⁶", lambda z: np.exp(-((1e6 * z) ** 2) / 2),
          lambda: 1 / mp.sqrt(1 + mp.mpf(10) ** 12), "exp(-(10**6*z)**2/2)"),
    over("narrow", "exp(−50 (z − 1/3)²)", lambda z: np.exp(-50 * (z - 1 / 3) ** 2),
         lambda: mp.sqrt(mp.pi / 50), "exp(-50*(z-1/3)**2)"),
    over("narrow", "a normal density within ±10⁴", lambda z: _normal(z, 3, 0.05),
         lambda: _mass("-2e5", "2e5"), "normal(z, 3, 1/400)", -(10**4), 10**4),
    over("narrow", "the standard normal density within ±200", lambda z: _normal(z, 0, 1),
         lambda: _mass(-200, 200), "normal(z, 0, 1)", -200, 200),
    over("narrow", "two narrow modes far apart",
         lambda z: 0.3 * _normal(z, -40, 0.01) + 0.7 * _normal(z, 55, 0.02), lambda: 1,
         "3/10*normal(z, -40, 1/10**4) + 7/10*normal(z, 55, 4/10**4)"),
    over("narrow", "a wide mode with a narrow one on it",
         lambda z: 0.5 * _normal(z, 0, 1) + 0.5 * _normal(z, 1.5, 0.001), lambda: 1,
         "normal(z, 0, 1)/2 + normal(z, 3/2, 1/10**6)/2"),
    over("narrow", "a narrow Cauchy density", lambda z: 1 / ((z - 1 / 3) ** 2 + 1e-6),
         lambda: 1000 * mp.pi, "1/((z-1/3)**2 + 1/10**6)"),
    over("narrow", "a narrow sech²", lambda z: _sech((z - 12.345) / 0.002) ** 2,
         lambda: 2 * mp.mpf("0.002"), "4/(exp(500*(z-2469/200)) + exp(-500*(z-2469/200)))**2"),
    over("narrow", "a density 10⁻⁸ wide at 0", lambda z: _normal(z, 0, 1e-8), lambda: 1,
         "normal(z, 0, 1/10**16)"),
]
SHIFTED = [
    over("shifted", "mean 100", lambda z: _normal(z, 100, 1), lambda: 1, "normal(z, 100, 1)"),
    over("shifted", "mean −1000, narrow", lambda z: _normal(z, -1000, 0.5), lambda: 1,
         "normal(z, -1000, 1/4)"),
    over("shifted", "a Cauchy density at 1000", lambda z: 1 / (1 + (z - 1000) ** 2),
         lambda: mp.pi, "1/(1 + (z-1000)**2)"),
    under("shifted", "exp(8 z − 32): the mass lies at 8", lambda z: np.exp(8 * z - 32), lambda: 1,
          "exp(8*z - 32)"),
    under("shifted", "exp(30 z − 450): the mass lies at 30", lambda z: np.exp(30 * z - 450),
          lambda: 1, "exp(30*z - 450)"),
    under("shifted", "the square under a narrow normal far off", lambda z: z**2,
          lambda: 2500 + mp.mpf("0.01") ** 2, "z**2", 50, 0.01),
]
HEAVY = [
    over("heavy", "1/(1 + z²)", lambda z: 1 / (1 + z**2), lambda: mp.pi, "1/(1+z**2)"),
    over("heavy", "1/(1 + z²)²", lambda z: (1 + z**2) ** -2.0, lambda: mp.pi / 2, "1/(1+z**2)**2"),
    over("heavy", "1/(1 + z⁴)", lambda z: 1 / (1 + z**4), lambda: mp.pi / mp.sqrt(2),
         "1/(1+z**4)"),
    over("heavy", "Student, 3 degrees of freedom", lambda z: (1 + z**2 / 3) ** -2.0,
         lambda: mp.pi * mp.sqrt(3) / 2, "1/(1+z**2/3)**2"),
    over("heavy", "a tail like |z|^(−3/2)", lambda z: (1 + z**2) ** -0.75,
         lambda: mp.sqrt(mp.pi) * mp.gamma(mp.mpf(1) / 4) / mp.gamma(mp.mpf(3) / 4),
         "1/(1+z**2)**(3/4)"),
    over("heavy", "log(1 + z²)/(1 + z²)", lambda z: 2 * np.log(np.hypot(1, z)) / (1 + z**2),
         lambda: 2 * mp.pi * mp.log(2), "log(1+z**2)/(1+z**2)"),
    over("heavy", "(1 + |z|)⁻³ from 0", lambda z: (1 + abs(z)) ** -3.0, lambda: mp.mpf(1) / 2,
         "1/(1+abs(z))**3", 0),
    over("heavy", "1/z² from 1", lambda z: z**-2.0, lambda: 1, "1/z**2", 1),
]
OSCILLATING = [
    over("oscillating", "cos(3 z) exp(−z²/2)", lambda z: np.cos(3 * z) * np.exp(-(z**2) / 2),
         lambda: mp.sqrt(2 * mp.pi) * mp.exp(mp.mpf(-9) / 2)),
    under("oscillating", "cos(20 z), which cancels", lambda z: np.cos(20 * z),
          lambda: mp.exp(-200), size=lambda: 2 / mp.pi),
    under("oscillating", "cos²(50 z)", lambda z: np.cos(50 * z) ** 2,
          lambda: (1 + mp.exp(-5000)) / 2),
    over("oscillating", "cos z/(1 + z²)", lambda z: np.cos(z) / (1 + z**2), lambda: mp.pi / mp.e),
    over("oscillating", "cos(200 z) from 0 to 1", lambda z: np.cos(200 * z),
         lambda: mp.sin(200) / 200, low=0, high=1, size=lambda: 2 / mp.pi),
]
STEPPED = [
    under("stepped", "beyond 0.3", lambda z: _inside(z, 0.3, inf),
          lambda: mp.ncdf(-mp.mpf("0.3")), "step(z-3/10)"),
    under("stepped", "between 2 and 2.001", lambda z: _inside(z, 2, 2.001),
          lambda: _mass("2", "2.001"), "step(z-2)*step(2001/1000-z)"),
    under("stepped", "below 1.7 in size, times z²", lambda z: _inside(abs(z), -1, 1.7) * z**2,
          lambda: _mass("-1.7", "1.7") - mp.mpf("3.4") * mp.npdf(mp.mpf("1.7")),
          "step(17/10-abs(z))*z**2"),
    over("stepped", "1 within ±1", lambda z: _inside(z, -1, 1), lambda: 2, "step(1-z)*step(1+z)"),
    over("stepped", "1 within 10⁻³ of 70", lambda z: _inside(z, 69.999, 70.001),
         lambda: 2 * mp.mpf("0.001"), "step(z-69999/1000)*step(70001/1000-z)"),
    over("stepped", "⌊z⌋ from 0 to 10", np.floor, lambda: 45, low=0, high=10),
    over("stepped", "exp(−z) beyond 1", lambda z: np.where(z > 1, np.exp(-z), 0),
         lambda: mp.exp(-1), "step(z-1)*exp(-z)", 0),
]
KINKED = [
    under("kinked", "|z|", abs, lambda: mp.sqrt(2 / mp.pi), "abs(z)"),
    under("kinked", "max(z − ½, 0)", lambda z: np.maximum(z - 0.5, 0),
          lambda: mp.npdf(mp.mpf(1) / 2) - mp.ncdf(-mp.mpf(1) / 2) / 2, "max(z - 1/2, 0)"),
    under("kinked", "log|z|", lambda z: np.log(abs(z)), lambda: -(mp.euler + mp.log(2)) / 2,
          "log(abs(z))"),
    over("kinked", "Laplace at 1", lambda z: np.exp(-abs(z - 1)), lambda: 2, "exp(-abs(z-1))"),
    over("kinked", "a narrow Laplace density at 7", lambda z: 500 * np.exp(-1000 * abs(z - 7)),
         lambda: 1, "500*exp(-1000*abs(z-7))"),
    over("kinked", "|z − π| within ±10", lambda z: abs(z - np.pi), lambda: 100 + mp.pi**2,
         "abs(z-pi)", -10, 10),
    over("kinked", "√|z| within ±1", lambda z: np.sqrt(abs(z)), lambda: mp.mpf(4) / 3,
         "sqrt(abs(z))", -1, 1),
]
HALF_LINE = [
    over("half-line", "exp(−z)", lambda z: np.exp(-z), lambda: 1, "exp(-z)", 0),
    over("half-line", "z⁹ exp(−z)", lambda z: np.exp(9 * np.log(z) - z), lambda: mp.factorial(9),
         "z**9*exp(-z)", 0),
    over("half-line", "exp(−z)/√z, infinite at 0", lambda z: np.exp(-z) / np.sqrt(z),
         lambda: mp.sqrt(mp.pi), "exp(-z)/sqrt(z)", 0),
    over("half-line", "log z exp(−z)", lambda z: np.log(z) * np.exp(-z), lambda: -mp.euler,
         "log(z)*exp(-z)", 0),
    over("half-line", "exp(3 z) to 0", lambda z: np.exp(3 * z), lambda: mp.mpf(1) / 3, "exp(3*z)",
         high=0),
    over("half-line", "a rate of 10⁻⁶", lambda z: np.exp(-z / 1e6), lambda: mp.mpf(10) ** 6,
         "exp(-z/10**6)", 0),
    over("half-line", "a normal density from 5", lambda z: _normal(z, 0, 1), lambda: mp.ncdf(-5),
         "normal(z, 0, 1)", 5),
]
SIZES = [
    over("tiny", "a product of 30 densities", lambda z: (2 * np.pi) ** -15.0 * np.exp(-15 * z**2),
         lambda: (2 * mp.pi) ** -15 * mp.sqrt(mp.pi / 15), "normal(z, 0, 1)**30"),
    over("tiny", "10⁻²⁰⁰ exp(−z²)", lambda z: 1e-200 * np.exp(-(z**2)),
         lambda: mp.sqrt(mp.pi) * mp.mpf(1e-200), "exp(-z**2)/10**200"),
    under("tiny", "the square of a standard deviation 10⁻⁶", lambda z: z**2,
          lambda: mp.mpf(1e-6) ** 2, "z**2", 0, 1e-6),
    under("tiny", "10⁻³⁰ z²", lambda z: 1e-30 * z**2, lambda: mp.mpf(1e-30), "z**2/10**30"),
    over("huge", "10²⁰⁰ exp(−z²)", lambda z: 1e200 * np.exp(-(z**2)),
         lambda: mp.sqrt(mp.pi) * mp.mpf(1e200), "10**200*exp(-z**2)"),
    under("huge", "the square under a mean of 10⁶", lambda z: z**2, lambda: mp.mpf(10) ** 12 + 1,
          "z**2", 10**6, 1),
    over("huge", "a density 10⁸ wide", lambda z: _normal(z, 0, 1e8), lambda: 1,
         "normal(z, 0, 10**16)"),
]
PLAIN = [
    over("plain", "exp(−z²)", lambda z: np.exp(-(z**2)), lambda: mp.sqrt(mp.pi), "exp(-z**2)"),
    over("plain", "sech z", _sech, lambda: mp.pi, "2/(exp(z)+exp(-z))"),
    over("plain", "z exp(−z²), odd", lambda z: z * np.exp(-(z**2)), lambda: 0, "z*exp(-z**2)",
         size=lambda: 1),
    over("plain", "z² from 0 to 3", lambda z: z**2, lambda: 9, "z**2", 0, 3),
    over("plain", "0", lambda z: 0 * z, lambda: 0, "0*z"),
    under("plain", "z⁴", lambda z: z**4, lambda: 3, "z**4"),
    under("plain", "exp z", np.exp, lambda: mp.exp(mp.mpf(9) / 8), "exp(z)", 1, 0.5),
    under("plain", "z³, odd", lambda z: z**3, lambda: 0, "z**3",
          size=lambda: 2 * mp.sqrt(2 / mp.pi)),
]
DIVERGENT = [
    over("divergent", "1", lambda z: 1 + 0 * z, None, "1 + 0*z"),
    over("divergent", "1/(1 + |z|)", lambda z: 1 / (1 + abs(z)), None, "1/(1+abs(z))"),
    over("divergent", "1/√(1 + z²)", lambda z: 1 / np.hypot(1, z), None, "1/sqrt(1+z**2)"),
    over("divergent", "exp z", np.exp, None, "exp(z)"),
    over("divergent", "cos z", np.cos, None),
    over("divergent", "1/|z − 1/3| from 0 to 1", lambda z: 1 / abs(z - 1 / 3), None,
         "1/abs(z-1/3)", 0, 1),
    over("divergent", "1/z from 0 to 1", lambda z: 1 / z, None, "1/z", 0, 1),
    over("divergent", "1/z from 1", lambda z: 1 / z, None, "1/z", 1),
    over("divergent", "1/z² within ±1", lambda z: z**-2.0, None, "1/z**2", -1, 1),
    under("divergent", "exp(z²) under N(0, 1)", lambda z: np.exp(z**2), None, "exp(z**2)"),
    under("divergent", "exp(z²/2) under N(0, 1)", lambda z: np.exp(z**2 / 2), None, "exp(z**2/2)"),
    under("divergent", "1/z² under N(0, 1)", lambda z: z**-2.0, None, "1/z**2"),
    under("divergent", "1/|z − 2| under N(0, 1)", lambda z: 1 / abs(z - 2), None, "1/abs(z-2)"),
]
SYMMETRIC = [
    over("symmetric-divergent", "z", lambda z: z, None, "z"),
    over("symmetric-divergent", "z/(1 + z²)", lambda z: z / (1 + z**2), None, "z/(1+z**2)"),
    over("symmetric-divergent", "(z − 3)/(1 + (z − 3)²)", lambda z: (z - 3) / (1 + (z - 3) ** 2),
         None, "(z-3)/(1+(z-3)**2)"),
    over("symmetric-divergent", "z³/(1 + z²)", lambda z: z - z / (1 + z**2), None,
         "z**3/(1+z**2)"),
    over("symmetric-divergent", "sinh z", np.sinh, None, "exp(z)-exp(-z)"),
    over("symmetric-divergent", "1/(z − 1) from 0 to 2", lambda z: 1 / (z - 1), None, "1/(z-1)",
         0, 2),
    under("symmetric-divergent", "1/z under N(0, 1)", lambda z: 1 / z, None, "1/z"),
    under("symmetric-divergent", "z exp(z²) under N(0, 1)", lambda z: z * np.exp(z**2), None,
          "z*exp(z**2)"),
]
INTEGRANDS = [
    *NARROW, *SHIFTED, *HEAVY, *OSCILLATING, *STEPPED, *KINKED, *HALF_LINE, *SIZES, *PLAIN,
    *DIVERGENT, *SYMMETRIC,
]
# fmt: on
CONVERGENT = [row for row in INTEGRANDS if row.closed_form]
WITHOUT_VALUE = [row for row in INTEGRANDS if not row.closed_form]
