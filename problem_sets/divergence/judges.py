"""How the programs of the set "Divergence" are tested. It runs where the grading runs.

A judge gets the student's function and a random generator, and yields checks; the first is what
the task is about. The references are those of `kl_utils`, and quadrature.
"""

import numpy as np

from kl_utils.gaussian import kl_multivariate, kl_normal
from kl_utils.grading.programs import Check

ODD_SCALES = (1e-8, 1e8)


def agrees(found, wanted, tolerance=1e-9):
    """Whether a result has the shape and, up to a relative tolerance, the values wanted."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    return found.shape == wanted.shape and np.allclose(found, wanted, rtol=tolerance, atol=0)


def kl_of_normals(call, rng):
    def pairs(*shapes):
        q, p = shapes[:2], shapes[2:]
        for mean, std in (q, p):
            yield rng.uniform(-3, 3, mean)
            yield rng.uniform(0.3, 3, std)

    def right(arguments, tolerance=1e-9):
        return agrees(call(*arguments), kl_normal(*arguments), tolerance)

    ordinary = list(pairs(6, 6, 6, 6))
    yield Check(0.5, lambda: right(ordinary), "On ordinary values, the result is off.")
    columns, numbers = list(pairs((4, 1), 3, 3, (4, 1))), [float(a[0]) for a in ordinary]
    yield Check(
        0.1,
        lambda: right(columns) and right(numbers),
        "Arrays that broadcast, or plain numbers, give another shape or another value.",
    )
    # So many, and so near, that no formula which cancels is lucky with all of them.
    mean, std = rng.uniform(-1, 1, 400), rng.uniform(0.3, 3, 400)
    shift, stretch = rng.uniform(0.9e-6, 1.1e-6, (2, 400))
    near = [mean + std * shift, std * (1 + stretch), mean, std]
    yield Check(0.2, lambda: right(near, 1e-6), "Near q = p, the result loses its digits.")
    same = [mean, std, mean, std]
    yield Check(0.05, lambda: right(same), "At q = p, the result is not exactly 0.")

    def at_odd_scales():
        scaled = [[scale * a for a in ordinary] for scale in ODD_SCALES]
        narrow = [ordinary[0], 1e-8 * ordinary[1], *ordinary[2:]]
        return all(map(right, [*scaled, narrow]))

    yield Check(0.15, at_odd_scales, "At scales of 1e-8 or 1e8, the result is off.")


def kl_of_multivariate_normals(call, rng):
    def means(*shape):
        return rng.normal(0, 1, shape)

    def covariances(*shape):
        root = rng.normal(0, 1, (*shape, shape[-1]))
        return root @ np.swapaxes(root, -1, -2) + 0.2 * np.eye(shape[-1])

    def right(arguments, tolerance=1e-8):
        return agrees(call(*arguments), kl_multivariate(*arguments), tolerance)

    def full(n):
        return [means(n), covariances(n), means(n), covariances(n)]

    diagonal = []
    for n in (1, 2, 3):
        variances = rng.uniform(0.2, 4, (2, n))
        diagonal.append([means(n), np.diag(variances[0]), means(n), np.diag(variances[1])])
    yield Check(
        0.35,
        lambda: all(map(right, diagonal)),
        "With diagonal covariances, the value is off for n = 1, 2 or 3.",
    )
    for n, share in ((2, 0.2), (4, 0.1)):
        arguments = full(n)
        yield Check(
            share,
            lambda arguments=arguments: right(arguments),
            f"With n = {n} and full covariances, the value is off.",
        )
    batch = [means(5, 3), covariances(5, 3), means(5, 3), covariances(5, 3)]
    mixed = [means(4, 1, 2), covariances(2), means(3, 2), covariances(4, 1, 2)]
    yield Check(0.1, lambda: right(batch), "For a batch of distributions, the result is off.")
    yield Check(0.1, lambda: right(mixed), "Leading axes that broadcast give another result.")
    mean_q, cov_q, mean_p, cov_p = full(4)

    def at_odd_scales(scales):
        squares = [(c, c * c) for c in scales]
        return all(right([c * mean_q, d * cov_q, c * mean_p, d * cov_p]) for c, d in squares)

    yield Check(
        0.05, lambda: at_odd_scales(ODD_SCALES), "At scales of 1e-8 or 1e8, the value is off."
    )
    yield Check(
        0.05,
        lambda: at_odd_scales((1e-45, 1e45)),
        "Where a determinant is too small or too large for a float, the value is off.",
    )
    yield Check(
        0.05,
        lambda: np.abs(call(mean_q, cov_q, mean_q, cov_q)) < 1e-9,
        "At q = p, the value is not 0.",
    )


def kl_by_sampling(call, rng):
    def mixture():
        weights, means = rng.dirichlet([5.0, 5.0, 5.0]), rng.uniform(-2, 2, 3)
        return [rng.uniform(-1, 1), rng.uniform(0.5, 1.5), weights, means, rng.uniform(1, 2, 3)]

    def runs(arguments, count, times):
        seeds = rng.integers(0, 2**31, times)
        pairs = [np.asarray(call(*arguments, count, int(seed))) for seed in seeds]
        return np.stack(pairs).T

    def near_truth(arguments, count=1000):
        estimate, error = call(*arguments, count, 1 + int(rng.integers(10**6)))
        value, std = mean_and_std_of_log_ratio(*arguments)
        expected = std / np.sqrt(count)
        return abs(estimate - value) < 6 * expected and 0.7 < error / expected < 1.4

    ordinary = mixture()

    def calibrated(count=400, times=200):
        estimates, errors = runs(ordinary, count, times)
        value, std = mean_and_std_of_log_ratio(*ordinary)
        scores = (estimates - value) / errors
        return (
            abs(scores.mean()) * np.sqrt(times) < 5
            and 0.78 < scores.std() < 1.28
            and 0.9 < errors.mean() / (std / np.sqrt(count)) < 1.1
        )

    yield Check(
        0.5, calibrated, "Over many seeds, the estimate does not scatter about KL(q‖p) as it says."
    )

    def unbiased_variance(times=600):
        line = [0.0, 1.0, np.ones(1), np.ones(1), np.ones(1)]  # log q − log p is linear, of std 1
        _, errors = runs(line, 2, times)
        return 0.75 < 2 * (errors**2).mean() < 1.3

    yield Check(0.15, unbiased_variance, "With few draws, the standard error is off.")
    far = ordinary.copy()
    far[3] = ordinary[3] + 100.0
    yield Check(
        0.1, lambda: near_truth(far), "Where p(z) is too small for a float, the estimate is off."
    )

    def repeats():
        first, again, other = (np.asarray(call(*ordinary, 10, seed)) for seed in (5, 5, 6))
        return np.array_equal(first, again) and first[0] != other[0]

    yield Check(0.1, repeats, "A seed does not give its own estimate, the same each time.")

    def at_odd_scales():
        mean, std, weights, means, stds = ordinary
        return all(
            near_truth([c * mean, c * std, weights, c * means, c * stds]) for c in ODD_SCALES
        )

    yield Check(0.15, at_odd_scales, "At scales of 1e-8 or 1e8, the estimate is off.")


def mean_and_std_of_log_ratio(mean, std, weights, means, stds):
    """The mean and the standard deviation of log q − log p under q, by the trapezoidal rule."""
    t = np.linspace(-12, 12, 4001)
    z, density = mean + std * t, np.exp(-(t**2) / 2) * (t[1] - t[0]) / np.sqrt(2 * np.pi)
    logs = np.log(weights) - ((z[:, None] - means) / stds) ** 2 / 2 - np.log(stds)
    largest = logs.max(axis=1)
    log_p = largest + np.log(np.exp(logs - largest[:, None]).sum(axis=1))
    log_ratio = -(t**2) / 2 - np.log(std) - log_p
    value = (density * log_ratio).sum()
    return value, np.sqrt((density * (log_ratio - value) ** 2).sum())


JUDGES = {
    "kl-of-normals@1": kl_of_normals,
    "kl-of-multivariate-normals@1": kl_of_multivariate_normals,
    "kl-by-sampling@1": kl_by_sampling,
}
