"""Arithmetic that rounds as compiled code does, for results that must agree with it to the last bit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["fused64", "libm", "single"]


def single(values: np.ndarray) -> np.ndarray:
    """Rounds float64 values to those of float32, in float64.

    Of values that float32 can represent, a product is exact in float64, and a sum, quotient or root precise enough to
    be rounded a second time (Figueroa 1995, "When is double rounding innocuous?"). So `single(a * b)` and
    `single(a + b)` are the operations of single precision; `single(a * b + c)` is the fused one but for rare ties.
    """
    return values.astype(np.float32).astype(np.float64)


def fused64(a: np.ndarray, b: float, c: float) -> np.ndarray:
    """Returns `a * b + c` (float64) rounded once, as a fused multiply-add does, but for rare ties.

    The errors of the product and of the sum are found exactly: Dekker (1971), "A floating-point technique for extending
    the available precision", Numerische Mathematik 18; Knuth, TAOCP 2, 4.2.2.
    """
    with np.errstate(all="ignore"):
        product = a * b
        total = product + c
        addend = total - product
        error = _product_error(a, b, product) + ((product - (total - addend)) + (c - addend))
        result = total + error
    # Splitting overflows near the largest numbers, where the correction is of no account.
    return np.where(np.isfinite(result), result, total)


def _product_error(a: np.ndarray, b: float, product: np.ndarray) -> np.ndarray:
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def _halves(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Splits numbers into two of 26 bits each, whose products are exact."""
    scaled = (2.0**27 + 1) * x
    high = scaled - (scaled - x)
    return high, x - high


def libm(function: Callable[[float], float], values: np.ndarray) -> np.ndarray:
    """Applies one of `math`'s functions to each element (float64): NumPy's own may differ from it in the last bit."""
    return np.fromiter(map(function, values.ravel().tolist()), np.float64, values.size).reshape(values.shape)
