"""Kernels of many steps, run on blocks that stay in the cache."""

import math

import numpy as np

from ..batch import Batched
from ..dtypes import F64

SIZE = 16384  # elements in a block
FEW = 64  # up to so many elements, Python's own function one by one is faster


def rational(t, over, under, work, result):
    """over(t) / under(t) by Horner's rule, coefficients from the highest power down, without temporaries."""
    np.multiply(t, over[0], out=result)
    for c in over[1:-1]:
        result += c
        result *= t
    result += over[-1]
    np.multiply(t, under[0], out=work)
    for c in under[1:-1]:
        work += c
        work *= t
    work += under[-1]
    result /= work
    return result


def ratio(t, over, under):
    """over(t) / under(t) by Horner's rule, coefficients from the highest power down."""
    return rational(t, over, under, np.empty_like(t), np.empty_like(t))


def in_blocks(compute, x):
    """`compute(block, result)` on each block of `x` in float64, the result in the dtype of `x`."""
    if type(x) is Batched:
        return Batched(in_blocks(compute, x.array), x.level)
    flat = np.ascontiguousarray(x).reshape(-1)
    whole = np.empty(flat.shape, flat.dtype)
    wide = np.empty(min(SIZE, flat.size), F64)
    for start in range(0, flat.size, SIZE):
        part = flat[start : start + SIZE]
        block = np.asarray(part, F64)
        result = wide[: part.size]
        compute(block, result)
        whole[start : start + SIZE] = result
    return whole.reshape(x.shape)


def by_cases(cases):
    """A `compute` for `in_blocks` from pairs (condition, function); the first condition that holds decides.

    A condition None holds everywhere. What no case covers is NaN.
    """

    def compute(x, result):
        left = np.ones(x.shape, bool)
        result.fill(np.nan)
        for condition, function in cases:
            here = left if condition is None else left & condition(x)
            count = np.count_nonzero(here)
            if count == x.size:
                result[...] = function(x)
                return
            if count:
                result[here] = function(x[here])
                left &= ~here

    return compute


def one_by_one(function, x):
    """`function`, of Python floats, on the few elements of `x`."""
    return np.array([function(value) for value in x.reshape(-1).tolist()], F64).astype(x.dtype).reshape(x.shape)


def no_numbers(x):
    """Raise TypeError, as NumPy's own functions do, for a dtype that is not real and floating."""
    if x.dtype.kind not in "fV":
        raise TypeError(f"no such function of {x.dtype}")


INFINITY = math.inf
