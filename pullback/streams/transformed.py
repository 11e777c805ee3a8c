"""Distributions that are a function of one uniform number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..generator import Generator
from .kinds import kind_of, require, require_continuous
from .rounding import fused64, libm
from .uniform import finished, unit32, unit64

__all__ = ["bernoulli", "cauchy", "exponential", "geometric"]


def bernoulli(generator: Generator, shape: Sequence[int], dtype: Any, p: float | np.ndarray = 0.5) -> np.ndarray:
    """Draws ones with probability `p`, zeros otherwise.

    Args:
        dtype: any but complex ones.
        p: one probability, which is compared with numbers of 53 random bits; or an array of them that broadcasts to
            `shape`, compared with numbers of 53 bits if it is float64 and of 24 bits otherwise.

    Raises:
        NotImplementedError: for a complex dtype, or an array of probabilities that is not floating point.
        RuntimeError: if a probability is not in [0, 1].
    """
    dtype = np.dtype(dtype)
    if isinstance(p, np.ndarray):
        return _bernoulli_each(generator, shape, dtype, p)
    require(dtype.kind != "c", "bernoulli_scalar_cpu_", dtype)
    if not 0 <= p <= 1:
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
    return (unit64(generator, math.prod(shape)) < p).astype(dtype).reshape(shape)


def _bernoulli_each(generator: Generator, shape: Sequence[int], dtype: np.dtype, p: np.ndarray) -> np.ndarray:
    require(dtype.kind != "c", "bernoulli_tensor_cpu_self_", dtype)
    require(kind_of(p.dtype).digits > 0, "bernoulli_tensor_cpu_p_", p.dtype)
    if not ((p >= 0) & (p <= 1)).all():
        raise RuntimeError(
            "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so,"
            " please report an enhancement request to PyTorch.)"
        )
    unit = (unit64 if p.dtype == np.float64 else unit32)(generator, math.prod(shape))
    return (unit.reshape(shape) < p).astype(dtype)


def exponential(generator: Generator, shape: Sequence[int], dtype: Any, lambd: float = 1.0) -> np.ndarray:
    """Draws from the exponential distribution of rate `lambd`: -log(1 - u) / lambd.

    Raises:
        RuntimeError: for a dtype that is not floating point, or a rate that is not positive.
    """
    dtype = np.dtype(dtype)
    require_continuous("Exponential", dtype, kind_of(dtype).name)
    if not lambd > 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
    unit = unit64(generator, math.prod(shape))
    # Shorter dtypes round away the bit in which NumPy's faster function may differ.
    logarithm = libm(math.log1p, -unit) if dtype == np.float64 else np.log1p(-unit)
    return finished(-1 / lambd * logarithm, dtype, shape)


def geometric(generator: Generator, shape: Sequence[int], dtype: Any, p: float) -> np.ndarray:
    """Draws the number of trials up to the first success, which has probability `p`: ceil(log u / log(1 - p)).

    Raises:
        NotImplementedError: for bool and complex dtypes.
        RuntimeError: if `p` is not in (0, 1).
    """
    dtype = np.dtype(dtype)
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    require(dtype.kind not in "cb", "geometric_cpu", dtype)
    with np.errstate(divide="ignore"):
        trials = np.ceil(np.log(unit64(generator, math.prod(shape))) / math.log1p(-p))
    return finished(trials, dtype, shape)


def cauchy(
    generator: Generator, shape: Sequence[int], dtype: Any, median: float = 0.0, sigma: float = 1.0
) -> np.ndarray:
    """Draws from the Cauchy distribution: median + sigma tan(pi (u - 1/2)).

    Raises:
        RuntimeError: for a dtype that is not floating point, or a `sigma` that is not positive.
    """
    dtype = np.dtype(dtype)
    require_continuous("Cauchy", dtype, kind_of(dtype).c_name + " int" * (dtype.name == "int64"))
    if not sigma > 0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
    tangent = libm(math.tan, math.pi * (unit64(generator, math.prod(shape)) - 0.5))
    return finished(fused64(tangent, sigma, median), dtype, shape)
