"""Uniformly distributed real numbers, from which all other distributions are made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..generator import Generator
from .kinds import Kind, kind_of, part_of, require
from .rounding import fused64, single

__all__ = ["finished", "uniform", "unit32", "unit64"]

_MASK_24, _MASK_53 = np.uint64(2**24 - 1), np.uint64(2**53 - 1)


def unit32(generator: Generator, count: int) -> np.ndarray:
    """Returns numbers of [0, 1) with 24 random bits, in float64."""
    return (generator.words(count) & _MASK_24) * 2.0**-24


def unit64(generator: Generator, count: int) -> np.ndarray:
    """Returns numbers of [0, 1) with 53 random bits, float64; each costs two words."""
    return (generator.long_words(count) & _MASK_53) * 2.0**-53


def finished(values: np.ndarray, dtype: np.dtype, shape: Sequence[int]) -> np.ndarray:
    """Brings float64 numbers to dtype and shape; half precision is reached by way of float32, as in PyTorch."""
    half = dtype.itemsize == 2 and kind_of(dtype).digits
    with np.errstate(over="ignore"):
        return (values.astype(np.float32) if half else values).astype(dtype, copy=False).reshape(shape)


def uniform(generator: Generator, shape: Sequence[int], dtype: Any, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """Draws from [low, high), with 53 random bits for float64 and complex128, 24 for the others.

    The real and the imaginary part of a complex number are drawn separately.

    Raises:
        NotImplementedError: for a dtype that is neither floating point nor complex.
        RuntimeError: if a bound or their distance is too large for the dtype, or `low` exceeds `high`.
    """
    dtype = np.dtype(dtype)
    if dtype.kind == "c":
        return uniform(generator, (*shape, 2), part_of(dtype), low, high).view(dtype)[..., 0]
    kind = kind_of(dtype)
    require(kind.digits > 0, "check_uniform_bounds", dtype)
    _check_bounds(kind, low, high)
    count = math.prod(shape)
    if low == 0 and high == 1 and kind.digits >= 24:
        return finished((unit64 if kind.digits == 53 else unit32)(generator, count), dtype, shape)
    values = finished((_scaled64 if kind.digits == 53 else _scaled32)(generator, count, low, high), dtype, shape)
    # Rounding must not reach the bound that the interval excludes; PyTorch then takes the other one.
    values[values == dtype.type(high)] = low
    return values


def _scaled64(generator: Generator, count: int, low: float, high: float) -> np.ndarray:
    return fused64(unit64(generator, count), high - low, low)


def _scaled32(generator: Generator, count: int, low: float, high: float) -> np.ndarray:
    low, high = np.float32(low), np.float32(high)
    return single(unit32(generator, count) * float(high - low) + float(low))


def _check_bounds(kind: Kind, low: float, high: float) -> None:
    for name, value in (("from", low), ("to", high)):
        if not kind.lowest <= value <= kind.largest:
            raise RuntimeError(f"{name} is out of bounds for {kind.c_name}")
    if low > high:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}")
    if high - low > kind.largest:
        raise RuntimeError(
            f"uniform_ expects to-from <= std::numeric_limits<{kind.name}>::max(), but found to={high:g} and"
            f" from={low:g} which result in to-from to exceed the limit"
        )
