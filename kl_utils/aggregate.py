"""The aggregate posterior q(z), the mean of q(z|x) over images: what the prior has to match.

Its divergence from the prior, ELBO surgery, and what the prior's components do with the images.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from tqdm.auto import tqdm

from ._arguments import require
from ._inputs import finite_tensor, whole_number, whole_numbers
from .evaluation import posteriors
from .expectation import Estimate, estimate_mean
from .gaussian import log_density_diagonal
from .priors import ComponentPrior
from .vae import reparameterize


class Surgery(NamedTuple):
    """The mean rate of N images, and the two parts that it is the sum of, in nats per image.

    ``mutual_information`` is that of z and the index of the image, so it is at most log N.
    ``marginal_kl`` is KL(q(z)‖p(z)) for the aggregate posterior q(z) of these images.
    """

    rate: Estimate
    mutual_information: Estimate
    marginal_kl: Estimate


class AggregatePosterior(ComponentPrior):
    """The mixture q(z) with one equally weighted component for each image.

    Parameters
    ----------
    mean, log_var : torch.Tensor, shape (N, latent_size)
        The posteriors, as from :func:`kl_utils.evaluation.posteriors`.
    """

    def __init__(self, mean, log_var):
        super().__init__()
        self.n_components = len(mean)
        self.register_buffer("means", mean)
        self.register_buffer("log_vars", log_var)

    def components(self):
        """Return equal log-weights, and the posteriors' means and log-variances."""
        log_weights = self.means.new_full((len(self.means),), -math.log(len(self.means)))
        return log_weights, self.means, self.log_vars


@torch.no_grad()
def elbo_surgery(model, x, *, seed=0, batch_size=500, progress=True):
    r"""Split the mean rate of images into mutual information and a divergence from the prior.

    .. math:: \frac1N \sum_m \operatorname{KL}(q(z \mid x_m) \,\|\, p(z))
              = \operatorname{I}(m;\, z) + \operatorname{KL}(q(z) \,\|\, p(z))

    All three are estimated at one draw of z for each image, so their values add up exactly.

    Parameters
    ----------
    model : VAE
    x : array, shape (N, *event_shape)
        Images. The mutual information cannot exceed log N, so N belongs to the result.
    seed : int
        Seeds the draws.
    batch_size : int
        Draws at once; each is compared with all N posteriors.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Surgery

    References
    ----------
    Hoffman & Johnson, ELBO surgery, NIPS workshop on advances in approximate inference (2016).
    """
    seed, batch_size = whole_number("seed", seed), whole_number("batch_size", batch_size, least=1)
    mean, log_var = posteriors(model, x)
    z = reparameterize(mean, log_var, torch.Generator(mean.device).manual_seed(seed))
    log_p = torch.cat([model.prior.log_prob(part) for part in z.split(batch_size)])
    # Posteriors are narrow, so the square written out in `log_joint` cancels: float64 has room
    # for that, and every CPU has float64.
    mean, log_var, z, log_p = (part.cpu().double() for part in (mean, log_var, z, log_p))
    aggregate = AggregatePosterior(mean, log_var)
    parts = tqdm(z.split(batch_size), unit="batch", disable=not progress)
    log_q = torch.cat([aggregate.log_prob(part) for part in parts])
    log_q_given_x = log_density_diagonal(z, mean, log_var)
    differences = (log_q_given_x - log_p, log_q_given_x - log_q, log_q - log_p)
    return Surgery(*(estimate_mean(difference.numpy()) for difference in differences))


@torch.no_grad()
def component_shares(prior, z, *, batch_size=1000):
    """Return the mean responsibility of each of a prior's components, shape ``(K,)``.

    Where the weights are those that fit the vectors best, share and weight are equal.

    Parameters
    ----------
    prior : ComponentPrior
    z : torch.Tensor, shape (n, latent_size)
        Such as draws from q(z|x), one for each image.
    batch_size : int
        Vectors at once.
    """
    has_some = isinstance(prior, ComponentPrior)
    require(has_some, "prior", "one with components", type(prior).__name__, TypeError)
    z = finite_tensor("z", z, (None, prior.latent_size))
    batch_size = whole_number("batch_size", batch_size, least=1)
    totals = [prior.responsibilities(part).sum(0) for part in z.split(batch_size)]
    return torch.stack(totals).sum(0) / len(z)


def dead_components(shares, threshold=0.1):
    """Say which components are dead: they take part in no image to speak of.

    A component is dead when its share is below ``threshold`` times an equal share, 1/K.

    Parameters
    ----------
    shares : torch.Tensor, shape (K,)
        As from :func:`component_shares`.

    Returns
    -------
    torch.Tensor of bool, shape (K,)
    """
    shares = finite_tensor("shares", shares, (None,))
    return shares < threshold / len(shares)


def cluster_accuracy(components, labels):
    """Return the share of images whose component is matched with their label.

    Components are matched with labels one to one, so that as many images as possible agree (the
    Hungarian algorithm). With more components than labels, images in unmatched ones count as
    wrong; :func:`majority_accuracy` lets several components share a label.

    Parameters
    ----------
    components, labels : array of int, shape (n,)
        The most responsible component, and the label, of each image.
    """
    table = _contingency(components, labels)
    return table[linear_sum_assignment(table, maximize=True)].sum() / len(labels)


def majority_accuracy(components, labels):
    """Return the share of images that have the commonest label of their component."""
    return _contingency(components, labels).max(axis=1).sum() / len(labels)


def _contingency(components, labels):
    """Count the images of every component and label, shape ``(components, labels)``."""
    components = whole_numbers("components", components)
    labels = whole_numbers("labels", labels)
    sizes = f"{len(components)} and {len(labels)}"
    require(len(components) == len(labels), "components, labels", "one of each an image", sizes)
    # By rank: the largest number says nothing about how many there are.
    rows, columns = (np.unique(part, return_inverse=True)[1] for part in (components, labels))
    table = np.zeros((rows.max() + 1, columns.max() + 1), dtype=int)
    np.add.at(table, (rows, columns), 1)
    return table
