"""What NumPy does not dispatch on its arguments' type: fresh arrays, copies and contiguous ones, for batches as well.

A kernel that makes an array and writes to it names those it takes the numbers from: the array is batched as they are.
"""

import numpy as np

from .array import Batched, at, innermost
from .indexing import picked


def _make(kind, shape, dtype, sources):
    for source in sources:
        if type(source) is Batched:
            level = innermost(sources, {})
            inner = [value.array if at(value, level) else value for value in sources]
            return Batched(_make(kind, (level.size, *shape), dtype, inner), level)
    return kind(shape, dtype)


def zeros(shape, dtype, *sources):
    """Zeros that can take numbers from the arrays `sources`."""
    return _make(np.zeros, shape, dtype, sources)


def empty(shape, dtype, *sources):
    """An array without values yet that can take numbers from the arrays `sources`."""
    return _make(np.empty, shape, dtype, sources)


def full(shape, value, dtype, *sources):
    """An array that has `value` everywhere and can take numbers from the arrays `sources`."""
    return _make(lambda shape, dtype: np.full(shape, value, dtype), shape, dtype, sources)


def everywhere(arrays):
    """The arrays, all of them batched at the innermost level of any: those that the samples share as windows of stride 0."""
    level = innermost(arrays, {})
    return [Batched(np.broadcast_to(array, (level.size, *array.shape)), level)
            if isinstance(array, (np.ndarray, Batched)) and not at(array, level) else array for array in arrays]


def copied(x, *sources):
    """A copy of `x` that can take numbers from the arrays `sources`."""
    level = innermost((x, *sources), {})
    if level is None:
        return x.copy()
    whole = x.array if at(x, level) else np.broadcast_to(x, (level.size, *x.shape))
    return Batched(copied(whole, *[value.array if at(value, level) else value for value in sources]), level)


def row_major(x):
    """`x` in row-major order, copied if need be."""
    return Batched(row_major(x.array), x.level) if type(x) is Batched else np.ascontiguousarray(x)


def whole(x):
    """The array that holds all samples."""
    return whole(x.array) if type(x) is Batched else x


def take(x, indices, axis=None):
    """`x.take(indices, axis)`, where the indices may be batched though `x` is not."""
    if type(indices) is not Batched:
        return x.take(indices, axis)
    return picked(x.reshape(-1), (indices,)) if axis is None else picked(x, (*[slice(None)] * axis, indices))


def pick(x, key):
    """`x[key]`, where the key may have batched arrays in it though `x` is not batched."""
    items = key if type(key) is tuple else (key,)
    return picked(x, items) if type(x) is not Batched and any([type(item) is Batched for item in items]) else x[key]
