"""What a trained model is worth: ELBO, log-likelihood, and which latent dimensions it uses.

Everything runs where the model lives, in float32. To let encoder and decoder run in bfloat16, call
it inside ``runtime.autocast()``; densities stay in float32 there too.
"""

import math
from typing import NamedTuple

import torch
from tqdm.auto import tqdm

from ._arguments import require
from ._inputs import black_and_white, grey_images, whole_number
from .expectation import Estimate
from .gaussian import log_density_diagonal
from .runtime import full_precision
from .vae import log_bernoulli, reparameterize


class ElboEstimate(NamedTuple):
    """The ELBO of a set of images and its two parts: means in nats per image.

    ``elbo`` is an :class:`~kl_utils.expectation.Estimate`; its standard error is that of the
    Monte Carlo samples alone, for these images and bits.
    """

    elbo: Estimate
    distortion: float
    rate: float


@torch.no_grad()
def estimate_elbo(model, bits, samples=10, *, seed=0, batch_size=1000):
    """Estimate the ELBO of binary images, with several posterior samples an image.

    Parameters
    ----------
    model : VAE
    bits : array of 0 and 1, shape (n, pixels)
        Binary images. State which: fixed bits make the number repeatable.
    samples : int
        Samples of z an image, at least 2.
    seed : int
        Seeds the posterior samples.
    batch_size : int
        Images at once.

    Returns
    -------
    ElboEstimate
    """
    samples = whole_number("samples", samples, least=2)  # one has no standard error
    batch_size = whole_number("batch_size", batch_size, least=1)
    bits = black_and_white("bits", bits, model.device, model.pixels())
    generator = torch.Generator(model.device).manual_seed(whole_number("seed", seed))
    total = torch.zeros(3, dtype=torch.float64)  # distortion, rate, variance of the mean
    for batch in bits.split(batch_size):
        draws = [model.elbo_terms(batch.float(), generator) for _ in range(samples)]
        distortion, rate = (torch.stack(term).cpu().double() for term in zip(*draws, strict=True))
        variance = (distortion + rate).var(dim=0) / samples
        total += torch.stack([distortion.mean(0), rate.mean(0), variance]).sum(-1)
    n = len(bits)
    distortion, rate, variance = total.tolist()
    elbo = Estimate(-(distortion + rate) / n, math.sqrt(variance) / n, n * samples)
    return ElboEstimate(elbo, distortion / n, rate / n)


def importance_sampled_nll(model, bits, samples=5000, **options):
    """Estimate the mean negative log-likelihood of binary images, in nats per image.

    Takes the arguments of :func:`nll_per_image`. The standard error is that of the importance
    samples alone, for these images and bits.

    Returns
    -------
    Estimate
        ``n`` is the number of samples in all.
    """
    nll, standard_error = nll_per_image(model, bits, samples, **options)
    n = len(nll)
    return Estimate(nll.mean().item(), standard_error.square().sum().sqrt().item() / n, n * samples)


