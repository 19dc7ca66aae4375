"""What an entry of ``results.json`` holds: every key, with its meaning and unit.

An entry is a dict, one for each run. It is read and written through this module, which refuses, by
name, a key that is unknown or missing and a value of another type. Terms are means in nats per
test image.
"""

import json
import math
import os
from functools import cache
from pathlib import Path
from types import UnionType
from typing import NotRequired, TypedDict, Union, get_args, get_origin, get_type_hints, is_typeddict

from .._arguments import require


class Model(TypedDict):
    """The arguments of :func:`kl_utils.vae.make_vae` that the run gave."""

    latent_size: int
    hidden_sizes: list[int]
    prior: str
    seed: int
    n_components: NotRequired[int]


class Training(TypedDict):
    """The arguments of :func:`kl_utils.training.fit` that the run gave.

    ``head_start_epochs`` is the number of epochs before those, by
    :func:`kl_utils.head_start.head_start`.
    """

    batch_size: int
    learning_rate: float
    warm_up_epochs: float
    stick_the_landing: bool
    epochs: int
    seed: int
    prior_learning_rate: NotRequired[float]
    head_start_epochs: NotRequired[int]


class Surgery(TypedDict):
    """Value and standard error of each part of the rate, as in :class:`kl_utils.aggregate.Surgery`.

    In nats per image, over ``images`` images.
    """

    rate: tuple[float, float]
    mutual_information: tuple[float, float]
    marginal_kl: tuple[float, float]


class Components(TypedDict):
    """What the components of the prior do with the test images.

    ``dead`` is a number of components, ``cluster_accuracy`` and ``majority_accuracy`` are shares of
    images, from 0 to 1 (see :mod:`kl_utils.aggregate`).
    """

    dead: int
    cluster_accuracy: float
    majority_accuracy: float


class Convergence(TypedDict):
    """How much the NLL of the first ``images`` images still falls with more importance samples.

    ``nll`` has one value in nats per image for each number in ``samples``.
    """

    images: int
    samples: list[int]
    nll: list[float]


class Check(TypedDict):
    """An NLL of few images with few samples, for a test to repeat in seconds; nats per image."""

    images: int
    samples: int
    seed: int
    nll: float
    nll_standard_error: float


class Data(TypedDict):
    """The images: their name, and the digest as in :class:`kl_utils.data.Images`."""

    name: str
    sha256: str


class RunCard(TypedDict):
    """What the evaluation came from.

    ``weights_sha256`` is the digest of the weight file, ``wall_seconds`` how long it took, ``date``
    the day (UTC).
    """

    data: Data
    profile: str
    seed: int
    wall_seconds: float
    date: str
    platform: str
    versions: dict[str, str]
    weights_sha256: str


class Result(TypedDict):
    """One run: how it was trained, and what it scored.

    =========================  ====================================================================
    ``name``                   of the run; other seeds of one model end in -1, -2, …
    ``prior``                  name of the prior, as :func:`kl_utils.vae.make_vae` takes it
    ``seed``                   of the training
    ``profile``                how much work it was: smoke, quick or full
    ``data``                   name of the images: mnist or digits
    ``model``                  see :class:`Model`
    ``training``               see :class:`Training`
    ``train_seconds``          seconds of training; measuring on test images is not counted
    ``runtime``                device and precision of the training, in words
    ``bits``                   how the test images were binarised, in words
    ``bits_sha256``            digest of these bits
    ``images``                 number of test images
    ``elbo``                   ELBO, nats; the negative of distortion + rate
    ``elbo_standard_error``    its Monte Carlo error for these images and bits, nats
    ``elbo_samples``           posterior samples an image behind it
    ``distortion``             -log p(x|z), nats
    ``rate``                   KL(q(z|x)‖p(z)), nats
    ``samples``                importance samples an image behind the NLL
    ``nll``                    importance-sampled -log p(x), nats
    ``nll_standard_error``     its Monte Carlo error for these images and bits, nats
    ``evaluated_with``         device and precision of the evaluation, in words
    ``active_units``           number of latent dimensions whose posterior mean varies over images
    ``mean_image_nll``         nats of the best model without latent variables, on the same bits
    ``surgery``                see :class:`Surgery`
    ``components``             see :class:`Components`; None for a prior without components
    ``convergence``            see :class:`Convergence`
    ``check``                  see :class:`Check`
    ``run_card``               see :class:`RunCard`
    =========================  ====================================================================
    """

    name: str
    prior: str
    seed: int
    profile: str
    data: str
    model: Model
    training: Training
    train_seconds: float
    runtime: str
    bits: str
    bits_sha256: str
    images: int
    elbo: float
    elbo_standard_error: float
    elbo_samples: int
    distortion: float
    rate: float
    samples: int
    nll: float
    nll_standard_error: float
    evaluated_with: str
    active_units: int
    mean_image_nll: float
    surgery: Surgery
    components: Components | None
    convergence: Convergence
    check: Check
    run_card: RunCard


