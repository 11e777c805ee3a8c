"""One call of an operation, as the tests make it: with tensors, with arrays, and under PyTorch."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Sample:
    """Arguments of one call. Every NumPy array in `args` and `kwargs`, also inside lists and tuples, becomes a tensor.

    `ref`: what must come out, or a function of the same arguments (arrays) that says so; with several outputs, a tuple.
    `grad`: whether the floating arrays are differentiable, or the numbers of those that are, counted in order.
    """

    args: Sequence = ()
    kwargs: dict = field(default_factory=dict)
    ref: Any = None
    grad: bool | Sequence[int] = True
    name: str = ""

    def arrays(self) -> list[np.ndarray]:
        """The arrays, in the order in which they are given."""
        found: list[np.ndarray] = []
        self.map(found.append)
        return found

    def map(self, convert: Callable) -> tuple[tuple, dict]:
        """Arguments with `convert` applied to every array."""
        args = tuple(_mapped(value, convert) for value in self.args)
        return args, {name: _mapped(value, convert) for name, value in self.kwargs.items()}

    def fill(self, values: Sequence) -> tuple[tuple, dict]:
        """Arguments with the arrays replaced by `values`, in order."""
        remaining = iter(values)
        return self.map(lambda array: next(remaining))

    def differentiable(self) -> list[int]:
        """The numbers of the arrays that a gradient is taken by."""
        chosen = self.grad if not isinstance(self.grad, bool) else range(len(self.arrays())) if self.grad else ()
        arrays = self.arrays()
        return [index for index in chosen if arrays[index].dtype.kind in "fc"]

    def expected(self) -> Any:
        """What `ref` says must come out."""
        if not callable(self.ref):
            return self.ref
        return self.ref(*self.args, **(self.kwargs if _takes(self.ref, self.args, self.kwargs) else {}))


def _takes(function, args, kwargs):
    try:
        inspect.signature(function).bind(*args, **kwargs)
    except (TypeError, ValueError):  # another signature; or, for NumPy's own, none
        return False
    return True


def _mapped(value, convert):
    if isinstance(value, (np.ndarray, np.generic)):
        return convert(np.asarray(value))
    if isinstance(value, (list, tuple)):
        mapped = [_mapped(item, convert) for item in value]
        return mapped if isinstance(value, list) else tuple(mapped)
    return value
