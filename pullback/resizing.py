"""Tensors resized in place or set on other memory, and made like another in the manner of old."""

import numpy as np

from . import errors, memory
from .graph import Node, Tensor, storage_of, tick
from .mode import settled
from .ops.inplace import check_writable, in_graph, relocate
from .origin import here
from .shapes import contiguous_strides, sizes
from .storages import UntypedStorage
from .typed import construct


def resize_(self, *size, memory_format=None):
    """Give the tensor another shape, in place: the elements in memory stay, new ones are whatever was in memory.

    Raises RuntimeError on a tensor that requires a gradient.
    """
    if not size:
        raise TypeError('resize_() missing 1 required positional arguments: "size"')
    if in_graph(self):
        raise RuntimeError("cannot resize variables that require grad")
    check_writable(self, False, fill=True)
    shape = _sizes(size)
    if shape != self._array.shape:
        self._array = memory.resized(self._array, shape)
        storage_of(self).write(place=here(2))
    return self


def _sizes(size):
    try:
        shape = sizes(size)
    except (TypeError, AttributeError):
        raise errors.not_tensor("resize_", "size", 1, size[0], "tuple of ints") from None
    if min(shape, default=0) < 0:
        raise RuntimeError("numel: integer multiplication overflow")
    return shape


def resize_as_(self, the_template, memory_format=None):
    """`resize_` to the shape of another tensor."""
    return resize_(self, the_template._array.shape)


# ---- on other memory -------------------------------------------------------------------------------------------------
class _NotImplemented(Node):
    """The history of a tensor that was set on other memory: no gradient is defined."""

    __slots__ = ()
    __module__ = "builtins"

    def pull(self, g, as_tensors):
        raise RuntimeError("derivative for set_ is not implemented")


_NotImplemented.__name__ = "NotImplemented"


def _node(inputs, array):
    node = _NotImplemented()
    node.inputs, node.saved, node.watch, node.seq = inputs, (), None, tick()
    node.shape, node.dtype = array.shape, array.dtype
    node.code, node.place = here()
    return node


def set_(self, source=None, storage_offset=None, size=None, stride=None):
    """Let this tensor see the memory of `source`, a tensor or a storage: from an offset on, in a size, with strides.

    Without a source it becomes empty. It is no view any more, and has no gradient: backward raises. Raises RuntimeError if the
    dtypes differ, or where it would reach beyond the memory.
    """
    edges = self._edge, getattr(source, "_edge", None)
    recorded = settled().recording and edges != (None, None)
    check_writable(self, recorded, fill=True)
    relocate(self, _seen(self._array.dtype, source, storage_offset, size, stride))
    self._base = self._made = None
    storage_of(self).write()
    if recorded:
        self._edge = _node(edges, self._array)
    return self


def _seen(dtype, source, offset, size, stride):
    """The array that `set_` asks for."""
    if source is None:
        return np.empty(0, dtype)
    if not isinstance(source, (Tensor, UntypedStorage)) or (size is None) != (offset is None):
        raise TypeError(f"set_() received an invalid combination of arguments - got ({errors.type_name(source)})")
    if isinstance(source, UntypedStorage):
        array = source.array(dtype)
    elif source._array.dtype != dtype:
        raise RuntimeError(f"Could not set tensor of type {errors.c_name(source._array.dtype)} to a tensor of type "
                           f"{errors.c_name(dtype)}")
    else:
        array = source._array
    return array if size is None else _window(array, offset, tuple(size), stride)


def _window(array, offset, size, stride):
    stride = contiguous_strides(size) if stride is None else tuple(stride)
    if offset < 0:
        raise RuntimeError(f"Tensor: invalid storage offset {offset}")
    if len(size) != len(stride):
        raise RuntimeError(f"unequal size length ({len(size)}) and stride length ({len(stride)})")
    if min((*size, *stride), default=0) < 0:
        raise RuntimeError(f"Storage size calculation overflowed with sizes={list(size)} and strides={list(stride)}")
    try:
        return memory.window(array, size, [step * array.itemsize for step in stride], offset * array.itemsize)
    except (TypeError, ValueError):
        raise errors.beyond_storage(array, size, stride, offset, memory.owner(array).nbytes) from None


# ---- of old ----------------------------------------------------------------------------------------------------------
def new(self, *args, device=None):
    """A tensor of this one's dtype: of given sizes, or of given data."""
    return construct(self._array.dtype, args)


Tensor.resize_, Tensor.resize_as_, Tensor.set_, Tensor.new = resize_, resize_as_, set_, new
