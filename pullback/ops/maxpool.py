"""Maximum pooling. What is kept for backward is, for each window, which of its elements is the largest: a byte as a rule."""

import math
from itertools import product

import numpy as np

from ..batch import pick, row_major, zeros
from ..batch import whole as whole_of
from ..graph import Tensor
from ..mode import settled
from .choose import select
from .layer import array_of, layer, not_implemented
from .pooling import cropped, lowest, padded, window
from .public import function
from .record import Op


def _slices(offset, size, stride, dilation):
    return (..., *[slice(i * d, i * d + (n - 1) * s + 1, s) for i, n, s, d in zip(offset, size, stride, dilation, strict=True)])


def _offsets(kernel):
    return product(*map(range, kernel))


def _maximum(x, *, size, kernel, stride, padding, dilation):
    """The largest element of each window. A NaN is larger than everything."""
    p = padded(x, size, kernel, stride, padding, dilation, lowest(x.dtype))
    offsets = _offsets(kernel)
    best = p[_slices(next(offsets), size, stride, dilation)].copy()
    for offset in offsets:
        np.maximum(best, p[_slices(offset, size, stride, dilation)], out=best)
    return best


def _max_pool(x, *, size, kernel, stride, padding, dilation):
    """The largest element of each window, and which one it is, counted in the order of the kernel."""
    p = padded(x, size, kernel, stride, padding, dilation, lowest(x.dtype))
    small = math.prod(kernel) <= 256
    best, which = None, zeros((*x.shape[:-len(size)], *size), np.uint8 if small else np.int64, x)
    better, place = np.empty_like(which, bool), np.empty_like(which)
    for number, offset in enumerate(_offsets(kernel)):
        values = p[_slices(offset, size, stride, dilation)]
        if best is None:
            best = values.copy()
            continue
        np.greater(values, best, out=better)
        np.maximum(best, values, out=best)
        np.multiply(better, which.dtype.type(number), out=place)
        np.maximum(which, place, out=which)  # the numbers grow: the last that was better is the largest
    if best.dtype.kind not in "biu" and np.isnan(whole_of(best)).any():
        _find_nan(p, which, size, kernel, stride, dilation)
    return best, which


def _find_nan(p, which, size, kernel, stride, dilation):
    """Let the windows that hold NaN point to the last one."""
    for number, offset in enumerate(_offsets(kernel)):
        which[np.isnan(p[_slices(offset, size, stride, dilation)])] = number


def _put(g, which, *, shape, size, kernel, stride, padding, dilation):
    """Each window's number at the place of its largest element, in an image of `shape`."""
    inner = shape[-len(size):]
    lengths = [max((n - 1) * s + d * (k - 1) + 1, whole + p)
               for n, k, s, d, whole, p in zip(size, kernel, stride, dilation, inner, padding, strict=True)]
    whole = zeros((*shape[:-len(size)], *lengths), g.dtype, g, which)
    apart = all(s >= d * (k - 1) + 1 for k, s, d in zip(kernel, stride, dilation, strict=True))
    for number, offset in enumerate(_offsets(kernel)):
        target, here = whole[_slices(offset, size, stride, dilation)], which == number
        if apart:
            target[...] = select(here, g, 0.0)
        else:
            target += select(here, g, 0.0)
    return row_major(whole[cropped(inner, padding)])


def _pick(x, which, *, size, kernel, stride, padding, dilation):
    """The element of each window that `which` names."""
    p = padded(x, size, kernel, stride, padding, dilation, 0)
    result = zeros(which.shape, x.dtype, x, which)
    for number, offset in enumerate(_offsets(kernel)):
        result = select(which == number, p[_slices(offset, size, stride, dilation)], result)
    return result


def _flat_places(which, *, shape, size, kernel, stride, padding, dilation):
    """The index in its image of each window's largest element, of int64."""
    steps = [math.prod(shape[d + 1:]) for d in range(len(shape))]
    strides = [d * step for d, step in zip(dilation, steps, strict=True)]
    inside = np.array([sum(i * step for i, step in zip(offset, strides, strict=True)) for offset in _offsets(kernel)])
    starts = [(np.arange(n) * s - p) * step for n, s, p, step in zip(size, stride, padding, steps, strict=True)]
    return pick(inside, which) + sum(np.ix_(*starts))


def _max_rule(g, which, x_shape, size, kernel, stride, padding, dilation):
    return _put_op(g, which, shape=x_shape, size=size, kernel=kernel, stride=stride, padding=padding, dilation=dilation)


def _pick_rule(g, which, size, kernel, stride, padding, dilation):
    return _pick_op(g, which, size=size, kernel=kernel, stride=stride, padding=padding, dilation=dilation)


_put_op = layer("max_pool_put", _put, (_pick_rule, None), node="MaxPoolBackwardBackward0", linear=True)
_pick_op = layer("max_pool_pick", _pick, (_max_rule, None), inputs=("x", "which"), linear=True)
_places_op = Op("max_pool_places", _flat_places, (None,))
_values_op = Op("max_pool_values", _maximum, (None,))
_WITH_INDICES = {
    ndim: layer(name, _max_pool, (_max_rule,), extras=("which",), node=node, jvp=(_pick_rule,))
    for ndim, name, node in ((1, "max_pool1d_with_indices", "SqueezeBackward1"), (2, "max_pool2d_with_indices", None),
                             (3, "max_pool3d_with_indices", None))}
_WITH_INDICES[2].node.__name__ = "MaxPool2DWithIndicesBackward0"
_WITH_INDICES[3].node.__name__ = "MaxPool3DWithIndicesBackward0"


def _max(name, ndim, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices):
    kernel, stride, padding, dilation, size = window(name, input, ndim, kernel_size, stride, padding, dilation, ceil_mode)
    x = array_of(input, name)
    alone = ndim == 1 and not return_indices  # torch then has a kernel of its own
    if x.dtype.kind in "bc" or (alone and x.dtype.kind in "iu"):
        raise not_implemented("max_pool1d_impl" if alone else f"max_pool{max(ndim, 2)}d", x.dtype)
    params = {"size": size, "kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    if not return_indices and (not isinstance(input, Tensor) or input._edge is None or not settled().recording):
        return _values_op(input, **params)
    values, which = _WITH_INDICES[ndim](input, **params)
    return (values, _places_op(which, shape=x.shape[-ndim:], **params)) if return_indices else values


@function(namespace="nn")
def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest element of each window of (N, C, L) or (C, L); with `return_indices` also its index.

    `stride` is by default the kernel size; `padding` is never larger than an element; with `ceil_mode` a window may reach over
    the end. Raises RuntimeError on sizes that leave no output.
    """
    return _max("max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@function(namespace="nn")
def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """As `max_pool1d`, for (N, C, H, W) or (C, H, W). An index counts through the rows of one image."""
    return _max("max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@function(namespace="nn")
def max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """As `max_pool1d`, for (N, C, D, H, W) or (C, D, H, W)."""
    return _max("max_pool3d", 3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def _with_indices(ndim, pool):
    def call(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        return pool(input, kernel_size, stride, padding, dilation, ceil_mode, True)

    name = f"max_pool{ndim}d_with_indices"
    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"`max_pool{ndim}d` with `return_indices=True`."
    return function(call, namespace="nn")


max_pool1d_with_indices = _with_indices(1, max_pool1d)
max_pool2d_with_indices = _with_indices(2, max_pool2d)
max_pool3d_with_indices = _with_indices(3, max_pool3d)
