"""Derivations that check themselves.

A derivation is a chain of lines. Each line is one expression in a small language (its table is on
the page "Checking a proof"); the mathematics on the page and the number that is compared both come
from that one expression.

    given = Given(n=range(1, 6), mu=vector("n"), Sigma=diagonal("n"))
    d = Derivation("2.4", given, q=gaussian("mu", "Sigma"), p=gaussian("0", "I"))
    d.line("E(log_q(z) - log_p(z))", "definition")
    d.line("= (tr(Sigma) + T(mu)@mu - n - log(det(Sigma)))/2", "moments of q")
    d.check()

Every line is compared with the line above it (its link) and with the first line (its anchor), at
many cases. Agreement at all of them is strong evidence and no proof: the reasons are for people to
judge.

To read the code, follow a line on its way, from `derivation.Derivation`:

- `kinds` and `given` make the cases at which lines are compared, the simplest first; `families`
  makes the distributions, and `pairs` adds p(x) and p(z|x) where they follow.
- `spelling` writes the signs of paper as they are typed here; `parsing` reads a line into a tree
  (`trees`), or gives `advice`. `functions` has one row for each function of the language, and is
  the place to add one; `special` has the gamma function and its like.
- `scope` evaluates a tree: `operations` on numbers and matrices, `densities` of `distributions`
  (finite ones from their `tables`), `derivatives` by rules, and what binds a variable: `sums` and
  `integrals`. Those of Gaussian form are exact (`degrees`, `gaussian_integrals`); others are cut at
  `breakpoints`, and followed in `logarithms`. `line_values` evaluates a line at all cases.
- `checking` compares the lines, and gives each a verdict; `totals` looks at the densities given.
- `typeset` turns a tree into LaTeX (`symbols`, `typeset_arithmetic`, `typeset_functions`), `layout`
  breaks it into rows, and `report` puts the verdicts into words (`numbers_in_words`). Of a reason,
  `mathematics` says what may stand on a page as a formula.
- Of a proof that is text all through, `proof_texts`, what is given is read by `frames`: only the
  `calls` of kinds and families are made. `typeset_frames` shows what is given as mathematics.
"""

from .derivation import Derivation
from .families import (
    bernoulli,
    beta_density,
    categorical,
    density,
    exponential,
    gamma_density,
    gaussian,
    laplace,
    mass,
    poisson,
    student,
)
from .given import Given
from .kinds import (
    between,
    covariance,
    diagonal,
    index,
    joint,
    matrix,
    positive,
    real,
    simplex,
    vector,
)
from .report import BrokenDerivation, Report, Verdict

__all__ = [
    "BrokenDerivation",
    "Derivation",
    "Given",
    "Report",
    "Verdict",
    "bernoulli",
    "beta_density",
    "between",
    "categorical",
    "covariance",
    "density",
    "diagonal",
    "exponential",
    "gamma_density",
    "gaussian",
    "index",
    "joint",
    "laplace",
    "mass",
    "matrix",
    "poisson",
    "positive",
    "real",
    "simplex",
    "student",
    "vector",
]