def read_results(path):
    """Return the entries of a results file, none if there is no file: a list of :class:`Result`.

    Raises
    ------
    ValueError
        If the file does not hold what this module says. Names the run and the key.
    """
    path = Path(path)
    if not path.exists():
        return []
    try:
        entries = json.loads(path.read_text("utf8"))
    except ValueError as error:
        raise ValueError(f"{path}: expected JSON, got: {error}") from error
    _check_entries(path, entries)
    return entries


def write_results(path, entries):
    """Write entries as a results file; a kill at any moment leaves the old file or the new one.

    Raises
    ------
    ValueError
        If an entry is not as this module says; the file is then as it was.
    """
    text = json.dumps(entries, indent=1) + "\n"
    _check_entries(path, json.loads(text))
    partial = Path(path).with_suffix(".partial")
    partial.write_text(text, "utf8")
    os.replace(partial, path)


def _check_entries(path, entries):
    require(isinstance(entries, list), path, "a list of runs", type(entries).__name__)
    for place, entry in enumerate(entries):
        name = entry.get("name", place) if isinstance(entry, dict) else place
        _check(entry, Result, f"{path}, run {name}")


def _check(value, kind, where):
    """Raise ValueError unless a value from JSON is of a kind: a TypedDict, ``list[int]``, …"""
    origin, inner = get_origin(kind), get_args(kind)
    if is_typeddict(kind):
        require(isinstance(value, dict), where, f"the keys of {kind.__name__}", repr(value))
        hints, expected = _hints(kind), f"the keys of {kind.__name__}"
        unknown = [key for key in value if key not in hints]
        require(not unknown, where, expected, f"also {', '.join(unknown)}")
        missing = [key for key in hints if key in kind.__required_keys__ and key not in value]
        require(not missing, where, expected, f"no {', '.join(missing)}")
        for key, item in value.items():
            _check(item, hints[key], f"{where}, {key}")
    elif origin in (UnionType, Union):  # X | None; which of the two depends on Python
        if value is not None:
            _check(value, inner[0], where)
    elif origin is dict:
        require(isinstance(value, dict), where, "a dict", repr(value))
        for key, item in value.items():
            _check(item, inner[1], f"{where}, {key}")
    elif origin in (list, tuple):
        expected = "a list" if origin is list else f"a list of {len(inner)}"
        fits = isinstance(value, list) and (origin is list or len(value) == len(inner))
        require(fits, where, expected, repr(value))
        for item in value:
            _check(item, inner[0], where)
    else:
        accepted = (float, int) if kind is float else kind
        fits = isinstance(value, accepted) and (kind is bool or not isinstance(value, bool))
        fits = fits and (kind is not float or math.isfinite(value))
        expected = "a finite number" if kind is float else f"a value of type {kind.__name__}"
        require(fits, where, expected, repr(value))


_hints = cache(get_type_hints)
