"""True steps in many bracketings, bounds that only tame cases meet, derivatives, chance."""

from kl_utils.derivation import (
    Given,
    between,
    covariance,
    diagonal,
    gaussian,
    matrix,
    real,
    simplex,
    vector,
)

from . import Trials
from .meanings import BIV, FIN, FINP, JOINT, JOINT2, M1, NONE, ONE, PN, Q1, QN, STD, TWO, XR, N, qp

TRIALS = trials = Trials()
W, R = trials.wrong, trials.right

# fmt: off
trials.kind = "conventions"
W("a", NONE, "Sum(0*log(0-1), i, 2)", "= 0")
W("a", NONE, "Sum(0*sqrt(0-1), i, 2)", "= 0")
W("b", NONE, "Sum(0*(1/0), i, 2) + 1", "= 2")
W("a", NONE, "E((z-z)*log(z-z-1))", "= 0", **STD)
W("a", NONE, "E((z-z)*(1/(z-z)))", "= 0", **STD)
W("ab", Given(k=[2], m=[3], q=simplex("k"), p=simplex("m", zeros=False)), "Sum(p(z), z)",
  "= p(1) + p(2)")
W("a", Given(x=[1, 2]), "D(abs(x/1 - 1), x)", "= 0")
W("a", Given(x=[1.0]), "D(abs(x - 1), x)", "= 0")
W("b", XR, "x²³", "= x**8")
W("b", Given(x=[2.0]), "x²²", "= 16")
R(Given(x=[-1.0, 2.0, -1.5]), "log(x*exp(1)*x)", "= 1 + log(x**2)")
R(Given(n=[40], x=vector("n")), "log(Prod(normal(x[i], 0, 1), i, n))",
  "= -T(x)@x/2 - n*log(2*pi)/2")
R(JOINT2, "Sum(Sum(q(x,z)*log((q(x,z)/q(x))/(p(x,z)/p(x))), z), x)",
  "= Sum(Sum(q(x,z)*(log(q(z|x)) - log(p(z|x))), z), x)")
R(FIN, "Sum(q(z)*log(q(z)/(q(z)/2 + p(z)/2)), z)", "<= log(2)")
R(FIN,
  "Sum(q(z)*(log(q(z)) - log((q(z) + p(z))/2)), z)/2 + Sum(p(z)*(log(p(z)) - log((q(z) + "
  "p(z))/2)), z)/2", "<= log(2)")
R(FINP, "Sum(q(z)**2/p(z), z) - 1", ">= KL(q, p)")
R(FIN, "-Sum(q(z)*log(p(z)), z)", ">= H(q)")
W("a", NONE, "Sum(0*(0/0), i, 1)", "= 0")
W("b", FINP, "Sum(q(z)*log(q(z)), z)",
  "= Sum(q(z)*log(q(z)), z) + Sum(q(z)*log(q(z)*0), z)*0 + q(1)*0 + Sum(q(z)**0, z) - k + "
  "Prod(q(z), z)")
