"""Posteriors fitted image by image, starting from what the encoder says.

An encoder serves all images with one network, so its q(z|x) is not the best Gaussian for each.
The best one gives a higher ELBO (what is gained is the amortisation gap), and importance sampling
from it a better estimate of log p(x).
"""

import torch
from tqdm.auto import tqdm

from ._inputs import real_number, whole_number
from .evaluation import observed, posteriors
from .vae import evaluation_mode, reparameterize


def refine(
    model, x, *, steps=300, draws=4, learning_rate=0.02, seed=0, batch_size=500, progress=True
):
    """Return mean and log-variance of a Gaussian fitted to each image by maximising its ELBO.

    Adam follows the reparameterised gradient, with a learning rate that falls to 0 in a cosine;
    the model stays as it is.

    Parameters
    ----------
    model : VAE
    x : array, shape (n, *event_shape)
        Images, as the model's likelihood has them.
    steps, draws : int
        Steps of Adam, and draws of z for each image in a step.
    learning_rate : float
    seed, batch_size : int
    progress : bool
        Show a progress bar.

    Returns
    -------
    mean, log_var : torch.Tensor, each of shape (n, latent_size)

    References
    ----------
    Cremer, Li & Duvenaud, Inference suboptimality in variational autoencoders, ICML 2018.
    """
    steps, draws = (whole_number(*pair, least=1) for pair in (("steps", steps), ("draws", draws)))
    learning_rate = real_number("learning_rate", learning_rate)
    x = observed(model, x)
    generator = torch.Generator(model.device).manual_seed(whole_number("seed", seed))
    batches = x.split(whole_number("batch_size", batch_size, least=1))
    refined = []
    for batch in tqdm(batches, unit="batch", disable=not progress):
        q = [part.clone().requires_grad_() for part in posteriors(model, batch)]
        optimizer = torch.optim.Adam(q, lr=learning_rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(steps):
            with evaluation_mode(model):
                shape = (draws, *q[0].shape)
                z = reparameterize(*(part.expand(shape) for part in q), generator)
                distortion, rate = model.terms(batch.float(), *q, z)
            loss = (distortion + rate).mean(0).sum()
            for part, gradient in zip(q, torch.autograd.grad(loss, q), strict=True):
                part.grad = gradient
            optimizer.step()
            schedule.step()
        refined.append([part.detach() for part in q])
    mean, log_var = (torch.cat(parts) for parts in zip(*refined, strict=True))
    return mean, log_var
