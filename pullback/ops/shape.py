"""Reshaping and permuting: views that move no numbers, and the helpers on shapes that other families use."""

import math

import numpy as np

from .. import errors, shapes
from ..batch import zeros
from ..graph import Tensor
from ..shapes import wrap_dim
from .public import function
from .record import linear, view


def strided(array, shape, strides, offset):
    """A writable window on a contiguous array's memory: `strides` and `offset` in bytes."""
    return np.ndarray(shape, array.dtype, array, offset, strides)


def shape_of(value):
    """The shape of a tensor or an array."""
    return value._array.shape if isinstance(value, Tensor) else value.shape


# ---- records: each view is the transpose of another -------------------------------------------------------------------
def _view(x, *, shape):
    return x.reshape(shape)


def expand_array(x, *, shape):
    """An array broadcast to `shape` as a window."""
    if not isinstance(x, np.ndarray) or not x.flags.c_contiguous:
        return _broadcast(x, shape)
    lead = len(shape) - x.ndim  # a window with strides of 0: unlike np.broadcast_to's result it can be written through
    steps = [step if size == wide else 0 for size, wide, step in zip(x.shape, shape[lead:], x.strides, strict=True)]
    window = np.ndarray(shape, x.dtype, x, 0, (*[0] * lead, *steps))
    window.flags.writeable = x.flags.writeable
    return window


def _broadcast(x, shape):
    window = np.broadcast_to(x, shape)
    if isinstance(x, np.ndarray) and x.flags.writeable:
        window.flags.writeable = True
    return window


def _index(x, *, index):
    return x[index]


def _unindex(x, *, index, shape):
    whole = zeros(shape, x.dtype, x)
    whole[index] = x
    return whole


def _unwindow(g, index, x_shape):
    if shape_of(g) == x_shape:
        return g
    if math.prod(shape_of(g)) == math.prod(x_shape):  # nothing was left out
        return reshape(g, x_shape)
    return unindex_op(g, index=index, shape=x_shape)


_view_op = view("view", _view, lambda g, x_shape: reshape(g, x_shape))
_reshape_alias = view("reshape_alias", _view, lambda g, x_shape: reshape(g, x_shape))
_unsafe_view = linear("unsafe_view", _view, lambda g, x_shape: reshape(g, x_shape))
expand_op = view("expand", expand_array, lambda g, x_shape: _shrink(g, shape=x_shape))
_permute_op = view("permute", lambda x, *, dims: x.transpose(dims), lambda g, dims: permute(g, _inverse(dims)))
_transpose_op = view("transpose", lambda x, *, dim0, dim1: x.swapaxes(dim0, dim1) if x.ndim else x[...],
                     lambda g, dim0, dim1: _transpose_op(g, dim0=dim0, dim1=dim1))
_t_op = view("t", lambda x: x.T, lambda g: _t_op(g))
alias_op = view("alias", _index, lambda g: g)
# Reading by index takes several steps at once, under the name of the last.
select_op, slice_op, unsqueeze_op = [view(name, _index, _unwindow) for name in ("select", "slice", "unsqueeze")]
unindex_op = linear("slice_backward", _unindex, lambda g, index: slice_op(g, index=index))


def _shrink_array(x, *, shape):
    axes = shapes.sum_to_axes(x.shape, shape)
    total = np.sum(x, axis=axes, keepdims=True) if axes else x
    if total.shape[total.ndim - len(shape) :] != shape:
        raise ValueError(f"{x.shape} is no shape that {shape} broadcasts to")
    return total.reshape(shape)


_shrink = linear("sum_to_size", _shrink_array, lambda g, x_shape: expand_to(g, x_shape))


def _inverse(dims):
    inverse = [0] * len(dims)
    for i, d in enumerate(dims):
        inverse[d] = i
    return tuple(inverse)


