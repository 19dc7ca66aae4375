"""Chapter 2: Gaussians in many dimensions, and when divergences add."""

from kl_utils.derivation import Given, between, covariance, gaussian, matrix, positive, real, vector
from kl_utils.exercises import (
    Blank,
    Compute,
    Condition,
    Frame,
    Prove,
    Repair,
)

from . import WHY_MAY_WE, Practice, at, choose, match, predict

OPENING = ("1/which-direction", "1/read-the-formula")


# 2.1

_SAME_SHADOWS = (
    choose(
        "2/same-shadows",
        "Two distributions in the plane, $q$ and $p$, have the same marginals, with finite "
        "variances. What is certain to be the same under both?",
        {
            "a": "the variance of $z_1 + z_2$",
            "b": "the probability that $z_1 > z_2$",
            "c": "the mean of $z_1 + z_2$",
            "d": "the mean of $z_1 z_2$",
        },
        "c",
        {
            "a": "It contains twice the covariance of the two coordinates, which the marginals "
            "leave open.",
            "b": "It depends on how the coordinates occur together: if one is a copy of the "
            "other, it is 0.",
            "d": "It is the covariance plus the product of the means, and the marginals leave the "
            "covariance open.",
        },
        "The mean of a sum is the sum of the means, however the coordinates depend on one another. "
        "What depends on how they occur together, the marginals do not fix.",
    ),
    choose(
        "2/same-shadows",
        "Two distributions in the plane, $q$ and $p$, have the same marginals, with finite "
        "variances. What may differ between them?",
        {
            "a": r"the mean of $\lVert z \rVert^2$",
            "b": "the mean of $(z_1 - z_2)^2$",
            "c": "the variance of $z_2$",
            "d": "the mean of $z_1 - z_2$",
        },
        "b",
        {
            "a": "It is a sum of two mean squares, one for each coordinate alone.",
            "c": "It is a matter of one coordinate alone, and so of one marginal.",
            "d": "The mean of a difference is the difference of the means, and each mean belongs "
            "to one marginal.",
        },
        "Multiplied out, it contains the mean of $z_1 z_2$, which depends on how the two occur "
        "together.",
    ),
)

# 2.2

_STRETCH = (
    predict(
        "2/stretch",
        "number",
        r"Let the coordinates of $\varepsilon = (\varepsilon_1, \varepsilon_2)^\top$ be "
        r"independent and standard normal, and $z = (2 \varepsilon_1, 3 \varepsilon_2)^\top$. The "
        r"density of $z$ at 0 is how many times that of $\varepsilon$ at 0?",
        0.1667,
        r"One sixth: areas are stretched by $2 \cdot 3$, and the same probability is spread over "
        "6 times the area. The variances are 4 and 9, so this is one over the root of their "
        "product.",
        0.005,
    ),
    predict(
        "2/stretch",
        "number",
        r"Let $\varepsilon \sim \mathcal{N}(0, I)$ in three dimensions, and $z = 2 \varepsilon$. "
        r"The density of $z$ at 0 is how many times that of $\varepsilon$ at 0?",
        0.125,
        "One eighth: doubling every coordinate makes volumes $2^3$ times as large. In terms of "
        r"$\Sigma = 4 I$ this is $1/\sqrt{\det \Sigma} = 1/\sqrt{64}$.",
        0.005,
    ),
    predict(
        "2/stretch",
        "number",
        r"Let $\varepsilon \sim \mathcal{N}(0, I)$ in the plane, and $z = L \varepsilon$ with $L "
        r"= \begin{pmatrix} 2 & 5 \\ 0 & \tfrac12 \end{pmatrix}$. The density of $z$ at 0 is how "
        r"many times that of $\varepsilon$ at 0?",
        1,
        r"It is the same: $\det L = 2 \cdot \tfrac12 = 1$, so that $L$ slants and stretches but "
        "leaves areas as they are.",
        0.005,
    ),
)

_PEAK = Practice(
    Compute(
        "2/peak",
        r"Let $\Sigma = \begin{pmatrix} {a} & {b} \\ {b} & {c} \end{pmatrix}$. How large is the "
        r"density of $\mathcal{N}(\mu, \Sigma)$ at $z = \mu$? Give three significant "
        "digits.",
        frame=Frame(Given(a=positive(), b=real(), c=positive())),
        key="1/(2*pi*sqrt(a*c - b**2))",
        choices={"a": (2, 3), "b": (1, "1/2"), "c": (2, 5)},
        tolerance=0.005,
        slips={
            "1/(2*pi*(a*c - b**2))": "Volumes are stretched by the determinant of $L$. How is "
            r"that of $\Sigma = L L^\top$ related to it?",
            "1/(2*pi*sqrt(a*c))": "The determinant is not the product of the diagonal, "
            "unless the coordinates are uncorrelated.",
            "1/sqrt(2*pi*(a*c - b**2))": r"The plane has two dimensions, each with a factor "
            r"$\sqrt{2 \pi}$.",
        },
    ),
    why=r"At the mean the exponential is 1, so what is left of (2.3d) is one over the normaliser, "
    r"$\sqrt{(2\pi)^2 \det \Sigma}$.",
    hints=(
        "Which part of (2.3d) depends on $z$, and what is it at the mean?",
        r"The normaliser is $\sqrt{(2\pi)^n \det \Sigma}$, with $n = 2$.",
        r"For a matrix with the rows $(a, b)$ and $(b, c)$, the determinant is $a c - b^2$.",
    ),
)

# 2.3

