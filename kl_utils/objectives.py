"""What training minimises: the negative ELBO, with a weight on the rate, or a tighter bound.

Each function returns a loss for each image, whose gradient is the estimate to follow, and the
distortion and the rate behind it.
"""

from typing import NamedTuple

import torch

from .vae import reparameterize


class Loss(NamedTuple):
    """A loss and the two terms of the negative ELBO, in nats, each of shape ``(n,)``."""

    loss: torch.Tensor
    distortion: torch.Tensor
    rate: torch.Tensor


def weighted_elbo(model, x, generator, *, kl_weight=1.0, stick_the_landing=False):
    """Return distortion + ``kl_weight`` · rate: a negative ELBO where the weight is 1.

    Arguments as for :meth:`kl_utils.vae.VAE.elbo_terms`.
    """
    distortion, rate = model.elbo_terms(x, generator, stick_the_landing=stick_the_landing)
    return Loss(distortion + kl_weight * rate, distortion, rate)


def importance_weighted_bound(model, x, generator, *, draws):
    r"""Return the negative importance-weighted bound of ``draws`` draws, doubly reparameterised.

    .. math:: -\log \frac1S \sum_s w_s, \qquad w_s = \frac{p(x \mid z_s)\, p(z_s)}{q(z_s \mid x)}

    With the normalised weights :math:`v_s = w_s / \sum_j w_j`, decoder and prior follow
    :math:`\sum_s v_s \nabla \log w_s`, as the derivative of the bound has it. The encoder follows
    :math:`\sum_s v_s^2 \, \partial_z \log w_s \, \nabla z_s`: the same in expectation, and less
    noisy the closer q is to the posterior (Tucker, Lawson, Gu and Maddison, 2019). One draw is
    sticking the landing.

    Parameters
    ----------
    model : VAE
    x : torch.Tensor, shape (n, *event_shape)
    generator : torch.Generator or None
        Source of the noise.
    draws : int
        Draws S of z for each image.
    """
    mean, log_var = model.encode(x)
    shape = (draws, *mean.shape)
    z = reparameterize(mean.expand(shape), log_var.expand(shape), generator)
    distortion, rate = model.terms(x, mean, log_var, z, stick_the_landing=True)
    log_weights = -(distortion + rate)
    normalised = log_weights.detach().softmax(0)
    if z.requires_grad:  # what reaches the encoder comes through z, and is multiplied once more
        z.register_hook(lambda gradient: normalised.unsqueeze(-1) * gradient)
    bound = torch.logsumexp(log_weights.detach(), 0) - torch.tensor(float(draws)).log()
    follow = (normalised * log_weights).sum(0)  # its gradient is wanted, not its value
    loss = -(bound + follow - follow.detach())
    return Loss(loss, distortion.mean(0), rate.mean(0))
