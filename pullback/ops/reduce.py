"""Reductions: sums, means, products, and whether all or any."""

import math

import numpy as np

from .. import dtypes, errors
from ..batch import empty, zeros
from ..dtypes import B8, F32, I64
from ..graph import Tensor
from ..shapes import wrap_dim, wrap_dims
from .apply import apply, as_array
from .binary import eq, ne, where
from .elementwise import short_unary
from .public import function
from .record import Op, linear
from .shape import expand_array, keep_dims, shape_of
from .unary import clone, conj, exp

ndarray = np.ndarray
_LONG = 4096  # from so many rows on a float32 sum over rows goes by blocks, so that its rounding errors do not grow with the rows
_BLOCK = 256
_SMALL = 4096


def dtype_of(value):
    """The NumPy dtype of a tensor or an array."""
    return value._array.dtype if isinstance(value, Tensor) else value.dtype


def dims_of(name, input, dim):
    """The dims to reduce, counted from the front; an empty list means all, as None does.

    Raises IndexError if one is out of range, TypeError if it is no int.
    """
    if dim is None:
        return tuple(range(len(shape_of(input))))
    for d in dim if isinstance(dim, (tuple, list)) else (dim,):
        if type(d) is not int and not hasattr(d, "__index__"):
            raise no_such_arguments(name, dim)
    return wrap_dims(dim if isinstance(dim, (tuple, list)) else dim.__index__(), len(shape_of(input)))


def one_dim(name, input, dim, forms=False):
    """One dim, counted from the front. Raises IndexError if it is out of range, TypeError if it is no int.

    `forms`: the function has others, which torch's message then lists.
    """
    if type(dim) is not int and (not hasattr(dim, "__index__") or isinstance(dim, Tensor)):
        if forms:
            raise no_such_arguments(name, dim)
        raise TypeError(f"{name}(): argument 'dim' (position 2) must be int, not {errors.type_name(dim)}")
    return wrap_dim(dim.__index__(), len(shape_of(input)))


def no_such_arguments(name, *given):
    """The TypeError for arguments that fit none of a function's forms."""
    names = ", ".join(errors.type_name(value) for value in given)
    return TypeError(f"{name}() received an invalid combination of arguments - got ({names}), but expected one of:\n"
                     f" * the forms at https://docs.pytorch.org/docs/stable/generated/torch.{name}.html")


def accumulator(name, input, dtype, integers=I64):
    """The dtype to add up in: the one asked for, `integers` for ints and bool, else the input's own."""
    own = dtype_of(input)
    if dtype is None:
        if own is F32:
            return own
        return integers if own.kind in "biu" else own
    target = dtypes.numpy_of(dtype)
    if isinstance(input, Tensor) and input._edge is not None and target.kind in "biu":
        raise RuntimeError(f"Autograd not support dtype: {errors.title(target)}")
    return target


# ---- kernels -------------------------------------------------------------------------------------------------------------
def add_up(x, dim, keepdim, dtype):
    """The sum over `dim` in `dtype`; half precision is added in single."""
    if dtype is not F32 and dtypes.is_half(dtype):
        return np.asarray(np.add.reduce(x, dim, F32, None, keepdim)).astype(dtype)
    if dtype is F32 and dim is not None and 0 in dim and len(x) >= _LONG and x.ndim - 1 not in dim and x.flags.c_contiguous:
        rows = len(x) - len(x) % _BLOCK
        blocks = x[:rows].reshape(-1, _BLOCK, *x.shape[1:])
        total = np.add.reduce(np.add.reduce(blocks, 1, dtype), dim, None, None, keepdim)
        return total + np.add.reduce(x[rows:], dim, dtype, None, keepdim) if rows < len(x) else total
    return np.add.reduce(x, dim, dtype, None, keepdim)


def _sum(x, *, dim, keepdim, dtype):
    return add_up(x, dim, keepdim, dtype)


def _sum_everything(x):
    if x.dtype is F32:
        return np.add.reduce(x, None)
    return add_up(x, None, False, I64 if x.dtype.kind in "biu" else x.dtype)


def _nansum(x, *, dim, keepdim, dtype):
    return add_up(np.where(np.isnan(x), x.dtype.type(0), x) if x.dtype.kind in "fV" else x, dim, keepdim, dtype)


def count_of(shape, dim):
    """How many elements are reduced to one."""
    return math.prod(shape if dim is None else [shape[d] for d in dim])


def _mean(x, *, dim, keepdim, dtype):
    count = count_of(x.shape, dim)
    if dtypes.is_half(dtype):
        return np.asarray(add_up(x, dim, keepdim, F32) / np.float32(count)).astype(dtype)
    return np.true_divide(add_up(x, dim, keepdim, dtype), dtype.type(count))


def _prod(x, *, dim, keepdim, dtype):
    if dtypes.is_half(dtype):
        return np.asarray(np.multiply.reduce(x, dim, F32, None, keepdim)).astype(dtype)
    return np.multiply.reduce(x, dim, dtype, None, keepdim)


