"""Taking the measurements: rounds that go from peer to peer in turn, so that a busy machine is busy for all of them."""

import gc
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median, quantiles
from types import ModuleType

from .cases import Case

REFERENCE, OURS = "torch", "pullback"
PEERS = (REFERENCE, OURS)
THREADS = 2
ROOT = Path(__file__).resolve().parent.parent

# After work on several threads, a BLAS or OpenMP keeps its threads spinning for some tens of milliseconds. With as many
# threads as cores, that would be taken from the next peer.
REST_SECONDS = 0.05


@dataclass
class Result:
    """What one case came to. `samples` holds, for each peer, one number a round, in `unit`."""

    case: Case
    unit: str
    samples: dict[str, list[float]]
    problems: list[str] = field(default_factory=list)

    def figure(self, peer: str) -> float | None:
        """The one number that stands for the samples of `peer`: their median, but the least of them for memory.

        What a process does to its memory beyond the work itself (the scratch space of a BLAS, above all) varies from
        run to run in steps of many megabytes, always upwards.
        """
        samples = self.samples.get(peer)
        if not samples:
            return None
        return min(samples) if self.case.kind == "memory" else median(samples)

    def quartiles(self, peer: str) -> list[float]:
        values = self.samples[peer]
        return quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3

    @property
    def ratio(self) -> float | None:
        """Our figure as a share of the reference's, or None if either is missing."""
        ours, reference = self.figure(OURS), self.figure(REFERENCE)
        return None if ours is None or not reference else ours / reference

    @property
    def passed(self) -> bool | None:
        """Whether the bound was met, or None if there was nothing to compare with."""
        if self.problems:
            return False
        return None if self.ratio is None else self.ratio <= self.case.bound


def load_peers() -> dict[str, ModuleType | None]:
    """Every peer's module by name, None for one that is not installed; each told to use THREADS threads."""
    peers: dict[str, ModuleType | None] = {}
    for name in PEERS:
        try:
            peers[name] = import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            peers[name] = None
        else:
            if hasattr(peers[name], "set_num_threads"):
                peers[name].set_num_threads(THREADS)
    return peers


def measure(case: Case, peers: dict[str, ModuleType | None], quick: bool) -> Result:
    """Measure `case` with every peer that is there. `quick` takes fewer and shorter rounds."""
    present = {name: module for name, module in peers.items() if module is not None}
    if case.kind in ("time", "tracking"):
        return measure_time(case, present, rounds=5 if quick else 15, seconds=0.02 if quick else 0.1)
    if case.kind == "import":
        return measure_import(case, list(present), rounds=3 if quick else 9)
    return measure_memory(case, list(present), rounds=2 if quick else 5)


def measure_time(case: Case, peers: dict[str, ModuleType], rounds: int, seconds: float) -> Result:
    """The time of one unit of work in this process, from rounds of about `seconds` each."""
    result = Result(case, "s", {name: [] for name in builders(case, peers)})
    result.problems += disagreement(case, peers)
    work = {name: build() for name, build in builders(case, peers).items()}
    counts = {name: calibrate(run, seconds) for name, run in work.items()}
    for _ in range(rounds):
        for name, run in work.items():
            gc.collect()
            time.sleep(REST_SECONDS)
            result.samples[name].append(seconds_for(run, counts[name]) / counts[name])
    return result


def builders(case: Case, peers: dict[str, ModuleType]) -> dict[str, Callable[[], Callable[[int], float]]]:
    """What builds the work of a case, for each peer; for "tracking", ours stands in the reference's place, too."""
    if case.kind == "tracking":
        return {REFERENCE: partial(case.build, peers[OURS]), OURS: partial(tracked, case, peers[OURS])}
    return {name: partial(case.build, module) for name, module in peers.items()}


def tracked(case: Case, ours: ModuleType) -> Callable[[int], float]:
    run = case.build(ours)

    def inside(count: int) -> float:
        with ours.explain.track():
            return run(count)

    return inside


def disagreement(case: Case, peers: dict[str, ModuleType]) -> list[str]:
    """A sentence for every peer whose result after three units of work is not the first peer's."""
    values = {name: build()(3) for name, build in builders(case, peers).items()}
    first, expected = next(iter(values.items()))
    return [
        f"{name} computes {value:.6g} where {first} computes {expected:.6g}"
        for name, value in values.items()
        if not math.isclose(value, expected, rel_tol=1e-4)
    ]


def seconds_for(run: Callable[[int], float], count: int) -> float:
    start = time.perf_counter()
    run(count)
    return time.perf_counter() - start


def calibrate(run: Callable[[int], float], seconds: float) -> int:
    """How many units of work take about `seconds`. Warms up on the way."""
    count = 1
    while (taken := seconds_for(run, count)) < seconds / 4:
        count *= 2
    return max(1, round(count * seconds / taken))


def measure_import(case: Case, peers: list[str], rounds: int) -> Result:
    """The time of a whole process that does nothing but import the package."""
    result = Result(case, "s", {name: [] for name in peers})
    # An installed package has its bytecode on disk, so one that runs from its source folder is to write it there too.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for round_ in range(-1, rounds):  # the first one only warms the disk's and Python's caches
        for name in peers:
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", f"import {name}"], check=True, cwd=ROOT, env=environment)
            if round_ >= 0:
                result.samples[name].append(time.perf_counter() - start)
    return result


def measure_memory(case: Case, peers: list[str], rounds: int) -> Result:
    """How far the work raises the peak memory of a fresh process, in bytes above what it held just before."""
    result = Result(case, "bytes", {name: [] for name in peers})
    for _ in range(rounds):
        for name in peers:
            command = [sys.executable, "-m", "benchmarks.memory", name, case.name]
            done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
            result.samples[name].append(json.loads(done.stdout))
    return result
