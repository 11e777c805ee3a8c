"""Making tensors: from data, from sizes, from other tensors."""

import math
import warnings

import numpy as np

from . import devices, dtypes, errors
from .dtypes import numpy_of
from .graph import Tensor, make_leaf, wrap
from .mode import settled
from .shapes import sizes


def made(array, requires_grad=False):
    """A new tensor on `array`, which nobody else holds: a leaf, an inference tensor inside `inference_mode`.

    Raises RuntimeError if integers or bool are to require a gradient.
    """
    mode = settled()
    tensor = wrap(array)
    if mode.inference:
        tensor._inference = True
    if mode.tracer is not None:
        mode.tracer.constant(tensor)
    if requires_grad:
        if dtypes.category(array.dtype) < dtypes.FLOATING:
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        make_leaf(tensor)
    return tensor


def _dtype(dtype):
    return dtypes.get_default_dtype().numpy if dtype is None else numpy_of(dtype)


# ---- from data -----------------------------------------------------------------------------------------------------------
def tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False):
    """A tensor holding a copy of `data`: a number, nested sequences, a NumPy array or a tensor.

    The dtype is inferred: Python floats become the default dtype, ints int64. Raises ValueError on ragged sequences,
    TypeError on what is no number.
    """
    _check_device(device)
    if isinstance(data, Tensor):
        warnings.warn(errors.COPY_TENSOR, stacklevel=2)
    array = _to_array(data)
    target = numpy_of(dtype) if dtype is not None else array.dtype
    return made(np.array(array, dtype=target, copy=True, order="C"), requires_grad)


def _to_array(data):
    """`data` as an array of a dtype torch knows, sharing memory where it can."""
    if isinstance(data, Tensor):
        return data._array
    if isinstance(data, (np.ndarray, np.generic)):
        array = np.asarray(data)
        dtypes.of(array.dtype)
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    if isinstance(data, (list, tuple)) or (hasattr(data, "__len__") and hasattr(data, "__getitem__") and
                                           not isinstance(data, (str, bytes, dict, set))):
        return _from_sequence(data)
    return _from_number(data)


def _from_number(value):
    if type(value) in (float, int, bool, complex):
        try:
            return np.asarray(value, dtypes.of_python(type(value)).numpy)
        except OverflowError:
            raise RuntimeError("Overflow when unpacking long long") from None
    if isinstance(value, str):
        raise TypeError("new(): invalid data type 'str'")
    if hasattr(value, "__array__"):
        return _to_array(np.asarray(value))
    for convert in ("__float__", "__index__"):
        if hasattr(value, convert):
            return _from_number(float(value) if convert == "__float__" else int(value))
    raise RuntimeError(f"Could not infer dtype of {type(value).__name__}")


def _from_sequence(data):
    shape = _shape_of(data)
    flat = list(_leaves(data, shape, 0))
    kinds = {type(value) for value in flat}
    if not flat:
        return np.empty(shape, dtypes.get_default_dtype().numpy)
    if kinds <= {float, int, bool, complex}:
        kind = max(kinds, key=(bool, int, float, complex).index)
        try:
            return np.array(flat, dtypes.of_python(kind).numpy).reshape(shape)
        except OverflowError:
            raise RuntimeError("Overflow when unpacking long long") from None
    arrays = [_element(value) for value in flat]
    target = arrays[0].dtype
    for array in arrays:
        target = dtypes.promote_numpy(target, array.dtype)
    return np.array([array.item() if array.ndim == 0 else array for array in arrays], target).reshape(shape)


def _element(value):
    if isinstance(value, str):
        raise ValueError("too many dimensions 'str'")
    if isinstance(value, Tensor):
        if value._array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        if value._edge is not None:
            errors.warn_once(errors.SCALAR_GRAD, stacklevel=6)
        return value._array.reshape(())
    return _from_number(value) if not isinstance(value, np.generic) else np.asarray(value)


def _is_sequence(value):
    return isinstance(value, (list, tuple, range, np.ndarray)) or (isinstance(value, Tensor) and value._array.ndim > 0)


def _shape_of(data):
    shape = []
    while _is_sequence(data):
        shape.append(len(data))
        if not len(data):
            break
        data = data[0]
    return tuple(shape)


