"""Samples of sorting, searching and counting."""

import numpy as np

from .sample import Sample

rng = np.random.default_rng(12)
APART = rng.permutation(24).reshape(2, 3, 4) * 0.4 - 4.7
I = rng.integers(0, 4, (3, 5))
ORDERED = np.array([-1.0, 0.5, 0.5, 2.0, 3.5])
SHAPED = "not traced"  # the shape of the result depends on the values
VALUES = np.array([[-2.0, 0.5, 1.0], [3.5, 9.0, -1.0]])


def _sorted(x, dim=-1, descending=False, stable=None):
    order = np.argsort(-x if descending else x, dim, kind="stable")
    return np.take_along_axis(x, order, dim), order


def _first(k, dim, largest):
    def first(x, *_, **__):
        values, order = _sorted(x, dim, largest)
        return np.take(values, range(k), dim), np.take(order, range(k), dim)

    return first


def _kth(x, k, dim=-1):
    values, order = _sorted(x, dim)
    return np.take(values, k - 1, dim), np.take(order, k - 1, dim)


def _unique(x, **options):
    values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    return values, inverse.reshape(x.shape), counts


SAMPLES = {
    "sort": [
        Sample((APART,), ref=_sorted),
        Sample((APART, 1), ref=_sorted),
        Sample((APART, 0, True), ref=_sorted),
        Sample((I, 1), ref=_sorted),
        Sample((I,), {"dim": 0, "descending": True, "stable": True}, _sorted),
        Sample((np.array(2.0),), ref=(2.0, 0)),
    ],
    "argsort": [Sample((APART,), ref=lambda x: _sorted(x)[1]), Sample((I, 0, True), ref=lambda *a: _sorted(*a)[1])],
    "msort": [Sample((APART,), ref=lambda x: np.sort(x, 0))],
    "topk": [
        Sample((APART, 2), ref=_first(2, -1, True)),
        Sample((APART, 2, 1), ref=_first(2, 1, True)),
        Sample((APART, 3, 2, False), ref=_first(3, 2, False)),
        Sample((APART, 0), ref=_first(0, -1, True)),
        Sample((APART, 4), ref=_first(4, -1, True)),
        Sample((np.array(2.0), 1), ref=(2.0, 0)),
    ],
    "kthvalue": [
        Sample((APART, 2), ref=_kth),
        Sample((APART, 3, 1), ref=_kth),
        Sample((APART, 1, 0), {"keepdim": True}, (APART.min(0, keepdims=True), APART.argmin(0, keepdims=True))),
    ],
    "unique": [
        Sample((I,), ref=np.unique, name=SHAPED),
        Sample((I,), {"return_inverse": True, "return_counts": True}, _unique, name=SHAPED),
        Sample((I % 2, True, False, False, 0), ref=np.unique(I % 2, axis=0), name=SHAPED),
        Sample((I % 2,), {"dim": 1, "return_counts": True}, np.unique(I % 2, axis=1, return_counts=True), name=SHAPED),
    ],
    "unique_consecutive": [
        Sample(
            (np.array([1, 1, 2, 2, 1]),),
            {"return_inverse": True, "return_counts": True},
            (np.array([1, 2, 1]), np.array([0, 0, 1, 1, 2]), np.array([2, 2, 1])),
            name=SHAPED,
        ),
        Sample(
            (np.array([[1, 1], [1, 1], [2, 2]]),),
            {"dim": 0, "return_counts": True},
            (np.array([[1, 1], [2, 2]]), np.array([2, 1])),
            name=SHAPED,
        ),
    ],
    "searchsorted": [
        Sample((ORDERED, VALUES), ref=np.searchsorted, grad=False),
        Sample((ORDERED, VALUES), {"right": True}, np.searchsorted(ORDERED, VALUES, "right"), grad=False),
        Sample((ORDERED, 1.0), ref=np.searchsorted, grad=False),
        Sample(
            (np.stack([ORDERED, ORDERED + 1]), VALUES),
            {"side": "left"},
            np.stack([np.searchsorted(ORDERED, VALUES[0]), np.searchsorted(ORDERED + 1, VALUES[1])]),
            grad=False,
        ),
        Sample((np.array([3, 1, 2]), np.array([2])), {"sorter": np.array([1, 2, 0])}, np.array([1])),
    ],
    "bucketize": [
        Sample((VALUES, ORDERED), ref=lambda v, b: np.searchsorted(b, v), grad=False),
        Sample((VALUES, ORDERED), {"right": True}, np.searchsorted(ORDERED, VALUES, "right"), grad=False),
    ],
    "bincount": [
        Sample((I[0],), ref=np.bincount, name=SHAPED),
        Sample((I[0],), {"minlength": 9}, np.bincount(I[0], minlength=9), name=SHAPED),
        Sample((I[0], ORDERED), ref=np.bincount, grad=False, name=SHAPED),
    ],
    "histc": [
        Sample((VALUES, 4), ref=np.histogram(VALUES, 4)[0], grad=False),
        Sample((VALUES, 3, 0, 4), ref=np.histogram(VALUES, 3, (0, 4))[0], grad=False),
    ],
    "isin": [
        Sample((I, np.array([1, 3])), ref=np.isin),
        Sample((I, 2), ref=np.isin),
        Sample((I, np.array([1, 3])), {"invert": True}, lambda x, y, invert: ~np.isin(x, y)),
    ],
}
