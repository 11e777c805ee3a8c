"""The memory behind arrays: where in it an array lies, which elements share it, and other windows on it."""

import math

import numpy as np


def address(array):
    """Where an array's first element lies."""
    return array.__array_interface__["data"][0]


def span(array):
    """The lowest address of an array's elements, and that of their end."""
    steps = [(size - 1) * stride for size, stride in zip(array.shape, array.strides, strict=True) if size]
    low = sum(step for step in steps if step < 0)
    high = sum(step for step in steps if step > 0)
    start = address(array)
    return start + low, start + high + array.itemsize


def owner(array):
    """The array whose memory `array` is a window on; `array` itself if the memory is its own."""
    base = array.base
    while base is not None:
        if isinstance(base, np.ndarray):
            array = base
        base = getattr(base, "base", None)  # NumPy's stride tricks put an object of theirs in between
    return array


def offset(array):
    """How many bytes into the memory behind it an array starts."""
    return address(array) - address(owner(array))


def window(array, shape, strides, start):
    """Any window on the memory behind `array`: `strides` and `start`, counted from the beginning of the memory, in bytes.

    Raises ValueError or TypeError where it would reach beyond the memory.
    """
    return np.ndarray(shape, array.dtype, _row_major(owner(array)), start, strides)


def _row_major(array):
    """An array without gaps, its dimensions in the order in which they lie in memory."""
    return array.transpose(sorted(range(array.ndim), key=lambda dim: -array.strides[dim]))


def resized(array, shape):
    """An array of `shape` from the first element of `array` on; in new memory, what is there copied, if that reaches too far."""
    start, count = offset(array), math.prod(shape)
    available = (owner(array).nbytes - start) // array.itemsize
    if count <= available:
        return window(array, shape, None, start)
    fresh = np.empty(count, array.dtype)
    fresh[:available] = window(array, (available,), None, start)
    return fresh.reshape(shape)


# ---- elements at the same place --------------------------------------------------------------------------------------
def overlaps(array):
    """Whether elements repeat without being copied, as in an expanded tensor."""
    return array.size > 1 and any(size > 1 and stride == 0 for size, stride in zip(array.shape, array.strides, strict=True))


def may_overlap(array):
    """Whether two elements of an array may lie at one place; also true for some layouts where none do."""
    reach = 0
    for step, size in sorted([(abs(step), size) for size, step in zip(array.shape, array.strides, strict=True) if size > 1]):
        if step <= reach:
            return True
        reach += step * (size - 1)
    return False


def _fills(array):
    """The addresses between which an array fills the memory, each place once; None if it has gaps or repeats elements."""
    start, end = span(array)
    return (start, end) if end - start == array.nbytes and not may_overlap(array) else None


def partly_shared(one, other):
    """Whether two arrays without gaps share memory but are not the same window on it."""
    if not (one.size and other.size and np.may_share_memory(one, other)):
        return False
    places = _fills(one), _fills(other)
    return None not in places and not (places[0] == places[1] and one.strides == other.strides)
