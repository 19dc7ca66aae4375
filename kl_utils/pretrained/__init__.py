"""Models trained in the full profile, and what they scored: ``make train`` writes this folder.

Each ``NAME.safetensors`` holds the weights of one run, with its settings and history beside them
in the file's metadata. ``results.json`` is a list with one entry a run, which
:mod:`kl_utils.pretrained.schema` describes.
"""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from .._arguments import require
from .._tensor_files import check_fit, load_tensors, save_tensors
from ..history import Epoch, History
from ..vae import PRIORS, VAE, make_vae
from .entries import read_entries
from .schema import Result

FOLDER = Path(__file__).parent


class Pretrained(NamedTuple):
    """A trained model, the history of its training, and its entry in ``results.json``."""

    model: VAE
    history: History
    result: Result | None


def load_pretrained(name, folder=FOLDER):
    """Load a trained model by its name in ``results.json``, ready to use on the CPU.

    Raises
    ------
    ValueError
        If no model has that name; the message lists those that exist. If the file is damaged: it
        is compared with the digest that it holds, and with that on the run card beside it, where
        there is one. If its tensors do not fit the model that its settings make.
    """
    weights_of = {path.stem: path for path in sorted(Path(folder).glob("*.safetensors"))}
    known = f"one of {', '.join(weights_of)}" if weights_of else f"a model in {folder}"
    require(name in weights_of, "name", known, repr(name))
    path = weights_of[name]
    card = path.with_suffix(".card.json")
    expected = json.loads(card.read_text("utf8")).get("weights_sha256") if card.exists() else None
    if expected is not None:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        require(digest == expected, path, f"SHA-256 {expected}, as on {card.name}", digest)
    weights, metadata = load_tensors(path, ("model", "history"))
    model = make_vae(**metadata["model"])
    check_fit(path, weights, model)
    model.load_state_dict(weights)
    history = History([Epoch(*epoch) for epoch in metadata["history"]])
    result = next((entry for entry in results(folder) if entry["name"] == name), None)
    return Pretrained(model.eval(), history, result)


def results(folder=FOLDER):
    """Return the entries of ``results.json``, quantities in nats per image.

    Returns
    -------
    list of Result
        One dict a run; see :class:`kl_utils.pretrained.schema.Result`.
    """
    return read_entries(Path(folder) / "results.json", Result)


def save_pretrained(name, model, settings, history, folder=FOLDER):
    """Write a model's weights, the settings that rebuild it, and its history.

    Parameters
    ----------
    name : str
    model : VAE
    settings : dict
        The arguments with which :func:`kl_utils.vae.make_vae` made the model. A prior of your own
        has a name once it stands in ``kl_utils.vae.PRIORS``; it needs one here, and whoever loads
        the file needs the same row.
    history : History
    folder : path
    """
    prior = settings.get("prior", "standard")
    is_known = isinstance(prior, str) and prior in PRIORS
    require(is_known, "settings, prior", f"a name in PRIORS: {', '.join(PRIORS)}", repr(prior))
    path = Path(folder) / f"{name}.safetensors"
    save_tensors(path, model.state_dict(), {"model": settings, "history": history.epochs})
    path.chmod(0o644)  # the library makes files that nobody else may read
