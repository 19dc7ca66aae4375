"""Random bumps, narrow and wide, near and far, whose integrals have closed forms."""

from collections.abc import Callable
from dataclasses import dataclass

import mpmath as mp
import numpy as np

_DIGITS = 400  # far out, the terms of a closed form cancel to hundreds of digits


@dataclass(frozen=True)
class Bump:
    """f((z − offset)/scale)/scale for a ``shape`` f, over the line or under N(mean, std²)."""

    shape: str
    scale: float
    offset: float
    normal: tuple | None

    def __call__(self, z):
        return SHAPES[self.shape].f((z - self.offset) / self.scale) / self.scale

    @property
    def truth(self):
        shape = SHAPES[self.shape]
        if self.normal is None:
            return shape.mass()
        with mp.workdps(_DIGITS):
            mean, std = map(mp.mpf, self.normal)
            return shape.under_normal(mean - mp.mpf(self.offset), std, mp.mpf(self.scale))


@dataclass(frozen=True)
class Shape:
    f: Callable
    mass: Callable
    under_normal: Callable  # its expectation under N(shift, std²), for a scale


def _gaussian(shift, std, scale):
    return mp.sqrt(2 * mp.pi) * mp.npdf(shift, 0, mp.hypot(std, scale))


def _laplace(shift, std, scale):
    rate = 1 / scale
    return rate * sum(
        mp.exp(side * rate * shift + (rate * std) ** 2 / 2)
        * mp.erfc((side * shift / std + rate * std) / mp.sqrt(2))
        / 2
        for side in (1, -1)
    )


def _cauchy(shift, std, scale):
    """The Voigt profile: the real part of w(x) = exp(−x²) erfc(−ix)."""
    x = mp.mpc(shift, scale) / (std * mp.sqrt(2))
    return mp.pi * (mp.exp(-(x**2)) * mp.erfc(-1j * x)).real / (std * mp.sqrt(2 * mp.pi))


def _box(shift, std, scale):
    """P(|z| < scale): two tails of one side, so that nothing cancels far out."""
    shift = abs(shift)
    near, far = ((shift + side * scale) / (std * mp.sqrt(2)) for side in (-1, 1))
    return (mp.erfc(near) - mp.erfc(far)) / (2 * scale)


def _cosine(shift, std, scale):
    """(1 + cos(π t))/2 on |t| < 1, by the erf of complex numbers."""
    k = mp.pi / scale

    def primitive(a):  # E[e^{ikz}; z > a]
        return (
            mp.exp(1j * k * shift - (k * std) ** 2 / 2)
            * mp.erfc((a - shift - 1j * k * std**2) / (std * mp.sqrt(2)))
            / 2
        )

    wave = (primitive(-scale) - primitive(scale)).real
    return (_box(shift, std, scale) + wave / scale) / 2


SHAPES = {
    "Gaussian": Shape(lambda t: np.exp(-(t**2) / 2), lambda: mp.sqrt(2 * mp.pi), _gaussian),
    "Laplace": Shape(lambda t: np.exp(-abs(t)), lambda: mp.mpf(2), _laplace),
    "sech²": Shape(
        lambda t: 4 * np.exp(-2 * abs(t)) / (1 + np.exp(-2 * abs(t))) ** 2, lambda: mp.mpf(2), None
    ),
    "Cauchy": Shape(lambda t: 1 / (1 + t**2), lambda: mp.pi, _cauchy),
    "cosine": Shape(
        lambda t: np.where(abs(t) < 1, (1 + np.cos(np.pi * np.clip(t, -1, 1))) / 2, 0.0),
        lambda: mp.mpf(1),
        _cosine,
    ),
    "box": Shape(lambda t: np.where(abs(t) < 1, 1.0, 0.0), lambda: mp.mpf(2), _box),
}


def random_bumps(count, seed=0):
    """Bumps of all shapes: scales from 10⁻⁴ to 10³, offsets within ±100, half under a normal."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        under_normal = i % 2 == 1
        names = [name for name, shape in SHAPES.items() if shape.under_normal or not under_normal]
        normal = (float(rng.uniform(-5, 5)), float(10 ** rng.uniform(-1, 1)))
        yield Bump(
            str(rng.choice(names)),
            float(10 ** rng.uniform(-4, 3)),
            float(rng.uniform(-100, 100)),
            normal if under_normal else None,
        )
