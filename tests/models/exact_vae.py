"""A VAE so small that its log p(x) is known: 3 pixels, 1 latent dimension."""

import math

import torch
from torch import nn

from kl_utils.likelihoods import Bernoulli, log_bernoulli
from kl_utils.priors import StandardNormalPrior
from kl_utils.vae import VAE

ALL_IMAGES = torch.cartesian_prod(*[torch.arange(2.0)] * 3)  # every image of 3 pixels


def tiny_vae():
    """Return the model. Its true posteriors are not Gaussian, and q is wide enough to cover them:
    a narrow q has importance weights of infinite variance.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model = VAE(nn.Linear(3, 2), nn.Linear(1, 3), StandardNormalPrior(1), Bernoulli(3))
    with torch.no_grad():
        model.decoder.weight.mul_(3)
        model.encoder.weight[1] = 0
        model.encoder.bias[1] = 0.2  # the log-variance
    return model


def exact_log_px(model, images):
    """log p(x) of a model with one latent dimension, by a fine grid over z, shape ``(images,)``."""
    z = torch.linspace(-12, 12, 24_001, dtype=torch.float64)
    with torch.no_grad():
        logits = model.decode(z[:, None].float()).double()
    log_joint = log_bernoulli(images[:, None].double(), logits) + model.prior.log_prob(z[:, None])
    return log_joint.logsumexp(-1) + math.log(z[1] - z[0])
