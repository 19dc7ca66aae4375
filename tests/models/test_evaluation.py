"""Estimates of a model's worth, against exact values and their own standard errors."""

import math

import numpy as np
import pytest
import torch

from kl_utils.evaluation import (
    _WeightSums,
    active_units,
    estimate_elbo,
    importance_sampled_nll,
    mean_image_nll,
    nll_per_image,
    posteriors,
)
from kl_utils.runtime import Runtime
from tests.models.exact_vae import ALL_IMAGES, exact_log_px, tiny_vae


def test_nll_agrees_with_quadrature_and_its_errors_are_calibrated():
    tiny = tiny_vae()
    exact = -exact_log_px(tiny, ALL_IMAGES)
    z_scores = []
    for seed in range(40):
        nll, error = nll_per_image(tiny, ALL_IMAGES, 2000, seed=seed, progress=False)
        z_scores.append((nll - exact) / error)
    z_scores = torch.stack(z_scores)
    assert z_scores.abs().max() < 4.5
    assert 0.85 < z_scores.std() < 1.15  # 320 scores; a standard error off by √2 would show


def test_streaming_does_not_change_the_estimate():
    """1,200 samples in three draws, against the formula on all of them at once."""
    tiny = tiny_vae()
    nll, standard_error = nll_per_image(tiny, ALL_IMAGES[:1], 1200, progress=False)
    with torch.no_grad():
        mean, log_var = tiny.encode(ALL_IMAGES[:1])
        generator = torch.Generator().manual_seed(0)
        draws = [torch.randn(n, 1, 1, generator=generator) for n in (500, 500, 200)]
        noise = torch.cat(draws)
        z = mean + torch.exp(0.5 * log_var) * noise
        q = torch.distributions.Normal(mean, torch.exp(0.5 * log_var))
        bernoulli = torch.distributions.Bernoulli(logits=tiny.decode(z))
        log_weights = (
            bernoulli.log_prob(ALL_IMAGES[:1]).sum(-1)
            + tiny.prior.log_prob(z)
            - q.log_prob(z).sum(-1)
        ).double()
    expected = np.log(1200) - log_weights.logsumexp(0)
    torch.testing.assert_close(nll, expected, rtol=0, atol=1e-6)
    weights = log_weights.exp()
    error = weights.std(0) / 1200**0.5 / weights.mean(0)
    torch.testing.assert_close(standard_error, error, rtol=1e-3, atol=0)


def test_running_sums_do_not_depend_on_where_the_large_weights_come():
    log_weights = torch.tensor([[0.0], [3.0], [-5.0], [8.0], [1.0], [2.0]])
    whole, parts = _WeightSums(1), _WeightSums(1)
    whole.add(log_weights)
    for part in log_weights.split(2):
        parts.add(part)
    torch.testing.assert_close(whole.nll_and_error(), parts.nll_and_error(), rtol=1e-12, atol=0)


def test_nll_survives_weights_far_beyond_the_range_of_floats():
    tiny = tiny_vae()
    with torch.no_grad():
        tiny.decoder.bias.copy_(torch.tensor([900.0, 900.0, 900.0]))
    nll, error = nll_per_image(tiny, torch.zeros(1, 3), 50, progress=False)
    assert 2500 < nll < 2900 and error.isfinite()


def test_weights_stay_in_float32_when_the_networks_do_not():
    """log p(x|z) of large logits loses half a nat in bfloat16."""
    tiny = tiny_vae()
    with torch.no_grad():
        tiny.encoder.weight.zero_()
        tiny.encoder.bias.zero_()
        tiny.decoder.weight.zero_()
        tiny.decoder.bias.copy_(torch.tensor([-200.0, -1.5, -1.0]))
    exact = nll_per_image(tiny, ALL_IMAGES, 200, progress=False)[0]
    with Runtime.detect("cpu", "bfloat16").autocast():
        reduced = nll_per_image(tiny, ALL_IMAGES, 200, progress=False)[0]
    assert (reduced - exact).abs().max() < 0.02


def test_elbo_parts_add_up_and_stay_above_the_nll():
    tiny = tiny_vae()
    elbo = estimate_elbo(tiny, ALL_IMAGES, samples=500)
    assert elbo.elbo.value == pytest.approx(-(elbo.distortion + elbo.rate), rel=1e-12)
    nll = importance_sampled_nll(tiny, ALL_IMAGES, 2000, progress=False)
    exact = -exact_log_px(tiny, ALL_IMAGES).mean().item()
    assert abs(nll.value - exact) < 4 * nll.standard_error
    assert -elbo.elbo.value - 4 * elbo.elbo.standard_error > exact
    assert nll.n == 8 * 2000


def test_elbo_standard_error_is_calibrated():
    tiny = tiny_vae()
    runs = [estimate_elbo(tiny, ALL_IMAGES, samples=20, seed=s).elbo for s in range(60)]
    spread = np.std([run.value for run in runs], ddof=1)
    typical = np.mean([run.standard_error for run in runs])
    assert spread == pytest.approx(typical, rel=0.35)


def test_active_units_are_those_whose_posterior_mean_moves():
    tiny = tiny_vae()
    means = torch.tensor([[0.0, 5.0, 0.11, 0.05], [0.0, 5.0, -0.11, -0.05], [0.0, 5.0, 0.0, 0.0]])
    log_vars = torch.zeros(3, 4)
    for scale in (1, 1000):  # a learned prior chooses the unit of length
        active = active_units(scale * means, log_vars + 2 * math.log(scale))
        assert active.tolist() == [False, False, True, False]
    mean, log_var = posteriors(tiny, ALL_IMAGES, batch_size=3)
    assert torch.equal(torch.cat([mean, log_var], -1), tiny.encoder(ALL_IMAGES))


def test_mean_image_is_the_best_that_independent_pixels_can_do():
    images = np.array([[0, 255, 51], [255, 255, 51], [0, 255, 51]] * 10_000, np.uint8)
    bits = np.array([[0, 1, 0], [1, 1, 0], [0, 1, 1]], np.uint8)
    first = (2 * np.log(3 / 2) + np.log(3)) / 3
    third = (2 * np.log(1 / 0.8) + np.log(1 / 0.2)) / 3
    assert mean_image_nll(images, bits) == pytest.approx(first + third, abs=1e-3)
