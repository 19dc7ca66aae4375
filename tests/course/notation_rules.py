"""What the page "Notation" asks for, as far as a machine can tell from a formula's LaTeX.

Each rule quotes the page. What one rule has found in a formula, the rules below it don't see.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from tools.course_text.documents import CLOSING, OPENING, TOKEN, outermost

BRACES = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
SCRIPTS = rf"(?:[_^](?:{BRACES}|\\[a-zA-Z]+(?![a-zA-Z])|[^\\{{\s]))*"
LARGE = r"(?:\\[!,]|\s|\\(?:left|[bB]igg?[lr]?)(?![a-zA-Z]))*"
BAR = r"(?:\\[lr]?vert|\\(?:left|right|[bB]igg?[lr]?)\s*\||(?<!\\)\|)"
MATRIX = rf"(?:\\Sigma|\\Lambda|(?<![a-zA-Z\\])[A-Z](?![a-zA-Z])){SCRIPTS}"
ALONE = r"(?<![\\a-zA-Z])"  # a letter that belongs to no word and no command
BARE = r"(?<![\\a-zA-Z{])"
FONT = r"\\(?:text|textrm|mathrm|mathbf|mathit|mathsf|mathcal|mathbb|mathscr)"
NAMES = "KL|ELBO|NLL|Var|Cov|[tT]r|[tT]race|diag|Bernoulli"
FUNCTIONS = "log|ln|exp|det|max|min|sup|inf|lim"
SEPARATOR = re.compile(r"\\,\s*(?:\\(?:middle|[bB]igg?)\s*)?(?:\\\||\\Vert)\s*\\,")
INDICES = {"n": "ij", "D": "d", "N": "m", "S": "s", "K": "k"}
LIMITS = re.compile(r"\\(?:sum|prod)_\{(\w)\s*=\s*1\}\s*\^\s*\{?(\w)\}?")
PLAIN_D = r"(?<![\\a-zA-Z_^{])d\s*(?:[r-z]|\\(?:mu|sigma|varepsilon|theta))(?![a-zA-Z])"


def pattern(wrong):
    """Return a function that finds the first match of a pattern."""
    compiled = re.compile(wrong)

    def find(tex):
        match = compiled.search(tex)
        return match and match[0]

    return find


def divergence(tex):
    r"""Find a KL divergence that is not \operatorname{KL}(q \,\|\, p)."""
    for match in re.finditer(rf"\\operatorname\{{KL\}}({LARGE})(\\\{{|[(\[])", tex):
        whole, inside = bracketed(tex, match.start(2))
        if match[2] != "(" or len(SEPARATOR.findall(outermost(inside))) != 1:
            return match[0][: -len(match[2])] + whole
    return None


def bracketed(tex, start):
    """Return the bracket that opens at a place, with and without its delimiters."""
    depth, end = 0, start
    for token in TOKEN.findall(tex[start:]):
        depth += (token in OPENING) - (token in CLOSING)
        end += len(token)
        if not depth:
            break
    return tex[start:end], tex[start + 1 : end - 1]


def double_bars(tex):
    r"""Find a length between two \|; one of them separates q from p in KL."""
    match = re.search(r"(\\\||\\Vert(?![a-zA-Z])).*?\1", SEPARATOR.sub(";", tex))
    return match and match[0]


def no_measure(tex):
    r"""Find an integral without \mathrm{d}z."""
    if plain := pattern(rf"{PLAIN_D}|\\frac\s*\{{?d\b")(tex):
        return plain
    integrals, measures = re.findall(r"\\int(?![a-zA-Z])", tex), tex.count(r"\mathrm{d}")
    return r"\int" if len(integrals) > measures else None


def usual_limits(tex):
    return next((m[0] for m in LIMITS.finditer(tex) if m[1] in INDICES.get(m[2], "")), None)


def other_index(tex):
    """Find a sum whose index has the wrong letter, though the right one is not taken."""
    for match in LIMITS.finditer(tex):
        letters = INDICES.get(match[2], match[1])
        if match[1] not in letters and not re.search(rf"_\{{?[{letters}]", tex):
            return match[0]
    return None


class Rule(NamedTuple):
    page: str  # words of the page
    find: Callable  # from LaTeX to the first thing that is wrong, or None
    advice: str
    wrong: tuple  # examples
    right: tuple


def rule(page, find, advice, wrong, right):
    find = pattern(find) if isinstance(find, str) else find
    wrong, right = ((x,) if isinstance(x, str) else x for x in (wrong, right))
    return Rule(page, find, advice, wrong, right)


RULES = [
    rule(
        "**Nothing is bold.**",
        r"\\(?:mathbf|boldsymbol|bm|pmb|bf|vec|overrightarrow|underline)(?![a-zA-Z])(?!\s*\\times)",
        "nothing is bold or has an arrow",
        (r"\mathbf{z}", r"\vec\mu", r"\boldsymbol{\mu}"),
        r"\color{crimson}\boldsymbol\times \underbrace{z}",
    ),
    rule(
        "Trace and determinant are written as words, never as bars",
        rf"{BAR}(?:\s|\d|\\pi|{MATRIX})*?{MATRIX}\s*{BAR}",
        r"a determinant is \det \Sigma",
        (r"\log |\Sigma|", r"\lvert \Sigma_q \rvert", r"\left|2 \pi \Sigma\right|", r"|A|"),
        (r"\det \Sigma", r"\lvert \log \det \Sigma \rvert", r"p(z \mid A)"),
    ),
    rule(
        r"| $\operatorname{tr} \Sigma$ | trace",
        rf"{FONT}\{{(?:{NAMES})\}}|(?<!\\operatorname\{{){ALONE}(?:{NAMES})(?![a-zA-Z])"
        rf"|\\operatorname\{{(?:Tr|[tT]race|var|cov|kl|elbo)\}}|\\(?:{NAMES})(?![a-zA-Z])",
        r"a name of several letters is \operatorname{…}: KL, ELBO, NLL, Var, tr, diag, Bernoulli",
        (r"D_{\mathrm{KL}}", r"KL(q)", r"\text{tr}(A)", r"\operatorname{Tr} A", r"\mathbb{KL}"),
        (r"\widehat{\operatorname{NLL}}_S", r"\text{rate}", r"\operatorname{tr} A + t_r"),
    ),
    rule(
        r"$\operatorname{KL}(q \,\|\, p)$",
        divergence,
        r"a divergence is \operatorname{KL}(q \,\|\, p), with round brackets and thin spaces",
        (r"\operatorname{KL}(q || p)", r"\operatorname{KL}(q \| p)", r"\operatorname{KL}(q, p)",
         r"\operatorname{KL}\bigl(q(z) \mid p(z)\bigr)", r"\operatorname{KL}[q \,\|\, p]"),
        (r"\operatorname{KL}\bigl(q(z) \,\|\, p(z)\bigr)", r"\operatorname{KL}(q \,\Vert\, p)"),
    ),
    rule(
        r"| $\lVert v \rVert$ | Euclidean length",
        double_bars,
        r"a length is \lVert v \rVert",
        (r"\|v\|^2", r"\Vert v \Vert"),
        r"\lVert v \rVert + \operatorname{KL}(q \,\|\, p) + \operatorname{KL}(p \,\|\, q)",
    ),
    rule(
        r"| $p(x \mid z)$ |",
        r"(?<!\\)(?<!left)(?<!right)\|(?!\s*_)",
        r"a condition is p(x \mid z), an absolute value \lvert x \rvert; | is for code",
        ("p(x|z)", "|x|"), (r"p(x \mid z) \lvert x \rvert", r"\Big|_{x = 0}", r"\left| x \right|"),
    ),
    rule(
        "| $\\log$ | to base $\\mathrm{e}$ |",
        r"\\l[ng](?![a-zA-Z])|\\log_\{?(?:e|\\mathrm\{e\})",
        r"the natural logarithm is \log",
        (r"\ln x", r"\log_e x"), (r"\log^2 \rho", r"\log_2 x"),
    ),
    rule(
        "| $\\log$ | to base $\\mathrm{e}$ |",
        rf"{ALONE}(?:{FUNCTIONS})(?![a-zA-Z])|(?:{FONT}|\\operatorname)\{{(?:{FUNCTIONS})\}}",
        r"a function has a command of its own, such as \log, \exp, \det, \max",
        ("log p", r"\text{log} p", r"\operatorname{det} \Sigma"),
        (r"\log p \exp x", r"\operatorname{logit}"),
    ),
    rule(
        r"| $\mathbb{E}_q[f(z)]$ |",
        rf"(?:{FONT.replace('|mathbb', '')}|\\operatorname)\{{E\}}|{BARE}E\s*{SCRIPTS}{LARGE}[\[(]",
        r"an expectation is \mathbb{E}_q[…]",
        ("E[z]", r"\mathrm{E}[z]", r"E_q\left[z\right]", r"\operatorname{E}[z]"),
        (r"\mathbb{E}[z]", r"\mathbb{E}_{q_\phi(z \mid x)}\big[z\big]"),
    ),
    rule(
        r"| $\mathbb{E}_q[f(z)]$ |",
        r"(?:\\mathbb\s*\{?E\}?|\\operatorname\{(?:Var|Cov)\})"
        rf"{SCRIPTS}{LARGE}(?:\(|\\\{{|\\log|\\frac|[a-zA-Z])",
        "what an expectation or a variance is of stands in square brackets",
        (r"\mathbb{E}_q(z)", r"\mathbb{E}_{q} \log p(z)", r"\operatorname{Var}_q\bigl(z\bigr)"),
        (r"\mathbb{E}_q[z]", r"\operatorname{Var}_{p_\theta}\!\left[z\right]"),
    ),
    rule(
        r"| $\mathbb{E}_q[f(z)]$ |",
        r"\\(?:mathbb\{E\}|operatorname\{Var\})_\{[^{}]*\\sim.*?\}",
        r"an expectation under q is \mathbb{E}_q[…]; the tilde stands in the text",
        r"\mathbb{E}_{z \sim q}[z]", (r"z \sim q", r"\mathbb{E}_q[z]"),
    ),
    rule(
        r"| $\operatorname{H}(q)$ |",
        rf"{FONT}\{{H\}}|{BARE}H{SCRIPTS}{LARGE}[\[(]|\\operatorname\{{H\}}{SCRIPTS}{LARGE}\[",
        r"an entropy is \operatorname{H}(q), a cross-entropy \operatorname{H}(q, p)",
        (r"\mathbb{H}(q)", "H(q)", r"\operatorname{H}[q]"), r"\operatorname{H}(q, p)",
    ),
    rule(
        r"| $\operatorname{I}(x;\, z)$ |",
        rf"{FONT}\{{I\}}|{BARE}I\s*{LARGE}\([^)]*;",
        r"mutual information is \operatorname{I}(x;\, z)",
        (r"\mathrm{I}(x; z)", "I(x; z)"), (r"\operatorname{I}(x;\, z)", r"\mathcal{N}(0, I)"),
    ),
    rule(
        r"| $\operatorname{ELBO}(x)$ |",
        r"\\(?:mathcal|mathscr)\s*\{?[LF](?![a-zA-Z])\}?",
        r"the bound is \operatorname{ELBO}(x)",
        r"\mathcal{L}(x)", r"\operatorname{ELBO}(x)",
    ),
    rule(
        r"| $\mathcal{N}(\mu, \sigma^2)$ |",
        rf"(?:{FONT.replace('|mathcal', '')}|\\operatorname)\{{N(?:ormal)?\}}"
        rf"|(?<![\\a-zA-Z{{_^])N\s*{LARGE}\(",
        r"a Gaussian is \mathcal{N}(\mu, \sigma^2)",
        (r"N(0, 1)", r"\mathrm{N}(0, 1)", r"N\bigl(0, 1\bigr)"),
        (r"\mathcal{N}(0, 1)", r"\tfrac{1}{N} \sum_m x_m"),
    ),
    rule(
        r"The second argument of $\mathcal{N}$ is a variance or a covariance, always.",
        rf"\\mathcal\{{N\}}{LARGE}\((?:[^();]*;)?[^();]*,\s*\\sigma"
        r"(?:_(?:\{[^{}]*\}|\w|\\[a-z]+))?\s*(?:\\[bB]igg?r?)?\)",
        r"the second argument of \mathcal{N} is the variance, \sigma^2",
        (r"\mathcal{N}(\mu, \sigma)", r"\mathcal{N}\bigl(z;\, \mu_q, \sigma_q\bigr)"),
        r"\mathcal{N}(z;\, \mu, \sigma_q^2)",
    ),
    rule(
        r"| $z^\top$ | transpose",
        r"(?<!=1\})\^\s*(?:T|\{?\s*-?\s*(?:T\s*\}|\\(?:mathrm|mathsf|text)\s*\{?T\}?|\\intercal))"
        rf"|(?:\\mu|\\Sigma|{ALONE}[AIWL]){SCRIPTS}'",
        r"a transpose is z^\top",
        (r"z^T z", r"z^{T}", r"z^\mathsf{T}", r"A^{-T}", r"\mu'\mu"),
        (r"z^\top A^{-\top} z", r"f'(x)", r"\sum_{t=1}^T"),
    ),
    rule(
        r"| $\Sigma^{-1}$ | inverse; nothing is ever divided by a matrix",
        rf"/\s*\\Sigma|\\frac\s*{BRACES}\{{\s*\\Sigma{SCRIPTS}\s*\}}",
        r"nothing is divided by a matrix; write \Sigma^{-1}",
        (r"1/\Sigma", r"\frac{1}{\Sigma_p}"),
        (r"\det \Sigma_q/\det \Sigma_p", r"\frac{\det \Sigma_q}{\det \Sigma_p}"),
    ),
    rule(
        r"| $v \odot w$ | product of two vectors",
        r"(?:\\circ|\\otimes|\\ast|\\star)\s*\\varepsilon|(?<![\^_{])\s\*\s",
        r"a product coordinate by coordinate is \odot; numbers stand side by side",
        (r"\sigma \circ \varepsilon", "a * b"), (r"\sigma \odot \varepsilon", r"q^* p_{*}"),
    ),
    rule(
        "| $a := b$ |",
        r"\\(?:coloneqq|triangleq|doteq|equiv)(?![a-zA-Z])|\\(?:overset|stackrel)\{.*?\}\s*\{?=",
        "a definition is a := b",
        (r"a \equiv b", r"a \overset{\text{def}}{=} b"), "a := b",
    ),
    rule(
        r"$\approx$ marks an estimate or a rounded number.",
        r"\\(?:simeq|cong|approxeq)(?![a-zA-Z])",
        r"an estimate or a rounded number is marked by \approx",
        r"a \simeq b", r"a \approx b",
    ),
    rule(
        r"$\int q(z)\, f(z)\, \mathrm{d}z$",
        no_measure,
        r"an integral ends in \mathrm{d}z, with an upright d",
        (r"\int q(z)", r"\int q(z)\, dz", r"\int\!\int q \, \mathrm{d}z", r"\frac{d}{dz} f"),
        (r"\int q(z) \, \mathrm{d}z", r"\sum_d x_d z", r"\lambda_d(z)"),
    ),
    rule(
        r"$\mathrm{e}^t - 1 - t$",
        rf"{ALONE}e\s*\^",
        r"Euler's number is upright: \mathrm{e}^t",
        ("e^t", "e^{-x}"), r"\mathrm{e}^{-t} + x_e + \ell^2",
    ),
    rule(
        r"| $\varepsilon$ | $\varepsilon \sim \mathcal{N}(0, I)$ |",
        r"\\(?:epsilon|varphi|vartheta|varSigma)(?![a-zA-Z])",
        r"the letters are \varepsilon, \phi and \theta",
        (r"\epsilon \sim p", r"q_\varphi"), r"\varepsilon \phi \theta",
    ),
    rule(
        r"| $c$ | correlation of two coordinates",
        r"\\varrho(?![a-zA-Z])",
        r"a correlation is c; \varrho looks like the density ratio \rho",
        r"1 - \varrho^2", r"1 - c^2 + \rho(z)",
    ),
    rule(
        r"| $u_k$ | the component is",
        rf"{ALONE}u(?![a-zA-Z])(?!\s*_\s*(?:k|\{{k|\d))",
        "u is a pseudo-input u_k; another vector is v or w",
        (r"u \odot v", r"\log u^\beta", "u_i"), (r"u_k", r"u_{kd} + \mu", "u_1"),
    ),
    rule(
        "| $\\theta$ | parameters of the decoder",
        r"(?<![a-zA-Z\\])q_\{?\\theta|(?<![a-zA-Z\\])p_\{?\\phi(?![a-zA-Z])",
        r"\theta belongs to the decoder and p, \phi to the encoder and q",
        (r"q_\theta(z \mid x)", r"p_{\phi}(x)"), r"q_\phi(z \mid x) p_\theta(x)",
    ),
    rule(
        r"| $\pi_k$ | $\pi_k \ge 0$",
        rf"{ALONE}w_\{{?k\b",
        r"the weights of components are \pi_k; w_s are importance weights",
        "w_k p_k", (r"\pi_k w_s"),
    ),
    rule(
        r"$z_s$ is a draw of $z$",
        rf"(?:{ALONE}[ux-z]|\\varepsilon)\^\{{?\(",
        "a draw of z is z_s, an image x_m",
        (r"z^{(s)}", r"\varepsilon^{(i)}"), (r"z_s", r"f^{(k)}"),
    ),
    rule(
        r"| $z \sim q$ | $z$ is drawn from $q$ |",
        r"(?<!\\)~",
        r"in LaTeX ~ is only a space; z \sim q",
        "z ~ q", r"z \sim q",
    ),
    rule(
        r"Sums leave their limits out where they are these",
        usual_limits,
        "limits that are usual are left out: \\sum_i, \\sum_k",
        (r"\sum_{i=1}^n x_i", r"\prod_{k = 1}^{K} x_k"), (r"\sum_i x_i", r"\sum_{i=1}^{r} x_i"),
    ),
    rule(
        "**The letter of an index says what is counted.**",
        other_index,
        "n is counted by i and j, D by d, N by m, S by s, K by k, unless these are taken",
        (r"\sum_{i=1}^N x_i", r"\sum_{k=1}^{S} x_k"), r"\sum_{i=1}^{r} x_i",
    ),
]  # fmt: skip
