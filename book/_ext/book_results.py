"""Sphinx extension: numbers in the prose come from results files, never from a keyboard.

In a page, ``{result}`vae-standard.nll` `` prints the value under the key ``nll`` of
the run with that name, with the unit's usual rounding. A minus in front negates the value
(``-vae-standard.elbo``); a format after a bar replaces the rounding
(``vae-standard.train_seconds|.0f``). A run or key that does not exist is a build error.
"""

import json
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

logger = logging.getLogger(__name__)

# Two decimals suit nats, the unit of nearly every number here; whole numbers get separators.
_DEFAULT_FORMATS = {int: ",", float: ".2f"}


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
        """Return a value as it is printed.

        Parameters
        ----------
        expression : str
            ``[-]run.key[|format]``; the run's name may contain dots, the key may not.

        Raises
        ------
        ValueError
            If the run, the key or the format does not exist, naming what does.
        """
        address, _, format_spec = expression.strip().partition("|")
        negated = address.startswith("-")
        name, _, key = address.lstrip("-").rpartition(".")
        if name not in self._runs:
            known = ", ".join(sorted(self._runs)) or "none"
            raise ValueError(f"result {expression!r}: no run named {name!r}; runs: {known}")
        run = self._runs[name]
        if key not in run:
            raise ValueError(
                f"result {expression!r}: run {name!r} has no key {key!r}; keys: {', '.join(run)}"
            )
        value = run[key]
        if type(value) not in _DEFAULT_FORMATS:
            raise ValueError(f"result {expression!r}: not a number but {value!r}")
        spec = format_spec or _DEFAULT_FORMATS[type(value)]
        try:
            text = format(-value if negated else value, spec)
        except ValueError as error:
            raise ValueError(f"result {expression!r}: {error}") from None
        return text.replace("-", "−")  # a true minus sign


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
