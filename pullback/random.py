"""The random state of the process: `torch.random` at the level of arrays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .generator import Generator, default_generator

__all__ = [
    "Generator",
    "default_generator",
    "fork_rng",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "seed",
    "set_rng_state",
]


def manual_seed(seed: int) -> Generator:
    """Seeds the default generator with `int(seed)` and returns it; see `Generator.manual_seed`."""
    return default_generator.manual_seed(int(seed))


def seed() -> int:
    """Seeds the default generator from the operating system and returns the seed, 64 bits."""
    return default_generator.seed()


def initial_seed() -> int:
    """Returns the last seed of the default generator, as an integer of [0, 2**64)."""
    return default_generator.initial_seed()


def get_rng_state() -> np.ndarray:
    """Returns the state of the default generator, 5056 bytes (uint8)."""
    return default_generator.get_state()


def set_rng_state(new_state: Any) -> None:
    """Sets the state of the default generator; see `Generator.set_state`."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(
    devices: Any = None,
    enabled: bool = True,
    _caller: str = "fork_rng",
    _devices_kw: str = "devices",
    device_type: Any = None,
) -> Iterator[None]:
    """Puts the default generator back, at the end of a `with` block, to where it was at its beginning.

    Args:
        devices, device_type: taken so that PyTorch programs run; there is only the CPU's generator to restore.
        enabled: False makes the block an ordinary one.
    """
    before = get_rng_state() if enabled else None
    try:
        yield
    finally:
        if before is not None:
            set_rng_state(before)
