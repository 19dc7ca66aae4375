"""Chapter 8: a VAE with a Gaussian-mixture prior."""

from kl_utils.derivation import Given, between, joint, positive, real
from kl_utils.exercises import Blank, Choose, Compute, Frame, Locate, Match, Order, Predict

from . import WHY_MAY_WE, Practice

OPENING = ("6/ignored-code", "7/pull-of-two")

SIZES = {"N": [2, 3], "K": [2, 3]}
PAIRS = Given(**SIZES, q=joint("N", "K", of=("m", "z")))
FEW_PAIRS = Given(N=[2], K=[2, 3], q=joint("N", "K", of=("m", "z"), zeros=False))

# 8.1: what the rate pays for


def _two_codes(first, second, variance, answer, why, place="", siblings=()):
    return Practice(
        Predict(
            "8/two-codes",
            "In one dimension two images have the posteriors "
            f"$q(z \\mid x_1) = \\mathcal{{N}}(z;\\, {first}, {variance})$ and "
            f"$q(z \\mid x_2) = \\mathcal{{N}}(z;\\, {second}, {variance})$, and the prior is "
            "$\\mathcal{N}(0, 1)$. Compare the mean of their rates, on the left, with the "
            "divergence of the aggregate posterior, "
            "$\\operatorname{KL}\\bigl(q(z) \\,\\|\\, p(z)\\bigr)$, on the right.",
            what="relation",
        ),
        place,
        answer=answer,
        why=why,
        siblings=siblings,
    )


TWO_CODES = _two_codes(
    "-1",
    "1",
    "1/4",
    ">",
    "The mean rate is 0.818 nats, the divergence of the aggregate 0.185: most of the rate is paid "
    "for saying which of the two images is meant.",
    "before (8.2)",
    siblings=(
        _two_codes(
            "1",
            "1",
            "1/4",
            "=",
            "The aggregate posterior is then the posterior of either image, and both are 0.818 "
            "nats. The code does not say which image is meant, and nothing is paid for that.",
        ),
        _two_codes(
            "-1",
            "1",
            "1",
            ">",
            "The mean rate is 0.5 nats, the divergence of the aggregate 0.163. The codes overlap, "
            "but a draw still tells something about the image.",
        ),
    ),
)

ONLY_Z = Practice(
    Choose(
        "8/only-z",
        "In the second term of (8.2c), $\\mathbb{E}_q[\\log q(z) - \\log p(z)]$, the expectation "
        "is over pairs $(m, z)$. Why is it equal to "
        "$\\operatorname{KL}\\bigl(q(z) \\,\\|\\, p(z)\\bigr)$, an expectation over $z$ alone?",
        choices={
            "a": "Under $q(m, z)$ the image and the code are independent.",
            "b": "Each image is chosen with the same probability, $q(m) = 1/N$.",
            "c": "The prior $p(z)$ is the same for all images.",
            "d": "The integrand is free of $m$, and $\\sum_m q(m, z) = q(z)$.",
        },
        right="d",
        misconceptions={
            "a": "They are not, or a code would say nothing about its image.",
            "b": "So it is in this chapter, but the step is right for any $q(m)$.",
            "c": "It is, but $\\log p(z)$ is one part of the integrand. What of the other?",
        },
    ),
    "after (8.2)",
    heading=WHY_MAY_WE,
    why="The mean of a function of $z$ alone needs the marginal of $z$ alone. The first term "
    "contains $q(z \\mid m)$, and there $m$ stays.",
    siblings=(
        Practice(
            Choose(
                "8/only-z",
                "The second term of (8.2c) is a divergence between densities of $z$ alone. Why is "
                "there no such form for the first, $\\mathbb{E}_q[\\log q(z \\mid m) - "
                "\\log q(z)]$?",
                choices={
                    "a": "Its integrand depends on $m$, so the pairs are needed.",
                    "b": "Its integrand may be negative for some pairs.",
                    "c": "It is at most $\\log N$, which depends on $N$.",
                    "d": "It contains a logarithm of a sum over the images.",
                },
                right="a",
                misconceptions={
                    "b": "So may that of the second term.",
                    "c": "It is, but a bound does not say what is needed to compute it.",
                    "d": "The second term contains $\\log q(z)$, too.",
                },
            ),
            why="The same $q(z)$ can come from posteriors that are all alike, and from posteriors "
            "far apart. So $q(z)$ alone does not determine the mutual information.",
        ),
    ),
)


