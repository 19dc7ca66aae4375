"""What would give a wrong number is refused by name: "name: expected …, got …"."""

import functools
import math
import re

import numpy as np
import pytest
import torch

from kl_utils._inputs import image_batch
from kl_utils.aggregate import cluster_accuracy, component_shares, elbo_surgery
from kl_utils.evaluation import (
    active_units,
    estimate_elbo,
    importance_sampled_nll,
    mean_image_nll,
    nll_per_image,
    posteriors,
)
from kl_utils.head_start import head_start
from kl_utils.levels import DiscretizedLogistic
from kl_utils.likelihoods import Bernoulli
from kl_utils.priors import MixturePrior, StandardNormalPrior
from kl_utils.training import fit, mean_terms
from kl_utils.vae import PRIORS, VAE, make_vae
from tests.models.training_cases import IMAGES, runtime, small_vae

BITS = IMAGES // 128
GREY = IMAGES / np.float32(255)
NOT_FINITE = np.where(BITS, np.nan, 0)
SQUARE = BITS.reshape(-1, 28, 28)
COLOUR = np.zeros((5, 3, 32, 32), np.uint8)
SMALL = np.zeros((5, 100), np.uint8)
FLATTEN = r"expected shape \(n, 784\); reshape the images to \(64, 784\), got \(64, 28, 28\)"
OTHER_SHAPE = r"expected shape \(n, 784\), got \(5, 3, 32, 32\)"
FLATTENED_COLOUR = r"expected shape \(n, 784\), got \(5, 3072\)"

ON_BITS = {
    "importance_sampled_nll": functools.partial(importance_sampled_nll, samples=2, progress=False),
    "nll_per_image": functools.partial(nll_per_image, samples=2, progress=False),
    "estimate_elbo": functools.partial(estimate_elbo, samples=2),
    "posteriors": posteriors,
    "mean_terms": lambda model, bits: mean_terms(model, bits, runtime()),
    "elbo_surgery": functools.partial(elbo_surgery, progress=False),
    "fit": lambda model, bits: train(model, IMAGES, held_out=bits),
}


def train(model, images=IMAGES, start=fit, **options):
    """Train for one epoch, in which no step may be made."""
    options = {"epochs": 1, "batch_size": 16, "runtime": runtime(), "progress": False} | options
    start(model, images, **options, prepare=lambda *_: pytest.fail("a step was trained"))


@pytest.mark.parametrize("measure", ON_BITS)
@pytest.mark.parametrize(
    ("bits", "message"),
    [
        (IMAGES, r"expected only 0 and 1 .*, got \d+\.0 at index \(0, \d+\) of shape \(64, 784\)"),
        (GREY, r"expected only 0 and 1 .*, got 0\.\d+ at index \(0, \d+\) of shape \(64, 784\)"),
        (NOT_FINITE, r"expected only 0 and 1 .*, got nan at index \(0, \d+\) of shape \(64, 784\)"),
        (SQUARE, FLATTEN),
        (COLOUR, OTHER_SHAPE),
        (COLOUR.reshape(5, -1), FLATTENED_COLOUR),
        (BITS[:0], "expected at least one image, got none"),
        (
            [["ink", "paper"]],
            "expected real numbers in rows of one length, got a list with str",
        ),
    ],
    ids=["grey", "scaled grey", "nan", "square", "colour", "other size", "empty", "words"],
)
def test_what_is_not_bits_is_refused(measure, bits, message):
    with pytest.raises((ValueError, TypeError), match=f"(x|held_out): {message}"):
        ON_BITS[measure](small_vae(), bits)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
def test_bits_may_have_any_dtype(dtype):
    expected = estimate_elbo(small_vae(), torch.tensor(BITS), samples=2)
    assert estimate_elbo(small_vae(), BITS.astype(dtype), samples=np.int32(2)) == expected


