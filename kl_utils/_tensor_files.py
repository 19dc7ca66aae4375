"""Tensors in files that are written whole, and read only if they are as they were written.

A file is in the safetensors format. Its metadata are JSON; one entry, ``sha256``, is a digest of
everything else. The files that the course publishes are older than the digest and lack it.
"""

import hashlib
import json
import operator
import os
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from ._arguments import require


def save_tensors(path, tensors, metadata):
    """Write tensors and metadata; a kill at any moment leaves the old file or the new one, whole.

    Parameters
    ----------
    path : path
    tensors : dict of str to torch.Tensor
    metadata : dict
        Of what JSON can say. Integers may be NumPy's.
    """
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    texts = {key: json.dumps(value, default=operator.index) for key, value in metadata.items()}
    texts["sha256"] = json.dumps(_digest(tensors, texts))
    partial = Path(f"{path}.partial")
    save_file(tensors, partial, texts)
    os.replace(partial, path)


def load_tensors(path, keys):
    """Return the tensors of a file, on the CPU, and its metadata, which must have these keys.

    Raises
    ------
    ValueError
        If the file cannot be read, lacks a key, or is not as it was written. Names the file.
    """
    try:
        with safe_open(path, "pt") as file:
            texts = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        metadata = {key: json.loads(text) for key, text in texts.items()}
    except (SafetensorError, OSError, ValueError) as error:
        raise ValueError(f"{path}: expected a safetensors file, got: {error}") from error
    missing = [key for key in keys if key not in metadata]
    require(not missing, path, f"metadata with {', '.join(keys)}", f"none for {', '.join(missing)}")
    digest = metadata.pop("sha256", None)
    texts.pop("sha256", None)
    intact = digest is None or digest == _digest(tensors, texts)
    require(intact, path, f"content with SHA-256 {digest}", "other content: the file is damaged")
    return tensors, metadata


def check_fit(path, tensors, model):
    """Raise ValueError that names the first tensor in which a file and a model differ."""
    ours = model.state_dict()
    for name, tensor in ours.items():
        got = _kind(tensors[name]) if name in tensors else "nothing"
        require(got == _kind(tensor), f"{path}, {name}", f"{_kind(tensor)}, as in the model", got)
    for name in tensors:
        require(name in ours, f"{path}, {name}", "nothing, as in the model", _kind(tensors[name]))


def _kind(tensor):
    return f"{str(tensor.dtype).removeprefix('torch.')} of shape {tuple(tensor.shape)}"


def _digest(tensors, texts):
    digest = hashlib.sha256(json.dumps(texts, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name}: {_kind(tensor)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()
