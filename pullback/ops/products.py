"""More products: outer, inner, kron, chains of matrices, cross products, and distances between rows."""

import math

import numpy as np

from .. import dtypes, errors, shapes
from ..batch import row_major
from ..dtypes import B8
from ..shapes import wrap_dim
from .binary import eq, mul, where
from .contract import c_name, dtype_of, matmul, mm
from .contraction import contract_all
from .public import function
from .record import Op
from .reduce import sum as sum_dims
from .shape import _unsafe_view, reshape, shape_of, transpose
from .unary import abs as magnitude
from .unary import conj, sign


@function(out=True)
def outer(input, vec2):
    """The products of all pairs of elements of two vectors, (n) and (m) to (n, m). Raises RuntimeError unless both are 1-d."""
    for name, value in (("self", input), ("vec2", vec2)):
        if len(shape_of(value)) != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {len(shape_of(value))}-D")
    return mul(reshape(input, (shape_of(input)[0], 1)), vec2)


@function(out=True)
def ger(input, vec2):
    """`outer` under its old name."""
    return outer(input, vec2)


@function(out=True)
def inner(input, other):
    """The sums of products over the last dimension: (*a, n) and (*b, n) to (*a, *b); with a number, the product.

    Raises RuntimeError where the last dimensions differ, and on different dtypes.
    """
    x, y = shape_of(input), shape_of(other)
    if not x or not y:
        return mul(input, other)
    if x[-1] != y[-1]:
        raise RuntimeError("inner() the last dimension must match on both input tensors but got shapes "
                           f"{list(x)} and {list(y)}")
    if dtype_of(input) != dtype_of(other):
        raise RuntimeError("both inputs should have same dtype")
    left, right = list(range(len(x))), [*range(len(x), len(x) + len(y) - 1), len(x) - 1]
    return contract_all((input, other), (left, right), left[:-1] + right[:-1])


@function(out=True)
def kron(input, other):
    """The Kronecker product: each element of `input` times the whole of `other`, as blocks."""
    x, y = shape_of(input), shape_of(other)
    ndim = max(len(x), len(y))
    x, y = (1,) * (ndim - len(x)) + x, (1,) * (ndim - len(y)) + y
    left = [size for n in x for size in (n, 1)]
    right = [size for n in y for size in (1, n)]
    product = mul(reshape(input, left), reshape(other, right))
    return _unsafe_view(product, shape=tuple([m * n for m, n in zip(x, y, strict=True)]))


# ---- chains of matrices --------------------------------------------------------------------------------------------------
@function(method=False, out=True)
def chain_matmul(*matrices):
    """The product of several matrices, in the order that needs the fewest multiplications."""
    if len(matrices) == 1 and isinstance(matrices[0], (list, tuple)):
        matrices = matrices[0]
    for matrix in matrices:
        if len(shape_of(matrix)) != 2:
            raise RuntimeError(f"Tensor dimension is {len(shape_of(matrix))}, expected 2 instead.")
    return matrices[0] if len(matrices) == 1 else linalg_multi_dot(matrices)