@pytest.mark.parametrize("start", [fit, head_start])
@pytest.mark.parametrize(
    ("images", "message"),
    [
        (GREY, r"images: expected bytes \(uint8\), got torch.float32"),
        (np.full((20, 784), np.nan), r"images: expected bytes \(uint8\), got torch.float64"),
        (IMAGES.reshape(-1, 28, 28), f"images: {FLATTEN}"),
        (COLOUR, f"images: {OTHER_SHAPE}"),
        (SMALL, r"images: expected shape \(n, 784\), got \(5, 100\)"),
        (IMAGES[:0], "images: expected at least one image, got none"),
        (IMAGES.astype("O"), "images: expected real numbers, got object"),
    ],
    ids=["scaled", "nan", "square", "colour", "other size", "empty", "objects"],
)
def test_images_that_do_not_fit_are_refused_before_the_first_step(start, images, message):
    model = make_vae(3, (8,), prior="mixture", n_components=2)
    with pytest.raises((ValueError, TypeError), match=message):
        train(model, images, start)


WAYS = {  # the shape of an event, and what is to be done to images of another
    ((3, 4, 5), (4, 5, 3)): lambda x: np.moveaxis(x, -1, 1),
    ((3, 4, 4), (4, 4, 3)): lambda x: np.moveaxis(x, -1, 1),
    ((3, 4, 5), (5, 4, 3)): lambda x: np.transpose(x, (0, 3, 2, 1)),
    ((3, 4, 5), (3, 5, 4)): lambda x: np.transpose(x, (0, 1, 3, 2)),
    ((4, 5), (5, 4)): lambda x: np.moveaxis(x, -1, 1),
    ((4, 6), (24,)): lambda x: x.reshape(2, 4, 6),
    ((24,), (4, 6)): lambda x: x.reshape(2, 24),
    ((48,), (4, 4, 3)): lambda x: x.reshape(2, 48),
    ((3, 4, 6), (3, 24)): lambda x: x.reshape(2, 3, 4, 6),
    ((3, 4, 6), (12, 6)): lambda x: x.reshape(2, 3, 4, 6),
    ((1, 4, 6), (4, 6)): lambda x: x.reshape(2, 1, 4, 6),
    ((4, 6), (4, 6, 1)): lambda x: x.reshape(2, 4, 6),
    ((3, 4, 4), (48,)): lambda x: x.reshape(2, 3, 4, 4),
    ((3, 4, 6), (24, 3)): None,
    ((3, 4, 6), (4, 18)): None,
    ((4, 6), (8, 3)): None,
    ((4, 6), (5, 6)): None,
}


@pytest.mark.parametrize(("wanted", "got"), WAYS)
def test_the_way_to_another_shape_keeps_the_pixels_in_order(wanted, got):
    """A reshape of images whose axes stand in another order would be taken, and mix the pixels."""
    images = np.arange(2 * math.prod(got)).reshape(2, *got).astype(np.uint8)
    with pytest.raises(ValueError) as caught:
        image_batch("images", images, "cpu", wanted)
    told = str(caught.value).partition(", got ")[0].partition("; ")[2]
    if WAYS[wanted, got] is None:
        assert not told
        return
    if told.startswith("reshape"):
        sizes = re.search(r"reshape the images to \(([\d, ]+)\)", told)[1]
        done = images.reshape([int(size) for size in sizes.split(",")])
    else:
        done = eval(told.partition(": ")[2], {"np": np, "images": images})
    assert np.array_equal(done, WAYS[wanted, got](images))
    assert image_batch("images", done, "cpu", wanted).shape == (2, *wanted)


def test_flat_colour_may_have_either_order():
    with pytest.raises(ValueError, match=r"side by side, to \(5, 4, 6, 3\) and move .*moveaxis"):
        image_batch("images", np.zeros((5, 72)), "cpu", (3, 4, 6))


