"""Variance and standard deviation."""

import math
import warnings

import numpy as np

from .. import dtypes
from ..dtypes import F32
from .binary import eq, where
from .public import function
from .record import Op
from .reduce import add_up, count_of, dims_of, dtype_of, mean, spread
from .shape import keep_dims, shape_of

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
