"""The variational autoencoder: an encoder q(z|x), a prior p(z), a decoder p(x|z).

Images are vectors of bits. The decoder gives a Bernoulli probability for each pixel, as a logit.
"""

from contextlib import contextmanager
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

from ._arguments import require
from ._inputs import whole_number
from .priors import MixturePrior, Prior, StandardNormalPrior, VampPrior
from .runtime import full_precision

PIXELS = 784

# How `make_vae` makes a prior of each name; a new prior is known by its name once it has a row.
PRIORS = {
    "standard": lambda encoder, latent_size, n_components: StandardNormalPrior(latent_size),
    "mixture": lambda encoder, latent_size, n_components: MixturePrior(latent_size, n_components),
    "vamp": lambda encoder, latent_size, n_components: VampPrior(encoder, PIXELS, n_components),
}


class VAE(nn.Module):
    """A variational autoencoder for binary images.

    Parameters
    ----------
    encoder : torch.nn.Module
        Maps images ``(..., pixels)`` to ``(..., 2 * latent_size)``: the posterior's means, then
        its log-variances.
    decoder : torch.nn.Module
        Maps latent vectors ``(..., latent_size)`` to the logits of the pixels ``(..., pixels)``.
    prior : Prior
        Such as :class:`kl_utils.priors.StandardNormalPrior`.
    """

    def __init__(self, encoder, decoder, prior):
        super().__init__()
        require(isinstance(prior, Prior), "prior", "a Prior", type(prior).__name__, TypeError)
        self.encoder = encoder
        self.decoder = decoder
        self.prior = prior

    @property
    def device(self):
        """Where the weights live."""
        return next(self.parameters()).device

    def pixels(self):
        """Return the number of pixels of an image: one latent vector is decoded to find out.

        Raises
        ------
        ValueError
            If the decoder does not take vectors of the prior's size.
        """
        with torch.no_grad(), _evaluation_mode(self):
            size = self.prior.latent_size
            try:
                return self.decode(torch.zeros(1, size, device=self.device)).shape[-1]
            except RuntimeError as error:
                message = f"prior: expected a latent_size that the decoder takes, got {size}"
                raise ValueError(f"{message} ({error})") from error

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
            return distortion, self.prior.sampled_kl(mean.detach(), log_var.detach(), z)
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


@contextmanager
def _evaluation_mode(model):
    """Let dropout and batch normalisation stand still for a while; each part keeps its mode."""
    modes = {part: part.training for part in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for part, mode in modes.items():
            part.training = mode


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
    prior : str or Prior
        "standard", "mixture", "vamp" or another name in ``PRIORS``; or a prior made by hand.
    n_components : int
        Number of components of the mixture or the VampPrior.
    seed : int
        Seed of the initial weights. The global random state is left as it was.

    Raises
    ------
    ValueError
        If no prior has that name, or a size is not a whole number of at least 1.
    """
    latent_size = whole_number("latent_size", latent_size, least=1)
    hidden_sizes = [whole_number("hidden_sizes", size, least=1) for size in hidden_sizes]
    seed = whole_number("seed", seed)
    if isinstance(prior, str):
        require(prior in PRIORS, "prior", f"one of {', '.join(PRIORS)}, or a Prior", repr(prior))
    with torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(seed)
        encoder = mlp(PIXELS, *hidden_sizes, 2 * latent_size)
        decoder = mlp(latent_size, *reversed(hidden_sizes), PIXELS)
        if isinstance(prior, str):
            prior = PRIORS[prior](encoder, latent_size, n_components)
    return VAE(encoder, decoder, prior)
