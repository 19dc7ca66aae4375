"""Chapter 1: the divergence, and two Gaussians."""

from kl_utils.derivation import Given, between, gaussian, positive, real, simplex
from kl_utils.exercises import (
    Blank,
    Choose,
    Compute,
    Frame,
    Locate,
    Order,
    Prove,
    Refute,
)

from . import WHY_MAY_WE, Practice, at, match, predict

OPENING = ()

_ONE = Given(mu=real(), sigma=positive())
_STANDARD = {"q": gaussian("mu", "sigma**2"), "p": gaussian("0", "1")}
_TWO = Given(mu_q=real(), sigma_q=positive(), mu_p=real(), sigma_p=positive())
_PAIR = {"q": gaussian("mu_q", "sigma_q**2"), "p": gaussian("mu_p", "sigma_p**2")}


# 1.1

_TOSSES = Practice(
    Compute(
        "1/tosses-to-odds",
        "You say that a coin shows heads with probability {a}, and you are right. A friend gives "
        "equal chances to your belief and to a probability of {b}. After how many tosses is the "
        r"mean of the friend's log-odds in your favour $\log 100$? Give one decimal.",
        frame=Frame(Given(a=between(0, 1), b=between(0, 1))),
        key="log(100)/(a*log(a/b) + (1-a)*log((1-a)/(1-b)))",
        choices={"a": ("3/4", "2/3", "4/5"), "b": ("1/2", "2/5")},
        tolerance=0.005,
        slips={
            "log(100)/(b*log(b/a) + (1-b)*log((1-b)/(1-a)))": "These log-odds would grow if the "
            "coin followed the other belief. Under which distribution is the mean taken?",
            "log(100)/log(a/b)": "Not every toss shows heads: each outcome counts with its "
            "probability.",
            "100/(a*log(a/b) + (1-a)*log((1-a)/(1-b)))": "The odds are multiplied at each toss, "
            "and it is their logarithm that adds up.",
        },
    ),
    why=r"The log-odds rise by $\operatorname{KL}(q \,\|\, p)$ a toss on average, where $q$ is the "
    "distribution that the tosses follow.",
    hints=(
        "By how much do the log-odds rise at one toss, on average?",
        r"Heads add $\log q(z) - \log p(z)$ with the probability that heads really have, and so do "
        "tails.",
        r"The mean rise of one toss is $a \log \frac{a}{b} + (1 - a) \log \frac{1 - a}{1 - b}$, "
        "if $a$ is the true probability of heads and $b$ the other one.",
    ),
)

# 1.2


def _direction(statement, right, misconceptions, why):
    task = Choose(
        "1/which-direction",
        statement,
        choices={
            "a": r"$\operatorname{KL}(q \,\|\, p)$",
            "b": r"$-\operatorname{KL}(q \,\|\, p)$",
            "c": r"$\operatorname{KL}(p \,\|\, q)$",
            "d": r"$-\operatorname{KL}(p \,\|\, q)$",
        },
        right=right,
        misconceptions=misconceptions,
    )
    return Practice(task, why=why)


_UNDER_THE_WRONG_ONE = (
    "The logarithms are in this order, but that mean would be over draws from the other "
    "distribution."
)
_WRONG_SIGN = (
    "The draws come from the right place. Now look at the order in which the logarithms are "
    "subtracted."
)
_BOTH_WRONG = (
    "The mean in a divergence is over draws from its first argument, and the logarithm of the "
    "first argument comes first. Compare both with the program."
)

_DIRECTION = (
    _direction(
        r"A program draws $z$ from $p$, again and again, and averages $\log q(z) - \log p(z)$. "
        "What does the average tend to?",
        "d",
        {"a": _UNDER_THE_WRONG_ONE, "b": _BOTH_WRONG, "c": _WRONG_SIGN},
        r"The mean is under $p$, so $p$ comes first: "
        r"$\operatorname{KL}(p \,\|\, q) = \mathbb{E}_p[\log p(z) - \log q(z)]$. The program "
        "subtracts the other way round, which changes the sign.",
    ),
    _direction(
        r"A program draws $z$ from $q$, again and again, and averages $\log p(z) - \log q(z)$. "
        "What does the average tend to?",
        "b",
        {"a": _WRONG_SIGN, "c": _UNDER_THE_WRONG_ONE, "d": _BOTH_WRONG},
        r"The mean is under $q$, so $q$ comes first: "
        r"$\operatorname{KL}(q \,\|\, p) = \mathbb{E}_q[\log q(z) - \log p(z)]$. The program "
        "subtracts the other way round, which changes the sign.",
    ),
    _direction(
        r"A program draws $z$ from $p$, again and again, and averages $\log p(z) - \log q(z)$. "
        "What does the average tend to?",
        "c",
        {"a": _BOTH_WRONG, "b": _UNDER_THE_WRONG_ONE, "d": _WRONG_SIGN},
        "The draws come from $p$, and the logarithm of $p$ comes first: this is the divergence "
        "of $p$ from $q$.",
    ),
)

