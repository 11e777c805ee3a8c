"""Losses. The common ones are operations as they are; the others are made of operations here."""

from __future__ import annotations

import math
from typing import Any

from ... import ops
from ...graph import Tensor
from ...ops.reduction import reduced_tensor, reduction_of
from .distance import cosine_similarity, pairwise_distance


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
    reduction = reduction_of(reduction, size_average, reduce)
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        safe = ops.where(target > 1, target, 1.0)
        stirling = safe * safe.log() - safe + 0.5 * (2 * math.pi * safe).log()
        loss = loss + ops.where(target > 1, stirling, 0.0)
    return reduced_tensor(loss, reduction)


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
    return reduced_tensor(loss, reduction)


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
    reduction = reduction_of(reduction, size_average, reduce)
    return reduced_tensor(ops.log1p((-target * input).exp()), reduction)


def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """`x` for targets of 1, `max(0, margin - x)` for targets of -1."""
    reduction = reduction_of(reduction, size_average, reduce)
    near = ops.where(target == -1, 0.0, input)
    far = ops.where(target == 1, 0.0, (margin - input).clamp(min=0))
    return reduced_tensor(near + far, reduction)


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
    reduction = reduction_of(reduction, size_average, reduce)
    if input1.dim() != input2.dim() or input1.dim() != target.dim():
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.size()}, input2: {input2.size()}, target: {target.size()} "
        )
    return reduced_tensor((-target * (input1 - input2) + margin).clamp(min=0), reduction)


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
    reduction = reduction_of(reduction, size_average, reduce)
    cosine = cosine_similarity(input1, input2, dim=-1)
    near = ops.where(target == 1, 1 - cosine, 0.0)
    far = ops.where(target == -1, (cosine - margin).clamp(min=0), 0.0)
    return reduced_tensor(near + far, reduction)


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
    reduction = reduction_of(reduction, size_average, reduce)
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = ops.minimum(far, pairwise_distance(positive, negative, p, eps))
    return reduced_tensor((near - far + margin).clamp(min=0), reduction)
