"""Losses. `size_average` and `reduce` are the options that `reduction` replaced; they still work, with a warning."""

from __future__ import annotations

import math
import warnings
from typing import Any

from ... import ops
from ...graph import Tensor
from .. import _reduction
from .distance import cosine_similarity, pairwise_distance


def _reduce(loss: Tensor, reduction: str) -> Tensor:
    """The mean, the sum, or the loss itself."""
    if reduction == "mean":
        return loss.mean()
    return loss.sum() if reduction == "sum" else loss


def _warn_sizes(input: Tensor, target: Tensor) -> None:
    if target.shape != input.shape:
        warnings.warn(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}). This will "
            "likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=3,
        )


def _weighted(loss: Tensor, weight: Tensor | None, reduction: str, mean_of_weights: bool) -> Tensor:
    """Reduce `loss`, weighted by `weight` if there is one; the mean is then over the weights, or over the elements."""
    if weight is None:
        return _reduce(loss, reduction)
    loss = loss * weight
    if reduction == "mean" and mean_of_weights:
        return loss.sum() / weight.sum()
    return _reduce(loss, reduction)


def _check_weighted(input: Tensor, weight: Tensor | None, reduction: str) -> str:
    if weight is None:
        return _reduction.check(reduction)
    if weight.shape != input.shape:
        raise ValueError("Weights and input must have the same size.")
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"Invalid reduction mode: {reduction}. Expected one of 'none', 'mean', 'sum'.")
    return reduction


def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """`(input - target)^2`; both of the same shape (others broadcast, with a warning)."""
    if target.shape != input.shape:
        _warn_sizes(input, target)
    if size_average is not None or reduce is not None:
        reduction = _reduction.legacy_get_string(size_average, reduce)
    if weight is None:
        return ops.mse_loss(input, target, reduction=reduction)
    reduction = _check_weighted(input, weight, reduction)
    return _weighted((input - target).square(), weight, reduction, mean_of_weights=True)


def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """`|input - target|`; both of the same shape (others broadcast, with a warning)."""
    _warn_sizes(input, target)
    if size_average is not None or reduce is not None:
        reduction = _reduction.legacy_get_string(size_average, reduce)
    reduction = _check_weighted(input, weight, reduction)
    return _weighted((input - target).abs(), weight, reduction, mean_of_weights=True)


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """`d^2 / (2 beta)` where `d = |input - target|` is below `beta`, `d - beta / 2` elsewhere.

    RuntimeError if `beta` is negative; zero gives the L1 loss.
    """
    _warn_sizes(input, target)
    reduction = _reduction.resolve(size_average, reduce, reduction)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    d = (input - target).abs()
    loss = d if beta == 0 else ops.where(d < beta, 0.5 * d * d / beta, d - 0.5 * beta)
    return _reduce(loss, reduction)


def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0, weight: Tensor | None = None
) -> Tensor:
    """`d^2 / 2` where `d = |input - target|` is at most `delta`, `delta (d - delta / 2)` elsewhere."""
    _warn_sizes(input, target)
    reduction = _check_weighted(input, weight, reduction)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    d = (input - target).abs()
    loss = ops.where(d <= delta, 0.5 * d * d, delta * (d - 0.5 * delta))
    return _weighted(loss, weight, reduction, mean_of_weights=False)


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """`-weight[target] * input[target]`: log-probabilities `(N, C, *)` or `(C,)`, class indices `(N, *)` or `()`.

    Targets equal to `ignore_index` count for nothing; the mean is over the weights of the others.
    """
    if size_average is not None or reduce is not None:
        reduction = _reduction.legacy_get_string(size_average, reduce)
    return ops.nll_loss(input, target, weight=weight, ignore_index=ignore_index, reduction=reduction)


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """`nll_loss` of the log-softmax over the classes: scores `(N, C, *)` or `(C,)`, class indices `(N, *)` or `()`.

    The target may also be probabilities of the input's shape. `label_smoothing` mixes in the uniform distribution.
    """
    if size_average is not None or reduce is not None:
        reduction = _reduction.legacy_get_string(size_average, reduce)
    return ops.cross_entropy(
        input,
        target,
        weight=weight,
        ignore_index=ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """`-(y log p + (1 - y) log(1 - p))` for probabilities p; logarithms are limited to at least -100.

    ValueError unless target and input have the same size.
    """
    if size_average is not None or reduce is not None:
        reduction = _reduction.legacy_get_string(size_average, reduce)
    reduction = _reduction.check(reduction)
    if target.size() != input.size():
        raise ValueError(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}) is "
            "deprecated. Please ensure they have the same size."
        )
    return ops.binary_cross_entropy(input, target, weight=weight, reduction=reduction)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """`binary_cross_entropy` of `sigmoid(input)`, without overflow; `pos_weight` multiplies the positive term.

    ValueError unless target and input have the same size.
    """
    if size_average is not None or reduce is not None:
        reduction = _reduction.legacy_get_string(size_average, reduce)
    if target.size() != input.size():
        raise ValueError(f"Target size ({target.size()}) must be the same as input size ({input.size()})")
    return ops.binary_cross_entropy_with_logits(
        input, target, weight=weight, pos_weight=pos_weight, reduction=reduction
    )


