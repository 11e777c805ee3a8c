"""Element-wise functions of one tensor. Each line is a function, its forward and its derivative."""

import math

import numpy as np

from .. import errors, shapes
from ..batch import Batched
from ..graph import Tensor
from .elementwise import elementwise
from .public import function
from .record import Op, linear, view

LN2, LN10 = math.log(2), math.log(10)

# ---- powers, exponentials, logarithms -------------------------------------------------------------------------------
neg = elementwise("neg", np.negative, -1, lower="fneg", refuses="b", doc="-input. Raises RuntimeError on bool.")
reciprocal = elementwise("reciprocal", np.reciprocal, lambda o: -o * o, kind="float", doc="1 / input.")
sqrt = elementwise("sqrt", np.sqrt, lambda o: 0.5 / o, kind="float", lower="sqrt", doc="The square root.")
exp = elementwise("exp", np.exp, lambda o: o, kind="float", lower="exp", doc="e ** input.")
exp2 = elementwise("exp2", np.exp2, lambda o: o * LN2, kind="float", lower="exp2", doc="2 ** input.")
expm1 = elementwise("expm1", np.expm1, lambda o: o + 1, kind="float", lower="expm1", doc="exp(input) - 1, accurate near 0.")
log = elementwise("log", np.log, lambda x: 1 / x, kind="float", lower="log", doc="The natural logarithm.")
log2 = elementwise("log2", np.log2, lambda x: 1 / (x * LN2), kind="float", doc="The logarithm to base 2.")
log10 = elementwise("log10", np.log10, lambda x: 1 / (x * LN10), kind="float", doc="The logarithm to base 10.")
log1p = elementwise("log1p", np.log1p, lambda x: 1 / (x + 1), kind="float", lower="log1p", node="Log1PBackward0",
                    doc="log(1 + input), accurate near 0.")


def _rsqrt(x):
    return np.reciprocal(np.sqrt(x))


rsqrt = elementwise("rsqrt", _rsqrt, lambda o: -0.5 * o * o * o, kind="float", doc="1 / sqrt(input).")

# ---- trigonometry -----------------------------------------------------------------------------------------------------
sin = elementwise("sin", np.sin, lambda x: cos(x), kind="float", lower="sin", doc="The sine of radians.")
cos = elementwise("cos", np.cos, lambda x: -sin(x), kind="float", lower="cos", doc="The cosine of radians.")
tan = elementwise("tan", np.tan, lambda o: o * o + 1, kind="float", doc="The tangent of radians.")
asin = elementwise("asin", np.arcsin, lambda x: rsqrt(1 - x * x), kind="float", doc="The inverse sine, in radians.")
acos = elementwise("acos", np.arccos, lambda x: -rsqrt(1 - x * x), kind="float", doc="The inverse cosine, in radians.")
atan = elementwise("atan", np.arctan, lambda x: 1 / (x * x + 1), kind="float", doc="The inverse tangent, in radians.")
sinh = elementwise("sinh", np.sinh, lambda x: cosh(x), kind="float", doc="The hyperbolic sine.")
cosh = elementwise("cosh", np.cosh, lambda x: sinh(x), kind="float", doc="The hyperbolic cosine.")
tanh = elementwise("tanh", np.tanh, lambda o: 1 - o * o, kind="float", lower="tanh", doc="The hyperbolic tangent.")
asinh = elementwise("asinh", np.arcsinh, lambda x: rsqrt(x * x + 1), kind="float", doc="The inverse hyperbolic sine.")
acosh = elementwise("acosh", np.arccosh, lambda x: rsqrt(x - 1) * rsqrt(x + 1), kind="float",
                    doc="The inverse hyperbolic cosine.")
atanh = elementwise("atanh", np.arctanh, lambda x: 1 / (1 - x * x), kind="float", doc="The inverse hyperbolic tangent.")

# ---- piecewise constant -------------------------------------------------------------------------------------------------
floor = elementwise("floor", np.floor, 0, refuses="bc", doc="The largest integer not above; the gradient is zero.")
ceil = elementwise("ceil", np.ceil, 0, refuses="bc", doc="The smallest integer not below; the gradient is zero.")
trunc = elementwise("trunc", np.trunc, 0, refuses="bc", doc="The integer part; the gradient is zero.")


