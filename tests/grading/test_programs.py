"""A program runs apart, is held within limits, and earns what it returns; nothing else counts."""

import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from kl_utils.grading.programs import (
    DOCKER,
    Check,
    Limits,
    ProgramFailed,
    Sandbox,
    generator,
    in_process,
    judge_program,
    judged,
    what_is_contained,
)
from kl_utils.grading.programs.child import refusal
from kl_utils.grading.programs.separation import separated, walls
from kl_utils.grading.programs.signs import signs

SHORT = Limits(seconds=1.0, seconds_in_all=4.0, memory=2**28)
ROOT = Path(__file__).parents[2]


def outcome(program, *args, limits=SHORT, calls=1):
    """What the last of some calls gives, or its sentence, and what was refused."""
    with Sandbox(program, "f", limits=limits) as sandbox:
        for _ in range(calls):
            try:
                result = sandbox.call(*args)
            except ProgramFailed as failure:
                result = str(failure)
        return result, sandbox.tried


def test_numbers_go_in_and_come_out():
    array = np.array([[0.1, -np.inf], [np.nan, 1e300]])
    same = "def f(*args):\n    return {'args': args[0], 'whole': args[1], 'type': args[1] is 7}"
    result, tried = outcome(same, array, 7)
    np.testing.assert_array_equal(result["args"], array)
    assert (result["whole"], result["type"], tried) == (7, True, [])
    assert np.shape(outcome("def f():\n    return [(1, 2), (3, 4)]")[0]) == (2, 2)


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("def f():\n    while True: pass", "It was ended: a call took more than 1 seconds."),
        ("def f():\n    while True: print('x' * 1000)", "It was ended: a call took"),
        ("def f():\n    return np.ones(2**27)", "It needed more than 0.25 GB of memory."),
        ("import os\ndef f(): os.abort()", "It ended its process: it crashed, or left it."),
        ("import os\ndef f(): os._exit(0)", "It ended its process"),
        ("import sys\ndef f(): sys.exit(0)", "It stopped with the error SystemExit on line 2."),
        ("def f(): return f()", "It stopped with the error RecursionError on line 1."),
        ("def f() return 1", "It stopped with the error SyntaxError on line 1."),
        ("1 / 0\ndef f(): return 1", "It stopped with the error ZeroDivisionError on line 1."),
        (
            "def f(): raise type('secret', (ValueError,), {})",
            "It stopped with the error ValueError",
        ),
        ("def g(): return 1", "There is no function `f` in the program."),
        ("def f(): return 'one'", "It returned something other than numbers"),
        ("def f(): return None", "It returned something other than numbers"),
        ("def f(): return np.zeros(2**20)", "It ended its process"),  # longer than a reply may be
    ],
)
def test_a_program_that_goes_wrong_gets_a_sentence(program, sentence):
    assert outcome(program)[0].startswith(sentence)


@pytest.mark.long
def test_a_program_that_fills_memory_bit_by_bit_is_stopped():
    filling = "def f():\n    kept = []\n    while True: kept.append(np.ones(10**6))"
    result, _ = outcome(filling, limits=Limits(20.0, 30.0, 2**28))
    assert result == "It needed more than 0.25 GB of memory."


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("import os\n    while True: os.fork()", "start another process"),
        ("import subprocess\n    subprocess.run(['true'])", "start another process"),
        ("import socket\n    socket.create_connection(('127.0.0.1', 9))", "use the network"),
        ("import shutil\n    shutil.rmtree('{folder}')", "change files"),
        ("open('{folder}/kept.txt', 'w')", "change files"),
        ("import os\n    os.remove('{folder}/kept.txt')", "change files"),
        ("return len(open('{folder}/kept.txt').read())", "read files"),
        ("import kl_utils\n    return 1", "import kl_utils"),
        ("return len(open('{root}/kl_utils/gaussian.py').read())", "read files"),
        ("import ctypes\n    ctypes.CDLL(None)", "reach around Python"),
        ("import os, signal\n    os.kill(os.getppid(), signal.SIGKILL)", "reach around Python"),
    ],
)
def test_what_a_program_has_no_business_with_is_refused_and_told(tmp_path, body, what):
    kept = tmp_path / "kept.txt"
    kept.write_text("a submission")
    program = f"def f():\n    {body}".format(folder=tmp_path, root=ROOT)
    result, tried = outcome(program)
    assert result.startswith(("It stopped with the error PermissionError", "It stopped with the"))
    assert tried == [what]
    assert kept.read_text() == "a submission"


