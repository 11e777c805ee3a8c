"""Matrix products: dot, mv, mm, bmm and matmul, which is all of them.

The kernels hand matrices to the BLAS as they lie: `ndarray.dot` passes a transposed operand on as a flag, without a copy.
A batch times one matrix is one product of the flattened batch.
"""

import math

import numpy as np

from .. import dtypes, errors, shapes
from ..batch import row_major
from ..dtypes import F32, F64
from ..graph import Tensor
from ..mode import current_mode
from .apply import attach
from .public import function
from .record import NOTHING, Op
from .shape import reshape, shape_of, transpose
from .unary import conj

ndarray = np.ndarray
_C_NAMES = {"Float": "float", "Double": "double", "Half": "c10::Half", "BFloat16": "c10::BFloat16", "Byte": "unsigned char",
            "Char": "signed char", "Short": "short int", "Int": "int", "Long": "long int", "Bool": "bool",
            "UInt16": "short unsigned int", "UInt32": "unsigned int", "UInt64": "long unsigned int",
            "ComplexFloat": "c10::complex<float>", "ComplexDouble": "c10::complex<double>"}


def c_name(numpy_dtype):
    """The C++ name of a dtype, which some messages of torch use."""
    return _C_NAMES[errors.title(numpy_dtype)]


# ---- kernels -----------------------------------------------------------------------------------------------------------
def product(x, y):
    """x @ y for one or two dimensions each. Half precision multiplies and adds in float32."""
    if dtypes.is_half(x.dtype):
        return x.astype(F32).dot(y.astype(F32)).astype(x.dtype)
    return times_by_rows(x, y)


_ROWS = 2048


def times_by_rows(x, y):
    """x @ y for one or two dimensions each. Many rows go block by block: the BLAS copies what it works on, and keeps that
    memory for good; the time is the same."""
    if x.ndim < 2 or len(x) <= 2 * _ROWS or y.ndim < 2 or type(y) is not ndarray:
        return x.dot(y) if type(y) is ndarray else np.matmul(x, y)
    whole = np.empty((len(x), y.shape[1]), x.dtype)
    for start in range(0, len(x), _ROWS):
        np.dot(x[start:start + _ROWS], y, out=whole[start:start + _ROWS])
    return whole


def batched_product(x, y):
    """x @ y for any number of dimensions, batch dimensions broadcast."""
    if dtypes.is_half(x.dtype):
        return batched_product(x.astype(F32), y.astype(F32)).astype(x.dtype)
    if y.ndim <= 2 and x.ndim > 2 and x.flags.c_contiguous and x.size:
        return times_by_rows(x.reshape(-1, x.shape[-1]), y).reshape(x.shape[:-1] + y.shape[1:])
    return np.matmul(blas_ready(x), blas_ready(y))


def blas_ready(x):
    """`x` such that each of its matrices has unit stride along rows or columns, copied if need be."""
    if x.ndim < 2 or x.itemsize in x.strides[-2:] or 1 in x.shape[-2:]:
        return x
    return row_major(x)


def _dot(x, y):
    if x.dtype == dtypes.B8:
        raise no_bool("dot")
    return product(x, y)


def no_bool(name):
    """The error for a product of bool tensors."""
    return NotImplementedError(f"\"{name}\" not implemented for 'Bool'")


# ---- what rules are written with -----------------------------------------------------------------------------------------
def adjoint(x):
    """Each matrix transposed, and conjugated if complex."""
    if type(x) is ndarray:
        return conj(x.swapaxes(-1, -2))
    return conj(transpose(x, -1, -2))


def times(x, y):
    """The product of two matrices."""
    return product(x, y) if type(x) is ndarray is type(y) else _mm(x, y)


def apply_to(x, y):
    """The product of a matrix and a vector."""
    return product(x, y) if type(x) is ndarray is type(y) else _mv(x, y)


def flat(x, keep=1):
    """`x` with all but its last dimension made one: the rows of a matrix."""
    shape = shape_of(x)
    return x if len(shape) == keep + 1 else reshape(x, (math.prod(shape[: len(shape) - keep]), *shape[len(shape) - keep :]))


def column(x):
    """`x` with a dimension of size 1 behind."""
    return reshape(x, (*shape_of(x), 1))


def row(x):
    """`x` with a dimension of size 1 before the last."""
    shape = shape_of(x)
    return reshape(x, (*shape[:-1], 1, *shape[-1:]))


def _matmul_left(g, y, x_shape):
    """The gradient of a general product's left operand."""
    if len(shape_of(y)) == 1:
        return column(g) * conj(y)
    if len(x_shape) > 1:
        return _matmul(g, adjoint(y))
    whole = _matmul(row(g), adjoint(y))
    shape = shape_of(whole)
    return reshape(whole, (*shape[:-2], shape[-1]))


