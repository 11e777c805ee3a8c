"""Handwritten digits: train a small convolutional network and check it on digits that it has not seen.

This is ordinary PyTorch. It runs under PyTorch with `python digits.py`, and without PyTorch with
`pullback run digits.py`. The data are scikit-learn's 1797 digits of 8 x 8 pixels, which ship with that package.

It writes a checkpoint and a picture to the folder given by --out, and exits with status 1 if the network that was read
back from the checkpoint gets fewer than 98 % of the held-out digits right.
"""

import argparse
import sys
import time
from pathlib import Path

import matplotlib
import torch
import torch.nn as nn
import torch.nn.functional as F
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

REQUIRED_ACCURACY = 0.98
BLUE, ORANGE, GREY, RED = "#2563a8", "#d9772b", "#8a8f98", "#c0392b"


class Net(nn.Module):
    """Two convolutions, a pooling, one more convolution, a pooling, and two linear layers: 1 x 8 x 8 to 10 scores."""

    def __init__(self, width=16):
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, 2 * width, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(2 * width)
        self.conv3 = nn.Conv2d(2 * width, 4 * width, 3, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(4 * width)
        self.dropout = nn.Dropout(0.3)
        self.hidden = nn.Linear(4 * width * 2 * 2, 64)
        self.scores = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.norm1(self.conv1(x)))
        x = F.max_pool2d(F.relu(self.norm2(self.conv2(x))), 2)
        x = F.max_pool2d(F.relu(self.norm3(self.conv3(x))), 2)
        x = F.relu(self.hidden(self.dropout(x.flatten(1))))
        return self.scores(x)


def load_data(seed):
    """The training and the held-out digits (four to one, every class alike), pixels scaled to between 0 and 1."""
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target, dtype=torch.int64)
    train, held_out = train_test_split(range(len(labels)), test_size=0.2, stratify=digits.target, random_state=seed)
    return TensorDataset(images[train], labels[train]), TensorDataset(images[held_out], labels[held_out])


