"""Chapter 6: a VAE on MNIST."""

from kl_utils.derivation import Given, between, gaussian, positive, real
from kl_utils.exercises import Blank, Choose, Compute, Frame, Match, Predict, Refute

from . import WHY_MAY_WE, Practice

OPENING = ("4/who-moved", "5/move-the-mean")

# 6.1: images as bits

GREY_PIXEL = Practice(
    Compute(
        "6/grey-pixel",
        "The grey value of a pixel is a share $a = {a}$ of full ink, and a model gives ink the "
        "probability $b = {b}$ there. How many nats does the pixel cost, on average over its "
        "binarisations?",
        frame=Frame(Given(a=between(0, 1), b=between(0, 1))),
        key="-a*log(b) - (1-a)*log(1-b)",
        tolerance=0.005,
        choices={"a": ("1/5", "2/5", "1/10"), "b": ("1/4", "3/10", "3/4")},
        slips={
            "-a*log(a) - (1-a)*log(1-a)": "These are the nats under the best probability of ink, "
            "not under the model's.",
            "-b*log(a) - (1-b)*log(1-a)": "Which of the two numbers says how often there is ink, "
            "and which is under the logarithm?",
            "-a*log(b)": "Where the pixel is paper, it costs something, too.",
        },
    ),
    "end of 6.1",
    why="Ink comes in a share $a$ of the binarisations and costs $-\\log b$, paper costs "
    "$-\\log(1 - b)$. It is the cross-entropy loss with the grey value in place of the bit.",
    hints=(
        "Two things can happen to the pixel. Find the cost of each.",
        "An event of probability $b$ costs $-\\log b$ nats.",
        "Begin with the share of ink times its cost: `-a*log(b)`.",
    ),
)

GREY_AVERAGE = Practice(
    Choose(
        "6/grey-average",
        "At given $\\lambda_d$, the average of $-\\log p(x)$ over the binarisations of a grey "
        "image is the same formula with the grey values $g_d / 255$ in place of the bits. Which "
        "fact makes it so?",
        choices={
            "a": "The formula is a convex function of each $\\lambda_d$.",
            "b": "The pixels are binarised independently of one another.",
            "c": "For given $\\lambda_d$, the formula is affine in each bit.",
            "d": "Many binarisations are drawn in the course of the training.",
        },
        right="c",
        misconceptions={
            "a": "It is, but the average here is over the bits, and convexity gives inequalities.",
            "b": "They are, but the mean of a sum is the sum of the means for dependent pixels, "
            "too.",
            "d": "That brings a sample mean near the average, but does not say what the average "
            "is.",
        },
    ),
    "end of 6.1",
    heading=WHY_MAY_WE,
    why="The mean of an affine function is the function at the mean, and the mean of $x_d$ is "
    "$g_d / 255$.",
    siblings=(
        Practice(
            Choose(
                "6/grey-average",
                "The squared error $\\sum_d (x_d - \\lambda_d)^2$, averaged over the binarisations "
                "$x$ of a grey image, is larger than $\\sum_d (g_d / 255 - \\lambda_d)^2$. For the "
                "cross-entropy loss the two are equal. What does it have that the squared error "
                "lacks?",
                choices={
                    "a": "It is affine in $x_d$, also between 0 and 1.",
                    "b": "It is a sum over the pixels.",
                    "c": "It is convex in each $\\lambda_d$.",
                    "d": "It has its minimum at the mean of the bits.",
                },
                right="a",
                misconceptions={
                    "b": "Both losses are sums over the pixels.",
                    "c": "Both losses are convex in $\\lambda_d$, and the average is over bits.",
                    "d": "On average over the bits, both have their minimum there.",
                },
            ),
            why="The mean of a square is the square of the mean plus the variance, so the squared "
            "error grows by the variance of the bits.",
        ),
    ),
)

# 6.2: the model


def _pixels(second, answer, why, place="", siblings=()):
    return Practice(
        Predict(
            "6/two-pixels",
            "An image has two pixels, and $z$ is one number, $z \\sim \\mathcal{N}(0, 1)$. For "
            "$z > 0$ the probability of ink $\\lambda_1(z)$ is $0.9$, for $z < 0$ it is $0.1$; "
            f"$\\lambda_2(z)$ {second}. With $z$ unknown, compare the probability that both pixels "
            "are ink, on the left, with that of the first times that of the second, on the right.",
            what="relation",
        ),
        place,
        answer=answer,
        why=why,
        siblings=siblings,
    )


