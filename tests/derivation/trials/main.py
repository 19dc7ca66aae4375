"""Gaussian and finite distributions."""

from kl_utils.derivation import Given, gaussian, positive, real

from . import Trials
from .meanings import (
    BIV,
    FIN,
    FINP,
    JOINT,
    JOINT2,
    LG,
    M1,
    NONE,
    ONE,
    OUT,
    P1,
    PN,
    Q1,
    QN,
    SN,
    TWO,
    N,
    lg,
    qp,
    qp2,
    sn,
)

TRIALS = trials = Trials()
W, R = trials.wrong, trials.right

# fmt: off
trials.kind = "KL Gaussian"
W("b", ONE, "KL(q, p)", "= KL(p, q)", **qp)
R(Given(mu=real(), m=real(), sigma=positive()), "KL(q, p)", "= KL(p, q)",
  "= (mu-m)**2/(2*sigma**2)", q=gaussian("mu", "sigma**2"), p=gaussian("m", "sigma**2"))
W("b", ONE, "KL(q, p)", ">= mu**2", **qp)
R(ONE, "KL(q, p)", ">= mu**2/2", **qp)
R(ONE, "KL(q, p)", ">= (sigma - 1)**2/2", **qp)
W("b", ONE, "KL(q, p)", ">= (sigma**2 - 1)**2/4", **qp)
W("b", ONE, "KL(q, p)", "<= (mu**2 + (sigma**2 - 1)**2)/2", **qp)
W("c", TWO, "KL(q, p)", "= log(s/sigma) + (sigma**2 + (mu-m)**2)/(2*s**2) - 1/2",
  "= log(s/sigma) + (sigma/s)**2/2 + ((mu-m)/sigma)**2/2 - 1/2", **qp2)
R(TWO, "KL(q, p) + KL(p, q)",
  "= (sigma**2/s**2 + s**2/sigma**2 - 2)/2 + (mu-m)**2*(1/s**2+1/sigma**2)/2", **qp2)
R(N, "KL(q, p)", "= (tr(Sigma) + T(mu)@mu - n - log(det(Sigma)))/2", ">= T(mu)@mu/2", q=QN, p=PN)
W("b", N, "KL(q, p)", "= Sum(Sigma[i,i] + mu[i]**2 - 1 - log(Sigma[i,i]), i, n)/2", q=QN, p=PN)
R(N, "KL(q, p)", ">= Sum(Sigma[i,i] + mu[i]**2 - 1 - log(Sigma[i,i]), i, n)/2", q=QN, p=PN)
W("b", N, "KL(q, p)", "<= T(mu)@mu/2 + tr((Sigma - I)@(Sigma - I))/4", q=QN, p=PN)
R(N, "KL(q, p)", "= H(q, p) - H(q)", q=QN, p=PN)
W("b", N, "KL(p, q)", "= (tr(inv(Sigma)) + T(mu)@mu - n + log(det(Sigma)))/2", q=QN, p=PN)
trials.kind = "entropy"
W("b", N, "H(q)", "= Sum(log(2*pi*exp(1)*Sigma[i,i]), i, n)/2", q=QN)
W("b", N, "H(q)", ">= Sum(log(2*pi*exp(1)*Sigma[i,i]), i, n)/2", q=QN)
R(N, "H(q)", "<= Sum(log(2*pi*exp(1)*Sigma[i,i]), i, n)/2", q=QN)
W("b", ONE, "H(q)", ">= -2", **qp)
W("b", ONE, "H(q)", ">= log(sigma) + 3/2", **qp)
R(ONE, "H(q)", "<= (log(2*pi) + sigma**2)/2", **qp)
W("c", ONE, "-E(log_q(z))", "= log(2*pi*sigma**2)/2 + E((z-mu)**2)/(2*sigma**2)",
  "= log(2*pi*sigma**2)/2 + 1", **qp)
