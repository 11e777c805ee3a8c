"""Order: sort, argsort, msort, topk, kthvalue."""

import numpy as np

from .. import return_types
from ..dtypes import B8
from .extrema import place, select_tangent
from .public import function
from .record import Op
from .reduce import dtype_of, one_dim
from .shape import shape_of


def _order(x, dim, descending):
    """The indices that sort `x` stably along `dim`. A NaN is larger than any number."""
    if not descending:
        return np.argsort(x, dim, kind="stable")
    back = (slice(None),) * dim + (slice(None, None, -1),)
    return x.shape[dim] - 1 - np.argsort(x[back], dim, kind="stable")[back]


def _sort(x, *, dim, descending):
    if not x.ndim:
        return x.copy(), np.zeros((), np.int64)
    indices = _order(x, dim, descending)
    return np.take_along_axis(x, indices, dim), indices


def _topk(x, *, k, dim, largest, sorted):
    if not x.ndim:
        return (x.copy(), np.zeros((), np.int64)) if k else (x.reshape(1)[:0], np.zeros(0, np.int64))
    size = x.shape[dim]
    before = (slice(None),) * dim
    if k == size or k == 0:
        chosen = np.broadcast_to(np.arange(k).reshape([-1 if d == dim else 1 for d in range(x.ndim)]),
                                 [k if d == dim else n for d, n in enumerate(x.shape)])
    elif largest:
        chosen = np.argpartition(x, size - k, dim)[(*before, slice(size - k, None))]
    else:
        chosen = np.argpartition(x, k - 1, dim)[(*before, slice(0, k))]
    values = np.take_along_axis(x, chosen, dim)
    if sorted and k:
        order = _order(values, dim, largest)
        chosen, values = np.take_along_axis(chosen, order, dim), np.take_along_axis(values, order, dim)
    return values, chosen


def _kthvalue(x, *, k, dim, keepdim):
    if not x.ndim:
        return x.copy(), np.zeros((), np.int64)
    indices = np.take(np.argpartition(x, k - 1, dim), [k - 1], dim)
    values = np.take_along_axis(x, indices, dim)
    return (values, indices) if keepdim else (values.squeeze(dim), indices.squeeze(dim))


def _back(g, x_shape, indices, dim):
    return place(g, indices, dim, True, x_shape)


def _forth(g, indices, dim):
    return select_tangent(g, indices, dim, True)


_sort_op = Op("sort", _sort, (_back,), extras=("indices",), jvp=(_forth,))
_sort_stable = Op("sort_stable", _sort, (_back,), extras=("indices",), node="SortBackward1", jvp=(_forth,))
_argsort = Op("argsort", lambda x, *, dim, descending: _sort(x, dim=dim, descending=descending)[1], ())
_topk_op = Op("topk", _topk, (_back,), extras=("indices",), jvp=(_forth,))
_kthvalue_op = Op("kthvalue", _kthvalue, (lambda g, x_shape, indices, dim, keepdim: place(g, indices, dim, keepdim, x_shape),),
                  extras=("indices",), jvp=(select_tangent,))


def _no_complex(name, input):
    if dtype_of(input).kind == "c":
        raise RuntimeError(f" {name} does not support complex dtypes on CPU")


@function(out=True)
def sort(input, dim=-1, descending=False, *, stable=None):
    """The elements in order along `dim`, as (values, indices). Always stable; a NaN counts as largest.

    Raises IndexError if the dim is out of range, RuntimeError on complex input.
    """
    at = one_dim("sort", input, dim, forms=True)
    _no_complex("Sort", input)
    op = _sort_op if stable is None else _sort_stable
    return return_types.sort(*op(input, dim=at, descending=bool(descending)))


@function
def argsort(input, dim=-1, descending=False, *, stable=False):
    """The indices that sort the elements along `dim`; see `sort`."""
    at = one_dim("argsort", input, dim)
    _no_complex("Sort", input)
    return _argsort(input, dim=at, descending=bool(descending))


@function(out=True)
def msort(input):
    """The elements in order along the first dimension."""
    return sort(input, 0)[0]


@function(out=True)
def topk(input, k, dim=-1, largest=True, sorted=True):
    """The `k` largest (or smallest) elements along `dim`, as (values, indices), in order if `sorted`.

    Raises RuntimeError if there are fewer than `k`, IndexError if the dim is out of range.
    """
    at = one_dim("topk", input, dim)
    _no_complex("topk", input)
    if dtype_of(input) == B8:
        raise RuntimeError(" topk does not support bool dtypes on CPU")
    if not hasattr(k, "__index__"):
        raise TypeError(f"topk(): argument 'k' (position 1) must be int, not {type(k).__name__}")
    k = k.__index__()
    shape = shape_of(input)
    if not 0 <= k <= (shape[at] if shape else 1):
        raise RuntimeError("selected index k out of range")
    return return_types.topk(*_topk_op(input, k=k, dim=at, largest=bool(largest), sorted=bool(sorted)))


@function(out=True)
def kthvalue(input, k, dim=-1, keepdim=False):
    """The `k`-th smallest element along `dim` (the smallest is k = 1), as (values, indices).

    Raises RuntimeError if there are fewer than `k`, IndexError if the dim is out of range.
    """
    at = one_dim("kthvalue", input, dim)
    shape = shape_of(input)
    if shape and shape[at] == 0:
        raise IndexError(f"kthvalue(): Expected reduction dim {at} to have non-zero size.")
    if not 1 <= k <= (shape[at] if shape else 1):
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {at}")
    return return_types.kthvalue(*_kthvalue_op(input, k=k, dim=at, keepdim=keepdim))
