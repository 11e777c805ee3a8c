"""Maps of two inputs."""

from __future__ import annotations

from ...graph import Tensor
from ...ops.einstein import einsum


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`y_k = x1^T A_k x2 + b_k`: `(*, in1)` and `(*, in2)` with weight `(out, in1, in2)` to `(*, out)`."""
    out = einsum("...i,kij,...j->...k", input1, weight, input2)
    return out if bias is None else out + bias
