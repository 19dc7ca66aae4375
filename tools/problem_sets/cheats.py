"""Programs that do not do what is asked, and try to get points all the same."""

import shutil
import tempfile
from pathlib import Path

import numpy as np

from kl_utils.exercises.program_examples import arguments_of, examples_in
from kl_utils.grading.programs import judge_program

SECRET = "only for the check of the problem sets"

# Each has {f}, the function to write, and may have {path}, the file with the tests, and {examples},
# the arguments and the values of the examples that are shown.
CHEATS = {
    "imports kl_utils": """
from kl_utils.gaussian import kl_normal
def {f}(*args):
    return kl_normal(*args)
""",
    "imports kl_utils by another way": """
module = __import__("kl_" + "utils.gaussian", fromlist=["kl_normal"])
def {f}(*args):
    return module.kl_normal(*args)
""",
    "imports torch.distributions.kl_divergence": """
import numpy as np
import torch
from torch.distributions import Normal, kl_divergence
def {f}(*args):
    a, b, c, d = (torch.as_tensor(arg) for arg in args)
    return kl_divergence(Normal(a, b), Normal(c, d)).numpy()
""",
    "a constant": """
def {f}(*args):
    return 0.0
""",
    "knows the examples that are shown": """
import numpy as np
examples = {examples}
def {f}(*args):
    for given, value in examples:
        if all(map(np.array_equal, given, args)):
            return value
    return examples[-1][1]
""",
    "reads the tests": """
import re
def {f}(*args):
    text = open({path!r}).read()
    return float(re.search(r"rtol=(\\S+),", text)[1])
""",
    "writes over the tests": """
import pathlib
try:
    pathlib.Path({path!r}).write_text("JUDGES = {{}}")
except OSError:
    pass
def {f}(*args):
    return 0.0
""",
    "deletes the tests": """
import os
try:
    os.remove({path!r})
except OSError:
    pass
def {f}(*args):
    return 0.0
""",
    "patches the checker": """
import numpy as np
np.allclose = np.array_equal = np.isclose = lambda *args, **options: True
def {f}(*args):
    return 0.0
""",
    "is equal to everything": """
class Yes(float):
    def __eq__(self, other):
        return True
    __ge__ = __gt__ = __lt__ = __le__ = __eq__
    shape = ()
def {f}(*args):
    return Yes(0.0)
""",
    "sends verdicts of its own": """
import os
def {f}(*args):
    for place in range(16):
        try:
            os.write(place, b'{{"value": 1, "points": 10, "tried": []}}\\n' * 20)
        except OSError:
            pass
    return 0.0
""",
    "leaves early": """
import os
def {f}(*args):
    os._exit(0)
""",
}


def attempts(set_folder, question, code):
    """Yield the name of each cheat with its grade; a ValueError if one has reached the tests."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "set"
        shutil.copytree(set_folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
        path = copy / "judges.py"
        before = path.read_bytes()
        for name, text in CHEATS.items():
            program = text.format(
                f=question.data["function"], path=str(path), examples=_examples(question)
            )
            yield name, judge_program(copy, question, program, code, SECRET)
            if not path.exists() or path.read_bytes() != before:
                raise ValueError(f"{question.name}: the program that {name} has changed the tests")


def _examples(question):
    """Arguments and values of the examples of a program, as an expression."""
    found = []
    for call, value in examples_in(question.data["starter"]):
        arguments = arguments_of(call, question.data["function"])
        found.append(([np.asarray(argument).tolist() for argument in arguments], value))
    rows = ", ".join(f"({arguments!r}, {value})" for arguments, value in found)
    return f"[{rows}]".replace("-inf", "-np.inf")
