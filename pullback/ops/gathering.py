"""Elements named by an index for each: gathered, scattered, reduced; and taken from the flat tensor."""

import numpy as np

from .. import errors
from ..batch import take as take_at
from ..batch import whole as whole_of
from ..batch import zeros
from ..dtypes import I64
from ..graph import Tensor
from ..shapes import broadcast, wrap_dim
from .public import function
from .record import Op
from .rows import positions
from .scalar import as_element
from .shape import expand_to, reshape, shape_of, unindex_op
from .update import both, writing


# ---- records ---------------------------------------------------------------------------------------------------------
def flat_places(shape, index, dim):
    """Flat positions of what `index` names along `dim`. Raises torch's error for a number outside of the dimension."""
    size = shape[dim] if shape else 1
    numbers = whole_of(index)
    if numbers.size and (numbers.min() < 0 or numbers.max() >= size):
        wrong = numbers[(numbers < 0) | (numbers >= size)].reshape(-1)[0]
        raise RuntimeError(f"index {wrong} is out of bounds for dimension {dim} with size {size}")
    return positions(shape, index, dim) if shape else index


def _gather(x, index, *, dim):
    if not index.size:
        return zeros(index.shape, x.dtype, x, index)
    return take_at(x.reshape(-1), flat_places(x.shape, index, dim))


def _ungather(x, index, *, dim, shape):
    whole = zeros(shape, x.dtype, x, index)
    if index.size:
        _add(whole, x, index, dim=dim)
    return whole


def part(src, index):
    """The corner of `src` in the shape of `index`."""
    return src if src.shape == index.shape else src[tuple([slice(size) for size in index.shape])]


def _place(x, src, index, *, dim):
    """Write `src`, an array or number, to `x` where `index` points."""
    places = flat_places(x.shape, index, dim)
    values = part(src, index) if getattr(src, "ndim", 0) or index.ndim == 0 and hasattr(src, "shape") else src
    if x.flags.c_contiguous:
        x.reshape(-1)[places] = values
    else:
        x[np.unravel_index(places, x.shape)] = values


def _add(x, src, index, *, dim):
    places = flat_places(x.shape, index, dim)
    if x.flags.c_contiguous:
        np.add.at(x.reshape(-1), places.reshape(-1), part(src, index).reshape(-1))
    else:
        np.add.at(x, np.unravel_index(places, x.shape), part(src, index))


def _spread(g, index, dim, src_shape):
    """The gradient of `src`: of what was used of it, zeros elsewhere."""
    used = gather_op(g, index, dim=dim)
    shape = shape_of(index)
    return used if shape == src_shape else unindex_op(used, index=tuple([slice(size) for size in shape]), shape=src_shape)


def blank(g, index, dim):
    """`g` with zeros where `index` points: the gradient of what was overwritten there."""
    return scatter_value(g, 0.0, index, dim=dim)


gather_op = Op("gather", _gather, (lambda g, index, dim, x_shape: ungather_op(g, index, dim=dim, shape=x_shape), None),
               linear=True)
ungather_op = Op("gather_backward", _ungather, (lambda g, index, dim: gather_op(g, index, dim=dim), None), linear=True)
_scatter = writing("scatter", _place, (blank, _spread, None), linear=True)
scatter_value = writing("scatter_value", _place, (blank, None, None), node="ScatterBackward1")
_scatter_add = writing("scatter_add", _add, (1, _spread, None), linear=True)


# ---- checks ----------------------------------------------------------------------------------------------------------
def check_scatter(name, input, dim, index, src=None):
    """The dimension from the front. Raises torch's error unless dtypes and shapes fit."""
    shape, given = shape_of(input), index._array.shape
    dim = wrap_dim(dim, len(shape))
    if index._array.dtype != I64 and index._array.dtype != np.int32:
        raise RuntimeError(f"{'gather' if name == 'gather' else 'scatter'}(): Expected dtype int32/int64 for index")
    if isinstance(src, Tensor) and src._array.dtype != input._array.dtype:
        raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
    if not index._array.size:
        return dim
    if max(len(given), 1) != max(len(shape), 1):
        raise RuntimeError("Index tensor must have the same number of dimensions as "
                           f"{'input' if name == 'gather' else 'self'} tensor")
    own = shape or (1,)
    wrong = next((i for i, size in enumerate(given) if i != dim and size > own[i]), None)
    if name == "gather":
        if wrong is not None:
            raise RuntimeError(f"Size does not match at dimension {wrong} expected index {list(given)} to be no larger than self "
                               f"{list(shape)} apart from dimension {dim}")
        return dim
    from_src = shape_of(src) if isinstance(src, Tensor) else None
    if from_src is not None and max(len(from_src), 1) != max(len(given), 1):
        raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
    if wrong is not None or (from_src and any(a > b for a, b in zip(given, from_src, strict=False))):
        text = f" and to be no larger size than src {list(from_src)}" if from_src is not None else ""
        raise RuntimeError(f"Expected index {list(given)} to be no larger than self {list(shape)} apart from dimension "
                           f"{dim}{text}")
    return dim


# ---- public functions ------------------------------------------------------------------------------------------------
@function(out=True)
def gather(input, dim, index, *, sparse_grad=False):
    """A tensor of the shape of `index` with the elements it names along `dim`: out[i, j] = input[index[i, j], j] for dim 0.

    Raises RuntimeError if a number is out of range, negative included, or `index` larger than `input` elsewhere.
    """
    return gather_op(input, index, dim=check_scatter("gather", input, dim, index))


