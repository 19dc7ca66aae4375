"""Chapter 10: a bound for each layer of a chain, and diffusion."""

from kl_utils.derivation import Given, between, gaussian, positive, real
from kl_utils.exercises import Blank, Choose, Compute, Frame, Locate, Predict, Prove, Reason

from . import WHY_MAY_WE, Practice

OPENING = ("2/chain-of-three", "4/up-and-down")

LEVELS = {"a": between(0, 1), "b": between(0, 1)}
POINTS = {"x": real(), "y": real()}
MU = "(sqrt(b)*(1 - a)*x + sqrt(a)*(1 - b)*y)/(1 - a*b)"
TWO_LAYERS = Frame(
    Given(mu=real(), sigma=positive(), c=real()),
    "",
    {"q": gaussian("mu", "sigma**2"), "p": gaussian("0", "1")},
)
VELOCITY = Frame(
    Given(**LEVELS, x=real(), eps=real(), v_theta=real()),
    "(x - x_theta)**2",
    {
        "y": "sqrt(a*b)*x + sqrt(1 - a*b)*eps",
        "v": "sqrt(a*b)*eps - sqrt(1 - a*b)*x",
        "x_theta": "sqrt(a*b)*y - sqrt(1 - a*b)*v_theta",
    },
)
SCORE = Frame(
    Given(**LEVELS, **POINTS, s_theta=real()),
    "(x - x_theta)**2",
    {
        "s": "-(y - sqrt(a*b)*x)/(1 - a*b)",
        "x_theta": "(y + (1 - a*b)*s_theta)/sqrt(a*b)",
    },
)


def two_variances(var, **letters):
    """The divergence of (10.10), where p has a variance of its own."""
    return Frame(
        Given(mu_q=real(), mu_p=real(), sigma=positive(), **letters),
        "KL(q, p)",
        {"q": gaussian("mu_q", "sigma**2"), "p": gaussian("mu_p", var)},
    )


