"""The five worked solutions that the course is built from, as derivations: what they claim, and
where they slip."""

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

ONE_DIMENSION = Given(mu_q=real(), sigma_q=positive(), mu_p=real(), sigma_p=positive())
DIAGONAL = Given(n=range(1, 6), mu=vector("n"), Sigma=diagonal("n"))
STANDARD = {"q": gaussian("mu", "Sigma"), "p": gaussian("0", "I")}
SAMPLE = Given(mu=real(), sigma=positive(), eps=real())
FINITE = {"k": range(1, 4), "m": range(1, 4), "x": index("k"), "q": simplex("m")}


def chain(given, *lines, **meanings):
    derivation = Derivation("1.1", given, **meanings)
    for line in lines:
        derivation.line(line)
    return derivation


HOLDS = {
    "S0 and S1, diagonal": chain(
        DIAGONAL,
        "KL(q, p)",
        "= E(log_q(z) - log_p(z))",
        "= (E(T(z)@z) - E(T(z-mu)@inv(Sigma)@(z-mu)) - log(det(Sigma)))/2",
        "= (E(T(z-mu)@(z-mu)) + 2*T(mu)@E(z-mu) + T(mu)@mu - n - log(det(Sigma)))/2",
        "= (tr(Sigma) + T(mu)@mu - n + log(det(I)/det(Sigma)))/2",
        **STANDARD,
    ),
    "S1, cross-entropy minus entropy": chain(
        DIAGONAL,
        "KL(q, p)",
        "= H(q, p) - H(q)",
        "= n/2*log(2*pi) + E(T(z)@z)/2 - n/2*log(2*pi*exp(1)) - log(det(Sigma))/2",
        "= (tr(Sigma) + T(mu)@mu - n - log(det(Sigma)))/2",
        ">= 0",
        **STANDARD,
    ),
    "full covariances": chain(
        Given(
            n=range(1, 6),
            mu_q=vector("n"),
            mu_p=vector("n"),
            Sigma_q=covariance("n"),
            Sigma_p=covariance("n"),
        ),
        "KL(q, p)",
        "= (log(det(Sigma_p)/det(Sigma_q)) + E(T(z-mu_p)@inv(Sigma_p)@(z-mu_p)) - n)/2",
        "= (log(det(Sigma_p)/det(Sigma_q)) - n + tr(inv(Sigma_p)@Sigma_q)"
        " + T(mu_q-mu_p)@inv(Sigma_p)@(mu_q-mu_p))/2",
        ">= 0",
        q=gaussian("mu_q", "Sigma_q"),
        p=gaussian("mu_p", "Sigma_p"),
    ),
    "the density": chain(
        Given(n=range(1, 6), z=vector("n"), mu=vector("n"), Sigma=covariance("n")),
        "q(z)",
        "= exp(-T(z-mu)@inv(Sigma)@(z-mu)/2)/sqrt((2*pi)**n*det(Sigma))",
        "= normal(z, mu, Sigma)",
        q=gaussian("mu", "Sigma"),
    ),
    "S2b, factorised": chain(
        Given(n=range(1, 6), mu=vector("n"), sigma=vector("n", positive=True)),
        "KL(q, p)",
        "= E(Sum(log(normal(z[i], mu[i], sigma[i]**2)/normal(z[i], 0, 1)), i, n))",
        "= Sum(E(log(normal(z[i], mu[i], sigma[i]**2)/normal(z[i], 0, 1))), i, n)",
        "= Sum(sigma[i]**2 + mu[i]**2 - log(sigma[i]**2) - 1, i, n)/2",
        q=gaussian("mu", "diag(sigma)**2"),
        p=gaussian("0", "I"),
    ),
    "S2b, any two independent variables": chain(
        Given(
            K=range(1, 4),
            q=simplex("K", of="w"),
            r=simplex("K", of="v"),
            p=simplex("K", of="w", zeros=False),
            s=simplex("K", of="v", zeros=False),
        ),
        "Sum(Sum(q(w)*r(v)*log(q(w)*r(v)/(p(w)*s(v))), w), v)",
        "= KL(q, p) + KL(r, s)",
        ">= 0",
    ),
    "S2c": chain(
        Given(mu=real(), sigma=positive()),
        "KL(q, p)",
        "= Int(q(z)*log(q(z)/p(z)), z)",
        "= (sigma**2 + mu**2 - log(sigma**2) - 1)/2",
        q=gaussian("mu", "sigma**2"),
        p=gaussian("0", "1"),
    ),
    "S2d": chain(
        SAMPLE,
        "D(t, sigma)",
        "= eps*z - 1/sigma",
        "= D(log_q(z), sigma) - D(log_p(z), sigma)",
        z="mu + sigma*eps",
        q=gaussian("mu", "sigma**2"),
        p=gaussian("0", "1"),
        t="log_q(z) - log_p(z)",
    ),
    "S2d, in expectation": chain(
        Given(mu=real(), sigma=positive()),
        "E_r(D(t, sigma))",
        "= sigma - 1/sigma",
        "= E_r(eps*(z - (z-mu)/sigma**2))",
        "= D(KL(q, p), sigma)",
        z="mu + sigma*eps",
        r=gaussian("0", "1", of="eps"),
        q=gaussian("mu", "sigma**2"),
        p=gaussian("0", "1"),
        t="log_q(z) - log_p(z)",
    ),
    "S3": chain(
        ONE_DIMENSION,
        "KL(q, p)",
        "= log(sigma_p/sigma_q) + E((z-mu_p)**2)/(2*sigma_p**2) - 1/2",
        "= log(sigma_p/sigma_q) + (sigma_q**2 + (mu_q-mu_p)**2)/(2*sigma_p**2) - 1/2",
        "~ mean(log(q(z)/p(z)))",
        q=gaussian("mu_q", "sigma_q**2"),
        p=gaussian("mu_p", "sigma_p**2"),
    ),
    "S3, mixture prior": chain(
        Given(K=range(1, 4), pi=simplex("K", of="k"), m=vector("K"), mu=real(), sigma=positive()),
        "E(log_q(z) - log(Sum(pi[k]*normal(z, m[k], 1), k, K)))",
        "<= Sum(pi[k]*E(log_q(z) - log(normal(z, m[k], 1))), k, K)",
        "= Sum(pi[k]*(sigma**2 + (mu-m[k])**2 - log(sigma**2) - 1)/2, k, K)",
        q=gaussian("mu", "sigma**2"),
    ),
    "S4, the tangent": chain(Given(x=positive(), a=positive()), "log(x)", "<= log(a) + (x-a)/a"),
    "S4, Jensen, zeros allowed": chain(
        Given(**FINITE, p=joint("k", "m")),
        "log(p(x))",
        "= log(Sum(p(x, z), z))",
        ">= E(log(p(x, z)/q(z)))",
        "= E(log(p(x|z))) - KL(q(z), p(z))",
    ),
    "S2a and S4, the identity": chain(
        Given(**FINITE, p=joint("k", "m", zeros=False)),
        "log(p(x))",
        "= E(log(p(x, z)/q(z))) + KL(q, p(z|x))",
        "= E(log(p(x|z))) - KL(q(z), p(z)) + KL(q(z), p(z|x))",
    ),
    "a model with two densities p": chain(
        Given(x=real(), m=real(), s=positive()),
        "log_p(x)",
        "= E(log(p(x, z)/q(z))) + KL(q, p(z|x))",
        ">= E(log(p(x|z))) - KL(q(z), p(z))",
        **{
            "q": gaussian("m", "s**2"),
            "p(z)": gaussian("0", "1"),
            "p(x|z)": gaussian("z", "1/4", of="x"),
            "p(x)": gaussian("0", "5/4", of="x"),
            "p(z|x)": gaussian("4*x/5", "1/5"),
            "p(x, z)": "p(z)*p(x|z)",
        },
    ),
    "a matrix on each line": chain(DIAGONAL, "E(z@T(z))", "= Sigma + mu@T(mu)", **STANDARD),
    "affine maps": chain(
        Given(n=range(1, 4), mu=vector("n"), S=covariance("n"), b=vector("n"), A=matrix("n", "n")),
        "KL(r, s)",
        "= KL(q, p)",
        q=gaussian("mu", "S"),
        p=gaussian("0", "I"),
        r=gaussian("A@mu + b", "A@S@T(A)"),
        s=gaussian("b", "A@T(A)"),
    ),
    "a gradient": chain(
        Given(n=range(1, 4), mu=vector("n"), Sigma=diagonal("n")),
        "D(KL(q, p), mu)",
        "= mu",
        **STANDARD,
    ),
    "second derivatives": chain(
        Given(mu=real(), sigma=positive()),
        "Var(D(log_q(z), mu))",
        "= -E(D(D(log_q(z), mu), mu))",
        "= 1/sigma**2",
        q=gaussian("mu", "sigma**2"),
    ),
    "the third estimator, also far from p": chain(
        Given(mu=real(), sigma=positive()),
        "KL(q, p)",
        "= E(rho - 1 - log(rho))",
        q=gaussian("mu", "sigma**2"),
        p=gaussian("0", "1"),
        rho="p(z)/q(z)",
    ),
    "densities written by hand, which underflow far out": chain(
        Given(mu=real(), sigma=positive()),
        "E(log(exp(-(z-1)**2/4)**2 + exp(-z**2/4)**2))",
        "= E(log(1 + exp(z - 1/2)) - z**2/2)",
        q=gaussian("mu", "sigma**2"),
    ),
    "an expectation inside another": chain(
        Given(n=range(1, 4), mu=vector("n"), Sigma=diagonal("n")),
        "E(E_r(T(z)@z*(T(w)@w)))",
        "= E(T(z)@z)*E_r(T(w)@w)",
        "= n*(tr(Sigma) + T(mu)@mu)",
        q=gaussian("mu", "Sigma"),
        r=gaussian("0", "I", of="w"),
    ),
    "an integral between limits": chain(
        Given(a=positive(), b=positive(), w=between(0, 1)),
        "Int(w/(a+z), z, 0, b)",
        "= w*log((a+b)/a)",
    ),
    "infinite on both sides": chain(
        Given(k=range(1, 4), q=simplex("k"), p=simplex("k")), "KL(q, p)", "= H(q, p) - H(q)", ">= 0"
    ),
}


