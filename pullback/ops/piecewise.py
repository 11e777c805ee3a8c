"""Activations made of straight pieces: the rectifier's relatives and the shrinking functions. Each keeps its input."""

import numpy as np

from .. import dtypes, errors
from ..limits import finfo
from .binary import where
from .choose import select
from .layer import array_of, layer, not_implemented, written
from .public import function
from .scalar import as_element


def _leaky_relu(x, *, negative_slope):
    scaled = x * negative_slope
    return np.maximum(x, scaled) if negative_slope <= 1 else np.minimum(x, scaled)


def _hardswish(x):
    o = np.minimum(np.maximum(x + 3, 0), 6)
    o *= x
    o /= 6
    return o


def _hardsigmoid(x):
    return np.minimum(np.maximum(x + 3, 0), 6) / 6


def _softshrink(x, *, lambd):
    return x - np.clip(x, -lambd, lambd)


def _shrunk(g, x, lambd):
    return where((x >= -lambd) & (x <= lambd), 0.0, g)


_leaky_relu_op = layer("leaky_relu", _leaky_relu, (lambda g, x, negative_slope: where(x > 0, g, g * negative_slope),),
                       title="leaky_relu_cpu", symmetric=True)
_hardtanh_op = layer("hardtanh", lambda x, *, min_val, max_val: np.clip(x, min_val, max_val),
                     (lambda g, x, min_val, max_val: where((x <= min_val) | (x >= max_val), 0.0, g),), symmetric=True)
_hardsigmoid_op = layer("hardsigmoid", _hardsigmoid, (lambda g, x: where((x > -3) & (x < 3), g / 6, 0.0),),
                        title="hardsigmoid_cpu", symmetric=True)
_hardswish_op = layer("hardswish", _hardswish,
                      (lambda g, x: where(x <= -3, 0.0, where(x < 3, g * (x / 3 + 0.5), g)),), title="hardswish_cpu",
                      symmetric=True)
_softshrink_op = layer("softshrink", _softshrink, (_shrunk,), title="softshrink_check", symmetric=True)
_hardshrink_op = layer("hardshrink", lambda x, *, lambd: select((x >= -lambd) & (x <= lambd), 0.0, x),
                       (_shrunk,), title="hardshrink_cpu", symmetric=True)
_threshold_op = layer("threshold", lambda x, *, threshold, value: select(x <= threshold, x.dtype.type(value), x),
                      (lambda g, x, threshold: where(x <= threshold, 0.0, g),), symmetric=True)


@function(namespace="nn")
def leaky_relu(input, negative_slope=0.01, inplace=False):
    """x where it is positive, `negative_slope x` elsewhere. Raises NotImplementedError unless the numbers are floating."""
    array_of(input, "leaky_relu")
    return written(_leaky_relu_of, inplace, input, negative_slope)


def _leaky_relu_of(input, negative_slope):
    return _leaky_relu_op(input, negative_slope=negative_slope)


@function(namespace="nn")
def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """x limited to [min_val, max_val]; at the limits the gradient is zero. Raises ValueError if min_val > max_val."""
    dtype = array_of(input, "hardtanh").dtype
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    if dtype.kind == "b":
        raise RuntimeError("Bool inputs not supported for hardtanh")
    if dtype.kind == "c":
        raise NotImplementedError("clamp is not supported for complex types")
    if dtype.kind in "iu":
        min_val, max_val = int(min_val), int(max_val)
        if dtype.kind == "u" and min_val < 0:
            raise RuntimeError("cannot do hardtanh on an unsigned type with negative limits")
        min_val, max_val = as_element(min_val, dtype), as_element(max_val, dtype)
    return written(_hardtanh_of, inplace, input, min_val, max_val)


def _hardtanh_of(input, min_val, max_val):
    return _hardtanh_op(input, min_val=min_val, max_val=max_val)


@function(namespace="nn")
def relu6(input, inplace=False):
    """x limited to [0, 6]."""
    array_of(input, "relu6")
    return hardtanh(input, 0.0, 6.0, inplace)


@function(namespace="nn")
def hardsigmoid(input, inplace=False):
    """`min(max(x + 3, 0), 6) / 6`. Raises NotImplementedError unless the numbers are floating."""
    array_of(input, "hardsigmoid")
    return written(_hardsigmoid_op, inplace, input)


@function(namespace="nn")
def hardswish(input, inplace=False):
    """`x min(max(x + 3, 0), 6) / 6`. Raises NotImplementedError unless the numbers are floating."""
    array_of(input, "hardswish")
    return written(_hardswish_op, inplace, input)


@function(namespace="nn")
def softshrink(input, lambd=0.5):
    """x moved towards zero by `lambd`, stopping there. Raises RuntimeError if `lambd` is negative."""
    dtype = array_of(input, "softshrink").dtype
    if dtypes.category(dtype) != dtypes.FLOATING:
        raise not_implemented("softshrink_check", dtype)
    if lambd < 0:
        raise RuntimeError(f"lambda must be in range [0, {float(finfo(dtypes.of(dtype)).max):g}] for input dtype "
                           f"{errors.title(dtype)}, but found {lambd:g}")
    return _softshrink_op(input, lambd=lambd)


@function
def hardshrink(input, lambd=0.5):
    """x where `|x|` is above `lambd`, zero elsewhere. Raises NotImplementedError unless the numbers are floating."""
    array_of(input, "hardshrink")
    return _hardshrink_op(input, lambd=lambd)


@function(namespace="nn")
def threshold(input, threshold, value, inplace=False):
    """x where it is above `threshold`, `value` elsewhere. Raises NotImplementedError on bool and complex numbers."""
    dtype = array_of(input, "threshold").dtype
    if dtype.kind in "bc":
        raise not_implemented("threshold_cpu", dtype)
    return written(_threshold_of, inplace, input, threshold, value)


def _threshold_of(input, threshold, value):
    return _threshold_op(input, threshold=threshold, value=value)