_WHY_TRACE = choose(
    "2/why-trace",
    r"Line (2.7c) moves the mean inside the trace: from $\mathbb{E}_q[\operatorname{tr}(A M)]$ to "
    r"$\operatorname{tr}(A\, \mathbb{E}_q[M])$ with $M = (z - m)(z - m)^\top$. What allows that?",
    {
        "a": r"$\operatorname{tr}(B C) = \operatorname{tr}(C B)$, whatever the shapes.",
        "b": r"$\operatorname{tr}(A M)$ is a sum of entries of $M$ times fixed numbers.",
        "c": "The trace is the sum of the eigenvalues.",
        "d": r"$M$ is symmetric, and so is its mean $\mathbb{E}_q[M]$.",
    },
    "b",
    {
        "a": "True, and it made line (2.7b). It exchanges factors, and says nothing of means.",
        "c": "True, but the eigenvalues of a mean are not the means of the eigenvalues.",
        "d": "True, but the step would be as good for a matrix without symmetry.",
    },
    "A mean passes through sums and fixed factors. It does not pass through a determinant, which "
    "multiplies entries with one another.",
)

_INVERSE_SQUARE = (
    predict(
        "2/inverse-square",
        "number",
        r"Let $q = \mathcal{N}(\mu, \Sigma)$ in the plane, with $\Sigma = "
        r"\operatorname{diag}(100, 0.01)$. How large is $\mathbb{E}_q[(z - \mu)^\top \Sigma^{-1} "
        r"(z - \mu)]$?",
        2,
        "Each coordinate is divided by its own standard deviation and then has the mean square "
        "1. Two of them make 2, whatever the covariance.",
        0.01,
    ),
    predict(
        "2/inverse-square",
        "number",
        r"Let $q = \mathcal{N}(\mu, 4 I)$ in the plane, with $\mu = (2, 0)^\top$. How large is "
        r"$\mathbb{E}_q[z^\top (4 I)^{-1} z]$? The form is around 0, not around $\mu$.",
        3,
        r"Around $\mu$ it would be 2, one for each coordinate. The shift adds $\mu^\top (4I)^{-1} "
        r"\mu = 1$.",
        0.01,
    ),
    predict(
        "2/inverse-square",
        "number",
        r"Let $q = \mathcal{N}(\mu, \Sigma)$ in three dimensions, with all variances 1 and all "
        r"correlations 0.9. How large is $\mathbb{E}_q[(z - \mu)^\top \Sigma^{-1} (z - \mu)]$?",
        3,
        r"It is $\operatorname{tr}(\Sigma^{-1} \Sigma) = \operatorname{tr} I = 3$, with or without "
        "correlations.",
        0.01,
    ),
)

_STRETCHED_SQUARE = (
    Practice(
        Blank(
            "2/stretched-square",
            r"Let $q = \mathcal{N}(\mu, \Sigma)$, with any matrix $A$ and any vector $b$. What "
            r"fills the hole in $\mathbb{E}_q[\lVert A z + b \rVert^2] = "
            r"\operatorname{tr}(\square) + \lVert A \mu + b \rVert^2$?",
            frame=Frame(
                Given(
                    n=range(1, 4),
                    mu=vector("n"),
                    Sigma=covariance("n"),
                    A=matrix("n", "n"),
                    b=vector("n"),
                ),
                "E(T(A@z + b)@(A@z + b))",
                {"q": gaussian("mu", "Sigma")},
            ),
            lines=("= tr(___) + T(A@mu + b)@(A@mu + b)",),
            at=1,
            solution="A@Sigma@T(A)",
        ),
        why=r"$A z + b$ has the mean $A \mu + b$ and the covariance $A \Sigma A^\top$; a mean "
        "square is the trace of the covariance plus the squared length of the mean.",
        hints=(
            "A matrix, made from what describes the distribution of $A z + b$.",
            r"With $y = A z + b$, the lemma (2.7) gives $\mathbb{E}[y^\top y]$ as a trace and a "
            "shift.",
            r"Which covariance does $A z + b$ have, if $z$ has $\Sigma$?",
        ),
    ),
    Practice(
        Blank(
            "2/stretched-square",
            r"Let $q = \mathcal{N}(\mu, \Sigma)$, with any matrix $A$ and any vector $b$. What "
            r"has to be added to $\operatorname{tr}(A \Sigma)$ to make $\mathbb{E}_q[z^\top A (z "
            "+ b)]$?",
            frame=Frame(
                Given(
                    n=range(1, 4),
                    mu=vector("n"),
                    Sigma=covariance("n"),
                    A=matrix("n", "n"),
                    b=vector("n"),
                ),
                "E(T(z)@A@(z + b))",
                {"q": gaussian("mu", "Sigma")},
            ),
            lines=("= tr(A@Sigma) + ___",),
            at=1,
            solution="T(mu)@A@(mu + b)",
        ),
        why=r"The quadratic part gives $\operatorname{tr}(A \Sigma) + \mu^\top A \mu$ by (2.7), "
        r"and the rest is linear in $z$, so its mean is $\mu^\top A b$.",
        hints=(
            "A number, in which the covariance does not occur.",
            "Multiply out: one part is quadratic in $z$, the other linear.",
            r"By (2.7) with $m = 0$, $\mathbb{E}_q[z^\top A z] = \operatorname{tr}(A \Sigma) + "
            r"\mu^\top A \mu$.",
        ),
    ),
)