_WHY_SPLIT = Practice(
    Choose(
        "1/why-split",
        r"Line (1.4c) splits a sum in two. A sum can be split where no $\infty - \infty$ arises. "
        r"Why does none arise here, although $\log p(z)$ may be $-\infty$?",
        choices={
            "a": "The divergence is at least 0, so it is never $-\\infty$.",
            "b": "Both $q(z)$ and $p(z)$ sum to 1 over the outcomes.",
            "c": "The sum of $q(z) \\log q(z)$ over finitely many outcomes is finite.",
            "d": "Outcomes with $p(z) = 0$ count as 0 in all of the sums.",
        },
        right="c",
        misconceptions={
            "a": "True, as the next section shows; but a sum can be finite, or $\\infty$, "
            r"although two parts into which it is split are $\infty$ and $-\infty$.",
            "b": "True, but the logarithms decide: probabilities that sum to 1 can have an "
            "infinite mean logarithm.",
            "d": "Only outcomes with $q(z) = 0$ count as 0. Where $p(z) = 0$ and $q(z) > 0$, the "
            r"term is $\infty$.",
        },
    ),
    why=r"If one of two parts is finite, the other may be $\infty$, and the difference still has "
    r"a meaning. This is why the text asks for a finite $\operatorname{H}(q)$ in the case of "
    "densities.",
)

_FINITE_PARTNERS = {
    "a": r"both $\operatorname{KL}(q \,\|\, p)$ and $\operatorname{KL}(p \,\|\, q)$",
    "b": r"only $\operatorname{KL}(q \,\|\, p)$",
    "c": r"only $\operatorname{KL}(p \,\|\, q)$",
    "d": "neither",
}

_FINITE = (
    match(
        "1/finite",
        "Four pairs of distributions are given. Which divergences between them are finite?",
        {
            "1": r"$q = (\tfrac12, \tfrac12, 0)$, $p = (\tfrac13, \tfrac13, \tfrac13)$",
            "2": r"$q = (\tfrac14, \tfrac14, \tfrac12)$, $p = (0, \tfrac12, \tfrac12)$",
            "3": r"$q = (\tfrac12, \tfrac12, 0)$, $p = (0, \tfrac12, \tfrac12)$",
            "4": r"$q = (\tfrac12, \tfrac12, 0)$, $p = (\tfrac34, \tfrac14, 0)$",
        },
        _FINITE_PARTNERS,
        {"1": "b", "2": "c", "3": "d", "4": "a"},
        "A divergence is infinite if the first argument puts mass where the second has none; an "
        "outcome that the first argument excludes adds 0. In the last pair both exclude the same.",
    ),
    match(
        "1/finite",
        "Four pairs of distributions are given. Which divergences between them are finite? "
        "The densities are uniform on an interval, or Gaussian.",
        {
            "1": r"$q = \mathcal{N}(0, 1)$, $p = \mathcal{N}(5, 1)$",
            "2": r"$q$ on $[0, 2]$, $p$ on $[1, 3]$",
            "3": r"$q = \mathcal{N}(0, 1)$, $p$ on $[0, 1]$",
            "4": r"$q$ on $[0, 1]$, $p$ on $[0, 2]$",
        },
        _FINITE_PARTNERS,
        {"1": "a", "2": "d", "3": "c", "4": "b"},
        "A divergence is infinite if the first argument puts mass where the second has none. The "
        "density of a Gaussian is positive everywhere, and minus its logarithm grows only like a "
        "square.",
    ),
    match(
        "1/finite",
        "Four pairs of distributions are given. Which divergences between them are finite? "
        "The outcomes are 1, 2, 3 and so on; $g$ gives the outcome "
        "$k$ the probability $2^{-k}$.",
        {
            "1": r"$q = g$; $p$ gives 1, 2 and 3 the probability $\tfrac13$ each",
            "2": r"$q$ gives 1 and 2 the probability $\tfrac12$ each; $p = g$",
            "3": r"$q = g$; $p$ gives $k$ the probability $2 \cdot 3^{-k}$",
            "4": r"$q$ gives 1 and 2 the probability $\tfrac12$ each, $p$ gives 2 and 3 the same",
        },
        _FINITE_PARTNERS,
        {"1": "c", "2": "b", "3": "a", "4": "d"},
        "What counts first is whether the second argument allows all that the first one yields. In "
        "the third pair both allow everything, and the log-ratio grows only in proportion to $k$, "
        "whose mean is finite under both.",
    ),
)

# 1.3