def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """`target * (log target - input)` for log-probabilities `input`; with `log_target` the target is a logarithm too.

    'batchmean' divides the sum by the batch size; 'mean' divides by all elements, and warns.
    """
    if size_average is not None or reduce is not None:
        reduction = _reduction.legacy_get_string(size_average, reduce)
    elif reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
            "'mean' will be changed to behave the same as 'batchmean' in the next major release.",
            stacklevel=2,
        )
    if reduction != "batchmean":
        _reduction.check(reduction)
    if log_target:
        loss = target.exp() * (target - input)
    else:
        # 0 log 0 is 0; the logarithm of one in its place keeps the gradient finite as well.
        loss = target * (ops.where(target == 0, 1.0, target).log() - input)
    if reduction != "batchmean":
        return _reduce(loss, reduction)
    return loss.sum() / input.size(0) if input.dim() else loss.sum()


def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: Any = None,
    eps: float = 1e-8,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """`exp(input) - target * input`, or `input - target * log(input + eps)` without `log_input`.

    `full` adds Stirling's approximation of `log(target!)` where the target is above 1.
    """
    if size_average is not None or reduce is not None:
        reduction = _reduction.legacy_get_string(size_average, reduce)
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(reduction + " is not a valid value for reduction")
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        safe = ops.where(target > 1, target, 1.0)
        stirling = safe * safe.log() - safe + 0.5 * (2 * math.pi * safe).log()
        loss = loss + ops.where(target > 1, stirling, 0.0)
    return _reduce(loss, reduction)


def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """`(log var + (input - target)^2 / var) / 2`, with `var` a number or a tensor, limited to at least `eps`.

    `full` adds the constant `log(2 pi) / 2`. ValueError for a negative or wrongly shaped variance. The limit on the
    variance passes no gradient.
    """
    var = _variance(input, var)
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(reduction + " is not valid")
    var = var + (var.detach().clamp(min=eps) - var.detach())
    loss = 0.5 * (var.log() + (input - target) ** 2 / var)
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return _reduce(loss, reduction)


def _variance(input: Tensor, var: Any) -> Tensor:
    """`var` as a tensor that broadcasts to the input, checked."""
    if not isinstance(var, Tensor):
        if var < 0:
            raise ValueError("var has negative entry/entries")
        var = input.detach() * 0 + var
    elif bool((var < 0).any()):
        raise ValueError("var has negative entry/entries")
    if var.size() != input.size():
        if input.size()[:-1] == var.size():
            var = var.unsqueeze(-1)  # one variance for a whole last dimension
        elif not _broadcasts_one_dimension(input, var):
            raise ValueError("var is of incorrect size")
    return var


def _broadcasts_one_dimension(input: Tensor, var: Tensor) -> bool:
    if input.dim() != var.dim():
        return False
    differing = [v for i, v in zip(input.size(), var.size(), strict=True) if i != v]
    return differing == [1]


def soft_margin_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Tensor:
    """`log(1 + exp(-target * input))` for targets of 1 and -1."""
    reduction = _reduction.resolve(size_average, reduce, reduction)
    return _reduce(ops.log1p((-target * input).exp()), reduction)


def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """`x` for targets of 1, `max(0, margin - x)` for targets of -1."""
    reduction = _reduction.resolve(size_average, reduce, reduction)
    near = ops.where(target == -1, 0.0, input)
    far = ops.where(target == 1, 0.0, (margin - input).clamp(min=0))
    return _reduce(near + far, reduction)


def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """`max(0, -target * (input1 - input2) + margin)`. RuntimeError unless all have as many dimensions."""
    reduction = _reduction.resolve(size_average, reduce, reduction)
    if input1.dim() != input2.dim() or input1.dim() != target.dim():
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.size()}, input2: {input2.size()}, target: {target.size()} "
        )
    return _reduce((-target * (input1 - input2) + margin).clamp(min=0), reduction)


def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """`1 - cos(x1, x2)` for targets of 1, `max(0, cos(x1, x2) - margin)` for targets of -1."""
    reduction = _reduction.resolve(size_average, reduce, reduction)
    cosine = cosine_similarity(input1, input2, dim=-1)
    near = ops.where(target == 1, 1 - cosine, 0.0)
    far = ops.where(target == -1, (cosine - margin).clamp(min=0), 0.0)
    return _reduce(near + far, reduction)


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """`max(0, d(anchor, positive) - d(anchor, negative) + margin)` with the distance of the p-norm."""
    reduction = _reduction.resolve(size_average, reduce, reduction)
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = ops.minimum(far, pairwise_distance(positive, negative, p, eps))
    return _reduce((near - far + margin).clamp(min=0), reduction)
