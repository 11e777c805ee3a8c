"""Windows on a tensor: parts, diagonals, and whatever strides can say; and tensors with a window replaced."""

import numpy as np

from .. import errors, memory
from ..batch import Batched, batched, copied, levels_of, sample, zeros
from ..batch import whole as whole_of
from ..graph import Tensor
from ..shapes import wrap_dim
from .axes import look_through
from .inplace import target_first
from .join import along
from .place import Window, put_window
from .public import function
from .record import Op, linear, view
from .shape import select_op, shape_of, slice_op


# ---- parts -----------------------------------------------------------------------------------------------------------
@function
def select(input, dim, index):
    """A view of the entries at `index` along `dim`, which goes. Raises IndexError out of range."""
    shape = shape_of(input)
    if not shape:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    dim, index = wrap_dim(dim, len(shape)), index.__index__()
    if not -shape[dim] <= index < shape[dim]:
        raise IndexError(f"select(): index {index} out of range for tensor of size {list(shape)} at dimension {dim}")
    return select_op(input, index=along(dim, index))


@function
def narrow(input, dim, start, length):
    """A view of `length` entries from `start` on along `dim`. Raises RuntimeError where the end would lie outside."""
    shape = shape_of(input)
    if not shape:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    dim, start = wrap_dim(dim, len(shape)), start.__index__()
    size = shape[dim]
    if not -size <= start <= size:
        raise IndexError(f"start out of range (expected to be in range of [{-size}, {size}], but got {start})")
    start += size if start < 0 else 0
    if start + length > size:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({size}).")
    return slice_op(input, index=along(dim, slice(start, start + length)))


# ---- diagonals -------------------------------------------------------------------------------------------------------
def _diagonal(x, *, offset, dim1, dim2):
    window = x.diagonal(offset, dim1, dim2)
    if x.flags.writeable:
        window.flags.writeable = True
    return window


def _undiagonal(x, *, offset, dim1, dim2, shape):
    whole = zeros(shape, x.dtype, x)
    _diagonal(whole, offset=offset, dim1=dim1, dim2=dim2)[...] = x
    return whole


def _to_diagonal(g, offset, dim1, dim2, x_shape):
    return _undiagonal_op(g, offset=offset, dim1=dim1, dim2=dim2, shape=x_shape)


def _from_diagonal(g, offset, dim1, dim2):
    return diagonal_op(g, offset=offset, dim1=dim1, dim2=dim2)


diagonal_op = view("diagonal", _diagonal, _to_diagonal)
_diagonal_copy = linear("diagonal_copy", lambda x, *, offset, dim1, dim2: x.diagonal(offset, dim1, dim2).copy(), _to_diagonal,
                        node="DiagonalBackward0_copy")
_undiagonal_op = linear("diagonal_backward", _undiagonal, _from_diagonal)
_diag_embed = linear("diag_embed", _undiagonal, _from_diagonal)


def _two_dims(dim1, dim2, ndim):
    first, second = wrap_dim(dim1, ndim), wrap_dim(dim2, ndim)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return first, second


@function
def diagonal(input, offset=0, dim1=0, dim2=1):
    """A view of a diagonal of the matrices in two dimensions, as a last dimension. `offset` counts above the main one.

    Raises RuntimeError if the two dimensions are the same.
    """
    dim1, dim2 = _two_dims(dim1, dim2, len(shape_of(input)))
    return diagonal_op(input, offset=offset, dim1=dim1, dim2=dim2)


@function
def diag_embed(input, offset=0, dim1=-2, dim2=-1):
    """Matrices in the dimensions `dim1` and `dim2` of the result whose diagonals are the last dimension of `input`."""
    shape = shape_of(input)
    first, second = _two_dims(dim1, dim2, len(shape) + 1)
    whole = list(shape[:-1])
    for dim in sorted((first, second)):
        whole.insert(dim, shape[-1] + abs(offset))
    return _diag_embed(input, offset=offset, dim1=first, dim2=second, shape=tuple(whole))


