"""Train the models whose weights and numbers the book shows (``make train``).

Writes into ``kl_utils/pretrained``: the weights of each run with its run card, and
``results.json``. Weights that still match their code and settings are not trained again, only
evaluated. A run that was interrupted or killed goes on from its last whole epoch when the command
is repeated.

    python tools/train.py                 every run, full profile
    python tools/train.py vae-standard    one run
"""

import argparse
import hashlib
import json
import os
import time
from pathlib import Path

import numpy as np
from run_cards import (
    ROOT,
    card_path,
    file_hash,
    reached_from_function,
    run_card,
    save_card,
    stale,
)

from kl_utils.data import fixed_bits, load_images
from kl_utils.evaluation import (
    active_units,
    estimate_elbo,
    importance_sampled_nll,
    mean_image_nll,
    posteriors,
)
from kl_utils.pretrained import FOLDER, load_pretrained, results, save_pretrained
from kl_utils.runtime import PROFILES, Runtime
from kl_utils.training import fit
from kl_utils.vae import make_vae

CHECKPOINTS = ROOT / "_build" / "train"

RUNS = {
    "vae-standard": {
        "model": {"latent_size": 40, "hidden_sizes": [500, 500], "seed": 0},
        "training": {
            "epochs": 200,
            "batch_size": 256,
            "learning_rate": 2e-3,
            "warm_up_epochs": 20,
            "seed": 0,
        },
        "importance_samples": 5000,
    },
    "vae-plane": {
        "model": {"latent_size": 2, "hidden_sizes": [500, 500], "seed": 0},
        "training": {"epochs": 100, "batch_size": 256, "learning_rate": 2e-3, "seed": 0},
        "importance_samples": 500,
    },
}
# The share of epochs and of importance samples, and the number of test images.
SIZES = {"smoke": (0.01, 20), "quick": (0.05, 200), "full": (1.0, 10_000)}


def train_model(run, share, data, checkpoint):
    """Train one model on ``share`` of its epochs; return model, history and the runtime used."""
    runtime = Runtime.detect()
    model = make_vae(**run["model"])
    training = run["training"] | {"epochs": max(1, round(share * run["training"]["epochs"]))}
    test_bits = fixed_bits(data.test_images)
    history = fit(
        model,
        data.train_images,
        **training,
        test_bits=test_bits,
        runtime=runtime,
        checkpoint=checkpoint,
        resume=True,
    )
    return model, history, runtime


def evaluate(name, folder, data, images, samples):
    """Return every number that the book prints about a model: nats per image, in float32.

    ``convergence`` says how much the NLL of some images still falls with ten times the samples;
    ``check`` is an NLL with few samples on few images, for a test to repeat in seconds.
    """
    model = load_pretrained(name, folder).model
    bits = fixed_bits(data.test_images)[:images]
    elbo = estimate_elbo(model, bits, samples=10)
    means, _ = posteriors(model, bits)
    nll = importance_sampled_nll(model, bits, samples)
    check = {"images": min(200, images), "samples": 200, "seed": 1}
    few = importance_sampled_nll(model, bits[: check["images"]], check["samples"], seed=1)
    convergence = {"images": min(100, images), "samples": [samples, 10 * samples]}
    convergence["nll"] = [
        importance_sampled_nll(model, bits[: convergence["images"]], s, seed=1).value
        for s in convergence["samples"]
    ]
    return {
        "bits": "fixed_bits, seed 0",
        "bits_sha256": hashlib.sha256(np.ascontiguousarray(bits)).hexdigest(),
        "images": images,
        "elbo": elbo.elbo.value,
        "elbo_standard_error": elbo.elbo.standard_error,
        "elbo_samples": 10,
        "distortion": elbo.distortion,
        "rate": elbo.rate,
        "samples": samples,
        "nll": nll.value,
        "nll_standard_error": nll.standard_error,
        "active_units": int(active_units(means).sum()),
        "mean_image_nll": mean_image_nll(data.train_images, bits),
        "convergence": convergence,
        "check": check | {"nll": few.value, "nll_standard_error": few.standard_error},
    }


