"""How far the grading of a class is, for whoever waits for it."""

import sys
import time

_SOON, _LATER = 0.2, 10.0  # seconds between two words, on a line that is rewritten or on new ones


def told(outcomes, total, stream=None, clock=time.monotonic):
    """Yield outcomes, and say on the way how many of all there are.

    Parameters
    ----------
    outcomes : iterable
    total : int
    stream : text stream, optional
        Where to say it: the errors, by default, so that what is printed stays what was found. In a
        terminal one line is rewritten, and is gone in the end.
    clock : callable
        Gives the time in seconds.
    """
    stream = stream or sys.stderr
    is_terminal = stream.isatty()
    last = clock()
    for count, outcome in enumerate(outcomes, 1):
        if clock() - last >= (_SOON if is_terminal else _LATER):
            last = clock()
            said = f"{count} of {total} pieces of work graded"
            stream.write(f"\r{said}" if is_terminal else f"{said}\n")
            stream.flush()
        yield outcome
    if is_terminal:
        stream.write("\r\x1b[K")
        stream.flush()
