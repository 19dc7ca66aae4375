"""ELBO surgery against quadrature, and cluster accuracy against counting by hand."""

import math

import pytest
import torch
from torch import nn

from kl_utils.aggregate import (
    AggregatePosterior,
    cluster_accuracy,
    component_shares,
    dead_components,
    elbo_surgery,
    majority_accuracy,
)
from kl_utils.evaluation import posteriors
from kl_utils.priors import MixturePrior
from tests.models.exact_vae import ALL_IMAGES, tiny_vae

IMAGES = ALL_IMAGES.repeat(1500, 1)  # many draws of z for each of eight images


def model():
    tiny = tiny_vae()
    nn.init.constant_(tiny.encoder.bias, -1.0)  # narrower posteriors, so that z tells images apart
    nn.init.constant_(tiny.encoder.weight[:1], 1.5)
    return tiny


def exact_surgery(tiny):
    """Mean rate, mutual information and marginal KL of the eight images, on a fine grid."""
    z = torch.linspace(-14, 14, 20_001, dtype=torch.float64)[:, None]
    step = (z[1] - z[0]).item()
    mean, log_var = (part.double() for part in posteriors(tiny, ALL_IMAGES))
    std = torch.exp(0.5 * log_var)
    log_q_given_x = torch.distributions.Normal(mean.T, std.T).log_prob(z)  # (grid, images)
    log_q = log_q_given_x.logsumexp(1) - math.log(8)
    log_p = tiny.prior.log_prob(z)
    q_given_x = log_q_given_x.exp() * step / 8
    rate = (q_given_x * (log_q_given_x - log_p[:, None])).sum()
    information = (q_given_x * (log_q_given_x - log_q[:, None])).sum()
    return rate, information, (log_q.exp() * step * (log_q - log_p)).sum()


def test_surgery_is_that_of_quadrature():
    found = elbo_surgery(model(), IMAGES, progress=False)
    exact = exact_surgery(model())
    for estimate, value in zip(found, exact, strict=True):
        assert abs(estimate.value - value) < 4 * estimate.standard_error
        assert estimate.standard_error < 0.025 < 0.1 < value
    assert found.rate.value == pytest.approx(
        found.mutual_information.value + found.marginal_kl.value, abs=1e-5
    )


def test_information_is_at_most_the_logarithm_of_the_number_of_images():
    tiny = model()
    nn.init.constant_(tiny.encoder.bias, -9.0)
    nn.init.constant_(tiny.encoder.weight[:1], 2.0)
    nn.init.normal_(tiny.encoder.weight[:1], generator=torch.Generator().manual_seed(0))
    found = elbo_surgery(tiny, ALL_IMAGES, progress=False)
    assert found.mutual_information.value == pytest.approx(math.log(8), abs=1e-3)


def test_aggregate_posterior_is_the_mean_of_the_posteriors():
    mean, log_var = torch.randn(2, 6, 3, generator=torch.Generator().manual_seed(0))
    z = torch.randn(10, 3, generator=torch.Generator().manual_seed(1))
    normal = torch.distributions.Normal(mean, torch.exp(0.5 * log_var))
    exact = normal.log_prob(z[:, None]).sum(-1).exp().mean(1).log()
    torch.testing.assert_close(AggregatePosterior(mean, log_var).log_prob(z), exact)


def test_accuracies_count_by_hand():
    components = [0, 0, 0, 1, 1, 2, 2, 2]
    labels = [1, 1, 0, 0, 0, 0, 0, 1]
    # One to one: component 0 with label 1 (2 images), then 1 or 2 with label 0 (2 images).
    assert cluster_accuracy(components, labels) == 4 / 8
    # The commonest label of each: 2 + 2 + 2 images.
    assert majority_accuracy(components, labels) == 6 / 8
    assert cluster_accuracy([3, 3, 5], [7, 7, 2]) == 1
    with pytest.raises(ValueError, match="expected one of each an image, got 3 and 2"):
        cluster_accuracy([0, 1, 2], [0, 1])


def test_shares_are_mean_responsibilities_and_tell_the_dead():
    prior = MixturePrior(2, n_components=3)
    with torch.no_grad():
        prior.means.copy_(torch.tensor([[-5.0, 0.0], [5.0, 0.0], [60.0, 60.0]]))
    z = torch.tensor([[-5.0, 0.0]] * 3 + [[5.0, 0.0]])
    shares = component_shares(prior, z, batch_size=3)
    torch.testing.assert_close(shares, torch.tensor([0.75, 0.25, 0.0]))
    assert dead_components(shares).tolist() == [False, False, True]
    assert dead_components(torch.tensor([0.96, 0.04])).tolist() == [False, True]
    assert dead_components(torch.tensor([0.94, 0.06])).tolist() == [False, False]
