"""Work in processes of their own, each piece within its own budget of time.

A piece of work that takes too long is ended with its process; the others never notice. What a piece
has found before that is kept. The budget is processor time, so that a busy machine gives the same
grades as an idle one; only what does nothing for ten times as long is ended by the clock.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import wait

DONE, TOO_LONG, CRASHED = "done", "too long", "crashed"
_SPENT = 75  # the exit status of a process that ended itself when its time was spent
_PATIENCE = 10  # times the budget, by the clock


@dataclass(frozen=True)
class Outcome:
    """What became of a piece of work.

    Attributes
    ----------
    job : object
    parts : list
        What it found, in order.
    end : str
        `DONE`, `TOO_LONG` or `CRASHED`.
    """

    job: object
    parts: list
    end: str


def work_off(jobs, function, setup, workers, seconds):
    """Yield the `Outcome` of each job, in the order in which they end.

    Parameters
    ----------
    jobs : iterable
    function : callable
        Of the setup and a job; yields what it finds. It has to be importable by its name.
    setup : tuple
        A function and its arguments: each process calls it once.
    workers : int
        How many processes; with 0 the work is done here, and nothing can end it.
    seconds : callable
        How much processor time a job may take, and a tenth of how long.
    """
    waiting = deque(jobs)
    if not waiting:
        return
    if not workers:
        state = setup[0](*setup[1:])
        for job in waiting:
            yield Outcome(job, list(function(state, job)), DONE)
        return
    crew = [_Worker(function, setup) for _ in range(min(workers, len(waiting)))]
    try:
        while any(worker.is_needed for worker in crew) or waiting:
            soonest = min((w.deadline for w in crew), default=None)
            wait([w.ours for w in crew], max(0.0, min(soonest - time.monotonic(), 60.0)))
            for place, worker in enumerate(crew):
                outcome = worker.look()
                if outcome is not None:
                    yield outcome
                if not worker.is_alive and waiting:
                    crew[place] = worker = _Worker(function, setup)
                if worker.is_idle and waiting:
                    job = waiting.popleft()
                    worker.take(job, seconds(job))
            crew = [worker for worker in crew if worker.is_alive]
    finally:
        for worker in crew:
            worker.end()


class _Worker:
    """A process, what it works on, and until when it may."""

    _START = 120.0  # seconds: a slow machine may take long to load what is needed

    def __init__(self, function, setup):
        context = multiprocessing.get_context("spawn")
        self.ours, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, function, setup), daemon=True)
        self.process.start()
        theirs.close()
        self.job, self.parts, self.is_ready, self.is_alive = None, [], False, True
        self.deadline = time.monotonic() + self._START

    @property
    def is_idle(self):
        return self.is_alive and self.is_ready and self.job is None

    @property
    def is_needed(self):
        """Whether its job has not ended; or it has not begun, and a job may wait for it."""
        return self.is_alive and self.job is not None

    def take(self, job, seconds):
        self.job, self.parts = job, []
        self.deadline = time.monotonic() + _PATIENCE * seconds
        self.ours.send((job, seconds))

    def look(self):
        """Read what came; an `Outcome` where the job has ended, in one way or another."""
        try:
            while self.ours.poll():
                what, value = self.ours.recv()
                if what == "ready":
                    self.is_ready, self.deadline = True, float("inf")
                elif what == "part":
                    self.parts.append(value)
                elif what == "failed":
                    raise ValueError(value)
                else:
                    return self._close(DONE)
        except (EOFError, OSError):
            self.process.join()
            return self._give_up(TOO_LONG if self.process.exitcode == _SPENT else CRASHED)
        if time.monotonic() > self.deadline:
            return self._give_up(TOO_LONG)
        return None

    def end(self):
        """End the process, whatever it does."""
        self.is_alive = False
        self.process.kill()
        self.process.join()
        self.ours.close()

    def _give_up(self, end):
        self.end()
        if not self.is_ready:
            raise RuntimeError("A process for grading could not be started.")
        return self._close(end) if self.job is not None else None

    def _close(self, end):
        outcome = Outcome(self.job, self.parts, end)
        self.job, self.parts, self.deadline = None, [], float("inf")
        return outcome


def _serve(connection, function, setup):
    """What each process does: jobs, until it is ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it decides
    budget = _Budget()
    for watch in (_end_with_parent, budget.watch):
        threading.Thread(target=watch, daemon=True).start()
    try:
        state = setup[0](*setup[1:])
    except ValueError as error:
        connection.send(("failed", str(error)))
        return
    connection.send(("ready", None))
    while True:
        try:
            job, seconds = connection.recv()
        except (EOFError, OSError):
            return
        budget.begin(seconds)
        try:
            for part in function(state, job):
                connection.send(("part", part))
        except Exception:
            return  # the process ends, and the job counts as crashed
        budget.begin(float("inf"))
        connection.send(("done", None))


class _Budget:
    """The processor time that a process has for its job, and its end when that is spent."""

    def __init__(self):
        self.until = float("inf")

    def begin(self, seconds):
        self.until = time.process_time() + seconds

    def watch(self):
        while time.process_time() < self.until:
            time.sleep(0.05)
        os._exit(_SPENT)


def _end_with_parent():
    """End this process, whatever it does, when the one that started it is gone."""
    multiprocessing.parent_process().join()
    os._exit(1)