_MOSTLY_AGAINST = (
    predict(
        "1/mostly-against",
        "sign",
        "Let $q = (0.9, 0.1)$ and $p = (0.95, 0.05)$. Nine in ten draws from $q$ yield the first "
        r"outcome, where $\log q(z) - \log p(z) < 0$. What is the sign of the mean of "
        r"$\log q(z) - \log p(z)$ over draws from $q$?",
        "+",
        r"The first outcome adds $0.9 \log \frac{0.9}{0.95} \approx -0.049$, the rare second one "
        r"$0.1 \log 2 \approx 0.069$: the mean is 0.021. Most draws speak against the truth, but "
        "quietly.",
    ),
    predict(
        "1/mostly-against",
        "sign",
        "Let $q = (0.9, 0.1)$ and $p = (0.8, 0.2)$. Eight in ten draws from $p$ yield the first "
        r"outcome, where $\log q(z) - \log p(z) > 0$. What is the sign of the mean of "
        r"$\log q(z) - \log p(z)$ over draws from $p$?",
        "-",
        r"The first outcome adds $0.8 \log \frac{0.9}{0.8} \approx 0.094$, the second one "
        r"$-0.2 \log 2 \approx -0.139$: the mean is $-0.044$. Under $p$ it is minus a divergence.",
    ),
    predict(
        "1/mostly-against",
        "sign",
        "Let $q = (0.6, 0.3, 0.1)$ and $p = (0.65, 0.33, 0.02)$. For two of the three outcomes "
        r"$\log q(z) - \log p(z) < 0$. What is the sign of the mean of this difference "
        "over draws from $q$?",
        "+",
        "The three outcomes add $-0.048$, $-0.029$ and $0.161$, in all 0.084. Whenever $q$ and "
        "$p$ differ, the outcomes for which $q$ is larger outweigh the others.",
    ),
)

_WHY_WEIGHTS = Practice(
    Choose(
        "1/why-weights",
        r"Line (1.5c) replaces $\log \frac{p(z)}{q(z)}$ by something that is nowhere smaller, in "
        "each term of a sum. Why can that not make the whole sum smaller?",
        choices={
            "a": "The probabilities $q(z)$ sum to 1.",
            "b": "No factor $q(z)$ is negative.",
            "c": "The logarithm is a concave function.",
            "d": r"The mean of $\frac{p(z)}{q(z)} - 1$ is at most 0.",
        },
        right="b",
        misconceptions={
            "a": "True, but the step would be as good with factors that sum to 2.",
            "c": "This is why each logarithm lies below its tangent. It does not say what a sum "
            "with factors does.",
            "d": "True, and it finishes the proof; but it concerns the new sum alone, and not "
            "how it compares with the old one.",
        },
    ),
    why="An inequality may be multiplied by a number that is not negative, and added to others. "
    "With a negative factor it would turn around.",
)

_LARGEST_ENTROPY = Practice(
    Order(
        "1/largest-entropy",
        r"A distribution $q$ of $K$ outcomes, all with $q(z) > 0$, has at most the entropy $\log "
        r"K$. Put the lines that prove $\operatorname{H}(q) - \log K \le 0$ in order; some do not "
        "belong.",
        frame=Frame(Given(K=range(1, 5), q=simplex("K", zeros=False)), "H(q) - log(K)"),
        lines=(
            "= Sum(q(z)*(-log_q(z) - log(K)), z)",
            "= Sum(q(z)*log(1/(K*q(z))), z)",
            "<= Sum(q(z)*(1/(K*q(z)) - 1), z)",
            "= Sum(1/K - q(z), z)",
            "= 0",
        ),
        distractors=(
            "= Sum(q(z)*log(K*q(z)), z)",
            "= Sum(1/K - q(z)**2, z)",
            ">= Sum(q(z)*(1/(K*q(z)) - 1), z)",
        ),
    ),
    why=r"This is Gibbs' inequality with $p(z) = 1/K$ for all $z$: the entropy is "
    r"$\log K - \operatorname{KL}(q \,\|\, p)$, and largest for $q = p$.",
    hints=(
        "The last line is 0, and one step on the way is an inequality.",
        r"The inequality is $\log x \le x - 1$, with $x = \frac{1}{K q(z)}$.",
        r"Begin with $\operatorname{H}(q)$ written as a sum; $\log K$ joins it since $q$ sums to "
        "1.",
    ),
)

# 1.4

_MEAN_SQUARE = (
    predict(
        "1/mean-square",
        "number",
        r"Let $q = \mathcal{N}(3, 4)$. How large is $\mathbb{E}_q[(z - 1)^2]$, the mean square "
        "around 1?",
        8,
        "The variance, 4, and the squared distance from 3 to 1, again 4, add up. The second "
        r"argument of $\mathcal{N}$ is the variance and is not squared once more.",
        0.01,
    ),
    predict(
        "1/mean-square",
        "number",
        r"Let $q = \mathcal{N}(-1, 9)$. How large is $\mathbb{E}_q[(z - 2)^2]$, the mean square "
        "around 2?",
        18,
        "The variance, 9, and the squared distance from $-1$ to 2, again 9, add up.",
        0.01,
    ),
    predict(
        "1/mean-square",
        "number",
        r"A fair coin decides whether $z$ is 0 or 2. How large is the mean square of $z$ around 4?",
        10,
        "The variance is 1, around the mean 1, and the squared distance from 1 to 4 is 9. The rule "
        r"holds for every distribution with a variance; directly, $\tfrac12(4^2 + 2^2) = 10$.",
        0.01,
    ),
)

