"""Run cards: what a published result came from.

A run card lies beside every published weight file and in the metadata of every notebook: data,
profile, seed, versions, date and time taken. That of a model holds its replay, too (see
:mod:`replays`), by which a test sees whether the result still belongs to the code.
"""

import datetime
import hashlib
import json
import os
import platform
import re
from importlib import metadata
from pathlib import Path

from tools.course_text.notebook_files import code_cells


def run_card(*, profile, seed, data, wall_seconds, **more):
    """Return a run card, ready for JSON.

    Parameters
    ----------
    profile : str
    seed : int or None
    data : object with ``name`` and ``sha256``, or None
        The images that were used.
    wall_seconds : float
    **more
        Further entries, such as ``replay=…``.
    """
    return {
        "data": data and {"name": data.name, "sha256": data.sha256},
        "profile": profile,
        "seed": seed,
        "wall_seconds": round(wall_seconds, 1),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "platform": f"{platform.system()} {platform.machine()}",
        "versions": {
            "python": platform.python_version(),
            **_versions("numpy", "torch", "kl_utils"),
        },
        **more,
    }


def card_path(weights):
    """Return where the card of a weight file lies: ``name.card.json`` for ``name.safetensors``."""
    return Path(weights).with_suffix(".card.json")


def read_card(path):
    """Return a run card, or None if there is none."""
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def save_card(path, card):
    """Write a card as JSON, whole or not at all; each list of numbers on a line of its own."""
    text = json.dumps(card, indent=1)
    text = re.sub(r"\[[^][{}]*\]", lambda listed: " ".join(listed[0].split()), text)
    partial = Path(f"{path}.partial")
    partial.write_text(text + "\n", "utf-8")
    os.replace(partial, path)


def file_hash(path):
    """Return the SHA-256 of a file's bytes, as hex digits."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def faults_of_card(notebook):
    """Return why the run card of a notebook does not vouch for its outputs, or no reason."""
    if "run_card" not in notebook.metadata:
        return ["it has no run card"]
    if notebook.metadata.run_card.outputs != outputs_hash(notebook):
        return ["its outputs are not those of the run on its card"]
    return []


def outputs_hash(notebook):
    """Return a hash of all outputs."""
    outputs = json.dumps([cell.outputs for cell in code_cells(notebook)], sort_keys=True)
    return hashlib.sha256(outputs.encode()).hexdigest()


def _versions(*packages):
    versions = {}
    for name in packages:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = None
    return versions
