"""Samples of reading and writing by index: brackets, gather and scatter, vectors of numbers, masks."""

import numpy as np

from .sample import Sample

rng = np.random.default_rng(6)
X, Y = rng.standard_normal((3, 4, 2)), rng.standard_normal((3, 4, 2))
M, N = rng.standard_normal((4, 5)), rng.standard_normal((4, 5))
V = rng.standard_normal(6)
SCALAR = np.array(rng.standard_normal())
ROWS, REPEATED = np.array([2, 0]), np.array([1, -1, 1])
GRID = np.array([[0, 3], [1, 1]])
MASK, ROW_MASK = M > 0.2, np.array([True, False, True, True])
PLACES = np.array([[1, 0, 3], [1, 2, 0]])  # along dimension 0 of M, for its first three columns
APART = np.array([[1, 0, 3], [2, 1, 0]])
UNLIKE = np.array([[0, 1], [1, 2], [3, 4], [0, 0]])  # along dimension 1 of M, for each row
SLICE = slice(None)
WIDE = rng.standard_normal((2, 3))
TIES = np.array([[1.0, 2.0], [2.0, 2.0], [0.0, -1.0]])
DYNAMIC = "not traced"


def _read(x, index):
    return x[index]


def _item(x, index, ref=_read, name=""):
    return Sample((x, index), ref=ref, name=name)


def _set(x, index, value):
    whole = np.array(x)
    whole[index] = value
    return whole


def _written(*args, name=""):
    return Sample(args, ref=_set, name=name)


def _put(x, index, value, accumulate=False):
    whole = x.copy()
    if accumulate:
        np.add.at(whole, index, value)
    else:
        whole[index] = value
    return whole


def _along(dim, index):
    return (SLICE,) * dim + (index,)


def _scatter(x, dim, index, src):
    whole, src = x.copy(), np.broadcast_to(src, index.shape) if np.ndim(src) == 0 else src
    for place in np.ndindex(*index.shape):
        target = (*place[:dim], index[place], *place[dim + 1 :])
        whole[target] = src[place]
    return whole


def _combine(ufunc):
    def combined(x, dim, index, src, *rest, **options):
        whole = x.copy()
        for place in np.ndindex(*index.shape):
            target = (*place[:dim], index[place], *place[dim + 1 :])
            whole[target] = ufunc(whole[target], src[place])
        return whole

    return combined


def _gathered(x, dim, index):
    out = np.empty(index.shape)
    for place in np.ndindex(*index.shape):
        out[place] = x[(*place[:dim], index[place], *place[dim + 1 :])]
    return out


def _added(x, dim, index, source, alpha=1):
    whole = x.copy()
    np.add.at(whole, _along(dim, index), alpha * source)
    return whole


def _copied(x, dim, index, source):
    return _set(x, _along(dim, index), source)


def _masked_replaced(x, mask, source):
    whole = np.array(np.broadcast_to(x, np.broadcast_shapes(x.shape, mask.shape)))
    mask = np.broadcast_to(mask, whole.shape)
    whole[mask] = source.ravel()[: mask.sum()]
    return whole


