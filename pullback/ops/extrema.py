"""The largest and the smallest: amax, amin, aminmax, max, min, argmax, argmin."""

import numpy as np

from .. import errors, return_types
from ..batch import zeros
from ..dtypes import B8
from ..graph import Tensor
from .binary import eq, maximum, minimum, ne, where
from .public import function
from .record import Op
from .reduce import dims_of, dtype_of, one_dim, sum
from .shape import keep_dims, shape_of


# ---- picking elements by their indices along a dim ------------------------------------------------------------------------
def _pick_array(x, indices, *, dim, keepdim):
    if not x.ndim:
        return x.copy()
    kept = indices if keepdim else np.expand_dims(indices, dim)
    picked = np.take_along_axis(x, kept, dim)
    return picked if keepdim else picked.squeeze(dim)


def _place_array(x, indices, *, dim, keepdim, shape):
    whole = zeros(shape, x.dtype, x, indices)
    if not shape:
        whole[...] = x
    elif keepdim:
        np.put_along_axis(whole, indices, x, dim)
    else:
        np.put_along_axis(whole, np.expand_dims(indices, dim), np.expand_dims(x, dim), dim)
    return whole


_pick = Op("pick", _pick_array, (lambda g, x_shape, indices, dim, keepdim: place(g, indices, dim, keepdim, x_shape), None),
           node="GatherBackward0", linear=True)
_place = Op("place", _place_array, (lambda g, indices, dim, keepdim: _pick(g, indices, dim=dim, keepdim=keepdim), None),
            node="ValueSelectingReductionBackward0", linear=True)


def place(g, indices, dim, keepdim, shape):
    """The gradient of a selection along `dim`: zeros, but `g` where the indices say."""
    return _place(g, indices, dim=dim, keepdim=keepdim, shape=shape)


def select_rule(g, x_shape, indices, dim, keepdim):
    """The gradient of a reduction that selects one element of each row: it goes to that element."""
    return place(g, indices, dim, keepdim, x_shape)


def select_tangent(g, indices, dim, keepdim):
    """The tangent of such a reduction: that of the element."""
    return _pick(g, indices, dim=dim, keepdim=keepdim)


def spread_evenly(g, x, o, dim, keepdim):
    """`g` shared evenly among the elements equal to the result (for a NaN, among the NaNs)."""
    g, o = keep_dims(g, dim, keepdim), keep_dims(o, dim, keepdim)
    same = where(ne(o, o), ne(x, x), eq(x, o))
    return g * same / sum(same, dim, True)


def spread_over_ties(g, x, o, dim, keepdim):
    """`g` shared evenly among the elements equal to the result; a NaN has no equals, and its gradient is NaN."""
    g, o = keep_dims(g, dim, keepdim), keep_dims(o, dim, keepdim)
    same = eq(x, o)
    return g * same / sum(same, dim, True)


# ---- records ---------------------------------------------------------------------------------------------------------------
def _amax(x, *, dim, keepdim):
    return np.maximum.reduce(x, dim, None, None, keepdim)


def _amin(x, *, dim, keepdim):
    return np.minimum.reduce(x, dim, None, None, keepdim)


def _max_at(x, *, dim, keepdim):
    indices = np.argmax(x, dim, keepdims=keepdim) if x.ndim else np.zeros((), np.int64)
    return _pick_array(x, indices, dim=dim, keepdim=keepdim), indices


def _min_at(x, *, dim, keepdim):
    indices = np.argmin(x, dim, keepdims=keepdim) if x.ndim else np.zeros((), np.int64)
    return _pick_array(x, indices, dim=dim, keepdim=keepdim), indices


_amax_op = Op("amax", _amax, (spread_over_ties,))
_amin_op = Op("amin", _amin, (spread_over_ties,))
_max_all = Op("max_all", _amax, (spread_evenly,), node="MaxBackward1")
_min_all = Op("min_all", _amin, (spread_evenly,), node="MinBackward1")
_max_dim = Op("max", _max_at, (select_rule,), extras=("indices",), jvp=(select_tangent,))
_min_dim = Op("min", _min_at, (select_rule,), extras=("indices",), jvp=(select_tangent,))


def _both(x, *, dim, keepdim):
    return [_amin(x, dim=dim, keepdim=keepdim), _amax(x, dim=dim, keepdim=keepdim)]


def _both_rule(g, x, dim, keepdim):
    low = spread_over_ties(g[0], x, _amin_op(x, dim=dim, keepdim=keepdim), dim, keepdim)
    return [low + spread_over_ties(g[1], x, _amax_op(x, dim=dim, keepdim=keepdim), dim, keepdim)]


_aminmax = Op("aminmax", _both, _both_rule, many=True)
_argmax = Op("argmax", lambda x, *, dim, keepdim: np.argmax(x, dim, keepdims=keepdim), ())
_argmin = Op("argmin", lambda x, *, dim, keepdim: np.argmin(x, dim, keepdims=keepdim), ())


