"""Likelihoods: probabilities that sum to 1, torch's densities, and images of every shape."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn

from kl_utils.data import fixed_bits
from kl_utils.evaluation import (
    estimate_elbo,
    importance_sampled_nll,
    nll_per_image,
    posteriors,
)
from kl_utils.levels import Categorical, DiscretizedLogistic
from kl_utils.likelihoods import Bernoulli, Gaussian, bits_per_dimension
from kl_utils.pretrained import load_pretrained, save_pretrained
from kl_utils.priors import StandardNormalPrior, VampPrior
from kl_utils.training import fit, mean_terms
from kl_utils.vae import VAE, make_vae
from tests.models.training_cases import runtime

DISCRETE = {
    "bernoulli": (Bernoulli(2), 2),
    "discretized logistic": (DiscretizedLogistic(2, levels=5), 5),
    "two levels": (DiscretizedLogistic(2, levels=2), 2),
    "categorical": (Categorical(2, levels=5), 5),
}
KINDS = {
    "bernoulli": lambda shape: Bernoulli(shape),
    "gaussian": lambda shape: Gaussian(shape),
    "gaussian of fixed scale": lambda shape: Gaussian(shape, scale=0.1),
    "discretized logistic": lambda shape: DiscretizedLogistic(shape),
    "categorical": lambda shape: Categorical(shape, levels=4),
}
BYTES = np.random.default_rng(0).integers(0, 256, (12, 3, 4, 4), dtype=np.uint8)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def parameters_for(likelihood, n, spread=2.0):
    return spread * torch.randn(n, *likelihood.parameter_shape, generator=generator())


@pytest.mark.parametrize("name", DISCRETE)
def test_probabilities_of_all_images_sum_to_one(name):
    likelihood, levels = DISCRETE[name]
    every = torch.tensor(list(itertools.product(range(levels), repeat=2)), dtype=torch.float32)
    for spread in (0.1, 2.0, 20.0):
        parameters = parameters_for(likelihood, 6, spread)
        log_p = likelihood.log_prob(every[:, None], parameters)
        assert log_p.shape == (levels**2, 6) and log_p.isfinite().all()
        assert log_p.logsumexp(0).abs().max() < 2e-5


@pytest.mark.parametrize("name", DISCRETE)
def test_draws_have_the_probabilities_of_the_density(name):
    likelihood, levels = DISCRETE[name]
    parameters = parameters_for(likelihood, 1, 0.7)
    x = likelihood.sample(parameters.expand(40_000, *likelihood.parameter_shape), generator())
    assert x.shape == (40_000, 2) and x.dtype == torch.float32
    for image in itertools.product(range(levels), repeat=2):
        p = likelihood.log_prob(torch.tensor(image).float(), parameters).exp().item()
        share = (x == torch.tensor(image)).all(-1).float().mean().item()
        assert share == pytest.approx(p, abs=4.5 * math.sqrt(p * (1 - p) / 40_000) + 1e-6)
    if not isinstance(likelihood, DiscretizedLogistic):  # whose `mean` is its location
        assert x.mean(0) == pytest.approx(likelihood.mean(parameters)[0].numpy(), abs=0.05)


def test_a_bin_of_the_logistic_is_a_difference_of_two_values_of_its_cdf():
    likelihood = DiscretizedLogistic(1, levels=256)
    x = torch.arange(256.0)[:, None]
    location, log_scale = 0.2, math.log(0.05)
    parameters = torch.tensor([[location], [log_scale]])
    edges = (2 * torch.arange(0, 257, dtype=torch.float64) - 1) / 255 - 1
    edges[0], edges[-1] = -math.inf, math.inf
    exact = torch.sigmoid((edges - location) / 0.05).diff().log()
    ours = likelihood.log_prob(x, parameters).double()
    inside = exact > -30  # further out, the difference itself has lost its digits
    assert inside.sum() > 100
    torch.testing.assert_close(ours[inside], exact[inside], atol=1e-4, rtol=1e-5)
    assert ours.isfinite().all()


def test_gaussian_density_is_that_of_torch_and_learns_its_scale():
    likelihood = Gaussian((2, 3))
    x, means = torch.randn(2, 5, 2, 3, generator=generator())
    theirs = torch.distributions.Normal(means, likelihood.log_scale.exp()).log_prob(x)
    torch.testing.assert_close(likelihood.log_prob(x, means), theirs.sum((-2, -1)))
    assert [name for name, _ in likelihood.named_parameters()] == ["log_scale"]
    assert not list(Gaussian(3, scale=0.5).parameters())
    assert likelihood.sample(means, generator()).shape == means.shape


def test_dequantised_bytes_bound_the_nats_of_the_bytes():
    """-log P(byte) ≤ E_u[-log p((byte + u)/256)] + D log 256, by Jensen's inequality."""
    likelihood = Gaussian(1, scale=0.01)
    byte, mean = torch.tensor([[100]], dtype=torch.uint8), torch.tensor([[0.4]])
    x = likelihood.prepare(byte.expand(20_000, 1), generator())
    assert (x >= 100 / 256).all() and (x < 101 / 256).all()
    upper = -likelihood.log_prob(x, mean).mean() + math.log(256)
    normal = torch.distributions.Normal(0.4, 0.01)
    exact = -(normal.cdf(torch.tensor(101 / 256)) - normal.cdf(torch.tensor(100 / 256))).log()
    assert exact < upper < exact + 0.05


