"""Checkpoints: a training run in a file, to go on from after an interrupt or a kill.

A checkpoint is written whole, and loaded only if all of it fits: its digest, the settings of the
run, the names and shapes of its tensors. Until then, nothing of the run is overwritten.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from ._arguments import require
from ._tensor_files import check_fit, load_tensors, save_tensors
from .history import Epoch, History


@dataclass
class TrainingState:
    """Everything that changes while a model trains, so all that a checkpoint has to hold."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    generator: torch.Generator
    history: History


def check_place(checkpoint):
    """Raise ValueError unless a checkpoint can be written there, before a step is trained."""
    path = Path(checkpoint)
    require(not path.is_dir(), "checkpoint", "a file", f"the folder {path}")
    require(path.parent.is_dir(), "checkpoint", "a file in a folder that exists", path)


def save_checkpoint(path, state, settings):
    """Write a checkpoint; a kill at any moment leaves the old file or the new one, whole.

    Parameters
    ----------
    path : path
    state : TrainingState
    settings : dict
        What makes this run another than others, as JSON can say it.
    """
    optimizer = state.optimizer.state_dict()
    tensors = {f"model.{name}": value for name, value in state.model.state_dict().items()}
    for parameter, moments in optimizer["state"].items():
        tensors |= {f"optimizer.{parameter}.{name}": t for name, t in moments.items()}
    tensors["generator"] = state.generator.get_state()
    metadata = {
        "settings": settings,
        "history": state.history.epochs,
        "param_groups": optimizer["param_groups"],
        "schedule": state.schedule.state_dict(),
    }
    save_tensors(path, tensors, metadata)


def load_checkpoint(path, state, settings):
    """Bring a state to where a checkpoint of the same run was, or leave it as it is.

    Parameters
    ----------
    path : path
    state : TrainingState
    settings : dict
        As they were given to :func:`save_checkpoint`.

    Raises
    ------
    ValueError
        If the file is no whole checkpoint, or belongs to another run or another model. Names the
        file, and the first setting or tensor that differs.
    """
    keys = ("settings", "history", "param_groups", "schedule", "sha256")
    tensors, metadata = load_tensors(path, keys)
    theirs = metadata["settings"]
    for name, value in settings.items():
        got = f"one with {theirs.get(name)!r}"
        expected = f"the checkpoint of a run with {name} {value!r}"
        require(theirs.get(name) == value, path, expected, got)
    weights, moments = {}, {}
    for key, tensor in tensors.items():
        kind, _, rest = key.partition(".")
        if kind == "model":
            weights[rest] = tensor
        elif kind == "optimizer":
            parameter, _, name = rest.partition(".")
            moments.setdefault(int(parameter), {})[name] = tensor
    check_fit(path, weights, state.model)
    ours, groups = state.optimizer.state_dict()["param_groups"], metadata["param_groups"]
    sizes, expected = ([len(group["params"]) for group in part] for part in (groups, ours))
    require(sizes == expected, path, f"an optimizer of {expected} parameters", sizes)

    state.model.load_state_dict(weights)
    state.optimizer.load_state_dict({"state": moments, "param_groups": groups})
    state.schedule.load_state_dict(metadata["schedule"])
    state.generator.set_state(tensors["generator"])
    state.history.epochs[:] = [Epoch(*epoch) for epoch in metadata["history"]]
