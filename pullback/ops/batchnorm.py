"""Normalisation over a batch, channel by channel: batch_norm and instance_norm."""

import math

import numpy as np

from .. import dtypes, errors
from ..batch import levels_of
from ..dtypes import F32
from ..graph import Tensor
from ..mode import settled
from .channels import by_channel, channel_dots, channel_sums
from .layer import array_of, layer, not_implemented
from .public import function
from .record import Op
from .reduction import check_constant
from .shape import expand_to, reshape, shape_of
from .unary import rsqrt

_SHARED = (
    "Batch norm got a batched tensor as input while the running_mean or running_var, which will be updated in place, were not "
    "batched.\nIf you are using a module and do not need eval mode, please set `track_running_stats` to be False.If you are "
    "using a prebuilt module and do not need eval mode, please see the functorch website for resources on how to patch your "
    "module to work with vmap"
)


# ---- the records -----------------------------------------------------------------------------------------------------
def _train(x, w, b, *, eps):
    """x normalised by its own statistics; and these: mean, 1 / deviation and variance of each channel."""
    flat = x.reshape(*x.shape[:2], math.prod(x.shape[2:]))
    count = max(flat.shape[0] * flat.shape[2], 1)
    mean = np.einsum("ncp->c", flat) / count
    out = flat - mean[:, None]
    var = np.einsum("ncp,ncp->c", out, out) / count
    rstd = 1 / np.sqrt(var + eps)
    out *= (rstd if w is None else rstd * w)[:, None]
    if b is not None:
        out += b[:, None]
    return out.reshape(x.shape), mean, rstd, var


def _train_rule(g, x, w, mean, rstd, eps, needs):
    ndim, shape = len(shape_of(x)), shape_of(x)
    count = math.prod(shape) // shape[1]
    if isinstance(g, Tensor):  # the gradient is itself differentiated: the statistics depend on x
        mean = channel_sums(x) / count
        centred = x - by_channel(mean, ndim)
        rstd = rsqrt(channel_dots(centred, centred) / count + eps)
    else:
        centred = x - by_channel(mean, ndim)
    sums, dots = channel_sums(g), channel_dots(g, centred)
    gradient = None
    if needs[0]:
        scale = rstd if w is None else rstd * w
        gradient = g * by_channel(scale, ndim)
        gradient = gradient - centred * by_channel(scale * rstd * rstd * dots / count, ndim)
        gradient = gradient - by_channel(scale * sums / count, ndim)
    return gradient, dots * rstd if needs[1] else None, sums if needs[2] else None


def _eval(x, w, b, m, v, *, eps):
    scale = 1 / np.sqrt(v + eps)
    scale = scale if w is None else scale * w
    shift = -m * scale if b is None else b - m * scale
    trailing = (-1, *[1] * (x.ndim - 2))
    out = x * scale.reshape(trailing)
    out += shift.reshape(trailing)
    return out


def _eval_input(g, w, v, eps):
    scale = rsqrt(v + eps)
    return g * by_channel(scale if w is None else scale * w, len(shape_of(g)))


def _eval_weight(g, x, m, v, eps):
    return channel_dots(g, x - by_channel(m, len(shape_of(x)))) * rsqrt(v + eps)


_train_op = layer("native_batch_norm", _train, _train_rule, extras=("mean", "rstd", "var"))
_eval_op = layer("batch_norm_by_running", _eval, (_eval_input, _eval_weight, lambda g: channel_sums(g), None, None),
                 node="NativeBatchNormBackward0")


# ---- running statistics ----------------------------------------------------------------------------------------------
def _blended(old, new, *, momentum, factor):
    return old + old.dtype.type(momentum) * ((new * factor).astype(old.dtype) - old)


_blend_op = Op("running_average", _blended, (None, None))


def _remember(running, new, momentum, factor=1.0):
    """Move the running statistic towards the new one. It is no part of any graph, and its version does not move: so torch."""
    mode = settled()
    if mode.batch is not None and not {*levels_of(new._array.shape)} <= {*levels_of(running._array.shape)}:
        raise RuntimeError(_SHARED)
    if mode.tracer is None:
        running._array[...] = _blend_op(running._array, new._array, momentum=momentum, factor=factor)
    else:
        mode.tracer.lift(running)[...] = mode.tracer.lift(_blend_op(running, new, momentum=momentum, factor=factor))


