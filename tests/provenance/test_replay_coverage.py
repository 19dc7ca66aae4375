"""The replays run every line of ours that training and evaluating a published model can run.

A function is entered from a line that ran, or by torch. So it is enough that the replays leave no
line out in any function that they enter, but for those that no run of a recipe on a processor can
come to: they are listed here, with the reason.
"""

import ast

import coverage
import pytest

from tools import ROOT
from tools.provenance import recipes, replays

# One run of every combination of prior, warm-up and gradient.
RUNS = {
    (
        run["model"]["prior"],
        run["training"]["warm_up_epochs"] > 0,
        run["training"]["stick_the_landing"],
    ): name
    for name, run in reversed(recipes.RUNS.items())
}.values()
# What only other machines and other arguments come to, by the function it stands in.
ELSEWHERE = {
    "_agree": "numbers alone, without an array",
    "_apply": "torch's transforms",
    "_as_array": "lists beside tensors",
    "_as_numbers": "draws that are true or false, in a list",
    "_as_numpy": "tensors in place of arrays",
    "_digits": "MNIST cannot be had",
    "_entry": "a refusal",
    "_find_device": "a device that is not the processor",
    "_first": "a refusal",
    "_half_psi": "a prior other than N(0, I)",
    "_kind": "arguments that are no tensors",
    "_numpy_namespace": "the Python of the page",
    "_objective": "a finish",
    "_tensor": "unsigned numbers other than bytes",
    "as_result": "NumPy arrays, arrays of other libraries",
    "autocast": "networks in bfloat16",
    "binarize": "NumPy arrays",
    "check_batch": "arrays of more than a million numbers",
    "detect": "the precision that suits the machine",
    "estimate_mean": "draws that are true or false",
    "full_precision": "networks in bfloat16",
    "half_psi": "NumPy arrays",
    "half_psi_formula": "a prior other than N(0, I)",
    "image_batch": "a refusal",
    "is_true": "torch's transforms and its compiler",
    "kl_diagonal": "a prior other than N(0, I)",
    "load_images": "MNIST, whose digest stands on the card",
    "load_pretrained": "a card beside the weights",
    "log_joint": "components too narrow for float32",
    "make_vae": "images that are no rows of pixels",
    "namespace": "NumPy arrays, arrays of other libraries",
    "observed": "a refusal",
    "quiet": "NumPy arrays",
    "read_entries": "results that were written before",
    "take": "lists and tables",
    "total": "numbers without axes",
    "train_model": "an interruption of the head start",
    "unify": "NumPy arrays, numbers alone",
    "whole_number": "a refusal",
}


def left_out(path, executed):
    """Return "function: line" for what did not run in functions that ran, but for refusals."""
    source = path.read_text("utf8")
    found = []
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef):
            own = list(statements(function.body))
            if executed & {statement.lineno for statement, _ in own}:
                found += [
                    f"{function.name}: {ast.unparse(statement).partition(chr(10))[0]}"
                    for statement, block in own
                    if statement.lineno not in executed and not isinstance(block[-1], ast.Raise)
                ]
    return found


def statements(block):
    """Yield each statement of a function with the block it stands in, inner functions left out."""
    for statement in block:
        is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not is_docstring:
            yield statement, block
        if not isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            for name in ("body", "orelse", "finalbody"):
                yield from statements(getattr(statement, name, []))
            for handler in getattr(statement, "handlers", []):
                yield from statements(handler.body)


@pytest.mark.long
def test_replays_run_every_line_that_a_full_run_can():
    files = [*(ROOT / "kl_utils").rglob("*.py"), ROOT / "tools" / "provenance" / "runs.py"]
    watch = coverage.Coverage(data_file=None, include=[str(path) for path in files])
    with watch.collect():
        for name in RUNS:
            replays.replay(recipes.RUNS[name], "float32")
    found = set()
    for path in files:
        _, lines, _, missing, _ = watch.analysis2(str(path))
        if len(missing) < len(lines):
            found |= set(left_out(path, set(lines) - set(missing)))
    unexpected = [line for line in sorted(found) if line.partition(":")[0] not in ELSEWHERE]
    assert not unexpected, "\n  ".join(["left out:", *unexpected])


def test_a_line_that_was_left_out_is_found(tmp_path):
    path = tmp_path / "module.py"
    path.write_text(
        "def ran(x):\n    if x:\n        x = 1\n        raise ValueError\n"
        "    for i in x:\n        x = i\n    return x\n\n\ndef slept():\n    return 1\n"
    )
    assert left_out(path, {2, 5, 6, 7}) == []
    assert left_out(path, {2, 5, 7}) == ["ran: x = i"]
