"""Run a student's program in a process of its own, with limits, and call its function."""

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..._foreign_json import read_json
from .child import packed, unpacked
from .separation import separated

LARGEST_REPLY = 4 * 2**20  # bytes
_LONGEST_TEXT = 60  # characters of any text that a process sends
_STARTS = 3  # of the process: two calls may end it before it is given up
_START_SECONDS = 60  # for Python, NumPy and PyTorch on a busy machine


class ProgramFailed(Exception):
    """A call gave no value; the text is a sentence for the student."""


@dataclass(frozen=True)
class Limits:
    """What one program may take.

    Attributes
    ----------
    seconds : float
        For a call.
    seconds_in_all : float
        For all calls, by the clock; also the processor time of one process.
    memory : int
        Bytes, beyond what Python, NumPy and PyTorch themselves take.
    """

    seconds: float = 10.0
    seconds_in_all: float = 120.0
    memory: int = 2**30


class Sandbox:
    """A program that waits to be called; use it in a ``with`` statement.

    Parameters
    ----------
    program : str
        Its text.
    function : str
        The name of its function.
    forbidden : sequence of str
        Modules that it cannot import.
    limits : Limits

    Attributes
    ----------
    tried : list of str
        What the program tried and was refused, in words: ``"use the network"``.
    """

    def __init__(self, program, function, forbidden=("kl_utils",), limits=None):
        self.limits = limits or Limits()
        self.tried, self._starts, self._child, self._broken = [], 0, None, ""
        self._left = self.limits.seconds_in_all
        self._function = function
        self._first = {
            "program": program,
            "function": function,
            "forbidden": list(forbidden),
            "torch": "torch" in program,
            "memory": self.limits.memory,
            "cpu_seconds": self.limits.seconds_in_all,
        }

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._end()

    def start(self):
        """Load the program, unless it waits already; a `ProgramFailed` says why it cannot run."""
        if self._broken:
            raise ProgramFailed(self._broken)
        if self._child:
            return
        if self._starts == _STARTS:
            raise ProgramFailed("It was not called any more, since it had ended its process often.")
        self._starts += 1
        self._child = _Child()
        try:
            if self._ask(self._first, _START_SECONDS) != 1:
                raise ProgramFailed(f"There is no function `{self._function}` in the program.")
        except ProgramFailed as failure:
            self._broken = str(failure)
            self._end()
            raise

    def call(self, *args, seconds=None):
        """What the function gives for these arguments: numbers, arrays or a dict of them."""
        self.start()
        if self._left <= 0:
            raise ProgramFailed(_too_slow("all tests together", self.limits.seconds_in_all))
        before = time.monotonic()
        try:
            return self._ask([packed(arg) for arg in args], seconds or self.limits.seconds)
        finally:
            self._left -= time.monotonic() - before

    def _ask(self, request, seconds):
        try:
            reply = self._child.ask(request, seconds)
        except TimeoutError:
            self._end()
            raise ProgramFailed(_too_slow("a call", seconds)) from None
        except (OSError, ValueError):
            self._end()
            raise ProgramFailed("It ended its process: it crashed, or left it.") from None
        self.tried += [what for what in reply.get("tried", []) if what not in self.tried]
        if "error" in reply:
            raise ProgramFailed(self._failure(reply))
        try:
            return unpacked(reply["value"])
        except (KeyError, ValueError):
            raise ProgramFailed("It returned no numbers.") from None

    def _failure(self, reply):
        name, line = reply["error"], reply.get("line")
        if name == "MemoryError":
            return f"It needed more than {self.limits.memory / 2**30:g} GB of memory."
        if name == "TypeError" and line is None:
            return "It returned something other than numbers, or takes other arguments."
        where = f" on line {line}" if isinstance(line, int) else ""
        return f"It stopped with the error {name}{where}."

    def _end(self):
        if self._child:
            self._child.end()
        self._child = None


class _Child:
    """The process, in an empty folder of its own that goes with it."""

    def __init__(self):
        self._folder = tempfile.mkdtemp(prefix="program-")
        command = [sys.executable, "-I", "-B", str(Path(__file__).with_name("child.py"))]
        self._process = subprocess.Popen(
            separated(command, self._folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            env=_environment(self._folder),
            start_new_session=os.name == "posix",
        )
        self._replies = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, request, seconds):
        """The reply to a request, which nobody should trust."""
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        try:
            line = self._replies.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        reply = read_json(line, LARGEST_REPLY, "reply")
        if not isinstance(reply, dict):
            raise ValueError("This reply is no object.")
        texts = [reply.get("error", ""), *reply.get("tried", [])]
        if not all(isinstance(text, str) and len(text) <= _LONGEST_TEXT for text in texts):
            raise ValueError("This reply holds something else than short texts.")
        return reply

    def end(self):
        """End the process with all that it started, and remove its folder."""
        if os.name == "posix":
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            tree = ["taskkill", "/F", "/T", "/PID", str(self._process.pid)]
            subprocess.run(tree, capture_output=True, check=False)
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                stream.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _listen(self):
        stream = self._process.stdout
        try:
            while line := stream.readline(LARGEST_REPLY + 1):
                self._replies.put(line)
        except (OSError, ValueError):  # closed in the meantime
            pass
        self._replies.put(b"")


def _environment(folder):
    """The environment of the process: nothing of ours but what Windows cannot do without."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    homes = dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"), folder)
    return {**kept, **threads, **homes, "MPLBACKEND": "agg"}


def _too_slow(what, seconds):
    return f"It was ended: {what} took more than {seconds:g} seconds."
