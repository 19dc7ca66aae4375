"""Chapter 7: a prior that is a mixture, and its rate."""

from kl_utils.derivation import Given, between, gaussian, positive, real
from kl_utils.exercises import Blank, Choose, Compute, Condition, Frame, Locate, Match, Predict

from . import WHY_MAY_WE, Practice, at


def swap(components, q, relation, why):
    """The logarithm of a mean against the mean of the logarithms."""
    return Practice(
        Predict(
            "7/swap-log-and-sum",
            f"Let $p(z) = \\frac12 p_1(z) + \\frac12 p_2(z)$ with {components}. On the left stands "
            f"the mean of $\\log p(z)$ over draws from $q = {q}$, on the right that of "
            r"$\frac12 \log p_1(z) + \frac12 \log p_2(z)$. Which sign belongs between them?",
            what="relation",
        ),
        answer=relation,
        why=why,
    )


def hidden_exponentials(lines, reasons, right, why):
    """A closed form for the logarithm of a sum, with a slip."""
    given = Given(mu_q=[0, 1 / 2, 1], sigma_q=[1 / 4, 1 / 2, 1], m=[1 / 2, 1])
    return Practice(
        Locate(
            "7/log-of-two-exponentials",
            r"Let $q = \mathcal{N}(\mu_q, \sigma_q^2)$ and let $m > 0$. Somebody claims a "
            "closed form for the mean of the logarithm of a sum. Which line breaks first, and why?",
            frame=Frame(
                given,
                "E(log(exp(m*z) + exp(-m*z)))",
                {"q": gaussian("mu_q", "sigma_q**2")},
            ),
            lines=lines,
            reasons=reasons,
            right_reason=right[1],
        ),
        answer={"line": right[0], "reason": right[1]},
        why=why,
    )


def slope(mean, z, where, sign, why):
    """The sign of the slope of a mixture's log-density."""
    return Practice(
        Predict(
            "7/pull-of-two",
            rf"Let $p(z) = \frac12 \mathcal{{N}}(z;\, -{mean}, 1) + "
            rf"\frac12 \mathcal{{N}}(z;\, {mean}, 1)$. The point $z = {z}$ {where}. What is the "
            r"sign of the slope of $\log p(z)$ there?",
            what="sign",
        ),
        answer=sign,
        why=why,
    )


def mean_derivatives(parameter, items, more, key, why):
    """What the means of some derivatives are."""
    return Practice(
        Match(
            "7/four-derivatives",
            r"Let $q = \mathcal{N}(\mu_q, \sigma_q^2)$, and let $p$ be a mixture. The mean of "
            r"$t = \log q(z) - \log p(z)$ over draws from $q$ is the rate. Each of these has a "
            f"derivative with respect to ${parameter}$, draw by draw. What is the mean of this "
            "derivative over draws?",
            items=items,
            partners={"a": "0", "b": "the derivative of the rate", "c": more},
            key=key,
        ),
        why=why,
    )


def bound_of_two(weights, first, solution):
    """The variational bound for two components of the width of q, with a hole."""
    given = Given(mu_q=real(), sigma_q=positive(), m=positive())
    meanings = {
        "q": gaussian("mu_q", "sigma_q**2"),
        "p_1": gaussian("m", "sigma_q**2"),
        "p_2": gaussian("-m", "sigma_q**2"),
    }
    one, two = first
    fits = "exp(-(mu_q-m)**2/(2*sigma_q**2))", "exp(-(mu_q+m)**2/(2*sigma_q**2))"
    return Practice(
        Blank(
            "7/bound-of-two",
            r"Two components $p_1 = \mathcal{N}(m, \sigma_q^2)$ and $p_2 = \mathcal{N}(-m, "
            rf"\sigma_q^2)$ are as wide as $q = \mathcal{{N}}(\mu_q, \sigma_q^2)$, and have the "
            f"weights {weights}. Fill the hole in their variational bound.",
            frame=Frame(given, f"-log({one}*exp(-KL(q, p_1)) + {two}*exp(-KL(q, p_2)))", meanings),
            lines=(
                f"= -log({one}*{fits[0]} + {two}*{fits[1]})",
                "= (mu_q**2 + m**2)/(2*sigma_q**2) - log(___)",
            ),
            at=2,
            solution=solution,
        ),
        why="The first term is what the divergences have in common. The other, a logarithm of "
        "a sum again, has no draw in it: it is a smooth function of the parameters.",
        hints=(
            "The two exponentials have a common factor.",
            r"Multiply out: $(\mu_q \mp m)^2 = \mu_q^2 + m^2 \mp 2 m \mu_q$.",
            r"Take $\exp\bigl(-(\mu_q^2 + m^2)/(2\sigma_q^2)\bigr)$ out of the sum; what remains?",
        ),
    )


