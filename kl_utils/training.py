"""Training: the loop, its history, and checkpoints that survive an interrupt or a kill."""

import hashlib
import json
import math
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from tqdm.auto import tqdm

from .data import binarize
from .runtime import Runtime


class Epoch(NamedTuple):
    """One line of a :class:`History`; all terms are means in nats per image.

    ``distortion`` and ``rate`` are measured while training, on images binarised afresh.
    ``kl_weight`` is the weight of the rate in the loss at the epoch's end: where it is below 1,
    the loss was not a negative ELBO. ``test_distortion`` and ``test_rate`` are measured after the
    epoch (nan without test bits). ``seconds`` is training time; measuring is not counted.
    """

    distortion: float
    rate: float
    kl_weight: float
    test_distortion: float
    test_rate: float
    seconds: float

    @property
    def negative_elbo(self):
        """Distortion + rate on the training images."""
        return self.distortion + self.rate

    @property
    def test_negative_elbo(self):
        """Distortion + rate on the test bits."""
        return self.test_distortion + self.test_rate


@dataclass
class History:
    """What a training run saw, epoch by epoch, and whether it was stopped by hand."""

    epochs: list[Epoch] = field(default_factory=list)
    interrupted: bool = False

    def curve(self, name):
        """Return one quantity of :class:`Epoch` over the epochs, shape ``(epochs,)``."""
        return np.array([getattr(epoch, name) for epoch in self.epochs])


def fit(
    model,
    images,
    *,
    epochs,
    batch_size=256,
    learning_rate=2e-3,
    prior_learning_rate=None,
    warm_up_epochs=0,
    stick_the_landing=False,
    test_bits=None,
    seed=0,
    prepare=binarize,
    runtime=None,
    checkpoint=None,
    resume=False,
    progress=True,
):
    """Train ``model`` on grey images by maximising the ELBO of their binarised copies.

    The learning rate follows one cycle (Smith & Topin, 2018): it rises to ``learning_rate``, then
    falls to almost zero.

    Parameters
    ----------
    model : VAE
        Trained in place, and moved to the runtime's device.
    images : array of uint8, shape (n, pixels)
        Grey values 0 to 255, binarised afresh in every epoch. They stay bytes in memory.
    epochs, batch_size : int
        Passes over the images, and images a step. The images that fill no last batch sit out one
        pass; the next pass shuffles again.
    learning_rate : float
        Highest learning rate of the cycle.
    prior_learning_rate : float, optional
        The same for the prior's parameters, if it has any; ``learning_rate`` if absent.
    warm_up_epochs : float
        Epochs over which the weight of the rate rises from 0 to 1; 0 for none.
    stick_the_landing : bool
        Take the gradient of the rate through z alone, as :meth:`kl_utils.vae.VAE.elbo_terms` says.
    test_bits : array of 0 and 1, shape (m, pixels), optional
        Test images on which both terms are measured after every epoch.
    seed : int
        Seeds the order of the images, their binarisation and the posterior's noise.
    prepare : callable
        Makes what the model sees from a batch of bytes and a ``torch.Generator``.
    runtime : Runtime, optional
        Device and precision; detected if absent.
    checkpoint : path, optional
        A safetensors file, written after every epoch.
    resume : bool
        Go on from ``checkpoint`` if that file exists: the same curve as without the break.
    progress : bool
        Show a progress bar.

    Returns
    -------
    History
        After a keyboard interrupt too: ``history.interrupted`` is then true, and the model keeps
        what it has learnt.

    Raises
    ------
    FloatingPointError
        If the loss or a weight stops being finite. The model then has the weights of the last
        good epoch.
    ValueError
        If an argument is out of range, or the checkpoint to resume belongs to another run.
    """
    runtime = runtime or Runtime.detect()
    settings = {
        "images": len(images),
        "images_sha256": _digest(images),
        "device": runtime.device.type,
        "precision": str(runtime.network_dtype),
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "prior_learning_rate": prior_learning_rate or learning_rate,
        "warm_up_epochs": warm_up_epochs,
        "stick_the_landing": stick_the_landing,
        "seed": seed,
    }
    _check(settings)
    model.to(runtime.device)
    images = as_tensor(images, runtime.device)
    run = _Run(model, settings, runtime)
    if resume and checkpoint is not None and Path(checkpoint).exists():
        run.load(checkpoint)

    history = run.history
    bar = tqdm(total=epochs, initial=len(history.epochs), unit="epoch", disable=not progress)
    try:
        while len(history.epochs) < epochs:
            record = _train_epoch(run, images, prepare)
            if test_bits is not None:
                distortion, rate = mean_terms(model, test_bits, runtime)
                record = record._replace(test_distortion=distortion, test_rate=rate)
            history.epochs.append(record)
            if checkpoint is not None:
                run.save(checkpoint)
            bar.set_postfix_str(f"-ELBO {record.negative_elbo:.2f} nats")
            bar.update()
    except KeyboardInterrupt:
        history.interrupted = True
        print(f"Stopped by hand after {len(history.epochs)} of {epochs} epochs. The model is kept.")
    finally:
        bar.close()
    return history