def test_the_package_is_out_of_reach_where_it_is_installed_too():
    for name, wanted in (("kl_utils/gaussian.py", "read files"), ("numpy/version.py", None)):
        path = f"/python/site-packages/{name}"
        assert refusal("open", (path, "r", 0), ["/python/"], "/own/", ["kl_utils"]) == wanted


def test_a_program_has_a_folder_of_its_own_that_goes_with_it():
    write = (
        "import os\ndef f():\n    open('a.txt', 'w').write('1')\n    return len(os.listdir('.'))"
    )
    with Sandbox(write, "f", limits=SHORT) as sandbox:
        assert (sandbox.call(), sandbox.tried) == (1, [])
        folder = Path(sandbox._child._folder)
        assert folder.exists()
    assert not folder.exists()
    assert "OSError" in outcome("def f():\n    open('a', 'w').write('x' * 2**22)")[0]


def test_a_call_that_ends_the_process_costs_no_other_call_but_not_forever():
    some = "import os\ndef f(x):\n    return x if x > 0 else os._exit(1)"
    with Sandbox(some, "f", limits=SHORT) as sandbox:
        for _ in range(2):
            with pytest.raises(ProgramFailed):
                sandbox.call(0)
            assert sandbox.call(3) == 3
        with pytest.raises(ProgramFailed):
            sandbox.call(0)
        with pytest.raises(ProgramFailed, match="not called any more"):
            sandbox.call(3)


@pytest.mark.skipif(walls() != "files", reason="this system has no walls for files")
def test_behind_the_guard_there_are_walls(tmp_path):
    """Without the guard: files, the network and other processes are out of reach all the same."""
    kept = tmp_path / "kept.txt"
    kept.write_text("a submission")
    inside = tmp_path / "inside"
    inside.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port, other = server.getsockname()[1], subprocess.Popen(["sleep", "30"])
        attempts = [
            f"open({str(kept)!r}, 'w')",
            f"os.remove({str(kept)!r})",
            f"socket.create_connection(('127.0.0.1', {port}))",
            f"os.kill({other.pid}, 9)",
            "subprocess.run(['mount', '-o', 'remount,bind,rw', '/'], check=True)",
            "open('own.txt', 'w').write('x'); 1 / 0",
        ]
        told = "\nexcept Exception as error: print(type(error).__name__)\n"
        lines = [f"try: {attempt}; print('done'){told}" for attempt in attempts]
        program = "import os, socket, subprocess\n" + "".join(lines)
        run = subprocess.run(
            separated([sys.executable, "-c", program], inside), capture_output=True, text=True
        )
        assert other.poll() is None
        other.kill()
        other.wait()
    refused = ["OSError", "OSError", "OSError", "ProcessLookupError", "CalledProcessError"]
    assert run.stdout.split() == [*refused, "ZeroDivisionError"]
    assert kept.read_text() == "a submission"
    assert list(inside.iterdir()) == []


@pytest.mark.parametrize(
    ("program", "used", "doubtful"),
    [
        ("import numpy as np\nnp.linalg.slogdet(1)", [], []),
        ("import kl_utils", ["kl_utils"], []),
        ("from kl_utils.gaussian import kl_normal", ["kl_utils"], []),
        ("from scipy import stats", ["scipy.stats"], []),
        ("import scipy.stats as s", ["scipy.stats"], []),
        ("import scipy as s\ns.stats.norm", ["scipy.stats"], []),
        ("from scipy import special", [], []),
        ("import torch.distributions as D\nD.kl_divergence(1)", ["torch.distributions"], []),
        ("import torch\ntorch.distributions.kl_divergence(1)", ["torch.distributions"], []),
        ("from torch import *", [], []),
        ("model.eval()", [], []),
        ("__import__('kl_' + 'utils')", [], ["__import__"]),
        ("import importlib\nimportlib.import_module('kl_utils')", [], ["importlib"]),
        ("exec('import kl_utils')", [], ["exec"]),
        ("import sys\nsys.modules['x']", [], ["sys.modules"]),
        ("().__class__.__mro__[1].__subclasses__()", [], ["__mro__", "__subclasses__"]),
        ("getattr(np, 'linalg')", [], ["getattr"]),
        ("def f(:", [], []),
    ],
)
def test_a_program_s_text_is_read_for_what_it_uses(program, used, doubtful):
    assert signs(program, ["kl_utils", "scipy.stats", "torch.distributions"]) == (used, doubtful)