_MIXED_SQUARE = (
    Practice(
        Blank(
            "1/mixed-square",
            r"Let $q = \mathcal{N}(\mu, \sigma^2)$. What has to be added to $\sigma^2$ to make "
            r"$\mathbb{E}_q[z (z - m)]$?",
            frame=Frame(
                Given(mu=real(), sigma=positive(), m=real()),
                "E(z*(z - m))",
                {"q": gaussian("mu", "sigma**2")},
            ),
            lines=("= sigma**2 + ___",),
            at=1,
            solution="mu*(mu - m)",
        ),
        why=r"Insert $\mu$ in both factors: the two deviations $z - \mu$ give the variance, the "
        "two fixed parts their product, and the mixed terms have the mean 0.",
        hints=(
            "Everything but the variance: it contains no expectation.",
            r"Write $z = (z - \mu) + \mu$ and $z - m = (z - \mu) + (\mu - m)$, and multiply out.",
            r"Begin with $\mathbb{E}_q[z (z - m)] = \mathbb{E}_q[z^2] - m\, \mathbb{E}_q[z]$.",
        ),
    ),
    Practice(
        Blank(
            "1/mixed-square",
            r"Let $q = \mathcal{N}(\mu, \sigma^2)$. What has to be added to $\sigma^2$ to make "
            r"$\mathbb{E}_q[(z - a) (z - b)]$?",
            frame=Frame(
                Given(mu=real(), sigma=positive(), a=real(), b=real()),
                "E((z - a)*(z - b))",
                {"q": gaussian("mu", "sigma**2")},
            ),
            lines=("= sigma**2 + ___",),
            at=1,
            solution="(mu - a)*(mu - b)",
        ),
        why=r"Insert $\mu$ in both factors: the two deviations $z - \mu$ give the variance, the "
        "two fixed parts their product, and the mixed terms have the mean 0.",
        hints=(
            "Everything but the variance: it contains no expectation.",
            r"Write $z - a = (z - \mu) + (\mu - a)$, likewise for $b$, and multiply out.",
            r"The mixed terms have the factor $\mathbb{E}_q[z - \mu] = 0$.",
        ),
    ),
)

_WIDE_OR_NARROW = (
    predict(
        "1/wide-or-narrow",
        "relation",
        r"Let $p = \mathcal{N}(0, 1)$. Compare $\operatorname{KL}(q \,\|\, p)$ for $q = "
        r"\mathcal{N}(0, 2^2)$ on the left with that for $q = \mathcal{N}(0, (\tfrac12)^2)$ on "
        "the right. Which sign belongs between them?",
        ">",
        r"The left is $\tfrac32 - \log 2 \approx 0.807$, the right $\log 2 - \tfrac38 \approx "
        "0.318$: a $q$ that is too wide puts mass where $p$ is small.",
    ),
    predict(
        "1/wide-or-narrow",
        "relation",
        r"Let $p = \mathcal{N}(0, 1)$. Compare $\operatorname{KL}(q \,\|\, p)$ for $q = "
        r"\mathcal{N}(0, (\tfrac{1}{10})^2)$ on the left with that for $q = \mathcal{N}(2, 1)$ on "
        "the right. Which sign belongs between them?",
        "<",
        r"The left is $\log 10 - 0.495 \approx 1.808$, the right 2. A $q$ ten times too narrow "
        "still lies where $p$ is large.",
    ),
    predict(
        "1/wide-or-narrow",
        "relation",
        r"Let $p = \mathcal{N}(5, 1)$. Compare $\operatorname{KL}(q \,\|\, p)$ for $q = "
        r"\mathcal{N}(5, 3^2)$ on the left with that for $q = \mathcal{N}(5, (\tfrac{1}{10})^2)$ "
        "on the right. Which sign belongs between them?",
        ">",
        r"The left is $4 - \log 3 \approx 2.901$, the right $\log 10 - 0.495 \approx 1.808$: "
        "three times too wide is dearer than ten times too narrow.",
    ),
)

