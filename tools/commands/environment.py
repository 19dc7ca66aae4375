"""Make the folder ``.venv`` ready: all that builds the book, runs the notebooks and the tests.

    python3 -m tools.commands.environment

Every ``make`` command calls this first. If ``.venv`` is complete and ``requirements.txt`` and the
Python version are the same as before, it returns at once. Otherwise it builds ``.venv`` anew.

It runs before anything is installed, under whatever Python is there. So it uses the standard
library only, and no syntax that an old Python 3 cannot read.
"""

import contextlib
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import time

from tools import ROOT

from .preconditions import (
    ROOM,
    ROOM_WITH_CUDA,
    SetupError,
    check_can_make_venv,
    check_machine,
    check_room,
    check_version,
    disk_is_full,
    full_disk,
    this_version,
)

CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
# A machine that cannot reach the index of CPU builds must lose only seconds.
IMPATIENT = ["--retries", "0", "--timeout", "5"]


def ensure(root):
    """Build ``root/.venv`` unless it is complete and up to date."""
    check_version(sys.version_info[:2])
    with locked(root / ".venv.lock") as lock:
        if not is_ready(root):
            build(root, lock)


def is_ready(root):
    """Tell whether ``root/.venv`` was completed from the present requirements and still runs."""
    with contextlib.suppress(OSError):
        recorded = stamp_file(root).read_text(encoding="utf-8")
        return recorded == fingerprint(root) and version_of(venv_python(root)) == this_version()
    return False


def build(root, lock):
    """Build ``root/.venv`` from nothing; the stamp comes last, so half a set-up never counts."""
    check_can_make_venv()
    check_machine()
    check_room(root, ROOM)
    started = time.monotonic()
    requirements = read_requirements(root)
    print(f"Setting up .venv with Python {this_version()}; later runs reuse it.", flush=True)
    remove_venv(root)
    (root / ".venv").mkdir()
    with open(root / ".venv" / "setup.log", "w+", encoding="utf-8", errors="replace") as log:
        run = Runner(log, lock)
        with step("virtual environment"):
            make_venv(run, root)
        with step("PyTorch, CPU build") as note:
            if sys.platform != "linux" or not install_cpu_torch(run, root, requirements):
                note("none offered here; the usual build comes with the rest")
                check_room_for_usual_torch(root)
        with step(f"{len(requirements)} pinned packages"):
            install(run, root, "-r", "requirements.txt")
        with step("kl_utils, from this folder"):
            install(run, root, "--no-deps", "--no-build-isolation", "-e", ".")
    write_atomically(stamp_file(root), fingerprint(root))
    print(f"Ready after {time.monotonic() - started:.0f} s.", flush=True)


# --- the steps ------------------------------------------------------------------------------


def make_venv(run, root):
    # Inside a virtual environment, perhaps the very one to replace, this is the Python behind it.
    python = getattr(sys, "_base_executable", None) or sys.executable
    if not run([python, "-m", "venv", str(root / ".venv")], cwd=root):
        raise SetupError(f"{python} could not make a virtual environment.{run.last_lines()}")


def install_cpu_torch(run, root, requirements):
    """Install torch alone from the index of CPU builds; return whether that worked."""
    (torch,) = [line for line in requirements if line.startswith("torch==")]
    command = [*pip_install(root), "--no-deps", "--index-url", CPU_BUILDS, torch]
    if run([*command, *IMPATIENT], cwd=root):
        return True
    # The index did answer, so only the line is slow: worth pip's own patience.
    return "Downloading" in run.last_output and run(command, cwd=root)


def check_room_for_usual_torch(root):
    """On Linux with Intel or AMD processors, the usual build brings gigabytes for CUDA."""
    if sys.platform == "linux" and platform.machine() == "x86_64":
        check_room(root, ROOM_WITH_CUDA, unless=f", or let this machine reach {CPU_BUILDS}")


def install(run, root, *what):
    if not run([*pip_install(root), *what], cwd=root):
        raise SetupError(
            f"`pip install {' '.join(what)}` failed. If there is no network, connect and run the "
            f"same command again. pip's last lines (all are in .venv/setup.log):{run.last_lines()}"
        )


