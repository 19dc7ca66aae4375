"""Run the notebooks and store their outputs and run cards (``make execute``).

Each notebook runs from top to bottom in a fresh kernel. It is only written when all of it ran and
its outputs are fit to publish; otherwise the file stays as it was.

    python -m tools.commands.execute                        every chapter, quick profile
    python -m tools.commands.execute notebooks/06_x.ipynb   one chapter
    python -m tools.commands.execute --check                run again, compare with what is stored

Alt text is written once: as ``alt`` in the metadata of the cell that draws, or in those of the
displayed image. It is copied to where MyST-NB looks for it.
"""

import argparse
import base64
import copy
import inspect
import io
import json
import os
import re
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from PIL import Image

from kl_utils.data import DataUnavailable, load_images
from tools import ROOT
from tools.course_text.notebook_files import (
    WIDGET,
    code_cells,
    fold_of,
    image_outputs,
    machine_paths,
    source_of,
    text_of,
    where,
)
from tools.provenance.cards import outputs_hash, run_card
from tools.provenance.comparisons import changes

NOTEBOOKS = ROOT / "notebooks"
KEPT_CELL_METADATA = ("alt", "jupyter", "mystnb", "nbgrader", "tags")
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}
PROGRESS_BAR = re.compile(r"(\d+%\|.*|\d+ ?\w*) \[[\d:]+[<,].*\]\s*$")


class NotFit(Exception):
    """A notebook could not be run, or has outputs that can't be published."""


def run(path, profile, timeout):
    """Run a notebook in memory; return it with clean outputs and its run card.

    Raises
    ------
    NotFit
        If a cell fails, or wrote what can't be published.
    """
    notebook = nbformat.read(path, as_version=4)
    started = time.perf_counter()
    facts = run_cells(notebook, Path(path).parent, profile, timeout)
    seconds = time.perf_counter() - started
    clean(notebook)
    if problems := problems_of(notebook):
        raise NotFit("\n".join(problems))
    notebook.metadata["run_card"] = card(notebook, facts, profile, seconds)
    return notebook


def run_cells(notebook, folder, profile, timeout):
    """Run all cells in a fresh kernel, in place; return what the kernel tells at the end."""
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # it warns of local connections
    )
    question = f"{inspect.getsource(kernel_facts)}\nprint(kernel_facts(globals()))"
    question = nbformat.v4.new_code_cell(question)
    with (
        tempfile.TemporaryDirectory() as no_settings,
        client.setup_kernel(env=kernel_environment(profile, no_settings)),
    ):
        try:
            for index, cell in enumerate(notebook.cells):
                client.execute_cell(cell, index)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise NotFit(f"{where(notebook, cell)}: {error}") from None
        notebook.cells.append(question)  # the client wants a place for it
        client.execute_cell(question, len(notebook.cells) - 1, store_history=False)
        notebook.cells.pop()
    facts = json.loads(question.outputs[0].text)
    if facts["prefix"] != sys.prefix:
        raise NotFit(f"the kernel runs in {facts['prefix']}, but this script in {sys.prefix}")
    return facts


def kernel_environment(profile, settings_folder):
    """Return the kernel's environment: this one, without what would change the outputs."""
    environment = {**os.environ, "KL_UTILS_PROFILE": profile, "IPYTHONDIR": settings_folder}
    environment.pop("MPLBACKEND", None)
    if "KL_UTILS_DATA" in environment:  # it may be relative, and the kernel runs elsewhere
        environment["KL_UTILS_DATA"] = os.path.abspath(environment["KL_UTILS_DATA"])
    return environment


def kernel_facts(names):
    """Return as JSON what only the kernel knows. Runs there, after the last cell."""
    import gc
    import json
    import sys

    data = {
        (thing.name, thing.sha256)
        for thing in gc.get_objects()
        if type(thing).__module__ == "kl_utils.data" and hasattr(thing, "sha256")
    }
    try:
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // 10**6
    except ImportError:  # there is no such module on Windows
        peak = None
    seed = names.get("seed", names.get("SEED"))
    facts = {"data": sorted(data), "seed": seed if isinstance(seed, int) else None}
    return json.dumps(facts | {"peak_memory_mb": peak, "prefix": sys.prefix})


def clean(notebook):
    """Remove what changes from run to run, in place: progress bars and volatile metadata."""
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    for cell in notebook.cells:
        kept = {key: cell.metadata[key] for key in KEPT_CELL_METADATA if key in cell.metadata}
        cell.metadata = nbformat.from_dict(kept)
    for cell in code_cells(notebook):
        cell.metadata |= copy.deepcopy(fold_of(cell))
        cell.outputs = [output for output in map(without_progress, cell.outputs) if output]
        for output in image_outputs(cell):
            if "image/png" in output.data:
                output.data["image/png"] = smaller(output.data["image/png"])
        images = [output.metadata.get("image/png", {}) for output in image_outputs(cell)]
        alts = [image["alt"] for image in images if "alt" in image] or [cell.metadata.get("alt")]
        if images and alts[0]:
            cell.metadata.setdefault("mystnb", {}).setdefault("image", {})["alt"] = alts[0]


