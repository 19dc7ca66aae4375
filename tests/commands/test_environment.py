"""The set-up script against a Python whose venv and pip only say what they were asked."""

import ast
import errno
import importlib.util
import os
import shlex
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest

from tools import ROOT

SCRIPT = ROOT / "tools" / "commands" / "environment.py"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in for Python is a shell script")

# `-m venv DIR` copies the stand-in to DIR; `-m pip …` writes its arguments down, then does what
# the variable PIP says; anything else goes to the real Python.
STAND_IN = f"""#!/bin/sh
case "$*" in
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  *"-m pip "*) echo "$*" >> asked.txt; eval "$PIP" ;;
  *) exec {shlex.quote(sys.executable)} "$@" ;;
esac
"""


def load_script():
    spec = importlib.util.spec_from_file_location("tools.commands.environment", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Project:
    """A folder with requirements, and the script pointed at it."""

    def __init__(self, root):
        self.root = root
        self.venv = root / ".venv"
        self.script = load_script()

    def require(self, *lines):
        (self.root / "requirements.txt").write_text("\n".join(lines) + "\n")

    def pip_runs(self):
        """Return what pip was asked since the last call, a list of arguments for each run."""
        asked = self.root / "asked.txt"
        lines = asked.read_text("utf8").splitlines() if asked.exists() else []
        asked.unlink(missing_ok=True)
        return [line.split() for line in lines]

    def set_up(self):
        """Run the set-up; return how often it called pip."""
        self.script.ensure(self.root)
        return len(self.pip_runs())

    def start(self):
        """Start the set-up in a process of its own."""
        code = (
            f"import sys, pathlib; sys._base_executable = {sys._base_executable!r}\n"
            "from tools.commands.environment import ensure\n"
            f"ensure(pathlib.Path({str(self.root)!r}))"
        )
        command = [sys.executable, "-c", code]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=self.root, env=env)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """In a folder whose path would fall apart if a command did not quote it."""
    elsewhere = tmp_path / "a b" / "Kürs"
    elsewhere.mkdir(parents=True)
    python = elsewhere / "stand-in"
    python.write_text(STAND_IN)
    python.chmod(0o755)
    monkeypatch.setattr(sys, "_base_executable", str(python))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setenv("PIP", "exit 0")
    leave_free(monkeypatch, 100)
    root = elsewhere / "course"
    root.mkdir()
    project = Project(root)
    project.require("torch==2.13.0", "numpy==2.4.6  # arrays")
    return project


def test_installs_cpu_torch_then_the_pins_then_the_package(project):
    project.script.ensure(project.root)
    torch, pins, package = project.pip_runs()
    assert torch[-4:] == ["--retries", "0", "--timeout", "5"]
    assert "torch==2.13.0" in torch and "https://download.pytorch.org/whl/cpu" in torch
    assert pins[-2:] == ["-r", "requirements.txt"]
    assert package[-4:] == ["--no-deps", "--no-build-isolation", "-e", "."]


def test_installs_again_only_when_a_pin_changes(project):
    assert project.set_up() == 3
    assert project.set_up() == 0
    project.require("# a comment", "numpy==2.4.6", "", "torch==2.13.0")
    assert project.set_up() == 0
    project.require("torch==2.13.0", "numpy==2.4.7")
    assert project.set_up() == 3


def other_version(python):
    python.write_text("#!/bin/sh\necho 3.9\n")


def dangling_link(python):
    python.unlink()
    python.symlink_to("gone")


def not_executable(python):
    python.chmod(0o644)


@pytest.mark.parametrize("damage", [Path.unlink, dangling_link, not_executable, other_version])
def test_an_interpreter_that_does_not_run_is_replaced(project, damage):
    project.set_up()
    damage(project.venv / "bin" / "python")
    assert project.set_up() == 3
    assert project.set_up() == 0


def test_a_moved_folder_is_set_up_anew(project):
    project.set_up()
    moved = project.root.rename(project.root.with_name("elsewhere"))
    assert Project(moved).set_up() == 3


