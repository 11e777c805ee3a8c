"""`out=`: putting a result into a tensor that is there already."""

import warnings

from .. import dtypes, errors, memory
from ..graph import Tensor, storage_of
from ..mode import current_mode
from ..origin import here
from .apply import as_array


def store(name, mode, inputs, result, out):
    """Put `result` into the tensor `out`, resized if need be, as torch's `out=` does."""
    if not isinstance(out, Tensor):
        raise TypeError(f"{name}(): argument 'out' must be Tensor, not {errors.type_name(out)}")
    if mode.recording and any(isinstance(t, Tensor) and t._edge is not None for t in (*inputs, out)):
        raise RuntimeError(errors.OUT_GRAD.format(name))
    if memory.overlaps(out._array):
        raise RuntimeError(errors.OVERLAP)
    fill(out, as_array(result))
    if mode.tracker is not None and out._edge is None:
        mode.tracker.operation(name, inputs, (out,))
    return out


def fill(out, array):
    """Write `array` into `out` outside of any graph, as `out=` arguments do. Raises RuntimeError if the dtype cannot hold it."""
    if out._inference is True and not current_mode().inference:
        raise RuntimeError(errors.INFERENCE_WRITE)
    if not dtypes.can_cast_numpy(array.dtype, out._array.dtype):
        raise RuntimeError(f"result type {errors.title(array.dtype)} can't be cast to the desired output type "
                           f"{errors.title(out._array.dtype)}")
    if out._array.shape != array.shape:
        resize(out, array.shape)
    elif (packing := current_mode().packing) is not None:
        packing.before_write(out)
    out._array[...] = array
    storage_of(out).write(place=here(2))
    return out


def resize(out, shape):
    """Give `out` another shape, and more memory if need be; torch warns unless it was empty."""
    if out._array.size:
        warnings.warn(
            f"An output with one or more elements was resized since it had shape {list(out._array.shape)}, which does not "
            f"match the required output shape {list(shape)}. This behavior is deprecated, and in a future PyTorch release "
            "outputs will not be resized unless they have zero elements. You can explicitly reuse an out tensor t by "
            "resizing it, inplace, to zero elements with t.resize_(0).",
            stacklevel=4,
        )
    out._array = memory.resized(out._array, shape)