TWO_PIXELS = _pixels(
    "is the same",
    ">",
    "Left $(0.81 + 0.01)/2 = 0.41$, right $0.25$. Given $z$ the pixels are independent; the "
    "average over $z$ makes them dependent.",
    "after (6.2)",
    siblings=(
        _pixels(
            "is $0.1$ for $z > 0$ and $0.9$ for $z < 0$",
            "<",
            "Left $0.09$, right $0.25$: the $z$ that make ink likely in one pixel make it unlikely "
            "in the other.",
        ),
        _pixels(
            "is $0.7$ for every $z$",
            "=",
            "Both are $0.35$: the second pixel does not depend on $z$, so nothing ties it to the "
            "first.",
        ),
    ),
)

DENSITIES = {
    "1": "$p(z)$",
    "2": "$p(x \\mid z)$",
    "3": "$q(z \\mid x)$",
    "4": "$p(x)$",
    "5": "$p(z \\mid x)$",
}

WHO_COMPUTES = Practice(
    Match(
        "6/who-computes",
        "How does the VAE of this section get at each of these?",
        items=DENSITIES,
        partners={
            "a": "from the output of the encoder",
            "b": "from the output of the decoder",
            "c": "from a formula that stays as it is",
            "d": "only by an integral over all $z$",
        },
        key={"1": "c", "2": "b", "3": "a", "4": "d", "5": "d"},
    ),
    "end of 6.2",
    why="Two networks and a fixed prior give three densities in closed form. The evidence needs "
    "the integral (6.3), and the posterior has the evidence in its denominator.",
    siblings=(
        Practice(
            Match(
                "6/who-computes",
                "A step of training changes the weights of the decoder or those of the encoder. "
                "With which weights can each of these change?",
                items={**DENSITIES, "6": "$\\operatorname{ELBO}(x)$"},
                partners={
                    "a": "with the decoder's weights alone",
                    "b": "with the encoder's weights alone",
                    "c": "with the weights of both",
                    "d": "with the weights of neither",
                },
                key={"1": "d", "2": "a", "3": "b", "4": "a", "5": "a", "6": "c"},
            ),
            why="The model is prior and decoder, and the evidence and the posterior are the "
            "model's. The encoder is a guess at the posterior, and of the rest only the bound "
            "depends on it.",
        ),
    ),
)

# 6.3: the objective


def _ignored(decoder, encoder, answer, why, place="", siblings=()):
    return Practice(
        Predict(
            "6/ignored-code",
            f"{decoder} {encoder} Compare $\\log p(x)$ on the left with the bound "
            "$\\operatorname{ELBO}(x)$ of chapter 4 on the right.",
            what="relation",
        ),
        place,
        answer=answer,
        why=why,
        siblings=siblings,
    )


_DEAF = "A decoder ignores its input: $p(x \\mid z)$ is the same number for every $z$."

IGNORED_CODE = _ignored(
    _DEAF,
    "The encoder ignores the image: $q(z \\mid x)$ is always the prior, $\\mathcal{N}(0, I)$.",
    "=",
    "If $z$ says nothing about $x$, the posterior is the prior, and the guess is exact. A bound "
    "without a gap does not make a good model.",
    "end of 6.2",
    siblings=(
        _ignored(
            _DEAF,
            "The encoder ignores the image, too: $q(z \\mid x)$ is always "
            "$\\mathcal{N}(z;\\, \\mu, I)$ with $\\mu = (1, 0, \\dots, 0)$.",
            ">",
            "The posterior is the prior, and the guess lies beside it: the bound loses "
            "$\\mu^\\top \\mu / 2 = 1/2$ nat.",
        ),
        _ignored(
            "A decoder uses its input: some $z$ make the image $x$ more probable than others.",
            "The encoder ignores the image: $q(z \\mid x)$ is always the prior, "
            "$\\mathcal{N}(0, I)$.",
            ">",
            "The posterior prefers the $z$ that explain $x$, so it is not the prior, and the bound "
            "loses the divergence of the prior from it.",
        ),
    ),
)


