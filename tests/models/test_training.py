"""The training loop and its accidents: interrupts, kills, NaN, and files that do not fit."""

import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch

from kl_utils.history import Epoch
from kl_utils.runtime import Runtime
from kl_utils.training import batches, fit, warm_up
from kl_utils.vae import VAE, make_vae
from tests.models.training_cases import (
    IMAGES,
    OPTIONS,
    Stop,
    raise_interrupt,
    runtime,
    same_weights,
    small_vae,
)
from tools import ROOT


def test_training_learns_and_records_every_epoch():
    images = np.zeros((256, 784), np.uint8)
    images[::2, :392] = 255  # two images only: blank, or half ink
    bits = images[:10] // 255
    model = make_vae(latent_size=1, hidden_sizes=(32,), seed=0)
    history = fit(
        model, images, epochs=30, batch_size=32, learning_rate=1e-2, held_out=bits,
        runtime=runtime(), progress=False,
    )  # fmt: skip
    assert len(history.epochs) == 30 and not history.interrupted
    curve = history.curve("negative_elbo")
    assert curve[0] > 300
    assert history.curve("held_out_negative_elbo")[-1] == pytest.approx(curve[-1], rel=0.5)
    # Two equally likely images: no model needs less than log 2 nats; this one comes near it.
    assert np.log(2) < curve[-1] < 8
    assert (history.curve("kl_weight") == 1).all()


def test_a_run_can_stick_the_landing():
    def trained(model, **options):
        fit(model, IMAGES, **OPTIONS, **options, runtime=runtime())
        return model

    class Always(VAE):
        def elbo_terms(self, x, generator=None, **options):
            return super().elbo_terms(x, generator, stick_the_landing=True)

    parts = small_vae()
    expected = trained(Always(parts.encoder, parts.decoder, parts.prior, parts.likelihood))
    assert same_weights(trained(small_vae(), stick_the_landing=True), expected)
    assert not same_weights(trained(small_vae()), expected)


def test_interrupt_keeps_the_model_and_resume_continues_the_same_curve(tmp_path, capsys):
    whole = small_vae()
    expected = fit(whole, IMAGES, **OPTIONS, runtime=runtime())

    model, path = small_vae(), tmp_path / "run.safetensors"
    stop = Stop(2 * 4 + 1, raise_interrupt)  # in the third epoch
    options = OPTIONS | {"runtime": runtime(), "checkpoint": path}
    history = fit(model, IMAGES, **options, prepare=stop)
    assert history.interrupted and len(history.epochs) == 2
    assert "2 of 4 epochs" in capsys.readouterr().out
    assert not same_weights(model, small_vae())

    fresh = small_vae()
    resumed = fit(fresh, IMAGES, **options, resume=True)
    assert same_weights(fresh, whole)
    assert not resumed.interrupted
    for name in ("distortion", "rate"):
        assert (resumed.curve(name) == expected.curve(name)).all()


@pytest.mark.slow
def test_killed_process_leaves_a_checkpoint_that_continues_the_same_curve(tmp_path):
    path = tmp_path / "run.safetensors"
    script = """
        import os, signal, sys
        from kl_utils.training import fit
        from tests.models.training_cases import OPTIONS, IMAGES, Stop, runtime, small_vae
        stop = Stop(3 * 4 + 2, lambda: os.kill(os.getpid(), signal.SIGKILL))
        fit(small_vae(), IMAGES, **OPTIONS, runtime=runtime(), prepare=stop, checkpoint=sys.argv[1])
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(path)]
    assert subprocess.run(command, cwd=ROOT, timeout=120).returncode == -signal.SIGKILL

    whole, resumed = small_vae(), small_vae()
    fit(whole, IMAGES, **OPTIONS, runtime=runtime())
    history = fit(
        resumed, IMAGES, **OPTIONS, runtime=runtime(), checkpoint=path, resume=True,
        prepare=Stop(4, lambda: pytest.fail("more than the last epoch was trained again")),
    )  # fmt: skip
    assert len(history.epochs) == 4
    assert same_weights(resumed, whole)


@pytest.mark.parametrize("step", [1, 3], ids=["loss", "only the last gradient"])
def test_numbers_that_are_not_finite_bring_back_the_last_good_weights(step, tmp_path):
    path = tmp_path / "run.safetensors"
    model = small_vae()
    weight = model.decoder[0].weight

    def poison():
        if step == 3:  # the loss is still finite; the update is not
            weight.register_hook(lambda grad: torch.full_like(grad, torch.nan))
        else:
            weight.data[0, 0] = torch.nan

    options = OPTIONS | {"runtime": runtime(), "checkpoint": path}
    with pytest.raises(FloatingPointError, match="epoch 3"):
        fit(model, IMAGES, **options, prepare=Stop(2 * 4 + step, poison))
    assert all(p.isfinite().all() for p in model.parameters())

    two_epochs = small_vae()
    fit(two_epochs, IMAGES, **options, prepare=Stop(2 * 4, raise_interrupt))
    assert same_weights(model, two_epochs)


def test_batches_visit_every_image_once():
    generator = torch.Generator().manual_seed(0)
    indices, later = batches(10, 3, generator), batches(10, 3, generator)
    assert indices.shape == (3, 3)
    assert len(set(indices.flatten().tolist())) == 9
    assert not torch.equal(indices, later)


def test_warm_up_is_a_ramp_and_is_recorded():
    assert [warm_up(p, 4) for p in (0, 1, 4, 9)] == [0, 0.25, 1, 1]
    assert warm_up(0, 0) == 1
    warm, cold = small_vae(), small_vae()
    history = fit(warm, IMAGES, **OPTIONS, warm_up_epochs=2, runtime=runtime())
    assert history.curve("kl_weight") == pytest.approx([0.375, 0.875, 1, 1])
    without = fit(cold, IMAGES, **OPTIONS, runtime=runtime())
    # The first step, at weight 0, already goes elsewhere; the terms are recorded unweighted.
    assert not same_weights(warm, cold)
    assert history.curve("rate")[0] > without.curve("rate")[0]


def test_networks_run_in_the_runtimes_precision_and_weights_stay_float32():
    model, seen = small_vae(), []

    def note(decoder, args, output):
        if decoder.training:  # not the latent vector that is decoded to count pixels
            seen.append(output.dtype)

    model.decoder.register_forward_hook(note)
    reduced = Runtime(torch.device("cpu"), torch.bfloat16, threads=1)
    fit(model, IMAGES, **OPTIONS, held_out=IMAGES // 128, runtime=reduced)
    assert set(seen) == {torch.bfloat16}
    assert {p.dtype for p in model.parameters()} == {torch.float32}


def test_epoch_sums_its_terms():
    epoch = Epoch(80.0, 20.0, 1.0, 82.0, 21.0, 1.5)
    assert (epoch.negative_elbo, epoch.held_out_negative_elbo) == (100, 103)
