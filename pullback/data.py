"""Making tensors from data: numbers, nested sequences, arrays, buffers, DLPack."""

import math
import warnings

import numpy as np

from . import arguments, dtypes, errors
from .dtypes import numpy_of
from .graph import Tensor, make_leaf, wrap
from .mode import settled


def made(array, requires_grad=False, data=None):
    """A new tensor on `array`, which nobody else holds: a leaf, an inference tensor inside `inference_mode`.

    `data`: what it was made of, if of data. Raises RuntimeError if integers or bool are to require a gradient.
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
    if mode.tracker is not None:
        mode.tracker.made(tensor, data)
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
    array = _to_array(data, None if dtype is None else arguments.dtype("tensor", dtype))
    return made(np.array(array, copy=True, order="C"), requires_grad, data)


def _to_array(data, target=None):
    """`data` as an array of NumPy dtype `target`, or of the one it has, or that its numbers have by default.

    Shares memory where it can. Raises RuntimeError on numbers that `target` cannot hold.
    """
    if isinstance(data, (Tensor, np.ndarray, np.generic)):
        array = _known(data)
        return array if target is None or array.dtype == target else array.astype(target)
    if isinstance(data, (list, tuple)) or (hasattr(data, "__len__") and hasattr(data, "__getitem__") and
                                           not isinstance(data, (str, bytes, dict, set))):
        return _from_sequence(data, target)
    return _from_number(data, target)


def _known(data):
    """A tensor's or an array's array, of a dtype torch knows."""
    if isinstance(data, Tensor):
        return data._array
    if isinstance(data, (np.ndarray, np.generic)):
        array = np.asarray(data)
        dtypes.of(array.dtype)
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    array = np.asarray(data)
    dtypes.of(array.dtype)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _from_number(value, target=None):
    if type(value) in (float, int, bool, complex):
        return _numbers([value], target).reshape(())
    if isinstance(value, str):
        raise TypeError("new(): invalid data type 'str'")
    if hasattr(value, "__array__"):
        return _to_array(np.asarray(value), target)
    for convert in ("__float__", "__index__"):
        if hasattr(value, convert):
            return _from_number(float(value) if convert == "__float__" else int(value), target)
    raise RuntimeError(f"Could not infer dtype of {type(value).__name__}")


def _numbers(values, target=None):
    """A list of Python numbers as an array; without `target` in the default dtype of the highest among them."""
    kind = max({type(value) for value in values}, key=(bool, int, float, complex).index)
    if target is None:
        target = dtypes.of_python(kind).numpy
    lower = dtypes.category(target) < (dtypes.BOOL, dtypes.INTEGER, dtypes.FLOATING, dtypes.COMPLEX)[_RANK[kind]]
    if kind is complex and lower:
        raise TypeError("must be real number, not complex")
    try:
        if kind is float and lower and target.kind != "b" and not all(map(math.isfinite, values)):
            raise OverflowError
        return np.array([int(value) for value in values] if kind is float and target.kind in "iu" else values, target)
    except OverflowError:
        if target.kind == "u" and kind is int and all(abs(value) <= np.iinfo(target).max for value in values):
            return np.array([value % (np.iinfo(target).max + 1) for value in values], target)  # as C does
        if target == dtypes.I64 and kind is int:
            raise ValueError("Overflow when unpacking long long") from None
        raise _overflow(target) from None


_RANK = {bool: 0, int: 1, float: 2, complex: 3}


def _overflow(target):
    return RuntimeError(f"value cannot be converted to type {dtypes.of(target).name} without overflow")


def _from_sequence(data, target=None):
    shape = _shape_of(data)
    flat = list(_leaves(data, shape, 0, _first(data)))
    if not flat:
        return np.empty(shape, dtypes.get_default_dtype().numpy if target is None else target)
    if {type(value) for value in flat} <= _RANK.keys():
        return _numbers(flat, target).reshape(shape)
    arrays = [_element(value, target) for value in flat]
    if target is None:
        target = arrays[0].dtype
        for array in arrays:
            target = dtypes.promote_numpy(target, array.dtype)
    return np.array([array.item() if array.ndim == 0 else array for array in arrays], target).reshape(shape)


def _element(value, target):
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
    return np.asarray(value) if isinstance(value, np.generic) else _from_number(value, target)


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
    return made(_to_array(data, None if dtype is None else arguments.dtype("as_tensor", dtype)), data=data)


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
    return made(ndarray.view(np.ndarray), data=ndarray)


def from_dlpack(ext_tensor):
    """A tensor on the memory of an object that speaks DLPack. Raises RuntimeError on any other."""
    source = ext_tensor._array if isinstance(ext_tensor, Tensor) else ext_tensor
    if not hasattr(source, "__dlpack__"):
        raise RuntimeError("from_dlpack received an invalid capsule. Note that DLTensor capsules can be consumed only once, so "
                           "you might have already constructed a tensor from it once.")
    array = np.from_dlpack(source)
    if not array.flags.writeable and np.lib.NumpyVersion(np.__version__) < "2.1.0":
        array = np.asarray(_Writable(array))
    return made(array, data=array)


class _Writable:
    """The memory of an array that NumPy before 2.1 made from DLPack, which it takes for read-only on principle."""

    def __init__(self, array):
        self.array = array
        interface = array.__array_interface__
        self.__array_interface__ = {**interface, "data": (interface["data"][0], False)}


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
    array = np.frombuffer(buffer, target, count, offset)
    return made(array, requires_grad, array)
