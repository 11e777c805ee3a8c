"""Products added to something: addmm and its family, and `linear`, the layer."""

import math

from .. import dtypes, errors
from ..dtypes import F32, F64
from ..graph import Tensor
from ..mode import current_mode
from .apply import attach
from .contract import (
    adjoint,
    apply_to,
    batched_product,
    c_name,
    check_batches,
    column,
    dtype_of,
    flat,
    matmul,
    no_bool,
    product,
    times,
    times_by_rows,
)
from .public import function
from .record import NOTHING, Op
from .shape import reshape, shape_of, transpose
from .unary import conj


# ---- beta * input + alpha * product --------------------------------------------------------------------------------------
def _added(base, result, beta, alpha):
    """beta * base + alpha * result, into the memory of `result`. With beta 0 `base` does not matter, NaN or not."""
    if alpha != 1:
        result *= _in_dtype(alpha, result.dtype)
    if beta == 1:
        result += base
    elif (beta := _in_dtype(beta, result.dtype)) != 0:
        result += base * beta
    return result


def _in_dtype(factor, dtype):
    """`factor` as a number of that dtype; a fraction is cut off if it is of integers."""
    try:
        return dtype.type(factor)
    except OverflowError:
        name = {"int64": "int64_t", "int32": "int"}.get(dtype.name, f"{dtype.name}_t")
        raise RuntimeError(f"value cannot be converted to type {name} without overflow") from None


def _scaled(g, factor):
    return g if factor == 1 else g * factor


def _addmm(b, x, y, *, beta, alpha):
    return _added(b, product(x, y), beta, alpha)


def _baddbmm(b, x, y, *, beta, alpha):
    return _added(b, batched_product(x, y), beta, alpha)


def _addbmm(b, x, y, *, beta, alpha):
    rows = x.swapaxes(0, 1).reshape(x.shape[1], -1)
    return _added(b, product(rows, y.reshape(-1, y.shape[2])), beta, alpha)


def _addr(b, x, y, *, beta, alpha):
    return _added(b, x[:, None] * y, beta, alpha)


def _base(g, beta):
    return _scaled(g, beta)


_FORTH = (_base, lambda g, y, alpha: _scaled(matmul(g, y), alpha), lambda g, x, alpha: _scaled(matmul(x, g), alpha))
_addmm_op = Op("addmm", _addmm, (
    _base, lambda g, y, alpha: _scaled(times(g, adjoint(y)), alpha), lambda g, x, alpha: _scaled(times(adjoint(x), g), alpha)),
    jvp=_FORTH)
_addmv_op = Op("addmv", _addmm, (
    _base, lambda g, y, alpha: _scaled(column(g) * conj(y), alpha), lambda g, x, alpha: _scaled(apply_to(adjoint(x), g), alpha)),
    jvp=_FORTH)
_addr_op = Op("addr", _addr, (
    _base, lambda g, y, alpha: _scaled(apply_to(g, conj(y)), alpha),
    lambda g, x, alpha: _scaled(apply_to(conj(adjoint(g)), conj(x)), alpha)))
_baddbmm_op = Op("baddbmm", _baddbmm, (
    _base, lambda g, y, alpha: _scaled(matmul(g, adjoint(y)), alpha),
    lambda g, x, alpha: _scaled(matmul(adjoint(x), g), alpha)), jvp=_FORTH)
_addbmm_op = Op("addbmm", _addbmm, (
    _base, lambda g, y, alpha: _scaled(matmul(g, adjoint(y)), alpha),
    lambda g, x, alpha: _scaled(matmul(adjoint(x), g), alpha)))


@function(inplace=True, out=True)
def addmm(input, mat1, mat2, *, beta=1, alpha=1):
    """beta * input + alpha * (mat1 @ mat2): `input` broadcasts to (n, p), the matrices are (n, m) and (m, p).

    With beta 0 `input` is not looked at. Raises RuntimeError on other shapes and on different dtypes.
    """
    check_matrices(mat1, mat2)
    _check_base(input, (shape_of(mat1)[0], shape_of(mat2)[1]))
    check_addmm_dtypes(input, mat1, mat2)
    return _addmm_op(input, mat1, mat2, beta=beta, alpha=alpha)


