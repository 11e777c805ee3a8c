"""Norms of vectors and matrices."""

import math

import numpy as np

from .. import dtypes, errors
from ..dtypes import F32
from ..graph import Tensor
from ..shapes import wrap_dim
from .binary import eq, where
from .extrema import amax, amin
from .public import function
from .record import Op
from .reduce import add_up, dims_of, dtype_of, sum
from .shape import keep_dims, shape_of
from .unary import abs as magnitude
from .unary import sgn


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


# ---- torch.linalg ----------------------------------------------------------------------------------------------------------
@function(method=False, out=True, namespace="linalg")
def linalg_matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None):
    """A norm of matrices: "fro", or 1, -1, inf, -inf, the largest or smallest sum of magnitudes of a column or a row.

    Raises RuntimeError on fewer than two dimensions and on an order it does not know.
    """
    ndim = len(shape_of(A))
    if ndim < 2:
        raise RuntimeError("linalg.matrix_norm: The input tensor A must have at least 2 dimensions.")
    dims = (dim,) if isinstance(dim, int) else tuple(dim)
    if len(dims) != 2:
        raise RuntimeError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {', '.join(map(str, dims))}")
    if ord == "fro":
        return linalg_vector_norm(A, 2, dims, keepdim, dtype=dtype)
    if isinstance(ord, str) or abs(ord) not in (1, math.inf):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    row, column = [wrap_dim(d, ndim) for d in dims]
    inner, outer = (row, column) if abs(ord) == 1 else (column, row)
    sums = linalg_vector_norm(A, 1, inner, keepdim, dtype=dtype)
    return (amax if ord > 0 else amin)(sums, outer if keepdim or outer < inner else outer - 1, keepdim)


@function(method=False, out=True, namespace="linalg")
def linalg_norm(A, ord=None, dim=None, keepdim=False, *, dtype=None):
    """A vector norm of all elements (no `ord`), of a vector or along one dim; a matrix norm of a matrix or over two dims."""
    ndim = len(shape_of(A))
    dims = None if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    if ord is None:
        return linalg_vector_norm(A, 2, dims, keepdim, dtype=dtype)
    if dims is None:
        if ndim > 2:
            raise RuntimeError("linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. "
                               f"Got {ndim}D.")
        dims = (-2, -1) if ndim == 2 else (-1,)
    if len(dims) == 2 or isinstance(ord, str):
        return linalg_matrix_norm(A, ord, dims, keepdim, dtype=dtype)
    return linalg_vector_norm(A, ord, dims, keepdim, dtype=dtype)
