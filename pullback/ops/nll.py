"""The losses of classification: negative log-likelihood and cross-entropy."""

import math

import numpy as np

from .. import dtypes, errors
from ..batch import pick, zeros
from ..batch import whole as whole_of
from ..dtypes import I64
from ..graph import Tensor
from .binary import where
from .layer import array_of, layer, not_implemented
from .public import function
from .record import Op
from .reduce import sum as total
from .reduction import check_constant, reduction_of
from .shape import reshape, shape_of
from .softmaxes import log_softmax

BYTE = np.dtype(np.uint8)


# ---- the kernels -----------------------------------------------------------------------------------------------------
def _counted(t, w, classes, ignore_index):
    """Which targets count (None: all of them), the targets made safe to index with, and each one's weight (None: 1)."""
    t = t.astype(I64) if t.dtype != I64 else t
    counts = None
    numbers = whole_of(t)
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < classes or 0 <= ignore_index < classes:
        counts = t != ignore_index
        t = np.where(counts, t, 0)
        numbers = whole_of(t)
        if numbers.size and not 0 <= numbers.min() <= numbers.max() < classes:
            wrong = numbers[(numbers < 0) | (numbers >= classes)].reshape(-1)[0]
            raise IndexError(f"Target {wrong} is out of bounds.")
    weights = None if w is None else pick(w, t)
    if counts is not None:
        weights = counts.astype(dtypes.F32) if weights is None else np.where(counts, weights, 0)
    return counts, t, weights


def _place(t):
    """The index that picks, for every target, the element of its class in an array (N, C, *) or (C,)."""
    return (t,) if not t.ndim else (np.arange(len(t)), t) if t.ndim == 1 else _grid(t)


def _grid(t):
    batch, *spatial = np.ogrid[tuple(map(slice, t.shape))]
    return batch, t, *spatial


def _nll(x, t, w, *, ignore_index, reduction):
    classes = x.shape[1 if x.ndim > 1 else 0]
    counts, t, weights = _counted(t, w, classes, ignore_index)
    picked = np.negative(pick(x, _place(t)))
    if counts is not None:
        picked = np.where(counts, picked, picked.dtype.type(0))  # what does not count may be infinite
    if weights is not None and w is not None:
        picked = picked * weights
    if reduction == "none":
        return picked
    result = np.sum(picked, dtype=x.dtype)
    return result / _divisor(weights, t, x.dtype) if reduction == "mean" else result


def _divisor(weights, t, dtype):
    return dtype.type(t.size) if weights is None else np.sum(weights, dtype=dtype)


def _nll_back(g, t, w, *, shape, ignore_index, reduction):
    """The gradient of the log-probabilities: minus the weight at the place of each target, zero elsewhere."""
    counts, t, weights = _counted(t, w, shape[1 if len(shape) > 1 else 0], ignore_index)
    value = np.negative(g)
    if reduction == "mean":
        value = value / _divisor(weights, t, g.dtype)
    if weights is not None:
        value = np.where(counts, value * weights.astype(g.dtype), g.dtype.type(0)) if counts is not None else value * weights
    whole = zeros(shape, g.dtype, g, t)
    whole[_place(t)] = value
    return whole


def _nll_rule(g, t, w, x_shape, ignore_index, reduction):
    return _back(g, t, w, shape=x_shape, ignore_index=ignore_index, reduction=reduction)


# The loss is linear in the log-probabilities, so it is itself the derivative of its backward.
_back = layer("nll_loss_backward", _nll_back, (
    lambda g, t, w, ignore_index, reduction: _plain(g, t, w, ignore_index=ignore_index, reduction=reduction), None, None),
    linear=True)
_plain = layer("nll_loss", _nll, (_nll_rule, None, None), linear=True)
_spatial = layer("nll_loss_nd", _nll, (_nll_rule, None, None), node="NllLoss2DBackward0", linear=True)
# torch's last step for other ndims
_reshaped = layer("nll_loss_view", _nll, (_nll_rule, None, None), node="ViewBackward0", linear=True)


# ---- nll_loss --------------------------------------------------------------------------------------------------------
def _check(x, t, w):
    """Raise torch's errors for shapes and dtypes that do not fit."""
    shape, target = x.shape, t.shape
    if not shape:
        raise ValueError("Expected 1 or more dimensions (got 0)")
    if len(shape) == 1 and target not in ((), (1,)) and len(target) == 1:
        raise ValueError(f"For 1D input, 1D target must have size 1, but got target size: {target[0]}")
    if len(shape) > 1 and target[:1] != shape[:1]:
        raise ValueError(f"Expected input batch_size ({shape[0]}) to match target batch_size ({target[0] if target else 1}).")
    expected = (shape[0], *shape[2:])
    if len(shape) <= 2 and len(target) > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if len(shape) == 4 and len(target) != 3:
        raise RuntimeError("only batches of spatial targets supported (3D tensors) but got targets of dimension: "
                           f"{len(target)}")
    if len(shape) == 4 and target != expected:
        raise RuntimeError(f"size mismatch (got input: {list(shape)} , target: {list(target)}")
    if len(shape) > 2 and target != expected:
        raise RuntimeError(f"Expected target size {list(expected)}, got {list(target)}")
    if t.dtype not in (I64, BYTE):
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {errors.title(t.dtype)}")
    if dtypes.category(x.dtype) != dtypes.FLOATING:
        raise not_implemented("nll_loss_out_frame" if len(shape) < 3 else "nll_loss2d_forward_out_frame", x.dtype)
    classes = shape[1] if len(shape) > 1 else shape[0]
    if w is not None and w.shape != (classes,):
        raise RuntimeError("weight tensor should be defined either for all or no classes" if len(shape) > 2 else
                           f"weight tensor should be defined either for all {classes} classes or no classes but got weight "
                           f"tensor of shape: {list(w.shape)}")
    if w is not None and w.dtype != x.dtype:
        raise RuntimeError(f"expected scalar type {errors.title(x.dtype)} but found {errors.title(w.dtype)}")


