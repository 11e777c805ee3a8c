"""Reductions."""

import numpy as np

from .. import dtypes
from ..graph import Tensor
from ..shapes import wrap_dims
from .public import function
from .record import linear
from .shape import expand_to, keep_dims


def _sum(x, *, dim, keepdim, dtype=None):
    return np.sum(x, axis=dim, keepdims=keepdim, dtype=dtype)


_sum_op = linear("sum", _sum, lambda g, x_shape, dim, keepdim: expand_to(keep_dims(g, dim, keepdim), x_shape))


@function(out=True)
def sum(input, dim=None, keepdim=False, *, dtype=None):
    """The sum over `dim` (an int, several, or all). Integers and bool add up in int64.

    Raises IndexError if a dim is out of range. See https://docs.pytorch.org/docs/stable/generated/torch.sum.html
    """
    array = input._array if isinstance(input, Tensor) else input
    if dtype is not None:
        accumulator = dtypes.numpy_of(dtype)
    else:
        accumulator = dtypes.I64 if array.dtype.kind in "biu" else array.dtype
    return _sum_op(input, dim=wrap_dims(dim, array.ndim), keepdim=keepdim, dtype=accumulator)
