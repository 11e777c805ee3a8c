"""Softmax and its logarithm: one record each, which keeps only its output."""

import warnings

import numpy as np

from .. import arguments, dtypes
from ..batch import empty
from ..graph import Tensor
from ..shapes import wrap_dim
from .layer import array_of, layer, not_implemented
from .public import function
from .reduce import sum as total
from .unary import exp

PART = 1 << 15  # elements worked on at a time, so that what is computed on the way stays in cache


def _in_parts(kernel):
    """`kernel(out, *arrays, dim)` applied to rows of a few arrays part by part, if they are many and lie in order."""

    def whole(*arrays, dim):
        x = arrays[0]
        out = empty(x.shape, x.dtype, x)
        if not x.size:
            return out
        if x.size <= 2 * PART or dim != x.ndim - 1 or not all([a.flags.c_contiguous for a in arrays]):
            kernel(out, *arrays, dim=dim)
            return out
        length = x.shape[-1]
        rows = [a.reshape(-1, length) for a in (out, *arrays)]
        step = max(1, PART // length)
        for start in range(0, len(rows[0]), step):
            kernel(*[a[start:start + step] for a in rows], dim=1)
        return out

    return whole


def _softmax(out, x, *, dim):
    np.subtract(x, x.max(axis=dim, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(axis=dim, keepdims=True)


def _log_softmax(out, x, *, dim):
    np.subtract(x, x.max(axis=dim, keepdims=True), out=out)
    out -= np.log(np.exp(out).sum(axis=dim, keepdims=True))


def _softmax_back(out, g, o, *, dim):
    np.multiply(g, o, out=out)
    out -= o * out.sum(axis=dim, keepdims=True)


def _log_softmax_back(out, g, o, *, dim):
    np.exp(o, out=out)
    out *= g.sum(axis=dim, keepdims=True)
    np.subtract(g, out, out=out)


def _softmax_second(g, x, y, dim):
    """How y (x - sum(x y)), the gradient for a result y and its gradient x, changes with y."""
    return g * (x - total(x * y, dim, True)) - x * total(g * y, dim, True)


_softmax_gradient = layer("softmax_backward_data", _in_parts(_softmax_back), (
    lambda g, y, dim: _softmax_gradient(g, y, dim=dim), _softmax_second), inputs=("x", "y"))
_log_softmax_gradient = layer("log_softmax_backward_data", _in_parts(_log_softmax_back), (
    lambda g, y, dim: g - total(g * exp(y), dim, True),
    lambda g, x, y, dim: -g * exp(y) * total(x, dim, True)), inputs=("x", "y"))


def softmax_rule(g, o, dim):
    """The gradient of a softmax along `dim` with the result o."""
    return _softmax_gradient(g, o, dim=dim)


softmax_op = layer("softmax", _in_parts(_softmax), (softmax_rule,), inputs=("x",), symmetric=True)
log_softmax_op = layer("log_softmax", _in_parts(_log_softmax), (lambda g, o, dim: _log_softmax_gradient(g, o, dim=dim),),
                       inputs=("x",), jvp=(lambda g, o, dim: g - total(g * exp(o), dim, True),))


def _along(op, input, dim, dtype):
    array = array_of(input, op.name)
    if dtype is not None:
        input = input.to(dtype) if isinstance(input, Tensor) else input.astype(dtypes.numpy_of(dtype))
        array = array_of(input, op.name)
    ndim = array.ndim
    dim = wrap_dim(arguments.integer(op.name, "dim", dim, 2), ndim)
    if array.size and dtypes.category(array.dtype) != dtypes.FLOATING:
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