def _leaves(data, shape, depth):
    if depth == len(shape):
        if _is_sequence(data):
            raise ValueError("only one element tensors can be converted to Python scalars" if isinstance(data, Tensor) else
                             "expected sequence of length 0 at dim {depth} (got {len(data)})")
        yield data
        return
    if not _is_sequence(data):
        raise TypeError("not a sequence") if not hasattr(data, "__len__") else ValueError("too many dimensions 'str'")
    if len(data) != shape[depth]:
        raise ValueError(f"expected sequence of length {shape[depth]} at dim {depth} (got {len(data)})")
    for item in data:
        yield from _leaves(item, shape, depth + 1)


def as_tensor(data, dtype=None, device=None):
    """`data` as a tensor, sharing memory with an array and history with a tensor where dtype and device allow it."""
    _check_device(device)
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    array = _to_array(data)
    if dtype is not None and array.dtype != numpy_of(dtype):
        array = array.astype(numpy_of(dtype))
    return made(array)


def asarray(obj, *, dtype=None, device=None, copy=None, requires_grad=False):
    """`obj` (tensor, array, buffer, DLPack object, number or sequence) as a tensor, without copying where possible."""
    if hasattr(obj, "__dlpack__") and not isinstance(obj, (Tensor, np.ndarray, np.generic)):
        obj = np.from_dlpack(obj)
    result = as_tensor(obj, dtype=dtype, device=device)
    if copy and (isinstance(obj, Tensor) or np.shares_memory(result._array, np.asarray(obj))):
        result = result.clone()
    return result.requires_grad_() if requires_grad and not result.requires_grad else result


def from_numpy(ndarray):
    """A tensor on the memory of `ndarray`. Raises TypeError on anything else, and on dtypes torch does not have."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    dtypes.of(ndarray.dtype)
    if not ndarray.dtype.isnative:
        raise ValueError("given numpy array has byte order different from the native byte order. Conversion between byte "
                         "orders is currently not supported.")
    if any(stride < 0 for stride in ndarray.strides):
        raise ValueError("At least one stride in the given numpy array is negative, and tensors with negative strides are "
                         "not currently supported. (You can probably work around this by making a copy of your array "
                         " with array.copy().) ")
    if not ndarray.flags.writeable:
        warnings.warn("The given NumPy array is not writable, and PyTorch does not support non-writable tensors. This means "
                      "writing to this tensor will result in undefined behavior. You may want to copy the array to protect "
                      "its data or make it writable before converting it to a tensor. This type of warning will be "
                      "suppressed for the rest of this program.", stacklevel=2)
    return made(ndarray.view(np.ndarray))


def from_dlpack(ext_tensor):
    """A tensor on the memory of an object that speaks DLPack."""
    return made(np.from_dlpack(ext_tensor._array if isinstance(ext_tensor, Tensor) else ext_tensor))


def frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False):
    """A 1-d tensor on the memory of a buffer."""
    return made(np.frombuffer(buffer, numpy_of(dtype), count, offset), requires_grad)


def _check_device(device):
    if device is not None:
        devices.check(device)


# ---- from sizes ----------------------------------------------------------------------------------------------------------
def _filled(name, make, doc):
    def factory(*size, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False,
                memory_format=None, names=None):
        _check_device(device)
        try:
            shape = sizes(size)
        except (TypeError, AttributeError):
            raise TypeError(f"{name}(): argument 'size' must be tuple of ints, but found element of type "
                            f"{_offender(size)}") from None
        if any(s < 0 for s in shape):
            raise RuntimeError(f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}")
        array = make(shape, _dtype(dtype))
        return made(array, requires_grad) if out is None else out.copy_(wrap(array))

    return _named(factory, name, doc)


def _offender(size):
    items = size[0] if len(size) == 1 and isinstance(size[0], (tuple, list)) else size
    return next(type(s).__name__ for s in items if not hasattr(s, "__index__"))


def _named(factory, name, doc):
    factory.__name__ = factory.__qualname__ = name
    factory.__doc__ = doc
    return factory


empty = _filled("empty", np.empty, "A tensor of the given sizes whose values are whatever was in memory.")
zeros = _filled("zeros", np.zeros, "A tensor of zeros of the given sizes.")
ones = _filled("ones", np.ones, "A tensor of ones of the given sizes.")


def full(size, fill_value, *, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """A tensor of the given sizes filled with a number, in the number's default dtype unless one is given."""
    _check_device(device)
    if isinstance(fill_value, Tensor):
        fill_value = fill_value.item()
    target = dtypes.of_python(type(fill_value)).numpy if dtype is None else numpy_of(dtype)
    array = np.full(sizes((size,)), fill_value, target)
    return made(array, requires_grad) if out is None else out.copy_(wrap(array))


