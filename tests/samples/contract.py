"""Samples of matrix products and of what is made of them."""

import functools
import math

import numpy as np

from .sample import Sample

rng = np.random.default_rng(10)


def _r(*shape):
    return rng.standard_normal(shape)


def _c(*shape):
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


def _on(ref, *args, **options):
    return [Sample(arrays, ref=ref, **options) for arrays in args]


I, J = rng.integers(-5, 5, (2, 3)), rng.integers(-5, 5, (3, 4))


def _added(product):
    return lambda base, x, y, beta=1, alpha=1: beta * base + alpha * product(x, y)


def _add_samples(product, base, x, y, broadcast):
    ref = _added(product)
    return [
        Sample((base, x, y), ref=ref),
        Sample((base, x, y), {"beta": 0.5, "alpha": -2.0}, ref),
        Sample((base, x, y), {"beta": 0, "alpha": 3}, ref),
        Sample((broadcast, x, y), ref=ref),
    ]


def _linear(x, w, b=None):
    return x @ w.T if b is None else x @ w.T + b


def _distance(p):
    def distance(x, y, *_):
        gap = np.abs(x[..., :, None, :] - y[..., None, :, :])
        if p == 0:
            return (gap != 0).sum(-1).astype(float)
        return gap.max(-1) if math.isinf(p) else (gap**p).sum(-1) ** (1 / p)

    return distance


def _einsum(equation, *operands, **options):
    return Sample((equation, *operands), ref=np.einsum, name=equation, **options)


MATMUL = [
    (_r(3), _r(3)),
    (_r(2, 3), _r(3)),
    (_r(3), _r(3, 4)),
    (_r(2, 3), _r(3, 4)),
    (_r(5, 2, 3), _r(3, 4)),
    (_r(5, 2, 3), _r(3)),
    (_r(3), _r(5, 3, 2)),
    (_r(2, 3), _r(5, 3, 4)),
    (_r(5, 2, 3), _r(5, 3, 4)),
    (_r(2, 1, 2, 3), _r(4, 3, 2)),
    (_c(2, 3), _c(3, 4)),
    (_c(2, 2, 3), _c(3, 2)),
    (I, J),
    (_r(2, 0), _r(0, 3)),
    (_r(0, 3), _r(3, 2)),
]
PAIRS_2D = [(_r(2, 3), _r(3, 4)), (_r(1, 3), _r(3, 1)), (_c(2, 3), _c(3, 4)), (I, J), (_r(2, 0), _r(0, 3))]

