"""Reductions."""

import math

import numpy as np

from .. import dtypes
from ..graph import Tensor
from ..shapes import wrap_dims
from .public import function
from .record import apply, linear
from .shape import expand_array


def _sum(x, *, dim, keepdim, dtype=None):
    return np.add.reduce(x, axis=dim, keepdims=keepdim, dtype=dtype)


def _spread(x, *, shape, dim, keepdim):
    """The transpose of a sum: each element again in all the places it was summed from."""
    if x.ndim and not keepdim:
        x = x.reshape([1 if d in dim else size for d, size in enumerate(shape)])
    if math.prod(shape) > 4096:
        return expand_array(x, shape=shape)
    whole = np.empty(shape, x.dtype)  # on small work faster than a window
    whole[...] = x
    return whole


_sum_op = linear("sum", _sum, lambda g, x_shape, dim, keepdim: spread(g, shape=x_shape, dim=dim, keepdim=keepdim))
spread = linear("sum_backward", _spread, lambda g, dim, keepdim: _sum_op(g, dim=dim, keepdim=keepdim))


@function(out=True)
def sum(input, dim=None, keepdim=False, *, dtype=None):
    """The sum over `dim` (an int, several, or all). Integers and bool add up in int64.

    Raises IndexError if a dim is out of range. See https://docs.pytorch.org/docs/stable/generated/torch.sum.html
    """
    array = input._array if isinstance(input, Tensor) else input
    if dtype is not None:
        dtype = dtypes.numpy_of(dtype)
    elif array.dtype.kind in "biu":
        dtype = dtypes.I64
    if dim is not None:
        dim = wrap_dims(dim, array.ndim)
    return apply(_sum_op, (input,), {"dim": dim, "keepdim": keepdim, "dtype": dtype})
