"""Making tensors: from sizes, and from other tensors. What makes them from data is in `data.py`."""

import math

import numpy as np

from . import arguments, dtypes, errors
from .data import as_tensor, asarray, from_dlpack, from_numpy, frombuffer, made, tensor
from .dtypes import numpy_of
from .graph import Tensor
from .mode import settled
from .ops.out import store


def _check(name, device, requires_grad):
    if device is not None:
        arguments.device(name, device)
    arguments.flag(name, "requires_grad", requires_grad)


def _finish(array, requires_grad, out, dtype=None):
    """The tensor made, or `out` resized and filled."""
    if out is None:
        return made(array, requires_grad)
    if dtype is not None and array.dtype != out._array.dtype:
        raise RuntimeError(f"dtype {errors.title(array.dtype)} does not match dtype of out parameter "
                           f"({errors.title(out._array.dtype)})")
    return store("out", settled(), (), array.astype(out._array.dtype), out)


# ---- from sizes ----------------------------------------------------------------------------------------------------------
def _filled(name, make, doc):
    def factory(*size, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False,
                memory_format=None, names=None):
        _check(name, device, requires_grad)
        array = make(arguments.size(name, size), arguments.dtype(name, dtype))
        return _finish(array, requires_grad, out, dtype)

    return _named(factory, name, doc)


def _named(factory, name, doc):
    factory.__name__ = factory.__qualname__ = name
    factory.__doc__ = doc
    return factory


empty = _filled("empty", np.empty, "A tensor of the given sizes whose values are whatever was in memory.")
zeros = _filled("zeros", np.zeros, "A tensor of zeros of the given sizes.")
ones = _filled("ones", np.ones, "A tensor of ones of the given sizes.")


