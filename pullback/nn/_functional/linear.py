"""Linear maps, lookups and attention."""

from __future__ import annotations

import math
from typing import Any

from ... import ops
from ...dtypes import bool_, int64
from ...factories import ones, zeros
from ...graph import Tensor
from ...mode import no_grad
from ...ops.einstein import einsum
from ...ops.softmaxes import softmax


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`y_k = x1^T A_k x2 + b_k`: `(*, in1)` and `(*, in2)` with weight `(out, in1, in2)` to `(*, out)`."""
    out = einsum("...i,kij,...j->...k", input1, weight, input2)
    return out if bias is None else out + bias


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of `weight` at the given indices: `(*)` to `(*, embedding_dim)`.

    The row `padding_idx` gets no gradient. With `max_norm`, the rows looked up that are longer are first scaled down in
    place. With `scale_grad_by_freq` gradients are divided by how often an index occurs. `sparse` is accepted and has no
    effect: gradients are dense. AssertionError if `padding_idx` is out of range.
    """
    if padding_idx is not None:
        rows = weight.size(0)
        if not -rows <= padding_idx < rows:
            raise AssertionError("Padding_idx must be within num_embeddings")
        padding_idx %= rows
    if max_norm is not None:
        _renormalize(weight, input, max_norm, norm_type)
    return ops.embedding(input, weight, padding_idx=padding_idx, scale_grad_by_freq=scale_grad_by_freq)


def _renormalize(weight: Tensor, indices: Tensor, max_norm: float, norm_type: float) -> None:
    """Scale the rows that are looked up and longer than `max_norm` down to that length, in place."""
    with no_grad():
        for row in set(indices.reshape(-1).tolist()):
            length = float(weight[row].norm(norm_type))
            if length > max_norm:
                weight[row].mul_(max_norm / (length + 1e-7))


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """`(*)` of class indices (int64) to `(*, num_classes)` of zeros with a one at each index.

    -1 takes the greatest index plus one. RuntimeError for another dtype and for classes out of range.
    """
    if tensor.dtype != int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if tensor.numel() == 0:
        if num_classes <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        return zeros(*tensor.shape, num_classes, dtype=int64)
    if int(tensor.min()) < 0:
        raise RuntimeError("Class values must be non-negative.")
    greatest = int(tensor.max())
    if num_classes == -1:
        num_classes = greatest + 1
    elif greatest >= num_classes:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return zeros(*tensor.shape, num_classes, dtype=int64).scatter_(-1, tensor.unsqueeze(-1), 1)


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """`softmax(scale q k^T + mask) v`: `(*, L, E)`, `(*, S, E)` and `(*, S, V)` to `(*, L, V)`. Vaswani et al., 2017.

    A bool mask is True where attention is allowed; any other is added. `scale` is `1 / sqrt(E)` unless given.
    `enable_gqa` lets several query heads (dimension -3) share one key and value head. RuntimeError if both a mask and
    `is_causal` are given.
    """
    if is_causal and attn_mask is not None:
        raise RuntimeError("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True")
    if enable_gqa:
        key, value = _repeat_heads(key, query.size(-3)), _repeat_heads(value, query.size(-3))
    scores = (query * (1 / math.sqrt(query.size(-1)) if scale is None else scale)) @ key.transpose(-2, -1)
    if is_causal:
        attn_mask = ones(query.size(-2), key.size(-2), dtype=bool_).tril()
    weights = softmax(_masked(scores, attn_mask), -1)
    if dropout_p > 0.0:
        weights = ops.dropout(weights, dropout_p, True)
    return weights @ value


def _repeat_heads(x: Tensor, heads: int) -> Tensor:
    """`(*, H, S, E)` with each head as often, one after the other, as it takes to have `heads` of them."""
    *batch, own, length, size = x.shape
    return x.unsqueeze(-3).expand(*batch, own, heads // own, length, size).reshape(*batch, heads, length, size)


def _masked(scores: Tensor, mask: Any) -> Tensor:
    if mask is None:
        return scores
    return scores.masked_fill(~mask, -math.inf) if mask.dtype == bool_ else scores + mask
