"""Put the lines of a proof in order, some of which do not belong to it."""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import count, pairwise
from string import ascii_lowercase

from .formal import Formal
from .grades import Grade
from .numbers import drawn
from .profiles import profile
from .readings import Untold
from .steps import size
from .task import BadAnswer, Frame, Task


@dataclass(frozen=True)
class Order(Task):
    """Put lines in order below the frame's first line. Any order that the checker accepts is right.

    Every line but the goal earns a share. A line that does not follow from what stands above it
    earns none, and the rest is graded without it. A step that is too large, and is none of the
    given order, is left to a person. A distractor costs as much as it takes for all
    lines together to earn nothing, though never more than half of the points.

    Attributes
    ----------
    frame : Frame
        The letters, the distributions and the first line.
    lines : tuple of str, or of pairs of text and reason
        The lines below the first, in an order that is right; the last is the goal.
    distractors : tuple of the same
        Lines that do not hold.
    enough : int, optional
        How many of the lines a full answer uses, the goal among them; all, unless said otherwise.
    seed : int
        Another one shuffles otherwise.
    """

    frame: Frame = field(kw_only=True)
    lines: tuple = field(kw_only=True)
    distractors: tuple = field(default=(), kw_only=True)
    enough: int | None = field(default=None, kw_only=True)
    seed: int = field(default=0, kw_only=True)

    answer_shape = "a list of labels"

    @cached_property
    def shuffled(self):
        """What the student sees: each label with its line, a pair of text and reason."""
        lines = [*map(_pair, self.lines), *map(_pair, self.distractors)]
        for attempt in count():
            shuffled = sorted(lines, key=lambda line: drawn(self.name, self.seed, attempt, line))
            if shuffled[-1] != self._goal:  # or the lines as they come might be an answer
                return dict(zip(ascii_lowercase, shuffled, strict=False))

    @property
    def _goal(self):
        return _pair(self.lines[-1])

    def grade(self, answer):
        """Grade an answer, the labels of the lines from top to bottom: ``["c", "a", "b"]``."""
        kept, dropped = self._sorted_out(self._chosen(answer))
        needed = (self.enough or len(self.lines)) - 1
        share = self.points / needed
        wrong = sum(line in map(_pair, self.distractors) for _, line in dropped)
        steps = sum(line != self._goal for _, line in kept)
        reached = bool(kept) and kept[-1][1] == self._goal
        lost = [f"({label}) does not follow from what stands above it." for label, _ in dropped]
        if steps < needed:
            lost.append("Steps are missing.")
        if not reached:
            lost.append("The last line is not what was to be shown.")
        large = self._large_steps(kept)
        earned = share * (min(steps, needed) - (not reached)) - wrong * self._cost_of_a_distractor
        earned = max(0.0, earned)
        held = min(earned, share * len(large))
        reads = tuple(f"({label}) is a large step from the line above it." for label in large)
        return Grade(earned - held, self.points, tuple(lost), reads if held else (), held)

    @property
    def _cost_of_a_distractor(self):
        return max(
            self.points / max(2, len(self.distractors)),
            self.points / len(self.lines),
        )

    def _large_steps(self, kept):
        """The labels of lines that evaluate too much at once, as the given order does not."""
        given = self.frame.derivation(*map(_pair, self.lines)).lines
        usual = {(above.text, below.text) for above, below in pairwise(given)}
        steps = pairwise(self.frame.derivation(*(line for _, line in kept)).lines)
        return [
            label
            for (label, _), (above, below) in zip(kept, steps, strict=True)
            if (above.text, below.text) not in usual and self._is_large(above.tree, below.tree)
        ]

    @cached_property
    def _formal(self):
        return Formal(self.frame)

    def _is_large(self, above, below):
        try:
            profiles = (profile(tree, self._formal) for tree in (above, below))
            return size(*profiles, self._formal).kind == "too large"
        except Untold:
            return False

    def _chosen(self, answer):
        """The label and the line of each place."""
        if not isinstance(answer, list):
            raise BadAnswer("Give the labels of the lines as a list, from top to bottom.")
        if len(answer) > len(self.shuffled) or len(set(map(str, answer))) < len(answer):
            raise BadAnswer("Use each line once at most.")
        if not all(isinstance(label, str) and label in self.shuffled for label in answer):
            raise BadAnswer("There is a label here that no line has.")
        return [(label, self.shuffled[label]) for label in answer]

    def _sorted_out(self, chosen):
        """The lines that follow one from the other, and those dropped."""
        kept, dropped = list(chosen), []
        while True:
            verdicts = self.frame.derivation(*(line for _, line in kept)).check().verdicts
            broken = next((i for i, verdict in enumerate(verdicts[1:]) if not verdict.ok), None)
            if broken is None:
                return kept, dropped
            dropped.append(kept.pop(broken))

    def check(self):
        """Raise a ValueError where the task itself is wrong."""
        super().check()
        lines, distractors = list(map(_pair, self.lines)), list(map(_pair, self.distractors))
        everything = [*lines, *distractors]
        different = {text for text, _ in everything}
        if not 2 <= len(different) == len(everything) <= len(ascii_lowercase):
            raise ValueError("lines, distractors: expected 2 to 26 in all, no two alike")
        if not 2 <= (self.enough or len(lines)) <= len(lines):
            raise ValueError(f"enough: expected 2 to {len(lines)} lines, got {self.enough}")
        report = self.frame.derivation(*lines).check()
        if not report.ok:
            raise ValueError(f"lines: their own order breaks: {report.first_broken.explanation()}")
        for line in distractors:
            for place in range(len(lines) + 1):
                chain = [*lines[:place], line, *lines[place:]]
                if self.frame.derivation(*chain).check().ok:
                    raise ValueError(f"distractors: {line[0]!r} holds at place {place + 1}")
        if self.grade(list(self.shuffled)).points:
            raise ValueError("distractors: the lines as they are shown earn points; add some")


def _pair(line):
    return (line, "") if isinstance(line, str) else tuple(line)
