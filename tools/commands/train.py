"""Train the models whose weights and numbers the book shows (``make train``).

Writes into ``kl_utils/pretrained``: the weights of each run with its run card, and
``results.json``. What a replay finds to belong to the code still is not made again. A run that was
interrupted or killed goes on from its last whole epoch when the command is repeated (a head start
is repeated).

    python -m tools.commands.train                 every run, full profile
    python -m tools.commands.train vae-standard    one run
"""

import argparse
import time
from pathlib import Path

from kl_utils.data import load_images
from kl_utils.pretrained import FOLDER, load_pretrained, results, save_pretrained
from kl_utils.pretrained.entries import write_entries
from kl_utils.pretrained.schema import Result
from kl_utils.runtime import PROFILES, Runtime
from tools import ROOT
from tools.provenance.cards import card_path, file_hash, read_card, run_card, save_card
from tools.provenance.recipes import RUNS
from tools.provenance.replays import ROUNDINGS, measure, moved, replay
from tools.provenance.runs import evaluate, train_model

BUILD = ROOT / "_build" / "train"  # for what is not published, and for runs under way

# The share of epochs and of importance samples, and the number of test images.
SIZES = {"smoke": (0.01, 20), "quick": (0.05, 200), "full": (1.0, 10_000)}


def recipe_of(name):
    """Return what a run's card has to say of its recipe."""
    return {part: RUNS[name][part] for part in ("model", "training")}


def what_moved(name, card):
    """Return what the replay of a run says otherwise than its card: of training, of evaluation."""
    sentences = moved(replay(recipe_of(name), card["replay"]["precision"]), card["replay"])
    of_evaluation = [sentence for sentence in sentences if sentence.startswith("evaluation")]
    return [sentence for sentence in sentences if sentence not in of_evaluation], of_evaluation


def make(name, profile, data, folder):
    """Train and evaluate a run, as far as card and replay don't say that this was done already.

    Weights that are not published may be gone once they have been evaluated.
    """
    settings = {**recipe_of(name), "profile": profile, "data": data.sha256}
    weights, card_file = weights_path(name, folder), card_path(folder / name)
    card = read_card(card_file)
    same_recipe = card and card["settings"] == settings
    of_training, of_evaluation = what_moved(name, card) if same_recipe else ([], [])
    evaluated = same_recipe and not of_evaluation and is_evaluated(name, profile, folder, card)
    if same_recipe and not of_training and (weights.exists() or evaluated):
        print(f"{name}: trained already", flush=True)
    else:
        print(f"{name}: training on {data.name}", *of_training, sep="\n  ", flush=True)
        card, evaluated, of_evaluation = train(name, settings, data, weights, folder), False, []
        save_card(card_file, card)
    if evaluated:
        print(f"{name}: evaluated already", flush=True)
        return
    print(f"{name}: evaluating", *of_evaluation, sep="\n  ", flush=True)
    entry = result_of(name, profile, data, weights, card)
    add_result(entry, folder)
    if of_evaluation:
        card["replay"] = measure(name, card["replay"]["precision"])
        save_card(card_file, card)
    print(f"{name}: -ELBO {-entry['elbo']:.2f}, NLL {entry['nll']:.2f} nats", flush=True)


def train(name, settings, data, weights, folder):
    """Train a run, write its weights, and return its card."""
    runtime = Runtime.detect()
    profile, recipe = settings["profile"], recipe_of(name)
    checkpoint, begun = (build(folder) / f"{name}.{kind}" for kind in ("checkpoint", "begun.json"))
    its_replay = begin(name, settings, runtime, checkpoint, begun)
    epochs = max(1, round(SIZES[profile][0] * recipe["training"]["epochs"]))
    shorter = recipe | {"training": recipe["training"] | {"epochs": epochs}}
    model, history = train_model(shorter, data, runtime, checkpoint)
    if history.interrupted:
        raise SystemExit("Interrupted: the same command goes on from the last whole epoch.")
    save_pretrained(name, model, recipe["model"], history, weights.parent)
    checkpoint.unlink()
    begun.unlink()
    return run_card(
        profile=profile,
        seed=recipe["training"]["seed"],
        data=data,
        wall_seconds=history.curve("seconds").sum(),
        settings=settings,
        runtime=str(runtime),
        weights_sha256=file_hash(weights),
        replay=its_replay,
    )


