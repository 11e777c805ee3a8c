"""Losses that compare two tensors element by element. Each is one record that keeps the two."""

import warnings

import numpy as np

from .. import dtypes, errors, shapes
from ..batch import whole
from ..graph import Tensor
from .activation import logsigmoid
from .apply import as_array
from .binary import clamp, where
from .choose import select
from .layer import array_of, layer, not_implemented
from .public import function
from .reduction import check_constant, check_weights, compared, reduced, reduced_tensor, reduction_of, spread
from .shape import shape_of
from .unary import abs as absolute
from .unary import exp, log, log1p, sigmoid


# ---- regression ------------------------------------------------------------------------------------------------------
def _mse(x, y, *, reduction):
    d = as_array(x - y)
    if reduction == "none":
        return np.multiply(d, d, out=d)
    d = d.reshape(-1)
    total = d.dot(d)
    return total / d.dtype.type(d.size) if reduction == "mean" else total


def _smooth_l1(x, y, *, reduction, beta):
    d = np.abs(x - y)
    return reduced(select(d < beta, d * d * (0.5 / beta), d - 0.5 * beta), reduction)


def _huber(x, y, *, reduction, delta):
    d = np.abs(x - y)
    return reduced(select(d <= delta, 0.5 * d * d, delta * (d - 0.5 * delta)), reduction)


def _mse_rule(g, x, y, reduction):
    d = x - y
    return d * spread(2 * g, d, reduction)


def _smooth_l1_rule(g, x, y, reduction, beta):
    d = x - y
    return clamp(d / beta, -1, 1) * spread(g, d, reduction)


def _huber_rule(g, x, y, reduction, delta):
    d = x - y
    return clamp(d, -delta, delta) * spread(g, d, reduction)


_mse_op = layer("mse_loss", _mse, (_mse_rule, lambda g, x, y, reduction: -_mse_rule(g, x, y, reduction)), title="mse_cpu")
_smooth_l1_op = layer(
    "smooth_l1_loss", _smooth_l1,
    (_smooth_l1_rule, lambda g, x, y, reduction, beta: -_smooth_l1_rule(g, x, y, reduction, beta)), title="smooth_l1_cpu")
_huber_op = layer("huber_loss", _huber,
                  (_huber_rule, lambda g, x, y, reduction, delta: -_huber_rule(g, x, y, reduction, delta)), title="huber_cpu")


@function(namespace="nn")
def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """`(input - target)^2`; both of one shape (others broadcast, with a warning). The mean is over `weight` if given.

    Raises ValueError on an unknown `reduction` and unless `weight` has the input's shape.
    """
    input, target = compared(input, target, "mse_loss", "mse_cpu" if weight is None else None)
    reduction = reduction_of(reduction, size_average, reduce)
    if weight is None:
        return _mse_op(input, target, reduction=reduction)
    difference = input - target
    return _weighted(difference * difference, input, weight, reduction)


@function(namespace="nn")
def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """`|input - target|`, otherwise as `mse_loss`."""
    input, target = compared(input, target, "l1_loss")
    reduction = reduction_of(reduction, size_average, reduce)
    loss = absolute(input - target)
    return reduced_tensor(loss, reduction) if weight is None else _weighted(loss, input, weight, reduction)


def _weighted(loss, input, weight, reduction):
    check_weights(input, weight)
    loss = loss * weight
    return loss.sum() / weight.sum() if reduction == "mean" else reduced_tensor(loss, reduction)


@function(namespace="nn")
def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    """`d^2 / (2 beta)` where d = |input - target| is below beta, `d - beta / 2` elsewhere; `l1_loss` if beta is zero.

    Raises RuntimeError if beta is negative.
    """
    if beta == 0:
        return l1_loss(input, target, size_average, reduce, reduction)
    input, target = compared(input, target, "smooth_l1_loss", "smooth_l1_cpu")
    reduction = reduction_of(reduction, size_average, reduce)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    return _smooth_l1_op(input, target, reduction=reduction, beta=beta)


@function(namespace="nn")
def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """`d^2 / 2` where d = |input - target| is at most delta, `delta (d - delta / 2)` elsewhere.

    Raises RuntimeError unless delta is positive.
    """
    input, target = compared(input, target, "huber_loss", "huber_cpu")
    reduction = reduction_of(reduction)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    if weight is None:
        return _huber_op(input, target, reduction=reduction, delta=delta)
    check_weights(input, weight)
    return reduced_tensor(_huber_op(input, target, reduction="none", delta=delta) * weight, reduction)


# ---- probabilities of two classes ----------------------------------------------------------------------------------------
_LOWEST = -100  # the logarithm of a probability is limited to this, so that the loss stays finite


def _bce(x, t, w, *, reduction):
    for name, value in (("input", x), ("target", t)):
        numbers = whole(value)
        if not np.all((numbers >= 0) & (numbers <= 1)):
            raise RuntimeError(f"all elements of {name} should be between 0 and 1")
    loss = (t - 1) * np.maximum(np.log1p(-x), _LOWEST) - t * np.maximum(np.log(x), _LOWEST)
    return reduced(loss if w is None else (loss * w).astype(x.dtype, copy=False), reduction)


def _bce_input(g, x, t, w, reduction):
    gradient = (x - t) / clamp((1 - x) * x, min=1e-12) * spread(g, x, reduction)
    return gradient if w is None else gradient * w


def _bce_target(g, x, w, reduction):
    gradient = (log1p(-x) - log(x)) * spread(g, x, reduction)
    return gradient if w is None else gradient * w