def smaller(png):
    """Return a PNG, in base64, with 256 colours at most: a third of the weight, to the same eye."""
    drawn = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    file = io.BytesIO()
    drawn.quantize(256, kmeans=1, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    packed = base64.b64encode(file.getvalue()).decode()
    return min(packed, png, key=len)


def without_progress(output):
    """Return an output without progress bars; None if nothing else is in it."""
    if output.output_type == "stream" and output.name == "stderr":
        lines = output.text.splitlines(keepends=True)
        output.text = "".join(line for line in lines if not PROGRESS_BAR.search(line))
        return output if output.text.strip() else None
    if WIDGET in output.get("data", {}):
        return None if PROGRESS_BAR.search(output.data.get("text/plain", "")) else output
    return output


def problems_of(notebook):
    """Return what makes outputs unfit to publish, one sentence each."""
    problems = []
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.get("name") == "stderr":
                problems.append(f"{where(notebook, cell)} wrote to stderr:\n{output.text}")
            if WIDGET in output.get("data", {}):
                problems.append(f"{where(notebook, cell)} shows a widget, which a page can't")
        for path in machine_paths(text_of(cell), ROOT, Path.home(), sys.prefix):
            problems.append(f"{where(notebook, cell)} prints a path of this machine: {path}")
    return problems


def card(notebook, facts, profile, wall_seconds):
    """Return the run card of a notebook that has just run."""
    if len(facts["data"]) > 1:
        raise NotFit(f"it used several data sets: {facts['data']}")
    if "load_images(" in source_of(notebook) and not facts["data"]:
        raise NotFit("it calls load_images but keeps no reference to what that returned")
    data = [SimpleNamespace(name=name, sha256=sha256) for name, sha256 in facts["data"]]
    return run_card(
        profile=profile,
        seed=facts["seed"],
        data=data[0] if data else None,
        wall_seconds=wall_seconds,
        peak_memory_mb=facts["peak_memory_mb"],
        outputs=outputs_hash(notebook),
    )


def missing_data(notebook):
    """Return the name of the data that a notebook was run with, if they can't be had here."""
    used = notebook.metadata.get("run_card", {}).get("data")
    try:
        if used:
            load_images(used["name"])
    except DataUnavailable:
        return used["name"].upper()
    return None


def write(notebook, path, read_before):
    """Replace a notebook file, unless somebody changed it since it was read."""
    if not path.exists() or path.read_bytes() != read_before:
        raise NotFit("the file was changed while it ran")
    nbformat.validate(notebook)
    partial = path.with_suffix(".partial")
    nbformat.write(notebook, partial)
    os.replace(partial, path)


def treat(path, options):
    """Run a notebook, then write or compare it; return what to say, and whether all went well."""
    before = path.read_bytes()
    if options.check and (missing := missing_data(nbformat.read(path, as_version=4))):
        return f"not compared: it needs {missing}", True
    try:
        notebook = run(path, options.profile, options.timeout)
        differing = []
        if options.check:
            differing = changes(nbformat.reads(before.decode(), as_version=4), notebook)
        else:
            write(notebook, path, before)
    except NotFit as error:
        return f"{'not compared' if options.check else 'not written'}:\n{error}", False
    its_card = notebook.metadata.run_card
    data = its_card.data.name if its_card.data else "no data"
    ran = f"{its_card.wall_seconds} s, {its_card.peak_memory_mb} MB, {data}"
    return "\n".join([ran, *differing]), not differing


def treated(paths, options):
    """Yield what :func:`treat` says of each notebook. Ctrl-C reaches all processes, and kernels."""
    with ProcessPoolExecutor(options.jobs) as pool:
        yield from pool.map(partial(treat, options=options), paths)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all in notebooks/")
    parser.add_argument("--profile", choices=("smoke", "quick", "full"), default="quick")
    parser.add_argument("--timeout", type=int, default=600, help="seconds a cell may take")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("--jobs", type=int, default=1, help="notebooks that run side by side")
    options = parser.parse_args()
    paths = options.notebooks or sorted(NOTEBOOKS.glob("*.ipynb"))
    if missing := [str(path) for path in paths if not path.is_file()]:
        parser.error(f"no such notebook: {', '.join(missing)}")
    results, failed = treated(paths, options), False
    for path in paths:
        print(f"{path.name} …", end=" ", flush=True)
        try:
            words, well = next(results)
        except KeyboardInterrupt:
            print("interrupted, not written")
            return 130
        print(words, flush=True)
        failed = failed or not well
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
