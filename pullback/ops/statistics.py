"""Spread, size and middle: variance, standard deviation, norms, medians, modes."""

import math
import warnings

import numpy as np

from .. import dtypes, errors, return_types
from ..dtypes import F32
from ..graph import Tensor
from .binary import eq, where
from .extrema import check_not_empty, select_rule, spread_evenly
from .public import function
from .record import Op
from .reduce import add_up, count_of, dims_of, dtype_of, mean, one_dim, spread, sum
from .shape import keep_dims, shape_of
from .unary import abs as magnitude
from .unary import sgn

FREEDOM = ("{}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor (input numel "
           "divided by output numel).")


# ---- variance ------------------------------------------------------------------------------------------------------------
def _variance(x, dim, correction, keepdim):
    """Variance and mean, in two passes."""
    if dtypes.is_half(x.dtype):
        return [np.asarray(a).astype(x.dtype) for a in _variance(x.astype(F32), dim, correction, keepdim)]
    count = count_of(x.shape, dim)
    scalar = x.real.dtype.type
    center = add_up(x, dim, True, x.dtype) / scalar(count)
    d = x - center
    squares = d.real**2 + d.imag**2 if d.dtype.kind == "c" else d * d
    total = add_up(squares, dim, keepdim, squares.dtype)
    free = max(0, count - correction)
    spread_ = np.true_divide(total, scalar(free))
    return spread_, center if keepdim else center.reshape([size for i, size in enumerate(x.shape) if i not in dim])


def _var(x, *, dim, correction, keepdim):
    return _variance(x, dim, correction, keepdim)[0]


def _std(x, *, dim, correction, keepdim):
    return np.sqrt(_var(x, dim=dim, correction=correction, keepdim=keepdim))


def _var_mean(x, *, dim, correction, keepdim):
    return list(_variance(x, dim, correction, keepdim))


def _std_mean(x, *, dim, correction, keepdim):
    variance, center = _variance(x, dim, correction, keepdim)
    return [np.sqrt(variance), center]


def _var_rule(g, x, dim, correction, keepdim):
    """2 / (n - correction) (x - mean)."""
    count = count_of(shape_of(x), dim)
    free = max(0, count - correction)
    factor = 2 / free if free else math.inf if count else math.nan
    return keep_dims(g, dim, keepdim) * factor * (x - mean(x, dim, True))


def _std_rule(g, x, o, dim, correction, keepdim):
    zero = eq(o, 0)
    slope = where(zero, 0.0, g / where(zero, 1.0, o * 2))
    return _var_rule(slope, x, dim, correction, keepdim)


def _mean_part(g, x, dim, keepdim):
    shape = shape_of(x)
    return spread(g / count_of(shape, dim), dim, keepdim, shape)


def _var_mean_rule(g, x, dim, correction, keepdim):
    return [_var_rule(g[0], x, dim, correction, keepdim) + _mean_part(g[1], x, dim, keepdim)]


def _std_mean_rule(g, x, dim, correction, keepdim):
    o = _std_op(x, dim=dim, correction=correction, keepdim=keepdim)
    return [_std_rule(g[0], x, o, dim, correction, keepdim) + _mean_part(g[1], x, dim, keepdim)]


_var_op = Op("var", _var, (_var_rule,))
_std_op = Op("std", _std, (_std_rule,))
_var_mean_op = Op("var_mean", _var_mean, _var_mean_rule, many=True)
_std_mean_op = Op("std_mean", _std_mean, _std_mean_rule, many=True)


def _spread_of(op, input, dim, unbiased, correction, keepdim):
    if isinstance(dim, bool):  # var(unbiased)
        dim, unbiased = None, dim
    if dtypes.category(dtype_of(input)) < dtypes.FLOATING:
        name = "std and var"
        raise RuntimeError(f"{name} only support floating point and complex dtypes")
    if correction is None:
        correction = 1 if unbiased is None else int(unbiased)
    dims = dims_of(op.name, input, dim)
    if count_of(shape_of(input), dims) <= correction and 0 not in [n for i, n in enumerate(shape_of(input)) if i not in dims]:
        warnings.warn(FREEDOM.format(op.name), stacklevel=4)
    return op(input, dim=dims, correction=correction, keepdim=keepdim)


