"""What is measured, and how much of PyTorch's time or memory it may take.

A case is written once, against a module `T` that is spelled like `torch`, and runs with each peer in place of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from types import ModuleType
from typing import Any

BATCH, WARM_UP = 8192, 256


@dataclass(frozen=True)
class Case:
    """One line of the table.

    `bound` is the most that pullback may take, as a share of what torch takes. `kind` says how it is measured:

    - "time": `build(T)` returns `run`; `run(n)` does the work n times and returns a number that must not depend on T.
    - "tracking": as "time", under `explain.track()`, with pullback itself without it in torch's place.
    - "import": the time of a fresh process that imports the package and ends.
    - "memory": `build(T)` returns `run`; what is measured is by how much `run(BATCH)` raises the peak of the memory of a
      fresh process, in which `run(WARM_UP)` has set up what there is to set up once.
    """

    name: str
    what: str
    bound: float
    kind: str = "time"
    build: Callable[[ModuleType], Callable[[int], Any]] | None = None


def numbers(count: int, seed: int) -> list[float]:
    """`count` numbers around zero, the same for every peer."""
    random = Random(seed)
    return [random.gauss(0.0, 1.0) for _ in range(count)]


def product_recording(T: ModuleType) -> Callable[[int], float]:
    x, w = T.tensor([1.5]), T.tensor([2.0], requires_grad=True)

    def run(n: int) -> float:
        for _ in range(n):
            x * w
        return (x * w).item()

    return run


def product_no_grad(T: ModuleType) -> Callable[[int], float]:
    recording = product_recording(T)

    def run(n: int) -> float:
        with T.no_grad():
            return recording(n)

    return run


def five_operations(T: ModuleType) -> Callable[[int], float]:
    x, w = T.tensor([0.5]), T.tensor([0.25], requires_grad=True)

    def run(n: int) -> float:
        for _ in range(n):
            w.grad = None
            ((x * w + x) * w).tanh().sum().backward()
        return w.grad.item()

    return run


def small_network_step(T: ModuleType) -> Callable[[int], float]:
    nn = T.nn
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
    with T.no_grad():
        for seed, weight in enumerate(model.parameters()):
            weight.copy_(T.tensor(numbers(weight.numel(), seed)).reshape(weight.shape) * 0.1)
    optimizer = T.optim.Adam(model.parameters(), lr=1e-3)
    inputs = T.tensor(numbers(32 * 64, 99)).reshape(32, 64)
    labels = T.tensor([i % 10 for i in range(32)])

    def run(n: int) -> float:
        for _ in range(n):
            loss = nn.functional.cross_entropy(model(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return loss.item()

    return run


def large_network(T: ModuleType) -> Callable[[int], object]:
    nn = T.nn
    model = nn.Sequential(*(layer for _ in range(12) for layer in (nn.Linear(512, 512), nn.ReLU())))

    def run(n: int) -> object:
        return model(T.ones(n, 512))

    return run


def large_network_no_grad(T: ModuleType) -> Callable[[int], object]:
    recording = large_network(T)

    def run(n: int) -> object:
        with T.no_grad():
            return recording(n)

    return run


CASES = (
    Case("product", "`x * w`, one element, recording", 0.5, build=product_recording),
    Case("product-no-grad", "`x * w`, one element, under `no_grad`", 0.7, build=product_no_grad),
    Case("five-ops", "`((x*w+x)*w).tanh().sum()` forward and backward, one element", 0.4, build=five_operations),
    Case("mlp-step", "MLP 64-128-10, batch 32, Adam: one training step", 0.6, build=small_network_step),
    Case("five-ops-tracked", "the five operations under `explain.track()` (1)", 2.0, "tracking", five_operations),
    Case("mlp-step-tracked", "the training step under `explain.track()` (1)", 2.0, "tracking", small_network_step),
    Case("import", "import of the package, process start included", 0.12, kind="import"),
    Case("memory", "12 x 512 MLP, batch 8192, forward: peak memory, recording", 1.05, "memory", large_network),
    Case("memory-no-grad", "the same under `no_grad`", 1.1, "memory", large_network_no_grad),
)
