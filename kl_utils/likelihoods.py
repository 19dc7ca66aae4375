"""Likelihoods p(x|z): what an image can be, and how probable a decoder's numbers make it.

:class:`Likelihood` says what a model, its training, its evaluation and its figures need.
:class:`Bernoulli` is for bits, :class:`Gaussian` for real numbers; :mod:`kl_utils.levels` has those
for grey and colour levels. Of bits and levels, p(x|z) is a probability, so that -log p is at least
0; of real numbers it is a density, whose logarithm may have either sign.

All compute in float32, and sum over the pixels of an image.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from ._arguments import require
from ._checks import check_entries
from ._inputs import bytes_of_images, image_batch, real_number, whole_number
from .data import binarize, fixed_bits

_LOG_2PI = math.log(2 * math.pi)


class Likelihood(nn.Module):
    """What a model needs of a likelihood p(x|z) of images x.

    A subclass sets ``parameter_shape`` and writes :meth:`log_prob`, :meth:`mean`, :meth:`sample`,
    :meth:`prepare` and :meth:`check`. Where a value of x is not a grey value from 0 to 1, it writes
    :meth:`to_grey`, too.

    Parameters
    ----------
    event_shape : int or tuple of int
        Shape of one image x, such as 784, (28, 28) or (3, 32, 32).

    Attributes
    ----------
    event_shape : tuple of int
    parameter_shape : tuple of int
        Shape of what a decoder gives for one image.
    """

    def __init__(self, event_shape):
        super().__init__()
        sizes = event_shape if isinstance(event_shape, (tuple, list)) else (event_shape,)
        require(len(sizes) > 0, "event_shape", "the shape of an image", "()")
        self.event_shape = tuple(whole_number("event_shape", size, least=1) for size in sizes)
        self.parameter_shape = self.event_shape

    @property
    def dimensions(self):
        """How many numbers an image has: the D in bits per dimension."""
        return math.prod(self.event_shape)

    def log_prob(self, x, parameters):
        """Return log p(x|z) in nats, shape ``(...)``.

        Parameters
        ----------
        x : torch.Tensor, shape (..., *event_shape)
        parameters : torch.Tensor, shape (..., *parameter_shape)
            What the decoder makes of z. The two broadcast.
        """
        raise NotImplementedError

    def mean(self, parameters):
        """Return E[x|z], shape ``(..., *event_shape)``."""
        raise NotImplementedError

    def sample(self, parameters, generator=None):
        """Draw x from p(x|z), shape ``(..., *event_shape)``."""
        raise NotImplementedError

    def to_grey(self, x):
        """Return x on the scale from 0 (paper) to 1 (ink): what encoders and eyes are shown."""
        return x

    def prepare(self, images, generator):
        """Turn stored images, such as bytes from 0 to 255, into a draw of x."""
        raise NotImplementedError

    def fixed_draw(self, images, seed=0):
        """Return a draw of x that is the same at each call, to test with: floats on the CPU."""
        images = self.stored("images", images, "cpu")
        generator = torch.Generator().manual_seed(whole_number("seed", seed, least=0))
        return self.prepare(images, generator).float()

    def stored(self, name, images, device):
        """Return images to train on as a tensor ``(n, *event_shape)``, or raise what is wrong."""
        return bytes_of_images(name, images, device, self.event_shape)

    def check(self, name, x):
        """Raise an error that shows the first value of x, if any, that no image can have."""
        raise NotImplementedError

    def observed(self, name, x, device):
        """Return x, to be measured, as a tensor ``(n, *event_shape)``, or raise what is wrong."""
        x = image_batch(name, x, device, self.event_shape)
        self.check(name, x)
        return x

    def extra_repr(self):
        return f"{self.event_shape}"

    def _sum(self, values):
        return values.flatten(-len(self.event_shape)).sum(-1)


class Bernoulli(Likelihood):
    """Bits: each pixel is ink with its own probability, of which the decoder gives the logit."""

    def log_prob(self, x, logits):
        """Return log p(x|z) in nats, for bits ``x`` as floats."""
        pixels = -len(self.event_shape)
        return log_bernoulli(x.flatten(pixels), logits.flatten(pixels))

    def mean(self, logits):
        """Return the probability of ink in each pixel."""
        return logits.sigmoid()

    def sample(self, logits, generator=None):
        """Draw bits, as floats."""
        return torch.bernoulli(logits.sigmoid(), generator=generator)

    def prepare(self, images, generator):
        """Binarise bytes: see :func:`kl_utils.data.binarize`."""
        return binarize(images, generator)

    def fixed_draw(self, images, seed=0):
        """Return the bits of :func:`kl_utils.data.fixed_bits`, the same on every machine."""
        images = self.stored("images", images, "cpu").numpy()
        return torch.from_numpy(fixed_bits(images, whole_number("seed", seed, least=0))).float()

    def check(self, name, x):
        expected = "only 0 and 1 (kl_utils.fixed_bits makes bits of grey images)"
        check_entries(torch, name, expected, x, (x == 0) | (x == 1))


def log_bernoulli(x, logits):
    """Return log p(x) in nats, summed over the last axis, for bits ``x`` with these logits.

    A bit b with logit a has log-probability b·a - log(1 + exp(a)). Logits, not probabilities: a
    clamped probability caps what a wrong pixel can cost.
    """
    return torch.linalg.vecdot(x, logits) - F.softplus(logits).sum(-1)


class Gaussian(Likelihood):
    r"""Real numbers: :math:`x_d \sim \mathcal N(\mu_d(z), \tau^2)`, one scale τ for all pixels.

    The decoder gives the means. The scale is learned with the networks, or given. Its logarithm
    is a density: -log p may be negative, and falls without end where x has values that the means
    can hit exactly. Bytes are therefore *dequantised*, ``(byte + δ) / 256`` with δ uniform on
    [0, 1): then the mean of -log p + D log 256 is an upper bound on the nats of the bytes (Theis,
    van den Oord and Bethge, 2016).

    Parameters
    ----------
    event_shape : int or tuple of int
    scale : float, optional
        A fixed τ. Without one, τ is learned, and starts at 0.3. A step of the optimiser changes
        log τ by about the learning rate at most: where a training is short, look whether τ has
        come down to the root mean square of x - μ(z).
    """

    def __init__(self, event_shape, scale=None):
        super().__init__(event_shape)
        start = 0.3 if scale is None else real_number("scale", scale)
        log_scale = torch.tensor(math.log(start))
        if scale is None:
            self.log_scale = nn.Parameter(log_scale)
        else:
            self.register_buffer("log_scale", log_scale)

    def log_prob(self, x, means):
        """Return log p(x|z), in nats, of the density."""
        residual = (x - means) * torch.exp(-self.log_scale)
        log_scales = self.dimensions * (self.log_scale + 0.5 * _LOG_2PI)
        return -0.5 * self._sum(residual.square()) - log_scales

    def mean(self, means):
        return means

    def sample(self, means, generator=None):
        noise = torch.randn(means.shape, generator=generator, device=means.device)
        return means + torch.exp(self.log_scale) * noise

    def prepare(self, images, generator):
        """Dequantise bytes; leave real numbers as they are."""
        if images.is_floating_point():
            return images
        noise = torch.rand(images.shape, generator=generator, device=images.device)
        return (images + noise) / 256

    def stored(self, name, images, device):
        """Return bytes, or real numbers as float32, as a tensor ``(n, *event_shape)``."""
        images = image_batch(name, images, device, self.event_shape)
        if images.dtype == torch.uint8:
            return images
        expected = "bytes (uint8) or real numbers (floating point)"
        require(images.is_floating_point(), name, expected, images.dtype, TypeError)
        require(bool(images.isfinite().all()), name, "finite numbers", "NaN or an infinity")
        return images.float()

    def check(self, name, x):
        # Bytes would be measured as numbers up to 255 by a model that learned them up to 1.
        expected = "numbers in floating point (fixed_draw makes them of bytes)"
        require(x.is_floating_point(), name, expected, x.dtype, TypeError)
        check_entries(torch, name, "finite numbers", x, x.isfinite())


def bits_per_dimension(nats, likelihood):
    """Return nats per image in bits for each number of an image: nats / (D log 2)."""
    return nats / (likelihood.dimensions * math.log(2))
