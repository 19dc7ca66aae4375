"""What the letters of the trials stand for."""

from kl_utils.derivation import (
    Given,
    covariance,
    gaussian,
    index,
    joint,
    matrix,
    positive,
    real,
    simplex,
    vector,
)

ONE = Given(mu=real(), sigma=positive())
Q1, P1 = gaussian("mu", "sigma**2"), gaussian("0", "1")
qp = dict(q=Q1, p=P1)
TWO = Given(mu=real(), sigma=positive(), m=real(), s=positive())
qp2 = dict(q=gaussian("mu", "sigma**2"), p=gaussian("m", "s**2"))
N = Given(n=range(1, 6), mu=vector("n"), Sigma=covariance("n"))
QN, PN = gaussian("mu", "Sigma"), gaussian("0", "I")
BIV = Given(n=[2, 3], mu=vector("n"), Sigma=covariance("n"))
MATS = Given(n=range(1, 5), A=covariance("n"), B=covariance("n"), C=covariance("n"), x=vector("n"))
SQ = Given(n=range(1, 5), A=matrix("n", "n"), B=matrix("n", "n"))
FIN = Given(k=range(1, 5), q=simplex("k"), p=simplex("k"))
FINP = Given(k=range(1, 5), q=simplex("k"), p=simplex("k", zeros=False))
JOINT = Given(k=range(1, 4), m=range(1, 4), p=joint("k", "m"))
JOINT2 = Given(k=range(1, 4), m=range(1, 4), q=joint("k", "m"), p=joint("k", "m", zeros=False))
SIZES = dict(k=range(1, 4), m=range(1, 4))
OUT = Given(**SIZES, x=index("k"), q=simplex("m"), p=joint("k", "m", zeros=False))
LG = Given(x=real(), s=positive(), mu=real(), sigma=positive())
lg = {
    "p(z)": gaussian("0", "1"),
    "p(x|z)": gaussian("z", "s**2", of="x"),
    "p(x)": gaussian("0", "1+s**2", of="x"),
    "p(z|x)": gaussian("x/(1+s**2)", "s**2/(1+s**2)"),
    "q": Q1,
}
RATE = Given(a=positive(), b=positive())
L1 = Given(lam=positive())
M1 = Given(m=positive())
NONE = Given()
SN = Given(x=real())
sn = dict(q=gaussian("0", "1"))
STD = dict(q=gaussian("0", "1"))
XR = Given(x=real())