@function(out=True)
def var(input, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """The variance over `dim` (an int, several, or all): the sum of squared deviations divided by n - `correction` (1).

    `unbiased=False` is correction 0. Raises RuntimeError on integers and bool.
    """
    return _spread_of(_var_op, input, dim, unbiased, correction, keepdim)


@function(out=True)
def std(input, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """The standard deviation, the root of `var`. At 0 its gradient is 0. Raises RuntimeError on integers and bool."""
    return _spread_of(_std_op, input, dim, unbiased, correction, keepdim)


@function(method=False)
def var_mean(input, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """The variance and the mean, as a tuple; see `var`."""
    return _spread_of(_var_mean_op, input, dim, unbiased, correction, keepdim)


@function(method=False)
def std_mean(input, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """The standard deviation and the mean, as a tuple; see `std`."""
    return _spread_of(_std_mean_op, input, dim, unbiased, correction, keepdim)


# ---- norms ---------------------------------------------------------------------------------------------------------------
def _norm(x, *, p, dim, keepdim, dtype):
    if x.dtype != dtype:
        x = x.astype(dtype)
    if dtypes.is_half(x.dtype):
        return np.asarray(_norm(x.astype(F32), p=p, dim=dim, keepdim=keepdim, dtype=F32)).astype(x.dtype)
    if p == 2:
        squares = x.real**2 + x.imag**2 if x.dtype.kind == "c" else x * x
        return np.sqrt(add_up(squares, dim, keepdim, squares.dtype))
    size = np.abs(x)
    if p == 0:
        return add_up((size != 0).astype(size.dtype), dim, keepdim, size.dtype)
    if p == 1:
        return add_up(size, dim, keepdim, size.dtype)
    if p == math.inf:
        return np.maximum.reduce(size, dim, None, None, keepdim)
    if p == -math.inf:
        return np.minimum.reduce(size, dim, None, None, keepdim)
    return np.power(add_up(size**size.dtype.type(p), dim, keepdim, size.dtype), size.dtype.type(1 / p))


def _norm_rule(g, x, o, p, dim, keepdim):
    """sgn(x) |x|^(p-1) / o^(p-1), and 0 where that is 0 / 0: at the origin 0 is a subgradient."""
    g, o = keep_dims(g, dim, keepdim), keep_dims(o, dim, keepdim)
    if p == 0:
        return None
    if p == 1:
        return g * sgn(x)
    if p in (math.inf, -math.inf):
        same = eq(magnitude(x), o)
        return sgn(x) * (g * same / sum(same, dim, True))
    zero = eq(o, 0)
    if p == 2:
        return where(zero, 0.0, g / where(zero, 1.0, o)) * x
    scale = where(zero, 0.0, g / where(zero, 1.0, o) ** (p - 1))
    size = magnitude(x)
    return sgn(x) * _raised(size, p - 1) * scale


def _raised(size, power):
    """size ** power with 0 where the size is 0."""
    zero = eq(size, 0)
    return where(zero, 0.0, where(zero, 1.0, size) ** power)


_norm_op = Op("linalg_vector_norm", _norm, (_norm_rule,))


@function(method=False, out=True, namespace="linalg")
def linalg_vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None):
    """The `ord`-norm over `dim` (an int, several, or all) of the elements as a vector; see `norm`."""
    if not isinstance(ord, (int, float)):
        raise TypeError(f"linalg_vector_norm(): argument 'ord' (position 2) must be Number, not {type(ord).__name__}")
    own = dtype_of(x)
    if dtypes.category(own) < dtypes.FLOATING:
        raise RuntimeError(f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {errors.title(own)}")
    dims = dims_of("linalg_vector_norm", x, dim)
    if ord in (math.inf, -math.inf) or ord < 0:
        check_norm(x, ord, dims, dim)
    return _norm_op(x, p=float(ord), dim=dims, keepdim=keepdim, dtype=own if dtype is None else dtypes.numpy_of(dtype))


def check_norm(x, ord, dims, dim):
    """Raise RuntimeError for a norm that is not defined on no elements."""
    shape = shape_of(x)
    word = {math.inf: "inf", -math.inf: "-inf"}.get(ord, ord)
    if dim is None and 0 in shape:
        raise RuntimeError(f"linalg.vector_norm cannot compute the {word} norm on an empty tensor because the operation does "
                           "not have an identity")
    for d in dims:
        if shape and shape[d] == 0:
            raise RuntimeError(f"linalg.vector_norm cannot compute the {word} norm on the dimension {d}because this dimension "
                               "is empty and the operation does not have an identity")


@function
def norm(input, p="fro", dim=None, keepdim=False, out=None, dtype=None):
    """The p-norm of the elements over `dim` (an int, several, or all): (sum |x|^p)^(1/p).

    "fro" is 2, inf the largest magnitude, 0 the number of nonzeros. At the origin the gradient is 0.
    Raises RuntimeError on integers and bool, and on an order it does not know.
    """
    if isinstance(p, Tensor):
        p = p.item()
    if p is None or p == "fro":
        p = 2.0
    if isinstance(p, str):
        raise RuntimeError(f"linalg.matrix_norm: Order {p} not supported.")
    result = linalg_vector_norm(input, p, dim, keepdim, dtype=dtype)
    return result if out is None else out.copy_(result)


# ---- medians and modes -----------------------------------------------------------------------------------------------------
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
    first = np.ones(ordered.shape, bool)
    first[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    start = np.maximum.accumulate(np.where(first, place, 0), -1)
    best = np.argmax(place - start, -1)  # the first end of a longest run
    values = np.take_along_axis(ordered, best[..., None], -1)
    same = (rows == values) | ((rows != rows) & (values != values))
    indices = n - 1 - np.argmax(same[..., ::-1], -1)
    return _selected(x, np.expand_dims(indices, dim), dim, keepdim)


_median_dim = Op("median_dim", _median, (select_rule,), extras=("indices",), node="MedianBackward1")
_median_whole = Op("median", _median_all, (spread_evenly,))
_nanmedian_dim = Op("nanmedian_dim", _median, (select_rule,), extras=("indices",), node="NanmedianBackward1")
_nanmedian_whole = Op("nanmedian", _median_all, (spread_evenly,))
_mode_op = Op("mode", _mode, (select_rule,), extras=("indices",))


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