ADDED = [
    Sample((M, 0, ROWS, N[:2]), ref=_added),
    Sample((M, 1, np.array([4, 0, 4]), N[:, :3]), {"alpha": -2}, _added),
    Sample((V, 0, np.array([1, 1]), V[:2].copy()), ref=_added),
]
COPIED = [Sample((M, 0, ROWS, N[:2]), ref=_copied), Sample((M, 1, np.array([4, 0]), N[:, :2]), ref=_copied)]
FILLED = [Sample((M, 0, ROWS, 2.5), ref=_copied), Sample((M, 1, np.array([4, 2]), SCALAR), ref=_copied)]
PUT = [
    Sample((M, (ROWS,), N[:2]), ref=_put),
    Sample((M, (REPEATED, REPEATED), SCALAR, True), ref=_put),
    Sample((M, (GRID,), N[:1], True), ref=_put),
    Sample((M, (MASK,), SCALAR), ref=_put, name=DYNAMIC),
]
FLAT = [
    Sample((M, np.array([0, -1, 7]), V[:3]), ref=lambda x, i, s: _set(x.ravel(), i, s).reshape(x.shape)),
    Sample((M, np.array([3, 3]), V[:2], True), ref=lambda x, i, s, a: _put(x.ravel(), i, s, a).reshape(x.shape)),
]
SCATTERED = [
    Sample((M, 0, APART, WIDE), ref=_scatter),
    Sample((M, 1, UNLIKE[:, :2], 1.5), ref=_scatter),
    Sample((X, 2, np.zeros((1, 2, 1), int), Y[:1, :2, :1]), ref=_scatter),
]
SCATTER_ADDED = [
    Sample((M, 0, PLACES, WIDE), ref=_combine(np.add)),
    Sample((V, 0, np.array([5, 5, 0]), V[:3].copy()), ref=_combine(np.add)),
]
FILLED_BY_MASK = [
    Sample((M, MASK, 2.0), ref=lambda x, m, v: np.where(m, v, x)),
    Sample((M, MASK, SCALAR), ref=lambda x, m, v: np.where(m, v, x)),
]
REPLACED = [
    Sample((M, MASK, N), ref=_masked_replaced),
    Sample((M, np.array([True, False, True, False, True]), N), ref=_masked_replaced),
]

