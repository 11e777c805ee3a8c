"""How NumPy's functions work on a whole batch at once: their axes moved by one, their shapes one longer.

A rule is called as `rule(level, function, *args, **kwargs)`; it returns NotImplemented where it does not know how, and the
samples are then taken one by one.
"""

import numpy as np

from .array import BRANCH, Batched, Unbatchable, aligned, at
from .indexing import combined, picked, put

RULES = {"getitem": picked, "setitem": put, "at": combined}


def _rule(*functions):
    def register(rule):
        RULES.update(dict.fromkeys(functions, rule))
        return rule

    return register


def _shifted(axis, ndim=None):
    """An axis of a sample as one of the batch; None is all of them."""
    if axis is None:
        return tuple(range(1, ndim + 1))
    if isinstance(axis, (tuple, list)):
        return tuple([_shifted(one) for one in axis])
    return axis + 1 if axis >= 0 else axis


def _whole(value, level):
    """The batch of a value, repeated if it is not batched at this level."""
    if at(value, level):
        return value.array
    value = np.asarray(value) if not hasattr(value, "shape") else value
    return np.broadcast_to(value, (level.size, *value.shape))


# ---- element by element -------------------------------------------------------------------------------------------------
@_rule(np.where, np.clip, np.nan_to_num, np.isneginf, np.isposinf, np.sinc, np.angle, np.round, np.real, np.imag, np.isclose,
       np.copy)
def _elementwise(level, function, *args, **kwargs):
    ndim = max(np.ndim(value) for value in (*args, *kwargs.values()) if value is not None)
    kwargs = {name: aligned(value, level, ndim) for name, value in kwargs.items()}
    return Batched(function(*[aligned(value, level, ndim) for value in args], **kwargs), level)


@_rule(np.zeros_like, np.ones_like, np.empty_like, np.full_like)
def _alike(level, function, like, *fill, shape=None, **kwargs):
    if not at(like, level):
        return NotImplemented
    if shape is not None:
        shape = (level.size, *((shape,) if isinstance(shape, int) else shape))
    ndim = like.ndim if shape is None else len(shape) - 1
    return Batched(function(like.array, *[aligned(value, level, ndim) for value in fill], shape=shape, **kwargs), level)


@_rule(np.copyto)
def _copyto(level, function, target, source, where=True, **kwargs):
    if not at(target, level):
        return NotImplemented
    function(target.array, aligned(source, level, target.ndim), where=aligned(where, level, target.ndim), **kwargs)
    return None


@_rule(np.result_type)
def _result_type(level, function, *values):
    return function(*[value.dtype if type(value) is Batched else value for value in values])


@_rule(np.shape, np.ndim, np.size)
def _facts(level, function, value):
    return {np.shape: value.shape, np.ndim: value.ndim, np.size: value.size}[function]


@_rule(np.may_share_memory, np.shares_memory)
def _shared(level, function, *values):
    return function(*[value.array if at(value, level) else value for value in values])


# ---- along an axis ------------------------------------------------------------------------------------------------------
@_rule(np.sum, np.prod, np.mean, np.max, np.min, np.amax, np.amin, np.any, np.all, np.std, np.var, np.count_nonzero, np.flip)
def _reduction(level, function, x, axis=None, *rest, **kwargs):
    if not at(x, level) or kwargs.get("out") is not None:
        return NotImplemented
    kwargs = {name: aligned(value, level, x.ndim) for name, value in kwargs.items()}
    return Batched(function(x.array, _shifted(axis, x.ndim), *rest, **kwargs), level)


@_rule("reduce")
def _reduce(level, function, x, axis=0, *rest, **kwargs):
    return _reduction(level, function, x, axis, *rest, **kwargs)


@_rule(np.argmax, np.argmin, np.cumsum, np.cumprod, np.sort, np.argsort, np.diff)
def _ordered(level, function, x, *args, **kwargs):
    names = ("n", "axis") if function is np.diff else ("axis",)
    kwargs |= dict(zip(names, args, strict=False))
    axis = kwargs.pop("axis", None if function in (np.argmax, np.argmin, np.cumsum, np.cumprod) else -1)
    keepdims = kwargs.pop("keepdims", False)
    if not at(x, level) or len(args) > len(names) or (axis is None and kwargs):
        return NotImplemented
    if axis is None:
        found = function(x.array.reshape(level.size, -1), axis=1)
        return Batched(found.reshape(level.size, *[1] * x.ndim) if keepdims else found, level)
    if keepdims:
        kwargs["keepdims"] = True
    return Batched(function(x.array, axis=_shifted(axis), **kwargs), level)


