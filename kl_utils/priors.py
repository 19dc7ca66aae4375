"""Priors over the latent vector: what a VAE believes about z before it has seen an image.

Every prior is a torch module with the same four methods, so that a VAE can be given any of them.
They compute in float32 whatever the caller's precision: a log-density from bfloat16 products can
be wrong by most of a nat.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from .gaussian import kl_diagonal, log_density_diagonal
from .runtime import full_precision

_LOG_2PI = math.log(2 * math.pi)


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
        with full_precision(z.device):
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
        with full_precision(mean.device):
            return kl_diagonal(mean, log_var)

    def to_distribution(self):
        """Return the same prior as a ``torch.distributions`` object."""
        zeros = torch.zeros(self.latent_size, device=self._device_marker.device)
        normal = torch.distributions.Normal(zeros, torch.ones_like(zeros))
        return torch.distributions.Independent(normal, 1)


def sampled_kl(prior, mean, log_var, z):
    """Return log q(z) - log p(z) in nats, the estimate of KL(q‖p) at one draw z from q.

    Unbiased, for every prior p that knows its ``log_prob``. Arguments as for
    :meth:`ComponentPrior.kl`.
    """
    with full_precision(z.device):
        log_q = log_density_diagonal(z, mean, log_var)
    return log_q - prior.log_prob(z)


class ComponentPrior(nn.Module):
    r"""A prior :math:`p(z) = \sum_k \pi_k\, \mathcal N(z; \mu_k, \operatorname{diag}(\sigma_k^2))`.

    One component is chosen for the whole vector z. Subclasses say where the components come from.
    """

    def components(self):
        """Return log-weights ``(K,)``, then means and log-variances ``(K, latent_size)``."""
        raise NotImplementedError

    def start_from(self, images, encoder):
        """Begin with a component for each of K images, before the prior is trained.

        Parameters
        ----------
        images : torch.Tensor of uint8, shape (K, pixels)
            Grey images.
        encoder : torch.nn.Module
            Maps images to means and log-variances, as that of a :class:`kl_utils.vae.VAE`.
        """
        raise NotImplementedError

    def log_joint(self, z):
        """Return log(π_k p_k(z)) of every component, shape ``(..., K)``.

        The square in the exponent is written out: a linear map of (z, z²), one matrix product in
        place of a sum over an array of shape ``(..., K, latent_size)``.
        """
        log_weights, means, log_vars = self.components()
        with full_precision(z.device):
            precisions = torch.exp(-log_vars)
            constants = log_weights - 0.5 * (means**2 * precisions + log_vars + _LOG_2PI).sum(-1)
            slopes = torch.cat([means * precisions, -0.5 * precisions], -1)
            return F.linear(torch.cat([z, z * z], -1), slopes, constants)

    def log_prob(self, z):
        """Return log p(z) in nats, shape ``(...)`` for ``z`` of shape ``(..., latent_size)``."""
        return self.log_joint(z).logsumexp(-1)

    def responsibilities(self, z):
        """Return the probability of each component given z, shape ``(..., K)``."""
        return self.log_joint(z).softmax(-1)

    @torch.no_grad()
    def sample(self, n, generator=None):
        """Draw ``n`` latent vectors, shape ``(n, latent_size)``."""
        log_weights, means, log_vars = self.components()
        chosen = torch.multinomial(log_weights.exp(), n, replacement=True, generator=generator)
        noise = torch.randn(n, means.shape[1], generator=generator, device=means.device)
        return means[chosen] + torch.exp(0.5 * log_vars[chosen]) * noise

    def kl(self, mean, log_var, z):
        """Estimate KL(q‖p) in nats by log q(z) - log p(z), at one draw z from q.

        A mixture has no closed form. The estimate is unbiased, and so is its gradient, because z
        is a differentiable function of ``mean`` and ``log_var``.

        Parameters
        ----------
        mean, log_var : torch.Tensor, shape (..., latent_size)
            The posterior of each image.
        z : torch.Tensor, shape (..., latent_size)
            A reparameterised draw from it.

        Returns
        -------
        torch.Tensor, shape (...)
        """
        return sampled_kl(self, mean, log_var, z)

    def to_distribution(self):
        """Return the same prior as a ``torch.distributions`` object."""
        log_weights, means, log_vars = self.components()
        normal = torch.distributions.Normal(means, torch.exp(0.5 * log_vars))
        return torch.distributions.MixtureSameFamily(
            torch.distributions.Categorical(logits=log_weights),
            torch.distributions.Independent(normal, 1),
        )


class MixturePrior(ComponentPrior):
    """A mixture of Gaussians with learned weights, means and scales.

    Parameters
    ----------
    latent_size : int
        Number of latent dimensions.
    n_components : int
        Number of components K.

    Notes
    -----
    The components start with equal weights and unit scales around means drawn from N(0, I). A
    component far from all codes has no gradient and stays dead; :meth:`start_from` puts the
    components where the codes are.
    """

    def __init__(self, latent_size, n_components=500):
        super().__init__()
        self.n_components = _count(n_components)
        self.weight_logits = nn.Parameter(torch.zeros(n_components))
        self.means = nn.Parameter(torch.randn(n_components, latent_size))
        self.log_vars = nn.Parameter(torch.zeros(n_components, latent_size))

    @torch.no_grad()
    def start_from(self, images, encoder, log_var=-1.0):
        """Put each component where the encoder puts an image, with one scale for all."""
        means, _ = encoder(_ink(self.means, images)).float().chunk(2, dim=-1)
        self.means.copy_(means)
        self.log_vars.fill_(log_var)
        self.weight_logits.zero_()

    def components(self):
        """Return log-weights, means and log-variances: the parameters."""
        return self.weight_logits.log_softmax(-1), self.means, self.log_vars


class VampPrior(ComponentPrior):
    """The aggregate posterior of a few learned images (Tomczak & Welling, 2018).

    Component k is q(z|u_k), what the encoder says about the k-th *pseudo-input* u_k. The
    pseudo-inputs are learned; the weights are equal.

    Parameters
    ----------
    encoder : torch.nn.Module
        The encoder of the VAE that gets this prior, shared with it.
    pixels, n_components : int
        Size of a pseudo-input, and their number K.
    """

    def __init__(self, encoder, pixels, n_components=500):
        super().__init__()
        self.n_components = _count(n_components)
        self._shared = (encoder,)  # in a tuple, so that it is not registered a second time
        self.pseudo_logits = nn.Parameter(torch.randn(n_components, pixels))

    @torch.no_grad()
    def start_from(self, images, encoder=None):
        """Set the pseudo-inputs to the images, a little paler; the encoder is known already."""
        self.pseudo_logits.copy_(torch.logit(0.05 + 0.9 * _ink(self.pseudo_logits, images)))

    @property
    def pseudo_inputs(self):
        """The learned images, as ink probabilities ``(K, pixels)``."""
        return self.pseudo_logits.sigmoid()

    def components(self):
        """Return equal log-weights, and what the encoder says about the pseudo-inputs."""
        (encoder,) = self._shared
        means, log_vars = encoder(self.pseudo_inputs).float().chunk(2, dim=-1)
        n_components = len(means)
        log_weights = means.new_full((n_components,), -math.log(n_components))
        return log_weights, means, log_vars


def _count(n_components):
    if n_components < 1:
        raise ValueError(f"n_components must be at least 1; got {n_components}")
    return n_components


def _ink(parameter, images):
    """Return grey images as ink probabilities, if there is one for each row of a parameter."""
    if len(images) != len(parameter):
        raise ValueError(
            f"images: expected {len(parameter)}, one for each component; got {len(images)}"
        )
    return images.to(parameter) / 255