def pip_install(root):
    # -I: whatever PYTHONPATH or the user's own packages hold must not count as installed.
    return [
        *[str(venv_python(root)), "-I", "-m", "pip", "install"],
        *["--no-input", "--disable-pip-version-check", "--progress-bar", "off"],
    ]


class Runner:
    """Runs commands one after another, their output in a log. Calling it tells of success.

    A full disk ends the set-up at once: whatever the command was, the next would fail as well.

    Commands inherit the lock: if this script is killed and its pip lives on, the next set-up
    waits for that pip instead of working in the same folder.
    """

    def __init__(self, log, lock):
        self.log = log
        self.inherited = [] if os.name == "nt" else [lock.fileno()]
        self.last_output = ""

    def __call__(self, command, cwd):
        self.log.write(f"$ {' '.join(map(shlex.quote, command))}\n")
        self.log.flush()
        start = self.log.tell()
        # PIP_USER, where someone has set it, would install outside .venv.
        finished = subprocess.run(
            command,
            cwd=str(cwd),
            env={**os.environ, "PIP_USER": "0"},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            pass_fds=self.inherited,
        )
        self.log.seek(start)
        self.last_output = self.log.read()
        if finished.returncode and disk_is_full(cwd, self.last_output):
            raise full_disk(cwd)
        return finished.returncode == 0

    def last_lines(self, n=15):
        return "".join(f"\n    {line}" for line in self.last_output.splitlines()[-n:])


# --- what is there, what is wanted ----------------------------------------------------------


def fingerprint(root):
    """All that ``.venv`` depends on: moving the folder breaks it as a new pin does."""
    pins = hashlib.sha256("\n".join(sorted(read_requirements(root))).encode()).hexdigest()
    return f"python {this_version()}\nfolder {root / '.venv'}\nrequirements {pins}\n"


def read_requirements(root):
    """Return the lines of ``requirements.txt`` without comments and blanks."""
    text = (root / "requirements.txt").read_text(encoding="utf-8")
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def stamp_file(root):
    return root / ".venv" / "complete"


def venv_python(root):
    return root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def version_of(python):
    """Return the version that an interpreter reports, or None where it does not run."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        command = [str(python), "-I", "-S", "-c", ask]
        return subprocess.check_output(command, stderr=subprocess.DEVNULL, text=True).strip()


# --- files, the lock, the screen ------------------------------------------------------------


def remove_venv(root):
    venv = root / ".venv"
    if venv.is_symlink() or venv.is_file():
        venv.unlink()
    elif venv.exists():
        stamp_file(root).unlink(missing_ok=True)  # first: what is half removed is not complete
        shutil.rmtree(str(venv))


def write_atomically(path, text):
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(str(partial), str(path))


@contextlib.contextmanager
def locked(path):
    """Hold a lock on a file, waiting for whoever has it; the system frees it if we are killed."""
    with open(path, "w", encoding="utf-8") as handle:
        if not try_lock(handle):
            print("Another command is setting up .venv; waiting for it.", flush=True)
            while not try_lock(handle):
                time.sleep(0.2)
        yield handle


def try_lock(handle):
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # some network file systems have no locks: better none than no set-up
        return True
    return True


@contextlib.contextmanager
def step(name):
    """Print what is being done and, when it is done, how long it took."""
    notes = []
    started = time.monotonic()
    print(f"  {name} ", end="", flush=True)
    try:
        yield notes.append
    except BaseException:
        print("... failed", flush=True)
        raise
    note = "".join(f" ({text})" for text in notes)
    print(f"{'.' * (32 - len(name))} {time.monotonic() - started:.0f} s{note}", flush=True)


def main():
    try:
        ensure(ROOT)
        return 0
    except KeyboardInterrupt:
        print("\nStopped. The next command starts the set-up afresh.", file=sys.stderr)
        return 130
    except SetupError as error:
        message = error
    except OSError as error:
        message = full_disk(ROOT) if disk_is_full(ROOT, str(error)) else error
    print(f"\n{message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
