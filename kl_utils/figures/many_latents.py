"""The figure of the page on many latents: the bound of a chain, layer by layer."""

import matplotlib.pyplot as plt
import numpy as np

from .style import ACCENT, FAINT, ORANGE, styled

LOOKS = {"best": {"color": ACCENT, "marker": "o"}, "linear": {"color": ORANGE, "marker": "s"}}


@styled
def layers_and_gaps(terms, counts, gaps, limits):
    """Draw the terms of one bound, and how far bounds with more and more layers are from log p.

    Parameters
    ----------
    terms : dict of array, shape (layers - 1,)
        For each denoiser, the divergences of the layers from the second on, in nats.
    counts : list of int
        Numbers of layers.
    gaps : dict of list of float
        For each denoiser and number of layers, the bound's distance from the data's entropy.
    limits : dict of float
        What a gap tends to, where that is not 0.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.1))
    for name, look in LOOKS.items():
        layers = np.arange(2, len(terms[name]) + 2)
        left.plot(layers, terms[name], label=f"{name} denoiser", markersize=4, **look)
        right.plot(counts, gaps[name], markersize=4, **look)
    for limit in limits.values():
        right.axhline(limit, color=FAINT, linestyle="--", linewidth=1)
    left.set(xlabel="layer", ylabel="nats", title="divergence of one layer")
    right.set(xscale="log", yscale="log", xlabel="layers, L", title="−ELBO minus entropy")
    shown = counts[::2]
    right.set_xticks(shown, map(str, shown))
    right.minorticks_off()
    fig.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return fig
