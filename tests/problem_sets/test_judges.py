"""The judges give a right program all points, and find what is usually wrong.

The right programs wrap `kl_utils`; the usual mistakes are made from these. Neither is an answer.
"""

import numpy as np
import pytest
from scipy.special import logsumexp
from torch import nn

from kl_utils.evidence import LinearGaussianModel
from kl_utils.exercises.problem_set_files import read_problem_set
from kl_utils.gaussian import kl_multivariate, kl_normal, log_density_normal
from kl_utils.grading.programs import generator, in_process, judge_program, judged, judges
from kl_utils.likelihoods import Bernoulli
from kl_utils.mixture import GaussianMixture
from kl_utils.priors import StandardNormalPrior
from kl_utils.training import fit
from kl_utils.vae import VAE
from tools import ROOT

SETS = {path.parent: path for path in sorted(ROOT.glob("problem_sets/*/set.toml"))}
JUDGES = {name: judge for folder in SETS for name, judge in judges(folder).items()}

JUDGES_OF_VAE = JUDGES["train-a-vae@1"].__globals__


def by_sampling(mean, std, weights, means, stds, draws, seed, *, less=1, wrong_way=False):
    z = np.random.default_rng(seed).normal(mean, std, draws)
    log_p = logsumexp(np.log(weights) + log_density_normal(z[:, None], means, stds), axis=1)
    log_ratios = log_density_normal(z, mean, std) - log_p
    return log_ratios.mean() * (-1) ** wrong_way, log_ratios.std(ddof=less) / np.sqrt(draws)


def of_linear_gaussian(x, W, b, tau, mean, std):
    cov = std[:, :, None] ** 2 * np.eye(std.shape[1])
    return LinearGaussianModel(W, b, tau).exact_elbo(mean, cov, x)


def from_log_weights(log_weights, k):
    groups = log_weights.reshape(len(log_weights), -1, k)
    return (logsumexp(groups, axis=-1) - np.log(k)).mean(axis=-1)


RIGHT = {
    "kl-of-normals@1": kl_normal,
    "kl-of-multivariate-normals@1": kl_multivariate,
    "kl-by-sampling@1": by_sampling,
    "elbo-linear-gaussian@1": of_linear_gaussian,
    "bound-from-log-weights@1": from_log_weights,
}


def judgement(name, function, code="K7QX-2M9B"):
    return judged(JUDGES[name], in_process(function), generator("a secret of them", code, name))


PROGRAMS = {
    question.name: (folder, question)
    for folder, path in SETS.items()
    for question in read_problem_set(path.read_text("utf8")).questions
    if question.data["kind"] == "program"
}


def test_each_program_task_has_its_judge_and_no_judge_is_left_over():
    assert set(PROGRAMS) == set(JUDGES)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_program_gets_all_points(name):
    assert judgement(name, RIGHT[name]) == (1.0, ())


@pytest.mark.long
@pytest.mark.parametrize("name", RIGHT)
def test_a_right_program_gets_all_points_whatever_the_code(name):
    results = [judgement(name, RIGHT[name], f"code {number}") for number in range(30)]
    assert set(results) == {(1.0, ())}


@pytest.mark.long
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_program_to_begin_with_gets_none(name):
    folder, question = PROGRAMS[name]
    grade = judge_program(folder, question, question.data["starter"], "K7QX-2M9B", "s" * 16)
    assert (grade.points, grade.held, grade.to_read) == (0, 0, ())
    assert "NotImplementedError" in grade.lost[0]


def textbook(mean_q, std_q, mean_p, std_p):
    return np.log(std_p / std_q) + (std_q**2 + (mean_q - mean_p) ** 2) / (2 * std_p**2) - 0.5


def of_diagonals(mean_q, cov_q, mean_p, cov_p):
    kept = [np.diagonal(cov, axis1=-2, axis2=-1) for cov in (cov_q, cov_p)]
    return kl_normal(mean_q, kept[0] ** 0.5, mean_p, kept[1] ** 0.5).sum(-1)


