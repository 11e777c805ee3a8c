"""Normalisation of every element of a batch by itself: layer_norm, group_norm, rms_norm."""

import math

import numpy as np

from .. import dtypes
from ..dtypes import F32
from ..graph import Tensor
from ..limits import finfo
from .channels import channel_dots, channel_sums, column_dots, row_dots
from .layer import array_of, layer, not_implemented
from .public import function
from .reduce import mean
from .reduce import sum as total
from .shape import reshape, shape_of
from .unary import rsqrt


# ---- rows brought to mean 0 and variance 1 -----------------------------------------------------------------------------
def _standardised(rows, eps):
    """The rows of a matrix, each normalised; the means and the 1 / deviations."""
    length = max(rows.shape[1], 1)
    mean = rows.sum(1, keepdims=True) / rows.dtype.type(length)
    out = rows - mean
    rstd = 1 / np.sqrt(np.einsum("rd,rd->r", out, out) / length + eps)[:, None]
    out *= rstd
    return out, mean, rstd


def _standard_rule(g, rows, mean, rstd, eps):
    """The normalised rows, and a function from the gradient of these to that of the rows."""
    length = shape_of(rows)[1]
    if isinstance(g, Tensor):  # the gradient is itself differentiated: the statistics depend on the rows
        mean = total(rows, 1, True) / length
        centred = rows - mean
        rstd = rsqrt(row_dots(centred, centred) / length + eps)
        normal = centred * rstd
    else:
        normal = (rows - mean) * rstd
    return normal, lambda h: (h - total(h, 1, True) / length - normal * (row_dots(h, normal) / length)) * rstd


def _check_dtype(x, w, b, title):
    if dtypes.category(x.dtype) != dtypes.FLOATING:
        raise not_implemented(title, x.dtype)
    for value in (w, b):
        if value is not None and value.dtype != x.dtype and not (x.itemsize == 2 and value.dtype == F32):
            raise RuntimeError("mixed dtype (CPU): expect parameter to have scalar type of Float" if x.dtype != dtypes.F64 else
                               "mixed dtype (CPU): all inputs must share same datatype.")


# ---- layer_norm ------------------------------------------------------------------------------------------------------
def _layer_norm(x, w, b, *, sizes, eps):
    out, mean, rstd = _standardised(x.reshape(-1, math.prod(sizes)), eps)
    if w is not None:
        out *= w.reshape(-1)
    if b is not None:
        out += b.reshape(-1)
    return out.reshape(x.shape), mean, rstd


def _layer_rule(g, x, w, mean, rstd, sizes, eps, needs):
    shape, length = shape_of(x), math.prod(sizes)
    h = reshape(g, (-1, length))
    normal, back = _standard_rule(h, reshape(x, (-1, length)), mean, rstd, eps)
    gradient = None
    if needs[0]:
        gradient = reshape(back(h if w is None else h * reshape(w, (length,))), shape)
    weight = reshape(column_dots(h, normal), sizes) if needs[1] else None
    return gradient, weight, reshape(total(h, 0), sizes) if needs[2] else None


_layer_op = layer("native_layer_norm", _layer_norm, _layer_rule, extras=("mean", "rstd"))


def _normalized(name, normalized_shape, x, w, b, star="*, "):
    """The sizes to normalise over, as a tuple, checked against the input and the weights."""
    if not isinstance(normalized_shape, (tuple, list)):
        raise TypeError(f"{name}(): argument 'normalized_shape' (position 2) must be tuple of ints, not "
                        f"{type(normalized_shape).__name__}")
    sizes = tuple([n.__index__() for n in normalized_shape])
    if not sizes:
        raise RuntimeError("Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but "
                           "got normalized_shape = []")
    for what, value in (("weight", w), ("bias", b)):
        if value is not None and value.shape != sizes:
            raise RuntimeError(f"Expected {what} to be of same shape as normalized_shape, but got {what} of shape "
                               f"{list(value.shape)} and normalized_shape = {list(sizes)}")
    if x.shape[-len(sizes):] != sizes:
        raise RuntimeError(f"Given normalized_shape={list(sizes)}, expected input with shape [{star}"
                           f"{', '.join(map(str, sizes))}], but got input of size{list(x.shape)}")
    return sizes


@function(namespace="nn")
def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05):
    """`(x - mean) / sqrt(var + eps) weight + bias`, with the mean and the variance over the last dimensions.

    `normalized_shape`: the sizes of these, and of `weight` and `bias`. Raises RuntimeError on other shapes and on mixed dtypes.
    See Ba, Kiros & Hinton, 2016, arXiv:1607.06450.
    """
    x = array_of(input, "layer_norm")
    w = None if weight is None else array_of(weight, "layer_norm", "weight", 3)
    b = None if bias is None else array_of(bias, "layer_norm", "bias", 4)
    sizes = _normalized("layer_norm", normalized_shape, x, w, b)
    _check_dtype(x, w, b, "LayerNormKernelImpl")
    return _layer_op(input, weight, bias, sizes=sizes, eps=eps)[0]