def _spread(x, *, dim, keepdim, shape):
    if x.ndim and not keepdim:
        x = x.reshape([1 if d in dim else size for d, size in enumerate(shape)])
    return _repeat(x, shape=shape)


_spread_op = linear("sum_backward", _spread, lambda g, dim, keepdim: _sum_dim(g, dim=dim, keepdim=keepdim, dtype=dtype_of(g)))


def spread(g, dim, keepdim, shape):
    """The gradient of a reduction's result, repeated along the dims that were reduced (None: all)."""
    return _spread_op(g, dim=dim, keepdim=keepdim, shape=shape)


def _repeat(x, *, shape):
    if math.prod(shape) > _SMALL:
        return expand_array(x, shape=shape)
    whole = empty(shape, x.dtype, x)  # on small work faster than a window
    whole[...] = x
    return whole


_repeat_op = linear("sum_backward_all", _repeat, lambda g: _sum_all(g))


def repeated(g, shape):
    """The gradient of the sum of everything, in all the places it was summed from."""
    return apply(_repeat_op, (g,), {"shape": shape})


# ---- records: torch names the whole reduction and that over dims differently ----------------------------------------------
def _sum_rule(g, x_shape, dim, keepdim):
    return spread(g, dim, keepdim, x_shape)


def _mean_rule(g, x_shape, dim, keepdim):
    return spread(g / count_of(x_shape, dim), dim, keepdim, x_shape)


def _prod_rule(g, x, o, dim, keepdim):
    """g o / x; where x is 0, the product of the others."""
    g, o = keep_dims(g, dim, keepdim), keep_dims(o, dim, keepdim)
    if type(x) is ndarray and np.all(x):
        return g * conj(o / x)
    zero = eq(x, 0)
    filled = where(zero, 1.0, x)
    others = prod_over(filled, dim)
    count = sum(zero, dim, True)
    alone = where(eq(count, 1), others, 0.0)
    return g * conj(where(zero, alone, o / filled))


def prod_over(x, dim):
    """The product over several dims, which stay with size 1."""
    return _prod_dim(x, dim=dim, keepdim=True, dtype=dtype_of(x))


_sum_all = linear("sum", _sum_everything, lambda g, x_shape: repeated(g, x_shape))
_sum_short = short_unary(_sum_all)
_sum_dim = linear("sum_dim", _sum, _sum_rule, node="SumBackward1")
_mean_all = linear("mean", _mean, _mean_rule)
_mean_dim = linear("mean_dim", _mean, _mean_rule, node="MeanBackward1")
_prod_all = Op("prod", _prod, (_prod_rule,))
_prod_dim = Op("prod_dim", _prod, (_prod_rule,), node="ProdBackward1")
_nansum_op = Op("nansum", _nansum, (lambda g, x, x_shape, dim, keepdim: where(ne(x, x), 0.0, spread(g, dim, keepdim, x_shape)),))


# ---- public functions ------------------------------------------------------------------------------------------------------
@function(out=True)
def sum(input, dim=None, keepdim=False, *, dtype=None):
    """The sum over `dim` (an int, several, or all). Integers and bool add up in int64, or `dtype`.

    Raises IndexError if a dim is out of range. See https://docs.pytorch.org/docs/stable/generated/torch.sum.html
    """
    if dim is None and not keepdim:
        return _sum_short(input if dtype is None else clone(input, dtype=accumulator("sum", input, dtype)))
    target = accumulator("sum", input, dtype)
    return apply(_sum_dim, (input,), {"dim": dims_of("sum", input, dim), "keepdim": keepdim, "dtype": target})


@function(out=True)
def nansum(input, dim=None, keepdim=False, *, dtype=None):
    """The sum over `dim` of what is not NaN. Raises RuntimeError on complex input."""
    if dtype_of(input).kind == "c":
        raise RuntimeError("nansum on CPU does not support complex inputs")
    target = accumulator("nansum", input, dtype)
    if dtype_of(input).kind in "biu":
        return sum(input, dim, keepdim, dtype=dtype)
    return _nansum_op(input, dim=dims_of("nansum", input, dim), keepdim=keepdim, dtype=target)


def no_mean(dtype, word="Input"):
    """torch's error for the mean of integers and bool."""
    return RuntimeError(f"mean(): could not infer output dtype. {word} dtype must be either a floating point or complex dtype. "
                        f"Got: {errors.title(dtype)}")


@function(out=True)
def mean(input, dim=None, keepdim=False, *, dtype=None):
    """The mean over `dim` (an int, several, or all). Raises RuntimeError on integers and bool unless `dtype` is given."""
    own = dtype_of(input)
    target = own if dtype is None else dtypes.numpy_of(dtype)
    if target.kind in "biu":
        raise no_mean(target, "Input" if dtype is None else "Optional")
    if dim is None and not keepdim:
        return apply(_mean_all, (input,), {"dim": None, "keepdim": False, "dtype": target})
    return apply(_mean_dim, (input,), {"dim": dims_of("mean", input, dim), "keepdim": keepdim, "dtype": target})