# ---- copies and parts ---------------------------------------------------------------------------------------------------
def _clone(x, *, dtype=None):
    if dtype is not None and x.dtype.kind == "c" and dtype.kind not in "cb":
        x = x.real
    if type(x) is Batched:
        return x.copy("K") if dtype is None else x.astype(dtype)
    return np.array(x, dtype=dtype, order="K", copy=True)


_clone_op = linear("clone", _clone, lambda g: g)
_to_copy = linear("to_copy", _clone, lambda g: g)
_real = view("real", lambda x: x.real, lambda g: g, node="SelectBackward0")


@function
def clone(input, *, memory_format=None, dtype=None):
    """A copy with memory of its own, through which gradients flow. `dtype`, a NumPy dtype, converts it."""
    return _clone_op(input) if dtype is None else _to_copy(input, dtype=dtype)


@function(method=False)
def real(input):
    """The real part of a complex tensor (a real tensor is returned as it is)."""
    array = input._array if isinstance(input, Tensor) else input
    return _real(input) if array.dtype.kind == "c" else input


_imag = view("imag", lambda x: x.imag, lambda g: g * 1j, node="SelectBackward0")


@function(method=False)
def imag(input):
    """The imaginary part of a complex tensor."""
    return _imag(input)


_complex = Op("complex", lambda x, y: x + 1j * y, (lambda g: real(g), lambda g: imag(g)), linear=True)


@function(name="complex", method=False, out=True)
def complex_(real, imag):
    """The complex tensor `real + i imag`, broadcast together. Raises RuntimeError unless both are of one floating dtype."""
    for position, part in enumerate((real, imag)):
        if not isinstance(part, Tensor):
            raise errors.not_tensor("complex", ("real", "imag")[position], position + 1, part)
    first, second = errors.title(real._array.dtype), errors.title(imag._array.dtype)
    if not {first, second} <= {"Half", "Float", "Double"}:
        raise RuntimeError(f"Expected both inputs to be Half, Float or Double tensors but got {first} and {second}")
    if first != second:
        raise RuntimeError(f"Expected object of scalar type {first} but got scalar type {second} for second argument")
    shapes.broadcast(real._array.shape, imag._array.shape)
    return _complex(real, imag)


_conj_op = linear("conj", np.conj, lambda g: conj(g))


@function
def conj(input):
    """The complex conjugate; a real tensor is returned as it is."""
    array = input._array if isinstance(input, Tensor) else input
    return _conj_op(input) if array.dtype.kind == "c" else input


# ---- signs ---------------------------------------------------------------------------------------------------------------
def _sign(x):
    return x.copy() if x.dtype.kind == "b" else np.sign(x)


sign = elementwise("sign", _sign, 0, refuses="c", doc="-1, 0 or 1; the gradient is zero.")
_sgn_real = elementwise("sgn", _sign, 0, public=False)
_sgn_complex = Op("sgn_complex", lambda x: np.sign(x), (lambda g, x, o: _across(g, x, o),), node="SgnBackward0")


def _across(g, x, o):
    """The part of `g` that turns x, over |x|: moving along o changes nothing."""
    return (g - o * real(g * conj(o))) / (abs(x) + (x == 0)) * (x != 0)


@function(inplace=True, out=True)
def sgn(input):
    """The sign of a real, z / |z| of a complex tensor (0 at 0)."""
    array = input._array if isinstance(input, Tensor) else input
    return _sgn_complex(input) if array.dtype.kind == "c" else _sgn_real(input)


abs = elementwise("abs", np.abs, lambda x: sgn(x), lower="fabs", refuses="b", doc="The absolute value.")


# ---- sigmoid and relu ------------------------------------------------------------------------------------------------------
def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _relu(x, *, out=None):
    return np.maximum(x, 0, out=out)


sigmoid = elementwise("sigmoid", _sigmoid, lambda o: o * (1 - o), kind="float", lower="sigmoid", doc="1 / (1 + exp(-input)).")
relu = elementwise("relu", _relu, lambda o: o > 0, lower="relu", refuses="bc", doc="max(input, 0).")
