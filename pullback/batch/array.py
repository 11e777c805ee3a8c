"""The batched array: it looks like one sample and holds them all.

It speaks NumPy's protocols, so kernels, rules and the engine run on it as they are, once for the whole batch where
`rules.py` knows how a NumPy function does that, sample by sample otherwise. Levels nest: the array inside may itself be
batched, at a level opened earlier.
"""

from itertools import count

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

_ITEM = (
    "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() on a Tensor, please "
    "try to rewrite what you're doing with other operations. If error is occurring somewhere inside PyTorch internals, please "
    "file a bug report."
)
BRANCH = (
    "vmap: It looks like you're attempting to use a Tensor in some data-dependent control flow. We don't support that yet, "
    "please file an issue at https://github.com/pytorch/pytorch/issues ."
)
MEMORY = "Cannot access data pointer of Tensor that doesn't have storage"
MISFIT = "the result of a batched operation does not fit into an array that is not batched"
_numbers = count(1)


class Level:
    """One call of `vmap`: the `size` of its batch, what `randomness` it was asked for, and the level `outer` to it.

    Inner levels have larger numbers.
    """

    __slots__ = ("size", "randomness", "outer", "number", "open")

    def __init__(self, size, randomness="error", outer=None):
        self.size, self.randomness, self.outer, self.number, self.open = size, randomness, outer, next(_numbers), True

    def stack(self):
        """The levels that are open when this one is, the outermost first."""
        return [*(self.outer.stack() if self.outer is not None else ()), self]

    def label(self, tensor):
        """How a tensor is called that is batched at this level; None for others."""
        return "BatchedTensor(lvl={}, bdim=0, value=" if self in levels_of(tensor._array.shape) else None

    def __repr__(self):
        return f"<vmap level {self.number} of {self.size}>"


class Unbatchable(RuntimeError):
    """Somebody asked a batched array for what only one sample has."""


class _NoAttribute(Unbatchable, AttributeError):
    pass


class BatchShape(tuple):
    """The shape of one sample, which knows the levels at which there are more."""

    levels = ()


def levels_of(shape):
    """The levels at which an array of this shape is batched."""
    return shape.levels if type(shape) is BatchShape else ()


class Batched(NDArrayOperatorsMixin):
    """An array seen through a level of `vmap`: `array`'s first axis is the batch, the rest is one sample."""

    __slots__ = ("array", "level")
    rules = {}

    def __init__(self, array, level):
        self.array, self.level = array, level

    @property
    def shape(self):
        """The shape of a sample."""
        shape = BatchShape(self.array.shape[1:])
        shape.levels = (*levels_of(self.array.shape), self.level)
        return shape

    dtype = property(lambda self: self.array.dtype)
    itemsize = property(lambda self: self.array.dtype.itemsize)
    ndim = property(lambda self: self.array.ndim - 1)
    strides = property(lambda self: self.array.strides[1:])
    size = property(lambda self: int(np.prod(self.array.shape[1:])))
    nbytes = property(lambda self: self.size * self.itemsize)
    base = property(lambda self: self.array.base)
    flags = property(lambda self: sample(self).flags)
    T = property(lambda self: self.transpose())
    __array_interface__ = property(lambda self: self._refuse(_NoAttribute, MEMORY))

    @property
    def real(self):
        """The real part."""
        return Batched(self.array.real, self.level)

    @property
    def imag(self):
        """The imaginary part."""
        return Batched(self.array.imag, self.level)

    def __getattr__(self, name):
        function = getattr(np, name, None)
        if name.startswith("_") or not callable(function) or not hasattr(np.ndarray, name):
            raise _NoAttribute(f"a batched array has no {name!r}")
        return lambda *args, **kwargs: function(self, *args, **kwargs)

    def astype(self, dtype, **options):
        """A copy in another dtype."""
        return Batched(self.array.astype(dtype, **options), self.level)

    def view(self, dtype):
        """The same memory read as another dtype."""
        return Batched(self.array.view(dtype), self.level)

    def transpose(self, *axes):
        """A window with the axes in another order, by default reversed."""
        return np.transpose(self, axes[0] if len(axes) == 1 else axes or None)

    def reshape(self, *shape, **options):
        """The same numbers in another shape."""
        return np.reshape(self, shape[0] if len(shape) == 1 else shape, **options)

    def copy(self, order="C"):
        """A copy."""
        return Batched(self.array.copy(order), self.level)

    def flatten(self):
        """A copy with one axis."""
        return np.ravel(self).copy()

    def conj(self):
        """The complex conjugate."""
        return np.conjugate(self)

    conjugate = conj

    def fill(self, value):
        """Set every element to `value`."""
        self[...] = value

    def __len__(self):
        if not self.ndim:
            raise TypeError("len() of unsized object")
        return self.array.shape[1]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __repr__(self):
        return f"Batched({self.array!r}, {self.level})"

    # ---- what only one sample has
    def _refuse(self, kind, text):
        raise kind(text)

    def __array__(self, dtype=None, copy=None):
        raise Unbatchable(_ITEM)

    def item(self, *args):
        """Refused: a batch has no one value."""
        raise Unbatchable(_ITEM)

    __float__ = __int__ = __index__ = __complex__ = item

    def tolist(self):
        """Refused: a batch's memory is not that of one sample."""
        raise Unbatchable(MEMORY)

    tobytes = tolist

    def __bool__(self):
        raise Unbatchable(BRANCH)

    # ---- NumPy's protocols
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        outs = kwargs.pop("out", None)
        if outs is not None:
            kwargs["out"] = outs[0] if len(outs) == 1 else outs
        call = ufunc if method == "__call__" else getattr(ufunc, method)
        if method == "__call__" and ufunc.signature is None:
            return self._elementwise(ufunc, inputs, kwargs)
        return self._call(self.rules.get(ufunc if method == "__call__" else method), call, inputs, kwargs)

    def __array_function__(self, function, types, args, kwargs):
        return self._call(self.rules.get(function), function, args, kwargs)

    def _call(self, rule, function, args, kwargs):
        level = innermost(args, kwargs)
        if rule is not None:
            result = rule(level, function, *args, **kwargs)
            if result is not NotImplemented:
                return result
        target = args[0] if function in WRITERS or function.__name__ == "at" else kwargs.get("out")
        if target is not None and not at(target, level):
            raise Unbatchable(MISFIT)
        return samplewise(function, args, kwargs)

    def _elementwise(self, ufunc, inputs, kwargs):
        level = innermost(inputs, kwargs)
        out = kwargs.pop("out", None)
        ndim = max(np.ndim(value) for value in inputs) if out is None else out.ndim
        if out is not None:
            if not at(out, level):
                raise Unbatchable(MISFIT)
            kwargs["out"] = out.array
        kwargs = {name: aligned(value, level, ndim) for name, value in kwargs.items()}
        result = ufunc(*[aligned(value, level, ndim) for value in inputs], **kwargs)
        if out is not None:
            return out
        return tuple([Batched(part, level) for part in result]) if type(result) is tuple else Batched(result, level)

    def __getitem__(self, index):
        items = index if type(index) is tuple else (index,)
        if any([_is_array(item) for item in items]):
            return self.rules["getitem"](self, items)
        return Batched(self.array[(slice(None), *items)], self.level)

    def __setitem__(self, index, value):
        items = index if type(index) is tuple else (index,)
        if any([_is_array(item) for item in items]):
            self.rules["setitem"](self, items, value)
            return
        level = innermost((self, value), {})
        if level is not self.level:
            raise Unbatchable(MISFIT)
        items = (slice(None), *items)
        self.array[items] = aligned(value, level, self.array[items].ndim - 1)


