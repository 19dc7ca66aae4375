"""A head start for a learned prior: its components begin where images are encoded."""

import torch

from ._arguments import require
from ._inputs import whole_number
from .priors import StandardNormalPrior
from .training import fit


def head_start(model, images, *, epochs=3, seed=0, **options):
    """Train with the prior N(0, I) for a few epochs, then start the model's own prior from there.

    Components that begin at random places lie far from all codes, have no responsibility for any
    image, hence no gradient, and most of them stay dead. After this start, component k begins
    where the encoder puts some image. Then train with :func:`kl_utils.training.fit` as usual.

    Parameters
    ----------
    model : VAE
        With a prior that has components. Trained in place.
    images : array, shape (n, *event_shape)
        Training images, at least as many as the prior has components.
    epochs, seed : int
        As in :func:`kl_utils.training.fit`; the seed also chooses where components begin.
    **options
        Other arguments of :func:`kl_utils.training.fit`.

    Returns
    -------
    History
        Of these epochs, in which the rate was that of N(0, I). After a keyboard interrupt
        ``history.interrupted`` is true, and the components have not moved.

    Raises
    ------
    ValueError
        If the prior has no components, or there are fewer images than components; before anything
        is trained.
    """
    prior, seed = model.prior, whole_number("seed", seed)
    kind = f"a {type(prior).__name__}, which has none"
    require(prior.n_components > 0, "model.prior", "a prior with components to start", kind)
    images = model.likelihood.stored("images", images, model.device)
    expected = f"at least {prior.n_components}, one for each component"
    require(len(images) >= prior.n_components, "images", expected, len(images))
    model.prior = StandardNormalPrior(prior.latent_size)
    try:
        history = fit(model, images, epochs=epochs, seed=seed, **options)
    finally:
        model.prior = prior.to(model.device)
    if not history.interrupted:
        # A stream of its own: with the seed alone, these images would be those of fit's first step.
        generator = torch.Generator().manual_seed(seed + 1_000_003)
        order = torch.randperm(len(images), generator=generator)
        chosen = images[order[: prior.n_components]]
        grey = chosen / 255 if chosen.dtype == torch.uint8 else chosen
        prior.start_from(grey, model.encoder)
    return history