def test_what_encoders_see_and_eyes_is_grey_from_zero_to_one():
    every = torch.arange(256, dtype=torch.uint8)
    for levels in (2, 4, 17, 256):
        likelihood = Categorical(256, levels)
        x = likelihood.prepare(every, None)
        assert x.unique().tolist() == list(range(levels))
        grey = likelihood.to_grey(x)
        assert grey[0] == 0 and grey[-1] == 1
        assert (grey - every / 255).abs().max() <= 1 / levels
    assert bits_per_dimension(784 * math.log(2), Bernoulli(784)) == pytest.approx(1)
    assert bits_per_dimension(3072 * math.log(256), Categorical((3, 32, 32))) == pytest.approx(8)


@pytest.mark.parametrize("kind", KINDS)
def test_images_to_test_with_are_drawn_once(kind):
    likelihood = KINDS[kind]((3, 4, 4))
    x = likelihood.fixed_draw(BYTES)
    assert x.dtype == torch.float32 and x.shape == BYTES.shape
    assert torch.equal(x, likelihood.fixed_draw(BYTES, seed=0))
    assert torch.equal(x, likelihood.observed("x", x, "cpu"))
    is_drawn = kind == "bernoulli" or kind.startswith("gaussian")
    assert torch.equal(x, likelihood.fixed_draw(BYTES, seed=1)) == (not is_drawn)
    if kind == "bernoulli":  # as in the published numbers
        np.testing.assert_array_equal(x, fixed_bits(BYTES))
    with pytest.raises(TypeError, match="seed: expected a whole number"):
        likelihood.fixed_draw(BYTES, seed=None)
    with pytest.raises(ValueError, match=r"images: expected shape \(n, 3, 4, 4\)"):
        likelihood.fixed_draw(BYTES[:, 0])


