"""What a machine must have before anything is installed, and what to say where it lacks that.

`environment` asks here first. So this, too, uses the standard library only, and no syntax
that an old Python 3 cannot read.
"""

import importlib.util
import os
import platform
import shutil
import sys
import sysconfig
import tempfile

OLDEST, NEWEST = (3, 11), (3, 14)  # requirements.txt has builds for these and all between

# Measured, and rounded up. pip keeps what it downloads in the system's folder for temporary files
# until it is installed.
ROOM = {"venv": 2.0e9, "downloads": 0.4e9}
ROOM_WITH_CUDA = {"venv": 6.0e9, "downloads": 3.0e9}

DISK_FULL = ("No space left", "Disk quota exceeded", "not enough space on the disk")


class SetupError(Exception):
    """What went wrong and what to do about it, in a sentence or two."""


def check_version(version):
    if not OLDEST <= version <= NEWEST:
        raise SetupError(
            f"This needs Python {dotted(OLDEST)} to {dotted(NEWEST)}, and {sys.executable} is "
            f"Python {dotted(version)}. Install one of those and name it, for example: "
            "make test PYTHON=python3.12"
        )


def check_can_make_venv():
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise SetupError(
            f"{sys.executable} comes without {' and '.join(missing)}, which make virtual "
            f"environments. On Debian and Ubuntu: apt install python{this_version()}-venv. "
            "Elsewhere, install Python from python.org."
        )


def check_machine():
    """Refuse what PyTorch has no build for: pip would say only that it found none."""
    lacking = machine_without_torch()
    if lacking:
        raise SetupError(
            f"There is no build of PyTorch for {lacking}. There are builds for Linux (x86-64, "
            "ARM), macOS 14 or later on Apple silicon, and Windows (x86-64). Read the pages that "
            "another machine has built, or run the notebooks in the cloud."
        )


def machine_without_torch():
    """Return in words what this Python runs on, or None where PyTorch has a build for it."""
    if sys.maxsize < 2**32:
        return "a Python of 32 bits"
    if sysconfig.get_platform() == "win-arm64":
        return "Windows on ARM"
    if sys.platform == "darwin":
        if platform.machine() != "arm64":
            return "Macs with Intel processors, nor for a Python that is made for them"
        version = platform.mac_ver()[0]
        if version and int(version.split(".")[0]) < 14:
            return f"macOS {version}"
    return None


def check_room(root, room, unless=""):
    """Refuse where ``.venv``, or pip's downloads on their way to it, would not fit on the disk.

    ``unless`` says what else the reader could do. A quota may be narrower than the disk, and only
    shows when it is reached: see `disk_is_full`.
    """
    needs = {root: room["venv"]}
    require_free(needs, unless)  # first: on a full disk Python finds no folder for temporary files
    temporary = tempfile.gettempdir()
    if os.stat(temporary).st_dev == os.stat(str(root)).st_dev:
        needs[root] += room["downloads"]
    else:
        needs[temporary] = room["downloads"]
    require_free(needs, unless)


def require_free(needs, unless):
    for folder, needed in needs.items():
        free = free_space(folder)
        if free < needed:
            # An older .venv makes way for the new one.
            free += size_of_venv(folder)
        if free < needed:
            raise SetupError(
                f"The disk of {folder} has {gigabytes(free)} free, and the set-up needs "
                f"{gigabytes(needed)} there. Make room{unless}, then run the same command again."
            )


def free_space(folder):
    """Return how many bytes are free, infinitely many where the system doesn't say."""
    try:
        usage = shutil.disk_usage(str(folder))
    except OSError:
        return float("inf")
    return usage.free if usage.total else float("inf")


def size_of_venv(folder):
    return sum(
        os.lstat(os.path.join(inside, name)).st_size
        for inside, _, names in os.walk(os.path.join(str(folder), ".venv"))
        for name in names
    )


def disk_is_full(root, message):
    """Tell whether that is why something failed: by its own words, or because it is full now."""
    return any(words in message for words in DISK_FULL) or free_space(root) < 20e6


def full_disk(root):
    """Return the error that says so."""
    return SetupError(
        f"The disk filled up during the set-up, or a quota was reached: {root} needs "
        f"{gigabytes(ROOM['venv'])}, and pip's downloads {gigabytes(ROOM['downloads'])} in "
        f"{os.environ.get('TMPDIR') or 'the folder for temporary files'} (TMPDIR names another). "
        "Make room, then run the same command again."
    )


def gigabytes(size):
    return f"{size / 1e9:.1f} GB"


def this_version():
    return dotted(sys.version_info[:2])


def dotted(version):
    return ".".join(map(str, version))
