"""The model against exact sums and quadrature on models small enough for both."""

import math

import pytest
import torch
from torch import nn

from kl_utils.likelihoods import Bernoulli, log_bernoulli
from kl_utils.priors import StandardNormalPrior
from kl_utils.runtime import Runtime
from kl_utils.vae import VAE, make_vae, reparameterize
from tests.models.exact_vae import ALL_IMAGES, exact_log_px, tiny_vae


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_bernoulli_probabilities_are_those_of_torch_and_sum_to_one():
    logits = torch.tensor([-40.0, 0.3, 25.0], dtype=torch.float64)
    ours = log_bernoulli(ALL_IMAGES.double(), logits)
    theirs = torch.distributions.Bernoulli(logits=logits).log_prob(ALL_IMAGES.double()).sum(-1)
    # torch's softplus leaves out exp(-a) for logits a above 20, which is 2e-9 at most.
    torch.testing.assert_close(ours, theirs, rtol=1e-14, atol=2.1e-9)
    assert ours.exp().sum() == pytest.approx(1, abs=1e-8)


def test_model_is_a_distribution_over_images():
    tiny = tiny_vae()
    assert exact_log_px(tiny, ALL_IMAGES).exp().sum() == pytest.approx(1, abs=1e-6)


def test_elbo_is_log_px_minus_the_kl_to_the_true_posterior():
    tiny = tiny_vae()
    z = torch.linspace(-12, 12, 24_001, dtype=torch.float64)[:, None]
    with torch.no_grad():
        mean, log_var = (part.double() for part in tiny.encode(ALL_IMAGES))
        rate = tiny.prior.kl(mean, log_var)
        logits = tiny.decode(z.float()).double()
        log_likelihood = log_bernoulli(ALL_IMAGES[:, None].double(), logits)
        posterior = torch.distributions.Normal(mean, torch.exp(0.5 * log_var))
    log_q = posterior.log_prob(z.T)
    q = log_q.exp() * (z[1] - z[0])
    elbo = (q * log_likelihood).sum(-1) - rate
    log_px = exact_log_px(tiny, ALL_IMAGES)
    log_posterior = log_likelihood + tiny.prior.log_prob(z) - log_px[:, None]
    gap = (q * (log_q - log_posterior)).sum(-1)
    torch.testing.assert_close(elbo + gap, log_px, rtol=0, atol=1e-6)
    assert (gap > 0.01).all()  # else the identity would hold for the wrong reason

    copies = ALL_IMAGES.repeat(20_000, 1, 1)
    with torch.no_grad():
        draws = -sum(tiny.elbo_terms(copies, generator()))
    error = draws.std(0) / len(draws) ** 0.5
    assert ((draws.mean(0) - elbo).abs() < 4 * error).all()


class Posteriors(nn.Module):
    """An encoder that says of every image what it was told: rows of means and log-variances."""

    def __init__(self, row, n):
        super().__init__()
        self.rows = nn.Parameter(torch.tensor(row).repeat(n, 1))

    def forward(self, x):
        return self.rows


def gradients(model, row, n, stick_the_landing):
    """Return the gradient of -ELBO by mean and log-variance, for each of n draws of z."""
    model.encoder = Posteriors(row, n)
    x = (torch.arange(784) % 3 == 0).float().expand(n, -1)
    terms = model.elbo_terms(x, generator(), stick_the_landing=stick_the_landing)
    (by_row,) = torch.autograd.grad(sum(terms).sum(), model.encoder.rows)
    return by_row


@pytest.mark.parametrize("kind", ["standard", "mixture"])
def test_sticking_the_landing_changes_draws_but_not_their_mean(kind):
    model = make_vae(latent_size=2, hidden_sizes=(4,), prior=kind, n_components=3, seed=2)
    row, n = [0.4, -0.9, -0.5, 0.3], 50_000
    whole, calm = (gradients(model, row, n, stick) for stick in (False, True))
    difference = calm - whole
    assert (difference.std(0) > 0.1).all()
    assert (difference.mean(0).abs() < 4 * difference.std(0) / n**0.5).all()


def test_sticking_the_landing_is_without_noise_at_the_posterior():
    """A decoder that ignores z leaves the posterior at the prior."""
    for kind, noisy in (("standard", False), ("mixture", True)):
        model = make_vae(latent_size=2, hidden_sizes=(4,), prior=kind, n_components=1)
        nn.init.zeros_(model.decoder[0].weight)
        row = [0.0] * 4
        if kind == "mixture":
            _, mean, log_var = model.prior.components()
            row = [*mean[0].tolist(), *log_var[0].tolist()]
        assert gradients(model, row, 100, True).abs().max() < 1e-6
        assert bool(gradients(model, row, 100, False).abs().max() > 0.1) == noisy


def test_reparameterized_samples_have_the_posterior_moments():
    mean, log_var = torch.tensor([1.5, -2.0]), torch.tensor([0.0, math.log(9.0)])
    z = reparameterize(mean.expand(40_000, -1), log_var.expand(40_000, -1), generator())
    std = torch.tensor([1.0, 3.0])
    assert ((z.mean(0) - mean).abs() < 4 * std / 200).all()
    assert ((z.std(0) / std - 1).abs() < 4 / math.sqrt(2 * 40_000)).all()


def test_densities_stay_in_float32_when_the_networks_do_not():
    """A distortion of about 500 nats in bfloat16 would be off by more than a nat."""
    logits = torch.linspace(-3, 3, 784)
    encoder, decoder = nn.Linear(784, 4), nn.Linear(2, 784)
    for layer in (encoder, decoder):
        nn.init.zeros_(layer.weight)
    with torch.no_grad():
        decoder.bias.copy_(logits.bfloat16())  # so that bfloat16 networks lose nothing
    model = VAE(encoder, decoder, StandardNormalPrior(2), Bernoulli(784))
    x = (torch.rand(5, 784, generator=generator()) < 0.3).float()
    exact = -log_bernoulli(x.double(), logits.bfloat16().double())
    with torch.no_grad(), Runtime.detect("cpu", "bfloat16").autocast():
        distortion, rate = model.elbo_terms(x, generator())
    assert distortion.dtype == rate.dtype == torch.float32
    torch.testing.assert_close(distortion.double(), exact, rtol=1e-6, atol=0)


def test_make_vae_is_reproducible_and_leaves_the_global_state_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, again, other = make_vae(seed=1), make_vae(seed=1), make_vae(seed=2)
    assert torch.equal(torch.rand(3), expected)
    weights, same, different = (model.encoder[0].weight for model in (first, again, other))
    assert torch.equal(weights, same)
    assert not torch.equal(weights, different)


def test_samples_are_probabilities_and_follow_the_generator():
    model = make_vae(latent_size=3, hidden_sizes=(8,))
    images = model.sample(4, generator(1))
    assert images.shape == (4, 784)
    assert ((images > 0) & (images < 1)).all()
    assert torch.equal(images, model.sample(4, generator(1)))
    assert not torch.equal(images, model.sample(4, generator(2)))


def test_standard_normal_prior_is_the_distribution_it_converts_to():
    prior = StandardNormalPrior(3)
    z = prior.sample(50, generator())
    torch.testing.assert_close(prior.log_prob(z), prior.to_distribution().log_prob(z))
    mean, log_var = torch.randn(2, 50, 3, generator=generator(4))
    q = torch.distributions.Independent(
        torch.distributions.Normal(mean, torch.exp(0.5 * log_var)), 1
    )
    expected = torch.distributions.kl_divergence(q, prior.to_distribution())
    torch.testing.assert_close(prior.kl(mean, log_var), expected)
