"""A tensor plus a scaled product or quotient of two others: what the optimisers of old are written with."""

from .. import dtypes, errors
from ..graph import Tensor
from .apply import apply
from .binary import in_common_dtype
from .public import function
from .record import Op
from .scalar import as_element

INTEGER_DIVISION = (
    "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division "
    "of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * torch.trunc(tensor1 / "
    "tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for float inputs. The future "
    "addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), for all dtypes."
)

_addcmul = Op("addcmul", lambda x, y, z, *, value: x + value * y * z,
              (lambda g: g, lambda g, z, value: g * value * z, lambda g, y, value: g * value * y))
_addcdiv = Op("addcdiv", lambda x, y, z, *, value: x + value * y / z,
              (lambda g: g, lambda g, z, value: g * value / z, lambda g, y, z, value: -g * value * y / (z * z)))


@function(inplace=True, out=True)
def addcmul(input, tensor1, tensor2, *, value=1):
    """`input + value * tensor1 * tensor2`, broadcast together. Raises RuntimeError on shapes that do not broadcast."""
    inputs = tuple(in_common_dtype((input, tensor1, tensor2)))
    if isinstance(inputs[0], Tensor) and inputs[0]._array.dtype.kind == "b":
        raise errors.refused("addcmul", inputs[0]._array.dtype)
    if isinstance(inputs[0], Tensor) and inputs[0]._array.dtype.kind in "iu":
        value = as_element(value, inputs[0]._array.dtype)
    return apply(_addcmul, inputs, {"value": value})


@function(inplace=True, out=True)
def addcdiv(input, tensor1, tensor2, *, value=1):
    """`input + value * tensor1 / tensor2`, broadcast together.

    Raises RuntimeError if `tensor1` and `tensor2` are both integer, and on shapes that do not broadcast.
    """
    if all([isinstance(t, Tensor) and dtypes.category(t._array.dtype) < dtypes.FLOATING for t in (tensor1, tensor2)]):
        raise RuntimeError(INTEGER_DIVISION)
    return apply(_addcdiv, tuple(in_common_dtype((input, tensor1, tensor2))), {"value": value})