@torch.no_grad()
def nll_per_image(model, bits, samples=5000, *, seed=0, rows=5000, progress=True):
    r"""Estimate -log p(x) of each image by importance sampling from the posterior.

    .. math:: -\log p(x) \approx -\log \frac1S \sum_{s=1}^S
              \frac{p(x \mid z_s)\, p(z_s)}{q(z_s \mid x)}, \qquad z_s \sim q(z \mid x)

    In expectation the estimate is too high, and falls as ``samples`` grows (Burda, Grosse and
    Salakhutdinov, 2016), so state the number of samples beside every result.

    Where in some dimension the variance of q is less than half the prior's, as a trained encoder's
    usually is, the weights have infinite variance. The standard error, which comes from the weights
    drawn, is then too small: it tells how much of the estimate is chance, not how far it still has
    to fall. To see that, repeat it with more samples.

    Parameters
    ----------
    model : VAE
    bits : array of 0 and 1, shape (n, pixels)
        Binary images.
    samples : int
        Importance samples S an image, at least 2.
    seed : int
        Seeds the samples.
    rows : int
        Latent vectors decoded at once. Samples are streamed, so memory does not grow with S.
    progress : bool
        Show a progress bar.

    Returns
    -------
    nll : torch.Tensor of float64, shape (n,)
        In nats.
    standard_error : torch.Tensor of float64, shape (n,)
        Standard error of each, from the spread of the weights drawn (delta method).
    """
    samples = whole_number("samples", samples, least=2)  # one has no standard error
    rows = whole_number("rows", rows, least=1)
    bits = black_and_white("bits", bits, model.device, model.pixels())
    generator = torch.Generator(model.device).manual_seed(whole_number("seed", seed))
    per_draw = min(samples, 500)
    batches = bits.split(max(1, rows // per_draw))
    results = []
    for batch in tqdm(batches, unit="batch", disable=not progress):
        sums = _WeightSums(len(batch))
        for start in range(0, samples, per_draw):
            draw = min(per_draw, samples - start)
            sums.add(_log_weights(model, batch.float(), draw, generator))
        results.append(sums.nll_and_error())
    nll, standard_error = (torch.cat(parts) for parts in zip(*results, strict=True))
    return nll, standard_error


def _log_weights(model, x, draws, generator):
    """Return log p(x|z) + log p(z) - log q(z|x) at z ~ q(z|x), shape (draws, images)."""
    mean, log_var = model.encode(x)
    z = reparameterize(mean.expand(draws, -1, -1), log_var.expand(draws, -1, -1), generator)
    logits = model.decode(z)
    with full_precision(model.device):
        log_q = log_density_diagonal(z, mean, log_var)
        return log_bernoulli(x, logits) + model.prior.log_prob(z) - log_q


class _WeightSums:
    """Running sums of w and w² per image, each scaled by the largest weight so far.

    They are kept on the CPU: not every device knows float64.
    """

    def __init__(self, images):
        self.n = 0
        self.largest = torch.full((images,), -math.inf, dtype=torch.float64)
        self.sum = torch.zeros_like(self.largest)
        self.sum_of_squares = torch.zeros_like(self.largest)

    def add(self, log_weights):
        log_weights = log_weights.cpu().double()
        largest = torch.maximum(self.largest, log_weights.amax(0))
        rescale = torch.exp(self.largest - largest)
        weights = torch.exp(log_weights - largest)
        self.sum = self.sum * rescale + weights.sum(0)
        self.sum_of_squares = self.sum_of_squares * rescale**2 + weights.square().sum(0)
        self.largest = largest
        self.n += len(log_weights)

    def nll_and_error(self):
        mean = self.sum / self.n
        variance = (self.sum_of_squares / self.n - mean**2).clamp(min=0) / (self.n - 1)
        return -(self.largest + mean.log()), variance.sqrt() / mean


@torch.no_grad()
def posteriors(model, bits, *, batch_size=1000):
    """Return mean and log-variance of q(z|x) for each image, each ``(n, latent_size)``."""
    bits = black_and_white("bits", bits, model.device, model.pixels())
    batches = bits.split(whole_number("batch_size", batch_size, least=1))
    encoded = [model.encode(batch.float()) for batch in batches]
    mean, log_var = (torch.cat(parts) for parts in zip(*encoded, strict=True))
    return mean, log_var


def active_units(means, threshold=1e-2):
    """Say which latent dimensions carry information: their posterior mean varies over images.

    A dimension is active when the variance of its posterior mean over the data exceeds
    ``threshold`` (Burda, Grosse and Salakhutdinov, 2016).

    Parameters
    ----------
    means : torch.Tensor, shape (n, latent_size)
        Posterior means, as from :func:`posteriors`.

    Returns
    -------
    torch.Tensor of bool, shape (latent_size,)
    """
    enough = means.ndim == 2 and len(means) > 1
    require(enough, "means", "shape (n, latent_size) with n of at least 2", tuple(means.shape))
    return means.var(dim=0) > threshold


def mean_image_nll(images, bits):
    """Return the nats per image of the best model that has no latent variable.

    It gives every pixel the share of training images in which it is ink, and knows nothing of how
    pixels belong together. One imaginary image with ink everywhere, and one with none, keep a
    pixel that is always paper in training from costing infinitely much.

    Parameters
    ----------
    images : array of uint8, shape (n, pixels)
        Grey training images.
    bits : array of 0 and 1, shape (m, pixels)
        Binary test images.
    """
    images = grey_images("images", images, "cpu")
    bits = black_and_white("bits", bits, "cpu", images.shape[1])
    ink = (images.sum(0) / 255 + 1) / (len(images) + 2)
    return -log_bernoulli(bits.double(), torch.logit(ink.double())).mean().item()