@pytest.mark.parametrize("failing", ["-r requirements.txt", "-e ."])
def test_a_set_up_that_broke_off_is_started_afresh(project, monkeypatch, failing):
    monkeypatch.setenv("PIP", f'case "$*" in *"{failing}") exit 137 ;; esac')
    with pytest.raises(project.script.SetupError):
        project.set_up()
    leftover = project.venv / "leftover"
    leftover.touch()
    monkeypatch.setenv("PIP", "exit 0")
    project.pip_runs()
    assert project.set_up() == 3
    assert not leftover.exists()


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to("gone"), Path.mkdir])
def test_whatever_lies_in_the_way_is_replaced(project, make):
    make(project.venv)
    assert project.set_up() == 3


def test_no_cpu_build_falls_back_to_the_pin(project, monkeypatch, capsys):
    monkeypatch.setenv("PIP", 'case "$*" in *whl/cpu*) exit 1 ;; esac')
    assert project.set_up() == 3  # one try at the index, no more
    assert "the usual build comes with the rest" in capsys.readouterr().out
    assert project.set_up() == 0


def test_a_slow_line_to_the_cpu_builds_gets_a_second_and_patient_try(project, monkeypatch):
    stalls = 'case "$*" in *--timeout*) echo "Downloading torch"; exit 1 ;; esac'
    monkeypatch.setenv("PIP", stalls)
    project.script.ensure(project.root)
    hasty, patient, pins, _ = project.pip_runs()
    assert "--timeout" in hasty and "--timeout" not in patient
    assert "https://download.pytorch.org/whl/cpu" in patient and "-r" in pins


def test_no_index_of_cpu_builds_where_the_usual_build_is_one(project, monkeypatch):
    become(monkeypatch, "darwin", "arm64", macos="14.0")
    assert project.set_up() == 2


def test_a_failing_pip_ends_in_a_sentence(project, monkeypatch, capsys):
    monkeypatch.setattr(project.script, "ROOT", project.root)
    monkeypatch.setenv("PIP", "echo 'Could not find a version that satisfies numpy'; exit 1")
    assert project.script.main() == 1
    message = capsys.readouterr().err
    assert "If there is no network, connect and run the same command again" in message
    assert "Could not find a version that satisfies numpy" in message
    assert "Traceback" not in message


@pytest.mark.parametrize("lacking", ["venv", "ensurepip"])
def test_a_python_without_venv_is_told_what_to_install(project, monkeypatch, lacking):
    find_spec = importlib.util.find_spec
    hide = lambda name: None if name == lacking else find_spec(name)  # noqa: E731
    monkeypatch.setattr(importlib.util, "find_spec", hide)
    with pytest.raises(project.script.SetupError, match=rf"without {lacking}.*apt install python"):
        project.set_up()
    assert not project.venv.exists()


@pytest.mark.parametrize("version", [(2, 7), (3, 8), (3, 10), (3, 15)])
def test_another_python_is_named_and_told_which_to_use(project, version):
    with pytest.raises(project.script.SetupError, match=r"Python 3\.11 to 3\.14, and .* is Python"):
        project.script.check_version(version)


def become(monkeypatch, system, machine, macos="", python=""):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("platform.mac_ver", lambda: (macos, ("", "", ""), machine))
    monkeypatch.setattr("sysconfig.get_platform", lambda: python)


@pytest.mark.parametrize(
    ("machine", "name"),
    [
        (("darwin", "arm64", "13.7.8"), "macOS 13.7.8"),
        (("darwin", "x86_64", "14.0"), "Macs with Intel processors"),
        (("win32", "ARM64", "", "win-arm64"), "Windows on ARM"),
    ],
)
def test_a_machine_without_a_build_of_pytorch_is_told_at_once(project, monkeypatch, machine, name):
    with monkeypatch.context() as patch:
        become(patch, *machine)
        with pytest.raises(project.script.SetupError, match=f"no build of PyTorch for {name}.*14"):
            project.set_up()
    assert not project.venv.exists()


