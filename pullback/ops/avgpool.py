"""Average pooling, over windows of one size and over windows that divide the image (adaptive)."""

import math

import numpy as np

from ..batch import row_major, zeros
from .layer import array_of, layer, not_implemented
from .pooling import cropped, padded, spatial, window
from .public import function
from .unary import abs as absolute
from .unary import relu, sign


# ---- windows of one size ---------------------------------------------------------------------------------------------
def _along(axis, start, length, step):
    """Every `step`-th of an axis counted from the end, `length` of them, from `start` on."""
    return (..., slice(start, start + (length - 1) * step + 1, step), *[slice(None)] * (-axis - 1))


def _counts(inner, size, kernel, stride, padding, include):
    """The number of elements in each window along each dimension, those of the padding with `include`."""
    counts = []
    for n, length, k, s, p in zip(inner, size, kernel, stride, padding, strict=True):
        start = np.arange(length) * s - p
        end = np.minimum(start + k, n + p)
        counts.append(end - start if include else np.minimum(end, n) - np.maximum(start, 0))
    return counts


def _divided(x, inner, size, kernel, stride, padding, include, divisor):
    """x divided by the number of elements of its window, or by `divisor`."""
    if divisor is None:
        counts = _counts(inner, size, kernel, stride, padding, include)
        if all((c == k).all() for c, k in zip(counts, kernel, strict=True)):
            divisor = math.prod(kernel)
        else:
            divisor = math.prod(np.ix_(*counts)).astype(x.dtype)
    return x / divisor if x.dtype.kind not in "iu" else np.trunc(x / divisor).astype(x.dtype)


def _avg(x, *, size, kernel, stride, padding, include, divisor):
    total = padded(x, size, kernel, stride, padding, (1,) * len(size), 0)
    for axis in range(-1, -len(size) - 1, -1):
        length, step = size[axis], stride[axis]
        sums = total[_along(axis, 0, length, step)]
        for start in range(1, kernel[axis]):
            if start == 1:
                sums = sums + total[_along(axis, 1, length, step)]
            else:
                sums += total[_along(axis, start, length, step)]
        total = sums
    return _divided(total, x.shape[-len(size):], size, kernel, stride, padding, include, divisor)


def _avg_back(g, *, shape, kernel, stride, padding, include, divisor):
    size, inner = g.shape[len(g.shape) - len(kernel):], shape[-len(kernel):]
    whole = _divided(g, inner, size, kernel, stride, padding, include, divisor)
    for axis in range(-len(size), 0):
        length, step = size[axis], stride[axis]
        reach = max((length - 1) * step + kernel[axis], inner[axis] + padding[axis])
        spread = zeros((*whole.shape[:axis], reach, *(whole.shape[axis + 1:] if axis < -1 else ())), g.dtype, g)
        for start in range(kernel[axis]):
            spread[_along(axis, start, length, step)] += whole
        whole = spread
    return row_major(whole[cropped(inner, padding)])


def _avg_rule(g, x_shape, kernel, stride, padding, include, divisor):
    return _avg_back_op(g, shape=x_shape, kernel=kernel, stride=stride, padding=padding, include=include, divisor=divisor)


_avg_back_op = layer("avg_pool_backward", _avg_back, (
    lambda g, g_shape, kernel, stride, padding, include, divisor: _AVG[2](
        g, size=g_shape[-len(kernel):], kernel=kernel, stride=stride, padding=padding, include=include, divisor=divisor),),
    inputs=("g",), linear=True)
_AVG = {ndim: layer(f"avg_pool{ndim}d", _avg, (_avg_rule,), node=node, linear=True) for ndim, node in (
    (1, "SqueezeBackward1"), (2, "AvgPool2DBackward0"), (3, "AvgPool3DBackward0"))}


def _pool(name, ndim, input, kernel_size, stride, padding, ceil_mode, include, divisor):
    kernel, stride, padding, _, size = window(name, input, ndim, kernel_size, stride, padding, 1, ceil_mode)
    if divisor == 0:
        raise RuntimeError("divisor must be not zero")
    dtype = array_of(input, name).dtype
    if dtype.kind in "bc":
        raise not_implemented(f"avg_pool{max(ndim, 2)}d_out_frame" if ndim != 2 else "avg_pool2d", dtype)
    return _AVG[ndim](input, size=size, kernel=kernel, stride=stride, padding=padding, include=include, divisor=divisor)


@function(method=False)
def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """The mean of each window of (N, C, L) or (C, L); the zeros of the padding count unless `count_include_pad` is false.

    `stride` is by default the kernel size; with `ceil_mode` a window may reach over the end. Raises RuntimeError on sizes that
    leave no output.
    """
    return _pool("avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


@function(namespace="nn")
def avg_pool2d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
    """As `avg_pool1d`, for (N, C, H, W) or (C, H, W). `divisor_override` is what the sums are divided by instead."""
    return _pool("avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


@function(namespace="nn")
def avg_pool3d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
    """As `avg_pool2d`, for (N, C, D, H, W) or (C, D, H, W)."""
    return _pool("avg_pool3d", 3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def _lp_pool(ndim, pool):
    def call(input, norm_type, kernel_size, stride=None, ceil_mode=False):
        kernel = spatial(kernel_size, ndim, call.__name__, "kernel_size")
        mean = pool(input ** norm_type, kernel_size, stride, 0, ceil_mode)
        return (sign(mean) * relu(absolute(mean)) * math.prod(kernel)) ** (1.0 / norm_type)

    call.__name__ = call.__qualname__ = f"lp_pool{ndim}d"
    call.__doc__ = "The p-norm of each window, p being `norm_type`: `(sum x^p)^(1/p)`, where the sum is positive."
    return function(call, namespace="nn")


lp_pool1d, lp_pool2d, lp_pool3d = _lp_pool(1, avg_pool1d), _lp_pool(2, avg_pool2d), _lp_pool(3, avg_pool3d)
