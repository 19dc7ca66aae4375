"""Time what the course computes (``make bench``), and draw the figures of it that the book shows.

python -m tools.commands.bench                              print, write _build/bench
python -m tools.commands.bench step                         one part, print only
python -m tools.commands.bench --figures book/_assets/bench write what the book shows
python -m tools.commands.bench --draw book/_assets/bench    draw again what was timed before
"""

import argparse
import json
import platform
import time
from pathlib import Path

import matplotlib
import torch

from kl_utils.figures import benchmarks
from kl_utils.runtime import Runtime
from tools import ROOT
from tools.benchmarks import gaussian, priors, sizes, step, training
from tools.provenance.cards import file_hash, run_card, save_card

PARTS = {
    "step": step,
    "priors": priors,
    "sizes": sizes,
    "gaussian": gaussian,
    "loop": training,
}
FIGURES = {  # by file name, in the order of the page
    "1_step": benchmarks.step,
    "2_mixture": benchmarks.mixture,
    "3_sizes": benchmarks.sizes,
    "4_gaussian": benchmarks.gaussian,
}
RESULTS = "bench.json"


def measure(part, profile):
    """Time one part; return its entries for the results file and their text."""
    entries = PARTS[part].measure(profile)
    return entries, PARTS[part].table(entries)


def machine():
    """Return an entry that describes this machine, without the names of anything on it."""
    return {
        "name": "bench-machine",
        "processor": processor(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": Runtime.detect().threads,
    }


def processor():
    """Return the processor's name, as far as the system tells it."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def draw(folder):
    """Draw every figure of the results in a folder, each marked with the results that it shows."""
    results = folder / RESULTS
    entries = {entry["name"]: entry for entry in json.loads(results.read_text("utf-8"))}
    metadata = {"Source": f"{RESULTS} {file_hash(results)}", "Date": None}
    with matplotlib.rc_context({"svg.hashsalt": "bench"}):  # the same file each time
        for name, figure in FIGURES.items():
            figure(entries).savefig(folder / f"{name}.svg", metadata=metadata)
    matplotlib.pyplot.close("all")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"{', '.join(PARTS)} (default: all, and write)")
    parser.add_argument("--profile", choices=("smoke", "full"), default="full")
    parser.add_argument("--figures", type=Path, default=ROOT / "_build" / "bench", help="where to")
    parser.add_argument("--draw", type=Path, help="only draw the results of this folder")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(
            f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}"
        )
    if options.draw:
        return draw(options.draw)
    print(
        f"torch {torch.__version__}, {processor()}; medians, and quartiles in brackets", flush=True
    )
    started, results = time.perf_counter(), [machine()]
    for part in options.parts or PARTS:
        entries, text = measure(part, options.profile)
        print(f"\n{text}", flush=True)
        results += entries
    if options.parts:
        return None
    results[0]["run_card"] = run_card(
        profile=options.profile,
        seed=0,
        data=None,
        wall_seconds=time.perf_counter() - started,
    )
    options.figures.mkdir(parents=True, exist_ok=True)
    save_card(options.figures / RESULTS, results)
    draw(options.figures)
    print(f"\nResults and figures: {options.figures}")


if __name__ == "__main__":
    main()
