"""Samples of attention."""

import numpy as np

from .activation import softmax
from .sample import Sample

RNG = np.random.default_rng(28)
Q, K, V = RNG.normal(size=(2, 2, 3, 4)), RNG.normal(size=(2, 2, 5, 4)), RNG.normal(size=(2, 2, 5, 3))
MASK = RNG.random((3, 5)) > 0.4


def _attention(q, k, v, mask=None, scale=None):
    scores = q @ k.swapaxes(-1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)
    return softmax(scores if mask is None else scores + mask, -1) @ v


SAMPLES = {"scaled_dot_product_attention": [
    Sample((Q, K, V), {}, _attention), Sample((Q, K, V), {"scale": 0.3}, _attention), Sample((Q, K, V, MASK)),
    Sample((Q, K, V, RNG.normal(size=(2, 1, 3, 5))), {}, _attention), Sample((Q, K, V), {"is_causal": True}),
    Sample((np.concatenate([Q, Q[:, :1] + 1, Q[:, :1] - 1], 1), K, V), {"enable_gqa": True}),
    Sample((Q, K, V), {"dropout_p": 0.3}),
]}
