"""Time a mixture prior: what K components add to a training step, and three ways to their density.

Our way writes the square in the exponent out, so that one matrix product gives the log-densities
of all components. The usual ways, written by hand or taken from ``torch.distributions``, broadcast
to an array of shape ``(batch, K, latent_size)`` and sum over its last axis.
"""

import torch

from kl_utils.gaussian import log_density_diagonal
from kl_utils.priors import MixturePrior
from kl_utils.vae import make_vae
from tools.provenance.recipes import NETWORKS

from .step import BATCH_SIZE, precisions, training_step
from .timing import Spread, clocked, fields, from_fields, ratio, take_turns

PUBLISHED = 500  # components of the book's mixture and VampPrior
SIZES = {  # rounds, steps a round, batch sizes of steps and of densities, components
    "smoke": (2, 1, 32, 32, (2, PUBLISHED)),
    "full": (9, 16, BATCH_SIZE, 256, (10, 50, 200, PUBLISHED, 1000, 2000)),
}


def broadcast_log_prob(prior, z):
    """Return log p(z) by way of an array of shape ``(batch, K, latent_size)``."""
    log_weights, means, log_vars = prior.components()
    return (log_weights + log_density_diagonal(z[:, None], means, log_vars)).logsumexp(-1)


def distribution_log_prob(prior, z):
    """Return log p(z) as ``torch.distributions.MixtureSameFamily`` computes it."""
    return prior.to_distribution().log_prob(z)


WAYS = {
    "ours": MixturePrior.log_prob,
    "broadcast": broadcast_log_prob,
    "torch.distributions": distribution_log_prob,
}


def value_and_gradients(log_prob, prior, z):
    """Return log p(z), and the gradients of its sum by the prior's parameters and by z."""
    prior.zero_grad(set_to_none=True)
    z.grad = None
    value = log_prob(prior, z)
    value.sum().backward()
    return [value.detach(), *(p.grad for p in prior.parameters()), z.grad]


def check_agreement(prior, z):
    """Raise if the ways do not compute the same."""
    ours = value_and_gradients(WAYS["ours"], prior, z)
    for name in list(WAYS)[1:]:
        for mine, theirs in zip(ours, value_and_gradients(WAYS[name], prior, z), strict=True):
            torch.testing.assert_close(
                mine, theirs, rtol=1e-3, atol=1e-3, msg=lambda m, n=name: f"{n}: {m}"
            )


def density_ways(batch_size, n_components):
    """Return the ways to log p(z) and its gradients, as work to time."""
    prior = MixturePrior(NETWORKS["latent_size"], n_components)
    z = torch.randn(batch_size, NETWORKS["latent_size"], requires_grad=True)
    check_agreement(prior, z)
    return {
        (name, n_components): clocked(lambda f=log_prob: value_and_gradients(f, prior, z))
        for name, log_prob in WAYS.items()
    }


def step_ways(batch_size, counts, steps, precision, vamp):
    """Return training steps with the standard prior and with mixtures, as work to time."""

    def step(**prior):
        model = make_vae(**NETWORKS, **prior)
        return training_step(model, batch_size, steps, precision)

    ways = {(precision, "standard"): step()}
    ways |= {(precision, k): step(prior="mixture", n_components=k) for k in counts}
    if vamp:
        ways[precision, "vamp"] = step(prior="vamp", n_components=PUBLISHED)
    return ways


def measure(profile):
    """Return the cost of a mixture prior: of whole steps, relative to the standard prior's, and of
    its density by the usual ways, relative to ours."""
    torch.manual_seed(0)
    rounds, steps, batch_size, density_batch_size, counts = SIZES[profile]
    best = precisions()[-1]
    ways = step_ways(batch_size, [PUBLISHED], steps, "float32", vamp=False)
    ways |= step_ways(batch_size, counts, steps, best, vamp=True)
    times = take_turns(ways, rounds, "steps with a mixture prior")
    entry = {
        "name": "bench-mixture",
        "batch_size": batch_size,
        "density_batch_size": density_batch_size,
        "latent_size": NETWORKS["latent_size"],
        "precision": best,
        "components": list(counts),
        "step": [ratio(times, (best, k), (best, "standard")) for k in counts],
        **fields(
            step_published=ratio(times, (best, PUBLISHED), (best, "standard")),
            step_published_float32=ratio(times, ("float32", PUBLISHED), ("float32", "standard")),
            step_vamp=ratio(times, (best, "vamp"), (best, "standard")),
        ),
    }
    for name in list(WAYS)[1:]:
        entry[name] = []
    for k in counts:
        times = take_turns(
            density_ways(density_batch_size, k), rounds, f"log-density, {k} components"
        )
        for name in list(WAYS)[1:]:
            entry[name].append(ratio(times, (name, k), ("ours", k)))
    return [entry]


def table(entries):
    """Return the entries as text."""
    (entry,) = entries
    lines = [
        f"A mixture prior: steps of batch {entry['batch_size']} in {entry['precision']} over those "
        "with the standard prior,",
        f"and log p(z) with gradients, batch {entry['density_batch_size']}, over our way",
        f"{'K':>6}{'step':>22}{'broadcast':>24}{'torch.distributions':>26}",
    ]
    columns = (entry[name] for name in ("components", "step", *list(WAYS)[1:]))
    for k, *cells in zip(*columns, strict=True):
        step, broadcast, theirs = (str(Spread(*cell)) for cell in cells)
        lines.append(f"{k:6}{step:>22}{broadcast:>24}{theirs:>26}")
    in_float32, vamp = (
        from_fields(entry, name) for name in ("step_published_float32", "step_vamp")
    )
    lines.append(f"K = {PUBLISHED} in float32: {in_float32}; a VampPrior of {PUBLISHED}: {vamp}")
    return "\n".join(lines)
