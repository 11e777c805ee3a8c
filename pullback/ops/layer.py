"""What the operations of neural networks share: their records' number types, their arguments' checks, their `inplace` flag."""

import numpy as np

from .. import dtypes, errors
from ..batch import Batched
from ..dtypes import F32, F64
from ..graph import Tensor
from .inplace import inplace
from .record import Op, _input_names


def layer(name, kernel, rules, *, title=None, **options):
    """A record whose `kernel` is written for float32 and float64.

    Half precision is widened before it and rounded after it. If `title` is given, other number types raise torch's error,
    in which the function at fault has this name.
    """
    inputs = options.pop("inputs", None) or _input_names(kernel)

    def forward(*arrays, **params):
        dtype = arrays[0].dtype
        if dtype is F32 or dtype is F64 or dtype == F32 or dtype == F64:
            return kernel(*arrays, **params)
        if dtypes.category(dtype) != dtypes.FLOATING:
            if title is not None:
                raise not_implemented(title, dtype)
            return kernel(*arrays, **params)
        result = kernel(*map(_widened, arrays), **params)
        if type(result) is tuple:
            return result[0].astype(dtype), *result[1:]
        return result.astype(dtype)

    return Op(name, forward, rules, inputs=inputs, **options)


def _widened(array):
    if isinstance(array, (np.ndarray, Batched)) and dtypes.is_half(array.dtype):
        return array.astype(F32)
    return array


def not_implemented(title, numpy_dtype):
    """torch's error for a number type that an operation has no kernel for."""
    return NotImplementedError(f"\"{title}\" not implemented for '{errors.title(numpy_dtype)}'")


def array_of(value, function, argument="input", position=1):
    """The array in a tensor; an array as it is. Raises TypeError for anything else."""
    if isinstance(value, Tensor):
        return value._array
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return value
    raise errors.not_tensor(function, argument, position, value)


def written(call, inplace_flag, input, *args):
    """`call(input, *args)`; if `inplace_flag`, the result is written to `input` by the rules for in-place operations."""
    return inplace(call)(input, *args) if inplace_flag else call(input, *args)


def sized(value, count, name, what="an integer or a sequence of integers"):
    """`value`, one integer for all dimensions or one a dimension, as a tuple of `count` ints. Raises torch's errors."""
    if isinstance(value, (tuple, list)):
        found = tuple([v if type(v) is int else v.__index__() for v in value])
        if len(found) == 1:
            return found * count
        if len(found) != count:
            raise RuntimeError(f"expected {name} to be a single integer value or a list of {count} values to match the "
                               f"convolution dimensions, but got {name}={list(found)}")
        return found
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be {what}, not {type(value).__name__}")
    return (value.__index__(),) * count