def with_det(mean_q, cov_q, mean_p, cov_p):
    wrong = np.log(np.linalg.det(cov_p) / np.linalg.det(cov_q))
    right = np.linalg.slogdet(cov_p)[1] - np.linalg.slogdet(cov_q)[1]
    return kl_multivariate(mean_q, cov_q, mean_p, cov_p) + (wrong - right) / 2


def unshifted(mean, std, weights, means, stds, draws, seed):
    z = np.random.default_rng(seed).normal(mean, std, draws)
    p = GaussianMixture(weights, means[:, None], stds[:, None])
    with np.errstate(divide="ignore"):
        log_ratios = log_density_normal(z, mean, std) - np.log(np.exp(p.log_prob(z[:, None])))
    return log_ratios.mean(), log_ratios.std(ddof=1) / np.sqrt(draws)


def always_the_same(*args):
    return by_sampling(*args[:-2], 2000, 0)


def one_row(x, W, b, tau, mean, std):
    return np.broadcast_to(of_linear_gaussian(x, W, b, tau, mean, std)[0], len(x))


def plain_log(log_weights, k):
    groups = log_weights.reshape(len(log_weights), -1, k)
    return np.log(np.exp(groups).mean(axis=-1)).mean(axis=-1)


def strided(log_weights, k):
    return from_log_weights(log_weights.reshape(len(log_weights), k, -1).swapaxes(1, 2).copy(), k)


MISTAKES = {
    "kl-of-normals@1": [
        (lambda m, s, n, t: kl_normal(m, np.sqrt(s), n, np.sqrt(t)), 0),  # variances
        (lambda m, s, n, t: kl_normal(n, t, m, s), 0),
        (lambda m, s, n, t: 2 * kl_normal(m, s, n, t), 0),
        (lambda m, s, n, t: np.mean(kl_normal(m, s, n, t)), 0),
        (lambda m, s, n, t: kl_normal(m, s, n, t) + 0.5, 0),
        (lambda m, s, n, t: kl_normal(m, s + 1e-8, n, t + 1e-8), 0),
        (lambda *args: np.zeros(np.broadcast_shapes(*map(np.shape, args))), 0),
        (textbook, 0.8),
        (lambda *args: np.maximum(textbook(*args), 0), 0.8),
        (lambda m, s, n, t: kl_normal(m, np.maximum(s, 1e-6), n, np.maximum(t, 1e-6)), 0.85),
    ],
    "kl-of-multivariate-normals@1": [
        (lambda m, c, n, d: kl_multivariate(n, d, m, c), 0),
        (lambda m, c, n, d: kl_multivariate(m, c, n, d) + m.shape[-1] / 2, 0),
        (lambda m, c, n, d: kl_multivariate(m, c @ c, n, d @ d), 0),  # square roots of covariances
        (lambda m, c, n, d: kl_multivariate(m, c, n, d) - np.linalg.slogdet(d)[1], 0),
        (of_diagonals, 0.45),
        (with_det, 0.95),
        (lambda m, c, n, d: np.sum(kl_multivariate(m, c, n, d)), 0.8),
    ],
    "kl-by-sampling@1": [
        (lambda *args: by_sampling(*args, less=0), 0.85),
        (lambda *args: by_sampling(*args, wrong_way=True), 0),
        (lambda *args: by_sampling(*args[:-1], 0), 0),  # ignores the seed
        (lambda *args: np.multiply(by_sampling(*args), [1, args[-2] ** 0.5]), 0),  # no root of n
        (always_the_same, 0),
        (unshifted, 0.9),
    ],
    "elbo-linear-gaussian@1": [
        (lambda x, W, b, t, m, s: of_linear_gaussian(x, W, b, np.sqrt(t), m, s), 0),
        (lambda x, W, b, t, m, s: of_linear_gaussian(x, W, b, t, m, np.sqrt(s)), 0),
        (lambda x, W, b, t, m, s: of_linear_gaussian(x, W, 0, t, m, s), 0),
        (lambda x, W, b, t, m, s: LinearGaussianModel(W, b, t).log_evidence(x), 0),
        (lambda x, *rest: of_linear_gaussian(x, *rest) + x.shape[1] * np.log(2 * np.pi) / 2, 0),
        (lambda *args: of_linear_gaussian(*args).mean(keepdims=True), 0.5),
        (one_row, 0.5),
    ],
    "bound-from-log-weights@1": [
        (lambda w, k: w.mean(axis=1), 0),
        (lambda w, k: from_log_weights(w, k) + np.log(k), 0),
        (lambda w, k: from_log_weights(w, w.shape[1]), 0.65),
        (lambda w, k: from_log_weights(w, k).mean(keepdims=True), 0),
        (plain_log, 0.85),
        (strided, 0.65),
    ],
}
CASES = [(name, wrong, most) for name, pairs in MISTAKES.items() for wrong, most in pairs]


