"""What stands between the brackets of `x[...]`: taken apart into a NumPy key for a view, and index tensors.

The basic part of an index (numbers, slices, None, Ellipsis) becomes one NumPy key and gives a view; what remains (index
tensors, masks, lists) then picks from that view. So a number next to an index tensor removes its dimension first, as in
torch; NumPy would broadcast it with the tensor.
"""

import warnings

import numpy as np

from .. import dtypes, errors
from ..batch import Batched
from ..data import tensor
from ..dtypes import B8, I64
from ..graph import Tensor, wrap
from ..mode import current_mode
from .shape import alias_op, select_op, slice_op, unsqueeze_op

ALL = slice(None)
WRONG_TYPE = "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got {})"
WRONG_DTYPE = "tensors used as indices must be long, int, byte or bool tensors"
BYTE_INDEX = "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead."
SEQUENCE_INDEX = (
    "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in pytorch 2.9; use "
    "x[tuple(seq)] instead of x[seq]. In pytorch 2.9 this will be interpreted as tensor index, x[torch.tensor(seq)], which "
    "will result either in an error or a different result"
)
ZERO_DIM = ("invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim "
            "tensor to a number")


def parse(shape, index):
    """The parts of `index` into an array of `shape`: the view operation and its NumPy key, then the index tensors.

    Returns (op, key, tensors, at). `op`, named after the last step, is None if there is no basic part. `at` says for each
    dimension of the view whether the next of `tensors` picks from it (a mask of several dimensions stands for all of them).
    """
    kind = type(index)
    if kind is int and shape and -shape[0] <= index < shape[0]:
        return select_op, (index, ...), None, None
    if kind is slice and shape and index.step is None:
        return slice_op, checked_slice(index), None, None
    items = index if kind is tuple else _items(index)
    ndim, dim, op, key, tensors, at, rest = len(shape), 0, None, [], [], [], None
    for item in items:
        kind = type(item)
        if kind is not int and kind is not slice and item is not None and item is not Ellipsis:
            item = _unusual(item)
            kind = type(item)
        if kind is int:
            if dim >= ndim:
                raise _too_many(ndim, items)
            if not -shape[dim] <= item < shape[dim]:
                raise _out_of_range(item, dim, shape[dim])
            op = select_op
            dim += 1
        elif kind is slice:
            if dim >= ndim:
                raise _too_many(ndim, items)
            item = checked_slice(item)
            if op is not slice_op and (len(items) == 1 or item.indices(shape[dim]) != (0, shape[dim], 1)):
                op = slice_op
            dim += 1
            at.append(False)
        elif item is None:
            op = unsqueeze_op
            at.append(False)
        elif item is Ellipsis:
            if rest is None:
                rest = ndim - sum(map(_span, items))
                if rest < 0:
                    raise _too_many(ndim, items)
                key.extend([ALL] * rest)
                at.extend([False] * rest)
                dim += rest
            continue
        elif kind is bool:
            tensors.append(wrap(np.zeros(int(item), I64)))
            at.append(True)
            op, item = unsqueeze_op, None
        else:
            tensors.append(item)
            at.append(True)
            span = item._array.ndim if item._array.dtype == B8 else 1
            if dim + span > ndim:
                raise _too_many(ndim, items)
            if item._array.dtype == B8:
                _check_mask(item._array, shape, dim)
            key.extend([ALL] * span)
            dim += span
            continue
        key.append(item)
    key.append(Ellipsis)
    while at and not at[-1]:
        at.pop()
    return op or (None if tensors else alias_op), tuple(key), tensors, tuple(at)


def _items(index):
    """An index that is no tuple as the tuple it stands for."""
    if isinstance(index, (list, range)) and len(index) < 32 and any([_is_compound(item) for item in index]):
        warnings.warn(SEQUENCE_INDEX, stacklevel=4)
        return tuple(index)
    return (index,)


def _is_compound(item):
    return item is None or item is Ellipsis or isinstance(item, (slice, list, tuple, range, str, Tensor, np.ndarray))


def _span(item):
    """How many dimensions an item takes."""
    if item is None or item is Ellipsis or isinstance(item, bool):
        return 0
    array = item._array if isinstance(item, Tensor) else np.asarray(item) if isinstance(item, (list, tuple)) else item
    return array.ndim if getattr(array, "dtype", None) in (B8, np.uint8) else 1


def _unusual(item):
    """An item that is not at first sight a number, slice, None or Ellipsis: one of these, a bool, or an index tensor."""
    if isinstance(item, Tensor):
        array = item._array
        if array.dtype == np.uint8:
            warnings.warn(BYTE_INDEX, stacklevel=5)
            item = item.bool()
        elif array.dtype != I64 and array.dtype != B8 and array.dtype != np.int32:
            raise IndexError(WRONG_DTYPE)
        if array.ndim:
            return item
        if current_mode().tracer is not None or type(item._array) is Batched:
            return item
        return bool(item) if item._array.dtype == B8 else int(item)
    if isinstance(item, (bool, slice)):
        return item
    if isinstance(item, (list, tuple, range, np.ndarray, str)):
        return _from_sequence(item)
    if isinstance(item, np.bool_) or not hasattr(item, "__index__"):
        name = type(item).__name__
        raise IndexError(WRONG_TYPE.format(f"numpy.{name.rstrip('_')}" if isinstance(item, np.generic) else name))
    number = item.__index__()
    return number


def _from_sequence(item):
    """A list or an array as an index tensor: bool where it holds bools, else int64; a 0-dim array as a number."""
    if isinstance(item, np.ndarray):
        array = item
        dtypes.of(array.dtype)
    else:
        if isinstance(item, str) or any([isinstance(value, str) for value in item]):
            raise TypeError("new(): invalid data type 'str'")
        array = tensor(list(item))._array if len(item) else np.zeros(0, I64)
    if array.ndim == 0 and array.dtype.kind in "iu":
        return int(array)
    return wrap(array if array.dtype == B8 else array.astype(I64))


def checked_slice(item):
    """`item` with plain ints in it. Raises ValueError unless its step is positive, TypeError unless its parts are ints."""
    start, stop, step = item.start, item.stop, item.step
    if (start is None or type(start) is int) and (stop is None or type(stop) is int) and step is None:
        return item
    try:
        parts = [None if part is None else part.__index__() for part in (start, stop, step)]
    except (AttributeError, TypeError):
        raise TypeError("slice indices must be integers or None or have an __index__ method") from None
    if parts[2] is not None and parts[2] <= 0:
        raise ValueError("step must be greater than zero" if parts[2] else "slice step cannot be zero")
    return slice(*parts)


def _out_of_range(item, dim, size):
    if not -(2**63) <= item < 2**63:
        return ValueError("Overflow when unpacking long long")
    return IndexError(f"index {item} is out of bounds for dimension {dim} with size {size}")


def _too_many(ndim, items):
    if not ndim and len(items) == 1 and type(items[0]) is int:
        return IndexError(ZERO_DIM)
    if not ndim and len(items) == 1 and type(items[0]) is slice:
        return IndexError("slice() cannot be applied to a 0-dim tensor.")
    return IndexError(f"too many indices for tensor of dimension {ndim}")


def _check_mask(mask, shape, dim):
    if type(mask) is Batched:
        raise RuntimeError(errors.BATCHED_MASK)
    for i, size in enumerate(mask.shape):
        if size != shape[dim + i]:
            raise IndexError(f"The shape of the mask {list(mask.shape)} at index {i} does not match the shape of the indexed "
                             f"tensor {list(shape)} at index {dim + i}")
