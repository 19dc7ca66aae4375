"""The priors of a VAE against torch.distributions, their own samples, and quadrature."""

import copy
import math

import pytest
import torch
from scipy import stats
from torch import nn

from kl_utils.evaluation import importance_sampled_nll
from kl_utils.likelihoods import Bernoulli
from kl_utils.priors import MixturePrior, StandardNormalPrior, VampPrior
from kl_utils.vae import VAE, make_vae, reparameterize
from tests.models.exact_vae import ALL_IMAGES


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def mixture(latent_size=2, n_components=3, seed=0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        prior = MixturePrior(latent_size, n_components)
        nn.init.normal_(prior.weight_logits)
        nn.init.normal_(prior.log_vars)
    return prior


def vamp(latent_size=2, n_components=3):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        encoder = nn.Linear(5, 2 * latent_size)
        nn.init.normal_(encoder.weight, std=2)  # so that the components are apart
        return VampPrior(encoder, 5, n_components)


PRIORS = [StandardNormalPrior(2), mixture(), vamp()]
names = pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: type(prior).__name__)


@names
def test_density_is_that_of_torch(prior):
    z = 3 * torch.randn(4, 100, 2, generator=generator())
    theirs = prior.to_distribution().log_prob(z)
    torch.testing.assert_close(prior.log_prob(z), theirs, rtol=1e-5, atol=1e-5)


@names
def test_density_integrates_to_one(prior):
    axis = torch.linspace(-16, 16, 641)
    z = torch.cartesian_prod(axis, axis)
    total = prior.log_prob(z).double().exp().sum() * (axis[1] - axis[0]).double() ** 2
    assert total.item() == pytest.approx(1, abs=1e-4)


@names
def test_samples_match_the_density(prior):
    """Each coordinate's distribution function, taken at its samples, is uniform."""
    z = prior.sample(4000, generator())
    if isinstance(prior, StandardNormalPrior):
        uniform = torch.special.ndtr(z)
    else:
        log_weights, means, log_vars = prior.components()
        standardized = (z[:, None] - means) / torch.exp(0.5 * log_vars)
        uniform = (log_weights.exp()[:, None] * torch.special.ndtr(standardized)).sum(1)
    for coordinate in uniform.detach().T:
        assert stats.kstest(coordinate.numpy(), "uniform").pvalue > 1e-3
    # Components belong to whole vectors: shuffling one coordinate lowers the mean log-density.
    shuffled = torch.stack([z[:, 0], z[torch.randperm(4000, generator=generator()), 1]], -1)
    drop = (prior.log_prob(z) - prior.log_prob(shuffled)).mean()
    assert (drop > 0.02) == (not isinstance(prior, StandardNormalPrior))


@names
def test_kl_and_its_gradient_are_unbiased(prior):
    mean = torch.tensor([0.3, -0.8], requires_grad=True)
    log_var = torch.tensor([-1.0, 0.4], requires_grad=True)
    axis = torch.linspace(-9, 9, 401)
    noise = torch.cartesian_prod(axis, axis)
    weights = torch.softmax(-0.5 * noise.square().sum(-1), 0)
    z = mean + torch.exp(0.5 * log_var) * noise
    normal = torch.distributions.Normal(mean, torch.exp(0.5 * log_var))
    exact = (weights * (normal.log_prob(z).sum(-1) - prior.log_prob(z))).sum()
    expected = torch.stack([exact, *torch.cat(torch.autograd.grad(exact, (mean, log_var)))])

    copies = [part.detach().expand(20_000, -1).requires_grad_() for part in (mean, log_var)]
    draws = prior.kl(*copies, reparameterize(*copies, generator()))
    gradients = torch.cat(torch.autograd.grad(draws.sum(), copies), -1)
    drawn = torch.cat([draws[:, None], gradients], -1).detach()
    error = drawn.std(0) / len(drawn) ** 0.5 + 1e-5
    assert ((drawn.mean(0) - expected.detach()).abs() < 4 * error).all()


def test_one_component_is_a_gaussian():
    prior = mixture(n_components=1)
    normal = torch.distributions.Normal(prior.means[0], torch.exp(0.5 * prior.log_vars[0]))
    z = torch.randn(50, 2, generator=generator())
    torch.testing.assert_close(prior.log_prob(z), normal.log_prob(z).sum(-1), rtol=1e-5, atol=1e-5)
    assert (prior.responsibilities(z) == 1).all()