def train_epoch(model, loader, optimizer, bar):
    """One pass over the training digits; returns the mean loss and the share that was right, as seen on the way."""
    model.train()
    loss_sum, right, seen = 0.0, 0, 0
    for images, labels in loader:
        scores = model(images)
        loss = F.cross_entropy(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(labels)
        right += (scores.argmax(1) == labels).sum().item()
        seen += len(labels)
        bar.update(1)
    return loss_sum / seen, right / seen


@torch.no_grad()
def evaluate(model, dataset):
    """The mean loss, the share that is right, and the probabilities of the ten classes for each digit of `dataset`."""
    model.eval()
    images, labels = dataset.tensors
    scores = model(images)
    accuracy = (scores.argmax(1) == labels).float().mean().item()
    return F.cross_entropy(scores, labels).item(), accuracy, F.softmax(scores, dim=1)


def train(model, train_set, held_out, epochs, batch_size, learning_rate):
    """Train `model` in place; returns the history, one (train loss, train accuracy, loss, accuracy) an epoch."""
    loader = DataLoader(train_set, batch_size=batch_size, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.01)
    history = []
    with tqdm(total=epochs * len(loader), unit="batch") as bar:
        for epoch in range(epochs):
            for group in optimizer.param_groups:  # down to a tenth of the rate, in a straight line
                group["lr"] = learning_rate * (1 - 0.9 * epoch / epochs)
            train_loss, train_accuracy = train_epoch(model, loader, optimizer, bar)
            loss, accuracy, _ = evaluate(model, held_out)
            history.append((train_loss, train_accuracy, loss, accuracy))
            bar.set_description(f"epoch {epoch + 1}/{epochs}")
            bar.set_postfix(loss=f"{train_loss:.4f}", held_out=f"{accuracy:.1%}")
    return history


def hardest(dataset, probabilities, count):
    """The `count` digits the network found hardest: (image, label, guess, probability of the label), worst first."""
    images, labels = dataset.tensors
    sure = probabilities[torch.arange(len(labels)), labels]
    guesses = probabilities.argmax(1)
    order = (sure + (guesses == labels).float()).argsort()[:count]  # wrong ones first, then the least sure
    return [(images[i, 0].numpy(), labels[i].item(), guesses[i].item(), sure[i].item()) for i in order.tolist()]


def draw(history, digits, accuracy, path):
    """Save a picture of the curves in `history` and of the `digits` from `hardest` to `path`."""
    style = {"axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": GREY, "axes.labelcolor": "#444444"}
    with matplotlib.rc_context({**style, "xtick.color": GREY, "ytick.color": GREY, "font.size": 10}):
        figure = Figure(figsize=(10, 7), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)
        upper, lower = figure.subfigures(2, 1, height_ratios=[2, 1])
        draw_curves(upper.subplots(1, 2), history)
        draw_digits(lower.subplots(1, len(digits)), digits)
        wrong = sum(label != guess for _, label, guess, _ in digits)
        figure.suptitle(f"Digits: {accuracy:.1%} of the held-out ones right", fontsize=14, fontweight="bold")
        lower.suptitle(f"The hardest of them, {wrong} of these {len(digits)} read wrongly", fontsize=11)
        figure.savefig(path, dpi=130)


def draw_curves(axes, history):
    """Loss and accuracy over the epochs, for the training and for the held-out digits."""
    train_loss, train_accuracy, loss, accuracy = zip(*history, strict=True)
    epochs = range(1, len(history) + 1)
    for ax, name, trained, held_out in ((axes[0], "loss", train_loss, loss), (axes[1], "%", train_accuracy, accuracy)):
        scale = 100 if name == "%" else 1
        ax.plot(epochs, [scale * y for y in trained], color=ORANGE, marker="o", markersize=3.5, label="training")
        ax.plot(epochs, [scale * y for y in held_out], color=BLUE, marker="o", markersize=3.5, label="held out")
        ax.set_xlabel("epoch")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.grid(axis="y", color="#e6e8eb", linewidth=0.8)
        ax.set_axisbelow(True)
        ax.legend(frameon=False)
    axes[0].set_title("Cross-entropy", fontsize=11, loc="left")
    axes[0].set_yscale("log")
    axes[1].set_title("Accuracy, %", fontsize=11, loc="left")
    axes[1].set_ylim(top=100.4)


def draw_digits(axes, digits):
    """A row of digits, each with what it is and, in red, what it was taken for."""
    for ax, (image, label, guess, sure) in zip(axes, digits, strict=True):
        ax.imshow(image, cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=GREY if label == guess else RED)
        if label == guess:
            ax.set_title(f"{label}", fontsize=10, color="#444444")
            ax.set_xlabel(f"right, {sure:.0%} sure", fontsize=8, color=GREY)
        else:
            ax.set_title(f"{label} read as {guess}", fontsize=10, color=RED)
            ax.set_xlabel(f"{sure:.0%} for {label}", fontsize=8, color=GREY)


def main():
    parser = argparse.ArgumentParser(description="Train a small network to read handwritten digits.")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=4e-3, help="the learning rate to start with")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder for the checkpoint and the picture")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint, picture = options.out / "digits.pt", options.out / "digits.png"

    torch.manual_seed(options.seed)
    train_set, held_out = load_data(options.seed)
    model = Net()
    weights = sum(p.numel() for p in model.parameters())
    print(f"{len(train_set)} digits to train on, {len(held_out)} held out, {weights} weights")
    start = time.perf_counter()
    history = train(model, train_set, held_out, options.epochs, options.batch_size, options.lr)
    print(f"trained in {time.perf_counter() - start:.1f} s, held-out accuracy {history[-1][3]:.2%}")
    torch.save({"model": model.state_dict(), "epochs": options.epochs, "history": history}, checkpoint)

    restored = Net()
    restored.load_state_dict(torch.load(checkpoint)["model"])
    _, accuracy, probabilities = evaluate(restored, held_out)
    print(f"read back from {checkpoint}: held-out accuracy {accuracy:.2%}")
    draw(history, hardest(held_out, probabilities, 8), accuracy, picture)
    print(f"picture saved to {picture}")

    if accuracy != history[-1][3]:
        print("the network read back does not do what the trained one did", file=sys.stderr)
        return 1
    if accuracy < REQUIRED_ACCURACY:
        print(f"that is below {REQUIRED_ACCURACY:.0%}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
