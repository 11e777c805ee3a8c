"""`Variable`: what tensors with a history were called before 0.4. Since then it makes ordinary tensors."""

import warnings

from .. import dtypes, errors
from ..graph import Tensor, make_leaf
from ..mode import current_mode


class _VariableMeta(type):
    def __instancecheck__(cls, instance):
        return isinstance(instance, Tensor)

    def __subclasscheck__(cls, subclass):
        return issubclass(subclass, Tensor)

    def __eq__(cls, other):  # `type(x) == Variable` held before 0.4, and programs of the time rely on it
        return other is cls or (other is Tensor and current_mode().era is not None)

    __hash__ = type.__hash__


class Variable(metaclass=_VariableMeta):
    """`Variable(tensor, requires_grad=False)`: a tensor on the same memory, without its history.

    `volatile` has no effect but a warning, except in the legacy era (`legacy_era()`), where it makes the variable, and all
    that is computed from it, leave no history. Raises ValueError if both flags are set, TypeError on what is no tensor.
    """

    __module__ = "pullback.autograd"

    def __new__(cls, data=None, requires_grad=None, volatile=None, _grad_fn=None, **unknown):
        if unknown:
            raise TypeError(f"'{next(iter(unknown))}' is an invalid keyword argument for this function")
        if data is None:
            from ..factories import empty

            data = empty(0)
        if not isinstance(data, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        era = current_mode().era
        if volatile and era is None:
            warnings.warn(errors.VOLATILE_SET, stacklevel=2)
        if volatile and requires_grad:
            raise ValueError("Variable can't be volatile and require_grad at the same time!")
        if requires_grad and dtypes.category(data._array.dtype) < dtypes.FLOATING:
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        variable = data.detach()
        if era is not None:
            variable._volatile = bool(volatile)
        return make_leaf(variable) if requires_grad else variable
