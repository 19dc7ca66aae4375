"""The figures of chapter 5, reparameterisation."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Circle, FancyArrowPatch

from ..gaussian import log_density_normal
from .style import ACCENT, CLASS_COLOURS, FAINT, INK, P_COLOUR, Q_COLOUR, SECOND_ACCENT, styled

# The gradient estimators keep their colour and their sign through the chapter.
LOOKS = {
    "score function": {"color": INK, "marker": "s"},
    "pathwise": {"color": ACCENT, "marker": "o"},
    "sticking the landing": {"color": SECOND_ACCENT, "marker": "^"},
    "closed-form KL": {"color": CLASS_COLOURS[4], "marker": "D"},
}

# The graph of one KL sample: where each node stands, its formula, its colour, and the arrows.
_NODES = {
    "mu": ((0.0, 2.1), r"$\mu$", INK),
    "sigma": ((0.0, 1.05), r"$\sigma$", INK),
    "noise": ((0.0, 0.0), r"$\varepsilon$", FAINT),
    "z": ((1.75, 0.55), "$z$", INK),
    "r": ((3.7, 1.75), "$r$", Q_COLOUR),
    "s": ((3.7, 0.0), "$s$", P_COLOUR),
    "t": ((5.3, 0.9), "$t$", INK),
}
_FORMULAS = {
    "z": r"$\mu + \sigma\varepsilon$",
    "r": r"$\log\,q(z)$",
    "s": r"$\log\,p(z)$",
    "t": "$r - s$",
}
ARROWS = (
    ("mu", "z"), ("sigma", "z"), ("noise", "z"), ("z", "r"), ("z", "s"), ("r", "t"), ("s", "t"),
    ("mu", "r"), ("sigma", "r"),
)  # fmt: skip
DIRECT = (("mu", "r"), ("sigma", "r"))


@styled
def draws_as_std_moves(stds, fresh, reparameterised):
    """Draw samples from q against its standard deviation, made in two ways.

    Parameters
    ----------
    stds : array, shape (k,)
        Standard deviations of q.
    fresh : array, shape (k, m)
        Draws that are made anew at each standard deviation.
    reparameterised : array, shape (k, m)
        Draws that share their noise: one column for one ε.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 2.9), sharey=True)
    left.plot(stds, fresh, ".", color=Q_COLOUR, markersize=3)
    right.plot(stds, reparameterised, color=Q_COLOUR, linewidth=1)
    left.set(title="drawn anew at each σ", ylabel="z")
    right.set(title="z = μ + σε, the same ε")
    for ax in (left, right):
        ax.set_xlabel("σ")
    return fig


@styled
def crossing_the_edges(edge, mean, std, step):
    """Draw a window, and a density before and after its mean has moved.

    Parameters
    ----------
    edge : float
        The window reaches from 0 to ``edge``.
    mean, std : float
        Of q before the step.
    step : float
        How far the mean moves.
    """
    z = np.linspace(mean - 3.5 * std, mean + 3.5 * std + step, 400)
    fig, ax = plt.subplots(figsize=(6.4, 2.9))
    ax.axvspan(0, edge, color=FAINT, alpha=0.4, linewidth=0, label="window: f = 1")
    before, after = (np.exp(log_density_normal(z, m, std)) for m in (mean, mean + step))
    ax.plot(z, before, color=Q_COLOUR, label="q")
    ax.plot(z, after, color=Q_COLOUR, linestyle="--", label="q, its mean moved")
    for place, name, shift in ((0, "q(0)", (-36, 4)), (edge, "q(b)", (8, 30))):
        # Under q, what lies less than a step before an edge is what will cross it.
        strip = np.linspace(place - step, place, 50)
        under = np.exp(log_density_normal(strip, mean, std))
        ax.fill_between(strip, under, color=ACCENT, alpha=0.6, linewidth=0)
        ax.plot(place, under[-1], "o", color=ACCENT)
        ax.annotate(name, (place, under[-1]), shift, textcoords="offset points")
        ax.annotate("", (place + step / 2, under[-1] / 2), (place - step / 2, under[-1] / 2),
                    arrowprops={"arrowstyle": "->", "color": INK, "linewidth": 1.5})  # fmt: skip
    ax.set(xlabel="z", ylabel="density", ylim=(0, None))
    fig.legend(loc="outside upper center", ncols=3)
    return fig