def begin(name, settings, runtime, checkpoint, begun):
    """Return the replay of a run, made before it starts and kept in the file ``begun`` meanwhile.

    A checkpoint of other settings, or of code that does something else, is never gone on with.
    """
    before = read_card(begun)
    if before and before["settings"] == settings and not any(what_moved(name, before)):
        return before["replay"]
    checkpoint.unlink(missing_ok=True)
    precision = str(runtime.network_dtype).removeprefix("torch.")
    roundings = ROUNDINGS if settings["profile"] == "full" else {"1 thread": ROUNDINGS["1 thread"]}
    its_replay = measure(name, precision, roundings)
    save_card(begun, {"settings": settings, "replay": its_replay})
    return its_replay


def result_of(name, profile, data, weights, trained):
    """Evaluate the weights of a run; return its entry in ``results.json``.

    Everything runs in float32, whatever the precision of the training was.
    """
    runtime = Runtime.detect(precision="float32")
    started = time.perf_counter()
    model = load_pretrained(name, weights.parent).model.to(runtime.device)
    numbers = evaluate(model, data, SIZES[profile][1], samples_of(name, profile))
    card = run_card(
        profile=profile,
        seed=0,
        data=data,
        wall_seconds=time.perf_counter() - started,
        weights_sha256=file_hash(weights),
    )
    settings = trained["settings"]
    return {
        "name": name,
        "prior": settings["model"]["prior"],
        "seed": trained["seed"],
        "profile": profile,
        "data": data.name,
        "model": settings["model"],
        "training": settings["training"],
        "train_seconds": trained["wall_seconds"],
        "runtime": trained["runtime"],
        "evaluated_with": str(runtime),
        **numbers,
        "run_card": card,
    }


def weights_path(name, folder):
    """Return where the weights of a run lie: in ``folder`` if they are published."""
    return (folder if RUNS[name]["published"] else build(folder)) / f"{name}.safetensors"


def build(folder):
    """Return where a run is built: a trial in another folder touches nothing of the published."""
    return BUILD if folder == FOLDER else folder


def samples_of(name, profile):
    """Return the number of importance samples for a run."""
    return max(2, round(SIZES[profile][0] * RUNS[name]["importance_samples"]))


def is_evaluated(name, profile, folder, trained):
    """Say whether ``results.json`` holds what was found for the weights of a card."""
    entry = next((entry for entry in results(folder) if entry["name"] == name), None)
    return (
        entry is not None
        and entry["samples"] == samples_of(name, profile)
        and entry["run_card"]["weights_sha256"] == trained["weights_sha256"]
    )


def add_result(entry, folder):
    """Put an entry into ``results.json``, in place of an older one of the same name."""
    entries = [old for old in results(folder) if old["name"] != entry["name"]] + [entry]
    entries.sort(key=lambda old: list(RUNS).index(old["name"]))
    write_entries(folder / "results.json", entries, Result)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="*", help=f"which runs: {', '.join(RUNS)} (default: all)")
    parser.add_argument("--profile", choices=PROFILES, default="full")
    parser.add_argument("--data", choices=("mnist", "digits"), default="mnist")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to write")
    options = parser.parse_args()
    if unknown := set(options.runs) - set(RUNS):
        parser.error(f"no run is called {', '.join(sorted(unknown))}; there are {', '.join(RUNS)}")
    for folder in (build(options.folder), options.folder):
        folder.mkdir(parents=True, exist_ok=True)
    data = load_images(options.data)
    for name in options.runs or RUNS:
        make(name, options.profile, data, options.folder)


if __name__ == "__main__":
    main()
