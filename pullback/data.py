"""Making tensors from data: numbers, nested sequences, arrays, buffers, DLPack."""

import warnings

import numpy as np

from . import arguments, dtypes, errors
from .dtypes import numpy_of
from .graph import Tensor, make_leaf, wrap
from .mode import settled


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


def tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False):
    """A tensor holding a copy of `data`: a number, nested sequences, a NumPy array or a tensor.

    The dtype is inferred: Python floats become the default dtype, ints int64. Raises ValueError on ragged sequences,
    TypeError on what is no number.
    """
    arguments.device("tensor", device)
    arguments.flag("tensor", "requires_grad", requires_grad)
    if isinstance(data, Tensor):
        warnings.warn(errors.COPY_TENSOR, stacklevel=2)
    array = _to_array(data, exact=dtype is not None)
    target = array.dtype if dtype is None else arguments.dtype("tensor", dtype)
    return made(np.array(array, dtype=target, copy=True, order="C"), requires_grad)


def _to_array(data, exact=False):
    """`data` as an array of a dtype torch knows, sharing memory where it can.

    `exact`: Python's floats stay what they are, in double precision, as they will be converted to another dtype anyway.
    """
    if isinstance(data, Tensor):
        return data._array
    if isinstance(data, (np.ndarray, np.generic)):
        array = np.asarray(data)
        dtypes.of(array.dtype)
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    if isinstance(data, (list, tuple)) or (hasattr(data, "__len__") and hasattr(data, "__getitem__") and
                                           not isinstance(data, (str, bytes, dict, set))):
        return _from_sequence(data, exact)
    return _from_number(data, exact)


_DOUBLE = {float: dtypes.F64, complex: dtypes.complex128.numpy}


def _inferred(kind, exact):
    """The dtype for Python numbers of a type."""
    return _DOUBLE[kind] if exact and kind in _DOUBLE else dtypes.of_python(kind).numpy


def _from_number(value, exact=False):
    if type(value) in (float, int, bool, complex):
        try:
            return np.asarray(value, _inferred(type(value), exact))
        except OverflowError:
            raise ValueError("Overflow when unpacking long long") from None
    if isinstance(value, str):
        raise TypeError("new(): invalid data type 'str'")
    if hasattr(value, "__array__"):
        return _to_array(np.asarray(value), exact)
    for convert in ("__float__", "__index__"):
        if hasattr(value, convert):
            return _from_number(float(value) if convert == "__float__" else int(value), exact)
    raise RuntimeError(f"Could not infer dtype of {type(value).__name__}")


def _from_sequence(data, exact=False):
    shape = _shape_of(data)
    flat = list(_leaves(data, shape, 0, _first(data)))
    kinds = {type(value) for value in flat}
    if not flat:
        return np.empty(shape, dtypes.get_default_dtype().numpy)
    if kinds <= {float, int, bool, complex}:
        kind = max(kinds, key=(bool, int, float, complex).index)
        try:
            return np.array(flat, _inferred(kind, exact)).reshape(shape)
        except OverflowError:
            raise ValueError("Overflow when unpacking long long") from None
    arrays = [_element(value, exact) for value in flat]
    target = arrays[0].dtype
    for array in arrays:
        target = dtypes.promote_numpy(target, array.dtype)
    return np.array([array.item() if array.ndim == 0 else array for array in arrays], target).reshape(shape)


def _element(value, exact):
    if isinstance(value, (list, tuple)):
        raise TypeError(f"must be real number, not {type(value).__name__}")
    if isinstance(value, str):
        raise ValueError("too many dimensions 'str'")
    if isinstance(value, Tensor):
        if value._array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        if value._edge is not None:
            errors.warn_once(errors.SCALAR_GRAD, stacklevel=6)
        return value._array.reshape(())
    return _from_number(value, exact) if not isinstance(value, np.generic) else np.asarray(value)


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


def _first(data):
    """The first number in nested sequences."""
    while _is_sequence(data) and len(data):
        data = data[0]
    return data


def _not_a_number(data, first):
    if isinstance(data, Tensor):
        return ValueError("only one element tensors can be converted to Python scalars")
    if isinstance(first, int):
        return TypeError(f"'{type(data).__name__}' object cannot be interpreted as an integer")
    return TypeError(f"must be real number, not {type(data).__name__}")


def _leaves(data, shape, depth, first):
    if depth == len(shape):
        if _is_sequence(data):
            raise _not_a_number(data, first)
        yield data
        return
    if not _is_sequence(data):
        raise TypeError("not a sequence") if not hasattr(data, "__len__") else ValueError("too many dimensions 'str'")
    if len(data) != shape[depth]:
        raise ValueError(f"expected sequence of length {shape[depth]} at dim {depth} (got {len(data)})")
    for item in data:
        yield from _leaves(item, shape, depth + 1, first)


def as_tensor(data, dtype=None, device=None):
    """`data` as a tensor, sharing memory with an array and history with a tensor where dtype and device allow it."""
    arguments.device("as_tensor", device)
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    array = _to_array(data, exact=dtype is not None)
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
    """A tensor on the memory of an object that speaks DLPack. Raises RuntimeError on any other."""
    source = ext_tensor._array if isinstance(ext_tensor, Tensor) else ext_tensor
    if not hasattr(source, "__dlpack__"):
        raise RuntimeError("from_dlpack received an invalid capsule. Note that DLTensor capsules can be consumed only once, so "
                           "you might have already constructed a tensor from it once.")
    return made(np.from_dlpack(source))


def frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False):
    """A 1-d tensor on the memory of a buffer. Raises ValueError if the buffer does not hold what is asked for."""
    target, length = numpy_of(dtype), memoryview(buffer).nbytes
    if length == 0 or count == 0:
        raise ValueError(f"both buffer length ({length}) and count ({count}) must not be 0")
    if not 0 <= offset < length:
        raise ValueError(f"offset ({offset} bytes) must be non-negative and no greater than buffer length ({length} bytes) "
                         "minus 1")
    if count < 0 and (length - offset) % target.itemsize:
        raise ValueError(f"buffer length ({length - offset} bytes) after offset ({offset} bytes) must be a multiple of element "
                         f"size ({target.itemsize})")
    if count > 0 and offset + count * target.itemsize > length:
        raise ValueError(f"requested buffer length ({count} * {target.itemsize} bytes) after offset ({offset} bytes) must not "
                         f"be greater than actual buffer length ({length} bytes)")
    return made(np.frombuffer(buffer, target, count, offset), requires_grad)
