"""Layers that add a border."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...graph import Tensor
from .. import functional as F
from .module import Module
from .utils import _ntuple

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ZeroPad1d",
    "ZeroPad2d",
]


class _PadNd(Module):
    """`padding` is one number, or `(left, right)`, or `(left, right, top, bottom)`."""

    __constants__ = ["padding"]
    _mode: str
    _sides: Callable[[Any], tuple]

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = type(self)._sides(padding)

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, self._mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPadNd(Module):
    __constants__ = ["padding", "value"]
    _sides: Callable[[Any], tuple]

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__()
        self.padding = type(self)._sides(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPadNd):
    """A border of `value` along the last dimension."""

    _sides = staticmethod(_ntuple(2))


class ConstantPad2d(_ConstantPadNd):
    """A border of `value` along the last two dimensions."""

    _sides = staticmethod(_ntuple(4))


class ZeroPad1d(ConstantPad1d):
    """A border of zeros along the last dimension."""

    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad2d(ConstantPad2d):
    """A border of zeros along the last two dimensions."""

    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ReflectionPad1d(_PadNd):
    """Continues the last dimension as its mirror image, without repeating the edge."""

    _mode, _sides = "reflect", staticmethod(_ntuple(2))


class ReflectionPad2d(_PadNd):
    """Continues the last two dimensions as their mirror image, without repeating the edge."""

    _mode, _sides = "reflect", staticmethod(_ntuple(4))


class ReplicationPad1d(_PadNd):
    """Repeats the edge of the last dimension."""

    _mode, _sides = "replicate", staticmethod(_ntuple(2))


class ReplicationPad2d(_PadNd):
    """Repeats the edges of the last two dimensions."""

    _mode, _sides = "replicate", staticmethod(_ntuple(4))


class CircularPad1d(_PadNd):
    """Continues the last dimension from its other end."""

    _mode, _sides = "circular", staticmethod(_ntuple(2))


class CircularPad2d(_PadNd):
    """Continues the last two dimensions from their other ends."""

    _mode, _sides = "circular", staticmethod(_ntuple(4))