@function(method=False, out=True, namespace="linalg")
def linalg_multi_dot(tensors):
    """The product of several matrices, in the order that needs the fewest multiplications.

    The first and the last may be vectors. Raises RuntimeError on fewer than two and on sizes that do not match.
    """
    if len(tensors) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(tensors)}")
    dims = [len(shape_of(tensor)) for tensor in tensors]
    for number, ndim in enumerate(dims):
        if number in (0, len(dims) - 1):
            if ndim not in (1, 2):
                raise RuntimeError(f"multi_dot(): the {'last' if number else 'first'} tensor must be 1D or 2D but got {ndim}D")
        elif ndim != 2:
            raise RuntimeError(f"multi_dot(): tensor {number} must be 2D but got {ndim}D")
    first = dtype_of(tensors[0])
    for number, tensor in enumerate(tensors):
        if dtype_of(tensor) != first:
            raise RuntimeError(f"multi_dot(): all tensors must have be the same dtype but tensor 0 is {c_name(first)} and "
                               f"tensor {number} {c_name(dtype_of(tensor))}")
    matrices = list(tensors)
    if dims[0] == 1:
        matrices[0] = reshape(matrices[0], (1, -1))
    if dims[-1] == 1:
        matrices[-1] = reshape(matrices[-1], (-1, 1))
    for number, (x, y) in enumerate(zip(matrices, matrices[1:], strict=False)):
        if shape_of(x)[1] != shape_of(y)[0]:
            raise RuntimeError(f"multi_dot(): tensors {number} and {number + 1} with shapes {list(shape_of(x))} and "
                               f"{list(shape_of(y))} cannot be multiplied")
    product = _chained(matrices)
    return reshape(product, [n for n, ndim in zip(shape_of(product), (dims[0], dims[-1]), strict=True) if ndim == 2])


def _chained(matrices):
    """The product in the best order (Cormen et al., Introduction to Algorithms, 15.2)."""
    sizes = [shape_of(matrices[0])[0]] + [shape_of(matrix)[1] for matrix in matrices]
    n = len(matrices)
    cost, split = {(i, i): 0 for i in range(n)}, {}
    for span in range(1, n):
        for i in range(n - span):
            j = i + span
            cost[i, j], split[i, j] = min(
                (cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j))
    partial = {(i, i): matrix for i, matrix in enumerate(matrices)}
    pending = [(0, n - 1)]
    while pending:
        i, j = pending[-1]
        k = split.get((i, j), i)
        missing = [part for part in ((i, k), (k + 1, j)) if part not in partial]
        if missing:
            pending += missing
        else:
            partial[i, j] = mm(partial[i, k], partial[k + 1, j])
            pending.pop()
    return partial[0, n - 1]


# ---- cross product -------------------------------------------------------------------------------------------------------
_cross = Op("linalg_cross", lambda x, y, *, dim: row_major(np.cross(x, y, axis=dim)), (
    lambda g, y, dim: _cross(conj(y), g, dim=dim), lambda g, x, dim: _cross(g, conj(x), dim=dim)), multilinear=True)


@function(out=True)
def cross(input, other, dim=None):
    """The cross product of vectors along `dim`, by default the first dimension of size 3.

    Raises RuntimeError where that dimension is not of size 3 or the numbers of dimensions differ.
    """
    x = shape_of(input)
    if dim is None:
        if 3 not in x:
            raise RuntimeError("no dimension of size 3 in input")
        dim = x.index(3)
    return linalg_cross(input, other, dim=dim)


@function(method=False, out=True, namespace="linalg")
def linalg_cross(input, other, *, dim=-1):
    """The cross product of vectors along `dim`. Raises RuntimeError where that is not of size 3."""
    x, y = shape_of(input), shape_of(other)
    if len(x) != len(y):
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    at = wrap_dim(dim, len(x))
    if x[at] != 3 or y[at] != 3:
        raise RuntimeError(f"linalg.cross: inputs dimension {dim} must have length 3. Got {x[at]} and {y[at]}")
    shapes.broadcast(x, y)
    if B8 in (dtype_of(input), dtype_of(other)):
        raise NotImplementedError("\"cross\" not implemented for 'Bool'")
    return _cross(input, other, dim=at)


# ---- distances -----------------------------------------------------------------------------------------------------------
def _distances(x, y, *, p, by_product):
    if by_product:  # |x|^2 - 2 x.y + |y|^2: one matrix product instead of all differences
        squares = (x * x).sum(-1)[..., :, None] + (y * y).sum(-1)[..., None, :] - 2 * np.matmul(x, y.swapaxes(-1, -2))
        return np.sqrt(np.maximum(squares, 0))
    d = np.abs(x[..., :, None, :] - y[..., None, :, :])
    if p == 0:
        return (d != 0).sum(-1).astype(x.dtype)
    if p == 1:
        return d.sum(-1)
    if p == 2:
        return np.sqrt((d * d).sum(-1))
    if math.isinf(p):
        return d.max(-1, initial=0)
    return ((d**p).sum(-1) ** (1 / p)).astype(x.dtype)