def full(size, fill_value, *, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """A tensor of the given sizes filled with a number, in the number's default dtype unless one is given.

    Raises TypeError on sizes or values of other types, RuntimeError on negative sizes.
    """
    _check("full", device, requires_grad)
    shape = arguments.size("full", (arguments.size_tuple("full", size),))
    value = arguments.number("full", "fill_value", fill_value, 2)
    target = dtypes.of_python(type(value)).numpy if dtype is None else arguments.dtype("full", dtype)
    return _finish(filled(shape, value, target), requires_grad, out, dtype)


def filled(shape, value, target):
    """An array of a number. Raises OverflowError or RuntimeError if the number does not fit."""
    try:
        return np.full(shape, value, target)
    except OverflowError:
        if isinstance(value, int) and not -(2**63) <= value < 2**64:
            raise OverflowError("int too big to convert") from None
        raise RuntimeError(f"value cannot be converted to type {dtypes.of(target).in_c} without overflow") from None


def _like(name, make, doc):
    def factory(input, *, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False, memory_format=None):
        if not isinstance(input, Tensor):
            raise errors.not_tensor(name, "input", 1, input)
        _check(name, device, requires_grad)
        return made(make(input._array, dtype=None if dtype is None else arguments.dtype(name, dtype)), requires_grad)

    return _named(factory, name, doc)


empty_like = _like("empty_like", np.empty_like, "Uninitialised values in the shape and dtype of `input`.")
zeros_like = _like("zeros_like", np.zeros_like, "Zeros in the shape and dtype of `input`.")
ones_like = _like("ones_like", np.ones_like, "Ones in the shape and dtype of `input`.")


def full_like(input, fill_value, *, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None):
    """`fill_value` in the shape and dtype of `input`."""
    if not isinstance(input, Tensor):
        raise errors.not_tensor("full_like", "input", 1, input)
    _check("full_like", device, requires_grad)
    value = arguments.number("full_like", "fill_value", fill_value, 2)
    target = input._array.dtype if dtype is None else arguments.dtype("full_like", dtype)
    return made(filled(input._array.shape, value, target), requires_grad)


def empty_strided(size, stride, *, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """An uninitialised tensor of the given sizes and strides (in elements). Raises RuntimeError unless they are as many."""
    if len(size) != len(stride):
        raise RuntimeError(f"dimensionality of sizes ({len(size)}) must match dimensionality of strides ({len(stride)})")
    _check("empty_strided", device, requires_grad)
    d = arguments.dtype("empty_strided", dtype)
    reach = sum((s - 1) * st for s, st in zip(size, stride, strict=True)) + 1 if math.prod(size) else 0
    memory = np.empty(reach, d)
    return made(np.ndarray(tuple(size), d, memory, 0, tuple(s * d.itemsize for s in stride)), requires_grad)


def scalar_tensor(s, *, dtype=None, layout=None, device=None, requires_grad=False):
    """A 0-dim tensor."""
    return made(np.asarray(s, arguments.dtype("scalar_tensor", dtype)), requires_grad)


# ---- ranges --------------------------------------------------------------------------------------------------------------
def arange(start, end=None, step=1, *, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """The numbers from `start` (0 if only one is given) up to, not including, `end`, `step` apart.

    int64 unless one of them is a float. Raises RuntimeError if `step` does not lead from `start` to `end`.
    """
    _check("arange", device, requires_grad)
    if end is None:
        start, end = 0, arguments.number("arange", "end", start, 1)
    start, end, step = [arguments.number("arange", *given) for given in (("start", start, 1), ("end", end, 2), ("step", step, 3))]
    if step == 0 or step != step:
        raise RuntimeError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start} -> {end}")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    if dtype is not None:
        target = arguments.dtype("arange", dtype)
    else:
        target = dtypes.I64 if all(isinstance(v, int) for v in (start, end, step)) else dtypes.get_default_dtype().numpy
    if target.kind in "iu" and dtype is not None:
        start, end, step = int(start), int(end), int(step)
    count = max(0, math.ceil((end - start) / step))
    array = (start + step * np.arange(count, dtype=dtypes.F64 if target.kind in "fV" else dtypes.I64)).astype(target)
    return _finish(array, requires_grad, out)


def linspace(start, end, steps, *, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """`steps` numbers from `start` to `end`, both included, equally spaced. Raises RuntimeError on a negative number of steps."""
    start, end = _ends("linspace", start, end, steps)
    target = arguments.dtype("linspace", dtype)
    if target.kind in "iu" or target.itemsize < 4:
        return _finish(np.linspace(start, end, steps).astype(target), requires_grad, out)
    step = target.type((end - start) / (steps - 1 or 1)) if steps else 0
    near, far = np.arange(steps // 2, dtype=target), np.arange(steps - steps // 2, dtype=target)[::-1]
    return _finish(np.concatenate([start + step * near, end - step * far]).astype(target) if steps > 1 else
                   np.full(steps, start, target), requires_grad, out)


def logspace(start, end, steps, base=10.0, *, out=None, dtype=None, layout=None, device=None, requires_grad=False,
             pin_memory=False):
    """`steps` numbers from base**start to base**end, equally spaced in the exponent."""
    start, end = _ends("logspace", start, end, steps)
    return _finish(np.logspace(start, end, steps, base=base).astype(arguments.dtype("logspace", dtype)), requires_grad, out)


def _ends(name, start, end, steps):
    arguments.integer(name, "steps", steps, 3)
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    return arguments.number(name, "start", start, 1), arguments.number(name, "end", end, 2)


def eye(n, m=None, *, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """The n by m (default n) matrix with ones on the diagonal. Raises RuntimeError on negative sizes."""
    _check("eye", device, requires_grad)
    sides = {"n": n, "m": n if m is None else m}
    for position, (name, side) in enumerate(sides.items()):
        if arguments.integer("eye", name, side, position + 1) < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {side}")
    return _finish(np.eye(*sides.values(), dtype=arguments.dtype("eye", dtype)), requires_grad, out)


def tril_indices(row, col, offset=0, *, dtype=None, device=None, layout=None):
    """The row and column numbers of the lower triangle of a row by col matrix, a 2 by N tensor of int64."""
    return made(np.stack(np.tril_indices(row, offset, col)).astype(dtypes.I64 if dtype is None else numpy_of(dtype)))


def triu_indices(row, col, offset=0, *, dtype=None, device=None, layout=None):
    """The row and column numbers of the upper triangle of a row by col matrix, a 2 by N tensor of int64."""
    return made(np.stack(np.triu_indices(row, offset, col)).astype(dtypes.I64 if dtype is None else numpy_of(dtype)))


PUBLIC = ("arange", "as_tensor", "asarray", "empty", "empty_like", "empty_strided", "eye", "frombuffer",
          "from_dlpack", "from_numpy", "full", "full_like", "linspace", "logspace", "ones", "ones_like", "scalar_tensor",
          "tensor", "tril_indices", "triu_indices", "zeros", "zeros_like")
__all__ = [*PUBLIC, "as_tensor", "asarray", "from_dlpack", "from_numpy", "frombuffer", "made", "tensor"]
