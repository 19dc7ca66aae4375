"""One small task of each kind, and all that no grade may say."""

from kl_utils.derivation import Given, covariance, gaussian, positive, real
from kl_utils.exercises import Frame
from kl_utils.exercises.choices import Choose, Match, Reason
from kl_utils.exercises.computing import Compute
from kl_utils.exercises.conditions import Condition
from kl_utils.exercises.counterexamples import Locate, Refute
from kl_utils.exercises.ordering import Order
from kl_utils.exercises.words import Explain, Predict

GIVEN = Given(mu=real(), sigma=positive())
MEANINGS = {"q": gaussian("mu", "sigma**2"), "p": gaussian("0", "1")}
FRAME = Frame(GIVEN, "KL(q, p)", MEANINGS)

ORDER = Order(
    "order",
    "Put the lines in order.",
    frame=FRAME,
    lines=(
        "= E(log_q(z)) - E(log_p(z))",
        "= H(q, p) - H(q)",
        "= (E(z**2) + log(2*pi))/2 - H(q)",
        "= (sigma**2 + mu**2 - 1)/2 - log(sigma)",
    ),
    distractors=("= E(log_p(z)) - E(log_q(z))", "= (sigma**2 - mu**2 - 1)/2 - log(sigma)"),
)
LOCATE = Locate(
    "locate",
    "Which line breaks first, and why?",
    frame=Frame(GIVEN, "E(z**2)", MEANINGS),
    lines=("= Var(z) + E(z)**2", "= sigma + mu**2", "= mu**2 + sigma"),
    reasons={"i": "The mean is not mu.", "ii": "The standard deviation is no variance."},
    right_reason="ii",
)
REFUTE = Refute(
    "refute",
    "Find numbers for which this fails, and say why.",
    frame=Frame(Given(n=range(1, 4), Sigma=covariance("n")), "det(Sigma)"),
    claim="= tr(Sigma)",
)
CONDITION = Condition(
    "condition",
    "When is this true?",
    frame=Frame(GIVEN, "log(2*sigma**2)"),
    claim=">= 0",
    key=("sigma**2 >= 1/2",),
)
MATCH = Match(
    "match",
    "Which formula belongs to which plot?",
    items={"1": "the bell", "2": "the parabola", "3": "the line"},
    partners={"a": "exp(-x**2)", "b": "x**2", "c": "x", "d": "x**3"},
    key={"1": "a", "2": "b", "3": "c"},
)
REASON = Reason(
    "reason",
    "Which lemma does each step rest on?",
    items={"b": "= E(f) + E(g)", "c": "<= log(E(h))", "d": "= 2*E(f)"},
    partners={"i": "linearity", "ii": "Jensen's inequality"},
    key={"b": "i", "c": "ii", "d": "i"},
)
COMPUTE = Compute(
    "compute",
    "Compute KL(q, p) in nats, for mu = {mu} and sigma = {sigma}.",
    frame=FRAME,
    key="KL(q, p)",
    choices={"mu": (1, 2, 3), "sigma": (2, "1/2")},
    slips={"KL(p, q)": "Which of the two comes first?"},
)
CHOOSE = Choose(
    "choose",
    "Where is q near 0 when KL(q, p) is small?",
    choices={"a": "where p is near 0", "b": "nowhere", "c": "wherever p is large"},
    right="a",
    misconceptions={
        "b": "A divergence of q can be small although q vanishes somewhere.",
        "c": "Look at the logarithm once more: when is it large?",
    },
)
PREDICT = Predict("predict", "Which sign will it have?", what="sign")
EXPLAIN = Explain(
    "explain",
    "Why is the divergence never negative?",
    good_answer_says=("The logarithm is concave.", "Equality needs equal densities."),
)

TASKS = (
    ORDER,
    LOCATE,
    REFUTE,
    CONDITION,
    MATCH,
    REASON,
    COMPUTE,
    CHOOSE,
    PREDICT,
    EXPLAIN,
)

# What students must not learn from a grade, as texts that no sentence may contain.
SECRETS = {
    "order": ORDER.lines,
    "locate": ("(c)", "line c", *LOCATE.lines, LOCATE.reasons["ii"], "(ii)"),
    "refute": ("Sigma = ", "Σ = "),
    "condition": CONDITION.key,
    "match": tuple(MATCH.partners.values()),
    "reason": tuple(REASON.partners.values()),
    "compute": (COMPUTE.key,),
    "choose": (CHOOSE.choices["a"], "(a)"),
    "predict": (),
    "explain": EXPLAIN.good_answer_says,
}


def labels(task, *lines):
    """The labels under which an `Order` shows some lines."""
    shown = {text: label for label, (text, _) in task.shuffled.items()}
    return [shown[line] for line in lines]
