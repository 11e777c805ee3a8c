"""In and out of a level of `vmap`: an axis becomes the batch, and an axis again."""

import numpy as np

from .array import Batched, at


def enter(array, level, dim):
    """`array` seen through `level`, which takes the axis `dim` for the batch."""
    if type(array) is Batched and array.level.number > level.number:
        return Batched(enter(array.array, level, dim + 1), array.level)
    return Batched(np.moveaxis(array, dim, 0), level)


def leave(array, level, dim):
    """The whole batch, as axis `dim`; what is not batched at this level is repeated."""
    if type(array) is Batched and array.level is not level and array.level.number > level.number:
        return Batched(leave(array.array, level, dim + 1), array.level)
    if at(array, level):
        return np.moveaxis(array.array, 0, dim)
    array = np.expand_dims(array, dim)
    return np.broadcast_to(array, (*array.shape[:dim], level.size, *array.shape[dim + 1:]))


def total(array, level):
    """The sum over the batch of `level`; an array that is not batched there stands for `level.size` equal ones."""
    if at(array, level):
        return np.sum(array.array, axis=0)
    if type(array) is Batched and array.level.number > level.number:
        return Batched(total(array.array, level), array.level)
    return array * array.dtype.type(level.size)