SAMPLES = {
    "__getitem__": [
        _item(X, 1),
        _item(X, -1),
        _item(V, 2),
        _item(X, slice(1, 3)),
        _item(X, slice(None, None, 2)),
        _item(X, (0, 2)),
        _item(X, (SLICE, 1)),
        _item(X, (..., 0)),
        _item(X, None),
        _item(X, (None, SLICE, slice(1, 3), -1)),
        _item(X, ...),
        _item(X, (1, 2, 0)),
        _item(SCALAR, ...),
        _item(SCALAR, None),
        _item(X, (SLICE, SLICE)),
        _item(X, ROWS),
        _item(X, REPEATED),
        _item(X, GRID[:, :1]),
        _item(X, (SLICE, GRID)),
        _item(X, (ROWS, np.array([3, 3]))),
        _item(X, (ROWS, SLICE, np.array([0, 1]))),
        _item(X, (SLICE, np.array([[0], [3]]), np.array([0, 1, 1]))),
        _item(X, (1, SLICE, REPEATED), lambda x, i: x[1][:, i[2]]),
        _item(X, (None, ROWS)),
        _item(X, [0, 2]),
        _item(X, (..., [0, 0])),
        _item(X, True),
        _item(X, np.zeros(0, int)),
        _item(M, MASK, name=DYNAMIC),
        _item(M, (ROW_MASK, slice(1, 3)), name=DYNAMIC),
        _item(X, (SLICE, ROW_MASK, 1), lambda x, i: x[:, :, 1][:, i[1]], DYNAMIC),
        _item(M, (ROW_MASK, np.array([0, 1, 1])), name=DYNAMIC),
    ],
    "__setitem__": [
        _written(M, 1, N[0]),
        _written(M, slice(1, 3), 2.5),
        _written(M, (SLICE, -1), V[:4]),
        _written(M, ..., N),
        _written(V, 2, SCALAR),
        _written(M, (slice(0, 2), slice(1, 3)), SCALAR),
        _written(M, ROWS, N[:2]),
        _written(M, (ROWS, 1), V[:2]),
        _written(M, [0, 3], V[:5]),
        _written(M, (SLICE, ROWS), N[:, :2]),
        _written(M, ROWS, 0.5),
        _written(M, MASK, 1.0, name=DYNAMIC),
        _written(M, ROW_MASK, N[0], name=DYNAMIC),
    ],
    "index_put": PUT,
    "index_put_": PUT,
    # ---- all of a tensor
    "copy_": [Sample((M, N), ref=lambda x, y: y), Sample((M, V[:5]), ref=lambda x, y: np.broadcast_to(y, x.shape))],
    "fill_": [Sample((M, 2.5), ref=np.full_like), Sample((M, SCALAR), ref=np.full_like)],
    "zero_": [Sample((M,), ref=np.zeros_like)],
    # ---- vectors of numbers
    "index_select": [
        Sample((M, 0, np.array([2, 0, 2])), ref=lambda x, d, i: x.take(i, d)),
        Sample((X, 1, ROWS), ref=lambda x, d, i: x.take(i, d)),
        Sample((SCALAR, 0, np.array([0])), ref=lambda x, d, i: x),
        Sample((V, 0, np.array(3)), ref=lambda x, d, i: x[3:4]),
    ],
    "index_add": ADDED,
    "index_add_": ADDED,
    "index_copy": COPIED,
    "index_copy_": COPIED,
    "index_fill": FILLED,
    "index_fill_": FILLED,
    "take": [
        Sample((M, PLACES), ref=lambda x, i: x.take(i)),
        Sample((V, np.array([-1, 0, -1])), ref=lambda x, i: x.take(i)),
    ],
    "put": FLAT,
    "put_": FLAT,
    # ---- an index for each element
    "gather": [
        Sample((M, 0, PLACES), ref=_gathered),
        Sample((M, 1, UNLIKE), ref=_gathered),
        Sample((X, 1, np.zeros((2, 6, 1), int)), ref=_gathered),
        Sample((V, 0, np.array([5, 5, 0])), ref=_gathered),
        Sample((SCALAR, 0, np.array(0)), ref=lambda x, d, i: x),
    ],
    "take_along_dim": [
        Sample((M, UNLIKE, 1), ref=lambda x, i, d: np.take_along_axis(x, i, d)),
        Sample(
            (X, np.array([[[0], [3]]]), 1), ref=lambda x, i, d: np.take_along_axis(x, np.broadcast_to(i, (3, 2, 2)), d)
        ),
        Sample((M, np.array([7, 7])), ref=lambda x, i: x.take(i)),
    ],
    "scatter": [
        *SCATTERED,
        Sample((M, 0, PLACES, WIDE), {"reduce": "add"}, _combine(np.add), grad=False),
        Sample((M, 0, PLACES, WIDE), {"reduce": "multiply"}, _combine(np.multiply), grad=False),
    ],
    "scatter_": SCATTERED,
    "scatter_add": SCATTER_ADDED,
    "scatter_add_": SCATTER_ADDED,
    "scatter_reduce": [
        Sample((M, 0, PLACES, WIDE, "sum"), ref=_combine(np.add)),
        Sample((M, 0, PLACES, WIDE, "prod"), ref=_combine(np.multiply)),
        Sample((M, 0, PLACES, WIDE, "amax"), ref=_combine(np.maximum)),
        Sample((M, 0, PLACES, WIDE, "amin"), ref=_combine(np.minimum)),
        Sample((M, 0, PLACES, WIDE, "mean")),
        *[
            Sample((M, 0, PLACES, WIDE, kind), {"include_self": False})
            for kind in ("sum", "prod", "mean", "amax", "amin")
        ],
    ],
    # ---- masks
    "masked_fill": [*FILLED_BY_MASK, Sample((V[:5], MASK, -1.0), ref=lambda x, m, v: np.where(m, v, x))],
    "masked_fill_": FILLED_BY_MASK,
    "masked_select": [
        Sample((M, MASK), ref=_read, name=DYNAMIC),
        Sample((V[:5], MASK), ref=lambda x, m: np.broadcast_to(x, m.shape)[m], name=DYNAMIC),
    ],
    "masked_scatter": REPLACED,
    "masked_scatter_": REPLACED,
    "nonzero": [
        Sample((TIES,), ref=np.argwhere, name=DYNAMIC),
        Sample((TIES,), {"as_tuple": True}, lambda x, as_tuple: np.nonzero(x), name=DYNAMIC),
    ],
    "argwhere": [Sample((TIES,), ref=np.argwhere, name=DYNAMIC)],
}