JUDGES = """
import numpy as np
from kl_utils.grading.programs import Check

def double(call, rng):
    x = rng.normal(size=3)
    yield Check(0.6, lambda: np.array_equal(call(x), 2 * x), "The value is off.")
    yield Check(0.3, lambda: call(1e200) == 2e200, "Large values are off.")
    yield Check(0.1, lambda: call(0) == 0, "Zero is off.")

JUDGES = {"double@1": double}
"""


@pytest.fixture(scope="module")
def grade(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a_set")
    (folder / "judges.py").write_text(JUDGES)
    data = {"points": 10, "function": "f", "forbidden": ["kl_utils", "scipy.stats"]}
    question = SimpleNamespace(name="double@1", data=data)
    return lambda program: judge_program(folder, question, program, "K7QX-2M9B", "s" * 16, SHORT)


def test_a_right_program_gets_all_points(grade):
    right = grade("def f(x):\n    return x + x")
    assert (right.points, right.held, right.lost, right.to_read) == (10, 0, (), ())


def test_a_program_that_is_partly_right_gets_part_and_a_sentence(grade):
    part = grade("def f(x):\n    return np.minimum(2 * x, 1e100)")
    assert (part.points, part.lost) == (7, ("Large values are off.",))


@pytest.mark.parametrize(
    "cheat",
    [
        "def f(x): return 0",  # right at zero, and there alone
        "def f(x): return {1e200: 2e200, 0: 0}.get(x) if np.ndim(x) == 0 else x",
        "class Yes(float):\n    __eq__ = lambda a, b: True\ndef f(x): return Yes(1)",
        "np.array_equal = lambda a, b: True\ndef f(x): return 1.0",
        "import __main__\n__main__.packed = lambda value: {'points': 10}\ndef f(x): return 1",
        "import kl_utils\ndef f(x): return 2 * x",
        "def f(x):\n    import scipy.stats\n    return 2 * x",
        "def f(x): return __import__('scipy.' + 'stats') and 2 * x",
        "import glob\ndef f(x): return glob.glob('/**/judges.py', recursive=True) and 0",
        "raise SystemExit",
    ],
)
def test_cheats_earn_nothing(grade, cheat):
    result = grade(cheat)
    assert (result.points, result.held) == (0, 0)
    assert result.lost


def test_a_way_around_the_rules_waits_for_a_person(grade):
    looks = grade("def f(x):\n    return eval('2 * x')")
    assert (looks.points, looks.held) == (0, 10)
    assert "eval" in looks.to_read[0]
    tries = grade(
        "def f(x):\n    try: open('/etc/passwd')\n    except OSError: pass\n    return 2 * x"
    )
    assert (tries.points, tries.held) == (0, 10)
    assert tries.to_read == ("The program tried to read files, and was stopped.",)


def test_nothing_counts_without_the_first_check():
    def judge(call, rng):
        yield Check(0.5, lambda: call(1) == 1, "The value is off.")
        yield Check(0.5, lambda: call(0) == 0, "Zero is off.")

    rng = generator("s" * 16, "K7QX-2M9B", "id@1")
    assert judged(judge, in_process(lambda x: x), rng) == (1.0, ())
    assert judged(judge, in_process(lambda x: 0), rng) == (0.0, ("The value is off.",))
    assert judged(judge, in_process(lambda x: x or None), rng)[0] == 0.5
    assert judged(judge, in_process(lambda: 0), rng)[1][0].startswith("It stopped with the error")


def test_each_student_has_tests_of_their_own():
    first, again, other = (generator("s" * 16, code, "id@1").random() for code in "AAB")
    assert first == again != other


def test_what_is_contained_is_said_in_sentences():
    for sentences in what_is_contained():
        assert sentences
        assert all(sentence.endswith(".") and ": " in sentence for sentence in sentences)
    assert "--network none" in DOCKER


ORPHAN = r"""
from kl_utils.grading.programs import Sandbox
with Sandbox("def f(x):\n    while x: pass\n    return 0", "f") as sandbox:
    sandbox.call(0)
    print(sandbox._child._process.pid, flush=True)
    sandbox.call(1)
"""


def test_a_program_ends_with_who_has_started_it():
    grader = subprocess.Popen([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True)
    child = int(grader.stdout.readline())
    assert is_running(child)
    grader.kill()
    grader.wait()
    grader.stdout.close()
    deadline = time.monotonic() + 20
    while is_running(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(pid):
    status = Path(f"/proc/{pid}/status")
    try:
        return "\nState:\tZ" not in status.read_text()
    except OSError:
        return False
