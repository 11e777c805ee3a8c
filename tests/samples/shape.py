"""Samples of functions on shapes: views, joins, splits, arrangements."""

import numpy as np

from .sample import Sample

rng = np.random.default_rng(5)
X, Y = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 3, 4))
M, N = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
V, W = rng.standard_normal(4), rng.standard_normal(3)
ONES = rng.standard_normal((1, 3, 1, 2))
SCALAR = np.array(rng.standard_normal())
U = rng.standard_normal((2, 3)) + 1j * rng.standard_normal((2, 3))
INTS = np.arange(12).reshape(3, 4)
EMPTY = np.zeros((0, 3))
PAIRS = rng.standard_normal((3, 2))


def _one(*args, ref, **kwargs):
    return Sample(args, kwargs, ref)


def _window(x, size, step):
    return np.lib.stride_tricks.sliding_window_view(x, size, 1)[:, ::step]


def _embedded(v):
    whole = np.zeros((*v.shape, v.shape[-1]))
    whole[..., np.arange(v.shape[-1]), np.arange(v.shape[-1])] = v
    return whole


def _blocks(a, b):
    a, b = np.atleast_2d(a), np.atleast_2d(b)
    return np.block([[a, np.zeros((len(a), b.shape[1]))], [np.zeros((len(b), a.shape[1])), b]])


def _put_slice(x, src):
    whole = x.copy()
    whole[:, 1:] = src
    return whole


def _put_row(x, src):
    whole = x.copy()
    whole[:, 1] = src
    return whole


def _put_diagonal(x, src):
    whole = x.copy()
    whole[[0, 1, 2], [1, 2, 3]] = src
    return whole


def _diagonal_filled(x, value):
    whole = x.copy()
    np.fill_diagonal(whole, value)
    return whole


def _swap(x):
    return x.swapaxes(0, 2)


RESHAPES = [
    _one(X, (6, 4), ref=lambda x, s: x.reshape(6, 4)),
    _one(X, (-1,), ref=lambda x, s: x.reshape(-1)),
    _one(X, (2, 2, -1), ref=lambda x, s: x.reshape(2, 2, 6)),
    _one(SCALAR, (1, 1), ref=lambda x, s: x.reshape(1, 1)),
    _one(U, [6], ref=lambda x, s: x.reshape(6)),
    _one(X[:, ::2], (2, 2, 2, 2), ref=lambda x, s: x.reshape(s)),
    _one(EMPTY, (3, 0), ref=lambda x, s: x.reshape(3, 0)),
]
SWAPS = [
    _one(X, 0, 2, ref=lambda x, a, b: _swap(x)),
    _one(X, -1, 0, ref=lambda x, a, b: _swap(x)),
    _one(SCALAR, 0, -1, ref=lambda x, a, b: x),
]
MOVES = [
    _one(X, 0, 2, ref=np.moveaxis),
    _one(X, (0, -1), (1, 0), ref=np.moveaxis),
    _one(X, 1, 1, ref=np.moveaxis),
    _one(SCALAR, 0, 0, ref=lambda x, a, b: x),
]
STRIDES = [
    _one(X, (3, 2), (1, 4), 2, ref=lambda x, *a: x.ravel()[2 + np.array([[0, 4], [1, 5], [2, 6]])]),
    _one(X, (3, 3), (1, 1), ref=lambda x, *a: x.ravel()[np.array([[0, 1, 2], [1, 2, 3], [2, 3, 4]])]),
]
JOINS = [
    _one([X, Y], ref=np.concatenate),
    _one([X, Y, X[:, :1]], 1, ref=np.concatenate),
    _one([M], dim=-1, ref=lambda t, dim: M),
    _one([V, np.zeros(0)], ref=np.concatenate),
    _one([INTS, M], ref=np.concatenate),
    _one([U, U], 1, ref=np.concatenate),
]
COUNTS = [
    _one(X, 2, ref=lambda x, n: [x[:1], x[1:]]),
    _one(X, 3, 2, ref=lambda x, n, d: np.split(x, [2, 4], 2)[:2]),
    _one(V, 3, ref=lambda x, n: [x[:2], x[2:]]),
]