def check_matrices(mat1, mat2, transposed=False):
    """Raise RuntimeError unless the two are matrices whose product exists (of the second `transposed`)."""
    x, y = shape_of(mat1), shape_of(mat2)
    for number, shape in enumerate((x, y), 1):
        if len(shape) != 2:
            raise RuntimeError(f"mat{number} must be a matrix, got {len(shape)}-D tensor")
    y = y[::-1] if transposed else y
    if x[1] != y[0]:
        raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({x[0]}x{x[1]} and {y[0]}x{y[1]})")


def check_addmm_dtypes(input, mat1, mat2):
    """Raise RuntimeError unless all three are of one dtype, which is not bool."""
    b, x, y = dtype_of(input), dtype_of(mat1), dtype_of(mat2)
    if x != y:
        raise RuntimeError(f"mat1 and mat2 must have the same dtype, but got {errors.title(x)} and {errors.title(y)}")
    if b != y:
        raise RuntimeError(f"self and mat2 must have the same dtype, but got {errors.title(b)} and {errors.title(y)}")
    if x == dtypes.B8:
        raise no_bool("addmm_impl_cpu_")


def _check_base(input, target):
    """Raise RuntimeError unless `input` expands to the shape `target`."""
    shape = shape_of(input)
    if len(shape) > len(target):
        raise RuntimeError(f"expand(torch.{errors.title(dtype_of(input))}Tensor{{{list(shape)}}}, size={list(target)}): the "
                           f"number of sizes provided ({len(target)}) must be greater or equal to the number of dimensions "
                           f"in the tensor ({len(shape)})")
    lead = len(target) - len(shape)
    for d in reversed(range(lead, len(target))):
        if shape[d - lead] not in (1, target[d]):
            raise RuntimeError(f"The expanded size of the tensor ({target[d]}) must match the existing size "
                               f"({shape[d - lead]}) at non-singleton dimension {d}.  Target sizes: {list(target)}.  "
                               f"Tensor sizes: {list(shape)}")


@function(inplace=True, out=True)
def addmv(input, mat, vec, *, beta=1, alpha=1):
    """beta * input + alpha * (mat @ vec), of shapes (n), (n, m) and (m). Raises RuntimeError on other shapes."""
    x, y, b = shape_of(mat), shape_of(vec), shape_of(input)
    if len(x) != 2 or len(y) != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got {len(b)}, {len(x)}, {len(y)}")
    if x[1] != y[0] or (b and b != (1,) and b != (x[0],)):
        raise RuntimeError(f"size mismatch, got input ({b[0] if b else 1}), mat ({x[0]}x{x[1]}), vec ({y[0]})")
    if not dtype_of(input) == dtype_of(mat) == dtype_of(vec):
        names = [errors.title(dtype_of(value)) for value in (input, mat, vec)]
        raise RuntimeError(f"addmv input tensors must have the same dtype, but got {names[0]}, {names[1]}, and {names[2]}")
    return _addmv_op(input, mat, vec, beta=beta, alpha=alpha)


@function(inplace=True, out=True)
def addr(input, vec1, vec2, *, beta=1, alpha=1):
    """beta * input + alpha * outer(vec1, vec2). Raises RuntimeError unless `input` broadcasts to (n, m)."""
    for number, value in enumerate((vec1, vec2), 1):
        if len(shape_of(value)) != 1:
            raise RuntimeError(f"addr: Expected 1-D argument vec{number}, but got {len(shape_of(value))}-D")
    _check_base(input, shape_of(vec1) + shape_of(vec2))
    if all([dtype_of(value).kind in "biu" for value in (input, vec1, vec2)]):
        for name, factor in (("beta", beta), ("alpha", alpha)):
            if isinstance(factor, float):
                raise RuntimeError(f"For integral input tensors, argument {name} must not be a floating point number")
    target = dtypes.of(dtypes.result_numpy([value._array for value in (input, vec1, vec2)]))
    return _addr_op(input.to(target), vec1.to(target), vec2.to(target), beta=beta, alpha=alpha)


@function(inplace=True, out=True)
def baddbmm(input, batch1, batch2, *, beta=1, alpha=1):
    """beta * input + alpha * (batch1 @ batch2), the batches being (b, n, m) and (b, m, p). Raises RuntimeError otherwise."""
    x, y = shape_of(batch1), shape_of(batch2)
    check_batches(x, y)
    _check_base(input, (x[0], x[1], y[2]))
    kinds = [dtype_of(value) for value in (input, batch1, batch2)]
    if kinds.count(kinds[0]) < 3:
        names = [c_name(kind) for kind in kinds]
        raise RuntimeError(f"Input dtypes must be the same, got: input {names[0]}, batch1: {names[1]}, batch2: {names[2]}")
    return _baddbmm_op(input, batch1, batch2, beta=beta, alpha=alpha)


