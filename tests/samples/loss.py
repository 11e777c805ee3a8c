"""Samples of losses."""

import numpy as np

from .activation import sigmoid, softmax
from .sample import Sample

RNG = np.random.default_rng(22)
X, Y = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4)) + 0.1
SCORES = RNG.normal(size=(5, 4))
CLASSES, SPATIAL = np.array([0, 3, 1, 1, 2]), RNG.integers(0, 4, (2, 3))
IMAGES = RNG.normal(size=(2, 4, 3, 2))
MASKS = RNG.integers(0, 4, (2, 3, 2))
WEIGHTS = RNG.uniform(0.2, 1, 4)
P, T = RNG.uniform(0.1, 0.9, (3, 4)), RNG.uniform(0.1, 0.9, (3, 4))
REDUCTIONS = ("none", "mean", "sum")


def _reduced(loss, reduction):
    return loss if reduction == "none" else getattr(loss, reduction)()


def _each(ref, args, kwargs=None, grad=True):
    return [Sample(args, {"reduction": r, **(kwargs or {})}, None if ref is None else _reduced(ref(*args), r), grad, r)
            for r in REDUCTIONS]


def _nll(x, y):
    return -x[np.arange(len(y)), y]


def _soft(x, t):
    return -(np.log(softmax(x, 1)) * t).sum(1)


def _smooth(d, beta):
    return np.where(d < beta, d * d / (2 * beta), d - beta / 2)


def _bce(x, t):
    return -(t * np.log(x) + (1 - t) * np.log(1 - x))


FIRST = (0,)
SIGNS = np.sign(RNG.normal(size=(3, 4)))
SAMPLES = {
    "nll_loss": [
        *_each(_nll, (SCORES, CLASSES)),
        *_each(None, (IMAGES, MASKS)), *_each(None, (RNG.normal(size=(2, 4, 3)), SPATIAL)),
        *_each(None, (SCORES, CLASSES, WEIGHTS), {"ignore_index": 1}, FIRST), *_each(None, (SCORES[0], CLASSES[1])),
    ],
    "cross_entropy": [
        *_each(lambda x, y: _nll(np.log(softmax(x, 1)), y), (SCORES, CLASSES)),
        *_each(None, (IMAGES, MASKS), {"ignore_index": 2}),
        *_each(None, (SCORES, CLASSES, WEIGHTS), {"label_smoothing": 0.2}, FIRST),
        *_each(None, (IMAGES, MASKS), {"ignore_index": 2, "label_smoothing": 0.1}),
        *_each(_soft, (SCORES, softmax(RNG.normal(size=(5, 4)), 1)))[::2],
        *_each(None, (IMAGES, softmax(RNG.normal(size=IMAGES.shape), 1), WEIGHTS), {"label_smoothing": 0.3}),
        *_each(None, (SCORES[0], CLASSES[1])),
    ],
    "mse_loss": [*_each(lambda x, y: (x - y) ** 2, (X, Y)), *_each(None, (X, Y, None, None), {"weight": P})],
    "l1_loss": [*_each(lambda x, y: abs(x - y), (X, Y)), *_each(None, (X, Y), {"weight": P})],
    "smooth_l1_loss": [*_each(lambda x, y: _smooth(abs(x - y), 1), (X, Y)), *_each(None, (X, Y), {"beta": 0.3}),
                       *_each(None, (X, Y), {"beta": 0.0})],
    "huber_loss": [*_each(lambda x, y: _smooth(abs(x - y), 1), (X, Y)), *_each(None, (X, Y), {"delta": 0.3, "weight": P})],
    "binary_cross_entropy": [*_each(_bce, (P, T)), *_each(None, (P, T, WEIGHTS), grad=(0, 1))],
    "binary_cross_entropy_with_logits": [
        *_each(lambda x, t: _bce(sigmoid(x), t), (X, T)),
        *_each(None, (X, T, WEIGHTS), {"pos_weight": WEIGHTS[::-1].copy()}, (0, 1))],
    "kl_div": [*_each(lambda x, t: t * (np.log(t) - x), (X, T)), *_each(None, (X, T), {"log_target": True}),
               Sample((X, T), {"reduction": "batchmean"}, (T * (np.log(T) - X)).sum() / 3)],
}
