"""What an entry of ``results.json`` holds: every key, with its meaning and unit.

An entry is a dict, one for each run. :mod:`kl_utils.pretrained.entries` reads and writes it, and
refuses, by name, a key that is unknown or missing and a value of another type. Terms are means in
nats per test image.
"""

from typing import NotRequired, TypedDict


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
    kl_weight: NotRequired[float]
    finish_epochs: NotRequired[int]
    finish_draws: NotRequired[int]


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
