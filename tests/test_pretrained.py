"""The published weights give the published numbers, and the tool that makes both works."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from kl_utils.data import MNISTUnavailable, fixed_bits, load_images
from kl_utils.evaluation import estimate_elbo, importance_sampled_nll
from kl_utils.pretrained import load_pretrained, published, results

ROOT = Path(__file__).resolve().parents[1]
NAMES = [entry["name"] for entry in results()]


@pytest.fixture(scope="module")
def mnist_bits():
    """The fixed test bits, from the folder or the cache; tests never use the network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KL_UTILS_OFFLINE", "1")
        try:
            return fixed_bits(load_images("mnist").test_images)
        except MNISTUnavailable:
            pytest.skip("needs MNIST: set KL_UTILS_DATA")


def test_something_is_published():
    assert "vae-standard" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_weights_give_the_published_negative_elbo(name, mnist_bits):
    model, history, result = load_pretrained(name)
    assert len(history.epochs) == result["training"]["epochs"]
    again = estimate_elbo(model, mnist_bits, samples=2, seed=7)
    error = (again.elbo.standard_error**2 + result["elbo_standard_error"] ** 2) ** 0.5
    assert abs(again.elbo.value - result["elbo"]) < 4 * error
    assert again.rate == pytest.approx(result["rate"], rel=1e-4)
    assert result["distortion"] + result["rate"] == pytest.approx(-result["elbo"])


@pytest.mark.parametrize("name", NAMES)
def test_weights_give_the_published_nll(name, mnist_bits):
    """With other samples: the few-sample check, then the order that all estimates must have."""
    model, _, result = load_pretrained(name)
    check = result["check"]
    few = mnist_bits[: check["images"]]
    again = importance_sampled_nll(model, few, check["samples"], seed=7, progress=False)
    error = (again.standard_error**2 + check["nll_standard_error"] ** 2) ** 0.5
    assert abs(again.value - check["nll"]) < 4 * error

    coarse = importance_sampled_nll(model, mnist_bits, 2, seed=7, progress=False)
    assert result["nll"] < coarse.value + 4 * coarse.standard_error
    assert coarse.value - 4 * coarse.standard_error < -result["elbo"]

    # The headline number with all its samples: on some images, and by how much it lies below the
    # coarse one. Weights of infinite variance make for a generous tolerance.
    convergence = result["convergence"]
    some = mnist_bits[: convergence["images"]]
    fine = importance_sampled_nll(model, some, result["samples"], seed=7, progress=False).value
    assert fine == pytest.approx(convergence["nll"][0], abs=0.3)
    gap = importance_sampled_nll(model, some, 2, seed=7, progress=False).value - fine
    assert coarse.value - result["nll"] == pytest.approx(gap, abs=1)


def test_standard_vae_keeps_its_promises():
    result = load_pretrained("vae-standard").result
    assert (result["images"], result["samples"], result["profile"]) == (10_000, 5_000, "full")
    assert -result["elbo"] <= 91
    assert result["nll"] <= 87
    assert result["train_seconds"] <= 600


def test_unknown_names_are_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"no pretrained model 'vae-x'; there are: .*vae-standard"):
        load_pretrained("vae-x")
    assert all(entry["nll"] > 80 and entry["source"] for entry in published("vae"))


def test_train_tool_makes_a_run_and_then_only_evaluates(tmp_path):
    command = [sys.executable, "tools/train.py", "vae-plane", "--profile", "smoke"]
    command += ["--data", "digits", "--folder", str(tmp_path)]
    first = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "training on digits" in first.stdout
    (entry,) = results(tmp_path)
    weights = torch.cat(
        [p.flatten() for p in load_pretrained("vae-plane", tmp_path)[0].parameters()]
    )
    assert weights.isfinite().all()
    assert json.loads((tmp_path / "vae-plane.card.json").read_text())["profile"] == "smoke"

    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "match their code; evaluating" in second.stdout
    (again,) = results(tmp_path)
    assert {**entry, "run_card": None} == {**again, "run_card": None}
