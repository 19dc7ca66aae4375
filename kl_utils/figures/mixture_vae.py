"""The figures of chapter 8, a VAE with a Gaussian-mixture prior."""

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.ticker import MaxNLocator

from .style import (
    ACCENT,
    INK,
    P_COLOUR,
    Q_COLOUR,
    SECOND_ACCENT,
    scatter_classes,
    show_images,
    styled,
)


@styled
def aggregate(posteriors, prior, low=-4, high=4):
    """Draw posteriors in one dimension, their mean q(z), and a prior.

    Parameters
    ----------
    posteriors : GaussianMixture
        In one dimension; component m is q(z|x_m), all weights are equal.
    prior : GaussianMixture
        In one dimension.
    low, high : float
        The interval of z to show.
    """
    z = np.linspace(low, high, 801)[:, None]
    fig, ax = plt.subplots(figsize=(6.4, 2.9))
    parts = np.exp(posteriors.log_joint(z))
    ax.plot(z, parts, color=Q_COLOUR, linewidth=1)
    ax.plot([], [], color=Q_COLOUR, linewidth=1, label="$q(z \\mid x_m)/N$")
    ax.fill_between(z[:, 0], parts.sum(-1), color=Q_COLOUR, alpha=0.25, linewidth=0, label="$q(z)$")
    ax.plot(z, np.exp(prior.log_prob(z)), color=P_COLOUR, label="$p(z)$")
    ax.set(xlabel="$z$", ylabel="density", ylim=(0, None))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return fig


@styled
def aggregate_as_prior(counts, own, other, standard):
    """Draw the rate when the aggregate posterior of N images serves as the prior.

    Parameters
    ----------
    counts : list of int
        Numbers of images N.
    own, other : list of float
        Mean rate of these images themselves, and of test images, in nats.
    standard : float
        Mean rate of the test images under N(0, I).
    """
    fig, ax = plt.subplots(figsize=(6.4, 3.2))
    ax.axhline(standard, color=INK, linestyle="--", linewidth=1.5, label="test, $N(0, I)$")
    ax.plot(counts, other, color=P_COLOUR, marker="o", label="test images")
    ax.plot(counts, own, color=Q_COLOUR, marker="o", label="the N images")
    ax.plot(counts, np.log(counts), color=INK, linestyle=":", label="log N")
    ax.set(xscale="log", yscale="log", xlabel="images N in the prior", ylabel="rate in nats")
    ax.set_xticks(counts, [f"{n:,}" for n in counts])
    ticks = [2, 5, 10, 20, 50, 100, 200]
    ax.set_yticks(ticks, map(str, ticks))
    ax.minorticks_off()
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return fig


@styled
def training_curves(histories, first_epoch=2):
    """Draw test −ELBO, distortion and rate of models that were trained side by side.

    Parameters
    ----------
    histories : dict
        A History for each of three names.
    first_epoch : int
        Where the curves begin: the first epochs would flatten everything that follows.
    """
    panels = {
        "held_out_negative_elbo": "−ELBO",
        "held_out_distortion": "distortion",
        "held_out_rate": "rate",
    }
    fig, axes = plt.subplots(1, 3, figsize=(6.4, 2.7))
    for (name, history), colour in zip(histories.items(), (INK, P_COLOUR, ACCENT), strict=True):
        epochs = np.arange(1, len(history.epochs) + 1)[first_epoch - 1 :]
        for ax, curve in zip(axes, panels, strict=True):
            ax.plot(epochs, history.curve(curve)[first_epoch - 1 :], color=colour, label=name)
    for ax, title in zip(axes, panels.values(), strict=True):
        ax.set(xlabel="epoch", title=title)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0].set_ylabel("nats per test image")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return fig


@styled
def where_nats_come_from(models):
    """Draw −ELBO and the three costs that it is the sum of, a dot for each seed of each model.

    Parameters
    ----------
    models : list of list of kl_utils.pretrained.schema.Result
        For each prior the entries of ``results.json``, one a seed.
    """
    parts = {
        "−ELBO": lambda run: -run["elbo"],
        "distortion": lambda run: run["distortion"],
        "mutual information": _information,
        "KL(q(z) ‖ p(z))": lambda run: run["rate"] - _information(run),
    }
    values = [[[part(run) for run in runs] for runs in models] for part in parts.values()]
    width = 1.15 * max(max(map(max, part)) - min(map(min, part)) for part in values) or 1
    fig, axes = plt.subplots(1, len(parts), figsize=(6.4, 0.5 * len(models) + 1.3), sharey=True)
    colours = (INK, ACCENT, SECOND_ACCENT, P_COLOUR)
    for ax, title, part, colour in zip(axes, parts, values, colours, strict=True):
        for place, nats in enumerate(part):
            ax.plot(nats, [place] * len(nats), "o", color=colour, alpha=0.7)
        middle = (max(map(max, part)) + min(map(min, part))) / 2
        ax.set(xlim=(middle - width / 2, middle + width / 2))
        ax.set_title(title, fontsize=10)
        ax.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        ax.grid(axis="y", linewidth=0.5)
    axes[0].set_yticks(range(len(models)), [runs[0]["prior"] for runs in models])
    axes[0].set_ylim(len(models) - 0.5, -0.5)
    fig.supxlabel("nats per test image; all four axes are equally long", fontsize=11)
    return fig


