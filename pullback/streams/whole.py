"""Whole numbers, and permutations of them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..generator import Generator
from .kinds import Kind, kind_of, require

__all__ = ["randint", "random", "randperm"]


def randint(
    generator: Generator, shape: Sequence[int], dtype: Any, low: int = 0, high: int | None = None
) -> np.ndarray:
    """Draws whole numbers of [low, high), of a word modulo the number of possibilities; of two words from 2**28 on.

    Args:
        dtype: integer, bool or floating point.
        high: None stands for all whole numbers that the dtype can represent exactly.

    Raises:
        RuntimeError: for an empty range, bounds that are not numbers of the dtype, or a complex dtype.
        ValueError: for a bound that is not a 64-bit number.
    """
    dtype, low, high = np.dtype(dtype), int(low), None if high is None else int(high)
    if not all(bound is None or -(2**63) <= bound < 2**63 for bound in (low, high)):
        raise ValueError("Overflow when unpacking long long")
    if dtype.kind == "c":
        raise RuntimeError("check_random_bounds handles only integral, floating-point and boolean types")
    count = math.prod(shape)
    if high is None and low == -(2**63):
        return generator.long_words(count).astype(np.int64).astype(dtype).reshape(shape)
    low, high = _exact_bounds(dtype, low, high)
    words = generator.long_words(count) if high - low >= 2**28 else generator.words(count)
    values = (words % np.uint64(high - low)).astype(np.int64) + np.int64(low)
    return values.astype(dtype).reshape(shape)


def random(generator: Generator, shape: Sequence[int], dtype: Any) -> np.ndarray:
    """Draws from all whole numbers of an integer dtype that are not negative, or of [0, 2**digits] of a floating one.

    Raises:
        NotImplementedError: for complex dtypes and unsigned ones longer than a byte.
    """
    dtype = np.dtype(dtype)
    require(dtype.kind != "c" and dtype.name not in ("uint16", "uint32", "uint64"), "random_kernel_cpu", dtype)
    count = math.prod(shape)
    words = generator.long_words(count) if dtype.name in ("int64", "float64") else generator.words(count)
    return (words % np.uint64(kind_of(dtype).whole + 1)).astype(dtype).reshape(shape)


def _exact_bounds(dtype: np.dtype, low: int, high: int | None) -> tuple[int, int]:
    kind = kind_of(dtype)
    if high is None:
        high = kind.whole + 1
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    bounds = (("from", low), ("to - 1", high - 1))
    for name, value in bounds:
        if not kind.lowest <= value <= kind.largest:
            raise RuntimeError(f"{name} is out of bounds for {kind.c_name}")
    if not kind.digits:
        return low, high
    for name, value in bounds:
        _warn_if_inexact(kind, name, value)
    return _rounded_inwards(dtype, low, high)


def _warn_if_inexact(kind: Kind, name: str, value: int) -> None:
    if abs(value) > kind.whole:
        warnings.warn(
            f"{name} is out of bounds [-(2^{kind.digits}), 2^{kind.digits}]. Due to precision limitations {kind.c_name}"
            " can support discrete uniform distribution only within this range. This warning will become an error in"
            " version 1.7 release, please fix the code in advance",
            stacklevel=4,
        )


def _rounded_inwards(dtype: np.dtype, low: int, high: int) -> tuple[int, int]:
    """Moves bounds that would be rounded out of the range to the next number inside that the dtype has."""
    digits = kind_of(dtype).digits
    above, below = int(float(dtype.type(low + 1))), int(float(dtype.type(high - 1)))
    if above < low:
        low = above + 2 ** (abs(low + 1).bit_length() - digits)
    if below >= high:
        high = below - 2 ** (abs(high - 1).bit_length() - digits)
    return low, high


def randperm(generator: Generator, n: int, dtype: Any = np.int64) -> np.ndarray:
    """Returns the numbers 0 to n - 1 in random order.

    It is the shuffle of Fisher & Yates (Knuth, TAOCP 2, 3.4.2, algorithm P), from the front, one word a number. PyTorch
    has another one for n of 2**32 / 20 and more, which is not imitated.

    Raises:
        RuntimeError: if n is negative, or n - 1 is not a number of the dtype.
        NotImplementedError: for bool and complex dtypes.
    """
    dtype = np.dtype(dtype)
    _check_randperm(n, dtype)
    order = list(range(n))
    steps = np.arange(n, 1, -1, dtype=np.uint64)
    others = generator.words(len(steps)) % steps + np.arange(len(steps), dtype=np.uint64)
    for place, other in enumerate(others.tolist()):
        order[place], order[other] = order[other], order[place]
    return np.array(order, np.int64).astype(dtype)


def _check_randperm(n: int, dtype: np.dtype) -> None:
    kind = kind_of(dtype)
    if n < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
    require(dtype.kind not in "cb", "randperm", dtype)
    if kind.digits and n > kind.whole + 1:
        raise RuntimeError(f"n cannot be greater than {kind.whole + 1} for {kind.name} type.")
    if not kind.digits and n > kind.largest:
        raise RuntimeError(f"value cannot be converted to type {dtype.name}_t without overflow")
