"""Objectives: gradients of the importance-weighted bound, the finish, β, and refined posteriors."""

import math

import numpy as np
import pytest
import torch

from kl_utils.evaluation import estimate_elbo, nll_per_image, posteriors
from kl_utils.gaussian import log_density_diagonal
from kl_utils.objectives import importance_weighted_bound, weighted_elbo
from kl_utils.refinement import refine
from kl_utils.training import fit
from kl_utils.vae import reparameterize
from tests.models.exact_vae import ALL_IMAGES, exact_log_px, tiny_vae
from tests.models.training_cases import (
    IMAGES,
    OPTIONS,
    Stop,
    raise_interrupt,
    runtime,
    same_weights,
    small_vae,
)

MANY = 20_000  # copies of an image: independent estimates in one call


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def gradients(model, losses):
    """Return the gradient of a mean loss for each part of a model, as vectors."""
    model.zero_grad()
    losses.mean().backward()
    return {
        part: torch.cat([p.grad.flatten() for p in getattr(model, part).parameters()])
        for part in ("encoder", "decoder")
    }


def naive_bound(model, x, generator, draws):
    """The negative bound as it is defined; autograd takes every path."""
    mean, log_var = model.encode(x)
    shape = (draws, *mean.shape)
    z = reparameterize(mean.expand(shape), log_var.expand(shape), generator)
    distortion, _ = model.terms(x, mean, log_var, z)
    log_q = log_density_diagonal(z, mean, log_var)
    log_weights = -distortion + model.prior.log_prob(z) - log_q
    return -(log_weights.logsumexp(0) - math.log(draws))


@pytest.mark.parametrize("draws", [2, 5])
def test_two_gradients_of_the_bound_agree_and_ours_has_less_noise(draws):
    model, x = tiny_vae(), ALL_IMAGES[3:4].expand(200, -1)
    runs = {"ours": [], "naive": []}
    for seed in range(60):
        ours = importance_weighted_bound(model, x, generator(seed), draws=draws)
        runs["ours"].append(gradients(model, ours.loss))
        naive = naive_bound(model, x, generator(seed), draws)
        torch.testing.assert_close(ours.loss, naive)
        runs["naive"].append(gradients(model, naive))
    for part in ("encoder", "decoder"):
        ours, naive = (torch.stack([run[part] for run in runs[key]]) for key in runs)
        difference = ours - naive
        error = difference.std(0) / math.sqrt(len(difference))
        assert (difference.mean(0).abs() <= 4 * error + 1e-6).all()
        if part == "decoder":
            torch.testing.assert_close(ours, naive, rtol=1e-3, atol=1e-5)
        else:
            assert ours.var(0).sum() < 0.8 * naive.var(0).sum()


def test_one_draw_is_sticking_the_landing():
    x = ALL_IMAGES
    model = tiny_vae()
    one = importance_weighted_bound(model, x, generator(), draws=1)
    stuck = weighted_elbo(model, x, generator(), stick_the_landing=True)
    torch.testing.assert_close(one.loss, stuck.loss)
    for part, gradient in gradients(model, one.loss).items():
        torch.testing.assert_close(gradient, gradients(model, stuck_again(model))[part])


def stuck_again(model):
    return weighted_elbo(model, ALL_IMAGES, generator(), stick_the_landing=True).loss


def test_the_bound_rises_with_the_draws_towards_the_evidence():
    model, x = tiny_vae(), ALL_IMAGES[2:3].expand(MANY, -1)
    with torch.no_grad():
        bounds = [
            -importance_weighted_bound(model, x, generator(), draws=draws).loss
            for draws in (1, 4, 16)
        ]
    means = [bound.mean().item() for bound in bounds]
    errors = [bound.std().item() / math.sqrt(MANY) for bound in bounds]
    exact = exact_log_px(model, ALL_IMAGES[2:3]).item()
    assert means[0] + 4 * errors[0] < means[1] < means[2] + 4 * errors[2]
    assert means[1] + 4 * errors[1] < means[2] < exact + 4 * errors[2]


def test_the_finish_is_another_objective_for_the_last_epochs():
    def trained(**options):
        model = small_vae()
        history = fit(model, IMAGES, **OPTIONS | options, runtime=runtime())
        return model, history.curve("negative_elbo")

    _, usual = trained(stick_the_landing=True)
    finished, curve = trained(stick_the_landing=True, finish_epochs=2, finish_draws=3)
    assert (curve[:2] == usual[:2]).all() and (curve[2:] != usual[2:]).all()
    whole, _ = trained(finish_epochs=4, finish_draws=3)
    assert not same_weights(whole, finished)