def _shared_codes(images, answer, why, place="", siblings=()):
    return Practice(
        Predict(
            "8/shared-codes",
            f"{images} Posteriors that are not the same do not overlap at all. How large is the "
            "mutual information of image and code, $\\operatorname{I}(m;\\, z)$, in nats?",
            what="number",
        ),
        place,
        answer=answer,
        why=why,
        within=0.02,
        siblings=siblings,
    )


SHARED_CODES = _shared_codes(
    "Of four images, the first two have the same posterior $q(z \\mid x_1) = q(z \\mid x_2)$, and "
    "the last two have the same, $q(z \\mid x_3) = q(z \\mid x_4)$.",
    0.693,
    "It is $\\log 2 = 0.693$: a draw of $z$ says which pair it came from, and nothing more. The "
    "ceiling $\\log 4$ needs four posteriors that do not overlap.",
    "after (8.3)",
    siblings=(
        _shared_codes(
            "Six images make three pairs, and the two images of a pair have the same posterior.",
            1.099,
            "It is $\\log 3 = 1.099$: a draw of $z$ says which pair it came from. The ceiling is "
            "$\\log 6$.",
        ),
        _shared_codes(
            "Of four images, the first three have the same posterior, and the fourth has another.",
            0.562,
            "It is $-\\tfrac34 \\log \\tfrac34 - \\tfrac14 \\log \\tfrac14 = 0.562$: a draw of $z$ "
            "says only whether it came from the fourth image, and mostly it did not.",
        ),
    ),
)

AT_MOST_ONE = Practice(
    Choose(
        "8/at-most-one",
        "The step to (8.4c) leaves out $\\log q(m \\mid z)$, which is at most 0. This "
        "is right for a continuous $z$, too. Why?",
        choices={
            "a": "The mutual information is never negative.",
            "b": "The index $m$ has finitely many values, so $q(m \\mid z)$ is a probability.",
            "c": "The density $q(z \\mid m)$ integrates to 1, so it is at most 1.",
            "d": "The logarithm is concave, so Jensen's inequality applies.",
        },
        right="b",
        misconceptions={
            "a": "True, but that bounds (8.4b) from below.",
            "c": "A density that integrates to 1 can be large in a small region.",
            "d": "True, but it compares the mean of a logarithm with the logarithm of a mean, and "
            "no mean has moved in this step.",
        },
    ),
    "after (8.4)",
    heading=WHY_MAY_WE,
    why="This is why (8.4b) turns to $q(m \\mid z)$ first: (8.4a) has $\\log q(z \\mid m)$, "
    "which can be large where the density is narrow.",
)


def _entropies(goal, lines, distractors, why, place="", siblings=()):
    task = Order(
        "8/before-and-after",
        f"Put lines in order below the definition of the mutual information, to show that it is "
        f"{goal}. Not all lines belong to the proof.",
        frame=Frame(FEW_PAIRS, "E(log(q(m,z)/(q(m)*q(z))))"),
        lines=lines,
        distractors=distractors,
    )
    return Practice(
        task,
        place,
        why=why,
        hints=(
            "The last line is the one with an entropy. Find what stands before it.",
            "A joint probability is that of one variable times that of the other given the first.",
            "Begin by splitting the logarithm: it has three probabilities, and makes three terms.",
        ),
        siblings=siblings,
    )