def _information(run):
    return run["surgery"]["mutual_information"][0]


@styled
def weights(shares, log_weights):
    """Draw the weights of a mixture, largest first, and the shares that the images give.

    Parameters
    ----------
    shares : array, shape (K,)
        Mean responsibility of each component over images.
    log_weights : array, shape (K,)
    """
    learned = np.exp(np.asarray(log_weights))
    order = np.argsort(-learned)
    fig, ax = plt.subplots(figsize=(6.4, 2.7))
    rank = np.arange(1, len(learned) + 1)
    ax.plot(rank, np.asarray(shares)[order], ".", color=Q_COLOUR, markersize=4,
            label="mean responsibility, test images")  # fmt: skip
    ax.plot(rank, learned[order], color=P_COLOUR, label="weight $\\pi_k$")
    ax.axhline(1 / len(learned), color=INK, linestyle=":", linewidth=1, label="$1/K$")
    ax.set(xlabel="component, by weight", ylabel="share", ylim=(0, None))
    ax.legend()
    return fig


@styled
def sample_rows(rows, labels):
    """Draw rows of images with a label at the left of each.

    Parameters
    ----------
    rows : list of array, shape (columns, pixels)
        Pixel probabilities, all rows of the same length.
    labels : list of str
        One label a row.
    """
    columns = len(rows[0])
    fig, axes = plt.subplots(len(rows), 1, figsize=(6.4, 6.3 / columns * len(rows)))
    for ax, row, label in zip(axes, rows, labels, strict=True):
        show_images(ax, row, columns)
        ax.text(-4, 14, label, ha="right", va="center", color=INK)
    return fig


@styled
def components_against_labels(table, names):
    """Draw how the images of each label are shared among components.

    Parameters
    ----------
    table : array, shape (components, labels)
        Mean responsibility of each component for the images with each label.
    names : sequence of str
        What each component is called.
    """
    percent = 100 * np.asarray(table)
    fig, ax = plt.subplots(figsize=(5.4, 4.4))
    picture = ax.imshow(percent, cmap="gray_r", vmin=0, vmax=100)
    for (k, label), share in np.ndenumerate(percent):
        if share >= 5:
            colour = "white" if share > 50 else INK
            ax.text(label, k, f"{share:.0f}", ha="center", va="center", color=colour, fontsize=9)
    ax.set_xticks(range(percent.shape[1]))
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="label", ylabel="component")
    ax.spines[:].set_visible(False)
    fig.colorbar(picture, label="share of the label, per cent")
    return fig


@styled
def planes(panels, labels):
    """Draw posterior means in latent planes over the level lines of their priors.

    Each line lies two nats below the one inside it, the first two nats below the peak. Each panel
    is as large as 98 % of its means need.

    Parameters
    ----------
    panels : dict
        For each title a pair: the prior (a torch module), and posterior means ``(n, 2)``.
    labels : array of int, shape (n,)
        The classes of the images.
    """
    fig, axes = plt.subplots(1, len(panels), figsize=(6.4, 3.9))
    for ax, (title, (prior, means)) in zip(axes, panels.items(), strict=True):
        reach = 1.15 * means.abs().amax(1).quantile(0.98).item()
        ticks = torch.linspace(-reach, reach, 201)
        with torch.no_grad():
            log_p = prior.log_prob(torch.cartesian_prod(ticks, ticks)).reshape(201, 201).T
        digits = scatter_classes(ax, means, labels, size=2)
        levels = log_p.max() - torch.arange(10, 0, -2)
        ax.contour(ticks, ticks, log_p, levels, colors=INK, linewidths=0.8, linestyles="solid")
        ax.set(xlabel="$z_1$", title=title, aspect="equal")
        ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    axes[0].set_ylabel("$z_2$")
    fig.legend(handles=digits, loc="outside lower center", ncols=10, handletextpad=0.1,
               columnspacing=0.6)  # fmt: skip
    return fig