def test_a_run_goes_on_inside_its_finish(tmp_path):
    options = OPTIONS | {"finish_epochs": 3, "runtime": runtime()}
    whole = small_vae()
    expected = fit(whole, IMAGES, **options)
    half = small_vae()
    path = tmp_path / "run.safetensors"
    stop = Stop(2 * 4 + 1, raise_interrupt)
    assert fit(half, IMAGES, **options, checkpoint=path, prepare=stop).interrupted
    resumed = fit(half, IMAGES, **options, checkpoint=path, resume=True)
    assert same_weights(half, whole)
    assert (resumed.curve("rate") == expected.curve("rate")).all()
    with pytest.raises(ValueError, match="expected the checkpoint of a run with finish_epochs 2"):
        fit(half, IMAGES, **options | {"finish_epochs": 2}, checkpoint=path, resume=True)


def test_a_larger_weight_buys_a_smaller_rate():
    options = OPTIONS | {"epochs": 15, "learning_rate": 1e-2, "runtime": runtime()}
    rates = []
    for weight in (0.1, 1.0, 10.0):
        history = fit(small_vae(), IMAGES, **options, kl_weight=weight)
        assert history.curve("kl_weight")[-1] == weight
        rates.append(history.curve("rate")[-1])
    assert rates == sorted(rates, reverse=True) and rates[0] > 2 * rates[2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kl_weight": -1}, "kl_weight: expected a finite number of at least 0"),
        ({"finish_epochs": -1}, "finish_epochs: expected a whole number of at least 0"),
        ({"finish_epochs": 5}, "finish_epochs: expected at most 4, the number of epochs"),
        ({"finish_draws": 0}, "finish_draws: expected a whole number of at least 1"),
    ],
)
def test_settings_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        fit(small_vae(), IMAGES, **OPTIONS | options, runtime=runtime())


def test_refined_posteriors_have_a_higher_elbo_below_the_evidence():
    model = tiny_vae()
    before = [p.clone() for p in model.parameters()]
    mean, log_var = refine(model, ALL_IMAGES, steps=400, draws=16, progress=False)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    exact = exact_log_px(model, ALL_IMAGES)
    with torch.no_grad():
        log_w = model.log_weights(ALL_IMAGES, mean, log_var, MANY, generator()).double()
    refined, error = log_w.mean(0), log_w.std(0) / math.sqrt(MANY)
    usual = estimate_elbo(model, ALL_IMAGES, samples=2000).elbo.value
    assert refined.mean() > usual + 0.01
    assert (refined < exact + 4 * error).all()


def zeros(*shape):
    return torch.zeros(*shape)


@pytest.mark.parametrize(
    ("proposals", "message"),
    [
        (zeros(8, 1), "proposals: expected a pair of means and log-variances"),
        ((zeros(8, 1),), "proposals: expected a pair"),
        ((zeros(7, 1), zeros(8, 1)), r"proposals, mean: expected shape \(8, 1\), got \(7, 1\)"),
        ((zeros(8, 1), zeros(8)), r"proposals, log-variance: expected shape \(8, 1\), got \(8,\)"),
        ((zeros(8, 2), zeros(8, 2)), r"proposals, mean: expected shape \(8, 1\)"),
        ((zeros(8, 1), torch.full((8, 1), math.nan)), "log-variance: expected finite numbers"),
        ((zeros(8, 1) * 1j, zeros(8, 1)), "proposals, mean: expected real numbers"),
        ((np.ma.ones((8, 1)), zeros(8, 1)), "proposals, mean: expected a number, a NumPy array"),
    ],
)
def test_proposals_that_do_not_fit_are_named(proposals, message):
    with pytest.raises((ValueError, TypeError), match=message):
        nll_per_image(tiny_vae(), ALL_IMAGES, 2, proposals=proposals, progress=False)


def test_a_better_proposal_gives_the_same_nll_with_less_error():
    model = tiny_vae()
    refined = refine(model, ALL_IMAGES, steps=300, draws=16, progress=False)
    wider = (refined[0], refined[1] + 0.3)
    exact = -exact_log_px(model, ALL_IMAGES)
    options = {"samples": 4000, "progress": False}
    nll, error = nll_per_image(model, ALL_IMAGES, proposals=wider, **options)
    _, usual = nll_per_image(model, ALL_IMAGES, **options)
    assert ((nll - exact).abs() < 5 * error + 1e-3).all()
    assert error.norm() < usual.norm()
    encoded = posteriors(model, ALL_IMAGES)
    again, _ = nll_per_image(model, ALL_IMAGES, proposals=encoded, **options)
    assert torch.equal(again, nll_per_image(model, ALL_IMAGES, **options)[0])
