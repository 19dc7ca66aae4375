"""Chapter 3: checks that can fail, three estimators and their gradients, and lost digits."""

from kl_utils.derivation import Given, between, diagonal, gaussian, positive, real, vector
from kl_utils.exercises import Blank, Choose, Compute, Frame, Match, Order, Predict, Refute

from . import WHY_MAY_WE, Practice

OPENING = ("1/which-direction", "2/trace-or-determinant")

STANDARD = {"q": gaussian("mu", "sigma**2"), "p": gaussian("0", "1"), "rho": "p(z)/q(z)"}
WIDE = between(0.8, 3)
SPREAD = Frame(
    Given(n=range(1, 4), mu=vector("n"), Sigma=diagonal("n")),
    "KL(q, p)",
    {"q": gaussian("mu", "Sigma"), "p": gaussian("0", "I")},
)
TAIL = Frame(Given(a=real(), v=positive()))
FORMAT = Frame(Given(k=real(), r=real()))


def scaled(first):
    """A chain about weights that are known up to a factor."""
    return Frame(Given(mu=real(), sigma=WIDE, c=positive()), first, STANDARD)


def held(first, **letters):
    """A mean gradient with the draws held constant."""
    return Frame(Given(mu=real(), sigma=WIDE, **letters), first, STANDARD)


