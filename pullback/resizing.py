"""Tensors resized in place, and made like another in the manner of old."""

import math

import numpy as np

from .graph import Tensor, storage_of
from .origin import here
from .shapes import sizes
from .typed import construct


def resize_(self, *size, memory_format=None):
    """Give the tensor another shape, in place: the elements in memory stay, new ones are whatever was in memory.

    Raises RuntimeError on a tensor that requires a gradient.
    """
    if self._edge is not None:
        raise RuntimeError("cannot resize variables that require grad")
    shape, old = sizes(size), self._array
    count = math.prod(shape)
    if not old.flags.c_contiguous or count > old.size:
        fresh = np.empty(count, old.dtype)
        kept = min(count, old.size)
        fresh[:kept] = old.reshape(-1)[:kept]
    else:
        fresh = old.reshape(-1)[:count]
    self._array = fresh.reshape(shape)
    storage_of(self).write(place=here(2))
    return self


def resize_as_(self, the_template, memory_format=None):
    """`resize_` to the shape of another tensor."""
    return resize_(self, *the_template._array.shape)


def new(self, *args, device=None):
    """A tensor of this one's dtype: of given sizes, or of given data."""
    return construct(self._array.dtype, args)


Tensor.resize_, Tensor.resize_as_, Tensor.new = resize_, resize_as_, new