@styled
def computation_graph(flows=None, bars=None):
    """Draw the graph of one KL sample, the direct paths in colour.

    Parameters
    ----------
    flows : dict, optional
        What flows back along arrows, such as ``{("z", "r"): -3.85}``: numbers beside the arrows.
    bars : dict, optional
        The derivative of t by nodes, such as ``{"z": -2.54}``: numbers below the nodes.
    """
    flows, bars = flows or {}, bars or {}
    fig, ax = plt.subplots(figsize=(6.4, 3.4))
    for arrow in ARROWS:
        _draw_arrow(ax, arrow, flows.get(arrow))
    for name, (centre, letter, colour) in _NODES.items():
        ax.add_patch(Circle(centre, 0.27, facecolor="white", edgecolor=colour, linewidth=2))
        ax.text(*centre, letter, ha="center", va="center", fontsize=14)
        below = f"{bars[name]:.3f}".replace("-", "−") if name in bars else _FORMULAS.get(name)
        if below:
            ax.text(centre[0], centre[1] - 0.33, below, ha="center", va="top",
                    color=INK, fontweight="bold" if name in bars else None)  # fmt: skip
    ax.set(xlim=(-0.45, 5.75), ylim=(-0.65, 2.5), aspect="equal")
    ax.set_axis_off()
    return fig


def _draw_arrow(ax, arrow, flow):
    """One arrow; what flows back along it stands near its tail, where arrows lie apart."""
    (start, _, _), (end, _, _) = (_NODES[name] for name in arrow)
    is_direct = arrow in DIRECT
    ax.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=14, shrinkA=19, shrinkB=19,
            color=Q_COLOUR if is_direct else INK, linewidth=2.6 if is_direct else 1.2,
            connectionstyle="arc3,rad=-0.12" if arrow == ("mu", "r") else "arc3",
        )
    )  # fmt: skip
    if flow is None:
        return
    share = 0.34 if arrow[0] in ("mu", "sigma") else 0.5
    x, y = (a + share * (b - a) for a, b in zip(start, end, strict=True))
    lift = 0.2 if arrow == ("mu", "r") else 0.0
    ax.text(x, y + lift, f"{flow:.3f}".replace("-", "−"), ha="center", va="center", fontsize=10,
            color=Q_COLOUR if is_direct else INK,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip


@styled
def spread_of_gradients(stds, lines, dot_stds, dots, threshold):
    """Draw the standard deviation of gradient estimators against the standard deviation of q.

    Parameters
    ----------
    stds : array, shape (k,)
    lines : dict of array, shape (k, 2)
        From closed forms, for the estimators that have one; a column for each parameter.
    dot_stds : array, shape (m,)
    dots : dict of array, shape (m, 2)
        From Monte Carlo, for each estimator; joined by a dotted line where there is no closed form.
    threshold : float
        Where to draw a vertical line.
    """
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 3.5), sharey=True)
    for ax, column, title in zip(axes, (0, 1), ("∂/∂μ", "∂/∂σ"), strict=True):
        ax.axvline(threshold, color=FAINT, linewidth=1)
        for name in dots:
            look = LOOKS[name]
            joined = "" if name in lines else ":"
            ax.plot(dot_stds, dots[name][:, column], linestyle=joined, markersize=5, **look)
            if name in lines:
                ax.plot(stds, lines[name][:, column], color=look["color"])
        ax.set(xscale="log", yscale="log", xlabel="σ", title=title)
        ticks = [0.1, 0.3, 1, 3]
        ax.set_xticks(ticks, map(str, ticks))
        ax.minorticks_off()
    axes[0].set_ylabel("standard deviation")
    styles = {name: "-" if name in lines else ":" for name in dots}
    handles = [plt.Line2D([], [], label=n, linestyle=styles[n], **LOOKS[n]) for n in dots]
    fig.legend(handles=handles, loc="outside lower center", ncols=3)
    return fig


@styled
def landing(curves):
    """Draw how far from the posterior an optimiser is, step by step, for each estimator.

    Parameters
    ----------
    curves : dict of array, shape (steps,)
        KL(q‖posterior) in nats after each step, for each estimator.
    """
    fig, ax = plt.subplots(figsize=(6.4, 3.2))
    for name, kl in curves.items():
        ax.plot(np.arange(1, len(kl) + 1), kl,
                color=LOOKS[name]["color"], linewidth=1.2, label=name)  # fmt: skip
    ax.set(yscale="log", xlabel="step", ylabel="KL(q‖posterior), nats")
    ax.legend()
    return fig


@styled
def spread_against_dimension(counts, spreads):
    """Draw the standard deviation of one coordinate of the gradient against the dimension.

    Parameters
    ----------
    counts : list of int
        Dimensions n.
    spreads : dict of list of float
        For each estimator, one standard deviation a dimension.
    """
    fig, ax = plt.subplots(figsize=(6, 3))
    for name, sds in spreads.items():
        ax.plot(counts, sds, label=name, **LOOKS[name])
    ax.set(xscale="log", yscale="log", xlabel="dimensions, n", ylabel="sd of ∂/∂$\\mu_1$")
    ax.set_xticks(counts, map(str, counts))
    ax.minorticks_off()
    ax.legend()
    return fig