_TRACE_OR_DETERMINANT = (
    match(
        "2/trace-or-determinant",
        r"Let $q = \mathcal{N}(\mu, \Sigma)$ in $n$ dimensions, with $\Sigma = L L^\top$. Which "
        "quantity is which?",
        {
            "1": r"the mean of $\lVert z - \mu \rVert^2$",
            "2": "the factor by which $L$ stretches volumes",
            "3": r"the mean of $(z - \mu)^\top \Sigma^{-1} (z - \mu)$",
            "4": "the sum of the variances of the coordinates",
            "5": r"the one whose unit is $\text{cm}^{2n}$, if $z$ is in cm",
        },
        {
            "a": r"$\operatorname{tr} \Sigma$",
            "b": r"$\det \Sigma$",
            "c": r"$\sqrt{\det \Sigma}$",
            "d": "$n$",
        },
        {"1": "a", "2": "c", "3": "d", "4": "a", "5": "b"},
        "A squared length adds up over the coordinates, so its mean is a trace; a volume "
        "multiplies, so it is the root of a determinant.",
    ),
    match(
        "2/trace-or-determinant",
        r"Let $q = \mathcal{N}(\mu, \Sigma)$ with $\Sigma = \operatorname{diag}(4, 9) = L "
        r"L^\top$. How large is each?",
        {
            "1": "the factor by which $L$ stretches areas",
            "2": r"the mean of $(z - \mu)^\top \Sigma^{-1} (z - \mu)$",
            "3": r"the determinant of $\Sigma$",
            "4": r"the mean of $\lVert z - \mu \rVert^2$",
        },
        {"a": "2", "b": "5", "c": "6", "d": "13", "e": "36"},
        {"1": "c", "2": "a", "3": "e", "4": "d"},
        "The variances add up to the mean square, $4 + 9$; the standard deviations multiply to "
        r"the factor of areas, $2 \cdot 3$; and measured in its own units, each coordinate counts "
        "1.",
    ),
    match(
        "2/trace-or-determinant",
        r"Let $q = \mathcal{N}(\mu, \Sigma)$ with $\Sigma = \begin{pmatrix} 5 & 4 \\ 4 & 5 "
        r"\end{pmatrix} = L L^\top$. How large is each?",
        {
            "1": r"the mean of $\lVert z - \mu \rVert^2$",
            "2": r"the mean of $(z - \mu)^\top \Sigma^{-1} (z - \mu)$",
            "3": "the factor by which $L$ stretches areas",
            "4": r"the determinant of $\Sigma$",
        },
        {"a": "2", "b": "3", "c": "9", "d": "10", "e": "25"},
        {"1": "d", "2": "a", "3": "b", "4": "c"},
        "The trace, $5 + 5$, does not see the correlation; the determinant, $25 - 16$, does: "
        "correlated draws fill less area, though they lie as far out.",
    ),
)

# 2.4

_HUNDRED_SMALL = (
    predict(
        "2/hundred-small",
        "relation",
        r"Let $p = \mathcal{N}(0, I)$ in 100 dimensions. On the left, $\operatorname{KL}(q \,\|\, "
        r"p)$ for $q = \mathcal{N}(0, 1.1^2 I)$: each standard deviation is a tenth too large. On "
        r"the right, that for $q = \mathcal{N}(\mu, I)$ with $\mu = (1, 0, \dots, 0)^\top$. Which "
        "sign belongs between them?",
        ">",
        "The left is 0.97 nats, 0.0097 for each coordinate, and the right 0.5. In many "
        "dimensions small misfits add up.",
    ),
    predict(
        "2/hundred-small",
        "relation",
        r"Let $p = \mathcal{N}(0, I)$ in 10 dimensions. On the left, $\operatorname{KL}(q \,\|\, "
        r"p)$ for $q = \mathcal{N}(0, 1.1^2 I)$: each standard deviation is a tenth too large. On "
        r"the right, that for $q = \mathcal{N}(\mu, I)$ with $\mu = (1, 0, \dots, 0)^\top$. Which "
        "sign belongs between them?",
        "<",
        "The left is 0.097 nats, 0.0097 for each coordinate, and the right 0.5. It takes 52 such "
        "coordinates to outweigh a shift by one standard deviation.",
    ),
    predict(
        "2/hundred-small",
        "relation",
        r"Let $p = \mathcal{N}(0, I)$ in 100 dimensions. On the left, $\operatorname{KL}(q \,\|\, "
        r"p)$ for $q = \mathcal{N}(\mu, I)$ with $\mu = (2, 0, \dots, 0)^\top$. On the right, "
        r"that for $\mu = (0.1, 0.1, \dots, 0.1)^\top$. Which sign belongs between them?",
        ">",
        r"Half of the squared length counts: $\tfrac12 \cdot 2^2 = 2$ on the left, $\tfrac12 "
        r"\cdot 100 \cdot 0.1^2 = 0.5$ on the right.",
    ),
)

_WHY_N = choose(
    "2/why-n",
    "Why may line (2.11d) put $n$ for the mean of the first quadratic form, and not for that of "
    "the second?",
    {
        "a": r"$z$ is drawn from $q$, and only the first has the mean and covariance of $q$.",
        "b": r"$\operatorname{tr}(\Sigma^{-1} \Sigma) = n$ for a $\Sigma$ that is positive "
        "definite.",
        "c": "Only the first is a squared length, of a vector with $n$ entries.",
        "d": r"The first has a minus sign, and cancels against the second if $q = p$.",
    },
    "a",
    {
        "b": "True, of both covariances. What has to be seen is whether a covariance meets its "
        "own inverse here.",
        "c": r"Both are squared lengths: of $L_q^{-1}(z - \mu_q)$ and $L_p^{-1}(z - \mu_p)$.",
        "d": "True, but the step replaces one form alone, for any $q$ and $p$.",
    },
    "Lemma (2.7) has the covariance of the draws in its trace. In the first form it meets its "
    r"own inverse, in the second that of $\Sigma_p$, and there is a shift between the means.",
)