# ---- checks ----------------------------------------------------------------------------------------------------------------
def check_not_empty(name, input, dims, kind=IndexError):
    """Raise the error for a reduction, over some dims or (None) all, that has nothing to choose from."""
    shape = shape_of(input)
    if dims is None:
        if 0 in shape:
            hint = " Specify the reduction dim with the 'dim' argument." if kind is RuntimeError else ""
            raise kind(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.{hint}")
        return
    for d in dims:
        if shape and shape[d] == 0:
            raise IndexError(f"{name}(): Expected reduction dim {d} to have non-zero size.")


def _not_complex(input, kernel):
    if dtype_of(input).kind == "c":
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{errors.title(dtype_of(input))}'")


# ---- public functions ------------------------------------------------------------------------------------------------------
def _amaximum(name, op, input, dim, keepdim):
    dims = dims_of(name, input, dim)
    check_not_empty(name, input, None if dim is None or dim in ((), []) else dims, RuntimeError)
    _not_complex(input, f"{name[1:]}_values_cpu")
    return op(input, dim=dims, keepdim=keepdim)


@function(out=True)
def amax(input, dim=(), keepdim=False):
    """The largest elements over `dim` (an int, several, or all); NaN if one is. Ties share the gradient evenly.

    Raises IndexError over a dim of size 0, RuntimeError over all of an empty tensor.
    """
    return _amaximum("amax", _amax_op, input, dim, keepdim)


@function(out=True)
def amin(input, dim=(), keepdim=False):
    """The smallest elements over `dim` (an int, several, or all); NaN if one is. Ties share the gradient evenly.

    Raises IndexError over a dim of size 0, RuntimeError over all of an empty tensor.
    """
    return _amaximum("amin", _amin_op, input, dim, keepdim)


@function(out=True)
def aminmax(input, *, dim=None, keepdim=False):
    """The smallest and the largest elements over one dim or all, as (min, max). Ties share the gradients evenly."""
    dims = dims_of("aminmax", input, dim)
    check_not_empty("aminmax", input, None if dim is None else dims, RuntimeError)
    _not_complex(input, "aminmax_kernel")
    return return_types.aminmax(*_aminmax(input, dim=dims, keepdim=keepdim))


def _extreme(name, input, dim, keepdim, other):
    """The three forms of max and min: of all elements, along a dim with indices, of two tensors."""
    whole, along, between, form = _FORMS[name]
    if isinstance(dim, Tensor):
        dim, other = None, dim
    if other is not None:
        return between(input, other)
    if dim is None:
        check_not_empty(name, input, None, RuntimeError)
        _not_complex(input, f"{name}_all")
        return whole(input, dim=dims_of(name, input, None), keepdim=False)
    at = one_dim(name, input, dim, forms=True)
    check_not_empty(name, input, (at,))
    if dtype_of(input).kind == "c":
        raise RuntimeError(f"{name}(): does not support complex input")
    return form(*along(input, dim=at, keepdim=keepdim))


_FORMS = {"max": (_max_all, _max_dim, maximum, return_types.max), "min": (_min_all, _min_dim, minimum, return_types.min)}


@function(out=True)
def max(input, dim=None, keepdim=False, *, other=None):
    """The largest element; along `dim` the largest elements and their indices; of two tensors, `maximum`.

    NaN counts as largest. The gradient goes to the index chosen; without `dim`, evenly to all that are equal.
    Raises IndexError along a dim of size 0, RuntimeError for an empty tensor.
    """
    return _extreme("max", input, dim, keepdim, other)


@function(out=True)
def min(input, dim=None, keepdim=False, *, other=None):
    """The smallest element; along `dim` the smallest elements and their indices; of two tensors, `minimum`.

    NaN counts as smallest. The gradient goes to the index chosen; without `dim`, evenly to all that are equal.
    Raises IndexError along a dim of size 0, RuntimeError for an empty tensor.
    """
    return _extreme("min", input, dim, keepdim, other)


def _argument(name, op, input, dim, keepdim):
    kind = "bool" if dtype_of(input) == B8 else "complex" if dtype_of(input).kind == "c" else None
    if kind is not None:
        raise RuntimeError(f"{name}(): does not support {kind} input")
    if dim is None:
        check_not_empty(name, input, None)
        return op(input, dim=None, keepdim=keepdim)
    at = one_dim(name, input, dim)
    check_not_empty(name, input, (at,))
    return op(input, dim=at if shape_of(input) else None, keepdim=keepdim)


@function(out=True)
def argmax(input, dim=None, keepdim=False):
    """The index of the (first) largest element, in the flattened tensor or along `dim`, as int64; that of a NaN if there is one.

    Raises IndexError on an empty tensor or dim.
    """
    return _argument("argmax", _argmax, input, dim, keepdim)


@function(out=True)
def argmin(input, dim=None, keepdim=False):
    """The index of the (first) smallest element, in the flattened tensor or along `dim`, as int64; that of a NaN if there is one.

    Raises IndexError on an empty tensor or dim.
    """
    return _argument("argmin", _argmin, input, dim, keepdim)
