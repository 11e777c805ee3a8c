"""What the poolings share: their geometry, the checks of their arguments, and torch's errors."""

import numpy as np

from .. import dtypes
from ..batch import full
from .layer import array_of

_WORDS = {1: "one int", 2: "two ints", 3: "three ints"}


def spatial(value, ndim, name, argument):
    """`value`, one integer or one a dimension, as a tuple. Raises torch's RuntimeError or TypeError."""
    if type(value) is int:
        return (value,) * ndim
    if isinstance(value, (tuple, list)):
        if len(value) not in (1, ndim):
            if ndim == 1:
                raise RuntimeError(f"{name}() argument '{argument}' should contain one int (got {len(value)})")
            how = "either be omitted, a single int, or" if argument == "stride" else (
                "be either a single int, or" if argument == "dilation" else "either be a single int, or")
            raise RuntimeError(f"{name}: {argument} must {how} a tuple of {_WORDS[ndim]}")
        return tuple([v.__index__() for v in value]) * (ndim // len(value))
    if not hasattr(value, "__index__") or isinstance(value, bool):
        position = ("kernel_size", "stride", "padding", "dilation").index(argument) + 2
        raise TypeError(f"{name}(): argument '{argument}' (position {position}) must be tuple of ints, not "
                        f"{type(value).__name__}")
    return (value.__index__(),) * ndim


def window(name, input, ndim, kernel_size, stride, padding, dilation, ceil_mode):
    """(kernel, stride, padding, dilation, size of the output), checked against the input."""
    kernel = spatial(kernel_size, ndim, name, "kernel_size")
    unset = stride is None or (isinstance(stride, (tuple, list)) and not stride)
    stride = kernel if unset else spatial(stride, ndim, name, "stride")
    padding, dilation = spatial(padding, ndim, name, "padding"), spatial(dilation, ndim, name, "dilation")
    shape = array_of(input, name).shape
    _check_dims(name, shape, ndim)
    if not all(stride):
        raise RuntimeError("stride should not be zero")
    if any(k <= 0 for k in kernel) or any(s < 0 for s in stride):
        raise RuntimeError("kernel size and stride should be greater than zero, but got "
                           f"kernel_size={list(kernel)} and stride={list(stride)}")
    if any(d <= 0 for d in dilation):
        letters = ("dilationT", "dilationH", "dilationW")[-ndim:]
        raise RuntimeError("dilation should be greater than zero, but got "
                           + " ".join(f"{letter}: {d}" for letter, d in zip(letters, dilation, strict=True)))
    for p, k, d in zip(padding, kernel, dilation, strict=True):
        if p < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {p}")
        if p > ((k - 1) * d + 1) // 2:
            raise RuntimeError("max_pool1d() padding should be at most half of kernel size, but got padding="
                               f"{p} and kernel_size={k}" if name == "max_pool1d" else
                               "pad should be at most half of effective kernel size, but got "
                               f"pad={p}, kernel_size={k} and dilation={d}")
    size = tuple([_length(*args, ceil_mode) for args in zip(shape[-ndim:], kernel, stride, padding, dilation, strict=True)])
    if any(n < 1 for n in size):
        raise _too_small(name, shape, ndim, kernel, size)
    return kernel, stride, padding, dilation, size


def _check_dims(name, shape, ndim):
    if len(shape) not in (ndim + 1, ndim + 2):
        if name == "avg_pool1d":
            raise RuntimeError(f"Expected 2 to 3 dimensions, but got {len(shape)}-dimensional tensor for argument #1 'self' "
                               "(while checking arguments for avg_pool1d)")
        if name == "max_pool1d":
            raise RuntimeError("max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but "
                               f"got:{list(shape)}")
        if name == "avg_pool2d" and len(shape) < 3:
            raise IndexError(f"Dimension out of range (expected to be in range of [{-len(shape)}, {len(shape) - 1}], but got -3)")
        raise RuntimeError(f"non-empty {ndim + 1}D or {ndim + 2}D (batch mode) tensor expected for input")
    if 0 in shape[-ndim - 1:]:
        raise RuntimeError(f"Expected {ndim + 1}D or {ndim + 2}D (batch mode) tensor with optional 0 dim batch size for input, "
                           f"but got:{list(shape)}")


def _length(n, k, s, p, d, ceil_mode):
    span = n + 2 * p - d * (k - 1) - 1
    length = (span + (s - 1 if ceil_mode else 0)) // s + 1
    if ceil_mode and (length - 1) * s >= n + p:  # the last window must start inside the image or its left padding
        length -= 1
    return length


def _too_small(name, shape, ndim, kernel, size):
    if name == "max_pool1d":
        return RuntimeError(f"max_pool1d() Invalid computed output size: {size[0]}")
    if name == "avg_pool3d":
        places = [" ".join(f"{letter}: {n}" for letter, n in zip(letters, values, strict=True))
                  for letters, values in ((("T", "H", "W"), shape[-3:]), (("kT", "kH", "kW"), kernel))]
        return RuntimeError(f"input image ({places[0]}) smaller than kernel size ({places[1]})")
    channels = shape[-ndim - 1]
    before, after = (shape[-ndim:], size) if ndim > 1 else ((1, *shape[-1:]), (1, *size))
    text = ["x".join(map(str, (channels, *values))) for values in (before, after)]
    return RuntimeError(f"Given input size: ({text[0]}). Calculated output size: ({text[1]}). Output size is too small")


def padded(x, size, kernel, stride, padding, dilation, value):
    """x with `value` around its last dimensions, as far as the windows reach, and not less than x."""
    ndim = len(size)
    reach = [(n - 1) * s + d * (k - 1) + 1 for n, k, s, d in zip(size, kernel, stride, dilation, strict=True)]
    inner = x.shape[-ndim:]
    if not any(padding) and all(r <= n for r, n in zip(reach, inner, strict=True)):
        return x
    lengths = [max(r, n + p) for r, n, p in zip(reach, inner, padding, strict=True)]
    whole = full((*x.shape[:-ndim], *lengths), value, x.dtype, x)
    whole[cropped(inner, padding)] = x
    return whole


def cropped(inner, padding):
    """The index of the image inside what `padded` made of it."""
    return (..., *[slice(p, p + n) for p, n in zip(padding, inner, strict=True)])


def lowest(dtype):
    """The value that no maximum prefers."""
    return -np.inf if dtypes.category(dtype) == dtypes.FLOATING else np.iinfo(dtype).min
