"""Adaptive pooling: the size of the output is given, and the windows divide the image as evenly as they can."""

import math

import numpy as np

from .. import dtypes
from ..batch import empty, row_major, zeros
from .layer import array_of, layer, not_implemented
from .public import function
from .reduce import no_mean


def _bounds(n, length):
    """Where the windows begin and end, if `length` of them divide `n` elements; neighbours may share an element."""
    at = np.arange(length)
    return at * n // max(length, 1), -(-(at + 1) * n // max(length, 1))


def _touching(n, length):
    """For each of `n` elements, the range of the windows that it lies in."""
    starts, ends = _bounds(n, length)
    at = np.arange(n)
    return np.searchsorted(ends, at, "right"), np.searchsorted(starts, at, "right")


def _sums(x, axis, starts, ends):
    """The sums over ranges along an axis."""
    pad = [(0, 0)] * x.ndim
    pad[axis] = (0, 1)  # reduceat takes no index at the end
    places = np.stack([starts, ends], 1).reshape(-1)
    sums = np.add.reduceat(np.pad(x, pad), places, axis=axis)
    return sums[(..., slice(None, None, 2), *[slice(None)] * (x.ndim - axis - 1))]


def _mean(x, *, size):
    first = x.ndim - len(size)
    if all(n == 1 for n in size):
        return x.reshape(*x.shape[:first], -1).mean(-1).reshape(*x.shape[:first], *size)
    for axis, length in enumerate(size, first):
        if length and x.shape[axis] % length == 0:
            x = x.reshape(*x.shape[:axis], length, x.shape[axis] // length, *x.shape[axis + 1:]).mean(axis + 1)
            continue
        starts, ends = _bounds(x.shape[axis], length)
        if not length:
            return zeros((*x.shape[:first], *size), x.dtype, x)
        counts = (ends - starts).reshape(-1, *[1] * (x.ndim - axis - 1))
        x = _sums(x, axis, starts, ends) / counts.astype(x.dtype)
    return row_major(x)


def _mean_back(g, *, shape):
    first = g.ndim - len(shape)
    for axis, n in enumerate(shape, first):
        if not g.shape[axis]:
            return zeros((*g.shape[:first], *shape), g.dtype, g)
        if n % g.shape[axis] == 0:
            width = n // g.shape[axis]
            wide = empty((*g.shape[:axis + 1], width, *g.shape[axis + 1:]), g.dtype, g)
            np.divide(g.reshape(*g.shape[:axis + 1], 1, *g.shape[axis + 1:]), width, out=wide)
            g = wide.reshape(*g.shape[:axis], n, *g.shape[axis + 1:])
            continue
        starts, ends = _bounds(n, g.shape[axis])
        counts = (ends - starts).reshape(-1, *[1] * (g.ndim - axis - 1))
        g = _sums(g / counts.astype(g.dtype), axis, *_touching(n, g.shape[axis]))
    return row_major(g)


_mean_back_op = layer("adaptive_avg_pool_backward", _mean_back, (
    lambda g, g_shape, shape: _MEAN[2](g, size=g_shape[-len(shape):]),), inputs=("g",), linear=True)
_MEAN = {ndim: layer(f"adaptive_avg_pool{ndim}d", _mean, (
    lambda g, x_shape, size: _mean_back_op(g, shape=x_shape[-len(size):]),), node=node, linear=True)
    for ndim, node in ((1, "SqueezeBackward1"), (2, "AdaptiveAvgPool2DBackward0"), (3, "AdaptiveAvgPool3DBackward0"))}
_GLOBAL = layer("global_avg_pool", _mean, (lambda g, x_shape, size: _mean_back_op(g, shape=x_shape[-len(size):]),),
                node="MeanBackward1", linear=True)


def _windows(x, size):
    """(*, *size, window): the elements of every window, the last repeated where it is small, and their index in the image."""
    first = x.ndim - len(size)
    places, step = 0, 1
    for axis in range(x.ndim - 1, first - 1, -1):
        n, length = x.shape[axis], size[axis - first]
        starts, ends = _bounds(n, length)
        widest = int((ends - starts).max(initial=1))
        at = np.minimum(starts[:, None] + np.arange(widest), ends[:, None] - 1)
        spread = [1] * (2 * len(size))
        spread[axis - first], spread[axis - first + len(size)] = length, widest
        places = places + at.reshape(spread) * step
        step *= n
    places = places.reshape(*size, -1)
    return x.reshape(*x.shape[:first], -1)[..., places], places


def _max(x, *, size):
    values, places = _windows(x, size)
    chosen = values.argmax(-1)[..., None]
    indices = np.take_along_axis(np.broadcast_to(places, values.shape), chosen, -1)[..., 0]
    return np.take_along_axis(values, chosen, -1)[..., 0], indices


def _put(g, indices, *, shape, ndim):
    """Each number added at its index of an image with `ndim` dimensions, in an array of `shape`."""
    whole = zeros((math.prod(shape[:-ndim]), math.prod(shape[-ndim:])), g.dtype, g, indices)
    rows = np.arange(len(whole))[:, None] * whole.shape[1]
    np.add.at(whole.reshape(-1), (rows + indices.reshape(len(whole), -1)).reshape(-1), g.reshape(-1))
    return whole.reshape(shape)


def _take(x, indices, *, ndim):
    """The elements of images with `ndim` dimensions at the indices."""
    lead = x.shape[:-ndim]
    return np.take_along_axis(x.reshape(*lead, -1), indices.reshape(*lead, -1), -1).reshape(indices.shape)


_put_op = layer("adaptive_max_pool_backward", _put, (lambda g, indices, ndim: _take_op(g, indices, ndim=ndim), None), linear=True)
_take_op = layer("adaptive_max_pool_take", _take, (
    lambda g, indices, x_shape, ndim: _put_op(g, indices, shape=x_shape, ndim=ndim), None), linear=True)
_MAX = {ndim: layer(f"adaptive_max_pool{ndim}d", _max, (
    lambda g, indices, x_shape, size: _put_op(g, indices, shape=x_shape, ndim=len(size)),), extras=("indices",), node=node)
    for ndim, node in ((1, "SqueezeBackward1"), (2, "AdaptiveMaxPool2DBackward0"), (3, "AdaptiveMaxPool3DBackward0"))}


def _checked(name, ndim, input, output_size, colon=""):
    """The size of the output, None filled in from the input. Raises torch's errors."""
    array = array_of(input, name)
    shape = array.shape
    sizes = tuple(output_size) if isinstance(output_size, (tuple, list)) else (output_size,) * ndim
    if len(shape) not in (ndim + 1, ndim + 2):
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {len(shape)}-dimensional tensor for argument #1 'self' (while checking "
            f"arguments for {name})" if ndim == 1 else
            f"{name}(): Expected {ndim + 1}D or {ndim + 2}D tensor, but got{colon} {list(shape)}")
    if len(sizes) != ndim:
        raise RuntimeError(
            f"{name}() argument 'output_size' should contain one int (got {len(sizes)})" if ndim == 1 else
            f"{name}(): internal error: output_size.size() must be {ndim}" if colon else f"{name}: output_size must be {ndim}")
    sizes = tuple([n if n is None else n.__index__() for n in sizes])
    sizes = tuple([shape[d - ndim] if n is None else n for d, n in enumerate(sizes)])
    if any(n < 0 for n in sizes):
        raise RuntimeError(f"{name}: elements of output_size must be greater than or equal to 0 but received "
                           f"{{{', '.join(map(str, sizes))}}}")
    for d in range(len(shape) - ndim, len(shape)):
        if not shape[d]:
            raise RuntimeError(f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes "
                               f"{list(shape)} with dimension {d} being empty")
    return sizes