R(ONE, "exp(2*H(q))/(2*pi*exp(1))", "= Var(z)", **qp)
R(TWO, "H(q, p)", "= log(s) + log(2*pi)/2 + (sigma**2+(mu-m)**2)/(2*s**2)", **qp2)
W("b", TWO, "H(q, p)", "= H(p, q)", **qp2)
W("b", TWO, "H(q, p)", ">= H(p)", **qp2)
R(TWO, "H(q, p)", ">= H(q)", **qp2)
trials.kind = "Jensen"
W("b", ONE, "log(E(exp(z)))", "<= E(z)", q=Q1)
R(ONE, "log(E(exp(z)))", ">= E(z)", q=Q1)
W("b", ONE, "E(sqrt(1+z**2))", "<= sqrt(1+E(z)**2)", q=Q1)
R(ONE, "E(sqrt(1+z**2))", "<= sqrt(1+E(z**2))", q=Q1)
W("b", ONE, "E(log(1+z**2))", ">= log(1+E(z**2))", q=Q1)
R(ONE, "E(1/(1+z**2))", ">= 1/(1+E(z**2))", q=Q1)
R(ONE, "E(abs(z))", "<= sqrt(E(z**2))", q=Q1)
R(ONE, "E(abs(z))", ">= abs(E(z))", q=Q1)
W("b", ONE, "E(abs(z))", "<= abs(mu) + sigma/2", q=Q1)
trials.kind = "Gaussian moments"
W("b", ONE, "E(z**4)", "= 3*sigma**4 + mu**4", q=Q1)
R(ONE, "E(z**4)", "= mu**4 + 6*mu**2*sigma**2 + 3*sigma**4", q=Q1)
W("b", ONE, "E((z-mu)**6)", "= 12*sigma**6", q=Q1)
R(ONE, "E((z-mu)**8)", "= 105*sigma**8", q=Q1)
W("b", ONE, "Var(z**2)", "= 2*sigma**4", q=Q1)
W("b", ONE, "Var(exp(z))", "= exp(2*mu + sigma**2)*(exp(2*sigma**2) - 1)", q=Q1)
R(ONE, "Var(exp(z))", "= exp(2*mu + sigma**2)*(exp(sigma**2) - 1)", q=Q1)
R(ONE, "E((z-mu)*exp(z))", "= sigma**2*E(exp(z))", q=Q1)
W("b", ONE, "E((z-mu)*exp(z))", "= sigma*E(exp(z))", q=Q1)
R(ONE, "E(exp(-z**2/2))", "= exp(-mu**2/(2*(1+sigma**2)))/sqrt(1+sigma**2)", q=Q1)
W("b", ONE, "E(exp(-z**2/2))", "= exp(-mu**2/2)/sqrt(1+sigma**2)", q=Q1)
W("b", BIV, "E((z[1]-mu[1])**2*(z[2]-mu[2])**2)", "= Sigma[1,1]*Sigma[2,2] + Sigma[1,2]**2", q=QN)
R(BIV, "E((z[1]-mu[1])**2*(z[2]-mu[2])**2)", "= Sigma[1,1]*Sigma[2,2] + 2*Sigma[1,2]**2", q=QN)
trials.kind = "reparameterisation"
R(ONE, "E(z**3)", "= E_r((mu+sigma*eps)**3)", q=Q1, r=gaussian("0", "1", of="eps"))
W("b", ONE, "E(z**3)", "= E_r((mu+sigma**2*eps)**3)", q=Q1, r=gaussian("0", "1", of="eps"))
R(ONE, "D(E(z**3), mu)", "= E(3*z**2)", q=Q1)
W("b", ONE, "D(E(z**2), sigma)", "= sigma", q=Q1)
R(ONE, "D(KL(q, p), sigma)", "= sigma - 1/sigma", **qp)
W("b", ONE, "D(H(q), sigma)", "= 1/sigma**2", **qp)
R(ONE, "E(D(log_q(z), sigma))", "= 0", q=Q1)
R(ONE, "D(E(exp(z)), sigma)", "= E_r(eps*exp(mu+sigma*eps))", q=Q1, r=gaussian("0", "1", of="eps"))
trials.kind = "change of variables"
W("b", M1, "Int(normal(m*z, 0, 1), z)", "= 1")
R(M1, "Int(normal(m*z, 0, 1), z)", "= 1/m")
W("b", NONE, "Int(normal(z**3, 0, 1), z)", "= 1")
R(NONE, "Int(3*z**2*normal(z**3, 0, 1), z)", "= 1")
R(ONE, "Int(normal(log(y), mu, sigma**2)/y, y, 0, inf)", "= 1")
W("b", ONE, "Int(normal(log(y), mu, sigma**2), y, 0, inf)", "= 1")
R(ONE, "Int(y*normal(log(y), mu, sigma**2)/y, y, 0, inf)", "= exp(mu + sigma**2/2)")
trials.kind = "ELBO"
R(LG, "log(p(x))", "= E(log(p(x|z)*p(z)) - log_q(z)) + KL(q(z), p(z|x))",
  ">= E(log(p(x|z)*p(z)) - log_q(z))", **lg)
