"""The points for the steps of a proof: which parts of the work each step decides, and how."""

import re
from dataclasses import dataclass, field

from .profiles import profile
from .readings import Spent, Untold
from .remains import right_densities, right_moments
from .slips import is_slip
from .steps import Size, size

DEFINITION, LOGS, MOMENTS, ANSWER = "definition", "logs", "moments", "answer"
WEIGHTS = {DEFINITION: 2, LOGS: 3, MOMENTS: 3, ANSWER: 2}  # of ten
READING = "reading"  # what only a person can judge
EARNED, HELD, LOST = "earned", "held", "lost"
TOO_LARGE = (
    "a large step, which evaluates a divergence, an entropy, or an expectation or integral of "
    "logarithms of densities at once, and quotes no lemma for it."
)
_NOT_CLEAR = {
    Untold: "whether the step is too large is not clear.",
    Spent: "the proof takes too much computing to be judged by machine from here on.",
}
_MISSING = {
    DEFINITION: "The divergence or entropy of the first line is not written out.",
    LOGS: "The logarithms of the densities are not all written out.",
    MOMENTS: "Not all expectations are evaluated.",
}


def shares(first, goal):
    """The parts of the work from the first line to the goal, each with its share of 1.

    A part is (kind, density): for the logarithms of each density that have to go, and for what
    then has to be averaged. Parts that a task does not have leave their points to the others; where
    none is left, or nothing can be told about the ends (None), all but the answer is for a person
    to judge.
    """
    parts = _parts(first, goal) if first else {}
    parts = parts or {(READING, ""): 1}
    whole = sum(parts.values())
    answer = WEIGHTS[ANSWER] / sum(WEIGHTS.values())
    return {part: (1 - answer) * share / whole for part, share in parts.items()} | {
        (ANSWER, ""): answer
    }


def _parts(first, goal):
    parts = {}
    logs = sorted(first.logs - goal.logs)
    if first.named - goal.named:
        parts[DEFINITION, ""] = WEIGHTS[DEFINITION]
    for density in logs:
        parts[LOGS, density] = WEIGHTS[LOGS] / len(logs)
    if goal.closed and not first.closed:
        for density in logs or [""]:
            parts[MOMENTS, density] = WEIGHTS[MOMENTS] / len(logs or [""])
    return parts


