"""Time a training step against its matrix products at the peak of the machine.

What no implementation can save are the products of encoder and decoder. The *share of peak* is the
time that they would take at the rate of the fastest large matrix product, measured in the same
rounds, over the time of the whole step.
"""

import time

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from kl_utils.data import binarize
from kl_utils.runtime import Runtime
from kl_utils.training import fit
from kl_utils.vae import PIXELS, make_vae
from tools.provenance.recipes import NETWORKS, RUNS

from .timing import clocked, fields, from_fields, ratio, spread, take_turns

BATCH_SIZE = RUNS["vae-standard"]["training"]["batch_size"]
SIZES = {  # rounds, steps a round, batch size, sides of the squares whose product shows the peak
    "smoke": (2, 1, 32, (64, 128)),
    "full": (15, 32, BATCH_SIZE, (1024, 2048)),
}


def precisions():
    """Return the names of the precisions that this machine multiplies fast, float32 first."""
    best = str(Runtime.detect().network_dtype).removeprefix("torch.")
    return list(dict.fromkeys(["float32", best]))


def random_images(n, seed=0):
    """Return bytes to train on, shape ``(n, PIXELS)``: a step costs the same whatever they show."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(256, (n, PIXELS), dtype=torch.uint8, generator=generator)


def training_step(model, batch_size, steps, precision):
    """Return a way to time: mean seconds of the steps that ``fit`` makes.

    A step lasts from one drawing of a batch to the next, so what ``fit`` does once an epoch is not
    counted; nor is the first step, in which the optimizer makes its state.
    """
    images, runtime = random_images((steps + 2) * batch_size), Runtime.detect(precision=precision)

    def seconds():
        starts = []

        def binarize_and_note(images, generator):
            starts.append(time.perf_counter())
            return binarize(images, generator)

        fit(
            model,
            images,
            epochs=1,
            batch_size=batch_size,
            learning_rate=1e-4,
            stick_the_landing=True,
            prepare=binarize_and_note,
            runtime=runtime,
            progress=False,
        )
        return (starts[-1] - starts[1]) / steps

    return seconds


class Products(TorchDispatchMode):
    """While active, remembers every matrix product that torch does; ``repeat`` does them again."""

    _KINDS = (torch.ops.aten.mm.default, torch.ops.aten.addmm.default)

    def __init__(self):
        super().__init__()
        self.calls = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func in self._KINDS:
            self.calls.append((func, tuple(a.detach() for a in args)))
        return func(*args, **(kwargs or {}))

    @property
    def flops(self):
        """Floating-point operations: 2·m·n·k for a product of (m, k) and (k, n)."""
        pairs = (args[-2:] for _, args in self.calls)
        return sum(2 * a.shape[0] * a.shape[1] * b.shape[1] for a, b in pairs)

    @torch.no_grad()
    def repeat(self):
        """Do the same products once more."""
        for product, args in self.calls:
            product(*args)


def products_of_a_step(model, batch_size, precision):
    """Return the matrix products of one training step, forward and backward."""
    x, runtime = random_images(batch_size) / 255, Runtime.detect(precision=precision)
    with Products() as products:
        with runtime.autocast():
            distortion, rate = model.elbo_terms(x)
        (distortion + rate).mean().backward()
    return products


def square_product(side, dtype):
    """Return a way to time: the product of two square matrices."""
    a, b = torch.randn(2, side, side).to(dtype)
    out = torch.empty_like(a)
    return clocked(lambda: torch.mm(a, b, out=out), at_least=0.03)


def peak_rate(times, precision, flops):
    """Return the highest rate of each round, of a square product or of the step's own products.

    Parameters
    ----------
    times : dict
        Seconds by precision and way, shape ``(rounds,)``; a way is ``"products"`` or the side of
        a square.
    precision : str
    flops : int
        Operations of the step's own products.

    Returns
    -------
    array, shape (rounds,)
        Operations a second.
    """
    squares = [key for key in times if key[0] == precision and isinstance(key[1], int)]
    rates = [2 * side**3 / times[precision, side] for _, side in squares]
    return np.max([flops / times[precision, "products"], *rates], axis=0)


def measure(profile):
    """Return what a training step of the book's models costs, and on what it is spent.

    The parts of a step (the products at peak, what they lose to it at their own shapes, drawing a
    batch, the optimizer, and the rest) are medians in units of the float32 step.
    """
    rounds, steps, batch_size, sides = SIZES[profile]
    images, generator = random_images(10 * batch_size), torch.Generator()
    order = torch.randperm(len(images))[:batch_size]
    ways = {"batch": clocked(lambda: binarize(images[order], generator).float())}
    flops = {}
    for precision in precisions():
        model = make_vae(**NETWORKS)
        products = products_of_a_step(model, batch_size, precision)
        adam = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)
        flops[precision] = products.flops
        ways[precision, "step"] = training_step(make_vae(**NETWORKS), batch_size, steps, precision)
        ways[precision, "products"] = clocked(products.repeat)
        ways[precision, "optimizer"] = clocked(adam.step)
        for side in sides:
            ways[precision, side] = square_product(side, getattr(torch, precision))
    times = take_turns(ways, rounds, "training step")
    entry = {"name": "bench-step", "batch_size": batch_size, "gflop": flops["float32"] / 1e9}
    entry |= {"parts": {}}
    for precision in flops:
        entry |= against_peak(times, precision, flops[precision])
        entry["parts"][precision] = parts_of_a_step(times, precision, flops[precision])
    if "bfloat16" in flops:
        faster = ratio(times, ("float32", "step"), ("bfloat16", "step"))
        entry |= fields(bfloat16_faster=faster)
    return [entry]


def against_peak(times, precision, flops):
    """Return milliseconds of a step, the peak, and the shares of it, of step and products."""
    rate = peak_rate(times, precision, flops)
    return fields(
        **{
            f"{precision}_milliseconds": spread(1e3 * times[precision, "step"]),
            f"{precision}_peak_gflops": spread(rate / 1e9),
            f"{precision}_share": spread(flops / rate / times[precision, "step"]),
            f"{precision}_products_share": spread(flops / rate / times[precision, "products"]),
        }
    )


def parts_of_a_step(times, precision, flops):
    """Return what a step spends its time on, in units of the float32 step of the same round."""
    step, products = times[precision, "step"], times[precision, "products"]
    at_peak = flops / peak_rate(times, precision, flops)
    parts = {
        "products at peak": at_peak,
        "products, beyond that": products - at_peak,
        "drawing a batch": times["batch"],
        "optimizer": times[precision, "optimizer"],
    }
    parts["activations, loss, the rest"] = step - sum(parts.values())
    return {name: spread(part / times["float32", "step"]).median for name, part in parts.items()}


def table(entries):
    """Return the entries as text."""
    (entry,) = entries
    lines = [
        f"A training step: batch {entry['batch_size']}, {entry['gflop']:.2f} GFLOP in products"
    ]
    for precision, parts in entry["parts"].items():
        milliseconds, peak, share, products = (
            from_fields(entry, f"{precision}_{name}")
            for name in ("milliseconds", "peak_gflops", "share", "products_share")
        )
        lines.append(
            f"{precision}: {milliseconds} ms; peak {peak.median:.0f} GFLOP/s; share of peak "
            f"{share}, of the products alone {products}"
        )
        lines += [f"    {share:6.1%}  {name}" for name, share in parts.items()]
    if "bfloat16_faster" in entry:
        faster = from_fields(entry, "bfloat16_faster")
        lines.append(f"float32 step over bfloat16 step: {faster}")
    return "\n".join(lines)