W("b", LG, "E(log(p(x|z)))", "= -(x-mu)**2/(2*s**2) - log(2*pi*s**2)/2", **lg)
R(LG, "E(log(p(x|z)))", "= -((x-mu)**2 + sigma**2)/(2*s**2) - log(2*pi*s**2)/2", **lg)
W("b", LG, "E(log(p(x|z))) - KL(q(z), p(z))", "= log(p(x)) + KL(q(z), p(z|x))", **lg)
R(LG, "E(log(p(x|z))) - KL(q(z), p(z))", "= log(p(x)) - KL(q(z), p(z|x))", **lg)
W("b", LG, "log(p(x))", "<= E(log(p(x|z))) - KL(q(z), p(z))", **lg)
R(OUT, "log(p(x))", ">= E(log(p(x, z)/q(z)))", "= E(log(p(x|z))) - KL(q(z), p(z))")
W("c", OUT, "log(p(x))", ">= E(log(p(x, z)/q(z)))", "= E(log(p(x|z))) + KL(q(z), p(z))")
trials.kind = "small noise"
R(SN, "E(normal(x, z, 1/400))", "= normal(x, 0, 401/400)", **sn)
W("b", SN, "E(normal(x, z, 1/400))", "= 0", **sn)
W("b", SN, "E(normal(x, z, 1/400))", "= normal(x, 0, 1)", **sn)
R(Given(x=real(), s=[1, 1/2, 1/20, 1/100]), "E(p(x|z))", "= normal(x, 0, 1+s**2)",
  q=gaussian("0", "1"), **{"p(x|z)": gaussian("z", "s**2", of="x")})
W("b", Given(x=real(), s=[1, 1/2, 1/20, 1/100]), "E(p(x|z))", "= normal(x, 0, (1+s)**2)",
  q=gaussian("0", "1"), **{"p(x|z)": gaussian("z", "s**2", of="x")})
trials.kind = "mixture"
mix = dict(r="(normal(z, -m, 1) + normal(z, m, 1))/2")
R(M1, "Int(z**2*r, z)", "= 1 + m**2", **mix)
W("b", M1, "Int(z**2*r, z)", "= 1", **mix)
R(M1, "-Int(r*log(r), z)", "<= log(2) + log(2*pi*exp(1))/2", **mix)
W("b", M1, "-Int(r*log(r), z)", "= log(2) + log(2*pi*exp(1))/2", **mix)
R(M1, "-Int(r*log(r), z)", ">= log(2*pi*exp(1))/2", **mix)
R(M1, "-Int(r*log(r), z)", "<= log(2*pi*exp(1)*(1+m**2))/2", **mix)
R(M1, "Int(r*log(r/normal(z, 0, 1+m**2)), z)", ">= 0", **mix)
W("b", M1, "Int(r*log(r/normal(z, 0, 1)), z)", "= m**2/2", **mix)
trials.kind = "finite, zeros"
R(FIN, "KL(q, p)", "= Sum(q(z)*log(q(z)/p(z)), z)")
R(FIN, "KL(q, p)", "= E(log(q(z)/p(z)))")
R(FINP, "KL(q, p)", "= Sum(q(z)*log(q(z)), z) - Sum(q(z)*log(p(z)), z)", "= H(q, p) - H(q)")
R(FIN, "-Sum(q(z)*log(q(z)), z)", "= H(q)", "<= log(k)")
W("b", FIN, "H(q)", "= log(k)")
W("b", FINP, "KL(q, p)", "= H(q) - H(p)")
W("b", FINP, "KL(q, p)", "<= Sum(abs(q(z)-p(z)), z)")
R(FINP, "KL(q, p)", ">= Sum(abs(q(z)-p(z)), z)**2/2")
W("b", FINP, "KL(q, p)", ">= Sum(abs(q(z)-p(z)), z)**2")
R(FINP, "KL(q, p)", "<= log(1 + Sum((q(z)-p(z))**2/p(z), z))", "<= Sum((q(z)-p(z))**2/p(z), z)")
W("b", FINP, "KL(q, p)", ">= Sum((q(z)-p(z))**2/p(z), z)/2")
R(FINP, "KL(q, p)", ">= -2*log(Sum(sqrt(q(z)*p(z)), z))", ">= 2*(1 - Sum(sqrt(q(z)*p(z)), z))")
W("b", FINP, "KL(q, p)", "<= -2*log(Sum(sqrt(q(z)*p(z)), z))")
W("b", FINP, "KL(q, p)", "= Sum(q(z)*log(p(z)/q(z)), z)")
trials.kind = "chain rule, data processing"
R(JOINT, "-Sum(Sum(p(x,z)*log(p(x,z)), z), x)",
  "<= -Sum(p(x)*log(p(x)), x) - Sum(p(z)*log(p(z)), z)")
