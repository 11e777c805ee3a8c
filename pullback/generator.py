"""The random number generator, and the one that everything uses unless told otherwise.

The engine is the Mersenne Twister of Matsumoto & Nishimura (1998), "Mersenne Twister: a 623-dimensionally
equidistributed uniform pseudo-random number generator", ACM TOMACS 8(1), which both NumPy and PyTorch's CPU generator
use. So a seed gives the numbers it gives in PyTorch, and states can be exchanged with PyTorch byte for byte. How the
engine's words become numbers of a distribution is in `streams`.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

__all__ = ["Generator", "default_generator"]

_WORDS = 624
_DEFAULT_SEED = 67280421310721  # what an unseeded torch.Generator reports

# What PyTorch saves: the engine, then the second number of the last Box-Muller pair if nobody has taken it yet.
_STATE = np.dtype(
    [
        ("seed", "<u8"),
        ("left", "<i4"),
        ("seeded", "<i4"),
        ("next", "<u8"),
        ("words", "<u8", _WORDS),
        ("normal_x", "<f8"),
        ("normal", "<f8"),
        ("normal_rho", "<f8"),
        ("has_normal", "<i4"),
        ("padding", "<i4"),
        ("float_normal", "<f4"),
        ("has_float_normal", "<i4"),
    ]
)


class Generator:
    """A source of random numbers with its own state.

    Args:
        device: `"cpu"`, or anything whose text starts so. There are no other generators.

    Raises:
        RuntimeError: for another device.
    """

    def __init__(self, device: Any = "cpu") -> None:
        self.device = "cpu" if device is None else device
        if str(getattr(self.device, "type", self.device)).partition(":")[0] != "cpu":
            raise RuntimeError(f"Generator(): there are generators for device 'cpu' only, not for {str(device)!r}")
        self.spare_normal: float | None = None
        self._engine = np.random.MT19937(0)
        # Only RandomState offers the seeding of 1998, as init_genrand, to the public.
        self._seeding = np.random.RandomState(self._engine)
        self.manual_seed(_DEFAULT_SEED)

    def manual_seed(self, seed: int) -> Generator:
        """Starts the sequence that belongs to `seed` and returns the generator itself.

        Args:
            seed: an integer of [-2**63, 2**64); negative ones count modulo 2**64. The engine uses its lower 32 bits.

        Raises:
            RuntimeError: if `seed` is not an integer.
            ValueError: if it is out of range.
        """
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
            raise RuntimeError(f"manual_seed expected a long, but got {type(seed).__name__}")
        if not -(2**63) <= seed < 2**64:
            raise ValueError("Overflow when unpacking long long")
        self._seed = int(seed) % 2**64
        self._seeding.seed(self._seed & 0xFFFF_FFFF)
        self._untouched = True
        self.spare_normal = None
        return self

    def seed(self) -> int:
        """Seeds with 64 random bits of the operating system and returns them."""
        self.manual_seed(int.from_bytes(os.urandom(8), "little"))
        return self._seed

    def initial_seed(self) -> int:
        """Returns the last seed, as an integer of [0, 2**64)."""
        return self._seed

    def words(self, count: int) -> np.ndarray:
        """Returns the next `count` outputs of the engine: an array of uint64 that holds 32-bit numbers."""
        self._untouched = self._untouched and count == 0
        return self._engine.random_raw(count)

    def long_words(self, count: int) -> np.ndarray:
        """Returns `count` 64-bit numbers (uint64), each from two outputs of the engine, the upper half first."""
        halves = self.words(2 * count)
        return halves[::2] << np.uint64(32) | halves[1::2]

    def get_state(self) -> np.ndarray:
        """Returns the state as 5056 bytes (uint8), the same that PyTorch's CPU generator would give."""
        engine = self._engine.state["state"]
        state = np.zeros((), _STATE)
        state["seed"] = self._seed
        state["seeded"] = 1
        state["words"] = engine["key"]
        # Seeding leaves the position at 0 in PyTorch, though not one of these words will be used.
        state["next"] = 0 if self._untouched else engine["pos"]
        state["left"] = 1 if self._untouched else _WORDS + 1 - engine["pos"]
        if self.spare_normal is not None:
            state["normal"], state["has_normal"] = self.spare_normal, 1
        return np.frombuffer(state.tobytes(), np.uint8).copy()

    def set_state(self, new_state: Any) -> None:
        """Continues from a state that `get_state`, here or in PyTorch, has returned.

        Args:
            new_state: 5056 bytes, an array of uint8 or something that NumPy can turn into one.

        Raises:
            TypeError: if these are not bytes in an array.
            RuntimeError: if their number is wrong or they are no state.
        """
        state = _parse_state(new_state)
        position = _WORDS if state["left"] == 1 else int(state["next"])
        key = state["words"].astype(np.uint32)
        self._engine.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": position}}
        self._seed = int(state["seed"])
        self._untouched = state["next"] == 0
        self.spare_normal = float(state["normal"]) if state["has_normal"] else None

    def clone_state(self) -> Generator:
        """Returns a new generator that will give the same numbers."""
        return _restored(*self.__reduce__()[1])

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.device, Generator.get_state(self))


def _restored(kind: type[Generator], device: Any, state: np.ndarray) -> Generator:
    generator = kind(device)
    Generator.set_state(generator, state)
    return generator


def _parse_state(data: Any) -> np.ndarray:
    if not hasattr(data, "__array__"):
        raise TypeError(f"expected a torch.ByteTensor, but got {type(data).__name__}")
    data = np.asarray(data)
    if data.dtype != np.uint8:
        raise TypeError("RNG state must be a torch.ByteTensor")
    if data.size != _STATE.itemsize:
        raise RuntimeError(
            f"Expected a CPUGeneratorImplState of size {_STATE.itemsize} but found the input RNG state size to be"
            f" {data.size}"
        )
    state = np.frombuffer(data.tobytes(), _STATE)[0]
    consistent = state["left"] == 1 or state["left"] + int(state["next"]) == _WORDS + 1
    if not (state["seeded"] and 0 < state["left"] <= _WORDS and state["next"] <= _WORDS and consistent):
        raise RuntimeError("Invalid mt19937 state")
    return state


default_generator = Generator()
default_generator.seed()