PRACTICE = (
    Practice(
        Refute(
            "3/equal-variances",
            "Somebody proposes the formula below for the divergence of "
            r"$q = \mathcal{N}(\mu, \Sigma)$ from $p = \mathcal{N}(0, I)$ with a diagonal "
            r"$\Sigma$. It is right in one dimension, and in more if all variances are equal. "
            "Give numbers that refute it, and say what is wrong.",
            frame=SPREAD,
            claim="= (n*det(Sigma)**(1/n) + T(mu)@mu - n - log(det(Sigma)))/2",
            reasons={
                "i": "The logarithm of the determinant stands where the sum of the logarithms of "
                "the variances belongs.",
                "ii": "The dimension is subtracted where 1 belongs.",
                "iii": "The geometric mean of the variances stands where their arithmetic mean "
                "belongs.",
                "iv": "The squares of the means are added where the square of their sum belongs.",
            },
            right_reason="iii",
        ),
        "end of 3.1",
        answer={"numbers": {"n": 2, "mu": [0, 0], "Sigma": [[1, 0], [0, 4]]}, "reason": "iii"},
        why="The trace is $n$ times the arithmetic mean of the variances. The geometric mean is "
        "smaller, unless all of them are equal, and at a random point they never are.",
        hints=(
            "Look for a point at which nothing is equal.",
            r"With two dimensions and $\mu = 0$, compare $2 \sqrt{\det \Sigma}$ with what the "
            "right formula has there.",
            r"Begin with a diagonal $\Sigma$ whose two variances differ.",
        ),
        siblings=(
            Practice(
                Refute(
                    "3/equal-variances",
                    "Somebody proposes the formula below for the divergence of "
                    r"$q = \mathcal{N}(\mu, \Sigma)$ from $p = \mathcal{N}(0, I)$ with a "
                    r"diagonal $\Sigma$. It is right in one dimension, and in more if all "
                    "variances are equal. Give numbers that refute it, and say what is wrong.",
                    frame=SPREAD,
                    claim="= (tr(Sigma) + T(mu)@mu - n - n*log(tr(Sigma)/n))/2",
                    reasons={
                        "i": "The logarithm of the mean variance stands where the mean of the "
                        "logarithms belongs.",
                        "ii": "The trace is added where the determinant belongs.",
                        "iii": "The dimension is subtracted where 1 belongs.",
                        "iv": "The logarithm is multiplied by the dimension where it should not "
                        "be.",
                    },
                    right_reason="i",
                ),
                answer={
                    "numbers": {"n": 2, "mu": [1, 0], "Sigma": [[1, 0], [0, 4]]},
                    "reason": "i",
                },
                why=r"The sum of $\log \sigma_i^2$ is $n$ times their mean, and the logarithm of "
                "the mean variance is larger, unless all variances are equal.",
                hints=(
                    "Look for a point at which nothing is equal.",
                    r"With two dimensions, compare $2 \log(\operatorname{tr} \Sigma / 2)$ with "
                    "what the right formula has there.",
                    r"Begin with a diagonal $\Sigma$ whose two variances differ.",
                ),
            ),
        ),
    ),
    Practice(
        Match(
            "3/blind-checks",
            "Each mistake in our KL of two Gaussians escapes one of the checks, and the other "
            "three see it. Which check is blind to which mistake?",
            items={
                "1": "A term is missing in the textbook's formula for the KL, from which we and "
                "the library have it.",
                "2": r"Our KL and our log-densities leave out the terms with $\log \det$; all "
                "else is right.",
                "3": "Our KL and our cross-entropy have a determinant for a trace; all else is "
                "right.",
                "4": "Our KL is too large by one part in ten thousand.",
            },
            partners={
                "a": "the difference of our cross-entropy and our entropy",
                "b": "an average over 2,000 draws, with log-densities from SciPy",
                "c": "the KL of another library",
                "d": "quadrature, with our own log-densities",
            },
            key={"1": "c", "2": "d", "3": "a", "4": "b"},
        ),
        "end of 3.2",
        why="What a check shares with the formula, it does not check; and no check sees an error "
        "below its resolution, which for 2,000 draws is a few per cent.",
        siblings=(
            Practice(
                Match(
                    "3/blind-checks",
                    "Each mistake in our entropy of a Gaussian escapes one of the checks, and the "
                    "other three see it. Which check is blind to which mistake?",
                    items={
                        "1": r"Our entropy and our log-density have $\log 2$ for $\log 2\pi$; "
                        "all else is right.",
                        "2": "Our entropy is too large by one part in ten thousand.",
                        "3": "Our entropy and our cross-entropy have a trace for the logarithm of "
                        "a determinant; our KL is right.",
                    },
                    partners={
                        "a": "our cross-entropy of the Gaussian with itself",
                        "b": "quadrature, with our own log-density",
                        "c": "the entropy of another library",
                        "d": "an average over 2,000 draws, with log-densities from SciPy",
                    },
                    key={"1": "b", "2": "d", "3": "a"},
                ),
                why="A step that both sides share is a step that nobody checks, and no check sees "
                "an error below its resolution.",
            ),
        ),
    ),
    Practice(
        Match(
            "3/shapes-of-scores",
            "A thousand z-scores, each an estimate minus what a formula gives, over the standard "
            "error, look like a bell curve with the mean and standard deviation below. What is "
            "behind it?",
            items={
                "1": "mean 0, standard deviation 2",
                "2": "mean 0, standard deviation ½",
                "3": "mean −½, standard deviation 1",
            },
            partners={
                "a": "The formula is too small by half a standard error.",
                "b": "The error bars are half as long as they should be.",
                "c": "The formula is too large by half a standard error.",
                "d": "The error bars are twice as long as they should be.",
            },
            key={"1": "b", "2": "d", "3": "c"},
        ),
        "end of 3.3",
        why="The error bar is in the denominator, so bars that are too short make scores that are "
        "too wide. The formula is subtracted, so one that is too large shifts them down.",
        siblings=(
            Practice(
                Match(
                    "3/shapes-of-scores",
                    "A thousand z-scores, each an estimate minus what a formula gives, over the "
                    "standard error, look like a bell curve with the mean and standard deviation "
                    "below. What is behind it?",
                    items={
                        "1": "mean 1, standard deviation 1",
                        "2": "mean 0, standard deviation ⅓",
                        "3": "mean 0, standard deviation 3",
                    },
                    partners={
                        "a": "The error bars are three times as long as they should be.",
                        "b": "The formula is too small by one standard error.",
                        "c": "The error bars are a third as long as they should be.",
                        "d": "The formula is too large by one standard error.",
                    },
                    key={"1": "b", "2": "a", "3": "c"},
                ),
                why="The error bar is in the denominator, so bars that are too short make scores "
                "that are too wide. The formula is subtracted, so one that is too small shifts "
                "them up.",
            ),
        ),
    ),
    Practice(
        Predict(
            "3/draws-near-p",
            r"Let $p = \mathcal{N}(0, 1)$ and $q = \mathcal{N}(1/10, 1)$, so that the KL is only "
            r"0.005. How many draws from $q$ does the mean of $\log q(z) - \log p(z)$ need until "
            "its standard error is a tenth of the KL? Compare their number, on the left, with "
            "10,000 on the right.",
            what="relation",
        ),
        "before (3.4)",
        answer=">",
        why=r"It takes 40,000. For $q = \mathcal{N}(\mu, 1)$ the standard deviation of the "
        r"log-ratio is $\mu$ and the KL $\mu^2/2$, so the number is $400/\mu^2$: a small KL is "
        "hard to see.",
        siblings=(
            Practice(
                Predict(
                    "3/draws-near-p",
                    r"Let $p = \mathcal{N}(0, 1)$ and $q = \mathcal{N}(2, 1)$, so that the KL is "
                    r"2. How many draws from $q$ does the mean of $\log q(z) - \log p(z)$ need "
                    "until its standard error is a tenth of the KL? Compare their number, on the "
                    "left, with 1,000 on the right.",
                    what="relation",
                ),
                answer="<",
                why=r"It takes 100. For $q = \mathcal{N}(\mu, 1)$ the standard deviation of the "
                r"log-ratio is $\mu$ and the KL $\mu^2/2$, so the number is $400/\mu^2$: a large "
                "KL is easy to see.",
            ),
        ),
    ),
    Practice(
        Predict(
            "3/bias-of-k2",
            r"Let $p = \mathcal{N}(0, 1)$, $q = \mathcal{N}(0, (1/2)^2)$ and $\rho = p(z)/q(z)$. "
            r"What is the sign of the bias of $k_2 = \tfrac12 \log^2 \rho$, its mean under $q$ "
            r"minus $\operatorname{KL}(q \,\|\, p)$?",
            what="sign",
        ),
        "before (3.7)",
        answer="-",
        why=r"The mean of $k_2$ is half the sum of $\operatorname{Var}_q[\log \rho]$ and the "
        "square of the KL, here $(0.281 + 0.101)/2 = 0.191$; the KL is 0.318. That $k_2$ is never "
        "negative does not make it too large.",
        siblings=(
            Practice(
                Predict(
                    "3/bias-of-k2",
                    r"Let $p = \mathcal{N}(0, 1)$, $q = \mathcal{N}(0, 2^2)$ and $\rho = "
                    r"p(z)/q(z)$. What is the sign of the bias of $k_2 = \tfrac12 \log^2 \rho$, "
                    r"its mean under $q$ minus $\operatorname{KL}(q \,\|\, p)$?",
                    what="sign",
                ),
                answer="+",
                why=r"The mean of $k_2$ is half the sum of $\operatorname{Var}_q[\log \rho]$ and "
                "the square of the KL, here $(4.5 + 0.651)/2 = 2.576$; the KL is 0.807.",
            ),
        ),
    ),
    Practice(
        Choose(
            "3/why-no-covariance",
            r"The last step of (3.8) takes the variance of a multiple of $\varepsilon^2$ plus a "
            r"multiple of $\varepsilon$ for the sum of the two variances, without a covariance. "
            r"Which property of $\varepsilon$ permits this?",
            choices={
                "a": r"$\mathbb{E}[\varepsilon] = 0$ and $\mathbb{E}[\varepsilon^2] = 1$",
                "b": r"$\mathbb{E}[\varepsilon] = 0$ and $\mathbb{E}[\varepsilon^4] = 3$",
                "c": r"$\varepsilon^2$ and $\varepsilon$ are independent",
                "d": r"$\mathbb{E}[\varepsilon] = 0$ and $\mathbb{E}[\varepsilon^3] = 0$",
            },
            right="d",
            misconceptions={
                "a": r"Both are true, but the covariance of $\varepsilon^2$ and $\varepsilon$ has "
                r"a product of three factors $\varepsilon$ in it.",
                "b": r"Both are true, and the variance of $\varepsilon^2$ follows. The covariance "
                r"of $\varepsilon^2$ and $\varepsilon$ does not.",
                "c": r"Whoever knows $\varepsilon$ knows its square, so they are not. Less than "
                "independence is enough.",
            },
        ),
        "after (3.8)",
        why=r"The covariance is $\mathbb{E}[\varepsilon^3] - \mathbb{E}[\varepsilon^2]\, "
        r"\mathbb{E}[\varepsilon] = 0$. A skewed $\varepsilon$ would leave a third term.",
        heading=WHY_MAY_WE,
    ),
    Practice(
        Blank(
            "3/unknown-factor",
            r"The density $p$ is known only up to a factor, so that $c\, \rho$ is computed in "
            r"place of $\rho = p(z)/q(z)$, with an unknown $c > 0$. By how much is the mean of "
            r"$k_3 = \rho - 1 - \log \rho$ then off?",
            frame=scaled("E(c*rho - 1 - log(c*rho))"),
            lines=("= c*E(rho) - 1 - E(log(c*rho))", "= KL(q, p) + ___"),
            at=2,
            solution="c - 1 - log(c)",
        ),
        "end of 3.4",
        why=r"With $\mathbb{E}_q[\rho] = 1$ the rest is $c - 1 - \log c$, never negative: an "
        r"unknown factor makes $k_3$ too large on average, and $k_1$ wrong by $-\log c$.",
        hints=(
            "Find what is left of the mean when the KL is taken out.",
            r"Use $\mathbb{E}_q[\rho] = 1$ and $\log(c \rho) = \log c + \log \rho$.",
            r"Begin with $c \cdot 1 - 1 - \log c - \mathbb{E}_q[\log \rho]$.",
        ),
        siblings=(
            Practice(
                Blank(
                    "3/unknown-factor",
                    r"The density $p$ is known only up to a factor, so that $\rho / c$ is computed "
                    r"in place of $\rho = p(z)/q(z)$, with an unknown $c > 0$. By how much is the "
                    r"mean of $k_3 = \rho - 1 - \log \rho$ then off?",
                    frame=scaled("E(rho/c - 1 - log(rho/c))"),
                    lines=("= E(rho)/c - 1 - E(log(rho/c))", "= KL(q, p) + ___"),
                    at=2,
                    solution="1/c - 1 + log(c)",
                ),
                why=r"With $\mathbb{E}_q[\rho] = 1$ the rest is $1/c - 1 + \log c$, which is "
                "never negative, and 0 only for $c = 1$.",
                hints=(
                    "Find what is left of the mean when the KL is taken out.",
                    r"Use $\mathbb{E}_q[\rho] = 1$ and $\log(\rho / c) = \log \rho - \log c$.",
                    r"Begin with $1/c - 1 - \mathbb{E}_q[\log \rho] + \log c$, and take out the "
                    "KL.",
                ),
            ),
        ),
    ),
    Practice(
        Predict(
            "3/narrow-or-wide",
            r"Let $p = \mathcal{N}(0, 1)$, $q = \mathcal{N}(0, \sigma^2)$ and $\rho = p(z)/q(z)$. "
            r"Compare $\mathbb{E}_q[\rho^2]$ for $\sigma = 3/4$, a little too narrow, on the left "
            r"with that for $\sigma = 2$, twice as wide as $p$, on the right.",
            what="relation",
        ),
        "before (3.10)",
        answer=">",
        why=r"The left is 1.591, the right 1.512. At $\sigma = 3/4$ the border "
        r"$\sigma^2 = 1/2$ is near; towards wide $q$ the mean square grows only like "
        r"$\sigma / \sqrt{2}$.",
        siblings=(
            Practice(
                Predict(
                    "3/narrow-or-wide",
                    r"Let $p = \mathcal{N}(0, 1)$, $q = \mathcal{N}(0, \sigma^2)$ and $\rho = "
                    r"p(z)/q(z)$. Compare $\mathbb{E}_q[\rho^2]$ for $\sigma = 0.72$ on the left "
                    r"with that for $\sigma = 3$ on the right.",
                    what="relation",
                ),
                answer=">",
                why=r"The left is 2.702, the right 2.183: at $\sigma = 0.72$ the border "
                r"$\sigma^2 = 1/2$ is very near.",
            ),
            Practice(
                Predict(
                    "3/narrow-or-wide",
                    r"Let $p = \mathcal{N}(0, 1)$, $q = \mathcal{N}(0, \sigma^2)$ and $\rho = "
                    r"p(z)/q(z)$. Compare $\mathbb{E}_q[\rho^2]$ for $\sigma = 3/4$ on the left "
                    r"with that for $\sigma = 4$ on the right.",
                    what="relation",
                ),
                answer="<",
                why="The left is 1.591, the right 2.874. A wide $q$ is never free; but its mean "
                "square is finite however wide it is.",
            ),
        ),
    ),
    Practice(
        Choose(
            "3/why-change-to-p",
            r"The first step of (3.10) is $\mathbb{E}_q[\rho^2] = \mathbb{E}_p[\rho]$. Of two "
            "densities $q$ and $p$ of any kind, which condition does it need?",
            choices={
                "a": "$p > 0$ wherever $q > 0$",
                "b": "$q > 0$ wherever $p > 0$",
                "c": r"$\mathbb{E}_q[\rho^2]$ is finite",
                "d": r"$\rho$ is bounded where $q > 0$",
            },
            right="b",
            misconceptions={
                "a": r"This keeps $\log \rho$ finite at every draw. But a share of $p$ that no "
                "draw can reach is missing on the left.",
                "c": "The step also holds with two infinite sides. And with a share of $p$ that no "
                "draw can reach, the left can be finite and the right larger.",
                "d": "This makes the left finite. It says nothing of a share of $p$ that no draw "
                "can reach, and that counts on the right.",
            },
        ),
        "after (3.10)",
        why=r"The left is $\int p^2/q \,\mathrm{d}z$ over the places where $q > 0$, the right "
        r"the same integral over those where $p > 0$. What $\sigma^2 > 1/2$ adds is that it is "
        "finite.",
        heading=WHY_MAY_WE,
    ),
    Practice(
        Predict(
            "3/mass-seen",
            r"Let $p = \mathcal{N}(0, 1)$ and $q = \mathcal{N}(0, 0.1^2)$, so that $\rho = "
            r"p(z)/q(z)$ has the mean 1 under $q$. About how large is the mean of $\rho$ over "
            "a thousand draws in a typical run?",
            what="number",
        ),
        "before (3.13)",
        answer=0.3,
        within=0.1,
        why="The median of many runs is 0.30. A thousand draws of $q$ reach about 3.3 of its "
        r"standard deviations, to $\lvert z \rvert = 0.33$, and 0.26 of the mass of $p$ lies "
        "within. A million draws see 0.38.",
        siblings=(
            Practice(
                Predict(
                    "3/mass-seen",
                    r"Let $p = \mathcal{N}(0, 1)$ and $q = \mathcal{N}(0, 0.2^2)$, so that $\rho = "
                    r"p(z)/q(z)$ has the mean 1 under $q$. About how large is the mean of $\rho$ "
                    "over a thousand draws in a typical run?",
                    what="number",
                ),
                answer=0.55,
                within=0.12,
                why="The median of many runs is 0.55. A thousand draws of $q$ reach about 3.3 of "
                r"its standard deviations, to $\lvert z \rvert = 0.66$, and 0.49 of the mass of "
                "$p$ lies within.",
            ),
        ),
    ),
    Practice(
        Compute(
            "3/higher-moments",
            r"Let $p = \mathcal{N}(0, v)$, $q = \mathcal{N}(0, \sigma^2)$ and $\rho = p(z)/q(z)$, "
            r"with $v = {v}$, and let $a = {a}$. The mean $\mathbb{E}_q[\rho^a]$ is finite exactly "
            r"if $\sigma^2$ is above which number?",
            frame=TAIL,
            key="v*(1 - 1/a)",
            choices={"a": (3, 4, 5), "v": (2, 3, 4)},
            tolerance=0.005,
            slips={
                "v/2": "This is the border for the mean square of the weights.",
                "1 - 1/a": "This is the border for a standard normal $p$.",
                "v/a": "In the integrand $q$ has the power $1 - a$, and not $a$.",
            },
        ),
        "end of 3.5",
        why="The exponent of $p^a q^{1-a}$ behaves like "
        r"$\bigl(\tfrac{a-1}{\sigma^2} - \tfrac{a}{v}\bigr) z^2 / 2$. For $a = 4$, on which the "
        "variance of the squared error bar depends, $q$ needs more than three quarters of the "
        "variance of $p$.",
        hints=(
            r"Find for which $\sigma^2$ the integral of $p^a q^{1-a}$ is finite.",
            "Far out only the coefficient of $z^2$ in the exponent counts, as below (3.10).",
            r"Begin with $-\tfrac{a}{2v} z^2$ from $p^a$, and add what $q^{1-a}$ has.",
        ),
    ),
    Practice(
        Choose(
            "3/why-unbiased-gradient",
            "By (3.15) and (3.17) the gradients of $k_1$ and $k_3$ through the draws are unbiased. "
            "Given that derivatives may be taken under the integrals, why is this no accident?",
            choices={
                "a": r"Their values are unbiased at this $\mu$ and this $\sigma$.",
                "b": r"Their variances are finite at every $\mu$ and $\sigma$.",
                "c": r"Their values are unbiased at every $\mu$, and the density of $\varepsilon$ "
                r"has no $\mu$.",
                "d": r"Their values are unbiased at every $\mu$, however the draws are treated.",
            },
            right="c",
            misconceptions={
                "a": r"Two functions of $\mu$ that agree at a single point can have different "
                "slopes there.",
                "b": "For a narrow $q$ the variance of $k_3$ is infinite, and (3.17) holds all the "
                "same.",
                "d": "This is true, but it cannot be the reason: it would cover draws held "
                "constant, where the density of $z$ moves and the derivative does not see it.",
            },
        ),
        "after (3.17)",
        why=r"Two functions of $\mu$ that agree everywhere have the same derivative, and it goes "
        r"inside the average because the density of $\varepsilon$ does not change with $\mu$.",
        heading=WHY_MAY_WE,
    ),
    Practice(
        Predict(
            "3/gradient-of-k3",
            r"Let $q = \mathcal{N}(\mu, \sigma^2)$ with $\mu = 0.5$ and $\sigma = 1.2$, and $p = "
            r"\mathcal{N}(0, 1)$. With the draws held constant, compare the mean of $\partial_\mu "
            r"k_3$, where $k_3 = \rho - 1 - \log \rho$ with $\rho = p(z)/q(z)$, on the left with "
            r"the derivative of $\operatorname{KL}(q \,\|\, p)$, which is 0.5, on the right.",
            what="relation",
        ),
        "before (3.20)",
        answer="<",
        why=r"The left is $\mu / \sigma^2 = 0.347$, the derivative of "
        r"$\operatorname{KL}(p \,\|\, q)$. Differentiated with the draws held constant, "
        "an unbiased value can have the gradient of another loss.",
        siblings=(
            Practice(
                Predict(
                    "3/gradient-of-k3",
                    r"Let $q = \mathcal{N}(\mu, \sigma^2)$ with $\mu = 0.5$ and $\sigma = 1/2$, "
                    r"and $p = \mathcal{N}(0, 1)$. With the draws held constant, compare the mean "
                    r"of $\partial_\mu k_3$, where $k_3 = \rho - 1 - \log \rho$ with $\rho = "
                    r"p(z)/q(z)$, on the left with the derivative of $\operatorname{KL}(q \,\|\, "
                    "p)$, which is 0.5, on the right.",
                    what="relation",
                ),
                answer=">",
                why=r"The left is $\mu / \sigma^2 = 2$, the derivative of "
                r"$\operatorname{KL}(p \,\|\, q)$.",
            ),
            Practice(
                Predict(
                    "3/gradient-of-k3",
                    r"Let $q = \mathcal{N}(\mu, \sigma^2)$ with $\mu = 0.5$ and $\sigma = 1$, and "
                    r"$p = \mathcal{N}(0, 1)$. With the draws held constant, compare the mean of "
                    r"$\partial_\mu k_3$, where $k_3 = \rho - 1 - \log \rho$ with $\rho = "
                    r"p(z)/q(z)$, on the left with the derivative of $\operatorname{KL}(q \,\|\, "
                    "p)$, which is 0.5, on the right.",
                    what="relation",
                ),
                answer="=",
                why=r"The left is $\mu / \sigma^2$, the derivative of "
                r"$\operatorname{KL}(p \,\|\, q)$. At $\sigma = 1$ it is the same as that of "
                r"$\operatorname{KL}(q \,\|\, p)$: a test at this point would not notice.",
            ),
        ),
    ),
    Practice(
        Order(
            "3/control-variate-as-a-loss",
            r"Let $q = \mathcal{N}(\mu, \sigma^2)$ and $p = \mathcal{N}(0, 1)$. Add $w$ times "
            r"$\rho - 1$, which has the mean 0, to $k_1 = -\log \rho$: the value is unbiased for "
            r"every number $w$. Find the mean gradient with respect to $\mu$, with the draws held "
            "constant.",
            frame=held("E(D(-log(rho) + w*(rho - 1), mu))", w=real()),
            lines=(
                "= -E(D(log(rho), mu)) + w*E(rho*D(log(rho), mu))",
                "= w*E(rho*D(log(rho), mu))",
                "= -w*E_p(D(log_q(z), mu))",
                "= w*mu/sigma**2",
            ),
            distractors=(
                "= -w*E(D(log_q(z), mu))",
                "= mu - w*E_p(D(log_q(z), mu))",
            ),
            seed=5,
        ),
        "end of 3.6",
        why="The score has the mean 0 under $q$ and not under $p$, so the whole gradient comes "
        "from the control variate, and it is proportional to a $w$ that the value does not depend "
        "on.",
        hints=(
            r"Find the means of the two parts, $\partial_\mu$ of $-\log \rho$ and of $\rho$.",
            r"Use $\partial_\mu \rho = \rho\, \partial_\mu \log \rho$, then the score's "
            r"mean under $q$, then $q \rho = p$.",
            r"Begin with the line that has both derivatives of $\log \rho$, each in its own mean.",
        ),
        siblings=(
            Practice(
                Order(
                    "3/control-variate-as-a-loss",
                    r"Let $q = \mathcal{N}(\mu, \sigma^2)$ and $p = \mathcal{N}(0, 1)$. Add $w "
                    r"\log \rho$ to $k_2 = \tfrac12 \log^2 \rho$: the mean changes by $-w$ times "
                    r"the KL. Find the mean gradient with respect to $\mu$, with the draws held "
                    "constant.",
                    frame=held("E(D(log(rho)**2/2 + w*log(rho), mu))", w=real()),
                    lines=(
                        "= E(log(rho)*D(log(rho), mu)) + w*E(D(log(rho), mu))",
                        "= E(log(rho)*D(log(rho), mu))",
                        "= -E(log(rho)*(z - mu))/sigma**2",
                        "= mu",
                    ),
                    distractors=(
                        "= w*E(D(log(rho), mu))",
                        "= (1 - w)*mu",
                        "= mu - w*E_p(D(log_q(z), mu))",
                    ),
                    seed=6,
                ),
                why="The mean of the added term depends on $w$, but its gradient is a multiple of "
                "the score, of mean 0: the loss is minimised as if it were not there.",
                hints=(
                    r"Find the means of the two parts, $\partial_\mu$ of $\tfrac12 \log^2 \rho$ "
                    r"and of $\log \rho$.",
                    r"With the draws held constant $\partial_\mu \log \rho$ is minus the score.",
                    "Begin with the line that has the chain rule, and both parts.",
                ),
            ),
        ),
    ),
    Practice(
        Compute(
            "3/digits-left",
            "A number format has the machine epsilon $10^{-k}$ with $k = {k}$. By the rule of this "
            "section, at which distance $d$ from $q = p$ does the textbook formula have a relative "
            "error of about $10^{-r}$ with $r = {r}$?",
            frame=FORMAT,
            key="10**((r - k)/2)",
            tolerance=0.005,
            choices={"k": (8, 10, 12, 14), "r": (2, 4)},
            slips={
                "10**(-k/2)": "At this distance no digit is left.",
                "10**(r - k)": "The KL is of the order of the square of the distance.",
            },
        ),
        "end of 3.7",
        why="The relative error is $10^{-k}/d^2$, so $d = 10^{(r-k)/2}$: for each further digit "
        "that is to be right, the distance has to be about three times as large.",
        hints=(
            "Find $d$ from the relative error.",
            r"The rule is $\mathrm{eps}/d^2$, as the KL is of order $d^2$.",
            "Begin with $10^{-k}/d^2 = 10^{-r}$.",
        ),
    ),
    Practice(
        Match(
            "3/which-rule",
            "Each mistake below got past its test. Which rule, had it been kept, would have found "
            "it?",
            items={
                "1": r"$\sigma$ stands for $\sigma^2$ in the formula and in the log-densities "
                "over which the test averages.",
                "2": "A model was trained on $k_1$ with the draws held constant; the test had "
                "compared the mean of $k_1$ with the closed form.",
                "3": "A formula is off by 0.3 nats; the test allows for a nat.",
                "4": "The product of two variances stands where their sum belongs; in the "
                "test both are 2.",
            },
            partners={
                "a": "Know its resolution.",
                "b": "Use arbitrary points.",
                "c": "Distrust error bars.",
                "d": "List what a check shares with what it checks.",
                "e": "Check what you will use.",
            },
            key={"1": "d", "2": "e", "3": "a", "4": "b"},
        ),
        "end of 3.8",
        why="In the second case the value was right and the mean gradient is 0. In the first the "
        "two sides agree at every point, so no choice of points would have helped. In the fourth "
        r"they agree in the test alone, as $2 \cdot 2 = 2 + 2$.",
        siblings=(
            Practice(
                Match(
                    "3/which-rule",
                    "Each mistake below got past its test. Which rule, had it been kept, would "
                    "have found it?",
                    items={
                        "1": "A KL with 1 for the dimension $n$; all tests have one dimension.",
                        "2": "A KL in float32 comes out negative near $q = p$; the tests ran in "
                        "float64.",
                        "3": "$k_3$ is off by a third of the KL for a very narrow $q$; it was "
                        "accepted for its standard error, which is fifty times smaller.",
                        "4": "Entropy and cross-entropy have the same wrong constant; the test "
                        "compares their difference with the KL.",
                    },
                    partners={
                        "a": "Check what you will use.",
                        "b": "List what a check shares with what it checks.",
                        "c": "Try another order of the dimensions.",
                        "d": "Distrust error bars.",
                        "e": "Use arbitrary points.",
                    },
                    key={"1": "e", "2": "a", "3": "d", "4": "b"},
                ),
                why="The wrong constant cancels in the difference at every point. The wrong "
                "estimate has a small bar because it misses the draws that would lengthen it.",
            ),
        ),
    ),
)
