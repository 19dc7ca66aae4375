"""The figures of chapter 6, a VAE on MNIST."""

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.stats import norm

from .style import (
    ACCENT,
    FAINT,
    INK,
    Q_COLOUR,
    SECOND_ACCENT,
    scatter_classes,
    show_images,
    styled,
)


@styled
def curves(history, first_epoch=3):
    """Draw -ELBO of training images and test bits, and the test terms it is the sum of.

    Epochs in which the rate did not yet have its full weight are shaded. The first epochs are left
    out: they would flatten everything that follows.
    """
    epochs = np.arange(1, len(history.epochs) + 1)[first_epoch - 1 :]
    curve = {
        name: history.curve(name)[first_epoch - 1 :]
        for name in ("negative_elbo", "test_negative_elbo", "test_distortion", "test_rate")
    }
    fig, (left, middle, right) = plt.subplots(1, 3, figsize=(6.4, 2.7))
    left.plot(epochs, curve["negative_elbo"], color=FAINT, label="training")
    left.plot(epochs, curve["test_negative_elbo"], color=INK, label="test")
    last = curve["test_negative_elbo"][-1]
    left.set(ylabel="nats per image", title="−ELBO", ylim=(None, last + 25))
    middle.plot(epochs, curve["test_distortion"], color=ACCENT)
    middle.set(title="distortion, test", ylim=(None, curve["test_distortion"][-1] + 25))
    right.plot(epochs, curve["test_rate"], color=SECOND_ACCENT)
    right.set(title="rate, test")
    warm_up = int((history.curve("kl_weight") < 1).sum())
    for ax in (left, middle, right):
        ax.set_xlabel("epoch")
        if warm_up > first_epoch:
            ax.axvspan(first_epoch, warm_up, color=FAINT, alpha=0.3, linewidth=0, label="warm-up")
    left.legend()
    return fig


@styled
def rows(*image_rows):
    """Draw rows of images, values from 0 (paper) to 1 (ink), one below the other.

    Parameters
    ----------
    *image_rows : array, shape (n, pixels)
        All of the same length.
    """
    image_rows = [np.asarray(row, dtype=float) for row in image_rows]
    n = len(image_rows[0])
    fig, ax = plt.subplots(figsize=(6.4, 6.8 * len(image_rows) / n))
    show_images(ax, np.concatenate(image_rows), columns=n)
    return fig


