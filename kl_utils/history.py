"""What a training run saw, epoch by epoch."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np


class Epoch(NamedTuple):
    """One line of a :class:`History`; all terms are means in nats per image.

    ``distortion`` and ``rate`` are measured while training, on images binarised afresh.
    ``kl_weight`` is the weight of the rate in the loss at the epoch's end: where it is below 1,
    the loss was not a negative ELBO. ``held_out_distortion`` and ``held_out_rate`` are measured
    after the epoch (nan without held-out images). ``seconds`` is training time; measuring is not
    counted.
    """

    distortion: float
    rate: float
    kl_weight: float
    held_out_distortion: float
    held_out_rate: float
    seconds: float

    @property
    def negative_elbo(self):
        """Distortion + rate on the training images."""
        return self.distortion + self.rate

    @property
    def held_out_negative_elbo(self):
        """Distortion + rate on the held-out images."""
        return self.held_out_distortion + self.held_out_rate


@dataclass
class History:
    """What a training run saw, epoch by epoch, and whether it was stopped by hand."""

    epochs: list[Epoch] = field(default_factory=list)
    interrupted: bool = False

    def curve(self, name):
        """Return one quantity of :class:`Epoch` over the epochs, shape ``(epochs,)``."""
        return np.array([getattr(epoch, name) for epoch in self.epochs])
