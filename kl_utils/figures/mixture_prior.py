"""The figures of chapter 7, when the prior is a mixture."""

import matplotlib.pyplot as plt
import numpy as np

from ..gaussian import log_density_normal
from .style import (
    ACCENT,
    CLASS_COLOURS,
    FAINT,
    GREY,
    INK,
    P_COLOUR,
    Q_COLOUR,
    SECOND_ACCENT,
    styled,
)


@styled
def mixture(p, low, high):
    """Draw the density of a mixture in one dimension, its components and its responsibilities.

    Parameters
    ----------
    p : GaussianMixture
        In one dimension.
    low, high : float
        The interval of z to show.
    """
    z = np.linspace(low, high, 801)
    parts, shares = np.exp(p.log_joint(z[:, None])), p.responsibilities(z[:, None])
    fig, (top, bottom) = plt.subplots(2, 1, figsize=(6.4, 3.8), sharex=True, height_ratios=(3, 2))
    top.plot(z, parts.sum(-1), color=P_COLOUR, label="$p(z)$")
    for k, colour in enumerate(CLASS_COLOURS[2 : 2 + p.size]):
        name = f"$\\pi_{k + 1}\\,p_{k + 1}(z)$"
        top.fill_between(z, parts[:, k], color=colour, alpha=0.3, linewidth=0, label=name)
        bottom.plot(z, shares[:, k], color=colour, label=f"$\\gamma_{k + 1}(z)$")
    top.set(ylabel="density", ylim=(0, None))
    bottom.set(xlabel="$z$", ylabel="responsibility", ylim=(-0.05, 1.05))
    for ax in (top, bottom):
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return fig


@styled
def log_density(p, mean_q, std_q):
    """Draw log p of a mixture in one dimension, with a Gaussian q and 20 Gauss–Hermite nodes.

    Parameters
    ----------
    p : GaussianMixture
        In one dimension.
    mean_q, std_q : float
        The parameters of q.
    """
    x, _ = np.polynomial.hermite_e.hermegauss(20)
    x = x[abs(x) < 3.5]
    z = mean_q + std_q * np.linspace(-3.5, 3.5, 801)
    fig, (top, bottom) = plt.subplots(2, 1, figsize=(6.4, 3.4), sharex=True, height_ratios=(1, 2))
    top.fill_between(z, np.exp(log_density_normal(z, mean_q, std_q)), color=Q_COLOUR, alpha=0.3)
    top.set(ylabel="$q(z)$", yticks=[])
    bottom.plot(z, p.log_prob(z[:, None]), color=P_COLOUR)
    nodes = mean_q + std_q * x
    bottom.plot(nodes, p.log_prob(nodes[:, None]), "o", color=INK, markersize=4, label="nodes")
    bottom.set(xlabel="$z$", ylabel="$\\log p(z)$")
    bottom.legend()
    return fig


@styled
def gradients(grid, curves, means, averages, errors):
    """Draw derivatives of KL(q‖p) by quadrature, and averages of back-propagated ones.

    Parameters
    ----------
    grid : array, shape (points,)
        Means of q.
    curves : array, shape (points, 2)
        ∂/∂μ_q and ∂/∂σ_q of the divergence, by quadrature.
    means : array, shape (n,)
        Means of q at which draws were made.
    averages, errors : array, shape (n, 2)
        Averages over the draws, and their standard errors.
    """
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 2.9))
    for i, (ax, name) in enumerate(zip(axes, ("\\mu_q", "\\sigma_q"), strict=True)):
        ax.axhline(0, color=FAINT, linewidth=1)
        ax.plot(grid, curves[:, i], color=INK, linewidth=1.5, label="quadrature")
        ax.errorbar(means, averages[:, i], yerr=2 * errors[:, i], color=ACCENT, fmt="o",
                    markersize=4, capsize=3, label="back-propagation")  # fmt: skip
        ax.set(xlabel="mean of $q$", title=f"derivative w.r.t. ${name}$")
    axes[0].legend(fontsize=9, loc="lower right", borderpad=0)
    return fig


