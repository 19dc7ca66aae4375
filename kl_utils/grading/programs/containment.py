"""What running a stranger's program holds back on a machine and what not, in words for a guide."""

import os
import sys

from .sandbox import Limits
from .separation import walls

_GUARD = "only a guard inside Python refuses it, and who knows Python well gets past that."


def what_is_contained():
    """What is held back on this machine, and what is not.

    Returns
    -------
    contained, not_contained : list of str
        Sentences.
    """
    seconds, in_all = Limits.seconds, Limits.seconds_in_all
    sentences = [
        "Tests: a program never gets at a test or a right value. What it returns is read as plain "
        "numbers, and compared in another process.",
        f"Time: a call is ended after {seconds:g} seconds unless a task allows more, a program "
        f"after {in_all:g}.",
        "Output: what a program prints is thrown away.",
    ]
    held, open_ = zip(_memory(), _network(), _processes(), _files(), _count(), strict=True)
    not_contained = [
        "Reading files: the guard refuses it, but a program that gets past the guard can read "
        "what your account can read" + (", though not send it anywhere." if walls() else "."),
        "Faults of the system itself: for these, grade in a container or a virtual machine.",
    ]
    return sentences + list(filter(None, held)), list(filter(None, open_)) + not_contained


def _memory():
    if sys.platform == "linux":
        size = Limits.memory / 2**30
        return f"Memory: {size:g} GB beyond what Python and its libraries take.", ""
    return "", "Memory: it is not limited here. A program can fill it until its time is over."


def _network():
    if walls():
        return "Network: there is none, not even to this machine.", ""
    return "", f"Network: {_GUARD}"


def _processes():
    if walls():
        return "Other processes: a program sees only its own, and they end with it.", ""
    return "", f"Ending other processes: {_GUARD}"


def _files():
    if walls() == "files":
        return "Files: all are read-only but those in an empty folder that is then removed.", ""
    return "", f"Changing and deleting files: {_GUARD}"


def _count():
    if os.name != "posix":
        return "", f"Starting processes: {_GUARD}"
    if os.geteuid() == 0:
        return "", f"Starting processes, as an administrator: {_GUARD} Use an ordinary account."
    return "Starting processes: the system refuses it.", ""


DOCKER = """\
# Once: an image with what grading needs.
docker run --name kl-grading python:3.12 \\
    pip install numpy scipy scikit-learn array-api-compat torch
docker commit kl-grading kl-grading

# Each time: in the course's folder, with submissions/ and course/ beside kl_utils/.
docker run --rm --network none --read-only --tmpfs /tmp --memory 4g --pids-limit 256 \\
    --cap-drop ALL --security-opt no-new-privileges --user "$(id -u):$(id -g)" \\
    -v "$PWD":/kl:ro -v "$PWD/course":/kl/course -w /kl kl-grading \\
    python -m kl_utils.exercises grade divergence submissions course
"""