_SHIFTED = (
    Practice(
        Prove(
            "2/shifted",
            r"Two Gaussians have the same covariance, $q = \mathcal{N}(\mu, \Sigma)$ and $p = "
            r"\mathcal{N}(m, \Sigma)$. Prove, without (2.11e), that $\operatorname{KL}(q \,\|\, "
            r"p) = \tfrac12 (\mu - m)^\top \Sigma^{-1} (\mu - m)$.",
            frame=Frame(
                Given(n=range(1, 4), mu=vector("n"), m=vector("n"), Sigma=covariance("n")),
                "KL(q, p)",
                {"q": gaussian("mu", "Sigma"), "p": gaussian("m", "Sigma")},
            ),
            goal="T(mu - m)@inv(Sigma)@(mu - m)/2",
        ),
        answer={
            "lines": [
                {"text": "= E(log_q(z)) - E(log_p(z))", "reason": "definition (1.1)"},
                {
                    "text": "= (E(T(z-m)@inv(Sigma)@(z-m)) - E(T(z-mu)@inv(Sigma)@(z-mu)))/2",
                    "reason": "(2.3d); the normalisers cancel",
                },
                {"text": "= (n + T(mu-m)@inv(Sigma)@(mu-m) - n)/2", "reason": "(2.7) and (2.8)"},
                {"text": "= T(mu-m)@inv(Sigma)@(mu-m)/2", "reason": "collect"},
            ]
        },
        why="With equal covariances the normalisers and the traces cancel, and what is left is "
        "half the squared Mahalanobis distance of the means.",
        hints=(
            "Reach a line in which $z$ occurs only in two quadratic forms under expectations.",
            "The log-densities are (2.3d), and the lemma (2.7) does both expectations.",
            "Begin with `= E(log_q(z)) - E(log_p(z))`.",
        ),
    ),
    Practice(
        Prove(
            "2/shifted",
            r"Let $q = \mathcal{N}(0, \Sigma)$ and $p = \mathcal{N}(m, I)$. Prove, without "
            r"(2.11e), that $\operatorname{KL}(q \,\|\, p) = \tfrac12 (\operatorname{tr} \Sigma + "
            r"m^\top m - n - \log\det \Sigma)$.",
            frame=Frame(
                Given(n=range(1, 4), m=vector("n"), Sigma=covariance("n")),
                "KL(q, p)",
                {"q": gaussian("0", "Sigma"), "p": gaussian("m", "I")},
            ),
            goal="(tr(Sigma) + T(m)@m - n - log(det(Sigma)))/2",
        ),
        answer={
            "lines": [
                {"text": "= E(log_q(z)) - E(log_p(z))", "reason": "definition (1.1)"},
                {
                    "text": "= (E(T(z-m)@(z-m)) - E(T(z)@inv(Sigma)@z) - log(det(Sigma)))/2",
                    "reason": "(2.3d); the factors of 2π cancel",
                },
                {
                    "text": "= (tr(Sigma) + T(m)@m - n - log(det(Sigma)))/2",
                    "reason": "(2.7) and (2.8)",
                },
            ]
        },
        why="The square around $m$, averaged under $q$, is the trace plus the squared distance; "
        "the form of $q$ itself gives $n$.",
        hints=(
            "Reach a line in which $z$ occurs only in two quadratic forms under expectations.",
            "The log-densities are (2.3d), and the lemma (2.7) does both expectations.",
            "Begin with `= E(log_q(z)) - E(log_p(z))`.",
        ),
    ),
)

# 2.5

_TILTED = Practice(
    Compute(
        "2/tilted",
        r"Let $q = \mathcal{N}(\mu, \Sigma)$ with $\mu = ({m}, 0)^\top$ and $\Sigma = "
        r"\begin{pmatrix} {a} & {b} \\ {b} & {a} \end{pmatrix}$, and $p = \mathcal{N}(0, I)$. How "
        r"large is $\operatorname{KL}(q \,\|\, p)$, in nats? Give three significant digits.",
        frame=Frame(Given(a=positive(), b=real(), m=real())),
        key="(2*a + m**2 - 2 - log(a**2 - b**2))/2",
        choices={"a": (2, 3), "b": (1, "1/2"), "m": (1, 2)},
        tolerance=0.004,
        slips={
            "(a**2 - b**2 + m**2 - 2 - log(a**2 - b**2))/2": "Outside the logarithm there is a "
            "sum of variances.",
            "(2*a + m**2 - 2 - 2*log(a))/2": "This adds the divergences of the two coordinates, "
            "as if they were independent.",
            "2*a + m**2 - 2 - log(a**2 - b**2)": r"The factor $\tfrac12$ is missing.",
            "(2*a + m**2 - 1 - log(a**2 - b**2))/2": "How many coordinates are there?",
        },
    ),
    why="The correlation enters through the determinant alone: it makes the determinant smaller, "
    "and so the divergence larger.",
    hints=(
        "Four quantities are needed for (2.15c).",
        r"They are $\operatorname{tr} \Sigma$, $\mu^\top \mu$, $n$ and $\log\det\Sigma$.",
        r"For a matrix with the rows $(a, b)$ and $(b, a)$, the determinant is $a^2 - b^2$.",
    ),
)

# 2.6

_A_COPY = (
    predict(
        "2/a-copy",
        "relation",
        r"Under $q$ and under $p$, $z$ is a copy of $x$. Compare $\operatorname{KL}\bigl(q(x, z) "
        r"\,\|\, p(x, z)\bigr)$ on the left with $2 \operatorname{KL}\bigl(q(x) \,\|\, "
        r"p(x)\bigr)$ on the right; let the latter be finite and not 0. Which sign belongs "
        "between them?",
        "<",
        "The left is only half of the right: once $x$ is known, a copy is no further evidence. "
        "Added up, the divergences of the two would count the same evidence twice.",
    ),
    predict(
        "2/a-copy",
        "relation",
        "Under $q$ and under $p$, $z$ is drawn independently of $x$, from the distribution that "
        r"$x$ has there. Compare $\operatorname{KL}\bigl(q(x, z) \,\|\, p(x, z)\bigr)$ on the "
        r"left with $2 \operatorname{KL}\bigl(q(x) \,\|\, p(x)\bigr)$ on the right; let both be "
        "finite. Which sign belongs between them?",
        "=",
        "Both joint distributions factorise, so the divergences add, and here the two are equal: "
        "independent evidence counts in full.",
    ),
    predict(
        "2/a-copy",
        "relation",
        "Under $q$ and under $p$, $z$ is $x$ plus an error that is drawn, without looking at "
        r"$x$, from one and the same distribution. Compare $\operatorname{KL}\bigl(q(x, z) \,\|\, "
        r"p(x, z)\bigr)$ on the left with $\operatorname{KL}\bigl(q(x) \,\|\, p(x)\bigr)$ on the "
        "right; let both be finite. Which sign belongs between them?",
        "=",
        "Given $x$, the distribution of $z$ is the same under both, so $z$ brings no further "
        r"evidence, although $\operatorname{KL}\bigl(q(z) \,\|\, p(z)\bigr)$ need not be 0.",
    ),
)

