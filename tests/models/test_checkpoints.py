"""Checkpoints and weights are whole, and loaded only into a model that they fit."""

import json
import struct

import numpy as np
import pytest
import safetensors.torch
import torch

from kl_utils import _tensor_files
from kl_utils.data import binarize
from kl_utils.pretrained import FOLDER, load_pretrained, save_pretrained
from kl_utils.training import fit
from kl_utils.vae import make_vae
from tests.models.training_cases import IMAGES, OPTIONS, runtime, same_weights, small_vae

SETTINGS = {"latent_size": 3, "hidden_sizes": (8,), "seed": 0}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a whole checkpoint."""
    path = tmp_path_factory.mktemp("whole") / "run.safetensors"
    fit(small_vae(), IMAGES, **OPTIONS, runtime=runtime(), checkpoint=path)
    return path.read_bytes()


def resume(path, images=IMAGES, model=None, **options):
    model = model or small_vae()
    options = OPTIONS | {"runtime": runtime()} | options
    return fit(model, images, **options, checkpoint=path, resume=True)


def test_failure_while_writing_a_checkpoint_keeps_the_old_one(tmp_path, monkeypatch, whole):
    path = tmp_path / "run.safetensors"
    path.write_bytes(whole)

    def half_written(tensors, filename, metadata):
        filename.write_bytes(b"half a file")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_tensor_files, "save_file", half_written)
    with pytest.raises(OSError, match="No space left"):
        fit(small_vae(), IMAGES, **OPTIONS, runtime=runtime(), checkpoint=path)
    assert path.read_bytes() == whole


def other_prepare(images, generator):
    return binarize(images, generator)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 2}, "a run with seed 2, got one with 1"),
        ({"learning_rate": 1e-3}, "a run with learning_rate 0.001, got one with 0.002"),
        ({"images": IMAGES[::-1].copy()}, "a run with images_sha256"),
        (
            {"prepare": other_prepare},
            r"a run with prepare '[\w.]*test_checkpoints\.other_prepare', got one",
        ),
    ],
    ids=["seed", "learning rate", "images", "prepare"],
)
def test_checkpoint_of_another_run_is_refused(tmp_path, whole, changes, message):
    path = tmp_path / "run.safetensors"
    path.write_bytes(whole)
    with pytest.raises(ValueError, match=f"run.safetensors: expected the checkpoint of {message}"):
        resume(path, **changes)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"hidden_sizes": (9,)}, r"encoder\.0\.weight: expected float32 of shape \(9, 784\), as"),
        ({"hidden_sizes": (8, 8)}, r"encoder\.2\.weight: expected float32 of shape \(8, 8\), as"),
        ({"prior": "mixture", "n_components": 2}, r"prior\.weight_logits: .* got nothing"),
    ],
)
def test_another_architecture_is_refused_before_a_tensor_is_overwritten(
    tmp_path, whole, sizes, message
):
    path = tmp_path / "run.safetensors"
    path.write_bytes(whole)
    model, untouched = (make_vae(**SETTINGS | sizes) for _ in range(2))
    with pytest.raises(ValueError, match=message):
        resume(path, model=model)
    assert same_weights(model, untouched)


def flipped(data):
    """One bit of the last tensor is another."""
    return data[:-1] + bytes([data[-1] ^ 1])


def renamed_key(key):
    """In the metadata, a key has another name of the same length."""
    return lambda data: data.replace(f'"{key}":'.encode(), f'"{key[::-1]}":'.encode(), 1)


def other_number(data):
    """In the metadata, one number of the history is another."""
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    start = header["__metadata__"]["history"][2:10]
    return data.replace(start.encode(), start[::-1].encode(), 1)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (flipped, "expected content with SHA-256 .*, got other content: the file is damaged"),
        (other_number, "the file is damaged"),
        (lambda data: data[:1000], "expected a safetensors file, got"),
        (lambda data: b"", "expected a safetensors file, got"),
        (renamed_key("history"), "expected metadata with settings, history, .* none for history"),
        (renamed_key("sha256"), "expected metadata with .*, got none for sha256"),
        (lambda data: safetensors.torch.save({"weight": torch.zeros(2)}), "expected metadata with"),
    ],
)
def test_damaged_checkpoints_are_refused_by_name(tmp_path, whole, damage, message):
    path = tmp_path / "run.safetensors"
    path.write_bytes(damage(whole))
    assert path.read_bytes() != whole
    model = small_vae()
    with pytest.raises(ValueError, match=message) as refused:
        resume(path, model=model)
    assert str(path) in str(refused.value)
    assert same_weights(model, small_vae())


def test_a_function_without_a_name_has_no_checkpoint(tmp_path):
    """Two lambdas have one name, so a run could go on with the other one's images."""
    with pytest.raises(ValueError, match="prepare: expected a function with a name"):
        fit(
            small_vae(), IMAGES, **OPTIONS, runtime=runtime(), checkpoint=tmp_path / "run",
            prepare=lambda images, generator: images // 128,
        )  # fmt: skip