@styled
def descent(paths, every, starts, minima):
    """Draw KL(q‖p) while q is trained with one draw a step, from several starts.

    Parameters
    ----------
    paths : array, shape (runs, measurements)
        KL(q‖p) by quadrature.
    every : int
        Steps between measurements.
    starts : array, shape (runs,)
        Mean of q at the start.
    minima : array, shape (runs,)
        The minimum next to each start, by quadrature.
    """
    steps = every * np.arange(paths.shape[1])
    fig, ax = plt.subplots(figsize=(6.4, 2.8))
    for start, path, colour in zip(starts, paths, CLASS_COLOURS[2:], strict=False):
        ax.plot(steps, path, color=colour, linewidth=1.6, label=f"$\\mu_q$ starts at ${start:g}$")
    for label, minimum in (("minima, by quadrature", min(minima)), (None, max(minima))):
        ax.axhline(minimum, color=INK, linestyle="--", linewidth=1.2, label=label)
    ax.set(xlabel="step (one draw each)", ylabel="KL(q‖p) in nats", ylim=(0, None))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return fig


@styled
def bounds(means, truth, upper, lower, others):
    """Draw KL(q‖p) as q moves past a mixture, and how far bounds and approximations are from it.

    Parameters
    ----------
    means, truth : array, shape (points,)
        The mean of q, and KL(q‖p) by quadrature.
    upper, lower, others : dict of str to array, shape (points,)
        Names and values of upper bounds, of lower bounds, and of what is no bound.
    """
    fig, (top, bottom) = plt.subplots(2, 1, figsize=(6.4, 6.0), sharex=True, height_ratios=(2, 3))
    top.plot(means, truth, color=INK, linewidth=2.5, zorder=3, label="KL(q‖p), quadrature")
    groups = ((upper, ACCENT), (lower, SECOND_ACCENT), (others, GREY))
    for curves, colour in groups:
        for (name, values), style in zip(curves.items(), ("-", "--", ":"), strict=False):
            options = {"color": colour, "linestyle": style, "linewidth": 1.6, "label": name}
            if curves is not others:
                top.plot(means, values, **options)
            bottom.plot(means, values - truth, **options)
    bottom.axhline(0, color=INK, linewidth=2.5)
    top.set(ylabel="nats", ylim=(min(map(np.min, lower.values())) - 0.3, 1.9 * truth.max()))
    bottom.set(xlabel="mean of $q$", ylabel="value − KL(q‖p), nats", ylim=(-5, 5))
    handles, labels = (
        [*a, *b] for a, b in zip(top.get_legend_handles_labels(),
                                 bottom.get_legend_handles_labels(), strict=True)
    )  # fmt: skip
    unique = dict(zip(labels, handles, strict=True))
    fig.legend(unique.values(), unique.keys(), loc="outside lower center", ncols=2, fontsize=10)
    return fig


@styled
def two_densities(right, wrong, samples, reach):
    """Draw two densities in the plane, each with the same samples.

    Parameters
    ----------
    right, wrong : callable
        Map points (..., 2) to log-densities (...).
    samples : array, shape (n, 2)
    reach : float
        The axes run from −reach to reach.
    """
    axis = np.linspace(-reach, reach, 201)
    points = np.stack(np.meshgrid(axis, axis), -1)
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 3.4), sharey=True)
    titles = ("sum over components\nof joint densities", "sum over components\nin each coordinate")
    for ax, log_prob, title in zip(axes, (right, wrong), titles, strict=True):
        density = np.exp(log_prob(points))
        levels = density.max() * np.exp([-3, -1.5, -0.5])
        ax.contour(axis, axis, density, levels=levels, colors=P_COLOUR, linewidths=1.2)
        ax.plot(*samples.T, ".", color=INK, markersize=2, alpha=0.6)
        ax.set(title=title, xlabel="$z_1$", aspect="equal")
    axes[0].set_ylabel("$z_2$")
    return fig