SAMPLES = {
    # ---- reshaping
    "reshape": RESHAPES,
    "view": [*RESHAPES, _one(X, 2, 2, -1, ref=lambda x, *s: x.reshape(2, 2, 6))],
    "view_as": [_one(X, np.zeros((4, 6), bool), ref=lambda x, y: x.reshape(4, 6))],
    "reshape_as": [_one(X, np.zeros((4, 6), bool), ref=lambda x, y: x.reshape(4, 6))],
    "flatten": [
        _one(X, ref=np.ravel),
        _one(X, 1, ref=lambda x, a: x.reshape(2, 12)),
        _one(X, 0, -2, ref=lambda x, a, b: x.reshape(6, 4)),
        _one(V, ref=np.ravel),
        _one(SCALAR, ref=np.ravel),
    ],
    "unflatten": [
        _one(X, 2, (2, -1), ref=lambda x, d, s: x.reshape(2, 3, 2, 2)),
        _one(V, 0, (2, 2), ref=lambda x, d, s: x.reshape(2, 2)),
    ],
    "ravel": [_one(X, ref=np.ravel), _one(SCALAR, ref=np.ravel)],
    "contiguous": [_one(X, ref=lambda x: x), _one(X.transpose(2, 0, 1), ref=lambda x: x)],
    "squeeze": [
        _one(ONES, ref=np.squeeze),
        _one(ONES, 0, ref=np.squeeze),
        _one(ONES, 1, ref=lambda x, d: x),
        _one(ONES, (0, 1, -2), ref=lambda x, d: x.squeeze()),
        _one(SCALAR, 0, ref=lambda x, d: x),
    ],
    "unsqueeze": [
        _one(X, 0, ref=np.expand_dims),
        _one(X, -1, ref=np.expand_dims),
        _one(X, 2, ref=np.expand_dims),
        _one(SCALAR, 0, ref=np.expand_dims),
    ],
    "view_as_real": [_one(U, ref=lambda x: np.stack([x.real, x.imag], -1))],
    "view_as_complex": [Sample((PAIRS,), ref=lambda x: x[:, 0] + 1j * x[:, 1], name="contiguous")],
    # ---- dimensions
    "transpose": SWAPS,
    "swapaxes": SWAPS,
    "swapdims": SWAPS,
    "t": [
        _one(M, ref=np.transpose),
        _one(V, ref=lambda x: x),
        _one(SCALAR, ref=lambda x: x),
        _one(U, ref=np.transpose),
    ],
    "permute": [_one(X, (2, 0, 1), ref=np.transpose), _one(X, (-1, 1, 0), ref=np.transpose)],
    "adjoint": [_one(X, ref=lambda x: x.swapaxes(1, 2)), _one(U, ref=lambda x: x.conj().T)],
    "movedim": MOVES,
    "moveaxis": MOVES,
    "transpose_": SWAPS[:1],
    "swapaxes_": SWAPS[:1],
    "swapdims_": SWAPS[:1],
    "t_": [_one(M, ref=np.transpose)],
    "unsqueeze_": [_one(X, 1, ref=np.expand_dims)],
    "squeeze_": [_one(ONES, ref=np.squeeze), _one(ONES, 0, ref=np.squeeze), _one(ONES, (0, 2), ref=np.squeeze)],
    # ---- expanding
    "expand": [
        _one(ONES, 4, 3, 2, 2, ref=lambda x, *s: np.broadcast_to(x, s)),
        _one(M, 2, -1, 4, ref=lambda x, *s: np.broadcast_to(x, (2, 3, 4))),
        _one(SCALAR, (2, 3), ref=np.broadcast_to),
    ],
    "expand_as": [_one(V, np.zeros((3, 4), bool), ref=lambda x, y: np.broadcast_to(x, (3, 4)))],
    "broadcast_to": [_one(V, (2, 3, 4), ref=np.broadcast_to)],
    "broadcast_tensors": [_one(M, V, SCALAR, ref=np.broadcast_arrays)],
    "broadcast_shapes": [_one((2, 1), (3,), ref=lambda *s: (2, 3))],
    "sum_to_size": [
        _one(X, 3, 1, ref=lambda x, *s: x.sum(0).sum(1, keepdims=True)),
        _one(X, (1, 3, 4), ref=lambda x, s: x.sum(0, keepdims=True)),
    ],
    "atleast_1d": [_one(SCALAR, ref=np.atleast_1d), _one(M, SCALAR, ref=lambda *t: [np.atleast_1d(a) for a in t])],
    "atleast_2d": [_one(SCALAR, ref=np.atleast_2d), _one(V, ref=np.atleast_2d)],
    "atleast_3d": [_one(SCALAR, ref=np.atleast_3d), _one(V, ref=np.atleast_3d), _one(M, ref=np.atleast_3d)],
    "meshgrid": [Sample((V, W), {"indexing": "ij"}, np.meshgrid), Sample((V, W), {"indexing": "xy"}, np.meshgrid)],
    # ---- joining
    "cat": JOINS,
    "concat": JOINS[:2],
    "concatenate": JOINS[:2],
    "stack": [
        _one([X, Y], ref=np.stack),
        _one([M, N, M], -1, ref=np.stack),
        _one([SCALAR, SCALAR], ref=np.stack),
        _one([INTS, M], 1, ref=np.stack),
    ],
    "hstack": [_one([M, N], ref=np.hstack), _one([V, W], ref=np.hstack), _one([SCALAR, SCALAR], ref=np.hstack)],
    "vstack": [_one([M, N], ref=np.vstack), _one([V, V], ref=np.vstack)],
    "row_stack": [_one([V, V], ref=np.vstack)],
    "dstack": [_one([M, N], ref=np.dstack), _one([V, V], ref=np.dstack)],
    "column_stack": [_one([V, V], ref=np.column_stack), _one([M, W], ref=np.column_stack)],
    # ---- taking apart
    "split": [
        _one(X, 2, 1, ref=lambda x, n, d: [x[:, :2], x[:, 2:]]),
        _one(V, [1, 3], ref=lambda x, n: [x[:1], x[1:]]),
        _one(U, 1, ref=lambda x, n: [x[:1], x[1:]]),
    ],
    "split_with_sizes": [_one(X, [1, 3], -1, ref=lambda x, n, d: [x[..., :1], x[..., 1:]])],
    "chunk": COUNTS,
    "tensor_split": [
        _one(X, 3, 2, ref=np.array_split),
        _one(X, (1, 2), 1, ref=np.split),
        _one(V, 3, ref=np.array_split),
    ],
    "hsplit": [_one(M, 2, ref=np.hsplit), _one(V, [1], ref=np.hsplit)],
    "vsplit": [_one(M, 3, ref=np.vsplit)],
    "dsplit": [_one(X, [1, 3], ref=np.dsplit)],
    "unbind": [_one(X, ref=list), _one(X, -1, ref=lambda x, d: list(np.moveaxis(x, -1, 0))), _one(V, ref=list)],
    # ---- windows
    "select": [_one(X, 1, -1, ref=lambda x, d, i: x[:, -1]), _one(V, 0, 2, ref=lambda x, d, i: x[2])],
    "narrow": [_one(X, 2, 1, 2, ref=lambda x, d, a, n: x[..., 1:3]), _one(V, 0, -3, 2, ref=lambda x, d, a, n: x[1:3])],
    "diagonal": [_one(M, ref=np.diagonal), _one(X, 1, 0, 2, ref=np.diagonal), _one(X, -1, -2, -1, ref=np.diagonal)],
    "diag": [_one(V, ref=np.diag), _one(M, ref=np.diag), _one(M, -1, ref=np.diag), _one(V, 2, ref=np.diag)],
    "diag_embed": [
        _one(M, ref=_embedded),
        _one(M, 1, 0, 1, ref=lambda x, *d: np.stack([np.diag(row, 1) for row in x], -1)),
    ],
    "diagflat": [_one(PAIRS, 1, ref=lambda x, k: np.diag(x.ravel(), 1))],
    "as_strided": STRIDES,
    "as_strided_": STRIDES,
    "fill_diagonal_": [_one(M, 2.5, ref=_diagonal_filled)],
    "unfold": [
        _one(M, 1, 3, 1, ref=lambda x, *a: _window(x, 3, 1)),
        _one(M, -1, 2, 2, ref=lambda x, *a: _window(x, 2, 2)),
        _one(SCALAR, 0, 1, 1, ref=lambda x, *a: x.reshape(1)),
    ],
    "slice_scatter": [Sample((M, N[:, 1:], 1, 1), ref=lambda x, s, *a: _put_slice(x, s))],
    "select_scatter": [Sample((M, W, 1, 1), ref=lambda x, s, *a: _put_row(x, s))],
    "diagonal_scatter": [Sample((M, W, 1), ref=lambda x, s, *a: _put_diagonal(x, s))],
    # ---- arrangements
    "repeat": [
        _one(M, 2, 3, ref=lambda x, *r: np.tile(x, r)),
        _one(V, (2, 1, 2), ref=np.tile),
        _one(SCALAR, 3, ref=np.tile),
        _one(M, 0, 1, ref=lambda x, *r: np.tile(x, r)),
    ],
    "tile": [_one(M, (2,), ref=np.tile), _one(V, (3, 2), ref=np.tile), _one(X, (2, 1), ref=np.tile)],
    "repeat_interleave": [
        _one(M, 2, ref=np.repeat),
        _one(M, 3, 1, ref=np.repeat),
        Sample((V, np.array([1, 0, 2, 1])), ref=np.repeat, name="not traced"),
        Sample((M, np.array([2, 0, 1]), 0), ref=np.repeat, name="not traced"),
        Sample((np.array([2, 0, 1]),), ref=np.array([0, 0, 2]), name="not traced"),
    ],
    "flip": [_one(X, (0, 2), ref=np.flip), _one(X, (-1,), ref=np.flip), _one(X, [], ref=lambda x, d: x)],
    "fliplr": [_one(M, ref=np.fliplr)],
    "flipud": [_one(M, ref=np.flipud)],
    "roll": [_one(X, 1, 0, ref=np.roll), _one(X, (1, -2), (0, 2), ref=np.roll), _one(M, 5, ref=np.roll)],
    "rot90": [_one(M, ref=np.rot90), _one(X, 3, (1, 2), ref=np.rot90), _one(M, -2, ref=np.rot90)],
    "tril": [_one(M, ref=np.tril), _one(X, 1, ref=np.tril), _one(M, -1, ref=np.tril)],
    "triu": [_one(M, ref=np.triu), _one(X, 1, ref=np.triu), _one(U, -1, ref=np.triu)],
    "constant_pad_nd": [
        _one(M, (1, 2), ref=lambda x, p: np.pad(x, [(0, 0), p])),
        _one(M, (1, -1, -1, 2), 1.5, ref=lambda x, p, v: np.pad(x[1:, :-1], [(0, 2), (1, 0)], constant_values=v)),
    ],
    "block_diag": [_one(M, PAIRS, ref=_blocks), _one(V, M, ref=_blocks)],
}
