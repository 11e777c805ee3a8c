"""Convolutions and pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...factories import from_numpy
from ...graph import Tensor

conv1d = getattr(ops, "conv1d", None)
conv2d = getattr(ops, "conv2d", None)
avg_pool2d = getattr(ops, "avg_pool2d", None)


def _one(value: Any) -> int:
    """The number in `3`, `(3,)` or `[3]`."""
    return value if isinstance(value, int) else tuple(value)[0]


def max_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The greatest value in each window of `(N, C, H, W)` or `(C, H, W)`.

    With `return_indices` also its place, counted through the plane of the input. The stride is the kernel size unless
    given. RuntimeError if the padding is more than half the kernel.
    """
    return ops.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The greatest value in each window of `(N, C, L)` or `(C, L)`; see `max_pool2d`."""
    kernel = _one(kernel_size)
    stride = kernel if stride is None or stride == [] else _one(stride)
    result = ops.max_pool2d(
        input.unsqueeze(-2),
        (1, kernel),
        (1, stride),
        (0, _one(padding)),
        (1, _one(dilation)),
        ceil_mode,
        return_indices,
    )
    if return_indices:
        return result[0].squeeze(-2), result[1].squeeze(-2)
    return result.squeeze(-2)


def max_pool1d_with_indices(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> tuple[Tensor, Tensor]:
    """`max_pool1d` that always returns the indices."""
    return max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def max_pool2d_with_indices(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> tuple[Tensor, Tensor]:
    """`max_pool2d` that always returns the indices."""
    return max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def avg_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window of `(N, C, L)` or `(C, L)`; `count_include_pad=False` leaves the padding out."""
    kernel = _one(kernel_size)
    stride = kernel if stride is None or stride == () else _one(stride)
    pooled = ops.avg_pool2d(
        input.unsqueeze(-2), (1, kernel), (1, stride), (0, _one(padding)), ceil_mode, count_include_pad
    )
    return pooled.squeeze(-2)


def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """The mean over `output_size` windows of nearly equal length: `(N, C, L)` to `(N, C, output_size)`."""
    if input.dim() not in (2, 3):
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {input.dim()}-dimensional tensor for argument #1 'self' "
            "(while checking arguments for adaptive_avg_pool1d)"
        )
    return _average(input, -1, _one(output_size))


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """The mean over a grid of windows of nearly equal size: `(N, C, H, W)` to `(N, C, *output_size)`.

    A size of None keeps that dimension of the input. RuntimeError unless the input has 3 or 4 dimensions.
    """
    if input.dim() not in (3, 4):
        raise RuntimeError(
            f"adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got {list(input.shape)}"
        )
    sizes = (output_size, output_size) if output_size is None or isinstance(output_size, int) else output_size
    for dim, size in zip((-1, -2), reversed(tuple(sizes)), strict=True):
        if size is not None:
            input = _average(input, dim, size)
    return input


def _average(x: Tensor, dim: int, size: int) -> Tensor:
    """Dimension `dim` (-1 or -2) averaged down to `size`; window i is `[floor(i n / size), ceil((i + 1) n / size))`."""
    n = x.size(dim)
    if size == n:
        return x.clone()
    if size == 1:
        return x.mean(dim, keepdim=True)
    if n % size == 0:
        return x.unflatten(dim, (size, n // size)).mean(dim if dim == -1 else -2)
    weights = from_numpy(_window_weights(n, size)).to(x.dtype)
    return x @ weights.t() if dim == -1 else weights @ x


def _window_weights(n: int, size: int) -> np.ndarray:
    """The matrix `(size, n)` that averages over the windows."""
    weights = np.zeros((size, n))
    for i in range(size):
        start, end = i * n // size, -(-(i + 1) * n // size)
        weights[i, start:end] = 1 / (end - start)
    return weights
