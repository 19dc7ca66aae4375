"""Replays: what a recipe and the code beside it do, seen in seconds.

A published model took minutes to train, so no test can do it again. Its *replay* can be: the
same recipe with small networks and few epochs, on the digits that come with scikit-learn, through
every phase of a full run (head start, warm-up, the schedule to its end, an interruption with
checkpoint and resume, saving and loading, evaluation). What came out stands on the run card, and
with it how far each number may move because another processor rounds another way.

What changes the arithmetic by more than rounding does moves a number, and :func:`moved` says which,
and after which epoch. A rename, a move or a docstring cannot.
"""

import contextlib
import io
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch

from kl_utils.data import load_images
from kl_utils.pretrained import load_pretrained, save_pretrained
from kl_utils.runtime import Runtime

from .runs import evaluate, train_model

EPOCHS, HALF_WAY = 12, 7  # epochs of the small run, and how many come before its interruption
IMAGES, SAMPLES = 100, 50  # of its evaluation
PARTS = ("encoder", "decoder", "prior")

# Ways to make this machine round as another would: torch, oneDNN and MKL can be told to do without
# its newer instructions.
_OLD_TORCH = {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"}
_OLD_MKL = {"MKL_CBWR": "COMPATIBLE"}
_ONE = {"LOKY_MAX_CPU_COUNT": "1", "OMP_NUM_THREADS": "1"}
# Threads that spin while they wait take minutes where another process wants the core.
_TWO = {"LOKY_MAX_CPU_COUNT": "2", "OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE"}
ROUNDINGS = {
    "1 thread": _ONE,
    "2 threads": _TWO,
    "torch with AVX2": _ONE | {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"},
    "torch without AVX": _ONE | _OLD_TORCH,
    "MKL without AVX": _ONE | _OLD_MKL,
    "both without AVX, 2 threads": _TWO | _OLD_TORCH | _OLD_MKL,
}
# A number may move by this many times the most that was seen to come from rounding; at least by a
# few roundings of float32, and by what one image or one component changes in a count.
_SAFETY, _FLOAT32 = 10, 1e-6
_COUNTS = {"active_units": 1, "dead": 1, "accuracy": 2 / IMAGES}


def small(recipe):
    """Return a recipe made small; warm-up and epochs keep their ratio."""
    model, training = recipe["model"], recipe["training"]
    shrink = EPOCHS / training["epochs"]
    sizes = {"hidden_sizes": [size // 4 for size in model["hidden_sizes"]]}
    if "n_components" in model:
        sizes["n_components"] = max(5, model["n_components"] // 10)
    return {
        "model": model | sizes,
        "training": training
        | {
            "batch_size": training["batch_size"] // 8,
            "epochs": EPOCHS,
            "warm_up_epochs": training["warm_up_epochs"] * shrink,
        },
    }


def replay(recipe, precision):
    """Train and evaluate the small recipe; return its numbers, each as a list, by name.

    Parameters
    ----------
    recipe : dict
        ``model`` and ``training`` of a run, as in :data:`recipes.RUNS`.
    precision : str
        In which the networks are trained: ``"float32"`` or ``"bfloat16"``.

    Returns
    -------
    dict of lists of float
        The curves of training, an entry an epoch (head start first); then the norm of the weights
        of each part; then what the evaluation says, in nats per image.
    """
    recipe, data = small(recipe), load_images("digits")
    runtime = Runtime.detect("cpu", precision)
    with tempfile.TemporaryDirectory() as folder, _quietly():
        checkpoint = Path(folder) / "checkpoint"
        _, first = train_model(recipe, data, _stopping(runtime, recipe, data), checkpoint)
        assert first.interrupted and checkpoint.exists(), "the replay ran past its interruption"
        model, history = train_model(recipe, data, runtime, checkpoint)
        save_pretrained("replay", model, recipe["model"], history, folder)
        loaded = load_pretrained("replay", folder)
        evaluation = evaluate(loaded.model, data, IMAGES, SAMPLES)
    measured = ("distortion", "rate", "kl_weight", "held_out_distortion", "held_out_rate")
    numbers = {name: loaded.history.curve(name).tolist() for name in measured}
    for part in PARTS:
        parameters = [p.detach().flatten() for p in getattr(model, part).parameters()]
        if parameters:
            numbers[f"norm of {part}"] = [torch.cat(parameters).norm().item()]
    return numbers | _flat(evaluation, "evaluation")


def measure(name, precision, roundings=ROUNDINGS):
    """Replay a run in several roundings; return what its card says of that, ready for JSON."""
    numbers, *others = [numbers_of(name, precision, rounding) for rounding in roundings.values()]
    return {
        "precision": precision,
        "roundings": list(roundings),
        "numbers": {key: [float(f"{value:.9g}") for value in numbers[key]] for key in numbers},
        "tolerances": {
            key: float(f"{_tolerance(key, values, [other[key] for other in others]):.2g}")
            for key, values in numbers.items()
        },
    }


def numbers_of(name, precision, variables=ROUNDINGS["1 thread"], folders=()):
    """Return the numbers of a replay in a fresh process, with these environment variables.

    ``folders`` come before the project's own: copies of its code, to be replayed in its place.
    """
    path = [*map(str, folders), *sys.path]
    done = subprocess.run(
        [sys.executable, "-P", "-m", __spec__.name, name, precision],
        env={**os.environ, **variables, "PYTHONPATH": os.pathsep.join(filter(None, path))},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def _tolerance(key, values, others):
    spread = [abs(a - b) for other in others for a, b in zip(values, other, strict=True)]
    one_more = [least for ending, least in _COUNTS.items() if key.endswith(ending)]
    return max(_SAFETY * max(spread, default=0), _FLOAT32 * max(map(abs, values)), *one_more, 1e-9)


def moved(numbers, card):
    """Return what a replay says otherwise than its card: a sentence for each number, or none."""
    expected, tolerances = card["numbers"], card["tolerances"]
    sentences = [f"{name} is new" for name in numbers if name not in expected]
    for name, before in expected.items():
        now, tolerance = numbers.get(name, []), tolerances[name]
        if len(now) != len(before):
            sentences.append(f"{name} has {len(now)} values, not {len(before)}")
            continue
        off = [not abs(a - b) <= tolerance for a, b in zip(now, before, strict=True)]
        if any(off):
            at = off.index(True)
            times = abs(now[at] - before[at]) / tolerance
            where = f" after epoch {at + 1}" if len(before) > 2 else ""
            sentences.append(
                f"{name}{where} is {now[at]:.6g}, and was {before[at]:.6g}: "
                f"{times:.3g} times what rounding explains"
            )
    return sentences


@dataclass(frozen=True)
class _Stopping(Runtime):
    """A runtime in which somebody interrupts the run, once, at some step."""

    steps: itertools.count

    def autocast(self):
        if next(self.steps) == 0:
            raise KeyboardInterrupt
        return super().autocast()


def _stopping(runtime, recipe, data):
    """Return a runtime that interrupts a small run in the middle of an epoch."""
    training = recipe["training"]
    steps = len(data.train_images) // training["batch_size"] + 1  # the last one measures
    epochs = training.get("head_start_epochs", 0) + HALF_WAY
    start = -(epochs * steps + steps // 2)
    return _Stopping(runtime.device, runtime.network_dtype, runtime.threads, itertools.count(start))


@contextlib.contextmanager
def _quietly():
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _flat(value, name):
    """Return all numbers in nested dicts and lists, by a name that leads to them."""
    if isinstance(value, dict):
        parts = [_flat(inner, f"{name}.{key}") for key, inner in value.items()]
        return {key: number for part in parts for key, number in part.items()}
    if isinstance(value, (list, tuple)):
        return {name: [float(number) for number in value]}
    is_number = isinstance(value, (int, float)) and math.isfinite(value)
    return {name: [float(value)]} if is_number else {}


if __name__ == "__main__":
    from .recipes import RUNS

    print(json.dumps(replay(RUNS[sys.argv[1]], sys.argv[2])))
