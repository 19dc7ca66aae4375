"""Small images and models to train on, and ways to stop a training in its course."""

import functools

import numpy as np
import torch

from kl_utils.data import binarize
from kl_utils.likelihoods import Bernoulli
from kl_utils.runtime import Runtime
from kl_utils.vae import make_vae

IMAGES = np.random.default_rng(0).integers(0, 256, (64, 784), dtype=np.uint8)
OPTIONS = {"epochs": 4, "batch_size": 16, "seed": 1, "progress": False}


def small_vae():
    return make_vae(latent_size=3, hidden_sizes=(8,), seed=0)


def runtime():
    torch.set_num_threads(1)  # the tests run side by side
    return Runtime(torch.device("cpu"), torch.float32, threads=1)


class Stop:
    """Binarises, and calls ``action`` once at a given step. A checkpoint takes it for the usual."""

    def __init__(self, step, action):
        functools.update_wrapper(self, Bernoulli.prepare)
        self.step, self.action = step, action

    def __call__(self, images, generator):
        if self.step == 0:
            self.action()
        self.step -= 1
        return binarize(images, generator)


def raise_interrupt():
    raise KeyboardInterrupt


def same_weights(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
