"""The figures of chapter 6, a VAE on MNIST."""

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from scipy.stats import norm

from ..vae import reparameterize
from .style import (
    ACCENT,
    FAINT,
    INK,
    P_COLOUR,
    Q_COLOUR,
    SECOND_ACCENT,
    scatter_classes,
    show_images,
    styled,
)


@styled
def pipeline(model, bits, seed=1):
    """Draw how one image passes through a VAE, and where the two terms of its loss arise.

    Parameters
    ----------
    model : VAE
    bits : array of 0 and 1, shape (pixels,)
        The image.
    seed : int
        Seeds the draw of z.
    """
    x = torch.as_tensor(bits)[None].float()
    with torch.no_grad():
        mean, log_var = model.encode(x)
        z = reparameterize(mean, log_var, torch.Generator().manual_seed(seed))
        distortion, rate = (term.item() for term in model.terms(x, mean, log_var, z))
        expected = model.likelihood.mean(model.decode(z))
    fig, axes = plt.subplots(1, 3, figsize=(6.4, 3), width_ratios=(1, 1.3, 1))
    left, middle, right = axes
    show_images(left, x, columns=1)
    show_images(right, expected, columns=1)
    places = np.arange(1, z.shape[1] + 1)
    middle.axhspan(-1, 1, color=P_COLOUR, alpha=0.15, linewidth=0)
    middle.errorbar(places, mean[0], yerr=torch.exp(0.5 * log_var[0]), fmt="none",
                    color=Q_COLOUR, linewidth=1.5)  # fmt: skip
    middle.plot(places, z[0], ".", color=INK, markersize=5)
    middle.set(xlabel="latent dimension $i$", ylim=(-3.6, 3.6))
    for ax, title in zip(axes, ("image $x$", "code $z$", "ink probabilities"), strict=True):
        ax.set_title(title)
    fig.get_layout_engine().set(rect=(0, 0.26, 1, 0.74), wspace=0.3)
    fig.draw_without_rendering()  # only now do the panels have their places
    boxes = [ax.get_position() for ax in axes]
    _arrow(fig, boxes[0].x1, boxes[1].x0 - 0.04, boxes[0], "encoder")
    _arrow(fig, boxes[1].x1, boxes[2].x0, boxes[0], "decoder")
    words = f"rate: $q(z\\mid x)$ against $p(z)$, {rate:.1f} nats"
    _bracket(fig, boxes[1].x0, boxes[1].x1, 0.22, SECOND_ACCENT, words)
    words = f"distortion: $-\\log p(x\\mid z)$, {distortion:.1f} nats"
    _bracket(fig, boxes[0].x0, boxes[2].x1, 0.09, ACCENT, words)
    return fig


def _arrow(fig, start, end, box, name):
    """Draw an arrow between two panels, at mid-height of ``box``, with a name above it."""
    height, middle = (box.y0 + box.y1) / 2, (start + end) / 2
    fig.text(middle, height + 0.05, name, ha="center", color=INK, fontsize=9)
    fig.add_artist(FancyArrowPatch((middle - 0.035, height), (middle + 0.035, height), color=INK,
                                   arrowstyle="simple", mutation_scale=12))  # fmt: skip


def _bracket(fig, start, end, height, colour, words):
    """Draw a bracket below the panels from ``start`` to ``end``, with words beneath it."""
    ends = (start, start, end, end)
    fig.add_artist(Line2D(ends, (height + 0.03, height, height, height + 0.03), color=colour))
    fig.text((start + end) / 2, height - 0.02, words, ha="center", va="top", color=INK)


@styled
def curves(history, first_epoch=3):
    """Draw -ELBO of training images and test bits, and the test terms it is the sum of.

    Epochs in which the rate did not yet have its full weight are shaded. The first epochs are left
    out: they would flatten everything that follows.
    """
    epochs = np.arange(1, len(history.epochs) + 1)[first_epoch - 1 :]
    curve = {
        name: history.curve(name)[first_epoch - 1 :]
        for name in (
            "negative_elbo",
            "held_out_negative_elbo",
            "held_out_distortion",
            "held_out_rate",
        )
    }
    fig, (left, middle, right) = plt.subplots(1, 3, figsize=(6.4, 2.7))
    left.plot(epochs, curve["negative_elbo"], color=FAINT, label="training")
    left.plot(epochs, curve["held_out_negative_elbo"], color=INK, label="test")
    last = curve["held_out_negative_elbo"][-1]
    left.set(ylabel="nats per image", title="−ELBO", ylim=(None, last + 25))
    middle.plot(epochs, curve["held_out_distortion"], color=ACCENT)
    middle.set(title="distortion, test", ylim=(None, curve["held_out_distortion"][-1] + 25))
    right.plot(epochs, curve["held_out_rate"], color=SECOND_ACCENT)
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
    """Draw rows of images, with values from 0 to 1, one below the other.

    Parameters
    ----------
    *image_rows : array, shape as for :func:`kl_utils.figures.style.tile`
        All of the same length.
    """
    image_rows = [np.asarray(row, dtype=float) for row in image_rows]
    n = len(image_rows[0])
    fig, ax = plt.subplots(figsize=(6.4, 6.8 * len(image_rows) / n))
    show_images(ax, np.concatenate(image_rows), columns=n)
    return fig


@styled
def samples(probabilities, columns=12):
    """Draw images sampled from a model, with values from 0 to 1: the means of p(x|z)."""
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
def nll_against_samples(runs, pooled, negative_elbo):
    """Draw importance-sampled NLLs against the number of samples, under the -ELBO.

    Parameters
    ----------
    runs : dict
        For each number of samples the estimates of several runs, which differ in their draws.
    pooled : tuple
        Number of samples, and the estimate, of all draws of the largest runs together.
    negative_elbo : float
    """
    fig, ax = plt.subplots(figsize=(6, 3))
    ax.axhline(negative_elbo, color=INK, linestyle="--", label="−ELBO")
    for samples, nlls in runs.items():
        ax.plot([samples] * len(nlls), nlls, "o", color=Q_COLOUR, markersize=4, alpha=0.6)
    ax.plot(runs.keys(), [np.mean(nlls) for nlls in runs.values()], color=Q_COLOUR, linewidth=1,
            label="NLL: runs (dots), their mean")  # fmt: skip
    ax.plot(*pooled, "D", color=ACCENT, label="the draws of the last runs together")
    ax.set(xscale="log", xlabel="importance samples per image, S", ylabel="nats per image")
    counts = [*runs, pooled[0]]
    ax.set_xticks(counts, [f"{count:,}" for count in counts])
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
