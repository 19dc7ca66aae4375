"""The figures of chapter 4, the ELBO."""

import matplotlib.pyplot as plt
import numpy as np

from .style import ACCENT, FAINT, INK, P_COLOUR, Q_COLOUR, styled


@styled
def shortfalls(dimensions, differences):
    """Draw estimates of log p(x) minus the exact value, against the dimension of z.

    Parameters
    ----------
    dimensions : list of int
    differences : array, shape (dimensions, repetitions)
        In nats.
    """
    fig, ax = plt.subplots(figsize=(6.4, 2.9))
    ax.axhline(0, color=P_COLOUR, linestyle="--", label="$\\log p(x)$, exact")
    for n, values in zip(dimensions, np.asarray(differences), strict=True):
        label = "estimates" if n == dimensions[0] else None
        ax.plot(np.full(len(values), n), values, ".", color=Q_COLOUR, alpha=0.5, label=label)
    ax.set(xlabel="dimension $n$ of the latent vector", ylabel="nats from $\\log p(x)$")
    ax.set_xticks(dimensions)
    ax.legend(loc="lower left")
    return fig


@styled
def chord(low, high):
    """Draw log t, its chord between two points, and the gap of Jensen's inequality halfway."""
    t, middle = np.linspace(0.15, 4.5, 400), (low + high) / 2
    on_chord = (np.log(low) + np.log(high)) / 2
    fig, ax = plt.subplots(figsize=(6.4, 3.0))
    ax.plot(t, np.log(t), color=INK)
    ax.plot([low, high], np.log([low, high]), color=Q_COLOUR, marker="o")
    ax.plot(middle, np.log(middle), "o", color=P_COLOUR)
    ax.plot(middle, on_chord, "o", color=Q_COLOUR)
    ax.annotate("log of the mean", (middle, np.log(middle)), (-8, 6), ha="right",
                textcoords="offset points", color=P_COLOUR)  # fmt: skip
    ax.annotate("mean of the logs", (middle, on_chord), (8, -12), va="top",
                textcoords="offset points", color=Q_COLOUR)  # fmt: skip
    ax.plot([middle, middle], [on_chord, np.log(middle)], color=FAINT, zorder=0)
    ax.set(xlabel="$t$", ylabel="$\\log t$")
    return fig


@styled
def tangents(points, slip_at):
    """Draw log t with tangents, and beside it the line that a wrong sign of log a gives."""
    t = np.linspace(0.1, 4.5, 400)
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 2.9), sharey=True)
    for ax in axes:
        ax.plot(t, np.log(t), color=INK, label="$\\log t$")
        ax.set(xlabel="$t$", ylim=(-2.3, 2.4))
    for a, style in zip(points, ("-", "--"), strict=True):
        axes[0].plot(t, np.log(a) + (t - a) / a, Q_COLOUR, linestyle=style, label=f"$a = {a:g}$")
        axes[0].plot(a, np.log(a), "o", color=Q_COLOUR)
    axes[0].set_title("$\\log\\,a + (t - a)/a$")
    slope = (t - slip_at) / slip_at
    slip = -np.log(slip_at) + slope
    axes[1].plot(t, np.log(slip_at) + slope, Q_COLOUR, linestyle="--", label="the tangent")
    axes[1].plot(t, slip, color=P_COLOUR, label="the slip")
    axes[1].fill_between(t, slip, np.log(t), where=np.log(t) > slip, color=P_COLOUR, alpha=0.2)
    axes[1].set_title(f"$-\\log\\,a + (t - a)/a$, with $a = {slip_at:g}$")
    for ax in axes:
        ax.legend(loc="lower right")
    return fig


@styled
def below_the_evidence(model, x):
    """Draw the ELBO of q = N(mean, std²) against its mean and against its std.

    Parameters
    ----------
    model : LinearGaussianModel
        With a latent vector of one dimension.
    x : array, shape (D,)
        One observation.
    """
    (best_mean,), ((best_var,),) = model.posterior(x)
    best_std, level = best_var**0.5, model.log_evidence(x)
    means = best_mean + best_std * np.linspace(-3.2, 3.2, 201)
    stds = best_std * np.geomspace(0.15, 2.4, 201)
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.2), sharey=True)
    for factor, style in ((1, "-"), (0.4, "--"), (2, ":")):
        values = _elbo(model, means, factor * best_std, x)
        label = "$\\sigma$ best" if factor == 1 else f"$\\sigma$ = {factor:g} × best"
        left.plot(means, values, Q_COLOUR, linestyle=style, label=label)
    for shift, style in ((0, "-"), (1, "--"), (2, ":")):
        values = _elbo(model, best_mean + shift * best_std, stds, x)
        label = "$\\mu$ best" if shift == 0 else f"$\\mu$ off by {shift} × best $\\sigma$"
        right.plot(stds, values, Q_COLOUR, linestyle=style, label=label)
    for ax in (left, right):
        ax.axhline(level, color=P_COLOUR)
    left.text(means[0], level + 0.15, "$\\log p(x)$", color=P_COLOUR)
    at = best_mean - 1.6 * best_std
    low = _elbo(model, at, best_std, x)
    left.annotate("", (at, low), (at, level), arrowprops={"arrowstyle": "<->", "color": INK})
    left.text(at - 0.1 * best_std, (low + level) / 2, "gap", ha="right", va="center")
    left.set(xlabel="mean $\\mu$ of $q$", ylabel="ELBO in nats", ylim=(level - 5.8, level + 0.7))
    right.set(xlabel="standard deviation $\\sigma$ of $q$")
    for ax in (left, right):
        ax.legend(fontsize=9, loc="lower center")
    return fig


