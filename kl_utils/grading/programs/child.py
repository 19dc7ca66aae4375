"""What runs in the process of its own: a student's program, and the little that serves it.

The parent starts this file alone, without the package. A request comes in by the process's own
input, and a reply goes out by its output: one line of JSON each. What the program prints is thrown
away. Nothing here knows a test or a right value, so a program that changes what it finds here
changes only its own results.

The guard is an audit hook. It turns back what an ordinary program has no business with, and tells
the parent. It is no wall: someone who knows Python well gets past it. The limits of the system
hold all the same.
"""

import base64
import json
import math
import os
import queue
import sys
import threading

import numpy as np

FILE = "program.py"  # what tracebacks call the program
_SHAPES = 8  # axes of an array, at most
_READABLE = ("/proc/self/", "/proc/cpuinfo", "/proc/meminfo", "/sys/", "/dev/null", "/dev/urandom")
_OPENING = {"open", "os.listdir", "os.scandir", "os.chdir"}
_CHANGING = {"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.link"}
_CHANGING |= {"os.symlink", "os.truncate", "os.utime", "shutil.rmtree", "shutil.move"}
_STARTING = {"subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.startfile"}
_STARTING |= {"os.posix_spawn", "os.spawn", "pty.spawn", "_winapi.CreateProcess"}
_REACHING = {"ctypes.dlopen", "ctypes.dlsym", "os.kill", "os.killpg", "gc.get_objects"}
_REACHING |= {"gc.get_referrers", "resource.setrlimit", "resource.prlimit"}


def packed(value):
    """A number, an array or a dict of them, such as JSON can hold."""
    if isinstance(value, dict):
        return {"dict": {str(name): packed(part) for name, part in value.items()}}
    if isinstance(value, (int, float)) and math.isfinite(value):
        return value
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise TypeError("no numbers")
    array = array.astype("<f8")
    return {"shape": array.shape, "data": base64.b64encode(array.tobytes()).decode()}


def unpacked(value):
    """What was packed; a ValueError where it is nothing of the kind."""
    if isinstance(value, (int, float)):
        return value
    if not isinstance(value, dict):
        raise ValueError("neither a number nor an array")
    if set(value) == {"dict"} and isinstance(value["dict"], dict):
        return {name: unpacked(part) for name, part in value["dict"].items()}
    shape, data = value.get("shape"), value.get("data")
    if not isinstance(shape, list) or not isinstance(data, str) or len(shape) > _SHAPES:
        raise ValueError("neither a number nor an array")
    if not all(type(length) is int and length >= 0 for length in shape):
        raise ValueError("no shape")
    array = np.frombuffer(base64.b64decode(data, validate=True), "<f8")
    return array.reshape(shape).astype(float)


def refusal(event, args, readable, folder, forbidden):
    """What an audit event tries that is refused, in words, or None."""
    if event == "import":
        hit = next((name for name in forbidden if f"{args[0]}.".startswith(f"{name}.")), None)
        return hit and f"import {hit}"
    if event.startswith(("socket.", "urllib.", "webbrowser.")):
        return "use the network"
    if event in _STARTING:
        return "start another process"
    if event in _REACHING:
        return "reach around Python"
    if event in _CHANGING:
        outside = [path for path in args[:2] if _is_path(path) and not _within(path, [folder])]
        return "change files" if outside else None
    if event in _OPENING and _is_path(args[0]) and not _within(args[0], [folder]):
        writes = event == "open" and isinstance(args[2], int) and args[2] & _WRITING
        if writes and _place(args[0]) != os.devnull:
            return "change files"
        if "/kl_utils/" in _place(args[0]).replace(os.sep, "/") or not _within(args[0], readable):
            return "read files"
    return None


_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _is_path(value):
    return isinstance(value, (str, bytes, os.PathLike))


def _place(path):
    return os.path.realpath(os.fsdecode(path))


def _within(path, folders):
    place = _place(path)
    return any(f"{place}{os.sep}".startswith(folder) or place == folder for folder in folders)


def guard(folder, forbidden, tried):
    """From here on, refuse what `refusal` names, and note it in `tried`."""
    ours = {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.__file__)}
    places = [os.path.join(os.path.realpath(place), "") for place in ours]
    for entry in [entry for entry in sys.path if not _within(entry, places)]:
        sys.path.remove(entry)  # such as the course's own folder
    readable, home = [*places, *_READABLE], os.path.join(os.path.realpath(folder), "")

    def hook(event, args):
        if what := refusal(event, args, readable, home, forbidden):
            if what not in tried:
                tried.append(what)
            raise (ImportError if event == "import" else PermissionError)(f"refused: {what}")

    sys.addaudithook(hook)


def limit(memory, seconds):
    """Let the system limit memory (beyond what is taken now), time, files and processes."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {"CPU": int(seconds) + 1, "FSIZE": 2**20, "CORE": 0, "NOFILE": 128, "NPROC": 0}
    if os.path.exists("/proc/self/statm"):
        with open("/proc/self/statm") as file:
            limits["AS"] = int(file.read().split()[0]) * resource.getpagesize() + memory
    for name, most in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}", None)
        if kind is not None:
            resource.setrlimit(kind, (most, most))


def requests_in(stream):
    """The lines of the input. Where the parent has died, they end, and all ends with them."""
    lines = queue.SimpleQueue()

    def listen():
        for line in stream:
            lines.put(line)
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    return iter(lines.get, None)


def main():
    """Load the program that the first request holds; then answer one call after the other."""
    requests, replies = requests_in(os.fdopen(os.dup(0), "rb")), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    first, tried = json.loads(next(requests)), []
    namespace = {"__name__": "program", "np": np, "math": math}
    if first["torch"]:
        import torch

        torch.set_num_threads(1)
        namespace["torch"] = torch
    limit(first["memory"], first["cpu_seconds"])
    guard(os.getcwd(), first["forbidden"], tried)

    def answered(work):
        try:
            reply = {"value": work()}
        except MemoryError:
            reply = {"error": "MemoryError"}
        except BaseException as error:
            reply = {"error": _kind(error), "line": _line(error)}
        replies.write(json.dumps(reply | {"tried": tried}).encode() + b"\n")
        replies.flush()

    def load():
        exec(compile(first["program"], FILE, "exec"), namespace)
        return callable(namespace.get(first["function"])) + 0

    answered(load)
    for line in requests:
        args = [unpacked(value) for value in json.loads(line)]
        answered(lambda args=args: packed(namespace[first["function"]](*args)))


def _kind(error):
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")


def _line(error):
    """The last line of the program that an error went through."""
    line, place = getattr(error, "lineno", None), error.__traceback__
    while place:
        if place.tb_frame.f_code.co_filename == FILE:
            line = place.tb_lineno
        place = place.tb_next
    return line


if __name__ == "__main__":
    main()
