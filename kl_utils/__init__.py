"""KL divergence, the ELBO and variational autoencoders: the code behind the course.

Names load when they are first used, so ``import kl_utils`` is quick and imports neither torch
nor matplotlib.
"""

import os
from importlib import import_module

# PyTorch's threads wait for one another by spinning. Where another process wants the core, that
# costs a fifth of the time or more; so they spin briefly, then sleep. PyTorch reads this when it is
# loaded, so it helps where kl_utils is imported first, as in the notebooks.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")

__version__ = "0.1.0"

# The modules, in the order of the book, and the names that the package itself offers from each. A
# module imports only from modules above it here, which the tests see to.
_NAMES_BY_MODULE = {
    "_arguments": [],
    "_arrays": [],
    "_checks": [],
    "_foreign_json": [],
    "_matrices": [],
    "_series": [],
    "_special_torch": [],
    "_special": [],
    "_closed_forms": [],
    "gaussian": [
        "log_density_normal",
        "entropy_normal",
        "cross_entropy_normal",
        "kl_normal",
        "log_density_diagonal",
        "entropy_diagonal",
        "cross_entropy_diagonal",
        "kl_diagonal",
        "log_density_multivariate",
        "entropy_multivariate",
        "cross_entropy_multivariate",
        "kl_multivariate",
    ],
    "panels": [],
    "quadrature": ["DoesNotConverge"],
    "grids": [],
    "surveys": [],
    "expectation": ["Estimate", "estimate_mean", "expect_normal", "integrate"],
    "estimators": ["estimate_kl", "kl_terms"],
    "derivation": ["Derivation", "Given", "BrokenDerivation"],
    "exercises": [],
    "grading": [],
    "evidence": ["LinearGaussianModel", "elbo", "importance_weighted_bound"],
    "mixture": ["GaussianMixture"],
    "mixture_bounds": [
        "kl_upper_convexity",
        "kl_upper_variational",
        "kl_upper_matched",
        "kl_upper_responsibilities",
        "kl_lower_product",
        "kl_lower_renyi",
        "kl_quadrature",
        "kl_monte_carlo",
    ],
    "_settings": [],
    "_downloads": [],
    "_idx": [],
    "_idx_sets": [],
    "data": ["load_images", "read_idx", "binarize", "fixed_bits"],
    "pictures": ["images_from_folder", "split_images"],
    "runtime": ["Runtime", "profile"],
    "_inputs": [],
    "likelihoods": ["Bernoulli", "Gaussian"],
    "levels": ["Categorical", "DiscretizedLogistic"],
    "priors": ["StandardNormalPrior", "MixturePrior", "VampPrior"],
    "vae": ["VAE", "make_vae"],
    "_tensor_files": [],
    "objectives": [],
    "history": ["History"],
    "checkpoints": [],
    "training": ["fit"],
    "evaluation": ["importance_sampled_nll"],
    "refinement": [],
    "head_start": [],  # holds the function of that name
    "aggregate": [
        "elbo_surgery",
        "component_shares",
        "dead_components",
        "cluster_accuracy",
        "majority_accuracy",
    ],
    "pretrained": [],
    "figures": [],
}
_MODULE_OF = {name: module for module, names in _NAMES_BY_MODULE.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name):
    if name not in _MODULE_OF and name not in _NAMES_BY_MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = import_module(f"{__name__}.{_MODULE_OF.get(name, name)}")
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ModuleNotFoundError(
            f'{__name__}.{name} needs PyTorch: install the extra "torch" of kl-utils, with '
            '`pip install ".[torch]"` in the course\'s folder, or `pip install torch`.',
            name="torch",
        ) from None
    return getattr(module, name) if name in _MODULE_OF else module


def __dir__():
    return sorted([*globals(), *__all__, *_NAMES_BY_MODULE])