def _code_line(words, letter, variance, log_variance, place="", siblings=()):
    return Practice(
        Blank(
            "6/rate-in-code",
            f"In one dimension an encoder gives the mean $m$ of $q$ and {words}, and the prior is "
            "$\\mathcal{N}(0, 1)$. What fills the hole in the line that goes "
            "into the program?",
            frame=Frame(
                Given(m=real(), **{letter: real()}),
                "KL(q, p)",
                {"q": gaussian("m", variance), "p": gaussian("0", "1")},
            ),
            lines=(
                f"= (E(z**2) - E((z-m)**2)/{variance} - {log_variance})/2",
                f"= (___ - {log_variance} - 1)/2",
            ),
            at=2,
            solution=f"{variance} + m**2",
        ),
        place,
        why=f"$\\mathbb{{E}}_q[z^2]$ is the variance plus the squared mean, and the variance is "
        f"the exponential of ${log_variance.replace('*', '')}$.",
        hints=(
            "Two expectations are left in the line above. Find both.",
            "One is the variance of $q$. The other is the variance plus a square.",
            f"The variance of $q$ is `{variance}`.",
        ),
        siblings=siblings,
    )


RATE_IN_CODE = _code_line(
    "its log-variance $v$",
    "v",
    "exp(v)",
    "v",
    "end of 6.3",
    siblings=(_code_line("the logarithm $t$ of its standard deviation", "t", "exp(2*t)", "2*t"),),
)

ONE_DRAW = Practice(
    Choose(
        "6/one-draw",
        "The distortion is estimated from a single draw $z = \\mu + \\sigma \\odot \\varepsilon$, "
        "and the gradient of this estimate with respect to $\\mu$ and $\\sigma$ is right on "
        "average. What licenses this?",
        choices={
            "a": "A batch has many images, so that the errors of their draws average out.",
            "b": "The distribution of $\\varepsilon$ does not contain $\\mu$ or $\\sigma$.",
            "c": "The draws of $z$ have the distribution $q(z \\mid x)$, as they should.",
            "d": "The rate is computed in closed form and needs no draw at all.",
        },
        right="b",
        misconceptions={
            "a": "A batch makes the noise smaller. An average of gradients that are wrong on "
            "average would be wrong, too.",
            "c": "This makes the value right on average. A draw made in another way can have the "
            "same distribution and pass no gradient on.",
            "d": "It is, but the distortion is estimated, and its gradient is what is asked about.",
        },
    ),
    "end of 6.3",
    heading=WHY_MAY_WE,
    why="An expectation over $\\varepsilon$ weighs its draws in the same way whatever $\\mu$ and "
    "$\\sigma$ are, so its derivative is the average of the derivatives.",
    siblings=(
        Practice(
            Choose(
                "6/one-draw",
                "Where the rate has no closed form, $\\log q(z \\mid x) - \\log p(z)$ at one draw "
                "$z = \\mu + \\sigma \\odot \\varepsilon$ takes its place, and the whole gradient "
                "of this with respect to $\\mu$ and $\\sigma$ is right on average. What licenses "
                "this?",
                choices={
                    "a": "The score of $q$ has mean zero under $q$.",
                    "b": "The mean of the difference under $q$ is the rate.",
                    "c": "The prior does not contain $\\mu$ or $\\sigma$.",
                    "d": "The distribution of $\\varepsilon$ does not contain $\\mu$ or $\\sigma$.",
                },
                right="d",
                misconceptions={
                    "a": "So one part of the gradient may be left out. This does not say that the "
                    "other part, through $z$, is right.",
                    "b": "This makes the value right on average, and says nothing of gradients.",
                    "c": "It does not, and still the gradient through $z$ passes through it.",
                },
            ),
            why="With $\\varepsilon$ as the random variable, derivative and expectation change "
            "places, whatever smooth function of $\\mu$, $\\sigma$ and $\\varepsilon$ is averaged.",
        ),
    ),
)

# 6.4: the loop