@dataclass
class Marking:
    """Goes down a proof, step by step.

    ``outcome[part]`` is earned, held (a person may give it) or lost, once it is decided.
    """

    shares: dict
    first: object
    formal: object
    lemmas: dict
    outcome: dict = field(default_factory=dict)
    lost: list = field(default_factory=list)
    to_read: list = field(default_factory=list)
    astray: bool = False  # does a wrong line have nothing to do with the one above?
    right_moments: int = 0  # of those evaluated
    wrong_moments: int = 0
    fewest: int | None = None  # moments that were left on a line
    is_clean: bool = True  # has no line been wrong?

    def __post_init__(self):
        self.above = self.first

    def step(self, number, line, holds, is_back=False):
        """Take the step to a line whose value is known.

        ``holds`` says if it follows, and ``is_back`` if it does not, but has the value of the first
        line again.
        """
        if not self._open():
            self.is_clean &= holds
            return
        try:
            below = profile(line.tree, self.formal)
            if holds:
                self._right(number, line, below)
            else:
                self._wrong(number, below, is_back)
            self.above = below
        except (Untold, Spent) as why:
            self.is_clean &= holds
            self.to_read.append(f"Line {number}: {_NOT_CLEAR[type(why)]}")
            self._decide(self._open(), HELD if holds and not self.astray else LOST)

    def _right(self, number, line, below):
        found = size(self.above, below, self.formal, self._quoted(line.reason))
        crossed = self._crossed(below)
        kinds = {kind for kind, _ in crossed}
        if DEFINITION in kinds and crossed == self._open() and not below.has_sums:
            found = Size("too large", self.above.logs)  # from the first line to the end at once
        if found.kind == "too large":
            self.to_read.append(f"Line {number}: {TOO_LARGE}")
            skipped = {(LOGS, density) for density in found.skipped} & crossed
            skipped |= {(MOMENTS, density) for density in found.skipped} & self._open()
            if found.skipped >= self.above.logs:
                keeps = below.named & self.first.named and below.logs >= self.above.logs
                skipped = self._open() - ({(DEFINITION, "")} if keeps else set())
            self._decide(skipped, LOST if self.astray else HELD)
            crossed -= skipped
        elif found.kind == "moments":
            self.right_moments += self._fewer(below)
        self._note_fewest(crossed, below)
        self._decide(crossed, LOST if self.astray else EARNED)

    def _wrong(self, number, below, is_back):
        self.is_clean = False
        crossed = self._crossed(below)
        if not (below.closed or self.astray or is_slip(self.above, below, self.formal)):
            self.astray = True
            self.lost.append(f"Line {number} has left the line above, so nothing below it counts.")
        right = set() if self.astray or is_back else self._right_on_wrong(crossed, below)
        self._note_fewest(crossed, below)
        if not below.closed:
            crossed |= {(MOMENTS, density) for density in self._dropped(below)} & self._open()
        self._decide(crossed - right, LOST)
        self._decide(right, EARNED)

    def _right_on_wrong(self, crossed, below):
        """The parts of the work that a wrong line does right, and count its moments."""
        densities = {density for kind, density in crossed if kind == LOGS}
        if densities:
            kept = right_densities(self.above, below, self.formal, densities)
            done = {(LOGS, density) for density in kept}
            return done | ({(DEFINITION, "")} & crossed if done else set())
        if below.closed and self.above.logs:
            return set()
        if below.closed or self._fewer(below):
            right, count = right_moments(self.above, below, self.formal)
            self.right_moments += right
            self.wrong_moments += count - right
        return {part for part in crossed if part[0] == MOMENTS}

    def _dropped(self, below):
        """The densities whose logarithms have vanished, while all others are as they were."""
        gone = self.above.logs - below.logs
        return gone if below.logs and not below.moments else frozenset()

    def _note_fewest(self, crossed, below):
        fresh = self.fewest is None or any(kind == LOGS for kind, _ in crossed)
        fewest = len(below.moments)
        self.fewest = fewest if fresh else min(self.fewest, fewest)

    def _fewer(self, below):
        """By how many a step, which evaluates some, leaves fewer moments than any line did."""
        fewest = len(self.above.moments) if self.fewest is None else self.fewest
        evaluates = self.above.moments - below.moments
        return max(0, fewest - len(below.moments)) if evaluates else 0

    def _quoted(self, reason):
        said = " ".join(reason.lower().split())
        return [
            sides
            for name, sides in self.lemmas.items()
            if re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", said)
        ]

    def _open(self):
        others = (ANSWER, READING)
        return {part for part in self.shares if part not in self.outcome and part[0] not in others}

    def _crossed(self, below):
        """The parts of the work that are done when this line is reached."""
        done = {
            (DEFINITION, ""): not below.named & self.first.named,
            (MOMENTS, ""): below.closed,
        }
        for density in self.first.logs:
            done[LOGS, density] = density not in below.logs
            done[MOMENTS, density] = below.closed
        return {part for part, is_done in done.items() if is_done} & self._open()

    def _decide(self, parts, outcome):
        self.outcome |= dict.fromkeys(parts, outcome)

    def points(self):
        """Points earned and held, as shares of 1."""
        earned = held = 0.0
        for part, share in self.shares.items():
            outcome = self.outcome.get(part)
            if part[0] == MOMENTS and outcome in (EARNED, None):
                earned += share * self._right_moments(part, outcome)
            elif outcome == EARNED:
                earned += share
            held += share * (outcome == HELD)
        return earned, held

    def _right_moments(self, part, outcome):
        """The share of the moments that come out right; those that are left count as missing."""
        right, count = self.right_moments, self.right_moments + self.wrong_moments
        if outcome == EARNED:
            return right / count if count else 1
        if self.astray or self.above.closed or part[1] in self.above.logs:
            return 0
        return right / max(1, count + len(self.above.moments))

    def missing(self):
        """A sentence for each kind of work that was never done."""
        open_kinds = {kind for kind, _ in self._open()}
        return [sentence for kind, sentence in _MISSING.items() if kind in open_kinds]
