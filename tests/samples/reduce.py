"""Samples of reductions and scans."""

import math

import numpy as np

from .sample import Sample

rng = np.random.default_rng(11)
X, Y = rng.standard_normal((3, 4)), rng.standard_normal((2, 3, 4))
APART = rng.permutation(24).reshape(2, 3, 4) * 0.4 - 4.7  # no two elements close to each other
C = rng.standard_normal((2, 3)) + 1j * rng.standard_normal((2, 3))
I = rng.integers(-9, 9, (3, 4))
MASK = rng.random((3, 4)) < 0.6
GAPS = np.where(MASK, X, np.nan)
ZEROS = np.array([[1.5, 0.0, -2.0], [0.0, 0.5, 0.0], [1.0, 2.0, -3.0]])
SCALAR = np.array(1.7)


def _over(function, array, *dims, keepdim="keepdims", **options):
    """One sample for each dim: None (all), an int, a tuple; and one that keeps the dims."""
    samples = [Sample((array,), ref=function(array), **options)]
    samples += [Sample((array, dim), ref=function(array, axis=dim), name=f"dim={dim}", **options) for dim in dims]
    samples.append(Sample((array, dims[0]), {"keepdim": True}, function(array, axis=dims[0], keepdims=True), **options))
    return samples


def _logsumexp(x, axis=None, keepdims=False):
    return np.log(np.exp(x).sum(axis=axis, keepdims=keepdims))


def _spread(function, **kwargs):
    ddof = kwargs.get("correction", int(kwargs.get("unbiased", True)))
    return lambda x, dim=None, **_: function(x, axis=dim, ddof=ddof)


def _spreads(function):
    samples = [
        Sample((Y, dim), kwargs, _spread(function, **kwargs))
        for dim in (None, 1, (0, 2))
        for kwargs in ({}, {"unbiased": False}, {"correction": 2})
    ]
    return [
        *samples,
        Sample((Y,), ref=_spread(function)),
        Sample((C, 1), ref=_spread(function)),
        Sample((Y, 1), {"keepdim": True}, function(Y, axis=1, ddof=1, keepdims=True)),
    ]


def _with_mean(function):
    return [Sample((Y, dim), ref=(function(Y, axis=dim, ddof=1), Y.mean(axis=dim))) for dim in (None, 1, (0, 2))]


def _norms():
    samples = []
    for p in (2, 1, 3, 1.5, 0, math.inf, -math.inf):
        array = APART
        flat = np.linalg.norm(array.reshape(-1), p)
        samples.append(Sample((array, p), ref=flat, name=f"p={p}"))
        samples.append(Sample((array, p, 1), ref=np.linalg.norm(array, p, axis=1), name=f"p={p} dim=1"))
    return samples


def _chosen(best, index):
    return [
        Sample((APART,), ref=best(APART)),
        Sample((APART, 1), ref=(best(APART, 1), index(APART, 1))),
        Sample((APART, -1), {"keepdim": True}, (best(APART, -1, keepdims=True), index(APART, -1, keepdims=True))),
        Sample((I,), ref=best(I)),
        Sample((SCALAR, 0), ref=(SCALAR, 0)),
    ]


