"""Entries along one dimension, named by a vector of numbers: read, added to, replaced, filled; and repeated."""

import numpy as np

from .. import errors
from ..batch import take, zeros
from ..batch import whole as whole_of
from ..dtypes import I64
from ..graph import Tensor
from ..shapes import wrap_dim
from .join import along
from .public import function
from .record import Op
from .rows import add_along
from .scalar import as_element
from .shape import expand_to, reshape, shape_of, unsqueeze, view_as_shape
from .sizes import contiguous
from .update import both, expanded_write, writing


# ---- records ---------------------------------------------------------------------------------------------------------
def _select(x, index, *, dim):
    if not x.ndim:
        return x.copy()
    check_rows(index, x.shape[dim], x.ndim)
    return take(x, index.reshape(-1), dim)


def check_rows(index, size, ndim=2):
    """Raise torch's error unless all numbers in `index` lie in [0, size)."""
    index = whole_of(index)
    if index.size and (index.min() < 0 or index.max() >= size):
        wrong = index[(index < 0) | (index >= size)].reshape(-1)[0]
        raise (RuntimeError(f"INDICES element is out of DATA bounds, id={wrong} axis_dim={size}") if ndim > 1 else
               IndexError("index out of range in self"))


def _unselect(x, index, *, dim, shape):
    if not shape:
        return x.reshape(())
    whole = zeros(shape, x.dtype, x, index)
    add_along(whole, dim, index.reshape(-1), x)
    return whole


def _add(x, source, index, *, dim, alpha):
    _check_numbers(index, x.shape[dim] if x.ndim else 1, IndexError("index out of range in self"))
    if not x.ndim:
        x += alpha * source.reshape(())
        return
    add_along(x, dim, index.reshape(-1), source if alpha == 1 else source * np.asarray(alpha).astype(x.dtype))


def _check_numbers(index, size, error):
    index = whole_of(index)
    if index.size and (index.min() < 0 or index.max() >= size):
        raise error


def _copy(x, source, index, *, dim):
    numbers = whole_of(index)
    if numbers.size and (numbers.min() < 0 or numbers.max() >= x.shape[dim]):
        wrong = numbers[(numbers < 0) | (numbers >= x.shape[dim])].reshape(-1)[0]
        raise IndexError(f"index_copy_(): index {wrong} is out of bounds for dimension {dim} with size {x.shape[dim]}")
    x[along(dim, index.reshape(-1))] = source


def _fill(x, value, index, *, dim):
    size = x.shape[dim] if x.ndim else 1
    numbers = whole_of(index)
    wrong = numbers[(numbers < -size) | (numbers >= size)]
    if wrong.size:
        raise IndexError(f"index {wrong.reshape(-1)[0]} is out of bounds for dimension {dim} with size {size}")
    if x.ndim:
        x[along(dim, index.reshape(-1))] = value
    elif index.size:
        x[...] = value


_index_select = Op("index_select", _select,
                   (lambda g, index, dim, x_shape: _index_spread(g, index, dim=dim, shape=x_shape), None), linear=True)
_index_spread = Op("index_select_backward", _unselect, (lambda g, index, dim: _index_select(g, index, dim=dim), None),
                   linear=True)
_index_add = writing("index_add", _add, (1, lambda g, index, dim, alpha: _scaled(_index_select(g, index, dim=dim), alpha), None),
                     linear=True)
_index_copy = writing("index_copy", _copy, (lambda g, index, dim: _index_fill(g, 0.0, index, dim=dim),
                                            lambda g, index, dim: _index_select(g, index, dim=dim), None), linear=True)
_FILL_RULES = (lambda g, index, dim: _index_fill(g, 0.0, index, dim=dim),
               lambda g, index, dim: (g - _index_fill(g, 0.0, index, dim=dim)).sum(), None)
_index_fill = writing("index_fill", _fill, _FILL_RULES)
_index_fill_tensor = writing("index_fill_tensor", _fill, _FILL_RULES, node="IndexFillBackward1", linear=True)


def _scaled(g, alpha):
    return g if alpha == 1 else g * alpha


# ---- public functions ------------------------------------------------------------------------------------------------
@function(out=True)
def index_select(input, dim, index):
    """A copy of the entries along `dim` that the vector `index` names, in its order; numbers may repeat.

    Raises RuntimeError (IndexError for a vector) if a number is out of range; negative ones are.
    """
    shape = shape_of(input)
    dim = wrap_dim(dim, len(shape))
    if index._array.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if index._array.dtype not in (I64, np.int32):
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    if not shape and index._array.size != 1:
        raise RuntimeError(f"index_select(): Index to scalar can have only 1 value, got {index._array.size} value(s)")
    return _index_select(input, index, dim=dim)


@both(out=True)
def index_add(input, dim, index, source, *, alpha=1):
    """A copy with `alpha * source` added to the entries along `dim` that the vector `index` names, as often as it does.

    Raises RuntimeError if `source` has another dtype or shape, IndexError on a number out of range.
    """
    shape, given = shape_of(input), shape_of(source)
    dim = wrap_dim(dim, len(shape))
    if index._array.ndim > 1:
        raise IndexError(f"index_add_(): Index is supposed to be a vector, but got dim: {index._array.ndim} with type: "
                         f"{errors.title(index._array.dtype)} and size: {list(index._array.shape)}")
    if index._array.dtype not in (I64, np.int32):
        raise RuntimeError(f"index_add_(): Expected dtype int32/int64 for index but got: {errors.title(index._array.dtype)}")
    if input._array.dtype != source._array.dtype:
        raise RuntimeError(f"index_add_(): self ({errors.title(input._array.dtype)}) and source "
                           f"({errors.title(source._array.dtype)}) must have the same scalar type")
    if shape and dim >= max(len(given), 1):
        raise RuntimeError(f"index_add_(): Indexing dim {dim} is out of bounds of the source tensor with dim {len(given)}")
    if shape and not given and index._array.size != 1:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    if index._array.size != (given[dim] if given else 1):
        raise RuntimeError(f"index_add_(): Number of indices ({index._array.size}) should be equal to source.size(dim): "
                           f"({given[dim] if given else 1}), for dim: {dim}")
    if (*given[:dim], *given[dim + 1 :]) != (*shape[:dim], *shape[dim + 1 :]) or bool(given) != bool(shape):
        raise RuntimeError("source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape "
                           f"= {list(shape)} source.shape = {list(given)}")
    return _index_add, (input, source, index), {"dim": dim, "alpha": alpha}