@styled
def samples(probabilities, columns=12):
    """Draw images sampled from a model, as pixel probabilities."""
    rows = -(-len(probabilities) // columns)
    fig, ax = plt.subplots(figsize=(6.4, 6.4 * rows / columns))
    show_images(ax, probabilities, columns)
    return fig


@styled
def rate_per_dimension(rates, active):
    """Draw the rate of every latent dimension, largest first, and mark the active ones.

    Parameters
    ----------
    rates : torch.Tensor, shape (latent_size,)
        KL(q(z_i|x)‖p(z_i)), averaged over images, in nats.
    active : torch.Tensor of bool, shape (latent_size,)
    """
    order = torch.argsort(rates, descending=True)
    colours = [Q_COLOUR if is_active else FAINT for is_active in active[order]]
    fig, ax = plt.subplots(figsize=(6.4, 2.7))
    ax.bar(np.arange(1, len(rates) + 1), rates[order], color=colours)
    ax.set(xlabel="latent dimension, by rate", ylabel="rate in nats")
    ax.set_title(f"{int(active.sum())} of {len(active)} dimensions are active", loc="left")
    return fig


@styled
def traversals(images, labels):
    """Draw one row of images for each latent dimension, as that dimension moves.

    Parameters
    ----------
    images : array, shape (dimensions, steps, pixels)
        Pixel probabilities.
    labels : list of str
        One label a row.
    """
    fig, axes = plt.subplots(len(labels), 1, figsize=(6.4, 0.58 * len(labels)))
    for ax, row, label in zip(axes, np.asarray(images), labels, strict=True):
        show_images(ax, row, columns=len(row))
        ax.text(-4, 14, label, ha="right", va="center", color=INK)
    return fig


@styled
def nll_against_samples(sample_counts, nlls, errors, negative_elbo):
    """Draw the importance-sampled NLL against the number of samples, under the -ELBO."""
    fig, ax = plt.subplots(figsize=(6, 3))
    ax.axhline(negative_elbo, color=INK, linestyle="--", label="−ELBO")
    ax.errorbar(sample_counts, nlls, yerr=2 * np.asarray(errors), color=Q_COLOUR, marker="o",
                capsize=3, label="NLL, ± 2 standard errors")  # fmt: skip
    ax.set(xscale="log", xlabel="importance samples per image, S", ylabel="nats per image")
    ax.set_xticks(sample_counts, map(str, sample_counts))
    ax.minorticks_off()
    ax.legend()
    return fig


@styled
def ladder(steps, distortion, rate):
    """Draw what models of growing knowledge need per image, as bars on one axis.

    Parameters
    ----------
    steps : dict
        Name and nats of each step, most nats first. One of them is ``"−ELBO"``.
    distortion, rate : float
        The two parts of the -ELBO, drawn as parts of its bar.
    """
    fig, ax = plt.subplots(figsize=(6.4, 2.6))
    for place, (name, nats) in enumerate(steps.items()):
        if name == "−ELBO":
            ax.barh(place, distortion, color=ACCENT, label="distortion")
            ax.barh(place, rate, left=distortion, color=SECOND_ACCENT, label="rate")
        else:
            ax.barh(place, nats, color=FAINT)
        ax.text(nats + 6, place, f"{nats:.1f}", va="center")
    ax.set_yticks(range(len(steps)), list(steps))
    ax.invert_yaxis()
    ax.set(xlabel="nats per image")
    ax.legend(loc="lower right")
    return fig


@styled
def latent_plane(decode, means, labels, side=12):
    """Draw a two-dimensional latent space: what each place decodes to, and where images land.

    Parameters
    ----------
    decode : callable
        Maps latent vectors ``(n, 2)`` to pixel probabilities ``(n, pixels)``.
    means : array, shape (n, 2)
        Posterior means of images.
    labels : array of int, shape (n,)
        Their classes 0 to 9.
    side : int
        Images along each axis of the left panel.
    """
    # Equal steps in probability under the prior, not in distance, so that each tile of the
    # grid stands for the same share of the prior.
    ticks = norm.ppf((np.arange(side) + 0.5) / side)
    z1, z2 = np.meshgrid(ticks, ticks[::-1])
    grid = torch.tensor(np.stack([z1.ravel(), z2.ravel()], -1), dtype=torch.float32)
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.3))
    show_images(left, decode(grid), columns=side, title="decoded from the plane")
    digits = scatter_classes(right, means, labels, size=4)
    circle = plt.Circle((0, 0), 2, fill=False, color=INK, linestyle="--", zorder=3)
    right.add_patch(circle)
    right.set(xlabel="$z_1$", ylabel="$z_2$", aspect="equal", title="posterior means")
    right.legend(handles=digits, loc="center left", bbox_to_anchor=(1, 0.5), title="digit")
    return fig


@styled
def refinement(path, start, nll, window=25):
    """Draw how −ELBO falls while every image improves its own posterior.

    Parameters
    ----------
    path : list of float
        −ELBO at every step, from one draw for each image.
    start, nll : float
        −ELBO of the encoder's posteriors, and the NLL.
    window : int
        Steps over which the dark line averages.
    """
    smooth = np.convolve(path, np.ones(window) / window, mode="valid")
    fig, ax = plt.subplots(figsize=(6.4, 2.7))
    ax.axhline(start, color=Q_COLOUR, linestyle="--", label="−ELBO, from the encoder")
    ax.plot(path, color=FAINT, linewidth=0.8)
    ax.plot(np.arange(len(smooth)) + window // 2, smooth, color=INK, label="−ELBO, image by image")
    ax.axhline(nll, color=ACCENT, linestyle=":", label="NLL")
    ax.set(xlabel="step", ylabel="nats per image")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return fig