def expand_to(input, shape):
    """`input` broadcast to `shape`, as a view."""
    return input if shape_of(input) == tuple(shape) else expand_op(input, shape=tuple(shape))


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
def viewable(array, shape):
    """Whether strides can express `array` in another shape without moving a number.

    Dimensions that one stride could walk through are one run; each run must be filled exactly by some of the new sizes.
    """
    if array.flags.c_contiguous or not array.size:
        return True
    runs, before = [], None
    for size, stride in zip(array.shape, array.strides, strict=True):
        if size == 1:
            continue
        if before is not None and before == stride * size:
            runs[-1] *= size
        else:
            runs.append(size)
        before = stride
    left = 1
    for size in shape:
        if size == 1:
            continue
        if left == 1:
            left = runs.pop(0)
        if left % size:
            return False
        left //= size
    return True


@function
def reshape(input, *args, shape=None):
    """`input` with another shape; one size may be -1. A view where the strides allow it, else a copy.

    Raises RuntimeError if the sizes do not multiply to the number of elements.
    """
    array = input._array if isinstance(input, Tensor) else input
    target = shapes.infer(given_sizes("reshape", "shape", args, shape), array.size)
    if not isinstance(input, Tensor) or array.flags.c_contiguous:
        return _view_op(input, shape=target)
    if viewable(array, target):
        return _reshape_alias(input, shape=target)
    return _unsafe_view(input, shape=target)


def given_sizes(function, name, args, named=None):
    """The sizes of `f(2, 3)`, `f((2, 3))` or `f(name=(2, 3))`. Raises torch's TypeError where there are none, or no ints."""
    if named is not None:
        args = (named,)
    if not args:
        raise TypeError(f'{function}() missing 1 required positional arguments: "{name}"')
    try:
        return shapes.sizes(args)
    except AttributeError:
        wrong = next((value for value in args if not hasattr(value, "__index__")), args[0])
        raise errors.not_tensor(function, name, 1, wrong, "tuple of ints") from None


@function(namespace="tensor", name="view")
def view_as_shape(input, *args, size=None, dtype=None):
    """A view with another shape; one size may be -1. `view(dtype)` reads the same bytes as another type.

    Raises RuntimeError where the strides do not allow a view; use `reshape` there.
    """
    if dtype is not None or (args and hasattr(args[0], "is_floating_point") and not isinstance(args[0], Tensor)):
        from .retype import view_dtype

        return view_dtype(input, dtype or args[0])
    if not args and size is None:
        raise TypeError("view() received an invalid combination of arguments - got (), but expected one of:\n * (torch.dtype "
                        "dtype)\n * (tuple of ints size)\n")
    array = input._array
    target = shapes.infer(given_sizes("view", "size", args, size), array.size)
    if not viewable(array, target):
        raise RuntimeError("view size is not compatible with input tensor's size and stride (at least one dimension spans "
                           "across two contiguous subspaces). Use .reshape(...) instead.")
    return _view_op(input, shape=target)


@function
def permute(input, *args, dims=None):
    """A view with the dimensions in the order of `dims`. Raises RuntimeError unless each dimension is named once."""
    dims = given_sizes("permute", "dims", args, dims)
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
    return _transpose_op(input, dim0=wrap_dim(dim0, ndim), dim1=wrap_dim(dim1, ndim))


@function
def t(input):
    """A matrix transposed; tensors of fewer dimensions as they are. Raises RuntimeError above two dimensions."""
    ndim = len(shape_of(input))
    if ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {ndim}D")
    return _t_op(input)


@function
def unsqueeze(input, dim):
    """A view with a dimension of size 1 put in before `dim`, which may be one past the last. Raises IndexError beyond."""
    ndim = len(shape_of(input))
    return unsqueeze_op(input, index=(*[slice(None)] * wrap_dim(dim, ndim + 1), None, ...))


def alias(input):
    """A view of the whole tensor."""
    return alias_op(input, index=(...,))
