"""Calls with whatever people pass: a right number, or an error that names it."""

import math
import random
import re
import warnings

import numpy as np
import pytest
import torch

from kl_utils.aggregate import (
    cluster_accuracy,
    component_shares,
    dead_components,
    elbo_surgery,
    majority_accuracy,
)
from kl_utils.data import binarize, fixed_bits
from kl_utils.evaluation import (
    active_units,
    estimate_elbo,
    importance_sampled_nll,
    mean_image_nll,
    posteriors,
)
from kl_utils.head_start import head_start
from kl_utils.levels import Categorical, DiscretizedLogistic
from kl_utils.likelihoods import Bernoulli, Gaussian
from kl_utils.priors import MixturePrior, StandardNormalPrior, VampPrior
from kl_utils.refinement import refine
from kl_utils.training import fit, mean_terms
from kl_utils.vae import VAE, make_likelihood, make_vae
from tests.models.training_cases import runtime

SHAPES = [(4,), (2, 2), (1, 2, 2)]
LIKELIHOODS = [
    lambda shape: Bernoulli(shape),
    lambda shape: Gaussian(shape),
    lambda shape: Gaussian(shape, scale=0.5),
    lambda shape: DiscretizedLogistic(shape, levels=4),
    lambda shape: Categorical(shape, levels=3),
]
MODELS = [
    make_vae(2, (3,), prior=prior, n_components=2, likelihood=likelihood(shape))
    for shape in SHAPES
    for likelihood in LIKELIHOODS
    for prior in ("standard", "mixture", "vamp")
]


class Unknown:
    """What no library knows."""


def an_array(pick):
    """Return an array, or what looks like one, of some shape and kind."""
    shape = (pick.choice([0, 1, 2, 5]), *pick.choice([*SHAPES, (3,), (4, 4), ()]))
    values = np.random.default_rng(pick.randrange(2**30)).integers(
        0, pick.choice([2, 3, 256]), shape
    )
    if pick.random() < 0.15:
        with np.errstate(all="ignore"):
            values = values * pick.choice([0.5, -1.0, math.nan, math.inf, 1e30])
    kinds = [
        lambda v: v.astype(np.uint8),
        lambda v: v.astype(pick.choice(["f2", "f4", "f8", "i4", "i8", "?", "u2"])),
        lambda v: torch.tensor(v.astype(np.uint8)),
        lambda v: torch.tensor(v).float(),
        lambda v: torch.tensor(v).to(pick.choice([torch.bfloat16, torch.float64, torch.bool])),
        lambda v: v.astype(np.uint8).tolist(),
    ]
    odd = [
        lambda v: np.ma.masked_array(v, mask=v > 0),
        lambda v: v.astype(complex),
        lambda v: v.astype(object),
        lambda v: v.astype(str),
        lambda v: torch.tensor(v).to_sparse(),
        lambda v: torch.tensor(v).to(torch.complex64),
        lambda v: v.astype("M8[s]"),
        lambda v: np.asmatrix(v.reshape(len(v), -1)) if v.size else v,
    ]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of the matrix, and of what does not fit into a byte
        return pick.choice(kinds if pick.random() < 0.8 else odd)(values)


def a_number(pick):
    good = [1, 2, 3, np.int64(2), np.uint8(1), 0.5, np.float32(0.25), 2.0]
    odd = [0, -1, math.nan, math.inf, None, "2", True, 1j, [1], np.array(2), 10**30, Unknown()]
    return pick.choice(good if pick.random() < 0.7 else odd)


def a_count(pick):
    return pick.choice([2, 3, np.int32(2)]) if pick.random() < 0.85 else a_number(pick)


def a_shape(pick):
    odd = [(), (2.5,), (-1,), "4", None, (0, 2), (True,), 4.0, np.array([2, 2]), {2: 2}]
    return pick.choice([*SHAPES, 4, [2, 2], np.int64(3)] if pick.random() < 0.6 else odd)


def images(pick, model, stored=False):
    """Return images of this model most of the time, anything else the rest of it."""
    if pick.random() < 0.3:
        return anything(pick)
    seeded = np.random.default_rng(pick.randrange(2**30))
    grey = torch.tensor(seeded.integers(0, 256, (5, *model.likelihood.event_shape), np.uint8))
    x = grey if stored else model.likelihood.prepare(grey, torch.Generator())
    return pick.choice([lambda: x, x.numpy])()


def vectors(pick):
    """Return latent vectors most of the time."""
    usual = torch.randn(5, 2, generator=torch.Generator().manual_seed(pick.randrange(99)))
    return usual if pick.random() < 0.7 else anything(pick)


def labels(pick):
    """Return whole numbers most of the time."""
    usual = np.random.default_rng(pick.randrange(99)).integers(0, 3, 5)
    return usual if pick.random() < 0.7 else anything(pick)


def anything(pick):
    other = [None, "images", {"a": 1}, Unknown(), 3, [], [[]], [1, [2]], range(4), (x for x in "a")]
    return an_array(pick) if pick.random() < 0.9 else pick.choice(other)


