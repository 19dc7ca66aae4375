"""Likelihoods of whole levels, such as the 256 grey values of a byte: probabilities, so in nats.

A :class:`DiscretizedLogistic` knows that neighbouring levels are alike; a :class:`Categorical`
learns every level for itself, which suits few levels, or such as have no order.
"""

import torch
from torch.nn import functional as F

from ._arguments import require
from ._checks import check_entries
from ._inputs import whole_number
from .likelihoods import Likelihood


class _Levels(Likelihood):
    """Whole levels 0 to K - 1, as floats, brought from bytes by rounding down."""

    def __init__(self, event_shape, levels=256):
        super().__init__(event_shape)
        self.levels = whole_number("levels", levels, least=2)
        require(self.levels <= 256, "levels", "at most 256", levels)

    def to_grey(self, x):
        return x / (self.levels - 1)

    def prepare(self, images, generator=None):
        """Bring bytes to levels: 0 to 255 becomes 0 to K - 1. No draw is made."""
        return images.int() * self.levels // 256

    def check(self, name, x):
        last = self.levels - 1
        are_levels = (x >= 0) & (x <= last)
        if x.is_floating_point():
            are_levels &= x == x.floor()
        expected = f"whole levels 0 to {last} (fixed_draw makes them of bytes)"
        check_entries(torch, name, expected, x, are_levels)

    def extra_repr(self):
        return f"{self.event_shape}, levels={self.levels}"


class DiscretizedLogistic(_Levels):
    """Levels in order: a logistic distribution in each pixel, cut into K bins.

    The decoder gives two numbers a pixel, location and log-scale, on the scale where levels run
    from -1 to 1: ``parameters[..., 0, :]`` and ``parameters[..., 1, :]`` of a flat image. The
    lowest bin reaches down to -∞, the highest up to ∞ (Kingma et al., 2016; Salimans et al., 2017).
    """

    def __init__(self, event_shape, levels=256):
        super().__init__(event_shape, levels)
        self.parameter_shape = (2, *self.event_shape)

    def _parts(self, parameters):
        location, log_scale = parameters.unbind(-len(self.parameter_shape))
        return location, log_scale.clamp(min=-7)  # a bin then is some scales wide at 256 levels

    def log_prob(self, x, parameters):
        """Return log p(x|z) in nats, for levels ``x`` as floats.

        With lower and upper edge a and b in units of the scale, a bin has the probability
        sigmoid(b) - sigmoid(a) = sigmoid(b) sigmoid(-a) (1 - exp(a - b)), whose logarithm loses no
        digits far out.
        """
        location, log_scale = self._parts(parameters)
        half = 1 / (self.levels - 1)
        centre = (2 * half * x - 1 - location) * torch.exp(-log_scale)
        reach = half * torch.exp(-log_scale)
        below, above = F.logsigmoid(centre + reach), F.logsigmoid(reach - centre)
        lowest, highest = x == 0, x == self.levels - 1
        below = torch.where(highest, 0.0, below)
        above = torch.where(lowest, 0.0, above)
        width = torch.where(lowest | highest, 0.0, torch.log(-torch.expm1(-2 * reach)))
        return self._sum(below + above + width)

    def mean(self, parameters):
        """Return the level at the location: the mean, but for what the two ends cut off."""
        location, _ = self._parts(parameters)
        return (location.clamp(-1, 1) + 1) / 2 * (self.levels - 1)

    def sample(self, parameters, generator=None):
        location, log_scale = self._parts(parameters)
        u = torch.rand(location.shape, generator=generator, device=location.device)
        x = location + torch.exp(log_scale) * torch.logit(u, eps=1e-6)
        return ((x.clamp(-1, 1) + 1) / 2 * (self.levels - 1)).round()


class Categorical(_Levels):
    """Levels without order: the decoder gives K logits a pixel, ``(..., K, *event_shape)``."""

    def __init__(self, event_shape, levels=256):
        super().__init__(event_shape, levels)
        self.parameter_shape = (self.levels, *self.event_shape)

    def _probabilities(self, logits):
        return logits.softmax(-len(self.parameter_shape))

    def log_prob(self, x, logits):
        """Return log p(x|z) in nats, for levels ``x`` as floats."""
        axis = -len(self.parameter_shape)
        shape = torch.broadcast_shapes(
            x.unsqueeze(axis).shape, (*logits.shape[:axis], 1, *self.event_shape)
        )
        chosen = x.unsqueeze(axis).long().expand(shape)
        log_p = logits.log_softmax(axis).expand(*shape[:axis], *self.parameter_shape)
        return self._sum(log_p.gather(axis, chosen).squeeze(axis))

    def mean(self, logits):
        levels = torch.arange(self.levels, dtype=logits.dtype, device=logits.device)
        probabilities = self._probabilities(logits).movedim(-len(self.parameter_shape), -1)
        return probabilities @ levels

    def sample(self, logits, generator=None):
        probabilities = self._probabilities(logits).movedim(-len(self.parameter_shape), -1)
        flat = probabilities.reshape(-1, self.levels)
        drawn = torch.multinomial(flat, 1, generator=generator)
        return drawn.view(probabilities.shape[:-1]).to(logits.dtype)
