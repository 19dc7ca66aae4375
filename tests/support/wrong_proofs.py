"""Wrong proofs and unusual right ones, invented after the checker was done.

None of them was used while the checker was written. A wrong one names the line that breaks; a right
one takes a route off the beaten track.
"""

from dataclasses import dataclass, field

from kl_utils.derivation import (
    Derivation,
    Given,
    between,
    covariance,
    diagonal,
    gaussian,
    index,
    joint,
    matrix,
    positive,
    real,
    simplex,
    vector,
)


@dataclass(frozen=True)
class Proof:
    title: str
    given: Given
    lines: tuple
    breaks_at: str | None = None
    meanings: dict = field(default_factory=dict)

    def derivation(self):
        derivation = Derivation("9.1", self.given, **self.meanings)
        for line in self.lines:
            derivation.line(line)
        return derivation


def wrong(title, breaks_at, given, *lines, **meanings):
    return Proof(title, given, lines, breaks_at, meanings)


def right(title, given, *lines, **meanings):
    return Proof(title, given, lines, None, meanings)


ONE = Given(mu_q=real(), sigma_q=positive(), mu_p=real(), sigma_p=positive())
ONE_Q = gaussian("mu_q", "sigma_q**2")
ONE_P = gaussian("mu_p", "sigma_p**2")
FULL = Given(
    n=range(1, 6),
    mu_q=vector("n"),
    Sigma_q=covariance("n"),
    mu_p=vector("n"),
    Sigma_p=covariance("n"),
)
FULL_Q = gaussian("mu_q", "Sigma_q")
FULL_P = gaussian("mu_p", "Sigma_p")
TO_STANDARD = Given(n=range(1, 6), mu=vector("n"), Sigma=diagonal("n"))
OUTCOMES = {"k": range(1, 4), "m": range(1, 4), "x": index("k")}
Q = gaussian("mu", "Sigma")
P = gaussian("0", "I")

