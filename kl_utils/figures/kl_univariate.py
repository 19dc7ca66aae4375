"""The figures of chapter 1, KL between univariate Gaussians."""

import matplotlib.pyplot as plt
import numpy as np

from .style import ACCENT, FAINT, INK, P_COLOUR, Q_COLOUR, styled


@styled
def wealth(log_wealth, growth, losses, loss):
    """Draw the logarithm of bettors' wealth over the rounds, and its mean slope.

    Parameters
    ----------
    log_wealth, losses : array, shape (bettors, rounds)
        Bettors who know the coin, and bettors who believe in it where it is fair.
    growth, loss : float
        Nats that the first gain and the second lose in a round, on average.
    """
    rounds = np.arange(1, log_wealth.shape[1] + 1)
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.0), sharey=True)
    panels = (
        (left, log_wealth, growth, Q_COLOUR, "the coin is loaded"),
        (right, losses, -loss, P_COLOUR, "the coin is fair"),
    )
    for ax, paths, slope, colour, title in panels:
        ax.plot(rounds, paths.T, color=colour, alpha=0.25, linewidth=0.8)
        ax.plot(rounds, slope * rounds, color=INK, label="mean")
        ax.axhline(0, color=FAINT, linewidth=1)
        ax.set(title=title, xlabel="tosses")
    left.set_ylabel("log of wealth")
    left.legend()
    return fig


@styled
def two_integrands(z, q, p):
    """Draw q and p, and below two functions of z that both integrate to KL(q‖p).

    Parameters
    ----------
    z, q, p : array, shape (points,)
        A grid and the two densities on it.
    """
    gain = q * np.log(q / p)
    panels = ((gain, "$q\\,\\log\\,(q/p)$"), (gain - q + p, "$q\\,\\log\\,(q/p) - q + p$"))
    fig, axes = plt.subplots(1, 3, figsize=(6.4, 2.6), sharex=True)
    axes[0].plot(z, q, color=Q_COLOUR, label="$q$")
    axes[0].plot(z, p, color=P_COLOUR, linestyle="--", label="$p$")
    axes[0].legend()
    axes[0].set_title("two densities")
    for ax, (values, title) in zip(axes[1:], panels, strict=True):
        ax.plot(z, values, color=INK, linewidth=1.2)
        ax.fill_between(z, values, where=values > 0, color=ACCENT, alpha=0.5, linewidth=0)
        ax.fill_between(z, values, where=values < 0, color=P_COLOUR, alpha=0.5, linewidth=0)
        ax.axhline(0, color=INK, linewidth=0.8)
        ax.set_title(title)
        ax.sharey(axes[1])
    for ax in axes:
        ax.set_xlabel("$z$")
    return fig


@styled
def fits(z, target, forward, reverse):
    """Draw a target and the Gaussians fitted to it by forward and by reverse KL.

    Parameters
    ----------
    z, target : array, shape (points,)
        A grid and the density p on it.
    forward, reverse : list of array, shape (points,)
        Densities q fitted by KL(p‖q) and by KL(q‖p), the best ones first.
    """
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 2.8), sharey=True)
    titles = ("forward, KL(p‖q): covers", "reverse, KL(q‖p): seeks a mode")
    for ax, title, densities in zip(axes, titles, (forward, reverse), strict=True):
        ax.fill_between(z, target, color=P_COLOUR, alpha=0.2, linewidth=0)
        ax.plot(z, target, color=P_COLOUR, linestyle="--", label="$p$")
        for density, style in zip(densities, ("-", ":", "-."), strict=False):
            ax.plot(z, density, color=Q_COLOUR, linestyle=style, label="$q$")
        ax.set(title=title, xlabel="$z$", yticks=[])
    axes[0].legend()
    return fig