@pytest.mark.parametrize(("name", "wrong", "most"), CASES)
def test_a_usual_mistake_costs_its_points(name, wrong, most):
    share, lost = judgement(name, wrong)
    assert share <= most + 1e-9
    assert (share == 0) == (most == 0)
    assert lost and all("@" not in sentence for sentence in lost)


def parameters_of(vae):
    """Those of a VAE of `kl_utils`, as the task asks for them; its encoder has one last layer."""
    (hidden, _, last), (decoder_hidden, _, logits) = vae.encoder, vae.decoder
    (mean, log_var), (mean_0, log_var_0) = last.weight.chunk(2), last.bias.chunk(2)
    named = {"mean": (mean, mean_0), "log_std": (log_var / 2, log_var_0 / 2)}
    layers = {"hidden": hidden, "decoder_hidden": decoder_hidden, "logits": logits}
    named |= {name: (layer.weight, layer.bias) for name, layer in layers.items()}
    parts = {f"{name}.weight": pair[0] for name, pair in named.items()}
    return parts | {f"{name}.bias": pair[1] for name, pair in named.items()}


def trained(images, seed, kind=VAE, epochs=120):
    encoder = nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 8))
    decoder = nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 64))
    model = kind(encoder, decoder, StandardNormalPrior(4), Bernoulli(64))
    gray = (255 * images).astype(np.uint8)
    fit(model, gray, epochs=epochs, batch_size=100, learning_rate=5e-3, seed=seed, progress=False)
    return parameters_of(model)


def weighing(rate):
    """A VAE whose loss gives the KL another weight."""

    class Weighing(VAE):
        def elbo_terms(self, *args, **settings):
            terms = super().elbo_terms(*args, **settings)
            return terms[0], terms[1] * rate

    return Weighing


@pytest.mark.long
def test_a_vae_that_was_trained_by_the_elbo_gets_all_points():
    assert judgement("train-a-vae@1", trained) == (1.0, ())


@pytest.mark.long
@pytest.mark.parametrize(
    ("rate", "share"),
    [(0.5, 0.7), (64.0, 0)],  # the latter: the mean over the pixels, not their sum
)
def test_another_weight_in_the_loss_is_found(rate, share):
    def wrong(images, seed):
        return trained(images, seed, weighing(rate))

    assert judgement("train-a-vae@1", wrong)[0] == pytest.approx(share)


def test_the_elbo_of_a_model_is_that_of_its_parameters():
    images = np.eye(64)[:3]
    mean_elbo, shapes = JUDGES_OF_VAE["mean_elbo"], JUDGES_OF_VAE["SHAPES"]
    zero = {name: np.zeros(shape) for name, shape in shapes.items()}
    assert mean_elbo(zero, images) == pytest.approx(-64 * np.log(2))
    shifted = zero | {"mean.bias": np.full(4, 3.0)}
    assert mean_elbo(shifted, images) == pytest.approx(-64 * np.log(2) - 18)
    kl = 4 * ((np.exp(2.0) - 1) / 2 - 1)
    assert mean_elbo(zero, images, wider=1.0) == pytest.approx(-64 * np.log(2) - kl)
    white = zero | {"logits.bias": np.full(64, -2.0)}
    assert mean_elbo(white, images) == pytest.approx(-2 - 64 * np.log1p(np.exp(-2)))
    with pytest.raises(ValueError, match="other names or shapes"):
        mean_elbo(zero | {"mean.bias": np.zeros(5)}, images)
