"""Smooth activations: functions of one tensor with parameters. Those made of straight pieces are in `piecewise`.

Every one is a single record that keeps its input. The rules select with `where` so that a branch that is not taken
contributes an exact zero, and arguments of exp are limited so that it stays finite (zero times infinity would be NaN).
"""

import math

import numpy as np

from .. import errors
from ..shapes import wrap_dim
from .binary import clamp, where
from .choose import select
from .error_function import erf
from .layer import array_of, layer, not_implemented, written
from .public import function
from .shape import reshape, shape_of, slice_op, unindex_op
from .unary import exp, sigmoid, tanh

_SQRT_HALF = math.sqrt(0.5)
_DENSITY = 1 / math.sqrt(2 * math.pi)  # of the normal distribution at its centre
_TANH_SCALE, _TANH_CUBE = math.sqrt(2 / math.pi), 0.044715  # Hendrycks & Gimpel, "Gaussian Error Linear Units", 2016
# Klambauer et al., "Self-Normalizing Neural Networks", 2017: mean 0 and variance 1 are a fixed point with these.
_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


# ---- gelu, silu, mish ------------------------------------------------------------------------------------------------
def _gelu(x, *, approximate):
    if approximate == "none":
        o = erf(x * _SQRT_HALF)
    else:
        o = x * x
        o *= _TANH_CUBE * _TANH_SCALE
        o += _TANH_SCALE
        o *= x
        o = np.tanh(o)
    o += 1
    o *= x
    o *= 0.5
    return o


def _gelu_rule(g, x, approximate):
    if approximate == "none":
        return g * (0.5 * (1 + erf(x * _SQRT_HALF)) + x * exp(-0.5 * x * x) * _DENSITY)
    square = x * x
    t = tanh(x * (_TANH_SCALE + _TANH_SCALE * _TANH_CUBE * square))
    return g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * (_TANH_SCALE + 3 * _TANH_SCALE * _TANH_CUBE * square))


def _silu(x):
    e = np.exp(-x)
    e += 1
    return x / e


def _silu_rule(g, x):
    s = sigmoid(x)
    return g * (s * (1 + x * (1 - s)))


def _mish(x):
    return x * np.tanh(_softplus(x, beta=1.0, threshold=20.0))


def _mish_rule(g, x):
    t = tanh(_softplus_op(x, beta=1.0, threshold=20.0))
    return g * (t + x * sigmoid(x) * (1 - t * t))


def _softplus(x, *, beta, threshold):
    z = x * beta
    e = np.exp(np.minimum(z, threshold))
    return select(z > threshold, x, np.log1p(e) / x.dtype.type(beta))


def _softplus_rule(g, x, beta, threshold):
    z = x * beta
    return where(z > threshold, g, g * sigmoid(z))


def _log_sigmoid(x):
    o = np.exp(-np.abs(x))
    return np.minimum(x, 0) - np.log1p(o)


_gelu_op = layer("gelu", _gelu, (_gelu_rule,), title="GeluKernelImpl", symmetric=True)
_silu_op = layer("silu", _silu, (_silu_rule,), symmetric=True)
_mish_op = layer("mish", _mish, (_mish_rule,), title="mish_cpu", symmetric=True)
_softplus_op = layer("softplus", _softplus, (_softplus_rule,), title="softplus_cpu", symmetric=True)
_log_sigmoid_op = layer("log_sigmoid", _log_sigmoid, (lambda g, x: g * sigmoid(-x),), title="log_sigmoid_cpu", symmetric=True)


@function(namespace="nn")
def gelu(input, approximate="none"):
    """`x Phi(x)` with the normal distribution's Phi, or with `approximate="tanh"` its approximation by tanh.

    Raises RuntimeError on another `approximate`, NotImplementedError unless the numbers are floating.
    """
    array_of(input, "gelu")
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    return _gelu_op(input, approximate=approximate)


@function(namespace="nn")
def silu(input, inplace=False):
    """`x sigmoid(x)`, also called swish. Raises NotImplementedError on integers and bool."""
    dtype = array_of(input, "silu").dtype
    if dtype.kind in "biu":
        raise not_implemented("silu_cpu", dtype)
    return written(_silu_op, inplace, input)


@function(namespace="nn")
def mish(input, inplace=False):
    """`x tanh(softplus(x))`. Raises NotImplementedError unless the numbers are floating."""
    array_of(input, "mish")
    return written(_mish_op, inplace, input)


@function(namespace="nn")
def softplus(input, beta=1, threshold=20):
    """`log(1 + exp(beta x)) / beta`; x itself where `beta x` is above `threshold`.

    Raises NotImplementedError unless the numbers are floating.
    """
    array_of(input, "softplus")
    return _softplus_op(input, beta=beta, threshold=threshold)


@function(namespace="nn")
def logsigmoid(input):
    """`log(sigmoid(x)) = min(x, 0) - log(1 + exp(-|x|))`, without overflow."""
    array_of(input, "log_sigmoid")
    return _log_sigmoid_op(input)


