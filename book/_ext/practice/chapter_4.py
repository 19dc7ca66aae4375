"""Chapter 4: the evidence lower bound."""

from kl_utils.derivation import (
    Given,
    between,
    diagonal,
    gaussian,
    index,
    joint,
    positive,
    real,
    simplex,
    vector,
)
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
    Repair,
)

from . import WHY_MAY_WE, Practice

OPENING = ("1/finite", "2/hundred-small")

Q = {"q": gaussian("mu", "sigma**2")}
Q_AND_PRIOR = {**Q, "p": gaussian("0", "1")}
FROM_PRIOR = Lemma("(4.22)", "-KL(q, p)", "(1 + log(sigma**2) - mu**2 - sigma**2)/2")
OF_Q = Given(mu=real(), sigma=positive())
OF_Q_AND_X = Given(x=real(), mu=real(), sigma=positive())


def finite(zeros):
    """Finitely many outcomes of $x$ and $z$; ``zeros`` says whether $q$ may have some."""
    table = joint("J", "K", zeros=False)
    return Given(J=range(1, 4), K=range(1, 4), x=index("J"), q=simplex("K", zeros=zeros), p=table)


def noisy(var):
    """The model of (4.5), where the variance of the noise is 1/4, with another one."""
    return {
        **Q,
        "p(z)": gaussian("0", "1"),
        "p(x|z)": gaussian("z", var, of="x"),
        "p(x, z)": "p(x|z)*p(z)",
    }


