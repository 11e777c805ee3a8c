"""Changing a module's dtype or device, and everything else that maps a function over its tensors."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ...devices import device as Device
from ...dtypes import bfloat16, float16, float32, float64
from ...dtypes import dtype as DType
from ...factories import empty, empty_like
from ...graph import Tensor
from ...mode import no_grad
from ._traversal import Traversal

_COMPLEX_WARNING = (
    "Complex modules are a new feature under active development whose design may change, and some modules might not "
    "work as expected when using complex tensors as parameters or buffers. Please file an issue at "
    "https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml if a complex module does not work as "
    "expected."
)


class Conversion(Traversal):
    """The part of `Module` that converts. Every method works in place and returns the module."""

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Any:
        """Replace the data of each parameter, of its gradient and of each buffer by `fn` of it.

        Parameters stay the same objects (optimizers hold on to them); buffers are replaced.
        """
        if recurse:
            for module in self.children():
                module._apply(fn)
        for param in self._parameters.values():
            if param is None:
                continue
            with no_grad():
                param.data = fn(param)
                if param.grad is not None:
                    param.grad.data = fn(param.grad)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Any:
        """Move to a device and/or convert floating point and complex members to a dtype.

        `to(device, dtype, non_blocking)`, `to(dtype, non_blocking)` or `to(tensor, non_blocking)`, with `memory_format`
        as a keyword. Integer and bool members keep their dtype. TypeError for a dtype that is neither floating point
        nor complex; AssertionError for a device that this build does not have.
        """
        device, dtype, options = _parse_to(args, kwargs)
        if dtype is not None:
            if not (dtype.is_floating_point or dtype.is_complex):
                raise TypeError(
                    f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}"
                )
            if dtype.is_complex:
                warnings.warn(_COMPLEX_WARNING, stacklevel=2)

        def convert(t: Tensor) -> Tensor:
            wanted = dtype if t.is_floating_point() or t.is_complex() else None
            layout = options if t.dim() in (4, 5) else {}  # memory formats are defined for images and volumes only
            return t.to(device if device is not None else t.device, wanted or t.dtype, **layout)

        return self._apply(convert)

    def type(self, dst_type: Any) -> Any:
        """Convert every parameter and buffer, integer ones too, to `dst_type`."""
        return self._apply(lambda t: t.type(dst_type))

    def _floating_to(self, dtype: DType) -> Any:
        return self._apply(lambda t: t.to(dtype) if t.is_floating_point() else t)

    def float(self) -> Any:
        """Convert floating point members to float32."""
        return self._floating_to(float32)

    def double(self) -> Any:
        """Convert floating point members to float64."""
        return self._floating_to(float64)

    def half(self) -> Any:
        """Convert floating point members to float16."""
        return self._floating_to(float16)

    def bfloat16(self) -> Any:
        """Convert floating point members to bfloat16."""
        return self._floating_to(bfloat16)

    def cpu(self) -> Any:
        """Move all members to the CPU."""
        return self._apply(lambda t: t.cpu())

    def cuda(self, device: Any = None) -> Any:
        """Move all members to a GPU. AssertionError in a build without one."""
        return self._apply(lambda t: t.cuda(device))

    def to_empty(self, *, device: Any, recurse: bool = True) -> Any:
        """Move to `device` without keeping the values."""
        return self._apply(lambda t: empty_like(t, device=device), recurse=recurse)

    def share_memory(self) -> Any:
        """Put all members where other processes can see them (see `Tensor.share_memory_`)."""
        return self._apply(lambda t: t.share_memory_())


def _parse_to(args: tuple, kwargs: dict) -> tuple[Any, DType | None, dict]:
    """Read the arguments of `to()` as `(device, dtype, options)`; what is not understood is `Tensor.to`'s to refuse."""
    device, dtype, rest = kwargs.get("device"), kwargs.get("dtype"), args
    if args:
        first = args[0]
        if isinstance(first, Tensor):
            device, dtype, rest = first.device, first.dtype, args[1:]
        elif isinstance(first, DType):
            dtype, rest = first, args[1:]
        elif first is None or isinstance(first, (str, int, Device)):
            device, rest = first, args[1:]
            if rest and (rest[0] is None or isinstance(rest[0], DType)):
                dtype, rest = rest[0], rest[1:]
    elif isinstance(kwargs.get("tensor"), Tensor):
        device, dtype = kwargs["tensor"].device, kwargs["tensor"].dtype
    known = {"device", "dtype", "tensor", "non_blocking", "memory_format"}
    if len(rest) > 1 or any(not isinstance(flag, bool) for flag in rest) or not known.issuperset(kwargs):
        empty(0).to(*args, **kwargs)  # raises, with the list of signatures
        raise TypeError(f"Module.to() does not take these arguments: {args!r}, {kwargs!r}")
    options = {"memory_format": kwargs["memory_format"]} if kwargs.get("memory_format") is not None else {}
    return device if device is None or isinstance(device, Device) else Device(device), dtype, options