_CHAIN_OF_COINS = Practice(
    Compute(
        "2/chain-of-coins",
        "Under $p$, $x$ and $z$ are two independent fair coins, 0 or 1. Under $q$, $x$ is 1 with "
        "probability {a}; then $z$ is 1 with probability {b} if $x = 1$, and a fair coin if $x = "
        r"0$. How large is $\operatorname{KL}\bigl(q(x, z) \,\|\, p(x, z)\bigr)$, in nats? "
        "Give three significant digits.",
        frame=Frame(Given(a=between(0, 1), b=between(0, 1))),
        key="a*log(2*a) + (1-a)*log(2*(1-a)) + a*(b*log(2*b) + (1-b)*log(2*(1-b)))",
        choices={"a": ("3/4", "4/5", "9/10"), "b": ("2/3", "3/4", "5/6")},
        tolerance=0.005,
        slips={
            "a*log(2*a) + (1-a)*log(2*(1-a)) + b*log(2*b) + (1-b)*log(2*(1-b))": "The second "
            "coin differs for one value of $x$ only. How often does it occur?",
            "a*log(2*a) + (1-a)*log(2*(1-a)) + (b*log(2*b) + (1-b)*log(2*(1-b)))/2": "Under "
            "which distribution of $x$ is the mean of the divergences given $x$ taken?",
            "a*log(2*a) + (1-a)*log(2*(1-a))": "This is what $x$ alone tells.",
        },
    ),
    why="The divergence of $x$, plus that of $z$ given $x$: it is 0 for $x = 0$, and counts with "
    "$q(x = 1)$ for $x = 1$.",
    hints=(
        "The chain rule (2.20c) has two parts; compute them one by one.",
        r"A coin with probability $a$ has the divergence $a \log (2a) + (1 - a) \log (2 (1 - a))$ "
        "from a fair one.",
        "In the second part, the value $x = 0$ adds nothing. With which weight does $x = 1$ count?",
    ),
)

_WHY_RULE = choose(
    "2/why-rule",
    r"In (2.21b) the factor $r(z \mid x)$ stands in the numerator and in the denominator, so that "
    "it cancels. What makes it the same factor in both?",
    {
        "a": r"$r(z \mid x)$ sums to 1 over $z$, for every $x$.",
        "b": "$p(x)$ is nowhere 0, so the divergence is finite.",
        "c": "Forgetting $x$ does not increase a divergence.",
        "d": "How $z$ is made from $x$ does not depend on where $x$ came from.",
    },
    "d",
    {
        "a": "True, and with it the sum over $z$ leads back to (2.21a). But two different "
        "rules would both sum to 1.",
        "b": "True, but it would not make two different rules equal.",
        "c": "True, and it is the next step. The line asked about is still an equality.",
    },
    "With a rule for $q$ and another one for $p$, the logarithm of their ratio would remain, and "
    "add the mean divergence of the two rules, as in (2.20c).",
)


def _chain(statement, choices, right, misconceptions, why):
    statement += (
        r" What is $\operatorname{KL}\bigl(q(x, y, z) \,\|\, p(x, y, z)\bigr)$? Let it be finite."
    )
    return choose("2/chain-of-three", statement, choices, right, misconceptions, why)


_CHAIN_OF_THREE = (
    _chain(
        "Three variables: $x$ has the same distribution under $q$ and $p$, and so has $z$ given "
        "$x$ and $y$. Only $y$ given $x$ has another one.",
        {
            "a": r"$\operatorname{KL}\bigl(q(y) \,\|\, p(y)\bigr)$",
            "b": r"$\operatorname{KL}\bigl(q(z) \,\|\, p(z)\bigr)$",
            "c": r"the mean over $x$ of $\operatorname{KL}\bigl(q(y \mid x) \,\|\, p(y \mid "
            r"x)\bigr)$",
            "d": r"$\operatorname{KL}\bigl(q(y) \,\|\, p(y)\bigr) + \operatorname{KL}\bigl(q(z) "
            r"\,\|\, p(z)\bigr)$",
        },
        "c",
        {
            "a": "$y$ alone can have the same distribution under both, although it is made from "
            "$x$ in another way.",
            "b": "$z$ is made from the others by one rule, and processing can lose a part of the "
            "difference.",
            "d": "The divergences of single variables are sure to add up only if both joint "
            "distributions factorise.",
        },
        "The chain rule has three terms, one for each variable given those before it. Two of "
        "them are 0.",
    ),
    _chain(
        "Three variables: $x$ and $y$ have the same joint distribution under $q$ and $p$. Only "
        "$z$ given $x$ and $y$ has another one.",
        {
            "a": r"$\operatorname{KL}\bigl(q(z) \,\|\, p(z)\bigr)$",
            "b": r"the mean over $x, y$ of $\operatorname{KL}\bigl(q(z \mid x, y) \,\|\, p(z \mid "
            r"x, y)\bigr)$",
            "c": r"the mean over $x$ of $\operatorname{KL}\bigl(q(z \mid x) \,\|\, p(z \mid "
            r"x)\bigr)$",
            "d": r"$\operatorname{KL}\bigl(q(x, z) \,\|\, p(x, z)\bigr)$",
        },
        "b",
        {
            "a": "$z$ alone can have the same distribution under both, although it depends on "
            "the others in another way.",
            "c": "Two rules can differ for every $y$, and yet agree once $y$ is averaged out.",
            "d": "$y$ has been forgotten, and the difference may lie in what $z$ has to do with "
            "$y$.",
        },
        "The chain rule has three terms, one for each variable given those before it. The first "
        "two are 0.",
    ),
    _chain(
        "Three variables: $y$ given $x$ has the same distribution under $q$ and $p$, and so has "
        "$z$ given $x$ and $y$. Only $x$ has another one.",
        {
            "a": r"$\operatorname{KL}\bigl(q(x) \,\|\, p(x)\bigr)$",
            "b": r"$\operatorname{KL}\bigl(q(z) \,\|\, p(z)\bigr)$",
            "c": r"$\operatorname{KL}$ of $x$, plus that of $y$, plus that of $z$, each variable "
            "alone",
            "d": r"the mean over $x$ of $\operatorname{KL}\bigl(q(y \mid x) \,\|\, p(y \mid "
            r"x)\bigr)$",
        },
        "a",
        {
            "b": "$z$ is made from the others by one rule, and processing can lose a part of the "
            "difference.",
            "c": "$y$ and $z$ differ only as far as they follow $x$; counted in this way, one "
            "difference counts three times.",
            "d": "Given $x$, $y$ has the same distribution under both, so this is 0.",
        },
        "The chain rule has three terms, one for each variable given those before it. The last "
        "two are 0: what is made by one and the same rule adds nothing.",
    ),
)


