"""Flattening, squeezing and expanding: reshapes that name the dimensions they change."""

import math
import warnings

import numpy as np

from .. import errors, shapes
from ..graph import Tensor
from ..shapes import wrap_dim, wrap_dims
from .public import function
from .record import linear, view
from .reduce import sum as sum_over
from .shape import expand_op, expand_to, given_sizes, reshape, shape_of, view_as_shape
from .stacking import at_least_1, at_least_2, at_least_3


def _squeeze(x, *, dims):
    return x.squeeze(dims)


def _squeeze_op(name, node):
    return view(name, _squeeze, lambda g, x_shape: reshape(g, x_shape), node=node)


_squeeze_all, _squeeze_one, _squeeze_some = [
    _squeeze_op(name, f"SqueezeBackward{i}") for i, name in enumerate(("squeeze", "squeeze_dim", "squeeze_dims"))]


_contiguous_op = linear("contiguous", lambda x: np.array(x, order="C"), lambda g: g, node="CloneBackward0")


def squeezed(shape, dim):
    """Which dimensions `squeeze(dim)` removes, and the number of the case: all, one or some."""
    ndim = len(shape)
    if dim is None:
        return tuple([i for i, size in enumerate(shape) if size == 1]), 0
    dims = wrap_dims(tuple(dim), ndim) if isinstance(dim, (tuple, list)) and dim else dim or ()
    if isinstance(dim, (tuple, list)):
        return tuple([i for i in dims if shape[i] == 1]), 2
    dim = wrap_dim(dim, ndim)
    return ((dim,) if ndim and shape[dim] == 1 else ()), 1


@function
def squeeze(input, dim=None):
    """A view without the dimensions of size 1: all of them, or those among `dim`, an int or a tuple.

    Raises IndexError on a dimension out of range, RuntimeError on one given twice.
    """
    dims, case = squeezed(shape_of(input), dim)
    return (_squeeze_all, _squeeze_one, _squeeze_some)[case](input, dims=dims)


@function(namespace="tensor")
def view_as(input, other):
    """`view` in the shape of `other`."""
    return view_as_shape(input, shape_of(other))


@function(namespace="tensor")
def reshape_as(input, other):
    """`reshape` in the shape of `other`."""
    return reshape(input, shape_of(other))


