"""The runs behind the book's models: networks, training, seeds, and samples for the evaluation."""

NETWORKS = {"latent_size": 40, "hidden_sizes": [500, 500]}
STEPS = {"batch_size": 512, "learning_rate": 5e-3}
STANDARD = STEPS | {"warm_up_epochs": 20}
LEARNED = STEPS | {"prior_learning_rate": 2e-2, "head_start_epochs": 3}
# What is trained, with which seeds, and the importance samples of the first seed and of the others.
# Epochs are chosen so that a run takes ten minutes at most, on one core of the machine at hand.
RECIPES = {
    "vae-standard": {
        "model": NETWORKS | {"prior": "standard"},
        "training": STANDARD | {"epochs": 115},
        "seeds": 3,
        "importance_samples": (5000, 500),
    },
    "vae-mixture": {
        "model": NETWORKS | {"prior": "mixture", "n_components": 500},
        "training": LEARNED | {"epochs": 95},
        "seeds": 3,
        "importance_samples": (5000, 500),
    },
    "vae-vamp": {
        "model": NETWORKS | {"prior": "vamp", "n_components": 500},
        "training": LEARNED | {"epochs": 60},
        "seeds": 3,
        "importance_samples": (5000, 500),
    },
    "vae-clusters": {
        "model": NETWORKS | {"latent_size": 10, "prior": "mixture", "n_components": 10},
        "training": LEARNED | {"epochs": 40},
        "seeds": 3,
        "importance_samples": (100, 100),
    },
    "vae-plane": {
        "model": {"latent_size": 2, "hidden_sizes": [400, 200], "prior": "standard"},
        "training": STANDARD | {"epochs": 60},
        "seeds": 1,
        "importance_samples": (100,),
    },
    "vae-plane-mixture": {
        "model": {
            "latent_size": 2,
            "hidden_sizes": [400, 200],
            "prior": "mixture",
            "n_components": 50,
        },
        "training": LEARNED | {"epochs": 60},
        "seeds": 1,
        "importance_samples": (100,),
    },
}


def runs():
    """Return model, training and importance samples of every run, by name.

    The runs of further seeds have the seed at the end of their name. Their weights are not
    published: they stay in ``_build``, and their cards and numbers tell what they were.
    """
    every = {}
    for name, recipe in RECIPES.items():
        for seed in range(recipe["seeds"]):
            every[f"{name}-{seed}" if seed else name] = {
                "model": recipe["model"] | {"seed": seed},
                "training": recipe["training"] | {"seed": seed},
                "importance_samples": recipe["importance_samples"][seed > 0],
                "published": seed == 0,
            }
    return every


RUNS = runs()