# The slips: the line that breaks, the simplest case, and words that the verdict must hold.
SLIPS = [
    (
        "S1: determinant for trace",
        chain(DIAGONAL, "E(T(z)@z)", "= det(Sigma) + T(mu)@mu", **STANDARD),
        "1.1b",
        "n = 2, μ = (0, 0), Σ = I",
        "line (1.1a) is 2, this line is 1",
    ),
    (
        "S1: its final line",
        chain(
            DIAGONAL,
            "KL(q, p)",
            "= Prod(Sigma[i,i], i, n)/2 + T(mu)@mu/2 - Sum(log(Sigma[i,i])/2, i, n) - 1/2",
            **STANDARD,
        ),
        "1.1b",
        "n = 2, μ = (0, 0), Σ = diag(2, 2)",
        "",
    ),
    (
        "S1: one for n",
        chain(
            DIAGONAL,
            "E(T(z-mu)@inv(Sigma)@(z-mu))",
            "= det(inv(Sigma))*det(Sigma)",
            "= 1",
            **STANDARD,
        ),
        "1.1b",
        "n = 2, μ = (0, 0), Σ = I",
        "line (1.1a) is 2, this line is 1",
    ),
    (
        "S0: the normaliser, repaired in the next line",
        chain(
            Given(n=range(1, 6), z=vector("n"), mu=vector("n"), Sigma=diagonal("n")),
            "q(z)",
            "= exp(-T(z-mu)@inv(Sigma)@(z-mu)/2)/(sqrt((2*pi)**n)*det(Sigma))",
            "= exp(-T(z-mu)@inv(Sigma)@(z-mu)/2)/sqrt((2*pi)**n*det(Sigma))",
            **STANDARD,
        ),
        "1.1b",
        "n = 1, z = 0, μ = 0, Σ = 2",
        "",
    ),
    (
        "S0: a matrix for its trace",
        chain(DIAGONAL, "E(T(z-mu)@(z-mu))", "= Sigma", **STANDARD),
        "1.1b",
        "n = 2",
        "This line is a 2 × 2 matrix, but line (1.1a) is a number",
    ),
    (
        "S0: a missing transpose",
        chain(
            DIAGONAL,
            "E(T(z)@z)",
            "= E(T(z-mu)@(z-mu)) + 2*mu@E(z-mu) + T(mu)@mu",
            **STANDARD,
        ),
        "1.1b",
        "n = 2",
        "a column of 2 entries by a column of 2 entries. Is a transpose `T(…)` missing?",
    ),
    (
        "S0: division by a matrix",
        chain(DIAGONAL, "E(T(z-mu)@inv(Sigma)@(z-mu))", "= E(T(z-mu)@(z-mu)/Sigma)", **STANDARD),
        "1.1b",
        "n = 2",
        "divides by a 2 × 2 matrix",
    ),
    (
        "S0: a sign that only a general S shows",
        chain(
            Given(n=range(1, 6), mu=vector("n"), Sigma=diagonal("n"), S=diagonal("n")),
            "KL(q, p)",
            "= (-log(det(S)) - log(det(Sigma)) + tr(inv(S)@Sigma) + T(mu)@inv(S)@mu - n)/2",
            q=gaussian("mu", "Sigma"),
            p=gaussian("0", "S"),
        ),
        "1.1b",
        "n = 1, μ = 0, Σ = 1, S = 2",
        "",
    ),
    (
        "S2d: the direct paths dropped",
        chain(
            SAMPLE,
            "D(t, mu)",
            "= z - (z-mu)/sigma**2",
            z="mu + sigma*eps",
            q=gaussian("mu", "sigma**2"),
            p=gaussian("0", "1"),
            t="log_q(z) - log_p(z)",
        ),
        "1.1b",
        "μ = 0, σ = 1, ε = 1",
        "line (1.1a) is 1, this line is 0",
    ),
    (
        "S3: a missing dz",
        chain(ONE_DIMENSION, "1", "= Int(q(z))", q=gaussian("mu_q", "sigma_q**2")),
        "1.1b",
        None,
        "`Int(q(z))`: write `Int(f, z)",
    ),
    (
        "S4: the bracket in the wrong place",
        chain(
            Given(mu=real(), sigma=positive()),
            "E(log(p(z)/q(z)))",
            "= E(log(p(z))/q(z))",
            q=gaussian("mu", "sigma**2"),
            p=gaussian("0", "1"),
        ),
        "1.1b",
        "μ = 0, σ = 1",
        "does not converge",
    ),
    (
        "S4: the sign of log a",
        chain(Given(x=positive(), a=positive()), "0", ">= log(x) - (x-a)/a + log(a)"),
        "1.1b",
        "x = 1, a = 2",
        "which is more",
    ),
    (
        "S4: q > 0 forgotten",
        chain(
            Given(**FINITE, p=joint("k", "m", zeros=False)),
            "log(p(x))",
            "= log(Sum(q(z)*p(x, z)/q(z), z))",
        ),
        "1.1b",
        "k = 1, m = 2, x = 1, q = (1, 0), p = [1/2, 1/2]",
        "divides by zero",
    ),
]
