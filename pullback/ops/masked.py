"""Elements named by a mask: filled, selected, replaced; and where elements are not zero."""

import numpy as np

from .. import errors, shapes
from ..batch import zeros
from ..dtypes import B8
from ..graph import Tensor
from .binary import where
from .inplace import target_first
from .public import function
from .record import Op
from .scalar import as_element
from .shape import expand_to, reshape, shape_of
from .update import expanded_write, update, writing

C_NAMES = {"float64": "double", "float32": "float", "int64": "long", "int32": "int", "int16": "short", "int8": "signed char",
           "uint8": "unsigned char"}


# ---- records ---------------------------------------------------------------------------------------------------------
def _fill(x, mask, value):
    np.copyto(x, value, where=mask, casting="unsafe")


def _select(x, mask):
    if x.shape != mask.shape:
        x, mask = np.broadcast_arrays(x, mask)
    return x[mask]


def _spread(x, mask, *, shape):
    whole = np.zeros(np.broadcast_shapes(shape, mask.shape), x.dtype)
    whole[np.broadcast_to(mask, whole.shape)] = x
    return whole


def _replace(x, mask, source):
    mask = mask if mask.shape == x.shape else np.broadcast_to(mask, x.shape)
    count = np.count_nonzero(mask)
    if count > source.size:
        raise RuntimeError("Number of elements of source < number of ones in mask")
    x[mask] = source.reshape(-1)[:count]


def _first(x, mask, *, shape):
    """Where the mask is True, in order, as the first elements of an array of `shape`; zeros behind."""
    whole = zeros(shape, x.dtype, x, mask)
    found = x[np.broadcast_to(mask, x.shape)]
    whole.reshape(-1)[: found.size] = found
    return whole


def _place_first(x, mask, *, shape):
    """The transpose of `_first`."""
    whole = zeros(shape, x.dtype, x, mask)
    _replace(whole, mask, x)
    return whole


_masked_fill = writing("masked_fill", _fill, (lambda g, mask: _masked_fill(g, mask, 0.0), None, None))
_masked_fill_tensor = writing("masked_fill_tensor", _fill, (
    lambda g, mask: _masked_fill(g, mask, 0.0), None, lambda g, mask: where(mask, g, 0.0).sum()), node="MaskedFillBackward1",
    linear=True)
_masked_select = Op("masked_select", _select, (lambda g, x_shape, mask: _masked_spread(g, mask, shape=x_shape), None),
                    dynamic=errors.BATCHED_SELECT, linear=True)
_masked_spread = Op("masked_select_backward", _spread,
                    (lambda g, mask: _masked_select(g, mask), None), linear=True)
_masked_scatter = writing("masked_scatter", _replace, (
    lambda g, mask: _masked_fill(g, mask, 0.0), None, lambda g, mask, source_shape: _first_op(g, mask, shape=source_shape)),
    linear=True)
_first_op = Op("masked_scatter_backward", _first, (lambda g, mask, x_shape: _place_op(g, mask, shape=x_shape), None), linear=True)
_place_op = Op("masked_place", _place_first, (lambda g, mask, x_shape: _first_op(g, mask, shape=x_shape), None), linear=True)


# ---- public functions ------------------------------------------------------------------------------------------------
def _filling(input, mask, value):
    if not isinstance(mask, Tensor) or not isinstance(value, (Tensor, float, int, complex, np.generic)):
        given = ", ".join(errors.type_name(argument) for argument in (mask, value))
        raise TypeError(f"masked_fill() received an invalid combination of arguments - got ({given}), but expected one of:\n"
                        " * (Tensor mask, Tensor value)\n * (Tensor mask, Number value)\n")
    if mask._array.dtype != B8:
        name = mask.dtype.name
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {C_NAMES.get(name, name)}")
    if isinstance(value, Tensor):
        if value._array.ndim:
            raise RuntimeError("masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
                               f"{value._array.ndim} dimension(s).")
        return _masked_fill_tensor, (input, mask, value), {}
    return _masked_fill, (input, mask, as_element(value, input._array.dtype)), {}


@function
def masked_fill(input, mask, value):
    """A copy with `value`, a number or 0-dim tensor, where the mask, broadcast with `input`, is True.

    Raises RuntimeError unless the mask is bool.
    """
    op, (input, mask, value), params = _filling(input, mask, value)
    if mask._array.shape != input._array.shape:
        input = expand_to(input, shapes.broadcast(mask._array.shape, input._array.shape))
    return op(input, mask, value, **params)


@function(namespace="tensor")
@target_first
def masked_fill_(input, mask, value):
    """`masked_fill`, written to this tensor; the mask must broadcast to its shape."""
    op, inputs, params = _filling(input, mask, value)
    _check_broadcasts(input, mask)
    return update(op, inputs, params, expanded_write("masked_fill_"))


def _check_broadcasts(input, mask):
    own = input._array.shape
    shape = shapes.broadcast(own, mask._array.shape)
    if shape != own:
        raise RuntimeError(f"output with shape {list(own)} doesn't match the broadcast shape {list(shape)}")


@function(out=True)
def masked_select(input, mask):
    """The elements where the mask is True, in one dimension; `input` and mask are broadcast together.

    Raises RuntimeError unless the mask is bool.
    """
    if mask._array.dtype != B8:
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    shapes.broadcast(mask._array.shape, input._array.shape)
    return _masked_select(input, mask)


def _scattering(input, mask, source):
    if mask._array.dtype != B8:
        raise RuntimeError("masked_scatter_ only supports boolean masks, but got mask with dtype "
                           f"{errors.title(mask._array.dtype)}")
    if input._array.dtype != source._array.dtype:
        raise RuntimeError("masked_scatter: expected self and source to have same dtypes but got"
                           f"{errors.title(input._array.dtype)} and {errors.title(source._array.dtype)}")
    return _masked_scatter, (input, mask, source), {}


@function
def masked_scatter(input, mask, source):
    """A copy with the elements of `source`, in order, where the mask, broadcast with `input`, is True.

    Raises RuntimeError if there are fewer elements than places.
    """
    op, (input, mask, source), params = _scattering(input, mask, source)
    return op(expand_to(input, shapes.broadcast(input._array.shape, mask._array.shape)), mask, source, **params)


@function(namespace="tensor")
@target_first
def masked_scatter_(input, mask, source):
    """`masked_scatter`, written to this tensor; the mask must broadcast to its shape."""
    op, inputs, params = _scattering(input, mask, source)
    _check_broadcasts(input, mask)
    return update(op, inputs, params)


# ---- where elements are not zero -------------------------------------------------------------------------------------
_nonzero = Op("nonzero", lambda x: np.argwhere(x), (None,),
              dynamic=errors.DYNAMIC.format("nonzero"))


@function(out=True)
def nonzero(input, *, as_tuple=False):
    """The indices of all elements that are not zero: a matrix with a row for each, or a tuple of one vector a dimension."""
    if not as_tuple:
        return _nonzero(input)
    return _nonzero(reshape(input, (1,)) if not shape_of(input) else input).unbind(1)


@function
def argwhere(input):
    """The indices of all elements that are not zero, a row for each."""
    return _nonzero(input)