def _bce_logits(x, t, w, p, *, reduction):
    tail = as_array(np.exp(-np.abs(x)))
    np.log1p(tail, out=tail)
    tail += np.maximum(-x, 0)  # log(1 + exp(-x))
    if p is not None:
        tail = tail * (1 + (p - 1) * t)
    loss = (1 - t) * x + tail
    if w is not None:
        loss = loss * w
    return reduced(loss.astype(t.dtype, copy=False), reduction)  # torch computes it in the memory of 1 - t


def _logits_input(g, x, t, w, p, reduction):
    if p is None:
        gradient = sigmoid(x) - t
    else:
        positive = p * t
        gradient = (positive + 1 - t) * sigmoid(x) - positive
    gradient = gradient * spread(g, gradient, reduction)
    return gradient if w is None else gradient * w


def _logits_target(g, x, w, p, reduction):
    gradient = -x if p is None else (1 - p) * logsigmoid(x) - x
    gradient = gradient * spread(g, gradient, reduction)
    return gradient if w is None else gradient * w


_bce_op = layer("binary_cross_entropy", _bce, (_bce_input, _bce_target, None), title="binary_cross_entropy")
_bce_logits_op = layer("binary_cross_entropy_with_logits", _bce_logits, (_logits_input, _logits_target, None, None),
                       title="log_sigmoid_cpu")


@function(namespace="nn")
def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """`-(t log x + (1 - t) log(1 - x))` for probabilities x; logarithms are limited to at least -100.

    Raises ValueError unless input and target have one shape, RuntimeError if their elements are not between 0 and 1.
    """
    x, t = array_of(input, "binary_cross_entropy"), array_of(target, "binary_cross_entropy", "target", 2)
    reduction = reduction_of(reduction, size_average, reduce)
    if x.shape != t.shape:
        raise ValueError(f"Using a target size (torch.Size({list(t.shape)})) that is different to the input size (torch.Size("
                         f"{list(x.shape)})) is deprecated. Please ensure they have the same size.")
    if t.dtype != x.dtype:
        raise RuntimeError(f"Found dtype {errors.title(t.dtype)} but expected {errors.title(x.dtype)}")
    if weight is not None:
        check_constant("binary_cross_entropy", "weight", weight)
        _check_broadcast(x.shape, shape_of(weight))
    return _bce_op(input, target, weight, reduction=reduction)


def _check_broadcast(shape, weight):
    for place in range(1, len(weight) + 1):
        if place > len(shape) or weight[-place] not in (1, shape[-place]):
            raise RuntimeError(f"Attempting to broadcast a dimension of length {weight[-place]} at {-place}! Mismatching "
                               f"argument at index 1 had torch.Size({list(weight)}); but expected shape should be "
                               f"broadcastable to {list(shape)}")


@function(namespace="nn")
def binary_cross_entropy_with_logits(input, target, weight=None, size_average=None, reduce=None, reduction="mean",
                                     pos_weight=None):
    """`binary_cross_entropy` of `sigmoid(input)`, without overflow; `pos_weight` multiplies the term of the target 1.

    Raises ValueError unless input and target have one shape, RuntimeError if the weights do not broadcast to it.
    """
    name = "binary_cross_entropy_with_logits"
    x, t = array_of(input, name), array_of(target, name, "target", 2)
    if x.shape != t.shape:
        raise ValueError(f"Target size (torch.Size({list(t.shape)})) must be the same as input size (torch.Size("
                         f"{list(x.shape)}))")
    reduction = reduction_of(reduction, size_average, reduce)
    if dtypes.category(x.dtype) != dtypes.FLOATING:
        raise not_implemented("log_sigmoid_cpu", x.dtype)
    if t.dtype.kind == "b":
        raise RuntimeError(errors.BOOL_SUB)
    if t.dtype.kind in "iu":
        raise RuntimeError(f"result type {errors.title(x.dtype)} can't be cast to the desired output type "
                           f"{errors.title(t.dtype)}")
    for argument, other in (("weight", weight), ("pos_weight", pos_weight)):
        if other is not None:
            check_constant(name, argument, other)
            shapes.broadcast(x.shape, shape_of(other))
    if dtypes.is_half(x.dtype) and t.dtype != x.dtype and isinstance(input, Tensor):
        input = input.to(dtypes.of(t.dtype))
    return _bce_logits_op(input, target, weight, pos_weight, reduction=reduction)


@function(namespace="nn")
def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    """`target (log target - input)` for log-probabilities `input`; with `log_target` the target is a logarithm too.

    "batchmean" divides the sum by the first size; "mean" divides by all elements, and warns.
    """
    if reduction == "mean" and size_average is None and reduce is None:
        warnings.warn("reduction: 'mean' divides the total loss by both the batch size and the support size."
                      "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
                      "'mean' will be changed to behave the same as 'batchmean' in the next major release.", stacklevel=3)
    if reduction != "batchmean" or size_average is not None or reduce is not None:
        reduction = reduction_of(reduction, size_average, reduce)
    loss = divergence(input, target, log_target)
    if reduction != "batchmean":
        return reduced_tensor(loss, reduction)
    shape = shape_of(input)
    return loss.sum() / shape[0] if shape else loss.sum()


def divergence(input, target, log_target):
    """The Kullback-Leibler divergence element by element: what `kl_div` reduces."""
    if log_target:
        return exp(target) * (target - input)
    # 0 log 0 is 0; the logarithm of 1 in its place keeps the gradient finite too
    return target * log(where(target == 0, 1.0, target)) - target * input
