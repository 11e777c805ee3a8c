"""Sets, counts and places: unique, searchsorted, bincount, histc, isin. None of them has a gradient."""

import numpy as np

from .. import dtypes, errors
from ..dtypes import B8, F64, I64
from ..graph import Tensor, wrap
from .apply import apply
from .public import function
from .record import Op
from .reduce import dtype_of, one_dim
from .shape import shape_of


def _no_derivative(name):
    def rule(g):
        raise NotImplementedError(f"the derivative for '{name}' is not implemented.")

    return (rule,)


# ---- unique ----------------------------------------------------------------------------------------------------------------
def _unique(x):
    values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True, equal_nan=False)
    return values, inverse.reshape(x.shape), counts


def _unique_dim(x, *, dim):
    values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True, axis=dim)
    return values, inverse.reshape(-1), counts


def _runs(x, *, dim):
    rows = np.moveaxis(x, dim, 0)
    first = np.ones(len(rows), bool)
    first[1:] = (rows[1:] != rows[:-1]).reshape(max(len(rows) - 1, 0), -1).any(1)
    starts = np.flatnonzero(first)
    counts = np.diff(np.append(starts, len(rows)))
    return np.ascontiguousarray(np.moveaxis(rows[starts], 0, dim)), np.cumsum(first) - 1, counts


def _runs_of_all(x):
    values, inverse, counts = _runs(x.reshape(-1), dim=0)
    return values, inverse.reshape(x.shape), counts


_EXTRAS = ("inverse", "counts")
_unique_op = Op("unique2", _unique, _no_derivative("_unique2"), extras=_EXTRAS, dynamic=errors.DYNAMIC.format("_unique2"))
_unique_dim_op = Op("unique_dim", _unique_dim, _no_derivative("unique_dim"), extras=_EXTRAS,
                    dynamic=errors.DYNAMIC.format("unique_dim"))
_runs_op = Op("unique_consecutive_dim", _runs, _no_derivative("unique_consecutive"), extras=_EXTRAS,
              dynamic=errors.DYNAMIC.format("unique_consecutive"), node="UniqueConsecutiveBackward0")
_runs_of_all_op = Op("unique_consecutive", _runs_of_all, _no_derivative("unique_consecutive"), extras=_EXTRAS,
                     dynamic=errors.DYNAMIC.format("unique_consecutive"))


def _asked(results, return_inverse, return_counts):
    values, inverse, counts = results
    asked = (values, *([inverse] if return_inverse else []), *([counts] if return_counts else []))
    return asked if len(asked) > 1 else values


@function
def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """The distinct elements, or slices along `dim`, in order; on request where each went, and how often each occurs.

    NaNs are all distinct. Raises IndexError if the dim is out of range.
    """
    if dim is None:
        return _asked(apply(_unique_op, (input,), {}), return_inverse, return_counts)
    at = one_dim("unique", input, dim)
    return _asked(apply(_unique_dim_op, (input,), {"dim": at}), return_inverse, return_counts)


@function
def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    """One of each run of equal elements, or slices along `dim`; on request where each went, and the runs' lengths."""
    if dim is None:
        return _asked(apply(_runs_of_all_op, (input,), {}), return_inverse, return_counts)
    at = one_dim("unique_consecutive", input, dim)
    return _asked(apply(_runs_op, (input,), {"dim": at}), return_inverse, return_counts)


# ---- places in a sorted sequence -------------------------------------------------------------------------------------------
def _searchsorted(sequence, values, sorter, *, side, dtype):
    if sorter is not None:
        sequence = np.take_along_axis(sequence, sorter, -1)
    if sequence.ndim == 1:
        return np.asarray(np.searchsorted(sequence, values, side)).astype(dtype)
    rows, wanted = sequence.reshape(-1, sequence.shape[-1]), values.reshape(-1, values.shape[-1])
    found = np.empty(wanted.shape, dtype)
    for row, value, out in zip(rows, wanted, found, strict=True):
        out[...] = np.searchsorted(row, value, side)
    return found.reshape(values.shape)


_searchsorted_op = Op("searchsorted", _searchsorted, ())
_OUT = {False: I64, True: dtypes.int32.numpy}


def _side(right, side):
    if side not in (None, "left", "right"):
        raise RuntimeError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise RuntimeError("torch.searchsorted(): side and right can't be set to opposites, got side of left while right was "
                           "True")
    return "right" if right or side == "right" else "left"