@_rule(np.partition, np.argpartition)
def _partition(level, function, x, kth, axis=-1):
    return Batched(function(x.array, kth, axis=_shifted(axis)), level) if axis is not None else NotImplemented


@_rule("accumulate")
def _accumulate(level, function, x, axis=0, **kwargs):
    return Batched(function(x.array, _shifted(axis), **kwargs), level) if kwargs.get("out") is None else NotImplemented


@_rule("reduceat")
def _reduceat(level, function, x, places, axis=0, **kwargs):
    return Batched(function(x.array, places, _shifted(axis), **kwargs), level) if at(x, level) else NotImplemented


# ---- shapes -------------------------------------------------------------------------------------------------------------
@_rule(np.reshape)
def _reshape(level, function, x, shape, **kwargs):
    shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    if -1 in shape:  # must not depend on how many samples there are
        rest = x.size // max(-int(np.prod(shape)), 1)
        shape = tuple([rest if size == -1 else size for size in shape])
    return Batched(x.array.reshape((level.size, *shape), **kwargs), level)


@_rule(np.ravel)
def _ravel(level, function, x):
    return Batched(x.array.reshape((level.size, x.size)), level)


@_rule(np.transpose)
def _transpose(level, function, x, axes=None):
    axes = tuple(range(x.ndim))[::-1] if axes is None else [axis % x.ndim for axis in axes]
    return Batched(x.array.transpose((0, *[axis + 1 for axis in axes])), level)


@_rule(np.swapaxes, np.moveaxis, np.rollaxis)
def _moved(level, function, x, source, destination):
    return Batched(function(x.array, _shifted(source), _shifted(destination)), level)


@_rule(np.broadcast_arrays)
def _broadcast_arrays(level, function, *values):
    shape = np.broadcast_shapes(*[np.shape(value) for value in values])
    return tuple([np.broadcast_to(value, shape) for value in values])


@_rule(np.expand_dims)
def _expand_dims(level, function, x, axis):
    return Batched(function(x.array, _shifted(axis)), level)


@_rule(np.squeeze)
def _squeeze(level, function, x, axis=None):
    axis = tuple([i for i, size in enumerate(x.shape) if size == 1]) if axis is None else axis
    return Batched(function(x.array, _shifted(axis)), level)


@_rule(np.broadcast_to)
def _broadcast_to(level, function, x, shape, **kwargs):
    return Batched(function(aligned(x, level, len(shape)), (level.size, *shape), **kwargs), level)


@_rule(np.ascontiguousarray)
def _contiguous(level, function, x):
    return Batched(function(x.array), level)


@_rule(np.concatenate, np.stack)
def _joined(level, function, arrays, axis=0, **kwargs):
    if axis is None or kwargs.get("out") is not None:
        return NotImplemented
    return Batched(function([_whole(array, level) for array in arrays], axis=_shifted(axis), **kwargs), level)


@_rule(np.roll, np.repeat, np.tile)
def _repeated(level, function, x, amount, axis=None):
    if not at(x, level) or type(amount) is Batched:
        return NotImplemented
    if function is np.tile:
        amount = (amount,) if isinstance(amount, int) else tuple(amount)
        return Batched(function(aligned(x, level, len(amount)), (1,) * (1 + max(x.ndim - len(amount), 0)) + amount), level)
    if axis is not None:
        return Batched(function(x.array, amount, axis=_shifted(axis)), level)
    flat = Batched(function(x.array.reshape(level.size, -1), amount, axis=1), level)
    return flat.reshape(x.shape) if function is np.roll else flat


@_rule(np.rot90)
def _rot90(level, function, x, k=1, axes=(0, 1)):
    return Batched(function(x.array, k, _shifted(axes)), level)


@_rule(np.tril, np.triu)
def _triangle(level, function, x, k=0):
    return Batched(function(x.array, k), level) if x.ndim > 1 else NotImplemented


