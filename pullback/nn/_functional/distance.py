"""Norms, distances and similarities."""

from __future__ import annotations

from ...graph import Tensor


def normalize(
    input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: Tensor | None = None
) -> Tensor:
    """`x / max(|x|_p, eps)` with the p-norm along `dim`."""
    result = input / input.norm(p, dim, keepdim=True).clamp(min=eps)
    return result if out is None else out.copy_(result)


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """`x1 . x2 / (max(|x1|, eps) max(|x2|, eps))` along `dim`; the inputs broadcast."""
    length1 = x1.norm(2, dim, keepdim=True).clamp(min=eps)
    length2 = x2.norm(2, dim, keepdim=True).clamp(min=eps)
    return ((x1 / length1) * (x2 / length2)).sum(dim)


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """The p-norm of `x1 - x2 + eps` over the last dimension; the inputs broadcast."""
    return (x1 - x2 + eps).norm(p, -1, keepdim=keepdim)