def _median(x, axis):
    return np.take(np.sort(x, axis), (x.shape[axis] - 1) // 2, axis)


def _runs(accumulate):
    def best(x, dim):
        values = accumulate(x, dim)
        shape = [-1 if d == dim else 1 for d in range(x.ndim)]
        return values, np.maximum.accumulate(np.where(x == values, np.arange(x.shape[dim]).reshape(shape), 0), dim)

    return best


def _logcumsumexp(x, dim):
    return np.log(np.cumsum(np.exp(x), dim))


SAMPLES = {
    "sum": [
        *_over(np.sum, Y, 0, 1, -1, (0, 2)),
        *_over(np.sum, C, 1),
        *_over(np.sum, I, 0),
        *_over(np.sum, MASK, 1),
        Sample((SCALAR,), ref=SCALAR),
        Sample((np.zeros((0, 3)), 0), ref=np.zeros(3)),
        Sample((X, ()), ref=X.sum()),
    ],
    "nansum": [*_over(np.nansum, X, 0, (0, 1)), *_over(np.nansum, GAPS, 0, 1, grad=False), *_over(np.nansum, I, 1)],
    "mean": [*_over(np.mean, Y, 0, 1, -1, (0, 2)), *_over(np.mean, C, 1), Sample((SCALAR,), ref=SCALAR)],
    "nanmean": [*_over(np.mean, X, 0, (0, 1)), *_over(np.nanmean, GAPS, 0, 1, grad=False)],
    "prod": [
        *_over(np.prod, X, 0, 1),
        *_over(np.prod, C, 1),
        *_over(np.prod, I, 0),
        Sample((SCALAR,), ref=SCALAR),
        Sample((ZEROS[:, :1], 1), ref=ZEROS[:, 0], name="a zero"),
        Sample((ZEROS[0],), ref=0.0, grad=False, name="zeros"),
    ],
    "logsumexp": [Sample((Y, dim), ref=_logsumexp(Y, dim), name=f"dim={dim}") for dim in (0, 1, (0, 2))]
    + [
        Sample((Y, 1), {"keepdim": True}, _logsumexp(Y, 1, True)),
        Sample((X + 800, 1), ref=_logsumexp(X, 1) + 800),
        Sample((I, 0), ref=_logsumexp(I, 0).astype(np.float32)),
    ],
    "all": _over(np.all, MASK, 0, 1, (0, 1)) + _over(np.all, I, 1),
    "any": _over(np.any, MASK, 0, 1, (0, 1)) + _over(np.any, I, 1),
    "count_nonzero": [
        Sample((I,), ref=np.count_nonzero(I)),
        Sample((I, 1), ref=np.count_nonzero(I, 1)),
        Sample((X, (0, 1)), ref=12, grad=False),
    ],
    "trace": [
        Sample((X,), ref=np.trace(X)),
        Sample((X.T,), ref=np.trace(X)),
        Sample((C,), ref=np.trace(C)),
        Sample((I,), ref=np.trace(I)),
    ],
    "amax": [*_over(np.max, APART, 0, 1, (0, 2)), *_over(np.max, I, 1), *_over(np.max, MASK, 1)],
    "amin": [*_over(np.min, APART, 0, 1, (0, 2)), *_over(np.min, I, 1)],
    "aminmax": [
        Sample((APART,), ref=(APART.min(), APART.max())),
        Sample((APART,), {"dim": 1}, (APART.min(1), APART.max(1))),
        Sample((I,), {"dim": 0, "keepdim": True}, (I.min(0, keepdims=True), I.max(0, keepdims=True))),
    ],
    "max": [*_chosen(np.max, np.argmax), Sample((X, Y[0]), ref=np.maximum)],
    "min": [*_chosen(np.min, np.argmin), Sample((X, Y[0]), ref=np.minimum)],
    "argmax": _over(np.argmax, APART, 0, 1, -1, grad=False) + _over(np.argmax, I, 0),
    "argmin": _over(np.argmin, APART, 0, 1, -1, grad=False) + _over(np.argmin, I, 0),
    "median": [
        Sample((APART[:, :1, 0],), ref=_median(APART[:, :1, 0].reshape(-1), 0)),
        *[Sample((APART, dim), ref=(_median(APART, dim), None)[:1][0], name=f"dim={dim}") for dim in ()],
        Sample((APART,), ref=_median(APART.reshape(-1), 0)),
        Sample((I,), ref=_median(I.reshape(-1), 0)),
        Sample((APART, 1), {"keepdim": True}),
    ],
    "nanmedian": [
        Sample((APART,), ref=_median(APART.reshape(-1), 0)),
        Sample((APART, 2)),
        Sample((np.array([3.0, np.nan, 1.0]),), ref=1.0, grad=False),
    ],
    "mode": [
        Sample((np.array([[1, 3, 3, 1, 2], [5, 5, 2, 2, 2]]),), ref=([1, 2], [3, 4])),
        Sample((APART, 1)),
        Sample((np.array([[1, 3, 3], [1, 2, 3]]), 0), ref=([1, 2, 3], [1, 1, 1])),
    ],
    "var": _spreads(np.var),
    "std": _spreads(np.std),
    "var_mean": _with_mean(np.var),
    "std_mean": _with_mean(np.std),
    "norm": [
        *_norms(),
        Sample((X,), ref=np.linalg.norm(X)),
        Sample((X, "fro"), ref=np.linalg.norm(X)),
        Sample((C, 3), ref=np.linalg.norm(C.reshape(-1), 3)),
        Sample((C,), ref=np.linalg.norm(C)),
        Sample((X, "fro", 1), {"keepdim": True}, np.linalg.norm(X, axis=1, keepdims=True)),
    ],
    "linalg_vector_norm": _norms(),
    "linalg_norm": [
        Sample((X,), ref=np.linalg.norm(X)),
        Sample((X, "fro"), ref=np.linalg.norm(X)),
        Sample((X, 1), ref=np.linalg.norm(X, 1)),
        Sample((X, math.inf), ref=np.linalg.norm(X, math.inf)),
        Sample((X, 3, 1), ref=np.linalg.norm(X, 3, axis=1)),
        Sample((X[0], -math.inf), ref=np.abs(X[0]).min()),
    ],
    "linalg_matrix_norm": [
        Sample((Y, ord), ref=np.linalg.norm(Y, ord, axis=(-2, -1)), name=str(ord))
        for ord in ("fro", 1, -1, math.inf, -math.inf)
    ]
    + [Sample((Y, 1, (0, 2)), {"keepdim": True}, np.linalg.norm(Y, 1, axis=(0, 2), keepdims=True))],
    "cumsum": [
        *[Sample((array, dim), ref=np.cumsum) for array, dim in ((Y, 0), (Y, 1), (Y, 2), (C, 1), (I, 0), (MASK, 1))],
        Sample((SCALAR, 0), ref=SCALAR),
    ],
    "cumprod": [
        *[Sample((array, dim), ref=np.cumprod) for array, dim in ((Y, 0), (Y, 1), (C, 1), (I, 0))],
        Sample((ZEROS[:1, :2], 1), ref=np.cumprod, grad=False, name="zeros"),
        Sample((SCALAR, 0), ref=SCALAR),
    ],
    "cummax": [Sample((APART, dim), ref=_runs(np.maximum.accumulate)) for dim in (0, 1, 2)]
    + [Sample((I, 1), ref=_runs(np.maximum.accumulate))],
    "cummin": [Sample((APART, dim), ref=_runs(np.minimum.accumulate)) for dim in (0, 1, 2)]
    + [Sample((I, 1), ref=_runs(np.minimum.accumulate))],
    "logcumsumexp": [Sample((Y, dim), ref=_logcumsumexp) for dim in (0, 1, 2)] + [Sample((SCALAR, 0), ref=SCALAR)],
    "diff": [
        Sample((X,), ref=np.diff),
        Sample((X, 2), ref=np.diff),
        Sample((X, 1, 0), ref=np.diff),
        Sample((I,), ref=np.diff),
        Sample((MASK,), ref=np.diff),
        Sample((X, 1, 1, X[:, :1], X[:, :2]), ref=np.diff),
    ],
}
