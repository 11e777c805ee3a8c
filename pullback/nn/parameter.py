"""Tensors that belong to a module: parameters (trained) and buffers (carried along)."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from ..factories import empty
from ..graph import Tensor

__all__ = ["Buffer", "Parameter"]


class Parameter(Tensor):
    """A leaf tensor that a `Module` registers as its parameter when it is assigned as an attribute.

    `data` is any tensor of floating point or complex dtype; it is detached from its history and shares memory with the
    parameter. `None` gives an empty tensor. RuntimeError for an integer or bool tensor with `requires_grad=True`:
    only floating point and complex tensors can require gradients.
    """

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Parameter:
        if data is None:
            data = empty(0)
        elif not isinstance(data, Tensor):
            raise AttributeError(f"'{type(data).__name__}' object has no attribute 'detach'")
        return Tensor._make_subclass(cls, data, requires_grad)

    def __init__(self, data: Any = None, requires_grad: bool = True) -> None:
        # Everything happens in __new__: tensors are also made internally, without __init__.
        pass

    def __deepcopy__(self, memo: dict) -> Parameter:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.data.clone(), self.requires_grad)
        return memo[id(self)]

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        return "Parameter containing:\n" + super().__repr__()

    def __reduce_ex__(self, protocol: Any) -> tuple:
        return _rebuild_parameter, (self.data, self.requires_grad, OrderedDict())


def _rebuild_parameter(data: Tensor, requires_grad: bool, backward_hooks: OrderedDict) -> Parameter:
    """Undo `Parameter.__reduce_ex__`; the third argument is there because stored files carry one (always empty)."""
    return Parameter(data, requires_grad)


class Buffer(Tensor):
    """A tensor that a `Module` registers as its buffer when it is assigned as an attribute.

    `persistent=False` keeps it out of the module's `state_dict`. Does not require a gradient unless `data` does.
    """

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Buffer:
        if data is None:
            data = empty(0)
        buffer = Tensor._make_subclass(cls, data.detach(), data.requires_grad)
        buffer.persistent = persistent
        return buffer

    def __init__(self, data: Any = None, *, persistent: bool = True) -> None:
        pass