_SIMPLE_BOUND = (
    Practice(
        Refute(
            "1/simple-bound",
            r"Somebody drops two terms of (1.11c) and claims that $\operatorname{KL}(q \,\|\, p)$ "
            r"is at most $\tfrac12(\mu^2 + \sigma^2)$ for $q = \mathcal{N}(\mu, \sigma^2)$ and $p "
            r"= \mathcal{N}(0, 1)$. Give numbers at which this fails, and the reason.",
            frame=Frame(_ONE, "KL(q, p)", _STANDARD),
            claim="<= (mu**2 + sigma**2)/2",
            reasons={
                "a": r"$\mu$ far from 0 costs more than a square.",
                "b": r"$-\tfrac12 \log \sigma^2 - \tfrac12$ is positive for a narrow $q$.",
                "c": r"$-\tfrac12 \log \sigma^2 - \tfrac12$ is positive for a wide $q$.",
                "d": r"The divergence is infinite for some $\mu$ and $\sigma$.",
            },
            right_reason="b",
        ),
        answer={"numbers": {"mu": 0, "sigma": "1/10"}, "reason": "b"},
        why=r"What was dropped is $-\log \sigma - \tfrac12$. It is positive for $\sigma < "
        r"\mathrm{e}^{-1/2} \approx 0.607$, and then the claim is too low.",
        hints=(
            r"Find $\sigma$ for which what was dropped is positive.",
            r"The dropped terms are $-\tfrac12(\log \sigma^2 + 1)$; $\mu$ does not matter.",
            r"Try $\mu = 0$, and a $\sigma$ between 0 and 1.",
        ),
    ),
    Practice(
        Refute(
            "1/simple-bound",
            r"Near $\sigma = 1$ the divergence of $q = \mathcal{N}(\mu, \sigma^2)$ from $p = "
            r"\mathcal{N}(0, 1)$ is close to $\tfrac12 \mu^2 + (\sigma - 1)^2$. Somebody claims "
            "that it is nowhere larger. Give numbers at which this fails, and the reason.",
            frame=Frame(_ONE, "KL(q, p)", _STANDARD),
            claim="<= mu**2/2 + (sigma - 1)**2",
            reasons={
                "a": r"$-\log \sigma$ grows without bound for a narrow $q$.",
                "b": r"$\tfrac12 \sigma^2$ grows without bound for a wide $q$.",
                "c": r"A shift costs more where $q$ is narrow.",
                "d": r"At $\sigma = 1$ a shift costs more than $\tfrac12 \mu^2$.",
            },
            right_reason="a",
        ),
        answer={"numbers": {"mu": 0, "sigma": "1/2"}, "reason": "a"},
        why=r"At $\mu = 0$ and $\sigma = \tfrac12$ the divergence is 0.318 and the claim 0.25; as "
        r"$\sigma \to 0$ the claim tends to 1, and the divergence to $\infty$. For $\sigma > 1$ "
        "the claim holds.",
        hints=(
            r"The shift costs the same on both sides, so $\mu$ does not matter.",
            r"Compare $\tfrac12(\sigma^2 - 1) - \log \sigma$ with $(\sigma - 1)^2$ far from 1, on "
            "either side.",
            r"Try $\mu = 0$, and a $\sigma$ below 1.",
        ),
    ),
)

_CROSS_ENTROPY = (
    Practice(
        Prove(
            "1/cross-entropy",
            r"Let $q = \mathcal{N}(\mu, \sigma^2)$ and $p = \mathcal{N}(0, v)$, with a variance "
            r"$v$. Prove that $\operatorname{H}(q, p) = \tfrac12 \log(2\pi v) + \frac{\sigma^2 + "
            r"\mu^2}{2v}$.",
            frame=Frame(
                Given(mu=real(), sigma=positive(), v=positive()),
                "H(q, p)",
                {"q": gaussian("mu", "sigma**2"), "p": gaussian("0", "v")},
            ),
            goal="log(2*pi*v)/2 + (sigma**2 + mu**2)/(2*v)",
        ),
        answer={
            "lines": [
                {"text": "= -E(log_p(z))", "reason": "definition (1.3)"},
                {"text": "= log(2*pi*v)/2 + E(z**2)/(2*v)", "reason": "the log-density"},
                {"text": "= log(2*pi*v)/2 + (sigma**2 + mu**2)/(2*v)", "reason": "(1.9d)"},
            ]
        },
        why="The log-density of $p$ is averaged under $q$, so the mean square is that of $q$, "
        "around the mean of $p$. This half of (1.10) comes back in section 1.6, as the loss of a "
        "Gaussian model.",
        hints=(
            r"Reach a line in which $z$ occurs only in $\mathbb{E}_q[z^2]$.",
            r"The log-density of $p$ is $-\tfrac12 \log(2\pi v) - \frac{z^2}{2v}$; the rest is "
            "(1.9d).",
            "Begin with `= -E(log_p(z))`.",
        ),
    ),
    Practice(
        Prove(
            "1/cross-entropy",
            r"Let $q = \mathcal{N}(0, \sigma^2)$ and $p = \mathcal{N}(m, 1)$. Prove that "
            r"$\operatorname{H}(q, p) = \tfrac12(\log(2\pi) + \sigma^2 + m^2)$.",
            frame=Frame(
                Given(sigma=positive(), m=real()),
                "H(q, p)",
                {"q": gaussian("0", "sigma**2"), "p": gaussian("m", "1")},
            ),
            goal="(log(2*pi) + sigma**2 + m**2)/2",
        ),
        answer={
            "lines": [
                {"text": "= -E(log_p(z))", "reason": "definition (1.3)"},
                {"text": "= log(2*pi)/2 + E((z-m)**2)/2", "reason": "the log-density"},
                {"text": "= (log(2*pi) + sigma**2 + m**2)/2", "reason": "(1.9d)"},
            ]
        },
        why="The log-density of $p$ is averaged under $q$, so the mean square is that of $q$, "
        "around the mean of $p$.",
        hints=(
            r"Reach a line in which $z$ occurs only in $\mathbb{E}_q[(z - m)^2]$.",
            r"The log-density of $p$ is $-\tfrac12 \log(2\pi) - \tfrac12 (z - m)^2$; the rest is "
            "(1.9d).",
            "Begin with `= -E(log_p(z))`.",
        ),
    ),
)

