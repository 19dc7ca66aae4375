"""What programs are measured by: functions of `kl_utils`, and the usual mistakes made with them.

They are called here, in this process. No student's program is: `cheats` sends those to the sandbox.
"""

import numpy as np
import torch
from scipy.special import logsumexp
from torch import nn

from kl_utils.estimators import estimate_kl
from kl_utils.evidence import LinearGaussianModel
from kl_utils.gaussian import (
    cross_entropy_normal,
    entropy_normal,
    kl_multivariate,
    kl_normal,
    log_density_normal,
)
from kl_utils.likelihoods import Bernoulli
from kl_utils.mixture import GaussianMixture
from kl_utils.priors import StandardNormalPrior
from kl_utils.runtime import Runtime
from kl_utils.training import fit
from kl_utils.vae import VAE

EPOCHS = 40


def by_sampling(mean, std, weights, means, stds, draws, seed):
    mixture = GaussianMixture(weights, np.reshape(means, (-1, 1)), np.reshape(stds, (-1, 1)))
    z = np.random.default_rng(int(seed)).normal(mean, std, int(draws))
    found = estimate_kl(
        lambda z: log_density_normal(z, mean, std), lambda z: mixture.log_prob(z[:, None]), z
    )
    return np.array([found.value, found.standard_error])


def linear_gaussian(x, W, b, tau, mean, std):
    covs = std[:, :, None] ** 2 * np.eye(std.shape[1])
    return LinearGaussianModel(W, b, tau).exact_elbo(mean, covs, x)


def from_log_weights(log_weights, k):
    groups = log_weights.reshape(len(log_weights), -1, int(k))
    return (logsumexp(groups, axis=2) - np.log(k)).mean(axis=1)


def trained(images, seed, epochs=EPOCHS, warm_up_epochs=0.0):
    """The parameters of a VAE trained by `kl_utils`, under the names that the task gives."""
    torch.manual_seed(int(seed))
    encoder = nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 8))
    decoder = nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 64))
    model = VAE(encoder, decoder, StandardNormalPrior(4), Bernoulli(64))
    if epochs:
        fit(
            model,
            (255 * images).astype(np.uint8),
            epochs=epochs,
            batch_size=100,
            learning_rate=8e-3,
            warm_up_epochs=warm_up_epochs,
            seed=int(seed),
            runtime=Runtime(torch.device("cpu"), torch.float32, threads=1),
            progress=False,
        )
    found = {}
    for name, layer, rows, factor in (
        ("hidden", encoder[0], slice(None), 1),
        ("mean", encoder[2], slice(4), 1),
        ("log_std", encoder[2], slice(4, None), 0.5),  # of a log-variance
        ("decoder_hidden", decoder[0], slice(None), 1),
        ("logits", decoder[2], slice(None), 1),
    ):
        for part in ("weight", "bias"):
            values = getattr(layer, part).detach().numpy().astype(float)
            found[f"{name}.{part}"] = factor * values[rows]
    return found


RIGHT = {
    "kl-of-normals@1": kl_normal,
    "kl-of-multivariate-normals@1": kl_multivariate,
    "kl-by-sampling@1": by_sampling,
    "elbo-linear-gaussian@1": linear_gaussian,
    "bound-from-log-weights@1": from_log_weights,
    "train-a-vae@1": trained,
}


# Mistakes


def other_way_round(function):
    def turned(mean_q, spread_q, mean_p, spread_p):
        return function(mean_p, spread_p, mean_q, spread_q)

    return turned


def without_half(function):
    def doubled(*args):
        return 2 * np.asarray(function(*args))

    return doubled


def textbook(*args):
    """Right on paper; loses its digits near q = p."""
    return cross_entropy_normal(*args) - entropy_normal(args[1])


def of_variances(mean_q, std_q, mean_p, std_p):
    return kl_normal(mean_q, np.sqrt(std_q), mean_p, np.sqrt(std_p))


def correlations_ignored(mean_q, cov_q, mean_p, cov_p):
    diagonal = [np.eye(cov.shape[-1]) * cov for cov in (cov_q, cov_p)]
    return kl_multivariate(mean_q, diagonal[0], mean_p, diagonal[1])


def without_n(*args):
    return kl_multivariate(*args) + args[1].shape[-1] / 2


