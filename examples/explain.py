"""What a program's gradients look like: the graph as a picture, its memory, a loop that grows, and a derivative that is wrong.

`pullback run explain.py`, or `python explain.py`: `explain` is pullback's own, so the program imports it by its name.
Pictures are written to the folder given with `--out`.
"""

import argparse
import warnings
from pathlib import Path

import pullback as torch
from pullback import explain, nn


def title(text):
    print(f"\n{text}\n{'-' * len(text)}")


class Block(nn.Module):
    """Two layers with a way around them."""

    def __init__(self, size):
        super().__init__()
        self.widen = nn.Linear(size, 4 * size)
        self.narrow = nn.Linear(4 * size, size)

    def forward(self, x):
        hidden = nn.functional.gelu(self.widen(x))
        return x + self.narrow(hidden)


class Net(nn.Module):
    """Two blocks, and a layer that tells classes from one another."""

    def __init__(self, size=32, classes=10):
        super().__init__()
        self.blocks = nn.Sequential(Block(size), Block(size))
        self.head = nn.Linear(size, classes)

    def forward(self, x):
        return self.head(self.blocks(x))


def batch(size=32, classes=10, count=64):
    return torch.randn(count, size), torch.randint(0, classes, (count,))


def pictures(out):
    title("1. The graph, and what it keeps for backward")
    net, (x, y) = Net(), batch()
    with explain.modules():
        loss = nn.functional.cross_entropy(net(x), y)
    graph = explain.graph(loss)
    print(graph)
    print()
    memory = explain.memory(loss)
    print(memory)
    graph.svg(out / "graph.svg", engine="own")
    graph.html(out / "graph.html")
    memory.picture(out / "memory.svg")
    print(f"\nwritten to {out}: graph.svg, graph.html, memory.svg")


def growth():
    title("2. A loop whose graph grows")
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    total = 0
    with explain.watch(), warnings.catch_warnings(record=True) as log:
        warnings.simplefilter("always")
        for _ in range(6):
            x, y = batch()
            loss = nn.functional.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss
    for warning in log:
        print(f"{Path(warning.filename).name}:{warning.lineno}: {warning.message}")


class Softplus(torch.autograd.Function):
    """log(1 + exp(x)), with a backward that forgets the sign of x."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.log1p(torch.exp(x))

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad / (1 + torch.exp(x))


def derivatives():
    title("3. A derivative that is wrong")
    x = torch.linspace(-2, 2, 5).requires_grad_()
    try:
        with explain.check():
            Softplus.apply(x).sum().backward()
    except explain.DerivativeError as error:
        print(f"DerivativeError: {Path(str(error).partition(':')[0]).name}:{str(error).partition(':')[2]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder for the pictures")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    pictures(out)
    growth()
    derivatives()


if __name__ == "__main__":
    main()
