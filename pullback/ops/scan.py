"""Running reductions along a dimension: cumsum, cumprod, cummax, cummin, logcumsumexp; and diff, cumsum undone."""

import numpy as np

from .. import dtypes, errors, return_types
from ..batch import row_major
from ..dtypes import B8, F32, F64
from .binary import eq, logical_and, logical_xor, where
from .join import cat
from .logarithms import add_exponentials
from .public import function
from .record import Op, linear
from .reduce import accumulator, dtype_of, one_dim
from .shape import shape_of, slice_op
from .unary import conj, exp, log

ndarray = np.ndarray


# ---- kernels: a 0-dim tensor is its own scan ------------------------------------------------------------------------------
def _wide(dtype):
    """The dtype a scan runs in, one step wider than its result, as torch's do."""
    return F64 if dtype is F32 else F32 if dtypes.is_half(dtype) else dtype


def _scan(ufunc, x, dim, dtype, reverse=False):
    if not x.ndim:
        return x.astype(dtype)
    at = (slice(None),) * dim + (slice(None, None, -1),)
    result = ufunc.accumulate(x[at] if reverse else x, dim, dtype=_wide(dtype)).astype(dtype, copy=False)
    return row_major(result[at] if reverse else result)


def _cumsum(x, *, dim, dtype):
    return _scan(np.add, x, dim, dtype)


def _cumsum_back(x, *, dim):
    return _scan(np.add, x, dim, x.dtype, reverse=True)


_cumsum_op = linear("cumsum", _cumsum, lambda g, dim: _cumsum_back_op(g, dim=dim))
_cumsum_back_op = linear("cumsum_back", _cumsum_back, lambda g, dim: _cumsum_op(g, dim=dim, dtype=dtype_of(g)),
                         node="FlipBackward0")


def _cumprod(x, *, dim, dtype):
    return _scan(np.multiply, x, dim, dtype)


def _cumprod_rule(g, x, o, dim):
    """The sum of g o from each place on, divided by x there.

    From the first zero on all products vanish; at that zero itself what counts are the products with it left out.
    """
    if not len(shape_of(x)):
        return g
    if type(x) is ndarray and np.all(x):
        return _cumsum_back_op(g * conj(o), dim=dim) / conj(x)
    zero = eq(x, 0)
    zeros = _cumsum_op(zero, dim=dim, dtype=np.dtype(np.int64))
    first = logical_and(zero, eq(zeros, 1))
    without = _cumprod_op(where(first, 1.0, x), dim=dim, dtype=dtype_of(x))
    before = _cumsum_back_op(g * conj(o), dim=dim) / conj(where(zero, 1.0, x))
    return where(eq(zeros, 0), before, where(first, _cumsum_back_op(where(zeros >= 1, g * conj(without), 0.0), dim=dim), 0.0))


_cumprod_op = Op("cumprod", _cumprod, (_cumprod_rule,))


def _running(ufunc):
    def kernel(x, *, dim):
        if not x.ndim:
            return x.copy(), np.zeros((), np.int64)
        values = ufunc.accumulate(x, dim)
        shape = [1] * x.ndim
        shape[dim] = x.shape[dim]
        reached = (x == values) | (x != x)
        indices = np.maximum.accumulate(np.where(reached, np.arange(x.shape[dim]).reshape(shape), 0), dim)
        return values, indices

    return kernel


