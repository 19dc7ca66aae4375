"""The runs behind the book's models: networks, training, seeds, and samples for the evaluation."""

NETWORKS = {"latent_size": 40, "hidden_sizes": [500, 500]}
NORMAL = NETWORKS | {"prior": "standard"}
MIXED = NETWORKS | {"prior": "mixture", "n_components": 500}
# The standard prior needs a longer warm-up, or it loses dimensions; a learned prior has a learning
# rate of its own, and a head start.
STEPS = {
    "batch_size": 512,
    "learning_rate": 5e-3,
    "warm_up_epochs": 20,
    "stick_the_landing": True,
}
STANDARD = STEPS | {"warm_up_epochs": 40, "epochs": 96}
LEARNED = STEPS | {"prior_learning_rate": 2e-2, "head_start_epochs": 3}
MIXTURE = LEARNED | {"epochs": 92, "prior_learning_rate": 5e-2}
NO_WARM_UP, PATHWISE = {"warm_up_epochs": 0}, {"stick_the_landing": False}
FEW = {"warm_up_epochs": 10, "epochs": 50}
# In a plane q stays far from the posterior, where sticking the landing is the noisier one.
IN_A_PLANE = FEW | NO_WARM_UP | PATHWISE
THREE_SEEDS = {"seeds": 3, "importance_samples": 5000}
NUMBERS_ONLY = {"seeds": 1, "importance_samples": 5000, "published": False}
# What is trained, with how many seeds, and with how many importance samples it is evaluated.
# Epochs are chosen so that a run takes ten minutes at most, on two cores of the machine at hand.
RECIPES = {
    "vae-standard": {"model": NORMAL, "training": STANDARD} | THREE_SEEDS,
    "vae-mixture": {"model": MIXED, "training": MIXTURE} | THREE_SEEDS,
    "vae-vamp": {
        "model": NETWORKS | {"prior": "vamp", "n_components": 500},
        "training": LEARNED | {"epochs": 63},
    }
    | THREE_SEEDS,
    # What warm-up and gradient are worth: the same again, without one of them.
    "vae-standard-no-warm-up": {"model": NORMAL, "training": STANDARD | NO_WARM_UP} | NUMBERS_ONLY,
    "vae-mixture-no-warm-up": {"model": MIXED, "training": MIXTURE | NO_WARM_UP} | NUMBERS_ONLY,
    "vae-mixture-pathwise": {"model": MIXED, "training": MIXTURE | PATHWISE} | NUMBERS_ONLY,
    "vae-clusters": {
        "model": {
            "latent_size": 10,
            "hidden_sizes": [300, 300],
            "prior": "mixture",
            "n_components": 10,
        },
        "training": LEARNED | FEW,
        "seeds": 3,
        "importance_samples": 100,
    },
    "vae-plane": {
        "model": {"latent_size": 2, "hidden_sizes": [256, 128], "prior": "standard"},
        # As many epochs as the mixture has with its head start.
        "training": STEPS | IN_A_PLANE | {"epochs": 53},
        "seeds": 1,
        "importance_samples": 100,
    },
    "vae-plane-mixture": {
        "model": {
            "latent_size": 2,
            "hidden_sizes": [256, 128],
            "prior": "mixture",
            "n_components": 50,
        },
        "training": LEARNED | IN_A_PLANE,
        "seeds": 1,
        "importance_samples": 100,
    },
}


def runs():
    """Return model, training and importance samples of every run, by name.

    The runs of further seeds have the seed at the end of their name. Their weights, and those of a
    recipe that says so, are not published: they stay in ``_build``, and their cards and numbers
    tell what they were.
    """
    every = {}
    for name, recipe in RECIPES.items():
        for seed in range(recipe["seeds"]):
            every[f"{name}-{seed}" if seed else name] = {
                "model": recipe["model"] | {"seed": seed},
                "training": recipe["training"] | {"seed": seed},
                "importance_samples": recipe["importance_samples"],
                "published": seed == 0 and recipe.get("published", True),
            }
    return every


RUNS = runs()
