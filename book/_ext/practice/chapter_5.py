"""Chapter 5: derivatives of averages, and the backward pass of one sample."""

from kl_utils.derivation import Given, gaussian, positive, real, vector
from kl_utils.exercises import (
    Blank,
    Choose,
    Compute,
    Condition,
    Frame,
    Locate,
    Match,
    Predict,
    Prove,
    Refute,
    Repair,
)

from . import WHY_MAY_WE, Practice, at

MEAN_STD = Given(mu=real(), sigma=positive())
Q = {"q": gaussian("mu", "sigma**2")}
DRAW = {"z": "mu + sigma*eps"}
NOISE = {"eps": gaussian("0", "1", of="eps")}


def both_move(f, of_z, numbers):
    """A claim on the average of a function that contains the mean itself."""
    return Practice(
        Refute(
            "5/parameter-in-both",
            rf"Let $q = \mathcal{{N}}(\mu, \sigma^2)$ and $f(z) = {of_z}$, which contains $\mu$. "
            rf"It is claimed that $\frac{{\partial}}{{\partial \mu}} \mathbb{{E}}_q[f(z)] = "
            rf"\mathbb{{E}}_q\bigl[\frac{{\partial}}{{\partial \mu}} f(z)\bigr]$. "
            "Find numbers for which this fails, and say why it does.",
            frame=Frame(MEAN_STD, f"D(E({f}), mu)", Q),
            claim=f"= E(D({f}, mu))",
            reasons={
                "a": r"The function $f$ has no upper bound, so that its average can be infinite.",
                "b": r"With $\mu$, the weights $q(z)$ change too, and the right side holds them "
                "fixed.",
                "c": "The right side is an average over a different distribution from that of the "
                "left side.",
            },
            right_reason="b",
        ),
        answer={"numbers": numbers, "reason": "b"},
        why=r"A parameter moves an average in two ways, through $q$ and through $f$. Under "
        r"$\mathbb{E}_q$ the derivative of $f$, at held $z$, is the second alone.",
        hints=(
            "Work out both sides, and compare.",
            r"The left side is the derivative of an average that you know: $\mathbb{E}_q[z] = \mu$ "
            r"and $\mathbb{E}_q[z^2] = \mu^2 + \sigma^2$.",
            r"On the right, $z$ is a letter like any other, and only the $\mu$ in $f$ counts.",
        ),
    )


def mean_of_score(setting, parameter, why, sign="0"):
    """The sign of the mean of a score."""
    return Practice(
        Predict(
            "5/mean-of-the-score",
            f"{setting} The score for ${parameter}$ is the derivative of $\\log q(z)$ with respect "
            f"to ${parameter}$, at held $z$. What is the sign of its mean over $z \\sim q$?",
            what="sign",
        ),
        answer=sign,
        why=why,
    )


def constant(value, sigma, spread, within):
    """How noisy the score function is for a constant."""
    return Practice(
        Predict(
            "5/noise-of-a-constant",
            rf"Let $f(z) = {value}$ for all $z$, and $q = \mathcal{{N}}(\mu, {sigma}^2)$. The "
            r"derivative of $\mathbb{E}_q[f(z)]$ with respect to $\mu$ is 0, and the score "
            r"function estimates it by $f(z)\,(z - \mu)/\sigma^2$. What is the standard deviation "
            "of this estimate from one draw?",
            what="number",
        ),
        answer=spread,
        within=within,
        why=rf"It is {value} times the standard deviation of the score, which is $1/\sigma$. The "
        "value of $f$ at one draw does not tell a constant from a slope; the pathwise estimate "
        "$f'(z)$ is 0 for every draw.",
    )


def moved_mean(mu, sigma, eps, z, sign, why):
    """The sign of the derivative along a draw."""
    return Practice(
        Predict(
            "5/move-the-mean",
            rf"Let $\mu = {mu}$, $\sigma = {sigma}$ and $\varepsilon = {eps}$, so that the draw is "
            rf"$z = \mu + \sigma\varepsilon = {z}$. Now $\mu$ rises a little, and $\varepsilon$ "
            r"stays. What is the sign of the change in $t = \log q(z) - \log p(z)$, for "
            r"$q = \mathcal{N}(\mu, \sigma^2)$ and $p = \mathcal{N}(0, 1)$?",
            what="sign",
        ),
        answer=sign,
        why=why,
    )