def best_guess(weights, q, divergences, relation, why):
    """The variational bound against the convexity bound."""
    return Practice(
        Predict(
            "7/best-guess",
            r"Let $p_1 = \mathcal{N}(-2, \frac14)$ and $p_2 = \mathcal{N}(2, \frac14)$ have the "
            f"weights {weights}, and let $q = {q}$. Then {divergences}. On the left stands the "
            r"variational bound, $-\log \sum_k \pi_k\, \mathrm{e}^{-\operatorname{KL}(q \,\|\, "
            r"p_k)}$, on the right the convexity bound, $\sum_k \pi_k \operatorname{KL}(q \,\|\, "
            r"p_k)$. Which sign belongs between them?",
            what="relation",
        ),
        answer=relation,
        why=why,
    )


def at_its_prior(p, sign, why):
    """The product bound where the divergence is 0."""
    return Practice(
        Predict(
            "7/product-bound-at-its-prior",
            f"Let the prior have one component, {p}, and let $q = p$, so that the divergence is 0. "
            r"What is the sign of its lower bound $-\operatorname{H}(q) - \log "
            r"\mathbb{E}_q[p(z)]$?",
            what="sign",
        ),
        answer=sign,
        why=why,
    )


def report(statement, right, choices, misconceptions, why):
    """Which formula lies on the safe side."""
    return Practice(
        Choose(
            "7/what-to-report",
            statement,
            choices=choices,
            right=right,
            misconceptions=misconceptions,
        ),
        why=why,
    )


def equal_terms(statement, answer, within, why):
    """The logarithm of a sum of numbers out of a computer's range."""
    return Practice(
        Predict("7/equal-terms", statement, what="number"),
        answer=answer,
        within=within,
        why=why,
    )


def stable(statement, letters, first, line, solution, why):
    """A stable form of a logarithm of exponentials, with a hole."""
    return Practice(
        Blank(
            "7/no-overflow",
            statement,
            frame=Frame(Given(**letters), first),
            lines=(line,),
            at=1,
            solution=solution,
            allows=("abs", "max", "min"),
        ),
        why=why,
        hints=(
            "Take the larger of the two exponents out of the logarithm, as $m$ in (7.25).",
            "Of the two terms that are left, one is 1. What is the exponent of the other, "
            "whichever of the two is the larger?",
            r"The exponent in the hole is never positive. `abs(x)` is $\lvert x \rvert$.",
        ),
    )


def wrong_order(words, relation, why):
    """The copied program's density against the mixture's."""
    letters = {"w": between(0, 1)} | dict.fromkeys("abcd", positive())
    return Practice(
        Condition(
            "7/wrong-order",
            "Two components have the weights $w$ and $1 - w$. At some $z$ in the plane, the "
            "densities of the first coordinate are $a$ and $b$ in the two components, those of the "
            "second $c$ and $d$. A program multiplies the sums of the two coordinates: "
            f"$(wa + (1-w)b)(wc + (1-w)d)$. When is this at {words} the density of the mixture?",
            frame=Frame(Given(**letters), "(w*a + (1-w)*b)*(w*c + (1-w)*d)"),
            claim=f"{relation} w*a*c + (1-w)*b*d",
            key=(f"a*d + b*c {relation} a*c + b*d",),
        ),
        answer=[f"0 {relation} (a-b)*(c-d)"],
        why=why,
        hints=(
            "Write down the density of the mixture, and subtract.",
            "The difference has $w(1-w)$ as a factor, so the weights do not matter.",
            "The other factor is a product of two differences.",
        ),
    )


