"""Every line that a review of the checker had found misjudged, and relatives next to it.

Columns: whether the proof holds, what the checker said before, what it says now; then the proof.
"""

from kl_utils.derivation import Given, gaussian, real, vector
from tests.support.wrong_proofs import Proof

from .meanings import BIV, FIN, FINP, MATS, ONE, P1, Q1, QN, SN, TWO, N, qp, qp2

ROWS = []  # of kind, proof, and two verdicts: before the checker was mended, and now
kind = ""


def row(truth, before, now, given, *lines, **meanings):
    title = " | ".join(lines)
    made = Proof(title, given, lines, None if truth == "holds" else "", meanings)
    ROWS.append((kind, made, before, now))


# fmt: off
kind = "silent wrong ticks"
row("breaks", "holds", "breaks", Given(), "E(exp(-(z-1)**2/(2*(1/2000)**2))/(1/2000))", "= 0", q=P1)
row("holds", "refused", "holds", Given(), "E(exp(-(z-1)**2/(2*(1/2000)**2))/(1/2000))",
  "= exp(-1/(2*(1+(1/2000)**2)))/sqrt(1+(1/2000)**2)", q=P1)
row("breaks", "holds", "breaks", Given(), "E(exp(-(z-1)**2/(2*(1/1000)**2))/(1/1000))", "= 0", q=P1)
row("holds", "refused", "holds", Given(), "E(exp(-(z-1)**2/(2*(1/1000)**2))/(1/1000))",
  "= exp(-1/(2*(1+(1/1000)**2)))/sqrt(1+(1/1000)**2)", q=P1)
row("breaks", "holds", "breaks", Given(), "E(exp(-(z-1)**2/(2*(1/500)**2))/(1/500))", "= 0", q=P1)
row("holds", "refused", "holds", Given(), "E(exp(-(z-1)**2/(2*(1/500)**2))/(1/500))",
  "= exp(-1/(2*(1+(1/500)**2)))/sqrt(1+(1/500)**2)", q=P1)
row("breaks", "holds", "breaks", Given(), "E(exp(-(z-1)**2/(2*(1/200)**2))/(1/200))", "= 0", q=P1)
row("holds", "refused", "holds", Given(), "E(exp(-(z-1)**2/(2*(1/200)**2))/(1/200))",
  "= exp(-1/(2*(1+(1/200)**2)))/sqrt(1+(1/200)**2)", q=P1)
row("breaks", "holds", "breaks", Given(), "E(exp(-(z-1)**2/(2*(1/100)**2))/(1/100))", "= 0", q=P1)
row("holds", "refused", "holds", Given(), "E(exp(-(z-1)**2/(2*(1/100)**2))/(1/100))",
  "= exp(-1/(2*(1+(1/100)**2)))/sqrt(1+(1/100)**2)", q=P1)
S = Given(s=[1/2000, 1/1000, 1/500, 1/200, 1/100])
row("breaks", "holds", "breaks", S, "E(exp(-(z-1)**2/(2*s**2))/s)", "= 0", q=P1)
row("holds", "refused", "holds", S, "E(exp(-(z-1)**2/(2*s**2))/s)",
  "= sqrt(2*pi)*normal(1, 0, 1+s**2)", q=P1)
row("breaks", "holds", "breaks", Given(), "Int(normal(z, 0, 1), z, -200, 200)", "= 0")
row("holds", "refused", "holds", Given(), "Int(normal(z, 0, 1), z, -200, 200)", "= 1")
row("breaks", "holds", "breaks", Given(), "Int(normal(z, 3, 1/400), z, -200, 200)", "= 0")
row("holds", "refused", "holds", Given(), "Int(normal(z, 3, 1/400), z, -200, 200)", "= 1")
row("breaks", "holds", "breaks", Given(), "Int(normal(z, 0, 1), z, -10**4, 10**4)", "= 0")
row("holds", "refused", "holds", Given(), "Int(normal(z, 0, 1), z, -10**4, 10**4)", "= 1")
row("breaks", "holds", "breaks", Given(), "Int(normal(z, 3, 1/400), z, -10**4, 10**4)", "= 0")
row("holds", "refused", "holds", Given(), "Int(normal(z, 3, 1/400), z, -10**4, 10**4)", "= 1")
sn20 = {"p(z)": gaussian("0", "1"), "p(x|z)": gaussian("z", "1/400", of="x")}
row("breaks", "breaks", "breaks", SN, "E(p(x|z), p(z))", "= 0", **sn20)
row("breaks", "breaks", "breaks", SN, "E(p(x|z), p(z))", "= normal(x, 0, 1)", **sn20)
row("holds", "refused", "holds", SN, "E(p(x|z), p(z))", "= normal(x, 0, 401/400)", **sn20)
row("breaks", "holds", "breaks", Given(x=vector("n"), n=[30]), "Prod(normal(x[i], 0, 1), i, n)",
  "= 0")
