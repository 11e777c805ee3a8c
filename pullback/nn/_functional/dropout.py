"""Zeroing at random."""

from __future__ import annotations

import math
import warnings

from ... import ops
from ...factories import ones
from ...graph import Tensor


def _check_probability(p: float) -> None:
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """With `training`, zero each element with probability `p` and multiply the others by `1 / (1 - p)`.

    ValueError unless `p` is between 0 and 1.
    """
    _check_probability(p)
    if not inplace:
        return ops.dropout(input, p, training)
    if not training or p == 0.0:
        return input
    return input.mul_(_mask(input, input.shape, p))


def _mask(input: Tensor, shape: tuple[int, ...], p: float) -> Tensor:
    """Zeros with probability `p`, otherwise `1 / (1 - p)`; of the input's dtype."""
    return ops.dropout(ones(*shape, dtype=input.dtype), p, True)


def _channels(input: Tensor, p: float, training: bool, inplace: bool) -> Tensor:
    """Zero whole channels of `(N, C, *)`."""
    _check_probability(p)
    if not training or p == 0.0:
        return input
    mask = _mask(input, (*input.shape[:2], *(1,) * (input.dim() - 2)), p)
    return input.mul_(mask) if inplace else input * mask


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Zero whole channels of `(N, C, L)` or `(C, L)`. RuntimeError for other numbers of dimensions."""
    _check_probability(p)
    if input.dim() not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {input.dim()}D input. Note that dropout1d exists to "
            "provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional "
            "batch dimension (i.e. 2D or 3D inputs)."
        )
    if input.dim() == 3:
        return _channels(input, p, training, inplace)
    result = _channels(input.unsqueeze(0), p, training, inplace)
    return input if inplace else result.squeeze(0)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Zero whole channels of `(N, C, H, W)`. Other numbers of dimensions work, with torch's warnings about them."""
    if input.dim() not in (3, 4):
        warnings.warn(
            f"dropout2d: Received a {input.dim()}-D input to dropout2d, which is deprecated and will result in an "
            "error in a future release. To retain the behavior and silence this warning, please use dropout instead. "
            "Note that dropout2d exists to provide channel-wise dropout on inputs with 2 spatial dimensions, a channel "
            "dimension, and an optional batch dimension (i.e. 3D or 4D inputs).",
            stacklevel=2,
        )
    elif input.dim() == 3:
        warnings.warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired "
            "- input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change in a "
            "future release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To maintain "
            "the 1D channel-wise dropout behavior, please switch to using dropout1d instead.",
            stacklevel=2,
        )
    return _channels(input, p, training, inplace)


def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Zero whole channels of `(N, C, D, H, W)` or `(C, D, H, W)`."""
    _check_probability(p)
    if input.dim() == 4:
        result = _channels(input.unsqueeze(0), p, training, inplace)
        return input if inplace else result.squeeze(0)
    return _channels(input, p, training, inplace)


def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Dropout to SELU's negative limit instead of zero, rescaled to keep mean and variance. Klambauer et al., 2017."""
    _check_probability(p)
    if not training or p == 0.0:
        return input
    if p == 1.0:
        return input.mul_(0) if inplace else input * 0.0
    alpha = 1.7580993408473766
    scale = 1 / math.sqrt((alpha * alpha * p + 1) * (1 - p))
    keep = (_mask(input, input.shape, p) != 0).to(input.dtype)
    shift = (keep - 1) * (alpha * scale) + alpha * scale * p
    return input.mul_(keep * scale).add_(shift) if inplace else input * (keep * scale) + shift
