"""The points for the steps of a proof: which parts of the work each step decides, and how."""

from dataclasses import dataclass, field

from .formal import Untold
from .steps import is_slip, profile, size

DEFINITION, LOGS, MOMENTS, ANSWER = "definition", "logs", "moments", "answer"
WEIGHTS = {DEFINITION: 2, LOGS: 3, MOMENTS: 3, ANSWER: 2}  # of ten
EARNED, HELD, LOST = "earned", "held", "lost"


def shares(first, goal):
    """The parts of the work from the first line to the goal, each with its share of 1.

    A part is (kind, density): for the logarithms of each density that have to go, and for what
    then has to be averaged. Parts that a task does not have leave their points to the others; where
    none is left, ("reading", "") stands for what only a person can judge.
    """
    logs = sorted(first.logs - goal.logs)
    parts = {}
    if first.named - goal.named:
        parts[DEFINITION, ""] = WEIGHTS[DEFINITION]
    for density in logs:
        parts[LOGS, density] = WEIGHTS[LOGS] / len(logs)
    if goal.closed and not first.closed:
        for density in logs or [""]:
            parts[MOMENTS, density] = WEIGHTS[MOMENTS] / len(logs or [""])
    parts = parts or {("reading", ""): 1}
    whole = sum(parts.values())
    answer = WEIGHTS[ANSWER] / sum(WEIGHTS.values())
    return {part: (1 - answer) * share / whole for part, share in parts.items()} | {
        (ANSWER, ""): answer
    }


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
    evaluations: list = field(default_factory=list)  # of moments: did they hold?
    idle: frozenset = frozenset()  # moments that did not come from the lines above
    is_clean: bool = True  # has no line been wrong?

    def __post_init__(self):
        self.above = self.first

    def step(self, number, line, holds):
        """Take the step to a line whose value is known; ``holds`` says if it follows."""
        try:
            below = profile(line.tree, self.formal)
        except Untold:
            below = None
        if below is None:
            self.to_read.append(f"Line {number}: the step to it could not be judged.")
            self._decide(self._open(), HELD if holds else LOST)
            return
        if holds:
            self._right(number, line, below)
        else:
            self._wrong(below)
        self.above = below

    def _right(self, number, line, below):
        found = size(self.above, below, self.formal, self._quoted(line.reason))
        crossed = self._crossed(below)
        if found in ("part", "too large"):
            self.to_read.append(
                f"Line {number}: a large step, which evaluates a divergence, an entropy, an "
                "integral or an expectation of logarithms at once, and quotes no lemma for it."
            )
            if found == "too large":
                crossed = self._open()
            else:
                crossed |= {(MOMENTS, density) for _, density in crossed} & self._open()
            self._decide(crossed, HELD)
            return
        if found == "moments":
            evaluated = self.above.moments - below.moments
            if evaluated - self.idle:
                self.evaluations.append(True)
            self.idle |= below.moments - self.above.moments
        self._decide(crossed, LOST if self.astray else EARNED)

    def _wrong(self, below):
        self.is_clean = False
        crossed = self._crossed(below)
        if not below.closed and not is_slip(self.above, below, self.formal):
            self.astray = True
        if not below.closed and self.above.moments - below.moments:
            self.evaluations.append(False)
        self._decide(crossed, LOST)

    def _quoted(self, reason):
        said = " ".join(reason.lower().split())
        return [sides for name, sides in self.lemmas.items() if name.lower() in said]

    def _open(self):
        return {part for part in self.shares if part not in self.outcome and part[0] != ANSWER}

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
            outcome = self.outcome.get(part, LOST)
            if outcome == EARNED:
                earned += share * (self._right_moments() if part[0] == MOMENTS else 1)
            held += share * (outcome == HELD)
        return earned, held

    def _right_moments(self):
        return sum(self.evaluations) / len(self.evaluations) if self.evaluations else 1
