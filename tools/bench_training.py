"""Time our training loop against the way textbooks write it (part of ``make bench``).

Both train the same network on the same grey MNIST images, in one process, one after the other:
784-400-20, ReLU for the textbook. The textbook way takes one image at a time through PIL and a
DataLoader, in float32, with Adam at 1e-3 and batches of 128, for 10 epochs.
"""

import statistics
import time

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from kl_utils.data import load_images
from kl_utils.priors import StandardNormalPrior
from kl_utils.runtime import Runtime
from kl_utils.training import fit, mean_terms
from kl_utils.vae import VAE

EPOCHS, BATCH = 10, 128
OUR_EPOCHS, OUR_LEARNING_RATE = 4, 6e-3


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


def train_textbook(train, labels, test):
    """Return the seconds of each epoch and the test loss after the last, in nats per image."""
    model = TextbookVAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TextbookImages(train, labels), batch_size=BATCH, shuffle=True)
    seconds = []
    for _ in tqdm(range(EPOCHS), desc="textbook", unit="epoch"):
        started = time.perf_counter()
        for batch, _ in loader:
            optimizer.zero_grad()
            loss = model.loss(batch.view(-1, 784))
            loss.backward()
            optimizer.step()
        seconds.append(time.perf_counter() - started)
    with torch.no_grad():
        return seconds, model.loss(torch.tensor(test) / 255).item() / len(test)


def train_ours(train, test, activation, epochs, learning_rate, precision):
    """The same for our loop, on a network of the same sizes."""
    encoder = nn.Sequential(nn.Linear(784, 400), activation(), nn.Linear(400, 40))
    decoder = nn.Sequential(nn.Linear(20, 400), activation(), nn.Linear(400, 784))
    model = VAE(encoder, decoder, StandardNormalPrior(20))
    runtime = Runtime.detect(precision=precision)
    history = fit(
        model,
        train,
        epochs=epochs,
        batch_size=BATCH,
        learning_rate=learning_rate,
        prepare=lambda images, generator: images / 255,
        runtime=runtime,
    )
    distortion, rate = mean_terms(model, torch.tensor(test) / 255, runtime)
    return history.curve("seconds"), distortion + rate


def main():
    runtime = Runtime.detect()
    torch.manual_seed(0)
    data = load_images()
    train, test = data.train_images, data.test_images
    print(f"{data.name}; {runtime}")
    textbook, target = train_textbook(train, data.train_labels, test)
    same, _ = train_ours(train, test, nn.ReLU, 3, 1e-3, "float32")
    best, reached = train_ours(train, test, nn.SiLU, OUR_EPOCHS, OUR_LEARNING_RATE, "auto")
    textbook_epoch, our_epoch = statistics.median(textbook), statistics.median(same)
    print(f"per epoch, same settings: textbook {textbook_epoch:.2f} s, ours {our_epoch:.2f} s")
    print(f"ratio {textbook_epoch / our_epoch:.1f}")
    print(f"textbook: {target:.2f} nats after {EPOCHS} epochs, {sum(textbook):.1f} s")
    print(f"ours:     {reached:.2f} nats after {OUR_EPOCHS} epochs, {sum(best):.1f} s")
    if reached > target:
        raise SystemExit("Ours did not reach the textbook's loss: there is no ratio.")
    print(f"ratio {sum(textbook) / sum(best):.1f}")


if __name__ == "__main__":
    main()