def _is_array(item):
    return isinstance(item, (np.ndarray, Batched, list))


WRITERS = {np.copyto, np.put, np.putmask, np.place, np.put_along_axis, np.fill_diagonal}


def sample(x):
    """The first sample's array, a window on the memory of all."""
    return sample(x.array[0, ...]) if type(x) is Batched else x


def batched(array, levels):
    """An array whose first axes are the batches of `levels`, outermost first."""
    for level in levels:
        array = Batched(array, level)
    return array


def at(value, level):
    """Whether `value` is batched at this level."""
    return type(value) is Batched and value.level is level


def aligned(value, level, ndim):
    """The whole batch with samples of `ndim` dimensions, ones put in front; other values as they are."""
    if not at(value, level):
        return value
    array = value.array
    missing = ndim - array.ndim + 1
    return array.reshape((array.shape[0],) + (1,) * missing + tuple(array.shape[1:])) if missing > 0 else array


def _parts(values):
    for value in values:
        if type(value) in (tuple, list):
            yield from _parts(value)
        elif type(value) is Batched:
            yield value.level


def innermost(args, kwargs):
    """The level opened last among those of the arguments; None if nothing is batched."""
    return max(_parts((*args, *kwargs.values())), key=_number, default=None)


def _number(level):
    return level.number


def elementwise(function, values):
    """A function that works element by element, on the whole batch. Raises Unbatchable if nothing is batched."""
    level = innermost(values, {})
    if level is None:
        raise Unbatchable(BRANCH)
    ndim = max(np.ndim(value) for value in values)
    values = [aligned(value, level, ndim) for value in values]
    return Batched(function(*values) if innermost(values, {}) is None else elementwise(function, values), level)


def _sampled(kwargs, level, i):
    return {name: _sample(value, level, i) for name, value in kwargs.items()}


def _sample(value, level, i):
    if type(value) in (tuple, list):
        return type(value)([_sample(part, level, i) for part in value])
    return value.array[i, ...] if at(value, level) else value


def samplewise(call, args, kwargs):
    """Call once a sample, and put the results together. Raises Unbatchable if nothing among the arguments is batched."""
    level = innermost(args, kwargs)
    if level is None:
        raise Unbatchable(BRANCH)
    return _joined([_attempt(call, _sample(args, level, i), _sampled(kwargs, level, i)) for i in range(level.size)], level)


def _attempt(call, args, kwargs):
    try:
        return call(*args, **kwargs)
    except Exception:
        if innermost(args, kwargs) is None:
            raise
        return samplewise(call, args, kwargs)  # there is a level further out


def _joined(results, level):
    first = results[0]
    if type(first) in (tuple, list):
        return type(first)([_joined(column, level) for column in zip(*results, strict=True)])
    if first is None or isinstance(first, (bool, int, str)):
        if any(result != first for result in results):
            raise Unbatchable(BRANCH)
        return first
    different = next((i for i, result in enumerate(results) if np.shape(result) != np.shape(first)), None)
    if different is not None:
        raise RuntimeError(f"stack expects each tensor to be equal size, but got {list(np.shape(first))} at entry 0 and "
                           f"{list(np.shape(results[different]))} at entry {different}")
    return Batched(np.stack([_owned(result) for result in results]), level)


def _owned(value):
    return np.asarray(value) if isinstance(value, (np.generic, float, complex)) else value