LINEAR, ONE_TO_FOUR = torch.nn.Linear(4, 2), torch.nn.Linear(1, 4)
WHOLE, ABOVE = "expected a whole number of at least", "expected a finite number above 0"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, f"epochs: {WHOLE} 1, got 0"),
        ({"epochs": True}, f"epochs: {WHOLE} 1, got True"),
        ({"epochs": 2.0}, f"epochs: {WHOLE} 1, got 2.0"),
        ({"epochs": "2"}, f"epochs: {WHOLE} 1, got '2'"),
        ({"batch_size": 0}, f"batch_size: {WHOLE} 1, got 0"),
        ({"batch_size": 65}, "batch_size: expected at most 64, the number of images, got 65"),
        ({"seed": 1.5}, "seed: expected a whole number, got 1.5"),
        ({"learning_rate": 0.0}, f"learning_rate: {ABOVE}, got 0.0"),
        ({"learning_rate": float("nan")}, f"learning_rate: {ABOVE}, got nan"),
        ({"learning_rate": "2e-3"}, f"learning_rate: {ABOVE}, got '2e-3'"),
        ({"prior_learning_rate": -1}, f"prior_learning_rate: {ABOVE}, got -1.0"),
        ({"warm_up_epochs": -1}, "warm_up_epochs: expected a finite number of at least 0, got -1"),
    ],
)
def test_settings_of_a_training_are_named(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        train(small_vae(), **options)


CALLS = {
    f"samples: {WHOLE} 2, got 1": lambda: nll_per_image(small_vae(), BITS, 1),
    f"samples: {WHOLE} 2, got 2.5": lambda: estimate_elbo(small_vae(), BITS, 2.5),
    f"rows: {WHOLE} 1, got 0": lambda: nll_per_image(small_vae(), BITS, 2, rows=0),
    f"batch_size: {WHOLE} 1, got 0": lambda: posteriors(small_vae(), BITS, batch_size=0),
    f"n_components: {WHOLE} 1, got 0": lambda: MixturePrior(2, 0),
    f"latent_size: {WHOLE} 1, got 0": lambda: make_vae(latent_size=0),
    f"prior: expected one of {', '.join(PRIORS)}, or a Prior, got 'normal'": (
        lambda: make_vae(prior="normal")
    ),
    "prior: expected a Prior, got Linear": (lambda: VAE(LINEAR, LINEAR, LINEAR, Bernoulli(4))),
    "likelihood: expected a Likelihood, got str": (
        lambda: VAE(LINEAR, LINEAR, StandardNormalPrior(1), "bernoulli")
    ),
    r"encoder: expected a network from \(n, 784\) to means and log-variances \(n, 4\), "
    r"got shape \(1, 6\)": lambda: train(make_vae(3, (8,), prior=StandardNormalPrior(2))),
    r"decoder: expected a network from \(n, 1\) to parameters of p\(x\|z\) \(n, 2, 4\), "
    r"got shape \(1, 4\)": (
        lambda: train(VAE(LINEAR, ONE_TO_FOUR, StandardNormalPrior(1), DiscretizedLogistic(4)))
    ),
    "model.prior: expected a prior with components to start, got a StandardNormalPrior": (
        lambda: head_start(small_vae(), IMAGES)
    ),
    "images: expected bytes": lambda: mean_image_nll(GREY, BITS),
    r"bits: expected shape \(n, 784\), got \(5, 100\)": lambda: mean_image_nll(IMAGES, SMALL),
    "mean: expected those of at least 2 images, got 1": (
        lambda: active_units(torch.zeros(1, 3), torch.zeros(1, 3))
    ),
    r"z: expected shape \(n, 2\), got \(0, 2\)": (
        lambda: component_shares(MixturePrior(2, 3), torch.zeros(0, 2))
    ),
    "components: expected whole numbers, got torch.float64": lambda: cluster_accuracy([0.5], [1]),
    "components: expected numbers from 0 on, got -1": lambda: cluster_accuracy([-1], [1]),
    r"components: expected shape \(n,\), got \(0,\)": lambda: cluster_accuracy([], []),
}


@pytest.mark.parametrize("message", CALLS)
def test_other_arguments_are_named(message):
    with pytest.raises((ValueError, TypeError), match=message):
        CALLS[message]()