def minus_one_for_n(*args):
    return kl_multivariate(*args) + (args[1].shape[-1] - 1) / 2


def mean_over_dimensions(*args):
    return kl_multivariate(*args) / args[1].shape[-1]


def spread_of_draws(*args):
    value, error = by_sampling(*args)
    return np.array([value, error * np.sqrt(args[5])])


def divisor_draws(*args):
    value, error = by_sampling(*args)
    return np.array([value, error * np.sqrt((args[5] - 1) / args[5])])


def other_sign(*args):
    return by_sampling(*args) * np.array([-1, 1])


def one_seed_for_all(*args):
    return by_sampling(*args[:6], 0)


def at_the_mean(x, W, b, tau, mean, std):
    """The reconstruction at the mean of q, as if q had no spread."""
    spread = (std**2 @ (W**2).sum(axis=0)) / (2 * tau**2)
    return linear_gaussian(x, W, b, tau, mean, std) + spread


def without_constant(x, W, b, tau, mean, std):
    return linear_gaussian(x, W, b, tau, mean, std) + x.shape[1] * np.log(2 * np.pi) / 2


def mean_over_pixels(x, W, b, tau, mean, std):
    eye, covs = np.eye(W.shape[1]), std[:, :, None] ** 2 * np.eye(W.shape[1])
    rate = kl_multivariate(mean, covs, 0 * mean, eye)
    return (linear_gaussian(x, W, b, tau, mean, std) + rate) / x.shape[1] - rate


def variance_for_std(x, W, b, tau, mean, std):
    return linear_gaussian(x, W, b, np.sqrt(tau), mean, std)


def mean_of_logs(log_weights, k):
    return from_log_weights(log_weights, 1)


def sum_for_mean(log_weights, k):
    return from_log_weights(log_weights, k) + np.log(k)


def that_overflow(log_weights, k):
    groups = log_weights.reshape(len(log_weights), -1, int(k))
    with np.errstate(all="ignore"):
        return np.log(np.exp(groups).mean(axis=2)).mean(axis=1)


def all_in_one_group(log_weights, k):
    return from_log_weights(log_weights, log_weights.shape[1])


def untrained(images, seed):
    return trained(images, seed, epochs=0)


def hardly_trained(images, seed):
    return trained(images, seed, epochs=4)


def hardly_any_rate(images, seed):
    """As if the rate were averaged over pixels: it hardly counts while the weight rises."""
    return trained(images, seed, epochs=60, warm_up_epochs=3000.0)


def log_variance_for_log_std(images, seed):
    found = trained(images, seed)
    return found | {f"log_std.{part}": 2 * found[f"log_std.{part}"] for part in ("weight", "bias")}


# By task: the function, and between which shares of the points it should get.
WRONG = {
    "kl-of-normals@1": [
        (other_way_round(kl_normal), 0, 0),
        (without_half(kl_normal), 0, 0),
        (of_variances, 0, 0),
        (textbook, 0.75, 0.8),
    ],
    "kl-of-multivariate-normals@1": [
        (other_way_round(kl_multivariate), 0, 0),
        (without_half(kl_multivariate), 0, 0),
        (without_n, 0, 0),
        (minus_one_for_n, 0, 0),
        (mean_over_dimensions, 0, 0),
        (correlations_ignored, 0.35, 0.45),
    ],
    "kl-by-sampling@1": [
        (spread_of_draws, 0, 0),
        (other_sign, 0, 0),
        (one_seed_for_all, 0, 0),
        (divisor_draws, 0.85, 0.85),
    ],
    "elbo-linear-gaussian@1": [
        (at_the_mean, 0, 0),
        (without_constant, 0, 0),
        (mean_over_pixels, 0, 0),
        (variance_for_std, 0, 0),
    ],
    "bound-from-log-weights@1": [
        (mean_of_logs, 0, 0),
        (sum_for_mean, 0, 0),
        (all_in_one_group, 0.5, 0.5),
        (that_overflow, 0.85, 0.85),
    ],
    "train-a-vae@1": [
        (untrained, 0, 0),
        (hardly_any_rate, 0, 0),
        (hardly_trained, 0, 0),
        (log_variance_for_log_std, 0.2, 0.5),
    ],
}