# 1.5


def _reading(items, partners, key, why):
    statement = (
        r"Four pairs of Gaussians are given. How large is $\operatorname{KL}(q \,\|\, p)$, "
        "in nats, rounded?"
    )
    return match("1/read-the-formula", statement, items, partners, key, why)


_READING = (
    _reading(
        {
            "1": r"$q = \mathcal{N}(3, 9)$, $p = \mathcal{N}(0, 9)$",
            "2": r"$q = \mathcal{N}(-4, 4)$, $p = \mathcal{N}(0, 4)$",
            "3": r"$q = \mathcal{N}(5, 1)$, $p = \mathcal{N}(5, 100)$",
            "4": r"$q = \mathcal{N}(5, 100)$, $p = \mathcal{N}(5, 1)$",
        },
        {"a": "0.5", "b": "1.8", "c": "2", "d": "4.5", "e": "47"},
        {"1": "a", "2": "c", "3": "b", "4": "e"},
        r"A shift of one standard deviation of $p$ costs $\tfrac12$, of two $\tfrac12 \cdot 2^2$. "
        r"With $r = \tfrac{1}{10}$ the scale costs about $-\log r - \tfrac12$, with $r = 10$ "
        r"nearly $\tfrac12 r^2$.",
    ),
    _reading(
        {
            "1": r"$q = \mathcal{N}(7, 1)$, $p = \mathcal{N}(7, 400)$",
            "2": r"$q = \mathcal{N}(1, 25)$, $p = \mathcal{N}(6, 25)$",
            "3": r"$q = \mathcal{N}(0, 400)$, $p = \mathcal{N}(0, 1)$",
            "4": r"$q = \mathcal{N}(6, 1)$, $p = \mathcal{N}(3, 1)$",
        },
        {"a": "0.5", "b": "2.5", "c": "4.5", "d": "12.5", "e": "197"},
        {"1": "b", "2": "a", "3": "e", "4": "c"},
        r"The shifts are 1 and 3 standard deviations of $p$ and cost $\tfrac12$ and $\tfrac12 "
        r"\cdot 3^2$. A $q$ that is 20 times too narrow costs about $\log 20 - \tfrac12$, and one "
        r"that is 20 times too wide nearly $\tfrac12 \cdot 20^2$.",
    ),
    _reading(
        {
            "1": r"$q = \mathcal{N}(2, 4)$, $p = \mathcal{N}(0, 4)$",
            "2": r"$q = \mathcal{N}(0, 4)$, $p = \mathcal{N}(0, 1)$",
            "3": r"$q = \mathcal{N}(0, 1)$, $p = \mathcal{N}(0, 4)$",
            "4": r"$q = \mathcal{N}(2, 4)$, $p = \mathcal{N}(0, 1)$",
        },
        {"a": "0.32", "b": "0.5", "c": "0.81", "d": "1.31", "e": "2.81"},
        {"1": "b", "2": "c", "3": "a", "4": "e"},
        "In the last pair both terms are there: 0.81 for a $q$ twice as wide as $p$, and 2 "
        "for a shift of two standard deviations of $p$, whatever the scale of $q$.",
    ),
)

# 1.6

_TWO_CLUSTERS = (
    predict(
        "1/two-clusters",
        "number",
        r"Half of the data are $-3$, and half are 3. The Gaussian $\mathcal{N}(\mu, \sigma^2)$ is "
        r"fitted to them by maximum likelihood. Which $\sigma$ does it have?",
        3,
        "The fit has the mean and the variance of the data, 0 and $3^2$. It peaks where there "
        "are no data at all.",
        0.05,
    ),
    predict(
        "1/two-clusters",
        "number",
        r"Three quarters of the data are 0, and one quarter is 4. The Gaussian $\mathcal{N}(\mu, "
        r"\sigma^2)$ is fitted to them by maximum likelihood. Which $\sigma$ does it have?",
        1.732,
        r"The mean of the data is 1 and their variance $\tfrac34 \cdot 1^2 + \tfrac14 \cdot 3^2 = "
        r"3$, so $\sigma = \sqrt3 \approx 1.73$.",
        0.05,
    ),
    predict(
        "1/two-clusters",
        "number",
        r"The data are 1, 3 and 5, equally often. The Gaussian $\mathcal{N}(\mu, \sigma^2)$ is "
        r"fitted to them by maximum likelihood. Which $\sigma$ does it have?",
        1.633,
        r"The mean is 3 and the variance $\tfrac13(4 + 0 + 4) = \tfrac83$, so $\sigma \approx "
        "1.63$. The divisor is the number of data, and not one less.",
        0.05,
    ),
)

