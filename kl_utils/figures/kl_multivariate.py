"""The figures of chapter 2, KL between multivariate Gaussians."""

import matplotlib.pyplot as plt
import numpy as np

from ..gaussian import log_density_normal
from .style import ACCENT, FAINT, INK, P_COLOUR, Q_COLOUR, SECOND_ACCENT, styled

_Q = {"color": Q_COLOUR}
_P = {"color": P_COLOUR, "linestyle": "--"}  # dashed, for print without colours
_TURN = np.linspace(0, 2 * np.pi, 181)
_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)])


def _ellipse(ax, mean, cov, radius=1.0, filled=False, **style):
    """Draw where a point is ``radius`` standard deviations from the mean, in the metric of cov."""
    x, y = np.reshape(mean, (2, 1)) + radius * np.linalg.cholesky(cov) @ _CIRCLE
    if filled:
        ax.fill(x, y, color=style["color"], alpha=0.15, linewidth=0)
    ax.plot(x, y, **style)


@styled
def shadows(cov_q, cov_p, reach=3.2):
    """Draw two centred Gaussians in the plane, and their densities on each axis alone.

    Parameters
    ----------
    cov_q, cov_p : array, shape (2, 2)
        Covariances of q and p.
    """
    fig, axes = plt.subplots(
        2, 2, figsize=(4.6, 4.6), width_ratios=(3.4, 1), height_ratios=(1, 3.4)
    )
    (above, corner), (plane, beside) = axes
    corner.set_axis_off()
    t = np.linspace(-reach, reach, 201)
    for cov, style, name in ((cov_q, _Q, "$q$"), (cov_p, _P, "$p$")):
        for radius in (1, 2):
            _ellipse(plane, (0, 0), cov, radius, label=name if radius == 1 else None, **style)
        above.plot(t, np.exp(log_density_normal(t, 0, cov[0, 0] ** 0.5)), **style)
        beside.plot(np.exp(log_density_normal(t, 0, cov[1, 1] ** 0.5)), t, **style)
    plane.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="$z_1$", ylabel="$z_2$")
    plane.legend(loc="upper left")
    above.set(xlim=(-reach, reach), xticks=[], yticks=[], ylim=(0, None))
    beside.set(ylim=(-reach, reach), xticks=[], yticks=[], xlim=(0, None))
    return fig


@styled
def boxes(variances, draws):
    """Draw pairs of standard deviations as the sides of a box, over draws with these scales.

    Parameters
    ----------
    variances : array, shape (panels, 2)
        The variances of the two coordinates in each panel.
    draws : array, shape (panels, n, 2)
        Centred draws with these variances.
    """
    fig, axes = plt.subplots(1, len(variances), figsize=(6.4, 2.4), sharex=True, sharey=True)
    for ax, (v1, v2), points in zip(axes, variances, draws, strict=True):
        width, height = v1**0.5, v2**0.5
        ax.scatter(*points.T, s=3, color=FAINT, linewidths=0)
        ax.fill([0, width, width, 0], [0, 0, height, height], color=SECOND_ACCENT, alpha=0.6)
        ax.plot([0, width], [0, height], color=INK)
        ax.set_title(f"diagonal² = tr Σ = {v1 + v2:.3g}\narea² = det Σ = {v1 * v2:.3g}")
        ax.set(aspect="equal", xlim=(-8, 8), ylim=(-6, 6), xlabel="$z_1$")
        ax.set(xticks=(-5, 0, 5), yticks=(-5, 0, 5))
    axes[0].set_ylabel("$z_2$")
    return fig


@styled
def shift_prices(cov, shifts, prices):
    """Draw p, centred, with level lines of the price of a shift, and some shifts.

    Parameters
    ----------
    cov : array, shape (2, 2)
        The covariance that q and p share.
    shifts : array, shape (k, 2)
        Differences of the means.
    prices : array, shape (k,)
        What each costs, in nats.
    """
    fig, ax = plt.subplots(figsize=(4.8, 4.2))
    for radius in (1, 2, 3, 4):
        _ellipse(ax, (0, 0), cov, radius, linewidth=1.2, **_P)
        x, y = -radius * np.linalg.cholesky(cov)[:, 0]
        ax.annotate(
            f"{radius**2 / 2:g}", (x, y), color=P_COLOUR, fontsize=9, ha="center", va="center",
            bbox={"facecolor": "white", "linewidth": 0, "pad": 1},
        )  # fmt: skip
    for shift, price in zip(shifts, prices, strict=True):
        arrow = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", shift, (0, 0), arrowprops=arrow | {"color": Q_COLOUR, "linewidth": 2})
        side = "left" if shift[0] > 0 else "right"
        ax.annotate(
            f"{price:.2f} nats", shift, xytext=(5 if side == "left" else -5, 3),
            textcoords="offset points", ha=side, color=Q_COLOUR,
            bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1},
        )  # fmt: skip
    ax.plot(0, 0, "o", color=P_COLOUR)
    ax.set(aspect="equal", xlabel="$z_1$", ylabel="$z_2$")
    return fig


