"""The variational autoencoder: an encoder q(z|x), a prior p(z), a decoder p(x|z).

Images are vectors of bits. The decoder gives a Bernoulli probability for each pixel, as a logit.
"""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

from .priors import MixturePrior, StandardNormalPrior, VampPrior, sampled_kl
from .runtime import full_precision

PIXELS = 784


class VAE(nn.Module):
    """A variational autoencoder for binary images.

    Parameters
    ----------
    encoder : torch.nn.Module
        Maps images ``(..., pixels)`` to ``(..., 2 * latent_size)``: the posterior's means, then
        its log-variances.
    decoder : torch.nn.Module
        Maps latent vectors ``(..., latent_size)`` to the logits of the pixels ``(..., pixels)``.
    prior : torch.nn.Module
        Such as :class:`kl_utils.priors.StandardNormalPrior`.
    """

    def __init__(self, encoder, decoder, prior):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.prior = prior

    @property
    def device(self):
        """Where the weights live."""
        return next(self.parameters()).device

    def encode(self, x):
        """Return mean and log-variance of q(z|x), each of shape ``(..., latent_size)``."""
        mean, log_var = self.encoder(x).float().chunk(2, dim=-1)
        return mean, log_var

    def decode(self, z):
        """Return the logits of p(x|z), shape ``(..., pixels)``."""
        return self.decoder(z).float()

    def elbo_terms(self, x, generator=None, *, stick_the_landing=False):
        """Return distortion and rate of each image, in nats: ELBO = -(distortion + rate).

        Parameters
        ----------
        x : torch.Tensor, shape (n, pixels)
            Binary images as floats 0 and 1.
        generator : torch.Generator, optional
            Source of the noise; the global one if absent.
        stick_the_landing : bool
            Estimate the rate at z under every prior, and let its gradient reach the encoder
            through z alone. The part of the gradient that is left out, the score, has mean zero,
            and its noise stays away with it (Roeder, Wu and Duvenaud, 2017).

        Returns
        -------
        distortion : torch.Tensor, shape (n,)
            -log p(x|z) at one sample z from q(z|x).
        rate : torch.Tensor, shape (n,)
            KL(q(z|x)‖p(z)): exact, or an estimate at the same z, as the prior allows.
        """
        mean, log_var = self.encode(x)
        z = reparameterize(mean, log_var, generator)
        logits = self.decode(z)
        with full_precision(x.device):
            distortion = -log_bernoulli(x, logits)
        if stick_the_landing:
            return distortion, sampled_kl(self.prior, mean.detach(), log_var.detach(), z)
        return distortion, self.prior.kl(mean, log_var, z)

    @torch.no_grad()
    def sample(self, n, generator=None):
        """Draw ``n`` images from the model, as pixel probabilities ``(n, pixels)``."""
        return self.decode(self.prior.sample(n, generator)).sigmoid()

    @torch.no_grad()
    def reconstruct(self, x):
        """Return pixel probabilities ``(n, pixels)``, decoded from the posterior means."""
        mean, _ = self.encode(x)
        return self.decode(mean).sigmoid()


def reparameterize(mean, log_var, generator=None):
    """Draw z = mean + std * noise, so that gradients reach ``mean`` and ``log_var``."""
    noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
    return mean + torch.exp(0.5 * log_var) * noise


def log_bernoulli(x, logits):
    """Return log p(x) in nats, summed over the last axis, for bits ``x`` with these logits.

    A bit b with logit a has log-probability b·a - log(1 + exp(a)). Logits, not probabilities: a
    clamped probability caps what a wrong pixel can cost.
    """
    return torch.linalg.vecdot(x, logits) - F.softplus(logits).sum(-1)


def mlp(*sizes):
    """Return linear layers of these sizes with SiLU between them."""
    layers = []
    for size_in, size_out in pairwise(sizes):
        layers += [nn.Linear(size_in, size_out), nn.SiLU()]
    return nn.Sequential(*layers[:-1])


def make_vae(latent_size=40, hidden_sizes=(500, 500), prior="standard", n_components=500, seed=0):
    """Return the course's VAE with freshly drawn weights.

    Parameters
    ----------
    latent_size : int
        Number of latent dimensions.
    hidden_sizes : tuple of int
        Widths of the encoder's hidden layers; the decoder has them in reverse.
    prior : {"standard", "mixture", "vamp"} or torch.nn.Module
        A prior by name, or one made by hand.
    n_components : int
        Number of components of the mixture or the VampPrior.
    seed : int
        Seed of the initial weights. The global random state is left as it was.

    Raises
    ------
    ValueError
        If no prior has that name.
    """
    priors = {
        "standard": lambda encoder: StandardNormalPrior(latent_size),
        "mixture": lambda encoder: MixturePrior(latent_size, n_components),
        "vamp": lambda encoder: VampPrior(encoder, PIXELS, n_components),
    }
    if isinstance(prior, str) and prior not in priors:
        raise ValueError(f"prior must be one of {', '.join(priors)}, or a module; got {prior!r}")
    with torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(seed)
        encoder = mlp(PIXELS, *hidden_sizes, 2 * latent_size)
        decoder = mlp(latent_size, *reversed(hidden_sizes), PIXELS)
        prior = priors[prior](encoder) if isinstance(prior, str) else prior
    return VAE(encoder, decoder, prior)