def _train_epoch(run, images, prepare):
    """Make one pass over the images and return its :class:`Epoch`."""
    settings, generator = run.settings, run.generator
    good_weights = {name: value.clone() for name, value in run.model.state_dict().items()}
    started = time.perf_counter()
    totals = torch.zeros(2, device=images.device)
    order = batches(len(images), settings["batch_size"], generator)
    for step, indices in enumerate(order):
        progress = len(run.history.epochs) + step / len(order)
        kl_weight = warm_up(progress, settings["warm_up_epochs"])
        x = prepare(images[indices], generator).float()
        with run.runtime.autocast():
            distortion, rate = run.model.elbo_terms(
                x, generator, stick_the_landing=settings["stick_the_landing"]
            )
        loss = (distortion + kl_weight * rate).mean()
        run.optimizer.zero_grad()
        loss.backward()
        run.optimizer.step()
        run.schedule.step()
        totals += torch.stack([distortion.detach().mean(), rate.detach().mean()])
    distortion, rate = (totals / len(order)).tolist()
    weights_are_finite = all(p.isfinite().all() for p in run.model.parameters())
    if not (math.isfinite(distortion + rate) and weights_are_finite):
        run.model.load_state_dict(good_weights)
        raise FloatingPointError(
            f"loss or weights stopped being finite in epoch {len(run.history.epochs) + 1}; the "
            "model has its weights of the epoch before. Try a lower learning_rate."
        )
    return Epoch(distortion, rate, kl_weight, math.nan, math.nan, time.perf_counter() - started)


def batches(n, batch_size, generator):
    """Return the indices 0 to n - 1, shuffled, as full batches ``(steps, batch_size)``."""
    steps = n // batch_size
    shuffled = torch.randperm(n, generator=generator, device=generator.device)
    return shuffled[: steps * batch_size].view(steps, batch_size)


def warm_up(progress, warm_up_epochs):
    """Return the weight of the rate after ``progress`` epochs: a ramp from 0 to 1."""
    return min(1.0, progress / warm_up_epochs) if warm_up_epochs else 1.0


@torch.no_grad()
def mean_terms(model, bits, runtime, *, seed=0, batch_size=1000):
    """Return mean distortion and mean rate of binary images, in nats per image."""
    generator = torch.Generator(runtime.device).manual_seed(seed)
    totals = np.zeros(2)
    for batch in as_tensor(bits, runtime.device).split(batch_size):
        with runtime.autocast():
            distortion, rate = model.elbo_terms(batch.float(), generator)
        totals += [distortion.sum().item(), rate.sum().item()]
    distortion, rate = (totals / len(bits)).tolist()
    return distortion, rate


def as_tensor(images, device):
    """Return an array or tensor of images as a tensor on ``device``."""
    if isinstance(images, torch.Tensor):
        return images.to(device)
    return torch.tensor(images, device=device)  # a copy: the data set's arrays are read-only


def _digest(images):
    return hashlib.sha256(as_tensor(images, "cpu").contiguous().numpy()).hexdigest()


def _check(settings):
    for name in ("epochs", "batch_size", "learning_rate", "prior_learning_rate"):
        if not settings[name] > 0:
            raise ValueError(f"{name} must be positive; got {settings[name]!r}")
    if not settings["warm_up_epochs"] >= 0:
        raise ValueError(f"warm_up_epochs must not be negative; got {settings['warm_up_epochs']!r}")
    if settings["batch_size"] > settings["images"]:
        raise ValueError(
            f"batch_size must be at most the number of images, {settings['images']}; "
            f"got {settings['batch_size']}"
        )


class _Run:
    """Everything that changes while a model trains, so that it can be saved and restored."""

    def __init__(self, model, settings, runtime):
        self.model, self.settings, self.runtime = model, settings, runtime
        self.history = History()
        self.generator = torch.Generator(runtime.device).manual_seed(settings["seed"])
        networks = [*model.encoder.parameters(), *model.decoder.parameters()]
        groups = [{"params": networks}, {"params": [*model.prior.parameters()]}]
        self.optimizer = torch.optim.Adam(groups, fused=True)
        steps = settings["epochs"] * (settings["images"] // settings["batch_size"])
        peaks = [settings["learning_rate"], settings["prior_learning_rate"]]
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(self.optimizer, peaks, steps)

    def save(self, path):
        """Write a checkpoint; a kill at any moment leaves the old file or the new one, whole."""
        optimizer = self.optimizer.state_dict()
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        for parameter, moments in optimizer["state"].items():
            tensors |= {f"optimizer.{parameter}.{name}": t for name, t in moments.items()}
        tensors["generator"] = self.generator.get_state()
        metadata = {
            "settings": self.settings,
            "history": self.history.epochs,
            "param_groups": optimizer["param_groups"],
            "schedule": self.schedule.state_dict(),
        }
        partial = Path(f"{path}.partial")
        save_file(tensors, partial, {key: json.dumps(value) for key, value in metadata.items()})
        os.replace(partial, path)

    def load(self, path):
        """Restore a checkpoint of the same run."""
        try:
            with safe_open(path, "pt", device=str(self.runtime.device)) as file:
                metadata = {key: json.loads(value) for key, value in file.metadata().items()}
                tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            theirs = metadata["settings"]
        except (SafetensorError, AttributeError, KeyError, ValueError) as error:
            raise ValueError(f"{path} is not a readable checkpoint: {error}") from error
        changed = [name for name, value in self.settings.items() if theirs.get(name) != value]
        if changed:
            name = changed[0]
            raise ValueError(
                f"{path} is the checkpoint of another run: its {name} is {theirs.get(name)!r}, "
                f"this one's is {self.settings[name]!r}"
            )
        moments = {}
        for key, tensor in tensors.items():
            kind, _, rest = key.partition(".")
            if kind == "optimizer":
                parameter, _, name = rest.partition(".")
                moments.setdefault(int(parameter), {})[name] = tensor
        weights = {k.removeprefix("model."): v for k, v in tensors.items() if k[:6] == "model."}
        self.model.load_state_dict(weights)
        self.optimizer.load_state_dict({"state": moments, "param_groups": metadata["param_groups"]})
        self.schedule.load_state_dict(metadata["schedule"])
        self.generator.set_state(tensors["generator"].cpu())
        self.history.epochs[:] = [Epoch(*epoch) for epoch in metadata["history"]]