@function(inplace=True, out=True)
def addbmm(input, batch1, batch2, *, beta=1, alpha=1):
    """beta * input + alpha * the sum over the batch of batch1 @ batch2. Raises RuntimeError on shapes that do not fit."""
    x, y = shape_of(batch1), shape_of(batch2)
    check_batches(x, y)
    _check_base(input, (x[1], y[2]))
    check_addmm_dtypes(input, batch1, batch2)
    return _addbmm_op(input, batch1, batch2, beta=beta, alpha=alpha)


# ---- linear --------------------------------------------------------------------------------------------------------------
def _rows(x):
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


def _linear(x, w):
    return product(x, w.T) if x.ndim == 2 else product(_rows(x), w.T).reshape(*x.shape[:-1], w.shape[0])


def _affine(x, w, b):
    result = product(x if x.ndim == 2 else _rows(x), w.T)
    result += b
    return result if x.ndim == 2 else result.reshape(*x.shape[:-1], w.shape[0])


def _input_gradient(g, w, x_shape):
    return times(g, conj(w)) if len(x_shape) == 2 else reshape(times(flat(g), conj(w)), x_shape)


def _weight_gradient(g, x):
    return times(conj(adjoint(flat(g))), conj(flat(x)))


_AFFINE_FORTH = (lambda g, w: matmul(g, transpose(w, 0, 1)), lambda g, x: matmul(x, transpose(g, 0, 1)), lambda g: g)
_WITHOUT = (_input_gradient, _weight_gradient)
_WITH = (*_WITHOUT, lambda g: g)
# The names are those of the last operation of torch's composition, by the input's dimensions: 1, 2, more.
_PLAIN = {d: Op(f"linear_{d}", _linear, _WITHOUT, node=node, multilinear=True)
          for d, node in ((1, "SqueezeBackward4"), (2, "MmBackward0"), (3, "UnsafeViewBackward0"))}
_BIASED = {d: Op(f"affine_{d}", _affine, _WITH, node=node, jvp=_AFFINE_FORTH)
           for d, node in ((1, "ViewBackward0"), (2, "AddmmBackward0"), (3, "ViewBackward0"))}


@function(method=False, namespace="nn")
def linear(input, weight, bias=None):
    """input @ weight.T + bias: (*, in) with weight (out, in) and bias (out) gives (*, out).

    Raises RuntimeError on shapes that do not fit and on different dtypes.
    """
    mode = current_mode()
    if not mode.special and bias is not None:
        try:
            x, w, b = input._array, weight._array, bias._array
        except AttributeError:
            pass
        else:
            dtype = x.dtype
            if (x.ndim == 2 == w.ndim and x.shape[1] == w.shape[1] and b.shape == w.shape[:1] and w.dtype is dtype
                    and b.dtype is dtype and (dtype is F32 or dtype is F64)):
                array = times_by_rows(x, w.T)
                array += b
                return attach(_BIASED[2], mode, (input, weight, bias), array, NOTHING)
    return _linear_general(input, weight, bias)


def _linear_general(input, weight, bias):
    for position, (name, value) in enumerate((("input", input), ("weight", weight), ("bias", bias)), 1):
        if not isinstance(value, Tensor) and not hasattr(value, "shape") and (value is not None or name != "bias"):
            raise errors.not_tensor("linear", name, position, value)
    x, w = shape_of(input), shape_of(weight)
    if not x or not w:
        raise RuntimeError(f"both arguments to linear need to be at least 1D, but they are {len(x)}D and {len(w)}D")
    if len(w) > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {len(w)}D")
    if len(w) == 1 and bias is None:
        return matmul(input, weight)
    if len(w) == 1:
        raise RuntimeError("mat2 must be a matrix, got 1-D tensor")
    rows = math.prod(x[:-1])
    if x[-1] != w[1]:
        raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({rows}x{x[-1]} and {w[1]}x{w[0]})")
    dims = min(len(x), 3)
    if bias is None:
        if dtype_of(input) != dtype_of(weight):
            raise RuntimeError("expected m1 and m2 to have the same dtype, but got: "
                               f"{c_name(dtype_of(input))} != {c_name(dtype_of(weight))}")
        return _PLAIN[dims](input, weight)
    check_addmm_dtypes(bias, input, weight)
    _check_base(bias, (rows, w[0]))
    return _BIASED[dims](input, weight, bias)
