"""scatter_reduce: elements combined with those that an index points them to."""

import numpy as np

from .. import errors
from ..batch import copied, zeros
from .binary import where
from .gathering import blank, check_scatter, flat_places, gather_op, part, scatter_value, ungather_op
from .public import function
from .record import Op
from .shape import shape_of, unindex_op

_START = {"sum": 0, "mean": 0, "prod": 1, "amax": "-", "amin": "+"}
_COMBINE = {"sum": np.add, "mean": np.add, "prod": np.multiply, "amax": np.maximum, "amin": np.minimum}


def _limit(dtype, sign):
    if dtype.kind == "f" or dtype.kind == "V":
        return -np.inf if sign == "-" else np.inf
    if dtype.kind == "b":
        return sign == "+"
    return getattr(np.iinfo(dtype), "min" if sign == "-" else "max")


def _scatter_reduced(x, src, index, *, dim, reduce, include_self):
    whole, src = copied(x, src, index), part(src, index)
    places = np.unravel_index(flat_places(x.shape, index, dim), x.shape)
    if not include_self:
        start = _START[reduce]
        whole[places] = _limit(x.dtype, start) if isinstance(start, str) else start
    _COMBINE[reduce].at(whole, places, src)
    if reduce == "mean":
        count = zeros(x.shape, np.int64, index)
        np.add.at(count, places, 1)
        count += include_self
        np.maximum(count, 1, out=count)
        whole = (whole // count).astype(x.dtype) if x.dtype.kind in "iu" else whole / count.astype(x.dtype)
    return whole


def _reduce_rules(g, needs, x, src, index, o, dim, reduce, include_self):
    if shape_of(src) != shape_of(index):
        corner = tuple([slice(size) for size in shape_of(index)])
        outer, inner = _reduce_rules(g, needs, x, src[corner], index, o, dim, reduce, include_self)
        return outer, None if inner is None else unindex_op(inner, index=corner, shape=shape_of(src))
    own, given = _REDUCE_RULES[reduce](g, x, src, index, o, dim, include_self)
    return (own if include_self else blank(own, index, dim)), given


def _sum_rules(g, x, src, index, o, dim, include_self):
    return g, gather_op(g, index, dim=dim)


def _mean_rules(g, x, src, index, o, dim, include_self):
    ones = src * 0 + 1
    count = ungather_op(ones, index, dim=dim, shape=shape_of(x)) + (1 if include_self else 0)
    count = where(count < 1, 1.0, count)
    return g / count, gather_op(g / count, index, dim=dim)


def _prod_rules(g, x, src, index, o, dim, include_self):
    """o / factor; for a factor that is 0 the product of the others, computed with a 1 in its place."""
    filled = where(x == 0, x * 0 + 1, x)
    own = g * _scatter_reduce(filled, src, index, dim=dim, reduce="prod", include_self=True) / filled
    zero, ones = src == 0, src * 0 + 1
    zeros = gather_op(ungather_op(where(zero, ones, ones * 0), index, dim=dim, shape=shape_of(x)), index, dim=dim)
    lone = zero & (zeros == 1)
    others = _scatter_reduce(x, where(lone, ones, src), index, dim=dim, reduce="prod", include_self=include_self)
    given = where(lone, gather_op(g * others, index, dim=dim), gather_op(g * o, index, dim=dim) / where(zero, ones, src))
    return own, given


def _extreme_rules(g, x, src, index, o, dim, include_self):
    """The gradient goes in equal parts to all that are as large as the result."""
    own = (x == o) if include_self else (x == o) & (x != o)
    given = src == gather_op(o, index, dim=dim)
    ones = src * 0 + 1
    count = ungather_op(where(given, ones, ones * 0), index, dim=dim, shape=shape_of(x)) + where(own, x * 0 + 1, x * 0)
    count = where(count < 1, 1.0, count)
    share = g / count
    untouched = scatter_value(x * 0 + 1, 0.0, index, dim=dim)
    mine = where(own, share, share * 0) if include_self else g * untouched
    return mine, where(given, gather_op(share, index, dim=dim), ones * 0)


_REDUCE_RULES = {"sum": _sum_rules, "mean": _mean_rules, "prod": _prod_rules, "amax": _extreme_rules, "amin": _extreme_rules}
_scatter_reduce = Op("scatter_reduce", _scatter_reduced, _reduce_rules)


@function(inplace=True, out=True)
def scatter_reduce(input, dim, index, src, reduce, *, include_self=True):
    """A copy in which what `index` points at is combined with the elements of `src`: "sum", "prod", "mean", "amax", "amin".

    Without `include_self` the old values there do not take part. Raises RuntimeError if arguments do not fit.
    """
    dim = check_scatter("scatter_reduce", input, dim, index, src)
    if reduce in ("amax", "amin") and input._array.dtype.kind == "c":
        raise NotImplementedError(f"\"scatter_gather_tensor_cpu_reduce_{reduce}\" not implemented for "
                                  f"'{errors.title(input._array.dtype)}'")
    if reduce not in _COMBINE:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    return _scatter_reduce(input, src, index, dim=dim, reduce=reduce, include_self=include_self)
