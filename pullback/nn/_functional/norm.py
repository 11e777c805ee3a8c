"""Normalisation."""

from __future__ import annotations

import math
from typing import Any

from ... import ops
from ...graph import Tensor
from ...limits import finfo
from .padding import pad


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each channel (dimension 1) over all other dimensions, then scale and shift it.

    With `training` by the batch's own mean and biased variance, and the running ones move towards these by `momentum`
    (the variance unbiased); otherwise by the running ones. ValueError for a single value per channel in training and
    for an `eps` that is negative (or zero, in training).
    """
    if training:
        _verify_batch_size(input)
        if eps <= 0.0:
            raise ValueError(f"batch_norm eps must be positive during training, but got {eps}")
    elif eps < 0.0:
        raise ValueError(f"batch_norm eps must be non-negative, but got {eps}")
    return ops.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def _verify_batch_size(input: Tensor) -> None:
    size = input.size()
    if math.prod(size[:1] + size[2:]) == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {size}")


def _per_channel(values: Tensor, input: Tensor) -> Tensor:
    """`(C,)` in a shape that broadcasts over `(N, C, *)`."""
    return values.reshape((-1,) + (1,) * (input.dim() - 2))


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each sample over groups of channels: `(N, C, *)`, the same shape out.

    RuntimeError for fewer than two dimensions, or if the groups do not divide the channels.
    """
    if input.dim() < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {input.dim()}")
    channels = input.size(1)
    if channels % num_groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{list(input.shape)} and num_groups={num_groups}"
        )
    if input.size(0) * channels // num_groups * math.prod(input.shape[2:]) == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {list(input.shape)}")
    grouped = input.reshape(input.size(0), num_groups, -1)
    out = ops.layer_norm(grouped, (grouped.size(2),), None, None, eps).reshape(input.shape)
    if weight is not None:
        out = out * _per_channel(weight, input)
    return out if bias is None else out + _per_channel(bias, input)


def rms_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: float | None = None) -> Tensor:
    """`x / sqrt(mean(x^2) + eps) * weight` over the last dimensions, which must be `normalized_shape`.

    `eps=None` is the machine epsilon of the input's dtype. RuntimeError if the last dimensions are others.
    """
    shape = tuple(normalized_shape)
    if tuple(input.shape[-len(shape) :]) != shape:
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [*{', '.join(map(str, shape))}], "
            f"but got input of size{list(input.shape)}"
        )
    dims = tuple(range(-len(shape), 0))
    eps = finfo(input.dtype).eps if eps is None else eps
    out = input * ((input * input).mean(dims, keepdim=True) + eps).rsqrt()
    return out if weight is None else out * weight


def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """`x / (k + alpha m)^beta`, m being the mean of `x^2` over `size` neighbouring channels (dimension 1).

    ValueError for fewer than three dimensions.
    """
    if input.dim() < 3:
        raise ValueError(
            f"Expected 3D or higher dimensionality                          input (got {input.dim()} dimensions)"
        )
    channels = input.size(1)
    around = [0, 0] * (input.dim() - 2) + [size // 2, (size - 1) // 2]
    squares = pad(input * input, around)
    mean = sum(squares.narrow(1, i, channels) for i in range(size)) / size
    return input / (mean * alpha + k) ** beta