W("ab", FIN, "Sum(q(z)/q(z), z)", "= k")
W("ab", JOINT, "Sum(Sum(p(x,z)/p(x,z), z), x)", "= k*m")
W("a", NONE, "E(1/(z-z))", "= 0", **STD)
W("a", NONE, "E(log(abs(z-z)))", "<= 0", **STD)
W("a", NONE, "log(0)", "<= 5")
trials.kind = "true steps, other bracketings"
R(FIN, "KL(q, p)", "= Sum(q(z)*(log(q(z)) - log(p(z))), z)")
R(FINP, "KL(q, p)", "= Sum(q(z)*(log(q(z)) - log(p(z))), z)")
W("b", FINP, "KL(q, p)", "= 2*Sum(q(z)*(log(q(z)) - log(p(z))), z)")
R(FIN, "KL(q, p)", "= -Sum(q(z)*log(p(z)/q(z)), z)")
R(FINP, "KL(q, p)", "= -Sum(q(z)*log(p(z)/q(z)), z)")
W("b", FINP, "KL(q, p)", "= -2*Sum(q(z)*log(p(z)/q(z)), z)")
R(FIN, "KL(q, p)", "= Sum(log(q(z)/p(z))*q(z), z)")
R(FINP, "KL(q, p)", "= Sum(log(q(z)/p(z))*q(z), z)")
W("b", FINP, "KL(q, p)", "= 2*Sum(log(q(z)/p(z))*q(z), z)")
R(FIN, "KL(q, p)", "= Sum(q(z)*log(q(z)/p(z)*1), z)")
R(FINP, "KL(q, p)", "= Sum(q(z)*log(q(z)/p(z)*1), z)")
W("b", FINP, "KL(q, p)", "= 2*Sum(q(z)*log(q(z)/p(z)*1), z)")
R(FIN, "KL(q, p)", "= Sum(q(z)*(log(q(z)/p(z))), z)")
R(FINP, "KL(q, p)", "= Sum(q(z)*(log(q(z)/p(z))), z)")
W("b", FINP, "KL(q, p)", "= 2*Sum(q(z)*(log(q(z)/p(z))), z)")
R(FIN, "KL(q, p)", "= E(log(q(z)) - log(p(z)))")
R(FINP, "KL(q, p)", "= E(log(q(z)) - log(p(z)))")
W("b", FINP, "KL(q, p)", "= 2*E(log(q(z)) - log(p(z)))")
R(FIN, "KL(q, p)", "= -E(log(p(z)/q(z)))")
R(FINP, "KL(q, p)", "= -E(log(p(z)/q(z)))")
W("b", FINP, "KL(q, p)", "= -2*E(log(p(z)/q(z)))")
R(FIN, "KL(q, p)", "= Sum(2*q(z)*log(sqrt(q(z)/p(z))), z)")
R(FINP, "KL(q, p)", "= Sum(2*q(z)*log(sqrt(q(z)/p(z))), z)")
W("b", FINP, "KL(q, p)", "= 2*Sum(2*q(z)*log(sqrt(q(z)/p(z))), z)")
R(FINP, "KL(q, p)", "= Sum(q(z)*log(q(z)) - q(z)*log(p(z)), z)")
R(FINP, "KL(q, p)", "= Sum(p(z)*(q(z)/p(z))*log(q(z)/p(z)), z)")
R(FINP, "KL(q, p)", "= Sum(log((q(z)/p(z))**q(z)), z)")
R(FINP, "KL(q, p)", "= log(Prod((q(z)/p(z))**q(z), z))")
R(FINP, "KL(q, p)", "= -Sum(q(z)*log(p(z)), z) + Sum(q(z)*log(q(z)), z)")
R(FINP, "KL(q, p)", "= E_p(q(z)/p(z)*log(q(z)/p(z)))")
R(JOINT, "Sum(Sum(p(x,z)*log(p(x,z)/(p(x)*p(z))), z), x)",
  "= Sum(Sum(p(x,z)*(log(p(x,z)) - log(p(x)) - log(p(z))), z), x)")
R(JOINT, "Sum(Sum(p(x,z)*log(p(x,z)/(p(x)*p(z))), z), x)",
  "= Sum(p(x)*Sum(p(z|x)*log(p(z|x)/p(z)), z), x)")
R(JOINT, "Sum(Sum(p(x,z)*log(p(x,z)/(p(x)*p(z))), z), x)", "= E_p(log(p(x,z)/(p(x)*p(z))))")
R(JOINT, "Sum(Sum(p(x,z)*log(p(x,z)/(p(x)*p(z))), z), x)", "= E_p(log(p(x|z)/p(x)))")
R(JOINT, "Sum(Sum(p(x,z)*log(p(x,z)/(p(x)*p(z))), z), x)",
  "= -Sum(p(x)*log(p(x)), x) + Sum(Sum(p(x,z)*log(p(x|z)), x), z)")
