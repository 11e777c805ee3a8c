"""Reading by index: `x[...]`. What an index means, the views that numbers and slices give, the copies that tensors give.

An index is taken apart once. Its basic part (numbers, slices, None, Ellipsis) becomes one NumPy key and gives a view; what
remains (index tensors, masks, lists) then picks from that view. So a number next to an index tensor removes its dimension
first, as in torch; NumPy would broadcast it with the tensor.
"""

import math
import warnings

import numpy as np

from .. import errors
from ..dtypes import B8, I64
from ..graph import Tensor, wrap
from ..mode import current_mode
from .inplace import requires_grad
from .public import function
from .record import Op, apply
from .shape import alias_op, select_op, slice_op, unsqueeze_op

ALL = slice(None)
WRONG_TYPE = ("only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got {})")
WRONG_DTYPE = "tensors used as indices must be long, int, byte or bool tensors"
BYTE_INDEX = "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead."
SEQUENCE_INDEX = (
    "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in pytorch 2.9; use "
    "x[tuple(seq)] instead of x[seq]. In pytorch 2.9 this will be interpreted as tensor index, x[torch.tensor(seq)], which "
    "will result either in an error or a different result"
)
ZERO_DIM = ("invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim "
            "tensor to a number")


# ---- taking an index apart -------------------------------------------------------------------------------------------
def parse(shape, index):
    """The parts of `index` into an array of `shape`: the view operation and its NumPy key, then the index tensors.

    Returns (op, key, tensors, at): `op` is None if there is no basic part; `at` says for each dimension of the view
    whether the next of `tensors` picks from it (a mask of several dimensions stands for all of them).
    """
    items = index if type(index) is tuple else _items(index)
    ndim, key, op, dim, tensors, at = len(shape), [], None, 0, [], []
    for item in items:
        kind = type(item)
        if kind is Tensor or kind is not int and kind is not slice and item is not None and item is not Ellipsis:
            item = _unusual(item)
            kind = type(item)
        if kind is int:
            if dim >= ndim:
                raise _too_many(ndim, items)
            if not -shape[dim] <= item < shape[dim]:
                raise IndexError(f"index {item} is out of bounds for dimension {dim} with size {shape[dim]}")
            op = select_op
            dim += 1
        elif kind is slice:
            if dim >= ndim:
                raise IndexError("slice() cannot be applied to a 0-dim tensor.") if not ndim else _too_many(ndim, items)
            item = checked_slice(item)
            if op is not slice_op and (len(items) == 1 or item.indices(shape[dim]) != (0, shape[dim], 1)):
                op = slice_op
            dim += 1
            at.append(False)
        elif item is None:
            op = unsqueeze_op
            at.append(False)
        elif item is Ellipsis:
            rest = ndim - _consumed(items)
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
            if span > 1 or item._array.dtype == B8:
                _check_mask(item._array.shape, shape, dim)
            key.extend([ALL] * span)
            dim += span
            continue
        key.append(item)
    key.append(Ellipsis)
    return (op or (None if tensors else alias_op)), tuple(key), tensors, tuple(at)


def _items(index):
    """An index that is no tuple as the tuple it stands for."""
    if isinstance(index, (list, range)) and _means_tuple(index):
        warnings.warn(SEQUENCE_INDEX, stacklevel=4)
        return tuple(index)
    return (index,)


def _means_tuple(index):
    return len(index) < 32 and any([
        item is None or item is Ellipsis or isinstance(item, (slice, list, tuple, range, Tensor, np.ndarray)) for item in index])


def _consumed(items):
    """How many dimensions the items take."""
    count = 0
    for item in items:
        if item is None or item is Ellipsis or isinstance(item, bool):
            continue
        array = item._array if isinstance(item, Tensor) else item
        masks = getattr(array, "dtype", None) in (B8, np.uint8)
        count += array.ndim if masks else _list_dims(item) if isinstance(item, list) else 1
    return count


def _list_dims(item):
    array = np.asarray(item)
    return array.ndim if array.dtype == B8 else 1


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
        return bool(item) if item._array.dtype == B8 else item if _traced() else int(item)
    if isinstance(item, (bool, slice)):
        return item
    if isinstance(item, (list, tuple, range, np.ndarray, str)):
        return _from_sequence(item)
    if isinstance(item, np.bool_) or not hasattr(item, "__index__"):
        name = type(item).__name__
        raise IndexError(WRONG_TYPE.format(f"numpy.{name.rstrip('_')}" if isinstance(item, np.generic) else name))
    return item.__index__()


def _traced():
    return current_mode().tracer is not None


def _from_sequence(item):
    """A list or an array as an index tensor: bool where it holds bools, else int64."""
    if isinstance(item, str):
        raise TypeError("new(): invalid data type 'str'")
    if isinstance(item, np.ndarray):
        array = item
    else:
        from ..factories import tensor

        array = tensor(list(item))._array if len(item) else np.zeros(0, I64)
    if array.dtype.kind not in "biuf":
        raise TypeError(errors.unsupported_array(array.dtype))
    if array.ndim == 0 and array.dtype.kind in "iu":
        return int(array)
    return wrap(array if array.dtype == B8 else array.astype(I64))


