"""Train the models whose weights and numbers the book shows (``make train``).

Writes into ``kl_utils/pretrained``: the weights of each run with its run card, and
``results.json``. What still matches its code and settings is not made again. A run that was
interrupted or killed goes on from its last whole epoch when the command is repeated (a head start
is repeated).

    python tools/train.py                 every run, full profile
    python tools/train.py vae-standard    one run
"""

import argparse
import hashlib
import json
import time
from pathlib import Path

import numpy as np
import torch
from recipes import RUNS
from run_cards import (
    ROOT,
    card_path,
    file_hash,
    reached_from_function,
    run_card,
    save_card,
    stale,
)

from kl_utils.aggregate import (
    cluster_accuracy,
    component_shares,
    dead_components,
    elbo_surgery,
    majority_accuracy,
)
from kl_utils.data import fixed_bits, load_images
from kl_utils.evaluation import (
    active_units,
    estimate_elbo,
    importance_sampled_nll,
    mean_image_nll,
    posteriors,
)
from kl_utils.head_start import head_start
from kl_utils.pretrained import FOLDER, load_pretrained, results, save_pretrained
from kl_utils.pretrained.schema import write_results
from kl_utils.runtime import PROFILES, Runtime
from kl_utils.training import fit
from kl_utils.vae import make_vae, reparameterize

BUILD = ROOT / "_build" / "train"

# The share of epochs and of importance samples, and the number of test images.
SIZES = {"smoke": (0.01, 20), "quick": (0.05, 200), "full": (1.0, 10_000)}


def train_model(run, share, data, checkpoint):
    """Train one model on ``share`` of its epochs; return model, history and the runtime used."""
    runtime, test_bits = Runtime.detect(), fixed_bits(data.test_images)
    model = make_vae(**run["model"])
    training = run["training"] | {"epochs": max(1, round(share * run["training"]["epochs"]))}
    options = {**training, "test_bits": test_bits, "runtime": runtime}
    before = []
    if head := options.pop("head_start_epochs", 0):
        shared = {k: v for k, v in options.items() if k not in ("epochs", "prior_learning_rate")}
        started = head_start(model, data.train_images, epochs=head, **shared)
        if started.interrupted:
            return model, started, runtime
        before = started.epochs
    history = fit(model, data.train_images, checkpoint=checkpoint, resume=True, **options)
    history.epochs[:0] = before
    return model, history, runtime


def evaluate(name, folder, data, images, samples):
    """Return every number that the book prints about a model, in nats per image.

    Everything runs in float32, whatever the precision of the training was. ``convergence`` says how
    much the NLL of some images still falls with ten times the samples; ``check`` is an NLL with few
    samples on few images, for a test to repeat in seconds.
    """
    runtime = Runtime.detect(precision="float32")
    model = load_pretrained(name, folder).model.to(runtime.device)
    bits = fixed_bits(data.test_images)[:images]
    elbo = estimate_elbo(model, bits, samples=10)
    mean, log_var = posteriors(model, bits)
    rows = 2000 if runtime.device.type == "cpu" else 50_000  # what fits a CPU's cache; fills a GPU
    nll = importance_sampled_nll(model, bits, samples, rows=rows)
    check = {"images": min(200, images), "samples": 200, "seed": 1}
    few = importance_sampled_nll(model, bits[: check["images"]], check["samples"], seed=1)
    convergence = {"images": min(50, images), "samples": [samples, 10 * samples]}
    convergence["nll"] = [
        importance_sampled_nll(model, bits[: convergence["images"]], s, seed=1).value
        for s in convergence["samples"]
    ]
    surgery = elbo_surgery(model, bits)
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
        "evaluated_with": str(runtime),
        "active_units": int(active_units(mean).sum()),
        "mean_image_nll": mean_image_nll(data.train_images, bits),
        "surgery": {name: estimate[:2] for name, estimate in surgery._asdict().items()},
        "components": sorting(model.prior, mean, log_var, data.test_labels[:images]),
        "convergence": convergence,
        "check": check | {"nll": few.value, "nll_standard_error": few.standard_error},
    }


def sorting(prior, mean, log_var, labels):
    """Return how a mixture's components sort images, or None for a prior without components.

    An image belongs to the component with the largest responsibility for its posterior mean. Which
    components are dead, one draw for each image says, as it does in training.
    """
    if prior.n_components == 0:
        return None
    with torch.no_grad():
        components = prior.responsibilities(mean).argmax(-1).cpu().numpy()
    z = reparameterize(mean, log_var, torch.Generator(mean.device).manual_seed(0))
    return {
        "dead": int(dead_components(component_shares(prior, z)).sum()),
        "cluster_accuracy": cluster_accuracy(components, labels),
        "majority_accuracy": majority_accuracy(components, labels),
    }


