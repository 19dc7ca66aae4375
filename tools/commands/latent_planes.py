"""Write what the explorer of the latent plane shows, for every published model with two dimensions.

For each model: a picture of digits decoded on a grid over the plane, and the posterior means of
test images with their labels. A run card beside them says what they came from; a test compares it
with the code and the weights. Run it after ``make train``:

    python -m tools.commands.latent_planes
"""

import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from kl_utils import fixed_bits, load_images
from kl_utils.evaluation import posteriors
from kl_utils.pretrained import FOLDER as WEIGHTS
from kl_utils.pretrained import load_pretrained
from tools import ROOT
from tools.provenance.cards import file_hash, run_card, save_card

FOLDER = ROOT / "book" / "_assets" / "explorers"
CARD = FOLDER / "latent-planes.card.json"
# What the reader chooses from. A model appears as soon as its weights are published.
TITLES = {"vae-plane": "standard", "vae-plane-mixture": "mixture"}
SIDE = 33  # decoded digits along each axis
IMAGES = 2000  # test images whose posterior means are shown
PIXELS = 28


@torch.no_grad()
def decoded_plane(model, half):
    """Return a picture of the digits that a model decodes on the square from −half to half.

    Returns
    -------
    array of uint8, shape (SIDE * 28, SIDE * 28)
        Ink on paper: 255 is paper. Rows from the largest z_2 down, columns from the smallest z_1.
    """
    ticks = torch.linspace(-half, half, SIDE)
    z2, z1 = torch.meshgrid(ticks.flip(0), ticks, indexing="ij")
    ink = model.decode(torch.stack([z1, z2], -1).reshape(-1, 2)).sigmoid().numpy()
    tiles = ink.reshape(SIDE, SIDE, PIXELS, PIXELS).swapaxes(1, 2)
    return np.round(255 * (1 - tiles)).astype(np.uint8).reshape(SIDE * PIXELS, SIDE * PIXELS)


@torch.no_grad()
def posterior_means(model, bits):
    """Return the posterior means of images, shape (n, 2), to two decimals."""
    return np.round(posteriors(model, bits)[0].double().numpy(), 2)


def square_around(means):
    """Return ``half``: the square from −half to half in both dimensions holds nearly all means."""
    return math.ceil(2 * float(np.quantile(np.abs(means), 0.995))) / 2


@torch.no_grad()
def components(prior):
    """Return weights, means and standard deviations of a prior's components.

    A prior without components has to be a single Gaussian.
    """
    if prior.n_components == 0:
        normal = prior.to_distribution()
        return {
            "weights": [1.0],
            "means": [normal.mean.tolist()],
            "stds": [normal.stddev.tolist()],
        }
    log_weights, means, log_vars = prior.components()
    parts = {"weights": log_weights.exp(), "means": means, "stds": torch.exp(0.5 * log_vars)}
    return {name: np.round(part.double().numpy(), 6).tolist() for name, part in parts.items()}


def published():
    """Return the names of the models with a plane whose weights are published."""
    return [name for name in TITLES if (WEIGHTS / f"{name}.safetensors").exists()]


def write(folder=FOLDER):
    """Write pictures, numbers and the run card; return the card."""
    started = time.perf_counter()
    data = load_images("mnist")
    bits = fixed_bits(data.test_images, seed=0)[:IMAGES]
    planes, names = [], published()
    for name in names:
        model = load_pretrained(name).model
        means = posterior_means(model, bits)
        half = square_around(means)
        picture = f"latent-plane-{name}.png"
        grey = Image.fromarray(decoded_plane(model, half))
        grey.quantize(16).save(Path(folder) / picture, optimize=True)  # half the weight
        planes.append(
            {
                "name": name,
                "title": TITLES[name],
                "half": half,
                "side": SIDE,
                "picture": picture,
                "labels": "".join(map(str, data.test_labels[:IMAGES])),
                "means": means.tolist(),
                "prior": components(model.prior),
            }
        )
    script = f"Explorers.latentPlanes = {json.dumps(planes, separators=(',', ':'))};\n"
    (Path(folder) / "latent-planes.js").write_text(script, "utf-8")
    card = run_card(
        profile="full",
        seed=0,
        data=data,
        wall_seconds=time.perf_counter() - started,
        weights_sha256={name: file_hash(WEIGHTS / f"{name}.safetensors") for name in names},
    )
    save_card(Path(folder) / CARD.name, card)
    return card


if __name__ == "__main__":
    print(f"{FOLDER.relative_to(ROOT)}: {', '.join(write()['weights_sha256'])}")