@pytest.mark.parametrize("place", ["missing/run.safetensors", "."])
def test_a_place_without_room_for_a_checkpoint_is_refused_before_the_first_step(tmp_path, place):
    with pytest.raises(ValueError, match="checkpoint: expected a file"):
        fit(
            small_vae(), IMAGES, **OPTIONS, runtime=runtime(), checkpoint=tmp_path / place,
            prepare=lambda images, generator: pytest.fail("a step was trained"),
        )  # fmt: skip


def test_numpy_integers_make_the_same_run(tmp_path, whole):
    """The checkpoint of a run with Python's integers goes on with NumPy's, and the other way."""
    path = tmp_path / "run.safetensors"
    path.write_bytes(whole)
    numbers = {name: np.int64(OPTIONS[name]) for name in ("epochs", "batch_size", "seed")}
    assert len(resume(path, **numbers).epochs) == 4
    fit(small_vae(), IMAGES, **OPTIONS | numbers, runtime=runtime(), checkpoint=path)
    assert len(resume(path).epochs) == 4


def test_weights_are_refused_if_a_byte_differs_or_they_do_not_fit(tmp_path):
    model, path = small_vae(), tmp_path / "small.safetensors"
    history = fit(model, IMAGES, **OPTIONS, runtime=runtime())
    save_pretrained("small", model, SETTINGS, history, tmp_path)
    again = load_pretrained("small", tmp_path)
    assert same_weights(again.model, model)
    assert repr(again.history) == repr(history)  # nan is not equal to itself

    saved = path.read_bytes()
    path.write_bytes(flipped(saved))
    with pytest.raises(ValueError, match=r"small\.safetensors: .* the file is damaged"):
        load_pretrained("small", tmp_path)
    save_pretrained("small", model, SETTINGS | {"latent_size": 4}, history, tmp_path)
    with pytest.raises(ValueError, match=r"small\.safetensors, encoder\.2\.weight: expected"):
        load_pretrained("small", tmp_path)
    save_pretrained("small", make_vae(3, (8,), "mixture", 2), SETTINGS, history, tmp_path)
    with pytest.raises(
        ValueError, match=r"prior\.log_vars: expected nothing, as in the model, got"
    ):
        load_pretrained("small", tmp_path)
    path.write_bytes(renamed_key("history")(saved))
    with pytest.raises(ValueError, match="expected metadata with model, history, got none for"):
        load_pretrained("small", tmp_path)
    with pytest.raises(ValueError, match="settings, prior: expected a name in PRIORS"):
        save_pretrained("small", model, {"prior": model.prior}, history, tmp_path)


def test_published_weights_are_compared_with_their_run_card(tmp_path):
    """The published files hold no digest of their own."""
    for name in ("vae-plane.safetensors", "vae-plane.card.json"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    load_pretrained("vae-plane", tmp_path)
    path = tmp_path / "vae-plane.safetensors"
    path.write_bytes(flipped(path.read_bytes()))
    with pytest.raises(ValueError, match=r"expected SHA-256 \w+, as on vae-plane\.card\.json"):
        load_pretrained("vae-plane", tmp_path)
