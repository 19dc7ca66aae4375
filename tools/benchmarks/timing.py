"""Timings that mean something on a machine that also does other things.

Ways to do the same work take turns in one process, forwards, then backwards, so that whatever else
the machine does hits them alike. What is told is the ratio of two ways, taken round by round, with
its spread; seconds are told for orientation only.
"""

import time
from typing import NamedTuple

import numpy as np
from tqdm import trange


class Spread(NamedTuple):
    """Median and quartiles of a quantity over the rounds."""

    median: float
    low: float
    high: float

    def __str__(self):
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def spread(values):
    """Return the :class:`Spread` of one value a round."""
    return Spread(*(float(f"{q:.4g}") for q in np.quantile(values, (0.5, 0.25, 0.75))))


def ratio(times, name, to):
    """Return the spread of one way's seconds over another's, taken round by round."""
    return spread(times[name] / times[to])


_SUFFIXES = ("", "_low", "_high")


def fields(**spreads):
    """Return spreads as flat numbers: ``a``, ``a_low`` and ``a_high`` for a spread named a."""
    return {
        name + suffix: number
        for name, numbers in spreads.items()
        for suffix, number in zip(_SUFFIXES, numbers, strict=True)
    }


def from_fields(entry, name):
    """Return the spread that :func:`fields` has put into an entry under this name."""
    return Spread(*(entry[name + suffix] for suffix in _SUFFIXES))


def take_turns(ways, rounds, title=None):
    """Let every way do its work ``rounds`` times, in turn.

    Parameters
    ----------
    ways : dict
        A function for each name; it does its work and returns the seconds, as those that
        :func:`clocked` makes.
    rounds : int
        One more round, the first, is not counted.
    title : str, optional
        What the progress bar says.

    Returns
    -------
    dict
        Seconds for each name, shape ``(rounds,)``.
    """
    times = {name: np.empty(rounds + 1) for name in ways}
    for turn in trange(rounds + 1, desc=title, unit="round", leave=False):
        for name in sorted(ways, key=list(ways).index, reverse=turn % 2 == 1):
            times[name][turn] = ways[name]()
    return {name: seconds[1:] for name, seconds in times.items()}


def clocked(run, at_least=2e-3):
    """Return a function that does ``run()`` and returns its seconds.

    Work shorter than ``at_least`` seconds is repeated that long, and the mean is returned.
    """
    run()
    start = time.perf_counter()
    run()
    repeats = max(1, round(at_least / (time.perf_counter() - start)))

    def seconds():
        start = time.perf_counter()
        for _ in range(repeats):
            run()
        return (time.perf_counter() - start) / repeats

    return seconds