def checked_slice(item):
    """`item` with plain ints in it. Raises ValueError unless its step is positive, TypeError unless its parts are ints."""
    start, stop, step = item.start, item.stop, item.step
    if (start is None or type(start) is int) and (stop is None or type(stop) is int) and (step is None or type(step) is int):
        if step is None or step > 0:
            return item
    try:
        parts = [None if part is None else part.__index__() for part in (start, stop, step)]
    except (AttributeError, TypeError):
        raise TypeError("slice indices must be integers or None or have an __index__ method") from None
    if parts[2] is not None and parts[2] <= 0:
        raise ValueError("step must be greater than zero" if parts[2] else "slice step cannot be zero")
    return slice(*parts)


def _too_many(ndim, items):
    if not ndim and len(items) == 1 and type(items[0]) is int:
        return IndexError(ZERO_DIM)
    return IndexError(f"too many indices for tensor of dimension {ndim}")


def _check_mask(mask, shape, dim):
    for i, size in enumerate(mask):
        if size != shape[dim + i]:
            raise IndexError(f"The shape of the mask {list(mask)} at index {i} does not match the shape of the indexed tensor "
                             f"{list(shape)} at index {dim + i}")


# ---- picking by tensors ----------------------------------------------------------------------------------------------
def picker(indices, at):
    """The NumPy key of index arrays at the dimensions that `at` marks."""
    rest = iter(indices)
    return tuple([next(rest) if marked else ALL for marked in at])


def _pick(x, *indices, at):
    try:
        if len(at) == 1 and indices[0].dtype.kind == "i":
            return x.take(indices[0], axis=0)
        return x[picker(indices, at)]
    except (IndexError, ValueError):
        raise explained(x.shape, indices, at) from None


def explained(shape, indices, at):
    """torch's error for index arrays that do not fit: one out of range, or shapes that do not broadcast."""
    whole = [array for index in indices for array in (index.nonzero() if index.dtype == B8 else (index,))]
    try:
        np.broadcast_shapes(*[array.shape for array in whole])
    except ValueError:
        return IndexError("shape mismatch: indexing tensors could not be broadcast together with shapes " +
                          ", ".join(str(list(array.shape)) for array in whole))
    for index, dim in zip(indices, _dims(indices, at), strict=True):
        if index.dtype != B8:
            wrong = index[(index < -shape[dim]) | (index >= shape[dim])]
            if wrong.size:
                return IndexError(f"index {wrong[0]} is out of bounds for dimension {dim} with size {shape[dim]}")
    return IndexError(f"the indices do not fit a tensor of shape {list(shape)}")


def _dims(indices, at):
    """The dimension that each index array starts at."""
    rest, dims, dim = iter(indices), [], 0
    for marked in at:
        index = next(rest) if marked else None
        if marked:
            dims.append(dim)
        dim += index.ndim if marked and index.dtype == B8 else 1
    return dims


def _unpick(x, *indices, at, shape):
    """Zeros of `shape` to which `x` was added where the indices point."""
    whole = np.zeros(shape, x.dtype)
    add_at(whole, indices, at, x)
    return whole


def add_at(whole, indices, at, values):
    """Add `values` to a contiguous array where the indices point, as often as they point there."""
    key = picker(indices, at)
    if all([index.dtype == B8 for index in indices]) and len(indices) == 1:
        whole[key] += values
        return
    dims = _dims(indices, at)[-1] + (indices[-1].ndim if indices[-1].dtype == B8 else 1)
    lead = whole.shape[:dims]
    rows = np.arange(math.prod(lead)).reshape(lead)[key] if dims > 1 else indices[0]
    inner = whole.shape[dims:]
    add_rows(whole.reshape(-1, math.prod(inner)), rows.reshape(-1), np.broadcast_to(values, rows.shape + inner))


BLOCK = 1 << 16  # elements whose positions are held at a time


def add_rows(whole, rows, values):
    """Add to the matrix `whole`, which is contiguous, a row of `values` at each row number in `rows`; numbers may repeat.

    NumPy adds at flat positions several times faster than at rows, which is why the rows are spelt out as positions.
    """
    width = whole.shape[1]
    values, flat = values.reshape(len(rows), width), whole.reshape(-1)
    if width == 1:
        np.add.at(flat, rows, values.reshape(-1))
        return
    columns, step = np.arange(width), max(1, BLOCK // max(width, 1))
    rows = np.where(rows < 0, rows + len(whole), rows) if rows.size and rows.min() < 0 else rows
    for i in range(0, len(rows), step):
        positions = rows[i : i + step, None] * width + columns
        np.add.at(flat, positions.reshape(-1), values[i : i + step].reshape(-1))


index_op = Op("index", _pick, lambda g, x_shape, indices, at: (unpick_op(g, *indices, at=at, shape=x_shape),))
unpick_op = Op("index_backward", _unpick, lambda g, indices, at: (index_op(g, *indices, at=at),))


@function(namespace="tensor")
def __getitem__(input, index):
    """`input[index]`: a view for numbers, slices, None and Ellipsis, a copy as soon as a tensor, mask or list takes part.

    Raises IndexError if an index is out of range or of a wrong type, ValueError on a step that is not positive.
    """
    array = input._array if isinstance(input, Tensor) else input
    if not array.ndim and current_mode().era is not None and index == 0:
        return current_mode().era.only_element(input)
    op, key, tensors, at = parse(array.shape, index)
    if op is not None:
        input = op(input, index=key)
    return index_op(input, *tensors, at=at) if tensors else input