def _matmul_right(g, x, y_shape):
    """The gradient of a general product's right operand."""
    if len(y_shape) == 1:
        return apply_to(adjoint(flat(x)), reshape(g, (math.prod(shape_of(g)),)))
    if len(shape_of(x)) == 1:
        return column(conj(x)) * row(g)
    if len(y_shape) == 2:
        return times(adjoint(flat(x)), flat(g))
    return _matmul(adjoint(x), g)


# ---- records ---------------------------------------------------------------------------------------------------------------
_dot_op = Op("dot", _dot, (lambda g, y: g * conj(y), lambda g, x: g * conj(x)), multilinear=True)
_vdot_op = Op("vdot", lambda x, y: _dot(x.conj(), y), (lambda g, y: conj(g) * y, lambda g, x: g * x), multilinear=True)
_mv = Op("mv", product, (lambda g, y: column(g) * conj(y), lambda g, x: apply_to(adjoint(x), g)), multilinear=True)
_vm = Op("vm", product, (lambda g, y: apply_to(conj(y), g), lambda g, x: column(conj(x)) * g), node="SqueezeBackward4",
         multilinear=True)
_mm = Op("mm", product, (lambda g, y: times(g, adjoint(y)), lambda g, x: times(adjoint(x), g)), multilinear=True)
_bmm = Op("bmm", batched_product, (lambda g, y: _bmm(g, adjoint(y)), lambda g, x: _bmm(adjoint(x), g)), multilinear=True)
_matmul = Op("matmul", batched_product, (_matmul_left, _matmul_right), node="UnsafeViewBackward0", multilinear=True)
_matrix_batch = Op("matmul_matrix_batch", batched_product, (_matmul_left, _matmul_right), node="CloneBackward0", multilinear=True)


# ---- public functions ------------------------------------------------------------------------------------------------------
@function(out=True)
def matmul(input, other):
    """The matrix product; vectors are taken as rows on the left, columns on the right; further dimensions are batches.

    Shapes (n), (n): a number; (m, n), (n): (m); (n), (n, p): (p); (*, m, n), (*, n, p): (*, m, p), with * broadcast.
    Raises RuntimeError on 0-dim operands, on sizes that do not match and on different dtypes.
    """
    mode = current_mode()
    if not mode.special and isinstance(input, Tensor) and isinstance(other, Tensor):
        x, y = input._array, other._array
        dtype = x.dtype
        if x.ndim == 2 == y.ndim and y.dtype is dtype and (dtype is F32 or dtype is F64) and x.shape[1] == y.shape[0]:
            return attach(_mm, mode, (input, other), times_by_rows(x, y), NOTHING)
    if isinstance(input, Tensor) and not isinstance(other, Tensor):
        raise errors.not_tensor("matmul", "other", 2, other)
    left, right = len(shape_of(input)), len(shape_of(other))
    if left == 0 or right == 0:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {left}D and {right}D")
    if left == 1:
        return dot(input, other) if right == 1 else _vector_matrix(input, other)
    if left == 2 and right <= 2:
        return mm(input, other) if right == 2 else mv(input, other)
    _check_batched(input, other)
    return _matrix_batch(input, other) if left == 2 else _matmul(input, other)


def _vector_matrix(input, other):
    (n,), shape = shape_of(input), shape_of(other)
    if len(shape) == 2:
        if shape[0] != n:
            raise _no_product((1, n), shape)
        _check_same("m1", input, other)
        return _vm(input, other)
    if shape[-2] != n:
        rows = math.prod(shape[:-2]) * shape[-1]
        raise RuntimeError(f"size mismatch, got input ({rows}), mat ({rows}x{shape[-2]}), vec ({n})")
    _check_same("m1", input, other)
    return _matmul(input, other)


def _check_batched(input, other):
    x, y = shape_of(input), shape_of(other)
    rows = math.prod(x[:-1])
    if len(y) == 1:
        if x[-1] != y[0]:
            raise RuntimeError(f"size mismatch, got input ({rows}), mat ({rows}x{x[-1]}), vec ({y[0]})")
        return _check_same("addmv", input, other)
    if len(y) == 2:
        if x[-1] != y[0]:
            raise _no_product((rows, x[-1]), y)
        return _check_same("m1", input, other)
    if len(x) == 2:
        if x[-1] != y[-2]:
            raise _no_product((math.prod(y[:-2]) * y[-1], y[-2]), (x[1], x[0]))
        return _check_same("m1", input, other)
    batch = shapes.broadcast(x[:-2], y[:-2])
    if x[-1] != y[-2]:
        count = math.prod(batch)
        raise RuntimeError(f"Expected size for first two dimensions of batch2 tensor to be: [{count}, {x[-1]}] but got: "
                           f"[{count}, {y[-2]}].")
    return _check_same("bmm", input, other)


