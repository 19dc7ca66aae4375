"""Priors over the latent vector: what a VAE believes about z before it has seen an image.

Every prior is a torch module with the same three methods, so that a VAE can be given any of them.
"""

import torch
from torch import nn

from .gaussian import kl_diagonal, log_density_diagonal


class StandardNormalPrior(nn.Module):
    r"""The prior :math:`p(z) = \mathcal N(0, I)` in ``latent_size`` dimensions.

    Parameters
    ----------
    latent_size : int
        Number of latent dimensions.
    """

    def __init__(self, latent_size):
        super().__init__()
        self.latent_size = latent_size
        # A buffer without values: it only knows on which device the module lives.
        self.register_buffer("_device_marker", torch.empty(0), persistent=False)

    def log_prob(self, z):
        """Return log p(z) in nats, shape ``(...)`` for ``z`` of shape ``(..., latent_size)``."""
        return log_density_diagonal(z, 0.0, 0.0)

    def sample(self, n, generator=None):
        """Draw ``n`` latent vectors, shape ``(n, latent_size)``."""
        device = self._device_marker.device
        return torch.randn(n, self.latent_size, generator=generator, device=device)

    def kl(self, mean, log_var, z=None):
        """Return KL(q‖p) in nats for q = N(mean, diag(exp(log_var))), in closed form.

        Parameters
        ----------
        mean, log_var : torch.Tensor, shape (..., latent_size)
            The posterior of each image.
        z : torch.Tensor, optional
            A sample from q. Priors without a closed form need it; this one does not.

        Returns
        -------
        torch.Tensor, shape (...)
        """
        return kl_diagonal(mean, log_var)

    def to_distribution(self):
        """Return the same prior as a ``torch.distributions`` object."""
        zeros = torch.zeros(self.latent_size, device=self._device_marker.device)
        normal = torch.distributions.Normal(zeros, torch.ones_like(zeros))
        return torch.distributions.Independent(normal, 1)
