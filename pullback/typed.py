"""The constructors of old: `torch.Tensor(2, 3)`, `torch.FloatTensor([1, 2])`, `isinstance(x, torch.LongTensor)`."""

import numpy as np

from . import dtypes, errors
from .factories import made, tensor
from .graph import Tensor, new
from .shapes import sizes


def construct(target, args):
    """A tensor of NumPy dtype `target`: uninitialised of given sizes, or from a sequence, an array or a tensor.

    Raises TypeError if a tensor is of another dtype, or the arguments are none of these.
    """
    if not args:
        return made(np.empty(0, target))
    first = args[0]
    if len(args) == 1 and isinstance(first, Tensor):
        if first._array.dtype != target:
            raise TypeError(f"expected {errors.title(target)} (got {errors.title(first._array.dtype)})")
        return first.detach()
    if len(args) == 1 and not hasattr(first, "__index__") and type(first).__name__ != "Size":
        if isinstance(first, (list, tuple, np.ndarray)) or hasattr(first, "__len__"):
            return tensor(first, dtype=dtypes.of(target))
        raise TypeError(f"new(): data must be a sequence (got {type(first).__name__})")
    return made(np.empty(sizes(args), target))


def _new_tensor(cls, *args, device=None):
    made_tensor = construct(dtypes.get_default_dtype().numpy, args)
    if cls is Tensor:
        return made_tensor
    twin = new(cls)
    twin._array, twin._edge, twin._inference = made_tensor._array, None, made_tensor._inference
    return twin


def _ignore_arguments(self, *args, **options):
    """The arguments have done their work in `__new__`."""


Tensor.__new__ = _new_tensor
Tensor.__init__ = _ignore_arguments


class _TypeMeta(type):
    def __instancecheck__(cls, instance):
        return isinstance(instance, Tensor) and instance._array.dtype == cls.dtype.numpy

    def __call__(cls, *args, device=None):
        return construct(cls.dtype.numpy, args)


def _type(d):
    name = f"{d.title}Tensor"
    doc = f"Makes tensors of {d}: `{name}(2, 3)`, `{name}([1, 2])`. Tensors of that dtype are its instances."
    return _TypeMeta(name, (), {"__module__": "pullback", "__doc__": doc, "dtype": d})


TYPES = {f"{d.title}Tensor": _type(d) for d in dtypes.ALL if d.numpy is not None}
