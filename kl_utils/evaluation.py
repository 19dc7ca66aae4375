"""What a trained model is worth: ELBO, log-likelihood, and which latent dimensions it uses.

Everything runs where the model lives, in float32, with dropout and batch normalisation standing
still. Images x are as the model's likelihood has them: bits, levels, real numbers. To let encoder
and decoder run in bfloat16, call it inside ``runtime.autocast()``; densities stay in float32 there
too.
"""

import math
from typing import NamedTuple

import torch
from tqdm.auto import tqdm

from ._arguments import require
from ._inputs import bytes_of_images, finite_tensor, whole_number
from .expectation import Estimate
from .likelihoods import Bernoulli
from .vae import evaluation_mode


class ElboEstimate(NamedTuple):
    """The ELBO of a set of images and its two parts: means in nats per image.

    ``elbo`` is an :class:`~kl_utils.expectation.Estimate`; its standard error is that of the
    Monte Carlo samples alone, for these images and bits.
    """

    elbo: Estimate
    distortion: float
    rate: float


@torch.no_grad()
def estimate_elbo(model, x, samples=10, *, seed=0, batch_size=1000):
    """Estimate the ELBO of images, with several posterior samples an image.

    Parameters
    ----------
    model : VAE
    x : array, shape (n, *event_shape)
        Images. State which: fixed bits, for example, make the number repeatable.
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
    x = observed(model, x)
    generator = torch.Generator(model.device).manual_seed(whole_number("seed", seed))
    total = torch.zeros(3, dtype=torch.float64)  # distortion, rate, variance of the mean
    for batch in x.split(batch_size):
        with evaluation_mode(model):
            draws = [model.elbo_terms(batch.float(), generator) for _ in range(samples)]
        distortion, rate = (torch.stack(term).cpu().double() for term in zip(*draws, strict=True))
        variance = (distortion + rate).var(dim=0) / samples
        total += torch.stack([distortion.mean(0), rate.mean(0), variance]).sum(-1)
    n = len(x)
    distortion, rate, variance = total.tolist()
    elbo = Estimate(-(distortion + rate) / n, math.sqrt(variance) / n, n * samples)
    return ElboEstimate(elbo, distortion / n, rate / n)


def importance_sampled_nll(model, x, samples=5000, **options):
    """Estimate the mean negative log-likelihood of images, in nats per image.

    Takes the arguments of :func:`nll_per_image`. The standard error is that of the importance
    samples alone, for these images and bits.

    Returns
    -------
    Estimate
        ``n`` is the number of samples in all.
    """
    nll, standard_error = nll_per_image(model, x, samples, **options)
    n = len(nll)
    return Estimate(nll.mean().item(), standard_error.square().sum().sqrt().item() / n, n * samples)


@torch.no_grad()
def nll_per_image(model, x, samples=5000, *, proposals=None, seed=0, rows=5000, progress=True):
    r"""Estimate -log p(x) of each image by importance sampling from q(z|x).

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
    x : array, shape (n, *event_shape)
        Images.
    samples : int
        Importance samples S an image, at least 2.
    proposals : pair of torch.Tensor, each of shape (n, latent_size), optional
        Mean and log-variance of the q to draw from, such as from
        :func:`kl_utils.refinement.refine`; the encoder's if absent.
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
    x = observed(model, x)
    generator = torch.Generator(model.device).manual_seed(whole_number("seed", seed))
    mean, log_var = (
        posteriors(model, x) if proposals is None else _checked(proposals, model, len(x))
    )
    per_draw = min(samples, 500)
    at_once = max(1, rows // per_draw)
    parts = zip(x.split(at_once), mean.split(at_once), log_var.split(at_once), strict=True)
    results = []
    for batch, *q in tqdm(parts, total=math.ceil(len(x) / at_once), disable=not progress):
        sums = _WeightSums(len(batch))
        for start in range(0, samples, per_draw):
            draws = min(per_draw, samples - start)
            with evaluation_mode(model):
                sums.add(model.log_weights(batch.float(), *q, draws, generator))
        results.append(sums.nll_and_error())
    nll, standard_error = (torch.cat(parts) for parts in zip(*results, strict=True))
    return nll, standard_error


def _checked(proposals, model, images):
    """Return mean and log-variance of a q for each image; raise what is wrong with them."""
    is_pair = isinstance(proposals, (tuple, list)) and len(proposals) == 2
    require(is_pair, "proposals", "a pair of means and log-variances", repr(proposals), TypeError)
    names, shape = ("mean", "log-variance"), (images, model.prior.latent_size)
    return [
        finite_tensor(f"proposals, {name}", part, shape).to(model.device)
        for name, part in zip(names, proposals, strict=True)
    ]


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


def observed(model, x):
    """Return images x as a tensor beside a model; raise what is wrong with either."""
    model.check_shapes()
    return model.likelihood.observed("x", x, model.device)


@torch.no_grad()
def posteriors(model, x, *, batch_size=1000):
    """Return mean and log-variance of q(z|x) for each image, each ``(n, latent_size)``."""
    batches = observed(model, x).split(whole_number("batch_size", batch_size, least=1))
    with evaluation_mode(model):
        encoded = [model.encode(batch.float()) for batch in batches]
    mean, log_var = (torch.cat(parts) for parts in zip(*encoded, strict=True))
    return mean, log_var


def active_units(mean, log_var, threshold=1e-2):
    """Say which latent dimensions carry information, whatever their scale.

    By the law of total variance, the variance of a dimension over images and draws is that of its
    posterior means plus the mean of its posterior variances. A dimension is active when the first
    part is more than ``threshold`` of the whole. Under a standard prior, where the whole is about
    1, this is the criterion of Burda, Grosse and Salakhutdinov (2016); under a learned prior the
    latent space has no scale of its own.

    Parameters
    ----------
    mean, log_var : torch.Tensor, shape (n, latent_size)
        As from :func:`posteriors`.

    Returns
    -------
    torch.Tensor of bool, shape (latent_size,)
    """
    mean = finite_tensor("mean", mean, (None, None))
    log_var = finite_tensor("log_var", log_var, mean.shape)
    require(len(mean) > 1, "mean", "those of at least 2 images", "1")
    between = mean.var(dim=0)
    return between > threshold * (between + log_var.exp().mean(dim=0))


def mean_image_nll(images, bits):
    """Return the nats per image of the best model of bits that has no latent variable.

    It gives every pixel the share of training images in which it is ink, and knows nothing of how
    pixels belong together. One imaginary image with ink everywhere, and one with none, keep a
    pixel that is always paper in training from costing infinitely much.

    Parameters
    ----------
    images : array of uint8, shape (n, ...)
        Grey training images.
    bits : array of 0 and 1, shape (m, ...)
        Binary test images.
    """
    images = bytes_of_images("images", images, "cpu")
    pixels = Bernoulli(images.shape[1:])
    bits = pixels.observed("bits", bits, "cpu")
    ink = (images.sum(0) / 255 + 1) / (len(images) + 2)
    return -pixels.log_prob(bits.double(), torch.logit(ink.double())).mean().item()