BEFORE_AND_AFTER = _entropies(
    "the entropy of $m$, minus the uncertainty about $m$ that is left on average when $z$ is known",
    (
        "= E(log(q(m,z)) - log_q(m) - log_q(z))",
        "= E(log(q(m|z)) - log_q(m))",
        "= H(q(m)) - E(-log(q(m|z)))",
    ),
    ("= E(log(q(m,z)) - log_q(m))", "= E(log(q(m|z)) - log_q(z))"),
    "Before the draw the uncertainty about the image is $\\operatorname{H}(q(m))$, and after it "
    "$-\\mathbb{E}_q[\\log q(m \\mid z)]$ is left on average: 0 if every draw gives its image "
    "away.",
    "end of 8.1",
    siblings=(
        _entropies(
            "the entropy of $z$, minus the mean entropy of $z$ for a given $m$",
            (
                "= E(log(q(m,z)) - log_q(m) - log_q(z))",
                "= E(log(q(z|m)) - log_q(z))",
                "= H(q(z)) - Sum(q(m)*H(q(z|m)), m)",
            ),
            ("= E(log(q(m,z)) - log_q(z))", "= E(log(q(z|m)) - log_q(m))"),
            "It is how much narrower the posteriors are, on average, than their aggregate, "
            "measured by entropies. Section 8.1 computes it in this way.",
        ),
    ),
)

# 8.2: the best prior


def _own_images(count, answer, why, place="", siblings=()):
    return Practice(
        Predict(
            "8/own-images",
            "The networks of chapter 6 stay as they are, with 40 latent dimensions and narrow "
            f"posteriors, and the aggregate posterior of {count} training images becomes the "
            "prior. How large is the mean rate of these images then, in nats?",
            what="number",
        ),
        place,
        answer=answer,
        why=why,
        within=0.3,
        siblings=siblings,
    )


OWN_IMAGES = _own_images(
    "10,000",
    9.21,
    "It is about $\\log 10{,}000 = 9.21$. The marginal KL is 0, and as codes hardly overlap, the "
    "mutual information is at its ceiling. The rate of an image is the price of naming it.",
    "after (8.5)",
    siblings=(
        _own_images(
            "100",
            4.61,
            "It is $\\log 100 = 4.61$: nothing but the price of naming one of the images.",
        ),
        Practice(
            Predict(
                "8/own-images",
                "The networks of chapter 6 stay as they are, with 40 latent dimensions and narrow "
                "posteriors, and the aggregate posterior of 10,000 training images becomes the "
                "prior. Compare the mean rate of test images under it, on the left, with their "
                "rate under $\\mathcal{N}(0, I)$, on the right.",
                what="relation",
            ),
            answer=">",
            why="About 67 nats against 26: the codes of new images fall between the narrow "
            "components.",
        ),
    ),
)


def _best_prior(statement, first, lines, reasons, right, answer, why, hint, place="", siblings=()):
    return Practice(
        Locate(
            "8/costs-nothing",
            statement,
            frame=Frame(PAIRS, first),
            lines=lines,
            reasons=reasons,
            right_reason=right,
        ),
        place,
        answer=answer,
        why=why,
        hints=(
            "Read each line as an average over pairs, and ask what has changed from the line "
            "above.",
            hint,
        ),
        siblings=siblings,
    )


COSTS_NOTHING = _best_prior(
    "Somebody claims to prove that under the best prior, $p(z) = q(z)$, the mean rate is 0. Which "
    "line breaks first, and why?",
    "Sum(q(m)*KL(q(z|m), q(z)), m)",
    ("= E(log(q(z|m)) - log_q(z))", "= E(log_q(z) - log_q(z))", "= 0"),
    {
        "i": "A density is averaged over the images inside the logarithm instead of outside.",
        "ii": "The prior has to be a density that does not depend on the images.",
        "iii": "The logarithm has no value where a posterior is 0.",
    },
    "i",
    {"line": "c", "reason": "i"},
    "What is left of the rate is the mutual information. It is 0 only if all posteriors are the "
    "same, and then averaging them changes nothing.",
    "Which line would still be right if all posteriors were the same, and is wrong otherwise?",
    "end of 8.2",
    siblings=(
        _best_prior(
            "Somebody claims to prove that a code always gives its image away: that the mutual "
            "information is $\\operatorname{H}(q(m))$. Which line breaks first, and "
            "why?",
            "E(log(q(z|m)) - log_q(z))",
            ("= E(log(q(m|z)) - log_q(m))", "= E(-log_q(m))", "= H(q(m))"),
            {
                "i": "Bayes' rule needs the probabilities of all images to be the same.",
                "ii": "The entropy of $m$ is $\\log N$ only if all images are equally probable.",
                "iii": "Where posteriors overlap, a draw does not give its image away.",
            },
            "iii",
            {"line": "c", "reason": "iii"},
            "Leaving $\\log q(m \\mid z)$ out is right with $\\le$, and with $=$ only if it is 0 "
            "for every pair.",
            "Which line would still be right if the posteriors did not overlap, and is wrong "
            "otherwise?",
        ),
    ),
)

