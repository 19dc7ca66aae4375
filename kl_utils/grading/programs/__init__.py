"""Programs of students: each runs in a process of its own, and what it returns is judged here.

`sandbox` starts and limits the process, `child` is what runs in it, `signs` reads a program's text,
`judging` gives points, `separation` has the system's walls, and `containment` says in words what
all this holds back on a machine.
"""

from .containment import DOCKER, what_is_contained
from .judging import Check, generator, in_process, judge_program, judged, judges
from .sandbox import Limits, ProgramFailed, Sandbox

__all__ = [
    "DOCKER",
    "Check",
    "Limits",
    "ProgramFailed",
    "Sandbox",
    "generator",
    "in_process",
    "judge_program",
    "judged",
    "judges",
    "what_is_contained",
]
