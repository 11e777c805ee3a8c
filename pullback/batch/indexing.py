"""Index arrays on a whole batch: what they pick, and what is put where they point.

NumPy puts the dimensions of index arrays where the first of them stands if they stand side by side, else in front. With
the batch as one more axis, and its numbers as one more index array where indices differ from sample to sample, they may
come out elsewhere: `_Key` knows where.
"""

import numpy as np

from .array import BRANCH, MISFIT, Batched, Unbatchable, aligned, at, innermost

ALL = slice(None)


def _expanded(items, ndim):
    """The items with slices for the Ellipsis, index arrays for masks, and arrays for lists and numbers."""
    items = [np.asarray(item) if isinstance(item, (list, int, np.integer)) else item for item in items]
    if any([type(item) is Batched and item.dtype == bool for item in items]):
        raise Unbatchable(BRANCH)
    items = [part for item in items
             for part in (item.nonzero() if isinstance(item, np.ndarray) and item.dtype == bool else (item,))]
    if not any([item is Ellipsis for item in items]):
        items.append(Ellipsis)
    rest = ndim - sum([item is not None and item is not Ellipsis for item in items])
    return [part for item in items for part in ([ALL] * rest if item is Ellipsis else [item])]


class _Key:
    """The key for a whole batch: `key`, and `layout`, where the axes of what it names belong; the batch is axis 0 there."""

    def __init__(self, level, batched, items, ndim):
        items = _expanded(items, ndim)
        places = [i for i, item in enumerate(items) if item is not None and item is not ALL and not isinstance(item, slice)]
        arrays = [items[i] for i in places]
        adjacent = places[-1] - places[0] == len(places) - 1
        first, count = places[0] if adjacent else 0, max([array.ndim for array in arrays])
        own = [1 + first + i for i in range(count)]
        rest = [axis for axis in range(1, 1 + count + len(items) - len(places)) if axis not in own]
        differ = any([at(array, level) for array in arrays])
        for i in places if differ else ():
            items[i] = aligned(items[i], level, count)
        if batched and differ:
            items.insert(0, np.arange(level.size).reshape((-1,) + (1,) * count))
            self.layout = [0, *own, *rest]
        elif batched:
            items.insert(0, ALL)
            self.layout = [0, *rest[:first], *own, *rest[first:]] if adjacent else [*own, 0, *rest]
        else:
            self.layout = [*rest[:first], 0, *own, *rest[first:]]
        self.key = tuple(items)

    def arranged(self, values, level):
        """Values with an axis for the batch in front, laid out as what the key names."""
        whole = aligned(values, level, len(self.layout) - 1)
        missing = len(self.layout) - np.ndim(whole)
        whole = np.reshape(whole, (1,) * missing + tuple(np.shape(whole))) if missing else whole
        return whole.transpose(self.layout)


def picked(x, items):
    """`x[items]` where index arrays take part; `x` or some of them are batched."""
    level = innermost((x, items), {})
    batched = at(x, level)
    plan = _Key(level, batched, items, x.ndim)
    found = (x.array if batched else x)[plan.key]
    return Batched(found.transpose(np.argsort(plan.layout)), level)


def put(x, items, values):
    """`x[items] = values` where index arrays take part. Raises Unbatchable if the values do not fit into `x`."""
    level = innermost((x, items, values), {})
    if not at(x, level):
        raise Unbatchable(MISFIT)
    plan = _Key(level, True, items, x.ndim)
    x.array[plan.key] = plan.arranged(values, level)


def combined(level, function, x, items, values):
    """`ufunc.at(x, items, values)`."""
    if not at(x, level):
        raise Unbatchable(MISFIT)
    plan = _Key(level, True, items if type(items) is tuple else (items,), x.ndim)
    function(x.array, plan.key, plan.arranged(values, level))