def _nll_of(input, target, weight, ignore_index, reduction):
    x, t = array_of(input, "nll_loss_nd"), array_of(target, "nll_loss_nd", "target", 2)
    _check(x, t, None if weight is None else array_of(weight, "nll_loss_nd", "weight", 3))
    check_constant("nll_loss_forward" if x.ndim < 3 else "nll_loss2d_forward", "weight", weight)
    if x.ndim == 1 and t.ndim == 1:
        target = reshape(target, ())
    op = _plain if x.ndim < 3 else _spatial if x.ndim == 4 or reduction != "none" else _reshaped
    return op(input, target, weight, ignore_index=ignore_index, reduction=reduction)


@function(namespace="nn")
def nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
    """`-weight[target] input[target]`: log-probabilities (N, C, *) or (C,), class indices (N, *) or () of int64 or uint8.

    Targets equal to `ignore_index` count for nothing; the mean is over the weights of the others.
    Raises IndexError if a target is no class, ValueError and RuntimeError if the shapes do not fit.
    """
    return _nll_of(input, target, weight, ignore_index, reduction_of(reduction, size_average, reduce))


# ---- cross_entropy ---------------------------------------------------------------------------------------------------
@function(namespace="nn")
def cross_entropy(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean",
                  label_smoothing=0.0):
    """`nll_loss` of the log-softmax of scores (N, C, *) or (C,). Targets: class indices, or probabilities of that shape.

    `label_smoothing` mixes the targets with the uniform distribution. Raises RuntimeError if it is not between 0 and 1,
    and what `nll_loss` raises.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    x, t = array_of(input, "cross_entropy_loss"), array_of(target, "cross_entropy_loss", "target", 2)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}")
    dim = 0 if x.ndim == 1 else 1
    if x.shape == t.shape:
        if dtypes.category(t.dtype) != dtypes.FLOATING:
            raise RuntimeError(f"Expected floating point type for target with class probabilities, got {errors.title(t.dtype)}")
        if ignore_index >= 0:
            raise RuntimeError("ignore_index is not supported for floating point target")
        _check_class_weight(x, weight)
        return _soft(log_softmax(input, dim), target, weight, dim, reduction, label_smoothing)
    logs = log_softmax(input, dim)
    loss = _nll_of(logs, target, weight, ignore_index, reduction)
    if not label_smoothing:
        return loss
    smooth = _smooth(logs, target, weight, dim, ignore_index, reduction)
    return (1 - label_smoothing) * loss + smooth * (label_smoothing / x.shape[dim])


def _check_class_weight(x, weight):
    classes = x.shape[1 if x.ndim > 1 else 0]
    if weight is not None and shape_of(weight) != (classes,):
        raise RuntimeError("cross_entropy: weight tensor should be defined either for all "
                           f"{classes} classes or no classes but got weight tensor of shape: {list(shape_of(weight))}")


def _by_class(logs, weight, dim):
    """`logs` times the weight of the class along `dim`."""
    if weight is None:
        return logs
    return logs * reshape(weight, (1,) * dim + (-1,) + (1,) * (len(shape_of(logs)) - dim - 1))


def _soft(logs, target, weight, dim, reduction, smoothing):
    """Cross-entropy with a distribution over the classes for target."""
    shape = shape_of(logs)
    if smoothing:
        target = target * (1 - smoothing) + smoothing / shape[dim]
    logs = _by_class(logs, weight, dim)
    if reduction == "none":
        return -total(logs * target, dim)
    loss = -total(logs * target)
    return loss / (math.prod(shape) // shape[dim] if all(shape) else 1) if reduction == "mean" else loss


def _sum_of_weights(t, w, like, *, ignore_index):
    """The weights of the targets that count, summed: what the mean divides by."""
    _, t, weights = _counted(t, w, like.shape[1 if like.ndim > 1 else 0], ignore_index)
    return _divisor(weights, t, like.dtype)


_weights_of = Op("class_weights", _sum_of_weights, (None, None, None))


def _smooth(logs, target, weight, dim, ignore_index, reduction):
    """The loss against the uniform distribution, times the number of classes."""
    loss = -total(_by_class(logs, weight, dim), dim)
    if isinstance(target, Tensor) and shape_of(target) != shape_of(loss):
        target = reshape(target, shape_of(loss))
    loss = where(target == ignore_index, 0.0, loss)
    if reduction == "none":
        return loss
    return total(loss) / _weights_of(target, weight, logs, ignore_index=ignore_index) if reduction == "mean" else total(loss)