def make_weights(name, profile, data, folder):
    """Train a run and write its weights and their card, unless they are as they should be.

    Weights that are not published may be gone once they have been evaluated.
    """
    recipe = {key: RUNS[name][key] for key in ("model", "training")}
    settings = {**recipe, "profile": profile, "data": data.sha256}
    reached = reached_from_function("tools.train.train_model")
    weights, card_file = weights_path(name, folder), card_path(folder / name)
    card = read_card(card_file)
    current = card and card["settings"] == settings and not stale(card, reached)
    if current and (
        weights.exists() or is_evaluated(name, folder, card, samples_of(name, profile))
    ):
        print(f"{name}: trained already", flush=True)
        return
    print(f"{name}: training on {data.name}", flush=True)
    # A checkpoint of older code or other settings is never gone on with.
    made_by = hashlib.sha256(json.dumps([reached, settings]).encode()).hexdigest()[:12]
    checkpoint = BUILD / f"{name}-{made_by}.checkpoint"
    model, history, runtime = train_model(recipe, SIZES[profile][0], data, checkpoint)
    if history.interrupted:
        raise SystemExit("Interrupted: the same command goes on from the last whole epoch.")
    save_pretrained(name, model, recipe["model"], history, weights.parent)
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
    save_card(card_file, card)
    checkpoint.unlink()


def make_result(name, profile, data, folder):
    """Evaluate the weights of a run and write its entry in ``results.json``, unless it is there."""
    trained = read_card(card_path(folder / name))
    samples, images = samples_of(name, profile), SIZES[profile][1]
    if is_evaluated(name, folder, trained, samples):
        print(f"{name}: evaluated already", flush=True)
        return
    print(f"{name}: evaluating", flush=True)
    weights = weights_path(name, folder)
    started = time.perf_counter()
    numbers = evaluate(name, weights.parent, data, images, samples)
    card = run_card(
        reached_from_function("tools.train.evaluate"),
        profile=profile,
        seed=0,
        data=data,
        wall_seconds=time.perf_counter() - started,
        entry="tools.train.evaluate",
        weights_sha256=file_hash(weights),
    )
    settings = trained["settings"]
    entry = {
        "name": name,
        "prior": settings["model"]["prior"],
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


def weights_path(name, folder):
    """Return where the weights of a run lie: in ``folder`` if they are published."""
    return (folder if RUNS[name]["published"] else BUILD) / f"{name}.safetensors"


def samples_of(name, profile):
    """Return the number of importance samples for a run."""
    return max(2, round(SIZES[profile][0] * RUNS[name]["importance_samples"]))


def read_card(path):
    """Return a run card, or None if there is none."""
    return json.loads(path.read_text()) if path.exists() else None


def is_evaluated(name, folder, trained, samples):
    """Say whether ``results.json`` holds what this code would say about the weights of a card."""
    entry = next((entry for entry in results(folder) if entry["name"] == name), None)
    if entry is None or entry["samples"] != samples:
        return False
    card = entry["run_card"]
    same_weights = card["weights_sha256"] == trained["weights_sha256"]
    return same_weights and not stale(card, reached_from_function(card["entry"]))


def add_result(entry, folder):
    """Put an entry into ``results.json``, in place of an older one of the same name."""
    entries = [old for old in results(folder) if old["name"] != entry["name"]] + [entry]
    entries.sort(key=lambda old: list(RUNS).index(old["name"]))
    write_results(folder / "results.json", entries)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="*", help=f"which runs: {', '.join(RUNS)} (default: all)")
    parser.add_argument("--profile", choices=PROFILES, default="full")
    parser.add_argument("--data", choices=("mnist", "digits"), default="mnist")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to write")
    options = parser.parse_args()
    if unknown := set(options.runs) - set(RUNS):
        parser.error(f"no run is called {', '.join(sorted(unknown))}; there are {', '.join(RUNS)}")
    for folder in (BUILD, options.folder):
        folder.mkdir(parents=True, exist_ok=True)
    data = load_images(options.data)
    for name in options.runs or RUNS:
        make_weights(name, options.profile, data, options.folder)
        make_result(name, options.profile, data, options.folder)


if __name__ == "__main__":
    main()
