"""The same bytes read as another type."""

import numpy as np

from .. import dtypes, errors
from ..graph import storage_of, wrap
from ..mode import settled
from .public import function
from .record import view


def view_dtype(tensor, dtype):
    """`tensor.view(dtype)`: without history, as no gradient is defined. Raises RuntimeError where the bytes do not come out."""
    array, target = tensor._array, dtypes.numpy_of(dtype)
    old, new = array.itemsize, target.itemsize
    if old != new:
        names = f"to view {errors.title(array.dtype)} as {errors.title(target)} (different element sizes)"
        if not array.ndim:
            raise RuntimeError(f"self.dim() cannot be 0 {names}")
        if array.shape[-1] > 1 and array.strides[-1] != old:
            raise RuntimeError(f"self.stride(-1) must be 1 {names}, but got {tensor.stride(-1)}")
        if new > old:
            _check_divisible(tensor, new // old, names)
    mode = settled()
    twin = wrap((array if mode.tracer is None else mode.tracer.lift(tensor)).view(target))
    twin._storage, twin._inference = storage_of(tensor), bool(tensor._inference)
    if mode.tracker is not None:
        mode.tracker.operation("view", (tensor,), (twin,), "bytes")
    return twin


def _check_divisible(tensor, ratio, names):
    if tensor._array.shape[-1] % ratio:
        raise RuntimeError(f"self.size(-1) must be divisible by {ratio} {names}, but got {tensor._array.shape[-1]}")
    if tensor.storage_offset() % ratio:
        raise RuntimeError(f"self.storage_offset() must be divisible by {ratio} {names}, but got {tensor.storage_offset()}")
    for i, step in enumerate(tensor.stride()[:-1]):
        if step % ratio:
            raise RuntimeError(f"self.stride({i}) must be divisible by {ratio} {names}, but got {step}")


def _parts(x):
    return x[..., None].view(x.real.dtype)


def _whole(x):
    return x.view(np.result_type(x.dtype, np.complex64))[..., 0]


_as_real = view("view_as_real", _parts, lambda g: view_as_complex(g))
_as_complex = view("view_as_complex", _whole, lambda g: view_as_real(g))


@function(method=False)
def view_as_real(input):
    """A complex tensor as a real view with a last dimension of size 2. Raises RuntimeError on a real tensor."""
    if input.dtype.kind != "c" if hasattr(input.dtype, "kind") else not input.dtype.is_complex:
        raise RuntimeError("view_as_real is only supported for complex tensors")
    return _as_real(input)


@function(method=False)
def view_as_complex(input):
    """A real tensor whose last dimension has size 2 as a complex view.

    Raises RuntimeError on other sizes, on types that are no parts of a complex type, and if the last stride is not 1.
    """
    array = getattr(input, "_array", input)
    if array.dtype not in (dtypes.F32, dtypes.F64):
        raise RuntimeError(f"view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar "
                           f"type: {errors.title(array.dtype)}")
    if not array.ndim:
        raise RuntimeError("Input tensor must have one or more dimensions")
    if array.shape[-1] != 2:
        raise RuntimeError("Tensor must have a last dimension of size 2")
    if array.strides[-1] != array.itemsize:
        if hasattr(input, "_array"):
            raise RuntimeError("Tensor must have a last dimension with stride 1")
        input = np.ascontiguousarray(input)
    return _as_complex(input)
