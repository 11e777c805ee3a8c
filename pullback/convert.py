"""A tensor's other forms: NumPy and DLPack, Python numbers and lists, other dtypes, copies, pickles."""

import copy
import warnings

import numpy as np

from . import devices, dtypes, errors
from .batch import MEMORY, Batched
from .dtypes import numpy_of
from .graph import Tensor, is_leaf, make_leaf, wrap
from .mode import current_mode
from .ops.unary import clone


def concrete(tensor, what):
    """The tensor's array. Raises RuntimeError inside compile(), where `what` would read a value not known yet."""
    tracer = current_mode().tracer
    if tracer is not None:
        tracer.refuse(what)
    return tensor._array


def numpy(self, *, force=False):
    """The tensor's memory as an array. Raises RuntimeError if it requires a gradient, unless `force`."""
    mode = current_mode()
    if self._edge is not None and mode.grad and not force:
        raise RuntimeError(errors.NUMPY_GRAD)
    array = concrete(self, "numpy()")
    if type(array) is Batched:
        raise RuntimeError(MEMORY)
    if mode.tracker is not None:
        mode.tracker.left(self, array, "numpy")
    return array if array.ndim or mode.era is None else array.reshape(1)


def __array__(self, dtype=None, copy=None):
    array = numpy(self)
    if dtype is not None and array.dtype != dtype:
        return array.astype(dtype)
    return array.copy() if copy else array


def __dlpack__(self, **options):
    if self._edge is not None:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    array = concrete(self, "__dlpack__()")
    tracker = current_mode().tracker
    return (array if tracker is None else tracker.left(self, array, "__dlpack__")).__dlpack__(**options)


def __dlpack_device__(self):
    return self._array.__dlpack_device__()


def item(self):
    """The only element as a Python number. Raises RuntimeError if there are more or none."""
    if self._array.size != 1:
        raise RuntimeError(f"a Tensor with {self._array.size} elements cannot be converted to Scalar")
    mode = current_mode()
    value = (concrete(self, "item()") if mode.special else self._array).item()
    value = value if isinstance(value, (float, int, bool, complex)) else float(value)
    return value if mode.tracker is None else mode.tracker.left(self, value, "item")


def tolist(self):
    """The elements as nested lists of Python numbers; a number if the tensor is 0-dim."""
    array, tracker = concrete(self, "tolist()"), current_mode().tracker
    values = (array.astype(np.float32) if array.dtype.kind == "V" else array).tolist()
    return values if tracker is None else tracker.left(self, values, "tolist")


def __bool__(self):
    size = self._array.size
    if size != 1:
        raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous" if size else
                           "Boolean value of Tensor with no values is ambiguous")
    return bool(concrete(self, "bool()"))


def _only(self):
    if self._array.size != 1:
        raise ValueError("only one element tensors can be converted to Python scalars")
    return item(self)


def __float__(self):
    if self._edge is not None:
        errors.warn_once(errors.SCALAR_GRAD, stacklevel=2)
    return float(_only(self))


def __int__(self):
    return int(_only(self))


def __complex__(self):
    if self._edge is not None:
        errors.warn_once(errors.SCALAR_GRAD, stacklevel=2)
    return complex(_only(self))


def __index__(self):
    if self._array.dtype.kind not in "iub" or self._array.size != 1:
        raise TypeError("only integer tensors of a single element can be converted to an index")
    return int(concrete(self, "index").item())


def to(self, *args, **kwargs):
    """This tensor with another dtype or device, as `to(dtype)`, `to(device)`, `to(device, dtype)` or `to(other)`.

    Itself if nothing changes and `copy` is not asked for. Raises AssertionError on "cuda": there is only the CPU.
    """
    dtype, device, copying = _to_arguments(args, kwargs)
    if device is not None:
        devices.check(device)
    target = self._array.dtype if dtype is None else numpy_of(dtype)
    if target == self._array.dtype and not copying:
        return self
    if self._array.dtype.kind == "c" and target.kind not in "cb":
        warnings.warn(errors.COMPLEX_CAST, stacklevel=2)
    return clone(self, dtype=target) if target != self._array.dtype else clone(self)


