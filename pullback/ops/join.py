"""Joining tensors along a dimension, and taking them apart again."""

import math

import numpy as np

from .. import dtypes, errors
from ..batch import row_major
from ..graph import Tensor
from ..shapes import wrap_dim
from .public import function
from .record import Op, view
from .shape import reshape, shape_of, slice_op


def along(dim, part):
    """The NumPy key that takes `part` of dimension `dim`."""
    return (*[slice(None)] * dim, part, ...)


def _concatenate(*arrays, dim, ends, dtype):  # `ends`, where each array ends, is for the rule
    return row_major(np.concatenate(arrays, dim, dtype=dtype, casting="unsafe"))


def _uncat(g, needs, dim, ends):
    return [slice_op(g, index=along(dim, slice(start, end))) if need else None
            for start, end, need in zip((0, *ends), ends, needs, strict=False)]


def _stack(*arrays, dim, dtype):
    key = along(dim, None)
    return row_major(np.concatenate([array[key] for array in arrays], dim, dtype=dtype, casting="unsafe"))


def _split(x, *, dim, sizes):
    parts, start = [], 0
    for size in sizes:
        parts.append(x[along(dim, slice(start, start + size))])
        start += size
    return parts


def _unbind(x, *, dim):
    return [x[along(dim, i)] for i in range(x.shape[dim])]


_cat_op = Op("cat", _concatenate, _uncat, linear=True)
_stack_op = Op("stack", _stack, lambda g, dim: unbind(g, dim), linear=True)
_split_op = view("split", _split, lambda g, dim: cat(g, dim), many=True)
_split_with_sizes = view("split_with_sizes", _split, lambda g, dim: cat(g, dim), many=True)
_unbind_op = view("unbind", _unbind, lambda g, dim: stack(g, dim), many=True)


# ---- joining ---------------------------------------------------------------------------------------------------------
def checked_list(name, tensors):
    """`tensors` as a list. Raises torch's TypeError unless it is a list or tuple of tensors."""
    if not isinstance(tensors, (list, tuple)):
        raise errors.not_tensor(name, "tensors", 1, tensors, "tuple of Tensors")
    for i, value in enumerate(tensors):
        if not isinstance(value, Tensor) and not hasattr(value, "dtype"):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(value).__name__}")
    return list(tensors)


def _common_dtype(tensors):
    """The dtype of the joined tensors by torch's rules of promotion; None where NumPy's agree."""
    arrays = [value._array if isinstance(value, Tensor) else value for value in tensors]
    first = arrays[0].dtype
    return None if all([array.dtype == first for array in arrays]) else dtypes.result_numpy(arrays)


@function(method=False, out=True)
def cat(tensors, dim=0):
    """The tensors one after the other along `dim`; all other sizes must agree. Dtypes are promoted.

    Raises ValueError on an empty list, RuntimeError on sizes that do not match. An empty 1-dim tensor fits anywhere.
    """
    tensors = checked_list("cat", tensors)
    if not tensors:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    dtype = _common_dtype(tensors)
    given = [shape_of(value) for value in tensors]
    shape = next((s for s in given if s != (0,)), (0,))
    dim = wrap_dim(dim, len(shape))
    ends, end = [], 0
    for i, other in enumerate(given):
        if other != shape and other != (0,):
            _check_joins(shape, other, dim, i)
        elif not other:
            raise RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
        end += other[dim] if other != (0,) else 0
        ends.append(end)
    if shape != (0,) and (0,) in given:
        empty = (*shape[:dim], 0, *shape[dim + 1 :])
        tensors = [value if s != (0,) else reshape(value, empty) for value, s in zip(tensors, given, strict=True)]
    return _cat_op(*tensors, dim=dim, ends=tuple(ends), dtype=dtype)


def _check_joins(shape, other, dim, position):
    if not other:
        raise RuntimeError(f"zero-dimensional tensor (at position {position}) cannot be concatenated")
    if len(shape) != len(other):
        raise RuntimeError(f"Tensors must have same number of dimensions: got {len(shape)} and {len(other)}")
    for i, (a, b) in enumerate(zip(shape, other, strict=True)):
        if a != b and i != dim:
            raise RuntimeError(f"Sizes of tensors must match except in dimension {dim}. Expected size {a} but got size {b} for "
                               f"tensor number {position} in the list.")


@function(method=False, out=True)
def concat(tensors, dim=0):
    """`cat` under another name."""
    return cat(tensors, dim)


@function(method=False, out=True)
def concatenate(tensors, dim=0):
    """`cat` under NumPy's name."""
    return cat(tensors, dim)


@function(method=False, out=True)
def stack(tensors, dim=0):
    """The tensors, all of one shape, along a new dimension `dim`. Raises RuntimeError if shapes differ or there are none."""
    tensors = checked_list("stack", tensors)
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    shape = shape_of(tensors[0])
    dim = wrap_dim(dim, len(shape) + 1)
    for i, value in enumerate(tensors):
        if shape_of(value) != shape:
            raise RuntimeError(f"stack expects each tensor to be equal size, but got {list(shape)} at entry 0 and "
                               f"{list(shape_of(value))} at entry {i}")
    return _stack_op(*tensors, dim=dim, dtype=_common_dtype(tensors))