# 8.3: two compromises


def _pull(far, answer, why, place="", siblings=()):
    return Practice(
        Predict(
            "8/pull",
            "In one dimension the prior is $\\tfrac12 \\mathcal{N}(z;\\, 0, 1) + "
            "\\tfrac12 \\mathcal{N}(z;\\, 10, 1)$. A draw $z$ pulls the mean $\\mu = 0$ of the "
            "first component to the right, by the derivative of $\\log p(z)$ with respect to "
            f"$\\mu$. Compare the pull of a draw at 1, on the left, with that of a draw at {far}, "
            "on the right.",
            what="relation",
        ),
        place,
        answer=answer,
        why=why,
        siblings=siblings,
    )


PULL = _pull(
    "10",
    ">",
    "The pull is $\\gamma_1(z)\\, z$, and it is 1 at $z = 1$. At 10 the other component explains "
    "the draw, $\\gamma_1 \\approx 2 \\cdot 10^{-22}$, and hardly anything is left of the pull.",
    "before (8.7)",
    siblings=(
        _pull(
            "5",
            "<",
            "The pull is $\\gamma_1(z)\\, z$: it is 1 at $z = 1$. Half-way between the components "
            "$\\gamma_1 = 1/2$, and the pull is 2.5.",
        ),
        _pull(
            "6",
            ">",
            "The pull is $\\gamma_1(z)\\, z$: it is 1 at $z = 1$. Already at 6 "
            "$\\gamma_1 = 0.00005$, and the pull is 0.0003.",
        ),
    ),
)

MAXIMUM_LIKELIHOOD = Practice(
    Choose(
        "8/maximum-likelihood",
        "The encoder is held fixed. Then the prior with the smallest mean rate is the one that "
        "gives draws $z \\sim q(z)$ the largest mean of $\\log p(z)$: that of maximum "
        "likelihood. Why?",
        choices={
            "a": "In the mean rate, only $-\\mathbb{E}_q[\\log p(z)]$ contains the prior.",
            "b": "The algorithm EM never lowers the likelihood of the draws.",
            "c": "The mutual information is at most $\\log N$ under every prior.",
            "d": "The marginal KL is 0 only if the prior is the aggregate posterior.",
        },
        right="a",
        misconceptions={
            "d": "True, but a mixture of few components seldom gets there. Which of them is best?",
            "b": "True, but it is one way up the hill and does not say which hill it should be.",
            "c": "True, but a bound on one part of the rate does not say where the other is "
            "smallest.",
        },
    ),
    "after (8.7)",
    heading=WHY_MAY_WE,
    why="The rest, $\\mathbb{E}_q[\\log q(z \\mid m)]$, is the encoder's alone. So the smallest "
    "mean rate, the smallest marginal KL and the largest likelihood belong to the same prior.",
    siblings=(
        Practice(
            Choose(
                "8/maximum-likelihood",
                "The components of a VampPrior are computed by the encoder. Why does the gradient "
                "of the mean rate with respect to the encoder's parameters do more than fit the "
                "prior to draws from $q(z)$ by maximum likelihood?",
                choices={
                    "a": "The pseudo-inputs are grey and not bits.",
                    "b": "All components have the same weight, $1/K$.",
                    "c": "They also move $q(z)$ and the mutual information.",
                    "d": "The rate has no closed form and is estimated.",
                },
                right="c",
                misconceptions={
                    "a": "True, but an encoder takes any numbers as its input.",
                    "b": "True, but a mixture with fixed weights can be fitted in this way, too.",
                    "d": "So it is for the learned mixture, which is fitted in this way.",
                },
            ),
            why="Maximum likelihood takes the draws as given. Here the parameters that fit the "
            "prior also decide where the draws lie.",
        ),
    ),
)


