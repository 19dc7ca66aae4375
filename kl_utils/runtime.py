"""Where and how the models run: profile, device, threads and precision.

A :class:`Runtime` is chosen once, says in one line what it chose, and is handed to whatever
trains or evaluates a model.
"""

from contextlib import nullcontext
from dataclasses import dataclass

import joblib
import torch

from . import _settings
from ._arguments import require

PROFILES = ("smoke", "quick", "full")


def profile():
    """Return how much work a notebook should do: "smoke", "quick" or "full".

    ``smoke`` proves that the code runs, ``quick`` trains for a minute or two before the reader's
    eyes, ``full`` is what the published weights and results come from. The environment variable
    ``KL_UTILS_PROFILE`` chooses; the default is ``quick``.

    Raises
    ------
    ValueError
        If ``KL_UTILS_PROFILE`` names no profile.
    """
    return _settings.choice("KL_UTILS_PROFILE", PROFILES, default="quick")


def by_profile(**choices):
    """Return the choice for the current profile, as in ``by_profile(smoke=1, quick=12, full=200)``.

    Raises
    ------
    ValueError
        If a profile has no choice, or a choice belongs to no profile.
    """
    expected = f"one for each of {', '.join(PROFILES)}"
    require(set(choices) == set(PROFILES), "choices", expected, ", ".join(choices) or "none")
    return choices[profile()]


@dataclass(frozen=True)
class Runtime:
    """Where a model runs and in which precision.

    Attributes
    ----------
    device : torch.device
        Where the tensors live.
    network_dtype : torch.dtype
        Precision of the matrix products inside encoder and decoder: ``torch.bfloat16`` or
        ``torch.float32``. Everything else (densities, KL, losses, weights) is float32 always:
        a log-density computed from bfloat16 products can be wrong by most of a nat.
    threads : int
        CPU threads that torch uses.
    """

    device: torch.device
    network_dtype: torch.dtype
    threads: int

    @classmethod
    def detect(cls, device="auto", precision="auto"):
        """Choose device, precision and threads from what this machine has.

        Parameters
        ----------
        device : str
            ``"auto"`` takes CUDA, else Apple's MPS, else the CPU; or any torch device name.
        precision : {"auto", "float32", "bfloat16"}
            ``"auto"`` takes bfloat16 where the hardware multiplies it faster than float32.

        Raises
        ------
        ValueError
            If the device does not exist here, or the precision is not one of the three.
        """
        precisions = ("auto", "float32", "bfloat16")
        expected = f"one of {', '.join(precisions)}"
        require(precision in precisions, "precision", expected, repr(precision))
        device = _find_device(device)
        if precision == "auto":
            precision = "bfloat16" if _multiplies_bfloat16_fast(device) else "float32"
        threads = joblib.cpu_count()  # respects affinity and container quotas, as torch does not
        torch.set_num_threads(threads)
        return cls(device, getattr(torch, precision), threads)

    def autocast(self):
        """Return the context in which encoder and decoder run in ``network_dtype``."""
        if self.network_dtype == torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=self.network_dtype)

    def __str__(self):
        precision = str(self.network_dtype).removeprefix("torch.")
        networks = "everything" if precision == "float32" else "the networks"
        threads = f"{self.threads} CPU thread{'s' if self.threads != 1 else ''}"
        where = threads if self.device.type == "cpu" else str(self.device)
        rest = "" if precision == "float32" else ", float32 elsewhere"
        return f"{where}, {precision} in {networks}{rest}"


def full_precision(device):
    """Return the context in which a density is computed in float32, whatever the caller's is."""
    kind = torch.device(device).type
    if not torch.is_autocast_enabled(kind):
        return nullcontext()
    return torch.autocast(kind, enabled=False)


def _find_device(name):
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:  # an absent CUDA asserts
        raise ValueError(
            f"device: expected one that can be used here, got {name!r} ({error})"
        ) from error
    return device


def _multiplies_bfloat16_fast(device):
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        # Instructions for bfloat16 products; emulated ones are slower than float32.
        probes = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
        return any(getattr(torch.cpu, probe, bool)() for probe in probes)
    return False
