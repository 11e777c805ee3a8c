"""Normalisation that is no operation of its own."""

from __future__ import annotations

from ...graph import Tensor
from .padding import pad


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
