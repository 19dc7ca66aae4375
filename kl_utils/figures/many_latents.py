"""The figure of the page on many latents: the bound of a chain, layer by layer."""

import matplotlib.pyplot as plt
import numpy as np

from .style import ACCENT, GREY, ORANGE, styled

LOOKS = {
    "best": {"color": ACCENT, "marker": "o", "zorder": 3},
    "linear": {"color": ORANGE, "marker": "s", "zorder": 2},
}


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
        What a gap tends to, by the denoiser's name, where that is large.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.1))
    for name, look in LOOKS.items():
        layers = np.arange(2, len(terms[name]) + 2)
        left.plot(layers, terms[name], label=f"{name} denoiser", markersize=4, **look)
        right.plot(counts, gaps[name], markersize=4, **look)
    for name, limit in limits.items():
        dashed = {"color": GREY, "linestyle": "--", "linewidth": 1.5, "zorder": 1}
        right.axhline(limit, label=f"limit, {name}", **dashed)
    left.set(xlabel="layer $l$", ylabel="nats", title="divergence of each layer")
    right.set(
        xscale="log", yscale="log", xlabel="number of layers $L$", title="−ELBO minus entropy"
    )
    shown = counts[::2]
    right.set_xticks(shown, map(str, shown))
    right.minorticks_off()
    fig.legend(loc="outside lower center", ncols=3)
    return fig
