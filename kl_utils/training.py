"""Training: the loop, and what it may be asked to do."""

import hashlib
import math
import time
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm

from ._arguments import require
from ._inputs import real_number, whole_number
from .checkpoints import TrainingState, check_place, load_checkpoint, save_checkpoint
from .history import Epoch, History
from .objectives import importance_weighted_bound, weighted_elbo
from .runtime import Runtime
from .vae import evaluation_mode


def fit(
    model,
    images,
    *,
    epochs,
    batch_size=256,
    learning_rate=2e-3,
    prior_learning_rate=None,
    warm_up_epochs=0,
    kl_weight=1.0,
    stick_the_landing=False,
    finish_epochs=0,
    finish_draws=5,
    held_out=None,
    seed=0,
    prepare=None,
    runtime=None,
    checkpoint=None,
    resume=False,
    progress=True,
):
    """Train ``model`` on images by maximising the ELBO, or what the settings make of it.

    The learning rate follows one cycle (Smith & Topin, 2018): it rises to ``learning_rate``, then
    falls to almost zero.

    Parameters
    ----------
    model : VAE
        Trained in place, and moved to the runtime's device.
    images : array of uint8, shape (n, *event_shape)
        Grey or colour values 0 to 255, which the model's likelihood makes x of, afresh in every
        epoch: bits, for example. They stay bytes in memory. A Gaussian likelihood takes real
        numbers, too, and leaves them as they are.
    epochs, batch_size : int
        Passes over the images, and images a step. The images that fill no last batch sit out one
        pass; the next pass shuffles again.
    learning_rate : float
        Highest learning rate of the cycle.
    prior_learning_rate : float, optional
        The same for the prior's parameters, if it has any; ``learning_rate`` if absent.
    warm_up_epochs : float
        Epochs over which the weight of the rate rises from 0 to ``kl_weight``; 0 for none.
    kl_weight : float
        The β of a β-VAE. Unless it is 1, what is maximised is no ELBO.
    stick_the_landing : bool
        Take the gradient of the rate through z alone, as :meth:`kl_utils.vae.VAE.elbo_terms` says.
    finish_epochs, finish_draws : int
        The last ``finish_epochs`` maximise the importance-weighted bound of ``finish_draws`` draws
        (:func:`kl_utils.objectives.importance_weighted_bound`) in place of the ELBO.
    held_out : array, shape (m, *event_shape), optional
        Other images, such as bits, on which both terms are measured after every epoch.
    seed : int
        Seeds the order of the images, their binarisation and the posterior's noise.
    prepare : callable, optional
        Makes x from a batch of ``images`` and a ``torch.Generator``, in place of the likelihood's
        own ``prepare``. A checkpoint knows it by its name.
    runtime : Runtime, optional
        Device and precision; detected if absent.
    checkpoint : path, optional
        A safetensors file in a folder that exists, written after every epoch.
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
    ValueError, TypeError
        If an argument is not as it has to be, or the checkpoint to resume is damaged or belongs to
        another run or model. The model is then as it was.
    """
    runtime, likelihood = runtime or Runtime.detect(), model.likelihood
    model.check_shapes()
    images = likelihood.stored("images", images, runtime.device)
    if held_out is not None:
        held_out = likelihood.observed("held_out", held_out, runtime.device)
    prepare = prepare or likelihood.prepare
    if checkpoint is not None:
        check_place(checkpoint)
        expected = "a function with a name, by which the checkpoint can know it"
        require("<lambda>" not in _name_of(prepare), "prepare", expected, _name_of(prepare))
    if prior_learning_rate is None:
        prior_learning_rate = learning_rate
    settings = {
        "images": len(images),
        "images_sha256": _digest(images),
        "prepare": _name_of(prepare),
        "likelihood": repr(likelihood),
        "device": runtime.device.type,
        "precision": str(runtime.network_dtype),
        "epochs": whole_number("epochs", epochs, least=1),
        "batch_size": whole_number("batch_size", batch_size, least=1),
        "learning_rate": real_number("learning_rate", learning_rate),
        "prior_learning_rate": real_number("prior_learning_rate", prior_learning_rate),
        "warm_up_epochs": real_number("warm_up_epochs", warm_up_epochs, zero=True),
        "kl_weight": real_number("kl_weight", kl_weight, zero=True),
        "stick_the_landing": bool(stick_the_landing),
        "finish_epochs": whole_number("finish_epochs", finish_epochs, least=0),
        "finish_draws": whole_number("finish_draws", finish_draws, least=1),
        "seed": whole_number("seed", seed),
    }
    finish, most = settings["finish_epochs"], settings["epochs"]
    require(finish <= most, "finish_epochs", f"at most {most}, the number of epochs", finish)
    at_most = f"at most {len(images)}, the number of images"
    require(settings["batch_size"] <= len(images), "batch_size", at_most, batch_size)
    model.to(runtime.device)
    state = _start(model, settings, runtime)
    if resume and checkpoint is not None and Path(checkpoint).exists():
        load_checkpoint(checkpoint, state, settings)

    history = state.history
    bar = tqdm(total=epochs, initial=len(history.epochs), unit="epoch", disable=not progress)
    try:
        while len(history.epochs) < epochs:
            record = _train_epoch(state, settings, runtime, images, prepare)
            if held_out is not None:
                distortion, rate = mean_terms(model, held_out, runtime)
                record = record._replace(held_out_distortion=distortion, held_out_rate=rate)
            history.epochs.append(record)
            if checkpoint is not None:
                save_checkpoint(checkpoint, state, settings)
            bar.set_postfix_str(f"-ELBO {record.negative_elbo:.2f} nats")
            bar.update()
    except KeyboardInterrupt:
        history.interrupted = True
        print(f"Stopped by hand after {len(history.epochs)} of {epochs} epochs. The model is kept.")
    finally:
        bar.close()
    return history