@_rule(np.diagonal, np.trace)
def _diagonal(level, function, x, offset=0, axis1=0, axis2=1, **kwargs):
    result = function(x.array, offset, _shifted(axis1), _shifted(axis2), **kwargs)
    if function is np.diagonal and isinstance(result, np.ndarray):
        result.flags.writeable = x.array.flags.writeable
    return Batched(result, level)


@_rule(np.pad)
def _pad(level, function, x, widths, *args, **kwargs):
    widths = np.broadcast_to(widths, (x.ndim, 2))
    return Batched(function(x.array, [(0, 0), *map(tuple, widths)], *args, **kwargs), level)


@_rule(np.lib.stride_tricks.sliding_window_view)
def _windows(level, function, x, window_shape, axis=None, **kwargs):
    return Batched(function(x.array, window_shape, _shifted(axis, x.ndim), **kwargs), level)


# ---- picking ------------------------------------------------------------------------------------------------------------
@_rule(np.take)
def _take(level, function, x, indices, axis=None, **kwargs):
    if kwargs.get("out") is not None:
        return NotImplemented
    if axis is None:
        x, axis = x.reshape(-1), 0
    if not at(indices, level):
        return Batched(function(x.array, indices, axis=_shifted(axis), **kwargs), level)
    if not at(x, level):
        axis = axis % x.ndim
        return Batched(np.moveaxis(function(x, indices.array, axis=axis, **kwargs), axis, 0), level)
    return NotImplemented if kwargs else picked(x, (*[slice(None)] * (axis % x.ndim), indices))


@_rule(np.take_along_axis)
def _take_along(level, function, x, indices, axis=-1):
    return Batched(function(_whole(x, level), _whole(indices, level), _shifted(axis)), level)


@_rule(np.put_along_axis)
def _put_along(level, function, x, indices, values, axis):
    if not at(x, level):
        return NotImplemented
    return function(x.array, _whole(indices, level), aligned(values, level, x.ndim), _shifted(axis))


@_rule(np.fill_diagonal)
def _fill_diagonal(level, function, x, value):
    places = np.arange(min(x.shape))
    put(x, (places,) * x.ndim, value)


@_rule(np.unravel_index)
def _unravel(level, function, indices, shape):
    return tuple([Batched(part, level) for part in function(indices.array, shape)])


@_rule(np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.array_equal, np.bincount)
def _refused(level, function, *args, **kwargs):
    raise Unbatchable(BRANCH)


# ---- products -----------------------------------------------------------------------------------------------------------
@_rule(np.matmul, np.dot)
def _matmul(level, function, a, b, **kwargs):
    if kwargs or not a.ndim or not b.ndim or (function is np.dot and max(a.ndim, b.ndim) > 2):
        return NotImplemented
    if b.ndim == 2 and not at(b, level) and a.ndim == 2:  # one product for all samples
        return Batched(np.matmul(a.array.reshape((-1, a.shape[1])), b).reshape((level.size, a.shape[0], b.shape[1])), level)
    if b.ndim == 2 and not at(b, level) and a.ndim == 1:
        return Batched(np.matmul(a.array, b), level)
    if a.ndim == 2 and not at(a, level) and b.ndim == 1:
        return Batched(np.matmul(b.array, a.swapaxes(0, 1)), level)
    ndim = max(a.ndim, b.ndim, 2)
    first = aligned(a[None] if a.ndim == 1 else a, level, ndim)
    second = aligned(b[:, None] if b.ndim == 1 else b, level, ndim)
    product = np.matmul(first, second)
    gone = tuple([axis for axis, one in ((-1, b), (-2, a)) if one.ndim == 1])
    return Batched(np.squeeze(product, gone) if gone else product, level)


@_rule(np.cross)
def _cross(level, function, x, y, *, axis):
    return Batched(function(_whole(x, level), _whole(y, level), axis=_shifted(axis)), level)


@_rule(np.einsum)
def _einsum(level, function, subscripts, *operands, **kwargs):
    if not isinstance(subscripts, str) or "->" not in subscripts:
        return NotImplemented
    letter = next(c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvutsrqponmlkjihgfedcba" if c not in subscripts)
    terms, result = subscripts.split("->")
    terms = [letter + term if at(operand, level) else term for term, operand in zip(terms.split(","), operands, strict=True)]
    arrays = [operand.array if at(operand, level) else operand for operand in operands]
    return Batched(function(",".join(terms) + "->" + letter + result, *arrays, **kwargs), level)
