"""The head start: components begin where images are encoded, and an accident loses no prior."""

import numpy as np
import pytest
import torch

from kl_utils.aggregate import component_shares, dead_components
from kl_utils.data import load_images
from kl_utils.evaluation import posteriors
from kl_utils.head_start import head_start
from kl_utils.training import fit
from kl_utils.vae import make_vae
from tests.models.training_cases import (
    IMAGES,
    OPTIONS,
    Stop,
    raise_interrupt,
    runtime,
    same_weights,
)

# Without the square written out, which cancels for points that coincide.
EXACT = "donot_use_mm_for_euclid_dist"


def small(prior="mixture", n_components=5):
    return make_vae(
        latent_size=3, hidden_sizes=(8,), prior=prior, n_components=n_components, seed=0
    )


@pytest.mark.parametrize("kind", ["mixture", "vamp"])
def test_networks_are_those_of_a_standard_prior_and_components_are_encoded_images(kind):
    model, plain = small(kind), small("standard")
    prior = model.prior
    history = head_start(model, IMAGES, **OPTIONS, runtime=runtime())
    alone = fit(plain, IMAGES, **OPTIONS, runtime=runtime())
    assert model.prior is prior
    assert same_weights(model.encoder, plain.encoder) and same_weights(model.decoder, plain.decoder)
    assert np.array_equal(history.curve("rate"), alone.curve("rate"))
    _, means, _ = prior.components()
    grey = torch.tensor(IMAGES) / 255
    inputs = grey if kind == "mixture" else 0.05 + 0.9 * grey
    codes, _ = model.encode(inputs)
    distance, nearest = torch.cdist(means, codes, compute_mode=EXACT).min(1)
    assert distance.max() < 1e-5
    assert len(set(nearest.tolist())) == 5


def test_an_interrupt_keeps_the_prior():
    model = small()
    prior, means = model.prior, model.prior.means.clone()
    stop = Stop(5, raise_interrupt)
    history = head_start(model, IMAGES, **OPTIONS, runtime=runtime(), prepare=stop)
    assert history.interrupted and model.prior is prior
    assert torch.equal(prior.means, means), "components start when the head start is over"
    with pytest.raises(ValueError, match="batch_size: expected at most 5"):
        head_start(model, IMAGES[:5], **OPTIONS, runtime=runtime())
    assert model.prior is prior


def test_too_few_images_are_named():
    with pytest.raises(ValueError, match=r"images: expected at least 100, .* component, got 64"):
        head_start(small(n_components=100), IMAGES, **OPTIONS, runtime=runtime())


def test_fewer_components_die():
    """On real digits, with everything else the same."""
    data = load_images("digits")
    dead = {}
    for kind in ("random", "head start"):
        model = make_vae(latent_size=5, hidden_sizes=(50,), prior="mixture", n_components=50)
        options = {"batch_size": 64, "learning_rate": 5e-3, "runtime": runtime(), "progress": False}
        if kind == "head start":
            head_start(model, data.train_images, epochs=2, **options)
        fit(model, data.train_images, epochs=4, prior_learning_rate=2e-2, **options)
        means, _ = posteriors(model, data.train_images > 127)
        dead[kind] = int(dead_components(component_shares(model.prior, means)).sum())
    assert dead["head start"] < dead["random"] - 10, dead
