"""What the streams must know about a dtype: its names in PyTorch's messages, and its range."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from ..limits import finfo, iinfo

__all__ = ["Kind", "kind_of", "part_of", "require", "require_continuous"]


class Kind(NamedTuple):
    """One dtype.

    Attributes:
        name: PyTorch's name of it.
        c_name: the C++ name that its messages use.
        digits: how many binary digits a floating point number has; 0 for everything else.
        lowest, largest: the range of a number, ±inf for complex dtypes.
        whole: the largest number up to which the dtype has all whole ones.
    """

    name: str
    c_name: str
    digits: int
    lowest: float
    largest: float
    whole: int


_FLOATS = {
    "float16": ("Half", "c10::Half"),
    "bfloat16": ("BFloat16", "c10::BFloat16"),
    "float32": ("Float", "float"),
    "float64": ("Double", "double"),
}
_INTEGERS = {
    "int8": ("Char", "signed char"),
    "uint8": ("Byte", "unsigned char"),
    "int16": ("Short", "short"),
    "uint16": ("UInt16", "unsigned short"),
    "int32": ("Int", "int"),
    "uint32": ("UInt32", "unsigned int"),
    "int64": ("Long", "long"),
    "uint64": ("UInt64", "unsigned long"),
}
_COMPLEX = {
    "complex64": ("ComplexFloat", "c10::complex<float>"),
    "complex128": ("ComplexDouble", "c10::complex<double>"),
}


@cache
def kind_of(dtype: np.dtype) -> Kind:
    """Returns what is to know about a NumPy dtype (also `ml_dtypes.bfloat16`)."""
    if dtype.name in _FLOATS:
        info = finfo(dtype)
        digits = 1 - int(math.log2(info.eps))
        return Kind(*_FLOATS[dtype.name], digits, info.min, info.max, 2**digits)
    if dtype == np.bool_:
        return Kind("Bool", "bool", 0, 0, 1, 1)
    if dtype.name in _COMPLEX:
        return Kind(*_COMPLEX[dtype.name], 0, -math.inf, math.inf, 0)
    info = iinfo(dtype)
    return Kind(*_INTEGERS[dtype.name], 0, info.min, info.max, info.max)


def part_of(dtype: np.dtype) -> np.dtype:
    """Returns the dtype of the real part of a complex dtype."""
    return np.dtype(np.float32 if dtype == np.complex64 else np.float64)


def require(allowed: bool, kernel: str, dtype: np.dtype) -> None:
    """Raises NotImplementedError as PyTorch words it unless `kernel` can fill an array of this dtype."""
    if not allowed:
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{kind_of(dtype).name}'")


def require_continuous(name: str, dtype: np.dtype, dtype_text: str) -> None:
    """Raises RuntimeError unless the dtype, which the message calls `dtype_text`, is floating point."""
    if not kind_of(dtype).digits:
        raise RuntimeError(
            f"{name} distribution is a continuous probability distribution. dtype must be a floating point but you"
            f" specified {dtype_text}"
        )