def _width(letter, words, kind, variance, solution, begin, place="", siblings=()):
    return Practice(
        Blank(
            "8/width",
            "The weight $a$ belongs to a component with mean $\\mu$ and "
            f"{words} in a mixture of two. How does $\\log p(z)$ change with ${begin}$? Fill the "
            "hole in the last line.",
            frame=Frame(
                Given(
                    z=real(),
                    a=between(0, 1),
                    mu=real(),
                    **{letter: kind},
                    nu=real(),
                    tau=positive(),
                ),
                f"D(log(p(z)), {letter})",
                {
                    "p_1(z)": f"normal(z, mu, {variance})",
                    "p(z)": "a*p_1(z) + (1-a)*normal(z, nu, tau**2)",
                    "gamma_1(z)": "a*p_1(z)/p(z)",
                },
            ),
            lines=(f"= a*D(p_1(z), {letter})/p(z)", "= gamma_1(z)*___"),
            at=2,
            solution=solution,
        ),
        place,
        why="A draw farther than $\\sigma$ from the mean widens the component, a nearer one "
        "narrows it, each in proportion to the responsibility.",
        hints=(
            "What stands in the hole is the derivative of $\\log p_1(z)$.",
            "The derivative of a density is the density times the derivative of its logarithm.",
            f"Begin with $\\log p_1(z)$, and look for ${begin}$ in its two terms.",
        ),
        siblings=siblings,
    )


WIDTH = _width(
    "sigma",
    "standard deviation $\\sigma$",
    positive(),
    "sigma**2",
    "((z-mu)**2 - sigma**2)/sigma**3",
    "\\sigma",
    "end of 8.3",
    siblings=(
        _width(
            "v",
            "log-variance $v$, so that $\\sigma^2 = \\mathrm{e}^v$,",
            real(),
            "exp(v)",
            "((z-mu)**2/exp(v) - 1)/2",
            "v",
        ),
    ),
)


def _where(statement, why, place="", siblings=()):
    return Practice(
        Predict(
            "8/where-from",
            f"{statement} Compare the fall of the distortion of the test images, on the left, with "
            "the fall of their rate, on the right.",
            what="relation",
        ),
        place,
        answer=">",
        why=why,
        siblings=siblings,
    )


WHERE_FROM = _where(
    "Section 8.5 trains networks of the same kind anew with $\\mathcal{N}(0, I)$ and with a "
    "mixture prior, three seeds each. From the one to the other $-\\operatorname{ELBO}$ falls by "
    "3.4 nats.",
    "The distortion falls by 2.0 nats, the rate by 1.4. For given networks a prior can lower "
    "nothing but the rate, by (8.2). Networks that are trained with it adapt: they probably say "
    "more about the image where that has become cheaper.",
    "end of 8.3",
    siblings=(
        _where(
            "Two VAEs with a latent plane are trained alike but for the prior, where it starts and "
            "how fast it learns: the first with $\\mathcal{N}(0, I)$, the second with a mixture. "
            "From the one to the other $-\\operatorname{ELBO}$ falls by 2.3 nats.",
            "The distortion falls by 2.25 nats, the rate by 0.05: what the prior saves is spent on "
            "saying more about the image.",
        ),
    ),
)

# 8.4: the dead

