"""The middle and the most frequent: median, nanmedian, mode."""

import numpy as np

from .. import errors, return_types
from ..batch import full
from .extrema import check_not_empty, select_rule, select_tangent, spread_evenly
from .public import function
from .record import Op
from .reduce import dims_of, dtype_of, one_dim


def _middle(x, dim, ignore_nan):
    """Indices along `dim` of the lower median; NaNs sort last, so that one, unless ignored, is found by its index."""
    order = np.argsort(x, dim, kind="stable")
    size = x.shape[dim]
    if x.dtype.kind not in "fV":
        return np.take(order, [(size - 1) // 2], dim)
    nans = np.isnan(x)
    counts = np.count_nonzero(nans, dim, keepdims=True)
    if ignore_nan:
        place = np.maximum((size - counts - 1) // 2, 0)
        return np.take_along_axis(order, place, dim)
    middle = np.take(order, [(size - 1) // 2], dim)
    return np.where(counts > 0, np.argmax(nans, dim, keepdims=True), middle)


def _selected(x, indices, dim, keepdim):
    values = np.take_along_axis(x, indices, dim)
    return (values, indices) if keepdim else (values.squeeze(dim), indices.squeeze(dim))


def _median(x, *, dim, keepdim, ignore_nan):
    if not x.ndim:
        return x.copy(), np.zeros((), np.int64)
    return _selected(x, _middle(x, dim, ignore_nan), dim, keepdim)


def _median_all(x, *, dim, keepdim, ignore_nan):
    flat = x.reshape(-1)
    if not flat.size:
        return np.asarray(np.nan if x.dtype.kind in "fV" else np.iinfo(x.dtype).min).astype(x.dtype)
    return flat[_middle(flat, 0, ignore_nan)[0]]


def _mode(x, *, dim, keepdim):
    """Of each row the smallest of the most frequent values, and the index of its last occurrence."""
    if not x.ndim:
        return x.copy(), np.zeros((), np.int64)
    rows = np.moveaxis(x, dim, -1)
    ordered = np.sort(rows, -1)
    n = rows.shape[-1]
    place = np.arange(n)
    first = full(ordered.shape, True, bool, ordered)
    first[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    start = np.maximum.accumulate(np.where(first, place, 0), -1)
    best = np.argmax(place - start, -1)  # the first end of a longest run
    values = np.take_along_axis(ordered, best[..., None], -1)
    same = (rows == values) | ((rows != rows) & (values != values))
    indices = n - 1 - np.argmax(same[..., ::-1], -1)
    return _selected(x, np.expand_dims(indices, dim), dim, keepdim)


_median_dim = Op("median_dim", _median, (select_rule,), extras=("indices",), node="MedianBackward1",
                 jvp=(select_tangent,))
_median_whole = Op("median", _median_all, (spread_evenly,))
_nanmedian_dim = Op("nanmedian_dim", _median, (select_rule,), extras=("indices",), node="NanmedianBackward1",
                    jvp=(select_tangent,))
_nanmedian_whole = Op("nanmedian", _median_all, (spread_evenly,))
_mode_op = Op("mode", _mode, (select_rule,), extras=("indices",), jvp=(select_tangent,))


def _median_of(name, whole, along, form, input, dim, keepdim):
    if dtype_of(input).kind in "bc":
        raise NotImplementedError(f"\"median_cpu\" not implemented for '{errors.title(dtype_of(input))}'")
    if dim is None:
        return whole(input, dim=dims_of(name, input, None), keepdim=False, ignore_nan=name == "nanmedian")
    at = one_dim(name, input, dim)
    check_not_empty(name, input, (at,))
    return form(*along(input, dim=at, keepdim=keepdim, ignore_nan=name == "nanmedian"))


@function(out=True)
def median(input, dim=None, keepdim=False):
    """The median (the lower of two in the middle); along `dim` the medians and their indices. NaN if one is.

    Raises IndexError along a dim of size 0.
    """
    return _median_of("median", _median_whole, _median_dim, return_types.median, input, dim, keepdim)


@function(out=True)
def nanmedian(input, dim=None, keepdim=False):
    """The median of what is not NaN; see `median`."""
    return _median_of("nanmedian", _nanmedian_whole, _nanmedian_dim, return_types.nanmedian, input, dim, keepdim)


@function(out=True)
def mode(input, dim=-1, keepdim=False):
    """The most frequent values along `dim`, the smallest of several, and the index of the last occurrence of each."""
    at = one_dim("mode", input, dim)
    check_not_empty("mode", input, (at,))
    return return_types.mode(*_mode_op(input, dim=at, keepdim=keepdim))