@function(out=True)
def diag(input, diagonal=0):
    """The matrix with a vector on its diagonal; of a matrix, a copy of the diagonal. Raises RuntimeError otherwise."""
    ndim = len(shape_of(input))
    if ndim == 1:
        return diag_embed(input, diagonal)
    if ndim != 2:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {ndim}D")
    return _diagonal_copy(input, offset=diagonal, dim1=0, dim2=1)


@function
def diagflat(input, offset=0):
    """The matrix with all elements of `input` on its diagonal."""
    return diag_embed(input.reshape(-1), offset)


# ---- strides ---------------------------------------------------------------------------------------------------------
def _as_strided(x, *, size, stride, offset, window):
    """`offset` counts elements from the first of `x`; the window may reach wherever the memory behind `x` does."""
    if type(x) is Batched:
        one, levels = _as_strided(sample(x), size=size, stride=stride, offset=offset, window=window), levels_of(x.shape)
        sizes, steps = [values[: len(levels)] for values in (whole_of(x).shape, whole_of(x).strides)]
        return batched(np.lib.stride_tricks.as_strided(one, (*sizes, *one.shape), (*steps, *one.strides)), levels)
    return memory.window(x, size, [step * x.itemsize for step in stride], memory.offset(x) + offset * x.itemsize)


_as_strided_op = view("as_strided_view", _as_strided, lambda g, window: put_window(g, window=window), node="AsStridedBackward0")


_AS_STRIDED = linear("as_strided_", _as_strided, lambda g, window: put_window(g, window=window), node="AsStridedBackward1")


@function
def as_strided(input, size, stride, storage_offset=None):
    """A view of the memory behind `input` with any size and strides, which count elements.

    Raises RuntimeError where it would reach beyond the memory.
    """
    return _as_strided_op(input, **_strides(input, size, stride, storage_offset))


@function(namespace="tensor")
@target_first
def as_strided_(input, size, stride, storage_offset=None):
    """Let this tensor see the memory behind it with any size and strides, which count elements; see `as_strided`."""
    return look_through(_AS_STRIDED, input, **_strides(input, size, stride, storage_offset))


def _strides(input, size, stride, storage_offset):
    """The parameters of the operation, checked."""
    size, stride, array = tuple(size), tuple(stride), input._array
    if len(size) != len(stride):
        raise RuntimeError("mismatch in length of strides and shape")
    if any(step < 0 for step in stride):
        raise RuntimeError(f"as_strided: Negative strides are not supported at the moment, got strides: {list(stride)}")
    if any(count < 0 for count in size):
        raise RuntimeError(f"Storage size calculation overflowed with sizes={list(size)} and strides={list(stride)}")
    own = input.storage_offset()
    offset = 0 if storage_offset is None else storage_offset - own
    params = {"size": size, "stride": stride, "offset": offset}
    try:
        window = _as_strided(sample(array) if type(array) is Batched else getattr(array, "array", array), window=None, **params)
    except (TypeError, ValueError):
        raise errors.beyond_storage(array, size, stride, own + offset, memory.owner(array).nbytes) from None
    return params | {"window": Window(array, window)}