REVIVE = Practice(
    Choose(
        "8/revive",
        "A mixture of 500 components has one with a responsibility below $\\mathrm{e}^{-50}$ at "
        "every draw. Which change makes the next gradient steps move its mean?",
        choices={
            "a": "A learning rate for the prior that is a hundred times as high.",
            "b": "A weight of 1/2 for this component, in place of 1/500.",
            "c": "A place at the code of a training image, and the posterior's width there.",
            "d": "Five hundred more components, with means drawn from $\\mathcal{N}(0, I)$.",
        },
        right="c",
        misconceptions={
            "a": "A hundred is less than $\\mathrm{e}^5$, and the pull stays below "
            "$\\mathrm{e}^{-40}$.",
            "b": "This adds some six nats to the log-responsibility, of the fifty that are "
            "lacking.",
            "d": "More components share the same draws, and the responsibility of this one only "
            "falls.",
        },
    ),
    "end of 8.4",
    why="A draw pulls in proportion to the responsibility. There has to be a draw which the "
    "component explains as well as the others do, or better.",
    siblings=(
        Practice(
            Choose(
                "8/revive",
                "In 40 dimensions 100 components begin with equal weights and with means drawn "
                "from $\\mathcal{N}(0, I)$. Why does the code of an image pull at one of them and "
                "hardly at the rest?",
                choices={
                    "a": "The softmax makes one of the weights nearly 1.",
                    "b": "Their log-densities at one place differ by many nats.",
                    "c": "One draw of $z$ can lie in one component only.",
                    "d": "The warm-up leaves the rate out at the beginning.",
                },
                right="b",
                misconceptions={
                    "a": "The weights are equal at the start.",
                    "c": "Every component has a density there. How do these densities compare?",
                    "d": "A small weight of the rate makes all pulls smaller alike.",
                },
            ),
            why="A log-density sums over 40 coordinates, and so do the differences. The "
            "responsibilities are their softmax, and the largest takes nearly all.",
        ),
    ),
)

# 8.5: three priors

SAYS = {
    "a": "it shows what is claimed",
    "b": "it shows the opposite",
    "c": "it does not tell",
}


def _evidence(items, key, why, place="", siblings=()):
    return Practice(
        Match(
            "8/what-tables-say",
            "Each of these gives evidence from section 8.5, and then a claim. What does the "
            "evidence say of the claim?",
            items=items,
            partners=SAYS,
            key=key,
        ),
        place,
        why=why,
        siblings=siblings,
    )


WHAT_TABLES_SAY = _evidence(
    {
        "1": "NLL of three seeds each: 82.8 to 82.9 with a mixture, 85.6 to 85.8 with "
        "$\\mathcal{N}(0, I)$. At these settings the mixture does better, and that is no luck of "
        "the seed.",
        "2": "NLL of three seeds each: 82.8 to 82.9 with a mixture, 83.3 to 83.5 with a VampPrior, "
        "and most trials of settings were made with the mixture. A mixture is the better idea.",
        "3": "Active dimensions: 24 to 26 with learned priors, 21 or 22 with $\\mathcal{N}(0, I)$. "
        "With a learned prior the encoder uses fewer dimensions.",
        "4": "NLL with a VampPrior: 83.4 here, 85.57 published, on other bits. The model here is "
        "better than the published one.",
    },
    {"1": "a", "2": "c", "3": "b", "4": "c"},
    "Seeds tell what chance does at given settings. They do not make up for settings that were "
    "chosen for one side, or for another data set.",
    "end of 8.5",
    siblings=(
        _evidence(
            {
                "1": "Active dimensions: 21 or 22 with $\\mathcal{N}(0, I)$, and 14 in the run "
                "without warm-up; 24 or 25 with a mixture, and 20 without. Under both priors the "
                "run without warm-up uses fewer dimensions.",
                "2": "−ELBO with a mixture: 85.8 to 86.0, and 85.7 in the run without warm-up. "
                "That run ends with a worse bound than those with a warm-up.",
                "3": "NLL with a mixture: 82.8 to 82.9, and 83.0 in the run with the whole "
                "gradient. With $\\mathcal{N}(0, I)$ the whole gradient costs as much.",
                "4": "Minutes, measured beside other work: 9 for a run, and 6 for the run with the "
                "whole gradient. The whole gradient makes training a third faster.",
            },
            {"1": "a", "2": "b", "3": "c", "4": "c"},
            "What was not run cannot be read off, and a number with a large error of its own "
            "decides little.",
        ),
    ),
)

# 8.6: where the nats come from

