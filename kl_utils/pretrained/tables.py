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
        training = runs[0]["training"]
        epochs = training["epochs"] + training.get("head_start_epochs", 0)
        cells = [
            _title(runs[0]["prior"]),
            _mean_and_range([-run["elbo"] for run in runs]),
            f"{mean(run['distortion'] for run in runs):.2f}",
            f"{mean(run['rate'] for run in runs):.2f}",
            _range([run["active_units"] for run in runs]),
            _range([run["components"]["dead"] for run in runs if run["components"]]),
            f"{epochs}",
            f"{max(run['train_seconds'] for run in runs) / 60:.1f}",
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def comparison(*names, kind):
    """Return a Markdown table: the NLL of our models, all seeds, above published ones of a kind."""
    rows = ["| model | NLL in nats | setup | source |", "|:--|--:|:--|:--|"]
    for runs in map(seeds_of, names):
        first, *others = runs
        sizes = [PIXELS, *first["model"]["hidden_sizes"], first["model"]["latent_size"]]
        head = first["training"].get("head_start_epochs", 0)
        nll = f"**{first['nll']:.2f}** ± {first['nll_standard_error']:.3f}"
        threads = first["runtime"].split(",")[0]
        setup = (
            f"{'-'.join(map(str, sizes))} SiLU, dynamic binarisation, "
            f"{first['training']['epochs'] + head} epochs "
            f"({first['train_seconds'] / 60:.1f} minutes on {threads}), "
            f"S = {first['samples']:,}"
        )
        rows.append(f"| {_title(first['prior'])} | {nll} | {setup} | this page |")
        if others:
            nlls = ", ".join(f"{run['nll']:.2f}" for run in others)
            rows.append(
                f"| other seeds | {nlls} | the same, S = {others[0]['samples']:,} | this page |"
            )
    rows += [
        f"| {entry['model']} | {entry['nll']:.2f} | {entry['setup']} | {entry['source']} |"
        for entry in published(kind)
    ]
    return "\n".join(rows)


def _title(prior):
    return PROPER_NAMES.get(prior, f"{prior} prior")


def _mean_and_range(values):
    return f"{mean(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def _range(counts):
    if not counts:
        return ""
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"
