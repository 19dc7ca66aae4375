"""Time training per image against the batch size and against the number of latent dimensions."""

from kl_utils.vae import make_vae
from tools.provenance.recipes import NETWORKS

from .step import BATCH_SIZE, precisions, training_step
from .timing import Spread, ratio, take_turns

SIZES = {
    "smoke": {"rounds": 2, "images": 512, "batch_size": (64, 512), "latent_size": (2,)},
    "full": {
        "rounds": 7,
        "images": 8192,
        "batch_size": (64, 128, 256, 512, 1024),
        "latent_size": (2, 10, 40, 100, 200),
    },
}
USUAL = {"batch_size": BATCH_SIZE, "latent_size": NETWORKS["latent_size"]}


def seconds_per_image(images, precision, batch_size, latent_size):
    """Return a way to time: seconds that training needs for an image."""
    model = make_vae(**NETWORKS | {"latent_size": latent_size})
    step = training_step(model, batch_size, images // batch_size, precision)
    return lambda: step() / batch_size


def measure(profile):
    """Return the cost of training on an image, relative to that with the sizes of the book."""
    sizes = SIZES[profile]
    varied = {name: [USUAL | {name: n} for n in sizes[name]] for name in USUAL}
    ways = {
        (precision, *case.values()): seconds_per_image(sizes["images"], precision, **case)
        for precision in precisions()
        for case in [USUAL, *varied["batch_size"], *varied["latent_size"]]
    }
    times = take_turns(ways, sizes["rounds"], "sizes")

    def relative(precision, case):
        return ratio(times, (precision, *case.values()), (precision, *USUAL.values()))

    return [
        {
            "name": f"bench-{name.replace('_', '-')}",
            "usual": USUAL,
            "sizes": sizes[name],
            "per_image": {p: [relative(p, case) for case in cases] for p in precisions()},
        }
        for name, cases in varied.items()
    ]


def table(entries):
    """Return the entries as text."""
    lines = ["Training per image, relative to the sizes of the book"]
    for entry in entries:
        lines.append(f"{entry['name'].removeprefix('bench-')}")
        for precision, spreads in entry["per_image"].items():
            for size, cell in zip(entry["sizes"], spreads, strict=True):
                lines.append(f"{precision:>12}{size:6}  {Spread(*cell)}")
    return "\n".join(lines)