@pytest.mark.parametrize("machine", [("linux", "aarch64"), ("win32", "AMD64", "", "win-amd64")])
def test_a_machine_with_a_build_is_let_in(project, monkeypatch, machine):
    become(monkeypatch, *machine)
    project.script.check_machine()


def test_the_old_python_can_read_the_scripts():
    for path in ("__init__.py", "../__init__.py", "environment.py", "preconditions.py"):
        ast.parse((SCRIPT.parent / path).read_text("utf8"), feature_version=(3, 7))


def leave_free(monkeypatch, gigabytes):
    """Let all disks say that they have so much room."""
    usage = namedtuple("usage", "total used free")(1e12, 0, gigabytes * 1e9)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage)


@pytest.mark.parametrize("free", [0, 1.0, 2.2])
def test_a_disk_without_room_is_told_before_anything_is_touched(project, monkeypatch, free):
    project.set_up()
    project.require("torch==2.13.0", "numpy==2.4.7")
    project.pip_runs()
    leave_free(monkeypatch, free)
    with pytest.raises(project.script.SetupError, match=rf"course has {free:.1f} GB free.*needs 2"):
        project.set_up()
    assert project.pip_runs() == [] and (project.venv / "complete").exists()


def test_the_room_of_the_old_environment_counts_as_free(project, monkeypatch):
    project.set_up()
    with open(project.venv / "big", "wb") as file:
        file.truncate(10**9)
    project.require("torch==2.13.0", "numpy==2.4.7")
    leave_free(monkeypatch, 1.6)
    assert project.set_up() == 3


def test_the_usual_build_of_pytorch_needs_more_room(project, monkeypatch):
    monkeypatch.setenv("PIP", 'case "$*" in *whl/cpu*) exit 1 ;; esac')
    leave_free(monkeypatch, 6.5)
    with pytest.raises(
        project.script.SetupError, match=r"needs \d.*reach https://download\.pytorch"
    ):
        project.set_up()
    assert len(project.pip_runs()) == 1
    monkeypatch.setattr("platform.machine", lambda: "aarch64")  # its usual build is small
    assert project.set_up() == 3


@pytest.mark.parametrize("step", ["whl/cpu", "-r requirements.txt", "-e ."])
@pytest.mark.parametrize("says", ["OSError: [Errno 28] No space left on device", ""])
def test_a_disk_that_fills_up_is_the_reason_that_is_given(project, monkeypatch, capsys, step, says):
    monkeypatch.setattr(project.script, "ROOT", project.root)
    monkeypatch.setenv("PIP", f'case "$*" in *"{step}"*) echo "{says}"; exit 1 ;; esac')
    if not says:  # the log is on the full disk, too
        leave_free(monkeypatch, 0)
        monkeypatch.setattr(project.script, "check_room", lambda *_, **__: None)
    assert project.script.main() == 1
    out, err = capsys.readouterr()
    assert "The disk filled up during the set-up" in err and "2.0 GB" in err
    assert "network" not in err and "none offered" not in out
    assert step in " ".join(project.pip_runs()[-1])


def test_two_at_once_install_once(project, monkeypatch):
    monkeypatch.setenv("PIP", "sleep 0.3")
    both = [project.start(), project.start()]
    output = "".join(process.communicate()[0] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert "waiting for it" in output
    assert len(project.pip_runs()) == 3


def wait_for(path):
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline, f"no {path.name}"
        time.sleep(0.01)


def test_a_pip_that_outlives_its_script_is_waited_for(project, monkeypatch):
    monkeypatch.setenv("PIP", "touch begun; sleep 1; touch over")
    killed = project.start()
    wait_for(project.root / "begun")
    killed.kill()
    killed.communicate()
    monkeypatch.setenv("PIP", "test -e over")  # fails if the first pip is still at work
    project.pip_runs()
    assert project.set_up() == 3


def test_a_file_system_without_locks_is_no_obstacle(project, monkeypatch):
    def flock(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", flock)
    assert project.set_up() == 3