LOOP = Practice(
    Match(
        "6/loop",
        "What is new whenever the loop comes to one of these lines? (`generator` is the source of "
        "chance.)",
        items={
            "1": "`batches(len(images), batch_size, generator)`",
            "2": "`binarize(images[indices], generator)`",
            "3": "`model.elbo_terms(x, generator)`",
            "4": "`optimizer.step()`",
        },
        partners={
            "a": "the bits of the images of one batch",
            "b": "the noise $\\varepsilon$, one draw for each image",
            "c": "which images come together in a batch",
            "d": "the weights of the networks",
            "e": "the grey values of the images",
        },
        key={"1": "c", "2": "a", "3": "b", "4": "d"},
    ),
    "end of 6.4",
    why="Chance enters in three places: the order of the images, their bits, and the draws of "
    "$z$. The grey values are data and never change.",
    siblings=(
        Practice(
            Match(
                "6/loop",
                "What happens if one of these lines is left out of the loop?",
                items={
                    "1": "`optimizer.zero_grad()`",
                    "2": "`optimizer.step()`",
                    "3": "`schedule.step()`",
                    "4": "`loss.backward()`",
                },
                partners={
                    "a": "The weights move, all the time at the first, small learning rate.",
                    "b": "The gradients of all batches so far are added up.",
                    "c": "The gradients are right, and the weights never move.",
                    "d": "There are no gradients, and the weights never move.",
                },
                key={"1": "b", "2": "c", "3": "a", "4": "d"},
            ),
            why="`loss.backward()` adds gradients to those that are there, `optimizer.step()` uses "
            "them, and `schedule.step()` only sets the size of the steps.",
        ),
    ),
)


def _warm_up(low, what, answer, why, place="", siblings=()):
    return Practice(
        Predict(
            "6/warm-up",
            "The model of the next section is trained on $\\text{distortion} + \\beta \\cdot "
            "\\text{rate}$, where $\\beta$ rises from 0 to 1 in the first forty of 96 epochs. "
            f"What is the sign of the change in {what} on the test images, while $\\beta$ rises "
            f"from ${low}$ to 1?",
            what="sign",
        ),
        place,
        answer=answer,
        why=why,
        siblings=siblings,
    )


WARM_UP = _warm_up(
    "1/2",
    "the distortion",
    "+",
    "It rises from 65.2 to 68.9 nats: as the rate gets dearer, the encoder buys less of it, and "
    "the decoder knows less about the image.",
    "end of 6.4",
    siblings=(
        _warm_up(
            "3/4",
            "the rate",
            "-",
            "It falls from 30.4 to 26.5 nats: its price has gone up, and less of it is bought.",
        ),
        _warm_up(
            "1/2",
            "$-\\operatorname{ELBO}$, the sum with weight 1,",
            "-",
            "It falls from 100.6 to 95.3 nats, although the distortion rises: training goes on, "
            "and the loss comes nearer to this sum.",
        ),
    ),
)

# 6.5: the trained model

LOSS_AS_BOUND = Practice(
    Choose(
        "6/loss-as-bound",
        "After epoch 20, $\\beta$ is $1/2$, and the test images have a distortion of 65.2 and a "
        "rate of 35.4 nats: a loss of $65.2 + 17.7 = 82.9$ nats. Another model, measured on the "
        "same bits, has an NLL, the mean of $-\\log p(x)$, of 85.7 nats. What do 82.9 and 85.7 say "
        "together?",
        choices={
            "a": "Nothing about which model is better, because 82.9 is no bound on our NLL.",
            "b": "Our model is worse, because its warm-up has not ended.",
            "c": "Our model is better, but by how much depends on the number of draws.",
            "d": "Our model is better, because its loss is an upper bound on its NLL.",
        },
        right="a",
        misconceptions={
            "d": "A sum with all of the rate is such a bound. How much of the rate is in this one?",
            "b": "That $\\beta$ is still rising does not say where the NLL is.",
            "c": "More draws make the estimate of a sum better; they do not make it another sum.",
        },
    ),
    "end of 6.5",
    why="With weight 1 the sum is 100.6 nats, and that is an upper bound on our NLL. With half of "
    "the rate left out, the loss may lie on either side of it.",
    siblings=(
        Practice(
            Choose(
                "6/loss-as-bound",
                "A model is trained with the constant weight $\\beta = 4$ on the rate. Its loss "
                "$\\text{distortion} + 4 \\cdot \\text{rate}$ on the test images is 130 nats. What "
                "does this say of its NLL, the mean of $-\\log p(x)$?",
                choices={
                    "a": "It is at most 130 nats.",
                    "b": "It is at least 130 nats.",
                    "c": "It is at most 130/4 nats.",
                    "d": "Nothing, as 4 is not 1.",
                },
                right="a",
                misconceptions={
                    "b": "Is distortion plus rate, with weight 1, above the NLL or below it?",
                    "c": "The weight is on the rate alone, so the sum cannot be divided by it.",
                    "d": "A rate is never negative. So in which direction does the weight move the "
                    "sum?",
                },
            ),
            why="More weight on a rate that is not negative can only raise the sum, and with "
            "weight 1 it is an upper bound already. With a weight below 1 this fails.",
        ),
    ),
)

