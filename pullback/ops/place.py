"""A view's place in its base, as operations: what is there, zeros around it, and the base without it."""

import numpy as np

from ..batch import Batched, sample, zeros
from ..memory import address, may_overlap, span
from .record import linear


class Window:
    """Where a view lies in its base: both laid out over one stretch of memory, in units of the smaller of their elements.

    A complex number takes two units where the other one is real, being its real or imaginary part. The samples of a batch all
    lie alike.
    """

    def __init__(self, base, view):
        base, view = sample(base), sample(view)
        (start, end), (view_start, view_end) = span(base), span(view)
        start, end = min(start, view_start), max(end, view_end)  # as_strided may reach beyond the base
        unit = min(base.itemsize, view.itemsize)
        self.wide, self.count = (base.itemsize > unit, view.itemsize > unit), (end - start) // unit
        self.base, self.view = [(a.shape, [step // unit for step in a.strides], (address(a) - start) // unit)
                                for a in (base, view)]
        self.overlapping, self.repeating = may_overlap(view), may_overlap(base)

    def zeros(self, x, wide):
        """Fresh zeros, one a unit: the memory, as the base and as the view. `x` is for one of them, `wide` or not."""
        unit = np.dtype(f"f{x.dtype.itemsize // 2}") if wide else x.dtype
        memory = zeros((self.count,), unit, x)
        return memory, *[_laid_out(memory, np.result_type(unit, np.complex64) if wide else unit, *place)
                         for wide, place in zip(self.wide, (self.base, self.view), strict=True)]

    def places(self, layout):
        """For each element of the base or the view, its place in the memory."""
        return _laid_out(np.arange(self.count), np.int64, *layout)

    def repeats(self):
        """How many elements of the base, an expanded tensor perhaps, lie at each place; 1 where none does."""
        counts = np.zeros(self.count)
        for part in range(1 + self.wide[0]):
            np.add.at(counts, self.places(self.base) + part, 1)
        return np.maximum(counts, 1)


def _laid_out(memory, dtype, shape, steps, offset):
    if type(memory) is Batched:
        return Batched(_laid_out(memory.array, dtype, shape, steps, offset), memory.level)
    unit = memory.itemsize
    strides = (*memory.strides[:-1], *[step * unit for step in steps])
    return np.ndarray((*memory.shape[:-1], *shape), dtype, memory, offset * unit, strides)


def _filled(x, window):
    """The base with the values of `x`, and the view on it."""
    _, base, view = window.zeros(x, window.wide[0])
    base[...] = x
    return base, view


def _take(x, *, window):
    return _filled(x, window)[1].copy()


def _put(x, *, window):
    memory, base, view = window.zeros(x, window.wide[1])
    if not window.overlapping:
        view[...] = x
    elif window.wide[1]:
        np.add.at(memory, window.places(window.view), x.real)
        np.add.at(memory, window.places(window.view) + 1, x.imag)
    else:
        np.add.at(memory, window.places(window.view), x)
    if window.repeating:  # what the elements at one place share
        memory /= window.repeats().astype(x.real.dtype)
    return base


def _clear(x, *, window):
    base, view = _filled(x, window)
    view[...] = 0
    return base


take_window = linear("as_strided", _take, lambda g, window: put_window(g, window=window))
put_window = linear("as_strided_scatter", _put, lambda g, window: take_window(g, window=window))
clear_window = linear("copy_slices", _clear, lambda g, window: clear_window(g, window=window))
