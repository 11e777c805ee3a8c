"""Normally distributed numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..generator import Generator
from .boxmuller import blocks32, blocks64, pairs
from .kinds import kind_of, part_of, require
from .rounding import fused64, libm
from .uniform import finished, unit32, unit64

__all__ = ["log_normal", "normal"]


def normal(
    generator: Generator, shape: Sequence[int], dtype: Any, mean: float = 0.0, std: float = 1.0, contiguous: bool = True
) -> np.ndarray:
    """Draws from the normal distribution, by the method of `boxmuller`.

    Sixteen or more numbers for a contiguous tensor are made in blocks of 16; fewer, or for a tensor that is not
    contiguous, one by one, where the second number of a pair waits in the generator for the next call.

    Args:
        mean: for complex dtypes the mean of the real and of the imaginary part.
        std: the standard deviation; that of a complex number spreads over both of its parts.
        contiguous: whether the tensor to be filled is contiguous.

    Raises:
        NotImplementedError: for a dtype that is neither floating point nor complex.
        RuntimeError: for a `std` that is negative or not a number.
    """
    dtype = np.dtype(dtype)
    if not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
    if dtype.kind == "c":
        parts = normal(generator, (*shape, 2), part_of(dtype), mean, std / math.sqrt(2), contiguous)
        return parts.view(dtype)[..., 0]
    require(kind_of(dtype).digits > 0, "normal_kernel_cpu", dtype)
    count = math.prod(shape)
    if count >= 16 and contiguous:
        return _in_blocks(generator, count, dtype, mean, std).reshape(shape)
    return finished(_affine(_one_by_one(generator, count), mean, std), dtype, shape)


def log_normal(
    generator: Generator, shape: Sequence[int], dtype: Any, mean: float = 1.0, std: float = 2.0
) -> np.ndarray:
    """Draws numbers whose logarithms are normally distributed.

    Raises:
        NotImplementedError: for a dtype that is not floating point.
        RuntimeError: if `std` is not positive.
    """
    dtype = np.dtype(dtype)
    if not std > 0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std:g}")
    require(kind_of(dtype).digits > 0, "log_normal_cpu", dtype)
    values = _affine(_one_by_one(generator, math.prod(shape)), mean, std)
    # As in `exponential`, only float64 keeps the bit in which NumPy's faster function may differ.
    with np.errstate(over="ignore"):
        values = libm(_exp, values) if dtype == np.float64 else np.exp(values)
    return finished(values, dtype, shape)


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _affine(values: np.ndarray, mean: float, std: float) -> np.ndarray:
    return values if mean == 0 and std == 1 else fused64(values, std, mean)


def _one_by_one(generator: Generator, count: int) -> np.ndarray:
    if count == 0:
        return np.zeros(0)
    ready = [] if generator.spare_normal is None else [generator.spare_normal]
    missing = count - len(ready)
    ready += pairs(unit64(generator, missing + missing % 2).tolist())
    generator.spare_normal = ready.pop() if missing % 2 else None
    return np.array(ready)


def _in_blocks(generator: Generator, count: int, dtype: np.dtype, mean: float, std: float) -> np.ndarray:
    """Makes whole blocks; the last 16 numbers are a block of their own, which overwrites what it overlaps."""
    double, half = dtype.itemsize == 8, dtype.itemsize == 2
    overlap = count % 16 != 0
    # Half precision draws per block. The others draw for all numbers first and then once more for the last block.
    drawn = -(-count // 16) * 16 if half else count + 16 * overlap
    unit = unit64(generator, drawn) if double else unit32(generator, drawn).astype(np.float32)
    whole = unit[: count // 16 * 16]
    used = np.concatenate([whole, unit[-16:]]) if overlap else whole
    made = (blocks64 if double else blocks32)(used.reshape(-1, 2, 8), mean, std).ravel()
    values = np.empty(count, dtype)
    values[: whole.size] = made[: whole.size]
    values[-16:] = made[-16:]
    return values