def _add_at(x, indices, *, dim):
    """Zeros with each element of `x` added at its index along `dim`."""
    if not x.ndim:
        return x.copy()
    if not x.size:
        return np.zeros(x.shape, x.dtype)
    rows, places = np.moveaxis(x, dim, -1), np.moveaxis(indices, dim, -1)
    n = rows.shape[-1]
    flat = (places.reshape(-1, n) + n * np.arange(rows.size // n)[:, None]).reshape(-1)
    sums = np.bincount(flat, rows.reshape(-1).astype(F64), rows.size).astype(x.dtype)
    return np.moveaxis(sums.reshape(rows.shape), -1, dim)


def _take_at(x, indices, *, dim):
    return np.take_along_axis(x, indices, dim) if x.ndim else x.copy()


def _taken(g, indices, dim):
    return _take_at_op(g, indices, dim=dim)


_add_at_op = Op("add_at", _add_at, (lambda g, indices, dim: _take_at_op(g, indices, dim=dim), None), linear=True)
_take_at_op = Op("take_at", _take_at, (lambda g, indices, dim: _add_at_op(g, indices, dim=dim), None), linear=True)
_cummax = Op("cummax", _running(np.maximum), (lambda g, indices, dim: _add_at_op(g, indices, dim=dim),), extras=("indices",),
             jvp=(_taken,))
_cummin = Op("cummin", _running(np.minimum), (lambda g, indices, dim: _add_at_op(g, indices, dim=dim),), extras=("indices",),
             jvp=(_taken,))


def _logcumsumexp(x, *, dim, reverse):
    if x.dtype.kind == "c" and x.ndim:
        rows = np.moveaxis(x, dim, 0)[::-1 if reverse else 1].copy()
        for before, row in zip(rows, rows[1:], strict=False):
            row[...] = add_exponentials(before, row)
        return np.moveaxis(rows[::-1 if reverse else 1], 0, dim)
    return _scan(np.logaddexp, x, dim, x.dtype, reverse)


def _logcumsumexp_rule(g, x, o, dim, reverse):
    """exp(x) times the sum of g exp(-o) from each place on; the positive and the negative part each in logarithms."""
    if dtype_of(x).kind == "c":
        sums = _cumsum_op if reverse else _cumsum_back_op
        options = {"dtype": dtype_of(x)} if reverse else {}
        return sums(g * conj(exp(-o)), dim=dim, **options) * conj(exp(x))
    up = _logcumsumexp_op(_log_of(g) - o, dim=dim, reverse=not reverse)
    down = _logcumsumexp_op(_log_of(-g) - o, dim=dim, reverse=not reverse)
    return exp(up + x) - exp(down + x)


def _log_of(g):
    """log(g); for what is not positive the lowest number there is, for with an infinity the sums would become NaN."""
    lowest = -6e4 if dtypes.is_half(dtype_of(g)) else float(np.finfo(dtype_of(g)).min)
    positive = g > 0
    return where(positive, log(where(positive, g, 1.0)), lowest)


_logcumsumexp_op = Op("logcumsumexp", _logcumsumexp, (_logcumsumexp_rule,))


# ---- public functions ------------------------------------------------------------------------------------------------------
@function(out=True, inplace=True)
def cumsum(input, dim, *, dtype=None):
    """The running sums along `dim`. Integers and bool add up in int64, or `dtype`. Raises IndexError if out of range."""
    return _cumsum_op(input, dim=one_dim("cumsum", input, dim), dtype=accumulator("cumsum", input, dtype))


@function(out=True, inplace=True)
def cumprod(input, dim, *, dtype=None):
    """The running products along `dim`. Integers and bool multiply in int64, or `dtype`. Raises IndexError if out of range."""
    return _cumprod_op(input, dim=one_dim("cumprod", input, dim), dtype=accumulator("cumprod", input, dtype))


@function(out=True)
def cummax(input, dim):
    """The largest element so far along `dim`, and its index (the last of equals)."""
    return return_types.cummax(*_cummax(input, dim=one_dim("cummax", input, dim)))


@function(out=True)
def cummin(input, dim):
    """The smallest element so far along `dim`, and its index (the last of equals)."""
    return return_types.cummin(*_cummin(input, dim=one_dim("cummin", input, dim)))


@function(out=True)
def logcumsumexp(input, dim):
    """log(cumsum(exp(input))) along `dim`, computed without overflow. Raises NotImplementedError on integers."""
    if dtype_of(input).kind in "biu":
        raise NotImplementedError(f"\"logcumsumexp_out_cpu\" not implemented for '{errors.title(dtype_of(input))}'")
    return _logcumsumexp_op(input, dim=one_dim("logcumsumexp", input, dim), reverse=False)


@function(out=True)
def diff(input, n=1, dim=-1, prepend=None, append=None):
    """The differences of neighbours along `dim`, taken `n` times; of bool, whether they differ.

    `prepend` and `append` are put before and behind first. Raises RuntimeError on a 0-dim tensor.
    """
    if not shape_of(input):
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    at = one_dim("diff", input, dim)
    parts = [part for part in (prepend, input, append) if part is not None]
    if len(parts) > 1:
        input = cat(parts, at)
    for _ in range(n):
        if shape_of(input)[at] == 0:
            break
        later, earlier = [slice_op(input, index=(slice(None),) * at + (part,)) for part in (slice(1, None), slice(None, -1))]
        input = logical_xor(later, earlier) if dtype_of(input) == B8 else later - earlier
    return input
