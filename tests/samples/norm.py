"""Samples of normalisations."""

import numpy as np

from .sample import Sample

RNG = np.random.default_rng(23)
X, W, B = RNG.normal(size=(4, 3, 5)), RNG.normal(size=3), RNG.normal(size=3)
MEAN, VAR = RNG.normal(size=3), RNG.uniform(0.5, 2, 3)
ROWS, WEIGHT, BIAS = RNG.normal(size=(2, 4, 6)), RNG.normal(size=(4, 6)), RNG.normal(size=(4, 6))


def _normal(x, axes, eps=1e-5):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def _batch(x, mean, var, w=1.0, b=0.0, *rest):
    w, b = np.reshape(w, (-1, 1)), np.reshape(b, (-1, 1))
    if mean is None:
        return _normal(x, (0, 2)) * w + b
    return (x - mean[:, None]) / np.sqrt(var[:, None] + 1e-5) * w + b


def _groups(x, groups, w, b):
    normal = _normal(x.reshape(len(x), groups, -1), 2).reshape(x.shape)
    return normal * w.reshape(-1, *[1] * (x.ndim - 2)) + b.reshape(-1, *[1] * (x.ndim - 2))


SAMPLES = {
    "batch_norm": [
        Sample((X, None, None, W, B, True), {}, _batch),
        Sample((X, None, None), {"training": True}, lambda *a, **k: _normal(X, (0, 2))),
        Sample((X[..., 0].copy(), None, None, W, None, True), name="(N, C)"),
        Sample((RNG.normal(size=(2, 3, 2, 3)), None, None, None, B, True), {"eps": 0.1}),
        Sample((X, MEAN, VAR, W, B), {}, _batch, (0, 3, 4), "eval"), Sample((X, MEAN, VAR), {}, _batch, (0,), "eval, plain"),
    ],
    "instance_norm": [
        Sample((X,), {}, lambda x: _normal(x, 2)), Sample((RNG.normal(size=(2, 3, 2, 3)), None, None, W, B)),
        Sample((X, MEAN, VAR, W, B, False), {}, _batch, (0, 3, 4)),
    ],
    "layer_norm": [
        Sample((ROWS, (6,), WEIGHT[0], BIAS[0]), {}, lambda x, n, w, b: _normal(x, 2) * w + b),
        Sample((ROWS, (4, 6), WEIGHT, BIAS), {}, lambda x, n, w, b: _normal(x, (1, 2)) * w + b),
        Sample((ROWS, [6]), {}, lambda x, n: _normal(x, 2)), Sample((ROWS, (2, 4, 6)), {"eps": 0.1}),
        Sample((ROWS, (6,), None, BIAS[0])), Sample((np.zeros((0, 6)), (6,)), name="empty"),
    ],
    "group_norm": [
        Sample((ROWS, 2, WEIGHT[:, 0].copy(), BIAS[:, 0].copy()), {}, _groups), Sample((ROWS, 4)),
        Sample((RNG.normal(size=(2, 6, 2, 2)), 3, RNG.normal(size=6), RNG.normal(size=6)), {}, _groups),
    ],
    "rms_norm": [
        Sample((ROWS, (6,), WEIGHT[0]), {"eps": 1e-3}, lambda x, n, w: x / np.sqrt((x * x).mean(2, keepdims=True) + 1e-3) * w),
        Sample((ROWS, (4, 6)), {"eps": 1e-5}),
    ],
}