@styled
def staircase(grid, evidence, bounds, path):
    """Draw how EM climbs the evidence, as a function of one parameter, by half steps.

    Parameters
    ----------
    grid : array, shape (points,)
        Values of the parameter.
    evidence : list of float
        The evidence at each of them.
    bounds : list of arrays, shape (points,)
        For each E-step, the ELBO of its q as a function of the parameter.
    path : list of (parameter, ELBO)
        At the start, after the first E-step, after the first M-step, and so on.
    """
    at, elbo = np.array(path).T
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.6), sharey=True, width_ratios=(1.5, 1))
    left.plot(grid, evidence, color=P_COLOUR, label="evidence")
    for bound in bounds:
        label = "ELBO after an E-step" if bound is bounds[0] else None
        left.plot(grid, bound, color=Q_COLOUR, linewidth=1, alpha=0.6, label=label)
    left.plot(at[:2], elbo[:2], color=INK, label="E-step")  # straight up
    for start, bound in zip(range(1, len(path) - 1, 2), bounds, strict=True):
        along = np.linspace(at[start], at[start + 1], 50)
        label = "M-step" if start == 1 else None
        left.plot(along, np.interp(along, grid, bound), color=ACCENT, linewidth=3, label=label)
        left.plot(at[start + 1 : start + 3], elbo[start + 1 : start + 3], color=INK)
    left.plot(at[1::2], elbo[1::2], "o", color=INK, markersize=4)
    spread = max(evidence) - elbo[0]
    left.set(xlabel="weight of the first component", ylabel="nats per draw",
             ylim=(elbo[0] - 0.1 * spread, max(evidence) + 0.1 * spread))  # fmt: skip
    left.legend(fontsize=9, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    halves = np.arange(len(path))
    after_e_steps = elbo[1::2]
    known = halves < 2 * len(after_e_steps)
    right.plot(halves[known], np.repeat(after_e_steps, 2), color=P_COLOUR, linestyle="--",
               marker=".", label="evidence")  # fmt: skip
    right.plot(halves, elbo, color=Q_COLOUR, marker=".", label="ELBO")
    right.set(xlabel="half step")
    right.set_xticks(halves, ["", *"EM" * (len(halves) // 2)][: len(halves)])
    right.legend(fontsize=9, loc="lower left", bbox_to_anchor=(0, 1))
    return fig


@styled
def rising_bounds(sizes, curves, log_evidence, elbo, predicted):
    """Draw estimates of the importance-weighted bound against the number of weights.

    Parameters
    ----------
    sizes : list of int
        Numbers S of weights.
    curves : dict
        Name of q, and its list of `Estimate`, one for each size.
    log_evidence : float
        The exact log p(x).
    elbo : float
        The exact ELBO, the bound for S = 1.
    predicted : array, shape (sizes,)
        The bound of the first q by its approximation for large S.
    """
    fig, ax = plt.subplots(figsize=(6.4, 3.3))
    ax.axhline(log_evidence, color=P_COLOUR, label="$\\log p(x)$, exact")
    for (name, estimates), marker in zip(curves.items(), "os", strict=True):
        values, errors, _ = np.array(estimates).T
        ax.errorbar(sizes, values, 2 * errors, color=Q_COLOUR, marker=marker, capsize=3,
                    markerfacecolor="white" if marker == "s" else None,
                    linestyle=":" if marker == "s" else "-", label=name)  # fmt: skip
    first = next(iter(curves))
    ax.plot(sizes, predicted, color=INK, linestyle="--", linewidth=1,
            label=f"{first}, approximation")  # fmt: skip
    ax.plot(1, elbo, "D", color=INK, markersize=7, markerfacecolor="none", label="ELBO, exact")
    ax.set(xscale="log", xlabel="number of weights, $S$", ylabel="$\\mathrm{ELBO}_S$ in nats")
    ax.set_xticks(sizes, map(str, sizes))
    ax.minorticks_off()
    ax.legend(loc="lower right")
    return fig


def _elbo(model, mean, std, x):
    mean, std = np.asarray(mean)[..., None], np.asarray(std)[..., None]
    return model.exact_elbo(mean, (std**2)[..., None], x)
