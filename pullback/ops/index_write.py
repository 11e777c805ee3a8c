"""Writing by index: `x[...] = value`, and `index_put`."""

import numpy as np

from .. import errors
from ..batch import zeros
from ..dtypes import B8
from ..graph import Tensor, wrap
from ..memory import overlaps, partly_shared
from ..mode import current_mode, settled
from .index import explained, pick
from .inplace import check_first, check_writable, rebase, requires_grad, without_imaginary
from .registry import Function, register
from .rows import add_picked, picker
from .scalar import as_element, is_number
from .shape import alias_op, expand_to, reshape, shape_of
from .sizes import expanded
from .subscript import parse
from .update import both, expanded_write, update, writing


# ---- index_put -------------------------------------------------------------------------------------------------------
def _put(x, values, *indices, at, accumulate=False):
    try:
        if not accumulate:
            x[picker(indices, at)] = values
        elif x.flags.c_contiguous:
            add_picked(x, indices, at, values)
        else:
            whole = zeros(x.shape, x.dtype, x)
            add_picked(whole, indices, at, values)
            x += whole
    except (IndexError, ValueError):
        raise _put_error(x, values, indices, at) from None


def _put_error(x, values, indices, at):
    try:
        shape = x[picker(indices, at)].shape
    except (IndexError, ValueError):
        return explained(x.shape, indices, at)
    return RuntimeError(f"shape mismatch: value tensor of shape {list(np.shape(values))} cannot be broadcast to indexing result "
                        f"of shape {list(shape)}")


def _rules(g, needs, indices, at, accumulate=False):
    outside = None
    if needs[0]:
        outside = g if accumulate else index_put_op(g, 0.0, *indices, at=at, accumulate=False)
    return outside, pick(g, indices, at) if needs[1] else None


index_put_op = writing("index_put", _put, _rules, linear=True)


EXPANDED = expanded_write("index_put_", "tensor[indices] = tensor")


@both(expanded=EXPANDED)
def index_put(input, indices, values, accumulate=False):
    """A copy with `values`, which broadcast, at the places that a tuple of index tensors or masks names.

    With `accumulate` they are added, as often as places are named. Raises RuntimeError if dtypes differ.
    """
    for i, index in enumerate(indices):
        if not isinstance(index, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(index).__name__}")
    spans = sum([index._array.ndim if index._array.dtype == B8 else 1 for index in indices])
    if spans > len(shape_of(input)):
        raise IndexError(f"too many indices for tensor of dimension {len(shape_of(input))} (got {spans})")
    _, _, tensors, at = parse(shape_of(input), tuple([_at_least_1(index) for index in indices]))
    _check_value(input, values, tensors, at)
    return index_put_op, (input, values, *tensors), {"at": at, "accumulate": accumulate}


def _at_least_1(index):
    return index if index._array.ndim else reshape(index, (1,))


def _check_value(target, value, tensors, at):
    """Raise torch's error for a value of another dtype; the shape counts first."""
    given, own = value._array.dtype, target._array.dtype
    if given == own:
        return
    arrays = [tensor._array for tensor in tensors]
    try:
        np.broadcast_to(value._array, target._array[picker(arrays, at)].shape)
    except (IndexError, ValueError):
        raise _put_error(target._array, value._array, arrays, at) from None
    raise RuntimeError("Index put requires the source and destination dtypes match, got "
                       f"{errors.title(own)} for the destination and {errors.title(given)} for the source.")


# ---- x[...] = value --------------------------------------------------------------------------------------------------
def __setitem__(input, index, value):
    """`input[index] = value`: a tensor or number is copied to the view that numbers and slices name, or put where tensors,
    masks and lists point.

    Raises IndexError on an index that does not fit, TypeError on a value that is no number or tensor, RuntimeError if it does
    not broadcast. A write that fails changes nothing.
    """
    if index is False:
        return
    op, key, tensors, at = parse(input._array.shape, index)
    if not isinstance(value, Tensor):
        value = _element(value, input._array.dtype)
    if tensors:
        target = input if op is None else op(input, index=key)
        check_first(target)
        if not isinstance(value, Tensor):
            value = wrap(np.asarray(value, target._array.dtype))
        elif value._array.ndim > 1 and value._array.shape[0] == 1:
            value = _without_leading(value)
        _check_value(target, value, tensors, at)
        update(index_put_op, (target, value, *tensors), {"at": at, "accumulate": False}, EXPANDED)
        return
    mode = current_mode()
    if mode.special or (mode.recording and requires_grad((input, value))):
        _set_recorded(input if op is alias_op or _is_whole(input, key) else op(input, index=key), value)
        return
    _set(input, key, value)


def _is_whole(input, key):
    """Whether a key of slices names all of the tensor in its own shape."""
    parts = key if type(key) is tuple else (key,)
    sizes = iter(input._array.shape)
    return all([part is Ellipsis or (type(part) is slice and part.indices(size) == (0, size, 1))
                for part in parts for size in ([0] if part is None or part is Ellipsis else [next(sizes)])])


def _set(input, key, value):
    """Write to the view that `key` names when nothing of it is recorded."""
    window = input._array[key]
    if input._inference or overlaps(window):
        check_writable(input if input._inference else wrap(window), False)
    if isinstance(value, Tensor):
        array = without_imaginary(value, window.dtype)._array
        if array.shape != window.shape:
            array = _fitted(value, window.shape)._array
        if input._storage is not None and input._storage is value._storage and partly_shared(window, array):
            raise RuntimeError(errors.PARTLY_SHARED)
        window[...] = array
    else:
        window[...] = value
    rebase(input, None)


def _set_recorded(target, value):
    settled()
    if not isinstance(value, Tensor) or (target._array.ndim and not value._array.ndim):
        target.fill_(value)
    else:
        target.copy_(_fitted(value, target._array.shape))


def _fitted(value, shape):
    """`value` without superfluous leading dimensions of size 1, expanded to `shape`."""
    if value._array.ndim > len(shape):
        value = _without_leading(value)
    return expand_to(value, expanded(shape_of(value), shape, value))


def _without_leading(value):
    shape = value._array.shape
    lead = next((i for i, size in enumerate(shape) if size != 1), len(shape))
    return reshape(value, shape[lead:])


def _element(value, dtype):
    if is_number(value):
        return as_element(value, dtype)
    name = type(value).__name__
    name = f"numpy.{name}" if isinstance(value, (np.ndarray, np.generic)) else name
    raise TypeError(f"can't assign a {name} to a torch.{errors.title(dtype)}Tensor")


register(Function(__setitem__, "__setitem__", True, False, False, "tensor"))