@function(namespace="tensor")
def fill_diagonal_(input, fill_value, wrap=False):
    """Set the elements whose indices are all equal to a number or 0-dim tensor.

    With `wrap` the diagonal of a tall matrix starts anew after each square of it and an empty row. Raises RuntimeError below two
    dimensions, and above if the sizes are not all equal.
    """
    shape = shape_of(input)
    if len(shape) < 2:
        raise RuntimeError("dimensions must larger than 1")
    if len(shape) > 2 and len(set(shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    if not isinstance(fill_value, (Tensor, int, float, complex)):
        raise errors.not_tensor("fill_diagonal_", "fill_value", 1, fill_value, "Number")
    size, step, width = min(shape), sum(input.stride()), shape[1]
    as_strided(input, (size,), (step,)).fill_(fill_value)
    if wrap and len(shape) == 2 and shape[0] > width + 1:
        rest = -(-(shape[0] * width) // (width + 1)) - size
        as_strided(input, (rest,), (step,), input.storage_offset() + input.stride(0) * (width + 1)).fill_(fill_value)
    return input


def _unfold(x, *, dim, size, step):
    if not x.ndim:
        return x.reshape(1)
    window = np.lib.stride_tricks.sliding_window_view(x, size, dim, writeable=x.flags.writeable)
    return window[along(dim, slice(None, None, step))]


def _fold(x, *, dim, size, step, shape):
    whole = zeros(shape, x.dtype, x)
    if not shape:
        return x.reshape(())
    count = x.shape[dim]
    for i in range(size):
        whole[along(dim, slice(i, i + (count - 1) * step + 1, step))] += x[..., i]
    return whole


_unfold_op = view("unfold", _unfold,
                  lambda g, dim, size, step, x_shape: _fold_op(g, dim=dim, size=size, step=step, shape=x_shape))
_fold_op = linear("unfold_backward", _fold, lambda g, dim, size, step: _unfold_op(g, dim=dim, size=size, step=step))


@function(namespace="tensor")
def unfold(input, dimension, size, step):
    """A view of all windows of `size` entries along a dimension, `step` apart; the window is a new last dimension.

    Raises RuntimeError if `size` is larger than the dimension or `step` not positive.
    """
    shape = shape_of(input)
    dim = wrap_dim(dimension, len(shape))
    length = shape[dim] if shape else 1
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if size > length:
        raise RuntimeError(f"maximum size for tensor at dimension {dim} is {length} but size is {size}")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    return _unfold_op(input, dim=dim, size=size, step=step)


# ---- a window replaced -----------------------------------------------------------------------------------------------
def _replace(x, src, *, index):
    whole = copied(x, src)
    whole[index] = src
    return whole


def _blanked(name):
    """The record of replacing a window: what was there gets no gradient, what came gets that of the window."""
    return Op(name, _replace, (lambda g, index: _slice_scatter(g, _zeros_like(g, index), index=index),
                               lambda g, index: slice_op(g, index=index)), linear=True)


def _zeros_like(g, index):
    return slice_op(g, index=index) * 0


def _replace_diagonal(x, src, *, offset, dim1, dim2):
    whole = copied(x, src)
    _diagonal(whole, offset=offset, dim1=dim1, dim2=dim2)[...] = src
    return whole


_slice_scatter, _select_scatter = _blanked("slice_scatter"), _blanked("select_scatter")
_diagonal_scatter = Op("diagonal_scatter", _replace_diagonal, (
    lambda g, offset, dim1, dim2: _diagonal_scatter(g, _from_diagonal(g, offset, dim1, dim2) * 0, offset=offset, dim1=dim1,
                                                    dim2=dim2), _from_diagonal), linear=True)


def _check_source(window, src):
    if shape_of(window) != shape_of(src):
        raise RuntimeError(f"expected src to have a size equal to the slice of self. src size = {list(shape_of(src))}, slice size"
                           f" = {list(shape_of(window))}")


@function
def select_scatter(input, src, dim, index):
    """A copy of `input` with `src` at `index` along `dim`. Raises RuntimeError if the shape does not fit."""
    window = select(input.detach(), dim, index)
    _check_source(window, src)
    return _select_scatter(input, src, index=along(wrap_dim(dim, len(shape_of(input))), index))


@function
def slice_scatter(input, src, dim=0, start=None, end=None, step=1):
    """A copy of `input` with `src` in the slice start:end:step along `dim`. Raises RuntimeError if the shape does not fit."""
    index = along(wrap_dim(dim, len(shape_of(input))), slice(start, end, step))
    _check_source(slice_op(input.detach(), index=index), src)
    return _slice_scatter(input, src, index=index)


@function
def diagonal_scatter(input, src, offset=0, dim1=0, dim2=1):
    """A copy of `input` with `src` on a diagonal. Raises RuntimeError if the shape does not fit."""
    _check_source(diagonal(input.detach(), offset, dim1, dim2), src)
    dim1, dim2 = _two_dims(dim1, dim2, len(shape_of(input)))
    return _diagonal_scatter(input, src, offset=offset, dim1=dim1, dim2=dim2)