# ---- taking apart ----------------------------------------------------------------------------------------------------
@function
def split(input, split_size_or_sections, dim=0):
    """Views of the parts of `input` along `dim`: of one size (the last may be smaller), or of the sizes in a list.

    Raises RuntimeError on sizes that are negative or do not add up.
    """
    size, shape = split_size_or_sections, shape_of(input)
    several = isinstance(size, (list, tuple))
    if not several and not hasattr(size, "__index__"):
        raise errors.not_tensor("split_with_sizes", "split_sizes", 2, size, "tuple of ints")
    if not shape:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    if several:
        return split_with_sizes(input, size, dim)
    size, dim = size.__index__(), wrap_dim(dim, len(shape))
    if size < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={size}")
    if not size and shape[dim]:
        raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {shape[dim]}")
    return _split_op(input, dim=dim, sizes=_even(shape[dim], size))


def _even(length, size):
    """Parts of `size`, the last with what is left; one empty part of an empty dimension."""
    if not length:
        return (0,)
    count = math.ceil(length / size)
    return (size,) * (count - 1) + (length - size * (count - 1),)


@function
def split_with_sizes(input, split_sizes, dim=0):
    """Views of the parts of `input` along `dim` of the sizes in a list. Raises RuntimeError if they do not add up."""
    shape = shape_of(input)
    if not shape:
        raise RuntimeError("split_with_sizes expects at least a 1-dimensional tensor")
    dim, sizes = wrap_dim(dim, len(shape)), tuple([size.__index__() for size in split_sizes])
    if any(size < 0 for size in sizes):
        raise RuntimeError(f"split_with_sizes expects split_sizes have only non-negative entries, but got "
                           f"split_sizes={list(sizes)}")
    if sum(sizes) != shape[dim]:
        raise RuntimeError(f"split_with_sizes expects split_sizes to sum exactly to {shape[dim]} (input tensor's size at "
                           f"dimension {dim}), but got split_sizes={list(sizes)}")
    return _split_with_sizes(input, dim=dim, sizes=sizes)


@function
def chunk(input, chunks, dim=0):
    """Views of at most `chunks` parts of `input` along `dim`, equal but for the last. Raises RuntimeError unless chunks > 0."""
    shape = shape_of(input)
    if not shape:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    dim = wrap_dim(dim, len(shape))
    if not shape[dim]:
        return _split_with_sizes(input, dim=dim, sizes=(0,) * chunks)
    return _split_op(input, dim=dim, sizes=_even(shape[dim], math.ceil(shape[dim] / chunks)))


@function
def unbind(input, dim=0):
    """Views of `input` at each place along `dim`, which goes. Raises IndexError on a 0-dim tensor."""
    shape = shape_of(input)
    if not shape:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    dim = wrap_dim(dim, len(shape))
    return _unbind_op(input, dim=dim) if shape[dim] else ()


@function
def tensor_split(input, indices_or_sections, dim=0):
    """Views of the parts of `input` along `dim`: so many, nearly equal, or cut at the indices in a list or 1-dim tensor.

    Raises RuntimeError unless the number is positive.
    """
    shape = shape_of(input)
    if not shape:
        raise RuntimeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")
    dim, cuts = wrap_dim(dim, len(shape)), indices_or_sections
    if isinstance(cuts, Tensor):
        if cuts._array.dtype != dtypes.I64:
            raise RuntimeError("tensor_split expected tensor_indices_or_sections to have dtype of long, but got "
                               f"{errors.title(cuts._array.dtype)}")
        cuts = cuts.tolist()
    if not isinstance(cuts, (list, tuple)):
        if cuts <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {cuts}")
        small, more = divmod(shape[dim], cuts)
        cuts = [i * small + min(i, more) for i in range(1, cuts)]
    parts = zip([0, *cuts], [*cuts, shape[dim]], strict=True)
    return tuple([slice_op(input, index=along(dim, slice(start, end))) for start, end in parts])


def _axis_split(name, needs, axis):
    def method(input, indices_or_sections):
        ndim = len(shape_of(input))
        if ndim < needs:
            raise RuntimeError(f"torch.{name} requires a tensor with at least {needs} dimension, but got a tensor with {ndim} "
                               "dimensions!")
        dim, cuts = axis if ndim > 1 else 0, indices_or_sections
        if isinstance(cuts, int) and (cuts <= 0 or shape_of(input)[dim] % cuts):
            raise RuntimeError(f"torch.{name} attempted to split along dimension {dim}, but the size of the dimension "
                               f"{shape_of(input)[dim]} is not divisible by the split_size {cuts}!")
        return tensor_split(input, cuts, dim)

    method.__name__ = name
    method.__doc__ = f"`tensor_split` along dimension {axis}. Raises RuntimeError if a number of parts does not divide it."
    return function(method)


hsplit, vsplit, dsplit = _axis_split("hsplit", 1, 1), _axis_split("vsplit", 2, 0), _axis_split("dsplit", 3, 2)