@function(namespace="nn")
def softsign(input):
    """`x / (1 + |x|)`. Raises NotImplementedError on bool."""
    dtype = array_of(input, "softsign").dtype
    if dtype.kind == "b":
        raise not_implemented("abs_cpu", dtype)
    return input / (abs(input) + 1)


@function(namespace="nn")
def tanhshrink(input):
    """`x - tanh(x)`. Raises RuntimeError on bool."""
    if array_of(input, "tanhshrink").dtype.kind == "b":
        raise RuntimeError(errors.BOOL_NEG.replace("Negation", "Subtraction").replace("on a", "with a"))
    return input - tanh(input)


# ---- exponential below zero ------------------------------------------------------------------------------------------
def _elu(x, *, alpha, scale, input_scale):
    negative = np.expm1(np.minimum(x, 0) * input_scale)
    negative *= alpha * scale
    return select(x > 0, x * scale, negative)


def _elu_rule(g, x, alpha, scale, input_scale):
    return where(x <= 0, g * (alpha * scale * input_scale) * exp(clamp(x, max=0) * input_scale), g * scale)


_elu_op = layer("elu", _elu, (_elu_rule,), title="elu_cpu", symmetric=True)
_celu_op = layer("celu", _elu, (_elu_rule,), title="elu_cpu", symmetric=True)


def _elu_of(input, alpha, scale=1.0):
    return _elu_op(input, alpha=alpha, scale=scale, input_scale=1.0)


def _celu_of(input, alpha):
    return _celu_op(input, alpha=alpha, scale=1.0, input_scale=1.0 / alpha)


@function(namespace="nn")
def elu(input, alpha=1.0, inplace=False):
    """x where it is positive, `alpha (exp(x) - 1)` elsewhere. Raises NotImplementedError unless the numbers are floating."""
    array_of(input, "elu")
    return written(_elu_of, inplace, input, alpha)


@function(namespace="nn")
def selu(input, inplace=False):
    """`scale (max(0, x) + min(0, alpha (exp(x) - 1)))`, scale about 1.0507, alpha about 1.6733."""
    array_of(input, "selu")
    return written(_elu_of, inplace, input, _SELU_ALPHA, _SELU_SCALE)


@function(namespace="nn")
def celu(input, alpha=1.0, inplace=False):
    """`max(0, x) + min(0, alpha (exp(x / alpha) - 1))`. Raises RuntimeError if alpha is zero."""
    array_of(input, "celu")
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return written(_celu_of, inplace, input, alpha)


# ---- with weights or gates -------------------------------------------------------------------------------------------
_prelu_op = layer("prelu_kernel", lambda x, w: select(x > 0, x, x * w),
                  (lambda g, x, w: where(x > 0, g, g * w), lambda g, x: where(x > 0, 0.0, g * x)))


@function
def prelu(input, weight):
    """x where it is positive, `weight x` elsewhere; `weight` has one number, or one a channel (dimension 1).

    Raises RuntimeError if their number does not match, or the dtypes differ.
    """
    x, w = array_of(input, "prelu"), array_of(weight, "prelu", "weight", 2)
    if x.dtype != w.dtype:
        raise RuntimeError(f"prelu: Type promoting not supported. Got {errors.title(x.dtype)} and {errors.title(w.dtype)}")
    if w.size != 1:
        if x.ndim == 0:
            raise RuntimeError("Not allow zero-dim input tensor.")
        channels = x.shape[1] if x.ndim > 1 else 1
        if channels != w.size:
            raise RuntimeError(f"Mismatch of parameter numbers and input channel size. Found parameter numbers = {w.size} "
                               f"and channel size = {channels}.")
    shape = tuple([w.size if d == 1 else 1 for d in range(x.ndim)]) if x.ndim > 1 or w.size == 1 else (w.size,)
    return _prelu_op(input, weight if shape_of(weight) == shape else reshape(weight, shape))


def _halves(ndim, dim, size):
    before = (slice(None),) * dim
    return (*before, slice(0, size // 2)), (*before, slice(size // 2, size))


def _glu(x, *, dim):
    first, second = _halves(x.ndim, dim, x.shape[dim])
    return x[first] / (1 + np.exp(-x[second]))


def _glu_rule(g, x, dim, x_shape):
    first, second = _halves(len(x_shape), dim, x_shape[dim])
    value, gate = slice_op(x, index=first), sigmoid(slice_op(x, index=second))
    passed = g * gate
    return (unindex_op(passed, index=first, shape=x_shape)
            + unindex_op(passed * value * (1 - gate), index=second, shape=x_shape))


_glu_op = layer("glu", _glu, (_glu_rule,), title="glu_cpu")


@function(namespace="nn")
def glu(input, dim=-1):
    """`a sigmoid(b)` of the two halves of the input along `dim`. Raises RuntimeError if the size there is odd."""
    shape = array_of(input, "glu").shape
    if not shape:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    dim = wrap_dim(dim, len(shape))
    if shape[dim] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim} is size {shape[dim]}")
    return _glu_op(input, dim=dim)