BYTES = np.random.default_rng(0).integers(0, 256, (5, 4), np.uint8)
QUIET = {"progress": False}
CALLS = {
    "estimate_elbo": lambda m, p: estimate_elbo(m, images(p, m), samples=a_count(p)),
    "nll": lambda m, p: importance_sampled_nll(
        m, images(p, m), samples=a_count(p), rows=a_count(p), **QUIET
    ),
    "posteriors": lambda m, p: posteriors(m, images(p, m), batch_size=a_count(p)),
    "mean_terms": lambda m, p: mean_terms(m, images(p, m), runtime(), seed=a_count(p)),
    "surgery": lambda m, p: elbo_surgery(m, images(p, m), batch_size=a_count(p), **QUIET),
    "refine": lambda m, p: refine(m, images(p, m), steps=a_count(p), draws=a_count(p), **QUIET),
    "mean_image": lambda m, p: mean_image_nll(
        p.choice([BYTES, anything(p)]), p.choice([BYTES // 128, anything(p)])
    ),
    "active": lambda m, p: active_units(vectors(p), vectors(p)),
    "binarize": lambda m, p: binarize(
        p.choice([torch.tensor(BYTES), anything(p)]), p.choice([torch.Generator(), 0, None])
    ),
    "fixed_bits": lambda m, p: fixed_bits(p.choice([BYTES, anything(p)]), a_count(p)),
    "shares": lambda m, p: component_shares(m.prior, vectors(p), batch_size=a_count(p)),
    "dead": lambda m, p: dead_components(p.choice([torch.tensor([0.2, 0.8]), anything(p)])),
    "cluster": lambda m, p: cluster_accuracy(labels(p), labels(p)),
    "majority": lambda m, p: majority_accuracy(labels(p), labels(p)),
    "fit": lambda m, p: fit(
        m, images(p, m, stored=True), epochs=p.choice([1, 1, 2, a_count(p)]),
        batch_size=a_count(p), learning_rate=p.choice([1e-3, a_number(p)]),
        warm_up_epochs=p.choice([0, a_number(p)]), kl_weight=p.choice([1, a_number(p)]),
        finish_epochs=p.choice([0, 1, a_number(p)]), finish_draws=a_count(p), seed=a_count(p),
        held_out=p.choice([None, images(p, m)]), runtime=runtime(), **QUIET,
    ),
    "head_start": lambda m, p: head_start(
        m, images(p, m, stored=True), epochs=p.choice([1, a_count(p)]), batch_size=1,
        runtime=runtime(), **QUIET,
    ),
    "make_vae": lambda m, p: make_vae(
        p.choice([2, a_count(p)]), p.choice([(3,), (), a_count(p)]),
        prior=p.choice(["standard", "mixture", "vamp", "normal", None]),
        n_components=p.choice([2, a_count(p)]), seed=a_count(p),
        likelihood=p.choice([None, Bernoulli(4), {"name": "gaussian", "event_shape": a_shape(p)}]),
    ),
    "likelihood": lambda m, p: make_likelihood(
        p.choice(["bernoulli", "gaussian", "categorical", "discretized logistic", "poisson", 3]),
        a_shape(p),
    ),
    "levels": lambda m, p: p.choice([Categorical, DiscretizedLogistic])(a_shape(p), a_count(p)),
    "gaussian": lambda m, p: Gaussian(a_shape(p), scale=a_number(p)),
    "priors": lambda m, p: p.choice(
        [
            lambda: StandardNormalPrior(a_count(p)),
            lambda: MixturePrior(a_count(p), a_count(p)),
            lambda: VampPrior(m.encoder, a_shape(p), a_count(p)),
            lambda: VAE(m.encoder, m.decoder, p.choice([m.prior, None]), p.choice([m, "bits"])),
        ]
    )(),
}  # fmt: skip
NAMED = re.compile(r"^[\w .,()/-]+: expected|^Gene|^loss or weights stopped being finite")


def is_finite(result):
    """Is everything in a result a finite number, or no number at all?"""
    if isinstance(result, torch.Tensor):
        return bool(result.isfinite().all())
    if isinstance(result, (float, np.floating)):
        return math.isfinite(result)
    if isinstance(result, np.ndarray):
        return bool(np.isfinite(result).all())
    if isinstance(result, (tuple, list)):
        return all(map(is_finite, result))
    return True


def outcome_of(call, seed):
    """Return "answered", "refused", or what is wrong with one call."""
    pick = random.Random(seed)
    model = pick.choice(MODELS)
    model.load_state_dict({name: value.clone() for name, value in STATES[id(model)].items()})
    try:
        result = CALLS[call](model, pick)
    except (ValueError, TypeError, FloatingPointError) as error:
        return "refused" if NAMED.match(str(error)) else f"foreign {type(error).__name__}: {error}"
    except Exception as error:  # whatever else comes through is what we look for
        return f"foreign {type(error).__name__}: {error}"
    return "answered" if is_finite(result) else f"answered {result}"


STATES = {id(m): {k: v.clone() for k, v in m.state_dict().items()} for m in MODELS}


def wrong(call, seeds):
    outcomes = {seed: outcome_of(call, seed) for seed in seeds}
    assert {"answered", "refused"} <= {*outcomes.values()}, "both must happen"
    return {seed: said for seed, said in outcomes.items() if said not in ("answered", "refused")}


@pytest.mark.parametrize("call", CALLS)
def test_whatever_is_passed_is_answered_or_named(call):
    assert wrong(call, range(25)) == {}


@pytest.mark.long
@pytest.mark.parametrize("call", CALLS)
def test_more_calls_are_answered_or_named(call):
    assert wrong(call, range(1_000, 1_080)) == {}