OPENING = ("4/log-of-an-average", "5/mean-of-the-score")

PRACTICE = (
    Practice(
        Compute(
            "7/responsibility",
            r"A mixture has the components $\mathcal{N}(0, 1)$, with weight $\pi_1 = {w}$, and "
            r"$\mathcal{N}(3, 1)$. Compute the responsibility of the first for $z = {z}$.",
            frame=Frame(Given(w=between(0, 1), z=real())),
            key="w*normal(z, 0, 1)/(w*normal(z, 0, 1) + (1-w)*normal(z, 3, 1))",
            tolerance=0.005,
            choices={"w": ("1/10", "1/4", "3/4"), "z": (1, 2)},
            slips={
                "w": "This is the weight, before $z$ is seen. How well does each component fit?",
                "normal(z, 0, 1)/(normal(z, 0, 1) + normal(z, 3, 1))": "Where are the weights?",
                "w*normal(z, 0, 1)": "This is the numerator. What is it a share of?",
            },
        ),
        "end of 7.1",
        answer="w/(w + (1-w)*exp(3*z - 9/2))",
        why="Weight times fit, as a share of the total. The second density is "
        r"$\mathrm{e}^{3z - 9/2}$ times the first, so that halfway, at $z = \frac32$, the weights "
        "alone decide.",
        hints=(
            "Use (7.2): weight times density, divided by the sum of such products.",
            r"The normalisers cancel; $\mathrm{e}^{-z^2/2}$ and $\mathrm{e}^{-(z-3)^2/2}$ stay.",
            r"Divide numerator and denominator by $\mathrm{e}^{-z^2/2}$.",
        ),
    ),
    at(
        "before (7.9)",
        swap(
            r"$p_1 = \mathcal{N}(-2, 1)$ and $p_2 = \mathcal{N}(2, 1)$",
            r"\mathcal{N}(0, 1)",
            ">",
            r"They are $-2.36$ and $-3.42$. At every $z$, the logarithm of the mean is at least "
            "the mean of the logarithms: one component that fits is enough for a large density, "
            "while the mean of logarithms punishes the one that does not fit.",
        ),
        swap(
            r"$p_1 = \mathcal{N}(-2, 1)$ and $p_2 = \mathcal{N}(2, 1)$",
            r"\mathcal{N}(2, 1)",
            ">",
            r"They are $-2.05$ and $-5.42$. Half of the weight is on a component that fits, so "
            r"the other costs $\log p$ only about $\log 2$; it costs the mean of logarithms far "
            "more.",
        ),
        swap(
            r"$p_1 = p_2 = \mathcal{N}(0, 1)$",
            r"\mathcal{N}(0, 1)",
            "=",
            "Where the components are equal, so are the mean of the densities and each of them. "
            "As soon as they differ, the left side is larger.",
        ),
    ),
    at(
        "end of 7.2",
        hidden_exponentials(
            (
                "= E(log(exp(m*z)*(1 + exp(-2*m*z))))",
                "= m*mu_q + E(log(1 + exp(-2*m*z)))",
                "= m*mu_q + E(exp(-2*m*z))",
                "= m*mu_q + exp(2*m**2*sigma_q**2 - 2*m*mu_q)",
            ),
            {
                "i": r"A factor $\mathrm{e}^{mz}$ may be taken out only where $z$ is positive.",
                "ii": r"The logarithm of $1 + v$ is below $v$, and near it only for small $v$.",
                "iii": r"The mean of $\mathrm{e}^{-2mz}$ is infinite, as $z$ has no lower bound.",
            },
            ("d", "ii"),
            r"A factor comes out of the logarithm of a sum, but a sum of two exponentials remains "
            r"under it. Replacing $\log(1 + v)$ by $v$ gives a bound, and no closed form.",
        ),
        hidden_exponentials(
            (
                "= log(E(exp(m*z) + exp(-m*z)))",
                "= log(E(exp(m*z)) + E(exp(-m*z)))",
                "= log(exp(m*mu_q) + exp(-m*mu_q)) + m**2*sigma_q**2/2",
            ),
            {
                "i": r"The mean of $\mathrm{e}^{mz}$ is infinite, as $z$ has no upper bound.",
                "ii": r"A sum of exponentials has no mean that can be taken term by term.",
                "iii": "The mean of a logarithm is below the logarithm of the mean.",
            },
            ("b", "iii"),
            "The means of the exponentials are known, but they stand under a logarithm, and mean "
            "and logarithm may not change places: by Jensen's inequality this gives a bound.",
        ),
    ),
    Practice(
        Choose(
            "7/two-grids",
            "A rate is computed on a grid and on another one, twice as fine, and the two numbers "
            "agree to ten digits. What is known?",
            choices={
                "a": "All ten digits are right, as the trapezoidal rule converges fast.",
                "b": "Nothing, as both numbers come from one and the same rule.",
                "c": "The digits are right, up to about two standard errors of the grids.",
                "d": "The digits are very likely right, unless both grids miss the same feature.",
            },
            right="d",
            misconceptions={
                "a": "The rule converges fast once its step is small beside all that the integrand "
                "does. Nobody has said that it is.",
                "b": "The finer grid has nodes that the other lacks. An error that shrinks with "
                "the step would show.",
                "c": "Nothing on a grid is random, so there is no standard error.",
            },
        ),
        "end of 7.3",
        why="Agreement is strong evidence and no guarantee: a cluster of the prior that is far "
        "narrower than the step can fall between the nodes of both grids.",
    ),
    Practice(
        Compute(
            "7/how-many-draws",
            "From {S} draws, the Monte Carlo estimate of a rate has the standard error {have}, in "
            "nats. How many draws are needed for a standard error of about {want}?",
            frame=Frame(Given(S=positive(), have=positive(), want=positive())),
            key="S*(have/want)**2",
            choices={"S": (100, 400), "have": ("1/5", "3/10"), "want": ("1/20", "1/50")},
            slips={
                "S*have/want": r"The standard error shrinks like $1/\sqrt{S}$, not like $1/S$.",
                "S*(have/want)**2 - S": "These are the further ones. How many are there in all?",
            },
        ),
        "end of 7.4",
        why=r"The standard error is the standard deviation of one term, divided by $\sqrt{S}$: "
        "each further digit costs a hundred times as many draws.",
        hints=(
            "How does a standard error depend on the number of draws?",
            "By which factor is it to shrink?",
            r"Square this factor, since the standard error goes with $1/\sqrt{S}$.",
        ),
    ),
    at(
        "before (7.14)",
        slope(
            1,
            r"\frac12",
            "lies nearer to the mean of the second component than to that of the first",
            "-",
            r"The second component has the responsibility 0.73 and pulls with $\frac12$, the first "
            r"has 0.27 and pulls with $-\frac32$: the weighted sum is $-0.04$. The far one "
            "pulls harder, and here it is still responsible enough.",
        ),
        slope(
            2,
            r"\frac12",
            "lies nearer to the mean of the second component than to that of the first",
            "+",
            r"The second component has the responsibility 0.88 and pulls with $\frac32$, the first "
            r"has 0.12 and pulls with $-\frac52$: the weighted sum is 1.02. Here the clusters are "
            "far enough apart for a valley between them.",
        ),
        slope(
            1,
            "1",
            "is the mean of the second component",
            "-",
            "The second component does not pull at its own mean. The first, with the "
            r"responsibility 0.12, pulls with $-2$, so that the slope is $-0.24$: modes of a "
            "mixture need not lie at the means.",
        ),
    ),
    Practice(
        Choose(
            "7/why-under-the-noise",
            r"With $z = \mu_q + \sigma_q \varepsilon$ and $t = \log q(z) - \log p(z)$, the "
            r"derivative of $\operatorname{KL}(q \,\|\, p)$ with respect to $\mu_q$ is the mean of "
            r"that of $t$, by (7.15b). Which property of a mixture $p$ of Gaussians allows the "
            "exchange?",
            choices={
                "a": r"The slope of $\log p(z)$ grows no faster than a linear function of "
                r"$\lvert z \rvert$.",
                "b": r"The density $p(z)$ is positive and has derivatives of all orders at every "
                "$z$.",
                "c": "The responsibilities of its components add up to 1, whatever $z$ is.",
                "d": "The density is a finite sum, and an integral may be taken term by term.",
            },
            right="a",
            misconceptions={
                "b": "True, so that every draw has a derivative. But how large can it be, for the "
                "rare draws far out?",
                "c": "True, but each is multiplied by a force that depends on $z$, of which this "
                "says nothing.",
                "d": "True, and (7.4) rests on it. But here the sum stands under a logarithm.",
            },
        ),
        "after (7.15)",
        why=r"The slope is a mean of the forces $(\mu_k - z)/\sigma_k^2$, with the "
        "responsibilities for weights, so it is at most as large as the largest force, and each "
        "force is linear in $z$. The tails of a Gaussian $q$ are light enough for that.",
        heading=WHY_MAY_WE,
    ),
    at(
        "end of 7.5",
        mean_derivatives(
            r"\sigma_q",
            {
                "1": "$t$, where $z$ is held",
                "2": r"$t$, where $z = \mu_q + \sigma_q \varepsilon$",
                "3": r"$-\log p(z)$, where $z = \mu_q + \sigma_q \varepsilon$",
                "4": r"$t$, where $z = \mu_q + \sigma_q \varepsilon$, but the parameters in the "
                r"formula of $\log q$ are held",
            },
            r"the derivative of the rate, plus $1/\sigma_q$",
            {"1": "a", "2": "b", "3": "c", "4": "b"},
            r"Along the draw, $\log q(z)$ has the derivative $-1/\sigma_q$, and the third lacks "
            "it. The fourth lacks the score, whose mean is 0, and the first has nothing else.",
        ),
        mean_derivatives(
            r"\mu_q",
            {
                "1": r"$-\log p(z)$, where $z$ is held",
                "2": r"$-\log p(z)$, where $z = \mu_q + \sigma_q \varepsilon$",
                "3": r"$-t$, where $z = \mu_q + \sigma_q \varepsilon$",
                "4": r"$t \log q(z)$, where both $z$ and the factor $t$ are held",
            },
            "minus the derivative of the rate",
            {"1": "a", "2": "b", "3": "c", "4": "b"},
            r"The first contains no $\mu_q$. Along the draw, $\log q(z)$ does not know $\mu_q$, so "
            "the second lacks nothing. The fourth is the score function.",
        ),
    ),
    Practice(
        Choose(
            "7/why-jensen",
            r"For positive $\gamma_k$ with sum 1, the step to (7.17d) replaces "
            r"$-\log \sum_k \gamma_k\, \bigl(\pi_k\, p_k(z)/\gamma_k\bigr)$ by "
            r"$-\sum_k \gamma_k \log \bigl(\pi_k\, p_k(z)/\gamma_k\bigr)$, which is at least as "
            "large. Which fact allows it?",
            choices={
                "a": r"The logarithm increases, and the terms $\pi_k\, p_k(z)$ are never negative.",
                "b": r"The logarithm is concave, and the sum is a mean with weights $\gamma_k$.",
                "c": r"The logarithm is concave, and the sum is the density $p(z)$ at every $z$.",
                "d": r"The divergence of $q$ from each component $p_k$ is never negative.",
            },
            right="b",
            misconceptions={
                "a": "True, but all it says is that dropping terms cannot make the logarithm "
                "larger.",
                "c": "True, but Jensen's inequality is about means. Which numbers are the weights "
                "of this one?",
                "d": "True, but no divergence is compared with 0 in this step.",
            },
        ),
        "after (7.17)",
        why=r"Multiplied and divided by $\gamma_k$, the sum is a mean of the numbers "
        r"$\pi_k\, p_k(z)/\gamma_k$ with the weights $\gamma_k$, and the logarithm of a mean is "
        "at least the mean of the logarithms. The guess need not be good for that.",
        heading=WHY_MAY_WE,
    ),
    at(
        "before (7.19)",
        best_guess(
            r"$\frac12$ and $\frac12$",
            r"\mathcal{N}(0, \frac14)",
            "$q$ lies halfway, and both divergences are 8",
            "=",
            "Both are 8, for a rate of 5.42. Halfway the best guess is no guess at all, "
            r"$\gamma^* = \pi$: no weights that are the same for all draws can follow the change "
            "from one component to the other.",
        ),
        best_guess(
            r"$\frac12$ and $\frac12$",
            r"\mathcal{N}(1, \frac14)",
            r"$\operatorname{KL}(q \,\|\, p_1) = 18$ and $\operatorname{KL}(q \,\|\, p_2) = 2$",
            "<",
            r"They are $2 + \log 2 \approx 2.69$ and $\frac12 (18 + 2) = 10$. The best guess puts "
            "nearly all weight on the component that fits.",
        ),
        best_guess(
            r"$\frac34$ and $\frac14$",
            r"\mathcal{N}(0, \frac14)",
            "$q$ lies halfway, and both divergences are 8",
            "=",
            "Both are 8. Where all components fit equally well, the best guess is the weights, "
            "whatever they are.",
        ),
    ),
    at(
        "end of 7.6",
        bound_of_two(
            r"$\frac12$ and $\frac12$",
            ("1/2", "1/2"),
            "(exp(m*mu_q/sigma_q**2) + exp(-m*mu_q/sigma_q**2))/2",
        ),
        bound_of_two(
            r"$\frac34$ and $\frac14$",
            ("3/4", "1/4"),
            "(3*exp(m*mu_q/sigma_q**2) + exp(-m*mu_q/sigma_q**2))/4",
        ),
    ),
    at(
        "before (7.22)",
        at_its_prior(
            "a Gaussian",
            "-",
            r"The bound loses what Jensen's inequality loses: $\log p(z)$ varies over the draws, "
            "so the logarithm of the mean is above the mean of the logarithm, here too.",
        ),
        at_its_prior(
            "the uniform density on the interval from 0 to 1",
            "0",
            r"The entropy is 0 and $p(z) = 1$ for every draw. Where $\log p(z)$ does not vary, "
            "Jensen's inequality loses nothing.",
        ),
        at_its_prior(
            r"$p(z) = \mathrm{e}^{-z}$ for $z > 0$",
            "-",
            r"The entropy is 1 and the mean of $p(z)$ is $\frac12$, so the bound is $\log 2 - 1$. "
            r"It is below the divergence, since $\log p(z) = -z$ varies over the draws.",
        ),
    ),
    Practice(
        Match(
            "7/which-fact",
            "Each of these inequalities rests on one fact above all, and each fact serves once. "
            "Match them as this chapter proves them.",
            items={
                "1": r"$\operatorname{KL}(q \,\|\, p) \ge -\operatorname{H}(q) - "
                r"\log \mathbb{E}_q[p(z)]$",
                "2": r"$\operatorname{KL}(q \,\|\, p) \le \sum_k \pi_k "
                r"\operatorname{KL}(q \,\|\, p_k)$",
                "3": r"$\log \mathbb{E}_q\bigl[(p/q)^\beta\bigr] \le \log \sum_k \pi_k^\beta\, "
                r"\mathbb{E}_q\bigl[(p_k/q)^\beta\bigr]$, for $0 < \beta < 1$",
                "4": r"$\mathbb{E}_q\bigl[\sum_k \gamma_k \log \gamma_k(z)\bigr] \le "
                r"\sum_k \gamma_k \log \gamma_k$, for every guess $\gamma$",
            },
            partners={
                "a": "Jensen's inequality, with the mean over $z$",
                "b": "Jensen's inequality, with the mean over $k$",
                "c": "a power of a sum, at most the sum of the powers",
                "d": "a divergence, never negative",
            },
            key={"1": "a", "2": "b", "3": "c", "4": "d"},
        ),
        "end of 7.7",
        why="The logarithm of the mixture stands between two means, one over the draws and one "
        "over the components. Jensen's inequality on the first bounds the rate from below, on the "
        "second from above. What the second loses is a mean of divergences (7.20), as in the last "
        "inequality.",
    ),
    at(
        "end of 7.8",
        report(
            "A report puts one of these in place of the rate, computed without error. With which "
            r"one can the reported $-\operatorname{ELBO}$ never lie below $-\log p(x)$?",
            "c",
            {
                "a": "moment matching",
                "b": "the product bound",
                "c": "the variational bound",
                "d": "Gauss–Hermite quadrature",
            },
            {
                "a": "Between two clusters, one wide Gaussian is far larger than the mixture, and "
                "the rate comes out nats too low.",
                "b": "It is at most the rate, so that the sum with the distortion may be too "
                "small.",
                "d": "It errs to either side, depending on the number of nodes.",
            },
            r"$-\operatorname{ELBO}$, with the rate itself, is at least $-\log p(x)$, and so is "
            "every sum with something larger than the rate.",
        ),
        report(
            "To catch a program that reports too low a rate, its rate is compared with one of "
            "these, computed without error. Which one can never be above a correct rate?",
            "d",
            {
                "a": "the convexity bound",
                "b": "the unscented rule",
                "c": "the matched bound",
                "d": "the product bound",
            },
            {
                "a": "It is the bound of no guess at all, and never below the rate.",
                "b": "It looks at two points an axis, and errs to either side.",
                "c": "All weight on one component is a guess like any other, and every guess gives "
                "at least the rate.",
            },
            "A reported rate below a lower bound is wrong. One above it may still be too low: the "
            "bound is tight only where $\\log p(z)$ hardly varies over $q$.",
        ),
    ),
    at(
        "before (7.25)",
        equal_terms(
            r"On a computer, $\mathrm{e}^{-800}$ is 0. Four numbers, each with the logarithm "
            r"$-800$, are added up exactly: what is the logarithm of the sum?",
            -798.614,
            0.05,
            r"It is $-800 + \log 4 \approx -798.61$, a number of ordinary size, although the sum "
            "itself is out of range. Only the detour by way of the sum needs it.",
        ),
        equal_terms(
            r"On a computer, $\mathrm{e}^{1000}$ is too large. Two numbers, each with the "
            r"logarithm 1000, are added up exactly: what is the logarithm of the sum?",
            1000.693,
            0.05,
            r"It is $1000 + \log 2 \approx 1000.69$, a number of ordinary size, although the sum "
            "itself is out of range.",
        ),
        equal_terms(
            r"On a computer, $\mathrm{e}^{-2000}$ is 0. Ten numbers, each with the logarithm "
            r"$-2000$, are added up exactly: what is the logarithm of the sum?",
            -1997.697,
            0.05,
            r"It is $-2000 + \log 10 \approx -1997.70$, a number of ordinary size, although the "
            "sum itself is out of range.",
        ),
    ),
    Practice(
        Choose(
            "7/why-hold-m",
            r"A program computes $\log \sum_k \mathrm{e}^{a_k}$ as "
            r"$m + \log \sum_k \mathrm{e}^{a_k - m}$ with $m = \max_k a_k$, and treats $m$ as a "
            "constant when it differentiates with respect to the $a_k$. Why may it?",
            choices={
                "a": "With this $m$, the largest term of the sum is exactly 1, a constant.",
                "b": "The expression has the same value for every $m$, so its slope in $m$ is 0.",
                "c": "The largest $a_k$ is a number at every draw, and numbers have no slope.",
                "d": "All terms of the sum lie between 0 and 1, so nothing can overflow.",
            },
            right="b",
            misconceptions={
                "a": "True, and it is why this choice is good. But the term in front of the "
                "logarithm moves with $a_k$ as well.",
                "c": "Held at a draw or not, the largest of the numbers does move with the one "
                "that is largest, with slope 1.",
                "d": "True, but this is about values. A slope can be wrong without any overflow.",
            },
        ),
        "after (7.25)",
        why="What flows through $m$ is its slope times the derivative of the expression with "
        "respect to $m$, and that is 0 by (7.25) itself: 1 from the first term, $-1$ from the "
        "logarithm. Nothing is lost if the path is cut.",
        heading=WHY_MAY_WE,
    ),
    at(
        "end of 7.9",
        stable(
            r"Fill the hole, so that $\log(\mathrm{e}^a + \mathrm{e}^b)$ is computed without "
            "overflow.",
            {"a": real(), "b": real()},
            "log(exp(a) + exp(b))",
            "= max(a, b) + log(1 + exp(___))",
            "-abs(a - b)",
            "The larger number comes out in front, and what is left under the exponential is minus "
            "the distance: at most 0, so that nothing overflows. NumPy's `logaddexp` does this.",
        ),
        stable(
            r"Fill the hole, so that $\log(1 + \mathrm{e}^a)$ is computed without overflow.",
            {"a": real()},
            "log(1 + exp(a))",
            "= max(a, 0) + log(1 + exp(___))",
            "-abs(a)",
            r"It is the log-sum-exp of $a$ and 0, called softplus. What is left under the "
            "exponential is at most 0, so that nothing overflows.",
        ),
    ),
    at(
        "end of 7.10",
        wrong_order(
            "least",
            ">=",
            "The difference is $-w(1-w)(a-b)(c-d)$. The program is too high where the two "
            "coordinates speak for different components, as in the empty corners, and too low "
            "where they agree.",
        ),
        wrong_order(
            "most",
            "<=",
            "The difference is $-w(1-w)(a-b)(c-d)$. The program is too low where both coordinates "
            "speak for the same component, and too high in the empty corners.",
        ),
    ),
    Practice(
        Compute(
            "7/variance-for-deviation",
            r"A program computes $\log q(z)$ for $q = \mathcal{N}(0, \sigma^2)$ correctly, but "
            r"draws $z = \sigma^2 \varepsilon$. Compute the mean of $-\log q(z)$ over its draws, "
            r"minus the entropy of $q$, for $\sigma = {sigma}$.",
            frame=Frame(
                Given(sigma=positive()),
                meanings={"q": gaussian("0", "sigma**2"), "r": gaussian("0", "sigma**4")},
            ),
            key="E_r(-log_q(z)) - H(q)",
            tolerance=0.005,
            choices={"sigma": (2, 3, 4, "1/2", "1/3")},
            slips={
                "0": "This would be so for draws from $q$. What is the variance of these?",
                "KL(r, q)": "This is the divergence, which counts the entropy of the draws "
                "themselves. Here the entropy of $q$ is subtracted.",
                "(sigma**4 - 1)/2": r"In $\log q$, the square is divided by $2\sigma^2$.",
            },
        ),
        "end of 7.11",
        answer="(sigma**2 - 1)/2",
        why=r"The draws have the variance $\sigma^4$, so the mean of $z^2/(2\sigma^2)$ is "
        r"$\sigma^2/2$ instead of $\frac12$. At $\sigma = 1$ the slip cannot be seen.",
        hints=(
            r"Only the mean of $z^2/(2\sigma^2)$ differs from that over draws from $q$.",
            r"The mean of $z^2$ over the draws is $\sigma^4$.",
            r"Over draws from $q$, the mean of $z^2/(2\sigma^2)$ is $\frac12$.",
        ),
    ),
)
