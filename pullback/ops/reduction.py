"""How a loss is reduced: the argument `reduction`, and the two that came before it."""

import math
import warnings

from .. import dtypes, shapes
from ..graph import Tensor
from ..mode import current_mode
from .layer import array_of, not_implemented
from .shape import shape_of

_LEGACY = "size_average and reduce args will be deprecated, please use reduction='{}' instead."


def reduction_of(reduction, size_average=None, reduce=None):
    """"none", "mean" or "sum". The older arguments come first, with a warning. Raises ValueError on other names."""
    if size_average is not None or reduce is not None:
        reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
        if current_mode().era is None:  # before 0.4 there was nothing else
            warnings.warn(_LEGACY.format(reduction), stacklevel=4)
    if reduction == "elementwise_mean":
        warnings.warn("reduction='elementwise_mean' is deprecated. Please use reduction='mean' instead.", stacklevel=4)
        return "mean"
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def reduced(loss, reduction):
    """An array of losses reduced; the array itself for "none"."""
    if reduction == "none":
        return loss
    total = loss.sum(dtype=loss.dtype)
    return total / loss.dtype.type(loss.size) if reduction == "mean" else total


def spread(g, like, reduction):
    """The gradient of each loss, given that of the reduced loss: of no dimensions unless `reduction` is "none"."""
    return g * (1 / max(math.prod(shape_of(like)), 1)) if reduction == "mean" else g


def reduced_tensor(loss, reduction):
    """A tensor of losses reduced; the tensor itself for "none"."""
    return loss if reduction == "none" else loss.mean() if reduction == "mean" else loss.sum()


def compared(input, target, function, title=None):
    """The two tensors in their common dtype, with torch's warning if their shapes differ.

    If `title` is given, NotImplementedError where that dtype is no floating one.
    """
    x, y = array_of(input, function), array_of(target, function, "target", 2)
    if x.shape != y.shape:
        warnings.warn(f"Using a target size (torch.Size({list(y.shape)})) that is different to the input size "
                      f"(torch.Size({list(x.shape)})). This will likely lead to incorrect results due to broadcasting. Please "
                      "ensure they have the same size.", stacklevel=4)
        shapes.broadcast(x.shape, y.shape)
    if x.dtype != y.dtype:
        common = dtypes.result_numpy([x, y])
        input, target = (v if v._array.dtype == common else v.to(dtypes.of(common)) for v in (input, target))
    if title is not None and dtypes.category(array_of(input, function).dtype) < dtypes.FLOATING:
        raise not_implemented(title, input._array.dtype)
    return input, target


def check_weights(input, weight):
    """Raise ValueError unless there is a weight for every element of `input`."""
    if not isinstance(weight, Tensor) or weight._array.shape != input._array.shape:
        raise ValueError("Weights and input must have the same size.")


def check_constant(function, argument, value):
    """Raise RuntimeError if `value`, by which there is no derivative, would need one."""
    if isinstance(value, Tensor) and value._edge is not None and current_mode().recording:
        raise RuntimeError(f"The function '{function}' is not differentiable with respect to argument '{argument}'. This input "
                           "cannot have requires_grad True.")
