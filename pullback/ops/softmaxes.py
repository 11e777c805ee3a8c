"""Softmax and its logarithm: one record each, which keeps only its output."""

import warnings

import numpy as np

from .. import dtypes
from ..graph import Tensor
from ..shapes import wrap_dim
from .layer import array_of, layer, not_implemented
from .public import function
from .reduce import sum as total
from .unary import exp


def _softmax(x, *, dim):
    if not x.size:
        return x.copy()
    e = np.asarray(x - x.max(axis=dim, keepdims=True))
    np.exp(e, out=e)
    e /= e.sum(axis=dim, keepdims=True)
    return np.ascontiguousarray(e) if e.ndim else e


def _log_softmax(x, *, dim):
    if not x.size:
        return x.copy()
    d = np.asarray(x - x.max(axis=dim, keepdims=True))
    d -= np.log(np.exp(d).sum(axis=dim, keepdims=True))
    return np.ascontiguousarray(d) if d.ndim else d


def softmax_rule(g, o, dim):
    weighted = g * o
    return weighted - o * total(weighted, dim, True)


softmax_op = layer("softmax", _softmax, (softmax_rule,))
log_softmax_op = layer("log_softmax", _log_softmax, (lambda g, o, dim: g - exp(o) * total(g, dim, True),))


def _along(op, input, dim, dtype):
    array = array_of(input, op.name)
    if dtype is not None:
        input = input.to(dtype) if isinstance(input, Tensor) else input.astype(dtypes.numpy_of(dtype))
        array = array_of(input, op.name)
    ndim = array.ndim
    dim = wrap_dim(dim, ndim)
    if dtypes.category(array.dtype) != dtypes.FLOATING:
        last = "_lastdim" if dim == max(ndim, 1) - 1 else ""
        raise not_implemented(f"{op.name}{last}_kernel_impl", array.dtype)
    return op(input, dim=dim if ndim else ())


@function
def softmax(input, dim, dtype=None):
    """`exp(x_i) / sum_j exp(x_j)` along `dim`, computed in `dtype` if given; of the input's shape.

    Raises IndexError if `dim` is out of range, NotImplementedError unless the numbers are floating.
    """
    return _along(softmax_op, input, dim, dtype)


@function
def log_softmax(input, dim, dtype=None):
    """The logarithm of `softmax`, without overflow. Raises what `softmax` raises."""
    return _along(log_softmax_op, input, dim, dtype)


@function(namespace="nn")
def softmin(input, dim=None, _stacklevel=3, dtype=None):
    """The softmax of `-input` along `dim`; without `dim` it is guessed, with a warning."""
    if dim is None:
        warnings.warn("Implicit dimension choice for softmin has been deprecated. Change the call to include dim=X as an "
                      "argument.", stacklevel=_stacklevel)
        dim = 0 if array_of(input, "softmin").ndim in (0, 1, 3) else 1
    return softmax(-input, dim, dtype)