R(JOINT, "Sum(Sum(p(x,z)*log(p(x,z)/(p(x)*p(z))), z), x)",
  "= Sum(Sum(p(x,z)*log(p(x,z)/p(x)/p(z)), x), z)")
R(JOINT, "Sum(Sum(p(x,z)*log(p(x,z)/(p(x)*p(z))), z), x)", "= -E_p(log(p(x)*p(z)/p(x,z)))")
R(ONE, "E(p(z)/q(z))", "= 1", **qp)
W("b", ONE, "E(p(z)/q(z))", "= sigma", **qp)
R(ONE, "E(log(1/p(z)))", "= H(q, p)", **qp)
R(ONE, "E(log(p(z)**2/q(z)))", "= H(q) - 2*H(q, p)", **qp)
R(Given(mu=real(), sigma=[20, 50]), "E(log(p(z)**2/q(z)))", "= H(q) - 2*H(q, p)", **qp)
R(Given(mu=real(), sigma=[20, 50]), "E(log(sqrt(p(z)*q(z))))", "= -(H(q) + H(q, p))/2", **qp)
R(Given(mu=real(), sigma=[1/50, 50]), "KL(q, p)", "= Int(q(z)*log(q(z)/p(z)), z)", **qp)
R(Given(mu=real(), sigma=[1/50, 50]), "KL(p, q)", "= Int(p(z)*log(p(z)/q(z)), z)", **qp)
R(ONE, "Int((sqrt(q(z))-sqrt(p(z)))**2, z)", "= 2 - 2*Int(sqrt(q(z)*p(z)), z)", "<= KL(q, p)", **qp)
R(ONE, "Int(q(z)*log(2*q(z)/(q(z)+p(z))), z)", "<= log(2)", **qp)
W("b", ONE, "Int(q(z)*log(2*q(z)/(q(z)+p(z))), z)", "<= log(2)/2", **qp)
R(ONE, "Int(q(z)**2/(q(z)+p(z)), z)", "<= 1", **qp)
R(ONE, "Int(q(z)*p(z)/(q(z)+p(z)), z)", "= 1 - Int(q(z)**2/(q(z)+p(z)), z)", **qp)
W("b", ONE, "Int(q(z)*p(z)/(q(z)+p(z)), z)", "= 1/2", **qp)
R(ONE, "E(D(log(q(z)), z)**2)", "= 1/sigma**2", q=Q1)
R(ONE, "Int(D(q(z), z), z)", "= 0", q=Q1)
R(ONE, "Int(z*D(q(z), z), z)", "= -1", q=Q1)
W("b", ONE, "Int(z*D(q(z), z), z)", "= 1", q=Q1)
W("b", ONE, "E(D(log(q(z)), z)**2)", "= sigma**2", q=Q1)
R(TWO, "Int(q(z)**2/p(z), z)*0", "= 0", q=gaussian("mu", "sigma**2"),
  p=gaussian("m", "sigma**2 + s**2"))
R(TWO, "log(Int(q(z)**2/p(z), z))", ">= KL(q, p)", q=gaussian("mu", "sigma**2"),
  p=gaussian("m", "sigma**2 + s**2"))
R(Given(x=real(), s=[1/20, 1/2]), "log(E(normal(x, z, s**2)))", "= log(normal(x, 0, 1 + s**2))",
  ">= E(log(normal(x, z, s**2)))", **STD)
R(Given(x=[3.5, 8.5]), "log(E(normal(x, z, 1/400)**30))",
  "= log((2*pi/400)**(-15)*sqrt(2*pi/12000)*normal(x, 0, 1+1/12000))", **STD)
R(Given(x=[50.0]), "E(normal(x, z, 1))", "= normal(x, 0, 2)", **STD)
W("ab", Given(x=[50.0]), "E(normal(x, z, 1))", "= normal(x, 0, 4)/10**100", **STD)
R(Given(n=[2]), "E(E_r(normal(z, eps, 1/100)))", "= normal(0, 0, 2+1/100)",
  r=gaussian("0", "1", of="eps"), **STD)