@both(out=True)
def index_copy(input, dim, index, source):
    """A copy with the entries along `dim` that the vector `index` names replaced by those of `source`, in order.

    Raises RuntimeError or IndexError if dtypes, shapes or numbers do not fit.
    """
    shape, given = shape_of(input), shape_of(source)
    dim = wrap_dim(dim, len(shape))
    if index._array.ndim > 1:
        raise IndexError(f"index_copy_(): Index should have dimension 1 or 0 (got {index._array.ndim})")
    if index._array.dtype != I64:
        raise RuntimeError("index_copy_(): Expected a long tensor for index, but got "
                           f"{errors.title(index._array.dtype)}")
    if input._array.dtype != source._array.dtype:
        raise RuntimeError("index_copy_(): self and source expected to have the same dtype, but got (self) "
                           f"{errors.title(input._array.dtype)} and (source) {errors.title(source._array.dtype)}")
    if len(given) == len(shape) and shape and index._array.size != given[dim]:
        raise IndexError(f"index_copy_(): Number of indices ({index._array.size}) should be equal to source.size(dim) "
                         f"({given[dim]})")
    if given and (*given[:dim], *given[dim + 1 :]) != (*shape[:dim], *shape[dim + 1 :]):
        raise RuntimeError(f"index_copy_(): Source/destination tensor must have same slice shapes. Destination slice shape: "
                           f"{[*shape[:dim], *shape[dim + 1 :]]} at dimension {dim} and source slice shape: "
                           f"{[*given[:dim], *given[dim + 1 :]]} at dimension {dim}.")
    return _index_copy, (input, source, index), {"dim": dim}


@both(expanded=expanded_write("index_fill_"))
def index_fill(input, dim, index, value):
    """A copy with the entries along `dim` that the vector `index` names set to a number or 0-dim tensor.

    Raises RuntimeError on a value with dimensions, IndexError on numbers that are out of range or no int64.
    """
    dim = wrap_dim(dim, len(shape_of(input)))
    if index._array.dtype != I64:
        raise IndexError("index_fill_(): Expected dtype int64 for index.")
    if index._array.ndim > 1:
        raise IndexError("Index has to be a vector/scalar")
    if not isinstance(value, Tensor):
        return _index_fill, (input, as_element(value, input._array.dtype), index), {"dim": dim}
    if value._array.ndim:
        raise RuntimeError("index_fill_ only supports a 0-dimensional value tensor, but got tensor with "
                           f"{value._array.ndim} dimension(s).")
    return _index_fill_tensor, (input, value, index), {"dim": dim}


# ---- repeated --------------------------------------------------------------------------------------------------------
@function
def repeat_interleave(input, repeats=None, dim=None, *, output_size=None):
    """A copy with each entry along `dim` (of the flat tensor without it) repeated: so often, or as a vector says for each.

    Called with a vector of ints alone: the numbers 0, 1, ... each repeated as it says. Raises RuntimeError on negative
    numbers or a vector of another length.
    """
    if repeats is None:
        return _repeated_op(input)
    if dim is None:
        input, dim = view_as_shape(contiguous(input), (-1,)), 0
    shape = shape_of(input)
    dim = wrap_dim(dim, len(shape))
    if isinstance(repeats, Tensor):
        return _repeat_each(input, repeats, dim, output_size)
    if repeats < 0:
        raise RuntimeError("Repeats must be non-negative")
    wide = expand_to(unsqueeze(input, dim + 1), (*shape[: dim + 1], repeats, *shape[dim + 1 :]))
    return view_as_shape(contiguous(wide.clone()), (*shape[:dim], shape[dim] * repeats, *shape[dim + 1 :]))


def _repeated(counts, *, size=None):
    """The numbers 0, 1, ... each as often as `counts` says; one count may be for `size` numbers."""
    if counts.dtype not in (I64, np.int32):
        raise NotImplementedError(f"\"repeat_interleave_cpu\" not implemented for '{errors.title(counts.dtype)}'")
    if counts.size and whole_of(counts).min() < 0:
        raise RuntimeError("repeats can not be negative")
    return np.repeat(np.arange(counts.size if size is None else size), counts)


_repeated_op = Op("repeat_interleave", _repeated, (), dynamic=True)


def _repeat_each(input, repeats, dim, output_size):
    counts, size = repeats._array, shape_of(input)[dim]
    if counts.ndim > 1:
        raise RuntimeError("repeats must be 0-dim or 1-dim tensor")
    if counts.size != size and counts.size != 1:
        raise RuntimeError("repeats must have the same size as input along dim, but got repeats.size(0) = "
                           f"{counts.size} and input.size({dim}) = {size}")
    rows = _repeated_op(reshape(repeats, (-1,)), size=size)
    if output_size is not None and output_size != rows._array.size:
        raise RuntimeError("allocated size does not match required size")
    return _index_select(input, rows, dim=dim)
