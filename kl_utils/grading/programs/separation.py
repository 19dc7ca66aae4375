"""What separates a process from the rest of the machine, where the system offers that.

Linux has namespaces: the process gets a network without any connection, a process table of its own
that dies with it, files that it can only read, and an empty folder of its own in memory. They need
no rights of an administrator, though some systems forbid them. Elsewhere there is only the guard
in `child`, and the limits on time and memory.
"""

import subprocess
import tempfile
from functools import cache

_ALONE = ["unshare", "--user", "--map-root-user", "--net", "--ipc", "--pid", "--mount-proc"]
_ALONE += ["--fork", "--kill-child"]
# Makes every mounted file system read-only, puts an empty one over the folder, and then gives up
# the right to undo that.
_READING_ONLY = """
set -e
places=$(findmnt --raw --noheadings --output TARGET)
for place in $places; do mount -o remount,bind,ro "$place"; done
mount -t tmpfs -o size=16m none "$1"
cd "$1"
shift
exec setpriv --bounding-set=-all --no-new-privs "$@"
"""


def separated(command, folder):
    """The command that runs a command with the walls that this machine has."""
    return [*_in_front(folder)[walls()], *command]


@cache
def walls():
    """What the system separates here: ``"files"``, ``"alone"`` or, nothing, ``""``."""
    with tempfile.TemporaryDirectory() as folder:
        return next(kind for kind, front in _in_front(folder).items() if _works(front))


def _in_front(folder):
    reading_only = ["sh", "-c", _READING_ONLY, "sh", str(folder)]
    return {"files": [*_ALONE, *reading_only], "alone": _ALONE, "": []}


def _works(front):
    if not front:
        return True
    try:
        run = subprocess.run([*front, "true"], capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0
