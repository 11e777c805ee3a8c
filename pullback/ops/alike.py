"""Whether two tensors are alike: isclose, allclose, equal."""

import numpy as np

from .. import dtypes, errors
from ..batch import Batched
from ..graph import Tensor
from .apply import apply, as_array
from .public import function
from .record import Op
from .reduce import dtype_of


def _isclose(x, y, *, rtol, atol, equal_nan):
    same = x == y
    if equal_nan and x.dtype.kind in "fVc":
        same |= (x != x) & (y != y)
    if x.dtype.kind in "biu":
        x, y = x.astype(dtypes.F64), y.astype(dtypes.F64)
    gap = np.abs(x - y)
    return as_array(same | (np.isfinite(gap) & (gap <= atol + np.abs(rtol * y))))


_isclose_op = Op("isclose", _isclose, ())
_equal = Op("equal", lambda x, y: np.asarray(np.array_equal(x, y)), (),
            dynamic="Batching rule not implemented for aten::equal. We could not generate a fallback.")


@function
def isclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Where |input - other| <= atol + rtol * |other|. Raises RuntimeError on different dtypes."""
    if dtype_of(input) != dtype_of(other):
        raise RuntimeError(f"{errors.title(dtype_of(input))} did not match {errors.title(dtype_of(other))}")
    if rtol < 0:
        raise RuntimeError(f"rtol must be greater than or equal to zero, but got {rtol:g}")
    if atol < 0:
        raise RuntimeError(f"atol must be greater than or equal to zero, but got {atol:g}")
    return apply(_isclose_op, (input, other), {"rtol": rtol, "atol": atol, "equal_nan": equal_nan})


@function
def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether `isclose` holds everywhere, as a Python bool. Raises RuntimeError on different dtypes."""
    alike = isclose(input, other, rtol, atol, equal_nan)
    if type(alike._array) is Batched:
        raise RuntimeError("vmap over torch.allclose isn't supported yet. Please file an issue at "
                           "https://github.com/pytorch/pytorch/issues if you need this feature.")
    return bool(alike.all())


@function
def equal(input, other):
    """Whether the two have the same shape and elements, as a Python bool."""
    for position, (name, value) in enumerate((("input", input), ("other", other)), 1):
        if not isinstance(value, Tensor):
            raise errors.not_tensor("equal", name, position, value)
    return bool(_equal(input, other))