def _no_product(x, y):
    return RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({x[0]}x{x[1]} and {y[0]}x{y[1]})")


def dtype_of(value):
    """The NumPy dtype of a tensor or an array."""
    return value._array.dtype if isinstance(value, Tensor) else value.dtype


def _check_same(words, input, other):
    """Raise the RuntimeError torch has for operands of different dtypes, or of bool, in the words of that product."""
    x, y = dtype_of(input), dtype_of(other)
    if x == y:
        if x == dtypes.B8 and 0 not in shape_of(input) + shape_of(other):
            raise no_bool({"m1": "addmm_impl_cpu_", "addmv": "addmv_impl_cpu"}.get(words, words))
        return
    if words == "m1":
        raise RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {c_name(x)} != {c_name(y)}")
    if words == "addmv":
        raise RuntimeError("addmv input tensors must have the same dtype, but got "
                           f"{errors.title(y)}, {errors.title(x)}, and {errors.title(y)}")
    if words == "dot":
        raise RuntimeError("dot : expected both vectors to have same dtype, but found "
                           f"{errors.title(x)} and {errors.title(y)}")
    raise RuntimeError(f"expected scalar type {errors.title(x)} but found {errors.title(y)}")


@function(out=True)
def mm(input, mat2):
    """The product of two matrices, (n, m) and (m, p). Raises RuntimeError on other shapes and on different dtypes."""
    x, y = shape_of(input), shape_of(mat2)
    if len(x) != 2:
        raise RuntimeError("self must be a matrix")
    if len(y) != 2:
        raise RuntimeError("mat2 must be a matrix")
    if x[1] != y[0]:
        raise _no_product(x, y)
    _check_same("m1", input, mat2)
    mode = current_mode()
    if not mode.special and isinstance(input, Tensor) and isinstance(mat2, Tensor):
        return attach(_mm, mode, (input, mat2), product(input._array, mat2._array), NOTHING)
    return _mm(input, mat2)


@function(out=True)
def bmm(input, mat2):
    """The products of two batches of matrices, (b, n, m) and (b, m, p). Raises RuntimeError on other shapes."""
    x, y = shape_of(input), shape_of(mat2)
    check_batches(x, y)
    _check_same("bmm", input, mat2)
    return _bmm(input, mat2)


def check_batches(x, y):
    """Raise RuntimeError unless the shapes are those of two batches of matrices that fit."""
    for number, shape in enumerate((x, y), 1):
        if len(shape) != 3:
            raise RuntimeError(f"batch{number} must be a 3D tensor")
    if x[0] != y[0] or x[2] != y[1]:
        raise RuntimeError(f"Expected size for first two dimensions of batch2 tensor to be: [{x[0]}, {x[2]}] but got: "
                           f"[{y[0]}, {y[1]}].")


@function(out=True)
def mv(input, vec):
    """The product of a matrix (n, m) and a vector (m). Raises RuntimeError on other shapes and on different dtypes."""
    x, y = shape_of(input), shape_of(vec)
    if len(x) != 2 or len(y) != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {len(x)}, {len(y)}")
    if x[1] != y[0]:
        raise RuntimeError(f"size mismatch, got input ({x[0]}), mat ({x[0]}x{x[1]}), vec ({y[0]})")
    _check_same("addmv", input, vec)
    return _mv(input, vec)


@function(out=True)
def dot(input, tensor):
    """The sum of the products of two vectors' elements. Raises RuntimeError unless both are 1-d and of one size."""
    _check_vectors(input, tensor)
    return _dot_op(input, tensor)


@function(out=True)
def vdot(input, other):
    """The dot product with the first vector conjugated. Raises RuntimeError unless both are 1-d and of one size."""
    _check_vectors(input, other)
    return _vdot_op(input, other) if dtype_of(input).kind == "c" else _vdot_real(input, other)


_vdot_real = Op("vdot_real", _dot, (lambda g, y: g * y, lambda g, x: g * x), node="VdotBackward0", multilinear=True)


def _check_vectors(input, other):
    x, y = shape_of(input), shape_of(other)
    if len(x) != 1 or len(y) != 1:
        raise RuntimeError(f"1D tensors expected, but got {len(x)}D and {len(y)}D tensors")
    if dtype_of(input) != dtype_of(other):
        _check_same("dot", input, other)
    if x != y:
        raise RuntimeError(f"inconsistent tensor size, expected tensor [{x[0]}] and src [{y[0]}] to have the same number of "
                           f"elements, but got {x[0]} and {y[0]} elements respectively")
