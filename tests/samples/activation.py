"""Samples of activations, away from the points where their pieces meet."""

import math

import numpy as np

from .sample import Sample

RNG = np.random.default_rng(21)
X = RNG.uniform(0.2, 2.5, (3, 4)) * RNG.choice([-1, 1], (3, 4))
SCALAR = np.array(0.7)
EMPTY = np.zeros((0, 3))


def sigmoid(x):
    """1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


def softmax(x, dim):
    """The softmax along `dim`."""
    e = np.exp(x - x.max(dim, keepdims=True))
    return e / e.sum(dim, keepdims=True)


def gelu(x, approximate="none"):
    """x Phi(x), or its approximation by tanh."""
    if approximate == "tanh":
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return x * 0.5 * (1 + np.vectorize(math.erf, otypes=[float])(x / math.sqrt(2)))


def elu(x, alpha=1.0):
    """x above zero, alpha (exp(x) - 1) below."""
    return np.where(x > 0, x, alpha * np.expm1(x))


def _plain(ref, *more):
    return [Sample((X,), {}, ref), Sample((SCALAR,), {}, ref, name="0-dim"), Sample((EMPTY,), {}, ref, name="empty"), *more]


def _wide(ref):
    return [Sample((np.array([-900.0, -30.0, 30.0, 900.0]),), {}, ref, grad=False, name="far out")]


WEIGHTS = RNG.uniform(0.1, 0.9, 3)
SAMPLES = {
    "softmax": [Sample((X, 1), {}, softmax), Sample((X, 0), {}, softmax), Sample((RNG.normal(size=(2, 3, 4)), -2), {}, softmax),
                Sample((SCALAR, 0), {}, 1.0), Sample((EMPTY, 1), {}, EMPTY), Sample((X * 1000, 1), {}, softmax, grad=False)],
    "log_softmax": [Sample((X, 1), {}, lambda x, dim: np.log(softmax(x, dim))), Sample((X, 0)), Sample((SCALAR, 0), {}, 0.0),
                    Sample((RNG.normal(size=(2, 3, 4)), 1)), Sample((X * 300, 1), grad=False)],
    "softmin": [Sample((X, 1), {}, lambda x, dim: softmax(-x, dim))],
    "gelu": _plain(gelu, Sample((X,), {"approximate": "tanh"}, gelu, name="tanh")),
    "silu": _plain(lambda x: x * sigmoid(x)),
    "mish": _plain(lambda x: x * np.tanh(np.log1p(np.exp(x)))),
    "softplus": _plain(lambda x: np.log1p(np.exp(x)), Sample((X,), {"beta": 2.0, "threshold": 30.0}),
                       Sample((X,), {"beta": 2.0, "threshold": 1.0}), *_wide(lambda x: np.maximum(x, 0))),
    "logsigmoid": _plain(lambda x: np.log(sigmoid(x)), *_wide(lambda x: np.minimum(x, 0) - np.log1p(np.exp(-abs(x))))),
    "softsign": _plain(lambda x: x / (1 + abs(x))),
    "tanhshrink": _plain(lambda x: x - np.tanh(x)),
    "elu": _plain(elu, Sample((X,), {"alpha": 0.5}, elu), *_wide(elu)),
    "selu": _plain(lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772)),
    "celu": _plain(elu, Sample((X, 0.5), {}, lambda x, a: np.where(x > 0, x, a * np.expm1(x / a)))),
    "prelu": [Sample((X, np.array([0.3])), {}, lambda x, w: np.where(x > 0, x, w * x)),
              Sample((X[:, :3], WEIGHTS), {}, lambda x, w: np.where(x > 0, x, w * x)),
              Sample((RNG.uniform(0.2, 1, (2, 3, 2)) - 0.55, WEIGHTS)), Sample((X[0], np.array([0.3])))],
    "glu": [Sample((X,), {}, lambda x: x[:, :2] * sigmoid(x[:, 2:])), Sample((RNG.normal(size=(2, 4, 3)), 1))],
    "leaky_relu": _plain(lambda x: np.where(x > 0, x, 0.01 * x), Sample((X, 0.3))),
    "hardtanh": _plain(lambda x: np.clip(x, -1, 1), Sample((X, -0.45, 1.6))),
    "relu6": _plain(lambda x: np.clip(x, 0, 6), Sample((X * 5,))),
    "hardsigmoid": _plain(lambda x: np.clip(x + 3, 0, 6) / 6, Sample((X * 2.1,))),
    "hardswish": _plain(lambda x: x * np.clip(x + 3, 0, 6) / 6, Sample((X * 2.1,))),
    "softshrink": [Sample((X, 1.1), {}, lambda x, a: np.sign(x) * np.maximum(abs(x) - a, 0)), Sample((SCALAR,))],
    "hardshrink": [Sample((X, 1.1), {}, lambda x, a: np.where(abs(x) > a, x, 0)), Sample((SCALAR,))],
    "threshold": [Sample((X, 0.1, 20.0), {}, lambda x, t, v: np.where(x > t, x, v)),
                  Sample((np.arange(5), 2, 9), {}, np.array([9, 9, 9, 3, 4]))],
}