trials.kind = "tame cases"
W("b", XR, "abs(x)", "<= 4")
W("b", M1, "m", ">= 1/5")
W("b", M1, "m", "<= 4")
W("b", Given(w=between(0, 1)), "-log(w)", "<= 5")
W("b", FINP, "KL(q, p)", "<= 5")
W("b", Given(k=[2, 3], p=simplex("k", zeros=False)), "p(1)", ">= 1/200")
W("b", Given(n=[2], A=matrix("n", "n")), "det(A)", ">= 0")
W("b", Given(n=[2, 3], A=matrix("n", "n")), "tr(A@A)", ">= 0")
W("b", Given(n=[2], A=matrix("n", "n")), "tr(A)**2", ">= 4*det(A)")
W("b", N, "T(mu)@inv(Sigma)@mu", "<= 4*T(mu)@mu")
W("b", BIV, "Sigma[1,2]**2", "<= 9/10*Sigma[1,1]*Sigma[2,2]")
W("b", BIV, "Sigma[1,2]", "<= Sigma[2,2]")
W("b", BIV, "tr(Sigma)", "<= 20")
W("b", BIV, "det(Sigma)", ">= 1/20")
W("b", BIV, "Sigma[1,1]", "<= 10*Sigma[2,2]")
W("b", BIV, "KL(q, p)", "<= 30", q=QN, p=PN)
W("b", BIV, "H(q)", ">= 0", q=QN)
W("b", Given(n=[2, 3], A=covariance("n"), B=covariance("n")), "tr(A@B@A@B)", ">= tr(A@A@B@B)/2")
W("b", Given(n=[2, 3], A=covariance("n"), B=covariance("n"), x=vector("n")), "T(x)@(A@B + B@A)@x",
  ">= 0")
W("b", Given(n=[2, 3], A=covariance("n"), B=covariance("n")), "det(A@B + B@A)", ">= 0")
W("b", Given(n=[2, 3], S=diagonal("n")), "det(S)", ">= 1/200")
W("b", Given(n=[2, 3], S=diagonal("n")), "S[1,1]", "<= 10*S[2,2]")
W("b", Given(n=range(1, 6), x=vector("n")), "T(x)@x", "<= 60")
W("b", Given(n=[2], x=vector("n")), "abs(x[1])", "<= 4")
trials.kind = "chance"
W("b", NONE, "0", "~ mean(10**4*exp(-10**6*(z-3)**2))", **STD)
W("b", NONE, "0", "~ mean(step(z-5)*10**6)", **STD)
W("b", NONE, "exp(20)", "~ mean(exp(10*z))", **STD)
W("b", ONE, "E(exp(z**2/(4*sigma**2))) + 1/10", "~ mean(exp(z**2/(4*sigma**2)))",
  q=gaussian("0","sigma**2"))
W("b", ONE, "0", "~ mean(exp(-10**5*(z-mu-3*sigma)**2))", q=Q1)
W("b", ONE, "0", "~ mean(1/(z-mu))", q=Q1)
trials.kind = "derivatives"
W("ab", Given(x=[0.0]), "D(abs(x)*x**2 + exp(-10**8*x**2), x)", "= 1")
W("a", Given(x=[1.0]), "D(max(x, 1), x)", "= 1/2")
W("a", Given(x=[1.0]), "D(step(x-1), x)", "= 0")
W("a", Given(x=[0.0]), "D(sqrt(x**2), x)", "= 0")
W("b", XR, "D(10**(-8)*x**2, x)", "= 0")
W("b", ONE, "D(H(q), sigma)/10**8", "= 0", q=Q1)
W("b", ONE, "D(E(step(z)), mu)", "= 0", q=Q1)
R(ONE, "D(E(step(z)), mu)", "= normal(0, mu, sigma**2)", q=Q1)
W("b", ONE, "D(E(max(z, 0)), mu)", "= 1/2", q=Q1)
# fmt: on