@function
def flatten(input, start_dim=0, end_dim=-1):
    """The dimensions from `start_dim` to `end_dim`, both included, as one. A view where strides allow it; as it is if one.

    Raises RuntimeError if `start_dim` comes after `end_dim`.
    """
    shape = shape_of(input)
    start, end = wrap_dim(start_dim, len(shape)), wrap_dim(end_dim, len(shape))
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not shape:
        return reshape(input, (1,))
    if start == end:
        return input
    return reshape(input, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


@function
def unflatten(input, dim, sizes):
    """A view with dimension `dim` split into `sizes`, one of which may be -1. Raises RuntimeError if they do not fit."""
    shape = shape_of(input)
    dim, sizes = wrap_dim(dim, len(shape)), tuple(sizes)
    if not sizes:
        raise RuntimeError("unflatten: sizes must be non-empty")
    try:
        whole = shapes.infer(sizes, shape[dim])
    except RuntimeError as error:
        if sizes.count(-1) > 1:
            raise RuntimeError(f"unflatten got an unexpected error:\n{error}") from None
        raise RuntimeError(f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {dim} ({shape[dim]}) "
                           "in the input tensor") from None
    return view_as_shape(input, (*shape[:dim], *whole, *shape[dim + 1 :]))


@function
def ravel(input):
    """All elements in one dimension, as a view where strides allow it."""
    return view_as_shape(contiguous(input), (-1,))


@function(namespace="tensor")
def contiguous(input, memory_format=None):
    """The tensor itself if its elements lie in row-major order without gaps, else a copy that does."""
    return input if input._array.flags.c_contiguous else _contiguous_op(input)


# ---- expanding -------------------------------------------------------------------------------------------------------
@function(namespace="tensor")
def expand(input, *args, size=None):
    """A view in which dimensions of size 1, and new leading ones, repeat without being copied; -1 leaves a size as it is.

    Raises RuntimeError where a size neither is 1 nor matches.
    """
    shape, wide = shape_of(input), given_sizes("expand", "size", args, size)
    return expand_op(input, shape=expanded(shape, wide, input))


def expanded(shape, wide, input):
    """The shape that `expand` to the sizes `wide`, -1 as it is, gives `input` of `shape`. Raises RuntimeError if none."""
    lead = len(wide) - len(shape)
    if lead < 0:
        title = errors.title(input._array.dtype)
        raise RuntimeError(f"expand(torch.{title}Tensor{{{list(shape)}}}, size={list(wide)}): the number of sizes provided "
                           f"({len(wide)}) must be greater or equal to the number of dimensions in the tensor ({len(shape)})")
    result = list(wide)
    for i in reversed(range(len(wide))):  # torch names the last dimension that does not fit
        size = wide[i]
        if i < lead:
            if size < 0:
                raise RuntimeError(f"The expanded size of the tensor ({size}) isn't allowed in a leading, non-existing "
                                   f"dimension {i}")
        elif size == -1:
            result[i] = shape[i - lead]
        elif size != shape[i - lead] and (shape[i - lead] != 1 or size < 0):
            raise RuntimeError(f"The expanded size of the tensor ({size}) must match the existing size ({shape[i - lead]}) at "
                               f"non-singleton dimension {i}.  Target sizes: {list(wide)}.  Tensor sizes: {list(shape)}")
    return tuple(result)


@function(namespace="tensor")
def expand_as(input, other):
    """`expand` to the shape of `other`."""
    if not isinstance(other, Tensor):
        raise errors.not_tensor("expand_as", "other", 1, other)
    return expand(input, shape_of(other))


@function
def broadcast_to(input, size):
    """`expand` as a function."""
    return expand(input, tuple(size))


@function(method=False)
def broadcast_tensors(*tensors):
    """The tensors expanded to their common shape, as views. Raises RuntimeError if there is none."""
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    shape = shapes.broadcast(*[shape_of(value) for value in tensors])
    return tuple([expand_to(value, shape) for value in tensors])


@function(method=False)
def broadcast_shapes(*shapes_):
    """The shape that shapes broadcast to, without any tensor. Raises RuntimeError if there is none."""
    result = []
    for place, shape in enumerate([(s,) if isinstance(s, int) else tuple(s) for s in shapes_]):
        result[:0] = [1] * (len(shape) - len(result))
        for i, size in enumerate(reversed(shape), 1):
            if size != 1 and result[-i] not in (1, size):
                raise RuntimeError(f"Attempting to broadcast a dimension of length {size} at {-i}! Mismatching argument at index "
                                   f"{place} had {shape}; but expected shape should be broadcastable to {result}")
            result[-i] = size if size != 1 else result[-i]
    return shapes.Size(result)


@function(namespace="tensor")
def sum_to_size(input, *size):
    """`input` summed to `size`, which must broadcast to its shape. Raises RuntimeError if it does not."""
    size, shape = shapes.sizes(size), shape_of(input)
    lead = len(shape) - len(size)
    if lead < 0 or any(small not in (1, large) for small, large in zip(size, shape[lead:], strict=True)):
        raise RuntimeError(f"size {{{list(size)}}} is not expandable to size {{{list(shape)}}}.")
    dims = [i for i in range(len(shape)) if i < lead or size[i - lead] == 1 != shape[i]]
    if not dims:
        return input
    total = sum_over(input, tuple(dims), True)
    return view_as_shape(total, size) if lead else total


# ---- many tensors at once --------------------------------------------------------------------------------------------
def _for_each(name, change, count):
    def call(*tensors):
        if len(tensors) == 1 and not isinstance(tensors[0], (list, tuple)):
            return change(tensors[0])
        return tuple([change(value) for value in (tensors[0] if len(tensors) == 1 else tensors)])

    call.__name__ = name
    call.__doc__ = f"Views with at least {count} dimensions: of one tensor, or a tuple of those of several."
    return function(call, method=False)


atleast_1d = _for_each("atleast_1d", at_least_1, 1)
atleast_2d = _for_each("atleast_2d", at_least_2, 2)
atleast_3d = _for_each("atleast_3d", at_least_3, 3)


@function(method=False)
def meshgrid(*tensors, indexing=None):
    """For 1-dim tensors the coordinates of the grid they span, each as a view in the grid's shape.

    `indexing`: "ij" (the first tensor runs along dimension 0) or "xy" (along dimension 1, as in pictures).
    """
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    if not tensors:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    if indexing is None:
        warnings.warn("torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument.", stacklevel=3)
    elif indexing not in ("ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    for value in tensors:
        if len(shape_of(value)) > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {value!r}")
    swap = indexing == "xy" and len(tensors) > 1
    order = [1, 0, *range(2, len(tensors))] if swap else range(len(tensors))
    sizes = [math.prod(shape_of(tensors[i])) for i in order]
    grids = []
    for i, value in enumerate(tensors):
        place = [1] * len(tensors)
        place[order[i]] = -1
        grids.append(expand(view_as_shape(value, place), sizes))
    return tuple(grids)
