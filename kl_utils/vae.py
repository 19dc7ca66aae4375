"""The variational autoencoder: encoder q(z|x), prior p(z), and decoder with likelihood p(x|z)."""

import math
from contextlib import contextmanager
from itertools import pairwise

import torch
from torch import nn

from ._arguments import require
from ._inputs import whole_number
from .levels import Categorical, DiscretizedLogistic
from .likelihoods import Bernoulli, Gaussian, Likelihood
from .priors import MixturePrior, Prior, StandardNormalPrior, VampPrior
from .runtime import full_precision

# How `make_vae` makes a prior of each name; a new prior is known by its name once it has a row.
PRIORS = {
    "standard": lambda encoder, latent_size, n_components, event_shape: StandardNormalPrior(
        latent_size
    ),
    "mixture": lambda encoder, latent_size, n_components, event_shape: MixturePrior(
        latent_size, n_components
    ),
    "vamp": lambda encoder, latent_size, n_components, event_shape: VampPrior(
        encoder, event_shape, n_components
    ),
}

LIKELIHOODS = {
    "bernoulli": Bernoulli,
    "gaussian": Gaussian,
    "discretized logistic": DiscretizedLogistic,
    "categorical": Categorical,
}
PIXELS = 784  # of MNIST's images, in one row


class VAE(nn.Module):
    """A variational autoencoder.

    Parameters
    ----------
    encoder : torch.nn.Module
        Maps images ``(n, *event_shape)``, with values from 0 to 1, to ``(n, 2 * latent_size)``: the
        posterior's means, then its log-variances.
    decoder : torch.nn.Module
        Maps latent vectors ``(n, latent_size)`` to the likelihood's parameters
        ``(n, *parameter_shape)``.
    prior : Prior
        Such as :class:`kl_utils.priors.StandardNormalPrior`.
    likelihood : Likelihood
        Says what an image is: such as :class:`kl_utils.likelihoods.Bernoulli`.
    """

    def __init__(self, encoder, decoder, prior, likelihood):
        super().__init__()
        require(isinstance(prior, Prior), "prior", "a Prior", type(prior).__name__, TypeError)
        kind = type(likelihood).__name__
        require(isinstance(likelihood, Likelihood), "likelihood", "a Likelihood", kind, TypeError)
        self.encoder = encoder
        self.decoder = decoder
        self.prior = prior
        self.likelihood = likelihood

    @property
    def device(self):
        """Where the weights live."""
        return next(self.parameters()).device

    def check_shapes(self):
        """Raise ValueError unless encoder, prior, decoder and likelihood fit together.

        One image of zeros is encoded, and one latent vector decoded, to find out.
        """
        size, image = self.prior.latent_size, self.likelihood.event_shape
        self._check_part("encoder", self.encoder, image, (2 * size,), "means and log-variances")
        parameters = self.likelihood.parameter_shape
        self._check_part("decoder", self.decoder, (size,), parameters, "parameters of p(x|z)")

    @torch.no_grad()
    def _check_part(self, name, network, shape_in, shape_out, what):
        expected = f"a network from (n, {_sizes(shape_in)}) to {what} (n, {_sizes(shape_out)})"
        try:
            with evaluation_mode(self):
                got = tuple(network(torch.zeros(1, *shape_in, device=self.device)).shape)
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            raise ValueError(f"{name}: expected {expected}, got an error: {error}") from error
        require(got == (1, *shape_out), name, expected, f"shape {got} for one")

    def encode(self, x):
        """Return mean and log-variance of q(z|x), each of shape ``(n, latent_size)``."""
        mean, log_var = self.encoder(self.likelihood.to_grey(x)).float().chunk(2, dim=-1)
        return mean, log_var

    def decode(self, z):
        """Return the parameters of p(x|z), shape ``(..., *parameter_shape)``.

        Axes before the last are folded into one batch: convolutions know no other.
        """
        return self.decoder(z.flatten(0, -2)).unflatten(0, z.shape[:-1]).float()

    def terms(self, x, mean, log_var, z, *, stick_the_landing=False):
        """Return distortion and rate at given draws, in nats, each of shape ``(..., n)``.

        Parameters
        ----------
        x : torch.Tensor, shape (n, *event_shape)
        mean, log_var : torch.Tensor, shape (n, latent_size)
            The posterior of each image.
        z : torch.Tensor, shape (..., n, latent_size)
            Draws from it.
        stick_the_landing : bool
            As for :meth:`elbo_terms`.
        """
        parameters = self.decode(z)
        with full_precision(x.device):
            distortion = -self.likelihood.log_prob(x, parameters)
        if stick_the_landing:
            return distortion, self.prior.sampled_kl(mean.detach(), log_var.detach(), z)
        return distortion, self.prior.kl(mean, log_var, z)

    def elbo_terms(self, x, generator=None, *, stick_the_landing=False):
        """Return distortion and rate of each image, in nats: ELBO = -(distortion + rate).

        Parameters
        ----------
        x : torch.Tensor, shape (n, *event_shape)
            Images as floats, as the likelihood has them: 0 and 1 for bits.
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
        return self.terms(x, mean, log_var, z, stick_the_landing=stick_the_landing)

    def log_weights(self, x, mean, log_var, draws, generator=None):
        """Return log p(x|z) + log p(z) - log q(z) at draws z from q, shape ``(draws, n)``.

        Arguments as for :meth:`terms`, with q = N(mean, diag(exp(log_var))) for each image.
        """
        shape = (draws, *mean.shape)
        z = reparameterize(mean.expand(shape), log_var.expand(shape), generator)
        distortion, rate = self.terms(x, mean, log_var, z, stick_the_landing=True)
        return -(distortion + rate)

    @torch.no_grad()
    def sample(self, n, generator=None):
        """Draw ``n`` latent vectors and return the images to expect, grey from 0 to 1."""
        return self._expected(self.prior.sample(n, generator))

    @torch.no_grad()
    def reconstruct(self, x):
        """Return the images to expect at the posterior means, grey from 0 to 1."""
        mean, _ = self.encode(x)
        return self._expected(mean)

    def _expected(self, z):
        return self.likelihood.to_grey(self.likelihood.mean(self.decode(z)))


def _sizes(shape):
    return ", ".join(map(str, shape))


@contextmanager
def evaluation_mode(model):
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


def mlp(*sizes):
    """Return linear layers of these sizes with SiLU between them."""
    layers = []
    for size_in, size_out in pairwise(sizes):
        layers += [nn.Linear(size_in, size_out), nn.SiLU()]
    return nn.Sequential(*layers[:-1])


def make_vae(
    latent_size=40,
    hidden_sizes=(500, 500),
    prior="standard",
    n_components=500,
    seed=0,
    likelihood=None,
):
    """Return the course's VAE, of fully connected layers with freshly drawn weights.

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
    likelihood : Likelihood or dict, optional
        What an image is, or the arguments of :func:`make_likelihood`; bits in
        784 pixels if absent.

    Raises
    ------
    ValueError
        If no prior has that name, or a size is not a whole number of at least 1.
    """
    latent_size = whole_number("latent_size", latent_size, least=1)
    is_listed = isinstance(hidden_sizes, (tuple, list))
    require(is_listed, "hidden_sizes", "a tuple of sizes", repr(hidden_sizes), TypeError)
    hidden_sizes = [whole_number("hidden_sizes", size, least=1) for size in hidden_sizes]
    seed = whole_number("seed", seed)
    if not isinstance(likelihood, Likelihood):
        likelihood = make_likelihood(**(likelihood or {}))
    if isinstance(prior, str):
        require(prior in PRIORS, "prior", f"one of {', '.join(PRIORS)}, or a Prior", repr(prior))
    event, parameters = likelihood.event_shape, likelihood.parameter_shape
    with torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(seed)
        encoder = mlp(math.prod(event), *hidden_sizes, 2 * latent_size)
        decoder = mlp(latent_size, *reversed(hidden_sizes), math.prod(parameters))
        if len(event) > 1:
            encoder.insert(0, nn.Flatten())
        if len(parameters) > 1:
            decoder.append(nn.Unflatten(-1, parameters))
        if isinstance(prior, str):
            prior = PRIORS[prior](encoder, latent_size, n_components, event)
    return VAE(encoder, decoder, prior, likelihood)


def make_likelihood(name="bernoulli", event_shape=None, **options):
    """Return the likelihood of a name in ``LIKELIHOODS``: settings in a file say it so.

    Parameters
    ----------
    name : str
    event_shape : int or tuple of int, optional
        784 pixels in a row if absent.
    **options
        Further arguments of the class, such as ``levels``.
    """
    require(name in LIKELIHOODS, "name", f"one of {', '.join(LIKELIHOODS)}", repr(name))
    return LIKELIHOODS[name](PIXELS if event_shape is None else event_shape, **options)