def _thermometers(shift, mean, key, why):
    return Practice(
        Condition(
            "2/thermometers",
            "Two readings have unit variances and the correlation $c$, with $-1 < c < 1$, under "
            "$q$ and under $p$; under $p$ the means are 0, under $q$ "
            + shift
            + r". By the chain rule the first reading tells $\tfrac12$ nat, "
            r"and the second, given the first, the divergence of $v = \mathcal{N}("
            + mean
            + r", 1 - c^2)$ from $w = \mathcal{N}(0, 1 - c^2)$, if the common term $c z_1$ of "
            r"both means is left out. For which $c$ does the second tell at most $\tfrac12$?",
            frame=Frame(
                Given(c=between(-1, 1)),
                "KL(v, w)",
                {"v": gaussian(mean, "1 - c**2"), "w": gaussian("0", "1 - c**2")},
            ),
            claim="<= 1/2",
            key=(key,),
        ),
        why=why,
        hints=(
            "A comparison that $c$ has to fulfil, without logarithms.",
            "The variances are equal, so only the shift costs: half its square, divided by the "
            "variance.",
            "$1 - c^2 = (1 - c)(1 + c)$, and one of the factors cancels.",
        ),
    )


_THERMOMETERS = (
    _thermometers(
        "both are 1",
        "1 - c",
        "c >= 0",
        r"It tells $\frac{1 - c}{2 (1 + c)}$. A second thermometer that agrees with the first "
        "anyway tells less than it would alone; with $c < 0$ it tells more, and the sum over the "
        "coordinates is too small.",
    ),
    _thermometers(
        "they are 1 and $-1$",
        "-1 - c",
        "c <= 0",
        r"It tells $\frac{1 + c}{2 (1 - c)}$. With $c > 0$ readings that move apart are a "
        "surprise, and the second tells more than it would alone; with $c < 0$ they were to be "
        "expected.",
    ),
)

# 2.7

_WHITENED = (
    Practice(
        Blank(
            "2/whitened",
            r"Let $q = \mathcal{N}(\mu + L \delta, L W L^\top)$ and $p = \mathcal{N}(\mu, L "
            r"L^\top)$, with an invertible matrix $L$ and a covariance $W$. What fills the hole "
            r"in $\operatorname{KL}(q \,\|\, p) = \tfrac12(\operatorname{tr} W - n - \log \square "
            r"+ \delta^\top \delta)$?",
            frame=Frame(
                Given(
                    n=range(1, 4),
                    mu=vector("n"),
                    L=matrix("n", "n"),
                    W=covariance("n"),
                    delta=vector("n"),
                ),
                "KL(q, p)",
                {"q": gaussian("mu + L@delta", "L@W@T(L)"), "p": gaussian("mu", "L@T(L)")},
            ),
            lines=("= (tr(W) - n - log(___) + T(delta)@delta)/2",),
            at=1,
            solution="det(W)",
        ),
        why=r"Whitening by $p$ leaves $\mathcal{N}(\delta, W)$ and $\mathcal{N}(0, I)$, with the "
        r"same divergence, (2.15c): neither $L$ nor $\mu$ matters.",
        hints=(
            "A number, made from one of the letters alone.",
            r"Map $z$ to $L^{-1}(z - \mu)$: what becomes of $q$ and of $p$?",
            r"The divergence of $\mathcal{N}(\delta, W)$ from $\mathcal{N}(0, I)$ is given by "
            "(2.15c).",
        ),
    ),
    Practice(
        Blank(
            "2/whitened",
            r"Let $q = \mathcal{N}(0, L V L^\top)$ and $p = \mathcal{N}(0, L W L^\top)$, with an "
            "invertible matrix $L$ and covariances $V$ and $W$. What fills the hole in "
            r"$\operatorname{KL}(q \,\|\, p) = \tfrac12\bigl(\operatorname{tr}(\square) - n + "
            r"\log(\det W / \det V)\bigr)$?",
            frame=Frame(
                Given(n=range(1, 4), L=matrix("n", "n"), V=covariance("n"), W=covariance("n")),
                "KL(q, p)",
                {"q": gaussian("0", "L@V@T(L)"), "p": gaussian("0", "L@W@T(L)")},
            ),
            lines=("= (tr(___) - n + log(det(W)/det(V)))/2",),
            at=1,
            solution="inv(W)@V",
        ),
        why=r"The map $z \mapsto L^{-1} z$ changes no divergence, and leaves the covariances $V$ "
        "and $W$ for (2.11e).",
        hints=(
            "A matrix, in which $L$ does not occur.",
            r"Map $z$ to $L^{-1} z$: which covariances are left?",
            "The formula (2.11e) has one trace; $q$ and $p$ have the same mean.",
        ),
    ),
)

