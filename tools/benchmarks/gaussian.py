"""Time kl_utils.gaussian against torch.distributions and the textbook formulas.

Both forward alone and with the gradients of all arguments. The textbook formula is the shortest
that is right on paper; what it loses in floating point is the subject of chapter 3. Correlations
near 1 are timed apart: there the package computes in twice the precision.
"""

import math
from functools import partial

import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from kl_utils import gaussian

from .timing import Spread, clocked, ratio, spread, take_turns

SIZES = {"smoke": 2, "full": 31}  # rounds
_LOG_2PI = math.log(2 * math.pi)


def textbook_normal(mean_q, std_q, mean_p, std_p):
    gap = mean_q - mean_p
    return torch.log(std_p / std_q) + (std_q**2 + gap**2) / (2 * std_p**2) - 0.5


def textbook_to_standard(mean, log_var):
    return 0.5 * (log_var.exp() + mean**2 - 1 - log_var).sum(-1)


def textbook_diagonal(mean_q, log_var_q, mean_p, log_var_p):
    gap = mean_q - mean_p
    ratio = (log_var_q.exp() + gap**2) / log_var_p.exp()
    return 0.5 * (ratio - 1 + log_var_p - log_var_q).sum(-1)


def textbook_multivariate(mean_q, cov_q, mean_p, cov_p):
    gap, precision = (mean_q - mean_p)[..., None], torch.linalg.inv(cov_p)
    trace = (precision @ cov_q).diagonal(dim1=-2, dim2=-1).sum(-1)
    square = (gap.mT @ precision @ gap)[..., 0, 0]
    return 0.5 * (trace + square - mean_q.shape[-1] + cov_p.logdet() - cov_q.logdet())


def diagonal_normal(mean, log_var):
    return Normal(mean, torch.exp(log_var / 2))


def torch_normal(mean_q, std_q, mean_p, std_p):
    return kl_divergence(Normal(mean_q, std_q), Normal(mean_p, std_p))


def torch_to_standard(mean, log_var):
    standard = Normal(torch.zeros(()), torch.ones(()))
    return kl_divergence(diagonal_normal(mean, log_var), standard).sum(-1)


def torch_diagonal(mean_q, log_var_q, mean_p, log_var_p):
    q, p = diagonal_normal(mean_q, log_var_q), diagonal_normal(mean_p, log_var_p)
    return kl_divergence(q, p).sum(-1)


def torch_multivariate(mean_q, cov_q, mean_p, cov_p):
    return kl_divergence(MultivariateNormal(mean_q, cov_q), MultivariateNormal(mean_p, cov_p))


def torch_log_density(z, mean, log_var):
    return diagonal_normal(mean, log_var).log_prob(z).sum(-1)


def textbook_log_density(z, mean, log_var):
    return -0.5 * (_LOG_2PI + log_var + (z - mean) ** 2 / log_var.exp()).sum(-1)


def random_multivariate(*shape, least=1.0):
    """Return mean_q, cov_q, mean_p, cov_p in float64 for means of this shape.

    No eigenvalue is below `least`. Where that is small, the first two coordinates nearly agree.
    """
    factors = torch.randn(2, *shape, shape[-1], dtype=torch.float64)
    if least < 1:
        factors[..., 1, :] = factors[..., 0, :]
    cov_q, cov_p = factors @ factors.mT + least * torch.eye(shape[-1], dtype=torch.float64)
    mean_q, mean_p = torch.randn(2, *shape, dtype=torch.float64)
    return mean_q, cov_q, mean_p, cov_p


def cases():
    """Return ways to compute the same, by name, and their arguments, by title."""
    kl_normal = ways(gaussian.kl_normal, torch_normal, textbook_normal)
    to_standard = ways(gaussian.kl_diagonal, torch_to_standard, textbook_to_standard)
    diagonal = ways(gaussian.kl_diagonal, torch_diagonal, textbook_diagonal)
    density = ways(gaussian.log_density_diagonal, torch_log_density, textbook_log_density)
    multivariate = ways(gaussian.kl_multivariate, torch_multivariate, textbook_multivariate)
    mean_q, mean_p = torch.randn(2, 10_000)
    std_q, std_p = torch.rand(2, 10_000) + 0.5
    return {
        "kl_normal, 10,000": (kl_normal, (mean_q, std_q, mean_p, std_p)),
        "kl_diagonal to N(0, I), 128×20": (to_standard, torch.randn(2, 128, 20)),
        "kl_diagonal to N(0, I), 512×40": (to_standard, torch.randn(2, 512, 40)),
        "kl_diagonal, 512×40": (diagonal, torch.randn(4, 512, 40)),
        "log_density_diagonal, 512×40": (density, torch.randn(3, 512, 40)),
        "kl_multivariate, 1×2×2": (multivariate, random_multivariate(1, 2)),
        "kl_multivariate, 256×10×10": (multivariate, random_multivariate(256, 10)),
        "kl_multivariate, 1×100×100": (multivariate, random_multivariate(1, 100)),
        "the same, correlations near 1": (multivariate, random_multivariate(1, 100, least=1e-4)),
    }


def ways(ours, theirs, textbook):
    """Return the three ways by name."""
    return {"ours": ours, "torch.distributions": theirs, "textbook": textbook}


def forward(function, arguments):
    """Return the values alone."""
    with torch.no_grad():
        return function(*arguments)


def forward_and_backward(function, arguments):
    """Return the values, and leave the gradients of their sum in the arguments."""
    for argument in arguments:
        argument.grad = None
    value = function(*arguments)
    value.sum().backward()
    return value.detach()


def check_agreement(functions, arguments):
    """Raise if the ways do not compute the same, in values and gradients."""
    expected = None
    for function in functions.values():
        value = forward_and_backward(function, arguments)
        found = [value, *(argument.grad for argument in arguments)]
        expected = expected or found
        for ours, theirs in zip(expected, found, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)


def measure(profile):
    """Return the time of each case by the usual ways, relative to ours."""
    rounds, threads = SIZES[profile], torch.get_num_threads()
    torch.manual_seed(0)
    torch.set_num_threads(1)  # tensors this small gain nothing from more
    rows = []
    for title, (functions, arguments) in cases().items():
        arguments = [argument.clone().requires_grad_() for argument in arguments]
        check_agreement(functions, arguments)
        for run in (forward, forward_and_backward):
            timed = {n: clocked(partial(run, f, arguments)) for n, f in functions.items()}
            times = take_turns(timed, rounds, title)
            row = {"case": title, "pass": run.__name__.replace("_", " ")}
            row["microseconds"] = spread(1e6 * times["ours"]).median
            row |= {name: ratio(times, name, "ours") for name in list(functions)[1:]}
            rows.append(row)
    torch.set_num_threads(threads)
    return [{"name": "bench-gaussian", "rows": rows}]


def table(entries):
    """Return the entries as text."""
    (entry,) = entries
    lines = [
        "Gaussians, on one thread: our microseconds, and the other ways' time over ours",
        f"{'':32}{'':22}{'ours':>8}{'torch.distributions':>24}{'textbook':>22}",
    ]
    for row in entry["rows"]:
        theirs, textbook = (str(Spread(*row[name])) for name in ("torch.distributions", "textbook"))
        lines.append(
            f"{row['case']:32}{row['pass']:22}{row['microseconds']:8.0f}{theirs:>24}{textbook:>22}"
        )
    return "\n".join(lines)
