"""Models trained in the full profile, and what they scored: ``make train`` writes this folder.

Each ``NAME.safetensors`` holds the weights of one run, with its settings and history beside them
in the file's metadata. ``results.json`` is a list with one entry a run.
"""

import json
from pathlib import Path
from typing import NamedTuple

from safetensors import safe_open
from safetensors.torch import save_file

from ..training import Epoch, History
from ..vae import VAE, make_vae

FOLDER = Path(__file__).parent


class Pretrained(NamedTuple):
    """A trained model, the history of its training, and its entry in ``results.json``."""

    model: VAE
    history: History
    result: dict | None


def load_pretrained(name, folder=FOLDER):
    """Load a trained model by its name in ``results.json``, ready to use on the CPU.

    Raises
    ------
    ValueError
        If no model has that name; the message lists those that exist.
    """
    weights_of = {path.stem: path for path in sorted(Path(folder).glob("*.safetensors"))}
    if name not in weights_of:
        raise ValueError(f"no pretrained model {name!r}; there are: {', '.join(weights_of)}")
    with safe_open(weights_of[name], "pt") as file:
        metadata = {key: json.loads(value) for key, value in file.metadata().items()}
        weights = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    model = make_vae(**metadata["model"])
    model.load_state_dict(weights)
    history = History([Epoch(*epoch) for epoch in metadata["history"]])
    result = next((entry for entry in results(folder) if entry["name"] == name), None)
    return Pretrained(model.eval(), history, result)


def results(folder=FOLDER):
    """Return the entries of ``results.json``: one dict a run, quantities in nats per image."""
    path = Path(folder) / "results.json"
    return json.loads(path.read_text()) if path.exists() else []


def save_pretrained(name, model, settings, history, folder=FOLDER):
    """Write a model's weights, the settings that rebuild it, and its history."""
    weights = {key: value.cpu().contiguous() for key, value in model.state_dict().items()}
    metadata = {"model": json.dumps(settings), "history": json.dumps(history.epochs)}
    path = Path(folder) / f"{name}.safetensors"
    save_file(weights, path, metadata)
    path.chmod(0o644)  # the library makes files that nobody else may read
