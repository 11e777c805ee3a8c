"""Reading by index: `x[...]`. Numbers and slices give views, tensors, masks and lists give copies."""

import numpy as np

from ..batch import pick as pick_at
from ..batch import row_major, take, zeros
from ..dtypes import B8
from ..graph import Tensor
from ..mode import current_mode
from .record import Op
from .registry import Function, register
from .rows import add_picked, indices_ndim, picker
from .subscript import parse


def _pick(x, *indices, at):
    try:
        if len(indices) == 1 and indices[0].dtype != B8:
            return take(x, indices[0], len(at) - 1)
        picked = pick_at(x, picker(indices, at))
    except (IndexError, ValueError):
        raise explained(x.shape, indices, at) from None
    if not at[0] and picked.ndim and not picked.flags.c_contiguous:  # NumPy leaves the picked dimensions outermost in memory
        return row_major(picked)
    return picked


def explained(shape, indices, at):
    """torch's error for index arrays that do not fit: one out of range, or shapes that do not broadcast."""
    whole = [array for index in indices for array in (index.nonzero() if index.dtype == B8 else (index,))]
    try:
        np.broadcast_shapes(*[array.shape for array in whole])
    except ValueError:
        return IndexError("shape mismatch: indexing tensors could not be broadcast together with shapes " +
                          ", ".join(str(list(array.shape)) for array in whole))
    rest, dim, place = iter(indices), 0, 0
    for marked in at:
        index = next(rest) if marked else None
        if index is not None and index.dtype != B8:
            size = shape[dim]
            wrong = index[(index < -size) | (index >= size)]
            if wrong.size and not size:
                return IndexError("index is out of bounds for dimension with size 0")
            if wrong.size:
                return IndexError(f"index {wrong.reshape(-1)[0]} is out of bounds for dimension {place} with size {size}")
        span = 1 if index is None else indices_ndim(index)
        dim, place = dim + span, place + (span if marked else 0)
    return IndexError(f"the indices do not fit a tensor of shape {list(shape)}")


def _unpick(x, *indices, at, shape):
    """Zeros of `shape` to which `x` was added where the indices point."""
    whole = zeros(shape, x.dtype, x, *indices)
    add_picked(whole, indices, at, x)
    return whole


def _to_picked(g, x_shape, indices, at):
    return (unpick_op(g, *indices, at=at, shape=x_shape),)


def _from_picked(g, indices, at):
    return (pick(g, indices, at),)


_index = Op("index", _pick, _to_picked, linear=True)
_index_mask = Op("index_mask", _pick, _to_picked, node="IndexBackward0", dynamic=True, linear=True)
unpick_op = Op("index_backward", _unpick, _from_picked, node="IndexPutBackward0", linear=True)


def pick(input, indices, at):
    """What index tensors pick from `input` at the dimensions that `at` marks."""
    masks = any([index.dtype == B8 if not isinstance(index, Tensor) else index._array.dtype == B8 for index in indices])
    return (_index_mask if masks else _index)(input, *indices, at=at)


def __getitem__(input, index):
    """`input[index]`: a view for numbers, slices, None and Ellipsis, a copy as soon as a tensor, mask or list takes part.

    Raises IndexError if an index is out of range or of a wrong type, ValueError on a step that is not positive.
    """
    array = input._array
    if not array.ndim and current_mode().era is not None and index == 0:
        return current_mode().era.only_element(input)
    op, key, tensors, at = parse(array.shape, index)
    if op is not None:
        input = op(input, index=key)
    return pick(input, tensors, at) if tensors else input


register(Function(__getitem__, "__getitem__", True, False, False, "tensor"))