WRONG = [
    wrong(
        "a sign: log σ_q/σ_p for log σ_p/σ_q",
        "9.1c",
        ONE,
        "KL(q, p)",
        "= E(log_q(z)) - E(log_p(z))",
        "= log(sigma_q/sigma_p) - 1/2 + E((z-mu_p)**2)/(2*sigma_p**2)",
        "= log(sigma_q/sigma_p) - 1/2 + (sigma_q**2 + (mu_q-mu_p)**2)/(2*sigma_p**2)",
        q=ONE_Q,
        p=ONE_P,
    ),
    wrong(
        "a factor ½ lost when the exponents are collected",
        "9.1c",
        FULL,
        "KL(q, p)",
        "= E(T(z-mu_p)@inv(Sigma_p)@(z-mu_p) - T(z-mu_q)@inv(Sigma_q)@(z-mu_q))/2"
        " + log(det(Sigma_p)/det(Sigma_q))/2",
        "= E(T(z-mu_p)@inv(Sigma_p)@(z-mu_p)) - n/2 + log(det(Sigma_p)/det(Sigma_q))/2",
        q=FULL_Q,
        p=FULL_P,
    ),
    wrong(
        "a missing n: the entropy of one coordinate for that of n",
        "9.1b",
        Given(n=range(1, 6), mu=vector("n"), Sigma=covariance("n")),
        "H(q)",
        "= log(2*pi*exp(1))/2 + log(det(Sigma))/2",
        q=Q,
    ),
    wrong(
        "determinant for trace in the cross term",
        "9.1c",
        FULL,
        "E(T(z-mu_p)@inv(Sigma_p)@(z-mu_p))",
        "= tr(inv(Sigma_p)@E((z-mu_p)@T(z-mu_p)))",
        "= det(inv(Sigma_p)@Sigma_q) + T(mu_q-mu_p)@inv(Sigma_p)@(mu_q-mu_p)",
        q=FULL_Q,
        p=FULL_P,
    ),
    wrong(
        "KL reversed on the way",
        "9.1d",
        Given(mu=real(), sigma=positive()),
        "H(q, p) - H(q)",
        "= -E(log_p(z)) + E(log_q(z))",
        "= E(log(q(z)/p(z)))",
        "= KL(p, q)",
        "= E_p(log(p(z)/q(z)))",
        q=gaussian("mu", "sigma**2"),
        p=gaussian("0", "1"),
    ),
    wrong(
        "swapped arguments: the Bayes quotient upside down",
        "9.1c",
        Given(**OUTCOMES, q=simplex("m"), p=joint("k", "m", zeros=False)),
        "KL(q(z), p(z|x))",
        "= E(log_q(z)) - E(log(p(z|x)))",
        "= E(log_q(z)) - E(log(p(x|z)*p(x)/p(z)))",
    ),
    wrong(
        "the cross term of a square dropped though the means differ",
        "9.1c",
        ONE,
        "E((z - mu_p)**2)",
        "= E(((z - mu_q) + (mu_q - mu_p))**2)",
        "= E((z - mu_q)**2 + mu_q**2 - mu_p**2)",
        "= sigma_q**2 + mu_q**2 - mu_p**2",
        q=ONE_Q,
    ),
    wrong(
        "standard deviation for variance",
        "9.1b",
        Given(n=range(1, 6), mu=vector("n"), s=vector("n", positive=True)),
        "KL(q, p)",
        "= Sum(s[i] + mu[i]**2 - log(s[i]) - 1, i, n)/2",
        q=gaussian("mu", "diag(s)**2"),
        p=P,
    ),
    wrong(
        "a forgotten normaliser: the kernel for the density",
        "9.1b",
        Given(m=real(), s=positive(), t=positive()),
        "E(log_q(z) - log_p(z))",
        "= E(log(exp(-(z-m)**2/(2*s**2))/exp(-z**2/(2*t**2))))",
        "= (E(z**2)/t**2 - 1)/2",
        "= ((s**2 + m**2)/t**2 - 1)/2",
        q=gaussian("m", "s**2"),
        p=gaussian("0", "t**2"),
    ),
    wrong(
        "two errors that cancel: E[z²] without μ², then μ² put back",
        "9.1c",
        Given(mu=real(), sigma=positive()),
        "KL(q, p)",
        "= (E(z**2) - log(sigma**2) - 1)/2",
        "= (sigma**2 - log(sigma**2) - 1)/2",
        "= (sigma**2 + mu**2 - log(sigma**2) - 1)/2",
        q=gaussian("mu", "sigma**2"),
        p=gaussian("0", "1"),
    ),
    wrong(
        "right only for n = 1: a quadratic form as a product of traces",
        "9.1b",
        Given(n=range(1, 6), mu=vector("n"), Sigma=covariance("n"), A=matrix("n", "n")),
        "E(T(z)@A@z)",
        "= tr(A)*tr(Sigma) + T(mu)@A@mu",
        q=Q,
    ),
    wrong(
        "right only at Σ = I: the inverse forgotten",
        "9.1c",
        TO_STANDARD,
        "E_p(log_p(z) - log_q(z))",
        "= (log(det(Sigma)) - n + E_p(T(z-mu)@inv(Sigma)@(z-mu)))/2",
        "= (log(det(Sigma)) - n + tr(Sigma) + T(mu)@inv(Sigma)@mu)/2",
        q=Q,
        p=P,
    ),
    wrong(
        "Jensen the wrong way round",
        "9.1c",
        Given(**OUTCOMES, q=simplex("m"), p=joint("k", "m")),
        "log(p(x))",
        "= log(Sum(p(x, z), z))",
        "<= Sum(q(z)*log(p(x, z)/q(z)), z)",
    ),
    wrong(
        "a derivative that holds the noise's scale fixed",
        "9.1c",
        Given(mu=real(), sigma=positive(), eps=real()),
        "D(z**2/2, sigma)",
        "= z*D(z, sigma)",
        "= mu*eps",
        z="mu + sigma*eps",
    ),
    wrong(
        "the log of a sum as the sum of the logs",
        "9.1b",
        Given(w=between(0, 1), a=real(), b=real(), z=real()),
        "log(w*normal(z, a, 1) + (1-w)*normal(z, b, 1))",
        "= w*log(normal(z, a, 1)) + (1-w)*log(normal(z, b, 1))",
    ),
]

