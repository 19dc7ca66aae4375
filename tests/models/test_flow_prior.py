"""A prior that the package has never heard of, a small normalising flow, goes all the way."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from kl_utils.data import fixed_bits
from kl_utils.figures import mixture_vae, mnist_vae
from kl_utils.head_start import head_start
from kl_utils.pretrained import load_pretrained, results, save_pretrained
from kl_utils.pretrained.entries import write_entries
from kl_utils.pretrained.schema import Result
from kl_utils.priors import Prior
from kl_utils.training import fit
from kl_utils.vae import PRIORS, make_vae
from tests.models.training_cases import IMAGES, OPTIONS, runtime, same_weights
from tools.commands import latent_planes
from tools.provenance.runs import evaluate

SETTINGS = {"latent_size": 2, "hidden_sizes": (8,), "prior": "flow", "seed": 0}


class FlowPrior(Prior):
    """Two affine coupling layers over N(0, I): each scales and shifts one half by the other."""

    def __init__(self, latent_size):
        super().__init__()
        self.latent_size = latent_size
        self.half = latent_size // 2
        sizes = [(self.half, latent_size - self.half), (latent_size - self.half, self.half)]
        self.layers = nn.ModuleList(nn.Linear(known, 2 * moved) for known, moved in sizes)

    def log_prob(self, z):
        known, moved = z[..., : self.half], z[..., self.half :]
        log_determinant = 0
        for layer in self.layers:
            shift, log_scale = layer(known).chunk(2, -1)
            known, moved = (moved - shift) * torch.exp(-log_scale), known
            log_determinant = log_determinant - log_scale.sum(-1)
        noise = torch.cat([known, moved], -1)
        return torch.distributions.Normal(0, 1).log_prob(noise).sum(-1) + log_determinant

    @torch.no_grad()
    def sample(self, n, generator=None):
        device = self.layers[0].weight.device
        noise = torch.randn(n, self.latent_size, generator=generator, device=device)
        known, moved = noise[:, : self.half], noise[:, self.half :]
        for layer in reversed(self.layers):
            shift, log_scale = layer(moved).chunk(2, -1)
            known, moved = moved, known * torch.exp(log_scale) + shift
        return torch.cat([known, moved], -1)


@pytest.fixture(autouse=True)
def flow_has_a_name(monkeypatch):
    row = lambda encoder, latent_size, n_components, event_shape: FlowPrior(latent_size)  # noqa: E731
    monkeypatch.setitem(PRIORS, "flow", row)


@pytest.fixture
def trained(tmp_path):
    """A model with a flow, the history of its training, and the folder that has its weights."""
    model = make_vae(**SETTINGS)
    options = OPTIONS | {"learning_rate": 1e-2, "held_out": IMAGES // 128}
    history = fit(model, IMAGES, **options, runtime=runtime(), stick_the_landing=True)
    save_pretrained("flow", model, SETTINGS, history, tmp_path)
    return model, history, tmp_path


def test_density_is_that_of_the_samples():
    prior = make_vae(**SETTINGS).prior
    axis = torch.linspace(-20, 20, 501)
    plane = torch.cartesian_prod(axis, axis)
    density = prior.log_prob(plane).exp() * (axis[1] - axis[0]) ** 2
    assert density.sum().item() == pytest.approx(1, abs=1e-3)
    z = prior.sample(20_000, torch.Generator().manual_seed(0))
    mean = (density[:, None] * plane).sum(0)
    assert ((z.mean(0) - mean).abs() < 4 * z.std(0) / 20_000**0.5).all()


def test_it_trains_and_resumes(trained, tmp_path):
    model, history, _ = trained
    assert np.isfinite(history.curve("held_out_negative_elbo")).all()
    assert not same_weights(model.prior, make_vae(**SETTINGS).prior)
    path = tmp_path / "run.safetensors"
    for other in (make_vae(**SETTINGS), make_vae(**SETTINGS)):
        fit(other, IMAGES, **OPTIONS, runtime=runtime(), checkpoint=path, resume=True)
    with pytest.raises(ValueError, match="components to start, got a FlowPrior, which has none"):
        head_start(model, IMAGES, **OPTIONS, runtime=runtime())


def test_weights_come_back_where_its_name_is_known(trained, monkeypatch):
    model, _, folder = trained
    again = load_pretrained("flow", folder).model
    assert isinstance(again.prior, FlowPrior) and same_weights(again, model)
    monkeypatch.delitem(PRIORS, "flow")
    with pytest.raises(ValueError, match=r"prior: expected one of standard, .* got 'flow'"):
        load_pretrained("flow", folder)


def test_it_is_evaluated_and_its_numbers_pass_the_schema(trained, tmp_path):
    _, _, folder = trained
    data = SimpleNamespace(
        train_images=IMAGES, test_images=IMAGES[:12], test_labels=np.arange(12) % 10
    )
    numbers = evaluate(load_pretrained("flow", folder).model, data, images=12, samples=20)
    assert numbers["components"] is None
    assert numbers["nll"] < -numbers["elbo"]
    rate, information, marginal = (value for value, _ in numbers["surgery"].values())
    assert rate == pytest.approx(information + marginal, abs=1e-4)
    entry = {**results()[0], **numbers, "name": "flow", "prior": "flow"}
    write_entries(tmp_path / "results.json", [entry], Result)
    assert results(tmp_path)[0]["nll"] == numbers["nll"]


def test_its_figures_are_drawn(trained):
    model, history, _ = trained
    bits = fixed_bits(IMAGES)
    labels = np.arange(len(bits)) % 10
    with torch.no_grad():
        means, _ = model.encode(torch.tensor(bits).float())
    entry = {**results()[0], "prior": "flow"}
    figures = [
        mnist_vae.curves(history, first_epoch=1),
        mnist_vae.samples(model.sample(12)),
        mnist_vae.latent_plane(lambda z: model.decode(z).sigmoid().detach(), means, labels, side=3),
        mixture_vae.planes(dict.fromkeys(("flow", "again"), (model.prior, means)), labels),
        mixture_vae.training_curves({name: history for name in "abc"}, first_epoch=1),
        mixture_vae.where_nats_come_from([[entry]]),
        mixture_vae.sample_rows([model.sample(4), model.sample(4)], ["a", "b"]),
    ]
    for figure in figures:
        figure.canvas.draw()
    with pytest.raises(NotImplementedError, match="nothing like FlowPrior"):
        latent_planes.components(model.prior)  # the explorer draws Gaussians only
