"""What is published carries a run card that vouches for it; what writes outputs works."""

import base64
import io
import json
import sys

import nbformat
import numpy as np
import pytest
from PIL import Image

from tools import ROOT
from tools.commands.execute import main, smaller
from tools.course_text.notebook_files import machine_paths, published
from tools.provenance.cards import (
    card_path,
    faults_of_card,
    file_hash,
    outputs_hash,
    read_card,
    run_card,
)

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PRETRAINED = ROOT / "kl_utils" / "pretrained"
WEIGHTS = sorted(PRETRAINED.glob("*.safetensors"))
CARDS = sorted(PRETRAINED.glob("*.card.json"))

# ----------------------------------------------------------------------------- what is published


def test_something_is_published():
    """The tests below run once a file: without files they would pass for nothing."""
    assert NOTEBOOKS, "there is no chapter in notebooks/"
    assert WEIGHTS, "there are no weights in kl_utils/pretrained/; make train writes them"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_shows_the_outputs_of_its_run(path):
    notebook = published(path)
    if notebook is None:
        pytest.skip("a reader's copy, and git has no other")
    reasons = faults_of_card(notebook) + unfit(notebook.metadata.get("run_card"), "quick")
    assert not reasons, message(path, reasons, "make execute")


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.name)
def test_training_run_is_fit_to_publish(path):
    reasons = unfit(read_card(path), "full")
    assert not reasons, message(path, reasons, "make train")


@pytest.mark.parametrize("path", WEIGHTS, ids=lambda path: path.name)
def test_weights_are_those_of_their_card(path):
    assert card_path(path).exists(), message(path, ["it has no run card"], "make train")
    is_its_own = read_card(card_path(path)).get("weights_sha256") == file_hash(path)
    assert is_its_own, message(path, ["its card names other weights, or none"], "make train")


def test_results_are_those_of_the_published_weights():
    path = PRETRAINED / "results.json"
    results = json.loads(path.read_text("utf-8"))
    assert results
    reasons = []
    for entry in results:
        card = entry["run_card"]
        trained = read_card(card_path(PRETRAINED / entry["name"]))
        if trained is None:
            reasons.append(f"{entry['name']}: its training run has no card")
        elif card["weights_sha256"] != trained["weights_sha256"]:
            reasons.append(f"{entry['name']}: its card names other weights")
        reasons += [f"{entry['name']}: {problem}" for problem in unfit(card, "full")]
    assert not reasons, message(path, reasons, "make train")


def unfit(card, profile):
    """Return why a run is not one to publish."""
    if card is None:
        return []
    reasons = []
    if card["profile"] != profile:
        reasons.append(f"it ran in the profile {card['profile']}, not {profile}")
    if card["data"] and card["data"]["name"] != "mnist":
        reasons.append(f"it used {card['data']['name']}, not mnist")
    return reasons


def message(path, reasons, remedy):
    return "\n  ".join([f"{path.relative_to(ROOT)}:", *reasons, f"To mend it: {remedy}"])


# ------------------------------------------------------------------------------ notebooks as files


def test_a_card_vouches_for_the_outputs_of_its_run_alone():
    printed = nbformat.v4.new_output("stream", name="stdout", text="1\n")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=[printed])])
    assert faults_of_card(notebook) == ["it has no run card"]
    more = {"outputs": outputs_hash(notebook)}
    card = run_card(profile="quick", seed=0, data=None, wall_seconds=1.0, **more)
    notebook.metadata["run_card"] = nbformat.from_dict(card)
    assert faults_of_card(notebook) == []
    notebook.cells[0].source = "one"
    assert faults_of_card(notebook) == []
    notebook.cells[0].outputs[0].text = "2\n"
    assert faults_of_card(notebook) == ["its outputs are not those of the run on its card"]


def test_paths_of_a_machine_are_found():
    text = "saved /data/me/x.npz, see https://a.org/home/b, 3/4 and C:\\Users\\me"
    assert machine_paths(text) == ["C:\\Users\\me"]
    assert machine_paths(text, "/data/me") == ["/data/me/x.npz,", "C:\\Users\\me"]
    assert machine_paths("in /home/me/y\nand /data/meadow", "/data/me") == ["/home/me/y"]


@pytest.mark.slow
def test_execute_stores_a_whole_run_or_nothing(tmp_path, monkeypatch, capsys):
    def execute(*arguments):
        monkeypatch.setattr(sys, "argv", ["execute.py", *map(str, arguments)])
        return main(), capsys.readouterr().out

    path = tmp_path / "1_small.ipynb"
    sources = ["import os\nfrom tqdm.auto import tqdm", "for i in tqdm(range(2)): print(i)"]
    cells = [nbformat.v4.new_code_cell(source, id=f"id{i}") for i, source in enumerate(sources)]
    cells.append(nbformat.v4.new_code_cell("os.getppid() * 0, os.getpid()", id="varies"))
    cells[1].metadata = {"collapsed": True, "tags": ["hide-input"]}
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)

    failed, told = execute(path)
    assert not failed, told
    notebook = nbformat.read(path, as_version=4)
    assert [cell.id for cell in notebook.cells] == ["id0", "id1", "varies"]
    assert [cell.execution_count for cell in notebook.cells] == [1, 2, 3]
    assert [output.text for output in notebook.cells[1].outputs] == ["0\n1\n"]  # and no bar
    assert notebook.cells[1].metadata == {"tags": ["hide-input"]}
    assert faults_of_card(notebook) == []
    assert notebook.metadata.run_card.peak_memory_mb > 20

    failed, told = execute(path, "--check")
    assert failed
    assert "os.getpid()" in told and "+(0, " in told

    notebook.cells[2].source = "import sys\nprint('careful', file=sys.stderr)\nprint(os.getcwd())"
    nbformat.write(notebook, path)
    before = path.read_bytes()
    failed, told = execute(path)
    assert failed
    assert "wrote to stderr:\ncareful" in told
    assert f"prints a path of this machine: {tmp_path}" in told
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_figures_are_stored_small_and_look_the_same():
    rng = np.random.default_rng(0)
    smooth = np.linspace(0, 1, 300)[:, None, None] * np.ones((1, 400, 1))
    picture = np.concatenate([smooth, 1 - smooth, 0 * smooth + 0.5], axis=2)
    picture[100:120, 150:200] = rng.random(3)
    drawn = Image.fromarray((255 * picture).astype(np.uint8)).convert("RGBA")
    file = io.BytesIO()
    drawn.save(file, "PNG", compress_level=1)
    png = base64.b64encode(file.getvalue()).decode()
    packed = smaller(png)
    assert len(packed) < 0.6 * len(png)
    again = Image.open(io.BytesIO(base64.b64decode(packed))).convert("RGB")
    assert abs(np.asarray(again, float) - np.asarray(drawn.convert("RGB"), float)).max() < 6
    dot = io.BytesIO()
    Image.new("L", (1, 1)).save(dot, "PNG", optimize=True)
    dot = base64.b64encode(dot.getvalue()).decode()
    assert smaller(dot) == dot  # never larger than it was
