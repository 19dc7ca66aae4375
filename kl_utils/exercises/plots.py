"""Plots to read a number off, drawn as SVG from closed expressions: a page has no matplotlib."""

from dataclasses import dataclass, field
from html import escape

import numpy as np

from ..derivation.scope import Scope
from .numbers import read_closed

WIDTH, HEIGHT = 480, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 12, 44
_DASHES = ("", "8 5", "2 4")  # curves are told apart without colours
_POINTS = 241


@dataclass(frozen=True)
class Plot:
    """Curves over an axis, with a grid that is fine enough to read numbers off.

    Attributes
    ----------
    curves : dict of str to str
        For each label an expression in ``x`` and in the letters of the task.
    x, y : tuple of two floats
        The limits.
    x_label, y_label : str
    ticks : tuple of two floats
        The distances of the grid's lines.
    """

    curves: dict
    x: tuple
    y: tuple
    x_label: str = "x"
    y_label: str = ""
    ticks: tuple = field(default=(1.0, 1.0))

    def svg(self, numbers):
        """The plot at given values of the letters."""
        x = np.linspace(*self.x, _POINTS)
        parts = [*self._grid(), *self._labels()]
        for number, (label, expression) in enumerate(self.curves.items()):
            y = _values(expression, x, numbers)
            parts.append(self._curve(x, y, number))
            parts += self._legend(label, number)
        title = escape(f"{', '.join(self.curves)} against {self.x_label}")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" role="img" aria-label="{title}" font-family="sans-serif" '
            'font-size="12">'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>{"".join(parts)}</svg>'
        )

    def _across(self, x):
        low, high = self.x
        return _LEFT + (x - low) / (high - low) * (WIDTH - _LEFT - _RIGHT)

    def _down(self, y):
        low, high = self.y
        return HEIGHT - _BOTTOM - (y - low) / (high - low) * (HEIGHT - _TOP - _BOTTOM)

    def _grid(self):
        left, right = _LEFT, WIDTH - _RIGHT
        top, bottom = _TOP, HEIGHT - _BOTTOM
        for x in _ticks(self.x, self.ticks[0]):
            at = self._across(x)
            yield f'<path d="M{at:.1f} {top}V{bottom}" stroke="#ccc"/>'
            yield f'<text x="{at:.1f}" y="{bottom + 16}" text-anchor="middle">{_typeset(x)}</text>'
        for y in _ticks(self.y, self.ticks[1]):
            at = self._down(y)
            yield f'<path d="M{left} {at:.1f}H{right}" stroke="#ccc"/>'
            yield f'<text x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">{_typeset(y)}</text>'

    def _labels(self):
        middle = f'y="{HEIGHT / 2}" transform="rotate(-90 12 {HEIGHT / 2})"'
        for place, label in (
            (f'x="{WIDTH / 2}" y="{HEIGHT - 8}"', self.x_label),
            (f'x="12" {middle}', self.y_label),
        ):
            yield f'<text {place} text-anchor="middle">{escape(label)}</text>'

    def _curve(self, x, y, number):
        """A path, interrupted where the curve leaves the plot."""
        steps, is_drawing = [], False
        for across, down in zip(self._across(x), self._down(y), strict=True):
            if _TOP <= down <= HEIGHT - _BOTTOM:
                steps.append(f"{'L' if is_drawing else 'M'}{across:.1f} {down:.1f}")
            is_drawing = _TOP <= down <= HEIGHT - _BOTTOM
        dashes = _DASHES[number % len(_DASHES)]
        return (
            f'<path d="{"".join(steps)}" fill="none" stroke="black" stroke-width="2" '
            f'stroke-dasharray="{dashes}"/>'
        )

    def _legend(self, label, number):
        down, across = _TOP + 16 + 18 * number, WIDTH - _RIGHT - 150
        dashes = _DASHES[number % len(_DASHES)]
        yield f'<rect x="{across - 6}" y="{down - 13}" width="150" height="18" fill="white"/>'
        yield (
            f'<path d="M{across} {down - 4}h34" stroke="black" stroke-width="2" '
            f'stroke-dasharray="{dashes}"/>'
        )
        yield f'<text x="{across + 42}" y="{down}">{escape(label)}</text>'


def _ticks(limits, step):
    low, high = limits
    return [step * k for k in range(round(low / step), round(high / step) + 1)]


def _typeset(number):
    return f"{number:g}".replace("-", "\N{MINUS SIGN}")


def _values(expression, x, numbers):
    tree = read_closed(expression, {**numbers, "x": 0.0})
    given = {name: np.full((1, 1), value) for name, value in numbers.items()}
    scope = Scope(given | {"x": x[:, None, None]}, {}, width=len(x))
    with np.errstate(all="ignore"):
        value = scope.value(tree)
    return np.broadcast_to(value, (len(x), 1, 1))[:, 0, 0]