# ---- group_norm ------------------------------------------------------------------------------------------------------
def _group_norm(x, w, b, *, groups, eps):
    n, channels = x.shape[:2]
    out, mean, rstd = _standardised(x.reshape(n * groups, -1 if x.size else 0), eps)
    out = out.reshape(n, channels, -1 if x.size else 0)
    if w is not None:
        out *= w[:, None]
    if b is not None:
        out += b[:, None]
    return out.reshape(x.shape), mean, rstd


def _group_rule(g, x, w, mean, rstd, groups, eps, needs):
    shape = shape_of(x)
    n, channels = shape[:2]
    rows, by_channel = (n * groups, -1), (n, channels, -1)
    h = reshape(g, by_channel)
    normal, back = _standard_rule(g, reshape(x, rows), mean, rstd, eps)
    gradient = None
    if needs[0]:
        gradient = reshape(back(reshape(h if w is None else h * reshape(w, (channels, 1)), rows)), shape)
    weight = channel_dots(h, reshape(normal, by_channel)) if needs[1] else None
    return gradient, weight, channel_sums(h) if needs[2] else None


_group_op = layer("native_group_norm", _group_norm, _group_rule, extras=("mean", "rstd"))


@function(namespace="nn")
def group_norm(input, num_groups, weight=None, bias=None, eps=1e-05):
    """As `layer_norm`, over `num_groups` groups of the channels of (N, C, *); `weight` and `bias` have a number a channel.

    Raises RuntimeError unless the groups divide the channels. See Wu & He, 2018, arXiv:1803.08494.
    """
    x = array_of(input, "group_norm")
    shape = list(x.shape)
    if len(shape) < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {len(shape)}")
    if num_groups == 0:
        raise ZeroDivisionError("integer division or modulo by zero")
    if x.size and shape[0] * shape[1] // num_groups * math.prod(shape[2:]) == 1 and shape[1] % num_groups == 0:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {shape}")
    if shape[1] % num_groups:
        raise RuntimeError("Expected number of channels in input to be divisible by num_groups, but got input of shape "
                           f"{shape} and num_groups={num_groups}")
    w = None if weight is None else array_of(weight, "group_norm", "weight", 3)
    b = None if bias is None else array_of(bias, "group_norm", "bias", 4)
    for name, value in (("weight", w), ("bias", b)):
        if value is not None and value.shape != (shape[1],):
            raise RuntimeError(f"Expected {name} to be a vector of size equal to the number of channels in input, but got "
                               f"{name} of shape {list(value.shape)} and input of "
                               f"shape {shape}")
    _check_dtype(x, w, b, "GroupNormKernelImpl")
    return _group_op(input, weight, bias, groups=num_groups, eps=eps)[0]


# ---- rms_norm --------------------------------------------------------------------------------------------------------
def _rms_norm(x, w, *, length, eps):
    rows = x.reshape(-1, length)
    rstd = 1 / np.sqrt(np.einsum("rd,rd->r", rows, rows) / max(length, 1) + eps)[:, None]
    out = rows * rstd
    if w is not None:
        out *= w.reshape(-1)
    return out.reshape(x.shape), rstd


def _rms_rule(g, x, w, rstd, length, eps, needs):
    rows, h = reshape(x, (-1, length)), reshape(g, (-1, length))
    if isinstance(g, Tensor):
        rstd = rsqrt(row_dots(rows, rows) / length + eps)
    normal, gradient = rows * rstd, None
    if needs[0]:
        scaled = h if w is None else h * reshape(w, (length,))
        gradient = reshape((scaled - normal * (row_dots(scaled, normal) / length)) * rstd, shape_of(x))
    return gradient, reshape(column_dots(h, normal), shape_of(w)) if needs[1] else None


_rms_op = layer("rms_norm", _rms_norm, _rms_rule, extras=("rstd",), node="MulBackward0")


@function(method=False)
def rms_norm(input, normalized_shape, weight=None, eps=None):
    """`x / sqrt(mean(x^2) + eps) weight`, the mean over the last dimensions; `eps` is by default the dtype's precision.

    Raises RuntimeError on shapes that do not fit. See Zhang & Sennrich, 2019, arXiv:1910.07467.
    """
    x = array_of(input, "rms_norm")
    w = None if weight is None else array_of(weight, "rms_norm", "weight", 3)
    sizes = _normalized("rms_norm", normalized_shape, x, w, None, "*")
    if dtypes.category(x.dtype) < dtypes.FLOATING:
        raise not_implemented("rms_norm", x.dtype)
    if eps is None:
        eps = finfo(dtypes.of(F32 if x.itemsize == 2 else x.dtype)).eps
    if x.dtype.kind == "c":  # its square, not its absolute value
        normal = input * rsqrt(mean(input * input, tuple(range(-len(sizes), 0)), True) + eps)
        return normal if weight is None else normal * weight
    return _rms_op(input, weight, length=math.prod(sizes), eps=float(eps))[0]