@function(out=True)
def nanmean(input, dim=None, keepdim=False, *, dtype=None):
    """The mean over `dim` of what is not NaN. Raises RuntimeError on integers and bool."""
    if dtype_of(input).kind in "biu":
        raise RuntimeError("nanmean(): expected input to have floating point or complex dtype but got "
                           f"{errors.title(dtype_of(input))}")
    total = nansum(input, dim, keepdim, dtype=dtype)
    return total / sum(eq(input, input), dim, keepdim)


@function(out=True)
def prod(input, dim=None, keepdim=False, *, dtype=None):
    """The product of all elements, or over one dim. Integers and bool multiply in int64, or `dtype`.

    Raises IndexError if the dim is out of range.
    """
    target = accumulator("prod", input, dtype)
    if dim is None:
        return _prod_all(input, dim=dims_of("prod", input, None), keepdim=False, dtype=target)
    if isinstance(dim, (tuple, list)):
        raise no_such_arguments("prod", dim)
    return _prod_dim(input, dim=dims_of("prod", input, dim), keepdim=keepdim, dtype=target)


# ---- logsumexp -----------------------------------------------------------------------------------------------------------
def _logsumexp(x, *, dim, keepdim):
    if not x.size:
        return np.log(np.add.reduce(np.exp(x), dim, None, None, keepdim))
    top = np.maximum.reduce(x.real if x.dtype.kind == "c" else x, dim, None, None, True)
    top = np.where(np.isinf(top), top.dtype.type(0), top)
    total = add_up(np.exp(x - top), dim, True, F32 if dtypes.is_half(x.dtype) else x.dtype)
    result = (np.log(total) + top).astype(x.dtype, copy=False)
    return result if keepdim else result.reshape([size for d, size in enumerate(x.shape) if d not in dim])


def _logsumexp_rule(g, x, o, dim, keepdim):
    g, o = keep_dims(g, dim, keepdim), keep_dims(o, dim, keepdim)
    return g * exp(x - o)


def _logsumexp_tangent(g, x, o, dim, keepdim):
    return sum(g * exp(x - keep_dims(o, dim, keepdim)), dim, keepdim)


_logsumexp_op = Op("logsumexp", _logsumexp, (_logsumexp_rule,), jvp=(_logsumexp_tangent,))


@function(out=True)
def logsumexp(input, dim, keepdim=False):
    """log(sum(exp(input))) over `dim` (an int or several), computed without overflow. Integers become the default dtype."""
    if dtype_of(input).kind in "biu":
        input = clone(input, dtype=dtypes.get_default_dtype().numpy)
    return _logsumexp_op(input, dim=dims_of("logsumexp", input, dim), keepdim=keepdim)


# ---- counts and logic ------------------------------------------------------------------------------------------------------
def _all(x, *, dim, keepdim):
    return np.logical_and.reduce(x, dim, None, None, keepdim).astype(x.dtype if x.dtype == np.uint8 else B8)


def _any(x, *, dim, keepdim):
    return np.logical_or.reduce(x, dim, None, None, keepdim).astype(x.dtype if x.dtype == np.uint8 else B8)


_all_op, _any_op = Op("all", _all, ()), Op("any", _any, ())
_count_nonzero = Op("count_nonzero", lambda x, *, dim: as_array(np.count_nonzero(x, axis=dim)), ())


@function(out=True)
def all(input, dim=None, keepdim=False):
    """Whether all elements (over `dim`: an int, several, or all) are nonzero; uint8 for uint8, else bool."""
    return _all_op(input, dim=dims_of("all", input, dim), keepdim=keepdim)


@function(out=True)
def any(input, dim=None, keepdim=False):
    """Whether an element (over `dim`: an int, several, or all) is nonzero; uint8 for uint8, else bool."""
    return _any_op(input, dim=dims_of("any", input, dim), keepdim=keepdim)


@function
def count_nonzero(input, dim=None):
    """How many elements (over `dim`: an int, several, or all) are nonzero, as int64."""
    return _count_nonzero(input, dim=dims_of("count_nonzero", input, dim))


def _on_diagonal(x, *, shape):
    whole = zeros(shape, x.dtype, x)
    np.fill_diagonal(whole, x)
    return whole


_trace = linear("trace", lambda x, *, dtype: np.trace(x, dtype=dtype), lambda g, x_shape: _trace_back(g, shape=x_shape))
_trace_back = linear("trace_backward", _on_diagonal, lambda g: _trace(g, dtype=dtype_of(g)))


@function
def trace(input):
    """The sum of a matrix's diagonal. Raises RuntimeError unless the input is a matrix."""
    if len(shape_of(input)) != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {len(shape_of(input))}")
    if dtype_of(input) == B8:
        raise NotImplementedError("\"trace\" not implemented for 'Bool'")
    return _trace(input, dtype=accumulator("trace", input, None))
