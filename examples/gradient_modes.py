"""Who records, and what it costs: requires_grad, volatile and no_grad, step by step.

Recording what a program does, so that it can be differentiated, takes memory and time. This is the story of the three
ways in which PyTorch has let a program say that it does not need that, with the savings measured as it runs.

Ordinary PyTorch: `python gradient_modes.py` under PyTorch, `pullback run gradient_modes.py` without it.
"""

import argparse
import sys
import time
import warnings

import torch
import torch.nn as nn
from torch.autograd import Variable


def title(text):
    print(f"\n{text}\n{'-' * len(text)}")


def show(code, value):
    print(f"  {code:<44} {value}")


def spreading():
    title("1. requires_grad: a flag that spreads")
    print("A result needs a gradient if any one of its inputs does.\n")
    x = torch.randn(5, 5)
    y = torch.randn(5, 5)
    z = torch.randn(5, 5, requires_grad=True)
    a = x + y
    b = a + z
    show("a = x + y;  a.requires_grad", a.requires_grad)
    show("b = a + z;  b.requires_grad", b.requires_grad)
    show("a.grad_fn", a.grad_fn)
    show("b.grad_fn", type(b.grad_fn).__name__)
    b.sum().backward()
    show("b.sum().backward();  x.grad is None", x.grad is None)
    show("z.grad is all ones", bool((z.grad == 1).all()))


def freezing():
    title("2. requires_grad = False: a part that is not trained")
    print("The first layer is frozen: nothing is recorded below it and no gradient is computed for it.\n")
    model = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 1))
    for weight in model[0].parameters():
        weight.requires_grad = False
    below = model[0](torch.randn(4, 8))
    model[2](model[1](below)).sum().backward()
    show("output of the frozen layer, requires_grad", below.requires_grad)
    for name, weight in model.named_parameters():
        show(f"{name}.grad", "none" if weight.grad is None else f"a gradient of shape {tuple(weight.grad.shape)}")


def volatile():
    title("3. volatile: the flag of before 0.4")
    print("It was the opposite of requires_grad: one volatile input was enough, and it won over requires_grad.")
    print("Since 0.4 it is only a name that warns:\n")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        x = Variable(torch.ones(3), volatile=True)
        w = Variable(torch.ones(3), requires_grad=True)
        show("(x * w).volatile", (x * w).volatile)
        show("(x * w).requires_grad", (x * w).requires_grad)
    for warning in said:
        print(f"  {warning.category.__name__}: {warning.message}")


def volatile_as_it_was():
    title("4. volatile as it was")
    if not hasattr(torch, "legacy_era"):
        print("PyTorch has not had it since 0.4. `pullback run` shows it here.")
        return
    print("pullback can still run programs of that time: `with torch.legacy_era():`\n")
    with torch.legacy_era():
        x = Variable(torch.ones(3), volatile=True)
        w = Variable(torch.ones(3), requires_grad=True)
        y = x * w
        show("(x * w).volatile", y.volatile)
        show("(x * w).requires_grad", y.requires_grad)
        show("(x * w).grad_fn", y.grad_fn)
        try:
            y.sum().backward()
        except RuntimeError as error:
            print(f"  y.sum().backward() fails: {str(error).splitlines()[0]}")


@torch.no_grad()
def doubled(x):
    return x * 2


def no_grad():
    title("5. no_grad: a stretch of the program, not a flag of the data")
    print("volatile went along with the data, far from where it was set. no_grad begins and ends in the text.\n")
    x = torch.tensor([1.0], requires_grad=True)
    with torch.no_grad():
        y = x * 2
        with torch.enable_grad():
            z = x * 2
    show("with torch.no_grad(): y = x * 2", f"y.requires_grad is {y.requires_grad}")
    show("  with torch.enable_grad(): z = x * 2", f"z.requires_grad is {z.requires_grad}")
    show("@torch.no_grad() def doubled(x): ...", f"doubled(x).requires_grad is {doubled(x).requires_grad}")
    show("and after it", f"(x * 2).requires_grad is {(x * 2).requires_grad}")
    try:
        torch.tensor([1], requires_grad=True)
    except RuntimeError as error:
        print(f"\n  torch.tensor([1], requires_grad=True) fails: {str(error).splitlines()[0]}")


def peak_megabytes():
    """The most memory this process has held so far, in MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compared(work, rounds):
    """The shortest time of `work` in seconds, recording and under no_grad, taken in turns."""
    recorded, without = [], []
    for _ in range(rounds):
        recorded.append(seconds(work))
        with torch.no_grad():
            without.append(seconds(work))
    return min(recorded), min(without)


def compared_memory(work):
    """By how much `work` raises this process's peak memory, in MB, recording and under no_grad; None if not known."""
    start = peak_megabytes()
    if start is None:
        return None
    with torch.no_grad():  # first, because a peak never comes down again
        work()
    without = peak_megabytes()
    work()
    return peak_megabytes() - start, without - start


def thousand_products(x, w):
    for _ in range(1000):
        x = x * w
    return x


def savings(batch, width, depth):
    title("6. What no_grad saves, measured now")
    print(f"The network: {depth} x (Linear({width}), ReLU), forward, on a batch of {batch}.\n")
    model = nn.Sequential(*(layer for _ in range(depth) for layer in (nn.Linear(width, width), nn.ReLU())))
    data = torch.ones(batch, width)
    one, weight = torch.ones(1), torch.ones(1, requires_grad=True)
    model(data[:1])  # what is set up once, at first use, belongs to neither side

    print(f"  {'':<26}{'recording':>14}{'no_grad':>14}{'saved':>9}")
    print_row("network, peak memory", compared_memory(lambda: model(data)), 1, "MB")
    print_row("network, time", compared(lambda: model(data), 7), 1e3, "ms")
    print_row("x * w, one element, time", compared(lambda: thousand_products(one, weight), 30), 1e3, "us")


def print_row(name, pair, scale, unit):
    if pair is None:
        print(f"  {name:<26}{'not told by this system':>37}")
        return
    recording, without = pair
    saved = 1 - without / recording if recording else 0.0
    print(f"  {name:<26}{recording * scale:>11.2f} {unit}{without * scale:>11.2f} {unit}{saved:>9.0%}")


def main():
    parser = argparse.ArgumentParser(description="The story of requires_grad, volatile and no_grad.")
    parser.add_argument("--batch", type=int, default=4096)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--depth", type=int, default=12)
    options = parser.parse_args()
    torch.manual_seed(0)
    spreading()
    freezing()
    volatile()
    volatile_as_it_was()
    no_grad()
    savings(options.batch, options.width, options.depth)


if __name__ == "__main__":
    main()