_WHY_NOT_GAUSSIAN = Practice(
    Choose(
        "1/why-not-gaussian",
        r"In (1.14c) the mean square of the data around $\mu$ is evaluated by (1.9d), which was "
        "derived for a Gaussian. Why may (1.9d) be used for data with any shares $p(k)$?",
        choices={
            "a": "The model $q$ that is fitted is a Gaussian.",
            "b": "A large number of data is distributed nearly like a Gaussian.",
            "c": "The fit has the same mean and the same variance as the data.",
            "d": "The proof of (1.9d) needs a mean and a variance, and nothing else.",
        },
        right="d",
        misconceptions={
            "a": "True, and it made line (1.14b). But the mean square is now under $p$, and $p$ "
            "is no Gaussian.",
            "b": "Many data show the shape of their source, whatever it is. It is their sum that "
            "tends to a Gaussian.",
            "c": "That is the conclusion to be drawn from (1.14c). Here $q$ may still be any "
            "Gaussian.",
        },
    ),
    why=r"Whatever is averaged over, $\mu - m$ is fixed and the mean deviation from the mean is "
    "0. A lemma reaches as far as its proof, and often farther than its wording.",
)

_ONE_BUMP = (
    predict(
        "1/one-bump",
        "relation",
        r"The target $p$ is an equal mixture of $\mathcal{N}(-2, 0.6^2)$ and $\mathcal{N}(2, "
        r"0.6^2)$. Compare $\operatorname{KL}(q \,\|\, p)$ for $q = \mathcal{N}(0, 2^2 + 0.6^2)$, "
        r"with the mean and variance of $p$, on the left with that for $q = \mathcal{N}(2, 0.6^2)$ "
        "on the right. Which sign belongs between them?",
        ">",
        "The left is 1.27, the right 0.69. A draw from the wide $q$ often lands between the "
        "bumps, where $p$ is small; a draw from one bump hardly ever does, and that the other "
        r"bump is missing costs only $\log 2$.",
    ),
    predict(
        "1/one-bump",
        "relation",
        r"The target $p$ is an equal mixture of $\mathcal{N}(-2, 0.6^2)$ and $\mathcal{N}(2, "
        r"0.6^2)$. Compare $\operatorname{KL}(p \,\|\, q)$ for $q = \mathcal{N}(0, 2^2 + 0.6^2)$, "
        r"with the mean and variance of $p$, on the left with that for $q = \mathcal{N}(2, 0.6^2)$ "
        "on the right. Which sign belongs between them?",
        "<",
        "The left is 0.56, the right 10.4: half of the draws from $p$ land on the bump that the "
        "second $q$ hardly allows. In this direction, covering both is cheap.",
    ),
    predict(
        "1/one-bump",
        "relation",
        "The target $p$ is an equal mixture of three Gaussians with standard deviation 1 and "
        r"means $-20$, 0 and 20. Compare $\operatorname{KL}(q \,\|\, p)$ for $q = \mathcal{N}(0, "
        "1)$ on the left with 2 nats on the right. Which sign belongs between them?",
        "<",
        r"Where $q$ has its mass, $p$ is a third of $q$, so the divergence is $\log 3 \approx "
        "1.10$ nats: the two bumps that are missing cost no more than that.",
    ),
)

_FORWARD_OR_REVERSE = (
    match(
        "1/forward-or-reverse",
        "A model $q$ is fitted to a target $p$. Which divergence does each sentence describe?",
        {
            "1": "Up to a constant, it is a mean over draws from $p$ of something that needs "
            "only $q$.",
            "2": "It is a mean over draws from the model.",
            "3": "Fitted by it, a Gaussian has the mean and the variance of $p$.",
            "4": "It is finite only if $q$ is 0 wherever $p$ is 0.",
            "5": "It keeps its value if $p$ and $q$ change places.",
        },
        {
            "a": r"the forward one, $\operatorname{KL}(p \,\|\, q)$",
            "b": r"the reverse one, $\operatorname{KL}(q \,\|\, p)$",
            "c": "neither",
        },
        {"1": "a", "2": "b", "3": "a", "4": "b", "5": "c"},
        "The draws come from the first argument. So data can be the first argument, with nothing "
        "known of $p$ but draws.",
    ),
    match(
        "1/forward-or-reverse",
        "A model $q$ is fitted to a target $p$. Which divergence does each sentence describe?",
        {
            "1": "It charges for draws from $q$ that land where $p$ is small.",
            "2": "It is smallest where the likelihood of the data, with the shares $p$, is "
            "largest.",
            "3": "For a target of two bumps far apart, the best Gaussian lies on one of them.",
            "4": "It charges without bound if $q$ is nearly 0 where $p$ is not.",
            "5": "For some $q$ and $p$ it is negative.",
        },
        {
            "a": r"the forward one, $\operatorname{KL}(p \,\|\, q)$",
            "b": r"the reverse one, $\operatorname{KL}(q \,\|\, p)$",
            "c": "neither",
        },
        {"1": "b", "2": "a", "3": "b", "4": "a", "5": "c"},
        "The first argument is where the draws come from. Each direction forbids something else: "
        "the reverse one mass where $p$ has none, the forward one gaps where $p$ has mass.",
    ),
)