@styled
def whitening(q, p, maps, axes, draws, summands):
    """Draw q, p and draws from q under three affine maps, and q and p along each axis of the last.

    Parameters
    ----------
    q, p : tuple of array
        Mean, shape (2,), and covariance, shape (2, 2).
    maps : dict
        Title, and the matrix A and the vector b of z ↦ Az + b, for each of three panels.
    axes : array, shape (2, 2)
        Two directions from the mean of p, as columns, that are mapped along.
    draws : array, shape (n, 2)
    summands : tuple of array, each of shape (2,)
        Means and variances of q along the last axes, where p is standard, and the divergences.
    """
    fig, panels = plt.subplot_mosaic("AB;AB;CD;CE", figsize=(6.2, 6.2))
    for ax, (title, (a, b)) in zip(map(panels.get, "ABC"), maps.items(), strict=True):
        ax.scatter(*(a @ draws.T + b[:, None]), s=4, color=Q_COLOUR, alpha=0.3, linewidths=0)
        for number, direction in enumerate((a @ axes).T, start=1):
            centre, unit = a @ p[0] + b, direction / np.linalg.norm(direction)
            ax.plot(*(centre[:, None] + np.outer(unit, (-3, 3))), color=INK, linewidth=0.8)
            ax.annotate(number, centre + 3.3 * unit, color=INK, ha="center", va="center")
        for (mean, cov), style, name in ((q, _Q, "$q$"), (p, _P, "$p$")):
            for radius in (1, 2):
                label = name if radius == 1 else None
                _ellipse(ax, a @ mean + b, a @ cov @ a.T, radius, label=label, **style)
        ax.set(aspect="equal", title=title, xlim=(-3.8, 3.8), ylim=(-3.8, 3.8))
    panels["A"].legend(loc="lower right", handlelength=1.4, borderaxespad=0)
    t = np.linspace(-3.8, 3.8, 301)
    for ax, mean, var, nats in zip(map(panels.get, "DE"), *summands, strict=True):
        ax.plot(t, np.exp(log_density_normal(t, mean, var**0.5)), **_Q)
        ax.plot(t, np.exp(log_density_normal(t)), **_P)
        ax.set(xlim=(-3.8, 3.8), ylim=(0, None), yticks=[])
        ax.text(0.03, 0.95, f"{nats:.2f} nats", transform=ax.transAxes, va="top", color=INK)
    panels["D"].set(title="one axis at a time", ylabel="axis 1")
    panels["E"].set(ylabel="axis 2")
    return fig


@styled
def diagonal_fits(cov_p, forward, reverse):
    """Draw a correlated Gaussian p and the two Gaussians with axis-parallel ellipses fitted to it.

    Parameters
    ----------
    cov_p : array, shape (2, 2)
    forward, reverse : array, shape (2,)
        The variances of the q that minimises KL(p‖q), and of the one that minimises KL(q‖p).
    """
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 3.3), sharex=True, sharey=True)
    titles = ("forward, KL(p‖q): shadow", "reverse, KL(q‖p): slice")
    for ax, title, variances in zip(axes, titles, (forward, reverse), strict=True):
        _ellipse(ax, (0, 0), cov_p, filled=True, label="$p$", **_P)
        _ellipse(ax, (0, 0), np.diag(variances), label="$q$", **_Q)
        ax.set(aspect="equal", title=title, xlabel="$z_1$")
    # Both ellipses of the left panel touch the four sides of one box: their shadows are equal.
    box = np.sqrt(forward)[:, None] * [[-1, 1, 1, -1, -1], [-1, -1, 1, 1, -1]]
    axes[0].plot(*box, color=ACCENT, linestyle=":")
    for end in np.diag(np.sqrt(reverse)):
        axes[1].plot(*np.stack([end, -end]).T, "o-", color=ACCENT, linewidth=1.2)
    axes[0].set_ylabel("$z_2$")
    axes[1].legend(loc="lower right", handlelength=1.4, borderaxespad=0)
    return fig