def _start(model, settings, runtime):
    """Return the :class:`TrainingState` before the first step."""
    parts = (model.encoder, model.decoder, model.likelihood)
    networks = [parameter for part in parts for parameter in part.parameters()]
    groups = [{"params": networks}, {"params": [*model.prior.parameters()]}]
    optimizer = torch.optim.Adam(groups, fused=True)
    steps = settings["epochs"] * (settings["images"] // settings["batch_size"])
    peaks = [settings["learning_rate"], settings["prior_learning_rate"]]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peaks, steps)
    generator = torch.Generator(runtime.device).manual_seed(settings["seed"])
    return TrainingState(model, optimizer, schedule, generator, History())


def _train_epoch(state, settings, runtime, images, prepare):
    """Make one pass over the images and return its :class:`Epoch`."""
    model, generator, epochs_before = state.model, state.generator, len(state.history.epochs)
    good_weights = {name: value.clone() for name, value in model.state_dict().items()}
    started = time.perf_counter()
    totals = torch.zeros(2, device=images.device)
    order = batches(len(images), settings["batch_size"], generator)
    objective = _objective(settings, epochs_before)
    model.train()
    for step, indices in enumerate(order):
        progress = epochs_before + step / len(order)
        kl_weight = settings["kl_weight"] * warm_up(progress, settings["warm_up_epochs"])
        x = prepare(images[indices], generator).float()
        with runtime.autocast():
            loss, distortion, rate = objective(model, x, generator, kl_weight)
        state.optimizer.zero_grad()
        loss.mean().backward()
        state.optimizer.step()
        state.schedule.step()
        totals += torch.stack([distortion.detach().mean(), rate.detach().mean()])
    distortion, rate = (totals / len(order)).tolist()
    weights_are_finite = all(p.isfinite().all() for p in model.parameters())
    if not (math.isfinite(distortion + rate) and weights_are_finite):
        model.load_state_dict(good_weights)
        raise FloatingPointError(
            f"loss or weights stopped being finite in epoch {epochs_before + 1}; the "
            "model has its weights of the epoch before. Try a lower learning_rate."
        )
    return Epoch(distortion, rate, kl_weight, math.nan, math.nan, time.perf_counter() - started)


def batches(n, batch_size, generator):
    """Return the indices 0 to n - 1, shuffled, as full batches ``(steps, batch_size)``."""
    steps = n // batch_size
    shuffled = torch.randperm(n, generator=generator, device=generator.device)
    return shuffled[: steps * batch_size].view(steps, batch_size)


def _objective(settings, epochs_before):
    """Return what is minimised in this epoch."""
    if epochs_before >= settings["epochs"] - settings["finish_epochs"]:
        draws = settings["finish_draws"]
        return lambda model, x, generator, kl_weight: importance_weighted_bound(
            model, x, generator, draws=draws
        )
    stick = settings["stick_the_landing"]
    return lambda model, x, generator, kl_weight: weighted_elbo(
        model, x, generator, kl_weight=kl_weight, stick_the_landing=stick
    )


def warm_up(progress, warm_up_epochs):
    """Return the share of the rate's weight after ``progress`` epochs: a ramp from 0 to 1."""
    return min(1.0, progress / warm_up_epochs) if warm_up_epochs else 1.0


@torch.no_grad()
def mean_terms(model, x, runtime, *, seed=0, batch_size=1000):
    """Return mean distortion and mean rate of images x, in nats per image."""
    x = model.likelihood.observed("x", x, runtime.device)
    batch_size = whole_number("batch_size", batch_size, least=1)
    generator = torch.Generator(runtime.device).manual_seed(whole_number("seed", seed))
    totals = np.zeros(2)
    with evaluation_mode(model), runtime.autocast():
        for batch in x.split(batch_size):
            distortion, rate = model.elbo_terms(batch.float(), generator)
            totals += [distortion.sum().item(), rate.sum().item()]
    distortion, rate = (totals / len(x)).tolist()
    return distortion, rate


def _digest(images):
    return hashlib.sha256(images.cpu().contiguous().numpy()).hexdigest()


def _name_of(prepare):
    """Return the name by which a checkpoint knows a function, or the class of a callable object."""
    named = prepare if hasattr(prepare, "__qualname__") else type(prepare)
    return f"{named.__module__}.{named.__qualname__}"