# 1.7

_WHOSE_VARIANCE = (
    Practice(
        Locate(
            "1/whose-variance",
            r"A derivation of $\operatorname{KL}(q \,\|\, p)$ for two Gaussians. Which line is "
            "the first that breaks, and why?",
            frame=Frame(_TWO, "KL(q, p)", _PAIR),
            lines=(
                "= E(log_q(z)) - E(log_p(z))",
                "= -log(2*pi*sigma_q**2)/2 - 1/2 - E(log_p(z))",
                "= log(sigma_p/sigma_q) - 1/2 + E((z-mu_p)**2)/(2*sigma_p**2)",
                "= log(sigma_p/sigma_q) - 1/2 + (sigma_p**2 + (mu_q-mu_p)**2)/(2*sigma_p**2)",
                "= log(sigma_p/sigma_q) + (mu_q-mu_p)**2/(2*sigma_p**2)",
            ),
            reasons={
                "i": "The ratio in the logarithm is upside down.",
                "ii": "Draws come from $q$ and spread with the variance of $q$.",
                "iii": r"The squared distance of the means is missing a factor $\tfrac12$.",
                "iv": r"The mean of $\log q(z)$ depends on $\mu_q$ as well.",
            },
            right_reason="ii",
        ),
        answer={"line": "e", "reason": "ii"},
        why=r"The mean square around $\mu_p$ is taken over draws from $q$, so it is $\sigma_q^2 + "
        r"(\mu_q - \mu_p)^2$. The result is right wherever $\sigma_q = \sigma_p$, and negative "
        "for some other pairs.",
        hints=(
            "Compare each line with the one above it. Which letters have the index $q$, "
            "which $p$, and should they?",
            r"Only one step evaluates a mean square around $\mu_p$; (1.9d) says what it gives.",
        ),
    ),
    Practice(
        Locate(
            "1/whose-variance",
            r"A derivation of $\operatorname{KL}(p \,\|\, q)$ for two Gaussians. Which line is "
            "the first that breaks, and why?",
            frame=Frame(_TWO, "KL(p, q)", _PAIR),
            lines=(
                "= E_p(log_p(z)) - E_p(log_q(z))",
                "= -log(2*pi*sigma_p**2)/2 - 1/2 - E_p(log_q(z))",
                "= log(sigma_q/sigma_p) - 1/2 + E_q((z-mu_q)**2)/(2*sigma_q**2)",
                "= log(sigma_q/sigma_p) - 1/2 + sigma_q**2/(2*sigma_q**2)",
                "= log(sigma_q/sigma_p)",
            ),
            reasons={
                "i": r"A mean square around $\mu_q$ is never a variance.",
                "ii": "The ratio in the logarithm is upside down.",
                "iii": "The expectation has changed from $p$ to $q$.",
                "iv": r"A factor $\tfrac12$ is lost before the logarithm.",
            },
            right_reason="iii",
        ),
        answer={"line": "d", "reason": "iii"},
        why=r"The mean of $-\log q(z)$ under $p$ contains $\mathbb{E}_p[(z - \mu_q)^2]$, which is "
        r"$\sigma_p^2 + (\mu_p - \mu_q)^2$. Under $q$ it would be the variance of $q$, and the "
        "means would not matter, which should make one suspicious.",
        hints=(
            "Under which distribution is each expectation?",
            "The definition fixes it in the first step, and no later step may change it.",
        ),
    ),
)

PRACTICE = (
    at("end of 1.1", *_DIRECTION),
    at("end of 1.1", _TOSSES),
    at("after (1.4)", _WHY_SPLIT, heading=WHY_MAY_WE),
    at("end of 1.2", *_FINITE),
    at("end of 1.2", *_MOSTLY_AGAINST),
    at("after (1.5)", _WHY_WEIGHTS, heading=WHY_MAY_WE),
    at("end of 1.3", _LARGEST_ENTROPY),
    at("before (1.9)", *_MEAN_SQUARE),
    at("after (1.9)", *_MIXED_SQUARE),
    at("before (1.10)", *_WIDE_OR_NARROW),
    at("after (1.11)", *_SIMPLE_BOUND),
    at("end of 1.4", *_CROSS_ENTROPY),
    at("end of 1.5", *_READING),
    at("end of 1.5", *_ONE_BUMP),
    at("before (1.14)", *_TWO_CLUSTERS),
    at("after (1.14)", _WHY_NOT_GAUSSIAN, heading=WHY_MAY_WE),
    at("end of 1.6", *_FORWARD_OR_REVERSE),
    at("end of 1.7", *_WHOSE_VARIANCE),
)
