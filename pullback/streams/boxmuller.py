"""Normally distributed numbers from uniform ones, rounded as PyTorch rounds them.

The method is that of Box & Muller (1958), "A note on the generation of random normal deviates", Annals of Mathematical
Statistics 29(2): for independent uniform u and v, sqrt(-2 log u) cos(2 pi v) and sqrt(-2 log u) sin(2 pi v) are
independent and normal. In single precision the last bits depend on how the logarithm, sine and cosine are evaluated.
PyTorch uses the polynomials of the Cephes library (S. L. Moshier, 1992, `logf`, `sinf`, `cosf`) with fused
multiply-adds, on processors with AVX2; the same operations are carried out here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from .rounding import fused64, libm, single

__all__ = ["blocks32", "blocks64", "pairs"]

_CHUNK = 2048  # blocks at a time: the working arrays then stay in the processor's cache


def pairs(uniforms: list[float]) -> list[float]:
    """Turns an even number of uniform numbers of [0, 1) into as many standard normal ones, pair by pair."""
    normal = []
    for turn, u in zip(uniforms[::2], uniforms[1::2], strict=True):
        radius = math.sqrt(-2 * math.log1p(-u))
        angle = 2 * math.pi * turn
        normal += radius * math.cos(angle), radius * math.sin(angle)
    return normal


def blocks64(uniforms: np.ndarray, mean: float, std: float) -> np.ndarray:
    """Turns blocks of 16 uniform numbers of [0, 1), float64 (n, 2, 8), into normal ones; [:, 0] pairs with [:, 1]."""
    radius = np.sqrt(-2 * libm(math.log, 1 - uniforms[:, 0]))
    angle = 2 * math.pi * uniforms[:, 1]
    standard = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return standard if mean == 0 and std == 1 else fused64(standard, std, mean)


def blocks32(uniforms: np.ndarray, mean: float, std: float) -> np.ndarray:
    """As `blocks64`, in single precision: float32 (n, 2, 8) to float32."""
    normal = np.empty_like(uniforms)
    mean, std = float(np.float32(mean)), float(np.float32(std))
    for part in _chunks(len(uniforms)):
        u = uniforms[part].astype(np.float64)
        radius = single(np.sqrt(-2 * _log(1 - u[:, 0])))
        sine, cosine = _sine_cosine(single(_TWO_PI * u[:, 1]))
        normal[part, 0] = single(radius * cosine) * std + mean
        normal[part, 1] = single(radius * sine) * std + mean
    return normal


def _chunks(count: int) -> Iterator[slice]:
    return (slice(start, start + _CHUNK) for start in range(0, count, _CHUNK))


# --- single precision: the arrays are float64, but all their values are representable in float32 ---------------------

_TWO_PI = float(np.float32(2 * math.pi))
_FOUR_OVER_PI = float(np.float32(4 / math.pi))
_SQRT_HALF = float(np.float32(math.sqrt(0.5)))


def _constants(*values: float) -> tuple[float, ...]:
    return tuple(float(np.float32(value)) for value in values)


_LOG = _constants(
    7.0376836292e-2,
    -1.1514610310e-1,
    1.1676998740e-1,
    -1.2420140846e-1,
    1.4249322787e-1,
    -1.6668057665e-1,
    2.0000714765e-1,
    -2.4999993993e-1,
    3.3333331174e-1,
)
_LOG_2_LOW, _LOG_2_HIGH = _constants(-2.12194440e-4, 0.693359375)
_SINE = _constants(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
_COSINE = _constants(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
_QUARTER_PI = _constants(0.78515625, 2.4187564849853515625e-4, 3.77489497744594108e-8)


def _polynomial(x: np.ndarray, coefficients: Sequence[float]) -> np.ndarray:
    result = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        result = single(result * x + coefficient)
    return result


def _log(values: np.ndarray) -> np.ndarray:
    """Natural logarithm of numbers of (0, 1]."""
    mantissa, exponent = np.frexp(values)
    small = mantissa < _SQRT_HALF
    exponent = exponent - small
    x = np.where(small, 2 * mantissa, mantissa) - 1
    square = single(x * x)
    tail = single(_polynomial(x, _LOG) * x)
    tail = single(tail * square + single(exponent * _LOG_2_LOW))
    tail = single(tail - 0.5 * square)
    return single(exponent * _LOG_2_HIGH + single(x + tail))


def _sine_cosine(angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sine and cosine of numbers of [0, 2 pi]."""
    octant = single(angle * _FOUR_OVER_PI).astype(np.int64)
    octant += octant & 1
    for part in _QUARTER_PI:
        angle = single(angle - octant * part)
    square = single(angle * angle)
    sine = single(single(_polynomial(square, _SINE) * square) * angle + angle)
    cosine = single(_polynomial(square, _COSINE) * square)
    cosine = single(single(cosine * square - 0.5 * square) + 1)
    return _rotated(sine, cosine, octant >> 1)


def _rotated(sine: np.ndarray, cosine: np.ndarray, quadrant: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Adds so many right angles to the angle."""
    swap = quadrant % 2 == 1
    sine, cosine = np.where(swap, cosine, sine), np.where(swap, sine, cosine)
    sine_sign = np.where(quadrant % 4 >= 2, -1.0, 1.0)
    cosine_sign = np.where((quadrant + 1) % 4 >= 2, -1.0, 1.0)
    return sine * sine_sign, cosine * cosine_sign