# 2.8


def _slice(correlation, answer, why):
    statement = (
        "In the plane, $p$ is a Gaussian with unit variances and the correlation "
        + correlation
        + ". "
        "Among the Gaussians $q$ with independent coordinates, take the one with the smallest "
        r"$\operatorname{KL}(q \,\|\, p)$. Which variance does each of its coordinates have?"
    )
    return predict("2/slice", "number", statement, answer, why, 0.02)


_SLICE = (
    _slice(
        "0.8",
        0.36,
        "It is $1 - 0.8^2$: the variance of one coordinate given the other, and not that of one "
        "coordinate alone. In this direction a $q$ that reached farther would pay for draws "
        "where $p$ is small.",
    ),
    _slice(
        "0.6",
        0.64,
        "It is $1 - 0.6^2$: the variance of one coordinate given the other, and not that of one "
        "coordinate alone.",
    ),
    _slice(
        "$-0.9$",
        0.19,
        "It is $1 - 0.9^2$, whatever the sign of the correlation: each standard deviation is "
        r"$\sqrt{0.19} \approx 0.44$, less than half of that of $p$.",
    ),
)

_SHADOW_OR_SLICE_PARTNERS = {
    "a": r"the forward one, smallest $\operatorname{KL}(p \,\|\, q)$",
    "b": r"the reverse one, smallest $\operatorname{KL}(q \,\|\, p)$",
    "c": "both",
}
_SHADOW_OR_SLICE = (
    match(
        "2/shadow-or-slice",
        r"A correlated $p = \mathcal{N}(\mu_p, \Sigma_p)$ is fitted by a Gaussian with "
        "independent coordinates. Which fit does each sentence describe?",
        {
            "1": "Its variances stay as they are if the correlations of $p$ change and the "
            "variances of $p$ do not.",
            "2": r"For $n = 2$ with correlation $c$, its variances are $(1 - c^2)\, "
            r"\Sigma_{p,ii}$.",
            "3": "It has the mean of $p$.",
            "4": "It underestimates the variance of each coordinate that is correlated with "
            "another.",
            "5": "It has the marginals of $p$.",
        },
        _SHADOW_OR_SLICE_PARTNERS,
        {"1": "a", "2": "b", "3": "c", "4": "b", "5": "a"},
        "The forward fit is a shadow and needs the diagonal of the covariance; the reverse fit "
        "is a slice and needs that of its inverse, in which the correlations have a say.",
    ),
    match(
        "2/shadow-or-slice",
        r"A correlated $p = \mathcal{N}(\mu_p, \Sigma_p)$ is fitted by a Gaussian with "
        "independent coordinates. Which fit does each sentence describe?",
        {
            "1": r"It would be $p$ itself if $\Sigma_p$ were diagonal.",
            "2": "In the plane, its ellipse meets that of $p$ on the axes through the centre.",
            "3": "Its variance of $z_i$ is that of $z_i$ under $p$, given all other coordinates.",
            "4": "Its entropy is larger than that of $p$.",
            "5": "In the plane, its ellipse fills the same box as that of $p$.",
        },
        _SHADOW_OR_SLICE_PARTNERS,
        {"1": "c", "2": "b", "3": "b", "4": "a", "5": "a"},
        r"The product of the $\Sigma_{p,ii}$ is larger than $\det \Sigma_p$, and that of the "
        r"$1/\Lambda_{ii}$ smaller, by (2.24e) for the covariance and for its inverse. So the one "
        "fit has too much entropy, and the other too little.",
    ),
)

# 2.9


def _broken(statement, meanings, lines, solution, why, hints):
    given = Given(n=range(1, 4), mu=vector("n"), Sigma=covariance("n"), v=positive())
    frame = Frame(given, "H(q, p)", {"q": gaussian("mu", "Sigma")} | meanings)
    task = Repair("2/which-power", statement, frame=frame, lines=lines, at=2, solution=solution)
    return Practice(task, why=why, hints=hints)


_WHICH_POWER = (
    _broken(
        r"Let $q = \mathcal{N}(\mu, \Sigma)$ and $p = \mathcal{N}(0, v I)$, with a number $v > "
        r"0$. One line of a derivation of $\operatorname{H}(q, p)$ is right for $n = 1$ only. Put "
        "another one in its place.",
        {"p": gaussian("0", "v*I")},
        (
            "= -E(log_p(z))",
            "= log(2*pi*v)/2 + E(T(z)@z)/(2*v)",
            "= n*log(2*pi*v)/2 + (tr(Sigma) + T(mu)@mu)/(2*v)",
        ),
        "= n*log(2*pi*v)/2 + E(T(z)@z)/(2*v)",
        r"$\det(v I) = v^n$, so the normaliser is $\sqrt{(2\pi v)^n}$, and its logarithm has the "
        "factor $n$.",
        (
            "It still has an expectation, and follows from the first line by the density of $p$.",
            r"The logarithm of (2.3d) contains $\log\bigl((2\pi)^n \det(v I)\bigr)$. What is that "
            "determinant?",
            "Compare with the last line: only the mean square is still to be evaluated.",
        ),
    ),
    _broken(
        r"Let $q = \mathcal{N}(\mu, \Sigma)$ and $p = \mathcal{N}(0, v \Sigma)$, with a number $v "
        r"> 0$. One line of a derivation of $\operatorname{H}(q, p)$ is right for $n = 1$ only. "
        "Put another one in its place.",
        {"p": gaussian("0", "v*Sigma")},
        (
            "= -E(log_p(z))",
            "= log((2*pi)**n*v*det(Sigma))/2 + E(T(z)@inv(Sigma)@z)/(2*v)",
            "= log((2*pi*v)**n*det(Sigma))/2 + (n + T(mu)@inv(Sigma)@mu)/(2*v)",
        ),
        "= log((2*pi*v)**n*det(Sigma))/2 + E(T(z)@inv(Sigma)@z)/(2*v)",
        r"$\det(v \Sigma) = v^n \det \Sigma$: every one of the $n$ columns has the factor $v$.",
        (
            "It still has an expectation, and follows from the first line by the density of $p$.",
            r"The logarithm of (2.3d) contains $\log\bigl((2\pi)^n \det(v \Sigma)\bigr)$. What is "
            "that determinant?",
            "Compare with the last line: only the mean of the quadratic form is still to be "
            "evaluated.",
        ),
    ),
)