W("b", JOINT, "-Sum(Sum(p(x,z)*log(p(x,z)), z), x)",
  "= -Sum(p(x)*log(p(x)), x) - Sum(p(z)*log(p(z)), z)")
R(JOINT, "Sum(Sum(p(x,z)*log(p(x,z)/(p(x)*p(z))), z), x)",
  "= Sum(p(x)*Sum(p(z|x)*log(p(z|x)/p(z)), z), x)")
W("b", JOINT, "Sum(Sum(p(x,z)*log(p(x,z)/(p(x)*p(z))), z), x)", "= Sum(p(z)*log(1/p(z)), z)")
R(JOINT, "Sum(Sum(p(x,z)*log(p(x,z)/(p(x)*p(z))), z), x)", "<= -Sum(p(z)*log(p(z)), z)")
R(JOINT2, "Sum(q(z)*log(q(z)/p(z)), z)", "<= Sum(Sum(q(x,z)*log(q(x,z)/p(x,z)), z), x)")
W("b", JOINT2, "Sum(q(z)*log(q(z)/p(z)), z)", "= Sum(Sum(q(x,z)*log(q(x,z)/p(x,z)), z), x)")
R(JOINT2, "Sum(Sum(q(x,z)*log(q(x,z)/p(x,z)), z), x)",
  "= Sum(q(x)*log(q(x)/p(x)), x) + Sum(Sum(q(x,z)*log(q(z|x)/p(z|x)), z), x)")
W("b", JOINT2, "Sum(Sum(q(x,z)*log(q(x,z)/p(x,z)), z), x)",
  "= Sum(q(x)*log(q(x)/p(x)), x) + Sum(q(z)*log(q(z)/p(z)), z)")
trials.kind = "Pinsker, Gaussian"
SHIFT = Given(mu=real())
sh = dict(q=gaussian("mu", "1"), p=gaussian("0", "1"))
R(SHIFT, "Int(abs(q(z)-p(z)), z)**2", "<= 2*KL(q, p)", **sh)
W("b", SHIFT, "Int(abs(q(z)-p(z)), z)**2", "<= KL(q, p)", **sh)
R(SHIFT, "Int(max(q(z)-p(z), 0), z)", "= Int(abs(q(z)-p(z)), z)/2", **sh)
trials.kind = "Fisher information"
R(ONE, "Int(D(q(z), mu)**2/q(z), z)", "= 1/sigma**2", q=Q1)
W("b", ONE, "Int(D(q(z), mu)**2/q(z), z)", "= 1/sigma", q=Q1)
R(ONE, "Int(D(q(z), sigma)**2/q(z), z)", "= 2/sigma**2", q=Q1)
W("b", ONE, "Int(D(q(z), sigma)**2/q(z), z)", "= 1/sigma**2", q=Q1)
R(ONE, "E(D(log_q(z), mu)**2)", "= Int(D(q(z), mu)**2/q(z), z)", q=Q1)
trials.kind = "Rényi, χ²"
R(SHIFT, "Int(q(z)**2/p(z), z)", "= exp(mu**2)", **sh)
W("b", SHIFT, "Int(q(z)**2/p(z), z)", "= exp(mu**2/2)", **sh)
R(SHIFT, "log(Int(q(z)**2/p(z), z))", ">= KL(q, p)", **sh)
W("b", SHIFT, "Int(q(z)**2/p(z), z) - 1", "<= 2*KL(q, p)", **sh)
R(Given(sigma=[1, 2, 3]), "Int(p(z)**2/q(z), z)", "= sigma**2/sqrt(2*sigma**2-1)",
  q=gaussian("0", "sigma**2"), p=P1)
R(TWO, "Int(sqrt(q(z)*p(z)), z)",
  "= sqrt(2*sigma*s/(sigma**2+s**2))*exp(-(mu-m)**2/(4*(sigma**2+s**2)))", **qp2)
W("b", TWO, "Int(sqrt(q(z)*p(z)), z)", "= exp(-(mu-m)**2/(4*(sigma**2+s**2)))", **qp2)
R(TWO, "-2*log(Int(sqrt(q(z)*p(z)), z))", "<= KL(q, p)", **qp2)
# fmt: on
