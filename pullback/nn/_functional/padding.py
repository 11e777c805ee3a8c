"""Adding a border."""

from __future__ import annotations

from collections.abc import Sequence

from ... import ops
from ...factories import full, tensor
from ...graph import Tensor


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """Add `pad[0]` elements before and `pad[1]` after the last dimension, `pad[2]`, `pad[3]` for the one before, …

    `mode` says what they are: 'constant' (`value`, 0 unless given), 'reflect' (mirrored without the edge), 'replicate'
    (the edge) or 'circular' (from the other end). Negative amounts crop. RuntimeError for amounts that do not fit.
    """
    amounts = [int(amount) for amount in pad]
    if len(amounts) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(amounts) > 2 * input.dim():
        raise RuntimeError(
            f"Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(amounts)} and input of dimension {input.dim()}"
        )
    if mode == "constant":
        return _constant(input, amounts, 0.0 if value is None else value)
    if value is not None and value != 0:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    if mode not in _SOURCES:
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if len(amounts) // 2 not in (input.dim() - 1, input.dim() - 2):
        raise NotImplementedError(
            f"Padding size {len(amounts)} is not supported for {input.dim()}D input tensor.\n"
            "Supported combinations for non-constant padding:\n"
            "  - 2D or 3D input: padding size = 2 (pads last dimension)\n"
            "  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n"
            "  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)"
        )
    return _continued(input, amounts, mode)


def _by_dimension(amounts: Sequence[int], ndim: int) -> list[tuple[int, int, int]]:
    """`(dimension, before, after)` for every dimension that changes."""
    pairs = zip(amounts[::2], amounts[1::2], strict=True)
    return [(ndim - 1 - i, before, after) for i, (before, after) in enumerate(pairs) if before or after]


def _constant(x: Tensor, amounts: Sequence[int], value: float) -> Tensor:
    changes = _by_dimension(amounts, x.dim())
    for dim, before, after in changes:
        size = x.size(dim)
        if size + before + after < 0:
            raise RuntimeError(
                f"The input size {size}, plus negative padding {before} and {after} resulted in a negative output "
                f"size, which is invalid. Check dimension {dim} of your input."
            )
        x, before, after = _cropped(x, dim, before, after)
        parts = [_block(x, dim, before, value)] if before else []
        parts.append(x)
        if after:
            parts.append(_block(x, dim, after, value))
        if len(parts) > 1:
            x = ops.cat(parts, dim)
    return x if changes else x.clone()


def _cropped(x: Tensor, dim: int, before: int, after: int) -> tuple[Tensor, int, int]:
    """`x` without what negative amounts take away, and what is left to add."""
    if before < 0 or after < 0:
        start = max(-before, 0)
        x = x.narrow(dim, start, max(x.size(dim) - max(-after, 0) - start, 0))
    return x, max(before, 0), max(after, 0)


def _block(x: Tensor, dim: int, size: int, value: float) -> Tensor:
    shape = list(x.shape)
    shape[dim] = size
    return full(shape, value, dtype=x.dtype)


def _reflected(i: int, size: int) -> int:
    return -i if i < 0 else 2 * (size - 1) - i if i >= size else i


def _replicated(i: int, size: int) -> int:
    return min(max(i, 0), size - 1)


def _wrapped(i: int, size: int) -> int:
    return i % size


_SOURCES = {"reflect": _reflected, "replicate": _replicated, "circular": _wrapped}


def _continued(x: Tensor, amounts: Sequence[int], mode: str) -> Tensor:
    source, shape = _SOURCES[mode], list(x.shape)
    for dim, before, after in _by_dimension(amounts, x.dim()):
        size = x.size(dim)
        if mode == "reflect" and (before >= size or after >= size):
            raise RuntimeError(
                f"Argument #{2 + 2 * (x.dim() - dim)}: Padding size should be less than the corresponding input "
                f"dimension, but got: padding ({before}, {after}) at dimension {dim} of input {shape}"
            )
        if mode == "circular":
            if before > size or after > size:
                raise RuntimeError("Padding value causes wrapping around more than once.")
            x, before, after = _cropped(x, dim, before, after)
            size = x.size(dim)
        x = ops.index_select(x, dim, tensor([source(i, size) for i in range(-before, size + after)]))
    return x
