"""The figures of chapter 3, trust, but verify."""

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm

from ..estimators import kl_terms
from .style import ACCENT, BROWN, FAINT, INK, ORANGE, P_COLOUR, Q_COLOUR, SECOND_ACCENT, styled

# An estimator, and an implementation, keeps its colour and its dashes through the chapter.
ESTIMATORS = {"k1": (ACCENT, "-"), "k2": (SECOND_ACCENT, "--"), "k3": (BROWN, "-.")}
IMPLEMENTATIONS = {
    "textbook": (SECOND_ACCENT, "x"),
    "torch.distributions": (ORANGE, "+"),
    "kl_utils": (ACCENT, "."),
}


@styled
def z_scores(panels, ranges=None):
    """Draw histograms of z-scores beside each other, each with the standard normal density.

    Parameters
    ----------
    panels : dict
        Title and z-scores of each panel.
    ranges : dict, optional
        For a title, the lowest and the highest score shown, −5 and 5 where not given. Scores
        outside count in the last bins.
    """
    fig, axes = plt.subplots(1, len(panels), figsize=(6.4, 2.8), sharey=True, squeeze=False)
    for ax, (title, scores) in zip(axes[0], panels.items(), strict=True):
        low, high = (ranges or {}).get(title, (-5, 5))
        edges, grid = np.linspace(low, high, 41), np.linspace(low, high, 400)
        ax.hist(np.clip(scores, low, high), edges, density=True, color=FAINT)
        ax.plot(grid, norm.pdf(grid), color=INK, linewidth=1.5)
        ax.set_xlabel("z-score")
        ax.set_title(title, loc="left")
    axes[0, 0].set_ylabel("density")
    return fig


@styled
def terms(reach=2.5):
    """Draw what one draw contributes to each estimator, against its log ρ."""
    log_ratio = np.linspace(-reach, reach, 400)
    fig, ax = plt.subplots(figsize=(6, 3))
    ax.axhline(0, color=FAINT, linewidth=1)
    for name, (colour, dashes) in ESTIMATORS.items():
        ax.plot(log_ratio, kl_terms(log_ratio, name), dashes, color=colour, label=name)
    ax.set(xlabel="log ρ of the draw", ylabel="nats", ylim=(-reach, 8))
    ax.legend(loc="upper center")
    return fig


@styled
def relative_spread(stds, spread, infinite_below):
    """Draw the standard deviation of a single draw's estimate, relative to KL(q‖p).

    Parameters
    ----------
    stds : array, shape (n,)
        Standard deviations of q.
    spread : dict
        Estimator and its relative standard deviations, shape (n,); infinite ones are left out.
    infinite_below : float
        The standard deviation of q up to which the spread of k3 is infinite.
    """
    fig, ax = plt.subplots(figsize=(6, 3.2))
    ax.axvspan(min(stds), infinite_below, color=FAINT, alpha=0.35, linewidth=0)
    centre = (min(stds) + infinite_below) / 2
    ax.text(centre, 0.12, "k3:\ninfinite", ha="center", color=INK)
    for name, values in spread.items():
        colour, dashes = ESTIMATORS[name]
        ax.plot(stds, np.where(np.isfinite(values), values, np.nan), dashes, color=colour)
        ax.plot([], [], dashes, color=colour, label=name)
    ax.set(yscale="log", xlim=(min(stds), max(stds)), ylim=(0.1, 300))
    ax.set(xlabel="standard deviation of q", ylabel="sd / KL(q‖p)")
    ax.legend(loc="upper right")
    return fig


@styled
def running_means(draws, paths, kl):
    """Draw running means of estimators against the number of draws, relative to the truth.

    Parameters
    ----------
    draws : array of int, shape (n,)
        The numbers of draws at which the running means are given.
    paths : dict
        Estimator and its running means, shape (runs, n).
    kl : float
        KL(q‖p), in nats.
    """
    fig, axes = plt.subplots(1, len(paths), figsize=(6.4, 3), sharey=True)
    for ax, (name, runs) in zip(axes, paths.items(), strict=True):
        ax.axhline(1, color=INK, linewidth=1)
        for position, run in enumerate(runs):
            shade = 0.35 + 0.65 * position / len(runs)
            ax.plot(draws, run / kl, color=ESTIMATORS[name][0], lw=1, alpha=shade)
        ax.set(xscale="log", xlabel="draws", ylim=(0.4, 1.3))
        ax.set_title(name, loc="left")
    axes[0].set_ylabel("running mean / KL(q‖p)")
    return fig


@styled
def gradients(estimates, targets):
    """Draw Monte Carlo means of gradients with their error bars, and what they might aim at.

    Parameters
    ----------
    estimates : dict
        Label and Estimate of each gradient.
    targets : dict
        The gradients of ``"KL(q‖p)"`` and of ``"KL(p‖q)"``.
    """
    fig, ax = plt.subplots(figsize=(6.4, 3))
    looks = zip(targets.items(), [(Q_COLOUR, "-"), (P_COLOUR, "--")], strict=True)
    for (name, value), (colour, dashes) in looks:
        ax.axvline(value, color=colour, linestyle=dashes, label=f"gradient of {name}")
    for place, (label, estimate) in enumerate(estimates.items()):
        error, colour = 4 * estimate.standard_error, ESTIMATORS[label[:2]][0]
        ax.errorbar(estimate.value, place, xerr=error, fmt="o", color=colour, capsize=4)
    ax.set_yticks(range(len(estimates)), list(estimates))
    ax.invert_yaxis()
    ax.set(xlabel="mean of the gradient with respect to μ")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.2), ncols=2)
    return fig


@styled
def relative_errors(distances, errors):
    """Draw the relative error of several implementations as q approaches p, one panel a dtype.

    Parameters
    ----------
    distances : array, shape (n,)
        How far q is from p.
    errors : dict
        For each dtype's name, a dict of implementation and relative errors, shape (n,).
    """
    floor = 1e-17
    fig, axes = plt.subplots(1, len(errors), figsize=(6.4, 3.4), sharey=True)
    for ax, (dtype, series) in zip(axes, errors.items(), strict=True):
        precision = float(np.finfo(dtype).eps)
        ax.loglog(distances, precision / distances**2, color=INK, lw=1, ls=":", label="eps / d²")
        for name, values in series.items():
            colour, marker = IMPLEMENTATIONS[name]
            values = np.maximum(values, floor)
            ax.loglog(distances, values, marker, color=colour, ms=4, label=name)
        ax.set(xlabel="distance d of q from p", ylim=(floor / 2, 30))
        ax.set_title(dtype, loc="left")
    axes[0].set_ylabel("relative error")
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside upper center", ncols=2, markerscale=2)
    return fig
