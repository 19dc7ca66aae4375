"""A small practice task of each kind, with an answer that is wrong."""

from kl_utils.derivation import Given, gaussian, positive, real
from kl_utils.exercises import (
    Blank,
    Choose,
    Compute,
    Condition,
    Frame,
    Lemma,
    Locate,
    Match,
    Order,
    Predict,
    Prove,
    Reason,
    Refute,
    Repair,
)
from practice import Practice

GIVEN = Given(mu=real(), sigma=positive())
Q = {"q": gaussian("mu", "sigma**2")}
SQUARE = Frame(GIVEN, "E(z**2)", Q)
REASONS = {"i": "The mean is not $\\mu$.", "ii": "A deviation is no variance."}

_ORDER = Order(
    "t/order",
    "Put the lines in order.",
    frame=SQUARE,
    lines=("= Var(z) + E(z)**2", "= sigma**2 + E(z)**2", "= sigma**2 + mu**2"),
    distractors=("= sigma + E(z)**2", "= Var(z) - mu**2"),
)
_LABELS = {text: label for label, (text, _) in _ORDER.shuffled.items()}

# Each with a wrong answer.
EXAMPLES = {
    one.name: (one, wrong)
    for one, wrong in [
        (
            Practice(
                Choose(
                    "t/choose",
                    "Where is $q$ near 0 when $\\operatorname{KL}(q \\,\\|\\, p)$ is small?",
                    choices={"a": "nowhere", "b": "where $p$ is near 0", "c": "everywhere"},
                    right="b",
                    misconceptions={"a": "It can vanish `somewhere`.", "c": "It has mass 1."},
                ),
                answer="b",
                why="The logarithm of $q/p$ would be large.",
            ),
            "a",
        ),
        (
            Practice(
                Match(
                    "t/match",
                    "What belongs together?",
                    items={"1": "$x^2$", "2": "$x$"},
                    partners={"a": "a line", "b": "a parabola", "c": "a bell"},
                    key={"1": "b", "2": "a"},
                ),
                answer={"1": "b", "2": "a"},
                why="So they look.",
            ),
            {"1": "b", "2": "c"},
        ),
        (
            Practice(
                Reason(
                    "t/reason",
                    "What does each step rest on?",
                    items={"b": "$= \\mathbb{E}[f] + \\mathbb{E}[g]$", "c": "$\\le \\log h$"},
                    partners={"i": "linearity", "ii": "Jensen"},
                    key={"b": "i", "c": "ii"},
                ),
                answer={"b": "i", "c": "ii"},
                why="The logarithm is concave.",
            ),
            {"b": "ii", "c": "i"},
        ),
        (
            Practice(
                Locate(
                    "t/locate",
                    "Which line breaks first, and why?",
                    frame=SQUARE,
                    lines=("= Var(z) + E(z)**2", "= sigma + mu**2"),
                    reasons=REASONS,
                    right_reason="ii",
                ),
                answer={"line": "c", "reason": "ii"},
                why="$\\sigma$ is a deviation.",
            ),
            {"line": "b", "reason": "ii"},
        ),
        (
            Practice(
                Predict("t/relation", "Which sign?", what="relation"),
                answer="<",
                why="It is less.",
            ),
            {"prediction": ">", "confidence": 0.8},
        ),
        (
            Practice(
                Predict("t/number", "How large?", what="number"),
                answer=0.5,
                within=0.1,
                why="It is a half.",
            ),
            {"prediction": 0.7, "confidence": 0.5},
        ),
        (
            Practice(
                Compute(
                    "t/compute",
                    "Compute the mean of $z^2$ for $\\mu = {mu}$ and $\\sigma = {sigma}$.",
                    frame=SQUARE,
                    key="E(z**2)",
                    choices={"mu": (1, 2), "sigma": (1, 3)},
                    slips={"mu**2": "What does the variance add?"},
                ),
                answer="sigma**2 + mu**2",
                why="The variance and the square of the mean.",
                hints=("Two terms.", "The variance is one."),
            ),
            "mu**2",
        ),
        (
            Practice(
                Blank(
                    "t/blank",
                    "What fills the hole?",
                    frame=SQUARE,
                    lines=("= sigma**2 + ___",),
                    at=1,
                    solution="mu**2",
                ),
                answer="mu**2",
                why="The square of the mean.",
            ),
            {"text": "mu"},
        ),
        (
            Practice(
                Repair(
                    "t/repair",
                    "Repair the line.",
                    frame=SQUARE,
                    lines=("= Var(z) + E(z)", "= sigma**2 + mu**2"),
                    at=1,
                    solution="= Var(z) + E(z)**2",
                ),
                answer={"text": "= Var(z) + E(z)**2"},
                why="The mean is squared.",
            ),
            {"text": "= Var(z)"},
        ),
        (
            Practice(
                _ORDER,
                answer=[_LABELS[line] for line in _ORDER.lines],
                why="First split, then evaluate.",
            ),
            [_LABELS["= sigma + E(z)**2"]],
        ),
        (
            Practice(
                Prove(
                    "t/prove",
                    "Prove that it is $\\sigma^2 + \\mu^2$.",
                    frame=SQUARE,
                    goal="sigma**2 + mu**2",
                    lemmas=(Lemma("shift", "E(z**2)", "Var(z) + E(z)**2"),),
                ),
                answer={"lines": [{"text": "= sigma**2 + mu**2", "reason": "shift"}]},
                why="By the lemma.",
            ),
            {"lines": [{"text": "= sigma + mu**2", "reason": ""}]},
        ),
        (
            Practice(
                Refute(
                    "t/refute",
                    "Find numbers at which this fails.",
                    frame=SQUARE,
                    claim="<= sigma**2",
                    reasons=REASONS,
                    right_reason="ii",
                ),
                answer={"numbers": {"mu": 1, "sigma": "1/2"}, "reason": "ii"},
                why="The mean counts.",
            ),
            {"numbers": {"mu": 0, "sigma": 1}, "reason": "ii"},
        ),
        (
            Practice(
                Condition(
                    "t/condition",
                    "When is this true?",
                    frame=Frame(GIVEN, "log(2*sigma**2)"),
                    claim=">= 0",
                    key=("sigma**2 >= 1/2",),
                ),
                answer=["sigma**2 >= 1/2"],
                why="The logarithm changes sign at 1.",
            ),
            ["sigma > 0"],
        ),
    ]
}