def _like(name, make, doc):
    def factory(input, *, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False, memory_format=None):
        if not isinstance(input, Tensor):
            raise errors.not_tensor(name, "input", 1, input)
        _check_device(device)
        return made(make(input._array, dtype=None if dtype is None else numpy_of(dtype)), requires_grad)

    return _named(factory, name, doc)


empty_like = _like("empty_like", np.empty_like, "Uninitialised values in the shape and dtype of `input`.")
zeros_like = _like("zeros_like", np.zeros_like, "Zeros in the shape and dtype of `input`.")
ones_like = _like("ones_like", np.ones_like, "Ones in the shape and dtype of `input`.")


def full_like(input, fill_value, *, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None):
    """`fill_value` in the shape and dtype of `input`."""
    _check_device(device)
    return made(np.full_like(input._array, fill_value, dtype=None if dtype is None else numpy_of(dtype)), requires_grad)


def empty_strided(size, stride, *, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """An uninitialised tensor of the given sizes and strides (in elements)."""
    d = _dtype(dtype)
    reach = sum((s - 1) * st for s, st in zip(size, stride, strict=True)) + 1 if math.prod(size) else 0
    memory = np.empty(reach, d)
    return made(np.ndarray(tuple(size), d, memory, 0, tuple(s * d.itemsize for s in stride)), requires_grad)


def scalar_tensor(s, *, dtype=None, layout=None, device=None, requires_grad=False):
    """A 0-dim tensor."""
    return made(np.asarray(s, _dtype(dtype)), requires_grad)


def arange(start, end=None, step=1, *, out=None, dtype=None, layout=None, device=None, requires_grad=False):
    """The numbers from `start` (0 if only one is given) up to, not including, `end`, `step` apart.

    int64 unless one of them is a float. Raises RuntimeError if `step` does not lead from `start` to `end`.
    """
    _check_device(device)
    if end is None:
        start, end = 0, start
    start, end, step = [v.item() if isinstance(v, Tensor) else v for v in (start, end, step)]
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    if dtype is not None:
        target = numpy_of(dtype)
    else:
        target = dtypes.I64 if all(isinstance(v, int) for v in (start, end, step)) else dtypes.get_default_dtype().numpy
    count = max(0, math.ceil((end - start) / step))
    array = (start + step * np.arange(count, dtype=dtypes.F64 if target.kind in "fV" else dtypes.I64)).astype(target)
    return made(array, requires_grad) if out is None else out.copy_(wrap(array))


def linspace(start, end, steps, *, out=None, dtype=None, layout=None, device=None, requires_grad=False):
    """`steps` numbers from `start` to `end`, both included, equally spaced."""
    start, end = [v.item() if isinstance(v, Tensor) else v for v in (start, end)]
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    return made(np.linspace(start, end, steps).astype(_dtype(dtype)), requires_grad)


def logspace(start, end, steps, base=10.0, *, out=None, dtype=None, layout=None, device=None, requires_grad=False):
    """`steps` numbers from base**start to base**end, equally spaced in the exponent."""
    return made(np.logspace(start, end, steps, base=base).astype(_dtype(dtype)), requires_grad)


def eye(n, m=None, *, out=None, dtype=None, layout=None, device=None, requires_grad=False):
    """The n by m (default n) matrix with ones on the diagonal."""
    return made(np.eye(n, m, dtype=_dtype(dtype)), requires_grad)


def tril_indices(row, col, offset=0, *, dtype=None, device=None, layout=None):
    """The row and column numbers of the lower triangle of a row by col matrix, a 2 by N tensor of int64."""
    return made(np.stack(np.tril_indices(row, offset, col)).astype(dtypes.I64 if dtype is None else numpy_of(dtype)))


def triu_indices(row, col, offset=0, *, dtype=None, device=None, layout=None):
    """The row and column numbers of the upper triangle of a row by col matrix, a 2 by N tensor of int64."""
    return made(np.stack(np.triu_indices(row, offset, col)).astype(dtypes.I64 if dtype is None else numpy_of(dtype)))


PUBLIC = ("arange", "as_tensor", "asarray", "empty", "empty_like", "empty_strided", "eye", "frombuffer",
          "from_dlpack", "from_numpy", "full", "full_like", "linspace", "logspace", "ones", "ones_like", "scalar_tensor",
          "tensor", "tril_indices", "triu_indices", "zeros", "zeros_like")