def test_order_of_the_components_does_not_matter():
    prior, z = mixture(), torch.randn(50, 2, generator=generator())
    turned = copy.deepcopy(prior)
    for parameter in turned.parameters():
        parameter.data = parameter.data.flip(0)
    torch.testing.assert_close(turned.log_prob(z), prior.log_prob(z))
    torch.testing.assert_close(turned.responsibilities(z).flip(-1), prior.responsibilities(z))


def test_densities_stay_in_full_precision():
    prior, z = mixture(40, 50), torch.randn(200, 40, generator=generator())
    exact = prior.double().log_prob(z.double())
    prior.float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert (prior.log_prob(z) - exact).abs().max() < 1e-3
        log_q = -40 / 2 * math.log(2 * math.pi)  # at its mean, with unit variances
        assert (prior.kl(z, torch.zeros_like(z), z) - (log_q - exact)).abs().max() < 1e-3


def test_vamp_components_follow_the_encoder_and_belong_to_it_once():
    model = make_vae(latent_size=2, hidden_sizes=(4,), prior="vamp", n_components=3)
    assert [name for name in model.state_dict() if "prior" in name] == ["prior.pseudo_logits"]
    twin = copy.deepcopy(model)
    for parameter in twin.encoder.parameters():
        nn.init.zeros_(parameter)
    z = torch.ones(1, 2)
    torch.testing.assert_close(twin.prior.log_prob(z), StandardNormalPrior(2).log_prob(z))
    assert (model.prior.log_prob(z) - twin.prior.log_prob(z)).abs() > 1e-3
    model.prior.log_prob(z).sum().backward()
    assert model.encoder[0].weight.grad.abs().sum() > 0
    assert model.prior.pseudo_logits.grad.abs().sum() > 0


def test_components_start_from_images():
    images = torch.arange(3 * 5).view(3, 5) / 15
    prior = vamp(n_components=3)
    prior.start_from(images)
    torch.testing.assert_close(prior.pseudo_inputs, 0.05 + 0.9 * images)
    (encoder,) = prior._shared
    free = mixture(n_components=3)
    free.start_from(images, encoder, log_var=-2.0)
    log_weights, means, log_vars = free.components()
    torch.testing.assert_close(log_weights.exp(), torch.full((3,), 1 / 3))
    torch.testing.assert_close(means, encoder(images)[:, :2])
    assert (log_vars == -2).all()
    for one in (prior, free):
        with pytest.raises(ValueError, match="images: expected 3, one for each component, got 2"):
            one.start_from(images[:2], encoder)


@pytest.mark.parametrize("kind", ["standard", "mixture", "vamp"])
def test_any_prior_gives_a_model_over_images(kind):
    """The probabilities of all images of three pixels sum to 1."""
    prior = {
        "standard": lambda encoder: StandardNormalPrior(1),
        "mixture": lambda encoder: mixture(1, 3),
        "vamp": lambda encoder: VampPrior(encoder, 3, 4),
    }[kind]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        encoder, decoder = nn.Linear(3, 2), nn.Linear(1, 3)
    nn.init.zeros_(encoder.weight)
    nn.init.constant_(encoder.bias, 1.0)  # a wide posterior: it covers the true one
    model = VAE(encoder, decoder, prior(encoder), Bernoulli(3))
    nlls = [
        importance_sampled_nll(model, ALL_IMAGES[i : i + 1], 20_000, progress=False).value
        for i in range(8)
    ]
    assert sum(math.exp(-nll) for nll in nlls) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(("away", "log_var"), [(0, 0.0), (1e3, 0.0), (3, -12.0), (1e4, -8.0)])
def test_a_mixture_loses_no_digits_far_out_nor_where_it_is_narrow(away, log_var):
    prior = mixture(40, 7)
    nn.init.constant_(prior.log_vars, log_var)
    with torch.no_grad():
        std = math.exp(0.5 * log_var)
        noise = torch.randn(7, 40, generator=torch.Generator().manual_seed(1))
        z = prior.means + away + std * noise
        prior.means += away
        log_weights, means, log_vars = (part.double() for part in prior.components())
        normal = torch.distributions.Normal(means, torch.exp(0.5 * log_vars))
        exact = (log_weights + normal.log_prob(z[:, None].double()).sum(-1)).logsumexp(-1)
    assert (prior.log_prob(z) - exact).abs().max() < 2e-4 + 3e-7 * exact.abs().max()
    z.requires_grad_()
    prior.log_prob(z).sum().backward()
    steepest = (40 / std) * noise.abs().max()
    assert (
        z.grad.isfinite().all() and z.grad.dtype == torch.float32 and z.grad.norm() < 7 * steepest
    )