row("breaks", "holds", "breaks", SN, "Prod(normal(x, 0, 1), i, 30)", "= 0")
row("breaks", "holds", "breaks", Given(), "1 + 10**17 - 10**17", "= 0")
row("breaks", "holds", "breaks", N, "E(T(z)@z)",
  "= tr(Sigma) + T(mu)@mu + (n-1)*(n-2)*E(abs(z[1]-mu[1]))", q=QN)
row("breaks", "breaks", "breaks", Given(n=range(1, 4), u=vector("n")), "Int(exp(z**2), z)",
  "= 3 + 0*T(u)@u")
row("breaks", "breaks", "breaks", Given(n=range(1, 4), u=vector("n")),
  "T(u)@u + Int(1/(1+abs(z)), z)", "= T(u)@u")
row("breaks", "holds", "breaks", Given(), "Int(z/(1+z**2), z)", "= 0")
row("breaks", "holds", "breaks", Given(n=range(1, 5), u=vector("n")), "T(u)@u",
  "= T(u)@u + (n-1)*(n-2)*Int(1/(1+abs(z)), z)")
row("breaks", "breaks", "breaks", Given(n=range(1, 5), u=vector("n")), "T(u)@u",
  "= T(u)@u + (n-1)*(n-2)*Int(exp(z**2), z, -30, 30)")
kind = "true, but refused"
row("holds", "refused", "holds", FIN, "KL(q, p)", "= Sum(q(z)*log(q(z)/p(z)), z)")
row("holds", "holds", "holds", FINP, "KL(q, p)", "= Sum(q(z)*log(q(z)/p(z)), z)")
row("holds", "refused", "holds", FIN, "KL(q, p)", "= E(log(q(z)/p(z)))")
row("holds", "refused", "holds", ONE, "Int(p(z)**2/q(z), z)", "= Int(p(z)**2/q(z), z)",
  q=gaussian("mu", "1+sigma**2"), p=P1)
row("holds", "refused", "holds", Given(mu=real(), sigma=[1, 2, 3, 3/2]), "Int(p(z)**2/q(z), z)",
  "= sigma**2/sqrt(2*sigma**2-1)*exp(mu**2/(2*sigma**2-1))", q=gaussian("mu", "sigma**2"), p=P1)
row("holds", "refused", "holds", ONE, "Int(D(q(z), mu)**2/q(z), z)", "= 1/sigma**2", q=Q1)
row("holds", "refused", "holds", ONE, "Int(D(q(z), z)**2/q(z), z)", "= 1/sigma**2", q=Q1)
row("holds", "refused", "holds", Given(), "Int(normal(z, 0, 1), z, 0, inf)", "= 1/2")
row("holds", "refused", "holds", Given(), "Int(normal(z, 0, 1), z, -inf, 0)", "= 1/2")
row("holds", "refused", "holds", Given(n=range(0, 4)), "Sum(i, i, n)", "= n*(n+1)/2")
row("holds", "refused", "holds", Given(n=range(1, 5)), "Prod(i, i, n-1)*n", "= Prod(i, i, n)")
row("holds", "refused", "holds", Given(), "Sum(i, i, 60)", "= 1830")
row("holds", "refused", "holds", Given(), "Sum(i**2, i, 100)", "= 338350")
row("holds", "holds", "holds", Given(), "Int(Int(normal(x, z, 1)*normal(z, 0, 1), x), z)", "= 1")
kind = "cases too tame"
row("breaks", "holds", "breaks", BIV, "abs(Sigma[1,2])", "<= Sigma[1,1]")
row("breaks", "holds", "breaks", ONE, "H(q)", ">= 0", q=Q1)
row("breaks", "holds", "breaks", MATS, "tr(A@B@C)", ">= 0")
row("breaks", "holds", "breaks", ONE, "KL(q, p)", "<= 20", **qp)
row("breaks", "breaks", "breaks", TWO, "KL(q, p)", "<= 20", **qp2)
# fmt: on
