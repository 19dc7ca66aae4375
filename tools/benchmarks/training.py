"""Time our training loop against the way textbooks write it.

Both train a 784-400-20 network on grey MNIST images. The textbook way takes one image at a time
through PIL and a DataLoader, in float32, with ReLU, Adam at 1e-3 and batches of 128, for 10 epochs.
Epochs of the two take turns in one process, since the speed of a machine drifts.
"""

import statistics
import time

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from tqdm import trange

from kl_utils.data import load_images
from kl_utils.likelihoods import Bernoulli
from kl_utils.priors import StandardNormalPrior
from kl_utils.runtime import Runtime
from kl_utils.training import fit
from kl_utils.vae import VAE

from .timing import fields, from_fields, spread

SIZES = {"smoke": (1, 0.2), "full": (10, 1.0)}  # textbook epochs, share of the images
BATCH = 128
OUR_WAY = {"epochs": 5, "batch_size": 256, "learning_rate": 1e-2}


class TextbookImages(Dataset):
    """One image and its label at a time, by way of PIL: the steps of torchvision's MNIST."""

    def __init__(self, images, labels):
        self.images = torch.tensor(images).view(-1, 28, 28)
        self.labels = torch.tensor(labels)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image, label = self.images[index], int(self.labels[index])
        image = Image.fromarray(image.numpy())
        pixels = torch.from_numpy(np.array(image, np.uint8, copy=True))
        pixels = pixels.view(28, 28, 1).permute(2, 0, 1).contiguous()
        return pixels.to(torch.float32).div(255), label


class TextbookVAE(nn.Module):
    """The network and loss that most tutorials start from."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(784, 400)
        self.mean, self.log_var = nn.Linear(400, 20), nn.Linear(400, 20)
        layers = [nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784), nn.Sigmoid()]
        self.decoder = nn.Sequential(*layers)

    def loss(self, x):
        hidden = F.relu(self.hidden(x))
        mean, log_var = self.mean(hidden), self.log_var(hidden)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_var)
        distortion = F.binary_cross_entropy(self.decoder(z), x, reduction="sum")
        return distortion - 0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())


def textbook_epochs(train, labels):
    """Train the textbook's model; after each epoch yield it and the epoch's seconds."""
    model = TextbookVAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TextbookImages(train, labels), batch_size=BATCH, shuffle=True)
    while True:
        started = time.perf_counter()
        for batch, _ in loader:
            optimizer.zero_grad()
            loss = model.loss(batch.view(-1, 784))
            loss.backward()
            optimizer.step()
        yield model, time.perf_counter() - started


def train_ours(train, activation, precision, **options):
    """Train our model, of the same sizes, with our loop; return it and its epochs' seconds."""
    encoder = nn.Sequential(nn.Linear(784, 400), activation(), nn.Linear(400, 40))
    decoder = nn.Sequential(nn.Linear(20, 400), activation(), nn.Linear(400, 784))
    model = VAE(encoder, decoder, StandardNormalPrior(20), Bernoulli(784))
    runtime = Runtime.detect(precision=precision)
    options |= {"prepare": lambda images, generator: images / 255, "progress": False}
    history = fit(model, train, runtime=runtime, **options)
    return model, history.curve("seconds")


@torch.no_grad()
def mean_loss(model, images, runtime):
    """Return -ELBO in nats per image, as the textbook does: of grey images as they are."""
    images = images.to(runtime.device)
    with runtime.autocast():
        generator = torch.Generator(runtime.device).manual_seed(0)
        return sum(term.mean().item() for term in model.elbo_terms(images, generator))


def measure(profile):
    """Return an epoch's time by the textbook's way over ours, and the time to the same test loss.

    The second ratio is None if ours did not reach the textbook's loss each time.
    """
    epochs, share = SIZES[profile]
    runtime = Runtime.detect()
    torch.manual_seed(0)
    data = load_images("digits" if profile == "smoke" else "auto")
    train, labels = (
        part[: round(share * len(part))] for part in (data.train_images, data.train_labels)
    )
    test = torch.tensor(data.test_images) / 255
    textbook = textbook_epochs(train, labels)
    same = {"epochs": 1, "batch_size": BATCH, "learning_rate": 1e-3}
    theirs, ours, reached = [], [], []
    for epoch in trange(epochs, desc="training loops", unit="epoch", leave=False):
        model, seconds = next(textbook)
        theirs.append(seconds)
        ours += list(train_ours(train, nn.ReLU, "float32", **same)[1])
        if epoch % 3 == 0:
            best, seconds = train_ours(train, nn.SiLU, "auto", **OUR_WAY)
            reached.append((sum(seconds), mean_loss(best, test, runtime)))
    with torch.no_grad():
        target = model.loss(test).item() / len(test)
    entry = {
        "name": "bench-loop",
        "data": data.name,
        "textbook_epochs": epochs,
        "textbook_loss": target,
        "textbook_seconds": sum(theirs),
        "our_epochs": OUR_WAY["epochs"],
        "our_losses": [loss for _, loss in reached],
        "our_seconds": [seconds for seconds, _ in reached],
        **fields(epoch_faster=spread(np.divide(theirs, ours))),
    }
    there = max(entry["our_losses"]) <= target
    entry["to_same_loss_faster"] = (
        sum(theirs) / statistics.median(entry["our_seconds"]) if there else None
    )
    return [entry]


def table(entries):
    """Return the entries as text."""
    (entry,) = entries
    lines = [
        f"Training loops on {entry['data']}: with the same settings, an epoch of the textbook's "
        f"takes {from_fields(entry, 'epoch_faster')} times as long as ours",
        f"    textbook: {entry['textbook_loss']:.2f} nats after {entry['textbook_epochs']} epochs, "
        f"{entry['textbook_seconds']:.1f} s",
    ]
    for loss, seconds in zip(entry["our_losses"], entry["our_seconds"], strict=True):
        lines.append(
            f"    ours:     {loss:.2f} nats after {entry['our_epochs']} epochs, {seconds:.1f} s"
        )
    faster = entry["to_same_loss_faster"]
    lines.append(
        f"    time to the textbook's loss: ratio {faster:.1f}"
        if faster
        else "    ours did not reach the textbook's loss each time: there is no ratio"
    )
    return "\n".join(lines)
