"""Where arrays lie in memory: whether they overlap, and a view's place in its base."""

import numpy as np


def overlaps(array):
    """Whether elements repeat without being copied, as in an expanded tensor."""
    return array.size > 1 and any(size > 1 and stride == 0 for size, stride in zip(array.shape, array.strides, strict=True))


def check_overlap(window, array):
    """Raise torch's error where a value partly lies in the memory it is to be written to."""
    plain = type(window) is type(array) is np.ndarray
    dense = plain and window.flags.c_contiguous and array.flags.c_contiguous
    if dense and np.may_share_memory(window, array) and _address(window) != _address(array):
        raise RuntimeError(
            "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory "
            "location. Please clone() the tensor before performing the operation.")


class Window:
    """Where a view lies in its base: both laid out over one stretch of memory, in units of an element of the view.

    The view may be the real or the imaginary part of the base; then an element of the base takes two units.
    """

    def __init__(self, base, view):
        (start, end), (view_start, view_end) = _span(base), _span(view)
        start, end = min(start, view_start), max(end, view_end)  # as_strided may reach beyond the base
        unit = view.itemsize
        self.parts, self.count = base.itemsize // unit, (end - start) // unit
        self.base, self.view = [(a.shape, [step // unit for step in a.strides], (_address(a) - start) // unit)
                                for a in (base, view)]
        self.overlapping = _may_overlap(view)

    def zeros(self, dtype):
        """Fresh zeros, one a unit: the memory, as the base and as the view, whose dtype is given."""
        memory = np.zeros(self.count, dtype)
        whole = dtype if self.parts == 1 else np.result_type(dtype, np.complex64)
        return memory, _laid_out(memory, whole, *self.base), _laid_out(memory, dtype, *self.view)

    def places(self):
        """For each element of the view, its place in the memory."""
        return _laid_out(np.arange(self.count), np.int64, *self.view)


def _laid_out(memory, dtype, shape, steps, offset):
    unit = memory.itemsize
    return np.ndarray(shape, dtype, memory, offset * unit, [step * unit for step in steps])


def _may_overlap(array):
    """Whether two elements of a view may lie at one place; also true for some layouts where none do."""
    reach = 0
    for step, size in sorted([(abs(step), size) for size, step in zip(array.shape, array.strides, strict=True) if size > 1]):
        if step <= reach:
            return True
        reach += step * (size - 1)
    return False


def _address(array):
    return array.__array_interface__["data"][0]


def _span(array):
    """The lowest address of an array's elements, and that of their end."""
    steps = [(size - 1) * stride for size, stride in zip(array.shape, array.strides, strict=True) if size]
    low = sum(step for step in steps if step < 0)
    high = sum(step for step in steps if step > 0)
    start = _address(array)
    return start + low, start + high + array.itemsize