@both(out=True)
def scatter(input, dim, index, src=None, *, value=None, reduce=None):
    """A copy with the elements of `src`, a tensor or number, where `index` points: out[index[i, j], j] = src[i, j] for dim 0.

    `reduce`: "add" or "multiply" combines instead, without a gradient. Raises RuntimeError if dtypes, shapes or numbers do
    not fit.
    """
    src = value if src is None else src
    if src is None:
        raise TypeError('scatter() missing 1 required positional arguments: "src"')
    dim = check_scatter("scatter", input, dim, index, src)
    if not isinstance(src, Tensor):
        src = as_element(src, input._array.dtype)
    if reduce is not None:
        if reduce not in ("add", "multiply"):
            raise RuntimeError("reduce argument must be either add or multiply.")
        return _REDUCING[reduce], (input, src, index), {"dim": dim}
    return _scatter if isinstance(src, Tensor) else scatter_value, (input, src, index), {"dim": dim}


@both(out=True)
def scatter_add(input, dim, index, src):
    """A copy with the elements of `src` added where `index` points, as often as it does.

    Raises RuntimeError if dtypes, shapes or numbers do not fit.
    """
    return _scatter_add, (input, src, index), {"dim": check_scatter("scatter_add", input, dim, index, src)}


def _combine(name, ufunc):
    def change(x, src, index, *, dim):
        places = np.unravel_index(flat_places(x.shape, index, dim), x.shape)
        ufunc.at(x, places, part(src, index) if hasattr(src, "shape") else np.asarray(src, x.dtype))

    def refuse(g):
        raise RuntimeError("derivative for aten::scatter is not implemented")

    return writing(name, change, (refuse, refuse, None), node="ScatterBackward0")


_REDUCING = {"add": _combine("scatter_with_add", np.add), "multiply": _combine("scatter_with_multiply", np.multiply)}


# ---- from the flat tensor, and along a dimension ---------------------------------------------------------------------
def _take(x, index):
    _check_flat(index, x.size)
    return take_at(x.reshape(-1), index)


def _check_flat(index, size):
    index = whole_of(index)
    wrong = index[(index < -size) | (index >= size)]
    if wrong.size:
        raise IndexError(f"out of range: tried to access index {wrong.reshape(-1)[0]} on a tensor of {size} elements.")


def _untake(x, index, *, shape):
    whole = zeros(shape, x.dtype, x, index)
    np.add.at(whole.reshape(-1), index.reshape(-1), x.reshape(-1))
    return whole


def _put(x, source, index, *, accumulate):
    _check_flat(index, x.size)
    places = np.unravel_index(index.reshape(-1) % max(x.size, 1), x.shape)
    if accumulate:
        np.add.at(x, places, source.reshape(-1))
    else:
        x[places] = source.reshape(-1) if hasattr(source, "shape") else source


take_op = Op("take", _take, (lambda g, index, x_shape: _untake_op(g, index, shape=x_shape), None), linear=True)
_untake_op = Op("take_backward", _untake, (lambda g, index: take_op(g, index), None), linear=True)
_put_op = writing("put", _put, (lambda g, index, accumulate: g if accumulate else _put_op(g, 0.0, index, accumulate=False),
                                lambda g, index, source_shape: reshape(take_op(g, index), source_shape), None), linear=True)


@function(out=True)
def take(input, index):
    """The elements at the flat positions `index`, in its shape; negative ones count from the end. IndexError out of range."""
    if index._array.dtype != I64:
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {errors.title(index._array.dtype)}")
    return take_op(input, index)


@both
def put(input, index, source, accumulate=False):
    """A copy with the elements of `source` at the flat positions `index`, or added there. IndexError out of range."""
    if index._array.dtype != I64:
        raise RuntimeError(f"put_(): Expected a long tensor for index, but got {errors.title(index._array.dtype)}")
    if index._array.size != source._array.size:
        raise RuntimeError(f"put_(): Expected source and index to have the same number of elements, but got source.numel() = "
                           f"{source._array.size}, index.numel() = {index._array.size}")
    if input._array.dtype != source._array.dtype:
        raise RuntimeError(f"put_(): self and source expected to have the same dtype, but got self.dtype = "
                           f"{errors.title(input._array.dtype)} and source.dtype = {errors.title(source._array.dtype)}")
    return _put_op, (input, source, index), {"accumulate": accumulate}


@function(out=True)
def take_along_dim(input, indices, dim=None):
    """The elements that `indices` names along `dim`, both broadcast against each other elsewhere; flat without `dim`.

    Raises RuntimeError unless the numbers are int64 and in range.
    """
    if indices._array.dtype != I64:
        raise RuntimeError("torch.take_along_dim(): dtype of indices should be Long but got "
                           f"{errors.title(indices._array.dtype)}")
    if dim is None:
        return gather(reshape(input, (-1,)), 0, reshape(indices, (-1,)))
    shape, given = shape_of(input), shape_of(indices)
    if len(shape) != len(given):
        raise RuntimeError("torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
                           f"{len(shape)} dimensions for input, and {len(given)} dimensions for indices")
    dim = wrap_dim(dim, len(shape))
    common = broadcast((*shape[:dim], 1, *shape[dim + 1 :]), (*given[:dim], 1, *given[dim + 1 :]))
    own, wide = [(*common[:dim], sizes[dim], *common[dim + 1 :]) for sizes in (shape, given)]
    return gather(expand_to(input, own), dim, expand_to(indices, wide))
