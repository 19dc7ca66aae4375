"""Time our training loop against the way textbooks write it (part of ``make bench``).

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
from kl_utils.priors import StandardNormalPrior
from kl_utils.runtime import Runtime
from kl_utils.training import fit, mean_terms
from kl_utils.vae import VAE

EPOCHS, BATCH = 10, 128
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
    model = VAE(encoder, decoder, StandardNormalPrior(20))
    runtime = Runtime.detect(precision=precision)
    options |= {"prepare": lambda images, generator: images / 255, "progress": False}
    history = fit(model, train, runtime=runtime, **options)
    return model, history.curve("seconds")


def main():
    runtime = Runtime.detect()
    torch.manual_seed(0)
    data = load_images()
    train, test = data.train_images, torch.tensor(data.test_images) / 255
    print(f"{data.name}; {runtime}")
    textbook = textbook_epochs(train, data.train_labels)
    same = {"epochs": 1, "batch_size": BATCH, "learning_rate": 1e-3}
    theirs, ours, reached = [], [], []
    for epoch in trange(EPOCHS, unit="epoch"):
        model, seconds = next(textbook)
        theirs.append(seconds)
        ours += list(train_ours(train, nn.ReLU, "float32", **same)[1])
        if epoch % 3 == 0:
            best, seconds = train_ours(train, nn.SiLU, "auto", **OUR_WAY)
            reached.append((sum(seconds), sum(mean_terms(best, test, runtime))))
    with torch.no_grad():
        target = model.loss(test).item() / len(test)
    ratios = [their / our for their, our in zip(theirs, ours, strict=True)]
    print("median seconds of an epoch, same settings: "
          f"textbook {statistics.median(theirs):.2f}, ours {statistics.median(ours):.2f}; "
          f"ratio {statistics.median(ratios):.1f}")  # fmt: skip
    print(f"textbook: {target:.2f} nats after {EPOCHS} epochs, {sum(theirs):.1f} s")
    for seconds, loss in reached:
        print(f"ours:     {loss:.2f} nats after {OUR_WAY['epochs']} epochs, {seconds:.1f} s")
    if max(loss for _, loss in reached) > target:
        raise SystemExit("Ours did not reach the textbook's loss each time: there is no ratio.")
    seconds = statistics.median(seconds for seconds, _ in reached)
    print(f"time to the textbook's loss: ratio {sum(theirs) / seconds:.1f}")


if __name__ == "__main__":
    main()
