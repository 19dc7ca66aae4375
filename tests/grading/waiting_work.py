"""Work for processes in tests: it has to be importable by its name."""

import os
import time


def set_up(word):
    if word == "broken":
        raise ValueError("nothing to work with")
    return word


def do(state, job):
    yield f"{state} {job}"
    if job == "endless":
        while True:
            pass
    if job == "asleep":
        time.sleep(999)
    if job == "dies":
        os._exit(3)
    if job == "fails":
        raise RuntimeError
    yield "whole"