def _to_arguments(args, kwargs):
    dtype, device, other = kwargs.get("dtype"), kwargs.get("device"), kwargs.get("other")
    flags = []
    for value in args:
        if isinstance(value, dtypes.dtype):
            dtype = value
        elif isinstance(value, Tensor):
            other = value
        elif isinstance(value, (str, devices.device, int)) and not isinstance(value, bool):
            device = value
        elif isinstance(value, bool):
            flags.append(value)
        elif value is not None:
            raise TypeError(f"to() received an invalid combination of arguments - got ({type(value).__name__}), but expected "
                            "one of:\n * (torch.device device = None, torch.dtype dtype = None, bool non_blocking = False, "
                            "bool copy = False, *, torch.memory_format memory_format = None)\n * (torch.dtype dtype, bool "
                            "non_blocking = False, bool copy = False, *, torch.memory_format memory_format = None)\n * "
                            "(Tensor tensor, bool non_blocking = False, bool copy = False, *, torch.memory_format "
                            "memory_format = None)\n")
    if other is not None:
        dtype = dtypes.of(other._array.dtype)
    return dtype, device, kwargs.get("copy", len(flags) > 1 and flags[1])


def type_(self, dtype=None, non_blocking=False, **kwargs):
    """The tensor's type as a string such as "torch.FloatTensor"; given a dtype or such a string, the tensor converted."""
    if dtype is None:
        return f"torch.{errors.title(self._array.dtype)}Tensor"
    if isinstance(dtype, str):
        found = next((d for d in dtypes.ALL if dtype == f"torch.{d.title}Tensor"), None)
        if found is None:
            raise ValueError(f"invalid type: {dtype!r}")
        dtype = found
    elif not isinstance(dtype, (dtypes.dtype, type)) and not hasattr(dtype, "dtype"):
        raise TypeError("dtype must be a type, str, or dtype object")
    return to(self, getattr(dtype, "dtype", dtype))


def _cast(name, target):
    def method(self, memory_format=None):
        return to(self, target)

    method.__name__ = name
    method.__doc__ = f"The tensor converted to {target}."
    return method


def cpu(self, memory_format=None):
    """The tensor itself: the CPU is where it is."""
    return self


def cuda(self, device=None, non_blocking=False, memory_format=None):
    """Raises AssertionError: there is only the CPU."""
    raise AssertionError("Torch not compiled with CUDA enabled")


def __deepcopy__(self, memo):
    if not is_leaf(self):
        raise RuntimeError(errors.DEEPCOPY)
    if id(self) in memo:
        return memo[id(self)]
    twin = wrap(self._array.copy())
    memo[id(self)] = twin
    twin._volatile = self._volatile
    if self._edge is not None:
        make_leaf(twin)
    if self._grad is not None:
        twin._grad = copy.deepcopy(self._grad, memo)
    _copy_attributes(self, twin, memo)
    tracker = current_mode().tracker
    if tracker is not None:
        tracker.operation("deepcopy", (self,), (twin,), "copy")
    return twin


_OWN = ("_storage", "_base", "_made", "_grad", "_volatile", "_origin")


def _copy_attributes(source, target, memo):
    for name, value in source.__dict__.items():
        if name not in _OWN:
            target.__dict__[name] = copy.deepcopy(value, memo)


def __reduce_ex__(self, protocol):
    return _rebuild, (np.ascontiguousarray(self._array) if self._array.ndim else self._array, self._edge is not None)


def _rebuild(array, requires_grad):
    """Undo pickling: a leaf, whatever the tensor was."""
    tensor = wrap(array)
    return make_leaf(tensor) if requires_grad else tensor


METHODS = (numpy, __array__, __dlpack__, __dlpack_device__, item, tolist, __bool__, __float__, __int__, __complex__,
           __index__, to, cpu, cuda, __deepcopy__, __reduce_ex__)
CASTS = {name: _cast(name, d) for name, d in (
    ("float", dtypes.float32), ("double", dtypes.float64), ("half", dtypes.float16), ("bfloat16", dtypes.bfloat16),
    ("long", dtypes.int64), ("int", dtypes.int32), ("short", dtypes.int16), ("char", dtypes.int8), ("byte", dtypes.uint8),
    ("bool", dtypes.bool_), ("cfloat", dtypes.complex64), ("cdouble", dtypes.complex128))}
