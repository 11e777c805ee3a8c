"""The limits of number types: `finfo` and `iinfo`, as in PyTorch (documentation of `torch.finfo`, `torch.iinfo`)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["finfo", "iinfo"]

# IEEE 754-2019, table 3.5, and bfloat16: the bits of a number, those of its significand, the largest exponent.
_FLOATS = {
    "float16": (16, 11, 15),
    "bfloat16": (16, 8, 127),
    "float32": (32, 24, 127),
    "float64": (64, 53, 1023),
}
_PARTS = {"complex64": "float32", "complex128": "float64"}


class _Limits:
    """Named values that are shown, compared and not written."""

    __slots__ = ("bits", "dtype", "max", "min")
    _shown: tuple[str, ...] = ("min", "max")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"attribute '{name}' of 'torch.{type(self).__name__}' objects is not writable")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.dtype == other.dtype

    __hash__ = None

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={float(getattr(self, name)):g}" for name in self._shown)
        return f"{type(self).__name__}({values}, dtype={self.dtype})"

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)


class finfo(_Limits):
    """The limits of a floating point type.

    Args:
        type: a NumPy dtype (`ml_dtypes.bfloat16` too), or an object whose attribute `numpy` is one. A complex type
            stands for that of its parts; none for float32.

    Attributes:
        bits: the size of a number.
        eps: the distance from 1 to the next larger number.
        max, min: the largest and the lowest finite number.
        tiny, smallest_normal: the smallest positive number of full precision.
        resolution: the power of ten that the decimal digits of the type can resolve.
        dtype: the type's name, a string.

    Raises:
        TypeError: if the type is not floating point or complex.
    """

    __slots__ = ("eps", "resolution", "smallest_normal", "tiny")
    eps: float
    resolution: float
    smallest_normal: float
    tiny: float
    _shown = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")

    def __init__(self, type: Any = np.float32) -> None:
        name = _type_name("finfo", type)
        name = _PARTS.get(name, name)
        if name not in _FLOATS:
            raise TypeError(
                "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'"
            )
        bits, digits, exponent = _FLOATS[name]
        largest, normal = (2 - 2.0 ** (1 - digits)) * 2.0**exponent, 2.0 ** (1 - exponent)
        self._set(bits=bits, dtype=name, max=largest, min=-largest, tiny=normal, smallest_normal=normal)
        # The resolution of C's FLT_DIG: decimal digits that survive the way there and back.
        self._set(eps=2.0 ** (1 - digits), resolution=float(f"1e-{math.floor((digits - 1) * math.log10(2))}"))


class iinfo(_Limits):
    """The limits of an integer type.

    Args:
        type: a NumPy dtype, or an object whose attribute `numpy` is one.

    Attributes:
        bits: the size of a number.
        max, min: the largest and the lowest number.
        dtype: the type's name, a string.

    Raises:
        TypeError: if the type is not an integer type.
    """

    __slots__ = ()

    def __init__(self, type: Any) -> None:
        name = _type_name("iinfo", type)
        if name == "bool":
            raise TypeError("torch.bool is not supported by torch.iinfo")
        if name in _FLOATS or name in _PARTS:
            raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
        info = np.iinfo(name)
        self._set(bits=int(info.bits), dtype=name, max=int(info.max), min=int(info.min))


def _type_name(function: str, type_: Any) -> str:
    if type_ is None or isinstance(type_, str):
        raise TypeError(f"{function}(): argument 'type' (position 1) must be torch.dtype, not {type(type_).__name__}")
    return np.dtype(getattr(type_, "numpy", type_)).name