# 6.6: active dimensions

DIMENSIONS = Practice(
    Match(
        "6/dimensions",
        "Here are, for four latent dimensions, the mean of $\\mu_i(x)$ over the images, its "
        "variance $\\operatorname{Var} \\mu_i$, and $\\sigma_i^2$, which is the same for all "
        "images. What is true of each?",
        items={
            "1": "mean 0, $\\operatorname{Var} \\mu_i = 0$, $\\sigma_i^2 = 1$",
            "2": "mean 2, $\\operatorname{Var} \\mu_i = 0$, $\\sigma_i^2 = 1/4$",
            "3": "mean 0, $\\operatorname{Var} \\mu_i = 0.9$, $\\sigma_i^2 = 0.1$",
            "4": "mean 0, $\\operatorname{Var} \\mu_i = 0.006$, $\\sigma_i^2 = 0.002$",
        },
        partners={
            "a": "active by the threshold 0.01, with a share of 0.9 of the variance",
            "b": "not active by the threshold 0.01, and yet with a share of 0.75",
            "c": "it costs rate and says nothing about the image",
            "d": "it costs no rate and says nothing about the image",
        },
        key={"1": "d", "2": "c", "3": "a", "4": "b"},
    ),
    "end of 6.6",
    why="What a dimension says lies in how $\\mu_i$ moves from image to image, against "
    "$\\sigma_i$. A rate alone does not tell: the second dimension pays for a mean that never "
    "moves.",
    siblings=(
        Practice(
            Match(
                "6/dimensions",
                "Here are, for four latent dimensions, the mean of $\\mu_i(x)$ over the images, "
                "its variance $\\operatorname{Var} \\mu_i$, and $\\sigma_i^2$, which is the same "
                "for all images. What is true of each?",
                items={
                    "1": "mean 0, $\\operatorname{Var} \\mu_i = 0$, $\\sigma_i^2 = 1/9$",
                    "2": "mean 0, $\\operatorname{Var} \\mu_i = 4$, $\\sigma_i^2 = 1$",
                    "3": "mean 0, $\\operatorname{Var} \\mu_i = 0$, $\\sigma_i^2 = 1$",
                    "4": "mean 5, $\\operatorname{Var} \\mu_i = 0.02$, $\\sigma_i^2 = 1.98$",
                },
                partners={
                    "a": "active by the threshold 0.01, and yet with a share of 0.01",
                    "b": "active by the threshold 0.01, with a share of 0.8 of the variance",
                    "c": "it costs no rate and says nothing about the image",
                    "d": "it costs rate and says nothing about the image",
                },
                key={"1": "d", "2": "b", "3": "c", "4": "a"},
            ),
            why="A narrow posterior that is the same for all images pays for precision that says "
            "nothing. And a variance of the means counts only against that of the draws.",
        ),
    ),
)

# 6.7: the negative log-likelihood


def _mean_estimate(draws, right, answer, why, place="", siblings=()):
    return Practice(
        Predict(
            "6/log-of-mean",
            "The encoder's $q(z \\mid x)$ is near the posterior but not equal to it. Draw "
            f"{draws} from it, and average the weights $p(x, z_s) / q(z_s \\mid x)$, each of which "
            "has mean $p(x)$. Minus the logarithm of this average is an estimate. Compare its mean "
            f"over many repetitions, on the left, with {right}, on the right.",
            what="relation",
        ),
        place,
        answer=answer,
        why=why,
        siblings=siblings,
    )


