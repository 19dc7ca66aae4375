"""What the benchmarks compute from their timings is right. No time itself is asserted."""

import json

import numpy as np
import pytest
import torch

from kl_utils.priors import MixturePrior
from kl_utils.vae import make_vae
from tools import ROOT
from tools.benchmarks import gaussian, priors, step, timing
from tools.commands import bench
from tools.course_text.notebook_files import machine_paths
from tools.provenance.cards import file_hash

PUBLISHED = ROOT / "book" / "_assets" / "bench"
REMEDY = "python -m tools.commands.bench --figures book/_assets/bench"


# ------------------------------------------------------------------------------- what is computed


def test_ways_take_turns_and_ratios_are_taken_round_by_round():
    """Under a drift that makes medians of seconds useless, the ratio of each round is exact."""
    turns, drift = [], iter([1e6] * 2 + [1.0, 2.0] + [300.0, 100.0] + [5.0, 10.0])

    def way(name):
        def seconds():
            turns.append(name)
            return next(drift)

        return seconds

    times = timing.take_turns({"a": way("a"), "b": way("b")}, rounds=3)
    assert turns == ["a", "b", "b", "a", "a", "b", "b", "a"]
    assert times["a"].tolist() == [2, 300, 10] and times["b"].tolist() == [1, 100, 5]
    assert timing.ratio(times, "a", "b") == (2, 2, 2.5)
    flat = timing.fields(a=timing.ratio(times, "a", "b"))
    assert flat == {"a": 2, "a_low": 2, "a_high": 2.5}
    assert timing.from_fields(flat, "a") == (2, 2, 2.5)


def test_every_matrix_product_of_a_step_is_counted():
    """Forward, by the weights, and by the input of each layer but the encoder's first."""
    batch, pixels, hidden, latent, components = 7, 784, 5, 3, 11
    sizes = {"latent_size": latent, "hidden_sizes": (hidden,)}
    inner = hidden * 2 * latent + latent * hidden + hidden * pixels
    flops = 2 * batch * (2 * pixels * hidden + 3 * inner)
    assert step.products_of_a_step(make_vae(**sizes), batch, "float32").flops == flops

    mixture = make_vae(**sizes, prior="mixture", n_components=components)
    products = step.products_of_a_step(mixture, batch, "float32")
    assert products.flops == flops + 2 * batch * 3 * 2 * latent * components

    with step.Products() as again:
        products.repeat()
    assert again.flops == products.flops and len(again.calls) == len(products.calls)


def test_the_share_of_peak_and_the_parts_of_a_step():
    """At 100 operations a second, 600 of a step of 10 s take 6 s, or 8 s at their own shapes."""
    times = {
        ("float32", "step"): np.array([10.0, 20.0]),
        ("float32", "products"): np.array([8.0, 16.0]),
        ("float32", 10): np.array([20.0, 40.0]),  # 2 · 10³ operations
        ("float32", 5): np.array([10.0, 10.0]),
        ("float32", "optimizer"): np.array([0.5, 1.0]),
        "batch": np.array([0.1, 0.2]),
    }
    shares = step.against_peak(times, "float32", 600)
    assert shares["float32_share"] == pytest.approx(0.6)
    assert shares["float32_products_share"] == pytest.approx(0.75)
    assert shares["float32_peak_gflops"] == pytest.approx(75e-9)
    parts = step.parts_of_a_step(times, "float32", 600)
    assert list(parts.values()) == pytest.approx([0.6, 0.2, 0.01, 0.05, 0.14])
    times["float32", "products"] /= 4  # then these are the fastest
    assert step.against_peak(times, "float32", 600)["float32_products_share"] == 1


def test_ways_that_do_not_compute_the_same_are_not_timed(monkeypatch):
    prior, z = MixturePrior(3, 4), torch.randn(5, 3, requires_grad=True)
    priors.check_agreement(prior, z)
    monkeypatch.setitem(priors.WAYS, "broadcast", lambda p, z: 1.01 * p.log_prob(z))
    with pytest.raises(AssertionError, match="broadcast"):
        priors.check_agreement(prior, z)

    functions, arguments = gaussian.cases()["kl_diagonal, 512×40"]
    arguments = [argument.clone().requires_grad_() for argument in arguments]
    gaussian.check_agreement(functions, arguments)
    functions["textbook"] = lambda *args: functions["ours"](*args).detach() + 0 * args[0].sum(-1)
    with pytest.raises((AssertionError, RuntimeError)):
        gaussian.check_agreement(functions, arguments)


# ------------------------------------------------------------------------------- what is published


@pytest.mark.long
def test_small_benchmarks_end_in_figures(tmp_path, capsys):
    """All but the training loops, small: every figure is drawn from what the parts return."""
    entries = [entry for part in ("step", "priors", "sizes", "gaussian")
               for entry in bench.measure(part, "smoke")[0]]  # fmt: skip
    (tmp_path / bench.RESULTS).write_text(json.dumps(entries))
    bench.draw(tmp_path)
    check_figures(tmp_path)


def test_a_precision_that_is_slow_fits_into_the_figure():
    """Without instructions for bfloat16, or beside a busy neighbour, its step may take 30 times."""
    parts = {"float32": dict.fromkeys("abcde", 0.2), "bfloat16": dict.fromkeys("abcde", 6)}
    entry = {"parts": parts, "float32_share": 0.5, "bfloat16_share": 0.02}
    figure = bench.FIGURES["1_step"]({"bench-step": entry})
    figure.canvas.draw()  # warns of what does not fit
    assert figure.axes[0].get_xlim()[1] > 30
    bench.matplotlib.pyplot.close(figure)


def check_figures(folder):
    drawn = {path.name: path.read_text("utf-8") for path in folder.glob("*.svg")}
    assert set(drawn) == {f"{name}.svg" for name in bench.FIGURES}
    results = file_hash(folder / bench.RESULTS)
    assert all(results in text for text in drawn.values()), "run tools.commands.bench --draw on it"


def test_published_benchmarks_match_their_figures():
    if not (PUBLISHED / bench.RESULTS).exists():
        pytest.skip(f"nothing is published; {REMEDY} publishes")
    text = (PUBLISHED / bench.RESULTS).read_text("utf-8")
    assert machine_paths(text) == []
    card = json.loads(text)[0]["run_card"]
    assert card["profile"] == "full"
    check_figures(PUBLISHED)