def make_weights(name, profile, data, folder):
    """Train a run and write its weights and their card, unless they are as they should be."""
    recipe = {key: RUNS[name][key] for key in ("model", "training")}
    settings = {**recipe, "profile": profile, "data": data.sha256}
    reached = reached_from_function("tools.train.train_model")
    weights = folder / f"{name}.safetensors"
    if is_current(weights, reached, settings):
        print(f"{name}: the weights match their code; evaluating", flush=True)
        return
    print(f"{name}: training on {data.name}", flush=True)
    # A checkpoint of older code or other settings is never gone on with.
    made_by = hashlib.sha256(json.dumps([reached, settings]).encode()).hexdigest()[:12]
    checkpoint = CHECKPOINTS / f"{name}-{made_by}.safetensors"
    model, history, runtime = train_model(recipe, SIZES[profile][0], data, checkpoint)
    if history.interrupted:
        raise SystemExit("Interrupted: the same command goes on from the last whole epoch.")
    save_pretrained(name, model, recipe["model"], history, folder)
    card = run_card(
        reached,
        profile=profile,
        seed=recipe["training"]["seed"],
        data=data,
        wall_seconds=history.curve("seconds").sum(),
        entry="tools.train.train_model",
        settings=settings,
        runtime=str(runtime),
        weights_sha256=file_hash(weights),
    )
    save_card(card_path(weights), card)
    checkpoint.unlink()


def make_result(name, profile, data, folder):
    """Evaluate the weights of a run and write its entry in ``results.json``."""
    share, images = SIZES[profile]
    samples = max(2, round(share * RUNS[name]["importance_samples"]))
    started = time.perf_counter()
    numbers = evaluate(name, folder, data, images, samples)
    weights = folder / f"{name}.safetensors"
    card = run_card(
        reached_from_function("tools.train.evaluate"),
        profile=profile,
        seed=0,
        data=data,
        wall_seconds=time.perf_counter() - started,
        entry="tools.train.evaluate",
        weights_sha256=file_hash(weights),
    )
    trained = json.loads(card_path(weights).read_text())
    settings = trained["settings"]
    entry = {
        "name": name,
        "prior": "standard",
        "seed": trained["seed"],
        "profile": profile,
        "data": data.name,
        "model": settings["model"],
        "training": settings["training"],
        "train_seconds": trained["wall_seconds"],
        "runtime": trained["runtime"],
        **numbers,
        "run_card": card,
    }
    add_result(entry, folder)
    print(f"{name}: -ELBO {-entry['elbo']:.2f}, NLL {entry['nll']:.2f} nats", flush=True)


def is_current(weights, reached, settings):
    """Say whether weights exist that this code would make again from these settings."""
    if not (weights.exists() and card_path(weights).exists()):
        return False
    card = json.loads(card_path(weights).read_text())
    return card["settings"] == settings and not stale(card, reached)


def add_result(entry, folder):
    """Put an entry into ``results.json``, in place of an older one of the same name."""
    path = folder / "results.json"
    entries = [old for old in results(folder) if old["name"] != entry["name"]] + [entry]
    entries.sort(key=lambda old: list(RUNS).index(old["name"]))
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(entries, indent=1) + "\n")
    os.replace(partial, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="*", help=f"which runs: {', '.join(RUNS)} (default: all)")
    parser.add_argument("--profile", choices=PROFILES, default="full")
    parser.add_argument("--data", choices=("mnist", "digits"), default="mnist")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to write")
    options = parser.parse_args()
    if unknown := set(options.runs) - set(RUNS):
        parser.error(f"no run is called {', '.join(sorted(unknown))}; there are {', '.join(RUNS)}")
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    data = load_images(options.data)
    for name in options.runs or RUNS:
        make_weights(name, options.profile, data, options.folder)
        make_result(name, options.profile, data, options.folder)


if __name__ == "__main__":
    main()
