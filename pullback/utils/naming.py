"""How error messages name the type of what they were given."""

from __future__ import annotations

from typing import Any

from ..graph import Tensor

__all__ = ["typename"]


def typename(obj: Any) -> str:
    """`torch.FloatTensor` for a tensor, otherwise the qualified name of the object's class (or of the class itself).

    Builtins have no module prefix: `typename(3)` is `'int'`.
    """
    if isinstance(obj, Tensor):
        return obj.type()
    module = getattr(obj, "__module__", None)
    name = getattr(obj, "__qualname__", None) or getattr(obj, "__name__", None) or type(obj).__name__
    return name if module in (None, "builtins", "__builtin__") else f"{module}.{name}"