def _tensor(value):
    return value if isinstance(value, Tensor) else wrap(np.asarray(value))


@function(out=True, method=False)
def searchsorted(sorted_sequence, input, *, out_int32=False, right=False, side=None, sorter=None):
    """Where the values of `input` would have to go to keep `sorted_sequence`, or each of its rows, in order.

    Before equal elements, or with `right` behind them. `sorter`: the indices that sort the sequence.
    Raises RuntimeError where the leading dimensions differ.
    """
    side = _side(right, side)
    values = _tensor(input)
    rows, shape = shape_of(sorted_sequence), shape_of(values)
    if not rows or (len(rows) > 1 and rows[:-1] != shape[:-1]):
        raise RuntimeError("torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of "
                           "boundaries tensor and input value tensor must match, but we got boundaries tensor "
                           f"{list(rows)} and input value tensor {list(shape)}")
    return _searchsorted_op(sorted_sequence, values, sorter, side=side, dtype=_OUT[bool(out_int32)])


@function(out=True, method=False)
def bucketize(input, boundaries, *, out_int32=False, right=False):
    """The number of the interval between `boundaries` that each value lies in; see `searchsorted`."""
    if len(shape_of(boundaries)) != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({len(shape_of(boundaries))})")
    return _searchsorted_op(boundaries, _tensor(input), None, side=_side(right, None), dtype=_OUT[bool(out_int32)])


# ---- counts ----------------------------------------------------------------------------------------------------------------
def _bincount(x, weights, *, minlength):
    if x.size and x.min() < 0:
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    counts = np.bincount(x, weights, minlength)
    return counts.astype(I64 if weights is None else weights.dtype if weights.dtype == np.float32 else F64)


_bincount_op = Op("bincount", _bincount, (), dynamic=True)


@function
def bincount(input, weights=None, minlength=0):
    """How often each number from 0 occurs, or the sum of its `weights`; at least `minlength` counts.

    Raises RuntimeError unless the input is 1-d and of integers that are not negative.
    """
    if dtype_of(input).kind not in "iu":
        raise NotImplementedError(f"\"bincount_cpu\" not implemented for '{errors.title(dtype_of(input))}'")
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if len(shape_of(input)) != 1:
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if weights is not None and shape_of(weights) != shape_of(input):
        raise RuntimeError("weights should be 1-d and have the same length as input")
    return _bincount_op(input, weights, minlength=minlength)


def _histc(x, *, bins, low, high):
    x = x.reshape(-1)
    if low == high and x.size:
        low, high = float(x.min()), float(x.max())
    if not np.isfinite(low) or not np.isfinite(high):
        raise RuntimeError(f"torch.histc: range of [{low:g}, {high:g}] is not finite".replace("nan", "-nan"))
    if low == high:
        low, high = low - 1, high + 1
    inside = x[(x >= low) & (x <= high)]
    place = ((inside - x.dtype.type(low)) / x.dtype.type(high - low) * bins).astype(np.int64)
    return np.bincount(np.minimum(place, bins - 1), minlength=bins).astype(x.dtype)


_histc_op = Op("histc", _histc, ())


@function(out=True)
def histc(input, bins=100, min=0, max=0):
    """How many elements lie in each of `bins` equal intervals of [min, max], or if these are equal of the range of the input.

    Raises RuntimeError if `bins` is not positive or max smaller than min, NotImplementedError on integers.
    """
    if dtype_of(input).kind not in "fV":
        raise NotImplementedError(f"\"histogram_cpu\" not implemented for '{errors.title(dtype_of(input))}'")
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")
    if max < min:
        raise RuntimeError("torch.histc: max must be larger than min")
    return _histc_op(input, bins=int(bins), low=float(min), high=float(max))


# ---- membership ------------------------------------------------------------------------------------------------------------
_isin = Op("isin", lambda x, y, *, invert: np.asarray(np.isin(x, y, invert=invert)), ())


@function(out=True, method=False)
def isin(elements, test_elements, *, assume_unique=False, invert=False):
    """Whether each element is among the test elements, or with `invert` is not. Raises RuntimeError on bool."""
    elements, test_elements = _tensor(elements), _tensor(test_elements)
    for value in (elements, test_elements):
        if dtype_of(value) == B8:
            raise RuntimeError("Unsupported input type encountered for isin(): Bool")
    return _isin(elements, test_elements, invert=bool(invert))