def conv_vae(likelihood, prior=None):
    """Convolutions with dropout and batch normalisation on colour pictures of 4×4."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        encoder = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.SiLU(), nn.Dropout(0.2),
            nn.Flatten(), nn.Linear(128, 4),
        )  # fmt: skip
        out = math.prod(likelihood.parameter_shape)
        decoder = nn.Sequential(
            nn.Linear(2, 128), nn.SiLU(), nn.Unflatten(-1, (8, 4, 4)),
            nn.Conv2d(8, out // 16, 3, padding=1), nn.Flatten(),
            nn.Unflatten(-1, likelihood.parameter_shape),
        )  # fmt: skip
    prior = VampPrior(encoder, (3, 4, 4), 3) if prior == "vamp" else StandardNormalPrior(2)
    return VAE(encoder, decoder, prior, likelihood)


@pytest.mark.parametrize("prior", ["standard", "vamp"])
@pytest.mark.parametrize("kind", KINDS)
def test_convolutions_train_and_are_evaluated_on_colour(kind, prior):
    likelihood = KINDS[kind]((3, 4, 4))
    model = conv_vae(likelihood, prior)
    x = likelihood.prepare(torch.tensor(BYTES), generator())
    options = {"batch_size": 4, "learning_rate": 1e-2, "runtime": runtime(), "progress": False}
    before = mean_terms(model, x, runtime())
    history = fit(model, BYTES, epochs=6, finish_epochs=2, held_out=x, **options)
    assert np.isfinite(history.curve("held_out_negative_elbo")).all()
    assert sum(mean_terms(model, x, runtime())) < sum(before)
    assert model.training  # as it was before it was measured
    nll = importance_sampled_nll(model, x, samples=50, rows=60, progress=False)
    elbo = estimate_elbo(model, x, samples=5).elbo
    assert nll.value < -elbo.value + 4 * (nll.standard_error + elbo.standard_error)
    pictures = model.sample(5, generator())
    assert pictures.shape == (5, 3, 4, 4) and model.reconstruct(x.float()).shape == x.shape
    assert pictures.isfinite().all()


def test_measuring_stands_still_and_every_mode_comes_back():
    model = conv_vae(Bernoulli((3, 4, 4)))
    model.encoder[1].eval()
    modes = [part.training for part in model.modules()]
    state = {name: value.clone() for name, value in model.state_dict().items()}
    bits = BYTES // 128
    for measure in (
        lambda: nll_per_image(model, bits, 4, progress=False)[0],
        lambda: estimate_elbo(model, bits, 3).elbo.value,
        lambda: posteriors(model, bits)[0],
        lambda: mean_terms(model, bits, runtime()),
    ):
        first, second = measure(), measure()  # dropout would draw anew
        same = torch.equal(first, second) if isinstance(first, torch.Tensor) else first == second
        assert same
    assert [part.training for part in model.modules()] == modes
    assert all(torch.equal(state[name], value) for name, value in model.state_dict().items())


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_such_image_is_refused(kind):
    likelihood = KINDS[kind](3)
    wrong, message = {
        "bernoulli": ([[0, 0.5, 1]], "only 0 and 1 .*, got 0.5"),
        "gaussian": ([[0, 100, 255]], "numbers in floating point .*, got torch.int64"),
        "gaussian of fixed scale": ([[0.0, math.inf, 1.0]], "finite numbers, got inf"),
        "discretized logistic": ([[0, 0.5, 255]], "whole levels 0 to 255 .*, got 0.5"),
        "categorical": ([[0, 4, 1]], "whole levels 0 to 3 .*, got 4.0"),
    }[kind]
    where = "" if "torch" in message else r" at index \(0, 1\) of shape \(1, 3\)"
    with pytest.raises((ValueError, TypeError), match=f"x: expected {message}{where}$"):
        likelihood.observed("x", np.array(wrong), "cpu")
    for value in (["a"], np.ma.array([[0, 1, 0]], mask=[[0, 1, 0]]), np.array([[1j, 0, 0]])):
        with pytest.raises(TypeError, match="x: expected"):
            likelihood.observed("x", value, "cpu")
    with pytest.raises(ValueError, match="reshape the images to"):
        likelihood.observed("x", np.zeros((2, 3, 1)), "cpu")
    float_is_wrong = not kind.startswith("gaussian")
    if float_is_wrong:
        with pytest.raises(TypeError, match=r"images: expected bytes \(uint8\), got"):
            likelihood.stored("images", np.zeros((2, 3)), "cpu")
    else:
        with pytest.raises(ValueError, match="images: expected finite numbers"):
            likelihood.stored("images", np.full((2, 3), np.nan), "cpu")
        with pytest.raises(TypeError, match=r"expected bytes .* or real numbers"):
            likelihood.stored("images", np.zeros((2, 3), int), "cpu")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((Bernoulli, ()), "event_shape: expected the shape of an image"),
        ((Bernoulli, (28, 0)), "event_shape: expected a whole number of at least 1, got 0"),
        ((Gaussian, 3, -1.0), "scale: expected a finite number above 0"),
        ((Categorical, 3, 1), "levels: expected a whole number of at least 2"),
        ((DiscretizedLogistic, 3, 1000), "levels: expected at most 256"),
    ],
)
def test_settings_are_named(arguments, message):
    kind, *rest = arguments
    with pytest.raises(ValueError, match=message):
        kind(*rest)


def test_a_likelihood_is_saved_by_its_name(tmp_path):
    settings = {
        "latent_size": 2,
        "hidden_sizes": [5],
        "seed": 0,
        "likelihood": {"name": "categorical", "event_shape": [4, 4], "levels": 3},
    }
    model = make_vae(**settings)
    history = fit(model, BYTES[:, 0], epochs=1, batch_size=4, runtime=runtime(), progress=False)
    save_pretrained("grey", model, settings, history, tmp_path)
    loaded = load_pretrained("grey", tmp_path).model
    z = torch.zeros(1, 2)
    assert torch.equal(loaded.decode(z), model.decode(z))
    assert repr(loaded.likelihood) == repr(model.likelihood) == "Categorical((4, 4), levels=3)"
    with pytest.raises(ValueError, match=r"name: expected one of bernoulli, .*, got 'poisson'"):
        make_vae(likelihood={"name": "poisson"})