PRACTICE = (
    # 4.1 Why a bound
    Practice(
        Predict(
            "4/log-of-an-average",
            r"Draw $z_1, \dots, z_S$ independently from the prior, and let "
            r"$A = \tfrac1S \sum_s p(x \mid z_s)$, a random number with the mean $p(x)$. Some $z$ "
            r"explain $x$ better than others. What is the sign of "
            r"$\mathbb{E}[\log A] - \log p(x)$?",
            what="sign",
        ),
        "after (4.2)",
        answer="-",
        why=r"The logarithm loses more where $A$ is below its mean than it gains where $A$ is as "
        r"far above it. If $A$ is 0.1 or 0.9, equally probable, the difference is "
        r"$\log 0.3 - \log 0.5 = -0.51$.",
        siblings=(
            Practice(
                Predict(
                    "4/log-of-an-average",
                    r"Draw $z_1, \dots, z_S$ independently from the prior, and let "
                    r"$A = \tfrac1S \sum_s p(x \mid z_s)$, a random number with the mean $p(x)$. "
                    r"Some $z$ explain $x$ better than others. What is the sign of "
                    r"$\mathbb{E}[A^2] - p(x)^2$?",
                    what="sign",
                ),
                answer="+",
                why=r"The difference is the variance of $A$. A square bends upwards, a logarithm "
                r"downwards, so an unbiased $A$ makes the one too large and the other too small in "
                r"the mean.",
            ),
            Practice(
                Predict(
                    "4/log-of-an-average",
                    r"Draw $z_1, \dots, z_S$ independently from the prior, and let "
                    r"$A = \tfrac1S \sum_s p(x \mid z_s)$, a random number with the mean $p(x)$. "
                    r"Some $z$ explain $x$ better than others. What is the sign of "
                    r"$\mathbb{E}[\sqrt A] - \sqrt{p(x)}$?",
                    what="sign",
                ),
                answer="-",
                why=r"The square root bends downwards, as the logarithm does. If $A$ is 0.1 or "
                r"0.9, equally probable, the difference is $0.632 - 0.707 = -0.075$.",
            ),
        ),
    ),
    Practice(
        Compute(
            "4/two-causes",
            r"The latent $z$ is 1 with probability $a = {a}$, and 2 otherwise. For the $x$ that "
            r"was observed, $p(x \mid z)$ is $b = {b}$ if $z = 1$, and $c = {c}$ if $z = 2$. "
            r"Compute the posterior probability of $z = 1$.",
            frame=Frame(Given(a=between(0, 1), b=between(0, 1), c=between(0, 1))),
            key="a*b/(a*b + (1 - a)*c)",
            choices={
                "a": ("1/4", "1/5", "1/10"),
                "b": ("4/5", "1/2", "3/5"),
                "c": ("1/10", "1/5", "2/5"),
            },
            tolerance=0.01,
            slips={
                "b/(b + c)": "This takes the two values of $z$ to be equally probable beforehand.",
                "a*b": "This is the joint probability. What must it be divided by?",
                "a*b + (1 - a)*c": "This is the evidence, the denominator of what is asked.",
            },
        ),
        "end of 4.1",
        why=r"By (4.2) it is $p(x \mid z)\, p(z)$ for $z = 1$, divided by the evidence, which is "
        r"the sum of such products over both values of $z$.",
        hints=(
            r"The posterior is the joint probability divided by the evidence, (4.2).",
            r"The evidence, (4.1), is here a sum of two products.",
            "The joint probability of this $x$ and $z = 1$ is `a*b`. What is that of $z = 2$?",
        ),
    ),
    # 4.2 First proof: Jensen's inequality
    Practice(
        Choose(
            "4/why-jensen",
            r"By (4.3), $\log \sum_z q(z) \frac{p(x, z)}{q(z)}$ is at least "
            r"$\sum_z q(z) \log \frac{p(x, z)}{q(z)}$, for every $p$ and every $q$ without zeros. "
            r"Which facts give this step its direction?",
            choices={
                "a": r"The logarithm is increasing, and every $q(z)$ is positive.",
                "b": r"The ratio $p(x, z)/q(z)$ has the mean $p(x)$ under $q$.",
                "c": r"The logarithm is concave, and $q(z)$ sums to 1.",
                "d": r"No ratio $p(x, z)/q(z)$ is negative, so each has a logarithm.",
            },
            right="c",
            misconceptions={
                "a": "This compares the logarithms of two numbers of which one is larger. Here a "
                "logarithm of a mean is compared with a mean of logarithms; the exponential is "
                "increasing as well, and for it the direction is the other one.",
                "b": "True, and it is why (4.3) begins with equalities. It says nothing of what "
                "becomes of a mean when the logarithm moves inside.",
                "d": r"This is why both sums have a value, if $-\infty$ is one. It does not say "
                "which is the larger.",
            },
        ),
        "after (4.3)",
        heading=WHY_MAY_WE,
        why=r"A concave function lies above its chords. So a mean of points of its graph, with "
        r"weights that sum to 1, is on the graph or below it.",
    ),
    Practice(
        Blank(
            "4/bring-in-a-mean",
            r"Let $q$ have no zeros. Jensen's inequality gives the line with the hole; in the next "
            r"line the logarithm has been split. What fills the hole?",
            frame=Frame(finite(zeros=False), "log(p(x))"),
            lines=(
                ">= E(log(___))",
                "= E(log(p(x|z))) + E(log(p(z))) + H(q)",
            ),
            at=1,
            solution="p(x|z)*p(z)/q(z)",
            relation=">=",
            allows=("p", "q"),
        ),
        "end of 4.2",
        why=r"Multiplied and divided by $q(z)$, the sum of $p(x \mid z)\, p(z)$ becomes a mean "
        r"under $q$, and Jensen's inequality moves the logarithm inside. That of $1/q(z)$ has the "
        r"entropy for its mean.",
        hints=(
            "The evidence is to be written as a mean under $q$, of what stands in the hole.",
            "Which sum is the evidence, (4.1)? What did (4.3) multiply and divide by?",
            "Whatever stands in the hole, `q(z)` times it has to be `p(x|z)*p(z)`.",
        ),
        siblings=(
            Practice(
                Blank(
                    "4/bring-in-a-mean",
                    r"Let $a$ and $b$ be positive, and $s$ between 0 and 1. Jensen's inequality, "
                    r"with the weights $s$ and $1 - s$, gives the line with the hole. What fills "
                    r"it?",
                    frame=Frame(Given(a=positive(), b=positive(), s=between(0, 1)), "log(a + b)"),
                    lines=(
                        ">= s*log(a/s) + (1 - s)*log(___)",
                        "= s*log(a/s) + (1 - s)*log(b) - (1 - s)*log(1 - s)",
                    ),
                    at=1,
                    solution="b/(1 - s)",
                    relation=">=",
                ),
                why=r"With the weights $s$ and $1 - s$, $a + b$ is the mean of $a/s$ and "
                r"$b/(1 - s)$. Every $s$ gives a lower bound, as every $q$ does.",
                hints=(
                    "The sum is to be written as a mean of two numbers, with these weights.",
                    "Multiply and divide the second term by its weight.",
                ),
            ),
        ),
    ),
    # 4.3 Which step needs which condition?
    Practice(
        Predict(
            "4/what-q-leaves-out",
            r"Let $z$ have two outcomes. For the $x$ that was observed, $p(x, z)$ is 0.3 for the "
            r"first and 0.1 for the second, and $q = (1, 0)$. Compare "
            r"$\mathbb{E}_q\bigl[p(x, z)/q(z)\bigr]$ on the left with $p(x)$ on the right.",
            what="relation",
        ),
        "before (4.6)",
        answer="<",
        why=r"The left is 0.3, the right 0.4. An expectation leaves out what $q$ never produces, "
        r"and with it a part of the evidence.",
        siblings=(
            Practice(
                Predict(
                    "4/what-q-leaves-out",
                    r"Let $z$ have three outcomes. For the $x$ that was observed, $p(x, z)$ is 0.2 "
                    r"for the first, 0.1 for the second and 0 for the third, and "
                    r"$q = (\tfrac12, \tfrac12, 0)$. Compare "
                    r"$\mathbb{E}_q\bigl[p(x, z)/q(z)\bigr]$ on the left with $p(x)$ on the right.",
                    what="relation",
                ),
                answer="=",
                why=r"Both are 0.3. The zero of $q$ does no harm here, because nothing is lost: "
                r"$p(x, z)$ is 0 there as well.",
            ),
            Practice(
                Predict(
                    "4/what-q-leaves-out",
                    r"Let $z$ have three outcomes. For the $x$ that was observed, $p(x, z)$ is 0.1 "
                    r"for each, and $q = (\tfrac14, \tfrac34, 0)$. Compare "
                    r"$\mathbb{E}_q\bigl[p(x, z)/q(z)\bigr]$ on the left with $p(x)$ on the right.",
                    what="relation",
                ),
                answer="<",
                why=r"The left is 0.2, whatever the two probabilities are, the right 0.3. The "
                r"third outcome never occurs under $q$, so its 0.1 is missing.",
            ),
        ),
    ),
    Practice(
        Match(
            "4/zeros-and-the-bound",
            r"Let $z$ have two outcomes. Each pair gives $p(x, z)$ at the observed $x$, then $q$. "
            r"What is true of the bound?",
            items={
                "1": r"$p(x, \cdot) = (0.3, 0.1)$ and $q = (0.5, 0.5)$",
                "2": r"$p(x, \cdot) = (0.4, 0)$ and $q = (0.5, 0.5)$",
                "3": r"$p(x, \cdot) = (0.3, 0.1)$ and $q = (1, 0)$",
                "4": r"$p(x, \cdot) = (0.4, 0)$ and $q = (1, 0)$",
                "5": r"$p(x, \cdot) = (0.3, 0.1)$ and $q = (0.75, 0.25)$",
            },
            partners={
                "a": r"$\operatorname{ELBO}(x) = \log p(x)$",
                "b": r"$\operatorname{ELBO}(x)$ is finite and below $\log p(x)$, and "
                r"$\mathbb{E}_q[p(x, z)/q(z)] = p(x)$",
                "c": r"$\operatorname{ELBO}(x)$ is finite and below $\log p(x)$, and "
                r"$\mathbb{E}_q[p(x, z)/q(z)] < p(x)$",
                "d": r"$\operatorname{ELBO}(x) = -\infty$",
            },
            key={"1": "b", "2": "d", "3": "c", "4": "a", "5": "a"},
        ),
        "end of 4.3",
        why=r"In 4 and 5 $q$ is the posterior, which in 4 has a zero of its own. A zero of $q$ "
        r"alone loses a part of the evidence; a zero of $p$ alone makes the bound useless.",
        siblings=(
            Practice(
                Match(
                    "4/zeros-and-the-bound",
                    r"Let $z$ have three outcomes. Each pair gives $p(x, z)$ at the observed $x$, "
                    r"then $q$. What is true of the bound?",
                    items={
                        "1": r"$p(x, \cdot) = (0.2, 0.2, 0)$ and $q = (0.5, 0.5, 0)$",
                        "2": r"$p(x, \cdot) = (0.2, 0.2, 0.1)$ and $q = (0.5, 0.5, 0)$",
                        "3": r"$p(x, \cdot) = (0.2, 0.2, 0)$ and $q = (0.4, 0.4, 0.2)$",
                        "4": r"$p(x, \cdot) = (0.2, 0.2, 0.1)$ and $q = (0.4, 0.4, 0.2)$",
                        "5": r"$p(x, \cdot) = (0.2, 0.2, 0)$ and $q = (0.9, 0.1, 0)$",
                    },
                    partners={
                        "a": r"$\operatorname{ELBO}(x) = -\infty$",
                        "b": r"$\operatorname{ELBO}(x)$ is finite and below $\log p(x)$, and "
                        r"$\mathbb{E}_q[p(x, z)/q(z)] < p(x)$",
                        "c": r"$\operatorname{ELBO}(x) = \log p(x)$",
                        "d": r"$\operatorname{ELBO}(x)$ is finite and below $\log p(x)$, and "
                        r"$\mathbb{E}_q[p(x, z)/q(z)] = p(x)$",
                    },
                    key={"1": "c", "2": "b", "3": "a", "4": "c", "5": "d"},
                ),
                why=r"In 1 and 4 $q$ is proportional to $p(x, z)$. In 5 the zeros agree, so the "
                r"mean of the ratio is right, but the probabilities are not those of the "
                r"posterior.",
            ),
        ),
    ),
    # 4.4 Second proof: a tangent
    Practice(
        Order(
            "4/tangent-of-the-exponential",
            r"Show that $\mathbb{E}_q[\mathrm{e}^z] \ge \mathrm{e}^\mu$ for "
            r"$q = \mathcal{N}(\mu, \sigma^2)$ by a tangent. Put the lines in order; two do not "
            r"belong.",
            frame=Frame(OF_Q, "E(exp(z))", Q),
            lines=(
                ">= E(exp(mu) + exp(mu)*(z - mu))",
                "= exp(mu) + exp(mu)*(E(z) - mu)",
                "= exp(mu)",
            ),
            distractors=("= exp(mu)*(E(z) - mu)", "= exp(mu)*(1 - mu)"),
        ),
        "end of 4.4",
        why=r"The tangent touches at the mean, so its slope has nothing to multiply once the mean "
        r"is taken: that is how a tangent proves Jensen's inequality, for any function that "
        r"stays on one side of its tangents.",
        hints=(
            "The last line is the exponential of the mean.",
            r"The tangent of $\mathrm{e}^z$ at $\mu$ lies below the curve, so the first step is "
            r"the inequality.",
            "Begin with the line that still has the whole tangent under the expectation.",
        ),
        siblings=(
            Practice(
                Order(
                    "4/tangent-of-the-exponential",
                    r"Show that $\mathbb{E}_q[z^2] \ge \mu^2$ for $q = \mathcal{N}(\mu, \sigma^2)$ "
                    r"by a tangent. Put the lines in order; two do not belong.",
                    frame=Frame(OF_Q, "E(z**2)", Q),
                    lines=(
                        ">= E(mu**2 + 2*mu*(z - mu))",
                        "= mu**2 + 2*mu*(E(z) - mu)",
                        "= mu**2",
                    ),
                    distractors=("= mu**2 + 2*mu*E(z)", "= 2*mu*(E(z) - mu)"),
                ),
                why=r"The tangent at the mean has the mean $\mu^2$, whatever its slope. What it "
                r"leaves out is $(z - \mu)^2$, whose mean is the variance.",
                hints=(
                    "The last line is the square of the mean.",
                    r"The tangent of $z^2$ at $\mu$ is $\mu^2 + 2 \mu (z - \mu)$, and lies below.",
                ),
            ),
        ),
    ),
    # 4.5 Third proof: an identity
    Practice(
        Predict(
            "4/up-and-down",
            r"For one $x$ and one model, two distributions $q$ are tried. The first has the ELBO "
            r"$-3.0$ and the divergence $\operatorname{KL}(q(z) \,\|\, p(z \mid x)) = 1.1$. The "
            r"second has the ELBO $-2.2$. How large is its divergence from the posterior?",
            what="number",
        ),
        "before (4.19)",
        answer=0.3,
        within=0.02,
        why=r"For every $q$ the two add up to $\log p(x)$, here $-1.9$. What the ELBO gains, the "
        r"divergence loses.",
        siblings=(
            Practice(
                Predict(
                    "4/up-and-down",
                    r"For one $x$ and one model, $q$ is fitted. At first the ELBO is $-90.0$ and "
                    r"$\operatorname{KL}(q(z) \,\|\, p(z \mid x)) = 2.5$; afterwards the "
                    r"divergence is 0.4. What is the ELBO then?",
                    what="number",
                ),
                answer=-87.9,
                within=0.05,
                why=r"The two add up to $\log p(x) = -87.5$, before and after, so the ELBO has "
                r"risen by the 2.1 nats that the divergence has lost.",
            ),
            Practice(
                Predict(
                    "4/up-and-down",
                    r"For one $x$ and one model, $q$ is changed so that the ELBO rises by 0.7 "
                    r"nats. By how much does $\operatorname{KL}(q(z) \,\|\, p(z \mid x))$ change? "
                    r"Give the sign with the number.",
                    what="number",
                ),
                answer=-0.7,
                within=0.02,
                why=r"The sum of the two is $\log p(x)$, in which $q$ does not occur, so the one "
                r"falls by exactly as much as the other rises.",
            ),
        ),
    ),
    Practice(
        Choose(
            "4/why-no-other",
            r"The bound is tight if $q$ is the posterior, and for no other $q$. By (4.19), which "
            r"fact rules out all others?",
            choices={
                "a": r"$\operatorname{KL}(q \,\|\, p)$ is never negative, for any $q$ and $p$.",
                "b": r"$\operatorname{KL}(q \,\|\, p)$ is 0 only if $q = p$.",
                "c": r"$\operatorname{KL}(q \,\|\, p)$ is 0 if $q = p$.",
                "d": r"$\log p(x)$ is the same number for all $q$.",
            },
            right="b",
            misconceptions={
                "a": "This makes the ELBO a lower bound. It does not say which distributions "
                "reach it.",
                "c": "This shows that the posterior reaches the bound. As far as this goes, "
                "another distribution might reach it as well.",
                "d": "This is why the ELBO rises when the divergence falls. It sets no limit to "
                "how many distributions have no divergence at all.",
            },
        ),
        "after (4.19)",
        heading=WHY_MAY_WE,
        why=r"By (4.19) the bound is tight exactly if the divergence from the posterior is 0, and "
        r"by (1.5) that happens at the posterior alone.",
    ),
    Practice(
        Condition(
            "4/wider-is-better",
            r"In the model of (4.5) the posterior is $\mathcal{N}(\tfrac45 x, \tfrac15)$. Let "
            r"$q = \mathcal{N}(\mu, \sigma^2)$. For which $x$, $\mu$ and $\sigma$ is the "
            r"derivative of the ELBO with respect to $\sigma$ at least 0?",
            frame=Frame(OF_Q_AND_X, "D(E(log(p(x, z)/q(z))), sigma)", noisy("1/4")),
            claim=">= 0",
            key=("sigma**2 <= 1/5",),
        ),
        "end of 4.5",
        why=r"The gap is $\operatorname{KL}(q(z) \,\|\, p(z \mid x))$, and $\sigma$ enters it by "
        r"$\tfrac52 \sigma^2 - \log \sigma$ alone, which falls up to $\sigma^2 = \tfrac15$. A $q$ "
        r"narrower than the posterior gains by widening, wherever its mean is.",
        hints=(
            r"Where the ELBO rises the gap falls: $\log p(x)$ does not depend on $\sigma$.",
            "The gap is a divergence between two Gaussians, whose closed form is (1.10).",
            r"Keep only its terms with $\sigma$, and see how far their sum goes on falling.",
        ),
        siblings=(
            Practice(
                Condition(
                    "4/wider-is-better",
                    r"Let $z \sim \mathcal{N}(0, 1)$, $x \sim \mathcal{N}(z, 1)$ and "
                    r"$q = \mathcal{N}(\mu, \sigma^2)$; the posterior is "
                    r"$\mathcal{N}(\tfrac12 x, \tfrac12)$. For which $x$, $\mu$ and $\sigma$ is "
                    r"the derivative of the ELBO with respect to $\mu$ at least 0?",
                    frame=Frame(OF_Q_AND_X, "D(E(log(p(x, z)/q(z))), mu)", noisy("1")),
                    claim=">= 0",
                    key=("mu <= x/2",),
                ),
                why=r"The mean enters the gap by $(\mu - \tfrac12 x)^2$ alone, which falls until "
                r"$\mu$ is the mean of the posterior.",
                hints=(
                    r"Where the ELBO rises the gap falls: $\log p(x)$ does not depend on $\mu$.",
                    "The gap is a divergence between two Gaussians, whose closed form is (1.10).",
                ),
            ),
            Practice(
                Condition(
                    "4/wider-is-better",
                    r"Let $z \sim \mathcal{N}(0, 1)$, $x \sim \mathcal{N}(z, 1)$ and "
                    r"$q = \mathcal{N}(\mu, \sigma^2)$; the posterior is "
                    r"$\mathcal{N}(\tfrac12 x, \tfrac12)$. For which $x$, $\mu$ and $\sigma$ is "
                    r"the derivative of the ELBO with respect to $\sigma$ at most 0?",
                    frame=Frame(OF_Q_AND_X, "D(E(log(p(x, z)/q(z))), sigma)", noisy("1")),
                    claim="<= 0",
                    key=("sigma**2 >= 1/2",),
                ),
                why=r"$\sigma$ enters the gap by $\sigma^2 - \log \sigma$ alone, which rises from "
                r"$\sigma^2 = \tfrac12$ on: a $q$ wider than the posterior loses by widening.",
                hints=(
                    r"Where the gap rises the ELBO falls: $\log p(x)$ does not depend on $\sigma$.",
                    "The gap is a divergence between two Gaussians, whose closed form is (1.10).",
                ),
            ),
        ),
    ),
    # 4.6 Reconstruction and divergence
    Practice(
        Predict(
            "4/at-the-best-q",
            r"Let $z \sim \mathcal{N}(0, 1)$ and, given $z$, $x \sim \mathcal{N}(z, \tfrac14)$, as "
            r"in (4.5). Let $q$ be the posterior, so that the ELBO is as large as it can be. What "
            r"is the sign of $\operatorname{KL}(q(z) \,\|\, p(z))$, the divergence from the prior?",
            what="sign",
        ),
        "before (4.21)",
        answer="+",
        why=r"The divergence that vanishes is the one from the posterior. The one from the prior "
        r"is what $x$ tells about $z$; at $x = 1$ it is 0.72 nats.",
        siblings=(
            Practice(
                Predict(
                    "4/at-the-best-q",
                    r"In a model whose $p(x \mid z)$ is the same for all $z$, let $q$ be the "
                    r"posterior, so that the ELBO is as large as it can be. What is the sign of "
                    r"$\operatorname{KL}(q(z) \,\|\, p(z))$, the divergence from the prior?",
                    what="sign",
                ),
                answer="0",
                why=r"Here $x$ tells nothing about $z$, so the posterior is the prior. In every "
                r"other model the two differ for some $x$.",
            ),
            Practice(
                Predict(
                    "4/at-the-best-q",
                    r"In the model of (4.5), where the posterior is "
                    r"$\mathcal{N}(\tfrac45 x, \tfrac15)$, let $x = 0$, and let $q$ be the "
                    r"posterior. What is the sign of $\operatorname{KL}(q(z) \,\|\, p(z))$, the "
                    r"divergence from the prior $\mathcal{N}(0, 1)$?",
                    what="sign",
                ),
                answer="+",
                why=r"It is 0.40 nats. Posterior and prior have the same mean at $x = 0$, but "
                r"seeing $x$ has made the variance smaller.",
            ),
        ),
    ),
    Practice(
        Prove(
            "4/elbo-in-closed-form",
            r"Let $z \sim \mathcal{N}(0, 1)$, $x \sim \mathcal{N}(z, 1)$ given $z$, and "
            r"$q = \mathcal{N}(\mu, \sigma^2)$. Prove the closed form of the ELBO, reconstruction "
            r"minus divergence. You may give (4.22) as a reason.",
            frame=Frame(OF_Q_AND_X, "E(log(normal(x, z, 1))) - KL(q, p)", Q_AND_PRIOR),
            goal="-log(2*pi)/2 - ((x - mu)**2 + sigma**2)/2 "
            "+ (1 + log(sigma**2) - mu**2 - sigma**2)/2",
            lemmas=(FROM_PRIOR,),
        ),
        "end of 4.6",
        answer={
            "lines": [
                {
                    "text": "= E(log(normal(x, z, 1))) + (1 + log(sigma**2) - mu**2 - sigma**2)/2",
                    "reason": "(4.22)",
                },
                {
                    "text": "= -log(2*pi)/2 - E((x - z)**2)/2 "
                    "+ (1 + log(sigma**2) - mu**2 - sigma**2)/2",
                    "reason": "a normal density",
                },
                {
                    "text": "= -log(2*pi)/2 - ((x - mu)**2 + sigma**2)/2 "
                    "+ (1 + log(sigma**2) - mu**2 - sigma**2)/2",
                    "reason": "the mean of a square",
                },
            ]
        },
        why=r"A wide $q$ pays twice, by $\tfrac12 \sigma^2$ in the reconstruction and by as much "
        r"in the divergence. What it gains is $\log \sigma$, from its entropy.",
        hints=(
            r"The last line contains $x$, $\mu$ and $\sigma$, and no expectation.",
            r"Replace the divergence by its closed form, then write out the normal density, then "
            r"evaluate the mean of the square: one step a line.",
            "Begin with `= E(log(normal(x, z, 1))) + …`, and (4.22) for its reason.",
        ),
        siblings=(
            Practice(
                Prove(
                    "4/elbo-in-closed-form",
                    r"Let $z \sim \mathcal{N}(0, 1)$, $x \sim \mathcal{N}(2 z, 3)$ given $z$, and "
                    r"$q = \mathcal{N}(\mu, \sigma^2)$. Prove the closed form of the ELBO, "
                    r"reconstruction minus divergence. You may give (4.22) as a reason.",
                    frame=Frame(OF_Q_AND_X, "E(log(normal(x, 2*z, 3))) - KL(q, p)", Q_AND_PRIOR),
                    goal="-log(6*pi)/2 - ((x - 2*mu)**2 + 4*sigma**2)/6 "
                    "+ (1 + log(sigma**2) - mu**2 - sigma**2)/2",
                    lemmas=(FROM_PRIOR,),
                ),
                answer={
                    "lines": [
                        {
                            "text": "= E(log(normal(x, 2*z, 3))) "
                            "+ (1 + log(sigma**2) - mu**2 - sigma**2)/2",
                            "reason": "(4.22)",
                        },
                        {
                            "text": "= -log(6*pi)/2 - E((x - 2*z)**2)/6 "
                            "+ (1 + log(sigma**2) - mu**2 - sigma**2)/2",
                            "reason": "a normal density",
                        },
                        {
                            "text": "= -log(6*pi)/2 - ((x - 2*mu)**2 + 4*sigma**2)/6 "
                            "+ (1 + log(sigma**2) - mu**2 - sigma**2)/2",
                            "reason": "the mean of a square",
                        },
                    ]
                },
                why=r"Under $q$, $x - 2 z$ has the mean $x - 2 \mu$ and the variance "
                r"$4 \sigma^2$; its mean square is the square of the one plus the other.",
                hints=(
                    r"The last line contains $x$, $\mu$ and $\sigma$, and no expectation.",
                    r"Replace the divergence by its closed form, then write out the normal "
                    r"density, then evaluate the mean of the square: one step a line.",
                ),
            ),
        ),
    ),
    # 4.7 Proofs that almost work
    Practice(
        Locate(
            "4/two-signs",
            r"Somebody works out what is left of $\log p(x)$ when the gap is taken off. The result "
            r"is right. Which line breaks first, and why?",
            frame=Frame(finite(zeros=True), "log(p(x)) - KL(q(z), p(z|x))"),
            lines=(
                "= log(p(x)) - E(log(q(z)) - log(p(z|x)))",
                "= log(p(x)) - E(log(q(z)) - log(p(x, z)) - log(p(x)))",
                "= E(log(p(x, z)) - log(q(z)))",
            ),
            reasons={
                "i": r"In $\log p(z \mid x)$ the joint probability stands without the evidence.",
                "ii": r"Under $q$ no expectation is taken of a number such as $\log p(x)$.",
                "iii": r"Taking away $\log p(z \mid x)$ adds $\log p(x)$ under the expectation.",
                "iv": r"The divergence has its two arguments in the wrong order.",
            },
            right_reason="iii",
        ),
        "end of 4.7",
        answer={"line": "c", "reason": "iii"},
        why=r"By (4.2) $\log p(z \mid x) = \log p(x, z) - \log p(x)$, and there is a minus before "
        r"it. So in line (c) the evidence counts twice, and in the last line a second slip cancels "
        r"the first.",
        hints=(
            "The definition of a divergence, then (4.2), then what does not depend on $z$.",
            r"Write out $-\log p(z \mid x)$ by (4.2), sign by sign.",
        ),
        siblings=(
            Practice(
                Locate(
                    "4/two-signs",
                    r"Somebody puts the two terms of the ELBO together. The result is "
                    r"right. Which line breaks first, and why?",
                    frame=Frame(finite(zeros=True), "E(log(p(x|z))) - KL(q(z), p(z))"),
                    lines=(
                        "= E(log(p(x|z)) + log(p(z)) - log(q(z)))",
                        "= E(log(p(x, z))) - H(q)",
                        "= E(log(p(x, z)/q(z)))",
                    ),
                    reasons={
                        "i": r"The mean of $-\log q(z)$ is the entropy, with a plus.",
                        "ii": r"The product $p(x \mid z)\, p(z)$ is not the joint probability.",
                        "iii": r"The divergence from the prior is a mean under $p(z)$.",
                        "iv": r"A logarithm of a quotient is not a difference of logarithms.",
                    },
                    right_reason="i",
                ),
                answer={"line": "c", "reason": "i"},
                why=r"$\operatorname{H}(q) = -\mathbb{E}_q[\log q(z)]$ has its minus inside, and "
                r"the next line silently goes back to the right sign.",
                hints=(
                    "Compare what happens to each of the three logarithms.",
                    "Which sign does the definition of the entropy have?",
                ),
            ),
        ),
    ),
    # 4.8 A model where everything is exact
    Practice(
        Repair(
            "4/mean-of-the-log",
            r"Let $x \sim \mathcal{N}(w z + b, \tau^2)$ given $z$, and "
            r"$q = \mathcal{N}(\mu, \sigma^2)$. Somebody put the mean of $q$ into the decoder. "
            r"Mend the last line.",
            frame=Frame(
                Given(x=real(), w=real(), b=real(), mu=real(), sigma=positive(), tau=positive()),
                "E(log(p(x|z)))",
                {**Q, "p(x|z)": gaussian("w*z + b", "tau**2", of="x")},
            ),
            lines=(
                "= -log(2*pi*tau**2)/2 - E((x - w*z - b)**2)/(2*tau**2)",
                "= -log(2*pi*tau**2)/2 - (x - w*mu - b)**2/(2*tau**2)",
            ),
            at=2,
            solution="= -log(2*pi*tau**2)/2 - ((x - w*mu - b)**2 + w**2*sigma**2)/(2*tau**2)",
        ),
        "end of 4.8",
        why=r"The mean of a square is the square of the mean plus the variance, and $w z$ has the "
        r"variance $w^2 \sigma^2$. It is the trace of (4.36b), for one dimension.",
        hints=(
            "The reconstruction is the mean of a logarithm, not the logarithm at the mean.",
            "The mean of a square is the square of the mean plus the variance.",
            "What is the variance of $x - w z - b$ under $q$, for fixed $x$?",
        ),
        siblings=(
            Practice(
                Repair(
                    "4/mean-of-the-log",
                    r"Given the vector $z$, let $x \sim \mathcal{N}(w^\top z, 1)$ be a number, and "
                    r"let $q = \mathcal{N}(\mu, V)$ with a diagonal $V$. Somebody put the mean of "
                    r"$q$ into the decoder. Mend the last line.",
                    frame=Frame(
                        Given(
                            n=range(1, 4),
                            x=real(),
                            w=vector("n"),
                            mu=vector("n"),
                            V=diagonal("n"),
                        ),
                        "E(log(p(x|z)))",
                        {"q": gaussian("mu", "V"), "p(x|z)": gaussian("T(w)@z", "1", of="x")},
                    ),
                    lines=(
                        "= -log(2*pi)/2 - E((x - T(w)@z)**2)/2",
                        "= -log(2*pi)/2 - (x - T(w)@mu)**2/2",
                    ),
                    at=2,
                    solution="= -log(2*pi)/2 - ((x - T(w)@mu)**2 + T(w)@V@w)/2",
                ),
                why=r"$w^\top z$ has the variance $w^\top V w$ under $q$, which the mean alone "
                r"does not see.",
                hints=(
                    "The reconstruction is the mean of a logarithm, not the logarithm at the mean.",
                    "What is the variance of $w^\\top z$ under $q$?",
                ),
            ),
        ),
    ),
    # 4.9 Two ways to rise
    Practice(
        Choose(
            "4/who-moved",
            r"A step changes the parameters $\theta$ of the model, and not $q$. It raises the ELBO "
            r"by 2 nats. What does that say about $\log p_\theta(x)$?",
            choices={
                "a": "It has risen by 2 nats or more, since the ELBO is a lower bound for it.",
                "b": "It has risen by exactly 2 nats, since $q$ is as before.",
                "c": "It has risen, but by less than 2 nats, if the gap has shrunk.",
                "d": "It may even have fallen, if the gap has shrunk by more than 2 nats.",
            },
            right="d",
            misconceptions={
                "a": "A bound may rise although what it bounds does not. Between the two lies the "
                "gap, and where there was a gap it can shrink.",
                "b": r"Though $q$ is fixed, the gap is not: the posterior depends on $\theta$, "
                "too, so the divergence from it has changed.",
                "c": "How much the gap can shrink is limited only by how large it was. Is 2 nats "
                "a limit?",
            },
        ),
        "end of 4.9",
        why=r"$\log p_\theta(x)$ is ELBO plus gap, so it has changed by 2 nats plus the change of "
        r"the gap, which may be $-3$.",
        siblings=(
            Practice(
                Choose(
                    "4/who-moved",
                    r"A step changes $q$, and not the parameters $\theta$ of the model. It raises "
                    r"the ELBO by 2 nats. What does that say about $\log p_\theta(x)$?",
                    choices={
                        "a": "It has risen by 2 nats or more, since the ELBO is a lower bound.",
                        "b": "It is what it was; the gap is smaller by 2 nats.",
                        "c": "It has risen by 2 nats; the gap is what it was.",
                        "d": "It has fallen by 2 nats, since ELBO and evidence add up to the gap.",
                    },
                    right="b",
                    misconceptions={
                        "a": "A bound may come closer to what it bounds without moving it.",
                        "c": r"Does $p_\theta(x)$ depend on $q$ at all? Look at (4.1).",
                        "d": "Which two of the three add up to the third? See (4.19).",
                    },
                ),
                why=r"$q$ does not occur in $p_\theta(x)$, so all that $q$ can change is how the "
                r"evidence is divided between ELBO and gap.",
            ),
            Practice(
                Choose(
                    "4/who-moved",
                    r"At first $q$ is the posterior. Then a step changes the parameters $\theta$ "
                    r"of the model, and not $q$. It raises the ELBO by 2 nats. What does that say "
                    r"about $\log p_\theta(x)$?",
                    choices={
                        "a": "It has risen by 2 nats or more.",
                        "b": "It has risen by exactly 2 nats.",
                        "c": "It may have fallen, if the gap has shrunk.",
                        "d": "It has risen, by 2 nats at most.",
                    },
                    right="a",
                    misconceptions={
                        "b": r"The posterior moves with $\theta$, so $q$ need not be it any more, "
                        "and a gap may have opened.",
                        "c": "At first the gap is 0. Can it shrink?",
                        "d": "This has the gap on the wrong side: the evidence is what the ELBO "
                        "and the new gap add up to.",
                    },
                ),
                why=r"The gap was 0 and cannot be negative, so the evidence has risen by 2 nats "
                r"and by whatever gap has opened. This is why the evidence cannot fall in EM.",
            ),
        ),
    ),
    # 4.10 More draws, a tighter bound
    Practice(
        Predict(
            "4/two-draws",
            r"Let $q$ be nowhere 0 and not the posterior, with a finite ELBO. Draw $z_1$ and "
            r"$z_2$ independently from it, and let $w_s = p(x, z_s)/q(z_s)$. Compare "
            r"$\mathbb{E}\bigl[\log \tfrac12 (w_1 + w_2)\bigr]$ on the left with the ELBO, "
            r"$\mathbb{E}[\log w_1]$, on the right.",
            what="relation",
        ),
        "before (4.39)",
        answer=">",
        why=r"If $w_s$ is 0.2 or 0.8, equally probable, the left is $-0.80$, the right $-0.92$, "
        r"and $\log p(x) = -0.69$. An average of two varies less, so the logarithm loses less.",
        siblings=(
            Practice(
                Predict(
                    "4/two-draws",
                    r"Let $q$ be nowhere 0 and not the posterior, with a finite ELBO. Draw "
                    r"$z_1$ and $z_2$ independently from it, and let "
                    r"$w_s = p(x, z_s)/q(z_s)$. Compare "
                    r"$\mathbb{E}\bigl[\log \tfrac12 (w_1 + w_2)\bigr]$ on the left with "
                    r"$\log p(x)$ on the right.",
                    what="relation",
                ),
                answer="<",
                why=r"The average of two weights has the mean $p(x)$, but it still varies, and "
                r"Jensen's inequality is strict. If $w_s$ is 0.2 or 0.8, equally probable, the "
                r"left is $-0.80$, the right $-0.69$.",
            ),
            Practice(
                Predict(
                    "4/two-draws",
                    r"Let $q$ be nowhere 0 and not the posterior, with a finite ELBO. Draw "
                    r"$z_1$ and $z_2$ independently from it, and let "
                    r"$w_s = p(x, z_s)/q(z_s)$. Compare "
                    r"$\mathbb{E}\bigl[\log \sqrt{w_1 w_2}\bigr]$ on the left with the ELBO, "
                    r"$\mathbb{E}[\log w_1]$, on the right.",
                    what="relation",
                ),
                answer="=",
                why=r"$\log \sqrt{w_1 w_2}$ is the average of two logarithms with one mean. Only "
                r"an average taken inside the logarithm tightens the bound.",
            ),
        ),
    ),
    Practice(
        Choose(
            "4/why-one-fewer",
            r"Let $w_1, \dots, w_S$ be the weights of independent draws from $q$, and "
            r"$h(j) = \frac{1}{S - 1} \bigl(\sum_s w_s - w_j\bigr)$ as in (4.42). For every $j$, "
            r"$\mathbb{E}[\log h(j)]$ is $\operatorname{ELBO}_{S-1}(x)$. Which fact gives this?",
            choices={
                "a": r"$h(j)$ has the mean $p(x)$, as each weight has.",
                "b": r"$h(j)$ is an average of $S - 1$ independent weights of one distribution.",
                "c": r"The average of $h(1), \dots, h(S)$ is that of all weights.",
                "d": r"$h(1), \dots, h(S)$ are independent of each other.",
            },
            right="b",
            misconceptions={
                "a": "So has any average of weights, of one or of a million, and the means of "
                "their logarithms differ.",
                "c": "True, and (4.43) begins with it. It says nothing yet of the logarithm of a "
                "single one.",
                "d": r"They are not, if $S > 2$: any two of them share $S - 2$ weights. And the "
                "mean of a sum does not ask for independence.",
            },
        ),
        "after (4.43)",
        heading=WHY_MAY_WE,
        why=r"That is the definition (4.40), with $S - 1$ for $S$: it does not matter which of the "
        r"draws is left out, because all have one distribution.",
    ),
    Practice(
        Choose(
            "4/bar-and-bias",
            r"For one $x$, 10,000 repetitions give $\operatorname{ELBO}_1 \approx -90.52 \pm 0.02$ "
            r"and $\operatorname{ELBO}_{50} \approx -88.10 \pm 0.02$. What do these say about "
            r"$\log p(x)$?",
            choices={
                "a": r"It lies between the two values, $-90.52$ and $-88.10$.",
                "b": r"It is $-88.10$, up to a few times 0.02.",
                "c": r"It is above about $-88.1$, and perhaps far above.",
                "d": r"More repetitions with 50 draws would bring the estimate to it.",
            },
            right="c",
            misconceptions={
                "a": "Both numbers estimate lower bounds, and what they bound is below neither.",
                "b": r"The error bar tells how well $\operatorname{ELBO}_{50}$ is known. How far "
                r"this is from $\log p(x)$ it does not tell.",
                "d": r"More repetitions give $\operatorname{ELBO}_{50}$ more precisely, and that "
                "is another number.",
            },
        ),
        "end of 4.10",
        why=r"A bar is chance, and shrinks with repetitions; the distance from $\log p(x)$ is "
        r"bias, and shrinks with $S$ or with a better $q$.",
        siblings=(
            Practice(
                Choose(
                    "4/bar-and-bias",
                    r"On the same images, one paper reports $\operatorname{ELBO}_{10} = -88.0$ for "
                    r"its model, another $\operatorname{ELBO}_{1000} = -87.5$ for a second model, "
                    r"both with a tiny error bar. Which model has the larger evidence?",
                    choices={
                        "a": "The first, since its bound was reached with fewer draws.",
                        "b": "The second, since its bound is the larger one.",
                        "c": "Neither: they differ by what the number of draws explains.",
                        "d": "One cannot tell: the first bound may rise by more with more draws.",
                    },
                    right="d",
                    misconceptions={
                        "a": "Few draws may suffice because the encoder is good. That says nothing "
                        "about the model.",
                        "b": "Of two numbers that are exceeded by unknown amounts, the larger one "
                        "need not belong to what is larger.",
                        "c": "How much the draws explain depends on each model's $q$, and nothing "
                        "is known here of either.",
                    },
                ),
                why=r"$\operatorname{ELBO}_{10}$ of one model and $\operatorname{ELBO}_{1000}$ of "
                r"another are two different measures, each below its evidence by an unknown gap.",
            ),
        ),
    ),
)
