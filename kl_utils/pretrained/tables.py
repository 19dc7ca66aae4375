"""Tables of results, in Markdown: ours, from ``results.json``, and published ones."""

import json
import re
from statistics import mean

from .._arguments import require
from ..vae import PIXELS
from . import FOLDER, results

PROPER_NAMES = {"vamp": "VampPrior"}  # other priors are called by what they are


def published(kind):
    """Return published results for a kind of model, such as ``"vae"``: a list of dicts.

    Each has ``model``, ``nll`` (nats per image), ``setup`` and ``source``.
    """
    entries = json.loads((FOLDER / "published.json").read_text())
    return [entry for entry in entries if entry["kind"] == kind]


def seeds_of(name):
    """Return the entries of ``results.json`` for a model, one a seed, the published seed first."""
    entries = [
        entry for entry in results() if re.fullmatch(rf"{re.escape(name)}(-\d+)?", entry["name"])
    ]
    require(entries, "name", "that of a run in results.json", repr(name))
    return entries


def summary(*names):
    """Return a Markdown table with a row for each model: means over its seeds, in nats per image.

    Brackets hold the lowest and the highest seed.
    """
    rows = ["| model | −ELBO | distortion | rate | active | dead | epochs | minutes |"]
    rows.append("|:--" + "|--:" * 7 + "|")
    for runs in map(seeds_of, names):
        cells = [
            _title(runs[0]["prior"]),
            _mean_and_range([-run["elbo"] for run in runs]),
            *(_mean_and_range([run[key] for run in runs]) for key in ("distortion", "rate")),
            _range([run["active_units"] for run in runs]),
            _range([run["components"]["dead"] for run in runs if run["components"]]),
            f"{_epochs(runs[0])}",
            _minutes(runs),
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def comparison(*names, kind):
    """Return a Markdown table: the NLL of our models above published ones of a kind.

    A model of ours has the mean over its seeds, with the lowest and the highest in brackets, and
    the minutes that training took; a published one has the one number that its source gives.
    """
    rows = ["| model | NLL in nats | setup | source |", "|:--|--:|:--|:--|"]
    for runs in map(seeds_of, names):
        first = runs[0]
        sizes = [PIXELS, *first["model"]["hidden_sizes"], first["model"]["latent_size"]]
        setup = (
            f"{'-'.join(map(str, sizes))} SiLU, dynamic binarisation, {_epochs(first)} epochs in "
            f"{_minutes(runs)} minutes, S = {first['samples']:,}; {len(runs)} seeds"
        )
        nll = _mean_and_range([run["nll"] for run in runs])
        rows.append(f"| {_title(first['prior'])} | {nll} | {setup} | this page |")
    rows += [
        f"| {entry['model']} | {entry['nll']:.2f} | {entry['setup']} | {entry['source']} |"
        for entry in published(kind)
    ]
    return "\n".join(rows)


def _epochs(run):
    """Return the epochs of a run, its head start included."""
    return run["training"]["epochs"] + run["training"].get("head_start_epochs", 0)


def _minutes(runs):
    return _range([round(run["train_seconds"] / 60) for run in runs])


def _title(prior):
    return PROPER_NAMES.get(prior, f"{prior} prior")


def _mean_and_range(values):
    return f"{mean(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def _range(counts):
    if not counts:
        return ""
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"