# ---- batch_norm ------------------------------------------------------------------------------------------------------
def _check(x, running_mean, running_var, w, b, training):
    channels = x.shape[1] if x.ndim > 1 else 0
    given = (("running_mean", running_mean), ("running_var", running_var), ("weight", w), ("bias", b))
    for name, value in given[:2]:
        if value is None and not training:
            raise RuntimeError(f"{name} must be defined in evaluation mode")
    if (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var must either both be None or neither be None")
    for name, value in given:
        if value is not None and array_of(value, "batch_norm", name).size != channels:
            raise RuntimeError(f"{name} should contain {channels} elements not {value._array.size}")
    check_constant("native_batch_norm", "running_mean", running_mean)
    check_constant("native_batch_norm", "running_var", running_var)
    if dtypes.category(x.dtype) != dtypes.FLOATING:
        raise not_implemented("batch_norm", x.dtype)
    _check_dtypes(x.dtype, [value._array.dtype for value in (w, b, running_mean, running_var) if value is not None])


def _check_dtypes(own, others):
    """Parameters and statistics have the dtype of the input; with half precision, all of them may be float32."""
    other = next((dtype for dtype in others if dtype != own), own)
    if other == own:
        return
    if others[0] == own:
        raise RuntimeError(f"expected scalar type {errors.title(own)} but found {errors.title(other)}")
    if any(dtype != F32 for dtype in others):
        raise RuntimeError("mixed dtype (CPU): expect parameter to have scalar type of Float")
    if own.itemsize > 2:
        raise RuntimeError("mixed dtype (CPU): all inputs must share same datatype.")


@function(namespace="nn")
def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05):
    """`(x - mean) / sqrt(var + eps) weight + bias`, channel by channel of (N, C, *).

    With `training` the mean and the variance are those of the batch, and the running ones are moved towards them (the variance
    divided by n - 1); otherwise they are the running ones. Raises ValueError for a batch of one value a channel, RuntimeError on
    statistics and weights of other sizes or dtypes. See Ioffe & Szegedy, 2015, arXiv:1502.03167.
    """
    x = array_of(input, "batch_norm")
    if training and x.ndim > 1 and x.size and x.size == x.shape[1]:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size torch.Size({list(x.shape)})")
    if type(momentum) not in (float, int):
        raise TypeError(f"batch_norm(): argument 'momentum' (position 7) must be float, not {type(momentum).__name__}")
    _check(x, running_mean, running_var, weight, bias, training)
    if not training:
        return _eval_op(input, weight, bias, running_mean, running_var, eps=eps)
    out, mean, _, var = _train_op(input, weight, bias, eps=eps)
    if running_mean is not None and x.size:
        count = x.size // x.shape[1]
        _remember(running_mean, mean, momentum)
        _remember(running_var, var, momentum, count / (count - 1))
    return out


# ---- instance_norm ---------------------------------------------------------------------------------------------------
def _repeated(values, batch, channels):
    """A vector (C) repeated for every instance: (N * C)."""
    return None if values is None else reshape(expand_to(reshape(values, (1, channels)), (batch, channels)), (batch * channels,))


@function(namespace="nn")
def instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1,
                  eps=1e-05):
    """`batch_norm` of every instance of (N, C, *) by itself, with `use_input_stats`; otherwise by the running statistics.

    Raises ValueError for one value a channel and instance, and what `batch_norm` raises.
    """
    shape = array_of(input, "instance_norm").shape
    if use_input_stats and math.prod(shape[2:]) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size torch.Size({list(shape)})")
    if not use_input_stats:
        if running_mean is None or running_var is None:
            raise RuntimeError("Expected running_mean and running_var to be defined when use_input_stats is false")
        known = next((value for value in (weight, bias) if value is not None), input)  # statistics may have any dtype
        mean, var = (value.to(known.dtype) for value in (running_mean, running_var))
        return reshape(batch_norm(input, mean, var, weight, bias, False, momentum, eps), shape)
    batch, channels = shape[:2]
    rows = reshape(input, (1, batch * channels, *shape[2:]))
    w, b = (_repeated(value, batch, channels) for value in (weight, bias))
    _check(array_of(rows, "instance_norm"), None, None, w, b, True)
    out, mean, _, var = _train_op(rows, w, b, eps=eps)
    count = math.prod(shape[2:])
    for running, new, factor in ((running_mean, mean, 1.0), (running_var, var, count / (count - 1))):
        if running is not None and batch:
            _remember(running, reshape(new, (batch, channels)).sum(0) / batch, momentum, factor)
    return reshape(out, shape)
