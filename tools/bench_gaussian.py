"""Time kl_utils.gaussian against torch.distributions and the textbook formulas (``make bench``).

All ways run in one process, one after the other, again and again, so that whatever else the machine
does hits them alike. Printed are medians, and our time over that of torch.distributions.
"""

import statistics
import time

import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from kl_utils import gaussian


def elementwise_cases(batch, n):
    """The diagonal family, forward and backward, float32; torch builds its Normal each time."""
    mean, log_var, z = torch.randn(3, batch, n)
    mean.requires_grad_(), log_var.requires_grad_()
    mean_p, log_var_p = torch.randn(2, n)
    zero, one = torch.zeros(()), torch.ones(())

    def normal(mean, log_var):
        return Normal(mean, torch.exp(log_var / 2))

    def step(function):
        def run():
            mean.grad = log_var.grad = None
            function().sum().backward()

        return run

    return {
        f"kl_diagonal to N(0, I), {batch}×{n}": {
            "ours": step(lambda: gaussian.kl_diagonal(mean, log_var)),
            "torch": step(lambda: kl_divergence(normal(mean, log_var), Normal(zero, one)).sum(-1)),
            "textbook": step(lambda: 0.5 * (log_var.exp() + mean**2 - 1 - log_var).sum(-1)),
        },
        f"kl_diagonal to p, {batch}×{n}": {
            "ours": step(lambda: gaussian.kl_diagonal(mean, log_var, mean_p, log_var_p)),
            "torch": step(
                lambda: kl_divergence(normal(mean, log_var), normal(mean_p, log_var_p)).sum(-1)
            ),
        },
        f"log_density_diagonal, {batch}×{n}": {
            "ours": step(lambda: gaussian.log_density_diagonal(z, mean, log_var)),
            "torch": step(lambda: normal(mean, log_var).log_prob(z).sum(-1)),
        },
    }


def multivariate_case(batch, n):
    """kl_multivariate forward, float64: accuracy that torch.distributions has not, at a price."""
    factor = torch.randn(2, batch, n, n, dtype=torch.float64)
    cov_q, cov_p = factor @ factor.mT + torch.eye(n)
    mean_q, mean_p = torch.randn(2, batch, n, dtype=torch.float64)

    def theirs():
        q, p = MultivariateNormal(mean_q, cov_q), MultivariateNormal(mean_p, cov_p)
        return kl_divergence(q, p)

    def ours():
        return gaussian.kl_multivariate(mean_q, cov_q, mean_p, cov_p)

    return {f"kl_multivariate, {batch}×{n}×{n}": {"ours": ours, "torch": theirs}}


def medians(ways, rounds):
    """Return the median seconds of each way, taken in turn."""
    times = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values[rounds // 10 :]) for name, values in times.items()}


def main(rounds=1000):
    """Print the table; every row takes about a second."""
    torch.manual_seed(0)
    torch.set_num_threads(1)  # tensors this small gain nothing from more
    cases = {
        **elementwise_cases(128, 20),
        **elementwise_cases(512, 40),
        **multivariate_case(1, 2),
        **multivariate_case(1, 100),
        **multivariate_case(256, 10),
    }
    print(f"torch {torch.__version__} on one CPU thread; medians in microseconds\n")
    print(f"{'':34}{'ours':>9}{'torch':>9}{'textbook':>10}{'ours/torch':>12}")
    for name, ways in cases.items():
        result = medians(ways, rounds if "multi" not in name else rounds // 10)
        textbook = f"{result['textbook'] * 1e6:10.0f}" if "textbook" in result else f"{'':10}"
        print(
            f"{name:34}{result['ours'] * 1e6:9.0f}{result['torch'] * 1e6:9.0f}{textbook}"
            f"{result['ours'] / result['torch']:12.2f}"
        )


if __name__ == "__main__":
    main()
