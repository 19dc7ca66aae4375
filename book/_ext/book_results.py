"""Sphinx extension: numbers in the prose come from results files, never from a keyboard.

In a page, ``{result}`vae-standard.nll` `` prints the value under the key ``nll`` of
the run with that name, with the unit's usual rounding. A minus in front negates the value
(``-vae-standard.elbo``); a format after a bar replaces the rounding
(``vae-standard.train_seconds|.0f``). A run or key that does not exist is a build error.

A model that was trained with several seeds is not told by one of them: ``mean vae-standard.nll``
is the mean over the runs ``vae-standard``, ``vae-standard-1``, ``vae-standard-2`` and so on, and
``range vae-standard.nll`` their lowest and highest value, as in "85.62 to 85.75".
"""

import json
import re
from pathlib import Path
from statistics import mean

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

logger = logging.getLogger(__name__)

# Two decimals suit nats, the unit of nearly every number here; whole numbers get separators.
_DEFAULT_FORMATS = {int: ",", float: ".2f"}
_OVER_SEEDS = {
    "mean": lambda values: [mean(values)],
    "range": lambda values: [min(values), max(values)],
}


class Results:
    """The runs of ``results.json``, looked up by name.

    Parameters
    ----------
    runs : list of dict
        One dict a run, each with a unique ``name``.
    """

    def __init__(self, runs):
        self._runs = {run["name"]: run for run in runs}

    @classmethod
    def read(cls, *paths):
        """Read results files; a file that does not exist holds no runs."""
        texts = [path.read_text("utf8") for path in paths if path.exists()]
        return cls([run for text in texts for run in json.loads(text)])

    def text(self, expression):
        """Return a value, or what the seeds of a model have in common, as it is printed.

        Parameters
        ----------
        expression : str
            ``[mean |range ][-]run.key[|format]``; the run's name may contain dots, the key may not.

        Raises
        ------
        ValueError
            If the run, the key or the format does not exist, naming what does.
        """
        address, _, format_spec = expression.strip().partition("|")
        first, _, rest = address.partition(" ")
        over_seeds = _OVER_SEEDS.get(first)
        address = rest.strip() if over_seeds else address
        name, _, key = address.lstrip("-").rpartition(".")
        values = [self._value(run, key, expression) for run in self._runs_of(name, over_seeds)]
        if not values:
            known = ", ".join(sorted(self._runs)) or "none"
            raise ValueError(f"result {expression!r}: no run named {name!r}; runs: {known}")
        if address.startswith("-"):
            values = [-value for value in values]
        if over_seeds:
            values = over_seeds(values)
        try:
            texts = [format(v, format_spec or _DEFAULT_FORMATS[type(v)]) for v in values]
        except ValueError as error:
            raise ValueError(f"result {expression!r}: {error}") from None
        return " to ".join(texts).replace("-", "−")  # a true minus sign

    def _runs_of(self, name, every_seed):
        """Return the runs with a name; with ``every_seed`` also those with a number after it."""
        pattern = re.compile(re.escape(name) + (r"(-\d+)?" if every_seed else ""))
        return [run for its_name, run in self._runs.items() if pattern.fullmatch(its_name)]

    @staticmethod
    def _value(run, key, expression):
        if key not in run:
            raise ValueError(
                f"result {expression!r}: run {run['name']!r} has no key {key!r}; "
                f"keys: {', '.join(run)}"
            )
        value = run[key]
        if type(value) not in _DEFAULT_FORMATS:
            raise ValueError(f"result {expression!r}: not a number but {value!r}")
        return value


class ResultRole(SphinxRole):
    """The role ``{result}``."""

    def run(self):
        """Return the number as text, or report what is missing."""
        paths = [Path(self.env.srcdir) / name for name in self.config.results_files]
        for path in paths:
            self.env.note_dependency(str(path))
        try:
            text = Results.read(*paths).text(self.text)
        except ValueError as error:
            logger.error(str(error), location=self.get_location())
            text = f"[{self.text}]"
        return [nodes.inline("", text, classes=["result"])], []


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("results_files", [], "env", [list])
    app.add_role("result", ResultRole())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