LOG_OF_MEAN = _mean_estimate(
    "100 codes $z_s$",
    "$-\\log p(x)$",
    ">",
    "The average has the right mean, so its logarithm is too low on average, by Jensen's "
    "inequality, and the estimate too high, for any number of draws.",
    "end of 6.6",
    siblings=(
        _mean_estimate(
            "ten codes $z_s$",
            "$-\\operatorname{ELBO}(x)$",
            "<",
            "With one draw its mean is $-\\operatorname{ELBO}(x)$. The average of ten weights "
            "varies less than one weight, and so its logarithm loses less.",
        ),
        _mean_estimate(
            "a single code $z_1$",
            "$-\\operatorname{ELBO}(x)$",
            "=",
            "It is minus the logarithm of one weight, whose mean under $q$ is "
            "$-\\operatorname{ELBO}(x)$ by definition.",
        ),
    ),
)

WEIGHTS_MEAN = Practice(
    Choose(
        "6/weights-mean",
        "Under $q(z \\mid x)$, the mean of each weight (6.8) is exactly $p(x)$. Which fact makes "
        "it so?",
        choices={
            "a": "The Gaussian $q(z \\mid x)$ is close to the posterior $p(z \\mid x)$.",
            "b": "The draws $z_1, \\dots, z_S$ are independent of one another.",
            "c": "The number of draws $S$ is large.",
            "d": "The Gaussian $q(z \\mid x)$ is nowhere 0.",
        },
        right="d",
        misconceptions={
            "a": "Then the weights are nearly equal, and an average of few is good. The mean is "
            "right for a poor $q$, too.",
            "b": "The mean of one weight does not ask about the other draws.",
            "c": "This brings the average near the mean of a weight, but does not move that mean.",
        },
    ),
    "after (6.9)",
    heading=WHY_MAY_WE,
    why="In $\\int q(z \\mid x) \\, \\frac{p(x, z)}{q(z \\mid x)} \\, \\mathrm{d}z$ the density "
    "$q$ cancels wherever it is not 0. Where it is 0, a part of the integral of $p(x, z)$ is "
    "missed.",
    siblings=(
        Practice(
            Choose(
                "6/weights-mean",
                "In place of the Gaussian, $q(z \\mid x)$ is uniform on a box in which most of the "
                "posterior lies. The prior is $\\mathcal{N}(0, I)$, and $p(x \\mid z) > 0$ "
                "everywhere. What is the mean of a weight $p(x, z_s) / q(z_s \\mid x)$?",
                choices={
                    "a": "exactly $p(x)$",
                    "b": "less than $p(x)$",
                    "c": "more than $p(x)$",
                    "d": "less or more than $p(x)$, as the draws fall",
                },
                right="b",
                misconceptions={
                    "a": "The density of the draws cancels only where it is not 0.",
                    "c": "Something is left out of an integral of positive numbers.",
                    "d": "An average over draws depends on how they fall; a mean does not.",
                },
            ),
            why="It is the integral of $p(x, z)$ over the box alone. More draws do not help: the "
            "rest is never visited.",
        ),
    ),
)


def _single_run(statement, evidence, numbers, place="", siblings=()):
    return Practice(
        Refute(
            "6/single-run",
            statement,
            frame=Frame(Given(a=positive(), b=positive()), "-log(a)"),
            claim=f">= -log({evidence})",
            reasons={
                "i": "The logarithm is convex, and so the estimate is too low on average.",
                "ii": "The bound holds for the mean over draws. One draw may lie on either side.",
                "iii": "The weights have infinite variance, and the estimate has no mean.",
                "iv": "With two values of $z$ the mean weight is not the evidence.",
            },
            right_reason="ii",
        ),
        place,
        answer={"numbers": numbers, "reason": "ii"},
        why="A draw with a weight above average gives an estimate below $-\\log p(x)$. Only the "
        "mean over the draws is an upper bound.",
        hints=(
            "Find weights for which the left side is below the right one.",
            f"As $-\\log$ is decreasing, the question is when $a$ is above `{evidence}`.",
            "Take one of the two weights to be 1.",
        ),
        siblings=siblings,
    )


