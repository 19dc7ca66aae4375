"""Priors over the latent vector: what a VAE believes about z before it has seen an image.

:class:`Prior` says what a VAE and its evaluation need of any of them. The priors here compute in
float32 whatever the caller's precision: a log-density from bfloat16 products can be wrong by most
of a nat.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from ._arguments import require
from ._inputs import whole_number
from .gaussian import kl_diagonal, log_density_diagonal
from .runtime import full_precision

_LOG_2PI = math.log(2 * math.pi)
_MOST_LOST = 0.01  # nats; what is lost is usually far below the bound


class Prior(nn.Module):
    """What a model, its training and its evaluation need of a prior p(z).

    A subclass sets ``latent_size`` and writes :meth:`log_prob` and :meth:`sample`. It writes
    :meth:`kl` where it knows a closed form, and :meth:`to_distribution` where torch has such a
    distribution. All quantities are in nats. Training may run in bfloat16: what has to be exact
    belongs inside :func:`kl_utils.runtime.full_precision`.

    With a row in ``kl_utils.vae.PRIORS`` a prior has a name, by which models are made, saved and
    loaded again.

    Attributes
    ----------
    latent_size : int
        Number of dimensions of z.
    n_components : int
        Number of components if the prior is a mixture (see :class:`ComponentPrior`); 0 if not.
    """

    n_components = 0

    def log_prob(self, z):
        """Return log p(z) in nats, shape ``(...)`` for ``z`` of shape ``(..., latent_size)``."""
        raise NotImplementedError

    def sample(self, n, generator=None):
        """Draw ``n`` latent vectors, shape ``(n, latent_size)``, where the prior's weights live."""
        raise NotImplementedError

    def kl(self, mean, log_var, z):
        """Return KL(q‖p) in nats for q = N(mean, diag(exp(log_var))), or an estimate of it.

        Without a closed form, it is the estimate at one draw z from q. That is unbiased, and so
        is its gradient, because z is a differentiable function of ``mean`` and ``log_var``.

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
        return self.sampled_kl(mean, log_var, z)

    def sampled_kl(self, mean, log_var, z):
        """Return log q(z) - log p(z) in nats, the estimate of KL(q‖p) at one draw z from q.

        Arguments as for :meth:`kl`. Every prior has it, also one that knows a closed form.
        """
        with full_precision(z.device):
            log_q = log_density_diagonal(z, mean, log_var)
        return log_q - self.log_prob(z)

    def to_distribution(self):
        """Return the same prior as a ``torch.distributions`` object, if there is one."""
        raise NotImplementedError(f"torch.distributions has nothing like {type(self).__name__}")


class StandardNormalPrior(Prior):
    r"""The prior :math:`p(z) = \mathcal N(0, I)` in ``latent_size`` dimensions.

    Parameters
    ----------
    latent_size : int
        Number of latent dimensions.
    """

    def __init__(self, latent_size):
        super().__init__()
        self.latent_size = whole_number("latent_size", latent_size, least=1)
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

        Arguments as for :meth:`Prior.kl`; a draw z is not needed.
        """
        with full_precision(mean.device):
            return kl_diagonal(mean, log_var)

    def to_distribution(self):
        """Return the same prior as a ``torch.distributions`` object."""
        zeros = torch.zeros(self.latent_size, device=self._device_marker.device)
        normal = torch.distributions.Normal(zeros, torch.ones_like(zeros))
        return torch.distributions.Independent(normal, 1)