def without_direct_path(parameter, where, short, full, why):
    """The means of two passes."""
    return Practice(
        Predict(
            "5/dropped-on-average",
            rf"Let $p = \mathcal{{N}}(0, 1)$, $z = \mu + \sigma\varepsilon$ and "
            rf"$t = \log q(z) - \log p(z)$, at {where}. The derivative of $t$ with respect to "
            rf"${parameter}$ is ${full}$; without the direct path from ${parameter}$ to "
            rf"$\log q(z)$, one finds ${short}$. The mean of the second over all draws stands on "
            "the left, that of the first on the right: which sign belongs between them?",
            what="relation",
        ),
        answer="=",
        why=why,
    )


def on_arrival(std, spread, within):
    """The noise of the pathwise gradient at the optimum."""
    return Practice(
        Predict(
            "5/noise-on-arrival",
            rf"Let $q = p = \mathcal{{N}}(0, {std}^2)$: there is nothing left to learn. Pathwise, "
            r"the gradient of $\operatorname{KL}(q \,\|\, p)$ with respect to $\mu$ is estimated "
            r"by the derivative of $t = \log q(z) - \log p(z)$ at a draw $z = \mu + "
            r"\sigma\varepsilon$. What is the standard deviation of $\partial t / \partial \mu$?",
            what="number",
        ),
        answer=spread,
        within=within,
        why=r"Since $\log q(z)$ at its own draw does not know $\mu$, the derivative is "
        r"$(z - \mu_p)/\sigma_p^2$, with the standard deviation $\sigma/\sigma_p^2$, here "
        r"$1/\sigma_p$. Its mean is 0, but a single draw is not: $t$ is 0 for all $z$ only as long "
        r"as $\mu$ stays.",
    )


def half_the_noise(variance_p, pull, low, high):
    """Where dropping the direct path halves the noise."""
    key = (f"{low} <= sigma**2", f"sigma**2 <= {high}")
    of_z, gradient = pull
    return Practice(
        Condition(
            "5/half-the-noise",
            rf"Let $q = \mathcal{{N}}(\mu, \sigma^2)$ and $p = \mathcal{{N}}(0, {variance_p})$. "
            r"From a draw $z = \mu + \sigma\varepsilon$, the gradient of "
            rf"$\operatorname{{KL}}(q \,\|\, p)$ with respect to $\mu$ is estimated by ${of_z}$, "
            rf"or, without the direct path, by ${of_z} - (z - \mu)/\sigma^2$. For which $\sigma$ "
            "is the standard deviation of the second at most half that of the first?",
            frame=Frame(
                MEAN_STD,
                f"Var_eps({gradient} - (z-mu)/sigma**2)",
                {**Q, **NOISE, **DRAW},
            ),
            claim=f"<= Var_eps({gradient})/4",
            key=key,
        ),
        why=r"Divide both standard deviations by the first: what is left to compare is "
        r"$\lvert 1 - \sigma_p^2/\sigma^2 \rvert$, the share of the noise that stays. It is small "
        r"only where $q$ is about as wide as $p$.",
        hints=(
            "The condition has two parts, one from each side.",
            r"Insert $z = \mu + \sigma\varepsilon$: either standard deviation is the absolute "
            r"value of the factor of $\varepsilon$.",
            r"Divide by the first factor, and solve for $\sigma_p^2/\sigma^2$, where $\sigma_p^2$ "
            "is the variance of $p$.",
        ),
    )


def product_with_score(first, lines, factor, breaks):
    """A proof that drops the score although it is multiplied by something."""
    return Practice(
        Locate(
            "5/score-times-something",
            rf"Let $z = \mu + \sigma \varepsilon$. Somebody computes a mean in which the score is "
            rf"multiplied by ${factor}$. Which line breaks first, and why?",
            frame=Frame(MEAN_STD, first, {**Q, **NOISE, **DRAW}),
            lines=lines,
            reasons={
                "i": r"The score has mean zero only where $\mu = 0$.",
                "ii": "The mean of a difference is not the difference of the means.",
                "iii": f"The score has mean zero, but ${factor}$ is correlated with it.",
                "iv": r"Under $\mathbb{E}_\varepsilon$ the mean of $z$ is 0, as is that of "
                r"$\varepsilon$.",
            },
            right_reason="iii",
        ),
        answer={"line": breaks, "reason": "iii"},
        why=r"The mean of the score is 0; the mean of the score times a function of the draw is "
        r"the derivative of that function's average, by (5.2). For a constant, that is 0.",
    )