_WHICH_TEST = (
    choose(
        "2/which-test",
        r"A program for (2.11e), with $n = 2$, has $\operatorname{tr}(\Sigma_p \Sigma_q)$ in "
        r"place of $\operatorname{tr}(\Sigma_p^{-1} \Sigma_q)$, and is right otherwise. Which "
        "test finds the slip?",
        {
            "a": r"$p = \mathcal{N}(0, I)$, and $q$ at random",
            "b": r"$p = \mathcal{N}\bigl(0, \operatorname{diag}(2, \tfrac12)\bigr)$, and $q = "
            r"\mathcal{N}(0, I)$",
            "c": r"$q = p = \mathcal{N}\bigl(0, \operatorname{diag}(4, 1)\bigr)$",
            "d": r"$q = \mathcal{N}(\mu, I)$ with $\mu$ at random, and $p = \mathcal{N}(0, I)$",
        },
        "c",
        {
            "a": "The inverse of this $\\Sigma_p$ is the matrix itself, so the slip stays hidden.",
            "b": r"Both $\Sigma_p$ and its inverse have the trace $2 + \tfrac12$: two different "
            "matrices, and the same number.",
            "d": "The slip is not in the means, and the inverse of this $\\Sigma_p$ is the matrix "
            "itself.",
        },
        r"The result should be 0, but the trace is $16 + 1$ and not 2. That $\operatorname{KL}(q "
        r"\,\|\, q) = 0$ is a test for which no other value need be known.",
    ),
    choose(
        "2/which-test",
        r"A program for (2.11e), with $n = 2$, has $\Sigma_q^{-1}$ in place of $\Sigma_p^{-1}$ in "
        "the term with the means, and is right otherwise. Which test finds the slip?",
        {
            "a": "equal means, and both covariances at random",
            "b": r"$q = \mathcal{N}(\mu, 4I)$ with $\mu$ at random, and $p = \mathcal{N}(0, I)$",
            "c": "different means, and the same covariance, at random",
            "d": "$q = p$, with mean and covariance at random",
        },
        "b",
        {
            "a": "The term with the means is 0 here, whichever matrix stands in it.",
            "c": "Here the two inverses are the same matrix.",
            "d": "Here the means are equal, so the term is 0, and the two inverses are the same "
            "matrix as well.",
        },
        r"The term should be $\mu^\top \mu$, and the program has a quarter of it. It takes "
        "different means and different covariances at once; the other tests do not.",
    ),
    choose(
        "2/which-test",
        r"A program for (2.11e), with $n = 2$, has $\log(\det \Sigma_q / \det \Sigma_p)$ in place "
        r"of $\log(\det \Sigma_p / \det \Sigma_q)$, and is right otherwise. Which test finds the "
        "slip?",
        {
            "a": "$q = p$, with mean and covariance at random",
            "b": "different means, and the same covariance, at random",
            "c": r"$q = \mathcal{N}\bigl(0, \operatorname{diag}(2, \tfrac12)\bigr)$, and $p = "
            r"\mathcal{N}(0, I)$",
            "d": r"$q = \mathcal{N}(0, 4I)$, and $p = \mathcal{N}(0, I)$",
        },
        "d",
        {
            "a": "Here the two determinants are equal, and the logarithm is 0 either way.",
            "b": "Here the two determinants are equal, and the logarithm is 0 either way.",
            "c": "Both determinants are 1, so the logarithm is 0 either way.",
        },
        r"The logarithm should be $-\log 16$, and the program has $+\log 16$. In the other tests "
        "the ratio of the determinants is 1.",
    ),
)

PRACTICE = (
    at("end of 2.1", *_SAME_SHADOWS),
    at("end of 2.1", *_STRETCH),
    at("end of 2.2", _PEAK),
    at("after (2.7)", _WHY_TRACE, heading=WHY_MAY_WE),
    at("before (2.8)", *_INVERSE_SQUARE),
    at("after (2.8)", *_STRETCHED_SQUARE),
    at("end of 2.3", *_TRACE_OR_DETERMINANT),
    at("before (2.11)", *_HUNDRED_SMALL),
    at("after (2.11)", _WHY_N, heading=WHY_MAY_WE),
    at("end of 2.4", *_SHIFTED),
    at("end of 2.5", _TILTED),
    at("before (2.20)", *_A_COPY),
    at("after (2.20)", _CHAIN_OF_COINS),
    at("after (2.21)", _WHY_RULE, heading=WHY_MAY_WE),
    at("end of 2.6", *_CHAIN_OF_THREE),
    at("end of 2.6", *_THERMOMETERS),
    at("end of 2.7", *_WHITENED),
    at("before (2.34)", *_SLICE),
    at("end of 2.8", *_SHADOW_OR_SLICE),
    at("end of 2.9", *_WHICH_POWER),
    at("end of 2.9", *_WHICH_TEST),
)
