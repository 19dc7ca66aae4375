"""The schema of results: what is published passes, and each kind of fault is named."""

import copy
import math
import re

import pytest

from kl_utils.pretrained import FOLDER, results
from kl_utils.pretrained.entries import read_entries, write_entries
from kl_utils.pretrained.schema import Result


def test_published_results_are_read_and_written_byte_for_byte(tmp_path):
    write_entries(tmp_path / "results.json", results(), Result)
    assert (tmp_path / "results.json").read_bytes() == (FOLDER / "results.json").read_bytes()


def test_each_key_is_explained():
    explained = re.findall(r"^ *``(\w+)`` ", Result.__doc__, re.MULTILINE)
    assert explained == list(Result.__annotations__)


def without(entry, key):
    del entry[key]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda run: run.update(nnl=80.0), "vae-mixture: expected the keys of Result, .* nnl"),
        (lambda run: without(run, "nll"), "vae-mixture: expected the keys of Result, got no nll"),
        (lambda run: without(run["surgery"], "rate"), "surgery: expected the keys of Surgery, got"),
        (lambda run: run.update(nll="82.7"), "nll: expected a finite number, got '82.7'"),
        (lambda run: run.update(nll=math.nan), "nll: expected a finite number, got nan"),
        (lambda run: run.update(images=1e4), "images: expected a value of type int, got 10000.0"),
        (lambda run: run.update(seed=True), "seed: expected a value of type int, got True"),
        (lambda run: run["surgery"].update(rate=[1.0]), "rate: expected a list of 2, got"),
        (lambda run: run["check"].update(nll=None), "check, nll: expected a finite number"),
        (lambda run: run["model"].update(hidden_sizes=[5.5]), "hidden_sizes: expected a value of"),
        (lambda run: run["run_card"]["versions"].update(torch=2), "versions, torch: expected a"),
        (lambda run: run.update(components=[]), "components: expected the keys of Components"),
    ],
)
def test_faults_are_named_and_nothing_is_written(tmp_path, change, message):
    path = tmp_path / "results.json"
    (run,) = (copy.deepcopy(run) for run in results() if run["name"] == "vae-mixture")
    change(run)
    with pytest.raises(ValueError, match=message):
        write_entries(path, [run], Result)
    assert not path.exists()


def test_a_file_without_runs_is_named(tmp_path):
    path = tmp_path / "results.json"
    assert read_entries(path, Result) == []
    for content, message in (("{", "expected JSON"), ("{}", "expected a list of runs, got dict")):
        path.write_text(content)
        with pytest.raises(ValueError, match=rf"results\.json: {message}"):
            read_entries(path, Result)