def score_blank(statement, frame, lines, solution, why, hints):
    """A score with a hole in it."""
    return Practice(
        Blank("5/score-blank", statement, frame=frame, lines=lines, at=2, solution=solution),
        why=why,
        hints=hints,
    )


def paths(items, key, why):
    """Which functions have a pathwise gradient that is right."""
    return Practice(
        Match(
            "5/whole-path",
            r"A program estimates the derivative of $\mathbb{E}_q[f(z)]$ with respect to $\mu$, "
            r"for $q = \mathcal{N}(\mu, \sigma^2)$, by the mean of $f'(z)$ over draws. "
            "What does it get for these functions?",
            items=items,
            partners={
                "a": "the derivative, up to chance",
                "b": "0 from every draw, which is wrong",
                "c": "a mean that is not 0, and wrong",
            },
            key=key,
        ),
        why=why,
    )


def wrong_pull(letter, first, wrong, solution, why):
    """A backward pass whose last line is wrong, for a prior of any mean and width."""
    given = Given(mu=real(), sigma=positive(), eps=real(), m=real(), tau=positive())
    meanings = {
        **Q,
        **DRAW,
        "p": gaussian("m", "tau**2"),
        "r": "log_q(z)",
        "s": "log_p(z)",
    }
    return Practice(
        Repair(
            "5/wrong-pull",
            r"Let $q = \mathcal{N}(\mu, \sigma^2)$ and $p = \mathcal{N}(m, \tau^2)$, and "
            r"$r = \log q(z)$ and $s = \log p(z)$ with $z = \mu + \sigma\varepsilon$. Somebody "
            rf"differentiates $r - s$ with respect to ${letter}$, and gets the last line wrong. "
            "Mend it.",
            frame=Frame(given, first, meanings),
            lines=(wrong,),
            at=1,
            solution=solution,
        ),
        why=why,
        hints=(
            "Take the two derivatives one at a time; $z$ follows the parameters in both.",
            r"Of $r$ at its own draw, (5.18c) says what is left.",
            rf"$s$ is reached through $z$ alone: the slope of $\log p$ at $z$, times "
            rf"$\partial z / \partial {letter}$.",
        ),
    )


def losses(items, key, why):
    """Which losses have the right gradient, draw by draw and on average."""
    return Practice(
        Match(
            "5/four-losses",
            "Let `z = mu + sigma*eps` and `t = log_q(z, mu, sigma) - log_p(z)` in PyTorch, with "
            r"$q = \mathcal{N}(0.7, 0.4^2)$ and $p = \mathcal{N}(0, 1)$. Four losses are "
            r"differentiated with respect to $\mu$. Which gradient is the derivative of $t$ for "
            r"every draw, and which has at least the right mean?",
            items=items,
            partners={
                "a": "the derivative of $t$",
                "b": "another gradient, with the right mean",
                "c": "another gradient, with a wrong mean",
            },
            key=key,
        ),
        why=why,
    )


def mean_of_t(q, p, covariances, goal, shown, lines, why):
    """A divergence in n dimensions that are all of one width."""
    given = Given(n=range(1, 4), mu=vector("n"), sigma=positive())
    meanings = {
        "q": gaussian("mu", covariances[0]),
        "p": gaussian("0", covariances[1]),
    }
    return Practice(
        Prove(
            "5/mean-of-t",
            r"The score function multiplies the score by $t = \log q(z) - \log p(z)$, whose mean "
            rf"is $\operatorname{{KL}}(q \,\|\, p)$. Let $q = {q}$ and $p = {p}$ in $n$ "
            f"dimensions. Prove that the mean is ${shown}$.",
            frame=Frame(given, "KL(q, p)", meanings),
            goal=goal,
        ),
        answer={"lines": [{"text": text, "reason": reason} for text, reason in lines]},
        why=why,
        hints=(
            "Write out the divergence, then both log-densities, then evaluate what is left.",
            r"$\log \det (\sigma^2 I) = 2 n \log \sigma$, and the terms with $2\pi$ cancel.",
            "Begin with `= E(log_q(z) - log_p(z))`.",
        ),
    )


OPENING = ("1/mean-square", "1/whose-variance")

