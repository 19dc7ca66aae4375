"""What a recipe becomes: a trained model, and every number that the book prints about it."""

import hashlib

import numpy as np
import torch

from kl_utils.aggregate import (
    cluster_accuracy,
    component_shares,
    dead_components,
    elbo_surgery,
    majority_accuracy,
)
from kl_utils.data import fixed_bits
from kl_utils.evaluation import (
    active_units,
    estimate_elbo,
    importance_sampled_nll,
    mean_image_nll,
    posteriors,
)
from kl_utils.head_start import head_start
from kl_utils.training import fit
from kl_utils.vae import make_vae, reparameterize


def train_model(recipe, data, runtime, checkpoint):
    """Train one model from its recipe; return the model and the history of all its epochs.

    A run that was interrupted goes on from ``checkpoint``; a head start is repeated.
    """
    model = make_vae(**recipe["model"])
    options = {**recipe["training"], "held_out": fixed_bits(data.test_images), "runtime": runtime}
    before = []
    if head := options.pop("head_start_epochs", 0):
        shared = {k: v for k, v in options.items() if k not in ("epochs", "prior_learning_rate")}
        started = head_start(model, data.train_images, epochs=head, **shared)
        if started.interrupted:
            return model, started
        before = started.epochs
    history = fit(model, data.train_images, checkpoint=checkpoint, resume=True, **options)
    history.epochs[:0] = before
    return model, history


def evaluate(model, data, images, samples):
    """Return every number that the book prints about a model, in nats per image.

    Everything runs in float32, whatever the precision of the training was. ``convergence`` says how
    much the NLL of some images still falls with ten times the samples; ``check`` is an NLL with few
    samples on few images, for a test to repeat in seconds.
    """
    bits = fixed_bits(data.test_images)[:images]
    elbo = estimate_elbo(model, bits, samples=10)
    mean, log_var = posteriors(model, bits)
    rows = 2000 if model.device.type == "cpu" else 50_000  # what fits a CPU's cache; fills a GPU
    nll = importance_sampled_nll(model, bits, samples, rows=rows)
    check = {"images": min(200, images), "samples": 200, "seed": 1}
    few = importance_sampled_nll(model, bits[: check["images"]], check["samples"], seed=1)
    convergence = {"images": min(50, images), "samples": [samples, 10 * samples]}
    convergence["nll"] = [
        importance_sampled_nll(model, bits[: convergence["images"]], s, seed=1).value
        for s in convergence["samples"]
    ]
    surgery = elbo_surgery(model, bits)
    return {
        "bits": "fixed_bits, seed 0",
        "bits_sha256": hashlib.sha256(np.ascontiguousarray(bits)).hexdigest(),
        "images": images,
        "elbo": elbo.elbo.value,
        "elbo_standard_error": elbo.elbo.standard_error,
        "elbo_samples": 10,
        "distortion": elbo.distortion,
        "rate": elbo.rate,
        "samples": samples,
        "nll": nll.value,
        "nll_standard_error": nll.standard_error,
        "active_units": int(active_units(mean, log_var).sum()),
        "mean_image_nll": mean_image_nll(data.train_images, bits),
        "surgery": {name: estimate[:2] for name, estimate in surgery._asdict().items()},
        "components": component_scores(model.prior, mean, log_var, data.test_labels[:images]),
        "convergence": convergence,
        "check": check | {"nll": few.value, "nll_standard_error": few.standard_error},
    }


def component_scores(prior, mean, log_var, labels):
    """Return how a mixture's components sort images, or None for a prior without components.

    An image belongs to the component with the largest responsibility for its posterior mean. Which
    components are dead, one draw for each image says, as it does in training.
    """
    if prior.n_components == 0:
        return None
    with torch.no_grad():
        components = prior.responsibilities(mean).argmax(-1).cpu().numpy()
    z = reparameterize(mean, log_var, torch.Generator(mean.device).manual_seed(0))
    return {
        "dead": int(dead_components(component_shares(prior, z)).sum()),
        "cluster_accuracy": cluster_accuracy(components, labels),
        "majority_accuracy": majority_accuracy(components, labels),
    }