SPLIT = Practice(
    Compute(
        "8/what-is-left",
        "For $n = {n}$ test images the mean rate is $r = {r}$ nats, and every draw of $z$ gives "
        "its image away. How large is the marginal KL, in nats?",
        frame=Frame(Given(n=positive(), r=positive())),
        key="r - log(n)",
        tolerance=0.005,
        choices={"n": (1000, 2000, 10000), "r": (25, 26, 30)},
        slips={
            "log(n)": "This is one of the two parts of the rate. Which?",
            "r": "Some of the rate is paid for saying which image is meant.",
            "r + log(n)": "The rate is the sum of the two parts.",
            "r - log(n)/log(2)": "In nats, the logarithm is the natural one.",
        },
    ),
    "end of 8.6",
    why="The mutual information is at its ceiling, $\\log n$, and the rest of the rate is marginal "
    "KL. At the same rate, more images would make the one larger and the other smaller.",
    hints=(
        "By (8.2) the mean rate has two parts. Find the other one.",
        "The mutual information has a ceiling, and (8.4) says when it is reached.",
        "What does it take to name one of $n$ images?",
    ),
)

# 8.7: look at the prior

HOLES = Practice(
    Compute(
        "8/holes",
        "A share $h = {h}$ of all samples from a prior falls into holes, where $q(z) = 0$. "
        "Everywhere else $p(z)$ is proportional to the aggregate posterior $q(z)$. How large is "
        "the marginal KL, in nats?",
        frame=Frame(Given(h=between(0, 1))),
        key="-log(1-h)",
        tolerance=0.005,
        choices={"h": ("1/10", "1/5", "1/4", "1/3")},
        slips={
            "-log(h)": "The expectation is under $q$, which never meets a hole.",
            "-(1-h)*log(1-h)": "The logarithm is averaged over draws from $q$, not from $p$.",
            "log(1-h)": "A divergence is not negative.",
            "h": "How much smaller than $q$ is $p$ outside the holes? Take the logarithm.",
        },
    ),
    "end of 8.7",
    why="Outside the holes $p = (1 - h)\\, q$. A bad share of the samples costs little: with a "
    "third of them unreadable, 0.41 nats. Judge samples by looking at them, not by the bound.",
    hints=(
        "The marginal KL is an expectation under $q(z)$.",
        "Where $q$ is not 0, $p = c\\, q$ with one number $c$.",
        "Outside the holes $p$ has the mass $1 - h$, and $q$ has the mass 1.",
    ),
)

# 8.8: what the components know

ACCURACIES = Practice(
    Compute(
        "8/accuracies",
        "Three components sort images of ones and twos: the first has $a = {a}$ ones and 10 twos, "
        "the second 30 ones, the third 20 twos. How large is the cluster accuracy, as a share of "
        "all images?",
        frame=Frame(Given(a=positive())),
        key="(a+20)/(a+60)",
        tolerance=0.005,
        choices={"a": (40, 60, 90)},
        slips={
            "(a+50)/(a+60)": "This is the majority accuracy, where two components may have the "
            "same label.",
            "(a+20)/(a+30)": "An image counts as wrong, too, if its component has no label.",
            "50/(a+60)": "Another way to match would get more images right.",
            "40/(a+60)": "Another way to match would get more images right.",
        },
    ),
    "end of 8.8",
    why="One to one, the first component is named after the ones and the third after the twos, and "
    "all images of the second count as wrong. The majority accuracy counts them as right: it is "
    "$(a + 50)/(a + 60)$.",
    hints=(
        "Here a label may be given to one component only.",
        "There are two labels, so one of the three components gets none.",
        "Try the ways to give the labels, and count the images that are right.",
    ),
)

PRACTICE = (
    TWO_CODES,
    ONLY_Z,
    SHARED_CODES,
    AT_MOST_ONE,
    BEFORE_AND_AFTER,
    OWN_IMAGES,
    COSTS_NOTHING,
    PULL,
    MAXIMUM_LIKELIHOOD,
    WIDTH,
    WHERE_FROM,
    REVIVE,
    WHAT_TABLES_SAY,
    SPLIT,
    HOLES,
    ACCURACIES,
)