RIGHT = [
    right(
        "a derivative inside an expectation, steep far out",
        Given(mu=real(), sigma=positive()),
        "E(D(rho - 1 - log(rho), sigma))",
        "= E((rho - 1)*D(log(rho), sigma))",
        q=gaussian("mu", "sigma**2"),
        p=gaussian("0", "1"),
        rho="p(z)/q(z)",
    ),
    right(
        "the variance from the cumulant generating function",
        Given(mu=real(), sigma=positive(), t=real()),
        "Var(z)",
        "= D(D(log(E(exp(t*z))), t), t)",
        "= D(mu + t*sigma**2, t)",
        q=gaussian("mu", "sigma**2"),
    ),
    right(
        "KL as the integral of p's tilted likelihood, split by hand",
        ONE,
        "Int(q(z)*log(q(z)), z) - Int(q(z)*log(p(z)), z)",
        "= -log(2*pi*exp(1)*sigma_q**2)/2 + log(2*pi*sigma_p**2)/2"
        " + (Var(z) + (E(z) - mu_p)**2)/(2*sigma_p**2)",
        "= ((sigma_q/sigma_p)**2 - 1 - log((sigma_q/sigma_p)**2) + ((mu_q-mu_p)/sigma_p)**2)/2",
        ">= (mu_q - mu_p)**2/(2*sigma_p**2)",
        ">= 0",
        q=ONE_Q,
        p=ONE_P,
    ),
    right(
        "whitening first, then the standard case",
        FULL,
        "KL(q, p)",
        "= KL(r, s)",
        "= (tr(inv(Sigma_p)@Sigma_q) + T(mu_q-mu_p)@inv(Sigma_p)@(mu_q-mu_p) - n"
        " - log(det(inv(Sigma_p)@Sigma_q)))/2",
        q=FULL_Q,
        p=FULL_P,
        r=gaussian("3*(mu_q - mu_p)", "9*Sigma_q"),
        s=gaussian("0", "9*Sigma_p"),
    ),
    right(
        "through the determinant as a product and the trace as a sum",
        TO_STANDARD,
        "KL(q, p)",
        "= Sum(Sigma[i,i] + mu[i]**2 - 1, i, n)/2 - log(Prod(Sigma[j,j], j, n))/2",
        "= (tr(Sigma - I) + T(mu)@mu - log(det(Sigma)))/2",
        "= (tr(Sigma + mu@T(mu) - I) + log(det(inv(Sigma))))/2",
        q=Q,
        p=P,
    ),
    right(
        "entropy from the score: −E log q by parts",
        Given(mu=real(), sigma=positive()),
        "E((z - mu)*D(log_q(z), z))",
        "= -1",
        "= E(D(log_q(z), mu)*(mu - z))",
        "= -sigma**2*Var(D(log_q(z), z))",
        q=gaussian("mu", "sigma**2"),
    ),
    right(
        "Stein's identity, in two ways",
        Given(mu=real(), sigma=positive()),
        "E(z**3)",
        "= E(z**2)*mu + sigma**2*E(D(z**2, z))",
        "= mu**3 + 3*mu*sigma**2",
        q=gaussian("mu", "sigma**2"),
    ),
    right(
        "the gradient by the score function",
        Given(mu=real(), sigma=positive()),
        "D(E(z**2), mu)",
        "= E(z**2*D(log_q(z), mu))",
        "= E(2*z)",
        q=gaussian("mu", "sigma**2"),
    ),
    right(
        "mutual information, written three ways",
        Given(k=range(1, 4), m=range(1, 4), p=joint("k", "m")),
        "Sum(Sum(p(x, z)*log(p(x, z)/(p(x)*p(z))), z), x)",
        "= E_p(log(p(z|x)) - log(p(z)))",
        "= -Sum(p(z)*log(p(z)), z) + Sum(p(x)*Sum(p(z|x)*log(p(z|x)), z), x)",
        ">= 0",
    ),
    right(
        "KL of a mixture's parts bounds that of the mixture",
        Given(
            k=range(1, 4),
            a=simplex("k"),
            b=simplex("k"),
            p=simplex("k", zeros=False),
            w=between(0, 1),
        ),
        "Sum((w*a(z) + (1-w)*b(z))*log((w*a(z) + (1-w)*b(z))/p(z)), z)",
        "<= w*KL(a, p) + (1-w)*KL(b, p)",
    ),
    right(
        "Pinsker's inequality",
        Given(k=range(1, 5), q=simplex("k"), p=simplex("k", zeros=False)),
        "Sum(abs(q(z) - p(z)), z)**2/2",
        "<= KL(q, p)",
    ),
    right(
        "the tangent bound chained to a square",
        Given(x=positive()),
        "log(x)",
        "<= x - 1",
        "<= (x**2 - 1)/2",
        "= (x-1)*(x+1)/2",
    ),
    right(
        "the exponents completed to a square",
        Given(z=real(), x=real(), s=positive()),
        "log(normal(z, 0, 1)*normal(x, z, s**2))",
        "= log(normal(x, 0, 1 + s**2)) + log(normal(z, x/(1 + s**2), s**2/(1 + s**2)))",
        "= log(normal(x, 0, 1 + s**2)*normal(z, x/(1 + s**2), 1/(1 + s**(-2))))",
    ),
    right(
        "a matrix identity on the way: Woodbury",
        Given(n=range(1, 6), mu=vector("n"), Sigma=covariance("n")),
        "inv(Sigma + mu@T(mu))",
        "= inv(Sigma) - inv(Sigma)@mu@T(mu)@inv(Sigma)/(1 + T(mu)@inv(Sigma)@mu)",
    ),
    right(
        "a sample mean between two exact lines",
        TO_STANDARD,
        "E(T(z)@z)",
        "~ mean(T(z)@z)",
        "= tr(Sigma + mu@T(mu))",
        q=Q,
    ),
]
