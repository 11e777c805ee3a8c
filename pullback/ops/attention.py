"""Attention."""

import math

import numpy as np

from ..dtypes import B8
from ..graph import Tensor, wrap
from .binary import where
from .contract import c_name, matmul
from .layer import array_of, layer, not_implemented
from .noise import dropout
from .public import function
from .shape import expand_to, reshape, shape_of, transpose
from .softmaxes import softmax_rule


def _safe_softmax(x):
    """The softmax along the last dimension; of a row that is -inf throughout, zeros."""
    top = x.max(axis=-1, keepdims=True, initial=-np.inf)
    e = np.exp(x - np.where(np.isneginf(top), x.dtype.type(0), top))
    total = e.sum(axis=-1, keepdims=True)
    e /= np.where(total == 0, x.dtype.type(1), total)
    return e


_softmax_op = layer("safe_softmax", _safe_softmax, (lambda g, o: softmax_rule(g, o, len(shape_of(o)) - 1),))


def _check(q, k, v, mask, is_causal):
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise RuntimeError("Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: "
                           f"{q.ndim} key.dim: {k.ndim} and value.dim: {v.ndim} instead.")
    if not q.dtype == k.dtype == v.dtype:
        names = [c_name(array.dtype) for array in (q, k, v)]
        raise RuntimeError(f"Expected query, key, and value to have the same dtype, but got query.dtype: {names[0]} key.dtype: "
                           f"{names[1]} and value.dtype: {names[2]} instead.")
    if mask is not None:
        if is_causal:
            raise RuntimeError("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True")
        if mask.dtype not in (B8, q.dtype):
            raise RuntimeError("Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: "
                               f"{c_name(mask.dtype)} and  query.dtype: {c_name(q.dtype)} instead.")


def _for_each_query(heads, count):
    """`heads` (*, H, L, E) with every head repeated, so that there are `count`."""
    shape = shape_of(heads)
    if shape[-3] == count:
        return heads
    lead, (own, length, width) = shape[:-3], shape[-3:]
    spread = expand_to(reshape(heads, (*lead, own, 1, length, width)), (*lead, own, count // own, length, width))
    return reshape(spread, (*lead, count, length, width))


@function(namespace="nn")
def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    """`softmax(query key^T scale + mask) value` of (*, L, E), (*, S, E) and (*, S, Ev): (*, L, Ev).

    `attn_mask`: bool, True where a query may look, or numbers to be added; it broadcasts to (*, L, S). `is_causal`: query i
    sees the keys up to i. `scale` is by default 1 / sqrt(E). `enable_gqa`: each head of key and value serves several of query.
    Raises RuntimeError on dtypes that differ and on a mask together with `is_causal`.
    """
    name = "scaled_dot_product_attention"
    q, k = array_of(query, name, "query", 1), array_of(key, name, "key", 2)
    _check(q, k, array_of(value, name, "value", 3), None if attn_mask is None else array_of(attn_mask, name, "attn_mask", 4),
           is_causal)
    if q.dtype.kind == "c":
        raise not_implemented("softmax_lastdim_kernel_impl", q.dtype)
    if enable_gqa:
        key, value = _for_each_query(key, q.shape[-3]), _for_each_query(value, q.shape[-3])
    factor = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    scores = matmul(query * factor, transpose(key, -2, -1))
    if is_causal:
        attn_mask = np.tri(q.shape[-2], k.shape[-2], dtype=bool)
        attn_mask = wrap(attn_mask) if isinstance(query, Tensor) else attn_mask
    if attn_mask is not None:
        is_bool = array_of(attn_mask, name).dtype == B8
        scores = where(attn_mask, scores, -math.inf) if is_bool else scores + attn_mask
    weights = _softmax_op(scores)
    if dropout_p > 0:
        weights = dropout(weights, dropout_p)
    return matmul(weights, value)