PRACTICE = (
    Practice(
        Choose(
            "10/what-a-chain-forgets",
            r"Let $p(x, z_1, z_2, z_3) = p(x \mid z_1)\, p(z_1 \mid z_2)\, p(z_2 \mid z_3)\, "
            "p(z_3)$, as in (10.1). Which statement holds for every choice of the factors?",
            choices={
                "a": "$z_1$ and $z_3$ are independent.",
                "b": "Given $x$, $z_1$ and $z_3$ are independent.",
                "c": "Given $z_2$, $x$ and $z_3$ are independent.",
                "d": "Given $z_3$, $x$ and $z_2$ are independent.",
            },
            right="c",
            misconceptions={
                "a": "They meet in no factor, but $z_1$ is drawn from $z_2$, and $z_2$ from $z_3$.",
                "b": "What $x$ says of $z_1$ is not all: $z_3$ still says something of $z_2$, and "
                "that of $z_1$.",
                "d": "With the top fixed, $z_2$ is still random, and decides how $z_1$ and $x$ are "
                "drawn.",
            },
        ),
        "end of 10.1",
        why="Whatever a layer knows of what lies above it, it knows through the next layer. Fix "
        "one layer, and those below are independent of those above.",
        siblings=(
            Practice(
                Choose(
                    "10/what-a-chain-forgets",
                    r"Let $p(x, z_1, \dots, z_4) = p(x \mid z_1)\, p(z_1 \mid z_2)\, p(z_2 \mid "
                    r"z_3)\, p(z_3 \mid z_4)\, p(z_4)$, as in (10.1). Which statement holds for "
                    "every choice of the factors?",
                    choices={
                        "a": "Given $z_3$, $z_1$ and $z_4$ are independent.",
                        "b": "Given $z_1$, $z_2$ and $z_4$ are independent.",
                        "c": "Given $z_4$, $z_1$ and $z_3$ are independent.",
                        "d": "Given $x$, $z_2$ and $z_4$ are independent.",
                    },
                    right="a",
                    misconceptions={
                        "b": "Fixing the lowest layer does not cut the way from $z_4$ through "
                        "$z_3$ to $z_2$.",
                        "c": "With the top fixed, $z_3$ is still random, and decides how the "
                        "layers below it are drawn.",
                        "d": "Fixing $x$ does not cut the way from $z_4$ through $z_3$ to $z_2$.",
                    },
                ),
                why="Fix one layer, and those below are independent of those above: $z_3$ lies "
                "between $z_1$ and $z_4$.",
            ),
        ),
    ),
    Practice(
        Predict(
            "10/one-layer-fits",
            r"Let $q(z_1 \mid z_2, x) = p(z_1 \mid z_2)$ for all $z_1$ and $z_2$, whereas "
            r"$q(z_2 \mid x)$ is not $p(z_2)$. Compare the divergence of $q(z_1, z_2 \mid x)$ "
            r"from $p(z_1, z_2)$ on the left with that of $q(z_2 \mid x)$ from $p(z_2)$ on the "
            "right.",
            what="relation",
        ),
        "before (10.2)",
        answer="=",
        why="By the chain rule the left is the right plus the mean divergence of the lower layer, "
        "given the upper one, and that is 0 here. The lower layer need not have its prior "
        "$p(z_1)$, but it costs nothing more.",
        siblings=(
            Practice(
                Predict(
                    "10/one-layer-fits",
                    r"Let $q(z_2 \mid x) = p(z_2)$ for all $z_2$, whereas $q(z_1 \mid z_2, x)$ "
                    r"is for no $z_2$ equal to $p(z_1 \mid z_2)$. Compare the divergence of "
                    r"$q(z_1, z_2 \mid x)$ from $p(z_1, z_2)$ on the left with that of "
                    r"$q(z_2 \mid x)$ from $p(z_2)$ on the right.",
                    what="relation",
                ),
                answer=">",
                why="The right is 0, and by the chain rule the left is the mean divergence of the "
                "lower layer, given the upper one.",
            ),
        ),
    ),
    Practice(
        Compute(
            "10/two-layers",
            r"Let $p(z_2) = \mathcal{N}(0, 1)$ and $p(z_1 \mid z_2) = \mathcal{N}(z_2, 1)$, and "
            r"let $q(z_2 \mid x) = \mathcal{N}(\mu, \sigma^2)$ and $q(z_1 \mid z_2, x) = "
            r"\mathcal{N}(c\, z_2, 1)$ with $\mu = {mu}$, $\sigma = {sigma}$ and $c = {c}$. "
            r"Compute the divergence of $q(z_1, z_2 \mid x)$ from $p(z_1, z_2)$.",
            frame=TWO_LAYERS,
            key="KL(q, p) + E((c*z - z)**2)/2",
            tolerance=0.005,
            choices={"mu": (2, 3), "sigma": (2, "1/2"), "c": (2, 3, -1)},
            slips={
                "KL(q, p)": "This is what the upper layer costs.",
                "E((c*z - z)**2)/2": "This is what the lower layer costs.",
                "KL(q, p) + (c*mu - mu)**2/2": "The mean of a square is more than the square of "
                "the mean.",
                "KL(q, p) + (c - 1)**2/2": "Under which distribution of the upper layer is the "
                "mean?",
                "KL(q, p) + E((c*z - z)**2)": "There is a 2 in the divergence of two Gaussians "
                "with the same variance.",
            },
        ),
        "end of 10.2",
        answer="(sigma**2 + mu**2 - 1)/2 - log(sigma) + (c - 1)**2*(sigma**2 + mu**2)/2",
        why="Given $z_2$ the lower layer costs $(c - 1)^2 z_2^2/2$, and the mean is under "
        r"$q(z_2 \mid x)$, where the upper layer is drawn: "
        r"$\mathbb{E}_q[z_2^2] = \sigma^2 + \mu^2$.",
        hints=(
            "Split the divergence into that of the upper layer and the mean of another.",
            r"By the chain rule the second part is a mean under $q(z_2 \mid x)$ of the divergence "
            "of two Gaussians with equal variances.",
            r"Begin with the divergence of $\mathcal{N}(c\, z_2, 1)$ from "
            r"$\mathcal{N}(z_2, 1)$ for a fixed $z_2$.",
        ),
    ),
    Practice(
        Predict(
            "10/variance-after-two-steps",
            r"Let $x = 1$. Given $x$, $z_1 \sim \mathcal{N}(\sqrt{a_1}\, x, 1 - a_1)$, and given "
            r"$z_1$, $z_2 \sim \mathcal{N}(\sqrt{a_2}\, z_1, 1 - a_2)$, with $a_1 = a_2 = 1/2$. "
            "What is the variance of $z_2$, given $x$?",
            what="number",
        ),
        "before (10.5)",
        answer=0.75,
        within=0.01,
        why=r"The noise of the first step is scaled by $\sqrt{a_2}$ before that of the second is "
        "added: $a_2 (1 - a_1) + (1 - a_2) = 1 - a_1 a_2 = 3/4$. It never exceeds 1.",
        siblings=(
            Practice(
                Predict(
                    "10/variance-after-two-steps",
                    r"Let $x = 3$. Given $x$, $z_1 \sim \mathcal{N}(\sqrt{a_1}\, x, 1 - a_1)$, and "
                    r"given $z_1$, $z_2 \sim \mathcal{N}(\sqrt{a_2}\, z_1, 1 - a_2)$, with $a_1 = "
                    "1/2$ and $a_2 = 1/5$. What is the variance of $z_2$, given $x$?",
                    what="number",
                ),
                answer=0.9,
                within=0.01,
                why="It is $a_2 (1 - a_1) + (1 - a_2) = 1 - a_1 a_2 = 9/10$, whatever $x$ is.",
            ),
        ),
    ),
    Practice(
        Choose(
            "10/why-skip-the-layers-above",
            r"The bound asks for $q(z_{l-1} \mid z_l, \dots, z_L, x)$. Which fact lets us drop "
            "the layers above $z_l$ from it?",
            choices={
                "a": "All factors of $q$ are Gaussian, and so is the joint density of all layers, "
                "given $x$.",
                "b": "Given $z_l$, the layers above it are made of $z_l$ and of noise that has "
                "nothing to do with $z_{l-1}$.",
                "c": r"In (10.1), $p(z_{l-1} \mid z_l)$ depends on no layer above $z_l$.",
                "d": "The top layer has all but forgotten $x$ if $b_L$ is close to 0.",
            },
            right="b",
            misconceptions={
                "a": "This is true. But layers can have a joint Gaussian density and yet say "
                "something about each other that the one between does not.",
                "c": "This is true, but it is about $p$; it holds whatever $q$ is.",
                "d": "This is true of the top layer alone, and only roughly. The step is exact, "
                "for every schedule and every layer.",
            },
        ),
        "after (10.5)",
        why="Each factor (10.3) has only its neighbours in it, so $q$ is a chain in both "
        "directions: given $z_l$, what lies above is independent of what lies below.",
        heading=WHY_MAY_WE,
    ),
    Practice(
        Predict(
            "10/noise-backwards",
            r"Given $x$, let $z_{l-1} \sim \mathcal{N}(\sqrt{b}\, x, 1 - b)$, and given $z_{l-1}$, "
            r"let $z_l \sim \mathcal{N}(\sqrt{a}\, z_{l-1}, 1 - a)$. Compare the variance of "
            "$z_{l-1}$, given $z_l$ and $x$, on the left with that of the noise, $1 - a$, on the "
            "right, for $a = b = 1/2$.",
            what="relation",
        ),
        "before (10.6)",
        answer="<",
        why=r"It is $(1 - a)(1 - b)/(1 - ab) = 1/3$. With $\mathcal{N}(0, 1)$ for $z_{l-1}$, and "
        "$x$ unknown, it would be $1 - a = 1/2$; knowing $x$ as well leaves less doubt.",
        siblings=(
            Practice(
                Predict(
                    "10/noise-backwards",
                    r"Given $x$, let $z_{l-1} \sim \mathcal{N}(\sqrt{b}\, x, 1 - b)$, and given "
                    r"$z_{l-1}$, let $z_l \sim \mathcal{N}(\sqrt{a}\, z_{l-1}, 1 - a)$. Compare "
                    "the variance of $z_{l-1}$, given $z_l$ and $x$, on the left with half of "
                    r"that given $x$ alone, $\tfrac12 (1 - b)$, on the right, for $a = b = 1/2$.",
                    what="relation",
                ),
                answer=">",
                why="It is $(1 - a)(1 - b)/(1 - ab) = 1/3$, and half of $1 - b$ is $1/4$. "
                "Seeing $z_l$ helps, but not that much.",
            ),
        ),
    ),
    Practice(
        Locate(
            "10/a-density-in-another-letter",
            "Somebody derives (10.9) by writing all densities as functions of $z$. Which line "
            "breaks first, and why?",
            frame=Frame(
                Given(**LEVELS, **POINTS, z=real()),
                "q(y|z)*q(z|x)/q(y|x)",
                {
                    "q(z|x)": gaussian("sqrt(b)*x", "1 - b"),
                    "q(y|z)": gaussian("sqrt(a)*z", "1 - a", of="y"),
                    "q(y|x)": gaussian("sqrt(a*b)*x", "1 - a*b", of="y"),
                },
            ),
            lines=(
                "= normal(y, sqrt(a)*z, 1 - a)*normal(z, sqrt(b)*x, 1 - b)/q(y|x)",
                "= normal(sqrt(a)*z, y, 1 - a)*normal(z, sqrt(b)*x, 1 - b)/q(y|x)",
                "= normal(z, y/sqrt(a), (1 - a)/a)*normal(z, sqrt(b)*x, 1 - b)/q(y|x)",
                f"= sqrt(a)*normal(z, {MU}, (1 - a)*(1 - b)/(1 - a*b))",
            ),
            reasons={
                "i": "Exchanging the point and the mean of a normal density changes its value.",
                "ii": r"The variance of $y/\sqrt{a}$, given $z$, is $1 - a$ over the root of $a$, "
                "not over $a$.",
                "iii": "A function of $z$ that is a density in $y$ need not be one in $z$: a "
                "factor is missing.",
                "iv": "The variance of a product of two normal densities is the sum of their "
                "variances.",
            },
            right_reason="iii",
        ),
        "after (10.9)",
        answer={"line": "d", "reason": "iii"},
        why=r"As a function of $z$, $q(y \mid z)$ has the area $1/\sqrt{a}$, so it is that times "
        "a normal density in $z$. The exponents are right all the way; the factors in front "
        "need as much care.",
        hints=(
            "Look for the line whose value differs from the one above it.",
            r"Compare exponents, and then the factors in front, $1/\sqrt{2\pi v}$ with the "
            "variance $v$.",
            "Begin with line (c): its exponent is that of (b).",
        ),
        siblings=(
            Practice(
                Locate(
                    "10/a-density-in-another-letter",
                    r"Somebody computes the entropy of $q = \mathcal{N}(\sqrt{b}\, x, 1 - b)$ by "
                    "writing its density as one in $x$. Which line breaks first, and why?",
                    frame=Frame(
                        Given(b=between(0, 1), x=real()),
                        "H(q)",
                        {"q": gaussian("sqrt(b)*x", "1 - b")},
                    ),
                    lines=(
                        "= E(-log(normal(z, sqrt(b)*x, 1 - b)))",
                        "= E(-log(normal(x, z/sqrt(b), (1 - b)/b)))",
                        "= log(2*pi*(1 - b)/b)/2 + E((x - z/sqrt(b))**2)*b/(2*(1 - b))",
                        "= (log(2*pi*(1 - b)/b) + 1)/2",
                    ),
                    reasons={
                        "i": r"The variance of $z/\sqrt{b}$ is $1 - b$ over the root of $b$, not "
                        "over $b$.",
                        "ii": "A function of $x$ that is a density in $z$ need not be one in $x$: "
                        "a factor is missing.",
                        "iii": "Exchanging the point and the mean of a normal density changes its "
                        "value.",
                        "iv": "The mean of the square is taken under the wrong distribution.",
                    },
                    right_reason="ii",
                ),
                answer={"line": "c", "reason": "ii"},
                why=r"The density of $q$ at $z$ is $1/\sqrt{b}$ times the normal density in line "
                "(c). The exponents agree, and the factors in front do not.",
                hints=(
                    "Look for the line whose value differs from the one above it.",
                    r"Compare exponents, and then the factors in front, $1/\sqrt{2\pi v}$ with "
                    "the variance $v$.",
                    "Begin with line (b), and write its exponent as one in $x$.",
                ),
            ),
        ),
    ),
    Practice(
        Blank(
            "10/gain",
            r"Before $y = z_l$ is seen, the best guess at $z_{l-1}$ from $x$ is $\sqrt{b}\, x$. "
            "Write the mean (10.6) as this guess, corrected by a multiple of the surprise in $y$.",
            frame=Frame(Given(**LEVELS, **POINTS), MU),
            lines=("= sqrt(b)*x + ___*(y - sqrt(a*b)*x)",),
            at=1,
            solution="sqrt(a)*(1 - b)/(1 - a*b)",
        ),
        "end of 10.3",
        why="The factor is the covariance of $z_{l-1}$ and $z_l$ over the variance of $z_l$, "
        "both given $x$: a regression. It is small where $b$ is close to 1 and $x$ already tells "
        "$z_{l-1}$.",
        hints=(
            "Find the factor of $y$.",
            "Compare the coefficients of $y$ on both sides; those of $x$ then agree.",
            "Begin with the second term of (10.6).",
        ),
        siblings=(
            Practice(
                Blank(
                    "10/gain",
                    r"Before $x$ is used, the guess at $z_{l-1}$ from $y = z_l$ is $y/\sqrt{a}$. "
                    "Write the mean (10.6) as this guess, moved a part of the way to what $x$ "
                    "says.",
                    frame=Frame(Given(**LEVELS, **POINTS), MU),
                    lines=("= y/sqrt(a) + ___*(sqrt(b)*x - y/sqrt(a))",),
                    at=1,
                    solution="(1 - a)/(1 - a*b)",
                ),
                why="The mean lies between the two guesses, at a share $(1 - a)/(1 - ab)$ of the "
                r"way from $y/\sqrt{a}$ to $\sqrt{b}\, x$.",
                hints=(
                    r"Find the factor of $\sqrt{b}\, x$.",
                    "Compare the coefficients of $x$ on both sides; those of $y$ then agree.",
                    "Begin with the first term of (10.6).",
                ),
            ),
        ),
    ),
    Practice(
        Prove(
            "10/another-variance",
            r"Let $p$ in (10.10) have another variance, $\tau^2$. Prove that "
            r"$\operatorname{KL}(q \,\|\, p) = \frac{(\mu_q - \mu_p)^2}{2 \tau^2} + \tfrac12 "
            r"\bigl(\frac{\sigma^2}{\tau^2} - 1 - \log \frac{\sigma^2}{\tau^2}\bigr)$.",
            frame=two_variances("tau**2", tau=positive()),
            goal="(mu_q - mu_p)**2/(2*tau**2) + (sigma**2/tau**2 - 1 - log(sigma**2/tau**2))/2",
        ),
        "after (10.10)",
        answer={
            "lines": [
                {"text": "= E(log_q(z) - log_p(z))", "reason": "definition"},
                {
                    "text": "= E((z-mu_p)**2)/(2*tau**2) - E((z-mu_q)**2)/(2*sigma**2)"
                    " - log(sigma**2/tau**2)/2",
                    "reason": "both densities",
                },
                {
                    "text": "= (sigma**2 + (mu_q-mu_p)**2)/(2*tau**2) - 1/2"
                    " - log(sigma**2/tau**2)/2",
                    "reason": "moments of q",
                },
                {
                    "text": "= (mu_q-mu_p)**2/(2*tau**2)"
                    " + (sigma**2/tau**2 - 1 - log(sigma**2/tau**2))/2",
                    "reason": "sort the terms",
                },
            ]
        },
        why="The loss is still a squared error, with another weight. The second part is a price "
        r"that no guess can lower, and it is 0 only for $\tau = \sigma$.",
        hints=(
            "Write the divergence as a mean of squares and of constants.",
            r"Under $q$ the mean of $(z - \mu_p)^2$ is $\sigma^2 + (\mu_q - \mu_p)^2$.",
            "Begin with `= E(log_q(z) - log_p(z))`, and write both densities out.",
        ),
        siblings=(
            Practice(
                Prove(
                    "10/another-variance",
                    r"Let $p$ in (10.10) have $c$ times the variance of $q$, with $c > 0$. Prove "
                    r"that $\operatorname{KL}(q \,\|\, p) = "
                    r"\frac{(\mu_q - \mu_p)^2}{2 c \sigma^2} + \tfrac12 "
                    r"\bigl(\frac1c - 1 + \log c\bigr)$.",
                    frame=two_variances("c*sigma**2", c=positive()),
                    goal="(mu_q - mu_p)**2/(2*c*sigma**2) + (1/c - 1 + log(c))/2",
                ),
                answer={
                    "lines": [
                        {"text": "= E(log_q(z) - log_p(z))", "reason": "definition"},
                        {
                            "text": "= E((z-mu_p)**2)/(2*c*sigma**2) - E((z-mu_q)**2)/(2*sigma**2)"
                            " + log(c)/2",
                            "reason": "both densities",
                        },
                        {
                            "text": "= (mu_q-mu_p)**2/(2*c*sigma**2) + (1/c - 1 + log(c))/2",
                            "reason": "moments of q",
                        },
                    ]
                },
                why="The loss is still a squared error, with another weight. The second part is a "
                "price that no guess can lower, and it is 0 only for $c = 1$.",
                hints=(
                    "Write the divergence as a mean of squares and of constants.",
                    r"Under $q$ the mean of $(z - \mu_p)^2$ is $\sigma^2 + (\mu_q - \mu_p)^2$.",
                    "Begin with `= E(log_q(z) - log_p(z))`, and write both densities out.",
                ),
            ),
        ),
    ),
    Practice(
        Predict(
            "10/which-layer-counts",
            r"A diffusion model, in which $z_l = \sqrt{b_l}\, x + \sqrt{1 - b_l}\, \varepsilon$, "
            r"errs by the same $(x - x_\theta)^2 > 0$ at two layers. At one, $b_{l-1}$ is 0.9 and "
            "$b_l$ is 0.8; at the other, they are 0.2 and 0.1. Compare the divergence of the "
            "first, on the left, with that of the second, on the right.",
            what="relation",
        ),
        "before (10.11)",
        answer=">",
        why=r"The factors of $(x - x_\theta)^2$ are half of what $b/(1 - b)$ loses: "
        "$(9 - 4)/2 = 2.5$ against $(0.25 - 0.111)/2 = 0.069$. For the same fall of $b$, a wrong "
        "guess costs most where there is little noise.",
        siblings=(
            Practice(
                Predict(
                    "10/which-layer-counts",
                    r"A diffusion model, in which $z_l = \sqrt{b_l}\, x + \sqrt{1 - b_l}\, "
                    r"\varepsilon$, errs by the same $(x - x_\theta)^2 > 0$ at two layers. At one, "
                    "$b_{l-1}$ is 3/4 and $b_l$ is 2/3; at the other, they are 2/3 and 1/2. "
                    "Compare the divergence of the first, on the left, with that of the second, "
                    "on the right.",
                    what="relation",
                ),
                answer="=",
                why="What counts is not the fall of $b$ but that of $b/(1 - b)$: from 3 to 2, and "
                "from 2 to 1.",
            ),
            Practice(
                Predict(
                    "10/which-layer-counts",
                    r"A diffusion model, in which $z_l = \sqrt{b_l}\, x + \sqrt{1 - b_l}\, "
                    r"\varepsilon$, errs by the same $(x - x_\theta)^2 > 0$ at two layers. At one, "
                    "$b_{l-1}$ is 1/2 and $b_l$ is 1/100; at the other, they are 0.99 and 0.98. "
                    "Compare the divergence of the first, on the left, with that of the second, "
                    "on the right.",
                    what="relation",
                ),
                answer="<",
                why="What counts is not the fall of $b$ but that of $b/(1 - b)$: from 1 to 0.01, "
                "and from 99 to 49.",
            ),
        ),
    ),
    Practice(
        Reason(
            "10/rests-on",
            "What does each step of (10.12) rest on?",
            items={
                "b": "from the divergence to the squared distance of the means",
                "c": r"from the distance of the means to that of $x$ and $x_\theta$",
                "d": "from one fraction to a difference of two",
            },
            partners={
                "i": "algebra alone, for any $a$ and $b$ between 0 and 1",
                "ii": r"both means are weighted sums, with the same weights, of $y$ and of $x$ or "
                r"$x_\theta$",
                "iii": r"$x_\theta$ is the mean of $x$, given $y$",
                "iv": r"the choice of the variance of $p(z_{l-1} \mid z_l)$",
                "v": r"the prior of the top layer is $\mathcal{N}(0, 1)$",
            },
            key={"b": "iv", "c": "ii", "d": "i"},
        ),
        "after (10.12)",
        why="With another variance of $p$ there would be a logarithm and a ratio of variances; "
        "with a mean of another form, $y$ might stay. No step asks how good the guess is.",
        heading=WHY_MAY_WE,
    ),
    Practice(
        Compute(
            "10/many-steps-one-fall",
            "From layer 1 to layer 50 of a diffusion model the signal-to-noise ratio falls from "
            "$s = {s}$ to $t = {t}$, and at each of the layers 2 to 50 the mean of $(x - "
            r"x_\theta)^2$ is $u = {u}$. What do the terms of these layers add up to?",
            frame=Frame(Given(s=positive(), t=positive(), u=positive())),
            key="(s - t)*u/2",
            tolerance=0.002,
            choices={"s": (40, 60, 90), "t": ("1/10", "1/4"), "u": ("1/5", "2/5", 2)},
            slips={
                "49*(s - t)*u/2": "Each layer has only its own share of the fall.",
                "(s - t)*u": "The weight is half of the fall.",
                "(s + t)*u/2": "The ratio falls from the one to the other.",
            },
        ),
        "after (10.12)",
        why="The weights telescope: what one layer ends with, the next begins with. Where the "
        "error is the same at all layers, the number of steps does not matter.",
        hints=(
            "Add up the weights of (10.12).",
            "Each weight is half of a difference of two neighbouring ratios.",
            r"Begin with $\tfrac12 (\operatorname{snr}_1 - \operatorname{snr}_2) + "
            r"\tfrac12 (\operatorname{snr}_2 - \operatorname{snr}_3) + \dots$",
        ),
    ),
    Practice(
        Choose(
            "10/why-one-layer",
            "Instead of the sum of the terms (10.12) over all layers, one layer is drawn at "
            "random, and its term divided by its probability. Which fact makes this unbiased?",
            choices={
                "a": "The terms of the layers are of about the same size.",
                "b": "The layers are independent of each other, given $x$.",
                "c": "Each layer has the same probability of being drawn.",
                "d": "In the mean, each probability meets its own reciprocal.",
            },
            right="d",
            misconceptions={
                "a": "This would keep the variance small. The mean is right without it.",
                "b": "They are not, each being the one below with noise; and the mean of a sum "
                "does not ask for it.",
                "c": "This is simple, but not needed: layers with large weights may be drawn more "
                "often.",
            },
        ),
        "after (10.14)",
        why="The mean is the sum, over the layers, of the probability times the term over the "
        "probability: the whole sum, provided that each layer can be drawn. The "
        "probabilities affect only the variance.",
        heading=WHY_MAY_WE,
    ),
    Practice(
        Blank(
            "10/another-guess",
            r"Some networks guess $v = \sqrt{ab}\, \varepsilon - \sqrt{1 - ab}\, x$, where "
            r"$y = z_l = \sqrt{ab}\, x + \sqrt{1 - ab}\, \varepsilon$. Then "
            r"$x = \sqrt{ab}\, y - \sqrt{1 - ab}\, v$, and $x_\theta$ follows from the guess "
            r"$v_\theta$ in the same way. Fill the hole in the squared error.",
            frame=VELOCITY,
            lines=("= ___*(v - v_theta)**2",),
            at=1,
            solution="1 - a*b",
        ),
        "end of 10.4",
        why=r"The weight of (10.12) becomes "
        r"$\tfrac12 (\operatorname{snr}_{l-1} - \operatorname{snr}_l)(1 - b_l)$: the same bound in "
        "other letters. What a network guesses is a choice, as long as the weights follow.",
        hints=(
            r"Express $x - x_\theta$ by $v - v_\theta$.",
            r"Both come from the same $y$, which cancels in the difference.",
            r"Begin with $x = \sqrt{ab}\, y - \sqrt{1 - ab}\, v$, and the same for $x_\theta$.",
        ),
        siblings=(
            Practice(
                Blank(
                    "10/another-guess",
                    r"Some networks guess $s$, the derivative of $\log q(y \mid x)$ with respect "
                    r"to $y = z_l$, which is $-(y - \sqrt{ab}\, x)/(1 - ab)$. Solved for $x$ this "
                    r"gives $x$ from $y$ and $s$, and in the same way $x_\theta$ from a guess "
                    r"$s_\theta$. Fill the hole in the squared error.",
                    frame=SCORE,
                    lines=("= ___*(s - s_theta)**2",),
                    at=1,
                    solution="(1 - a*b)**2/(a*b)",
                ),
                why=r"From $x = (y + (1 - ab)\, s)/\sqrt{ab}$ the difference is "
                r"$(1 - ab)(s - s_\theta)/\sqrt{ab}$. What a network guesses is a choice, as long "
                "as the weights follow.",
                hints=(
                    r"Express $x - x_\theta$ by $s - s_\theta$.",
                    r"Solve for $x$; $y$ cancels in the difference.",
                    r"Begin with $\sqrt{ab}\, x = y + (1 - ab)\, s$.",
                ),
            ),
        ),
    ),
    Practice(
        Compute(
            "10/what-a-linear-guess-leaves",
            "Data have the mean 0, the second moment $m = {m}$ and an entropy of $h = {h}$ nats. "
            "With the best linear guess, ever more and smaller steps, and nothing lost at the two "
            "ends, minus the ELBO of a diffusion model, averaged over the data, tends to a limit. "
            "How far is it above the entropy?",
            frame=Frame(Given(m=positive(), h=real())),
            key="(log(2*pi*m) + 1)/2 - h",
            tolerance=0.005,
            choices={"m": (2, 3, 4), "h": ("1/2", 1, "5/4")},
            slips={
                "log(2*pi*m)/2 - h": "The cross-entropy also has the mean of a square in it.",
                "(log(2*pi) + 1)/2 - h": "The Gaussian has the second moment of the data.",
                "(log(2*pi*m) + 1)/2": "This is the limit itself. How far is it above the entropy?",
            },
        ),
        "end of 10.5",
        why=r"The model tends to $\mathcal{N}(0, m)$, as for Gaussian data, and what is left is "
        r"the divergence of the data from it, "
        r"$\operatorname{H}(\text{data}, \mathcal{N}(0, m)) - \operatorname{H}(\text{data})$.",
        hints=(
            "Find the divergence of the data from the Gaussian that the linear guess belongs to.",
            "A divergence is a cross-entropy minus an entropy, and the cross-entropy from a "
            "Gaussian needs only the second moment.",
            r"Begin with the mean of $-\log \mathcal{N}(x;\, 0, m)$ over the data.",
        ),
    ),
)