PRACTICE = (
    at(
        "end of 5.1",
        both_move("mu*z", r"\mu z", {"mu": 1, "sigma": 1}),
        both_move("mu*z**2", r"\mu z^2", {"mu": 1, "sigma": 1}),
        both_move("z + mu", r"z + \mu", {"mu": 0, "sigma": 1}),
    ),
    at(
        "before (5.4)",
        mean_of_score(
            r"Let $q = \mathcal{N}(0, 2^2)$.",
            r"\sigma",
            "It is 0, as for every score to which (5.2) applies: it is the derivative of "
            r"$\int q(z)\,\mathrm{d}z = 1$. About 68% of the draws have a negative score; the "
            r"others, farther than $\sigma$ from the mean, make up for them.",
        ),
        mean_of_score(
            r"Let $q(z) = \lambda\,\mathrm{e}^{-\lambda z}$ for $z > 0$, with $\lambda = 3$.",
            r"\lambda",
            r"It is 0: the mean of $1/\lambda - z$ vanishes, since $1/\lambda$ is the mean of $q$. "
            "About 63% of the draws have a positive score, and the others make up for them.",
        ),
        mean_of_score(
            r"Let $q$ be uniform on the interval from 0 to $\theta$, with $\theta = 2$.",
            r"\theta",
            r"The density is $1/\theta$, so the score is $-1/\theta$ for every draw. Scores have "
            "the mean 0 where the derivative may leave the integral; here an edge moves at which "
            "the density jumps, and it may not.",
            "-",
        ),
    ),
    Practice(
        Choose(
            "5/why-exchange",
            r"The score has mean zero because $\int \frac{\partial}{\partial \mu} q(z) "
            r"\,\mathrm{d}z = \frac{\partial}{\partial \mu} \int q(z) \,\mathrm{d}z$, the step to "
            r"(5.5c). For $q = \mathcal{N}(\mu, \sigma^2)$, which fact allows it?",
            choices={
                "a": r"For every value of $\mu$, the density $q(z)$ integrates to 1.",
                "b": r"For every $z$, the density $q(z)$ is a differentiable function of $\mu$.",
                "c": r"Near the given $\mu$, one integrable function of $z$ bounds all the slopes "
                r"of $q(z)$ in $\mu$.",
                "d": r"For every value of $\mu$, $q(z)$ falls to 0 as $z \to \pm\infty$.",
            },
            right="c",
            misconceptions={
                "a": "True, and the last line rests on it. But every density integrates to 1, even "
                r"the uniform one on $(0, \theta)$, whose score has the mean $-1/\theta$.",
                "b": "True, and needed. But an integral adds up infinitely many points, and what "
                "holds at each of them need not hold for the total.",
                "d": r"True, but it compares values of $q$ at one $\mu$, and says nothing of how "
                r"they change with $\mu$.",
            },
        ),
        "after (5.5)",
        why="This is dominated convergence: one integrable bound for all difference quotients, so "
        "that no mass is lost while the step goes to 0. For a Gaussian the bound is easy to "
        "find; at an edge that moves there is none.",
        heading=WHY_MAY_WE,
    ),
    at(
        "end of 5.2",
        score_blank(
            r"Let $q$ have the mean $\mu$ and the precision $\lambda = 1/\sigma^2$. "
            r"Fill the hole in the score for $\lambda$.",
            Frame(
                Given(mu=real(), lam=positive(), z=real()),
                "D(log_q(z), lam)",
                {"q": gaussian("mu", "1/lam")},
            ),
            ("= D(log(lam)/2 - lam*(z-mu)**2/2, lam)", "= ___ - (z-mu)**2/2"),
            "1/(2*lam)",
            r"The score is half the variance minus half the squared distance of the draw from the "
            r"mean. Its own mean is 0, as (5.5) requires, since $1/\lambda$ is the variance.",
            (
                "The quadratic term is differentiated already; one term is left.",
                "Every score has the mean 0, so the hole is the mean of what is subtracted.",
                r"Differentiate $\frac12 \log \lambda$.",
            ),
        ),
        score_blank(
            r"Let $q$ have the mean $\mu$ and the variance $\mathrm{e}^w$. "
            "Fill the hole in the score for $w$.",
            Frame(
                Given(mu=real(), w=real(), z=real()),
                "D(log_q(z), w)",
                {"q": gaussian("mu", "exp(w)")},
            ),
            ("= D(-w/2 - (z-mu)**2*exp(-w)/2, w)", "= ___ - 1/2"),
            "(z-mu)**2*exp(-w)/2",
            r"With $\varepsilon$ for the draw in standard units the score is "
            r"$\frac12(\varepsilon^2 - 1)$, for every width of $q$. Its mean is 0.",
            (
                "The linear term is differentiated already; one term is left.",
                "Every score has the mean 0, so the mean of the hole is one half.",
                r"The derivative of $\mathrm{e}^{-w}$ is $-\mathrm{e}^{-w}$.",
            ),
        ),
    ),
    Practice(
        Choose(
            "5/why-under-the-noise",
            r"With $z = \mu + \sigma\varepsilon$, the derivative with respect to $\mu$ may go "
            r"inside the average $\mathbb{E}_\varepsilon[f(z)]$, as in (5.8c). Inside "
            r"$\mathbb{E}_q[f(z)]$ it may not. What makes the difference?",
            choices={
                "a": r"For a fixed $\varepsilon$, the draw $z$ moves with the slope 1 in $\mu$.",
                "b": r"The density of $\varepsilon$ is the same for every value of $\mu$.",
                "c": r"The draw $z = \mu + \sigma\varepsilon$ has the density $q$ for every $\mu$.",
                "d": r"The average $\mathbb{E}_\varepsilon$ is linear, whatever is averaged.",
            },
            right="b",
            misconceptions={
                "a": "True, and the chain rule of the last line needs it. But it says how $f(z)$ "
                "moves, not that nothing else does.",
                "c": "True, and it makes the second line equal to the first. That two averages are "
                "equal does not say where a derivative may go.",
                "d": r"True, but $\mathbb{E}_q$ is linear as well, and there the step was wrong.",
            },
        ),
        "after (5.8)",
        why="An average moves with its weights and with its function. Here the weights stay put, "
        "so the derivative meets the function alone; then it is enough that $f$ has no jumps and "
        "that its slope does not grow too fast.",
        heading=WHY_MAY_WE,
    ),
    at(
        "before (5.9)",
        constant(100, 0.5, 200, 5),
        constant(10, 0.1, 100, 3),
        constant(3, 2, 1.5, 0.05),
    ),
    Practice(
        Compute(
            "5/slope-in-sigma",
            r"Let $q = \mathcal{N}(\mu, \sigma^2)$ with $\mu = {mu}$ and $\sigma = {sigma}$. "
            r"Compute the derivative of $\mathbb{E}_q[z^3]$ with respect to $\sigma$.",
            frame=Frame(MEAN_STD, meanings=Q),
            key="D(E(z**3), sigma)",
            tolerance=0.005,
            choices={"mu": (1, -1, 4), "sigma": (2, 3, "1/2")},
            slips={
                "E(D(z**3, z))": r"This is the derivative with respect to $\mu$. What is "
                r"$\partial z / \partial \sigma$?",
                "E(D(D(z**3, z), z))": r"This is the derivative with respect to $\sigma^2/2$. What "
                r"does the chain rule add?",
            },
        ),
        "end of 5.3",
        answer="6*mu*sigma",
        why=r"Pathwise, it is $\mathbb{E}_\varepsilon[3 z^2 \varepsilon]$ with "
        r"$z = \mu + \sigma\varepsilon$, and of the square only the mixed term "
        r"$2\mu\sigma\varepsilon$ survives: $6\mu\sigma$.",
        hints=(
            r"Write the average under $\mathbb{E}_\varepsilon$, and take the derivative inside.",
            r"By the chain rule this is $3z^2$ times $\partial z/\partial\sigma = \varepsilon$.",
            r"Insert $z = \mu + \sigma\varepsilon$; the odd moments of $\varepsilon$ are 0.",
        ),
    ),
    at(
        "end of 5.4",
        paths(
            {
                "1": r"$f(z) = \lvert z \rvert$",
                "2": "$f(z) = 1$ for $z > 0$, and 0 elsewhere",
                "3": "$f(z) = z + 1$ for $z > 0$, and $z$ elsewhere",
                "4": r"$f(z) = \max(z, 0)$",
            },
            {"1": "a", "2": "b", "3": "c", "4": "a"},
            "A kink is harmless, as $f$ gains nothing there. What it gains in a jump is lost, "
            "whatever else it does: the third estimate is 1, and $q(0)$ is missing.",
        ),
        paths(
            {
                "1": r"$f(z) = \lfloor z \rfloor$, the largest whole number up to $z$",
                "2": r"$f(z) = z - \lfloor z \rfloor$, the rest",
                "3": r"$f(z) = \lvert z - 1 \rvert + \lvert z + 1 \rvert$",
                "4": r"$f(z) = \sin z$",
            },
            {"1": "b", "2": "c", "3": "a", "4": "a"},
            "Kinks are harmless, jumps are not. The slope of the second is 1 wherever there is "
            "one, although its values never leave the interval from 0 to 1.",
        ),
    ),
    at(
        "before (5.16)",
        moved_mean(
            0.7,
            0.4,
            1.5,
            1.3,
            "+",
            r"The draw moves along with $q$, so that $\log q(z)$ stays, while $\log p(z)$ falls at "
            r"$z = 1.3$: $\partial t / \partial \mu = z$. Whoever holds $\mu$ in the formula of "
            r"$\log q$ finds $z - \varepsilon/\sigma = -2.45$, the wrong sign.",
        ),
        moved_mean(
            0.5,
            0.2,
            -3,
            -0.1,
            "-",
            r"It is $\partial t / \partial \mu = z = -0.1$: $\log q(z)$ stays, as the draw moves "
            r"along with $q$, and $\log p(z)$ rises. Without the direct path one finds "
            r"$z - \varepsilon/\sigma = 14.9$.",
        ),
        moved_mean(
            -1,
            0.5,
            -2,
            -2,
            "-",
            r"It is $\partial t / \partial \mu = z = -2$: moving to the right, the draw climbs "
            r"$\log p$, and $\log q(z)$ stays. Without the direct path one finds "
            r"$z - \varepsilon/\sigma = 2$.",
        ),
    ),
    at(
        "end of 5.5",
        wrong_pull(
            r"\sigma",
            "D(r, sigma) - D(s, sigma)",
            "= -1/sigma - eps*(z - m)/tau**2",
            "= eps*(z - m)/tau**2 - 1/sigma",
            r"The slope of $\log p$ at $z$ is $-(z - m)/\tau^2$, and $\log p$ stands in $r - s$ "
            r"with a minus. Descent on $r - s$ moves the draw towards $m$, while $-1/\sigma$ "
            "widens $q$.",
        ),
        wrong_pull(
            r"\mu",
            "D(r, mu) - D(s, mu)",
            "= (z - mu)/sigma**2 + (z - m)/tau**2",
            "= (z - m)/tau**2",
            r"The first term is the direct path alone; the path through $z$ into $r$ cancels it. "
            r"At its own draw, $\log q$ does not know $\mu$.",
        ),
    ),
    at(
        "before (5.19)",
        without_direct_path(
            r"\mu",
            r"$\mu = 0.7$ and $\sigma = 0.4$",
            r"z - (z - \mu)/\sigma^2",
            "z",
            r"Both are $\mu = 0.7$. What is left out is the score, which is large at single draws, "
            "and 0 on average.",
        ),
        without_direct_path(
            r"\sigma",
            r"$\mu = 2$ and $\sigma = \frac14$",
            r"\varepsilon\,\bigl(z - (z - \mu)/\sigma^2\bigr)",
            r"\varepsilon z - 1/\sigma",
            r"Both are $\sigma - 1/\sigma = -3.75$. What is left out is the score for $\sigma$, "
            "whose mean is 0, too.",
        ),
    ),
    Practice(
        Choose(
            "5/why-drop",
            r"With $z = \mu + \sigma\varepsilon$, the term "
            r"$\mathbb{E}_\varepsilon[(z - \mu)/\sigma^2]$ is dropped from the mean of a "
            "derivative, the step to (5.21c). Why may it be?",
            choices={
                "a": r"At its own draw, the log-density of $q$ does not depend on $\mu$.",
                "b": r"At $q = p$, $\log q(z) - \log p(z)$ has the slope 0 in $z$ at every draw.",
                "c": r"At the most probable draw, $z = \mu$, the fraction is equal to 0.",
                "d": "The fraction is the score of $q$, at draws that come from $q$ itself.",
            },
            right="d",
            misconceptions={
                "a": r"True, but it takes both paths from $\mu$ into $\log q(z)$ together. Here "
                "only one of them is dropped.",
                "b": r"True, but it is about another term, and the line is to hold for every $q$.",
                "c": "True, but an average takes in all draws. The fraction's square is 0 there, "
                "too, and has another mean.",
            },
        ),
        "after (5.21)",
        why="By (5.5) the mean of the score is 0. It has to be an average under $q$ itself, and "
        "the score has to stand alone: under other weights, or times something that depends on the "
        "draw, it may not be dropped.",
        heading=WHY_MAY_WE,
    ),
    at(
        "end of 5.6",
        product_with_score(
            "E_eps(z - z*(z-mu)/sigma**2)",
            (
                "= E_eps(z) - E_eps(z*(z-mu)/sigma**2)",
                "= E_eps(z) - E_eps(z)*E_eps((z-mu)/sigma**2)",
                "= E_eps(z)",
                "= mu",
            ),
            "z",
            "c",
        ),
        product_with_score(
            "E_eps(eps*(z - (z-mu)/sigma**2))",
            (
                "= E_eps(eps*z) - E_eps(eps*(z-mu)/sigma**2)",
                "= mu*E_eps(eps) + sigma*E_eps(eps**2) - E_eps(eps*(z-mu)/sigma**2)",
                "= sigma - E_eps(eps*(z-mu)/sigma**2)",
                "= sigma - E_eps(eps)*E_eps((z-mu)/sigma**2)",
                "= sigma",
            ),
            r"\varepsilon",
            "e",
        ),
    ),
    at(
        "end of 5.7",
        half_the_noise(1, ("z", "z"), "2/3", 2),
        half_the_noise(4, (r"\frac14 z", "z/4"), "8/3", 8),
        half_the_noise(9, (r"\frac19 z", "z/9"), 6, 18),
    ),
    at(
        "before (5.31)",
        on_arrival("(1/2)", 2, 0.05),
        on_arrival("(1/10)", 10, 0.3),
        on_arrival("4", 0.25, 0.01),
    ),
    Practice(
        Compute(
            "5/dropped-at-the-posterior",
            r"Let $p(z) = \mathcal{N}(z;\, 0, 1)$ and $p(x \mid z) = \mathcal{N}(x;\, z, \tau^2)$ "
            r"with $\tau = {tau}$. All of $\log q(z) - \log p(x, z)$ is sampled, at a draw from "
            r"$q = \mathcal{N}(\mu, \sigma^2)$ with $\sigma = {sigma}$. Compute the variance of "
            r"the gradient with respect to $\mu$ from one draw, without the direct path.",
            frame=Frame(Given(tau=positive(), sigma=positive())),
            key="(sigma*(1 + tau**2)/tau**2 - 1/sigma)**2",
            tolerance=0.005,
            choices={"tau": (1, 2, "1/2"), "sigma": (2, 3, "1/3")},
            slips={
                "(sigma - 1/sigma)**2": "This is for the prior. Which density takes its place?",
                "sigma**2*(1 + tau**2)**2/tau**4": "This is with the direct path.",
                "abs(sigma*(1 + tau**2)/tau**2 - 1/sigma)": "This is the standard deviation.",
            },
        ),
        "end of 5.8",
        why=r"The evidence has no derivative, so the target is the posterior, with "
        r"$\sigma_p^2 = \tau^2/(1 + \tau^2)$, and (5.32) applies. The datum $x$ itself does not "
        "matter.",
        hints=(
            "Find the density that takes the place of $p$, and then a formula of this section.",
            r"The posterior has the variance $\sigma_p^2 = \tau^2/(1 + \tau^2)$.",
            r"Begin with (5.32), and insert $\sigma_p^2$.",
        ),
    ),
    at(
        "end of 5.9",
        mean_of_t(
            r"\mathcal{N}(\mu, \sigma^2 I)",
            r"\mathcal{N}(0, I)",
            ("sigma**2*I", "I"),
            "(n*sigma**2 + T(mu)@mu - n)/2 - n*log(sigma)",
            r"\frac12 (n \sigma^2 + \mu^\top \mu - n) - n \log \sigma",
            (
                ("= E(log_q(z) - log_p(z))", "definition"),
                (
                    "= E(T(z)@z/2 - T(z-mu)@(z-mu)/(2*sigma**2)) - n*log(sigma)",
                    "both densities; the terms with 2 pi cancel",
                ),
                ("= (n*sigma**2 + T(mu)@mu)/2 - n/2 - n*log(sigma)", "moments of q"),
            ),
            r"If all dimensions are alike, $\mu^\top \mu$ is $n$ times $\mu_1^2$ and the mean of "
            "$t$ is $n$ times that of one dimension. A constant of this size on top of $t$ is what "
            "makes the score function so noisy; a baseline takes it away.",
        ),
        mean_of_t(
            r"\mathcal{N}(\mu, I)",
            r"\mathcal{N}(0, \sigma^2 I)",
            ("I", "sigma**2*I"),
            "(n + T(mu)@mu)/(2*sigma**2) - n/2 + n*log(sigma)",
            r"\frac{1}{2\sigma^2} (n + \mu^\top \mu) - \frac{n}{2} + n \log \sigma",
            (
                ("= E(log_q(z) - log_p(z))", "definition"),
                (
                    "= E(T(z)@z/(2*sigma**2) - T(z-mu)@(z-mu)/2) + n*log(sigma)",
                    "both densities; the terms with 2 pi cancel",
                ),
                ("= (n + T(mu)@mu)/(2*sigma**2) - n/2 + n*log(sigma)", "moments of q"),
            ),
            r"If all dimensions are alike, $\mu^\top \mu$ is $n$ times $\mu_1^2$, and the mean of "
            "$t$ is $n$ times that of one dimension.",
        ),
    ),
    at(
        "end of 5.10",
        losses(
            {
                "1": "`t + 100`",
                "2": "`t + 3*log_q(z.detach(), mu, sigma)`",
                "3": "`log_q(z, mu, sigma) - log_p(z.detach())`",
                "4": "`2*t - t.detach()`",
            },
            {"1": "a", "2": "b", "3": "c", "4": "c"},
            "A constant changes no derivative, and a multiple of the score no mean. The third is "
            r"$\log q$ at its own draw, which does not know $\mu$; the fourth has the value of "
            "$t$, and twice its gradient.",
        ),
        losses(
            {
                "1": "`t.detach()*log_q(z.detach(), mu, sigma)`",
                "2": "`log_q(z.detach(), mu, sigma) - log_p(z)`",
                "3": "`-log_p(z)`",
                "4": "`log_q(z.detach(), mu, sigma) - log_p(z.detach())`",
            },
            {"1": "b", "2": "b", "3": "a", "4": "c"},
            r"The first is the score function. At its own draw $\log q$ does not know $\mu$, so "
            "the third loses nothing; the second adds the score to that gradient, and the fourth "
            "is the score alone, with mean 0.",
        ),
    ),
    Practice(
        Compute(
            "5/doubly-from-two-draws",
            r"Two draws have the weights $w_1 = {w}$ and $w_2 = 1$, and $\log w_s$, as a function "
            r"of $z_s$, has the slopes {g} at $z_1$ and {h} at $z_2$. With "
            r"$z_s = \mu + \sigma \varepsilon_s$, compute this sample of the doubly "
            r"reparameterised gradient of $\operatorname{ELBO}_2$ with respect to $\mu$.",
            frame=Frame(Given(w=positive(), g=real(), h=real())),
            key="(w**2*g + h)/(w + 1)**2",
            tolerance=0.005,
            choices={"w": (3, 4, 2), "g": (2, -1, 3), "h": (5, -5, 7)},
            slips={
                "(w*g + h)/(w + 1)": "This drops the score, and keeps the factor $v_s$.",
                "w**2*g + h": "These are the weights squared. By what are they divided first?",
                "w*(g + h)/(w + 1)**2": "The factor $v_s (1 - v_s)$ is that of the score. What is "
                "left of $v_s$ without it?",
                "(w**2*g + h)/(w**2 + 1)": "This normalises the squares. Normalise first.",
            },
        ),
        "end of 5.11",
        why=r"The normalised weights are $v_1 = w_1/(w_1 + 1)$ and $v_2 = 1/(w_1 + 1)$, and each "
        r"slope has the factor $v_s^2$, since $\partial z_s / \partial \mu = 1$.",
        hints=(
            "Normalise the weights first.",
            r"Each draw adds $v_s^2 \, (\partial \log w_s / \partial z_s) \, "
            r"(\partial z_s / \partial \mu)$.",
        ),
    ),
)