class ComponentPrior(Prior):
    r"""A prior :math:`p(z) = \sum_k \pi_k\, \mathcal N(z; \mu_k, \operatorname{diag}(\sigma_k^2))`.

    One component is chosen for the whole vector z. Subclasses set ``n_components`` and say where
    the components come from.
    """

    @property
    def latent_size(self):
        """Number of dimensions of z."""
        _, means, _ = self.components()
        return means.shape[-1]

    def components(self):
        """Return log-weights ``(K,)``, then means and log-variances ``(K, latent_size)``."""
        raise NotImplementedError

    def start_from(self, images, encoder):
        """Begin with a component for each of K images, before the prior is trained.

        Parameters
        ----------
        images : torch.Tensor, shape (K, *event_shape)
            Grey values from 0 to 1.
        encoder : torch.nn.Module
            Maps images to means and log-variances, as that of a :class:`kl_utils.vae.VAE`.
        """
        raise NotImplementedError

    def log_joint(self, z):
        """Return log(π_k p_k(z)) of every component, shape ``(..., K)``.

        The square in the exponent is written out: a linear map of (z, z²), one matrix product in
        place of a sum over an array of shape ``(..., K, latent_size)``. Far from narrow components
        its terms are large and cancel; where float32 could lose too much, float64 takes over.
        """
        parts = (z, *self.components())
        with full_precision(z.device):
            if _lost_at_most(*parts) > _MOST_LOST and z.device.type != "mps":  # has no float64
                z64, log_weights, means, log_vars = (part.double() for part in parts)
                origin = means.detach().mean(0)
                parts = (z64 - origin, log_weights, means - origin, log_vars)
            return _log_joint(*parts).to(z.dtype)

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

    def to_distribution(self):
        """Return the same prior as a ``torch.distributions`` object."""
        log_weights, means, log_vars = self.components()
        normal = torch.distributions.Normal(means, torch.exp(0.5 * log_vars))
        return torch.distributions.MixtureSameFamily(
            torch.distributions.Categorical(logits=log_weights),
            torch.distributions.Independent(normal, 1),
        )


def _log_joint(z, log_weights, means, log_vars):
    precisions = torch.exp(-log_vars)
    constants = log_weights - 0.5 * (means**2 * precisions + log_vars + _LOG_2PI).sum(-1)
    slopes = torch.cat([means * precisions, -0.5 * precisions], -1)
    return F.linear(torch.cat([z, z * z], -1), slopes, constants)


@torch.no_grad()
def _lost_at_most(z, log_weights, means, log_vars):
    """Return a bound on the rounding of `_log_joint` in nats: the size of its terms, times eps."""
    furthest = z.abs().reshape(-1, z.shape[-1]).amax(0) if z.numel() else z.new_zeros(1)
    terms = 0.5 * ((furthest + means.abs()) ** 2 * torch.exp(-log_vars)).sum(-1)
    return terms.amax() * torch.finfo(z.dtype).eps


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
        latent_size = whole_number("latent_size", latent_size, least=1)
        self.n_components = n_components = whole_number("n_components", n_components, least=1)
        self.weight_logits = nn.Parameter(torch.zeros(n_components))
        self.means = nn.Parameter(torch.randn(n_components, latent_size))
        self.log_vars = nn.Parameter(torch.zeros(n_components, latent_size))

    @torch.no_grad()
    def start_from(self, images, encoder, log_var=-1.0):
        """Put each component where the encoder puts an image, with one scale for all."""
        means, _ = encoder(_one_each(self.means, images)).float().chunk(2, dim=-1)
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
    event_shape : int or tuple of int
        Shape of a pseudo-input, which is an image with values from 0 to 1.
    n_components : int
        Number of pseudo-inputs K.
    """

    def __init__(self, encoder, event_shape, n_components=500):
        super().__init__()
        self.n_components = n_components = whole_number("n_components", n_components, least=1)
        self._shared = (encoder,)  # in a tuple, so that it is not registered a second time
        sizes = event_shape if isinstance(event_shape, (tuple, list)) else (event_shape,)
        sizes = [whole_number("event_shape", size, least=1) for size in sizes]
        self.pseudo_logits = nn.Parameter(torch.randn(n_components, *sizes))

    @torch.no_grad()
    def start_from(self, images, encoder=None):
        """Set the pseudo-inputs to the images, a little paler; the encoder is known already."""
        self.pseudo_logits.copy_(torch.logit(0.05 + 0.9 * _one_each(self.pseudo_logits, images)))

    @property
    def pseudo_inputs(self):
        """The learned images, grey from 0 to 1, shape ``(K, *event_shape)``."""
        return self.pseudo_logits.sigmoid()

    def components(self):
        """Return equal log-weights, and what the encoder says about the pseudo-inputs."""
        (encoder,) = self._shared
        means, log_vars = encoder(self.pseudo_inputs).float().chunk(2, dim=-1)
        n_components = len(means)
        log_weights = means.new_full((n_components,), -math.log(n_components))
        return log_weights, means, log_vars


def _one_each(parameter, images):
    """Return images where a parameter lives, if there is one for each of its rows."""
    expected = f"{len(parameter)}, one for each component"
    require(len(images) == len(parameter), "images", expected, len(images))
    return images.to(parameter)
