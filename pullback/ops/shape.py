"""Shapes and views: operations that move no numbers, or only move them."""

import numpy as np

from .. import shapes
from ..graph import Tensor
from ..shapes import wrap_dim
from .public import function
from .record import linear, view
from .unary import clone


def strided(array, shape, strides, offset):
    """A writable window on a contiguous array's memory: `strides` and `offset` in bytes."""
    return np.ndarray(shape, array.dtype, array, offset, strides)


def shape_of(value):
    """The shape of a tensor or an array."""
    return value._array.shape if isinstance(value, Tensor) else value.shape


# ---- records: each view is the transpose of another -------------------------------------------------------------------
def _view(x, *, shape):
    return x.reshape(shape)


def _expand(x, *, shape):
    array = np.broadcast_to(x, shape)
    return array


def _index(x, *, index):
    return x[index]


def _unindex(x, *, index, shape):
    whole = np.zeros(shape, x.dtype)
    whole[index] = x
    return whole


_view_op = view("view", _view, lambda g, x_shape: reshape(g, x_shape))
_unsafe_view = linear("unsafe_view", _view, lambda g, x_shape: reshape(g, x_shape))
_expand_op = view("expand", _expand, lambda g, x_shape: _shrink(g, shape=x_shape))
_permute_op = view("permute", lambda x, *, dims: x.transpose(dims), lambda g, dims: permute(g, _inverse(dims)))
_transpose_op = view("transpose", lambda x, *, dim0, dim1: x.swapaxes(dim0, dim1),
                     lambda g, dim0, dim1: _transpose_op(g, dim0=dim0, dim1=dim1))
_t_op = view("t", lambda x: x.T, lambda g: _t_op(g))
unsqueeze_op = view("unsqueeze", _index, lambda g, x_shape: reshape(g, x_shape))
_squeeze_op = view("squeeze", _view, lambda g, x_shape: reshape(g, x_shape))
alias_op = view("alias", _index, lambda g: g)


def _window(name):
    return view(name, _index, lambda g, index, x_shape: _unindex_op(g, index=index, shape=x_shape))


select_op, slice_op = _window("select"), _window("slice")
_unindex_op = linear("slice_backward", _unindex, lambda g, index: slice_op(g, index=index))


def _shrink_array(x, *, shape):
    axes = shapes.sum_to_axes(x.shape, shape)
    return np.sum(x, axis=axes, keepdims=True).reshape(shape) if axes else x.reshape(shape)


_shrink = linear("sum_to_size", _shrink_array, lambda g, x_shape: expand_to(g, x_shape))


def _inverse(dims):
    inverse = [0] * len(dims)
    for i, d in enumerate(dims):
        inverse[d] = i
    return tuple(inverse)


def expand_to(input, shape):
    """`input` broadcast to `shape`, as a view."""
    return input if shape_of(input) == tuple(shape) else _expand_op(input, shape=tuple(shape))


def sum_to_shape(input, shape):
    """`input` summed over the axes along which `shape` was broadcast to its shape."""
    return _shrink(input, shape=tuple(shape))


def keep_dims(input, dims, keepdim):
    """Give a reduction's result, or its gradient, the reduced `dims` back as dimensions of size 1."""
    if keepdim or not dims:
        return input
    shape = list(shape_of(input))
    for d in sorted(dims):
        shape.insert(d, 1)
    return reshape(input, shape)


# ---- public functions ---------------------------------------------------------------------------------------------------
def _viewable(array, shape):
    if array.flags.c_contiguous or not array.size:
        return True
    result = array.reshape(shape)
    owner = array if array.base is None else array.base
    return result is array or result.base is owner


@function
def reshape(input, *shape):
    """`input` with another shape; one size may be -1. A view where the strides allow it, else a copy.

    Raises RuntimeError if the sizes do not multiply to the number of elements.
    """
    array = input._array if isinstance(input, Tensor) else input
    target = shapes.infer(shapes.sizes(shape), array.size)
    if not isinstance(input, Tensor) or _viewable(array, target):
        return _view_op(input, shape=target)
    return _unsafe_view(clone(input), shape=target)


@function(namespace="tensor", name="view")
def view_as_shape(input, *shape, dtype=None):
    """A view with another shape; one size may be -1. `view(dtype)` reads the same bytes as another type.

    Raises RuntimeError where the strides do not allow a view; use `reshape` there.
    """
    array = input._array
    target = shapes.infer(shapes.sizes(shape), array.size)
    if not _viewable(array, target):
        raise RuntimeError("view size is not compatible with input tensor's size and stride (at least one dimension spans "
                           "across two contiguous subspaces). Use .reshape(...) instead.")
    return _view_op(input, shape=target)


@function
def permute(input, *dims):
    """A view with the dimensions in the order of `dims`. Raises RuntimeError unless each dimension is named once."""
    dims = shapes.sizes(dims)
    ndim = len(shape_of(input))
    if len(dims) != ndim:
        raise RuntimeError(f"permute(sparse_coo): number of dimensions in the tensor input does not match the length of the "
                           f"desired ordering of dimensions i.e. input.dim() = {ndim} is not equal to len(dims) = {len(dims)}")
    order = tuple([wrap_dim(d, ndim) for d in dims])
    if len(set(order)) < ndim:
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return _permute_op(input, dims=order)


@function
def transpose(input, dim0, dim1):
    """A view with two dimensions swapped. Raises IndexError if one is out of range."""
    ndim = len(shape_of(input))
    return _transpose_op(input, dim0=wrap_dim(dim0, ndim), dim1=wrap_dim(dim1, ndim)) if ndim else _t0


@function
def t(input):
    """A matrix transposed; tensors of fewer dimensions as they are. Raises RuntimeError above two dimensions."""
    ndim = len(shape_of(input))
    if ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {ndim}D")
    return _t_op(input)


@function(namespace="torch", method=False)
def alias(input):
    """A view of the whole tensor."""
    return _alias_op(input)
