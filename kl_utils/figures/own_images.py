"""The figures of chapter 11, your own images; `rows` and `samples` are those of chapter 6."""

import math

import matplotlib.pyplot as plt
import numpy as np

from .mnist_vae import rows, samples
from .style import ACCENT, FAINT, INK, P_COLOUR, Q_COLOUR, styled

__all__ = ["curve", "levels_and_density", "needs", "rows", "samples"]


@styled
def curve(history, baseline, nats_to_bits=None):
    """Draw −ELBO of training and validation images over the epochs, below the model without z.

    Parameters
    ----------
    history : History
        With measurements on held-out images.
    baseline : float
        What the model without latent variables needs for the validation images, in nats per image.
    nats_to_bits : callable, optional
        Turns nats per image into bits per dimension, for a second axis.
    """
    epochs = np.arange(1, len(history.epochs) + 1)
    fig, ax = plt.subplots(figsize=(6, 3))
    ax.axhline(baseline, color=INK, linestyle=":", label="without $z$")
    curves = (
        ("negative_elbo", "training", FAINT),
        ("held_out_negative_elbo", "validation", Q_COLOUR),
    )
    for name, label, colour in curves:
        ax.plot(epochs, history.curve(name), ".-", color=colour, label=label)
    held_out = history.curve("held_out_negative_elbo")
    low = min(baseline, held_out.min(), history.curve("negative_elbo").min())
    top = max(baseline, np.median(held_out))  # what lies far above would flatten the rest
    ax.set(xlabel="epoch", ylabel="−ELBO, nats per image")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set_ylim(low - 0.1 * (top - low), top + 0.3 * (top - low))
    if nats_to_bits:
        scale = nats_to_bits(1.0)
        second = ax.secondary_yaxis("right", functions=(lambda y: y * scale, lambda y: y / scale))
        second.set_ylabel("bits per dimension")
    ax.legend()
    return fig


@styled
def levels_and_density(levels, location, scale, std):
    """Draw the same pixel as probabilities of levels and as a density, each with its unit.

    Parameters
    ----------
    levels : int
        Number of grey levels.
    location, scale : float
        Of the logistic distribution, in levels.
    std : float
        Of the normal density around the same place, in levels.
    """
    x = np.arange(levels)
    edges = np.concatenate([[-np.inf], x[:-1] + 0.5, [np.inf]])
    mass = np.diff(1 / (1 + np.exp(-(edges - location) / scale)))
    grid = np.linspace(-0.5, levels - 0.5, 400) / levels + 0.5 / levels
    mean, std = (location + 0.5) / levels, std / levels
    density = np.exp(-(((grid - mean) / std) ** 2) / 2) / (std * math.sqrt(2 * math.pi))
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 2.7))
    left.bar(x, mass, color=Q_COLOUR)
    left.set(xlabel="level", ylabel="probability", title="discretised logistic")
    right.plot(grid, density, color=P_COLOUR)
    right.fill_between(grid, density, color=P_COLOUR, alpha=0.15, linewidth=0)
    right.set(xlabel="grey, from 0 to 1", ylabel="density", title="Gaussian", ylim=(0, None))
    return fig


@styled
def needs(bits, baselines):
    """Draw the bits per dimension that models of the same images need, as bars.

    Parameters
    ----------
    bits : dict
        Name, and the number with its standard error, of each model.
    baselines : collection of str
        The names of those to be drawn in grey.
    """
    fig, ax = plt.subplots(figsize=(6.4, 0.5 + 0.42 * len(bits)))
    for place, (name, (value, error)) in enumerate(bits.items()):
        colour = FAINT if name in baselines else ACCENT
        ax.barh(place, value, xerr=error, color=colour)
        ax.text(value + error + 0.1, place, f"{value:.2f}", va="center")
    ax.set_yticks(range(len(bits)), list(bits))
    ax.invert_yaxis()
    longest = max(value + error for value, error in bits.values())
    ax.set(xlabel="bits per dimension", xlim=(0, 1.1 * longest))
    return fig