def _check_dtype(name, ndim, input):
    dtype = array_of(input, name).dtype
    if dtypes.category(dtype) != dtypes.FLOATING:
        raise not_implemented(f"{name}_cpu" if ndim == 3 else name.replace("1d", "2d"), dtype)


def _avg(name, ndim, input, output_size):
    size = _checked(name, ndim, input, output_size)
    if any(n != 1 for n in size):
        _check_dtype(name, ndim, input)
        return _MEAN[ndim](input, size=size)
    dtype = array_of(input, name).dtype
    if dtypes.category(dtype) < dtypes.FLOATING:
        raise no_mean(dtype)
    return (_GLOBAL if ndim > 1 else _MEAN[1])(input, size=size)


@function(method=False)
def adaptive_avg_pool1d(input, output_size):
    """The means of `output_size` windows of about equal size that cover (N, C, L) or (C, L).

    Raises RuntimeError on other shapes, NotImplementedError unless the numbers are floating.
    """
    return _avg("adaptive_avg_pool1d", 1, input, output_size)


@function(namespace="nn")
def adaptive_avg_pool2d(input, output_size):
    """As `adaptive_avg_pool1d`, for (N, C, H, W) or (C, H, W). A size of None keeps that of the input."""
    return _avg("adaptive_avg_pool2d", 2, input, output_size)


@function(namespace="nn")
def adaptive_avg_pool3d(input, output_size):
    """As `adaptive_avg_pool2d`, for (N, C, D, H, W) or (C, D, H, W)."""
    return _avg("adaptive_avg_pool3d", 3, input, output_size)


def _maximum(name, ndim, input, output_size, return_indices):
    size = _checked(name, ndim, input, output_size, ":")
    _check_dtype(name, ndim, input)
    values, indices = _MAX[ndim](input, size=size)
    return (values, indices) if return_indices else values


@function(namespace="nn")
def adaptive_max_pool1d(input, output_size, return_indices=False):
    """The maxima of `output_size` windows of about equal size that cover (N, C, L) or (C, L), and with `return_indices` their
    indices. Raises what `adaptive_avg_pool1d` raises."""
    return _maximum("adaptive_max_pool1d", 1, input, output_size, return_indices)


@function(namespace="nn")
def adaptive_max_pool2d(input, output_size, return_indices=False):
    """As `adaptive_max_pool1d`, for (N, C, H, W) or (C, H, W). A size of None keeps that of the input."""
    return _maximum("adaptive_max_pool2d", 2, input, output_size, return_indices)


@function(namespace="nn")
def adaptive_max_pool3d(input, output_size, return_indices=False):
    """As `adaptive_max_pool2d`, for (N, C, D, H, W) or (C, D, H, W)."""
    return _maximum("adaptive_max_pool3d", 3, input, output_size, return_indices)
