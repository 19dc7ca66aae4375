"""The figures of the benchmarks, on the page about reproducing the course.

Each draws entries of ``bench.json``, the file that ``make bench`` writes. A spread is a triple:
median, lower and upper quartile over the rounds.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from .style import ACCENT, CLASS_COLOURS, FAINT, INK, P_COLOUR, SECOND_ACCENT, styled

# One look for each precision and for each way, in every figure.
PRECISIONS = {"float32": (INK, "o"), "bfloat16": (ACCENT, "s")}
WAYS = {
    "torch.distributions": (P_COLOUR, "s"),
    "broadcast": (SECOND_ACCENT, "o"),
    "textbook": (SECOND_ACCENT, "o"),
}
PART_COLOURS = [CLASS_COLOURS[i] for i in (0, 5, 4, 3, 8)]


@styled
def step(entries):
    """Draw what a training step spends its time on, in each precision.

    Parameters
    ----------
    entries : dict
        The results by name, among them ``"bench-step"``.
    """
    entry = entries["bench-step"]
    fig, ax = plt.subplots(figsize=(6.4, 2.9))
    longest = max(sum(parts.values()) for parts in entry["parts"].values())
    for place, (precision, parts) in enumerate(entry["parts"].items()):
        left = 0.0
        for (name, share), colour in zip(parts.items(), PART_COLOURS, strict=True):
            label = name if place == 0 else None
            ax.barh(place, share, left=left, color=colour, height=0.55, label=label)
            left += share
        at_peak = entry[f"{precision}_share"]
        ax.text(left + 0.01, place, f"{at_peak:.0%} of peak", va="center", fontsize=10)
    ax.set_yticks(range(len(entry["parts"])), list(entry["parts"]))
    ax.invert_yaxis()
    ax.set(xlabel="time, in float32 steps", xlim=(0, max(1.25, 1.2 * longest)))
    ax.set_xticks((0, 0.25, 0.5, 0.75, 1))
    fig.legend(loc="outside upper left", ncols=2, fontsize=10)
    return fig


@styled
def mixture(entries):
    """Draw the cost of a mixture prior against K: of a step, and of other ways to its density.

    Parameters
    ----------
    entries : dict
        The results by name, among them ``"bench-mixture"``.
    """
    entry = entries["bench-mixture"]
    counts = entry["components"]
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.2))
    colour, marker = PRECISIONS[entry["precision"]]
    with_band(left, counts, entry["step"], colour, marker, entry["precision"])
    published = [entry[f"step_published_float32{suffix}"] for suffix in ("", "_low", "_high")]
    error_bar(left, 500, published, *PRECISIONS["float32"], "float32, $K=500$")
    left.axhline(1, color=FAINT, linewidth=1)
    left.set(ylabel="step, relative to that with N(0, I)", ylim=(0.9, None))
    for name in ("broadcast", "torch.distributions"):
        with_band(right, counts, entry[name], *WAYS[name], name)
    right.axhline(1, color=FAINT, linewidth=1)
    right.set(yscale="log", ylabel="log-density, relative to ours")
    plain_numbers(right.yaxis)
    for ax in (left, right):
        ax.set(xscale="log", xlabel="components $K$")
        plain_numbers(ax.xaxis, steps=(1,))
        ax.legend(fontsize=9, loc="upper left")
    return fig


@styled
def sizes(entries):
    """Draw the cost of training on an image against the batch size and the latent size.

    Parameters
    ----------
    entries : dict
        The results by name, among them ``"bench-batch-size"`` and ``"bench-latent-size"``.
    """
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 3), sharey=True)
    for ax, argument in zip(axes, ("batch_size", "latent_size"), strict=True):
        entry = entries[f"bench-{argument.replace('_', '-')}"]
        for precision, spreads in entry["per_image"].items():
            with_band(ax, entry["sizes"], spreads, *PRECISIONS[precision], precision)
        ax.axhline(1, color=FAINT, linewidth=1, zorder=0)
        ax.axvline(entry["usual"][argument], color=FAINT, linewidth=1, zorder=0)
        ax.set(xscale="log", xlabel=argument.replace("_", " "))
        ax.set_xticks(entry["sizes"], entry["sizes"])
        ax.minorticks_off()
    axes[0].set(ylabel="time per image, relative", ylim=(0, None))
    axes[0].legend(fontsize=10)
    return fig


@styled
def gaussian(entries):
    """Draw the time of other ways to log-densities and KL divergences, relative to ours.

    Parameters
    ----------
    entries : dict
        The results by name, among them ``"bench-gaussian"``.
    """
    rows = entries["bench-gaussian"]["rows"]
    cases = list(dict.fromkeys(row["case"] for row in rows))
    passes = list(dict.fromkeys(row["pass"] for row in rows))
    fig, axes = plt.subplots(1, len(passes), figsize=(6.4, 4.4), sharex=True, sharey=True)
    for ax, one_pass in zip(axes, passes, strict=True):
        chosen = [row for row in rows if row["pass"] == one_pass]
        ax.axvline(1, color=INK, linewidth=1)
        for name in ("textbook", "torch.distributions"):
            median, low, high = np.transpose([row[name] for row in chosen])
            colour, marker = WAYS[name]
            places, error = np.arange(len(chosen)), [median - low, high - median]
            ax.errorbar(median, places, xerr=error, fmt=marker, color=colour, ms=6, label=name)
        ax.set(xscale="log")
        plain_numbers(ax.xaxis)
        ax.set_title(one_pass, loc="left")
        ax.grid(axis="y", color=FAINT, linewidth=0.5)
    labels = ["\n".join(case.rsplit(", ", 1)) for case in cases]
    axes[0].set_yticks(range(len(cases)), labels, fontsize=9)
    axes[0].invert_yaxis()
    fig.supxlabel("time relative to ours", fontsize=11)
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
    return fig


def with_band(ax, x, spreads, colour, marker, label):
    """Plot medians against x, with a band from the lower to the upper quartile."""
    median, low, high = np.transpose(spreads)
    ax.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0)
    ax.plot(x, median, f"{marker}-", color=colour, ms=5, label=label)


def error_bar(ax, x, spread, colour, marker, label):
    """Plot one median with its quartiles."""
    median, low, high = spread
    ax.errorbar(x, median, [[median - low], [high - median]], fmt=marker, color=colour, label=label)


def plain_numbers(axis, steps=(1, 2, 5)):
    """Let a logarithmic axis say 0.5, 1, 2, 10 rather than powers of ten."""
    axis.set_major_locator(LogLocator(base=10, subs=steps))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())