SINGLE_RUN = _single_run(
    "A code $z$ can have two values, and $q(z \\mid x)$ gives each the probability $1/2$; their "
    "weights (6.8) are $a$ and $b$, so $p(x) = (a + b)/2$. Somebody claims: when the draw is the "
    "first value, the estimate with $S = 1$ is at least $-\\log p(x)$. Refute this.",
    "(a+b)/2",
    {"a": 2, "b": 1},
    "end of 6.7",
    siblings=(
        _single_run(
            "A code $z$ can have two values, with $q(z \\mid x) = (1/4, 3/4)$; their weights (6.8) "
            "are $a$ and $b$, so $p(x) = (a + 3b)/4$. Somebody claims: when the draw is the first "
            "value, the estimate with $S = 1$ is at least $-\\log p(x)$. Refute this.",
            "(a+3*b)/4",
            {"a": 3, "b": 1},
        ),
    ),
)

# 6.8: a latent space you can see

FAR_OUT = Practice(
    Compute(
        "6/far-out",
        "In a plane with the prior $\\mathcal{N}(0, I)$, two images have posteriors with the same "
        "standard deviations. One has its mean at the origin, the other at the distance $r = {r}$ "
        "from it. By how many nats is the rate of the second larger?",
        frame=Frame(Given(r=positive())),
        key="r**2/2",
        tolerance=0.005,
        choices={"r": (3, 4, "5/2", 5)},
        slips={
            "r**2": "A squared length, but the density of the prior has a factor in its exponent.",
            "r": "The prior falls off faster than in proportion to the distance.",
            "r/2": "The prior falls off faster than in proportion to the distance.",
        },
    ),
    "end of 6.8",
    why="In $\\tfrac12 \\sum_i (\\sigma_i^2 + \\mu_i^2 - \\log \\sigma_i^2 - 1)$ only "
    "$\\mu_1^2 + \\mu_2^2$ differs. An image goes there only if this saves as much distortion.",
    hints=(
        "Write the rate of both images down and look at what differs.",
        "The rate of a diagonal Gaussian is a sum over the dimensions, by (2.15c).",
        "The means enter by $(\\mu_1^2 + \\mu_2^2)/2$ alone.",
    ),
)

# 6.9: what the encoder loses

TILTED = Practice(
    Compute(
        "6/tilted-posterior",
        "The posterior of an image is a Gaussian in two dimensions with means 0, variances 1 and "
        "correlation $c = {c}$. Of the Gaussians $q$ with independent coordinates, the one with "
        "means 0 and variances $1 - c^2$ has the smallest divergence from it. How large is the "
        "approximation gap of this image, in nats?",
        frame=Frame(Given(c=between(0, 1))),
        key="-log(1-c**2)/2",
        tolerance=0.005,
        choices={"c": ("1/2", "3/5", "4/5")},
        slips={
            "-log(1-c**2)": "Check the factor in front of the logarithm of the determinants.",
            "log(1-c**2)/2": "A divergence is not negative. Which determinant is in the numerator?",
            "c**2/(1-c**2) + log(1-c**2)/2": "This is the gap of a $q$ with variances 1. The best "
            "one is narrower.",
        },
    ),
    "end of 6.9",
    why="The trace is 2, as at $q = p$, and half the logarithm of the determinants' ratio is left. "
    "No encoder can win this back, only a family with tilted ellipses.",
    hints=(
        "The gap is the divergence of this $q$ from the posterior.",
        "Use the divergence between two Gaussians of chapter 2: a trace and two determinants.",
        "The posterior's covariance has the determinant $1 - c^2$, and that of $q$ its square.",
    ),
)

PRACTICE = (
    GREY_PIXEL,
    GREY_AVERAGE,
    TWO_PIXELS,
    WHO_COMPUTES,
    IGNORED_CODE,
    RATE_IN_CODE,
    ONE_DRAW,
    LOOP,
    WARM_UP,
    LOSS_AS_BOUND,
    DIMENSIONS,
    LOG_OF_MEAN,
    WEIGHTS_MEAN,
    SINGLE_RUN,
    FAR_OUT,
    TILTED,
)
