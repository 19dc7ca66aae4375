"""Random calls of all public functions of the mathematics, and the count of what they answered."""

from collections import Counter

import mpmath as mp
import numpy as np

from tests.mathematics import fuzz_models as models
from tests.mathematics.fuzz_closed_forms import a_closed_form

# Which call to draw, and how often in a thousand.
CALLS = {
    a_closed_form: 800,
    models.a_multivariate_form: 70,
    models.a_density_of_a_mixture: 50,
    models.a_bound: 30,
    models.an_estimate: 20,
    models.an_estimate_of_a_divergence: 15,
    models.a_linear_model: 12,
    models.an_integral: 2,
    models.a_referee: 1,
}


def run(count, seed):
    """Outcomes of so many calls, by kind, and the calls that went wrong."""
    rng, counts, wrong = np.random.default_rng(seed), Counter(), []
    draw, share = list(CALLS), np.array(list(CALLS.values())) / sum(CALLS.values())
    for which in rng.choice(len(draw), size=count, p=share):
        with mp.workdps(60):
            call = draw[which](rng)
            outcome = call.outcome()
        counts[outcome.split()[0]] += 1
        if outcome not in ("right", "refused"):
            wrong.append(f"{outcome}\n    {call}")
    return counts, wrong
