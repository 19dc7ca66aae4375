"""What the environment variables ``KL_UTILS_…`` say. One that is empty counts as not set."""

import os

from ._arguments import require

_ON = ("1", "true", "yes", "on")
_OFF = ("0", "false", "no", "off")


def text(name, default=None):
    """Return the value of a variable, or ``default`` where it is not set."""
    value = os.environ.get(name, "")
    return value if value.strip() else default


def switch(name):
    """Tell whether a variable is on: 1, true, yes or on. Not set, it is off.

    Raises
    ------
    ValueError
        If its value is neither one of those nor 0, false, no or off.
    """
    value = text(name, "0")
    word = value.strip().lower()
    expected = f"{', '.join(_ON)} or {', '.join(_OFF)}, or nothing"
    require(word in _ON + _OFF, name, expected, repr(value))
    return word in _ON


def choice(name, choices, default):
    """Return which of some words a variable names.

    Raises
    ------
    ValueError
        If it names none of them.
    """
    value = text(name, default)
    word = value.strip()
    require(word in choices, name, f"one of {', '.join(choices)}", repr(value))
    return word