SAMPLES = {
    "matmul": _on(np.matmul, *MATMUL),
    "mm": _on(np.matmul, *PAIRS_2D),
    "bmm": _on(np.matmul, (_r(5, 2, 3), _r(5, 3, 4)), (_c(2, 2, 3), _c(2, 3, 1)), (_r(0, 2, 3), _r(0, 3, 4))),
    "mv": _on(np.matmul, (_r(2, 3), _r(3)), (_c(2, 3), _c(3)), (I, J[:, 0])),
    "dot": _on(np.dot, (_r(3), _r(3)), (_c(3), _c(3)), (I[0], J[:, 0]), (_r(0), _r(0))),
    "vdot": _on(np.vdot, (_r(3), _r(3)), (_c(3), _c(3))),
    "addmm": [
        *_add_samples(np.matmul, _r(2, 4), _r(2, 3), _r(3, 4), _r(4)),
        Sample((_c(2, 4), _c(2, 3), _c(3, 4)), ref=_added(np.matmul)),
    ],
    "addmv": _add_samples(np.matmul, _r(2), _r(2, 3), _r(3), _r(1)),
    "addr": _add_samples(np.outer, _r(3, 4), _r(3), _r(4), _r(4)),
    "baddbmm": _add_samples(np.matmul, _r(5, 2, 4), _r(5, 2, 3), _r(5, 3, 4), _r(1, 4)),
    "addbmm": _add_samples(lambda x, y: np.matmul(x, y).sum(0), _r(2, 4), _r(5, 2, 3), _r(5, 3, 4), _r(2, 1)),
    "linear": _on(
        _linear,
        (_r(2, 3), _r(4, 3)),
        (_r(2, 3), _r(4, 3), _r(4)),
        (_r(3), _r(4, 3)),
        (_r(3), _r(4, 3), _r(4)),
        (_r(5, 2, 3), _r(4, 3), _r(4)),
        (_r(5, 2, 3), _r(4, 3)),
        (_r(2, 3), _r(3)),
        (_c(2, 3), _c(4, 3), _c(4)),
    ),
    "einsum": [
        _einsum("ij,jk->ik", _r(2, 3), _r(3, 4)),
        _einsum("ij,jk", _r(2, 3), _r(3, 4)),
        _einsum("ij->ji", _r(2, 3)),
        _einsum("ij->", _r(2, 3)),
        _einsum("ii->i", _r(3, 3)),
        _einsum("ii", _r(3, 3)),
        _einsum("iji->j", _r(3, 2, 3)),
        _einsum("i,j->ij", _r(2), _r(3)),
        _einsum("ij,ij->", _r(2, 3), _r(2, 3)),
        _einsum("ij,ji->i", _r(2, 3), _r(3, 2)),
        _einsum("bij,bjk->bik", _r(2, 2, 3), _r(2, 3, 2)),
        _einsum("bhqd,bhkd->bhqk", _r(2, 2, 2, 3), _r(2, 2, 4, 3)),
        _einsum("...ij,...jk->...ik", _r(4, 2, 3), _r(3, 2)),
        _einsum("i...,i...->...", _r(3, 2), _r(3, 4, 2)),
        _einsum("ij,jk,kl->il", _r(2, 3), _r(3, 4), _r(4, 2)),
        _einsum("ij,ik,il->jkl", _r(2, 3), _r(2, 2), _r(2, 2)),
        _einsum("bi,oij,bj->bo", _r(2, 3), _r(2, 3, 2), _r(2, 2)),
        _einsum("ij,kj->", _r(2, 3), _r(4, 3)),
        _einsum("ij,jk->ik", _c(2, 3), _c(3, 2)),
        _einsum("ij,jk->ik", I, J),
        Sample((_r(2, 3), [0, 1], _r(3, 4), [1, 2], [0, 2]), ref=np.einsum, name="lists"),
    ],
    "tensordot": [
        Sample((_r(2, 3, 4), _r(3, 4, 5)), ref=np.tensordot),
        Sample((_r(2, 3, 4), _r(4, 2)), {"dims": 1}, lambda x, y, dims: np.tensordot(x, y, dims)),
        Sample((_r(2, 3), _r(2)), {"dims": 0}, lambda x, y, dims: np.tensordot(x, y, dims)),
        Sample((_r(2, 3, 4), _r(4, 3, 5), ([1, 2], [1, 0])), ref=np.tensordot),
    ],
    "outer": _on(np.outer, (_r(2), _r(3)), (_c(2), _c(3)), (I[0], J[0])),
    "ger": _on(np.outer, (_r(2), _r(3))),
    "inner": _on(np.inner, (_r(3), _r(3)), (_r(2, 3), _r(4, 3)), (_r(2, 2, 3), _r(3)), (_r(2, 3), _r())),
    "kron": _on(np.kron, (_r(2, 3), _r(3, 2)), (_r(2), _r(2, 3)), (_c(2), _c(2))),
    "chain_matmul": [Sample((_r(2, 3), _r(3, 4), _r(4, 2)), ref=lambda *m: functools.reduce(np.matmul, m))],
    "linalg_multi_dot": [
        Sample(([_r(2, 3), _r(3, 4), _r(4, 3), _r(3, 2)],), ref=lambda m: functools.reduce(np.matmul, m)),
        Sample(([_r(3), _r(3, 4), _r(4)],), ref=lambda m: functools.reduce(np.matmul, m)),
    ],
    "linalg_vecdot": [
        *_on(lambda x, y: (x.conj() * y).sum(-1), (_r(2, 3), _r(2, 3)), (_c(2, 3), _c(3))),
        Sample((_r(2, 3), _r(2, 3)), {"dim": 0}, lambda x, y, dim: (x * y).sum(dim)),
    ],
    "cross": [
        Sample((_r(2, 3), _r(2, 3)), ref=np.cross),
        Sample((_r(3, 2), _r(3, 2), 0), ref=lambda x, y, d: np.cross(x, y, axis=d)),
    ],
    "linalg_cross": _on(np.cross, (_r(2, 3), _r(2, 3)), (_r(2, 3), _r(1, 3)), (_c(2, 3), _c(2, 3))),
    "cdist": [
        *[
            Sample((_r(3, 2), _r(4, 2), p), ref=_distance(p), name=f"p={p}")
            for p in (0.0, 1.0, 1.5, 2.0, 3.0, math.inf)
        ],
        Sample((_r(2, 3, 2), _r(4, 2)), ref=_distance(2)),
        Sample((_r(28, 2), _r(3, 2)), ref=_distance(2), name="by a matrix product"),
    ],
}