def _distance_gradient(g, x, y, o, p):
    """For each row of `x`, the sum over rows of `y` of g times the derivative of the distance."""
    if p == 2:
        ratio = _quotient(g, o)
        return reshape(sum_dims(ratio, -1), (*shape_of(ratio)[:-1], 1)) * x - matmul(ratio, y)
    a, b = shape_of(x), shape_of(y)
    d = reshape(x, (*a[:-1], 1, a[-1])) - reshape(y, (*b[:-2], 1, *b[-2:]))
    column = (*shape_of(o), 1)
    g, o = reshape(g, column), reshape(o, column)
    if p == 0:
        slope = d * 0
    elif p == 1:
        slope = g * sign(d)
    elif math.isinf(p):
        slope = where(eq(magnitude(d), o), g * sign(d), 0.0)
    else:
        slope = sign(d) * _raised(magnitude(d), p - 1) * _quotient(g, o ** (p - 1))
    return sum_dims(slope, -2)


def _raised(d, power):
    """d ** power, and 0 where d is 0."""
    zero = eq(d, 0.0)
    return where(zero, 0.0, where(zero, 1.0, d) ** power)


def _quotient(g, o):
    """g / o, and 0 where o is 0."""
    zero = eq(o, 0.0)
    return where(zero, 0.0, g / where(zero, 1.0, o))


_RULES = (lambda g, x, y, o, p: _distance_gradient(g, x, y, o, p),
          lambda g, x, y, o, p: _distance_gradient(transpose(g, -1, -2), y, x, transpose(o, -1, -2), p))
_cdist = Op("cdist", _distances, _RULES)
_cdist_by_product = Op("cdist_by_product", _distances, _RULES, node="ViewBackward0")
_FEW = 25  # above so many rows torch, too, takes the matrix product


@function(method=False)
def cdist(x1, x2, p=2.0, compute_mode="use_mm_for_euclid_dist_if_necessary"):
    """The p-norm distances between all rows of `x1` (*, P, M) and of `x2` (*, R, M): (*, P, R).

    At distance 0 the gradient is 0. Raises RuntimeError on different numbers of columns and on a negative p.
    """
    a, b = shape_of(x1), shape_of(x2)
    for name, shape in (("X1", a), ("X2", b)):
        if len(shape) < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {name} got: {len(shape)}D")
    for name, value in (("X1", x1), ("X2", x2)):
        if dtype_of(value).kind not in "fV":
            raise RuntimeError(f"cdist only supports floating-point dtypes, {name} got: {errors.title(dtype_of(value))}")
    if a[-1] != b[-1]:
        raise RuntimeError(f"X1 and X2 must have the same number of columns. X1: {a[-1]} X2: {b[-1]}")
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    if dtype_of(x1) != dtype_of(x2):
        raise RuntimeError(f"expected scalar type {errors.title(dtype_of(x1))} but found {errors.title(dtype_of(x2))}")
    shapes.broadcast(a[:-2], b[:-2])
    many = max(a[-2], b[-2]) > _FEW
    by_product = p == 2 and {"use_mm_for_euclid_dist": True, "donot_use_mm_for_euclid_dist": False}.get(compute_mode, many)
    return (_cdist_by_product if by_product else _cdist)(x1, x2, p=float(p), by_product=bool(by_product))


@function(method=False, out=True, namespace="linalg")
def linalg_vecdot(x, y, *, dim=-1):
    """The dot products of vectors along `dim`, of which the first is conjugated if complex."""
    if dtypes.category(dtype_of(x)) < dtypes.FLOATING:
        raise RuntimeError("linalg.vecdot: Expected a floating point or complex tensor as input")
    return sum_dims(mul(conj(x), y), dim)
